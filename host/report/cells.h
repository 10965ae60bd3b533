// Cells and rows that the tables of report.html share.
#ifndef SHIRA_REPORT_CELLS_H
#define SHIRA_REPORT_CELLS_H

#include "host/report/html.h"

void cell_none(FILE *out);
void cell_count(uint64_t v, FILE *out);
void cell_text(const char *text, FILE *out);

// Two digits behind the point, thousands apart.
void cell_us(double us, FILE *out);

void cell_bytes(uint64_t bytes, FILE *out); // in B, kB, MB

// Percent of a share of 1 with one digit behind the point; nothing for NaN.
void cell_share(double share, FILE *out);

// Strategy with the colour that it has in the pictures.
void cell_strategy(const struct shira_result *it, FILE *out);

// From which adapter to which.
void cell_way(const struct shira_result *it, FILE *out);

// Heading of a workload's rows; begins their <tbody>.
void workload_head(const struct shira_result *it, int columns, FILE *out);

typedef bool row_test(const struct shira_report *r, const struct shira_result *it);
typedef void row_writer(const struct shira_report *r, const struct shira_result *it, FILE *out);

// Calls `row` for every result that `has` one, below a heading per workload.
void rows(const struct shira_report *r, int columns, row_test *has, row_writer *row, FILE *out);

// Some result has a row.
bool any_row(const struct shira_report *r, row_test *has);

#endif
