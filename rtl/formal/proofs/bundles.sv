// shira_scatter_bundles against a count and one position: update n that leaves, for any n, is update n of
// those that came, at its position; none leaves that did not come, of a block out of order, or behind an
// error. Values are taken one an update.
// Assumed of strips: the first begins a stream; a block's first follows the last of the block before; those of
// a block have one format; distances rise from 1 to the span at most and zeros follow them; one with error has
// no updates and ends its block.
// Small here: two lanes, four bytes a strip, spans up to 15.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/scatter/shira_scatter_pkg.sv
// rtl: rtl/common/shira_fifo.sv rtl/scatter/shira_scatter_bundles.sv
// proof: bounded 8
// cover: pair 8
// cover: order 8
// cover: error 8
// mutant: updates of the strip before are placed from the last strip's beginning
// file: rtl/scatter/shira_scatter_bundles.sv
// sed: s/CountW'\(k\) < s2_older_q\) \?/1'b0) ?/
// mutant: what comes is not put behind what stays
// file: rtl/scatter/shira_scatter_bundles.sv
// sed: s/strip_slots_i\) << \{fill, 4'd0\}/strip_slots_i)/
// mutant: what has left is not forgotten
// file: rtl/scatter/shira_scatter_bundles.sv
// sed: s/\(fill == '0\) \? '0 : leave/leave/
// mutant: a strip comes though as many as a bundle stay
// file: rtl/scatter/shira_scatter_bundles.sv
// sed: s/\(held_q < HeldW'\(2 \* Lanes\) && !ends_q\)/!ends_q/
// mutant: a block's end is passed over where more than a bundle is held
// file: rtl/scatter/shira_scatter_bundles.sv
// sed: s/\(held_q < HeldW'\(2 \* Lanes\) && !ends_q\)/held_q < HeldW'(2 * Lanes)/
// mutant: a block may start at the last position of the one before
// file: rtl/scatter/shira_scatter_bundles.sv
// sed: s/\$signed\(strip_i.origin\) < \$signed\(behind_q\)/$signed(strip_i.origin) + 34'sd1 < $signed(behind_q)/
// mutant: updates leave behind an error
// file: rtl/scatter/shira_scatter_bundles.sv
// sed: s/if \(leave && fail\) dead_q <= 1'b1;//
module formal_bundles (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        strip_valid_i,
  input logic        error_i,
  input logic        bad_gaps_i,
  input logic        coo_i,
  input logic        new_stream_i,
  input logic        last_i,
  input logic        ends_i,
  input logic [33:0] origin_i,
  input logic [ 2:0] strip_count_i,
  input logic [31:0] strip_span_i,
  input logic [63:0] strip_slots_i,
  input logic        value_enough_i,
  input logic        out_ready_i,
  input logic [ 4:0] n_i
);

  logic        strip_ready, value_take, value_skip, out_valid;
  logic [ 1:0] value_bytes, out_count;
  logic [67:0] out_pos;
  logic        starts_q;

  shira_scatter_pkg::strip_t strip;
  shira_scatter_pkg::mark_t  mark;
  assign strip = {error_i, bad_gaps_i, coo_i, new_stream_i, last_i, starts_q, ends_i, origin_i, 32'd0};

  shira_scatter_bundles #(
    .Lanes      (2),
    .DecodeBytes(4)
  ) u (
    .clk_i,
    .rst_ni,
    .clear_i       (1'b0),
    .strip_valid_i,
    .strip_ready_o (strip_ready),
    .strip_i       (strip),
    .strip_count_i,
    .strip_span_i,
    .strip_slots_i,
    .status_i      (shira_regs_pkg::StatusStreamCrc),
    .where_i       (64'd0),
    .value_bytes_o (value_bytes),
    .value_skip_o  (value_skip),
    .value_enough_i,
    .value_data_i  (16'd0),
    .value_take_o  (value_take),
    .out_valid_o   (out_valid),
    .out_ready_i,
    .out_count_o   (out_count),
    .out_pos_o     (out_pos),
    .out_value_o   (),
    .out_mark_o    (mark)
  );

  logic [ 4:0] n_q;             // the update that is followed
  logic [ 4:0] came_q;          // updates that came and may leave
  logic [ 4:0] left_q;          // that left
  logic [ 4:0] values_q;        // values that were taken
  logic [33:0] behind_q;        // where the last strip ended
  logic [33:0] pos_q;           // of update n
  logic        stopped_q;       // a block was out of order, or an error came
  logic        failed_q;        // it left
  logic        begun_q;         // a strip came
  logic        coo_q;           // it was one of coo32
  logic        ran_q = 1'b0;

  logic        accept, leaves, order_bad;
  logic [33:0] base;
  assign accept    = strip_valid_i && strip_ready;
  assign leaves    = out_valid && out_ready_i;
  assign base      = coo_i ? 34'd0 : starts_q ? origin_i : behind_q;
  assign order_bad = starts_q && !new_stream_i && !error_i && origin_i + 34'd1 <= behind_q;

  always @(posedge clk_i) begin
    ran_q <= 1'b1;
    n_q   <= ran_q ? n_q : n_i;
    if (!rst_ni) begin
      came_q    <= '0;
      left_q    <= '0;
      values_q  <= '0;
      starts_q  <= 1'b1;
      stopped_q <= 1'b0;
      failed_q  <= 1'b0;
      begun_q   <= 1'b0;
    end else begin
      if (accept) begin
        starts_q <= ends_i;
        begun_q  <= 1'b1;
        coo_q    <= coo_i;
        behind_q <= base + 34'(strip_span_i);
        if (order_bad || error_i || bad_gaps_i) stopped_q <= 1'b1;
        if (!stopped_q && !order_bad) begin
          came_q <= came_q + 5'(strip_count_i);
          for (int unsigned k = 0; k < 4; k++) begin
            if (3'(k) < strip_count_i && came_q + 5'(k) == n_q)
              pos_q <= coo_i ? 34'(strip_slots_i[31:0]) : base + 34'(strip_slots_i[16*k+:16]);
          end
        end
      end
      if (value_take) values_q <= values_q + 5'(value_bytes);
      if (leaves) begin
        left_q <= left_q + 5'(out_count);
        if (mark.status != shira_regs_pkg::StatusOk) failed_q <= 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) assume (rst_ni);
    assume (strip_count_i <= 3'd4 && strip_span_i[31:4] == '0 && origin_i[33:4] == {30{origin_i[33]}});
    assume (origin_i[33] == 1'b0 || origin_i == '1);
    if (!begun_q) assume (new_stream_i);
    if (!starts_q) assume (coo_i == coo_q);
    if (!coo_i && !error_i && !bad_gaps_i) assume (strip_span_i != '0);
    if (error_i || bad_gaps_i) assume (ends_i && strip_count_i == '0);
    if (coo_i) assume (strip_count_i <= 3'd1 && strip_slots_i[63:32] == '0 &&
                       strip_span_i == strip_slots_i[31:0]);
    else begin
      for (int unsigned k = 0; k < 4; k++) begin
        if (3'(k) < strip_count_i) begin
          assume (strip_slots_i[16*k+:16] <= 16'(strip_span_i) && strip_slots_i[16*k+:16] != '0);
          if (k > 0) assume (strip_slots_i[16*k+:16] > strip_slots_i[16*((k+3)%4)+:16]);
        end else begin
          assume (strip_slots_i[16*k+:16] == '0);
        end
      end
    end
    if (ran_q && rst_ni && out_valid) begin
      assert (!failed_q);
      assert (out_count <= 2'd2);
      assert (left_q + 5'(out_count) <= came_q);
      assert (left_q + 5'(out_count) <= values_q);
      if (mark.status != shira_regs_pkg::StatusOk) assert (mark.last && out_count == '0 && stopped_q);
      if (out_count != '0 && left_q == n_q) assert (out_pos[33:0] == pos_q);
      if (out_count == 2'd2 && left_q + 5'd1 == n_q) assert (out_pos[67:34] == pos_q);
    end
  end

  (* keep *) wire cover_pair = ran_q && out_valid && out_count == 2'd2 && left_q != '0;
  (* keep *) wire cover_order = ran_q && out_valid && mark.status == shira_regs_pkg::StatusStreamOrder && left_q != '0;
  (* keep *) wire cover_error = ran_q && out_valid && mark.status == shira_regs_pkg::StatusStreamCrc && left_q != '0;

endmodule
