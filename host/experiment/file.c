// Experiment files: what is compared.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/experiment/dimensions.h"
#include "host/machine/tables.h"
#include "shira/config.h"
#include "shira/regs.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MAX_SQUARE 32768u
#define MAX_BLOCKS 1024

static const char *const format_names[] = {"gap8", "coo32", NULL};
// Formats count from 1.
_Static_assert(SHIRA_STREAM_FORMAT_GAP8 == 1 && SHIRA_STREAM_FORMAT_COO32 == 2,
               "names in the order of formats");

// A name or path as the file says it.
typedef char path_text[SHIRA_PATH_BYTES];

struct pair_file {
  path_text a, b;
  double density;
  uint32_t format;
  const struct cfg_node *masks, *rank;
};

struct workload_file {
  const struct cfg_node *square, *blocks, *first, *machines, *tokens;
  path_text model;
};

// An experiment and the parts of its file that are lists.
struct experiment_file {
  struct shira_experiment e;
  const struct cfg_node *machines, *tokens, *strategies, *switches, *workloads, *shira, *lora;
  const struct cfg_node *placed, *undo, *kept;
};

// Where the file lies and where names are looked up.
struct place {
  const struct cfg_file *f;
  const char *root;
};

#define KEY(structure, path_, type_, flags_, member, min_, max_, meaning_, moves_)                 \
  {                                                                                                \
    .path = path_, .type = type_, .flags = flags_, .offset = offsetof(structure, member),          \
    .min = min_, .max = max_, .meaning = meaning_, .moves = moves_                                 \
  }
#define REAL(structure, path_, flags_, member, min_, max_, meaning_, moves_)                       \
  {                                                                                                \
    .path = path_, .type = CFG_REAL, .flags = flags_, .offset = offsetof(structure, member),       \
    .real_min = min_, .real_max = max_, .meaning = meaning_, .moves = moves_                       \
  }
#define LIST(structure, path_, flags_, member, allowed_, meaning_, moves_)                         \
  {                                                                                                \
    .path = path_, .type = CFG_NODE, .flags = flags_, .offset = offsetof(structure, member),       \
    .allowed = allowed_, .meaning = meaning_, .moves = moves_                                      \
  }
#define CHOICE(structure, path_, flags_, member, choices_, meaning_, moves_)                       \
  {                                                                                                \
    .path = path_, .type = CFG_CHOICE, .flags = flags_, .offset = offsetof(structure, member),     \
    .choices = choices_, .meaning = meaning_, .moves = moves_                                      \
  }
#define TOP_KEY(...) KEY(struct experiment_file, __VA_ARGS__)
#define TOP_LIST(...) LIST(struct experiment_file, __VA_ARGS__)
#define PAIR_PATH(name)                                                                            \
  KEY(struct pair_file, #name, CFG_TEXT, CFG_OPTIONAL, name, 0, SHIRA_PATH_BYTES,                  \
      "folder of your own adapter, in the PEFT format", "every figure of this kind of adapter")

