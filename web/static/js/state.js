// The URL is the only state. Everything else on the page is drawn from it.

/**
 * @typedef {[string, string][]} Criteria
 * @typedef {{layer: string, sort: string, id: string|null, view: {lat: number, lon: number, z: number}|null,
 *   lang: string|null, criteria: Criteria}} State
 */

export const LAYERS = ["parcels", "buildings"];
const OWN = new Set(["layer", "sort", "id", "view", "lang"]);

function readView(text) {
  const [lat, lon, z] = (text ?? "").split(",").map(Number);
  const sane = Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && z >= 0 && z <= 22;
  return sane ? { lat, lon, z } : null;
}

/** Read a query string. Unknown layers and broken views fall back; criteria are left for the server to judge. @returns {State} */
export function parse(search) {
  const given = new URLSearchParams(search);
  const layer = given.get("layer");
  return {
    layer: LAYERS.includes(layer) ? layer : LAYERS[0],
    sort: given.get("sort") ?? "",
    id: given.get("id") || null,
    view: readView(given.get("view")),
    lang: given.get("lang"),
    criteria: [...given].filter(([name, value]) => !OWN.has(name) && value !== ""),
  };
}

/** Write a state as a query string: the layer is always named, so that "nothing filtered" differs from "nothing said". */
export function format(state) {
  const out = new URLSearchParams();
  out.set("layer", state.layer);
  for (const [name, value] of state.criteria) out.append(name, value);
  if (state.sort) out.set("sort", state.sort);
  if (state.id) out.set("id", state.id);
  if (state.view) out.set("view", `${state.view.lat.toFixed(5)},${state.view.lon.toFixed(5)},${state.view.z}`);
  if (state.lang) out.set("lang", state.lang);
  return `?${out}`;
}

/** Whether a query string says nothing of what to show, so that the page's own first view applies. */
export function bare(search) {
  return [...new URLSearchParams(search)].every(([name]) => name === "lang" || name === "view");
}

/** The values of one criterion. */
export function valuesOf(criteria, name) {
  return criteria.filter(([other]) => other === name).map(([, value]) => value);
}

/** The criteria with one of them replaced. @returns {Criteria} */
export function withValues(criteria, name, values) {
  const kept = criteria.filter(([other]) => other !== name);
  return [...kept, ...values.filter((value) => value !== "" && value !== null).map((value) => [name, String(value)])];
}

/** Criteria as the server takes them. */
export function queryOf(criteria) {
  return new URLSearchParams(criteria).toString();
}

/** Keeps state and address bar the same, and tells whoever asked. */
export class Store {
  /** @param {Window} win @param {Criteria} first what is shown when the address says nothing */
  constructor(win, first) {
    this.win = win;
    this.listeners = [];
    this.state = parse(win.location.search);
    if (bare(win.location.search)) this.state = { ...this.state, criteria: first };
    win.addEventListener("popstate", () => {
      this.state = parse(win.location.search);
      this.tell();
    });
  }

  /** Change part of the state. `quiet` replaces the entry in the history and tells nobody. */
  set(changes, { quiet = false } = {}) {
    this.state = { ...this.state, ...changes };
    const address = format(this.state);
    if (quiet) this.win.history.replaceState(null, "", address);
    else if (address !== this.win.location.search) this.win.history.pushState(null, "", address);
    if (!quiet) this.tell();
  }

  setValues(name, values) {
    this.set({ criteria: withValues(this.state.criteria, name, values) });
  }

  listen(listener) {
    this.listeners.push(listener);
  }

  tell() {
    for (const listener of this.listeners) listener(this.state);
  }
}
