// DRAM in configuration files: standards, and the section `dram` of a machine.
#include "shira/config.h"
#include "shira/dram_map.h"
#include "tests/unit/config_file.h"

static const char standard_text[] =
    "name: s\n"                // 1
    "source: a test\n"         // 2
    "data_rate: 1600\n"        // 3
    "transfers_per_clock: 2\n" // 4
    "channel_bits: 16\n"       // 5
    "burst_length: 16\n"       // 6
    "bank_groups: 1\n"         // 7
    "banks: 8\n"               // 8
    "rows: 1024\n"             // 9
    "page_bytes: 1 KiB\n"      // 10
    "command_clocks: {activate: 1, column: 1, precharge: 1, refresh: 1, cas: 0}\n"
    "two_command_buses: false\n" // 12
    "timing:\n"                  // 13
    "  trcd: 18 ns\n"            // 14
    "  trp: 18 ns, 40 ck\n"      // 15
    "  trp_all: 2.5 ns\n"        // 16
    "  tras: 42 ns\n  trc: 92 ns\n  cl: 14 ck\n  cwl: 8 ck\n  tccd_s: 8 ck\n  tccd_l: 8 ck\n"
    "  tccd_masked: 32 ck\n  trrd_s: 10 ns\n  trrd_l: 10 ns\n  tfaw: 40 ns\n  twr: 18 ns\n"
    "  twtr_s: 10 ns\n  twtr_l: 10 ns\n  trtp: 7.5 ns\n  trtw_s: 16 ck\n  trtrs: 2 ck\n"
    "  trefi: 3904 ns\n"    // 33
    "  trfc: 280 ns\n"      // 34
    "  trfc_bank: 140 ns\n" // 35
    "  trefpb_act: 10 ns\n" // 36
    "  trefpb: 90 ns\n"     // 37
    "  taad: 0 ck\n"        // 38
    "  trcd_write: 18 ns\n" // 39
    "  tppd: 4 ck\n"        // 40
    "  tccd_l_write: 8 ck\n  tccd_masked_l: 0 ck\n  trtw_l: 16 ck\n"
    "  twckpst: 0 ck\n"    // 44
    "pseudo_channels: 1\n" // 45
    "refresh_banks: 1\n";  // 46

#define A_TIME "a time as '18 ns', '4 ck' or '18 ns, 4 ck', the longer of both"

