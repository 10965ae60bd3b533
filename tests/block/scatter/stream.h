// Streams of sparse updates for the bench of SCATTER: an encoder, and a model that judges and
// applies a stream as the interface's description says, block after block.
#ifndef TESTS_BLOCK_SCATTER_STREAM_H
#define TESTS_BLOCK_SCATTER_STREAM_H

#include <array>

#include "host/include/shira/wire.h"
#include "tests/block/copy/bench.h"

struct Limits {
  unsigned align, block_updates, beat, burst;
  unsigned n, k; // tile
  bool row;      // positions lie in rows
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
  unsigned updates, gap_bytes, format, value_bytes = 1; // header

  bool coo() const {
    return format == SHIRA_STREAM_FORMAT_COO32;
  }
  uint32_t position(size_t i) const { // coo32
    uint32_t p;
    memcpy(&p, &gaps[4 * i], 4);
    return p;
  }
  void set_position(size_t i, uint32_t p) {
    memcpy(&gaps[4 * i], &p, 4);
  }
  // Moves all of the block's updates.
  void shift(uint32_t by) {
    first += by;
    for (size_t i = 0; coo() && i < gaps.size() / 4; i++)
      set_position(i, position(i) + by);
  }
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

// Adds an update to a block whose updates end before `cursor`; false where its gap does not fit.
inline bool append(const Limits &l, Block &b, const Update &u, uint64_t cursor) {
  if (b.coo()) {
    b.gaps.resize(b.gaps.size() + 4);
    b.set_position(b.gaps.size() / 4 - 1, u.position);
  } else {
    const uint64_t gap = u.position - cursor, escapes = gap / 255;
    if (b.gaps.size() + escapes + 1 > 4 * l.block_updates)
      return false;
    b.gaps.insert(b.gaps.end(), escapes, 255);
    b.gaps.push_back(uint8_t(gap % 255));
  }
  b.values.push_back(u.value);
  return true;
}

// Cuts sorted updates into blocks, full ones or of random sizes.
inline std::vector<Block> cut(const Limits &l, const std::vector<Update> &u, Random &rnd, bool full,
                              unsigned format) {
  std::vector<Block> blocks;
  for (size_t i = 0; i < u.size();) {
    Block b = {};
    b.format = format;
    b.value_bytes = 1;
    b.first = u[i].position;
    const size_t most = full ? l.block_updates : rnd.range(1, l.block_updates);
    uint64_t cursor = b.first;
    while (i < u.size() && b.values.size() < most && append(l, b, u[i], cursor))
      cursor = uint64_t(u[i++].position) + 1;
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

// Bursts of the stream end at multiples of the burst size, beats of a beat (`unit`). Offset of the
// first one that fails.
inline uint64_t first_bad(uint64_t unit, uint64_t addr, uint64_t bytes, uint64_t lo, uint64_t hi) {
  for (uint64_t a = addr; a < addr + bytes;) {
    const uint64_t next = std::min(addr + bytes, (a / unit + 1) * unit);
    if (a < hi && next > lo)
      return a - addr;
    a = next;
  }
  return UINT64_MAX;
}

// Byte of the image that a position names.
inline uint64_t image_offset(const Limits &l, const shira_desc_scatter &d, uint64_t p) {
  if (!l.row)
    return p;
  const uint64_t r = p >> d.row_log2, c = p & ((uint64_t(1) << d.row_log2) - 1);
  return ((r / l.n * d.k_tiles + c / l.k) * l.n + r % l.n) * l.k + c % l.k;
}

inline bool header_holds(const Limits &l, const shira_desc_scatter &d,
                         const shira_block_header &h) {
  if (h.format != d.format || h.value_bytes != 1 || h.updates == 0 || h.updates > l.block_updates)
    return false;
  return h.format == SHIRA_STREAM_FORMAT_COO32
             ? h.gap_bytes == 4 * h.updates
             : h.gap_bytes >= h.updates && h.gap_bytes <= 4 * l.block_updates;
}

// The positions of a block, which follow its header; false where they are not as it says.
inline bool read_positions(const shira_block_header &h, const uint8_t *gaps,
                           std::vector<uint64_t> &out) {
  out.clear();
  if (h.format == SHIRA_STREAM_FORMAT_COO32) {
    for (unsigned i = 0; i < h.updates; i++) {
      uint32_t p;
      memcpy(&p, gaps + 4 * i, 4);
      if (i ? p <= out.back() : p != h.first)
        return false;
      out.push_back(p);
    }
    return true;
  }
  uint64_t cursor = h.first;
  for (unsigned i = 0; i < h.gap_bytes; i++) {
    cursor += gaps[i];
    if (gaps[i] != 255)
      out.push_back(cursor++);
  }
  return gaps[0] == 0 && out.size() == h.updates;
}

// Makes an update; returns what the byte was.
inline uint8_t model_update(unsigned op, uint8_t &byte, uint8_t value) {
  const uint8_t old = byte;
  byte = uint8_t(op == SHIRA_SCATTER_OP_ADD   ? old + value
                 : op == SHIRA_SCATTER_OP_SUB ? old - value
                                              : value);
  return old;
}

// Applies what may be applied of a stream to `weights` and says how it ends; SWAP leaves the blocks
// that it completed written back in `s`. `bad`: offset from which reads fail, with the status
// `bad_status`. At most `limit` updates are made.
inline Verdict model_stream(const Limits &l, const shira_desc_scatter &d, uint8_t *s,
                            std::vector<uint8_t> &weights, uint64_t bad, unsigned bad_status,
                            uint64_t limit = UINT64_MAX) {
  Verdict v;
  uint64_t offset = 0, cursor = 0, seen = 0;
  auto end = [&](unsigned status, uint64_t where) {
    v.status = status, v.where = where;
    return v;
  };
  const uint64_t bad_burst = std::max(d.stream_addr, (d.stream_addr + bad) / l.burst * l.burst);
  while (offset < d.stream_bytes) {
    if (offset + 16 > bad)
      return end(bad_status, bad_burst);
    shira_block_header h;
    memcpy(&h, s + offset, 16);
    if (!header_holds(l, d, h))
      return end(SHIRA_STATUS_STREAM_FORMAT, offset);
    const uint64_t head = align_up(16 + h.gap_bytes, l.align);
    const uint64_t bytes = head + align_up(h.updates, l.align);
    if (offset + bytes > d.stream_bytes || seen + h.updates > d.updates)
      return end(SHIRA_STATUS_STREAM_LENGTH, offset);
    if (offset + bytes > bad)
      return end(bad_status, bad_burst);
    std::vector<uint8_t> block(s + offset, s + offset + bytes);
    seal(block, 0, bytes);
    if (memcmp(block.data(), &h.crc, 4) != 0)
      return end(SHIRA_STATUS_STREAM_CRC, offset);
    if (h.first < cursor)
      return end(SHIRA_STATUS_STREAM_ORDER, offset);
    std::vector<uint64_t> positions;
    if (!read_positions(h, &block[16], positions))
      return end(SHIRA_STATUS_STREAM_FORMAT, offset);
    uint8_t *value = &block[head];
    for (uint64_t p : positions) {
      const uint64_t at = d.base + image_offset(l, d, p);
      if (at < d.win_lo || at >= d.win_hi)
        return end(SHIRA_STATUS_WINDOW, at);
      if (v.count == limit)
        return v;
      const uint8_t old = model_update(d.op, weights[at], *value);
      *value++ = old;
      v.count++;
    }
    if (d.op == SHIRA_SCATTER_OP_SWAP) {
      seal(block, 0, bytes);
      memcpy(s + offset, block.data(), bytes);
    }
    // Behind the last gap, which an escape may be.
    cursor = positions.back() + 1;
    for (unsigned i = h.gap_bytes; h.format == SHIRA_STREAM_FORMAT_GAP8 && block[15 + i] == 255;
         i--)
      cursor += 255;
    seen += h.updates;
    offset += bytes;
  }
  if (seen != d.updates)
    return end(SHIRA_STATUS_STREAM_LENGTH, offset);
  return v;
}

#endif
