// Sentences of report.html, and what they are about.
#ifndef SHIRA_REPORT_SAY_H
#define SHIRA_REPORT_SAY_H

#include "host/report/html.h"

// Plain text, escaped; lines do not end before a unit. bold: in bold.
__attribute__((format(printf, 2, 3))) void say(FILE *out, const char *format, ...);
__attribute__((format(printf, 2, 3))) void bold(FILE *out, const char *format, ...);

// "a", "a and b", "a, b and c": what stands before item i of n.
const char *joint(uint32_t i, uint32_t n);

// Where SHiRA wins and where it does not, over all workloads; what the memory has to do with it.
void tell_where(const struct shira_report *r, FILE *out);

#endif
