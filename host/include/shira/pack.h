// Adapters and weights as the device wants them: weight images, streams, padded factors.
//
// An image holds a matrix [out][in] as tiles of n rows x k columns, zero-padded at the right and
// bottom edge, tile after tile along a row of tiles; a tile is n words of k bytes. A stream is a
// list of (position, byte) with strictly increasing positions, encoded as rtl/regs/shira_regs.yaml
// says under block_header. By the machine's layout a position is a byte offset in the image (tile),
// or row << row_log2 | column (row).
//
// Nothing here touches a device, blocks or keeps state: every function is reentrant. Functions that
// return int give 0 (or a count) or -errno, with a sentence in `e` where they take one (may be
// NULL).
#ifndef SHIRA_PACK_H
#define SHIRA_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "shira/adapter.h"
#include "shira/config.h"
#include "shira/error.h"
#include "shira/numeric.h"
#include "shira/regs.h"

// ---- weight images ----

struct shira_image {
  uint32_t out, in;          // matrix
  uint32_t n, k;             // tile, powers of two
  uint32_t n_tiles, k_tiles; // tiles down and across
  uint32_t n_log2, k_log2;
};

// Describes the image of an [out][in] matrix in n x k tiles. Returns 0, or -EINVAL where a size is
// 0, n or k is no power of two, or the image would not fit 32-bit positions.
int shira_image_init(struct shira_image *image, uint32_t out, uint32_t in, uint32_t n, uint32_t k);

// Size of the image, padding included.
static inline uint32_t shira_image_bytes(const struct shira_image *image) {
  return image->n_tiles * image->k_tiles << (image->n_log2 + image->k_log2);
}

// Position of element (r, c), r < out, c < in.
static inline uint32_t shira_image_pos(const struct shira_image *image, uint32_t r, uint32_t c) {
  uint32_t tile = (r >> image->n_log2) * image->k_tiles + (c >> image->k_log2);
  uint32_t word = (tile << image->n_log2) + (r & (image->n - 1));
  return (word << image->k_log2) + (c & (image->k - 1));
}

// Log2 of the positions of a row in layout row: the columns, rounded up to a power of two, at least
// a word.
uint32_t shira_image_row_log2(const struct shira_image *image);

// Writes the image of `matrix` [out][in] to `bytes` (shira_image_bytes of them); padding is zero.
void shira_image_pack(const struct shira_image *image, const int8_t *matrix, int8_t *bytes);

// The reverse; padding is ignored.
void shira_image_unpack(const struct shira_image *image, const int8_t *bytes, int8_t *matrix);

// ---- streams ----

// What a device takes, see cap_stream_align, cap_block_updates, cap_block_gaps and cap_layout, and
// what is chosen of it.
struct shira_stream_rules {
  enum shira_stream_format format;
  enum shira_layout layout; // order of positions; packing alone depends on it
  uint32_t align;           // alignment of the regions, a power of two >= 16
  uint32_t block_updates;   // most updates in a block, 1 to 65535; coo32: to 16383
  uint32_t block_gaps;      // gap8: most gap bytes in a block, block_updates to 65535
};

// The rules of a machine: align is its memory burst, block_gaps four times its block_updates. The
// format is gap8 until another is set.
struct shira_stream_rules shira_stream_rules_of(const struct shira_machine *machine);

struct shira_stream {
  uint8_t *data;         // owned; NULL where there are no updates
  uint32_t bytes;        // a multiple of align; the parts below sum to it
  uint32_t updates;      //
  uint32_t blocks;       //
  uint32_t header_bytes; //
  uint32_t gap_bytes;    // escapes included; coo32: of positions
  uint32_t value_bytes;  //
  uint32_t pad_bytes;    //
};

// Bytes of a stream that count as index (headers, gaps, escapes, padding); the rest is values.
static inline uint32_t shira_stream_index_bytes(const struct shira_stream *stream) {
  return stream->bytes - stream->value_bytes;
}

// Most bytes that a stream of `updates` updates with positions below `span` can need.
uint64_t shira_stream_bound(const struct shira_stream_rules *rules, uint32_t updates,
                            uint64_t span);

// Encodes `count` updates: positions pos[i], strictly increasing, and bytes value[i]. A block ends
// when it is full of updates and, in gap8, when the next gap does not fit, and before a gap that
// would cost more than 16 + 2 * align bytes, which a new block is cheaper than. The last blocks of
// a stream of 16 full blocks or more halve what is left, down to 64 updates. The stream is the
// caller's, freed by shira_stream_free. No updates give a stream of 0 bytes (the device refuses
// one: emit no descriptor). Returns 0, -EINVAL for bad rules or positions out of order, -EOVERFLOW
// where the stream would not fit 32 bits, -ENOMEM; on error nothing is owned.
int shira_stream_encode(const struct shira_stream_rules *rules, const uint32_t *pos,
                        const uint8_t *value, uint32_t count, struct shira_stream *stream,
                        struct shira_error *e);

// Decodes a stream into pos and value, of at most `max` updates, checking every rule of the format.
// Returns the number of updates, or -EBADMSG (CRC), -EILSEQ (order of blocks), -EPROTO (header,
// gaps, positions or padding), -EMSGSIZE (the stream ends inside a block, or holds more than `max`
// updates), -EINVAL (rules). Reads nothing outside data[0 .. bytes).
int shira_stream_decode(const struct shira_stream_rules *rules, const uint8_t *data, size_t bytes,
                        uint32_t *pos, uint8_t *value, uint32_t max, struct shira_error *e);

// CRC32C (Castagnoli, RFC 3720) of data after the bytes whose CRC32C is `crc`; 0 to begin.
uint32_t shira_crc32c(uint32_t crc, const uint8_t *data, size_t bytes);

