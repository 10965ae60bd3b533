// Reads the interface's YAML strictly: a key that is not known here, a key twice, a name or value
// twice, a field that overlaps another, is misaligned or leaves its structure are errors.
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "rtl/regs/gen.h"

// Which keys an entry of a list has besides `name` and `doc`.
struct shape {
  const char *what;
  const char *number; // key of `number`, NULL = none
  uint64_t max;       // largest number
  bool distinct;      // no number twice
  bool access, bits, header, basic;
  const char *sub_key; // NULL = none
  const struct shape *sub;
  bool sub_optional;
};

static const struct shape enum_value = {
    .what = "value", .number = "value", .max = 255, .distinct = true};
static const struct shape reg_field = {
    .what = "field", .number = "bit", .max = 31, .distinct = true};
static const struct shape struct_field = {
    .what = "field", .number = "offset", .max = 4095, .distinct = true, .bits = true};
static const struct shape shape_constant = {
    .what = "constant", .number = "value", .max = UINT32_MAX};
static const struct shape shape_enum = {.what = "enum", .sub_key = "values", .sub = &enum_value};
static const struct shape shape_register = {.what = "register",
                                            .number = "offset",
                                            .max = 4092,
                                            .distinct = true,
                                            .access = true,
                                            .sub_key = "fields",
                                            .sub = &reg_field,
                                            .sub_optional = true};
static const struct shape shape_struct = {.what = "struct",
                                          .number = "bytes",
                                          .max = 4096,
                                          .header = true,
                                          .sub_key = "fields",
                                          .sub = &struct_field};
static const struct shape shape_counter = {.what = "counter", .basic = true};

struct interface all;

static const char *source; // path of the YAML, for messages
static yaml_document_t document;

static void fail(size_t line, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));
static void fail(size_t line, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fprintf(stderr, "%s:%zu: ", source, line);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  exit(1);
}

void *need(void *p) {
  if (!p) {
    fputs("regsgen: out of memory\n", stderr);
    exit(1);
  }
  return p;
}

// ---- Reading ---------------------------------------------------------------------------------

static size_t line_of(const yaml_node_t *node) {
  return node->start_mark.line + 1;
}

static yaml_node_t *node_at(int index) {
  return need(yaml_document_get_node(&document, index));
}

static const char *scalar(const yaml_node_t *node, const char *key) {
  const char *s = (const char *)node->data.scalar.value;
  if (node->type != YAML_SCALAR_NODE || strlen(s) != node->data.scalar.length || !*s)
    fail(line_of(node), "%s: must be text", key);
  return s;
}

static const char *word(const yaml_node_t *node, const char *key) {
  const char *s = scalar(node, key);
  if (s[0] < 'a' || s[0] > 'z' || s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")])
    fail(line_of(node), "%s: '%s' is not a name (a-z, then a-z, 0-9 and _)", key, s);
  return s;
}

static uint64_t number(const yaml_node_t *node, const char *key, uint64_t max, bool *hex) {
  const char *s = scalar(node, key);
  bool is_hex = s[0] == '0' && s[1] == 'x';
  const char *digits = is_hex ? s + 2 : s;
  size_t n = strspn(digits, is_hex ? "0123456789abcdef" : "0123456789");
  errno = 0;
  uint64_t v = strtoull(digits, NULL, is_hex ? 16 : 10);
  if (n == 0 || digits[n] || (!is_hex && n > 1 && s[0] == '0'))
    fail(line_of(node), "%s: '%s' is not a number", key, s);
  if (errno || v > max)
    fail(line_of(node), "%s: %s is out of range, 0 to %" PRIu64, key, s, max);
  if (hex)
    *hex = is_hex;
  return v;
}

static bool flag(const yaml_node_t *node, const char *key) {
  const char *s = scalar(node, key);
  if (strcmp(s, "true") && strcmp(s, "false"))
    fail(line_of(node), "%s: '%s' is not true or false", key, s);
  return s[0] == 't';
}

static const char *access_kind(const yaml_node_t *node) {
  const char *s = scalar(node, "access");
  if (strcmp(s, "ro") && strcmp(s, "rw") && strcmp(s, "rw1c"))
    fail(line_of(node), "access: '%s' is not ro, rw or rw1c", s);
  return s;
}

// Refuses what is not a mapping and keys that come twice.
static void check_mapping(const yaml_node_t *node, const char *what) {
  if (node->type != YAML_MAPPING_NODE)
    fail(line_of(node), "%s: must be a mapping", what);
  for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++)
    for (yaml_node_pair_t *q = node->data.mapping.pairs.start; q < p; q++)
      if (!strcmp(scalar(node_at(p->key), what), scalar(node_at(q->key), what)))
        fail(line_of(node_at(p->key)), "%s: key is there twice", scalar(node_at(p->key), what));
}

