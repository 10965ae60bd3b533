// The pictures. Each is {title, what, text, spec, legend, notes, aria} made from the report and what was
// chosen: `what` says what it shows of what, `text` how to read it, `spec` is Vega's, `legend` names every series
// that is drawn, once, `notes` say what is not drawn and why, `aria` tells it to who does not see it.

const byName = (a, b) => (a.series < b.series ? -1 : 1);

// A series for each switch: its look and its name; ascending by name.
function seriesOf(report, looks, switches, across) {
  return switches
    .map((r) => {
      const s = { r, series: report.seriesName(r, across), ...looks.of(r), us: r.us, boundUs: report.boundUs(r) };
      s.boundTip = `bound of ${s.series}: ${time(s.boundUs)}\n${r.id}`;
      return s;
    })
    .sort(byName);
}

const legendOf = (series) => [...new Map(series.map((s) => [s.series, s])).values()];

// What Vega needs of a series; the result itself stays outside.
const lean = ({ r, pass, cost, bound, ...rest }) => rest;

const tipOf = (s, more = "") =>
  `${s.series}: ${time(s.us)}, bound ${time(s.boundUs)} (${s.r.limit || "none"})${more}\n${s.r.id}`;

// Rectangles for `n` panels in `width`: beside one another, or one below the other where that is too narrow.
function panels(n, width, height, gap = 56) {
  const beside = width >= 190 * n;
  const w = beside ? (width - gap * (n - 1)) / n : width;
  return Array.from({ length: n }, (_, i) => {
    const [left, top] = beside ? [i * (w + gap), 0] : [0, i * (height + gap + 20)];
    return { left, top, width: w, right: left + w, bottom: top + height };
  });
}
const below = (panel, height) => ({ orient: "bottom", offset: panel.bottom - height });
const heightOf = (list) => Math.max(...list.map((p) => p.bottom));

const usAxis = (name, values, range, more) =>
  logAxis(name, values, range, { orient: "left", title: "switch (us)", format: ",~r", ...more });

