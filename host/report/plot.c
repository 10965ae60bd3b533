// The pictures of a report, drawn by gnuplot. A key stands below each as HTML, where it wraps.
#include <errno.h>
#include <math.h>
#include <string.h>

#include "host/report/svg.h"
#include "host/report/model.h"

#define WIDTH 960 // units of the picture; it scales to the page
#define ROW 24    // height of a row
#define MAX_SERIES 24

struct swatch {
  const char *colour;
  double opacity;
  char text[VIEW_LABEL];
};

// A picture in the making: the script, and the key that goes below it.
struct picture {
  const struct shira_report *r;
  const struct shira_result *focus;
  FILE *script;
  int height;
  int marks;
  struct swatch key[2 * SHIRA_TRAFFIC_COUNT];
  const char *note; // last words of the key
};

static void swatch(struct picture *p, const char *colour, double opacity, const char *text) {
  if (p->marks == (int)(sizeof(p->key) / sizeof(p->key[0])))
    return;
  struct swatch *s = &p->key[p->marks++];
  s->colour = colour;
  s->opacity = opacity;
  snprintf(s->text, sizeof(s->text), "%s", text);
}

static void start(struct picture *p, int height) {
  p->height = height;
  fprintf(p->script,
          "set terminal svg size %d,%d dynamic noenhanced font 'sans-serif,13' "
          "background '#ffffff'\n"
          "set encoding utf8\nunset key\nset border 0\nset tics nomirror scale 0 "
          "textcolor '#374151'\nset grid x lc '#e5e7eb' lt 1 lw 1\n",
          WIDTH, height);
}

// Where the next plot of a picture lies, in units from its left and upper edge.
static void place(const struct picture *p, int left, int right, int top, int bottom) {
  fprintf(p->script,
          "set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
          "set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
          (double)left / WIDTH, (double)right / WIDTH, 1 - (double)top / p->height,
          1 - (double)bottom / p->height);
}

static void text_at(const struct picture *p, int x, int y, const char *how, const char *text) {
  fputs("set label '", p->script);
  svg_text(text, p->script);
  fprintf(p->script, "' at screen %.5f,%.5f %s\n", (double)x / WIDTH, 1 - (double)y / p->height,
          how);
}

#define DIM_TEXT "textcolor '#6b7280'"
#define DARK_TEXT "textcolor '#111827'"

// A box of row y from x0 to x1, as data of gnuplot's boxxyerror.
static void box(FILE *f, double x0, double x1, double y, double half) {
  fprintf(f, "%.9g %.9g %.9g %.9g %.9g %.9g\n", (x0 + x1) / 2, y, x0, x1, y - half, y + half);
}

// ---- Switch latency ---------------------------------------------------------------------------

// One line of the picture: a strategy and mask over all workloads.
struct series {
  const struct shira_result *first;
  bool line, model; // has points of squares, of models
};

static bool plottable(const struct shira_report *r, uint32_t i) {
  return view_is_main_switch(r, i) && view_timed(&r->results[i].sw) &&
         r->results[i].sw.bound_cycles > 0;
}

static bool alike(const struct shira_result *a, const struct shira_result *b) {
  return !strcmp(a->strategy, b->strategy) && !strcmp(a->mask, b->mask) &&
         !strcmp(a->placement, b->placement) && !strcmp(a->device, b->device);
}

static int find_series(const struct shira_report *r, struct series s[MAX_SERIES]) {
  int n = 0;
  for (uint32_t i = 0; i < r->n_results; i++) {
    int k = 0;
    if (!plottable(r, i))
      continue;
    while (k < n && !alike(s[k].first, &r->results[i]))
      k++;
    if (k == MAX_SERIES)
      continue;
    if (k == n)
      s[n++] = (struct series){&r->results[i], false, false};
    s[k].line |= r->results[i].dim > 0;
    s[k].model |= r->results[i].dim == 0;
  }
  return n;
}

// Position of a workload on the axis: squares at the binary logarithm of their side, models in a
// row to the right of them. Returns false where the workload has no position.
static bool position(const struct shira_report *r, const struct shira_result *it, double *x) {
  double right = 0;
  for (uint32_t i = 0; i < r->n_results; i++)
    if (r->results[i].dim)
      right = fmax(right, log2(r->results[i].dim));
  if (it->dim) {
    *x = log2(it->dim);
    return true;
  }
  *x = right;
  for (uint32_t i = 0; i < r->n_results; i++) {
    if (r->results[i].dim || !view_first_of_workload(r, i))
      continue;
    *x += 1;
    if (view_same_workload(&r->results[i], it))
      return true;
  }
  return false;
}

