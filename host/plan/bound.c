// The least cycles for a switch or a pass; see shira/bound.h.
#include "shira/bound.h"

#include <errno.h>
#include <stdlib.h>

#include "shira/dram_map.h"
#include "shira/device.h"

#define HEADER_BYTES 16.0 // of a stream's block
#define CRC_BYTES 4.0     // in it
#define POSITION_BYTES 4  // of coo32
#define GAPS_PER_UPDATE 4 // most gap bytes of a block, per update that it can hold

static uint32_t classes(const struct shira_machine *m) {
  return m->array_n < SHIRA_BOUND_CLASSES ? m->array_n : SHIRA_BOUND_CLASSES;
}

// Accesses to `weights` weights, whole words, spread evenly.
static void spread(const struct shira_machine *m, double weights, double *words) {
  for (uint32_t i = 0; i < classes(m); i++)
    words[i] += weights / m->array_k / classes(m);
}

// Positions of a row, by layout row: the columns, rounded up to a power of two, at least a word.
static uint64_t row_positions(const struct shira_machine *m, uint32_t in) {
  uint64_t positions = m->array_k;
  while (positions < in)
    positions *= 2;
  return positions;
}

// Byte of element (r, c) in its image.
static uint64_t image_byte(const struct shira_machine *m, uint32_t in, uint64_t r, uint64_t c) {
  uint64_t n = m->array_n, k = m->array_k;
  return ((r / n * ((in + k - 1) / k) + c / k) * n + r % n) * k + c % k;
}

// Byte of the image that a position names.
static uint64_t byte_at(const struct shira_machine *m, uint32_t in, uint64_t position) {
  if (m->layout != SHIRA_LAYOUT_ROW)
    return position;
  uint64_t row = row_positions(m, in);
  return image_byte(m, in, position / row, position % row);
}

// Sets the bits of the module's positions. Returns false for an index out of range.
static bool mark(const struct shira_machine *m, const struct shira_adapter_module *module,
                 uint64_t *mask) {
  for (uint32_t i = 0; i < module->count; i++) {
    uint64_t r = module->row[i], c = module->col[i];
    if (r >= module->out || c >= module->in)
      return false;
    uint64_t position = m->layout == SHIRA_LAYOUT_ROW ? r * row_positions(m, module->in) + c
                                                      : image_byte(m, module->in, r, c);
    mask[position / 64] |= (uint64_t)1 << position % 64;
  }
  return true;
}

// The positions of both modules as a bit mask; NULL and *err on error.
static uint64_t *position_mask(const struct shira_machine *m,
                               const struct shira_adapter_module *from,
                               const struct shira_adapter_module *to, size_t *words, int *err) {
  const struct shira_adapter_module *any = to ? to : from;
  uint64_t n = m->array_n, k = m->array_k;
  *err = -EINVAL;
  if (!any || !n || !k || !any->out || !any->in || !m->scatter_block_updates ||
      (from && to && (from->out != to->out || from->in != to->in)))
    return NULL;
  uint64_t rows = (any->out + n - 1) / n * n, columns = (any->in + k - 1) / k * k;
  if (m->layout == SHIRA_LAYOUT_ROW)
    columns = row_positions(m, any->in);
  *words = rows * columns / 64 + 1;
  uint64_t *mask = calloc(*words, sizeof *mask);
  if (!mask) {
    *err = -ENOMEM;
    return NULL;
  }
  if ((from && !mark(m, from, mask)) || (to && !mark(m, to, mask))) {
    free(mask);
    return NULL;
  }
  *err = 0;
  return mask;
}

// Where the count of a stream's bytes stands.
struct stream_count {
  uint64_t last;          // position of the update before
  uint64_t updates, gaps; // of the block
  uint64_t gap_bytes, total;
};

