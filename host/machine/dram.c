// Files of configs/dram.
#include "shira/dram.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "host/machine/schema.h"

#define KEY(path_, type_, member, flags_, min_, max_)                                              \
  {                                                                                                \
    .path = path_, .type = type_, .flags = flags_,                                                 \
    .offset = offsetof(struct shira_dram_standard, member), .min = min_, .max = max_               \
  }
#define TIMING(member) KEY("timing." #member, CFG_TIMING, member, 0, 0, 0)
#define TEXT_SIZE(member) sizeof((struct shira_dram_standard *)0)->member

static const struct cfg_key keys[] = {
    KEY("name", CFG_NAME, name, 0, 0, TEXT_SIZE(name)),
    KEY("source", CFG_TEXT, source, 0, 0, TEXT_SIZE(source)),
    KEY("data_rate", CFG_U32, data_rate, 0, 100, 100000),
    KEY("transfers_per_clock", CFG_U32, transfers_per_clock, CFG_POW2, 1, 16),
    KEY("channel_bits", CFG_U32, channel_bits, CFG_POW2, 8, 512),
    KEY("burst_length", CFG_U32, burst_length, CFG_POW2, 1, 64),
    KEY("bank_groups", CFG_U32, bank_groups, CFG_POW2, 1, 16),
    KEY("banks", CFG_U32, banks, CFG_POW2, 1, 32),
    KEY("rows", CFG_U32, rows, CFG_POW2, 16, 1u << 24),
    KEY("page_bytes", CFG_U32, page_bytes, CFG_POW2 | CFG_BYTES, 64, 65536),
    KEY("command_clocks.activate", CFG_U32, activate_clocks, 0, 1, 16),
    KEY("command_clocks.column", CFG_U32, column_clocks, 0, 1, 16),
    KEY("command_clocks.precharge", CFG_U32, precharge_clocks, 0, 1, 16),
    KEY("command_clocks.refresh", CFG_U32, refresh_clocks, 0, 1, 16),
    KEY("two_command_buses", CFG_BOOL, two_command_buses, 0, 0, 0),
    TIMING(trcd),
    TIMING(trp),
    TIMING(trp_all),
    TIMING(tras),
    TIMING(trc),
    TIMING(cl),
    TIMING(cwl),
    TIMING(tccd_s),
    TIMING(tccd_l),
    TIMING(tccd_masked),
    TIMING(trrd_s),
    TIMING(trrd_l),
    TIMING(tfaw),
    TIMING(twr),
    TIMING(twtr_s),
    TIMING(twtr_l),
    TIMING(trtp),
    TIMING(trtw),
    TIMING(trtrs),
    TIMING(trefi),
    TIMING(trfc),
    TIMING(trfc_bank),
    TIMING(trefpb_act),
    TIMING(trefpb),
};

#define N_KEYS (sizeof keys / sizeof *keys)
#define MOST_CLOCKS 1000000u // of one timing

// Timings in clocks must stay small enough to add, and what a burst is must be whole.
static int check(const struct cfg_file *f, const struct shira_dram_standard *s) {
  const struct cfg_node *root = f->root;
  const uint32_t burst = shira_dram_burst_bytes(s);
  if (s->burst_length < s->transfers_per_clock)
    return cfg_fail(f, cfg_find(root, "burst_length"), "'%u' does not fit; allowed: %u or more",
                    s->burst_length, s->transfers_per_clock);
  if (s->page_bytes < burst)
    return cfg_fail(f, cfg_find(root, "page_bytes"), "'%u' does not fit; allowed: %u or more",
                    s->page_bytes, burst);
  if ((uint64_t)s->bank_groups * s->banks > 64)
    return cfg_fail(f, cfg_find(root, "banks"), "'%u' does not fit; allowed: at most %u", s->banks,
                    64 / s->bank_groups);
  for (size_t i = 0; i < N_KEYS; i++) {
    if (keys[i].type != CFG_TIMING)
      continue;
    struct shira_timing t;
    memcpy(&t, (const char *)s + keys[i].offset, sizeof t);
    if (shira_dram_clocks(s, t) > MOST_CLOCKS)
      return cfg_fail(f, cfg_find(root, keys[i].path), "is too long; allowed: at most %u clocks",
                      MOST_CLOCKS);
  }
  if (shira_dram_clocks(s, s->trefi) <= shira_dram_clocks(s, s->trfc))
    return cfg_fail(f, cfg_find(root, "timing.trefi"), "does not fit; allowed: above trfc");
  return 0;
}

int shira_dram_standard_load(const char *path, struct shira_dram_standard *standard,
                             struct shira_error *error) {
  struct cfg_file f;
  struct shira_dram_standard s;
  memset(&s, 0, sizeof s);
  int rc = cfg_open(&f, path, error);
  if (rc)
    return rc;
  rc = cfg_read(&f, f.root, keys, N_KEYS, &s);
  if (!rc)
    rc = check(&f, &s);
  if (!rc)
    *standard = s;
  cfg_close(&f);
  return rc;
}
