#include "tests/dram/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum kind { ACT, PRE, PREA, RD, WR, MWR, REF, REFPB, SETTLE, KINDS };
static const char *const names[KINDS] = {"ACT", "PRE", "PREA",  "RD",    "WR",
                                         "MWR", "REF", "REFPB", "SETTLE"};

#define MOST_RULES 4 // of a pair of commands
#define NO_ROW UINT32_MAX
#define MOST_OWED 8u // refreshes, and most that count ahead

// Where the second command is, seen from the first. Sets of these.
enum { BANK = 1, GROUP = 2, RANK = 4, ELSEWHERE = 8 }; // same bank; other of group; of rank; rank
#define WITHIN (BANK | GROUP | RANK)

struct rule {
  const char *name;
  unsigned where;
  uint64_t clocks;
};

struct command {
  uint64_t clock;
  enum kind kind;
  uint32_t channel, rank, bank, row, column;
};

struct bank {
  uint32_t row;
  uint64_t refreshed; // clock of its last refresh
  uint64_t owed;      // clock up to which its refreshes count, one tREFI each
};

struct channel {
  struct command *past; // a ring: those young enough for any rule
  size_t size, first, n;
  struct bank *bank;   // [rank][bank]
  uint64_t (*acts)[4]; // of a rank: clocks of its last ACTs + 1, 0 for none, last first
};

struct dram_check {
  uint32_t channels, ranks, groups, banks, rows, columns; // banks: of a rank
  struct rule rule[KINDS][KINDS][MOST_RULES];
  unsigned rules[KINDS][KINDS];
  uint64_t bus_clocks[KINDS];
  bool two_buses, refpb;
  uint64_t read, write, burst, gap, faw, refi;
  unsigned owed;   // refreshes, at most
  uint64_t window; // clocks of the longest rule between two commands
  uint64_t last;   // clock of all channels
  struct channel *channel;
};

static bool column_command(enum kind k) {
  return k == RD || k == WR || k == MWR;
}

// ---- Rules of pairs ---------------------------------------------------------------------------

static uint64_t clocks(const struct shira_dram_standard *s, struct shira_timing t) {
  // A clock lasts 10^6 * transfers_per_clock / data_rate picoseconds.
  const uint64_t period = 1000000ull * s->transfers_per_clock;
  const uint64_t time = (uint64_t)t.ps * s->data_rate;
  uint64_t n = time / period;
  if (n * period < time)
    n++;
  return n < t.clocks ? t.clocks : n;
}

// `n` as standards count, from the last clock of the first command to the last of the second;
// traces have the first clock of each.
static void pair(struct dram_check *c, enum kind first, enum kind second, unsigned where,
                 const char *name, uint64_t n) {
  if (n == 0 || n + c->bus_clocks[first] <= c->bus_clocks[second])
    return;
  n += c->bus_clocks[first];
  n -= c->bus_clocks[second];
  c->rule[first][second][c->rules[first][second]++] = (struct rule){name, where, n};
  if (c->window < n)
    c->window = n;
}

