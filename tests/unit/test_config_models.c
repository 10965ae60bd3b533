// Model and experiment files: what is read, and the exact sentence for what is wrong.
#include <math.h>

#include "shira/config.h"
#include "shira/regs.h"
#include "tests/unit/config_file.h"

// ---- Models -----------------------------------------------------------------------------------

static const char model_text[] = "name: m\n"                                                // 1
                                 "source: by hand\n"                                        // 2
                                 "hidden: 8\nintermediate: 16\nheads: 2\nkv_heads: 1\n"     // 3
                                 "head_dim: 4\nblocks: 3\nvocab: 0\n"                       // 7
                                 "prefix: \"b.{}.\"\n"                                      // 10
                                 "linears:\n"                                               // 11
                                 "  - {name: q, out: 8, in: 8, input: x, target: true}\n"   // 12
                                 "  - {name: k, out: 4, in: 8, input: x, target: true}\n"   // 13
                                 "  - {name: o, out: 8, in: 8, input: c, target: false}\n"; // 14

static const struct bad bad_models[] = {
    {"out: 4, in: 8", "out: 1, in: 8",
     "13: linears[1].out: '1' does not fit; allowed: 2 or more in a target"},
    {"name: k", "name: q", "13: linears[1].name: 'q' is there twice; allowed: each once"},
    {"out: 4, in: 8", "out: 4, in: 4",
     "13: linears[1].in: '4' does not fit; allowed: 8, as in 'q', which reads the same input"},
    {"b.{}.", "b.",
     "10: prefix: 'b.' does not fit; allowed: a prefix with one {} for the block's "
     "number"},
    {"b.{}.", "b.{}.{}",
     "10: prefix: 'b.{}.{}' does not fit; allowed: a prefix with one {} for "
     "the block's number"},
    {"b.{}.", "b\\n{}", "10: prefix: has a control character; allowed: one line of text"},
    {", target: true", "", "12: linears[0].target: is missing; allowed: true or false"},
    {"target: true", "target: yes",
     "12: linears[0].target: 'yes' is neither; allowed: true or false"},
    {"out: 8", "out: 262145",
     "12: linears[0].out: '262145' is out of range; allowed: a whole number from 1 to 262144"},
    {"input: x,", "input: x, bias: true,",
     "12: linears[0].bias: unknown key; allowed: name, out, in, input, target"},
    {"  - {name: q, out: 8, in: 8, input: x, target: true}", "  - q",
     "12: linears[0]: is a single value; allowed: a mapping with name, out, in, input, target"},
    {"blocks: 3", "blocks: 0",
     "8: blocks: '0' is out of range; allowed: a whole number from 1 to 1024"},
    {"vocab: 0\n", "vocab: 0\nlinears: 3\n", "12: linears: is there twice, first in line 10"},
};

static void test_model_errors(void **state) {
  (void)state;
  struct shira_model m;
  struct shira_error e;
  for (size_t i = 0; i < COUNT(bad_models); i++) {
    write_changed(model_text, bad_models[i].from, bad_models[i].to);
    expect_message(shira_model_load(temp, &m, &e), &e, &bad_models[i]);
  }
  write_temp("name: m\nlinears: []\n", 20);
  assert_int_equal(shira_model_load(temp, &m, &e), -EINVAL);
}

