// Third stage of SCATTER: gap bytes and values become bundles of up to Lanes updates.
//
// Does:         looks at up to DecodeBytes gap bytes a cycle and takes as many as hold Lanes updates;
//               sums them to positions (coo32: takes whole positions of four bytes); starts the next
//               block in the cycle after a block's last bytes; judges the order of blocks against the
//               end of the block before and, where that is right, what the loader found in the gaps.
//               The last bundle of a command is marked with its end.
// Never does:   starts a block that was not announced; gives an update of a block that is out of order,
//               or anything after an error, until clear_i.
// Latency:      two cycles. Throughput: a bundle a cycle; of coo32 at most DecodeBytes / 4 updates.
// Backpressure: out_ready_i stalls both steps.
module shira_scatter_decode #(
  parameter int unsigned Lanes       = 8,   // updates of a bundle
  parameter int unsigned DecodeBytes = 12,  // gap bytes looked at, >= Lanes and >= 4
  localparam int unsigned GapW       = $clog2(DecodeBytes + 1),
  localparam int unsigned CountW     = $clog2(Lanes + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,           // synchronous, active low
  input  logic                       clear_i,          // drop everything
  // blocks <- loader
  input  logic                       block_valid_i,
  output logic                       block_ready_o,    // all its gaps were taken
  input  shira_scatter_pkg::block_t  block_i,
  input  logic [                7:0] status_i,         // of a block entry with error
  input  logic [               63:0] where_i,
  // gap bytes <-> gearbox
  input  logic [           GapW-1:0] gap_avail_i,
  input  logic [  DecodeBytes*8-1:0] gap_data_i,
  output logic                       gap_take_o,
  output logic [           GapW-1:0] gap_bytes_o,
  // values <-> gearbox
  input  logic [         CountW-1:0] value_avail_i,
  input  logic [        Lanes*8-1:0] value_data_i,
  output logic                       value_take_o,
  output logic [         CountW-1:0] value_bytes_o,
  output logic                       skip_o,           // of both: the block ends
  // bundles -> place
  output logic                       out_valid_o,
  input  logic                       out_ready_i,
  output logic [         CountW-1:0] out_count_o,      // updates
  output logic [       Lanes*34-1:0] out_pos_o,        // positions
  output logic [        Lanes*8-1:0] out_value_o,
  output shira_scatter_pkg::mark_t   out_mark_o
);

  localparam int unsigned SumW   = $clog2(DecodeBytes * 255 + 1);
  localparam int unsigned IndexW = (Lanes > 1) ? $clog2(Lanes) : 1;
  localparam int unsigned Whole  = (DecodeBytes / 4 < Lanes) ? DecodeBytes / 4 : Lanes;  // of coo32

  if (DecodeBytes < Lanes || DecodeBytes < 4) begin : g_bad_decode
    $error("%m: DecodeBytes must be at least Lanes and 4");
  end

  // ---- Step 1: how many bytes ----
  logic                   inside_q;   // the block's first bytes were taken
  logic [           15:0] left_q;     // gap bytes of it that were not
  logic                   dead_q;     // nothing more comes until clear_i
  logic [           15:0] left;
  logic [       GapW-1:0] seen;       // bytes that may be taken
  logic [DecodeBytes-1:0] escape;
  logic [       GapW-1:0] take;
  logic [     CountW-1:0] count;
  logic                   hopeless;   // the entry ends the command and has nothing to decode
  logic                   block_end;
  logic                   step1;
  logic                   step1_ready;

  assign left     = inside_q ? left_q : block_i.gap_bytes;
  assign hopeless = block_i.error || block_i.bad_gaps;
  assign seen     = (left < 16'(gap_avail_i)) ? GapW'(left) : gap_avail_i;

  for (genvar i = 0; i < DecodeBytes; i++) begin : g_escape
    assign escape[i] = &gap_data_i[i*8+:8];
  end

  always_comb begin
    logic more;
    take  = '0;
    count = '0;
    more  = block_valid_i;
    if (block_i.coo) begin
      for (int unsigned k = 0; k < Whole; k++) begin
        if (more && seen >= GapW'(4 * k + 4)) begin
          take  = GapW'(4 * k + 4);
          count = CountW'(k + 1);
        end
      end
    end else begin
      for (int unsigned i = 0; i < DecodeBytes; i++) begin
        if (GapW'(i) >= seen || (!escape[i] && count == CountW'(Lanes))) more = 1'b0;
        if (more) begin
          take = take + GapW'(1);
          if (!escape[i]) count = count + CountW'(1);
        end
      end
    end
  end

  assign step1         = block_valid_i && !dead_q && step1_ready &&
                         (hopeless || (take != '0 && value_avail_i >= count));
  assign block_end     = left == 16'(take);
  assign block_ready_o = step1 && !hopeless && block_end;
  assign gap_take_o    = step1 && !hopeless;
  assign gap_bytes_o   = take;
  assign value_take_o  = gap_take_o;
  assign value_bytes_o = count;
  assign skip_o        = block_end;

  logic                         s1_valid_q;
  logic                         s1_start_q;   // first bytes of a block
  shira_scatter_pkg::block_t    s1_block_q;
  logic                         s1_end_q;     // last bytes of a block
  logic [             GapW-1:0] s1_take_q;
  logic [           CountW-1:0] s1_count_q;
  logic [      DecodeBytes-1:0] s1_escape_q;
  logic [    DecodeBytes*8-1:0] s1_gaps_q;
  logic [          Lanes*8-1:0] s1_values_q;
  logic                         s2_ready;

  assign step1_ready = !s1_valid_q || s2_ready;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      inside_q   <= 1'b0;
      dead_q     <= 1'b0;
      s1_valid_q <= 1'b0;
    end else begin
      if (step1) begin
        inside_q <= !block_end;
        if (hopeless) dead_q <= 1'b1;
      end
      if (step1) s1_valid_q <= 1'b1;
      else if (s2_ready) s1_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (step1) begin
      left_q      <= left - 16'(take);
      s1_start_q  <= !inside_q;
      s1_block_q  <= block_i;
      s1_end_q    <= block_end;
      s1_take_q   <= hopeless ? '0 : take;
      s1_count_q  <= hopeless ? '0 : count;
      s1_escape_q <= escape;
      s1_gaps_q   <= gap_data_i;
      s1_values_q <= value_data_i;
    end
  end

  // ---- Step 2: sums ----
  logic [    33:0] cursor_q;      // position after the last one
  logic [    33:0] cursor;
  logic [    33:0] start;
  logic            order_bad;
  logic            order_bad_q;   // drop what step 1 has taken since
  logic [SumW-1:0] sum;
  logic [SumW-1:0] lane_sum[Lanes];
  logic [    33:0] lane_pos[Lanes];
  logic            s2_load;

  assign start     = s1_start_q ? 34'(s1_block_q.first) : cursor_q;
  assign order_bad = s1_start_q && !s1_block_q.error && !s1_block_q.new_stream &&
                     34'(s1_block_q.first) < cursor_q;

  always_comb begin
    logic [CountW-1:0] lane;
    lane = '0;
    sum  = '0;
    for (int unsigned k = 0; k < Lanes; k++) lane_sum[k] = '0;
    if (s1_valid_q && !s1_block_q.coo) begin
      for (int unsigned i = 0; i < DecodeBytes; i++) begin
        if (GapW'(i) < s1_take_q) begin
          if (s1_escape_q[i]) begin
            sum = sum + SumW'(255);
          end else begin
            sum = sum + SumW'(s1_gaps_q[i*8+:8]);
            lane_sum[lane[IndexW-1:0]] = sum;
            lane = lane + CountW'(1);
            sum = sum + SumW'(1);
          end
        end
      end
    end
  end

  always_comb begin
    for (int unsigned k = 0; k < Lanes; k++) lane_pos[k] = start + 34'(lane_sum[k]);
    cursor = start + 34'(sum);
    if (s1_block_q.coo) begin
      for (int unsigned k = 0; k < Whole; k++) begin
        lane_pos[k] = 34'(s1_gaps_q[k*32+:32]);
        if (CountW'(k) < s1_count_q) cursor = lane_pos[k] + 34'd1;
      end
    end
  end

  assign s2_ready = !out_valid_o || out_ready_i;
  assign s2_load  = s1_valid_q && s2_ready && !order_bad_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      out_valid_o <= 1'b0;
      order_bad_q <= 1'b0;
    end else begin
      if (s2_load) out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
      if (s2_load && order_bad) order_bad_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (s2_load) begin
      cursor_q          <= cursor;
      out_count_o       <= order_bad ? '0 : s1_count_q;
      out_value_o       <= s1_values_q;
      out_mark_o.last   <= 1'b0;
      out_mark_o.status <= shira_regs_pkg::StatusOk;
      out_mark_o.where  <= '0;
      if (s1_block_q.error) begin
        out_mark_o.last   <= 1'b1;
        out_mark_o.status <= status_i;
        out_mark_o.where  <= where_i;
      end else if (order_bad || s1_block_q.bad_gaps) begin
        out_mark_o.last   <= 1'b1;
        out_mark_o.status <= order_bad ? shira_regs_pkg::StatusStreamOrder
                                       : shira_regs_pkg::StatusStreamFormat;
        out_mark_o.where  <= 64'(s1_block_q.offset);
      end else if (s1_block_q.last && s1_end_q) begin
        out_mark_o.last <= 1'b1;
      end
    end
  end

  for (genvar k = 0; k < Lanes; k++) begin : g_lane
    always_ff @(posedge clk_i) begin
      if (s2_load) out_pos_o[k*34+:34] <= lane_pos[k];
    end
  end

  logic unused;
  assign unused = &{1'b0, s1_block_q.gap_bytes};

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    out_valid_o && !out_ready_i |=> out_valid_o && $stable(out_pos_o) && $stable(out_count_o));
`endif

endmodule
