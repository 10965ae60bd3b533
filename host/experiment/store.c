#include "host/experiment/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/base/whole.h"

#define PATH_BYTES (PATH_MAX + 128) // of a file in a store

// ---- Files --------------------------------------------------------------------------------------

// DIR/ab or, with `file`, DIR/ab/ab01..ef.json
static void result_path(const struct store *store, const struct shira_hash *hash, bool file,
                        char path[PATH_BYTES]) {
  char text[SHIRA_HASH_TEXT];
  shira_hash_text(hash, text);
  snprintf(path, PATH_BYTES, file ? "%s/%.2s/%s.json" : "%s/%.2s", store->path, text, text);
}

// Reads a file, with a NUL behind it. Errors: -ENOENT, -ENOMEM, -errno, with a sentence.
static int read_text(const char *path, char **text, struct stat *st, struct shira_error *error) {
  size_t got = 0, room;
  ssize_t n = -1;
  *text = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC), err = errno;
  if (fd < 0)
    return shira_fail(error, err, "cannot open '%s': %s", path, strerror(err));
  err = fstat(fd, st) ? errno : 0;
  room = err ? 0 : (size_t)st->st_size;
  if (!err && !(*text = malloc(room + 1)))
    err = ENOMEM;
  while (!err && got < room && (n = read(fd, *text + got, room - got)) > 0)
    got += (size_t)n;
  if (!err && got < room)
    err = n ? errno : EIO; // files are replaced, never cut
  close(fd);
  if (!err) {
    (*text)[got] = 0;
    return 0;
  }
  free(*text);
  *text = NULL;
  return shira_fail(error, err, "cannot read '%s': %s", path, strerror(err));
}

// NULL, or why `text` is no result.
static const char *refuse(const char *text, size_t size) {
  json_error_t at;
  json_t *o = json_loadb(text, size, 0, &at);
  json_t *schema = json_object_get(o, "schema"); // NULL of what is no object
  const char *why = !o                                           ? "is no JSON"
                    : !json_is_integer(schema)                   ? "has no schema"
                    : json_integer_value(schema) != STORE_SCHEMA ? "is of another schema"
                                                                 : NULL;
  json_decref(o);
  return why;
}

// Reads a result as store_get does.
static int read_result(struct store *store, const char *path, char **text, struct stat *st,
                       struct shira_error *error) {
  int rc = read_text(path, text, st, error);
  const char *why = rc ? NULL : refuse(*text, (size_t)st->st_size);
  if (!why)
    return rc;
  if (!store->told)
    fprintf(stderr, "shirasim: '%s' %s: it is not used, nor are others like it\n", path, why);
  store->told = true;
  free(*text);
  *text = NULL;
  return -ENOENT;
}

// ---- One result
// -----------------------------------------------------------------------------------

int store_open(const char *path, bool create, struct store *store, struct shira_error *error) {
  memset(store, 0, sizeof(*store));
  store->lock.fd = -1;
  if ((size_t)snprintf(store->path, sizeof(store->path), "%s", path) >= sizeof(store->path))
    return shira_fail(error, ENAMETOOLONG, "cannot open store '%.256s...': %s", path,
                      strerror(ENAMETOOLONG));
  struct stat st;
  int rc = create ? shira_make_folder(path, error) : 0;
  if (rc)
    return rc;
  if (stat(path, &st))
    return shira_fail(error, errno, "cannot open store '%s': %s", path, strerror(errno));
  return shira_lock_share(&store->lock, path, error);
}

void store_close(struct store *store) {
  shira_lock_leave(&store->lock); // not released: workers that were forked may still use it
}

int store_get(struct store *store, const struct shira_hash *hash, char **text, size_t *size,
              struct shira_error *error) {
  char path[PATH_BYTES];
  struct stat st;
  result_path(store, hash, true, path);
  int rc = read_result(store, path, text, &st, error);
  *size = rc ? 0 : (size_t)st.st_size;
  return rc;
}

int store_put(struct store *store, const struct shira_hash *hash, const char *text, size_t size,
              struct shira_error *error) {
  char path[PATH_BYTES];
  result_path(store, hash, false, path);
  int rc = shira_make_folder(path, error);
  if (rc)
    return rc;
  result_path(store, hash, true, path);
  return shira_whole_write(path, text, size, error);
}

