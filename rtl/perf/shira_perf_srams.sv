// The counters of the SRAMs between two restarts: words read and written, requests turned away, and the
// cycles in which a bank held SCATTER back.
//
// Latency:      what comes in a cycle counts in the next one; a read is combinational.
module shira_perf_srams #(
  parameter int unsigned CycleW = 8  // bits of the cycles between two restarts
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,           // synchronous, active low
  input  logic                    restart_i,        // begin anew; what was counted can be read
  input  logic                    clear_i,          // with restart_i: what was counted reads as 0
  input  shira_pkg::sram_events_t weight_events_i,
  input  shira_pkg::sram_events_t act_events_i,
  input  shira_pkg::sram_events_t acc_events_i,
  input  shira_pkg::sram_events_t param_events_i,
  input  logic                    ev_bank_stall_i,
  input  logic                    read_i,           // index_i is meant
  input  logic [             6:0] index_i,          // counter
  output logic [     CycleW+15:0] count_o           // 0 where the counter is not one of these
);

  localparam int unsigned CountW = CycleW + 16;

  shira_pkg::sram_events_t weight_q;
  shira_pkg::sram_events_t act_q;
  shira_pkg::sram_events_t acc_q;
  shira_pkg::sram_events_t param_q;
  logic                    bank_stall_q;
  logic [            10:0] conflicts;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      weight_q     <= '0;
      act_q        <= '0;
      acc_q        <= '0;
      param_q      <= '0;
      bank_stall_q <= 1'b0;
    end else begin
      weight_q     <= weight_events_i;
      act_q        <= act_events_i;
      acc_q        <= acc_events_i;
      param_q      <= param_events_i;
      bank_stall_q <= ev_bank_stall_i;
    end
  end

  assign conflicts = 11'(weight_q.conflicts) + 11'(act_q.conflicts) + 11'(acc_q.conflicts) +
                     11'(param_q.conflicts);

  logic [ CycleW+8:0] weight_reads;
  logic [ CycleW+8:0] weight_writes;
  logic [ CycleW+8:0] activation_reads;
  logic [ CycleW+8:0] activation_writes;
  logic [ CycleW+8:0] accumulator_reads;
  logic [ CycleW+8:0] accumulator_writes;
  logic [ CycleW+8:0] parameter_reads;
  logic [ CycleW+8:0] parameter_writes;
  logic [CycleW+10:0] port_conflicts;
  logic [ CycleW+0:0] bank_stalls;

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_weight_reads (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(weight_q.reads)),
    .count_o  (weight_reads)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_weight_writes (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(weight_q.writes)),
    .count_o  (weight_writes)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_activation_reads (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(act_q.reads)),
    .count_o  (activation_reads)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_activation_writes (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(act_q.writes)),
    .count_o  (activation_writes)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_accumulator_reads (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(acc_q.reads)),
    .count_o  (accumulator_reads)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_accumulator_writes (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(acc_q.writes)),
    .count_o  (accumulator_writes)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_parameter_reads (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(param_q.reads)),
    .count_o  (parameter_reads)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_parameter_writes (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (9'(param_q.writes)),
    .count_o  (parameter_writes)
  );

  shira_perf_count #(
    .IncW  (11),
    .CountW(CycleW + 11)
  ) u_port_conflicts (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (conflicts),
    .count_o  (port_conflicts)
  );

  shira_perf_count #(
    .IncW  (1),
    .CountW(CycleW + 1)
  ) u_bank_stalls (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .inc_i    (bank_stall_q),
    .count_o  (bank_stalls)
  );

  always_comb begin
    count_o = '0;
    if (read_i) begin
      case (32'(index_i))
        shira_regs_pkg::CounterWeightReads: count_o = CountW'(weight_reads);
        shira_regs_pkg::CounterWeightWrites: count_o = CountW'(weight_writes);
        shira_regs_pkg::CounterActivationReads: count_o = CountW'(activation_reads);
        shira_regs_pkg::CounterActivationWrites: count_o = CountW'(activation_writes);
        shira_regs_pkg::CounterAccumulatorReads: count_o = CountW'(accumulator_reads);
        shira_regs_pkg::CounterAccumulatorWrites: count_o = CountW'(accumulator_writes);
        shira_regs_pkg::CounterParameterReads: count_o = CountW'(parameter_reads);
        shira_regs_pkg::CounterParameterWrites: count_o = CountW'(parameter_writes);
        shira_regs_pkg::CounterPortConflicts: count_o = CountW'(port_conflicts);
        shira_regs_pkg::CounterBankStalls: count_o = CountW'(bank_stalls);
        default: ;
      endcase
    end
  end

endmodule