static void row_pairs(struct dram_check *c, const struct shira_dram_standard *s) {
  const uint64_t rcd = clocks(s, s->trcd), ras = clocks(s, s->tras), rp = clocks(s, s->trp);
  const uint64_t rpab = clocks(s, s->trp_all), rfc = clocks(s, s->trfc);
  const uint64_t rfcpb = clocks(s, s->trfc_bank), pbact = clocks(s, s->trefpb_act);
  pair(c, ACT, RD, BANK, "tRCD", rcd);
  pair(c, ACT, WR, BANK, "tRCD", rcd);
  pair(c, ACT, MWR, BANK, "tRCD", rcd);
  pair(c, ACT, PRE, BANK, "tRAS", ras);
  pair(c, ACT, PREA, WITHIN, "tRAS", ras);
  pair(c, ACT, ACT, BANK, "tRC", clocks(s, s->trc));
  pair(c, ACT, ACT, GROUP, "tRRD_L", clocks(s, s->trrd_l));
  pair(c, ACT, ACT, RANK, "tRRD_S", clocks(s, s->trrd_s));
  pair(c, PRE, ACT, BANK, "tRP", rp);
  pair(c, PRE, REFPB, BANK, "tRP", rp);
  pair(c, PRE, REF, WITHIN, "tRP", rp);
  pair(c, PREA, ACT, WITHIN, "tRPab", rpab);
  pair(c, PREA, REFPB, WITHIN, "tRPab", rpab);
  pair(c, PREA, REF, WITHIN, "tRPab", rpab);
  pair(c, REF, ACT, WITHIN, "tRFC", rfc);
  pair(c, REF, REF, WITHIN, "tRFC", rfc);
  pair(c, REF, REFPB, WITHIN, "tRFC", rfc);
  pair(c, REFPB, ACT, BANK, "tRFCpb", rfcpb);
  pair(c, REFPB, REFPB, BANK, "tRFCpb", rfcpb);
  pair(c, REFPB, REF, WITHIN, "tRFCpb", rfcpb);
  pair(c, REFPB, REFPB, GROUP | RANK, "tREFPB", clocks(s, s->trefpb));
  pair(c, REFPB, ACT, GROUP | RANK, "tREFPB_ACT", pbact);
  pair(c, ACT, REFPB, GROUP | RANK, "tREFPB_ACT", pbact);
}

static void column_pairs(struct dram_check *c, const struct shira_dram_standard *s) {
  static const enum kind writes[] = {WR, MWR};
  const uint64_t ccd_l = clocks(s, s->tccd_l), ccd_s = clocks(s, s->tccd_s);
  const uint64_t done = c->write + c->burst;
  pair(c, RD, RD, BANK | GROUP, "tCCD_L", ccd_l);
  pair(c, RD, RD, RANK, "tCCD_S", ccd_s);
  pair(c, RD, PRE, BANK, "tRTP", clocks(s, s->trtp));
  pair(c, RD, PREA, WITHIN, "tRTP", clocks(s, s->trtp));
  for (unsigned i = 0; i < 2; i++) {
    const enum kind w = writes[i];
    pair(c, w, WR, BANK | GROUP, "tCCD_L", ccd_l);
    pair(c, w, WR, RANK, "tCCD_S", ccd_s);
    pair(c, w, MWR, BANK, "tCCDMW", clocks(s, s->tccd_masked));
    pair(c, w, MWR, BANK | GROUP, "tCCD_L", ccd_l);
    pair(c, w, MWR, RANK, "tCCD_S", ccd_s);
    pair(c, w, RD, BANK | GROUP, "tWTR_L", done + clocks(s, s->twtr_l));
    pair(c, w, RD, RANK, "tWTR_S", done + clocks(s, s->twtr_s));
    pair(c, w, PRE, BANK, "tWR", done + clocks(s, s->twr));
    pair(c, w, PREA, WITHIN, "tWR", done + clocks(s, s->twr));
    pair(c, RD, w, WITHIN, "tRTW", clocks(s, s->trtw));
  }
}

// Data of two bursts, and the command bus, over all ranks: how long ago they may matter.
static void set_buses(struct dram_check *c, const struct shira_dram_standard *s) {
  for (unsigned k = 0; k < KINDS; k++) {
    c->bus_clocks[k] = column_command((enum kind)k) ? s->column_clocks : s->refresh_clocks;
    if (k == ACT)
      c->bus_clocks[k] = s->activate_clocks;
    else if (k == PRE || k == PREA)
      c->bus_clocks[k] = s->precharge_clocks;
    else if (k == SETTLE)
      c->bus_clocks[k] = 0;
    if (c->window < c->bus_clocks[k])
      c->window = c->bus_clocks[k];
  }
  const uint64_t data = (c->read > c->write ? c->read : c->write) + c->burst + c->gap;
  if (c->window < data)
    c->window = data;
}

