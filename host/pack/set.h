// Sets of streams while they are made. Private.
#ifndef SHIRA_PACK_SET_H
#define SHIRA_PACK_SET_H

#include "shira/pack.h"

// Encodes updates as one more stream of the set, over the image that `like` describes. Returns 0,
// or what shira_stream_encode gives (the set is then as it was).
int set_add(struct shira_stream_set *set, const struct shira_stream_rules *rules,
            const struct shira_stream_part *like, const uint32_t *pos, const uint8_t *value,
            uint32_t count, struct shira_error *e);

// The set's stream over the image at `base`, or NULL.
const struct shira_stream_part *set_find(const struct shira_stream_set *set, uint32_t base);

#endif