// Counts one update; returns whether it is the first in its word of k weights.
static bool count_update(const struct shira_machine *m, enum shira_stream_format format,
                         struct stream_count *s, uint64_t position) {
  bool new_word = !s->total || s->last / m->array_k != position / m->array_k;
  if (format == SHIRA_STREAM_FORMAT_COO32) {
    s->gap_bytes += POSITION_BYTES;
    s->last = position;
    s->total++;
    return new_word;
  }
  uint64_t bytes = s->total ? (position - s->last - 1) / 255 + 1 : 1;
  // A longer gap is cheaper as the start of a block.
  uint64_t longest = (uint64_t)HEADER_BYTES + 2 * (uint64_t)m->memory_burst_bytes;
  uint64_t most = (uint64_t)GAPS_PER_UPDATE * m->scatter_block_updates;
  if (!s->total || s->updates == m->scatter_block_updates || s->gaps + bytes > most ||
      bytes > longest) {
    s->updates = s->gaps = 0;
    bytes = 1;
  }
  s->updates++;
  s->gaps += bytes;
  s->gap_bytes += bytes;
  s->last = position;
  s->total++;
  return new_word;
}

static void from_adapter(struct shira_demand *d, double bytes) {
  d->read_bytes += bytes;
  d->adapter_read += bytes;
}

// Ends the burst of memory that is counted. Where not all of it is written it is a masked write.
static void end_burst(const struct shira_machine *m, bool read, struct shira_demand *d) {
  const uint32_t bytes = d->last_bytes;
  d->last_bytes = 0;
  if (!m->has_dram || bytes == 0 || bytes == m->memory_burst_bytes)
    return;
  if (m->dram.ecc == SHIRA_ECC_WORD) {
    d->read_bytes += read ? 0 : m->memory_burst_bytes;
    return;
  }
  const struct shira_dram_standard *s = &m->dram.standard;
  const struct shira_dram_map map = shira_dram_map_of(&m->dram);
  const struct shira_dram_place p =
      shira_dram_place_of(&map, d->last_burst - 1 - SHIRA_MEMORY_BASE / m->memory_burst_bytes);
  d->masked[((p.channel * m->dram.ranks + p.rank) * s->bank_groups * s->banks + p.bank) %
            SHIRA_BOUND_BANKS]++;
}

// Counts one update of an image, at byte `byte` of memory; neighbours of one burst share it. read:
// what is written is read before.
static void count_burst(const struct shira_machine *m, bool read, uint64_t byte,
                        struct shira_demand *d) {
  uint64_t burst = byte / m->memory_burst_bytes + 1;
  if (burst == d->last_burst) {
    d->last_bytes++;
    return;
  }
  end_burst(m, read, d);
  d->last_burst = burst;
  d->last_bytes = 1;
  d->written_bytes += m->memory_burst_bytes;
  if (read)
    d->read_bytes += m->memory_burst_bytes;
}

void shira_demand_end_set(const struct shira_machine *m, enum shira_scatter_op op,
                          struct shira_demand *d) {
  end_burst(m, op != SHIRA_SCATTER_OP_SET, d);
  d->last_burst = 0;
}

// Counts one word of an image, of which `whole` says whether all weights are updated. Where the old
// word is needed anyway, it is read once for both purposes.
static void count_word(const struct shira_machine *m, enum shira_scatter_op op, uint64_t word,
                       bool whole, struct shira_demand *d) {
  d->weight_writes[word % classes(m)]++;
  if (op != SHIRA_SCATTER_OP_SET || (m->weight_sram.ecc == SHIRA_ECC_WORD && !whole))
    d->weight_reads[word % classes(m)]++;
}

// Whether a mask of positions has all weights of the word that `position` is in. What pads a row of
// `in` weights may be written as it is.
static bool whole_word(const struct shira_machine *m, uint32_t in, const uint64_t *mask,
                       uint64_t position) {
  uint64_t k = m->array_k, tile = position / (m->array_n * k), first = position / k * k;
  uint64_t column = tile % ((in + k - 1) / k) * k;
  if (m->layout == SHIRA_LAYOUT_ROW)
    column = first % row_positions(m, in);
  uint64_t left = column < in ? in - column : 0;
  for (uint64_t p = first; p < first + (left < k ? left : k); p++)
    if (!(mask[p / 64] >> p % 64 & 1))
      return false;
  return true;
}

