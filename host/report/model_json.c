// The models of report.json.
#include "host/report/json.h"
#include "host/report/model.h"

static json_t *figure_json(const struct shira_report *r, const struct model_figure *f) {
  json_t *cycles = json_array();
  for (uint32_t i = 0; i < f->n; i++)
    json_array_append_new(cycles, json_integer((json_int_t)f->cycles[i]));
  return json_pack("{s:o, s:o, s:o, s:o}", "cycles", cycles, "differ", real_json(f->differ),
                   "model_cycles", real_json(f->model), "model_us",
                   real_json(view_us(r, f->model)));
}

static json_t *row_json(const struct shira_report *r, const struct model_row *row) {
  const struct shira_result *it = row->it[0];
  struct model_figure f = model_switch(row);
  json_t *ids = json_array(), *passes = json_array();
  for (uint32_t i = 0; i < row->n; i++)
    json_array_append_new(ids, text_json(row->it[i]->id));
  json_t *o = json_pack("{s:o, s:o, s:o}", "results", ids, "adapter_bytes",
                        real_json(model_adapter_bytes(row)), "switch",
                        it->has_switch ? figure_json(r, &f) : json_null());
  for (uint32_t k = 0; k < it->n_passes; k++) {
    f = model_pass(row, k);
    json_t *pass = figure_json(r, &f);
    json_object_set_new(pass, "tokens", json_integer(it->pass[k].tokens));
    json_object_set_new(pass, "overhead", real_json(model_overhead(r, row, k)));
    json_array_append_new(passes, pass);
  }
  json_object_set_new(o, "pass", passes);
  return o;
}

static json_t *model_json(const struct shira_report *r, uint32_t first) {
  const struct model_row head = model_row(r, first);
  const struct shira_blocks *b = &head.it[0]->blocks;
  char what[VIEW_LABEL + 32];
  json_t *measured = json_array(), *rows = json_array();
  for (uint32_t i = 0; i < head.n; i++)
    json_array_append_new(measured, json_integer(head.it[i]->blocks.first));
  for (uint32_t i = first; i < r->n_results; i++) {
    struct model_row row = model_row(r, i);
    if (row.n && model_same(row.it[0], head.it[0]))
      json_array_append_new(rows, row_json(r, &row));
  }
  return json_pack("{s:o, s:o, s:i, s:i, s:o, s:o, s:o}", "model", text_json(head.it[0]->model),
                   "placement", text_json(head.it[0]->placement), "blocks", (int)b->all,
                   "blocks_a_workload", (int)b->n, "first_blocks", measured, "most_differ",
                   real_json(model_most_differ(r, head.it[0], what)), "strategies", rows);
}

json_t *models_json(const struct shira_report *r) {
  json_t *models = json_array();
  for (uint32_t i = 0; i < r->n_results; i++)
    if (model_is_first(r, i))
      json_array_append_new(models, model_json(r, i));
  return models;
}