int store_run_put(struct store *store, const char *name, const char *text, size_t size,
                  struct shira_error *error) {
  char path[PATH_BYTES + NAME_MAX];
  if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > NAME_MAX - 32)
    return shira_fail(error, EINVAL, "'%.128s' is no name for a run", name);
  snprintf(path, sizeof(path), "%s/runs", store->path);
  int rc = shira_make_folder(path, error);
  if (rc)
    return rc;
  snprintf(path, sizeof(path), "%s/runs/%s.json", store->path, name);
  return shira_whole_write(path, text, size, error);
}

// ---- All results
// ----------------------------------------------------------------------------------

// Of the names in a folder.
static int is_group(const struct dirent *e) { // "ab"
  return strlen(e->d_name) == 2 && strspn(e->d_name, "0123456789abcdef") == 2;
}

static int is_json(const struct dirent *e) {
  const char *dot = strrchr(e->d_name, '.');
  return *e->d_name != '.' && dot && !strcmp(dot, ".json");
}

// Calls `each` with the path of every name in `folder` that `filter` takes, in their order, until
// it returns anything but 0. A folder that is not there has none.
static int walk(const char *folder, int (*filter)(const struct dirent *),
                int (*each)(void *arg, const char *path, const char *name,
                            struct shira_error *error),
                void *arg, struct shira_error *error) {
  struct dirent **names;
  int n = scandir(folder, &names, filter, alphasort), rc = 0;
  if (n < 0 && errno == ENOENT)
    return 0;
  if (n < 0)
    return shira_fail(error, errno, "cannot read '%s': %s", folder, strerror(errno));
  for (int i = 0; i < n; i++) {
    char *path = NULL;
    if (!rc && asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0) {
      path = NULL; // asprintf leaves it undefined
      rc = shira_fail(error, ENOMEM, "no memory for the names in '%s'", folder);
    } else if (!rc)
      rc = each(arg, path, names[i]->d_name, error);
    free(path);
    free(names[i]);
  }
  free(names);
  return rc;
}

struct results {
  int (*each)(void *arg, const char *path, const struct shira_hash *hash,
              struct shira_error *error);
  void *arg;
};

static int walk_file(void *arg, const char *path, const char *name, struct shira_error *error) {
  struct results *r = arg;
  struct shira_hash hash;
  char text[SHIRA_HASH_TEXT];
  const char *folder = path + strlen(path) - strlen(name) - 3; // "ab/"
  snprintf(text, sizeof(text), "%.64s", name);
  if (strlen(name) != 64 + 5 || shira_hash_from_text(text, &hash) || strncmp(folder, name, 2))
    return 0; // somebody else's
  return r->each(r->arg, path, &hash, error);
}

static int walk_group(void *arg, const char *path, const char *name, struct shira_error *error) {
  (void)name;
  return walk(path, is_json, walk_file, arg, error);
}

struct listing {
  struct store *store;
  int (*each)(void *arg, const struct store_entry *entry);
  void *arg;
};

static int list_one(void *arg, const char *path, const struct shira_hash *hash,
                    struct shira_error *error) {
  struct listing *l = arg;
  struct stat st;
  char *text;
  int rc = read_result(l->store, path, &text, &st, error);
  if (rc)
    return rc == -ENOENT ? 0 : rc;
  struct store_entry e = {
      .hash = *hash, .size = (size_t)st.st_size, .written = st.st_mtime, .text = text};
  rc = l->each(l->arg, &e);
  free(text);
  return rc;
}

int store_list(struct store *store, int (*each)(void *arg, const struct store_entry *entry),
               void *arg, struct shira_error *error) {
  struct listing l = {store, each, arg};
  struct results r = {list_one, &l};
  return walk(store->path, is_group, walk_group, &r, error);
}

// ---- What nobody uses
// ------------------------------------------------------------------------------

struct collection {
  struct store *store;
  bool dry_run;
  struct store_gc *out;
  size_t n_named, room;
  struct shira_hash *named; // by manifests; sorted once all are read
};