static void test_model_blocks(void **state) {
  (void)state;
  struct shira_model m;
  struct shira_error e;
  write_temp(model_text, sizeof model_text - 1);
  assert_int_equal(shira_model_load(temp, &m, &e), 0);
  assert_int_equal(m.n_linears, 9);
  assert_string_equal(m.linears[0].name, "b.0.q");
  assert_string_equal(m.linears[8].name, "b.2.o");
  assert_int_equal(m.linears[4].out, 4);
  assert_int_equal(m.linears[4].in, 8);
  assert_true(m.linears[4].target);
  assert_false(m.linears[8].target);
  static const uint32_t groups[] = {0, 0, 1, 2, 2, 3, 4, 4, 5};
  for (size_t i = 0; i < 9; i++)
    assert_int_equal(m.linears[i].input_group, groups[i]);
  assert_int_equal(shira_model_weights(&m, false), 3 * (64 + 32 + 64));
  assert_int_equal(shira_model_weights(&m, true), 3 * (64 + 32));

  static const uint32_t wrong[][2] = {{0, 4}, {0, 0}, {3, 1}, {2, 2}, {UINT32_MAX, 2}};
  for (size_t i = 0; i < COUNT(wrong); i++)
    assert_int_equal(shira_model_keep(&m, wrong[i][0], wrong[i][1], &e), -EINVAL);
  assert_int_equal(shira_model_keep(&m, 2, 2, &e), -EINVAL);
  assert_string_equal(e.text, "2 blocks from block 2 on, of model 'm'; allowed: within 0 to 2");
  assert_int_equal(m.n_linears, 9);
  assert_int_equal(shira_model_keep(&m, 0, 3, &e), 0);
  assert_int_equal(m.n_linears, 9);
  assert_int_equal(shira_model_keep(&m, 1, 2, &e), 0);
  assert_int_equal(m.n_linears, 6);
  // They keep their names and numbers, and the model what it was.
  assert_string_equal(m.linears[0].name, "b.1.q");
  assert_string_equal(m.linears[5].name, "b.2.o");
  assert_int_equal(m.linears[0].input_group, 2);
  assert_int_equal(shira_model_keep(&m, 1, 1, &e), 0);
  assert_int_equal(m.n_linears, 3);
  assert_string_equal(m.linears[0].name, "b.2.q");
  assert_int_equal(m.first_block, 2);
  assert_int_equal(m.blocks, 1);
  assert_int_equal(m.all_blocks, 3);
  shira_model_free(&m);
  assert_null(m.linears);
  shira_model_free(&m);

  assert_int_equal(shira_model_square(24, &m, &e), 0);
  assert_int_equal(m.n_linears, 1);
  assert_int_equal(shira_model_weights(&m, true), 576);
  shira_model_free(&m);
  assert_int_equal(shira_model_square(0, &m, &e), -EINVAL);
  assert_int_equal(shira_model_square(SHIRA_MAX_FEATURES + 1, &m, &e), -EINVAL);
}

// Parameters of the published models: the linears of the file, and what it does not have:
// embeddings x vocab (tied: one table, else two), norms x hidden, and `extra` as said behind it.
static void test_model_totals(void **state) {
  (void)state;
  static const struct {
    const char *name;
    unsigned tables, norms_per_block, more_norms;
    uint64_t extra, total;
  } models[] = {
      {"llama-7b", 2, 2, 1, 0, 6738415616},
      {"llama2-7b", 2, 2, 1, 0, 6738415616},
      {"llama3-8b", 2, 2, 1, 0, 8030261248},
      {"llama3.2-1b", 1, 2, 1, 0, 1235814400},
      {"llama3.2-3b", 1, 2, 1, 0, 3212749824},
      {"qwen2.5-0.5b", 1, 2, 1, 24 * (896 + 128 + 128), 494032768}, // biases of q, k, v
      {"qwen2.5-1.5b", 1, 2, 1, 28 * (1536 + 256 + 256), 1543714304},
      {"qwen2.5-7b", 2, 2, 1, 28 * (3584 + 512 + 512), 7615616512},
      {"phi3-mini", 2, 2, 1, 0, 3821079552},
      {"gemma2-2b", 1, 4, 1, 0, 2614341888},
      {"tinyllama-1.1b", 2, 2, 1, 0, 1100048384},
      {"stories15m", 1, 2, 1, 0, 15191712},
      {"stories260k", 1, 2, 1, 0, 260032},
      // layer norms have two vectors; biases of all linears; 1024 positions
      {"gpt2", 1, 4, 2, 12 * (2304 + 768 + 3072 + 768) + 1024 * 768, 124439808},
      // 512 positions, 2 types, pooler; norm of the embeddings
      {"bert-base", 1, 4, 2, 12 * (5 * 768 + 3072) + 514 * 768 + 768 * 769, 109482240},
      // 197 positions, class token, patches of 16 x 16 x 3, 1000 classes
      {"vit-b16", 0, 4, 2, 12 * (5 * 768 + 3072) + 198 * 768 + 768 * 769 + 1000 * 769, 86567656},
  };
  for (size_t i = 0; i < COUNT(models); i++) {
    char path[64];
    struct shira_model m;
    struct shira_error e = {""};
    snprintf(path, sizeof path, "models/%s.yaml", models[i].name);
    if (shira_model_load(path, &m, &e))
      fail_msg("%s", e.text);
    assert_string_equal(m.name, models[i].name);
    uint64_t vectors = (uint64_t)models[i].norms_per_block * m.blocks + models[i].more_norms;
    uint64_t total = shira_model_weights(&m, false) +
                     (uint64_t)models[i].tables * m.vocab * m.hidden + vectors * m.hidden +
                     models[i].extra;
    if (total != models[i].total)
      fail_msg("%s: %llu", models[i].name, (unsigned long long)total);
    shira_model_free(&m);
  }
}

