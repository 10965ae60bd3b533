#include "host/machine/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/dram.h"

static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

// Appends to the text in buf, cut to fit.
static void append(char *buf, size_t size, const char *separator, const char *word) {
  size_t at = strlen(buf);
  snprintf(buf + at, size - at, "%s%s", at ? separator : "", word);
}

void cfg_describe(const struct cfg_key *key, char *buf, size_t size) {
  const char *unit = key->unit ? key->unit : "", *blank = key->unit ? " " : "";
  buf[0] = '\0';
  switch (key->type) {
  case CFG_U32:
  case CFG_U64:
    if (key->flags & CFG_BYTES)
      unit = "bytes, or with KiB, MiB or GiB", blank = " ";
    snprintf(buf, size, "%s from %" PRIu64 " to %" PRIu64 "%s%s",
             key->flags & CFG_POW2 ? "a power of two" : "a whole number", key->min, key->max, blank,
             unit);
    break;
  case CFG_TIMING:
    snprintf(buf, size, "a time as '18 ns', '4 ck' or '18 ns, 4 ck', the longer of both");
    break;
  case CFG_REAL:
    snprintf(buf, size, "a number from %g to %g%s%s", key->real_min, key->real_max, blank, unit);
    break;
  case CFG_BOOL:
    snprintf(buf, size, "true or false");
    break;
  case CFG_NAME:
    snprintf(buf, size, "1 to %" PRIu64 " letters, digits, '.', '_' or '-'", key->max - 1);
    break;
  case CFG_TEXT:
    snprintf(buf, size, "one line of 1 to %" PRIu64 " characters", key->max - 1);
    break;
  case CFG_CHOICE:
    for (unsigned i = 0; key->choices[i]; i++)
      append(buf, size, ", ", key->choices[i]);
    break;
  case CFG_NODE:
    snprintf(buf, size, "%s", key->allowed);
    break;
  }
}

static int bad_value(const struct cfg_file *f, const struct cfg_node *node,
                     const struct cfg_key *key, const char *wrong) {
  char allowed[300];
  cfg_describe(key, allowed, sizeof allowed);
  if (node->kind != CFG_SCALAR)
    return cfg_fail(f, node, "is a %s; allowed: %s", node->kind == CFG_MAP ? "mapping" : "list",
                    allowed);
  return cfg_fail(f, node, "'%.60s' %s; allowed: %s", node->text, wrong, allowed);
}

// Reads decimal digits and a unit. Returns false where the text is no number; *over is set where
// it is larger than any.
static bool parse_number(const struct cfg_node *node, bool units, uint64_t *value, bool *over) {
  static const char *const unit[] = {"", " KiB", " MiB", " GiB"};
  const char *s = node->text;
  size_t digits = strspn(s, "0123456789");
  if (!node->plain || digits == 0 || (digits > 1 && s[0] == '0'))
    return false;
  unsigned u = 0;
  while (u < 4 && strcmp(s + digits, unit[u]))
    u++;
  if (u == 4 || (u && !units))
    return false;
  errno = 0;
  uint64_t v = strtoull(s, NULL, 10);
  *over = errno != 0 || v > UINT64_MAX >> (10 * u);
  *value = v << (10 * u);
  return true;
}

static int read_number(const struct cfg_file *f, const struct cfg_node *node,
                       const struct cfg_key *key, void *out) {
  uint64_t v = 0;
  bool over = false;
  if (!parse_number(node, key->flags & CFG_BYTES, &v, &over))
    return bad_value(f, node, key, "is not a whole number");
  if (over || v < key->min || v > key->max)
    return bad_value(f, node, key, "is out of range");
  if ((key->flags & CFG_POW2) && (v & (v - 1)))
    return bad_value(f, node, key, "is not a power of two");
  if (key->type == CFG_U32)
    *(uint32_t *)out = (uint32_t)v;
  else
    *(uint64_t *)out = v;
  return 0;
}

