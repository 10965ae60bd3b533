// shira_gate: a part whose clock stands still is idle and has nothing waiting; all run in reset,
// while the device is halted and one cycle longer.
//
// rtl: rtl/common/shira_gate.sv
// proof: induction 4
// cover: stopped 4
// cover: after_halt 4
// mutant: a waiting command does not start an engine's clock
// sed: s/~idle_i \| cmd_valid_i/~idle_i/
// mutant: the clock stops with the halt, before the engine has forgotten it
// sed: s/ \|\| halt_q\}/}/
module formal_gate (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       halt_i,
  input logic       command_busy_i,
  input logic       axi_busy_i,
  input logic [2:0] idle_i,
  input logic [2:0] cmd_valid_i
);

  logic [4:0] run;

  shira_gate u (
    .clk_i,
    .rst_ni,
    .halt_i,
    .command_busy_i,
    .axi_busy_i,
    .idle_i,
    .cmd_valid_i,
    .run_o(run)
  );

  logic halted_q;
  logic ran_q = 1'b0;

  always @(posedge clk_i) begin
    ran_q    <= 1'b1;
    halted_q <= halt_i;
    for (int unsigned e = 0; e < 3; e++) begin
      if (!run[2+e]) assert (idle_i[e] && !cmd_valid_i[e]);
    end
    if (!run[1]) assert (!axi_busy_i);
    if (!run[0]) assert (!command_busy_i);
    if (!rst_ni || halt_i || (ran_q && halted_q)) assert (run == '1);
  end

  (* keep *) wire cover_stopped = ran_q && run == '0;
  (* keep *) wire cover_after_halt = ran_q && halted_q && !halt_i && rst_ni;

endmodule
