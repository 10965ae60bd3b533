// Banked weight SRAM: word w (ArrayK bytes) lies in bank w mod WeightBanks, row w / WeightBanks.
//
// Requesters of the read port of each bank: COPY (a beat), SCATTER (any banks), GEMM word, GEMM tile
// (ArrayN consecutive words, all or nothing); of the write port: COPY (a beat), SCATTER (any banks, byte
// masks), GEMM word. shira_sram_arbiter says who wins.
//
// Does:         a read's data come Latency cycles after it was accepted, COPY's CopyLatency cycles, in that cycle
//               and no other.
// Never does:   checks addresses: they must lie inside and be aligned (beat, word, tile of
//               ArrayN * ArrayK bytes). A ready never depends on a valid of the same request.
// Latency:      Latency, CopyLatency. Throughput: a read and a write a cycle in every bank; with OnePort one of them.
//               With Ecc a write of a part of a word takes the read port first (shira_sram_bank).
// Backpressure: ready per request; with 1r1w, copy-first and no ECC COPY is always accepted.
module shira_weight_sram #(
  parameter int unsigned ArrayN      = 4,      // words a tile
  parameter int unsigned ArrayK      = 4,      // bytes a word
  parameter int unsigned WeightBytes = 65536,  // size
  parameter int unsigned WeightBanks = 4,      // banks, >= ArrayN
  parameter int unsigned BeatBytes   = 8,      // COPY beat
  parameter int unsigned Latency     = 1,      // cycles from the accept of a read to its data, 1 to 3
  parameter int unsigned CopyLatency = 1,      // of COPY's reads, Latency or more
  parameter int unsigned OnePort     = 0,      // 0: a bank is 1r1w, 1: 1rw
  parameter int unsigned EngineFirst = 0,      // 0: COPY wins a port, 1: the engines
  parameter int unsigned Ecc         = 0,      // 1: a write of a part of a word is a read-modify-write
  localparam int unsigned RowW       = $clog2(WeightBytes / (WeightBanks * ArrayK))
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,           // synchronous, active low
  // COPY
  input  logic                            cp_rd_valid_i,
  output logic                            cp_rd_ready_o,
  input  logic [                    31:0] cp_rd_addr_i,     // byte address of a beat
  output logic [         BeatBytes*8-1:0] cp_rd_data_o,
  input  logic                            cp_wr_valid_i,
  output logic                            cp_wr_ready_o,
  input  logic [                    31:0] cp_wr_addr_i,
  input  logic [         BeatBytes*8-1:0] cp_wr_data_i,
  // GEMM, a whole tile
  input  logic                            tile_valid_i,
  output logic                            tile_ready_o,
  input  logic [                    31:0] tile_addr_i,      // byte address of a tile
  output logic [    ArrayN*ArrayK*8-1:0]  tile_data_o,      // row r at bits r*ArrayK*8
  // GEMM, one word
  input  logic                            word_rd_valid_i,
  output logic                            word_rd_ready_o,
  input  logic [                    31:0] word_rd_addr_i,   // byte address of a word
  output logic [            ArrayK*8-1:0] word_rd_data_o,
  input  logic                            word_wr_valid_i,
  output logic                            word_wr_ready_o,
  input  logic [                    31:0] word_wr_addr_i,
  input  logic [            ArrayK*8-1:0] word_wr_data_i,
  // SCATTER, a write port and a read port a bank
  input  logic [         WeightBanks-1:0] bank_valid_i,
  output logic [         WeightBanks-1:0] bank_ready_o,
  input  logic [    WeightBanks*RowW-1:0] bank_row_i,
  input  logic [  WeightBanks*ArrayK-1:0] bank_mask_i,      // bytes of the word that are written
  input  logic [WeightBanks*ArrayK*8-1:0] bank_data_i,
  input  logic [         WeightBanks-1:0] bank_rd_valid_i,
  output logic [         WeightBanks-1:0] bank_rd_ready_o,
  input  logic [    WeightBanks*RowW-1:0] bank_rd_row_i,
  output logic [WeightBanks*ArrayK*8-1:0] bank_rd_data_o,
  output shira_pkg::sram_events_t         events_o          // accesses of this cycle -> perf
);

  localparam int unsigned WordW     = $clog2(ArrayK);
  localparam int unsigned BankW     = $clog2(WeightBanks);
  localparam int unsigned Rows      = WeightBytes / (WeightBanks * ArrayK);
  localparam int unsigned BeatWords = (BeatBytes > ArrayK) ? BeatBytes / ArrayK : 1;
  localparam int unsigned WordBits  = ArrayK * 8;

  if ((WeightBytes & (WeightBytes - 1)) != 0 || (WeightBanks & (WeightBanks - 1)) != 0 ||
      (ArrayN & (ArrayN - 1)) != 0 || (ArrayK & (ArrayK - 1)) != 0 || ArrayK < 4)
  begin : g_bad_power
    $error("%m: sizes must be powers of two and ArrayK >= 4");
  end
  if (WeightBanks < ArrayN || WeightBanks < BeatWords || Rows < 2) begin : g_bad_banks
    $error("%m: needs WeightBanks >= ArrayN, >= words of a beat, and two rows a bank");
  end
  if (CopyLatency < Latency) begin : g_bad_latency
    $error("%m: CopyLatency must be Latency or more");
  end

  // Bank and row of each requester's first word.
  logic [BankW-1:0] cp_rd_bank, cp_wr_bank, tile_bank, word_rd_bank, word_wr_bank;
  logic [ RowW-1:0] cp_rd_row, cp_wr_row, tile_row, word_rd_row, word_wr_row;

  assign {cp_rd_row, cp_rd_bank}     = cp_rd_addr_i[WordW+:BankW+RowW];
  assign {cp_wr_row, cp_wr_bank}     = cp_wr_addr_i[WordW+:BankW+RowW];
  assign {tile_row, tile_bank}       = tile_addr_i[WordW+:BankW+RowW];
  assign {word_rd_row, word_rd_bank} = word_rd_addr_i[WordW+:BankW+RowW];
  assign {word_wr_row, word_wr_bank} = word_wr_addr_i[WordW+:BankW+RowW];

  // A beat and a tile use an aligned group of banks, so the high bits of the bank number decide.
  localparam logic [BankW-1:0] BeatGroup = BankW'(~(BeatWords - 1));
  localparam logic [BankW-1:0] TileGroup = BankW'(~(ArrayN - 1));
  localparam logic [WeightBanks-1:0] OneBank   = WeightBanks'(1);
  localparam logic [WeightBanks-1:0] BeatBanks = {WeightBanks{1'b1}} >> (WeightBanks - BeatWords);
  localparam logic [WeightBanks-1:0] TileBanks = {WeightBanks{1'b1}} >> (WeightBanks - ArrayN);

  // Banks that each requester asks for, and those that it gets.
  logic [WeightBanks-1:0] cp_rd_banks, cp_wr_banks, word_rd_banks, word_wr_banks, tile_banks;
  logic [WeightBanks-1:0] cp_rd_hit, cp_wr_hit, word_rd_hit, word_wr_hit, tile_hit, bank_rd_hit, bank_wr_hit;
  logic cp_rd_go, cp_wr_go, word_rd_go, word_wr_go, tile_go;
  logic [WeightBanks-1:0] part;     // SCATTER's write does not cover its word
  logic                   cp_part;  // COPY's beat does not cover its word
  logic [WeightBanks-1:0] pending;  // a write that waited is made
  logic [WeightBanks-1:0] rmw;      // a write reads its word

  assign cp_rd_banks   = BeatBanks << (cp_rd_bank & BeatGroup);
  assign cp_wr_banks   = BeatBanks << (cp_wr_bank & BeatGroup);
  assign word_rd_banks = OneBank << word_rd_bank;
  assign word_wr_banks = OneBank << word_wr_bank;
  assign tile_banks    = TileBanks << (tile_bank & TileGroup);

  assign cp_rd_go   = cp_rd_valid_i && cp_rd_ready_o;
  assign cp_wr_go   = cp_wr_valid_i && cp_wr_ready_o;
  assign word_rd_go = word_rd_valid_i && word_rd_ready_o;
  assign word_wr_go = word_wr_valid_i && word_wr_ready_o;
  assign tile_go    = tile_valid_i && tile_ready_o;

  assign cp_rd_hit   = cp_rd_go ? cp_rd_banks : '0;
  assign cp_wr_hit   = cp_wr_go ? cp_wr_banks : '0;
  assign word_rd_hit = word_rd_go ? word_rd_banks : '0;
  assign word_wr_hit = word_wr_go ? word_wr_banks : '0;
  assign tile_hit    = tile_go ? tile_banks : '0;
  assign bank_rd_hit = bank_rd_valid_i & bank_rd_ready_o;
  assign bank_wr_hit = bank_valid_i & bank_ready_o;

  assign cp_part = BeatBytes < ArrayK;

  if (Ecc == 0) begin : g_masked
    assign part = '0;
    assign rmw  = '0;
  end else begin : g_whole
    for (genvar b = 0; b < WeightBanks; b++) begin : g_part
      assign part[b] = bank_mask_i[b*ArrayK+:ArrayK] != '1;
    end
    assign rmw = (bank_wr_hit & part) | (cp_wr_hit & {WeightBanks{cp_part}});
  end

  shira_sram_arbiter #(
    .Banks      (WeightBanks),
    .OnePort    (OnePort),
    .EngineFirst(EngineFirst),
    .Ecc        (Ecc)
  ) i_arbiter (
    .cp_wr_valid_i,
    .cp_wr_ready_o,
    .cp_wr_banks_i  (cp_wr_banks),
    .cp_wr_part_i   (cp_part),
    .cp_rd_valid_i,
    .cp_rd_ready_o,
    .cp_rd_banks_i  (cp_rd_banks),
    .word_wr_valid_i,
    .word_wr_ready_o,
    .word_wr_banks_i(word_wr_banks),
    .word_wr_part_i (1'b0),
    .word_rd_valid_i,
    .word_rd_ready_o,
    .word_rd_banks_i(word_rd_banks),
    .tile_valid_i,
    .tile_ready_o,
    .tile_banks_i   (tile_banks),
    .bank_wr_valid_i(bank_valid_i),
    .bank_wr_ready_o(bank_ready_o),
    .bank_wr_part_i (part),
    .bank_rd_valid_i,
    .bank_rd_ready_o,
    .pending_i      (pending)
  );

  // COPY's beat as the bytes of a word.
  logic [ArrayK-1:0] cp_mask;

  if (BeatBytes >= ArrayK) begin : g_words
    assign cp_mask = '1;
  end else begin : g_bytes
    localparam int unsigned SelW = WordW - $clog2(BeatBytes);
    for (genvar p = 0; p < ArrayK / BeatBytes; p++) begin : g_mask
      assign cp_mask[p*BeatBytes+:BeatBytes] =
          {BeatBytes{cp_wr_addr_i[$clog2(BeatBytes)+:SelW] == SelW'(p)}};
    end
  end

  logic [WeightBanks*WordBits-1:0] rd_data;

  assign bank_rd_data_o = rd_data;

  for (genvar b = 0; b < WeightBanks; b++) begin : g_bank
    logic [WordBits-1:0] cp_data;

    if (BeatBytes >= ArrayK) begin : g_word
      assign cp_data = cp_wr_data_i[(b%BeatWords)*WordBits+:WordBits];
    end else begin : g_byte
      assign cp_data = {(ArrayK / BeatBytes) {cp_wr_data_i}};
    end

    shira_sram_bank #(
      .Rows     (Rows),
      .WordBytes(ArrayK),
      .Latency  (Latency),
      .OnePort  (OnePort),
      .Ecc      (Ecc)
    ) i_bank (
      .clk_i,
      .rst_ni,
      .rd_a_i     (cp_rd_hit[b]),
      .rd_a_row_i (cp_rd_row),
      .rd_b_i     (bank_rd_hit[b]),
      .rd_b_row_i (bank_rd_row_i[b*RowW+:RowW]),
      .rd_c_i     (word_rd_hit[b]),
      .rd_c_row_i (word_rd_row),
      .rd_d_i     (tile_hit[b]),
      .rd_d_row_i (tile_row),
      .rd_data_o  (rd_data[b*WordBits+:WordBits]),
      .wr_a_i     (cp_wr_hit[b]),
      .wr_a_row_i (cp_wr_row),
      .wr_a_mask_i(cp_mask),
      .wr_a_data_i(cp_data),
      .wr_b_i     (bank_wr_hit[b]),
      .wr_b_row_i (bank_row_i[b*RowW+:RowW]),
      .wr_b_mask_i(bank_mask_i[b*ArrayK+:ArrayK]),
      .wr_b_data_i(bank_data_i[b*WordBits+:WordBits]),
      .wr_c_i     (word_wr_hit[b]),
      .wr_c_row_i (word_wr_row),
      .wr_c_mask_i('1),
      .wr_c_data_i(word_wr_data_i),
      .pending_o  (pending[b])
    );
  end

  // Data: where each requester's word lies, and whether it comes in this cycle, goes along with the read.
  if (WeightBanks == ArrayN) begin : g_tile_all
    assign tile_data_o = rd_data;
  end else begin : g_tile_group
    localparam int unsigned GroupW = BankW - $clog2(ArrayN);
    logic [GroupW-1:0] group;
    shira_delay #(
      .Width (GroupW),
      .Cycles(Latency)
    ) i_group (
      .clk_i,
      .data_i(tile_bank[BankW-1-:GroupW]),
      .data_o(group)
    );
    assign tile_data_o = rd_data[32'(group)*ArrayN*WordBits+:ArrayN*WordBits];
  end

  logic [BankW-1:0] word_bank;
  logic [BankW+WordW-1:0] cp_offset;  // byte of the row of banks where COPY's beat starts
  logic word_due, cp_due;
  logic [BeatBytes*8-1:0] cp_beat;    // COPY's, as it comes from the banks

  shira_delay #(
    .Width (BankW + 1),
    .Cycles(Latency)
  ) i_word (
    .clk_i,
    .data_i({word_rd_go, word_rd_bank}),
    .data_o({word_due, word_bank})
  );

  shira_delay #(
    .Width (BankW + WordW + 1),
    .Cycles(Latency)
  ) i_cp (
    .clk_i,
    .data_i({cp_rd_go, cp_rd_addr_i[BankW+WordW-1:0]}),
    .data_o({cp_due, cp_offset})
  );

  always_comb begin
    word_rd_data_o = '0;
    cp_beat        = '0;
    if (word_due) word_rd_data_o = rd_data[32'(word_bank)*WordBits+:WordBits];
    if (cp_due) cp_beat = rd_data[32'(cp_offset)*8+:BeatBytes*8];
  end

  shira_delay #(
    .Width (BeatBytes * 8),
    .Cycles(CopyLatency - Latency)
  ) i_copy (
    .clk_i,
    .data_i(cp_beat),
    .data_o(cp_rd_data_o)
  );

  // Events. A write is counted when it is accepted, with the read that it needs.
  logic [9:0] reads, writes, conflicts;

  always_comb begin
    reads     = (cp_rd_go ? 10'(BeatWords) : 10'd0) + 10'(word_rd_go) + (tile_go ? 10'(ArrayN) : 10'd0);
    writes    = (cp_wr_go ? 10'(BeatWords) : 10'd0) + 10'(word_wr_go);
    conflicts = 10'(tile_valid_i && !tile_ready_o) + 10'(word_rd_valid_i && !word_rd_ready_o) +
        10'(word_wr_valid_i && !word_wr_ready_o) + 10'(cp_rd_valid_i && !cp_rd_ready_o) +
        10'(cp_wr_valid_i && !cp_wr_ready_o);
    if (rmw != '0) begin
      for (int unsigned b = 0; b < WeightBanks; b++) reads = reads + 10'(rmw[b]);
    end
    if (bank_rd_valid_i != '0) begin
      for (int unsigned b = 0; b < WeightBanks; b++) begin
        reads     = reads + 10'(bank_rd_hit[b]);
        conflicts = conflicts + 10'(bank_rd_valid_i[b] && !bank_rd_ready_o[b]);
      end
    end
    if (bank_valid_i != '0) begin
      for (int unsigned b = 0; b < WeightBanks; b++) begin
        writes    = writes + 10'(bank_wr_hit[b]);
        conflicts = conflicts + 10'(bank_valid_i[b] && !bank_ready_o[b]);
      end
    end
  end

  assign events_o.reads     = reads;
  assign events_o.writes    = writes;
  assign events_o.conflicts = conflicts;

  // Address bits outside the SRAM or inside a word carry nothing.
  logic unused;
  assign unused = &{1'b0, cp_rd_addr_i, cp_wr_addr_i, tile_addr_i, word_rd_addr_i, word_wr_addr_i,
                    tile_bank, cp_rd_bank, cp_wr_bank};

endmodule