// Names as PEFT writes them; the share that LoRA changes of LLaMA-7B as published, 66.7 %.
static void test_model_targets(void **state) {
  (void)state;
  struct shira_model m;
  assert_int_equal(shira_model_load("models/llama-7b.yaml", &m, NULL), 0);
  assert_int_equal(m.n_linears, 32 * 7);
  assert_string_equal(m.linears[7 * 31 + 6].name, "model.layers.31.mlp.down_proj");
  assert_true(fabs(100.0 * (double)shira_model_weights(&m, true) / 6738415616.0 - 66.7) < 0.05);
  assert_int_equal(m.linears[4].input_group, m.linears[5].input_group);
  assert_int_not_equal(m.linears[3].input_group, m.linears[4].input_group);
  shira_model_free(&m);
}

// ---- Experiments ------------------------------------------------------------------------------

static const char experiment_text[] = "name: e\n"                                       // 1
                                      "machine: tiny\n"                                 // 2
                                      "seed: 7\n"                                       // 3
                                      "tokens: [1, 8]\n"                                // 4
                                      "strategies: [base, lora-fused, shira-scatter]\n" // 5
                                      "switches: [other]\n"                             // 6
                                      "workloads:\n"                                    // 7
                                      "  - square: [16, 24]\n"                          // 8
                                      "  - {model: stories15m, blocks: 2}\n"            // 9
                                      "adapters:\n"                                     // 10
                                      "  strength: 0.05\n"                              // 11
                                      "  shira: {density: 0.01, masks: [struct]}\n"     // 12
                                      "  lora: {rank: 32}\n";                           // 13

