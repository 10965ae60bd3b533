// What all pictures are made of: how a series looks, axes, points, and the view that Vega draws.

const vega = {
  parse: library.get("vega-parser").parse,
  View: library.get("vega-view").View,
  transforms: library.get("vega-dataflow").transforms,
};
for (const part of ["vega-transforms", "vega-view-transforms", "vega-encode"])
  Object.assign(vega.transforms, library.get(part));

// Outlines in a square from -1 to 1; they serve Vega and the legend. One for each pair of adapters.
const SHAPES = [
  "M0.9,0A0.9,0.9,0,1,1,-0.9,0A0.9,0.9,0,1,1,0.9,0Z",
  "M-0.8,-0.8H0.8V0.8H-0.8Z",
  "M0,-1L0.95,0.75H-0.95Z",
  "M0,-1.1L0.9,0L0,1.1L-0.9,0Z",
  "M0,1L0.95,-0.75H-0.95Z",
  "M-0.35,-1H0.35V-0.35H1V0.35H0.35V1H-0.35V0.35H-1V-0.35H-0.35Z",
  "M-1,0L0.75,-0.95V0.95Z",
  "M1,0L-0.75,-0.95V0.95Z",
];
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [1, 2]];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// How series look: colour by strategy, outline by kind, mask and size of the pair, filling by the place where the
// adapter is kept, dashes by all but the strategy. The same in every picture.
class Looks {
  constructor(report) {
    this.report = report;
    this.pairs = unique(report.json.pairs.map(Looks.sort));
    this.undos = unique(report.results.map((r) => r.undo));
  }

  static sort(pair) {
    return group(pair.kind, pair.mask, pair.size);
  }

  of(r) {
    const color = css(`--${r.strategy}`) || css("--ink");
    const pair = r.pair ? this.pairs.indexOf(Looks.sort(this.report.pairs.get(group(r.workload, r.pair)))) : 0;
    const place = Math.max(["memory", "chip", "host"].indexOf(r.kept), 0);
    const undo = Math.max(this.undos.indexOf(r.undo), 0);
    return {
      color,
      shape: SHAPES[pair % SHAPES.length],
      fill: [color, css("--soft"), css("--paper")][place],
      dash: DASHES[(place + undo + 3 * pair) % DASHES.length],
    };
  }
}

// Ends of a log axis and its ticks: powers of ten, with 2 and 5 between them where `atMost` ticks allow.
function logTicks(values, atMost) {
  const positive = values.filter((v) => v > 0);
  if (!positive.length) positive.push(1);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const steps = [];
  for (let e = Math.floor(Math.log10(least)); e <= Math.ceil(Math.log10(most)); e++)
    for (const m of [1, 2, 5]) steps.push(Number(`${m}e${e}`));
  const low = steps.filter((s) => s <= least * 0.97).pop() || steps[0] / 2;
  const high = steps.find((s) => s >= most * 1.03) || steps[steps.length - 1] * 2;
  let ticks = steps.filter((s) => s >= low && s <= high);
  const tens = ticks.filter((s) => /^1(e|0*$)|^0\.0*1$/.test(String(s)));
  if (tens.length > 1 && (high / low > 300 || ticks.length > atMost)) ticks = tens;
  while (ticks.length > Math.max(atMost, 2)) ticks = ticks.filter((_, i) => i % 2 === 0);
  return { domain: [low, high], ticks };
}

const GAP = 26; // pixels between a log axis and the mark of zero before it