static const struct bad bad_standards[] = {
    {"data_rate: 1600", "data_rate: 99",
     "3: data_rate: '99' is out of range; allowed: a whole number from 100 to 100000 MT/s"},
    {"trcd: 18 ns", "trcd: 18", "14: timing.trcd: '18' is not a time; allowed: " A_TIME},
    {"trcd: 18 ns", "trcd: 18 ns,4 ck",
     "14: timing.trcd: '18 ns,4 ck' is not a time; allowed: " A_TIME},
    {"trcd: 18 ns", "trcd: 4 ck, 18 ns",
     "14: timing.trcd: '4 ck, 18 ns' is not a time; allowed: " A_TIME},
    {"trcd: 18 ns", "trcd: '18 ns'", "14: timing.trcd: '18 ns' is not a time; allowed: " A_TIME},
    {"trcd: 18 ns", "trcd: 1.2345 ns",
     "14: timing.trcd: '1.2345 ns' is not a time; allowed: " A_TIME},
    {"trcd: 18 ns", "trcd: 18. ns", "14: timing.trcd: '18. ns' is not a time; allowed: " A_TIME},
    {"trcd: 18 ns", "trcd: -1 ns", "14: timing.trcd: '-1 ns' is not a time; allowed: " A_TIME},
    {"trefi: 3904 ns", "trefi: 99999999 ns",
     "33: timing.trefi: '99999999 ns' is not a time; allowed: " A_TIME},
    {"cl: 14 ck", "cl: 1000000 ck", "19: timing.cl: '1000000 ck' is not a time; allowed: " A_TIME},
    {"trefi: 3904 ns", "trefi: 2000000 ns",
     "33: timing.trefi: is too long; allowed: at most 1000000 clocks"},
    {"trefi: 3904 ns", "trefi: 280 ns", "33: timing.trefi: does not fit; allowed: above trfc"},
    {"burst_length: 16", "burst_length: 1",
     "6: burst_length: '1' does not fit; allowed: 2 or more"},
    {"channel_bits: 16", "channel_bits: 512", NULL},
    {"page_bytes: 1 KiB\n", "page_bytes: 64\n", NULL},
    {"burst_length: 16", "burst_length: 8", NULL},
    {"channel_bits: 16\nburst_length: 16", "channel_bits: 512\nburst_length: 32",
     "10: page_bytes: '1024' does not fit; allowed: 2048 or more"},
    {"bank_groups: 1", "bank_groups: 16", "8: banks: '8' does not fit; allowed: at most 4"},
    {"  trefpb: 90 ns\n", "", "13: timing.trefpb: is missing; allowed: " A_TIME},
    {"  trefpb: 90 ns\n", "  trefpb: 90 ns\n  tzq: 1 ns\n",
     "38: timing.tzq: unknown key; allowed: taad, trcd, trcd_write, tppd, trp, trp_all, tras, trc, "
     "cl, cwl, tccd_s, tccd_l, tccd_l_write, tccd_masked, tccd_masked_l, trrd_s, trrd_l, tfaw, "
     "twr, "
     "twtr_s, twtr_l, trtp, trtw_s, trtw_l, twckpst, trtrs, trefi, trfc, trfc_bank, trefpb_act, "
     "trefpb"},
    // Rules of timings beside each other.
    {"tccd_s: 8 ck", "tccd_s: 7 ck",
     "21: timing.tccd_s: does not fit; allowed: the 8 clocks of a burst's data or more"},
    {"tccd_l: 8 ck", "tccd_l: 7 ck",
     "22: timing.tccd_l: does not fit; allowed: the 8 clocks of a burst's data or more"},
    {"tccd_l_write: 8 ck", "tccd_l_write: 7 ck",
     "41: timing.tccd_l_write: does not fit; allowed: the 8 clocks of a burst's data or more"},
    // trp is the longer of its two, 50 ns
    {"trc: 92 ns", "trc: 91 ns", "18: timing.trc: does not fit; allowed: tras + trp or more"},
    {"tfaw: 40 ns", "tfaw: 0 ns", "26: timing.tfaw: is 0; allowed: above 0"},
    {"cwl: 8 ck", "cwl: 0 ck", "20: timing.cwl: is 0; allowed: above 0"},
    {"tppd: 4 ck", "tppd: 0 ck", NULL},
    {"trefpb: 90 ns", "trefpb: 0 ns", "37: timing.trefpb: is 0; allowed: above 0"},
    {"trfc_bank: 140 ns\n  trefpb_act: 10 ns\n  trefpb: 90 ns",
     "trfc_bank: 0 ck\n  trefpb_act: 0 ck\n  trefpb: 0 ck", NULL},
    {"trefpb: 90 ns", "trefpb: 487 ns", NULL},
    {"trefpb: 90 ns", "trefpb: 488 ns",
     "37: timing.trefpb: does not fit: a REFpb is due each 390 clocks (trefi / 8); allowed: as "
     "many "
     "or less"},
    {"trefpb_act: 10 ns", "trefpb_act: 243.75 ns", NULL},
    {"trefpb_act: 10 ns", "trefpb_act: 244 ns",
     "36: timing.trefpb_act: does not fit: a REFpb is due each 390 clocks (trefi / 8), and an ACT "
     "goes between two; allowed: half of it or less"},
    {"trfc_bank: 140 ns", "trfc_bank: 280 ns", NULL},
    {"trfc_bank: 140 ns", "trfc_bank: 281 ns",
     "35: timing.trfc_bank: does not fit; allowed: trfc or less"},
    // What is kept within a bank group, and across.
    {"tccd_s: 8 ck", "tccd_s: 9 ck", "22: timing.tccd_l: does not fit; allowed: tccd_s or more"},
    {"tccd_s: 8 ck\n  tccd_l: 8 ck", "tccd_s: 9 ck\n  tccd_l: 9 ck",
     "41: timing.tccd_l_write: does not fit; allowed: tccd_s or more"},
    {"trrd_s: 10 ns", "trrd_s: 12 ns", "25: timing.trrd_l: does not fit; allowed: trrd_s or more"},
    {"twtr_s: 10 ns", "twtr_s: 12 ns", "29: timing.twtr_l: does not fit; allowed: twtr_s or more"},
    {"trtw_s: 16 ck", "trtw_s: 17 ck", "43: timing.trtw_l: does not fit; allowed: trtw_s or more"},
    {"refresh_banks: 1", "refresh_banks: 2", NULL},
    {"taad: 0 ck", "taad: 1 ck", NULL},
    {"activate: 1, column: 1, precharge: 1, refresh: 1, cas: 0",
     "activate: 2, column: 1, precharge: 1, refresh: 1, cas: 0", NULL},
    {"pseudo_channels: 1", "pseudo_channels: 4",
     "45: pseudo_channels: '4' is out of range; allowed: a power of two from 1 to 2"},
    {"pseudo_channels: 1\n", "pseudo_channels: 1\nenergy: {bit: 3, source: x}\n", NULL},
    {"pseudo_channels: 1\n", "pseudo_channels: 1\nenergy: {bit: 3}\n",
     "46: energy.source: is missing; allowed: one line of 1 to 255 characters"},
    {"pseudo_channels: 1\n", "pseudo_channels: 1\nenergy: {bit: 3, read: 4, source: x}\n",
     "46: energy.read: does not go with energy.bit, which has it"},
    {"pseudo_channels: 1\n", "pseudo_channels: 1\nenergy: {read: 4, source: x}\n",
     "46: energy.activate: is missing; allowed: a number from 0.001 to 1e+07 pJ"},
};

