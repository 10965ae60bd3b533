// The queue of one engine: descriptors that wait, and tickets of the commands that it works on.
//
// Does:         keeps up to QueueDepth descriptors in order; offers the head to the engine when its two
//               semaphores are there; keeps the tickets of up to two commands in flight, which the
//               engine ends in order, and counts the oldest one's starved and stalled cycles. A head
//               that the host cancelled is not offered: when its semaphores are there and nothing is in
//               flight it becomes a dropped ticket. While halt_i it offers nothing to the engine; once
//               nothing is in flight it makes the head a cancelled ticket, one after the other.
// Never does:   takes an offer back, except when halt_i rises, when another descriptor fails (stop_i) or
//               when the host cancels.
// Latency:      two cycles from push to the offer.
// Backpressure: push_ready_o is low while QueueDepth descriptors are inside.
module shira_command_queue #(
  parameter int unsigned QueueDepth = 4,    // descriptors, a power of two, 2 or more
  parameter int unsigned DescBits   = 1024  // low bits of a descriptor that the engine needs
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,        // synchronous, active low
  input  logic [               63:0] cycle_i,
  input  logic                       halt_i,        // an error happened
  input  logic                       stop_i,        // it happens: offer nothing
  input  logic [               31:0] cancel_first_i, // the host cancels from this descriptor on
  input  logic [               31:0] cancel_count_i, // so many
  // descriptors <- shira_command_dispatch
  input  logic                       push_valid_i,
  output logic                       push_ready_o,
  input  logic [       DescBits-1:0] push_desc_i,
  input  shira_command_pkg::info_t   push_info_i,
  input  logic [               63:0] push_value_i,  // {second, first} wait value
  // waits <-> shira_command_semaphores
  output logic                       head_valid_o,  // a descriptor waits in the queue
  output logic                       head_leaves_o, // it leaves
  output logic [                7:0] wait_sem_o,    // {second, first} semaphore, 0 = none
  output logic [               63:0] wait_value_o,  // {second, first} value
  input  logic                       met_i,         // both are there
  input  logic                       unmet_i,       // one is not; neither: not known yet
  // engine
  output logic                       cmd_valid_o,
  input  logic                       cmd_ready_i,
  output logic [       DescBits-1:0] cmd_desc_o,
  input  logic [                2:0] state_i,       // shira_pkg::engine_state_e
  // endings -> shira_command_retire
  output logic                       flying_o,      // there is a command in flight, or a cancelled one
  output logic                       cancelled_o,   // it was cancelled: the engine does not know it
  output logic                       dropped_o,     // by the host: its signal is given
  output shira_command_pkg::ticket_t ticket_o,      // of the oldest in flight
  output logic [               31:0] starved_o,     // cycles of the oldest in flight
  output logic [               31:0] stalled_o,
  input  logic                       end_i,         // it ended
  output logic                       counting_o,    // this cycle counts as one of its starved or stalled ones
  // state
  output logic                       waiting_o,     // nothing in flight, the head waits for a semaphore
  output logic                       empty_o,       // nothing queued, nothing in flight
  output logic [               31:0] oldest_seq_o   // oldest descriptor here, where not empty
);

  localparam int unsigned PtrW  = $clog2(QueueDepth);
  localparam int unsigned InfoW = shira_command_pkg::InfoBits;

  // ------------------------------------------------------------- descriptors
  logic            direct;
  logic            behind;
  logic            next;
  logic [PtrW-1:0] wr_ptr;
  logic [PtrW-1:0] rd_ptr;

  shira_command_fifo_control #(
    .Depth(QueueDepth)
  ) u_control (
    .clk_i,
    .rst_ni,
    .push_valid_i,
    .push_ready_o,
    .pop_valid_o (head_valid_o),
    .pop_ready_i (leave),
    .direct_o    (direct),
    .behind_o    (behind),
    .next_o      (next),
    .wr_ptr_o    (wr_ptr),
    .rd_ptr_o    (rd_ptr)
  );

  logic [DescBits-1:0] desc_q[QueueDepth];
  logic [DescBits-1:0] head_desc_q;
  logic [   InfoW-1:0] info_q[QueueDepth];
  shira_command_pkg::info_t head_info_q;
  logic [        63:0] value_q[QueueDepth];   // wait values
  logic [        63:0] head_value_q;
  logic [        63:0] queued_q[QueueDepth];  // cycle in which it came
  logic [        63:0] head_queued_q;

  // Written at once, not at the end of the step, so that a simulator copies no wide word for nothing:
  // an entry is never read in the cycle in which it is written.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (behind) desc_q[wr_ptr] = push_desc_i;
  end
  /* verilator lint_on BLKSEQ */

  always_ff @(posedge clk_i) begin
    if (behind) begin
      info_q[wr_ptr]   <= push_info_i;
      value_q[wr_ptr]  <= push_value_i;
      queued_q[wr_ptr] <= cycle_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (direct) begin
      head_desc_q   <= push_desc_i;
      head_info_q   <= push_info_i;
      head_value_q  <= push_value_i;
      head_queued_q <= cycle_i;
    end else if (next) begin
      head_desc_q   <= desc_q[rd_ptr];
      head_info_q   <= info_q[rd_ptr];
      head_value_q  <= value_q[rd_ptr];
      head_queued_q <= queued_q[rd_ptr];
    end
  end

  // -------------------------------------------------------------- the engine
  logic [1:0] flying_q;     // commands in flight
  logic       cancelled_q;  // the oldest was cancelled
  logic       dropped_q;    // by the host
  logic       drop_q;       // the host cancels the head
  logic       start;        // the engine takes the head
  logic       drop;         // the head is dropped
  logic       cancel;       // the head is cancelled
  logic       leave;        // the head leaves the queue
  logic       land;         // the oldest in flight ended
  logic       load0;        // what leaves the queue becomes the oldest in flight
  shira_command_pkg::ticket_t flying0_q;  // the oldest
  shira_command_pkg::ticket_t flying1_q;

  assign wait_sem_o    = {head_info_q.wait1_sem, head_info_q.wait0_sem};
  assign wait_value_o  = head_value_q;
  assign cmd_desc_o    = head_desc_q;
  assign cmd_valid_o   = met_i && !drop_q && !halt_i && !stop_i && !cancelled_q && flying_q != 2'd2;
  assign start         = cmd_valid_o && cmd_ready_i;
  assign drop          = met_i && drop_q && !halt_i && flying_q == '0;
  assign cancel        = head_valid_o && halt_i && flying_q == '0;
  assign leave         = start || drop || cancel;
  assign head_leaves_o = leave;
  assign land          = end_i && flying_q != '0;
  assign load0         = leave && (flying_q == '0 || (land && flying_q == 2'd1));

  // Known in the cycle in which the waits are.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) drop_q <= 1'b0;
    else drop_q <= cancel_count_i != '0 && head_valid_o && !leave &&
                   head_info_q.seq - cancel_first_i < cancel_count_i;
  end

  assign flying_o     = flying_q != '0;
  assign cancelled_o  = cancelled_q;
  assign dropped_o    = dropped_q;
  assign ticket_o     = flying0_q;
  assign waiting_o    = unmet_i && flying_q == '0;
  assign empty_o      = !head_valid_o && flying_q == '0;
  assign oldest_seq_o = (flying_q != '0) ? flying0_q.seq : head_info_q.seq;

  // in the order of ticket_t
  always_ff @(posedge clk_i) begin
    if (load0) begin
      flying0_q <= {head_info_q.seq, head_queued_q, start ? cycle_i : 64'b0, head_info_q.opcode,
                    head_info_q.irq, head_info_q.signal_sem};
    end else if (land) begin
      flying0_q <= flying1_q;
    end
    if (leave && !load0) begin
      flying1_q <= {head_info_q.seq, head_queued_q, cycle_i, head_info_q.opcode, head_info_q.irq,
                    head_info_q.signal_sem};
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cancelled_q <= 1'b0;
      dropped_q   <= 1'b0;
    end else if (leave || land) begin
      cancelled_q <= cancel || drop;
      dropped_q   <= drop;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) flying_q <= '0;
    else if (leave && !land) flying_q <= flying_q + 2'd1;
    else if (land && !leave) flying_q <= flying_q - 2'd1;
  end

  // ------------------------------------------------ the oldest one's cycles
  logic [31:0] starved_q;
  logic [31:0] stalled_q;
  logic        starved;
  logic        stalled;

  assign starved    = flying_q != '0 && state_i == 3'(shira_pkg::StateStarved);
  assign stalled    = flying_q != '0 && state_i == 3'(shira_pkg::StateStalled);
  assign counting_o = starved || stalled;

  always_ff @(posedge clk_i) begin
    if (load0 || land) begin
      starved_q <= '0;
      stalled_q <= '0;
    end else begin
      if (starved) starved_q <= starved_q + 32'd1;
      if (stalled) stalled_q <= stalled_q + 32'd1;
    end
  end

  assign starved_o = starved_q;
  assign stalled_o = stalled_q;

`ifdef SHIRA_ASSERT
  end_only_in_flight: assert property (@(posedge clk_i) disable iff (!rst_ni) end_i |-> flying_o);
  offer_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    cmd_valid_o && !cmd_ready_i |=> cmd_valid_o || halt_i || stop_i || drop_q);
  offer_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    cmd_valid_o && !cmd_ready_i |=> $stable(cmd_desc_o));
  offer_of_head: assert property (@(posedge clk_i) disable iff (!rst_ni)
    met_i || unmet_i |-> head_valid_o);
  flying_fits: assert property (@(posedge clk_i) disable iff (!rst_ni)
    leave && !land |-> flying_q != 2'd2);
  cancelled_alone: assert property (@(posedge clk_i) disable iff (!rst_ni)
    cancelled_q |-> flying_q == 2'd1);
  one_way_out: assert property (@(posedge clk_i) disable iff (!rst_ni)
    $onehot0({start, drop, cancel}));
`endif

endmodule