static const struct bad bad_experiments[] = {
    {"[16, 24]", "[16, 1]",
     "8: workloads[0].square[1]: '1' does not fit; allowed: 2 or more, where SHiRA adapters are "
     "made"},
    {"machine: tiny", "machine: ./no.yaml",
     "2: machine: cannot open '/tmp/./no.yaml': No such file or directory"},
    {"stories15m", "stories",
     "9: workloads[1].model: there is no models/stories.yaml in any of '.', "
     "'/usr/local/share/shirasim'"},
    {"[1, 8]", "[8, 1]",
     "4: tokens[1]: '1' is not more than the one before; allowed: ascending numbers"},
    {"[1, 8]", "[]", "4: tokens: has 0 items; allowed: 1 to 8"},
    {"[1, 8]", "1", "4: tokens: is a single value; allowed: a list of 1 to 8 items"},
    {"[1, 8]", "[1, 65537]",
     "4: tokens[1]: '65537' is out of range; allowed: a whole number from 1 to 65536"},
    {"lora-fused", "lora",
     "5: strategies[1]: 'lora' is unknown; allowed: base, reload, lora-fused, lora-unfused, "
     "shira-scatter, shira-overlay, shira-dram"},
    {"lora-fused", "base", "5: strategies[1]: 'base' is there twice; allowed: each once"},
    {"[base, ", "[",
     "5: strategies: base is missing; allowed: base and others, which are "
     "compared with it"},
    {"fused, shira-scatter", "fused, shira-dram",
     "5: strategies: 'shira-dram' has no placement; allowed: with placements: streamed"},
    {"[other]", "[other]\nplacements: [streamed]",
     "5: strategies: 'shira-scatter' has no placement; allowed: with placements: resident"},
    {"[other]", "[other]\nplacements: [chip]",
     "7: placements[0]: 'chip' is unknown; allowed: resident, streamed"},
    {"strength: 0.05", "strength: 0.05\n  undo: [set]",
     "12: adapters.undo: has nothing for 'lora-fused'"},
    {"strength: 0.05", "strength: 0.05\n  undo: [clean, sub, undo]",
     "12: adapters.undo[2]: 'undo' is unknown; allowed: transition, set, swap, sub, clean, "
     "in-place"},
    {"strength: 0.05", "strength: 0.05\n  kept: [memory, chip]",
     "12: adapters.kept: 'chip' has no effect; allowed: with a strategy that has it"},
    {"strength: 0.05", "strength: 0.05\n  kept: [chip]",
     "12: adapters.kept: 'chip' has no effect; allowed: with a strategy that has it"},
    {"[other]", "[]", "6: switches: has 0 items; allowed: 1 to 2"},
    {"24]", "16]", "8: workloads[0].square[1]: '16' is there twice; allowed: each once"},
    {"24]", "32769]",
     "8: workloads[0].square[1]: '32769' is out of range; allowed: a whole number "
     "from 1 to 32768"},
    {", blocks: 2", "", "9: workloads[1]: blocks is missing; allowed: all, or a number of blocks"},
    {"blocks: 2", "blocks: some",
     "9: workloads[1].blocks: 'some' is not a whole number; allowed: "
     "a whole number from 1 to 1024"},
    {"blocks: 2", "square: [1]",
     "9: workloads[1]: is not one workload; allowed: square, or model, blocks and perhaps first"},
    {"[16, 24]", "[16, 24]\n    first: 1",
     "8: workloads[0]: is not one workload; allowed: square, or model, blocks and perhaps first"},
    {"blocks: 2", "blocks: all, first: 1",
     "9: workloads[1].first: has no effect; allowed: with a number of blocks"},
    {"blocks: 2", "blocks: 2, first: 1024",
     "9: workloads[1].first: '1024' is out of range; allowed: a whole number from 0 to 1023"},
    {"blocks: 2", "first: 2",
     "9: workloads[1]: blocks is missing; allowed: all, or a number of blocks"},
    {"blocks: 2", "blocks: 2, first: -1",
     "9: workloads[1].first: '-1' is not a whole number; allowed: a whole number from 0 to 1023"},
    {"blocks: 2}\n", "blocks: 2, first: 3}\n  - {model: stories15m, blocks: 1, first: 3}\n",
     "10: workloads[2].model: 'stories15m' is there twice; allowed: each once"},
    {"24]\n", "24]\n  - {model: stories15m, blocks: all}\n",
     "10: workloads[2].model: 'stories15m' is there twice; allowed: each once"},
    {"24]\n", "24]\n  - {square: [24], machine: [edge16, tiny]}\n",
     "9: workloads[1].square[0]: '24' is there twice; allowed: each once"},
    {"24]\n", "24]\n    machine: [edge16, edge16]\n",
     "9: workloads[0].machine[1]: 'edge16' is there twice; allowed: each once"},
    {"24]\n", "24]\n    machine: edge17\n",
     "9: workloads[0].machine: there is no configs/hw/edge17.yaml in any of '.', "
     "'/usr/local/share/shirasim'"},
    {"24]\n", "24]\n    tokens: [1, 2]\n",
     "9: workloads[0].tokens[1]: '2' is not among the experiment's tokens"},
    {"24]\n", "24]\n    tokens: [8, 1]\n",
     "9: workloads[0].tokens[1]: '1' is not more than the one before; allowed: ascending numbers"},
    {"24]\n", "24]\n    tokens: []\n", "9: workloads[0].tokens: has 0 items; allowed: 1 to 8"},
    {"  strength: 0.05\n", "",
     "10: adapters: strength is missing, which adapters that are made need"},
    {"strength: 0.05", "strength: strong",
     "11: adapters.strength: 'strong' is not a number; allowed: a number from 1e-06 to 100"},
    {"strength: 0.05", "strength: nan",
     "11: adapters.strength: 'nan' is not a number; allowed: a number from 1e-06 to 100"},
    {"density: 0.01", "density: 1.01",
     "12: adapters.shira.density: '1.01' is out of range; allowed: a number from 1e-06 to 1"},
    {"density: 0.01, ", "",
     "12: adapters.shira: is not two adapters; allowed: a and b, or density and masks"},
    {"density: 0.01", "a: x, density: 0.01",
     "12: adapters.shira: is not two adapters; allowed: a and b, or density and masks"},
    {"[struct]", "[grad]",
     "12: adapters.shira.masks[0]: 'grad' is unknown; allowed: rand, struct, wm"},
    {"[struct]", "[struct], format: coo",
     "12: adapters.shira.format: 'coo' is unknown; allowed: gap8, coo32"},
    {"{rank: 32}", "{a: x}", "13: adapters.lora: is not two adapters; allowed: a and b, or rank"},
    {"{rank: 32}", "{rank: 0}",
     "13: adapters.lora.rank: '0' is out of range; allowed: a whole number from 1 to 4096"},
    {"  lora: {rank: 32}\n", "",
     "10: adapters: lora is missing, which reload and the lora strategies need"},
    {"lora-fused, shira-scatter", "lora-fused",
     "12: adapters.shira: has no effect; allowed: with a shira strategy"},
    {"{rank: 32}", "{a: x, b: y}",
     "7: workloads: has 3 workloads; allowed: 1 with adapters or weights from files"},
    {"seed: 7", "seed: 18446744073709551616",
     "3: seed: '18446744073709551616' is out of range; allowed: a whole number from 0 to "
     "18446744073709551615"},
};

