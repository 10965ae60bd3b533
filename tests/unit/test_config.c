// Machine files, and files in general: what is read, and the exact sentence for what is wrong.
#include <math.h>

#include "host/machine/tables.h"
#include "shira/config.h"
#include "shira/regs.h"
#include "tests/unit/config_file.h"

// ---- Machines ---------------------------------------------------------------------------------

#define PORTS "ports: 1r1w, arbitration: copy-first, ecc: none, latency: 1"
#define SRAMS                                                                                      \
  "  ports: 1r1w\n  arbitration: copy-first\n  ecc: none\n  latency: 1\n"                          \
  "activation_sram: {bytes: 16384, " PORTS "}\n"                                                   \
  "accumulator_sram: {bytes: 4096, " PORTS "}\n"                                                   \
  "parameter_sram: {bytes: 4 KiB, " PORTS "}\n"

static const char machine_text[] = "name: m\n"                                          // 1
                                   "clock_mhz: 1000\n"                                  // 2
                                   "process: 16nm\n"                                    // 3
                                   "array: {n: 4, k: 4}\n"                              // 4
                                   "layout: tile\n"                                     // 5
                                   "weight_sram:\n"                                     // 6
                                   "  bytes: 64 KiB\n"                                  // 7
                                   "  banks: 4\n"                                       // 8
    SRAMS                                                                               // 9 to 15
                                   "scatter: {lanes: 2, decode_bytes: 4,\n"             // 16
                                   "  fifo_depth: 4, merge: true, block_updates: 16}\n" // 17
                                   "axi: {data_bits: 64, burst_bytes: 64,\n"            // 18
                                   "  outstanding: 4}\n"                                // 19
                                   "command: {queue_depth: 2}\n"                        // 20
                                   "memory: {bytes: 64 MiB, latency: 100,\n"            // 21
                                   "  peak_mb_s: 4000, burst_bytes: 32}\n"              // 22
                                   "host_link: {bytes: 1 MiB, latency: 300, peak_mb_s: 500,\n" // 23
                                   "  credits: 4}\n"                                           // 24
                                   "counters: full\n";                                         // 25

