// Ends descriptors: takes one ending a cycle, gives its signal, reports its error, and makes the
// completion record.
//
// Does:         takes in this order: COPY, SCATTER, GEMM, command queue, dispatch. An engine's ending is
//               its done, or, while halted, the head of its queue as cancelled.
// Never does:   signals for a descriptor that did not end ok; writes the record (that is
//               shira_command_complete).
// Latency:      none; the record is offered in the cycle of the done.
// Backpressure: no ending is taken while record_ready_i is low.
module shira_command_retire (
  input  logic [                             31:0] cycle_i,        // low bits of the cycle counter
  // queues {gemm, scatter, copy, command}
  input  logic [                              3:0] flying_i,       // a command is in flight
  input  logic [                              3:0] cancel_i,       // the head is to be cancelled
  input  shira_command_pkg::ticket_t               command_ticket_i,
  input  shira_command_pkg::ticket_t               copy_ticket_i,
  input  shira_command_pkg::ticket_t               scatter_ticket_i,
  input  shira_command_pkg::ticket_t               gemm_ticket_i,
  input  logic [                             95:0] starved_i,      // {gemm, scatter, copy} cycles of the
  input  logic [                             95:0] stalled_i,      // oldest in flight
  output logic [                              3:0] end_o,          // the queue's oldest ended
  // engines {gemm, scatter, copy}
  input  logic [                              2:0] done_valid_i,
  output logic [                              2:0] done_ready_o,
  input  logic [  3*shira_pkg::ResultBits-1:0]     done_i,         // shira_pkg::result_t of each
  // dispatch
  input  logic                                     dispatch_valid_i,
  output logic                                     dispatch_ready_o,
  input  shira_command_pkg::ticket_t               dispatch_ticket_i,
  input  shira_pkg::result_t                       dispatch_result_i,
  // the descriptor that the watchdog named <- shira_command_control
  input  logic                                     victim_i,       // there is one
  input  logic [                             31:0] victim_seq_i,
  input  logic [                             63:0] victim_where_i,
  // semaphores
  output logic                                     signal_o,
  output logic [                              3:0] signal_sem_o,
  // records -> shira_command_complete
  output logic                                     record_valid_o,
  input  logic                                     record_ready_i,
  output shira_regs_pkg::completion_t              record_o,       // without phase
  output logic                                     record_irq_o,   // raises the completion interrupt
  // -> shira_command_control, shira_perf
  output logic                                     ok_o,           // a descriptor ended ok
  output logic                                     failed_o,       // a descriptor ended with an error
  output shira_command_pkg::error_t                error_o         // which
);

  localparam int unsigned ResultBits = shira_pkg::ResultBits;

  logic [3:0] ready;  // {gemm, scatter, copy, command} has an ending
  logic [4:0] take;   // one-hot {dispatch, gemm, scatter, copy, command}

  assign ready[0]   = flying_i[0] || cancel_i[0];  // a NOP is done once it is in flight
  assign ready[3:1] = (flying_i[3:1] & done_valid_i) | cancel_i[3:1];

  always_comb begin
    take = '0;
    if (record_ready_i) begin
      if (ready[1]) take[1] = 1'b1;
      else if (ready[2]) take[2] = 1'b1;
      else if (ready[3]) take[3] = 1'b1;
      else if (ready[0]) take[0] = 1'b1;
      else if (dispatch_valid_i) take[4] = 1'b1;
    end
  end

  assign end_o            = take[3:0];
  assign done_ready_o     = take[3:1] & flying_i[3:1];
  assign dispatch_ready_o = take[4];
  assign record_valid_o   = take != '0;

  // The ending that is taken.
  shira_command_pkg::ticket_t ticket;
  shira_pkg::result_t         result;
  logic [7:0]                 engine;
  logic [31:0]                starved;
  logic [31:0]                stalled;
  logic                       cancelled;  // from the queue, never started

  always_comb begin
    ticket    = '0;
    result    = '0;
    engine    = shira_regs_pkg::EngineCommand;
    starved   = '0;
    stalled   = '0;
    cancelled = (take[3:0] & cancel_i) != '0;
    if (take[0]) begin
      ticket = command_ticket_i;
    end
    if (take[1]) begin
      ticket  = copy_ticket_i;
      result  = done_i[0+:ResultBits];
      engine  = shira_regs_pkg::EngineCopy;
      starved = starved_i[0+:32];
      stalled = stalled_i[0+:32];
    end
    if (take[2]) begin
      ticket  = scatter_ticket_i;
      result  = done_i[ResultBits+:ResultBits];
      engine  = shira_regs_pkg::EngineScatter;
      starved = starved_i[32+:32];
      stalled = stalled_i[32+:32];
    end
    if (take[3]) begin
      ticket  = gemm_ticket_i;
      result  = done_i[2*ResultBits+:ResultBits];
      engine  = shira_regs_pkg::EngineGemm;
      starved = starved_i[64+:32];
      stalled = stalled_i[64+:32];
    end
    if (take[4]) begin
      ticket = dispatch_ticket_i;
      result = dispatch_result_i;
    end
    if (cancelled) begin
      result        = '0;
      result.status = shira_regs_pkg::StatusCancelled;
    end
    // What the watchdog stopped ends with its error, not as cancelled.
    if (victim_i && record_valid_o && ticket.seq == victim_seq_i &&
        result.status == shira_regs_pkg::StatusCancelled) begin
      result.status = shira_regs_pkg::StatusNoProgress;
      result.where  = victim_where_i;
    end
  end

  assign ok_o = record_valid_o && result.status == shira_regs_pkg::StatusOk;
  assign failed_o = record_valid_o && result.status != shira_regs_pkg::StatusOk &&
                    result.status != shira_regs_pkg::StatusCancelled;
  assign signal_o = ok_o && ticket.signal_sem != '0;
  assign signal_sem_o = ticket.signal_sem;
  assign record_irq_o = ticket.irq || result.status != shira_regs_pkg::StatusOk;

  always_comb begin
    error_o = '0;
    if (failed_o) begin
      error_o.status = result.status;
      error_o.seq    = ticket.seq;
      error_o.where  = result.where;
    end
  end

  always_comb begin
    record_o = '0;
    if (record_valid_o) begin
      record_o.seq      = ticket.seq;
      record_o.status   = result.status;
      record_o.opcode   = ticket.opcode;
      record_o.engine   = engine;
      record_o.where    = result.where;
      record_o.t_queued = ticket.t_queued;
      record_o.t_start  = ticket.t_start;
      record_o.count    = result.count;
      record_o.starved  = starved;
      record_o.stalled  = stalled;
      if (ticket.t_start != '0) begin
        record_o.end_delta = cycle_i - ticket.t_start[31:0];
        if (result.first_data != '0) begin
          record_o.first_data_delta = result.first_data - ticket.t_start[31:0];
        end
        if (result.first_work != '0) begin
          record_o.first_work_delta = result.first_work - ticket.t_start[31:0];
        end
        if (result.last_work != '0) begin
          record_o.last_work_delta = result.last_work - ticket.t_start[31:0];
        end
      end
    end
  end

endmodule