// The channel as one that begins at `clock`.
static void start(const struct dram_check *c, struct channel *h, uint64_t clock) {
  h->n = 0;
  memset(h->acts, 0, c->ranks * sizeof *h->acts);
  for (uint32_t b = 0; b < c->ranks * c->banks; b++)
    h->bank[b] = (struct bank){.row = NO_ROW, .refreshed = clock, .owed = clock};
}

struct dram_check *dram_check_new(const struct shira_dram_standard *s, uint32_t channels,
                                  uint32_t ranks) {
  if (channels == 0 || ranks == 0 || ranks > 256 || s->banks == 0 || s->bank_groups == 0 ||
      (uint64_t)s->banks * s->bank_groups > 256)
    return NULL;
  struct dram_check *c = calloc(1, sizeof *c);
  if (!c)
    return NULL;
  c->channels = channels, c->ranks = ranks, c->groups = s->bank_groups;
  c->banks = s->bank_groups * s->banks;
  c->rows = s->rows;
  c->columns = s->page_bytes / (s->channel_bits / 8 * s->burst_length);
  c->two_buses = s->two_command_buses;
  c->read = clocks(s, s->cl), c->write = clocks(s, s->cwl);
  c->burst = s->burst_length / s->transfers_per_clock;
  c->gap = clocks(s, s->trtrs), c->faw = clocks(s, s->tfaw), c->refi = clocks(s, s->trefi);
  c->refpb = clocks(s, s->trfc_bank) != 0;
  c->owed = MOST_OWED;
  set_buses(c, s);
  row_pairs(c, s);
  column_pairs(c, s);
  c->channel = calloc(channels, sizeof *c->channel);
  for (uint32_t i = 0; c->channel && i < channels; i++) {
    struct channel *h = &c->channel[i];
    h->bank = calloc((size_t)ranks * c->banks, sizeof *h->bank);
    h->acts = calloc(ranks, sizeof *h->acts);
    if (!h->bank || !h->acts) {
      dram_check_free(c);
      return NULL;
    }
    start(c, h, 0);
  }
  if (!c->channel) {
    free(c);
    return NULL;
  }
  return c;
}

void dram_check_owed(struct dram_check *c, unsigned most) {
  c->owed = most;
}

void dram_check_free(struct dram_check *c) {
  for (uint32_t i = 0; c && i < c->channels; i++) {
    free(c->channel[i].past);
    free(c->channel[i].bank);
    free(c->channel[i].acts);
  }
  if (c)
    free(c->channel);
  free(c);
}

// ---- One line ---------------------------------------------------------------------------------

static bool number(const char **at, uint64_t most, uint64_t *value) {
  const char *s = *at;
  uint64_t v = 0;
  if (*s < '0' || *s > '9')
    return false;
  for (; *s >= '0' && *s <= '9'; s++) {
    const uint64_t digit = (uint64_t)(*s - '0');
    if (digit > most || v > (most - digit) / 10)
      return false;
    v = v * 10 + digit;
  }
  *value = v;
  *at = s;
  return true;
}

static bool field(const char **at, uint32_t below, uint32_t *value) {
  uint64_t v;
  if (below == 0 || *(*at)++ != ' ' || !number(at, below - 1, &v))
    return false;
  *value = (uint32_t)v;
  return true;
}

static bool kind_of(const char **at, enum kind *kind) {
  if (*(*at)++ != ' ')
    return false;
  const size_t length = strcspn(*at, " \n");
  for (unsigned k = 0; k < KINDS; k++)
    if (strlen(names[k]) == length && !memcmp(names[k], *at, length)) {
      *kind = (enum kind)k;
      *at += length;
      return true;
    }
  return false;
}