static int compare_hashes(const void *a, const void *b) {
  return memcmp(a, b, sizeof(struct shira_hash));
}

static int name_one(struct collection *c, const json_t *result, const char *path,
                    struct shira_error *error) {
  const char *text = json_string_value(json_object_get(result, "hash"));
  struct shira_hash hash;
  if (!text || shira_hash_from_text(text, &hash))
    return shira_fail(error, EINVAL, "'%s': a result has no hash; nothing is removed", path);
  if (c->n_named == c->room) {
    size_t room = c->room ? 2 * c->room : 256;
    struct shira_hash *more = reallocarray(c->named, room, sizeof(*more));
    if (!more)
      return shira_fail(error, ENOMEM, "no memory for the hashes of '%s'", path);
    c->named = more;
    c->room = room;
  }
  c->named[c->n_named++] = hash;
  return 0;
}

static int read_manifest(void *arg, const char *path, const char *name, struct shira_error *error) {
  struct stat st;
  char *text;
  (void)name;
  int rc = read_text(path, &text, &st, error);
  if (rc)
    return rc;
  json_error_t at;
  json_t *o = json_loadb(text, (size_t)st.st_size, 0, &at);
  json_t *results = json_object_get(o, "results");
  if (!json_is_array(results))
    rc = shira_fail(error, EINVAL,
                    "'%s' is no manifest of a run: what it uses is not known, nothing is removed",
                    path);
  for (size_t i = 0; !rc && i < json_array_size(results); i++)
    rc = name_one(arg, json_array_get(results, i), path, error);
  const json_t *workloads = json_object_get(o, "workloads");
  for (size_t i = 0; !rc && i < json_array_size(workloads); i++)
    if (json_object_get(json_array_get(workloads, i), "hash"))
      rc = name_one(arg, json_array_get(workloads, i), path, error);
  json_decref(o);
  free(text);
  return rc;
}

static int collect_one(void *arg, const char *path, const struct shira_hash *hash,
                       struct shira_error *error) {
  struct collection *c = arg;
  struct stat st;
  if (stat(path, &st))
    return shira_fail(error, errno, "cannot read '%s': %s", path, strerror(errno));
  if (c->n_named && bsearch(hash, c->named, c->n_named, sizeof(*hash), compare_hashes)) {
    c->out->kept++;
    c->out->kept_bytes += (uint64_t)st.st_size;
    return 0;
  }
  if (!c->dry_run && unlink(path))
    return shira_fail(error, errno, "cannot remove '%s': %s", path, strerror(errno));
  c->out->results++;
  c->out->result_bytes += (uint64_t)st.st_size;
  return 0;
}

static int collect_group(void *arg, const char *path, const char *name, struct shira_error *error) {
  struct collection *c = arg;
  struct results r = {collect_one, c};
  int rc = walk_group(&r, path, name, error);
  if (!rc)
    rc = shira_whole_sweep(path, c->dry_run, &c->out->parts, &c->out->part_bytes, error);
  if (!rc && !c->dry_run)
    rmdir(path); // where it is empty
  return rc;
}

// With the store for this process alone.
static int collect(struct collection *c, struct shira_error *error) {
  char runs[PATH_BYTES];
  snprintf(runs, sizeof(runs), "%s/runs", c->store->path);
  int rc = walk(runs, is_json, read_manifest, c, error);
  if (!rc && c->n_named)
    qsort(c->named, c->n_named, sizeof(*c->named), compare_hashes);
  if (!rc)
    rc = walk(c->store->path, is_group, collect_group, c, error);
  if (!rc)
    rc = shira_whole_sweep(runs, c->dry_run, &c->out->parts, &c->out->part_bytes, error);
  free(c->named);
  return rc;
}

int store_gc(struct store *store, bool dry_run, struct store_gc *out, struct shira_error *error) {
  struct collection c = {.store = store, .dry_run = dry_run, .out = out};
  memset(out, 0, sizeof(*out));
  int rc = shira_lock_alone(&store->lock, true, store->path, error);
  if (rc)
    return rc;
  rc = collect(&c, error);
  shira_lock_alone(&store->lock, false, store->path, NULL);
  return rc;
}
