#include "host/machine/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "shira/config.h"

void cfg_path(const struct cfg_node *node, char *buf, unsigned size) {
  const struct cfg_node *up[CFG_MAX_DEPTH + 2];
  unsigned n = 0, at = 0;
  for (; node && node->parent && n < CFG_MAX_DEPTH + 2; node = node->parent)
    up[n++] = node;
  buf[0] = '\0';
  while (n-- > 0 && at < size) {
    int k = up[n]->key ? snprintf(buf + at, size - at, "%s%s", at ? "." : "", up[n]->key)
                       : snprintf(buf + at, size - at, "[%u]", up[n]->index);
    at += k > 0 ? (unsigned)k : 0;
  }
}

// Copies a sentence, cut to fit, so that a terminal shows what is in it and does nothing else:
// control characters, in UTF-8 those from 0x80 to 0x9f too, as \xNN.
static void escape(const char *text, char *buf, size_t size) {
  size_t at = 0;
  for (const unsigned char *s = (const unsigned char *)text; *s && at + 5 < size; s++) {
    const bool high = *s == 0xc2 && s[1] >= 0x80 && s[1] <= 0x9f;
    if (*s >= ' ' && *s != 0x7f && !high) {
      buf[at++] = (char)*s;
      continue;
    }
    s += high;
    at += (size_t)snprintf(buf + at, size - at, "\\x%02x", *s);
  }
  buf[at] = '\0';
}

int cfg_fail_at(const struct cfg_file *f, unsigned line, const char *path, const char *text) {
  char sentence[sizeof f->error->text], plain[sizeof f->error->text];
  snprintf(sentence, sizeof sentence, "%s:%u: %s%s%s", f->path, line, path, path[0] ? ": " : "",
           text);
  escape(sentence, plain, sizeof plain);
  return shira_fail(f->error, EINVAL, "%s", plain);
}

// Whether a sentence begins as `path.yaml:12: `.
static bool has_place(const char *text) {
  const char *end = strstr(text, ".yaml:");
  if (!end)
    return false;
  end += strlen(".yaml:");
  const size_t digits = strspn(end, "0123456789");
  return digits && !strncmp(end + digits, ": ", 2);
}

void cfg_blame(const char *file, unsigned line, const char *key, struct shira_error *error) {
  if (!error || has_place(error->text))
    return;
  const struct cfg_file f = {.path = file, .error = error};
  cfg_fail_at(&f, line, key, error->text);
}

int cfg_fail(const struct cfg_file *f, const struct cfg_node *node, const char *format, ...) {
  char text[480], path[160];
  va_list args;
  va_start(args, format);
  if (vsnprintf(text, sizeof text, format, args) < 0)
    text[0] = '\0';
  va_end(args);
  cfg_path(node, path, sizeof path);
  return cfg_fail_at(f, node->line, path, text);
}

const struct cfg_node *cfg_find(const struct cfg_node *map, const char *path) {
  while (map && map->kind == CFG_MAP) {
    size_t n = strcspn(path, ".");
    const struct cfg_node *e = map->first;
    while (e && (strlen(e->key) != n || memcmp(e->key, path, n)))
      e = e->next;
    if (!e || !path[n])
      return e;
    map = e;
    path += n + 1;
  }
  return NULL;
}

// State of the walk over libyaml's events.
struct builder {
  struct cfg_file *f;
  struct cfg_node *stack[CFG_MAX_DEPTH]; // open collections
  unsigned depth;
  char *key; // of the map entry that comes next, owned
  unsigned key_line;
  unsigned documents;
};

