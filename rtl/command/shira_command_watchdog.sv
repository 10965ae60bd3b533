// Counts cycles, and cycles in which nothing moves: the watchdog.
//
// Does:         expired_o in the cycle after the last of watchdog_i cycles without rest_i, of at least
//               Least.
// Never does:   stands still: its clock is the one that is never gated.
// Latency:      none from the counts to the outputs.
module shira_command_watchdog #(
  parameter int unsigned Least = 8  // cycles: whoever looks for the culprit has so many
) (
  input  logic        clk_i,
  input  logic        rst_ni,      // synchronous, active low
  input  logic        rest_i,      // something moves, or there is nothing to do
  input  logic        halted_i,
  input  logic [31:0] watchdog_i,  // cycles, 0 = off
  output logic [63:0] cycle_o,     // cycles since reset
  output logic        still_o,     // nothing moved in the cycle before
  output logic        expired_o    // nothing moved for too long
);

  logic [63:0] cycle_q;
  logic [31:0] still_q;  // cycles in which nothing moved

  assign cycle_o   = cycle_q;
  assign still_o   = still_q != '0;
  assign expired_o = still_q >= watchdog_i && watchdog_i != '0 && !halted_i && still_q >= Least;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) cycle_q <= '0;
    else cycle_q <= cycle_q + 64'd1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || rest_i || halted_i || expired_o) still_q <= '0;
    else still_q <= still_q + 32'd1;
  end

`ifdef SHIRA_ASSERT
  expires_once: assert property (@(posedge clk_i) disable iff (!rst_ni)
    expired_o |=> !expired_o && !still_o);
`endif

endmodule