static struct list read_list(const yaml_node_t *node, const struct shape *shape);

static struct entry read_entry(const yaml_node_t *node, const struct shape *shape) {
  struct entry e = {.line = line_of(node)};
  bool has_number = false;
  check_mapping(node, shape->what);
  for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
       p++) {
    const char *key = scalar(node_at(p->key), shape->what);
    const yaml_node_t *value = node_at(p->value);
    if (!strcmp(key, "name")) {
      e.name = word(value, key);
    } else if (!strcmp(key, "doc")) {
      e.doc = scalar(value, key);
    } else if (shape->number && !strcmp(key, shape->number)) {
      e.number = number(value, key, shape->max, &e.hex);
      has_number = true;
    } else if (shape->bits && !strcmp(key, "bits")) {
      e.bits = number(value, key, 64, NULL);
      if (e.bits != 8 && e.bits != 16 && e.bits != 32 && e.bits != 64)
        fail(line_of(value), "bits: %" PRIu64 " is not 8, 16, 32 or 64", e.bits);
    } else if (shape->access && !strcmp(key, "access")) {
      e.access = access_kind(value);
    } else if (shape->header && !strcmp(key, "header")) {
      e.header = flag(value, key);
    } else if (shape->basic && !strcmp(key, "basic")) {
      e.basic = flag(value, key);
    } else if (shape->sub_key && !strcmp(key, shape->sub_key)) {
      e.sub = read_list(value, shape->sub);
    } else {
      fail(line_of(node_at(p->key)), "%s: unknown key of a %s", key, shape->what);
    }
  }
  const char *missing = !e.name                                              ? "name"
                        : !e.doc                                             ? "doc"
                        : shape->number && !has_number                       ? shape->number
                        : shape->bits && !e.bits                             ? "bits"
                        : shape->access && !e.access                         ? "access"
                        : shape->sub_key && !shape->sub_optional && !e.sub.n ? shape->sub_key
                                                                             : NULL;
  if (missing)
    fail(e.line, "%s: missing in a %s", missing, shape->what);
  return e;
}

static struct list read_list(const yaml_node_t *node, const struct shape *shape) {
  if (node->type != YAML_SEQUENCE_NODE ||
      node->data.sequence.items.start == node->data.sequence.items.top)
    fail(line_of(node), "must be a list of at least one %s", shape->what);
  struct list list = {
      .n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start)};
  list.e = need(calloc(list.n, sizeof *list.e));
  for (size_t i = 0; i < list.n; i++) {
    struct entry *e = &list.e[i];
    *e = read_entry(node_at(node->data.sequence.items.start[i]), shape);
    for (struct entry *o = list.e; o < e; o++) {
      if (!strcmp(o->name, e->name))
        fail(e->line, "name: '%s' is there twice, first in line %zu", e->name, o->line);
      if (shape->distinct && o->number == e->number)
        fail(e->line, "%s: %" PRIu64 " is there twice, first in line %zu", shape->number, e->number,
             o->line);
    }
  }
  return list;
}