static const struct bad bad_machines[] = {
    // keys
    {"layout: tile\n", "layout: tile\nlayuot: tile\n",
     "6: layuot: unknown key; allowed: name, clock_mhz, process, array, layout, weight_sram, "
     "activation_sram, accumulator_sram, parameter_sram, scatter, axi, command, counters, memory, "
     "host_link, dram"},
    {"n: 4, k: 4", "n: 4, k: 4, m: 4", "4: array.m: unknown key; allowed: n, k"},
    {"array: {n: 4, k: 4}", "array: {n: 4}\narray.k: 4",
     "5: array.k: unknown key; allowed: name, clock_mhz, process, array, layout, weight_sram, "
     "activation_sram, accumulator_sram, parameter_sram, scatter, axi, command, counters, memory, "
     "host_link, dram"},
    {"clock_mhz: 1000\n", "",
     "1: clock_mhz: is missing; allowed: a whole number from 1 to 10000 MHz"},
    {"  banks: 4\n", "", "6: weight_sram.banks: is missing; allowed: a power of two from 4 to 256"},
    {"array: {n: 4, k: 4}\n", "", "1: array.n: is missing; allowed: a power of two from 4 to 64"},
    {"  banks: 4\n", "  banks: 4\n  bytes: 1 KiB\n",
     "9: weight_sram.bytes: is there twice, first in line 7"},
    {"layout: tile\n", "layout: tile\nname: x\n", "6: name: is there twice, first in line 1"},
    // types
    {"clock_mhz: 1000", "clock_mhz: fast",
     "2: clock_mhz: 'fast' is not a whole number; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: '1000'",
     "2: clock_mhz: '1000' is not a whole number; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: 1e3",
     "2: clock_mhz: '1e3' is not a whole number; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: 0100",
     "2: clock_mhz: '0100' is not a whole number; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: 1 KiB",
     "2: clock_mhz: '1 KiB' is not a whole number; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz:",
     "2: clock_mhz: '' is not a whole number; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: [1000]",
     "2: clock_mhz: is a list; allowed: a whole number from 1 to 10000 MHz"},
    {"{n: 4, k: 4}", "4", "4: array: is a single value; allowed: a mapping with n, k"},
    {"{n: 4, k: 4}", "[4, 4]", "4: array: is a list; allowed: a mapping with n, k"},
    {"name: m", "name: a/b",
     "1: name: 'a/b' is not a name; allowed: 1 to 63 letters, digits, '.', '_' or '-'"},
    {"name: m", "name: ..",
     "1: name: '..' is not a name; allowed: 1 to 63 letters, digits, '.', '_' or '-'"},
    {"name: m", "name: ''",
     "1: name: '' is empty; allowed: 1 to 63 letters, digits, '.', '_' or '-'"},
    {"name: m", "name: a123456789b123456789c123456789d123456789e123456789f123456789g123",
     "1: name: 'a123456789b123456789c123456789d123456789e123456789f123456789' is too long; "
     "allowed: 1 to 63 letters, digits, '.', '_' or '-'"},
    {"layout: tile", "layout: column", "5: layout: 'column' is unknown; allowed: tile, row"},
    {"layout: tile", "layout: row", NULL},
    {"counters: full", "counters: basic", NULL},
    {"counters: full", "counters: some", "25: counters: 'some' is unknown; allowed: full, basic"},
    {"counters: full\n", "", "1: counters: is missing; allowed: full, basic"},
    {"merge: true", "merge: false", NULL},
    {"merge: true", "merge: 1", "17: scatter.merge: '1' is neither; allowed: true or false"},
    {"  ports: 1r1w", "  ports: 2rw", "9: weight_sram.ports: '2rw' is unknown; allowed: 1r1w, 1rw"},
    {"  arbitration: copy-first", "  arbitration: fair",
     "10: weight_sram.arbitration: 'fair' is unknown; allowed: copy-first, engine-first"},
    {"  ecc: none", "  ecc: byte", "11: weight_sram.ecc: 'byte' is unknown; allowed: none, word"},
    {"bytes: 16384, ports: 1r1w, ", "bytes: 16384, ",
     "13: activation_sram.ports: is missing; allowed: 1r1w, 1rw"},
    // ranges
    {"clock_mhz: 1000", "clock_mhz: 0",
     "2: clock_mhz: '0' is out of range; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: 10001",
     "2: clock_mhz: '10001' is out of range; allowed: a whole number from 1 to 10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: 18446744073709551617",
     "2: clock_mhz: '18446744073709551617' is out of range; allowed: a whole number from 1 to "
     "10000 MHz"},
    {"clock_mhz: 1000", "clock_mhz: -1",
     "2: clock_mhz: '-1' is not a whole number; allowed: a whole number from 1 to 10000 MHz"},
    {"n: 4", "n: 12",
     "4: array.n: '12' is not a power of two; allowed: a power of two from 4 to "
     "64"},
    {"64 KiB", "17179869184 GiB",
     "7: weight_sram.bytes: '17179869184 GiB' is out of range; allowed: a power of two from 1024 "
     "to 1073741824 bytes, or with KiB, MiB or GiB"},
    // rules between keys
    {"k: 4", "k: 8", "4: array.k: '8' does not fit; allowed: array.n (4)"},
    {"n: 4, k: 4", "n: 8, k: 8",
     "8: weight_sram.banks: '4' does not fit; allowed: array.n (8) or more"},
    {"banks: 4", "banks: 256", NULL /* fits: 64 KiB are 64 words in each of 256 banks */},
    {"64 KiB\n  banks: 4", "1 KiB\n  banks: 256",
     "7: weight_sram.bytes: '1024' does not fit; allowed: at least two words a bank, 2 * array.k "
     "* weight_sram.banks (2048)"},
    {"data_bits: 64", "data_bits: 256",
     "8: weight_sram.banks: '4' does not fit; allowed: at least the words in an AXI beat, "
     "axi.data_bits / 8 / array.k (8)"},
    {"banks: 4\n" SRAMS "scatter: {lanes: 2, decode_bytes: 4,\n"
     "  fifo_depth: 4, merge: true, block_updates: 16}\naxi: {data_bits: 64",
     "banks: 8\n" SRAMS "scatter: {lanes: 2, decode_bytes: 4,\n"
     "  fifo_depth: 4, merge: true, block_updates: 16}\naxi: {data_bits: 256",
     "18: axi.data_bits: '256' does not fit; allowed: at most 32 * array.n (128)"},
    {"burst_bytes: 32", "burst_bytes: 16", NULL},
    {"data_bits: 64", "data_bits: 128", NULL},
    {"peak_mb_s: 4000, burst_bytes: 32", "peak_mb_s: 4000, burst_bytes: 128",
     "18: axi.burst_bytes: '64' does not fit; allowed: memory.burst_bytes (128) or more"},
    {"burst_bytes: 64", "burst_bytes: 4096",
     "18: axi.burst_bytes: '4096' does not fit; allowed: at most 256 beats (2048)"},
    {"decode_bytes: 4", "decode_bytes: 3",
     "16: scatter.decode_bytes: '3' is out of range; allowed: a whole number from 4 to 256 bytes"},
    {"fifo_depth: 4", "fifo_depth: 1",
     "17: scatter.fifo_depth: '1' is out of range; allowed: a power of two from 2 to 256"},
    {"lanes: 2", "lanes: 8",
     "16: scatter.decode_bytes: '4' does not fit; allowed: scatter.lanes (8) or more"},
    {"block_updates: 16", "block_updates: 15",
     "17: scatter.block_updates: '15' does not fit; allowed: a multiple of scatter.lanes (2)"},
    {"64 MiB", "67108865",
     "21: memory.bytes: '67108865' does not fit; allowed: a multiple of 4096"},
    {"peak_mb_s: 4000", "peak_mb_s: 319",
     "22: memory.peak_mb_s: '319' does not fit; allowed: 320 or more: a burst of "
     "memory.burst_bytes takes at most its latency, or 32 cycles"},
    {"peak_mb_s: 4000", "peak_mb_s: 320", NULL},
    {"peak_mb_s: 500", "peak_mb_s: 1",
     "23: host_link.peak_mb_s: '1' does not fit; allowed: 107 or more: a burst of "
     "memory.burst_bytes takes at most its latency, or 32 cycles"},
    {"latency: 100", "latency: 32769",
     "21: memory.latency: '32769' is out of range; allowed: a whole number from 1 to 32768 cycles"},
    {"burst_bytes: 32", "burst_bytes: 8",
     "22: memory.burst_bytes: '8' is out of range; allowed: a power of two from 16 to 4096 bytes"},
    // what the process can do
    {"clock_mhz: 1000", "clock_mhz: 1374",
     "2: clock_mhz: '1374' does not fit; allowed: at most 1373 at 16nm: a path of 70 FO4 of 10.4 "
     "ps "
     "takes 728 ps"},
    {"clock_mhz: 1000", "clock_mhz: 1373", NULL},
    {"process: 16nm", "process: 45nm",
     "2: clock_mhz: '1000' does not fit; allowed: at most 634 at 45nm: a path of 70 FO4 of 22.5 ps "
     "takes 1575 ps"},
    {"process: 16nm", "process: 12nm",
     "3: process: '12nm' is unknown; allowed: 45nm, 28nm, 22nm, 16nm, 7nm, fpga"},
    {"64 KiB", "2 MiB",
     "12: weight_sram.latency: '1' does not fit; allowed: 2 or more: 524288 bytes of 32 bits take "
     "1.34 ns at 16nm, 1.34 cycles"},
    {"64 KiB", "512 KiB", NULL},
    {"process: 16nm", "process: fpga", NULL},
    {"  latency: 1\n", "  latency: 4\n",
     "12: weight_sram.latency: '4' is out of range; allowed: a whole number from 1 to 3 cycles"},
    {"{bytes: 16384", "{bytes: 16 MiB",
     "13: activation_sram.latency: '1' does not fit; allowed: none: 16777216 bytes of 64 bits "
     "take 7.03 ns at 16nm, 7.03 cycles"},
    // what a terminal would take for a command
    {"name: m", "name: \"a\\e[31mb\"",
     "1: name: 'a\\x1b[31mb' is not a name; allowed: 1 to 63 letters, digits, '.', '_' or '-'"},
    {"name: m", "\"na\\x9b\\nme\": m",
     "1: na\\x9b\\x0ame: unknown key; allowed: name, clock_mhz, process, array, layout, "
     "weight_sram, "
     "activation_sram, accumulator_sram, parameter_sram, scatter, axi, command, counters, memory, "
     "host_link, dram"},
    // what YAML can do and configuration must not
    {"array: {n: 4, k: 4}", "array: &a {n: 4, k: 4}", "4: array: anchors are not allowed"},
    {"array: {n: 4, k: 4}", "array: {n: &b 4, k: 4}", "4: array.n: anchors are not allowed"},
    {"clock_mhz: 1000", "clock_mhz: *a", "2: clock_mhz: aliases are not allowed, write the value"},
    {"clock_mhz: 1000", "clock_mhz: !!int 1000", "2: clock_mhz: tags are not allowed"},
    {"layout: tile\n", "layout: tile\n--- \nname: x\n",
     "6: a second document starts; allowed: one"},
    {"name: m", "[a]: m", "1: a key must be a word"},
    {"name: m", "'': m", "1: a key is empty"},
    {"name: m", "name: \"a\\0b\"", "1: name: text holds a NUL character"},
    {"name: m", "name: [[[[[[[[[[1]]]]]]]]]]",
     "1: name[0][0][0][0][0][0][0]: is nested too deep; allowed: 8 levels"},
    {"name: m", "name: m: n", "1: is not YAML: mapping values are not allowed in this context"},
};

