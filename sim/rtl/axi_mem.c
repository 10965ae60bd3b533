#include "sim/rtl/axi_mem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/regs.h"

#define OKAY SHIRA_PORT_OKAY
#define SLVERR SHIRA_PORT_SLVERR
#define DECERR SHIRA_PORT_DECERR
#define INCR 1
#define PROT 2  // unprivileged, non-secure, data
#define CACHE 2 // normal, neither cacheable nor bufferable: a response says that the data are there

// One AXI burst in flight.
struct txn {
  uint64_t addr;
  uint32_t bytes;
  uint32_t moved;    // bytes that crossed the bus
  uint32_t segments; // memory bursts that it needs, 0 where it answers an error
  uint32_t issued;   // of them handed to the memory model
  uint32_t done;     // of them completed without a gap from the first
  uint8_t id, resp, traffic;
  bool last;     // writes: WLAST came
  bool host;     // it goes to the host's memory
  uint8_t *data; // [bytes]
  uint8_t *strb; // writes: [bytes], 0 or 1
  uint8_t *flag; // [segments], completed
};

// The bursts of one direction. Those of one memory are handed to the port in the order of
// acceptance.
struct side {
  struct txn *txn;
  uint8_t *free; // stack of unused indices
  uint32_t n_free;
  uint8_t *order; // indices in flight, by acceptance
  uint32_t n;
  uint32_t issue[2]; // by memory: position in `order` of the burst that is being handed over
  uint32_t fill;     // writes: position in `order` of the burst that receives data
  int current;       // index of the txn that is on the response channel, -1 = none
  bool look;         // something changed since no response could be found
};

struct axi_mem {
  struct shira_port *port;
  struct shira_fault_state *fault;
  uint64_t host_addr;            // the host's memory starts here
  uint32_t beat, burst, longest; // bytes
  uint32_t pool;                 // txns of each direction
  uint32_t tag_shift;            // tag = (index << 1 | write) << tag_shift | segment
  struct side rd, wr;
  bool write_turn[2]; // by memory: who goes first at the port
  bool broken;
  bool r_held, b_held; // a response waits on the channel
  uint64_t seed, rng;
  uint8_t stall; // a random byte below this is a gap
};

static uint64_t random64(struct axi_mem *s) {
  s->rng ^= s->rng >> 12;
  s->rng ^= s->rng << 25;
  s->rng ^= s->rng >> 27;
  return s->rng * UINT64_C(0x2545f4914f6cdd1d);
}

// AXI bursts of a direction in flight.
static uint32_t pool_of(const struct shira_machine *m) {
  return m->axi_outstanding < 32 ? 32 : m->axi_outstanding > 255 ? 255 : m->axi_outstanding;
}

// Bits of a tag that number the memory bursts of an AXI burst.
static uint32_t tag_shift_of(const struct shira_machine *m) {
  uint32_t shift = 0;
  while ((m->axi_burst_bytes / m->memory_burst_bytes + 2) >> shift != 0)
    shift++;
  return shift;
}

static bool side_open(struct axi_mem *s, struct side *d) {
  d->txn = calloc(s->pool, sizeof *d->txn);
  d->free = malloc(s->pool);
  d->order = malloc(s->pool);
  if (d->txn == NULL || d->free == NULL || d->order == NULL)
    return false;
  for (uint32_t i = 0; i < s->pool; i++) {
    d->txn[i].data = malloc(3 * (size_t)s->longest);
    if (d->txn[i].data == NULL)
      return false;
    d->txn[i].strb = d->txn[i].data + s->longest;
    d->txn[i].flag = d->txn[i].strb + s->longest;
  }
  return true;
}

static void side_close(struct axi_mem *s, struct side *d) {
  for (uint32_t i = 0; d->txn != NULL && i < s->pool; i++)
    free(d->txn[i].data);
  free(d->txn);
  free(d->free);
  free(d->order);
}

static void side_clear(struct axi_mem *s, struct side *d) {
  for (uint32_t i = 0; i < s->pool; i++)
    d->free[i] = (uint8_t)(s->pool - 1 - i);
  d->n_free = s->pool;
  d->n = d->fill = d->issue[0] = d->issue[1] = 0;
  d->current = -1;
  d->look = false;
}

uint32_t axi_mem_tags(const struct shira_machine *m) {
  return 2 * pool_of(m) << tag_shift_of(m);
}

