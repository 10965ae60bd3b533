// Brings what an SRAM answers to the step that asked for it, in a register, at one time for all SRAMs.
//
// Does:         takes the answer, Latency cycles after the read was accepted. Where the step began later
//               than that, as another of its reads had been refused, the answer waits aside.
// Never does:   stalls; an answer is looked at in its one cycle and then never again. At most one read is
//               accepted for a step, in the cycle in which the step begins or before it.
// Latency:      data_o holds the step's answer from Align + 1 cycles after its begin to its next one.
// Throughput:   an answer a cycle.
// Backpressure: none.
module shira_gemm_operand #(
  parameter int unsigned Width   = 32,  // bits
  parameter int unsigned Latency = 1,   // of the SRAM, cycles: 1 to 3
  parameter int unsigned Align   = 1    // greatest latency of the step's SRAMs: Latency to 3
) (
  input  logic             clk_i,
  input  logic             rst_ni,    // synchronous, active low
  input  logic             accept_i,  // the SRAM accepts the read for the step that begins now or later
  input  logic             begin_i,   // a step that needs a new answer begins
  input  logic [Width-1:0] data_i,    // from the SRAM
  output logic [Width-1:0] data_o     // to the step
);

  if (Latency < 1 || Align < Latency || Align > 3) begin : g_bad
    $error("%m: needs 1 <= Latency <= Align <= 3");
  end

  // Bit c of each: c + 1 cycles ago.
  logic [Align-1:0] begin_q;  // a step began
  logic [Align-1:0] aside_q;  // its read had been accepted before
  logic [Align-1:0] early_q;  // a read was accepted whose step did not begin
  logic [Width-1:0] aligned;  // the answer, Align cycles after its read was accepted
  logic [Width-1:0] kept_q;   // the answer of the step that has not begun

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      begin_q <= '0;
      aside_q <= '0;
      early_q <= '0;
    end else begin
      begin_q <= Align'({begin_q, begin_i});
      aside_q <= Align'({aside_q, begin_i && !accept_i});
      early_q <= Align'({early_q, accept_i && !begin_i});
    end
    if (early_q[Align-1]) kept_q <= aligned;
    if (begin_q[Align-1]) begin
      if (aside_q[Align-1]) data_o <= kept_q;
      else data_o <= aligned;
    end
  end

  // A quicker SRAM's answer waits for the slowest one's.
  if (Latency == Align) begin : g_slowest
    assign aligned = data_i;
  end else begin : g_quicker
    logic [Align-1:0] answer;  // an answer comes: bit c: of a read c + 1 cycles ago
    logic [Width-1:0] first_q;

    assign answer = early_q | (begin_q & ~aside_q);
    always_ff @(posedge clk_i) begin
      if (answer[Latency-1]) first_q <= data_i;
    end

    if (Latency + 1 == Align) begin : g_by_one
      assign aligned = first_q;
    end else begin : g_by_two
      logic [Width-1:0] second_q;
      always_ff @(posedge clk_i) begin
        if (answer[Latency]) second_q <= first_q;
      end
      assign aligned = second_q;
    end
  end

endmodule
