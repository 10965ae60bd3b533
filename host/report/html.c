// report.html: one file that refers to nothing outside itself.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/report/html.h"

static const char style[] =
    ":root{--ink:#111827;--soft:#4b5563;--faint:#6b7280;--line:#e5e7eb;--wash:#f9fafb;"
    "--shira:#0072b2;--lora:#d55e00}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;color:var(--ink);background:#fff;font:16px/1.55 system-ui,-apple-system,"
    "'Segoe UI',Roboto,'DejaVu Sans',sans-serif;-webkit-text-size-adjust:100%}\n"
    "main{max-width:1320px;margin:0 auto;padding:40px 20px 72px}\n"
    "header{border-bottom:1px solid var(--line);padding-bottom:20px;margin-bottom:8px}\n"
    "h1{font-size:30px;line-height:1.2;margin:0 0 8px;letter-spacing:-.02em}\n"
    "h2{font-size:21px;line-height:1.3;margin:44px 0 6px;letter-spacing:-.01em}\n"
    ".answer h2{margin-top:28px}\n"
    ".meta{margin:0;padding:0;list-style:none;color:var(--soft);font-size:14px;display:flex;"
    "flex-wrap:wrap;gap:2px 20px}\n"
    ".meta b{font-weight:600;color:var(--ink)}\n"
    "p{max-width:86ch;margin:10px 0}\n"
    ".why{color:var(--soft);font-size:14px;margin:0 0 12px;max-width:none}\n"
    ".lead{font-size:18px;max-width:78ch}\n"
    ".facts{margin:10px 0;padding-left:20px;max-width:96ch;font-size:14.5px;color:var(--soft)}\n"
    ".facts li{margin:5px 0}.facts b{color:var(--ink);font-weight:600}\n"
    ".scroll+.why,.key+.why{margin-top:22px}sup{line-height:0}\n"
    ".where h3{font-size:15px;margin:14px 0 0}\n"
    ".outside{color:var(--soft);border-left:3px solid var(--line);padding-left:14px;"
    "margin-top:18px}\n"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:14px;"
    "margin:12px 0 16px}\n"
    ".tile{border:1px solid var(--line);border-top:3px solid var(--faint);border-radius:6px;"
    "padding:12px 16px;background:var(--wash)}\n"
    ".tile.shira{border-top-color:var(--shira)}.tile.lora{border-top-color:var(--lora)}\n"
    ".tile h3{font-size:13px;font-weight:600;color:var(--soft);margin:0}\n"
    ".tile b{display:block;font-size:28px;line-height:1.25;letter-spacing:-.02em;"
    "font-variant-numeric:tabular-nums}\n"
    ".tile span{display:block;font-size:13px;line-height:1.45;color:var(--soft)}\n"
    "figure{margin:0;overflow-x:auto;-webkit-overflow-scrolling:touch}\n"
    "figure svg{display:block;width:100%;min-width:680px;max-width:1080px;height:auto}\n"
    "figure svg text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',"
    "sans-serif;font-variant-numeric:tabular-nums}\n"
    "figure svg g[font-family$=Bold] text{font-weight:600}\n"
    ".key{list-style:none;margin:8px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:4px 18px;"
    "font-size:13px;color:var(--soft)}\n"
    ".key i,tbody th i{display:inline-block;width:11px;height:11px;border-radius:2px;"
    "margin-right:7px;vertical-align:-1px}\n"
    ".key .note{font-style:italic}\n"
    ".scroll{overflow-x:auto;-webkit-overflow-scrolling:touch;border:1px solid var(--line);"
    "border-radius:6px;background:linear-gradient(90deg,rgba(255,255,255,0),#fff 70%) 100% 0/"
    "40px 100% no-repeat local,linear-gradient(270deg,rgba(17,24,39,.16),rgba(17,24,39,0)) 100% 0/"
    "14px 100% no-repeat scroll}\n"
    "table{border-collapse:collapse;width:100%;font-size:12px;line-height:1.35;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "th,td{padding:5px;text-align:right;font-weight:400}\n"
    "th:first-child,.t{text-align:left}thead tr+tr th:first-child{text-align:right}\n"
    ".wide{font-size:11.5px}.wide th,.wide td{padding-left:3px;padding-right:3px}\n"
    "thead th{color:var(--soft);font-weight:600;vertical-align:bottom;"
    "border-bottom:1px solid var(--line)}\n"
    "thead .group th[colspan]{text-align:center;border-left:1px solid var(--line)}\n"
    ".best td i{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:6px}\n"
    "thead abbr{text-decoration:none;cursor:help}\n"
    "tbody tr{border-top:1px solid #f0f1f3}\n"
    "tbody tr:not(.head):hover{background:var(--wash)}\n"
    "tbody th{font-weight:500;position:sticky;left:0;background:#fff}\n"
    "tbody .head th{padding:14px 5px 5px;font-size:14px;font-weight:600}\n"
    ".head span{position:sticky;left:5px}\n"
    ".head small{font-size:12px;font-weight:400;color:var(--faint);margin-left:6px}\n"
    ".none{color:#9ca3af}.yes{color:#047857}.no{color:#b91c1c;font-weight:600}\n"
    ".flag{text-align:center}\n"
    ".bar{min-width:60px;position:relative}\n"
    ".bar i{position:absolute;left:4px;top:4px;bottom:4px;max-width:calc(100% - 8px);"
    "background:#dbeafe;border-radius:2px}\n"
    ".bar span{position:relative}\n"
    ".stack{min-width:200px;width:30%;font-size:0;text-align:left}\n"
    ".stack i{display:inline-block;height:11px}\n"
    ".machine{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:0 36px;"
    "margin:10px 0;font-size:14px;font-variant-numeric:tabular-nums}\n"
    ".machine div{display:flex;justify-content:space-between;gap:12px;padding:4px 0;"
    "border-bottom:1px solid #f0f1f3}\n"
    ".machine dt{color:var(--soft)}.machine dd{margin:0}\n"
    ".words{max-width:96ch;font-size:14.5px;margin:10px 0}\n"
    ".words dt{font-weight:600;margin-top:10px}.words dd{margin:0;color:var(--soft)}\n"
    "footer{margin-top:44px;padding-top:14px;border-top:1px solid var(--line);font-size:13px;"
    "color:var(--faint)}\n"
    "@media(max-width:640px){main{padding:22px 16px 48px}h1{font-size:24px}h2{font-size:19px}"
    ".tiles{grid-template-columns:1fr 1fr;gap:10px}.tile{padding:10px 12px}"
    ".tile b{font-size:22px}}\n"
    "@media print{@page{size:A4 landscape;margin:12mm}main{max-width:none;padding:0}"
    "body{font-size:12px}.scroll{overflow:visible;border:0}table{font-size:7.5px}"
    "th,td{padding:2px 3px}figure svg{min-width:0;max-width:100%}"
    ".tile,figure,tr,.machine div{break-inside:avoid}h2{break-after:avoid}"
    "*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}\n";

