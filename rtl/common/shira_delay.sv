// A value some cycles later.
//
// Does:         data_o is data_i of Cycles cycles before; with Cycles = 0 it is data_i.
// Never does:   is reset: who reads it asks only for what went in.
// Latency:      Cycles. Throughput: a value a cycle. Backpressure: none.
module shira_delay #(
  parameter int unsigned Width  = 1,
  parameter int unsigned Cycles = 1
) (
  input  logic             clk_i,
  input  logic [Width-1:0] data_i,
  output logic [Width-1:0] data_o
);

  if (Cycles == 0) begin : g_wire
    assign data_o = data_i;

    logic unused;
    assign unused = clk_i;
  end else if (Cycles == 1) begin : g_register
    logic [Width-1:0] data_q;
    always_ff @(posedge clk_i) data_q <= data_i;
    assign data_o = data_q;
  end else begin : g_registers
    logic [Cycles*Width-1:0] data_q;  // the oldest in the highest bits
    always_ff @(posedge clk_i) data_q <= {data_q[(Cycles-1)*Width-1:0], data_i};
    assign data_o = data_q[(Cycles-1)*Width+:Width];
  end

endmodule
