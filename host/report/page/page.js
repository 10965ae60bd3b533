// Puts the page together: first screen, what the pictures show, tables, and what a row opens.

const by = (id) => document.getElementById(id);

function firstScreen(report) {
  const { json } = report;
  const { answer, experiment } = json;
  document.title = by("name").textContent = `shirasim: ${experiment.name}`;
  by("headline").textContent = answer.headline;
  const conditions = [
    ["machine", json.machines.map((m) => `${m.name}, ${whole(m.clock_mhz)} MHz`).join("; ")],
    ["memory", json.machines.map((m) => `${m.dram ? `${m.dram.name}, ` : ""}${whole(m.memory_peak_mb_s)} MB/s`).join("; ")],
    ["device", json.device], ["seed", String(experiment.seed)], ["results", whole(json.results.length)],
    ["stalls", experiment.stall_percent ? `${experiment.stall_percent} %` : ""], ["program", json.program],
  ];
  by("conditions").append(...conditions.filter(([, v]) => v).map(([k, v]) => make("div", {}, make("dt", {}, k), make("dd", {}, v))));
  by("figures").append(...answer.figures.map((f) => figure(f, (report.byId.get(f.id) || {}).limit)));
  by("words").append(...answer.text.map((t) => (t.title ? make("div", {}, make("h3", {}, t.title), make("p", {}, t.text)) : make("p", {}, t.text || t))));
  if (!json.complete) {
    by("incomplete").hidden = false;
    by("incomplete").textContent = `Not complete: ${whole(json.missing)} of ${whole(json.results.length)} points were not measured. Each is listed below with its reason.`;
  }
}

function figure(f, limit) {
  const share = f.of_bound === null || f.of_bound === undefined ? undefined : f.of_bound;
  const bar = share === undefined ? undefined : make("div", { className: "share", "aria-hidden": "true" }, make("i", { style: `width:${share * 100}%` }));
  const bound = share === undefined ? "takes no cycle: no bound" : `${percent(share)} of its bound${limit ? ` (${limit})` : ""}`;
  return make("div", { className: "figure" },
    make("h3", {}, f.label), make("strong", {}, f.text), f.note ? make("p", {}, f.note) : undefined,
    bar, make("p", { className: "bound", title: f.id || "" }, bound));
}

// What may be chosen, with names; what has one value only is said, not asked.
function choices(report) {
  const { json } = report;
  const names = (list, of = {}) => list.map((v) => [v, of[v] || v]);
  const seen = (get) => unique(json.results.filter((r) => r.work === "switch").map(get));
  const change = { "A-B": "from A to B", "base-A": "from base to A" };
  const ordered = (list, order) => order.filter((v) => list.includes(v));
  return [
    ["machine", "Machine", names(json.machines.map((m) => m.name))],
    ["workload", "Workload", names(json.workloads.map((w) => w.name))],
    ["placement", "Weights", names(seen((r) => r.placement))],
    ["kept", "Adapters kept", names(ordered(seen(keptClass), ["memory", "host"]), { memory: "in memory or on chip", host: PLACES.host })],
    ["size", "Sizes", names(unique(json.pairs.map((p) => p.size)), SIZES)],
    ["change", "Switch", names(ordered(seen(changeOf), ["A-B", "base-A", ...seen(changeOf)].filter((v, i, l) => l.indexOf(v) === i)), change)],
    ["tokens", "Tokens a pass", json.experiment.tokens.map((M) => [M, `M = ${M}`])],
  ];
}

// The choice that the page opens with: the point of the first figure of the answer.
function opening(report, lists) {
  const choice = Object.fromEntries(lists.map(([key, , values]) => [key, values.length ? values[0][0] : undefined]));
  const r = report.json.answer.figures.map((f) => report.byId.get(f.id)).find((r) => r && r.work === "switch");
  if (r) Object.assign(choice, { machine: r.machine, workload: r.workload, placement: r.placement, kept: keptClass(r), change: changeOf(r) });
  return choice;
}