int shira_demand_scatter(const struct shira_machine *m, enum shira_stream_format format,
                         const struct shira_adapter_module *from,
                         const struct shira_adapter_module *to, enum shira_scatter_op op,
                         const uint64_t *home, struct shira_demand *d) {
  int err;
  size_t words;
  uint64_t *mask = position_mask(m, from, to, &words, &err);
  if (!mask)
    return err;
  const uint32_t in = to ? to->in : from->in;
  struct stream_count s = {0};
  for (size_t i = 0; i < words; i++)
    for (uint64_t bits = mask[i]; bits; bits &= bits - 1) {
      uint64_t position = i * 64 + (unsigned)__builtin_ctzll(bits);
      bool new_write = count_update(m, format, &s, position) || !m->scatter_merge;
      uint64_t byte = byte_at(m, in, position);
      if (home)
        count_burst(m, op != SHIRA_SCATTER_OP_SET, *home + byte, d);
      else if (new_write)
        count_word(m, op, byte / m->array_k, m->scatter_merge && whole_word(m, in, mask, position),
                   d);
    }
  free(mask);
  // A header for every block_updates updates: a block that ends early counts for as much of it as
  // is used, since what comes before or after may share it.
  double blocks = (double)s.total / m->scatter_block_updates;
  d->updates += (double)s.total;
  d->gap_bytes += (double)s.gap_bytes;
  from_adapter(d, HEADER_BYTES * blocks + (double)s.gap_bytes + (double)s.total);
  if (op == SHIRA_SCATTER_OP_SWAP) { // values and a CRC a block go back
    d->written_bytes += (double)s.total + CRC_BYTES * blocks;
    d->adapter_written += (double)s.total + CRC_BYTES * blocks;
  }
  return 0;
}

void shira_demand_reload(const struct shira_machine *m, uint32_t out, uint32_t in,
                         struct shira_demand *d) {
  double weights = (double)out * in;
  d->read_bytes += weights;
  spread(m, weights, d->weight_writes);
}

void shira_demand_store(const struct shira_machine *m, uint32_t out, uint32_t in,
                        struct shira_demand *d) {
  double weights = (double)out * in;
  d->written_bytes += weights;
  spread(m, weights, d->weight_reads);
}

void shira_demand_lora_product(const struct shira_machine *m, uint32_t out, uint32_t in,
                               uint32_t rank, struct shira_demand *d) {
  double weights = (double)out * in, a = (double)rank * in, b = (double)out * rank;
  from_adapter(d, a + b);
  spread(m, a, d->weight_writes);
  spread(m, a, d->weight_reads);
  d->activation_writes += b;
  d->activation_reads += b;
  d->macs += weights * rank;
  d->results += weights;
}

void shira_demand_update(const struct shira_machine *m, uint32_t out, uint32_t in,
                         struct shira_demand *d) {
  double weights = (double)out * in;
  spread(m, weights, d->weight_reads);
  spread(m, weights, d->weight_writes);
}

void shira_demand_lora_fetch(const struct shira_machine *m, uint32_t out, uint32_t in,
                             uint32_t rank, struct shira_demand *d) {
  shira_demand_reload(m, rank, in, d);
  shira_demand_reload(m, out, rank, d);
  d->adapter_read += (double)rank * in + (double)out * rank;
}

static double larger(double a, double b) {
  return a > b ? a : b;
}

// Bytes of a word of the activation SRAM.
static double activation_word(const struct shira_machine *m) {
  return larger(m->axi_data_bits / 8.0, larger(m->array_k, m->array_n));
}

// INT8 results into the activation SRAM. They leave the array n at a time; with ECC n bytes of a
// wider word cost a read and a write of all of it.
static void store_results(const struct shira_machine *m, double results, struct shira_demand *d) {
  double word = activation_word(m);
  if (m->activation_sram.ecc == SHIRA_ECC_NONE || word <= m->array_n) {
    d->activation_writes += results;
    return;
  }
  d->activation_reads += results / m->array_n * word;
  d->activation_writes += results / m->array_n * word;
}

// A product of weights [out][in] in the weight SRAM with tokens in the activation SRAM.
static void product(const struct shira_machine *m, uint32_t out, uint32_t in, uint32_t tokens,
                    struct shira_demand *d) {
  double weights = (double)out * in;
  d->macs += weights * tokens;
  d->results += (double)out * tokens;
  spread(m, weights, d->weight_reads);
}