static void test_machine_errors(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_machines); i++) {
    struct shira_machine m, before;
    struct shira_error e = {""};
    memset(&m, 0x5a, sizeof m);
    before = m;
    write_changed(machine_text, bad_machines[i].from, bad_machines[i].to);
    int rc = shira_machine_load(temp, &m, &e);
    if (!bad_machines[i].message) {
      assert_int_equal(rc, 0);
      continue;
    }
    expect_message(rc, &e, &bad_machines[i]);
    assert_memory_equal(&m, &before, sizeof m);
    assert_int_equal(shira_machine_load(temp, &m, NULL), -EINVAL);
  }
}

static void test_file_errors(void **state) {
  (void)state;
  struct shira_machine m;
  struct shira_error e;
  char expected[200];
  static char large[SHIRA_CONFIG_FILE_BYTES + 1];

  assert_int_equal(shira_machine_load("/nonexistent.yaml", &m, &e), -ENOENT);
  assert_string_equal(e.text, "cannot open '/nonexistent.yaml': No such file or directory");
  assert_int_equal(shira_machine_load("/tmp", &m, &e), -EINVAL);
  assert_string_equal(e.text, "cannot read '/tmp': not a regular file");
  write_temp("", 0);
  assert_int_equal(shira_machine_load(temp, &m, &e), -EINVAL);
  snprintf(expected, sizeof expected, "%s:1: must be a mapping of keys to values", temp);
  assert_string_equal(e.text, expected);

  // The limit at N and N + 1 bytes: comments up to the limit, then one more.
  memset(large, '#', sizeof large);
  memcpy(large, machine_text, sizeof machine_text - 1);
  write_temp(large, sizeof large - 1);
  assert_int_equal(shira_machine_load(temp, &m, &e), 0);
  write_temp(large, sizeof large);
  assert_int_equal(shira_machine_load(temp, &m, &e), -EFBIG);
  snprintf(expected, sizeof expected, "%s: is too large; allowed: 262144 bytes", temp);
  assert_string_equal(e.text, expected);

  size_t n = 0;
  for (int i = 0; i < 257; i++)
    n += (size_t)sprintf(large + n, "k%d: 1\n", i);
  write_temp(large, n);
  assert_int_equal(shira_machine_load(temp, &m, &e), -EINVAL);
  snprintf(expected, sizeof expected, "%s:1: has too many entries; allowed: 256", temp);
  assert_string_equal(e.text, expected);
}

