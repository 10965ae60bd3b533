// Bad streams for SCATTER. First each rule of the format broken in turn: status, place and number
// of updates are those of rtl/regs/shira_regs.yaml, nothing of the bad block is applied, the device
// recovers. Then CASES (200) random corruptions, hostile ones with right checksums among them: the
// device never hangs, writes nothing outside the window, and equals the golden model in status,
// place, count and every byte of its SRAMs.
//
// test_bad_streams [DEVICE]; see bed.h.
#include "tests/system/bed.h"

#define AT 0x2000u // weight SRAM, position 0 of the streams
#define UPDATES 56u
#define ROOM 4096u // of a stream in the stream buffer
#define MAX_BLOCKS 16u

struct stream {
  uint8_t data[ROOM];
  uint32_t bytes; // as the descriptor says
  uint32_t updates;
  uint32_t lo, hi; // positions that the descriptor's window allows
  uint32_t n;      // blocks, of the valid stream
  uint32_t at[MAX_BLOCKS + 1];
};

static uint32_t align;

static struct shira_block_header *header(struct stream *s, uint32_t block) {
  return (struct shira_block_header *)(s->data + s->at[block]);
}

static uint32_t block_bytes(const struct shira_block_header *h) {
  const uint32_t head = (uint32_t)sizeof(*h) + h->gap_bytes + align - 1;
  return head / align * align + (h->updates + align - 1u) / align * align;
}

// Makes the checksum of a block right, for the length that its header claims, or else `bytes`.
static void fix_crc(struct stream *s, uint32_t block) {
  struct shira_block_header *h = header(s, block);
  const uint32_t claimed = block_bytes(h), own = s->at[block + 1] - s->at[block];
  const bool fits = claimed <= s->bytes && s->at[block] <= s->bytes - claimed;
  h->crc = shira_block_crc((const uint8_t *)h, fits ? claimed : own);
}

// A valid stream. Gaps are random, some of them escaped.
static void make(struct stream *s, const struct shira_stream_rules *rules) {
  uint32_t pos[UPDATES];
  uint8_t value[UPDATES];
  uint32_t at = bed_below(8);
  for (unsigned i = 0; i < UPDATES; i++) {
    pos[i] = at;
    value[i] = (uint8_t)bed_random();
    at += 1 + bed_below(bed_below(8) == 0 ? 600 : 24);
  }
  struct shira_stream e;
  if (shira_stream_encode(rules, pos, value, UPDATES, &e, NULL) || e.bytes > ROOM / 2)
    exit(99);
  memset(s, 0, sizeof(*s));
  memcpy(s->data, e.data, e.bytes);
  s->bytes = e.bytes;
  s->updates = UPDATES;
  s->hi = pos[UPDATES - 1] + 1;
  while (s->at[s->n] < e.bytes && s->n < MAX_BLOCKS) {
    s->at[s->n + 1] = s->at[s->n] + block_bytes(header(s, s->n));
    s->n++;
  }
  shira_stream_free(&e);
}

// Updates in the blocks before `block`.
static uint32_t before(struct stream *s, uint32_t block) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < block; i++)
    n += header(s, i)->updates;
  return n;
}

static void put(struct bed *b, const struct stream *s) {
  memcpy(b->stream_host, s->data, ROOM);
  memcpy(b->stream.host, s->data, ROOM);
}

static union shira_descriptor descriptor(const struct bed *b, const struct stream *s) {
  return bed_scatter(b->stream.addr, s->bytes, s->updates, AT, AT + s->lo, AT + s->hi);
}

// ---- Each rule ------------------------------------------------------------------------------

#define CRC SHIRA_STATUS_STREAM_CRC
#define ORDER SHIRA_STATUS_STREAM_ORDER
#define FORMAT SHIRA_STATUS_STREAM_FORMAT
#define LENGTH SHIRA_STATUS_STREAM_LENGTH

