// safetensors files: a reader that trusts nothing, and a writer of the order that the format's own
// library uses. A file is a 64-bit little-endian header length N, N bytes of JSON, then the data of
// all tensors without gaps.
//
// Functions return 0 or -errno with one sentence in *error that names the file and, where one is to
// blame, the tensor. They may run in any thread and touch no hardware.
#ifndef SHIRA_ADAPTER_SAFETENSORS_H
#define SHIRA_ADAPTER_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "shira/error.h"

// In the format's order, which decides where a writer puts a tensor.
enum safetensors_dtype {
  SAFETENSORS_BOOL,
  SAFETENSORS_F4,
  SAFETENSORS_F6_E2M3,
  SAFETENSORS_F6_E3M2,
  SAFETENSORS_U8,
  SAFETENSORS_I8,
  SAFETENSORS_F8_E5M2,
  SAFETENSORS_F8_E4M3,
  SAFETENSORS_F8_E8M0,
  SAFETENSORS_I16,
  SAFETENSORS_U16,
  SAFETENSORS_F16,
  SAFETENSORS_BF16,
  SAFETENSORS_I32,
  SAFETENSORS_U32,
  SAFETENSORS_F32,
  SAFETENSORS_C64,
  SAFETENSORS_F64,
  SAFETENSORS_I64,
  SAFETENSORS_U64,
  SAFETENSORS_DTYPES
};

// Name as in the file, "F32"; and bits of one element.
const char *safetensors_dtype_name(enum safetensors_dtype dtype);
unsigned safetensors_dtype_bits(enum safetensors_dtype dtype);

// One tensor: all pointers are into its file and live until safetensors_close.
struct safetensors_tensor {
  const char *name;
  enum safetensors_dtype dtype;
  uint32_t rank;         // dimensions; 0 for a scalar
  const uint64_t *shape; // [rank]
  uint64_t elements;     // product of the shape
  uint64_t begin, bytes; // place in the data
  const uint8_t *data;   // no alignment is promised
};

struct safetensors_file {
  size_t n;
  struct safetensors_tensor *tensors;        // in the order of the data
  const struct safetensors_tensor **by_name; // the same, sorted by name
  uint64_t *shapes;                          // of all tensors
  void *header;                              // parsed JSON, owns the names
  void *map;                                 // mapping of the file, NULL when only parsed
  size_t map_bytes;
};

// Maps and checks a file. The file must not be shortened while it is open. Blocks on the file
// system. Errors: the errno of open or mmap; -EINVAL not a regular file or any rule of the format
// broken; -ENOMEM. Free with safetensors_close.
int safetensors_open(const char *path, struct safetensors_file *file, struct shira_error *error);

// The same for bytes in memory, which must outlive the file; `name` is used in messages.
int safetensors_parse(const void *bytes, size_t n_bytes, const char *name,
                      struct safetensors_file *file, struct shira_error *error);

// Frees everything and zeroes *file. A zeroed file is allowed.
void safetensors_close(struct safetensors_file *file);

// The tensor of that name, or NULL.
const struct safetensors_tensor *safetensors_find(const struct safetensors_file *file,
                                                  const char *name);

// Converts F32, F16 or BF16 to out[elements]. Errors: -EINVAL another dtype, or a value that is not
// finite (with its place); `file` is used in messages.
int safetensors_floats(const struct safetensors_tensor *tensor, const char *file, float *out,
                       struct shira_error *error);

// Copies `text` for a message: cut to `size`, control characters and what is not ASCII as '?'.
// Returns buf.
const char *safetensors_printable(const char *text, char *buf, size_t size);

#define SAFETENSORS_MAX_RANK 4 // of tensors that are written

struct safetensors_item {
  const char *name;
  enum safetensors_dtype dtype;
  uint32_t rank;
  uint64_t shape[SAFETENSORS_MAX_RANK];
  const void *data;
};

struct safetensors_note {
  const char *key, *value;
};

// Writes a file: items sorted by dtype (descending), then name; header padded with spaces to a
// multiple of 8; metadata as given. The same inputs give the same bytes. The file appears under
// its name only when it is whole. items[] is reordered. Errors: the errno of the file system;
// -EINVAL two items of one name, a name that is not UTF-8, or a size that overflows; -ENOMEM.
int safetensors_write(const char *path, struct safetensors_item *items, size_t n_items,
                      const struct safetensors_note *notes, size_t n_notes,
                      struct shira_error *error);

#endif
