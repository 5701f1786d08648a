// Labels of every layer on one canvas above the map: none cut at a tile's edge, none over another.
import { FONT, onTheme, theme } from "./styles.js";

/**
 * A text that wants to stand somewhere.
 * @typedef {object} Candidate
 * @property {string} text
 * @property {number[]} anchor x and y on the 0–1 square
 * @property {number} rank higher is placed first
 * @property {number} [size] pixels
 * @property {string} [weight]
 * @property {string} colour
 * @property {number} [turn] radians
 * @property {boolean} [beside] to the right of its place instead of on it
 * @property {boolean} [halo] whether it stands on open ground; default yes
 * @property {boolean} [once] left out where the same text stands already
 * @property {boolean} [short] left out where a longer form of it stands already
 * @property {number} [room] pixels it may take across; longer texts are left out
 */

/** The boxes taken so far, in a coarse grid. */
export class Occupied {
  constructor(cell = 64) {
    this.cell = cell;
    this.cells = new Map();
  }

  /** Take a box if it is free. @param {number[]} box left, top, right, bottom */
  take(box) {
    const keys = [];
    for (let x = Math.floor(box[0] / this.cell); x <= Math.floor(box[2] / this.cell); x++) {
      for (let y = Math.floor(box[1] / this.cell); y <= Math.floor(box[3] / this.cell); y++) keys.push(`${x},${y}`);
    }
    const meets = (other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1];
    if (keys.some((key) => this.cells.get(key)?.some(meets))) return false;
    for (const key of keys) this.cells.set(key, [...(this.cells.get(key) ?? []), box]);
    return true;
  }
}

/** The box of a text of this width and height. */
export function boxOfLabel(x, y, width, height, turn, beside) {
  const left = beside ? x + 8 : x - width / 2;
  if (!turn) return [left - 2, y - height / 2 - 1, left + width + 2, y + height / 2 + 1];
  const across = Math.abs(width * Math.cos(turn)) + Math.abs(height * Math.sin(turn));
  const down = Math.abs(width * Math.sin(turn)) + Math.abs(height * Math.cos(turn));
  return [x - across / 2, y - down / 2, x + across / 2, y + down / 2];
}

export const LabelLayer = L.Renderer.extend({
  options: { pane: "landmap-labels", padding: 0.15 },

  onAdd(map) {
    const pane = map.getPane("landmap-labels") ?? map.createPane("landmap-labels");
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    L.Renderer.prototype.onAdd.call(this, map);
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "lm-labels");
    this._container.setAttribute("aria-hidden", "true");
    this._sources = this._sources ?? new Set();
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },

  _updatePaths() {},

  /** Ask a layer for its candidates from now on, or no longer. */
  include(layer, wanted) {
    this._sources = this._sources ?? new Set();
    if (wanted) this._sources.add(layer);
    else this._sources.delete(layer);
    this.redraw();
  },

  redraw() {
    if (this._waiting) return;
    this._waiting = requestAnimationFrame(() => {
      this._waiting = 0;
      if (this._map && this._container) this._update();
    });
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const dpr = Math.min(window.devicePixelRatio || 1, 2);
    const size = this._bounds.getSize();
    const canvas = this._container;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = size.x * dpr;
    canvas.height = size.y * dpr;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    const g = canvas.getContext("2d");
    g.setTransform(dpr, 0, 0, dpr, -this._bounds.min.x * dpr, -this._bounds.min.y * dpr);
    this._place(g);
  },

  _place(g) {
    const map = this._map;
    const zoom = map.getZoom();
    const scale = 256 * 2 ** zoom;
    const origin = map.getPixelOrigin();
    const { min, max } = this._bounds;
    const taken = new Occupied();
    const wanted = [...this._sources].flatMap((layer) => layer.labels(zoom));
    wanted.sort((a, b) => b.rank - a.rank);
    g.textBaseline = "middle";
    g.lineJoin = "round";
    const said = new Set();
    for (const label of wanted) {
      if (label.once && said.has(label.text)) continue;
      if (label.short && [...said].some((text) => text.startsWith(label.text))) continue;
      const x = label.anchor[0] * scale - origin.x;
      const y = label.anchor[1] * scale - origin.y;
      if (x < min.x || x > max.x || y < min.y || y > max.y) continue;
      const size = label.size ?? 12;
      g.font = `${label.weight ?? "500"} ${size}px ${FONT}`;
      const width = g.measureText(label.text).width;
      if (label.room && width > label.room) continue;
      if (taken.take(boxOfLabel(x, y, width, size * 1.25, label.turn ?? 0, label.beside))) {
        this._write(g, label, x, y, width);
        said.add(label.text);
      }
    }
  },

  _write(g, label, x, y, width) {
    g.save();
    g.translate(x, y);
    if (label.turn) g.rotate(label.turn);
    const left = label.beside ? 8 : -width / 2;
    if (label.halo !== false) {
      g.strokeStyle = theme().halo;
      g.lineWidth = 3;
      g.strokeText(label.text, left, 0);
    }
    g.fillStyle = label.colour;
    g.fillText(label.text, left, 0);
    g.restore();
  },
});

/** The label layer of a map, made when first asked for. */
export function labelsOf(map) {
  if (!map.landmapLabels) {
    map.landmapLabels = new LabelLayer().addTo(map);
    onTheme(() => map.landmapLabels.redraw());
  }
  return map.landmapLabels;
}

/** Where the longest stretch of a line lies, and how it runs, for a text along it. */
export function stretchOf(line, scale) {
  let best = { length: 0, anchor: [0, 0], turn: 0 };
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [dx, dy] = [line[i + 2] - line[i], line[i + 3] - line[i + 1]];
    const length = Math.hypot(dx, dy) * scale;
    if (length <= best.length) continue;
    let turn = Math.atan2(dy, dx);
    if (turn > Math.PI / 2) turn -= Math.PI;
    if (turn < -Math.PI / 2) turn += Math.PI;
    best = { length, anchor: [line[i] + dx / 2, line[i + 1] + dy / 2], turn };
  }
  return best;
}

/** Length of a line on the 0–1 square. */
export function lengthOf(line) {
  let length = 0;
  for (let i = 0; i + 3 < line.length; i += 2) length += Math.hypot(line[i + 2] - line[i], line[i + 3] - line[i + 1]);
  return length;
}
