// Puts the page together: first screen, what the pictures show, tables, and what a row opens.

const by = (id) => document.getElementById(id);

function firstScreen(report) {
  const { json } = report;
  const { answer, experiment, machines } = json;
  document.title = by("name").textContent = `shirasim: ${experiment.name}`;
  by("headline").textContent = answer.headline;
  const memory = (m) => `${m.dram ? `${m.dram.name}, ` : ""}${whole(m.memory_peak_mb_s)} MB/s`;
  const conditions = [
    ["machine", machines.map((m) => `${m.name}, ${whole(m.clock_mhz)} MHz`).join("; ")],
    ["memory", machines.map(memory).join("; ")],
    ["device", json.device], ["seed", String(experiment.seed)], ["results", whole(json.results.length)],
    ["stalls", experiment.stall_percent ? `${experiment.stall_percent} %` : ""], ["program", json.program],
  ];
  const told = conditions.filter(([, v]) => v);
  by("conditions").append(...told.map(([k, v]) => make("div", {}, make("dt", {}, k), make("dd", {}, v))));
  by("figures").append(...answer.figures.map((f) => figure(f, (report.byId.get(f.id) || {}).limit)));
  by("words").append(...answer.text.map((t) => make("div", {}, make("h3", {}, t.title), make("p", {}, t.text))));
  by("incomplete").hidden = json.complete;
  by("incomplete").textContent = `Not complete: ${whole(json.missing)} of ${whole(json.results.length)} points ` +
    "were not measured. Each is listed below with its reason.";
}

function figure(f, limit) {
  const known = f.of_bound !== null;
  const filled = known ? make("i", { style: `width:${f.of_bound * 100}%` }) : undefined;
  const share = known ? make("div", { className: "share", "aria-hidden": "true" }, filled) : undefined;
  const limited = limit ? ` (${limit})` : "";
  const bound = known ? `${percent(f.of_bound)} of its bound${limited}` : "takes no cycle: no bound";
  return make("div", { className: "figure" },
    make("h3", {}, f.label), make("strong", {}, f.text), make("p", {}, f.note || ""), share,
    make("p", { className: "bound", title: f.id || "" }, bound));
}

// What may be chosen, with names; what has one value only is said, not asked.
function choices(report) {
  const { json } = report;
  const switches = json.results.filter((r) => r.work === "switch");
  const seen = (get, order = []) => {
    const values = unique(switches.map(get));
    return [...order.filter((v) => values.includes(v)), ...values.filter((v) => !order.includes(v))];
  };
  const names = (list, of = {}) => list.map((v) => [v, of[v] || String(v)]);
  const kept = { memory: "in memory or on chip", host: PLACES.host };
  const change = { "A-B": "from A to B", "base-A": "from base to A" };
  const tokens = Object.fromEntries(json.experiment.tokens.map((M) => [M, `M = ${M}`]));
  return [
    ["machine", "Machine", names(json.machines.map((m) => m.name))],
    ["workload", "Workload", names(json.workloads.map((w) => w.name))],
    ["placement", "Weights", names(seen((r) => r.placement))],
    ["kept", "Adapters kept", names(seen(keptClass, ["memory", "host"]), kept)],
    ["size", "Sizes", names(unique(json.pairs.map((p) => p.size)), SIZES)],
    ["change", "Switch", names(seen(changeOf, Object.keys(change)), change)],
    ["tokens", "Tokens a pass", names(json.experiment.tokens, tokens)],
  ];
}

// The choice that the page opens with: the point of the first figure of the answer.
function opening(report, lists) {
  const choice = Object.fromEntries(lists.map(([key, , values]) => [key, values.length ? values[0][0] : ""]));
  const r = report.json.answer.figures.map((f) => report.byId.get(f.id)).find((r) => r && r.work === "switch");
  if (!r) return choice;
  const { machine, workload, placement } = r;
  return { ...choice, machine, workload, placement, kept: keptClass(r), change: changeOf(r) };
}

function picker(key, title, values, choice, changed) {
  const options = values.map(([v, name]) => make("option", { value: String(v), selected: v === choice[key] }, name));
  const list = make("select", { name: key }, ...options);
  list.onchange = () => {
    choice[key] = values[list.selectedIndex][0];
    changed();
  };
  return make("label", {}, title, list);
}

