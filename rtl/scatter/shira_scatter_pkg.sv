// Types that the parts of SCATTER share.
package shira_scatter_pkg;

  // A command after its check.
  typedef struct packed {
    logic [7:0]  status;        // shira_regs_pkg::status_e; not ok: nothing may be applied
    logic [63:0] where;
    logic        undo;          // all bytes count as undo
    logic        coo;           // the stream's format is coo32
    logic        swap;          // blocks are written back
    logic [63:0] stream_addr;
    logic [31:0] stream_bytes;
    logic [31:0] updates;
  } command_t;

  // Where a command's image lies, and what of the weight SRAM it may write: lo <= address < hi.
  typedef struct packed {
    logic [31:0] base;          // byte address of the image
    logic [32:0] lo;
    logic [32:0] hi;
  } window_t;

  // Where the weights of a command lie in memory, and what of it may be written.
  typedef struct packed {
    logic        valid;      // in memory, not in the weight SRAM
    logic [63:0] base;       // address of the image
    logic [63:0] lo;         // lo <= address < hi
    logic [63:0] hi;
  } memory_t;

  // How positions lie in rows (layout row).
  typedef struct packed {
    logic [ 4:0] row_log2;      // log2 of the positions of a row
    logic [15:0] k_tiles;       // input tiles of the image
  } geometry_t;

  // A block that may be decoded, or the place in the stream where an error belongs.
  typedef struct packed {
    logic        error;      // no block: the command ends with the loader's status
    logic        bad_gaps;   // the positions are not as many as the header says, or out of order
    logic        coo;        // positions instead of gaps
    logic        new_stream; // first block of its stream
    logic        last;       // last block of its stream
    logic [15:0] gap_bytes;
    logic [31:0] first;      // position of the first update
    logic [31:0] offset;     // of the block in the stream
  } block_t;

  // Gap bytes that are decoded together, and what is to be known of their block.
  typedef struct packed {
    logic        error;      // these five as in block_t
    logic        bad_gaps;
    logic        coo;
    logic        new_stream;
    logic        last;
    logic        starts;     // the block's first bytes
    logic        ends;       // its last bytes
    logic [33:0] origin;     // position before the block's first; -1: none
    logic [31:0] offset;     // of the block in the stream
  } strip_t;

  // A block that will be written back.
  typedef struct packed {
    logic [63:0] addr;     // of the block
    logic [17:0] head;     // bytes before its values, padding included
    logic [15:0] updates;
    logic [31:0] crc;      // CRC register after those bytes, with the crc field zero
  } undo_t;

  // What goes with a bundle of updates.
  typedef struct packed {
    logic        last;       // the command ends after these updates
    logic [7:0]  status;     // how it ends
    logic [63:0] where;
  } mark_t;

endpackage
