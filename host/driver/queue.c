// The two rings: descriptors in, completion records out.
#include "host/driver/internal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "host/driver/barrier.h"

#define FLAG_IRQ 1u

struct slot *slot_of(const struct shira_driver *drv, uint32_t seq) {
  return &drv->slots[seq & (drv->entries - 1)];
}

int check_answers(struct shira_driver *drv) {
  if (drv->health == HEALTH_DEAD)
    return shira_fail(&drv->error, ENODEV, "the device did not answer before; reset it first");
  return 0;
}

int check_usable(struct shira_driver *drv) {
  switch (drv->health) {
  case HEALTH_HALTED:
    return shira_fail(&drv->error, ESHUTDOWN, "the device halted on an error; recover it first");
  case HEALTH_BROKEN:
    return shira_fail(&drv->error, EPROTO, "the device misbehaved before; reset it first");
  default:
    return check_answers(drv);
  }
}

uint32_t ring_space(const struct shira_driver *drv) {
  return drv->entries - (drv->tail - drv->oldest);
}

// Who executes an opcode; what no engine knows is ended by the command unit.
static unsigned engine_of(unsigned opcode) {
  switch (opcode) {
  case SHIRA_OPCODE_COPY:
    return SHIRA_ENGINE_COPY;
  case SHIRA_OPCODE_SCATTER:
    return SHIRA_ENGINE_SCATTER;
  case SHIRA_OPCODE_GEMM:
    return SHIRA_ENGINE_GEMM;
  default:
    return SHIRA_ENGINE_COMMAND;
  }
}

// ---- Descriptors ----------------------------------------------------------------------------

static int check_wait(struct shira_driver *drv, unsigned i, const uint32_t *signals, unsigned sem,
                      uint32_t value) {
  if (sem >= SHIRA_SEMAPHORES)
    return shira_fail(&drv->error, EINVAL,
                      "descriptor %u waits for semaphore %u; there are 1 to %u", i, sem,
                      (unsigned)SHIRA_SEMAPHORES - 1);
  if (sem && value > signals[sem])
    return shira_fail(&drv->error, EINVAL,
                      "descriptor %u waits for signal %u of semaphore %u, but only %u come before "
                      "it: it would wait forever",
                      i, value, sem, signals[sem]);
  return 0;
}

int check_program(struct shira_driver *drv, const union shira_descriptor *descs, unsigned n) {
  if (n == 0 || n > INT32_MAX)
    return shira_fail(&drv->error, EINVAL, "a program of %u descriptors", n);
  if (drv->unchecked)
    return 0;
  uint32_t signals[SHIRA_SEMAPHORES] = {0};
  for (unsigned i = 0; i < n; i++) {
    const struct shira_desc_header *h = &descs[i].header;
    if (h->opcode < SHIRA_OPCODE_NOP || h->opcode > SHIRA_OPCODE_GEMM)
      return shira_fail(&drv->error, EINVAL, "descriptor %u has opcode %u, which does not exist", i,
                        h->opcode);
    if (h->flags & ~FLAG_IRQ)
      return shira_fail(&drv->error, EINVAL,
                        "descriptor %u has unknown flags 0x%02x, in byte 1 of it", i, h->flags);
    const int reserved = shira_reserved_byte(&descs[i]);
    if (reserved >= 0)
      return shira_fail(&drv->error, EINVAL,
                        "descriptor %u: byte %d is reserved and must be 0, but is 0x%02x", i,
                        reserved, descs[i].raw[reserved]);
    int rc;
    if ((rc = check_wait(drv, i, signals, h->wait0_sem, h->wait0_value)) ||
        (rc = check_wait(drv, i, signals, h->wait1_sem, h->wait1_value)))
      return rc;
    if (h->signal_sem >= SHIRA_SEMAPHORES)
      return shira_fail(&drv->error, EINVAL,
                        "descriptor %u signals semaphore %u; there are 1 to %u", i, h->signal_sem,
                        (unsigned)SHIRA_SEMAPHORES - 1);
    signals[h->signal_sem]++; // [0] counts those that signal nothing, and nobody waits for it
  }
  return 0;
}

