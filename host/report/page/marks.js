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

// How series look: colour by strategy, outline by pair, filled by the place where the adapter is kept,
// dashes by place and undo. The same in every picture.
class Looks {
  constructor(report) {
    this.pairs = unique(report.json.pairs.map((p) => p.name));
    this.undos = unique(report.results.map((r) => r.undo));
  }

  of(r) {
    const color = css(`--${r.strategy}`) || css("--ink");
    const pair = Math.max(this.pairs.indexOf(r.pair), 0);
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

// Ends of a log axis and its ticks: powers of ten, with 2 and 5 between them where there is room.
function logTicks(values) {
  const positive = values.filter((v) => v > 0);
  if (!positive.length) positive.push(1);
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const steps = [];
  for (let e = Math.floor(Math.log10(least)); e <= Math.ceil(Math.log10(most)); e++)
    for (const m of [1, 2, 5]) steps.push(Number(`${m}e${e}`));
  const low = steps.filter((s) => s <= least * 0.97).pop() || steps[0] / 2;
  const high = steps.find((s) => s >= most * 1.03) || steps[steps.length - 1] * 2;
  let ticks = steps.filter((s) => s >= low && s <= high);
  if (high / low > 300) ticks = ticks.filter((s) => /^1(e|0*$)|^0\.0*1$/.test(String(s)));
  return { domain: [low, high], ticks };
}

const GAP = 26; // pixels between a log axis and the mark of zero before it

// A log scale, its axis, and before it a place of its own for zero where a value is zero. `range` goes from the
// least to the most; `panel` is where other panels' axes leave it: {left, bottom} offsets.
function logAxis(name, values, range, axis) {
  const { domain, ticks } = logTicks(values);
  const zero = values.some((v) => v === 0);
  const away = range[1] > range[0] ? 1 : -1;
  const from = zero ? range[0] + away * GAP : range[0];
  const scales = [{ name, type: "log", domain, range: [from, range[1]], nice: false, zero: false }];
  const axes = [{ scale: name, values: ticks, grid: true, ...axis }];
  if (zero) {
    scales.push({ name: `${name}Zero`, type: "point", domain: [0], range: [range[0] + (away * GAP) / 4, range[0] + (away * GAP) / 4] });
    const { title, format, ...rest } = axis;
    axes.push({ scale: `${name}Zero`, values: [0], grid: true, domain: false, ...rest });
  }
  return { scales, axes };
}

function linearAxis(name, domain, range, axis, type = {}) {
  return {
    scales: [{ name, type: "linear", domain, range, nice: true, zero: false, ...type }],
    axes: [{ scale: name, grid: true, ...axis }],
  };
}

const at = (scale, field, zero) => ({
  signal: zero ? `datum.${field} > 0 ? scale('${scale}', datum.${field}) : scale('${scale}Zero', 0)` : `scale('${scale}', datum.${field})`,
});
const hasZero = (axis) => axis.scales.length > 1;

// Points of `data`, each with the fields color, fill, shape and tip.
const points = (name, data, x, y, more = {}) => ({
  type: "symbol", name, from: { data },
  encode: {
    update: {
      x, y, size: { value: 85 }, shape: { field: "shape" }, fill: { field: "fill" }, stroke: { field: "color" },
      strokeWidth: { value: 1.6 }, tooltip: { field: "tip" }, description: { field: "tip" }, ...more,
    },
  },
});

// Bounds: a bar across, in the colour of the point that it belongs to.
const bounds = (name, data, x, y, upright = false) =>
  points(name, data, x, y, {
    shape: { value: upright ? "M-0.12,-1H0.12V1H-0.12Z" : "M-1,-0.12H1V0.12H-1Z" }, size: { value: 260 },
    fill: { field: "color" }, strokeWidth: { value: 0 }, tooltip: { field: "boundTip" }, description: { field: "boundTip" },
  });

const lines = (name, data, x, y, more = {}) => ({
  type: "group",
  from: { facet: { name: `${name}Of`, data, groupby: "series" } },
  marks: [{
    type: "line", name, from: { data: `${name}Of` },
    encode: {
      update: {
        x, y, stroke: { field: "color" }, strokeDash: { field: "dash" }, strokeWidth: { value: 1.8 },
        tooltip: { field: "series" }, description: { field: "series" }, ...more,
      },
    },
  }],
});

const words = (name, data, x, y, more = {}) => ({
  type: "text", name, from: { data },
  encode: { update: { x, y, text: { field: "text" }, fill: { value: css("--ink") }, fontSize: { value: 12 }, ...more } },
});

function config() {
  const [ink, faint, line] = [css("--ink"), css("--faint"), css("--line")];
  const font = getComputedStyle(document.body).fontFamily;
  return {
    background: "transparent",
    axis: {
      domainColor: faint, tickColor: faint, gridColor: line, labelColor: faint, titleColor: ink, labelFont: font,
      titleFont: font, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 600, tickRound: false, translate: 0,
      labelOverlap: false, titlePadding: 6, labelLimit: 400,
    },
    text: { font },
    view: { stroke: null },
  };
}

// Draws a spec into `host`, in place of what was there.
function draw(host, spec) {
  if (host.view) host.view.finalize();
  host.textContent = "";
  const axes = spec.axes.map((a) => ({ zindex: 0, ...a }));
  host.view = new vega.View(vega.parse({ autosize: { type: "pad" }, padding: 4, config: config(), ...spec, axes }), {
    renderer: "svg", container: host, hover: false,
  });
  return host.view.runAsync();
}
