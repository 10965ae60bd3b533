// The one table from device status to errno to sentence.
#include "host/driver/internal.h"

#include <errno.h>
#include <stdio.h>

static const struct {
  int err;
  const char *text;
} table[] = {
    [SHIRA_STATUS_OK] = {0, "done"},
    [SHIRA_STATUS_BAD_OPCODE] = {ENOSYS, "the device does not know the opcode"},
    [SHIRA_STATUS_BAD_FIELD] =
        {EINVAL, "a field of the descriptor has an illegal value, or a reserved byte "
                 "is not 0"},
    [SHIRA_STATUS_BAD_ALIGN] = {EINVAL, "a field of the descriptor is not aligned"},
    [SHIRA_STATUS_BAD_RANGE] = {ERANGE, "an access would leave its SRAM"},
    [SHIRA_STATUS_WINDOW] = {EACCES, "a write would leave the descriptor's window"},
    [SHIRA_STATUS_STREAM_CRC] = {EBADMSG, "the checksum of a stream block is wrong"},
    [SHIRA_STATUS_STREAM_ORDER] = {EILSEQ, "the blocks of a stream are out of order"},
    [SHIRA_STATUS_STREAM_FORMAT] = {ENOEXEC, "a stream block is malformed"},
    [SHIRA_STATUS_STREAM_LENGTH] = {EMSGSIZE,
                                    "the stream's length or updates are not the descriptor's"},
    [SHIRA_STATUS_READ_SLVERR] = {EREMOTEIO, "memory answered a read with SLVERR"},
    [SHIRA_STATUS_READ_DECERR] = {EFAULT, "no memory answers at the address of a read (DECERR)"},
    [SHIRA_STATUS_WRITE_SLVERR] = {EREMOTEIO, "memory answered a write with SLVERR"},
    [SHIRA_STATUS_WRITE_DECERR] = {EFAULT, "no memory answers at the address of a write (DECERR)"},
    [SHIRA_STATUS_NO_PROGRESS] = {EDEADLK, "nothing on the device moved for the watchdog's time"},
    [SHIRA_STATUS_CANCELLED] = {ECANCELED,
                                "not executed, or cut short, after an earlier error, or cancelled"},
};

_Static_assert(sizeof(table) / sizeof(table[0]) == SHIRA_STATUS_COUNT, "a row for each status");

int shira_status_errno(unsigned status) {
  return status < SHIRA_STATUS_COUNT ? -table[status].err : -EPROTO;
}

const char *shira_status_text(unsigned status) {
  return status < SHIRA_STATUS_COUNT ? table[status].text : "a status that does not exist";
}

// What `where` of a status means, as words for a sentence.
static void where_text(char *buf, size_t size, unsigned status, uint64_t where) {
  const unsigned long long w = where;
  switch (status) {
  case SHIRA_STATUS_BAD_OPCODE:
    snprintf(buf, size, ", opcode %llu", w);
    break;
  case SHIRA_STATUS_BAD_FIELD:
  case SHIRA_STATUS_BAD_ALIGN:
  case SHIRA_STATUS_BAD_RANGE:
    snprintf(buf, size, ", field at byte %llu of the descriptor", w);
    break;
  case SHIRA_STATUS_STREAM_CRC:
  case SHIRA_STATUS_STREAM_ORDER:
  case SHIRA_STATUS_STREAM_FORMAT:
  case SHIRA_STATUS_STREAM_LENGTH:
    snprintf(buf, size, ", at byte %llu of the stream", w);
    break;
  case SHIRA_STATUS_NO_PROGRESS:
    snprintf(buf, size, ", engines that were not idle: mask 0x%llx", w);
    break;
  case SHIRA_STATUS_CANCELLED:
    buf[0] = '\0';
    break;
  default:
    snprintf(buf, size, ", at address 0x%llx", w);
  }
}

int status_error(struct shira_driver *drv, const struct shira_completion *c) {
  char where[80];
  where_text(where, sizeof(where), c->status, c->where);
  return shira_fail(&drv->error, -shira_status_errno(c->status), "descriptor %u (%s): %s: %s%s",
                    c->seq, shira_opcode_name(slot_of(drv, c->seq)->opcode),
                    shira_status_name(c->status), shira_status_text(c->status), where);
}
