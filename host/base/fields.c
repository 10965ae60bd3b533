#include "host/base/fields.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/hash.h"

double shira_field_rounded(double v) {
  char text[32];
  snprintf(text, sizeof(text), "%.9g", v);
  return isfinite(v) ? strtod(text, NULL) : v;
}

json_t *j_real(double v) {
  return isfinite(v) ? json_real(v) : json_null();
}

json_t *j_text(const char *text) {
  json_t *o = text ? json_string(text) : json_null();
  char plain[1024];
  size_t n = 0;
  if (o)
    return o;
  for (; text[n] && n < sizeof(plain) - 1; n++)
    plain[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
  plain[n] = 0;
  return json_string(plain);
}

// ---- To JSON ----------------------------------------------------------------------------------

static json_t *put_u64(uint64_t v) {
  char text[24];
  if (v <= INT64_MAX)
    return json_integer((json_int_t)v);
  snprintf(text, sizeof(text), "%" PRIu64, v);
  return json_string(text);
}

static json_t *put_name(uint32_t v, const struct shira_field *f) {
  return v < f->size ? json_string(f->name(v)) : json_null();
}

static json_t *put_hash(const struct shira_hash *hash) {
  char text[SHIRA_HASH_TEXT];
  shira_hash_text(hash, text);
  return json_string(text);
}

static json_t *put(const void *at, const struct shira_field *f) {
  switch (f->type) {
  case SHIRA_FIELD_U32:
    return json_integer(*(const uint32_t *)at);
  case SHIRA_FIELD_U64:
    return put_u64(*(const uint64_t *)at);
  case SHIRA_FIELD_REAL:
    return j_real(*(const double *)at);
  case SHIRA_FIELD_BOOL:
    return json_boolean(*(const bool *)at);
  case SHIRA_FIELD_TEXT_OR_NULL:
    if (!*(const char *)at)
      return json_null();
    return j_text(at);
  case SHIRA_FIELD_TEXT:
    return j_text(at);
  case SHIRA_FIELD_NAME:
  case SHIRA_FIELD_NAME_OR_NULL:
    return put_name(*(const uint32_t *)at, f);
  case SHIRA_FIELD_HASH:
    return put_hash(at);
  }
  return NULL;
}

void shira_fields_put(json_t *o, const void *s, const struct shira_field *f, size_t n) {
  for (size_t i = 0; i < n; i++)
    j_set(o, f[i].key, put((const char *)s + f[i].offset, &f[i]));
}

// ---- From JSON --------------------------------------------------------------------------------

// What was expected, NULL where it was there.
static const char *get_u64(const json_t *v, uint64_t most, uint64_t *to) {
  const char *text = json_string_value(v);
  char *end;
  if (json_is_integer(v) && json_integer_value(v) >= 0) {
    *to = (uint64_t)json_integer_value(v);
    return *to <= most ? NULL : "a smaller number";
  }
  if (most < UINT64_MAX || !text || *text < '0' || *text > '9')
    return "a whole number from 0";
  errno = 0;
  *to = strtoull(text, &end, 10);
  return errno || *end || *to <= INT64_MAX ? "a whole number from 0" : NULL;
}

static const char *get_u32(const json_t *v, uint32_t *to) {
  uint64_t wide = 0;
  const char *wrong = get_u64(v, UINT32_MAX, &wide);
  *to = (uint32_t)wide;
  return wrong;
}

static const char *get_name(const json_t *v, const struct shira_field *f, uint32_t *to) {
  const char *text = json_string_value(v);
  for (*to = 0; text && *to < f->size; ++*to)
    if (!strcmp(text, f->name(*to)))
      return NULL;
  *to = (uint32_t)f->size;
  return json_is_null(v) && f->type == SHIRA_FIELD_NAME_OR_NULL ? NULL : "a name that is known";
}

static const char *get_text(const json_t *v, const struct shira_field *f, char *to) {
  const char *text = json_string_value(v);
  *to = 0;
  if (json_is_null(v) && f->type == SHIRA_FIELD_TEXT_OR_NULL)
    return NULL;
  if (!text || json_string_length(v) != strlen(text) || strlen(text) >= f->size)
    return "a text that is not longer than usual";
  do
    *to++ = *text && (unsigned char)*text < 0x20 ? '?' : *text; // a terminal may see it
  while (*text++);
  return NULL;
}

static const char *get_real(const json_t *v, double *to) {
  *to = json_is_number(v) ? json_number_value(v) : NAN;
  return json_is_number(v) || json_is_null(v) ? NULL : "a number";
}

static const char *get_bool(const json_t *v, bool *to) {
  *to = json_is_true(v);
  return json_is_boolean(v) ? NULL : "true or false";
}

static const char *get_hash(const char *text, struct shira_hash *to) {
  return text && !shira_hash_from_text(text, to) ? NULL : "a hash of 64 hex digits";
}

static const char *get(const json_t *v, void *at, const struct shira_field *f) {
  switch (f->type) {
  case SHIRA_FIELD_U32:
    return get_u32(v, at);
  case SHIRA_FIELD_U64:
    return get_u64(v, UINT64_MAX, at);
  case SHIRA_FIELD_REAL:
    return get_real(v, at);
  case SHIRA_FIELD_BOOL:
    return get_bool(v, at);
  case SHIRA_FIELD_TEXT:
  case SHIRA_FIELD_TEXT_OR_NULL:
    return get_text(v, f, at);
  case SHIRA_FIELD_NAME:
  case SHIRA_FIELD_NAME_OR_NULL:
    return get_name(v, f, at);
  case SHIRA_FIELD_HASH:
    return get_hash(json_string_value(v), at);
  }
  return "known";
}

int shira_fields_get(const json_t *o, void *s, const struct shira_field *f, size_t n,
                     const char *where, struct shira_error *error) {
  if (!json_is_object(o))
    return shira_fail(error, EINVAL, "%s: is no object", where);
  for (size_t i = 0; i < n; i++) {
    const json_t *v = json_object_get(o, f[i].key);
    const char *wrong = v ? get(v, (char *)s + f[i].offset, &f[i]) : "there";
    if (wrong)
      return shira_fail(error, EINVAL, "%s: %s: is not %s", where, f[i].key, wrong);
  }
  return 0;
}
