// A table of any number of rows, of which only those that are seen are in the document. Sorts by any column, filters
// by words and by selects.

const ROW = 30; // pixels; the style says the same
const PRINTED = 30; // rows on paper

// An element with properties, attributes (aria-*, role) and children; text is never markup.
function make(tag, properties = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(properties)) {
    if (v === undefined) continue;
    if (k in e) e[k] = v;
    else e.setAttribute(k, v);
  }
  e.append(...children.filter((c) => c !== undefined && c !== null));
  return e;
}

const classOf = (column) => [column.number && "number", column.screen && "screen"].filter(Boolean).join(" ");

// columns: {title, hint, value(row), text(row), number, width, screen: not on paper}; selects: {title, value(row)}.
class Table {
  constructor(host, { name, columns, rows, selects = [], open, height = 16 }) {
    Object.assign(this, { columns, rows, open, order: rows.map((_, i) => i), sorted: null, down: false, height });
    this.filters = new Map();
    this.words = null; // lower-case text of each row, made at the first filter
    this.count = make("span", { role: "status", className: "count" });
    this.body = make("tbody");
    this.heads = columns.map((c, i) => this.head(c, i));
    const table = make("table", { "aria-label": name, "aria-rowcount": rows.length + 1 },
      make("colgroup", {}, ...columns.map((c) => make("col", { style: `width:${c.width}px` }))),
      make("thead", {}, make("tr", {}, ...this.heads)), this.body);
    table.style.width = `${columns.reduce((sum, c) => sum + c.width, 0)}px`;
    this.box = make("div", { className: "rows", tabIndex: 0, role: "region", "aria-label": name }, table);
    this.box.addEventListener("scroll", () => this.paint(), { passive: true });
    host.append(make("div", { className: "filters" }, ...this.inputs(selects), this.count), this.box);
    this.paper = make("p", { className: "paper" });
    host.append(this.paper);
    this.show();
    window.addEventListener("beforeprint", () => this.paint(PRINTED));
    window.addEventListener("afterprint", () => this.paint());
  }

  head(column, i) {
    const title = column.hint || column.title;
    const button = make("button", { type: "button", title, onclick: () => this.sort(i) }, column.title);
    return make("th", { scope: "col", className: classOf(column), "aria-sort": "none" }, button);
  }

  inputs(selects) {
    if (this.rows.length < 12) return [];
    const word = make("input", { type: "search", placeholder: "words, all of them" });
    word.oninput = () => this.filter("", word.value);
    const lists = selects.map((s) => {
      const values = unique(this.rows.map(s.value)).filter((v) => v !== null && v !== "");
      const list = make("select", { onchange: () => this.filter(s.title, list.value, s) },
        make("option", { value: "" }, "all"), ...values.map((v) => make("option", { value: v }, String(v))));
      return values.length > 1 ? make("label", {}, s.title, list) : undefined;
    });
    return [make("label", {}, "Filter", word), ...lists].filter(Boolean);
  }

  sort(i) {
    this.down = this.sorted === i ? !this.down : false;
    this.sorted = i;
    this.show();
  }

  filter(name, wanted, select) {
    if (wanted) this.filters.set(name, { wanted, select });
    else this.filters.delete(name);
    this.show();
  }

  passes(i) {
    for (const { wanted, select } of this.filters.values()) {
      if (select ? String(select.value(this.rows[i])) !== wanted : !this.has(i, wanted)) return false;
    }
    return true;
  }

  has(i, wanted) {
    this.words ||= this.rows.map((r) => this.columns.map((c) => c.text(r)).join(" ").toLowerCase());
    return wanted.toLowerCase().split(/\s+/).every((w) => this.words[i].includes(w));
  }

  // Filters and sorts; what is not known comes last either way.
  show() {
    this.order = this.rows.map((_, i) => i).filter((i) => this.passes(i));
    if (this.sorted !== null) {
      const values = this.rows.map(this.columns[this.sorted].value);
      const way = this.down ? -1 : 1;
      this.order.sort((a, b) => {
        const [x, y] = [values[a], values[b]];
        if (unknown(x) || unknown(y)) return unknown(x) - unknown(y) || a - b;
        return x < y ? -way : x > y ? way : a - b;
      });
    }
    const way = this.down ? "descending" : "ascending";
    this.heads.forEach((h, i) => h.setAttribute("aria-sort", i === this.sorted ? way : "none"));
    const [shown, all] = [this.order.length, this.rows.length].map(whole);
    this.count.textContent = shown === all ? `${all} rows` : `${shown} of ${all} rows`;
    this.box.style.height = `${(Math.min(this.order.length, this.height) + 1) * ROW + 18}px`;
    this.box.scrollTop = 0;
    this.paint();
  }

  // Puts the rows that are seen into the document, `most` of them when that is given; empty rows above and below
  // stand for the others.
  paint(most) {
    const first = most ? 0 : Math.max(0, Math.floor(this.box.scrollTop / ROW) - 8);
    const last = Math.min(this.order.length, most || first + this.height + 18);
    const empty = (n) => make("tr", { style: `height:${n * ROW}px`, "aria-hidden": "true" });
    const space = (n) => (n && !most ? [empty(n)] : []);
    const rows = this.order.slice(first, last).map((i, k) => this.row(i, first + k));
    this.body.replaceChildren(...space(first), ...rows, ...space(this.order.length - last));
    const more = this.order.length - last;
    this.paper.textContent = more ? `and ${whole(more)} more rows: report.csv has all` : "";
  }

  row(i, place) {
    const row = this.rows[i];
    const cells = this.columns.map((c, k) => {
      const text = c.text(row);
      const cell = make("td", { className: classOf(c), title: text.length * 7.5 > c.width ? text : "" }, text);
      if (!k && this.open) cell.replaceChildren(make("button", { type: "button", className: "open" }, text));
      return cell;
    });
    const tr = make("tr", { "aria-rowindex": place + 2 }, ...cells);
    if (this.open) tr.addEventListener("click", () => this.open(row));
    return tr;
  }
}
