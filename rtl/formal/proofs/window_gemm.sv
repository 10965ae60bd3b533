// shira_gemm_check: of a descriptor that it passes, every byte that the result of a token and an
// output tile takes lies in the window and in the SRAM that is written, for each of the three ways
// out. The sums that this is compared with do not wrap.
// Bounded here: up to 7 tokens and 3 output tiles; strides and addresses within 512 of 0 or of
// 2^32, windows within 512 of 0 or of 2^64; an array of two by four; the sources are always good.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/gemm/shira_gemm_check.sv
// proof: induction 3
// cover: acc 13
// cover: int8 13
// cover: wadd 13
// mutant: the last tile is not in the end of an INT8 result
// file: rtl/gemm/shira_gemm_check.sv
// sed: s/more     = is_wadd \? image_more : PartW'\(desc_q.n_tiles\) << NW/more = is_wadd ? image_more : '0/
// mutant: the window's end is not looked at
// file: rtl/gemm/shira_gemm_check.sv
// sed: s/64'\(span_hi_q\) > desc_q.win_hi/1'b0/
// mutant: an INT8 result may leave its SRAM
// file: rtl/gemm/shira_gemm_check.sv
// sed: s/if \(is_int8\) too_long = region_end > EndW'\(ActBytes\);/if (is_int8) too_long = 1'b0;/
// mutant: a stride with too many bits is cut off
// file: rtl/gemm/shira_gemm_check.sv
// sed: s/bad_range  = end_used_q && \(great_q \|\| too_long\)/bad_range = end_used_q \&\& too_long/
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

  // For the induction: what stands in the stages of the check, of the accumulators (Acc) and of the
  // outputs (Out).
  (* hierconn *) wire [1:0] \u.state_q ;
  (* hierconn *) wire [2:0] \u.step_q ;
  (* hierconn *) wire [31:0] \u.last_token_q ;
  (* hierconn *) wire [31:0] \u.last_tile_q ;
  (* hierconn *) wire [31:0] \u.a_q ;
  (* hierconn *) wire [31:0] \u.b_q ;
  (* hierconn *) wire [31:0] \u.base_q ;
  (* hierconn *) wire [38:0] \u.more_q ;
  (* hierconn *) wire [38:0] \u.part_q ;
  (* hierconn *) wire [17:0] \u.prod_q ;
  (* hierconn *) wire [2:0] \u.region_q ;
  (* hierconn *) wire [2:0] \u.end_region_q ;
  (* hierconn *) wire \u.used_q ;
  (* hierconn *) wire \u.end_used_q ;
  (* hierconn *) wire \u.great_q ;
  (* hierconn *) wire [31:0] \u.span_lo_q ;
  (* hierconn *) wire [39:0] \u.span_hi_q ;
  localparam logic [2:0] Acc = 3'd2, Out = 3'd4;
  wire passed = done && status == shira_regs_pkg::StatusOk;
  wire checks = busy && !done;
  wire [2:0] step = \u.step_q ;
  wire is_acc = kept_q.out == shira_regs_pkg::GemmOutAcc;
  wire is_wadd = kept_q.out == shira_regs_pkg::GemmOutWadd;

  // Factors of the region that is in stage 2 or 3, and what is added to its product.
  logic [ 2:0] a;
  logic [31:0] b, base;
  logic [38:0] more;
  always_comb begin
    if (step == Acc + 3'd1 || step == Acc + 3'd2) begin
      a    = kept_q.n_tiles[2:0] - 3'd1;
      b    = kept_q.acc_stride;
      base = kept_q.acc_addr;
      more = 39'(kept_q.tokens) << 3;
    end else begin
      a    = is_wadd ? {1'b0, last_token[2:1]} : last_token;
      b    = is_wadd ? kept_q.image_k_tiles : kept_q.out_stride;
      base = kept_q.out_addr;
      more = is_wadd ? (39'(kept_q.n_tiles - 32'd1) << 3) + (last_token[0] ? 39'd8 : 39'd4) :
          39'(kept_q.n_tiles) << 1;
    end
  end
  wire in_stage_2 = step == Acc + 3'd1 || (step == Out + 3'd1 && !is_acc);
  wire in_stage_3 = step == Acc + 3'd2 || (step == Out + 3'd2 && !is_acc);

  (* keep *) wire cover_acc = passed && is_acc && kept_q.n_tiles > 32'd1 && kept_q.acc_stride > 32'd8;
  (* keep *) wire cover_int8 = passed && kept_q.out == shira_regs_pkg::GemmOutInt8 &&
      kept_q.tokens > 32'd2 && kept_q.n_tiles > 32'd1 && kept_q.out_stride != '0;
  (* keep *) wire cover_wadd = passed && is_wadd && kept_q.tokens > 32'd3 && kept_q.n_tiles > 32'd1;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      assert (\u.state_q <= 2'd2);
      if (busy) begin
        assert (kept == kept_q);
        assert (kept_q.tokens < 32'd8 && kept_q.n_tiles < 32'd4);
        assert (kept_q.acc_stride == {{22{kept_q.acc_stride[9]}}, kept_q.acc_stride[9:0]});
        assert (kept_q.out_stride == {{22{kept_q.out_stride[9]}}, kept_q.out_stride[9:0]});
        assert (kept_q.image_k_tiles == {{29{kept_q.image_k_tiles[2]}}, kept_q.image_k_tiles[2:0]});
      end
      if (checks) assert (status == shira_regs_pkg::StatusOk);
      if ((checks && step != '0) || passed) begin
        assert (kept_q.out <= 8'd2 && kept_q.tokens != '0 && kept_q.n_tiles != '0);
        assert (!is_wadd || kept_q.image_k_tiles >= kept_q.n_tiles);
      end
      if (checks && step == '0) assert (!\u.used_q && !\u.end_used_q );
      if (checks && step != '0) begin
        assert (\u.last_token_q == kept_q.tokens - 32'd1);
        assert (\u.last_tile_q == kept_q.n_tiles - 32'd1);
        assert (\u.region_q == step - 3'd1);
        if (step == 3'd1) assert (!\u.end_used_q );
        if (step > 3'd1) assert (\u.end_region_q == step - 3'd2);
        if (step == Out + 3'd1) assert (\u.used_q == !is_acc);
        if (step == Out + 3'd2) assert (\u.end_used_q == !is_acc);
        if (in_stage_2)
          assert (\u.used_q && \u.a_q == 32'(a) && \u.b_q == b && \u.base_q == base && \u.more_q == more);
        if (in_stage_3) begin
          assert (\u.end_used_q && \u.part_q == 39'(base) + more);
          assert (\u.great_q == (a != '0 && b[31:9] != '0));
          assert (72'(\u.prod_q ) == times(a, 32'(b[8:0])));
        end
        if ((is_acc && step > Acc + 3'd2) || step > Out + 3'd2)
          assert (72'(\u.span_lo_q ) == low && 72'(\u.span_hi_q ) == last_end && last_end <= size);
      end
      if (passed) begin
        assert (low >= 72'(kept_q.win_lo) && last_end <= 72'(kept_q.win_hi) && last_end <= size);
        if (32'(token_i) < kept_q.tokens && 32'(tile_i) < kept_q.n_tiles) begin
          assert (first >= 72'(kept_q.win_lo) && past <= 72'(kept_q.win_hi));
          assert (past <= size);
        end
      end
    end
  end

endmodule