// CRC32C of a block with its crc field taken as zero; bytes >= 16.
uint32_t shira_block_crc(const uint8_t *block, size_t bytes);

void shira_stream_free(struct shira_stream *stream);

// ---- adapters ----

// A stream and what else a descriptor says of it.
struct shira_stream_part {
  struct shira_stream stream; // owned
  uint32_t base;              // address of the image that its positions lie in
  uint32_t row_log2, k_tiles; // layout row: geometry of that image; else 0
};

// The streams of an adapter's updates, in the order in which they are applied. Layout tile: one, as
// all images together are one image. Layout row: one for each linear, as each has its own geometry.
struct shira_stream_set {
  enum shira_stream_format format;
  struct shira_stream_part *part; // owned
  uint32_t n;
  uint32_t bytes, updates; // of all
};

// Frees what a set owns and zeroes it. A zeroed set is allowed.
void shira_stream_set_free(struct shira_stream_set *set);

// A SHiRA adapter over quantised weights.
struct shira_pack_shira {
  struct shira_stream_set apply; // SET of W' = sat8(Wq + delta)
  struct shira_stream_set undo;  // SET of Wq at the same positions
  struct shira_delta_stats stats;
};

// A module over one linear's quantised weights, whose image lies at `base`.
struct shira_pack_part {
  const struct shira_adapter_module *module;
  const struct shira_image *image; // layout of the weights
  const int8_t *wq;                // [out][in]
  const double *scale;             // [out]
  uint32_t base;                   // different for each
};

// Packs `n_parts` modules into one set of streams of each kind. Images may lie in any order but
// must not overlap; entries of a module may come in any order. Returns 0, -EINVAL where a shape
// differs from its image, an index is out of range or a position occurs twice, -EDOM where a value
// is not finite, -EOVERFLOW where positions or bytes do not fit 32 bits, -ENOMEM; on error nothing
// is owned.
int shira_pack_shira_parts(const struct shira_pack_part *parts, uint32_t n_parts,
                           const struct shira_stream_rules *rules, struct shira_pack_shira *pack,
                           struct shira_error *e);

// The same for one module at base 0.
int shira_pack_shira(const struct shira_adapter_module *module, const struct shira_image *image,
                     const int8_t *wq, const double *scale, const struct shira_stream_rules *rules,
                     struct shira_pack_shira *pack, struct shira_error *e);

void shira_pack_shira_free(struct shira_pack_shira *pack);

// The streams that turn weights with adapter A into weights with adapter B and touch each weight
// once: what `apply` (B's) writes, and of `undo` (A's) what lies elsewhere. Both must be packed by
// the same rules over the same weights. Returns 0, -ENOMEM, or what a stream that breaks the rules
// gives; on error nothing is owned. Freed by shira_stream_set_free.
int shira_pack_transition(const struct shira_stream_rules *rules,
                          const struct shira_stream_set *undo, const struct shira_stream_set *apply,
                          struct shira_stream_set *set, struct shira_error *e);

// The streams whose values are what `apply` writes minus what `undo` writes, modulo 256, at the
// same positions: with ADD they do what `apply` does with SET, and SUB takes it back. Returns 0,
// -EINVAL where positions differ, -ENOMEM, or what a stream that breaks the rules gives; on error
// nothing is owned. Freed by shira_stream_set_free.
int shira_pack_delta(const struct shira_stream_rules *rules, const struct shira_stream_set *undo,
                     const struct shira_stream_set *apply, struct shira_stream_set *set,
                     struct shira_error *e);

// Whole rows of tiles of an image.
struct shira_pack_chunk {
  uint32_t image; // base of the image
  uint32_t start; // where the chunk begins, counted like `image`
  uint32_t row;   // of the matrix, with which it begins
};

// Cuts streams into one for each of `n` chunks, which cover all images in the order of their
// addresses: the chunk's updates, with positions as if it were an image of its own. A chunk without
// updates has a stream of 0 bytes. Returns 0, -ENOMEM, or what a stream that breaks the rules
// gives; on error nothing is owned. Freed by shira_stream_set_free.
int shira_pack_segments(const struct shira_stream_rules *rules,
                        const struct shira_stream_set *apply, const struct shira_pack_chunk *chunk,
                        uint32_t n, struct shira_stream_set *set, struct shira_error *e);

// Quantised factors of a LoRA module, laid out for the device. Fused: GEMM wadd with x_b as tokens
// and at as weights. Unfused: GEMM with a on the inputs, then with b on h.
struct shira_pack_lora {
  struct shira_image at_image, a_image, b_image; // Aq^T [in][rank], Aq [rank][in], Bq [out][rank]
  int8_t *at, *a, *b;                            // their bytes, owned
  int8_t *x_b;         // Bq as activations: [out] rows of x_stride bytes, zero-padded, owned
  uint32_t x_stride;   // rank rounded up to k
  uint32_t wadd_scale; // out_scale of the fused wadd: shira_scale_word(b)
};

// Lays out the factors in n x k tiles. Returns 0, -EINVAL (sizes), -ENOMEM; on error nothing is
// owned.
int shira_pack_lora(const struct shira_lora_quant *lora, uint32_t n, uint32_t k,
                    struct shira_pack_lora *pack);

// Scale words of the unfused passes, for h's scale sh from shira_calibrate_lora: of h = A x, and of
// the seed B h.
uint32_t shira_lora_hidden_scale(double sh);
uint32_t shira_lora_seed_scale(const struct shira_lora_quant *lora, double sh);

void shira_pack_lora_free(struct shira_pack_lora *pack);

#endif
