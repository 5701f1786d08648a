// The form, drawn from the server's own description of its criteria: few fields in sight, the rest under "more".
import { element } from "../map/popup.js";
import { choice, flags, near, pills, typed } from "./controls.js";
import { range } from "./histogram.js";
import { landUse } from "./tree.js";
import { config, t } from "./words.js";

/** What stands in sight, in this order; everything else is under "more". A list is one field made of several criteria. */
const IN_SIGHT = {
  parcels: ["stage", "land_use", "area", "floor_area_ratio", "near", ["standard_land", "elastic_term", "with_design", "checklist"]],
  buildings: ["kind", "grade", "available", "rent", "near", "amenity"],
};

/** Set on the map, in the top bar, or beside another field. */
const ELSEWHERE = new Set(["q", "bbox", "within", "ids", "bucket", "area_unit", "preset", "display_class"]);

/** Join `X_min` and `X_max` into one entry called X; everything else stays what it is. */
export function paired(criteria) {
  const entries = new Map();
  for (const criterion of criteria) {
    const [, stem, side] = criterion.name.match(/^(.*?)(?:_(min|max))?$/);
    const numeric = criterion.kind === "number" || criterion.kind === "area";
    if (side && numeric) entries.set(stem, { ...entries.get(stem), [side === "min" ? "low" : "high"]: criterion });
    else entries.set(criterion.name, criterion);
  }
  return entries;
}

/** The subject of a pair's label: what both sides have in common. */
export function commonLabel({ low, high }) {
  const [a, b] = [low?.label ?? high.label, high?.label ?? low.label];
  let size = 0;
  while (size < Math.min(a.length, b.length) && a[size] === b[size]) size++;
  const shared = a === b ? a.replace(/(下限|上限|, (min|max)\.)$/, "") : a.slice(0, size);
  return shared.replace(/[,，(（\s]+m?$/, "").replace(/[,，(（\s]+$/, "") || a;
}

function control(entry, entries, store) {
  if (entry.low || entry.high) return range(entry, store, commonLabel(entry));
  switch (entry.kind) {
    case "land_use":
      return landUse(entry, entries.get("preset"), store);
    case "near":
      return near(entry, store);
    case "codes":
      return pills(entry, store);
    case "flag":
      return flags([entry], store, "");
    case "choice":
      return entry.options.length === 1 ? flags([entry], store, "") : choice(entry, store);
    case "text":
      return entry.field ? pills(entry, store) : typed(entry, store);
    default:
      return typed(entry, store);
  }
}

/**
 * Draw the form of one layer.
 * @param {HTMLElement} form
 * @param {object[]} criteria answer of /criteria
 * @param {import("./state.js").Store} store
 * @returns {{update(state: object, answer: object|null): void}}
 */
export function drawFilters(form, criteria, store) {
  const entries = paired(criteria);
  const layer = store.state.layer;
  const placed = new Set(ELSEWHERE);
  const controls = [];
  for (const name of IN_SIGHT[layer]) {
    const names = [name].flat().filter((one) => entries.has(one));
    names.forEach((one) => placed.add(one));
    if (!names.length) continue;
    const isList = Array.isArray(name);
    controls.push(isList ? flags(names.map((one) => entries.get(one)), store, t("page.filters.flags")) : control(entries.get(name), entries, store));
  }
  const hidden = [...entries].filter(([name]) => !placed.has(name)).map(([, entry]) => control(entry, entries, store));
  const more = element("details", { class: "more" }, element("summary", {}, t("page.filters.more")), ...hidden.map(({ node }) => node));
  form.replaceChildren(...controls.map(({ node }) => node), ...(hidden.length ? [more] : []));
  form.lang = config.lang === "zh" ? "zh-CN" : config.lang;
  return {
    update(state, answer) {
      for (const one of [...controls, ...hidden]) one.update(state, answer);
    },
  };
}
