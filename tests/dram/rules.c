#include "tests/dram/rules.h"

#include <string.h>

uint64_t rule_clocks(const struct shira_dram_standard *s, struct shira_timing t) {
  // A clock lasts 10^6 * transfers_per_clock / data_rate picoseconds.
  const uint64_t period = 1000000ull * s->transfers_per_clock;
  const uint64_t time = (uint64_t)t.ps * s->data_rate;
  uint64_t n = time / period;
  if (n * period < time)
    n++;
  return n < t.clocks ? t.clocks : n;
}

// `n` as standards count, from the last clock of the first command to the last of the second;
// traces have the first clock of each. Where an ACT is two commands, its second is counted.
static void pair(struct rules *r, enum kind first, enum kind second, unsigned where,
                 const char *name, uint64_t n) {
  if (n == 0 || n + r->bus_clocks[first] <= r->bus_clocks[second])
    return;
  n += r->bus_clocks[first];
  n -= r->bus_clocks[second];
  r->rule[first][second][r->n[first][second]++] = (struct rule){name, where, n};
  if (r->window < n)
    r->window = n;
}

static void activate_pairs(struct rules *r, const struct shira_dram_standard *s) {
#define CK(timing) rule_clocks(s, s->timing)
  pair(r, ACT, RD, BANK, "tRCD", CK(trcd));
  pair(r, ACT, WR, BANK, "tRCDWR", CK(trcd_write));
  pair(r, ACT, MWR, BANK, "tRCDWR", CK(trcd_write));
  pair(r, ACT, PRE, BANK, "tRAS", CK(tras));
  pair(r, ACT, PREA, WITHIN, "tRAS", CK(tras));
  pair(r, ACT, ACT, BANK, "tRC", CK(trc));
  pair(r, ACT, ACT, GROUP, "tRRD_L", CK(trrd_l));
  pair(r, ACT, ACT, RANK, "tRRD_S", CK(trrd_s));
  pair(r, ACT, REFPB, GROUP | RANK, "tREFPB_ACT", CK(trefpb_act));
}

static void precharge_pairs(struct rules *r, const struct shira_dram_standard *s) {
  static const enum kind pres[] = {PRE, PREA};
  for (unsigned i = 0; i < 2; i++)
    for (unsigned k = 0; k < 2; k++)
      pair(r, pres[i], pres[k], WITHIN, "tPPD", CK(tppd));
  pair(r, PRE, ACT, BANK, "tRP", CK(trp));
  pair(r, PRE, REFPB, BANK, "tRP", CK(trp));
  pair(r, PRE, REF, WITHIN, "tRP", CK(trp));
  pair(r, PREA, ACT, WITHIN, "tRPab", CK(trp_all));
  pair(r, PREA, REFPB, WITHIN, "tRPab", CK(trp_all));
  pair(r, PREA, REF, WITHIN, "tRPab", CK(trp_all));
}

static void refresh_pairs(struct rules *r, const struct shira_dram_standard *s) {
  pair(r, REF, ACT, WITHIN, "tRFC", CK(trfc));
  pair(r, REF, REF, WITHIN, "tRFC", CK(trfc));
  pair(r, REF, REFPB, WITHIN, "tRFC", CK(trfc));
  pair(r, REFPB, ACT, BANK, "tRFCpb", CK(trfc_bank));
  pair(r, REFPB, REFPB, BANK, "tRFCpb", CK(trfc_bank));
  pair(r, REFPB, REF, WITHIN, "tRFCpb", CK(trfc_bank));
  pair(r, REFPB, REFPB, GROUP | RANK, "tREFPB", CK(trefpb));
  pair(r, REFPB, ACT, GROUP | RANK, "tREFPB_ACT", CK(trefpb_act));
}

static void column_pairs(struct rules *r, const struct shira_dram_standard *s) {
  static const enum kind writes[] = {WR, MWR};
  const uint64_t done = r->write + r->burst;
  pair(r, RD, RD, BANK | GROUP, "tCCD_L", CK(tccd_l));
  pair(r, RD, RD, RANK, "tCCD_S", CK(tccd_s));
  pair(r, RD, PRE, BANK, "tRTP", CK(trtp));
  pair(r, RD, PREA, WITHIN, "tRTP", CK(trtp));
  for (unsigned i = 0; i < 2; i++) {
    const enum kind w = writes[i];
    for (unsigned k = 0; k < 2; k++) {
      pair(r, w, writes[k], BANK | GROUP, "tCCD_L_WR", CK(tccd_l_write));
      pair(r, w, writes[k], RANK, "tCCD_S", CK(tccd_s));
    }
    pair(r, w, MWR, BANK, "tCCDMW", CK(tccd_masked));
    pair(r, w, MWR, BANK | GROUP, "tCCDMW_L", CK(tccd_masked_l));
    pair(r, w, RD, BANK | GROUP, "tWTR_L", done + CK(twtr_l));
    pair(r, w, RD, RANK, "tWTR_S", done + CK(twtr_s));
    pair(r, w, PRE, BANK, "tWR", done + CK(twr));
    pair(r, w, PREA, WITHIN, "tWR", done + CK(twr));
    pair(r, RD, w, BANK | GROUP, "tRTW_L", CK(trtw_l));
    pair(r, RD, w, RANK, "tRTW_S", CK(trtw_s));
  }
}

static void set_buses(struct rules *r, const struct shira_dram_standard *s) {
  for (unsigned k = 0; k < KINDS; k++)
    r->bus_clocks[k] = column_command((enum kind)k) ? s->column_clocks : s->refresh_clocks;
  r->bus_clocks[ACT] = r->bus_clocks[ACT1] = s->activate_clocks;
  r->bus_clocks[PRE] = r->bus_clocks[PREA] = s->precharge_clocks;
  r->bus_clocks[CAS] = s->cas_clocks;
  r->bus_clocks[SETTLE] = 0;
}

void rules_of(const struct shira_dram_standard *s, struct rules *r) {
  memset(r, 0, sizeof *r);
  r->read = CK(cl), r->write = CK(cwl);
  r->burst = s->burst_length / s->transfers_per_clock;
  set_buses(r, s);
  // Data of two bursts, and the command bus, over all ranks: how long ago they may matter.
  r->window = (r->read > r->write ? r->read : r->write) + r->burst + CK(trtrs);
  for (unsigned k = 0; k < KINDS; k++)
    if (r->window < r->bus_clocks[k])
      r->window = r->bus_clocks[k];
  activate_pairs(r, s);
  precharge_pairs(r, s);
  refresh_pairs(r, s);
  column_pairs(r, s);
#undef CK
}
