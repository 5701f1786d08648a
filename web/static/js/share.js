// The link page and the record page: the drawn map stays until the living one has something to show.
import { maps } from "../map/boot.js";
import { made } from "../map/index.js";

const place = document.getElementById("living-map");
const [map] = maps;

function reveal() {
  if (!place.hidden) return;
  place.hidden = false;
  document.getElementById("drawn-map").hidden = true;
  map.invalidateSize();
  const bounds = JSON.parse(place.dataset.bounds || "null");
  if (bounds) map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], { padding: [48, 48], maxZoom: 16, animate: false });
}

const open = document.getElementById("open-map");
if (map && open) {
  open.hidden = false;
  open.addEventListener("click", () => {
    reveal();
    open.hidden = true;
    map.getContainer().focus();
  });
  for (const piece of made.values()) if (piece.choose && place.dataset.chosen) piece.choose(place.dataset.chosen);
}