// The range that was cancelled last has ended: it can no longer be met, not even when the sequence
// numbers come round.
static int forget_cancel(struct shira_driver *drv) {
  if (!drv->cancel_count)
    return 0;
  drv->cancel_count = 0;
  return write_reg(drv, SHIRA_REG_CANCEL_COUNT, 0);
}

// Of the range that was cancelled last some have not ended.
static bool cancel_pending(const struct shira_driver *drv) {
  const uint32_t end = drv->cancel_first + drv->cancel_count;
  return drv->cancel_count && (int32_t)(end - drv->oldest) > 0;
}

void program_begin(const struct shira_driver *drv, struct program *program) {
  memcpy(program->base, drv->signals, sizeof(program->base));
}

// Unchecked descriptors may name semaphores that do not exist: those stay as they are.
static uint32_t rebase(const struct program *program, unsigned sem, uint32_t value) {
  return sem && sem < SHIRA_SEMAPHORES ? program->base[sem] + value : value;
}

int enqueue(struct shira_driver *drv, struct program *program, const union shira_descriptor *descs,
            unsigned n, unsigned irq_every) {
  if (!cancel_pending(drv)) {
    const int rc = forget_cancel(drv);
    if (rc)
      return rc;
  }
  unsigned last[SHIRA_ENGINE_COUNT] = {0};
  for (unsigned i = 0; i < n; i++)
    last[engine_of(descs[i].header.opcode)] = i;

  union shira_descriptor *ring = drv->ring.host;
  for (unsigned i = 0; i < n; i++) {
    union shira_descriptor d = descs[i];
    struct shira_desc_header *h = &d.header;
    const uint32_t seq = drv->tail + i;
    if (!drv->polling && (last[engine_of(h->opcode)] == i || (irq_every && seq % irq_every == 0)))
      h->flags |= FLAG_IRQ;
    h->wait0_value = rebase(program, h->wait0_sem, h->wait0_value);
    h->wait1_value = rebase(program, h->wait1_sem, h->wait1_value);
    if (h->signal_sem && h->signal_sem < SHIRA_SEMAPHORES)
      drv->signals[h->signal_sem]++;
    *slot_of(drv, seq) = (struct slot){.opcode = h->opcode, .irq = h->flags & FLAG_IRQ};
    memcpy(&ring[seq & (drv->entries - 1)], &d, sizeof(d));
  }
  drv->tail += n;
  drv->stats.doorbells++;
  barrier_before_doorbell();
  return write_reg(drv, SHIRA_REG_RING_TAIL, drv->tail);
}

int shira_submit(struct shira_driver *drv, const union shira_descriptor *descs, unsigned n,
                 uint32_t *first_seq) {
  int rc = check_usable(drv);
  if (rc || (rc = check_program(drv, descs, n)))
    return rc;
  if (n > drv->entries)
    return shira_fail(&drv->error, EMSGSIZE, "%u descriptors do not fit a ring of %u entries", n,
                      drv->entries);
  if ((rc = reap(drv, NULL)) < 0 || (rc = check_usable(drv)))
    return rc;
  if (n > ring_space(drv))
    return shira_fail(&drv->error, EAGAIN, "the ring has %u free entries of %u, %u are needed",
                      ring_space(drv), drv->entries, n);
  if (first_seq)
    *first_seq = drv->tail;
  struct program program;
  program_begin(drv, &program);
  return enqueue(drv, &program, descs, n, 0);
}

// ---- Cancelling -----------------------------------------------------------------------------

