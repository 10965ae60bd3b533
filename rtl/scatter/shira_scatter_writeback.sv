// Writes the blocks of a SWAP back: the bytes that its updates replaced as values, then the new CRC.
//
// Does:         packs replaced bytes into beats, with zeros behind a block's last one up to StreamAlign, and
//               continues the block's CRC over them. When all of a block is there it writes the value
//               region in bursts that start at its first byte, and then one beat at the block's first byte
//               of which only the four bytes of the CRC are written.
// Never does:   writes anything of a block that is not complete; requests anything after a write error.
// Latency:      five cycles from a block's last byte to the first request.
// Throughput:   Lanes bytes a cycle, two cycles without per block; a beat a cycle to memory, three cycles
//               without per burst.
// Backpressure: old_ready_o is low while a block is ended and while the beat FIFO, which holds more than the
//               largest block, is full. After a write error bytes are taken and dropped.
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
  localparam int unsigned AlignW     = $clog2(StreamAlign);
  localparam int unsigned MaxBeats   = (BlockUpdates + StreamAlign - 1) / StreamAlign * StreamAlign /
                                       BeatBytes;  // of a value region
  localparam int unsigned Depth      = 1 << $clog2(MaxBeats + MaxBeats / 2 + 4);
  localparam int unsigned BeatsW     = $clog2(MaxBeats + 1);
  localparam int unsigned AccBytes   = BeatBytes + Lanes;
  localparam int unsigned FillW      = $clog2(AccBytes + 1);
  localparam int unsigned LevelW     = $clog2(Depth) + 1;
  localparam int unsigned BurstBeats = BurstBytes / BeatBytes;
  localparam int unsigned HalfFlight = (Outstanding > 1) ? Outstanding / 2 : 1;

  // ---- Blocks that are to be packed ----
  logic                     valid;
  logic                     seal;     // the block is complete
  shira_scatter_pkg::undo_t block;
  logic [       BeatsW-1:0] beats;    // of its value region

  /* verilator lint_off PINCONNECTEMPTY */  // how full a FIFO is does not matter here
  shira_fifo #(
    .Width($bits(block)),
    .Depth(8)
  ) u_blocks (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(block_valid_i),
    .push_ready_o(block_ready_o),
    .push_data_i (block_i),
    .pop_valid_o (valid),
    .pop_ready_i (seal),
    .pop_data_o  (block),
    .count_o     ()
  );

  assign beats = BeatsW'(((17'(block.updates) + 17'(StreamAlign - 1)) >> AlignW) << (AlignW - BeatW));

  // ---- Packing ----
  logic [AccBytes*8-1:0] acc_q;       // bytes that no beat has yet; zero behind them
  logic [     FillW-1:0] fill_q;      // how many
  logic [          15:0] seen_q;      // bytes of the block taken
  logic [    BeatsW-1:0] packed_q;    // beats of it in the FIFO
  logic [          31:0] crc_q;
  logic [          31:0] crc;
  logic                  all;         // of its bytes were taken
  logic                  emit;        // a beat goes into the FIFO
  logic                  take;
  logic                  fifo_push_ready;
  logic                  job_ready;

  assign all         = valid && seen_q == block.updates;
  assign emit        = valid && packed_q != beats && (all || fill_q >= FillW'(BeatBytes)) &&
                       fifo_push_ready && !fail_valid_o;
  assign seal        = all && packed_q == beats && fifo_push_ready && job_ready && !fail_valid_o;
  assign old_ready_o = fail_valid_o || (valid && !all && (emit || fill_q <= FillW'(BeatBytes)));
  assign take        = old_valid_i && old_ready_o && !fail_valid_o;

  shira_crc32c #(
    .Bits(BeatBytes * 8)
  ) u_crc (
    .en_i  (emit),
    .crc_i ((packed_q == '0) ? block.crc : crc_q),
    .data_i(acc_q[BeatBytes*8-1:0]),
    .crc_o (crc)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || seal) begin
      acc_q    <= '0;
      fill_q   <= '0;
      seen_q   <= '0;
      packed_q <= '0;
    end else if (emit || take) begin : step
      logic [     FillW-1:0] fill;
      logic [AccBytes*8-1:0] acc;
      logic [   Lanes*8-1:0] old;
      fill = fill_q;
      acc  = acc_q;
      if (emit) begin
        fill = (fill_q > FillW'(BeatBytes)) ? fill_q - FillW'(BeatBytes) : '0;
        acc  = acc_q >> (BeatBytes * 8);
        packed_q <= packed_q + BeatsW'(1);
      end
      if (take) begin
        old  = old_data_i & ({Lanes * 8{1'b1}} >> {CountW'(Lanes) - old_count_i, 3'd0});
        acc  = acc | (AccBytes * 8)'(old) << {fill, 3'd0};
        fill = fill + FillW'(old_count_i);
        seen_q <= seen_q + 16'(old_count_i);
      end
      acc_q  <= acc;
      fill_q <= fill;
    end
  end

  always_ff @(posedge clk_i) begin
    if (emit) crc_q <= crc;
  end

  // ---- Beats: those of a value region, then one with the CRC ----
  logic [  BeatBytes*8:0] beat_in;     // {it is a CRC, data}
  logic                   beat_valid;
  logic                   beat_ready;
  logic                   beat_crc;
  logic [BeatBytes*8-1:0] beat_data;
  logic [     LevelW-1:0] beat_level;

  assign beat_in = seal ? {1'b1, {(BeatBytes * 8 - 32) {1'b0}}, ~crc_q} : {1'b0, acc_q[BeatBytes*8-1:0]};

  shira_ram_fifo #(
    .Width(BeatBytes * 8 + 1),
    .Depth(Depth)
  ) u_beats (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(emit || seal),
    .push_ready_o(fifo_push_ready),
    .push_data_i (beat_in),
    .pop_valid_o (beat_valid),
    .pop_ready_i (beat_ready),
    .pop_data_o  ({beat_crc, beat_data}),
    .count_o     (beat_level)
  );

  // ---- Bursts of the complete blocks ----
  logic              job_valid;
  logic              job_done;
  logic [      63:0] job_addr;
  logic [      17:0] job_head;
  logic [BeatsW-1:0] job_beats;
  logic              run_q;         // the job was begun
  logic [      63:0] at_q;          // next piece of the value region
  logic [BeatsW-1:0] left_q;        // beats of it from there on
  logic [       9:0] to_page;       // beats to the next multiple of 4 KiB
  logic [       8:0] piece_beats;
  logic [      63:0] piece_addr;
  logic              piece_valid;
  logic              piece_ready;
  logic [       1:0] answered;

  shira_fifo #(
    .Width(64 + 18 + BeatsW),
    .Depth(4)
  ) u_jobs (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(seal),
    .push_ready_o(job_ready),
    .push_data_i ({block.addr, block.head, beats}),
    .pop_valid_o (job_valid),
    .pop_ready_i (job_done),
    .pop_data_o  ({job_addr, job_head, job_beats}),
    .count_o     ()
  );

  assign to_page = 10'((13'd4096 - {1'b0, at_q[11:0]}) >> BeatW);

  always_comb begin
    piece_addr  = job_addr;
    piece_beats = 9'd1;
    if (run_q && left_q != '0) begin
      piece_addr  = at_q;
      piece_beats = 9'(BurstBeats);
      if (10'(piece_beats) > to_page) piece_beats = 9'(to_page);
      if (32'(piece_beats) > 32'(left_q)) piece_beats = 9'(left_q);
    end
  end

  assign piece_valid = run_q && !fail_valid_o;
  assign job_done    = piece_valid && piece_ready && left_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || job_done) run_q <= 1'b0;
    else if (job_valid) run_q <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!run_q) begin
      if (job_valid) begin
        at_q   <= job_addr + 64'(job_head);
        left_q <= job_beats;
      end
    end else if (piece_valid && piece_ready && left_q != '0) begin
      at_q   <= at_q + (64'(piece_beats) << BeatW);
      left_q <= left_q - BeatsW'(piece_beats);
    end
  end

  shira_copy_writer #(
    .BeatBytes  (BeatBytes),
    .Outstanding(HalfFlight),
    .CountW     (LevelW)
  ) u_writer (
    .clk_i,
    .rst_ni,
    .clear_i,
    .piece_valid_i(piece_valid),
    .piece_ready_o(piece_ready),
    .piece_addr_i (piece_addr),
    .piece_beats_i(piece_beats),
    .id_i         (1'b0),
    .fifo_valid_i (beat_valid),
    .fifo_ready_o (beat_ready),
    .fifo_data_i  (beat_data),
    .fifo_strb_i  (beat_crc ? BeatBytes'(15) : '1),
    .fifo_count_i (beat_level),
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
    .fail_valid_o,
    .fail_id_o    (),
    .fail_decerr_o,
    .fail_addr_o
  );
  /* verilator lint_on PINCONNECTEMPTY */

  assign busy_o = !answered[0] || (!fail_valid_o && (all || job_valid));

  logic unused;
  assign unused = &{1'b0, answered[1]};

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    take |-> 17'(seen_q) + 17'(old_count_i) <= 17'(block.updates));
  assert property (@(posedge clk_i) disable iff (!rst_ni) clear_i |-> !busy_o);
`endif

endmodule