// What a command has not is 0.
static bool parse(const struct dram_check *c, const char *line, struct command *m) {
  const char *at = line;
  if (!number(&at, UINT64_MAX / 2, &m->clock) || !field(&at, c->channels, &m->channel) ||
      !kind_of(&at, &m->kind))
    return false;
  const bool column = column_command(m->kind), channel = m->kind == SETTLE;
  const bool all = m->kind == PREA || m->kind == REF || channel;
  return field(&at, channel ? 1 : c->ranks, &m->rank) && field(&at, all ? 1 : c->banks, &m->bank) &&
         field(&at, column || m->kind == ACT ? c->rows : 1, &m->row) &&
         field(&at, column ? c->columns : 1, &m->column) &&
         (*at == 0 || (at[0] == '\n' && at[1] == 0));
}

static int say(char *why, size_t size, const char *rule, const struct command *m,
               const char *format, ...) {
  char text[128];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  snprintf(why, size,
           "%s: channel %" PRIu32 ": %s at %" PRIu64 " of rank %" PRIu32 " bank %" PRIu32 " %s",
           rule, m->channel, names[m->kind], m->clock, m->rank, m->bank, text);
  return 1;
}

static int say_pair(char *why, size_t size, const char *rule, const struct command *m,
                    const struct command *before, uint64_t needed) {
  return say(why, size, rule, m,
             "comes %" PRIu64 " clocks after %s at %" PRIu64 " of rank %" PRIu32 " bank %" PRIu32
             ", not %" PRIu64,
             m->clock - before->clock, names[before->kind], before->clock, before->rank,
             before->bank, needed);
}

// ---- Checks -----------------------------------------------------------------------------------

static const struct command *past(const struct channel *h, size_t back) {
  return &h->past[(h->first + h->n - 1 - back) & (h->size - 1)];
}

static unsigned where(const struct dram_check *c, const struct command *a,
                      const struct command *b) {
  const uint32_t of_group = c->banks / c->groups;
  if (a->rank != b->rank)
    return ELSEWHERE;
  if (a->bank == b->bank)
    return BANK;
  return a->bank / of_group == b->bank / of_group ? GROUP : RANK;
}

static int check_state(const struct dram_check *c, const struct channel *h, const struct command *m,
                       char *why, size_t size) {
  const struct bank *bank = &h->bank[(size_t)m->rank * c->banks];
  if (column_command(m->kind) && bank[m->bank].row == NO_ROW)
    return say(why, size, "open row", m, "has row %" PRIu32 ", the bank is closed", m->row);
  if (column_command(m->kind) && bank[m->bank].row != m->row)
    return say(why, size, "open row", m, "has row %" PRIu32 ", open is %" PRIu32, m->row,
               bank[m->bank].row);
  if (m->kind == REFPB && !c->refpb)
    return say(why, size, "REFPB", m, "is none of this standard's commands");
  if ((m->kind == ACT || m->kind == REFPB) && bank[m->bank].row != NO_ROW)
    return say(why, size, "closed bank", m, "finds row %" PRIu32 " open", bank[m->bank].row);
  for (uint32_t b = 0; m->kind == REF && b < c->banks; b++)
    if (bank[b].row != NO_ROW)
      return say(why, size, "closed bank", m, "finds row %" PRIu32 " of bank %" PRIu32 " open",
                 bank[b].row, b);
  return 0;
}

// One command before, on the command bus and by the rules of both.
static int check_pair(const struct dram_check *c, const struct command *a, const struct command *m,
                      char *why, size_t size) {
  const bool same_bus = !c->two_buses || column_command(a->kind) == column_command(m->kind);
  const uint64_t passed = m->clock - a->clock;
  if (same_bus && passed < c->bus_clocks[a->kind])
    return say_pair(why, size, "command bus", m, a, c->bus_clocks[a->kind]);
  const unsigned place = where(c, a, m);
  for (unsigned i = 0; i < c->rules[a->kind][m->kind]; i++) {
    const struct rule *r = &c->rule[a->kind][m->kind][i];
    if (r->where & place && passed < r->clocks)
      return say_pair(why, size, r->name, m, a, r->clocks);
  }
  return 0;
}

