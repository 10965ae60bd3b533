// Finds the oldest descriptor that has not ended, for the watchdog to name.
//
// Does:         looks while still_i: then nothing moves, so that what it is told stands. Ages count back
//               from the next descriptor to leave fetch.
// Never does:   says anything true before still_i has held for four cycles.
// Latency:      four cycles.
// A register between any two steps; it does not turn while anything moves, which costs a simulator
// nothing.
module shira_command_oldest (
  input  logic        clk_i,
  input  logic        still_i,           // nothing moved in the cycle before
  input  logic [ 3:0] queue_empty_i,     // {gemm, scatter, copy, command}: nothing queued or in flight
  input  logic [31:0] command_oldest_i,  // sequence number of the oldest there
  input  logic [31:0] copy_oldest_i,
  input  logic [31:0] scatter_oldest_i,
  input  logic [31:0] gemm_oldest_i,
  input  logic [31:0] ring_next_i,       // next descriptor to leave fetch
  input  logic        fetching_i,        // it is here, or under way
  input  logic        complete_idle_i,   // no record waits or is in flight
  input  logic [31:0] complete_oldest_i, // sequence number of the oldest record there
  output logic [31:0] seq_o
);

  logic [31:0] command_age_q;  // 0 = none
  logic [31:0] copy_age_q;
  logic [31:0] scatter_age_q;
  logic [31:0] gemm_age_q;
  logic [31:0] front_age_q;    // the older of command and copy
  logic [31:0] back_age_q;     // the older of scatter and gemm
  logic [31:0] age_q;
  logic [31:0] seq_q;

  always_ff @(posedge clk_i) begin
    if (still_i) begin
      command_age_q <= queue_empty_i[0] ? '0 : ring_next_i - command_oldest_i;
      copy_age_q    <= queue_empty_i[1] ? '0 : ring_next_i - copy_oldest_i;
      scatter_age_q <= queue_empty_i[2] ? '0 : ring_next_i - scatter_oldest_i;
      gemm_age_q    <= queue_empty_i[3] ? '0 : ring_next_i - gemm_oldest_i;
      front_age_q   <= (copy_age_q > command_age_q) ? copy_age_q : command_age_q;
      back_age_q    <= (gemm_age_q > scatter_age_q) ? gemm_age_q : scatter_age_q;
      age_q         <= (back_age_q > front_age_q) ? back_age_q : front_age_q;
      if (age_q != '0) seq_q <= ring_next_i - age_q;
      else seq_q <= (fetching_i || complete_idle_i) ? ring_next_i : complete_oldest_i;
    end
  end

  assign seq_o = seq_q;

endmodule
