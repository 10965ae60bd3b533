// Sets of streams; see shira/pack.h.
#include "host/pack/set.h"

#include <errno.h>
#include <stdlib.h>

void shira_stream_set_free(struct shira_stream_set *set) {
  for (uint32_t i = 0; i < set->n; i++)
    shira_stream_free(&set->part[i].stream);
  free(set->part);
  *set = (struct shira_stream_set){0};
}

int set_add(struct shira_stream_set *set, const struct shira_stream_rules *rules,
            const struct shira_stream_part *like, const uint32_t *pos, const uint8_t *value,
            uint32_t count, struct shira_error *e) {
  struct shira_stream_part *grown = realloc(set->part, (set->n + 1) * sizeof *grown);
  if (!grown)
    return shira_fail(e, ENOMEM, "no memory for %u streams", set->n + 1);
  set->part = grown;
  set->format = rules->format;
  struct shira_stream_part *part = &grown[set->n];
  *part = *like;
  int err = shira_stream_encode(rules, pos, value, count, &part->stream, e);
  if (err)
    return err;
  if (part->stream.bytes > UINT32_MAX - set->bytes || count > UINT32_MAX - set->updates) {
    shira_stream_free(&part->stream);
    return shira_fail(e, EOVERFLOW, "streams: their bytes do not fit 32 bits");
  }
  set->n++;
  set->bytes += part->stream.bytes;
  set->updates += count;
  return 0;
}

const struct shira_stream_part *set_find(const struct shira_stream_set *set, uint32_t base) {
  for (uint32_t i = 0; i < set->n; i++)
    if (set->part[i].base == base)
      return &set->part[i];
  return NULL;
}
