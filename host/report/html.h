// The tables of report.html; each writes one <table> in a box that scrolls on its own.
#ifndef SHIRA_REPORT_HTML_H
#define SHIRA_REPORT_HTML_H

#include "host/report/view.h"

void html_switches(const struct shira_report *r, FILE *out);
void html_passes(const struct shira_report *r, FILE *out);
void html_phases(const struct shira_report *r, FILE *out);
// SHiRA's best against LoRA's best in the workload of `any`, by the tokens between two switches.
void html_traffic(const struct shira_report *r, const struct shira_result *any, FILE *out);
// What the device's memory did.
void html_memory(const struct shira_report *r, FILE *out);
// From measured blocks to the whole model, with its heading; nothing where no model has two.
void html_model(const struct shira_report *r, FILE *out);
void html_machine(const struct shira_report *r, FILE *out);
void html_area(const struct shira_report *r, FILE *out);

#endif
