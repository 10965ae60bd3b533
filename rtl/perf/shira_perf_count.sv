// One short counter.
//
// Does:         adds inc_i. At restart_i it begins anew; what it had is on count_o until the next one.
// Never does:   sees that it is too narrow (it asserts it): between two restarts the increments must sum
//               to less than 2^CountW.
// Latency:      an increment in the cycle of restart_i belongs to the time after it.
module shira_perf_count #(
  parameter int unsigned IncW   = 1,  // bits of an increment
  parameter int unsigned CountW = 8   // bits of the counter, IncW or more
) (
  input  logic              clk_i,
  input  logic              rst_ni,     // synchronous, active low
  input  logic              restart_i,
  input  logic              clear_i,    // with restart_i: what it had reads as 0
  input  logic [  IncW-1:0] inc_i,
  output logic [CountW-1:0] count_o     // at the last restart
);

  logic [CountW-1:0] count_q;
  logic [CountW-1:0] ended_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      ended_q <= '0;
    end else if (restart_i) begin
      count_q <= CountW'(inc_i);
      ended_q <= clear_i ? '0 : count_q;
    end else if (inc_i != '0) begin
      count_q <= count_q + CountW'(inc_i);
    end
  end

  assign count_o = ended_q;

`ifdef SHIRA_ASSERT
  no_overflow: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !restart_i |-> count_q + CountW'(inc_i) >= count_q);
`endif

endmodule
