// Machine files and what of them the RTL is built from.
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/machine/schema.h"
#include "shira/config.h"
#include "shira/regs.h"

static const char *const layouts[] = {"tile", "row", NULL};
_Static_assert(SHIRA_LAYOUT_TILE == 0 && SHIRA_LAYOUT_ROW == 1, "choices in the order of values");
static const char *const ports[] = {"1r1w", "1rw", NULL};
static const char *const arbitrations[] = {"copy-first", "engine-first", NULL};
static const char *const eccs[] = {"none", "word", NULL};
static const char *const hashes[] = {"none", "row", "column", NULL};
static const char *const refreshes[] = {"all-bank", "per-bank", NULL};

#define KEY(path_, type_, member, flags_, min_, max_)                                              \
  {                                                                                                \
    .path = path_, .type = type_, .flags = flags_,                                                 \
    .offset = offsetof(struct shira_machine, member), .min = min_, .max = max_                     \
  }

#define CHOICE(path_, member, flags_, choices_)                                                    \
  {                                                                                                \
    .path = path_, .type = CFG_CHOICE, .flags = flags_,                                            \
    .offset = offsetof(struct shira_machine, member), .choices = choices_                          \
  }

#define SRAM(name)                                                                                 \
  CHOICE(#name ".ports", name.ports, 0, ports),                                                    \
      CHOICE(#name ".arbitration", name.arbitration, 0, arbitrations),                             \
      CHOICE(#name ".ecc", name.ecc, 0, eccs)

#define KIB UINT64_C(1024)
#define GIB (KIB * KIB * KIB)
#define MOST_MB_S 100000000
#define MACHINE ((struct shira_machine *)0)

// Sizes that the RTL keeps in 32 bits, and counts that it keeps in 16 (block header), set the
// upper ends; a completion record of 64 bytes is one burst of whole beats.
static const struct cfg_key machine_keys[] = {
    KEY("name", CFG_NAME, name, 0, 0, sizeof MACHINE->name),
    KEY("clock_mhz", CFG_U32, clock_mhz, 0, 1, 10000),
    KEY("array.n", CFG_U32, array_n, CFG_POW2, 4, 64),
    KEY("array.k", CFG_U32, array_k, CFG_POW2, 4, 64),
    CHOICE("layout", layout, 0, layouts),
    KEY("weight_sram.bytes", CFG_U32, weight_bytes, CFG_POW2 | CFG_BYTES, KIB, GIB),
    KEY("weight_sram.banks", CFG_U32, weight_banks, CFG_POW2, 4, 256),
    SRAM(weight_sram),
    KEY("activation_sram.bytes", CFG_U32, activation_bytes, CFG_POW2 | CFG_BYTES, 256, GIB),
    SRAM(activation_sram),
    KEY("accumulator_sram.bytes", CFG_U32, accumulator_bytes, CFG_POW2 | CFG_BYTES, 256, GIB),
    SRAM(accumulator_sram),
    KEY("parameter_sram.bytes", CFG_U32, parameter_bytes, CFG_POW2 | CFG_BYTES, 256, GIB),
    SRAM(parameter_sram),
    KEY("scatter.lanes", CFG_U32, scatter_lanes, 0, 1, 64),
    KEY("scatter.decode_bytes", CFG_U32, scatter_decode_bytes, 0, 4, 256),
    KEY("scatter.fifo_depth", CFG_U32, scatter_fifo_depth, CFG_POW2, 2, 256),
    KEY("scatter.merge", CFG_BOOL, scatter_merge, 0, 0, 0),
    KEY("scatter.block_updates", CFG_U32, scatter_block_updates, 0, 1, 16383),
    KEY("axi.data_bits", CFG_U32, axi_data_bits, CFG_POW2, 64, 512),
    KEY("axi.burst_bytes", CFG_U32, axi_burst_bytes, CFG_POW2, 64, 4096),
    KEY("axi.outstanding", CFG_U32, axi_outstanding, 0, 1, 256),
    KEY("command.queue_depth", CFG_U32, command_queue_depth, CFG_POW2, 2, 64),
    KEY("memory.bytes", CFG_U64, memory_bytes, CFG_BYTES, KIB *KIB, 64 * GIB),
    KEY("memory.latency", CFG_U32, memory_latency, 0, 1, 100000),
    KEY("memory.peak_mb_s", CFG_U32, memory_peak_mb_s, CFG_OPTIONAL, 1, MOST_MB_S),
    KEY("memory.burst_bytes", CFG_U32, memory_burst_bytes, CFG_POW2, 8, 4096),
    KEY("host_link.bytes", CFG_U64, host_bytes, CFG_BYTES, KIB *KIB, 64 * GIB),
    KEY("host_link.latency", CFG_U32, host_latency, 0, 1, 100000),
    KEY("host_link.peak_mb_s", CFG_U32, host_peak_mb_s, 0, 1, MOST_MB_S),
    KEY("host_link.credits", CFG_U32, host_credits, 0, 1, 65536),
    KEY("dram.standard", CFG_TEXT, dram.file, CFG_OPTIONAL, 0, sizeof MACHINE->dram.file),
    KEY("dram.channels", CFG_U32, dram.channels, CFG_OPTIONAL | CFG_POW2, 1, 16),
    KEY("dram.ranks", CFG_U32, dram.ranks, CFG_OPTIONAL | CFG_POW2, 1, 4),
    KEY("dram.mapping", CFG_NAME, dram.mapping, CFG_OPTIONAL, 0, sizeof MACHINE->dram.mapping),
    CHOICE("dram.hash", dram.hash, CFG_OPTIONAL, hashes),
    KEY("dram.queue", CFG_U32, dram.queue, CFG_OPTIONAL, 1, 256),
    KEY("dram.window", CFG_U32, dram.window, CFG_OPTIONAL, 1, 256),
    KEY("dram.batch", CFG_U32, dram.batch, CFG_OPTIONAL, 1, 256),
    KEY("dram.cap", CFG_U32, dram.cap, CFG_OPTIONAL, 1, 1000000),
    KEY("dram.idle_close", CFG_U32, dram.idle_close, CFG_OPTIONAL, 0, 1000000),
    CHOICE("dram.refresh", dram.refresh, CFG_OPTIONAL, refreshes),
    KEY("dram.refresh_postpone", CFG_U32, dram.refresh_postpone, CFG_OPTIONAL, 0,
        SHIRA_DRAM_MOST_POSTPONED),
    CHOICE("dram.ecc", dram.ecc, CFG_OPTIONAL, eccs),
};

#define N_KEYS (sizeof machine_keys / sizeof *machine_keys)

const char *shira_machine_key(unsigned i) {
  return i < N_KEYS ? machine_keys[i].path : NULL;
}

const char *shira_ports_name(uint32_t i) {
  return i <= SHIRA_PORTS_1RW ? ports[i] : NULL;
}

const char *shira_arbitration_name(uint32_t i) {
  return i <= SHIRA_ENGINE_FIRST ? arbitrations[i] : NULL;
}

const char *shira_ecc_name(uint32_t i) {
  return i <= SHIRA_ECC_WORD ? eccs[i] : NULL;
}

const char *shira_dram_hash_name(uint32_t i) {
  return i <= SHIRA_DRAM_HASH_COLUMN ? hashes[i] : NULL;
}

const char *shira_dram_refresh_name(uint32_t i) {
  return i <= SHIRA_DRAM_REFRESH_BANK ? refreshes[i] : NULL;
}

// A rule between two keys does not hold: blames `key`, which has `value`.
static int broken(const struct cfg_file *f, const char *key, uint64_t value, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
static int broken(const struct cfg_file *f, const char *key, uint64_t value, const char *format,
                  ...) {
  char allowed[200];
  va_list args;
  va_start(args, format);
  if (vsnprintf(allowed, sizeof allowed, format, args) < 0)
    allowed[0] = '\0';
  va_end(args);
  return cfg_fail(f, cfg_find(f->root, key), "'%" PRIu64 "' does not fit; allowed: %s", value,
                  allowed);
}

static uint32_t most(uint32_t a, uint32_t b) {
  return a > b ? a : b;
}

// Rules of the memories, as the RTL checks them at elaboration.
static int check_srams(const struct cfg_file *f, const struct shira_machine *m) {
  uint32_t beat = m->axi_data_bits / 8, n = m->array_n, k = m->array_k;
  if (k != n)
    return broken(f, "array.k", k, "array.n (%u)", n);
  if (m->weight_banks < n)
    return broken(f, "weight_sram.banks", m->weight_banks, "array.n (%u) or more", n);
  if (m->weight_banks < beat / k)
    return broken(f, "weight_sram.banks", m->weight_banks,
                  "at least the words in an AXI beat, axi.data_bits / 8 / array.k (%u)", beat / k);
  if (m->weight_bytes < 2 * k * m->weight_banks)
    return broken(f, "weight_sram.bytes", m->weight_bytes,
                  "at least two words a bank, 2 * array.k * weight_sram.banks (%u)",
                  2 * k * m->weight_banks);
  if (m->activation_bytes < 2 * most(beat, n))
    return broken(f, "activation_sram.bytes", m->activation_bytes,
                  "at least two words of a beat and of array.n bytes (%u)", 2 * most(beat, n));
  if (m->accumulator_bytes < 8 * n)
    return broken(f, "accumulator_sram.bytes", m->accumulator_bytes,
                  "at least two words of 4 * array.n bytes (%u)", 8 * n);
  if (m->parameter_bytes < 2 * most(8 * n, beat))
    return broken(f, "parameter_sram.bytes", m->parameter_bytes,
                  "at least two words of a beat and of 8 * array.n bytes (%u)",
                  2 * most(8 * n, beat));
  return 0;
}

// Rules of the paths: AXI, streams and memory.
static int check_paths(const struct cfg_file *f, const struct shira_machine *m) {
  uint32_t beat = m->axi_data_bits / 8;
  if (beat > 4 * m->array_n)
    return broken(f, "axi.data_bits", m->axi_data_bits, "at most 32 * array.n (%u)",
                  32 * m->array_n);
  if (m->memory_burst_bytes < beat)
    return broken(f, "memory.burst_bytes", m->memory_burst_bytes,
                  "at least an AXI beat, axi.data_bits / 8 (%u)", beat);
  if (m->axi_burst_bytes < m->memory_burst_bytes)
    return broken(f, "axi.burst_bytes", m->axi_burst_bytes, "memory.burst_bytes (%u) or more",
                  m->memory_burst_bytes);
  if (m->axi_burst_bytes > 256 * beat)
    return broken(f, "axi.burst_bytes", m->axi_burst_bytes, "at most 256 beats (%u)", 256 * beat);
  if (m->scatter_decode_bytes < m->scatter_lanes)
    return broken(f, "scatter.decode_bytes", m->scatter_decode_bytes, "scatter.lanes (%u) or more",
                  m->scatter_lanes);
  if (m->scatter_block_updates % m->scatter_lanes)
    return broken(f, "scatter.block_updates", m->scatter_block_updates,
                  "a multiple of scatter.lanes (%u)", m->scatter_lanes);
  if (m->memory_bytes % 4096)
    return broken(f, "memory.bytes", m->memory_bytes, "a multiple of 4096");
  if (m->host_bytes % 4096)
    return broken(f, "host_link.bytes", m->host_bytes, "a multiple of 4096");
  return 0;
}

// ---- DRAM -------------------------------------------------------------------------------------

// Number of a field's name in a mapping, SHIRA_DRAM_FIELDS for none.
static unsigned field_of(const char *s, uint32_t *low_bits) {
  static const char *const names[] = {"ro", "ra", "bg", "ba", "co", "ch"};
  for (unsigned i = 0; i < SHIRA_DRAM_LOW; i++)
    if (!strncmp(s, names[i], 2))
      return i;
  if (s[0] != 'c' || s[1] < '1' || s[1] > '4')
    return SHIRA_DRAM_FIELDS;
  *low_bits = (uint32_t)(s[1] - '0');
  return SHIRA_DRAM_LOW;
}

// Reads a mapping: the names of all fields, each once, and perhaps that of the column's lowest
// bits.
static int read_mapping(const struct cfg_file *f, struct shira_dram_setup *d) {
  const unsigned all = (1u << SHIRA_DRAM_LOW) - 1;
  unsigned seen = 0;
  bool good = true, last = false;
  for (const char *s = d->mapping; good && !last; s += 3) {
    const unsigned i = field_of(s, &d->low_bits);
    good = i < SHIRA_DRAM_FIELDS && !(seen >> i & 1) && (s[2] == '-' || s[2] == '\0');
    if (!good)
      break;
    last = s[2] == '\0';
    seen |= 1u << i;
    d->fields[d->n_fields++] = (uint8_t)i;
  }
  if (good && (seen & all) == all)
    return 0;
  return cfg_fail(
      f, cfg_find(f->root, "dram.mapping"),
      "'%s' is no mapping; allowed: ro, ra, bg, ba, co, ch, each once, perhaps c1 to c4 "
      "for the lowest bits of the column, the most significant first, '-' between",
      d->mapping);
}

static int check_dram(const struct cfg_file *f, const struct shira_machine *m) {
  const struct shira_dram_setup *d = &m->dram;
  const uint32_t burst = shira_dram_burst_bytes(&d->standard);
  const uint64_t bytes = shira_dram_rank_bytes(&d->standard) * d->channels * d->ranks;
  if (m->memory_burst_bytes != burst)
    return broken(f, "memory.burst_bytes", m->memory_burst_bytes, "a burst of %s (%u)",
                  d->standard.name, burst);
  if (m->memory_bytes > bytes)
    return broken(f, "memory.bytes", m->memory_bytes, "at most what the DRAM holds (%" PRIu64 ")",
                  bytes);
  if (d->ranks * d->standard.bank_groups * d->standard.banks > 64)
    return broken(f, "dram.ranks", d->ranks, "at most 64 banks in all ranks of a channel (%u)",
                  64 / (d->standard.bank_groups * d->standard.banks));
  if (d->standard.page_bytes / burst >> d->low_bits == 0)
    return cfg_fail(f, cfg_find(f->root, "dram.mapping"), "has more bits than a column");
  if (d->window > d->queue)
    return broken(f, "dram.window", d->window, "dram.queue (%u) or less", d->queue);
  if (d->refresh == SHIRA_DRAM_REFRESH_BANK &&
      shira_dram_clocks(&d->standard, d->standard.trfc_bank) == 0)
    return cfg_fail(f, cfg_find(f->root, "dram.refresh"),
                    "'per-bank' does not fit: %s has none; allowed: all-bank", d->standard.name);
  return 0;
}

// The DRAM with its standard, or the peak of a memory without.
static int read_dram(const struct cfg_file *f, struct shira_machine *m) {
  struct shira_dram_setup *d = &m->dram;
  const struct cfg_node *peak = cfg_find(f->root, "memory.peak_mb_s");
  m->has_dram = cfg_find(f->root, "dram") != NULL;
  if (!m->has_dram)
    return cfg_complete(f, machine_keys, N_KEYS, "memory.");
  if (peak)
    return cfg_fail(f, peak, "does not go with dram, whose standard has the peak");
  int rc = cfg_complete(f, machine_keys, N_KEYS, "dram.");
  if (!rc)
    rc = read_mapping(f, d);
  if (!rc)
    rc = cfg_beside(f, cfg_find(f->root, "dram.standard"), d->file, sizeof d->file);
  if (!rc)
    rc = shira_dram_standard_load(d->file, &d->standard, f->error);
  if (!rc) {
    const uint64_t mb_s =
        (uint64_t)d->standard.data_rate * d->standard.channel_bits / 8 * d->channels;
    m->memory_peak_mb_s = mb_s < MOST_MB_S ? (uint32_t)mb_s : MOST_MB_S;
    rc = check_dram(f, m);
  }
  return rc;
}

int shira_machine_load(const char *path, struct shira_machine *machine, struct shira_error *error) {
  struct cfg_file f;
  struct shira_machine file;
  memset(&file, 0, sizeof file);
  int rc = cfg_open(&f, path, error);
  if (rc)
    return rc;
  rc = cfg_read(&f, f.root, machine_keys, N_KEYS, &file);
  if (!rc)
    rc = read_dram(&f, &file);
  if (!rc)
    rc = check_srams(&f, &file);
  if (!rc)
    rc = check_paths(&f, &file);
  if (!rc)
    *machine = file;
  cfg_close(&f);
  return rc;
}

// A memory's choices as shira_top takes them: a bit each.
static unsigned mode(const struct shira_sram *s) {
  return s->ports | s->arbitration << 1 | s->ecc << 2;
}

// All RTL parameters but BuildHash, in the order of the top module.
static int parameters(const struct shira_machine *m, char *buf, size_t size) {
  return snprintf(
      buf, size,
      "-GArrayN=%u -GArrayK=%u -GWeightBytes=%u -GWeightBanks=%u -GActBytes=%u "
      "-GAccBytes=%u -GParamBytes=%u -GLanes=%u -GDecodeBytes=%u -GFifoDepth=%u "
      "-GRowLayout=%u -GMerge=%u -GBlockUpdates=%u -GBeatBytes=%u -GBurstBytes=%u -GOutstanding=%u "
      "-GQueueDepth=%u -GStreamAlign=%u -GWeightMode=%u -GActMode=%u -GAccMode=%u -GParamMode=%u",
      m->array_n, m->array_k, m->weight_bytes, m->weight_banks, m->activation_bytes,
      m->accumulator_bytes, m->parameter_bytes, m->scatter_lanes, m->scatter_decode_bytes,
      m->scatter_fifo_depth, m->layout == SHIRA_LAYOUT_ROW, m->scatter_merge,
      m->scatter_block_updates, m->axi_data_bits / 8, m->axi_burst_bytes, m->axi_outstanding,
      m->command_queue_depth, m->memory_burst_bytes, mode(&m->weight_sram),
      mode(&m->activation_sram), mode(&m->accumulator_sram), mode(&m->parameter_sram));
}

uint32_t shira_machine_rtl_hash(const struct shira_machine *machine) {
  char text[640];              // 22 numbers of at most 10 digits and about 330 letters
  uint32_t hash = 2166136261u; // FNV-1a: offset basis and prime of its authors
  parameters(machine, text, sizeof text);
  for (const char *p = text; *p; p++)
    hash = (hash ^ (unsigned char)*p) * 16777619u;
  return hash;
}

int shira_machine_rtl_flags(const struct shira_machine *machine, char *buf, size_t size) {
  char text[640];
  parameters(machine, text, sizeof text);
  // Hexadecimal: Verilator takes a decimal above 2^31 for a real.
  int n = snprintf(buf, size, "%s -GBuildHash=0x%08x", text, shira_machine_rtl_hash(machine));
  return n >= 0 && (size_t)n < size ? n : -ENOSPC;
}