function swatch(s) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const part = (tag, attributes) => {
    const e = document.createElementNS(svg.namespaceURI, tag);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    svg.append(e);
  };
  svg.setAttribute("viewBox", "-15 -7 30 14");
  svg.setAttribute("aria-hidden", "true");
  if (s.bar) part("rect", { x: -10, y: -6, width: 20, height: 12, fill: s.color });
  else {
    const stroke = { stroke: s.color, "stroke-width": 1.8 };
    if (s.dash) part("path", { d: "M-15,0H15", ...stroke, "stroke-dasharray": s.dash.join(" ") });
    const look = { fill: s.fill, stroke: s.color, "stroke-width": 0.35, transform: "scale(4.6)" };
    part("path", { d: s.shape, ...look });
  }
  return svg;
}

const PAPER = 685; // pixels between the margins of A4

class Picture {
  constructor(name, report, looks, choice) {
    Object.assign(this, { name, report, looks, choice });
    this.title = make("h3");
    this.what = make("p", { className: "what" });
    this.host = make("div", { className: "drawing" });
    this.legend = make("ul", { className: "legend", "aria-label": "Legend" });
    this.text = make("figcaption");
    this.extra = make("div", { className: "extra" });
    this.beside = 84;
    this.element = make("figure", { id: `picture-${name}` },
      this.title, this.what, this.extra, this.host, this.legend, this.text);
  }

  // What is chosen, as a person reads it.
  names(what) {
    const { machine } = this.choice;
    const of = choices(this.report).map(([key, , values]) => [key, Object.fromEntries(values)]);
    const lists = Object.fromEntries(of);
    const name = (v) => {
      if (SIZES[v]) return `sizes: ${SIZES[v]}`;
      return lists.kept[v] ? `adapters ${lists.kept[v]}` : lists.change[v] || v;
    };
    const clock = `${machine}, ${whole(this.report.machines.get(machine).clock_mhz)} MHz`;
    return [this.name === "clock" ? "all machines" : clock, ...what.filter(Boolean).map(name)].join(" · ");
  }

  // On paper as wide as A4 is between its margins. What axes take beside the drawing is known when it was drawn.
  paint(paper) {
    const space = paper || this.element.clientWidth;
    const width = Math.max(space - this.beside, 200);
    const p = PICTURES[this.name](this.report, this.looks, this.choice, width);
    this.title.textContent = p.title;
    this.what.textContent = this.names(p.what);
    const notes = p.legend.length ? p.notes : ["Nothing of this was measured.", ...p.notes];
    this.text.replaceChildren(make("p", {}, p.text), ...notes.map((n) => make("p", { className: "note" }, n)));
    this.legend.replaceChildren(...p.legend.map((s) => make("li", { title: s.hint || "" }, swatch(s), s.series)));
    draw(this.host, { ...p.spec, description: p.aria });
    const drawn = this.host.querySelector("svg").getAttribute("width");
    const beside = Math.ceil(drawn - width);
    if (Math.abs(drawn - space) > 8 && beside !== this.beside && width > 200) {
      this.beside = beside;
      this.paint(paper);
    }
  }
}

function pictures(report) {
  const looks = new Looks(report);
  const lists = choices(report);
  const choice = { ...opening(report, lists), parts: "phases" };
  const names = Object.keys(PICTURES).filter((name) => name !== "clock" || !oneClock(report));
  const all = names.map((name) => new Picture(name, report, looks, choice));
  const due = new Set();
  const seen = (entries) => {
    for (const p of all.filter((p) => entries.some((e) => e.isIntersecting && e.target === p.element)))
      if (due.delete(p)) p.paint();
  };
  const watch = new IntersectionObserver(seen, { rootMargin: "600px" });
  const again = (only = all) => {
    for (const p of only) {
      due.add(p);
      watch.unobserve(p.element);
      watch.observe(p.element); // says at once whether it is near
    }
  };
  const asked = lists.filter(([, , values]) => values.length > 1);
  by("choice").append(...asked.map(([key, title, values]) => picker(key, title, values, choice, () => again())));
  by("pictures").append(...all.map((p) => p.element));
  const cycles = all.find((p) => p.name === "cycles");
  cycles.extra.append(picker("parts", "Show", Object.entries(PARTS), choice, () => again([cycles])));
  again();
  window.addEventListener("theme", () => again());
  window.addEventListener("beforeprint", () => all.forEach((p) => p.paint(PAPER)));
  window.addEventListener("afterprint", () => again());
  let width = window.innerWidth;
  let late;
  window.addEventListener("resize", () => {
    clearTimeout(late);
    if (window.innerWidth !== width) late = setTimeout(() => ((width = window.innerWidth), again()), 150);
  });
}

