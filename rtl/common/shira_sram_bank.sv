// One SRAM bank: one read port, one write port, a byte mask.
//
// Does:       a read gives its word in the next cycle; the output then holds until the next read.
//             A read of the row that is written in the same cycle gives the old word.
// Never does: resets or checks its contents; rows are addressed exactly (Rows is a power of two).
// Latency:    one cycle. Throughput: a read and a write a cycle. Backpressure: none.
//
// FPGA tools infer block RAM with byte enables. For the speed of simulation the word is one vector, the
// writes are blocking (no delayed copy of each byte), and a whole word and untouched groups of four
// bytes are told apart first; none of that changes the hardware.
module shira_sram_bank #(
  parameter int unsigned Rows      = 16,  // words, a power of two
  parameter int unsigned WordBytes = 4    // bytes a word, a multiple of 4
) (
  input  logic                    clk_i,
  input  logic                    rd_en_i,    // read rd_row_i
  input  logic [$clog2(Rows)-1:0] rd_row_i,
  output logic [ WordBytes*8-1:0] rd_data_o,  // word of the last read
  input  logic                    wr_en_i,    // write the bytes of wr_mask_i
  input  logic [$clog2(Rows)-1:0] wr_row_i,
  input  logic [   WordBytes-1:0] wr_mask_i,  // bit b: byte b of the word
  input  logic [ WordBytes*8-1:0] wr_data_i
);

  if (WordBytes % 4 != 0 || Rows < 2 || (Rows & (Rows - 1)) != 0) begin : g_bad
    $error("%m: WordBytes must be a multiple of 4 and Rows a power of two >= 2");
  end

  logic [WordBytes*8-1:0] mem_q[Rows];
  logic [WordBytes*8-1:0] rd_q;

  assign rd_data_o = rd_q;

  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_q <= mem_q[rd_row_i];
    // Blocking, after the read: nothing but this block touches mem_q.
    // verilator lint_off BLKSEQ
    if (wr_en_i) begin
      if (wr_mask_i == '1) begin
        mem_q[wr_row_i] = wr_data_i;
      end else begin
        for (int unsigned g = 0; g < WordBytes; g = g + 4) begin
          if (wr_mask_i[g+:4] != '0) begin
            if (wr_mask_i[g]) mem_q[wr_row_i][8*g+:8] = wr_data_i[8*g+:8];
            if (wr_mask_i[g+1]) mem_q[wr_row_i][8*g+8+:8] = wr_data_i[8*g+8+:8];
            if (wr_mask_i[g+2]) mem_q[wr_row_i][8*g+16+:8] = wr_data_i[8*g+16+:8];
            if (wr_mask_i[g+3]) mem_q[wr_row_i][8*g+24+:8] = wr_data_i[8*g+24+:8];
          end
        end
      end
    end
    // verilator lint_on BLKSEQ
  end

endmodule
