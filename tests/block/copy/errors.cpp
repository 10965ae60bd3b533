// Tests of shira_copy where commands fail: bad descriptors, AXI errors, halts.
#include "tests/block/copy/harness.h"

// First byte of the destination outside the window, row after row.
static bool outside(const shira_desc_copy &d, uint64_t *where) {
  for (uint64_t r = 0; r < d.rows; r++) {
    const uint64_t row = d.dst_addr + r * d.dst_stride;
    for (uint64_t a = row; a < row + d.row_bytes; a++)
      if (a < d.win_lo || a >= d.win_hi)
        return *where = a, true;
  }
  return false;
}

static void spoil_field(Bench &b, Job &j, unsigned kind) {
  shira_desc_copy &d = j.d;
  switch (kind) {
  case 0:
    d.src_space = uint8_t(b.rnd.range(5, 255)), j.e.where = 16;
    break;
  case 1:
    d.dst_space = uint8_t(b.rnd.range(5, 255)), j.e.where = 17;
    break;
  case 2:
    d.traffic = uint8_t(b.rnd.range(11, 255)), j.e.where = 18;
    break;
  case 3:
    d.rows = 0, j.e.where = 20;
    break;
  case 4:
    d.row_bytes = 0, j.e.where = 40;
    break;
  }
  j.e.status = SHIRA_STATUS_BAD_FIELD;
}

static void spoil_alignment(Job &j, unsigned kind, uint32_t crooked) {
  shira_desc_copy &d = j.d;
  switch (kind) {
  case 5:
    d.src_addr += crooked, j.e.where = 24;
    break;
  case 6:
    d.dst_addr += crooked, j.e.where = 32;
    break;
  case 7:
    d.row_bytes += crooked, j.e.where = 40;
    break;
  case 8:
    d.src_stride += crooked, j.e.where = 44;
    break;
  case 9:
    d.dst_stride += crooked, j.e.where = 48;
    break;
  }
  j.e.status = SHIRA_STATUS_BAD_ALIGN;
}

// An SRAM side leaves its SRAM, by a beat or by wrapping.
static void spoil_range(Bench &b, Job &j, bool src) {
  shira_desc_copy &d = j.d;
  uint8_t *s = src ? &d.src_space : &d.dst_space;
  *s = uint8_t(b.rnd.range(1, 4));
  if (!src) {
    d.src_space = 0;
    d.src_addr = Mem::base;
  }
  uint64_t *addr = src ? &d.src_addr : &d.dst_addr;
  uint32_t *stride = src ? &d.src_stride : &d.dst_stride;
  switch (b.rnd.below(4)) {
  case 0:
    *addr = kSram[*s] - d.row_bytes + kBeat;
    break;
  case 1:
    *addr = 0 - uint64_t(kBeat);
    break;
  case 2:
    d.rows = 0xffffffff, *stride = 0xffffffff & ~(kBeat - 1), *addr = 0;
    break;
  case 3:
    d.rows = 0x80000001, *stride = 0x80000000u, *addr = 0;
    break;
  }
  j.e.status = SHIRA_STATUS_BAD_RANGE;
  j.e.where = src ? 24 : 32;
}

// The window is narrower than the region; where that leaves nothing outside, the job stays good.
static void spoil_window(Bench &b, Job &j) {
  shira_desc_copy &d = j.d;
  const uint64_t end = d.dst_addr + uint64_t(d.rows - 1) * d.dst_stride + d.row_bytes;
  const bool low = b.rnd.percent(30);
  if (low)
    d.win_lo = d.dst_addr + b.rnd.range(1, end - d.dst_addr);
  else
    d.win_hi = d.dst_addr + b.rnd.below(end - d.dst_addr);
  j.e.status = SHIRA_STATUS_WINDOW;
  if (!outside(d, &j.e.where))
    j.e = {};
}