static void latency_data(struct picture *p, const struct series *s, int k) {
  const struct shira_report *r = p->r;
  for (int model = 0; model < 2; model++) {
    if (!(model ? s->model : s->line))
      continue;
    fprintf(p->script, "$%c%d << EOD\n", model ? 'm' : 's', k);
    for (uint32_t i = 0; i < r->n_results; i++) {
      const struct shira_result *it = &r->results[i];
      double x;
      if (plottable(r, i) && alike(s->first, it) && (it->dim == 0) == model && position(r, it, &x))
        fprintf(p->script, "%.9g %.9g %.9g\n", x, view_us(r, (double)it->sw.cycles),
                view_us(r, it->sw.bound_cycles));
    }
    fputs("EOD\n", p->script);
  }
}

static void latency_axis(struct picture *p, double *left, double *right) {
  const struct shira_report *r = p->r;
  double edge = 0;
  bool models = false;
  char blocks[VIEW_NUMBER];
  *left = 1e9, *right = -1e9;
  fputs("set xtics (", p->script);
  for (uint32_t i = 0, n = 0; i < r->n_results; i++) {
    double x;
    if (!view_first_of_workload(r, i) || !position(r, &r->results[i], &x))
      continue;
    *left = fmin(*left, x), *right = fmax(*right, x);
    if (r->results[i].dim)
      edge = fmax(edge, x);
    models |= !r->results[i].dim;
    fputs(n++ ? ", '" : "'", p->script);
    svg_text(view_workload_name(&r->results[i]), p->script);
    if (r->results[i].blocks.n < r->results[i].blocks.all)
      fprintf(p->script, ", %s", model_blocks(&r->results[i], blocks));
    fprintf(p->script, "' %.9g", x);
  }
  fputs(")\n", p->script);
  if (edge > 0 && models)
    fprintf(p->script, "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead lc '#d1d5db' lw 1\n",
            edge + 0.5, edge + 0.5);
  fprintf(p->script, "set xlabel '%s' " DARK_TEXT "\n",
          edge > 0 && models ? "side of a square tensor (weights, logarithmic), or a model"
          : models           ? "model"
                             : "side of a square tensor (weights, logarithmic)");
}

static int draw_switch(struct picture *p) {
  static const int point[] = {5, 9, 11, 7, 13, 15};
  struct series s[MAX_SERIES];
  int n = find_series(p->r, s);
  double left, right;
  if (!n)
    return -ENODATA;
  start(p, 480);
  place(p, 80, WIDTH - 20, 20, 420);
  for (int k = 0; k < n; k++)
    latency_data(p, &s[k], k);
  latency_axis(p, &left, &right);
  fprintf(p->script,
          "set xrange [%.9g:%.9g]\nset logscale y\nset grid y lc '#e5e7eb' lt 1 lw 1\n"
          "set format y '%%g'\nset ylabel 'switch latency (\u00b5s, logarithmic)' " DARK_TEXT "\n"
          "plot \\\n",
          left - 0.4, right + 0.4);
  for (int k = 0; k < n; k++) {
    const char *colour = view_colour(s[k].first), *end = k + 1 < n ? ", \\\n" : "\n";
    int pt = point[k % 6];
    char label[VIEW_LABEL];
    if (s[k].line)
      fprintf(p->script,
              "$s%d using 1:3 smooth unique with lines lc '%s' lw 1.2 dt (6,4), "
              "$s%d using ($1-0.06):3:(0.12):(0) with vectors nohead lc '%s' lw 1.2 dt (4,2), "
              "$s%d using 1:2 smooth unique with linespoints lc '%s' lw 2.2 pt %d ps 0.9%s",
              k, colour, k, colour, k, colour, pt, s[k].model ? ", \\\n" : end);
    if (s[k].model)
      fprintf(p->script,
              "$m%d using ($1-0.13):3:(0.26):(0) with vectors nohead lc '%s' lw 1.6 dt (4,2), "
              "$m%d using 1:2 with points lc '%s' pt %d ps 0.9%s",
              k, colour, k, colour, pt, end);
    swatch(p, colour, 1, view_label(s[k].first, label));
  }
  p->note = "dashed: the bound";
  return 0;
}

// ---- Traffic ----------------------------------------------------------------------------------