static void test_standard_errors(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_standards); i++) {
    struct shira_dram_standard s, before;
    struct shira_error e = {""};
    memset(&s, 0x5a, sizeof s);
    before = s;
    write_changed(standard_text, bad_standards[i].from, bad_standards[i].to);
    const int rc = shira_dram_standard_load(temp, &s, &e);
    if (bad_standards[i].message) {
      expect_message(rc, &e, &bad_standards[i]);
      assert_memory_equal(&s, &before, sizeof s);
    } else if (rc) {
      fail_msg("%s", e.text);
    }
  }
}

static void test_times(void **state) {
  (void)state;
  struct shira_dram_standard s;
  write_temp(standard_text, sizeof standard_text - 1);
  assert_int_equal(shira_dram_standard_load(temp, &s, NULL), 0);
  assert_int_equal(s.trcd.ps, 18000);
  assert_int_equal(s.trcd.clocks, 0);
  assert_int_equal(s.trp.ps, 18000);
  assert_int_equal(s.trp.clocks, 40);
  assert_int_equal(s.trp_all.ps, 2500);
  assert_int_equal(s.cl.clocks, 14);
  // A clock of 1.25 ns: 14.4, the longer of 14.4 and 40, exactly 2.
  assert_int_equal(shira_dram_clocks(&s, s.trcd), 15);
  assert_int_equal(shira_dram_clocks(&s, s.trp), 40);
  assert_int_equal(shira_dram_clocks(&s, s.trp_all), 2);
  assert_int_equal(shira_dram_burst_bytes(&s), 32);
  assert_int_equal(shira_dram_rank_bytes(&s), 8 << 20);
}

// ---- A machine's DRAM ---------------------------------------------------------------------------

static const char dram_text[] =
    "dram:\n  channels: 2\n  ranks: 1\n  mapping: ro-ra-bg-ba-co-ch\n"
    "  hash: none\n  queue: 32\n  window: 16\n  writes: batch\n  batch: 8\n  cap: 1000\n"
    "  idle_close: 100\n  refresh: all-bank\n  refresh_rate: 1\n  refresh_postpone: 7\n"
    "  ecc: none\n  standard: ";