// Breaks one thing of a good job and says what must come of it.
static void spoil(Bench &b, Job &j, unsigned kind) {
  const uint32_t crooked = uint32_t(b.rnd.range(1, kBeat - 1));
  j.e = {};
  if (kind < 5)
    spoil_field(b, j, kind);
  else if (kind < 10)
    spoil_alignment(j, kind, crooked);
  else if (kind < 12)
    spoil_range(b, j, kind == 10);
  else
    spoil_window(b, j);
}

void test_bad(Bench &b) {
  for (int round = 0; round < 260 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.snapshot();
    b.results.clear();
    std::vector<Job> jobs;
    const bool ahead = b.rnd.percent(50), behind = b.rnd.percent(50);
    for (int i = 0; i < 3; i++) {
      Job j = b.random_job(100);
      while (Bench::overlaps(j.d))
        j = b.random_job(100);
      if (i == 1)
        spoil(b, j, unsigned(round % 13));
      if ((i == 0 && !ahead) || (i == 2 && !behind))
        continue;
      if (i == 1 && j.e.status == SHIRA_STATUS_OK)
        j = b.random_job(1), j.e.any_count = true, j.d.rows = 0,
        j.e.status = SHIRA_STATUS_BAD_FIELD, j.e.where = 20;
      if (i == 0)
        b.model_copy(j.d);
      if (i == 2)
        j.e = {SHIRA_STATUS_CANCELLED, 0, 0, false, false};
      jobs.push_back(j);
      b.queue.push_back(j);
    }
    const size_t upto = jobs.size() - behind;
    const uint64_t deadline = b.cycle + 100000;
    while (b.results.size() < upto && b.cycle < deadline)
      b.step();
    const size_t taken = jobs.size() - b.queue.size();
    b.halt_and_recover(taken);
    for (size_t i = 0; i < b.results.size(); i++)
      b.compare_result(b.results[i], jobs[i].e);
    b.compare_all();
  }
}

// Bursts of one side in order; the first that touches [lo, hi).
static bool first_fault(uint64_t addr, uint64_t stride, uint64_t rows, uint64_t row_bytes,
                        uint64_t lo, uint64_t hi, uint64_t *where) {
  if (stride == row_bytes)
    row_bytes *= rows, rows = 1;
  for (uint64_t r = 0; r < rows; r++)
    for (uint64_t a = addr + r * stride, end = a + row_bytes; a < end;) {
      const uint64_t next = std::min(end, (a / kBurst + 1) * kBurst);
      if (a < hi && next > lo)
        return *where = a, true;
      a = next;
    }
  return false;
}

// Every byte that differs from before must be what the failed or cut command would have written.
static void compare_torn(Bench &b) {
  for (unsigned s = 0; s < 5; s++)
    for (size_t i = 0; i < b.live(s).size(); i++)
      if (b.live(s)[i] != b.space[s].model[i] && b.live(s)[i] != b.space[s].old[i])
        return b.tap.fail("space %u: %02x at %zx is neither old nor new", s, b.live(s)[i], i);
}

// Whether the planted fault hits the bursts of a side of `d`, and the first of them.
static bool hits(const Bench &b, const shira_desc_copy &d, bool write, uint64_t *where) {
  return first_fault(write ? d.dst_addr : d.src_addr, write ? d.dst_stride : d.src_stride, d.rows,
                     d.row_bytes, b.mem.fault_lo, b.mem.fault_hi, where);
}

// Plants a fault in the side of `j` that lies in memory and says what must come of it. False where
// the other side would be hit as well.
static bool plant_fault(Bench &b, Job &j, bool write) {
  const shira_desc_copy &d = j.d;
  b.mem.fault_lo = (write ? d.dst_addr : d.src_addr) +
                   b.rnd.below(d.rows) * (write ? d.dst_stride : d.src_stride) +
                   b.rnd.below(d.row_bytes);
  b.mem.fault_hi = b.mem.fault_lo + b.rnd.range(1, 200);
  b.mem.fault_resp = b.rnd.percent(50) ? 2 : 3;
  b.mem.fault_beats = b.rnd.percent(50);
  j.e = {};
  j.e.any_count = true;
  j.e.status =
      (write ? SHIRA_STATUS_WRITE_SLVERR : SHIRA_STATUS_READ_SLVERR) + b.mem.fault_resp - 2;
  if (!hits(b, d, write, &j.e.where))
    b.tap.fail("no burst is faulty");
  uint64_t other;
  return (write ? d.src_space : d.dst_space) != 0 || !hits(b, d, !write, &other);
}

