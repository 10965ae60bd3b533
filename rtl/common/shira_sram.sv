// On-chip SRAM with a port for COPY (beats) and one for an engine (words), on one bank.
//
// Does:         shira_sram_arbiter says who is accepted. A read's data come Latency cycles after it was accepted,
//               COPY's CopyLatency cycles, in that cycle and no other.
// Never does:   checks addresses: they must lie inside and be aligned (a beat for COPY, a word for the
//               engine). A ready never depends on a valid of the same request.
// Latency:      Latency, CopyLatency. Throughput: one read and one write a cycle, together; with OnePort one of them.
//               With Ecc a write of a part of a word takes the read port first (shira_sram_bank).
// Backpressure: all readies; with 1r1w, copy-first and no ECC COPY is always accepted.
module shira_sram #(
  parameter int unsigned Bytes       = 64, // size, a power of two
  parameter int unsigned WordBytes   = 16, // engine word, a power of two, >= BeatBytes
  parameter int unsigned BeatBytes   = 8, // COPY beat, a power of two
  parameter int unsigned Latency     = 1, // cycles from the accept of a read to its data, 1 to 3
  parameter int unsigned CopyLatency = 1, // of COPY's reads, Latency or more
  parameter int unsigned OnePort     = 0, // 0: 1r1w, 1: 1rw
  parameter int unsigned EngineFirst = 0, // 0: COPY wins a port, 1: the engine
  parameter int unsigned Ecc         = 0  // 1: a write of a part of a word is a read-modify-write
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,         // synchronous, active low
  // COPY
  input  logic                     cp_rd_valid_i,
  output logic                     cp_rd_ready_o,
  input  logic [             31:0] cp_rd_addr_i,   // byte address of a beat
  output logic [  BeatBytes*8-1:0] cp_rd_data_o,
  input  logic                     cp_wr_valid_i,
  output logic                     cp_wr_ready_o,
  input  logic [             31:0] cp_wr_addr_i,
  input  logic [  BeatBytes*8-1:0] cp_wr_data_i,
  // engine
  input  logic                     rd_valid_i,
  output logic                     rd_ready_o,
  input  logic [             31:0] rd_addr_i,      // byte address of a word
  output logic [  WordBytes*8-1:0] rd_data_o,
  input  logic                     wr_valid_i,
  output logic                     wr_ready_o,
  input  logic [             31:0] wr_addr_i,
  input  logic [  WordBytes*8-1:0] wr_data_i,
  input  logic [    WordBytes-1:0] wr_strb_i,      // bit b: write byte b of the word
  output shira_pkg::sram_events_t  events_o        // accesses of this cycle -> perf
);

  localparam int unsigned Rows  = Bytes / WordBytes;
  localparam int unsigned RowW  = $clog2(Rows);
  localparam int unsigned WordW = $clog2(WordBytes);
  localparam int unsigned Beats = WordBytes / BeatBytes;
  localparam int unsigned BeatW = $clog2(BeatBytes);

  if ((Bytes & (Bytes - 1)) != 0 || (WordBytes & (WordBytes - 1)) != 0 ||
      (BeatBytes & (BeatBytes - 1)) != 0 || WordBytes < BeatBytes || Bytes < 2 * WordBytes)
  begin : g_bad
    $error("%m: sizes must be powers of two, BeatBytes <= WordBytes <= Bytes / 2");
  end
  if (CopyLatency < Latency) begin : g_bad_latency
    $error("%m: CopyLatency must be Latency or more");
  end

  logic [  WordBytes-1:0] cp_mask;
  logic [WordBytes*8-1:0] rd_data;
  logic [BeatBytes*8-1:0] cp_beat;  // COPY's, as it comes from the bank

  logic cp_rd_go, cp_wr_go, rd_go, wr_go;  // accepted
  logic cp_part, part;                     // a write does not cover its word
  logic pending, rmw;
  logic [2:0] unused_ready;

  assign cp_part  = Beats != 1;
  assign part     = wr_strb_i != '1;
  assign cp_rd_go = cp_rd_valid_i && cp_rd_ready_o;
  assign cp_wr_go = cp_wr_valid_i && cp_wr_ready_o;
  assign rd_go    = rd_valid_i && rd_ready_o;
  assign wr_go    = wr_valid_i && wr_ready_o;
  assign rmw      = Ecc != 0 && ((cp_wr_go && cp_part) || (wr_go && part));

  shira_sram_arbiter #(
    .Banks      (1),
    .OnePort    (OnePort),
    .EngineFirst(EngineFirst),
    .Ecc        (Ecc)
  ) i_arbiter (
    .cp_wr_valid_i,
    .cp_wr_ready_o,
    .cp_wr_banks_i  (1'b1),
    .cp_wr_part_i   (cp_part),
    .cp_rd_valid_i,
    .cp_rd_ready_o,
    .cp_rd_banks_i  (1'b1),
    .word_wr_valid_i(wr_valid_i),
    .word_wr_ready_o(wr_ready_o),
    .word_wr_banks_i(1'b1),
    .word_wr_part_i (part),
    .word_rd_valid_i(rd_valid_i),
    .word_rd_ready_o(rd_ready_o),
    .word_rd_banks_i(1'b1),
    .tile_valid_i   (1'b0),
    .tile_ready_o   (unused_ready[0]),
    .tile_banks_i   (1'b0),
    .bank_wr_valid_i(1'b0),
    .bank_wr_ready_o(unused_ready[1]),
    .bank_wr_part_i (1'b0),
    .bank_rd_valid_i(1'b0),
    .bank_rd_ready_o(unused_ready[2]),
    .pending_i      (pending)
  );

  // A write is counted when it is accepted, with the read that it needs.
  assign events_o.reads     = 10'(cp_rd_go) + 10'(rd_go) + 10'(rmw);
  assign events_o.writes    = 10'(cp_wr_go) + 10'(wr_go);
  assign events_o.conflicts = 10'(cp_rd_valid_i && !cp_rd_ready_o) + 10'(rd_valid_i && !rd_ready_o) +
                              10'(cp_wr_valid_i && !cp_wr_ready_o) + 10'(wr_valid_i && !wr_ready_o);

  if (Beats == 1) begin : g_whole
    assign cp_mask = '1;
    assign cp_beat = rd_data;
  end else begin : g_part
    localparam int unsigned SelW = WordW - BeatW;
    logic [SelW-1:0] rd_sel, wr_sel;  // beat of the word that comes for COPY, and that it writes

    assign wr_sel = cp_wr_addr_i[BeatW+:SelW];
    for (genvar b = 0; b < Beats; b++) begin : g_mask
      assign cp_mask[b*BeatBytes+:BeatBytes] = {BeatBytes{wr_sel == SelW'(b)}};
    end

    shira_delay #(
      .Width (SelW),
      .Cycles(Latency)
    ) i_sel (
      .clk_i,
      .data_i(cp_rd_addr_i[BeatW+:SelW]),
      .data_o(rd_sel)
    );
    assign cp_beat = rd_data[32'(rd_sel)*BeatBytes*8+:BeatBytes*8];
  end

  shira_delay #(
    .Width (BeatBytes * 8),
    .Cycles(CopyLatency - Latency)
  ) i_copy (
    .clk_i,
    .data_i(cp_beat),
    .data_o(cp_rd_data_o)
  );

  shira_sram_bank #(
    .Rows     (Rows),
    .WordBytes(WordBytes),
    .Latency  (Latency),
    .OnePort  (OnePort),
    .Ecc      (Ecc)
  ) i_bank (
    .clk_i,
    .rst_ni,
    .rd_a_i     (cp_rd_go),
    .rd_a_row_i (cp_rd_addr_i[WordW+:RowW]),
    .rd_b_i     (rd_go),
    .rd_b_row_i (rd_addr_i[WordW+:RowW]),
    .rd_c_i     (1'b0),
    .rd_c_row_i ('0),
    .rd_d_i     (1'b0),
    .rd_d_row_i ('0),
    .rd_data_o  (rd_data),
    .wr_a_i     (cp_wr_go),
    .wr_a_row_i (cp_wr_addr_i[WordW+:RowW]),
    .wr_a_mask_i(cp_mask),
    .wr_a_data_i({Beats{cp_wr_data_i}}),
    .wr_b_i     (wr_go),
    .wr_b_row_i (wr_addr_i[WordW+:RowW]),
    .wr_b_mask_i(wr_strb_i),
    .wr_b_data_i(wr_data_i),
    .wr_c_i     (1'b0),
    .wr_c_row_i ('0),
    .wr_c_mask_i('0),
    .wr_c_data_i('0),
    .pending_o  (pending)
  );
  assign rd_data_o = rd_data;

  // Address bits outside the SRAM or inside a word carry nothing.
  logic unused;
  assign unused = &{1'b0, cp_rd_addr_i, cp_wr_addr_i, rd_addr_i, wr_addr_i};

endmodule
