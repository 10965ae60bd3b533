// Last stage of SCATTER: checks each update against the window, queues it at its bank and writes.
//
// Does:         adds the image's base to the offsets; takes the updates of a bundle in order, as many a
//               cycle as there is room for; any number of them may go to one bank. Up to the first update
//               outside the window all are applied, it and later ones are not. A bank writes the oldest
//               updates of its queue that lie in one row, up to Lanes, together (Merge = 0: the oldest
//               alone); of two updates of a byte the later one wins. ADD, SUB and SWAP read the word first:
//               of a command that does so the updates of a word are of different bytes, in rising order.
//               SWAP keeps the place of an update in the queue until the byte that it replaced was given
//               out, in the order of the updates. At the end of a command it waits until all banks have
//               written and all replaced bytes were taken.
// Never does:   lets an update of the next command in before the end of the one before was taken.
// Latency:      three cycles to the write, the last of them from the word read through an adder to the word
//               written; SWAP: five to the replaced bytes. Throughput: a bundle a cycle, a write a cycle and
//               bank.
// Backpressure: in_ready_o is low while updates of the bundle wait for room, and at the end of a command; a
//               write stays as it is until bank_ready_i.
//
// All banks lie in arrays of one module, and what may wait for a loop's earlier round in a simulator is
// still computed side by side in hardware: a simulator does a round only for the lanes and banks that move.
module shira_scatter_banks #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned FifoDepth   = 16,
  parameter int unsigned WeightBytes = 8388608,
  parameter int unsigned WeightBanks = 16,
  parameter int unsigned ArrayK      = 16,
  parameter int unsigned Merge       = 1,       // 0: one update a write
  parameter int unsigned OffsetW     = 34,      // bits of an offset; base + offset must not wrap
  localparam int unsigned CountW     = $clog2(Lanes + 1),
  localparam int unsigned RowW       = $clog2(WeightBytes / (WeightBanks * ArrayK))
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,          // synchronous, active low
  input  logic                            clear_i,         // take nothing more; what is inside is written
  // bundles <- place
  input  logic                            in_valid_i,
  output logic                            in_ready_o,
  input  logic [              CountW-1:0] in_count_i,
  input  logic [       Lanes*OffsetW-1:0] in_offset_i,     // bytes into the image
  input  logic [             Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t        in_mark_i,
  input  shira_scatter_pkg::window_t      window_i,        // of the command; base is inside the SRAM
  input  logic [                     1:0] op_i,            // of the command: shira_regs_pkg::scatter_op_e
  // end of a command
  output logic                            end_valid_o,     // all its updates are written
  input  logic                            end_ready_i,
  output logic [                     7:0] end_status_o,
  output logic [                    63:0] end_where_o,
  // bytes that SWAP replaced, in the order of the updates; those of a bundle may come in several parts
  output logic                            old_valid_o,
  input  logic                            old_ready_i,
  output logic [              CountW-1:0] old_count_o,     // 1 to Lanes
  output logic [             Lanes*8-1:0] old_data_o,      // the oldest in byte 0
  // state
  output logic                            busy_o,          // an update is on its way to a bank
  output logic                            moved_o,         // an update was taken
  output logic                            stall_o,         // an update waits: its bank's queue is full
  output logic [                    15:0] updates_o,       // updates written in this cycle
  // weight SRAM; bank_ready_i must not depend on bank_rd_valid_o
  output logic [         WeightBanks-1:0] bank_valid_o,
  input  logic [         WeightBanks-1:0] bank_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_row_o,
  output logic [  WeightBanks*ArrayK-1:0] bank_mask_o,
  output logic [WeightBanks*ArrayK*8-1:0] bank_data_o,     // bytes outside the mask mean nothing
  output logic [         WeightBanks-1:0] bank_rd_valid_o,
  input  logic [         WeightBanks-1:0] bank_rd_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_rd_row_o,
  input  logic [WeightBanks*ArrayK*8-1:0] bank_rd_data_i   // in the cycle after the accept
);

  localparam int unsigned ByteW  = $clog2(ArrayK);
  localparam int unsigned BankW  = $clog2(WeightBanks);
  localparam int unsigned PtrW   = $clog2(FifoDepth);
  localparam int unsigned LevelW = PtrW + 1;
  localparam int unsigned WordW  = ArrayK * 8;

  if (WeightBanks < 2 || (WeightBanks & (WeightBanks - 1)) != 0 || Lanes < 1) begin : g_bad_banks
    $error("%m: WeightBanks must be a power of two, 2 or more, and Lanes at least 1");
  end
  if (FifoDepth < 2 || (FifoDepth & (FifoDepth - 1)) != 0) begin : g_bad_depth
    $error("%m: FifoDepth must be a power of two, 2 or more");
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

  // ---- Lanes: where each update goes, and whether it may ----
  logic [Lanes-1:0] taken_q;           // lanes of the bundle that were taken
  logic [Lanes-1:0] wanted;            // lanes before the first one outside the window
  logic [BankW-1:0] lane_bank[Lanes];
  logic [ RowW-1:0] lane_row[Lanes];
  logic [ByteW+7:0] lane_item[Lanes];  // {byte, value}
  logic               outside;
  logic [OffsetW-1:0] outside_at;

  always_comb begin : p_window
    logic [OffsetW-1:0] addr;
    wanted     = '0;
    outside    = 1'b0;
    outside_at = '0;
    addr       = '0;
    for (int unsigned k = 0; k < Lanes; k++) begin
      lane_bank[k] = '0;
      lane_row[k]  = '0;
      lane_item[k] = '0;
    end
    if (in_valid_i) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        addr         = OffsetW'(window_i.base) + in_offset_i[k*OffsetW+:OffsetW];
        lane_bank[k] = addr[ByteW+:BankW];
        lane_row[k]  = addr[ByteW+BankW+:RowW];
        lane_item[k] = {addr[ByteW-1:0], in_value_i[k*8+:8]};
        if (!outside && CountW'(k) < in_count_i) begin
          if (addr < OffsetW'(window_i.lo) || addr >= OffsetW'(window_i.hi)) begin
            outside    = 1'b1;
            outside_at = addr;
          end else begin
            wanted[k] = 1'b1;
          end
        end
      end
    end
  end

  // ---- Queues: one a bank ----
  logic [WeightBanks-1:0] filled_q;                    // an update waits
  logic [     LevelW-1:0] bank_level[WeightBanks];     // updates that wait
  logic [       PtrW-1:0] bank_rd[WeightBanks];        // where the oldest lies
  logic [  FifoDepth-1:0] bank_same[WeightBanks];      // an update lies in the row of the one before it
  logic [       RowW-1:0] bank_last_row[WeightBanks];  // row of the youngest, or of the one that was it
  logic [     CountW-1:0] bank_written[WeightBanks];   // updates in the bank's write
  logic [WeightBanks-1:0] fresh_q;                     // the word that the write changes comes in this cycle
  logic [WeightBanks-1:0] sums;                        // and its sum with the updates is written
  logic [WeightBanks-1:0] may_merge;                   // but for the read
  logic [WeightBanks-1:0] merge;                       // the bank makes a new write
  logic [     CountW-1:0] merged[WeightBanks];         // of so many updates
  logic [     LevelW-1:0] kept[WeightBanks];           // updates that still wait then

  assign may_merge       = filled_q & (~bank_valid_o | bank_ready_i);
  assign bank_rd_valid_o = reads ? may_merge : '0;
  assign sums            = adds ? fresh_q : '0;

  always_comb begin : p_merge
    logic [FifoDepth-1:0] run;   // of bank_same, from the second oldest update on
    logic                 same;
    run   = '0;
    same  = 1'b0;
    merge = may_merge & (bank_rd_ready_i | ~{WeightBanks{reads}});
    for (int unsigned b = 0; b < WeightBanks; b++) begin
      merged[b] = '0;
      kept[b]   = bank_level[b];
    end
    if (merge != '0) begin
      for (int unsigned b = 0; b < WeightBanks; b++) begin
        if (merge[b]) begin
          run       = FifoDepth'({bank_same[b], bank_same[b]} >> PtrW'(bank_rd[b] + PtrW'(1)));
          same      = run[0] && Merge != 0;
          merged[b] = CountW'(1);
          if (same) begin
            for (int unsigned k = 1; k < Lanes; k++) begin
              same = same && LevelW'(k) < bank_level[b] && run[k-1];
              if (same) merged[b] = CountW'(k + 1);
            end
          end
          kept[b] = bank_level[b] - LevelW'(merged[b]);
        end
      end
    end
  end

  logic                          order_ready;  // SWAP: room to note where the lanes' updates lie
  logic [WeightBanks*LevelW-1:0] used_q;       // SWAP: what waits, and what was written and not given out
  logic [   FifoDepth*8-1:0] old_q[WeightBanks];    // SWAP: replaced bytes, at the places of their updates
  logic [WeightBanks*FifoDepth-1:0] there_q;   // SWAP: the replaced byte is there

  // A lane is taken when all before it are and its bank has room behind those of the same bank. As a
  // lane counts only when all before it are taken, `slot` need not know which of them really are.
  logic [ Lanes-1:0] left;             // wanted, and not taken before
  logic [ Lanes-1:0] take;
  logic [LevelW-1:0] slot[Lanes];      // lanes before this one that go to the same bank
  logic [ Lanes-1:0] lane_same;        // the update lies in the row of the one before it in the bank


  assign left = (in_valid_i && !clear_i && (!swaps || order_ready)) ? wanted & ~taken_q : '0;

  always_comb begin : p_route
    logic [RowW-1:0] row_ahead;
    logic            open;
    row_ahead = '0;
    open      = 1'b1;
    take      = '0;
    lane_same = '0;
    for (int unsigned k = 0; k < Lanes; k++) slot[k] = '0;
    if (left != '0) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        row_ahead = bank_last_row[lane_bank[k]];
        for (int unsigned j = 0; j < k; j++) begin
          if (left[j] && lane_bank[j] == lane_bank[k]) begin
            slot[k]   = slot[k] + LevelW'(1);
            row_ahead = lane_row[j];
          end
        end
        lane_same[k] = lane_row[k] == row_ahead;
        if (left[k]) begin
          open    = open && slot[k] < LevelW'(FifoDepth) -
                    (swaps ? used_q[32'(lane_bank[k])*LevelW+:LevelW] : kept[lane_bank[k]]);
          take[k] = open;
        end
      end
    end
  end

  logic [  PtrW-1:0] lane_at[Lanes];      // where the update will lie in its bank's queue
  logic [ Lanes-1:0] push[WeightBanks];   // lanes whose update the bank takes
  logic [LevelW-1:0] level[WeightBanks];  // updates that wait in the next cycle

  always_comb begin : p_push
    logic [BankW-1:0] b;
    b = '0;
    for (int unsigned i = 0; i < WeightBanks; i++) begin
      push[i]  = '0;
      level[i] = kept[i];
    end
    for (int unsigned k = 0; k < Lanes; k++) lane_at[k] = '0;
    if (take != '0) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (take[k]) begin
          b          = lane_bank[k];
          push[b][k] = 1'b1;
          lane_at[k] = bank_rd[b] + PtrW'(bank_level[b] + slot[k]);
          level[b]   = kept[b] + slot[k] + LevelW'(1);  // a bank's last lane decides
        end
      end
    end
  end

  for (genvar b = 0; b < WeightBanks; b++) begin : g_bank
    logic [RowW+ByteW+7:0] mem_q[FifoDepth];  // {row, byte, value}
    logic [      RowW-1:0] head_row_q;        // row of the oldest update, where it is to be read
    logic [      RowW-1:0] row_q;
    logic [    ArrayK-1:0] mask_q;
    logic [     WordW-1:0] data_q;
    logic [    LevelW-1:0] level_q;
    logic [      PtrW-1:0] rd_q;
    logic [ FifoDepth-1:0] same_q;
    logic [      RowW-1:0] last_row_q;
    logic [    CountW-1:0] written_q;

    always_comb begin
      if (sums[b]) begin
        for (int unsigned j = 0; j < ArrayK; j++) begin
          bank_data_o[b*WordW+8*j+:8] = bank_rd_data_i[b*WordW+8*j+:8] +
                                        (data_q[8*j+:8] ^ {8{subtracts}}) + 8'(subtracts);
        end
      end else begin
        bank_data_o[b*WordW+:WordW] = data_q;
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        filled_q[b] <= 1'b0;
        level_q     <= '0;
        rd_q        <= '0;
      end else if (merge[b] || push[b] != '0) begin
        filled_q[b] <= level[b] != '0;
        level_q     <= level[b];
        rd_q        <= rd_q + PtrW'(merged[b]);
      end
    end

    // Nothing outside this block looks at mem_q, so that blocking assignments are safe; Verilator does
    // not take delayed ones to an array in a loop.
    /* verilator lint_off BLKSEQ */
    always_ff @(posedge clk_i) begin
      logic [RowW+ByteW+7:0] item;
      logic [    ArrayK-1:0] mask;
      logic [     WordW-1:0] data;
      logic [ FifoDepth-1:0] same;
      logic [      RowW-1:0] last_row;
      logic [      PtrW-1:0] nth;    // update of the write
      logic [FifoDepth*8-1:0] old;
      logic [ FifoDepth-1:0] there;
      if (sums[b]) data_q <= bank_data_o[b*WordW+:WordW];  // the word that was read does not stay
      if (merge[b]) begin
        item = mem_q[rd_q];
        mask = ArrayK'(1) << item[8+:ByteW];
        data = {ArrayK{item[7:0]}};
        row_q     <= item[8+ByteW+:RowW];
        if (merged[b] != CountW'(1)) begin
          for (int unsigned k = 1; k < Lanes; k++) begin
            if (CountW'(k) < merged[b]) begin
              item = mem_q[rd_q+PtrW'(k)];
              mask[item[8+:ByteW]] = 1'b1;
              data[32'(item[8+:ByteW])*8+:8] = item[7:0];
            end
          end
        end
        mask_q    <= mask;
        data_q    <= data;
        written_q <= merged[b];
      end
      if (swaps && (fresh_q[b] || push[b] != '0)) begin
        old   = old_q[b];
        there = there_q[b*FifoDepth+:FifoDepth];
        if (fresh_q[b]) begin
          for (int unsigned i = 0; i < FifoDepth; i++) begin
            nth = PtrW'(i) - rd_q + PtrW'(written_q);
            if (LevelW'(nth) < LevelW'(written_q)) begin
              item          = mem_q[i];
              old[i*8+:8]   = bank_rd_data_i[b*WordW+32'(item[8+:ByteW])*8+:8];
              there[i]      = 1'b1;
            end
          end
        end
        for (int unsigned k = 0; k < Lanes; k++) begin
          if (push[b][k]) there[lane_at[k]] = 1'b0;
        end
        old_q[b] <= old;
        there_q[b*FifoDepth+:FifoDepth] <= there;
      end
      if (push[b] != '0) begin
        same     = same_q;
        last_row = last_row_q;
        for (int unsigned k = 0; k < Lanes; k++) begin
          if (push[b][k]) begin
            mem_q[lane_at[k]] = {lane_row[k], lane_item[k]};
            same[lane_at[k]]  = lane_same[k];
            last_row          = lane_row[k];
          end
        end
        same_q     <= same;
        last_row_q <= last_row;
      end
      if (reads) head_row_q <= mem_q[rd_q+PtrW'(merged[b])][8+ByteW+:RowW];
    end
    /* verilator lint_on BLKSEQ */

    assign bank_level[b]    = level_q;
    assign bank_rd[b]       = rd_q;
    assign bank_same[b]     = same_q;
    assign bank_last_row[b] = last_row_q;
    assign bank_written[b]  = written_q;

    assign bank_row_o[b*RowW+:RowW]      = row_q;
    assign bank_mask_o[b*ArrayK+:ArrayK] = mask_q;
    assign bank_rd_row_o[b*RowW+:RowW]   = head_row_q;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      bank_valid_o <= '0;
      fresh_q      <= '0;
    end else begin
      bank_valid_o <= merge | (bank_valid_o & ~bank_ready_i);
      fresh_q      <= reads ? merge : '0;
    end
  end

  always_comb begin
    updates_o = '0;
    if ((bank_valid_o & bank_ready_i) != '0) begin
      for (int unsigned b = 0; b < WeightBanks; b++) begin
        if (bank_valid_o[b] && bank_ready_i[b]) updates_o = updates_o + 16'(bank_written[b]);
      end
    end
  end

  // ---- SWAP: replaced bytes ----
  // What was taken in a cycle is given out together, when the replaced bytes of all of it are there. The
  // updates of a write lie in the order of their bytes, as positions increase.
  localparam int unsigned PlaceW = BankW + PtrW;  // {bank, place in its queue}
  localparam int unsigned FirstW = (Lanes > 1) ? $clog2(Lanes) : 1;

  logic [        Lanes*PlaceW-1:0] take_place;   // of each lane
  logic [              CountW-1:0] take_count;
  logic [              FirstW-1:0] take_first;   // lane
  logic [        Lanes*PlaceW-1:0] order_place;
  logic [              CountW-1:0] order_count;
  logic [              FirstW-1:0] order_first;
  logic                            order_valid;
  logic [               Lanes-1:0] order_lanes;  // those that were taken
  logic                            leave;        // the oldest are given out

  always_comb begin
    take_place = '0;
    take_count = '0;
    take_first = '0;
    if (swaps && take != '0) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        take_place[k*PlaceW+:PlaceW] = {lane_bank[k], lane_at[k]};
        take_count = take_count + CountW'(take[k]);
        if (taken_q[k]) take_first = FirstW'(k + 1);
      end
    end
  end

  shira_fifo #(
    .Width(Lanes * PlaceW + CountW + FirstW),
    .Depth(FifoDepth)
  ) u_order (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(swaps && take != '0),
    .push_ready_o(order_ready),
    .push_data_i ({take_place, take_count, take_first}),
    .pop_valid_o (order_valid),
    .pop_ready_i (leave),
    .pop_data_o  ({order_place, order_count, order_first}),
    /* verilator lint_off PINCONNECTEMPTY */  // not needed
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  always_comb begin
    order_lanes = '0;
    leave       = 1'b0;
    if (order_valid) begin
      order_lanes = ({Lanes{1'b1}} >> (CountW'(Lanes) - order_count)) << order_first;
      leave       = !old_valid_o || old_ready_i;
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (order_lanes[k] && !there_q[order_place[k*PlaceW+:PlaceW]]) leave = 1'b0;
      end
    end
  end

  logic [            Lanes*8-1:0] old_bytes;  // of the lanes
  logic [ WeightBanks*LevelW-1:0] used;

  always_comb begin
    logic [FifoDepth*8-1:0] old;
    logic [      BankW-1:0] b;
    old       = '0;
    b         = '0;
    old_bytes = '0;
    used      = used_q;
    if (leave) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (order_lanes[k]) begin
          b   = order_place[k*PlaceW+PtrW+:BankW];
          old = old_q[b];
          old_bytes[k*8+:8] = old[{order_place[k*PlaceW+:PtrW], 3'd0}+:8];
          used[32'(b)*LevelW+:LevelW] = used[32'(b)*LevelW+:LevelW] - LevelW'(1);
        end
      end
    end
    if (swaps && take != '0) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (take[k]) begin
          b = lane_bank[k];
          used[32'(b)*LevelW+:LevelW] = used[32'(b)*LevelW+:LevelW] + LevelW'(1);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      old_valid_o <= 1'b0;
      used_q      <= '0;
    end else if (swaps) begin
      if (leave) begin
        old_count_o <= order_count;
        old_data_o  <= old_bytes >> {order_first, 3'd0};
      end
      old_valid_o <= leave || (old_valid_o && !old_ready_i);
      used_q      <= used;
    end
  end

  // ---- The command ----
  logic all_taken;  // in this cycle or before
  logic ends;       // the command ends with this bundle
  logic done;       // everything of it was taken before

  assign all_taken    = (wanted & ~taken_q & ~take) == '0;
  assign done         = (wanted & ~taken_q) == '0;
  assign ends         = in_mark_i.last || outside;
  assign end_valid_o  = in_valid_i && ends && done && !busy_o;
  assign end_status_o = outside ? shira_regs_pkg::StatusWindow : in_mark_i.status;
  assign end_where_o  = outside ? 64'(outside_at) : in_mark_i.where;
  assign in_ready_o   = ends ? end_valid_o && end_ready_i : all_taken;
  assign moved_o      = take != '0;
  assign stall_o      = in_valid_i && !clear_i && !all_taken;
  assign busy_o       = (filled_q | bank_valid_o) != '0 || order_valid || old_valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || (in_valid_i && in_ready_o)) taken_q <= '0;
    else if (moved_o) taken_q <= taken_q | take;
  end

`ifdef SHIRA_ASSERT
  for (genvar b = 0; b < WeightBanks; b++) begin : g_assert
    logic [LevelW-1:0] waiting;
    assign waiting = bank_level[b];
    assert property (@(posedge clk_i) disable iff (!rst_ni) waiting <= LevelW'(FifoDepth));
    assert property (@(posedge clk_i) disable iff (!rst_ni) filled_q[b] == (waiting != '0));
    assert property (@(posedge clk_i) disable iff (!rst_ni)
      bank_valid_o[b] && !bank_ready_i[b] |=>
      bank_valid_o[b] && $stable(bank_row_o[b*RowW+:RowW]) && $stable(bank_mask_o[b*ArrayK+:ArrayK]));
  end
`endif

endmodule
