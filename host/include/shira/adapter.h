// Adapters and base weights: read from files in the PEFT format, checked against a model, made from
// a seed.
//
// Functions return 0 or -errno with one sentence in *error (which may be NULL) that names the file
// and the module to blame, and then leave nothing to free. They block on the file system, touch no
// hardware, and may run in any thread. Errors of all of them: the errno of the file system,
// -EINVAL the input is not what it should be, -ENOTSUP it is a kind that is not supported, -ENOMEM.
#ifndef SHIRA_ADAPTER_H
#define SHIRA_ADAPTER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/config.h"
#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Reading --------------------------------------------------------------------------------

enum shira_adapter_kind { SHIRA_ADAPTER_SHIRA, SHIRA_ADAPTER_LORA, SHIRA_ADAPTER_KINDS };

// "shira", "lora"; NULL if out of range.
const char *shira_adapter_kind_name(unsigned kind);

// The change of one linear's weights W [out][in], y = W x. What the kind does not use is 0.
struct shira_adapter_module {
  char name[160];   // the linear's name in the model
  uint32_t linear;  // its index in model->linears
  uint32_t out, in; // its shape
  // SHiRA: W[row[i]][col[i]] += value[i]; sorted by row, then column; each place once.
  uint32_t count;
  uint32_t *row, *col;
  float *value;
  // LoRA: W += scale * B A.
  uint32_t rank;
  double scale; // lora_alpha / rank, or / sqrt(rank) with use_rslora
  float *a;     // [rank][in]
  float *b;     // [out][rank]
};

struct shira_adapter {
  enum shira_adapter_kind kind;
  char name[64]; // last part of the directory's path
  uint32_t r;    // `r` of adapter_config.json
  uint32_t n_modules;
  struct shira_adapter_module *modules; // in the model's order
  uint32_t n_warnings;
  char **warnings; // sentences about what is odd but legal
};

// Reads adapter_config.json and adapter_model.safetensors of `dir` (peft_type SHIRA or LoRA) and
// checks them against the model. Modules find their linear by name, without PEFT's prefix
// "base_model.model."; where no linear has that name, one that ends in "." and the module's name
// (or the other way around), if there is exactly one. Refused: what safetensors forbids; values
// that are not finite; indices outside the weight and duplicates, with their place; a shape that
// does not fit; a module without linear; a rank other than adapter_config.json says; DoRA and the
// other variants that are more than a sum (-ENOTSUP). A warning each: K other than r (in + out); a
// linear that the model does not call a target. `model` is not kept. Free with shira_adapter_free.
int shira_adapter_load(const char *dir, const struct shira_model *model,
                       struct shira_adapter *adapter, struct shira_error *error);

// Frees what an adapter owns and zeroes it. A zeroed adapter is allowed.
void shira_adapter_free(struct shira_adapter *adapter);

// Frobenius norm of the change, computed in double in a fixed order. Needs 2 rank^2 doubles for
// LoRA; NAN when memory is out.
double shira_adapter_norm(const struct shira_adapter_module *module);

// Prints what is in an adapter directory, as text or as one JSON object: kind, modules, shapes,
// counts, dtypes, norms. Needs no model; a SHiRA file does not hold the shapes of its weights, so
// that they, and the density, are printed only where its indices and r decide them.
int shira_adapter_inspect(const char *dir, bool json, FILE *out, struct shira_error *error);

// ---- Base weights ---------------------------------------------------------------------------

// One matrix [out][in] for each linear of a model.
struct shira_weights {
  uint32_t n;
  float **w;
};

// Normal numbers, deviation 1 / sqrt(in), different for each linear's name; the same on every
// machine. Errors: -ENOMEM.
int shira_weights_seed(const struct shira_model *model, uint64_t seed,
                       struct shira_weights *weights, struct shira_error *error);

// Reads `<linear>.weight` of every linear from a safetensors file (F32, F16 or BF16; finite;
// [out, in]); the name may have a prefix more or less, if only one fits. Other tensors are ignored.
int shira_weights_load(const char *path, const struct shira_model *model,
                       struct shira_weights *weights, struct shira_error *error);

// Frees what it owns and zeroes it. Zeroed weights are allowed.
void shira_weights_free(struct shira_weights *weights);

// ---- Making ---------------------------------------------------------------------------------

// ||delta|| / ||W|| of made adapters where nothing else is wanted. On normal weights and 1 % of
// them the deltas then have half the weights' deviation, about 18 steps of INT8: 97 % change a
// byte.
#define SHIRA_ADAPTER_STRENGTH 0.05

struct shira_adapter_make_options {
  enum shira_adapter_kind kind;
  uint32_t rank;        // r; 0: from the density
  double density;       // SHiRA entries, or LoRA parameters, as a share of the targeted weights;
                        // the nearest r is taken; 0: from the rank
  enum shira_mask mask; // SHiRA
  uint64_t seed;
  double strength; // ||delta||_F / ||W||_F of every module
};

// What was made.
struct shira_adapter_made {
  uint32_t rank;       // r
  uint32_t modules;    // targeted linears
  uint64_t targeted;   // weights in them
  uint64_t parameters; // entries, or elements of the factors: r (in + out), summed
  double density;      // parameters / targeted
  double strength;     // ||delta|| / ||W|| over all modules, of the values as written
};

// Writes an adapter for the targeted linears of `model` into `dir` (made if missing; files of an
// earlier adapter are replaced), in the PEFT format with F32 values. Each module gets K = r (in +
// out) entries (SHiRA: `rand` uniform, `struct` every f-th row and column and the diagonal, `wm`
// the largest |W|) with normal values, or factors [r][in] and [out][r] with lora_alpha = 2 r
// (LoRA). The same inputs give the same bytes, on any machine. report may be NULL. Errors: -EINVAL
// also for no rank and no density, both, r (in + out) > in out (SHiRA), strength not finite or <=
// 0, no targeted linear, weights that are all zero or not of this model.
int shira_adapter_make(const struct shira_adapter_make_options *options,
                       const struct shira_model *model, const struct shira_weights *weights,
                       const char *dir, struct shira_adapter_made *report,
                       struct shira_error *error);

#ifdef __cplusplus
}
#endif

#endif
