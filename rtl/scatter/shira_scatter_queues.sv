// A queue for each bank of the weight SRAM: where the updates that the bank must make lie.
//
// Does:         of each pair that holds updates of a bank, notes its slot and lanes in the bank's queue, and
//               gives the bank piece after piece of it, in order. A piece are the updates of one word: the
//               lanes up to the next start of a word of this bank.
// Never does:   gets full: a pair is in a bank's queue once, and there are as many places as slots.
// Latency:      two cycles from pair to piece. Throughput: a pair a cycle; a piece a cycle and bank.
// Backpressure: a piece stays as it is until piece_ready_i.
module shira_scatter_queues #(
  parameter int unsigned Lanes = 16,  // of a pair
  parameter int unsigned Banks = 16,  // a power of two, 2 or more
  parameter int unsigned Slots = 8,   // a power of two, 2 or more
  localparam int unsigned BankW = $clog2(Banks),
  localparam int unsigned SlotW = $clog2(Slots)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,         // synchronous, active low
  // pairs <- pair; one that is offered is taken
  input  logic                   push_valid_i,
  input  logic [      SlotW-1:0] push_slot_i,
  input  logic [      Lanes-1:0] push_lanes_i,   // those that hold an update
  input  logic [      Lanes-1:0] push_starts_i,  // a word starts here
  input  logic [Lanes*BankW-1:0] push_bank_i,    // of each lane
  output logic [      Banks-1:0] push_banks_o,   // that have an update in the pair
  // pieces -> words
  output logic [      Banks-1:0] piece_valid_o,
  input  logic [      Banks-1:0] piece_ready_i,
  output logic [Banks*SlotW-1:0] piece_slot_o,
  output logic [Banks*Lanes-1:0] piece_lanes_o,
  output logic [      Banks-1:0] piece_last_o    // the bank's last piece of the slot
);

  logic [Lanes-1:0] lanes_of[Banks];  // lanes of the pair whose update a bank gets

  always_comb begin
    push_banks_o = '0;
    for (int unsigned b = 0; b < Banks; b++) lanes_of[b] = '0;
    if (push_valid_i) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (push_lanes_i[k]) begin
          lanes_of[push_bank_i[k*BankW+:BankW]][k]  = 1'b1;
          push_banks_o[push_bank_i[k*BankW+:BankW]] = 1'b1;
        end
      end
    end
  end

  logic [Lanes-1:0] starts_q[Slots];  // of the pair in a slot

  always_ff @(posedge clk_i) begin
    if (push_valid_i) starts_q[push_slot_i] <= push_starts_i;
  end

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    // The head, of which pieces are cut, and the queue behind it.
    logic [SlotW-1:0] slot_q[Slots];
    logic [Lanes-1:0] lanes_q[Slots];
    logic [SlotW-1:0] get_q;           // the oldest place
    logic [SlotW-1:0] put_q;           // behind the youngest
    logic             head_valid_q;
    logic [SlotW-1:0] head_slot_q;
    logic [Lanes-1:0] head_lanes_q;
    logic [Lanes-1:0] head_starts_q;

    always_ff @(posedge clk_i) begin : p_bank
      logic [Lanes-1:0] rest;    // starts behind the piece
      logic [Lanes-1:0] piece;
      logic             cut;     // a piece is cut
      logic             free;    // the head is empty after this cycle
      logic             queued;  // something is in the queue
      logic [SlotW-1:0] slot;
      logic [Lanes-1:0] lanes;
      if (!rst_ni) begin
        head_valid_q     <= 1'b0;
        piece_valid_o[b] <= 1'b0;
        get_q            <= '0;
        put_q            <= '0;
      end else if (push_banks_o[b] || head_valid_q || piece_valid_o[b]) begin
        rest   = head_starts_q & (head_starts_q - Lanes'(1));
        piece  = head_lanes_q & ~rest & (rest - Lanes'(1));
        cut    = head_valid_q && (!piece_valid_o[b] || piece_ready_i[b]);
        free   = !head_valid_q || (cut && rest == '0);
        queued = get_q != put_q;
        piece_valid_o[b] <= cut || (piece_valid_o[b] && !piece_ready_i[b]);
        if (cut) begin
          piece_slot_o[b*SlotW+:SlotW]  <= head_slot_q;
          piece_lanes_o[b*Lanes+:Lanes] <= piece;
          piece_last_o[b]               <= rest == '0;
          head_lanes_q                  <= head_lanes_q & ~piece;
          head_starts_q                 <= rest;
        end
        if (free) begin
          slot  = queued ? slot_q[get_q] : push_slot_i;
          lanes = queued ? lanes_q[get_q] : lanes_of[b];
          head_valid_q  <= queued || push_banks_o[b];
          head_slot_q   <= slot;
          head_lanes_q  <= lanes;
          head_starts_q <= lanes & (queued ? starts_q[slot] : push_starts_i);
          if (queued) get_q <= get_q + SlotW'(1);
        end
        if (push_banks_o[b] && (queued || !free)) begin
          slot_q[put_q]  <= push_slot_i;
          lanes_q[put_q] <= lanes_of[b];
          put_q          <= put_q + SlotW'(1);
        end
      end
    end
  end

`ifdef SHIRA_ASSERT
  for (genvar b = 0; b < Banks; b++) begin : g_assert
    // Of each assertion the whole of what it names is sampled.
    logic [SlotW-1:0] slot;
    logic [Lanes-1:0] lanes;
    assign slot  = piece_slot_o[b*SlotW+:SlotW];
    assign lanes = piece_lanes_o[b*Lanes+:Lanes];
    a_steady : assert property (@(posedge clk_i) disable iff (!rst_ni)
      piece_valid_o[b] && !piece_ready_i[b] |=>
      piece_valid_o[b] && $stable(slot) && $stable(lanes) && $stable(piece_last_o[b]));
    a_piece : assert property (@(posedge clk_i) disable iff (!rst_ni) piece_valid_o[b] |-> lanes != '0);
    a_room : assert property (@(posedge clk_i) disable iff (!rst_ni)
      push_banks_o[b] && g_bank[b].get_q != g_bank[b].put_q |-> g_bank[b].put_q + SlotW'(1) != g_bank[b].get_q);
    a_order : assert property (@(posedge clk_i) disable iff (!rst_ni)
      g_bank[b].get_q != g_bank[b].put_q |-> g_bank[b].head_valid_q);
    a_start : assert property (@(posedge clk_i) disable iff (!rst_ni)
      g_bank[b].head_valid_q |-> (g_bank[b].head_lanes_q & ~(g_bank[b].head_lanes_q - Lanes'(1))) ==
      (g_bank[b].head_starts_q & ~(g_bank[b].head_starts_q - Lanes'(1))));
  end
`endif

endmodule
