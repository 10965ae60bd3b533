// Bench top: the command unit with registers, counters, the AXI master and three engines that only
// pretend to work.
module command_tb_top #(
  parameter int unsigned BeatBytes   = 8,
  parameter int unsigned BurstBytes  = 64,
  parameter int unsigned QueueDepth  = 4,
  parameter int unsigned Outstanding = 8
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [            2:0] stall_i,          // engines {gemm, scatter, copy} take nothing
  output logic                   busy_o,
  output logic [            2:0] cmd_valid_o,
  output logic [            2:0] cmd_ready_o,
  output logic [            2:0] done_valid_o,
  output logic [            2:0] done_ready_o,
  output logic [           95:0] taken_o,          // commands that each engine took
  output logic                   halt_o,
  output logic                   irq_o,
  output logic [           63:0] cycle_o,
  input  logic                   axil_awvalid_i,
  output logic                   axil_awready_o,
  input  logic [           11:0] axil_awaddr_i,
  input  logic                   axil_wvalid_i,
  output logic                   axil_wready_o,
  input  logic [           31:0] axil_wdata_i,
  output logic                   axil_bvalid_o,
  output logic [            1:0] axil_bresp_o,
  input  logic                   axil_arvalid_i,
  output logic                   axil_arready_o,
  input  logic [           11:0] axil_araddr_i,
  output logic                   axil_rvalid_o,
  output logic [           31:0] axil_rdata_o,
  output logic [            1:0] axil_rresp_o,
  output logic                   arvalid_o,
  input  logic                   arready_i,
  output logic [            3:0] arid_o,
  output logic [           63:0] araddr_o,
  output logic [            7:0] arlen_o,
  output logic [            2:0] arsize_o,
  output logic [            1:0] arburst_o,
  input  logic                   rvalid_i,
  output logic                   rready_o,
  input  logic [            3:0] rid_i,
  input  logic [BeatBytes*8-1:0] rdata_i,
  input  logic [            1:0] rresp_i,
  input  logic                   rlast_i,
  output logic                   awvalid_o,
  input  logic                   awready_i,
  output logic [            3:0] awid_o,
  output logic [           63:0] awaddr_o,
  output logic [            7:0] awlen_o,
  output logic [            2:0] awsize_o,
  output logic [            1:0] awburst_o,
  output logic                   wvalid_o,
  input  logic                   wready_i,
  output logic [BeatBytes*8-1:0] wdata_o,
  output logic [  BeatBytes-1:0] wstrb_o,
  output logic                   wlast_o,
  input  logic                   bvalid_i,
  output logic                   bready_o,
  input  logic [            3:0] bid_i,
  input  logic [            1:0] bresp_i
);

  localparam int unsigned ResultBits = shira_pkg::ResultBits;

  logic        enable;
  logic        ack;
  logic        clear_counters;
  logic        doorbell;
  logic [63:0] ring_base;
  logic [ 4:0] ring_log2;
  logic [31:0] ring_tail;
  logic [63:0] completion_base;
  logic [31:0] watchdog;
  logic [31:0] cancel_first;
  logic [31:0] cancel_count;
  logic        cancel_clear;
  logic [ 2:0] status;
  logic [ 7:0] error_status;
  logic [31:0] error_seq;
  logic [63:0] error_where;
  logic [31:0] error_count;
  logic [ 1:0] irq_set;
  logic [31:0] ring_head;
  logic [31:0] completion_count;
  logic [63:0] doorbell_cycle;
  logic [63:0] completion_cycle;
  logic        snapshot;
  logic        ctr_read;
  logic        ctr_done;
  logic [ 6:0] ctr_index;
  logic [63:0] ctr_data;

  logic [2:0] engine_idle;
  logic [8:0] engine_state;
  logic [1023:0] copy_cmd_desc;
  logic [1023:0] scatter_cmd_desc;
  logic [1023:0] gemm_cmd_desc;
  logic [3*ResultBits-1:0] done;

  logic                   rd_req_valid;
  logic                   rd_req_ready;
  logic [           63:0] rd_req_addr;
  logic [            7:0] rd_req_len;
  logic                   rd_rsp_valid;
  logic [BeatBytes*8-1:0] rd_rsp_data;
  logic                   rd_rsp_last;
  logic [            1:0] rd_rsp_err;
  logic                   wr_req_valid;
  logic                   wr_req_ready;
  logic [           63:0] wr_req_addr;
  logic [            7:0] wr_req_len;
  logic                   wr_data_valid;
  logic                   wr_data_ready;
  logic [BeatBytes*8-1:0] wr_data;
  logic [  BeatBytes-1:0] wr_strb;
  logic                   wr_last;
  logic                   wr_rsp_valid;
  logic [            1:0] wr_rsp_err;
  logic [           15:0] ev_rd_bursts;
  logic [           15:0] ev_wr_bursts;
  logic                   rd_moved;
  logic                   wr_moved;
  logic                   rd_idle;
  logic                   wr_idle;
  logic [            2:0] command_state;
  logic [            3:0] waiting;
  logic                   ev_descriptor;
  shira_pkg::traffic_t    traffic;

  shira_command #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes),
    .QueueDepth(QueueDepth)
  ) u_command (
    .clk_i,
    .clk_free_i        (clk_i),
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
    .idle_i            (engine_idle),
    .state_i           (engine_state),
    .cmd_valid_o,
    .cmd_ready_i       (cmd_ready_o),
    .copy_cmd_desc_o   (copy_cmd_desc),
    .scatter_cmd_desc_o(scatter_cmd_desc),
    .gemm_cmd_desc_o   (gemm_cmd_desc),
    .done_valid_i      (done_valid_o),
    .done_ready_o,
    .copy_done_i       (done[0+:ResultBits]),
    .scatter_done_i    (done[ResultBits+:ResultBits]),
    .gemm_done_i       (done[2*ResultBits+:ResultBits]),
    .rd_req_valid_o    (rd_req_valid),
    .rd_req_ready_i    (rd_req_ready),
    .rd_req_addr_o     (rd_req_addr),
    .rd_req_len_o      (rd_req_len),
    .rd_rsp_valid_i    (rd_rsp_valid),
    .rd_rsp_data_i     (rd_rsp_data),
    .rd_rsp_last_i     (rd_rsp_last),
    .rd_rsp_err_i      (rd_rsp_err),
    .wr_req_valid_o    (wr_req_valid),
    .wr_req_ready_i    (wr_req_ready),
    .wr_req_addr_o     (wr_req_addr),
    .wr_req_len_o      (wr_req_len),
    .wr_data_valid_o   (wr_data_valid),
    .wr_data_ready_i   (wr_data_ready),
    .wr_data_o         (wr_data),
    .wr_strb_o         (wr_strb),
    .wr_last_o         (wr_last),
    .wr_rsp_valid_i    (wr_rsp_valid),
    .wr_rsp_err_i      (wr_rsp_err),
    .axi_moved_i       (rd_moved || wr_moved),
    .axi_idle_i        (rd_idle && wr_idle),
    .busy_o,
    .command_state_o   (command_state),
    .waiting_o         (waiting),
    .traffic_o         (traffic),
    .ev_descriptor_o   (ev_descriptor)
  );

  command_tb_engine u_copy (
    .clk_i,
    .rst_ni,
    .cycle_i     (cycle_o[31:0]),
    .halt_i      (halt_o),
    .stall_i     (stall_i[0]),
    .idle_o      (engine_idle[0]),
    .state_o     (engine_state[2:0]),
    .cmd_valid_i (cmd_valid_o[0]),
    .cmd_ready_o (cmd_ready_o[0]),
    .cmd_desc_i  (copy_cmd_desc),
    .done_valid_o(done_valid_o[0]),
    .done_ready_i(done_ready_o[0]),
    .done_o      (done[0+:ResultBits]),
    .taken_o     (taken_o[31:0])
  );

  command_tb_engine #(
    .Depth(2)
  ) u_scatter (
    .clk_i,
    .rst_ni,
    .cycle_i     (cycle_o[31:0]),
    .halt_i      (halt_o),
    .stall_i     (stall_i[1]),
    .idle_o      (engine_idle[1]),
    .state_o     (engine_state[5:3]),
    .cmd_valid_i (cmd_valid_o[1]),
    .cmd_ready_o (cmd_ready_o[1]),
    .cmd_desc_i  (scatter_cmd_desc),
    .done_valid_o(done_valid_o[1]),
    .done_ready_i(done_ready_o[1]),
    .done_o      (done[ResultBits+:ResultBits]),
    .taken_o     (taken_o[63:32])
  );

  command_tb_engine u_gemm (
    .clk_i,
    .rst_ni,
    .cycle_i     (cycle_o[31:0]),
    .halt_i      (halt_o),
    .stall_i     (stall_i[2]),
    .idle_o      (engine_idle[2]),
    .state_o     (engine_state[8:6]),
    .cmd_valid_i (cmd_valid_o[2]),
    .cmd_ready_o (cmd_ready_o[2]),
    .cmd_desc_i  (gemm_cmd_desc),
    .done_valid_o(done_valid_o[2]),
    .done_ready_i(done_ready_o[2]),
    .done_o      (done[2*ResultBits+:ResultBits]),
    .taken_o     (taken_o[95:64])
  );

  shira_axi_read #(
    .BeatBytes  (BeatBytes),
    .Clients    (1),
    .Outstanding(Outstanding)
  ) u_read (
    .clk_i,
    .rst_ni,
    .rd_req_valid_i (rd_req_valid),
    .rd_req_ready_o (rd_req_ready),
    .rd_req_addr_i  (rd_req_addr),
    .rd_req_len_i   (rd_req_len),
    .rd_req_class_i (4'd0),
    .rd_rsp_valid_o (rd_rsp_valid),
    .rd_rsp_data_o  (rd_rsp_data),
    .rd_rsp_last_o  (rd_rsp_last),
    .rd_rsp_err_o   (rd_rsp_err),
    .m_axi_arvalid_o(arvalid_o),
    .m_axi_arready_i(arready_i),
    .m_axi_arid_o   (arid_o),
    .m_axi_araddr_o (araddr_o),
    .m_axi_arlen_o  (arlen_o),
    .m_axi_arsize_o (arsize_o),
    .m_axi_arburst_o(arburst_o),
    /* verilator lint_off PINCONNECTEMPTY */  // the same always, and the classes, which are shira_top's
    .m_axi_arprot_o (),
    .m_axi_arcache_o(),
    .m_axi_aruser_o (),
    /* verilator lint_on PINCONNECTEMPTY */
    .m_axi_rvalid_i (rvalid_i),
    .m_axi_rready_o (rready_o),
    .m_axi_rid_i    (rid_i),
    .m_axi_rdata_i  (rdata_i),
    .m_axi_rresp_i  (rresp_i),
    .m_axi_rlast_i  (rlast_i),
    .ev_rd_bursts_o (ev_rd_bursts),
    .moved_o        (rd_moved),
    .idle_o         (rd_idle)
  );

  shira_axi_write #(
    .BeatBytes  (BeatBytes),
    .Clients    (1),
    .Outstanding(Outstanding)
  ) u_write (
    .clk_i,
    .rst_ni,
    .wr_req_valid_i (wr_req_valid),
    .wr_req_ready_o (wr_req_ready),
    .wr_req_addr_i  (wr_req_addr),
    .wr_req_len_i   (wr_req_len),
    .wr_req_class_i (4'd0),
    .wr_data_valid_i(wr_data_valid),
    .wr_data_ready_o(wr_data_ready),
    .wr_data_i      (wr_data),
    .wr_strb_i      (wr_strb),
    .wr_last_i      (wr_last),
    .wr_rsp_valid_o (wr_rsp_valid),
    .wr_rsp_err_o   (wr_rsp_err),
    .m_axi_awvalid_o(awvalid_o),
    .m_axi_awready_i(awready_i),
    .m_axi_awid_o   (awid_o),
    .m_axi_awaddr_o (awaddr_o),
    .m_axi_awlen_o  (awlen_o),
    .m_axi_awsize_o (awsize_o),
    .m_axi_awburst_o(awburst_o),
    /* verilator lint_off PINCONNECTEMPTY */
    .m_axi_awprot_o (),
    .m_axi_awcache_o(),
    .m_axi_awuser_o (),
    /* verilator lint_on PINCONNECTEMPTY */
    .m_axi_wvalid_o (wvalid_o),
    .m_axi_wready_i (wready_i),
    .m_axi_wdata_o  (wdata_o),
    .m_axi_wstrb_o  (wstrb_o),
    .m_axi_wlast_o  (wlast_o),
    .m_axi_bvalid_i (bvalid_i),
    .m_axi_bready_o (bready_o),
    .m_axi_bid_i    (bid_i),
    .m_axi_bresp_i  (bresp_i),
    .ev_wr_bursts_o (ev_wr_bursts),
    .moved_o        (wr_moved),
    .idle_o         (wr_idle)
  );

  shira_axil_regs #(
    .BeatBytes(BeatBytes)
  ) u_regs (
    .clk_i,
    .rst_ni,
    /* verilator lint_off PINCONNECTEMPTY */  // nothing stands still here
    .busy_o            (),
    /* verilator lint_on PINCONNECTEMPTY */
    .s_axil_awvalid_i  (axil_awvalid_i),
    .s_axil_awready_o  (axil_awready_o),
    .s_axil_awaddr_i   (axil_awaddr_i),
    .s_axil_wvalid_i   (axil_wvalid_i),
    .s_axil_wready_o   (axil_wready_o),
    .s_axil_wdata_i    (axil_wdata_i),
    .s_axil_wstrb_i    (4'hf),
    .s_axil_bvalid_o   (axil_bvalid_o),
    .s_axil_bready_i   (1'b1),
    .s_axil_bresp_o    (axil_bresp_o),
    .s_axil_arvalid_i  (axil_arvalid_i),
    .s_axil_arready_o  (axil_arready_o),
    .s_axil_araddr_i   (axil_araddr_i),
    .s_axil_rvalid_o   (axil_rvalid_o),
    .s_axil_rready_i   (1'b1),
    .s_axil_rdata_o    (axil_rdata_o),
    .s_axil_rresp_o    (axil_rresp_o),
    .irq_o,
    .enable_o          (enable),
    .ack_o             (ack),
    .clear_counters_o  (clear_counters),
    .snapshot_o        (snapshot),
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
    .ctr_read_o        (ctr_read),
    .ctr_index_o       (ctr_index),
    .ctr_done_i        (ctr_done),
    .ctr_data_i        (ctr_data)
  );

  shira_perf u_perf (
    .clk_i,
    .rst_ni,
    .clear_i        (clear_counters),
    .snapshot_i     (snapshot),
    .state_i        ({engine_state, command_state}),
    .waiting_i      (waiting),
    .command_traffic_i(traffic),
    .copy_traffic_i   ('0),
    .scatter_traffic_i('0),
    .lines_traffic_i  ('0),
    .ev_descriptor_i(ev_descriptor),
    .ev_rd_bursts_i (ev_rd_bursts),
    .ev_wr_bursts_i (ev_wr_bursts),
    .weight_events_i('0),
    .act_events_i   ('0),
    .acc_events_i   ('0),
    .param_events_i ('0),
    .ev_updates_i   ('0),
    .ev_bank_stall_i(1'b0),
    .ev_macs_i      ('0),
    .ctr_read_i     (ctr_read),
    .ctr_index_i    (ctr_index),
    .ctr_done_o     (ctr_done),
    .ctr_data_o     (ctr_data)
  );

endmodule
