#include "host/adapter/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/adapter/half.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensor data are used in place");

#define MAX_HEADER 100000000u // bytes, the format's own limit

static const struct {
  const char *name;
  unsigned bits;
} dtypes[SAFETENSORS_DTYPES] = {
    [SAFETENSORS_BOOL] = {"BOOL", 8},       [SAFETENSORS_F4] = {"F4", 4},
    [SAFETENSORS_F6_E2M3] = {"F6_E2M3", 6}, [SAFETENSORS_F6_E3M2] = {"F6_E3M2", 6},
    [SAFETENSORS_U8] = {"U8", 8},           [SAFETENSORS_I8] = {"I8", 8},
    [SAFETENSORS_F8_E5M2] = {"F8_E5M2", 8}, [SAFETENSORS_F8_E4M3] = {"F8_E4M3", 8},
    [SAFETENSORS_F8_E8M0] = {"F8_E8M0", 8}, [SAFETENSORS_I16] = {"I16", 16},
    [SAFETENSORS_U16] = {"U16", 16},        [SAFETENSORS_F16] = {"F16", 16},
    [SAFETENSORS_BF16] = {"BF16", 16},      [SAFETENSORS_I32] = {"I32", 32},
    [SAFETENSORS_U32] = {"U32", 32},        [SAFETENSORS_F32] = {"F32", 32},
    [SAFETENSORS_C64] = {"C64", 64},        [SAFETENSORS_F64] = {"F64", 64},
    [SAFETENSORS_I64] = {"I64", 64},        [SAFETENSORS_U64] = {"U64", 64},
};

const char *safetensors_dtype_name(enum safetensors_dtype dtype) {
  return dtypes[dtype].name;
}

unsigned safetensors_dtype_bits(enum safetensors_dtype dtype) {
  return dtypes[dtype].bits;
}

const char *safetensors_printable(const char *text, char *buf, size_t size) {
  size_t n = 0;
  for (; text[n] && n + 1 < size; n++)
    buf[n] = text[n] >= 0x20 && text[n] < 0x7f ? text[n] : '?';
  buf[n] = '\0';
  return buf;
}

