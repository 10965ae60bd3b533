// Keeps a GEMM descriptor and checks it before any of its work starts.
//
// Does:         finds the first error in this order: fields, alignment, ranges, window; within each in the
//               order of the fields' offsets. No field value is too great for the arithmetic.
// Never does:   looks at fields that the descriptor's modes do not use.
// Latency:      nine cycles from start_i to done_o, or less where there is an error: a region a cycle, in
//               three stages: its factors; their product; its end, which is compared.
// Throughput:   a descriptor in the time from start_i to take_i.
// Backpressure: busy_o; the answer stands until take_i.
//
// What is refused (where = byte offset of the field, or the first byte outside the window):
//   field  out, seed, uniform beyond their values; tokens, n_tiles, k_tiles zero; wadd: image_k_tiles
//          less than n_tiles (results would fall on each other)
//   align  as each field's description asks
//   range  the weights, X, the accumulators, the parameters, the outputs, the images leave their SRAM
//   window the span from the lowest to the highest byte written leaves [win_lo, win_hi)
module shira_gemm_check #(
  parameter int unsigned ArrayN      = 4,
  parameter int unsigned ArrayK      = 4,
  parameter int unsigned WeightBytes = 65536,
  parameter int unsigned ActBytes    = 16384,
  parameter int unsigned AccBytes    = 4096,
  parameter int unsigned ParamBytes  = 4096
) (
  input  logic                                clk_i,
  input  logic                                rst_ni,
  input  logic                                start_i,   // take desc_i and check it; only when not busy
  input  logic [                      1023:0] desc_i,
  input  logic                                take_i,    // the answer and the descriptor were used
  output logic                                busy_o,    // keeps a descriptor
  output logic                                done_o,    // the answer stands, until take_i
  output shira_regs_pkg::desc_gemm_t          desc_o,    // the descriptor kept
  output logic [                         7:0] status_o,  // status_e
  output logic [                        63:0] where_o
);

  // Sizes as shifts.
  localparam int unsigned NW    = $clog2(ArrayN);
  localparam int unsigned KW    = $clog2(ArrayK);
  localparam int unsigned TileW = NW + KW;

  // A product of factors of which one has more bits, and none is zero, is greater than every SRAM.
  localparam int unsigned MaxAB   = (WeightBytes > ActBytes) ? WeightBytes : ActBytes;
  localparam int unsigned MaxCD   = (AccBytes > ParamBytes) ? AccBytes : ParamBytes;
  localparam int unsigned FactorW = $clog2((MaxAB > MaxCD) ? MaxAB : MaxCD) + 1;
  localparam int unsigned ProdW   = 2 * FactorW;
  localparam int unsigned PartW   = 32 + TileW + 4;  // holds an address and a part of a region
  localparam int unsigned EndW    = ((ProdW + TileW > PartW) ? ProdW + TileW : PartW) + 1;

  // Byte offsets of the fields that errors name.
  localparam logic [7:0] AtOut = 8'd16, AtSeed = 8'd17, AtUniform = 8'd18, AtTokens = 8'd20;
  localparam logic [7:0] AtNTiles = 8'd24, AtKTiles = 8'd28, AtWAddr = 8'd32, AtXAddr = 8'd36;
  localparam logic [7:0] AtXStride = 8'd40, AtAccAddr = 8'd44, AtAccStride = 8'd48;
  localparam logic [7:0] AtParamAddr = 8'd52, AtOutAddr = 8'd72, AtOutStride = 8'd76;
  localparam logic [7:0] AtSrcAddr = 8'd80, AtImageKTiles = 8'd84;

  typedef enum logic [1:0] {
    StEmpty,  // keeps nothing
    StCheck,  // checks
    StDone    // the answer stands
  } state_e;

  // Regions in the order of their fields; each is the step of StCheck in which its factors are found.
  localparam logic [2:0] Weight = 3'd0, X = 3'd1, Acc = 3'd2, Param = 3'd3, Out = 3'd4, Src = 3'd5;
  localparam logic [2:0] LastStep = 3'd7;  // the last region's end is compared

  state_e                     state_q;
  shira_regs_pkg::desc_gemm_t desc_q;
  logic [                2:0] step_q;
  logic [                7:0] status_q;
  logic [               63:0] where_q;
  logic [               31:0] span_lo_q;  // bytes written: from here
  logic [           EndW-1:0] span_hi_q;  // to before here

  assign busy_o   = state_q != StEmpty;
  assign done_o   = state_q == StDone;
  assign desc_o   = desc_q;
  assign status_o = status_q;
  assign where_o  = where_q;

  logic is_acc, is_int8, is_wadd, has_params;
  assign is_acc     = desc_q.out == shira_regs_pkg::GemmOutAcc;
  assign is_int8    = desc_q.out == shira_regs_pkg::GemmOutInt8;
  assign is_wadd    = desc_q.out == shira_regs_pkg::GemmOutWadd;
  assign has_params = is_int8 && desc_q.uniform == 8'd0;

  // True where an address is not a multiple of 1 << bits.
  function automatic logic odd(input logic [31:0] addr, input int unsigned bits);
    odd = (addr & ~(32'hffff_ffff << bits)) != '0;
  endfunction

  // First error of the fields and of the alignment; 0 = none (no field has offset 0).
  logic [7:0] bad_field;
  logic [7:0] bad_align;

  always_comb begin
    bad_field = '0;
    bad_align = '0;
    if (state_q == StCheck && step_q == Weight) begin
      if (!is_acc && !is_int8 && !is_wadd) bad_field = AtOut;
      else if (desc_q.seed > shira_regs_pkg::GemmSeedScaled) bad_field = AtSeed;
      else if (desc_q.uniform > 8'd1) bad_field = AtUniform;
      else if (desc_q.tokens == '0) bad_field = AtTokens;
      else if (desc_q.n_tiles == '0) bad_field = AtNTiles;
      else if (desc_q.k_tiles == '0) bad_field = AtKTiles;
      else if (is_wadd && desc_q.image_k_tiles < desc_q.n_tiles) bad_field = AtImageKTiles;

      if (odd(desc_q.w_addr, TileW)) bad_align = AtWAddr;
      else if (odd(desc_q.x_addr, KW)) bad_align = AtXAddr;
      else if (odd(desc_q.x_stride, KW)) bad_align = AtXStride;
      else if (odd(desc_q.acc_addr, NW + 2)) bad_align = AtAccAddr;
      else if (odd(desc_q.acc_stride, NW + 2)) bad_align = AtAccStride;
      else if (has_params && odd(desc_q.param_addr, NW + 3)) bad_align = AtParamAddr;
      else if (is_int8 && odd(desc_q.out_addr, NW)) bad_align = AtOutAddr;
      else if (is_wadd && odd(desc_q.out_addr, TileW)) bad_align = AtOutAddr;
      else if (is_int8 && odd(desc_q.out_stride, NW)) bad_align = AtOutStride;
      else if (is_wadd && odd(desc_q.src_addr, TileW)) bad_align = AtSrcAddr;
    end
  end

  // ---- stage 1: the factors of a region's product, and what is added to it ----

  logic [     31:0] last_token_q, last_tile_q;  // from step 1 on
  logic [     31:0] factor_a, factor_b, base;
  logic [PartW-1:0] more, image_more;
  logic             used;

  // The last token's last tile is the highest of an image: image_k_tiles >= n_tiles.
  assign image_more = (PartW'(last_tile_q) << TileW) +
      ((PartW'(last_token_q[NW-1:0]) + PartW'(1)) << KW);

  always_comb begin
    factor_a = '0;
    factor_b = '0;
    base     = '0;
    more     = '0;
    used     = 1'b1;
    case (step_q)
      Weight: begin
        factor_a = desc_q.n_tiles;
        factor_b = desc_q.k_tiles;
        base     = desc_q.w_addr;
      end
      X: begin
        factor_a = last_token_q;
        factor_b = desc_q.x_stride;
        base     = desc_q.x_addr;
        more     = PartW'(desc_q.k_tiles) << KW;
      end
      Acc: begin
        factor_a = last_tile_q;
        factor_b = desc_q.acc_stride;
        base     = desc_q.acc_addr;
        more     = PartW'(desc_q.tokens) << (NW + 2);
      end
      Param: begin
        base = desc_q.param_addr;
        more = PartW'(desc_q.n_tiles) << (NW + 3);
        used = has_params;
      end
      Out, Src: begin
        factor_a = is_wadd ? last_token_q >> NW : last_token_q;
        factor_b = is_wadd ? desc_q.image_k_tiles : desc_q.out_stride;
        base     = (step_q == Out) ? desc_q.out_addr : desc_q.src_addr;
        more     = is_wadd ? image_more : PartW'(desc_q.n_tiles) << NW;
        used     = is_wadd || (is_int8 && step_q == Out);
      end
      default: used = 1'b0;
    endcase
  end

  // ---- stage 2: product and sum; stage 3: end ----

  logic [     31:0] a_q, b_q, base_q;
  logic [PartW-1:0] more_q, part_q;
  logic [ProdW-1:0] prod_q;
  logic [      2:0] region_q, end_region_q;  // in stage 2, in stage 3
  logic             used_q, end_used_q, great_q;
  logic [ EndW-1:0] region_end;
  logic             in_tiles, too_long, bad_range;
  logic [      7:0] bad_range_at;

  // The products of weights and images count tiles.
  assign in_tiles   = end_region_q == Weight || (is_wadd && (end_region_q == Out || end_region_q == Src));
  assign region_end = EndW'(part_q) + (in_tiles ? EndW'(prod_q) << TileW : EndW'(prod_q));
  assign bad_range  = end_used_q && (great_q || too_long);

  always_comb begin
    too_long     = region_end > EndW'(WeightBytes);
    bad_range_at = AtWAddr;
    case (end_region_q)
      X: begin
        too_long     = region_end > EndW'(ActBytes);
        bad_range_at = AtXAddr;
      end
      Acc: begin
        too_long     = region_end > EndW'(AccBytes);
        bad_range_at = AtAccAddr;
      end
      Param: begin
        too_long     = region_end > EndW'(ParamBytes);
        bad_range_at = AtParamAddr;
      end
      Out: begin
        if (is_int8) too_long = region_end > EndW'(ActBytes);
        bad_range_at = AtOutAddr;
      end
      Src:     bad_range_at = AtSrcAddr;
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    last_token_q <= desc_q.tokens - 32'd1;
    last_tile_q  <= desc_q.n_tiles - 32'd1;
    if (state_q == StCheck) begin
      a_q          <= factor_a;
      b_q          <= factor_b;
      base_q       <= base;
      more_q       <= more;
      region_q     <= step_q;
      used_q       <= used;
      prod_q       <= ProdW'(a_q[FactorW-1:0]) * ProdW'(b_q[FactorW-1:0]);
      great_q      <= ((a_q >> FactorW) != '0 && b_q != '0) || ((b_q >> FactorW) != '0 && a_q != '0);
      part_q       <= PartW'(base_q) + more_q;
      end_region_q <= region_q;
      end_used_q   <= used_q;
      if (end_used_q && end_region_q == Acc) begin
        span_lo_q <= desc_q.acc_addr;
        span_hi_q <= region_end;
      end
      if (end_used_q && end_region_q == Out) begin
        span_lo_q <= desc_q.out_addr;
        span_hi_q <= region_end;
      end
    end else begin
      used_q     <= 1'b0;
      end_used_q <= 1'b0;
    end
  end

  // ---- the answer ----

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StEmpty;
    end else begin
      case (state_q)
        StEmpty:
        if (start_i) begin
          desc_q   <= desc_i;
          status_q <= shira_regs_pkg::StatusOk;
          where_q  <= '0;
          step_q   <= Weight;
          state_q  <= StCheck;
        end
        StCheck: begin
          step_q <= step_q + 3'd1;
          if (step_q == LastStep) state_q <= StDone;
          if (bad_field != '0) begin
            status_q <= shira_regs_pkg::StatusBadField;
            where_q  <= 64'(bad_field);
            state_q  <= StDone;
          end else if (bad_align != '0) begin
            status_q <= shira_regs_pkg::StatusBadAlign;
            where_q  <= 64'(bad_align);
            state_q  <= StDone;
          end else if (bad_range) begin
            status_q <= shira_regs_pkg::StatusBadRange;
            where_q  <= 64'(bad_range_at);
            state_q  <= StDone;
          end else if (step_q == LastStep && 64'(span_lo_q) < desc_q.win_lo) begin
            status_q <= shira_regs_pkg::StatusWindow;
            where_q  <= 64'(span_lo_q);
          end else if (step_q == LastStep && 64'(span_hi_q) > desc_q.win_hi) begin
            status_q <= shira_regs_pkg::StatusWindow;
            where_q  <= (desc_q.win_hi > 64'(span_lo_q)) ? desc_q.win_hi : 64'(span_lo_q);
          end
        end
        default: if (take_i) state_q <= StEmpty;
      endcase
    end
  end

`ifdef SHIRA_ASSERT
  start_when_empty: assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !busy_o);
  take_when_done: assert property (@(posedge clk_i) disable iff (!rst_ni) take_i |-> done_o);
  answer_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    done_o && !take_i |=> done_o && $stable({status_o, where_o}));
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_empty, state_q == StEmpty)
  `SHIRA_COVER(state_check, state_q == StCheck)
  `SHIRA_COVER(state_done, state_q == StDone)
`endif

endmodule
