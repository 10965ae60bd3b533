// Source of COPY: reads the beats of a command from memory or an SRAM and pushes them into the beat FIFO.
//
// Does:         takes a command's source region, reads it piece by piece where the FIFO has room, and
//               pushes the beats in order. Keeps the first read that failed, and from there on pushes
//               nothing of memory. Notes when the first data of a command came from memory.
// Never does:   reads a beat for which it has not reserved room; mixes the beats of two commands.
// Latency:      three cycles from take_i to the first request; memory's beats are pushed in the cycle in
//               which they come, an SRAM's ReadLatency cycles after they were accepted.
// Throughput:   a beat a cycle.
// Backpressure: rd_req_ready_i, sram_rd_ready_i, room in the FIFO.
module shira_copy_source #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned BurstBytes  = 512,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned ReadLatency = 1,    // cycles from the accept of an SRAM read to its data
  parameter int unsigned Depth       = 256   // beats of the FIFO
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,           // synchronous, active low
  input  logic [             31:0] cycle_i,          // cycle counter
  input  logic                     stop_i,           // read nothing more, forget the region
  input  logic                     recover_i,        // forget the error
  // a checked command
  input  logic                     take_i,           // it is taken
  input  logic                     read_i,           // and is to be read; busy_o is low
  input  shira_copy_pkg::command_t command_i,
  input  logic                     id_i,             // commands alternate
  output logic                     busy_o,           // pieces of the region were not read
  // beat FIFO
  output logic                     push_o,
  output logic [  BeatBytes*8-1:0] data_o,
  input  logic                     pop_i,            // a beat left it
  input  logic                     clear_i,          // it was emptied
  // memory read client
  output logic                     rd_req_valid_o,
  input  logic                     rd_req_ready_i,
  output logic [             63:0] rd_req_addr_o,
  output logic [              7:0] rd_req_len_o,
  output logic [              3:0] rd_req_class_o,
  input  logic                     rd_rsp_valid_i,
  input  logic [  BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                     rd_rsp_last_i,
  input  logic [              1:0] rd_rsp_err_i,
  // SRAM reads
  output logic                     sram_rd_valid_o,
  input  logic                     sram_rd_ready_i,
  output logic [              2:0] sram_rd_space_o,
  output logic [             31:0] sram_rd_addr_o,
  input  logic [  BeatBytes*8-1:0] sram_rd_data_i,
  // state
  output logic                     memory_idle_o,    // no read of memory is open
  output logic                     idle_o,           // nor one of an SRAM
  output logic [              3:0] beat_class_o,     // traffic class of the beat that comes from memory
  output logic                     fail_valid_o,     // a read failed; the first one is kept
  output logic                     fail_id_o,
  output logic                     fail_decerr_o,
  output logic [             63:0] fail_addr_o,
  output logic [             31:0] first_data0_o,    // cycle of the first data from memory; 0 = none
  output logic [             31:0] first_data1_o
);

  localparam int unsigned CountW = $clog2(Depth) + 1;
  localparam logic [2:0]  Memory = 3'(shira_regs_pkg::SpaceMemory);

  if (ReadLatency < 1 || ReadLatency > 3) begin : g_bad_latency
    $error("ReadLatency must be 1 to 3");
  end

  logic                   load;
  logic                   memory_q;     // the region lies in memory
  logic [            2:0] space_q;
  logic [            3:0] class_q;
  logic                   id_q;
  logic                   piece_valid;
  logic [           63:0] piece_addr;
  logic [            8:0] piece_beats;
  logic                   piece_next;
  logic [     CountW-1:0] free_q;       // beats of the FIFO that nobody has reserved
  logic                   room;
  logic                   reader_ready;
  logic                   sram_take;
  logic [ReadLatency-1:0] sram_open_q;  // bit 0: SRAM data come in this cycle; higher: later
  logic                   req_id;
  logic                   beat_id;
  logic [           63:0] beat_addr;

  assign load = take_i && read_i;

  shira_burst_cutter #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes)
  ) u_cutter (
    .clk_i,
    .rst_ni,
    .clear_i    (stop_i),
    .load_i     (load),
    .single_i   (command_i.src_space != Memory),
    .addr_i     (command_i.src_addr),
    .stride_i   (command_i.src_stride),
    .row_beats_i(command_i.src_row_beats),
    .rows_i     (command_i.src_rows),
    .busy_o,
    .valid_o    (piece_valid),
    .addr_o     (piece_addr),
    .beats_o    (piece_beats),
    .next_i     (piece_next)
  );

  always_ff @(posedge clk_i) begin
    if (load) begin
      memory_q <= command_i.src_space == Memory;
      space_q  <= command_i.src_space;
      class_q  <= command_i.traffic;
      id_q     <= id_i;
    end
  end

  assign room            = piece_valid && !stop_i && free_q >= CountW'(piece_beats);
  assign sram_rd_valid_o = room && !memory_q;
  assign sram_rd_space_o = space_q;
  assign sram_rd_addr_o  = piece_addr[31:0];
  assign sram_take       = sram_rd_valid_o && sram_rd_ready_i;
  assign piece_next      = sram_take || (room && memory_q && reader_ready);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) free_q <= CountW'(Depth);
    else if (piece_next || pop_i)
      free_q <= free_q - (piece_next ? CountW'(piece_beats) : '0) + CountW'(pop_i);
  end

  shira_burst_reader #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .TagW       (5)
  ) u_reader (
    .clk_i,
    .rst_ni,
    .piece_valid_i(room && memory_q),
    .piece_ready_o(reader_ready),
    .piece_addr_i (piece_addr),
    .piece_beats_i(piece_beats),
    .piece_tag_i  ({id_q, class_q}),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_req_tag_o ({req_id, rd_req_class_o}),
    .rd_rsp_valid_i,
    .rd_rsp_last_i,
    .beat_tag_o   ({beat_id, beat_class_o}),
    .beat_addr_o  (beat_addr),
    .idle_o       (memory_idle_o)
  );

  if (ReadLatency == 1) begin : g_open_one
    always_ff @(posedge clk_i) sram_open_q <= rst_ni && sram_take;
  end else begin : g_open
    always_ff @(posedge clk_i)
      sram_open_q <= rst_ni ? {sram_take, sram_open_q[ReadLatency-1:1]} : '0;
  end

  assign push_o = sram_open_q[0] || (rd_rsp_valid_i && !rd_rsp_err_i[1] && !fail_valid_o);
  assign data_o = sram_open_q[0] ? sram_rd_data_i : rd_rsp_data_i;
  assign idle_o = memory_idle_o && sram_open_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || recover_i) fail_valid_o <= 1'b0;
    else if (rd_rsp_valid_i && rd_rsp_err_i[1]) fail_valid_o <= 1'b1;
    if (rd_rsp_valid_i && rd_rsp_err_i[1] && !fail_valid_o) begin
      fail_id_o     <= beat_id;
      fail_decerr_o <= rd_rsp_err_i[0];
      fail_addr_o   <= beat_addr;
    end
  end

  logic had_data0_q;  // first_data0_o holds the cycle
  logic had_data1_q;

  always_ff @(posedge clk_i) begin
    if (take_i && !id_i) begin
      first_data0_o <= '0;
      had_data0_q   <= 1'b0;
    end else if (rd_rsp_valid_i && !beat_id && !had_data0_q) begin
      first_data0_o <= cycle_i;
      had_data0_q   <= 1'b1;
    end
    if (take_i && id_i) begin
      first_data1_o <= '0;
      had_data1_q   <= 1'b0;
    end else if (rd_rsp_valid_i && beat_id && !had_data1_q) begin
      first_data1_o <= cycle_i;
      had_data1_q   <= 1'b1;
    end
  end

  logic unused;
  assign unused = &{1'b0, req_id, rd_rsp_err_i[0], command_i};

`ifdef SHIRA_ASSERT
  AssertOneSource :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !(sram_open_q[0] && rd_rsp_valid_i));
  AssertFree :
  assert property (@(posedge clk_i) disable iff (!rst_ni) free_q <= CountW'(Depth));
  AssertSramStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni || stop_i)
    sram_rd_valid_o && !sram_rd_ready_i |=>
    stop_i || (sram_rd_valid_o && $stable(sram_rd_addr_o) && $stable(sram_rd_space_o)));
`endif

endmodule
