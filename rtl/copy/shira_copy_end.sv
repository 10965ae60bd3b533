// End of COPY's commands: waits for the write responses of a command, then gives its result.
//
// Does:         counts the open bursts of the two commands that may be in flight, keeps the command that
//               has left the sink until the last of its own is answered, and puts a write error in place
//               of its status.
// Never does:   gives a result before the responses of all its command's writes.
// Latency:      two cycles from the end in the sink, or from the last response, to the result.
// Throughput:   a command every other cycle.
// Backpressure: done_ready_i; one command waits for its responses and one result to be taken.
module shira_copy_end #(
  parameter int unsigned Outstanding = 16
) (
  input  logic               clk_i,
  input  logic               rst_ni,           // synchronous, active low
  // a command leaves the sink
  input  logic               end_valid_i,
  output logic               end_ready_o,
  input  shira_pkg::result_t end_i,
  input  logic               end_id_i,         // commands alternate
  input  logic [        2:0] end_space_i,      // that it wrote
  // bursts <- sink
  input  logic               burst_i,          // one is requested
  input  logic               burst_id_i,
  input  logic               rsp_i,            // one is answered
  input  logic               rsp_id_i,
  input  logic               wr_fail_valid_i,  // one failed; the first one is kept
  input  logic               wr_fail_id_i,
  input  logic               wr_fail_decerr_i,
  input  logic [       63:0] wr_fail_addr_i,
  // results
  output logic               done_valid_o,
  input  logic               done_ready_i,
  output shira_pkg::result_t done_o,
  // state
  output logic               valid_o,          // a command waits for its responses
  output logic [        2:0] space_o           // that it wrote
);

  localparam int unsigned OpenW = $clog2(2 << $clog2(Outstanding)) + 1;

  logic               valid_q;
  shira_pkg::result_t end_q;
  logic               id_q;
  logic         [2:0] space_q;
  logic         [1:0] answered;      // bit i: no response of command i is open
  logic               leave;
  logic               done_valid_q;
  shira_pkg::result_t done_q;

  for (genvar i = 0; i < 2; i++) begin : g_open
    logic [OpenW-1:0] open_q;
    logic             more;
    logic             less;

    assign more        = burst_i && burst_id_i == 1'(i);
    assign less        = rsp_i && rsp_id_i == 1'(i);
    assign answered[i] = open_q == '0;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) open_q <= '0;
      else if (more && !less) open_q <= open_q + OpenW'(1);
      else if (less && !more) open_q <= open_q - OpenW'(1);
    end
  end

  assign end_ready_o = !valid_q;
  assign leave       = valid_q && !done_valid_q && answered[id_q];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q      <= 1'b0;
      done_valid_q <= 1'b0;
    end else begin
      if (leave) valid_q <= 1'b0;
      else if (end_valid_i) valid_q <= 1'b1;
      if (leave) done_valid_q <= 1'b1;
      else if (done_ready_i) done_valid_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (end_valid_i && end_ready_o) begin
      end_q   <= end_i;
      id_q    <= end_id_i;
      space_q <= end_space_i;
    end
    if (leave) begin
      done_q <= end_q;
      if (wr_fail_valid_i && wr_fail_id_i == id_q) begin
        done_q.status <= wr_fail_decerr_i ? shira_regs_pkg::StatusWriteDecerr
                                          : shira_regs_pkg::StatusWriteSlverr;
        done_q.where  <= wr_fail_addr_i;
      end
    end
  end

  assign done_valid_o = done_valid_q;
  assign done_o       = done_q;
  assign valid_o      = valid_q;
  assign space_o      = space_q;

`ifdef SHIRA_ASSERT
  AssertRspOpen :
  assert property (@(posedge clk_i) disable iff (!rst_ni) rsp_i |-> !answered[rsp_id_i]);
  AssertDoneStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    done_valid_o && !done_ready_i |=> done_valid_o && $stable(done_o));
  AssertOneId :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    valid_q && end_valid_i |-> end_id_i != id_q);
`endif

endmodule