// One header field of block 2 set, checksum right.
static const struct {
  const char *name;
  int field; // offset in the header
  uint32_t value;
  unsigned status;
} headers[] = {
    {"updates 0", 8, 0, FORMAT},
    {"updates 17", 8, 17, FORMAT},
    {"updates 65535", 8, 65535, FORMAT},
    {"gap_bytes 0", 10, 0, FORMAT},
    {"gap_bytes 15", 10, 15, FORMAT},
    {"gap_bytes 65", 10, 65, FORMAT},
    {"gap_bytes 65535", 10, 65535, FORMAT},
    {"format 0", 12, 0, FORMAT},
    {"format 2", 12, 2, FORMAT},
    {"value_bytes 0", 13, 0, FORMAT},
    {"value_bytes 2", 13, 2, FORMAT},
    {"first 0", 4, 0, ORDER},
};

static void set_field(struct stream *s, uint32_t block, int field, uint32_t value) {
  uint8_t *h = (uint8_t *)header(s, block);
  const int bytes = field < 8 ? 4 : field < 12 ? 2 : 1;
  memcpy(h + field, &value, (size_t)bytes); // little-endian, as the host
}

static void run_rule(struct bed *b, struct stream *s, unsigned status, uint32_t where,
                     uint32_t count, const char *name) {
  put(b, s);
  const union shira_descriptor d = descriptor(b, s);
  const struct verdict v = {.status = status,
                            .where = where,
                            .counts = true,
                            .count = count,
                            .w = {SHIRA_SPACE_WEIGHT, AT + s->lo, AT + s->hi, 0}};
  bed_run_bad(b, &d, &v);
  tap(b, name);
}

static void test_headers(struct bed *b, const struct shira_stream_rules *rules) {
  struct stream s;
  char name[80];
  for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
    make(&s, rules);
    const uint32_t count = before(&s, 2);
    set_field(&s, 2, headers[i].field, headers[i].value);
    fix_crc(&s, 2);
    snprintf(name, sizeof(name), "block header: %s", headers[i].name);
    run_rule(b, &s, headers[i].status, s.at[2], count, name);
  }
}

static void test_checksums(struct bed *b, const struct shira_stream_rules *rules) {
  struct stream s;
  make(&s, rules);
  s.data[s.at[1]] ^= 1;
  run_rule(b, &s, CRC, s.at[1], before(&s, 1), "a bit of the checksum");
  make(&s, rules);
  s.data[5] ^= 0x80; // of block 0's first position
  run_rule(b, &s, CRC, 0, 0, "a bit of the first header");
  make(&s, rules);
  s.data[s.at[1] + 17] ^= 4;
  run_rule(b, &s, CRC, s.at[1], before(&s, 1), "a bit of a gap");
  make(&s, rules);
  s.data[s.at[2] - align] ^= 16;
  run_rule(b, &s, CRC, s.at[1], before(&s, 1), "a bit of a value");
  make(&s, rules);
  s.data[s.bytes - 1] ^= 2;
  run_rule(b, &s, CRC, s.at[s.n - 1], before(&s, s.n - 1), "a bit of the last padding");
}

static void test_gaps(struct bed *b, const struct shira_stream_rules *rules) {
  struct stream s;
  make(&s, rules);
  s.data[s.at[1] + 16] = 1;
  fix_crc(&s, 1);
  run_rule(b, &s, FORMAT, s.at[1], before(&s, 1), "a first gap that is not 0");
  make(&s, rules);
  s.data[s.at[1] + 16 + header(&s, 1)->gap_bytes - 1] = 255;
  fix_crc(&s, 1);
  run_rule(b, &s, FORMAT, s.at[1], before(&s, 1), "gaps with one update less than the header");
  make(&s, rules);
  for (unsigned i = 1; i < header(&s, 0)->gap_bytes; i++)
    s.data[16 + i] = 255;
  fix_crc(&s, 0);
  run_rule(b, &s, FORMAT, 0, 0, "gaps that are all escapes");
}

