// The search box: a phrase becomes criteria, and what of it was not understood is said above the list.
import { Problem, collection, get } from "./api.js";
import { element } from "../map/popup.js";
import { queryOf } from "./state.js";
import { config, t } from "./words.js";

/** How many names are offered. */
const OFFERED = 6;

/**
 * Criteria with those of a phrase in the place of the same ones; limits of an area go together, for they share a unit.
 * @param {import("./state.js").Criteria} criteria
 * @param {string} query
 */
export function merged(criteria, query) {
  const added = [...new URLSearchParams(query)];
  const names = new Set(added.map(([name]) => name));
  const area = added.some(([name]) => name.startsWith("area_"));
  return [...criteria.filter(([name]) => !names.has(name) && !(area && name.startsWith("area_"))), ...added];
}

/** What a person is told about one part of a phrase. */
function line(part) {
  const words = { text: part.text, told: part.told, hint: part.hint };
  return element("p", {}, t(part.hint ? "page.phrase.hint" : "page.phrase.told", words));
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} input
 * @param {HTMLElement} told
 * @param {import("./state.js").Store} store
 */
export function phraseBox(form, input, told, store) {
  let said = "";

  function tell(parts, offers = []) {
    told.replaceChildren(...parts.map(line), ...offers);
    told.hidden = told.childElementCount === 0;
    said = queryOf(store.state.criteria);
  }

  async function submit() {
    const text = input.value.trim();
    if (!text) {
      store.setValues("q", []);
      return;
    }
    const { layer, criteria } = store.state;
    try {
      const read = await get(collection(layer, "phrase", { text }), "phrase");
      ask(read, text, layer, criteria);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      tell([{ text, reason: "problem", told: error.detail || error.message, hint: "" }]);
    }
  }

  function ask(read, text, layer, criteria) {
    const parts = [...read.not_understood, ...read.contradictions, ...read.notes];
    const elsewhere = !read.query && read.elsewhere;
    if (elsewhere) store.set({ layer: elsewhere.layer, criteria: [...new URLSearchParams(elsewhere.query)], sort: "", id: null });
    else if (read.query) store.set({ layer, criteria: merged(criteria, read.query), id: null });
    else if (!read.contradictions.length) {
      store.setValues("q", [text]);
      names(text, layer);
      return;
    }
    tell(elsewhere ? [] : parts);
    if (read.query || elsewhere) input.value = read.not_understood.map((part) => part.text).join(" ");
  }

  /** What was no phrase is looked for as words, and offered as what it may be the name of. */
  async function names(text, layer) {
    const query = new URLSearchParams({ text: text.slice(0, 100), layer, lang: config.lang });
    const found = await get(`/api/suggest?${query}`, "suggest").catch(() => null);
    const offered = found ? [...found.places, ...found.records].slice(0, OFFERED) : [];
    tell([], offered.map((one) => {
      const button = element("button", { type: "button" }, one.text);
      button.addEventListener("click", () => choose(one));
      return element("p", {}, button);
    }));
  }

  function choose({ layer, id, query }) {
    const rest = store.state.criteria.filter(([name]) => name !== "q");
    if (id) store.set({ layer, criteria: layer === store.state.layer ? rest : [], id });
    else store.set({ criteria: merged(rest, query), id: null });
    input.value = "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("search", () => {
    if (!input.value) store.setValues("q", []);
  });
  store.listen(({ criteria }) => {
    if (queryOf(criteria) !== said) tell([]);
  });
}
