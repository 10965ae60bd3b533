// Types that the modules of GEMM share.
package shira_gemm_pkg;

  // Steps that the engine holds at once. With as many tokens or fewer, their sums stay in it between input
  // tiles; with more, a token's sums are written before they are read again.
  localparam int unsigned Places = 8;

  // What a step's sums start from.
  typedef enum logic [1:0] {
    FromZero   = 2'd0,
    FromSram   = 2'd1,  // what the accumulator SRAM holds
    FromScaled = 2'd2,  // that, scaled
    FromKept   = 2'd3   // the token's last sums, which the engine keeps
  } sums_from_e;

endpackage
