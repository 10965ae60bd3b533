// Gives bytes out of rows, from any place that is a multiple of Step on, and can skip to the next row.
//
// Does:         keeps two rows; shows the OutBytes bytes from its place on, says whether the take_bytes_i
//               of them that are wanted are there, and moves on by as many. With take_skip_i it leaves the
//               rest of the row in which they end, and goes on at byte StartByte of the row after it.
// Never does:   takes bytes of a row that has not come: take_i only with enough_o.
// Latency:      one cycle from row to bytes. Throughput: a row a cycle in; OutBytes a cycle out.
// Backpressure: row_ready_o is low while both rows are needed.
module shira_gearbox #(
  parameter int unsigned RowBytes  = 32,  // bytes of a row, a power of two, >= OutBytes
  parameter int unsigned OutBytes  = 12,  // bytes shown
  parameter int unsigned StartByte = 0,   // place in the first row, and after a skip; < RowBytes
  parameter int unsigned Step      = 1,   // a power of two; divides StartByte and what is taken without a skip
  localparam int unsigned TakeW    = $clog2(OutBytes + 1)
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,        // synchronous, active low
  input  logic                  clear_i,       // drop everything, start anew
  input  logic                  row_valid_i,
  output logic                  row_ready_o,
  input  logic [RowBytes*8-1:0] row_data_i,
  output logic [OutBytes*8-1:0] data_o,
  input  logic [     TakeW-1:0] take_bytes_i,  // wanted, from byte 0 of data_o on; <= OutBytes
  input  logic                  take_skip_i,
  output logic                  enough_o,      // they are there
  input  logic                  take_i         // they are taken
);

  localparam int unsigned PlaceW = $clog2(RowBytes);
  localparam int unsigned EndW   = PlaceW + 2;

  if (RowBytes < OutBytes || (RowBytes & (RowBytes - 1)) != 0 || StartByte >= RowBytes)
  begin : g_bad_row
    $error("%m: RowBytes must be a power of two, >= OutBytes and > StartByte");
  end
  if (Step < 1 || (Step & (Step - 1)) != 0 || Step > RowBytes || StartByte % Step != 0)
  begin : g_bad_step
    $error("%m: Step must be a power of two, at most RowBytes, and divide StartByte");
  end

  logic [2*RowBytes*8-1:0] rows_q;   // the row of the place in the low half, then the next one
  logic [             1:0] have_q;   // rows that are there
  logic [      PlaceW-1:0] place_q;  // byte of the low row
  logic [        EndW-1:0] place_end;
  logic [             1:0] drop;     // rows that are left
  logic [             1:0] left;
  logic                    put;

  assign data_o    = rows_q[{1'b0, place_q, 3'b000}+:OutBytes*8];
  assign place_end = EndW'(place_q) + EndW'(take_bytes_i);
  assign enough_o  = have_q[1] || take_bytes_i == '0 || (have_q[0] && place_end <= EndW'(RowBytes));

  always_comb begin
    drop = 2'd0;
    if (take_i) begin
      if (take_skip_i) drop = (place_end > EndW'(RowBytes)) ? 2'd2 : (place_end != '0) ? 2'd1 : 2'd0;
      else if (place_end >= EndW'(RowBytes)) drop = 2'd1;
    end
  end

  assign left        = have_q - drop;
  assign row_ready_o = !left[1];
  assign put         = row_valid_i && row_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      have_q  <= '0;
      place_q <= PlaceW'(StartByte);
    end else begin
      have_q <= left + 2'(put);
      if (take_i) begin
        place_q <= take_skip_i ? PlaceW'(StartByte) : place_end[PlaceW-1:0] & ~PlaceW'(Step - 1);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (put && left == '0) rows_q[RowBytes*8-1:0] <= row_data_i;
    else if (drop == 2'd1) rows_q[RowBytes*8-1:0] <= rows_q[2*RowBytes*8-1:RowBytes*8];
    if (put && left != '0) rows_q[2*RowBytes*8-1:RowBytes*8] <= row_data_i;
  end

`ifdef SHIRA_ASSERT
  taken_is_there: assert property (@(posedge clk_i) disable iff (!rst_ni) take_i |-> enough_o);
  dropped_was_there: assert property (@(posedge clk_i) disable iff (!rst_ni) drop <= have_q);
  step_kept: assert property (@(posedge clk_i) disable iff (!rst_ni)
    take_i && !take_skip_i |-> 32'(take_bytes_i) % Step == 0);
  place_kept: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    !take_i |=> $stable(place_q));
`endif

endmodule