// 1. What T tokens cost between two switches: switch + T / M passes.
function costPicture(report, looks, choice, width) {
  const M = choice.tokens;
  const found = seriesOf(report, looks, report.chosen(choice));
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
  const more = (s, T) => (s.cost(T) / Math.min(...series.map((o) => o.cost(T))) - 1) * 100;
  const grid = Array.from({ length: 61 }, (_, i) => first * (last / first) ** (i / 60));
  const curves = series.flatMap((s) =>
    grid.map((T) => ({ ...lean(s), T, us: s.cost(T), bound: s.bound(T), more: more(s, T) })));
  const measured = series.map((s) => {
    const sum = `switch ${time(s.us)} + pass of ${M} ${time(s.pass.us)} = ${time(s.cost(M))}`;
    return { ...lean(s), T: M, us: s.cost(M), more: more(s, M), tip: `${s.series}: ${sum}\n${s.r.id}` };
  });

  const [upper, gap, lower] = [270, 34, 270];
  const height = upper + gap + lower;
  const tokens = { orient: "bottom", title: "tokens between two switches", format: ",~r" };
  const x = logAxis("x", [first, last], [74, width], tokens);
  const costs = [...series.map((s) => s.us), ...series.map((s) => s.boundUs), ...curves.map((c) => c.us)];
  const y = usAxis("y", costs, [upper, 0], { title: "switch and passes (us)" });
  const most = Math.max(10, ...curves.map((c) => c.more));
  const values = [0, 1, 3, 10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 1e6].filter((v) => v <= most);
  const z = linearAxis("z", [0, most], [height, upper + gap],
    { orient: "left", title: "more than the cheapest (%)", format: ",~r", values },
    { type: "symlog", constant: 1, nice: false });
  const alone = { scale: "alone", value: "switch" };
  const notes = found.filter((s) => !series.includes(s)).map((s) => `${s.series}: its pass was not measured.`);
  if (!turns.length) notes.push("At no number of tokens do SHiRA's and LoRA's best change places: no break-even.");
  return {
    title: "What a switch and the tokens after it cost",
    what: [choice.workload, choice.placement, choice.kept, choice.size, choice.change, `passes of ${M}`],
    text: "On the left the switch alone, as measured. From there on switch + tokens / M x pass, of two measured " +
      "values; a point marks the first pass, the broad pale line the same of their bounds. Below, how much more " +
      "each costs than the cheapest. Upright lines are break-evens of SHiRA's best and LoRA's best.",
    spec: {
      width, height,
      data: [
        { name: "series", values: series.map(lean) }, { name: "curves", values: curves },
        { name: "measured", values: measured }, { name: "turns", values: turns },
      ],
      scales: [
        { name: "alone", type: "point", domain: ["switch"], range: [26, 26] }, ...x.scales, ...y.scales, ...z.scales,
      ],
      axes: [
        ...x.axes, { scale: "alone", orient: "bottom", offset: -(gap + lower), domain: false }, ...y.axes, ...z.axes,
      ],
      marks: [
        lines("cost-bound", "curves", at("x", "T"), at("y", "bound"),
          { strokeWidth: 3.5, strokeDash: [], strokeOpacity: 0.18 }),
        lines("cost", "curves", at("x", "T"), at("y", "us")),
        lines("cost-more", "curves", at("x", "T"), at("z", "more")),
        bounds("switch-bound", "series", alone, at("y", "boundUs", hasZero(y))),
        points("switch", "series", alone, at("y", "us", hasZero(y))),
        points("first-pass", "measured", at("x", "T"), at("y", "us")),
        points("first-pass-more", "measured", at("x", "T"), at("z", "more")),
        mark("rule", "break-even", "turns",
          { x: at("x", "tokens"), y: 0, y2: height, stroke: css("--ink"), strokeDash: [2, 2], ...hover }),
        words("break-even-label", "turns", { ...at("x", "tokens"), offset: 4 }, { signal: "12 + 15 * datum.row" },
          { fontWeight: 600 }),
      ],
    },
    legend: legendOf(series), notes,
    aria: `Cost of a switch and its passes against tokens between two switches, ${series.length} series`,
  };
}

function breakEvens(report, { machine, workload, placement, kept, size, change, tokens }) {
  const where = report.comparisons.get(group(machine, workload, placement)) || [];
  return where
    .filter((c) => c.kept === kept && c.size === size && changeOf(c) === change)
    .flatMap((c) => c.passes.filter((p) => p.tokens === tokens).flatMap((p) => p.spans))
    .filter((s) => s.from_tokens > 0)
    .map((s, row) => {
      const text = `${digits(s.from_tokens)} tokens`;
      return { row, tokens: s.from_tokens, text, tip: `break-even at ${text}; then cheaper: ${WINNERS[s.winner]}` };
    });
}