int axi_mem_open(const struct shira_machine *m, struct shira_port *port,
                 struct shira_fault_state *fault, uint64_t seed, unsigned stall_percent,
                 struct axi_mem **mem, struct shira_error *error) {
  *mem = NULL;
  const uint32_t beat = m->axi_data_bits / 8;
  if (beat == 0 || (beat & (beat - 1)) != 0 || m->memory_burst_bytes < beat ||
      (m->memory_burst_bytes & (m->memory_burst_bytes - 1)) != 0 || m->axi_burst_bytes < beat ||
      m->axi_burst_bytes > SHIRA_PAGE_BYTES)
    return shira_fail(error, EINVAL, "machine '%s': AXI beats and bursts do not fit its memory",
                      m->name);
  struct axi_mem *s = calloc(1, sizeof *s);
  if (s == NULL)
    return shira_fail(error, ENOMEM, "no memory for the memory slave");
  s->port = port;
  s->fault = fault;
  s->host_addr = SHIRA_MEMORY_BASE + m->memory_bytes;
  s->beat = beat;
  s->burst = m->memory_burst_bytes;
  s->longest = m->axi_burst_bytes;
  s->pool = pool_of(m);
  s->tag_shift = tag_shift_of(m);
  s->stall = (uint8_t)(stall_percent * 256 / 100);
  s->seed = s->rng = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
  if (!side_open(s, &s->rd) || !side_open(s, &s->wr)) {
    axi_mem_close(s);
    return shira_fail(error, ENOMEM, "no memory for the memory slave");
  }
  axi_mem_clear(s);
  *mem = s;
  return 0;
}

void axi_mem_close(struct axi_mem *s) {
  if (s == NULL)
    return;
  side_close(s, &s->rd);
  side_close(s, &s->wr);
  free(s);
}

void axi_mem_clear(struct axi_mem *s) {
  side_clear(s, &s->rd);
  side_clear(s, &s->wr);
  s->port->ops->clear(s->port);
  s->r_held = s->b_held = false;
}

int axi_mem_settle(struct axi_mem *s, unsigned eighth) {
  const int ret = (s->rd.n | s->wr.n) != 0 ? -EBUSY : s->port->ops->settle(s->port, eighth);
  if (ret != 0)
    return ret;
  s->write_turn[0] = s->write_turn[1] = false;
  s->rng = s->seed;
  return 0;
}

static void breach(struct axi_mem *s, const char *what, const struct axi_request *q) {
  fprintf(stderr,
          "AXI: %s (address 0x%" PRIx64
          ", %u beats, size %u, burst type %u, id %u, traffic class %u)\n",
          what, q->addr, q->beats, q->size, q->burst, q->id, q->traffic);
  s->broken = true;
}

// Accepts a burst. Memory bursts are only made where it answers OKAY.
static struct txn *accept(struct axi_mem *s, struct side *d, bool write,
                          const struct axi_request *q) {
  const uint64_t bytes = (uint64_t)q->beats * s->beat;
  const uint64_t page_left = SHIRA_PAGE_BYTES - q->addr % SHIRA_PAGE_BYTES;
  if (q->burst != INCR || (1u << q->size) != s->beat || q->addr % s->beat != 0)
    breach(s, "only whole aligned beats in INCR bursts", q);
  else if (bytes > s->longest)
    breach(s, "burst longer than the machine's longest", q);
  else if (bytes > page_left)
    breach(s, "burst crosses a 4 KiB boundary", q);
  else if (q->prot != PROT || q->cache != CACHE)
    breach(s, "not an access of normal memory", q);
  else if (q->traffic >= SHIRA_TRAFFIC_COUNT)
    breach(s, "unknown traffic class", q);
  if (s->broken)
    return NULL;
  const uint8_t index = d->free[--d->n_free];
  struct txn *t = &d->txn[index];
  t->addr = q->addr;
  t->bytes = (uint32_t)bytes;
  t->moved = t->segments = t->issued = t->done = 0;
  t->id = q->id;
  t->traffic = q->traffic;
  t->resp = OKAY;
  t->last = false;
  t->host = q->addr >= s->host_addr;
  d->order[d->n++] = index;
  d->look = true;
  switch (shira_fault_burst(s->fault, write, q->addr, bytes)) {
  case SHIRA_FAULT_READ_SLVERR:
  case SHIRA_FAULT_WRITE_SLVERR:
    t->resp = SLVERR;
    break;
  case SHIRA_FAULT_READ_DECERR:
  case SHIRA_FAULT_WRITE_DECERR:
    t->resp = DECERR;
    break;
  default:
    if (!s->port->ops->reaches(s->port, q->addr, bytes))
      t->resp = DECERR;
  }
  if (t->resp == OKAY) {
    const uint64_t first = q->addr / s->burst, last = (q->addr + bytes - 1) / s->burst;
    t->segments = (uint32_t)(last - first + 1);
    memset(t->flag, 0, t->segments);
  }
  return t;
}

