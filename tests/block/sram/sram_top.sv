// Harness of the bench: the memories in all modes and shapes, of which one at a time is chosen, and FIFOs.
// Half of them are slow, so that each two of mode bits, shape and slowness meet in all ways; with SlowParity 1 the
// other half is.
module sram_top #(
  parameter int unsigned SlowParity = 0
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic [  3:0] case_i,           // bits 2:0: mode, 3: shape, see sram_case
  output logic         slow_parity_o,
  // weight SRAM: 4 x 4 tiles, 8 banks, 1024 bytes
  input  logic         w_cp_rd_valid_i,
  output logic         w_cp_rd_ready_o,
  input  logic [ 31:0] w_cp_rd_addr_i,
  output logic [ 63:0] w_cp_rd_data_o,
  input  logic         w_cp_wr_valid_i,
  output logic         w_cp_wr_ready_o,
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
  input  logic [  7:0] bank_rd_valid_i,
  output logic [  7:0] bank_rd_ready_o,
  input  logic [ 39:0] bank_rd_row_i,
  output logic [255:0] bank_rd_data_o,
  output logic [ 29:0] w_events_o,
  // plain SRAM: 1024 bytes
  input  logic         s_cp_rd_valid_i,
  output logic         s_cp_rd_ready_o,
  input  logic [ 31:0] s_cp_rd_addr_i,
  output logic [255:0] s_cp_rd_data_o,
  input  logic         s_cp_wr_valid_i,
  output logic         s_cp_wr_ready_o,
  input  logic [ 31:0] s_cp_wr_addr_i,
  input  logic [255:0] s_cp_wr_data_i,
  input  logic         s_rd_valid_i,
  output logic         s_rd_ready_o,
  input  logic [ 31:0] s_rd_addr_i,
  output logic [255:0] s_rd_data_o,
  input  logic         s_wr_valid_i,
  output logic         s_wr_ready_o,
  input  logic [ 31:0] s_wr_addr_i,
  input  logic [255:0] s_wr_data_i,
  input  logic [ 31:0] s_wr_strb_i,
  output logic [ 29:0] s_events_o,
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

  logic         w_cp_rd_ready[16];
  logic [ 63:0] w_cp_rd_data[16];
  logic         w_cp_wr_ready[16];
  logic         tile_ready[16];
  logic [127:0] tile_data[16];
  logic         word_rd_ready[16];
  logic [ 31:0] word_rd_data[16];
  logic         word_wr_ready[16];
  logic [  7:0] bank_ready[16];
  logic [  7:0] bank_rd_ready[16];
  logic [255:0] bank_rd_data[16];
  logic [ 29:0] w_events[16];
  logic         s_cp_rd_ready[16];
  logic [255:0] s_cp_rd_data[16];
  logic         s_cp_wr_ready[16];
  logic         s_rd_ready[16];
  logic [255:0] s_rd_data[16];
  logic         s_wr_ready[16];
  logic [ 29:0] s_events[16];

  for (genvar c = 0; c < 16; c++) begin : g_case
    sram_case #(
      .Mode (c & 7),
      .Shape((c >> 3) & 1),
      .Slow (SlowParity ^ 32'(^4'(c)))
    ) i_case (
      .clk_i,
      .rst_ni,
      .w_cp_rd_valid_i,
      .w_cp_rd_addr_i,
      .w_cp_wr_valid_i,
      .w_cp_wr_addr_i,
      .w_cp_wr_data_i,
      .tile_valid_i,
      .tile_addr_i,
      .word_rd_valid_i,
      .word_rd_addr_i,
      .word_wr_valid_i,
      .word_wr_addr_i,
      .word_wr_data_i,
      .bank_valid_i,
      .bank_row_i,
      .bank_mask_i,
      .bank_data_i,
      .bank_rd_valid_i,
      .bank_rd_row_i,
      .s_cp_rd_valid_i,
      .s_cp_rd_addr_i,
      .s_cp_wr_valid_i,
      .s_cp_wr_addr_i,
      .s_cp_wr_data_i,
      .s_rd_valid_i,
      .s_rd_addr_i,
      .s_wr_valid_i,
      .s_wr_addr_i,
      .s_wr_data_i,
      .s_wr_strb_i,
      .w_cp_rd_ready_o (w_cp_rd_ready[c]),
      .w_cp_rd_data_o  (w_cp_rd_data[c]),
      .w_cp_wr_ready_o (w_cp_wr_ready[c]),
      .tile_ready_o    (tile_ready[c]),
      .tile_data_o     (tile_data[c]),
      .word_rd_ready_o (word_rd_ready[c]),
      .word_rd_data_o  (word_rd_data[c]),
      .word_wr_ready_o (word_wr_ready[c]),
      .bank_ready_o    (bank_ready[c]),
      .bank_rd_ready_o (bank_rd_ready[c]),
      .bank_rd_data_o  (bank_rd_data[c]),
      .w_events_o      (w_events[c]),
      .s_cp_rd_ready_o (s_cp_rd_ready[c]),
      .s_cp_rd_data_o  (s_cp_rd_data[c]),
      .s_cp_wr_ready_o (s_cp_wr_ready[c]),
      .s_rd_ready_o    (s_rd_ready[c]),
      .s_rd_data_o     (s_rd_data[c]),
      .s_wr_ready_o    (s_wr_ready[c]),
      .s_events_o      (s_events[c]),
      .on_i            (case_i == 4'(c))
    );
  end

  assign slow_parity_o    = 1'(SlowParity);
  assign w_cp_rd_ready_o  = w_cp_rd_ready[case_i];
  assign w_cp_rd_data_o   = w_cp_rd_data[case_i];
  assign w_cp_wr_ready_o  = w_cp_wr_ready[case_i];
  assign tile_ready_o     = tile_ready[case_i];
  assign tile_data_o      = tile_data[case_i];
  assign word_rd_ready_o  = word_rd_ready[case_i];
  assign word_rd_data_o   = word_rd_data[case_i];
  assign word_wr_ready_o  = word_wr_ready[case_i];
  assign bank_ready_o     = bank_ready[case_i];
  assign bank_rd_ready_o  = bank_rd_ready[case_i];
  assign bank_rd_data_o   = bank_rd_data[case_i];
  assign w_events_o       = w_events[case_i];
  assign s_cp_rd_ready_o  = s_cp_rd_ready[case_i];
  assign s_cp_rd_data_o   = s_cp_rd_data[case_i];
  assign s_cp_wr_ready_o  = s_cp_wr_ready[case_i];
  assign s_rd_ready_o     = s_rd_ready[case_i];
  assign s_rd_data_o      = s_rd_data[case_i];
  assign s_wr_ready_o     = s_wr_ready[case_i];
  assign s_events_o       = s_events[case_i];

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
