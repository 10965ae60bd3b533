// shira_scatter_banks: for any bundle stream, no byte outside the command's window is written.
// Assumed: the window lies in the SRAM; it and the operation change only while nothing is inside and
// no bundle waits. SET, ADD and SUB by induction, SWAP within bounds.
// Small here: two lanes, two banks with queues of two, words of two bytes, 16 bytes of SRAM.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/scatter/shira_scatter_pkg.sv
// rtl: rtl/common/shira_fifo.sv rtl/scatter/shira_scatter_banks.sv
// proof: bounded 8 Swap=1
// proof: induction 4
// cover: write 8
// cover: edge 8
// mutant: the window's end is one byte late
// file: rtl/scatter/shira_scatter_banks.sv
// sed: s/addr >= OffsetW'\(window_i.hi\)/addr > OffsetW'(window_i.hi)/
// mutant: the window's beginning is not looked at
// file: rtl/scatter/shira_scatter_banks.sv
// sed: s/addr < OffsetW'\(window_i.lo\) \|\| //
// mutant: a byte's mask is wrong in the second update of a write
// file: rtl/scatter/shira_scatter_banks.sv
// sed: s/mask\[item\[8\+:ByteW\]\] = 1'b1/mask = '1/
module formal_window_banks #(
  parameter bit Swap = 1'b0
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        clear_i,
  input logic        in_valid_i,
  input logic [ 1:0] in_count_i,
  input logic [67:0] in_offset_i,
  input logic        in_last_i,
  input logic [31:0] base_i,
  input logic [ 1:0] op_i,
  input logic [ 4:0] lo_i,
  input logic [ 4:0] hi_i,
  input logic        end_ready_i,
  input logic        old_ready_i,
  input logic [ 1:0] bank_ready_i,
  input logic [ 1:0] bank_rd_ready_i,
  input logic [31:0] bank_rd_data_i
);

  logic       busy;
  logic [1:0] valid;
  logic [3:0] row;
  logic [3:0] mask;

  shira_scatter_pkg::mark_t   mark;
  shira_scatter_pkg::window_t window;
  assign mark   = {in_last_i, 72'd0};
  assign window = {base_i, 28'd0, lo_i, 28'd0, hi_i};

  shira_scatter_banks #(
    .Lanes      (2),
    .FifoDepth  (2),
    .WeightBytes(16),
    .WeightBanks(2),
    .ArrayK     (2)
  ) u (
    .clk_i,
    .rst_ni,
    .clear_i,
    .in_valid_i,
    .in_count_i,
    .in_offset_i,
    .in_value_i  (16'd0),
    .in_mark_i   (mark),
    .window_i    (window),
    .op_i,
    .end_ready_i,
    .old_ready_i,
    .busy_o      (busy),
    .bank_valid_o(valid),
    .bank_ready_i,
    .bank_row_o  (row),
    .bank_mask_o (mask),
    .bank_rd_ready_i,
    .bank_rd_data_i
  );

  logic [4:0] lo_q, hi_q;
  logic [1:0] op_q;
  logic       held_q;       // window and operation may not change
  logic       ran_q = 1'b0;

  always @(posedge clk_i) begin
    ran_q  <= 1'b1;
    lo_q   <= lo_i;
    hi_q   <= hi_i;
    op_q   <= op_i;
    held_q <= rst_ni && (busy || in_valid_i);
  end

  function automatic logic inside_window(input logic [3:0] addr);
    inside_window = {1'b0, addr} >= lo_i && {1'b0, addr} < hi_i;
  endfunction

  // For the induction: what waits in the queues lies in the window.
  // {row, byte, value} of two items a bank.
  (* hierconn *) wire [10:0] \u.g_bank[0].mem_q[0] ;
  (* hierconn *) wire [10:0] \u.g_bank[0].mem_q[1] ;
  (* hierconn *) wire [10:0] \u.g_bank[1].mem_q[0] ;
  (* hierconn *) wire [10:0] \u.g_bank[1].mem_q[1] ;
  (* hierconn *) wire [1:0] \u.g_bank[0].level_q ;
  (* hierconn *) wire [1:0] \u.g_bank[1].level_q ;
  (* hierconn *) wire \u.g_bank[0].rd_q ;
  (* hierconn *) wire \u.g_bank[1].rd_q ;
  (* hierconn *) wire [1:0] \u.g_bank[0].same_q ;
  (* hierconn *) wire [1:0] \u.g_bank[1].same_q ;
  (* hierconn *) wire [1:0] \u.g_bank[0].last_row_q ;
  (* hierconn *) wire [1:0] \u.g_bank[1].last_row_q ;
  (* hierconn *) wire [1:0] \u.filled_q ;
  wire [43:0] items = {\u.g_bank[1].mem_q[1] , \u.g_bank[1].mem_q[0] ,
                       \u.g_bank[0].mem_q[1] , \u.g_bank[0].mem_q[0] };
  wire [3:0] level = {\u.g_bank[1].level_q , \u.g_bank[0].level_q };
  wire [3:0] same = {\u.g_bank[1].same_q , \u.g_bank[0].same_q };
  wire [3:0] last_row = {\u.g_bank[1].last_row_q , \u.g_bank[0].last_row_q };
  wire [1:0] rd = {\u.g_bank[1].rd_q , \u.g_bank[0].rd_q };

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    assume (hi_i <= 5'd16 && (op_i == 2'd3) == Swap);
    if (ran_q) begin
      if (held_q) assume (lo_i == lo_q && hi_i == hi_q && op_i == op_q);
      for (int unsigned b = 0; b < 2; b++) begin
        // writes
        for (int unsigned j = 0; j < 2; j++)
          if (valid[b] && mask[2*b+j]) assert (inside_window({row[2*b+:2], 1'(b), 1'(j)}));
        // queues
        assert (level[2*b+:2] <= 2'd2 && \u.filled_q [b] == (level[2*b+:2] != 2'd0));
        for (int unsigned i = 0; i < 2; i++)
          if (level[2*b+:2] == 2'd2 || (level[2*b+:2] == 2'd1 && rd[b] == 1'(i)))
            assert (inside_window({items[22*b+11*i+9+:2], 1'(b), items[22*b+11*i+8]}));
        // what is written together lies in one row
        for (int unsigned i = 0; i < 2; i++) begin
          if (level[2*b+:2] == 2'd2 && rd[b] != 1'(i) && same[2*b+i])
            assert (items[22*b+9+:2] == items[22*b+20+:2]);
          if ((level[2*b+:2] == 2'd1 && rd[b] == 1'(i)) ||
              (level[2*b+:2] == 2'd2 && rd[b] != 1'(i)))
            assert (last_row[2*b+:2] == items[22*b+11*i+9+:2]);
        end
      end
    end
  end

  (* keep *) wire cover_write = ran_q && valid[0] && mask[1:0] == 2'b11;
  (* keep *) wire cover_edge = ran_q && valid[1] && mask[2] && lo_i == {1'b0, row[3:2], 1'b1, 1'b0} && hi_i == lo_i + 5'd1;

endmodule
