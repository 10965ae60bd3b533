// Types that the parts of COPY share.
package shira_copy_pkg;

  // A command after its check. Rows that follow each other without a gap are already joined.
  typedef struct packed {
    logic [7:0]  status;         // shira_regs_pkg::status_e; not ok: nothing may be moved
    logic [63:0] where;
    logic [2:0]  src_space;      // shira_regs_pkg::space_e
    logic [2:0]  dst_space;
    logic [3:0]  traffic;        // shira_regs_pkg::traffic_e
    logic [63:0] src_addr;
    logic [31:0] src_stride;
    logic [31:0] src_row_beats;
    logic [31:0] src_rows;
    logic [63:0] dst_addr;
    logic [31:0] dst_stride;
    logic [31:0] dst_row_beats;
    logic [31:0] dst_rows;
  } command_t;

endpackage
