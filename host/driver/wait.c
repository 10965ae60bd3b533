// Waiting with deadlines, and running whole programs.
#include "host/driver/internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define POLL_CYCLES 256u   // between two looks when polling
#define WAKE_CYCLES 64u    // what a wake-up is charged where the device's cycles stand still
#define GRACE_CYCLES 4096u // from a completion in memory to its interrupt, write response included
#define SETTLE_CYCLES 65536u // from the last completion in memory to its write response
#define DRAIN_CYCLES 65536u  // from a halt, or a completion after it, to the next completion

// ---- Deadlines ------------------------------------------------------------------------------

void deadline_start(struct shira_driver *drv, struct deadline *d, uint64_t limit) {
  *d = (struct deadline){.limit = limit, .start = device_cycles(drv)};
}

static uint64_t elapsed(struct shira_driver *drv, const struct deadline *d) {
  return device_cycles(drv) - d->start + d->frozen;
}

void deadline_step(struct shira_driver *drv, struct deadline *d, uint64_t before, uint64_t charge) {
  if (device_cycles(drv) == before)
    d->frozen += charge;
}

uint64_t deadline_left(struct shira_driver *drv, const struct deadline *d) {
  const uint64_t gone = elapsed(drv, d);
  return gone < d->limit ? d->limit - gone : 0;
}

