// Reads descriptors from the ring in memory.
//
// Does:         keeps up to four descriptors requested or buffered, in bursts that end at the tail, at
//               512-byte boundaries (so never across 4 KiB or the ring's end) and at BurstBytes; looks
//               for reserved bytes that are not 0; hands them out in order. After an error (halt_i) it
//               lets what was requested come, hands it out, and then offers the rest up to the tail as
//               `unfetched`, to be cancelled.
// Never does:   reads at or past the tail; starts a burst while halt_i, except the rest of a descriptor
//               whose first burst was requested.
// Latency:      a new tail shows as a request three cycles later; last beat to desc_valid_o two cycles.
// Throughput:   a beat a cycle, and a cycle more a descriptor; a burst every three cycles.
// Backpressure: desc_ready_i; a descriptor is requested only when there is room for it.
module shira_command_fetch #(
  parameter int unsigned BeatBytes  = 32,  // bytes of a memory beat, 8 to 128
  parameter int unsigned BurstBytes = 512  // longest burst
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,             // synchronous, active low
  // configuration <- shira_axil_regs
  input  logic                   enable_i,
  input  logic [           63:0] ring_base_i,        // 4 KiB aligned
  input  logic [            4:0] ring_log2_i,        // entries, 1 to 16
  input  logic [           31:0] ring_tail_i,        // free-running count of descriptors written
  // control
  input  logic                   halt_i,             // an error happened
  input  logic                   clear_i,            // it was acknowledged
  output logic [           31:0] ring_head_o,        // free-running count of descriptors received
  output logic                   tail_bad_o,         // the tail is further ahead than the ring is long
  output logic                   pending_o,          // there are descriptors to request, or a bad tail
  output logic                   idle_o,             // nothing requested is still to come
  output logic                   buffered_o,         // descriptors are here that were not handed out
  output logic                   moves_o,            // the next edge changes something here
  output logic                   unfetched_valid_o,  // halted: descriptor ring_head_o will not be fetched
  input  logic                   unfetched_ready_i,  // it was cancelled
  // descriptors -> shira_command_dispatch
  output logic                   desc_valid_o,
  input  logic                   desc_ready_i,
  output logic [         1023:0] desc_o,
  output shira_command_pkg::fetched_t desc_fetched_o,  // seq also while not desc_valid_o: the next one's
  // memory read client
  output logic                   rd_req_valid_o,
  input  logic                   rd_req_ready_i,
  output logic [           63:0] rd_req_addr_o,
  output logic [            7:0] rd_req_len_o,
  input  logic                   rd_rsp_valid_i,
  input  logic [BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                   rd_rsp_last_i,
  input  logic [            1:0] rd_rsp_err_i
);

  localparam int unsigned DescBytes = shira_regs_pkg::DescriptorBytes;
  localparam int unsigned Ahead     = 4;                        // descriptors
  localparam int unsigned Beats     = DescBytes / BeatBytes;    // of a descriptor
  localparam int unsigned PartBytes = (BurstBytes < DescBytes) ? BurstBytes : DescBytes;
  localparam int unsigned BeatBits  = BeatBytes * 8;
  localparam int unsigned SpillW    = $clog2(Ahead * Beats);
  localparam int unsigned Parts     = DescBytes / PartBytes;    // bursts of a descriptor, if more than 1
  localparam int unsigned PartBeats = PartBytes / BeatBytes;
  localparam int unsigned MaxDescs  = (BurstBytes / DescBytes > Ahead) ? Ahead :
                                      (BurstBytes < DescBytes) ? 1 : BurstBytes / DescBytes;

  if (BeatBytes > DescBytes || (BeatBytes & (BeatBytes - 1)) != 0) begin : gen_bad_beat
    $error("BeatBytes must be a power of two, at most 128");
  end
  if (BurstBytes < BeatBytes || (BurstBytes & (BurstBytes - 1)) != 0) begin : gen_bad_burst
    $error("BurstBytes must be a power of two, at least BeatBytes");
  end

  logic [31:0] next_q;      // next descriptor to request
  logic [31:0] head_q;      // next descriptor to receive
  logic [31:0] desc_seq_q;  // next descriptor to hand out
  logic [31:0] left_q;      // descriptors from next_q up to the tail, a cycle ago
  logic        moved_q;     // next_q moved since: left_q is not valid
  logic [31:0] mask;        // of an index into the ring
  logic        tail_bad;

  assign mask        = ~(32'hffff_ffff << ring_log2_i);
  assign tail_bad    = !moved_q && left_q > mask + 32'd1;
  assign tail_bad_o  = tail_bad;
  assign pending_o   = ring_tail_i != next_q || left_q != '0;
  assign ring_head_o = head_q;

  // --------------------------------------------------------------- request
  // One cycle looks how many descriptors the next burst holds; the next ones offer it.
  logic        offer_q;   // a request is offered
  logic [63:0] addr_q;    // its address
  logic [ 7:0] part_q;    // part of descriptor next_q that is offered; 0 where Parts = 1
  logic [ 2:0] count_q;   // its descriptors
  logic [31:0] index;     // entry of next_q
  logic [ 2:0] space;     // descriptors for which there is room
  logic [ 2:0] room;      // descriptors up to the boundary
  logic [ 2:0] count;     // descriptors that a burst from here holds
  logic        go;        // there is something to request
  logic        taken;
  logic        last_part; // of a descriptor, or all of the burst

  assign index     = next_q & mask;
  assign taken     = offer_q && rd_req_ready_i;
  assign last_part = part_q == 8'(Parts - 1);

  always_comb begin
    count = '0;
    space = '0;
    room  = '0;
    if (!offer_q && !moved_q && left_q != '0) begin
      space = 3'(Ahead) - 3'(next_q - desc_seq_q);
      room  = (ring_log2_i == 5'd1) ? 3'd2 - {2'b0, index[0]} : 3'd4 - {1'b0, index[1:0]};
      count = 3'(MaxDescs);
      if (room < count) count = room;
      if (space < count) count = space;
      if (left_q < 32'(count)) count = 3'(left_q);
    end
  end

  assign go = count != '0 && enable_i && !halt_i && !tail_bad;

  // A request that is offered stays; it is never shorter than its descriptor.
  assign rd_req_valid_o = offer_q;
  assign rd_req_addr_o  = addr_q;
  assign rd_req_len_o   = (Parts > 1) ? 8'(PartBeats - 1) : 8'(32'(count_q) * Beats - 32'd1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      offer_q <= 1'b0;
      part_q  <= '0;
    end else if (go) begin
      offer_q <= 1'b1;
    end else if (taken) begin
      offer_q <= !last_part;
      part_q  <= last_part ? '0 : part_q + 8'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (go) begin
      addr_q  <= ring_base_i + {25'b0, index, 7'b0};
      count_q <= (Parts > 1) ? 3'd1 : count;
    end else if (taken && Parts > 1) begin
      addr_q[6:0] <= addr_q[6:0] + 7'(PartBytes);  // a descriptor is aligned
    end
  end

  // -------------------------------------------------------------- response
  logic [ 7:0] beat_q;       // next beat of descriptor head_q
  logic        first_q;      // the next beat starts a burst
  logic [63:0] burst_q;      // address of the burst of this beat, where it is not the first
  logic [63:0] beat_addr;    // address of this beat
  logic        err_seen_q;
  logic [63:0] err_where_q;
  logic        last;         // this beat ends a descriptor

  assign last = rd_rsp_valid_i && beat_q == 8'(Beats - 1);

  always_comb begin
    beat_addr = '0;
    if (rd_rsp_valid_i) begin
      beat_addr = ring_base_i + {25'b0, head_q & mask, 7'(32'(beat_q) * BeatBytes)};
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_rsp_valid_i && first_q) burst_q <= beat_addr;
    if (rd_rsp_valid_i && rd_rsp_err_i[1] && !err_seen_q) begin
      err_where_q <= first_q ? beat_addr : burst_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q     <= '0;
      first_q    <= 1'b1;
      err_seen_q <= 1'b0;
    end else if (rd_rsp_valid_i) begin
      beat_q  <= last ? '0 : beat_q + 8'd1;
      first_q <= rd_rsp_last_i;
      if (rd_rsp_err_i[1]) err_seen_q <= 1'b1;
    end else if (clear_i) begin
      err_seen_q <= 1'b0;
    end
  end

  // -------------------------------------------------------------- assembly
  // Beats are shifted into the descriptor that is handed out next. While that one is complete and not
  // taken, beats wait in the spill FIFO; there is room for all that may be requested.
  logic [ BeatBits-1:0] spill_q[Ahead*Beats];
  logic [          1:0] spill_err_q[Ahead*Beats];
  logic [   SpillW-1:0] spill_wr_q;
  logic [   SpillW-1:0] spill_rd_q;
  logic [     SpillW:0] spill_count_q;
  logic [       1023:0] desc_q;                    // the descriptor, the newest beat at the top
  logic [          7:0] desc_beat_q;               // beats in it
  logic                 desc_full_q;               // it is complete
  logic [          1:0] desc_err_q;                // worst response of its beats
  logic [          1:0] err;                       // of the beat that is shifted in
  logic                 spilled;                   // beats wait
  logic                 room_for_beat;
  logic                 shift;
  logic                 spill_push;
  logic                 spill_pop;

  assign spilled       = spill_count_q != '0;
  assign room_for_beat = !desc_full_q || (desc_valid_o && desc_ready_i);
  assign shift         = room_for_beat && (spilled || rd_rsp_valid_i);
  assign spill_pop     = room_for_beat && spilled;
  assign spill_push    = rd_rsp_valid_i && (spilled || !room_for_beat);
  assign err           = spilled ? spill_err_q[spill_rd_q] : rd_rsp_err_i;

  // Written at once, not at the end of the step, so that a simulator copies no wide word for nothing:
  // an entry is never read in the cycle in which it is written.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (spill_push) spill_q[spill_wr_q] = rd_rsp_data_i;
  end
  /* verilator lint_on BLKSEQ */

  always_ff @(posedge clk_i) begin
    if (spill_push) spill_err_q[spill_wr_q] <= rd_rsp_err_i;
  end

  if (Beats > 1) begin : gen_beats
    always_ff @(posedge clk_i) begin
      if (spill_pop) desc_q <= {spill_q[spill_rd_q], desc_q[1023:BeatBits]};
      else if (shift) desc_q <= {rd_rsp_data_i, desc_q[1023:BeatBits]};
    end
  end else begin : gen_beat
    always_ff @(posedge clk_i) begin
      if (spill_pop) desc_q <= spill_q[spill_rd_q];
      else if (shift) desc_q <= rd_rsp_data_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      spill_wr_q    <= '0;
      spill_rd_q    <= '0;
      spill_count_q <= '0;
      desc_beat_q   <= '0;
      desc_full_q   <= 1'b0;
      desc_err_q    <= '0;
    end else begin
      if (spill_push) spill_wr_q <= spill_wr_q + SpillW'(1);
      if (spill_pop) spill_rd_q <= spill_rd_q + SpillW'(1);
      if (spill_push && !spill_pop) spill_count_q <= spill_count_q + (SpillW + 1)'(1);
      if (spill_pop && !spill_push) spill_count_q <= spill_count_q - (SpillW + 1)'(1);
      if (shift) begin
        desc_beat_q <= (desc_beat_q == 8'(Beats - 1)) ? '0 : desc_beat_q + 8'd1;
        desc_full_q <= desc_beat_q == 8'(Beats - 1);
        if (desc_beat_q == '0 || err > desc_err_q) desc_err_q <= err;
      end else if (desc_valid_o && desc_ready_i) begin
        desc_full_q <= 1'b0;
      end
    end
  end

  // -------------------------------------------------------- reserved bytes
  logic       looking;        // the newest beat is looked at
  logic       reserved;       // a byte that must be 0 is not
  logic [6:0] reserved_byte;  // the first such byte

  shira_command_reserved #(
    .BeatBytes(BeatBytes)
  ) u_reserved (
    .clk_i,
    .rst_ni,
    .shift_i        (shift),
    .beat_i         (desc_beat_q),
    .newest_i       (desc_q[1023-:BeatBits]),
    .looking_o      (looking),
    .reserved_o     (reserved),
    .reserved_byte_o(reserved_byte)
  );

  assign desc_valid_o   = desc_full_q && !looking;
  assign desc_o         = desc_q;
  assign desc_fetched_o = {desc_seq_q, desc_err_q, err_where_q, reserved, reserved_byte};

  // ---------------------------------------------------------------- counts
  logic jump;  // a tail that cannot be: forget the descriptors up to it
  logic skip;  // a descriptor is cancelled without being fetched

  assign idle_o            = next_q == head_q && !offer_q;
  assign buffered_o        = head_q != desc_seq_q;
  assign jump              = halt_i && tail_bad && idle_o && !buffered_o;
  assign unfetched_valid_o = halt_i && !tail_bad && idle_o && !buffered_o && !moved_q && left_q != '0;
  assign moves_o           = shift || looking || rd_rsp_valid_i || offer_q || go || moved_q ||
                             (halt_i && left_q != '0) || ring_tail_i != left_tail_q;
  assign skip              = unfetched_valid_o && unfetched_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      next_q     <= '0;
      head_q     <= '0;
      desc_seq_q <= '0;
      moved_q    <= 1'b0;
    end else if (jump) begin
      next_q     <= ring_tail_i;
      head_q     <= ring_tail_i;
      desc_seq_q <= ring_tail_i;
      moved_q    <= 1'b1;
    end else if (skip) begin
      next_q     <= next_q + 32'd1;
      head_q     <= head_q + 32'd1;
      desc_seq_q <= desc_seq_q + 32'd1;
      moved_q    <= 1'b1;
    end else begin
      moved_q <= taken && last_part;
      if (taken && last_part) next_q <= next_q + 32'(count_q);
      if (last) head_q <= head_q + 32'd1;
      if (desc_valid_o && desc_ready_i) desc_seq_q <= desc_seq_q + 32'd1;
    end
  end

  // left_q is of the tail of the cycle before, which is kept to see that it changed.
  logic [31:0] left_tail_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      left_q      <= '0;
      left_tail_q <= '0;
    end else if (moved_q || ring_tail_i != left_tail_q) begin
      left_q      <= ring_tail_i - next_q;
      left_tail_q <= ring_tail_i;
    end
  end

`ifdef SHIRA_ASSERT
  spill_fits: assert property (@(posedge clk_i) disable iff (!rst_ni)
    spill_push |-> 32'(spill_count_q) < Ahead * Beats);
  beat_was_requested: assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_rsp_valid_i |-> next_q != head_q || part_q != '0);
  left_is_true: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !moved_q |-> left_q == left_tail_q - next_q);
  ahead_fits: assert property (@(posedge clk_i) disable iff (!rst_ni) next_q - desc_seq_q <= Ahead);
  request_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_req_valid_o && !rd_req_ready_i |=>
    rd_req_valid_o && $stable(rd_req_addr_o) && $stable(rd_req_len_o));
`endif

endmodule
