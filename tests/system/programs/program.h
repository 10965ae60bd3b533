// Random programs of descriptors on two devices, the golden model and the one that is tested: what
// the parts of test_programs share.
//
//   make.c    a program's shape and its descriptors: good ones, and how they are spoiled
//   ops.c     the opcodes: how to make one, what it touches, its fields
//   stream.c  streams of updates, and how they are corrupted
//   world.c   which bytes a descriptor may change, which are defined, who depends on whom
//   devices.c both devices, their registers and memory
//   run.c     runs a program on both devices and compares
//   beside.c  what the golden model cannot foresee: engines beside one that fails, resets
//   cover.c   what was met, and what must be
#ifndef TEST_PROGRAM_H
#define TEST_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shira/config.h"
#include "shira/wire.h"
#include "shira/device.h"

#define LONGEST 24u // descriptors of a program
#define SPACES SHIRA_SPACE_COUNT
#define ENGINES SHIRA_ENGINE_COUNT

// ---- Random numbers: splitmix64 ---------------------------------------------------------------

struct rng {
  uint64_t state;
};

static inline uint64_t rng_next(struct rng *r) {
  uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static inline uint32_t below(struct rng *r, uint32_t n) {
  return n ? (uint32_t)(rng_next(r) >> 33) % n : 0;
}

static inline uint32_t between(struct rng *r, uint32_t lo, uint32_t hi) {
  return lo + below(r, hi - lo + 1);
}

// true once in n.
static inline bool one_in(struct rng *r, uint32_t n) {
  return below(r, n) == 0;
}

// ---- The world: memory that programs may name, and all SRAMs ---------------------------------

// Parts of the data in memory. The image lies in one buffer, all behind it in another, each of them
// in the device's memory or in the host's, with an unmapped page behind it.
#define DATA_IMAGE 0u         // what the SRAMs are filled with; a source of COPY
#define DATA_STREAMS 0x16000u // a slot a descriptor; each ends in zeros
#define SLOT_BYTES 0x400u     //
#define DATA_LONG 0x1c000u    // the slot of a long stream
#define LONG_BYTES 0x4000u    //
#define DATA_TRAP 0x20000u    // touched only by the descriptor that a fault waits for
#define TRAP_BYTES 0x1000u    //
#define DATA_OUT 0x21000u     // where COPY writes; a source as well
#define OUT_BYTES 0x2000u     //
#define DATA_BYTES 0x23000u   //
#define BUFFERS 2u

static const uint32_t buffer_first[BUFFERS + 1] = {DATA_IMAGE, DATA_STREAMS, DATA_BYTES};

// Bytes are numbered through: the data in memory first, then SRAM after SRAM.
struct world {
  const struct shira_machine *hw;
  uint64_t buffer[BUFFERS];  // addresses
  uint64_t keep_lo, keep_hi; // memory that no descriptor may name: rings, what is read back
  bool trap;                 // a fault waits in the trap
  uint32_t first[SPACES];    // number of a space's first byte
  uint32_t size[SPACES];
  uint32_t bytes;
  uint8_t *start;           // contents at the start
  uint8_t *may;             // in the window of a descriptor that was executed
  uint8_t *loose;           // not defined, see world.c
  uint8_t *planned;         // loose, if all that was submitted ends well
  uint16_t *mark;           // reads of the descriptor in hand
  uint16_t epoch;           //
  uint8_t *writer;          // 1 + index of the last descriptor that writes it, 0 = none
  uint8_t *reader[ENGINES]; // the same of each engine's last one that reads it
};

// Address of byte `at` of the data in memory; that of the end is behind the last one.
static inline uint64_t world_addr(const struct world *w, uint32_t at) {
  const unsigned i = at >= DATA_STREAMS;
  return w->buffer[i] + (at - buffer_first[i]);
}

// Number of the byte at an address, and how many are left of its buffer; 0: no byte of this world.
static inline uint32_t world_room(const struct world *w, uint64_t addr, uint32_t *at) {
  *at = UINT32_MAX;
  for (unsigned i = 0; i < BUFFERS; i++) {
    const uint64_t off = addr - w->buffer[i], size = buffer_first[i + 1] - buffer_first[i];
    if (off >= size)
      continue;
    *at = buffer_first[i] + (uint32_t)off;
    return (uint32_t)(size - off);
  }
  return 0;
}

enum access_kind {
  READS,
  READS_OWN, // what it writes itself: in place
  WRITES,    // all of it
  UPDATES,   // some of it
  SCRATCH,   // what it leaves there is not defined
};

// `rows` runs of `bytes`, `stride` apart.
struct access {
  enum access_kind kind;
  unsigned space;
  uint64_t addr, rows, stride, bytes;
  bool stream; // it is of a stream
};

// Returns false to stop.
typedef bool access_fn(void *context, const struct access *a);

struct window {
  unsigned space;
  uint64_t lo, hi;
};

// ---- What SCATTER of the tested device has by now; the golden model has all of it ------------

#define SCATTER_OPS 4u     // of scatter_op, from set on
#define SCATTER_FORMATS 2u // of stream_format, from gap8 on
#define SCATTER_SPACES 2u  // weight SRAM and memory

// ---- Opcodes ----------------------------------------------------------------------------------

struct field {
  const char *name;
  uint8_t offset, bytes;
};

struct maker;

struct op {
  const char *name;
  uint8_t opcode, engine;
  unsigned weight;            // how often it is chosen
  unsigned variants;          // that a program of good descriptors must meet
  const struct field *fields; // ends with a NULL name
  uint32_t statuses;          // bit per status that it must be met with

  // A good descriptor; the header is not its business.
  void (*make)(struct maker *m, union shira_descriptor *d);
  // A way of its own to spoil one, or NULL. Returns its name.
  const char *(*spoil)(struct maker *m, union shira_descriptor *d);
  // Calls visit for everything that it reads and writes if it is executed.
  bool (*touch)(const struct shira_machine *hw, const union shira_descriptor *d, access_fn *visit,
                void *context);
  // Everything outside stays as it is. Returns how many of `w` there are, at most 2.
  unsigned (*windows)(const struct shira_machine *hw, const union shira_descriptor *d,
                      struct window w[2]);
  // Which variant it is, below `variants`, and its name.
  unsigned (*variant)(const union shira_descriptor *d);
  void (*variant_name)(unsigned variant, char *buf, size_t size);
};

#define OPS 4u
extern const struct op ops[OPS];

// NULL: there is no such opcode.
const struct op *op_of(unsigned opcode);

// ---- Programs ---------------------------------------------------------------------------------

enum order {
  CHAIN,  // each descriptor waits for the one before: bad ones too
  FREE,   // engines run side by side where data allow it: good ones only
  BESIDE, // the same, bad ones too
  ORDERS
};

enum fault_at { FAULT_NONE, FAULT_FETCH, FAULT_TRAP };

struct program {
  uint64_t seed;
  unsigned number;
  bool dropped[LONGEST]; // by the shrinker
  // Drawn from the seed:
  enum order order;
  unsigned n;                 // descriptors
  unsigned bad;               // one in so many is spoiled, 0 = none
  unsigned ring_log2, stall;  //
  uint32_t latency, peak;     // of memory
  bool dram, dram_ecc;        // the machine's DRAM in its place, with ECC
  uint32_t watchdog, irqs;    // irq_enable
  enum fault_at fault_at;     //
  enum shira_fault_kind kind; //
  unsigned fault_skip;        // bursts in the trap that pass
  unsigned trap_op;           // opcode that runs into it
  unsigned fault_index;       // descriptor whose fetch fails
  bool host[BUFFERS];         // the buffer lies in the host's memory
  uint32_t credits;           // of the link to it
  bool long_rows;             // some COPYs move more than a page
  unsigned long_at;           // descriptor with a long stream, LONGEST = none
  unsigned reset_at;          // a reset comes after so many doorbells, 0 = none
};

// What programs must meet beside statuses and variants.
enum dimension {
  DIM_HOST,         // a descriptor ended well with data in the host's memory
  DIM_LONG_ROW,     // a COPY of a row of more than a page
  DIM_LONG_STREAM,  // a SCATTER of a long stream
  DIM_BESIDE,       // an error beside descriptors that ended well behind it or were cancelled
  DIM_CUT,          // a descriptor that was begun was cancelled for an error beside it
  DIM_BESIDE_WRITE, // an error of a write among others
  DIM_RESET,        // a reset while descriptors were in flight
  DIMENSIONS
};

// A descriptor of a program, and how it ended.
struct item {
  union shira_descriptor d;
  const struct op *op; // as it was chosen; its opcode may be spoiled
  const char *spoiled; // how, "" = not
  bool refused;        // it is known to do nothing
  bool trapped;        // it runs into the fault
  bool nowhere;        // it names memory that is not there
  bool streams;        // it has a stream
  uint64_t slot;       // where that is
  uint32_t room;       // bytes of the slot
  bool ended;
  uint32_t seq;
  struct shira_completion want; // golden
  struct shira_completion got;
};

#define HOT 4u

// What it takes to make a descriptor.
struct maker {
  struct rng rng;
  const struct program *program;
  struct world *world;
  const struct shira_machine *hw;
  uint8_t stream[LONG_BYTES];     // what the descriptor's slot is to hold
  uint64_t stream_addr;           // of the slot
  uint32_t stream_room;           // bytes of it
  bool fault_over;                // the program's fault has struck
  bool trap_stream;               // the trap has held its one stream
  struct shira_desc_scatter swap; // the newest good SWAP, opcode 0 = none
  struct {
    unsigned space;
    uint64_t addr, end;      // of the space
  } wrote;                   // where the last descriptor wrote
  uint32_t hot[SPACES][HOT]; // where descriptors read and wrote lately
  unsigned hot_next;
  const struct op *last_op;
  // Semaphores, since the last acknowledgement.
  uint32_t signals[SHIRA_SEMAPHORES];
  uint8_t last_sem; // of the descriptor before, 0 = none
  // FREE: of each descriptor its engine, and which of that engine's it is, from 1 on.
  uint8_t engine_of[LONGEST];
  uint32_t ordinal[LONGEST];
};

void program_draw(struct program *p);

// Makes descriptor `index` of the program into *item.
void make_item(struct maker *m, unsigned index, struct item *item);

// The semaphores are 0 again.
void maker_acknowledged(struct maker *m);

// Writes a stream of random updates into the maker's slot, and the descriptor that goes with it.
void make_stream(struct maker *m, union shira_descriptor *d);
// Corrupts the stream in the slot. Returns how.
const char *spoil_stream(struct maker *m, union shira_descriptor *d);

// Makes the window [*lo, *hi) larger now and then, by at most what lies in [0, end).
void widen(struct maker *m, uint64_t *lo, uint64_t *hi, uint64_t end);

// ---- World ------------------------------------------------------------------------------------

bool world_open(struct world *w, const struct shira_machine *hw);
void world_close(struct world *w);
// Before a program. Contents are random.
void world_clear(struct world *w, struct rng *rng);

enum verdict { DEFINED, REFUSED, UNDEFINED };
// Whether what *item does is defined; sets item->nowhere.
enum verdict world_judge(struct world *w, struct item *item);
// Notes that it was submitted.
void world_plan(struct world *w, const struct item *item);
// For each engine the last descriptor that it must come after, 1 + index; then notes its accesses.
// `engine_of` has the engines of those before it.
void world_depend(struct world *w, const struct item *item, unsigned index,
                  const uint8_t *engine_of, unsigned after[ENGINES]);
// Notes how it ended.
void world_ended(struct world *w, const struct item *item);
// Any part of what it would write may be written.
void world_torn(struct world *w, const struct item *item);
// Whether it reads what is not defined.
bool world_tainted(struct world *w, const struct item *item);
// All that was submitted has ended: nobody waits for it any more.
void world_forget(struct world *w);

// ---- Running ----------------------------------------------------------------------------------

// What the test does wrong on purpose, to see that it would be noticed.
enum plant { PLANT_NONE, PLANT_SRAM, PLANT_WINDOW, PLANT_COMPLETION, PLANT_REGISTER, PLANTS };

struct result {
  char why[512]; // "" = all is well
  uint64_t cycles;
  uint32_t met; // bit per dimension
  unsigned n;
  struct item items[LONGEST];
};

// Runs the program on the golden model and on `backend`.
void program_run(const struct program *p, const char *backend, const struct shira_machine *hw,
                 struct world *w, enum plant plant, struct result *r);

// ---- What was met -----------------------------------------------------------------------------

#define COVER_ROWS (OPS + 1) // the last: what is no opcode
#define COVER_VARIANTS 64u

struct cover {
  unsigned programs, spoiled, descriptors;
  unsigned met[COVER_ROWS][SHIRA_STATUS_COUNT]; // descriptors
  unsigned programs_met[COVER_ROWS][SHIRA_STATUS_COUNT];
  unsigned variants[OPS][COVER_VARIANTS]; // ended well
  unsigned orders[ORDERS];
  unsigned dimensions[DIMENSIONS]; // programs that met it
};

void cover_add(struct cover *c, const struct program *p, const struct result *r);
// Prints it as TAP comments. Returns how many of what must be met was not; names them.
unsigned cover_print(const struct cover *c);

#endif
