// Tests of shira_scatter with descriptors and streams that are wrong.
#include "tests/block/scatter/harness.h"

void test_descriptors(Bench &b) {
  const struct {
    unsigned status, where;
  } kinds[] = {{SHIRA_STATUS_BAD_FIELD, 16}, {SHIRA_STATUS_BAD_FIELD, 17},
               {SHIRA_STATUS_BAD_FIELD, 18}, {SHIRA_STATUS_BAD_FIELD, 20},
               {SHIRA_STATUS_BAD_FIELD, 32}, {SHIRA_STATUS_BAD_ALIGN, 24},
               {SHIRA_STATUS_BAD_ALIGN, 32}, {SHIRA_STATUS_BAD_ALIGN, 36},
               {SHIRA_STATUS_BAD_RANGE, 36}, {SHIRA_STATUS_BAD_RANGE, 64},
               {SHIRA_STATUS_BAD_FIELD, 40}, {SHIRA_STATUS_BAD_FIELD, 44}}; // these two: rows only
  for (unsigned round = 0; round < 100 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    std::vector<Verdict> e;
    if (b.rnd.percent(50)) {
      Job first = b.random_job(kLimits.block_updates);
      b.submit(first);
      e.push_back(b.expect(first));
    }
    Job j = b.random_job(kLimits.block_updates);
    b.submit(j);
    shira_desc_scatter &d = b.queue.back().d;
    const unsigned kind = round % (kRow ? 12 : 10);
    switch (kind) {
    case 0:
      d.op = uint8_t(b.rnd.range(4, 255));
      break;
    case 1:
      d.format = b.rnd.percent(50) ? 0 : uint8_t(b.rnd.range(3, 255));
      break;
    case 2:
      d.traffic = uint8_t(b.rnd.percent(50) ? b.rnd.below(3) : b.rnd.range(9, 255));
      break;
    case 3:
      d.updates = 0;
      break;
    case 4:
      d.stream_bytes = 0;
      break;
    case 5:
      d.stream_addr += b.rnd.range(1, kLimits.align - 1);
      break;
    case 6:
      d.stream_bytes += uint32_t(b.rnd.range(1, kLimits.align - 1));
      break;
    case 7:
      d.base += uint32_t(b.rnd.range(1, kWord - 1));
      break;
    case 8:
      d.base = uint32_t(kWeights + b.rnd.below(5) * kWord * 4096);
      break;
    case 9:
      d.win_hi = b.rnd.percent(50) ? ~0ull : kWeights + b.rnd.range(1, 99);
      break;
    case 10:
      d.row_log2 = uint8_t(b.rnd.percent(50) ? b.rnd.below(log2_of(kWord)) : b.rnd.range(32, 255));
      break;
    case 11:
      d.k_tiles = b.rnd.percent(50) ? 0 : uint32_t(b.rnd.range(65536, ~0u));
      break;
    }
    e.push_back({kinds[kind].status, kinds[kind].where, 0});
    b.run_submitted(e, b.rnd.percent(50));
  }
}

// Gaps or positions of a block, so that it does not begin or go on as its header says.
static void spoil_positions(Random &r, Block &k, bool begin) {
  if (!k.coo()) {
    if (begin)
      k.gaps[0] = uint8_t(r.range(1, 254));
    else // an update more or less, or another place
      k.gaps[r.below(k.gaps.size())] ^= 255;
  } else if (begin || k.values.size() < 2) {
    k.set_position(0, k.first ^ uint32_t(1u << r.below(32)));
  } else { // the one before it again, or one less
    const size_t i = r.range(1, k.values.size() - 1);
    k.set_position(i, k.position(i - 1) - uint32_t(r.below(2)));
  }
}

