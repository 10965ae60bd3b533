// Addresses of a bundle's updates, and whether they lie in the command's window.
//
// Does:         adds the image's base to the offsets, lets the lanes before the first update outside the
//               window through, and marks where a word starts: at an update of another word than the one
//               before it in the bundle, or of no higher byte of it (Merge = 0: at each update). The bundle
//               that is its command's last, or has an update outside, carries how the command ends.
// Never does:   takes a bundle between the last one of a command, or one with an update outside, and
//               end_taken_i or clear_i. After clear_i only the bundle at the output leaves.
// Latency:      three cycles: add, compare, find the first outside. Throughput: a bundle a cycle.
// Backpressure: in_ready_o is low while the bundle at the output waits, and at the end of a command.
module shira_scatter_window #(
  parameter int unsigned Lanes   = 8,
  parameter int unsigned OffsetW = 34,  // bits of an offset; base + offset must not wrap
  parameter int unsigned AddrW   = 23,  // bits of a byte's address in the weight SRAM
  parameter int unsigned ByteW   = 4,   // of them the byte in the word
  parameter int unsigned Merge   = 1,   // 0: each update is a word of its own
  localparam int unsigned CountW = $clog2(Lanes + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,       // synchronous, active low
  input  logic                       clear_i,      // take nothing more
  input  logic                       end_taken_i,  // the next command may come
  // bundles <- offsets
  input  logic                       in_valid_i,
  output logic                       in_ready_o,
  input  logic [         CountW-1:0] in_count_i,
  input  logic [  Lanes*OffsetW-1:0] in_offset_i,  // bytes into the image
  input  logic [        Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t   in_mark_i,
  input  shira_scatter_pkg::window_t window_i,     // of the command; base is inside the SRAM
  // bundles -> pair
  output logic                       out_valid_o,
  input  logic                       out_ready_i,
  output logic [          Lanes-1:0] out_lanes_o,  // those that hold an update, from lane 0 on
  output logic [          Lanes-1:0] out_starts_o, // a word starts here; lane 0 always
  output logic [    Lanes*AddrW-1:0] out_addr_o,
  output logic [        Lanes*8-1:0] out_value_o,
  output shira_scatter_pkg::mark_t   out_mark_o,
  output logic                       busy_o        // a bundle is inside
);

  logic step;     // all stages move on
  logic take;
  logic found;    // the bundle that reaches the output has an update outside
  logic closed_q; // the command has its last bundle
  logic added_valid_q;
  logic compared_valid_q;

  assign step       = !out_valid_o || out_ready_i;
  assign in_ready_o = step && !closed_q && !clear_i;
  assign take       = in_valid_i && in_ready_o;
  assign busy_o     = added_valid_q || compared_valid_q || out_valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      added_valid_q    <= 1'b0;
      compared_valid_q <= 1'b0;
    end else if (step) begin
      added_valid_q    <= take && !found;
      compared_valid_q <= added_valid_q && !found;
    end
    if (!rst_ni) out_valid_o <= 1'b0;
    else if (step) out_valid_o <= compared_valid_q && !clear_i;
    if (!rst_ni || clear_i || end_taken_i) closed_q <= 1'b0;
    else if (found || (take && in_mark_i.last)) closed_q <= 1'b1;
  end

  // Added: addresses. Compared: which lie outside, where words start.
  logic [        Lanes-1:0] added_lanes_q;
  logic [      Lanes*8-1:0] added_value_q;
  shira_scatter_pkg::mark_t added_mark_q;
  logic [      OffsetW-1:0] added_addr[Lanes];
  logic [        Lanes-1:0] compared_lanes_q;
  logic [      Lanes*8-1:0] compared_value_q;
  shira_scatter_pkg::mark_t compared_mark_q;
  logic [        Lanes-1:0] compared_starts_q;
  logic [        Lanes-1:0] compared_outside_q;
  logic [      OffsetW-1:0] compared_addr[Lanes];
  logic [        Lanes-1:0] before_outside;
  logic [        Lanes-1:0] first_outside;

  assign before_outside = ~compared_outside_q & (compared_outside_q - Lanes'(1));
  assign first_outside  = compared_outside_q & ~(compared_outside_q - Lanes'(1));
  assign found          = step && compared_valid_q && compared_outside_q != '0;

  // Nothing outside this block looks at the addresses, so that blocking assignments are safe; Verilator
  // does not take delayed ones to an array in a loop. The last stage comes first.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin : p_stages
    logic [OffsetW-1:0] addr;
    logic [OffsetW-1:0] first;   // address of the first update outside
    logic [  Lanes-1:0] outside;
    logic [  Lanes-1:0] starts;
    if (step && compared_valid_q) begin
      first = '0;
      for (int unsigned k = 0; k < Lanes; k++) begin
        out_addr_o[k*AddrW+:AddrW] <= compared_addr[k][AddrW-1:0];
        if (first_outside[k]) first = first | compared_addr[k];
      end
      out_lanes_o  <= compared_lanes_q & before_outside;
      out_starts_o <= compared_starts_q;
      out_value_o  <= compared_value_q;
      out_mark_o   <= compared_mark_q;
      if (compared_outside_q != '0) begin
        out_mark_o.last   <= 1'b1;
        out_mark_o.status <= shira_regs_pkg::StatusWindow;
        out_mark_o.where  <= 64'(first);
      end
    end
    if (step && added_valid_q) begin
      outside = '0;
      starts  = '1;
      for (int unsigned k = 0; k < Lanes; k++) begin
        addr       = added_addr[k];
        outside[k] = added_lanes_q[k] &&
                     (addr < OffsetW'(window_i.lo) || addr >= OffsetW'(window_i.hi));
        if (k != 0 && Merge != 0)
          starts[k] = added_addr[(k==0)?0 : k-1][AddrW-1:ByteW] != addr[AddrW-1:ByteW] ||
                      added_addr[(k==0)?0 : k-1][ByteW-1:0] >= addr[ByteW-1:0];
        compared_addr[k] = addr;
      end
      compared_outside_q <= outside;
      compared_starts_q  <= starts;
      compared_lanes_q   <= added_lanes_q;
      compared_value_q   <= added_value_q;
      compared_mark_q    <= added_mark_q;
    end
    if (take) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        added_addr[k] = OffsetW'(window_i.base) + in_offset_i[k*OffsetW+:OffsetW];
        added_lanes_q[k] <= CountW'(k) < in_count_i;
      end
      added_value_q <= in_value_i;
      added_mark_q  <= in_mark_i;
    end
  end
  /* verilator lint_on BLKSEQ */

`ifdef SHIRA_ASSERT
  a_steady : assert property (@(posedge clk_i) disable iff (!rst_ni)
    out_valid_o && !out_ready_i |=>
    out_valid_o && $stable(out_lanes_o) && $stable(out_addr_o) && $stable(out_mark_o));
  a_lanes_from_0 : assert property (@(posedge clk_i) disable iff (!rst_ni)
    out_valid_o |-> (out_lanes_o & (out_lanes_o + Lanes'(1))) == '0);
  a_start : assert property (@(posedge clk_i) disable iff (!rst_ni) out_valid_o |-> out_starts_o[0]);
  a_alone : assert property (@(posedge clk_i) disable iff (!rst_ni) take |-> !(out_valid_o && out_mark_o.last));
`endif

endmodule
