// From measured blocks of a model to the whole model.
#include "host/report/model.h"

#include <inttypes.h>
#include <string.h>

struct model_figure model_figure(const uint64_t *cycles, uint32_t n, uint32_t blocks,
                                 uint32_t all) {
  struct model_figure f = {0};
  if (!n || n > SHIRA_MAX_WORKLOADS || !blocks)
    return f;
  double sum = 0;
  uint64_t least = cycles[0], most = cycles[0];
  for (f.n = 0; f.n < n; f.n++) {
    uint64_t c = cycles[f.n];
    f.cycles[f.n] = c;
    sum += (double)c;
    least = c < least ? c : least;
    most = c > most ? c : most;
  }
  f.differ = sum > 0 ? (double)(most - least) * n / sum : 0;
  f.model = sum / n * all / blocks;
  return f;
}

// ---- Rows -------------------------------------------------------------------------------------

static bool same_row(const struct shira_result *a, const struct shira_result *b) {
  return view_equal_blocks(a, b) && !strcmp(a->strategy, b->strategy) &&
         !strcmp(a->mask, b->mask) && !strcmp(a->undo, b->undo) && !strcmp(a->kept, b->kept) &&
         !strcmp(a->from, b->from) && !strcmp(a->to, b->to) && a->n_passes == b->n_passes;
}

struct model_row model_row(const struct shira_report *r, uint32_t i) {
  struct model_row row = {0};
  if (!r->results[i].timed)
    return row;
  row.it[row.n++] = &r->results[i];
  for (uint32_t k = 0; k < r->n_results; k++) {
    const struct shira_result *it = &r->results[k];
    if (!it->timed || !same_row(row.it[0], it))
      continue;
    if (k < i)
      return (struct model_row){0};
    if (row.n < SHIRA_MAX_WORKLOADS)
      row.it[row.n++] = it;
  }
  return row.n > 1 ? row : (struct model_row){0};
}

bool model_same(const struct shira_result *a, const struct shira_result *b) {
  return view_same_workload(a, b) || view_equal_blocks(a, b);
}

bool model_is_first(const struct shira_report *r, uint32_t i) {
  if (!model_row(r, i).n)
    return false;
  for (uint32_t k = 0; k < i; k++)
    if (model_same(&r->results[k], &r->results[i]) && model_row(r, k).n)
      return false;
  return true;
}

struct model_row model_base(const struct shira_report *r, const struct model_row *row) {
  for (uint32_t i = 0; i < r->n_results; i++)
    if (view_is_base(&r->results[i]) && model_same(&r->results[i], row->it[0])) {
      struct model_row base = model_row(r, i);
      if (base.n)
        return base;
    }
  return (struct model_row){0};
}

// ---- Figures ----------------------------------------------------------------------------------

struct model_figure model_switch(const struct model_row *row) {
  uint64_t cycles[SHIRA_MAX_WORKLOADS] = {0};
  for (uint32_t i = 0; i < row->n; i++)
    cycles[i] = row->it[i]->sw.cycles;
  return model_figure(cycles, row->n, row->it[0]->blocks.n, row->it[0]->blocks.all);
}

struct model_figure model_pass(const struct model_row *row, uint32_t k) {
  uint64_t cycles[SHIRA_MAX_WORKLOADS] = {0};
  for (uint32_t i = 0; i < row->n; i++)
    cycles[i] = row->it[i]->pass[k].m.cycles;
  return model_figure(cycles, row->n, row->it[0]->blocks.n, row->it[0]->blocks.all);
}

double model_overhead(const struct shira_report *r, const struct model_row *row, uint32_t k) {
  struct model_row base = model_base(r, row);
  double cycles = base.n && k < base.it[0]->n_passes ? model_pass(&base, k).model : 0;
  return cycles > 0 ? model_pass(row, k).model / cycles - 1 : 0;
}

double model_adapter_bytes(const struct model_row *row) {
  double sum = 0;
  for (uint32_t i = 0; i < row->n; i++)
    sum += (double)row->it[i]->adapter_bytes;
  return sum / row->n * row->it[0]->blocks.all / row->it[0]->blocks.n;
}

double model_kept_bytes(const struct shira_report *r, const struct model_row *row, double *have) {
  const struct shira_result *it = row->it[0];
  bool host = !strcmp(it->kept, "host"), chip = !strcmp(it->kept, "chip");
  *have = (double)(host   ? r->machine.host_bytes
                   : chip ? r->machine.weight_bytes
                          : r->machine.memory_bytes);
  double weights = (double)it->weights_total * it->blocks.all / it->blocks.n; // a byte each
  return 2 * model_adapter_bytes(row) + (host || chip ? 0 : weights);
}