static uint64_t moved(const struct shira_measure *m, unsigned segment) {
  return segment < SHIRA_TRAFFIC_COUNT ? traffic_read(m, segment)
                                       : traffic_written(m, segment - SHIRA_TRAFFIC_COUNT);
}

static uint64_t moved_all(const struct shira_measure *m) {
  return view_bytes_read(m) + view_bytes_written(m);
}

// Result indices of the focus workload's main switches.
static int focus_switches(const struct picture *p, uint32_t index[MAX_SERIES]) {
  int n = 0;
  for (uint32_t i = 0; i < p->r->n_results && n < MAX_SERIES; i++)
    if (view_is_main_switch(p->r, i) && view_same_workload(p->focus, &p->r->results[i]))
      index[n++] = i;
  return n;
}

// Boxes of all rows, a block of data a segment, in bytes; the first column tells the rows of at
// most `small` bytes. Returns the segments that have any.
static unsigned traffic_data(struct picture *p, const uint32_t *index, int n, double small) {
  static const char *const colour[SHIRA_TRAFFIC_COUNT] = {
      "#6b7280", "#374151", "#56b4e9", "#0072b2", "#cc79a7", "#e69f00",
      "#f0e442", "#882255", "#009e73", "#d55e00", "#bbbbbb"};
  unsigned used = 0;
  for (unsigned s = 0; s < 2 * SHIRA_TRAFFIC_COUNT; s++) {
    bool any = false;
    for (int k = 0; k < n; k++) {
      const struct shira_measure *m = &p->r->results[index[k]].sw;
      double before = 0;
      for (unsigned t = 0; t < s; t++)
        before += (double)moved(m, t);
      if (!moved(m, s))
        continue;
      if (!any)
        fprintf(p->script, "$t%u << EOD\n", s);
      any = true;
      fprintf(p->script, "%d ", (double)moved_all(m) <= small);
      box(p->script, before, before + (double)moved(m, s), k + 0.5, 0.32);
    }
    if (!any)
      continue;
    fputs("EOD\n", p->script);
    used |= 1u << s;
    char text[VIEW_LABEL];
    bool written = s >= SHIRA_TRAFFIC_COUNT;
    snprintf(text, sizeof(text), "%s, %s", shira_traffic_name(s % SHIRA_TRAFFIC_COUNT),
             written ? "written" : "read");
    swatch(p, colour[s % SHIRA_TRAFFIC_COUNT], written ? 0.45 : 1, text);
  }
  return used;
}

// One panel; an enlarged one leaves the large rows out.
static void traffic_panel(struct picture *p, unsigned used, double most, bool enlarged, int left,
                          int right, int rows) {
  double unit = most >= 1e6 ? 1e6 : most >= 1e3 ? 1e3 : 1;
  place(p, left, right, 40, 40 + rows * ROW * 3 / 2);
  fprintf(p->script,
          "u = %g\nset xrange [0:%.9g]\nset xlabel 'on the memory bus (%s)' " DARK_TEXT
          "\nplot \\\n",
          unit, most / unit * 1.03,
          most >= 1e6   ? "MB"
          : most >= 1e3 ? "kB"
                        : "bytes");
  for (unsigned s = 0, k = 0; s < 2 * SHIRA_TRAFFIC_COUNT; s++)
    if (used >> s & 1) {
      fprintf(p->script,
              "%s$t%u using (%s$2/u):3:($4/u):($5/u):6:7 with boxxyerror fc '%s' fs transparent "
              "solid %g noborder",
              k ? ", \\\n" : "", s, enlarged ? "$1 == 0 ? 1/0 : " : "", p->key[k].colour,
              p->key[k].opacity);
      k++;
    }
  fputs("\n", p->script);
}

static void row_label(struct picture *p, int y, const char *text) {
  text_at(p, 12, y, "left " DARK_TEXT, text);
}

