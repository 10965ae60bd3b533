// What the counters of the device's memory say: shares, percentiles, bursts touched.
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "host/report/view.h"

static double share(double part, double all) {
  return all > 0 ? part / all : NAN;
}

// Clocks of all channels in that many device cycles. The counters' own clocks run a little longer
// than the program, from one access of the host to the next.
static double dram_clocks(const struct shira_machine *hw, uint64_t cycles) {
  const struct shira_dram_standard *s = &hw->dram.standard;
  return (double)cycles * s->data_rate / ((double)s->transfers_per_clock * hw->clock_mhz) *
         hw->dram.channels;
}

struct view_memory view_memory(const struct shira_report *r, const struct shira_measure *m) {
  const struct shira_machine *hw = &r->machine;
  const struct shira_dram_stats *s = &m->memory;
  const uint64_t writes = s->bursts[SHIRA_DRAM_WRITE] + s->bursts[SHIRA_DRAM_MASKED_WRITE];
  struct view_memory v = {
      .reads = s->bursts[SHIRA_DRAM_READ],
      .writes = writes,
      .bytes_read = s->bursts[SHIRA_DRAM_READ] * hw->memory_burst_bytes,
      .bytes_written = writes * hw->memory_burst_bytes,
      .row_hits = NAN,
      .refresh = NAN,
      .turnaround = NAN,
      .p50 = shira_dram_stats_percentile(s, 0.5),
      .p90 = shira_dram_stats_percentile(s, 0.9),
      .p99 = shira_dram_stats_percentile(s, 0.99),
      .longest = shira_dram_stats_percentile(s, 1),
  };
  if (!hw->has_dram) { // bytes of what the peak gives in that time
    v.bus = share((double)(v.bytes_read + v.bytes_written),
                  hw->memory_peak_mb_s * view_us(r, (double)m->cycles));
    return v;
  }
  const double clocks = dram_clocks(hw, m->cycles);
  // Of what went over the bus: with ECC a masked write is a read too.
  v.row_hits = share((double)s->row_hits, (double)(s->row_hits + s->row_misses + s->row_conflicts));
  v.bus = share((double)s->bus_clocks, clocks);
  v.refresh = share((double)s->refresh_clocks, clocks);
  v.turnaround = share((double)s->turnaround_clocks, clocks);
  return v;
}

uint64_t view_class_bursts(const struct shira_measure *m, unsigned traffic) {
  uint64_t all = 0;
  for (unsigned kind = 0; kind < SHIRA_DRAM_KINDS; kind++)
    all += m->memory.traffic[traffic][kind];
  return all;
}

bool view_memory_counts(const struct shira_report *r, unsigned i) {
  return r->machine.has_dram || i < offsetof(struct shira_dram_stats, row_hits) / sizeof(uint64_t);
}

bool view_touched(const struct shira_report *r, const struct shira_result *it,
                  struct view_touched *t) {
  const uint32_t w = r->machine.memory_burst_bytes; // a weight is a byte
  if (strcmp(it->strategy, "shira-dram") || !view_timed_switch(it) || !it->streams || !w ||
      !it->image_bytes)
    return false;
  // The class of traffic tells the writes of weights from completions and streams written back.
  t->written = traffic_written(&it->sw, SHIRA_TRAFFIC_WEIGHT) / w;
  t->bursts = (it->image_bytes + w - 1) / w;
  t->measured = (double)t->written / ((double)t->bursts * it->streams);
  t->density = (double)it->updates / ((double)it->image_bytes * it->streams);
  t->expected = strcmp(it->mask, "rand") ? NAN : 1 - pow(1 - t->density, w);
  return true;
}

bool view_is_best_undo(const struct shira_report *r, const struct shira_result *me) {
  const uint32_t i = (uint32_t)(me - r->results);
  if (!view_is_main_switch(r, i) || !view_timed_switch(me))
    return false;
  for (uint32_t k = 0; k < r->n_results; k++) {
    const struct shira_result *it = &r->results[k];
    if (k == i || !view_is_main_switch(r, k) || !view_same_workload(me, it) ||
        strcmp(me->strategy, it->strategy) || strcmp(me->mask, it->mask) ||
        strcmp(me->kept, it->kept))
      continue;
    if (it->sw.cycles < me->sw.cycles || (it->sw.cycles == me->sw.cycles && k < i))
      return false;
  }
  return true;
}
