// shira_copy_check: of a descriptor that it passes, every row lies in the window and in the SRAM
// that is written. The sums that this is compared with do not wrap.
// Bounded here: up to 7 rows; strides and lengths within 128 of 0 or of 2^32, addresses and
// windows within 512 of 0 or of 2^64, so that all that could wrap does; the source is always good.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/copy/shira_copy_pkg.sv rtl/copy/shira_copy_check.sv
// proof: induction 3
// cover: rows 12
// mutant: the last row's bytes are not in the end
// file: rtl/copy/shira_copy_check.sv
// sed: s/(dst_end_q <= .*) \+ 66'\(d_q.row_bytes\)/\1/
// mutant: the end wraps at 64 bits
// file: rtl/copy/shira_copy_check.sv
// sed: s/dst_end_q > 66'\(d_q.win_hi\)/dst_end_q[63:0] > d_q.win_hi/
// mutant: the window's beginning is not looked at
// file: rtl/copy/shira_copy_check.sv
// sed: s/d_q.dst_addr < d_q.win_lo \|\| //
module formal_window_copy (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       cmd_valid_i,
  input logic [7:0] space_i,      // the fields of the descriptor, sign extended
  input logic [2:0] rows_i,
  input logic [9:0] addr_i,
  input logic [7:0] bytes_i,
  input logic [7:0] stride_i,
  input logic [9:0] lo_i,
  input logic [9:0] hi_i,
  input logic       chk_ready_i,
  input logic [2:0] row_i         // the row that is looked at: any
);

  localparam int unsigned WeightBytes = 256;

  shira_regs_pkg::desc_copy_t desc, kept_q;
  shira_copy_pkg::command_t   chk;
  logic                       cmd_ready, chk_valid;

  always_comb begin
    desc            = '0;
    desc.rows       = 32'(rows_i);
    desc.src_stride = 32'd8;
    desc.dst_space  = space_i;
    desc.dst_addr   = {{54{addr_i[9]}}, addr_i};
    desc.row_bytes  = {{24{bytes_i[7]}}, bytes_i};
    desc.dst_stride = {{24{stride_i[7]}}, stride_i};
    desc.win_lo     = {{54{lo_i[9]}}, lo_i};
    desc.win_hi     = {{54{hi_i[9]}}, hi_i};
  end

  shira_copy_check #(
    .BeatBytes  (8),
    .WeightBytes(WeightBytes),
    .ActBytes   (128),
    .AccBytes   (64),
    .ParamBytes (32)
  ) u (
    .clk_i,
    .rst_ni,
    .cmd_valid_i,
    .cmd_ready_o(cmd_ready),
    .cmd_desc_i (desc),
    .chk_valid_o(chk_valid),
    .chk_ready_i,
    .chk_o      (chk)
  );

  logic ran_q = 1'b0;
  always @(posedge clk_i) begin
    ran_q <= 1'b1;
    if (cmd_valid_i && cmd_ready) kept_q <= desc;
  end

  // Bytes to the first byte of each row and behind each, the end of the last row and of the SRAM.
  logic [35:0] to[8];
  logic [71:0] one_row, past, last_end, size;
  logic [35:0] span;
  always_comb begin
    to[0] = '0;
    for (int unsigned i = 1; i < 8; i++) to[i] = to[i-1] + 36'(kept_q.dst_stride);
    one_row  = 72'(kept_q.dst_addr) + 72'(kept_q.row_bytes);
    past     = one_row + 72'(to[row_i]);
    span     = to[kept_q.rows[2:0]-3'd1];
    last_end = one_row + 72'(span);
    unique case (kept_q.dst_space)
      (shira_regs_pkg::SpaceWeight): size = 72'(WeightBytes);
      (shira_regs_pkg::SpaceActivation): size = 72'd128;
      (shira_regs_pkg::SpaceAccumulator): size = 72'd64;
      (shira_regs_pkg::SpaceParameter): size = 72'd32;
      default: size = '1;
    endcase
  end

  // For the induction: what each step of the check has found.
  (* hierconn *) wire [2:0] \u.state_q ;
  (* hierconn *) wire [1023:0] \u.d_q ;
  (* hierconn *) wire [7:0] \u.status_q ;
  (* hierconn *) wire [31:0] \u.rows_q ;
  (* hierconn *) wire [63:0] \u.dst_step_q ;
  (* hierconn *) wire [63:0] \u.dst_span_q ;
  (* hierconn *) wire [65:0] \u.dst_end_q ;
  (* hierconn *) wire \u.dst_join_q ;
  (* hierconn *) wire [31:0] \u.dst_beats_q ;
  localparam logic [2:0] Span = 3'd2, End = 3'd3, Range = 3'd4, Divide = 3'd5, Past = 3'd6, Done = 3'd7;
  wire [35:0] beats = 36'(chk.dst_row_beats) << 3;
  wire passed = \u.state_q == Done && \u.status_q == shira_regs_pkg::StatusOk;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      if (!cmd_ready) assert (\u.d_q == kept_q);
      if (\u.state_q == Divide || \u.state_q == Past) assert (\u.status_q != shira_regs_pkg::StatusOk);
      if (\u.state_q == Span || \u.state_q == End || \u.state_q == Range || passed)
        assert (kept_q.rows != '0 && kept_q.row_bytes[2:0] == '0 && kept_q.dst_space <= 8'd4);
      // up to seven rows: their product takes one step
      if (\u.state_q == Span)
        assert (\u.rows_q == kept_q.rows - 32'd1 && \u.dst_step_q == 64'(kept_q.dst_stride) &&
                \u.dst_span_q == '0);
      if (\u.state_q == End || \u.state_q == Range || passed) assert (\u.dst_span_q == 64'(span));
      if (\u.state_q == Range) assert (72'(\u.dst_end_q ) == last_end);
      if (passed) begin
        assert (last_end <= size && last_end <= 72'(kept_q.win_hi));
        assert (kept_q.dst_addr >= kept_q.win_lo);
        // each row
        if (32'(row_i) < kept_q.rows) assert (to[row_i] <= span && past <= last_end);
      end
      // What is handed on: the rows, or one row that covers them where they touch.
      assert (chk_valid == (\u.state_q == Done) && chk.status == \u.status_q );
      if (passed) begin
        assert (chk.dst_addr == kept_q.dst_addr && 8'(chk.dst_space) == kept_q.dst_space);
        assert (chk.dst_stride == kept_q.dst_stride);
        assert ((chk.dst_rows == kept_q.rows && beats == 36'(kept_q.row_bytes)) ||
                (chk.dst_rows == 32'd1 && beats == 36'(kept_q.row_bytes) + span));
      end
    end
  end

  (* keep *) wire cover_rows = ran_q && passed && kept_q.rows == 32'd3 && chk.dst_rows == 32'd3;

endmodule