function picker(key, title, values, choice, changed) {
  const list = make("select", { name: key, onchange: () => ((choice[key] = values[list.selectedIndex][0]), changed()) },
    ...values.map(([v, text]) => make("option", { value: String(v), selected: v === choice[key] }, text)));
  return make("label", {}, title, list);
}

function swatch(s) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const part = (tag, attributes) => {
    const e = document.createElementNS(svg.namespaceURI, tag);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    svg.append(e);
  };
  for (const [k, v] of Object.entries({ width: 30, height: 14, viewBox: "-15 -7 30 14", "aria-hidden": "true" })) svg.setAttribute(k, v);
  if (s.bar) part("rect", { x: -10, y: -6, width: 20, height: 12, fill: s.color });
  else {
    if (s.dash) part("path", { d: "M-15,0H15", stroke: s.color, "stroke-width": 1.8, "stroke-dasharray": s.dash.join(" ") });
    part("path", { d: s.shape, fill: s.fill, stroke: s.color, "stroke-width": 0.35, transform: "scale(4.6)" });
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
    this.element = make("figure", { id: `picture-${name}` }, this.title, this.what, this.extra, this.host, this.legend, this.text);
  }

  // Names of what is chosen, as a person reads them.
  names(what) {
    const of = Object.fromEntries(choices(this.report).map(([key, , values]) => [key, new Map(values.map(([v, t]) => [v, t]))]));
    const { machine } = this.choice;
    const kept = (v) => (of.kept.has(v) ? `adapters ${of.kept.get(v)}` : v);
    const name = (v) => (SIZES[v] ? `sizes: ${SIZES[v]}` : of.change.get(v) || kept(v));
    return [`${machine}, ${whole(this.report.machines.get(machine).clock_mhz)} MHz`, ...what.filter(Boolean).map(name)].join(" · ");
  }

  // On paper as wide as A4 is between its margins. What axes take beside the drawing is known when it was drawn.
  paint(paper) {
    const space = paper || this.element.clientWidth;
    const width = Math.max(space - this.beside, 200);
    const p = PICTURES[this.name](this.report, this.looks, this.choice, width);
    this.title.textContent = p.title;
    this.what.textContent = this.names(p.what);
    this.text.replaceChildren(make("p", {}, p.text), ...p.notes.map((n) => make("p", { className: "note" }, n)));
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
  const all = Object.keys(PICTURES).map((name) => new Picture(name, report, looks, choice));
  const due = new Set();
  const watch = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) if (isIntersecting) paintIfDue(all.find((p) => p.element === target));
  }, { rootMargin: "600px" });
  const paintIfDue = (p) => due.delete(p) && p.paint();
  const again = (only = all) => {
    for (const p of only) {
      due.add(p);
      watch.unobserve(p.element);
      watch.observe(p.element); // says at once whether it is near
    }
  };
  by("choice").append(...lists.filter(([, , values]) => values.length > 1).map(([key, title, values]) => picker(key, title, values, choice, () => again())));
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

const text = (v) => (v === null || v === undefined ? "" : String(v));
const yes = (v) => (v === null || v === undefined ? "" : v ? "yes" : "no");

// Columns that paper has no room for.
const SCREEN = ["undo", "least", "most", "read", "written", "updates", "exact", "what differs", "in the weights", "in them"];

