// shira_scatter_banks: when a command ends, each byte holds what the updates of it that came before
// the first one outside the window made of it (SET, SWAP: the last of them; ADD, SUB: their sum with
// what it held), or what it held before: none is lost, none comes twice or too late, and none after
// the first one outside is applied. The end names that one.
// Assumed: bundles stay until they are taken, window and operation until the end was taken; clear_i is
// low; a command that reads has one update of a byte.
// Small here: two lanes, two banks with queues of two, words of two bytes, 16 bytes of SRAM,
// values of two bits. An update's address is base + offset.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/scatter/shira_scatter_pkg.sv
// rtl: rtl/scatter/shira_scatter_window.sv rtl/scatter/shira_scatter_pair.sv
// rtl: rtl/scatter/shira_scatter_slots.sv rtl/scatter/shira_scatter_queues.sv
// rtl: rtl/scatter/shira_scatter_words.sv rtl/scatter/shira_scatter_replaced.sv
// rtl: rtl/scatter/shira_scatter_banks.sv
// proof: bounded 13
// cover: end 15
// cover: outside 15
// cover: reads 15
// mutant: an update behind the first one outside is applied
// file: rtl/scatter/shira_scatter_window.sv
// sed: s/compared_lanes_q & before_outside/compared_lanes_q \& ~compared_outside_q/
// mutant: the second bundle begins in the word in which the first one ends
// file: rtl/scatter/shira_scatter_pair.sv
// sed: s/out_starts_o\[Lanes\] = !goes_on/out_starts_o[Lanes] = 1'b0/
// mutant: SUB adds
// file: rtl/scatter/shira_scatter_words.sv
// sed: s/ \^ \{8\{subtracts\}\}\) \+ 8'\(subtracts\)/)/
// mutant: the end does not wait for the writes
// file: rtl/scatter/shira_scatter_banks.sv
// sed: s/end_q && !busy_o/end_q/
module formal_banks (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        in_valid_i,
  input logic [ 1:0] in_count_i,
  input logic [ 9:0] in_offset_i,  // five bits of each
  input logic [ 3:0] in_value_i,   // two bits of each
  input logic        in_last_i,
  input logic [ 2:0] base_i,       // in words
  input logic [ 4:0] lo_i,
  input logic [ 4:0] hi_i,
  input logic [ 1:0] op_i,
  input logic        end_ready_i,
  input logic        old_ready_i,
  input logic [ 1:0] bank_ready_i,
  input logic [ 1:0] bank_rd_ready_i,
  input logic [31:0] bank_rd_data_i,
  input logic [ 3:0] byte_i        // address of the byte that is looked at: any
);

  logic        ready, busy, end_valid;
  logic [ 7:0] end_status;
  logic [63:0] end_where;
  logic [ 1:0] valid;
  logic [ 3:0] row;
  logic [ 3:0] mask;
  logic [31:0] data;
  logic [ 1:0] rd_valid;
  logic [ 3:0] rd_row;

  shira_scatter_pkg::mark_t   mark;
  shira_scatter_pkg::window_t window;
  assign mark   = {in_last_i, 72'd0};
  assign window = {28'd0, base_i, 1'b0, 28'd0, lo_i, 28'd0, hi_i};

  shira_scatter_banks #(
    .Lanes      (2),
    .FifoDepth  (2),
    .WeightBytes(16),
    .WeightBanks(2),
    .ArrayK     (2)
  ) u (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .in_valid_i,
    .in_ready_o  (ready),
    .in_count_i,
    .in_offset_i ({29'd0, in_offset_i[9:5], 29'd0, in_offset_i[4:0]}),
    .in_value_i  ({6'd0, in_value_i[3:2], 6'd0, in_value_i[1:0]}),
    .in_mark_i   (mark),
    .window_i    (window),
    .op_i,
    .end_valid_o (end_valid),
    .end_ready_i,
    .old_ready_i,
    .end_status_o(end_status),
    .end_where_o (end_where),
    .busy_o      (busy),
    .bank_valid_o(valid),
    .bank_ready_i,
    .bank_row_o  (row),
    .bank_mask_o (mask),
    .bank_data_o (data),
    .bank_rd_valid_o(rd_valid),
    .bank_rd_ready_i,
    .bank_rd_row_o(rd_row),
    .bank_rd_data_i
  );

  // The byte as it must be after the bundle that is offered, and as it is; bit 2: it was updated.
  logic [2:0] want, want_q, is_q;
  logic       hit, hit_q;    // the command has an update of it
  logic       again;         // a second one
  logic [3:0] read_q;        // of both banks: byte that comes now, where it is that one
  logic       outside;
  logic [5:0] outside_at;
  logic       over_q;        // the command had an update outside
  logic       ending_q;      // and its last bundle
  logic       status_q;
  logic [5:0] where_q;
  logic [5:0] addr[2];

  for (genvar k = 0; k < 2; k++) begin : g_addr
    assign addr[k] = {2'd0, base_i, 1'b0} + {1'b0, in_offset_i[5*k+:5]};
  end

  always_comb begin
    want       = want_q;
    hit        = hit_q;
    again      = 1'b0;
    outside    = 1'b0;
    outside_at = '0;
    for (int unsigned k = 0; k < 2; k++) begin
      if (in_valid_i && 2'(k) < in_count_i && !outside) begin
        if (addr[k] < {1'b0, lo_i} || addr[k] >= {1'b0, hi_i}) begin
          outside    = 1'b1;
          outside_at = addr[k];
        end else if (addr[k] == {2'd0, byte_i}) begin
          again = again || hit;
          hit   = 1'b1;
          want  = {1'b1, in_value_i[2*k+:2]};
          if (op_i == 2'd1) want[1:0] = want_q[1:0] + in_value_i[2*k+:2];
          if (op_i == 2'd2) want[1:0] = want_q[1:0] - in_value_i[2*k+:2];
        end
      end
    end
  end

  logic [ 1:0] before_q;  // the byte in the cycle before
  always @(posedge clk_i) before_q <= is_q[1:0];

  logic [17:0] in_q;
  logic [ 3:0] byte_q;
  logic        held_q, ran_q = 1'b0;

  always @(posedge clk_i) begin
    ran_q  <= 1'b1;
    byte_q <= byte_i;
    in_q   <= {in_valid_i, in_last_i, in_count_i, in_offset_i, in_value_i};
    held_q <= rst_ni && in_valid_i && !ready;
    if (!rst_ni) begin
      want_q <= '0;
      is_q   <= '0;
      hit_q  <= 1'b0;
      read_q <= '0;
      over_q <= 1'b0;
      ending_q <= 1'b0;
    end else begin
      if (in_valid_i && ready && !over_q) begin
        want_q   <= want;
        hit_q    <= hit;
        over_q   <= outside;
        ending_q <= outside || in_last_i;
        status_q <= outside;
        where_q  <= outside_at;
      end
      if (end_valid && end_ready_i) begin
        hit_q    <= 1'b0;
        over_q   <= 1'b0;
        ending_q <= 1'b0;
      end
      for (int unsigned b = 0; b < 2; b++) begin
        for (int unsigned j = 0; j < 2; j++) begin
          read_q[2*b+j] <= rd_valid[b] && bank_rd_ready_i[b] &&
                           {rd_row[2*b+:2], 1'(b), 1'(j)} == byte_i;
          if (valid[b] && bank_ready_i[b] && mask[2*b+j] && {row[2*b+:2], 1'(b), 1'(j)} == byte_i)
            is_q <= {1'b1, data[16*b+8*j+:2]};
        end
      end
    end
  end

  logic [2:0] base_q;
  logic [4:0] hi_q;
  logic [4:0] lo_q;
  logic [1:0] op_q;
  logic       window_held_q;
  always @(posedge clk_i) begin
    {base_q, lo_q, hi_q} <= {base_i, lo_i, hi_i};
    op_q <= op_i;
    window_held_q <= rst_ni && (busy || in_valid_i || ending_q) && !(end_valid && end_ready_i);
  end

  always @(posedge clk_i) begin
    assume (rst_ni == ran_q && hi_i <= 5'd16 && in_count_i <= 2'd2);
    if (ran_q) begin
      assume (byte_i == byte_q);
      if (held_q)
        assume (in_q == {in_valid_i, in_last_i, in_count_i, in_offset_i, in_value_i});
      if (window_held_q) assume (base_i == base_q && lo_i == lo_q && hi_i == hi_q && op_i == op_q);
      assume (!again || op_i == 2'd0);
      // A read gives the byte as it was before a write in the same cycle.
      for (int unsigned i = 0; i < 4; i++)
        if (read_q[i]) assume (bank_rd_data_i[8*i+:2] == before_q);
      if (end_valid) begin
        assert (is_q == want_q && ending_q && !busy);
        assert (end_status == (status_q ? shira_regs_pkg::StatusWindow : 8'd0));
        if (status_q) assert (end_where == 64'(where_q));
      end
    end
  end

  (* keep *) wire cover_end = ran_q && end_valid && hit_q && op_i == 2'd0 && !status_q;
  (* keep *) wire cover_outside = ran_q && end_valid && hit_q && status_q;
  (* keep *) wire cover_reads = ran_q && end_valid && hit_q && op_i != 2'd0 && !status_q;

endmodule
