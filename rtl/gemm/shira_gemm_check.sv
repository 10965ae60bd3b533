// Keeps a GEMM descriptor and checks it before any of its work starts.
//
// Does:       finds the first error in this order: fields, alignment, ranges, window; within each in the
//             order of the fields' offsets. Arithmetic is wide enough for any field value.
// Never does: looks at fields that the descriptor's modes do not use.
// Latency:    seven cycles from start_i to done_o; one multiplier, used in turn.
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

  // Sizes as shifts, and sums with room for every field at its greatest.
  localparam int unsigned CalcW = 96;
  localparam int unsigned NW    = $clog2(ArrayN);
  localparam int unsigned KW    = $clog2(ArrayK);
  localparam int unsigned TileW = NW + KW;

  // Byte offsets of the fields that errors name.
  localparam logic [7:0] AtOut = 8'd16, AtSeed = 8'd17, AtUniform = 8'd18, AtTokens = 8'd20;
  localparam logic [7:0] AtNTiles = 8'd24, AtKTiles = 8'd28, AtWAddr = 8'd32, AtXAddr = 8'd36;
  localparam logic [7:0] AtXStride = 8'd40, AtAccAddr = 8'd44, AtAccStride = 8'd48;
  localparam logic [7:0] AtParamAddr = 8'd52, AtOutAddr = 8'd72, AtOutStride = 8'd76;
  localparam logic [7:0] AtSrcAddr = 8'd80, AtImageKTiles = 8'd84;

  typedef enum logic [2:0] {
    StEmpty,   // keeps nothing
    StFields,  // fields and alignment; multiplies for the weights
    StWeight,  // range of the weights; multiplies for X
    StX,       // range of X; multiplies for the accumulators
    StAcc,     // ranges of the accumulators and parameters; multiplies for the outputs
    StOut,     // ranges of the outputs and images
    StWindow,  // window
    StDone     // the answer stands
  } state_e;

  state_e                     state_q;
  shira_regs_pkg::desc_gemm_t desc_q;
  logic [               63:0] prod_q;     // product of the step before
  logic [                7:0] status_q;
  logic [               63:0] where_q;
  logic [               31:0] span_lo_q;  // bytes written: from here
  logic [          CalcW-1:0] span_hi_q;  // to before here

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
    if (state_q == StFields) begin
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

  // The multiplier: what the next step needs.
  logic [31:0] factor_a;
  logic [31:0] factor_b;
  logic [31:0] last_token;

  always_comb begin
    last_token = desc_q.tokens - 32'd1;
    factor_a   = desc_q.n_tiles;
    factor_b   = desc_q.k_tiles;
    unique case (state_q)
      StWeight: begin
        factor_a = last_token;
        factor_b = desc_q.x_stride;
      end
      StX: begin
        factor_a = desc_q.n_tiles - 32'd1;
        factor_b = desc_q.acc_stride;
      end
      StAcc: begin
        factor_a = is_wadd ? last_token >> NW : last_token;
        factor_b = is_wadd ? desc_q.image_k_tiles : desc_q.out_stride;
      end
      default: ;
    endcase
  end

  // Ends of the regions, from the product of the step before.
  logic [CalcW-1:0] prod, weight_end, x_end, acc_end, param_end, image_bytes, out_end, src_end;

  always_comb begin
    prod        = CalcW'(prod_q);
    weight_end  = '0;
    x_end       = '0;
    acc_end     = '0;
    param_end   = '0;
    image_bytes = '0;
    out_end     = '0;
    src_end     = '0;
    unique case (state_q)
      StWeight: weight_end = CalcW'(desc_q.w_addr) + (prod << TileW);
      StX: x_end = CalcW'(desc_q.x_addr) + prod + (CalcW'(desc_q.k_tiles) << KW);
      StAcc: begin
        acc_end   = CalcW'(desc_q.acc_addr) + prod + (CalcW'(desc_q.tokens) << (NW + 2));
        param_end = CalcW'(desc_q.param_addr) + (CalcW'(desc_q.n_tiles) << (NW + 3));
      end
      StOut: begin
        // The last token's last tile is the highest: image_k_tiles >= n_tiles.
        image_bytes = ((prod + CalcW'(desc_q.n_tiles) - CalcW'(1)) << TileW) +
            ((CalcW'(last_token[NW-1:0]) + CalcW'(1)) << KW);
        out_end = CalcW'(desc_q.out_addr) +
            (is_wadd ? image_bytes : prod + (CalcW'(desc_q.n_tiles) << NW));
        src_end = CalcW'(desc_q.src_addr) + image_bytes;
      end
      default: ;
    endcase
  end

  // Error of this step, with the field that it names.
  logic       bad_range;
  logic [7:0] bad_range_at;

  always_comb begin
    bad_range    = 1'b0;
    bad_range_at = '0;
    unique case (state_q)
      StWeight: begin
        bad_range    = weight_end > CalcW'(WeightBytes);
        bad_range_at = AtWAddr;
      end
      StX: begin
        bad_range    = x_end > CalcW'(ActBytes);
        bad_range_at = AtXAddr;
      end
      StAcc: begin
        bad_range    = acc_end > CalcW'(AccBytes) || (has_params && param_end > CalcW'(ParamBytes));
        bad_range_at = acc_end > CalcW'(AccBytes) ? AtAccAddr : AtParamAddr;
      end
      StOut: begin
        bad_range = (is_int8 && out_end > CalcW'(ActBytes)) ||
            (is_wadd && (out_end > CalcW'(WeightBytes) || src_end > CalcW'(WeightBytes)));
        bad_range_at = (is_wadd && out_end <= CalcW'(WeightBytes)) ? AtSrcAddr : AtOutAddr;
      end
      default: ;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StEmpty;
    end else begin
      unique case (state_q)
        StEmpty:
        if (start_i) begin
          desc_q   <= desc_i;
          status_q <= shira_regs_pkg::StatusOk;
          where_q  <= '0;
          state_q  <= StFields;
        end
        StFields: begin
          state_q <= StWeight;
          if (bad_field != '0) begin
            status_q <= shira_regs_pkg::StatusBadField;
            where_q  <= 64'(bad_field);
            state_q  <= StDone;
          end else if (bad_align != '0) begin
            status_q <= shira_regs_pkg::StatusBadAlign;
            where_q  <= 64'(bad_align);
            state_q  <= StDone;
          end
        end
        StWeight, StX, StAcc, StOut: begin
          state_q <= (state_q == StWeight) ? StX : (state_q == StX) ? StAcc :
              (state_q == StAcc) ? StOut : StWindow;
          if (bad_range) begin
            status_q <= shira_regs_pkg::StatusBadRange;
            where_q  <= 64'(bad_range_at);
            state_q  <= StDone;
          end
        end
        StWindow: begin
          state_q <= StDone;
          if (64'(span_lo_q) < desc_q.win_lo) begin
            status_q <= shira_regs_pkg::StatusWindow;
            where_q  <= 64'(span_lo_q);
          end else if (span_hi_q > CalcW'(desc_q.win_hi)) begin
            status_q <= shira_regs_pkg::StatusWindow;
            where_q  <= (desc_q.win_hi > 64'(span_lo_q)) ? desc_q.win_hi : 64'(span_lo_q);
          end
        end
        default: if (take_i) state_q <= StEmpty;
      endcase
    end
    if (busy_o && !done_o) prod_q <= 64'(factor_a) * 64'(factor_b);
    if (state_q == StAcc) begin
      span_lo_q <= desc_q.acc_addr;
      span_hi_q <= acc_end;
    end
    if (state_q == StOut && !is_acc) begin
      span_lo_q <= desc_q.out_addr;
      span_hi_q <= out_end;
    end
  end

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_empty, state_q == StEmpty)
  `SHIRA_COVER(state_fields, state_q == StFields)
  `SHIRA_COVER(state_weight, state_q == StWeight)
  `SHIRA_COVER(state_x, state_q == StX)
  `SHIRA_COVER(state_acc, state_q == StAcc)
  `SHIRA_COVER(state_out, state_q == StOut)
  `SHIRA_COVER(state_window, state_q == StWindow)
  `SHIRA_COVER(state_done, state_q == StDone)
`endif

endmodule
