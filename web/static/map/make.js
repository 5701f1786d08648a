// Builds maps, groups and layers from the JSON blocks that landmap/render/map puts into a page.
import { BasemapLayer } from "./basemap.js";
import { FeatureLayer } from "./feature_layer.js";
import { LegendControl } from "./legend.js";

/** Everything built so far, by the name Folium gave it. @type {Map<string, object>} */
export const made = new Map();

function makeMap(spec, id) {
  const { texts, controls } = spec;
  const map = L.map(spec.id, { center: spec.center, zoom: spec.zoom, zoomControl: false, maxZoom: 20, zoomSnap: 0.5, ...spec.options });
  map.attributionControl?.setPrefix(false);
  if (spec.attribution) map.attributionControl?.addAttribution(plain(spec.attribution));
  if (spec.bounds) {
    const [west, south, east, north] = spec.bounds;
    map.fitBounds([[south, west], [north, east]], { animate: false });
  }
  if (controls.includes("zoom")) {
    L.control.zoom({ zoomInTitle: texts.zoom_in ?? "+", zoomOutTitle: texts.zoom_out ?? "−" }).addTo(map);
  }
  if (controls.includes("scale")) L.control.scale({ imperial: false }).addTo(map);
  if (controls.includes("layers")) map.landmapSwitch = L.control.layers({}, {}, { sortLayers: false }).addTo(map);
  if (controls.includes("legend")) {
    const title = texts.legend ?? (spec.lang === "en" ? "Legend" : "图例");
    map.landmapLegend = new LegendControl(title, spec.lang).addTo(map);
  }
  return Object.assign(map, { spec, blockId: id });
}

/** Text as HTML that shows it, for the one place where Leaflet takes only HTML. */
function plain(text) {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML;
}

function makeGroup(spec) {
  return Object.assign(L.featureGroup([], { landmapName: spec.name }), { spec });
}

const MAKERS = {
  map: makeMap,
  group: makeGroup,
  features: (spec) => new FeatureLayer(spec),
  basemap: (spec) => new BasemapLayer(spec),
};

/** Show the name from the JSON block where Leaflet would print, as HTML, the one Folium gave it. */
function nameLayersSafely() {
  const original = L.Control.Layers.prototype._addItem;
  L.Control.Layers.include({
    _addItem(item) {
      const label = original.call(this, item);
      const name = item.layer.options?.landmapName;
      if (name !== undefined) label.querySelector("span > span, span").lastChild.textContent = ` ${name}`;
      return label;
    },
  });
}

/**
 * Build what the JSON block called `id` describes; a second call returns the same.
 * @param {string} id
 */
export function make(id) {
  if (made.has(id)) return made.get(id);
  if (!L.Control.Layers.prototype.landmapNames) {
    nameLayersSafely();
    L.Control.Layers.include({ landmapNames: true });
  }
  const spec = JSON.parse(document.getElementById(id).textContent);
  const piece = MAKERS[spec.kind](spec, id);
  made.set(id, piece);
  const map = made.get(`${spec.parent}_spec`);
  if (map?.landmapSwitch && spec.control) map.landmapSwitch.addOverlay(piece, "");
  if (map?.landmapLegend && spec.kind === "features") map.landmapLegend.include(piece);
  return piece;
}

/** Build every block of the page in order, and put on its map what is to be seen. @returns {L.Map[]} */
export function makeAll() {
  const maps = [];
  for (const block of document.querySelectorAll("script[data-landmap]")) {
    const piece = make(block.id);
    if (piece.spec.kind === "map") maps.push(piece);
    else if (piece.spec.show) made.get(`${piece.spec.parent}_spec`).addLayer(piece);
  }
  return maps;
}
