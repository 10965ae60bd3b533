// Which point a result is: a typed key of enums and numbers, by which results are indexed, compared
// and drawn. Two cases are equal when all members are.
#ifndef SHIRA_CASE_H
#define SHIRA_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shira/config.h"

#ifdef __cplusplus
extern "C" {
#endif

enum shira_work { SHIRA_WORK_SWITCH, SHIRA_WORK_PASS, SHIRA_WORK_COUNT };

// Which adapter is active.
enum shira_active { SHIRA_ACTIVE_BASE, SHIRA_ACTIVE_A, SHIRA_ACTIVE_B, SHIRA_ACTIVE_COUNT };

#define SHIRA_NO_PAIR UINT32_MAX // base weights: no adapters

// All 32 bits wide, so that a case has no padding and may be hashed and compared as bytes.
struct shira_case {
  uint32_t machine;  // index into the report's machines
  uint32_t workload; // index into its workloads
  uint32_t placed;   // enum shira_placed
  uint32_t pair;     // index into its pairs of adapters, or SHIRA_NO_PAIR
  uint32_t strategy; // enum shira_strategy
  uint32_t undo;     // enum shira_undo; SHIRA_UNDO_COUNT: the strategy has none
  uint32_t kept;     // enum shira_kept; SHIRA_KEPT_COUNT: nothing is kept
  uint32_t from, to; // enum shira_active; of a pass both are the one that is active
  uint32_t work;     // enum shira_work
  uint32_t tokens;   // of a pass; 0 of a switch
};

const char *shira_work_name(unsigned work);     // "switch", "pass"; NULL if out of range
const char *shira_active_name(unsigned active); // "base", "A", "B"; NULL if out of range

// The pass that runs after the switch `s`: programs that are equal are one point, so the case of a
// pass says no more than what its program depends on. Weights that the switch has written are
// passed as base weights are (strategy base, no pair); only lora-unfused and shira-overlay have
// passes of their own, and of those only an unfused one depends on where adapters are kept: on
// chip, or not.
struct shira_case shira_case_pass(const struct shira_case *s, uint32_t tokens);

// < 0, 0, > 0; in the order of the members, so that what belongs together is neighbours.
int shira_case_compare(const struct shira_case *a, const struct shira_case *b);

#ifdef __cplusplus
}
#endif

#endif