static void test_experiment_errors(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_experiments); i++) {
    static struct shira_experiment x;
    struct shira_error e = {""};
    write_changed(experiment_text, bad_experiments[i].from, bad_experiments[i].to);
    expect_message(shira_experiment_load(temp, NULL, &x, &e), &e, &bad_experiments[i]);
  }
}

// A workload on machines and with passes of its own, and again on others.
static void test_workload_machines(void **state) {
  (void)state;
  static struct shira_experiment x;
  struct shira_error e = {""};
  write_changed(experiment_text, "24]\n",
                "24]\n  - {square: [24, 32], machine: [edge16, edge32], tokens: [8]}\n");
  assert_int_equal(shira_experiment_load(temp, NULL, &x, &e), 0);
  assert_int_equal(x.n_machines, 3);
  assert_string_equal(x.machines[1], "configs/hw/edge16.yaml");
  assert_int_equal(x.n_workloads, 4);
  static const uint8_t square24[] = {3, 2, 2, 0}, square32[] = {0, 2, 2, 0}, model[] = {3, 0, 0, 0};
  assert_memory_equal(x.workloads[1].tokens_on, square24, sizeof square24);
  assert_int_equal(x.workloads[2].square, 32);
  assert_memory_equal(x.workloads[2].tokens_on, square32, sizeof square32);
  assert_memory_equal(x.workloads[3].tokens_on, model, sizeof model);
}

