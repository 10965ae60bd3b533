// Files of configs/dram.
#include "shira/dram.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
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
#define ENERGY(member, most, unit_, meaning_)                                                      \
  {                                                                                                \
    .path = "energy." #member, .type = CFG_REAL, .flags = CFG_OPTIONAL,                            \
    .offset = offsetof(struct shira_dram_standard, energy.member), .real_min = 1e-3,               \
    .real_max = most, .unit = unit_, .meaning = meaning_, .moves = "energy of memory"              \
  }
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
        "ACT holds the command bus for that long; with taad each of its two commands",
        "scattered accesses"),
    KEY("command_clocks.column", CFG_U32, column_clocks, 0, 1, 16, "clocks",
        "RD and WR hold it for that long", "what memory gives in sequence"),
    KEY("command_clocks.precharge", CFG_U32, precharge_clocks, 0, 1, 16, "clocks",
        "PRE holds it for that long", "scattered accesses"),
    KEY("command_clocks.refresh", CFG_U32, refresh_clocks, 0, 1, 16, "clocks",
        "REF holds it for that long", "waits for refresh"),
    KEY("command_clocks.cas", CFG_U32, cas_clocks, 0, 0, 16, "clocks",
        "CAS, right before a RD or WR that finds WCK standing still, holds it for that long; 0: "
        "none",
        "accesses after a pause"),
    KEY("two_command_buses", CFG_BOOL, two_command_buses, 0, 0, 0, NULL,
        "ACT, PRE and REF have a command bus of their own", "what memory gives in sequence"),
    KEY("pseudo_channels", CFG_U32, pseudo_channels, CFG_POW2, 1, 2, NULL,
        "channels that share the command buses", "scattered accesses of both"),
    KEY("refresh_banks", CFG_U32, refresh_banks, CFG_POW2, 1, 2, NULL,
        "banks that a REFpb refreshes: one, or one of the lower half of the rank and its like of "
        "the "
        "upper half",
        "waits for refresh"),
    TIMING(taad, "ACT-1 to ACT-2, at most; 0 ck: ACT is one command", "scattered accesses"),
    TIMING(trcd, "ACT to RD", "accesses of closed rows"),
    TIMING(trcd_write, "ACT to WR", "writes of closed rows"),
    TIMING(tppd, "PRE to PRE of a rank; 0 ck: none", "accesses of other rows"),
    TIMING(trp, "PRE to ACT, REFpb of that bank", "accesses of other rows"),
    TIMING(trp_all, "PREab to ACT, REFab", "waits for refresh"),
    TIMING(tras, "ACT to PRE", "accesses of other rows"),
    TIMING(trc, "ACT to ACT of a bank", "accesses of other rows"),
    TIMING(cl, "RD to its first data", "latency of reads"),
    TIMING(cwl, "WR to its first data", "reads after writes"),
    TIMING(tccd_s, "RD to RD, WR to WR, other bank group, or no groups",
           "what memory gives in sequence"),
    TIMING(tccd_l, "RD to RD, same bank group", "what memory gives in sequence"),
    TIMING(tccd_l_write, "WR to WR, same bank group", "what memory takes in sequence"),
    TIMING(tccd_masked, "WR to masked WR of the same bank; 0 ck: as any other",
           "switch of shira-dram"),
    TIMING(tccd_masked_l, "the same, same bank group", "switch of shira-dram"),
    TIMING(trrd_s, "ACT to ACT, other bank group", "scattered accesses"),
    TIMING(trrd_l, "ACT to ACT, same bank group", "scattered accesses"),
    TIMING(tfaw, "any five ACTs of a rank", "scattered accesses"),
    TIMING(twr, "end of the data of a WR to PRE", "other rows after writes"),
    TIMING(twtr_s, "end of the data of a WR to RD, other bank group", "reads after writes"),
    TIMING(twtr_l, "the same, same bank group", "reads after writes"),
    TIMING(trtp, "RD to PRE", "accesses of other rows"),
    TIMING(trtw_s, "RD to WR, other bank group", "writes after reads"),
    TIMING(trtw_l, "the same, same bank group", "writes after reads"),
    TIMING(twckpst, "end of the data to the end of WCK; 0 ck without a CAS",
           "accesses after a pause"),
    TIMING(trtrs, "gap between data of two ranks", "accesses of both ranks"),
    TIMING(trefi, "REFab to REFab, on average", "waits for refresh"),
    TIMING(trfc, "REFab to ACT, REFab, REFpb", "waits for refresh"),
    TIMING(trfc_bank, "REFpb to ACT, REFpb of that bank, and to REFab; 0 ck: no REFpb",
           "waits for refresh"),
    TIMING(trefpb_act, "REFpb to ACT of another bank, and back", "waits for refresh"),
    TIMING(trefpb, "REFpb to REFpb of another bank", "waits for refresh"),
    KEY("energy.source", CFG_TEXT, energy.source, CFG_OPTIONAL, 0, TEXT_SIZE(energy.source), NULL,
        "who published the energies; without the section no energy is told", "nothing"),
    ENERGY(bit, 1e4, "pJ", "a bit that is read or written, all else in it; or the others"),
    ENERGY(activate, 1e7, "pJ", "an ACT and its PRE"),
    ENERGY(read, 1e7, "pJ", "a burst that is read, beyond the row that is open"),
    ENERGY(write, 1e7, "pJ", "a burst that is written, beyond the row that is open"),
    ENERGY(refresh, 1e9, "pJ", "a REFab, beyond the banks that are closed"),
    ENERGY(refresh_bank, 1e9, "pJ", "a REFpb, beyond the banks that are closed"),
    ENERGY(closed, 1e5, "mW", "a rank whose banks are all closed"),
    ENERGY(open, 1e5, "mW", "a rank that has a row open"),
};

