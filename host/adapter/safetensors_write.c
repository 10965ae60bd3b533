#include "host/adapter/safetensors.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/whole.h"

// The format's order: dtype descending, so that the widest come first, then name by bytes.
static int compare_items(const void *a, const void *b) {
  const struct safetensors_item *x = a, *y = b;
  if (x->dtype != y->dtype)
    return x->dtype > y->dtype ? -1 : 1;
  return strcmp(x->name, y->name);
}

static int item_bytes(const struct safetensors_item *item, uint64_t *bytes) {
  uint64_t n = 1;
  for (uint32_t i = 0; i < item->rank; i++) {
    if (__builtin_mul_overflow(n, item->shape[i], &n))
      return -EOVERFLOW;
  }
  if (__builtin_mul_overflow(n, (uint64_t)safetensors_dtype_bits(item->dtype), &n) || n % 8)
    return -EOVERFLOW;
  *bytes = n / 8;
  return 0;
}

// Adds an item's entry to the header; -EINVAL where the name or the size does not do.
static int add_entry(json_t *root, const struct safetensors_item *item, uint64_t *end) {
  uint64_t bytes, begin = *end;
  if (item->rank > SAFETENSORS_MAX_RANK || item_bytes(item, &bytes) ||
      __builtin_add_overflow(begin, bytes, end) || *end > INT64_MAX)
    return -EINVAL;
  json_t *shape = json_array();
  for (uint32_t i = 0; i < item->rank; i++)
    json_array_append_new(shape, json_integer((json_int_t)item->shape[i]));
  json_t *entry = json_pack("{s:s, s:o, s:[I,I]}", "dtype", safetensors_dtype_name(item->dtype),
                            "shape", shape, "data_offsets", (json_int_t)begin, (json_int_t)*end);
  if (!entry)
    return -ENOMEM;
  if (json_object_get(root, item->name)) {
    json_decref(entry);
    return -EINVAL;
  }
  return json_object_set_new(root, item->name, entry) ? -EINVAL : 0;
}

static int add_notes(json_t *root, const struct safetensors_note *notes, size_t n) {
  if (n == 0)
    return 0;
  json_t *metadata = json_object();
  if (!metadata || json_object_set_new(root, "__metadata__", metadata))
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    if (json_object_set_new(metadata, notes[i].key, json_string(notes[i].value)))
      return -EINVAL;
  }
  return 0;
}

int safetensors_write(const char *path, struct safetensors_item *items, size_t n_items,
                      const struct safetensors_note *notes, size_t n_notes,
                      struct shira_error *error) {
  json_t *root = json_object();
  char *header = NULL;
  struct shira_whole file;
  uint64_t end = 0;
  int err = root ? add_notes(root, notes, n_notes) : -ENOMEM;
  if (err) {
    shira_fail(error, -err, "cannot write '%s': bad metadata", path);
    goto out;
  }
  if (n_items)
    qsort(items, n_items, sizeof *items, compare_items);
  for (size_t i = 0; i < n_items; i++) {
    err = strcmp(items[i].name, "__metadata__") ? add_entry(root, &items[i], &end) : -EINVAL;
    if (err) {
      shira_fail(error, -err, "cannot write '%s': tensor '%s': bad or duplicate name or size", path,
                 safetensors_printable(items[i].name, (char[128]){0}, 128));
      goto out;
    }
  }
  header = json_dumps(root, JSON_COMPACT | JSON_PRESERVE_ORDER);
  if (!header) {
    err = shira_fail(error, ENOMEM, "cannot write '%s': no memory for its header", path);
    goto out;
  }
  size_t length = strlen(header);
  uint64_t padded = (length + 7) / 8 * 8;
  err = shira_whole_begin(&file, path, error);
  if (err)
    goto out;
  // The stream remembers an error until its end.
  fwrite(&padded, sizeof padded, 1, file.out);
  fwrite(header, 1, length, file.out);
  fwrite("       ", 1, padded - length, file.out);
  for (size_t i = 0; i < n_items; i++) {
    uint64_t bytes = 0;
    item_bytes(&items[i], &bytes);
    fwrite(items[i].data, 1, bytes, file.out);
  }
  err = shira_whole_end(&file, error);
out:
  free(header);
  json_decref(root);
  return err;
}
