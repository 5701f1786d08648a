// The workspace: one state in the URL, one answer from the server, and filters, list and map drawn from both.
import { Problem, bitsOf, collection, get } from "./api.js";
import { drawChips } from "./chips.js";
import { Detail } from "./detail.js";
import { drawFilters } from "./filters.js";
import { List } from "./list.js";
import { MapView } from "./map_view.js";
import { filterPage, sheet } from "./phone.js";
import { phraseBox } from "./phrase.js";
import { Store, bare, format, queryOf, valuesOf } from "./state.js";
import { config, number, t } from "./words.js";

const $ = (id) => document.getElementById(id);
const PAGE = 50;

const store = new Store(window, [...new URLSearchParams(config.first)]);
if (bare(location.search)) store.set({}, { quiet: true });

const list = new List(
  { total: $("total"), sentence: $("sentence"), pending: $("pending"), unplaced: $("unplaced"), cards: $("cards"), state: $("list-state") },
  store,
  { address: (id) => format({ ...store.state, id }), more, reset, retry: () => refresh(store.state) },
);
const detail = new Detail($("detail-view"), () => store.set({ id: null }));
const map = new MapView(store, { legend: $("legend-list"), switch: $("switch-list"), problem: $("map-problem") });
const bottom = sheet(document.querySelector(".columns"), $("results"), $("grip"));

let form = null;
let drawnLayer = null;
let answer = null;
let asked = null;
/** The record shown; undefined before anything was. */
let shownId;
let arrived = false;

/** Everything that changes with the state: one question, then filters, list and map together. */
async function refresh(state) {
  frame(state);
  const question = `${state.layer}?${queryOf(state.criteria)}&${state.sort}`;
  try {
    await ensureForm(state);
    if (question !== asked) {
      $("results").classList.add("busy");
      form.update(state, null);
      const found = await get(searchPath(state), "search");
      const bits = found.total < found.all ? await bitsOf(found) : null;
      answer = found;
      asked = question;
      form.update(state, answer);
      drawChips($("chips"), answer.chips, store);
      list.show(answer, state);
      map.show(answer, bits, state);
      phoneWords(answer, state);
    }
    await record(state);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Problem)) throw error;
    asked = null;
    list.fail(error);
  }
  $("results").classList.remove("busy");
}

function searchPath(state, after = "") {
  const query = new URLSearchParams(state.criteria);
  query.set("limit", String(PAGE));
  query.set("sort", sortOf(state));
  if (after) query.set("after", after);
  return collection(state.layer, "search", query);
}

/** The order asked for; the first on offer unless another was chosen. */
function sortOf(state) {
  return state.sort || config.sorts[state.layer][0].value;
}

async function ensureForm(state) {
  if (drawnLayer === state.layer) return;
  const criteria = await get(collection(state.layer, "criteria"), "criteria");
  form = drawFilters($("filter-form"), criteria, store);
  $("filter-form").setAttribute("aria-labelledby", `tab-${state.layer}`);
  drawnLayer = state.layer;
}

/** The parts that need no answer: tabs, search box, sort order, language. */
function frame(state) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const on = tab.dataset.layer === state.layer;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  const q = $("q");
  if (document.activeElement !== q) q.value = valuesOf(state.criteria, "q")[0] ?? "";
  const options = config.sorts[state.layer].map(({ value, label }) => new Option(label, value));
  $("sort").replaceChildren(...options);
  $("sort").value = sortOf(state);
  $("language").href = `/${format({ ...state, lang: $("language").lang })}`;
}

function phoneWords(found, state) {
  const count = found.chips.length;
  $("filter-count").hidden = count === 0;
  $("filter-count").textContent = String(count);
  $("show-results").textContent = t(state.layer === "buildings" ? "page.filters.show_buildings" : "page.filters.show_parcels", {
    n: number(found.total), count: found.total,
  });
}

/** Swap the list for the chosen record, or back. */
async function record(state) {
  const open = state.id !== null;
  $("list-view").hidden = open;
  $("detail-view").hidden = !open;
  list.mark(state.id);
  map.choose(state.id, open && state.id !== shownId && (arrived || !state.view));
  arrived = true;
  if (!open) {
    if (shownId) $("cards").querySelector(`[data-id="${CSS.escape(shownId)}"]`)?.focus();
    shownId = null;
    return;
  }
  if (state.id === shownId) return;
  const enter = shownId !== undefined;
  shownId = state.id;
  bottom.set("half");
  detail.waiting();
  try {
    detail.show(await get(collection(state.layer, `items/${encodeURIComponent(state.id)}/sheet`), "sheet"), config.lang, enter);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Problem)) throw error;
    detail.fail(error);
  }
}

async function more(cursor) {
  const found = await get(searchPath(store.state, cursor), "search");
  answer = { ...found, records: [...answer.records, ...found.records] };
  list.append(found, store.state);
}

function reset() {
  store.set({ criteria: [], id: null });
}

function changeLayer(layer) {
  if (layer !== store.state.layer) store.set({ layer, criteria: [], sort: "", id: null });
}

function wire() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.addEventListener("click", () => changeLayer(tab.dataset.layer));
    tab.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
      const other = tabs.find((one) => one !== tab);
      other.focus();
      changeLayer(other.dataset.layer);
    });
  }
  $("filter-form").addEventListener("submit", (event) => event.preventDefault());
  phraseBox($("search"), $("q"), $("told"), store);
  $("sort").addEventListener("change", () => {
    const first = config.sorts[store.state.layer][0].value;
    store.set({ sort: $("sort").value === first ? "" : $("sort").value });
  });
  $("whole").addEventListener("click", () => map.whole());
  $("reset-filters").addEventListener("click", reset);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && store.state.id && !$("filters").classList.contains("open")) store.set({ id: null });
  });
  filterPage($("filters"), $("open-filters"), [$("close-filters"), $("show-results")]);
}

wire();
store.listen(refresh);
refresh(store.state);
