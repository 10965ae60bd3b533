// The answer in words: made once, from the numbers, as plain text. Nothing is assumed about who
// wins.
#ifndef SHIRA_REPORT_WORDS_H
#define SHIRA_REPORT_WORDS_H

#include "host/report/compare.h"
#include "host/report/label.h"

#define MAX_FIGURES 4
#define MAX_PARAGRAPHS 24

struct figure {
  const char *label;
  double value; // us of a switch, share of an overhead
  struct text text, note;
  const struct shira_result *it;
};

struct paragraph {
  char *title, *text;
};

struct answer {
  char *headline;
  uint32_t n_figures, n;
  struct figure figure[MAX_FIGURES];
  struct paragraph at[MAX_PARAGRAPHS];
};

// Errors: -ENOMEM. Free with words_free.
int words_make(const struct index *x, const struct comparisons *list, struct answer *a,
               struct shira_error *err);
void words_free(struct answer *a);

#endif
