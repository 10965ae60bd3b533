// Files of configs/dram.
#include "shira/dram.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "host/machine/tables.h"

#define KEY(path_, type_, member, flags_, min_, max_, unit_, meaning_, moves_)                     \
  {                                                                                                \
    .path = path_, .type = type_, .flags = flags_,                                                 \
    .offset = offsetof(struct shira_dram_standard, member), .min = min_, .max = max_,              \
    .unit = unit_, .meaning = meaning_, .moves = moves_                                            \
  }
#define TIMING(member, meaning_, moves_)                                                           \
  KEY("timing." #member, CFG_TIMING, member, 0, 0, 0, NULL, meaning_, moves_)
#define TEXT_SIZE(member) sizeof((struct shira_dram_standard *)0)->member

static const struct cfg_key keys[] = {
    KEY("name", CFG_NAME, name, 0, 0, TEXT_SIZE(name), NULL, "name of the standard and its speed",
        "nothing"),
    KEY("source", CFG_TEXT, source, 0, 0, TEXT_SIZE(source), NULL, "where the numbers come from",
        "nothing"),
    KEY("data_rate", CFG_U32, data_rate, 0, 100, 100000, "MT/s", "transfers of a pin",
        "peak of memory, and every bound by memory"),
    KEY("transfers_per_clock", CFG_U32, transfers_per_clock, CFG_POW2, 1, 16, NULL,
        "transfers of a pin in a command clock", "every timing that is given in clocks"),
    KEY("channel_bits", CFG_U32, channel_bits, CFG_POW2, 8, 512, "bits", "data pins of a channel",
        "peak of memory, and every bound by memory"),
    KEY("burst_length", CFG_U32, burst_length, CFG_POW2, 1, 64, NULL, "transfers of a burst",
        "traffic of scattered accesses: bytes of a burst"),
    KEY("bank_groups", CFG_U32, bank_groups, CFG_POW2, 1, 16, NULL,
        "bank groups of a rank; 1 where the standard has none", "what memory gives in sequence"),
    KEY("banks", CFG_U32, banks, CFG_POW2, 1, 32, NULL, "banks of a group", "scattered accesses"),
    KEY("rows", CFG_U32, rows, CFG_POW2, 16, 1u << 24, NULL, "rows of a bank",
        "what memory.bytes may be"),
    KEY("page_bytes", CFG_U32, page_bytes, CFG_POW2 | CFG_BYTES, 64, 65536, NULL, "bytes of a row",
        "accesses in sequence: hits of rows"),
    KEY("command_clocks.activate", CFG_U32, activate_clocks, 0, 1, 16, "clocks",
        "ACT holds the command bus for that long", "scattered accesses"),
    KEY("command_clocks.column", CFG_U32, column_clocks, 0, 1, 16, "clocks",
        "RD and WR hold it for that long", "what memory gives in sequence"),
    KEY("command_clocks.precharge", CFG_U32, precharge_clocks, 0, 1, 16, "clocks",
        "PRE holds it for that long", "scattered accesses"),
    KEY("command_clocks.refresh", CFG_U32, refresh_clocks, 0, 1, 16, "clocks",
        "REF holds it for that long", "waits for refresh"),
    KEY("two_command_buses", CFG_BOOL, two_command_buses, 0, 0, 0, NULL,
        "ACT, PRE and REF have a command bus of their own", "what memory gives in sequence"),
    TIMING(trcd, "ACT to RD, WR", "accesses of closed rows"),
    TIMING(trp, "PRE to ACT, REFpb of that bank", "accesses of other rows"),
    TIMING(trp_all, "PREab to ACT, REFab", "waits for refresh"),
    TIMING(tras, "ACT to PRE", "accesses of other rows"),
    TIMING(trc, "ACT to ACT of a bank", "accesses of other rows"),
    TIMING(cl, "RD to its first data", "latency of reads"),
    TIMING(cwl, "WR to its first data", "reads after writes"),
    TIMING(tccd_s, "RD to RD, WR to WR, other bank group, or no groups",
           "what memory gives in sequence"),
    TIMING(tccd_l, "the same, same bank group", "what memory gives in sequence"),
    TIMING(tccd_masked, "WR to masked WR of the same bank; 0 ck: as any other",
           "switch of shira-dram"),
    TIMING(trrd_s, "ACT to ACT, other bank group", "scattered accesses"),
    TIMING(trrd_l, "ACT to ACT, same bank group", "scattered accesses"),
    TIMING(tfaw, "any five ACTs of a rank", "scattered accesses"),
    TIMING(twr, "end of the data of a WR to PRE", "other rows after writes"),
    TIMING(twtr_s, "end of the data of a WR to RD, other bank group", "reads after writes"),
    TIMING(twtr_l, "the same, same bank group", "reads after writes"),
    TIMING(trtp, "RD to PRE", "accesses of other rows"),
    TIMING(trtw, "RD to WR", "writes after reads"),
    TIMING(trtrs, "gap between data of two ranks", "accesses of both ranks"),
    TIMING(trefi, "REFab to REFab, on average", "waits for refresh"),
    TIMING(trfc, "REFab to ACT, REFab, REFpb", "waits for refresh"),
    TIMING(trfc_bank, "REFpb to ACT, REFpb of that bank, and to REFab; 0 ck: no REFpb",
           "waits for refresh"),
    TIMING(trefpb_act, "REFpb to ACT of another bank, and back", "waits for refresh"),
    TIMING(trefpb, "REFpb to REFpb of another bank", "waits for refresh"),
};

#define N_KEYS (sizeof keys / sizeof *keys)

const struct cfg_table cfg_standard = {"standard", "configs/dram/*.yaml", keys, N_KEYS};

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
    if (shira_dram_clocks(s, t) > CFG_MOST_CLOCKS)
      return cfg_fail(f, cfg_find(root, keys[i].path), "is too long; allowed: at most %u clocks",
                      CFG_MOST_CLOCKS);
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
