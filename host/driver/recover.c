// Back to work after an error.
#include "host/driver/internal.h"

#include <errno.h>
#include <string.h>

#define LOOK_CYCLES 256u // between two looks at a device that drains
#define ACK_LOOKS 16     // register reads until an acknowledgement must show

// Everything in flight has ended and the device is at rest; *halted: it waits for an
// acknowledgement.
static int wait_drained(struct shira_driver *drv, uint64_t limit, bool *halted) {
  struct deadline d;
  deadline_start(drv, &d, limit);
  for (;;) {
    uint32_t status;
    int rc = read_reg(drv, SHIRA_REG_STATUS, &status);
    if (rc || (rc = reap(drv, NULL)) < 0)
      return rc;
    *halted = status & SHIRA_REG_STATUS_HALTED_MASK;
    if (drv->reaped == drv->tail && !(status & SHIRA_REG_STATUS_DRAINING_MASK))
      return 0;
    const uint64_t left = deadline_left(drv, &d);
    if (!left)
      return shira_fail(&drv->error, ETIMEDOUT, "the device did not drain within %llu cycles",
                        (unsigned long long)limit);
    const uint64_t step = left < LOOK_CYCLES ? left : LOOK_CYCLES;
    const uint64_t before = device_cycles(drv);
    if ((rc = drv->ops->advance(drv->dev, step)))
      return device_error(drv, rc, "an advance of time");
    deadline_step(drv, &d, before, step);
  }
}

static int acknowledge(struct shira_driver *drv) {
  int rc = write_reg(drv, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_ACK_MASK);
  for (int look = 0; !rc && look < ACK_LOOKS; look++) {
    uint32_t status, head, count;
    if ((rc = read_reg(drv, SHIRA_REG_STATUS, &status)) ||
        (rc = read_reg(drv, SHIRA_REG_RING_HEAD, &head)) ||
        (rc = read_reg(drv, SHIRA_REG_COMPLETION_COUNT, &count)))
      return rc;
    if (status & SHIRA_REG_STATUS_HALTED_MASK)
      continue;
    if (head != drv->tail || count != drv->tail)
      return shira_fail(&drv->error, EPROTO,
                        "after the acknowledgement head is %u and completions %u, tail is %u", head,
                        count, drv->tail);
    return write_reg(drv, SHIRA_REG_IRQ_STATUS,
                     SHIRA_REG_IRQ_STATUS_COMPLETION_MASK | SHIRA_REG_IRQ_STATUS_ERROR_MASK);
  }
  return rc ? rc : shira_fail(&drv->error, EPROTO, "the device ignored an acknowledgement");
}

int shira_recover(struct shira_driver *drv, uint64_t limit) {
  bool halted = false;
  if (drv->health == HEALTH_ALIVE || drv->health == HEALTH_HALTED) {
    if (wait_drained(drv, limit, &halted) == 0) {
      if (!halted && drv->health == HEALTH_ALIVE)
        return 0;
      if (halted && acknowledge(drv) == 0) {
        memset(drv->signals, 0, sizeof(drv->signals));
        drv->cancel_count = 0; // the acknowledgement cleared it
        drv->failed = false;
        drv->health = HEALTH_ALIVE;
        drv->stats.recoveries++;
        return 0;
      }
    }
  }
  int rc = shira_reset(drv);
  return rc ? rc : 1;
}
