// Parts of report.json.
#ifndef SHIRA_REPORT_JSON_H
#define SHIRA_REPORT_JSON_H

#include <jansson.h>

#include "host/report/report.h"

// A number; null where it is none, as ratios of a device without time, for which JSON has no word.
json_t *real_json(double v);

// Text from outside; bytes that are no UTF-8 become '?', so that a report is always written.
json_t *text_json(const char *text);

// Models of which equal blocks were measured, and what they give for the whole of each.
json_t *models_json(const struct shira_report *r);

#endif
