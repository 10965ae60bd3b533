// What a workload is, on the host: its weights, quantised and laid out, its inputs and adapters.
#ifndef SHIRA_EXPERIMENT_WORKLOAD_H
#define SHIRA_EXPERIMENT_WORKLOAD_H

#include "host/experiment/setup.h"
#include "shira/numeric.h"
#include "shira/pack.h"
#include "shira/plan.h"

// Tokens of the seeded batch that the scales of outputs and of h are calibrated with.
#define CALIBRATION_TOKENS 16u

// One linear, quantised.
struct linear {
  const struct shira_linear *shape;
  struct shira_image image;
  int8_t *wq;          // [out][in]
  double *w_scale;     // [out]
  double y_scale;      // what one step of an output byte is worth
  int8_t *calibration; // [CALIBRATION_TOKENS][in]
};

// Inputs of all linears for one number of tokens.
struct inputs {
  uint32_t tokens;
  int8_t **x;     // by linear, [tokens][in]; the same array for linears of a group
  uint8_t *bytes; // as the device wants them: group after group, rows padded
};

struct workload {
  char name[80];
  const struct shira_machine *hw;
  uint64_t seed;
  struct shira_stream_rules rules; // of SHiRA streams
  struct shira_model model;        // the setup's
  struct shira_weights weights;    // the setup's where they were given
  bool weights_given;
  struct shira_placement placement;
  struct linear *linear;
  uint8_t *images; // all weight images, placement.weight_bytes
  uint8_t *params; // all parameter records, padded to a beat
  uint32_t params_bytes;
  uint32_t n_inputs;
  struct inputs inputs[SHIRA_MAX_TOKENS];
};

// What of a packed adapter a strategy needs.
enum packed_form {
  PACKED_FULL,     // ready-made images
  PACKED_UNFUSED,  // factors for passes
  PACKED_FUSED,    // factors for a product that is added to weights
  PACKED_STREAMS,  // streams of whole linears
  PACKED_SEGMENTS, // streams of chunks
};

// One adapter, packed for the workload.
struct packed {
  const struct shira_adapter *adapter;
  uint8_t *full; // images of the weights with the adapter fused offline, for reload
  // SHiRA
  struct shira_pack_shira shira;
  struct shira_stream_set delta;    // what `apply` changes, for ADD and SUB
  struct shira_stream_set segments; // streamed weights: by chunk, its part of `apply`
  // LoRA
  struct shira_factors factors;              // layout of the blobs
  struct shira_lora_quant *lora;             // by linear; zeroed where the adapter has no module
  uint8_t *unfused, *fused;                  // blobs, see struct shira_factors
  uint8_t *minus;                            // the fused blob with -B
  uint32_t *fuse_scale;                      // by linear
  struct shira_unfused_scale *unfused_scale; // by linear
};

// Opens workload `index` of the experiment for a machine: weights and their quantisation. `setup`
// must outlive it. Errors: -ENOMEM and those of the numeric rules, with a sentence.
int workload_init(struct workload *w, const struct setup *setup, uint32_t machine, uint32_t index,
                  struct shira_error *err);

// Lays it out for one placement of its weights, with no adapter: images, parameters and inputs. May
// be called again for another placement, after workload_unplace. Errors: -ENOSPC, -ENOMEM with a
// sentence.
int workload_lay_out(struct workload *w, enum shira_placed placed, struct shira_error *err);

// Places what is laid out anew, with room for `factor_bytes` of LoRA factors in the weight SRAM;
// images, parameters and inputs stay where they are. Errors: -ENOSPC, -ENOMEM with a sentence.
int workload_place(struct workload *w, bool streamed, uint64_t factor_bytes,
                   struct shira_error *err);
// Hash of the inputs for workload->inputs[index]: [tokens][in] of each group of linears that share
// them, one after another, without padding.
struct shira_hash workload_input_hash(const struct workload *w, uint32_t index);

void workload_unplace(struct workload *w);
void workload_free(struct workload *w);

// Layout of a LoRA adapter's factors, of no linear for SHiRA. Needs no placement. Errors: those of
// shira_factors_init. Free with shira_factors_free.
int adapter_factors(const struct workload *w, const struct shira_machine *hw,
                    const struct shira_adapter *adapter, struct shira_factors *f,
                    struct shira_error *err);

// Packs `adapter` for the workload, in one form. Errors: -EINVAL, -ENOMEM with a sentence.
int packed_init(struct packed *p, const struct workload *w, const struct shira_adapter *adapter,
                enum packed_form form, struct shira_error *err);
void packed_free(struct packed *p, const struct workload *w);

// The module of `adapter` that belongs to linear `index`, or NULL.
const struct shira_adapter_module *adapter_module(const struct shira_adapter *adapter,
                                                  uint32_t index);

// Image of the whole workload with other weights: wq by linear, [out][in]. Returns NULL without
// memory.
uint8_t *workload_images(const struct workload *w, int8_t *const *wq);

#endif