// Puts a node into the collection on top of the stack.
static int add_node(struct builder *b, enum cfg_kind kind, const yaml_event_t *event,
                    const char *text) {
  struct cfg_node *parent = b->depth ? b->stack[b->depth - 1] : NULL;
  size_t key_size = b->key ? strlen(b->key) + 1 : 0, text_size = text ? strlen(text) + 1 : 0;
  struct cfg_node *node = calloc(1, sizeof *node + key_size + text_size);
  if (!node)
    return shira_fail(b->f->error, ENOMEM, "%s: out of memory", b->f->path);
  char *strings = (char *)(node + 1);
  node->kind = kind;
  node->line = b->key ? b->key_line : (unsigned)event->start_mark.line + 1;
  node->parent = parent;
  node->chain = b->f->chain;
  b->f->chain = node;
  if (b->key)
    node->key = memcpy(strings, b->key, key_size);
  if (text)
    node->text = memcpy(strings + key_size, text, text_size);
  free(b->key);
  b->key = NULL;
  if (!parent) {
    b->f->root = node;
  } else {
    for (const struct cfg_node *e = parent->first; node->key && e; e = e->next)
      if (!strcmp(e->key, node->key))
        return cfg_fail(b->f, node, "is there twice, first in line %u", e->line);
    if (parent->n == CFG_MAX_ENTRIES)
      return cfg_fail(b->f, parent, "has too many entries; allowed: %d", CFG_MAX_ENTRIES);
    node->index = parent->n++;
    *(parent->last ? &parent->last->next : &parent->first) = node;
    parent->last = node;
  }
  if (kind == CFG_SCALAR)
    return 0;
  if (b->depth == CFG_MAX_DEPTH)
    return cfg_fail(b->f, node, "is nested too deep; allowed: %d levels", CFG_MAX_DEPTH);
  b->stack[b->depth++] = node;
  return 0;
}

// An error at an event, where there is no node yet.
static int event_fail(const struct builder *b, const yaml_event_t *event, const char *what) {
  struct cfg_node at = {.line = (unsigned)event->start_mark.line + 1,
                        .parent = b->depth ? b->stack[b->depth - 1] : NULL,
                        .key = b->key};
  if (!b->key && b->depth)
    return cfg_fail(b->f,
                    &(struct cfg_node){.line = at.line,
                                       .key = at.parent->key,
                                       .index = at.parent->index,
                                       .parent = at.parent->parent},
                    "%s", what);
  return cfg_fail(b->f, &at, "%s", what);
}

// A scalar is the key or the value of a map's entry, or a list's item.
static int add_scalar(struct builder *b, const yaml_event_t *event) {
  const char *text = (const char *)event->data.scalar.value;
  if (strlen(text) != event->data.scalar.length)
    return event_fail(b, event, "text holds a NUL character");
  if (b->depth && b->stack[b->depth - 1]->kind == CFG_MAP && !b->key) {
    if (!text[0])
      return event_fail(b, event, "a key is empty");
    b->key = strdup(text);
    b->key_line = (unsigned)event->start_mark.line + 1;
    return b->key ? 0 : shira_fail(b->f->error, ENOMEM, "%s: out of memory", b->f->path);
  }
  int rc = add_node(b, CFG_SCALAR, event, text);
  if (!rc)
    b->f->chain->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  return rc;
}

static int add_collection(struct builder *b, const yaml_event_t *event, enum cfg_kind kind) {
  if (b->depth && b->stack[b->depth - 1]->kind == CFG_MAP && !b->key)
    return event_fail(b, event, "a key must be a word");
  return add_node(b, kind, event, NULL);
}

// Refuses what makes one part of a file change another, or a value something else than it says.
static int check_marks(struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor,
                       const yaml_char_t *tag) {
  if (anchor)
    return event_fail(b, event, "anchors are not allowed");
  return tag ? event_fail(b, event, "tags are not allowed") : 0;
}

