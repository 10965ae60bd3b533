// Ends descriptors: takes one ending a cycle, gives its signal, reports its error, and makes its
// completion record.
//
// Does:         takes in this order: COPY, SCATTER, GEMM, command queue, dispatch. In the next cycle it
//               gives the signal and the record.
// Never does:   signals for a descriptor that did not end ok, unless the host cancelled it; writes the
//               record (that is shira_command_complete).
// Latency:      one cycle from the done to the record and the signal.
// Throughput:   an ending a cycle.
// Backpressure: no ending is taken while a record waits for record_ready_i.
module shira_command_retire (
  input  logic                        clk_i,
  input  logic                        rst_ni,             // synchronous, active low
  input  logic [                31:0] cycle_i,            // low bits of the cycle counter
  // queues; vectors are {gemm, scatter, copy, command}
  input  logic [                 3:0] flying_i,           // a command is in flight, or a cancelled one
  input  logic [                 3:0] cancelled_i,        // it was cancelled
  input  logic [                 3:0] dropped_i,          // by the host
  input  shira_command_pkg::ticket_t  command_ticket_i,
  input  shira_command_pkg::ticket_t  copy_ticket_i,
  input  shira_command_pkg::ticket_t  scatter_ticket_i,
  input  shira_command_pkg::ticket_t  gemm_ticket_i,
  input  logic [                31:0] copy_starved_i,     // cycles of the oldest in flight
  input  logic [                31:0] scatter_starved_i,
  input  logic [                31:0] gemm_starved_i,
  input  logic [                31:0] copy_stalled_i,
  input  logic [                31:0] scatter_stalled_i,
  input  logic [                31:0] gemm_stalled_i,
  output logic [                 3:0] end_o,              // the queue's oldest ended
  // engines {gemm, scatter, copy}
  input  logic [                 2:0] done_valid_i,
  output logic [                 2:0] done_ready_o,
  input  shira_pkg::result_t          copy_done_i,
  input  shira_pkg::result_t          scatter_done_i,
  input  shira_pkg::result_t          gemm_done_i,
  // dispatch: a descriptor that no queue took
  input  logic                        refusal_valid_i,
  output logic                        refusal_ready_o,
  input  shira_command_pkg::refusal_t refusal_i,
  // the descriptor that the watchdog named <- shira_command_control
  input  logic                        victim_i,           // there is one
  input  logic [                31:0] victim_seq_i,
  input  logic [                63:0] victim_where_i,
  // semaphores
  output logic                        signal_o,
  output logic [                 3:0] signal_sem_o,
  // the record -> shira_command_complete; status, seq and where also -> shira_command_control
  output logic                        record_valid_o,
  input  logic                        record_ready_i,
  output shira_command_pkg::record_t  record_o,
  output logic                        ok_o,               // a descriptor ended ok
  output logic                        failed_o,           // a descriptor ended with an error
  output logic                        failing_o,          // one did, or is about to
  output logic                        idle_o              // no ending is under way
);

  // An ending as it was taken; cycles are the low bits of the cycle counter, 0 = did not happen.
  typedef struct packed {
    logic [ 7:0] engine;
    logic [ 7:0] status;
    logic [63:0] where;
    logic [31:0] count;
    logic [31:0] first_data;
    logic [31:0] first_work;
    logic [31:0] last_work;
    logic [31:0] starved;
    logic [31:0] stalled;
    logic [31:0] ended;
    logic        started;  // an engine, or the command queue, began it
  } ending_t;

  // ------------------------------------------------------------------- take
  logic [3:0] ready;   // {gemm, scatter, copy, command} has an ending
  logic       room;    // an ending can be taken
  logic [4:0] grant;   // one-hot or none {dispatch, gemm, scatter, copy, command}: may end
  logic [4:0] take;    // ends
  logic       signal;  // its signal is given
  logic       valid_q;
  logic       signal_q;
  shira_command_pkg::ticket_t ticket;
  shira_command_pkg::ticket_t ticket_q;
  ending_t    next;
  ending_t    ending_q;

  assign ready = flying_i & ({done_valid_i, 1'b1} | cancelled_i);  // a NOP is done once it is in flight
  assign room  = !valid_q || record_ready_i;
  assign grant = {ready == '0, ready[2:1] == '0, !ready[1], 1'b1, ready[3:1] == '0} & {5{room}};
  assign take  = grant & {refusal_valid_i, ready};

  assign end_o           = take[3:0];
  assign done_ready_o    = grant[3:1] & ~cancelled_i[3:1] & flying_i[3:1];
  assign refusal_ready_o = grant[4];

  always_comb begin
    ticket = '0;
    next   = '0;
    signal = 1'b0;
    if (take != '0) begin
      if (take[0]) ticket = command_ticket_i;
      if (take[1]) begin
        ticket          = copy_ticket_i;
        next.engine     = shira_regs_pkg::EngineCopy;
        next.status     = copy_done_i.status;
        next.where      = copy_done_i.where;
        next.count      = copy_done_i.count;
        next.first_data = copy_done_i.first_data;
        next.first_work = copy_done_i.first_work;
        next.last_work  = copy_done_i.last_work;
        next.starved    = copy_starved_i;
        next.stalled    = copy_stalled_i;
      end
      if (take[2]) begin
        ticket          = scatter_ticket_i;
        next.engine     = shira_regs_pkg::EngineScatter;
        next.status     = scatter_done_i.status;
        next.where      = scatter_done_i.where;
        next.count      = scatter_done_i.count;
        next.first_data = scatter_done_i.first_data;
        next.first_work = scatter_done_i.first_work;
        next.last_work  = scatter_done_i.last_work;
        next.starved    = scatter_starved_i;
        next.stalled    = scatter_stalled_i;
      end
      if (take[3]) begin
        ticket          = gemm_ticket_i;
        next.engine     = shira_regs_pkg::EngineGemm;
        next.status     = gemm_done_i.status;
        next.where      = gemm_done_i.where;
        next.count      = gemm_done_i.count;
        next.first_data = gemm_done_i.first_data;
        next.first_work = gemm_done_i.first_work;
        next.last_work  = gemm_done_i.last_work;
        next.starved    = gemm_starved_i;
        next.stalled    = gemm_stalled_i;
      end
      if (take[4]) begin
        ticket.seq      = refusal_i.seq;
        ticket.t_queued = refusal_i.t_queued;
        ticket.opcode   = refusal_i.opcode;
        ticket.irq      = refusal_i.irq;
        next.status          = refusal_i.status;
        next.where           = refusal_i.where;
      end
      next.ended   = cycle_i;
      next.started = take[3:0] != '0;
      if ((take[3:0] & cancelled_i) != '0) begin
        next.status  = shira_regs_pkg::StatusCancelled;
        next.where   = '0;
        next.count   = '0;
        next.starved = '0;
        next.stalled = '0;
        next.started = 1'b0;
      end
      signal = next.status == shira_regs_pkg::StatusOk || (take[3:0] & dropped_i) != '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q  <= 1'b0;
      signal_q <= 1'b0;
    end else begin
      if (room) valid_q <= take != '0;
      signal_q <= signal;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take != '0) begin
      ticket_q <= ticket;
      ending_q <= next;
    end
  end

  // ----------------------------------------------------------------- record
  logic        bad;     // it ended with an error
  logic [ 7:0] status;
  logic [31:0] start;

  assign start = ticket_q.t_start[31:0];

  always_comb begin
    record_o = '0;
    status   = shira_regs_pkg::StatusOk;
    if (valid_q) begin
      status            = ending_q.status;
      record_o.where    = ending_q.where;
      // What the watchdog stopped ends with its error, not as cancelled.
      if (victim_i && ticket_q.seq == victim_seq_i &&
          status == shira_regs_pkg::StatusCancelled) begin
        status         = shira_regs_pkg::StatusNoProgress;
        record_o.where = victim_where_i;
      end
      record_o.irq      = ticket_q.irq;
      if (status != shira_regs_pkg::StatusOk) record_o.irq = 1'b1;
      record_o.seq      = ticket_q.seq;
      record_o.status   = status;
      record_o.opcode   = ticket_q.opcode;
      record_o.engine   = ending_q.engine;
      record_o.t_queued = ticket_q.t_queued;
      record_o.t_start  = ticket_q.t_start;
      record_o.count    = ending_q.count;
      record_o.starved  = ending_q.starved;
      record_o.stalled  = ending_q.stalled;
      if (ending_q.started) begin
        record_o.end_delta = ending_q.ended - start;
        if (ending_q.first_data != '0) record_o.first_data_delta = ending_q.first_data - start;
        if (ending_q.first_work != '0) record_o.first_work_delta = ending_q.first_work - start;
        if (ending_q.last_work != '0) record_o.last_work_delta = ending_q.last_work - start;
      end
    end
  end

  assign bad            = status != shira_regs_pkg::StatusOk && status != shira_regs_pkg::StatusCancelled;
  assign record_valid_o = valid_q;
  assign ok_o           = valid_q && record_ready_i && status == shira_regs_pkg::StatusOk;
  assign failed_o       = bad && record_ready_i;
  assign failing_o      = bad;
  assign signal_o       = signal_q && ticket_q.signal_sem != '0;
  assign signal_sem_o   = signal_o ? ticket_q.signal_sem : '0;
  assign idle_o         = !valid_q;

`ifdef SHIRA_ASSERT
  take_one: assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(take));
  record_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    record_valid_o && !record_ready_i |=> record_valid_o && $stable(record_o.seq));
  engine_knows: assert property (@(posedge clk_i) disable iff (!rst_ni)
    (done_valid_i & ~(flying_i[3:1] & ~cancelled_i[3:1])) == '0);
  signal_once: assert property (@(posedge clk_i) disable iff (!rst_ni)
    signal_q |-> valid_q && $past(take != '0));
`endif

endmodule
