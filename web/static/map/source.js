// Where features come from: a FeatureSource answers `tile(z, x, y)`. Today everything is in memory; a tile route fits the
// same seam.

/**
 * One thing to draw. Coordinates are Web Mercator scaled to 0–1, so that one multiplication gives pixels at any zoom.
 * @typedef {object} Feature
 * @property {number} o ordinal inside the audience's class; bit number of the match bitmap
 * @property {string} id
 * @property {string|null} no
 * @property {string|null} t title
 * @property {string} c class key
 * @property {string|null} s stage code
 * @property {string} [e] effect of a constraint
 * @property {string[][]} [r] further popup lines, label and text
 * @property {"polygon"|"line"|"point"} type
 * @property {Float64Array[]} parts rings, lines or points, x and y in turn
 * @property {number[]} box west, north, east, south on the 0–1 square
 * @property {number[]} anchor where a label may stand
 * @property {Record<string, unknown>} [p] properties of a basemap feature
 */

/** @typedef {{tile(z: number, x: number, y: number): Feature[]|Promise<Feature[]>}} FeatureSource */

export const TILE_SIZE = 512;
const BUFFER = 12 / TILE_SIZE;

/** Longitude and latitude in degrees on the 0–1 square of Web Mercator. @returns {[number, number]} */
export function toSquare(lon, lat) {
  const sine = Math.min(Math.max(Math.sin((lat * Math.PI) / 180), -0.9999), 0.9999);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** @returns {[number, number]} longitude and latitude in degrees */
export function fromSquare(x, y) {
  return [(x - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

const READERS = {
  Point: (c) => ["point", [[c]]],
  MultiPoint: (c) => ["point", [c]],
  LineString: (c) => ["line", [c]],
  MultiLineString: (c) => ["line", c],
  Polygon: (c) => ["polygon", c],
  MultiPolygon: (c) => ["polygon", c.flat()],
};

function flat(points) {
  const out = new Float64Array(points.length * 2);
  points.forEach(([lon, lat], i) => out.set(toSquare(lon, lat), i * 2));
  return out;
}

function boxOf(parts) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) {
      box[0] = Math.min(box[0], part[i]);
      box[1] = Math.min(box[1], part[i + 1]);
      box[2] = Math.max(box[2], part[i]);
      box[3] = Math.max(box[3], part[i + 1]);
    }
  }
  return box;
}

/** The middle of the widest run of the polygon along `y`: always inside. */
function insideAt(parts, y) {
  const crossings = [];
  for (const ring of parts) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [ax, ay, bx, by] = [ring[i], ring[i + 1], ring[i + 2], ring[i + 3]];
      if (ay > y !== by > y) crossings.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
  }
  crossings.sort((a, b) => a - b);
  let best = null;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const width = crossings[i + 1] - crossings[i];
    if (!best || width > best.width) best = { width, x: crossings[i] + width / 2 };
  }
  return best ? [best.x, y] : null;
}

function anchorOf(type, parts, box) {
  if (type === "polygon") return insideAt(parts, (box[1] + box[3]) / 2) ?? [parts[0][0], parts[0][1]];
  const longest = parts.reduce((a, b) => (b.length > a.length ? b : a));
  const i = 2 * Math.floor((longest.length / 2 - 1) / 2);
  return [longest[i], longest[i + 1]];
}

/** Read one entry of a `shapes` answer, or null when its geometry is of no kind we draw. @returns {Feature|null} */
export function readFeature(raw) {
  const read = READERS[raw.g?.type];
  if (!read) return null;
  const [type, lines] = read(raw.g.coordinates);
  const parts = lines.filter((line) => line.length).map(flat);
  if (!parts.length) return null;
  const box = boxOf(parts);
  const { g: _geometry, ...rest } = raw;
  return { ...rest, type, parts, box, anchor: anchorOf(type, parts, box) };
}

/** Features held in memory. @implements {FeatureSource} */
export class MemorySource {
  /** @param {object[]} raw entries of a `shapes` answer */
  constructor(raw) {
    /** @type {Feature[]} */
    this.features = raw.map(readFeature).filter(Boolean);
    this.byId = new Map(this.features.map((feature) => [feature.id, feature]));
  }

  /** Every feature that touches a tile of TILE_SIZE pixels, a margin for outlines included. */
  tile(z, x, y) {
    const size = TILE_SIZE / (256 * 2 ** z);
    const [west, north] = [(x - BUFFER) * size, (y - BUFFER) * size];
    const [east, south] = [(x + 1 + BUFFER) * size, (y + 1 + BUFFER) * size];
    return this.features.filter(
      ({ box }) => box[0] <= east && box[2] >= west && box[1] <= south && box[3] >= north,
    );
  }

  /** West, south, east, north in degrees; null when empty. */
  bounds() {
    if (!this.features.length) return null;
    const box = boxOf(this.features.map((feature) => Float64Array.from(feature.box)));
    return [...fromSquare(box[0], box[3]), ...fromSquare(box[2], box[1])];
  }
}
