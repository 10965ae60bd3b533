// shira_scatter_line_update: for any segments, operation and reads, a line is written with exactly the
// bytes that its segments named, at its own address, with the values that the operation gives; a SWAP
// gives what was there, in its lanes; every changed line is handed on before the next one takes its
// place; the count of updates is theirs.
// Assumed: the operation does not change; lanes of a segment name ascending bytes; what follows a stop
// or a flush opens a line; nothing follows a flush but after a stop.
// Small here: two lanes, lines of four bytes, addresses of three bits that differ.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/scatter/shira_scatter_line_update.sv
// proof: induction 4
// cover: set 12
// cover: add 12
// cover: sub 12
// cover: swap 12
// cover: stopped 12
// mutant: a line keeps the mask of the line before
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/mask_q <= put_start_q \? put_mask_q : mask_q/mask_q <= mask_q/
// mutant: a line that was read keeps the mask of the line before
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/mask_q <= put_start_q \? put_mask_q/mask_q <= put_start_q \&\& set ? put_mask_q/
// mutant: the second segment of a line replaces the mask of the first
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/put_mask_q : mask_q \| put_mask_q;/put_mask_q : put_mask_q;/
// mutant: a line keeps the address of the line before
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/if \(put_start_q\) line_q <= put_line_q;//
// mutant: a line is lost that the writer does not take at once
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/\(!line_valid_q \|\| line_ready_i\)\);/1'b1);/
// mutant: a line is changed that could not be read
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/\(set \|\| \(read_valid_i && !read_err_i\[1\]\)\)/(set || read_valid_i)/
// mutant: old bytes are overwritten before they were taken
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/!old_valid_o \|\| old_ready_i;/1'b1;/
// mutant: SWAP gives the new bytes as the old ones
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/old_was_q   <= was;/old_was_q   <= data;/
// mutant: the count is of segments
// file: rtl/scatter/shira_scatter_line_update.sv
// sed: s/total_q \+ TotalW'\(put_count_q\);/total_q + TotalW'(1);/
module formal_line_update (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        stop_i,
  input logic [ 1:0] op_i,
  input logic        seg_valid_i,
  input logic        seg_start_i,
  input logic [ 2:0] seg_line_i,
  input logic [ 1:0] seg_count_i,
  input logic [ 3:0] seg_byte_i,
  input logic [15:0] seg_value_i,
  input logic        flush_i,
  input logic        read_valid_i,
  input logic [ 1:0] read_err_i,
  input logic [31:0] read_data_i,
  input logic        line_ready_i,
  input logic        old_ready_i,
  input logic [ 1:0] byte_i         // the byte that is looked at: any
);

  localparam logic [1:0] Set = 2'(shira_regs_pkg::ScatterOpSet), Add = 2'(shira_regs_pkg::ScatterOpAdd),
      Sub = 2'(shira_regs_pkg::ScatterOpSub), Swap = 2'(shira_regs_pkg::ScatterOpSwap);

  logic        seg_ready, read_ready, line_valid, old_valid, busy, moved;
  logic [61:0] line_addr;
  logic [ 3:0] line_mask, line_total;
  logic [31:0] line_data;
  logic [ 1:0] old_count;
  logic [15:0] old_data;

  shira_scatter_line_update #(
    .StreamAlign(4),
    .Lanes      (2),
    .TotalW     (4)
  ) u (
    .clk_i,
    .rst_ni,
    .stop_i,
    .clear_i      (1'b0),
    .op_i,
    .seg_valid_i,
    .seg_ready_o  (seg_ready),
    .seg_start_i,
    .seg_line_i   ({59'd0, seg_line_i}),
    .seg_count_i,
    .seg_byte_i,
    .seg_value_i,
    .flush_i,
    .read_valid_i,
    .read_ready_o (read_ready),
    .read_err_i,
    .read_data_i,
    .line_valid_o (line_valid),
    .line_ready_i,
    .line_addr_o  (line_addr),
    .line_mask_o  (line_mask),
    .line_data_o  (line_data),
    .line_total_o (line_total),
    .old_valid_o  (old_valid),
    .old_ready_i,
    .old_count_o  (old_count),
    .old_data_o   (old_data),
    .busy_o       (busy),
    .moved_o      (moved)
  );

  (* hierconn *) wire \u.put_valid_q ;
  (* hierconn *) wire \u.put_start_q ;
  (* hierconn *) wire \u.line_valid_q ;
  (* hierconn *) wire [3:0] \u.put_mask_q ;
  (* hierconn *) wire [31:0] \u.put_data_q ;
  (* hierconn *) wire [61:0] \u.put_line_q ;
  (* hierconn *) wire [1:0] \u.put_count_q ;
  (* hierconn *) wire [3:0] \u.put_byte_q ;

  // What a segment says of the byte.
  logic       hit, lane;
  logic [7:0] value;
  always_comb begin
    hit   = 1'b0;
    lane  = 1'b0;
    value = seg_value_i[7:0];
    if (seg_byte_i[1:0] == byte_i) hit = 1'b1;
    if (seg_count_i == 2'd2 && seg_byte_i[3:2] == byte_i) {hit, lane, value} = {2'b11, seg_value_i[15:8]};
  end

  // The segment that was taken, the line that is changed, and what a SWAP replaced, as they must be.
  logic       put_q, put_start_q, put_hit_q, put_lane_q;
  logic [7:0] put_value_q;
  logic [2:0] put_addr_q;
  logic [1:0] put_count_q;
  logic       line_q, mask_q;
  logic [2:0] addr_q;
  logic [7:0] data_q, was, now;
  logic [3:0] total_q;
  logic       old_q, old_hit_q, old_lane_q;
  logic [7:0] old_was_q;
  logic [1:0] lines_q;                    // handed on, counted up to three
  logic       fresh_q;                    // what comes next opens a line
  logic       flushed_q;
  logic       ran_q = 1'b0;
  logic [4:0] held_q;
  wire        taken = seg_valid_i && seg_ready && !stop_i;
  wire        handed = line_valid && line_ready_i;

  assign was = (put_start_q && op_i != Set) ? read_data_i[8*byte_i+:8] : data_q;
  always_comb begin
    now = was;
    if (put_hit_q) begin
      now = put_value_q;
      if (op_i == Add) now = was + put_value_q;
      if (op_i == Sub) now = was - put_value_q;
    end
  end

  always @(posedge clk_i) begin
    ran_q  <= 1'b1;
    held_q <= {op_i, byte_i, ran_q};
    if (!rst_ni) begin
      put_q     <= 1'b0;
      line_q    <= 1'b0;
      old_q     <= 1'b0;
      total_q   <= '0;
      lines_q   <= '0;
      fresh_q   <= 1'b1;
      flushed_q <= 1'b0;
    end else begin
      put_q <= taken || (put_q && !moved && !stop_i);
      if (taken) begin
        put_start_q <= seg_start_i;
        put_hit_q   <= hit;
        put_lane_q  <= lane;
        put_value_q <= value;
        put_addr_q  <= seg_line_i;
        put_count_q <= seg_count_i;
      end
      line_q <= moved || (line_q && !handed);
      if (moved) begin
        mask_q  <= put_hit_q || (!put_start_q && mask_q);
        data_q  <= now;
        total_q <= total_q + 4'(put_count_q);
        if (put_start_q) addr_q <= put_addr_q;
      end
      old_q <= (moved && op_i == Swap) || (old_q && !old_ready_i);
      if (moved && op_i == Swap) begin
        old_hit_q  <= put_hit_q;
        old_lane_q <= put_lane_q;
        old_was_q  <= was;
      end
      if (handed && lines_q != 2'd3) lines_q <= lines_q + 2'd1;
      fresh_q   <= stop_i || (fresh_q && !taken);
      flushed_q <= flush_i && !stop_i;
    end
  end

  (* keep *) wire cover_set = ran_q && op_i == Set && lines_q == 2'd2;
  (* keep *) wire cover_add = ran_q && op_i == Add && lines_q == 2'd2;
  (* keep *) wire cover_sub = ran_q && op_i == Sub && lines_q == 2'd2;
  (* keep *) wire cover_swap = ran_q && op_i == Swap && lines_q == 2'd2 && old_valid && old_q;
  (* keep *) wire cover_stopped = ran_q && stop_i && handed && op_i == Swap && old_valid;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    else begin
      assume (rst_ni && held_q[4:1] == {op_i, byte_i});
      if (seg_valid_i) begin
        assume (seg_count_i == 2'd1 || (seg_count_i == 2'd2 && seg_byte_i[3:2] > seg_byte_i[1:0]));
        assume (seg_start_i || !fresh_q);
        assume (!flush_i);
      end
      if (flushed_q) assume (flush_i || stop_i);
      // in step with the model
      assert (\u.put_valid_q == put_q && \u.line_valid_q == line_q && old_valid == old_q);
      assert (busy == (put_q || line_q || old_q));
      if (put_q) begin
        assert (\u.put_start_q == put_start_q && \u.put_line_q == {59'd0, put_addr_q});
        assert (\u.put_mask_q [byte_i] == put_hit_q && \u.put_count_q == put_count_q);
        assert (put_count_q == 2'd1 || put_count_q == 2'd2);
        if (put_hit_q) begin
          assert (\u.put_data_q [8*byte_i+:8] == put_value_q && put_count_q > 2'(put_lane_q));
          assert (\u.put_byte_q [2*put_lane_q+:2] == byte_i);
        end
      end
      assert (put_q || line_q || fresh_q || flushed_q);
      if (put_q && !put_start_q) assert (line_q);
      // a segment is made only where its line is there, and only in a line of its own
      if (moved && put_start_q) begin
        assert (op_i == Set || (read_valid_i && !read_err_i[1] && read_ready));
        assert (!line_q || handed);
      end
      if (moved && op_i == Swap) assert (!old_q || old_ready_i);
      if (line_valid) assert (line_q);
      assert (line_total == total_q);
      if (line_q) begin
        assert (line_addr == {59'd0, addr_q});
        assert (line_mask[byte_i] == mask_q);
        if (mask_q || op_i != Set) assert (line_data[8*byte_i+:8] == data_q);
      end
      if (old_valid && old_hit_q) begin
        assert (old_count > 2'(old_lane_q));
        assert (old_data[8*old_lane_q+:8] == old_was_q);
      end
    end
  end

endmodule
