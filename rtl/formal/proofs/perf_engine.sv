// shira_perf_engine: at each restart the five states have counted the cycles since the one before in
// which they held, together all of them; what is read stays until the next restart, and is 0 after a
// restart with clear_i.
// Bounded here: four bits a counter; no bit depends on higher ones, and all are made alike.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/common/shira_pkg.sv rtl/perf/shira_perf_count.sv
// rtl: rtl/perf/shira_perf_bank.sv rtl/perf/shira_perf_engine.sv
// proof: induction 4
// cover: two_starved 8
// mutant: an increment in the cycle of a restart is lost
// file: rtl/perf/shira_perf_bank.sv
// sed: s/if \(inc_valid_i\) used_q\[at\] <= 1'b1/if (inc_valid_i \&\& !restart_i) used_q[at] <= 1'b1/
// mutant: a half that counts anew keeps what it had
// file: rtl/perf/shira_perf_bank.sv
// sed: s/(else if \(restart_i\) used_q\[Half-1:0\] <= )'0/\1used_q[Half-1:0]/
// mutant: the half that counts is read
// file: rtl/perf/shira_perf_bank.sv
// sed: s/read_at = \{!half_q/read_at = {half_q/
// mutant: the counters outlive a clear
// file: rtl/perf/shira_perf_bank.sv
// sed: s/if \(restart_i && clear_i\) used_q <= '0;/if (1'b0) used_q <= '0;/
module formal_perf_engine (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       restart_i,
  input logic       clear_i,
  input logic [2:0] state_i,
  input logic       waiting_i,
  input logic [6:0] index_i
);

  localparam int unsigned W = 4;

  logic [W+7:0] count;

  shira_perf_engine #(
    .Engine(2),
    .CycleW(W)
  ) u (
    .clk_i,
    .rst_ni,
    .restart_i,
    .clear_i,
    .state_i,
    .waiting_i,
    .traffic_i('0),
    .read_i   (1'b1),
    .index_i,
    .count_o  (count)
  );

  // The state that holds, in the order of the RTL's counters, and a cycle later.
  logic [2:0] state, state_q;

  always_comb begin
    unique case (state_i)
      3'(shira_pkg::StateBusy): state = 3'd0;
      3'(shira_pkg::StateStarved): state = 3'd1;
      3'(shira_pkg::StateStalled): state = 3'd2;
      3'(shira_pkg::StateWaiting): state = 3'd3;
      default: state = waiting_i ? 3'd3 : 3'd4;
    endcase
  end

  logic [5*W-1:0] held_q;    // cycles of each state since the last restart
  logic [5*W-1:0] ended_q;   // at the last restart
  logic [  W-1:0] cycles_q;  // since it
  logic [  W-1:0] span_q;    // before it
  logic           ran_q = 1'b0;

  always @(posedge clk_i) begin
    ran_q    <= 1'b1;
    state_q  <= rst_ni ? state : 3'd4;
    cycles_q <= !rst_ni ? '0 : restart_i ? W'(1) : cycles_q + W'(1);
    for (int unsigned s = 0; s < 5; s++)
      held_q[W*s+:W] <= !rst_ni ? '0 : (restart_i ? W'(0) : held_q[W*s+:W]) + W'(state_q == s);
    if (!rst_ni || (restart_i && clear_i)) begin
      ended_q <= '0;
      span_q  <= '0;
    end else if (restart_i) begin
      ended_q <= held_q;
      span_q  <= cycles_q;
    end
  end

  // For the induction: what the module keeps.
  (* hierconn *) wire [2:0] \u.state_q ;
  (* hierconn *) wire \u.gen_full.u_states.half_q ;
  (* hierconn *) wire [15:0] \u.gen_full.u_states.used_q ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[0] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[1] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[2] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[3] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[4] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[5] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[6] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[7] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[8] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[9] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[10] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[11] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[12] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[13] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[14] ;
  (* hierconn *) wire [W-1:0] \u.gen_full.u_states.value_q[15] ;
  wire [16*W-1:0] value = {
    \u.gen_full.u_states.value_q[15] ,
    \u.gen_full.u_states.value_q[14] ,
    \u.gen_full.u_states.value_q[13] ,
    \u.gen_full.u_states.value_q[12] ,
    \u.gen_full.u_states.value_q[11] ,
    \u.gen_full.u_states.value_q[10] ,
    \u.gen_full.u_states.value_q[9] ,
    \u.gen_full.u_states.value_q[8] ,
    \u.gen_full.u_states.value_q[7] ,
    \u.gen_full.u_states.value_q[6] ,
    \u.gen_full.u_states.value_q[5] ,
    \u.gen_full.u_states.value_q[4] ,
    \u.gen_full.u_states.value_q[3] ,
    \u.gen_full.u_states.value_q[2] ,
    \u.gen_full.u_states.value_q[1] ,
    \u.gen_full.u_states.value_q[0] 
  };

  localparam logic [6:0] Base = 7'(shira_regs_pkg::CounterScatterBusy);

  logic [5*W-1:0] counts;  // of the half that counts
  logic [5*W-1:0] read;    // of the other
  always_comb begin
    counts = '0;
    read   = '0;
    for (int unsigned s = 0; s < 5; s++) begin
      if (\u.gen_full.u_states.half_q ) begin
        if (\u.gen_full.u_states.used_q [8+s]) counts[W*s+:W] = value[W*(8+s)+:W];
        if (\u.gen_full.u_states.used_q [s]) read[W*s+:W] = value[W*s+:W];
      end else begin
        if (\u.gen_full.u_states.used_q [s]) counts[W*s+:W] = value[W*s+:W];
        if (\u.gen_full.u_states.used_q [8+s]) read[W*s+:W] = value[W*(8+s)+:W];
      end
    end
  end

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      for (int unsigned s = 0; s < 5; s++)
        if (index_i == Base + s) assert (count == {8'b0, ended_q[W*s+:W]});
      assert (counts == held_q);
      assert (read == ended_q);
      assert (\u.state_q == state_q && state_q < 3'd5);
      assert (held_q[0+:W] + held_q[W+:W] + held_q[2*W+:W] + held_q[3*W+:W] + held_q[4*W+:W] ==
              cycles_q);
      assert (ended_q[0+:W] + ended_q[W+:W] + ended_q[2*W+:W] + ended_q[3*W+:W] + ended_q[4*W+:W] ==
              span_q);
    end
  end

  (* keep *) wire cover_two_starved = ran_q && index_i == Base + 7'd1 && count == (W+8)'(2) && span_q == W'(4);

endmodule
