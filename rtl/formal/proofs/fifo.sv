// shira_fifo against a list: items leave in the order in which they came, none is lost or repeated,
// none comes in when it is full or out when it is empty, and the count is right.
//
// rtl: rtl/common/shira_fifo.sv
// proof: induction 4 Depth=1
// proof: induction 4 Depth=2
// proof: induction 4 Depth=4
// cover: full 8
// cover: through 8
// mutant: a push into a full queue is accepted
// sed: s/count_q != CntW'\(Depth\)/1'b1/
// mutant: a push during a pop is not counted
// sed: s/if \(pop && !push\)/if (pop)/
module formal_fifo #(
  parameter int unsigned Depth = 4,
  parameter int unsigned Width = 2
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             clear_i,
  input logic             push_valid_i,
  input logic [Width-1:0] push_data_i,
  input logic             pop_ready_i
);

  localparam int unsigned PtrW = (Depth > 1) ? $clog2(Depth) : 1;

  logic                   push_ready, pop_valid;
  logic [      Width-1:0] pop_data;
  logic [$clog2(Depth):0] count;

  shira_fifo #(
    .Width(Width),
    .Depth(Depth)
  ) u (
    .clk_i,
    .rst_ni,
    .clear_i,
    .push_valid_i,
    .push_ready_o(push_ready),
    .push_data_i,
    .pop_valid_o (pop_valid),
    .pop_ready_i,
    .pop_data_o  (pop_data),
    .count_o     (count)
  );

  // The model: items in a row, the oldest at 0.
  logic [Depth*Width-1:0] items_q;
  logic [            7:0] number_q;
  logic                   ran_q = 1'b0;
  logic                   push, pop;

  assign push = push_valid_i && push_ready;
  assign pop  = pop_valid && pop_ready_i;

  always @(posedge clk_i) begin
    ran_q <= 1'b1;
    if (!rst_ni || clear_i) begin
      number_q <= '0;
    end else begin
      number_q <= number_q + 8'(push) - 8'(pop);
      if (pop) items_q <= items_q >> Width;
      if (push) items_q[(32'(number_q)-32'(pop))*Width+:Width] <= push_data_i;
    end
  end

  // For the induction: the memory holds the model's items.
  (* hierconn *) wire [PtrW-1:0] \u.wr_ptr_q ;
  (* hierconn *) wire [PtrW-1:0] \u.rd_ptr_q ;
  (* hierconn *) wire [Width-1:0] \u.mem_q[0] ;
  (* hierconn *) wire [Width-1:0] \u.mem_q[1] ;
  (* hierconn *) wire [Width-1:0] \u.mem_q[2] ;
  (* hierconn *) wire [Width-1:0] \u.mem_q[3] ;
  wire [4*Width-1:0] mem = {\u.mem_q[3] , \u.mem_q[2] , \u.mem_q[1] , \u.mem_q[0] };

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (ran_q) begin
      assert (32'(count) == 32'(number_q) && number_q <= 8'(Depth));
      assert (push_ready == (number_q != 8'(Depth)));
      assert (pop_valid == (number_q != '0));
      if (pop_valid) assert (pop_data == items_q[Width-1:0]);
      assert (PtrW'(\u.rd_ptr_q + number_q) == \u.wr_ptr_q || Depth == 1);
      for (int unsigned i = 0; i < Depth; i++) begin
        if (i < number_q)
          assert (mem[((32'(\u.rd_ptr_q )+i)%Depth)*Width+:Width] == items_q[i*Width+:Width]);
      end
    end
  end

  (* keep *) wire cover_full = ran_q && push_valid_i && !push_ready;
  (* keep *) wire cover_through = ran_q && pop && number_q == 8'(Depth);

endmodule
