// Bytes: which a descriptor may change, which are defined, and who must wait for whom.
//
// Not defined, and therefore neither compared nor read by what comes later:
// - where a COPY wrote that ended with an error of memory: it is torn, since reads run ahead of
// writes
//   and several bursts are open at a time; so is its count of beats. The same of a SCATTER that
//   ended with an error of a write;
// - what a descriptor writes that was cancelled while an engine worked on it, or lost in a reset;
// - the accumulators that a GEMM sums up in where they are not its result.
// Not defined as a whole, so that no such descriptor is submitted: one that reads what it writes
// (except in place: accumulators, and the image that wadd adds to); one that meets two errors of
// memory. Nor one that names rings or the slot of another stream.
#include <stdlib.h>
#include <string.h>

#include "tests/system/programs/program.h"

#define MOST_WORK 32768u // bytes that a descriptor moves
#define ROWS_AHEAD 64u   // writes that may be under way behind the first that fails

bool world_open(struct world *w, const struct shira_machine *hw) {
  memset(w, 0, sizeof(*w));
  const uint32_t sizes[SPACES] = {
      [SHIRA_SPACE_MEMORY] = DATA_BYTES,
      [SHIRA_SPACE_WEIGHT] = hw->weight_bytes,
      [SHIRA_SPACE_ACTIVATION] = hw->activation_bytes,
      [SHIRA_SPACE_ACCUMULATOR] = hw->accumulator_bytes,
      [SHIRA_SPACE_PARAMETER] = hw->parameter_bytes,
  };
  for (unsigned s = 0; s < SPACES; s++) {
    w->first[s] = w->bytes;
    w->size[s] = sizes[s];
    w->bytes += sizes[s];
  }
  w->hw = hw;
  w->start = malloc(w->bytes);
  w->may = malloc(w->bytes);
  w->loose = malloc(w->bytes);
  w->planned = malloc(w->bytes);
  w->writer = malloc(w->bytes);
  w->mark = malloc(w->bytes * sizeof(*w->mark));
  bool ok = w->start && w->may && w->loose && w->planned && w->writer && w->mark;
  for (unsigned e = 0; e < ENGINES; e++)
    ok = (w->reader[e] = malloc(w->bytes)) && ok;
  return ok && w->bytes - DATA_BYTES <= DATA_STREAMS - DATA_IMAGE;
}

void world_close(struct world *w) {
  free(w->start);
  free(w->may);
  free(w->loose);
  free(w->planned);
  free(w->writer);
  free(w->mark);
  for (unsigned e = 0; e < ENGINES; e++)
    free(w->reader[e]);
}

void world_clear(struct world *w, struct rng *rng) {
  memset(w->may, 0, w->bytes);
  memset(w->loose, 0, w->bytes);
  memset(w->planned, 0, w->bytes);
  memset(w->mark, 0, w->bytes * sizeof(*w->mark));
  w->epoch = 0;
  world_forget(w);
  for (uint32_t i = 0; i < DATA_BYTES; i += 8) {
    const uint64_t v = rng_next(rng);
    memcpy(w->start + i, &v, 8);
  }
  memset(w->start + DATA_STREAMS, 0, DATA_TRAP - DATA_STREAMS);
  memcpy(w->start + DATA_BYTES, w->start + DATA_IMAGE, w->bytes - DATA_BYTES);
}

// Bytes of [addr, addr + bytes) that are of this world, from its first on: their number, and how
// many.
static uint32_t part(const struct world *w, unsigned space, uint64_t addr, uint64_t bytes,
                     uint32_t *first) {
  uint64_t room = 0;
  if (space == SHIRA_SPACE_MEMORY) {
    room = world_room(w, addr, first);
  } else if (space < SPACES && addr < w->size[space]) {
    *first = w->first[space] + (uint32_t)addr;
    room = w->size[space] - addr;
  }
  return (uint32_t)(bytes < room ? bytes : room);
}

// ---- Is it defined? ---------------------------------------------------------------------------

struct judge {
  struct world *w;
  struct item *item;
  bool refused, undefined;
  uint64_t work;
  unsigned errors; // of memory
};

static unsigned __int128 end_of(const struct access *a) {
  return (unsigned __int128)(a->rows - 1) * a->stride + a->addr + a->bytes;
}

// Whether the device must refuse it for this access: it leaves its SRAM, or its window.
static bool judge_refusal(void *context, const struct access *a) {
  struct judge *j = context;
  struct window w[2];
  if (a->space >= SPACES || a->rows == 0 || a->bytes == 0 ||
      (a->space != SHIRA_SPACE_MEMORY && end_of(a) > j->w->size[a->space]))
    j->refused = true;
  else if (a->kind == WRITES &&
           op_of(j->item->d.header.opcode)->windows(j->w->hw, &j->item->d, w) != 0 &&
           (a->addr < w[0].lo || end_of(a) > w[0].hi))
    j->refused = true;
  return !j->refused;
}