// tiny with a DDR4 in place of its fixed rate.
static void machine_text(char *text, size_t size) {
  char path[400], line[200];
  assert_non_null(realpath("configs/dram/ddr4-3200.yaml", path));
  FILE *f = fopen("configs/hw/tiny.yaml", "r");
  assert_non_null(f);
  text[0] = '\0';
  while (fgets(line, sizeof line, f))
    if (!strstr(line, "peak_mb_s: 4000"))
      snprintf(text + strlen(text), size - strlen(text), "%s",
               strstr(line, "burst_bytes: 32") ? "  burst_bytes: 64\n" : line);
  fclose(f);
  snprintf(text + strlen(text), size - strlen(text), "%s%s\n", dram_text, path);
}

// Changes, and a part of the sentence; NULL: it is good.
static const struct bad bad_drams[] = {
    {"hash: none", "hash: column", NULL},
    {"mapping: ro-ra-bg-ba-co-ch", "mapping: ch-co-ba-bg-ra-ro", NULL},
    {"mapping: ro-ra-bg-ba-co-ch", "mapping: ro-ra-bg-ba-co-c4-ch", NULL},
    {"mapping: ro-ra-bg-ba-co-ch", "mapping: ro-ra-bg-ba-co", "is no mapping"},
    {"mapping: ro-ra-bg-ba-co-ch", "mapping: ro-ra-bg-ba-co-ch-ro", "is no mapping"},
    {"mapping: ro-ra-bg-ba-co-ch", "mapping: ro-ra-bg-ba-co-co", "is no mapping"},
    {"mapping: ro-ra-bg-ba-co-ch", "mapping: ro-ra-bg-ba-co-c5-ch", "is no mapping"},
    {"mapping: ro-ra-bg-ba-co-ch", "mapping: ro-ra-bg-ba-co-ch-", "is no mapping"},
    {"window: 16", "window: 33",
     "dram.window: '33' does not fit; allowed: dram.queue (32) or less"},
    {"refresh: all-bank", "refresh: per-bank", "'per-bank' does not fit: DDR4-3200 has none"},
    {"refresh_postpone: 7", "refresh_postpone: 0", NULL},
    {"refresh_postpone: 7", "refresh_postpone: 8",
     "dram.refresh_postpone: '8' is out of range; allowed: a whole number from 0 to 7"},
    {"  refresh_postpone: 7\n", "", "dram.refresh_postpone: is missing"},
    {"idle_close: 100", "idle_close: 0", NULL},
    {"  writes: batch\n  batch: 8\n", "  writes: marks\n", NULL},
    {"  writes: batch\n", "  writes: marks\n", "dram.batch: does not go with dram.writes: marks"},
    {"  writes: batch\n  batch: 8\n", "  writes: batch\n", "dram.batch: is missing"},
    {"refresh_rate: 1", "refresh_rate: 4", NULL},
    {"refresh_rate: 1", "refresh_rate: 3", "dram.refresh_rate: '3'"},
    {"refresh_rate: 1", "refresh_rate: 8", "dram.refresh_rate: '8'"},
    {"idle_close: 100", "idle_close: never", "dram.idle_close: 'never' is not"},
    {"ranks: 1", "ranks: 4", NULL},
    {"  ecc: none\n  standard", "  standard", "dram.ecc: is missing"},
    {"burst_bytes: 64\nhost", "burst_bytes: 32\nhost",
     "memory.burst_bytes: '32' does not fit; allowed: a burst of DDR4-3200 (64)"},
    {"burst_bytes: 64\nhost", "burst_bytes: 64\n  peak_mb_s: 1\nhost",
     "memory.peak_mb_s: does not go with dram, whose standard has the peak"},
    {"bytes: 64 MiB", "bytes: 32 GiB",
     "memory.bytes: '34359738368' does not fit; allowed: at most"},
    {"ddr4-3200.yaml", "ddr9.yaml", "ddr9.yaml': No such file or directory"},
};