static void test_order(struct bed *b, const struct shira_stream_rules *rules) {
  struct stream s, t;
  make(&s, rules);
  t = s; // block 1, then block 0, then the rest
  const uint32_t one = s.at[2] - s.at[1];
  memcpy(t.data, s.data + s.at[1], one);
  memcpy(t.data + one, s.data, s.at[1]);
  run_rule(b, &t, ORDER, one, header(&s, 1)->updates, "blocks swapped");
  make(&s, rules);
  t = s; // block 1 twice
  memcpy(t.data + s.at[2], s.data + s.at[1], s.bytes - s.at[1]);
  t.bytes += s.at[2] - s.at[1];
  t.updates += header(&s, 1)->updates;
  run_rule(b, &t, ORDER, s.at[2], before(&s, 2), "a block twice");
  make(&s, rules);
  uint32_t cursor = header(&s, 0)->first; // end of block 0
  const uint8_t *gap = s.data + 16;
  for (unsigned i = 0; i < header(&s, 0)->gap_bytes; i++)
    cursor += gap[i] == 255 ? 255 : gap[i] + 1u;
  set_field(&s, 1, 4, cursor - 1);
  fix_crc(&s, 1);
  run_rule(b, &s, ORDER, s.at[1], before(&s, 1), "a block that starts on the last update");
}

static void test_lengths(struct bed *b, const struct shira_stream_rules *rules) {
  struct stream s;
  make(&s, rules);
  const uint32_t last = s.n - 1;
  s.bytes -= align;
  run_rule(b, &s, LENGTH, s.at[last], before(&s, last), "the stream ends within a block");
  make(&s, rules);
  s.bytes = s.at[last];
  run_rule(b, &s, LENGTH, s.at[last], before(&s, last), "the stream ends a block early");
  make(&s, rules);
  s.updates++;
  run_rule(b, &s, LENGTH, s.bytes, UPDATES, "one update less than the descriptor says");
  make(&s, rules);
  s.updates--;
  run_rule(b, &s, LENGTH, s.at[last], before(&s, last), "one update more than the descriptor says");
  make(&s, rules);
  s.updates = 1;
  run_rule(b, &s, LENGTH, 0, 0, "many updates more than the descriptor says");
  make(&s, rules);
  const uint32_t end = s.bytes;
  s.bytes += align;
  run_rule(b, &s, FORMAT, end, UPDATES, "zeros after the last block");
}

// Positions that no SRAM has, with right checksums.
static void test_far(struct bed *b, const struct shira_stream_rules *rules) {
  static const uint32_t firsts[] = {0x10000u, 0x7fffffffu, 0xffffe000u, 0xffffffffu};
  char name[80];
  for (size_t i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
    struct stream s;
    make(&s, rules);
    set_field(&s, 3, 4, firsts[i]);
    fix_crc(&s, 3);
    put(b, &s);
    const union shira_descriptor d = descriptor(b, &s);
    const struct verdict v = {.status = SHIRA_STATUS_WINDOW,
                              .where = (uint64_t)AT + firsts[i],
                              .counts = true,
                              .count = before(&s, 3),
                              .w = {SHIRA_SPACE_WEIGHT, AT + s.lo, AT + s.hi, 0}};
    bed_run_bad(b, &d, &v);
    snprintf(name, sizeof(name), "a block that starts at 0x%x", firsts[i]);
    tap(b, name);
  }
}

// ---- Random corruption ----------------------------------------------------------------------

static void flip_bits(struct stream *s) {
  for (unsigned n = 1 + bed_below(3); n != 0; n--)
    s->data[bed_below(s->bytes)] ^= (uint8_t)(1u << bed_below(8));
}

static void cut(struct stream *s) {
  s->bytes = align * (1 + bed_below(s->bytes / align - 1));
}

static void swap_blocks(struct stream *s) {
  const struct stream t = *s;
  const uint32_t i = bed_below(s->n - 1), one = t.at[i + 1] - t.at[i];
  const uint32_t two = t.at[i + 2] - t.at[i + 1];
  memcpy(s->data + t.at[i], t.data + t.at[i + 1], two);
  memcpy(s->data + t.at[i] + two, t.data + t.at[i], one);
}

