// The six pictures. Each is {title, what, spec, legend, notes} made from the report and what was chosen: `what` says
// what it shows of what, `spec` is Vega's, `legend` names every series that is drawn, once, and `notes` say
// what is not drawn and why.

// A series of the picture for each switch: its look and its name; ascending by name.
function seriesOf(report, looks, switches) {
  return switches
    .map((r) => ({ r, series: report.seriesName(r), ...looks.of(r) }))
    .sort((a, b) => (a.series < b.series ? -1 : 1));
}

const legendOf = (series) => [...new Map(series.map((s) => [s.series, s])).values()];

// Rectangles for `n` panels in `width`: beside one another, or one below the other where that is too narrow.
function panels(n, width, height, gap = 56) {
  const beside = width >= 260 * n;
  const w = beside ? (width - gap * (n - 1)) / n : width;
  return Array.from({ length: n }, (_, i) => ({
    left: beside ? i * (w + gap) : 0, width: w, top: beside ? 0 : i * (height + gap + 20), height,
    right: (beside ? i * (w + gap) : 0) + w, bottom: (beside ? 0 : i * (height + gap + 20)) + height,
  }));
}
const below = (panel, height) => ({ orient: "bottom", offset: panel.bottom - height });
const beside = (panel) => ({ orient: "left", offset: -panel.left });
const heightOf = (list) => Math.max(...list.map((p) => p.bottom));

const tipOf = (s, more = "") =>
  `${s.series}: ${time(s.r.us)}, bound ${time(s.boundUs)} (${s.r.limit || "none"})${more}\n${s.r.id}`;

function withBounds(report, series) {
  for (const s of series) {
    s.us = s.r.us;
    s.boundUs = report.boundUs(s.r);
    s.boundTip = `bound of ${s.series}: ${time(s.boundUs)}\n${s.r.id}`;
  }
  return series;
}

