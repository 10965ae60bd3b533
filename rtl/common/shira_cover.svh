// What the tests must reach, for the last section of a module; read only where that is measured
// (`make coverage`). The name begins with its kind: state_, error_ or stall_ (valid and not ready).
`define SHIRA_COVER(Name, Condition) \
  Name: cover property (@(posedge clk_i) disable iff (!rst_ni) Condition);
