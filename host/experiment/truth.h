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

// Which weights are in the SRAM, and what a pass does beside them.
enum state_kind { STATE_BASE, STATE_SHIRA, STATE_LORA_FUSED, STATE_LORA_UNFUSED };

struct state {
  enum state_kind kind;
  const struct shira_adapter *adapter; // NULL for STATE_BASE
  int8_t **weights;                    // by linear, [out][in]: what the SRAM must hold
  struct shira_weight_stats stats;
};

int truth_init(struct truth *t, const struct workload *w, struct shira_error *err);
void truth_free(struct truth *t);

// Computes what the weights must be in a state. Errors: -ENOMEM and the reference's.
int truth_state(const struct truth *t, enum state_kind kind, const struct shira_adapter *adapter,
                struct state *s, struct shira_error *err);
void state_free(struct state *s, const struct workload *w);

// True where `blob`, read back from the weight SRAM, holds the state's weights.
bool truth_weights(const struct truth *t, const struct state *s, const uint8_t *blob);

// Compares outputs that the device wrote for `in` with the reference's, and measures their relative
// L2 error. Errors: -ENOMEM and the reference's.
int truth_outputs(const struct truth *t, const struct state *s, const struct inputs *in,
                  const uint8_t *outputs, bool *equal, double *error_l2, struct shira_error *err);

#endif
