// shira_perf_engine: what a state reads is 0 after a clear and grows by one with each cycle in
// which the state holds, and else not; the five states together read the cycles since the clear.
// Bounded here: the eight low bits of the counters; no bit depends on higher ones, and all are
// made alike.
// Assumed: cycles_i counts the cycles since the clear, as shira_perf does.
//
// rtl: rtl/regs/shira_regs_pkg.sv rtl/common/shira_pkg.sv
// rtl: rtl/perf/shira_perf_bank.sv rtl/perf/shira_perf_engine.sv
// proof: induction 4
// cover: counted 8
// cover: two 8
// mutant: a state that runs is not read
// file: rtl/perf/shira_perf_engine.sv
// sed: s/ended \+ \(cycles_i - since_q\)/ended/
// mutant: a state begins a cycle late
// file: rtl/perf/shira_perf_engine.sv
// sed: s/since_q <= cycles_i;/since_q <= cycles_i + 64'd1;/
// mutant: the counters outlive a clear
// file: rtl/perf/shira_perf_bank.sv
// sed: s/!rst_ni \|\| clear_i/!rst_ni/
module formal_perf_engine (
  input logic       clk_i,
  input logic       rst_ni,
  input logic       clear_i,
  input logic [2:0] state_i,
  input logic       waiting_i,
  input logic [6:0] ctr_index_i
);

  logic [63:0] cycles_q;
  logic [63:0] data;

  shira_perf_engine #(
    .Engine(2)
  ) u (
    .clk_i,
    .rst_ni,
    .clear_i,
    .cycles_i   (cycles_q),
    .state_i,
    .waiting_i,
    .traffic_i  ('0),
    .ctr_read_i (1'b1),
    .ctr_index_i,
    .ctr_data_o (data)
  );

  // The state that holds, in the order of the RTL's counters.
  logic [ 2:0] state, state_q;
  logic [ 6:0] index_q;
  logic [63:0] data_q;
  logic        cleared_q;
  logic        ran_q = 1'b0;

  always_comb begin
    unique case (state_i)
      3'(shira_pkg::StateBusy): state = 3'd0;
      3'(shira_pkg::StateStarved): state = 3'd1;
      3'(shira_pkg::StateStalled): state = 3'd2;
      3'(shira_pkg::StateWaiting): state = 3'd3;
      default: state = waiting_i ? 3'd3 : 3'd4;
    endcase
  end

  always @(posedge clk_i) begin
    ran_q     <= 1'b1;
    cycles_q  <= (!rst_ni || clear_i) ? '0 : cycles_q + 64'd1;
    cleared_q <= !rst_ni || clear_i;
    state_q   <= state;
    index_q   <= ctr_index_i;
    data_q    <= data;
  end

  // For the induction: what the module keeps.
  (* hierconn *) wire [2:0] \u.last_q ;
  (* hierconn *) wire [63:0] \u.since_q ;
  (* hierconn *) wire [4:0] \u.u_states.used_q ;
  (* hierconn *) wire [63:0] \u.u_states.value_q[0] ;
  (* hierconn *) wire [63:0] \u.u_states.value_q[1] ;
  (* hierconn *) wire [63:0] \u.u_states.value_q[2] ;
  (* hierconn *) wire [63:0] \u.u_states.value_q[3] ;
  (* hierconn *) wire [63:0] \u.u_states.value_q[4] ;
  wire [39:0] value = {\u.u_states.value_q[4] [7:0], \u.u_states.value_q[3] [7:0],
                       \u.u_states.value_q[2] [7:0], \u.u_states.value_q[1] [7:0],
                       \u.u_states.value_q[0] [7:0]};

  localparam logic [6:0] Base = 7'(shira_regs_pkg::CounterScatterBusy);

  // What the five states read in this cycle, and the cycles in which they held.
  logic [39:0] read;
  logic [39:0] held_q;
  always_comb begin
    for (int unsigned s = 0; s < 5; s++)
      read[8*s+:8] = (\u.u_states.used_q [s] ? value[8*s+:8] : 8'd0) +
          (\u.last_q == s ? cycles_q[7:0] - \u.since_q [7:0] : 8'd0);
  end
  always @(posedge clk_i) begin
    for (int unsigned s = 0; s < 5; s++)
      held_q[8*s+:8] <= (!rst_ni || clear_i) ? '0 : held_q[8*s+:8] + 8'(state == s);
  end

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      for (int unsigned s = 0; s < 5; s++) begin
        if (ctr_index_i == Base + s && index_q == Base + s)
          assert (data[7:0] == (cleared_q ? 8'd0 : data_q[7:0] + 8'(state_q == s)));
        if (ctr_index_i == Base + s) assert (data[7:0] == read[8*s+:8]);
        assert (read[8*s+:8] == held_q[8*s+:8]);
      end
      assert (\u.last_q < 3'd5);
      assert (held_q[7:0] + held_q[15:8] + held_q[23:16] + held_q[31:24] + held_q[39:32] ==
              cycles_q[7:0]);
    end
  end

  (* keep *) wire cover_counted = ran_q && ctr_index_i == Base && index_q == Base && data[7:0] == 8'd2;
  (* keep *) wire cover_two = ran_q && held_q[7:0] == 8'd1 && held_q[15:8] == 8'd2;

endmodule
