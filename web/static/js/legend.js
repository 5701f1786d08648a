// The workspace's legend: the classes of the layer in hand; a click filters by one, a second click no longer.
import { fillLegend } from "../map/legend.js";
import { config } from "./words.js";
import { valuesOf, withValues } from "./state.js";

/** The criteria that a class's query stands for, as name and values. */
export function askedBy(query) {
  const pairs = new URLSearchParams(query);
  return [...new Set(pairs.keys())].map((name) => [name, pairs.getAll(name)]);
}

/** Whether every value a class stands for is asked for. */
export function isAsked(criteria, query) {
  return askedBy(query).every(([name, values]) => values.every((value) => valuesOf(criteria, name).includes(value)));
}

/** The criteria with a class's values added, or taken away where they were all there. */
export function withClass(criteria, query) {
  const on = isAsked(criteria, query);
  return askedBy(query).reduce((out, [name, values]) => {
    const kept = valuesOf(out, name).filter((value) => !values.includes(value));
    return withValues(out, name, on ? kept : [...kept, ...values]);
  }, criteria);
}

/** @param {HTMLElement} list @param {object} layer a FeatureLayer @param {import("./state.js").Store} store */
export function drawLegend(list, layer, store) {
  const entries = layer.classes.map((one) => ({ ...one, label: one[`label_${config.lang}`] }));
  fillLegend(list, entries, {
    pressed: ({ query }) => isAsked(store.state.criteria, query),
    pick: ({ query }) => store.set({ criteria: withClass(store.state.criteria, query), id: null }),
  });
}
