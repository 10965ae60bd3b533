// The 64-bit totals of the counters, and the snapshot that is read.
//
// Does:         lets the short counters begin anew (restart_o) when Period cycles have gone by, for a
//               snapshot and for a clear, and then adds what they had to the totals, one counter a cycle.
//               After a snapshot's restart the totals are kept for reading as well, so that all that is
//               read is of one cycle. A clear sets the totals, and what is read, to 0.
// Never does:   changes what is read but by a snapshot or a clear.
// Latency:      a snapshot is at most Counters + 3 cycles late, and complete after as many more; a read
//               takes two cycles.
// Backpressure: a read waits while a snapshot or a clear is not complete.
module shira_perf_totals #(
  parameter int unsigned Counters = 58,
  parameter int unsigned Period   = 255,  // most cycles between two restarts, more than Counters + 3
  parameter int unsigned CycleW   = 8,    // bits of Period
  parameter int unsigned CountW   = 24    // bits of a short counter
) (
  input  logic              clk_i,
  input  logic              rst_ni,        // synchronous, active low
  input  logic              clear_i,       // pulse
  input  logic              snapshot_i,    // pulse
  // short counters
  output logic              restart_o,     // they begin anew
  output logic              clear_o,       // and what they had is forgotten
  output logic [CycleW-1:0] cycles_o,      // before the last restart, since the one before it
  output logic              count_read_o,  // count_index_o is meant
  output logic [       6:0] count_index_o,
  input  logic [CountW-1:0] count_i,       // what it had, same cycle
  // reads <-> shira_axil_regs
  input  logic              read_valid_i,  // stays until read_done_o
  /* verilator lint_off UNUSEDSIGNAL */  // bits above the last counter's index are 0
  input  logic [       6:0] read_index_i,
  /* verilator lint_on UNUSEDSIGNAL */
  output logic              read_done_o,   // pulse: read_data_o is valid
  output logic [      63:0] read_data_o
);

  if (Period < Counters + 4 || Period >= 2 ** CycleW) begin : gen_bad_period
    $error("Period must be more than Counters + 3 and fit CycleW");
  end

  localparam int unsigned IndexW = $clog2(Counters);

  // --------------------------------------------------------------- restarts
  logic [CycleW-1:0] since_q;      // cycles since the last restart
  logic [CycleW-1:0] cycles_q;
  logic              wanted_q;     // a snapshot is to be taken
  logic              adding_q;     // counts are added to the totals
  logic              fresh_q;      // the totals start from 0
  logic              keep_q;       // the totals are kept for reading
  logic [IndexW-1:0] index_q;      // counter whose count is looked at
  logic              pending;      // a snapshot or a clear is not complete

  assign clear_o   = clear_i;
  assign restart_o = clear_i || (!adding_q && (wanted_q || since_q == CycleW'(Period)));
  assign cycles_o  = cycles_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      since_q  <= '0;
      cycles_q <= '0;
      wanted_q <= 1'b0;
    end else begin
      since_q <= restart_o ? CycleW'(1) : since_q + CycleW'(1);
      if (restart_o) cycles_q <= clear_i ? '0 : since_q;
      if (snapshot_i && !clear_i) wanted_q <= 1'b1;
      else if (restart_o) wanted_q <= 1'b0;
    end
  end

  // ----------------------------------------------------------------- adding
  // The count and the total are looked up in one cycle, added in the next and written.
  logic              add_q;
  logic [IndexW-1:0] add_index_q;
  logic [CountW-1:0] count_q;
  logic [      63:0] old;
  logic [      63:0] total;

  assign count_read_o  = adding_q;
  assign count_index_o = 7'(index_q);

  // After reset the totals are cleared.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      adding_q <= 1'b1;
      fresh_q  <= 1'b1;
      keep_q   <= 1'b1;
      index_q  <= '0;
    end else if (restart_o) begin
      adding_q <= 1'b1;
      fresh_q  <= clear_i;
      keep_q   <= clear_i || wanted_q;
      index_q  <= '0;
    end else if (adding_q) begin
      adding_q <= index_q != IndexW'(Counters - 1);
      index_q  <= index_q + IndexW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) add_q <= 1'b0;
    else add_q <= adding_q;
  end

  always_ff @(posedge clk_i) begin
    if (adding_q) begin
      add_index_q <= index_q;
      count_q     <= count_i;
    end
  end

  assign total = (fresh_q ? '0 : old) + 64'(count_q);

  shira_perf_ram #(
    .Words(Counters)
  ) u_totals (
    .clk_i,
    .write_i      (add_q),
    .write_index_i(add_index_q),
    .write_data_i (total),
    .read_i       (adding_q),
    .read_index_i (index_q),
    .read_data_o  (old)
  );

  // ---------------------------------------------------------------- reading
  logic done_q;
  logic read;

  assign pending = wanted_q || ((adding_q || add_q) && keep_q) || snapshot_i || clear_i;
  assign read    = read_valid_i && !pending && !done_q;

  shira_perf_ram #(
    .Words(Counters)
  ) u_kept (
    .clk_i,
    .write_i      (add_q && keep_q),
    .write_index_i(add_index_q),
    .write_data_i (total),
    .read_i       (read),
    .read_index_i (read_index_i[IndexW-1:0]),
    .read_data_o  (read_data_o)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) done_q <= 1'b0;
    else done_q <= read;
  end

  assign read_done_o = done_q;

`ifdef SHIRA_ASSERT
  period_kept: assert property (@(posedge clk_i) disable iff (!rst_ni)
    since_q == CycleW'(Period) |-> restart_o);
  no_restart_while_adding: assert property (@(posedge clk_i) disable iff (!rst_ni)
    restart_o && !clear_i |-> !adding_q);
  read_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    read_valid_i && !read_done_o |=> read_valid_i && $stable(read_index_i));
  no_read_while_pending: assert property (@(posedge clk_i) disable iff (!rst_ni)
    read |-> !(add_q && keep_q));
  added_total_exists: assert property (@(posedge clk_i) disable iff (!rst_ni)
    add_q |-> 32'(add_index_q) < Counters);
  read_total_exists: assert property (@(posedge clk_i) disable iff (!rst_ni)
    adding_q |-> 32'(index_q) < Counters);
  read_counter_exists: assert property (@(posedge clk_i) disable iff (!rst_ni)
    read |-> 32'(read_index_i) < Counters);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_snapshot_waits, wanted_q && adding_q)
  `SHIRA_COVER(state_clear_while_adding, clear_i && adding_q)
  `SHIRA_COVER(stall_read, read_valid_i && pending)
`endif

endmodule
