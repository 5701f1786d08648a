// Canvas tiles: what feature layers and the basemap have in common.
import { TILE_SIZE } from "./source.js";
import { onTheme } from "./styles.js";
import { labelsOf } from "./labels.js";

/** A path of a feature's outline in the pixels of one tile. */
export function outlineOf(feature, scale, left, top) {
  const path = new Path2D();
  for (const part of feature.parts) {
    for (let i = 0; i < part.length; i += 2) {
      const [x, y] = [part[i] * scale - left, part[i + 1] * scale - top];
      if (i) path.lineTo(x, y);
      else path.moveTo(x, y);
    }
    if (feature.type === "polygon") path.closePath();
  }
  return path;
}

/** A GridLayer whose tiles keep their features, so that they can be painted again in place. */
export const CanvasTiles = L.GridLayer.extend({
  options: { tileSize: TILE_SIZE, updateWhenZooming: false, keepBuffer: 1, minZoom: 3, maxZoom: 21 },

  onAdd(map) {
    L.GridLayer.prototype.onAdd.call(this, map);
    labelsOf(map).include(this, true);
    this._listening ??= onTheme(() => this.repaint()) ?? true;
  },

  onRemove(map) {
    labelsOf(map).include(this, false);
    L.GridLayer.prototype.onRemove.call(this, map);
  },

  createTile(coords, done) {
    const tile = L.DomUtil.create("canvas", "leaflet-tile");
    tile.dpr = Math.min(window.devicePixelRatio || 1, 2);
    tile.width = tile.height = TILE_SIZE * tile.dpr;
    tile.place = coords;
    Promise.resolve(this.source.tile(coords.z, coords.x, coords.y)).then(
      (features) => {
        const scale = 256 * 2 ** coords.z;
        const [left, top] = [coords.x * TILE_SIZE, coords.y * TILE_SIZE];
        tile.items = features.map((feature) => ({ feature, path: outlineOf(feature, scale, left, top) }));
        this._paint(tile);
        done(null, tile);
      },
      (error) => done(error, tile),
    );
    return tile;
  },

  _paint(tile) {
    const g = tile.getContext("2d");
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, tile.width, tile.height);
    g.setTransform(tile.dpr, 0, 0, tile.dpr, 0, 0);
    g.lineJoin = "round";
    this.paint(g, tile);
  },

  /** Draw every tile again, in place. */
  repaint() {
    if (!this._map) return;
    for (const { el } of Object.values(this._tiles)) if (el.items) this._paint(el);
    labelsOf(this._map).redraw();
  },

  labels() {
    return [];
  },
});