// Kinds 0 to 9: a block's header, its gaps or its place. CRCs are made of what comes out, so that
// the other checks are reached.
static void spoil_block(Random &r, std::vector<Block> &blocks, unsigned kind) {
  Block &k = blocks[r.below(blocks.size())];
  Block &later = blocks.size() > 1 ? blocks[r.range(1, blocks.size() - 1)] : blocks[0];
  switch (kind) {
  case 0:
    k.format = r.percent(50)
                   ? unsigned(k.coo() ? SHIRA_STREAM_FORMAT_GAP8 : SHIRA_STREAM_FORMAT_COO32)
                   : unsigned(r.percent(50) ? 0 : r.range(3, 255));
    break;
  case 1:
    k.value_bytes = unsigned(r.percent(50) ? 0 : r.range(2, 255));
    break;
  case 2:
    k.updates = r.percent(50) ? 0 : unsigned(r.range(kLimits.block_updates + 1, 65535));
    break;
  case 3:
    k.gap_bytes =
        r.percent(50) ? k.updates - 1 : unsigned(r.range(4 * kLimits.block_updates + 1, 65535));
    break;
  case 4:
  case 5:
    spoil_positions(r, k, kind == 4);
    break;
  case 6:
    later.shift(-uint32_t(std::min<uint64_t>(later.first, r.range(1, 3000))));
    break;
  case 7:
    std::swap(k, later);
    break;
  case 8:
    later = k;
    break;
  case 9:
    k.updates += r.percent(50) ? 1 : -1;
    break;
  }
}

// Kinds 10 to 19: the stream as a whole, its descriptor, or any bit.
static void spoil_job(Bench &b, std::vector<Block> &blocks, Job &j, unsigned kind) {
  Random &r = b.rnd;
  switch (kind) {
  case 10:
    j.d.updates += uint32_t(r.range(1, 20));
    break;
  case 11:
    j.d.updates -= std::min<uint32_t>(j.d.updates - 1, uint32_t(r.range(1, 700)));
    break;
  case 12: // the stream goes on behind its last block
    j.stream.resize(j.stream.size() + kLimits.align * r.range(1, 3));
    j.d.stream_bytes = uint32_t(j.stream.size());
    break;
  case 13: // it is cut
    j.stream.resize(j.stream.size() - std::min<size_t>(j.stream.size() - kLimits.align,
                                                       kLimits.align * r.range(1, 3)));
    j.d.stream_bytes = uint32_t(j.stream.size());
    break;
  case 14:
  case 15: // any bit
    j.stream[r.below(j.stream.size())] ^= uint8_t(1u << r.below(8));
    break;
  case 16: // the window is narrow
    j.d.win_lo =
        j.d.base + (r.percent(50) ? 0 : image_offset(kLimits, j.d, blocks[0].first) + r.below(3));
    j.d.win_hi = std::min<uint64_t>(
        j.d.base + image_offset(kLimits, j.d, blocks.back().first) + r.below(3), kWeights);
    break;
  case 17: // a window that nothing is in
    j.d.win_lo = r.percent(50) ? j.d.win_hi : ~0ull;
    break;
  case 18: // positions far outside
    for (size_t i = r.below(blocks.size()); i < blocks.size(); i++)
      blocks[i].shift(0xfff00000u);
    j = b.make_job(blocks, j.d);
    break;
  case 19: // another geometry
    j.d.row_log2 = uint8_t(r.range(log2_of(kWord), 31));
    j.d.k_tiles = uint32_t(r.percent(50) ? r.range(1, 100) : r.range(1, 65535));
    break;
  }
}

static void spoil(Bench &b, std::vector<Block> &blocks, Job &j, unsigned kind) {
  const uint32_t updates = j.d.updates;
  spoil_block(b.rnd, blocks, kind);
  j = b.make_job(blocks, j.d);
  j.d.updates = updates;
  spoil_job(b, blocks, j, kind);
}

void test_streams(Bench &b) {
  unsigned seen[16] = {};
  b.one_op = kRow ? SHIRA_SCATTER_OP_SET : 4; // in rows what is spoilt may meet a byte twice
  for (unsigned round = 0; round < 20 * 40 && b.tap.why.empty(); round++) {
    b.random_timing();
    const uint32_t base = uint32_t(b.rnd.below(kWeights / 2 / kWord) * kWord);
    const shira_desc_scatter d = b.random_desc(base, kWeights / 2);
    std::vector<Block> blocks =
        cut(kLimits, b.random_updates(d, kWeights / 2, 4 * kLimits.block_updates), b.rnd,
            b.rnd.percent(50), d.format);
    Job j = b.make_job(blocks, d);
    spoil(b, blocks, j, round % 20);
    const std::vector<uint8_t> before = b.model;
    b.run_bad(j);
    for (auto &r : b.results)
      seen[r.status & 15]++;
  }
  b.one_op = 4;
  printf("# window %u, crc %u, order %u, format %u, length %u\n", seen[5], seen[6], seen[7],
         seen[8], seen[9]);
  for (unsigned s = 5; s <= 9; s++)
    if (seen[s] < 10)
      b.tap.fail("status %u came only %u times", s, seen[s]);
}
