// Where in a DRAM the burst of an address lies.
#ifndef SHIRA_DRAM_MAP_H
#define SHIRA_DRAM_MAP_H

#include <stdint.h>
#include <string.h>

#include "shira/dram.h"

#ifdef __cplusplus
extern "C" {
#endif

// A bank is numbered group * banks + bank within the group.
struct shira_dram_place {
  uint32_t channel, rank, bank;
  uint32_t row, column; // column: burst of the row
};

struct shira_dram_map {
  struct {
    uint32_t shift, mask;
  } field[SHIRA_DRAM_FIELDS];
  uint32_t banks;                   // of a group
  uint32_t low_bits;                // of the column
  uint32_t column_bits;             // without low_bits
  uint32_t bank_bits, channel_bits; // of the hash; 0: none
  bool by_row;                      // the hash is of the row alone
};

static inline struct shira_dram_map shira_dram_map_of(const struct shira_dram_setup *d) {
  const struct shira_dram_standard *s = &d->standard;
  const uint32_t columns = s->page_bytes / shira_dram_burst_bytes(s);
  uint32_t size[SHIRA_DRAM_FIELDS], shift = 0;
  struct shira_dram_map m;
  memset(&m, 0, sizeof m);
  size[SHIRA_DRAM_ROW] = s->rows;
  size[SHIRA_DRAM_RANK] = d->ranks;
  size[SHIRA_DRAM_GROUP] = s->bank_groups;
  size[SHIRA_DRAM_BANK] = s->banks;
  size[SHIRA_DRAM_COLUMN] = columns >> d->low_bits;
  size[SHIRA_DRAM_LOW] = 1u << d->low_bits;
  size[SHIRA_DRAM_CHANNEL] = d->channels;
  m.banks = s->banks;
  m.low_bits = d->low_bits;
  for (uint32_t i = d->n_fields; i > 0; i--) {
    const unsigned f = d->fields[i - 1];
    m.field[f].shift = shift;
    m.field[f].mask = size[f] - 1;
    shift += (uint32_t)__builtin_ctz(size[f]);
  }
  m.column_bits = (uint32_t)__builtin_ctz(columns) - d->low_bits;
  m.by_row = d->hash == SHIRA_DRAM_HASH_ROW;
  if (d->hash != SHIRA_DRAM_HASH_NONE)
    m.bank_bits = (uint32_t)__builtin_ctz(s->banks * s->bank_groups);
  if (d->hash == SHIRA_DRAM_HASH_COLUMN)
    m.channel_bits = (uint32_t)__builtin_ctz(d->channels);
  return m;
}

static inline uint32_t shira_dram_part(const struct shira_dram_map *m, enum shira_dram_field f,
                                       uint64_t burst) {
  return (uint32_t)(burst >> m->field[f].shift) & m->field[f].mask;
}

// XOR of the parts of `x` that are `bits` long; 0 for no bits.
static inline uint32_t shira_dram_fold(uint64_t x, uint32_t bits) {
  uint64_t sum = 0;
  for (; x != 0 && bits != 0; x >>= bits)
    sum ^= x;
  return (uint32_t)(sum & (((uint64_t)1 << bits) - 1));
}

// The place of burst number `burst` (of burst_bytes, from the start of memory).
static inline struct shira_dram_place shira_dram_place_of(const struct shira_dram_map *m,
                                                          uint64_t burst) {
  const uint32_t column = shira_dram_part(m, SHIRA_DRAM_COLUMN, burst);
  struct shira_dram_place p;
  p.channel = shira_dram_part(m, SHIRA_DRAM_CHANNEL, burst);
  p.rank = shira_dram_part(m, SHIRA_DRAM_RANK, burst);
  p.row = shira_dram_part(m, SHIRA_DRAM_ROW, burst);
  p.column = column << m->low_bits | shira_dram_part(m, SHIRA_DRAM_LOW, burst);
  p.bank = shira_dram_part(m, SHIRA_DRAM_GROUP, burst) * m->banks +
           shira_dram_part(m, SHIRA_DRAM_BANK, burst);
  if (m->by_row) {
    p.bank ^= p.row & ((1u << m->bank_bits) - 1);
    return p;
  }
  const uint64_t line = (uint64_t)p.row << m->column_bits | column;
  p.channel ^= shira_dram_fold(line << m->bank_bits | p.bank, m->channel_bits);
  p.bank ^= shira_dram_fold(line, m->bank_bits);
  return p;
}

#ifdef __cplusplus
}
#endif

#endif