static uint64_t least(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

// ---- One step -------------------------------------------------------------------------------

static int broken_error(struct shira_driver *drv, const char *what) {
  uint32_t error = 0;
  uint64_t where = 0;
  int rc;
  if ((rc = read_reg(drv, SHIRA_REG_ERROR_STATUS, &error)) ||
      (rc = read_reg64(drv, SHIRA_REG_ERROR_WHERE_LO, &where)))
    return rc;
  drv->health = HEALTH_BROKEN;
  return shira_fail(&drv->error, EIO,
                    "%s, %u are in memory, %u descriptors were submitted; its error: %s at 0x%llx",
                    what, drv->reaped, drv->tail, shira_status_name(error),
                    (unsigned long long)where);
}

// Compares the device's own account with the ring, so that a completion that never reached memory,
// or a device that halted and does not wind down, ends the wait. Returns how many records it took,
// or an error.
static int check_device(struct shira_driver *drv, struct deadline *d) {
  uint32_t status, count;
  int rc;
  if ((rc = read_reg(drv, SHIRA_REG_STATUS, &status)) ||
      (rc = read_reg(drv, SHIRA_REG_COMPLETION_COUNT, &count)))
    return rc;
  int taken = reap(drv, NULL); // after the registers: all that they count is in memory by now
  if (taken < 0)
    return taken;
  const bool halted = status & SHIRA_REG_STATUS_HALTED_MASK;
  const bool draining = status & SHIRA_REG_STATUS_DRAINING_MASK;
  const bool missing = (int32_t)(count - drv->reaped) > 0;
  char what[128];
  if (missing || (halted && !draining && drv->reaped != drv->tail)) {
    snprintf(what, sizeof(what), "completion record %u never came: the device counts %u written",
             drv->reaped, count);
    return broken_error(drv, what);
  }
  if (!halted || taken)
    d->halted = 0;
  else if (d->halted == 0)
    d->halted = elapsed(drv, d) + 1;
  else if (elapsed(drv, d) - d->halted >= DRAIN_CYCLES) {
    snprintf(what, sizeof(what),
             "the device halted and did not drain within %u cycles: it counts %u completion "
             "records written",
             DRAIN_CYCLES, count);
    return broken_error(drv, what);
  }
  return taken;
}

// Clears what is pending, before the look at the ring, so that nothing is lost in between.
static int clear_irq(struct shira_driver *drv) {
  return write_reg(drv, SHIRA_REG_IRQ_STATUS,
                   SHIRA_REG_IRQ_STATUS_COMPLETION_MASK | SHIRA_REG_IRQ_STATUS_ERROR_MASK);
}

// No interrupt within a slice: was there one to come?
static int look_for_lost(struct shira_driver *drv) {
  bool asked = false;
  int taken = reap(drv, &asked);
  if (taken >= 0 && asked) {
    int rc = drv->ops->wait_irq(drv->dev, GRACE_CYCLES);
    if (rc == -ETIMEDOUT)
      drv->stats.lost_interrupts++;
    else if (rc)
      return device_error(drv, rc, "a wait for an interrupt");
    else
      drv->stats.interrupts++;
  }
  return taken;
}

static int step_irq(struct shira_driver *drv, struct deadline *d) {
  const uint64_t slice = least(drv->irq_slice, deadline_left(drv, d));
  const uint64_t before = device_cycles(drv);
  int taken = 0, rc = drv->ops->wait_irq(drv->dev, slice);
  deadline_step(drv, d, before, rc ? slice : least(WAKE_CYCLES, slice));
  if (rc == 0) {
    drv->stats.interrupts++;
  } else if (rc == -ETIMEDOUT) {
    if ((taken = look_for_lost(drv)) < 0)
      return taken;
  } else {
    return device_error(drv, rc, "a wait for an interrupt");
  }
  const bool woken = rc == 0;
  if ((rc = clear_irq(drv)))
    return rc;
  if ((rc = reap(drv, NULL)) < 0)
    return rc;
  taken += rc;
  if (woken && taken)
    return taken;
  rc = check_device(drv, d);
  return rc < 0 ? rc : taken + rc;
}

static int step_polling(struct shira_driver *drv, struct deadline *d) {
  const uint64_t step = least(POLL_CYCLES, deadline_left(drv, d));
  const uint64_t before = device_cycles(drv);
  int rc = drv->ops->advance(drv->dev, step);
  if (rc)
    return device_error(drv, rc, "an advance of time");
  deadline_step(drv, d, before, step);
  const int taken = reap(drv, NULL);
  if (taken)
    return taken;
  const uint64_t gone = elapsed(drv, d);
  if (gone - d->checked < drv->irq_slice)
    return 0;
  d->checked = gone;
  return check_device(drv, d);
}

int wait_progress(struct shira_driver *drv, struct deadline *d) {
  return drv->polling ? step_polling(drv, d) : step_irq(drv, d);
}

// ---- One descriptor -------------------------------------------------------------------------

static int timeout_error(struct shira_driver *drv, uint32_t seq, uint64_t limit) {
  char state[400];
  int rc = queue_text(drv, state, sizeof(state));
  if (rc)
    return rc;
  return shira_fail(&drv->error, ETIMEDOUT,
                    "timeout: descriptor %u (%s) did not end within %llu "
                    "cycles; %s",
                    seq, shira_opcode_name(slot_of(drv, seq)->opcode), (unsigned long long)limit,
                    state);
}

int shira_wait(struct shira_driver *drv, uint32_t seq, uint64_t limit,
               struct shira_completion *out) {
  if (out)
    memset(out, 0, sizeof(*out));
  if ((int32_t)(seq - drv->tail) >= 0)
    return shira_fail(&drv->error, EINVAL, "descriptor %u was not submitted; the next is %u", seq,
                      drv->tail);
  if (drv->tail - seq > drv->entries)
    return shira_fail(&drv->error, ENOENT,
                      "the completion of descriptor %u is no longer kept; the oldest kept is %u",
                      seq, drv->tail - drv->entries);
  const struct slot *slot = slot_of(drv, seq);
  struct deadline d;
  deadline_start(drv, &d, limit);
  int rc = 0;
  if (!slot->done && (rc = reap(drv, NULL)) < 0)
    return rc;
  while (!slot->done) {
    if ((rc = check_answers(drv)))
      return rc;
    if (!deadline_left(drv, &d))
      return timeout_error(drv, seq, limit);
    if ((rc = wait_progress(drv, &d)) < 0)
      return rc;
  }
  if (out)
    *out = slot->completion;
  return slot->completion.status == SHIRA_STATUS_OK ? 0 : status_error(drv, &slot->completion);
}

// ---- Whole programs -------------------------------------------------------------------------

// The newest completion's cycle is valid when its write response is in, shortly after the record
// was seen in memory.
static int read_completion_cycle(struct shira_driver *drv, uint64_t *cycle) {
  struct deadline d;
  deadline_start(drv, &d, SETTLE_CYCLES);
  for (;;) {
    uint32_t count;
    int rc = read_reg(drv, SHIRA_REG_COMPLETION_COUNT, &count);
    if (rc)
      return rc;
    if (count == drv->tail)
      return read_reg64(drv, SHIRA_REG_COMPLETION_CYCLE_LO, cycle);
    if (!deadline_left(drv, &d)) {
      drv->health = HEALTH_BROKEN;
      return shira_fail(&drv->error, EIO,
                        "%u completion records are in memory, but the device counts %u", drv->tail,
                        count);
    }
    const uint64_t before = device_cycles(drv);
    if ((rc = drv->ops->advance(drv->dev, WAKE_CYCLES)))
      return device_error(drv, rc, "an advance of time");
    deadline_step(drv, &d, before, WAKE_CYCLES);
  }
}

// Ended descriptors leave their slots in the program's order, before the slots are used again.
static void gather(struct shira_driver *drv, struct shira_run_result *r) {
  for (; r->first_seq + r->ended != drv->oldest; r->ended++)
    if (r->completions)
      r->completions[r->ended] = slot_of(drv, r->first_seq + r->ended)->completion;
}

static int begin_run(struct shira_driver *drv, const union shira_descriptor *descs, unsigned n,
                     struct shira_run_result *r) {
  struct shira_completion *completions = r->completions;
  *r = (struct shira_run_result){.completions = completions, .first_seq = drv->tail};
  if (completions)
    memset(completions, 0, n * sizeof(*completions));
  int rc = check_usable(drv);
  if (rc || (rc = check_program(drv, descs, n)))
    return rc;
  if ((rc = reap(drv, NULL)) < 0 || (rc = check_usable(drv)))
    return rc;
  if (drv->reaped != drv->tail)
    return shira_fail(&drv->error, EBUSY, "%u descriptors of earlier calls are in flight",
                      drv->tail - drv->reaped);
  return 0;
}

// Submits as much as fits, if that is worth a doorbell. Returns how many, or an error.
static int refill(struct shira_driver *drv, struct program *program,
                  const union shira_descriptor *descs, unsigned n, struct shira_run_result *r) {
  const unsigned batch = drv->entries >= 4 ? drv->entries / 4 : 1;
  const unsigned rest = n - r->submitted;
  unsigned k = ring_space(drv) < rest ? ring_space(drv) : rest;
  if (drv->health != HEALTH_ALIVE || k == 0 || (k < rest && k < batch))
    return 0;
  int rc = enqueue(drv, program, descs + r->submitted, k, n > drv->entries ? batch : 0);
  if (rc)
    return rc;
  r->submitted += k;
  if (r->doorbells++ == 0 &&
      (rc = read_reg64(drv, SHIRA_REG_DOORBELL_CYCLE_LO, &r->doorbell_cycle)))
    return rc;
  return (int)k;
}

static int end_run(struct shira_driver *drv, struct shira_run_result *r) {
  int rc = read_completion_cycle(drv, &r->completion_cycle);
  if (rc)
    return rc;
  r->cycles = r->completion_cycle - r->doorbell_cycle;
  if (drv->health == HEALTH_ALIVE)
    return 0;
  if (!drv->failed) {
    drv->health = HEALTH_BROKEN;
    return shira_fail(&drv->error, EPROTO, "descriptors were cancelled, but none failed");
  }
  const struct shira_completion *c = &drv->failure;
  r->status = (enum shira_status)c->status;
  r->error_seq = c->seq;
  r->error_index = c->seq - r->first_seq;
  r->error_where = c->where;
  return status_error(drv, c);
}

int shira_run(struct shira_driver *drv, const union shira_descriptor *descs, unsigned n,
              uint64_t limit, struct shira_run_result *result) {
  int rc = begin_run(drv, descs, n, result);
  if (rc)
    return rc;
  struct program program;
  program_begin(drv, &program);
  struct deadline d;
  deadline_start(drv, &d, limit);
  for (;;) {
    gather(drv, result);
    if ((rc = refill(drv, &program, descs, n, result)) < 0)
      return rc;
    if (result->ended == result->submitted) // all done, or no more taken after an error
      return end_run(drv, result);
    if (rc == 0 && !deadline_left(drv, &d))
      return timeout_error(drv, drv->oldest, limit);
    if ((rc = reap(drv, NULL)) == 0 && deadline_left(drv, &d))
      rc = wait_progress(drv, &d);
    if (rc < 0)
      return rc;
  }
}
