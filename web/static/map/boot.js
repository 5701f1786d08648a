// The one module a page with linked assets names: it reads the page's JSON blocks and builds its maps.
import { makeAll } from "./index.js";

/** The maps of the page, in order. */
export const maps = makeAll();
