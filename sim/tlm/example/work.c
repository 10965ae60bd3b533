#include "sim/tlm/example/work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shira/numeric.h"
#include "shira/pack.h"
#include "shira/plan.h"

#define DENSITY 100u                 // one weight in so many is overwritten
#define DEADLINE (UINT64_C(1) << 30) // cycles, far more than any of this needs
#define SEED 1u

struct work {
  struct shira_driver *drv;
  struct shira_model model;
  struct shira_placement place;
  struct shira_stream stream;
  uint32_t tokens;
  struct shira_mem images, params, inputs, outputs[2], back, changes;
  struct shira_work_result *result;
};

// Of one thread alone, so that other work on the machine does not count.
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t hash_of(uint64_t h, const struct shira_mem *m) {
  for (size_t i = 0; i < m->bytes; i++)
    h = (h ^ ((const uint8_t *)m->host)[i]) * UINT64_C(0x100000001b3);
  return h;
}

// The stream: a random weight of each DENSITY, a random value.
static int make_stream(struct work *w, const struct shira_machine *m) {
  const uint32_t n = w->place.place[0].image_bytes / DENSITY;
  const struct shira_stream_rules rules = shira_stream_rules_of(m);
  uint32_t *pos = malloc(n * sizeof *pos);
  int8_t *random = malloc(2 * (size_t)n);
  int ret =
      pos == NULL || random == NULL ? shira_fail(&w->result->error, ENOMEM, "out of memory") : 0;
  if (ret == 0) {
    shira_inputs(SEED + 1, random, 2 * (size_t)n);
    for (uint32_t i = 0; i < n; i++)
      pos[i] = i * DENSITY + (uint8_t)random[i] % DENSITY;
    ret = shira_stream_encode(&rules, pos, (const uint8_t *)random + n, n, &w->stream,
                              &w->result->error);
  }
  free(pos);
  free(random);
  return ret;
}

static int allocate(struct work *w, struct shira_mem *mem, size_t bytes, enum shira_mem_kind kind) {
  const int ret = kind == SHIRA_MEM_HOST ? shira_alloc_host(w->drv, bytes, mem)
                                         : shira_alloc(w->drv, bytes, mem);
  return ret == 0 ? 0 : shira_fail(&w->result->error, -ret, "%s", shira_driver_error(w->drv));
}

static int upload(struct work *w) {
  const struct shira_placement *p = &w->place;
  const size_t in = shira_inputs_bytes(p, w->tokens), out = shira_outputs_bytes(p, w->tokens);
  int ret;
  if ((ret = allocate(w, &w->images, p->weight_bytes, SHIRA_MEM_LOCAL)) ||
      (ret = allocate(w, &w->params, p->param_bytes, SHIRA_MEM_LOCAL)) ||
      (ret = allocate(w, &w->inputs, in, SHIRA_MEM_HOST)) ||
      (ret = allocate(w, &w->outputs[0], out, SHIRA_MEM_LOCAL)) ||
      (ret = allocate(w, &w->outputs[1], out, SHIRA_MEM_LOCAL)) ||
      (ret = allocate(w, &w->back, p->weight_bytes, SHIRA_MEM_LOCAL)) ||
      (ret = allocate(w, &w->changes, w->stream.bytes, SHIRA_MEM_LOCAL)))
    return ret;
  shira_inputs(SEED + 2, w->images.host, p->weight_bytes);
  shira_inputs(SEED + 3, w->inputs.host, in);
  memcpy(w->changes.host, w->stream.data, w->stream.bytes);
  struct shira_param *param = w->params.host;
  for (uint32_t i = 0; i < p->place[0].out; i++)
    param[i].scale = shira_scale_word(1.0 / (64 * w->model.linears[0].in));
  return 0;
}

// Runs a program that was planned with result `ret`, and frees it.
static int run(struct work *w, int ret, struct shira_program *p, uint64_t *cycles) {
  struct shira_run_result r = {0};
  const double began = now();
  if (ret != 0) {
    shira_fail(&w->result->error, -ret, "cannot plan: %s", strerror(-ret));
  } else if ((ret = shira_run(w->drv, p->d, p->n, DEADLINE, &r)) != 0) {
    shira_fail(&w->result->error, -ret, "%s", shira_driver_error(w->drv));
  }
  w->result->seconds += now() - began;
  *cycles = r.cycles;
  shira_program_free(p);
  return ret;
}

