// Updates of weights in the weight SRAM.
//
// Does:         of a bundle applies the updates before the first one outside the window, in order: window finds
//               them, pair joins bundles, slots and queues bring them to their banks, words writes them. When
//               the bundle that ends a command and all before it are written, and all bytes that a SWAP
//               replaced were taken, the command ends.
// Never does:   lets an update of the next command in before the end of the one before was taken; applies a
//               bundle in part, but for what lies outside the window.
// Latency:      nine cycles from bundle to write; ADD, SUB and SWAP: ReadLatency + 1 more; SWAP: four more from
//               the word read to the replaced bytes. Throughput: a bundle a cycle, a write a cycle and bank.
// Backpressure: in_ready_o is low while a pair of bundles waits for a slot, and at the end of a command.
module shira_scatter_banks #(
  parameter int unsigned Lanes         = 8,
  parameter int unsigned FifoDepth     = 8,        // pairs of bundles that wait for their banks
  parameter int unsigned WeightBytes   = 8388608,
  parameter int unsigned WeightBanks   = 16,
  parameter int unsigned WeightLatency = 1,        // cycles from a read's accept to its data
  parameter int unsigned ArrayK        = 16,
  parameter int unsigned Merge         = 1,        // 0: one update a write
  parameter int unsigned OffsetW       = 34,       // bits of an offset; base + offset must not wrap
  localparam int unsigned CountW       = $clog2(Lanes + 1),
  localparam int unsigned RowW         = $clog2(WeightBytes / (WeightBanks * ArrayK))
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,          // synchronous, active low
  input  logic                            clear_i,         // take nothing more; what is inside is written
  // bundles <- offsets
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
  // bytes that SWAP replaced, in the order of the updates, bundle by bundle
  output logic                            old_valid_o,
  input  logic                            old_ready_i,
  output logic [              CountW-1:0] old_count_o,     // 1 to Lanes
  output logic [             Lanes*8-1:0] old_data_o,      // the oldest in byte 0
  // state
  output logic                            busy_o,          // an update is on its way to a bank
  output logic                            moved_o,         // updates got a slot
  output logic                            stall_o,         // updates wait for a slot
  output logic [                    15:0] updates_o,       // updates written, two cycles late
  // weight SRAM; bank_ready_i must not depend on bank_rd_valid_o
  output logic [         WeightBanks-1:0] bank_valid_o,
  input  logic [         WeightBanks-1:0] bank_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_row_o,
  output logic [  WeightBanks*ArrayK-1:0] bank_mask_o,
  output logic [WeightBanks*ArrayK*8-1:0] bank_data_o,     // bytes outside the mask mean nothing
  output logic [         WeightBanks-1:0] bank_rd_valid_o,
  input  logic [         WeightBanks-1:0] bank_rd_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_rd_row_o,
  input  logic [WeightBanks*ArrayK*8-1:0] bank_rd_data_i   // WeightLatency cycles after the accept
);

  localparam int unsigned Both  = 2 * Lanes;  // lanes of a pair
  localparam int unsigned ByteW = $clog2(ArrayK);
  localparam int unsigned BankW = $clog2(WeightBanks);
  localparam int unsigned AddrW = RowW + BankW + ByteW;
  localparam int unsigned SlotW = $clog2(FifoDepth);

  if (WeightBanks < 2 || (WeightBanks & (WeightBanks - 1)) != 0 || Lanes < 1) begin : g_bad_banks
    $error("%m: WeightBanks must be a power of two, 2 or more, and Lanes at least 1");
  end
  if (FifoDepth < 2 || (FifoDepth & (FifoDepth - 1)) != 0) begin : g_bad_depth
    $error("%m: FifoDepth must be a power of two, 2 or more");
  end

  logic swaps;
  assign swaps = op_i == 2'(shira_regs_pkg::ScatterOpSwap);

  // ---- Bundles ----
  logic                     bundle_valid;
  logic                     bundle_ready;
  logic [        Lanes-1:0] bundle_lanes;
  logic [        Lanes-1:0] bundle_starts;
  logic [  Lanes*AddrW-1:0] bundle_addr;
  logic [      Lanes*8-1:0] bundle_value;
  shira_scatter_pkg::mark_t bundle_mark;
  logic                     window_busy;

  shira_scatter_window #(
    .Lanes  (Lanes),
    .OffsetW(OffsetW),
    .AddrW  (AddrW),
    .ByteW  (ByteW),
    .Merge  (Merge)
  ) u_window (
    .clk_i,
    .rst_ni,
    .clear_i,
    .end_taken_i (end_valid_o && end_ready_i),
    .in_valid_i,
    .in_ready_o,
    .in_count_i,
    .in_offset_i,
    .in_value_i,
    .in_mark_i,
    .window_i,
    .out_valid_o (bundle_valid),
    .out_ready_i (bundle_ready),
    .out_lanes_o (bundle_lanes),
    .out_starts_o(bundle_starts),
    .out_addr_o  (bundle_addr),
    .out_value_o (bundle_value),
    .out_mark_o  (bundle_mark),
    .busy_o      (window_busy)
  );

  // ---- Pairs ----
  logic                     pair_valid;
  logic                     pair_ready;
  logic [         Both-1:0] pair_lanes;
  logic [         Both-1:0] pair_starts;
  logic [   Both*AddrW-1:0] pair_addr;
  logic [       Both*8-1:0] pair_value;
  shira_scatter_pkg::mark_t pair_mark;
  logic                     push;        // a pair gets a slot

  shira_scatter_pair #(
    .Lanes(Lanes),
    .AddrW(AddrW),
    .ByteW(ByteW),
    .Merge(Merge)
  ) u_pair (
    .clk_i,
    .rst_ni,
    .in_valid_i  (bundle_valid),
    .in_ready_o  (bundle_ready),
    .in_lanes_i  (bundle_lanes),
    .in_starts_i (bundle_starts),
    .in_addr_i   (bundle_addr),
    .in_value_i  (bundle_value),
    .in_mark_i   (bundle_mark),
    .out_valid_o (pair_valid),
    .out_ready_i (pair_ready),
    .out_lanes_o (pair_lanes),
    .out_starts_o(pair_starts),
    .out_addr_o  (pair_addr),
    .out_value_o (pair_value),
    .out_mark_o  (pair_mark)
  );

  assign push    = pair_valid && pair_ready;
  assign moved_o = push;
  assign stall_o = pair_valid && !pair_ready;

  // ---- Slots ----
  logic [      SlotW-1:0] push_slot;
  logic [WeightBanks-1:0] push_banks;
  logic                   leave_valid;
  logic                   leave_ready;
  logic [      SlotW-1:0] leave_slot;
  logic                   slots_busy;

  logic [       WeightBanks-1:0] piece_valid;
  logic [       WeightBanks-1:0] piece_ready;
  logic [ WeightBanks*SlotW-1:0] piece_slot;
  logic [  WeightBanks*Both-1:0] piece_lanes;
  logic [       WeightBanks-1:0] piece_last;
  logic [       WeightBanks-1:0] replaced_done;
  logic [ WeightBanks*SlotW-1:0] replaced_slot;

  shira_scatter_slots #(
    .Banks(WeightBanks),
    .Slots(FifoDepth)
  ) u_slots (
    .clk_i,
    .rst_ni,
    .push_valid_i (pair_valid),
    .push_ready_o (pair_ready),
    .push_slot_o  (push_slot),
    .push_banks_i (push_banks),
    .done_valid_i (swaps ? replaced_done : piece_valid & piece_ready & piece_last),
    .done_slot_i  (swaps ? replaced_slot : piece_slot),
    .leave_valid_o(leave_valid),
    .leave_ready_i(leave_ready),
    .leave_slot_o (leave_slot),
    .busy_o       (slots_busy)
  );

  // ---- To the banks ----
  logic [Both*BankW-1:0] pair_bank;

  for (genvar k = 0; k < Both; k++) begin : g_lane
    assign pair_bank[k*BankW+:BankW] = pair_addr[k*AddrW+ByteW+:BankW];
  end

  shira_scatter_queues #(
    .Lanes(Both),
    .Banks(WeightBanks),
    .Slots(FifoDepth)
  ) u_queues (
    .clk_i,
    .rst_ni,
    .push_valid_i (push),
    .push_slot_i  (push_slot),
    .push_lanes_i (pair_lanes),
    .push_starts_i(pair_starts),
    .push_bank_i  (pair_bank),
    .push_banks_o (push_banks),
    .piece_valid_o(piece_valid),
    .piece_ready_i(piece_ready),
    .piece_slot_o (piece_slot),
    .piece_lanes_o(piece_lanes),
    .piece_last_o (piece_last)
  );

  logic [      WeightBanks-1:0] read_valid;
  logic [WeightBanks*SlotW-1:0] read_slot;
  logic [ WeightBanks*Both-1:0] read_lanes;
  logic [      WeightBanks-1:0] read_last;
  logic                         words_busy;

  shira_scatter_words #(
    .Lanes      (Both),
    .Banks      (WeightBanks),
    .Slots      (FifoDepth),
    .ArrayK     (ArrayK),
    .RowW       (RowW),
    .ReadLatency(WeightLatency)
  ) u_words (
    .clk_i,
    .rst_ni,
    .op_i,
    .push_valid_i (push),
    .push_slot_i  (push_slot),
    .push_addr_i  (pair_addr),
    .push_value_i (pair_value),
    .piece_valid_i(piece_valid),
    .piece_ready_o(piece_ready),
    .piece_slot_i (piece_slot),
    .piece_lanes_i(piece_lanes),
    .piece_last_i (piece_last),
    .read_valid_o (read_valid),
    .read_slot_o  (read_slot),
    .read_lanes_o (read_lanes),
    .read_last_o  (read_last),
    .bank_valid_o,
    .bank_ready_i,
    .bank_row_o,
    .bank_mask_o,
    .bank_data_o,
    .bank_rd_valid_o,
    .bank_rd_ready_i,
    .bank_rd_row_o,
    .bank_rd_data_i,
    .busy_o       (words_busy),
    .updates_o
  );

  shira_scatter_replaced #(
    .Lanes (Lanes),
    .Banks (WeightBanks),
    .Slots (FifoDepth),
    .ArrayK(ArrayK),
    .AddrW (AddrW)
  ) u_replaced (
    .clk_i,
    .rst_ni,
    .swaps_i      (swaps),
    .push_valid_i (push),
    .push_slot_i  (push_slot),
    .push_lanes_i (pair_lanes),
    .push_addr_i  (pair_addr),
    .read_valid_i (read_valid),
    .read_slot_i  (read_slot),
    .read_lanes_i (read_lanes),
    .read_last_i  (read_last),
    .read_data_i  (bank_rd_data_i),
    .done_valid_o (replaced_done),
    .done_slot_o  (replaced_slot),
    .leave_valid_i(leave_valid),
    .leave_ready_o(leave_ready),
    .leave_slot_i (leave_slot),
    .old_valid_o,
    .old_ready_i,
    .old_count_o,
    .old_data_o
  );

  // ---- The end of a command ----
  logic end_q;  // the last pair has its slot

  assign busy_o      = window_busy || pair_valid || slots_busy || words_busy || old_valid_o;
  assign end_valid_o = end_q && !busy_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || (end_valid_o && end_ready_i)) end_q <= 1'b0;
    else if (push && pair_mark.last) end_q <= 1'b1;
    if (push && pair_mark.last) begin
      end_status_o <= pair_mark.status;
      end_where_o  <= pair_mark.where;
    end
  end

`ifdef SHIRA_ASSERT
  a_end_steady : assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    end_valid_o && !end_ready_i |=> end_valid_o && $stable(end_status_o) && $stable(end_where_o));
  a_one_command : assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i) !(end_q && push));
`endif

endmodule