static void read_counters(const yaml_node_t *node) {
  check_mapping(node, "counters");
  for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
       p++) {
    const char *key = scalar(node_at(p->key), "counters");
    const yaml_node_t *value = node_at(p->value);
    if (!strcmp(key, "offset"))
      all.counters_offset = number(value, key, 4088, NULL);
    else if (!strcmp(key, "engine_states"))
      all.states = read_list(value, &shape_counter);
    else if (!strcmp(key, "per_traffic"))
      all.per_traffic = read_list(value, &shape_counter);
    else if (!strcmp(key, "single"))
      all.single = read_list(value, &shape_counter);
    else
      fail(line_of(node_at(p->key)), "%s: unknown key of counters", key);
  }
  if (!all.counters_offset || !all.states.n || !all.per_traffic.n || !all.single.n)
    fail(line_of(node), "counters: needs offset, engine_states, per_traffic and single");
}

static void read_document(void) {
  yaml_node_t *root = yaml_document_get_root_node(&document);
  if (!root)
    fail(1, "the file is empty");
  check_mapping(root, "the file");
  for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top;
       p++) {
    const char *key = scalar(node_at(p->key), "the file");
    const yaml_node_t *value = node_at(p->value);
    if (!strcmp(key, "constants"))
      all.constants = read_list(value, &shape_constant);
    else if (!strcmp(key, "enums"))
      all.enums = read_list(value, &shape_enum);
    else if (!strcmp(key, "registers"))
      all.registers = read_list(value, &shape_register);
    else if (!strcmp(key, "counters"))
      read_counters(value);
    else if (!strcmp(key, "structs"))
      all.structs = read_list(value, &shape_struct);
    else
      fail(line_of(node_at(p->key)), "%s: unknown key", key);
  }
  if (!all.constants.n || !all.enums.n || !all.registers.n || !all.single.n || !all.structs.n)
    fail(1, "needs constants, enums, registers, counters and structs");
}

// ---- Checking --------------------------------------------------------------------------------

static const struct entry *find(const struct list *list, const char *name) {
  for (size_t i = 0; i < list->n; i++)
    if (!strcmp(list->e[i].name, name))
      return &list->e[i];
  return NULL;
}

static int by_number(const void *a, const void *b) {
  const struct entry *x = a, *y = b;
  return (x->number > y->number) - (x->number < y->number);
}

char *text(const char *format, ...) {
  char *s;
  va_list args;
  va_start(args, format);
  if (vasprintf(&s, format, args) < 0)
    need(NULL);
  va_end(args);
  return s;
}

// Puts the common header in front of the structures that ask for it, sorts the fields by offset,
// and refuses overlap, misalignment and fields past the end.
static void check_structs(void) {
  const struct entry *head = find(&all.structs, "desc_header");
  for (size_t i = 0; i < all.structs.n; i++) {
    struct entry *s = &all.structs.e[i];
    struct list own = s->sub;
    if (s->header && (!head || head == s || head->header))
      fail(s->line, "header: needs a struct desc_header without header");
    if (s->header) {
      s->sub.n = own.n + head->sub.n;
      s->sub.e = need(calloc(s->sub.n, sizeof *own.e));
      memcpy(s->sub.e, head->sub.e, head->sub.n * sizeof *own.e);
      memcpy(s->sub.e + head->sub.n, own.e, own.n * sizeof *own.e);
    }
    qsort(s->sub.e, s->sub.n, sizeof *s->sub.e, by_number);
    for (size_t j = 0; j < s->sub.n; j++) {
      const struct entry *f = &s->sub.e[j], *prev = j ? f - 1 : NULL;
      if (f->number % (f->bits / 8))
        fail(f->line, "%s: offset %" PRIu64 " is not a multiple of its size", f->name, f->number);
      if (f->number + f->bits / 8 > s->number)
        fail(f->line, "%s: leaves struct %s of %" PRIu64 " bytes", f->name, s->name, s->number);
      if (prev && prev->number + prev->bits / 8 > f->number)
        fail(f->line, "%s: overlaps %s of line %zu", f->name, prev->name, prev->line);
      for (size_t k = 0; k < j; k++)
        if (!strcmp(s->sub.e[k].name, f->name))
          fail(f->line, "name: '%s' is there twice, first in line %zu", f->name, s->sub.e[k].line);
    }
    const char *size =
        strncmp(s->name, "desc_", 5) ? text("%s_bytes", s->name) : "descriptor_bytes";
    const struct entry *c = find(&all.constants, size);
    if (!c || c->number != s->number)
      fail(s->line, "bytes: must be the constant %s", size);
  }
}

