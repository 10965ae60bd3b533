// COPY: 2-D moves between memory and on-chip SRAM, in any combination of spaces.
//
// Does:         checks a descriptor before anything moves, reads pieces of the source into a beat FIFO,
//               and writes them to the destination. The next command's check and reads run ahead while
//               a command is written, unless it reads the space that is being written. One result per
//               command, in order, after the last write response.
// Never does:   writes outside the window or an SRAM; requests a read without room for it, or a write
//               without its data; makes a new request later than the cycle after halt_i or an error.
// Latency:      memory to SRAM: 12 cycles and the memory's latency from command to the first beat written.
// Throughput:   a beat a cycle.
// Backpressure: every port; two commands in flight.
module shira_copy #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned BurstBytes  = 512,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned WeightBytes = 8388608,
  parameter int unsigned ActBytes    = 1048576,
  parameter int unsigned AccBytes    = 65536,
  parameter int unsigned ParamBytes  = 262144,
  parameter int unsigned ReadLatency = 1       // cycles from the accept of an SRAM read to its data, 1 to 3
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,           // synchronous, active low
  input  logic [               63:0] cycle_i,          // cycle counter
  input  logic                       halt_i,           // end everything: an error happened somewhere
  output logic                       idle_o,           // no command, nothing outstanding
  // command <- command unit
  input  logic                       cmd_valid_i,
  output logic                       cmd_ready_o,
  input  logic [             1023:0] cmd_desc_i,       // shira_regs_pkg::desc_copy_t
  output logic                       done_valid_o,
  input  logic                       done_ready_i,
  output shira_pkg::result_t         done_o,
  // to the counters
  output shira_pkg::engine_state_e   state_o,
  output shira_pkg::traffic_t        traffic_o,
  // memory read client
  output logic                       rd_req_valid_o,
  input  logic                       rd_req_ready_i,
  output logic [               63:0] rd_req_addr_o,
  output logic [                7:0] rd_req_len_o,
  output logic [                3:0] rd_req_class_o,   // shira_regs_pkg::traffic_e
  input  logic                       rd_rsp_valid_i,
  input  logic [    BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                       rd_rsp_last_i,
  input  logic [                1:0] rd_rsp_err_i,
  // memory write client
  output logic                       wr_req_valid_o,
  input  logic                       wr_req_ready_i,
  output logic [               63:0] wr_req_addr_o,
  output logic [                7:0] wr_req_len_o,
  output logic [                3:0] wr_req_class_o,
  output logic                       wr_data_valid_o,
  input  logic                       wr_data_ready_i,
  output logic [    BeatBytes*8-1:0] wr_data_o,
  output logic [      BeatBytes-1:0] wr_strb_o,
  output logic                       wr_last_o,
  input  logic                       wr_rsp_valid_i,
  input  logic [                1:0] wr_rsp_err_i,
  // SRAM beats
  output logic                       sram_rd_valid_o,
  input  logic                       sram_rd_ready_i,
  output logic [                2:0] sram_rd_space_o,  // shira_regs_pkg::space_e
  output logic [               31:0] sram_rd_addr_o,
  input  logic [    BeatBytes*8-1:0] sram_rd_data_i,   // ReadLatency cycles after the accept, in that one only
  output logic                       sram_wr_valid_o,
  input  logic                       sram_wr_ready_i,
  output logic [                2:0] sram_wr_space_o,
  output logic [               31:0] sram_wr_addr_o,
  output logic [    BeatBytes*8-1:0] sram_wr_data_o
);

  // Enough room for all bursts that may be in flight, up to 8 KiB, and always two bursts.
  localparam int unsigned FlightBytes = (1 << $clog2(Outstanding)) * BurstBytes;
  localparam int unsigned CapBytes    = (FlightBytes > 8192) ? 8192 : FlightBytes;
  localparam int unsigned FifoBytes   = (CapBytes < 2 * BurstBytes) ? 2 * BurstBytes : CapBytes;
  localparam int unsigned Depth       = FifoBytes / BeatBytes;
  localparam int unsigned CountW      = $clog2(Depth) + 1;
  localparam logic [2:0]  Memory      = 3'(shira_regs_pkg::SpaceMemory);

  if (BeatBytes < 8 || BeatBytes > 128 || (BeatBytes & (BeatBytes - 1)) != 0) begin : g_bad_beat
    $error("BeatBytes must be a power of two from 8 to 128");
  end
  if (BurstBytes > 4096) begin : g_bad_burst
    $error("BurstBytes must be at most 4096");
  end

  // ---- Between source, sink and end ----
  logic                   source_busy;
  logic                   source_idle;
  logic                   memory_idle;   // no read of memory is open
  logic [            3:0] beat_class;
  logic                   rd_fail;       // a read failed; the first one is kept
  logic                   rd_fail_id;
  logic                   rd_fail_decerr;
  logic [           63:0] rd_fail_addr;
  logic [           31:0] first_data0;   // of the command with id 0
  logic [           31:0] first_data1;
  logic                   push;
  logic [BeatBytes*8-1:0] push_data;
  logic                   pop;
  logic                   pop_valid;
  logic [BeatBytes*8-1:0] pop_data;
  logic                   fifo_clear;
  logic                   fifo_ready;
  logic                   sink_valid;
  logic [            2:0] sink_space;
  logic                   sink_end;      // a command leaves the sink
  logic                   end_valid;
  logic                   end_ready;
  shira_pkg::result_t     ended;         // as the sink says
  shira_pkg::result_t     end_new;       // with the first data
  logic                   end_id;
  logic                   burst;
  logic                   rsp_id;
  logic                   wr_fail;
  logic                   wr_fail_id;
  logic                   wr_fail_decerr;
  logic [           63:0] wr_fail_addr;
  logic                   drained;
  logic                   moved;
  logic                   memory_moved;
  logic                   end_busy;
  logic [            2:0] end_space;

  // ---- In flight, and errors ----
  logic [1:0] inflight_q;  // commands taken whose results were not
  logic       halt_q;
  logic       abort_q;     // an own error was found; until the halt that it causes is over
  logic       abort;
  logic       recover;     // the halt is over
  logic       stop_read;   // read nothing more
  logic       start;
  logic       done;

  assign abort     = abort_q || halt_q;
  assign recover   = halt_q && !halt_i;
  assign stop_read = abort || rd_fail;
  assign start     = cmd_valid_i && cmd_ready_o;
  assign done      = done_valid_o && done_ready_i;

  // ---- Check ----
  logic                     check_ready;
  logic                     chk_valid;
  logic                     chk_go;
  logic                     chk_ok;    // there is something to read
  logic                     hazard;    // it is in the space that a command before writes
  shira_copy_pkg::command_t chk;

  assign cmd_ready_o = check_ready && inflight_q != 2'd2 && !stop_read;

  shira_copy_check #(
    .BeatBytes  (BeatBytes),
    .WeightBytes(WeightBytes),
    .ActBytes   (ActBytes),
    .AccBytes   (AccBytes),
    .ParamBytes (ParamBytes)
  ) u_check (
    .clk_i,
    .rst_ni,
    .cmd_valid_i(start),
    .cmd_ready_o(check_ready),
    .cmd_desc_i,
    .chk_valid_o(chk_valid),
    .chk_ready_i(chk_go),
    .chk_o      (chk)
  );

  // A checked command goes to the source and waits for the sink. It may read ahead of an earlier
  // command's writes only where they go to another space; SRAM data come at once, so they wait for
  // outstanding memory data.
  logic                     next_valid_q;  // a command waits for the sink
  shira_copy_pkg::command_t next_q;
  logic                     next_id_q;     // of next_q; commands alternate
  logic                     sink_ready;

  assign hazard = (sink_valid && sink_space == chk.src_space) ||
                  (end_busy && end_space == chk.src_space);
  assign chk_ok = chk.status == shira_regs_pkg::StatusOk && !stop_read;
  assign chk_go = chk_valid && !next_valid_q &&
                  (!chk_ok || (!source_busy && !hazard && (chk.src_space == Memory || memory_idle)));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      inflight_q   <= '0;
      halt_q       <= 1'b0;
      abort_q      <= 1'b0;
      next_valid_q <= 1'b0;
      next_id_q    <= 1'b0;
    end else begin
      halt_q <= halt_i;
      if (start && !done) inflight_q <= inflight_q + 2'd1;
      if (done && !start) inflight_q <= inflight_q - 2'd1;
      if (recover) abort_q <= 1'b0;
      else if (wr_fail || (sink_end && ended.status != shira_regs_pkg::StatusOk)) abort_q <= 1'b1;
      if (chk_go) begin
        next_valid_q <= 1'b1;
        next_id_q    <= !next_id_q;
      end else if (sink_ready) begin
        next_valid_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (chk_go) begin
      next_q <= chk;
      if (chk.status == shira_regs_pkg::StatusOk && stop_read) begin
        next_q.status <= shira_regs_pkg::StatusCancelled;
        next_q.where  <= '0;
      end
    end
  end

  // ---- Source, beat FIFO, sink ----
  shira_copy_source #(
    .BeatBytes  (BeatBytes),
    .BurstBytes (BurstBytes),
    .Outstanding(Outstanding),
    .ReadLatency(ReadLatency),
    .Depth      (Depth)
  ) u_source (
    .clk_i,
    .rst_ni,
    .cycle_i       (cycle_i[31:0]),
    .stop_i        (stop_read),
    .recover_i     (recover),
    .take_i        (chk_go),
    .read_i        (chk_ok),
    .command_i     (chk),
    .id_i          (!next_id_q),
    .busy_o        (source_busy),
    .push_o        (push),
    .data_o        (push_data),
    .pop_i         (pop),
    .clear_i       (fifo_clear),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_req_class_o,
    .rd_rsp_valid_i,
    .rd_rsp_data_i,
    .rd_rsp_last_i,
    .rd_rsp_err_i,
    .sram_rd_valid_o,
    .sram_rd_ready_i,
    .sram_rd_space_o,
    .sram_rd_addr_o,
    .sram_rd_data_i,
    .memory_idle_o (memory_idle),
    .idle_o        (source_idle),
    .beat_class_o  (beat_class),
    .fail_valid_o  (rd_fail),
    .fail_id_o     (rd_fail_id),
    .fail_decerr_o (rd_fail_decerr),
    .fail_addr_o   (rd_fail_addr),
    .first_data0_o (first_data0),
    .first_data1_o (first_data1)
  );

  assign fifo_clear = abort && drained;

  shira_ram_fifo #(
    .Width(BeatBytes * 8),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i     (fifo_clear),
    .push_valid_i(push && !abort),
    .push_ready_o(fifo_ready),
    .push_data_i (push_data),
    .pop_valid_o (pop_valid),
    .pop_ready_i (pop),
    .pop_data_o  (pop_data),
    /* verilator lint_off PINCONNECTEMPTY */  // source and sink count for themselves
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  shira_copy_sink #(
    .BeatBytes  (BeatBytes),
    .BurstBytes (BurstBytes),
    .Outstanding(Outstanding),
    .CountW     (CountW)
  ) u_sink (
    .clk_i,
    .rst_ni,
    .cycle_i         (cycle_i[31:0]),
    .stop_i          (abort),
    .recover_i       (recover),
    .command_valid_i (next_valid_q),
    .command_ready_o (sink_ready),
    .command_i       (next_q),
    .id_i            (next_id_q),
    .rd_fail_valid_i (rd_fail),
    .rd_fail_id_i    (rd_fail_id),
    .rd_fail_decerr_i(rd_fail_decerr),
    .rd_fail_addr_i  (rd_fail_addr),
    .fifo_push_i     (push && !abort),
    .fifo_clear_i    (fifo_clear),
    .fifo_valid_i    (pop_valid),
    .fifo_ready_o    (pop),
    .fifo_data_i     (pop_data),
    .wr_req_valid_o,
    .wr_req_ready_i,
    .wr_req_addr_o,
    .wr_req_len_o,
    .wr_req_class_o,
    .wr_data_valid_o,
    .wr_data_ready_i,
    .wr_data_o,
    .wr_strb_o,
    .wr_last_o,
    .wr_rsp_valid_i,
    .wr_rsp_err_i,
    .sram_wr_valid_o,
    .sram_wr_ready_i,
    .sram_wr_space_o,
    .sram_wr_addr_o,
    .sram_wr_data_o,
    .end_valid_o     (end_valid),
    .end_ready_i     (end_ready),
    .end_o           (ended),
    .end_id_o        (end_id),
    .burst_o         (burst),
    .rsp_id_o        (rsp_id),
    .wr_fail_valid_o (wr_fail),
    .wr_fail_id_o    (wr_fail_id),
    .wr_fail_decerr_o(wr_fail_decerr),
    .wr_fail_addr_o  (wr_fail_addr),
    .valid_o         (sink_valid),
    .space_o         (sink_space),
    .drained_o       (drained),
    .moved_o         (moved),
    .memory_moved_o  (memory_moved)
  );

  assign sink_end = end_valid && end_ready;

  always_comb begin
    end_new            = ended;
    end_new.first_data = end_id ? first_data1 : first_data0;
  end

  shira_copy_end #(
    .Outstanding(Outstanding)
  ) u_end (
    .clk_i,
    .rst_ni,
    .end_valid_i     (end_valid),
    .end_ready_o     (end_ready),
    .end_i           (end_new),
    .end_id_i        (end_id),
    .end_space_i     (sink_space),
    .burst_i         (burst),
    .burst_id_i      (end_id),
    .rsp_i           (wr_rsp_valid_i),
    .rsp_id_i        (rsp_id),
    .wr_fail_valid_i (wr_fail),
    .wr_fail_id_i    (wr_fail_id),
    .wr_fail_decerr_i(wr_fail_decerr),
    .wr_fail_addr_i  (wr_fail_addr),
    .done_valid_o,
    .done_ready_i,
    .done_o,
    .valid_o         (end_busy),
    .space_o         (end_space)
  );

  // ---- To the counters ----
  shira_pkg::engine_state_e state_q;
  shira_pkg::engine_state_e state;
  logic                     held;

  assign held = (sram_wr_valid_o && !sram_wr_ready_i) || (wr_data_valid_o && !wr_data_ready_i) ||
                (wr_req_valid_o && !wr_req_ready_i) || (sram_rd_valid_o && !sram_rd_ready_i);

  always_comb begin
    state = shira_pkg::StateBusy;
    if (inflight_q == '0) state = shira_pkg::StateIdle;
    else if (moved) state = shira_pkg::StateBusy;
    else if (held) state = shira_pkg::StateStalled;
    else if (!memory_idle) state = shira_pkg::StateStarved;
    else if (end_busy || done_valid_o) state = shira_pkg::StateStalled;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) state_q <= shira_pkg::StateIdle;
    else state_q <= state;
  end

  assign state_o = state_q;
  assign idle_o  = inflight_q == '0 && source_idle && state_q == shira_pkg::StateIdle;

  always_comb begin
    traffic_o          = '0;
    traffic_o.rd_valid = rd_rsp_valid_i;
    traffic_o.rd_class = beat_class;
    traffic_o.rd_bytes = 8'(BeatBytes);
    traffic_o.wr_valid = memory_moved;
    traffic_o.wr_class = wr_req_class_o;
    traffic_o.wr_bytes = 8'(BeatBytes);
  end

  logic unused;
  assign unused = &{1'b0, cycle_i[63:32]};

`ifdef SHIRA_ASSERT
  AssertFifoRoom :
  assert property (@(posedge clk_i) disable iff (!rst_ni) push && !abort |-> fifo_ready);
  AssertInFlight :
  assert property (@(posedge clk_i) disable iff (!rst_ni) inflight_q != 2'd3 && (!done || inflight_q != '0));
  AssertIdleEmpty :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    idle_o && !abort |-> !pop_valid && !source_busy && !sink_valid && !end_busy);
  AssertIdleAnswered :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    inflight_q == '0 |-> !rd_rsp_valid_i || abort || rd_fail);
`else
  logic unused_ready;
  assign unused_ready = fifo_ready;
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_idle, state_o == shira_pkg::StateIdle)
  `SHIRA_COVER(state_busy, state_o == shira_pkg::StateBusy)
  `SHIRA_COVER(state_starved, state_o == shira_pkg::StateStarved)
  `SHIRA_COVER(state_stalled, state_o == shira_pkg::StateStalled)
  `SHIRA_COVER(error_bad_field, done_valid_o && done_o.status == shira_regs_pkg::StatusBadField)
  `SHIRA_COVER(error_bad_align, done_valid_o && done_o.status == shira_regs_pkg::StatusBadAlign)
  `SHIRA_COVER(error_bad_range, done_valid_o && done_o.status == shira_regs_pkg::StatusBadRange)
  `SHIRA_COVER(error_window, done_valid_o && done_o.status == shira_regs_pkg::StatusWindow)
  `SHIRA_COVER(error_read_slverr, done_valid_o && done_o.status == shira_regs_pkg::StatusReadSlverr)
  `SHIRA_COVER(error_read_decerr, done_valid_o && done_o.status == shira_regs_pkg::StatusReadDecerr)
  `SHIRA_COVER(error_write_slverr, done_valid_o && done_o.status == shira_regs_pkg::StatusWriteSlverr)
  `SHIRA_COVER(error_write_decerr, done_valid_o && done_o.status == shira_regs_pkg::StatusWriteDecerr)
  `SHIRA_COVER(error_cancelled, done_valid_o && done_o.status == shira_regs_pkg::StatusCancelled)
  `SHIRA_COVER(stall_cmd, cmd_valid_i && !cmd_ready_o)
  `SHIRA_COVER(stall_done, done_valid_o && !done_ready_i)
  `SHIRA_COVER(stall_rd_req, rd_req_valid_o && !rd_req_ready_i)
  `SHIRA_COVER(stall_wr_req, wr_req_valid_o && !wr_req_ready_i)
  `SHIRA_COVER(stall_wr_data, wr_data_valid_o && !wr_data_ready_i)
  `SHIRA_COVER(stall_sram_rd, sram_rd_valid_o && !sram_rd_ready_i)
  `SHIRA_COVER(stall_sram_wr, sram_wr_valid_o && !sram_wr_ready_i)
`endif

endmodule
