// Engine for the command unit's bench: does what the descriptor says, for as long as it says.
// Bytes of the descriptor: 16 status to end with, 17 flags (bit 0: never ends by itself; bit 1: says busy
// all the while; bit 2: does not end even while halted), 20 cycles of work, 24 where, 32 count. In
// work it is starved for the first third, busy for the second, stalled for the third.
module command_tb_engine #(
  parameter int unsigned Depth = 1  // commands that it takes ahead, 1 or 2
) (
  input  logic                             clk_i,
  input  logic                             rst_ni,
  input  logic [                     31:0] cycle_i,       // low bits of the cycle counter
  input  logic                             halt_i,
  input  logic                             stall_i,       // does not take a command in this cycle
  output logic                             idle_o,
  output logic [                      2:0] state_o,
  input  logic                             cmd_valid_i,
  output logic                             cmd_ready_o,
  input  logic [                   1023:0] cmd_desc_i,
  output logic                             done_valid_o,
  input  logic                             done_ready_i,
  output logic [shira_pkg::ResultBits-1:0] done_o,
  output logic [                     31:0] taken_o        // commands so far
);

  logic [1023:0] desc_q[2];
  logic [   1:0] count_q;
  logic          head_q;     // index of the oldest
  logic [  31:0] work_q;     // cycles on the oldest
  logic          ended_q;    // the oldest ended
  logic [  31:0] taken_q;
  logic [  31:0] first_q;    // cycle of the first work
  /* verilator lint_off UNUSEDSIGNAL */  // it reads only the bytes named above
  logic [1023:0] desc;
  /* verilator lint_on UNUSEDSIGNAL */
  logic          take;
  logic          done;
  logic          cancelled_q;
  logic [  31:0] need;
  shira_pkg::result_t result;

  assign desc        = desc_q[head_q];
  assign need        = desc[160+:32];
  assign cmd_ready_o = count_q != 2'(Depth) && !stall_i && !halt_i;
  assign take        = cmd_valid_i && cmd_ready_o;
  assign done        = done_valid_o && done_ready_i;
  assign idle_o      = count_q == '0;
  assign taken_o     = taken_q;

  always_comb begin
    state_o = 3'(shira_pkg::StateIdle);
    if (count_q != '0) begin
      if (desc[137] || ended_q) state_o = 3'(shira_pkg::StateBusy);
      else if (work_q < need / 3) state_o = 3'(shira_pkg::StateStarved);
      else if (work_q < 2 * (need / 3)) state_o = 3'(shira_pkg::StateBusy);
      else state_o = 3'(shira_pkg::StateStalled);
    end
  end

  always_comb begin
    result = '0;
    if (ended_q) begin
      result.status     = cancelled_q ? shira_regs_pkg::StatusCancelled : desc[128+:8];
      result.where      = cancelled_q ? '0 : desc[192+:64];
      result.count      = desc[256+:32];
      result.first_work = first_q;
      result.last_work  = (first_q == '0) ? '0 : first_q + 32'd1;
    end
  end

  assign done_valid_o = ended_q;
  assign done_o       = result;

  always_ff @(posedge clk_i) begin
    if (take) desc_q[head_q ^ (count_q == 2'd1)] <= cmd_desc_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q     <= '0;
      head_q      <= 1'b0;
      work_q      <= '0;
      ended_q     <= 1'b0;
      cancelled_q <= 1'b0;
      taken_q     <= '0;
      first_q     <= '0;
    end else begin
      if (take && !done) count_q <= count_q + 2'd1;
      if (done && !take) count_q <= count_q - 2'd1;
      if (take) taken_q <= taken_q + 32'd1;
      if (done) begin
        head_q      <= !head_q;
        work_q      <= '0;
        ended_q     <= 1'b0;
        cancelled_q <= 1'b0;
        first_q     <= '0;
      end else if (count_q != '0 && !ended_q) begin
        work_q <= work_q + 32'd1;
        if (first_q == '0) first_q <= cycle_i;
        if (halt_i && !desc[138]) begin
          ended_q     <= 1'b1;
          cancelled_q <= 1'b1;
        end else if (work_q >= need && !desc[136]) begin
          ended_q <= 1'b1;
        end
      end
    end
  end

endmodule
