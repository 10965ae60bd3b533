// The counters of one engine between two restarts: its five states and its memory traffic by class.
//
// Does:         counts exactly one state a cycle; a code that is no state counts as idle, and idle
//               counts as waiting while waiting_i. Bytes of a class that does not exist are not counted.
// Latency:      what comes in a cycle counts in the next one; a read is combinational.
module shira_perf_engine #(
  parameter int unsigned Engine = 0,  // shira_regs_pkg::engine_e
  parameter int unsigned CycleW = 8,  // bits of the cycles between two restarts
  parameter int unsigned Full   = 1   // 0: of its states only busy, no traffic
) (
  input  logic                clk_i,
  input  logic                rst_ni,       // synchronous, active low
  input  logic                restart_i,    // begin anew; what was counted can be read
  input  logic                clear_i,      // with restart_i: what was counted reads as 0
  input  logic [         2:0] state_i,      // shira_pkg::engine_state_e
  input  logic                waiting_i,    // its queue's head waits for a semaphore
  input  shira_pkg::traffic_t traffic_i,
  input  logic                read_i,       // index_i is meant
  input  logic [         6:0] index_i,      // counter
  output logic [  CycleW+7:0] count_o       // 0 where the counter is not one of these
);

  localparam int unsigned States    = 5;
  localparam int unsigned StateBase = shira_regs_pkg::CounterCommandBusy + States * Engine;
  localparam int unsigned ReadBase  = shira_regs_pkg::CounterReadBytesDescriptor;
  localparam int unsigned WriteBase = shira_regs_pkg::CounterWrittenBytesDescriptor;
  localparam int unsigned Classes   = WriteBase - ReadBase;
  localparam int unsigned BytesW    = CycleW + 8;

  // The counters are in the order busy, starved, stalled, waiting, idle: the code of the state less
  // one, idle last.
  logic [2:0] state_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= 3'(States - 1);
    else if (state_i != 3'(shira_pkg::StateIdle) && state_i < 3'(States)) state_q <= state_i - 3'd1;
    else state_q <= waiting_i ? 3'(shira_pkg::StateWaiting) - 3'd1 : 3'(States - 1);
  end

  logic [      31:0] index;
  logic              state_meant;
  logic              read_meant;
  logic              write_meant;
  logic [CycleW-1:0] state_count;
  logic [BytesW-1:0] read_count;
  logic [BytesW-1:0] write_count;

  always_comb begin
    index       = '0;
    state_meant = 1'b0;
    read_meant  = 1'b0;
    write_meant = 1'b0;
    if (read_i) begin
      index       = 32'(index_i);
      state_meant = index - StateBase < States;
      read_meant  = index - ReadBase < Classes;
      write_meant = index - WriteBase < Classes;
    end
  end

  // At most one of them is meant.
  assign count_o = BytesW'(state_count) | read_count | write_count;

  /* verilator lint_off UNUSEDSIGNAL */  // without Full
  shira_pkg::traffic_t traffic_q;
  /* verilator lint_on UNUSEDSIGNAL */

  always_ff @(posedge clk_i) begin
    if (!rst_ni) traffic_q <= '0;
    else if (traffic_i.rd_valid || traffic_i.wr_valid || traffic_q.rd_valid || traffic_q.wr_valid) begin
      traffic_q <= traffic_i;
    end
  end

  if (Full != 0) begin : gen_full
    shira_perf_bank #(
      .Counters(States),
      .IncW    (1),
      .CountW  (CycleW)
    ) u_states (
      .clk_i,
      .rst_ni,
      .restart_i,
      .clear_i,
      .inc_valid_i (1'b1),
      .inc_index_i (state_q),
      .inc_i       (1'b1),
      .read_valid_i(state_meant),
      .read_index_i(3'(index - StateBase)),
      .read_o      (state_count)
    );

    shira_perf_bank #(
      .Counters(Classes),
      .IncW    (8),
      .CountW  (BytesW)
    ) u_read (
      .clk_i,
      .rst_ni,
      .restart_i,
      .clear_i,
      .inc_valid_i (traffic_q.rd_valid && 32'(traffic_q.rd_class) < Classes),
      .inc_index_i (traffic_q.rd_class),
      .inc_i       (traffic_q.rd_bytes),
      .read_valid_i(read_meant),
      .read_index_i(4'(index - ReadBase)),
      .read_o      (read_count)
    );

    shira_perf_bank #(
      .Counters(Classes),
      .IncW    (8),
      .CountW  (BytesW)
    ) u_written (
      .clk_i,
      .rst_ni,
      .restart_i,
      .clear_i,
      .inc_valid_i (traffic_q.wr_valid && 32'(traffic_q.wr_class) < Classes),
      .inc_index_i (traffic_q.wr_class),
      .inc_i       (traffic_q.wr_bytes),
      .read_valid_i(write_meant),
      .read_index_i(4'(index - WriteBase)),
      .read_o      (write_count)
    );
  end else begin : gen_busy
    logic [CycleW-1:0] busy_count;

    shira_perf_count #(
      .IncW  (1),
      .CountW(CycleW)
    ) u_busy (
      .clk_i,
      .rst_ni,
      .restart_i,
      .clear_i,
      .inc_i  (state_q == '0),
      .count_o(busy_count)
    );
    assign state_count = (state_meant && index == StateBase) ? busy_count : '0;
    assign read_count  = '0;
    assign write_count = '0;
  end

endmodule