static void test_experiment(void **state) {
  (void)state;
  static struct shira_experiment x;
  struct shira_error e = {""};
  write_temp(experiment_text, sizeof experiment_text - 1);
  assert_int_equal(shira_experiment_load(temp, "tests/..", &x, &e), 0);
  assert_string_equal(x.name, "e");
  assert_string_equal(x.machines[0], "tests/../configs/hw/tiny.yaml");
  assert_int_equal(x.seed, 7);
  assert_int_equal(x.n_tokens, 2);
  assert_int_equal(x.tokens[1], 8);
  static const bool strategies[SHIRA_STRATEGY_COUNT] = {true, false, true, false, true};
  assert_memory_equal(x.strategy, strategies, sizeof strategies);
  assert_false(x.from[SHIRA_SWITCH_BASE]);
  assert_true(x.from[SHIRA_SWITCH_OTHER]);
  // What a file may leave out.
  assert_true(x.placed[SHIRA_PLACED_RESIDENT] && !x.placed[SHIRA_PLACED_STREAMED]);
  assert_true(x.undo[SHIRA_UNDO_TRANSITION] && x.undo[SHIRA_UNDO_CLEAN]);
  assert_false(x.undo[SHIRA_UNDO_SET] || x.undo[SHIRA_UNDO_SWAP] || x.undo[SHIRA_UNDO_SUB] ||
               x.undo[SHIRA_UNDO_IN_PLACE]);
  assert_true(x.kept[SHIRA_KEPT_MEMORY] && !x.kept[SHIRA_KEPT_CHIP]);
  assert_int_equal(x.n_workloads, 3);
  assert_int_equal(x.workloads[1].square, 24);
  assert_int_equal(x.workloads[2].square, 0);
  assert_string_equal(x.workloads[2].model, "tests/../models/stories15m.yaml");
  assert_int_equal(x.workloads[2].blocks, 2);
  assert_int_equal(x.workloads[2].first, 0);
  assert_string_equal(x.file, temp);
  assert_string_equal(x.workloads[1].where.key, "workloads[0].square[1]");
  assert_string_equal(x.workloads[2].where.key, "workloads[1].model");
  assert_string_equal(x.lora.where.key, "adapters.lora");
  assert_true(x.strength == 0.05 && x.density == 0.01);
  assert_true(x.mask[SHIRA_MASK_STRUCT] && !x.mask[SHIRA_MASK_RAND] && !x.mask[SHIRA_MASK_WM]);
  assert_int_equal(x.rank[0], 32);
  assert_int_equal(x.format, SHIRA_STREAM_FORMAT_GAP8);
  assert_false(x.shira.given || x.lora.given);
  assert_string_equal(x.weights, "");
  write_changed(experiment_text, "[struct]", "[struct], format: coo32");
  assert_int_equal(shira_experiment_load(temp, "tests/..", &x, &e), 0);
  assert_int_equal(x.format, SHIRA_STREAM_FORMAT_COO32);
  // One model, other blocks: another workload.
  write_changed(experiment_text, "blocks: 2}\n",
                "blocks: 2}\n  - {model: stories15m, blocks: 1, first: 3}\n");
  assert_int_equal(shira_experiment_load(temp, "tests/..", &x, &e), 0);
  assert_int_equal(x.n_workloads, 4);
  assert_int_equal(x.workloads[3].blocks, 1);
  assert_int_equal(x.workloads[3].first, 3);
}

// The user's own files: relative to the experiment, absolute as they are.
static void test_experiment_paths(void **state) {
  (void)state;
  static struct shira_experiment x;
  struct shira_error e = {""};
  static const char text[] =
      "name: e\nmachine: ./../proc/version\nseed: 0\ntokens: [1]\n"
      "strategies: [base, shira-scatter]\nswitches: [base]\n"
      "workloads: [{model: ../proc/stat, blocks: all}]\n"
      "adapters: {shira: {a: one, b: /two, format: coo32}}\nweights: w.safetensors\n";
  write_temp(text, sizeof text - 1);
  assert_int_equal(shira_experiment_load(temp, NULL, &x, &e), 0);
  assert_string_equal(x.machines[0], "/tmp/./../proc/version");
  assert_string_equal(x.workloads[0].model, "/tmp/../proc/stat");
  assert_int_equal(x.workloads[0].blocks, 0);
  assert_true(x.shira.given && !x.lora.given);
  assert_int_equal(x.format, SHIRA_STREAM_FORMAT_COO32);
  assert_string_equal(x.shira.a, "/tmp/one");
  assert_string_equal(x.shira.b, "/two");
  assert_string_equal(x.weights, "/tmp/w.safetensors");

  char longer[1024];
  int n = snprintf(longer, sizeof longer, "%.*s%0510d\n", (int)sizeof text - 15, text, 0);
  write_temp(longer, (size_t)n);
  struct bad bad = {NULL, NULL, "9: weights: is too long a path; allowed: 511 characters in all"};
  expect_message(shira_experiment_load(temp, NULL, &x, &e), &e, &bad);
}

