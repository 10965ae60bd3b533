// Streams of sparse updates for the bench of SCATTER: an encoder, and a model that judges and
// applies a stream as the interface's description says, block after block.
#ifndef TESTS_BLOCK_SCATTER_STREAM_H
#define TESTS_BLOCK_SCATTER_STREAM_H

#include <array>

#include "host/include/shira/wire.h"
#include "tests/block/copy/bench.h"

struct Limits {
  unsigned align, block_updates, beat, burst;
};

struct Update {
  uint32_t position;
  uint8_t value;
};

inline uint32_t crc32c(const uint8_t *data, size_t bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> t{};
    for (uint32_t i = 0; i < 256; i++) {
      t[i] = i;
      for (int k = 0; k < 8; k++)
        t[i] = t[i] >> 1 ^ (t[i] & 1 ? 0x82f63b78u : 0);
    }
    return t;
  }();
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < bytes; i++)
    crc = crc >> 8 ^ table[(crc ^ data[i]) & 255];
  return ~crc;
}

inline size_t align_up(size_t n, size_t to) {
  return (n + to - 1) / to * to;
}

// One block of a stream before its bytes are laid out.
struct Block {
  uint32_t first;
  std::vector<uint8_t> gaps, values;
  unsigned updates, gap_bytes, format = SHIRA_STREAM_FORMAT_GAP8, value_bytes = 1; // header
};

inline void seal(std::vector<uint8_t> &stream, size_t at, size_t bytes) {
  memset(&stream[at], 0, 4);
  const uint32_t crc = crc32c(&stream[at], bytes);
  memcpy(&stream[at], &crc, 4);
}

inline void lay_out(const Limits &l, const Block &b, std::vector<uint8_t> &out) {
  const size_t at = out.size(), head = align_up(16 + b.gaps.size(), l.align);
  const size_t bytes = head + align_up(b.values.size(), l.align);
  out.resize(at + bytes);
  shira_block_header h = {};
  h.first = b.first;
  h.updates = uint16_t(b.updates);
  h.gap_bytes = uint16_t(b.gap_bytes);
  h.format = uint8_t(b.format);
  h.value_bytes = uint8_t(b.value_bytes);
  memcpy(&out[at], &h, 16);
  memcpy(&out[at + 16], b.gaps.data(), b.gaps.size());
  memcpy(&out[at + head], b.values.data(), b.values.size());
  seal(out, at, bytes);
}

// Cuts sorted updates into blocks of at most `most` updates and of the most gap bytes allowed.
inline std::vector<Block> cut(const Limits &l, const std::vector<Update> &u, Random &rnd,
                              bool full) {
  std::vector<Block> blocks;
  for (size_t i = 0; i < u.size();) {
    Block b = {};
    b.first = u[i].position;
    const size_t most = full ? l.block_updates : rnd.range(1, l.block_updates);
    uint64_t cursor = b.first;
    while (i < u.size() && b.values.size() < most) {
      const uint64_t gap = u[i].position - cursor, escapes = gap / 255;
      if (b.gaps.size() + escapes + 1 > 4 * l.block_updates)
        break;
      b.gaps.insert(b.gaps.end(), escapes, 255);
      b.gaps.push_back(uint8_t(gap % 255));
      b.values.push_back(u[i].value);
      cursor = uint64_t(u[i].position) + 1;
      i++;
    }
    b.updates = unsigned(b.values.size());
    b.gap_bytes = unsigned(b.gaps.size());
    blocks.push_back(b);
  }
  return blocks;
}

struct Verdict {
  unsigned status = SHIRA_STATUS_OK;
  uint64_t where = 0;
  uint32_t count = 0;
};

// Bursts of the stream end at multiples of the burst size. Offset of the first one that fails.
inline uint64_t first_bad(const Limits &l, uint64_t addr, uint64_t bytes, uint64_t lo,
                          uint64_t hi) {
  for (uint64_t a = addr; a < addr + bytes;) {
    const uint64_t next = std::min(addr + bytes, (a / l.burst + 1) * l.burst);
    if (a < hi && next > lo)
      return a - addr;
    a = next;
  }
  return UINT64_MAX;
}

// Applies what may be applied of a stream to `weights` and says how it ends. `bad`: offset from
// which reads fail, with the status `bad_status`.
inline Verdict model_stream(const Limits &l, const shira_desc_scatter &d, const uint8_t *s,
                            std::vector<uint8_t> &weights, uint64_t bad, unsigned bad_status) {
  Verdict v;
  uint64_t offset = 0, cursor = 0, seen = 0;
  auto end = [&](unsigned status, uint64_t where) {
    v.status = status, v.where = where;
    return v;
  };
  while (offset < d.stream_bytes) {
    if (offset + 16 > bad)
      return end(bad_status, d.stream_addr + bad);
    shira_block_header h;
    memcpy(&h, s + offset, 16);
    if (h.format != SHIRA_STREAM_FORMAT_GAP8 || h.value_bytes != 1 || h.updates == 0 ||
        h.updates > l.block_updates || h.gap_bytes < h.updates || h.gap_bytes > 4 * l.block_updates)
      return end(SHIRA_STATUS_STREAM_FORMAT, offset);
    const uint64_t head = align_up(16 + h.gap_bytes, l.align);
    const uint64_t bytes = head + align_up(h.updates, l.align);
    if (offset + bytes > d.stream_bytes || seen + h.updates > d.updates)
      return end(SHIRA_STATUS_STREAM_LENGTH, offset);
    if (offset + bytes > bad)
      return end(bad_status, d.stream_addr + bad);
    std::vector<uint8_t> block(s + offset, s + offset + bytes);
    seal(block, 0, bytes);
    if (memcmp(block.data(), &h.crc, 4) != 0)
      return end(SHIRA_STATUS_STREAM_CRC, offset);
    if (h.first < cursor)
      return end(SHIRA_STATUS_STREAM_ORDER, offset);
    unsigned holds = 0;
    for (unsigned i = 0; i < h.gap_bytes; i++)
      holds += block[16 + i] != 255;
    if (holds != h.updates || block[16] != 0)
      return end(SHIRA_STATUS_STREAM_FORMAT, offset);
    cursor = h.first;
    const uint8_t *value = &block[head];
    for (unsigned i = 0; i < h.gap_bytes; i++) {
      cursor += block[16 + i];
      if (block[16 + i] == 255)
        continue;
      const uint64_t at = d.base + cursor++;
      if (at < d.win_lo || at >= d.win_hi)
        return end(SHIRA_STATUS_WINDOW, at);
      weights[at] = *value++;
      v.count++;
    }
    seen += h.updates;
    offset += bytes;
  }
  if (seen != d.updates)
    return end(SHIRA_STATUS_STREAM_LENGTH, offset);
  return v;
}

#endif
