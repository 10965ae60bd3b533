// A trace of requests to a memory, from a text file: a request a line, either
//
//   R|W ADDRESS              given as soon as the memory takes it
//   ADDRESS OP CYCLE         given in that cycle of the machine or as soon after it; OP: READ,
//   WRITE
//
// all lines of one file alike. Numbers are decimal, or hexadecimal behind 0x; lines that are empty
// or begin with '#' are passed over. A request is for the burst that its address lies in.
#ifndef SHIRA_CLI_DRAM_TRACE_H
#define SHIRA_CLI_DRAM_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/error.h"

struct dram_request {
  uint64_t addr, cycle; // cycle: 0 where the file has none
  bool write;
};

struct dram_requests {
  struct dram_request *at;
  size_t n;
};

// Reads all of `f`, which messages call `name`. Addresses are below `bytes`. Errors: -EINVAL, with
// the line that is wrong; -EIO; -ENOMEM. `r` is to be freed where it succeeds.
int dram_requests_read(FILE *f, const char *name, uint64_t bytes, struct dram_requests *r,
                       struct shira_error *error);
void dram_requests_free(struct dram_requests *r);

#endif
