// Turns sums into results: reads the parameters of an output tile, adds the bias, scales and saturates.
//
// Does:         asks the parameter SRAM when the first sums of an output tile come that need its record, and
//               takes sums and record together. A result has 9 bits: a delta for weights saturates to
//               -256..255, which is exact because its sum with the weight saturates to INT8; all others to
//               INT8.
// Never does:   holds sums that it took: room_i says that their results have a place.
// Latency:      ParamLatency + 5 cycles from taking sums to result_valid_o.
// Throughput:   a vector a cycle.
// Backpressure: room_i and a refused read hold the sums.
module shira_gemm_requant #(
  parameter int unsigned ArrayN       = 4,
  parameter int unsigned ParWord      = 32,  // bytes that the parameter SRAM gives
  parameter int unsigned ParamLatency = 1    // of the parameter SRAM, cycles
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,         // synchronous, active low
  // descriptor
  input  logic                 start_i,        // one starts
  input  logic [         31:0] param_addr_i,   // with start_i: record of the first output tile
  input  logic                 wadd_i,         // its results are deltas for weights
  input  logic                 uniform_i,      // one scale and no bias for all channels
  input  logic [         29:0] scale_i,        // that scale
  // sums <- shira_gemm_accumulate
  input  logic                 sums_valid_i,
  output logic                 sums_ready_o,
  input  logic                 sums_param_i,   // they need the next output tile's record
  input  logic [ArrayN*32-1:0] sums_i,
  // parameter SRAM
  output logic                 par_rd_valid_o,
  input  logic                 par_rd_ready_i,
  output logic [         31:0] par_rd_addr_o,
  input  logic [ParWord*8-1:0] par_rd_data_i,
  // results -> shira_gemm_results
  input  logic                 room_i,         // there is a place for another result
  output logic                 take_o,         // it is taken
  output logic                 result_valid_o,
  output logic [ ArrayN*9-1:0] result_o
);

  localparam int unsigned Record = 8 * ArrayN;  // bytes of an output tile's parameters
  localparam int unsigned SelW   = $clog2(ParWord) - $clog2(Record);

  if (ParamLatency < 1 || ParamLatency > 3) begin : g_bad
    $error("%m: ParamLatency must be 1 to 3");
  end

  logic [31:0] par_addr_q;
  logic        par_accept;

  assign par_rd_valid_o = sums_valid_i && sums_param_i && room_i;
  assign par_rd_addr_o  = par_addr_q & ~32'(ParWord - 1);
  assign par_accept     = par_rd_valid_o && par_rd_ready_i;
  assign sums_ready_o   = room_i && (!sums_param_i || par_rd_ready_i);
  assign take_o         = sums_valid_i && sums_ready_o;

  // Stages of a vector: bit c: it was taken c + 1 cycles ago.
  localparam int unsigned Bias = ParamLatency, Multiply = Bias + 1, Saturate = Multiply + 1;
  localparam int unsigned Out = Saturate + 1;
  logic [Out:0] taken_q;
  logic [Bias:0] param_q;  // with a record

  always_ff @(posedge clk_i) begin
    if (!rst_ni) taken_q <= '0;
    else taken_q <= {taken_q[Out-1:0], take_o};
    param_q <= {param_q[Bias-1:0], par_accept};
    if (start_i) par_addr_q <= param_addr_i;
    else if (par_accept) par_addr_q <= par_addr_q + 32'(Record);
  end

  // ---- the record, beside sums that wait for it ----

  logic [ArrayN*32-1:0] wait_q[ParamLatency+1];
  logic [ Record*8-1:0] record, record_q;

  if (SelW == 0) begin : g_whole
    assign record = par_rd_data_i;
  end else begin : g_part
    logic [ParamLatency*SelW-1:0] sel_q;  // record of the word, of the reads of the last cycles
    always_ff @(posedge clk_i) begin
      sel_q <= (ParamLatency * SelW)'({sel_q, par_addr_q[$clog2(Record)+:SelW]});
    end
    assign record = par_rd_data_i[32'(sel_q[(ParamLatency-1)*SelW+:SelW])*Record*8+:Record*8];
  end

  always_ff @(posedge clk_i) begin
    if (take_o) wait_q[0] <= sums_i;
  end
  for (genvar s = 1; s <= ParamLatency; s++) begin : g_wait
    always_ff @(posedge clk_i) begin
      if (taken_q[s-1]) wait_q[s] <= wait_q[s-1];
    end
  end

  always_ff @(posedge clk_i) begin
    if (param_q[Bias-1]) record_q <= record;
  end

  // ---- bias, multiplication, result ----

  logic [ArrayN*33-1:0] value_q;

  for (genvar c = 0; c < ArrayN; c++) begin : g_channel
    always_ff @(posedge clk_i) begin
      if (taken_q[Bias]) begin
        value_q[33*c+:33] <= 33'($signed(wait_q[ParamLatency][32*c+:32])) +
            (uniform_i ? 33'd0 : 33'($signed(record_q[64*c+:32])));
      end
    end
  end

  for (genvar c = 0; c < ArrayN; c++) begin : g_result
    shira_requant #(
      .ValueW(33),
      .Bits  (9)
    ) i_requant (
      .clk_i,
      .load_i  (taken_q[Bias]),
      .scale_i (uniform_i ? scale_i : record_q[64*c+32+:30]),
      .mul_i   (taken_q[Multiply]),
      .value_i (value_q[33*c+:33]),
      .out_i   (taken_q[Saturate]),
      .narrow_i(!wadd_i),
      .result_o(result_o[9*c+:9])
    );
  end
  assign result_valid_o = taken_q[Out];

  // Bits of the records and words that nobody needs.
  logic unused;
  assign unused = &{1'b0, record_q, par_rd_data_i};

`ifdef SHIRA_ASSERT
  par_request_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    par_rd_valid_o && !par_rd_ready_i |=> par_rd_valid_o && $stable(par_rd_addr_o));
`endif

endmodule
