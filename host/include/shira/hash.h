// SHA-256 of what results depend on and of what they left, and its text.
#ifndef SHIRA_HASH_H
#define SHIRA_HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHIRA_HASH_TEXT 65 // 64 hex digits and a NUL

struct shira_hash {
  uint8_t byte[32];
};

// Bytes are added piece by piece; the hash is of all of them, one after another.
struct shira_hasher;

#ifdef __cplusplus
}
#endif

#endif
