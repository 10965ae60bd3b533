// The front end: what the host sees. Registers and command unit.
//
// Does:         wires shira_axil_regs and shira_command together; nothing of its own.
// Vectors by engine are {gemm, scatter, copy} where they have three parts.
module shira_front #(
  parameter int unsigned ArrayN       = 16,
  parameter int unsigned ArrayK       = 16,
  parameter int unsigned WeightBytes  = 8388608,
  parameter int unsigned WeightBanks  = 16,
  parameter int unsigned ActBytes     = 1048576,
  parameter int unsigned AccBytes     = 65536,
  parameter int unsigned ParamBytes   = 262144,
  parameter int unsigned RowLayout    = 0,
  parameter int unsigned Lanes        = 8,
  parameter int unsigned BlockUpdates = 512,
  parameter int unsigned BeatBytes    = 32,
  parameter int unsigned BurstBytes   = 512,
  parameter int unsigned QueueDepth   = 4,
  parameter int unsigned StreamAlign  = 32,
  parameter int unsigned FullCounters = 1,
  parameter int unsigned BuildHash    = 0
) (
  input  logic                   clk_i,               // may stand still while !busy_o
  input  logic                   clk_free_i,          // the same, never stands still
  input  logic                   rst_ni,              // synchronous, active low
  output logic                   busy_o,              // the next edge changes something here
  // AXI4-Lite
  input  logic                   s_axil_awvalid_i,
  output logic                   s_axil_awready_o,
  input  logic [           11:0] s_axil_awaddr_i,
  input  logic                   s_axil_wvalid_i,
  output logic                   s_axil_wready_o,
  input  logic [           31:0] s_axil_wdata_i,
  input  logic [            3:0] s_axil_wstrb_i,
  output logic                   s_axil_bvalid_o,
  input  logic                   s_axil_bready_i,
  output logic [            1:0] s_axil_bresp_o,
  input  logic                   s_axil_arvalid_i,
  output logic                   s_axil_arready_o,
  input  logic [           11:0] s_axil_araddr_i,
  output logic                   s_axil_rvalid_o,
  input  logic                   s_axil_rready_i,
  output logic [           31:0] s_axil_rdata_o,
  output logic [            1:0] s_axil_rresp_o,
  output logic                   irq_o,               // an enabled interrupt is pending -> host
  // counters <-> shira_perf
  output logic                   clear_counters_o,    // pulse: zero all counters -> shira_perf
  output logic                   snapshot_o,          // pulse: keep all counters for reading -> shira_perf
  output logic                   ctr_read_o,          // counter ctr_index_o is asked for, until ctr_done_i
  output logic [            6:0] ctr_index_o,
  input  logic                   ctr_done_i,          // pulse: ctr_data_i is valid
  input  logic [           63:0] ctr_data_i,
  output logic [           63:0] cycle_o,             // cycle counter -> everybody
  // engines
  output logic                   halt_o,              // an error happened: wind down
  input  logic [            2:0] idle_i,
  input  logic [            8:0] state_i,             // shira_pkg::engine_state_e of each
  output logic [            2:0] cmd_valid_o,
  input  logic [            2:0] cmd_ready_i,
  output logic [         1023:0] copy_cmd_desc_o,
  output logic [         1023:0] scatter_cmd_desc_o,
  output logic [         1023:0] gemm_cmd_desc_o,
  input  logic [            2:0] done_valid_i,
  output logic [            2:0] done_ready_o,
  input  shira_pkg::result_t     copy_done_i,
  input  shira_pkg::result_t     scatter_done_i,
  input  shira_pkg::result_t     gemm_done_i,
  // memory read client
  output logic                   rd_req_valid_o,
  input  logic                   rd_req_ready_i,
  output logic [           63:0] rd_req_addr_o,
  output logic [            7:0] rd_req_len_o,
  input  logic                   rd_rsp_valid_i,
  input  logic [BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                   rd_rsp_last_i,
  input  logic [            1:0] rd_rsp_err_i,
  // memory write client
  output logic                   wr_req_valid_o,
  input  logic                   wr_req_ready_i,
  output logic [           63:0] wr_req_addr_o,
  output logic [            7:0] wr_req_len_o,
  output logic                   wr_data_valid_o,
  input  logic                   wr_data_ready_i,
  output logic [BeatBytes*8-1:0] wr_data_o,
  output logic [  BeatBytes-1:0] wr_strb_o,
  output logic                   wr_last_o,
  input  logic                   wr_rsp_valid_i,
  input  logic [            1:0] wr_rsp_err_i,
  // AXI master
  input  logic                   axi_moved_i,         // a handshake in this cycle, either side
  input  logic                   axi_idle_i,          // nothing in flight, both sides
  // shira_perf
  output logic [            2:0] command_state_o,     // shira_pkg::engine_state_e of this unit
  output logic [            3:0] waiting_o,           // {gemm, scatter, copy, command}
  output shira_pkg::traffic_t    traffic_o,
  output logic                   ev_descriptor_o      // a descriptor ended ok
);

  logic         ack, doorbell, enable;
  logic [7:0]   error_status;
  logic [1:0]   irq_set;
  logic [4:0]   ring_log2;
  logic [2:0]   status;
  logic [63:0]  completion_base, completion_cycle, doorbell_cycle, error_where, ring_base;
  logic [31:0]  completion_count, error_count, error_seq, ring_head, ring_tail, watchdog;
  logic [31:0]  cancel_first, cancel_count;
  logic         cancel_clear, command_busy, regs_busy;

  assign busy_o = command_busy || regs_busy || s_axil_awvalid_i || s_axil_wvalid_i ||
                  s_axil_arvalid_i;

  shira_axil_regs #(
    .ArrayN      (ArrayN),
    .ArrayK      (ArrayK),
    .WeightBytes (WeightBytes),
    .WeightBanks (WeightBanks),
    .ActBytes    (ActBytes),
    .AccBytes    (AccBytes),
    .ParamBytes  (ParamBytes),
    .RowLayout   (RowLayout),
    .Lanes       (Lanes),
    .BlockUpdates(BlockUpdates),
    .BeatBytes   (BeatBytes),
    .StreamAlign (StreamAlign),
    .FullCounters(FullCounters),
    .BuildHash   (BuildHash)
  ) u_regs (
    .clk_i,
    .rst_ni,
    .busy_o            (regs_busy),
    .s_axil_awvalid_i,
    .s_axil_awready_o,
    .s_axil_awaddr_i,
    .s_axil_wvalid_i,
    .s_axil_wready_o,
    .s_axil_wdata_i,
    .s_axil_wstrb_i,
    .s_axil_bvalid_o,
    .s_axil_bready_i,
    .s_axil_bresp_o,
    .s_axil_arvalid_i,
    .s_axil_arready_o,
    .s_axil_araddr_i,
    .s_axil_rvalid_o,
    .s_axil_rready_i,
    .s_axil_rdata_o,
    .s_axil_rresp_o,
    .irq_o,
    .enable_o          (enable),
    .ack_o             (ack),
    .clear_counters_o,
    .snapshot_o,
    .doorbell_o        (doorbell),
    .ring_base_o       (ring_base),
    .ring_log2_o       (ring_log2),
    .ring_tail_o       (ring_tail),
    .completion_base_o (completion_base),
    .watchdog_o        (watchdog),
    .cancel_first_o    (cancel_first),
    .cancel_count_o    (cancel_count),
    .cancel_clear_i    (cancel_clear),
    .status_i          (status),
    .error_status_i    (error_status),
    .error_seq_i       (error_seq),
    .error_where_i     (error_where),
    .error_count_i     (error_count),
    .irq_set_i         (irq_set),
    .ring_head_i       (ring_head),
    .completion_count_i(completion_count),
    .cycle_i           (cycle_o),
    .doorbell_cycle_i  (doorbell_cycle),
    .completion_cycle_i(completion_cycle),
    .ctr_read_o,
    .ctr_index_o,
    .ctr_done_i,
    .ctr_data_i
  );

  shira_command #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes),
    .QueueDepth(QueueDepth)
  ) u_command (
    .clk_i,
    .clk_free_i,
    .rst_ni,
    .enable_i          (enable),
    .ack_i             (ack),
    .doorbell_i        (doorbell),
    .ring_base_i       (ring_base),
    .ring_log2_i       (ring_log2),
    .ring_tail_i       (ring_tail),
    .completion_base_i (completion_base),
    .watchdog_i        (watchdog),
    .cancel_first_i    (cancel_first),
    .cancel_count_i    (cancel_count),
    .cancel_clear_o    (cancel_clear),
    .status_o          (status),
    .error_status_o    (error_status),
    .error_seq_o       (error_seq),
    .error_where_o     (error_where),
    .error_count_o     (error_count),
    .irq_set_o         (irq_set),
    .ring_head_o       (ring_head),
    .completion_count_o(completion_count),
    .doorbell_cycle_o  (doorbell_cycle),
    .completion_cycle_o(completion_cycle),
    .cycle_o,
    .halt_o,
    .idle_i,
    .state_i,
    .cmd_valid_o,
    .cmd_ready_i,
    .copy_cmd_desc_o,
    .scatter_cmd_desc_o,
    .gemm_cmd_desc_o,
    .done_valid_i,
    .done_ready_o,
    .copy_done_i,
    .scatter_done_i,
    .gemm_done_i,
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_rsp_valid_i,
    .rd_rsp_data_i,
    .rd_rsp_last_i,
    .rd_rsp_err_i,
    .wr_req_valid_o,
    .wr_req_ready_i,
    .wr_req_addr_o,
    .wr_req_len_o,
    .wr_data_valid_o,
    .wr_data_ready_i,
    .wr_data_o,
    .wr_strb_o,
    .wr_last_o,
    .wr_rsp_valid_i,
    .wr_rsp_err_i,
    .axi_moved_i,
    .axi_idle_i,
    .busy_o            (command_busy),
    .command_state_o,
    .waiting_o,
    .traffic_o,
    .ev_descriptor_o
  );

endmodule