// Light or dark: as the system says, until the button says otherwise; paper is light.
function themes() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const set = (dark) => {
    root.dataset.theme = dark ? "dark" : "light";
    by("theme").textContent = dark ? "Light" : "Dark";
    window.dispatchEvent(new Event("theme"));
  };
  by("theme").onclick = () => set(root.dataset.theme !== "dark");
  system.addEventListener("change", () => set(system.matches));
  set(system.matches);
}

const unknown = (v) => v === null || v === undefined;
const text = (v) => (unknown(v) ? "" : String(v));
const yes = (v) => (v ? "yes" : "no");

// Columns that paper has no room for.
const SCREEN = [
  "undo", "least", "most", "read", "written", "updates", "exact", "what differs", "in the weights", "in them",
  "hash of weights",
];

// A maker of columns for rows that keys.md describes under `base`. With `show` a column is of numbers.
function columnsOf(report, base) {
  return (key, title, width, value, show) => ({
    title, width, value, number: Boolean(show), screen: SCREEN.includes(title),
    hint: report.meaning(`${base}.${key}`),
    text: (row) => (unknown(value(row)) ? "" : (show || String)(value(row))),
  });
}

const workOf = (r) => (r.work === "pass" ? `pass M=${r.tokens}` : "switch");

function resultColumns(report) {
  const of = columnsOf(report, "results[]");
  const named = (key, title, width) => of(key, title, width, (r) => r[key]);
  const us = (key) => (r) => (unknown(r[key]) ? null : r[key] / report.clock(r));
  const energy = (r) => (r.memory && r.memory.energy_pj.total !== null ? r.memory.energy_pj.total / 1e6 : null);
  const overhead = (M) => (r) => (r.passes ? (r.passes.find((p) => p.tokens === M) || {}).overhead : null);
  return [
    of("work", "work", 108, workOf),
    ...(report.machines.size > 1 ? [named("machine", "machine", 90)] : []),
    named("workload", "workload", 110), named("placement", "weights", 90), named("strategy", "strategy", 122),
    named("pair", "pair", 124), named("undo", "undo", 90), named("kept", "kept in", 80),
    of("from", "from, to", 92, (r) => (r.work === "pass" ? r.to : `${r.from} to ${r.to}`)),
    of("us", "time (us)", 104, (r) => r.us, digits), of("low", "least", 86, us("low"), digits),
    of("high", "most", 86, us("high"), digits), of("bound_cycles", "bound (us)", 110, us("bound_cycles"), digits),
    of("of_bound", "of bound", 92, (r) => r.of_bound, percent), named("limit", "limited by", 130),
    of("traffic.read_bytes", "read", 86, (r) => r.traffic && r.traffic.read_bytes, bytes),
    of("traffic.written_bytes", "written", 86, (r) => r.traffic && r.traffic.written_bytes, bytes),
    { ...of("memory.energy_pj.total", "memory (uJ)", 110, energy, digits),
      text: (r) => (unknown(energy(r)) ? r.memory ? "no figure" : "" : digits(energy(r))) },
    of("kept_bytes", "kept", 86, (r) => r.kept_bytes, bytes), of("updates", "updates", 96, (r) => r.updates, whole),
    ...report.json.experiment.tokens.map((M) => of("passes[].overhead", `pass M=${M}`, 112, overhead(M), signed)),
    of("exact.reference", "exact", 70, (r) => r.exact && yes(r.exact.reference)),
  ];
}

// All keys of a thing with their values: [path, key as keys.md has it, value].
function flatten(value, path, key, out) {
  if (value === null || typeof value !== "object") {
    out.push([path, key, value]);
    return out;
  }
  const list = Array.isArray(value);
  for (const [k, v] of Object.entries(value)) {
    const below = path ? `${path}.${k}` : k;
    flatten(v, list ? `${path}[${k}]` : below, list ? `${key}[]` : `${key}.${k}`, out);
  }
  return out;
}

