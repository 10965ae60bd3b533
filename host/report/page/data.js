// The report: read once, indexed once. Pictures and tables ask here and nowhere else.

const KEYS = JSON.parse(document.getElementById("keys").textContent || "{}");

// report.json out of its packing: zlib in base64.
async function unpack(text) {
  const letters = atob(text.trim());
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(plain).json();
}

const PLACES = { memory: "in memory", chip: "on chip", host: "in the host's memory" };
const SIZES = {
  papers: "as in the papers",
  equal: "equal parameters",
  given: "the user's own",
};
const WINNERS = { shira: "SHiRA", lora: "LoRA", same: "the same" };
const ENGINES = ["command", "copy", "scatter", "gemm"];
const PHASES = ["descriptor_fetch", "stream_fetch", "decode", "work", "drain"];
const STATES = ["busy", "starved", "stalled", "waiting", "idle"];

const keptClass = (r) => (r.kept === "host" ? "host" : "memory");
const changeOf = (r) => `${r.from}-${r.to}`;
const group = (...parts) => parts.join("\n");

class Report {
  constructor(json) {
    this.json = json;
    this.results = json.results;
    this.byId = new Map(json.results.map((r) => [r.id, r]));
    this.machines = new Map(json.machines.map((m) => [m.name, m]));
    this.workloads = new Map(json.workloads.map((w) => [w.name, w]));
    this.pairs = new Map(json.pairs.map((p) => [group(p.workload, p.name), p]));
    this.switches = new Map(); // machine, workload, placement -> switches that have a figure
    this.placed = new Map(); // machine, placement -> all results that have a figure
    this.basePasses = new Map(); // machine, workload, placement, tokens -> pass with base weights
    this.undos = new Map(); // strategy -> ways to undo that occur
    this.comparisons = new Map(); // machine, workload, placement -> comparisons
    this.pairSizes = new Map(); // workload, kind -> sizes of its pairs
    for (const r of json.results) this.add(r);
    for (const c of json.comparisons) push(this.comparisons, group(c.machine, c.workload, c.placement), c);
    for (const p of json.pairs) push(this.pairSizes, group(p.workload, p.kind), p.size);
  }

  add(r) {
    if (r.undo) {
      if (!this.undos.has(r.strategy)) this.undos.set(r.strategy, new Set());
      this.undos.get(r.strategy).add(r.undo);
    }
    if (!r.done || !r.timed) return;
    push(this.placed, group(r.machine, r.placement), r);
    const where = group(r.machine, r.workload, r.placement);
    if (r.work === "switch") push(this.switches, where, r);
    else if (r.strategy === "base") this.basePasses.set(group(where, r.tokens), r);
  }

  clock(r) {
    return this.machines.get(r.machine).clock_mhz;
  }

  boundUs(r) {
    return r.bound_cycles / this.clock(r);
  }

  // The pass of `tokens` that runs after a switch; undefined where it was not measured.
  passAfter(r, tokens) {
    const pass = this.byId.get((r.passes.find((p) => p.tokens === tokens) || {}).id);
    return pass && pass.done && pass.timed ? pass : undefined;
  }

  basePass(r, tokens) {
    return this.basePasses.get(group(r.machine, r.workload, r.placement, tokens));
  }

  // Pairs of a kind that have the chosen size. Where a workload has none (SHiRA at equal parameters is
  // SHiRA at the papers' size), all pairs of that kind.
  hasSize(r, size) {
    if (!r.pair) return true;
    const pair = this.pairs.get(group(r.workload, r.pair));
    return pair.size === size || !this.pairSizes.get(group(r.workload, pair.kind)).includes(size);
  }

  // Switches of the choice; a part that is left out of it is not asked for.
  chosen({ machine, workload, placement, change, size, kept }) {
    return (this.switches.get(group(machine, workload, placement)) || []).filter(
      (r) => changeOf(r) === change && this.hasSize(r, size) && (!kept || keptClass(r) === kept),
    );
  }

  // What a result is called among others of its machine, workload and placement. Across workloads the rank that
  // makes parameters equal differs, so that it is no name there.
  seriesName(r, across) {
    const undo = r.undo && this.undos.get(r.strategy).size > 1 ? `, ${r.undo}` : "";
    const equal = across && r.pair && this.pairs.get(group(r.workload, r.pair)).size === "equal";
    const pair = r.pair ? ` ${equal ? SIZES.equal : r.pair}` : "";
    return r.strategy + pair + undo + (r.kept ? `, ${PLACES[r.kept]}` : "");
  }

  meaning(key) {
    const plain = key.replace(/(\[\])+$/, "");
    const any = [plain, plain.replace(/\.[^.]*$/, ".*"), plain.replace(/\.[^.]*\.([^.]*)$/, ".*.$1")];
    const k = KEYS[any.find((name) => KEYS[name])];
    return k ? (k.unit ? `${k.unit}: ` : "") + k.meaning : "";
  }
}

function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const unique = (list) => [...new Set(list)];

// Numbers as people read them: three digits that count, whole numbers with commas.
function digits(v) {
  if (!Number.isFinite(v)) return "";
  if (Math.abs(v) >= 1000) return Math.round(v).toLocaleString("en-US");
  return String(Number(v.toPrecision(3)));
}
function scaled(v, units, step) {
  let i = 0;
  while (i + 1 < units.length && Math.abs(v) >= step * 0.9995) [v, i] = [v / step, i + 1];
  return `${digits(v)} ${units[i]}`;
}
const time = (us) => (us === 0 ? "0" : scaled(us, ["us", "ms", "s"], 1000));
const bytes = (v) => scaled(v, ["B", "kB", "MB", "GB"], 1000);
const whole = (v) => v.toLocaleString("en-US");
const percent = (ratio) => `${digits(ratio * 100)} %`;
const signed = (ratio) => `${ratio < 0 ? "-" : "+"}${Math.abs(ratio * 100).toFixed(2)} %`;