static int pass(struct work *w, unsigned i, uint64_t *cycles) {
  struct shira_program p = {0};
  const struct shira_pass_plan plan = {
      .tokens = w->tokens, .inputs = w->inputs.addr, .outputs = w->outputs[i].addr};
  return run(w, shira_plan_pass(&p, &w->place, &plan), &p, cycles);
}

static int load(struct work *w) {
  struct shira_program p = {0};
  int ret = shira_plan_images(&p, &w->place, w->images.addr, NULL);
  if (ret == 0)
    ret = shira_plan_params(&p, &w->place, w->params.addr);
  return run(w, ret, &p, &w->result->load);
}

// Scatters the stream into the weights at `home`, 0: those in the weight SRAM.
static int change(struct work *w, const struct shira_machine *m, uint64_t home, uint64_t *cycles) {
  struct shira_program p = {0};
  struct shira_scatter s = {
      .op = SHIRA_SCATTER_OP_SET, .traffic = SHIRA_TRAFFIC_VALUE, .home = home};
  const struct shira_place *pl = &w->place.place[0];
  struct shira_image image;
  int ret = shira_image_init(&image, pl->out, pl->in, m->array_n, m->array_k);
  s.stream = (struct shira_stream_ref){.addr = w->changes.addr,
                                       .bytes = w->stream.bytes,
                                       .updates = w->stream.updates,
                                       .format = SHIRA_STREAM_FORMAT_GAP8};
  if (m->layout == SHIRA_LAYOUT_ROW) {
    s.stream.row_log2 = shira_image_row_log2(&image);
    s.stream.k_tiles = pl->k_tiles;
  }
  if (ret == 0)
    ret = shira_plan_scatter(&p, &w->place, &s);
  return run(w, ret, &p, cycles);
}

static int run_all(struct work *w, const struct shira_machine *m) {
  struct shira_work_result *r = w->result;
  struct shira_device *dev = shira_driver_device(w->drv);
  struct shira_device_info before, after;
  struct shira_program p = {0};
  uint64_t cycles;
  int ret;
  dev->ops->describe(dev, &before);
  if ((ret = load(w)) || (ret = pass(w, 0, &r->before)) || (ret = change(w, m, 0, &r->change)) ||
      (ret = pass(w, 1, &r->after)) ||
      (ret = run(w, shira_plan_readback(&p, &w->place, w->back.addr), &p, &cycles)) ||
      (ret = change(w, m, w->images.addr, &r->in_memory)))
    return ret;
  ret = shira_counters(w->drv, r->counters);
  if (ret != 0)
    return shira_fail(&r->error, -ret, "%s", shira_driver_error(w->drv));
  dev->ops->describe(dev, &after);
  r->cycles = after.cycles - before.cycles;
  shira_dram_stats_since(&after.memory, &before.memory, &r->memory);
  const struct shira_mem *const results[] = {&w->outputs[0], &w->outputs[1], &w->back, &w->images};
  r->hash = SEED;
  for (unsigned i = 0; i < sizeof results / sizeof results[0]; i++)
    r->hash = hash_of(r->hash, results[i]);
  return 0;
}

int shira_work_run(struct shira_driver *drv, const struct shira_machine *machine, uint32_t side,
                   uint32_t tokens, struct shira_work_result *result) {
  struct work w = {.drv = drv, .tokens = tokens, .result = result};
  memset(result, 0, sizeof *result);
  int ret = shira_model_square(side, &w.model, &result->error);
  if (ret == 0)
    ret = shira_placement_init(&w.place, machine, &w.model, false, 0, &result->error);
  if (ret == 0)
    ret = make_stream(&w, machine);
  if (ret == 0)
    ret = upload(&w);
  if (ret == 0)
    ret = run_all(&w, machine);
  shira_stream_free(&w.stream);
  shira_placement_free(&w.place);
  shira_model_free(&w.model);
  return ret;
}
