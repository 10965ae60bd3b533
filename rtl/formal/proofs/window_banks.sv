// shira_scatter_window: for any bundle stream, no update outside the command's window leaves, none
// behind the first one outside, and none of a command behind its end.
// Assumed: the window lies in the SRAM; it changes only while nothing is inside and no bundle waits;
// clear_i stays until nothing is inside.
// Small here: two lanes, words of two bytes, 16 bytes of SRAM.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/scatter/shira_scatter_pkg.sv
// rtl: rtl/scatter/shira_scatter_window.sv
// proof: induction 4
// cover: write 8
// cover: edge 8
// mutant: the window's end is one byte late
// file: rtl/scatter/shira_scatter_window.sv
// sed: s/addr >= OffsetW'\(window_i.hi\)/addr > OffsetW'(window_i.hi)/
// mutant: the window's beginning is not looked at
// file: rtl/scatter/shira_scatter_window.sv
// sed: s/addr < OffsetW'\(window_i.lo\) \|\| //
// mutant: an update behind the first one outside leaves
// file: rtl/scatter/shira_scatter_window.sv
// sed: s/compared_lanes_q & before_outside/compared_lanes_q \& ~compared_outside_q/
// mutant: the bundle behind one with an update outside leaves
// file: rtl/scatter/shira_scatter_window.sv
// sed: s/compared_valid_q <= added_valid_q && !found/compared_valid_q <= added_valid_q/
// mutant: a bundle is taken behind the last one
// file: rtl/scatter/shira_scatter_window.sv
// sed: s/ \|\| \(take && in_mark_i.last\)//
module formal_window_banks (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        clear_i,
  input logic        end_taken_i,
  input logic        in_valid_i,
  input logic [ 1:0] in_count_i,
  input logic [67:0] in_offset_i,
  input logic        in_last_i,
  input logic [31:0] base_i,
  input logic [ 4:0] lo_i,
  input logic [ 4:0] hi_i,
  input logic        out_ready_i
);

  logic       ready, valid, busy;
  logic [1:0] lanes;
  logic [7:0] addr;

  shira_scatter_pkg::mark_t   mark, out_mark;
  shira_scatter_pkg::window_t window;
  assign mark   = {in_last_i, 72'd0};
  assign window = {base_i, 28'd0, lo_i, 28'd0, hi_i};

  shira_scatter_window #(
    .Lanes  (2),
    .OffsetW(34),
    .AddrW  (4),
    .ByteW  (1)
  ) u (
    .clk_i,
    .rst_ni,
    .clear_i,
    .end_taken_i,
    .in_valid_i,
    .in_ready_o (ready),
    .in_count_i,
    .in_offset_i,
    .in_value_i (16'd0),
    .in_mark_i  (mark),
    .window_i   (window),
    .out_valid_o(valid),
    .out_ready_i,
    .out_lanes_o(lanes),
    .out_addr_o (addr),
    .out_mark_o (out_mark),
    .busy_o     (busy)
  );

  logic [4:0] lo_q, hi_q;
  logic       held_q;        // the window may not change
  logic       clear_q;
  logic       ended_q;       // the bundle that ends the command left
  logic       ran_q = 1'b0;

  always @(posedge clk_i) begin
    ran_q   <= 1'b1;
    clear_q <= clear_i;
    lo_q   <= lo_i;
    hi_q   <= hi_i;
    held_q <= rst_ni && (busy || in_valid_i);
    if (!rst_ni || clear_i || end_taken_i) ended_q <= 1'b0;
    else if (valid && out_ready_i && out_mark.last) ended_q <= 1'b1;
  end

  // For the induction: what waits between the stages.
  (* hierconn *) wire [33:0] \u.compared_addr[0] ;
  (* hierconn *) wire [33:0] \u.compared_addr[1] ;
  (* hierconn *) wire [1:0] \u.compared_lanes_q ;
  (* hierconn *) wire [1:0] \u.compared_outside_q ;
  (* hierconn *) wire [1:0] \u.added_lanes_q ;
  (* hierconn *) wire \u.compared_valid_q ;
  (* hierconn *) wire \u.added_valid_q ;
  (* hierconn *) wire \u.closed_q ;
  (* hierconn *) wire [72:0] \u.compared_mark_q ;
  (* hierconn *) wire [72:0] \u.added_mark_q ;

  function automatic logic inside_window(input logic [33:0] at);
    inside_window = at >= {29'd0, lo_i} && at < {29'd0, hi_i};
  endfunction

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    assume (hi_i <= 5'd16);
    // An end is taken when its bundle has left and nothing else is inside.
    if (end_taken_i) assume (ended_q && !busy);
    if (ran_q) begin
      if (held_q) assume (lo_i == lo_q && hi_i == hi_q);
      if (clear_q && busy) assume (clear_i);
      if (\u.added_valid_q ) assert (\u.added_lanes_q != 2'b10);
      if (\u.compared_valid_q ) begin
        assert (\u.compared_lanes_q != 2'b10);
        if (\u.compared_lanes_q [0] && !\u.compared_outside_q [0])
          assert (inside_window(\u.compared_addr[0] ));
        if (\u.compared_lanes_q [1] && !\u.compared_outside_q [1])
          assert (inside_window(\u.compared_addr[1] ));
      end
      if (valid) begin
        assert (!ended_q);
        if (lanes[0]) assert (inside_window({30'd0, addr[3:0]}));
        if (lanes[1]) assert (lanes[0] && inside_window({30'd0, addr[7:4]}));
      end
      // Behind the end nothing comes.
      if (ended_q || (valid && out_mark.last))
        assert ((\u.closed_q || clear_i) && !\u.compared_valid_q && !\u.added_valid_q );
      if (\u.compared_valid_q && \u.compared_mark_q [72])
        assert (\u.closed_q && !\u.added_valid_q );
      if (\u.added_valid_q && \u.added_mark_q [72]) assert (\u.closed_q );
    end
  end

  (* keep *) wire cover_write = ran_q && valid && lanes == 2'b11;
  (* keep *) wire cover_edge = ran_q && valid && lanes == 2'b01 && {1'b0, addr[3:0]} + 5'd1 == hi_i;

endmodule