// A good command before `j`: it must end well and whole.
static void queue_ahead(Bench &b, const Job &j) {
  Job first = b.random_job(100);
  while (Bench::overlaps(first.d) || first.d.src_space == 0 || first.d.dst_space == 0 ||
         first.d.dst_space == j.d.src_space)
    first = b.random_job(100);
  b.queue.push_back(first);
  b.model_copy(first.d);
  for (unsigned s = 0; s < 5; s++)
    b.space[s].old = b.space[s].model;
}

void test_axi_errors(Bench &b) {
  int reads = 0, writes = 0;
  for (int round = 0; round < 200 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.snapshot();
    b.results.clear();
    const bool write = round % 2;
    Job j = b.random_job();
    while ((write ? j.d.dst_space : j.d.src_space) != 0 || Bench::overlaps(j.d) ||
           j.d.dst_stride < j.d.row_bytes) // a byte written twice could be neither old nor new
      j = b.random_job();
    const bool ahead = b.rnd.percent(50);
    if (ahead)
      queue_ahead(b, j);
    b.queue.push_back(j);
    b.model_copy(j.d);
    if (!plant_fault(b, j, write)) {
      b.queue.clear();
      b.mem.fault_hi = b.mem.fault_lo = 0;
      continue;
    }
    (write ? writes : reads)++;
    const uint64_t deadline = b.cycle + 100000;
    while (b.results.size() < 1u + ahead && b.cycle < deadline)
      b.step();
    if (b.results.size() < 1u + ahead)
      return b.tap.fail("an AXI error hangs");
    if (ahead && b.results[0].status != SHIRA_STATUS_OK)
      b.tap.fail("the command before ended with %u", b.results[0].status);
    b.compare_result(b.results.back(), j.e);
    b.halt_and_recover(1u + ahead);
    compare_torn(b);
  }
  printf("# %d read errors, %d write errors\n", reads, writes);
}

void test_halt(Bench &b) {
  int cut = 0;
  for (int round = 0; round < 200 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.snapshot();
    b.results.clear();
    const size_t n = b.rnd.range(1, 4);
    std::vector<Job> jobs;
    for (size_t i = 0; i < n; i++) {
      Job j = b.random_job();
      while (Bench::overlaps(j.d) || (i > 0 && j.d.dst_space == 0))
        j = b.random_job();
      jobs.push_back(j);
      b.queue.push_back(j);
    }
    for (uint64_t k = b.rnd.below(400); k > 0; k--)
      b.step();
    const size_t taken = n - b.queue.size();
    const size_t whole = b.results.size();
    b.queue.clear();
    b.halt = true;
    if (!b.run(taken))
      return;
    b.halt = false;
    b.step();
    for (size_t i = whole; i < b.results.size(); i++) {
      const unsigned s = b.results[i].status;
      cut += s == SHIRA_STATUS_CANCELLED;
      if (s != SHIRA_STATUS_CANCELLED && s != SHIRA_STATUS_OK)
        b.tap.fail("status %u after a halt", s);
    }
    if (b.top.idle_o != 1 || b.results.size() != taken)
      b.tap.fail("not idle after a halt");
    // and it works again
    b.snapshot();
    b.results.clear();
    Job j = b.random_job();
    while (Bench::overlaps(j.d))
      j = b.random_job();
    b.queue.push_back(j);
    b.model_copy(j.d);
    if (!b.run(1))
      return;
    b.compare_result(b.results[0], j.e);
    b.compare_all();
  }
  printf("# %d commands cut\n", cut);
  if (cut < 20)
    b.tap.fail("only %d commands were cut", cut);
}
