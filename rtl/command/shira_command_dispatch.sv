// Sends each fetched descriptor to the queue of its engine, or ends it.
//
// Does:         checks the header (opcode, wait0_sem, wait1_sem, signal_sem, reserved flags, then reserved
//               bytes) and pushes the descriptor to its queue. A descriptor that cannot be used, because
//               its fetch failed or it is not well formed, is held until everything before it has ended,
//               and then ends with its error: what comes before it in the ring is not harmed. While
//               halt_i every descriptor ends cancelled, fetched or not.
// Never does:   reorders; looks at fields behind the header.
// Latency:      none; descriptor to push or ending in the same cycle.
// Throughput:   a descriptor a cycle.
module shira_command_dispatch (
  input  logic                        halt_i,             // an error happened
  input  logic                        quiet_i,            // all queues and engines are empty, no ending is under way
  input  logic [                63:0] cycle_i,
  // descriptors <- shira_command_fetch
  input  logic                        desc_valid_i,
  output logic                        desc_ready_o,
  input  logic [                39:0] header_i,           // its first five bytes
  input  shira_command_pkg::fetched_t fetched_i,
  input  logic                        unfetched_valid_i,  // halted: the next descriptor is not fetched
  output logic                        unfetched_ready_o,
  // queues {gemm, scatter, copy, command}
  output logic [                 3:0] push_valid_o,
  input  logic [                 3:0] push_ready_i,
  output shira_command_pkg::info_t    push_info_o,
  output logic                        blocked_o,          // the queue is full, or an unusable one is held
  // endings -> shira_command_retire
  output logic                        end_valid_o,
  input  logic                        end_ready_i,
  output shira_command_pkg::refusal_t end_o
);

  logic [ 7:0] opcode;
  logic [ 7:0] flags;
  logic [ 7:0] wait0_sem;
  logic [ 7:0] wait1_sem;
  logic [ 7:0] signal_sem;
  logic [ 3:0] target;      // one-hot queue; 0 = none
  logic [ 7:0] status;      // what is wrong with it
  logic [63:0] where;
  logic        usable;

  assign {signal_sem, wait1_sem, wait0_sem, flags, opcode} = header_i;

  always_comb begin
    target = '0;
    status = shira_regs_pkg::StatusOk;
    where  = '0;
    if (desc_valid_i) begin
      case (opcode)
        shira_regs_pkg::OpcodeNop: target = 4'b0001;
        shira_regs_pkg::OpcodeCopy: target = 4'b0010;
        shira_regs_pkg::OpcodeScatter: target = 4'b0100;
        shira_regs_pkg::OpcodeGemm: target = 4'b1000;
        default: target = '0;
      endcase
      status = shira_regs_pkg::StatusBadField;
      if (fetched_i.err[1]) begin
        status = fetched_i.err[0] ? shira_regs_pkg::StatusReadDecerr :
                                    shira_regs_pkg::StatusReadSlverr;
        where = fetched_i.err_where;
      end else if (target == '0) begin
        status = shira_regs_pkg::StatusBadOpcode;
        where = 64'(opcode);
      end else if (wait0_sem >= 8'(shira_regs_pkg::Semaphores)) where = 64'd2;
      else if (wait1_sem >= 8'(shira_regs_pkg::Semaphores)) where = 64'd3;
      else if (signal_sem >= 8'(shira_regs_pkg::Semaphores)) where = 64'd4;
      else if (flags[7:1] != '0) where = 64'd1;
      else if (fetched_i.reserved) where = 64'(fetched_i.reserved_byte);
      else status = shira_regs_pkg::StatusOk;
    end
  end

  assign usable       = status == shira_regs_pkg::StatusOk;
  assign push_valid_o = (usable && !halt_i) ? target : '0;
  assign push_info_o  = {fetched_i.seq, opcode, flags[0], signal_sem[3:0], wait1_sem[3:0],
                         wait0_sem[3:0]};
  assign blocked_o    = desc_valid_i && !halt_i && !desc_ready_o;

  assign end_valid_o = desc_valid_i ? (halt_i || (!usable && quiet_i)) : unfetched_valid_i;
  assign desc_ready_o = desc_valid_i && ((usable && !halt_i) ? (target & push_ready_i) != '0 :
                                                               end_valid_o && end_ready_i);
  assign unfetched_ready_o = !desc_valid_i && end_ready_i;

  always_comb begin
    end_o        = '0;
    end_o.seq    = fetched_i.seq;
    end_o.status = shira_regs_pkg::StatusCancelled;
    if (desc_valid_i) begin
      end_o.opcode   = fetched_i.err[1] ? '0 : opcode;
      end_o.irq      = flags[0] && !fetched_i.err[1];
      end_o.t_queued = cycle_i;
      if (!halt_i) begin
        end_o.status = status;
        end_o.where  = where;
      end
    end
  end

endmodule
