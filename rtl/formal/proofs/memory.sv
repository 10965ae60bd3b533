// shira_scatter_memory: for any bundle stream and any behaviour of memory, the bytes that are written
// are bytes of the window that an update names, and lines are read and written only where a segment
// opened them.
// Assumed: base, window and operation do not change, the command's end is not taken; memory answers
// only what was requested.
// Small here: two lanes, lines of two bytes that are one beat, one burst in flight. That a line's bytes
// and mask are those of its updates is proof line_update.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/common/shira_pkg.sv rtl/scatter/shira_scatter_pkg.sv
// rtl: rtl/scatter/shira_scatter_memory.sv rtl/scatter/shira_scatter_split.sv
// rtl: rtl/scatter/shira_scatter_line_reader.sv rtl/scatter/shira_scatter_line_update.sv
// rtl: rtl/scatter/shira_scatter_line_writer.sv rtl/copy/shira_burst_writer.sv
// rtl: rtl/common/shira_fifo.sv rtl/common/shira_ram_fifo.sv
// proof: bounded 16
// cover: set 16
// cover: add 16
// cover: sub 16
// cover: swap 16
// mutant: a line keeps the mask of the line before
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/mask_q <= put_start_q \? put_mask_q : mask_q/mask_q <= mask_q/
// mutant: a line is written whole
// file: rtl/scatter/shira_scatter_line_writer.sv
// sed: s/\{out_mask_q\[BeatBytes-1:0\], /{{BeatBytes{1'b1}}, /
// mutant: a line is written where the next one is
// file: rtl/scatter/shira_scatter_memory.sv
// sed: s/\.line_addr_i  \(line_addr\)/.line_addr_i  (seg_line)/
// mutant: the window's last byte may be passed
// file: rtl/scatter/shira_scatter_split.sv
// sed: s/next_addr_q\[k\*64\+:64\] < memory_i\.hi/next_addr_q[k*64+:64] <= memory_i.hi/
module formal_memory (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        in_valid_i,
  input logic [ 1:0] in_count_i,
  input logic [ 7:0] in_offset_i,
  input logic        in_last_i,
  input logic [ 1:0] op_i,
  input logic [ 4:0] base_i,
  input logic [ 4:0] lo_i,
  input logic [ 4:0] hi_i,
  input logic        old_ready_i,
  input logic        rd_req_ready_i,
  input logic        rd_rsp_valid_i,
  input logic        wr_req_ready_i,
  input logic        wr_data_ready_i,
  input logic        wr_rsp_valid_i,
  input logic [ 1:0] err_i,
  input logic [ 4:0] byte_i          // the byte that is looked at: any
);

  logic        in_ready, end_valid;
  logic        rd_valid, wr_valid, data_valid;
  logic [63:0] wr_addr;
  logic [ 1:0] strb;

  shira_scatter_pkg::mark_t   mark;
  shira_scatter_pkg::memory_t memory;
  assign mark   = {in_last_i, 72'd0};
  assign memory = {1'b1, 59'd0, base_i, 59'd0, lo_i, 59'd0, hi_i};

  shira_scatter_memory #(
    .BeatBytes  (2),
    .Outstanding(1),
    .StreamAlign(2),
    .Lanes      (2),
    .OffsetW    (4)
  ) u (
    .clk_i,
    .rst_ni,
    .clear_i        (1'b0),
    .in_valid_i,
    .in_ready_o     (in_ready),
    .in_count_i,
    .in_offset_i,
    .in_value_i     (16'd0),
    .in_mark_i      (mark),
    .op_i,
    .memory_i       (memory),
    .old_ready_i,
    .end_valid_o    (end_valid),
    .end_ready_i    (1'b0),
    .rd_req_valid_o (rd_valid),
    .rd_req_ready_i,
    .rd_rsp_valid_i,
    .rd_rsp_data_i  (16'd0),
    .rd_rsp_last_i  (1'b1),
    .rd_rsp_err_i   (err_i),
    .wr_req_valid_o (wr_valid),
    .wr_req_ready_i,
    .wr_req_addr_o  (wr_addr),
    .wr_data_valid_o(data_valid),
    .wr_data_ready_i,
    .wr_strb_o      (strb),
    .wr_rsp_valid_i,
    .wr_rsp_err_i   (err_i)
  );

  // What the memory has to answer, the addresses whose data are due, and whether the byte was named.
  logic [ 2:0] reads_q, due_q, sent_q;
  logic [ 1:0] lines_q;                    // beats with a byte to write, counted up to three
  logic [63:0] first_q, second_q;
  logic        named_q;
  logic        named;
  logic [16:0] held_q;
  logic        ran_q = 1'b0;
  wire         asked = wr_valid && wr_req_ready_i;
  wire         sent = data_valid && wr_data_ready_i;

  always_comb begin
    named = 1'b0;
    for (int unsigned k = 0; k < 2; k++)
      if (in_valid_i && 2'(k) < in_count_i && 6'(base_i) + 6'(in_offset_i[4*k+:4]) == 6'(byte_i))
        named = 1'b1;
  end

  always @(posedge clk_i) begin
    ran_q   <= 1'b1;
    held_q  <= {op_i, base_i, lo_i, byte_i};
    named_q <= rst_ni && (named_q || named);
    if (!rst_ni) begin
      reads_q <= '0;
      due_q   <= '0;
      sent_q  <= '0;
      lines_q <= '0;
    end else begin
      if (sent && strb != '0 && lines_q != 2'd3) lines_q <= lines_q + 2'd1;
      reads_q <= reads_q + 3'(rd_valid && rd_req_ready_i) - 3'(rd_rsp_valid_i);
      due_q   <= due_q + 3'(asked) - 3'(sent);
      sent_q  <= sent_q + 3'(sent) - 3'(wr_rsp_valid_i);
    end
    if (sent) first_q <= second_q;
    if (asked) begin
      if (due_q == 3'(sent)) first_q <= wr_addr;
      else second_q <= wr_addr;
    end
  end

  wire twice = ran_q && sent && lines_q != '0;
  (* keep *) wire cover_set = twice && op_i == 2'(shira_regs_pkg::ScatterOpSet);
  (* keep *) wire cover_add = twice && op_i == 2'(shira_regs_pkg::ScatterOpAdd);
  (* keep *) wire cover_sub = twice && op_i == 2'(shira_regs_pkg::ScatterOpSub);
  (* keep *) wire cover_swap = twice && op_i == 2'(shira_regs_pkg::ScatterOpSwap);

  logic [4:0] hi_q;
  always @(posedge clk_i) hi_q <= hi_i;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    else assume (rst_ni && held_q == {op_i, base_i, lo_i, byte_i} && hi_q == hi_i);
    assume (in_count_i != 2'd3);
    if (ran_q && reads_q == '0) assume (!rd_rsp_valid_i);
    if (ran_q && sent_q == '0) assume (!wr_rsp_valid_i);
    if (ran_q && due_q == 3'd2) assume (!wr_req_ready_i);
    if (ran_q && data_valid) begin
      assert (due_q != '0);
      for (int unsigned i = 0; i < 2; i++)
        if (strb[i] && {first_q[63:1], 1'(i)} == 64'(byte_i))
          assert (named_q && byte_i >= lo_i && byte_i < hi_i);
      assert (first_q[63:6] == '0 || strb == '0);
    end
  end


endmodule
