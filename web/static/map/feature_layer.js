// A layer of features on canvas tiles: restyled live from a bitmap of matches, hit-tested without hidden drawing.
import { MemorySource, TILE_SIZE, toSquare } from "./source.js";
import { CanvasTiles } from "./canvas_tiles.js";
import { DRAW, drawChosen, drawPoint, drawSpeck, inkOn, theme } from "./styles.js";
import { hits, pickerOf } from "./hit.js";
import { labelsOf } from "./labels.js";
import { labelIn, popupOf, tooltipOf } from "./popup.js";

const REACH = 8;
/** Pixels across below which a shape is drawn as a mark instead. */
const SMALLEST = { parcels: 2.5, buildings: 16 };

/** Whether bit `o` is set; everything matches where there is no bitmap. */
export function matches(bits, o) {
  return !bits || ((bits[o >> 3] ?? 0) >> (o & 7) & 1) === 1;
}

export const FeatureLayer = CanvasTiles.extend({
  /** @param {object} spec what the page says of the layer; see landmap/render/map/layers.py */
  initialize(spec) {
    L.setOptions(this, { zIndex: spec.zIndex, landmapName: spec.name });
    this.spec = spec;
    this.classes = [];
    this.stages = [];
    this.source = new MemorySource([]);
    this.bits = null;
    this.chosen = null;
    this.pointed = null;
    this.quiet = false;
    const words = (entries, key) => (code) => labelIn(entries(), key, code, spec.lang);
    this.look = {
      colour: (key) => this.classes.find((one) => one.key === key)?.colour ?? "#9aa0a6",
      label: words(() => this.classes, "key"),
      stage: words(() => this.stages, "code"),
    };
    if (spec.data) this.load(spec.data);
    this._describe();
  },

  onAdd(map) {
    CanvasTiles.prototype.onAdd.call(this, map);
    pickerOf(map).add(this);
    if (this.spec.url && !this.fetched) this.fetch();
  },

  onRemove(map) {
    pickerOf(map).remove(this);
    CanvasTiles.prototype.onRemove.call(this, map);
  },

  /** Ask the server for the shapes; `error` and `load` tell how it went. @returns {Promise<void>} */
  fetch() {
    this.fetched ??= window
      .fetch(this.spec.url, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`HTTP ${answer.status}`))))
      .then((shapes) => this.load(shapes))
      .catch((error) => {
        this.fetched = null;
        this.fire("shapeserror", { error });
      });
    return this.fetched;
  },

  /** Take a `shapes` answer. */
  load(shapes) {
    this.classes = shapes.classes ?? [];
    this.stages = shapes.stages ?? [];
    this.source = new MemorySource(shapes.features ?? []);
    if (this.spec.layer === "districts") this.source.features.sort((a, b) => (a.c === "county") - (b.c === "county"));
    if (this._map) this.redraw();
    if (this._map) labelsOf(this._map).redraw();
    this.fire("shapes", { count: this.source.features.length });
  },

  /** Fade what the bitmap does not name; null: nothing is asked, nothing fades. @param {Uint8Array|null} bits */
  setMatch(bits) {
    this.bits = bits;
    this.repaint();
  },

  /** Draw the whole layer faded, as background of another. */
  setQuiet(quiet) {
    this.quiet = quiet;
    this.repaint();
  },

  /** Outline one feature. @param {string|null} id */
  choose(id) {
    this.chosen = id;
    this.repaint();
  },

  paint(g, tile) {
    const zoom = tile.place.z;
    const late = [];
    const drawn = { zoom, dpr: tile.dpr };
    for (const item of tile.items) {
      const matched = this.bits !== null && matches(this.bits, item.feature.o);
      if (matched) late.push(item);
      else this._draw(g, tile, item, { ...drawn, matched, faded: this.quiet || this.bits !== null });
    }
    for (const item of late) this._draw(g, tile, item, { ...drawn, matched: true, faded: this.quiet });
    const shapes = tile.items.filter(({ feature }) => feature.type !== "point");
    for (const { feature, path } of shapes) {
      if (feature.id === this.pointed) drawChosen(g, path, false);
      if (feature.id === this.chosen) drawChosen(g, path, true);
    }
  },

  _draw(g, tile, { feature, path }, state) {
    const full = { ...state, colour: this.look.colour(feature.c) };
    const scale = 256 * 2 ** tile.place.z;
    const smallest = SMALLEST[this.spec.layer] ?? 0;
    const tiny = Math.max(feature.box[2] - feature.box[0], feature.box[3] - feature.box[1]) * scale < smallest;
    if (feature.type !== "point" && !tiny) {
      DRAW[this.spec.layer](g, path, feature, full);
      return;
    }
    const points = feature.type === "point" ? feature.parts.flatMap((part) => [...part]) : feature.anchor;
    const mark = tiny && this.spec.layer === "parcels" ? (x, y) => drawSpeck(g, x, y, full)
      : (x, y) => drawPoint(g, x, y, feature, { ...full, matched: state.matched || feature.id === this.chosen });
    for (let i = 0; i < points.length; i += 2) {
      const x = points[i] * scale - tile.place.x * TILE_SIZE;
      const y = points[i + 1] * scale - tile.place.y * TILE_SIZE;
      mark(x, y);
    }
  },

  /** The topmost feature at a place, or undefined. @returns {import("./source.js").Feature|undefined} */
  at(latlng) {
    const [x, y] = toSquare(latlng.lng, latlng.lat);
    const reach = REACH / (256 * 2 ** this._map.getZoom());
    return this.source.features.findLast((feature) => this.pickable(feature) && hits(feature, x, y, reach));
  },

  /** Lines of a district are looked at, not pointed at. */
  pickable() {
    return this.spec.layer !== "districts";
  },

  /** South-west and north-east of everything, as Leaflet wants it; null when empty. */
  getBounds() {
    const found = this.source.bounds();
    return found && L.latLngBounds([found[1], found[0]], [found[3], found[2]]);
  },

  labels(zoom) {
    const kind = this.spec.layer;
    if (this.quiet || (zoom < 16 && kind === "parcels")) return [];
    return this.source.features.flatMap((feature) => {
      const text = kind === "parcels" ? (feature.c === "other" || feature.c === "unknown" ? "" : feature.c) : feature.t;
      return text ? [this._label(feature, String(text), zoom)] : [];
    }).filter(Boolean);
  },

  _label(feature, text, zoom) {
    const kind = this.spec.layer;
    const base = { text, anchor: feature.anchor };
    const colour = this.look.colour(feature.c);
    if (kind === "parcels") {
      if (!matches(this.bits, feature.o)) return null;
      const room = (feature.box[2] - feature.box[0]) * 256 * 2 ** zoom;
      return { ...base, rank: 10, size: 11, weight: "600", colour: inkOn(colour), halo: false, room };
    }
    if (kind === "districts") {
      const near = feature.c === "county" ? zoom < 11 : zoom >= 12.5 && zoom < 15;
      return near && this._readable(text) ? { ...base, rank: 30, size: 13, weight: "600", colour: theme().text } : null;
    }
    if (kind === "facilities") {
      const station = feature.c === "metro_station" || feature.c === "rail_station";
      if (zoom < (station ? 13 : 15)) return null;
      return { ...base, rank: station ? 40 : 20, size: 12, colour: theme().text, beside: true };
    }
    if (zoom < 16 || !matches(this.bits, feature.o)) return null;
    return { ...base, rank: feature.id === this.chosen ? 50 : 15, size: 11, colour: theme().text, beside: kind === "buildings" };
  },

  /** Whether a reader of English can read a name; a basemap has names for both. */
  _readable(text) {
    return this.spec.lang !== "en" || /[a-z]/i.test(text) || !this._map.getContainer().classList.contains("lm-based");
  },

  _describe() {
    const tip = L.tooltip({ direction: "top", offset: [0, -8], opacity: 1, className: "lm-tooltip" });
    this.on("featureover featuremove", ({ feature, latlng }) => {
      tip.setLatLng(latlng);
      if (this.pointed === feature.id && this._map.hasLayer(tip)) return;
      this.pointed = feature.id;
      this._map.openTooltip(tip.setContent(tooltipOf(feature, this.look)));
      this.repaint();
    });
    this.on("featureout", () => {
      this.pointed = null;
      tip.remove();
      this.repaint();
    });
    if (this.spec.popup) {
      this.on("featurepick", ({ feature, latlng }) => {
        L.popup({ className: "lm-popup", maxWidth: 320 })
          .setLatLng(latlng).setContent(popupOf(feature, this.look)).openOn(this._map);
      });
    }
  },
});