// Part of txn `t` that its memory burst number `segment` covers: offset in the txn, and length.
static uint32_t segment_span(const struct axi_mem *s, const struct txn *t, uint32_t segment,
                             uint32_t *bytes) {
  const uint32_t skew = (uint32_t)(t->addr & (s->burst - 1));
  const uint32_t from = segment == 0 ? 0 : segment * s->burst - skew;
  uint32_t to = (segment + 1) * s->burst - skew;
  to = to < t->bytes ? to : t->bytes;
  *bytes = to - from;
  return from;
}

// A memory burst of the first txn of that memory that has one goes to the port.
static bool issue_one(struct axi_mem *s, struct side *d, bool write, bool host) {
  const uint8_t index = d->order[d->issue[host]];
  struct txn *t = &d->txn[index];
  struct shira_burst b = {.write = write, .traffic = t->traffic};
  const uint32_t from = segment_span(s, t, t->issued, &b.bytes);
  b.addr = t->addr + from;
  b.data = t->data + from;
  b.strobe = t->strb + from;
  if (!s->port->ops->push(s->port, &b, ((uint32_t)index << 1 | write) << s->tag_shift | t->issued))
    return false;
  t->issued++;
  return true;
}

// Moves `issue` past what is handed over already; true if something can be handed over.
static bool can_issue(const struct axi_mem *s, struct side *d, bool write, bool host) {
  for (; d->issue[host] < d->n; d->issue[host]++) {
    const struct txn *t = &d->txn[d->order[d->issue[host]]];
    if (t->host != host)
      continue;
    if (t->issued < t->segments) {
      if (!write)
        return true;
      uint32_t bytes;
      const uint32_t from = segment_span(s, t, t->issued, &bytes);
      return t->moved >= from + bytes;
    }
    if (write && t->moved < t->bytes)
      return false; // an error that still takes its data
  }
  return false;
}

// Reads and writes of one memory, in turn where both wait.
static void issue(struct axi_mem *s, bool host) {
  for (;;) {
    const bool r = can_issue(s, &s->rd, false, host), w = can_issue(s, &s->wr, true, host);
    if (!r && !w)
      return;
    const bool write = w && (!r || s->write_turn[host]);
    if (!issue_one(s, write ? &s->wr : &s->rd, write, host))
      return;
    s->write_turn[host] = !write;
  }
}

static void finish(struct axi_mem *s) {
  uint32_t tag;
  while (s->port->ops->pop(s->port, &tag)) {
    const uint32_t segment = tag & ((1u << s->tag_shift) - 1);
    const uint32_t index = tag >> s->tag_shift;
    struct side *d = (index & 1) != 0 ? &s->wr : &s->rd;
    struct txn *t = &d->txn[index >> 1];
    d->look = true;
    t->flag[segment] = 1;
    for (; t->done < t->segments && t->flag[t->done]; t->done++) {
      const uint8_t resp = (uint8_t)s->port->ops->commit(s->port, index << s->tag_shift | t->done);
      if (resp != OKAY)
        t->resp = resp;
    }
  }
}

static bool r_ready(const struct axi_mem *s, const struct txn *t) {
  if (t->done == t->segments)
    return true;
  if (t->done == 0)
    return false;
  uint32_t bytes;
  const uint32_t from = segment_span(s, t, t->done - 1, &bytes);
  return t->moved + s->beat <= from + bytes;
}

static bool b_ready(const struct txn *t) {
  return t->last && t->done == t->segments;
}

// Chooses a txn whose next response is ready and that is the oldest of its ID: the oldest of all,
// or with stalls a random one. -1: none.
static int choose(struct axi_mem *s, struct side *d, bool write, uint32_t random) {
  if (!d->look)
    return -1;
  uint32_t seen = 0;
  int found = -1;
  uint32_t n = 0;
  for (uint32_t i = 0; i < d->n; i++) {
    const struct txn *t = &d->txn[d->order[i]];
    const bool oldest = (seen >> t->id & 1) == 0;
    seen |= 1u << t->id;
    if (!oldest || !(write ? b_ready(t) : r_ready(s, t)))
      continue;
    if (s->stall == 0)
      return d->order[i];
    if (random % ++n == 0)
      found = d->order[i];
  }
  if (found < 0)
    d->look = false;
  return found;
}

static void retire(struct side *d, int index) {
  uint32_t at = 0;
  while (d->order[at] != index)
    at++;
  d->n--;
  memmove(d->order + at, d->order + at + 1, d->n - at);
  for (unsigned i = 0; i < 2; i++)
    if (d->issue[i] > at)
      d->issue[i]--;
  if (d->fill > at)
    d->fill--;
  d->free[d->n_free++] = (uint8_t)index;
  d->look = true;
}

