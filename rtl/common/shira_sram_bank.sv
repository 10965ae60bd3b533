// One SRAM bank: one read port shared by four requesters, one write port shared by three; a byte mask.
//
// Does:       a read gives its word in the next cycle; the output then holds until the next read. A read of
//             the row that is written in the same cycle gives the old word. On each port requester a goes
//             before b, b before c, c before d; one that was passed over is not remembered.
// Never does: resets or checks its contents; rows are addressed exactly (Rows is a power of two).
// Latency:    one cycle. Throughput: a read and a write a cycle.
//
// FPGA tools infer block RAM with byte enables. Some forms are there for the speed of simulation: the
// requesters are chosen between only when there is one, writes are blocking (no delayed copy of each byte),
// and a whole column and untouched groups of four bytes are told apart first. Columns of up to 16 bytes keep
// synthesis fast for wide words.
module shira_sram_bank #(
  parameter int unsigned Rows      = 16,  // words, a power of two
  parameter int unsigned WordBytes = 4    // bytes a word, a power of two >= 4
) (
  input  logic                    clk_i,
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
  input  logic [ WordBytes*8-1:0] wr_c_data_i
);

  localparam int unsigned Part = (WordBytes < 16) ? WordBytes : 16;  // bytes of a column

  if (WordBytes < 4 || (WordBytes & (WordBytes - 1)) != 0 || Rows < 2 || (Rows & (Rows - 1)) != 0)
  begin : g_bad
    $error("%m: WordBytes must be a power of two >= 4 and Rows a power of two >= 2");
  end

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

endmodule
