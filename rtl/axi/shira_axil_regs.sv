// The device's registers and the window onto the counters, behind AXI4-Lite.
//
// Does:         answers each access with OKAY, or with SLVERR and no effect where the address is not a
//               register, is not a multiple of 4, or is written although it is read-only. Write strobes
//               are honoured. ring_log2 is kept within 1 to 16; the low 12 bits of both ring bases read
//               as 0. Reading cycle_lo latches cycle_hi.
// Never does:   waits for the rest of the device, except for a counter while a snapshot is made.
// Latency:      two cycles from AW and W, or AR, to the response; a counter two more.
// Throughput:   see shira_axil_slave.
// Backpressure: an unread response holds the next request of its direction.
module shira_axil_regs #(
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
  parameter int unsigned StreamAlign  = 32,
  parameter int unsigned FullCounters = 1,
  parameter int unsigned BuildHash    = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,              // synchronous, active low
  output logic        busy_o,              // an access is under way
  // AXI4-Lite
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [11:0] s_axil_awaddr_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [ 3:0] s_axil_wstrb_i,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  output logic [ 1:0] s_axil_bresp_o,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  input  logic [11:0] s_axil_araddr_i,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [31:0] s_axil_rdata_o,
  output logic [ 1:0] s_axil_rresp_o,
  output logic        irq_o,               // an enabled interrupt is pending -> host
  // configuration -> shira_command
  output logic        enable_o,            // fetch descriptors
  output logic        ack_o,               // pulse: acknowledge the error
  output logic        clear_counters_o,    // pulse: zero all counters -> shira_perf
  output logic        snapshot_o,          // pulse: keep all counters for reading -> shira_perf
  output logic        doorbell_o,          // ring_tail is written in this cycle, valid on ring_tail_o in the next
  output logic [63:0] ring_base_o,
  output logic [ 4:0] ring_log2_o,         // 1 to 16
  output logic [31:0] ring_tail_o,
  output logic [63:0] completion_base_o,
  output logic [31:0] watchdog_o,          // cycles, 0 = off
  output logic [31:0] cancel_first_o,      // first descriptor that is cancelled
  output logic [31:0] cancel_count_o,      // how many
  input  logic        cancel_clear_i,      // pulse: none
  // state <- shira_command
  input  logic [ 2:0] status_i,            // {draining, halted, idle}
  input  logic [ 7:0] error_status_i,
  input  logic [31:0] error_seq_i,
  input  logic [63:0] error_where_i,
  input  logic [31:0] error_count_i,
  input  logic [ 1:0] irq_set_i,           // pulses {error, completion}
  input  logic [31:0] ring_head_i,
  input  logic [31:0] completion_count_i,
  input  logic [63:0] cycle_i,
  input  logic [63:0] doorbell_cycle_i,
  input  logic [63:0] completion_cycle_i,
  // counters <-> shira_perf
  output logic        ctr_read_o,          // counter ctr_index_o is asked for, until ctr_done_i
  output logic [ 6:0] ctr_index_o,
  input  logic        ctr_done_i,          // pulse: ctr_data_i is valid
  input  logic [63:0] ctr_data_i
);

  localparam logic [11:0] CounterEnd = shira_regs_pkg::CounterOffset + 12'(8 * shira_regs_pkg::NumCounters);

  logic        enable_q;
  logic [ 1:0] irq_status_q;
  logic [ 1:0] irq_enable_q;
  logic [51:0] ring_base_q;        // bits 63:12
  logic [ 4:0] ring_log2_q;
  logic [31:0] ring_tail_q;
  logic [51:0] completion_base_q;  // bits 63:12
  logic [31:0] watchdog_q;
  logic [31:0] cycle_hi_q;

  logic [31:0] cancel_first_q;
  logic [31:0] cancel_count_q;

  logic        write;       // a write happens in this cycle
  logic [11:0] write_addr;
  logic [31:0] write_data;
  logic [ 3:0] write_strb;
  logic        writable;    // its address may be written
  logic        read;        // a read is asked for
  logic [11:0] read_addr;
  logic        read_done;
  logic [31:0] read_data;
  logic        known;       // its address can be read

  shira_axil_slave u_slave (
    .clk_i,
    .rst_ni,
    .busy_o,
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
    .write_o      (write),
    .write_addr_o (write_addr),
    .write_data_o (write_data),
    .write_strb_o (write_strb),
    .write_error_i(!writable),
    .read_o       (read),
    .read_addr_o  (read_addr),
    .read_done_i  (read_done),
    .read_data_i  (read_data),
    .read_error_i (!known)
  );

  // ---------------------------------------------------------------- writes
  logic [31:0] old;    // the register before
  logic [31:0] next;   // and with the written bytes
  logic [31:0] given;  // the written bytes alone

  always_comb begin
    writable = 1'b1;
    old      = '0;
    next     = '0;
    given    = '0;
    if (write) begin
      case (write_addr)
        shira_regs_pkg::RegCtrl: old = {31'b0, enable_q};
        shira_regs_pkg::RegIrqStatus: old = '0;
        shira_regs_pkg::RegIrqEnable: old = {30'b0, irq_enable_q};
        shira_regs_pkg::RegRingBaseLo: old = {ring_base_q[19:0], 12'b0};
        shira_regs_pkg::RegRingBaseHi: old = ring_base_q[51:20];
        shira_regs_pkg::RegRingLog2: old = {27'b0, ring_log2_q};
        shira_regs_pkg::RegRingTail: old = ring_tail_q;
        shira_regs_pkg::RegCompletionBaseLo: old = {completion_base_q[19:0], 12'b0};
        shira_regs_pkg::RegCompletionBaseHi: old = completion_base_q[51:20];
        shira_regs_pkg::RegWatchdog: old = watchdog_q;
        shira_regs_pkg::RegCancelFirst: old = cancel_first_q;
        shira_regs_pkg::RegCancelCount: old = cancel_count_q;
        shira_regs_pkg::RegCounterSnapshot: old = '0;
        default: writable = 1'b0;
      endcase
      for (int unsigned i = 0; i < 4; i++) begin
        next[i*8+:8]  = write_strb[i] ? write_data[i*8+:8] : old[i*8+:8];
        given[i*8+:8] = write_strb[i] ? write_data[i*8+:8] : 8'b0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      enable_q          <= 1'b0;
      irq_enable_q      <= '0;
      ring_base_q       <= '0;
      ring_log2_q       <= 5'd1;
      ring_tail_q       <= '0;
      completion_base_q <= '0;
      watchdog_q        <= 32'd65536;
      cancel_first_q    <= '0;
    end else if (write) begin
      case (write_addr)
        shira_regs_pkg::RegCtrl: enable_q <= next[shira_regs_pkg::RegCtrlEnableBit];
        shira_regs_pkg::RegIrqEnable: irq_enable_q <= next[1:0];
        shira_regs_pkg::RegRingBaseLo: ring_base_q[19:0] <= next[31:12];
        shira_regs_pkg::RegRingBaseHi: ring_base_q[51:20] <= next;
        shira_regs_pkg::RegRingLog2: begin
          if (next > 32'd16) ring_log2_q <= 5'd16;
          else if (next == '0) ring_log2_q <= 5'd1;
          else ring_log2_q <= next[4:0];
        end
        shira_regs_pkg::RegRingTail: ring_tail_q <= next;
        shira_regs_pkg::RegCompletionBaseLo: completion_base_q[19:0] <= next[31:12];
        shira_regs_pkg::RegCompletionBaseHi: completion_base_q[51:20] <= next;
        shira_regs_pkg::RegWatchdog: watchdog_q <= next;
        shira_regs_pkg::RegCancelFirst: cancel_first_q <= next;
        default: ;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || cancel_clear_i) cancel_count_q <= '0;
    else if (write && write_addr == shira_regs_pkg::RegCancelCount) cancel_count_q <= next;
  end

  // An interrupt that comes in the cycle in which it is cleared stays pending.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) irq_status_q <= '0;
    else if (write && write_addr == shira_regs_pkg::RegIrqStatus) begin
      irq_status_q <= (irq_status_q & ~given[1:0]) | irq_set_i;
    end else irq_status_q <= irq_status_q | irq_set_i;
  end

  assign irq_o = (irq_status_q & irq_enable_q) != '0;
  assign enable_o = enable_q;
  assign ack_o = write && write_addr == shira_regs_pkg::RegCtrl &&
                 given[shira_regs_pkg::RegCtrlAckBit];
  assign clear_counters_o = write && write_addr == shira_regs_pkg::RegCtrl &&
                            given[shira_regs_pkg::RegCtrlClearCountersBit];
  assign doorbell_o = write && write_addr == shira_regs_pkg::RegRingTail;
  assign ring_base_o = {ring_base_q, 12'b0};
  assign ring_log2_o = ring_log2_q;
  assign ring_tail_o = ring_tail_q;
  assign completion_base_o = {completion_base_q, 12'b0};
  assign watchdog_o = watchdog_q;
  assign snapshot_o = write && write_addr == shira_regs_pkg::RegCounterSnapshot;
  assign cancel_first_o = cancel_first_q;
  assign cancel_count_o = cancel_count_q;

  // ----------------------------------------------------------------- reads
  logic        counter;  // it lies in the counters' window
  logic [31:0] value;    // of a register

  assign counter = read_addr >= shira_regs_pkg::CounterOffset && read_addr < CounterEnd &&
                   read_addr[1:0] == 2'b00;
  assign ctr_read_o  = read && counter;
  assign ctr_index_o = read_addr[9:3];
  assign read_done   = !counter || ctr_done_i;
  assign read_data   = counter ? (read_addr[2] ? ctr_data_i[63:32] : ctr_data_i[31:0]) : value;

  always_comb begin
    known = 1'b1;
    value = '0;
    if (read && !counter) begin
      case (read_addr)
        shira_regs_pkg::RegId: value = shira_regs_pkg::DeviceId;
        shira_regs_pkg::RegVersion: value = shira_regs_pkg::InterfaceVersion;
        shira_regs_pkg::RegBuild: value = BuildHash;
        shira_regs_pkg::RegCapArrayN: value = ArrayN;
        shira_regs_pkg::RegCapArrayK: value = ArrayK;
        shira_regs_pkg::RegCapBanks: value = WeightBanks;
        shira_regs_pkg::RegCapLayout:
        value = (RowLayout != 0) ? 32'(shira_regs_pkg::LayoutRow) : 32'(shira_regs_pkg::LayoutTile);
        shira_regs_pkg::RegCapWeightBytes: value = WeightBytes;
        shira_regs_pkg::RegCapActivationBytes: value = ActBytes;
        shira_regs_pkg::RegCapAccumulatorBytes: value = AccBytes;
        shira_regs_pkg::RegCapParameterBytes: value = ParamBytes;
        shira_regs_pkg::RegCapDtypes: value = 32'd1;
        shira_regs_pkg::RegCapFormats:
        value = 32'd1 << shira_regs_pkg::StreamFormatGap8 | 32'd1 << shira_regs_pkg::StreamFormatCoo32;
        shira_regs_pkg::RegCapLanes: value = Lanes;
        shira_regs_pkg::RegCapStreamAlign: value = StreamAlign;
        shira_regs_pkg::RegCapBlockUpdates: value = BlockUpdates;
        shira_regs_pkg::RegCapBlockGaps: value = 4 * BlockUpdates;
        shira_regs_pkg::RegCapBeatBytes: value = BeatBytes;
        shira_regs_pkg::RegCapCounters:
        value = (FullCounters != 0) ? 32'(shira_regs_pkg::CounterSetFull) :
                                      32'(shira_regs_pkg::CounterSetBasic);
        shira_regs_pkg::RegCtrl: value = {31'b0, enable_q};
        shira_regs_pkg::RegStatus: value = {29'b0, status_i};
        shira_regs_pkg::RegErrorStatus: value = {24'b0, error_status_i};
        shira_regs_pkg::RegErrorSeq: value = error_seq_i;
        shira_regs_pkg::RegErrorWhereLo: value = error_where_i[31:0];
        shira_regs_pkg::RegErrorWhereHi: value = error_where_i[63:32];
        shira_regs_pkg::RegIrqStatus: value = {30'b0, irq_status_q};
        shira_regs_pkg::RegIrqEnable: value = {30'b0, irq_enable_q};
        shira_regs_pkg::RegRingBaseLo: value = {ring_base_q[19:0], 12'b0};
        shira_regs_pkg::RegRingBaseHi: value = ring_base_q[51:20];
        shira_regs_pkg::RegRingLog2: value = {27'b0, ring_log2_q};
        shira_regs_pkg::RegRingTail: value = ring_tail_q;
        shira_regs_pkg::RegRingHead: value = ring_head_i;
        shira_regs_pkg::RegCompletionBaseLo: value = {completion_base_q[19:0], 12'b0};
        shira_regs_pkg::RegCompletionBaseHi: value = completion_base_q[51:20];
        shira_regs_pkg::RegCompletionCount: value = completion_count_i;
        shira_regs_pkg::RegWatchdog: value = watchdog_q;
        shira_regs_pkg::RegErrorCount: value = error_count_i;
        shira_regs_pkg::RegCycleLo: value = cycle_i[31:0];
        shira_regs_pkg::RegCycleHi: value = cycle_hi_q;
        shira_regs_pkg::RegDoorbellCycleLo: value = doorbell_cycle_i[31:0];
        shira_regs_pkg::RegDoorbellCycleHi: value = doorbell_cycle_i[63:32];
        shira_regs_pkg::RegCompletionCycleLo: value = completion_cycle_i[31:0];
        shira_regs_pkg::RegCompletionCycleHi: value = completion_cycle_i[63:32];
        shira_regs_pkg::RegCancelFirst: value = cancel_first_q;
        shira_regs_pkg::RegCancelCount: value = cancel_count_q;
        shira_regs_pkg::RegCounterSnapshot: value = '0;
        default: known = 1'b0;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) cycle_hi_q <= '0;
    else if (read && read_addr == shira_regs_pkg::RegCycleLo) cycle_hi_q <= cycle_i[63:32];
  end

`ifdef SHIRA_ASSERT
  pulses_apart: assert property (@(posedge clk_i) disable iff (!rst_ni)
    $onehot0({ack_o || clear_counters_o, doorbell_o, snapshot_o}));
  log2_legal: assert property (@(posedge clk_i) disable iff (!rst_ni)
    ring_log2_o >= 5'd1 && ring_log2_o <= 5'd16);
  counter_only_when_asked: assert property (@(posedge clk_i) disable iff (!rst_ni)
    ctr_done_i |-> read && counter);
`endif

endmodule
