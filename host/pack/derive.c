// Streams made from an adapter's streams; see shira/pack.h.
#include <errno.h>
#include <stdlib.h>

#include "shira/pack.h"

// The updates of a stream.
struct updates {
  uint32_t n;
  uint32_t *pos;
  uint8_t *value;
};

static void free_updates(struct updates *u) {
  free(u->pos);
  free(u->value);
}

static int decode(const struct shira_stream_rules *rules, const struct shira_stream *stream,
                  struct updates *u, struct shira_error *e) {
  u->n = stream->updates;
  u->pos = malloc((u->n + 1) * sizeof *u->pos);
  u->value = malloc(u->n + 1);
  if (!u->pos || !u->value)
    return shira_fail(e, ENOMEM, "no memory for %u updates", u->n);
  int n =
      u->n ? shira_stream_decode(rules, stream->data, stream->bytes, u->pos, u->value, u->n, e) : 0;
  return n < 0 ? n : 0;
}

int shira_pack_delta(const struct shira_stream_rules *rules, const struct shira_stream *undo,
                     const struct shira_stream *apply, struct shira_stream *stream,
                     struct shira_error *e) {
  struct updates old = {0}, new = {0};
  *stream = (struct shira_stream){0};
  int err = decode(rules, undo, &old, e);
  if (!err)
    err = decode(rules, apply, &new, e);
  for (uint32_t i = 0; !err && i < new.n; i++) {
    if (new.n != old.n || new.pos[i] != old.pos[i])
      err = shira_fail(e, EINVAL, "the streams have different positions");
    else
      new.value[i] = (uint8_t)(new.value[i] - old.value[i]);
  }
  if (!err)
    err = shira_stream_encode(rules, new.pos, new.value, new.n, stream, e);
  free_updates(&old);
  free_updates(&new);
  return err;
}

int shira_pack_segments(const struct shira_stream_rules *rules, const struct shira_stream *apply,
                        const uint32_t *start, uint32_t n, struct shira_stream *segment,
                        struct shira_error *e) {
  struct updates u = {0};
  for (uint32_t i = 0; i < n; i++)
    segment[i] = (struct shira_stream){0};
  int err = decode(rules, apply, &u, e);
  uint32_t at = 0;
  if (!err && u.n && u.pos[0] < start[0])
    err = shira_fail(e, EINVAL, "position %u lies before the first segment", u.pos[0]);
  for (uint32_t i = 0; !err && i < n; i++) {
    uint32_t first = at;
    for (; at < u.n && u.pos[at] < start[i + 1]; at++)
      u.pos[at] -= start[i];
    err = shira_stream_encode(rules, u.pos + first, u.value + first, at - first, &segment[i], e);
  }
  if (!err && at < u.n)
    err = shira_fail(e, EINVAL, "position %u lies behind the last segment", u.pos[at]);
  for (uint32_t i = 0; err && i < n; i++)
    shira_stream_free(&segment[i]);
  free_updates(&u);
  return err;
}
