// A bank of short counters of which at most one moves in a cycle.
//
// Does:         adds inc_i to counter inc_index_i. At restart_i all counters begin anew; what they had
//               can be read until the next restart.
// Never does:   sees that a counter is too narrow (it asserts it): between two restarts the increments
//               of one must sum to less than 2^CountW. An index that is no counter must not be given.
// Latency:      an increment in the cycle of restart_i belongs to the time after it; a read is
//               combinational.
// The values lie in a small memory of two halves, one that counts and one that is read; a flag a value
// tells whether it was written, so that a half is cleared in one cycle.
module shira_perf_bank #(
  parameter int unsigned Counters = 5,                 // 2 or more
  parameter int unsigned IncW     = 8,                 // bits of an increment
  parameter int unsigned CountW   = 16,                // bits of a counter, IncW or more
  parameter int unsigned IndexW   = $clog2(Counters)
) (
  input  logic              clk_i,
  input  logic              rst_ni,        // synchronous, active low
  input  logic              restart_i,
  input  logic              clear_i,       // with restart_i: what the counters had reads as 0
  input  logic              inc_valid_i,
  input  logic [IndexW-1:0] inc_index_i,
  input  logic [  IncW-1:0] inc_i,
  input  logic              read_valid_i,  // read_index_i is a counter that is meant
  input  logic [IndexW-1:0] read_index_i,
  output logic [CountW-1:0] read_o         // 0 while not read_valid_i
);

  localparam int unsigned Half = 2 ** IndexW;

  logic [  CountW-1:0] value_q[2*Half];
  logic [  2*Half-1:0] used_q;
  logic                half_q;           // the one that counts
  logic                half;             // the one that counts from this cycle on
  logic [    IndexW:0] at;
  logic [    IndexW:0] read_at;
  logic [  CountW-1:0] old;
  logic [  CountW-1:0] value;

  assign half = half_q ^ restart_i;

  always_comb begin
    at    = '0;
    old   = '0;
    value = '0;
    if (inc_valid_i) begin
      at = {half, inc_index_i};
      if (used_q[at] && !restart_i) old = value_q[at];
      value = old + CountW'(inc_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (inc_valid_i) value_q[at] <= value;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      used_q <= '0;
    end else if (restart_i || inc_valid_i) begin
      if (restart_i && clear_i) used_q <= '0;
      else if (restart_i && half) used_q[2*Half-1:Half] <= '0;
      else if (restart_i) used_q[Half-1:0] <= '0;
      if (inc_valid_i) used_q[at] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) half_q <= 1'b0;
    else if (restart_i) half_q <= half;
  end

  always_comb begin
    read_at = '0;
    read_o  = '0;
    if (read_valid_i) begin
      read_at = {!half_q, read_index_i};
      if (used_q[read_at]) read_o = value_q[read_at];
    end
  end

`ifdef SHIRA_ASSERT
  no_overflow: assert property (@(posedge clk_i) disable iff (!rst_ni) value >= old);
  index_exists: assert property (@(posedge clk_i) disable iff (!rst_ni)
    inc_valid_i |-> 32'(inc_index_i) < Counters);
`endif

endmodule
