// Top of the simulation: shira_top and, for each channel, what was handed over at the last clock
// edge. So the harness needs one eval() a cycle and still sees every handshake exactly, whatever
// combinational paths the design has between its ports.
//
// It adds no cycle to any path. fire_o and the payloads beside it are those of the edge before; a
// payload means something only while its bit of fire_o is set.
module shira_sim #(
    parameter int unsigned ArrayN       = 16,
    parameter int unsigned ArrayK       = 16,
    parameter int unsigned WeightBytes  = 8388608,
    parameter int unsigned WeightBanks  = 16,
    parameter int unsigned ActBytes     = 1048576,
    parameter int unsigned AccBytes     = 65536,
    parameter int unsigned ParamBytes   = 262144,
    parameter int unsigned Lanes        = 8,
    parameter int unsigned DecodeBytes  = 12,
    parameter int unsigned FifoDepth    = 16,
    parameter int unsigned RowLayout    = 0,
    parameter int unsigned Merge        = 1,
    parameter int unsigned FullCounters = 1,
    parameter int unsigned BlockUpdates = 512,
    parameter int unsigned BeatBytes    = 32,
    parameter int unsigned BurstBytes   = 512,
    parameter int unsigned Outstanding  = 16,
    parameter int unsigned QueueDepth   = 4,
    parameter int unsigned StreamAlign  = 32,
    parameter int unsigned WeightMode   = 0,
    parameter int unsigned ActMode      = 0,
    parameter int unsigned AccMode      = 0,
    parameter int unsigned ParamMode    = 0,
    parameter int unsigned WeightLatency = 1,
    parameter int unsigned ActLatency    = 1,
    parameter int unsigned AccLatency    = 1,
    parameter int unsigned ParamLatency  = 1,
    parameter int unsigned BuildHash    = 0
) (
    // Clocks of shira_top, and which of them the next edge needs
    input  logic       clk_i,
    input  logic       clk_command_i,
    input  logic       clk_axi_i,
    input  logic       clk_copy_i,
    input  logic       clk_scatter_i,
    input  logic       clk_gemm_i,
    output logic [4:0] run_o,          // {gemm, scatter, copy, axi, command}
    input  logic       rst_ni,

    // AXI4-Lite registers, driven by the harness
    input logic        s_axil_awvalid_i,
    input logic [11:0] s_axil_awaddr_i,
    input logic        s_axil_wvalid_i,
    input logic [31:0] s_axil_wdata_i,
    input logic [ 3:0] s_axil_wstrb_i,
    input logic        s_axil_bready_i,
    input logic        s_axil_arvalid_i,
    input logic [11:0] s_axil_araddr_i,
    input logic        s_axil_rready_i,

    // AXI4 memory, answered by the harness
    input logic                   m_axi_awready_i,
    input logic                   m_axi_wready_i,
    input logic                   m_axi_bvalid_i,
    input logic [            3:0] m_axi_bid_i,
    input logic [            1:0] m_axi_bresp_i,
    input logic                   m_axi_arready_i,
    input logic                   m_axi_rvalid_i,
    input logic [            3:0] m_axi_rid_i,
    input logic [BeatBytes*8-1:0] m_axi_rdata_i,
    input logic [            1:0] m_axi_rresp_i,
    input logic                   m_axi_rlast_i,

    // Handshakes of the last edge: AXI {b, r, w, aw, ar} in bits 4:0, AXI4-Lite likewise in 9:5
    output logic [            9:0] fire_o,
    output logic [           63:0] ar_addr_o,
    output logic [            7:0] ar_len_o,
    output logic [           19:0] ar_misc_o,   // {cache, prot, user, id, size, burst}
    output logic [           63:0] aw_addr_o,
    output logic [            7:0] aw_len_o,
    output logic [           19:0] aw_misc_o,   // {cache, prot, user, id, size, burst}
    output logic [BeatBytes*8-1:0] w_data_o,
    output logic [  BeatBytes-1:0] w_strb_o,
    output logic                   w_last_o,
    output logic [            1:0] axil_bresp_o,
    output logic [           31:0] axil_rdata_o,
    output logic [            1:0] axil_rresp_o,

    output logic irq_o  // interrupt line, as it is after the edge
);

  logic s_awready, s_wready, s_bvalid, s_arready, s_rvalid;
  logic [1:0] s_bresp, s_rresp;
  logic [31:0] s_rdata;
  logic awvalid, wvalid, wlast, bready, arvalid, rready;
  logic [3:0] awid, awuser, arid, aruser;
  logic [63:0] awaddr, araddr;
  logic [7:0] awlen, arlen;
  logic [2:0] awsize, arsize;
  logic [1:0] awburst, arburst;
  logic [2:0] awprot, arprot;
  logic [3:0] awcache, arcache;
  logic [BeatBytes*8-1:0] wdata;
  logic [BeatBytes-1:0] wstrb;

  shira_top #(
      .ArrayN(ArrayN),
      .ArrayK(ArrayK),
      .WeightBytes(WeightBytes),
      .WeightBanks(WeightBanks),
      .ActBytes(ActBytes),
      .AccBytes(AccBytes),
      .ParamBytes(ParamBytes),
      .Lanes(Lanes),
      .DecodeBytes(DecodeBytes),
      .FifoDepth(FifoDepth),
      .RowLayout(RowLayout),
      .Merge(Merge),
      .FullCounters(FullCounters),
      .BlockUpdates(BlockUpdates),
      .BeatBytes(BeatBytes),
      .BurstBytes(BurstBytes),
      .Outstanding(Outstanding),
      .QueueDepth(QueueDepth),
      .StreamAlign(StreamAlign),
      .WeightMode(WeightMode),
      .ActMode(ActMode),
      .AccMode(AccMode),
      .ParamMode(ParamMode),
      .WeightLatency(WeightLatency),
      .ActLatency(ActLatency),
      .AccLatency(AccLatency),
      .ParamLatency(ParamLatency),
      .BuildHash(BuildHash)
  ) u_top (
      .clk_i,
      .clk_command_i,
      .clk_axi_i,
      .clk_copy_i,
      .clk_scatter_i,
      .clk_gemm_i,
      .run_o,
      .rst_ni,
      .s_axil_awvalid_i,
      .s_axil_awready_o(s_awready),
      .s_axil_awaddr_i,
      .s_axil_awprot_i(3'b000),
      .s_axil_wvalid_i,
      .s_axil_wready_o(s_wready),
      .s_axil_wdata_i,
      .s_axil_wstrb_i,
      .s_axil_bvalid_o(s_bvalid),
      .s_axil_bready_i,
      .s_axil_bresp_o(s_bresp),
      .s_axil_arvalid_i,
      .s_axil_arready_o(s_arready),
      .s_axil_araddr_i,
      .s_axil_arprot_i(3'b000),
      .s_axil_rvalid_o(s_rvalid),
      .s_axil_rready_i,
      .s_axil_rdata_o(s_rdata),
      .s_axil_rresp_o(s_rresp),
      .m_axi_awvalid_o(awvalid),
      .m_axi_awready_i,
      .m_axi_awid_o(awid),
      .m_axi_awaddr_o(awaddr),
      .m_axi_awlen_o(awlen),
      .m_axi_awsize_o(awsize),
      .m_axi_awburst_o(awburst),
      .m_axi_awprot_o(awprot),
      .m_axi_awcache_o(awcache),
      .m_axi_awuser_o(awuser),
      .m_axi_wvalid_o(wvalid),
      .m_axi_wready_i,
      .m_axi_wdata_o(wdata),
      .m_axi_wstrb_o(wstrb),
      .m_axi_wlast_o(wlast),
      .m_axi_bvalid_i,
      .m_axi_bready_o(bready),
      .m_axi_bid_i,
      .m_axi_bresp_i,
      .m_axi_arvalid_o(arvalid),
      .m_axi_arready_i,
      .m_axi_arid_o(arid),
      .m_axi_araddr_o(araddr),
      .m_axi_arlen_o(arlen),
      .m_axi_arsize_o(arsize),
      .m_axi_arburst_o(arburst),
      .m_axi_arprot_o(arprot),
      .m_axi_arcache_o(arcache),
      .m_axi_aruser_o(aruser),
      .m_axi_rvalid_i,
      .m_axi_rready_o(rready),
      .m_axi_rid_i,
      .m_axi_rdata_i,
      .m_axi_rresp_i,
      .m_axi_rlast_i,
      .irq_o
  );

  logic [9:0] fire;
  assign fire = {
    s_bvalid & s_axil_bready_i,
    s_rvalid & s_axil_rready_i,
    s_axil_wvalid_i & s_wready,
    s_axil_awvalid_i & s_awready,
    s_axil_arvalid_i & s_arready,
    m_axi_bvalid_i & bready,
    m_axi_rvalid_i & rready,
    wvalid & m_axi_wready_i,
    awvalid & m_axi_awready_i,
    arvalid & m_axi_arready_i
  };

  always_ff @(posedge clk_i) begin
    fire_o <= rst_ni ? fire : '0;
    if (fire[0]) begin
      ar_addr_o <= araddr;
      ar_len_o  <= arlen;
      ar_misc_o <= {arcache, arprot, aruser, arid, arsize, arburst};
    end
    if (fire[1]) begin
      aw_addr_o <= awaddr;
      aw_len_o  <= awlen;
      aw_misc_o <= {awcache, awprot, awuser, awid, awsize, awburst};
    end
    if (fire[2]) begin
      w_data_o <= wdata;
      w_strb_o <= wstrb;
      w_last_o <= wlast;
    end
    if (fire[8]) begin
      axil_rdata_o <= s_rdata;
      axil_rresp_o <= s_rresp;
    end
    if (fire[9]) axil_bresp_o <= s_bresp;
  end

`ifdef SHIRA_ASSERT
  // AXI: a request once made stays as it is until it is accepted.
  AssertArStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) arvalid && !m_axi_arready_i |=> arvalid &&
      $stable({arcache, arprot, aruser, arid, araddr, arlen, arsize, arburst}));
  AssertAwStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) awvalid && !m_axi_awready_i |=> awvalid &&
      $stable({awcache, awprot, awuser, awid, awaddr, awlen, awsize, awburst}));
  AssertWStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) wvalid && !m_axi_wready_i |=> wvalid &&
      $stable({wdata, wstrb, wlast}));
  AssertAxilBStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) s_bvalid && !s_axil_bready_i |=>
      s_bvalid && $stable(s_bresp));
  AssertAxilRStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni) s_rvalid && !s_axil_rready_i |=>
      s_rvalid && $stable({s_rdata, s_rresp}));
`endif

endmodule
