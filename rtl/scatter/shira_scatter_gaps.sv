// Third stage of SCATTER: gap bytes become the distances of updates.
//
// Does:         takes a block's gap bytes in strips of DecodeBytes (coo32: as many whole positions of four
//               bytes as are in them, at most Lanes), the block's last strip being what is left. Sums the
//               gaps of a strip, so that each update has its distance from the position before the strip,
//               and closes the holes that escapes leave. A block that cannot be decoded becomes one strip
//               without updates.
// Never does:   lets what bytes hold decide how many are taken: only counts do.
// Latency:      five cycles, one of them to take the block. Throughput: a strip a cycle, blocks back to back.
// Backpressure: strip_ready_i stalls every step behind which there is no room.
module shira_scatter_gaps #(
  parameter int unsigned Lanes       = 8,   // updates of a bundle
  parameter int unsigned DecodeBytes = 12,  // gap bytes of a strip, >= Lanes and 4 to 256
  localparam int unsigned GapW       = $clog2(DecodeBytes + 1),
  localparam int unsigned Whole      = (DecodeBytes / 4 < Lanes) ? DecodeBytes / 4 : Lanes
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,           // synchronous, active low
  input  logic                       clear_i,          // drop everything
  // blocks <- loader
  input  logic                       block_valid_i,
  output logic                       block_ready_o,
  input  shira_scatter_pkg::block_t  block_i,
  // gap bytes <-> gearbox
  output logic [           GapW-1:0] gap_bytes_o,      // wanted
  output logic                       gap_skip_o,       // they are the block's last
  input  logic                       gap_enough_i,     // they are there
  input  logic [  DecodeBytes*8-1:0] gap_data_i,
  output logic                       gap_take_o,
  // strips -> bundles
  output logic                       strip_valid_o,
  input  logic                       strip_ready_i,
  output shira_scatter_pkg::strip_t  strip_o,
  output logic [           GapW-1:0] strip_count_o,    // updates
  output logic [               31:0] strip_span_o,     // distance of the strip's end; coo32: last position
  output logic [ DecodeBytes*16-1:0] strip_slots_o     // distances of 16 bits, the rest is 0; coo32:
                                                       // positions of 32 bits
);

  localparam int unsigned SlotW      = 16;
  localparam int unsigned ItemW      = 2 * SlotW;
  localparam logic [ItemW-1:0] OneHole = ItemW'(1) << SlotW;
  localparam int unsigned Levels     = $clog2(DecodeBytes);
  localparam int unsigned HalfLevels = Levels / 2;

  if (DecodeBytes < Lanes || DecodeBytes < 4 || DecodeBytes > 256) begin : g_bad_decode
    $error("%m: DecodeBytes must be at least Lanes and 4, and at most 256");
  end

  // ---- Step 1: take a strip ----
  shira_scatter_pkg::block_t block_q;
  logic                      block_valid_q;
  logic [              15:0] left_q;     // gap bytes of it that were not taken
  logic                      starts_q;   // none of them was
  logic                      ends_q;     // what is left fits in a strip
  logic                      hopeless;   // the block ends the command and has nothing to decode
  logic [          GapW-1:0] full;       // bytes of a strip that is not the block's last
  logic                      step1;
  logic                      step1_ready;
  shira_scatter_pkg::block_t block_d;
  logic [              15:0] left_d;

  assign hopeless      = block_q.error || block_q.bad_gaps;
  assign full          = block_q.coo ? GapW'(4 * Whole) : GapW'(DecodeBytes);
  assign step1         = block_valid_q && step1_ready && (hopeless || gap_enough_i);
  assign block_ready_o = !block_valid_q || (step1 && ends_q);
  assign gap_bytes_o   = ends_q ? GapW'(left_q) : full;
  assign gap_skip_o    = ends_q;
  assign gap_take_o    = step1 && !hopeless;

  assign block_d = block_ready_o ? block_i : block_q;
  assign left_d  = block_ready_o ? block_i.gap_bytes : left_q - 16'(full);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) block_valid_q <= 1'b0;
    else if (block_ready_o) block_valid_q <= block_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (block_ready_o || step1) begin
      block_q  <= block_d;
      left_q   <= left_d;
      starts_q <= block_ready_o;
      ends_q   <= block_d.error || block_d.bad_gaps ||
                  left_d <= (block_d.coo ? 16'(4 * Whole) : 16'(DecodeBytes));
    end
  end

  logic                      s1_valid_q;
  shira_scatter_pkg::strip_t s1_strip_q;
  logic [          GapW-1:0] s1_bytes_q;
  logic [ DecodeBytes*8-1:0] s1_gaps_q;
  logic                      s1_ready;
  logic                      s2_valid_q;
  logic                      s2_ready;
  logic                      s3_valid_q;
  logic                      s3_ready;

  assign step1_ready = !s1_valid_q || s1_ready;
  assign s1_ready    = !s2_valid_q || s2_ready;
  assign s2_ready    = !s3_valid_q || s3_ready;
  assign s3_ready    = !strip_valid_o || strip_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      s1_valid_q    <= 1'b0;
      s2_valid_q    <= 1'b0;
      s3_valid_q    <= 1'b0;
      strip_valid_o <= 1'b0;
    end else begin
      if (step1_ready) s1_valid_q <= step1;
      if (s1_ready) s2_valid_q <= s1_valid_q;
      if (s2_ready) s3_valid_q <= s2_valid_q;
      if (s3_ready) strip_valid_o <= s3_valid_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (step1) begin
      s1_strip_q.error      <= block_q.error;
      s1_strip_q.bad_gaps   <= block_q.bad_gaps;
      s1_strip_q.coo        <= block_q.coo;
      s1_strip_q.new_stream <= block_q.new_stream;
      s1_strip_q.last       <= block_q.last;
      s1_strip_q.starts     <= starts_q;
      s1_strip_q.ends       <= ends_q;
      s1_strip_q.origin     <= 34'(block_q.first) - 34'd1;
      s1_strip_q.offset     <= block_q.offset;
      s1_bytes_q            <= hopeless ? '0 : gap_bytes_o;
      s1_gaps_q             <= gap_data_i;
    end
  end

  // ---- Steps 2 and 3: sums of gaps, counts of holes ----
  // Prefix sums in log2(DecodeBytes) levels, half of them in each step: in level l the upper half of each
  // group of 2^(l+1) bytes adds what the lower half comes to. An update is one position further than its
  // gap says; a byte that makes no update is a hole. Both sums lie in one item, {holes, distance}: that of
  // the distances stays below 2^SlotW.
  shira_scatter_pkg::strip_t    s2_strip_q;
  logic [             GapW-1:0] s2_bytes_q;
  logic [    DecodeBytes*8-1:0] s2_gaps_q;    // of coo32
  logic [      DecodeBytes-1:0] s2_hole_q;
  logic [DecodeBytes*ItemW-1:0] s2_items_q;   // of the byte's group up to it

  always_ff @(posedge clk_i) begin
    if (s1_valid_q && s1_ready) begin
      s2_strip_q <= s1_strip_q;
      s2_bytes_q <= s1_bytes_q;
      if (s1_strip_q.coo) begin
        s2_gaps_q <= s1_gaps_q;
      end else begin : half
        logic [ItemW-1:0] item[DecodeBytes];
        logic [      7:0] gap;
        for (int unsigned i = 0; i < DecodeBytes; i++) begin
          gap     = s1_gaps_q[i*8+:8];
          item[i] = OneHole;
          if (GapW'(i) < s1_bytes_q) item[i] = (gap == 8'hff) ? OneHole | 32'd255 : 32'(gap) + 32'd1;
          s2_hole_q[i] <= item[i][SlotW];
        end
        for (int unsigned l = 0; l < HalfLevels; l++) begin
          for (int unsigned i = 0; i < DecodeBytes; i++) begin
            if ((i >> l) % 2 == 1) item[i] = item[i] + item[((i>>l)<<l)-1];
          end
        end
        for (int unsigned i = 0; i < DecodeBytes; i++) s2_items_q[i*ItemW+:ItemW] <= item[i];
      end
    end
  end

  shira_scatter_pkg::strip_t    s3_strip_q;
  logic [             GapW-1:0] s3_count_q;
  logic [                 31:0] s3_span_q;
  logic [    DecodeBytes*8-1:0] s3_gaps_q;    // of coo32
  logic [DecodeBytes*ItemW-1:0] s3_items_q;   // of the strip up to the byte; 0 for a hole

  always_ff @(posedge clk_i) begin
    if (s2_valid_q && s2_ready) begin
      s3_strip_q <= s2_strip_q;
      if (s2_strip_q.coo) begin
        s3_count_q <= s2_bytes_q >> 2;
        s3_span_q  <= '0;
        for (int unsigned k = 0; k < Whole; k++) begin
          if (GapW'(4 * k + 4) == s2_bytes_q) s3_span_q <= s2_gaps_q[k*32+:32];
        end
        s3_gaps_q <= s2_gaps_q;
      end else begin : whole
        logic [ItemW-1:0] item[DecodeBytes];
        for (int unsigned i = 0; i < DecodeBytes; i++) item[i] = s2_items_q[i*ItemW+:ItemW];
        for (int unsigned l = HalfLevels; l < Levels; l++) begin
          for (int unsigned i = 0; i < DecodeBytes; i++) begin
            if ((i >> l) % 2 == 1) item[i] = item[i] + item[((i>>l)<<l)-1];
          end
        end
        s3_count_q <= GapW'(DecodeBytes) - item[DecodeBytes-1][SlotW+:GapW];
        s3_span_q  <= 32'(item[DecodeBytes-1][SlotW-1:0]);
        for (int unsigned i = 0; i < DecodeBytes; i++)
          s3_items_q[i*ItemW+:ItemW] <= s2_hole_q[i] ? '0 : item[i];
      end
    end
  end

  // ---- Step 4: no holes ----
  // Each update moves down by the holes before it, one bit of their count a level: two never meet, as
  // there are at least as many holes before the later one. No update moves further than the strip has
  // holes, so that most strips need few levels.
  logic [GapW-1:0] s3_holes;  // of the strip
  assign s3_holes = GapW'(DecodeBytes) - s3_count_q;

  always_ff @(posedge clk_i) begin
    if (s3_valid_q && s3_ready) begin
      strip_o       <= s3_strip_q;
      strip_count_o <= s3_count_q;
      strip_span_o  <= s3_span_q;
      if (s3_strip_q.coo) begin
        strip_slots_o <= (DecodeBytes * SlotW)'(s3_gaps_q);
      end else begin : close
        logic [ItemW-1:0] item[2*DecodeBytes];
        for (int unsigned i = 0; i < DecodeBytes; i++) begin
          item[i]             = s3_items_q[i*ItemW+:ItemW];
          item[DecodeBytes+i] = '0;
        end
        for (int unsigned l = 0; l < Levels; l++) begin
          if (s3_holes >> l != '0) begin
            for (int unsigned i = 0; i < DecodeBytes; i++) begin
              item[i] = (item[i][SlotW+l] ? '0 : item[i]) |
                        (item[i+(1<<l)][SlotW+l] ? item[i+(1<<l)] : '0);
            end
          end
        end
        for (int unsigned i = 0; i < DecodeBytes; i++)
          strip_slots_o[i*SlotW+:SlotW] <= item[i][SlotW-1:0];
      end
    end
  end

`ifdef SHIRA_ASSERT
  block_stable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    block_valid_i && !block_ready_o |=> block_valid_i && $stable(block_i));
  strip_stable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    strip_valid_o && !strip_ready_i |=> strip_valid_o && $stable(strip_o) &&
    $stable(strip_count_o) && $stable(strip_span_o) && $stable(strip_slots_o));
  takes_no_more_than_left: assert property (@(posedge clk_i) disable iff (!rst_ni)
    gap_take_o |-> 16'(gap_bytes_o) <= left_q && gap_bytes_o != '0);
  takes_all_before_the_next: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    gap_take_o && gap_skip_o |-> 16'(gap_bytes_o) == left_q);
  // Distances fill the slots from the first on, and rise.
  no_holes: assert property (@(posedge clk_i) disable iff (!rst_ni)
    strip_valid_o && !strip_o.coo |->
    strip_slots_o >> (32'(strip_count_o) * SlotW) == '0 &&
    (strip_count_o == '0 || strip_slots_o[SlotW-1:0] != '0));
`endif

endmodule
