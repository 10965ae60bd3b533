// Where in a DRAM the burst of an address lies.
#ifndef SHIRA_DRAM_MAP_H
#define SHIRA_DRAM_MAP_H

#include <stdint.h>

#include "shira/dram.h"
#include "sim/dram/timing.h"

struct shira_dram_map {
  struct {
    uint32_t shift, mask;
  } field[SHIRA_DRAM_FIELDS];
  uint32_t banks;     // of a group
  uint32_t low_bits;  // of the column
  uint32_t hash_mask; // of the row, XORed onto the bank; 0: none
};

static inline struct shira_dram_map shira_dram_map_of(const struct shira_dram_setup *d) {
  const struct shira_dram_standard *s = &d->standard;
  const uint32_t size[SHIRA_DRAM_FIELDS] = {
      [SHIRA_DRAM_ROW] = s->rows,
      [SHIRA_DRAM_RANK] = d->ranks,
      [SHIRA_DRAM_GROUP] = s->bank_groups,
      [SHIRA_DRAM_BANK] = s->banks,
      [SHIRA_DRAM_COLUMN] = s->page_bytes / shira_dram_burst_bytes(s) >> d->low_bits,
      [SHIRA_DRAM_LOW] = 1u << d->low_bits,
      [SHIRA_DRAM_CHANNEL] = d->channels,
  };
  struct shira_dram_map m = {.banks = s->banks, .low_bits = d->low_bits};
  uint32_t shift = 0;
  for (uint32_t i = d->n_fields; i > 0; i--) {
    const unsigned f = d->fields[i - 1];
    m.field[f].shift = shift;
    m.field[f].mask = size[f] - 1;
    shift += (uint32_t)__builtin_ctz(size[f]);
  }
  m.hash_mask = d->bank_hash ? s->banks * s->bank_groups - 1 : 0;
  return m;
}

static inline uint32_t shira_dram_part(const struct shira_dram_map *m, enum shira_dram_field f,
                                       uint64_t burst) {
  return (uint32_t)(burst >> m->field[f].shift) & m->field[f].mask;
}

// The place in its channel of burst number `burst`.
static inline struct shira_dram_place shira_dram_place_of(const struct shira_dram_map *m,
                                                          uint64_t burst) {
  struct shira_dram_place p = {
      .rank = shira_dram_part(m, SHIRA_DRAM_RANK, burst),
      .row = shira_dram_part(m, SHIRA_DRAM_ROW, burst),
      .column = shira_dram_part(m, SHIRA_DRAM_COLUMN, burst) << m->low_bits |
                shira_dram_part(m, SHIRA_DRAM_LOW, burst),
      .bank = shira_dram_part(m, SHIRA_DRAM_GROUP, burst) * m->banks +
              shira_dram_part(m, SHIRA_DRAM_BANK, burst),
  };
  p.bank ^= p.row & m->hash_mask;
  return p;
}

#endif
