// The semaphores: 32-bit counters, compared so that they may wrap.
//
// Does:         tells for each of four queue heads whether both its waits are met; takes one signal a
//               cycle. Semaphore 0 means none: always met, never counted.
// Never does:   says anything of a head in the first cycle in which it is one.
// Latency:      a head's waits are known in the cycle after it came; a signal is seen two cycles later.
// Vectors by engine are {gemm, scatter, copy, command}.
module shira_command_semaphores (
  input  logic        clk_i,
  input  logic        rst_ni,           // synchronous, active low
  input  logic        clear_i,          // all to 0
  input  logic        signal_i,         // increment signal_sem_i
  input  logic [ 3:0] signal_sem_i,
  input  logic [ 3:0] head_valid_i,     // the engine's queue has a head
  input  logic [ 3:0] head_leaves_i,    // the next cycle has another one, or none
  input  logic [31:0] wait_sem_i,       // {second, first} semaphore of each
  input  logic [63:0] command_value_i,  // {second, first} value
  input  logic [63:0] copy_value_i,
  input  logic [63:0] scatter_value_i,
  input  logic [63:0] gemm_value_i,
  output logic [ 3:0] met_o,            // both waits of the head are met
  output logic [ 3:0] unmet_o           // one is not
);

  logic [31:0] value_q[16];
  logic [15:0] used_q;       // incremented since the last clear; otherwise 0
  logic [ 3:0] met;
  logic [ 3:0] met_q;
  logic [ 3:0] unmet_q;

  for (genvar e = 0; e < 4; e++) begin : gen_head
    logic [ 3:0] sem0;
    logic [ 3:0] sem1;
    logic [63:0] want;
    logic        short0;  // the semaphore is not there yet: negative when compared so that it may wrap
    logic        short1;

    always_comb begin
      sem0   = '0;
      sem1   = '0;
      want   = '0;
      short0 = 1'b0;
      short1 = 1'b0;
      if (head_valid_i[e] && wait_sem_i[e*8+:8] != '0) begin
        sem0 = wait_sem_i[e*8+:4];
        sem1 = wait_sem_i[e*8+4+:4];
        want = (e == 0) ? command_value_i : (e == 1) ? copy_value_i :
               (e == 2) ? scatter_value_i : gemm_value_i;
        short0 = sem0 != '0 && (used_q[sem0] ? value_q[sem0] : '0) - want[31:0] > 32'h7fff_ffff;
        short1 = sem1 != '0 && (used_q[sem1] ? value_q[sem1] : '0) - want[63:32] > 32'h7fff_ffff;
      end
      met[e] = !short0 && !short1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      met_q   <= '0;
      unmet_q <= '0;
    end else begin
      met_q   <= head_valid_i & ~head_leaves_i & met;
      unmet_q <= head_valid_i & ~head_leaves_i & ~met;
    end
  end

  assign met_o   = met_q;
  assign unmet_o = unmet_q;

  always_ff @(posedge clk_i) begin
    if (signal_i) begin
      value_q[signal_sem_i] <= (used_q[signal_sem_i] ? value_q[signal_sem_i] : '0) + 32'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) used_q <= '0;
    else if (signal_i && signal_sem_i != '0) used_q[signal_sem_i] <= 1'b1;
  end

`ifdef SHIRA_ASSERT
  met_or_unmet: assert property (@(posedge clk_i) disable iff (!rst_ni) (met_o & unmet_o) == '0);
  known_in_a_cycle: assert property (@(posedge clk_i) disable iff (!rst_ni)
    head_valid_i != '0 |=> ($past(head_valid_i & ~head_leaves_i) & ~(met_o | unmet_o)) == '0);
`endif

endmodule
