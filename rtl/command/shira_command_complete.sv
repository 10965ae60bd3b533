// Writes completion records into the ring in memory.
//
// Does:         keeps up to four records in order, gives each its phase and its place in the ring, writes
//               it in one burst, and counts it when its write response comes. Several may be in flight.
// Never does:   counts a record before its response; reorders; stops at a failed write (it reports it).
// Latency:      record to write request one cycle.
// Throughput:   a record every CompletionBytes / BeatBytes + 1 cycles.
// Backpressure: record_ready_o is low while four records wait.
module shira_command_complete #(
  parameter int unsigned BeatBytes = 32  // bytes of a memory beat, 8 to 64
) (
  input  logic                        clk_i,
  input  logic                        rst_ni,              // synchronous, active low
  input  logic [                63:0] cycle_i,
  // configuration <- shira_axil_regs
  input  logic [                63:0] completion_base_i,   // 4 KiB aligned
  input  logic [                 4:0] ring_log2_i,         // entries, 1 to 16
  // records <- shira_command_retire
  input  logic                        record_valid_i,
  output logic                        record_ready_o,
  input  shira_regs_pkg::completion_t record_i,            // without phase
  input  logic                        record_irq_i,        // raises the completion interrupt
  // memory write client
  output logic                        wr_req_valid_o,
  input  logic                        wr_req_ready_i,
  output logic [                63:0] wr_req_addr_o,
  output logic [                 7:0] wr_req_len_o,
  output logic                        wr_data_valid_o,
  input  logic                        wr_data_ready_i,
  output logic [     BeatBytes*8-1:0] wr_data_o,
  output logic [       BeatBytes-1:0] wr_strb_o,
  output logic                        wr_last_o,
  input  logic                        wr_rsp_valid_i,
  input  logic [                 1:0] wr_rsp_err_i,
  // state
  output logic [                31:0] count_o,             // records written, free-running
  output logic [                63:0] cycle_o,             // of the newest response
  output logic                        irq_o,               // pulse: a record that interrupts was written
  output logic                        failed_o,            // pulse: a record could not be written
  output shira_command_pkg::error_t   error_o,             // which
  output logic                        idle_o,              // no record waits or is in flight
  output logic [                31:0] oldest_seq_o         // of the oldest in flight, 0 if none
);

  localparam int unsigned Bytes    = shira_regs_pkg::CompletionBytes;
  localparam int unsigned Beats    = Bytes / BeatBytes;
  localparam int unsigned BeatBits = BeatBytes * 8;
  localparam int unsigned Waiting  = 4;   // records
  localparam int unsigned Flying   = 16;  // records

  if (BeatBytes < 8 || BeatBytes > Bytes || (BeatBytes & (BeatBytes - 1)) != 0) begin : gen_bad_beat
    $error("BeatBytes must be a power of two from 8 to 64");
  end

  logic [31:0] mask;      // of an index into the ring
  logic        phase;     // of the record that comes now: 1 in even rounds of the ring
  logic [31:0] given_q;   // records taken
  logic [31:0] issued_q;  // records whose data were sent
  logic [31:0] count_q;   // records answered

  assign mask   = ~(32'hffff_ffff << ring_log2_i);
  assign phase  = (given_q & (mask + 32'd1)) == '0;

  // ------------------------------------------------------- records that wait
  logic [8*Bytes-1:0]         item;
  logic                       head_valid;
  logic                       head_irq;
  logic [8*Bytes-1:0]         head;
  logic                       head_pop;

  // phase is the last word of a record
  always_comb begin
    item = '0;
    if (record_valid_i) begin
      item = record_i;
      item[8*Bytes-32+:32] = {31'b0, phase};
    end
  end

  shira_command_store #(
    .Width(8 * Bytes + 1),
    .Depth(Waiting)
  ) u_store (
    .clk_i,
    .rst_ni,
    .push_valid_i(record_valid_i),
    .push_ready_o(record_ready_o),
    .push_data_i ({record_irq_i, item}),
    .pop_valid_o (head_valid),
    .pop_ready_i (head_pop),
    .pop_data_o  ({head_irq, head})
  );

  // ------------------------------------------------------------------ writes
  logic       requested_q;  // the head's burst was taken
  logic [7:0] beat_q;       // next beat of the head
  logic       flying_ready;
  logic       request;      // the head's burst is taken now
  logic       beat;         // a beat is taken now

  assign wr_req_valid_o = head_valid && !requested_q && flying_ready;
  assign wr_req_addr_o  = completion_base_i + {26'b0, issued_q & mask, 6'b0};
  assign wr_req_len_o   = 8'(Beats - 1);
  assign request        = wr_req_valid_o && wr_req_ready_i;

  assign wr_data_valid_o = requested_q;
  assign wr_strb_o       = '1;
  assign wr_last_o       = beat_q == 8'(Beats - 1);
  assign beat            = wr_data_valid_o && wr_data_ready_i;
  assign head_pop        = beat && wr_last_o;

  always_comb begin
    wr_data_o = '0;
    if (requested_q) wr_data_o = head[32'(beat_q)*BeatBits+:BeatBits];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      requested_q <= 1'b0;
      beat_q      <= '0;
      given_q     <= '0;
      issued_q    <= '0;
    end else begin
      if (record_valid_i && record_ready_o) given_q <= given_q + 32'd1;
      if (request) requested_q <= 1'b1;
      if (head_pop) begin
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
    .push_data_i ({head_irq, head[31:0]}),
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

  assign count_o      = count_q;
  assign cycle_o      = cycle_q;
  assign irq_o        = wr_rsp_valid_i && flying_irq;
  assign failed_o     = wr_rsp_valid_i && wr_rsp_err_i[1];
  assign idle_o       = !head_valid && !flying;
  assign oldest_seq_o = flying ? flying_seq : head[31:0];

  always_comb begin
    error_o = '0;
    if (failed_o) begin
      error_o.status = wr_rsp_err_i[0] ? shira_regs_pkg::StatusWriteDecerr :
                                         shira_regs_pkg::StatusWriteSlverr;
      error_o.seq    = flying_seq;
      error_o.where  = completion_base_i + {26'b0, count_q & mask, 6'b0};
    end
  end

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) wr_rsp_valid_i |-> flying);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_req_valid_o && !wr_req_ready_i |=> wr_req_valid_o && $stable(wr_req_addr_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_data_valid_o && !wr_data_ready_i |=> wr_data_valid_o && $stable(wr_data_o));
`endif

endmodule