double model_most_differ(const struct shira_report *r, const struct shira_result *first,
                         char what[VIEW_LABEL + 32]) {
  double most = -1;
  char label[VIEW_LABEL];
  for (uint32_t i = 0; i < r->n_results; i++) {
    struct model_row row = model_row(r, i);
    if (!row.n || !model_same(row.it[0], first))
      continue;
    view_label(row.it[0], label);
    if (row.it[0]->has_switch && model_switch(&row).differ > most) {
      most = model_switch(&row).differ;
      snprintf(what, VIEW_LABEL + 32, "the switch of %s", label);
    }
    for (uint32_t k = 0; k < row.it[0]->n_passes; k++)
      if (model_pass(&row, k).differ > most) {
        most = model_pass(&row, k).differ;
        snprintf(what, VIEW_LABEL + 32, "the pass at M = %" PRIu32 " of %s",
                 row.it[0]->pass[k].tokens, label);
      }
  }
  return most < 0 ? 0 : most;
}

// ---- Words ------------------------------------------------------------------------------------

const char *model_blocks(const struct shira_result *it, char buf[VIEW_NUMBER]) {
  const struct shira_blocks *b = &it->blocks;
  if (b->n > 1)
    snprintf(buf, VIEW_NUMBER, "blocks %" PRIu32 " to %" PRIu32, b->first, b->first + b->n - 1);
  else
    snprintf(buf, VIEW_NUMBER, "block %" PRIu32, b->first);
  return buf;
}

const char *model_measured(const struct model_row *row, char *buf, size_t size) {
  size_t at = 0;
  char one[VIEW_NUMBER];
  buf[0] = 0;
  for (uint32_t i = 0; i < row->n && at < size; i++) {
    const char *joint = i == 0 ? "" : i + 1 == row->n ? " and " : ", ";
    int n = snprintf(buf + at, size - at, "%s%s", joint, model_blocks(row->it[i], one));
    at += n > 0 ? (size_t)n : 0;
  }
  return buf;
}

// ---- The terminal -----------------------------------------------------------------------------

static void print_figure(const struct shira_report *r, const struct model_figure *f, FILE *out) {
  fprintf(out, " %11.3f %6.2f %%", view_us(r, f->model) / 1000, 100 * f->differ);
}

static void print_row(const struct shira_report *r, const struct model_row *row, FILE *out) {
  const struct shira_result *it = row->it[0];
  char label[VIEW_LABEL], bytes[VIEW_NUMBER];
  struct model_figure f = model_switch(row);
  fprintf(out, "  %-26s", view_label(it, label));
  if (it->has_switch)
    print_figure(r, &f, out);
  else
    fprintf(out, " %20s", "");
  for (uint32_t k = 0; k < it->n_passes; k++) {
    f = model_pass(row, k);
    print_figure(r, &f, out);
  }
  fprintf(out, " %9s\n",
          it->adapter_bytes ? view_bytes((uint64_t)model_adapter_bytes(row), bytes) : "");
}

static void print_model(const struct shira_report *r, const struct model_row *first, FILE *out) {
  const struct shira_result *it = first->it[0];
  char measured[256], head[VIEW_NUMBER];
  fprintf(out, "\n%s as a whole, its %" PRIu32 " blocks at the mean of %s, %s; ms\n", it->model,
          it->blocks.all, model_measured(first, measured, sizeof(measured)), it->placement);
  fprintf(out, "  %-26s %11s %8s", "strategy", "switch", "differ");
  for (uint32_t k = 0; k < it->n_passes; k++) {
    snprintf(head, sizeof(head), "M=%" PRIu32, it->pass[k].tokens);
    fprintf(out, " %11s %8s", head, "differ");
  }
  fprintf(out, " %9s\n", "adapter");
  for (uint32_t i = 0; i < r->n_results; i++) {
    struct model_row row = model_row(r, i);
    if (row.n && model_same(row.it[0], it))
      print_row(r, &row, out);
  }
}

void model_print(const struct shira_report *r, FILE *out) {
  for (uint32_t i = 0; i < r->n_results; i++)
    if (model_is_first(r, i)) {
      struct model_row row = model_row(r, i);
      print_model(r, &row, out);
    }
}
