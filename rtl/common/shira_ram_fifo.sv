// First-in first-out buffer in block RAM, with valid/ready on both sides.
//
// Does:         keeps up to Depth items in order, the oldest one in the RAM's output register.
// Never does:   loses or repeats an item; lets a ready or valid of one side depend on the other side
//               in the same cycle.
// Latency:      two cycles from push to pop_valid_o.
// Throughput:   an item a cycle.
// Backpressure: push_ready_o falls when Depth items are inside.
module shira_ram_fifo #(
  parameter int unsigned Width = 8,  // bits an item
  parameter int unsigned Depth = 4   // items, a power of two, 2 or more
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
  output logic [$clog2(Depth):0] count_o        // items inside, the one in the output register too
);

  localparam int unsigned PtrW = $clog2(Depth);

  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("%m: Depth must be a power of two, 2 or more");
  end

  logic [Width-1:0] mem_q[Depth];
  logic [Width-1:0] data_q;
  logic             valid_q;  // data_q holds the item at rd_ptr_q
  logic [   PtrW:0] wr_ptr_q;
  logic [   PtrW:0] rd_ptr_q;
  logic [   PtrW:0] rd_next;
  logic             push;
  logic             pop;
  logic             more;  // an item waits behind the one that leaves

  assign count_o      = wr_ptr_q - rd_ptr_q;
  assign push_ready_o = count_o != (PtrW + 1)'(Depth);
  assign pop_valid_o  = valid_q;
  assign pop_data_o   = data_q;
  assign push         = push_valid_i && push_ready_o;
  assign pop          = valid_q && pop_ready_i;
  assign rd_next      = pop ? rd_ptr_q + (PtrW + 1)'(1) : rd_ptr_q;
  assign more         = wr_ptr_q != rd_next;

  always_ff @(posedge clk_i) begin
    if (push) mem_q[wr_ptr_q[PtrW-1:0]] <= push_data_i;
  end

  always_ff @(posedge clk_i) begin
    if ((pop || !valid_q) && more) data_q <= mem_q[rd_next[PtrW-1:0]];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      valid_q  <= 1'b0;
    end else begin
      if (push) wr_ptr_q <= wr_ptr_q + (PtrW + 1)'(1);
      if (pop) rd_ptr_q <= rd_next;
      if (pop || !valid_q) valid_q <= more;
    end
  end

`ifdef SHIRA_ASSERT
  AssertNoOverflow :
  assert property (@(posedge clk_i) disable iff (!rst_ni) count_o <= (PtrW + 1)'(Depth));
  AssertNotEmpty :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !valid_q || count_o != '0);
  AssertPopStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) pop_valid_o && !pop_ready_i && !clear_i |=>
      pop_valid_o && $stable(pop_data_o));
`endif

endmodule
