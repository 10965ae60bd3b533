// What programs met: each opcode with each way to end, and each variant of an opcode ended well.
#include <stdio.h>

#include "tests/system/programs/program.h"

#define BIT(status) (UINT32_C(1) << SHIRA_STATUS_##status)
// What has no opcode: an unknown one, a descriptor that could not be fetched.
#define NO_OPCODE (BIT(BAD_OPCODE) | BIT(READ_SLVERR) | BIT(READ_DECERR) | BIT(CANCELLED))

// The row of an ended descriptor.
static unsigned row_of(const struct item *item) {
  const struct op *op = op_of(item->d.header.opcode);
  const bool fetched = item->want.opcode != 0 || item->want.status == SHIRA_STATUS_CANCELLED;
  return op && fetched ? (unsigned)(op - ops) : OPS;
}

static uint32_t dimensions_of(const struct program *p, const struct result *r) {
  uint32_t met = 0;
  for (unsigned i = 0; i < r->n; i++) {
    const union shira_descriptor *d = &r->items[i].d;
    const unsigned opcode = d->header.opcode;
    if (!r->items[i].ended || r->items[i].got.status != SHIRA_STATUS_OK)
      continue;
    if (p->host[0] || p->host[1])
      met |= 1u << DIM_HOST;
    if (opcode == SHIRA_OPCODE_COPY && d->copy.row_bytes > SHIRA_PAGE_BYTES)
      met |= 1u << DIM_LONG_ROW;
    if (opcode == SHIRA_OPCODE_SCATTER && d->scatter.stream_bytes > SLOT_BYTES)
      met |= 1u << DIM_LONG_STREAM;
  }
  return met;
}

void cover_add(struct cover *c, const struct program *p, const struct result *r) {
  uint32_t met[COVER_ROWS] = {0};
  bool spoiled = false;
  for (unsigned i = 0; i < r->n; i++) {
    const struct item *item = &r->items[i];
    if (!item->ended || item->want.status >= SHIRA_STATUS_COUNT)
      continue;
    const unsigned row = row_of(item), status = item->want.status;
    c->descriptors++;
    c->met[row][status]++;
    met[row] |= UINT32_C(1) << status;
    spoiled |= item->spoiled[0] != '\0';
    if (status == SHIRA_STATUS_OK && row < OPS && ops[row].variant(&item->d) < COVER_VARIANTS)
      c->variants[row][ops[row].variant(&item->d)]++;
  }
  for (unsigned row = 0; row < COVER_ROWS; row++)
    for (unsigned s = 0; s < SHIRA_STATUS_COUNT; s++)
      c->programs_met[row][s] += met[row] >> s & 1;
  for (unsigned d = 0; d < DIMENSIONS; d++)
    c->dimensions[d] += (r->met | dimensions_of(p, r)) >> d & 1;
  c->programs++;
  c->spoiled += spoiled;
  c->orders[p->order]++;
}

static uint32_t wanted(unsigned row) {
  return row < OPS ? ops[row].statuses : NO_OPCODE;
}

static unsigned print_dimensions(const struct cover *c) {
  static const char *const names[DIMENSIONS] = {
      "data in the host's memory", "a row of more than a page", "a long stream",
      "an error beside others",    "one cut off for an error",  "a write error beside others",
      "a reset in flight"};
  unsigned missing = 0;
  for (unsigned d = 0; d < DIMENSIONS; d++) {
    printf("# %s%s: %u programs\n", c->dimensions[d] ? "" : "never met: ", names[d],
           c->dimensions[d]);
    missing += c->dimensions[d] == 0;
  }
  return missing;
}

unsigned cover_print(const struct cover *c) {
  unsigned missing = print_dimensions(c);
  printf("# %u programs (%u with bad descriptors; %u one after the other, %u side by side, %u of "
         "these with errors), %u descriptors\n",
         c->programs, c->spoiled, c->orders[CHAIN], c->orders[FREE] + c->orders[BESIDE],
         c->orders[BESIDE], c->descriptors);
  printf("# descriptors / programs that met%*s", 1, "");
  for (unsigned row = 0; row < COVER_ROWS; row++)
    printf("%16s", row < OPS ? ops[row].name : "no opcode");
  printf("\n");
  for (unsigned s = 0; s < SHIRA_STATUS_COUNT; s++) {
    printf("#   %-29s", shira_status_name(s));
    for (unsigned row = 0; row < COVER_ROWS; row++) {
      char cell[32] = "-";
      if (c->met[row][s] || wanted(row) >> s & 1)
        snprintf(cell, sizeof(cell), "%u / %u", c->met[row][s], c->programs_met[row][s]);
      printf("%16s", cell);
    }
    printf("\n");
  }
  for (unsigned row = 0; row < COVER_ROWS; row++)
    for (unsigned s = 0; s < SHIRA_STATUS_COUNT; s++)
      if (wanted(row) >> s & 1 && !c->met[row][s]) {
        printf("# never met: %s, %s\n", row < OPS ? ops[row].name : "no opcode",
               shira_status_name(s));
        missing++;
      }
  for (unsigned o = 0; o < OPS; o++) {
    unsigned least = UINT32_MAX;
    for (unsigned v = 0; v < ops[o].variants; v++) {
      char name[80];
      least = c->variants[o][v] < least ? c->variants[o][v] : least;
      if (c->variants[o][v] != 0)
        continue;
      ops[o].variant_name(v, name, sizeof(name));
      printf("# never ended well: %s %s\n", ops[o].name, name);
      missing++;
    }
    printf("# %s: %u variants, each ended well at least %u times\n", ops[o].name, ops[o].variants,
           least);
  }
  return missing;
}