// 1. What T tokens cost between two switches: switch + T / M passes.
function costPicture(report, looks, choice, width) {
  const M = choice.tokens;
  const found = withBounds(report, seriesOf(report, looks, report.chosen(choice)));
  const series = found.filter((s) => report.passAfter(s.r, M));
  const turns = breakEvens(report, choice);
  const first = Math.min(M, ...turns.map((t) => t.tokens / 2));
  const last = Math.max(M * 1e5, ...turns.map((t) => t.tokens * 4));
  for (const s of series) {
    s.pass = report.passAfter(s.r, M);
    s.cost = (T) => s.us + (T / M) * s.pass.us;
    s.bound = (T) => s.boundUs + (T / M) * report.boundUs(s.pass);
    s.tip = tipOf(s, "\nthe switch alone");
  }
  const grid = Array.from({ length: 61 }, (_, i) => first * (last / first) ** (i / 60));
  const curves = series.flatMap((s) => grid.map((T) => ({ ...lean(s), T, us: s.cost(T), bound: s.bound(T) })));
  const least = grid.map((T) => Math.min(...series.map((s) => s.cost(T))));
  curves.forEach((c, i) => (c.more = (c.us / least[i % grid.length] - 1) * 100));
  const measured = series.map((s) => ({
    ...lean(s), T: M, us: s.cost(M), more: (s.cost(M) / Math.min(...series.map((o) => o.cost(M))) - 1) * 100,
    tip: `${s.series}: switch ${time(s.us)} + pass of ${M} ${time(s.pass.us)} = ${time(s.cost(M))}\n${s.r.id}`,
  }));
  for (const t of turns) t.us = Math.min(...series.filter((s) => t.ids.includes(s.r.id)).map((s) => s.cost(t.tokens)));

  const [upper, gap, lower] = [270, 34, 270];
  const height = upper + gap + lower;
  const x = logAxis("x", [first, last], [74, width], { orient: "bottom", title: "tokens between two switches", format: ",~r" });
  const y = logAxis("y", [...series.map((s) => s.us), ...curves.map((c) => c.us)], [upper, 0], {
    orient: "left", title: "switch and passes (us)", format: ",~r",
  });
  const more = Math.max(10, ...curves.map((c) => c.more));
  const z = linearAxis("z", [0, more], [height, upper + gap], {
    orient: "left", title: "more than the cheapest (%)", format: ",~r",
    values: [0, 1, 3, 10, 30, 100, 300, 1e3, 1e4, 1e5, 1e6].filter((v) => v <= more),
  }, { type: "symlog", constant: 1, nice: false });
  const alone = { name: "alone", type: "point", domain: ["switch"], range: [26, 26] };
  const spec = {
    width, height,
    data: [
      { name: "series", values: series.map(lean) }, { name: "curves", values: curves },
      { name: "measured", values: measured }, { name: "turns", values: turns },
    ],
    scales: [alone, ...x.scales, ...y.scales, ...z.scales],
    axes: [...x.axes, { scale: "alone", orient: "bottom", offset: -(gap + lower), domain: false, ticks: false, labelPadding: 5 },
      ...y.axes, ...z.axes],
    marks: [
      lines("cost-bound", "curves", at("x", "T"), at("y", "bound"), { strokeWidth: { value: 3.5 }, strokeDash: { value: [] }, strokeOpacity: { value: 0.18 } }),
      lines("cost", "curves", at("x", "T"), at("y", "us")),
      lines("cost-more", "curves", at("x", "T"), at("z", "more")),
      bounds("switch-bound", "series", { scale: "alone", value: "switch" }, at("y", "boundUs", hasZero(y))),
      points("switch", "series", { scale: "alone", value: "switch" }, at("y", "us", hasZero(y))),
      points("first-pass", "measured", at("x", "T"), at("y", "us")),
      points("first-pass-more", "measured", at("x", "T"), at("z", "more")),
      {
        type: "rule", name: "break-even", from: { data: "turns" },
        encode: { update: { x: at("x", "tokens"), y: { value: 0 }, y2: { value: height }, stroke: { value: css("--ink") }, strokeDash: { value: [2, 2] }, description: { field: "tip" }, tooltip: { field: "tip" } } },
      },
      words("break-even-label", "turns", { ...at("x", "tokens"), offset: 4 }, { signal: "12 + 15 * datum.row" }, { fontWeight: { value: 600 } }),
    ],
  };
  const notes = found.filter((s) => !series.includes(s)).map((s) => `${s.series} is not drawn: its pass was not measured.`);
  if (!turns.length) notes.push("SHiRA's and LoRA's best cost the same at no number of tokens: no break-even.");
  return {
    name: "cost", title: "What a switch and the tokens after it cost",
    what: [choice.workload, choice.placement, choice.kept, choice.size, choice.change, `passes of ${M}`],
    text: "On the left the switch alone, as measured. From there on switch + tokens / M x pass, of two measured values; a point marks the first pass. "
      + "The broad pale line is the same of their bounds. Below, how much more each costs than the cheapest. Upright lines are break-evens of SHiRA's best and LoRA's best.",
    spec, legend: legendOf(series), notes, aria: `Cost of a switch and its passes against tokens between two switches, ${series.length} series`,
  };
}

// What Vega needs of a series; the result itself stays outside.
const lean = ({ series, color, shape, fill, dash, us, boundUs, tip, boundTip }) => ({ series, color, shape, fill, dash, us, boundUs, tip, boundTip });

function breakEvens(report, { machine, workload, placement, kept, size, change, tokens }) {
  const where = report.comparisons.get(group(machine, workload, placement)) || [];
  const passes = where
    .filter((c) => c.kept === kept && c.size === size && changeOf(c) === change)
    .flatMap((c) => c.passes.filter((p) => p.tokens === tokens));
  const spans = passes.flatMap((p) => p.spans).filter((s) => s.from_tokens > 0);
  return spans.map((s, row) => ({
    row, tokens: s.from_tokens, ids: [s.shira, s.lora], text: `${digits(s.from_tokens)} tokens`,
    tip: `break-even at ${digits(s.from_tokens)} tokens; then cheaper: ${s.winner}`,
  }));
}

