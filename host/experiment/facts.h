// Which member of a structure is which key of report.json; used both ways. A table is of the
// structure that its comment names.
#ifndef SHIRA_EXPERIMENT_FACTS_H
#define SHIRA_EXPERIMENT_FACTS_H

#include "host/base/fields.h"
#include "shira/result.h"

// "papers", "equal", "given"; NULL if out of range.
const char *shira_pair_size_name(unsigned size);

struct field_table {
  const struct shira_field *at;
  size_t n;
};

extern const struct field_table report_table;     // struct shira_report
extern const struct field_table experiment_table; // struct shira_report
extern const struct field_table given_table;      // struct shira_adapter_pair
extern const struct field_table machine_table;    // struct shira_machine_facts
extern const struct field_table dram_table;       // struct shira_machine_facts
extern const struct field_table sram_table;       // struct shira_sram
extern const struct field_table area_table;       // uint64_t[SHIRA_AREA_COUNT]
extern const struct field_table timing_table;     // struct shira_rtl_timing
extern const struct field_table depth_table;      // struct shira_depth
extern const struct field_table workload_table;   // struct shira_workload_facts
extern const struct field_table hash_table;       // struct shira_hash
extern const struct field_table blocks_table;     // struct shira_blocks
extern const struct field_table pair_table;       // struct shira_pair_facts
extern const struct field_table adapter_table;    // struct shira_adapter_facts
extern const struct field_table case_table; // struct shira_case, without what the report names

// The SRAMs of a struct shira_machine_facts.
#define SRAMS 4
extern const struct sram_place {
  const char *key;
  size_t offset;
} sram_place[SRAMS];

#endif
