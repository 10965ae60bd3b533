// shira_command_semaphores against sixteen counters: a head that did not leave may go exactly when each
// semaphore that it waits for, other than 0, had reached its value a cycle ago in wrapping order,
// (int32)(semaphore - value) >= 0, and otherwise is said to wait; a signal counts one, in the next
// cycle; clear and reset set all to 0.
//
// rtl: rtl/command/shira_command_semaphores.sv
// proof: induction 4 Head=0
// proof: induction 4 Head=1
// proof: induction 4 Head=2
// proof: induction 4 Head=3
// cover: met 6
// cover: waits 4
// mutant: the comparison does not wrap
// sed: s/(short0 = sem0 != '0 && )(\(.*\)) - want\[31:0\] > 32'h7fff_ffff/\1\2 < want[31:0]/
// mutant: the first signal after a clear adds to the old value
// sed: s/\(used_q\[signal_sem_i\] \? value_q\[signal_sem_i\] : '0\)/value_q[signal_sem_i]/
// mutant: only the first wait is looked at
// sed: s/met\[e\] = !short0 && !short1/met[e] = !short0/
// mutant: a head that left is taken for the next one
// sed: s/met_q   <= head_valid_i & ~head_leaves_i & met/met_q   <= head_valid_i \& met/
module formal_semaphores #(
  parameter int unsigned Head = 0  // that is looked at
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        clear_i,
  input logic        signal_i,
  input logic [ 3:0] signal_sem_i,
  input logic [ 3:0] head_valid_i,
  input logic [ 3:0] head_leaves_i,
  input logic [31:0] wait_sem_i,
  input logic [63:0] command_value_i,
  input logic [63:0] copy_value_i,
  input logic [63:0] scatter_value_i,
  input logic [63:0] gemm_value_i
);

  logic [3:0] met;
  logic [3:0] unmet;

  shira_command_semaphores u (
    .clk_i,
    .rst_ni,
    .clear_i,
    .signal_i,
    .signal_sem_i,
    .head_valid_i,
    .head_leaves_i,
    .wait_sem_i,
    .command_value_i,
    .copy_value_i,
    .scatter_value_i,
    .gemm_value_i,
    .met_o  (met),
    .unmet_o(unmet)
  );

  logic [16*32-1:0] count_q;       // semaphore i at bits 32*i; semaphore 0 stays 0
  logic             asked_q;             // a head was there a cycle ago, and stayed
  logic             may_q;               // its waits were met
  logic             ran_q = 1'b0;
  logic [    255:0] values;
  assign values = {gemm_value_i, scatter_value_i, copy_value_i, command_value_i};

  // Wait w of the four heads, two each.
  logic [7:0] reached;
  always_comb begin
    reached = '0;
    for (int unsigned w = 0; w < 8; w++) begin
      for (int unsigned i = 0; i < 16; i++) begin
        if (32'(wait_sem_i[w*4+:4]) == i)
          reached[w] = i == 0 || $signed(count_q[32*i+:32] - values[w*32+:32]) >= 0;
      end
    end
  end

  always @(posedge clk_i) begin
    ran_q   <= 1'b1;
    asked_q <= rst_ni && head_valid_i[Head] && !head_leaves_i[Head];
    may_q   <= reached[2*Head] && reached[2*Head+1];
    if (!rst_ni || clear_i) count_q <= '0;
    else begin
      for (int unsigned i = 1; i < 16; i++) begin
        if (signal_i && 32'(signal_sem_i) == i) count_q[32*i+:32] <= count_q[32*i+:32] + 32'd1;
      end
    end
  end

  // For the induction: what the module keeps.
  (* hierconn *) wire [15:0] \u.used_q ;
  (* hierconn *) wire [31:0] \u.value_q[0] ;
  (* hierconn *) wire [31:0] \u.value_q[1] ;
  (* hierconn *) wire [31:0] \u.value_q[2] ;
  (* hierconn *) wire [31:0] \u.value_q[3] ;
  (* hierconn *) wire [31:0] \u.value_q[4] ;
  (* hierconn *) wire [31:0] \u.value_q[5] ;
  (* hierconn *) wire [31:0] \u.value_q[6] ;
  (* hierconn *) wire [31:0] \u.value_q[7] ;
  (* hierconn *) wire [31:0] \u.value_q[8] ;
  (* hierconn *) wire [31:0] \u.value_q[9] ;
  (* hierconn *) wire [31:0] \u.value_q[10] ;
  (* hierconn *) wire [31:0] \u.value_q[11] ;
  (* hierconn *) wire [31:0] \u.value_q[12] ;
  (* hierconn *) wire [31:0] \u.value_q[13] ;
  (* hierconn *) wire [31:0] \u.value_q[14] ;
  (* hierconn *) wire [31:0] \u.value_q[15] ;
  wire [16*32-1:0] value = {
    \u.value_q[15] , \u.value_q[14] ,
    \u.value_q[13] , \u.value_q[12] ,
    \u.value_q[11] , \u.value_q[10] ,
    \u.value_q[9] , \u.value_q[8] ,
    \u.value_q[7] , \u.value_q[6] ,
    \u.value_q[5] , \u.value_q[4] ,
    \u.value_q[3] , \u.value_q[2] ,
    \u.value_q[1] , \u.value_q[0]
  };

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      assert (met[Head] == (asked_q && may_q) && unmet[Head] == (asked_q && !may_q));
      for (int unsigned i = 1; i < 16; i++)
        assert ((\u.used_q [i] ? value[32*i+:32] : 32'd0) == count_q[32*i+:32]);
      assert (count_q[31:0] == '0 && !\u.used_q [0]);
    end
  end

  (* keep *) wire cover_met = ran_q && head_valid_i[Head] && met[Head] && wait_sem_i[8*Head+:4] != '0 && values[64*Head+:32] == 32'd2;
  (* keep *) wire cover_waits = ran_q && !met[Head];

endmodule
