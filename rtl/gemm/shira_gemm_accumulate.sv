// Adds the array's sums to what a step starts from, and keeps the last Places results in a ring: the queue in
// which they wait to be written, and for few tokens the accumulators between input tiles.
//
// Does:         gives each step a place in the ring when it begins; starts it from zero, from what the
//               accumulator SRAM holds, from that scaled, or from the token's last sums in the ring; at the
//               head of the ring writes the sums to the accumulator SRAM and hands them on, as the step asks.
// Never does:   holds a step between its begin and its place; reads the SRAM for a sum that is not yet
//               written: who begins a step reads a token's sums again only where more than Places steps
//               lie between.
// Latency:      a step's sums are at the head of the ring Align + 4 cycles after its begin.
// Throughput:   a step a cycle.
// Backpressure: a refused write, and leave_ready_i, hold the head; full_o holds the begin of steps.
module shira_gemm_accumulate #(
  parameter int unsigned ArrayN     = 4,
  parameter int unsigned AccLatency = 1,  // of the accumulator SRAM, cycles
  parameter int unsigned Align      = 1   // from a step's begin to its answers, cycles
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,       // synchronous, active low
  // descriptor
  input  logic                       start_i,      // one starts; no step is in the engine
  input  logic [               31:0] tokens_i,     // with start_i
  input  logic                       one_token_i,  // the kept sums are always the last ones
  input  logic [               29:0] scale_i,      // with start_i: of seeds
  // a step begins <- shira_gemm_issue
  input  logic                       begin_i,
  input  shira_gemm_pkg::sums_from_e from_i,       // what it starts from
  input  logic [               31:0] addr_i,       // accumulator SRAM: its sums
  input  logic                       write_i,      // its sums are written
  input  logic                       last_i,       // it is of the last input tile
  input  logic                       leave_i,      // its sums are handed on
  input  logic                       param_i,      // and are the first ones that need new parameters
  output logic                       full_o,       // no place for another step
  output logic                       empty_o,      // no step in the engine
  output logic                       step_left_o,  // a step leaves its place in this cycle
  output logic                       last_left_o,  // one of the last input tile
  // stages
  output logic                       mul_o,        // the array multiplies for a step in this cycle
  output logic                       add_o,        // it adds the products of the cycle before
  input  logic [      ArrayN*32-1:0] dot_i,        // its sums, in the cycle after that
  // accumulator SRAM
  input  logic                       acc_accept_i, // a read was accepted <- shira_gemm_issue
  input  logic [      ArrayN*32-1:0] acc_rd_data_i,
  output logic                       acc_wr_valid_o,
  input  logic                       acc_wr_ready_i,
  output logic [               31:0] acc_wr_addr_o,
  // sums at the head of the ring -> accumulator SRAM, shira_gemm_requant
  output logic [      ArrayN*32-1:0] sums_o,
  output logic                       leave_valid_o,
  input  logic                       leave_ready_i,
  output logic                       leave_param_o
);

  localparam int unsigned Places = shira_gemm_pkg::Places;
  localparam int unsigned PlaceW = $clog2(Places);

  // A step a cycle needs as many places as a step takes cycles.
  if (Align + 4 > Places || (Places & (Places - 1)) != 0) begin : g_bad
    $error("%m: Align must be 1 to 3, Places a power of two");
  end

  // Stages of a step after its begin: bit c: it began c + 1 cycles ago.
  localparam int unsigned Multiply = Align;  // products; seeds are multiplied
  localparam int unsigned Prepare  = Align + 1;  // sums of the array; what it starts from
  localparam int unsigned Add      = Align + 2;

  logic [Add:0] step_q;
  logic [2*Add+1:0] from_q;  // of each stage
  logic add;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) step_q <= '0;
    else step_q <= {step_q[Add-1:0], begin_i};
    from_q <= {from_q[2*Add-1:0], from_i};
  end

  assign mul_o = step_q[Multiply];
  assign add_o = step_q[Prepare];
  assign add   = step_q[Add];

  // ---- places: given at begin, filled by the addition, free when the head has left ----

  // One bit more than a place needs, so that full and empty differ.
  logic [PlaceW:0] begin_q, fill_q, head_q;
  logic [  PlaceW-1:0] kept_q;  // place of the token's last sums, for the step in stage Prepare
  logic [ArrayN*32-1:0] ring_q[Places];
  logic [         31:0] addr_q[Places];
  logic [   Places-1:0] write_q, last_tile_q, leave_q, param_q;
  logic                 head_valid, wrote_q, left_q, head_free;

  assign empty_o    = begin_q == head_q;
  assign full_o     = begin_q == {!head_q[PlaceW], head_q[PlaceW-1:0]};
  assign head_valid = fill_q != head_q;

  assign sums_o         = ring_q[head_q[PlaceW-1:0]];
  assign acc_wr_addr_o  = addr_q[head_q[PlaceW-1:0]];
  assign acc_wr_valid_o = head_valid && write_q[head_q[PlaceW-1:0]] && !wrote_q;
  assign leave_valid_o  = head_valid && leave_q[head_q[PlaceW-1:0]] && !left_q;
  assign leave_param_o  = param_q[head_q[PlaceW-1:0]];
  assign head_free      = head_valid && (!acc_wr_valid_o || acc_wr_ready_i) &&
      (!leave_valid_o || leave_ready_i);
  assign step_left_o    = head_free;
  assign last_left_o    = head_free && last_tile_q[head_q[PlaceW-1:0]];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      begin_q <= '0;
      fill_q  <= '0;
      head_q  <= '0;
      wrote_q <= 1'b0;
      left_q  <= 1'b0;
    end else begin
      if (begin_i) begin_q <= begin_q + (PlaceW + 1)'(1);
      if (add) fill_q <= fill_q + (PlaceW + 1)'(1);
      if (head_free) head_q <= head_q + (PlaceW + 1)'(1);
      wrote_q <= !head_free && (wrote_q || (acc_wr_valid_o && acc_wr_ready_i));
      left_q  <= !head_free && (left_q || (leave_valid_o && leave_ready_i));
    end
    if (begin_i) begin
      addr_q[begin_q[PlaceW-1:0]]  <= addr_i;
      write_q[begin_q[PlaceW-1:0]] <= write_i;
      last_tile_q[begin_q[PlaceW-1:0]] <= last_i;
      leave_q[begin_q[PlaceW-1:0]] <= leave_i;
      param_q[begin_q[PlaceW-1:0]] <= param_i;
    end
    if (start_i) kept_q <= fill_q[PlaceW-1:0] - tokens_i[PlaceW-1:0];
    else if (add_o) kept_q <= kept_q + PlaceW'(1);
  end

  // ---- seeds: multiplied in stage Multiply, scaled in stage Prepare; others wait beside them ----

  logic [ArrayN*32-1:0] acc, acc_q, scaled;
  logic scale, scale_q;

  shira_gemm_operand #(
    .Width  (ArrayN * 32),
    .Latency(AccLatency),
    .Align  (Align)
  ) i_acc (
    .clk_i,
    .rst_ni,
    .accept_i(acc_accept_i),
    .begin_i (begin_i && (from_i == shira_gemm_pkg::FromSram || from_i == shira_gemm_pkg::FromScaled)),
    .data_i  (acc_rd_data_i),
    .data_o  (acc)
  );

  assign scale = step_q[Multiply] && from_q[2*Multiply+:2] == shira_gemm_pkg::FromScaled;

  for (genvar c = 0; c < ArrayN; c++) begin : g_seed
    shira_requant #(
      .ValueW(32),
      .Bits  (32)
    ) i_requant (
      .clk_i,
      .load_i  (start_i),
      .scale_i,
      .mul_i   (scale),
      .value_i (acc[32*c+:32]),
      .out_i   (scale_q),
      .narrow_i(1'b0),
      .result_o(scaled[32*c+:32])
    );
  end

  always_ff @(posedge clk_i) begin
    scale_q <= rst_ni && scale;
    if (step_q[Multiply] && from_q[2*Multiply+:2] == shira_gemm_pkg::FromSram) acc_q <= acc;
  end

  // ---- what a step starts from, found in stage Prepare, and the addition ----

  logic [ArrayN*32-1:0] start_q, sum, last_q;
  logic [          1:0] from;

  assign from = from_q[2*Add+:2];

  always_ff @(posedge clk_i) begin
    if (step_q[Prepare]) begin
      case (from_q[2*Prepare+:2])
        shira_gemm_pkg::FromZero: start_q <= '0;
        shira_gemm_pkg::FromSram: start_q <= acc_q;
        shira_gemm_pkg::FromKept: if (!one_token_i) start_q <= ring_q[kept_q];
        default: ;
      endcase
    end
    if (add) begin
      last_q                     <= sum;
      ring_q[fill_q[PlaceW-1:0]] <= sum;
    end
  end

  for (genvar c = 0; c < ArrayN; c++) begin : g_add
    always_comb begin
      sum[32*c+:32] = '0;
      if (add) begin
        if (from == shira_gemm_pkg::FromScaled) sum[32*c+:32] = dot_i[32*c+:32] + scaled[32*c+:32];
        else if (from == shira_gemm_pkg::FromKept && one_token_i)
          sum[32*c+:32] = dot_i[32*c+:32] + last_q[32*c+:32];
        else sum[32*c+:32] = dot_i[32*c+:32] + start_q[32*c+:32];
      end
    end
  end

  // Only the place of a token's sums is asked.
  logic unused;
  assign unused = &{1'b0, tokens_i};

`ifdef SHIRA_ASSERT
  place_given_once: assert property (@(posedge clk_i) disable iff (!rst_ni) !(begin_i && full_o));
  filled_after_begin: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !(add && fill_q == begin_q));
  acc_write_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    acc_wr_valid_o && !acc_wr_ready_i |=> acc_wr_valid_o && $stable({acc_wr_addr_o, sums_o}));
  leave_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    leave_valid_o && !leave_ready_i |=> leave_valid_o && $stable({leave_param_o, sums_o}));
  start_when_empty: assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> empty_o);
`endif

endmodule
