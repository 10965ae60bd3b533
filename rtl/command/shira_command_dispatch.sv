// Sends each fetched descriptor to the queue of its engine, or ends it.
//
// Does:         checks the header (opcode, then wait0_sem, wait1_sem, signal_sem) and pushes the
//               descriptor to its queue. A descriptor that cannot be used, because its fetch failed or
//               its header is wrong, is held until everything before it has ended, and then ends with
//               its error: what comes before it in the ring is not harmed. While halt_i every
//               descriptor ends cancelled, fetched or not.
// Never does:   reorders; looks at fields behind the header.
// Latency:      none; descriptor to push or ending in the same cycle.
// Throughput:   a descriptor a cycle.
module shira_command_dispatch (
  input  logic                       halt_i,             // an error happened
  input  logic                       quiet_i,            // all queues and engines are empty
  input  logic [               63:0] cycle_i,
  // descriptors <- shira_command_fetch
  input  logic                       desc_valid_i,
  output logic                       desc_ready_o,
  input  logic [                7:0] opcode_i,           // of its header
  input  logic                       irq_i,
  input  logic [                7:0] wait0_sem_i,
  input  logic [                7:0] wait1_sem_i,
  input  logic [                7:0] signal_sem_i,
  input  logic [                1:0] err_i,              // AXI resp of the fetch
  input  logic [               63:0] err_where_i,
  input  logic                       unfetched_valid_i,  // halted: the next descriptor is not fetched
  output logic                       unfetched_ready_o,
  // queues {gemm, scatter, copy, command}
  output logic [                3:0] push_valid_o,
  input  logic [                3:0] push_ready_i,
  output logic                       blocked_o,          // the queue is full, or an unusable one is held
  // endings -> shira_command_retire
  output logic                       end_valid_o,
  input  logic                       end_ready_i,
  output logic [                7:0] end_opcode_o,       // 0 if it was never fetched
  output logic                       end_irq_o,
  output logic [               63:0] end_queued_o,       // cycle, 0 if it was never fetched
  output logic [                7:0] end_status_o,
  output logic [               63:0] end_where_o
);

  logic [3:0] target;    // one-hot queue; 0 = none
  logic [7:0] status;    // what is wrong with it
  logic [63:0] where;
  logic       usable;

  always_comb begin
    target = '0;
    status = shira_regs_pkg::StatusOk;
    where  = '0;
    if (desc_valid_i) begin
      case (opcode_i)
        shira_regs_pkg::OpcodeNop: target = 4'b0001;
        shira_regs_pkg::OpcodeCopy: target = 4'b0010;
        shira_regs_pkg::OpcodeScatter: target = 4'b0100;
        shira_regs_pkg::OpcodeGemm: target = 4'b1000;
        default: target = '0;
      endcase
      if (err_i[1]) begin
        status = err_i[0] ? shira_regs_pkg::StatusReadDecerr : shira_regs_pkg::StatusReadSlverr;
        where = err_where_i;
      end else if (target == '0) begin
        status = shira_regs_pkg::StatusBadOpcode;
        where = 64'(opcode_i);
      end else if (wait0_sem_i >= 8'(shira_regs_pkg::Semaphores)) begin
        status = shira_regs_pkg::StatusBadField;
        where = 64'd2;
      end else if (wait1_sem_i >= 8'(shira_regs_pkg::Semaphores)) begin
        status = shira_regs_pkg::StatusBadField;
        where = 64'd3;
      end else if (signal_sem_i >= 8'(shira_regs_pkg::Semaphores)) begin
        status = shira_regs_pkg::StatusBadField;
        where = 64'd4;
      end
    end
  end

  assign usable       = status == shira_regs_pkg::StatusOk;
  assign push_valid_o = (usable && !halt_i) ? target : '0;
  assign blocked_o    = desc_valid_i && !halt_i && !desc_ready_o;

  assign end_valid_o = desc_valid_i ? (halt_i || (!usable && quiet_i)) : unfetched_valid_i;
  assign desc_ready_o = desc_valid_i && ((usable && !halt_i) ? (target & push_ready_i) != '0 :
                                                               end_valid_o && end_ready_i);
  assign unfetched_ready_o = !desc_valid_i && end_ready_i;

  always_comb begin
    end_opcode_o = '0;
    end_irq_o    = 1'b0;
    end_queued_o = '0;
    end_status_o = shira_regs_pkg::StatusCancelled;
    end_where_o  = '0;
    if (desc_valid_i) begin
      end_opcode_o = err_i[1] ? '0 : opcode_i;
      end_irq_o    = irq_i && !err_i[1];
      end_queued_o = cycle_i;
      if (!halt_i) begin
        end_status_o = status;
        end_where_o  = where;
      end
    end
  end

endmodule
