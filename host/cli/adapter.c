// shirasim adapter make, shirasim adapter inspect
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/cli.h"
#include "shira/adapter.h"
#include "shira/config.h"

enum {
  OPT_MODEL = 256,
  OPT_SQUARE,
  OPT_KIND,
  OPT_RANK,
  OPT_DENSITY,
  OPT_MASK,
  OPT_SEED,
  OPT_STRENGTH,
  OPT_WEIGHTS
};

struct make_args {
  const char *dir, *model, *weights;
  uint32_t square;
  uint64_t weight_seed;
  struct shira_adapter_make_options o;
};

static const struct argp_option make_options[] = {
    {"model", OPT_MODEL, "FILE", 0, "model file, or its name in models", 0},
    {"square", OPT_SQUARE, "DIM", 0, "one square linear in place of a model", 0},
    {"kind", OPT_KIND, "shira|lora", 0, "kind (shira)", 0},
    {"rank", OPT_RANK, "R", 0, "rank, or r of SHiRA's r (in + out) entries", 0},
    {"density", OPT_DENSITY, "X", 0, "share of the targeted weights, in place of a rank", 0},
    {"mask", OPT_MASK, "NAME", 0, "rand, struct or wm (rand)", 0},
    {"seed", OPT_SEED, "N", 0, "seed of the adapter, and of the weights without --weights (1)", 0},
    {"strength", OPT_STRENGTH, "X", 0, "||delta|| / ||W|| of each module (0.05)", 0},
    {"weights", OPT_WEIGHTS, "FILE", 0, "safetensors file with the base weights", 0},
    {0},
};

static double real(const char *text, const char *what, struct argp_state *state) {
  char *end;
  double v = strtod(text, &end);
  if (*end || end == text || !(v > 0))
    argp_error(state, "%s: '%s' is not a positive number", what, text);
  return v;
}

static error_t parse_make(int key, char *arg, struct argp_state *state) {
  struct make_args *a = state->input;
  switch (key) {
  case OPT_MODEL:
    a->model = arg;
    return 0;
  case OPT_SQUARE:
    a->square = (uint32_t)cli_number(arg, 1, SHIRA_MAX_FEATURES, "--square", state);
    return 0;
  case OPT_KIND:
    if (strcmp(arg, "shira") && strcmp(arg, "lora"))
      argp_error(state, "--kind: '%s' is neither shira nor lora", arg);
    a->o.kind = strcmp(arg, "shira") ? SHIRA_ADAPTER_LORA : SHIRA_ADAPTER_SHIRA;
    return 0;
  case OPT_RANK:
    a->o.rank = (uint32_t)cli_number(arg, 1, UINT32_MAX, "--rank", state);
    return 0;
  case OPT_DENSITY:
    a->o.density = real(arg, "--density", state);
    return 0;
  case OPT_MASK:
    for (unsigned m = 0; m < SHIRA_MASK_COUNT; m++)
      if (!strcmp(arg, shira_mask_name(m))) {
        a->o.mask = (enum shira_mask)m;
        return 0;
      }
    argp_error(state, "--mask: '%s' is none of rand, struct, wm", arg);
    return 0;
  case OPT_SEED:
    a->o.seed = cli_number(arg, 0, UINT64_MAX, "--seed", state);
    return 0;
  case OPT_STRENGTH:
    a->o.strength = real(arg, "--strength", state);
    return 0;
  case OPT_WEIGHTS:
    a->weights = arg;
    return 0;
  case ARGP_KEY_ARG:
    if (a->dir)
      argp_error(state, "more than one folder");
    a->dir = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->dir || !a->model == !a->square || !a->o.rank == !(a->o.density > 0))
      argp_error(state, "needs a folder, one of --model and --square, one of --rank and --density");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static int make(int argc, char **argv) {
  static const struct argp argp = {
      make_options, parse_make, "DIR", "Writes an adapter in the PEFT format into DIR.",
      NULL,         NULL,       NULL};
  struct make_args a = {.o = {.seed = 1, .strength = SHIRA_ADAPTER_STRENGTH}};
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  struct shira_model model = {0};
  struct shira_weights weights = {0};
  struct shira_adapter_made made;
  struct shira_error err;
  char path[SHIRA_PATH_BYTES];
  int rc = a.square ? shira_model_square(a.square, &model, &err)
                    : shira_config_find("models", a.model, path, &err);
  if (!rc && !a.square)
    rc = shira_model_load(path, &model, &err);
  if (!rc)
    rc = a.weights ? shira_weights_load(a.weights, &model, &weights, &err)
                   : shira_weights_seed(&model, a.o.seed, &weights, &err);
  int code = rc ? EXIT_INPUT : EXIT_OK;
  if (!rc) {
    rc = shira_adapter_make(&a.o, &model, &weights, a.dir, &made, &err);
    code = !rc ? EXIT_OK : rc == -EINVAL || rc == -ENOMEM ? EXIT_INPUT : EXIT_OUTPUT;
  }
  if (!rc)
    printf("%s: %s r %u, %u modules, %llu parameters = %.4f %% of %llu targeted weights, "
           "strength %.4f\n",
           a.dir, shira_adapter_kind_name(a.o.kind), made.rank, made.modules,
           (unsigned long long)made.parameters, 100 * made.density,
           (unsigned long long)made.targeted, made.strength);
  shira_weights_free(&weights);
  shira_model_free(&model);
  return rc ? cli_fail(code, &err) : EXIT_OK;
}

static int inspect(int argc, char **argv) {
  bool json = argc == 3 && !strcmp(argv[1], "--json");
  if (argc != 2 + json || argv[1 + json][0] == '-')
    return cli_usage(argc, argv, "[--json] DIR");
  struct shira_error err;
  int rc = shira_adapter_inspect(argv[1 + json], json, stdout, &err);
  return rc ? cli_fail(EXIT_INPUT, &err) : EXIT_OK;
}

int cli_adapter(int argc, char **argv) {
  static char make_name[] = "shirasim adapter make", inspect_name[] = "shirasim adapter inspect";
  if (argc > 1 && !strcmp(argv[1], "make")) {
    argv[1] = make_name;
    return make(argc - 1, argv + 1);
  }
  if (argc > 1 && !strcmp(argv[1], "inspect")) {
    argv[1] = inspect_name;
    return inspect(argc - 1, argv + 1);
  }
  return cli_usage(argc, argv, "make|inspect ...");
}
