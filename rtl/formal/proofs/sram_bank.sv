// shira_sram_bank with ECC: a read gives, Latency cycles later, the byte as the last write that came before the
// read left it, also while writes wait, are merged, and follow one another in one word.
// Assumed: a write that does not cover its word comes without a read.
// Small here: two rows of four bytes, with each of the three latencies; one byte is looked at, any.
//
// rtl: rtl/common/shira_sram_merge.sv rtl/common/shira_sram_bank.sv
// proof: bounded 9
// cover: read 8
// cover: waits 8
// mutant: a read does not see the writes that wait
// sed: s/if \(rd_i && wr_q\[i-1\]/if (1'b0 \&\& wr_q[i-1]/
// mutant: a read sees the oldest of several writes that wait
// sed: s/for \(int unsigned i = Latency; i > 0; i--\)/for (int unsigned i = 1; i <= Latency; i++)/
// mutant: bytes outside the mask are written
// sed: s/= mask_q\[\(Latency-1\)\*WordBytes\+b\] \?/= 1'b1 ?/
module formal_sram_bank (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        rd_i,
  input logic        rd_row_i,
  input logic        wr_i,
  input logic        wr_row_i,
  input logic [ 3:0] wr_mask_i,
  input logic [31:0] wr_data_i,
  input logic [ 2:0] byte_i      // row and place of the byte that is looked at
);

  // The byte, whether it was written, and what reads of its row must give, that of i cycles before at i.
  logic [7:0] is_q;
  logic       known_q;
  logic [3:0] due_q;
  logic [7:0] value_q[4];
  logic [1:0] written_q;  // its row in the last two cycles
  logic [2:0] byte_q;
  logic       ran_q = 1'b0;
  logic       read, hit;
  logic [3:0] pending;    // a write that waited is made

  assign hit  = wr_i && wr_row_i == byte_i[2] && wr_mask_i[byte_i[1:0]];
  assign read = rd_i && rd_row_i == byte_i[2] && known_q;
  assign pending[0] = 1'b0;

  always @(posedge clk_i) begin
    ran_q      <= 1'b1;
    byte_q     <= byte_i;
    known_q    <= rst_ni && (known_q || hit);
    due_q      <= rst_ni ? {due_q[2:1], read, 1'b0} : '0;
    value_q[1] <= is_q;
    value_q[2] <= value_q[1];
    value_q[3] <= value_q[2];
    written_q  <= {written_q[0], hit};
    if (hit) is_q <= wr_data_i[8*byte_i[1:0]+:8];
  end

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    else assume (rst_ni && byte_i == byte_q);
    if (wr_i && wr_mask_i != '1) assume (!rd_i);
  end

  for (genvar l = 1; l <= 3; l++) begin : g_latency
    logic [31:0] data;

    shira_sram_bank #(
      .Rows     (2),
      .WordBytes(4),
      .Latency  (l),
      .Ecc      (1)
    ) u (
      .clk_i,
      .rst_ni,
      .rd_a_i     (rd_i),
      .rd_a_row_i (rd_row_i),
      .rd_b_i     (1'b0),
      .rd_b_row_i (1'b0),
      .rd_c_i     (1'b0),
      .rd_c_row_i (1'b0),
      .rd_d_i     (1'b0),
      .rd_d_row_i (1'b0),
      .rd_data_o  (data),
      .wr_a_i     (wr_i),
      .wr_a_row_i (wr_row_i),
      .wr_a_mask_i(wr_mask_i),
      .wr_a_data_i(wr_data_i),
      .wr_b_i     (1'b0),
      .wr_b_row_i (1'b0),
      .wr_b_mask_i(4'd0),
      .wr_b_data_i(32'd0),
      .wr_c_i     (1'b0),
      .wr_c_row_i (1'b0),
      .wr_c_mask_i(4'd0),
      .wr_c_data_i(32'd0),
      .pending_o  (pending[l])
    );

    always @(posedge clk_i)
      if (ran_q && due_q[l]) assert (data[8*byte_i[1:0]+:8] == value_q[l]);
  end

  (* keep *) wire cover_read = ran_q && due_q[3:1] == '1;
  (* keep *) wire cover_waits = ran_q && read && written_q == 2'b11 && pending[3:1] == '1;

endmodule
