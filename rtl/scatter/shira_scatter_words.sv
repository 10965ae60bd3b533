// Makes words of pieces of a pair, and writes them to the weight SRAM.
//
// Does:         keeps the pairs in their slots. Of a piece, the updates of one word of a bank, it makes the
//               word with its byte mask and puts it into a place of the bank. SET writes it from there; ADD,
//               SUB and SWAP read the word first, ADD and SUB add to what was read or subtract from it. SWAP
//               tells when the bytes that a piece replaces come.
// Never does:   writes a bank's words in another order than their pieces came; relies on what an SRAM gives
//               in another cycle than the one due; looks whether a word that it reads is in a write that waits:
//               of a command that reads, the updates of a word are of different bytes.
// Latency:      a cycle from piece to write; ADD, SUB and SWAP: ReadLatency + 2. updates_o two cycles after
//               the write. Throughput: a word a cycle and bank.
// Backpressure: a bank's piece waits while its places are full; a request stays until it is accepted.
module shira_scatter_words #(
  parameter int unsigned Lanes       = 16,  // of a pair
  parameter int unsigned Banks       = 16,  // a power of two, 2 or more
  parameter int unsigned Slots       = 8,   // a power of two, 2 or more
  parameter int unsigned ArrayK      = 16,  // bytes of a word, a power of two, 2 or more
  parameter int unsigned RowW        = 15,
  parameter int unsigned ReadLatency = 1,   // cycles from a read's accept to its data: 1, 2 or 3
  localparam int unsigned SlotW = $clog2(Slots),
  localparam int unsigned BankW = $clog2(Banks),
  localparam int unsigned ByteW = $clog2(ArrayK),
  localparam int unsigned AddrW = RowW + BankW + ByteW,
  localparam int unsigned WordW = ArrayK * 8
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,          // synchronous, active low
  input  logic [            1:0] op_i,            // of all that is inside: shira_regs_pkg::scatter_op_e
  // pairs <- pair
  input  logic                   push_valid_i,
  input  logic [      SlotW-1:0] push_slot_i,
  input  logic [Lanes*AddrW-1:0] push_addr_i,     // {row, bank, byte}
  input  logic [    Lanes*8-1:0] push_value_i,
  // pieces <- queues
  input  logic [      Banks-1:0] piece_valid_i,
  output logic [      Banks-1:0] piece_ready_o,
  input  logic [Banks*SlotW-1:0] piece_slot_i,
  input  logic [Banks*Lanes-1:0] piece_lanes_i,   // of rising bytes of one word
  input  logic [      Banks-1:0] piece_last_i,    // the bank's last piece of the slot
  // SWAP: the word that holds the bytes that the piece replaces comes in this cycle -> replaced
  output logic [      Banks-1:0] read_valid_o,
  output logic [Banks*SlotW-1:0] read_slot_o,
  output logic [Banks*Lanes-1:0] read_lanes_o,
  output logic [      Banks-1:0] read_last_o,
  // weight SRAM; bank_ready_i must not depend on bank_rd_valid_o
  output logic [      Banks-1:0] bank_valid_o,
  input  logic [      Banks-1:0] bank_ready_i,
  output logic [ Banks*RowW-1:0] bank_row_o,
  output logic [Banks*ArrayK-1:0] bank_mask_o,
  output logic [Banks*WordW-1:0] bank_data_o,     // bytes outside the mask mean nothing
  output logic [      Banks-1:0] bank_rd_valid_o,
  input  logic [      Banks-1:0] bank_rd_ready_i,
  output logic [ Banks*RowW-1:0] bank_rd_row_o,
  input  logic [Banks*WordW-1:0] bank_rd_data_i,  // ReadLatency cycles after the accept
  // state
  output logic                   busy_o,          // a word is inside, or updates are not counted
  output logic [           15:0] updates_o        // updates written
);

  localparam int unsigned Places = ReadLatency + 3;  // for a word a cycle
  localparam int unsigned PlaceW = $clog2(Places);
  localparam int unsigned LevelW = $clog2(Places + 1);
  localparam int unsigned CountW = $clog2(Lanes + 1);
  localparam int unsigned ItemW  = RowW + ByteW + 8;  // {row, byte, value}

  if (ReadLatency < 1 || ReadLatency > 3) begin : g_bad_latency
    $error("%m: ReadLatency must be 1, 2 or 3");
  end

  // All that is inside is of one command.
  logic reads;  // ADD, SUB, SWAP
  logic adds;   // ADD, SUB
  logic subtracts;
  logic swaps;
  assign reads     = op_i != 2'(shira_regs_pkg::ScatterOpSet);
  assign subtracts = op_i == 2'(shira_regs_pkg::ScatterOpSub);
  assign adds      = op_i == 2'(shira_regs_pkg::ScatterOpAdd) || subtracts;
  assign swaps     = op_i == 2'(shira_regs_pkg::ScatterOpSwap);

  // ---- Pairs in their slots ----
  logic [Lanes*ItemW-1:0] items;
  logic [Lanes*ItemW-1:0] items_q[Slots];

  always_comb begin
    items = '0;
    if (push_valid_i) begin
      for (int unsigned k = 0; k < Lanes; k++)
        items[k*ItemW+:ItemW] = {push_addr_i[k*AddrW+ByteW+BankW+:RowW],
                                 push_addr_i[k*AddrW+:ByteW], push_value_i[k*8+:8]};
    end
  end

  always_ff @(posedge clk_i) begin
    if (push_valid_i) items_q[push_slot_i] <= items;
  end

  // ---- Words: a ring of places for each bank ----
  logic [       Banks-1:0] occupied_q;  // a place holds a word
  logic [       Banks-1:0] made_q;   // a word was written
  logic [      CountW-1:0] made_count_q[Banks];

  for (genvar b = 0; b < Banks; b++) begin : g_bank
    logic [  RowW-1:0] row_q[Places];
    logic [ArrayK-1:0] mask_q[Places];
    logic [ WordW-1:0] data_q[Places];
    logic [CountW-1:0] count_q[Places];   // updates
    logic [ SlotW-1:0] slot_q[Places];    // SWAP: the piece
    logic [ Lanes-1:0] lanes_q[Places];
    logic [Places-1:0] last_q;
    logic [PlaceW-1:0] fill_at_q;         // the place that is filled next; then it is read,
    logic [PlaceW-1:0] ask_at_q;
    logic [PlaceW-1:0] read_at_q;         // its word comes,
    logic [PlaceW-1:0] write_at_q;        // and it is written
    logic [LevelW-1:0] level_q;           // places that are not free
    logic [LevelW-1:0] unasked_q;         // to be read
    logic [LevelW-1:0] whole_q;           // to be written
    logic [ReadLatency-1:0] flight_q;     // reads under way

    always_ff @(posedge clk_i) begin : p_places
      logic              fill;
      logic              ask;
      logic              got;
      logic              write;
      logic [PlaceW-1:0] fill_at;
      logic [LevelW-1:0] level;
      logic [LevelW-1:0] unasked;
      logic [LevelW-1:0] whole;
      if (!rst_ni) begin
        fill_at_q          <= '0;
        ask_at_q           <= '0;
        read_at_q          <= '0;
        write_at_q         <= '0;
        level_q            <= '0;
        unasked_q          <= '0;
        whole_q            <= '0;
        flight_q           <= '0;
        made_q[b]          <= 1'b0;
        occupied_q[b]      <= 1'b0;
        piece_ready_o[b]   <= 1'b1;
        bank_valid_o[b]    <= 1'b0;
        bank_rd_valid_o[b] <= 1'b0;
      end else if (piece_valid_i[b] || occupied_q[b] || made_q[b]) begin
        fill  = piece_valid_i[b] && piece_ready_o[b];
        ask   = bank_rd_valid_o[b] && bank_rd_ready_i[b];
        got   = flight_q[ReadLatency-1];
        write = bank_valid_o[b] && bank_ready_i[b];
        level = level_q + LevelW'(fill) - LevelW'(write);
        whole = whole_q - LevelW'(write);
        fill_at = fill_at_q;
        if (fill) fill_at = (fill_at_q == PlaceW'(Places - 1)) ? '0 : fill_at_q + PlaceW'(1);
        fill_at_q <= fill_at;
        if (write) write_at_q <= (write_at_q == PlaceW'(Places - 1)) ? '0 : write_at_q + PlaceW'(1);
        if (reads) begin
          if (ask) ask_at_q <= (ask_at_q == PlaceW'(Places - 1)) ? '0 : ask_at_q + PlaceW'(1);
          if (got) read_at_q <= (read_at_q == PlaceW'(Places - 1)) ? '0 : read_at_q + PlaceW'(1);
          unasked            = unasked_q + LevelW'(fill) - LevelW'(ask);
          unasked_q          <= unasked;
          bank_rd_valid_o[b] <= unasked != '0;
          flight_q           <= ReadLatency'({flight_q, ask});
          whole              = whole + LevelW'(got);
        end else begin
          // Nothing is inside when a command begins.
          ask_at_q  <= fill_at;
          read_at_q <= fill_at;
          whole     = whole + LevelW'(fill);
        end
        level_q          <= level;
        whole_q          <= whole;
        occupied_q[b]    <= level != '0;
        piece_ready_o[b] <= level != LevelW'(Places);
        bank_valid_o[b]  <= whole != '0;
        made_q[b]        <= write;
        if (write) made_count_q[b] <= count_q[write_at_q];
      end
    end

    always_ff @(posedge clk_i) begin : p_word
      logic [Lanes*ItemW-1:0] pair;
      logic [      Lanes-1:0] lanes;
      logic [      Lanes-1:0] first;
      logic [       RowW-1:0] row;
      logic [     ArrayK-1:0] mask;
      logic [      WordW-1:0] data;
      logic [      WordW-1:0] part;   // of four lanes: synthesis makes a chain of them
      logic [     ArrayK-1:0] here;   // the byte of a lane
      logic [      WordW-1:0] bits;   // its bits
      logic [     CountW-1:0] count;
      if (piece_valid_i[b] && piece_ready_o[b]) begin
        pair  = items_q[piece_slot_i[b*SlotW+:SlotW]];
        lanes = piece_lanes_i[b*Lanes+:Lanes];
        first = lanes & ~(lanes - Lanes'(1));
        row   = '0;
        mask  = '0;
        data  = '0;
        count = '0;
        for (int unsigned g = 0; g < Lanes; g += 4) begin
          if ((lanes >> g & Lanes'(15)) != '0) begin
            part = '0;
            for (int unsigned k = g; k < g + 4 && k < Lanes; k++) begin
              if (first[k]) row = row | pair[k*ItemW+8+ByteW+:RowW];
              if (lanes[k]) begin
                here = ArrayK'(1) << pair[k*ItemW+8+:ByteW];
                for (int unsigned j = 0; j < ArrayK; j++) bits[8*j+:8] = {8{here[j]}};
                mask  = mask | here;
                part  = part | (bits & {ArrayK{pair[k*ItemW+:8]}});
                count = count + CountW'(1);
              end
            end
            data = data | part;
          end
        end
        row_q[fill_at_q]   <= row;
        mask_q[fill_at_q]  <= mask;
        data_q[fill_at_q]  <= data;
        count_q[fill_at_q] <= count;
        slot_q[fill_at_q]  <= piece_slot_i[b*SlotW+:SlotW];
        lanes_q[fill_at_q] <= lanes;
        last_q[fill_at_q]  <= piece_last_i[b];
      end
      if (adds && flight_q[ReadLatency-1]) begin
        data = data_q[read_at_q];
        for (int unsigned j = 0; j < ArrayK; j++)
          data[8*j+:8] = bank_rd_data_i[b*WordW+8*j+:8] +
                         (data[8*j+:8] ^ {8{subtracts}}) + 8'(subtracts);
        data_q[read_at_q] <= data;
      end
    end

    assign bank_row_o[b*RowW+:RowW]       = row_q[write_at_q];
    assign bank_mask_o[b*ArrayK+:ArrayK]  = mask_q[write_at_q];
    assign bank_data_o[b*WordW+:WordW]    = data_q[write_at_q];
    assign bank_rd_row_o[b*RowW+:RowW]    = row_q[ask_at_q];
    assign read_valid_o[b]                = swaps && flight_q[ReadLatency-1];
    assign read_slot_o[b*SlotW+:SlotW]    = slot_q[read_at_q];
    assign read_lanes_o[b*Lanes+:Lanes]   = lanes_q[read_at_q];
    assign read_last_o[b]                 = last_q[read_at_q];
  end

  assign busy_o = (occupied_q | made_q) != '0 || updates_o != '0;

  always_ff @(posedge clk_i) begin : p_updates
    logic [15:0] updates;
    updates = '0;
    if (made_q != '0) begin
      for (int unsigned b = 0; b < Banks; b++)
        if (made_q[b]) updates = updates + 16'(made_count_q[b]);
    end
    if (!rst_ni) updates_o <= '0;
    else updates_o <= updates;
  end

`ifdef SHIRA_ASSERT
  for (genvar b = 0; b < Banks; b++) begin : g_assert
    a_places : assert property (@(posedge clk_i) disable iff (!rst_ni)
      g_bank[b].level_q <= LevelW'(Places) && g_bank[b].whole_q <= g_bank[b].level_q &&
      g_bank[b].unasked_q <= g_bank[b].level_q - g_bank[b].whole_q);
    // Of each assertion the whole of what it names is sampled.
    logic [ Lanes-1:0] lanes;
    logic [  RowW-1:0] row;
    logic [  RowW-1:0] rd_row;
    logic [ArrayK-1:0] mask;
    logic [ WordW-1:0] data;
    assign lanes  = piece_lanes_i[b*Lanes+:Lanes];
    assign row    = bank_row_o[b*RowW+:RowW];
    assign rd_row = bank_rd_row_o[b*RowW+:RowW];
    assign mask   = bank_mask_o[b*ArrayK+:ArrayK];
    assign data   = bank_data_o[b*WordW+:WordW];
    a_piece : assert property (@(posedge clk_i) disable iff (!rst_ni) piece_valid_i[b] |-> lanes != '0);
    a_write : assert property (@(posedge clk_i) disable iff (!rst_ni)
      bank_valid_o[b] && !bank_ready_i[b] |=>
      bank_valid_o[b] && $stable(row) && $stable(mask) && $stable(data));
    a_mask : assert property (@(posedge clk_i) disable iff (!rst_ni) bank_valid_o[b] |-> mask != '0);
    a_read : assert property (@(posedge clk_i) disable iff (!rst_ni)
      bank_rd_valid_o[b] && !bank_rd_ready_i[b] |=> bank_rd_valid_o[b] && $stable(rd_row));
    a_got : assert property (@(posedge clk_i) disable iff (!rst_ni) g_bank[b].flight_q != '0 |-> reads);
  end
`endif

endmodule
