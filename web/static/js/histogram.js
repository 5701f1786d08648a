// A range: histogram, two thumbs, two boxes. The histogram leaves the range's own choice aside, so its shape stays put.
import { element } from "../map/popup.js";
import { number, t } from "./words.js";
import { valuesOf, withValues } from "./state.js";

const SVG = "http://www.w3.org/2000/svg";
const STEPS = 200;

/** Square metres in one unit of area. */
export const AREA_UNITS = { mu: 2000 / 3, ha: 10000, m2: 1 };

/** A step of 1, 2 or 5 times a power of ten that cuts `span` into about STEPS. */
export function niceStep(span) {
  const raw = span / STEPS;
  if (!(raw > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= raw);
}

/** A number without the tail that binary fractions leave. */
export function tidy(value) {
  return Number(value.toPrecision(12));
}

function plot() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("viewBox", "0 0 100 46");
  svg.setAttribute("aria-hidden", "true");
  return {
    svg,
    draw(edges, counts, scale, low, high) {
      const most = Math.max(...counts, 1);
      svg.replaceChildren(
        ...counts.map((n, i) => {
          const [left, right] = [scale(edges[i]), scale(edges[i + 1])];
          const tall = n ? Math.max(1.5, (46 * n) / most) : 0;
          const bar = document.createElementNS(SVG, "rect");
          const inside = edges[i + 1] > low && edges[i] < high;
          const box = { x: left + 0.25, y: 46 - tall, width: Math.max(0.2, right - left - 0.5), height: tall };
          for (const [name, value] of Object.entries(box)) bar.setAttribute(name, value.toFixed(2));
          bar.setAttribute("class", inside ? "on" : "");
          return bar;
        }),
      );
    },
  };
}

/**
 * The control of a pair of criteria `NAME_min` and `NAME_max` (either may be missing).
 * @param {{low?: object, high?: object}} pair
 * @param {import("./state.js").Store} store
 * @param {string} label
 */
export function range({ low, high }, store, label) {
  const first = low ?? high;
  const area = first.kind === "area";
  const names = [low?.name, high?.name];
  const help = low && high && low.help !== high.help ? "" : first.help;
  const value = element("span", { class: "field-value" });
  const picture = plot();
  const span = element("span", {});
  const thumbs = names.map((name, i) => thumb(name, `${label} ${t(i ? "page.filters.most" : "page.filters.least")}`));
  const boxes = names.map((name, i) => box(name, t(i ? "page.filters.most" : "page.filters.least"), label));
  const units = area ? unitSwitch(store, names) : null;
  const node = element("section", { class: "field" },
    element("div", { class: "field-head" }, element("h3", {}, label), units?.node ?? value),
    element("div", { class: "range-plot" }, picture.svg, element("div", { class: "range-track" }, span),
      ...thumbs.filter(Boolean)),
    element("div", { class: "range-ends" }, boxes[0], boxes[0] && boxes[1] ? element("span", {}, "–") : null, boxes[1]),
    help ? element("p", { class: "field-help" }, help) : null,
  );
  let domain = [0, 1];
  let drawn = null;

  const current = (state) => names.map((name) => (name ? valuesOf(state.criteria, name)[0] : undefined))
    .map((text) => (text === undefined ? null : Number(text)));
  const factor = (state) => (area ? AREA_UNITS[valuesOf(state.criteria, "area_unit")[0] ?? "mu"] : 1);

  function apply(values) {
    let criteria = store.state.criteria;
    const ordered = values[0] !== null && values[1] !== null && values[0] > values[1] ? [values[1], values[0]] : values;
    names.forEach((name, i) => {
      if (name) criteria = withValues(criteria, name, ordered[i] === null ? [] : [tidy(ordered[i])]);
    });
    store.set({ criteria });
  }

  function thumb(name, text) {
    if (!name) return null;
    const input = element("input", { type: "range", "aria-label": text });
    input.addEventListener("input", () => paint(read()));
    input.addEventListener("change", () => apply(read()));
    return input;
  }

  function box(name, hint, text) {
    if (!name) return null;
    const input = element("input", { class: "box", type: "number", step: "any", min: "0", placeholder: hint, "aria-label": `${text} ${hint}` });
    input.addEventListener("change", () => apply(boxes.map((one) => (one && one.value !== "" ? Number(one.value) : null))));
    return input;
  }

  /** What the thumbs say: an end of the scale asks for nothing. */
  function read() {
    return thumbs.map((input, i) => (!input || Number(input.value) === domain[i] ? null : Number(input.value)));
  }

  function paint([least, most]) {
    const scale = (x) => (100 * (Math.min(Math.max(x, domain[0]), domain[1]) - domain[0])) / (domain[1] - domain[0] || 1);
    const [from, to] = [least ?? domain[0], most ?? domain[1]];
    span.style.left = `${scale(Math.min(from, to))}%`;
    span.style.right = `${100 - scale(Math.max(from, to))}%`;
    const sign = least !== null && most !== null ? `${number(least)} – ${number(most)}`
      : least !== null ? `≥ ${number(least)}` : most !== null ? `≤ ${number(most)}` : t("page.filters.any");
    value.textContent = first.unit && !area ? `${sign} ${least === null && most === null ? "" : first.unit}`.trim() : sign;
    if (drawn) picture.draw(drawn.edges, drawn.counts, scale, Math.min(from, to), Math.max(from, to));
  }

  return {
    node,
    update(state, answer) {
      const k = factor(state);
      const found = answer?.histograms?.[first.field];
      const values = current(state);
      if (found?.edges?.length) drawn = { edges: found.edges.map((edge) => edge / k), counts: found.counts };
      if (drawn) {
        const step = niceStep(drawn.edges.at(-1) - drawn.edges[0]);
        const floor = Math.floor(drawn.edges[0] / step) * step;
        domain = [tidy(floor), tidy(Math.ceil(drawn.edges.at(-1) / step) * step)];
        thumbs.forEach((input) => input && Object.assign(input, { min: domain[0], max: domain[1], step }));
      }
      thumbs.forEach((input, i) => { if (input) input.value = String(values[i] ?? domain[i]); });
      boxes.forEach((input, i) => {
        if (input && document.activeElement !== input) input.value = values[i] === null ? "" : String(values[i]);
      });
      node.querySelector(".range-plot").hidden = !drawn?.counts.some(Boolean);
      units?.update(state);
      paint(values);
    },
  };
}

/** 亩, ㎡ or 公顷; a change of unit keeps the land that is meant. */
function unitSwitch(store, names) {
  const buttons = Object.keys(AREA_UNITS).map((unit) => {
    const button = element("button", { type: "button", "aria-pressed": "false" }, t(`page.units.${unit}`));
    button.addEventListener("click", () => {
      const before = valuesOf(store.state.criteria, "area_unit")[0] ?? "mu";
      const ratio = AREA_UNITS[before] / AREA_UNITS[unit];
      let criteria = withValues(store.state.criteria, "area_unit", unit === "mu" ? [] : [unit]);
      for (const name of names.filter(Boolean)) {
        criteria = withValues(criteria, name, valuesOf(criteria, name).map((text) => Number((Number(text) * ratio).toPrecision(6))));
      }
      store.set({ criteria });
    });
    return { unit, button };
  });
  return {
    node: element("div", { class: "units", role: "group", "aria-label": t("page.filters.unit") }, ...buttons.map(({ button }) => button)),
    update(state) {
      const now = valuesOf(state.criteria, "area_unit")[0] ?? "mu";
      for (const { unit, button } of buttons) button.setAttribute("aria-pressed", String(unit === now));
    },
  };
}
