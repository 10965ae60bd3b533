// Model files: the linears of one block as a table, expanded to all blocks.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/machine/tables.h"
#include "shira/config.h"

#define MAX_BLOCKS 1024
#define MAX_BLOCK_LINEARS 64

// A row of the table `linears`.
struct row {
  char name[80], input[32];
  uint32_t out, in;
  bool target;
  uint32_t group; // of the input, within a block
};

struct model_file {
  struct shira_model m;
  char prefix[64];
  const struct cfg_node *linears;
};

#define KEY(structure, path_, type_, member, min_, max_, meaning_, moves_)                         \
  {                                                                                                \
    .path = path_, .type = type_, .offset = offsetof(structure, member), .min = min_, .max = max_, \
    .meaning = meaning_, .moves = moves_                                                           \
  }
#define TOP(...) KEY(struct model_file, __VA_ARGS__)
#define ROW(...) KEY(struct row, __VA_ARGS__)

static const struct cfg_key model_keys[] = {
    TOP("name", CFG_NAME, m.name, 0, sizeof((struct shira_model *)0)->name,
        "name of the model in reports", "nothing"),
    TOP("source", CFG_TEXT, m.source, 0, sizeof((struct shira_model *)0)->source,
        "where the shapes come from", "nothing"),
    TOP("hidden", CFG_U32, m.hidden, 1, SHIRA_MAX_FEATURES, "features between blocks",
        "nothing: linears says what runs"),
    TOP("intermediate", CFG_U32, m.intermediate, 1, SHIRA_MAX_FEATURES, "features inside the MLP",
        "nothing"),
    TOP("heads", CFG_U32, m.heads, 1, 1024, "heads of attention", "nothing"),
    TOP("kv_heads", CFG_U32, m.kv_heads, 1, 1024, "heads of keys and values", "nothing"),
    TOP("head_dim", CFG_U32, m.head_dim, 1, 4096, "features of a head", "nothing"),
    TOP("blocks", CFG_U32, m.blocks, 1, MAX_BLOCKS, "equal blocks of the model",
        "every figure of the model"),
    TOP("vocab", CFG_U32, m.vocab, 0, 10000000, "words of the vocabulary; 0: none", "nothing"),
    TOP("prefix", CFG_TEXT, prefix, 0, sizeof((struct model_file *)0)->prefix,
        "what stands before the names of a block, with {} for its number",
        "which modules of an adapter are found"),
    {.path = "linears",
     .type = CFG_NODE,
     .offset = offsetof(struct model_file, linears),
     .allowed = "a list of 1 to 64 linear layers",
     .meaning = "layers of one block in the order of execution",
     .moves = "every figure of the model"},
};

