// SCATTER: applies streams of sparse updates to weights in the weight SRAM or in memory, and writes
// SWAP's streams back.
//
// Does:         fetches a stream, checks it block by block, decodes up to Lanes updates a cycle and hands
//               them to the stage that applies them. Three stages with buffers between them: the next
//               command's stream is fetched and checked while one is applied, but for that of a command
//               behind one that writes memory, which may be what is written. One result per command, in
//               order, when all its updates are in the banks and all its writes answered.
// Never does:   applies an update of a block before the whole block was found good, or outside the
//               window; requests a read after halt_i or an error, or without room for it. A halt does not
//               keep a block whose updates are all made from being written back, a write error does.
// Latency:      25 cycles, the memory's latency and the length of the first block from command to first
//               write; two more with RowLayout; ADD, SUB and SWAP WeightLatency + 1 more.
// Throughput:   Lanes updates a cycle, of coo32 at most DecodeBytes / 4; about 12 cycles between commands.
// Backpressure: every port; two commands in flight.
module shira_scatter #(
  parameter int unsigned BeatBytes    = 32,
  parameter int unsigned BurstBytes   = 512,
  parameter int unsigned Outstanding  = 16,
  parameter int unsigned StreamAlign  = 32,
  parameter int unsigned ArrayN       = 16,
  parameter int unsigned ArrayK       = 16,
  parameter int unsigned WeightBytes  = 8388608,
  parameter int unsigned WeightBanks  = 16,
  parameter int unsigned WeightLatency = 1,  // cycles from a read of the weight SRAM to its data
  parameter int unsigned Lanes        = 8,
  parameter int unsigned DecodeBytes  = 12,
  parameter int unsigned FifoDepth    = 16,
  parameter int unsigned RowLayout    = 0,   // 1: positions lie in rows, 0: in tiles
  parameter int unsigned Merge        = 1,   // 0: one update a write
  parameter int unsigned BlockUpdates = 512,
  localparam int unsigned RowW        = $clog2(WeightBytes / (WeightBanks * ArrayK))
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,          // synchronous, active low
  input  logic [                    63:0] cycle_i,         // cycle counter
  input  logic                            halt_i,          // end everything: an error happened somewhere
  output logic                            idle_o,          // no command, nothing outstanding
  // command <- command unit
  input  logic                            cmd_valid_i,
  output logic                            cmd_ready_o,
  input  logic [                  1023:0] cmd_desc_i,      // shira_regs_pkg::desc_scatter_t
  output logic                            done_valid_o,
  input  logic                            done_ready_i,
  output shira_pkg::result_t              done_o,
  // to the counters
  output shira_pkg::engine_state_e        state_o,
  output shira_pkg::traffic_t             traffic_o,       // of streams
  output shira_pkg::traffic_t             lines_traffic_o, // of weights in memory
  output logic [                    15:0] ev_updates_o,    // updates written, two cycles after their write
  output logic                            ev_bank_stall_o, // updates waited for a slot
  // memory read clients: {weights in memory, streams}
  output logic [                     1:0] rd_req_valid_o,
  input  logic [                     1:0] rd_req_ready_i,
  output logic [                   127:0] rd_req_addr_o,
  output logic [                    15:0] rd_req_len_o,
  output logic [                     7:0] rd_req_class_o,  // shira_regs_pkg::traffic_e
  input  logic [                     1:0] rd_rsp_valid_i,
  input  logic [         BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                            rd_rsp_last_i,
  input  logic [                     1:0] rd_rsp_err_i,
  // memory write clients: {weights in memory, streams}
  output logic [                     1:0] wr_req_valid_o,
  input  logic [                     1:0] wr_req_ready_i,
  output logic [                   127:0] wr_req_addr_o,
  output logic [                    15:0] wr_req_len_o,
  output logic [                     7:0] wr_req_class_o,
  output logic [                     1:0] wr_data_valid_o,
  input  logic [                     1:0] wr_data_ready_i,
  output logic [       2*BeatBytes*8-1:0] wr_data_o,
  output logic [         2*BeatBytes-1:0] wr_strb_o,
  output logic [                     1:0] wr_last_o,
  input  logic [                     1:0] wr_rsp_valid_i,
  input  logic [                     1:0] wr_rsp_err_i,
  // weight SRAM, a write port and a read port a bank; bank_ready_i must not depend on bank_rd_valid_o
  output logic [         WeightBanks-1:0] bank_valid_o,
  input  logic [         WeightBanks-1:0] bank_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_row_o,
  output logic [  WeightBanks*ArrayK-1:0] bank_mask_o,
  output logic [WeightBanks*ArrayK*8-1:0] bank_data_o,
  output logic [         WeightBanks-1:0] bank_rd_valid_o,
  input  logic [         WeightBanks-1:0] bank_rd_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_rd_row_o,
  input  logic [WeightBanks*ArrayK*8-1:0] bank_rd_data_i   // WeightLatency cycles after the accept
);

  localparam int unsigned CountW  = $clog2(Lanes + 1);
  localparam int unsigned OffsetW = (RowLayout != 0) ? 50 : 34;

  // ---- In flight, and errors ----
  logic [1:0]         inflight_q;   // commands taken whose result was not
  logic               halt_q;
  logic               abort_q;      // an own error was found; until the halt that it causes is over
  logic               abort;
  logic               recover;      // the halt is over
  logic               start;
  logic               done;
  logic               fetch_ready;
  logic               result_valid_q;
  shira_pkg::result_t result_q;
  logic               result_free;
  logic               ended;        // a command ended by itself
  logic               cancel;       // a command is cut

  assign abort       = abort_q || halt_i;
  assign recover     = halt_q && !halt_i;
  assign cmd_ready_o = fetch_ready && inflight_q != 2'd2 && !abort;
  assign start       = cmd_valid_i && cmd_ready_o;
  assign done        = result_valid_q && done_ready_i;
  assign result_free = !result_valid_q || done_ready_i;

  // ---- Fetch ----
  logic                         ctx_valid;
  logic                         ctx_ready;
  logic                         ctx_push_ready;
  logic                         window_push_ready;
  logic                         geometry_push_ready;
  shira_scatter_pkg::command_t  ctx_new;
  shira_scatter_pkg::window_t   window_new;
  shira_scatter_pkg::geometry_t geometry_new;
  shira_scatter_pkg::memory_t   memory_new;
  logic [                  1:0] op_new;
  logic                         id_new;
  logic                         hold_q;  // a command that writes memory was handed on and has not ended
  logic                         beat_valid;
  logic                         beat_ready;
  logic [      BeatBytes*8-1:0] beat_data;
  logic [                  1:0] beat_err;
  logic [                 63:0] fail_addr;
  logic [                 31:0] first_data0;
  logic [                 31:0] first_data1;
  logic                         fetch_idle;

  shira_scatter_fetch #(
    .BeatBytes  (BeatBytes),
    .BurstBytes (BurstBytes),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign),
    .ArrayK     (ArrayK),
    .RowLayout  (RowLayout),
    .WeightBytes(WeightBytes)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .cycle_i       (cycle_i[31:0]),
    .abort_i       (abort),
    .recover_i     (recover),
    .hold_i        (hold_q),
    .cmd_valid_i   (start),
    .cmd_ready_o   (fetch_ready),
    .cmd_desc_i,
    .ctx_valid_o   (ctx_valid),
    .ctx_ready_i   (ctx_ready),
    .ctx_command_o (ctx_new),
    .ctx_geometry_o(geometry_new),
    .ctx_window_o  (window_new),
    .ctx_op_o      (op_new),
    .ctx_memory_o  (memory_new),
    .ctx_id_o      (id_new),
    .rd_req_valid_o(rd_req_valid_o[0]),
    .rd_req_ready_i(rd_req_ready_i[0]),
    .rd_req_addr_o(rd_req_addr_o[63:0]),
    .rd_req_len_o (rd_req_len_o[7:0]),
    .rd_req_class_o(rd_req_class_o[3:0]),
    .rd_rsp_valid_i(rd_rsp_valid_i[0]),
    .rd_rsp_data_i,
    .rd_rsp_last_i,
    .rd_rsp_err_i,
    .beat_valid_o  (beat_valid),
    .beat_ready_i  (beat_ready),
    .beat_data_o   (beat_data),
    .beat_err_o    (beat_err),
    .fail_addr_o   (fail_addr),
    .first_data0_o (first_data0),
    .first_data1_o (first_data1),
    .idle_o        (fetch_idle)
  );

  // What is to be known of the commands between fetch and end where they are applied.
  logic                       window_valid;
  shira_scatter_pkg::window_t window;
  shira_scatter_pkg::memory_t memory;
  logic [                1:0] window_op;
  logic [                1:0] op;    // of the command that is applied: shira_regs_pkg::scatter_op_e
  logic                       swap;  // it is a SWAP
  logic                       id;

  assign ctx_ready = ctx_push_ready && window_push_ready && geometry_push_ready;
  assign op        = window_valid ? window_op : 2'(shira_regs_pkg::ScatterOpSet);
  assign swap      = op == 2'(shira_regs_pkg::ScatterOpSwap);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || recover) hold_q <= 1'b0;
    else if (ctx_valid && ctx_ready && (ctx_new.swap || memory_new.valid)) hold_q <= 1'b1;
    else if (ended && (swap || memory.valid)) hold_q <= 1'b0;
  end

  shira_fifo #(
    .Width($bits(memory_new) + $bits(window_new) + 3),
    .Depth(2)
  ) u_windows (
    .clk_i,
    .rst_ni,
    .clear_i     (recover),
    .push_valid_i(ctx_valid && ctx_ready),
    .push_ready_o(window_push_ready),
    .push_data_i ({op_new, id_new, memory_new, window_new}),
    .pop_valid_o (window_valid),
    .pop_ready_i (ended || cancel),
    .pop_data_o  ({window_op, id, memory, window}),
    /* verilator lint_off PINCONNECTEMPTY */  // not needed
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  // ---- Load and decode ----
  logic                     undo_valid;
  logic                     undo_ready;
  shira_scatter_pkg::undo_t undo;
  logic                     bundle_valid;
  logic                     bundle_ready;
  logic [       CountW-1:0] bundle_count;
  logic [     Lanes*34-1:0] bundle_pos;
  logic [      Lanes*8-1:0] bundle_value;
  shira_scatter_pkg::mark_t bundle_mark;

  shira_scatter_stream #(
    .BeatBytes   (BeatBytes),
    .StreamAlign (StreamAlign),
    .Lanes       (Lanes),
    .DecodeBytes (DecodeBytes),
    .BlockUpdates(BlockUpdates)
  ) u_stream (
    .clk_i,
    .rst_ni,
    .abort_i     (abort),
    .ctx_valid_i (ctx_valid && ctx_ready),
    .ctx_ready_o (ctx_push_ready),
    .ctx_i       (ctx_new),
    .beat_valid_i(beat_valid),
    .beat_ready_o(beat_ready),
    .beat_data_i (beat_data),
    .beat_err_i  (beat_err),
    .fail_addr_i (fail_addr),
    .undo_valid_o(undo_valid),
    .undo_ready_i(undo_ready),
    .undo_o      (undo),
    .out_valid_o (bundle_valid),
    .out_ready_i (bundle_ready),
    .out_count_o (bundle_count),
    .out_pos_o   (bundle_pos),
    .out_value_o (bundle_value),
    .out_mark_o  (bundle_mark),
    .rd_valid_o  (traffic_o.rd_valid),
    .rd_class_o  (traffic_o.rd_class),
    .rd_bytes_o  (traffic_o.rd_bytes)
  );

  // ---- Offsets ----
  logic                     placed_valid;
  logic                     placed_ready;
  logic [       CountW-1:0] placed_count;
  logic [Lanes*OffsetW-1:0] placed_offset;
  logic [      Lanes*8-1:0] placed_value;
  shira_scatter_pkg::mark_t placed_mark;

  shira_scatter_offsets #(
    .RowLayout(RowLayout),
    .Lanes    (Lanes),
    .ArrayN   (ArrayN),
    .ArrayK   (ArrayK),
    .OffsetW  (OffsetW)
  ) u_offsets (
    .clk_i,
    .rst_ni,
    .clear_i       (abort),
    .cmd_valid_i   (ctx_valid && ctx_ready),
    .cmd_ready_o   (geometry_push_ready),
    .cmd_geometry_i(geometry_new),
    .in_valid_i    (bundle_valid),
    .in_ready_o    (bundle_ready),
    .in_count_i    (bundle_count),
    .in_pos_i      (bundle_pos),
    .in_value_i    (bundle_value),
    .in_mark_i     (bundle_mark),
    .out_valid_o   (placed_valid),
    .out_ready_i   (placed_ready),
    .out_count_o   (placed_count),
    .out_offset_o  (placed_offset),
    .out_value_o   (placed_value),
    .out_mark_o    (placed_mark)
  );

  // ---- Targets ----
  logic        end_valid;
  logic [ 7:0] end_status;
  logic [63:0] end_where;
  logic        targets_busy;
  logic        targets_moved;
  logic        targets_starved;

  shira_scatter_targets #(
    .BeatBytes   (BeatBytes),
    .BurstBytes  (BurstBytes),
    .Outstanding (Outstanding),
    .StreamAlign (StreamAlign),
    .ArrayK      (ArrayK),
    .WeightBytes (WeightBytes),
    .WeightBanks (WeightBanks),
    .WeightLatency(WeightLatency),
    .Lanes       (Lanes),
    .FifoDepth   (FifoDepth),
    .BlockUpdates(BlockUpdates),
    .OffsetW     (OffsetW),
    .RowLayout   (RowLayout),
    .Merge       (Merge)
  ) u_targets (
    .clk_i,
    .rst_ni,
    .clear_i       (abort),
    .recover_i     (recover),
    .in_valid_i    (placed_valid),
    .in_ready_o    (placed_ready),
    .in_count_i    (placed_count),
    .in_offset_i   (placed_offset),
    .in_value_i    (placed_value),
    .in_mark_i     (placed_mark),
    .op_i          (op),
    .window_i      (window),
    .memory_i      (memory),
    .undo_valid_i  (undo_valid),
    .undo_ready_o  (undo_ready),
    .undo_i        (undo),
    .end_valid_o   (end_valid),
    .end_ready_i   (result_free),
    .end_status_o  (end_status),
    .end_where_o   (end_where),
    .busy_o        (targets_busy),
    .moved_o       (targets_moved),
    .starved_o     (targets_starved),
    .stall_o       (ev_bank_stall_o),
    .updates_o     (ev_updates_o),
    .wr_valid_o    (traffic_o.wr_valid),
    .wr_class_o    (traffic_o.wr_class),
    .wr_bytes_o    (traffic_o.wr_bytes),
    .lines_traffic_o,
    .rd_req_valid_o(rd_req_valid_o[1]),
    .rd_req_ready_i(rd_req_ready_i[1]),
    .rd_req_addr_o (rd_req_addr_o[127:64]),
    .rd_req_len_o  (rd_req_len_o[15:8]),
    .rd_rsp_valid_i(rd_rsp_valid_i[1]),
    .rd_rsp_data_i,
    .rd_rsp_last_i,
    .rd_rsp_err_i,
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
    .bank_valid_o,
    .bank_ready_i,
    .bank_row_o,
    .bank_mask_o,
    .bank_data_o,
    .bank_rd_valid_o,
    .bank_rd_ready_i,
    .bank_rd_row_o,
    .bank_rd_data_i
  );

  assign rd_req_class_o[7:4] = 4'(shira_regs_pkg::TrafficWeight);
  assign wr_req_class_o      = {4'(shira_regs_pkg::TrafficWeight), 4'(shira_regs_pkg::TrafficUndo)};

  // ---- Results ----
  logic [31:0] count_q;       // updates written by the oldest command
  logic [31:0] first_work_q;
  logic [31:0] last_work_q;
  logic        wrote;

  assign wrote  = ev_updates_o != '0;
  assign ended  = end_valid && result_free && !abort;
  assign cancel = abort && result_free && !targets_busy && inflight_q != 2'(result_valid_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      inflight_q     <= '0;
      halt_q         <= 1'b0;
      abort_q        <= 1'b0;
      result_valid_q <= 1'b0;
    end else begin
      halt_q <= halt_i;
      if (start && !done) inflight_q <= inflight_q + 2'd1;
      if (done && !start) inflight_q <= inflight_q - 2'd1;
      if (recover) abort_q <= 1'b0;
      else if (ended && end_status != shira_regs_pkg::StatusOk) abort_q <= 1'b1;
      if (ended || cancel) result_valid_q <= 1'b1;
      else if (done) result_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (ended || cancel) begin
      result_q.status     <= ended ? end_status : shira_regs_pkg::StatusCancelled;
      result_q.where      <= ended ? end_where : '0;
      result_q.count      <= count_q;
      result_q.first_data <= !window_valid ? '0 : id ? first_data1 : first_data0;
      result_q.first_work <= first_work_q;
      result_q.last_work  <= last_work_q;
    end
    if (!rst_ni || ended || cancel) begin
      count_q      <= '0;
      first_work_q <= '0;
      last_work_q  <= '0;
    end else if (wrote) begin
      count_q     <= count_q + 32'(ev_updates_o);
      last_work_q <= cycle_i[31:0];
      if (count_q == '0) first_work_q <= cycle_i[31:0];
    end
  end

  assign done_valid_o = result_valid_q;
  assign done_o       = result_q;
  assign idle_o       = inflight_q == '0 && fetch_idle;

  // ---- To the counters ----
  always_comb begin
    state_o = shira_pkg::StateStarved;
    if (inflight_q == '0) state_o = shira_pkg::StateIdle;
    else if (targets_moved || wrote) state_o = shira_pkg::StateBusy;
    else if ((targets_busy || placed_valid || result_valid_q) && !targets_starved)
      state_o = shira_pkg::StateStalled;
  end

  logic unused;
  assign unused = &{1'b0, cycle_i[63:32]};

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    done_valid_o && !done_ready_i |=> done_valid_o && $stable(done_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) placed_valid && !abort |-> window_valid);
  assert property (@(posedge clk_i) disable iff (!rst_ni) !idle_o || !targets_busy);
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
  `SHIRA_COVER(error_stream_crc, done_valid_o && done_o.status == shira_regs_pkg::StatusStreamCrc)
  `SHIRA_COVER(error_stream_order, done_valid_o && done_o.status == shira_regs_pkg::StatusStreamOrder)
  `SHIRA_COVER(error_stream_format, done_valid_o && done_o.status == shira_regs_pkg::StatusStreamFormat)
  `SHIRA_COVER(error_stream_length, done_valid_o && done_o.status == shira_regs_pkg::StatusStreamLength)
  `SHIRA_COVER(error_read_slverr, done_valid_o && done_o.status == shira_regs_pkg::StatusReadSlverr)
  `SHIRA_COVER(error_read_decerr, done_valid_o && done_o.status == shira_regs_pkg::StatusReadDecerr)
  `SHIRA_COVER(error_write_slverr, done_valid_o && done_o.status == shira_regs_pkg::StatusWriteSlverr)
  `SHIRA_COVER(error_write_decerr, done_valid_o && done_o.status == shira_regs_pkg::StatusWriteDecerr)
  `SHIRA_COVER(error_cancelled, done_valid_o && done_o.status == shira_regs_pkg::StatusCancelled)
  `SHIRA_COVER(stall_cmd, cmd_valid_i && !cmd_ready_o)
  `SHIRA_COVER(stall_done, done_valid_o && !done_ready_i)
  `SHIRA_COVER(stall_rd_req, (rd_req_valid_o & ~rd_req_ready_i) != '0)
  `SHIRA_COVER(stall_wr_req, (wr_req_valid_o & ~wr_req_ready_i) != '0)
  `SHIRA_COVER(stall_wr_data, (wr_data_valid_o & ~wr_data_ready_i) != '0)
  `SHIRA_COVER(stall_bank, (bank_valid_o & ~bank_ready_i) != '0)
  `SHIRA_COVER(stall_bank_rd, (bank_rd_valid_o & ~bank_rd_ready_i) != '0)
`endif

endmodule
