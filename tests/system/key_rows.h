// The rows of test_keys.c: each key of a machine file, and what shows that it matters. Included
// there, behind what measures.
#ifndef TEST_KEY_ROWS_H
#define TEST_KEY_ROWS_H

#define COPY_CYCLES "cycles of a COPY within it", copy_within
#define GEMM_CYCLES "cycles of a GEMM", gemm
#define BESIDE_COPY "cycles of a GEMM beside a COPY from it", gemm_beside_copy
#define DENSE_BESIDE_COPY "cycles of a GEMM beside a COPY from it", dense_beside_copy
#define DENSE_BESIDE_LOAD "cycles of a GEMM beside a COPY into it", dense_beside_load
#define CONFLICTS "port conflicts of SCATTER beside a COPY from it", scatter_conflicts
#define GEMM_DENSE "cycles of a GEMM", gemm_dense, 4
#define PASS "cycles of a pass with streamed weights", pass_cycles
#define FROM_MEMORY "cycles of a COPY from memory", copy_from_memory, 0
#define FROM_HOST "cycles of a COPY from host memory", copy_from_host, 0
#define BUFFER "bytes of the largest buffer", largest_buffer
#define SEQUENCE "cycles of reads in sequence", drive_cycles, DRIVE_SEQUENCE
#define UPDATES_IN "cycles of SCATTER, "

// Keys of both machines of a row, up to one without name.
static const struct variant_change more_banks[] = {{"weight_sram.banks", "8"}, {0}};
static const struct variant_change slow[] = {{"memory.peak_mb_s", "500"}, {0}};
// Memory as quick as the bus, so that it does not hide the banks.
static const struct variant_change quick[] = {
    {"memory.peak_mb_s", "8000"}, {"memory.latency", "20"}, {0}};
static const struct variant_change long_blocks[] = {
    {"memory.peak_mb_s", "8000"}, {"memory.latency", "20"}, {"scatter.block_updates", "64"}, {0}};
// As quick as a bus of twice the width.
static const struct variant_change quicker[] = {
    {"memory.peak_mb_s", "16000"}, {"memory.latency", "10"}, {0}};

#define PORTS "1r1w", "1rw"
#define WINNER "copy-first", "engine-first"
#define ECC "none", "word"

