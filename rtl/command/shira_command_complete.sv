// Writes completion records into the ring in memory.
//
// Does:         keeps up to four records in order, gives each its phase and its place in the ring, writes
//               it in one burst, and counts it when its write response comes. Several may be in flight.
// Never does:   counts a record before its response; reorders; stops at a failed write (it reports it).
// Latency:      record to write request two cycles.
// Throughput:   a record every CompletionBytes / BeatBytes + 2 cycles.
// Backpressure: record_ready_o is low while four records wait.
module shira_command_complete #(
  parameter int unsigned BeatBytes = 32  // bytes of a memory beat, 8 to 64
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,              // synchronous, active low
  input  logic [           63:0] cycle_i,
  // configuration <- shira_axil_regs
  input  logic [           63:0] completion_base_i,   // 4 KiB aligned
  input  logic [            4:0] ring_log2_i,         // entries, 1 to 16
  // records <- shira_command_retire
  input  logic                   record_valid_i,
  output logic                   record_ready_o,
  input  shira_command_pkg::record_t record_i,
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
  // state
  output logic [           31:0] count_o,             // records written, free-running
  output logic [           63:0] cycle_o,             // of the newest response
  output logic                   irq_o,               // pulse: a record that interrupts was written
  output logic                   failed_o,            // pulse: a record could not be written
  output logic [            7:0] failed_status_o,     // why
  output logic [           63:0] failed_where_o,      // its address
  output logic                   idle_o,              // no record waits or is in flight
  output logic [           31:0] oldest_seq_o         // of the oldest, where not idle
);

  localparam int unsigned Bytes    = shira_regs_pkg::CompletionBytes;
  localparam int unsigned Beats    = Bytes / BeatBytes;
  localparam int unsigned BeatBits = BeatBytes * 8;
  localparam int unsigned Waiting  = 4;   // records
  localparam int unsigned WaitW    = $clog2(Waiting);
  localparam int unsigned Flying   = 16;  // records

  if (BeatBytes < 8 || BeatBytes > Bytes || (BeatBytes & (BeatBytes - 1)) != 0) begin : gen_bad_beat
    $error("BeatBytes must be a power of two from 8 to 64");
  end

  logic [31:0] mask;      // of an index into the ring
  logic [31:0] given_q;   // records taken
  logic [31:0] issued_q;  // records whose data were sent
  logic [31:0] count_q;   // records answered
  logic        phase;     // of the record that comes now: 1 in even rounds of the ring
  logic        take;      // it is taken

  assign mask  = ~(32'hffff_ffff << ring_log2_i);
  assign phase = (given_q & (mask + 32'd1)) == '0;
  assign take  = record_valid_i && record_ready_o;

  // ------------------------------------------------------- records that wait
  // Record n is in entry n mod Waiting; those from issued_q to given_q wait.
  logic [8*Bytes-1:0]          record_q[Waiting];
  logic [32:0]                 info_q[Waiting];    // {irq, seq}
  logic                        head_valid;
  logic [32:0]                 head_info;
  shira_regs_pkg::completion_t record;

  assign record_ready_o = 32'(given_q - issued_q) != Waiting;
  assign head_valid     = given_q != issued_q;

  always_comb begin
    head_info = '0;
    if (head_valid) head_info = info_q[issued_q[WaitW-1:0]];
  end

  // Written at once, not at the end of the step, so that a simulator copies no wide word for nothing:
  // an entry is never read in the cycle in which it is written.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (take) begin
      record                  = '0;
      record.seq              = record_i.seq;
      record.status           = record_i.status;
      record.opcode           = record_i.opcode;
      record.engine           = record_i.engine;
      record.where            = record_i.where;
      record.t_queued         = record_i.t_queued;
      record.t_start          = record_i.t_start;
      record.first_data_delta = record_i.first_data_delta;
      record.first_work_delta = record_i.first_work_delta;
      record.last_work_delta  = record_i.last_work_delta;
      record.end_delta        = record_i.end_delta;
      record.count            = record_i.count;
      record.starved          = record_i.starved;
      record.stalled          = record_i.stalled;
      record.phase            = {31'b0, phase};
      record_q[given_q[WaitW-1:0]] = record;
    end
  end
  /* verilator lint_on BLKSEQ */

  always_ff @(posedge clk_i) begin
    if (take) info_q[given_q[WaitW-1:0]] <= {record_i.irq, record_i.seq};
  end

  // ------------------------------------------------------------------ writes
  logic       offered_q;    // the head's burst is offered
  logic [63:0] addr_q;      // its address
  logic       requested_q;  // it was taken
  logic [7:0] beat_q;       // next beat of the head
  logic       flying_ready;
  logic       request;      // the head's burst is taken now
  logic       beat;         // a beat is taken now
  logic       sent;         // the last one

  assign wr_req_valid_o = offered_q;
  assign wr_req_addr_o  = addr_q;
  assign wr_req_len_o   = 8'(Beats - 1);
  assign request        = wr_req_valid_o && wr_req_ready_i;

  assign wr_data_valid_o = requested_q;
  assign wr_strb_o       = '1;
  assign wr_last_o       = beat_q == 8'(Beats - 1);
  assign beat            = wr_data_valid_o && wr_data_ready_i;
  assign sent            = beat && wr_last_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) offered_q <= 1'b0;
    else if (request) offered_q <= 1'b0;
    else if (head_valid && !requested_q && flying_ready) offered_q <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (head_valid && !offered_q) addr_q <= completion_base_i + {26'b0, issued_q & mask, 6'b0};
  end

  always_comb begin
    wr_data_o = '0;
    if (requested_q) wr_data_o = record_q[issued_q[WaitW-1:0]][32'(beat_q)*BeatBits+:BeatBits];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      requested_q <= 1'b0;
      beat_q      <= '0;
      given_q     <= '0;
      issued_q    <= '0;
    end else begin
      if (take) given_q <= given_q + 32'd1;
      if (request) requested_q <= 1'b1;
      if (sent) begin
        requested_q <= 1'b0;
        beat_q      <= '0;
        issued_q    <= issued_q + 32'd1;
      end else if (beat) begin
        beat_q <= beat_q + 8'd1;
      end
    end
  end

  // --------------------------------------------------------------- responses
  logic        flying;      // a record waits for its response
  logic        flying_irq;
  logic [31:0] flying_seq;
  logic [63:0] cycle_q;

  shira_fifo #(
    .Width(33),
    .Depth(Flying)
  ) u_flying (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(request),
    .push_ready_o(flying_ready),
    .push_data_i (head_info),
    .pop_valid_o (flying),
    .pop_ready_i (wr_rsp_valid_i),
    .pop_data_o  ({flying_irq, flying_seq}),
    /* verilator lint_off PINCONNECTEMPTY */  // only whether there is one matters
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      cycle_q <= '0;
    end else if (wr_rsp_valid_i) begin
      count_q <= count_q + 32'd1;
      cycle_q <= cycle_i;
    end
  end

  assign count_o         = count_q;
  assign cycle_o         = cycle_q;
  assign irq_o           = wr_rsp_valid_i && flying_irq;
  assign failed_o        = wr_rsp_valid_i && wr_rsp_err_i[1];
  assign failed_status_o = wr_rsp_err_i[0] ? shira_regs_pkg::StatusWriteDecerr :
                                             shira_regs_pkg::StatusWriteSlverr;
  always_comb begin
    failed_where_o = '0;
    if (failed_o) failed_where_o = completion_base_i + {26'b0, count_q & mask, 6'b0};
  end
  assign idle_o          = !head_valid && !flying;
  assign oldest_seq_o    = flying ? flying_seq : head_info[31:0];

`ifdef SHIRA_ASSERT
  response_was_wanted: assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_rsp_valid_i |-> flying);
  request_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_req_valid_o && !wr_req_ready_i |=> wr_req_valid_o && $stable(wr_req_addr_o));
  data_stable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_data_valid_o && !wr_data_ready_i |=> wr_data_valid_o && $stable(wr_data_o));
  room_when_requested: assert property (@(posedge clk_i) disable iff (!rst_ni)
    request |-> flying_ready);
  counts_in_order: assert property (@(posedge clk_i) disable iff (!rst_ni)
    given_q - issued_q <= Waiting && issued_q - count_q <= Flying);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(error_write_slverr, failed_o && failed_status_o == shira_regs_pkg::StatusWriteSlverr)
  `SHIRA_COVER(error_write_decerr, failed_o && failed_status_o == shira_regs_pkg::StatusWriteDecerr)
`endif

endmodule
