// The register generator's parts: gen_load.c reads and checks, gen.c writes.
#ifndef REGS_GEN_H
#define REGS_GEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What the YAML lists: a constant, an enumeration, a register, a field, ...
struct list {
  struct entry *e;
  size_t n;
};
struct entry {
  const char *name, *doc, *access;
  uint64_t number; // value, offset, bit or size in bytes
  uint64_t bits;   // of a structure's field
  bool hex;        // the number was written in hexadecimal: a bit pattern
  bool basic;      // a counter that every machine has
  bool header;     // a structure that starts with the fields of desc_header
  size_t line;
  struct list sub; // values of an enumeration, fields of a register or structure
};

// All that the YAML says, in its order; fields of structures by offset, common header included.
struct interface {
  struct list constants, enums, registers, structs;
  struct list states, per_traffic, single; // counters as written
  struct list counters;                    // counters by index
  uint64_t counters_offset;
};
extern struct interface all;

// Reads and checks the file into `all`. Ends the program with `file:line: what is wrong` on stderr
// and exit code 1 when the file is not what it should be.
void load(const char *path);

// Formats into new memory; ends the program when there is none.
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

// Returns p; ends the program when it is NULL.
void *need(void *p);

#endif
