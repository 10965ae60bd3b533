// First stage of SCATTER: checks descriptors and reads their streams into a beat FIFO.
//
// Does:         checks a descriptor, hands the command to the later stages, requests its stream in
//               bursts that end at multiples of BurstBytes, and keeps the beats in order, each with the
//               response that came with it. The next command's stream follows at once, or after hold_i.
// Never does:   requests a burst without room for it; requests anything after stop or a read error.
// Latency:      three cycles from a command to its first request, three from a response to its beat.
// Throughput:   a beat a cycle.
// Backpressure: cmd_ready_o: one command waits here while the one before is being requested.
module shira_scatter_fetch #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned BurstBytes  = 512,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned StreamAlign = 32,
  parameter int unsigned ArrayK      = 16,
  parameter int unsigned RowLayout   = 0,    // the geometry is checked
  parameter int unsigned WeightBytes = 8388608
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,            // synchronous, active low
  input  logic [                31:0] cycle_i,
  input  logic                        abort_i,           // drop commands, request nothing more
  input  logic                        recover_i,         // forget the read error
  input  logic                        hold_i,            // a command may write what the next stream reads
  input  logic                        cmd_valid_i,
  output logic                        cmd_ready_o,
  input  logic [              1023:0] cmd_desc_i,
  // checked command -> loader, offsets, banks; offered to all until taken, in one cycle
  output logic                        ctx_valid_o,
  input  logic                        ctx_ready_i,
  output shira_scatter_pkg::command_t  ctx_command_o,
  output shira_scatter_pkg::geometry_t ctx_geometry_o,
  output shira_scatter_pkg::window_t   ctx_window_o,
  output logic [                 1:0] ctx_op_o,          // shira_regs_pkg::scatter_op_e
  output shira_scatter_pkg::memory_t   ctx_memory_o,
  output logic                        ctx_id_o,          // commands alternate
  // memory read client
  output logic                        rd_req_valid_o,
  input  logic                        rd_req_ready_i,
  output logic [                63:0] rd_req_addr_o,
  output logic [                 7:0] rd_req_len_o,
  output logic [                 3:0] rd_req_class_o,    // shira_regs_pkg::traffic_e
  input  logic                        rd_rsp_valid_i,
  input  logic [     BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                        rd_rsp_last_i,
  input  logic [                 1:0] rd_rsp_err_i,
  // beats -> loader
  output logic                        beat_valid_o,
  input  logic                        beat_ready_i,
  output logic [     BeatBytes*8-1:0] beat_data_o,
  output logic [                 1:0] beat_err_o,        // AXI resp
  output logic [                63:0] fail_addr_o,       // first burst that failed
  output logic [                31:0] first_data0_o,     // cycle of the first beat of id 0, or 0
  output logic [                31:0] first_data1_o,
  output logic                        idle_o             // nothing outstanding, no beat kept
);

  localparam int unsigned BeatW       = $clog2(BeatBytes);
  localparam int unsigned FlightBytes = (1 << $clog2(Outstanding)) * BurstBytes;
  localparam int unsigned CapBytes    = (FlightBytes > 8192) ? 8192 : FlightBytes;
  localparam int unsigned FifoBytes   = (CapBytes < 2 * BurstBytes) ? 2 * BurstBytes : CapBytes;
  localparam int unsigned Depth       = FifoBytes / BeatBytes;
  localparam int unsigned CountW      = $clog2(Depth) + 1;
  localparam int unsigned AlignW      = $clog2(StreamAlign);
  localparam int unsigned WordW       = $clog2(ArrayK);

  shira_regs_pkg::desc_scatter_t desc;
  shira_regs_pkg::desc_scatter_t d_q;
  logic                          d_valid_q;
  logic                          go;
  logic                          id_q;       // of the command that is being requested
  logic                          fail_q;
  logic                          stop;
  logic                          memory;     // space = memory
  logic [     7:0]               status;
  logic [     6:0]               where;

  assign desc        = cmd_desc_i;
  assign memory      = d_q.space == shira_regs_pkg::SpaceMemory;
  assign cmd_ready_o = !d_valid_q && !stop;
  assign stop        = abort_i || fail_q;

  // The last assignment, that is the earliest check, wins.
  always_comb begin
    status = shira_regs_pkg::StatusOk;
    where  = '0;
    if (d_valid_q) begin
      if (!memory && d_q.win_hi > 64'(WeightBytes)) where = 7'd64;
      if (!memory && d_q.base >= 32'(WeightBytes)) where = 7'd36;
      if (where != '0) status = shira_regs_pkg::StatusBadRange;
      if (memory && d_q.mem_base[AlignW-1:0] != '0)
        {status, where} = {shira_regs_pkg::StatusBadAlign, 7'd72};
      if (!memory && d_q.base[WordW-1:0] != '0)
        {status, where} = {shira_regs_pkg::StatusBadAlign, 7'd36};
      if (d_q.stream_bytes[AlignW-1:0] != '0)
        {status, where} = {shira_regs_pkg::StatusBadAlign, 7'd32};
      if (d_q.stream_addr[AlignW-1:0] != '0)
        {status, where} = {shira_regs_pkg::StatusBadAlign, 7'd24};
      if (RowLayout != 0) begin
        if (d_q.k_tiles == '0 || d_q.k_tiles[31:16] != '0)
          {status, where} = {shira_regs_pkg::StatusBadField, 7'd44};
        if (d_q.row_log2 < 8'(WordW) || d_q.row_log2 > 8'd31)
          {status, where} = {shira_regs_pkg::StatusBadField, 7'd40};
      end
      if (d_q.stream_bytes == '0) {status, where} = {shira_regs_pkg::StatusBadField, 7'd32};
      if (d_q.updates == '0) {status, where} = {shira_regs_pkg::StatusBadField, 7'd20};
      if (!memory && d_q.space != shira_regs_pkg::SpaceWeight)
        {status, where} = {shira_regs_pkg::StatusBadField, 7'd19};
      if (d_q.traffic != shira_regs_pkg::TrafficValue && d_q.traffic != shira_regs_pkg::TrafficUndo)
        {status, where} = {shira_regs_pkg::StatusBadField, 7'd18};
      if (d_q.format != shira_regs_pkg::StreamFormatGap8 &&
          d_q.format != shira_regs_pkg::StreamFormatCoo32)
        {status, where} = {shira_regs_pkg::StatusBadField, 7'd17};
      if (d_q.op > shira_regs_pkg::ScatterOpSwap)
        {status, where} = {shira_regs_pkg::StatusBadField, 7'd16};
    end
  end

  // Room in the beat FIFO is reserved when a piece is taken.
  logic              walk_valid;
  logic [      63:0] walk_addr;
  logic [       8:0] walk_beats;
  logic              walk_busy;
  logic              piece_valid;
  logic              piece_ready;
  logic              piece_take;
  logic [CountW-1:0] free_q;       // beats that nobody has reserved
  logic              beat_pop;
  logic              reader_idle;
  logic              undo_q;       // the stream that is requested undoes
  logic              req_undo;
  logic              req_id;
  logic              beat_undo;
  logic              beat_id;
  logic [      63:0] beat_addr;
  logic              fifo_ready;
  logic [CountW-1:0] fifo_count;

  assign ctx_valid_o                = d_valid_q && !abort_i && !walk_busy && !hold_i;
  assign ctx_command_o.status       = status;
  assign ctx_command_o.where        = 64'(where);
  assign ctx_command_o.undo         = d_q.traffic == shira_regs_pkg::TrafficUndo;
  assign ctx_command_o.coo          = d_q.format == shira_regs_pkg::StreamFormatCoo32;
  assign ctx_command_o.swap         = d_q.op == shira_regs_pkg::ScatterOpSwap;
  assign ctx_command_o.stream_addr  = d_q.stream_addr;
  assign ctx_command_o.stream_bytes = d_q.stream_bytes;
  assign ctx_command_o.updates      = d_q.updates;
  assign ctx_geometry_o.row_log2    = d_q.row_log2[4:0];
  assign ctx_geometry_o.k_tiles     = d_q.k_tiles[15:0];
  assign ctx_window_o.base          = d_q.base;
  assign ctx_window_o.lo            = (d_q.win_lo[63:32] != '0) ? {1'b1, 32'd0} : d_q.win_lo[32:0];
  assign ctx_window_o.hi            = d_q.win_hi[32:0];
  assign ctx_op_o                   = d_q.op[1:0];
  assign ctx_memory_o.valid         = memory;
  assign ctx_memory_o.base          = d_q.mem_base;
  assign ctx_memory_o.lo            = d_q.win_lo;
  assign ctx_memory_o.hi            = d_q.win_hi;
  assign ctx_id_o                   = !id_q;
  assign go                         = ctx_valid_o && ctx_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      d_valid_q <= 1'b0;
      id_q      <= 1'b0;
    end else begin
      if (cmd_valid_i && cmd_ready_o) d_valid_q <= 1'b1;
      else if (go || abort_i) d_valid_q <= 1'b0;
      if (go) id_q <= !id_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (cmd_valid_i && cmd_ready_o) d_q <= desc;
    if (go) undo_q <= ctx_command_o.undo;
  end

  shira_burst_cutter #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes)
  ) u_cutter (
    .clk_i,
    .rst_ni,
    .clear_i    (stop),
    .load_i     (go && status == shira_regs_pkg::StatusOk),
    .single_i   (1'b0),
    .addr_i     (d_q.stream_addr),
    .stride_i   (32'd0),
    .row_beats_i(d_q.stream_bytes >> BeatW),
    .rows_i     (32'd1),
    .busy_o     (walk_busy),
    .valid_o    (walk_valid),
    .addr_o     (walk_addr),
    .beats_o    (walk_beats),
    .next_i     (piece_take)
  );

  assign piece_valid = walk_valid && !stop && free_q >= CountW'(walk_beats);
  assign piece_take  = piece_valid && piece_ready;

  shira_burst_reader #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .TagW       (2)
  ) u_reader (
    .clk_i,
    .rst_ni,
    .piece_valid_i(piece_valid),
    .piece_ready_o(piece_ready),
    .piece_addr_i (walk_addr),
    .piece_beats_i(walk_beats),
    .piece_tag_i  ({undo_q, id_q}),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_req_tag_o ({req_undo, req_id}),
    .rd_rsp_valid_i,
    .rd_rsp_last_i,
    .beat_tag_o   ({beat_undo, beat_id}),
    .beat_addr_o  (beat_addr),
    .idle_o       (reader_idle)
  );

  shira_ram_fifo #(
    .Width(BeatBytes * 8 + 2),
    .Depth(Depth)
  ) u_fifo (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(rd_rsp_valid_i),
    .push_ready_o(fifo_ready),
    .push_data_i ({rd_rsp_err_i, rd_rsp_data_i}),
    .pop_valid_o (beat_valid_o),
    .pop_ready_i (beat_ready_i),
    .pop_data_o  ({beat_err_o, beat_data_o}),
    .count_o     (fifo_count)
  );

  // A burst may hold gaps and values: together they are a stream's.
  assign rd_req_class_o = req_undo ? 4'(shira_regs_pkg::TrafficUndo) : 4'(shira_regs_pkg::TrafficValue);

  assign beat_pop = beat_valid_o && beat_ready_i;
  assign idle_o   = reader_idle && fifo_count == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) free_q <= CountW'(Depth);
    else if (piece_take || beat_pop)
      free_q <= free_q - (piece_take ? CountW'(walk_beats) : '0) + CountW'(beat_pop);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || recover_i) fail_q <= 1'b0;
    else if (rd_rsp_valid_i && rd_rsp_err_i[1]) fail_q <= 1'b1;
    if (rd_rsp_valid_i && rd_rsp_err_i[1] && !fail_q) fail_addr_o <= beat_addr;
  end

  always_ff @(posedge clk_i) begin
    if (go) begin
      if (id_q) first_data0_o <= '0;
      else first_data1_o <= '0;
    end
    if (rd_rsp_valid_i) begin
      if (!beat_id && first_data0_o == '0) first_data0_o <= cycle_i;
      if (beat_id && first_data1_o == '0) first_data1_o <= cycle_i;
    end
  end

  // The header was used by the command unit; gaps between fields carry nothing.
  logic unused;
  assign unused = &{1'b0, d_q, fifo_ready, req_id, beat_undo};

`ifdef SHIRA_ASSERT
  room_was_reserved: assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_rsp_valid_i |-> fifo_ready);
  command_stable: assert property (@(posedge clk_i) disable iff (!rst_ni || abort_i || hold_i)
    ctx_valid_o && !ctx_ready_i |=> ctx_valid_o && $stable(ctx_command_o) && $stable(ctx_window_o) &&
    $stable(ctx_memory_o) && $stable(ctx_geometry_o) && $stable(ctx_id_o));
  beat_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    beat_valid_o && !beat_ready_i |=>
    beat_valid_o && $stable(beat_data_o) && $stable(beat_err_o));
  all_room_free: assert property (@(posedge clk_i) disable iff (!rst_ni)
    idle_o && !rd_req_valid_o |-> free_q == CountW'(Depth));
`endif

endmodule
