// Harness of the bench: one of each memory, ports outside. The weight SRAM has more banks than a tile has
// words, and a beat of two words; the plain SRAM has words of four beats.
module sram_top (
  input  logic         clk_i,
  input  logic         rst_ni,
  // weight SRAM: 4 x 4 tiles, 8 banks, 1024 bytes, beat 8
  input  logic         w_cp_rd_valid_i,
  input  logic [ 31:0] w_cp_rd_addr_i,
  output logic [ 63:0] w_cp_rd_data_o,
  input  logic         w_cp_wr_valid_i,
  input  logic [ 31:0] w_cp_wr_addr_i,
  input  logic [ 63:0] w_cp_wr_data_i,
  input  logic         tile_valid_i,
  output logic         tile_ready_o,
  input  logic [ 31:0] tile_addr_i,
  output logic [127:0] tile_data_o,
  input  logic         word_rd_valid_i,
  output logic         word_rd_ready_o,
  input  logic [ 31:0] word_rd_addr_i,
  output logic [ 31:0] word_rd_data_o,
  input  logic         word_wr_valid_i,
  output logic         word_wr_ready_o,
  input  logic [ 31:0] word_wr_addr_i,
  input  logic [ 31:0] word_wr_data_i,
  input  logic [  7:0] bank_valid_i,
  output logic [  7:0] bank_ready_o,
  input  logic [ 39:0] bank_row_i,
  input  logic [ 31:0] bank_mask_i,
  input  logic [255:0] bank_data_i,
  output logic [ 23:0] w_events_o,
  // plain SRAM: 1024 bytes, words of 16, beat 4
  input  logic         s_cp_rd_valid_i,
  input  logic [ 31:0] s_cp_rd_addr_i,
  output logic [ 31:0] s_cp_rd_data_o,
  input  logic         s_cp_wr_valid_i,
  input  logic [ 31:0] s_cp_wr_addr_i,
  input  logic [ 31:0] s_cp_wr_data_i,
  input  logic         s_rd_valid_i,
  output logic         s_rd_ready_o,
  input  logic [ 31:0] s_rd_addr_i,
  output logic [127:0] s_rd_data_o,
  input  logic         s_wr_valid_i,
  output logic         s_wr_ready_o,
  input  logic [ 31:0] s_wr_addr_i,
  input  logic [127:0] s_wr_data_i,
  input  logic [ 15:0] s_wr_strb_i,
  output logic [ 23:0] s_events_o,
  output logic [  3:0] cp_ready_o,       // COPY's readies: always high
  // FIFO of 8, and one of 1
  input  logic         clear_i,
  input  logic         push_valid_i,
  output logic [  1:0] push_ready_o,
  input  logic [ 15:0] push_data_i,
  output logic [  1:0] pop_valid_o,
  input  logic         pop_ready_i,
  output logic [ 15:0] pop_data_o,
  output logic [ 15:0] pop1_data_o,
  output logic [  3:0] count_o,
  output logic         count1_o
);

  shira_weight_sram #(
    .ArrayN     (4),
    .ArrayK     (4),
    .WeightBytes(1024),
    .WeightBanks(8),
    .BeatBytes  (8)
  ) i_weight (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(w_cp_rd_valid_i),
    .cp_rd_ready_o(cp_ready_o[0]),
    .cp_rd_addr_i (w_cp_rd_addr_i),
    .cp_rd_data_o (w_cp_rd_data_o),
    .cp_wr_valid_i(w_cp_wr_valid_i),
    .cp_wr_ready_o(cp_ready_o[1]),
    .cp_wr_addr_i (w_cp_wr_addr_i),
    .cp_wr_data_i (w_cp_wr_data_i),
    .tile_valid_i,
    .tile_ready_o,
    .tile_addr_i,
    .tile_data_o,
    .word_rd_valid_i,
    .word_rd_ready_o,
    .word_rd_addr_i,
    .word_rd_data_o,
    .word_wr_valid_i,
    .word_wr_ready_o,
    .word_wr_addr_i,
    .word_wr_data_i,
    .bank_valid_i,
    .bank_ready_o,
    .bank_row_i,
    .bank_mask_i,
    .bank_data_i,
    // verilator lint_off PINCONNECTEMPTY
    .bank_rd_valid_i('0),
    .bank_rd_ready_o(),
    .bank_rd_row_i('0),
    .bank_rd_data_o(),
    // verilator lint_on PINCONNECTEMPTY
    .events_o     (w_events_o)
  );

  shira_sram #(
    .Bytes    (1024),
    .WordBytes(16),
    .BeatBytes(4)
  ) i_sram (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(s_cp_rd_valid_i),
    .cp_rd_ready_o(cp_ready_o[2]),
    .cp_rd_addr_i (s_cp_rd_addr_i),
    .cp_rd_data_o (s_cp_rd_data_o),
    .cp_wr_valid_i(s_cp_wr_valid_i),
    .cp_wr_ready_o(cp_ready_o[3]),
    .cp_wr_addr_i (s_cp_wr_addr_i),
    .cp_wr_data_i (s_cp_wr_data_i),
    .rd_valid_i   (s_rd_valid_i),
    .rd_ready_o   (s_rd_ready_o),
    .rd_addr_i    (s_rd_addr_i),
    .rd_data_o    (s_rd_data_o),
    .wr_valid_i   (s_wr_valid_i),
    .wr_ready_o   (s_wr_ready_o),
    .wr_addr_i    (s_wr_addr_i),
    .wr_data_i    (s_wr_data_i),
    .wr_strb_i    (s_wr_strb_i),
    .events_o     (s_events_o)
  );

  shira_fifo #(
    .Width(16),
    .Depth(8)
  ) i_fifo (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i,
    .push_ready_o(push_ready_o[0]),
    .push_data_i,
    .pop_valid_o (pop_valid_o[0]),
    .pop_ready_i,
    .pop_data_o,
    .count_o
  );

  shira_fifo #(
    .Width(16),
    .Depth(1)
  ) i_fifo1 (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i,
    .push_ready_o(push_ready_o[1]),
    .push_data_i,
    .pop_valid_o (pop_valid_o[1]),
    .pop_ready_i,
    .pop_data_o  (pop1_data_o),
    .count_o     (count1_o)
  );

endmodule
