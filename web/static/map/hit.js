// What lies under the pointer: plain geometry, no hidden canvas; the topmost layer answers first.

/** Whether a point is inside rings (even-odd, holes included). */
export function insideRings(parts, x, y) {
  let inside = false;
  for (const ring of parts) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [ax, ay, bx, by] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

/** Distance from a point to the nearest segment of a line. */
export function distanceToLine(line, x, y) {
  let best = Infinity;
  for (let i = 0; i + 3 < line.length; i += 2) {
    const [ax, ay] = [line[i], line[i + 1]];
    const [dx, dy] = [line[i + 2] - ax, line[i + 3] - ay];
    const along = dx || dy ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))) : 0;
    best = Math.min(best, Math.hypot(x - ax - along * dx, y - ay - along * dy));
  }
  return best;
}

/**
 * Whether a feature is under a point, given how far a miss may be.
 * @param {import("./source.js").Feature} feature
 * @param {number} reach on the 0–1 square; used for lines and points
 */
export function hits(feature, x, y, reach) {
  const { box } = feature;
  const slack = feature.type === "polygon" ? 0 : reach;
  if (x < box[0] - slack || x > box[2] + slack || y < box[1] - slack || y > box[3] + slack) return false;
  if (feature.type === "polygon") return insideRings(feature.parts, x, y);
  if (feature.type === "line") return feature.parts.some((line) => distanceToLine(line, x, y) <= reach);
  return feature.parts.some((points) => {
    for (let i = 0; i < points.length; i += 2) if (Math.hypot(points[i] - x, points[i + 1] - y) <= reach) return true;
    return false;
  });
}

/** Tells the layers of one map what the pointer is over and what was clicked. One per map. */
export class Picker {
  constructor(map) {
    this.map = map;
    this.layers = [];
    this.over = null;
    this.waiting = null;
    map.on("mousemove", (event) => this.later(event.latlng));
    map.on("mouseout", () => this.hover(null, null));
    map.on("click", (event) => this.pick(event));
  }

  add(layer) {
    this.layers = [...this.layers.filter((other) => other !== layer), layer];
    this.layers.sort((a, b) => b.options.zIndex - a.options.zIndex);
  }

  remove(layer) {
    this.layers = this.layers.filter((other) => other !== layer);
    if (this.over?.layer === layer) this.hover(null, null);
  }

  /** The topmost layer and feature at a place, or null. */
  at(latlng) {
    for (const layer of this.layers) {
      const feature = layer.at(latlng);
      if (feature) return { layer, feature };
    }
    return null;
  }

  later(latlng) {
    const asked = this.waiting !== null;
    this.waiting = latlng;
    if (asked) return;
    requestAnimationFrame(() => {
      const place = this.waiting;
      this.waiting = null;
      this.hover(this.at(place), place);
    });
  }

  hover(found, latlng) {
    if (found?.feature !== this.over?.feature) {
      this.over?.layer.fire("featureout", { feature: this.over.feature });
      this.over = found;
      this.map.getContainer().classList.toggle("lm-pointing", found !== null);
      found?.layer.fire("featureover", { feature: found.feature, latlng });
    } else if (found) {
      found.layer.fire("featuremove", { feature: found.feature, latlng });
    }
  }

  pick(event) {
    const found = this.at(event.latlng);
    if (found) found.layer.fire("featurepick", { feature: found.feature, latlng: event.latlng });
    else this.map.fire("featurenone", { latlng: event.latlng });
  }
}

/** The picker of a map, made when first asked for. */
export function pickerOf(map) {
  map.landmapPicker ??= new Picker(map);
  return map.landmapPicker;
}