// First clock of a burst's data, which the standard counts from the last clock of the command.
static uint64_t data_of(const struct dram_check *c, const struct command *m) {
  return m->clock + c->bus_clocks[m->kind] - 1 + (m->kind == RD ? c->read : c->write);
}

// Whose data come first is left to the commands: only that they do not meet, and that the ranks
// have their gap.
static int check_data(const struct dram_check *c, const struct command *a, const struct command *m,
                      char *why, size_t size) {
  if (!column_command(a->kind) || !column_command(m->kind))
    return 0;
  const uint64_t old = data_of(c, a), new = data_of(c, m);
  const uint64_t apart = old > new ? old - new : new - old;
  const uint64_t gap = a->rank == m->rank ? 0 : c->gap;
  if (apart >= c->burst + gap)
    return 0;
  return say(why, size, apart < c->burst ? "data bus" : "tRTRS", m,
             "has data at %" PRIu64 ", %s at %" PRIu64 " of rank %" PRIu32 " at %" PRIu64
             ", not %" PRIu64 " clocks apart",
             new, names[a->kind], a->clock, a->rank, old, c->burst + gap);
}

static int check_past(const struct dram_check *c, const struct channel *h, const struct command *m,
                      char *why, size_t size) {
  for (size_t i = 0; i < h->n; i++)
    if (check_pair(c, past(h, i), m, why, size))
      return 1;
  const uint64_t *acts = h->acts[m->rank];
  if (m->kind == ACT && acts[3] && m->clock < acts[3] - 1 + c->faw)
    return say(why, size, "tFAW", m,
               "is the fifth from ACT at %" PRIu64 ", %" PRIu64 " clocks after it, not %" PRIu64,
               acts[3] - 1, m->clock - (acts[3] - 1), c->faw);
  for (size_t i = 0; column_command(m->kind) && i < h->n; i++)
    if (check_data(c, past(h, i), m, why, size))
      return 1;
  return 0;
}

static bool overdue(const struct dram_check *c, const struct bank *b, uint64_t clock) {
  const uint64_t most = (c->owed + 1) * c->refi;
  return clock > b->refreshed + most || clock > b->owed + most;
}

static int check_refresh(const struct dram_check *c, const struct channel *h,
                         const struct command *m, char *why, size_t size) {
  const struct bank *bank = &h->bank[(size_t)m->rank * c->banks];
  for (uint32_t b = 0; b < c->banks; b++)
    if ((m->kind == REF || (m->kind == REFPB && b == m->bank)) && overdue(c, &bank[b], m->clock))
      return say(why, size, "tREFI", m,
                 "is late: bank %" PRIu32 " was refreshed at %" PRIu64 ", and up to %" PRIu64, b,
                 bank[b].refreshed, bank[b].owed);
  return 0;
}

// ---- What a command leaves --------------------------------------------------------------------

static int remember(const struct dram_check *c, struct channel *h, const struct command *m) {
  while (h->n && past(h, h->n - 1)->clock + c->window <= m->clock)
    h->first = (h->first + 1) & (h->size - 1), h->n--;
  if (h->n == h->size) {
    const size_t size = h->size ? 2 * h->size : 64;
    struct command *ring = malloc(size * sizeof *ring);
    if (!ring)
      return -ENOMEM;
    for (size_t i = 0; i < h->n; i++)
      ring[i] = *past(h, h->n - 1 - i);
    free(h->past);
    h->past = ring, h->size = size, h->first = 0;
  }
  h->past[(h->first + h->n++) & (h->size - 1)] = *m;
  return 0;
}

static void refresh(const struct dram_check *c, struct bank *b, uint64_t clock) {
  const uint64_t ahead = clock + MOST_OWED * c->refi;
  b->refreshed = clock;
  b->owed = b->owed + c->refi < ahead ? b->owed + c->refi : ahead;
}

