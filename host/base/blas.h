// Before the first call of cblas_*: OpenBLAS waits for ever where it gets no memory.
#ifndef SHIRA_BASE_BLAS_H
#define SHIRA_BASE_BLAS_H

#include "shira/error.h"

// Makes OpenBLAS work with one thread and map its buffer, after a look that the buffer can be had,
// so that no later call of cblas_* by one thread at a time needs more memory. Does nothing when it
// has succeeded before, in this process or in the one that it was forked from. Not for two threads
// at once. Errors: -ENOMEM, with a sentence.
int shira_blas_ready(struct shira_error *error);

#endif
