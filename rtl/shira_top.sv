// The accelerator: one clock, one AXI4 master, one AXI4-Lite slave, one interrupt. Wires the
// front end, the engines COPY, SCATTER and GEMM, and the SRAMs.
//
// All clock inputs are one clock. Each but clk_i may be stopped before an edge at which its bit of run_o
// is 0; a design that gates no clocks ties them together and leaves run_o open.
module shira_top #(
  parameter int unsigned ArrayN       = 16,       // dot products a cycle
  parameter int unsigned ArrayK       = 16,       // length of a dot product
  parameter int unsigned WeightBytes  = 8388608,  // weight SRAM
  parameter int unsigned WeightBanks  = 16,       // its banks
  parameter int unsigned ActBytes     = 1048576,  // activation SRAM
  parameter int unsigned AccBytes     = 65536,    // accumulator SRAM
  parameter int unsigned ParamBytes   = 262144,   // parameter SRAM
  parameter int unsigned Lanes        = 8,        // SCATTER: updates a cycle
  parameter int unsigned DecodeBytes  = 12,       // SCATTER: gap bytes a cycle
  parameter int unsigned FifoDepth    = 16,       // SCATTER: pairs of bundles waiting for their banks
  parameter int unsigned RowLayout    = 0,        // 1: positions of streams lie in rows
  parameter int unsigned Merge        = 1,        // SCATTER: several updates of a word in one write
  parameter int unsigned BlockUpdates = 512,      // SCATTER: most updates of a block
  parameter int unsigned FullCounters = 1,        // 0: only the basic ones of shira_regs.yaml
  parameter int unsigned BeatBytes    = 32,       // AXI beat
  parameter int unsigned BurstBytes   = 512,      // longest AXI burst
  parameter int unsigned Outstanding  = 16,       // AXI bursts in flight, each way
  parameter int unsigned QueueDepth   = 4,        // descriptors waiting at an engine
  parameter int unsigned StreamAlign  = 32,       // burst of the memory, bytes
  parameter int unsigned WeightMode   = 0,        // weight SRAM: bit 0 1rw, 1 engine-first, 2 ECC
  parameter int unsigned ActMode      = 0,        // activation SRAM, likewise
  parameter int unsigned AccMode      = 0,        // accumulator SRAM
  parameter int unsigned ParamMode    = 0,        // parameter SRAM
  parameter int unsigned WeightLatency = 1,       // weight SRAM: cycles from a read to its data, 1 to 3
  parameter int unsigned ActLatency    = 1,       // activation SRAM, likewise
  parameter int unsigned AccLatency    = 1,       // accumulator SRAM
  parameter int unsigned ParamLatency  = 1,       // parameter SRAM
  parameter int unsigned BuildHash    = 0         // of these parameters
) (
  input  logic                   clk_i,
  input  logic                   clk_command_i,
  input  logic                   clk_axi_i,
  input  logic                   clk_copy_i,
  input  logic                   clk_scatter_i,
  input  logic                   clk_gemm_i,
  output logic [            4:0] run_o,   // {gemm, scatter, copy, axi, command}: needs its next clock edge
  input  logic                   rst_ni,  // synchronous, active low
  // AXI4-Lite: registers
  input  logic                   s_axil_awvalid_i,
  output logic                   s_axil_awready_o,
  input  logic [           11:0] s_axil_awaddr_i,
  input  logic [            2:0] s_axil_awprot_i,  // any access is as good as another
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
  input  logic [            2:0] s_axil_arprot_i,  // any access is as good as another
  output logic                   s_axil_rvalid_o,
  input  logic                   s_axil_rready_i,
  output logic [           31:0] s_axil_rdata_o,
  output logic [            1:0] s_axil_rresp_o,
  // AXI4: memory
  output logic                   m_axi_awvalid_o,
  input  logic                   m_axi_awready_i,
  output logic [            3:0] m_axi_awid_o,
  output logic [           63:0] m_axi_awaddr_o,
  output logic [            7:0] m_axi_awlen_o,
  output logic [            2:0] m_axi_awsize_o,
  output logic [            1:0] m_axi_awburst_o,
  output logic [            2:0] m_axi_awprot_o,  // unprivileged, non-secure, data
  output logic [            3:0] m_axi_awcache_o, // normal, neither cacheable nor bufferable
  output logic [            3:0] m_axi_awuser_o,  // shira_regs_pkg::traffic_e
  output logic                   m_axi_wvalid_o,
  input  logic                   m_axi_wready_i,
  output logic [BeatBytes*8-1:0] m_axi_wdata_o,
  output logic [  BeatBytes-1:0] m_axi_wstrb_o,
  output logic                   m_axi_wlast_o,
  input  logic                   m_axi_bvalid_i,
  output logic                   m_axi_bready_o,
  input  logic [            3:0] m_axi_bid_i,
  input  logic [            1:0] m_axi_bresp_i,
  output logic                   m_axi_arvalid_o,
  input  logic                   m_axi_arready_i,
  output logic [            3:0] m_axi_arid_o,
  output logic [           63:0] m_axi_araddr_o,
  output logic [            7:0] m_axi_arlen_o,
  output logic [            2:0] m_axi_arsize_o,
  output logic [            1:0] m_axi_arburst_o,
  output logic [            2:0] m_axi_arprot_o,  // unprivileged, non-secure, data
  output logic [            3:0] m_axi_arcache_o, // normal, neither cacheable nor bufferable
  output logic [            3:0] m_axi_aruser_o,
  input  logic                   m_axi_rvalid_i,
  output logic                   m_axi_rready_o,
  input  logic [            3:0] m_axi_rid_i,
  input  logic [BeatBytes*8-1:0] m_axi_rdata_i,
  input  logic [            1:0] m_axi_rresp_i,
  input  logic                   m_axi_rlast_i,
  output logic                   irq_o    // an enabled interrupt is pending -> host
);

  localparam int unsigned BeatBits = BeatBytes * 8;
  localparam int unsigned ArrayMax = ArrayN > ArrayK ? ArrayN : ArrayK;
  localparam int unsigned ActWord = BeatBytes > ArrayMax ? BeatBytes : ArrayMax;
  localparam int unsigned AccWord = 4 * ArrayN;
  localparam int unsigned ParamWord = 8 * ArrayN > BeatBytes ? 8 * ArrayN : BeatBytes;
  localparam int unsigned RowW = $clog2(WeightBytes / (WeightBanks * ArrayK));

  // COPY waits for the slowest SRAM, whichever it reads, so that its beats come in order.
  localparam int unsigned WeightAct = WeightLatency > ActLatency ? WeightLatency : ActLatency;
  localparam int unsigned AccParam = AccLatency > ParamLatency ? AccLatency : ParamLatency;
  localparam int unsigned CopyLatency = WeightAct > AccParam ? WeightAct : AccParam;

  // Memory read and write clients: command unit, COPY, SCATTER for its streams and for weights in memory.
  localparam int unsigned Readers = 4, Writers = 4;

  // ---- counters ----

  logic        clear_counters, snapshot, ctr_read, ctr_done;
  logic [ 6:0] ctr_index;
  logic [63:0] cycle, ctr_data;
  logic [2:0] command_state, copy_state, scatter_state, gemm_state;
  logic [3:0] waiting;
  shira_pkg::traffic_t command_traffic, copy_traffic, scatter_traffic, lines_traffic;
  shira_pkg::sram_events_t weight_events, act_events, acc_events, param_events;
  logic [15:0] ev_rd_bursts, ev_wr_bursts, ev_updates;
  logic [31:0] ev_macs;
  logic        ev_descriptor, ev_bank_stall;

  shira_perf #(
    .Full(FullCounters)
  ) u_perf (
    .clk_i,
    .rst_ni,
    .clear_i          (clear_counters),
    .snapshot_i       (snapshot),
    .state_i          ({gemm_state, scatter_state, copy_state, command_state}),
    .waiting_i        (waiting),
    .command_traffic_i(command_traffic),
    .copy_traffic_i   (copy_traffic),
    .scatter_traffic_i(scatter_traffic),
    .lines_traffic_i  (lines_traffic),
    .ev_descriptor_i  (ev_descriptor),
    .ev_rd_bursts_i   (ev_rd_bursts),
    .ev_wr_bursts_i   (ev_wr_bursts),
    .weight_events_i  (weight_events),
    .act_events_i     (act_events),
    .acc_events_i     (acc_events),
    .param_events_i   (param_events),
    .ev_updates_i     (ev_updates),
    .ev_bank_stall_i  (ev_bank_stall),
    .ev_macs_i        (ev_macs),
    .ctr_read_i       (ctr_read),
    .ctr_index_i      (ctr_index),
    .ctr_done_o       (ctr_done),
    .ctr_data_o       (ctr_data)
  );

  // ---- memory: clients in the order named above, from bit 0 up ----

  logic [     Readers-1:0] rd_req_valid, rd_req_ready, rd_rsp_valid;
  logic [  Readers*64-1:0] rd_req_addr;
  logic [   Readers*8-1:0] rd_req_len;
  logic [   Readers*4-1:0] rd_req_class;
  logic [    BeatBits-1:0] rd_rsp_data;
  logic                    rd_rsp_last, rd_moved, rd_idle;
  logic [             1:0] rd_rsp_err;
  logic [     Writers-1:0] wr_req_valid, wr_req_ready, wr_data_valid, wr_data_ready;
  logic [     Writers-1:0] wr_last, wr_rsp_valid;
  logic [  Writers*64-1:0] wr_req_addr;
  logic [   Writers*8-1:0] wr_req_len;
  logic [   Writers*4-1:0] wr_req_class;
  logic [Writers*BeatBits-1:0] wr_data;
  logic [Writers*BeatBytes-1:0] wr_strb;
  logic                    wr_moved, wr_idle;
  logic [             1:0] wr_rsp_err;

  shira_axi_read #(
    .BeatBytes  (BeatBytes),
    .Clients    (Readers),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign)
  ) u_axi_read (
    .clk_i         (clk_axi_i),
    .rst_ni,
    .rd_req_valid_i(rd_req_valid),
    .rd_req_ready_o(rd_req_ready),
    .rd_req_addr_i (rd_req_addr),
    .rd_req_len_i  (rd_req_len),
    .rd_req_class_i(rd_req_class),
    .rd_rsp_valid_o(rd_rsp_valid),
    .rd_rsp_data_o (rd_rsp_data),
    .rd_rsp_last_o (rd_rsp_last),
    .rd_rsp_err_o  (rd_rsp_err),
    .m_axi_arvalid_o,
    .m_axi_arready_i,
    .m_axi_arid_o,
    .m_axi_araddr_o,
    .m_axi_arlen_o,
    .m_axi_arsize_o,
    .m_axi_arburst_o,
    .m_axi_arprot_o,
    .m_axi_arcache_o,
    .m_axi_aruser_o,
    .m_axi_rvalid_i,
    .m_axi_rready_o,
    .m_axi_rid_i,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i,
    .ev_rd_bursts_o(ev_rd_bursts),
    .moved_o       (rd_moved),
    .idle_o        (rd_idle)
  );

  shira_axi_write #(
    .BeatBytes  (BeatBytes),
    .Clients    (Writers),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign)
  ) u_axi_write (
    .clk_i          (clk_axi_i),
    .rst_ni,
    .wr_req_valid_i (wr_req_valid),
    .wr_req_ready_o (wr_req_ready),
    .wr_req_addr_i  (wr_req_addr),
    .wr_req_len_i   (wr_req_len),
    .wr_req_class_i (wr_req_class),
    .wr_data_valid_i(wr_data_valid),
    .wr_data_ready_o(wr_data_ready),
    .wr_data_i      (wr_data),
    .wr_strb_i      (wr_strb),
    .wr_last_i      (wr_last),
    .wr_rsp_valid_o (wr_rsp_valid),
    .wr_rsp_err_o   (wr_rsp_err),
    .m_axi_awvalid_o,
    .m_axi_awready_i,
    .m_axi_awid_o,
    .m_axi_awaddr_o,
    .m_axi_awlen_o,
    .m_axi_awsize_o,
    .m_axi_awburst_o,
    .m_axi_awprot_o,
    .m_axi_awcache_o,
    .m_axi_awuser_o,
    .m_axi_wvalid_o,
    .m_axi_wready_i,
    .m_axi_wdata_o,
    .m_axi_wstrb_o,
    .m_axi_wlast_o,
    .m_axi_bvalid_i,
    .m_axi_bready_o,
    .m_axi_bid_i,
    .m_axi_bresp_i,
    .ev_wr_bursts_o (ev_wr_bursts),
    .moved_o        (wr_moved),
    .idle_o         (wr_idle)
  );

  assign rd_req_class[3:0] = 4'(shira_regs_pkg::TrafficDescriptor);
  assign wr_req_class[3:0] = 4'(shira_regs_pkg::TrafficCompletion);

  // ---- front end: registers and command unit ----

  logic         halt, front_busy, copy_idle, scatter_idle, gemm_idle;
  logic [  2:0] cmd_valid, cmd_ready, done_valid, done_ready;
  logic [1023:0] copy_desc, scatter_desc, gemm_desc;
  shira_pkg::result_t copy_done, scatter_done, gemm_done;

  shira_front #(
    .ArrayN(ArrayN), .ArrayK(ArrayK), .WeightBytes(WeightBytes), .WeightBanks(WeightBanks),
    .ActBytes(ActBytes), .AccBytes(AccBytes), .ParamBytes(ParamBytes), .RowLayout(RowLayout),
    .Lanes(Lanes), .BlockUpdates(BlockUpdates), .BeatBytes(BeatBytes), .BurstBytes(BurstBytes),
    .QueueDepth(QueueDepth), .StreamAlign(StreamAlign), .FullCounters(FullCounters),
    .BuildHash(BuildHash)
  ) u_front (
    .clk_i             (clk_command_i),
    .clk_free_i        (clk_i),
    .rst_ni,
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
    .clear_counters_o  (clear_counters),
    .snapshot_o        (snapshot),
    .ctr_read_o        (ctr_read),
    .ctr_index_o       (ctr_index),
    .ctr_done_i        (ctr_done),
    .ctr_data_i        (ctr_data),
    .cycle_o           (cycle),
    .halt_o            (halt),
    .idle_i            ({gemm_idle, scatter_idle, copy_idle}),
    .state_i           ({gemm_state, scatter_state, copy_state}),
    .cmd_valid_o       (cmd_valid),
    .cmd_ready_i       (cmd_ready),
    .copy_cmd_desc_o   (copy_desc),
    .scatter_cmd_desc_o(scatter_desc),
    .gemm_cmd_desc_o   (gemm_desc),
    .done_valid_i      (done_valid),
    .done_ready_o      (done_ready),
    .copy_done_i       (copy_done),
    .scatter_done_i    (scatter_done),
    .gemm_done_i       (gemm_done),
    .rd_req_valid_o    (rd_req_valid[0]),
    .rd_req_ready_i    (rd_req_ready[0]),
    .rd_req_addr_o     (rd_req_addr[63:0]),
    .rd_req_len_o      (rd_req_len[7:0]),
    .rd_rsp_valid_i    (rd_rsp_valid[0]),
    .rd_rsp_data_i     (rd_rsp_data),
    .rd_rsp_last_i     (rd_rsp_last),
    .rd_rsp_err_i      (rd_rsp_err),
    .wr_req_valid_o    (wr_req_valid[0]),
    .wr_req_ready_i    (wr_req_ready[0]),
    .wr_req_addr_o     (wr_req_addr[63:0]),
    .wr_req_len_o      (wr_req_len[7:0]),
    .wr_data_valid_o   (wr_data_valid[0]),
    .wr_data_ready_i   (wr_data_ready[0]),
    .wr_data_o         (wr_data[BeatBits-1:0]),
    .wr_strb_o         (wr_strb[BeatBytes-1:0]),
    .wr_last_o         (wr_last[0]),
    .wr_rsp_valid_i    (wr_rsp_valid[0]),
    .wr_rsp_err_i      (wr_rsp_err),
    .axi_moved_i       (rd_moved | wr_moved),
    .axi_idle_i        (rd_idle & wr_idle),
    .busy_o            (front_busy),
    .command_state_o   (command_state),
    .waiting_o         (waiting),
    .traffic_o         (command_traffic),
    .ev_descriptor_o   (ev_descriptor)
  );

  logic unused_prot;
  assign unused_prot = &{1'b0, s_axil_awprot_i, s_axil_arprot_i};

  // ---- clocks ----

  shira_gate u_gate (
    .clk_i,
    .rst_ni,
    .halt_i        (halt),
    .command_busy_i(front_busy),
    .axi_busy_i    (rd_req_valid != '0 || !rd_idle || wr_req_valid != '0 || !wr_idle),
    .idle_i        ({gemm_idle, scatter_idle, copy_idle}),
    .cmd_valid_i   (cmd_valid),
    .run_o
  );

  // ---- COPY ----

  logic                sram_rd_valid, sram_rd_ready, sram_wr_valid, sram_wr_ready;
  logic [         2:0] sram_rd_space, sram_wr_space;
  logic [        31:0] sram_rd_addr, sram_wr_addr;
  logic [BeatBits-1:0] sram_rd_data, sram_wr_data;

  shira_copy #(
    .BeatBytes(BeatBytes), .BurstBytes(BurstBytes), .Outstanding(Outstanding),
    .WeightBytes(WeightBytes), .ActBytes(ActBytes), .AccBytes(AccBytes), .ParamBytes(ParamBytes),
    .ReadLatency(CopyLatency)
  ) u_copy (
    .clk_i          (clk_copy_i),
    .rst_ni,
    .cycle_i        (cycle),
    .halt_i         (halt),
    .idle_o         (copy_idle),
    .cmd_valid_i    (cmd_valid[0]),
    .cmd_ready_o    (cmd_ready[0]),
    .cmd_desc_i     (copy_desc),
    .done_valid_o   (done_valid[0]),
    .done_ready_i   (done_ready[0]),
    .done_o         (copy_done),
    .state_o        (copy_state),
    .traffic_o      (copy_traffic),
    .rd_req_valid_o (rd_req_valid[1]),
    .rd_req_ready_i (rd_req_ready[1]),
    .rd_req_addr_o  (rd_req_addr[64+:64]),
    .rd_req_len_o   (rd_req_len[8+:8]),
    .rd_req_class_o (rd_req_class[4+:4]),
    .rd_rsp_valid_i (rd_rsp_valid[1]),
    .rd_rsp_data_i  (rd_rsp_data),
    .rd_rsp_last_i  (rd_rsp_last),
    .rd_rsp_err_i   (rd_rsp_err),
    .wr_req_valid_o (wr_req_valid[1]),
    .wr_req_ready_i (wr_req_ready[1]),
    .wr_req_addr_o  (wr_req_addr[64+:64]),
    .wr_req_len_o   (wr_req_len[8+:8]),
    .wr_req_class_o (wr_req_class[4+:4]),
    .wr_data_valid_o(wr_data_valid[1]),
    .wr_data_ready_i(wr_data_ready[1]),
    .wr_data_o      (wr_data[BeatBits+:BeatBits]),
    .wr_strb_o      (wr_strb[BeatBytes+:BeatBytes]),
    .wr_last_o      (wr_last[1]),
    .wr_rsp_valid_i (wr_rsp_valid[1]),
    .wr_rsp_err_i   (wr_rsp_err),
    .sram_rd_valid_o(sram_rd_valid),
    .sram_rd_ready_i(sram_rd_ready),
    .sram_rd_space_o(sram_rd_space),
    .sram_rd_addr_o (sram_rd_addr),
    .sram_rd_data_i (sram_rd_data),
    .sram_wr_valid_o(sram_wr_valid),
    .sram_wr_ready_i(sram_wr_ready),
    .sram_wr_space_o(sram_wr_space),
    .sram_wr_addr_o (sram_wr_addr),
    .sram_wr_data_o (sram_wr_data)
  );

  // ---- SCATTER ----

  logic [         WeightBanks-1:0] bank_valid, bank_ready, bank_rd_valid, bank_rd_ready;
  logic [    WeightBanks*RowW-1:0] bank_row, bank_rd_row;
  logic [  WeightBanks*ArrayK-1:0] bank_mask;
  logic [WeightBanks*ArrayK*8-1:0] bank_data, bank_rd_data;

  shira_scatter #(
    .ArrayN(ArrayN), .ArrayK(ArrayK), .WeightBytes(WeightBytes), .WeightBanks(WeightBanks),
    .WeightLatency(WeightLatency), .Lanes(Lanes), .DecodeBytes(DecodeBytes), .FifoDepth(FifoDepth),
    .RowLayout(RowLayout), .Merge(Merge), .BlockUpdates(BlockUpdates), .BeatBytes(BeatBytes),
    .BurstBytes(BurstBytes), .Outstanding(Outstanding), .StreamAlign(StreamAlign)
  ) u_scatter (
    .clk_i          (clk_scatter_i),
    .rst_ni,
    .cycle_i        (cycle),
    .halt_i         (halt),
    .idle_o         (scatter_idle),
    .cmd_valid_i    (cmd_valid[1]),
    .cmd_ready_o    (cmd_ready[1]),
    .cmd_desc_i     (scatter_desc),
    .done_valid_o   (done_valid[1]),
    .done_ready_i   (done_ready[1]),
    .done_o         (scatter_done),
    .state_o        (scatter_state),
    .traffic_o      (scatter_traffic),
    .lines_traffic_o(lines_traffic),
    .rd_req_valid_o (rd_req_valid[3:2]),
    .rd_req_ready_i (rd_req_ready[3:2]),
    .rd_req_addr_o  (rd_req_addr[128+:128]),
    .rd_req_len_o   (rd_req_len[16+:16]),
    .rd_req_class_o (rd_req_class[8+:8]),
    .rd_rsp_valid_i (rd_rsp_valid[3:2]),
    .rd_rsp_data_i  (rd_rsp_data),
    .rd_rsp_last_i  (rd_rsp_last),
    .rd_rsp_err_i   (rd_rsp_err),
    .wr_req_valid_o (wr_req_valid[3:2]),
    .wr_req_ready_i (wr_req_ready[3:2]),
    .wr_req_addr_o  (wr_req_addr[128+:128]),
    .wr_req_len_o   (wr_req_len[16+:16]),
    .wr_req_class_o (wr_req_class[8+:8]),
    .wr_data_valid_o(wr_data_valid[3:2]),
    .wr_data_ready_i(wr_data_ready[3:2]),
    .wr_data_o      (wr_data[2*BeatBits+:2*BeatBits]),
    .wr_strb_o      (wr_strb[2*BeatBytes+:2*BeatBytes]),
    .wr_last_o      (wr_last[3:2]),
    .wr_rsp_valid_i (wr_rsp_valid[3:2]),
    .wr_rsp_err_i   (wr_rsp_err),
    .bank_valid_o   (bank_valid),
    .bank_ready_i   (bank_ready),
    .bank_row_o     (bank_row),
    .bank_mask_o    (bank_mask),
    .bank_data_o    (bank_data),
    .bank_rd_valid_o(bank_rd_valid),
    .bank_rd_ready_i(bank_rd_ready),
    .bank_rd_row_o  (bank_rd_row),
    .bank_rd_data_i (bank_rd_data),
    .ev_updates_o   (ev_updates),
    .ev_bank_stall_o(ev_bank_stall)
  );

  // ---- GEMM ----

  logic tile_valid, tile_ready, word_rd_valid, word_rd_ready, word_wr_valid, word_wr_ready;
  logic act_rd_valid, act_rd_ready, act_wr_valid, act_wr_ready;
  logic acc_rd_valid, acc_rd_ready, acc_wr_valid, acc_wr_ready, par_rd_valid, par_rd_ready;
  logic [31:0] tile_addr, word_rd_addr, word_wr_addr, act_rd_addr, act_wr_addr;
  logic [31:0] acc_rd_addr, acc_wr_addr, par_rd_addr;
  logic [ArrayN*ArrayK*8-1:0] tile_data;
  logic [       ArrayK*8-1:0] word_rd_data, word_wr_data;
  logic [      ActWord*8-1:0] act_rd_data, act_wr_data;
  logic [        ActWord-1:0] act_wr_strb;
  logic [      AccWord*8-1:0] acc_rd_data, acc_wr_data;
  logic [        AccWord-1:0] acc_wr_strb;
  logic [    ParamWord*8-1:0] par_rd_data;

  shira_gemm #(
    .ArrayN       (ArrayN),
    .ArrayK       (ArrayK),
    .WeightBytes  (WeightBytes),
    .ActBytes     (ActBytes),
    .AccBytes     (AccBytes),
    .ParamBytes   (ParamBytes),
    .BeatBytes    (BeatBytes),
    .WeightLatency(WeightLatency), .ActLatency(ActLatency), .AccLatency(AccLatency),
    .ParamLatency (ParamLatency)
  ) u_gemm (
    .clk_i             (clk_gemm_i),
    .rst_ni,
    .cycle_i           (cycle),
    .halt_i            (halt),
    .idle_o            (gemm_idle),
    .cmd_valid_i       (cmd_valid[2]),
    .cmd_ready_o       (cmd_ready[2]),
    .cmd_desc_i        (gemm_desc),
    .done_valid_o      (done_valid[2]),
    .done_ready_i      (done_ready[2]),
    .done_o            (gemm_done),
    .state_o           (gemm_state),
    .wt_tile_valid_o   (tile_valid),
    .wt_tile_ready_i   (tile_ready),
    .wt_tile_addr_o    (tile_addr),
    .wt_tile_data_i    (tile_data),
    .wt_word_rd_valid_o(word_rd_valid),
    .wt_word_rd_ready_i(word_rd_ready),
    .wt_word_rd_addr_o (word_rd_addr),
    .wt_word_rd_data_i (word_rd_data),
    .wt_word_wr_valid_o(word_wr_valid),
    .wt_word_wr_ready_i(word_wr_ready),
    .wt_word_wr_addr_o (word_wr_addr),
    .wt_word_wr_data_o (word_wr_data),
    .act_rd_valid_o    (act_rd_valid),
    .act_rd_ready_i    (act_rd_ready),
    .act_rd_addr_o     (act_rd_addr),
    .act_rd_data_i     (act_rd_data),
    .act_wr_valid_o    (act_wr_valid),
    .act_wr_ready_i    (act_wr_ready),
    .act_wr_addr_o     (act_wr_addr),
    .act_wr_data_o     (act_wr_data),
    .act_wr_strb_o     (act_wr_strb),
    .acc_rd_valid_o    (acc_rd_valid),
    .acc_rd_ready_i    (acc_rd_ready),
    .acc_rd_addr_o     (acc_rd_addr),
    .acc_rd_data_i     (acc_rd_data),
    .acc_wr_valid_o    (acc_wr_valid),
    .acc_wr_ready_i    (acc_wr_ready),
    .acc_wr_addr_o     (acc_wr_addr),
    .acc_wr_data_o     (acc_wr_data),
    .acc_wr_strb_o     (acc_wr_strb),
    .par_rd_valid_o    (par_rd_valid),
    .par_rd_ready_i    (par_rd_ready),
    .par_rd_addr_o     (par_rd_addr),
    .par_rd_data_i     (par_rd_data),
    .ev_macs_o         (ev_macs)
  );

  // ---- SRAMs ----

  shira_memories #(
    .ArrayN(ArrayN), .ArrayK(ArrayK), .BeatBytes(BeatBytes), .WeightBytes(WeightBytes),
    .WeightBanks(WeightBanks), .ActBytes(ActBytes), .AccBytes(AccBytes), .ParamBytes(ParamBytes),
    .WeightMode(WeightMode), .ActMode(ActMode), .AccMode(AccMode), .ParamMode(ParamMode),
    .WeightLatency(WeightLatency), .ActLatency(ActLatency), .AccLatency(AccLatency),
    .ParamLatency(ParamLatency), .CopyLatency(CopyLatency)
  ) u_memories (
    .clk_i, .rst_ni,
    .sram_rd_valid_i(sram_rd_valid), .sram_rd_ready_o(sram_rd_ready),
    .sram_rd_space_i(sram_rd_space), .sram_rd_addr_i (sram_rd_addr),
    .sram_rd_data_o (sram_rd_data), .sram_wr_valid_i(sram_wr_valid),
    .sram_wr_ready_o(sram_wr_ready), .sram_wr_space_i(sram_wr_space),
    .sram_wr_addr_i (sram_wr_addr), .sram_wr_data_i (sram_wr_data),
    .tile_valid_i(tile_valid), .tile_ready_o(tile_ready),
    .tile_addr_i(tile_addr), .tile_data_o(tile_data),
    .word_rd_valid_i(word_rd_valid), .word_rd_ready_o(word_rd_ready),
    .word_rd_addr_i(word_rd_addr), .word_rd_data_o(word_rd_data),
    .word_wr_valid_i(word_wr_valid), .word_wr_ready_o(word_wr_ready),
    .word_wr_addr_i(word_wr_addr), .word_wr_data_i(word_wr_data),
    .bank_valid_i(bank_valid), .bank_ready_o(bank_ready),
    .bank_row_i(bank_row), .bank_mask_i(bank_mask),
    .bank_data_i(bank_data), .bank_rd_valid_i(bank_rd_valid),
    .bank_rd_ready_o(bank_rd_ready), .bank_rd_row_i(bank_rd_row),
    .bank_rd_data_o(bank_rd_data), .act_rd_valid_i(act_rd_valid),
    .act_rd_ready_o(act_rd_ready), .act_rd_addr_i(act_rd_addr),
    .act_rd_data_o(act_rd_data), .act_wr_valid_i(act_wr_valid),
    .act_wr_ready_o(act_wr_ready), .act_wr_addr_i(act_wr_addr),
    .act_wr_data_i(act_wr_data), .act_wr_strb_i(act_wr_strb),
    .acc_rd_valid_i(acc_rd_valid), .acc_rd_ready_o(acc_rd_ready),
    .acc_rd_addr_i(acc_rd_addr), .acc_rd_data_o(acc_rd_data),
    .acc_wr_valid_i(acc_wr_valid), .acc_wr_ready_o(acc_wr_ready),
    .acc_wr_addr_i(acc_wr_addr), .acc_wr_data_i(acc_wr_data),
    .acc_wr_strb_i(acc_wr_strb), .par_rd_valid_i(par_rd_valid),
    .par_rd_ready_o(par_rd_ready), .par_rd_addr_i(par_rd_addr),
    .par_rd_data_o(par_rd_data), .weight_events_o(weight_events),
    .act_events_o(act_events), .acc_events_o(acc_events),
    .param_events_o(param_events)
  );

endmodule
