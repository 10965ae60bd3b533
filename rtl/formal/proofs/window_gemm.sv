// shira_gemm_check: of a descriptor that it passes, every byte that the result of a token and an
// output tile takes lies in the window and in the SRAM that is written, for each of the three ways
// out. The sums that this is compared with do not wrap.
// Bounded here: up to 7 tokens and 3 output tiles; strides and addresses within 512 of 0 or of
// 2^32, windows within 512 of 0 or of 2^64; an array of two by four; the sources are always good.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/gemm/shira_gemm_check.sv
// proof: induction 3
// cover: tokens 12
// cover: int8 12
// cover: wadd 12
// mutant: the last tile is not in the end of an INT8 result
// file: rtl/gemm/shira_gemm_check.sv
// sed: s/prod \+ \(CalcW'\(desc_q.n_tiles\) << NW\)\)/prod)/
// mutant: the window's end is not looked at
// file: rtl/gemm/shira_gemm_check.sv
// sed: s/span_hi_q > CalcW'\(desc_q.win_hi\)/1'b0/
// mutant: an INT8 result may leave its SRAM
// file: rtl/gemm/shira_gemm_check.sv
// sed: s/\(is_int8 && out_end > CalcW'\(ActBytes\)\)/1'b0/
module formal_window_gemm (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       start_i,
  input logic       take_i,
  input logic [1:0] out_i,         // the fields of the descriptor, sign extended
  input logic [2:0] tokens_i,
  input logic [1:0] n_tiles_i,
  input logic [9:0] acc_addr_i,
  input logic [9:0] acc_stride_i,
  input logic [9:0] out_addr_i,
  input logic [9:0] out_stride_i,
  input logic [2:0] image_i,
  input logic [9:0] lo_i,
  input logic [9:0] hi_i,
  input logic [2:0] token_i,       // the token and the tile that are looked at: any
  input logic [1:0] tile_i
);

  localparam int unsigned WeightBytes = 256, ActBytes = 128, AccBytes = 128;

  shira_regs_pkg::desc_gemm_t desc, kept, kept_q;
  logic                       busy, done;
  logic [7:0]                 status;

  always_comb begin
    desc               = '0;
    desc.out           = 8'(out_i);
    desc.uniform       = 8'd1;
    desc.tokens        = 32'(tokens_i);
    desc.n_tiles       = 32'(n_tiles_i);
    desc.k_tiles       = 32'd1;
    desc.acc_addr      = {{22{acc_addr_i[9]}}, acc_addr_i};
    desc.acc_stride    = {{22{acc_stride_i[9]}}, acc_stride_i};
    desc.out_addr      = {{22{out_addr_i[9]}}, out_addr_i};
    desc.out_stride    = {{22{out_stride_i[9]}}, out_stride_i};
    desc.image_k_tiles = {{29{image_i[2]}}, image_i};
    desc.win_lo        = {{54{lo_i[9]}}, lo_i};
    desc.win_hi        = {{54{hi_i[9]}}, hi_i};
  end

  shira_gemm_check #(
    .ArrayN     (2),
    .ArrayK     (4),
    .WeightBytes(WeightBytes),
    .ActBytes   (ActBytes),
    .AccBytes   (AccBytes),
    .ParamBytes (64)
  ) u (
    .clk_i,
    .rst_ni,
    .start_i,
    .desc_i  (desc),
    .take_i,
    .busy_o  (busy),
    .done_o  (done),
    .desc_o  (kept),
    .status_o(status)
  );

  logic ran_q = 1'b0;
  always @(posedge clk_i) begin
    ran_q <= 1'b1;
    if (start_i && !busy) kept_q <= desc;
  end

  function automatic logic [71:0] times(input logic [2:0] factor, input logic [31:0] by);
    times = (factor[0] ? 72'(by) : 72'd0) + (factor[1] ? 72'(by) << 1 : 72'd0) +
        (factor[2] ? 72'(by) << 2 : 72'd0);
  endfunction

  // Bytes of this result, of all results, and the end of their SRAM.
  logic [71:0] first, past, low, last_end, size;
  logic [ 2:0] last_token;
  always_comb begin
    last_token = kept_q.tokens[2:0] - 3'd1;
    unique case (kept_q.out)
      shira_regs_pkg::GemmOutAcc: begin
        first = 72'(kept_q.acc_addr) + times({1'b0, tile_i}, kept_q.acc_stride) +
            (72'(token_i) << 3);
        past  = first + 72'd8;
        low   = 72'(kept_q.acc_addr);
        last_end = low + times(kept_q.n_tiles[2:0] - 3'd1, kept_q.acc_stride) +
            (72'(kept_q.tokens) << 3);
        size  = 72'(AccBytes);
      end
      shira_regs_pkg::GemmOutInt8: begin
        first = 72'(kept_q.out_addr) + times(token_i, kept_q.out_stride) + (72'(tile_i) << 1);
        past  = first + 72'd2;
        low   = 72'(kept_q.out_addr);
        last_end = low + times(last_token, kept_q.out_stride) + (72'(kept_q.n_tiles) << 1);
        size  = 72'(ActBytes);
      end
      default: begin  // word (m / 2 * image_k_tiles + i) * 2 + m mod 2, of four bytes
        first = 72'(kept_q.out_addr) + (72'(token_i[0]) << 2) +
            ((times({1'b0, token_i[2:1]}, kept_q.image_k_tiles) + 72'(tile_i)) << 3);
        past  = first + 72'd4;
        low   = 72'(kept_q.out_addr);
        last_end = low + ((times({1'b0, last_token[2:1]}, kept_q.image_k_tiles) +
            72'(kept_q.n_tiles) - 72'd1) << 3) + (last_token[0] ? 72'd8 : 72'd4);
        size  = 72'(WeightBytes);
      end
    endcase
  end

  // For the induction: what each step of the check has found.
  (* hierconn *) wire [2:0] \u.state_q ;
  (* hierconn *) wire [63:0] \u.prod_q ;
  (* hierconn *) wire [31:0] \u.span_lo_q ;
  (* hierconn *) wire [95:0] \u.span_hi_q ;
  localparam logic [2:0] Fields = 3'd1, Acc = 3'd4, Out = 3'd5, Window = 3'd6;
  wire passed = done && status == shira_regs_pkg::StatusOk;
  wire is_acc = kept_q.out == shira_regs_pkg::GemmOutAcc;
  wire is_wadd = kept_q.out == shira_regs_pkg::GemmOutWadd;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      if (busy) assert (kept == kept_q);
      if (busy && !done) assert (status == shira_regs_pkg::StatusOk);
      if ((busy && !done && \u.state_q != Fields) || passed) begin
        assert (kept_q.out <= 8'd2 && kept_q.tokens != '0 && kept_q.n_tiles != '0);
        assert (!is_wadd || kept_q.image_k_tiles >= kept_q.n_tiles);
      end
      if (\u.state_q == Acc)
        assert (72'(\u.prod_q ) == times(kept_q.n_tiles[2:0] - 3'd1, kept_q.acc_stride));
      if (\u.state_q == Out && !is_acc)
        assert (72'(\u.prod_q ) == (is_wadd ? times({1'b0, last_token[2:1]}, kept_q.image_k_tiles) :
                                               times(last_token, kept_q.out_stride)));
      if ((\u.state_q == Out && is_acc) || \u.state_q == Window)
        assert (72'(\u.span_lo_q ) == low && \u.span_hi_q == 96'(last_end) && last_end <= size);
      if (passed) begin
        assert (low >= 72'(kept_q.win_lo) && last_end <= 72'(kept_q.win_hi) && last_end <= size);
        if (32'(token_i) < kept_q.tokens && 32'(tile_i) < kept_q.n_tiles) begin
          assert (first >= 72'(kept_q.win_lo) && past <= 72'(kept_q.win_hi));
          assert (past <= size);
        end
      end
    end
  end

  (* keep *) wire cover_tokens = ran_q && passed && kept_q.tokens == 32'd3 && kept_q.n_tiles == 32'd2 && is_acc;
  (* keep *) wire cover_int8 = ran_q && passed && kept_q.tokens == 32'd3 && kept_q.out == shira_regs_pkg::GemmOutInt8;
  (* keep *) wire cover_wadd = ran_q && passed && kept_q.tokens == 32'd3 && is_wadd;

endmodule