// The same as a list; a hover says what a key means.
function keyList(report, thing, key) {
  const show = (v) => (Number.isInteger(v) ? whole(v) : text(v));
  const rows = flatten(thing, "", key, []).map(([path, k, v]) =>
    make("div", { title: report.meaning(k) }, make("dt", {}, path), make("dd", {}, show(v))));
  return make("dl", { className: "keys" }, ...rows);
}

function detail(report, r) {
  const button = (name, onclick) => make("button", { type: "button", onclick }, name);
  const others = (r.passes || []).filter((p) => report.byId.has(p.id));
  by("detail").hidden = false;
  by("detail").replaceChildren(
    make("div", { className: "bar" }, make("h3", {}, r.id),
      ...others.map((p) => button(`Its pass of ${p.tokens}`, () => detail(report, report.byId.get(p.id)))),
      button("Close", () => (by("detail").hidden = true))),
    keyList(report, r, "results[]"));
  by("detail").scrollIntoView({ block: "nearest" });
}

function resultsTable(report) {
  const select = (title, value) => ({ title, value });
  new Table(by("results-table"), {
    name: "All results", columns: resultColumns(report), rows: report.results.filter((r) => r.done),
    open: (r) => detail(report, r),
    selects: [
      select("Machine", (r) => r.machine), select("Work", workOf), select("Workload", (r) => r.workload),
      select("Weights", (r) => r.placement), select("Strategy", (r) => r.strategy), select("Kept in", (r) => r.kept),
    ],
  });
  const missing = report.results.filter((r) => !r.done);
  by("missing").hidden = !missing.length;
  if (!missing.length) return;
  const of = columnsOf(report, "results[]");
  const columns = [of("id", "point", 480, (r) => r.id), of("reason", "why", 620, (r) => r.reason)];
  new Table(by("missing-table"), { name: "Not measured", rows: missing, height: 8, columns });
}

function comparisonTable(report) {
  const of = columnsOf(report, "comparisons[]");
  const named = (key, title, width) => of(key, title, width, (c) => c[key]);
  const side = (s) => {
    const best = (c) => c.any && report.byId.get(c.any[s]);
    return [
      of(`*.${s}`, `${WINNERS[s]} (us)`, 112, (c) => best(c) && best(c).us, digits),
      of(`*.${s}`, `${WINNERS[s]} by`, 290, (c) => best(c) && report.seriesName(best(c))),
    ];
  };
  const spans = (M) => (c) => {
    const pass = c.passes.find((p) => p.tokens === M);
    const say = (s, i) => `${i ? `from ${digits(s.from_tokens)}: ` : ""}${WINNERS[s.winner]}`;
    return pass ? pass.spans.map(say).join("; ") : null;
  };
  new Table(by("comparison-table"), {
    name: "SHiRA's best against LoRA's best", rows: report.json.comparisons, height: 12,
    selects: [
      { title: "Workload", value: (c) => c.workload }, { title: "Weights", value: (c) => c.placement },
      { title: "Kept in", value: (c) => c.kept }, { title: "Sizes", value: (c) => SIZES[c.size] },
    ],
    columns: [
      ...(report.machines.size > 1 ? [named("machine", "machine", 90)] : []),
      named("workload", "workload", 110), named("placement", "weights", 90), named("kept", "kept in", 80),
      of("size", "sizes", 150, (c) => SIZES[c.size]), ...side("shira"), ...side("lora"),
      of("*.ratio", "LoRA / SHiRA", 128, (c) => c.any && c.any.ratio, digits),
      of("*.winner", "quicker", 90, (c) => c.any && WINNERS[c.any.winner]),
      of("*.ratio", "in the weights", 132, (c) => c.written && c.written.ratio, digits),
      of("*.winner", "in them", 90, (c) => c.written && WINNERS[c.written.winner]),
      ...report.json.experiment.tokens.map((M) =>
        of("passes[].spans[].winner", `cheaper, M=${M}, by tokens`, 250, spans(M))),
      named("differs", "what differs", 300),
    ],
  });
}

