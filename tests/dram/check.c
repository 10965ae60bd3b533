#include "tests/dram/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/dram/rules.h"

static const char *const names[KINDS] = {"ACT", "PRE",   "PREA", "RD",  "WR",    "MWR",
                                         "REF", "REFPB", "ACT1", "CAS", "SETTLE"};

#define NO_ROW UINT32_MAX
#define MOST_OWED 8u // refreshes, and most that count ahead
#define BUS_USES 16u // that are remembered of the buses of pseudo channels

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

// What a rank is in between two commands.
struct rank {
  uint64_t acts[4];    // clocks of its last ACTs + 1, 0 for none, last first
  struct command act1; // ACT1 without its ACT, where begun
  bool begun;
  uint64_t wck; // clock up to which WCK runs
};

struct channel {
  struct command *past; // a ring: those young enough for any rule
  size_t size, first, n;
  struct bank *bank; // [rank][bank]
  struct rank *rank;
  bool cas; // the last command, of which a RD or WR must follow at once
};

// A command on a bus that pseudo channels share.
struct use {
  uint64_t from, to;
  uint32_t channel;
  bool column;
};

struct dram_check {
  uint32_t channels, ranks, groups, banks, rows, columns; // banks: of a rank
  struct rules rules;
  bool two_buses, refpb;
  uint32_t upper;  // REFPB: to the bank that goes with one of the lower half, 0 for none
  uint32_t shared; // channels that share command buses
  struct use *use; // [channel / shared][BUS_USES], rings
  unsigned *n_use;
  uint64_t gap, faw, refi, aad, wckpst;
  unsigned owed; // refreshes, at most
  uint64_t last; // clock of all channels
  struct channel *channel;
};

// The channel as one that begins at `clock`.
static void start(const struct dram_check *c, struct channel *h, uint64_t clock) {
  h->n = 0;
  h->cas = false;
  memset(h->rank, 0, c->ranks * sizeof *h->rank);
  for (uint32_t b = 0; b < c->ranks * c->banks; b++)
    h->bank[b] = (struct bank){.row = NO_ROW, .refreshed = clock, .owed = clock};
}

static bool new_channels(struct dram_check *c) {
  c->channel = calloc(c->channels, sizeof *c->channel);
  c->use = calloc((size_t)c->channels * BUS_USES, sizeof *c->use);
  c->n_use = calloc(c->channels, sizeof *c->n_use);
  if (!c->channel || !c->use || !c->n_use)
    return false;
  for (uint32_t i = 0; i < c->channels; i++) {
    struct channel *h = &c->channel[i];
    h->bank = calloc((size_t)c->ranks * c->banks, sizeof *h->bank);
    h->rank = calloc(c->ranks, sizeof *h->rank);
    if (!h->bank || !h->rank)
      return false;
    start(c, h, 0);
  }
  return true;
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
  c->upper = s->refresh_banks == 2 ? c->banks / 2 : 0;
  c->shared = s->pseudo_channels;
  c->gap = rule_clocks(s, s->trtrs), c->faw = rule_clocks(s, s->tfaw);
  c->refi = rule_clocks(s, s->trefi), c->aad = rule_clocks(s, s->taad);
  c->wckpst = rule_clocks(s, s->twckpst);
  c->refpb = rule_clocks(s, s->trfc_bank) != 0;
  c->owed = MOST_OWED;
  rules_of(s, &c->rules);
  if (!new_channels(c)) {
    dram_check_free(c);
    return NULL;
  }
  return c;
}

void dram_check_rate(struct dram_check *c, unsigned rate) {
  c->refi /= rate;
}

void dram_check_owed(struct dram_check *c, unsigned most) {
  c->owed = most;
}

void dram_check_free(struct dram_check *c) {
  if (!c)
    return;
  for (uint32_t i = 0; c->channel && i < c->channels; i++) {
    free(c->channel[i].past);
    free(c->channel[i].bank);
    free(c->channel[i].rank);
  }
  free(c->channel);
  free(c->use);
  free(c->n_use);
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
  const bool all = m->kind == PREA || m->kind == REF || m->kind == CAS || channel;
  const bool row = column || m->kind == ACT || m->kind == ACT1;
  return field(&at, channel ? 1 : c->ranks, &m->rank) && field(&at, all ? 1 : c->banks, &m->bank) &&
         field(&at, row ? c->rows : 1, &m->row) &&
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
  const bool pairs = c->upper && (a->kind == REFPB || b->kind == REFPB);
  if (a->rank != b->rank)
    return ELSEWHERE;
  if (a->bank == b->bank || (pairs && a->bank % c->upper == b->bank % c->upper))
    return BANK;
  return a->bank / of_group == b->bank / of_group ? GROUP : RANK;
}

static bool refreshes(const struct dram_check *c, const struct command *m, uint32_t bank) {
  const uint32_t half = c->upper ? bank % c->upper : bank;
  return m->kind == REF || (m->kind == REFPB && half == m->bank);
}