static void meta(const char *name, const char *value, FILE *out) {
  fprintf(out, "<li>%s <b>", name);
  view_html(value, out);
  fputs("</b></li>\n", out);
}

static void write_head(const struct shira_report *r, FILE *out) {
  char text[VIEW_NUMBER];
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
        out);
  view_html(r->experiment.name, out);
  fputs(" on ", out);
  view_html(r->machine.name, out);
  fprintf(out, " &middot; shirasim</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", style);
  fputs("<header>\n<h1>What an adapter switch costs: ", out);
  view_html(r->experiment.name, out);
  fputs(" on ", out);
  view_html(r->machine.name, out);
  fputs("</h1>\n<ul class=\"meta\">\n", out);
  meta("machine", r->machine.name, out);
  snprintf(text, sizeof(text), "%" PRIu32 " MHz", r->machine.clock_mhz);
  meta("clock", text, out);
  if (r->n_results)
    meta("device", r->results[0].device, out);
  snprintf(text, sizeof(text), "%" PRIu64, r->seed);
  meta("seed", text, out);
  if (r->stall_percent) {
    snprintf(text, sizeof(text), "%u %%", r->stall_percent);
    meta("random stalls", text, out);
  }
  snprintf(text, sizeof(text), "%" PRIu32, r->n_results);
  meta("results", text, out);
  meta("program", r->program, out);
  fputs("</ul>\n</header>\n", out);
}