// A log scale, its axis, and before it a place of its own for zero where a value is zero. `range` goes from the
// least to the most.
function logAxis(name, values, range, axis) {
  const room = axis.orient === "left" ? 22 : axis.format === "~s" ? 36 : 62; // pixels that a label takes
  const { domain, ticks } = logTicks(values, Math.floor(Math.abs(range[1] - range[0]) / room));
  const away = Math.sign(range[1] - range[0]) * GAP;
  const zero = values.includes(0);
  const from = zero ? range[0] + away : range[0];
  const scales = [{ name, type: "log", domain, range: [from, range[1]], nice: false, zero: false }];
  const axes = [{ scale: name, values: ticks, grid: true, ...axis }];
  if (zero) {
    const [spot, place] = [range[0] + away / 4, `${name}Zero`];
    scales.push({ name: place, type: "point", domain: [0], range: [spot, spot] });
    axes.push({ ...axes[0], scale: place, values: [0], domain: false, title: "", format: undefined });
  }
  return { scales, axes };
}

function linearAxis(name, domain, range, axis, type = {}) {
  return {
    scales: [{ name, type: "linear", domain, range, nice: true, zero: false, ...type }],
    axes: [{ scale: name, grid: true, ...axis }],
  };
}

const hasZero = (axis) => axis.scales.length > 1;

// Where a field of a row stands on a scale; with `zero` 0 stands at its own place.
const at = (scale, field, zero) => {
  const there = `scale('${scale}', datum.${field})`;
  return { signal: zero ? `datum.${field} > 0 ? ${there} : scale('${scale}Zero', 0)` : there };
};

// A mark for each row of `data`. Channels are Vega's, or shorter: "=name" is a field, what is no object is a value.
function mark(type, name, data, channels) {
  const update = {};
  for (const [k, v] of Object.entries(channels)) {
    const field = typeof v === "string" && v[0] === "=";
    update[k] = field ? { field: v.slice(1) } : typeof v === "object" && !Array.isArray(v) ? v : { value: v };
  }
  return { type, name, from: { data }, encode: { update } };
}
const hover = { tooltip: "=tip", description: "=tip" };

const points = (name, data, x, y, more) =>
  mark("symbol", name, data, {
    x, y, size: 85, shape: "=shape", fill: "=fill", stroke: "=color", strokeWidth: 1.6, ...hover, ...more,
  });

// Bounds: a bar across the point that they belong to, in its colour.
const bounds = (name, data, x, y, upright) =>
  mark("symbol", name, data, {
    x, y, size: 260, shape: upright ? "M-0.12,-1H0.12V1H-0.12Z" : "M-1,-0.12H1V0.12H-1Z", fill: "=color",
    tooltip: "=boundTip", description: "=boundTip",
  });

// A line for each series.
const lines = (name, data, x, y, more) => ({
  type: "group",
  from: { facet: { name: `${name}Of`, data, groupby: "series" } },
  marks: [mark("line", name, `${name}Of`, {
    x, y, stroke: "=color", strokeDash: "=dash", strokeWidth: 1.8, tooltip: "=series", description: "=series",
    ...more,
  })],
});

const words = (name, data, x, y, more) =>
  mark("text", name, data, { x, y, text: "=text", fill: css("--ink"), fontSize: 12, ...more });

function config() {
  const [ink, faint, line] = [css("--ink"), css("--faint"), css("--line")];
  const font = getComputedStyle(document.body).fontFamily;
  return {
    background: "transparent",
    axis: {
      domainColor: faint, tickColor: faint, gridColor: line, labelColor: faint, titleColor: ink,
      labelFont: font, titleFont: font, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 600,
      titlePadding: 6, labelLimit: 400, labelOverlap: false, tickRound: false, translate: 0,
    },
    text: { font },
    view: { stroke: null },
  };
}

// Draws a spec into `host`, in place of what was there.
function draw(host, spec) {
  if (host.view) host.view.finalize();
  host.textContent = "";
  const axes = spec.axes.map((a) => ({ ...a }));
  const whole = { autosize: { type: "pad" }, padding: 4, config: config(), ...spec, axes };
  host.view = new vega.View(vega.parse(whole), { renderer: "svg", container: host, hover: false });
  host.view.run(); // nothing is loaded, so that it is drawn before the browser does anything else
}