static const struct cfg_key top_keys[] = {
    TOP_KEY("name", CFG_NAME, 0, e.name, 0, sizeof((struct shira_experiment *)0)->name,
            "name of the experiment in reports", "nothing"),
    TOP_LIST("machine", 0, machines, "a machine or a list of 1 to 8",
             "machine files, or their names in configs/hw", "every figure"),
    TOP_KEY("seed", CFG_U64, 0, e.seed, 0, UINT64_MAX,
            "of weights, inputs and adapters that are made", "every figure, a little"),
    TOP_LIST("tokens", 0, tokens, "a list of 1 to 8 ascending whole numbers from 1 to 65536",
             "tokens of a pass: 1 is decode, more is prefill", "which passes are measured"),
    TOP_LIST("strategies", 0, strategies,
             "a list of base, reload, lora-fused, lora-unfused, shira-scatter, shira-overlay, "
             "shira-dram",
             "ways to switch that are compared; base among them", "which rows the report has"),
    TOP_LIST("switches", 0, switches, "a list of base, other",
             "from base weights, and from another adapter", "which switches are measured"),
    TOP_LIST("placements", CFG_OPTIONAL, placed, "a list of resident, streamed",
             "where weights live: in the weight SRAM, or in memory; resident where it is left out",
             "which rows the report has"),
    TOP_LIST("workloads", 0, workloads, "a list of 1 to 32 workloads", "what is run",
             "which rows the report has"),
    REAL(struct experiment_file, "adapters.strength", CFG_OPTIONAL, e.strength, 1e-6, 100.0,
         "norm of the change over that of the weights, of adapters that are made",
         "weights that change; errors of rounding"),
    TOP_LIST("adapters.undo", CFG_OPTIONAL, undo,
             "a list of transition, set, swap, sub, clean, in-place",
             "how the adapter before goes; transition and clean where it is left out",
             "switch from another adapter; kept bytes"),
    TOP_LIST("adapters.kept", CFG_OPTIONAL, kept, "a list of memory, chip, host",
             "where adapters are kept that are not active; memory where it is left out",
             "every switch"),
    TOP_LIST("adapters.shira", CFG_OPTIONAL, shira, "a mapping, see below",
             "SHiRA adapters: your own, or made", "every figure of SHiRA"),
    TOP_LIST("adapters.lora", CFG_OPTIONAL, lora, "a mapping, see below",
             "LoRA adapters: your own, or made", "every figure of LoRA"),
    TOP_KEY("weights", CFG_TEXT, CFG_OPTIONAL, e.weights, 0, SHIRA_PATH_BYTES,
            "safetensors file of the base weights; made from the seed where it is left out",
            "weights that change; errors of rounding"),
};

static const struct cfg_key shira_keys[] = {
    PAIR_PATH(a),
    PAIR_PATH(b),
    REAL(struct pair_file, "density", CFG_OPTIONAL, density, 1e-6, 1.0,
         "share of the targeted weights that a made adapter changes", "every figure of SHiRA"),
    LIST(struct pair_file, "masks", CFG_OPTIONAL, masks, "a list of rand, struct, wm",
         "which weights a made adapter changes: random, rows and columns, the largest",
         "which rows the report has"),
    CHOICE(struct pair_file, "format", CFG_OPTIONAL, format, format_names,
           "of streams: gaps of a byte, or positions of 32 bits; gap8 where it is left out",
           "every switch of SHiRA; kept bytes"),
};

static const struct cfg_key lora_keys[] = {
    PAIR_PATH(a),
    PAIR_PATH(b),
    LIST(struct pair_file, "rank", CFG_OPTIONAL, rank,
         "a whole number from 1 to 4096, or equal, or a list of 1 to 8 of them",
         "rank of adapters that are made; equal: that whose parameter count is nearest to SHiRA's",
         "every figure of LoRA"),
};

static const struct cfg_key workload_keys[] = {
    LIST(struct workload_file, "square", CFG_OPTIONAL, square,
         "a list of 1 to 32 whole numbers from 1 to 32768",
         "sides of square layers, each a workload of its own", "which rows the report has"),
    KEY(struct workload_file, "model", CFG_TEXT, CFG_OPTIONAL, model, 0, SHIRA_PATH_BYTES,
        "model file, or its name in models", "which rows the report has"),
    LIST(struct workload_file, "blocks", CFG_OPTIONAL, blocks,
         "all, or a whole number from 1 to 1024", "blocks of the model that are run",
         "every figure of the model"),
    LIST(struct workload_file, "first", CFG_OPTIONAL, first, "a whole number from 0 to 1023",
         "number of the first block; 0 where it is left out", "where in memory the blocks lie"),
    LIST(struct workload_file, "machine", CFG_OPTIONAL, machines, "a machine or a list of 1 to 8",
         "machines of this workload, in place of the experiment's", "which rows the report has"),
    LIST(struct workload_file, "tokens", CFG_OPTIONAL, tokens,
         "a list of some of the experiment's tokens, ascending",
         "tokens of this workload's passes; all where it is left out", "which passes are measured"),
};

const struct cfg_table cfg_experiment = {"experiment", "configs/experiments/*.yaml", top_keys,
                                         COUNT(top_keys)};
