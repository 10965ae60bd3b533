// A result as JSON and back: the one form in which the store keeps it and report.json tells it.
#ifndef SHIRA_EXPERIMENT_RECORD_H
#define SHIRA_EXPERIMENT_RECORD_H

#include <jansson.h>

#include "shira/error.h"
#include "shira/result.h"

// The schema of what is written; nothing else is read.
#define SHIRA_SCHEMA 2

// The members of results[] in report.json that are told in the structure itself: all but the key
// and what follows from other members, the report or its machine. NULL when memory is out.
json_t *shira_result_json(const struct shira_result *result);

// Reads what shira_result_json made; the key of *result stays, all else is set. Errors: -EINVAL,
// with a sentence that begins with `where`.
int shira_result_from_json(const json_t *o, struct shira_result *result, const char *where,
                           struct shira_error *error);

// Wall-clock times, as in times.json without "id".
json_t *shira_wall_json(const struct shira_wall *wall);

// An entry of the store, {"schema", "id", "program", "result": {...}, "wall": {...}}: the same text
// for the same arguments. Free it with free(). NULL when memory is out.
char *shira_result_encode(const struct shira_result *result, const char *id, const char *program);

// Reads an entry from `size` bytes; the key of *result stays as the caller, who knows the case, has
// set it. Errors: -EINVAL it is no entry of this schema, with a sentence; *result is then not done.
int shira_result_decode(const char *text, size_t size, struct shira_result *result,
                        struct shira_error *error);

#endif