static void take_beat(struct axi_mem *s, const struct axi_edge *e) {
  struct side *d = &s->wr;
  struct txn *t = &d->txn[d->order[d->fill]];
  memcpy(t->data + t->moved, e->wdata, s->beat);
  for (uint32_t i = 0; i < s->beat; i++)
    t->strb[t->moved + i] = e->wstrb[i / 8] >> i % 8 & 1;
  t->moved += s->beat;
  if (e->wlast != (t->moved == t->bytes)) {
    const struct axi_request q = {t->addr, t->bytes / s->beat, t->id, 0,
                                  INCR,    t->traffic,         PROT,  CACHE};
    breach(s, "WLAST at the wrong beat", &q);
    return;
  }
  if (e->wlast) {
    t->last = true;
    d->fill++;
    d->look = true;
  }
}

// What the edge handed over.
static void take_edge(struct axi_mem *s, const struct axi_edge *e) {
  if (e->r) {
    struct txn *t = &s->rd.txn[s->rd.current];
    t->moved += s->beat;
    s->r_held = false;
    if (t->moved == t->bytes) {
      retire(&s->rd, s->rd.current);
      s->rd.current = -1;
    } else if (s->stall != 0) {
      s->rd.current = -1; // another ID may come between
      s->rd.look = true;
    }
  }
  if (e->b) {
    retire(&s->wr, s->wr.current);
    s->wr.current = -1;
    s->b_held = false;
  }
  if (e->w)
    take_beat(s, e);
  if (e->ar)
    accept(s, &s->rd, false, &e->ar_req);
  if (e->aw && !s->broken)
    accept(s, &s->wr, true, &e->aw_req);
}

static void answer_read(struct axi_mem *s, bool gap, uint32_t random, struct axi_inputs *next) {
  if (!s->r_held) {
    if (gap)
      return;
    if (s->rd.current < 0)
      s->rd.current = choose(s, &s->rd, false, random);
    if (s->rd.current < 0 || !r_ready(s, &s->rd.txn[s->rd.current]))
      return;
    s->r_held = true;
  }
  const struct txn *t = &s->rd.txn[s->rd.current];
  next->rvalid = true;
  next->rid = t->id;
  next->rresp = t->resp;
  next->rlast = t->moved + s->beat == t->bytes;
  next->rdata = t->data + t->moved;
}

static void answer_write(struct axi_mem *s, bool gap, uint32_t random, struct axi_inputs *next) {
  if (!s->b_held) {
    if (gap)
      return;
    s->wr.current = choose(s, &s->wr, true, random);
    if (s->wr.current < 0)
      return;
    s->b_held = true;
  }
  const struct txn *t = &s->wr.txn[s->wr.current];
  next->bvalid = true;
  next->bid = t->id;
  next->bresp = t->resp;
}

bool axi_mem_quiet_step(struct axi_mem *s, struct axi_inputs *next) {
  memset(next, 0, sizeof *next);
  if ((s->rd.n | s->wr.n) != 0 && !s->fault->mute) {
    issue(s, false);
    issue(s, true);
    s->port->ops->tick(s->port);
    finish(s);
  } else {
    s->port->ops->tick(s->port);
  }
  const uint64_t r = s->stall != 0 ? random64(s) : UINT64_MAX;
  const uint8_t gap = s->stall;
  next->arready = s->rd.n_free != 0 && (uint8_t)r >= gap;
  next->awready = s->wr.n_free != 0 && (uint8_t)(r >> 8) >= gap;
  next->wready = s->wr.fill < s->wr.n && (uint8_t)(r >> 16) >= gap;
  if (!s->fault->mute) {
    if (s->rd.n != 0)
      answer_read(s, (uint8_t)(r >> 24) < gap, (uint32_t)(r >> 40), next);
    if (s->wr.n != 0)
      answer_write(s, (uint8_t)(r >> 32) < gap, (uint32_t)(r >> 40), next);
  }
  return !s->broken;
}

bool axi_mem_step(struct axi_mem *s, const struct axi_edge *edge, struct axi_inputs *next) {
  take_edge(s, edge);
  return axi_mem_quiet_step(s, next);
}

unsigned axi_mem_gaps(struct axi_mem *s) {
  unsigned gaps = 0;
  uint64_t r = s->stall != 0 ? random64(s) : UINT64_MAX;
  for (unsigned i = 0; i < 5; i++, r >>= 8)
    gaps |= (unsigned)((uint8_t)r < s->stall) << i;
  return gaps;
}