int shira_cancel(struct shira_driver *drv, uint32_t seq, unsigned n) {
  int rc = check_usable(drv);
  if (rc)
    return rc;
  if (n == 0 || n > drv->entries || (int32_t)(seq + n - drv->tail) > 0 ||
      (int32_t)(seq - drv->tail) >= 0)
    return shira_fail(&drv->error, EINVAL,
                      "cannot cancel %u descriptors from %u on: the next to be submitted is %u", n,
                      seq, drv->tail);
  if ((rc = reap(drv, NULL)) < 0 || (rc = check_usable(drv)))
    return rc;
  if ((int32_t)(seq + n - drv->oldest) <= 0)
    return shira_fail(&drv->error, EALREADY, "descriptor %u has ended", seq + n - 1);
  if (cancel_pending(drv))
    return shira_fail(&drv->error, EBUSY, "descriptors %u to %u are being cancelled",
                      drv->cancel_first, drv->cancel_first + drv->cancel_count - 1);
  if ((rc = forget_cancel(drv)))
    return rc;
  for (unsigned i = 0; i < n; i++)
    if ((int32_t)(seq + i - drv->oldest) >= 0) // else its slot may have another descriptor
      slot_of(drv, seq + i)->cancelled = true;
  drv->cancel_first = seq;
  drv->cancel_count = n;
  if ((rc = write_reg(drv, SHIRA_REG_CANCEL_FIRST, seq)))
    return rc;
  return write_reg(drv, SHIRA_REG_CANCEL_COUNT, n);
}

// ---- Completions ----------------------------------------------------------------------------

// A record is what another machine wrote: nothing of it is used before it is found possible.
static int check_completion(struct shira_driver *drv, const struct shira_completion *c) {
  const char *wrong = NULL;
  const struct slot *slot = slot_of(drv, c->seq);
  if (c->seq - drv->oldest >= drv->tail - drv->oldest)
    wrong = "its descriptor is not in flight";
  else if (slot->done)
    wrong = "its descriptor has ended before";
  else if (c->status >= SHIRA_STATUS_COUNT)
    wrong = "its status does not exist";
  else if (c->engine >= SHIRA_ENGINE_COUNT)
    wrong = "its engine does not exist";
  else if (c->opcode != slot->opcode && (c->opcode || c->status == SHIRA_STATUS_OK))
    wrong = "its opcode is not the descriptor's";
  else if (c->status == SHIRA_STATUS_OK && c->engine != engine_of(c->opcode))
    wrong = "its engine does not execute its opcode";
  if (!wrong)
    return 0;
  drv->health = HEALTH_BROKEN;
  return shira_fail(&drv->error, EPROTO,
                    "completion record %u cannot be true: %s (seq %u, status %u, opcode %u, engine "
                    "%u; in flight are %u to %u)",
                    drv->reaped, wrong, c->seq, c->status, c->opcode, c->engine, drv->oldest,
                    drv->tail - 1);
}

static void note_failure(struct shira_driver *drv, const struct shira_completion *c) {
  // Cancelled by the host alone, if the device did not halt: then another record says so.
  if (c->status == SHIRA_STATUS_CANCELLED && slot_of(drv, c->seq)->cancelled)
    return;
  drv->health = HEALTH_HALTED;
  if (!drv->failed && c->status != SHIRA_STATUS_CANCELLED) {
    drv->failed = true;
    drv->failure = *c;
  }
}

int reap(struct shira_driver *drv, bool *asked) {
  if (drv->health == HEALTH_BROKEN)
    return check_usable(drv);
  const uint8_t *ring = drv->completions.host;
  int n = 0;
  while (drv->reaped != drv->tail) {
    const uint8_t *record =
        ring + (size_t)(drv->reaped & (drv->entries - 1)) * SHIRA_COMPLETION_BYTES;
    const uint32_t fresh = ~(drv->reaped >> drv->log2_entries) & 1u; // 1 in the first round
    const uint32_t phase =
        *(const volatile uint32_t *)(record + offsetof(struct shira_completion, phase));
    if ((phase & 1u) != fresh)
      break;
    barrier_after_phase();
    struct shira_completion c; // a copy, so that the device cannot change it after the check
    memcpy(&c, record, sizeof(c));
    int rc = check_completion(drv, &c);
    if (rc)
      return rc;
    struct slot *slot = slot_of(drv, c.seq);
    slot->completion = c;
    slot->done = true;
    if (c.status != SHIRA_STATUS_OK)
      note_failure(drv, &c);
    if (asked && slot->irq && c.status != SHIRA_STATUS_CANCELLED)
      *asked = true;
    drv->reaped++;
    n++;
    while (drv->oldest != drv->tail && slot_of(drv, drv->oldest)->done)
      drv->oldest++;
  }
  return n;
}