static int handle(struct builder *b, const yaml_event_t *event) {
  int rc = 0;
  switch (event->type) {
  case YAML_DOCUMENT_START_EVENT:
    return b->documents++ ? event_fail(b, event, "a second document starts; allowed: one") : 0;
  case YAML_ALIAS_EVENT:
    return event_fail(b, event, "aliases are not allowed, write the value");
  case YAML_SCALAR_EVENT:
    rc = check_marks(b, event, event->data.scalar.anchor, event->data.scalar.tag);
    return rc ? rc : add_scalar(b, event);
  case YAML_SEQUENCE_START_EVENT:
    rc = check_marks(b, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
    return rc ? rc : add_collection(b, event, CFG_LIST);
  case YAML_MAPPING_START_EVENT:
    rc = check_marks(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    return rc ? rc : add_collection(b, event, CFG_MAP);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    b->depth--;
    return 0;
  default:
    return 0;
  }
}

// The tree of `size` bytes of YAML. What was built so far hangs at f->chain also after an error.
static int build(struct cfg_file *f, const unsigned char *bytes, size_t size) {
  struct builder b = {.f = f};
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser))
    return shira_fail(f->error, ENOMEM, "%s: out of memory", f->path);
  yaml_parser_set_input_string(&parser, bytes, size);
  bool end = false;
  int rc = 0;
  while (!rc && !end) {
    yaml_event_t event;
    if (!yaml_parser_parse(&parser, &event)) {
      rc = shira_fail(f->error, EINVAL, "%s:%zu: is not YAML: %s", f->path,
                      parser.problem_mark.line + 1,
                      parser.problem ? parser.problem : "cannot be read");
      break;
    }
    end = event.type == YAML_STREAM_END_EVENT;
    rc = handle(&b, &event);
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  free(b.key);
  if (!rc && (!f->root || f->root->kind != CFG_MAP))
    rc = shira_fail(f->error, EINVAL, "%s:%u: must be a mapping of keys to values", f->path,
                    f->root ? f->root->line : 1);
  return rc;
}

// Reads all of a regular file into *bytes, which the caller frees.
static int slurp(const char *path, unsigned char **bytes, size_t *size, struct shira_error *error) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = 0;
  struct stat st;
  size_t at = 0;
  ssize_t n = 1;
  *bytes = NULL;
  if (fd < 0 || fstat(fd, &st))
    rc = shira_fail(error, errno, "cannot open '%s': %s", path, strerror(errno));
  else if (!S_ISREG(st.st_mode))
    rc = shira_fail(error, EINVAL, "cannot read '%s': not a regular file", path);
  else if (!(*bytes = malloc(SHIRA_CONFIG_FILE_BYTES + 1)))
    rc = shira_fail(error, ENOMEM, "%s: out of memory", path);
  while (!rc && n > 0 && at <= SHIRA_CONFIG_FILE_BYTES) {
    n = read(fd, *bytes + at, SHIRA_CONFIG_FILE_BYTES + 1 - at);
    if (n < 0)
      rc = shira_fail(error, errno, "cannot read '%s': %s", path, strerror(errno));
    else
      at += (size_t)n;
  }
  if (!rc && at > SHIRA_CONFIG_FILE_BYTES)
    rc = shira_fail(error, EFBIG, "%s: is too large; allowed: %u bytes", path,
                    SHIRA_CONFIG_FILE_BYTES);
  if (fd >= 0)
    close(fd);
  *size = at;
  return rc;
}

int cfg_open(struct cfg_file *f, const char *path, struct shira_error *error) {
  unsigned char *bytes;
  size_t size;
  *f = (struct cfg_file){.path = path, .error = error};
  int rc = slurp(path, &bytes, &size, error);
  if (!rc)
    rc = build(f, bytes, size);
  free(bytes);
  if (rc)
    cfg_close(f);
  return rc;
}

void cfg_close(struct cfg_file *f) {
  while (f->chain) {
    struct cfg_node *next = f->chain->chain;
    free(f->chain);
    f->chain = next;
  }
  f->root = NULL;
}

int cfg_beside(const struct cfg_file *f, const struct cfg_node *node, char *text, unsigned size) {
  const char *slash = strrchr(f->path, '/');
  if (text[0] == '/' || !slash)
    return 0;
  const size_t folder = (size_t)(slash + 1 - f->path), given = strlen(text) + 1;
  if (folder + given > size)
    return cfg_fail(f, node, "is too long a path; allowed: %u characters in all", size - 1);
  memmove(text + folder, text, given);
  memcpy(text, f->path, folder);
  return 0;
}
