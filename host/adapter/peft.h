// What the PEFT format says, before a model is known. Private to host/adapter.
#ifndef SHIRA_ADAPTER_PEFT_H
#define SHIRA_ADAPTER_PEFT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/adapter/safetensors.h"
#include "shira/adapter.h"

#define PEFT_CONFIG_FILE "adapter_config.json"
#define PEFT_WEIGHTS_FILE "adapter_model.safetensors"
#define PEFT_PREFIX "base_model.model."
#define PEFT_MAX_R (1 << 20)

struct peft_pattern;

// adapter_config.json.
struct peft_config {
  char path[PATH_MAX];
  enum shira_adapter_kind kind;
  uint32_t r;
  double alpha; // LoRA
  bool rslora;
  char init[32]; // init_lora_weights where it is a name, else ""
  uint32_t n_ranks, n_alphas;
  struct peft_pattern *ranks, *alphas;
};

// Reads and checks adapter_config.json in `dir`. Free with peft_config_free.
int peft_config_load(const char *dir, struct peft_config *config, struct shira_error *error);
void peft_config_free(struct peft_config *config);

// Rank and scale of a module (its name without prefix), patterns included.
void peft_config_module(const struct peft_config *config, const char *module, uint32_t *rank,
                        double *scale);

// The two tensors of a module: SHiRA weight, indices; LoRA A, B.
struct peft_module {
  char name[160]; // without prefix
  const struct safetensors_tensor *part[2];
};

struct peft_files {
  struct peft_config config;
  char path[PATH_MAX]; // of the weights
  struct safetensors_file file;
  uint32_t n_modules;
  struct peft_module *modules; // sorted by name
};

// Opens both files of `dir` and pairs their tensors. Free with peft_close.
int peft_open(const char *dir, struct peft_files *files, struct shira_error *error);
void peft_close(struct peft_files *files);

// Decodes one module: values, indices in the file's order, factors; name, and LoRA's shape, are
// set. Free with peft_module_free, also after a failure.
int peft_decode(const struct peft_files *files, const struct peft_module *from,
                struct shira_adapter_module *module, struct shira_error *error);
void peft_module_free(struct shira_adapter_module *module);

// Sorts a SHiRA module's entries and refuses duplicates. `path` is used in messages.
int peft_sort(struct shira_adapter_module *module, const char *path, struct shira_error *error);

// "<dir>/<file>" to path[PATH_MAX].
int peft_path(const char *dir, const char *file, char *path, struct shira_error *error);

// Finds the linear that a module's name means; *linear is its index. -EINVAL: none or several.
// `path` is used in messages.
int peft_match(const struct shira_model *model, const char *module, const char *path,
               uint32_t *linear, struct shira_error *error);

// True if a and b are the same, or one is the end of the other behind a '.'.
bool peft_same_tail(const char *a, const char *b);

#endif