function resultColumns(report) {
  const of = (key, title, width, value, show, number = true) => ({
    title, width, number, value, hint: report.meaning(`results[].${key}`), text: (r) => (value(r) === null || value(r) === undefined ? "" : show(value(r))),
  });
  const named = (key, title, width) => of(key, title, width, (r) => r[key], String, false);
  const overhead = (M) => {
    const value = (r) => (r.passes ? (r.passes.find((p) => p.tokens === M) || {}).overhead : undefined);
    return { ...of("passes[].overhead", `pass M=${M}`, 100, value, signed), hint: report.meaning("results[].passes[].overhead") };
  };
  const us = (key) => (r) => (r[key] === undefined ? undefined : r[key] / report.clock(r));
  return [
    of("work", "work", 108, (r) => (r.work === "pass" ? `pass M=${r.tokens}` : "switch"), String, false),
    ...(report.machines.size > 1 ? [named("machine", "machine", 90)] : []),
    named("workload", "workload", 110), named("placement", "weights", 90), named("strategy", "strategy", 122), named("pair", "pair", 124),
    named("undo", "undo", 90), named("kept", "kept", 80), of("from", "from, to", 82, (r) => (r.work === "pass" ? r.to : `${r.from} to ${r.to}`), String, false),
    of("us", "time (us)", 100, (r) => r.us, digits), of("low", "least", 86, us("low"), digits), of("high", "most", 86, us("high"), digits),
    of("bound_cycles", "bound (us)", 100, us("bound_cycles"), digits), of("of_bound", "of bound", 86, (r) => r.of_bound, percent), named("limit", "limited by", 130),
    of("traffic.read_bytes", "read", 86, (r) => r.traffic && r.traffic.read_bytes, bytes), of("traffic.written_bytes", "written", 86, (r) => r.traffic && r.traffic.written_bytes, bytes),
    of("kept_bytes", "kept", 86, (r) => r.kept_bytes, bytes), of("updates", "updates", 92, (r) => r.updates, whole),
    ...report.json.experiment.tokens.map(overhead), of("exact.reference", "exact", 70, (r) => r.exact && r.exact.reference, yes, false),
  ].map((c) => ({ ...c, screen: SCREEN.includes(c.title) }));
}

// All keys of a thing with their values and, on a hover, what they mean.
function flatten(value, path, key, out) {
  if (value !== null && typeof value === "object") {
    const list = Array.isArray(value);
    for (const [k, v] of Object.entries(value)) flatten(v, list ? `${path}[${k}]` : path ? `${path}.${k}` : k, list ? `${key}[]` : `${key}.${k}`, out);
  } else out.push([path, key, value]);
  return out;
}

function keyList(report, thing, key) {
  const rows = flatten(thing, "", key, []).map(([path, k, v]) =>
    make("div", { title: report.meaning(k) }, make("dt", {}, path), make("dd", {}, typeof v === "number" && Number.isInteger(v) ? whole(v) : text(v))));
  return make("dl", { className: "keys" }, ...rows);
}

function detail(report, r) {
  const close = make("button", { type: "button", onclick: () => (by("detail").hidden = true) }, "Close");
  const others = (r.passes || []).filter((p) => report.byId.has(p.id)).map((p) => make("button", { type: "button", onclick: () => detail(report, report.byId.get(p.id)) }, `Its pass of ${p.tokens}`));
  by("detail").hidden = false;
  by("detail").replaceChildren(make("div", { className: "bar" }, make("h3", {}, r.id), ...others, close), keyList(report, r, "results[]"));
  by("detail").scrollIntoView({ block: "nearest" });
}

function resultsTable(report) {
  new Table(by("results-table"), {
    name: "All results", columns: resultColumns(report), rows: report.results.filter((r) => r.done), open: (r) => detail(report, r),
    selects: [
      { title: "Work", value: (r) => (r.work === "pass" ? `pass M=${r.tokens}` : "switch") }, { title: "Workload", value: (r) => r.workload },
      { title: "Weights", value: (r) => r.placement }, { title: "Strategy", value: (r) => r.strategy }, { title: "Kept", value: (r) => r.kept },
    ],
  });
  const missing = report.results.filter((r) => !r.done);
  by("missing").hidden = !missing.length;
  if (missing.length)
    new Table(by("missing-table"), {
      name: "Not measured", rows: missing, height: 8,
      columns: [["id", "point", 480], ["reason", "why", 560]].map(([k, title, width]) => ({ title, width, hint: report.meaning(`results[].${k}`), value: (r) => r[k], text: (r) => text(r[k]) })),
    });
}

