// The device's counters.
//
// Does:         counts what shira_regs.yaml names under `counters`; each engine is in exactly one of
//               its five states in each cycle, so that they sum to the counter `cycles`. An engine that
//               says idle while the head of its queue waits for a semaphore counts as waiting.
//               Short counters (shira_perf_engine, shira_perf_count) hold what happened in the last
//               cycles; shira_perf_totals adds them up and keeps the snapshot that is read. With
//               Full = 0 there are only those that shira_regs.yaml calls basic; the others read as 0.
// Never does:   loses an event; influences what it counts.
// Latency:      see shira_perf_totals; what comes in a cycle is in a snapshot of two cycles later.
// Vectors by engine are {gemm, scatter, copy, command}: engine e of shira_regs_pkg::engine_e is at e.
module shira_perf #(
  parameter int unsigned Full = 1
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,             // synchronous, active low
  input  logic                    clear_i,            // pulse: all counters to 0 <- shira_axil_regs
  input  logic                    snapshot_i,         // pulse: keep all counters for reading <- shira_axil_regs
  // engines, command unit
  input  logic [            11:0] state_i,            // shira_pkg::engine_state_e of each
  input  logic [             3:0] waiting_i,          // queue head waits for a semaphore <- command
  input  shira_pkg::traffic_t     command_traffic_i,
  input  shira_pkg::traffic_t     copy_traffic_i,
  input  shira_pkg::traffic_t     scatter_traffic_i,
  input  shira_pkg::traffic_t     lines_traffic_i,    // SCATTER's weights in memory
  input  logic                    ev_descriptor_i,    // a descriptor ended ok <- command
  /* verilator lint_off UNUSEDSIGNAL */  // no increment reaches the upper bits, see the assertions
  // AXI master
  input  logic [            15:0] ev_rd_bursts_i,
  input  logic [            15:0] ev_wr_bursts_i,
  // SRAMs
  input  shira_pkg::sram_events_t weight_events_i,
  input  shira_pkg::sram_events_t act_events_i,
  input  shira_pkg::sram_events_t acc_events_i,
  input  shira_pkg::sram_events_t param_events_i,
  // SCATTER, GEMM
  input  logic [            15:0] ev_updates_i,
  input  logic                    ev_bank_stall_i,
  input  logic [            31:0] ev_macs_i,
  /* verilator lint_on UNUSEDSIGNAL */
  // reads <-> shira_axil_regs
  input  logic                    ctr_read_i,         // stays until ctr_done_o
  input  logic [             6:0] ctr_index_i,
  output logic                    ctr_done_o,         // pulse: ctr_data_o is valid
  output logic [            63:0] ctr_data_o
);

  localparam int unsigned CycleW = 8;            // bits of the cycles between two restarts
  localparam int unsigned CountW = CycleW + 16;  // of what a short counter says to shira_perf_totals

  logic              restart;  // the short counters begin anew
  logic              forget;   // and what they had reads as 0
  logic [CycleW-1:0] cycles;   // before the last restart, since the one before it
  logic              look;     // index is meant
  logic [       6:0] index;    // counter
  logic [CountW-1:0] count;    // what its short counter had

  // ---------------------------------------------------------------- engines
  logic [CycleW+7:0] command_count;
  logic [CycleW+7:0] copy_count;
  logic [CycleW+7:0] scatter_count;
  logic [CycleW+7:0] gemm_count;

  shira_perf_engine #(
    .Engine(0),
    .CycleW(CycleW),
    .Full  (Full)
  ) u_command (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .state_i  (state_i[2:0]),
    .waiting_i(waiting_i[0]),
    .traffic_i(command_traffic_i),
    .read_i   (look),
    .index_i  (index),
    .count_o  (command_count)
  );

  shira_perf_engine #(
    .Engine(1),
    .CycleW(CycleW),
    .Full  (Full)
  ) u_copy (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .state_i  (state_i[5:3]),
    .waiting_i(waiting_i[1]),
    .traffic_i(copy_traffic_i),
    .read_i   (look),
    .index_i  (index),
    .count_o  (copy_count)
  );

  shira_perf_engine #(
    .Engine(2),
    .CycleW(CycleW),
    .Full  (Full)
  ) u_scatter (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .state_i  (state_i[8:6]),
    .waiting_i(waiting_i[2]),
    .traffic_i(scatter_traffic_i),
    .read_i   (look),
    .index_i  (index),
    .count_o  (scatter_count)
  );

  shira_perf_engine #(
    .Engine(3),
    .CycleW(CycleW),
    .Full  (Full)
  ) u_gemm (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .state_i  (state_i[11:9]),
    .waiting_i(waiting_i[3]),
    .traffic_i(lines_traffic_i),  // GEMM has no way to memory
    .read_i   (look),
    .index_i  (index),
    .count_o  (gemm_count)
  );

  // ------------------------------------------------- counters of the device
  logic [ 8:0] rd_bursts_q;
  logic [ 8:0] wr_bursts_q;
  logic [ 7:0] updates_q;
  logic [12:0] macs_q;
  logic        descriptor_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rd_bursts_q  <= '0;
      wr_bursts_q  <= '0;
      updates_q    <= '0;
      macs_q       <= '0;
      descriptor_q <= 1'b0;
    end else begin
      rd_bursts_q  <= 9'(ev_rd_bursts_i);
      wr_bursts_q  <= 9'(ev_wr_bursts_i);
      updates_q    <= 8'(ev_updates_i);
      macs_q       <= 13'(ev_macs_i);
      descriptor_q <= ev_descriptor_i;
    end
  end

  logic [ CycleW+8:0] read_bursts;
  logic [ CycleW+8:0] written_bursts;
  logic [ CycleW+7:0] updates;
  logic [CycleW+12:0] macs;
  logic [ CycleW+0:0] descriptors;

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_read_bursts (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .inc_i    (rd_bursts_q),
    .count_o  (read_bursts)
  );

  shira_perf_count #(
    .IncW  (9),
    .CountW(CycleW + 9)
  ) u_written_bursts (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .inc_i    (wr_bursts_q),
    .count_o  (written_bursts)
  );

  shira_perf_count #(
    .IncW  (8),
    .CountW(CycleW + 8)
  ) u_updates (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .inc_i    (updates_q),
    .count_o  (updates)
  );

  shira_perf_count #(
    .IncW  (13),
    .CountW(CycleW + 13)
  ) u_macs (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .inc_i    (macs_q),
    .count_o  (macs)
  );

  shira_perf_count #(
    .IncW  (1),
    .CountW(CycleW + 1)
  ) u_descriptors (
    .clk_i,
    .rst_ni,
    .restart_i(restart),
    .clear_i  (forget),
    .inc_i    (descriptor_q),
    .count_o  (descriptors)
  );

  // ------------------------------------------------- counters of the SRAMs
  logic [CountW-1:0] sram_count;

  if (Full != 0) begin : gen_srams
    shira_perf_srams #(
      .CycleW(CycleW)
    ) u_srams (
      .clk_i,
      .rst_ni,
      .restart_i(restart),
      .clear_i  (forget),
      .weight_events_i,
      .act_events_i,
      .acc_events_i,
      .param_events_i,
      .ev_bank_stall_i,
      .read_i   (look),
      .index_i  (index),
      .count_o  (sram_count)
    );
  end else begin : gen_no_srams
    assign sram_count = '0;
  end

  // ------------------------------------------------------------------ totals
  always_comb begin
    count = '0;
    if (look) begin
      case (32'(index))
        shira_regs_pkg::CounterCycles: count = CountW'(cycles);
        shira_regs_pkg::CounterReadBursts: count = CountW'(read_bursts);
        shira_regs_pkg::CounterWrittenBursts: count = CountW'(written_bursts);
        shira_regs_pkg::CounterUpdates: count = CountW'(updates);
        shira_regs_pkg::CounterMacs: count = CountW'(macs);
        shira_regs_pkg::CounterDescriptors: count = CountW'(descriptors);
        // states: one engine answers, the others say 0; traffic: the sum over the engines
        default: begin
          count = CountW'(command_count) + CountW'(copy_count) + CountW'(scatter_count) +
                  CountW'(gemm_count) + sram_count;
        end
      endcase
    end
  end

  shira_perf_totals #(
    .Counters(shira_regs_pkg::NumCounters),
    .Period  (2 ** CycleW - 1),
    .CycleW  (CycleW),
    .CountW  (CountW)
  ) u_totals (
    .clk_i,
    .rst_ni,
    .clear_i,
    .snapshot_i,
    .restart_o    (restart),
    .clear_o      (forget),
    .cycles_o     (cycles),
    .count_read_o (look),
    .count_index_o(index),
    .count_i      (count),
    .read_valid_i (ctr_read_i),
    .read_index_i (ctr_index_i),
    .read_done_o  (ctr_done_o),
    .read_data_o  (ctr_data_o)
  );

`ifdef SHIRA_ASSERT
  // An increment is never cut.
  bursts_fit: assert property (@(posedge clk_i) disable iff (!rst_ni)
    ev_rd_bursts_i < 16'd512 && ev_wr_bursts_i < 16'd512);
  updates_fit: assert property (@(posedge clk_i) disable iff (!rst_ni) ev_updates_i < 16'd256);
  macs_fit: assert property (@(posedge clk_i) disable iff (!rst_ni) ev_macs_i < 32'd8192);
`endif

endmodule
