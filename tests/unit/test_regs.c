// The programming interface: the generator refuses a wrong source with the exact sentence, and its
// C and SystemVerilog say the same.
#include <stdlib.h>
#include <unistd.h>
#define exit _exit // of a child: no cleanup of the test's own
#include "rtl/regs/gen_load.c"
#undef exit

#include <setjmp.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "shira/wire.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define YAML "rtl/regs/shira_regs.yaml"
#define PACKAGE "rtl/regs/shira_regs_pkg.sv"

static char temp[64]; // file that a test writes

static int make_temp(void **state) {
  (void)state;
  strcpy(temp, "/tmp/shira_regs_XXXXXX");
  int fd = mkstemp(temp);
  return fd < 0 || close(fd) ? -1 : 0;
}

static int remove_temp(void **state) {
  (void)state;
  return unlink(temp);
}

// All of a file; the caller frees it.
static char *slurp(const char *path) {
  char *bytes = NULL;
  size_t size = 0;
  FILE *f = fopen(path, "rb");
  if (!f)
    fail_msg("cannot open '%s'", path);
  ssize_t n = getdelim(&bytes, &size, '\0', f);
  assert_true(n > 0);
  fclose(f);
  return bytes;
}

// Loads `path` in a child, which then compares what it loaded with shira/regs.h when `compare` is
// set. Returns the child's exit code and what it wrote to stderr.
static bool same_as_header(void);
static int load_in_child(const char *path, bool compare, char *message, size_t size) {
  int pipes[2], status;
  assert_int_equal(pipe(pipes), 0);
  fflush(NULL);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    dup2(pipes[1], STDERR_FILENO);
    load(path);
    _exit(compare && !same_as_header() ? 3 : 0);
  }
  close(pipes[1]);
  size_t at = 0;
  for (ssize_t n = 1; n > 0; at += n > 0 ? (size_t)n : 0)
    n = read(pipes[0], message + at, size - 1 - at);
  message[at] = '\0';
  close(pipes[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool same_as_header(void) {
  bool same = all.counters.n == SHIRA_COUNTER_COUNT && all.counters_offset == SHIRA_COUNTER_OFFSET;
  for (size_t i = 0; same && i < all.counters.n; i++)
    same = !strcmp(all.counters.e[i].name, shira_counter_name((unsigned)i));
  const struct entry *status = find(&all.enums, "status");
  for (size_t i = 0; same && i < status->sub.n; i++)
    same = !strcmp(status->sub.e[i].name, shira_status_name((unsigned)status->sub.e[i].number));
  return same;
}

static void test_source(void **state) {
  (void)state;
  char message[500];
  assert_int_equal(load_in_child(YAML, true, message, sizeof message), 0);
  assert_string_equal(message, "");
}

// ---- Refusals ---------------------------------------------------------------------------------

static const char good[] =
    "constants:\n"                                                                 // 1
    "  - {name: descriptor_bytes, value: 16, doc: size}\n"                         // 2
    "  - {name: record_bytes, value: 8, doc: size}\n"                              // 3
    "enums:\n"                                                                     // 4
    "  - name: engine\n    doc: who\n    values:\n"                                // 5
    "      - {name: copy, value: 0, doc: c}\n"                                     // 8
    "      - {name: gemm, value: 1, doc: g}\n"                                     // 9
    "  - {name: traffic, doc: what, values: [{name: weight, value: 0, doc: w}]}\n" // 10
    "registers:\n"                                                                 // 11
    "  - {name: id, offset: 0x000, access: ro, doc: id}\n"                         // 12
    "  - {name: ctrl, offset: 0x004, access: rw, doc: control,\n"                  // 13
    "     fields: [{name: on, bit: 0, doc: o}, {name: ack, bit: 1, doc: a}]}\n"    // 14
    "counters:\n"                                                                  // 15
    "  offset: 0x400\n"                                                            // 16
    "  engine_states: [{name: busy, doc: b}]\n"                                    // 17
    "  per_traffic: [{name: read, doc: r}]\n"                                      // 18
    "  single: [{name: cycles, doc: c}]\n"                                         // 19
    "structs:\n"                                                                   // 20
    "  - name: desc_header\n    bytes: 16\n    doc: head\n    fields:\n"           // 21
    "      - {name: op, offset: 0, bits: 8, doc: o}\n"                             // 25
    "  - name: desc_copy\n    bytes: 16\n    doc: copy\n    header: true\n"        // 26
    "    fields:\n"                                                                // 30
    "      - {name: len, offset: 4, bits: 32, doc: l}\n"                           // 31
    "      - {name: addr, offset: 8, bits: 64, doc: a}\n"                          // 32
    "  - {name: record, bytes: 8, doc: r, fields: [{name: x, offset: 0, bits: 64, doc: x}]}\n";

static const struct {
  const char *from, *to, *message;
} refused[] = {
    {"constants:", "constant:", "1: constant: unknown key"},
    {"value: 16, doc: size", "value: 16, doc: size, unit: b", "2: unit: unknown key of a constant"},
    {"value: 16, doc: size", "value: 16", "2: doc: missing in a constant"},
    {", value: 16", "", "2: value: missing in a constant"},
    {"value: 16,", "value: 16, value: 17,", "2: value: key is there twice"},
    {"value: 16", "value: sixteen", "2: value: 'sixteen' is not a number"},
    {"value: 16", "value: 0x1_0", "2: value: '0x1_0' is not a number"},
    {"value: 16", "value: 010", "2: value: '010' is not a number"},
    {"value: 16", "value: 4294967296", "2: value: 4294967296 is out of range, 0 to 4294967295"},
    {"value: 16", "value: [16]", "2: value: must be text"},
    {"name: record_bytes", "name: descriptor_bytes",
     "3: name: 'descriptor_bytes' is there twice, first in line 2"},
    {"name: record_bytes", "name: Record",
     "3: name: 'Record' is not a name (a-z, then a-z, 0-9 and _)"},
    {"{name: gemm, value: 1", "{name: gemm, value: 0",
     "9: value: 0 is there twice, first in line 8"},
    {"{name: gemm, value: 1", "{name: copy, value: 1",
     "9: name: 'copy' is there twice, first in line 8"},
    {"{name: gemm, value: 1", "{name: gemm, value: 256", "9: value: 256 is out of range, 0 to 255"},
    {"values: [{name: weight, value: 0, doc: w}]", "values: []",
     "10: must be a list of at least one value"},
    {"name: traffic", "name: class", "1: counters: need the enums engine and traffic"},
    {"0x004, access: rw", "0x000, access: rw", "13: offset: 0 is there twice, first in line 12"},
    {"0x004", "0x006", "13: ctrl: offset is not a multiple of 4"},
    {"0x004", "0x400", "13: ctrl: overlaps the counters"},
    {"access: rw", "access: wo", "13: access: 'wo' is not ro, rw or rw1c"},
    {"bit: 1", "bit: 0", "14: bit: 0 is there twice, first in line 14"},
    {"bit: 1", "bit: 32", "14: bit: 32 is out of range, 0 to 31"},
    {"  offset: 0x400", "  offset: 0x404",
     "19: counters: offset must be a multiple of 8 and the last end before 4096"},
    {"  offset: 0x400", "  offset: 0xff0",
     "19: counters: offset must be a multiple of 8 and the last end before 4096"},
    {"  single: [{name: cycles, doc: c}]\n", "",
     "16: counters: needs offset, engine_states, per_traffic and single"},
    {"{name: cycles, doc: c}", "{name: read_weight, doc: c}",
     "19: name: counter 'read_weight' is there twice"},
    {"offset: 4, bits: 32", "offset: 4, bits: 24", "31: bits: 24 is not 8, 16, 32 or 64"},
    {"offset: 4, bits: 32", "offset: 2, bits: 32",
     "31: len: offset 2 is not a multiple of its size"},
    {"offset: 4, bits: 32", "offset: 0, bits: 32", "31: len: overlaps op of line 25"},
    {"offset: 4, bits: 32", "offset: 12, bits: 32", "31: len: overlaps addr of line 32"},
    {"offset: 8, bits: 64", "offset: 16, bits: 64",
     "32: addr: leaves struct desc_copy of 16 bytes"},
    {"name: len", "name: op", "31: name: 'op' is there twice, first in line 25"},
    {"header: true", "header: yes", "29: header: 'yes' is not true or false"},
    {"desc_header", "desc_head", "26: header: needs a struct desc_header without header"},
    {"record, bytes: 8", "record, bytes: 16", "33: bytes: must be the constant record_bytes"},
    {"structs:\n", "structs: [\n", "21: did not find expected node content"},
    {"structs:\n", "---\nstructs:\n", "1: needs constants, enums, registers, counters and structs"},
    {"doc: r, fields: [{name: x, offset: 0, bits: 64, doc: x}]}\n",
     "doc: r, fields: [{name: x, offset: 0, bits: 64, doc: x}]}\n---\nmore: 1\n",
     "35: must be one document"},
    {"value: 16", "value: *x", "2: found undefined alias"},
};

static void write_changed(const char *from, const char *to) {
  const char *at = strstr(good, from);
  FILE *f = fopen(temp, "w");
  assert_non_null(at);
  assert_non_null(f);
  fprintf(f, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
  assert_int_equal(fclose(f), 0);
}

static void test_refusals(void **state) {
  (void)state;
  char message[500], expected[500];
  write_changed("constants", "constants");
  assert_int_equal(load_in_child(temp, false, message, sizeof message), 0);
  for (size_t i = 0; i < COUNT(refused); i++) {
    write_changed(refused[i].from, refused[i].to);
    assert_int_equal(load_in_child(temp, false, message, sizeof message), 1);
    snprintf(expected, sizeof expected, "%s:%s\n", temp, refused[i].message);
    assert_string_equal(message, expected);
  }
  assert_int_equal(load_in_child("/nonexistent", false, message, sizeof message), 1);
  assert_string_equal(message, "regsgen: cannot open '/nonexistent': No such file or directory\n");
}

// ---- C against SystemVerilog ------------------------------------------------------------------

static void camel(const char *name, char *out) {
  for (bool start = true; *name; name++) {
    if (*name != '_')
      *out++ = start && *name >= 'a' && *name <= 'z' ? (char)(*name - 32) : *name;
    start = *name == '_';
  }
  *out = '\0';
}

static void expect_line(const char *package, const char *line) {
  if (!strstr(package, line))
    fail_msg("'%s' is not in " PACKAGE, line);
}

static void test_package(void **state) {
  (void)state;
  char *package = slurp(PACKAGE), line[200], name[100];
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++) {
    camel(shira_counter_name(i), name);
    snprintf(line, sizeof line, "  localparam int unsigned Counter%s = %u;", name, i);
    expect_line(package, line);
  }
  for (unsigned i = 0; i < SHIRA_STATUS_COUNT; i++) {
    camel(shira_status_name(i), name);
    snprintf(line, sizeof line, "    Status%s = 8'd%u", name, i);
    expect_line(package, line);
  }
  for (unsigned i = 0; i < SHIRA_TRAFFIC_COUNT; i++) {
    camel(shira_traffic_name(i), name);
    snprintf(line, sizeof line, "    Traffic%s = 8'd%u", name, i);
    expect_line(package, line);
  }
  snprintf(line, sizeof line, "NumCounters = %d;", SHIRA_COUNTER_COUNT);
  expect_line(package, line);
  snprintf(line, sizeof line, "RegRingTail = 12'h%03x;", SHIRA_REG_RING_TAIL);
  expect_line(package, line);
  snprintf(line, sizeof line, "RegCtrlAckBit = %d;", SHIRA_REG_CTRL_ACK_BIT);
  expect_line(package, line);
  snprintf(line, sizeof line, "DeviceId = 32'h%08x;", SHIRA_DEVICE_ID);
  expect_line(package, line);
  free(package);
}

// Byte offset of a field of a packed structure of the package, whose last field is lowest; the
// structure's size when `field` is NULL, -1 when there is no such field.
static long field_offset(const char *package, const char *type, const char *field) {
  char end[64];
  snprintf(end, sizeof end, "  } %s_t;", type);
  const char *stop = strstr(package, end), *p = stop;
  assert_non_null(stop);
  while (p > package && strncmp(p, "typedef struct packed {", 23))
    p--;
  long total = 0, found = -1;
  for (; p < stop; p = strchr(p, '\n') + 1) {
    unsigned msb;
    char name[64];
    if (sscanf(p, "    logic [%u:0] %63[a-z0-9_];", &msb, name) != 2)
      continue;
    if (field && !strcmp(name, field))
      found = total + msb + 1; // bits from the top to the field's end
    total += msb + 1;
  }
  return !field ? total / 8 : found < 0 ? -1 : (total - found) / 8;
}

static void test_layouts(void **state) {
  (void)state;
  char *package = slurp(PACKAGE);
#define SAME(type, field)                                                                          \
  assert_int_equal(field_offset(package, #type, #field), offsetof(struct shira_##type, field))
  SAME(desc_header, opcode);
  SAME(desc_header, wait1_value);
  SAME(desc_copy, signal_sem);
  SAME(desc_copy, dst_addr);
  SAME(desc_copy, win_hi);
  SAME(desc_scatter, op);
  SAME(desc_scatter, base);
  SAME(desc_gemm, uniform);
  SAME(desc_gemm, seed_scale);
  SAME(completion, where);
  SAME(completion, phase);
  SAME(block_header, crc);
  SAME(block_header, gap_bytes);
  SAME(param, scale);
  assert_int_equal(field_offset(package, "desc_gemm", NULL), sizeof(union shira_descriptor));
  assert_int_equal(field_offset(package, "completion", NULL), SHIRA_COMPLETION_BYTES);
  assert_int_equal(field_offset(package, "desc_gemm", "nothing"), -1);
  free(package);
}

// The package's masks of reserved bytes are what C says, and the bytes of no field.
static void test_reserved(void **state) {
  (void)state;
  char *package = slurp(PACKAGE), line[200], name[100];
  for (unsigned opcode = SHIRA_OPCODE_NOP; opcode < SHIRA_OPCODE_COUNT; opcode++) {
    uint32_t mask[4] = {0};
    for (unsigned byte = 1; byte < SHIRA_DESCRIPTOR_BYTES; byte++) {
      union shira_descriptor d = {.header = {.opcode = (uint8_t)opcode}};
      d.raw[byte] = 1;
      const int wrong = shira_reserved_byte(&d);
      assert_true(wrong == -1 || wrong == (int)byte);
      mask[byte / 32] |= (uint32_t)(wrong >= 0) << byte % 32;
    }
    camel(shira_opcode_name(opcode), name);
    snprintf(line, sizeof line, "Reserved%s = 128'h%08x_%08x_%08x_%08x;", name, mask[3], mask[2],
             mask[1], mask[0]);
    expect_line(package, line);
    assert_int_equal(mask[0] & 0xff, 0xe0); // behind the header's first five bytes
    assert_int_equal(mask[3], UINT32_MAX);
  }
  union shira_descriptor all;
  memset(&all, 0xff, sizeof all);
  assert_int_equal(shira_reserved_byte(&all), -1); // no such opcode
  all.header.opcode = SHIRA_OPCODE_COPY;
  assert_int_equal(shira_reserved_byte(&all), 5); // the first
  free(package);
}

static void test_counter_sets(void **state) {
  (void)state;
  unsigned basic = 0;
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
    basic += shira_counter_basic(i) != 0;
  assert_int_equal(basic, SHIRA_ENGINE_COUNT + 6);
  assert_true(shira_counter_basic(SHIRA_COUNTER_CYCLES));
  assert_true(shira_counter_basic(SHIRA_COUNTER_GEMM_BUSY));
  assert_false(shira_counter_basic(SHIRA_COUNTER_GEMM_IDLE));
  assert_false(shira_counter_basic(SHIRA_COUNTER_COUNT));
}

static void test_header(void **state) {
  (void)state;
  union shira_descriptor d = {.raw = {0}};
  d.gemm.opcode = SHIRA_OPCODE_GEMM;
  d.gemm.seed_scale = 0x04030201;
  assert_int_equal(d.header.opcode, 4);
  assert_int_equal(d.raw[92], 1); // little-endian
  assert_int_equal(d.raw[95], 4);
  assert_string_equal(shira_opcode_name(SHIRA_OPCODE_SCATTER), "scatter");
  assert_string_equal(shira_opcode_name(0), "invalid");
  assert_string_equal(shira_opcode_name(SHIRA_OPCODE_COUNT), "invalid");
  assert_string_equal(shira_status_name(UINT32_MAX), "invalid");
  assert_string_equal(shira_counter_name(SHIRA_COUNTER_COUNT), "invalid");
  assert_string_equal(shira_counter_name(SHIRA_COUNTER_GEMM_IDLE), "gemm_idle");
  assert_string_equal(shira_counter_name(SHIRA_COUNTER_READ_BYTES_DESCRIPTOR),
                      "read_bytes_descriptor");
  assert_int_equal(SHIRA_COUNTER_READ_BYTES_DESCRIPTOR, 4 * 5);
  assert_int_equal(SHIRA_COUNTER_CYCLES, 4 * 5 + 2 * SHIRA_TRAFFIC_COUNT);
  assert_int_equal(SHIRA_REG_STATUS_HALTED_MASK, 1 << SHIRA_REG_STATUS_HALTED_BIT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_source),   cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_package),  cmocka_unit_test(test_layouts),
      cmocka_unit_test(test_reserved), cmocka_unit_test(test_counter_sets),
      cmocka_unit_test(test_header),
  };
  return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
