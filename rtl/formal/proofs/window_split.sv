// shira_scatter_split: for any bundle stream, no update outside the command's window is offered, those
// that are offered together lie in one line at ascending bytes, and a segment that does not open a line
// lies in that of the segment before.
// Assumed: the window and the image's address change only while no bundle is inside or waits.
// Small here: two lanes; addresses have their 64 bits.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/scatter/shira_scatter_pkg.sv
// rtl: rtl/scatter/shira_scatter_split.sv
// proof: induction 4
// cover: pair 6
// cover: goes_on 8
// mutant: the window's end is one byte late
// file: rtl/scatter/shira_scatter_split.sv
// sed: s/\+:64\] < memory_i.hi/+:64] <= memory_i.hi/
// mutant: the window's beginning is not looked at
// file: rtl/scatter/shira_scatter_split.sv
// sed: s/next_addr_q\[k\*64\+:64\] >= memory_i.lo && //
// mutant: an update outside does not stop those behind it
// file: rtl/scatter/shira_scatter_split.sv
// sed: s/ && legal_q\[k\] && \(k/ \&\& (k/
// mutant: what is known of a bundle's lanes does not move with them
// file: rtl/scatter/shira_scatter_split.sv
// sed: s/legal_q <= legal_q >> count/legal_q <= legal_q/
// mutant: a segment that goes on in a line is not compared with it
// file: rtl/scatter/shira_scatter_split.sv
// sed: s/!line_valid_q \|\| line_q != seg_line_o/!line_valid_q/
module formal_window_split (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        stop_i,
  input logic        in_valid_i,
  input logic [ 1:0] in_count_i,
  input logic [67:0] in_offset_i,
  input logic        in_last_i,
  input logic [63:0] base_i,
  input logic [63:0] lo_i,
  input logic [63:0] hi_i,
  input logic        seg_ready_i,
  input logic        end_i
);

  logic        valid, start, ends;
  logic [ 1:0] count;
  logic [60:0] line;
  logic [ 5:0] at;

  shira_scatter_pkg::mark_t   mark;
  shira_scatter_pkg::memory_t memory;
  assign mark   = {in_last_i, 72'd0};
  assign memory = {1'b1, base_i, lo_i, hi_i};

  shira_scatter_split #(
    .Lanes      (2),
    .OffsetW    (34),
    .StreamAlign(8)
  ) u (
    .clk_i,
    .rst_ni,
    .stop_i,
    .in_valid_i,
    .in_count_i,
    .in_offset_i,
    .in_value_i (16'd0),
    .in_mark_i  (mark),
    .memory_i   (memory),
    .seg_valid_o(valid),
    .seg_ready_i,
    .seg_start_o(start),
    .seg_line_o (line),
    .seg_count_o(count),
    .seg_byte_o (at),
    .ends_o     (ends),
    .end_i
  );

  logic [191:0] was_q;        // base and window
  logic         held_q;       // they may not change
  logic         known_q;      // a segment of the command was taken
  logic [ 60:0] line_q;       // its line
  logic         ran_q = 1'b0;

  (* hierconn *) wire \u.next_valid_q ;
  (* hierconn *) wire [1:0] \u.next_count_q ;
  (* hierconn *) wire \u.valid_q ;
  (* hierconn *) wire [1:0] \u.left_q ;
  (* hierconn *) wire [127:0] \u.addr_q ;
  (* hierconn *) wire [1:0] \u.legal_q ;
  (* hierconn *) wire [1:0] \u.joins_q ;
  (* hierconn *) wire \u.line_valid_q ;
  (* hierconn *) wire [60:0] \u.line_q ;

  always @(posedge clk_i) begin
    ran_q  <= 1'b1;
    was_q  <= {base_i, lo_i, hi_i};
    held_q <= rst_ni && !stop_i && !end_i && (in_valid_i || \u.next_valid_q || \u.valid_q );
    if (!rst_ni || stop_i || end_i) known_q <= 1'b0;
    else if (valid && seg_ready_i) known_q <= 1'b1;
    if (valid && seg_ready_i) line_q <= line;
  end

  function automatic logic within_window(input logic [63:0] addr);
    within_window = addr >= lo_i && addr < hi_i;
  endfunction

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    assume (in_count_i != 2'd3);
    if (end_i) assume (ends);
    if (ran_q) begin
      if (held_q) assume ({base_i, lo_i, hi_i} == was_q);
      if (valid) begin
        assert (count == 2'd1 || count == 2'd2);
        assert (within_window({line, at[2:0]}));
        if (count == 2'd2) assert (within_window({line, at[5:3]}) && at[5:3] > at[2:0]);
        assert (start || (known_q && line == line_q));
      end
      // For the induction: what is known of the lanes is right.
      assert (\u.line_valid_q == known_q);
      if (known_q) assert (\u.line_q == line_q);
      if (\u.next_valid_q ) assert (\u.next_count_q <= 2'd2);
      if (\u.valid_q ) begin
        assert (\u.left_q <= 2'd2);
        for (int unsigned k = 0; k < 2; k++)
          if (2'(k) < \u.left_q && \u.legal_q [k]) assert (within_window(\u.addr_q [64*k+:64]));
        if (\u.left_q == 2'd2 && \u.joins_q [1])
          assert (\u.addr_q [127:67] == \u.addr_q [63:3] && \u.addr_q [66:64] > \u.addr_q [2:0]);
      end
    end
  end

  (* keep *) wire cover_pair = ran_q && valid && count == 2'd2;
  (* keep *) wire cover_goes_on = ran_q && valid && !start;

endmodule
