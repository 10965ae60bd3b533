// Checks a COPY descriptor before anything of it moves.
//
// Does:         takes a descriptor, checks fields, alignment, SRAM range and window in this order, and
//               hands on the command with the status of the first check that failed. The regions' ends
//               take a multiplication, four bits of the rows a cycle; the first byte that lies outside
//               a window takes a division, a bit a cycle.
// Never does:   looks at the contents of memory or of an SRAM; lets a sum wrap.
// Latency:      five cycles and one for every four bits of rows - 1; 67 more where the division is needed.
// Throughput:   a descriptor at a time.
// Backpressure: chk_o stays until chk_ready_i; cmd_ready_o is low meanwhile.
module shira_copy_check #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned WeightBytes = 8388608,
  parameter int unsigned ActBytes    = 1048576,
  parameter int unsigned AccBytes    = 65536,
  parameter int unsigned ParamBytes  = 262144
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,       // synchronous, active low
  input  logic                     cmd_valid_i,
  output logic                     cmd_ready_o,
  input  logic [           1023:0] cmd_desc_i,
  output logic                     chk_valid_o,
  input  logic                     chk_ready_i,
  output shira_copy_pkg::command_t chk_o
);

  localparam int unsigned BeatW = $clog2(BeatBytes);

  typedef enum logic [2:0] {
    CheckIdle,    // no descriptor
    CheckField,   // fields and alignment
    CheckSpan,    // spans are multiplied
    CheckEnd,     // ends of the regions
    CheckRange,   // range and window
    CheckDivide,  // first row outside the window
    CheckPast,    // where it begins
    CheckDone     // command offered
  } check_e;

  check_e                       state_q;
  shira_regs_pkg::desc_copy_t   desc;
  shira_regs_pkg::desc_copy_t   d_q;
  logic                  [ 7:0] status_q;
  logic                  [63:0] where_q;
  logic                  [31:0] rows_q;        // rows - 1, what of it is not multiplied yet
  logic                  [63:0] src_step_q;    // stride, shifted as far as rows_q is
  logic                  [63:0] dst_step_q;
  logic                  [63:0] src_span_q;    // first byte of the first row to that of the last
  logic                  [63:0] dst_span_q;
  logic                  [65:0] src_end_q;     // first byte after the last row
  logic                  [65:0] dst_end_q;
  logic                  [65:0] room_q;        // window behind the first row, bytes; bit 65: negative
  logic                  [31:0] rem_q;         // of room_q divided by the stride
  logic                  [ 5:0] step_q;
  logic                         past_q;        // the first row outside starts behind the window, not
                                               // across its end
  logic                  [32:0] past_by_q;     // that far
  logic                  [31:0] src_beats_q;   // of a row; rows that touch are one long row
  logic                  [31:0] dst_beats_q;
  logic                         src_join_q;    // the rows are one
  logic                         dst_join_q;

  assign desc = cmd_desc_i;

  // Bytes of an SRAM. Memory has no limit here: AXI answers for it.
  function automatic logic [65:0] size_of(input logic [7:0] space);
    size_of = {2'b01, 64'd0};
    if (space == shira_regs_pkg::SpaceWeight) size_of = 66'(WeightBytes);
    if (space == shira_regs_pkg::SpaceActivation) size_of = 66'(ActBytes);
    if (space == shira_regs_pkg::SpaceAccumulator) size_of = 66'(AccBytes);
    if (space == shira_regs_pkg::SpaceParameter) size_of = 66'(ParamBytes);
  endfunction

  // Fields and alignment; the last assignment, that is the earliest check, wins.
  logic [7:0] field_status;
  logic [6:0] field_where;

  always_comb begin
    field_status = shira_regs_pkg::StatusOk;
    field_where  = '0;
    if (state_q == CheckField) begin
      if (d_q.dst_stride[BeatW-1:0] != '0) field_where = 7'd48;
      if (d_q.src_stride[BeatW-1:0] != '0) field_where = 7'd44;
      if (d_q.row_bytes[BeatW-1:0] != '0) field_where = 7'd40;
      if (d_q.dst_addr[BeatW-1:0] != '0) field_where = 7'd32;
      if (d_q.src_addr[BeatW-1:0] != '0) field_where = 7'd24;
      if (field_where != '0) field_status = shira_regs_pkg::StatusBadAlign;
      if (d_q.row_bytes == '0) {field_status, field_where} = {shira_regs_pkg::StatusBadField, 7'd40};
      if (d_q.rows == '0) {field_status, field_where} = {shira_regs_pkg::StatusBadField, 7'd20};
      if (d_q.traffic > shira_regs_pkg::TrafficCheck)
        {field_status, field_where} = {shira_regs_pkg::StatusBadField, 7'd18};
      if (d_q.dst_space > shira_regs_pkg::SpaceParameter)
        {field_status, field_where} = {shira_regs_pkg::StatusBadField, 7'd17};
      if (d_q.src_space > shira_regs_pkg::SpaceParameter)
        {field_status, field_where} = {shira_regs_pkg::StatusBadField, 7'd16};
    end
  end

  // Range and window.
  logic [ 7:0] range_status;
  logic [63:0] range_where;
  logic        divide;

  always_comb begin
    range_status = shira_regs_pkg::StatusOk;
    range_where  = '0;
    divide       = 1'b0;
    if (state_q == CheckRange) begin
      if (d_q.src_space != shira_regs_pkg::SpaceMemory && src_end_q > size_of(d_q.src_space)) begin
        {range_status, range_where} = {shira_regs_pkg::StatusBadRange, 64'd24};
      end else if (d_q.dst_space != shira_regs_pkg::SpaceMemory &&
                   dst_end_q > size_of(d_q.dst_space)) begin
        {range_status, range_where} = {shira_regs_pkg::StatusBadRange, 64'd32};
      end else if (d_q.dst_addr < d_q.win_lo || d_q.dst_addr >= d_q.win_hi) begin
        {range_status, range_where} = {shira_regs_pkg::StatusWindow, d_q.dst_addr};
      end else if (dst_end_q > 66'(d_q.win_hi)) begin
        {range_status, range_where} = {shira_regs_pkg::StatusWindow, d_q.win_hi};
        divide = !room_q[65];
      end
    end
  end

  // One step of the division: the next bit of room_q moves into the remainder.
  logic [32:0] rem_in;
  logic [32:0] rem_less;

  assign rem_in   = {rem_q, room_q[63]};
  assign rem_less = rem_in - 33'(d_q.dst_stride);

  // Rows that touch are one long row, where its length fits.
  logic [64:0] src_total;
  logic [64:0] dst_total;
  logic        src_join;
  logic        dst_join;

  assign src_total = 65'(src_span_q) + 65'(d_q.row_bytes);
  assign dst_total = 65'(dst_span_q) + 65'(d_q.row_bytes);
  assign src_join  = d_q.src_stride == d_q.row_bytes && src_total[64:32] == '0;
  assign dst_join  = d_q.dst_stride == d_q.row_bytes && dst_total[64:32] == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= CheckIdle;
    end else begin
      unique case (state_q)
        CheckIdle: if (cmd_valid_i) state_q <= CheckField;
        CheckField: state_q <= (field_status == shira_regs_pkg::StatusOk) ? CheckSpan : CheckDone;
        CheckSpan: if (rows_q[31:4] == '0) state_q <= CheckEnd;
        CheckEnd: state_q <= CheckRange;
        CheckRange: state_q <= divide ? CheckDivide : CheckDone;
        CheckDivide: if (step_q == '1) state_q <= CheckPast;
        CheckPast: if (step_q != '0) state_q <= CheckDone;
        CheckDone: if (chk_ready_i) state_q <= CheckIdle;
        default: state_q <= CheckIdle;
      endcase
    end
  end

  always_ff @(posedge clk_i) begin
    unique case (state_q)
      CheckIdle: if (cmd_valid_i) d_q <= desc;
      CheckField: begin
        status_q   <= field_status;
        where_q    <= 64'(field_where);
        rows_q     <= d_q.rows - 32'd1;
        src_step_q <= 64'(d_q.src_stride);
        dst_step_q <= 64'(d_q.dst_stride);
        src_span_q <= '0;
        dst_span_q <= '0;
      end
      CheckSpan: begin
        rows_q     <= rows_q >> 4;
        src_step_q <= src_step_q << 4;
        dst_step_q <= dst_step_q << 4;
        src_span_q <= src_span_q + src_step_q * 64'(rows_q[3:0]);
        dst_span_q <= dst_span_q + dst_step_q * 64'(rows_q[3:0]);
      end
      CheckEnd: begin
        src_end_q <= 66'(d_q.src_addr) + 66'(src_span_q) + 66'(d_q.row_bytes);
        dst_end_q <= 66'(d_q.dst_addr) + 66'(dst_span_q) + 66'(d_q.row_bytes);
        room_q    <= 66'(d_q.win_hi) - 66'(d_q.dst_addr) - 66'(d_q.row_bytes);
      end
      CheckRange: begin
        status_q    <= range_status;
        where_q     <= range_where;
        rem_q       <= '0;
        step_q      <= '0;
        src_join_q  <= src_join;
        dst_join_q  <= dst_join;
        src_beats_q <= src_join ? src_total[31:0] >> BeatW : d_q.row_bytes >> BeatW;
        dst_beats_q <= dst_join ? dst_total[31:0] >> BeatW : d_q.row_bytes >> BeatW;
      end
      CheckDivide: begin
        room_q <= {room_q[64:0], 1'b0};
        rem_q  <= (rem_in >= 33'(d_q.dst_stride)) ? rem_less[31:0] : rem_in[31:0];
        step_q <= step_q + 6'd1;
      end
      CheckPast: begin  // two cycles
        step_q    <= 6'd1;
        past_q    <= 34'(d_q.dst_stride) > 34'(d_q.row_bytes) + 34'(rem_q);
        past_by_q <= 33'(d_q.dst_stride) - 33'(d_q.row_bytes) - 33'(rem_q);
        if (step_q != '0 && past_q) where_q <= d_q.win_hi + 64'(past_by_q);
      end
      default: ;
    endcase
  end

  assign cmd_ready_o         = state_q == CheckIdle;
  assign chk_valid_o         = state_q == CheckDone;
  assign chk_o.status        = status_q;
  assign chk_o.where         = where_q;
  assign chk_o.src_space     = d_q.src_space[2:0];
  assign chk_o.dst_space     = d_q.dst_space[2:0];
  assign chk_o.traffic       = d_q.traffic[3:0];
  assign chk_o.src_addr      = d_q.src_addr;
  assign chk_o.src_stride    = d_q.src_stride;
  assign chk_o.src_row_beats = src_beats_q;
  assign chk_o.src_rows      = src_join_q ? 32'd1 : d_q.rows;
  assign chk_o.dst_addr      = d_q.dst_addr;
  assign chk_o.dst_stride    = d_q.dst_stride;
  assign chk_o.dst_row_beats = dst_beats_q;
  assign chk_o.dst_rows      = dst_join_q ? 32'd1 : d_q.rows;

  // The header was used by the command unit; gaps between fields carry nothing.
  logic unused;
  assign unused = &{1'b0, d_q, rem_less[32], src_total[64], dst_total[64]};

`ifdef SHIRA_ASSERT
  AssertOfferHolds :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    chk_valid_o && !chk_ready_i |=> chk_valid_o && $stable(chk_o));
  AssertStatusWhere :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    chk_valid_o && chk_o.status == shira_regs_pkg::StatusOk |-> chk_o.where == '0);
  AssertRows :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    chk_valid_o && chk_o.status == shira_regs_pkg::StatusOk |->
    chk_o.src_rows != '0 && chk_o.dst_rows != '0 && chk_o.src_row_beats != '0 && chk_o.dst_row_beats != '0);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_idle, state_q == CheckIdle)
  `SHIRA_COVER(state_field, state_q == CheckField)
  `SHIRA_COVER(state_span, state_q == CheckSpan)
  `SHIRA_COVER(state_end, state_q == CheckEnd)
  `SHIRA_COVER(state_range, state_q == CheckRange)
  `SHIRA_COVER(state_divide, state_q == CheckDivide)
  `SHIRA_COVER(state_past, state_q == CheckPast)
  `SHIRA_COVER(state_done, state_q == CheckDone)
`endif

endmodule