// 2. Latency against size, a panel for each place where adapters are kept.
function sizePicture(report, looks, choice, width) {
  const places = Object.keys(PLACES);
  const of = { ...choice, kept: undefined };
  const all = withBounds(report, seriesOf(report, looks,
    report.json.workloads.flatMap((w) => report.chosen({ ...of, workload: w.name }))));
  for (const s of all) {
    const w = report.workloads.get(s.r.workload);
    Object.assign(s, { weights: w.weights, square: w.side > 0, tip: tipOf(s, `, ${s.r.workload}`), panel: places.indexOf(s.r.kept) });
  }
  const used = places.map((_, i) => i).filter((i) => all.some((s) => s.panel === i));
  const rects = panels(Math.max(used.length, 1), width, 300);
  const height = heightOf(rects);
  const weights = report.json.workloads.map((w) => w.weights);
  const spec = { width, height, data: [], scales: [], axes: [], marks: [] };
  used.forEach((place, i) => {
    const rect = rects[i];
    const here = all.filter((s) => s.panel === place);
    const x = logAxis(`x${i}`, weights, [rect.left, rect.right], { ...below(rect, height), title: `weights, adapters ${PLACES[places[place]]}`, format: "~s" });
    const y = logAxis(`y${i}`, all.flatMap((s) => [s.us, s.boundUs]), [rect.bottom, rect.top], { ...beside(rect), title: i ? "" : "switch (us)", format: ",~r" });
    for (const axis of x.axes) axis.gridScale = `y${i}`;
    for (const axis of y.axes) axis.gridScale = `x${i}`;
    const [px, py] = [at(`x${i}`, "weights"), at(`y${i}`, "us", hasZero(y))];
    const rows = here.map((s) => ({ ...lean(s), weights: s.weights })).sort((a, b) => a.weights - b.weights);
    const squares = new Set(here.filter((s) => s.square).map((s) => s.tip));
    spec.data.push({ name: `size${i}`, values: rows }, { name: `squares${i}`, values: rows.filter((s) => squares.has(s.tip)) });
    spec.scales.push(...x.scales, ...y.scales);
    spec.axes.push(...x.axes, ...y.axes);
    spec.marks.push(
      lines(`size-line-${i}`, `squares${i}`, px, py),
      bounds(`size-bound-${i}`, `size${i}`, px, at(`y${i}`, "boundUs", hasZero(y))),
      points(`size-${i}`, `size${i}`, px, py),
    );
  });
  const models = report.json.workloads.filter((w) => !w.side).map((w) => `${w.name} (${w.layer}, ${whole(w.weights)} weights)`);
  return {
    name: "size", title: "How long a switch takes, by size",
    what: ["all workloads", choice.placement, "", choice.size, choice.change],
    text: "Each point is a measured switch, the bar in its colour its bound. Lines join square tensors of one series and stand for nothing between them; "
      + "a model is a point alone. 0 is a switch that only changes a pointer.",
    spec, legend: legendOf(all), aria: `Switch latency against weights, ${all.length} switches in ${used.length} panels`,
    notes: models.length ? [`Models: ${models.join("; ")}.`] : [],
  };
}

// 3. What is kept of an adapter against what a switch takes.
function keptPicture(report, looks, choice, width) {
  const all = withBounds(report, seriesOf(report, looks, report.chosen({ ...choice, kept: undefined })));
  for (const s of all) {
    s.kept = s.r.kept_bytes;
    s.tip = tipOf(s, `, keeps ${bytes(s.kept)}${s.r.pair_bytes ? `, and ${bytes(s.r.pair_bytes)} for the ordered pair` : ""}`);
  }
  const height = 330;
  const x = logAxis("x", all.map((s) => s.kept), [0, width], { orient: "bottom", title: "kept of an adapter that is not active (bytes)", format: "~s" });
  const y = logAxis("y", all.flatMap((s) => [s.us, s.boundUs]), [height, 0], { orient: "left", title: "switch (us)", format: ",~r" });
  const px = at("x", "kept", hasZero(x));
  return {
    name: "kept", title: "What keeping more buys",
    what: [choice.workload, choice.placement, "", choice.size, choice.change],
    text: "Nearer to the lower left corner is better: less kept, quicker switched. The bar in a point's colour is its bound.",
    spec: {
      width, height, data: [{ name: "keptRows", values: all.map((s) => ({ ...lean(s), kept: s.kept })) }],
      scales: [...x.scales, ...y.scales], axes: [...x.axes, ...y.axes],
      marks: [bounds("kept-bound", "keptRows", px, at("y", "boundUs", hasZero(y))), points("kept", "keptRows", px, at("y", "us", hasZero(y)))],
    },
    legend: legendOf(all), notes: [], aria: `Kept bytes against switch latency, ${all.length} switches`,
  };
}