// A picture with its heading. Without gnuplot, or without data for it, a sentence takes its place.
static int write_plot(const struct shira_report *r, enum report_plot which, FILE *out,
                      struct shira_error *err) {
  static const struct {
    const char *title, *why;
  } about[PLOTS] = {
      [PLOT_SWITCH] = {"Switch latency",
                       "From the doorbell to the last completion record, between two adapters "
                       "where that was measured, else from base."},
      [PLOT_TRAFFIC] = {"Traffic of a switch",
                        "Bytes that cross the memory bus, by what they are, "},
      [PLOT_OVERHEAD] = {"What a pass costs afterwards",
                         "Overhead against the same pass with base weights, and cycles, "},
      [PLOT_CYCLES] = {"Where the cycles of a switch go",
                       "What each engine does in each cycle of the switch, "},
  };
  char *svg = NULL;
  size_t size;
  FILE *memory = open_memstream(&svg, &size);
  struct shira_error local;
  if (!memory)
    return shira_fail(err, ENOMEM, "out of memory");
  int rc = report_plot(r, which, memory, &local);
  bool kept = fclose(memory) == 0;
  fprintf(out, "<h2>%s</h2>\n", about[which].title);
  fprintf(out, "<p class=\"why\">%s", about[which].why);
  if (which != PLOT_SWITCH && view_focus(r)) {
    fputs("for ", out);
    view_html(view_workload_name(view_focus(r)), out);
    fputs(".", out);
  }
  fputs("</p>\n", out);
  if (!rc && kept) {
    char *key = strstr(svg, "<ul class=\"key\">");
    size_t picture = key ? (size_t)(key - svg) : size;
    fprintf(out, "<figure>\n%.*s</figure>\n%s", (int)picture, svg, key ? key : "");
  } else if (rc == -ENOENT || rc == -ENODATA) {
    fputs("<p>No picture: ", out);
    view_html(local.text, out);
    fputs(".</p>\n", out);
    rc = 0;
  } else {
    rc = shira_fail(err, rc ? -rc : ENOMEM, "%s", rc ? local.text : "out of memory");
  }
  free(svg);
  return rc;
}

