// The dimensions of a comparison: their values' names, and which strategies have them.
#include <stddef.h>

#include "host/experiment/dimensions.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

const char *const shira_strategy_names[] = {
    "base",          "reload",        "lora-fused", "lora-unfused",
    "shira-scatter", "shira-overlay", "shira-dram", NULL};
const char *const shira_switch_names[] = {"base", "other", NULL};
const char *const shira_mask_names[] = {"rand", "struct", "wm", NULL};
const char *const shira_placed_names[] = {"resident", "streamed", NULL};
const char *const shira_undo_names[] = {"transition", "set",      "swap", "sub",
                                        "clean",      "in-place", NULL};
const char *const shira_kept_names[] = {"memory", "chip", "host", NULL};
_Static_assert(COUNT(shira_strategy_names) == SHIRA_STRATEGY_COUNT + 1, "a name a strategy");
_Static_assert(COUNT(shira_switch_names) == SHIRA_SWITCH_COUNT + 1, "a name a switch");
_Static_assert(COUNT(shira_mask_names) == SHIRA_MASK_COUNT + 1, "a name a mask");
_Static_assert(COUNT(shira_placed_names) == SHIRA_PLACED_COUNT + 1, "a name a placement");
_Static_assert(COUNT(shira_undo_names) == SHIRA_UNDO_COUNT + 1, "a name an undo");
_Static_assert(COUNT(shira_kept_names) == SHIRA_KEPT_COUNT + 1, "a name a place");

// Strategies that a dimension's value means something for.
const unsigned shira_placed_of[SHIRA_PLACED_COUNT] = {
    [SHIRA_PLACED_RESIDENT] = ALL_STRATEGIES & ~(STRATEGY(SHIRA_OVERLAY) | STRATEGY(SHIRA_DRAM)),
    [SHIRA_PLACED_STREAMED] = ALL_STRATEGIES & ~STRATEGY(SHIRA_SCATTER),
};
const unsigned shira_undo_of[SHIRA_UNDO_COUNT] = {
    [SHIRA_UNDO_TRANSITION] = STRATEGY(SHIRA_SCATTER) | STRATEGY(SHIRA_DRAM),
    [SHIRA_UNDO_SET] = STRATEGY(SHIRA_SCATTER) | STRATEGY(SHIRA_DRAM),
    [SHIRA_UNDO_SWAP] = STRATEGY(SHIRA_SCATTER) | STRATEGY(SHIRA_DRAM),
    [SHIRA_UNDO_SUB] = STRATEGY(SHIRA_SCATTER) | STRATEGY(SHIRA_DRAM),
    [SHIRA_UNDO_CLEAN] = STRATEGY(LORA_FUSED),
    [SHIRA_UNDO_IN_PLACE] = STRATEGY(LORA_FUSED),
};
const unsigned shira_kept_of[SHIRA_KEPT_COUNT] = {
    [SHIRA_KEPT_MEMORY] = ALL_STRATEGIES,
    [SHIRA_KEPT_CHIP] = STRATEGY(LORA_UNFUSED),
    [SHIRA_KEPT_HOST] = ALL_STRATEGIES,
};

bool shira_strategy_placed(enum shira_strategy strategy, enum shira_placed placed) {
  return shira_placed_of[placed] >> strategy & 1;
}

bool shira_strategy_undo(enum shira_strategy strategy, enum shira_undo undo) {
  return shira_undo_of[undo] >> strategy & 1;
}

bool shira_strategy_kept(enum shira_strategy strategy, enum shira_kept kept) {
  return shira_kept_of[kept] >> strategy & 1;
}

const char *shira_strategy_name(unsigned strategy) {
  return strategy < SHIRA_STRATEGY_COUNT ? shira_strategy_names[strategy] : NULL;
}

const char *shira_switch_name(unsigned from) {
  return from < SHIRA_SWITCH_COUNT ? shira_switch_names[from] : NULL;
}

const char *shira_mask_name(unsigned mask) {
  return mask < SHIRA_MASK_COUNT ? shira_mask_names[mask] : NULL;
}

const char *shira_placed_name(unsigned placed) {
  return placed < SHIRA_PLACED_COUNT ? shira_placed_names[placed] : NULL;
}

const char *shira_undo_name(unsigned undo) {
  return undo < SHIRA_UNDO_COUNT ? shira_undo_names[undo] : NULL;
}

const char *shira_kept_name(unsigned kept) {
  return kept < SHIRA_KEPT_COUNT ? shira_kept_names[kept] : NULL;
}
