// Says which parts of the device need their next clock edge, so that the clocks of the others may be
// stopped: by a clock gate in hardware, and by a simulator, which then need not look at them.
//
// Does:         run_o is set whenever an edge would change a register of the part, and for one cycle
//               after a halt, in which the engines forget it.
// Never does:   depends on itself: a part whose clock stands still is told to run by what it shows.
// Latency:      none.
module shira_gate (
  input  logic       clk_i,           // never stopped
  input  logic       rst_ni,          // synchronous, active low
  input  logic       halt_i,          // an error happened <- command unit
  input  logic       command_busy_i,  // registers or command unit have something to do
  input  logic       axi_busy_i,      // a burst is asked for or in flight
  input  logic [2:0] idle_i,          // {gemm, scatter, copy}
  input  logic [2:0] cmd_valid_i,     // a command waits for the engine
  output logic [4:0] run_o            // {gemm, scatter, copy, axi, command}
);

  logic halt_q;

  always_ff @(posedge clk_i) halt_q <= halt_i;

  assign run_o = {5{!rst_ni || halt_i || halt_q}} |
                 {~idle_i | cmd_valid_i, axi_busy_i, command_busy_i};

`ifdef SHIRA_ASSERT
  AssertHaltRuns :
  assert property (@(posedge clk_i) disable iff (!rst_ni) halt_i || halt_q |-> run_o == '1);
  AssertBusyRuns :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (~idle_i & ~run_o[4:2]) == '0);
`endif

endmodule
