// SHA-256 (FIPS 180-4) by libmd.
#include "shira/hash.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sha2.h>
#include <string.h>
#include <unistd.h>

static_assert(sizeof(SHA2_CTX) <= sizeof(struct shira_hasher), "libmd's context fits");
static_assert(_Alignof(SHA2_CTX) <= _Alignof(struct shira_hasher), "and is aligned");
static_assert(SHA256_DIGEST_LENGTH == sizeof(struct shira_hash), "a SHA-256");

static SHA2_CTX *context(struct shira_hasher *h) {
  return (SHA2_CTX *)(void *)h;
}

void shira_hash_begin(struct shira_hasher *h) {
  memset(h, 0, sizeof(*h));
  SHA256Init(context(h));
}

void shira_hash_add(struct shira_hasher *h, const void *data, size_t size) {
  if (size)
    SHA256Update(context(h), data, size);
}

void shira_hash_add_u64(struct shira_hasher *h, uint64_t value) {
  uint8_t byte[8];
  for (unsigned i = 0; i < 8; i++)
    byte[i] = (uint8_t)(value >> 8 * i);
  shira_hash_add(h, byte, sizeof(byte));
}

void shira_hash_add_text(struct shira_hasher *h, const char *text) {
  size_t length = strlen(text);
  shira_hash_add_u64(h, length);
  shira_hash_add(h, text, length);
}

void shira_hash_end(struct shira_hasher *h, struct shira_hash *hash) {
  SHA256Final(hash->byte, context(h));
}

struct shira_hash shira_hash_of(const void *data, size_t size) {
  struct shira_hasher h;
  struct shira_hash hash;
  shira_hash_begin(&h);
  shira_hash_add(&h, data, size);
  shira_hash_end(&h, &hash);
  return hash;
}

int shira_hash_file(const char *path, struct shira_hash *hash, struct shira_error *error) {
  struct shira_hasher h;
  char block[65536];
  ssize_t n = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return shira_fail(error, errno, "cannot open '%s': %s", path, strerror(errno));
  shira_hash_begin(&h);
  while ((n = read(fd, block, sizeof(block))) > 0)
    shira_hash_add(&h, block, (size_t)n);
  int err = n ? errno : 0;
  close(fd);
  if (err)
    return shira_fail(error, err, "cannot read '%s': %s", path, strerror(err));
  shira_hash_end(&h, hash);
  return 0;
}

static const char digits[] = "0123456789abcdef";

void shira_hash_text(const struct shira_hash *hash, char text[SHIRA_HASH_TEXT]) {
  for (size_t i = 0; i < sizeof(hash->byte); i++) {
    text[2 * i] = digits[hash->byte[i] >> 4];
    text[2 * i + 1] = digits[hash->byte[i] & 15];
  }
  text[2 * sizeof(hash->byte)] = 0;
}

int shira_hash_from_text(const char *text, struct shira_hash *hash) {
  if (strlen(text) != SHIRA_HASH_TEXT - 1 || strspn(text, digits) != SHIRA_HASH_TEXT - 1)
    return -EINVAL;
  for (size_t i = 0; i < sizeof(hash->byte); i++)
    hash->byte[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4 |
                              (strchr(digits, text[2 * i + 1]) - digits));
  return 0;
}

bool shira_hash_equal(const struct shira_hash *a, const struct shira_hash *b) {
  return !memcmp(a, b, sizeof(*a));
}
