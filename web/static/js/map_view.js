// The map of the workspace: follows the state, and tells it what was picked or moved.
import { maps } from "../map/boot.js";
import { fromSquare, made } from "../map/index.js";
import { check } from "./controls.js";
import { drawLegend } from "./legend.js";
import { config, t } from "./words.js";

const SETTLE = 250;
const CLOSE_ENOUGH = 16;

export class MapView {
  /** @param {import("./state.js").Store} store @param {{legend: HTMLElement, switch: HTMLElement, problem: HTMLElement}} places */
  constructor(store, places) {
    Object.assign(this, { store, places });
    [this.map] = maps;
    this.layers = new Map();
    for (const piece of made.values()) if (piece.spec.layer) this.layers.set(piece.spec.layer, piece);
    const [west, south, east, north] = config.district.bounds;
    this.map.setMinZoom(this.map.getBoundsZoom([[south, west], [north, east]]));
    if (store.state.view) this.map.setView([store.state.view.lat, store.state.view.lon], store.state.view.z, { animate: false });
    this.listen();
    this.switches();
  }

  listen() {
    for (const [name, layer] of this.layers) {
      layer.on("shapeserror", () => this.trouble(t("page.map.failed", { name: layer.spec.name })));
      layer.on("shapes", () => this.legend());
      if (name !== "parcels" && name !== "buildings") continue;
      layer.on("featurepick", ({ feature }) => {
        if (name === this.store.state.layer) this.store.set({ id: feature.id });
        else this.store.set({ layer: name, criteria: [], sort: "", id: feature.id });
      });
    }
    let timer = 0;
    this.map.on("moveend", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.remember(), SETTLE);
    });
  }

  remember() {
    const { lat, lng } = this.map.getCenter();
    this.store.set({ view: { lat, lon: lng, z: this.map.getZoom() } }, { quiet: true });
  }

  switches() {
    for (const [name, layer] of this.layers) {
      const box = check(layer.spec.name, {
        onChange: (on) => (on ? this.map.addLayer(layer) : this.map.removeLayer(layer)),
      });
      box.set(this.map.hasLayer(layer));
      layer.on("add remove", () => box.set(this.map.hasLayer(layer)));
      this.places.switch.append(box.node);
      box.node.dataset.layer = name;
    }
  }

  trouble(text) {
    this.places.problem.textContent = text;
    this.places.problem.hidden = false;
  }

  legend() {
    const layer = this.layers.get(this.store.state.layer);
    if (layer) drawLegend(this.places.legend, layer, this.store);
  }

  /** Show an answer: what matches (`bits`) stays strong, the rest fades. */
  show(answer, bits, state) {
    this.places.problem.hidden = true;
    for (const name of ["parcels", "buildings"]) {
      const layer = this.layers.get(name);
      if (!layer) continue;
      const active = name === state.layer;
      const asked = active && (answer.total < answer.all);
      layer.setQuiet(!active && name === "parcels");
      layer.setMatch(asked ? bits : null);
      if (active && !this.map.hasLayer(layer)) this.map.addLayer(layer);
      if (!active && name === "buildings" && this.opened) this.map.removeLayer(layer);
    }
    if (!this.opened && !state.view && answer.bounds) this.fit(answer.bounds, false);
    this.opened = true;
    this.legend();
  }

  /** Outline the chosen record; `follow` brings it into view as soon as its shape is here. */
  choose(id, follow) {
    const active = this.layers.get(this.store.state.layer);
    for (const name of ["parcels", "buildings"]) this.layers.get(name)?.choose(name === this.store.state.layer ? id : null);
    if (!follow || !active) return;
    if (active.source.features.length) this.follow(active, id);
    else active.once("shapes", () => this.follow(active, id));
  }

  follow(layer, id) {
    const feature = layer.source.byId.get(id);
    if (!feature || this.store.state.id !== id) return;
    const corner = (x, y) => fromSquare(x, y).reverse();
    const box = L.latLngBounds(corner(feature.box[0], feature.box[3]), corner(feature.box[2], feature.box[1]));
    const seen = this.map.getBounds().pad(-0.1);
    if (!seen.contains(box) || this.map.getZoom() < 14) {
      this.map.fitBounds(box.pad(2), { maxZoom: CLOSE_ENOUGH, ...this.padding(), animate: !reduced() });
    }
  }

  /** On a phone the sheet covers the lower half. */
  padding() {
    const phone = window.matchMedia("(max-width: 760px)").matches;
    return phone ? { paddingBottomRight: [0, Math.round(this.map.getSize().y * 0.5)] } : {};
  }

  whole() {
    this.fit(config.district.bounds, !reduced());
  }

  fit([west, south, east, north], animate) {
    this.map.fitBounds([[south, west], [north, east]], { ...this.padding(), animate });
  }
}

function reduced() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
