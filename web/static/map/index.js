// What a page may call: `landmap.make` in a classic script, the same names as an ES module.
export { make, makeAll, made } from "./make.js";
export { MemorySource, toSquare, fromSquare } from "./source.js";
export { hits, insideRings, distanceToLine } from "./hit.js";
export { Occupied, boxOfLabel } from "./labels.js";
export { matches } from "./feature_layer.js";
export { kindOf } from "./basemap.js";
export { frameOf } from "./frame.js";
