// Form controls that know one criterion each. Every control is { node, update(state, answer) }.
import { element } from "../map/popup.js";
import { number, t } from "./words.js";
import { valuesOf } from "./state.js";

/** A section of the form with its heading. */
export function field(label, { value = null, help = "" } = {}, ...children) {
  const head = label ? element("div", { class: "field-head" }, element("h3", {}, label), value) : null;
  return element("section", { class: "field" }, head, ...children, help ? element("p", { class: "field-help" }, help) : null);
}

/** Numbers of a facet by code. @returns {Map<string, {label: string, n: number}>} */
export function countsOf(answer, name) {
  const counts = answer?.facets?.[name]?.counts ?? [];
  return new Map(counts.map(([code, label, n]) => [String(code), { label, n }]));
}

/** The options a criterion offers: its own, else those that occur in the data. */
function optionsOf(criterion, answer) {
  if (criterion.options?.length) return criterion.options;
  return [...countsOf(answer, criterion.field)].map(([code, { label }]) => ({ code, label }));
}

function toggled(values, code) {
  return values.includes(code) ? values.filter((value) => value !== code) : [...values, code];
}

/** Options from which on they scroll in a box of their own. */
const MANY = 24;

/** Codes as pills, those without any record and without a choice left out. */
export function pills(criterion, store, { label = criterion.label } = {}) {
  const row = element("div", { class: "pills" });
  const node = field(label, { help: "" }, row);
  const buttons = new Map();
  const draw = (code, text) => {
    const count = element("span", { class: "n" });
    const button = element("button", { type: "button", class: "pill", "aria-pressed": "false" }, text, count);
    button.addEventListener("click", () => {
      const now = valuesOf(store.state.criteria, criterion.name);
      store.setValues(criterion.name, criterion.repeatable ? toggled(now, code) : now.includes(code) ? [] : [code]);
    });
    buttons.set(code, { button, count });
    row.append(button);
  };
  return {
    node,
    update(state, answer) {
      const counts = countsOf(answer, criterion.field);
      const chosen = valuesOf(state.criteria, criterion.name);
      for (const { code, label: text } of optionsOf(criterion, answer)) if (!buttons.has(code)) draw(code, text);
      const any = [...counts.values()].some(({ n }) => n > 0);
      let shown = 0;
      for (const [code, { button, count }] of buttons) {
        const n = counts.get(code)?.n ?? 0;
        button.setAttribute("aria-pressed", String(chosen.includes(code)));
        count.textContent = answer && criterion.field ? number(n) : "";
        button.hidden = any && n === 0 && !chosen.includes(code);
        shown += button.hidden ? 0 : 1;
      }
      node.hidden = Boolean(answer) && shown === 0;
      row.classList.toggle("many", shown > MANY);
    },
  };
}

/** One tick box with its count. */
export function check(text, { onChange, before = null }) {
  const input = element("input", { type: "checkbox" });
  const count = element("span", { class: "n" });
  const node = element("label", { class: "check" }, input, before, element("span", { class: "name" }, text), count);
  input.addEventListener("change", () => onChange(input.checked));
  return {
    node,
    set(checked, n) {
      input.checked = checked;
      count.textContent = n === undefined ? "" : number(n);
      node.classList.toggle("none", n === 0);
    },
  };
}

/** Several flags under one heading; a flag that is off asks nothing. */
export function flags(criteria, store, label) {
  const lines = criteria.map((criterion) => {
    const yes = criterion.kind === "choice" ? criterion.options[0].code : "true";
    const text = criterion.kind === "choice" ? `${criterion.label}：${criterion.options[0].label}` : criterion.label;
    const box = check(text, { onChange: (on) => store.setValues(criterion.name, on ? [yes] : []) });
    return { criterion, yes, box };
  });
  return {
    node: field(label, {}, ...lines.map(({ box }) => box.node)),
    update(state, answer) {
      for (const { criterion, yes, box } of lines) {
        const counts = countsOf(answer, criterion.field);
        const n = counts.size ? (counts.get(yes)?.n ?? 0) : undefined;
        box.set(valuesOf(state.criteria, criterion.name).includes(yes), n);
      }
    },
  };
}

/** One of a few words. */
export function choice(criterion, store) {
  const select = element("select", { class: "box", "aria-label": criterion.label });
  select.append(...criterion.options.map(({ code, label }) => element("option", { value: code }, label)));
  select.addEventListener("change", () => {
    store.setValues(criterion.name, select.value === criterion.options[0].code ? [] : [select.value]);
  });
  return {
    node: field(criterion.label, {}, select),
    update(state) {
      select.value = valuesOf(state.criteria, criterion.name)[0] ?? criterion.options[0].code;
    },
  };
}

/** Free text, a code or a date, applied when left or on Enter. */
export function typed(criterion, store) {
  const type = criterion.kind === "date" ? "date" : "text";
  const input = element("input", { class: "box", type, "aria-label": criterion.label, maxlength: "200" });
  input.addEventListener("change", () => {
    const parts = criterion.repeatable ? input.value.split(/[\s,，、;；]+/) : [input.value.trim()];
    store.setValues(criterion.name, parts.filter(Boolean));
  });
  return {
    node: field(criterion.label, { help: criterion.help }, input),
    update(state) {
      if (document.activeElement !== input) input.value = valuesOf(state.criteria, criterion.name).join("、");
    },
  };
}

const METRES = [300, 500, 800, 1200, 2000];

/** Near a kind of facility: which, and within how many metres. */
export function near(criterion, store) {
  const kind = element("select", { class: "box", "aria-label": t("page.filters.near_kind") });
  kind.append(...criterion.options.map(({ code, label }) => element("option", { value: code }, label)));
  const row = element("div", { class: "pills" });
  const buttons = METRES.map((metres) => {
    const text = t("page.filters.metres", { n: number(metres) });
    const button = element("button", { type: "button", class: "pill", "aria-pressed": "false" }, text);
    button.addEventListener("click", () => choose(button.getAttribute("aria-pressed") === "true" ? null : metres));
    row.append(button);
    return { metres, button };
  });
  const others = () => valuesOf(store.state.criteria, criterion.name).filter((one) => !one.startsWith(`${kind.value}:`));
  const choose = (metres) => store.setValues(criterion.name, [...others(), ...(metres ? [`${kind.value}:${metres}`] : [])]);
  const mark = (state) => {
    const set = valuesOf(state.criteria, criterion.name).find((one) => one.startsWith(`${kind.value}:`));
    for (const { metres, button } of buttons) button.setAttribute("aria-pressed", String(set === `${kind.value}:${metres}`));
  };
  kind.addEventListener("change", () => mark(store.state));
  let settled = false;
  return {
    node: field(t("page.filters.near"), { help: t("page.filters.near_help") }, element("div", { class: "near-row" }, kind), row),
    update(state) {
      const set = valuesOf(state.criteria, criterion.name)[0];
      if (!settled && set) kind.value = set.split(":")[0];
      settled = true;
      mark(state);
    },
  };
}