#define N_KEYS (sizeof keys / sizeof *keys)

const struct cfg_table cfg_standard = {"standard", "configs/dram/*.yaml", keys, N_KEYS};

static bool has_refpb(const struct shira_dram_standard *s) {
  return shira_dram_clocks(s, s->trfc_bank) != 0;
}

// Timings that a standard may do without.
static bool may_be_none(const struct shira_dram_standard *s, const char *path) {
  static const char *const none[] = {"tccd_masked", "tccd_masked_l", "taad",
                                     "tppd",        "twckpst",       "trfc_bank"};
  static const char *const with_refpb[] = {"trefpb_act", "trefpb"};
  const char *const name = path + strlen("timing.");
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    if (!strcmp(name, none[i]))
      return strcmp(name, "twckpst") || s->cas_clocks == 0;
  for (size_t i = 0; i < sizeof with_refpb / sizeof *with_refpb; i++)
    if (!strcmp(name, with_refpb[i]))
      return !has_refpb(s);
  return false;
}

// Timings in clocks must stay small enough to add, and be there.
static int check_sizes(const struct cfg_file *f, const struct shira_dram_standard *s) {
  for (size_t i = 0; i < N_KEYS; i++) {
    if (keys[i].type != CFG_TIMING)
      continue;
    struct shira_timing t;
    memcpy(&t, (const char *)s + keys[i].offset, sizeof t);
    const struct cfg_node *node = cfg_find(f->root, keys[i].path);
    if (shira_dram_clocks(s, t) > CFG_MOST_CLOCKS)
      return cfg_fail(f, node, "is too long; allowed: at most %u clocks", CFG_MOST_CLOCKS);
    if (shira_dram_clocks(s, t) == 0 && !may_be_none(s, keys[i].path))
      return cfg_fail(f, node, "is 0; allowed: above 0");
  }
  return 0;
}

// A time, in units that those in ps and those in clocks have in common.
static uint64_t length_of(const struct shira_dram_standard *s, struct shira_timing t) {
  const uint64_t ps = (uint64_t)t.ps * s->data_rate;
  const uint64_t clocks = (uint64_t)t.clocks * s->transfers_per_clock * 1000000;
  return ps > clocks ? ps : clocks;
}

