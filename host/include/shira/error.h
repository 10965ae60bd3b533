// One sentence for a human beside an errno for the program.
#ifndef SHIRA_ERROR_H
#define SHIRA_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

// Why something failed, as one sentence without a final newline. Owned by the caller; no function
// keeps a pointer to it. Its content means something only after a call that failed.
struct shira_error {
  char text[512];
};

// Writes the formatted sentence to *error (cut to fit; error may be NULL) and returns -err, so that
// a failure is one statement: `return shira_fail(error, EINVAL, "...")`. `err` is a positive errno.
// Arguments may point into *error itself, so that a caller can put words before a sentence. Does
// not block, does not change errno, any thread.
int shira_fail(struct shira_error *error, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
