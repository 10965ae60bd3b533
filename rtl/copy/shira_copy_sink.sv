// Sink of COPY: writes the beats of the beat FIFO to the destination of a command, in memory or an SRAM.
//
// Does:         takes a command, writes its region as beats come, counts them, and offers how the
//               command ended when all its beats have left or, if it may not go on, when every burst
//               that was requested has its data.
// Never does:   writes anything of a command that failed its check, whose source failed, or after stop_i;
//               knows of write responses, which are shira_copy_end's.
// Latency:      three cycles from a command to its first write.
// Throughput:   a beat a cycle; two cycles between commands.
// Backpressure: wr_req_ready_i, wr_data_ready_i, sram_wr_ready_i, end_ready_i.
module shira_copy_sink #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned BurstBytes  = 512,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned CountW      = 9     // bits of a count of the FIFO's beats
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,           // synchronous, active low
  input  logic [             31:0] cycle_i,          // cycle counter
  input  logic                     stop_i,           // end what is inside
  input  logic                     recover_i,        // forget the write error
  // commands, in order
  input  logic                     command_valid_i,
  output logic                     command_ready_o,
  input  shira_copy_pkg::command_t command_i,
  input  logic                     id_i,             // commands alternate
  // failed read <- source
  input  logic                     rd_fail_valid_i,
  input  logic                     rd_fail_id_i,
  input  logic                     rd_fail_decerr_i,
  input  logic [             63:0] rd_fail_addr_i,
  // beat FIFO
  input  logic                     fifo_push_i,      // a beat comes into it
  input  logic                     fifo_clear_i,
  input  logic                     fifo_valid_i,
  output logic                     fifo_ready_o,
  input  logic [  BeatBytes*8-1:0] fifo_data_i,
  // memory write client
  output logic                     wr_req_valid_o,
  input  logic                     wr_req_ready_i,
  output logic [             63:0] wr_req_addr_o,
  output logic [              7:0] wr_req_len_o,
  output logic [              3:0] wr_req_class_o,
  output logic                     wr_data_valid_o,
  input  logic                     wr_data_ready_i,
  output logic [  BeatBytes*8-1:0] wr_data_o,
  output logic [    BeatBytes-1:0] wr_strb_o,
  output logic                     wr_last_o,
  input  logic                     wr_rsp_valid_i,
  input  logic [              1:0] wr_rsp_err_i,
  // SRAM writes
  output logic                     sram_wr_valid_o,
  input  logic                     sram_wr_ready_i,
  output logic [              2:0] sram_wr_space_o,
  output logic [             31:0] sram_wr_addr_o,
  output logic [  BeatBytes*8-1:0] sram_wr_data_o,
  // end of a command: its status but for write responses, its count and first and last work
  output logic                     end_valid_o,
  input  logic                     end_ready_i,
  output shira_pkg::result_t       end_o,            // first_data: 0
  output logic                     end_id_o,
  // bursts and their responses, for the end of commands
  output logic                     burst_o,          // one is requested by the command in the sink
  output logic                     rsp_id_o,         // command whose burst is answered in this cycle
  output logic                     wr_fail_valid_o,  // a burst failed; the first one is kept
  output logic                     wr_fail_id_o,
  output logic                     wr_fail_decerr_o,
  output logic [             63:0] wr_fail_addr_o,
  // state
  output logic                     valid_o,          // a command is in the sink
  output logic [              2:0] space_o,          // that it writes
  output logic                     drained_o,        // every requested burst has its data
  output logic                     moved_o,          // a beat left
  output logic                     memory_moved_o    // to memory
);

  localparam logic [2:0] Memory = 3'(shira_regs_pkg::SpaceMemory);

  logic                     valid_q;
  logic                     good_q;        // the check found nothing
  logic                     memory_q;      // the destination is memory
  shira_copy_pkg::command_t command_q;
  logic                     id_q;
  logic                     take;
  logic                     read_failed;   // of this command
  logic                     cut;           // the command may not go on
  logic                     left;          // pieces of the region were not written
  logic                     piece_valid;
  logic [             63:0] piece_addr;
  logic [              8:0] piece_beats;
  logic                     piece_next;
  logic                     piece_ready;
  logic                     sram_put;
  logic                     writer_pop;
  logic                     answered;

  assign command_ready_o = !valid_q || (end_valid_o && end_ready_i);
  assign take            = command_valid_i && command_ready_o;
  assign read_failed     = rd_fail_valid_i && rd_fail_id_i == id_q;
  assign cut             = stop_i || !good_q || read_failed;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (command_ready_o) valid_q <= command_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      command_q <= command_i;
      id_q      <= id_i;
      good_q    <= command_i.status == shira_regs_pkg::StatusOk;
      memory_q  <= command_i.dst_space == Memory;
    end
  end

  shira_burst_cutter #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes)
  ) u_cutter (
    .clk_i,
    .rst_ni,
    .clear_i    (command_ready_o),
    .load_i     (take && command_i.status == shira_regs_pkg::StatusOk),
    .single_i   (command_i.dst_space != Memory),
    .addr_i     (command_i.dst_addr),
    .stride_i   (command_i.dst_stride),
    .row_beats_i(command_i.dst_row_beats),
    .rows_i     (command_i.dst_rows),
    .busy_o     (left),
    .valid_o    (piece_valid),
    .addr_o     (piece_addr),
    .beats_o    (piece_beats),
    .next_i     (piece_next)
  );

  assign burst_o         = valid_q && memory_q && piece_valid && !cut && piece_ready;
  assign sram_wr_valid_o = valid_q && !memory_q && piece_valid && !cut && fifo_valid_i;
  assign sram_wr_space_o = command_q.dst_space;
  assign sram_wr_addr_o  = piece_addr[31:0];
  assign sram_wr_data_o  = fifo_data_i;
  assign sram_put        = sram_wr_valid_o && sram_wr_ready_i;
  assign piece_next      = sram_put || burst_o;
  assign fifo_ready_o    = sram_put || writer_pop;
  assign wr_req_class_o  = command_q.traffic;

  shira_burst_writer #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .CountW     (CountW),
    .TagW       (1)
  ) u_writer (
    .clk_i,
    .rst_ni,
    .clear_i      (recover_i),
    .piece_valid_i(valid_q && memory_q && piece_valid && !cut),
    .piece_ready_o(piece_ready),
    .piece_addr_i (piece_addr),
    .piece_beats_i(piece_beats),
    .piece_tag_i  (id_q),
    .fifo_push_i  (fifo_push_i),
    .fifo_other_i (sram_put),
    .fifo_clear_i,
    .fifo_valid_i,
    .fifo_ready_o (writer_pop),
    .fifo_data_i,
    .fifo_strb_i  ({BeatBytes{1'b1}}),
    .wr_req_valid_o,
    .wr_req_ready_i,
    .wr_req_addr_o,
    .wr_req_len_o,
    .wr_data_valid_o,
    .wr_data_ready_i,
    .wr_data_o,
    .wr_strb_o,
    .wr_last_o,
    .wr_rsp_valid_i,
    .wr_rsp_err_i,
    .drained_o,
    .answered_o   (answered),
    .moved_o      (memory_moved_o),
    .rsp_tag_o    (rsp_id_o),
    .fail_valid_o (wr_fail_valid_o),
    .fail_tag_o   (wr_fail_id_o),
    .fail_decerr_o(wr_fail_decerr_o),
    .fail_addr_o  (wr_fail_addr_o)
  );

  // ---- What the command did ----
  logic [31:0] count_q;
  logic        worked_q;      // it moved a beat
  logic [31:0] first_work_q;
  logic [31:0] last_work_q;

  assign moved_o = sram_put || memory_moved_o;

  always_ff @(posedge clk_i) begin
    if (take) begin
      count_q      <= '0;
      worked_q     <= 1'b0;
      first_work_q <= '0;
      last_work_q  <= '0;
    end else if (moved_o) begin
      count_q     <= count_q + 32'd1;
      worked_q    <= 1'b1;
      last_work_q <= cycle_i;
      if (!worked_q) first_work_q <= cycle_i;
    end
  end

  assign end_valid_o = valid_q && drained_o && (cut || !left);
  assign end_id_o    = id_q;
  assign valid_o     = valid_q;
  assign space_o     = command_q.dst_space;

  always_comb begin
    end_o            = '0;
    end_o.count      = count_q;
    end_o.first_work = first_work_q;
    end_o.last_work  = last_work_q;
    if (!good_q) begin
      end_o.status = command_q.status;
      end_o.where  = command_q.where;
    end else if (read_failed) begin
      end_o.status = rd_fail_decerr_i ? shira_regs_pkg::StatusReadDecerr
                                      : shira_regs_pkg::StatusReadSlverr;
      end_o.where  = rd_fail_addr_i;
    end else if (left) begin
      end_o.status = shira_regs_pkg::StatusCancelled;
    end
  end

  logic unused;
  assign unused = &{1'b0, answered, command_q};

`ifdef SHIRA_ASSERT
  AssertEndHolds :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    end_valid_o && !end_ready_i |=> end_valid_o && $stable(end_o.count) && $stable(end_id_o));
  AssertSramStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    sram_wr_valid_o && !sram_wr_ready_i |=>
    cut || (sram_wr_valid_o && $stable(sram_wr_addr_o) && $stable(sram_wr_data_o)));
  AssertFailAnswers :
  assert property (@(posedge clk_i) disable iff (!rst_ni) burst_o |=> !answered);
`endif

endmodule