// 2. Latency against size, a panel for each place where adapters are kept.
function sizePicture(report, looks, choice, width) {
  const places = Object.keys(PLACES);
  const switches = report.json.workloads.flatMap((w) => report.chosen({ ...choice, kept: "", workload: w.name }));
  const all = seriesOf(report, looks, switches, true);
  for (const s of all) {
    const { weights, side } = report.workloads.get(s.r.workload);
    Object.assign(s, { weights, square: side > 0, tip: tipOf(s, `, ${s.r.workload}`) });
  }
  all.sort((a, b) => a.weights - b.weights);
  const used = places.filter((place) => all.some((s) => s.r.kept === place));
  const rects = panels(Math.max(used.length, 1), width, 300);
  const height = heightOf(rects);
  const spec = { width, height, data: [], scales: [], axes: [], marks: [] };
  used.forEach((place, i) => {
    const [rect, here] = [rects[i], all.filter((s) => s.r.kept === place)];
    const weights = report.json.workloads.map((w) => w.weights);
    const x = logAxis(`x${i}`, weights, [rect.left, rect.right],
      { ...below(rect, height), title: `weights, adapters ${PLACES[place]}`, format: "~s", gridScale: `y${i}` });
    const y = usAxis(`y${i}`, all.flatMap((s) => [s.us, s.boundUs]), [rect.bottom, rect.top],
      { offset: -rect.left, title: rect.left ? "" : "switch (us)", gridScale: `x${i}` });
    const [px, py] = [at(`x${i}`, "weights"), at(`y${i}`, "us", hasZero(y))];
    spec.data.push({ name: `here${i}`, values: here.map(lean) });
    spec.data.push({ name: `squares${i}`, values: here.filter((s) => s.square).map(lean) });
    spec.scales.push(...x.scales, ...y.scales);
    spec.axes.push(...x.axes, ...y.axes);
    spec.marks.push(
      lines(`size-line-${i}`, `squares${i}`, px, py),
      bounds(`size-bound-${i}`, `here${i}`, px, at(`y${i}`, "boundUs", hasZero(y))),
      points(`size-${i}`, `here${i}`, px, py),
    );
  });
  const models = report.json.workloads.filter((w) => !w.side);
  return {
    title: "How long a switch takes, by size",
    what: ["all workloads", choice.placement, choice.size, choice.change],
    text: "Each point is a measured switch, the bar in its colour its bound. Lines join square tensors of one " +
      "series and stand for nothing between them; a model is a point alone. 0 is a switch that changes a pointer.",
    spec, legend: legendOf(all).sort(byName),
    notes: models.map((w) => `${w.name} is a model: ${w.layer}, ${whole(w.weights)} weights.`),
    aria: `Switch latency against weights, ${all.length} switches in ${used.length} panels`,
  };
}

