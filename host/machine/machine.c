// Machine files and what of them the RTL is built from.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/machine/tables.h"
#include "shira/config.h"
#include "shira/regs.h"

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

// An SRAM of that size and width answers within its latency.
static int check_latency(const struct cfg_file *f, const struct shira_machine *m, const char *key,
                         const struct shira_sram *sram, uint32_t bytes, uint32_t word_bytes) {
  const struct shira_process *p = shira_process(m->process);
  const double ns = shira_sram_ns(p, bytes, word_bytes), cycles = ns * m->clock_mhz / 1000;
  const uint32_t least = (uint32_t)ceil(cycles);
  char allowed[24] = "none";
  if (sram->latency >= least)
    return 0;
  if (least <= 3)
    snprintf(allowed, sizeof allowed, "%u or more", least);
  return broken(f, key, sram->latency, "%s: %u bytes of %u bits take %.2f ns at %s, %.2f cycles",
                allowed, bytes, 8 * word_bytes, ns, p->name, cycles);
}

// The clock and the latencies of SRAMs are what the process can do.
static int check_process(const struct cfg_file *f, const struct shira_machine *m) {
  const struct shira_process *p = shira_process(m->process);
  const uint32_t beat = m->axi_data_bits / 8, n = m->array_n;
  if (p->fo4_ps > 0 && m->clock_mhz > shira_process_mhz(p))
    return broken(
        f, "clock_mhz", m->clock_mhz, "at most %u at %s: a path of %u FO4 of %.1f ps takes %.0f ps",
        shira_process_mhz(p), p->name, SHIRA_DEEPEST_FO4, p->fo4_ps, SHIRA_DEEPEST_FO4 * p->fo4_ps);
  int rc = check_latency(f, m, "weight_sram.latency", &m->weight_sram,
                         m->weight_bytes / m->weight_banks, m->array_k);
  if (!rc)
    rc = check_latency(f, m, "activation_sram.latency", &m->activation_sram, m->activation_bytes,
                       most(beat, n));
  if (!rc)
    rc = check_latency(f, m, "accumulator_sram.latency", &m->accumulator_sram, m->accumulator_bytes,
                       4 * n);
  if (!rc)
    rc = check_latency(f, m, "parameter_sram.latency", &m->parameter_sram, m->parameter_bytes,
                       most(8 * n, beat));
  return rc;
}

// The models of a memory of a fixed rate and of the link give the first burst after a pause when
// its latency is over, as if its data took no time. So that nothing is quicker than its bound, a
// burst takes no longer than the latency, or than the least that a program takes beside it.
#define LEAST_PROGRAM 32u // cycles: fetch of a descriptor, dispatch, completion