// What is kept within a bank group is kept for no less time than across two.
static int check_groups(const struct cfg_file *f, const struct shira_dram_standard *s) {
  const struct {
    const char *path, *other;
    struct shira_timing same, across;
  } pairs[] = {{"timing.tccd_l", "tccd_s", s->tccd_l, s->tccd_s},
               {"timing.tccd_l_write", "tccd_s", s->tccd_l_write, s->tccd_s},
               {"timing.trrd_l", "trrd_s", s->trrd_l, s->trrd_s},
               {"timing.twtr_l", "twtr_s", s->twtr_l, s->twtr_s},
               {"timing.trtw_l", "trtw_s", s->trtw_l, s->trtw_s}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (shira_dram_clocks(s, pairs[i].same) < shira_dram_clocks(s, pairs[i].across))
      return cfg_fail(f, cfg_find(f->root, pairs[i].path), "does not fit; allowed: %s or more",
                      pairs[i].other);
  return 0;
}

// Refreshes must fit in, and leave time between them.
static int check_refreshes(const struct cfg_file *f, const struct shira_dram_standard *s) {
  const struct cfg_node *root = f->root;
  const uint32_t trefi = shira_dram_clocks(s, s->trefi), round = shira_dram_refresh_round(s);
  const uint32_t due = trefi / round;
  if (trefi <= shira_dram_clocks(s, s->trfc))
    return cfg_fail(f, cfg_find(root, "timing.trefi"), "does not fit; allowed: above trfc");
  if (!has_refpb(s))
    return 0;
  if (due < shira_dram_clocks(s, s->trefpb))
    return cfg_fail(f, cfg_find(root, "timing.trefpb"),
                    "does not fit: a REFpb is due each %u clocks (trefi / %u); allowed: as many or "
                    "less",
                    due, round);
  if (due < 2 * shira_dram_clocks(s, s->trefpb_act))
    return cfg_fail(f, cfg_find(root, "timing.trefpb_act"),
                    "does not fit: a REFpb is due each %u clocks (trefi / %u), and an ACT goes "
                    "between two; allowed: half of it or less",
                    due, round);
  if (shira_dram_clocks(s, s->trfc_bank) > shira_dram_clocks(s, s->trfc))
    return cfg_fail(f, cfg_find(root, "timing.trfc_bank"), "does not fit; allowed: trfc or less");
  return 0;
}

// What timings must be beside each other.
static int check_timings(const struct cfg_file *f, const struct shira_dram_standard *s) {
  const struct cfg_node *root = f->root;
  const uint32_t bl = s->burst_length / s->transfers_per_clock;
  const struct {
    const char *path;
    struct shira_timing t;
  } gaps[] = {{"timing.tccd_s", s->tccd_s},
              {"timing.tccd_l", s->tccd_l},
              {"timing.tccd_l_write", s->tccd_l_write}};
  for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
    if (shira_dram_clocks(s, gaps[i].t) < bl)
      return cfg_fail(f, cfg_find(root, gaps[i].path),
                      "does not fit; allowed: the %u clocks of a burst's data or more", bl);
  if (length_of(s, s->trc) < length_of(s, s->tras) + length_of(s, s->trp))
    return cfg_fail(f, cfg_find(root, "timing.trc"), "does not fit; allowed: tras + trp or more");
  const uint32_t taad = shira_dram_clocks(s, s->taad);
  if (taad != 0 && taad < s->activate_clocks)
    return cfg_fail(f, cfg_find(root, "timing.taad"),
                    "does not fit; allowed: command_clocks.activate (%u) or more",
                    s->activate_clocks);
  if (taad != 0 && s->pseudo_channels != 1)
    return cfg_fail(f, cfg_find(root, "timing.taad"), "does not go with pseudo_channels");
  const int rc = check_groups(f, s);
  return rc ? rc : check_refreshes(f, s);
}

static int check_shape(const struct cfg_file *f, const struct shira_dram_standard *s) {
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
  if (s->bank_groups * s->banks < s->refresh_banks)
    return cfg_fail(f, cfg_find(root, "refresh_banks"), "does not fit; allowed: at most all banks");
  return 0;
}

// Energies: a figure a bit, or one of each kind.
static int check_energy(const struct cfg_file *f, const struct shira_dram_standard *s) {
  const struct cfg_node *energy = cfg_find(f->root, "energy");
  const bool a_bit = cfg_find(f->root, "energy.bit") != NULL;
  if (energy == NULL)
    return 0;
  for (size_t i = 0; i < N_KEYS; i++) {
    const bool others = !strncmp(keys[i].path, "energy.", 7) &&
                        strcmp(keys[i].path, "energy.bit") && strcmp(keys[i].path, "energy.source");
    const struct cfg_node *node = cfg_find(f->root, keys[i].path);
    const bool none = !strcmp(keys[i].path, "energy.refresh_bank") && !has_refpb(s);
    if (none && node != NULL)
      return cfg_fail(f, node, "does not go with trfc_bank: 0 ck");
    if (others && a_bit && node != NULL)
      return cfg_fail(f, node, "does not go with energy.bit, which has it");
    if (others && !none && !a_bit && node == NULL)
      return cfg_complete(f, &keys[i], 1, keys[i].path);
  }
  return cfg_find(f->root, "energy.source") ? 0 : cfg_complete(f, keys, N_KEYS, "energy.source");
}

static int check(const struct cfg_file *f, const struct shira_dram_standard *s) {
  int rc = check_shape(f, s);
  if (!rc)
    rc = check_sizes(f, s);
  if (!rc)
    rc = check_timings(f, s);
  return rc ? rc : check_energy(f, s);
}

int shira_dram_standard_load(const char *path, struct shira_dram_standard *standard,
                             struct shira_error *error) {
  struct cfg_file f;
  struct shira_dram_standard s;
  memset(&s, 0, sizeof s);
  s.energy = (struct shira_dram_energies){"", NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
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