void shira_demand_pass(const struct shira_machine *m, uint32_t out, uint32_t in, uint32_t tokens,
                       bool fetch_input, struct shira_demand *d) {
  double inputs = (double)tokens * in, outputs = (double)tokens * out;
  if (fetch_input) {
    d->read_bytes += inputs;
    d->activation_writes += inputs;
  }
  d->activation_reads += inputs + outputs;
  store_results(m, outputs, d);
  d->written_bytes += outputs;
  product(m, out, in, tokens, d);
}

void shira_demand_pass_unfused(const struct shira_machine *m, uint32_t out, uint32_t in,
                               uint32_t rank, uint32_t tokens, bool fetch_input,
                               struct shira_demand *d) {
  double h = (double)tokens * rank;
  shira_demand_pass(m, out, in, tokens, fetch_input, d);
  product(m, rank, in, tokens, d);
  product(m, out, rank, tokens, d);
  store_results(m, h, d);
  d->activation_reads += h;
}

// Cycles of the fullest bank's port for accesses of `a` and of `b` (may be NULL).
static double fullest(const struct shira_machine *m, const double *a, const double *b) {
  double max = 0;
  for (uint32_t i = 0; i < classes(m); i++)
    max = larger(max, a[i] + (b ? b[i] : 0));
  return max * classes(m) / m->weight_banks;
}

// Cycles that the gaps between masked writes of the fullest bank of a DRAM take.
static double masked_gaps(const struct shira_machine *m, const struct shira_demand *d) {
  double most = 0;
  for (unsigned i = 0; i < SHIRA_BOUND_BANKS; i++)
    most = larger(most, d->masked[i]);
  if (most == 0)
    return 0;
  const struct shira_dram_standard *s = &m->dram.standard;
  const double clocks = (most - 1) * shira_dram_clocks(s, s->tccd_masked);
  return clocks * s->transfers_per_clock * m->clock_mhz / s->data_rate;
}

const char *shira_limit_name(unsigned limit) {
  static const char *const names[SHIRA_LIMIT_COUNT] = {
      [SHIRA_LIMIT_NONE] = "none",
      [SHIRA_LIMIT_MEMORY] = "memory",
      [SHIRA_LIMIT_MEMORY_LATENCY] = "memory latency",
      [SHIRA_LIMIT_MASKED_WRITES] = "masked writes",
      [SHIRA_LIMIT_HOST_LINK] = "host link",
      [SHIRA_LIMIT_AXI_READ] = "axi read",
      [SHIRA_LIMIT_AXI_WRITE] = "axi write",
      [SHIRA_LIMIT_MACS] = "macs",
      [SHIRA_LIMIT_RESULTS] = "results",
      [SHIRA_LIMIT_LANES] = "lanes",
      [SHIRA_LIMIT_DECODER] = "decoder",
      [SHIRA_LIMIT_WEIGHT_READ_PORT] = "weight read port",
      [SHIRA_LIMIT_WEIGHT_WRITE_PORT] = "weight write port",
      [SHIRA_LIMIT_WEIGHT_PORT] = "weight port",
      [SHIRA_LIMIT_ACTIVATION_READ_PORT] = "activation read port",
      [SHIRA_LIMIT_ACTIVATION_WRITE_PORT] = "activation write port",
      [SHIRA_LIMIT_ACTIVATION_PORT] = "activation port",
  };
  return limit < SHIRA_LIMIT_COUNT ? names[limit] : NULL;
}

// Cycles from the first beat of the longest AXI burst to its last.
static double beats_after_first(const struct shira_machine *m) {
  const double beat = m->axi_data_bits / 8.0;
  return larger(m->axi_burst_bytes, beat) / beat - 1;
}

double shira_least_latency(const struct shira_machine *m, bool write) {
  if (!m->has_dram)
    return m->memory_latency + beats_after_first(m);
  // A command may go in the clock that its request came in, so one clock less than between them.
  const struct shira_dram_standard *s = &m->dram.standard;
  const double clocks = shira_dram_clocks(s, write ? s->cwl : s->cl) +
                        (double)s->burst_length / s->transfers_per_clock - 1;
  return m->memory_latency + clocks * s->transfers_per_clock * m->clock_mhz / s->data_rate +
         beats_after_first(m);
}

