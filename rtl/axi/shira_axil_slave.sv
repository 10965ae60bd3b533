// AXI4-Lite slave: turns accesses into one write, and one read, at a time.
//
// Does:         takes AW and W apart, in any order; offers a write when it has both, for one cycle, and
//               gives its answer on B. Offers a read until it is done, and gives its answer on R.
// Never does:   lets a ready depend on an input of the same cycle.
// Latency:      a write is offered in the cycle after its later half, and answered in the next; a read is
//               offered in the cycle after AR, and answered in the cycle after read_done_i.
// Throughput:   a write every three cycles and a read every three, where they are answered at once.
// Backpressure: an address, or data, that waits, or an answer that is not taken, holds the next.
module shira_axil_slave (
  input  logic        clk_i,
  input  logic        rst_ni,            // synchronous, active low
  output logic        busy_o,            // something is held here
  // AXI4-Lite
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [11:0] s_axil_awaddr_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [ 3:0] s_axil_wstrb_i,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  output logic [ 1:0] s_axil_bresp_o,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  input  logic [11:0] s_axil_araddr_i,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [31:0] s_axil_rdata_o,
  output logic [ 1:0] s_axil_rresp_o,
  // the write
  output logic        write_o,           // it happens in this cycle
  output logic [11:0] write_addr_o,
  output logic [31:0] write_data_o,
  output logic [ 3:0] write_strb_o,
  input  logic        write_error_i,     // the address is not one that can be written, same cycle
  // the read
  output logic        read_o,            // it is asked for, until read_done_i
  output logic [11:0] read_addr_o,
  input  logic        read_done_i,
  input  logic [31:0] read_data_i,
  input  logic        read_error_i       // the address is not one that can be read
);

  localparam logic [1:0] RespOkay   = 2'b00;
  localparam logic [1:0] RespSlverr = 2'b10;

  // ---------------------------------------------------------------- writes
  logic        aw_q;       // an address is held
  logic        w_q;        // data are held
  logic        b_q;        // an answer is offered
  logic        b_error_q;
  logic [11:0] awaddr_q;
  logic [31:0] wdata_q;
  logic [ 3:0] wstrb_q;

  assign write_o          = aw_q && w_q && !b_q;
  assign write_addr_o     = awaddr_q;
  assign write_data_o     = wdata_q;
  assign write_strb_o     = wstrb_q;
  assign s_axil_awready_o = !aw_q;
  assign s_axil_wready_o  = !w_q;
  assign s_axil_bvalid_o  = b_q;
  assign s_axil_bresp_o   = b_error_q ? RespSlverr : RespOkay;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_q      <= 1'b0;
      w_q       <= 1'b0;
      b_q       <= 1'b0;
      b_error_q <= 1'b0;
    end else begin
      if (write_o) begin
        aw_q      <= 1'b0;
        w_q       <= 1'b0;
        b_q       <= 1'b1;
        b_error_q <= write_error_i;
      end else begin
        if (s_axil_awvalid_i) aw_q <= 1'b1;
        if (s_axil_wvalid_i) w_q <= 1'b1;
        if (s_axil_bready_i) b_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (s_axil_awvalid_i && !aw_q) awaddr_q <= s_axil_awaddr_i;
    if (s_axil_wvalid_i && !w_q) begin
      wdata_q <= s_axil_wdata_i;
      wstrb_q <= s_axil_wstrb_i;
    end
  end

  // ----------------------------------------------------------------- reads
  logic        ar_q;       // an address is held
  logic        r_q;        // an answer is offered
  logic        r_error_q;
  logic [11:0] araddr_q;
  logic [31:0] rdata_q;

  assign read_o           = ar_q && !r_q;
  assign read_addr_o      = araddr_q;
  assign s_axil_arready_o = !ar_q;
  assign s_axil_rvalid_o  = r_q;
  assign s_axil_rdata_o   = rdata_q;
  assign s_axil_rresp_o   = r_error_q ? RespSlverr : RespOkay;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ar_q      <= 1'b0;
      r_q       <= 1'b0;
      r_error_q <= 1'b0;
      rdata_q   <= '0;
    end else if (read_o && read_done_i) begin
      ar_q      <= 1'b0;
      r_q       <= 1'b1;
      r_error_q <= read_error_i;
      rdata_q   <= read_data_i;
    end else begin
      if (s_axil_arvalid_i) ar_q <= 1'b1;
      if (s_axil_rready_i) r_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (s_axil_arvalid_i && !ar_q) araddr_q <= s_axil_araddr_i;
  end

  assign busy_o = aw_q || w_q || b_q || ar_q || r_q;

`ifdef SHIRA_ASSERT
  b_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    s_axil_bvalid_o && !s_axil_bready_i |=> s_axil_bvalid_o && $stable(s_axil_bresp_o));
  r_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    s_axil_rvalid_o && !s_axil_rready_i |=> s_axil_rvalid_o && $stable(s_axil_rdata_o));
  write_once: assert property (@(posedge clk_i) disable iff (!rst_ni) write_o |=> !write_o && b_q);
  read_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    read_o && !read_done_i |=> read_o && $stable(read_addr_o));
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(stall_aw, s_axil_awvalid_i && !s_axil_awready_o)
  `SHIRA_COVER(stall_w, s_axil_wvalid_i && !s_axil_wready_o)
  `SHIRA_COVER(stall_b, s_axil_bvalid_o && !s_axil_bready_i)
  `SHIRA_COVER(stall_ar, s_axil_arvalid_i && !s_axil_arready_o)
  `SHIRA_COVER(stall_r, s_axil_rvalid_o && !s_axil_rready_i)
`endif

endmodule
