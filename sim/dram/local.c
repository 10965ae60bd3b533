// The simulator's own memory as a port: data at once, time from the memory models.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/dram/dram.h"
#include "sim/memory.h"
#include "sim/port.h"

struct local {
  struct shira_port base; // first
  struct shira_memory *memory;
  struct shira_dram *dram;
  uint32_t burst; // bytes, a power of two
  uint32_t tags;
  struct shira_burst *pending; // [tags]
  bool *ok;                    // [tags]
};

static bool reaches(struct shira_port *base, uint64_t addr, uint64_t bytes) {
  return shira_memory_at(((struct local *)base)->memory, addr, bytes) != NULL;
}

static bool whole(const struct local *p, const struct shira_burst *b) {
  return b->bytes == p->burst && memchr(b->strobe, 0, b->bytes) == NULL;
}

static bool push(struct shira_port *base, const struct shira_burst *b, uint32_t tag) {
  struct local *p = (struct local *)base;
  const enum shira_dram_kind kind = !b->write     ? SHIRA_DRAM_READ
                                    : whole(p, b) ? SHIRA_DRAM_WRITE
                                                  : SHIRA_DRAM_MASKED_WRITE;
  if (!shira_dram_push(p->dram, b->addr & ~(uint64_t)(p->burst - 1), kind, b->traffic, tag))
    return false;
  p->pending[tag] = *b;
  p->ok[tag] = true;
  if (b->write)
    return true;
  const uint8_t *at = shira_memory_at(p->memory, b->addr, b->bytes);
  p->ok[tag] = at != NULL; // it may have been unmapped meanwhile
  if (at != NULL)
    memcpy(b->data, at, b->bytes);
  else
    memset(b->data, 0, b->bytes);
  return true;
}

static void tick(struct shira_port *base) {
  shira_dram_tick(((struct local *)base)->dram);
}

static bool write_now(struct local *p, const struct shira_burst *b) {
  uint8_t *at = shira_memory_at(p->memory, b->addr, b->bytes);
  if (at == NULL)
    return false;
  if (memchr(b->strobe, 0, b->bytes) == NULL) {
    memcpy(at, b->data, b->bytes);
  } else {
    for (uint32_t i = 0; i < b->bytes; i++)
      if (b->strobe[i])
        at[i] = b->data[i];
  }
  return true;
}

static bool pop(struct shira_port *base, uint32_t *tag) {
  return shira_dram_pop(((struct local *)base)->dram, tag);
}

static enum shira_port_answer commit(struct shira_port *base, uint32_t tag) {
  struct local *p = (struct local *)base;
  const struct shira_burst *b = &p->pending[tag];
  const bool ok = b->write ? write_now(p, b) : p->ok[tag];
  return ok ? SHIRA_PORT_OKAY : SHIRA_PORT_DECERR;
}

static void clear(struct shira_port *base) {
  shira_dram_clear(((struct local *)base)->dram);
}

static int settle(struct shira_port *base, unsigned eighth) {
  struct local *p = (struct local *)base;
  if (p->dram->in_flight != 0)
    return -EBUSY;
  shira_dram_settle(p->dram, eighth);
  return 0;
}

static void close_port(struct shira_port *base) {
  struct local *p = (struct local *)base;
  shira_dram_close(p->dram);
  free(p->pending);
  free(p->ok);
  free(p);
}

static const struct shira_dram_stats *stats(struct shira_port *base) {
  return shira_dram_stats(((struct local *)base)->dram);
}

static const struct shira_port_ops local_ops = {
    .reaches = reaches,
    .push = push,
    .tick = tick,
    .pop = pop,
    .commit = commit,
    .clear = clear,
    .settle = settle,
    .close = close_port,
    .stats = stats,
};

int shira_local_port_open(const struct shira_machine *m, struct shira_memory *memory, uint32_t tags,
                          FILE *trace, struct shira_port **port, struct shira_error *error) {
  *port = NULL;
  struct local *p = calloc(1, sizeof *p);
  if (p == NULL)
    return shira_fail(error, ENOMEM, "no memory for the memory port");
  p->base.ops = &local_ops;
  p->memory = memory;
  p->burst = m->memory_burst_bytes;
  p->tags = tags;
  p->pending = calloc(tags, sizeof *p->pending);
  p->ok = calloc(tags, sizeof *p->ok);
  int ret = p->pending == NULL || p->ok == NULL
                ? shira_fail(error, ENOMEM, "no memory for the memory port")
                : shira_dram_both_open(m, trace, &p->dram, error);
  if (ret != 0) {
    close_port(&p->base);
    return ret;
  }
  *port = &p->base;
  return 0;
}
