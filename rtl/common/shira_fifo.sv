// First-in first-out buffer with valid/ready on both sides.
//
// Does:         keeps up to Depth items in order. The oldest item is on pop_data_o while pop_valid_o.
// Never does:   loses or repeats an item; lets a ready or valid of one side depend on the other side
//               in the same cycle (so it also cuts combinational paths).
// Latency:      one cycle from push to pop_valid_o.
// Throughput:   an item a cycle for Depth >= 2; an item every other cycle for Depth = 1.
// Backpressure: push_ready_o falls when Depth items are inside.
module shira_fifo #(
  parameter int unsigned Width = 8,  // bits an item
  parameter int unsigned Depth = 2   // items, a power of two
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,        // synchronous, active low
  input  logic                   clear_i,       // drops all items at the clock edge; a push in the same cycle too
  input  logic                   push_valid_i,  // item offered <- producer
  output logic                   push_ready_o,  // room for it -> producer
  input  logic [      Width-1:0] push_data_i,
  output logic                   pop_valid_o,   // item available -> consumer
  input  logic                   pop_ready_i,   // taken <- consumer
  output logic [      Width-1:0] pop_data_o,
  output logic [$clog2(Depth):0] count_o        // items inside, 0 to Depth
);

  localparam int unsigned PtrW = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned CntW = $clog2(Depth) + 1;

  if (Depth < 1 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("%m: Depth must be a power of two");
  end

  logic [Width-1:0] mem_q[Depth];
  logic [ PtrW-1:0] wr_ptr_q;
  logic [ PtrW-1:0] rd_ptr_q;
  logic [ CntW-1:0] count_q;
  logic             push;
  logic             pop;

  assign push_ready_o = count_q != CntW'(Depth);
  assign pop_valid_o  = count_q != '0;
  assign pop_data_o   = mem_q[rd_ptr_q];
  assign count_o      = count_q;
  assign push         = push_valid_i && push_ready_o;
  assign pop          = pop_valid_o && pop_ready_i;

  always_ff @(posedge clk_i) begin
    if (push) mem_q[wr_ptr_q] <= push_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q  <= '0;
    end else if (push || pop) begin
      if (push && Depth > 1) wr_ptr_q <= wr_ptr_q + PtrW'(1);
      if (pop && Depth > 1) rd_ptr_q <= rd_ptr_q + PtrW'(1);
      if (push && !pop) count_q <= count_q + CntW'(1);
      if (pop && !push) count_q <= count_q - CntW'(1);
    end
  end

`ifdef SHIRA_ASSERT
  AssertNoOverflow :
  assert property (@(posedge clk_i) disable iff (!rst_ni) count_q <= CntW'(Depth));
  AssertPointers :
  assert property (@(posedge clk_i) disable iff (!rst_ni) Depth == 1 || PtrW'(wr_ptr_q - rd_ptr_q) == PtrW'(count_q));
  AssertPopStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) pop_valid_o && !pop_ready_i && !clear_i |=>
      pop_valid_o && $stable(pop_data_o));
`endif

endmodule