const MOST_POINTS = 3000; // in one picture; more is slow to draw and cannot be told apart

// 4. Roofline: how near to its bound each figure is, by what sets the bound.
function roofPicture(report, looks, choice, width) {
  const placed = report.placed.get(group(choice.machine, choice.placement)) || [];
  const many = placed.length > MOST_POINTS;
  const scope = many ? placed.filter((r) => r.workload === choice.workload) : placed;
  const all = scope.filter((r) => r.cycles > 0 && r.bound_cycles > 0);
  const limits = unique(report.results.map((r) => r.limit).filter(Boolean)).sort();
  const rows = all.map((r) => {
    const i = limits.indexOf(r.limit);
    const color = css(`--limit${i % 8}`);
    return {
      series: r.limit, color, shape: SHAPES[i % SHAPES.length], fill: r.work === "pass" ? css("--paper") : color, dash: [],
      boundUs: report.boundUs(r), share: r.of_bound * 100,
      tip: `${r.limit}: ${time(r.us)}, bound ${time(report.boundUs(r))}, ${percent(r.of_bound)} of it\n${r.id}`,
    };
  });
  const height = 330;
  const x = logAxis("x", rows.map((s) => s.boundUs), [0, width], { orient: "bottom", title: "bound (us)", format: ",~r" });
  const y = linearAxis("y", [0, 100], [height, 12], { orient: "left", title: "reached of the bound (%)", format: "~r", tickCount: 6 });
  const notes = [`Filled points are switches, hollow ones passes.`];
  if (scope.length > all.length) notes.push(`${whole(scope.length - all.length)} switches only change a pointer: they take no cycle and have no bound.`);
  if (many) notes.push(`Of ${whole(placed.length)} results those of ${choice.workload} are drawn.`);
  return {
    name: "roof", title: "How near to its bound everything is",
    what: [many ? choice.workload : "all workloads", choice.placement, "", "", "", "all switches and passes"],
    text: "100 % is the least that physics allows for that work on that machine; the colour is the resource that sets it.",
    spec: {
      width, height, data: [{ name: "roofRows", values: rows }, { name: "top", values: [{ v: 100 }] }],
      scales: [...x.scales, ...y.scales], axes: [...x.axes, ...y.axes],
      marks: [
        { type: "rule", name: "roof-bound", from: { data: "top" }, encode: { update: { x: { value: 0 }, x2: { value: width }, y: at("y", "v"), stroke: { value: css("--ink") }, strokeWidth: { value: 1.5 } } } },
        points("roof", "roofRows", at("x", "boundUs"), at("y", "share"), { size: { value: 60 } }),
      ],
    },
    legend: legendOf(rows).sort((a, b) => (a.series < b.series ? -1 : 1)).map((s) => ({ ...s, fill: s.color, alone: true })),
    notes, aria: `Share of the bound against the bound, ${rows.length} results`,
  };
}

// 5. Where the cycles go: phases of the switch, or what each engine did.
const PARTS = { phases: "phases of the switch", engines: "engines in the switch", pass: "engines in the pass after it" };

const partColor = (name) =>
  ({ work: "busy", stream_fetch: "starved", decode: "stalled", descriptor_fetch: "waiting", drain: "idle" })[name] || name;