static void test_dram_errors(void **state) {
  (void)state;
  char text[4096];
  machine_text(text, sizeof text);
  for (size_t i = 0; i < COUNT(bad_drams); i++) {
    struct shira_machine m;
    struct shira_error e = {""};
    write_changed(text, bad_drams[i].from, bad_drams[i].to);
    const int rc = shira_machine_load(temp, &m, &e);
    if (bad_drams[i].message) {
      if (rc == 0 || !strstr(e.text, bad_drams[i].message))
        fail_msg("'%s' and not '%s'", e.text, bad_drams[i].message);
    } else if (rc) {
      fail_msg("%s", e.text);
    }
  }
  // Without either there is no memory.
  char *dram = strstr(text, "dram:");
  write_temp(text, (size_t)(dram - text));
  struct shira_error e = {""};
  struct shira_machine m;
  assert_int_equal(shira_machine_load(temp, &m, &e), -EINVAL);
  assert_non_null(strstr(e.text, "memory.peak_mb_s: is missing"));
}

// REFpb that fit in where the DRAM is cool, and at twice or four times the rate: by the gap of two
// of them, by that to an ACT and on, and by the time that a bank takes.
static void test_hot(void **state) {
  (void)state;
  static const struct {
    const char *from, *to;
    unsigned takes; // clocks, of those in which one is due: 390, 195, 97
  } cases[] = {
      {"trefpb: 90 ns", "trefpb: 200 ns", 160},
      {"trefpb_act: 10 ns", "trefpb_act: 100 ns", 160},
      {"trfc: 280 ns\n  trfc_bank: 140 ns", "trfc: 1000 ns\n  trfc_bank: 1000 ns", 100},
      {"trfc: 280 ns\n  trfc_bank: 140 ns", "trfc: 1960 ns\n  trfc_bank: 1960 ns", 196},
  };
  char text[4096], path[400];
  machine_text(text, sizeof text);
  char *ddr4 = strstr(text, "standard: ") + strlen("standard: ");
  snprintf(path, sizeof path, "%s.standard.yaml", temp);
  snprintf(ddr4, sizeof text - (size_t)(ddr4 - text), "%s\n", path);
  char *burst = strstr(text, "burst_bytes: 64\nhost");
  memcpy(burst, "burst_bytes: 32", 15);
  char standard[sizeof standard_text];
  memcpy(standard, standard_text, sizeof standard);
  memcpy(strstr(standard, "rows: 1024"), "rows: 8192", 10);
  char *refresh = strstr(text, "all-bank");
  memcpy(refresh, "per-bank", 8);
  for (size_t i = 0; i < COUNT(cases); i++)
    for (unsigned rate = 1; rate <= 4; rate *= 2) {
      struct shira_machine m;
      struct shira_error e = {""};
      char to[40], message[200];
      write_changed(standard, cases[i].from, cases[i].to);
      assert_int_equal(rename(temp, path), 0);
      snprintf(to, sizeof to, "refresh_rate: %u", rate);
      write_changed(text, "refresh_rate: 1", to);
      const int rc = shira_machine_load(temp, &m, &e);
      const unsigned due = 390 / rate;
      snprintf(message, sizeof message,
               "dram.refresh_rate: '%u' does not fit; allowed: less: a refresh is due each %u "
               "clocks, and takes %u",
               rate, due, cases[i].takes);
      if (cases[i].takes <= due ? rc != 0 : rc == 0 || !strstr(e.text, message))
        fail_msg("%u, rate %u: '%s'", (unsigned)i, rate, e.text);
      remove(path);
    }
}

static void test_dram(void **state) {
  (void)state;
  char text[4096];
  struct shira_machine m;
  machine_text(text, sizeof text);
  write_temp(text, strlen(text));
  assert_int_equal(shira_machine_load(temp, &m, NULL), 0);
  assert_true(m.has_dram);
  assert_int_equal(m.memory_peak_mb_s, 2 * 25600); // two channels of 3200e6 x 8 bytes
  assert_int_equal(m.dram.n_fields, 6);
  assert_int_equal(m.dram.fields[0], SHIRA_DRAM_ROW);
  assert_int_equal(m.dram.fields[5], SHIRA_DRAM_CHANNEL);
  assert_int_equal(m.dram.window, 16);
  assert_int_equal(m.dram.idle_close, 100);
  assert_int_equal(m.dram.refresh_postpone, 7);
  assert_int_equal(shira_machine_load("configs/hw/tiny.yaml", &m, NULL), 0);
  assert_false(m.has_dram);
}

