// Writes the blocks of a SWAP back: the bytes that its updates replaced as values, then the new CRC.
//
// Does:         packs replaced bytes into beats, with zeros behind a block's last one up to StreamAlign, and
//               continues the block's CRC over them. When all of a block is there it writes the value
//               region in bursts up to multiples of BurstBytes, and then one beat at the block's first
//               byte of which only the four bytes of the CRC are written.
// Never does:   writes anything of a block that is not complete; requests anything after a write error.
// Latency:      eight cycles from a block's last byte to the first request.
// Throughput:   Lanes bytes a cycle, three cycles without per block; a beat a cycle to memory.
// Backpressure: old_ready_o is low while four transfers wait, as they do while a block is ended and while
//               the beat FIFO, which holds more than the largest block, is full. After a write error
//               bytes are taken and dropped.
module shira_scatter_writeback #(
  parameter int unsigned BeatBytes    = 32,
  parameter int unsigned BurstBytes   = 512,
  parameter int unsigned Outstanding  = 16,
  parameter int unsigned StreamAlign  = 32,
  parameter int unsigned Lanes        = 8,
  parameter int unsigned BlockUpdates = 512,
  localparam int unsigned CountW      = $clog2(Lanes + 1)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,           // synchronous, active low
  input  logic                     clear_i,          // forget the error and the block that is not complete
  // blocks <- loader, in the order of the stream
  input  logic                     block_valid_i,
  output logic                     block_ready_o,
  input  shira_scatter_pkg::undo_t block_i,
  // replaced bytes <- banks; those of one transfer belong to one block
  input  logic                     old_valid_i,
  output logic                     old_ready_o,
  input  logic [       CountW-1:0] old_count_i,      // 1 to Lanes
  input  logic [      Lanes*8-1:0] old_data_i,       // the oldest in byte 0
  // memory write client
  output logic                     wr_req_valid_o,
  input  logic                     wr_req_ready_i,
  output logic [             63:0] wr_req_addr_o,
  output logic [              7:0] wr_req_len_o,
  output logic                     wr_data_valid_o,
  input  logic                     wr_data_ready_i,
  output logic [  BeatBytes*8-1:0] wr_data_o,
  output logic [    BeatBytes-1:0] wr_strb_o,
  output logic                     wr_last_o,
  input  logic                     wr_rsp_valid_i,
  input  logic [              1:0] wr_rsp_err_i,
  // state
  output logic                     busy_o,           // a complete block is not written and answered
  output logic                     moved_o,          // a beat left
  output logic                     fail_valid_o,     // a burst failed; the first one is kept
  output logic                     fail_decerr_o,
  output logic [             63:0] fail_addr_o
);

  localparam int unsigned BeatW      = $clog2(BeatBytes);
  localparam int unsigned BeatBits   = BeatBytes * 8;
  localparam int unsigned AlignW     = $clog2(StreamAlign);
  localparam int unsigned MaxBeats   = (BlockUpdates + StreamAlign - 1) / StreamAlign * StreamAlign /
                                       BeatBytes;  // of a value region
  localparam int unsigned Depth      = 1 << $clog2(MaxBeats + MaxBeats / 2 + 4);
  localparam int unsigned BeatsW     = $clog2(MaxBeats + 1);
  localparam int unsigned LevelW     = $clog2(Depth) + 1;
  localparam int unsigned PartBytes  = (Lanes < BeatBytes) ? Lanes : BeatBytes;  // packed in a cycle at most
  localparam int unsigned HalfFlight = (Outstanding > 1) ? Outstanding / 2 : 1;

  // ---- Blocks, and bytes that wait to be packed ----
  logic                     next_valid;
  logic                     next_take;   // its bytes are packed now
  shira_scatter_pkg::undo_t next;
  logic [       BeatsW-1:0] next_beats;  // of its value region
  logic                     old_valid;
  logic                     old_pop;
  logic [       CountW-1:0] old_count;
  logic [      Lanes*8-1:0] old_data;
  logic                     part_take;   // bytes of the oldest transfer are packed
  logic [       CountW-1:0] part_count;  // how many
  logic [  PartBytes*8-1:0] part_data;

  /* verilator lint_off PINCONNECTEMPTY */  // how full a FIFO is does not matter here
  shira_fifo #(
    .Width($bits(next)),
    .Depth(8)
  ) u_blocks (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(block_valid_i),
    .push_ready_o(block_ready_o),
    .push_data_i (block_i),
    .pop_valid_o (next_valid),
    .pop_ready_i (next_take),
    .pop_data_o  (next),
    .count_o     ()
  );

  shira_fifo #(
    .Width(CountW + Lanes * 8),
    .Depth(4)
  ) u_old (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(old_valid_i),
    .push_ready_o(old_ready_o),
    .push_data_i ({old_count_i, old_data_i}),
    .pop_valid_o (old_valid),
    .pop_ready_i (old_pop || fail_valid_o),
    .pop_data_o  ({old_count, old_data}),
    .count_o     ()
  );

  assign next_beats =
      BeatsW'(((17'(next.updates) + 17'(StreamAlign - 1)) >> AlignW) << (AlignW - BeatW));

  if (Lanes <= BeatBytes) begin : g_whole
    assign old_pop    = part_take;
    assign part_count = old_count;
    assign part_data  = old_data;
  end else begin : g_parts
    localparam int unsigned IndexW = $clog2((Lanes + BeatBytes - 1) / BeatBytes);

    logic [IndexW-1:0] index_q;  // parts of the transfer that were packed
    logic [CountW-1:0] left;     // bytes of it that were not

    assign left       = old_count - (CountW'(index_q) << BeatW);
    assign old_pop    = part_take && left <= CountW'(BeatBytes);
    assign part_count = (left <= CountW'(BeatBytes)) ? left : CountW'(BeatBytes);
    assign part_data  = BeatBits'(old_data >> {index_q, (BeatW + 3)'(0)});
    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear_i || old_pop) index_q <= '0;
      else if (part_take) index_q <= index_q + IndexW'(1);
    end
  end

  // ---- Packing ----
  typedef enum logic [1:0] {
    PackNone,   // no block
    PackBytes,  // not all of the block's bytes have come
    PackZeros,  // the beats behind the last byte
    PackSeal    // the beat with the CRC
  } pack_e;

  pack_e              pack_q;
  logic [       63:0] addr_q;        // of the block
  logic [       63:0] region_q;      // of its value region
  logic [ BeatsW-1:0] beats_q;       // of it
  logic [ BeatsW-1:0] beats_left_q;  // of them not packed
  logic [       15:0] left_q;        // bytes that have not come
  logic [BeatBits-1:0] part_q;       // bytes of a beat that is not full; zero behind them
  logic [  BeatW-1:0] fill_q;        // how many
  logic [       31:0] crc_q;
  logic [       31:0] crc;
  logic               room_q;        // the beat FIFO has room for what is under way and one more
  logic               beat_valid_q;  // a beat goes into the FIFO
  logic               beat_crc_q;    // it is a CRC
  logic [BeatBits-1:0] beat_q;
  logic               all;           // the last byte comes
  logic               fills;         // a beat is full
  logic [    BeatW:0] fill;
  logic               emit;          // a beat of the value region is made
  logic               last_beat;     // it is the region's last
  logic               seal;          // the beat with the CRC is made
  logic               job_ready;
  logic [PartBytes*8-1:0]             part;  // zero behind its bytes
  logic [(BeatBytes+PartBytes)*8-1:0] both;  // the bytes that come behind those that are there

  assign part_take  = pack_q == PackBytes && old_valid && room_q;
  assign all       = left_q == 16'(part_count);
  assign fill      = (BeatW + 1)'(fill_q) + (BeatW + 1)'(part_count);
  assign fills     = fill[BeatW];
  assign emit      = (part_take && fills) || (pack_q == PackZeros && room_q);
  assign last_beat = beats_left_q == BeatsW'(1);
  assign seal      = pack_q == PackSeal && !beat_valid_q && room_q && job_ready && !fail_valid_o;
  assign next_take = next_valid && (pack_q == PackNone || seal);

  assign part = part_data & ({PartBytes * 8{1'b1}} >> {CountW'(PartBytes) - part_count, 3'd0});

  always_comb begin
    both = '0;
    if (emit || part_take) begin
      both[BeatBits-1:0] = part_q;
      if (part_take)
        both = both | (BeatBits + PartBytes * 8)'(part) << {fill_q, 3'd0};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      pack_q <= PackNone;
    end else begin
      unique case (pack_q)
        PackNone: if (next_valid) pack_q <= PackBytes;
        PackBytes: if (part_take && all) pack_q <= (fills && last_beat) ? PackSeal : PackZeros;
        PackZeros: if (room_q && last_beat) pack_q <= PackSeal;
        PackSeal: if (seal) pack_q <= next_valid ? PackBytes : PackNone;
        default: pack_q <= PackNone;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (next_take) begin
      addr_q       <= next.addr;
      region_q     <= next.addr + 64'(next.head);
      beats_q      <= next_beats;
      beats_left_q <= next_beats;
      left_q       <= next.updates;
      part_q       <= '0;
      fill_q       <= '0;
    end else if (emit || part_take) begin
      part_q <= emit ? BeatBits'(both >> BeatBits) : both[BeatBits-1:0];
      if (part_take) fill_q <= fill[BeatW-1:0];
      if (part_take) left_q <= left_q - 16'(part_count);
      if (emit) beats_left_q <= beats_left_q - BeatsW'(1);
    end
    if (emit) beat_q <= both[BeatBits-1:0];
    if (seal) beat_q <= {{(BeatBits - 32) {1'b0}}, ~crc_q};
    beat_crc_q <= seal;
    if (next_take) crc_q <= next.crc;
    else if (beat_valid_q && !beat_crc_q) crc_q <= crc;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) beat_valid_q <= 1'b0;
    else beat_valid_q <= emit || seal;
  end

  shira_crc32c #(
    .Bits(BeatBits)
  ) u_crc (
    .en_i  (beat_valid_q && !beat_crc_q),
    .crc_i (crc_q),
    .data_i(beat_q),
    .crc_o (crc)
  );

  // ---- Beats: those of a value region, then one with the CRC ----
  logic                beat_ready;
  logic                out_valid;
  logic                out_ready;
  logic                out_crc;
  logic [BeatBits-1:0] out_data;
  logic [  LevelW-1:0] level;

  shira_ram_fifo #(
    .Width(BeatBits + 1),
    .Depth(Depth)
  ) u_beats (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(beat_valid_q),
    .push_ready_o(beat_ready),
    .push_data_i ({beat_crc_q, beat_q}),
    .pop_valid_o (out_valid),
    .pop_ready_i (out_ready),
    .pop_data_o  ({out_crc, out_data}),
    .count_o     (level)
  );

  always_ff @(posedge clk_i) room_q <= level < LevelW'(Depth - 4);

  // ---- Bursts of the complete blocks ----
  typedef enum logic [1:0] {
    WriteNone,    // no block
    WriteValues,  // its value region
    WriteCrc      // its CRC
  } write_e;

  write_e            write_q;
  logic              job_valid;
  logic              job_done;
  logic [      63:0] job_addr;
  logic [      63:0] job_region;
  logic [BeatsW-1:0] job_beats;
  logic              cutter_load;
  logic              cutter_next;
  logic              cutter_busy;
  logic              cutter_valid;
  logic [      63:0] cutter_addr;
  logic [       8:0] cutter_beats;
  logic              piece_valid;
  logic              piece_ready;
  logic              answered;

  shira_fifo #(
    .Width(128 + BeatsW),
    .Depth(2)
  ) u_jobs (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(seal),
    .push_ready_o(job_ready),
    .push_data_i ({addr_q, region_q, beats_q}),
    .pop_valid_o (job_valid),
    .pop_ready_i (job_done),
    .pop_data_o  ({job_addr, job_region, job_beats}),
    .count_o     ()
  );

  shira_burst_cutter #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes)
  ) u_cutter (
    .clk_i,
    .rst_ni,
    .clear_i,
    .load_i     (cutter_load),
    .single_i   (1'b0),
    .addr_i     (job_region),
    .stride_i   (32'd0),
    .row_beats_i(32'(job_beats)),
    .rows_i     (32'd1),
    .busy_o     (cutter_busy),
    .valid_o    (cutter_valid),
    .addr_o     (cutter_addr),
    .beats_o    (cutter_beats),
    .next_i     (cutter_next)
  );

  assign cutter_load = write_q == WriteNone && job_valid;
  assign cutter_next = write_q == WriteValues && piece_valid && piece_ready;
  assign piece_valid = (write_q == WriteCrc || cutter_valid) && !fail_valid_o;
  assign job_done    = write_q == WriteCrc && piece_valid && piece_ready;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      write_q <= WriteNone;
    end else begin
      unique case (write_q)
        WriteNone: if (job_valid) write_q <= WriteValues;
        WriteValues: if (!cutter_busy) write_q <= WriteCrc;
        WriteCrc: if (job_done) write_q <= WriteNone;
        default: write_q <= WriteNone;
      endcase
    end
  end

  shira_burst_writer #(
    .BeatBytes  (BeatBytes),
    .Outstanding(HalfFlight),
    .CountW     (LevelW),
    .TagW       (1)
  ) u_writer (
    .clk_i,
    .rst_ni,
    .clear_i,
    .piece_valid_i(piece_valid),
    .piece_ready_o(piece_ready),
    .piece_addr_i (write_q == WriteCrc ? job_addr : cutter_addr),
    .piece_beats_i(write_q == WriteCrc ? 9'd1 : cutter_beats),
    .piece_tag_i  (1'b0),
    .fifo_push_i  (beat_valid_q),
    .fifo_other_i (1'b0),
    .fifo_clear_i (clear_i),
    .fifo_valid_i (out_valid),
    .fifo_ready_o (out_ready),
    .fifo_data_i  (out_data),
    .fifo_strb_i  (out_crc ? BeatBytes'(15) : {BeatBytes{1'b1}}),
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
    .drained_o    (),
    .answered_o   (answered),
    .moved_o,
    .rsp_tag_o    (),
    .fail_valid_o,
    .fail_tag_o   (),
    .fail_decerr_o,
    .fail_addr_o
  );
  /* verilator lint_on PINCONNECTEMPTY */

  assign busy_o = !answered || (!fail_valid_o && (old_valid || pack_q == PackZeros || pack_q == PackSeal ||
                                                  job_valid));

  logic unused;
  assign unused = &{1'b0, beat_ready};

`ifdef SHIRA_ASSERT
  AssertOneBlock :
  assert property (@(posedge clk_i) disable iff (!rst_ni) part_take |-> 16'(part_count) <= left_q);
  AssertClearIdle :
  assert property (@(posedge clk_i) disable iff (!rst_ni) clear_i |-> !busy_o);
  AssertBeatRoom :
  assert property (@(posedge clk_i) disable iff (!rst_ni) beat_valid_q |-> beat_ready);
  AssertBeatsCount :
  assert property (@(posedge clk_i) disable iff (!rst_ni) emit |-> beats_left_q != '0);
  AssertSealed :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    seal |-> left_q == '0 && beats_left_q == '0);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_pack_none, pack_q == PackNone)
  `SHIRA_COVER(state_pack_bytes, pack_q == PackBytes)
  `SHIRA_COVER(state_pack_zeros, pack_q == PackZeros)
  `SHIRA_COVER(state_pack_seal, pack_q == PackSeal)
  `SHIRA_COVER(state_write_none, write_q == WriteNone)
  `SHIRA_COVER(state_write_values, write_q == WriteValues)
  `SHIRA_COVER(state_write_crc, write_q == WriteCrc)
`endif

endmodule
