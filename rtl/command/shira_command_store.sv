// FIFO for wide items whose head lies in a register: looking at it costs nothing while it stands.
//
// Does:         keeps up to Depth items in order.
// Latency:      one cycle from push to pop_valid_o.
// Throughput:   an item a cycle.
// Backpressure: push_ready_o is low while Depth items are inside.
module shira_command_store #(
  parameter int unsigned Width = 1024,  // bits an item
  parameter int unsigned Depth = 4      // items, a power of two, 2 or more
) (
  input  logic             clk_i,
  input  logic             rst_ni,        // synchronous, active low
  input  logic             push_valid_i,
  output logic             push_ready_o,
  input  logic [Width-1:0] push_data_i,
  output logic             pop_valid_o,
  input  logic             pop_ready_i,
  output logic [Width-1:0] pop_data_o
);

  localparam int unsigned PtrW = $clog2(Depth);

  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : gen_bad_depth
    $error("Depth must be a power of two, 2 or more");
  end

  logic [Width-1:0] head_q;
  logic [Width-1:0] mem_q[Depth];  // what is behind the head
  logic [ PtrW-1:0] wr_ptr_q;
  logic [ PtrW-1:0] rd_ptr_q;
  logic [   PtrW:0] count_q;       // items inside, the head included
  logic             push;
  logic             pop;
  logic             direct;        // the pushed item becomes the head

  assign push_ready_o = count_q != (PtrW + 1)'(Depth);
  assign pop_valid_o  = count_q != '0;
  assign pop_data_o   = head_q;
  assign push         = push_valid_i && push_ready_o;
  assign pop          = pop_valid_o && pop_ready_i;
  assign direct       = push && (count_q == '0 || (pop && count_q == (PtrW + 1)'(1)));

  always_ff @(posedge clk_i) begin
    if (direct) head_q <= push_data_i;
    else if (pop) head_q <= mem_q[rd_ptr_q];
  end

  always_ff @(posedge clk_i) begin
    if (push && !direct) mem_q[wr_ptr_q] <= push_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q  <= '0;
    end else begin
      if (push && !direct) wr_ptr_q <= wr_ptr_q + PtrW'(1);
      if (pop && count_q > (PtrW + 1)'(1)) rd_ptr_q <= rd_ptr_q + PtrW'(1);
      if (push && !pop) count_q <= count_q + (PtrW + 1)'(1);
      if (pop && !push) count_q <= count_q - (PtrW + 1)'(1);
    end
  end

endmodule
