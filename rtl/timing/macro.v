// The array of an SRAM or RAM FIFO is a macro: its address, enable and data pins end paths and its read data start
// them, as registers of the library would. Bits that are written together have one enable. What the macro itself takes
// is not in the path: README.md.
(* techmap_celltype = "$mem_v2" *)
module timing_macro (RD_CLK, RD_EN, RD_ARST, RD_SRST, RD_ADDR, RD_DATA, WR_CLK, WR_EN, WR_ADDR, WR_DATA);
  parameter MEMID = "";
  parameter INIT = 0;
  parameter SIZE = 1;
  parameter OFFSET = 0;
  parameter ABITS = 1;
  parameter WIDTH = 1;
  parameter RD_PORTS = 1;
  parameter RD_CLK_ENABLE = 0;
  parameter RD_CLK_POLARITY = 0;
  parameter RD_TRANSPARENCY_MASK = 0;
  parameter RD_COLLISION_X_MASK = 0;
  parameter RD_WIDE_CONTINUATION = 0;
  parameter RD_CE_OVER_SRST = 0;
  parameter RD_ARST_VALUE = 0;
  parameter RD_SRST_VALUE = 0;
  parameter RD_INIT_VALUE = 0;
  parameter WR_PORTS = 1;
  parameter WR_CLK_ENABLE = 0;
  parameter WR_CLK_POLARITY = 0;
  parameter WR_PRIORITY_MASK = 0;
  parameter WR_WIDE_CONTINUATION = 0;

  input [RD_PORTS-1:0] RD_CLK, RD_EN, RD_ARST, RD_SRST;
  input [RD_PORTS*ABITS-1:0] RD_ADDR;
  output [RD_PORTS*WIDTH-1:0] RD_DATA;
  input [WR_PORTS-1:0] WR_CLK;
  input [WR_PORTS*WIDTH-1:0] WR_EN, WR_DATA;
  input [WR_PORTS*ABITS-1:0] WR_ADDR;

  // Numbers that techmap gives to nets: which bits of WR_EN are the same.
  parameter _TECHMAP_BITS_CONNMAP_ = 0;
  parameter [WR_PORTS*WIDTH*_TECHMAP_BITS_CONNMAP_-1:0] _TECHMAP_CONNMAP_WR_EN_ = 0;
  localparam Id = _TECHMAP_BITS_CONNMAP_;

  // A memory that is read between the edges is no macro.
  wire _TECHMAP_FAIL_ = RD_CLK_ENABLE != {RD_PORTS{1'b1}};

  localparam Pins = RD_PORTS * (1 + ABITS) + WR_PORTS * (WIDTH + ABITS);
  wire [Pins-1:0] pins = {RD_EN, RD_ADDR, WR_DATA, WR_ADDR};

  genvar i;
  generate
    for (i = 0; i < Pins; i = i + 1) begin : pin_in
      (* keep *) DFFPOSX1 sram (.CLK(RD_CLK[0]), .D(pins[i]), .Q());
    end
    for (i = 0; i < WR_PORTS * WIDTH; i = i + 1) begin : enable
      if (i == 0 || _TECHMAP_CONNMAP_WR_EN_[i*Id +: Id] != _TECHMAP_CONNMAP_WR_EN_[(i == 0 ? 0 : i - 1)*Id +: Id])
        (* keep *) DFFPOSX1 sram (.CLK(RD_CLK[0]), .D(WR_EN[i]), .Q());
    end
    for (i = 0; i < RD_PORTS * WIDTH; i = i + 1) begin : pin_out
      (* keep *) DFFPOSX1 sram (.CLK(RD_CLK[0]), .D(1'b0), .Q(RD_DATA[i]));
    end
  endgenerate
endmodule
