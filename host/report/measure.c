#include "host/report/measure.h"

#include <math.h>

#include "host/base/fields.h"

const char *side_name(unsigned side) {
  static const char *const name[SIDES] = {"shira", "lora", "same"};
  return side < SIDES ? name[side] : NULL;
}

// ---- Figures ----------------------------------------------------------------------------------

uint64_t measure_figure(const struct shira_measure *m) {
  return m->n_samples ? m->sample[m->median].cycles : 0;
}

uint64_t measure_low(const struct shira_measure *m) {
  uint64_t low = measure_figure(m);
  for (uint32_t i = 0; i < m->n_samples; i++)
    low = m->sample[i].cycles < low ? m->sample[i].cycles : low;
  return low;
}

uint64_t measure_high(const struct shira_measure *m) {
  uint64_t high = 0;
  for (uint32_t i = 0; i < m->n_samples; i++)
    high = m->sample[i].cycles > high ? m->sample[i].cycles : high;
  return high;
}

double measure_of_bound(const struct shira_measure *m) {
  const uint64_t figure = measure_figure(m);
  return figure ? shira_field_rounded(m->bound_cycles) / (double)figure : NAN;
}

// ---- Costs ------------------------------------------------------------------------------------

struct cost cost_of(const struct shira_measure *m) {
  struct cost c = {.figure = (double)measure_figure(m)};
  if (m->n_samples == 1 && !m->sample[0].cycles)
    c.has = (1u << SHIRA_MAX_SAMPLES) - 1;
  for (uint32_t i = 0; i < m->n_samples; i++) {
    c.at[m->sample[i].eighth] = (double)m->sample[i].cycles;
    c.has |= 1u << m->sample[i].eighth;
  }
  return c;
}

struct cost cost_sum(const struct cost *a, double times, const struct cost *b) {
  struct cost c = {.figure = a->figure + times * b->figure, .has = a->has & b->has};
  for (unsigned e = 0; e < SHIRA_MAX_SAMPLES; e++)
    c.at[e] = a->at[e] + times * b->at[e];
  return c;
}

int cost_less(const struct cost *a, const struct cost *b) {
  const uint32_t common = a->has & b->has;
  uint32_t less = 0, more = 0;
  for (unsigned e = 0; e < SHIRA_MAX_SAMPLES; e++)
    if (common & 1u << e) {
      less |= (uint32_t)(a->at[e] < b->at[e]) << e;
      more |= (uint32_t)(a->at[e] > b->at[e]) << e;
    }
  return common && less == common ? -1 : common && more == common ? 1 : 0;
}

struct ratio cost_ratio(const struct cost *a, const struct cost *b) {
  struct ratio r = {b->figure > 0 ? a->figure / b->figure : NAN, NAN, NAN};
  for (unsigned e = 0; e < SHIRA_MAX_SAMPLES; e++)
    if (a->has & b->has & 1u << e && b->at[e] > 0) {
      r.low = fmin(r.low, a->at[e] / b->at[e]); // of NAN and a number the number
      r.high = fmax(r.high, a->at[e] / b->at[e]);
    }
  return r;
}

struct overhead measure_overhead(const struct shira_result *pass, const struct shira_result *base) {
  if (!index_timed(pass) || !index_timed(base))
    return (struct overhead){.share = {NAN, NAN, NAN}};
  const struct cost p = cost_of(&pass->m), b = cost_of(&base->m);
  const struct ratio r = cost_ratio(&p, &b);
  return (struct overhead){{r.figure - 1, r.low - 1, r.high - 1}, cost_less(&p, &b) == 0};
}

// ---- Memory -----------------------------------------------------------------------------------

static double share(double part, double all) {
  return all > 0 ? part / all : NAN;
}

struct memory_shares measure_memory(const struct shira_machine *hw, const struct shira_measure *m) {
  const struct shira_dram_stats *s = &m->memory;
  const double cycles = (double)measure_figure(m);
  const double bursts = (double)(s->bursts[SHIRA_DRAM_READ] + s->bursts[SHIRA_DRAM_WRITE] +
                                 s->bursts[SHIRA_DRAM_MASKED_WRITE]);
  if (!hw->has_dram) // of what the peak gives in that time
    return (struct memory_shares){NAN,
                                  share(bursts * hw->memory_burst_bytes,
                                        hw->memory_peak_mb_s * cycles / hw->clock_mhz),
                                  NAN, NAN};
  // Clocks of all channels in that many cycles: the counters' own clocks run a little longer, from
  // one access of the host to the next.
  const struct shira_dram_standard *d = &hw->dram.standard;
  const double clocks = cycles * d->data_rate /
                        ((double)d->transfers_per_clock * hw->clock_mhz) * hw->dram.channels;
  const double rows = (double)(s->row_hits + s->row_misses + s->row_conflicts);
  return (struct memory_shares){
      share((double)s->row_hits, rows), share((double)s->bus_clocks, clocks),
      share((double)s->refresh_clocks, clocks), share((double)s->turnaround_clocks, clocks)};
}

static uint64_t sum_bytes(const struct shira_measure *m, unsigned first) {
  uint64_t sum = 0;
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++)
    sum += m->counters[first + c];
  return sum;
}

uint64_t measure_read_bytes(const struct shira_measure *m) {
  return sum_bytes(m, SHIRA_COUNTER_READ_BYTES_DESCRIPTOR);
}

uint64_t measure_written_bytes(const struct shira_measure *m) {
  return sum_bytes(m, SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR);
}
