// Bench of shira_copy: random moves between all spaces against a software model, bad descriptors,
// AXI errors, halts, and throughput against theory.
#include "sim/rtl/coverage.h"
#include "tests/block/copy/harness.h"
#include "verilated.h"

static void test_random(Bench &b) {
  for (int batch = 0; batch < 60 && b.tap.why.empty(); batch++) {
    b.random_timing();
    b.snapshot();
    b.results.clear();
    std::vector<Job> jobs;
    for (uint64_t n = b.rnd.range(1, 8); n > 0; n--) {
      Job j = b.random_job();
      while (Bench::overlaps(j.d))
        j = b.random_job();
      jobs.push_back(j);
      b.queue.push_back(j);
      b.model_copy(j.d);
    }
    if (!b.run(jobs.size()))
      return;
    b.compare_all();
    for (size_t i = 0; i < jobs.size(); i++) {
      b.compare_result(b.results[i], jobs[i].e);
      const Result &r = b.results[i];
      if (r.first_work == 0 || r.last_work - r.first_work + 1 < r.count)
        b.tap.fail("work from %u to %u for %u beats", r.first_work, r.last_work, r.count);
      if ((r.first_data != 0) != (jobs[i].d.src_space == 0) ||
          (r.first_data != 0 && r.first_data >= r.first_work))
        b.tap.fail("first data %u, first work %u", r.first_data, r.first_work);
    }
  }
}

static void test_traffic(Bench &b) {
  b.random_timing();
  for (unsigned c = 0; c <= SHIRA_TRAFFIC_CHECK; c++) {
    Job j = b.random_job();
    j.d.traffic = uint8_t(c);
    while (Bench::overlaps(j.d))
      j = b.random_job(), j.d.traffic = uint8_t(c);
    b.forget_traffic();
    b.results.clear();
    b.queue.push_back(j);
    if (!b.run(1))
      return;
    const uint64_t bytes = uint64_t(j.d.rows) * j.d.row_bytes;
    for (unsigned k = 0; k < 16; k++) {
      const uint64_t rd = k == c && j.d.src_space == 0 ? bytes : 0;
      const uint64_t wr = k == c && j.d.dst_space == 0 ? bytes : 0;
      if (b.traffic_rd[k] != rd || b.traffic_wr[k] != wr)
        b.tap.fail("class %u counts %llu read, %llu written; %llu, %llu are right", k,
                   (unsigned long long)b.traffic_rd[k], (unsigned long long)b.traffic_wr[k],
                   (unsigned long long)rd, (unsigned long long)wr);
    }
  }
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  Bench b(seed_from_environment());
  const struct {
    const char *name;
    void (*run)(Bench &);
  } tests[] = {{"random moves equal the model", test_random},
               {"traffic by class", test_traffic},
               {"bad descriptors move nothing", test_bad},
               {"AXI errors", test_axi_errors},
               {"halt at any time, then work again", test_halt},
               {"random moves after all that", test_random},
               {"throughput", test_rate},
               {"commands follow each other", test_gap}};
  for (auto &t : tests) {
    t.run(b);
    b.tap.end(t.name);
  }
  shira_coverage_write(Verilated::threadContextp());
  return b.tap.finish();
}