static bool activates(enum kind k) {
  return k == ACT || k == ACT1;
}

static int check_state(const struct dram_check *c, const struct channel *h, const struct command *m,
                       char *why, size_t size) {
  const struct bank *bank = &h->bank[(size_t)m->rank * c->banks];
  if (column_command(m->kind) && bank[m->bank].row == NO_ROW)
    return say(why, size, "open row", m, "has row %" PRIu32 ", the bank is closed", m->row);
  if (column_command(m->kind) && bank[m->bank].row != m->row)
    return say(why, size, "open row", m, "has row %" PRIu32 ", open is %" PRIu32, m->row,
               bank[m->bank].row);
  if (m->kind == REFPB && (!c->refpb || (c->upper && m->bank >= c->upper)))
    return say(why, size, "REFPB", m, "is none of this standard's commands");
  if (activates(m->kind) && bank[m->bank].row != NO_ROW)
    return say(why, size, "closed bank", m, "finds row %" PRIu32 " open", bank[m->bank].row);
  for (uint32_t b = 0; b < c->banks; b++)
    if (refreshes(c, m, b) && bank[b].row != NO_ROW)
      return say(why, size, "closed bank", m, "finds row %" PRIu32 " of bank %" PRIu32 " open",
                 bank[b].row, b);
  return 0;
}

// An ACT of two commands: each ACT is behind its ACT1, in time, and nothing else touches the bank.
static int check_activate(const struct dram_check *c, const struct channel *h,
                          const struct command *m, char *why, size_t size) {
  const struct rank *r = &h->rank[m->rank];
  const struct command *first = &r->act1;
  if (m->kind == ACT1 && c->aad == 0)
    return say(why, size, "ACT1", m, "is none of this standard's commands");
  if (m->kind == ACT && c->aad != 0 &&
      (!r->begun || first->bank != m->bank || first->row != m->row))
    return say(why, size, "ACT1", m, "has row %" PRIu32 ", no ACT1 for it is before it", m->row);
  if (m->kind == ACT && c->aad != 0 && m->clock - first->clock > c->aad)
    return say(why, size, "tAAD", m,
               "comes %" PRIu64 " clocks after ACT1 at %" PRIu64 ", not %" PRIu64,
               m->clock - first->clock, first->clock, c->aad);
  const bool touches = m->kind == ACT1 || m->kind == PREA || m->kind == REF || m->kind == REFPB ||
                       (m->kind == PRE && m->bank == first->bank);
  if (r->begun && touches)
    return say(why, size, "ACT1", m, "comes before the ACT of bank %" PRIu32, first->bank);
  return 0;
}

// WCK: a CAS right before a RD or WR that finds it standing still, and only there.
static int check_wck(const struct dram_check *c, const struct channel *h, const struct command *m,
                     char *why, size_t size) {
  const uint64_t cas = c->rules.bus_clocks[CAS], wck = h->rank[m->rank].wck;
  const bool follows = h->cas && h->n && past(h, 0)->rank == m->rank &&
                       past(h, 0)->clock + cas == m->clock && column_command(m->kind);
  if (m->kind == CAS && cas == 0)
    return say(why, size, "CAS", m, "is none of this standard's commands");
  if (m->kind == CAS && m->clock < wck)
    return say(why, size, "CAS", m, "comes where WCK runs to %" PRIu64, wck);
  if (h->cas && !follows)
    return say(why, size, "CAS", m, "comes after a CAS, where its RD or WR must be");
  if (cas && column_command(m->kind) && m->clock >= wck && !follows)
    return say(why, size, "CAS", m, "finds WCK standing still, and no CAS before it");
  return 0;
}

// Pseudo channels share their command buses.
static int check_shared(const struct dram_check *c, const struct command *m, char *why,
                        size_t size) {
  const struct use *use = &c->use[m->channel / c->shared * BUS_USES];
  for (unsigned i = 0; c->shared > 1 && i < BUS_USES; i++)
    if (use[i].to > m->clock && use[i].from < m->clock + c->rules.bus_clocks[m->kind] &&
        use[i].channel != m->channel && (!c->two_buses || use[i].column == column_command(m->kind)))
      return say(why, size, "command bus", m, "meets that of channel %" PRIu32 " at %" PRIu64,
                 use[i].channel, use[i].from);
  return 0;
}

// One command before, on the command bus and by the rules of both.
static int check_pair(const struct dram_check *c, const struct command *a, const struct command *m,
                      char *why, size_t size) {
  const bool same_bus = !c->two_buses || column_command(a->kind) == column_command(m->kind);
  const uint64_t passed = m->clock - a->clock;
  if (same_bus && passed < c->rules.bus_clocks[a->kind])
    return say_pair(why, size, "command bus", m, a, c->rules.bus_clocks[a->kind]);
  const unsigned place = where(c, a, m);
  for (unsigned i = 0; i < c->rules.n[a->kind][m->kind]; i++) {
    const struct rule *r = &c->rules.rule[a->kind][m->kind][i];
    if (r->where & place && passed < r->clocks)
      return say_pair(why, size, r->name, m, a, r->clocks);
  }
  return 0;
}

