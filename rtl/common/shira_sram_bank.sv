// One SRAM bank: one read port, one write port, a byte mask.
//
// Does:       a read gives its word in the next cycle; the output then holds until the next read.
//             A read of the row that is written in the same cycle gives the old word.
// Never does: resets or checks its contents; rows are addressed exactly (Rows is a power of two).
// Latency:    one cycle. Throughput: a read and a write a cycle. Backpressure: none.
//
// The word is stored in columns of 32 bits, so that a byte write touches one machine word in
// simulation; FPGA tools infer block RAM with byte enables.
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

  for (genvar c = 0; c < WordBytes / 4; c++) begin : g_column
    logic [31:0] mem_q[Rows];
    logic [31:0] rd_q;
    logic [ 3:0] mask;

    assign mask                  = wr_mask_i[4*c+:4];
    assign rd_data_o[32*c +: 32] = rd_q;

    // Blocking writes after the read: nothing else touches mem_q, and a simulator then needs no
    // delayed copy of each byte.
    always_ff @(posedge clk_i) begin
      if (rd_en_i) rd_q <= mem_q[rd_row_i];
      if (wr_en_i && mask != '0) begin
        // verilator lint_off BLKSEQ
        if (mask[0]) mem_q[wr_row_i][7:0] = wr_data_i[32*c+:8];
        if (mask[1]) mem_q[wr_row_i][15:8] = wr_data_i[32*c+8+:8];
        if (mask[2]) mem_q[wr_row_i][23:16] = wr_data_i[32*c+16+:8];
        if (mask[3]) mem_q[wr_row_i][31:24] = wr_data_i[32*c+24+:8];
        // verilator lint_on BLKSEQ
      end
    end
  end

endmodule
