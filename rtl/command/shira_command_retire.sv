// Ends descriptors: takes one ending a cycle, gives its signal, reports its error, and offers the parts
// of its completion record.
//
// Does:         takes in this order: COPY, SCATTER, GEMM, command queue, dispatch.
// Never does:   signals for a descriptor that did not end ok; writes the record (that is
//               shira_command_complete).
// Latency:      none; the record is offered in the cycle of the done.
// Backpressure: no ending is taken while record_ready_i is low.
// Everything is 0 in a cycle without an ending, so that such a cycle costs a simulator little.
module shira_command_retire (
  input  logic [                31:0] cycle_i,            // low bits of the cycle counter
  // queues; vectors are {gemm, scatter, copy, command}
  input  logic [                 3:0] flying_i,           // a command is in flight, or a cancelled one
  input  logic [                 3:0] cancelled_i,        // it was cancelled
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
  input  logic                        dispatch_valid_i,
  output logic                        dispatch_ready_o,
  input  logic [                31:0] dispatch_seq_i,
  input  logic [                63:0] dispatch_queued_i,
  input  logic [                 7:0] dispatch_opcode_i,
  input  logic                        dispatch_irq_i,
  input  logic [                 7:0] dispatch_status_i,
  input  logic [                63:0] dispatch_where_i,
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
  output logic                        record_irq_o,       // raises the completion interrupt
  output logic [                31:0] record_seq_o,
  output logic [                 7:0] record_status_o,
  output logic [                 7:0] record_opcode_o,
  output logic [                 7:0] record_engine_o,
  output logic [                63:0] record_where_o,
  output logic [                63:0] record_queued_o,
  output logic [                63:0] record_start_o,
  output logic [                31:0] record_data_o,      // deltas
  output logic [                31:0] record_first_o,
  output logic [                31:0] record_last_o,
  output logic [                31:0] record_end_o,
  output logic [                31:0] record_count_o,
  output logic [                31:0] record_starved_o,
  output logic [                31:0] record_stalled_o,
  output logic                        ok_o,               // a descriptor ended ok
  output logic                        failed_o            // a descriptor ended with an error
);

  logic [3:0] ready;  // {gemm, scatter, copy, command} has an ending
  logic [4:0] take;   // one-hot {dispatch, gemm, scatter, copy, command}

  assign ready = flying_i & ({done_valid_i, 1'b1} | cancelled_i);  // a NOP is done once it is in flight

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
  assign done_ready_o     = take[3:1] & ~cancelled_i[3:1];
  assign dispatch_ready_o = take[4];
  assign record_valid_o   = take != '0;

  logic        cancelled;  // from a queue, never started
  logic [31:0] data;       // low bits of cycles, 0 = did not happen
  logic [31:0] first;
  logic [31:0] last;

  always_comb begin
    cancelled        = 1'b0;
    data             = '0;
    first            = '0;
    last             = '0;
    signal_sem_o     = '0;
    record_irq_o     = 1'b0;
    record_seq_o     = '0;
    record_status_o  = shira_regs_pkg::StatusOk;
    record_opcode_o  = '0;
    record_engine_o  = shira_regs_pkg::EngineCommand;
    record_where_o   = '0;
    record_queued_o  = '0;
    record_start_o   = '0;
    record_data_o    = '0;
    record_first_o   = '0;
    record_last_o    = '0;
    record_end_o     = '0;
    record_count_o   = '0;
    record_starved_o = '0;
    record_stalled_o = '0;
    if (record_valid_o) begin
      cancelled = (take[3:0] & cancelled_i) != '0;
      if (take[0]) begin
        record_seq_o    = command_ticket_i.seq;
        record_queued_o = command_ticket_i.t_queued;
        record_start_o  = command_ticket_i.t_start;
        record_opcode_o = command_ticket_i.opcode;
        record_irq_o    = command_ticket_i.irq;
        signal_sem_o    = command_ticket_i.signal_sem;
      end
      if (take[1]) begin
        record_seq_o     = copy_ticket_i.seq;
        record_queued_o  = copy_ticket_i.t_queued;
        record_start_o   = copy_ticket_i.t_start;
        record_opcode_o  = copy_ticket_i.opcode;
        record_irq_o     = copy_ticket_i.irq;
        signal_sem_o     = copy_ticket_i.signal_sem;
        record_engine_o  = shira_regs_pkg::EngineCopy;
        record_status_o  = copy_done_i.status;
        record_where_o   = copy_done_i.where;
        record_count_o   = copy_done_i.count;
        data             = copy_done_i.first_data;
        first            = copy_done_i.first_work;
        last             = copy_done_i.last_work;
        record_starved_o = copy_starved_i;
        record_stalled_o = copy_stalled_i;
      end
      if (take[2]) begin
        record_seq_o     = scatter_ticket_i.seq;
        record_queued_o  = scatter_ticket_i.t_queued;
        record_start_o   = scatter_ticket_i.t_start;
        record_opcode_o  = scatter_ticket_i.opcode;
        record_irq_o     = scatter_ticket_i.irq;
        signal_sem_o     = scatter_ticket_i.signal_sem;
        record_engine_o  = shira_regs_pkg::EngineScatter;
        record_status_o  = scatter_done_i.status;
        record_where_o   = scatter_done_i.where;
        record_count_o   = scatter_done_i.count;
        data             = scatter_done_i.first_data;
        first            = scatter_done_i.first_work;
        last             = scatter_done_i.last_work;
        record_starved_o = scatter_starved_i;
        record_stalled_o = scatter_stalled_i;
      end
      if (take[3]) begin
        record_seq_o     = gemm_ticket_i.seq;
        record_queued_o  = gemm_ticket_i.t_queued;
        record_start_o   = gemm_ticket_i.t_start;
        record_opcode_o  = gemm_ticket_i.opcode;
        record_irq_o     = gemm_ticket_i.irq;
        signal_sem_o     = gemm_ticket_i.signal_sem;
        record_engine_o  = shira_regs_pkg::EngineGemm;
        record_status_o  = gemm_done_i.status;
        record_where_o   = gemm_done_i.where;
        record_count_o   = gemm_done_i.count;
        data             = gemm_done_i.first_data;
        first            = gemm_done_i.first_work;
        last             = gemm_done_i.last_work;
        record_starved_o = gemm_starved_i;
        record_stalled_o = gemm_stalled_i;
      end
      if (take[4]) begin
        record_seq_o    = dispatch_seq_i;
        record_queued_o = dispatch_queued_i;
        record_opcode_o = dispatch_opcode_i;
        record_irq_o    = dispatch_irq_i;
        record_status_o = dispatch_status_i;
        record_where_o  = dispatch_where_i;
      end
      if (cancelled) begin
        record_status_o  = shira_regs_pkg::StatusCancelled;
        record_where_o   = '0;
        record_count_o   = '0;
        record_starved_o = '0;
        record_stalled_o = '0;
      end else if (take[3:0] != '0) begin
        record_end_o = cycle_i - record_start_o[31:0];
        if (data != '0) record_data_o = data - record_start_o[31:0];
        if (first != '0) record_first_o = first - record_start_o[31:0];
        if (last != '0) record_last_o = last - record_start_o[31:0];
      end
      // What the watchdog stopped ends with its error, not as cancelled.
      if (victim_i && record_seq_o == victim_seq_i &&
          record_status_o == shira_regs_pkg::StatusCancelled) begin
        record_status_o = shira_regs_pkg::StatusNoProgress;
        record_where_o  = victim_where_i;
      end
      if (record_status_o != shira_regs_pkg::StatusOk) record_irq_o = 1'b1;
    end
  end

  assign ok_o     = record_valid_o && record_status_o == shira_regs_pkg::StatusOk;
  assign failed_o = record_status_o != shira_regs_pkg::StatusOk &&
                    record_status_o != shira_regs_pkg::StatusCancelled;
  assign signal_o = ok_o && signal_sem_o != '0;

endmodule
