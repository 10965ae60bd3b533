// Two memories behind one interface, told apart by address.
#include <errno.h>
#include <stdlib.h>

#include "sim/dram/dram.h"

struct split {
  struct shira_dram base; // first
  struct shira_dram *local, *host;
  uint64_t host_addr;
};

static bool split_push(struct shira_dram *base, uint64_t addr, enum shira_dram_kind kind,
                       unsigned traffic, uint32_t tag) {
  struct split *d = (struct split *)base;
  if (!shira_dram_push(addr >= d->host_addr ? d->host : d->local, addr, kind, traffic, tag))
    return false;
  base->in_flight++;
  return true;
}

static void split_tick(struct shira_dram *base) {
  struct split *d = (struct split *)base;
  shira_dram_tick(d->local);
  shira_dram_tick(d->host);
}

static bool split_pop(struct shira_dram *base, uint32_t *tag) {
  struct split *d = (struct split *)base;
  if (!shira_dram_pop(d->local, tag) && !shira_dram_pop(d->host, tag))
    return false;
  base->in_flight--;
  return true;
}

static bool split_certain(struct shira_dram *base, uint32_t *tag, uint64_t *cycles) {
  struct split *d = (struct split *)base;
  return shira_dram_certain(d->local, tag, cycles) || shira_dram_certain(d->host, tag, cycles);
}

static const struct shira_dram_stats *split_stats(struct shira_dram *base) {
  return shira_dram_stats(((struct split *)base)->local);
}

static void split_clear(struct shira_dram *base) {
  struct split *d = (struct split *)base;
  shira_dram_clear(d->local);
  shira_dram_clear(d->host);
  base->in_flight = 0;
}

static void split_settle(struct shira_dram *base, unsigned eighth) {
  struct split *d = (struct split *)base;
  shira_dram_settle(d->local, eighth);
  shira_dram_settle(d->host, eighth);
}

static void split_close(struct shira_dram *base) {
  struct split *d = (struct split *)base;
  shira_dram_close(d->local);
  shira_dram_close(d->host);
  free(d);
}

static const struct shira_dram_ops split_ops = {
    .push = split_push,
    .tick = split_tick,
    .pop = split_pop,
    .certain = split_certain,
    .stats = split_stats,
    .clear = split_clear,
    .settle = split_settle,
    .close = split_close,
};

int shira_dram_split_open(struct shira_dram *local, struct shira_dram *host, uint64_t host_addr,
                          struct shira_dram **dram, struct shira_error *error) {
  struct split *d = calloc(1, sizeof *d);
  *dram = NULL;
  if (d == NULL) {
    shira_dram_close(local);
    shira_dram_close(host);
    return shira_fail(error, ENOMEM, "no memory for the memory model");
  }
  *d = (struct split){.base.ops = &split_ops, .local = local, .host = host, .host_addr = host_addr};
  *dram = &d->base;
  return 0;
}

int shira_dram_both_open(const struct shira_machine *m, FILE *trace, struct shira_dram **dram,
                         struct shira_error *error) {
  struct shira_dram *own = NULL, *host = NULL;
  *dram = NULL;
  int ret = shira_dram_open(m, trace, &own, error);
  if (ret == 0)
    ret = shira_dram_fixed_open(m, SHIRA_MEM_HOST, &host, error);
  if (ret == 0)
    return shira_dram_split_open(own, host, SHIRA_MEMORY_BASE + m->memory_bytes, dram, error);
  shira_dram_close(own);
  return ret;
}
