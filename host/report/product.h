// All that is made from a report, and the texts that are printed from it.
#ifndef SHIRA_REPORT_PRODUCT_H
#define SHIRA_REPORT_PRODUCT_H

#include <jansson.h>

#include "host/base/table.h"
#include "host/report/model.h"
#include "host/report/words.h"

struct product {
  const struct shira_report *r;
  struct index x;
  struct comparisons list;
  struct models models;
  struct answer answer;
};

int product_make(struct product *p, const struct shira_report *r, struct shira_error *err);
void product_free(struct product *p);

// Element i of results[] of report.json, in the order of cases. NULL: no memory.
json_t *json_result(const struct product *p, uint32_t i);

// Print a text; the stream's error says whether it has arrived. false: no memory.
bool json_report(const struct product *p, FILE *out);
bool json_times(const struct product *p, FILE *out);
bool csv_report(const struct product *p, FILE *out);
bool table_report(const struct product *p, bool markdown, FILE *out); // answer and tables

#endif
