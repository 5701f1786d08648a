// The legend: which colour means what, and what a click on it filters.
import { element, swatch } from "./popup.js";

/**
 * Fill `place` with one button (or line, when nothing is to be clicked) per class.
 * @param {HTMLElement} place
 * @param {{key: string, label: string, colour: string, query?: string}[]} entries
 * @param {{pressed?: (entry: object) => boolean, pick?: (entry: object) => void}} [acts]
 */
export function fillLegend(place, entries, { pressed, pick } = {}) {
  place.replaceChildren(
    ...entries.map((entry) => {
      const clickable = Boolean(pick && entry.query);
      const made = element(
        clickable ? "button" : "span",
        { class: "lm-legend-entry", ...(clickable ? { type: "button", "aria-pressed": String(pressed(entry)) } : {}) },
        swatch(entry.colour),
        element("span", {}, entry.label),
      );
      if (clickable) made.addEventListener("click", () => pick(entry));
      return element("li", {}, made);
    }),
  );
}

/** The legend of a map that stands alone: folds away, follows the layers shown. */
export const LegendControl = L.Control.extend({
  options: { position: "bottomleft" },

  initialize(title, lang) {
    this.title = title;
    this.lang = lang;
    this.layers = [];
  },

  onAdd() {
    const small = window.innerWidth < 600;
    this.list = element("ul", {});
    const box = element("details", { class: "lm-legend" }, element("summary", {}, this.title), this.list);
    box.open = !small;
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    this.fill();
    return box;
  },

  /** Show the classes of one more layer. */
  include(layer) {
    this.layers.push(layer);
    layer.on("shapes add remove", () => this.fill());
    this.fill();
  },

  fill() {
    const shown = this.layers.filter((layer) => this._map?.hasLayer(layer) && layer.spec.layer !== "districts");
    fillLegend(
      this.list,
      shown.flatMap((layer) => layer.classes.map(({ key, colour }) => ({ key, colour, label: layer.look.label(key) }))),
    );
  },
});
