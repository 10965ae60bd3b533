// The keys of a machine file.
#include "host/machine/tables.h"
#include "shira/config.h"
#include "shira/regs.h"

static const char *const layouts[] = {"tile", "row", NULL};
_Static_assert(SHIRA_LAYOUT_TILE == 0 && SHIRA_LAYOUT_ROW == 1, "choices in the order of values");
static const char *const ports[] = {"1r1w", "1rw", NULL};
static const char *const arbitrations[] = {"copy-first", "engine-first", NULL};
static const char *const eccs[] = {"none", "word", NULL};
static const char *const counter_sets[] = {"full", "basic", NULL};
_Static_assert(SHIRA_COUNTER_SET_FULL == 0 && SHIRA_COUNTER_SET_BASIC == 1, "the same order");
static const char *const hashes[] = {"none", "row", "column", NULL};
static const char *const writes[] = {"batch", "marks", NULL};
static const char *const refreshes[] = {"all-bank", "per-bank", NULL};

#define AT(path_, type_, member, flags_)                                                           \
  .path = path_, .type = type_, .flags = flags_, .offset = offsetof(struct shira_machine, member)
#define KEY(path_, type_, member, flags_, min_, max_, unit_, meaning_, moves_)                     \
  {                                                                                                \
    AT(path_, type_, member, flags_), .min = min_, .max = max_, .unit = unit_,                     \
                                      .meaning = meaning_, .moves = moves_                         \
  }
#define CHOICE(path_, member, flags_, choices_, meaning_, moves_)                                  \
  {                                                                                                \
    AT(path_, CFG_CHOICE, member, flags_), .choices = choices_, .meaning = meaning_,               \
                                           .moves = moves_                                         \
  }

#define SRAM(name, what, moves_)                                                                   \
  CHOICE(#name ".ports", name.ports, 0, ports,                                                     \
         "what " what " does in a cycle: a read and a write (1r1w), or one of them (1rw)",         \
         moves_),                                                                                  \
      CHOICE(#name ".arbitration", name.arbitration, 0, arbitrations,                              \
             "who goes first where COPY and an engine want the same port", moves_),                \
      CHOICE(#name ".ecc", name.ecc, 0, eccs,                                                      \
             "word: a write that does not cover its word reads the word first", moves_),           \
      KEY(#name ".latency", CFG_U32, name.latency, 0, 1, 3, "cycles",                              \
          "from a read to its data; at least what an SRAM of that size takes at process",          \
          "cycles of short commands")

#define KIB UINT64_C(1024)
#define GIB (KIB * KIB * KIB)
#define MACHINE ((struct shira_machine *)0)
#define OPT CFG_OPTIONAL