// First clock of a burst's data, which the standard counts from the last clock of the command.
static uint64_t data_of(const struct dram_check *c, const struct command *m) {
  return m->clock + c->rules.bus_clocks[m->kind] - 1 +
         (m->kind == RD ? c->rules.read : c->rules.write);
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
  if (apart >= c->rules.burst + gap)
    return 0;
  return say(why, size, apart < c->rules.burst ? "data bus" : "tRTRS", m,
             "has data at %" PRIu64 ", %s at %" PRIu64 " of rank %" PRIu32 " at %" PRIu64
             ", not %" PRIu64 " clocks apart",
             new, names[a->kind], a->clock, a->rank, old, c->rules.burst + gap);
}

static int check_past(const struct dram_check *c, const struct channel *h, const struct command *m,
                      char *why, size_t size) {
  for (size_t i = 0; i < h->n; i++)
    if (check_pair(c, past(h, i), m, why, size))
      return 1;
  const uint64_t *acts = h->rank[m->rank].acts;
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
    if (refreshes(c, m, b) && overdue(c, &bank[b], m->clock))
      return say(why, size, "tREFI", m,
                 "is late: bank %" PRIu32 " was refreshed at %" PRIu64 ", and up to %" PRIu64, b,
                 bank[b].refreshed, bank[b].owed);
  return 0;
}

// ---- What a command leaves --------------------------------------------------------------------

static int remember(const struct dram_check *c, struct channel *h, const struct command *m) {
  while (h->n && past(h, h->n - 1)->clock + c->rules.window <= m->clock)
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
  struct rank *r = &h->rank[m->rank];
  uint64_t *acts = r->acts;
  h->cas = m->kind == CAS;
  if (m->kind == ACT1) {
    r->act1 = *m;
    r->begun = true;
  }
  if (column_command(m->kind)) {
    const uint64_t end = data_of(c, m) + c->rules.burst + c->wckpst;
    r->wck = r->wck > end ? r->wck : end;
  }
  if (m->kind == ACT) {
    r->begun = false;
    bank[m->bank].row = m->row;
    memmove(acts + 1, acts, 3 * sizeof *acts);
    acts[0] = m->clock + 1;
  }
  for (uint32_t b = 0; b < c->banks; b++) {
    if (m->kind == PREA || (m->kind == PRE && b == m->bank))
      bank[b].row = NO_ROW;
    if (refreshes(c, m, b))
      refresh(c, &bank[b], m->clock);
  }
}

static void use_bus(struct dram_check *c, const struct command *m) {
  const uint32_t group = m->channel / c->shared;
  c->use[group * BUS_USES + c->n_use[group]++ % BUS_USES] = (struct use){
      m->clock, m->clock + c->rules.bus_clocks[m->kind], m->channel, column_command(m->kind)};
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
    memset(&c->use[m.channel / c->shared * BUS_USES], 0, BUS_USES * sizeof *c->use);
  } else {
    broken = check_wck(c, h, &m, why, size) || check_activate(c, h, &m, why, size) ||
             check_state(c, h, &m, why, size) || check_past(c, h, &m, why, size) ||
             check_shared(c, &m, why, size) || check_refresh(c, h, &m, why, size);
  }
  if (remember(c, h, &m))
    return -ENOMEM;
  change(c, h, &m);
  use_bus(c, &m);
  if (c->last < m.clock)
    c->last = m.clock;
  return broken;
}

int dram_check_end(const struct dram_check *c, char *why, size_t size) {
  for (uint32_t i = 0; i < c->channels; i++)
    for (uint32_t r = 0; r < c->ranks; r++) {
      const struct rank *rank = &c->channel[i].rank[r];
      if (rank->begun && c->last > rank->act1.clock + c->aad)
        return say(why, size, "tAAD", &rank->act1, "has no ACT at the end");
    }
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
  unsigned channels, ranks, rate;
  int end = 0;
  char name[sizeof s->name];
  if (sscanf(line, "# %63s %u channels %u ranks %u rate%n", name, &channels, &ranks, &rate, &end) !=
          4 ||
      end == 0 || strcmp(name, s->name) != 0 || channels == 0 || channels > 4096 || rate == 0)
    return NULL;
  struct dram_check *c = dram_check_new(s, channels, ranks);
  if (c)
    dram_check_rate(c, rate);
  return c;
}

int dram_check_trace(const struct shira_dram_standard *s, FILE *trace, FILE *out, unsigned most,
                     uint64_t *commands, uint64_t *violations, char *why, size_t size) {
  char line[256], text[256];
  int rc = 0;
  *commands = *violations = 0;
  struct dram_check *c = fgets(line, sizeof line, trace) ? header(s, line) : NULL;
  if (!c) {
    snprintf(why, size, "the first line is not '# %s CHANNELS channels RANKS ranks RATE rate'",
             s->name);
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
