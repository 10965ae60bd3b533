// A DRAM beside the device: its channels, the two clocks, and the way between.
#include <errno.h>
#include <stdlib.h>

#include "sim/dram/channel.h"
#include "sim/dram/dram.h"
#include "sim/dram/trace.h"

struct model {
  struct shira_dram base; // first
  struct shira_dram_map map;
  uint32_t burst_shift;
  uint32_t channels;
  struct shira_dram_channel *channel[16];
  uint64_t wake[16];                 // clock from which a channel may have something to do
  uint64_t first_wake;               // the least of them
  uint32_t shared;                   // channels that share command buses
  uint64_t next_done;                // nothing is done before this clock; 0: not known
  uint64_t cycle, clock;             // of the device and of the DRAM that went by
  uint64_t phase;                    // what is left of the device's time, in parts of `clock_parts`
  uint64_t cycle_parts, clock_parts; // a device cycle, a DRAM clock; exact, so that nothing drifts
  uint64_t latency;                  // clocks of the controller and the way
  uint64_t refresh;                  // clocks of tREFI
  uint64_t settled;                  // clocks that went by before it was settled
  struct shira_dram_stats stats;
};

static bool model_push(struct shira_dram *base, uint64_t addr, enum shira_dram_kind kind,
                       unsigned traffic, uint32_t tag) {
  struct model *d = (struct model *)base;
  const uint64_t burst = (addr - SHIRA_MEMORY_BASE) >> d->burst_shift;
  const struct shira_dram_place place = shira_dram_place_of(&d->map, burst);
  const uint32_t ch = place.channel;
  if (!shira_dram_channel_push(d->channel[ch], burst, &place, kind, traffic, tag, d->cycle,
                               d->clock))
    return false;
  base->in_flight++;
  if (d->wake[ch] > d->clock)
    d->wake[ch] = d->clock;
  if (d->first_wake > d->clock)
    d->first_wake = d->clock;
  return true;
}

// Runs the channels that share command buses up to the clock of now, each clock of all before the
// next; who goes first changes from clock to clock.
static void run_shared(struct model *d, uint32_t first) {
  for (;;) {
    uint32_t next = first;
    for (uint32_t i = first + 1; i < first + d->shared; i++)
      if (d->wake[i] < d->wake[next] || (d->wake[i] == d->wake[next] && (d->wake[i] & 1) != 0))
        next = i;
    if (d->wake[next] >= d->clock)
      return;
    d->wake[next] = shira_dram_channel_run(d->channel[next], d->wake[next] + 1);
  }
}

static void model_tick(struct shira_dram *base) {
  struct model *d = (struct model *)base;
  d->cycle++;
  d->phase += d->cycle_parts;
  while (d->phase >= d->clock_parts) {
    d->phase -= d->clock_parts;
    d->clock++;
  }
  if (d->first_wake >= d->clock)
    return;
  d->first_wake = UINT64_MAX;
  d->next_done = 0;
  for (uint32_t i = 0; i < d->channels; i++) {
    if (d->shared > 1 && i % d->shared == 0)
      run_shared(d, i);
    else if (d->wake[i] < d->clock)
      d->wake[i] = shira_dram_channel_run(d->channel[i], d->clock);
    if (d->wake[i] < d->first_wake)
      d->first_wake = d->wake[i];
  }
}

static void count_done(struct model *d, const struct shira_dram_done *done) {
  const uint64_t cycles = d->cycle - done->came;
  if (done->read)
    shira_dram_stats_latency(&d->stats, cycles);
  if (cycles > d->stats.longest)
    d->stats.longest = cycles;
}

static bool model_pop(struct shira_dram *base, uint32_t *tag) {
  struct model *d = (struct model *)base;
  if (d->clock < d->next_done)
    return false;
  d->next_done = UINT64_MAX;
  for (uint32_t i = 0; i < 2 * d->channels; i++) {
    const bool write = i & 1;
    const struct shira_dram_done *done = shira_dram_channel_done(d->channel[i / 2], write);
    if (done == NULL)
      continue;
    if (done->clock + d->latency <= d->clock) {
      *tag = done->tag;
      count_done(d, done);
      shira_dram_channel_drop(d->channel[i / 2], write);
      base->in_flight--;
      d->next_done = 0;
      return true;
    }
    if (done->clock + d->latency < d->next_done)
      d->next_done = done->clock + d->latency;
  }
  return false;
}

