// One weight SRAM and one plain SRAM of a mode (bit 0: 1rw, 1: engine-first, 2: ECC) and a shape.
// Shape 0: a beat of two weight words, plain words of four beats. Shape 1: weight words of two beats, a
// plain beat of a whole word, which has two columns. Slow: latencies of 2 or 3, of COPY's reads 3.
// Takes no request while it is not chosen.
module sram_case #(
  parameter int unsigned Mode  = 0,
  parameter int unsigned Shape = 0,
  parameter int unsigned Slow  = 0
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         on_i,             // it is chosen
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
  output logic [ 29:0] s_events_o
);

  localparam int unsigned WeightBeat = (Shape == 0) ? 8 : 2;
  localparam int unsigned PlainWord  = (Shape == 0) ? 16 : 32;
  localparam int unsigned PlainBeat  = (Shape == 0) ? 4 : 32;

  localparam int unsigned Latency     = (Slow == 0) ? 1 : 2 + Shape;
  localparam int unsigned CopyLatency = (Slow == 0) ? 1 : 3;

  logic [WeightBeat*8-1:0] w_cp_rd_data;
  logic [ PlainBeat*8-1:0] s_cp_rd_data;
  logic [ PlainWord*8-1:0] s_rd_data;

  assign w_cp_rd_data_o = 64'(w_cp_rd_data);
  assign s_cp_rd_data_o = 256'(s_cp_rd_data);
  assign s_rd_data_o    = 256'(s_rd_data);

  shira_weight_sram #(
    .ArrayN     (4),
    .ArrayK     (4),
    .WeightBytes(1024),
    .WeightBanks(8),
    .BeatBytes  (WeightBeat),
    .Latency    (Latency),
    .CopyLatency(CopyLatency),
    .OnePort    (Mode & 1),
    .EngineFirst((Mode >> 1) & 1),
    .Ecc        ((Mode >> 2) & 1)
  ) i_weight (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i  (on_i && w_cp_rd_valid_i),
    .cp_rd_ready_o  (w_cp_rd_ready_o),
    .cp_rd_addr_i   (w_cp_rd_addr_i),
    .cp_rd_data_o   (w_cp_rd_data),
    .cp_wr_valid_i  (on_i && w_cp_wr_valid_i),
    .cp_wr_ready_o  (w_cp_wr_ready_o),
    .cp_wr_addr_i   (w_cp_wr_addr_i),
    .cp_wr_data_i   (w_cp_wr_data_i[WeightBeat*8-1:0]),
    .tile_valid_i   (on_i && tile_valid_i),
    .tile_ready_o,
    .tile_addr_i,
    .tile_data_o,
    .word_rd_valid_i(on_i && word_rd_valid_i),
    .word_rd_ready_o,
    .word_rd_addr_i,
    .word_rd_data_o,
    .word_wr_valid_i(on_i && word_wr_valid_i),
    .word_wr_ready_o,
    .word_wr_addr_i,
    .word_wr_data_i,
    .bank_valid_i   (bank_valid_i & {8{on_i}}),
    .bank_ready_o,
    .bank_row_i,
    .bank_mask_i,
    .bank_data_i,
    .bank_rd_valid_i(bank_rd_valid_i & {8{on_i}}),
    .bank_rd_ready_o,
    .bank_rd_row_i,
    .bank_rd_data_o,
    .events_o       (w_events_o)
  );

  shira_sram #(
    .Bytes      (1024),
    .WordBytes  (PlainWord),
    .BeatBytes  (PlainBeat),
    .Latency    (Latency),
    .CopyLatency(CopyLatency),
    .OnePort    (Mode & 1),
    .EngineFirst((Mode >> 1) & 1),
    .Ecc        ((Mode >> 2) & 1)
  ) i_sram (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(on_i && s_cp_rd_valid_i),
    .cp_rd_ready_o(s_cp_rd_ready_o),
    .cp_rd_addr_i (s_cp_rd_addr_i),
    .cp_rd_data_o (s_cp_rd_data),
    .cp_wr_valid_i(on_i && s_cp_wr_valid_i),
    .cp_wr_ready_o(s_cp_wr_ready_o),
    .cp_wr_addr_i (s_cp_wr_addr_i),
    .cp_wr_data_i (s_cp_wr_data_i[PlainBeat*8-1:0]),
    .rd_valid_i   (on_i && s_rd_valid_i),
    .rd_ready_o   (s_rd_ready_o),
    .rd_addr_i    (s_rd_addr_i),
    .rd_data_o    (s_rd_data),
    .wr_valid_i   (on_i && s_wr_valid_i),
    .wr_ready_o   (s_wr_ready_o),
    .wr_addr_i    (s_wr_addr_i),
    .wr_data_i    (s_wr_data_i[PlainWord*8-1:0]),
    .wr_strb_i    (s_wr_strb_i[PlainWord-1:0]),
    .events_o     (s_events_o)
  );

  logic unused;
  assign unused = &{1'b0, w_cp_wr_data_i, s_cp_wr_data_i, s_wr_data_i, s_wr_strb_i};

endmodule