static int draw_traffic(struct picture *p) {
  uint32_t index[MAX_SERIES];
  int n = focus_switches(p, index);
  double most = 0, small = 0;
  for (int k = 0; k < n; k++)
    most = fmax(most, (double)moved_all(&p->r->results[index[k]].sw));
  for (int k = 0; k < n; k++) {
    double all = (double)moved_all(&p->r->results[index[k]].sw);
    small = all < most / 6 ? fmax(small, all) : small;
  }
  if (most <= 0)
    return -ENODATA;
  start(p, 40 + n * ROW * 3 / 2 + 60);
  unsigned used = traffic_data(p, index, n, small);
  text_at(p, 860, 22, "right " DIM_TEXT, "read");
  text_at(p, 948, 22, "right " DIM_TEXT, "written");
  text_at(p, 180, 22, "left " DIM_TEXT, "all");
  if (small > 0)
    text_at(p, 510, 22, "left " DIM_TEXT, "the small ones, enlarged");
  for (int k = 0; k < n; k++) {
    const struct shira_result *it = &p->r->results[index[k]];
    char label[VIEW_LABEL], bytes[VIEW_NUMBER];
    int y = 40 + k * ROW * 3 / 2 + ROW * 3 / 4;
    row_label(p, y, view_label(it, label));
    if (small > 0 && (double)moved_all(&it->sw) > small)
      text_at(p, 514, y, "left " DIM_TEXT, "(beyond this scale)");
    text_at(p, 860, y, "right " DARK_TEXT, view_bytes(view_bytes_read(&it->sw), bytes));
    text_at(p, 948, y, "right " DARK_TEXT, view_bytes(view_bytes_written(&it->sw), bytes));
  }
  fprintf(p->script, "set yrange [%d:0]\nunset ytics\nset multiplot\n", n);
  traffic_panel(p, used, most, false, 180, small > 0 ? 480 : 780, n);
  if (small > 0) {
    fputs("unset label\n", p->script);
    traffic_panel(p, used, small, true, 510, 780, n);
  }
  fputs("unset multiplot\n", p->script);
  return 0;
}

// ---- Passes -----------------------------------------------------------------------------------

struct pass_row {
  const struct shira_result *of;
  const struct shira_pass *pass;
  double y;
};

#define MAX_PASS_ROWS (MAX_SERIES * SHIRA_MAX_PASSES)

static bool tokens_seen(const struct pass_row *row, int n, uint32_t tokens) {
  for (int k = 0; k < n; k++)
    if (row[k].pass->tokens == tokens)
      return true;
  return false;
}

// Rows of the focus workload's passes, grouped by tokens; *height becomes the rows with headings.
static int pass_rows(const struct picture *p, struct pass_row row[MAX_PASS_ROWS], int *height) {
  const struct shira_report *r = p->r;
  int n = 0, y = 0;
  for (uint32_t i = 0; i < r->n_results; i++)
    for (uint32_t k = 0; k < r->results[i].n_passes; k++) {
      uint32_t tokens = r->results[i].pass[k].tokens;
      if (!view_same_workload(p->focus, &r->results[i]) || tokens_seen(row, n, tokens))
        continue;
      y++; // heading
      for (uint32_t j = i; j < r->n_results; j++)
        for (uint32_t l = 0; l < r->results[j].n_passes; l++) {
          const struct shira_pass *pass = &r->results[j].pass[l];
          if (n < MAX_PASS_ROWS && view_same_workload(p->focus, &r->results[j]) &&
              pass->tokens == tokens && view_timed(&pass->m))
            row[n++] = (struct pass_row){&r->results[j], pass, y++ + 0.5};
        }
    }
  *height = y;
  return n;
}

static void pass_texts(struct picture *p, const struct pass_row *row, int n) {
  for (int k = 0; k < n; k++) {
    char label[VIEW_LABEL], number[VIEW_NUMBER];
    int y = 40 + (int)(row[k].y * ROW);
    row_label(p, y, view_label(row[k].of, label));
    text_at(p, 868, y, "right " DARK_TEXT, view_count(row[k].pass->m.cycles, number));
    snprintf(number, sizeof(number), "%.1f %%", view_of_bound(&row[k].pass->m));
    text_at(p, 948, y, "right " DARK_TEXT, number);
    if (k && row[k].pass->tokens == row[k - 1].pass->tokens)
      continue;
    snprintf(label, sizeof(label), "M = %u %s", row[k].pass->tokens,
             row[k].pass->tokens == 1 ? "(decode)" : "(prefill)");
    text_at(p, 12, y - ROW, "left font 'sans-serif:Bold,13' " DARK_TEXT, label);
  }
}