// 3. What is kept of an adapter against what a switch takes.
function keptPicture(report, looks, choice, width) {
  const all = seriesOf(report, looks, report.chosen({ ...choice, kept: "" }));
  for (const s of all) {
    const pair = s.r.pair_bytes ? `, and ${bytes(s.r.pair_bytes)} for the ordered pair` : "";
    Object.assign(s, { kept: s.r.kept_bytes, tip: tipOf(s, `, keeps ${bytes(s.r.kept_bytes)}${pair}`) });
  }
  const height = 330;
  const title = "kept of an adapter that is not active (bytes)";
  const x = logAxis("x", all.map((s) => s.kept), [0, width], { orient: "bottom", title, format: "~s" });
  const y = usAxis("y", all.flatMap((s) => [s.us, s.boundUs]), [height, 0]);
  const px = at("x", "kept", hasZero(x));
  return {
    title: "What keeping more buys", what: [choice.workload, choice.placement, choice.size, choice.change],
    text: "Nearer to the lower left corner is better: less kept, quicker switched. The bar in a point's colour is " +
      "its bound.",
    spec: {
      width, height, data: [{ name: "rows", values: all.map(lean) }],
      scales: [...x.scales, ...y.scales], axes: [...x.axes, ...y.axes],
      marks: [
        bounds("kept-bound", "rows", px, at("y", "boundUs", hasZero(y))),
        points("kept", "rows", px, at("y", "us", hasZero(y))),
      ],
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
  const limits = unique(report.results.map((r) => r.limit).filter(Boolean)).sort();
  const rows = scope.filter((r) => r.cycles > 0).map((r) => {
    const i = limits.indexOf(r.limit);
    const color = css(`--limit${i % 8}`);
    const figure = `${time(r.us)}, bound ${time(report.boundUs(r))}, ${percent(r.of_bound)} of it`;
    return {
      series: r.limit, color, shape: SHAPES[(i + (i >> 3)) % SHAPES.length],
      fill: r.work === "pass" ? css("--paper") : color,
      boundUs: report.boundUs(r), share: r.of_bound * 100, tip: `${r.limit}: ${figure}\n${r.id}`,
    };
  });
  const height = 330;
  const x = logAxis("x", rows.map((s) => s.boundUs), [0, width],
    { orient: "bottom", title: "bound (us)", format: ",~r" });
  const y = linearAxis("y", [0, 100], [height, 12],
    { orient: "left", title: "reached of the bound (%)", format: "~r", tickCount: 6 });
  const pointers = scope.length - rows.length;
  const notes = ["Filled points are switches, hollow ones passes."];
  if (pointers) notes.push(`${whole(pointers)} switches only change a pointer: no cycle, no bound.`);
  if (many) notes.push(`Of ${whole(placed.length)} results those of ${choice.workload} are drawn.`);
  return {
    title: "How near to its bound everything is",
    what: [many ? choice.workload : "all workloads", choice.placement, "all switches and passes"],
    text: "100 % is the least that physics allows for that work on that machine; the colour is the resource that " +
      "sets it.",
    spec: {
      width, height, data: [{ name: "rows", values: rows }, { name: "top", values: [{ share: 100 }] }],
      scales: [...x.scales, ...y.scales], axes: [...x.axes, ...y.axes],
      marks: [
        mark("rule", "roof-bound", "top", { x: 0, x2: width, y: at("y", "share"), stroke: css("--ink") }),
        points("roof", "rows", at("x", "boundUs"), at("y", "share"), { size: 60 }),
      ],
    },
    legend: legendOf(rows).sort(byName).map((s) => ({ ...s, fill: s.color, dash: null })),
    notes, aria: `Share of the bound against the bound, ${rows.length} results`,
  };
}

// 5. Where the cycles go: phases of the switch, or what each engine did.
const PARTS = {
  phases: "phases of the switch", engines: "engines in the switch", pass: "engines in the pass after it",
};
const PART_COLORS = {
  work: "busy", stream_fetch: "starved", decode: "stalled", descriptor_fetch: "waiting", drain: "idle",
};

function cyclesPicture(report, looks, choice, width) {
  const phases = choice.parts === "phases";
  const names = phases ? PHASES : STATES;
  const colorOf = (name) => PART_COLORS[name] || name;
  const [rows, segments, limits, notes] = [[], [], [], []];
  let y = 0;
  const bar = (s, r, engine, parts) => {
    let from = 0;
    for (const name of names) {
      const to = from + (parts[name] / r.cycles) * 100;
      const head = engine ? `${s.series}, ${engine}` : s.series;
      segments.push({
        from, to, y, color: css(`--${colorOf(name)}`), ink: css(`--on-${colorOf(name)}`),
        text: to - from >= 12 ? percent((to - from) / 100) : "",
        tip: `${head}: ${name} ${whole(parts[name])} of ${whole(r.cycles)} cycles\n${r.id}`,
      });
      from = to;
    }
    rows.push({ y: y + 8, text: engine, weight: 400 });
    const tip = `bound of ${s.series}: ${percent(r.of_bound)} of the time\n${r.id}`;
    limits.push({ y, bound: r.of_bound * 100, tip });
    y += 19;
  };
  const series = seriesOf(report, looks, report.chosen(choice));
  for (const s of series) {
    const r = choice.parts === "pass" ? report.passAfter(s.r, choice.tokens) : s.r;
    if (!r) {
      notes.push(`${s.series}: its pass was not measured.`);
      continue;
    }
    const share = r.cycles ? `${percent(r.of_bound)} of bound (${r.limit})` : "a pointer changes";
    rows.push({ y: y + 9, text: `${time(r.us)}, ${s.series}: ${share}`, weight: 600 });
    y += 18;
    if (r.cycles && phases) bar(s, r, "", r.phases);
    else if (r.cycles) for (const engine of ENGINES) bar(s, r, engine, r.states[engine]);
    y += 6;
  }
  const height = Math.max(y, 40);
  const x = linearAxis("x", [0, 100], [phases ? 0 : 66, width],
    { orient: "bottom", title: "of all cycles (%)", format: "~r", tickCount: 6 });
  const pass = choice.parts === "pass" ? `passes of ${choice.tokens}` : "";
  return {
    title: "Where the cycles go",
    what: [choice.workload, choice.placement, choice.kept, choice.size, choice.change, pass],
    text: "Each bar is all cycles of one figure. The upright line is its bound: what is right of it is more than " +
      "physics asks for.",
    spec: {
      width, height, scales: x.scales, axes: x.axes,
      data: [
        { name: "parts", values: segments }, { name: "names", values: rows }, { name: "limits", values: limits },
      ],
      marks: [
        mark("rect", "part", "parts", {
          x: at("x", "from"), x2: at("x", "to"), y: "=y", height: 16, fill: "=color", stroke: css("--paper"),
          strokeWidth: 0.7, ...hover,
        }),
        words("part-share", "parts", { ...at("x", "from"), offset: 5 }, { signal: "datum.y + 12" },
          { fill: "=ink", fontSize: 11 }),
        mark("rule", "part-bound", "limits", {
          x: at("x", "bound"), y: { signal: "datum.y - 2" }, y2: { signal: "datum.y + 18" }, stroke: css("--ink"),
          strokeWidth: 2, ...hover,
        }),
        words("part-name", "names", 0, "=y", { fontWeight: "=weight", baseline: "middle", limit: width }),
      ],
    },
    legend: names.map((name) => ({
      series: name.replace("_", " "), color: css(`--${colorOf(name)}`), bar: true,
      hint: report.meaning(`results[].${phases ? "phases" : "states.copy"}.${name}`),
    })),
    notes, aria: `Where cycles go, ${series.length} series`,
  };
}

// 6. What passes cost afterwards, with the range over the samples.
function overheadRow(report, s, M) {
  const p = s.r.passes.find((q) => q.tokens === M);
  const [pass, base] = [report.passAfter(s.r, M), report.basePass(s.r, M)];
  if (!pass || !base || p.overhead === null) return null;
  const known = p.overhead_low !== null;
  const [low, high] = known ? [p.overhead_low, p.overhead_high] : [p.overhead, p.overhead];
  const bound = pass.bound_cycles / base.bound_cycles - 1;
  const [head, same] = [`${s.series}, M = ${M}`, p.same ? ", the same" : ""];
  return {
    ...lean(s), value: p.overhead * 100, low: low * 100, high: high * 100, bound: bound * 100, base: 0,
    text: `${signed(p.overhead)}${same}: ${s.series}`,
    tip: `${head}: ${signed(p.overhead)}, ${signed(low)} to ${signed(high)} over the samples${same}\n${s.r.id}`,
    boundTip: `bound of ${head}: ${signed(bound)}\n${s.r.id}`,
  };
}

function overheadPicture(report, looks, choice, width) {
  const series = seriesOf(report, looks, report.chosen(choice));
  const { tokens } = report.json.experiment;
  const step = 34;
  const rects = panels(tokens.length, width, Math.max(series.length * step, 40), 30);
  const height = heightOf(rects);
  const spec = { width, height, data: [], scales: [], axes: [], marks: [] };
  const notes = [];
  tokens.forEach((M, i) => {
    const [rect, scale, data] = [rects[i], `x${i}`, `overhead${i}`];
    const rows = [];
    series.forEach((s, k) => {
      const row = overheadRow(report, s, M);
      if (row) rows.push({ ...row, y: rect.top + k * step + 22 });
      else notes.push(`${s.series}, M = ${M}: its pass, or that of base weights, was not measured.`);
    });
    const ends = [0, ...rows.flatMap((r) => [r.low, r.high, r.value, r.bound])];
    const x = linearAxis(scale, [Math.min(...ends) - 0.05, Math.max(...ends) + 0.05], [rect.left, rect.right], {
      ...below(rect, height), title: `more cycles than with base weights, M = ${M} (%)`, format: "~r",
      tickCount: Math.max(3, Math.floor(rect.width / 90)), grid: false,
    });
    spec.data.push({ name: data, values: rows });
    spec.scales.push(...x.scales);
    spec.axes.push(...x.axes);
    spec.marks.push(
      mark("rule", `overhead-base-${i}`, data, {
        x: at(scale, "base"), y: { signal: "datum.y - 7" }, y2: { signal: "datum.y + 7" }, stroke: css("--ink"),
      }),
      mark("rule", `overhead-range-${i}`, data, {
        x: at(scale, "low"), x2: at(scale, "high"), y: "=y", stroke: "=color", strokeWidth: 2.5, ...hover,
      }),
      bounds(`overhead-bound-${i}`, data, at(scale, "bound"), "=y", true),
      points(`overhead-${i}`, data, at(scale, "value"), "=y", { size: 60 }),
      words(`overhead-name-${i}`, data, rect.left + 2, { signal: "datum.y - 10" },
        { fontSize: 11.5, limit: rect.width }),
    );
  });
  return {
    title: "What a pass costs afterwards",
    what: [choice.workload, choice.placement, choice.kept, choice.size, choice.change],
    text: "A point is the figure, its line the range over the samples, the bar in its colour what the bounds of " +
      "both passes say, the thin line base weights. \"The same\" is where the samples do not agree on a sign.",
    spec, legend: legendOf(series), notes, aria: `Overhead of passes, ${series.length} series`,
  };
}

// 7. The same switches on machines of other clocks.
function clockPicture(report, looks, choice, width) {
  const { machines } = report.json;
  const switches = machines.flatMap((m) => report.chosen({ ...choice, machine: m.name }));
  const all = seriesOf(report, looks, switches);
  for (const s of all) Object.assign(s, { clock: report.clock(s.r), tip: tipOf(s, `, ${s.r.machine}`) });
  all.sort((a, b) => a.clock - b.clock);
  const height = 330;
  const x = logAxis("x", all.map((s) => s.clock), [0, width], { orient: "bottom", title: "clock (MHz)", format: ",~r" });
  const y = usAxis("y", all.flatMap((s) => [s.us, s.boundUs]), [height, 0]);
  const [px, py] = [at("x", "clock"), at("y", "us", hasZero(y))];
  const [first, ...others] = machines.filter((m) => all.some((s) => s.r.machine === m.name));
  const differs = (m) => {
    const follows = ["name", "memory_sequential_mb_s", "refresh_cycles"];
    const keys = flatten(m, "", "machines[]", []).filter(([path]) => !follows.includes(path) && !path.startsWith("area"));
    const of = new Map(flatten(first, "", "machines[]", []).map(([path, , v]) => [path, v]));
    return keys.filter(([path, , v]) => of.get(path) !== v).map(([path, , v]) => `${path} ${text(v)} for ${text(of.get(path))}`);
  };
  return {
    title: "What the clock does", what: [choice.workload, choice.placement, choice.kept, choice.size, choice.change],
    text: "Each point is a measured switch, the bar in its colour its bound. Lines join one series on machines of " +
      "other clocks and stand for nothing between them: memory keeps its own time.",
    spec: {
      width, height, data: [{ name: "rows", values: all.map(lean) }],
      scales: [...x.scales, ...y.scales], axes: [...x.axes, ...y.axes],
      marks: [
        lines("clock-line", "rows", px, py), bounds("clock-bound", "rows", px, at("y", "boundUs", hasZero(y))),
        points("clock", "rows", px, py),
      ],
    },
    legend: legendOf(all).sort(byName),
    notes: others.map((m) => `${m.name} differs from ${first.name} in: ${differs(m).join("; ")}.`),
    aria: `Switch latency against clock, ${all.length} switches`,
  };
}

const PICTURES = {
  cost: costPicture, size: sizePicture, kept: keptPicture, overhead: overheadPicture, cycles: cyclesPicture,
  roof: roofPicture, clock: clockPicture,
};
const oneClock = (report) => unique(report.json.machines.map((m) => m.clock_mhz)).length === 1;