// A failure that a tensor is to blame for.
#define FAIL_TENSOR(error, file, tensor, format, ...)                                              \
  shira_fail(error, EINVAL, "'%s': tensor '%s': " format, file,                                    \
             safetensors_printable(tensor, (char[128]){0}, 128), ##__VA_ARGS__)

static int dtype_from_name(const char *name, enum safetensors_dtype *dtype) {
  for (int i = 0; i < SAFETENSORS_DTYPES; i++) {
    if (strcmp(name, dtypes[i].name) == 0) {
      *dtype = (enum safetensors_dtype)i;
      return 0;
    }
  }
  return -EINVAL;
}

static int read_uint(const json_t *value, uint64_t *out) {
  if (!json_is_integer(value) || json_integer_value(value) < 0)
    return -EINVAL;
  *out = (uint64_t)json_integer_value(value);
  return 0;
}

// Fills one tensor from its entry in the header; its dimensions go to shape[].
static int read_tensor(const char *name, const json_t *entry, uint64_t *shape, const char *file,
                       struct safetensors_tensor *t, struct shira_error *error) {
  const char *dtype = json_string_value(json_object_get(entry, "dtype"));
  if (!dtype)
    return FAIL_TENSOR(error, file, name, "it has no dtype");
  t->name = name;
  if (dtype_from_name(dtype, &t->dtype))
    return FAIL_TENSOR(error, file, name, "its dtype '%s' is not one of the format",
                       safetensors_printable(dtype, (char[32]){0}, 32));

  const json_t *dims = json_object_get(entry, "shape");
  if (!json_is_array(dims))
    return FAIL_TENSOR(error, file, name, "it has no shape");
  t->rank = (uint32_t)json_array_size(dims);
  t->shape = shape;
  t->elements = 1;
  for (uint32_t i = 0; i < t->rank; i++) {
    if (read_uint(json_array_get(dims, i), &shape[i]))
      return FAIL_TENSOR(error, file, name, "its shape holds what is not a whole number >= 0");
    if (__builtin_mul_overflow(t->elements, shape[i], &t->elements))
      return FAIL_TENSOR(error, file, name, "its shape has more than 2^64 elements");
  }

  const json_t *offsets = json_object_get(entry, "data_offsets");
  uint64_t end, bits;
  if (!json_is_array(offsets) || json_array_size(offsets) != 2 ||
      read_uint(json_array_get(offsets, 0), &t->begin) ||
      read_uint(json_array_get(offsets, 1), &end))
    return FAIL_TENSOR(error, file, name, "its data_offsets are not two whole numbers >= 0");
  if (end < t->begin)
    return FAIL_TENSOR(error, file, name, "it ends at %" PRIu64 " before it begins at %" PRIu64,
                       end, t->begin);
  t->bytes = end - t->begin;
  if (__builtin_mul_overflow(t->elements, (uint64_t)dtypes[t->dtype].bits, &bits) || bits % 8)
    return FAIL_TENSOR(error, file, name, "its size is not a whole number of bytes below 2^61");
  if (t->bytes != bits / 8)
    return FAIL_TENSOR(error, file, name,
                       "its shape needs %" PRIu64 " bytes, its data_offsets span %" PRIu64,
                       bits / 8, t->bytes);
  return 0;
}

static int compare_offsets(const void *a, const void *b) {
  const struct safetensors_tensor *x = a, *y = b;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? -1 : 1;
  return strcmp(x->name, y->name);
}

static int compare_names(const void *a, const void *b) {
  const struct safetensors_tensor *const *x = a, *const *y = b;
  return strcmp((*x)->name, (*y)->name);
}

// Tensors must follow each other without overlap or gap and end where the file ends.
static int check_layout(struct safetensors_file *f, const uint8_t *data, uint64_t n_data,
                        const char *name, struct shira_error *error) {
  uint64_t end = 0;
  qsort(f->tensors, f->n, sizeof *f->tensors, compare_offsets);
  for (size_t i = 0; i < f->n; i++) {
    struct safetensors_tensor *t = &f->tensors[i];
    if (t->begin < end)
      return FAIL_TENSOR(error, name, t->name,
                         "its data begin at %" PRIu64 " and overlap '%s', which ends at %" PRIu64,
                         t->begin, safetensors_printable(t[-1].name, (char[128]){0}, 128), end);
    if (t->begin > end)
      return FAIL_TENSOR(error, name, t->name,
                         "a gap of %" PRIu64 " bytes lies before its data at %" PRIu64,
                         t->begin - end, t->begin);
    if (__builtin_add_overflow(end, t->bytes, &end))
      return FAIL_TENSOR(error, name, t->name, "its data end beyond 2^64");
    f->by_name[i] = t;
  }
  if (end > n_data)
    return shira_fail(error, EINVAL,
                      "'%s': truncated: its tensors need %" PRIu64 " bytes of data, %" PRIu64
                      " are there",
                      name, end, n_data);
  if (end < n_data)
    return shira_fail(error, EINVAL,
                      "'%s': %" PRIu64 " bytes lie behind the last tensor, which ends at %" PRIu64,
                      name, n_data - end, end);
  for (size_t i = 0; i < f->n; i++)
    f->tensors[i].data = data + f->tensors[i].begin;
  qsort(f->by_name, f->n, sizeof *f->by_name, compare_names);
  return 0;
}

static int check_metadata(const json_t *metadata, const char *name, struct shira_error *error) {
  const char *key;
  json_t *value;
  if (!metadata)
    return 0;
  if (!json_is_object(metadata))
    return shira_fail(error, EINVAL, "'%s': __metadata__ is not an object", name);
  json_object_foreach((json_t *)metadata, key, value) {
    if (!json_is_string(value))
      return shira_fail(error, EINVAL, "'%s': __metadata__: '%s' is not a string", name,
                        safetensors_printable(key, (char[128]){0}, 128));
  }
  return 0;
}

// Reads every entry of the header into f->tensors.
static int read_header(struct safetensors_file *f, const char *name, struct shira_error *error) {
  json_t *root = f->header;
  const char *key;
  json_t *entry;
  size_t dims = 0;
  json_object_foreach(root, key, entry) {
    if (strcmp(key, "__metadata__") == 0)
      continue;
    if (!json_is_object(entry))
      return FAIL_TENSOR(error, name, key, "its entry in the header is not an object");
    dims += json_array_size(json_object_get(entry, "shape"));
    f->n++;
  }
  f->tensors = calloc(f->n + 1, sizeof *f->tensors); // + 1: never of size 0
  f->by_name = calloc(f->n + 1, sizeof *f->by_name);
  f->shapes = calloc(dims + 1, sizeof *f->shapes);
  if (!f->tensors || !f->by_name || !f->shapes)
    return shira_fail(error, ENOMEM, "'%s': no memory for %zu tensors", name, f->n);

  struct safetensors_tensor *t = f->tensors;
  uint64_t *shape = f->shapes;
  json_object_foreach(root, key, entry) {
    if (strcmp(key, "__metadata__") == 0)
      continue;
    int err = read_tensor(key, entry, shape, name, t, error);
    if (err)
      return err;
    shape += t->rank;
    t++;
  }
  return check_metadata(json_object_get(root, "__metadata__"), name, error);
}

int safetensors_parse(const void *bytes, size_t n_bytes, const char *name,
                      struct safetensors_file *file, struct shira_error *error) {
  const uint8_t *p = bytes;
  uint64_t n_header;
  json_error_t json;
  int err;

  memset(file, 0, sizeof *file);
  if (n_bytes < sizeof n_header)
    return shira_fail(error, EINVAL, "'%s': truncated: %zu bytes, a header length needs 8", name,
                      n_bytes);
  memcpy(&n_header, p, sizeof n_header);
  if (n_header > MAX_HEADER)
    return shira_fail(error, EINVAL, "'%s': header of %" PRIu64 " bytes, at most %u are allowed",
                      name, n_header, MAX_HEADER);
  if (n_header > n_bytes - sizeof n_header)
    return shira_fail(error, EINVAL,
                      "'%s': truncated: header of %" PRIu64 " bytes, %zu bytes are there", name,
                      n_header, n_bytes - sizeof n_header);
  p += sizeof n_header;
  if (n_header == 0 || p[0] != '{')
    return shira_fail(error, EINVAL, "'%s': the header does not start with '{'", name);

  file->header = json_loadb((const char *)p, n_header, JSON_REJECT_DUPLICATES, &json);
  if (!file->header) {
    bool duplicate = json_error_code(&json) == json_error_duplicate_key;
    return shira_fail(error, EINVAL, "'%s': %s: %s (byte %d)", name,
                      duplicate ? "duplicate key in the header" : "the header is not JSON",
                      safetensors_printable(json.text, (char[128]){0}, 128), json.position);
  }
  err = read_header(file, name, error);
  if (!err)
    err = check_layout(file, p + n_header, n_bytes - sizeof n_header - n_header, name, error);
  if (err)
    safetensors_close(file);
  return err;
}

int safetensors_open(const char *path, struct safetensors_file *file, struct shira_error *error) {
  struct stat st;
  void *map;
  int err;

  memset(file, 0, sizeof *file);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not make it wait
  if (fd < 0 || fstat(fd, &st) < 0) {
    err = shira_fail(error, errno, "cannot open '%s': %s", path, strerror(errno));
    goto out;
  }
  if (!S_ISREG(st.st_mode)) {
    err = shira_fail(error, EINVAL, "cannot read '%s': not a regular file", path);
    goto out;
  }
  if (st.st_size < 8) {
    err = shira_fail(error, EINVAL, "'%s': truncated: %lld bytes, a header length needs 8", path,
                     (long long)st.st_size);
    goto out;
  }
  size_t bytes = (size_t)st.st_size;
  map = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED) {
    err = shira_fail(error, errno, "cannot map '%s': %s", path, strerror(errno));
    goto out;
  }
  err = safetensors_parse(map, bytes, path, file, error);
  if (err) {
    munmap(map, bytes);
    goto out;
  }
  file->map = map;
  file->map_bytes = bytes;
out:
  if (fd >= 0)
    close(fd);
  return err;
}