function cyclesPicture(report, looks, choice, width) {
  const series = withBounds(report, seriesOf(report, looks, report.chosen(choice)));
  const names = choice.parts === "phases" ? PHASES : STATES;
  const [rows, segments, left, notes] = [[], [], choice.parts === "phases" ? 0 : 66, []];
  let y = 0;
  for (const s of series) {
    const r = choice.parts === "pass" ? report.passAfter(s.r, choice.tokens) : s.r;
    if (!r) {
      notes.push(`${s.series} is not drawn: its pass was not measured.`);
      continue;
    }
    const head = r.cycles ? `${time(r.us)}, ${percent(r.of_bound)} of bound (${r.limit})` : "0, a pointer changes";
    rows.push({ y: y + 9, x: 0, text: `${s.series}: ${head}`, weight: 600 });
    const bars = choice.parts === "phases" ? [["", r.phases]] : ENGINES.map((e) => [e, r.states[e]]);
    for (const [engine, parts] of r.cycles ? bars : []) {
      let sum = 0;
      for (const name of names) {
        const share = (parts[name] / r.cycles) * 100;
        segments.push({
          from: sum, to: sum + share, top: y + 18, color: css(`--${partColor(name)}`), text: share >= 12 ? percent(share / 100) : "",
          ink: css(`--on-${partColor(name)}`), tip: `${s.series}${engine ? `, ${engine}` : ""}: ${name} ${whole(parts[name])} of ${whole(r.cycles)} cycles\n${r.id}`,
        });
        sum += share;
      }
      rows.push({ y: y + 26, x: 0, text: engine, weight: 400, bound: r.of_bound * 100, top: y + 18, tip: `bound of ${s.series}: ${percent(r.of_bound)} of the time\n${r.id}` });
      y += 19;
    }
    y += 24;
  }
  const height = Math.max(y, 40);
  const x = linearAxis("x", [0, 100], [left, width], { orient: "bottom", title: "of all cycles (%)", format: "~r", tickCount: 6 });
  const box = { x: at("x", "from"), x2: at("x", "to"), y: { field: "top" }, height: { value: 16 } };
  const marked = rows.filter((r) => r.bound !== undefined);
  return {
    name: "cycles", title: "Where the cycles go",
    what: [choice.workload, choice.placement, choice.kept, choice.size, choice.change, choice.parts === "pass" ? `passes of ${choice.tokens}` : ""],
    text: "Each bar is all cycles of one figure. The black line is its bound: what is right of it is more than physics asks for.",
    spec: {
      width, height, data: [{ name: "parts", values: segments }, { name: "names", values: rows }, { name: "limits", values: marked }],
      scales: x.scales, axes: x.axes,
      marks: [
        { type: "rect", name: "part", from: { data: "parts" }, encode: { update: { ...box, fill: { field: "color" }, stroke: { value: css("--paper") }, strokeWidth: { value: 0.7 }, tooltip: { field: "tip" }, description: { field: "tip" } } } },
        words("part-share", "parts", { ...at("x", "from"), offset: 5 }, { signal: "datum.top + 12" }, { fill: { field: "ink" }, fontSize: { value: 11 } }),
        { type: "rule", name: "part-bound", from: { data: "limits" }, encode: { update: { x: at("x", "bound"), y: { signal: "datum.top - 2" }, y2: { signal: "datum.top + 18" }, stroke: { value: css("--ink") }, strokeWidth: { value: 2 }, description: { field: "tip" }, tooltip: { field: "tip" } } } },
        words("part-name", "names", { field: "x" }, { field: "y" }, { fontWeight: { field: "weight" }, baseline: { value: "middle" }, limit: { value: width } }),
      ],
    },
    legend: names.map((n) => ({ series: n.replace("_", " "), color: css(`--${partColor(n)}`), bar: true, hint: report.meaning(choice.parts === "phases" ? `results[].phases.${n}` : `results[].states.copy.${n}`) })),
    notes, aria: `Where cycles go, ${series.length} series`,
  };
}

