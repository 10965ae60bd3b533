// The device's counters.
//
// Does:         counts what shira_regs.yaml names under `counters`; each engine is in exactly one of
//               its five states in each cycle, so that they sum to the counter `cycles`. An engine that
//               says idle while the head of its queue waits for a semaphore counts as waiting.
// Never does:   loses an event; influences what it counts.
// Latency:      an event is seen in the next cycle; a read is combinational.
// Vectors by engine are {gemm, scatter, copy, command}: engine e of shira_regs_pkg::engine_e is at e.
module shira_perf (
  input  logic                                     clk_i,
  input  logic                                     rst_ni,         // synchronous, active low
  input  logic                                     clear_i,        // all counters to 0 <- shira_axil_regs
  // engines, command unit
  input  logic [                             11:0] state_i,        // shira_pkg::engine_state_e of each
  input  logic [                              3:0] waiting_i,      // queue head waits for a semaphore <- command
  input  shira_pkg::traffic_t                      command_traffic_i,
  input  shira_pkg::traffic_t                      copy_traffic_i,
  input  shira_pkg::traffic_t                      scatter_traffic_i,
  input  shira_pkg::traffic_t                      lines_traffic_i,  // SCATTER's weights in memory
  input  logic                                     ev_descriptor_i,  // a descriptor ended ok <- command
  // AXI master
  input  logic [                             15:0] ev_rd_bursts_i,
  input  logic [                             15:0] ev_wr_bursts_i,
  // SRAMs
  input  shira_pkg::sram_events_t                  weight_events_i,
  input  shira_pkg::sram_events_t                  act_events_i,
  input  shira_pkg::sram_events_t                  acc_events_i,
  input  shira_pkg::sram_events_t                  param_events_i,
  // SCATTER, GEMM
  input  logic [                             15:0] ev_updates_i,
  input  logic                                     ev_bank_stall_i,
  input  logic [                             31:0] ev_macs_i,
  // shira_axil_regs
  input  logic                                     ctr_read_i,     // ctr_index_i is meant
  input  logic [                              6:0] ctr_index_i,
  output logic [                             63:0] ctr_data_o      // 0 while not ctr_read_i
);

  logic [63:0] cycles_q;
  logic [63:0] command_data;  // what its counters say to the read
  logic [63:0] copy_data;  // what its counters say to the read
  logic [63:0] scatter_data;  // what its counters say to the read
  logic [63:0] gemm_data;  // what its counters say to the read

  shira_perf_engine #(
    .Engine(0)
  ) u_command (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cycles_i   (cycles_q),
    .state_i    (state_i[2:0]),
    .waiting_i  (waiting_i[0]),
    .traffic_i  (command_traffic_i),
    .ctr_read_i,
    .ctr_index_i,
    .ctr_data_o (command_data)
  );

  shira_perf_engine #(
    .Engine(1)
  ) u_copy (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cycles_i   (cycles_q),
    .state_i    (state_i[5:3]),
    .waiting_i  (waiting_i[1]),
    .traffic_i  (copy_traffic_i),
    .ctr_read_i,
    .ctr_index_i,
    .ctr_data_o (copy_data)
  );

  shira_perf_engine #(
    .Engine(2)
  ) u_scatter (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cycles_i   (cycles_q),
    .state_i    (state_i[8:6]),
    .waiting_i  (waiting_i[2]),
    .traffic_i  (scatter_traffic_i),
    .ctr_read_i,
    .ctr_index_i,
    .ctr_data_o (scatter_data)
  );

  shira_perf_engine #(
    .Engine(3)
  ) u_gemm (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cycles_i   (cycles_q),
    .state_i    (state_i[11:9]),
    .waiting_i  (waiting_i[3]),
    .traffic_i  (lines_traffic_i),  // GEMM has no way to memory
    .ctr_read_i,
    .ctr_index_i,
    .ctr_data_o (gemm_data)
  );

  // ------------------------------------------------------- single counters
  logic [63:0] read_bursts_q;
  logic [63:0] written_bursts_q;
  logic [63:0] weight_reads_q;
  logic [63:0] weight_writes_q;
  logic [63:0] activation_reads_q;
  logic [63:0] activation_writes_q;
  logic [63:0] accumulator_reads_q;
  logic [63:0] accumulator_writes_q;
  logic [63:0] parameter_reads_q;
  logic [63:0] parameter_writes_q;
  logic [63:0] port_conflicts_q;
  logic [63:0] updates_q;
  logic [63:0] bank_stalls_q;
  logic [63:0] macs_q;
  logic [63:0] descriptors_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      cycles_q      <= '0;
      updates_q     <= '0;
      bank_stalls_q <= '0;
      macs_q        <= '0;
      descriptors_q <= '0;
    end else begin
      cycles_q <= cycles_q + 64'd1;
      if (ev_updates_i != '0) updates_q <= updates_q + 64'(ev_updates_i);
      if (ev_bank_stall_i) bank_stalls_q <= bank_stalls_q + 64'd1;
      if (ev_macs_i != '0) macs_q <= macs_q + 64'(ev_macs_i);
      if (ev_descriptor_i) descriptors_q <= descriptors_q + 64'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      read_bursts_q    <= '0;
      written_bursts_q <= '0;
    end else begin
      if (ev_rd_bursts_i != '0) read_bursts_q <= read_bursts_q + 64'(ev_rd_bursts_i);
      if (ev_wr_bursts_i != '0) written_bursts_q <= written_bursts_q + 64'(ev_wr_bursts_i);
    end
  end

  logic sram;      // some SRAM was used
  assign sram = weight_events_i != '0 || act_events_i != '0 || acc_events_i != '0 ||
                param_events_i != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      weight_reads_q       <= '0;
      weight_writes_q      <= '0;
      activation_reads_q   <= '0;
      activation_writes_q  <= '0;
      accumulator_reads_q  <= '0;
      accumulator_writes_q <= '0;
      parameter_reads_q    <= '0;
      parameter_writes_q   <= '0;
      port_conflicts_q     <= '0;
    end else if (sram) begin
      weight_reads_q       <= weight_reads_q + 64'(weight_events_i.reads);
      weight_writes_q      <= weight_writes_q + 64'(weight_events_i.writes);
      activation_reads_q   <= activation_reads_q + 64'(act_events_i.reads);
      activation_writes_q  <= activation_writes_q + 64'(act_events_i.writes);
      accumulator_reads_q  <= accumulator_reads_q + 64'(acc_events_i.reads);
      accumulator_writes_q <= accumulator_writes_q + 64'(acc_events_i.writes);
      parameter_reads_q    <= parameter_reads_q + 64'(param_events_i.reads);
      parameter_writes_q   <= parameter_writes_q + 64'(param_events_i.writes);
      port_conflicts_q     <= port_conflicts_q + 64'(weight_events_i.conflicts) +
                              64'(act_events_i.conflicts) + 64'(acc_events_i.conflicts) +
                              64'(param_events_i.conflicts);
    end
  end

  // ------------------------------------------------------------------ read
  always_comb begin
    ctr_data_o = '0;
    if (ctr_read_i) begin
      case (32'(ctr_index_i))
        shira_regs_pkg::CounterCycles: ctr_data_o = cycles_q;
        shira_regs_pkg::CounterReadBursts: ctr_data_o = read_bursts_q;
        shira_regs_pkg::CounterWrittenBursts: ctr_data_o = written_bursts_q;
        shira_regs_pkg::CounterWeightReads: ctr_data_o = weight_reads_q;
        shira_regs_pkg::CounterWeightWrites: ctr_data_o = weight_writes_q;
        shira_regs_pkg::CounterActivationReads: ctr_data_o = activation_reads_q;
        shira_regs_pkg::CounterActivationWrites: ctr_data_o = activation_writes_q;
        shira_regs_pkg::CounterAccumulatorReads: ctr_data_o = accumulator_reads_q;
        shira_regs_pkg::CounterAccumulatorWrites: ctr_data_o = accumulator_writes_q;
        shira_regs_pkg::CounterParameterReads: ctr_data_o = parameter_reads_q;
        shira_regs_pkg::CounterParameterWrites: ctr_data_o = parameter_writes_q;
        shira_regs_pkg::CounterPortConflicts: ctr_data_o = port_conflicts_q;
        shira_regs_pkg::CounterUpdates: ctr_data_o = updates_q;
        shira_regs_pkg::CounterBankStalls: ctr_data_o = bank_stalls_q;
        shira_regs_pkg::CounterMacs: ctr_data_o = macs_q;
        shira_regs_pkg::CounterDescriptors: ctr_data_o = descriptors_q;
        // states: one engine answers, the others say 0; traffic: the sum over the engines
        default: begin
          ctr_data_o = command_data + copy_data + scatter_data + gemm_data;
        end
      endcase
    end
  end

endmodule
