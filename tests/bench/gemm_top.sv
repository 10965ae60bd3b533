// The GEMM engine with its four SRAMs, for measuring simulation speed. COPY's ports fill the SRAMs.
module gemm_top #(
  parameter int unsigned ArrayN      = 16,
  parameter int unsigned ArrayK      = 16,
  parameter int unsigned WeightBytes = 8388608,
  parameter int unsigned WeightBanks = 16,
  parameter int unsigned ActBytes    = 1048576,
  parameter int unsigned AccBytes    = 65536,
  parameter int unsigned ParamBytes  = 262144,
  parameter int unsigned BeatBytes   = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [            3:0] cp_space_i,  // one bit a memory: weight, activation, accumulator, parameter
  input  logic                   cp_write_i,
  input  logic [           31:0] cp_addr_i,
  input  logic [BeatBytes*8-1:0] cp_data_i,
  input  logic                   cp_read_i,
  input  logic                   scatter_i,   // write to all banks
  output logic [BeatBytes*8-1:0] cp_data_o,   // of the activation SRAM
  input  logic                   cmd_valid_i,
  output logic                   cmd_ready_o,
  input  logic [         1023:0] cmd_desc_i,
  output logic                   done_valid_o,
  output logic [            7:0] status_o,
  output logic [           31:0] macs_o
);

  localparam int unsigned ActWord  = (BeatBytes > ArrayK) ? BeatBytes : ArrayK;
  localparam int unsigned ParWord  = 8 * ArrayN;
  localparam int unsigned Rows     = WeightBytes / (WeightBanks * ArrayK);
  localparam int unsigned RowW     = $clog2(Rows);

  logic                       tile_valid, tile_ready;
  logic [               31:0] tile_addr;
  logic [ArrayN*ArrayK*8-1:0] tile_data;
  logic                       word_rd_valid, word_rd_ready, word_wr_valid, word_wr_ready;
  logic [               31:0] word_rd_addr, word_wr_addr;
  logic [       ArrayK*8-1:0] word_rd_data, word_wr_data;
  logic                       act_rd_valid, act_rd_ready, act_wr_valid, act_wr_ready;
  logic [               31:0] act_rd_addr, act_wr_addr;
  logic [      ActWord*8-1:0] act_rd_data, act_wr_data;
  logic [        ActWord-1:0] act_wr_strb;
  logic                       acc_rd_valid, acc_rd_ready, acc_wr_valid, acc_wr_ready;
  logic [               31:0] acc_rd_addr, acc_wr_addr;
  logic [      ArrayN*32-1:0] acc_rd_data, acc_wr_data;
  logic [       ArrayN*4-1:0] acc_wr_strb;
  logic                       par_rd_valid, par_rd_ready;
  logic [               31:0] par_rd_addr;
  logic [      ParWord*8-1:0] par_rd_data;
  shira_pkg::result_t         done;

  assign status_o = done.status;

  // COPY's requests come from registers, as in the accelerator.
  logic [            3:0] cp_space_q;
  logic                   cp_write_q, cp_read_q, scatter_q;
  logic [           31:0] cp_addr_q;
  logic [BeatBytes*8-1:0] cp_data_q;

  always_ff @(posedge clk_i) begin
    cp_write_q <= cp_write_i;
    cp_read_q  <= cp_read_i;
    scatter_q  <= scatter_i;
    if (cp_write_i || cp_read_i) begin
      cp_space_q <= cp_space_i;
      cp_addr_q  <= cp_addr_i;
      cp_data_q  <= cp_data_i;
    end
  end

  shira_gemm #(
    .ArrayN     (ArrayN),
    .ArrayK     (ArrayK),
    .WeightBytes(WeightBytes),
    .ActBytes   (ActBytes),
    .AccBytes   (AccBytes),
    .ParamBytes (ParamBytes),
    .BeatBytes  (BeatBytes)
  ) i_gemm (
    .clk_i,
    .rst_ni,
    .cycle_i           (64'd0),
    .halt_i            (1'b0),
    .idle_o            (),
    .cmd_valid_i,
    .cmd_ready_o,
    .cmd_desc_i,
    .done_valid_o,
    .done_ready_i      (1'b1),
    .done_o            (done),
    .state_o           (),
    .ev_macs_o         (macs_o),
    .wt_tile_valid_o   (tile_valid),
    .wt_tile_ready_i   (tile_ready),
    .wt_tile_addr_o    (tile_addr),
    .wt_tile_data_i    (tile_data),
    .wt_word_rd_valid_o(word_rd_valid),
    .wt_word_rd_ready_i(word_rd_ready),
    .wt_word_rd_addr_o (word_rd_addr),
    .wt_word_rd_data_i (word_rd_data),
    .wt_word_wr_valid_o(word_wr_valid),
    .wt_word_wr_ready_i(word_wr_ready),
    .wt_word_wr_addr_o (word_wr_addr),
    .wt_word_wr_data_o (word_wr_data),
    .act_rd_valid_o    (act_rd_valid),
    .act_rd_ready_i    (act_rd_ready),
    .act_rd_addr_o     (act_rd_addr),
    .act_rd_data_i     (act_rd_data),
    .act_wr_valid_o    (act_wr_valid),
    .act_wr_ready_i    (act_wr_ready),
    .act_wr_addr_o     (act_wr_addr),
    .act_wr_data_o     (act_wr_data),
    .act_wr_strb_o     (act_wr_strb),
    .acc_rd_valid_o    (acc_rd_valid),
    .acc_rd_ready_i    (acc_rd_ready),
    .acc_rd_addr_o     (acc_rd_addr),
    .acc_rd_data_i     (acc_rd_data),
    .acc_wr_valid_o    (acc_wr_valid),
    .acc_wr_ready_i    (acc_wr_ready),
    .acc_wr_addr_o     (acc_wr_addr),
    .acc_wr_data_o     (acc_wr_data),
    .acc_wr_strb_o     (acc_wr_strb),
    .par_rd_valid_o    (par_rd_valid),
    .par_rd_ready_i    (par_rd_ready),
    .par_rd_addr_o     (par_rd_addr),
    .par_rd_data_i     (par_rd_data)
  );

  shira_weight_sram #(
    .ArrayN     (ArrayN),
    .ArrayK     (ArrayK),
    .WeightBytes(WeightBytes),
    .WeightBanks(WeightBanks),
    .BeatBytes  (BeatBytes)
  ) i_weight (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i  (cp_read_q && cp_space_q[0]),
    .cp_rd_ready_o  (),
    .cp_rd_addr_i   (cp_addr_q),
    .cp_rd_data_o   (),
    .cp_wr_valid_i  (cp_write_q && cp_space_q[0]),
    .cp_wr_ready_o  (),
    .cp_wr_addr_i   (cp_addr_q),
    .cp_wr_data_i   (cp_data_q),
    .tile_valid_i   (tile_valid),
    .tile_ready_o   (tile_ready),
    .tile_addr_i    (tile_addr),
    .tile_data_o    (tile_data),
    .word_rd_valid_i(word_rd_valid),
    .word_rd_ready_o(word_rd_ready),
    .word_rd_addr_i (word_rd_addr),
    .word_rd_data_o (word_rd_data),
    .word_wr_valid_i(word_wr_valid),
    .word_wr_ready_o(word_wr_ready),
    .word_wr_addr_i (word_wr_addr),
    .word_wr_data_i (word_wr_data),
    .bank_valid_i   ({WeightBanks{scatter_q}}),
    .bank_ready_o   (),
    .bank_row_i     ({WeightBanks{cp_addr_q[RowW-1:0]}}),
    .bank_mask_i    ({WeightBanks{cp_addr_q[ArrayK-1:0]}}),
    .bank_data_i    ({WeightBanks{cp_data_q[ArrayK*8-1:0]}}),
    // verilator lint_off PINCONNECTEMPTY
    .bank_rd_valid_i('0),
    .bank_rd_ready_o(),
    .bank_rd_row_i  ('0),
    .bank_rd_data_o (),
    // verilator lint_on PINCONNECTEMPTY
    .events_o       ()
  );

  shira_sram #(
    .Bytes    (ActBytes),
    .WordBytes(ActWord),
    .BeatBytes(BeatBytes)
  ) i_act (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(cp_read_q && cp_space_q[1]),
    .cp_rd_ready_o(),
    .cp_rd_addr_i (cp_addr_q),
    .cp_rd_data_o (cp_data_o),
    .cp_wr_valid_i(cp_write_q && cp_space_q[1]),
    .cp_wr_ready_o(),
    .cp_wr_addr_i (cp_addr_q),
    .cp_wr_data_i (cp_data_q),
    .rd_valid_i   (act_rd_valid),
    .rd_ready_o   (act_rd_ready),
    .rd_addr_i    (act_rd_addr),
    .rd_data_o    (act_rd_data),
    .wr_valid_i   (act_wr_valid),
    .wr_ready_o   (act_wr_ready),
    .wr_addr_i    (act_wr_addr),
    .wr_data_i    (act_wr_data),
    .wr_strb_i    (act_wr_strb),
    .events_o     ()
  );

  shira_sram #(
    .Bytes    (AccBytes),
    .WordBytes(4 * ArrayN),
    .BeatBytes(BeatBytes)
  ) i_acc (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(cp_read_q && cp_space_q[2]),
    .cp_rd_ready_o(),
    .cp_rd_addr_i (cp_addr_q),
    .cp_rd_data_o (),
    .cp_wr_valid_i(cp_write_q && cp_space_q[2]),
    .cp_wr_ready_o(),
    .cp_wr_addr_i (cp_addr_q),
    .cp_wr_data_i (cp_data_q),
    .rd_valid_i   (acc_rd_valid),
    .rd_ready_o   (acc_rd_ready),
    .rd_addr_i    (acc_rd_addr),
    .rd_data_o    (acc_rd_data),
    .wr_valid_i   (acc_wr_valid),
    .wr_ready_o   (acc_wr_ready),
    .wr_addr_i    (acc_wr_addr),
    .wr_data_i    (acc_wr_data),
    .wr_strb_i    (acc_wr_strb),
    .events_o     ()
  );

  shira_sram #(
    .Bytes    (ParamBytes),
    .WordBytes(ParWord),
    .BeatBytes(BeatBytes)
  ) i_par (
    .clk_i,
    .rst_ni,
    .cp_rd_valid_i(cp_read_q && cp_space_q[3]),
    .cp_rd_ready_o(),
    .cp_rd_addr_i (cp_addr_q),
    .cp_rd_data_o (),
    .cp_wr_valid_i(cp_write_q && cp_space_q[3]),
    .cp_wr_ready_o(),
    .cp_wr_addr_i (cp_addr_q),
    .cp_wr_data_i (cp_data_q),
    .rd_valid_i   (par_rd_valid),
    .rd_ready_o   (par_rd_ready),
    .rd_addr_i    (par_rd_addr),
    .rd_data_o    (par_rd_data),
    .wr_valid_i   (1'b0),
    .wr_ready_o   (),
    .wr_addr_i    ('0),
    .wr_data_i    ('0),
    .wr_strb_i    ('0),
    .events_o     ()
  );

  logic unused;
  assign unused = &{1'b0, done};

endmodule