static bool model_certain(struct shira_dram *base, uint32_t *tag, uint64_t *cycles) {
  struct model *d = (struct model *)base;
  for (uint32_t i = 0; i < 2 * d->channels; i++) {
    const struct shira_dram_done *done = shira_dram_channel_certain(d->channel[i / 2], i & 1);
    if (done == NULL)
      continue;
    *tag = done->tag;
    *cycles = 0;
    if (done->clock + d->latency > d->clock) {
      const uint64_t parts = (done->clock + d->latency - d->clock) * d->clock_parts - d->phase;
      *cycles = (parts + d->cycle_parts - 1) / d->cycle_parts;
    }
    return true;
  }
  return false;
}

static void model_clear(struct shira_dram *base) {
  struct model *d = (struct model *)base;
  for (uint32_t i = 0; i < d->channels; i++)
    shira_dram_channel_clear(d->channel[i]);
  base->in_flight = 0;
  d->next_done = 0;
}

static void model_settle(struct shira_dram *base, unsigned eighth) {
  struct model *d = (struct model *)base;
  for (uint32_t i = 0; i < d->channels; i++) {
    shira_dram_channel_settle(d->channel[i], eighth * d->refresh / 8, d->clock);
    d->wake[i] = 0;
  }
  d->settled += d->clock;
  d->cycle = d->clock = d->phase = 0;
  d->first_wake = 0;
  d->stats.longest = 0;
}

static void model_close(struct shira_dram *base) {
  struct model *d = (struct model *)base;
  for (uint32_t i = 0; i < d->channels; i++)
    shira_dram_channel_free(d->channel[i]);
  free(d);
}

static const struct shira_dram_stats *model_stats(struct shira_dram *base) {
  struct model *d = (struct model *)base;
  d->stats.clocks = (d->settled + d->clock) * d->channels;
  for (uint32_t i = 0; i < d->channels; i++)
    shira_dram_channel_count_open(d->channel[i], d->clock);
  return &d->stats;
}

static const struct shira_dram_ops model_ops = {
    .push = model_push,
    .tick = model_tick,
    .pop = model_pop,
    .certain = model_certain,
    .clear = model_clear,
    .settle = model_settle,
    .close = model_close,
    .stats = model_stats,
};

static int model_open(const struct shira_machine *m, FILE *trace, struct shira_dram **dram,
                      struct shira_error *error) {
  const struct shira_dram_setup *s = &m->dram;
  struct model *d = calloc(1, sizeof *d);
  if (d == NULL)
    return shira_fail(error, ENOMEM, "no memory for the memory model");
  d->base.ops = &model_ops;
  d->map = shira_dram_map_of(s);
  d->burst_shift = (uint32_t)__builtin_ctz(m->memory_burst_bytes);
  d->cycle_parts = s->standard.data_rate;
  d->clock_parts = (uint64_t)s->standard.transfers_per_clock * m->clock_mhz;
  d->latency = (m->memory_latency * d->cycle_parts + d->clock_parts - 1) / d->clock_parts;
  d->refresh = shira_dram_refresh_interval(s);
  d->first_wake = 0;
  if (trace != NULL)
    shira_dram_trace_start(trace, s);
  for (; d->channels < s->channels; d->channels++) {
    d->channel[d->channels] = shira_dram_channel_new(s, d->channels, trace, &d->stats);
    if (d->channel[d->channels] == NULL) {
      model_close(&d->base);
      return shira_fail(error, ENOMEM, "no memory for the memory model");
    }
  }
  d->shared = s->standard.pseudo_channels < d->channels ? s->standard.pseudo_channels : d->channels;
  for (uint32_t i = 0; i < d->channels; i++)
    if (i % d->shared != 0)
      shira_dram_channel_share(d->channel[i], d->channel[i - i % d->shared]);
  *dram = &d->base;
  return 0;
}

uint32_t shira_dram_refresh_cycles(const struct shira_machine *m) {
  const struct shira_dram_standard *s = &m->dram.standard;
  if (!m->has_dram)
    return 0;
  const uint64_t clock_parts = (uint64_t)s->transfers_per_clock * m->clock_mhz;
  const uint64_t parts = shira_dram_refresh_interval(&m->dram) * clock_parts;
  return (uint32_t)((parts + s->data_rate / 2) / s->data_rate);
}

int shira_dram_open(const struct shira_machine *m, FILE *trace, struct shira_dram **dram,
                    struct shira_error *error) {
  *dram = NULL;
  if (m->has_dram)
    return model_open(m, trace, dram, error);
  if (trace != NULL)
    return shira_fail(error, EINVAL, "machine '%s' has no DRAM whose commands could be traced",
                      m->name);
  return shira_dram_fixed_open(m, SHIRA_MEM_LOCAL, dram, error);
}
