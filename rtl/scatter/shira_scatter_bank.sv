// The queue of one bank: single updates in, masked word writes out.
//
// Does:         takes any number of updates a cycle, in order; takes the oldest ones that lie in the same
//               row, up to Lanes, into one write. Of two updates of a byte the later one wins.
// Never does:   checks for room: whoever pushes looks at room_o.
// Latency:      two cycles from push to write. Throughput: Lanes updates in, a word out, a cycle.
// Backpressure: bank_ready_i; the write stays as it is until accepted.
module shira_scatter_bank #(
  parameter int unsigned Lanes = 8,
  parameter int unsigned Depth = 16,  // updates, a power of two
  parameter int unsigned RowW  = 15,  // bits of a row of the bank
  parameter int unsigned ByteW = 4,   // bits of a byte of a word
  localparam int unsigned ItemW     = RowW + ByteW + 8,
  localparam int unsigned SlotW     = (Lanes > 1) ? $clog2(Lanes) : 1,
  localparam int unsigned LevelW    = $clog2(Depth) + 1,
  localparam int unsigned WordBytes = 1 << ByteW,
  localparam int unsigned MergeW    = $clog2(Lanes + 1)
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,         // synchronous, active low
  input  logic [      Lanes-1:0] push_i,         // lanes whose update comes in
  input  logic [Lanes*SlotW-1:0] slot_i,         // a lane's place among those that come in
  input  logic [Lanes*ItemW-1:0] item_i,         // {row, byte, value} of each lane
  output logic [     LevelW-1:0] room_o,         // updates that may come in
  output logic                   busy_o,         // an update is inside
  output logic                   bank_valid_o,
  input  logic                   bank_ready_i,
  output logic [       RowW-1:0] bank_row_o,
  output logic [  WordBytes-1:0] bank_mask_o,
  output logic [WordBytes*8-1:0] bank_data_o,    // bytes outside the mask mean nothing
  output logic [     MergeW-1:0] bank_updates_o  // updates in the write
);

  localparam int unsigned PtrW = $clog2(Depth);

  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("%m: Depth must be a power of two, 2 or more");
  end

  logic [  ItemW-1:0] mem_q[Depth];
  logic [  Depth-1:0] same_q;      // an update lies in the row of the one that came in before it
  logic [  Depth-1:0] same_d;
  logic [   RowW-1:0] last_row_q;  // row of the update that came in last
  logic [   RowW-1:0] last_row_d;
  logic [   PtrW-1:0] rd_q;
  logic [ LevelW-1:0] level_q;
  logic               pushed;
  logic [ LevelW-1:0] pushes;
  logic [   PtrW-1:0] wr;

  // ---- Out: how many of the oldest updates lie in one row ----
  logic               merge;
  logic [ MergeW-1:0] merged;
  logic [  Depth-1:0] turned;      // same_q from the second oldest update on
  logic [  Depth-1:0] run;         // ones while updates are there and in the row

  assign merge = level_q != '0 && (!bank_valid_o || bank_ready_i);

  always_comb begin
    logic [PtrW-1:0] second;
    second = rd_q + PtrW'(1);
    turned = '0;
    run    = '0;
    merged = '0;
    if (merge) begin
      turned = Depth'({same_q, same_q} >> second);
      turned = turned & ~({Depth{1'b1}} << (level_q - LevelW'(1))) & ~({Depth{1'b1}} << (Lanes - 1));
      run    = turned & ~(turned + Depth'(1));  // the ones at the end
      merged = MergeW'($countones(run)) + MergeW'(1);
    end
  end

  assign room_o = LevelW'(Depth) - level_q + LevelW'(merged);

  // ---- In ----
  assign pushed = push_i != '0;
  assign pushes = LevelW'($countones(push_i));
  assign wr     = rd_q + PtrW'(level_q);

  always_comb begin
    logic [PtrW-1:0] at;
    at         = wr;
    same_d     = same_q;
    last_row_d = last_row_q;
    if (pushed) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (push_i[k]) begin
          at         = wr + PtrW'(slot_i[k*SlotW+:SlotW]);
          same_d[at] = item_i[k*ItemW+ByteW+8+:RowW] == last_row_d;
          last_row_d = item_i[k*ItemW+ByteW+8+:RowW];
        end
      end
    end
  end

  // The updates themselves: nothing outside this block looks at mem_q, so that blocking assignments are
  // safe; Verilator does not take delayed ones to an array through a variable index in a loop.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    logic [      PtrW-1:0] at;
    logic [     ItemW-1:0] item;
    logic [ WordBytes-1:0] mask;
    logic [WordBytes*8-1:0] data;
    if (merge) begin
      mask = '0;
      data = '0;
      at   = rd_q;
      item = mem_q[at];
      bank_row_o <= item[ItemW-1-:RowW];
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (MergeW'(k) < merged) begin
          item = mem_q[at];
          mask[item[8+:ByteW]] = 1'b1;
          data[32'(item[8+:ByteW])*8+:8] = item[7:0];
          at = at + PtrW'(1);
        end
      end
      bank_mask_o    <= mask;
      bank_data_o    <= data;
      bank_updates_o <= merged;
    end
    if (pushed) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        at = wr + PtrW'(slot_i[k*SlotW+:SlotW]);
        if (push_i[k]) mem_q[at] = item_i[k*ItemW+:ItemW];
      end
    end
  end
  /* verilator lint_on BLKSEQ */

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rd_q         <= '0;
      level_q      <= '0;
      bank_valid_o <= 1'b0;
    end else if (pushed || merge || bank_valid_o) begin
      level_q <= level_q - LevelW'(merged) + pushes;
      rd_q    <= rd_q + PtrW'(merged);
      if (merge) bank_valid_o <= 1'b1;
      else if (bank_ready_i) bank_valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (pushed) begin
      same_q     <= same_d;
      last_row_q <= last_row_d;
    end
  end

  assign busy_o = level_q != '0 || bank_valid_o;

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) pushes <= room_o);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    bank_valid_o && !bank_ready_i |=>
    bank_valid_o && $stable(bank_row_o) && $stable(bank_mask_o) && $stable(bank_data_o));
`endif

endmodule