static const struct {
  const char *word, *means;
} word[] = {
    {"switch latency", "cycles from the doorbell that starts the switch to the write of its last "
                       "completion record, and the same in microseconds at the machine's clock. "
                       "The host's own work is not in it; it is in times.json."},
    {"bound", "the least cycles that physics allows for that work on this machine: the largest, "
              "over all resources, of the demand divided by what the resource does in a cycle "
              "(memory at its peak, multiply-accumulates, updates by lanes, the fullest port). "
              "Computed from the experiment and the encoding alone, never from counters."},
    {"reached", "the bound in percent of what was measured; 100 % cannot be exceeded."},
    {"limiter", "the resource that sets the bound."},
    {"updates", "weights that the switch overwrites, the undo of the former adapter included."},
    {"traffic", "bytes on the memory bus, by class, read and written; kB and MB are 10^3 and 10^6 "
                "bytes."},
    {"bursts", "memory bursts touched: a masked write of one byte costs a whole burst."},
    {"whole, masked write", "a write of all bytes of a burst, or of some of them: on the bus both "
                            "take a burst."},
    {"row hits", "bursts that found their DRAM row open; others wait until it is."},
    {"bus in use, refresh, turnaround",
     "shares of a switch's or pass's time in which the memory's data bus carries data, is kept "
     "empty by refreshes while requests wait, and is kept empty between reads and writes; the "
     "mean of all channels."},
    {"read latency", "device cycles from a read's request at the memory to its data, without "
                     "those of writes, to the upper end of a bucket an eighth of an octave wide."},
    {"pass", "one forward of M tokens through the linear layers, from memory to memory. M = 1 is a "
             "decode step, larger M a prefill."},
    {"overhead", "cycles of a pass with the adapter over cycles of the same pass with base "
                 "weights, minus one. Measured, also where it must be zero."},
    {"break-even", "tokens between two switches at which two strategies cost the same, their "
                   "switch and passes together."},
    {"error (L2)", "relative L2 norm of the outputs' difference from the FP64 product of the "
                   "unquantised weights and adapter: what INT8 costs, not a fault."},
    {"ref", "weights or outputs equal an integer reference, bit for bit, that is computed from the "
            "adapter files alone, apart from pack and plan."},
    {"gold", "memories and completions equal the golden model, bit for bit, which executes the "
             "same descriptors without time."},
    {"back", "the weights after the way back to base are what they were, bit for bit; else their "
             "relative L2 drift. Measured after the last switch of a strategy."},
    {"changed, zeroed, clipped", "weights whose byte differs from base; deltas that rounding makes "
                                 "nothing; weights that saturate."},
    {"base, A, B", "no adapter, and the two adapters of the experiment. base to A is a cold "
                   "switch; A to B undoes A."},
    {"resident, streamed", "weights stay in the weight SRAM, or live in memory and pass through it "
                           "tile by tile on every pass."},
    {"memory, chip, host", "where adapters are kept while they are not active: in the device's "
                           "memory, in the weight SRAM (LoRA's factors), or in the host's memory, "
                           "behind the host link."},
    {"kept", "bytes that each adapter takes there."},
    {"reload", "copy B's ready-made full weights; streamed weights that are in the device's memory "
               "already only need another pointer."},
    {"lora-fused", "compute W + BA on the device and write it over the weights, from a clean copy "
                   "of W; in place: take A's rounded product away, then add B's."},
    {"lora-unfused", "fetch A and B; every pass then has two more products a layer."},
    {"shira-scatter",
     "overwrite the sparse updates in resident weights: one transition stream that "
     "touches each weight once; set: base weights, then B's; swap: A's own stream, "
     "which holds what it replaced; sub: subtract A's deltas, add B's."},
    {"shira-overlay", "patch each tile of streamed weights after it was loaded, on every pass; a "
                      "switch changes a pointer."},
    {"shira-dram", "as shira-scatter, in streamed weights where they live, in memory."},
};

static void write_words(FILE *out) {
  fputs("<h2>What the words mean</h2>\n<dl class=\"words\">\n", out);
  for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
    fprintf(out, "<dt>%s</dt><dd>%s</dd>\n", word[i].word, word[i].means);
  fputs("</dl>\n", out);
}

static int write_page(const struct shira_report *r, FILE *out, struct shira_error *err) {
  write_head(r, out);
  report_words(r, out);
  html_model(r, out);
  for (int which = 0; which < PLOTS; which++) {
    int rc = write_plot(r, (enum report_plot)which, out, err);
    if (rc)
      return rc;
  }
  fputs("<h2>All switches</h2>\n", out);
  html_switches(r, out);
  fputs("<h2>All passes</h2>\n", out);
  html_passes(r, out);
  fputs("<h2>Phases of the switches</h2>\n<p class=\"why\">Cycles; a switch is the sum of its "
        "phases.</p>\n",
        out);
  html_phases(r, out);
  fputs("<h2>What the memory did</h2>\n", out);
  html_memory(r, out);
  fputs("<h2>The machine</h2>\n", out);
  html_machine(r, out);
  fputs("<h2>Area</h2>\n", out);
  html_area(r, out);
  write_words(out);
  fputs("<footer>Same inputs, same bytes. All counters are in report.json, wall-clock times in "
        "times.json.</footer>\n</main>\n</body>\n</html>\n",
        out);
  return 0;
}

int report_html(const struct shira_report *r, const char *path, struct shira_error *err) {
  FILE *out = fopen(path, "w");
  if (!out)
    return shira_fail(err, errno, "cannot write '%s': %s", path, strerror(errno));
  int rc = write_page(r, out, err);
  bool failed = ferror(out);
  if ((fclose(out) || failed) && !rc)
    rc = shira_fail(err, errno ? errno : EIO, "cannot write '%s': %s", path,
                    strerror(errno ? errno : EIO));
  return rc;
}
