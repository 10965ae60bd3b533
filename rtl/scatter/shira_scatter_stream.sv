// What SCATTER does with a stream that was fetched, until its updates have positions.
//
// Does:         checks and sorts the stream (shira_scatter_loader), holds what may be decoded in the row
//               FIFOs of gaps and values, and decodes it into bundles (shira_scatter_gaps,
//               shira_scatter_bundles).
// Never does:   gives an update of a block before the whole block was found good.
// Latency:      that of its parts, one after the other.
// Throughput:   a beat a cycle in, a bundle a cycle out. Holds one block of the largest size and a half.
// Backpressure: beats wait while a row FIFO is full; out_ready_i. Two commands wait.
module shira_scatter_stream #(
  parameter int unsigned BeatBytes    = 32,
  parameter int unsigned StreamAlign  = 32,
  parameter int unsigned Lanes        = 8,
  parameter int unsigned DecodeBytes  = 12,
  parameter int unsigned BlockUpdates = 512,
  localparam int unsigned CountW      = $clog2(Lanes + 1)
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,         // synchronous, active low
  input  logic                        abort_i,        // forget the commands, throw beats away
  // commands <- fetch
  input  logic                        ctx_valid_i,
  output logic                        ctx_ready_o,    // does not depend on ctx_valid_i
  input  shira_scatter_pkg::command_t ctx_i,
  // beats <- fetch
  input  logic                        beat_valid_i,
  output logic                        beat_ready_o,
  input  logic [     BeatBytes*8-1:0] beat_data_i,
  input  logic [                 1:0] beat_err_i,
  input  logic [                63:0] fail_addr_i,
  // blocks that are written back
  output logic                        undo_valid_o,
  input  logic                        undo_ready_i,
  output shira_scatter_pkg::undo_t    undo_o,
  // bundles -> offsets
  output logic                        out_valid_o,
  input  logic                        out_ready_i,
  output logic [          CountW-1:0] out_count_o,    // updates
  output logic [        Lanes*34-1:0] out_pos_o,      // positions
  output logic [         Lanes*8-1:0] out_value_o,
  output shira_scatter_pkg::mark_t    out_mark_o,
  // to the counters
  output logic                        rd_valid_o,     // bytes are counted
  output logic [                 3:0] rd_class_o,     // shira_regs_pkg::traffic_e
  output logic [                 7:0] rd_bytes_o
);

  // Rows of the gap and value FIFOs: a beat, or more where the decoder looks at more.
  localparam int unsigned WantBytes  = (DecodeBytes > 16) ? (1 << $clog2(DecodeBytes)) : 16;
  localparam int unsigned RowBytes   = (BeatBytes > WantBytes) ? BeatBytes : WantBytes;
  // More than one block of the largest size, several of the usual one.
  localparam int unsigned BlockRows  = (16 + 4 * BlockUpdates + RowBytes - 1) / RowBytes;
  localparam int unsigned GapDepth   = 1 << $clog2(BlockRows + BlockRows / 2 + 2);
  localparam int unsigned ValueRows  = (BlockUpdates + RowBytes - 1) / RowBytes;
  localparam int unsigned ValueDepth = 1 << $clog2(3 * ValueRows + 2);
  localparam int unsigned GapW       = $clog2(DecodeBytes + 1);

  // ---- Load ----
  logic                        load_ctx_valid;
  logic                        load_ctx_ready;
  shira_scatter_pkg::command_t load_ctx;

  /* verilator lint_off PINCONNECTEMPTY */  // how full a FIFO is does not matter here
  shira_fifo #(
    .Width($bits(ctx_i)),
    .Depth(2)
  ) u_contexts (
    .clk_i,
    .rst_ni,
    .clear_i     (abort_i),
    .push_valid_i(ctx_valid_i),
    .push_ready_o(ctx_ready_o),
    .push_data_i (ctx_i),
    .pop_valid_o (load_ctx_valid),
    .pop_ready_i (load_ctx_ready),
    .pop_data_o  (load_ctx),
    .count_o     ()
  );

  logic                      gap_push;
  logic                      gap_push_ready;
  logic                      value_push;
  logic                      value_push_ready;
  logic [    RowBytes*8-1:0] row;
  logic                      block_push;
  logic                      block_push_ready;
  shira_scatter_pkg::block_t block_new;
  logic [               7:0] load_status;
  logic [              63:0] load_where;

  shira_scatter_loader #(
    .BeatBytes   (BeatBytes),
    .StreamAlign (StreamAlign),
    .BlockUpdates(BlockUpdates),
    .RowBytes    (RowBytes)
  ) u_loader (
    .clk_i,
    .rst_ni,
    .abort_i,
    .ctx_valid_i  (load_ctx_valid),
    .ctx_ready_o  (load_ctx_ready),
    .ctx_i        (load_ctx),
    .beat_valid_i,
    .beat_ready_o,
    .beat_data_i,
    .beat_err_i,
    .fail_addr_i,
    .gap_valid_o  (gap_push),
    .gap_ready_i  (gap_push_ready),
    .value_valid_o(value_push),
    .value_ready_i(value_push_ready),
    .row_data_o   (row),
    .block_valid_o(block_push),
    .block_ready_i(block_push_ready),
    .block_o      (block_new),
    .undo_valid_o,
    .undo_ready_i,
    .undo_o,
    .status_o     (load_status),
    .where_o      (load_where),
    .rd_valid_o,
    .rd_class_o,
    .rd_bytes_o
  );

  logic                      gap_row_valid;
  logic                      gap_row_ready;
  logic [    RowBytes*8-1:0] gap_row;
  logic                      value_row_valid;
  logic                      value_row_ready;
  logic [    RowBytes*8-1:0] value_row;
  logic                      block_valid;
  logic                      block_ready;
  shira_scatter_pkg::block_t block;

  shira_ram_fifo #(
    .Width(RowBytes * 8),
    .Depth(GapDepth)
  ) u_gaps (
    .clk_i,
    .rst_ni,
    .clear_i     (abort_i),
    .push_valid_i(gap_push),
    .push_ready_o(gap_push_ready),
    .push_data_i (row),
    .pop_valid_o (gap_row_valid),
    .pop_ready_i (gap_row_ready),
    .pop_data_o  (gap_row),
    .count_o     ()
  );

  shira_ram_fifo #(
    .Width(RowBytes * 8),
    .Depth(ValueDepth)
  ) u_values (
    .clk_i,
    .rst_ni,
    .clear_i     (abort_i),
    .push_valid_i(value_push),
    .push_ready_o(value_push_ready),
    .push_data_i (row),
    .pop_valid_o (value_row_valid),
    .pop_ready_i (value_row_ready),
    .pop_data_o  (value_row),
    .count_o     ()
  );

  shira_fifo #(
    .Width($bits(block_new)),
    .Depth(8)
  ) u_blocks (
    .clk_i,
    .rst_ni,
    .clear_i     (abort_i),
    .push_valid_i(block_push),
    .push_ready_o(block_push_ready),
    .push_data_i (block_new),
    .pop_valid_o (block_valid),
    .pop_ready_i (block_ready),
    .pop_data_o  (block),
    .count_o     ()
  );
  /* verilator lint_on PINCONNECTEMPTY */

  // ---- Decode ----
  // Gap bytes are taken in multiples of GapStep, but for a block's last.
  localparam int unsigned Whole     = (DecodeBytes / 4 < Lanes) ? DecodeBytes / 4 : Lanes;
  localparam int unsigned StartByte = 16 % RowBytes;  // gaps follow the header
  localparam int unsigned GapTakes  = DecodeBytes | (4 * Whole) | RowBytes | StartByte;
  localparam int unsigned GapStep   = GapTakes & (~GapTakes + 1);  // its lowest bit

  logic [         GapW-1:0] gap_bytes;
  logic                     gap_skip;
  logic                     gap_enough;
  logic [DecodeBytes*8-1:0] gap_data;
  logic                     gap_take;
  logic [       CountW-1:0] value_bytes;
  logic                     value_skip;
  logic                     value_enough;
  logic [      Lanes*8-1:0] value_data;
  logic                     value_take;

  shira_gearbox #(
    .RowBytes (RowBytes),
    .OutBytes (DecodeBytes),
    .StartByte(StartByte),
    .Step     (GapStep)
  ) u_gap_gearbox (
    .clk_i,
    .rst_ni,
    .clear_i     (abort_i),
    .row_valid_i (gap_row_valid),
    .row_ready_o (gap_row_ready),
    .row_data_i  (gap_row),
    .data_o      (gap_data),
    .take_bytes_i(gap_bytes),
    .take_skip_i (gap_skip),
    .enough_o    (gap_enough),
    .take_i      (gap_take)
  );

  shira_gearbox #(
    .RowBytes (RowBytes),
    .OutBytes (Lanes),
    .StartByte(0)
  ) u_value_gearbox (
    .clk_i,
    .rst_ni,
    .clear_i     (abort_i),
    .row_valid_i (value_row_valid),
    .row_ready_o (value_row_ready),
    .row_data_i  (value_row),
    .data_o      (value_data),
    .take_bytes_i(value_bytes),
    .take_skip_i (value_skip),
    .enough_o    (value_enough),
    .take_i      (value_take)
  );

  logic                      strip_valid;
  logic                      strip_ready;
  shira_scatter_pkg::strip_t strip;
  logic [          GapW-1:0] strip_count;
  logic [              31:0] strip_span;
  logic [DecodeBytes*16-1:0] strip_slots;

  shira_scatter_gaps #(
    .Lanes      (Lanes),
    .DecodeBytes(DecodeBytes)
  ) u_gap_strips (
    .clk_i,
    .rst_ni,
    .clear_i      (abort_i),
    .block_valid_i(block_valid),
    .block_ready_o(block_ready),
    .block_i      (block),
    .gap_bytes_o  (gap_bytes),
    .gap_skip_o   (gap_skip),
    .gap_enough_i (gap_enough),
    .gap_data_i   (gap_data),
    .gap_take_o   (gap_take),
    .strip_valid_o(strip_valid),
    .strip_ready_i(strip_ready),
    .strip_o      (strip),
    .strip_count_o(strip_count),
    .strip_span_o (strip_span),
    .strip_slots_o(strip_slots)
  );

  shira_scatter_bundles #(
    .Lanes      (Lanes),
    .DecodeBytes(DecodeBytes)
  ) u_bundles (
    .clk_i,
    .rst_ni,
    .clear_i       (abort_i),
    .strip_valid_i (strip_valid),
    .strip_ready_o (strip_ready),
    .strip_i       (strip),
    .strip_count_i (strip_count),
    .strip_span_i  (strip_span),
    .strip_slots_i (strip_slots),
    .status_i      (load_status),
    .where_i       (load_where),
    .value_bytes_o (value_bytes),
    .value_skip_o  (value_skip),
    .value_enough_i(value_enough),
    .value_data_i  (value_data),
    .value_take_o  (value_take),
    .out_valid_o,
    .out_ready_i,
    .out_count_o,
    .out_pos_o,
    .out_value_o,
    .out_mark_o
  );

endmodule