// A row in memory, of which `known` bytes from number `first` on are of this world.
static void judge_memory(struct judge *j, const struct access *a, uint64_t addr, uint32_t first,
                         uint32_t known) {
  const struct world *w = j->w;
  const uint64_t bytes = a->bytes < MOST_WORK ? a->bytes : MOST_WORK;
  if ((unsigned __int128)addr + bytes > w->keep_lo && addr < w->keep_hi)
    j->undefined = true;
  if (known == 0)
    return;
  const bool trap = first + known > DATA_TRAP && first < DATA_OUT;
  const bool streams = first + known > DATA_STREAMS && first < DATA_TRAP;
  if (a->stream)
    j->undefined |= addr - j->item->slot >= j->item->room;
  else
    j->undefined |= streams || (trap && !j->item->trapped);
}

static void judge_bytes(struct judge *j, enum access_kind kind, uint32_t first, uint32_t n) {
  struct world *w = j->w;
  for (uint32_t i = first; i < first + n; i++) {
    if (kind == READS)
      w->mark[i] = w->epoch;
    else if (kind != READS_OWN && w->mark[i] == w->epoch)
      j->undefined = true;
    if ((kind == READS || kind == READS_OWN) && w->planned[i])
      j->undefined = true;
  }
}

static bool judge_access(void *context, const struct access *a) {
  struct judge *j = context;
  bool nowhere = false;
  uint64_t last = a->rows;
  for (uint64_t r = 0; r < last && !j->undefined; r++) {
    const uint64_t addr = a->addr + r * a->stride;
    uint32_t first = 0;
    const uint32_t n = part(j->w, a->space, addr, a->bytes, &first);
    if (a->space == SHIRA_SPACE_MEMORY) {
      judge_memory(j, a, addr, first, n);
      if (n < a->bytes && !nowhere) {
        nowhere = true;
        last = last - r < ROWS_AHEAD ? last : r + ROWS_AHEAD;
      }
    }
    judge_bytes(j, a->kind, first, n);
    j->work += a->kind == UPDATES || a->bytes > n ? 0 : n + 8;
    if (j->work > MOST_WORK)
      j->undefined = true;
  }
  if (nowhere) {
    j->item->nowhere = true;
    j->errors++;
  }
  return !j->undefined;
}

// What the tested device does not have yet.
static bool missing(const union shira_descriptor *d) {
  const struct shira_desc_scatter *s = &d->scatter;
  return s->opcode == SHIRA_OPCODE_SCATTER &&
         ((s->op >= SCATTER_OPS && s->op < SHIRA_SCATTER_OP_COUNT) ||
          (s->format > SCATTER_FORMATS && s->format < SHIRA_STREAM_FORMAT_COUNT) ||
          (s->space == SHIRA_SPACE_MEMORY && SCATTER_SPACES == 1));
}

enum verdict world_judge(struct world *w, struct item *item) {
  struct judge j = {.w = w, .item = item, .errors = item->trapped};
  const struct shira_desc_header *h = &item->d.header;
  const struct op *op = op_of(h->opcode);
  item->nowhere = false;
  if (!op || h->wait0_sem >= SHIRA_SEMAPHORES || h->wait1_sem >= SHIRA_SEMAPHORES ||
      h->signal_sem >= SHIRA_SEMAPHORES)
    return REFUSED;
  if (missing(&item->d))
    return UNDEFINED;
  op->touch(w->hw, &item->d, judge_refusal, &j);
  if (j.refused)
    return REFUSED;
  w->epoch++;
  op->touch(w->hw, &item->d, judge_access, &j);
  return j.undefined || j.errors > 1 ? UNDEFINED : DEFINED;
}

// ---- What it leaves ---------------------------------------------------------------------------

struct leave {
  const struct world *w;
  uint8_t *loose;
  bool torn;
};

static bool leave_access(void *context, const struct access *a) {
  const struct leave *l = context;
  if (a->kind != WRITES && a->kind != SCRATCH && !(a->kind == UPDATES && l->torn))
    return true;
  for (uint64_t r = 0; r < a->rows && r < MOST_WORK; r++) {
    uint32_t first;
    const uint32_t n = part(l->w, a->space, a->addr + r * a->stride, a->bytes, &first);
    if (n != 0)
      memset(l->loose + first, l->torn || a->kind == SCRATCH, n);
  }
  return true;
}

void world_plan(struct world *w, const struct item *item) {
  struct leave l = {w, w->planned, false};
  const struct op *op = op_of(item->d.header.opcode);
  if (op && !item->refused)
    op->touch(w->hw, &item->d, leave_access, &l);
}

