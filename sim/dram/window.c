#include "sim/dram/window.h"

#include <stdlib.h>
#include <string.h>

#include "shira/config.h"

static struct shira_dram_request *next_hit(struct shira_dram_request *r, uint32_t row) {
  while (r != NULL && r->place.row != row)
    r = r->bank_next;
  return r;
}

static void wait_for(struct shira_dram_window *w, uint32_t bank, int more) {
  w->waiting[bank] = (uint16_t)(w->waiting[bank] + more);
  const uint64_t bit = (uint64_t)1 << bank;
  w->busy = w->waiting[bank] != 0 ? w->busy | bit : w->busy & ~bit;
}

static void enter(struct shira_dram_window *w, struct shira_dram_side *s,
                  struct shira_dram_request *r) {
  const uint32_t b = shira_dram_bank_of(w, &r->place);
  r->age_next = r->bank_next = NULL;
  r->age_prev = s->youngest;
  *(s->youngest ? &s->youngest->age_next : &s->oldest) = r;
  s->youngest = r;
  r->bank_prev = s->bank[b].tail;
  *(s->bank[b].tail ? &s->bank[b].tail->bank_next : &s->bank[b].head) = r;
  s->bank[b].tail = r;
  s->banks |= (uint64_t)1 << b;
  if (s->bank[b].hit == NULL &&
      shira_dram_open_row(w->timing, r->place.rank, r->place.bank) == r->place.row)
    s->bank[b].hit = r;
  s->seen++;
  wait_for(w, b, 1);
}

static void leave(struct shira_dram_window *w, struct shira_dram_side *s,
                  struct shira_dram_request *r) {
  const uint32_t b = shira_dram_bank_of(w, &r->place);
  *(r->age_prev ? &r->age_prev->age_next : &s->oldest) = r->age_next;
  *(r->age_next ? &r->age_next->age_prev : &s->youngest) = r->age_prev;
  *(r->bank_prev ? &r->bank_prev->bank_next : &s->bank[b].head) = r->bank_next;
  *(r->bank_next ? &r->bank_next->bank_prev : &s->bank[b].tail) = r->bank_prev;
  if (s->bank[b].hit == r)
    s->bank[b].hit = next_hit(r->bank_next, r->place.row);
  if (s->bank[b].head == NULL)
    s->banks &= ~((uint64_t)1 << b);
  s->seen--;
  wait_for(w, b, -1);
}

// Takes requests into the window while there is room and the next one has to wait for nobody.
static void refill(struct shira_dram_window *w, struct shira_dram_side *s) {
  while (s->first != NULL && s->seen < w->size) {
    struct shira_dram_request *r = s->first;
    if (r->after != NULL && r->after->seq == r->after_seq)
      return;
    s->first = r->next;
    if (s->first == NULL)
      s->last = NULL;
    enter(w, s, r);
  }
}

// The youngest request to the same burst that a new one must stay behind, NULL for none.
static struct shira_dram_request *older(const struct shira_dram_window *w, uint64_t burst,
                                        bool write) {
  struct shira_dram_request *found = NULL;
  if (w->bucket[burst % SHIRA_DRAM_BURST_BUCKETS] == 0)
    return NULL;
  for (uint32_t i = 0; i < 2 * w->queue; i++) {
    struct shira_dram_request *r = &w->slots[i];
    const bool other = write ? r->kind == SHIRA_DRAM_READ || w->ecc : r->kind != SHIRA_DRAM_READ;
    if (r->seq != 0 && r->burst == burst && other && (found == NULL || r->seq > found->seq))
      found = r;
  }
  return found;
}

