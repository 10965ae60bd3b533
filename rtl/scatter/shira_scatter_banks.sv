// Last stage of SCATTER: checks each update against the window and sends it to its bank's queue.
//
// Does:         takes the updates of a bundle in order, as many a cycle as there is room for; any number
//               of them may go to one bank. Up to the first update outside the window all are applied, it
//               and later ones are not. At the end of a command it waits until all banks have written.
// Never does:   lets an update of the next command in before the end of the one before was taken.
// Latency:      three cycles to the write. Throughput: a bundle a cycle.
// Backpressure: in_ready_o is low while updates of the bundle wait for room, and at the end of a command.
module shira_scatter_banks #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned FifoDepth   = 16,
  parameter int unsigned WeightBytes = 8388608,
  parameter int unsigned WeightBanks = 16,
  parameter int unsigned ArrayK      = 16,
  localparam int unsigned CountW     = $clog2(Lanes + 1),
  localparam int unsigned RowW       = $clog2(WeightBytes / (WeightBanks * ArrayK))
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,          // synchronous, active low
  input  logic                            clear_i,         // take nothing more; what is inside is written
  // bundles <- decoder
  input  logic                            in_valid_i,
  output logic                            in_ready_o,
  input  logic [              CountW-1:0] in_count_i,
  input  logic [            Lanes*34-1:0] in_addr_i,
  input  logic [             Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t        in_mark_i,
  input  shira_scatter_pkg::window_t      window_i,        // of the command
  // end of a command
  output logic                            end_valid_o,     // all its updates are written
  input  logic                            end_ready_i,
  output logic [                     7:0] end_status_o,
  output logic [                    63:0] end_where_o,
  // state
  output logic                            busy_o,          // an update is on its way to a bank
  output logic                            moved_o,         // an update was taken
  output logic                            stall_o,         // an update waits: its bank's queue is full
  output logic [                    15:0] updates_o,       // updates written in this cycle
  // weight SRAM
  output logic [         WeightBanks-1:0] bank_valid_o,
  input  logic [         WeightBanks-1:0] bank_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_row_o,
  output logic [  WeightBanks*ArrayK-1:0] bank_mask_o,
  output logic [WeightBanks*ArrayK*8-1:0] bank_data_o
);

  localparam int unsigned ByteW  = $clog2(ArrayK);
  localparam int unsigned BankW  = $clog2(WeightBanks);
  localparam int unsigned ItemW  = RowW + ByteW + 8;
  localparam int unsigned SlotW  = (Lanes > 1) ? $clog2(Lanes) : 1;
  localparam int unsigned LevelW = $clog2(FifoDepth) + 1;

  if (WeightBanks < 2 || (WeightBanks & (WeightBanks - 1)) != 0 || Lanes < 1) begin : g_bad_banks
    $error("%m: WeightBanks must be a power of two, 2 or more, and Lanes at least 1");
  end

  // ---- Lanes ----
  logic [            Lanes-1:0] taken_q;  // lanes of the bundle that were taken
  logic [            Lanes-1:0] wanted;   // lanes before the first one outside the window
  logic [            Lanes-1:0] take;
  logic [      Lanes*BankW-1:0] bank;
  logic [      Lanes*SlotW-1:0] slot;
  logic [      Lanes*ItemW-1:0] item;
  logic [            Lanes-1:0] push[WeightBanks];
  logic [           LevelW-1:0] room[WeightBanks];
  logic [      WeightBanks-1:0] busy;
  logic                         outside;
  logic [                 33:0] outside_at;

  for (genvar k = 0; k < Lanes; k++) begin : g_item
    assign bank[k*BankW+:BankW] = in_addr_i[k*34+ByteW+:BankW];
    assign item[k*ItemW+:ItemW] = {in_addr_i[k*34+ByteW+BankW+:RowW], in_addr_i[k*34+:ByteW],
                                   in_value_i[k*8+:8]};
  end

  always_comb begin
    logic [33:0] addr;
    wanted     = '0;
    outside    = 1'b0;
    outside_at = '0;
    addr       = '0;
    if (in_valid_i) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (!outside && CountW'(k) < in_count_i) begin
          addr = in_addr_i[k*34+:34];
          if (addr < 34'(window_i.lo) || addr >= 34'(window_i.hi)) begin
            outside    = 1'b1;
            outside_at = addr;
          end else begin
            wanted[k] = 1'b1;
          end
        end
      end
    end
  end

  // A lane is taken when all before it are and its bank has room behind those of the same bank. As a
  // lane counts only when all before it are taken, `ahead` need not know which of them really are.
  logic [Lanes-1:0] left;  // wanted, and not taken before
  logic [Lanes-1:0] fits;

  assign left = (in_valid_i && !clear_i) ? wanted & ~taken_q : '0;

  for (genvar k = 0; k < Lanes; k++) begin : g_take
    logic [Lanes-1:0] together;  // lanes before this one that go to the same bank

    assign together[Lanes-1:k] = '0;
    for (genvar j = 0; j < k; j++) begin : g_together
      assign together[j] = bank[j*BankW+:BankW] == bank[k*BankW+:BankW];
    end
    assign slot[k*SlotW+:SlotW] = SlotW'($countones(together & left));
    assign fits[k] = LevelW'(slot[k*SlotW+:SlotW]) < room[bank[k*BankW+:BankW]];
    assign take[k] = left[k] && (left[k:0] & ~fits[k:0]) == '0;
  end

  always_comb begin
    for (int unsigned b = 0; b < WeightBanks; b++) push[b] = '0;
    if (take != '0) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (take[k]) push[bank[k*BankW+:BankW]][k] = 1'b1;
      end
    end
  end

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
  assign busy_o       = busy != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || (in_valid_i && in_ready_o)) taken_q <= '0;
    else if (moved_o) taken_q <= taken_q | take;
  end

  // ---- Banks ----
  localparam int unsigned MergeW = CountW;
  logic [WeightBanks*MergeW-1:0] merged;

  for (genvar b = 0; b < WeightBanks; b++) begin : g_bank
    shira_scatter_bank #(
      .Lanes(Lanes),
      .Depth(FifoDepth),
      .RowW (RowW),
      .ByteW(ByteW)
    ) u_bank (
      .clk_i,
      .rst_ni,
      .push_i        (push[b]),
      .slot_i        (slot),
      .item_i        (item),
      .room_o        (room[b]),
      .busy_o        (busy[b]),
      .bank_valid_o  (bank_valid_o[b]),
      .bank_ready_i  (bank_ready_i[b]),
      .bank_row_o    (bank_row_o[b*RowW+:RowW]),
      .bank_mask_o   (bank_mask_o[b*ArrayK+:ArrayK]),
      .bank_data_o   (bank_data_o[b*ArrayK*8+:ArrayK*8]),
      .bank_updates_o(merged[b*MergeW+:MergeW])
    );
  end

  always_comb begin
    updates_o = '0;
    if ((bank_valid_o & bank_ready_i) != '0) begin
      for (int unsigned b = 0; b < WeightBanks; b++) begin
        if (bank_valid_o[b] && bank_ready_i[b]) updates_o = updates_o + 16'(merged[b*MergeW+:MergeW]);
      end
    end
  end

  // Address bits above the SRAM are known to be 0 by the window.
  logic unused;
  assign unused = &{1'b0, in_addr_i};

endmodule
