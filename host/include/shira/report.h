// Reports: what an experiment measured, as files and for a terminal. They read struct shira_report
// and nothing else; no function touches hardware. host/report/keys.md says what each key means.
//
// Functions return 0 or -errno with one sentence in *error (which may be NULL).
#ifndef SHIRA_REPORT_H
#define SHIRA_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "shira/error.h"
#include "shira/result.h"

#ifdef __cplusplus
extern "C" {
#endif

// Id of a point: machine/workload/placement/strategy[/pair][/undo][/kept]/from-to of a switch,
// machine/workload/placement/strategy[/pair][/kept]/active/Mtokens of a pass. Free it with free().
// NULL when memory is out.
char *shira_report_id(const struct shira_report *report, const struct shira_case *key);

// Points that have no result.
uint32_t shira_report_missing(const struct shira_report *report);

// Writes report.json, report.html, report.md, report.csv and times.json into the folder `dir`, each
// whole. All are complete on the disk before the first gets its name, and report.json gets it last:
// whoever sees a new one finds the others new. Without wall-clock times, which are not read back
// from report.json, times.json stays as it is. With `partial` they are report.partial.json, .html,
// .md and .csv, and what is whole stays; a whole report removes those. The time is proportional to
// the number of results. Blocks on the disk. Errors: -EINVAL the report is not what it should be,
// -ENOMEM, -errno of the file; then no name has new content but where renaming itself failed.
int shira_report_write(const struct shira_report *report, const char *dir, bool partial,
                       struct shira_error *error);

// Prints answer and tables as plain text. Errors: as shira_report_write; those of `file` are the
// caller's to look for.
int shira_report_print(const struct shira_report *report, FILE *file, struct shira_error *error);

// Text of a run's manifest for the store: everything of the report but what was measured, and for
// each result its key and the hash of its entry; entry[i] is that of results[i], facts[i] that of
// what is known of workloads[i]. Free it with free(). NULL when memory is out.
char *shira_report_manifest(const struct shira_report *report, const struct shira_hash *entry,
                            const struct shira_hash *facts);

// Reads `path`: a report.json, a folder that has one, or a store, of which the manifest `run` is
// taken, or with NULL the newest. A result that is not in the store is not done. A file from
// outside is checked before anything is believed. Errors: -EINVAL it is no report, of another
// schema, or a value is not what it should be; -ENOENT; -errno of the file; -ENOMEM; *report is
// then empty. Free it with shira_report_free.
int shira_report_read(const char *path, const char *run, struct shira_report *report,
                      struct shira_error *error);

// Frees machines, workloads, pairs and results and zeroes the report. A zeroed one is allowed.
void shira_report_free(struct shira_report *report);

// Sets two reports side by side: points are matched by id, without the machine where each has one.
// Prints those whose figures (us, at each one's clock) differ by more than `tolerance` (a share of
// the first), and those that only one has. Returns how many differ or are not matched, or -errno.
int shira_report_compare(const struct shira_report *a, const struct shira_report *b,
                         double tolerance, FILE *file, struct shira_error *error);

#ifdef __cplusplus
}
#endif

#endif
