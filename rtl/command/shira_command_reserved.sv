// Looks for bytes of a descriptor that must be 0 and are not.
//
// Does:         looks at each beat in the cycle after it was shifted into the descriptor; keeps the first
//               byte that is wrong. Which bytes are reserved depends on the opcode, the first byte of the
//               first beat; of an unknown one there are none.
// Latency:      the answer stands two cycles after the last beat was shifted in, until the next
//               descriptor's first beat is looked at.
module shira_command_reserved #(
  parameter int unsigned BeatBytes = 32  // 8 to 128
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,          // synchronous, active low
  input  logic                   shift_i,         // a beat is shifted in
  input  logic [            7:0] beat_i,          // which one of the descriptor's
  input  logic [BeatBytes*8-1:0] newest_i,        // the one that was shifted in last
  output logic                   looking_o,       // it is looked at: the answer does not stand yet
  output logic                   reserved_o,      // a byte is wrong
  output logic [            6:0] reserved_byte_o  // the first one, in the descriptor
);

  localparam int unsigned Beats = shira_regs_pkg::DescriptorBytes / BeatBytes;

  logic                 looking_q;
  logic [          7:0] beat_q;          // that is looked at
  logic [          7:0] opcode_q;        // of the first beat
  logic [          7:0] opcode;
  logic [        127:0] reserved;        // bytes of its descriptor
  logic [BeatBytes-1:0] zero;            // bytes of this beat that must be 0
  logic [BeatBytes-1:0] wrong;           // but are not
  logic [BeatBytes-1:0] first_wrong;     // the lowest of them
  logic [          6:0] wrong_byte;      // which one that is
  logic                 reserved_q;
  logic [          6:0] reserved_byte_q;

  always_comb begin
    opcode      = '0;
    reserved    = '0;
    zero        = '0;
    wrong       = '0;
    first_wrong = '0;
    wrong_byte  = '0;
    if (looking_q) begin
      opcode = (beat_q == '0) ? newest_i[7:0] : opcode_q;
      case (opcode)
        shira_regs_pkg::OpcodeNop: reserved = shira_regs_pkg::ReservedNop;
        shira_regs_pkg::OpcodeCopy: reserved = shira_regs_pkg::ReservedCopy;
        shira_regs_pkg::OpcodeScatter: reserved = shira_regs_pkg::ReservedScatter;
        shira_regs_pkg::OpcodeGemm: reserved = shira_regs_pkg::ReservedGemm;
        default: reserved = '0;
      endcase
      for (int unsigned k = 0; k < Beats; k++) begin
        if (32'(beat_q) == k) zero = reserved[k*BeatBytes+:BeatBytes];
      end
      for (int unsigned i = 0; i < BeatBytes; i++) begin
        wrong[i] = zero[i] && newest_i[8*i+:8] != '0;
      end
      if (wrong != '0) begin
        first_wrong = wrong & (~wrong + BeatBytes'(1));
        for (int unsigned i = 0; i < BeatBytes; i++) begin
          if (first_wrong[i]) wrong_byte = wrong_byte | 7'(i);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      looking_q  <= 1'b0;
      reserved_q <= 1'b0;
    end else begin
      looking_q <= shift_i;
      if (looking_q) reserved_q <= (beat_q != '0 && reserved_q) || wrong != '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (shift_i) beat_q <= beat_i;
    if (looking_q) begin
      opcode_q <= opcode;
      if (beat_q == '0 || !reserved_q) begin
        reserved_byte_q <= 7'(32'(beat_q) * BeatBytes) + wrong_byte;
      end
    end
  end

  assign looking_o       = looking_q;
  assign reserved_o      = reserved_q;
  assign reserved_byte_o = reserved_byte_q;

`ifdef SHIRA_ASSERT
  one_first: assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(first_wrong));
  beat_exists: assert property (@(posedge clk_i) disable iff (!rst_ni)
    shift_i |-> 32'(beat_i) < Beats);
`endif

endmodule
