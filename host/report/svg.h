// Drawing with gnuplot.
#ifndef SHIRA_REPORT_SVG_H
#define SHIRA_REPORT_SVG_H

#include <stdio.h>

#include "shira/error.h"

// Text from outside as the inside of a gnuplot string in single quotes: every character but
// letters, digits and a few harmless signs becomes '?', so that nothing in it is ever a command.
void svg_text(const char *text, FILE *script);

// Runs gnuplot on the script (rewound here) and writes the <svg> element that it draws to `out`,
// without prolog and names of tools; ids begin with `prefix`, so that several pictures can stand
// in one page; `label` says what is seen.. Blocks until
// gnuplot ends. Errors: -ENOENT gnuplot is missing, -EIO it failed (with its first words), -errno
// of a temporary file.
int svg_draw(FILE *script, const char *prefix, const char *label, FILE *out,
             struct shira_error *err);

#endif