const struct cfg_table cfg_workload = {"workload", "an item of workloads of an experiment",
                                       workload_keys, COUNT(workload_keys)};
const struct cfg_table cfg_shira = {"shira", "adapters.shira of an experiment", shira_keys,
                                    COUNT(shira_keys)};
const struct cfg_table cfg_lora = {"lora", "adapters.lora of an experiment", lora_keys,
                                   COUNT(lora_keys)};

static void note_where(const struct cfg_node *node, struct shira_where *where) {
  where->line = node->line;
  cfg_path(node, where->key, sizeof where->key);
}

int shira_experiment_blame(const struct shira_experiment *e, const struct shira_where *where,
                           int rc, struct shira_error *error) {
  if (rc)
    cfg_blame(e->file, where->line, where->key, error);
  return rc;
}

// A list of names from `names`, each at most once, as flags.
static int read_set(const struct place *p, const struct cfg_node *list, const char *const *names,
                    bool *set) {
  const struct cfg_key key = {.type = CFG_CHOICE, .choices = names};
  uint32_t n_names = 0;
  while (names[n_names])
    n_names++;
  if (list->kind != CFG_LIST || !list->n)
    return cfg_list(p->f, list, n_names);
  for (const struct cfg_node *item = list->first; item; item = item->next) {
    uint32_t i;
    int rc = cfg_value(p->f, item, &key, &i);
    if (rc)
      return rc;
    if (set[i])
      return cfg_fail(p->f, item, "'%s' is there twice; allowed: each once", names[i]);
    set[i] = true;
  }
  return 0;
}

// A machine file as the experiment's next one, or the one that it is already; which is set in *set.
static int read_machine(const struct place *p, const struct cfg_node *item,
                        struct shira_experiment *e, uint32_t *set) {
  const struct cfg_key key = {.type = CFG_TEXT, .max = SHIRA_PATH_BYTES};
  path_text machine;
  uint32_t i = 0;
  int rc = cfg_value(p->f, item, &key, machine);
  if (!rc)
    rc = cfg_named(p->f, item, p->root, "configs/hw", machine, sizeof machine);
  if (rc)
    return rc;
  while (i < e->n_machines && strcmp(machine, e->machines[i]))
    i++;
  if (i == SHIRA_MAX_MACHINES)
    return cfg_fail(p->f, item, "is one machine too many; allowed: %d", SHIRA_MAX_MACHINES);
  if (*set >> i & 1)
    return cfg_fail(p->f, item, "'%s' is there twice; allowed: each once", item->text);
  if (i == e->n_machines) {
    memcpy(e->machines[i], machine, sizeof machine);
    note_where(item, &e->machine_where[i]);
    e->n_machines++;
  }
  *set |= 1u << i;
  return 0;
}

// One machine, or a list of them, each once.
static int read_machines(const struct place *p, const struct cfg_node *node,
                         struct shira_experiment *e, uint32_t *set) {
  *set = 0;
  if (node->kind != CFG_LIST)
    return read_machine(p, node, e, set);
  int rc = cfg_list(p->f, node, SHIRA_MAX_MACHINES);
  for (const struct cfg_node *item = node->first; !rc && item; item = item->next)
    rc = read_machine(p, item, e, set);
  return rc;
}

static int read_tokens(const struct place *p, const struct cfg_node *list, uint32_t *tokens,
                       uint32_t *n) {
  const struct cfg_key key = {.type = CFG_U32, .min = 1, .max = SHIRA_MAX_TOKEN_COUNT};
  int rc = cfg_list(p->f, list, SHIRA_MAX_TOKENS);
  for (const struct cfg_node *item = list->first; !rc && item; item = item->next) {
    uint32_t *t = &tokens[*n];
    rc = cfg_value(p->f, item, &key, t);
    if (!rc && *n && *t <= t[-1])
      rc = cfg_fail(p->f, item, "'%u' is not more than the one before; allowed: ascending numbers",
                    *t);
    ++*n;
  }
  return rc;
}

