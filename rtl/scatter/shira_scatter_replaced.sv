// SWAP: the bytes that its updates replaced, in the order of the updates.
//
// Does:         takes from the words that banks read the byte of each update, keeps it at the slot and lane
//               of its update, and gives the bytes of the oldest slot out when it leaves, bundle by bundle.
//               Says when a bank needs its slot no more. Of other commands slots leave as they are.
// Never does:   gives out bytes of two bundles together.
// Latency:      two cycles from word to byte. Throughput: a word a cycle and bank, a bundle a cycle.
// Backpressure: a slot waits until its bundles were taken; words do not wait.
module shira_scatter_replaced #(
  parameter int unsigned Lanes  = 8,   // of a bundle
  parameter int unsigned Banks  = 16,  // a power of two, 2 or more
  parameter int unsigned Slots  = 8,   // a power of two, 2 or more
  parameter int unsigned ArrayK = 16,  // bytes of a word, a power of two, 2 or more
  parameter int unsigned AddrW  = 23,  // bits of a byte's address in the weight SRAM
  localparam int unsigned Both   = 2 * Lanes,
  localparam int unsigned CountW = $clog2(Lanes + 1),
  localparam int unsigned SlotW  = $clog2(Slots)
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,        // synchronous, active low
  input  logic                      swaps_i,       // what is inside is of a SWAP
  // pairs <- pair
  input  logic                      push_valid_i,
  input  logic [         SlotW-1:0] push_slot_i,
  input  logic [          Both-1:0] push_lanes_i,
  input  logic [    Both*AddrW-1:0] push_addr_i,
  // a bank reads the word of a piece <- words, weight SRAM
  input  logic [         Banks-1:0] read_valid_i,
  input  logic [   Banks*SlotW-1:0] read_slot_i,
  input  logic [    Banks*Both-1:0] read_lanes_i,
  input  logic [         Banks-1:0] read_last_i,   // the bank's last piece of the slot
  input  logic [Banks*ArrayK*8-1:0] read_data_i,
  // -> slots
  output logic [         Banks-1:0] done_valid_o,
  output logic [   Banks*SlotW-1:0] done_slot_o,
  // the oldest slot, which no bank needs <- slots
  input  logic                      leave_valid_i,
  output logic                      leave_ready_o,
  input  logic [         SlotW-1:0] leave_slot_i,
  // replaced bytes of a bundle -> write-back
  output logic                      old_valid_o,
  input  logic                      old_ready_i,
  output logic [        CountW-1:0] old_count_o,   // 1 to Lanes
  output logic [       Lanes*8-1:0] old_data_o     // the oldest in byte 0
);

  localparam int unsigned ByteW = $clog2(ArrayK);

  // ---- Where in its word the byte of each update lies ----
  logic [Both*ByteW-1:0] bytes;
  logic [Both*ByteW-1:0] bytes_q[Slots];
  logic [      Both-1:0] lanes_q[Slots];

  always_comb begin
    bytes = '0;
    if (push_valid_i && swaps_i) begin
      for (int unsigned k = 0; k < Both; k++) bytes[k*ByteW+:ByteW] = push_addr_i[k*AddrW+:ByteW];
    end
  end

  always_ff @(posedge clk_i) begin
    if (push_valid_i && swaps_i) begin
      bytes_q[push_slot_i] <= bytes;
      lanes_q[push_slot_i] <= push_lanes_i;
    end
  end

  // ---- Out of the words ----
  logic [       Banks-1:0] got_q;       // a bank has the bytes of a piece
  logic [       Banks-1:0] got_last_q;
  logic [       SlotW-1:0] got_slot_q[Banks];
  logic [        Both-1:0] got_lanes_q[Banks];
  logic [      Both*8-1:0] got_bytes_q[Banks];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) got_q <= '0;
    else got_q <= read_valid_i;
    got_last_q <= read_last_i;
  end

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    always_ff @(posedge clk_i) begin : p_got
      logic [Both*ByteW-1:0] at;
      logic [  ArrayK*8-1:0] word;
      logic [    Both*8-1:0] got;
      if (read_valid_i[b]) begin
        at   = bytes_q[read_slot_i[b*SlotW+:SlotW]];
        word = read_data_i[b*ArrayK*8+:ArrayK*8];
        got  = '0;
        for (int unsigned k = 0; k < Both; k++)
          if (read_lanes_i[b*Both+k]) got[k*8+:8] = word[32'(at[k*ByteW+:ByteW])*8+:8];
        got_slot_q[b]  <= read_slot_i[b*SlotW+:SlotW];
        got_lanes_q[b] <= read_lanes_i[b*Both+:Both];
        got_bytes_q[b] <= got;
      end
    end
    assign done_slot_o[b*SlotW+:SlotW] = got_slot_q[b];
  end

  assign done_valid_o = got_q & got_last_q;

  // ---- At their slots ----
  logic [Both*8-1:0] old_q[Slots];

  for (genvar s = 0; s < Slots; s++) begin : g_slot
    always_ff @(posedge clk_i) begin : p_old
      logic [Both*8-1:0] old;
      if (got_q != '0) begin
        old = old_q[s];
        for (int unsigned b = 0; b < Banks; b++)
          if (got_q[b] && got_slot_q[b] == SlotW'(s))
            for (int unsigned k = 0; k < Both; k++)
              if (got_lanes_q[b][k]) old[k*8+:8] = got_bytes_q[b][k*8+:8];
        old_q[s] <= old;
      end
    end
  end

  // ---- In order ----
  logic              second_q;      // the first bundle of the slot left
  logic              room;
  logic              leave;
  logic [ Lanes-1:0] lanes;
  logic [CountW-1:0] count;

  assign room          = !old_valid_o || old_ready_i;
  assign lanes         = lanes_q[leave_slot_i][(second_q ? Lanes : 0)+:Lanes];
  assign leave         = leave_valid_i && swaps_i && room;
  assign leave_ready_o = !swaps_i || (room && (second_q || !lanes_q[leave_slot_i][Lanes]));

  always_comb begin
    count = '0;
    if (leave) begin
      for (int unsigned k = 0; k < Lanes; k++) count = count + CountW'(lanes[k]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      old_valid_o <= 1'b0;
      second_q    <= 1'b0;
    end else begin
      if (leave) second_q <= !leave_ready_o;
      if (room) old_valid_o <= leave && lanes[0];
    end
    if (leave) begin
      old_count_o <= count;
      old_data_o  <= old_q[leave_slot_i][(second_q ? Lanes * 8 : 0)+:Lanes*8];
    end
  end

`ifdef SHIRA_ASSERT
  a_steady : assert property (@(posedge clk_i) disable iff (!rst_ni)
    old_valid_o && !old_ready_i |=>
    old_valid_o && $stable(old_count_o) && $stable(old_data_o));
  a_count : assert property (@(posedge clk_i) disable iff (!rst_ni)
    old_valid_o |-> old_count_o >= CountW'(1) && old_count_o <= CountW'(Lanes));
  a_swap : assert property (@(posedge clk_i) disable iff (!rst_ni) read_valid_i != '0 |-> swaps_i);
`endif

endmodule
