// Members of a structure as members of a JSON object, both ways from one table.
#ifndef SHIRA_BASE_FIELDS_H
#define SHIRA_BASE_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "shira/error.h"

// How numbers that are not whole are written: enough for people, the same on every machine.
#define SHIRA_JSON_FLAGS (JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(9))

enum shira_field_type {
  SHIRA_FIELD_U32,
  SHIRA_FIELD_U64,          // written as text where it is above INT64_MAX
  SHIRA_FIELD_REAL,         // null: NAN
  SHIRA_FIELD_BOOL,         //
  SHIRA_FIELD_TEXT,         // of `size` bytes
  SHIRA_FIELD_TEXT_OR_NULL, // null: ""
  SHIRA_FIELD_NAME,         // a uint32_t enum of `size` values that `name` knows
  SHIRA_FIELD_NAME_OR_NULL, // null: `size`
  SHIRA_FIELD_HASH,         // struct shira_hash
};

struct shira_field {
  const char *key;
  enum shira_field_type type;
  size_t offset, size;
  const char *(*name)(unsigned);
};

// Sets the members in `o`. Text that is no UTF-8 has '?' for what is not ASCII.
void shira_fields_put(json_t *o, const void *s, const struct shira_field *f, size_t n);

// Reads them. Errors: -EINVAL, with a sentence that begins with `where`: `o` is no object, a member
// is missing, of another type or out of range, a name is unknown. Members that no field has are
// passed over.
int shira_fields_get(const json_t *o, void *s, const struct shira_field *f, size_t n,
                     const char *where, struct shira_error *error);

// Text as it is put, null for NULL; a number that is not whole, null where it is not finite.
json_t *j_text(const char *text);
json_t *j_real(double v);

static inline json_t *j_count(uint64_t v) {
  return json_integer((json_int_t)v);
}

static inline void j_set(json_t *o, const char *key, json_t *v) {
  json_object_set_new(o, key, v);
}

static inline void j_add(json_t *list, json_t *v) {
  json_array_append_new(list, v);
}

// The number that is read back where `v` was written.
double shira_field_rounded(double v);

#endif