// The place is put before a sentence once, and not before one that names a place of its own.
static void test_blame(void **state) {
  (void)state;
  static struct shira_experiment x = {.file = "e.yaml"};
  const struct shira_where where = {7, "weights"};
  struct shira_error e = {"cannot open 'w'"};
  assert_int_equal(shira_experiment_blame(&x, &where, 0, &e), 0);
  assert_string_equal(e.text, "cannot open 'w'");
  for (int i = 0; i < 2; i++) {
    assert_int_equal(shira_experiment_blame(&x, &where, -ENOENT, &e), -ENOENT);
    assert_string_equal(e.text, "e.yaml:7: weights: cannot open 'w'");
  }
  assert_int_equal(shira_experiment_blame(&x, &where, -ENOENT, NULL), -ENOENT);
}

static void test_experiments(void **state) {
  (void)state;
  static struct shira_experiment x;
  struct shira_error e = {""};
  assert_int_equal(shira_experiment_load("configs/experiments/tiny.yaml", NULL, &x, &e), 0);
  assert_int_equal(shira_experiment_load("configs/experiments/default.yaml", NULL, &x, &e), 0);
  assert_string_equal(x.machines[0], "configs/hw/edge16.yaml");
  assert_int_equal(x.n_workloads, 5);
  assert_string_equal(x.workloads[4].model, "models/stories15m.yaml");
  for (unsigned i = 0; i <= SHIRA_STRATEGY_SHIRA_SCATTER; i++)
    assert_true(x.strategy[i]);
  assert_int_equal(shira_experiment_load("configs/experiments/qwen2.5-0.5b.yaml", NULL, &x, &e), 0);
  assert_true(x.placed[SHIRA_PLACED_STREAMED] && x.strategy[SHIRA_STRATEGY_SHIRA_OVERLAY]);
  assert_int_equal(shira_experiment_load("configs/experiments/tinyllama.yaml", NULL, &x, &e), 0);
  assert_int_equal(x.n_workloads, 2);
  assert_string_equal(x.workloads[0].model, x.workloads[1].model);
  assert_int_equal(x.workloads[1].first, 13);
  assert_string_equal(shira_strategy_name(SHIRA_STRATEGY_LORA_UNFUSED), "lora-unfused");
  assert_string_equal(shira_switch_name(SHIRA_SWITCH_OTHER), "other");
  assert_string_equal(shira_mask_name(SHIRA_MASK_WM), "wm");
  assert_null(shira_strategy_name(SHIRA_STRATEGY_COUNT));
  assert_null(shira_switch_name(SHIRA_SWITCH_COUNT));
  assert_null(shira_mask_name(SHIRA_MASK_COUNT));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_model_errors),      cmocka_unit_test(test_model_blocks),
      cmocka_unit_test(test_model_totals),      cmocka_unit_test(test_model_targets),
      cmocka_unit_test(test_experiment_errors), cmocka_unit_test(test_experiment),
      cmocka_unit_test(test_workload_machines), cmocka_unit_test(test_experiment_paths),
      cmocka_unit_test(test_experiments),       cmocka_unit_test(test_blame),
  };
  return cmocka_run_group_tests(tests, make_temp, remove_temp);
}
