#include "host/report/measure.h"

#include <math.h>

#include "host/base/fields.h"
#include "host/report/label.h"

const char *side_name(unsigned side) {
  static const char *const name[SIDES] = {"shira", "lora", "same"};
  return side < SIDES ? name[side] : NULL;
}

// ---- Figures ----------------------------------------------------------------------------------

double measure_us(const struct shira_report *r, const struct shira_result *it) {
  return text_cycles_us(r, &it->key, (double)shira_figure(&it->m));
}

uint64_t measure_low(const struct shira_measure *m) {
  uint64_t low = shira_figure(m);
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
  const uint64_t figure = shira_figure(m);
  return figure ? shira_field_rounded(m->bound_cycles) / (double)figure : NAN;
}

// ---- Costs ------------------------------------------------------------------------------------

struct cost cost_of(const struct shira_measure *m) {
  struct cost c = {.figure = (double)shira_figure(m)};
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
  int sign = 0;
  for (unsigned e = 0; e < SHIRA_MAX_SAMPLES; e++) {
    const int s = (a->at[e] > b->at[e]) - (a->at[e] < b->at[e]);
    if (!(a->has & b->has & 1u << e))
      continue;
    if (!s || (sign && s != sign))
      return 0;
    sign = s;
  }
  return sign;
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
