// Reads descriptors from the ring in memory.
//
// Does:         keeps up to four descriptors requested or buffered, in bursts that end at the tail, at
//               512-byte boundaries (so never across 4 KiB or the ring's end) and at BurstBytes; hands
//               them out in order. After an error (halt_i) it lets what was requested come, hands it
//               out, and then offers the rest up to the tail as `unfetched`, to be cancelled.
// Never does:   reads at or past the tail; starts a burst while halt_i, except the rest of a descriptor
//               whose first burst was requested.
// Latency:      a new tail shows as a request in the same cycle; last beat to desc_valid_o one cycle.
// Throughput:   a beat a cycle.
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
  output logic                   pending_o,          // there are descriptors to request
  output logic                   idle_o,             // nothing requested is still to come
  output logic                   unfetched_valid_o,  // halted: descriptor ring_head_o will not be fetched
  input  logic                   unfetched_ready_i,  // it was cancelled
  // descriptors -> shira_command_dispatch
  output logic                   desc_valid_o,
  input  logic                   desc_ready_i,
  output logic [         1023:0] desc_o,
  output logic [           31:0] desc_seq_o,         // also while not desc_valid_o: the next one's
  output logic [            1:0] desc_err_o,         // AXI resp
  output logic [           63:0] err_where_o,        // address of the first burst that failed
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
  logic [31:0] mask;        // of an index into the ring
  logic [31:0] left;        // descriptors up to the tail

  assign mask       = ~(32'hffff_ffff << ring_log2_i);
  assign left       = ring_tail_i - next_q;
  assign tail_bad_o = left > mask + 32'd1;
  assign pending_o  = left != '0;
  assign ring_head_o = head_q;
  assign desc_seq_o = desc_seq_q;

  // --------------------------------------------------------------- request
  logic [ 7:0] part_q;  // part of descriptor next_q to request; 0 where Parts = 1
  logic        hold_q;  // a request is offered and was not taken yet
  logic [ 2:0] held_q;  // its descriptors
  logic [31:0] index;   // entry of next_q
  logic [ 2:0] space;   // descriptors for which there is room
  logic [ 2:0] room;    // descriptors up to the boundary
  logic [ 2:0] count;   // descriptors in this burst
  logic        taken;

  assign index = next_q & mask;
  assign space = 3'(Ahead) - 3'(next_q - desc_seq_q);
  assign room  = (ring_log2_i == 5'd1) ? 3'd2 - {2'b0, index[0]} : 3'd4 - {1'b0, index[1:0]};
  assign taken = rd_req_valid_o && rd_req_ready_i;

  always_comb begin
    count = held_q;
    if (!hold_q) begin
      count = 3'(MaxDescs);
      if (room < count) count = room;
      if (space < count) count = space;
      if (left < 32'(count)) count = 3'(left);
    end
  end

  // A request that is offered stays; it is never shorter than its descriptor.
  assign rd_req_valid_o = hold_q || part_q != '0 ||
                          (enable_i && !halt_i && !tail_bad_o && count != '0);
  assign rd_req_addr_o = ring_base_i + {25'b0, index, 7'b0} + 64'(32'(part_q) * PartBytes);
  assign rd_req_len_o = (Parts > 1) ? 8'(PartBeats - 1) : 8'(32'(count) * Beats - 32'd1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      hold_q <= 1'b0;
      part_q <= '0;
    end else begin
      hold_q <= rd_req_valid_o && !rd_req_ready_i;
      if (taken && Parts > 1) part_q <= (part_q == 8'(Parts - 1)) ? '0 : part_q + 8'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rd_req_valid_o) held_q <= count;
  end

  // -------------------------------------------------------------- response
  logic [   7:0] beat_q;       // next beat of descriptor head_q
  logic [   1:0] err_q;        // worst response of its beats so far
  logic [   1:0] err;          // with this beat
  logic          first_q;      // the next beat starts a burst
  logic [  63:0] beat_addr;    // address of this beat
  logic [  63:0] burst_q;      // address of the burst of this beat, where it is not the first
  logic          err_seen_q;
  logic [  63:0] err_where_q;
  logic          last;         // this beat ends a descriptor
  logic [1023:0] whole;        // the descriptor with this beat

  assign last = rd_rsp_valid_i && beat_q == 8'(Beats - 1);
  assign err  = (rd_rsp_err_i > err_q) ? rd_rsp_err_i : err_q;

  if (Beats > 1) begin : gen_beats
    logic [1023:BeatBytes*8] partial_q;  // the beats so far, the newest at the top
    always_comb begin
      whole = '0;
      if (rd_rsp_valid_i) whole = {rd_rsp_data_i, partial_q};
    end
    always_ff @(posedge clk_i) begin
      if (rd_rsp_valid_i) partial_q <= whole[1023:BeatBytes*8];
    end
  end else begin : gen_beat
    assign whole = rd_rsp_data_i;
  end

  always_comb begin
    beat_addr = '0;
    if (rd_rsp_valid_i) begin
      beat_addr = ring_base_i + {25'b0, head_q & mask, 7'b0} + 64'(32'(beat_q) * BeatBytes);
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
      err_q      <= '0;
      first_q    <= 1'b1;
      err_seen_q <= 1'b0;
    end else if (rd_rsp_valid_i) begin
      beat_q  <= last ? '0 : beat_q + 8'd1;
      err_q   <= last ? '0 : err;
      first_q <= rd_rsp_last_i;
      if (rd_rsp_err_i[1]) err_seen_q <= 1'b1;
    end else if (clear_i) begin
      err_seen_q <= 1'b0;
    end
  end

  assign err_where_o = err_where_q;

  logic store_ready;  // always: room was reserved

  shira_command_store #(
    .Width(1026),
    .Depth(Ahead)
  ) u_store (
    .clk_i,
    .rst_ni,
    .push_valid_i(last),
    .push_ready_o(store_ready),
    .push_data_i ({err, whole}),
    .pop_valid_o (desc_valid_o),
    .pop_ready_i (desc_ready_i),
    .pop_data_o  ({desc_err_o, desc_o})
  );

  // ---------------------------------------------------------------- counts
  logic jump;  // a tail that cannot be: forget the descriptors up to it
  logic skip;  // a descriptor is cancelled without being fetched

  assign idle_o            = next_q == head_q && part_q == '0 && !hold_q;
  assign jump              = halt_i && tail_bad_o && idle_o && !desc_valid_o;
  assign unfetched_valid_o = halt_i && !tail_bad_o && idle_o && !desc_valid_o && pending_o;
  assign skip              = unfetched_valid_o && unfetched_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      next_q     <= '0;
      head_q     <= '0;
      desc_seq_q <= '0;
    end else if (jump) begin
      next_q     <= ring_tail_i;
      head_q     <= ring_tail_i;
      desc_seq_q <= ring_tail_i;
    end else if (skip) begin
      next_q     <= next_q + 32'd1;
      head_q     <= head_q + 32'd1;
      desc_seq_q <= desc_seq_q + 32'd1;
    end else begin
      if (taken && part_q == 8'(Parts - 1)) next_q <= next_q + ((Parts > 1) ? 32'd1 : 32'(count));
      if (last) head_q <= head_q + 32'd1;
      if (desc_valid_o && desc_ready_i) desc_seq_q <= desc_seq_q + 32'd1;
    end
  end

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) last |-> store_ready);
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_rsp_valid_i |-> next_q != head_q || part_q != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_req_valid_o && !rd_req_ready_i |=>
    rd_req_valid_o && $stable(rd_req_addr_o) && $stable(rd_req_len_o));
`else
  logic unused_store_ready;
  assign unused_store_ready = store_ready;
`endif

endmodule
