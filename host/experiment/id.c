// Names of points.
#include <stdio.h>
#include <stdlib.h>

#include "shira/result.h"

char *shira_point_id(const struct shira_report *r, const struct shira_case *c) {
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  fprintf(f, "%s/%s/%s/%s", r->machines[c->machine].hw.name, r->workloads[c->workload].name,
          shira_placed_name(c->placed), shira_strategy_name(c->strategy));
  if (c->pair != SHIRA_NO_PAIR)
    fprintf(f, "/%s", r->pairs[c->pair].name);
  if (c->undo != SHIRA_UNDO_COUNT)
    fprintf(f, "/%s", shira_undo_name(c->undo));
  if (c->kept != SHIRA_KEPT_COUNT)
    fprintf(f, "/%s", shira_kept_name(c->kept));
  if (c->work == SHIRA_WORK_PASS)
    fprintf(f, "/%s/M%u", shira_active_name(c->to), c->tokens);
  else
    fprintf(f, "/%s-%s", shira_active_name(c->from), shira_active_name(c->to));
  if (fclose(f)) {
    free(text);
    return NULL;
  }
  return text;
}
