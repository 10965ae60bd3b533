// shirasim store list, shirasim store gc
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/cli.h"
#include "host/experiment/store.h"

enum { OPT_STORE = 256, OPT_DRY_RUN };

struct store_args {
  const char *path;
  bool dry_run;
};

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct store_args *a = state->input;
  switch (key) {
  case OPT_STORE:
    a->path = arg;
    return 0;
  case OPT_DRY_RUN:
    a->dry_run = true;
    return 0;
  case ARGP_KEY_ARG:
    argp_error(state, "takes no '%s'", arg);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

// ---- list
// -----------------------------------------------------------------------------------------

struct line {
  char hash[13], figure[40];
  char *id;
  double age_s;
};

struct lines {
  struct line *line;
  size_t n, room;
  time_t now;
};

static int add_line(void *arg, const struct store_entry *entry) {
  struct lines *l = arg;
  if (l->n == l->room) {
    size_t room = l->room ? 2 * l->room : 64;
    struct line *more = reallocarray(l->line, room, sizeof(*more));
    if (!more)
      return -ENOMEM;
    l->line = more;
    l->room = room;
  }
  json_error_t at;
  json_t *o = json_loadb(entry->text, entry->size, 0, &at);
  const char *id = json_string_value(json_object_get(o, "id"));
  json_t *cycles = json_object_get(json_object_get(o, "result"), "cycles");
  struct line *line = &l->line[l->n];
  char text[SHIRA_HASH_TEXT];
  shira_hash_text(&entry->hash, text);
  snprintf(line->hash, sizeof(line->hash), "%.12s", text);
  if (json_is_integer(cycles))
    snprintf(line->figure, sizeof(line->figure), "%lld cycles",
             (long long)json_integer_value(cycles));
  else
    snprintf(line->figure, sizeof(line->figure), "not timed");
  line->age_s = difftime(l->now, entry->written);
  line->id = strdup(id ? id : "-");
  json_decref(o);
  if (!line->id)
    return -ENOMEM;
  l->n++;
  return 0;
}

static int compare_lines(const void *a, const void *b) {
  const struct line *x = a, *y = b;
  int order = strcmp(x->id, y->id);
  return order ? order : strcmp(x->hash, y->hash);
}

static void print_age(double s) {
  static const struct {
    double seconds;
    const char *unit;
  } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  size_t u = 0;
  while (u < 3 && s < units[u].seconds)
    u++;
  printf("%.0f %s", s > 0 ? floor(s / units[u].seconds) : 0, units[u].unit);
}

static void print_lines(const struct lines *l) {
  size_t width = 0;
  for (size_t i = 0; i < l->n; i++)
    width = strlen(l->line[i].id) > width ? strlen(l->line[i].id) : width;
  for (size_t i = 0; i < l->n; i++) {
    printf("%s  %-*s  %18s  ", l->line[i].hash, (int)width, l->line[i].id, l->line[i].figure);
    print_age(l->line[i].age_s);
    putchar('\n');
  }
}

static int list(struct store *store, struct shira_error *err) {
  struct lines l = {.now = time(NULL)};
  int rc = store_list(store, add_line, &l, err);
  if (rc == -ENOMEM)
    shira_fail(err, ENOMEM, "no memory for the list of '%s'", store->path);
  if (!rc && l.n) {
    qsort(l.line, l.n, sizeof(*l.line), compare_lines);
    print_lines(&l);
  }
  for (size_t i = 0; i < l.n; i++)
    free(l.line[i].id);
  free(l.line);
  return rc;
}

// ---- gc
// -------------------------------------------------------------------------------------------

static int gc(struct store *store, bool dry_run, struct shira_error *err) {
  struct store_gc g;
  int rc = store_gc(store, dry_run, &g, err);
  if (rc)
    return rc;
  printf("%s %" PRIu64 " result%s of no run, %" PRIu64 " bytes; %" PRIu64
         " unfinished file%s, %" PRIu64 " bytes; %s %" PRIu64 " result%s, %" PRIu64 " bytes\n",
         dry_run ? "would remove" : "removed", g.results, g.results == 1 ? "" : "s", g.result_bytes,
         g.parts, g.parts == 1 ? "" : "s", g.part_bytes, dry_run ? "would keep" : "kept", g.kept,
         g.kept == 1 ? "" : "s", g.kept_bytes);
  return 0;
}

#define STORE_OPTION                                                                               \
  { "store", OPT_STORE, "DIR", 0, "folder of the store ($SHIRA_STORE, else build/store)", 0 }

int cli_store(int argc, char **argv) {
  static const struct argp_option list_options[] = {STORE_OPTION, {0}};
  static const struct argp_option gc_options[] = {
      STORE_OPTION, {"dry-run", OPT_DRY_RUN, NULL, 0, "only tell what would be removed", 0}, {0}};
  static const struct argp list_argp = {
      list_options,
      parse,
      NULL,
      "Prints a line a result: hash, which it is, its figure, how long ago it was written.",
      NULL,
      NULL,
      NULL};
  static const struct argp gc_argp = {
      gc_options,
      parse,
      NULL,
      "Removes results that no run in DIR/runs names, and files that were never finished.",
      NULL,
      NULL,
      NULL};
  static char list_name[] = "shirasim store list", gc_name[] = "shirasim store gc";
  bool is_list = argc > 1 && !strcmp(argv[1], "list");
  if (!is_list && (argc < 2 || strcmp(argv[1], "gc")))
    return cli_usage(argc, argv, "list|gc ...");
  const char *path = getenv("SHIRA_STORE");
  struct store_args a = {.path = path && *path ? path : "build/store"};
  struct shira_error err;
  struct store store;
  argv[1] = is_list ? list_name : gc_name;
  argp_parse(is_list ? &list_argp : &gc_argp, argc - 1, argv + 1, 0, NULL, &a);
  int rc = store_open(a.path, false, &store, &err);
  if (!rc)
    rc = is_list ? list(&store, &err) : gc(&store, a.dry_run, &err);
  store_close(&store);
  return rc ? cli_fail(EXIT_INPUT, &err) : EXIT_OK;
}
