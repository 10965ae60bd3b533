// report.json and times.json.
#ifndef SHIRA_REPORT_JSON_H
#define SHIRA_REPORT_JSON_H

#include <jansson.h>

#include "host/report/model.h"
#include "host/report/words.h"

// All that is made from a report, from which its files are printed.
struct product {
  const struct shira_report *r;
  struct index x;
  struct comparisons list;
  struct models models;
  struct answer answer;
};

int product_make(struct product *p, const struct shira_report *r, struct shira_error *err);
void product_free(struct product *p);

// Print the text of a file; the stream's error says whether it has arrived. false: no memory.
bool json_report(const struct product *p, FILE *out);
bool json_times(const struct product *p, FILE *out);

// Element i of results[], in the order of cases. NULL: no memory.
json_t *json_result(const struct product *p, uint32_t i);

#endif
