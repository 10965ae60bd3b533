// Writes of an SRAM bank that is written in whole words only: they wait until the word that each is a part of
// has been read, and are merged with it.
//
// Does:         a write is made Latency cycles after it came, as a whole word: bytes outside its mask are those
//               that the word had. rd_data_o is the word of the read of Latency cycles before, with the
//               writes that came before that read and had not been made.
// Never does:   reads: for a write that does not cover its word who drives this reads its row in the same cycle.
//               Holds a write back.
// Latency:      Latency cycles. Throughput: a read and a write a cycle. Backpressure: none.
module shira_sram_merge #(
  parameter int unsigned Rows      = 16,  // words, a power of two
  parameter int unsigned WordBytes = 4,   // bytes a word
  parameter int unsigned Latency   = 1    // cycles from a read to its word
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,      // synchronous, active low
  input  logic                    rd_i,        // a row is read
  input  logic [$clog2(Rows)-1:0] rd_row_i,
  input  logic [ WordBytes*8-1:0] rd_word_i,   // as the array had the row that was read Latency cycles before
  output logic [ WordBytes*8-1:0] rd_data_o,   // as it was
  input  logic                    wr_i,
  input  logic [$clog2(Rows)-1:0] wr_row_i,
  input  logic [   WordBytes-1:0] wr_mask_i,   // bit b: write byte b of the word
  input  logic [ WordBytes*8-1:0] wr_data_i,
  output logic                    mem_wr_o,    // write the array
  output logic [$clog2(Rows)-1:0] mem_row_o,
  output logic [ WordBytes*8-1:0] mem_data_o
);

  localparam int unsigned RowW  = $clog2(Rows);
  localparam int unsigned WordW = WordBytes * 8;

  // Writes on their way, the newest in the lowest bits; and the words that the last ones became.
  logic [          Latency-1:0] wr_q;
  logic [     Latency*RowW-1:0] row_q;
  logic [Latency*WordBytes-1:0] mask_q;
  logic [    Latency*WordW-1:0] data_q;
  logic [    Latency*WordW-1:0] made_q;

  // Which of them the word of a read is: the newest of its row when the read came. That one is made as many
  // cycles before the word is due as it came before the read.
  logic [        Latency-1:0] newest;
  logic [Latency*Latency-1:0] newest_q;  // of the reads on their way
  logic [        Latency-1:0] due;       // of the read whose word is due

  always_comb begin
    newest = '0;
    for (int unsigned i = Latency; i > 0; i--) begin
      if (rd_i && wr_q[i-1] && row_q[(i-1)*RowW+:RowW] == rd_row_i) newest = Latency'(1) << (i - 1);
    end
  end
  assign due = newest_q[(Latency-1)*Latency+:Latency];

  always_comb begin
    rd_data_o = rd_word_i;
    for (int unsigned i = 0; i < Latency; i++) begin
      if (due[i]) rd_data_o = made_q[i*WordW+:WordW];
    end
  end

  assign mem_wr_o  = wr_q[Latency-1];
  assign mem_row_o = row_q[(Latency-1)*RowW+:RowW];

  for (genvar b = 0; b < WordBytes; b++) begin : g_merge
    assign mem_data_o[8*b+:8] = mask_q[(Latency-1)*WordBytes+b] ?
        data_q[(Latency-1)*WordW+8*b+:8] : rd_data_o[8*b+:8];
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_q     <= '0;
      newest_q <= '0;
    end else if (wr_i || wr_q != '0 || newest_q != '0) begin
      wr_q     <= Latency'({wr_q, wr_i});
      newest_q <= (Latency * Latency)'({newest_q, newest});
      row_q    <= (Latency * RowW)'({row_q, wr_row_i});
      mask_q   <= (Latency * WordBytes)'({mask_q, wr_mask_i});
      data_q   <= (Latency * WordW)'({data_q, wr_data_i});
      made_q   <= (Latency * WordW)'({made_q, mem_data_o});
    end
  end

`ifdef SHIRA_ASSERT
  AssertOneWord :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (due & (due - Latency'(1))) == '0);
`endif

endmodule