static void add_counter(const char *name, const char *doc, bool basic, size_t line) {
  if (find(&all.counters, name))
    fail(line, "name: counter '%s' is there twice", name);
  struct entry *e = need(realloc(all.counters.e, (all.counters.n + 1) * sizeof *e));
  all.counters.e = e;
  e[all.counters.n] = (struct entry){.name = name,
                                     .doc = doc,
                                     .number = all.counters_offset + 8 * all.counters.n,
                                     .basic = basic,
                                     .line = line};
  all.counters.n++;
}

// Lists the counters by index: states of each engine, traffic of each class, the single ones.
static void check_counters(void) {
  const struct entry *engine = find(&all.enums, "engine"), *traffic = find(&all.enums, "traffic");
  if (!engine || !traffic)
    fail(1, "counters: need the enums engine and traffic");
  for (size_t i = 0; i < engine->sub.n; i++)
    for (size_t j = 0; j < all.states.n; j++)
      add_counter(text("%s_%s", engine->sub.e[i].name, all.states.e[j].name),
                  text("cycles of %s: %s", engine->sub.e[i].name, all.states.e[j].doc),
                  all.states.e[j].basic, all.states.e[j].line);
  for (size_t i = 0; i < all.per_traffic.n; i++)
    for (size_t j = 0; j < traffic->sub.n; j++)
      add_counter(text("%s_%s", all.per_traffic.e[i].name, traffic->sub.e[j].name),
                  text("%s: %s", all.per_traffic.e[i].doc, traffic->sub.e[j].doc),
                  all.per_traffic.e[i].basic, all.per_traffic.e[i].line);
  for (size_t i = 0; i < all.single.n; i++)
    add_counter(all.single.e[i].name, all.single.e[i].doc, all.single.e[i].basic,
                all.single.e[i].line);
  const struct entry *last = &all.counters.e[all.counters.n - 1];
  if (all.counters_offset % 8 || last->number + 8 > 4096)
    fail(last->line, "counters: offset must be a multiple of 8 and the last end before 4096");
  for (size_t i = 0; i < all.registers.n; i++) {
    const struct entry *r = &all.registers.e[i];
    if (r->number % 4)
      fail(r->line, "%s: offset is not a multiple of 4", r->name);
    if (r->number >= all.counters_offset)
      fail(r->line, "%s: overlaps the counters", r->name);
  }
}

void load(const char *path) {
  source = path;
  FILE *f = fopen(source, "rb");
  yaml_parser_t parser;
  if (!f) {
    fprintf(stderr, "regsgen: cannot open '%s': %s\n", source, strerror(errno));
    exit(1);
  }
  if (!yaml_parser_initialize(&parser))
    need(NULL);
  yaml_parser_set_input_file(&parser, f);
  if (!yaml_parser_load(&parser, &document))
    fail(parser.problem_mark.line + 1, "%s", parser.problem ? parser.problem : "not YAML");
  read_document();
  yaml_document_t more;
  if (!yaml_parser_load(&parser, &more))
    fail(parser.problem_mark.line + 1, "%s", parser.problem ? parser.problem : "not YAML");
  if (yaml_document_get_root_node(&more))
    fail(line_of(yaml_document_get_root_node(&more)), "must be one document");
  yaml_document_delete(&more);
  yaml_parser_delete(&parser);
  fclose(f);
  check_structs();
  check_counters();
}