// Which of the experiment's tokens a workload's list has.
static int read_some_tokens(const struct place *p, const struct cfg_node *list,
                            const struct shira_experiment *e, uint32_t *set) {
  uint32_t some[SHIRA_MAX_TOKENS], n = 0, all = 0;
  int rc = read_tokens(p, list, some, &n);
  *set = 0;
  for (const struct cfg_node *item = list->first; !rc && item; item = item->next) {
    while (all < e->n_tokens && e->tokens[all] < some[item->index])
      all++;
    if (all == e->n_tokens || e->tokens[all] != some[item->index])
      rc = cfg_fail(p->f, item, "'%u' is not among the experiment's tokens", some[item->index]);
    *set |= 1u << all;
  }
  return rc;
}

// ---- Workloads --------------------------------------------------------------------------------

// Adds a workload, or machines to the one that it equals: results are told apart by its name and
// their machine.
static int add_workload(const struct place *p, const struct cfg_node *node,
                        struct shira_experiment *e, const struct shira_workload *w) {
  for (uint32_t i = 0; i < e->n_workloads; i++) {
    struct shira_workload *o = &e->workloads[i];
    if (w->square != o->square || w->first != o->first || strcmp(w->model, o->model))
      continue;
    bool twice = w->blocks != o->blocks;
    for (uint32_t m = 0; m < SHIRA_MAX_MACHINES; m++) {
      twice = twice || (w->tokens_on[m] && o->tokens_on[m]);
      o->tokens_on[m] |= w->tokens_on[m];
    }
    return twice ? cfg_fail(p->f, node, "'%s' is there twice; allowed: each once", node->text) : 0;
  }
  if (e->n_workloads == SHIRA_MAX_WORKLOADS)
    return cfg_fail(p->f, node, "is one workload too many; allowed: %d", SHIRA_MAX_WORKLOADS);
  e->workloads[e->n_workloads] = *w;
  note_where(node, &e->workloads[e->n_workloads++].where);
  return 0;
}

static int read_squares(const struct place *p, const struct cfg_node *list, struct shira_workload w,
                        struct shira_experiment *e) {
  const struct cfg_key key = {.type = CFG_U32, .min = 1, .max = MAX_SQUARE};
  int rc = cfg_list(p->f, list, SHIRA_MAX_WORKLOADS);
  for (const struct cfg_node *item = list->first; !rc && item; item = item->next) {
    rc = cfg_value(p->f, item, &key, &w.square);
    if (!rc)
      rc = add_workload(p, item, e, &w);
  }
  return rc;
}

static int read_model(const struct place *p, const struct cfg_node *node,
                      const struct workload_file *file, struct shira_workload w,
                      struct shira_experiment *e) {
  const struct cfg_key count = {.type = CFG_U32, .min = 1, .max = MAX_BLOCKS};
  const struct cfg_key number = {.type = CFG_U32, .min = 0, .max = MAX_BLOCKS - 1};
  const struct cfg_node *name = cfg_find(node, "model");
  if (!file->blocks)
    return cfg_fail(p->f, node, "blocks is missing; allowed: all, or a number of blocks");
  bool all = file->blocks->kind == CFG_SCALAR && !strcmp(file->blocks->text, "all");
  if (all && file->first)
    return cfg_fail(p->f, file->first, "has no effect; allowed: with a number of blocks");
  int rc = all ? 0 : cfg_value(p->f, file->blocks, &count, &w.blocks);
  if (!rc && file->first)
    rc = cfg_value(p->f, file->first, &number, &w.first);
  if (rc)
    return rc;
  memcpy(w.model, file->model, sizeof w.model);
  rc = cfg_named(p->f, name, p->root, "models", w.model, sizeof w.model);
  return rc ? rc : add_workload(p, name, e, &w);
}

