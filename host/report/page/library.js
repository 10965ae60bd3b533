// Vega comes from Debian as parts, each a CommonJS module. They are kept apart, because some of their
// names are the same, and put together as vega's own main file does it.
const library = (() => {
  const modules = {};
  return {
    add(name, define) {
      define((modules[name] = {}), {}, (wanted) => modules[wanted === "vega-selections" ? "vega-selection" : wanted]);
    },
    get: (name) => modules[name],
  };
})();
