// Begins the steps of a GEMM: asks the SRAMs for what a step reads, and lets it go when all have accepted.
//
// Does:         asks for the tile, the activations and the sums that the step starts from, each until it is
//               accepted; the step begins in the cycle in which the last one is. From there it runs through
//               the engine without ever being held: its place in the queue of sums is free before it asks.
// Never does:   lets a request depend on the ready of another; asks again for what was accepted. Only
//               halt_i takes a request back.
// Latency:      a step begins in the cycle in which it is offered.
// Throughput:   a step a cycle.
// Backpressure: a refused read holds the step and those behind it, and so does full_i.
//
// A seed is read while sums of earlier output tiles are on their way. Where it may be one of them (the output
// tiles' sums lie on each other), each output tile waits until they are written.
module shira_gemm_issue (
  input  logic clk_i,
  input  logic rst_ni,             // synchronous, active low
  input  logic halt_i,             // begin nothing more
  // the descriptor
  input  logic seed_zero_i,        // sums start from zero
  input  logic seed_scaled_i,      // sums start from scaled ones; with neither from what is there
  input  logic few_tokens_i,       // sums stay in the engine between input tiles
  input  logic shared_i,           // a seed may be a sum of an earlier output tile
  // the next step <- shira_gemm_steps
  input  logic step_valid_i,
  input  logic new_tile_i,         // first token of its tile
  input  logic first_i,            // first input tile of its sums
  // queue of sums <- shira_gemm_accumulate
  input  logic full_i,             // no place
  input  logic empty_i,            // no step in the engine
  // SRAMs
  output logic wt_tile_valid_o,
  input  logic wt_tile_ready_i,
  output logic act_rd_valid_o,
  input  logic act_rd_ready_i,
  output logic acc_rd_valid_o,
  input  logic acc_rd_ready_i,
  // to the stages
  output logic tile_accept_o,      // the read was accepted
  output logic x_accept_o,
  output logic acc_accept_o,
  output logic begin_o,            // the step begins
  output shira_gemm_pkg::sums_from_e from_o,  // what its sums start from
  output logic refused_o           // a step could not begin because an SRAM or a place is missing
);

  logic tile_got_q, x_got_q, acc_got_q;  // accepted in an earlier cycle for this step
  logic wait_shared, want, need_acc;

  always_comb begin
    from_o = shira_gemm_pkg::FromSram;
    if (first_i && seed_zero_i) from_o = shira_gemm_pkg::FromZero;
    else if (first_i && seed_scaled_i) from_o = shira_gemm_pkg::FromScaled;
    else if (!first_i && few_tokens_i) from_o = shira_gemm_pkg::FromKept;
  end

  assign need_acc    = from_o == shira_gemm_pkg::FromSram || from_o == shira_gemm_pkg::FromScaled;
  assign wait_shared = shared_i && new_tile_i && first_i && !empty_i;
  assign want        = step_valid_i && !full_i && !wait_shared && !halt_i;

  assign wt_tile_valid_o = want && new_tile_i && !tile_got_q;
  assign act_rd_valid_o  = want && !x_got_q;
  assign acc_rd_valid_o  = want && need_acc && !acc_got_q;
  assign tile_accept_o   = wt_tile_valid_o && wt_tile_ready_i;
  assign x_accept_o      = act_rd_valid_o && act_rd_ready_i;
  assign acc_accept_o    = acc_rd_valid_o && acc_rd_ready_i;

  assign begin_o   = want && (!new_tile_i || tile_got_q || wt_tile_ready_i) &&
      (x_got_q || act_rd_ready_i) && (!need_acc || acc_got_q || acc_rd_ready_i);
  assign refused_o = step_valid_i && !wait_shared && !begin_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || begin_o || !step_valid_i) begin
      tile_got_q <= 1'b0;
      x_got_q    <= 1'b0;
      acc_got_q  <= 1'b0;
    end else begin
      if (tile_accept_o) tile_got_q <= 1'b1;
      if (x_accept_o) x_got_q <= 1'b1;
      if (acc_accept_o) acc_got_q <= 1'b1;
    end
  end

`ifdef SHIRA_ASSERT
  tile_request_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    wt_tile_valid_o && !wt_tile_ready_i |=> wt_tile_valid_o || halt_i);
  x_request_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    act_rd_valid_o && !act_rd_ready_i |=> act_rd_valid_o || halt_i);
  acc_request_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    acc_rd_valid_o && !acc_rd_ready_i |=> acc_rd_valid_o || halt_i);
  begin_has_a_place: assert property (@(posedge clk_i) disable iff (!rst_ni) !(begin_o && full_i));
  begin_takes_all: assert property (@(posedge clk_i) disable iff (!rst_ni) begin_o |->
    (x_got_q || x_accept_o) && (!new_tile_i || tile_got_q || tile_accept_o) &&
    (!need_acc || acc_got_q || acc_accept_o));
`endif

endmodule
