// Tooltips and popups. Text becomes text nodes, never markup.

/**
 * Make an element. Strings among the children become text.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node|string|null|undefined)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A square of a class colour. Its colour is set through the CSSOM, which a strict policy allows. */
export function swatch(colour) {
  const made = element("span", { class: "lm-swatch", "aria-hidden": "true" });
  made.style.backgroundColor = colour;
  return made;
}

/** The label of a class or stage in the layer's language; the code itself when there is none. */
export function labelIn(entries, key, code, lang) {
  const entry = entries.find((one) => one[key] === code);
  return entry ? entry[`label_${lang}`] : String(code);
}

function heading(feature, look) {
  const title = feature.t || feature.no || feature.id;
  const number = feature.no && feature.no !== title ? feature.no : null;
  const kind = element("span", {}, swatch(look.colour(feature.c)), look.label(feature.c));
  const stage = feature.s ? look.stage(feature.s) : null;
  return { title, second: [number, stage].filter(Boolean).join(" · "), kind };
}

/** What a tooltip says: title, number and stage, class. @returns {HTMLElement} */
export function tooltipOf(feature, look) {
  const { title, second, kind } = heading(feature, look);
  return element(
    "div",
    { class: "lm-tip" },
    element("strong", {}, String(title)),
    second ? element("div", { class: "lm-quiet" }, second) : null,
    element("div", { class: "lm-quiet" }, kind),
  );
}

/** What a popup says: the same, and the lines that came with the feature. @returns {HTMLElement} */
export function popupOf(feature, look) {
  const rows = (feature.r ?? []).map(([label, text]) =>
    element("div", {}, label ? element("dt", {}, String(label)) : null, element("dd", {}, String(text ?? "—"))),
  );
  const card = tooltipOf(feature, look);
  card.className = "lm-card";
  if (rows.length) card.append(element("dl", {}, ...rows));
  return card;
}
