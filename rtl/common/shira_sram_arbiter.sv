// Who gets a bank of an SRAM in a cycle.
//
// Ranks, highest first:
//   copy-first:    COPY write, COPY read, SCATTER write, SCATTER read, GEMM word write, tile, GEMM word read
//   engine-first:  SCATTER write, SCATTER read, GEMM word write, tile, GEMM word read, COPY write, COPY read
// With OnePort there is one list for each bank. Else, and with Ecc, reads and writes have a list each. With Ecc a
// write waits before it is made (shira_sram_bank). One that does not cover its word (`part`) reads the word when
// it comes: it stands in the list of reads too, where its write stands above. With OnePort and Ecc the cycle in
// which a write is made (pending_i) has no place for a read.
//
// Does:         a request is ready when no request of a higher rank asks for one of its banks, whether that
//               one goes or not; a bank takes one write a cycle. Of one requester's requests the write goes
//               first, so that what is in a pipeline leaves it before more comes in. GEMM's tile goes before
//               its word: without a tile the array stands still, while words have queues to wait in.
// Never does:   lets a ready depend on a valid of the same request, or of a lower rank. Takes turns.
// Latency:      combinational.
//
// Nobody starves for ever. Within an engine: a write comes of something that the engine took in before, so
// writes end when its own reads wait; tiles end when GEMM's queues are full of results that wait for their
// words. Between engines: a command is a finite number of requests, and while one waits the host cannot reuse
// its place in the ring, so that only a ring of commands can go before it.
module shira_sram_arbiter #(
  parameter int unsigned Banks       = 1,
  parameter int unsigned OnePort     = 0,  // 0: a read and a write a cycle and bank, 1: a read or a write
  parameter int unsigned EngineFirst = 0,  // 0: COPY goes before the engines, 1: behind them
  parameter int unsigned Ecc         = 0   // 1: a write that does not cover its word reads it first
) (
  // Requests that take some banks, all or none. Banks and part are looked at when valid is low, too.
  input  logic             cp_wr_valid_i,
  output logic             cp_wr_ready_o,
  input  logic [Banks-1:0] cp_wr_banks_i,
  input  logic             cp_wr_part_i,     // it does not cover its word
  input  logic             cp_rd_valid_i,
  output logic             cp_rd_ready_o,
  input  logic [Banks-1:0] cp_rd_banks_i,
  input  logic             word_wr_valid_i,
  output logic             word_wr_ready_o,
  input  logic [Banks-1:0] word_wr_banks_i,
  input  logic             word_wr_part_i,
  input  logic             word_rd_valid_i,
  output logic             word_rd_ready_o,
  input  logic [Banks-1:0] word_rd_banks_i,
  input  logic             tile_valid_i,
  output logic             tile_ready_o,
  input  logic [Banks-1:0] tile_banks_i,
  // SCATTER: a request for each bank
  input  logic [Banks-1:0] bank_wr_valid_i,
  output logic [Banks-1:0] bank_wr_ready_o,
  input  logic [Banks-1:0] bank_wr_part_i,
  input  logic [Banks-1:0] bank_rd_valid_i,
  output logic [Banks-1:0] bank_rd_ready_o,
  // banks
  input  logic [Banks-1:0] pending_i         // a write that waited is made in this cycle
);

  localparam logic [Banks-1:0] Both = {Banks{OnePort != 0 && Ecc == 0}};  // reads and writes in one list
  localparam logic [Banks-1:0] Rmw  = {Banks{Ecc != 0}};

  // Banks that each asks for; of a write also those whose read port it needs.
  logic [Banks-1:0] cp_wr, cp_rd, bank_wr, bank_rd, word_wr, word_rd, tile;
  logic [Banks-1:0] cp_wr_reads, bank_wr_reads, word_wr_reads;
  logic [Banks-1:0] held;  // banks that nobody reads: a write that waited has the one port

  assign held = pending_i & {Banks{OnePort != 0}};

  assign cp_wr   = {Banks{cp_wr_valid_i}} & cp_wr_banks_i;
  assign cp_rd   = {Banks{cp_rd_valid_i}} & cp_rd_banks_i;
  assign bank_wr = bank_wr_valid_i;
  assign bank_rd = bank_rd_valid_i;
  assign word_wr = {Banks{word_wr_valid_i}} & word_wr_banks_i;
  assign word_rd = {Banks{word_rd_valid_i}} & word_rd_banks_i;
  assign tile    = {Banks{tile_valid_i}} & tile_banks_i;

  assign cp_wr_reads   = Both | (Rmw & {Banks{cp_wr_part_i}});
  assign bank_wr_reads = Both | (Rmw & bank_wr_part_i);
  assign word_wr_reads = Both | (Rmw & {Banks{word_wr_part_i}});

  // Banks whose read port, and whose write port, somebody above asks for.
  logic [Banks-1:0] cp_rd_port, cp_wr_port, engine_rd_port, engine_wr_port;  // all of COPY, of the engines
  logic [Banks-1:0] over_bank_rd, over_bank_wr, over_cp_rd, over_cp_wr;

  assign cp_rd_port     = cp_rd | (cp_wr & cp_wr_reads);
  assign cp_wr_port     = cp_wr | (cp_rd & Both);
  assign engine_rd_port = bank_rd | (bank_wr & bank_wr_reads) | word_rd | (word_wr & word_wr_reads) | tile;
  assign engine_wr_port = bank_wr | word_wr | ((bank_rd | word_rd | tile) & Both);

  if (EngineFirst == 0) begin : g_copy_first
    assign over_cp_rd   = '0;
    assign over_cp_wr   = '0;
    assign over_bank_rd = cp_rd_port;
    assign over_bank_wr = cp_wr_port;

    logic unused;
    assign unused = &{1'b0, engine_rd_port, engine_wr_port};
  end else begin : g_engine_first
    assign over_cp_rd   = engine_rd_port;
    assign over_cp_wr   = engine_wr_port;
    assign over_bank_rd = '0;
    assign over_bank_wr = '0;

    logic unused;
    assign unused = &{1'b0, cp_rd_port, cp_wr_port};
  end

  logic [Banks-1:0] over_word_rd, over_word_wr;
  assign over_word_rd = over_bank_rd | bank_rd | (bank_wr & bank_wr_reads);
  assign over_word_wr = over_bank_wr | bank_wr | (bank_rd & Both);

  // Banks that each could have now.
  logic [Banks-1:0] cp_wr_free, cp_rd_free, word_wr_free, word_rd_free, tile_free;

  assign cp_wr_free   = ~(over_cp_wr | ((over_cp_rd | held) & cp_wr_reads));
  assign cp_rd_free   = ~(over_cp_rd | (cp_wr & cp_wr_reads) | held);
  assign word_wr_free = ~(over_word_wr | ((over_word_rd | held) & word_wr_reads));
  assign tile_free    = ~(over_word_rd | (word_wr & word_wr_reads) | held);
  assign word_rd_free = tile_free & ~tile;

  assign cp_wr_ready_o   = (cp_wr_banks_i & ~cp_wr_free) == '0;
  assign cp_rd_ready_o   = (cp_rd_banks_i & ~cp_rd_free) == '0;
  assign bank_wr_ready_o = ~(over_bank_wr | ((over_bank_rd | held) & bank_wr_reads));
  assign bank_rd_ready_o = ~(over_bank_rd | (bank_wr & bank_wr_reads) | held);
  assign word_wr_ready_o = (word_wr_banks_i & ~word_wr_free) == '0;
  assign word_rd_ready_o = (word_rd_banks_i & ~word_rd_free) == '0;
  assign tile_ready_o    = (tile_banks_i & ~tile_free) == '0;

endmodule
