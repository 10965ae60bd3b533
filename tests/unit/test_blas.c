// OpenBLAS where memory is short: an error, or products that come to an end.
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <sys/time.h>

#include <cblas.h>

#include "host/base/blas.h"
#include "tests/unit/folder.h"

#define MIB ((size_t)1 << 20)

// The address space of this process, bytes (proc(5): the first number of statm, in pages).
static size_t address_space(void) {
  unsigned long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f || fscanf(f, "%lu", &pages) != 1)
    _exit(9);
  fclose(f);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

// Multiplies with `room` bytes more than it has. 0: the product is right, 2: it was told that there
// is no room.
static int multiply(void *arg) {
  size_t room = *(size_t *)arg;
  enum { N = 200 };
  static double a[N * N], b[N * N], c[N * N];
  struct shira_error error = {""};
  struct rlimit limit = {address_space() + room, RLIM_INFINITY};
  alarm(20); // it must not wait for ever
  if (setrlimit(RLIMIT_AS, &limit))
    return 9;
  int rc = shira_blas_ready(&error);
  if (rc)
    return rc == -ENOMEM && !strcmp(error.text, "cannot get the 128 MiB of memory that OpenBLAS "
                                                "needs: Cannot allocate memory")
               ? 2
               : 1;
  limit.rlim_cur = address_space(); // no call may need more than that
  if (setrlimit(RLIMIT_AS, &limit))
    return 9;
  for (int i = 0; i < N * N; i++)
    a[i] = i % 7, b[i] = i % 5;
  for (int again = 0; again < 2; again++)
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, N, N, N, 1, a, N, b, N, 0, c, N);
  cblas_dscal(N * N, 2, c, 1);
  double sum = 0;
  for (int k = 0; k < N; k++)
    sum += a[3 * N + k] * b[5 * N + k];
  return c[3 * N + 5] == 2 * sum ? 0 : 1;
}

static void any_room(void **state) {
  (void)state;
#ifdef __SANITIZE_ADDRESS__
  SKIP_BECAUSE("the address sanitizer does not live with a limit of the address space");
#endif
  unsigned refused = 0, done = 0;
  for (size_t room = 0; room <= 200 * MIB; room += 4 * MIB) {
    int status = in_process(multiply, &room);
    if (!WIFEXITED(status) || WEXITSTATUS(status) & 1)
      fail_msg("with %zu MiB: status %#x", room / MIB, (unsigned)status);
    refused += WEXITSTATUS(status) == 2;
    done += WEXITSTATUS(status) == 0;
  }
  assert_in_range(refused, 32, 36); // of 51
  assert_int_equal(refused + done, 51);
}

// The library that the build has chosen: no thread of it may spin beside our processes.
static void has_no_threads(void **state) {
  (void)state;
  assert_int_equal(shira_blas_ready(NULL), 0);
  assert_int_equal(openblas_get_parallel(), 0);
  assert_int_equal(folder_count("/proc/self/task", ""), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_room),
      cmocka_unit_test(has_no_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