// A beat of `tiny` covers a word of weights and of activations, but half a word of accumulators and
// a quarter of parameters; results cover half a word of activations. The array is square, and a
// larger one needs more banks.
static const struct row rows[] = {
    {"clock_mhz", "1000", "500", "ns of a pass in the report at equal cycles", pass_time, 1,
     .expected = MORE, .to_also = {"memory.peak_mb_s", "2000"}},
    {"process", "16nm", "7nm", "highest clock allowed", highest_clock, .expected = MORE},
    {"array.n", "4", "8", GEMM_DENSE, .expected = LESS, .both = more_banks,
     .to_also = {"array.k", "8"}},
    {"array.k", "4", "8", GEMM_DENSE, .expected = LESS, .both = more_banks,
     .to_also = {"array.n", "8"}},
    {"layout", "tile", "row", "cycles of a switch, random mask", switch_cycles, 1, .expected = MORE,
     .both = long_blocks},
    {"weight_sram.bytes", "64 KiB", "4 KiB", "descriptors of a pass with streamed weights",
     pass_descriptors, 1, .expected = MORE},
    {"weight_sram.banks", "4", "8", UPDATES_IN "words of one bank of 4", scatter, ONE_BANK,
     .expected = LESS, .both = quick},
    {"weight_sram.ports", PORTS, DENSE_BESIDE_LOAD, SHIRA_SPACE_WEIGHT, .expected = MORE},
    {"weight_sram.arbitration", WINNER, DENSE_BESIDE_COPY, SHIRA_SPACE_WEIGHT, .expected = LESS},
    {"weight_sram.ecc", ECC, CONFLICTS, SHIRA_SPACE_WEIGHT, .expected = MORE},
    {"weight_sram.latency", "1", "3", GEMM_CYCLES, .expected = MORE, .exact = true},
    {"activation_sram.bytes", "16 KiB", "512", PASS, 8, .expected = MORE},
    {"activation_sram.ports", PORTS, COPY_CYCLES, SHIRA_SPACE_ACTIVATION, .expected = MORE},
    {"activation_sram.arbitration", WINNER, BESIDE_COPY, SHIRA_SPACE_ACTIVATION, .expected = LESS},
    {"activation_sram.ecc", ECC, GEMM_CYCLES, SHIRA_SPACE_ACTIVATION, .expected = MORE},
    {"activation_sram.latency", "1", "3", GEMM_CYCLES, .expected = MORE, .exact = true},
    {"accumulator_sram.bytes", "4 KiB", "256", PASS, 64, .expected = MORE, .both = slow},
    {"accumulator_sram.ports", PORTS, COPY_CYCLES, SHIRA_SPACE_ACCUMULATOR, .expected = MORE},
    {"accumulator_sram.ports", PORTS, GEMM_CYCLES, SHIRA_SPACE_ACCUMULATOR, .expected = MORE},
    {"accumulator_sram.arbitration", WINNER, BESIDE_COPY, SHIRA_SPACE_ACCUMULATOR,
     .expected = LESS},
    {"accumulator_sram.ecc", ECC, COPY_CYCLES, SHIRA_SPACE_ACCUMULATOR, .expected = MORE},
    {"accumulator_sram.latency", "1", "3", GEMM_CYCLES, .expected = MORE, .exact = true},
    {"parameter_sram.bytes", "4 KiB", "1 KiB", "bytes of the largest COPY into it", largest_copy,
     SHIRA_SPACE_PARAMETER, .expected = LESS},
    {"parameter_sram.ports", PORTS, COPY_CYCLES, SHIRA_SPACE_PARAMETER, .expected = MORE},
    {"parameter_sram.arbitration", WINNER, BESIDE_COPY, SHIRA_SPACE_PARAMETER, .expected = LESS},
    {"parameter_sram.ecc", ECC, COPY_CYCLES, SHIRA_SPACE_PARAMETER, .expected = MORE},
    {"parameter_sram.latency", "1", "3", COPY_CYCLES, SHIRA_SPACE_PARAMETER, .expected = MORE,
     .exact = true},
    {"scatter.lanes", "2", "1", UPDATES_IN "all banks in turn", scatter, SPREAD, .expected = MORE,
     .both = quick},
    {"scatter.decode_bytes", "4", "16", UPDATES_IN "far apart", scatter, FAR_APART,
     .expected = LESS, .both = long_blocks},
    {"scatter.fifo_depth", "4", "2", UPDATES_IN "4 words a bank", scatter, IN_TURNS,
     .expected = MORE, .both = long_blocks},
    {"scatter.merge", "true", "false", UPDATES_IN "whole words", scatter, WORDS, .expected = MORE,
     .both = quick},
    {"scatter.block_updates", "16", "64", "bytes of a stream", stream_bytes, SPREAD,
     .expected = LESS},
    {"axi.data_bits", "64", "128", FROM_MEMORY, .expected = LESS, .both = quicker},
    {"axi.burst_bytes", "64", "128", FROM_MEMORY, .expected = LESS},
    {"axi.outstanding", "4", "2", FROM_MEMORY, .expected = MORE},
    {"command.queue_depth", "2", "8", "cycles of 6 COPYs, then 6 GEMMs", two_engines, 6,
     .expected = LESS},
    {"counters", "full", "basic", "counters that count", counters_there, 0, .expected = LESS},
    {"memory.bytes", "64 MiB", "256 MiB", BUFFER, 0, .expected = MORE},
    {"memory.latency", "100", "200", FROM_MEMORY, .expected = MORE},
    {"memory.peak_mb_s", "4000", "1000", FROM_MEMORY, .expected = MORE},
    {"memory.burst_bytes", "32", "64", "bytes that SCATTER writes to memory", scatter_to_memory,
     FAR_APART, .expected = MORE},
    {"host_link.bytes", "16 MiB", "64 MiB", BUFFER, 1, .expected = MORE},
    {"host_link.latency", "300", "600", FROM_HOST, .expected = MORE},
    {"host_link.peak_mb_s", "500", "250", FROM_HOST, .expected = MORE},
    {"host_link.credits", "8", "2", FROM_HOST, .expected = MORE},
    {"dram.standard", "lpddr4x-4266", "lpddr5-6400", "cycles of random reads", drive_cycles,
     DRIVE_RANDOM, .expected = LESS, .dram = true},
    {"dram.channels", "1", "2", SEQUENCE, .expected = LESS, .dram = true},
    {"dram.ranks", "1", "2", "cycles of random reads", drive_cycles, DRIVE_RANDOM, .expected = LESS,
     .dram = true},
    {"dram.mapping", "ro-ra-bg-ba-co-ch", "co-ro-ra-bg-ba-ch", SEQUENCE, .expected = MORE,
     .dram = true},
    {"dram.hash", "none", "column", "cycles of reads of one bank", drive_cycles, DRIVE_ONE_BANK,
     .expected = LESS, .dram = true},
    {"dram.queue", "16", "4", "cycles of random reads", drive_cycles, DRIVE_RANDOM,
     .expected = MORE, .to_also = {"dram.window", "4"}, .dram = true},
    {"dram.window", "16", "2", "cycles of random reads", drive_cycles, DRIVE_RANDOM,
     .expected = MORE, .dram = true},
    {"dram.writes", "batch", "marks", "cycles of random reads and writes", drive_cycles,
     DRIVE_RANDOM_BOTH, .expected = LESS, .to_also = {"dram.batch", NULL}, .dram = true},
    {"dram.batch", "8", "1", "turnarounds of reads and writes", drive_turnarounds, DRIVE_MIXED,
     .expected = MORE, .dram = true},
    {"dram.cap", "2000", "200", "longest wait beside reads of another row", drive_longest,
     DRIVE_ONE_AGAINST, .expected = LESS, .dram = true},
    {"dram.idle_close", "0", "20", "cycles of reads of other rows with pauses", drive_cycles,
     DRIVE_PAUSES, .expected = LESS, .dram = true},
    {"dram.refresh", "all-bank", "per-bank", "longest wait of a read in sequence", drive_longest,
     DRIVE_SEQUENCE, .expected = LESS, .dram = true},
    {"dram.refresh_rate", "1", "4", "refreshes while reads are given in sequence", drive_refreshes,
     DRIVE_SEQUENCE, .expected = MORE, .dram = true},
    {"dram.refresh_postpone", "0", "7", "refreshes while reads are given in sequence",
     drive_refreshes, DRIVE_SEQUENCE, .expected = LESS, .dram = true},
    {"dram.ecc", ECC, "cycles of masked writes", drive_cycles, DRIVE_MASKED, .expected = MORE,
     .dram = true},
};

#endif