// Reads "18 ns" or "2.5 ns" as picoseconds; returns what follows, NULL where it is no time.
static const char *parse_ns(const char *s, uint32_t *ps) {
  uint64_t value = 0;
  unsigned digits = 0, places = 0;
  bool point = false;
  for (; (*s >= '0' && *s <= '9') || (*s == '.' && digits != 0 && !point); s++) {
    point = point || *s == '.';
    if (*s == '.')
      continue;
    value = value * 10 + (unsigned)(*s - '0');
    places += point;
    if (++digits > 8 || places > 3)
      return NULL;
  }
  if (digits == 0 || (point && places == 0) || strncmp(s, " ns", 3))
    return NULL;
  for (; places < 3; places++)
    value *= 10;
  *ps = (uint32_t)value;
  return value > UINT32_MAX ? NULL : s + 3;
}

// The same for "4 ck".
static const char *parse_clocks(const char *s, uint32_t *clocks) {
  const size_t digits = strspn(s, "0123456789");
  if (digits == 0 || digits > 6 || strncmp(s + digits, " ck", 3))
    return NULL;
  *clocks = (uint32_t)strtoul(s, NULL, 10);
  return s + digits + 3;
}

static int read_timing(const struct cfg_file *f, const struct cfg_node *node,
                       const struct cfg_key *key, void *out) {
  struct shira_timing t = {0};
  const char *rest = parse_ns(node->text, &t.ps);
  const char *clocks = rest == NULL ? node->text : !strncmp(rest, ", ", 2) ? rest + 2 : NULL;
  if (clocks != NULL)
    rest = parse_clocks(clocks, &t.clocks);
  if (!node->plain || rest == NULL || *rest)
    return bad_value(f, node, key, "is not a time");
  *(struct shira_timing *)out = t;
  return 0;
}

static int read_real(const struct cfg_file *f, const struct cfg_node *node,
                     const struct cfg_key *key, void *out) {
  char *end;
  double v = strtod(node->text, &end);
  if (!node->plain || end == node->text || *end ||
      node->text[strspn(node->text, "0123456789.eE+-")])
    return bad_value(f, node, key, "is not a number");
  if (!isfinite(v) || v < key->real_min || v > key->real_max)
    return bad_value(f, node, key, "is out of range");
  *(double *)out = v;
  return 0;
}

static int read_text(const struct cfg_file *f, const struct cfg_node *node,
                     const struct cfg_key *key, void *out) {
  size_t n = strlen(node->text);
  if (n == 0)
    return bad_value(f, node, key, "is empty");
  if (n >= key->max)
    return bad_value(f, node, key, "is too long");
  if (key->type == CFG_NAME && (node->text[strspn(node->text, name_letters)] ||
                                !strcmp(node->text, ".") || !strcmp(node->text, "..")))
    return bad_value(f, node, key, "is not a name");
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)node->text[i] < ' ' || node->text[i] == 0x7f)
      return cfg_fail(f, node, "has a control character; allowed: one line of text");
  memcpy(out, node->text, n + 1);
  return 0;
}

int cfg_value(const struct cfg_file *f, const struct cfg_node *node, const struct cfg_key *key,
              void *out) {
  if (key->type == CFG_NODE) {
    *(const struct cfg_node **)out = node;
    return 0;
  }
  if (node->kind != CFG_SCALAR)
    return bad_value(f, node, key, "");
  switch (key->type) {
  case CFG_U32:
  case CFG_U64:
    return read_number(f, node, key, out);
  case CFG_REAL:
    return read_real(f, node, key, out);
  case CFG_TIMING:
    return read_timing(f, node, key, out);
  case CFG_BOOL:
    if (!node->plain || (strcmp(node->text, "true") && strcmp(node->text, "false")))
      return bad_value(f, node, key, "is neither");
    *(bool *)out = node->text[0] == 't';
    return 0;
  case CFG_CHOICE:
    for (uint32_t i = 0; key->choices[i]; i++)
      if (!strcmp(node->text, key->choices[i])) {
        *(uint32_t *)out = i;
        return 0;
      }
    return bad_value(f, node, key, "is unknown");
  default:
    return read_text(f, node, key, out);
  }
}

int cfg_list(const struct cfg_file *f, const struct cfg_node *node, uint32_t max) {
  if (node->kind != CFG_LIST)
    return cfg_fail(f, node, "is a %s; allowed: a list of 1 to %u items",
                    node->kind == CFG_MAP ? "mapping" : "single value", max);
  if (node->n == 0 || node->n > max)
    return cfg_fail(f, node, "has %u items; allowed: 1 to %u", node->n, max);
  return 0;
}

// ---- Maps -------------------------------------------------------------------------------------

