// Where the basemap's data ends, the map runs out softly: a straight edge would look like a shore.
import { TILE_SIZE } from "./source.js";

/** What covers the ground from edge to edge of the data. */
const GROUND = new Set(["land", "sea"]);
/** How wide the map runs out, as a part of the shorter side of the frame. */
const SOFT = 0.08;

/** How long, as a part of its side, and how straight along it, as a part of its length, a stretch is that was cut. */
const LONG = 0.2;
const STRAIGHT = 0.01;

/** Where a polygon was cut along one side of its box; null where that side is a shore, which is never as straight. */
function cutAt({ parts, box }, side) {
  const [across, along] = [side % 2, 1 - (side % 2)];
  const [inner, whole] = [side < 2 ? Math.max : Math.min, box[along + 2] - box[along]];
  for (const ring of parts) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const run = Math.abs(ring[i + along] - ring[i + 2 + along]);
      const [a, b] = [ring[i + across], ring[i + 2 + across]];
      const off = Math.max(Math.abs(a - box[side]), Math.abs(b - box[side]));
      if (run > LONG * whole && off < STRAIGHT * run) return inner(a, b);
    }
  }
  return null;
}

/**
 * West, north, east and south of what the data covers, on the 0–1 square: as far as anything with an extent reaches, or
 * to where land or sea was cut before that. Null without any.
 * @param {{kind: string, type: string, parts: Float64Array[], box: number[]}[]} features
 */
export function frameOf(features) {
  const wide = features.filter(({ type }) => type !== "point");
  if (!wide.length) return null;
  const ground = wide.filter(({ kind, type }) => type === "polygon" && GROUND.has(kind));
  return [0, 1, 2, 3].map((side) => {
    const cuts = ground.map((feature) => cutAt(feature, side)).filter((at) => at !== null);
    return (side < 2 ? Math.min : Math.max)(...(cuts.length ? cuts : wide.map(({ box }) => box[side])));
  });
}

/** Take away from a painted tile what lies outside the frame, and let the rest run out towards it. */
export function fadeOut(g, place, frame) {
  const scale = 256 * 2 ** place.z;
  const soft = SOFT * Math.min(frame[2] - frame[0], frame[3] - frame[1]) * scale;
  const at = frame.map((value, side) => value * scale - (side % 2 ? place.y : place.x) * TILE_SIZE);
  g.globalCompositeOperation = "destination-out";
  for (const side of [0, 1, 2, 3]) {
    const inner = at[side] + (side < 2 ? soft : -soft);
    if (side < 2 ? inner <= 0 : inner >= TILE_SIZE) continue;
    const run = side % 2 ? g.createLinearGradient(0, at[side], 0, inner) : g.createLinearGradient(at[side], 0, inner, 0);
    run.addColorStop(0, "#000");
    run.addColorStop(1, "#0000");
    g.fillStyle = run;
    g.fillRect(0, 0, TILE_SIZE, TILE_SIZE);
  }
  g.globalCompositeOperation = "source-over";
}