static void change(const struct dram_check *c, struct channel *h, const struct command *m) {
  struct bank *bank = &h->bank[(size_t)m->rank * c->banks];
  uint64_t *acts = h->acts[m->rank];
  if (m->kind == ACT) {
    bank[m->bank].row = m->row;
    memmove(acts + 1, acts, 3 * sizeof *acts);
    acts[0] = m->clock + 1;
  }
  for (uint32_t b = 0; b < c->banks; b++) {
    if (m->kind == PREA || (m->kind == PRE && b == m->bank))
      bank[b].row = NO_ROW;
    if (m->kind == REF || (m->kind == REFPB && b == m->bank))
      refresh(c, &bank[b], m->clock);
  }
}

int dram_check_line(struct dram_check *c, const char *line, char *why, size_t size) {
  struct command m;
  if (*line == '#')
    return 0;
  if (!parse(c, line, &m)) {
    snprintf(why, size, "'%.*s' is no command of this DRAM", (int)strcspn(line, "\n"), line);
    return -EINVAL;
  }
  struct channel *h = &c->channel[m.channel];
  int broken;
  if (h->n && m.clock < past(h, 0)->clock) {
    broken = say(why, size, "order", &m, "comes after %s at %" PRIu64, names[past(h, 0)->kind],
                 past(h, 0)->clock);
    m.clock = past(h, 0)->clock;
  } else if (m.kind == SETTLE) {
    broken = 0;
    start(c, h, m.clock);
  } else {
    broken = check_state(c, h, &m, why, size) || check_past(c, h, &m, why, size) ||
             check_refresh(c, h, &m, why, size);
  }
  if (remember(c, h, &m))
    return -ENOMEM;
  change(c, h, &m);
  if (c->last < m.clock)
    c->last = m.clock;
  return broken;
}

int dram_check_end(const struct dram_check *c, char *why, size_t size) {
  for (uint32_t i = 0; i < c->channels; i++)
    for (uint32_t b = 0; b < c->ranks * c->banks; b++) {
      const struct bank *bank = &c->channel[i].bank[b];
      if (!overdue(c, bank, c->last))
        continue;
      snprintf(why, size,
               "tREFI: channel %" PRIu32 ": rank %" PRIu32 " bank %" PRIu32
               " was refreshed at %" PRIu64 ", and up to %" PRIu64 "; the trace ends at %" PRIu64,
               i, b / c->banks, b % c->banks, bank->refreshed, bank->owed, c->last);
      return 1;
    }
  return 0;
}

// ---- A whole trace ----------------------------------------------------------------------------

static struct dram_check *header(const struct shira_dram_standard *s, const char *line) {
  unsigned channels, ranks;
  int end = 0;
  char name[sizeof s->name];
  if (sscanf(line, "# %63s %u channels %u ranks%n", name, &channels, &ranks, &end) != 3 ||
      end == 0 || strcmp(name, s->name) != 0 || channels == 0 || channels > 4096)
    return NULL;
  return dram_check_new(s, channels, ranks);
}

int dram_check_trace(const struct shira_dram_standard *s, FILE *trace, FILE *out, unsigned most,
                     uint64_t *commands, uint64_t *violations, char *why, size_t size) {
  char line[256], text[256];
  int rc = 0;
  *commands = *violations = 0;
  struct dram_check *c = fgets(line, sizeof line, trace) ? header(s, line) : NULL;
  if (!c) {
    snprintf(why, size, "the first line is not '# %s CHANNELS channels RANKS ranks'", s->name);
    return -EINVAL;
  }
  while (rc >= 0 && fgets(line, sizeof line, trace)) {
    *commands += *line != '#';
    rc = dram_check_line(c, line, text, sizeof text);
    if (rc == 1 && (*violations)++ < most)
      fprintf(out, "%s\n", text);
  }
  if (rc >= 0 && dram_check_end(c, text, sizeof text) && (*violations)++ < most)
    fprintf(out, "%s\n", text);
  if (rc < 0)
    snprintf(why, size, "%s", rc == -ENOMEM ? "no memory" : text);
  dram_check_free(c);
  return rc < 0 ? rc : 0;
}