static int check_rate(const struct cfg_file *f, const struct shira_machine *m, const char *peak,
                      uint64_t mb_s, uint32_t latency) {
  const uint64_t work = (uint64_t)m->memory_burst_bytes * m->clock_mhz;
  const uint32_t most = latency > LEAST_PROGRAM ? latency : LEAST_PROGRAM;
  const uint64_t least = (work + most - 1) / most;
  if (mb_s >= least)
    return 0;
  return broken(f, peak, mb_s,
                "%" PRIu64 " or more: a burst of memory.burst_bytes takes at most its latency, or "
                "%u cycles",
                least, LEAST_PROGRAM);
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
  int rc = check_rate(f, m, "host_link.peak_mb_s", m->host_peak_mb_s, m->host_latency);
  if (!rc && !m->has_dram)
    rc = check_rate(f, m, "memory.peak_mb_s", m->memory_peak_mb_s, m->memory_latency);
  return rc;
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

// No access may wait for longer than CFG_MOST_WAIT, in device cycles: what an access can wait for
// is less than all timings together, but for the interval of refreshes.
static int check_standard(const struct cfg_file *f, const struct shira_machine *m) {
  const struct shira_dram_standard *s = &m->dram.standard;
  uint64_t clocks = 0;
  for (unsigned i = 0; i < cfg_standard.n; i++) {
    struct shira_timing t;
    if (cfg_standard.keys[i].type != CFG_TIMING ||
        !strcmp(cfg_standard.keys[i].path, "timing.trefi"))
      continue;
    memcpy(&t, (const char *)s + cfg_standard.keys[i].offset, sizeof t);
    clocks += shira_dram_clocks(s, t);
  }
  const uint64_t cycles = clocks * s->transfers_per_clock * m->clock_mhz / s->data_rate;
  if (cycles + m->memory_latency > CFG_MOST_WAIT)
    return cfg_fail(f, cfg_find(f->root, "dram.standard"),
                    "%s is too slow for clock_mhz: with memory.latency its timings are %" PRIu64
                    " cycles; allowed: at most %u",
                    s->name, cycles + m->memory_latency, CFG_MOST_WAIT);
  return 0;
}

// Refreshes that are due must fit in, at the DRAM's temperature.
static int check_refresh(const struct cfg_file *f, const struct shira_dram_setup *d) {
  const struct shira_dram_standard *s = &d->standard;
  const bool per_bank = d->refresh == SHIRA_DRAM_REFRESH_BANK;
  const uint32_t due =
      shira_dram_refresh_interval(d) / (per_bank ? shira_dram_refresh_round(s) : 1);
  // Between two REFpb an ACT goes, and a bank is done when its next one is due.
  const uint32_t round = shira_dram_refresh_round(s);
  const uint32_t gap =
      most(shira_dram_clocks(s, s->trefpb), 2 * shira_dram_clocks(s, s->trefpb_act));
  const uint32_t share = (shira_dram_clocks(s, s->trfc_bank) + round - 1) / round;
  const uint32_t takes = per_bank ? most(gap, share) : shira_dram_clocks(s, s->trfc);
  if (per_bank && shira_dram_clocks(s, s->trfc_bank) == 0)
    return cfg_fail(f, cfg_find(f->root, "dram.refresh"),
                    "'per-bank' does not fit: %s has none; allowed: all-bank", s->name);
  if (due < takes || (!per_bank && due == takes))
    return broken(f, "dram.refresh_rate", d->refresh_rate,
                  "less: a refresh is due each %u clocks, and takes %u", due, takes);
  return 0;
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
  const int rc = check_refresh(f, d);
  return rc ? rc : check_standard(f, m);
}

// All keys of a DRAM are there; `batch` where it has an effect, and only there.
static int complete_dram(const struct cfg_file *f, const struct shira_dram_setup *d) {
  const struct cfg_node *batch = cfg_find(f->root, "dram.batch");
  for (unsigned i = 0; i < cfg_machine.n; i++) {
    const struct cfg_key *key = &cfg_machine.keys[i];
    const bool needed = strcmp(key->path, "dram.batch") || d->writes == SHIRA_DRAM_WRITES_BATCH;
    if (!strncmp(key->path, "dram.", 5) && needed) {
      const int rc = cfg_complete(f, key, 1, "dram.");
      if (rc)
        return rc;
    }
  }
  if (batch && d->writes == SHIRA_DRAM_WRITES_MARKS)
    return cfg_fail(f, batch, "does not go with dram.writes: marks");
  return 0;
}

// The DRAM with its standard, or the peak of a memory without.
static int read_dram(const struct cfg_file *f, struct shira_machine *m) {
  struct shira_dram_setup *d = &m->dram;
  const struct cfg_node *peak = cfg_find(f->root, "memory.peak_mb_s");
  m->has_dram = cfg_find(f->root, "dram") != NULL;
  if (!m->has_dram)
    return cfg_complete(f, cfg_machine.keys, cfg_machine.n, "memory.");
  if (peak)
    return cfg_fail(f, peak, "does not go with dram, whose standard has the peak");
  int rc = complete_dram(f, d);
  if (!rc)
    rc = read_mapping(f, d);
  if (!rc)
    rc = cfg_named(f, cfg_find(f->root, "dram.standard"), NULL, "configs/dram", d->file,
                   sizeof d->file);
  if (!rc)
    rc = shira_dram_standard_load(d->file, &d->standard, f->error);
  if (!rc) {
    const uint64_t mb_s =
        (uint64_t)d->standard.data_rate * d->standard.channel_bits / 8 * d->channels;
    m->memory_peak_mb_s = mb_s < CFG_MOST_MB_S ? (uint32_t)mb_s : CFG_MOST_MB_S;
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
  rc = cfg_read(&f, f.root, cfg_machine.keys, cfg_machine.n, &file);
  if (!rc)
    rc = read_dram(&f, &file);
  if (!rc)
    rc = check_srams(&f, &file);
  if (!rc)
    rc = check_paths(&f, &file);
  if (!rc)
    rc = check_process(&f, &file);
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
      "-GRowLayout=%u -GMerge=%u -GBlockUpdates=%u -GFullCounters=%u -GBeatBytes=%u "
      "-GBurstBytes=%u -GOutstanding=%u "
      "-GQueueDepth=%u -GStreamAlign=%u -GWeightMode=%u -GActMode=%u -GAccMode=%u -GParamMode=%u "
      "-GWeightLatency=%u -GActLatency=%u -GAccLatency=%u -GParamLatency=%u",
      m->array_n, m->array_k, m->weight_bytes, m->weight_banks, m->activation_bytes,
      m->accumulator_bytes, m->parameter_bytes, m->scatter_lanes, m->scatter_decode_bytes,
      m->scatter_fifo_depth, m->layout == SHIRA_LAYOUT_ROW, m->scatter_merge,
      m->scatter_block_updates, m->counters == SHIRA_COUNTER_SET_FULL, m->axi_data_bits / 8,
      m->axi_burst_bytes, m->axi_outstanding, m->command_queue_depth, m->memory_burst_bytes,
      mode(&m->weight_sram), mode(&m->activation_sram), mode(&m->accumulator_sram),
      mode(&m->parameter_sram), m->weight_sram.latency, m->activation_sram.latency,
      m->accumulator_sram.latency, m->parameter_sram.latency);
}

uint32_t shira_machine_rtl_hash(const struct shira_machine *machine) {
  char text[768];              // 27 numbers of at most 10 digits and about 430 letters
  uint32_t hash = 2166136261u; // FNV-1a: offset basis and prime of its authors
  parameters(machine, text, sizeof text);
  for (const char *p = text; *p; p++)
    hash = (hash ^ (unsigned char)*p) * 16777619u;
  return hash;
}

int shira_machine_rtl_flags(const struct shira_machine *machine, char *buf, size_t size) {
  char text[768];
  parameters(machine, text, sizeof text);
  // Hexadecimal: Verilator takes a decimal above 2^31 for a real.
  int n = snprintf(buf, size, "%s -GBuildHash=0x%08x", text, shira_machine_rtl_hash(machine));
  return n >= 0 && (size_t)n < size ? n : -ENOSPC;
}
