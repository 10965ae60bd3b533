// One SRAM bank: reads of four requesters, writes of three; a byte mask.
//
// Does:       a read gives its word Latency cycles later, in that cycle and no other. A read of the row that is
//             written in the same cycle gives the old word, one in a later cycle the new one. At most one of
//             the readers and one of the writers asks in a cycle; with OnePort one of all.
//             With Ecc a write waits Latency cycles in registers, and is then made as a whole word (pending_o).
//             One that does not cover its word reads it while it waits, which takes the place of a read. Reads
//             meanwhile, and later writes of the row, see the merged word.
// Never does: resets or checks its contents; rows are addressed exactly (Rows is a power of two). With Ecc it
//             neither stores nor computes a code (8 bits for 64 bits of data, 9 for 128, in a SECDED code):
//             what is modelled is the cost of the read-modify-write.
// Latency:    Latency cycles from a read to its word. Throughput: a read and a write a cycle; with OnePort a read
//             or a write, and with OnePort and Ecc a masked write takes two turns, one when it comes and one
//             Latency cycles later, a whole one takes the second only. Who drives it keeps to that
//             (shira_sram_arbiter).
//
// FPGA tools infer block RAM with byte enables. Some forms are there for the speed of simulation: the
// requesters are chosen between only when there is one, writes are blocking (no delayed copy of each byte),
// and a whole column and untouched groups of four bytes are told apart first. Columns of up to 16 bytes keep
// synthesis fast for wide words.
module shira_sram_bank #(
  parameter int unsigned Rows      = 16,  // words, a power of two
  parameter int unsigned WordBytes = 4,   // bytes a word, a power of two >= 4
  parameter int unsigned Latency   = 1,   // cycles from a read to its word, 1 to 3
  parameter int unsigned OnePort   = 0,   // 0: a read and a write a cycle, 1: a read or a write
  parameter int unsigned Ecc       = 0    // 1: words are read and written whole
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,       // synchronous, active low
  // read port
  input  logic                    rd_a_i,       // read rd_a_row_i
  input  logic [$clog2(Rows)-1:0] rd_a_row_i,
  input  logic                    rd_b_i,
  input  logic [$clog2(Rows)-1:0] rd_b_row_i,
  input  logic                    rd_c_i,
  input  logic [$clog2(Rows)-1:0] rd_c_row_i,
  input  logic                    rd_d_i,
  input  logic [$clog2(Rows)-1:0] rd_d_row_i,
  output logic [ WordBytes*8-1:0] rd_data_o,    // word of the read of Latency cycles before
  // write port; bit b of a mask: write byte b of the word
  input  logic                    wr_a_i,
  input  logic [$clog2(Rows)-1:0] wr_a_row_i,
  input  logic [   WordBytes-1:0] wr_a_mask_i,
  input  logic [ WordBytes*8-1:0] wr_a_data_i,
  input  logic                    wr_b_i,
  input  logic [$clog2(Rows)-1:0] wr_b_row_i,
  input  logic [   WordBytes-1:0] wr_b_mask_i,
  input  logic [ WordBytes*8-1:0] wr_b_data_i,
  input  logic                    wr_c_i,
  input  logic [$clog2(Rows)-1:0] wr_c_row_i,
  input  logic [   WordBytes-1:0] wr_c_mask_i,
  input  logic [ WordBytes*8-1:0] wr_c_data_i,
  output logic                    pending_o     // a write that waited is made in this cycle
);

  localparam int unsigned Part  = (WordBytes < 16) ? WordBytes : 16;  // bytes of a column
  localparam int unsigned RowW  = $clog2(Rows);
  localparam int unsigned WordW = WordBytes * 8;

  if (WordBytes < 4 || (WordBytes & (WordBytes - 1)) != 0 || Rows < 2 || (Rows & (Rows - 1)) != 0)
  begin : g_bad
    $error("%m: WordBytes must be a power of two >= 4 and Rows a power of two >= 2");
  end
  if (Latency < 1 || Latency > 3) begin : g_bad_latency
    $error("%m: Latency must be 1 to 3");
  end

  logic             array_rd;    // a word is read from the array
  logic [WordW-1:0] array_word;  // the last one, in the array's output register
  logic [WordW-1:0] word;        // that of Latency cycles before
  logic [WordW-1:0] result;      // the same with the writes that wait

  if (OnePort == 0 && Ecc == 0) begin : g_plain
    assign pending_o = 1'b0;
    assign array_rd  = rd_a_i || rd_b_i || rd_c_i || rd_d_i;
    assign result    = word;

    logic unused_reset;
    assign unused_reset = rst_ni;

    for (genvar c = 0; c < WordBytes / Part; c++) begin : g_column
      logic [Part*8-1:0] mem_q[Rows];
      logic [Part*8-1:0] rd_q;

      assign array_word[c*Part*8+:Part*8] = rd_q;

      always_ff @(posedge clk_i) begin
        if (array_rd) begin
          rd_q <= mem_q[rd_a_i ? rd_a_row_i : rd_b_i ? rd_b_row_i : rd_c_i ? rd_c_row_i : rd_d_row_i];
        end
        // Blocking, after the read: nothing but this block touches mem_q.
        // verilator lint_off BLKSEQ
        if (wr_a_i || wr_b_i || wr_c_i) begin : write
          logic [$clog2(Rows)-1:0] row;
          logic [        Part-1:0] mask;
          logic [      Part*8-1:0] data;
          logic [            31:0] four;
          row  = wr_a_i ? wr_a_row_i : wr_b_i ? wr_b_row_i : wr_c_row_i;
          mask = wr_a_i ? wr_a_mask_i[c*Part+:Part] : wr_b_i ? wr_b_mask_i[c*Part+:Part] :
              wr_c_mask_i[c*Part+:Part];
          data = wr_a_i ? wr_a_data_i[c*Part*8+:Part*8] : wr_b_i ? wr_b_data_i[c*Part*8+:Part*8] :
              wr_c_data_i[c*Part*8+:Part*8];
          if (mask == '1) begin
            mem_q[row] = data;
          end else begin
            for (int unsigned g = 0; g < Part / 4; g++) begin
              if (mask[4*g+:4] != '0) begin
                four = data[32*g+:32];
                if (mask[4*g]) mem_q[row][32*g+:8] = four[7:0];
                if (mask[4*g+1]) mem_q[row][32*g+8+:8] = four[15:8];
                if (mask[4*g+2]) mem_q[row][32*g+16+:8] = four[23:16];
                if (mask[4*g+3]) mem_q[row][32*g+24+:8] = four[31:24];
              end
            end
          end
        end
        // verilator lint_on BLKSEQ
      end
    end
  end else begin : g_knobs
    // The one read and the one write that are asked for.
    logic                 rd, wr;
    logic [     RowW-1:0] rd_row, wr_row;
    logic [WordBytes-1:0] wr_mask;
    logic [    WordW-1:0] wr_data;

    assign rd      = rd_a_i || rd_b_i || rd_c_i || rd_d_i;
    assign rd_row  = rd_a_i ? rd_a_row_i : rd_b_i ? rd_b_row_i : rd_c_i ? rd_c_row_i : rd_d_row_i;
    assign wr      = wr_a_i || wr_b_i || wr_c_i;
    assign wr_row  = wr_a_i ? wr_a_row_i : wr_b_i ? wr_b_row_i : wr_c_row_i;
    assign wr_mask = wr_a_i ? wr_a_mask_i : wr_b_i ? wr_b_mask_i : wr_c_mask_i;
    assign wr_data = wr_a_i ? wr_a_data_i : wr_b_i ? wr_b_data_i : wr_c_data_i;

    // What is done to the array.
    logic                 mem_rd, mem_wr;
    logic [     RowW-1:0] mem_rd_row, mem_wr_row;
    logic [WordBytes-1:0] mem_mask;
    logic [    WordW-1:0] mem_data;

    if (Ecc == 0) begin : g_masked
      assign mem_rd     = rd;
      assign mem_rd_row = rd_row;
      assign mem_wr     = wr;
      assign mem_wr_row = wr_row;
      assign mem_mask   = wr_mask;
      assign mem_data   = wr_data;
      assign result     = word;
      assign pending_o  = 1'b0;

      logic unused_reset;
      assign unused_reset = rst_ni;
    end else begin : g_whole
      logic part;  // the write that is asked for does not cover its word

      assign part       = wr && wr_mask != '1;
      assign mem_rd     = rd || part;
      assign mem_rd_row = part ? wr_row : rd_row;
      assign mem_mask   = '1;
      assign pending_o  = mem_wr;

      shira_sram_merge #(
        .Rows     (Rows),
        .WordBytes(WordBytes),
        .Latency  (Latency)
      ) i_merge (
        .clk_i,
        .rst_ni,
        .rd_i      (mem_rd),
        .rd_row_i  (mem_rd_row),
        .rd_word_i (word),
        .rd_data_o (result),
        .wr_i      (wr),
        .wr_row_i  (wr_row),
        .wr_mask_i (wr_mask),
        .wr_data_i (wr_data),
        .mem_wr_o  (mem_wr),
        .mem_row_o (mem_wr_row),
        .mem_data_o(mem_data)
      );

`ifdef SHIRA_ASSERT
      AssertOneReads :
      assert property (@(posedge clk_i) disable iff (!rst_ni) !(part && rd));
`endif
    end

    // One port: one row, so that the bank can be a single-ported memory.
    logic [RowW-1:0] array_rd_row, array_wr_row;

    if (OnePort == 0) begin : g_two
      assign array_rd     = mem_rd;
      assign array_rd_row = mem_rd_row;
      assign array_wr_row = mem_wr_row;
    end else begin : g_one
      assign array_rd     = mem_rd && !mem_wr;
      assign array_rd_row = mem_wr ? mem_wr_row : mem_rd_row;
      assign array_wr_row = array_rd_row;
`ifdef SHIRA_ASSERT
      AssertOnePort :
      assert property (@(posedge clk_i) disable iff (!rst_ni) !(mem_rd && mem_wr));
`endif
    end

    for (genvar c = 0; c < WordBytes / Part; c++) begin : g_column
      logic [Part*8-1:0] mem_q[Rows];
      logic [Part*8-1:0] rd_q;

      assign array_word[c*Part*8+:Part*8] = rd_q;

      always_ff @(posedge clk_i) begin
        if (array_rd) rd_q <= mem_q[array_rd_row];
        // Blocking, after the read: nothing but this block touches mem_q.
        // verilator lint_off BLKSEQ
        if (mem_wr) begin
          for (int unsigned i = 0; i < Part; i++) begin
            if (mem_mask[c*Part+i]) mem_q[array_wr_row][8*i+:8] = mem_data[8*(c*Part+i)+:8];
          end
        end
        // verilator lint_on BLKSEQ
      end
    end
  end

  // Registers behind the array, which move while a word is on its way.
  if (Latency == 1) begin : g_quick
    assign word = array_word;
  end else begin : g_slow
    logic [          Latency-2:0] moves_q;
    logic [(Latency-1)*WordW-1:0] words_q;  // the oldest in the highest bits

    always_ff @(posedge clk_i) begin
      moves_q <= (Latency - 1)'({moves_q, array_rd});
      if (moves_q != '0) words_q <= ((Latency - 1) * WordW)'({words_q, array_word});
    end
    assign word = words_q[(Latency-2)*WordW+:WordW];
  end

`ifdef SHIRA_ASSERT
  // Who takes a word in another cycle than its own takes a wrong one.
  logic [Latency-1:0] due_q;
  always_ff @(posedge clk_i) due_q <= Latency'({due_q, rd_a_i || rd_b_i || rd_c_i || rd_d_i});
  assign rd_data_o = due_q[Latency-1] ? result : ~result;

  AssertOneReader :
  assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0({rd_a_i, rd_b_i, rd_c_i, rd_d_i}));
  AssertOneWriter :
  assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0({wr_a_i, wr_b_i, wr_c_i}));
`else
  assign rd_data_o = result;
`endif

endmodule
