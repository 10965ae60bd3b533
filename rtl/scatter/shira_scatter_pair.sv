// Joins two bundles of updates to a pair.
//
// Does:         holds a bundle, and offers it together with the next one where that is there, alone where it
//               is not. So a word whose updates lie in several bundles is written in fewer pieces, and what
//               the pieces need of a bank is never more than a cycle for each bundle.
// Never does:   joins a bundle to one that ends its command; waits for a second bundle.
// Latency:      one cycle. Throughput: a bundle a cycle.
// Backpressure: in_ready_o is low while a pair waits.
module shira_scatter_pair #(
  parameter int unsigned Lanes = 8,
  parameter int unsigned AddrW = 23,  // bits of a byte's address in the weight SRAM
  parameter int unsigned ByteW = 4,   // of them the byte in the word
  parameter int unsigned Merge = 1    // 0: each update is a word of its own
) (
  input  logic                      clk_i,
  input  logic                      rst_ni,       // synchronous, active low
  // bundles <- window
  input  logic                      in_valid_i,
  output logic                      in_ready_o,
  input  logic [         Lanes-1:0] in_lanes_i,   // those that hold an update, from lane 0 on
  input  logic [         Lanes-1:0] in_starts_i,  // a word starts here; lane 0 always
  input  logic [   Lanes*AddrW-1:0] in_addr_i,
  input  logic [       Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t  in_mark_i,
  // pairs -> slots, queues, words; the second bundle in the upper lanes
  output logic                      out_valid_o,
  input  logic                      out_ready_i,
  output logic [       2*Lanes-1:0] out_lanes_o,
  output logic [       2*Lanes-1:0] out_starts_o,
  output logic [ 2*Lanes*AddrW-1:0] out_addr_o,
  output logic [     2*Lanes*8-1:0] out_value_o,
  output shira_scatter_pkg::mark_t  out_mark_o    // the command ends with this pair, and how
);

  logic                     held_q;
  logic [        Lanes-1:0] lanes_q;
  logic [        Lanes-1:0] starts_q;
  logic [  Lanes*AddrW-1:0] addr_q;
  logic [      Lanes*8-1:0] value_q;
  shira_scatter_pkg::mark_t mark_q;
  logic [        AddrW-1:0] last_q;   // address of the last update
  logic [        Lanes-1:0] last_lane;  // of the bundle that comes in
  logic                     load;
  logic                     joined;
  logic                     goes_on;  // the first word of the second bundle is the last of the first one

  assign in_ready_o = !held_q || out_ready_i;
  assign load       = in_valid_i && !held_q;
  assign joined     = in_valid_i && held_q;
  assign goes_on    = Merge != 0 && lanes_q[0] && in_addr_i[AddrW-1:ByteW] == last_q[AddrW-1:ByteW] &&
                      in_addr_i[ByteW-1:0] > last_q[ByteW-1:0];

  assign last_lane  = in_lanes_i & ~(in_lanes_i >> 1);

  assign out_valid_o  = held_q;
  assign out_lanes_o  = {joined ? in_lanes_i : '0, lanes_q};
  assign out_addr_o   = {in_addr_i, addr_q};
  assign out_value_o  = {in_value_i, value_q};
  assign out_mark_o   = joined ? in_mark_i : mark_q;

  always_comb begin
    out_starts_o        = {in_starts_i, starts_q};
    out_starts_o[Lanes] = !goes_on;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) held_q <= 1'b0;
    else if (in_ready_o) held_q <= load;
  end

  always_ff @(posedge clk_i) begin : p_load
    logic [AddrW-1:0] last;
    if (load) begin
      last = '0;
      for (int unsigned k = 0; k < Lanes; k++)
        if (last_lane[k]) last = last | in_addr_i[k*AddrW+:AddrW];
      last_q   <= last;
      lanes_q  <= in_lanes_i;
      starts_q <= in_starts_i;
      addr_q   <= in_addr_i;
      value_q  <= in_value_i;
      mark_q   <= in_mark_i;
    end
  end

`ifdef SHIRA_ASSERT
  a_steady : assert property (@(posedge clk_i) disable iff (!rst_ni)
    out_valid_o && !out_ready_i && joined |=>
    out_valid_o && $stable(out_lanes_o) && $stable(out_starts_o) && $stable(out_addr_o));
  a_end_alone : assert property (@(posedge clk_i) disable iff (!rst_ni) joined |-> !mark_q.last);
`endif

endmodule