static void test_machines(void **state) {
  (void)state;
  struct shira_machine m;
  struct shira_error e = {""};
  char flags[800];
  assert_int_equal(shira_machine_load("configs/hw/edge16.yaml", &m, &e), 0);
  assert_string_equal(m.name, "edge16");
  assert_int_equal(m.clock_mhz, 1000);
  assert_int_equal(m.memory_bytes, 2048u << 20);
  assert_int_equal(m.memory_latency, 30);
  assert_int_equal(m.memory_peak_mb_s, 17064);
  assert_int_equal(m.host_bytes, 512 << 20);
  assert_int_equal(m.host_latency, 1000);
  assert_int_equal(m.host_peak_mb_s, 3938);
  assert_int_equal(m.host_credits, 256);
  assert_true(m.has_dram);
  assert_string_equal(m.dram.standard.name, "LPDDR4X-4266");
  int n = shira_machine_rtl_flags(&m, flags, sizeof flags);
  assert_int_equal(n, strlen(flags));
  char *hash = strstr(flags, " -GBuildHash=0x");
  assert_non_null(hash);
  assert_int_equal(strtoul(hash + 15, NULL, 16), shira_machine_rtl_hash(&m));
  *hash = '\0';
  assert_string_equal(
      flags, "-GArrayN=16 -GArrayK=16 -GWeightBytes=8388608 -GWeightBanks=16 "
             "-GActBytes=1048576 -GAccBytes=65536 -GParamBytes=262144 -GLanes=8 "
             "-GDecodeBytes=16 -GFifoDepth=8 -GRowLayout=0 -GMerge=1 -GBlockUpdates=768 "
             "-GFullCounters=1 -GBeatBytes=32 -GBurstBytes=512 -GOutstanding=128 "
             "-GQueueDepth=4 -GStreamAlign=32 -GWeightMode=2 -GActMode=0 -GAccMode=0 -GParamMode=0 "
             "-GWeightLatency=2 -GActLatency=2 -GAccLatency=1 -GParamLatency=1");
  assert_int_equal(shira_machine_rtl_flags(&m, flags, (size_t)n), -ENOSPC);
  assert_int_equal(shira_machine_rtl_flags(&m, flags, (size_t)n + 1), n);

  assert_int_equal(shira_machine_load("configs/hw/tiny.yaml", &m, &e), 0);
  assert_true(shira_machine_rtl_flags(&m, flags, sizeof flags) > 0);
  *strstr(flags, " -GBuildHash") = '\0';
  assert_string_equal(flags,
                      "-GArrayN=4 -GArrayK=4 -GWeightBytes=65536 -GWeightBanks=4 "
                      "-GActBytes=16384 -GAccBytes=4096 -GParamBytes=4096 -GLanes=2 "
                      "-GDecodeBytes=4 -GFifoDepth=4 -GRowLayout=0 -GMerge=1 -GBlockUpdates=16 "
                      "-GFullCounters=1 "
                      "-GBeatBytes=8 -GBurstBytes=64 -GOutstanding=4 -GQueueDepth=2 "
                      "-GStreamAlign=32 -GWeightMode=0 -GActMode=0 -GAccMode=0 -GParamMode=0 "
                      "-GWeightLatency=1 -GActLatency=1 -GAccLatency=1 -GParamLatency=1");
}

