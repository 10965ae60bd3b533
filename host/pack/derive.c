// Streams made from an adapter's streams; see shira/pack.h.
#include <errno.h>
#include <stdlib.h>

#include "host/pack/set.h"

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

// Of no part there are none.
static int decode(const struct shira_stream_rules *rules, const struct shira_stream_part *part,
                  struct updates *u, struct shira_error *e) {
  const struct shira_stream *stream = part ? &part->stream : &(const struct shira_stream){0};
  u->n = stream->updates;
  u->pos = malloc((u->n + 1) * sizeof *u->pos);
  u->value = malloc(u->n + 1);
  if (!u->pos || !u->value)
    return shira_fail(e, ENOMEM, "no memory for %u updates", u->n);
  int n =
      u->n ? shira_stream_decode(rules, stream->data, stream->bytes, u->pos, u->value, u->n, e) : 0;
  return n < 0 ? n : 0;
}

// Merges two lists of updates in order of position; where both have one, the second's counts.
// Returns how many there are in pos and value.
static uint32_t merge(const struct updates *x, const struct updates *y, uint32_t *pos,
                      uint8_t *value) {
  uint32_t a = 0, b = 0, n = 0;
  while (a < x->n || b < y->n) {
    if (b == y->n || (a < x->n && x->pos[a] < y->pos[b])) {
      pos[n] = x->pos[a];
      value[n++] = x->value[a++];
    } else {
      a += a < x->n && x->pos[a] == y->pos[b];
      pos[n] = y->pos[b];
      value[n++] = y->value[b++];
    }
  }
  return n;
}

// Adds the transition of one image to the set; one of both streams may be NULL.
static int add_transition(struct shira_stream_set *set, const struct shira_stream_rules *rules,
                          const struct shira_stream_part *undo,
                          const struct shira_stream_part *apply, struct shira_error *e) {
  struct updates old = {0}, new = {0};
  uint32_t *pos = NULL;
  uint8_t *value = NULL;
  int err = decode(rules, undo, &old, e);
  if (!err)
    err = decode(rules, apply, &new, e);
  if (!err) {
    size_t n = (size_t)old.n + new.n;
    pos = malloc((n + 1) * sizeof *pos);
    value = malloc(n + 1);
    if (n > UINT32_MAX)
      err = shira_fail(e, EOVERFLOW, "%zu updates do not fit 32 bits", n);
    else if (!pos || !value)
      err = shira_fail(e, ENOMEM, "no memory for %zu updates", n);
  }
  if (!err)
    err = set_add(set, rules, apply ? apply : undo, pos, value, merge(&old, &new, pos, value), e);
  free(pos);
  free(value);
  free_updates(&old);
  free_updates(&new);
  return err;
}

int shira_pack_transition(const struct shira_stream_rules *rules,
                          const struct shira_stream_set *undo, const struct shira_stream_set *apply,
                          struct shira_stream_set *set, struct shira_error *e) {
  *set = (struct shira_stream_set){0};
  int err = 0;
  for (uint32_t i = 0; !err && i < apply->n; i++)
    err = add_transition(set, rules, set_find(undo, apply->part[i].base), &apply->part[i], e);
  for (uint32_t i = 0; !err && i < undo->n; i++)
    if (!set_find(apply, undo->part[i].base))
      err = add_transition(set, rules, &undo->part[i], NULL, e);
  if (err)
    shira_stream_set_free(set);
  return err;
}

// Adds the delta of one image to the set.
static int add_delta(struct shira_stream_set *set, const struct shira_stream_rules *rules,
                     const struct shira_stream_part *undo, const struct shira_stream_part *apply,
                     struct shira_error *e) {
  struct updates old = {0}, new = {0};
  int err = decode(rules, undo, &old, e);
  if (!err)
    err = decode(rules, apply, &new, e);
  for (uint32_t i = 0; !err && (i < new.n || i < old.n); i++) {
    if (new.n != old.n || new.pos[i] != old.pos[i])
      err = shira_fail(e, EINVAL, "the streams have different positions");
    else
      new.value[i] = (uint8_t)(new.value[i] - old.value[i]);
  }
  if (!err)
    err = set_add(set, rules, apply, new.pos, new.value, new.n, e);
  free_updates(&old);
  free_updates(&new);
  return err;
}

int shira_pack_delta(const struct shira_stream_rules *rules, const struct shira_stream_set *undo,
                     const struct shira_stream_set *apply, struct shira_stream_set *set,
                     struct shira_error *e) {
  *set = (struct shira_stream_set){0};
  int err = 0;
  for (uint32_t i = 0; !err && i < apply->n; i++)
    err = add_delta(set, rules, set_find(undo, apply->part[i].base), &apply->part[i], e);
  if (err)
    shira_stream_set_free(set);
  return err;
}

// The first position that is not before the chunk.
static uint32_t chunk_position(const struct shira_stream_rules *rules,
                               const struct shira_stream_part *part,
                               const struct shira_pack_chunk *chunk) {
  return rules->layout == SHIRA_LAYOUT_ROW ? chunk->row << part->row_log2
                                           : chunk->start - part->base;
}

// Cuts one stream at chunks [0, n); of no part there are only chunks without updates.
static int cut_part(struct shira_stream_set *set, const struct shira_stream_rules *rules,
                    const struct shira_stream_part *part, const struct shira_pack_chunk *chunk,
                    uint32_t n, struct shira_error *e) {
  struct shira_stream_part like = part ? *part : (struct shira_stream_part){0};
  struct updates u = {0};
  int err = decode(rules, part, &u, e);
  like.base = 0;
  for (uint32_t c = 0, at = 0; !err && c < n; c++) {
    uint32_t first = at, start = part ? chunk_position(rules, part, &chunk[c]) : 0;
    for (; at < u.n && (c + 1 == n || u.pos[at] < chunk_position(rules, part, &chunk[c + 1])); at++)
      u.pos[at] -= start;
    err = set_add(set, rules, &like, u.pos + first, u.value + first, at - first, e);
  }
  free_updates(&u);
  return err;
}

int shira_pack_segments(const struct shira_stream_rules *rules,
                        const struct shira_stream_set *apply, const struct shira_pack_chunk *chunk,
                        uint32_t n, struct shira_stream_set *set, struct shira_error *e) {
  *set = (struct shira_stream_set){0};
  int err = 0;
  for (uint32_t i = 0, end; !err && i < n; i = end) {
    const bool row = rules->layout == SHIRA_LAYOUT_ROW;
    for (end = i + 1; end < n && (!row || chunk[end].image == chunk[i].image);)
      end++;
    err = cut_part(set, rules, set_find(apply, row ? chunk[i].image : 0), chunk + i, end - i, e);
  }
  if (err)
    shira_stream_set_free(set);
  return err;
}
