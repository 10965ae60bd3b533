// The queue of one bank: single updates in, masked word writes out.
//
// Does:         takes any number of updates a cycle, in order; takes the oldest ones that lie in the same
//               row, up to Lanes, into one write. Of two updates of a byte the later one wins.
// Never does:   checks for room: whoever pushes looks at level_o.
// Latency:      two cycles from push to write. Throughput: Lanes updates in, a word out, a cycle.
// Backpressure: bank_ready_i; the write stays as it is until accepted.
module shira_scatter_bank #(
  parameter int unsigned Lanes = 8,
  parameter int unsigned Depth = 16,  // updates, a power of two
  parameter int unsigned RowW  = 15,  // bits of a row of the bank
  parameter int unsigned ByteW = 4,   // bits of a byte of a word
  localparam int unsigned ItemW = RowW + ByteW + 8,
  localparam int unsigned SlotW = (Lanes > 1) ? $clog2(Lanes) : 1,
  localparam int unsigned LevelW = $clog2(Depth) + 1,
  localparam int unsigned WordBytes = 1 << ByteW,
  localparam int unsigned MergeW = $clog2(Lanes + 1)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,        // synchronous, active low
  input  logic [       Lanes-1:0] push_i,        // lanes whose update comes in
  input  logic [ Lanes*SlotW-1:0] slot_i,        // a lane's place among those that come in
  input  logic [ Lanes*ItemW-1:0] item_i,        // {row, byte, value} of each lane
  output logic [      LevelW-1:0] level_o,       // updates that stay after this cycle's merge
  output logic                    busy_o,        // an update is inside
  output logic                    bank_valid_o,
  input  logic                    bank_ready_i,
  output logic [        RowW-1:0] bank_row_o,
  output logic [   WordBytes-1:0] bank_mask_o,
  output logic [ WordBytes*8-1:0] bank_data_o,
  output logic [      MergeW-1:0] bank_updates_o // updates in the write
);

  localparam int unsigned PtrW = $clog2(Depth);

  if (Depth < 2 || (Depth & (Depth - 1)) != 0) begin : g_bad_depth
    $error("%m: Depth must be a power of two, 2 or more");
  end

  logic [Depth*ItemW-1:0] mem_q;
  logic [Depth*ItemW-1:0] mem_d;
  logic [       PtrW-1:0] rd_q;
  logic [     LevelW-1:0] level_q;
  logic                   pushed;
  logic [       PtrW-1:0] wr;
  logic [     LevelW-1:0] level_d;

  // ---- Out: the oldest updates of one row ----
  logic                   merge;
  logic [     MergeW-1:0] merged;
  logic [       RowW-1:0] row;
  logic [  WordBytes-1:0] mask;
  logic [WordBytes*8-1:0] data;

  assign merge = level_q != '0 && (!bank_valid_o || bank_ready_i);

  always_comb begin
    logic [ItemW-1:0] item;
    logic [ PtrW-1:0] at;
    logic             same;
    same   = 1'b1;
    at     = rd_q;
    merged = '0;
    mask   = '0;
    data   = '0;
    item   = '0;
    row    = '0;
    if (merge) begin
      row = mem_q[32'(rd_q)*ItemW+ByteW+8+:RowW];
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (same) begin
          item = mem_q[32'(at)*ItemW+:ItemW];
          at   = at + PtrW'(1);
          if (LevelW'(k) < level_q && item[ItemW-1-:RowW] == row) begin
            mask[item[8+:ByteW]] = 1'b1;
            data[32'(item[8+:ByteW])*8+:8] = item[7:0];
            merged = MergeW'(k + 1);
          end else begin
            same = 1'b0;
          end
        end
      end
    end
  end

  assign level_o = level_q - LevelW'(merged);

  // ---- In ----
  assign pushed = push_i != '0;
  assign wr     = rd_q + PtrW'(level_q);

  always_comb begin
    logic [PtrW-1:0] at;
    at      = wr;
    mem_d   = mem_q;
    level_d = level_o;
    if (pushed) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (push_i[k]) begin
          at = wr + PtrW'(slot_i[k*SlotW+:SlotW]);
          mem_d[32'(at)*ItemW+:ItemW] = item_i[k*ItemW+:ItemW];
          level_d = level_d + LevelW'(1);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (pushed) mem_q <= mem_d;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      rd_q         <= '0;
      level_q      <= '0;
      bank_valid_o <= 1'b0;
    end else begin
      if (pushed || merge) level_q <= level_d;
      if (merge) rd_q <= rd_q + PtrW'(merged);
      if (merge) bank_valid_o <= 1'b1;
      else if (bank_ready_i) bank_valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (merge) begin
      bank_row_o     <= row;
      bank_mask_o    <= mask;
      bank_data_o    <= data;
      bank_updates_o <= merged;
    end
  end

  assign busy_o = level_q != '0 || bank_valid_o;

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) level_d <= LevelW'(Depth));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    bank_valid_o && !bank_ready_i |=>
    bank_valid_o && $stable(bank_row_o) && $stable(bank_mask_o) && $stable(bank_data_o));
`endif

endmodule
