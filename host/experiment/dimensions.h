// The dimensions of a comparison: their values' names, and which strategies have them.
#ifndef SHIRA_EXPERIMENT_DIMENSIONS_H
#define SHIRA_EXPERIMENT_DIMENSIONS_H

#include "shira/config.h"

// Names in the order of the enums, each list ended by NULL.
extern const char *const shira_strategy_names[];
extern const char *const shira_switch_names[];
extern const char *const shira_mask_names[];
extern const char *const shira_placed_names[];
extern const char *const shira_undo_names[];
extern const char *const shira_kept_names[];

// Sets of strategies, a bit each.
#define STRATEGY(strategy) (1u << SHIRA_STRATEGY_##strategy)
#define ALL_STRATEGIES ((1u << SHIRA_STRATEGY_COUNT) - 1)
#define SHIRA_STRATEGIES (STRATEGY(SHIRA_SCATTER) | STRATEGY(SHIRA_OVERLAY) | STRATEGY(SHIRA_DRAM))
#define LORA_STRATEGIES (STRATEGY(RELOAD) | STRATEGY(LORA_FUSED) | STRATEGY(LORA_UNFUSED))

// Strategies that a dimension's value means something for.
extern const unsigned shira_placed_of[SHIRA_PLACED_COUNT];
extern const unsigned shira_undo_of[SHIRA_UNDO_COUNT];
extern const unsigned shira_kept_of[SHIRA_KEPT_COUNT];

#endif
