// The district's own offline basemap, drawn from GeoJSON on canvas tiles.
import { MemorySource, TILE_SIZE } from "./source.js";
import { CanvasTiles } from "./canvas_tiles.js";
import { fadeOut, frameOf } from "./frame.js";
import { labelsOf, lengthOf, stretchOf } from "./labels.js";
import { theme } from "./styles.js";

/** Drawing order, and how wide a line is at zoom 12, 14, 16 and 18. */
const KINDS = {
  land: { order: 0, fill: "land" },
  sea: { order: 1, fill: "sea" },
  block: { order: 2, fill: "block", from: 13 },
  hill: { order: 3, fill: "hill" },
  green: { order: 4, fill: "green" },
  water: { order: 5, fill: "water", line: "water", widths: [1.5, 3, 7, 16] },
  coastline: { order: 6, line: "coast", widths: [0.8, 1, 1.2, 1.4] },
  road_minor: { order: 7, line: "road", edge: "roadCase", widths: [0.8, 2, 6, 14], from: 12 },
  road_major: { order: 8, line: "road", edge: "roadCase", widths: [1.8, 4.5, 11, 24] },
  expressway: { order: 9, line: "highway", edge: "highwayCase", widths: [2.6, 5, 12, 26] },
  rail: { order: 10, rail: true, widths: [1.6, 2.4, 3.4, 4.4] },
  metro: { order: 11, widths: [1.8, 2.8, 4, 5] },
  subdistrict_line: { order: 12, line: "edge", widths: [0.8, 1, 1.2, 1.4], dash: [5, 4] },
  district_line: { order: 13, line: "edge", widths: [1.4, 1.8, 2, 2.2], dash: [12, 4, 2, 4] },
  station: { order: 14, dot: true },
  place: { order: 15 },
};

/** Words other sources use for the same things. */
const ALIASES = {
  railway: "rail", river: "water", lake: "water", park: "green", forest: "hill", mountain: "hill", coast: "coastline",
  highway: "expressway", motorway: "expressway", trunk: "expressway", primary: "road_major", secondary: "road_major",
  road: "road_minor", street: "road_minor", tertiary: "road_minor", residential: "road_minor", major: "road_major",
  minor: "road_minor",
};

/** Colour of a metro line that brings none of its own. */
const METRO = "#7a4fa0";

const NAMED = { sea: 16, hill: 13, green: 12, water: 13 };

/** The drawing kind of a basemap feature, from its `kind` and `class`; null for what is not drawn here. */
export function kindOf(properties) {
  for (const word of [properties.class, properties.kind]) {
    const kind = ALIASES[word] ?? word;
    if (kind in KINDS) return kind;
  }
  return null;
}

function between(widths, zoom) {
  const at = Math.min(Math.max((zoom - 12) / 2, 0), widths.length - 1);
  const low = Math.floor(at);
  return widths[low] + ((widths[low + 1] ?? widths[low]) - widths[low]) * (at - low);
}