void safetensors_close(struct safetensors_file *file) {
  free(file->tensors);
  free(file->by_name);
  free(file->shapes);
  json_decref(file->header);
  if (file->map)
    munmap(file->map, file->map_bytes);
  memset(file, 0, sizeof *file);
}

const struct safetensors_tensor *safetensors_find(const struct safetensors_file *file,
                                                  const char *name) {
  struct safetensors_tensor key = {.name = name};
  const struct safetensors_tensor *p = &key;
  const struct safetensors_tensor *const *found =
      bsearch(&p, file->by_name, file->n, sizeof *file->by_name, compare_names);
  return found ? *found : NULL;
}

int safetensors_floats(const struct safetensors_tensor *t, const char *file, float *out,
                       struct shira_error *error) {
  const uint8_t *data = t->data;
  if (t->dtype == SAFETENSORS_F32) {
    if (t->bytes)
      memcpy(out, data, t->bytes);
  } else if (t->dtype == SAFETENSORS_F16 || t->dtype == SAFETENSORS_BF16) {
    bool half = t->dtype == SAFETENSORS_F16;
    for (uint64_t i = 0; i < t->elements; i++) {
      uint16_t bits = (uint16_t)(data[2 * i] | data[2 * i + 1] << 8);
      out[i] = half ? shira_half_to_float(bits) : shira_bf16_to_float(bits);
    }
  } else {
    return FAIL_TENSOR(error, file, t->name, "its dtype is %s, allowed are F32, F16 and BF16",
                       dtypes[t->dtype].name);
  }
  for (uint64_t i = 0; i < t->elements; i++) {
    if (!isfinite(out[i]))
      return FAIL_TENSOR(error, file, t->name, "value %" PRIu64 " is not finite", i);
  }
  return 0;
}