// ---- Mappings -----------------------------------------------------------------------------------

// Every burst has a place of its own, whatever the mapping and the hash; without a hash the fields
// are where the mapping says.
static void test_mappings(void **state) {
  (void)state;
  static const char *const mappings[] = {"ro-ra-bg-ba-co-ch", "ch-co-ba-bg-ra-ro",
                                         "ro-ra-co-bg-ba-c2-ch", "ra-ro-c3-ch-co-ba-bg"};
  char text[4096], mapping[64];
  struct shira_machine m;
  machine_text(text, sizeof text);
  for (size_t i = 0; i < COUNT(mappings); i++)
    for (uint32_t hash = 0; hash < 3; hash++) {
      snprintf(mapping, sizeof mapping, "mapping: %s", mappings[i]);
      write_changed(text, "mapping: ro-ra-bg-ba-co-ch", mapping);
      assert_int_equal(shira_machine_load(temp, &m, NULL), 0);
      struct shira_dram_standard *s = &m.dram.standard;
      m.dram.hash = hash;
      m.dram.ranks = 2;
      s->rows = 16;
      s->page_bytes = 1024; // 16 bursts
      const struct shira_dram_map map = shira_dram_map_of(&m.dram);
      const uint32_t banks = s->banks * s->bank_groups, all = 2 * 2 * banks * 16 * 16;
      uint8_t *seen = calloc(all, 1);
      assert_non_null(seen);
      for (uint32_t burst = 0; burst < all; burst++) {
        const struct shira_dram_place p = shira_dram_place_of(&map, burst);
        assert_true(p.channel < 2 && p.rank < 2 && p.bank < banks && p.row < 16 && p.column < 16);
        const uint32_t at =
            (((p.channel * 2 + p.rank) * banks + p.bank) * 16 + p.row) * 16 + p.column;
        assert_int_equal(seen[at]++, 0);
      }
      free(seen);
    }
}

static void test_mapping_fields(void **state) {
  (void)state;
  char text[4096];
  struct shira_machine m;
  machine_text(text, sizeof text);
  write_changed(text, "mapping: ro-ra-bg-ba-co-ch", "mapping: ro-ra-co-bg-ba-c2-ch");
  assert_int_equal(shira_machine_load(temp, &m, NULL), 0);
  const struct shira_dram_map map = shira_dram_map_of(&m.dram);
  // channel 1 bit, column 2 bits, bank 2 bits, group 2 bits, column 5 bits, row
  struct shira_dram_place p = shira_dram_place_of(&map, 1);
  assert_int_equal(p.channel, 1);
  p = shira_dram_place_of(&map, 3 << 1);
  assert_int_equal(p.column, 3);
  p = shira_dram_place_of(&map, 1 << 3);
  assert_int_equal(p.bank, 1);
  p = shira_dram_place_of(&map, 1 << 5);
  assert_int_equal(p.bank, 4); // the next group
  p = shira_dram_place_of(&map, 1 << 7);
  assert_int_equal(p.column, 4);
  p = shira_dram_place_of(&map, 5 << 12);
  assert_int_equal(p.row, 5);
  assert_int_equal(p.bank, 0);
  m.dram.hash = SHIRA_DRAM_HASH_ROW;
  const struct shira_dram_map hashed = shira_dram_map_of(&m.dram);
  p = shira_dram_place_of(&hashed, 5 << 12);
  assert_int_equal(p.bank, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_standard_errors, make_temp, remove_temp),
      cmocka_unit_test_setup_teardown(test_times, make_temp, remove_temp),
      cmocka_unit_test_setup_teardown(test_dram_errors, make_temp, remove_temp),
      cmocka_unit_test_setup_teardown(test_hot, make_temp, remove_temp),
      cmocka_unit_test_setup_teardown(test_dram, make_temp, remove_temp),
      cmocka_unit_test_setup_teardown(test_mappings, make_temp, remove_temp),
      cmocka_unit_test_setup_teardown(test_mapping_fields, make_temp, remove_temp),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