static int read_workload(const struct place *p, const struct cfg_node *item, uint32_t machines,
                         struct shira_experiment *e) {
  struct workload_file file = {0};
  struct shira_workload w = {0};
  uint32_t tokens = (1u << e->n_tokens) - 1;
  int rc = cfg_read(p->f, item, workload_keys, COUNT(workload_keys), &file);
  if (!rc && (!file.square == !file.model[0] || (file.square && (file.blocks || file.first))))
    rc = cfg_fail(p->f, item,
                  "is not one workload; allowed: square, or model, blocks and perhaps first");
  if (!rc && file.machines)
    rc = read_machines(p, file.machines, e, &machines);
  if (!rc && file.tokens)
    rc = read_some_tokens(p, file.tokens, e, &tokens);
  if (rc)
    return rc;
  for (uint32_t m = 0; m < SHIRA_MAX_MACHINES; m++)
    w.tokens_on[m] = (uint8_t)(machines >> m & 1 ? tokens : 0);
  return file.square ? read_squares(p, file.square, w, e) : read_model(p, item, &file, w, e);
}

static int read_workloads(const struct place *p, const struct cfg_node *list, uint32_t machines,
                          struct shira_experiment *e) {
  int rc = cfg_list(p->f, list, SHIRA_MAX_WORKLOADS);
  for (const struct cfg_node *item = list->first; !rc && item; item = item->next)
    rc = read_workload(p, item, machines, e);
  return rc;
}

// ---- Adapters ---------------------------------------------------------------------------------

// One kind of adapters: the user's own two, or what says how to make them (`made`: that is there;
// `recipe`: its keys).
static int read_pair(const struct place *p, const struct cfg_node *node, struct pair_file *file,
                     int made, const char *recipe, struct shira_adapter_pair *pair) {
  bool a = file->a[0], b = file->b[0];
  if ((a || b) ? (!a || !b || made) : !made)
    return cfg_fail(p->f, node, "is not two adapters; allowed: a and b, or %s", recipe);
  pair->given = a;
  note_where(node, &pair->where);
  if (!a)
    return 0;
  int rc = cfg_beside(p->f, cfg_find(node, "a"), file->a, SHIRA_PATH_BYTES);
  if (!rc)
    rc = cfg_beside(p->f, cfg_find(node, "b"), file->b, SHIRA_PATH_BYTES);
  memcpy(pair->a, file->a, sizeof pair->a);
  memcpy(pair->b, file->b, sizeof pair->b);
  return rc;
}

static int read_shira(const struct place *p, const struct cfg_node *node,
                      struct shira_experiment *e) {
  struct pair_file file = {0};
  int rc = cfg_read(p->f, node, shira_keys, COUNT(shira_keys), &file);
  if (!rc && (file.density != 0) != (file.masks != NULL))
    return cfg_fail(p->f, node, "is not two adapters; allowed: a and b, or density and masks");
  if (!rc)
    rc = read_pair(p, node, &file, file.masks != NULL, "density and masks", &e->shira);
  if (!rc && file.masks)
    rc = read_set(p, file.masks, shira_mask_names, e->mask);
  e->density = file.density;
  e->format = file.format + 1; // left out: the first, gap8
  return rc;
}

// One rank, or a list of them, each once; `equal` is SHIRA_RANK_EQUAL.
static int read_ranks(const struct place *p, const struct cfg_node *node,
                      struct shira_experiment *e) {
  const struct cfg_key key = {.type = CFG_U32, .min = 1, .max = 4096};
  const bool list = node->kind == CFG_LIST;
  int rc = list ? cfg_list(p->f, node, SHIRA_MAX_RANKS) : 0;
  for (const struct cfg_node *item = list ? node->first : node; !rc && item;
       item = list ? item->next : NULL) {
    uint32_t rank = SHIRA_RANK_EQUAL;
    if (item->kind != CFG_SCALAR || strcmp(item->text, "equal"))
      rc = cfg_value(p->f, item, &key, &rank);
    for (uint32_t i = 0; !rc && i < e->n_ranks; i++)
      if (e->rank[i] == rank)
        rc = cfg_fail(p->f, item, "'%s' is there twice; allowed: each once", item->text);
    e->rank[e->n_ranks++] = rank;
  }
  return rc;
}

static int read_lora(const struct place *p, const struct cfg_node *node,
                     struct shira_experiment *e) {
  struct pair_file file = {0};
  int rc = cfg_read(p->f, node, lora_keys, COUNT(lora_keys), &file);
  if (!rc)
    rc = read_pair(p, node, &file, file.rank != NULL, "rank", &e->lora);
  if (!rc && file.rank)
    rc = read_ranks(p, file.rank, e);
  return rc;
}

