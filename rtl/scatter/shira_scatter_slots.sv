// The slots that pairs of bundles lie in until all banks have what they need of them.
//
// Does:         gives slots to pairs in turn; of each it knows the banks that still need it. When no bank
//               needs the oldest one any more it offers it, and when that is taken the slot is free.
// Never does:   gives a slot away that is not free; offers slots in another order than they were given.
// Latency:      two cycles from the last bank's done_valid_i to the free slot. Throughput: a pair a cycle.
// Backpressure: push_ready_o is low while all slots are taken.
module shira_scatter_slots #(
  parameter int unsigned Banks = 16,  // a power of two, 2 or more
  parameter int unsigned Slots = 8,   // a power of two, 2 or more
  localparam int unsigned SlotW = $clog2(Slots)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,         // synchronous, active low
  // pairs <- pair
  input  logic                   push_valid_i,
  output logic                   push_ready_o,
  output logic [      SlotW-1:0] push_slot_o,    // the slot that it gets
  input  logic [      Banks-1:0] push_banks_i,   // that need it
  // a bank needs the slot no more <- words, replaced
  input  logic [      Banks-1:0] done_valid_i,
  input  logic [Banks*SlotW-1:0] done_slot_i,
  // the oldest slot, which no bank needs -> replaced
  output logic                   leave_valid_o,
  input  logic                   leave_ready_i,
  output logic [      SlotW-1:0] leave_slot_o,
  output logic                   busy_o          // a slot is not free
);

  logic [Slots*Banks-1:0] needed_q;  // bit b of a slot: bank b needs it
  logic [      SlotW-1:0] first_q;   // the oldest slot
  logic [      SlotW-1:0] next_q;    // the slot that the next pair gets
  logic [        SlotW:0] level_q;   // slots that are not free
  logic                   push;
  logic                   leave;

  assign push_ready_o  = level_q != (SlotW + 1)'(Slots);
  assign push_slot_o   = next_q;
  assign push          = push_valid_i && push_ready_o;
  assign busy_o        = level_q != '0;
  assign leave_valid_o = busy_o && needed_q[32'(first_q)*Banks+:Banks] == '0;
  assign leave_slot_o  = first_q;
  assign leave         = leave_valid_o && leave_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      first_q <= '0;
      next_q  <= '0;
      level_q <= '0;
    end else begin
      if (push) next_q <= next_q + SlotW'(1);
      if (leave) first_q <= first_q + SlotW'(1);
      if (push && !leave) level_q <= level_q + (SlotW + 1)'(1);
      if (leave && !push) level_q <= level_q - (SlotW + 1)'(1);
    end
  end

  always_ff @(posedge clk_i) begin : p_needed
    logic [Slots*Banks-1:0] needed;
    logic [      Slots-1:0] done;    // the slot that a bank is done with
    if (!rst_ni) needed_q <= '0;
    else if (push || done_valid_i != '0) begin
      needed = needed_q;
      for (int unsigned b = 0; b < Banks; b++)
        if (done_valid_i[b]) begin
          done = Slots'(1) << done_slot_i[b*SlotW+:SlotW];
          for (int unsigned s = 0; s < Slots; s++) needed[s*Banks+b] = needed[s*Banks+b] && !done[s];
        end
      if (push) needed[32'(next_q)*Banks+:Banks] = push_banks_i;
      needed_q <= needed;
    end
  end

`ifdef SHIRA_ASSERT
  a_level : assert property (@(posedge clk_i) disable iff (!rst_ni)
    level_q <= (SlotW + 1)'(Slots) && level_q[SlotW-1:0] == next_q - first_q);
  for (genvar b = 0; b < Banks; b++) begin : g_assert
    logic needed;
    assign needed = needed_q[32'(done_slot_i[b*SlotW+:SlotW])*Banks+b];
    a_needed : assert property (@(posedge clk_i) disable iff (!rst_ni) done_valid_i[b] |-> needed);
  end
`endif

endmodule
