// The counters of one engine: its five states and its memory traffic by class.
//
// Does:         counts exactly one state a cycle; a code that is no state counts as idle, and idle
//               counts as waiting while waiting_i. Bytes of a class that does not exist are not counted.
//               A state is added up when it ends, which keeps a cycle without a change cheap; a read
//               adds what runs.
// Latency:      an event is seen in the next cycle; a read is combinational.
module shira_perf_engine #(
  parameter int unsigned Engine = 0  // shira_regs_pkg::engine_e
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,       // synchronous, active low
  input  logic                  clear_i,      // all to 0
  input  logic [          63:0] cycles_i,     // cycles since the last clear
  input  logic [           2:0] state_i,      // shira_pkg::engine_state_e
  input  logic                  waiting_i,    // its queue's head waits for a semaphore
  input  shira_pkg::traffic_t   traffic_i,
  input  logic                  ctr_read_i,   // ctr_index_i is meant
  input  logic [           6:0] ctr_index_i,
  output logic [          63:0] ctr_data_o    // 0 where the counter is not one of these
);

  localparam int unsigned States    = 5;
  localparam int unsigned StateBase = shira_regs_pkg::CounterCommandBusy + States * Engine;
  localparam int unsigned ReadBase  = shira_regs_pkg::CounterReadBytesDescriptor;
  localparam int unsigned WriteBase = shira_regs_pkg::CounterWrittenBytesDescriptor;
  localparam int unsigned Classes   = WriteBase - ReadBase;

  logic [ 2:0] state_index;
  logic [31:0] index;
  logic        state_meant;
  logic        read_meant;
  logic        write_meant;
  logic [63:0] state_data;
  logic [63:0] read_data;
  logic [63:0] write_data;

  // The counters are in the order busy, starved, stalled, waiting, idle: the code of the state less
  // one, idle last.
  always_comb begin
    state_index = 3'(States - 1);
    if (state_i != 3'(shira_pkg::StateIdle) && state_i < 3'(States)) state_index = state_i - 3'd1;
    else if (waiting_i) state_index = 3'(shira_pkg::StateWaiting) - 3'd1;
  end

  always_comb begin
    index       = '0;
    state_meant = 1'b0;
    read_meant  = 1'b0;
    write_meant = 1'b0;
    if (ctr_read_i) begin
      index       = 32'(ctr_index_i);
      state_meant = index - StateBase < States;
      read_meant  = index - ReadBase < Classes;
      write_meant = index - WriteBase < Classes;
    end
  end

  logic [ 2:0] last_q;   // state of the cycle before
  logic [63:0] since_q;  // first cycle of it
  logic        change;
  logic [63:0] ran;      // how long it lasted
  logic [63:0] ended;    // cycles of the states that ended

  assign change = state_index != last_q;
  assign ran    = change ? cycles_i - since_q : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      last_q  <= 3'(States - 1);
      since_q <= '0;
    end else if (change) begin
      last_q  <= state_index;
      since_q <= cycles_i;
    end
  end

  shira_perf_bank #(
    .Counters(States),
    .IncW    (64)
  ) u_states (
    .clk_i,
    .rst_ni,
    .clear_i,
    .inc_valid_i (change),
    .inc_index_i (last_q),
    .inc_i       (ran),
    .read_valid_i(state_meant),
    .read_index_i(3'(index - StateBase)),
    .read_o      (ended)
  );

  always_comb begin
    state_data = ended;
    if (state_meant) begin
      if (3'(index - StateBase) == last_q) state_data = ended + (cycles_i - since_q);
    end
  end

  shira_perf_bank #(
    .Counters(Classes),
    .IncW    (8)
  ) u_read (
    .clk_i,
    .rst_ni,
    .clear_i,
    .inc_valid_i (traffic_i.rd_valid && 32'(traffic_i.rd_class) < Classes),
    .inc_index_i (traffic_i.rd_class),
    .inc_i       (traffic_i.rd_bytes),
    .read_valid_i(read_meant),
    .read_index_i(4'(index - ReadBase)),
    .read_o      (read_data)
  );

  shira_perf_bank #(
    .Counters(Classes),
    .IncW    (8)
  ) u_written (
    .clk_i,
    .rst_ni,
    .clear_i,
    .inc_valid_i (traffic_i.wr_valid && 32'(traffic_i.wr_class) < Classes),
    .inc_index_i (traffic_i.wr_class),
    .inc_i       (traffic_i.wr_bytes),
    .read_valid_i(write_meant),
    .read_index_i(4'(index - WriteBase)),
    .read_o      (write_data)
  );

  assign ctr_data_o = state_data | read_data | write_data;  // at most one is not 0

endmodule
