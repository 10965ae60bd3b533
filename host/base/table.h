// Tables as text: for a terminal, or as Markdown.
#ifndef SHIRA_BASE_TABLE_H
#define SHIRA_BASE_TABLE_H

#include <stdbool.h>

#include "host/base/text.h"

#define TABLE_COLUMNS 16

// A table in the making: rows of cells, one after another.
struct table {
  uint32_t columns, n, room;
  const char *const *head; // a title that begins with '>' is set to the right, as are its cells
  struct text *cell;       // n of them
  bool lost;               // memory was out
};

// Up to TABLE_COLUMNS columns; `head` outlives the table.
void table_begin(struct table *t, const char *const *head, uint32_t columns);
void table_cell(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Prints it below `title` and frees it; nothing where it has no row. false: memory was out.
bool table_end(struct table *t, const char *title, bool markdown, FILE *out);

#endif