static unsigned strategies(const struct shira_experiment *e) {
  unsigned set = 0;
  for (unsigned i = 0; i < SHIRA_STRATEGY_COUNT; i++)
    set |= (unsigned)e->strategy[i] << i;
  return set;
}

// A dimension of the comparison: each value that is asked for is there for a strategy that is.
static int check_dimension(const struct place *p, const struct cfg_node *node, const bool *set,
                           const unsigned *of, const char *const *names, unsigned asked) {
  for (unsigned i = 0; node && names[i]; i++)
    if (set[i] && !(of[i] & asked & ~STRATEGY(BASE)))
      return cfg_fail(p->f, node, "'%s' has no effect; allowed: with a strategy that has it",
                      names[i]);
  return 0;
}

// Each strategy that is asked for has one of the values.
static int check_strategies(const struct place *p, const struct experiment_file *file) {
  const struct shira_experiment *e = &file->e;
  for (unsigned s = 0; s < SHIRA_STRATEGY_COUNT; s++) {
    bool placed = false, undo = false, undoes = false, kept = false;
    for (unsigned i = 0; i < SHIRA_PLACED_COUNT; i++)
      placed = placed || (e->placed[i] && shira_placed_of[i] >> s & 1);
    for (unsigned i = 0; i < SHIRA_UNDO_COUNT; i++) {
      undoes = undoes || shira_undo_of[i] >> s & 1;
      undo = undo || (e->undo[i] && shira_undo_of[i] >> s & 1);
    }
    for (unsigned i = 0; i < SHIRA_KEPT_COUNT; i++)
      kept = kept || (e->kept[i] && shira_kept_of[i] >> s & 1);
    if (e->strategy[s] && !kept)
      return cfg_fail(p->f, file->kept, "has nothing for '%s'; allowed: memory too",
                      shira_strategy_names[s]);
    if (e->strategy[s] && !placed)
      return cfg_fail(p->f, file->strategies, "'%s' has no placement; allowed: with placements: %s",
                      shira_strategy_names[s],
                      shira_placed_names[shira_placed_of[0] >> s & 1 ? 0 : 1]);
    if (e->strategy[s] && undoes && !undo)
      return cfg_fail(p->f, file->undo, "has nothing for '%s'", shira_strategy_names[s]);
  }
  return 0;
}

static int check_dimensions(const struct place *p, const struct experiment_file *file) {
  const struct shira_experiment *e = &file->e;
  unsigned asked = strategies(e);
  int rc = check_dimension(p, file->placed, e->placed, shira_placed_of, shira_placed_names,
                           asked | ~STRATEGY(BASE));
  if (!rc)
    rc = check_dimension(p, file->undo, e->undo, shira_undo_of, shira_undo_names, asked);
  if (!rc)
    rc = check_dimension(p, file->kept, e->kept, shira_kept_of, shira_kept_names, asked);
  return rc ? rc : check_strategies(p, file);
}

// A SHiRA adapter that is made has r (in + out) entries, so a layer needs two rows and columns.
static int check_squares(const struct place *p, const struct shira_experiment *e) {
  for (uint32_t i = 0; i < e->n_workloads; i++)
    if (e->workloads[i].square == 1)
      return cfg_fail_at(p->f, e->workloads[i].where.line, e->workloads[i].where.key,
                         "'1' does not fit; allowed: 2 or more, where SHiRA adapters are made");
  return 0;
}

