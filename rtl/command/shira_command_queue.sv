// The queue of one engine: descriptors that wait, and tickets of the commands that it works on.
//
// Does:         keeps up to QueueDepth descriptors in order; offers the head to the engine when its two
//               semaphores are there; keeps the tickets of up to two commands in flight, which the
//               engine ends in order, and counts the oldest one's starved and stalled cycles. While
//               halt_i it offers nothing to the engine, and the head for cancelling once nothing is in
//               flight.
// Never does:   takes an offer back, except when halt_i rises.
// Latency:      one cycle from push to the offer.
// Backpressure: push_ready_o is low while QueueDepth descriptors are inside.
module shira_command_queue #(
  parameter int unsigned QueueDepth = 4,    // descriptors, a power of two, 2 or more
  parameter int unsigned DescBits   = 1024  // low bits of a descriptor that the engine needs, 128 or more
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,          // synchronous, active low
  input  logic [               63:0] cycle_i,
  input  logic                       halt_i,
  // descriptors <- shira_command_dispatch
  input  logic                       push_valid_i,
  output logic                       push_ready_o,
  input  logic [       DescBits-1:0] push_desc_i,
  input  logic [               31:0] push_seq_i,
  // waits <-> shira_command_sems
  output logic                       head_valid_o,    // a descriptor waits in the queue
  output logic [                3:0] wait0_sem_o,
  output logic [                3:0] wait1_sem_o,
  output logic [               31:0] wait0_value_o,
  output logic [               31:0] wait1_value_o,
  input  logic                       met_i,           // both are there
  // engine
  output logic                       cmd_valid_o,
  input  logic                       cmd_ready_i,
  output logic [       DescBits-1:0] cmd_desc_o,
  input  logic [                2:0] state_i,         // shira_pkg::engine_state_e
  // endings -> shira_command_retire
  output logic                       flying_o,        // the engine has a command of this queue
  output logic                       cancel_o,        // halted, nothing in flight: the head is to be cancelled
  output shira_command_pkg::ticket_t ticket_o,        // of the oldest in flight; of the head while cancel_o
  output logic [               31:0] starved_o,       // cycles of the oldest in flight
  output logic [               31:0] stalled_o,
  input  logic                       end_i,           // it ended
  // state
  output logic                       waiting_o,       // nothing in flight, the head waits for a semaphore
  output logic                       empty_o,         // nothing queued, nothing in flight
  output logic [               31:0] oldest_seq_o     // oldest descriptor here, where not empty
);

  localparam int unsigned StoreW = 64 + 32 + DescBits;

  if (DescBits < 128 || DescBits > 1024) begin : gen_bad_bits
    $error("DescBits must be 128 to 1024");
  end

  logic [31:0] head_seq;
  logic [63:0] head_queued;
  logic        head_pop;
  logic        start;     // the engine takes the head
  logic [ 1:0] flying_q;  // commands in flight

  shira_command_store #(
    .Width(StoreW),
    .Depth(QueueDepth)
  ) u_store (
    .clk_i,
    .rst_ni,
    .push_valid_i,
    .push_ready_o,
    .push_data_i ({cycle_i, push_seq_i, push_desc_i}),
    .pop_valid_o (head_valid_o),
    .pop_ready_i (head_pop),
    .pop_data_o  ({head_queued, head_seq, cmd_desc_o})
  );

  // The header of the head; dispatch has checked it. Byte b is at bits 8b.
  assign wait0_sem_o   = cmd_desc_o[16+:4];
  assign wait1_sem_o   = cmd_desc_o[24+:4];
  assign wait0_value_o = cmd_desc_o[64+:32];
  assign wait1_value_o = cmd_desc_o[96+:32];

  assign cmd_valid_o = head_valid_o && met_i && !halt_i && flying_q != 2'd2;
  assign start       = cmd_valid_o && cmd_ready_i;
  assign flying_o    = flying_q != '0;
  assign cancel_o    = halt_i && head_valid_o && !flying_o;
  assign head_pop    = start || (cancel_o && end_i);
  assign waiting_o   = head_valid_o && !met_i && !flying_o;
  assign empty_o     = !head_valid_o && !flying_o;

  shira_command_pkg::ticket_t flying0_q;  // the oldest
  shira_command_pkg::ticket_t flying1_q;
  shira_command_pkg::ticket_t head_ticket;
  logic                       land;       // the oldest in flight ended
  logic                       load0;      // a start becomes the oldest

  assign land  = flying_o && end_i;
  assign load0 = start && (flying_q == '0 || (land && flying_q == 2'd1));

  always_comb begin
    head_ticket = '0;
    if (start || cancel_o) begin
      head_ticket.seq        = head_seq;
      head_ticket.opcode     = cmd_desc_o[0+:8];
      head_ticket.irq        = cmd_desc_o[8];
      head_ticket.signal_sem = cmd_desc_o[32+:4];
      head_ticket.t_queued   = head_queued;
      head_ticket.t_start    = start ? cycle_i : '0;
    end
  end

  assign ticket_o     = flying_o ? flying0_q : head_ticket;
  assign oldest_seq_o = flying_o ? flying0_q.seq : head_seq;

  always_ff @(posedge clk_i) begin
    if (load0) flying0_q <= head_ticket;
    else if (land) flying0_q <= flying1_q;
    if (start && !load0) flying1_q <= head_ticket;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) flying_q <= '0;
    else if (start && !land) flying_q <= flying_q + 2'd1;
    else if (land && !start) flying_q <= flying_q - 2'd1;
  end

  logic [31:0] starved_q;
  logic [31:0] stalled_q;

  always_ff @(posedge clk_i) begin
    if (!flying_o || land) begin
      starved_q <= '0;
      stalled_q <= '0;
    end else begin
      if (state_i == 3'(shira_pkg::StateStarved)) starved_q <= starved_q + 32'd1;
      if (state_i == 3'(shira_pkg::StateStalled)) stalled_q <= stalled_q + 32'd1;
    end
  end

  assign starved_o = starved_q;
  assign stalled_o = stalled_q;

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) end_i |-> flying_o || cancel_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    cmd_valid_o && !cmd_ready_i |=> cmd_valid_o || halt_i);
`endif

endmodule