// Sizes that the RTL keeps in 32 bits, and counts that it keeps in 16 (block header), set the
// upper ends; a completion record of 64 bytes is one burst of whole beats.
static const struct cfg_key keys[] = {
    KEY("name", CFG_NAME, name, 0, 0, sizeof MACHINE->name, NULL, "name of the machine in reports",
        "nothing"),
    KEY("clock_mhz", CFG_U32, clock_mhz, 0, 1, 10000, "MHz", "clock of the accelerator",
        "all times in us; cycles that wait for memory"),
    CHOICE("process", process, 0, cfg_processes,
           "at which node clock_mhz is meant: a path of 70 FO4 fits in a cycle, an SRAM in its "
           "latency; or fpga",
           "which clock_mhz and latency are allowed"),
    KEY("array.n", CFG_U32, array_n, CFG_POW2, 4, 64, NULL,
        "dot products that the array does in a cycle: outputs of a tile",
        "pass; switch of lora-fused; bound by MACs; area"),
    KEY("array.k", CFG_U32, array_k, CFG_POW2, 4, 64, NULL,
        "length of a dot product: inputs of a tile; equal to array.n",
        "pass; switch of lora-fused; bound by MACs; area"),
    CHOICE("layout", layout, 0, layouts,
           "order of updates in a stream: as the weights lie in the banks (tile), or row after row",
           "switch of shira-scatter, pass of shira-overlay: conflicts of banks"),
    KEY("weight_sram.bytes", CFG_U32, weight_bytes, CFG_POW2 | CFG_BYTES, KIB, GIB, NULL,
        "size of the weight SRAM", "what fits resident; streamed pass: size of its chunks; area"),
    KEY("weight_sram.banks", CFG_U32, weight_banks, CFG_POW2, 4, 256, NULL,
        "banks of the weight SRAM, each array.k bytes wide; array.n or more",
        "switch of shira-scatter: conflicts of banks; area"),
    SRAM(weight_sram, "a bank",
         "switch of shira-scatter and lora-fused; streamed pass; bound by the port"),
    KEY("activation_sram.bytes", CFG_U32, activation_bytes, CFG_POW2 | CFG_BYTES, 256, GIB, NULL,
        "size of the activation SRAM", "pass of many tokens; area"),
    SRAM(activation_sram, "the SRAM", "pass"),
    KEY("accumulator_sram.bytes", CFG_U32, accumulator_bytes, CFG_POW2 | CFG_BYTES, 256, GIB, NULL,
        "size of the accumulator SRAM, INT32", "pass of many tokens; area"),
    SRAM(accumulator_sram, "the SRAM", "pass"),
    KEY("parameter_sram.bytes", CFG_U32, parameter_bytes, CFG_POW2 | CFG_BYTES, 256, GIB, NULL,
        "size of the parameter SRAM, 8 bytes an output channel", "which layers fit; area"),
    SRAM(parameter_sram, "the SRAM", "pass"),
    KEY("scatter.lanes", CFG_U32, scatter_lanes, 0, 1, 64, NULL,
        "updates of weights that SCATTER does in a cycle",
        "switch of shira-scatter and its bound by lanes; pass of shira-overlay; area"),
    KEY("scatter.decode_bytes", CFG_U32, scatter_decode_bytes, 0, 4, 256, "bytes",
        "gap bytes that SCATTER decodes in a cycle; scatter.lanes or more",
        "switch of shira-scatter where many gaps take two bytes; area"),
    KEY("scatter.fifo_depth", CFG_U32, scatter_fifo_depth, CFG_POW2, 2, 256, NULL,
        "pairs of bundles of scatter.lanes updates that wait for their banks",
        "switch of shira-scatter: stalls at banks; area"),
    KEY("scatter.merge", CFG_BOOL, scatter_merge, 0, 0, 0, NULL,
        "updates of one word in a pair of bundles share a write",
        "switch of shira-scatter, struct mask; area"),
    KEY("scatter.block_updates", CFG_U32, scatter_block_updates, 0, 1, 16383, NULL,
        "most updates under one CRC of a stream; a multiple of scatter.lanes",
        "bytes of streams; latency of a switch's first update; area"),
    KEY("axi.data_bits", CFG_U32, axi_data_bits, CFG_POW2, 64, 512, "bits",
        "width of the AXI master", "everything that memory bounds: bytes a cycle; area"),
    KEY("axi.burst_bytes", CFG_U32, axi_burst_bytes, CFG_POW2, 64, 4096, "bytes",
        "longest AXI burst", "everything that memory bounds"),
    KEY("axi.outstanding", CFG_U32, axi_outstanding, 0, 1, 256, NULL, "AXI bursts in flight",
        "everything that memory bounds, where its latency is long; area"),
    KEY("command.queue_depth", CFG_U32, command_queue_depth, CFG_POW2, 2, 64, NULL,
        "descriptors that wait at an engine", "programs of many short descriptors; area"),
    CHOICE("counters", counters, 0, counter_sets,
           "which counters the device has: all (full), or cycles, busy cycles, bursts, updates, "
           "MACs and "
           "descriptors (basic), which suffice to run and not to report",
           "area; what can be measured"),
    KEY("memory.bytes", CFG_U64, memory_bytes, CFG_BYTES, KIB *KIB, 64 * GIB, NULL,
        "size of the memory behind the AXI master", "what fits"),
    KEY("memory.latency", CFG_U32, memory_latency, 0, 1, CFG_MOST_WAIT, "cycles",
        "from a request to its first data; with a DRAM, what its controller adds",
        "every switch and pass"),
    KEY("memory.peak_mb_s", CFG_U32, memory_peak_mb_s, OPT, 1, CFG_MOST_MB_S, "MB/s",
        "peak of a memory without DRAM, reads and writes together",
        "everything that memory bounds, and the bound"),
    KEY("memory.burst_bytes", CFG_U32, memory_burst_bytes, CFG_POW2, 16, 4096, "bytes",
        "least that memory moves, to which streams are aligned; a burst of the DRAM",
        "traffic of shira-dram; bytes of streams"),
    KEY("host_link.bytes", CFG_U64, host_bytes, CFG_BYTES, KIB *KIB, 64 * GIB, NULL,
        "size of the host's memory behind the AXI master", "what fits there"),
    KEY("host_link.latency", CFG_U32, host_latency, 0, 1, CFG_MOST_WAIT, "cycles",
        "from a request to its first data", "switch with adapters in the host"),
    KEY("host_link.peak_mb_s", CFG_U32, host_peak_mb_s, 0, 1, CFG_MOST_MB_S, "MB/s",
        "peak of the link to the host, both ways together",
        "switch with adapters in the host, and its bound"),
    KEY("host_link.credits", CFG_U32, host_credits, 0, 1, 65536, NULL,
        "bursts of memory.burst_bytes in flight on the link",
        "switch with adapters in the host, where latency is long"),
    KEY("dram.standard", CFG_TEXT, dram.file, OPT, 0, sizeof MACHINE->dram.file, NULL,
        "file of a DRAM standard, or its name in configs/dram", "everything that memory bounds"),
    KEY("dram.channels", CFG_U32, dram.channels, OPT | CFG_POW2, 1, 16, NULL,
        "channels of the DRAM", "everything that memory bounds, and the bound"),
    KEY("dram.ranks", CFG_U32, dram.ranks, OPT | CFG_POW2, 1, 4, NULL, "ranks of a channel",
        "scattered accesses: open rows; refresh"),
    KEY("dram.mapping", CFG_NAME, dram.mapping, OPT, 0, sizeof MACHINE->dram.mapping, NULL,
        "parts of an address, the most significant first: ro row, ra rank, bg bank group, ba bank, "
        "co column, ch channel, c1 to c4 lowest bits of the column",
        "everything that memory bounds: hits of rows"),
    CHOICE("dram.hash", dram.hash, OPT, hashes,
           "what is XORed onto bank and channel, so that strides spread",
           "everything that memory bounds: hits of rows"),
    KEY("dram.queue", CFG_U32, dram.queue, OPT, 1, 256, NULL,
        "requests of each direction that a channel's controller holds", "scattered accesses"),
    KEY("dram.window", CFG_U32, dram.window, OPT, 1, 256, NULL,
        "oldest requests among which the controller chooses; dram.queue or less",
        "scattered accesses"),
    CHOICE("dram.writes", dram.writes, OPT, writes,
           "reads and writes in turn, dram.batch of each (batch), or writes only from when four "
           "fifths "
           "of their queue are full until four fifths are free, or nothing else waits (marks)",
           "reads beside writes"),
    KEY("dram.batch", CFG_U32, dram.batch, OPT, 1, 256, NULL,
        "requests of one direction before the other gets its turn; with dram.writes: batch alone",
        "reads beside writes"),
    KEY("dram.cap", CFG_U32, dram.cap, OPT, 1, 1000000, "clocks",
        "age from which a request goes before all younger ones", "longest wait of a request"),
    KEY("dram.idle_close", CFG_U32, dram.idle_close, OPT, 0, 1000000, "clocks",
        "age from which a row that nobody asks for is closed; 0: never", "accesses after a pause"),
    CHOICE("dram.refresh", dram.refresh, OPT, refreshes,
           "refreshes of all banks at once, or of one at a time", "waits of every switch and pass"),
    KEY("dram.refresh_rate", CFG_U32, dram.refresh_rate, OPT | CFG_POW2, 1, 4, NULL,
        "refreshes in each trefi, by the temperature of the DRAM: 1 where it is cool, 2, 4",
        "waits of every switch and pass"),
    KEY("dram.refresh_postpone", CFG_U32, dram.refresh_postpone, OPT, 0, SHIRA_DRAM_MOST_POSTPONED,
        "tREFI / dram.refresh_rate", "how late a refresh may be, so that it meets an idle bank",
        "waits of every switch and pass"),
    CHOICE("dram.ecc", dram.ecc, OPT, eccs, "word: a masked write reads its burst first",
           "switch of shira-dram"),
};

#define N_KEYS (sizeof keys / sizeof *keys)

const struct cfg_table cfg_machine = {"machine", "configs/hw/*.yaml", keys, N_KEYS};

const char *shira_machine_key(unsigned i) {
  return i < N_KEYS ? keys[i].path : NULL;
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

const char *shira_dram_writes_name(uint32_t i) {
  return i <= SHIRA_DRAM_WRITES_MARKS ? writes[i] : NULL;
}

const char *shira_dram_refresh_name(uint32_t i) {
  return i <= SHIRA_DRAM_REFRESH_BANK ? refreshes[i] : NULL;
}
