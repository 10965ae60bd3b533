// Pointers of a FIFO for wide items whose head lies in a register, so that looking at it costs nothing
// while it stands. The items are with the user, who keeps a register for the head and Depth entries:
//   head_q <= direct_o ? item : entry[rd_ptr_o]   when direct_o || next_o
//   entry[wr_ptr_o] = item                        when behind_o
// behind_o and next_o never mean the same entry in one cycle.
//
// Latency:      one cycle from push to pop_valid_o.
// Throughput:   an item a cycle.
// Backpressure: push_ready_o is low while Depth items are inside, the head included.
module shira_command_fifo_control #(
  parameter int unsigned Depth = 4,             // items, a power of two, 2 or more
  parameter int unsigned PtrW  = $clog2(Depth)
) (
  input  logic            clk_i,
  input  logic            rst_ni,        // synchronous, active low
  input  logic            push_valid_i,
  output logic            push_ready_o,
  output logic            pop_valid_o,   // the head is there
  input  logic            pop_ready_i,
  output logic            direct_o,      // the pushed item becomes the head
  output logic            behind_o,      // the pushed item goes into an entry
  output logic            next_o,        // the head is replaced by an entry
  output logic [PtrW-1:0] wr_ptr_o,
  output logic [PtrW-1:0] rd_ptr_o
);

  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : gen_bad_depth
    $error("Depth must be a power of two, 2 or more");
  end

  logic [PtrW-1:0] wr_ptr_q;
  logic [PtrW-1:0] rd_ptr_q;
  logic [  PtrW:0] count_q;   // items inside, the head included
  logic            push;
  logic            pop;

  assign push_ready_o = count_q != (PtrW + 1)'(Depth);
  assign pop_valid_o  = count_q != '0;
  assign push         = push_valid_i && push_ready_o;
  assign pop          = pop_valid_o && pop_ready_i;
  assign direct_o     = push && (count_q == '0 || (pop && count_q == (PtrW + 1)'(1)));
  assign behind_o     = push && !direct_o;
  assign next_o       = pop && count_q > (PtrW + 1)'(1);
  assign wr_ptr_o     = wr_ptr_q;
  assign rd_ptr_o     = rd_ptr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_ptr_q <= '0;
      rd_ptr_q <= '0;
      count_q  <= '0;
    end else if (push || pop) begin
      if (behind_o) wr_ptr_q <= wr_ptr_q + PtrW'(1);
      if (next_o) rd_ptr_q <= rd_ptr_q + PtrW'(1);
      count_q <= count_q + (PtrW + 1)'(push) - (PtrW + 1)'(pop);
    end
  end

`ifdef SHIRA_ASSERT
  no_overflow: assert property (@(posedge clk_i) disable iff (!rst_ni) 32'(count_q) <= Depth);
  direct_or_behind: assert property (@(posedge clk_i) disable iff (!rst_ni)
    push == (direct_o || behind_o) && !(direct_o && behind_o));
  direct_or_next: assert property (@(posedge clk_i) disable iff (!rst_ni) !(direct_o && next_o));
  other_entry: assert property (@(posedge clk_i) disable iff (!rst_ni)
    behind_o && next_o |-> wr_ptr_q != rd_ptr_q);
`endif

endmodule