// Access times are the published ones at their sizes, between them between those, and scale with
// the process.
static void test_sram_times(void **state) {
  (void)state;
  const struct shira_process *p22 = shira_process(2), *fpga = shira_process(SHIRA_PROCESSES - 1);
  assert_string_equal(p22->name, "22nm");
  assert_float_equal(shira_sram_ns(p22, 8 << 10, 8), .36, 1e-9);
  assert_float_equal(shira_sram_ns(p22, 256 << 10, 16), 1.08, 1e-9);
  assert_float_equal(shira_sram_ns(p22, 1 << 20, 16), 1.86, 1e-9);
  assert_float_equal(shira_sram_ns(p22, 512 << 10, 16), sqrt(1.08 * 1.86), 1e-9);
  assert_float_equal(shira_sram_ns(p22, 256, 8), .36, 1e-9);
  assert_float_equal(shira_sram_ns(p22, 4 << 20, 16), 2 * 1.86, 1e-9);
  assert_float_equal(shira_sram_ns(p22, 1 << 20, 64), 1.08, 1e-9); // four macros of 256 KiB
  for (uint32_t i = 0; i < SHIRA_PROCESSES; i++) {
    const struct shira_process *p = shira_process(i);
    assert_float_equal(shira_sram_ns(p, 8 << 10, 8), .36 * p->fo4_ps / 11, 1e-9);
    assert_true(p == fpga || shira_process_mhz(p) * 70 * p->fo4_ps <= 1e6);
    assert_true(p == fpga || (shira_process_mhz(p) + 1) * 70 * p->fo4_ps > 1e6);
    assert_true(strlen(p->source) > 20);
  }
  assert_int_equal(shira_process_mhz(fpga), 0);
  assert_null(shira_process(SHIRA_PROCESSES));
}

// The keys are those that a file must have.
static void test_machine_keys(void **state) {
  (void)state;
  unsigned n = 0;
  for (; shira_machine_key(n); n++)
    for (unsigned i = 0; i < n; i++)
      assert_string_not_equal(shira_machine_key(i), shira_machine_key(n));
  assert_string_equal(shira_machine_key(0), "name");
  assert_null(shira_machine_key(n + 1));
}

