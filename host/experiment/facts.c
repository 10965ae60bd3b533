#include "host/experiment/facts.h"

#include "shira/adapter.h"

#define TABLE(name)                                                                                \
  const struct field_table name##_table = {name##_fields,                                          \
                                           sizeof(name##_fields) / sizeof(*name##_fields)}
#define PLAIN(type, key, s, member)                                                                \
  { key, SHIRA_FIELD_##type, offsetof(struct s, member), 0, NULL }
#define TEXT(type, key, s, member)                                                                 \
  { key, SHIRA_FIELD_##type, offsetof(struct s, member), sizeof(((struct s *)0)->member), NULL }
#define NAME(key, s, member, count, name)                                                          \
  { key, SHIRA_FIELD_NAME, offsetof(struct s, member), count, name }
#define NAME_OR_NULL(key, s, member, count, name)                                                  \
  { key, SHIRA_FIELD_NAME_OR_NULL, offsetof(struct s, member), count, name }

const char *shira_pair_size_name(unsigned size) {
  static const char *const name[SHIRA_PAIR_SIZES] = {
      [SHIRA_PAIR_GIVEN] = "given", [SHIRA_PAIR_PAPERS] = "papers", [SHIRA_PAIR_EQUAL] = "equal"};
  return size < SHIRA_PAIR_SIZES ? name[size] : NULL;
}

static const struct shira_field report_fields[] = {
    TEXT(TEXT, "program", shira_report, program),
    TEXT(TEXT, "device", shira_report, device),
};
TABLE(report);

// Without a SHiRA adapter there is no stream.
static const char *format_name(unsigned format) {
  return format ? shira_stream_format_name(format) : "none";
}

static const char *process_name(unsigned i) {
  const struct shira_process *p = shira_process(i);
  return p ? p->name : NULL;
}

static const struct shira_field experiment_fields[] = {
    TEXT(TEXT, "name", shira_report, experiment.name),
    PLAIN(U64, "seed", shira_report, seed),
    PLAIN(U32, "stall_percent", shira_report, stall_percent),
    PLAIN(REAL, "strength", shira_report, experiment.strength),
    TEXT(TEXT_OR_NULL, "weights", shira_report, experiment.weights),
    NAME("shira_format", shira_report, experiment.format, SHIRA_STREAM_FORMAT_COUNT, format_name),
};
TABLE(experiment);

static const struct shira_field given_fields[] = {
    TEXT(TEXT_OR_NULL, "a", shira_adapter_pair, a),
    TEXT(TEXT_OR_NULL, "b", shira_adapter_pair, b),
};
TABLE(given);

static const struct shira_field machine_fields[] = {
    TEXT(TEXT, "name", shira_machine_facts, hw.name),
    PLAIN(U32, "clock_mhz", shira_machine_facts, hw.clock_mhz),
    NAME("process", shira_machine_facts, hw.process, SHIRA_PROCESSES, process_name),
    PLAIN(U32, "array_n", shira_machine_facts, hw.array_n),
    PLAIN(U32, "array_k", shira_machine_facts, hw.array_k),
    NAME("layout", shira_machine_facts, hw.layout, SHIRA_LAYOUT_COUNT, shira_layout_name),
    PLAIN(U32, "weight_sram_bytes", shira_machine_facts, hw.weight_bytes),
    PLAIN(U32, "weight_sram_banks", shira_machine_facts, hw.weight_banks),
    PLAIN(U32, "activation_sram_bytes", shira_machine_facts, hw.activation_bytes),
    PLAIN(U32, "accumulator_sram_bytes", shira_machine_facts, hw.accumulator_bytes),
    PLAIN(U32, "parameter_sram_bytes", shira_machine_facts, hw.parameter_bytes),
    PLAIN(U32, "scatter_lanes", shira_machine_facts, hw.scatter_lanes),
    PLAIN(U32, "scatter_decode_bytes", shira_machine_facts, hw.scatter_decode_bytes),
    PLAIN(U32, "scatter_fifo_depth", shira_machine_facts, hw.scatter_fifo_depth),
    PLAIN(BOOL, "scatter_merge", shira_machine_facts, hw.scatter_merge),
    PLAIN(U32, "scatter_block_updates", shira_machine_facts, hw.scatter_block_updates),
    PLAIN(U32, "axi_data_bits", shira_machine_facts, hw.axi_data_bits),
    PLAIN(U32, "axi_burst_bytes", shira_machine_facts, hw.axi_burst_bytes),
    PLAIN(U32, "axi_outstanding", shira_machine_facts, hw.axi_outstanding),
    NAME("counters", shira_machine_facts, hw.counters, SHIRA_COUNTER_SET_COUNT,
         shira_counter_set_name),
    PLAIN(U32, "command_queue_depth", shira_machine_facts, hw.command_queue_depth),
    PLAIN(U64, "memory_bytes", shira_machine_facts, hw.memory_bytes),
    PLAIN(U32, "memory_latency_cycles", shira_machine_facts, hw.memory_latency),
    PLAIN(U32, "memory_peak_mb_s", shira_machine_facts, hw.memory_peak_mb_s),
    PLAIN(U32, "memory_burst_bytes", shira_machine_facts, hw.memory_burst_bytes),
    PLAIN(REAL, "memory_sequential_mb_s", shira_machine_facts, sequential_mb_s),
    PLAIN(U64, "refresh_cycles", shira_machine_facts, refresh_cycles),
    PLAIN(U64, "host_link_bytes", shira_machine_facts, hw.host_bytes),
    PLAIN(U32, "host_link_latency_cycles", shira_machine_facts, hw.host_latency),
    PLAIN(U32, "host_link_peak_mb_s", shira_machine_facts, hw.host_peak_mb_s),
    PLAIN(U32, "host_link_credits", shira_machine_facts, hw.host_credits),
};
TABLE(machine);

static const struct shira_field sram_fields[] = {
    NAME("ports", shira_sram, ports, SHIRA_PORTS_1RW + 1, shira_ports_name),
    NAME("arbitration", shira_sram, arbitration, SHIRA_ENGINE_FIRST + 1, shira_arbitration_name),
    NAME("ecc", shira_sram, ecc, SHIRA_ECC_WORD + 1, shira_ecc_name),
    PLAIN(U32, "latency_cycles", shira_sram, latency),
};
TABLE(sram);

const struct sram_place sram_place[SRAMS] = {
    {"weight_sram", offsetof(struct shira_machine_facts, hw.weight_sram)},
    {"activation_sram", offsetof(struct shira_machine_facts, hw.activation_sram)},
    {"accumulator_sram", offsetof(struct shira_machine_facts, hw.accumulator_sram)},
    {"parameter_sram", offsetof(struct shira_machine_facts, hw.parameter_sram)},
};

static const struct shira_field dram_fields[] = {
    TEXT(TEXT, "name", shira_machine_facts, hw.dram.standard.name),
    TEXT(TEXT, "source", shira_machine_facts, hw.dram.standard.source),
    PLAIN(U32, "data_rate", shira_machine_facts, hw.dram.standard.data_rate),
    PLAIN(U32, "transfers_per_clock", shira_machine_facts, hw.dram.standard.transfers_per_clock),
    PLAIN(U32, "channels", shira_machine_facts, hw.dram.channels),
    PLAIN(U32, "channel_bits", shira_machine_facts, hw.dram.standard.channel_bits),
    PLAIN(U32, "burst_length", shira_machine_facts, hw.dram.standard.burst_length),
    PLAIN(U32, "ranks", shira_machine_facts, hw.dram.ranks),
    TEXT(TEXT, "mapping", shira_machine_facts, hw.dram.mapping),
    NAME("hash", shira_machine_facts, hw.dram.hash, SHIRA_DRAM_HASH_COLUMN + 1,
         shira_dram_hash_name),
    NAME("refresh", shira_machine_facts, hw.dram.refresh, SHIRA_DRAM_REFRESH_BANK + 1,
         shira_dram_refresh_name),
    PLAIN(U32, "refresh_rate", shira_machine_facts, hw.dram.refresh_rate),
    PLAIN(U32, "refresh_postpone", shira_machine_facts, hw.dram.refresh_postpone),
    NAME("ecc", shira_machine_facts, hw.dram.ecc, SHIRA_ECC_WORD + 1, shira_ecc_name),
    PLAIN(U32, "queue", shira_machine_facts, hw.dram.queue),
    PLAIN(U32, "window", shira_machine_facts, hw.dram.window),
    NAME("writes", shira_machine_facts, hw.dram.writes, SHIRA_DRAM_WRITES_MARKS + 1,
         shira_dram_writes_name),
    PLAIN(U32, "batch", shira_machine_facts, hw.dram.batch),
    PLAIN(U32, "cap_clocks", shira_machine_facts, hw.dram.cap),
    PLAIN(U32, "idle_close_clocks", shira_machine_facts, hw.dram.idle_close),
    TEXT(TEXT_OR_NULL, "energy_source", shira_machine_facts, hw.dram.standard.energy.source),
    PLAIN(REAL, "bit_pj", shira_machine_facts, hw.dram.standard.energy.bit),
    PLAIN(REAL, "activate_pj", shira_machine_facts, hw.dram.standard.energy.activate),
    PLAIN(REAL, "read_pj", shira_machine_facts, hw.dram.standard.energy.read),
    PLAIN(REAL, "write_pj", shira_machine_facts, hw.dram.standard.energy.write),
    PLAIN(REAL, "refresh_pj", shira_machine_facts, hw.dram.standard.energy.refresh),
    PLAIN(REAL, "refresh_bank_pj", shira_machine_facts, hw.dram.standard.energy.refresh_bank),
    PLAIN(REAL, "closed_mw", shira_machine_facts, hw.dram.standard.energy.closed),
    PLAIN(REAL, "open_mw", shira_machine_facts, hw.dram.standard.energy.open),
};
TABLE(dram);

#define AREA(key, figure)                                                                          \
  { key, SHIRA_FIELD_U64, SHIRA_AREA_##figure * sizeof(uint64_t), 0, NULL }
static const struct shira_field area_fields[] = {
    AREA("cells", CELLS), AREA("ff_bits", FF_BITS), AREA("memory_bits", MEMORY_BITS),
    AREA("lut", LUT),     AREA("lut_ram", LUT_RAM), AREA("ff", FF),
    AREA("dsp", DSP),     AREA("ramb36", RAMB36),   AREA("ramb18", RAMB18),
    AREA("uram", URAM),
};
TABLE(area);

static const struct shira_field timing_fields[] = {
    TEXT(TEXT, "tool", shira_rtl_timing, tool),
    TEXT(TEXT, "library", shira_rtl_timing, library),
    PLAIN(REAL, "fo4_ns", shira_rtl_timing, fo4_ns),
};
TABLE(timing);

static const struct shira_field depth_fields[] = {
    TEXT(TEXT, "name", shira_depth, name),       PLAIN(REAL, "fo4", shira_depth, fo4),
    PLAIN(REAL, "ns", shira_depth, ns),          PLAIN(U32, "cells", shira_depth, cells),
    TEXT(TEXT, "from", shira_depth, from),       TEXT(TEXT, "to", shira_depth, to),
    TEXT(TEXT, "through", shira_depth, through),
};
TABLE(depth);

static const struct shira_field workload_fields[] = {
    TEXT(TEXT, "name", shira_workload_facts, name),
    TEXT(TEXT, "model", shira_workload_facts, model),
    PLAIN(U32, "side", shira_workload_facts, side),
    PLAIN(U32, "linears", shira_workload_facts, linears),
    PLAIN(U64, "weights", shira_workload_facts, weights),
    PLAIN(HASH, "weights_hash", shira_workload_facts, weights_hash),
};
TABLE(workload);

static const struct shira_field hash_fields[] = {{"hash", SHIRA_FIELD_HASH, 0, 0, NULL}};
TABLE(hash);

static const struct shira_field blocks_fields[] = {
    PLAIN(U32, "first", shira_blocks, first), PLAIN(U32, "count", shira_blocks, n),
    PLAIN(U32, "all", shira_blocks, all),     PLAIN(U32, "hidden", shira_blocks, hidden),
    PLAIN(U32, "vocab", shira_blocks, vocab),
};
TABLE(blocks);

static const struct shira_field pair_fields[] = {
    TEXT(TEXT, "name", shira_pair_facts, name),
    NAME("kind", shira_pair_facts, kind, SHIRA_ADAPTER_KINDS, shira_adapter_kind_name),
    NAME_OR_NULL("mask", shira_pair_facts, mask, SHIRA_MASK_COUNT, shira_mask_name),
    NAME("size", shira_pair_facts, size, SHIRA_PAIR_SIZES, shira_pair_size_name),
};
TABLE(pair);

static const struct shira_field adapter_fields[] = {
    PLAIN(U32, "modules", shira_adapter_facts, modules),
    PLAIN(U64, "targeted_weights", shira_adapter_facts, targeted_weights),
    PLAIN(U64, "parameters", shira_adapter_facts, parameters),
    PLAIN(U32, "rank_min", shira_adapter_facts, rank_min),
    PLAIN(U32, "rank_max", shira_adapter_facts, rank_max),
    PLAIN(HASH, "targets_hash", shira_adapter_facts, targets),
};
TABLE(adapter);

static const struct shira_field case_fields[] = {
    NAME("work", shira_case, work, SHIRA_WORK_COUNT, shira_work_name),
    NAME("placement", shira_case, placed, SHIRA_PLACED_COUNT, shira_placed_name),
    NAME("strategy", shira_case, strategy, SHIRA_STRATEGY_COUNT, shira_strategy_name),
    NAME_OR_NULL("undo", shira_case, undo, SHIRA_UNDO_COUNT, shira_undo_name),
    NAME_OR_NULL("kept", shira_case, kept, SHIRA_KEPT_COUNT, shira_kept_name),
    NAME("from", shira_case, from, SHIRA_ACTIVE_COUNT, shira_active_name),
    NAME("to", shira_case, to, SHIRA_ACTIVE_COUNT, shira_active_name),
    PLAIN(U32, "tokens", shira_case, tokens),
};
TABLE(case);
