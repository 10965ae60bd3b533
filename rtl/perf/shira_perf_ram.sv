// Memory of 64-bit words for the totals: a read and a write a cycle. FPGA tools infer block RAM.
//
// Latency:      a read has its data in the next cycle, and they stay until the next read. A read of the
//               word that is written in the same cycle gives the old word.
module shira_perf_ram #(
  parameter int unsigned Words  = 58,
  parameter int unsigned IndexW = $clog2(Words)
) (
  input  logic              clk_i,
  input  logic              write_i,
  input  logic [IndexW-1:0] write_index_i,
  input  logic [      63:0] write_data_i,
  input  logic              read_i,
  input  logic [IndexW-1:0] read_index_i,
  output logic [      63:0] read_data_o
);

  logic [63:0] word_q[Words];
  logic [63:0] read_data_q;

  always_ff @(posedge clk_i) begin
    if (write_i) word_q[write_index_i] <= write_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (read_i) read_data_q <= word_q[read_index_i];
  end

  assign read_data_o = read_data_q;

endmodule
