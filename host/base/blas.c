#include "host/base/blas.h"

#include <cblas.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// OpenBLAS 0.3.21 maps a buffer of BUFFER_SIZE, 32 << 22 bytes in a build for every processor of
// x86-64 or ARM64, when it first multiplies; it keeps the buffer, and repeats a map that fails for
// ever (blas_memory_alloc in its driver/others/memory.c).
#define BUFFER_BYTES ((size_t)32 << 22)

// Larger than what it multiplies without a buffer on some processors.
#define SIDE 128

int shira_blas_ready(struct shira_error *error) {
  static bool ready;
  if (ready)
    return 0;
  // A factor and a product.
  double *m = calloc((size_t)2 * SIDE * SIDE, sizeof(*m));
  void *probe =
      m ? mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        : MAP_FAILED;
  if (probe == MAP_FAILED) {
    free(m);
    return shira_fail(error, ENOMEM, "cannot get the %zu MiB of memory that OpenBLAS needs: %s",
                      BUFFER_BYTES >> 20, strerror(ENOMEM));
  }
  munmap(probe, BUFFER_BYTES);
  openblas_set_num_threads(1);
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1, m, SIDE, m, SIDE, 0,
              m + SIDE * SIDE, SIDE);
  free(m);
  ready = true;
  return 0;
}
