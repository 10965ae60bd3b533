// A bank of counters of which at most one moves in a cycle.
//
// Does:         adds inc_i to counter inc_index_i; reads one counter at any time.
// Never does:   wraps before 2^64. An index that is not a counter must not be given.
// Latency:      an increment is seen in the next cycle; a read is combinational.
// The values lie in a small memory; a flag a counter tells whether it was written since the last
// clear, so that all are cleared in one cycle.
module shira_perf_bank #(
  parameter int unsigned Counters = 5,                 // 2 or more
  parameter int unsigned IncW     = 8,                 // bits of an increment
  parameter int unsigned IndexW   = $clog2(Counters)
) (
  input  logic              clk_i,
  input  logic              rst_ni,        // synchronous, active low
  input  logic              clear_i,       // all to 0; wins over an increment
  input  logic              inc_valid_i,
  input  logic [IndexW-1:0] inc_index_i,
  input  logic [  IncW-1:0] inc_i,
  input  logic              read_valid_i,  // read_index_i is a counter that is meant
  input  logic [IndexW-1:0] read_index_i,
  output logic [      63:0] read_o         // 0 while not read_valid_i
);

  logic [        63:0] value_q[Counters];
  logic [Counters-1:0] used_q;

  always_comb begin
    read_o = '0;
    if (read_valid_i) begin
      if (used_q[read_index_i]) read_o = value_q[read_index_i];
    end
  end

  always_ff @(posedge clk_i) begin
    if (inc_valid_i) begin
      value_q[inc_index_i] <= (used_q[inc_index_i] ? value_q[inc_index_i] : '0) + 64'(inc_i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) used_q <= '0;
    else if (inc_valid_i) used_q <= used_q | Counters'(1) << inc_index_i;
  end

endmodule
