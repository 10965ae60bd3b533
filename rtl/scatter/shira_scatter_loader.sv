// Second stage of SCATTER: cuts the stream into blocks, checks them, and sorts gaps and values.
//
// Does:         reads a block's header; checks format, length and CRC32C and that the gaps hold the
//               header's count of updates (coo32: that its positions begin with the header's and
//               increase); hands gap rows and value rows on, and announces the block only when it is
//               known to be good. Checks in the order format, length, CRC; the order of blocks and,
//               after it, what was found in the gaps are judged by shira_scatter_bundles, which knows
//               where the block before ended. Counts each byte of the stream to its traffic class.
// Never does:   announces anything after an error; its status and place stay until abort_i.
// Latency:      the length of a block and four cycles. Throughput: a beat a cycle within a region of a
//               block, three cycles without a beat per block.
// Backpressure: beats wait while a row FIFO is full; the FIFOs hold more than the largest block.
module shira_scatter_loader #(
  parameter int unsigned BeatBytes    = 32,
  parameter int unsigned StreamAlign  = 32,
  parameter int unsigned BlockUpdates = 512,
  parameter int unsigned RowBytes     = 32    // bytes of a gap or value row, >= BeatBytes, >= 16
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,           // synchronous, active low
  input  logic                        abort_i,          // forget the command, throw beats away
  // command <- fetch
  input  logic                        ctx_valid_i,
  output logic                        ctx_ready_o,      // the command's stream has been read
  input  shira_scatter_pkg::command_t ctx_i,
  // beats <- fetch
  input  logic                        beat_valid_i,
  output logic                        beat_ready_o,
  input  logic [     BeatBytes*8-1:0] beat_data_i,
  input  logic [                 1:0] beat_err_i,
  input  logic [                63:0] fail_addr_i,
  // rows -> gearboxes
  output logic                        gap_valid_o,
  input  logic                        gap_ready_i,
  output logic                        value_valid_o,
  input  logic                        value_ready_i,
  output logic [      RowBytes*8-1:0] row_data_o,       // of both
  // blocks -> shira_scatter_gaps
  output logic                        block_valid_o,
  input  logic                        block_ready_i,
  output shira_scatter_pkg::block_t   block_o,
  // blocks that are written back; announced to both in one cycle
  output logic                        undo_valid_o,
  input  logic                        undo_ready_i,
  output shira_scatter_pkg::undo_t    undo_o,
  output logic [                 7:0] status_o,         // of the error that was announced
  output logic [                63:0] where_o,
  // to the counters
  output logic                        rd_valid_o,       // bytes are counted
  output logic [                 3:0] rd_class_o,       // shira_regs_pkg::traffic_e
  output logic [                 7:0] rd_bytes_o
);

  localparam int unsigned BeatW    = $clog2(BeatBytes);
  localparam int unsigned RowBeats = RowBytes / BeatBytes;
  localparam int unsigned MaxGaps  = 4 * BlockUpdates;
  localparam int unsigned SizeW    = $clog2(16 + MaxGaps + StreamAlign) + 1;  // bits of a region's size
  localparam int unsigned LaneW    = (RowBeats > 1) ? $clog2(RowBeats) : 1;
  localparam int unsigned Chunks   = BeatBytes / 8;

  if (StreamAlign < 16 || StreamAlign < BeatBytes) begin : g_bad_align
    $error("%m: StreamAlign must be at least 16 and a beat");
  end
  if (BlockUpdates > 16383) begin : g_bad_block
    $error("%m: BlockUpdates must be at most 16383");
  end

  typedef enum logic [3:0] {
    LoadIdle,     // no command
    LoadHead,     // a header's first beat is wanted; header of one beat: only looked at
    LoadHead2,    // the second beat of a header of two is looked at
    LoadCheck,    // header known
    LoadGaps,     // header and gaps pass
    LoadValues,   // values pass
    LoadVerdict,  // all of the block passed
    LoadEnd,      // the stream passed
    LoadFail,     // an error is announced
    LoadDead      // an error was announced
  } load_e;

  load_e                         state_q;
  logic [                 127:0] head_q;
  shira_regs_pkg::block_header_t head;
  shira_regs_pkg::block_header_t head_d;       // the beat that is looked at completes the header
  logic [             SizeW-1:0] gap_size_q;   // regions of the block, padding included
  logic [             SizeW-1:0] value_size_q;
  logic [             SizeW-1:0] gaps_end_q;   // byte behind the last gap
  logic [             SizeW-1:0] at_q;       // byte of the region at which the beat starts
  logic [                  31:0] offset_q;   // of the block
  logic [                  31:0] left_q;     // bytes of the stream from the block on
  logic [                  31:0] total_q;    // updates of the blocks before
  logic                          new_q;      // first block of the stream
  logic [                  31:0] crc_q;
  logic [                  31:0] crc;
  logic [                  31:0] crc_head_q; // after the block's gaps
  logic [                  15:0] escapes_q;
  logic                          first_bad_q;  // the first gap is not 0, or the first position not `first`
  logic [                  31:0] last_q;       // last word of the beat before
  logic                          order_bad_q;  // a position is not above the one before it
  logic                          pop;
  logic                          beat_bad;
  logic                          region_end;   // the beat is the last of its region

  assign head       = head_q;
  assign head_d     = (BeatBytes >= 16) ? 128'(beat_data_i) : {beat_data_i[63:0], head_q[63:0]};
  assign beat_bad   = beat_valid_i && beat_err_i[1];
  assign region_end = at_q + SizeW'(BeatBytes) == ((state_q == LoadValues) ? value_size_q : gap_size_q);

  function automatic logic [SizeW-1:0] align(input logic [16:0] bytes);
    align = SizeW'((bytes + 17'(StreamAlign - 1)) & ~17'(StreamAlign - 1));
  endfunction

  always_ff @(posedge clk_i) begin
    if (state_q == LoadHead || state_q == LoadHead2) begin
      gap_size_q   <= align(17'd16 + 17'(head_d.gap_bytes));
      value_size_q <= align(17'(head_d.updates));
      gaps_end_q   <= SizeW'(16) + SizeW'(head_d.gap_bytes);
    end
  end

  // ---- What the header says ----
  logic        gaps_bad;     // as many bytes cannot be
  logic        format_bad;
  logic        length_bad;
  logic [31:0] block_size;
  logic [32:0] total;

  assign block_size = 32'(gap_size_q) + 32'(value_size_q);
  assign total      = 33'(total_q) + 33'(head.updates);
  assign gaps_bad   = ctx_i.coo ? 18'(head.gap_bytes) != {head.updates, 2'b00} :
                      head.gap_bytes < head.updates || head.gap_bytes > 16'(MaxGaps);
  assign format_bad = head.format != (ctx_i.coo ? shira_regs_pkg::StreamFormatCoo32
                                                : shira_regs_pkg::StreamFormatGap8) ||
                      head.value_bytes != 8'd1 || head.updates == '0 ||
                      head.updates > 16'(BlockUpdates) || gaps_bad;
  assign length_bad = left_q < block_size || total > 33'(ctx_i.updates);

  // ---- Beats ----
  always_comb begin
    pop = 1'b0;
    if (beat_valid_i) begin
      unique case (state_q)
        LoadHead: pop = BeatBytes < 16 && !beat_bad;
        LoadGaps: pop = gap_ready_i && !beat_bad;
        LoadValues: pop = value_ready_i && !beat_bad;
        default: ;
      endcase
      if (abort_i) pop = 1'b1;
    end
  end
  assign beat_ready_o = pop;

  // The CRC is taken with its own field zero.
  logic                   starts;
  logic [BeatBytes*8-1:0] crc_data;
  assign starts = state_q != LoadValues && at_q == '0;
  always_comb begin
    crc_data = beat_data_i;
    if (starts) crc_data[31:0] = '0;
  end

  shira_crc32c #(
    .Bits(BeatBytes * 8)
  ) u_crc (
    .en_i  (pop),
    .crc_i (starts ? '1 : crc_q),
    .data_i(crc_data),
    .crc_o (crc)
  );

  // Escapes among the beat's gap bytes, which lie from the header's end to the gaps' end.
  logic [      3:0] chunk_escapes[Chunks];
  logic [      7:0] escapes;
  logic [      7:0] beat_escapes_q;  // of the beat before

  for (genvar c = 0; c < Chunks; c++) begin : g_chunk
    logic [63:0] word;
    logic [ 7:0] flags;    // byte i is 255
    logic [ 7:0] in_gaps;
    logic [SizeW-1:0] from;  // byte of the block at which the chunk starts

    assign from = at_q + SizeW'(c * 8);
    assign word = beat_data_i[c*64+:64];
    for (genvar i = 0; i < 8; i++) begin : g_flag
      assign flags[i] = &word[8*i+:8];
    end
    always_comb begin
      in_gaps = '1;
      if (gaps_end_q - from < SizeW'(8)) in_gaps = ~(8'hff << 3'(gaps_end_q));
      if (from >= gaps_end_q || from < SizeW'(16)) in_gaps = '0;
      chunk_escapes[c] = '0;
      if (state_q == LoadGaps) chunk_escapes[c] = 4'($countones(flags & in_gaps));
    end
  end

  always_comb begin
    escapes = '0;
    for (int unsigned c = 0; c < Chunks; c++) escapes = escapes + 8'(chunk_escapes[c]);
  end

  // The first gap, in the beat that holds byte 16 of the block.
  localparam int unsigned FirstGap = 16 % BeatBytes;
  logic        first_here;
  logic [31:0] first_pos;
  assign first_here = state_q == LoadGaps && at_q == SizeW'(16 - FirstGap);
  assign first_pos  = beat_data_i[FirstGap*8+:32];

  // Positions of coo32: each above the one before it, which for a block's first is the header's.
  localparam int unsigned Words = BeatBytes / 4;
  logic order_bad;

  always_comb begin : p_order
    logic [SizeW-1:0] from;  // byte of the block at which the position starts
    order_bad = 1'b0;
    from      = '0;
    if (ctx_i.coo && state_q == LoadGaps) begin
      for (int unsigned w = 0; w < Words; w++) begin
        from = at_q + SizeW'(w * 4);
        if (from > SizeW'(16) && from < gaps_end_q &&
            beat_data_i[w*32+:32] <= ((w == 0) ? last_q : beat_data_i[((w+Words-1)%Words)*32+:32]))
          order_bad = 1'b1;
      end
    end
  end

  // ---- Rows ----
  // Only rows with something of their kind are handed on: the gearboxes skip to the next row at the end
  // of a block, whatever the region's padding.
  logic             row_full;
  logic [SizeW-1:0] row_at;  // byte of the region at which the row starts
  assign row_at        = at_q & ~SizeW'(RowBytes - 1);
  assign gap_valid_o   = pop && state_q == LoadGaps && row_full && row_at < gaps_end_q &&
                         (RowBytes > 16 || row_at != '0);
  assign value_valid_o = pop && state_q == LoadValues && row_full && row_at < SizeW'(head.updates);

  if (RowBeats == 1) begin : g_row_beat
    assign row_full   = 1'b1;
    assign row_data_o = beat_data_i;
  end else begin : g_row_beats
    logic [RowBytes*8-1:0] row_q;
    logic [     LaneW-1:0] lane;

    assign lane     = at_q[BeatW+:LaneW];
    assign row_full = lane == '1 || region_end;
    always_comb begin
      row_data_o = row_q;
      row_data_o[32'(lane)*BeatBytes*8+:BeatBytes*8] = beat_data_i;
    end
    always_ff @(posedge clk_i) begin
      if (pop) row_q <= row_data_o;
    end
  end

  // ---- Control ----
  logic crc_bad;
  logic stream_end;
  logic announced;  // a block that is good
  assign crc_bad    = ~crc_q != head.crc;
  assign stream_end = left_q == block_size;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || abort_i) begin
      state_q <= LoadIdle;
    end else begin
      unique case (state_q)
        LoadIdle:
        if (ctx_valid_i) state_q <= (ctx_i.status == shira_regs_pkg::StatusOk) ? LoadHead : LoadFail;
        LoadHead: begin
          if (beat_bad) state_q <= LoadFail;
          else if (beat_valid_i) state_q <= (BeatBytes < 16) ? LoadHead2 : LoadCheck;
        end
        LoadHead2: begin
          if (beat_bad) state_q <= LoadFail;
          else if (beat_valid_i) state_q <= LoadCheck;
        end
        LoadCheck: state_q <= (format_bad || length_bad) ? LoadFail : LoadGaps;
        LoadGaps: begin
          if (beat_bad) state_q <= LoadFail;
          else if (pop && region_end) state_q <= LoadValues;
        end
        LoadValues: begin
          if (beat_bad) state_q <= LoadFail;
          else if (pop && region_end) state_q <= LoadVerdict;
        end
        LoadVerdict: begin
          if (crc_bad) state_q <= LoadFail;
          else if (announced) begin
            if (block_o.bad_gaps) state_q <= LoadDead;
            else state_q <= stream_end ? LoadEnd : LoadHead;
          end
        end
        LoadEnd: state_q <= (total_q == ctx_i.updates) ? LoadIdle : LoadFail;
        LoadFail: if (block_ready_i) state_q <= LoadDead;
        LoadDead: state_q <= LoadDead;
        default: state_q <= LoadIdle;
      endcase
    end
  end

  assign ctx_ready_o = state_q == LoadEnd && total_q == ctx_i.updates;

  always_ff @(posedge clk_i) begin
    beat_escapes_q <= (pop && state_q == LoadGaps) ? escapes : '0;
    if (beat_escapes_q != '0) escapes_q <= escapes_q + 16'(beat_escapes_q);
    if (pop) begin
      at_q  <= region_end ? '0 : at_q + SizeW'(BeatBytes);
      crc_q <= crc;
    end
    if (pop && state_q == LoadGaps) begin
      last_q      <= beat_data_i[BeatBytes*8-1-:32];
      order_bad_q <= order_bad_q || order_bad;
      if (first_here) first_bad_q <= ctx_i.coo ? first_pos != head.first : first_pos[7:0] != '0;
    end
    if (state_q == LoadValues && at_q == '0) crc_head_q <= crc_q;
    unique case (state_q)
      LoadIdle: begin
        offset_q <= '0;
        left_q   <= ctx_i.stream_bytes;
        total_q  <= '0;
        new_q    <= 1'b1;
        at_q     <= '0;
      end
      LoadHead: begin
        escapes_q   <= '0;
        order_bad_q <= 1'b0;
        if (BeatBytes >= 16) head_q <= 128'(beat_data_i);
        else head_q[63:0] <= beat_data_i[63:0];
        // What region_end would say of the old header does not count yet.
        if (pop) at_q <= SizeW'(BeatBytes);
      end
      LoadHead2: head_q[127:64] <= beat_data_i[63:0];
      LoadVerdict:
      if (announced) begin
        offset_q <= offset_q + block_size;
        left_q   <= left_q - block_size;
        total_q  <= total[31:0];
        new_q    <= 1'b0;
      end
      default: ;
    endcase
  end

  // ---- Blocks and errors ----
  assign announced          = state_q == LoadVerdict && !crc_bad && block_ready_i && undo_ready_i;
  assign block_valid_o      = state_q == LoadFail || (state_q == LoadVerdict && !crc_bad && undo_ready_i);
  assign block_o.error      = state_q == LoadFail;
  assign block_o.bad_gaps   = first_bad_q || (ctx_i.coo ? order_bad_q :
                              head.gap_bytes - escapes_q != head.updates);
  assign block_o.coo        = ctx_i.coo;
  assign block_o.new_stream = new_q;
  assign block_o.last       = stream_end && total == 33'(ctx_i.updates);
  assign block_o.gap_bytes  = head.gap_bytes;
  assign block_o.first      = head.first;
  assign block_o.offset     = offset_q;
  assign undo_valid_o       = announced && ctx_i.swap;
  assign undo_o.addr        = ctx_i.stream_addr + 64'(offset_q);
  assign undo_o.head        = 18'(gap_size_q);
  assign undo_o.updates     = head.updates;
  assign undo_o.crc         = crc_head_q;

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      LoadIdle: begin
        status_o <= ctx_i.status;
        where_o  <= ctx_i.where;
      end
      LoadHead, LoadHead2, LoadGaps, LoadValues:
      if (beat_bad) begin
        status_o <= beat_err_i[0] ? shira_regs_pkg::StatusReadDecerr : shira_regs_pkg::StatusReadSlverr;
        where_o  <= fail_addr_i;
      end
      LoadCheck: begin
        status_o <= format_bad ? shira_regs_pkg::StatusStreamFormat : shira_regs_pkg::StatusStreamLength;
        where_o  <= 64'(offset_q);
      end
      LoadVerdict: begin
        status_o <= shira_regs_pkg::StatusStreamCrc;
        where_o  <= 64'(offset_q);
      end
      LoadEnd: begin
        status_o <= shira_regs_pkg::StatusStreamLength;
        where_o  <= 64'(offset_q);
      end
      default: ;
    endcase
  end

  // ---- Traffic ----
  // A value beat may end in padding, which counts as index: it is added to the next index beat, or
  // counted alone in a cycle without a beat.
  logic [       7:0] padding_q;
  logic [       7:0] values;       // value bytes of the beat
  logic [ SizeW-1:0] values_left;
  logic              undo_q;       // class of what is thrown away
  logic              undo;

  assign values_left = SizeW'(head.updates) - at_q;
  assign undo        = (state_q == LoadIdle) ? undo_q : ctx_i.undo;

  always_comb begin
    values = '0;
    if (state_q == LoadValues && at_q < SizeW'(head.updates)) begin
      values = (values_left < SizeW'(BeatBytes)) ? 8'(values_left) : 8'(BeatBytes);
    end
    rd_valid_o = pop || padding_q != '0;
    rd_class_o = 4'(shira_regs_pkg::TrafficIndex);
    rd_bytes_o = padding_q;
    if (pop) begin
      rd_bytes_o = 8'(BeatBytes) + padding_q;
      if (undo) begin
        rd_class_o = 4'(shira_regs_pkg::TrafficUndo);
      end else if (values != '0) begin
        rd_class_o = 4'(shira_regs_pkg::TrafficValue);
        rd_bytes_o = values;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      padding_q <= '0;
      undo_q    <= 1'b0;
    end else begin
      if (state_q != LoadIdle) undo_q <= ctx_i.undo;
      if (pop && !undo && values != '0) padding_q <= padding_q + 8'(BeatBytes) - values;
      else padding_q <= '0;
    end
  end

  logic unused;
  assign unused = &{1'b0, head.rsvd14, head_d, beat_err_i[0], ctx_i.where};

`ifdef SHIRA_ASSERT
  block_stable: assert property (@(posedge clk_i) disable iff (!rst_ni || abort_i)
    block_valid_o && !block_ready_i |=> block_valid_o && $stable(block_o));
  announced_to_both: assert property (@(posedge clk_i) disable iff (!rst_ni)
    undo_valid_o |-> undo_ready_i && block_valid_o && block_ready_i);
  within_region: assert property (@(posedge clk_i) disable iff (!rst_ni)
    pop && !abort_i && (state_q == LoadGaps || state_q == LoadValues) |->
    at_q < ((state_q == LoadValues) ? value_size_q : gap_size_q));
  stream_conserved: assert property (@(posedge clk_i) disable iff (!rst_ni || abort_i)
    state_q != LoadIdle && state_q != LoadFail && state_q != LoadDead |->
    offset_q + left_q == ctx_i.stream_bytes);
  one_row: assert property (@(posedge clk_i) disable iff (!rst_ni) !(gap_valid_o && value_valid_o));
  dead_is_silent: assert property (@(posedge clk_i) disable iff (!rst_ni)
    state_q == LoadDead |-> !block_valid_o && !gap_valid_o && !value_valid_o && !ctx_ready_o);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_idle, state_q == LoadIdle)
  `SHIRA_COVER(state_head, state_q == LoadHead)
  `SHIRA_COVER(state_head2, state_q == LoadHead2)
  `SHIRA_COVER(state_check, state_q == LoadCheck)
  `SHIRA_COVER(state_gaps, state_q == LoadGaps)
  `SHIRA_COVER(state_values, state_q == LoadValues)
  `SHIRA_COVER(state_verdict, state_q == LoadVerdict)
  `SHIRA_COVER(state_end, state_q == LoadEnd)
  `SHIRA_COVER(state_fail, state_q == LoadFail)
  `SHIRA_COVER(state_dead, state_q == LoadDead)
`endif

endmodule