static void repeat_block(struct stream *s) {
  const struct stream t = *s;
  const uint32_t i = bed_below(s->n), bytes = t.at[i + 1] - t.at[i];
  if (t.bytes < t.at[i + 1]) // cut before
    return;
  memcpy(s->data + t.at[i + 1], t.data + t.at[i], t.bytes - t.at[i]);
  s->bytes += bytes;
  s->updates += bed_below(2) ? header(s, i)->updates : 0;
}

static void hostile_header(struct stream *s) {
  static const uint32_t values[] = {0,      1,      2,          15,         16,         17,
                                    31,     32,     63,         64,         65,         255,
                                    0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
  static const int field[] = {4, 8, 10, 12, 13, 14};
  const uint32_t block = bed_below(s->n);
  for (unsigned n = 1 + bed_below(2); n != 0; n--)
    set_field(s, block, field[bed_below(6)],
              bed_below(4) ? values[bed_below(18)] : (uint32_t)bed_random());
  fix_crc(s, block);
}

static void hostile_gaps(struct stream *s) {
  const uint32_t block = bed_below(s->n);
  const uint32_t bytes = header(s, block)->gap_bytes % 64u; // may be spoiled already
  for (unsigned n = 1 + bed_below(4); n != 0; n--)
    s->data[s->at[block] + 16 + bed_below(bytes)] = (uint8_t)(bed_below(4)   ? bed_random()
                                                              : bed_below(2) ? 255
                                                                             : 254);
  fix_crc(s, block);
}

// Another position, still ascending or not.
static void hostile_first(struct stream *s) {
  const uint32_t block = bed_below(s->n);
  set_field(s, block, 4, header(s, block)->first + bed_below(64) - 32);
  fix_crc(s, block);
}

static void other_count(struct stream *s) {
  s->updates = bed_below(4) ? s->updates + bed_below(9) - 4 : (uint32_t)bed_random();
  s->updates += s->updates == 0;
}

static void other_window(struct stream *s) {
  const uint32_t a = bed_below(s->hi), c = bed_below(s->hi);
  s->lo = bed_below(2) ? a : 0;
  s->hi = c;
}

// A window as far as the SRAM goes, and updates that run past its end.
static void leave_sram(struct stream *s) {
  const uint32_t block = bed_below(s->n);
  s->hi = 0x10000u - AT;
  set_field(s, block, 4, s->hi - bed_below(200));
  fix_crc(s, block);
}

static void noise(struct stream *s) {
  const uint32_t from = bed_below(2) ? 0 : bed_below(s->bytes);
  for (uint32_t i = from; i < s->bytes; i++)
    s->data[i] = (uint8_t)bed_random();
}

static void more_bytes(struct stream *s) {
  const uint32_t from = s->bytes;
  s->bytes += align * (1 + bed_below(4));
  for (uint32_t i = from; bed_below(2) && i < s->bytes; i++)
    s->data[i] = (uint8_t)bed_random();
}

static void (*const corruptions[])(struct stream *s) = {
    flip_bits,     cut,         swap_blocks,  repeat_block, hostile_header, hostile_gaps,
    hostile_first, other_count, other_window, leave_sram,   noise,          more_bytes};

#define CORRUPTIONS (sizeof(corruptions) / sizeof(corruptions[0]))

// What a device made of a stream.
struct fate {
  uint8_t status;
  uint64_t where;
  uint32_t count;
};

// Runs the stream, recovers, reads the SRAMs into b->back.
static struct fate run_stream(struct bed *b, const struct stream *s) {
  struct shira_completion c;
  uint32_t seq;
  b->why[0] = '\0';
  put(b, s);
  union shira_descriptor d = descriptor(b, s);
  int rc = shira_submit(b->drv, &d, 1, &seq);
  expect(b, rc == 0, "not submitted: %s", shira_driver_error(b->drv));
  rc = shira_wait(b->drv, seq, BED_DEADLINE, &c);
  expect(b, rc != -ETIMEDOUT && rc == shira_status_errno(c.status), "gave %d: %s", rc,
         shira_driver_error(b->drv));
  rc = shira_recover(b->drv, BED_RECOVER);
  expect(b, rc == 0, "recovery gave %d: %s", rc, shira_driver_error(b->drv));
  bed_check_memory(b, NULL);
  bed_move_srams(b, false);
  return (struct fate){c.status, c.where, c.count};
}

static void test_random(struct bed *b, struct bed *golden, unsigned i, unsigned *seen) {
  struct stream s;
  const struct shira_stream_rules rules = shira_stream_rules_of(&b->hw);
  char name[80];
  bed_state = bed_seed() * 1000003 + i;
  make(&s, &rules);
  for (unsigned n = 1 + bed_below(2); n != 0; n--)
    corruptions[n == 1 ? i % CORRUPTIONS : bed_below(CORRUPTIONS)](&s);
  const struct window w = {SHIRA_SPACE_WEIGHT, AT + s.lo, AT + s.hi, 0};
  const struct fate got = run_stream(b, &s), want = run_stream(golden, &s);
  expect(b, golden->why[0] == '\0', "golden: %s", golden->why);
  expect(b, got.status == want.status && got.where == want.where && got.count == want.count,
         "%s at 0x%llx after %u updates; golden: %s at 0x%llx after %u",
         shira_status_name(got.status), (unsigned long long)got.where, got.count,
         shira_status_name(want.status), (unsigned long long)want.where, want.count);
  const uint32_t total = b->offset[BED_SPACES];
  expect(b, memcmp(b->back.host, golden->back.host, total) == 0,
         "SRAMs differ from the golden model's");
  bed_compare_srams(b, &w);
  bed_compare_srams(golden, &w);
  seen[want.status]++;
  snprintf(name, sizeof(name), "random stream %u: %s", i, shira_status_name(want.status));
  tap(b, name);
}

// ---- All ------------------------------------------------------------------------------------

static void test_rules(const char *backend, unsigned stall) {
  struct bed b;
  bed_open(&b, backend, stall, NULL);
  const struct shira_stream_rules rules = shira_stream_rules_of(&b.hw);
  align = rules.align;
  bed_move_srams(&b, true);
  test_headers(&b, &rules);
  test_checksums(&b, &rules);
  test_gaps(&b, &rules);
  test_order(&b, &rules);
  test_lengths(&b, &rules);
  test_far(&b, &rules);
  bed_close(&b);
}

int main(int argc, char **argv) {
  const char *backend = argc > 1 ? argv[1] : NULL, *cases = getenv("CASES");
  const unsigned n = cases ? (unsigned)atoi(cases) : 200;
  unsigned seen[SHIRA_STATUS_COUNT] = {0};
  struct bed b, golden;
  test_rules(backend, 0);
  test_rules(backend, 30);
  for (unsigned half = 0; half < 2; half++) {
    bed_open(&b, backend, half ? 30 : 0, NULL);
    bed_open(&golden, "golden", 0, NULL);
    bed_move_srams(&b, true);
    bed_move_srams(&golden, true);
    for (unsigned i = half; i < n; i += 2)
      test_random(&b, &golden, i, seen);
    b.why[0] = '\0';
    bed_check_works(&b);
    tap(&b, "the device works after all of them");
    bed_close(&b);
    bed_close(&golden);
  }
  b.stall = 0;
  const bool all = seen[CRC] && seen[ORDER] && seen[FORMAT] && seen[LENGTH] &&
                   seen[SHIRA_STATUS_WINDOW] && seen[SHIRA_STATUS_OK];
  expect(&b, all || n < 100, "some errors never came up");
  tap(&b, "every kind of error came up");
  return tap_end();
}