// The hash follows every RTL parameter and nothing else.
static void test_machine_hash(void **state) {
  (void)state;
  static const struct {
    size_t offset;
    bool rtl;
  } members[] = {
#define MEMBER(name, rtl) {offsetof(struct shira_machine, name), rtl}
      MEMBER(clock_mhz, false),
      MEMBER(process, false),
      MEMBER(weight_sram.latency, true),
      MEMBER(activation_sram.latency, true),
      MEMBER(accumulator_sram.latency, true),
      MEMBER(parameter_sram.latency, true),
      MEMBER(array_n, true),
      MEMBER(array_k, true),
      MEMBER(weight_bytes, true),
      MEMBER(weight_banks, true),
      MEMBER(activation_bytes, true),
      MEMBER(accumulator_bytes, true),
      MEMBER(parameter_bytes, true),
      MEMBER(scatter_lanes, true),
      MEMBER(scatter_decode_bytes, true),
      MEMBER(scatter_fifo_depth, true),
      MEMBER(scatter_block_updates, true),
      MEMBER(axi_data_bits, true),
      MEMBER(axi_burst_bytes, true),
      MEMBER(axi_outstanding, true),
      MEMBER(command_queue_depth, true),
      MEMBER(memory_latency, false),
      MEMBER(memory_peak_mb_s, false),
      MEMBER(host_bytes, false),
      MEMBER(host_latency, false),
      MEMBER(host_peak_mb_s, false),
      MEMBER(host_credits, false),
      MEMBER(dram.channels, false),
      MEMBER(memory_burst_bytes, true),
  };
  struct shira_machine m, other;
  assert_int_equal(shira_machine_load("configs/hw/tiny.yaml", &m, NULL), 0);
  const uint32_t hash = shira_machine_rtl_hash(&m);
  for (size_t i = 0; i < COUNT(members); i++) {
    other = m;
    *(uint32_t *)((char *)&other + members[i].offset) *= 2;
    assert_int_equal(shira_machine_rtl_hash(&other) != hash, members[i].rtl);
  }
  // Each bit of each memory's mode, each latency, and no two alike.
  uint32_t *const choices = &m.weight_sram.ports, hashes[16];
  assert_int_equal(sizeof m.weight_sram, 4 * sizeof *choices);
  for (unsigned i = 0; i < 16; i++) {
    choices[i]++;
    hashes[i] = shira_machine_rtl_hash(&m);
    choices[i]--;
    assert_int_not_equal(hashes[i], hash);
    for (unsigned j = 0; j < i; j++)
      assert_int_not_equal(hashes[i], hashes[j]);
  }
  other = m;
  other.layout = SHIRA_LAYOUT_ROW;
  assert_int_not_equal(shira_machine_rtl_hash(&other), hash);
  other = m;
  other.counters = SHIRA_COUNTER_SET_BASIC;
  assert_int_not_equal(shira_machine_rtl_hash(&other), hash);
  other = m;
  other.scatter_merge = false;
  assert_int_not_equal(shira_machine_rtl_hash(&other), hash);
  other = m;
  strcpy(other.name, "other");
  other.memory_bytes *= 2;
  assert_int_equal(shira_machine_rtl_hash(&other), hash);
}

// An error may be built from itself, and is cut where it does not fit.
static void test_error(void **state) {
  (void)state;
  struct shira_error e = {"inner"};
  assert_int_equal(shira_fail(&e, ENOENT, "outer: %s", e.text), -ENOENT);
  assert_string_equal(e.text, "outer: inner");
  assert_int_equal(shira_fail(NULL, EIO, "x"), -EIO);
  errno = EAGAIN;
  shira_fail(&e, EINVAL, "%01000d", 0);
  assert_int_equal(errno, EAGAIN);
  assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

// Every key is explained in a cell of a table: configs/keys.md is made of these texts.
static void test_key_texts(void **state) {
  (void)state;
  static const struct cfg_table *const tables[] = {&cfg_machine,    &cfg_standard, &cfg_model,
                                                   &cfg_linear,     &cfg_workload, &cfg_shira,
                                                   &cfg_experiment, &cfg_lora};
  for (size_t t = 0; t < COUNT(tables); t++)
    for (unsigned i = 0; i < tables[t]->n; i++) {
      const struct cfg_key *k = &tables[t]->keys[i];
      if (!k->meaning || !k->moves || strpbrk(k->meaning, "|\n") || strpbrk(k->moves, "|\n") ||
          (k->type == CFG_NODE && !k->allowed))
        fail_msg("%s: %s is not explained", tables[t]->kind, k->path);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_error),          cmocka_unit_test(test_key_texts),
      cmocka_unit_test(test_machine_errors), cmocka_unit_test(test_file_errors),
      cmocka_unit_test(test_machines),       cmocka_unit_test(test_machine_hash),
      cmocka_unit_test(test_sram_times),     cmocka_unit_test(test_machine_keys),
  };
  return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
