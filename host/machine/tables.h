// What each kind of file may hold: the tables that files are read by and configs/keys.md is made
// of.
#ifndef SHIRA_MACHINE_TABLES_H
#define SHIRA_MACHINE_TABLES_H

#include "host/machine/schema.h"

#define CFG_MOST_MB_S 100000000  // of a memory or a link
#define CFG_MOST_CLOCKS 1000000u // of a DRAM's timing

// Cycles that an access of memory may wait at most: half of what the RTL's watchdog, as it is after
// reset, takes for a hang (rtl/regs/shira_regs.yaml, WATCHDOG).
#define CFG_MOST_WAIT 32768u

extern const char *const cfg_processes[]; // names of processes, then NULL

extern const struct cfg_table cfg_machine;  // into struct shira_machine
extern const struct cfg_table cfg_standard; // into struct shira_dram_standard
extern const struct cfg_table cfg_model, cfg_linear;
extern const struct cfg_table cfg_experiment, cfg_workload, cfg_shira, cfg_lora;

#endif
