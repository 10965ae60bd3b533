// Holds what the device computed against the reference.
#ifndef SHIRA_EXPERIMENT_TRUTH_H
#define SHIRA_EXPERIMENT_TRUTH_H

#include "host/experiment/workload.h"
#include "shira/reference.h"
#include "shira/result.h"

struct truth {
  const struct workload *w;
  struct shira_reference *ref; // by linear
};

// What the weights are, and what a pass does beside them.
enum state_kind {
  STATE_BASE,
  STATE_SHIRA,         // base weights with the adapter's updates
  STATE_LORA_FUSED,    // base weights with the product
  STATE_LORA_IN_PLACE, // weights of the state before, less its product, with this one's
  STATE_LORA_UNFUSED,  // base weights, and two more products a pass
};

struct state {
  enum state_kind kind;
  const struct shira_adapter *adapter; // NULL: none is active
  int8_t **weights;                    // by linear, [out][in]: what a pass computes with
  bool apart; // the place where weights live holds the base; what a pass computes with comes from
              // elsewhere
  struct shira_weight_stats stats;
};

int truth_init(struct truth *t, const struct workload *w, struct shira_error *err);
void truth_free(struct truth *t);

// Computes what the weights must be in a state; `before` is the one that was left, NULL for base,
// and only matters in place. Errors: -ENOMEM and the reference's.
int truth_state(const struct truth *t, enum state_kind kind, const struct shira_adapter *adapter,
                const struct state *before, struct state *s, struct shira_error *err);
void state_free(struct state *s, const struct workload *w);

// True where `blob`, images of all linears, holds what the state says of the place where they live.
bool truth_weights(const struct truth *t, const struct state *s, const uint8_t *blob);

// Compares outputs that the device wrote for `in` with the reference's; *hash is theirs, [tokens]
// [out], linear after linear. Errors: -ENOMEM and the reference's.
int truth_outputs(const struct truth *t, const struct state *s, const struct inputs *in,
                  const uint8_t *outputs, bool *equal, struct shira_hash *hash,
                  struct shira_error *err);

// Relative L2 error of the reference's outputs for `in` against FP64 of what is not quantised.
int truth_error(const struct truth *t, const struct state *s, const struct inputs *in,
                double *error_l2, struct shira_error *err);

// Hash of the weights that passes compute with in a state (NULL: base), [out][in], linear after
// linear.
void truth_hash(const struct truth *t, const struct state *s, struct shira_hash *hash);

#endif