static void overhead_panel(struct picture *p, const struct pass_row *row, int n, int rows) {
  double low = 0, high = 0;
  place(p, 180, 430, 40, 40 + rows * ROW);
  for (int k = 0; k < n; k++) {
    double percent = 100 * row[k].pass->overhead;
    if (isfinite(percent))
      low = fmin(low, percent), high = fmax(high, percent);
  }
  double span = high - low > 0 ? high - low : 1;
  for (int k = 0; k < n; k++)
    if (isfinite(row[k].pass->overhead)) {
      double percent = 100 * row[k].pass->overhead;
      fprintf(p->script, "$o%d << EOD\n", k);
      box(p->script, fmin(0, percent), fmax(0, percent), row[k].y, 0.3);
      fprintf(p->script, "EOD\nset label '%+.2f %%' at %.9g,%.9g left offset 0.5,0 " DARK_TEXT "\n",
              percent, fmax(0, percent), row[k].y);
    }
  fprintf(p->script,
          "set xrange [%.9g:%.9g]\nset xlabel 'overhead of a pass (%%)' " DARK_TEXT
          "\nset arrow from 0,0 to 0,%d nohead lc '#6b7280' lw 1\n"
          "plot 1/0 notitle",
          low < 0 ? low - 0.1 * span : 0, high + 0.45 * span, rows);
  for (int k = 0; k < n; k++)
    if (isfinite(row[k].pass->overhead))
      fprintf(p->script, ", \\\n$o%d using 1:2:3:4:5:6 with boxxyerror fc '%s' fs solid noborder",
              k, view_colour(row[k].of));
  fputs("\nunset label\nunset arrow\n", p->script);
}

static void cycles_panel(struct picture *p, const struct pass_row *row, int n, int rows) {
  double low = 1e300, high = 0;
  place(p, 470, 770, 40, 40 + rows * ROW);
  for (int k = 0; k < n; k++) {
    const struct shira_measure *m = &row[k].pass->m;
    fprintf(p->script, "$c%d << EOD\n%.9g %.9g %.9g %.9g\nEOD\n", k, (double)m->cycles, row[k].y,
            m->bound_cycles, row[k].y - 0.3);
    high = fmax(high, (double)m->cycles);
    low = fmin(low, m->bound_cycles > 0 ? m->bound_cycles : (double)m->cycles);
  }
  fprintf(p->script,
          "set logscale x\nset format x '%%.0s%%c'\nset xrange [%.9g:%.9g]\n"
          "set xlabel 'cycles of a pass (logarithmic)' " DARK_TEXT "\nplot 1/0 notitle",
          pow(10, floor(log10(low * 0.8))), pow(10, ceil(log10(high * 1.2))));
  for (int k = 0; k < n; k++)
    fprintf(p->script,
            ", \\\n$c%d using 1:2 with points lc '%s' pt 7 ps 0.8"
            ", \\\n$c%d using 3:4:(0):(0.6) with vectors nohead lc '#111827' lw 1.6",
            k, view_colour(row[k].of), k);
  fputs("\n", p->script);
}

static int draw_overhead(struct picture *p) {
  struct pass_row row[MAX_PASS_ROWS];
  int rows, n = pass_rows(p, row, &rows);
  if (!n)
    return -ENODATA;
  start(p, 40 + rows * ROW + 60);
  text_at(p, 868, 22, "right " DIM_TEXT, "cycles");
  text_at(p, 948, 22, "right " DIM_TEXT, "of bound");
  pass_texts(p, row, n);
  fprintf(p->script, "set yrange [%d:0]\nunset ytics\nset multiplot\n", rows);
  overhead_panel(p, row, n, rows);
  cycles_panel(p, row, n, rows);
  fputs("unset multiplot\n", p->script);
  p->note = "right: dot, measured; upright line, the bound";
  return 0;
}

// ---- Cycles by counter class ------------------------------------------------------------------

#define STATES 5

static double engine_cycles(const struct shira_measure *m, unsigned engine, unsigned state) {
  return (double)m->counters[SHIRA_COUNTER_COMMAND_BUSY + engine * STATES + state];
}

static void state_data(struct picture *p, const uint32_t *index, int n, unsigned state) {
  fprintf(p->script, "$q%u << EOD\n-1 -9 -1 -1 -9 -9\n", state); // never empty
  for (int k = 0; k < n; k++)
    for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++) {
      const struct shira_measure *m = &p->r->results[index[k]].sw;
      double all = 0, before = 0;
      for (unsigned s = 0; s < STATES; s++) {
        all += engine_cycles(m, e, s);
        before += s < state ? engine_cycles(m, e, s) : 0;
      }
      if (all > 0)
        box(p->script, 100 * before / all, 100 * (before + engine_cycles(m, e, state)) / all,
            k * (SHIRA_ENGINE_COUNT + 1) + e + 1.5, 0.34);
    }
  fputs("EOD\n", p->script);
}

