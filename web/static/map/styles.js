// How things look on the map, in daylight and in the dark.

const THEMES = {
  light: {
    land: "#f4f1ea", sea: "#cfe4ee", water: "#b5d9ea", green: "#d6e8cf", hill: "#dcead3",
    road: "#ffffff", roadCase: "#d9d4c8", highway: "#fdf3d3", highwayCase: "#d8b86a",
    block: "#efebe2", coast: "#8fb6c9", edge: "#b59a93", rail: "#767d85", railGap: "#f4f1ea", text: "#2b3440",
    roadText: "#59626d", metroText: "#5f3a85", placeText: "#4a525c", waterText: "#3b7598", greenText: "#47724a",
    halo: "#fffffff0", outline: "#14213d", quietLine: "#ffffff", quietAlpha: 0.2, select: "#e11d48", selectCase: "#ffffff",
  },
  dark: {
    land: "#1b2129", sea: "#14303f", water: "#1b4459", green: "#22352a", hill: "#202f28",
    road: "#343d48", roadCase: "#141920", highway: "#4b4636", highwayCase: "#141920",
    block: "#20272f", coast: "#3c6378", edge: "#75635f", rail: "#8b95a1", railGap: "#1b2129", text: "#e3e8ee",
    roadText: "#a9b3be", metroText: "#c9aee6", placeText: "#c3cbd4", waterText: "#8cc3de", greenText: "#9cc7a0",
    halo: "#11161cd9", outline: "#f3f6fa", quietLine: "#10151b", quietAlpha: 0.26, select: "#ff5c7a", selectCase: "#10151b",
  },
};

const darkness = window.matchMedia?.("(prefers-color-scheme: dark)");

/** The colours in force: the page's own choice, else the reader's setting; a stock Folium map is always in daylight. */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  const follows = document.documentElement.hasAttribute("data-landmap-page");
  return THEMES[chosen === "dark" || (chosen !== "light" && follows && darkness?.matches) ? "dark" : "light"];
}

/** Call `redraw` whenever the colours change. */
export function onTheme(redraw) {
  darkness?.addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

export const FONT = 'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

/** Black or white, whichever reads better on a colour. */
export function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 150 ? "#1d2530" : "#ffffff";
}

const hatches = new Map();

function hatch(g, colour, gap, dpr) {
  const key = `${colour} ${gap} ${dpr}`;
  if (!hatches.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = gap * dpr;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = dpr;
    const n = tile.width;
    pen.beginPath();
    for (const shift of [-n, 0, n]) {
      pen.moveTo(shift - 1, n + 1);
      pen.lineTo(shift + n + 1, -1);
    }
    pen.stroke();
    hatches.set(key, tile);
  }
  const pattern = g.createPattern(hatches.get(key), "repeat");
  pattern.setTransform(new DOMMatrix([1 / dpr, 0, 0, 1 / dpr, 0, 0]));
  return pattern;
}

/**
 * How one feature is drawn now.
 * @typedef {{colour: string, faded: boolean, matched: boolean, zoom: number, dpr: number}} State
 */

function drawArea(g, path, feature, { colour, faded, matched, zoom }) {
  const look = theme();
  g.globalAlpha = faded ? look.quietAlpha : 0.88;
  g.fillStyle = colour;
  g.fill(path, "evenodd");
  g.globalAlpha = faded ? 0.5 : 1;
  g.strokeStyle = matched && zoom >= 14 ? look.outline : look.quietLine;
  g.lineWidth = matched && zoom >= 14 ? 1.2 : 0.7;
  g.stroke(path);
}

function drawConstraint(g, path, feature, { colour, zoom, dpr }) {
  g.globalAlpha = 1;
  if (feature.type === "polygon") {
    const gap = { prohibit: 7, restrict: 12 }[feature.e];
    g.globalAlpha = gap ? 0.55 : 0.1;
    g.fillStyle = gap ? hatch(g, colour, gap, dpr) : colour;
    g.fill(path, "evenodd");
  }
  g.globalAlpha = 0.95;
  g.strokeStyle = colour;
  g.lineWidth = zoom >= 14 ? 2 : 1.4;
  g.setLineDash(feature.e === "prohibit" ? [] : [7, 4]);
  g.stroke(path);
  g.setLineDash([]);
}

function drawBoundary(g, path, feature, { colour, zoom }) {
  const county = feature.c === "county";
  g.globalAlpha = 1;
  if (county) {
    g.strokeStyle = theme().halo;
    g.lineWidth = 4.5;
    g.globalAlpha = 0.7;
    g.stroke(path);
    g.globalAlpha = 1;
  }
  g.strokeStyle = colour;
  g.lineWidth = county ? 2 : zoom >= 13 ? 1.2 : 0.8;
  g.setLineDash(county ? [12, 4, 2, 4] : [5, 4]);
  g.stroke(path);
  g.setLineDash([]);
}

/** Fill or stroke of everything that is no point, by layer. */
export const DRAW = {
  parcels: drawArea,
  buildings: drawArea,
  constraints: drawConstraint,
  facilities: drawConstraint,
  districts: drawBoundary,
};

/** A feature too small for its shape: a speck of its colour. */
export function drawSpeck(g, x, y, { colour, faded }) {
  g.globalAlpha = faded ? theme().quietAlpha : 1;
  g.fillStyle = colour;
  g.fillRect(x - 1.5, y - 1.5, 3, 3);
}

/** A point: a ring for stations, a disc for the rest. */
export function drawPoint(g, x, y, feature, { colour, faded, matched, zoom }) {
  const look = theme();
  const station = feature.c === "metro_station" || feature.c === "rail_station";
  const r = (zoom >= 15 ? 6 : zoom >= 13 ? 5 : 3.5) * (matched ? 1.15 : 1);
  g.globalAlpha = faded ? 0.3 : 1;
  g.beginPath();
  g.arc(x, y, r, 0, 2 * Math.PI);
  g.fillStyle = station ? look.halo : colour;
  g.fill();
  g.strokeStyle = station ? colour : matched ? look.outline : look.halo;
  g.lineWidth = station ? 2.4 : 1.6;
  g.stroke();
}

/** The outline of the chosen or pointed-at feature. */
export function drawChosen(g, path, strong) {
  const look = theme();
  g.globalAlpha = 1;
  g.strokeStyle = look.selectCase;
  g.lineWidth = strong ? 6 : 4;
  g.stroke(path);
  g.strokeStyle = strong ? look.select : look.outline;
  g.lineWidth = strong ? 3 : 2;
  g.stroke(path);
}
