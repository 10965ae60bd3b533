// shira_command_watchdog: after exactly watchdog_i cycles in a row without rest, or Least where that is
// more, it expires, and in no other cycle; 0 switches it off; it then counts anew. The cycle counter
// counts every cycle.
// Assumed: watchdog_i does not change.
//
// rtl: rtl/command/shira_command_watchdog.sv
// proof: induction 4
// cover: expired 8
// mutant: it expires a cycle late
// sed: s/still_q >= watchdog_i/still_q > watchdog_i/
// mutant: it expires before Least cycles
// sed: s/ && still_q >= Least;/ \&\& still_q != '0;/
// mutant: it goes on counting while something moves
// sed: s/ \|\| rest_i \|\|/ ||/
module formal_watchdog (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        rest_i,
  input logic        halted_i,
  input logic [31:0] watchdog_i
);

  logic [63:0] cycle;
  logic        expired;
  logic        still;

  localparam int unsigned Least = 3;

  shira_command_watchdog #(
    .Least(Least)
  ) u (
    .clk_i,
    .rst_ni,
    .rest_i,
    .halted_i,
    .watchdog_i,
    .cycle_o  (cycle),
    .still_o  (still),
    .expired_o(expired)
  );

  logic [31:0] quiet_q;       // cycles in a row without rest
  logic [31:0] watchdog_q;
  logic [63:0] cycle_q;
  logic        reset_q;
  logic        ran_q = 1'b0;

  always @(posedge clk_i) begin
    ran_q      <= 1'b1;
    watchdog_q <= watchdog_i;
    cycle_q    <= cycle;
    reset_q    <= !rst_ni;
    quiet_q    <= (!rst_ni || rest_i || halted_i || expired) ? '0 : quiet_q + 32'd1;
  end

  logic [31:0] limit;
  assign limit = watchdog_i < Least ? Least : watchdog_i;

  (* hierconn *) wire [31:0] \u.still_q ;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      assume (watchdog_i == watchdog_q);
      assert (expired == (!halted_i && watchdog_i != '0 && quiet_q == limit));
      assert (still == (quiet_q != '0));
      assert (cycle == (reset_q ? '0 : cycle_q + 64'd1));
      assert (\u.still_q == quiet_q);
      assert (watchdog_i == '0 || quiet_q <= limit);
    end
  end

  (* keep *) wire cover_expired = ran_q && expired && watchdog_i == 32'd3;

endmodule