// Rules between the parts: what is asked for can be done, and nothing is without effect.
static int check(const struct place *p, const struct experiment_file *file) {
  const struct shira_experiment *e = &file->e;
  const struct cfg_node *root = p->f->root, *adapters = cfg_find(root, "adapters");
  bool lora = strategies(e) & LORA_STRATEGIES, shira = strategies(e) & SHIRA_STRATEGIES;
  bool made = (file->shira && !e->shira.given) || (file->lora && !e->lora.given);
  const struct cfg_node *where = adapters ? adapters : root;
  if (!e->strategy[SHIRA_STRATEGY_BASE])
    return cfg_fail(p->f, file->strategies,
                    "base is missing; allowed: base and others, which are compared with it");
  if (shira && !file->shira)
    return cfg_fail(p->f, where, "shira is missing, which the shira strategies need");
  if (lora && !file->lora)
    return cfg_fail(p->f, where, "lora is missing, which reload and the lora strategies need");
  if (file->shira && !shira)
    return cfg_fail(p->f, file->shira, "has no effect; allowed: with a shira strategy");
  for (uint32_t i = 0; i < e->n_ranks; i++)
    if (e->rank[i] == SHIRA_RANK_EQUAL && !shira)
      return cfg_fail(p->f, file->lora,
                      "rank: equal has nothing to be equal to; allowed: with a shira strategy");
  if (file->lora && !lora)
    return cfg_fail(p->f, file->lora, "has no effect; allowed: with reload or a lora strategy");
  if (made && e->strength == 0)
    return cfg_fail(p->f, where, "strength is missing, which adapters that are made need");
  if (!made && e->strength != 0)
    return cfg_fail(p->f, cfg_find(root, "adapters.strength"),
                    "has no effect; allowed: where adapters are made");
  if ((e->shira.given || e->lora.given || e->weights[0]) && e->n_workloads != 1)
    return cfg_fail(p->f, file->workloads,
                    "has %u workloads; allowed: 1 with adapters or weights from files",
                    e->n_workloads);
  int rc = file->shira && !e->shira.given ? check_squares(p, e) : 0;
  return rc ? rc : check_dimensions(p, file);
}

// The lists that a file may leave out.
static int read_dimensions(const struct place *p, struct experiment_file *file) {
  struct shira_experiment *e = &file->e;
  int rc = 0;
  e->placed[SHIRA_PLACED_RESIDENT] = !file->placed;
  e->undo[SHIRA_UNDO_TRANSITION] = e->undo[SHIRA_UNDO_CLEAN] = !file->undo;
  e->kept[SHIRA_KEPT_MEMORY] = !file->kept;
  if (file->placed)
    rc = read_set(p, file->placed, shira_placed_names, e->placed);
  if (!rc && file->undo)
    rc = read_set(p, file->undo, shira_undo_names, e->undo);
  if (!rc && file->kept)
    rc = read_set(p, file->kept, shira_kept_names, e->kept);
  return rc;
}

static int read_experiment(const struct place *p, struct experiment_file *file) {
  const struct cfg_node *root = p->f->root;
  struct shira_experiment *e = &file->e;
  uint32_t machines = 0;
  int rc = cfg_read(p->f, root, top_keys, COUNT(top_keys), file);
  if (!rc)
    rc = read_machines(p, file->machines, e, &machines);
  if (!rc)
    rc = read_tokens(p, file->tokens, e->tokens, &e->n_tokens);
  if (!rc)
    rc = read_set(p, file->strategies, shira_strategy_names, e->strategy);
  if (!rc)
    rc = read_set(p, file->switches, shira_switch_names, e->from);
  if (!rc)
    rc = read_dimensions(p, file);
  if (!rc)
    rc = read_workloads(p, file->workloads, machines, e);
  if (!rc && file->shira)
    rc = read_shira(p, file->shira, e);
  if (!rc && file->lora)
    rc = read_lora(p, file->lora, e);
  if (!rc && e->weights[0])
    rc = cfg_beside(p->f, cfg_find(root, "weights"), e->weights, SHIRA_PATH_BYTES);
  if (!rc && e->weights[0])
    note_where(cfg_find(root, "weights"), &e->weights_where);
  return rc ? rc : check(p, file);
}

int shira_experiment_load(const char *path, const char *root, struct shira_experiment *experiment,
                          struct shira_error *error) {
  struct cfg_file f;
  struct experiment_file file;
  memset(&file, 0, sizeof file);
  int rc = cfg_open(&f, path, error);
  if (rc)
    return rc;
  rc = read_experiment(&(struct place){.f = &f, .root = root}, &file);
  if (!rc) {
    snprintf(file.e.file, sizeof file.e.file, "%s", path);
    *experiment = file.e;
  }
  cfg_close(&f);
  return rc;
}
