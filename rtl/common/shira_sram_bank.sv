// One SRAM bank: reads of four requesters, writes of three; a byte mask.
//
// Does:       a read gives its word in the next cycle; the output then holds until the next read. A read of
//             the row that is written in the same cycle gives the old word. Of reads requester a goes
//             before b, b before c, c before d, of writes likewise; one that was passed over is not
//             remembered.
//             With OnePort there is one address: a write goes before a read.
//             With Ecc a write that does not cover the word is a read-modify-write: it reads the word, which
//             takes the place of a read, and in the next cycle (pending_o) writes the whole merged word,
//             which takes the place of a write. A read meanwhile gives the merged word.
// Never does: resets or checks its contents; rows are addressed exactly (Rows is a power of two). With Ecc it
//             neither stores nor computes a code (8 bits for 64 bits of data, 9 for 128, in a SECDED code):
//             what is modelled is the cost of the read-modify-write.
// Latency:    one cycle. Throughput: a read and a write a cycle; with OnePort a read or a write. Who drives it
//             keeps to that (shira_sram_arbiter), also while pending_o.
//
// FPGA tools infer block RAM with byte enables. Some forms are there for the speed of simulation: the
// requesters are chosen between only when there is one, writes are blocking (no delayed copy of each byte),
// and a whole column and untouched groups of four bytes are told apart first. Columns of up to 16 bytes keep
// synthesis fast for wide words.
module shira_sram_bank #(
  parameter int unsigned Rows      = 16,  // words, a power of two
  parameter int unsigned WordBytes = 4,   // bytes a word, a power of two >= 4
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
  output logic [ WordBytes*8-1:0] rd_data_o,    // word of the last read
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
  output logic                    pending_o     // a read-modify-write writes in this cycle
);

  localparam int unsigned Part = (WordBytes < 16) ? WordBytes : 16;  // bytes of a column

  if (WordBytes < 4 || (WordBytes & (WordBytes - 1)) != 0 || Rows < 2 || (Rows & (Rows - 1)) != 0)
  begin : g_bad
    $error("%m: WordBytes must be a power of two >= 4 and Rows a power of two >= 2");
  end

  if (OnePort == 0 && Ecc == 0) begin : g_plain
    assign pending_o = 1'b0;

    logic unused_reset;
    assign unused_reset = rst_ni;

    for (genvar c = 0; c < WordBytes / Part; c++) begin : g_column
      logic [Part*8-1:0] mem_q[Rows];
      logic [Part*8-1:0] rd_q;

      assign rd_data_o[c*Part*8+:Part*8] = rd_q;

      always_ff @(posedge clk_i) begin
        if (rd_a_i || rd_b_i || rd_c_i || rd_d_i) begin
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
    logic                    rd, wr;
    logic [$clog2(Rows)-1:0] rd_row, wr_row;
    logic [   WordBytes-1:0] wr_mask;
    logic [ WordBytes*8-1:0] wr_data;

    assign rd      = rd_a_i || rd_b_i || rd_c_i || rd_d_i;
    assign rd_row  = rd_a_i ? rd_a_row_i : rd_b_i ? rd_b_row_i : rd_c_i ? rd_c_row_i : rd_d_row_i;
    assign wr      = wr_a_i || wr_b_i || wr_c_i;
    assign wr_row  = wr_a_i ? wr_a_row_i : wr_b_i ? wr_b_row_i : wr_c_row_i;
    assign wr_mask = wr_a_i ? wr_a_mask_i : wr_b_i ? wr_b_mask_i : wr_c_mask_i;
    assign wr_data = wr_a_i ? wr_a_data_i : wr_b_i ? wr_b_data_i : wr_c_data_i;

    // What is done to the array.
    logic                    mem_rd, mem_wr;
    logic [$clog2(Rows)-1:0] mem_rd_row, mem_wr_row;
    logic [   WordBytes-1:0] mem_mask;
    logic [ WordBytes*8-1:0] mem_data, mem_word;

    if (Ecc == 0) begin : g_masked
      assign mem_rd     = rd;
      assign mem_rd_row = rd_row;
      assign mem_wr     = wr;
      assign mem_wr_row = wr_row;
      assign mem_mask   = wr_mask;
      assign mem_data   = wr_data;
      assign rd_data_o  = mem_word;
      assign pending_o  = 1'b0;

      logic unused_reset;
      assign unused_reset = rst_ni;
    end else begin : g_whole
      logic                    part;      // a read-modify-write begins
      logic                    pending_q;
      logic [$clog2(Rows)-1:0] row_q;
      logic [   WordBytes-1:0] mask_q;
      logic [ WordBytes*8-1:0] data_q, merged;
      logic                    bypass_q;  // the last read was of the row that was being written
      logic [ WordBytes*8-1:0] bypass_word_q;

      assign part       = wr && wr_mask != '1;
      assign mem_rd     = rd || part;
      assign mem_rd_row = part ? wr_row : rd_row;
      assign mem_wr     = pending_q || (wr && !part);
      assign mem_wr_row = pending_q ? row_q : wr_row;
      assign mem_mask   = '1;
      assign mem_data   = pending_q ? merged : wr_data;
      assign rd_data_o  = bypass_q ? bypass_word_q : mem_word;
      assign pending_o  = pending_q;

      for (genvar i = 0; i < WordBytes; i++) begin : g_merge
        assign merged[8*i+:8] = mask_q[i] ? data_q[8*i+:8] : rd_data_o[8*i+:8];
      end

      always_ff @(posedge clk_i) begin
        pending_q <= rst_ni && part;
        if (part) begin
          row_q  <= wr_row;
          mask_q <= wr_mask;
          data_q <= wr_data;
        end
        if (mem_rd) begin
          bypass_q      <= pending_q && mem_rd_row == row_q;
          bypass_word_q <= merged;
        end
      end

`ifdef SHIRA_ASSERT
      assert property (@(posedge clk_i) disable iff (!rst_ni) !(part && rd));
      assert property (@(posedge clk_i) disable iff (!rst_ni) !(pending_q && wr && !part));
`endif
    end

    // One port: one row, so that the bank can be a single-ported memory.
    logic [$clog2(Rows)-1:0] array_rd_row, array_wr_row;
    logic                    array_rd;

    if (OnePort == 0) begin : g_two
      assign array_rd     = mem_rd;
      assign array_rd_row = mem_rd_row;
      assign array_wr_row = mem_wr_row;
    end else begin : g_one
      assign array_rd     = mem_rd && !mem_wr;
      assign array_rd_row = mem_wr ? mem_wr_row : mem_rd_row;
      assign array_wr_row = array_rd_row;
`ifdef SHIRA_ASSERT
      assert property (@(posedge clk_i) disable iff (!rst_ni) !(mem_rd && mem_wr));
`endif
    end

    for (genvar c = 0; c < WordBytes / Part; c++) begin : g_column
      logic [Part*8-1:0] mem_q[Rows];
      logic [Part*8-1:0] rd_q;

      assign mem_word[c*Part*8+:Part*8] = rd_q;

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

endmodule
