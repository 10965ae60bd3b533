// Fourth stage of SCATTER: distances of updates become bundles of positions and values.
//
// Does:         joins what strips hold to bundles of Lanes updates. A bundle leaves with fewer where the
//               block ends, where it has updates of two strips and no more came with them, and of coo32
//               with each strip. Adds the position before its strip to a distance; takes the values. Judges
//               the order of blocks against the end of the block before and, where that is right, what the
//               loader found in the gaps. The last bundle of a command is marked with its end.
// Never does:   gives an update of a block that is out of order, or anything after an error, until clear_i;
//               lets values wait for gaps of the next block.
// Latency:      three cycles. Throughput: a bundle or a strip a cycle, whatever is more.
// Backpressure: out_ready_i, behind a buffer of two bundles.
module shira_scatter_bundles #(
  parameter int unsigned Lanes       = 8,   // updates of a bundle
  parameter int unsigned DecodeBytes = 12,  // most updates of a strip
  localparam int unsigned GapW       = $clog2(DecodeBytes + 1),
  localparam int unsigned CountW     = $clog2(Lanes + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,           // synchronous, active low
  input  logic                       clear_i,          // drop everything
  // strips <- gaps
  input  logic                       strip_valid_i,
  output logic                       strip_ready_o,
  input  shira_scatter_pkg::strip_t  strip_i,
  input  logic [           GapW-1:0] strip_count_i,    // updates
  input  logic [               31:0] strip_span_i,     // distance of the strip's end; coo32: last position
  input  logic [ DecodeBytes*16-1:0] strip_slots_i,    // distances of 16 bits; coo32: positions of 32
  // of a strip with error <- loader
  input  logic [                7:0] status_i,
  input  logic [               63:0] where_i,
  // values <-> gearbox
  output logic [         CountW-1:0] value_bytes_o,    // wanted
  output logic                       value_skip_o,     // they are the block's last
  input  logic                       value_enough_i,   // they are there
  input  logic [        Lanes*8-1:0] value_data_i,
  output logic                       value_take_o,
  // bundles -> offsets
  output logic                       out_valid_o,
  input  logic                       out_ready_i,
  output logic [         CountW-1:0] out_count_o,      // updates
  output logic [       Lanes*34-1:0] out_pos_o,        // positions
  output logic [        Lanes*8-1:0] out_value_o,
  output shira_scatter_pkg::mark_t   out_mark_o
);

  localparam int unsigned SlotW = 16;
  localparam int unsigned Slots = DecodeBytes + Lanes - 1;
  localparam int unsigned HeldW = $clog2(Slots + 2);  // of 2 * Lanes too
  localparam int unsigned Whole = (DecodeBytes / 4 < Lanes) ? DecodeBytes / 4 : Lanes;  // of coo32
  // A bundle's slots: distances, or whole positions.
  localparam int unsigned PartW = (2 * Whole > Lanes) ? 2 * Whole * SlotW : Lanes * SlotW;

  // ---- Join ----
  logic [       Slots*SlotW-1:0] slots_q;        // held_q updates from slot 0 on; then zeros
  logic [             HeldW-1:0] held_q;         // updates that have not left
  logic [            CountW-1:0] older_q;        // how many of them are of the strip before the last one
  logic [                  33:0] base_q;         // position before the last strip; coo32: 0
  logic [                  33:0] older_base_q;   // position before the strip before
  logic [                  33:0] behind_q;       // last position up to the last strip's end
  shira_scatter_pkg::strip_t     strip_q;        // the last strip
  logic                          ends_q;         // the block ends behind these updates
  logic                          go_q;           // they leave though they may be less than a bundle
  logic                          order_bad_q;    // the block starts before the end of the one before
  logic                          dead_q;         // an error has left
  logic                          leave;
  logic                          all_leave;
  logic                          accept;
  logic [            CountW-1:0] fill;           // updates that stay
  logic [       Slots*SlotW-1:0] stay;
  logic [                  33:0] base;
  logic                          order_bad;
  logic                          fail;           // what leaves ends the command with an error
  logic                          s2_ready;

  assign fail      = order_bad_q || strip_q.error || strip_q.bad_gaps;
  assign leave     = (held_q >= HeldW'(Lanes) || go_q) && s2_ready && !dead_q;
  assign all_leave = held_q <= HeldW'(Lanes);
  always_comb begin
    if (leave) begin
      strip_ready_o = (all_leave || (held_q < HeldW'(2 * Lanes) && !ends_q)) && !fail;
      fill          = all_leave ? '0 : CountW'(held_q - HeldW'(Lanes));
    end else begin
      strip_ready_o = held_q < HeldW'(Lanes) && !go_q && !dead_q;
      fill          = CountW'(held_q);
    end
  end
  assign accept = strip_valid_i && strip_ready_o;
  assign stay   = (fill == '0) ? '0 : leave ? slots_q >> (Lanes * SlotW) : slots_q;

  assign base      = strip_i.coo ? '0 : strip_i.starts ? strip_i.origin : behind_q;
  assign order_bad = strip_i.starts && !strip_i.error && !strip_i.new_stream &&
                     $signed(strip_i.origin) < $signed(behind_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      held_q  <= '0;
      older_q <= '0;
      ends_q  <= 1'b0;
      go_q    <= 1'b0;
      dead_q  <= 1'b0;
    end else begin
      if (leave && fail) dead_q <= 1'b1;
      if (accept) begin
        held_q  <= HeldW'(fill) + HeldW'(strip_count_i);
        older_q <= fill;
        ends_q  <= strip_i.ends;
        go_q    <= strip_i.ends || strip_i.coo || fill != '0 || order_bad;
      end else if (leave) begin
        held_q  <= all_leave ? '0 : held_q - HeldW'(Lanes);
        older_q <= '0;
        ends_q  <= ends_q && !all_leave;
        go_q    <= ends_q && !all_leave;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (accept) begin
      slots_q      <= stay | ((Slots * SlotW)'(strip_slots_i) << {fill, 4'd0});
      older_base_q <= base_q;
      base_q       <= base;
      behind_q     <= base + 34'(strip_span_i);
      strip_q      <= strip_i;
      order_bad_q  <= order_bad;
    end else if (leave) begin
      slots_q <= slots_q >> (Lanes * SlotW);
    end
  end

  // ---- Leave ----
  logic              s2_valid_q;
  logic [ PartW-1:0] s2_slots_q;
  logic [CountW-1:0] s2_count_q;
  logic [CountW-1:0] s2_older_q;
  logic [      33:0] s2_base_q;
  logic [      33:0] s2_older_base_q;
  logic              s2_coo_q;
  logic              s2_skip_q;        // the block ends
  logic              s2_fail_q;
  logic              s2_error_q;       // found by the loader before the gaps
  logic              s2_order_bad_q;
  logic              s2_last_q;        // the command ends
  logic [      31:0] s2_offset_q;
  logic              step2;
  logic              fifo_ready;

  assign step2    = s2_valid_q && fifo_ready && (s2_fail_q || value_enough_i);
  assign s2_ready = !s2_valid_q || step2;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) s2_valid_q <= 1'b0;
    else if (s2_ready) s2_valid_q <= leave;
  end

  always_ff @(posedge clk_i) begin
    if (leave) begin
      s2_slots_q      <= PartW'(slots_q);
      s2_count_q      <= fail ? '0 : all_leave ? CountW'(held_q) : CountW'(Lanes);
      s2_older_q      <= older_q;
      s2_base_q       <= base_q;
      s2_older_base_q <= older_base_q;
      s2_coo_q        <= strip_q.coo;
      s2_skip_q       <= ends_q && all_leave;
      s2_fail_q       <= fail;
      s2_error_q      <= strip_q.error;
      s2_order_bad_q  <= order_bad_q;
      s2_last_q       <= fail || (ends_q && all_leave && strip_q.last);
      s2_offset_q     <= strip_q.offset;
    end
  end

  // ---- Positions and values ----
  logic [      Lanes*34-1:0] pos;
  shira_scatter_pkg::mark_t  mark;

  assign value_bytes_o = s2_count_q;
  assign value_skip_o  = s2_skip_q;
  assign value_take_o  = step2 && !s2_fail_q;

  always_comb begin
    pos = '0;
    if (s2_valid_q) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        pos[k*34+:34] = ((CountW'(k) < s2_older_q) ? s2_older_base_q : s2_base_q) +
                        34'(s2_slots_q[k*SlotW+:SlotW]);
      end
      if (s2_coo_q) begin
        for (int unsigned k = 0; k < Whole; k++) pos[k*34+:34] = 34'(s2_slots_q[k*32+:32]);
      end
    end
  end

  always_comb begin
    mark        = '0;
    mark.last   = s2_last_q;
    mark.status = shira_regs_pkg::StatusOk;
    if (s2_error_q) begin
      mark.status = status_i;
      mark.where  = where_i;
    end else if (s2_fail_q) begin
      mark.status = s2_order_bad_q ? shira_regs_pkg::StatusStreamOrder
                                   : shira_regs_pkg::StatusStreamFormat;
      mark.where  = 64'(s2_offset_q);
    end
  end

  shira_fifo #(
    .Width($bits(mark) + CountW + Lanes * 8 + Lanes * 34),
    .Depth(2)
  ) u_out (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i(step2),
    .push_ready_o(fifo_ready),
    .push_data_i ({mark, s2_count_q, value_data_i, pos}),
    .pop_valid_o (out_valid_o),
    .pop_ready_i (out_ready_i),
    .pop_data_o  ({out_mark_o, out_count_o, out_value_o, out_pos_o}),
    /* verilator lint_off PINCONNECTEMPTY */  // not needed
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  logic unused;
  assign unused = &{1'b0, strip_q};

`ifdef SHIRA_ASSERT
  out_stable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    out_valid_o && !out_ready_i |=>
    out_valid_o && $stable(out_pos_o) && $stable(out_count_o) && $stable(out_value_o));
  no_overflow: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    held_q <= HeldW'(Slots));
  two_strips_leave: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    older_q != '0 |-> older_q < CountW'(Lanes) && HeldW'(older_q) <= held_q && go_q);
  zeros_behind: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    held_q != '0 && !strip_q.coo |-> slots_q >> (32'(held_q) * SlotW) == '0);
  // A full bundle leaves in the cycle after it is there, or behind one that waits.
  full_leaves: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    held_q >= HeldW'(Lanes) && !dead_q && fifo_ready && value_enough_i |=> s2_valid_q);

  // Updates in = updates out and inside, up to an error.
  logic [31:0] inside_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) inside_q <= '0;
    else inside_q <= inside_q + (accept ? 32'(strip_count_i) : '0) -
                     (leave ? all_leave ? 32'(held_q) : Lanes : '0);
  end
  conserved: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    inside_q == 32'(held_q));
`endif

endmodule
