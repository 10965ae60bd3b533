// COPY: 2-D moves between memory and on-chip SRAM, in any combination of spaces.
//
// Does:         checks a descriptor before anything moves, reads pieces of the source into a beat FIFO,
//               and writes them to the destination. The next command's check and reads run ahead while
//               a command is written, unless it reads the space that is being written. One result per
//               command, in order, after the last write response.
// Never does:   writes outside the window or an SRAM; requests a read without room for it, or a write
//               without its data; starts a request after halt_i or an error.
// Latency:      memory to SRAM: 8 cycles and the memory's latency from command to the first beat written.
// Throughput:   a beat a cycle.
// Backpressure: every port; two commands in flight.
module shira_copy #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned BurstBytes  = 512,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned WeightBytes = 8388608,
  parameter int unsigned ReadLatency = 1,
  parameter int unsigned ActBytes    = 1048576,
  parameter int unsigned AccBytes    = 65536,
  parameter int unsigned ParamBytes  = 262144
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
  input  logic [    BeatBytes*8-1:0] sram_rd_data_i,   // the cycle after the accept
  output logic                       sram_wr_valid_o,
  input  logic                       sram_wr_ready_i,
  output logic [                2:0] sram_wr_space_o,
  output logic [               31:0] sram_wr_addr_o,
  output logic [    BeatBytes*8-1:0] sram_wr_data_o
);

  if (ReadLatency != 1) begin : g_bad_latency
    $error("%m: the SRAMs must have a latency of 1");
  end

  // Enough room for all bursts that may be in flight, up to 8 KiB, and always two bursts.
  localparam int unsigned FlightBytes = (1 << $clog2(Outstanding)) * BurstBytes;
  localparam int unsigned CapBytes    = (FlightBytes > 8192) ? 8192 : FlightBytes;
  localparam int unsigned FifoBytes   = (CapBytes < 2 * BurstBytes) ? 2 * BurstBytes : CapBytes;
  localparam int unsigned Depth       = FifoBytes / BeatBytes;
  localparam int unsigned CountW      = $clog2(Depth) + 1;
  localparam logic [2:0]  Memory      = 3'(shira_regs_pkg::SpaceMemory);

  if (BeatBytes < 8 || BeatBytes > 128 || (BeatBytes & (BeatBytes - 1)) != 0) begin : g_bad_beat
    $error("%m: BeatBytes must be a power of two from 8 to 128");
  end
  if (BurstBytes > 4096) begin : g_bad_burst
    $error("%m: BurstBytes must be at most 4096");
  end

  // ---- In flight, and errors ----
  logic [1:0] inflight_q;  // commands taken and not ended
  logic       halt_q;
  logic       abort_q;     // an own error was found; until the halt that it causes is over
  logic       abort;
  logic       recover;     // the halt is over
  logic       poison;      // read nothing more
  logic       start;
  logic       done;

  assign abort   = abort_q || halt_i;
  assign recover = halt_q && !halt_i;
  assign start   = cmd_valid_i && cmd_ready_o;
  assign done    = done_valid_o && done_ready_i;

  // ---- Check ----
  logic                     chk_cmd_ready;
  logic                     chk_valid;
  logic                     chk_go;
  logic                     chk_ok;
  shira_copy_pkg::command_t chk;

  assign cmd_ready_o = chk_cmd_ready && inflight_q != 2'd2 && !poison;

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
    .cmd_ready_o(chk_cmd_ready),
    .cmd_desc_i,
    .chk_valid_o(chk_valid),
    .chk_ready_i(chk_go),
    .chk_o      (chk)
  );

  // ---- Source ----
  logic                   next_valid_q;  // a command waits for the sink
  shira_copy_pkg::command_t next_q;
  logic                   next_id_q;     // of next_q; commands alternate
  logic [            2:0] src_space_q;
  logic [            3:0] src_class_q;
  logic                   src_id_q;
  logic                   src_mem;
  logic                   walk_valid;
  logic [           63:0] walk_addr;
  logic [            8:0] walk_beats;
  logic                   walk_last;
  logic                   walk_next;
  logic [     CountW-1:0] free_q;        // beats of the FIFO that nobody has reserved
  logic                   room;
  logic                   piece_ready;
  logic                   reader_idle;
  logic                   req_id;
  logic                   beat_id;
  logic [            3:0] beat_class;
  logic [           63:0] beat_addr;
  logic                   sram_take;
  logic                   sram_beat_q;   // SRAM data come in this cycle
  logic                   rd_fail_q;     // a read failed; the first one is kept
  logic                   rd_fail_id_q;
  logic                   rd_fail_decerr_q;
  logic [           63:0] rd_fail_addr_q;

  // ---- Sink ----
  logic                   sink_valid_q;
  logic [            7:0] sink_status_q;
  logic [           63:0] sink_where_q;
  logic [            2:0] sink_space_q;
  logic [            3:0] sink_class_q;
  logic                   sink_id_q;
  logic                   sink_take;
  logic                   sink_end;
  logic                   sink_mem;
  logic                   sink_moved;
  logic                   sink_stop;
  logic                   dst_valid;
  logic [           63:0] dst_addr;
  logic [            8:0] dst_beats;
  logic                   dst_last;
  logic                   dst_next;
  logic                   dst_piece_ready;
  logic                   sram_put;
  logic                   sink_piece;
  logic                   writer_moved;
  logic                   writer_pop;
  logic                   writer_drained;
  logic [            1:0] writer_answered;
  logic                   wr_fail;
  logic                   wr_fail_id;
  logic                   wr_fail_decerr;
  logic [           63:0] wr_fail_addr;

  // ---- End ----
  logic               end_valid_q;  // a command whose write responses may still be open
  logic               end_id_q;
  logic         [2:0] end_space_q;
  shira_pkg::result_t end_q;
  logic               moved_all;
  shira_pkg::result_t end_d;
  logic        [31:0] count_q;
  logic        [31:0] first_work_q;
  logic        [31:0] last_work_q;
  logic        [31:0] first_data0_q;  // of the command with id 0
  logic        [31:0] first_data1_q;

  // ---- Beat FIFO ----
  logic                   fifo_push;
  logic [BeatBytes*8-1:0] fifo_in;
  logic                   fifo_valid;
  logic                   fifo_pop;
  logic [BeatBytes*8-1:0] fifo_out;
  logic [     CountW-1:0] fifo_count;
  logic                   fifo_clear;
  logic                   fifo_ready;

  // A checked command goes to the source and waits for the sink. It may read ahead of an earlier
  // command's writes only where they go to another space; SRAM data come at once, so they wait for
  // outstanding memory data.
  logic hazard;

  assign poison = abort || rd_fail_q;
  assign hazard = (sink_valid_q && sink_space_q == chk.src_space) ||
                  (end_valid_q && end_space_q == chk.src_space);
  assign chk_ok = chk.status == shira_regs_pkg::StatusOk && !poison;
  assign chk_go = chk_valid && !next_valid_q &&
                  (!chk_ok || (!walk_valid && !hazard && (chk.src_space == Memory || reader_idle)));

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
      else if (wr_fail || (sink_end && end_d.status != shira_regs_pkg::StatusOk)) abort_q <= 1'b1;
      if (chk_go) begin
        next_valid_q <= 1'b1;
        next_id_q    <= !next_id_q;
      end else if (sink_take) begin
        next_valid_q <= 1'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (chk_go) begin
      next_q    <= chk;
      if (chk.status == shira_regs_pkg::StatusOk && poison) begin
        next_q.status <= shira_regs_pkg::StatusCancelled;
        next_q.where  <= '0;
      end
    end
  end

  shira_walk #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes)
  ) u_source (
    .clk_i,
    .rst_ni,
    .clear_i    (poison),
    .load_i     (chk_go && chk_ok),
    .single_i   (chk.src_space != Memory),
    .addr_i     (chk.src_addr),
    .stride_i   (chk.src_stride),
    .row_beats_i(chk.src_row_beats),
    .rows_i     (chk.src_rows),
    .valid_o    (walk_valid),
    .addr_o     (walk_addr),
    .beats_o    (walk_beats),
    .last_o     (walk_last),
    .next_i     (walk_next)
  );

  always_ff @(posedge clk_i) begin
    if (chk_go && chk_ok) begin
      src_space_q <= chk.src_space;
      src_class_q <= chk.traffic;
      src_id_q    <= !next_id_q;
    end
  end

  assign src_mem         = src_space_q == Memory;
  assign room            = walk_valid && !poison && free_q >= CountW'(walk_beats);
  assign sram_rd_valid_o = room && !src_mem;
  assign sram_rd_space_o = src_space_q;
  assign sram_rd_addr_o  = walk_addr[31:0];
  assign sram_take       = sram_rd_valid_o && sram_rd_ready_i;
  assign walk_next       = sram_take || (room && src_mem && piece_ready);

  shira_burst_reader #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .TagW       (5)
  ) u_reader (
    .clk_i,
    .rst_ni,
    .piece_valid_i(room && src_mem),
    .piece_ready_o(piece_ready),
    .piece_addr_i (walk_addr),
    .piece_beats_i(walk_beats),
    .piece_tag_i  ({src_id_q, src_class_q}),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_req_tag_o ({req_id, rd_req_class_o}),
    .rd_rsp_valid_i,
    .rd_rsp_last_i,
    .beat_tag_o   ({beat_id, beat_class}),
    .beat_addr_o  (beat_addr),
    .idle_o       (reader_idle)
  );

  // Beats into the FIFO. From a failed one on, nothing of memory enters.
  assign fifo_push  = sram_beat_q || (rd_rsp_valid_i && !rd_rsp_err_i[1] && !rd_fail_q);
  assign fifo_in    = sram_beat_q ? sram_rd_data_i : rd_rsp_data_i;
  assign fifo_clear = abort && writer_drained;
  assign fifo_pop   = sram_put || writer_pop;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || fifo_clear) free_q <= CountW'(Depth);
    else if (walk_next || fifo_pop)
      free_q <= free_q - (walk_next ? CountW'(walk_beats) : '0) + CountW'(fifo_pop);
  end

  always_ff @(posedge clk_i) begin
    sram_beat_q <= rst_ni && sram_take;
    if (!rst_ni || recover) rd_fail_q <= 1'b0;
    else if (rd_rsp_valid_i && rd_rsp_err_i[1]) rd_fail_q <= 1'b1;
    if (rd_rsp_valid_i && rd_rsp_err_i[1] && !rd_fail_q) begin
      rd_fail_id_q     <= beat_id;
      rd_fail_decerr_q <= rd_rsp_err_i[0];
      rd_fail_addr_q   <= beat_addr;
    end
  end

  shira_ram_fifo #(
    .Width(BeatBytes * 8),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i     (fifo_clear),
    .push_valid_i(fifo_push && !abort),
    .push_ready_o(fifo_ready),
    .push_data_i (fifo_in),
    .pop_valid_o (fifo_valid),
    .pop_ready_i (fifo_pop),
    .pop_data_o  (fifo_out),
    .count_o     (fifo_count)
  );

  // The sink takes a command when the one before has moved all its beats.
  assign sink_take = next_valid_q && !sink_valid_q;
  assign sink_mem  = sink_space_q == Memory;
  assign sink_stop = abort || sink_status_q != shira_regs_pkg::StatusOk ||
                     (rd_fail_q && rd_fail_id_q == sink_id_q);

  shira_walk #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes)
  ) u_sink (
    .clk_i,
    .rst_ni,
    .clear_i    (sink_end),
    .load_i     (sink_take && next_q.status == shira_regs_pkg::StatusOk),
    .single_i   (next_q.dst_space != Memory),
    .addr_i     (next_q.dst_addr),
    .stride_i   (next_q.dst_stride),
    .row_beats_i(next_q.dst_row_beats),
    .rows_i     (next_q.dst_rows),
    .valid_o    (dst_valid),
    .addr_o     (dst_addr),
    .beats_o    (dst_beats),
    .last_o     (dst_last),
    .next_i     (dst_next)
  );

  assign sink_piece      = sink_valid_q && sink_mem && dst_valid && !sink_stop;
  assign sram_wr_valid_o = sink_valid_q && !sink_mem && dst_valid && !sink_stop && fifo_valid;
  assign sram_wr_space_o = sink_space_q;
  assign sram_wr_addr_o  = dst_addr[31:0];
  assign sram_wr_data_o  = fifo_out;
  assign sram_put        = sram_wr_valid_o && sram_wr_ready_i;
  assign dst_next        = sram_put || (sink_piece && dst_piece_ready);
  assign sink_moved      = sram_put || writer_moved;


  shira_copy_writer #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .CountW     (CountW)
  ) u_writer (
    .clk_i,
    .rst_ni,
    .clear_i      (recover),
    .piece_valid_i(sink_piece),
    .piece_ready_o(dst_piece_ready),
    .piece_addr_i (dst_addr),
    .piece_beats_i(dst_beats),
    .id_i         (sink_id_q),
    .fifo_valid_i (fifo_valid),
    .fifo_ready_o (writer_pop),
    .fifo_data_i  (fifo_out),
    .fifo_strb_i  ('1),
    .fifo_count_i (fifo_count),
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
    .drained_o    (writer_drained),
    .answered_o   (writer_answered),
    .moved_o      (writer_moved),
    .fail_valid_o (wr_fail),
    .fail_id_o    (wr_fail_id),
    .fail_decerr_o(wr_fail_decerr),
    .fail_addr_o  (wr_fail_addr)
  );

  // A command leaves the sink when all its bursts have their data.
  assign wr_req_class_o = sink_class_q;

  // The end of a command in the sink: all beats moved, or stopped and no requested burst open.
  assign moved_all = sink_mem ? !dst_valid && writer_drained : !dst_valid || (sram_put && dst_last);
  assign sink_end  = sink_valid_q && (!end_valid_q || done) &&
                     (sink_stop ? writer_drained : moved_all);

  always_comb begin
    end_d            = '0;
    end_d.count      = count_q + 32'(sink_moved);
    end_d.first_data = sink_id_q ? first_data1_q : first_data0_q;
    end_d.first_work = (count_q == '0 && sink_moved) ? cycle_i[31:0] : first_work_q;
    end_d.last_work  = sink_moved ? cycle_i[31:0] : last_work_q;
    if (sink_status_q != shira_regs_pkg::StatusOk) begin
      end_d.status = sink_status_q;
      end_d.where  = sink_where_q;
    end else if (rd_fail_q && rd_fail_id_q == sink_id_q) begin
      end_d.status = rd_fail_decerr_q ? shira_regs_pkg::StatusReadDecerr
                                      : shira_regs_pkg::StatusReadSlverr;
      end_d.where  = rd_fail_addr_q;
    end else if (abort && dst_valid && !(sram_put && dst_last)) begin
      end_d.status = shira_regs_pkg::StatusCancelled;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      sink_valid_q <= 1'b0;
      end_valid_q  <= 1'b0;
    end else begin
      if (sink_take) sink_valid_q <= 1'b1;
      else if (sink_end) sink_valid_q <= 1'b0;
      if (sink_end) end_valid_q <= 1'b1;
      else if (done) end_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (sink_take) begin
      sink_status_q <= next_q.status;
      sink_where_q  <= next_q.where;
      sink_space_q  <= next_q.dst_space;
      sink_class_q  <= next_q.traffic;
      sink_id_q    <= next_id_q;
      count_q      <= '0;
      first_work_q <= '0;
      last_work_q  <= '0;
    end else if (sink_moved) begin
      count_q      <= end_d.count;
      first_work_q <= end_d.first_work;
      last_work_q  <= end_d.last_work;
    end
    if (sink_end) begin
      end_q       <= end_d;
      end_id_q    <= sink_id_q;
      end_space_q <= sink_space_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (chk_go) begin  // the new command has the other id
      if (next_id_q) first_data0_q <= '0;
      else first_data1_q <= '0;
    end else if (rd_rsp_valid_i) begin
      if (!beat_id && first_data0_q == '0) first_data0_q <= cycle_i[31:0];
      if (beat_id && first_data1_q == '0) first_data1_q <= cycle_i[31:0];
    end
  end

  assign done_valid_o = end_valid_q && writer_answered[end_id_q];

  always_comb begin
    done_o = end_q;
    if (wr_fail && wr_fail_id == end_id_q) begin
      done_o.status = wr_fail_decerr ? shira_regs_pkg::StatusWriteDecerr
                                     : shira_regs_pkg::StatusWriteSlverr;
      done_o.where  = wr_fail_addr;
    end
  end

  assign idle_o = inflight_q == '0 && reader_idle;

  // ---- To the counters ----
  logic held;
  assign held = (sram_wr_valid_o && !sram_wr_ready_i) || (wr_data_valid_o && !wr_data_ready_i) ||
                (wr_req_valid_o && !wr_req_ready_i) || (sram_rd_valid_o && !sram_rd_ready_i);

  always_comb begin
    state_o = shira_pkg::StateBusy;
    if (inflight_q == '0) state_o = shira_pkg::StateIdle;
    else if (sink_moved) state_o = shira_pkg::StateBusy;
    else if (held) state_o = shira_pkg::StateStalled;
    else if (!reader_idle) state_o = shira_pkg::StateStarved;
    else if (end_valid_q) state_o = shira_pkg::StateStalled;
  end

  always_comb begin
    traffic_o          = '0;
    traffic_o.rd_valid = rd_rsp_valid_i;
    traffic_o.rd_class = beat_class;
    traffic_o.rd_bytes = 8'(BeatBytes);
    traffic_o.wr_valid = writer_moved;
    traffic_o.wr_class = sink_class_q;
    traffic_o.wr_bytes = 8'(BeatBytes);
  end

  logic unused;
  assign unused = &{1'b0, req_id, walk_last, rd_rsp_err_i[0], cycle_i[63:32], next_q};

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) fifo_push && !abort |-> fifo_ready);
  assert property (@(posedge clk_i) disable iff (!rst_ni) idle_o && !abort |-> free_q == CountW'(Depth));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    done_valid_o && !done_ready_i |=> done_valid_o && $stable(done_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni || halt_i)
    sram_wr_valid_o && !sram_wr_ready_i && !sink_stop |=>
    sink_stop || (sram_wr_valid_o && $stable(sram_wr_addr_o) && $stable(sram_wr_data_o)));
`else
  logic unused_fifo;
  assign unused_fifo = fifo_ready;
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
