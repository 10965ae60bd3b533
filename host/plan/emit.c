#include "host/plan/emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void shira_program_free(struct shira_program *p) {
  free(p->d);
  memset(p, 0, sizeof(*p));
}

union shira_descriptor *emit(struct shira_program *p, uint8_t opcode, struct wait w0,
                             struct wait w1, uint8_t signal) {
  if (p->n == p->capacity) {
    uint32_t capacity = p->capacity ? 2 * p->capacity : 64;
    union shira_descriptor *d = realloc(p->d, (size_t)capacity * sizeof(*d));
    if (!d)
      return NULL;
    p->d = d;
    p->capacity = capacity;
  }
  union shira_descriptor *d = &p->d[p->n++];
  memset(d, 0, sizeof(*d));
  d->header.opcode = opcode;
  if (w0.value) {
    d->header.wait0_sem = w0.sem;
    d->header.wait0_value = w0.value;
  }
  if (w1.value) {
    d->header.wait1_sem = w1.sem;
    d->header.wait1_value = w1.value;
  }
  d->header.signal_sem = signal;
  if (signal)
    p->signals[signal]++;
  return d;
}

int emit_copy(struct shira_program *p, uint8_t src_space, uint64_t src, uint8_t dst_space,
              uint64_t dst, uint32_t bytes, uint8_t traffic, struct wait w0, struct wait w1,
              uint8_t signal) {
  union shira_descriptor *d = emit(p, SHIRA_OPCODE_COPY, w0, w1, signal);
  if (!d)
    return -ENOMEM;
  d->copy.src_space = src_space;
  d->copy.dst_space = dst_space;
  d->copy.traffic = traffic;
  d->copy.rows = 1;
  d->copy.src_addr = src;
  d->copy.dst_addr = dst;
  d->copy.row_bytes = bytes;
  d->copy.src_stride = bytes;
  d->copy.dst_stride = bytes;
  d->copy.win_lo = dst;
  d->copy.win_hi = dst + bytes;
  return 0;
}

int emit_scatter(struct shira_program *p, const struct shira_scatter *s, uint32_t base,
                 uint64_t win_lo, uint64_t win_hi, struct wait wait, uint8_t signal) {
  union shira_descriptor *d = emit(p, SHIRA_OPCODE_SCATTER, wait, NO_WAIT, signal);
  if (!d)
    return -ENOMEM;
  d->scatter.op = (uint8_t)s->op;
  d->scatter.format = (uint8_t)s->stream.format;
  d->scatter.traffic = (uint8_t)s->traffic;
  d->scatter.space = s->home ? SHIRA_SPACE_MEMORY : SHIRA_SPACE_WEIGHT;
  d->scatter.updates = s->stream.updates;
  d->scatter.stream_addr = s->stream.addr;
  d->scatter.stream_bytes = s->stream.bytes;
  if (s->home)
    d->scatter.mem_base = s->home + base;
  else
    d->scatter.base = base;
  d->scatter.row_log2 = (uint8_t)s->stream.row_log2;
  d->scatter.k_tiles = s->stream.k_tiles;
  d->scatter.win_lo = win_lo;
  d->scatter.win_hi = win_hi;
  return 0;
}
