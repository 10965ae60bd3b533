// CRC32C (reflected, polynomial 0x1EDC6F41) of one beat as a matrix product over GF(2).
//
// Does:         crc_o = the CRC register after the beat's bits, bit 0 first; no inversions.
// Latency:      combinational: each output bit is the parity of a constant selection of the inputs.
module shira_crc32c #(
  parameter int unsigned Bits = 256  // bits of a beat, a multiple of 64
) (
  input  logic            en_i,    // low: crc_o is 0 and costs nothing in simulation
  input  logic [    31:0] crc_i,
  input  logic [Bits-1:0] data_i,
  output logic [    31:0] crc_o
);

  localparam logic [31:0] Poly = 32'h82f63b78;  // reflected

  if (Bits < 64 || Bits % 64 != 0) begin : g_bad_bits
    $error("%m: Bits must be a multiple of 64");
  end

  // Row of the matrix: which data bits reach bit `index` of the result. Data bit j is shifted
  // Bits - 1 - j times after it entered; the old CRC enters with the first 32 data bits.
  function automatic logic [Bits-1:0] row(input int unsigned index);
    logic [31:0] column;
    column = Poly;
    row    = '0;
    for (int unsigned j = 0; j < Bits; j++) begin  // from the last bit to the first
      row    = {row[Bits-2:0], 1'(column >> index)};
      column = (column >> 1) ^ (1'(column) ? Poly : 32'd0);
    end
  endfunction

  logic [63:0] first;
  assign first = data_i[63:0] ^ {32'd0, crc_i};

  for (genvar i = 0; i < 32; i++) begin : g_bit
    localparam logic [Bits-1:0] Row = row(i);
    for (genvar w = 0; w < Bits / 64; w++) begin : g_word
      logic [63:0] sum;  // parity of each bit position over words 0 to w
      if (w == 0) begin : g_first
        assign sum = first & Row[63:0];
      end else begin : g_next
        assign sum = g_word[w-1].sum ^ (data_i[w*64+:64] & Row[w*64+:64]);
      end
    end
    logic parity;
    assign parity   = en_i ? ^g_word[Bits/64-1].sum : 1'b0;
    assign crc_o[i] = parity;
  end

endmodule