// What lies in the window of the `size` bytes from address `base` on, of which the first has this
// number.
static void open_range(struct world *w, const struct window *win, uint32_t first, uint64_t base,
                       uint64_t size) {
  const uint64_t lo = win->lo > base ? win->lo : base;
  const uint64_t hi = win->hi < base + size ? win->hi : base + size;
  if (lo < hi)
    memset(w->may + first + (lo - base), 1, hi - lo);
}

static void open_windows(struct world *w, const struct op *op, const union shira_descriptor *d) {
  struct window win[2];
  const unsigned n = op->windows(w->hw, d, win);
  for (unsigned i = 0; i < n; i++) {
    if (win[i].space != SHIRA_SPACE_MEMORY)
      open_range(w, &win[i], w->first[win[i].space], 0, w->size[win[i].space]);
    for (unsigned b = 0; win[i].space == SHIRA_SPACE_MEMORY && b < BUFFERS; b++)
      open_range(w, &win[i], buffer_first[b], w->buffer[b], buffer_first[b + 1] - buffer_first[b]);
  }
}

void world_ended(struct world *w, const struct item *item) {
  const struct op *op = op_of(item->d.header.opcode);
  const unsigned status = item->want.status;
  const bool ok = status == SHIRA_STATUS_OK;
  const bool memory = status >= SHIRA_STATUS_READ_SLVERR && status <= SHIRA_STATUS_WRITE_DECERR;
  const bool stream = status >= SHIRA_STATUS_STREAM_CRC && status <= SHIRA_STATUS_STREAM_LENGTH;
  const bool scatter = item->d.header.opcode == SHIRA_OPCODE_SCATTER;
  const bool cut = scatter && (stream || status == SHIRA_STATUS_WINDOW);
  // What could not be fetched has opcode 0.
  if (!op || item->want.opcode == 0 || !(ok || memory || cut))
    return;
  open_windows(w, op, &item->d);
  struct leave l = {w, w->loose, !ok};
  // How far a stream came, its count says.
  if (ok || !scatter || status >= SHIRA_STATUS_WRITE_SLVERR)
    op->touch(w->hw, &item->d, leave_access, &l);
}

void world_torn(struct world *w, const struct item *item) {
  const struct op *op = op_of(item->d.header.opcode);
  if (!op || item->refused)
    return;
  open_windows(w, op, &item->d);
  struct leave l = {w, w->loose, true};
  op->touch(w->hw, &item->d, leave_access, &l);
}

static bool sound_access(void *context, const struct access *a) {
  const struct world *w = context;
  for (uint64_t r = 0; (a->kind == READS || a->kind == READS_OWN) && r < a->rows && r < MOST_WORK;
       r++) {
    uint32_t first = 0;
    const uint32_t n = part(w, a->space, a->addr + r * a->stride, a->bytes, &first);
    if (n != 0 && memchr(w->loose + first, 1, n) != NULL)
      return false;
  }
  return true;
}

bool world_tainted(struct world *w, const struct item *item) {
  const struct op *op = op_of(item->d.header.opcode);
  return op && !item->refused && !op->touch(w->hw, &item->d, sound_access, w);
}

void world_forget(struct world *w) {
  memset(w->writer, 0, w->bytes);
  for (unsigned e = 0; e < ENGINES; e++)
    memset(w->reader[e], 0, w->bytes);
}

// ---- Who waits for whom -----------------------------------------------------------------------

struct depend {
  struct world *w;
  const uint8_t *engine_of;
  unsigned *after;
  unsigned number; // 1 + index
  unsigned engine;
  bool note;
};

static void come_after(const struct depend *d, unsigned number) {
  if (number == 0 || number == d->number)
    return;
  const unsigned engine = d->engine_of[number - 1];
  if (number > d->after[engine])
    d->after[engine] = number;
}

static bool depend_access(void *context, const struct access *a) {
  const struct depend *d = context;
  struct world *w = d->w;
  const bool reads = a->kind == READS || a->kind == READS_OWN;
  for (uint64_t r = 0; r < a->rows && r < MOST_WORK; r++) {
    uint32_t first = 0;
    const uint32_t n = part(w, a->space, a->addr + r * a->stride, a->bytes, &first);
    for (uint32_t i = first; i < first + n; i++) {
      if (d->note) {
        *(reads ? &w->reader[d->engine][i] : &w->writer[i]) = (uint8_t)d->number;
        continue;
      }
      come_after(d, w->writer[i]);
      for (unsigned e = 0; !reads && e < ENGINES; e++)
        come_after(d, w->reader[e][i]);
    }
  }
  return true;
}

void world_depend(struct world *w, const struct item *item, unsigned index,
                  const uint8_t *engine_of, unsigned after[ENGINES]) {
  struct depend d = {w, engine_of, after, index + 1, item->op->engine, false};
  memset(after, 0, ENGINES * sizeof(*after));
  if (item->refused)
    return;
  item->op->touch(w->hw, &item->d, depend_access, &d);
  d.note = true;
  item->op->touch(w->hw, &item->d, depend_access, &d);
}