struct reader {
  const struct cfg_file *f;
  const struct cfg_key *keys;
  unsigned n;
  bool seen[CFG_MAX_KEYS];
  char *out;
};

// Names that a map may hold whose keys' paths start with `prefix`.
static void list_keys(const struct reader *r, const char *prefix, char *buf, size_t size) {
  size_t skip = strlen(prefix), last_n = 0;
  const char *last = "";
  buf[0] = '\0';
  for (unsigned i = 0; i < r->n; i++) {
    const char *word = r->keys[i].path + skip;
    if (strncmp(r->keys[i].path, prefix, skip))
      continue;
    size_t n = strcspn(word, ".");
    if (n == last_n && !memcmp(word, last, n))
      continue; // a table lists the keys of a map together
    char one[64];
    snprintf(one, sizeof one, "%.*s", (int)n, word);
    append(buf, size, ", ", one);
    last = word;
    last_n = n;
  }
}

static int read_map(struct reader *r, const struct cfg_node *map, const char *prefix) {
  char allowed[300];
  if (map->kind != CFG_MAP) {
    list_keys(r, prefix, allowed, sizeof allowed);
    return cfg_fail(r->f, map, "is a %s; allowed: a mapping with %s",
                    map->kind == CFG_LIST ? "list" : "single value", allowed);
  }
  for (const struct cfg_node *e = map->first; e; e = e->next) {
    char path[160];
    bool group = false;
    int rc = 1;
    size_t n = (size_t)snprintf(path, sizeof path - 1, "%s%s", prefix, e->key);
    bool known_form = n < sizeof path - 1 && !strchr(e->key, '.');
    for (unsigned i = 0; known_form && i < r->n; i++) {
      const char *known = r->keys[i].path;
      if (!strcmp(known, path)) {
        r->seen[i] = true;
        rc = cfg_value(r->f, e, &r->keys[i], r->out + r->keys[i].offset);
      }
      group = group || (!strncmp(known, path, n) && known[n] == '.');
    }
    if (group) {
      memcpy(path + n, ".", 2);
      rc = read_map(r, e, path);
    }
    if (rc == 1) {
      list_keys(r, prefix, allowed, sizeof allowed);
      rc = cfg_fail(r->f, e, "unknown key; allowed: %s", allowed);
    }
    if (rc)
      return rc;
  }
  return 0;
}

// Says that a key is missing, at the line of the deepest mapping on its way that is there.
static int missing(const struct cfg_file *f, const struct cfg_node *map,
                   const struct cfg_key *key) {
  char allowed[300], text[340], path[160];
  unsigned line = map->line;
  for (const char *dot = strchr(key->path, '.'); dot; dot = strchr(dot + 1, '.')) {
    char group[160];
    snprintf(group, sizeof group, "%.*s", (int)(dot - key->path), key->path);
    const struct cfg_node *e = cfg_find(map, group);
    line = e ? e->line : line;
  }
  cfg_describe(key, allowed, sizeof allowed);
  cfg_path(map, path, sizeof path);
  const size_t at = strlen(path);
  snprintf(path + at, sizeof path - at, "%s%s", at ? "." : "", key->path);
  snprintf(text, sizeof text, "is missing; allowed: %s", allowed);
  return cfg_fail_at(f, line, path, text);
}

int cfg_read(const struct cfg_file *f, const struct cfg_node *map, const struct cfg_key *keys,
             unsigned n_keys, void *out) {
  struct reader r = {.f = f, .keys = keys, .n = n_keys, .out = out};
  if (n_keys > CFG_MAX_KEYS)
    return shira_fail(f->error, EINVAL, "%s: a table has too many keys", f->path);
  int rc = read_map(&r, map, "");
  for (unsigned i = 0; !rc && i < n_keys; i++)
    if (!r.seen[i] && !(keys[i].flags & CFG_OPTIONAL))
      rc = missing(f, map, &keys[i]);
  return rc;
}

int cfg_complete(const struct cfg_file *f, const struct cfg_key *keys, unsigned n_keys,
                 const char *prefix) {
  for (unsigned i = 0; i < n_keys; i++)
    if (!strncmp(keys[i].path, prefix, strlen(prefix)) && !cfg_find(f->root, keys[i].path))
      return missing(f, f->root, &keys[i]);
  return 0;
}
