// The four SRAMs, and the choice of one by its space for COPY.
//
// Does:         gives an engine its data after the latency of the SRAM, and COPY its beats after CopyLatency cycles,
//               from whichever SRAM, so that they come in the order in which it asked.
// Never does:   stalls COPY by itself: shira_sram_arbiter says who wins a port.
// Latency:      those parameters. Throughput: that of the SRAMs.
// Backpressure: all readies.
module shira_memories #(
  parameter int unsigned ArrayN      = 16,
  parameter int unsigned ArrayK      = 16,
  parameter int unsigned WeightBytes = 8388608,
  parameter int unsigned WeightBanks = 16,
  parameter int unsigned ActBytes    = 1048576,
  parameter int unsigned AccBytes    = 65536,
  parameter int unsigned ParamBytes  = 262144,
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned WeightMode  = 0,  // bit 0: 1rw, 1: engine-first, 2: ECC; likewise:
  parameter int unsigned ActMode     = 0,
  parameter int unsigned AccMode     = 0,
  parameter int unsigned ParamMode   = 0,
  parameter int unsigned WeightLatency = 1,  // cycles from the accept of a read to its data, 1 to 3; likewise:
  parameter int unsigned ActLatency    = 1,
  parameter int unsigned AccLatency    = 1,
  parameter int unsigned ParamLatency  = 1,
  parameter int unsigned CopyLatency   = 1,  // of COPY's reads: the largest of these
  localparam int unsigned ArrayMax   = ArrayN > ArrayK ? ArrayN : ArrayK,
  localparam int unsigned ActWord    = BeatBytes > ArrayMax ? BeatBytes : ArrayMax,
  localparam int unsigned AccWord    = 4 * ArrayN,
  localparam int unsigned ParamWord  = 8 * ArrayN > BeatBytes ? 8 * ArrayN : BeatBytes,
  localparam int unsigned RowW       = $clog2(WeightBytes / (WeightBanks * ArrayK))
) (
  input  logic clk_i,
  input  logic rst_ni,  // synchronous, active low
  // COPY: one beat; data of a read come CopyLatency cycles after it was accepted
  input  logic                   sram_rd_valid_i,
  output logic                   sram_rd_ready_o,
  input  logic [            2:0] sram_rd_space_i,  // shira_regs_pkg::space_e
  input  logic [           31:0] sram_rd_addr_i,
  output logic [BeatBytes*8-1:0] sram_rd_data_o,
  input  logic                   sram_wr_valid_i,
  output logic                   sram_wr_ready_o,
  input  logic [            2:0] sram_wr_space_i,
  input  logic [           31:0] sram_wr_addr_i,
  input  logic [BeatBytes*8-1:0] sram_wr_data_i,
  // GEMM -> weight SRAM: a whole tile
  input  logic                                tile_valid_i,
  output logic                                tile_ready_o,
  input  logic                         [31:0] tile_addr_i,
  output logic          [ArrayN*ArrayK*8-1:0] tile_data_o,
  // GEMM: one word of a weight image
  input  logic                                word_rd_valid_i,
  output logic                                word_rd_ready_o,
  input  logic                         [31:0] word_rd_addr_i,
  output logic                 [ArrayK*8-1:0] word_rd_data_o,
  input  logic                                word_wr_valid_i,
  output logic                                word_wr_ready_o,
  input  logic                         [31:0] word_wr_addr_i,
  input  logic                 [ArrayK*8-1:0] word_wr_data_i,
  // SCATTER: masked words and reads, one port of each a bank
  input  logic              [WeightBanks-1:0] bank_valid_i,
  output logic              [WeightBanks-1:0] bank_ready_o,
  input  logic         [WeightBanks*RowW-1:0] bank_row_i,
  input  logic       [WeightBanks*ArrayK-1:0] bank_mask_i,
  input  logic     [WeightBanks*ArrayK*8-1:0] bank_data_i,
  input  logic              [WeightBanks-1:0] bank_rd_valid_i,
  output logic              [WeightBanks-1:0] bank_rd_ready_o,
  input  logic         [WeightBanks*RowW-1:0] bank_rd_row_i,
  output logic     [WeightBanks*ArrayK*8-1:0] bank_rd_data_o,
  // GEMM: activations
  input  logic                                act_rd_valid_i,
  output logic                                act_rd_ready_o,
  input  logic                         [31:0] act_rd_addr_i,
  output logic                [ActWord*8-1:0] act_rd_data_o,
  input  logic                                act_wr_valid_i,
  output logic                                act_wr_ready_o,
  input  logic                         [31:0] act_wr_addr_i,
  input  logic                [ActWord*8-1:0] act_wr_data_i,
  input  logic                  [ActWord-1:0] act_wr_strb_i,
  // GEMM: accumulators
  input  logic                                acc_rd_valid_i,
  output logic                                acc_rd_ready_o,
  input  logic                         [31:0] acc_rd_addr_i,
  output logic                [AccWord*8-1:0] acc_rd_data_o,
  input  logic                                acc_wr_valid_i,
  output logic                                acc_wr_ready_o,
  input  logic                         [31:0] acc_wr_addr_i,
  input  logic                [AccWord*8-1:0] acc_wr_data_i,
  input  logic                  [AccWord-1:0] acc_wr_strb_i,
  // GEMM: parameters
  input  logic                                par_rd_valid_i,
  output logic                                par_rd_ready_o,
  input  logic                         [31:0] par_rd_addr_i,
  output logic              [ParamWord*8-1:0] par_rd_data_o,
  // accesses of this cycle -> perf
  output shira_pkg::sram_events_t weight_events_o,
  output shira_pkg::sram_events_t act_events_o,
  output shira_pkg::sram_events_t acc_events_o,
  output shira_pkg::sram_events_t param_events_o
);

  localparam int unsigned BeatBits = BeatBytes * 8;

  // The SRAM of a space; bit 0 (memory) is never asked here.
  logic [4:0] cp_rd_sel, cp_wr_sel, cp_rd_ready, cp_wr_ready;
  logic [2:0] due_space;  // of the read whose data are due
  logic [BeatBits-1:0] weight_cp_data, act_cp_data, acc_cp_data, param_cp_data;

  assign cp_rd_ready[0] = 1'b0;
  assign cp_wr_ready[0] = 1'b0;
  assign cp_rd_sel = sram_rd_valid_i ? 5'd1 << sram_rd_space_i : 5'd0;
  assign cp_wr_sel = sram_wr_valid_i ? 5'd1 << sram_wr_space_i : 5'd0;
  assign sram_rd_ready_o = |(cp_rd_sel & cp_rd_ready);
  assign sram_wr_ready_o = |(cp_wr_sel & cp_wr_ready);

  shira_delay #(
    .Width (3),
    .Cycles(CopyLatency)
  ) i_space (
    .clk_i,
    .data_i(sram_rd_space_i),
    .data_o(due_space)
  );

  always_comb begin
    case (due_space)
      3'(shira_regs_pkg::SpaceWeight):      sram_rd_data_o = weight_cp_data;
      3'(shira_regs_pkg::SpaceActivation):  sram_rd_data_o = act_cp_data;
      3'(shira_regs_pkg::SpaceAccumulator): sram_rd_data_o = acc_cp_data;
      default:                              sram_rd_data_o = param_cp_data;
    endcase
  end

  shira_weight_sram #(
    .ArrayN     (ArrayN),
    .ArrayK     (ArrayK),
    .WeightBytes(WeightBytes),
    .WeightBanks(WeightBanks),
    .BeatBytes  (BeatBytes),
    .Latency    (WeightLatency),
    .CopyLatency(CopyLatency),
    .OnePort    (WeightMode & 1),
    .EngineFirst((WeightMode >> 1) & 1),
    .Ecc        ((WeightMode >> 2) & 1)
  ) u_weight (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i  (cp_rd_sel[1]),
    .cp_rd_ready_o  (cp_rd_ready[1]),
    .cp_rd_addr_i   (sram_rd_addr_i),
    .cp_rd_data_o   (weight_cp_data),
    .cp_wr_valid_i  (cp_wr_sel[1]),
    .cp_wr_ready_o  (cp_wr_ready[1]),
    .cp_wr_addr_i   (sram_wr_addr_i),
    .cp_wr_data_i   (sram_wr_data_i),
    .tile_valid_i   (tile_valid_i),
    .tile_ready_o   (tile_ready_o),
    .tile_addr_i    (tile_addr_i),
    .tile_data_o    (tile_data_o),
    .word_rd_valid_i(word_rd_valid_i),
    .word_rd_ready_o(word_rd_ready_o),
    .word_rd_addr_i (word_rd_addr_i),
    .word_rd_data_o (word_rd_data_o),
    .word_wr_valid_i(word_wr_valid_i),
    .word_wr_ready_o(word_wr_ready_o),
    .word_wr_addr_i (word_wr_addr_i),
    .word_wr_data_i (word_wr_data_i),
    .bank_valid_i   (bank_valid_i),
    .bank_ready_o   (bank_ready_o),
    .bank_row_i     (bank_row_i),
    .bank_mask_i    (bank_mask_i),
    .bank_data_i    (bank_data_i),
    .bank_rd_valid_i(bank_rd_valid_i),
    .bank_rd_ready_o(bank_rd_ready_o),
    .bank_rd_row_i  (bank_rd_row_i),
    .bank_rd_data_o (bank_rd_data_o),
    .events_o       (weight_events_o)
  );

  shira_sram #(
    .Bytes      (ActBytes),
    .WordBytes  (ActWord),
    .BeatBytes  (BeatBytes),
    .Latency    (ActLatency),
    .CopyLatency(CopyLatency),
    .OnePort    (ActMode & 1),
    .EngineFirst((ActMode >> 1) & 1),
    .Ecc        ((ActMode >> 2) & 1)
  ) u_act (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(cp_rd_sel[2]),
    .cp_rd_ready_o(cp_rd_ready[2]),
    .cp_rd_addr_i (sram_rd_addr_i),
    .cp_rd_data_o (act_cp_data),
    .cp_wr_valid_i(cp_wr_sel[2]),
    .cp_wr_ready_o(cp_wr_ready[2]),
    .cp_wr_addr_i (sram_wr_addr_i),
    .cp_wr_data_i (sram_wr_data_i),
    .rd_valid_i   (act_rd_valid_i),
    .rd_ready_o   (act_rd_ready_o),
    .rd_addr_i    (act_rd_addr_i),
    .rd_data_o    (act_rd_data_o),
    .wr_valid_i   (act_wr_valid_i),
    .wr_ready_o   (act_wr_ready_o),
    .wr_addr_i    (act_wr_addr_i),
    .wr_data_i    (act_wr_data_i),
    .wr_strb_i    (act_wr_strb_i),
    .events_o     (act_events_o)
  );

  shira_sram #(
    .Bytes      (AccBytes),
    .WordBytes  (AccWord),
    .BeatBytes  (BeatBytes),
    .Latency    (AccLatency),
    .CopyLatency(CopyLatency),
    .OnePort    (AccMode & 1),
    .EngineFirst((AccMode >> 1) & 1),
    .Ecc        ((AccMode >> 2) & 1)
  ) u_acc (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(cp_rd_sel[3]),
    .cp_rd_ready_o(cp_rd_ready[3]),
    .cp_rd_addr_i (sram_rd_addr_i),
    .cp_rd_data_o (acc_cp_data),
    .cp_wr_valid_i(cp_wr_sel[3]),
    .cp_wr_ready_o(cp_wr_ready[3]),
    .cp_wr_addr_i (sram_wr_addr_i),
    .cp_wr_data_i (sram_wr_data_i),
    .rd_valid_i   (acc_rd_valid_i),
    .rd_ready_o   (acc_rd_ready_o),
    .rd_addr_i    (acc_rd_addr_i),
    .rd_data_o    (acc_rd_data_o),
    .wr_valid_i   (acc_wr_valid_i),
    .wr_ready_o   (acc_wr_ready_o),
    .wr_addr_i    (acc_wr_addr_i),
    .wr_data_i    (acc_wr_data_i),
    .wr_strb_i    (acc_wr_strb_i),
    .events_o     (acc_events_o)
  );

  // Nobody but COPY writes parameters.
  logic unused_par_wr_ready;

  shira_sram #(
    .Bytes      (ParamBytes),
    .WordBytes  (ParamWord),
    .BeatBytes  (BeatBytes),
    .Latency    (ParamLatency),
    .CopyLatency(CopyLatency),
    .OnePort    (ParamMode & 1),
    .EngineFirst((ParamMode >> 1) & 1),
    .Ecc        ((ParamMode >> 2) & 1)
  ) u_param (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(cp_rd_sel[4]),
    .cp_rd_ready_o(cp_rd_ready[4]),
    .cp_rd_addr_i (sram_rd_addr_i),
    .cp_rd_data_o (param_cp_data),
    .cp_wr_valid_i(cp_wr_sel[4]),
    .cp_wr_ready_o(cp_wr_ready[4]),
    .cp_wr_addr_i (sram_wr_addr_i),
    .cp_wr_data_i (sram_wr_data_i),
    .rd_valid_i   (par_rd_valid_i),
    .rd_ready_o   (par_rd_ready_o),
    .rd_addr_i    (par_rd_addr_i),
    .rd_data_o    (par_rd_data_o),
    .wr_valid_i   (1'b0),
    .wr_ready_o   (unused_par_wr_ready),
    .wr_addr_i    (32'd0),
    .wr_data_i    ('0),
    .wr_strb_i    ('0),
    .events_o     (param_events_o)
  );

endmodule