bool shira_dram_window_push(struct shira_dram_window *w, uint64_t burst,
                            const struct shira_dram_place *place, enum shira_dram_kind kind,
                            unsigned traffic, uint32_t tag, uint64_t came, uint64_t now) {
  const bool write = kind != SHIRA_DRAM_READ, fetch = kind == SHIRA_DRAM_MASKED_WRITE && w->ecc;
  if (w->side[write].held == w->queue || (fetch && w->side[0].held == w->queue))
    return false;
  struct shira_dram_request *r = w->free, *after = older(w, burst, write);
  w->free = r->next;
  *r = (struct shira_dram_request){
      .place = *place,
      .burst = burst,
      .came = came,
      .seq = ++w->seq,
      .arrived = now,
      .tag = tag,
      .kind = kind,
      .traffic = (uint8_t)(traffic < SHIRA_DRAM_UNCLASSED ? traffic : SHIRA_DRAM_UNCLASSED),
      .fetch = fetch,
      .after = after,
      .after_seq = after ? after->seq : 0};
  w->side[write].held++;
  w->side[0].held += fetch;
  w->bucket[burst % SHIRA_DRAM_BURST_BUCKETS]++;
  struct shira_dram_side *s = &w->side[write && !fetch];
  *(s->last ? &s->last->next : &s->first) = r;
  s->last = r;
  refill(w, s);
  return true;
}

void shira_dram_window_row(struct shira_dram_window *w, uint32_t bank, uint32_t row) {
  for (unsigned i = 0; i < 2; i++)
    w->side[i].bank[bank].hit =
        row == SHIRA_DRAM_CLOSED ? NULL : next_hit(w->side[i].bank[bank].head, row);
}

static void forget(struct shira_dram_window *w, struct shira_dram_request *r) {
  w->bucket[r->burst % SHIRA_DRAM_BURST_BUCKETS]--;
  r->seq = 0;
  r->next = w->free;
  w->free = r;
}

void shira_dram_window_served(struct shira_dram_window *w, struct shira_dram_request *r, bool write,
                              uint64_t end) {
  struct shira_dram_side *s = &w->side[write];
  leave(w, s, r);
  s->held--;
  if (r->fetch) { // the write follows when the data is there
    r->fetch = r->opened = r->closed = false;
    r->arrived = end;
    r->next = NULL;
    wait_for(w, shira_dram_bank_of(w, &r->place), 1);
    *(w->fetched ? &w->fetched_last->next : &w->fetched) = r;
    w->fetched_last = r;
  } else {
    forget(w, r);
  }
  for (unsigned i = 0; i < 2; i++)
    refill(w, &w->side[i]);
}

void shira_dram_window_return(struct shira_dram_window *w, uint64_t now, uint64_t *wake) {
  while (w->fetched != NULL && w->fetched->arrived <= now) {
    struct shira_dram_request *r = w->fetched;
    w->fetched = r->next;
    wait_for(w, shira_dram_bank_of(w, &r->place), -1);
    enter(w, &w->side[1], r);
  }
  if (w->fetched != NULL && w->fetched->arrived < *wake)
    *wake = w->fetched->arrived;
}

void shira_dram_window_clear(struct shira_dram_window *w) {
  memset(w->side, 0, sizeof w->side);
  memset(w->bucket, 0, sizeof w->bucket);
  memset(w->waiting, 0, sizeof w->waiting);
  w->busy = 0;
  w->fetched = w->fetched_last = NULL;
  w->free = NULL;
  for (uint32_t i = 2 * w->queue; i > 0; i--) {
    w->slots[i - 1].seq = 0;
    w->slots[i - 1].next = w->free;
    w->free = &w->slots[i - 1];
  }
}

bool shira_dram_window_init(struct shira_dram_window *w, const struct shira_dram_setup *d,
                            const struct shira_dram_timing *timing) {
  w->timing = timing;
  w->banks = d->standard.banks * d->standard.bank_groups;
  w->queue = d->queue;
  w->size = d->window;
  w->ecc = d->ecc == SHIRA_ECC_WORD;
  w->slots = calloc(2 * (size_t)d->queue, sizeof *w->slots);
  if (w->slots == NULL)
    return false;
  shira_dram_window_clear(w);
  return true;
}

void shira_dram_window_free(struct shira_dram_window *w) {
  free(w->slots);
}
