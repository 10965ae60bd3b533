// What the tests of the command unit expect of records and errors, and those tests by file.
#ifndef COMMAND_CHECKS_H
#define COMMAND_CHECKS_H

#include "tests/block/command/bench.h"

extern Bench *b;

// The record of a descriptor; one of zeros, and a failure, where there is none.
const shira_completion &record(uint32_t seq);
void expect_status(uint32_t seq, unsigned status, uint64_t where);
// A record that belongs to its descriptor and ended ok.
void expect_ok(uint32_t seq);
// The device is halted with this error, and has drained.
void expect_error(unsigned status, uint32_t seq, uint64_t where);
// After an error was acknowledged a NOP and a command run.
void expect_usable();

// run.cpp
void test_latency();
void test_throughput();
void test_irq_flag();
void test_write_twice();
void test_wrap_compare();
void test_waiting_counter();
// random.cpp
void test_random();
void test_random_errors();
// errors.cpp
void test_engine_error();
void test_bad_headers();
void test_reserved_bytes();
void test_fetch_error();
void test_completion_error();
void test_bad_tail();
// cancel.cpp
void test_cancel_waiting();
void test_cancel_too_late();
void test_random_cancel();
// watchdog.cpp
void test_dead_memory();
void test_engine_hang();
void test_missing_signal();
void test_watchdog_edge();

#endif