static const struct cfg_key row_keys[] = {
    ROW("name", CFG_NAME, name, 0, sizeof((struct row *)0)->name,
        "name of the layer as PEFT writes it, without prefix",
        "which modules of an adapter are found"),
    ROW("out", CFG_U32, out, 1, SHIRA_MAX_FEATURES, "outputs", "every figure of the model"),
    ROW("in", CFG_U32, in, 1, SHIRA_MAX_FEATURES, "inputs", "every figure of the model"),
    ROW("input", CFG_NAME, input, 0, sizeof((struct row *)0)->input,
        "name of the input: layers with the same name read the same vector",
        "pass: inputs that are fetched once"),
    ROW("target", CFG_BOOL, target, 0, 0,
        "adapters that are made change it; then out and in are 2 or more", "every switch"),
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

_Static_assert(MAX_BLOCK_LINEARS == 64, "as the table says");
const struct cfg_table cfg_model = {"model", "models/*.yaml", model_keys, COUNT(model_keys)};
const struct cfg_table cfg_linear = {"linear", "an item of linears of a model", row_keys,
                                     COUNT(row_keys)};

// Reads the table. *groups is the number of distinct inputs in a block.
static int read_rows(const struct cfg_file *f, const struct cfg_node *list, struct row *rows,
                     uint32_t *groups) {
  int rc = cfg_list(f, list, MAX_BLOCK_LINEARS);
  if (rc)
    return rc;
  *groups = 0;
  const struct cfg_node *node = list->first;
  for (struct row *r = rows; node; r++, node = node->next) {
    memset(r, 0, sizeof *r);
    rc = cfg_read(f, node, row_keys, COUNT(row_keys), r);
    if (rc)
      return rc;
    if (r->target && (r->out < 2 || r->in < 2))
      return cfg_fail(f, cfg_find(node, r->out < 2 ? "out" : "in"),
                      "'1' does not fit; allowed: 2 or more in a target");
    r->group = *groups;
    for (const struct row *o = rows; o < r; o++) {
      if (!strcmp(o->name, r->name))
        return cfg_fail(f, cfg_find(node, "name"), "'%s' is there twice; allowed: each once",
                        r->name);
      if (strcmp(o->input, r->input))
        continue;
      if (o->in != r->in)
        return cfg_fail(f, cfg_find(node, "in"),
                        "'%u' does not fit; allowed: %u, as in '%s', which reads the same input",
                        r->in, o->in, o->name);
      r->group = o->group;
    }
    *groups += r->group == *groups;
  }
  return 0;
}

// The prefix with the number of a block in place of "{}".
static void block_prefix(const char *prefix, uint32_t block, char *buf, size_t size) {
  const char *hole = strstr(prefix, "{}");
  snprintf(buf, size, "%.*s%u%s", (int)(hole - prefix), prefix, block, hole + 2);
}

static int expand(const struct cfg_file *f, struct shira_model *m, const char *prefix,
                  const struct row *rows, uint32_t n_rows, uint32_t groups) {
  m->all_blocks = m->blocks;
  m->n_linears = m->blocks * n_rows;
  m->linears = calloc(m->n_linears, sizeof *m->linears);
  if (!m->linears)
    return shira_fail(f->error, ENOMEM, "%s: out of memory", f->path);
  struct shira_linear *l = m->linears;
  for (uint32_t b = 0; b < m->blocks; b++) {
    char before[sizeof((struct model_file *)0)->prefix + 8];
    block_prefix(prefix, b, before, sizeof before);
    for (uint32_t i = 0; i < n_rows; i++, l++) {
      snprintf(l->name, sizeof l->name, "%.71s%.79s", before, rows[i].name);
      l->out = rows[i].out;
      l->in = rows[i].in;
      l->target = rows[i].target;
      l->input_group = b * groups + rows[i].group;
    }
  }
  return 0;
}

static int read_model(const struct cfg_file *f, struct model_file *file) {
  struct row rows[MAX_BLOCK_LINEARS];
  uint32_t groups;
  int rc = cfg_read(f, f->root, model_keys, COUNT(model_keys), file);
  if (rc)
    return rc;
  const char *hole = strstr(file->prefix, "{}");
  if (!hole || strstr(hole + 2, "{}"))
    return cfg_fail(f, cfg_find(f->root, "prefix"),
                    "'%s' does not fit; allowed: a prefix with one {} for the block's number",
                    file->prefix);
  rc = read_rows(f, file->linears, rows, &groups);
  if (rc)
    return rc;
  return expand(f, &file->m, file->prefix, rows, file->linears->n, groups);
}

int shira_model_load(const char *path, struct shira_model *model, struct shira_error *error) {
  struct cfg_file f;
  struct model_file file;
  memset(&file, 0, sizeof file);
  int rc = cfg_open(&f, path, error);
  if (rc)
    return rc;
  rc = read_model(&f, &file);
  if (!rc)
    *model = file.m;
  cfg_close(&f);
  return rc;
}

int shira_model_square(uint32_t dim, struct shira_model *model, struct shira_error *error) {
  if (dim == 0 || dim > SHIRA_MAX_FEATURES)
    return shira_fail(error, EINVAL, "a square of %u features; allowed: 1 to %u", dim,
                      SHIRA_MAX_FEATURES);
  struct shira_linear *linear = calloc(1, sizeof *linear);
  if (!linear)
    return shira_fail(error, ENOMEM, "out of memory");
  snprintf(linear->name, sizeof linear->name, "linear");
  linear->out = linear->in = dim;
  linear->target = true;
  memset(model, 0, sizeof *model);
  snprintf(model->name, sizeof model->name, "square");
  snprintf(model->source, sizeof model->source, "one linear of %u x %u", dim, dim);
  model->blocks = model->all_blocks = model->n_linears = 1;
  model->linears = linear;
  return 0;
}

int shira_model_keep(struct shira_model *model, uint32_t first, uint32_t blocks,
                     struct shira_error *error) {
  if (blocks == 0 || blocks > model->blocks || first > model->blocks - blocks)
    return shira_fail(error, EINVAL,
                      "%u block%s from block %u on, of model '%s'; allowed: within 0 to %u", blocks,
                      blocks == 1 ? "" : "s", first, model->name, model->blocks - 1);
  const uint32_t each = model->n_linears / model->blocks;
  model->n_linears = each * blocks;
  memmove(model->linears, model->linears + each * first, model->n_linears * sizeof *model->linears);
  model->first_block += first;
  model->blocks = blocks;
  return 0;
}

void shira_model_free(struct shira_model *model) {
  free(model->linears);
  memset(model, 0, sizeof *model);
}

uint64_t shira_model_weights(const struct shira_model *model, bool targets_only) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < model->n_linears; i++)
    if (model->linears[i].target || !targets_only)
      sum += (uint64_t)model->linears[i].out * model->linears[i].in;
  return sum;
}
