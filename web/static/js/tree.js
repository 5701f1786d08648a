// Land use: groups as pills, then the classes as a tree with counts; a class stands for everything below it.
import { element, swatch } from "../map/popup.js";
import { check, countsOf, pills } from "./controls.js";
import { config, t } from "./words.js";
import { valuesOf } from "./state.js";

/** How many records each class and everything below it have. @returns {Map<string, number>} */
export function rolledUp(counts) {
  const sums = new Map();
  for (const [code, n] of counts) {
    for (let size = 2; size <= code.length; size += 2) {
      const above = code.slice(0, size);
      sums.set(above, (sums.get(above) ?? 0) + n);
    }
  }
  return sums;
}

function twisty() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 12 12");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 2l4 4-4 4");
  svg.append(path);
  return svg;
}

/** @param {object} criterion of kind land_use @param {object|undefined} preset of the groups */
export function landUse(criterion, preset, store) {
  const groups = preset ? pills(preset, store, { label: t("page.filters.land_use") }) : null;
  const root = element("ul", { class: "tree" });
  const node = groups ? groups.node : element("section", { class: "field" });
  node.append(root);
  const known = new Map(config.landUse.map((one) => [one.code, one]));
  const lines = new Map();
  const opened = new Set();

  function line(code) {
    const { label, colour } = known.get(code) ?? { label: code, colour: "#9aa0a6" };
    const onChange = (on) => {
      const rest = valuesOf(store.state.criteria, criterion.name).filter((one) => !one.startsWith(code));
      store.setValues(criterion.name, on ? [...rest, code] : rest);
    };
    const box = check(label, { before: swatch(colour), onChange });
    const twist = element("button", { type: "button", class: "twist leaf", "aria-expanded": "false", "aria-label": t("page.filters.below", { name: label }) });
    twist.append(twisty());
    const below = element("ul", { class: "tree" });
    below.hidden = true;
    const open = (yes) => {
      below.hidden = !yes;
      twist.setAttribute("aria-expanded", String(yes));
      if (yes) opened.add(code);
      else opened.delete(code);
    };
    twist.addEventListener("click", () => open(below.hidden));
    const item = element("li", {}, element("div", { class: "branch" }, twist, box.node), below);
    const parent = code.length > 2 ? lines.get(code.slice(0, -2)) : null;
    parent?.twist.classList.remove("leaf");
    const place = parent?.below ?? root;
    const after = [...place.children].find((other) => other.dataset.code > code) ?? null;
    item.dataset.code = code;
    place.insertBefore(item, after);
    lines.set(code, { box, twist, below, open });
  }

  return {
    node,
    update(state, answer) {
      groups?.update(state, answer);
      node.hidden = false;
      const counts = [...countsOf(answer, "land_use_code")].map(([code, { n }]) => [code, n]);
      const chosen = valuesOf(state.criteria, criterion.name);
      const sums = rolledUp(counts);
      const wanted = new Set([...sums.keys(), ...rolledUp(chosen.map((code) => [code, 0])).keys()]);
      for (const code of [...wanted].sort()) if (!lines.has(code)) line(code);
      for (const [code, { box, below, open }] of lines) {
        const covered = chosen.some((one) => code.startsWith(one));
        box.set(covered, answer ? (sums.get(code) ?? 0) : undefined);
        if (below.hidden && chosen.some((one) => one !== code && one.startsWith(code))) open(true);
      }
    },
  };
}