// 6. What passes cost afterwards, with the range over the samples.
function overheadPicture(report, looks, choice, width) {
  const series = withBounds(report, seriesOf(report, looks, report.chosen(choice)));
  const tokens = report.json.experiment.tokens;
  const step = 34;
  const rects = panels(tokens.length, width, Math.max(series.length * step, 40), 30);
  const height = heightOf(rects);
  const rows = [];
  const notes = [];
  series.forEach((s, row) =>
    tokens.forEach((M, panel) => {
      const p = s.r.passes.find((q) => q.tokens === M);
      const [pass, base] = [report.passAfter(s.r, M), report.basePass(s.r, M)];
      if (!p || p.overhead === null || !pass || !base) {
        notes.push(`${s.series}, M = ${M} is not drawn: its pass, or that of base weights, was not measured.`);
        return;
      }
      const range = p.overhead_low === null ? [p.overhead, p.overhead] : [p.overhead_low, p.overhead_high];
      const bound = pass.bound_cycles / base.bound_cycles - 1;
      rows.push({
        ...lean(s), panel, y: rects[panel].top + row * step + 22, value: p.overhead * 100, low: range[0] * 100, high: range[1] * 100, bound: bound * 100, zero: 0,
        text: `${s.series}: ${signed(p.overhead)}${p.same ? ", the same" : ""}`,
        tip: `${s.series}, M = ${M}: ${signed(p.overhead)}, ${signed(range[0])} to ${signed(range[1])} over the samples${p.same ? ": the same" : ""}\n${s.r.id}`,
        boundTip: `bound of ${s.series}, M = ${M}: ${signed(bound)}\n${s.r.id}`,
      });
    }));
  const spec = { width, height, data: [], scales: [], axes: [], marks: [] };
  rects.forEach((rect, i) => {
    const here = rows.filter((r) => r.panel === i);
    const ends = [0, ...here.flatMap((r) => [r.low, r.high, r.value, r.bound])];
    const x = linearAxis(`x${i}`, [Math.min(...ends) - 0.05, Math.max(...ends) + 0.05], [rect.left, rect.right], {
      ...below(rect, height), title: `more cycles than with base weights, M = ${tokens[i]} (%)`, format: "~r", tickCount: Math.max(3, Math.floor(rect.width / 90)), gridScale: `y${i}`,
    });
    spec.data.push({ name: `overhead${i}`, values: here });
    spec.scales.push(...x.scales, { name: `y${i}`, type: "linear", domain: [0, 1], range: [rect.bottom, rect.top] });
    spec.axes.push(...x.axes);
    const rule = (name, data, more) => ({ type: "rule", name, from: { data }, encode: { update: more } });
    spec.marks.push(
      rule(`overhead-base-${i}`, `overhead${i}`, { x: at(`x${i}`, "zero"), y: { signal: "datum.y - 7" }, y2: { signal: "datum.y + 7" }, stroke: { value: css("--ink") } }),
      rule(`overhead-range-${i}`, `overhead${i}`, { x: at(`x${i}`, "low"), x2: at(`x${i}`, "high"), y: { field: "y" }, stroke: { field: "color" }, strokeWidth: { value: 2.5 }, description: { field: "tip" } }),
      bounds(`overhead-bound-${i}`, `overhead${i}`, at(`x${i}`, "bound"), { field: "y" }, true),
      points(`overhead-${i}`, `overhead${i}`, at(`x${i}`, "value"), { field: "y" }, { size: { value: 60 } }),
      words(`overhead-name-${i}`, `overhead${i}`, { value: rect.left + 2 }, { signal: "datum.y - 10" }, { fontSize: { value: 11.5 }, limit: { value: rect.width } }),
    );
  });
  return {
    name: "overhead", title: "What a pass costs afterwards",
    what: [choice.workload, choice.placement, choice.kept, choice.size, choice.change],
    text: "A point is the figure, its line the range over the samples, the bar in its colour what the bounds of both passes say, the thin line base weights. \"The same\" is where the samples do not agree on a sign.",
    spec, legend: legendOf(series), notes, aria: `Overhead of passes, ${rows.length} figures`,
  };
}

const PICTURES = [costPicture, sizePicture, keptPicture, overheadPicture, cyclesPicture, roofPicture];
