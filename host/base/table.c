#include "host/base/table.h"

#include <stdarg.h>
#include <stdlib.h>

void table_begin(struct table *t, const char *const *head, uint32_t columns) {
  *t = (struct table){.columns = columns, .head = head};
}

void table_cell(struct table *t, const char *format, ...) {
  va_list args;
  if (t->n == t->room) {
    const uint32_t room = t->room ? 2 * t->room : 256;
    struct text *cell = realloc(t->cell, room * sizeof(*cell));
    t->lost = t->lost || !cell;
    if (!cell)
      return;
    t->cell = cell;
    t->room = room;
  }
  va_start(args, format);
  vsnprintf(t->cell[t->n].s, sizeof(t->cell->s), format, args);
  va_end(args);
  for (char *s = t->cell[t->n].s; *s; s++)
    *s = *s == '|' || (unsigned char)*s < 0x20 ? '/' : *s; // those end a cell
  t->n++;
}

// Characters, of UTF-8.
static int width_of(const char *s) {
  int n = 0;
  for (; *s; s++)
    n += (*s & 0xc0) != 0x80;
  return n;
}

static void put_row(const struct table *t, const struct text *cell, const int *width, bool markdown,
                    FILE *out) {
  for (uint32_t c = 0; c < t->columns; c++) {
    const bool right = *t->head[c] == '>';
    const char *s = cell ? cell[c].s : t->head[c] + right;
    const int pad = width[c] - width_of(s);
    fputs(markdown ? c ? " | " : "| " : c ? "  " : "", out);
    fprintf(out, "%*s%s%*s", right ? pad : 0, "", s,
            right || (!markdown && c + 1 == t->columns) ? 0 : pad, "");
  }
  fputs(markdown ? " |\n" : "\n", out);
}

static void put_rule(const struct table *t, const int *width, FILE *out) {
  for (uint32_t c = 0; c < t->columns; c++) {
    fputs("|-", out);
    for (int i = 0; i < width[c]; i++)
      fputc('-', out);
    fputs(*t->head[c] == '>' ? ":" : "-", out);
  }
  fputs("|\n", out);
}

bool table_end(struct table *t, const char *title, bool markdown, FILE *out) {
  int width[TABLE_COLUMNS];
  for (uint32_t c = 0; c < t->columns; c++) {
    width[c] = width_of(t->head[c] + (*t->head[c] == '>'));
    for (uint32_t i = c; i < t->n; i += t->columns)
      width[c] = width_of(t->cell[i].s) > width[c] ? width_of(t->cell[i].s) : width[c];
  }
  if (t->n) {
    fprintf(out, markdown ? "\n### %s\n\n" : "\n%s\n", title);
    put_row(t, NULL, width, markdown, out);
    if (markdown)
      put_rule(t, width, out);
    for (uint32_t i = 0; i + t->columns <= t->n; i += t->columns)
      put_row(t, t->cell + i, width, markdown, out);
  }
  free(t->cell);
  return !t->lost;
}