function comparisonTable(report) {
  const col = (key, title, width, value, show = text, number = false) => ({ title, width, number, value, text: (c) => show(value(c)), hint: report.meaning(`comparisons[].${key}`) });
  const figure = (id) => (report.byId.get(id) || {}).us;
  const known = (show) => (v) => (v === null || v === undefined ? "" : show(v));
  const side = (s) => [
    col(`*.${s}`, `${WINNERS[s]} (us)`, 112, (c) => c.any && figure(c.any[s]), known(digits), true),
    col(`*.${s}`, `${WINNERS[s]} by`, 290, (c) => c.any && report.byId.has(c.any[s]) ? report.seriesName(report.byId.get(c.any[s])) : null),
  ];
  const after = (M) => {
    const spans = (c) => (c.passes.find((p) => p.tokens === M) || { spans: [] }).spans;
    const say = (s, i) => `${i ? `from ${digits(s.from_tokens)}: ` : ""}${WINNERS[s.winner]}`;
    return col("passes[].spans[].winner", `cheaper, M=${M}, by tokens`, 270, (c) => (c.passes.length ? spans(c).map(say).join("; ") : null));
  };
  new Table(by("comparison-table"), {
    name: "SHiRA's best against LoRA's best", rows: report.json.comparisons, height: 12,
    selects: [{ title: "Workload", value: (c) => c.workload }, { title: "Weights", value: (c) => c.placement }, { title: "Sizes", value: (c) => SIZES[c.size] }],
    columns: [
      ...(report.machines.size > 1 ? [col("machine", "machine", 90, (c) => c.machine)] : []),
      col("workload", "workload", 110, (c) => c.workload), col("placement", "weights", 90, (c) => c.placement), col("kept", "kept", 80, (c) => c.kept),
      col("size", "sizes", 150, (c) => SIZES[c.size]), ...side("shira"), ...side("lora"),
      col("*.ratio", "LoRA / SHiRA", 128, (c) => c.any && c.any.ratio, known(digits), true), col("*.winner", "quicker", 90, (c) => (c.any ? WINNERS[c.any.winner] : null)),
      col("*.ratio", "in the weights", 132, (c) => c.written && c.written.ratio, known(digits), true), col("*.winner", "in them", 90, (c) => (c.written ? WINNERS[c.written.winner] : null)),
      ...report.json.experiment.tokens.map(after), col("differs", "what differs", 300, (c) => c.differs),
    ].map((c) => ({ ...c, screen: SCREEN.includes(c.title) })),
  });
}

function facts(report) {
  const { json } = report;
  const folded = (name, thing, key) => make("details", {}, make("summary", {}, name), keyList(report, thing, key));
  by("machines").append(...json.machines.map((m) => folded(`${m.name}: ${whole(m.clock_mhz)} MHz, ${m.array_n} x ${m.array_k} array, ${bytes(m.weight_sram_bytes)} of weight SRAM`, m, "machines[]")));
  const table = (id, name, key, rows, columns) => new Table(by(id), {
    name, rows, height: 10,
    columns: columns.map(([k, title, width, value, show]) => ({ title, width, number: Boolean(show), value, text: (r) => (show ? show(value(r)) : text(value(r))), hint: report.meaning(`${key}[].${k}`) })),
  });
  table("workloads", "Workloads", "workloads", json.workloads, [
    ["name", "name", 140, (w) => w.name], ["model", "model", 140, (w) => w.model], ["layer", "layer", 220, (w) => w.layer],
    ["linears", "linears", 90, (w) => w.linears, whole], ["weights", "weights", 130, (w) => w.weights, whole], ["weights_hash", "hash of weights", 200, (w) => w.weights_hash],
  ]);
  table("pairs", "Adapters", "pairs", json.pairs, [
    ["workload", "workload", 120, (p) => p.workload], ["name", "pair", 140, (p) => p.name], ["label", "label", 190, (p) => p.label], ["size", "size", 90, (p) => p.size],
    ...["a", "b"].flatMap((s) => [
      [`${s}.modules`, `${s.toUpperCase()}: linears`, 100, (p) => p[s].modules, whole], [`${s}.parameters`, `${s.toUpperCase()}: parameters`, 130, (p) => p[s].parameters, whole],
      [`${s}.density`, `${s.toUpperCase()}: density`, 106, (p) => p[s].density, percent],
    ]),
  ]);
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
