// The targets of SCATTER: the weight SRAM, weights in memory, and the streams of SWAP.
//
// Does:         hands a command's bundles to the banks or to the unit for weights in memory, and what a
//               SWAP replaced from there to the write-back. A command ends when all its updates are made
//               and all its writes answered. An error of the write-back ends it where it is.
// Never does:   has two commands inside.
// Latency:      none of its own. Throughput: of the units.
// Backpressure: of the units.
module shira_scatter_targets #(
  parameter int unsigned BeatBytes    = 32,
  parameter int unsigned BurstBytes   = 512,
  parameter int unsigned Outstanding  = 16,
  parameter int unsigned StreamAlign  = 32,
  parameter int unsigned ArrayK       = 16,
  parameter int unsigned WeightBytes  = 8388608,
  parameter int unsigned WeightBanks  = 16,
  parameter int unsigned WeightLatency = 1,   // cycles from a read of the weight SRAM to its data
  parameter int unsigned Lanes        = 8,
  parameter int unsigned FifoDepth    = 8,
  parameter int unsigned BlockUpdates = 512,
  parameter int unsigned OffsetW      = 34,  // bits of an offset
  parameter int unsigned RowLayout    = 0,   // 1: positions lie in rows
  parameter int unsigned Merge        = 1,   // 0: one update a write of the weight SRAM
  localparam int unsigned CountW      = $clog2(Lanes + 1),
  localparam int unsigned RowW        = $clog2(WeightBytes / (WeightBanks * ArrayK))
) (
  input  logic                            clk_i,
  input  logic                            rst_ni,          // synchronous, active low
  input  logic                            clear_i,         // take nothing more; what is inside is finished
  input  logic                            recover_i,       // forget what is left of an error
  // bundles <- offsets
  input  logic                            in_valid_i,
  output logic                            in_ready_o,
  input  logic [              CountW-1:0] in_count_i,
  input  logic [       Lanes*OffsetW-1:0] in_offset_i,     // bytes into the image
  input  logic [             Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t        in_mark_i,
  // of the command, until its end is taken
  input  logic [                     1:0] op_i,            // shira_regs_pkg::scatter_op_e
  input  shira_scatter_pkg::window_t      window_i,        // weights in the weight SRAM
  input  shira_scatter_pkg::memory_t      memory_i,        // weights in memory
  // blocks of a SWAP <- loader
  input  logic                            undo_valid_i,
  output logic                            undo_ready_o,
  input  shira_scatter_pkg::undo_t        undo_i,
  // end of a command
  output logic                            end_valid_o,
  input  logic                            end_ready_i,
  output logic [                     7:0] end_status_o,
  output logic [                    63:0] end_where_o,
  // state and counters
  output logic                            busy_o,          // something is on its way
  output logic                            moved_o,
  output logic                            starved_o,       // weights in memory are still being read
  output logic                            stall_o,         // updates wait for a slot
  output logic [                    15:0] updates_o,       // updates made; of the weight SRAM two cycles late
  output logic                            wr_valid_o,      // bytes of the stream were written
  output logic [                     3:0] wr_class_o,
  output logic [                     7:0] wr_bytes_o,
  output shira_pkg::traffic_t             lines_traffic_o, // of weights in memory
  // memory read client: weights
  output logic                            rd_req_valid_o,
  input  logic                            rd_req_ready_i,
  output logic [                    63:0] rd_req_addr_o,
  output logic [                     7:0] rd_req_len_o,
  input  logic                            rd_rsp_valid_i,
  input  logic [         BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                            rd_rsp_last_i,
  input  logic [                     1:0] rd_rsp_err_i,
  // memory write clients: {weights, streams}
  output logic [                     1:0] wr_req_valid_o,
  input  logic [                     1:0] wr_req_ready_i,
  output logic [                   127:0] wr_req_addr_o,
  output logic [                    15:0] wr_req_len_o,
  output logic [                     1:0] wr_data_valid_o,
  input  logic [                     1:0] wr_data_ready_i,
  output logic [       2*BeatBytes*8-1:0] wr_data_o,
  output logic [         2*BeatBytes-1:0] wr_strb_o,
  output logic [                     1:0] wr_last_o,
  input  logic [                     1:0] wr_rsp_valid_i,
  input  logic [                     1:0] wr_rsp_err_i,
  // weight SRAM, a write port and a read port a bank
  output logic [         WeightBanks-1:0] bank_valid_o,
  input  logic [         WeightBanks-1:0] bank_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_row_o,
  output logic [  WeightBanks*ArrayK-1:0] bank_mask_o,
  output logic [WeightBanks*ArrayK*8-1:0] bank_data_o,
  output logic [         WeightBanks-1:0] bank_rd_valid_o,
  input  logic [         WeightBanks-1:0] bank_rd_ready_i,
  output logic [    WeightBanks*RowW-1:0] bank_rd_row_o,
  input  logic [WeightBanks*ArrayK*8-1:0] bank_rd_data_i
);

  logic               stop;
  logic               end_ready;
  logic               old_ready;
  logic               banks_ready, lines_ready;    // take the bundle
  logic               banks_end, lines_end;
  logic [        7:0] banks_status, lines_status;
  logic [       63:0] banks_where, lines_where;
  logic               banks_old, lines_old;        // replaced bytes are offered
  logic [ CountW-1:0] banks_old_count, lines_old_count;
  logic [Lanes*8-1:0] banks_old_data, lines_old_data;
  logic               banks_busy, lines_busy, undo_busy;
  logic               banks_moved, lines_moved, undo_moved;
  logic [       15:0] banks_updates, lines_updates;
  logic               undo_fail;
  logic               undo_decerr;
  logic [       63:0] undo_where;

  assign stop      = clear_i || undo_fail;
  assign end_ready = end_ready_i && !undo_busy && !undo_fail;

  shira_scatter_banks #(
    .Lanes        (Lanes),
    .FifoDepth    (FifoDepth),
    .WeightBytes  (WeightBytes),
    .WeightBanks  (WeightBanks),
    .WeightLatency(WeightLatency),
    .ArrayK       (ArrayK),
    .OffsetW      (OffsetW),
    .Merge        (Merge)
  ) u_banks (
    .clk_i,
    .rst_ni,
    .clear_i     (stop),
    .in_valid_i  (in_valid_i && !memory_i.valid),
    .in_ready_o  (banks_ready),
    .in_count_i,
    .in_offset_i,
    .in_value_i,
    .in_mark_i,
    .window_i,
    .op_i,
    .end_valid_o (banks_end),
    .end_ready_i (end_ready),
    .end_status_o(banks_status),
    .end_where_o (banks_where),
    .old_valid_o (banks_old),
    .old_ready_i (old_ready),
    .old_count_o (banks_old_count),
    .old_data_o  (banks_old_data),
    .busy_o      (banks_busy),
    .moved_o     (banks_moved),
    .stall_o,
    .updates_o   (banks_updates),
    .bank_valid_o,
    .bank_ready_i,
    .bank_row_o,
    .bank_mask_o,
    .bank_data_o,
    .bank_rd_valid_o,
    .bank_rd_ready_i,
    .bank_rd_row_o,
    .bank_rd_data_i
  );

  shira_scatter_memory #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign),
    .Lanes      (Lanes),
    .OffsetW    (OffsetW),
    .RowLayout  (RowLayout)
  ) u_memory (
    .clk_i,
    .rst_ni,
    .clear_i        (stop),
    .in_valid_i     (in_valid_i && memory_i.valid),
    .in_ready_o     (lines_ready),
    .in_count_i,
    .in_offset_i,
    .in_value_i,
    .in_mark_i,
    .op_i,
    .memory_i,
    .old_valid_o    (lines_old),
    .old_ready_i    (old_ready),
    .old_count_o    (lines_old_count),
    .old_data_o     (lines_old_data),
    .end_valid_o    (lines_end),
    .end_ready_i    (end_ready),
    .end_status_o   (lines_status),
    .end_where_o    (lines_where),
    .busy_o         (lines_busy),
    .moved_o        (lines_moved),
    .starved_o,
    .updates_o      (lines_updates),
    .traffic_o      (lines_traffic_o),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_rsp_valid_i,
    .rd_rsp_data_i,
    .rd_rsp_last_i,
    .rd_rsp_err_i,
    .wr_req_valid_o (wr_req_valid_o[1]),
    .wr_req_ready_i (wr_req_ready_i[1]),
    .wr_req_addr_o  (wr_req_addr_o[127:64]),
    .wr_req_len_o   (wr_req_len_o[15:8]),
    .wr_data_valid_o(wr_data_valid_o[1]),
    .wr_data_ready_i(wr_data_ready_i[1]),
    .wr_data_o      (wr_data_o[2*BeatBytes*8-1:BeatBytes*8]),
    .wr_strb_o      (wr_strb_o[2*BeatBytes-1:BeatBytes]),
    .wr_last_o      (wr_last_o[1]),
    .wr_rsp_valid_i (wr_rsp_valid_i[1]),
    .wr_rsp_err_i
  );

  // One of the two has the command; the other one offers nothing.
  assign in_ready_o = memory_i.valid ? lines_ready : banks_ready;
  assign updates_o  = banks_updates | lines_updates;

  shira_scatter_writeback #(
    .BeatBytes   (BeatBytes),
    .BurstBytes  (BurstBytes),
    .Outstanding (Outstanding),
    .StreamAlign (StreamAlign),
    .Lanes       (Lanes),
    .BlockUpdates(BlockUpdates)
  ) u_writeback (
    .clk_i,
    .rst_ni,
    .clear_i        (recover_i),
    .block_valid_i  (undo_valid_i),
    .block_ready_o  (undo_ready_o),
    .block_i        (undo_i),
    .old_valid_i    (banks_old || lines_old),
    .old_ready_o    (old_ready),
    .old_count_i    (lines_old ? lines_old_count : banks_old_count),
    .old_data_i     (lines_old ? lines_old_data : banks_old_data),
    .wr_req_valid_o (wr_req_valid_o[0]),
    .wr_req_ready_i (wr_req_ready_i[0]),
    .wr_req_addr_o  (wr_req_addr_o[63:0]),
    .wr_req_len_o   (wr_req_len_o[7:0]),
    .wr_data_valid_o(wr_data_valid_o[0]),
    .wr_data_ready_i(wr_data_ready_i[0]),
    .wr_data_o      (wr_data_o[BeatBytes*8-1:0]),
    .wr_strb_o      (wr_strb_o[BeatBytes-1:0]),
    .wr_last_o      (wr_last_o[0]),
    .wr_rsp_valid_i (wr_rsp_valid_i[0]),
    .wr_rsp_err_i,
    .busy_o         (undo_busy),
    .moved_o        (undo_moved),
    .fail_valid_o   (undo_fail),
    .fail_decerr_o  (undo_decerr),
    .fail_addr_o    (undo_where)
  );

  assign wr_valid_o = undo_moved;
  assign wr_class_o = 4'(shira_regs_pkg::TrafficUndo);
  assign wr_bytes_o = 8'(BeatBytes);

  assign busy_o      = banks_busy || lines_busy || undo_busy;
  assign moved_o     = banks_moved || lines_moved || undo_moved;
  assign end_valid_o = !undo_busy && (undo_fail ? !busy_o : banks_end || lines_end);

  always_comb begin
    end_status_o = lines_end ? lines_status : banks_status;
    end_where_o  = lines_end ? lines_where : banks_where;
    if (undo_fail) begin
      end_status_o = undo_decerr ? shira_regs_pkg::StatusWriteDecerr : shira_regs_pkg::StatusWriteSlverr;
      end_where_o  = undo_where;
    end
  end

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(banks_old && lines_old));
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(banks_end && lines_end));
`endif

endmodule