export const BasemapLayer = CanvasTiles.extend({
  initialize(spec) {
    L.setOptions(this, { zIndex: spec.zIndex, landmapName: spec.name, className: "lm-basemap" });
    this.spec = spec;
    this.source = new MemorySource([]);
    if (spec.data) this.load(spec.data);
  },

  onAdd(map) {
    map.getContainer().classList.add("lm-based");
    CanvasTiles.prototype.onAdd.call(this, map);
    if (this.spec.url && !this.fetched) this.fetch();
  },

  onRemove(map) {
    map.getContainer().classList.remove("lm-based");
    CanvasTiles.prototype.onRemove.call(this, map);
  },

  fetch() {
    this.fetched = window
      .fetch(this.spec.url, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`HTTP ${answer.status}`))))
      .then((collection) => this.load(collection))
      .catch((error) => this.fire("shapeserror", { error }));
    return this.fetched;
  },

  /** Take a GeoJSON FeatureCollection. */
  load(collection) {
    const raw = collection.features.map(({ geometry, properties }, o) => ({ o, id: `b${o}`, g: geometry, p: properties ?? {} }));
    this.source = new MemorySource(raw);
    this.source.features = this.source.features
      .map((feature) => ({ ...feature, kind: kindOf(feature.p) }))
      .filter((feature) => feature.kind)
      .sort((a, b) => KINDS[a.kind].order - KINDS[b.kind].order);
    this.frame = frameOf(this.source.features);
    if (!this._map) return;
    this.redraw();
    labelsOf(this._map).redraw();
  },

  paint(g, tile) {
    const look = theme();
    const zoom = tile.place.z;
    for (const item of tile.items) {
      const kind = KINDS[item.feature.kind];
      if (item.feature.type === "polygon" && kind.fill && zoom >= (kind.from ?? 0)) {
        g.fillStyle = look[kind.fill];
        g.fill(item.path, "evenodd");
      }
    }
    const lines = tile.items.filter(({ feature }) => feature.type === "line" && zoom >= (KINDS[feature.kind].from ?? 0));
    g.lineCap = "round";
    for (const { feature, path } of lines) this._casing(g, path, KINDS[feature.kind], zoom, look);
    for (const { feature, path } of lines) this._line(g, path, KINDS[feature.kind], zoom, look, feature.p);
    if (this.frame) fadeOut(g, tile.place, this.frame);
    if (zoom >= 12) for (const { feature } of tile.items) if (KINDS[feature.kind].dot) this._dot(g, tile, feature, look);
  },

  _casing(g, path, kind, zoom, look) {
    if (!kind.edge) return;
    g.strokeStyle = look[kind.edge];
    g.lineWidth = between(kind.widths, zoom) + 1.4;
    g.stroke(path);
  },

  _line(g, path, kind, zoom, look, properties) {
    const width = between(kind.widths, zoom);
    g.lineWidth = width;
    if (kind.rail) {
      g.strokeStyle = look.rail;
      g.stroke(path);
      g.lineCap = "butt";
      g.setLineDash([8, 8]);
      g.strokeStyle = look.railGap;
      g.lineWidth = Math.max(width - 1.4, 0.6);
      g.stroke(path);
      g.setLineDash([]);
      g.lineCap = "round";
      return;
    }
    const own = /^#[0-9a-f]{6}$/i.test(properties.colour ?? "") ? properties.colour : METRO;
    g.strokeStyle = kind.line ? look[kind.line] : own;
    g.globalAlpha = kind.line ? 1 : 0.7;
    g.setLineDash(kind.dash ?? []);
    g.stroke(path);
    g.setLineDash([]);
    g.globalAlpha = 1;
  },

  _dot(g, tile, feature, look) {
    const scale = 256 * 2 ** tile.place.z;
    g.beginPath();
    g.arc(feature.anchor[0] * scale - tile.place.x * TILE_SIZE, feature.anchor[1] * scale - tile.place.y * TILE_SIZE,
      tile.place.z >= 14 ? 4.5 : 3, 0, 2 * Math.PI);
    g.fillStyle = look.halo;
    g.fill();
    g.strokeStyle = METRO;
    g.lineWidth = tile.place.z >= 14 ? 2 : 1.5;
    g.stroke();
  },

  labels(zoom) {
    const scale = 256 * 2 ** zoom;
    return this.source.features.flatMap((feature) => this._label(feature, zoom, scale) ?? []);
  },

  _label(feature, zoom, scale) {
    const look = theme();
    const text = this.spec.lang === "en" ? (feature.p.name_en ?? feature.p.name) : (feature.p.name ?? feature.p.name_zh);
    if (!text) return null;
    if (feature.type === "polygon") {
      const room = (feature.box[2] - feature.box[0]) * scale;
      const wet = feature.kind === "sea" || feature.kind === "water";
      return { text: String(text), once: true, anchor: feature.anchor, rank: 8, size: NAMED[feature.kind] ?? 12, room, weight: "500",
        colour: wet ? look.waterText : look.greenText };
    }
    if (feature.type === "point") return this._pointLabel(feature, String(text), zoom, look);
    const from = FROM[feature.kind];
    if (from === undefined || zoom < from) return null;
    const longest = feature.parts.reduce((a, b) => (b.length > a.length ? b : a));
    const along = stretchOf(longest, scale);
    const room = lengthOf(longest) * scale;
    const rank = { expressway: 7, road_major: 6, water: 6, road_minor: 4 }[feature.kind] ?? 3;
    return { text: String(text), anchor: along.anchor, turn: along.turn || 0, rank, size: 11, room,
      colour: feature.kind === "water" ? look.waterText : look.roadText };
  },

  _pointLabel(feature, text, zoom, look) {
    const station = feature.kind === "station";
    if (zoom < (station ? 13 : 11) || (!station && zoom > 13)) return null;
    return { text, once: true, short: !station, anchor: feature.anchor, rank: station ? 35 : 25, size: station ? 11.5 : 13,
      weight: station ? "500" : "600", colour: station ? look.metroText : look.placeText, beside: station };
  },
});

/** From which zoom a line carries its name. */
const FROM = { expressway: 12, water: 13, road_major: 14, rail: 14, metro: 14, road_minor: 16 };
