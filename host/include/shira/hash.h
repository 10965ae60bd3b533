// SHA-256 of what results depend on and of what they left, and its text.
#ifndef SHIRA_HASH_H
#define SHIRA_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHIRA_HASH_TEXT 65 // 64 hex digits and a NUL

struct shira_hash {
  uint8_t byte[32];
};

// Bytes are added piece by piece; the hash is of all of them, one after another. Its content is
// private; a copy is a hasher of its own that goes on from here. No function here blocks (but
// shira_hash_file, on the disk) or can fail where it returns nothing; any thread, each hasher by
// one at a time.
struct shira_hasher {
  uint64_t state[26];
};

void shira_hash_begin(struct shira_hasher *h);
void shira_hash_add(struct shira_hasher *h, const void *data, size_t size);

// As 8 bytes, the lowest first, whatever the machine.
void shira_hash_add_u64(struct shira_hasher *h, uint64_t value);

// Its length as shira_hash_add_u64, then its bytes: "ab", "c" and "a", "bc" are not the same.
void shira_hash_add_text(struct shira_hasher *h, const char *text);

// The hash of all that was added. Begin the hasher again before another use.
void shira_hash_end(struct shira_hasher *h, struct shira_hash *hash);

// Of `size` bytes.
struct shira_hash shira_hash_of(const void *data, size_t size);

// Of a file's content. Errors: -errno of the file, with a sentence.
int shira_hash_file(const char *path, struct shira_hash *hash, struct shira_error *error);

// 64 lower-case hex digits.
void shira_hash_text(const struct shira_hash *hash, char text[SHIRA_HASH_TEXT]);

// From what shira_hash_text wrote. -EINVAL: `text` is anything else, and *hash is as before.
int shira_hash_from_text(const char *text, struct shira_hash *hash);

bool shira_hash_equal(const struct shira_hash *a, const struct shira_hash *b);

#ifdef __cplusplus
}
#endif

#endif