static void cycles_texts(struct picture *p, const uint32_t *index, int n) {
  for (int k = 0; k < n; k++) {
    const struct shira_result *it = &p->r->results[index[k]];
    char label[VIEW_LABEL], number[VIEW_NUMBER], text[2 * VIEW_LABEL];
    int y = 20 + k * (SHIRA_ENGINE_COUNT + 1) * ROW + ROW / 2;
    view_label(it, label);
    snprintf(text, sizeof(text), "%s: %s cycles, %.1f %% of bound", label,
             view_count(it->sw.cycles, number), view_of_bound(&it->sw));
    text_at(p, 12, y, "left font 'sans-serif:Bold,13' " DARK_TEXT, text);
    for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++)
      text_at(p, 110, y + (int)(e + 1) * ROW, "right " DARK_TEXT, shira_engine_name(e));
  }
}

static int draw_cycles(struct picture *p) {
  static const struct {
    const char *name, *colour;
  } state[STATES] = {{"busy", "#0072b2"},
                     {"starved: no data from memory yet", "#e69f00"},
                     {"stalled: port, bank or queue", "#d55e00"},
                     {"waiting: semaphore", "#cc79a7"},
                     {"idle", "#e5e7eb"}};
  uint32_t index[MAX_SERIES];
  int all = focus_switches(p, index), n = 0;
  for (int k = 0; k < all; k++)
    if (view_timed(&p->r->results[index[k]].sw))
      index[n++] = index[k];
  if (!n)
    return -ENODATA;
  int rows = n * (SHIRA_ENGINE_COUNT + 1);
  start(p, 20 + rows * ROW + 60);
  for (unsigned s = 0; s < STATES; s++) {
    state_data(p, index, n, s);
    swatch(p, state[s].colour, 1, state[s].name);
  }
  cycles_texts(p, index, n);
  place(p, 124, WIDTH - 20, 20, 20 + rows * ROW);
  fprintf(p->script,
          "set yrange [%d:0]\nunset ytics\nunset grid\nset xrange [0:100]\nset xtics 20\n"
          "set xlabel 'share of the cycles of the switch (%%)' " DARK_TEXT "\nplot ",
          rows);
  for (unsigned s = 0; s < STATES; s++)
    fprintf(p->script, "%s$q%u using 1:2:3:4:5:6 with boxxyerror fc '%s' fs solid noborder",
            s ? ", \\\n" : "", s, state[s].colour);
  fputs("\n", p->script);
  return 0;
}

// ---- One picture ------------------------------------------------------------------------------

static void write_key(const struct picture *p, FILE *out) {
  if (!p->marks && !p->note)
    return;
  fputs("<ul class=\"key\">", out);
  for (int k = 0; k < p->marks; k++) {
    fprintf(out, "<li><i style=\"background:%s;opacity:%g\"></i>", p->key[k].colour,
            p->key[k].opacity);
    view_html(p->key[k].text, out);
    fputs("</li>", out);
  }
  if (p->note)
    fprintf(out, "<li class=\"note\">%s</li>", p->note);
  fputs("</ul>\n", out);
}

int report_plot(const struct shira_report *r, enum report_plot which, FILE *out,
                struct shira_error *err) {
  static const struct {
    const char *prefix, *label;
    int (*draw)(struct picture *);
  } plot[PLOTS] = {
      [PLOT_SWITCH] = {"p1", "switch latency of each strategy and its bound", draw_switch},
      [PLOT_TRAFFIC] = {"p2", "bytes that a switch moves, by class", draw_traffic},
      [PLOT_OVERHEAD] = {"p3", "overhead and cycles of a pass", draw_overhead},
      [PLOT_CYCLES] = {"p4", "cycles of a switch by engine and state", draw_cycles},
  };
  struct picture p = {.r = r, .focus = view_focus(r)};
  if (!p.focus)
    return shira_fail(err, ENODATA, "nothing was measured");
  p.script = tmpfile();
  if (!p.script)
    return shira_fail(err, errno, "cannot make a temporary file: %s", strerror(errno));
  int rc = plot[which].draw(&p);
  if (rc)
    rc = shira_fail(err, -rc, "no result has what this picture shows");
  else
    rc = svg_draw(p.script, plot[which].prefix, plot[which].label, out, err);
  if (!rc)
    write_key(&p, out);
  fclose(p.script);
  return rc;
}
