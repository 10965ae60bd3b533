// How a report is looked at: which results belong together, what they are called, how numbers read.
#ifndef SHIRA_REPORT_VIEW_H
#define SHIRA_REPORT_VIEW_H

#include "host/report/report.h"

#define VIEW_LABEL 80

// Tokens between two switches that tables go up to, from one pass on in steps of ten.
#define VIEW_MOST_TOKENS 20000

// Colour of text and marks that belong to no strategy.
#define VIEW_GREY "#6b7280"

// "shira-scatter rand swap": the strategy, its mask, and how it undoes and where it keeps adapters
// where that is not the usual way. Returns buf.
const char *view_label(const struct shira_result *r, char buf[VIEW_LABEL]);

// What the workload is called: "2048x2048", or the model's name. Points into the result.
const char *view_workload_name(const struct shira_result *r);

// Both results are of the same network, placement and device, so that they can be compared.
bool view_same_workload(const struct shira_result *a, const struct shira_result *b);

// Both results are of the same model, placement and device, and of as many blocks, but not of the
// same: what is compared in one is compared in the other again.
bool view_equal_blocks(const struct shira_result *a, const struct shira_result *b);

// And adapters are kept in the same memory. LoRA factors that stay on chip count as in memory.
bool view_same_case(const struct shira_result *a, const struct shira_result *b);

// Where adapters are kept, in words.
const char *view_kept(const struct shira_result *r);

// Result i is the first of its workload.
bool view_first_of_workload(const struct shira_report *r, uint32_t i);

// First result of the workload that pictures show: the largest square, else the first model.
// NULL where the report is empty.
const struct shira_result *view_focus(const struct shira_report *r);

// The switch that stands for its strategy and mask in pictures: the one from another adapter, or
// the one from base where there is no other.
bool view_is_main_switch(const struct shira_report *r, uint32_t i);

// Strategies, told by name.
bool view_is_shira(const struct shira_result *r);
bool view_is_lora(const struct shira_result *r); // reload of a fused LoRA included
bool view_is_base(const struct shira_result *r);

// What is compared in one case: main switches that were timed. Each may be NULL.
struct view_pick {
  const struct shira_report *r;
  const struct shira_result *any;     // what the workload was told by
  const struct shira_result *shira;   // quickest switch of SHiRA
  const struct shira_result *lora;    // quickest switch of LoRA, whichever way
  const struct shira_result *written; // quickest of those that write LoRA into the weights
  const struct shira_result *unfused; // lora-unfused
};

struct view_pick view_pick(const struct shira_report *r, const struct shira_result *any);

// Result i is the first of a case that the words are about: of the largest square, and of every
// model, once where equal blocks of it were measured.
bool view_is_told(const struct shira_report *r, uint32_t i);

// Ratio of LoRA's cycles to SHiRA's: above 1 SHiRA is faster, infinite where it takes none. Times
// that differ by less than VIEW_SAME count as the same.
#define VIEW_SAME 0.005
double view_speed(double shira, double lora);

// Cycles of a switch and of the passes of `m` tokens for `tokens` tokens after it; infinite where
// there is no such pass.
double view_cost(const struct shira_result *it, uint32_t m, double tokens);

// The cheapest main switch of SHiRA or of LoRA in the case of `any`, passes included, or NULL.
const struct shira_result *view_cheapest(const struct shira_report *r,
                                         const struct shira_result *any, bool shira, uint32_t m,
                                         double tokens);

// A switch on a device that keeps time; one that only changes a pointer takes 0 cycles.
bool view_timed_switch(const struct shira_result *it);

// Cycles that are there and not 0.
bool view_timed(const struct shira_measure *m);

// Bound in percent of what was measured; 0 where nothing was timed.
double view_of_bound(const struct shira_measure *m);

// The limiter's name, "none" where there is none.
const char *view_limit(const struct shira_measure *m);

// Bytes that crossed the memory bus.
uint64_t view_bytes_read(const struct shira_measure *m);
uint64_t view_bytes_written(const struct shira_measure *m);

// What the device's own memory did in a switch or a pass, beside what is counted in it. Shares are
// of 1, and NaN where nothing was measured or the memory, of a fixed rate, has no such thing.
struct view_memory {
  uint64_t reads, writes;             // bursts
  uint64_t bytes_read, bytes_written; // of these bursts, whole
  double row_hits;                    // bursts that found their row open, of all
  double bus;                         // of the time: with data on the bus, mean of all channels
  double refresh, turnaround;         // of the time: bus kept empty by that
  uint64_t p50, p90, p99, longest;    // device cycles of a read, to the upper end of a bucket
};

struct view_memory view_memory(const struct shira_report *r, const struct shira_measure *m);

// Bursts of a traffic class, of enum shira_traffic or SHIRA_DRAM_UNCLASSED.
uint64_t view_class_bursts(const struct shira_measure *m, unsigned traffic);

// Whether the machine's memory counts number i of shira_dram_stats_name.
bool view_memory_counts(const struct shira_report *r, unsigned i);

// The bursts of the weights that a switch in memory writes.
struct view_touched {
  uint64_t bursts;  // in which the adapter's linears lie
  uint64_t written; // by all streams of the switch
  double measured;  // written / bursts, of one stream
  double density;   // updates / weights, of one stream: p
  double expected;  // 1 - (1 - p)^w, w weights a burst; NaN where the mask is not random
};

// false: not a timed switch of shira-dram.
bool view_touched(const struct shira_report *r, const struct shira_result *it,
                  struct view_touched *t);

// `me`, of the report's results, is the main switch that is quickest among the undos of its
// strategy, mask and place of adapters.
bool view_is_best_undo(const struct shira_report *r, const struct shira_result *me);

// Microseconds at the machine's clock.
double view_us(const struct shira_report *r, double cycles);

// The golden model itself was the device, so that it is compared with nothing.
bool view_is_golden(const struct shira_result *r);

// Weights and outputs equal the reference / the golden model, passes included.
bool view_equal(const struct shira_result *r, bool golden);

// A colour per strategy and mask that colour-blind people can tell from the others (Okabe and Ito).
const char *view_colour(const struct shira_result *r);

// Numbers for people; each returns buf.
#define VIEW_NUMBER 40
const char *view_count(uint64_t v, char buf[VIEW_NUMBER]);     // 4,194,304
const char *view_bytes(uint64_t v, char buf[VIEW_NUMBER]);     // 4.19 MB (10^6 bytes)
const char *view_time(double us, char buf[VIEW_NUMBER]);       // 10.5 µs, three digits
const char *view_ratio(double ratio, char buf[VIEW_NUMBER]);   // 23.8, three digits
const char *view_percent(double share, char buf[VIEW_NUMBER]); // 0.98 % of a share of 0.0098

// Text from outside, with the characters that HTML gives a meaning to escaped.
void view_html(const char *text, FILE *out);

#endif