// What `make timing` measured, of the machines that it was run for.
function timingTables(report) {
  const timed = report.json.machines.filter((m) => m.timing);
  by("timing").hidden = !timed.length;
  if (!timed.length) return;
  const fast = timed.filter((m) => m.timing.too_fast).map((m) => make("p", {}, `${m.name}: ${m.timing.too_fast}`));
  by("too-fast").append(...fast);
  const rows = (list) => timed.flatMap((m) => m.timing[list].map((row) => ({ machine: m, ...row })));
  const columns = (list) => {
    const of = columnsOf(report, `machines[].timing.${list}[]`);
    const named = (key, title, width, show) => of(key, title, width, (row) => row[key], show);
    return { named, machine: columnsOf(report, "machines[]")("name", "machine", 90, (row) => row.machine.name) };
  };
  const depth = columns("blocks");
  new Table(by("depth-table"), {
    name: "Depth of each block", rows: rows("blocks"), height: 12,
    columns: [
      depth.machine, depth.named("name", "block", 110), depth.named("fo4", "FO4", 80, digits),
      depth.named("ns", "ns", 80, digits), depth.named("cells", "cells", 80, whole),
      depth.named("from", "from", 340), depth.named("to", "to", 340), depth.named("through", "through", 260),
    ],
  });
  const clock = columns("clocks");
  const own = columnsOf(report, "machines[]");
  const asked = (row) => (row.machine.process === row.process ? row.machine.clock_mhz : null);
  const srams = (row) => ["weight", "activation", "accumulator", "parameter"].map(
    (s) => `${s} ${row.machine[`${s}_sram`].latency_cycles}`).join(", ");
  new Table(by("clock-table"), {
    name: "Clock by node", rows: rows("clocks"), height: 8,
    columns: [
      clock.machine, clock.named("process", "node", 80), clock.named("fo4_ps", "FO4 (ps)", 96, digits),
      clock.named("clock_mhz", "allowed (MHz)", 130, whole), own("clock_mhz", "its clock (MHz)", 140, asked, whole),
      own("weight_sram.latency_cycles", "SRAMs answer in (cycles)", 390, srams), clock.named("source", "source of FO4", 700),
    ],
  });
}

function facts(report) {
  const { json } = report;
  for (const m of json.machines) {
    const size = `${m.array_n} x ${m.array_k} array, ${bytes(m.weight_sram_bytes)} of weight SRAM`;
    const summary = make("summary", {}, `${m.name}: ${whole(m.clock_mhz)} MHz, ${size}`);
    by("machines").append(make("details", {}, summary, keyList(report, m, "machines[]")));
  }
  timingTables(report);
  const work = columnsOf(report, "workloads[]");
  new Table(by("workloads"), {
    name: "Workloads", rows: json.workloads, height: 10,
    columns: [
      work("name", "name", 140, (w) => w.name), work("model", "model", 140, (w) => w.model),
      work("layer", "layer", 220, (w) => w.layer), work("linears", "linears", 90, (w) => w.linears, whole),
      work("weights", "weights", 130, (w) => w.weights, whole),
      work("weights_hash", "hash of weights", 200, (w) => w.weights_hash),
    ],
  });
  const pair = columnsOf(report, "pairs[]");
  const half = (s) => {
    const of = (key, title, width, show) =>
      pair(`${s}.${key}`, `${s.toUpperCase()}: ${title}`, width, (p) => p[s][key], show);
    const parameters = of("parameters", "parameters", 130, whole);
    return [of("modules", "linears", 100, whole), parameters, of("density", "density", 106, percent)];
  };
  new Table(by("pairs"), {
    name: "Adapters", rows: json.pairs, height: 10,
    columns: [
      ...[["workload", 120], ["name", 140], ["label", 190], ["size", 90]].map(([key, width]) =>
        pair(key, key, width, (p) => p[key])),
      ...half("a"), ...half("b"),
    ],
  });
}

async function open() {
  const report = new Report(await unpack(by("data").textContent));
  by("data").remove();
  by("page").hidden = false;
  themes();
  firstScreen(report);
  resultsTable(report);
  await new Promise((done) => setTimeout(done)); // the first screen and table are painted before what is below
  comparisonTable(report);
  facts(report);
  pictures(report);
}
open();