// Cycles that bursts in flight take in one direction: `bytes` of memory, and what of them crosses
// the host link, which has a latency of its own.
static double latency_cycles(const struct shira_machine *m, double bytes, double host, bool write) {
  const double flight = (double)m->axi_outstanding * m->axi_burst_bytes;
  const double link = m->host_latency + beats_after_first(m);
  return flight > 0 ? ((bytes - host) * shira_least_latency(m, write) + host * link) / flight : 0;
}

// Cycles that the host link takes: each burst on it keeps a credit for a latency.
static double link_cycles(const struct shira_machine *m, double bytes) {
  const double flight = (double)m->host_credits * m->memory_burst_bytes;
  if (bytes == 0)
    return 0;
  return larger(bytes * m->clock_mhz / m->host_peak_mb_s,
                flight > 0 ? bytes * m->host_latency / flight : 0);
}

double shira_bound(const struct shira_machine *m, const struct shira_demand *d,
                   enum shira_limit *limit) {
  return shira_bound_at(m, d, m->memory_peak_mb_s, limit);
}

double shira_bound_at(const struct shira_machine *m, const struct shira_demand *d, double mb_s,
                      enum shira_limit *limit) {
  double peak = mb_s / m->clock_mhz, beat = m->axi_data_bits / 8.0;
  double host_read = d->adapters_in_host ? d->adapter_read : 0;
  double host_written = d->adapters_in_host ? d->adapter_written : 0;
  double word = activation_word(m);
  const bool one = m->weight_sram.ports == SHIRA_PORTS_1RW;
  const bool one_act = m->activation_sram.ports == SHIRA_PORTS_1RW;
  // A limit of 0 is none: a memory has two ports or one.
  const double limits[SHIRA_LIMIT_COUNT] = {
      [SHIRA_LIMIT_MEMORY] = (d->read_bytes + d->written_bytes - host_read - host_written) / peak,
      [SHIRA_LIMIT_MEMORY_LATENCY] =
          larger(latency_cycles(m, d->read_bytes, host_read, false),
                 latency_cycles(m, d->written_bytes, host_written, true)),
      [SHIRA_LIMIT_MASKED_WRITES] = masked_gaps(m, d),
      [SHIRA_LIMIT_HOST_LINK] = link_cycles(m, host_read + host_written),
      [SHIRA_LIMIT_AXI_READ] = d->read_bytes / beat,
      [SHIRA_LIMIT_AXI_WRITE] = d->written_bytes / beat,
      [SHIRA_LIMIT_MACS] = d->macs / ((double)m->array_n * m->array_k),
      [SHIRA_LIMIT_RESULTS] = d->results / m->array_n,
      [SHIRA_LIMIT_LANES] = d->updates / m->scatter_lanes,
      [SHIRA_LIMIT_DECODER] = d->gap_bytes / m->scatter_decode_bytes,
      [SHIRA_LIMIT_WEIGHT_READ_PORT] = one ? 0 : fullest(m, d->weight_reads, NULL),
      [SHIRA_LIMIT_WEIGHT_WRITE_PORT] = one ? 0 : fullest(m, d->weight_writes, NULL),
      [SHIRA_LIMIT_WEIGHT_PORT] = one ? fullest(m, d->weight_reads, d->weight_writes) : 0,
      [SHIRA_LIMIT_ACTIVATION_READ_PORT] = one_act ? 0 : d->activation_reads / word,
      [SHIRA_LIMIT_ACTIVATION_WRITE_PORT] = one_act ? 0 : d->activation_writes / word,
      [SHIRA_LIMIT_ACTIVATION_PORT] =
          one_act ? (d->activation_reads + d->activation_writes) / word : 0,
  };
  unsigned most = SHIRA_LIMIT_NONE;
  for (unsigned i = SHIRA_LIMIT_NONE + 1; i < SHIRA_LIMIT_COUNT; i++)
    if (limits[i] > limits[most])
      most = i;
  if (limit)
    *limit = (enum shira_limit)most;
  return limits[most];
}
