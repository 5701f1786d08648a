// Corners clicked on a map go into the form as text, and text that is degrees shows on the map.
import { maps } from "../map/boot.js";

const data = JSON.parse(document.getElementById("place-data").textContent);
const corners = document.getElementById("corners");
const form = document.getElementById("place");
const [map] = maps;
const PAIR = /^\s*(-?\d{1,3}\.\d+)\s*[,，\s]\s*(-?\d{1,3}\.\d+)\s*;?\s*$/;
const STYLE = { color: "#d1352b", weight: 2.5, fillOpacity: 0.18, interactive: false };
const OFFER = { color: "#7b5ea7", weight: 2, dashArray: "5 4", fillOpacity: 0.08 };

/** The corners that are written, each a line of two degrees in either order; null when something else is. */
function written() {
  const lines = corners.value.split("\n").filter((line) => line.trim());
  const [west, , east] = data.extent;
  const points = lines.map((line) => PAIR.exec(line)?.slice(1).map(Number));
  if (points.some((point) => !point)) return null;
  const lonFirst = points.every(([x]) => x >= west - 1 && x <= east + 1);
  return points.map(([a, b]) => (lonFirst ? [b, a] : [a, b]));
}

const drawn = L.featureGroup().addTo(map);

function draw() {
  drawn.clearLayers();
  const points = written();
  if (!points?.length) return;
  for (const point of points) L.circleMarker(point, { ...STYLE, radius: 4, fillOpacity: 1 }).addTo(drawn);
  if (points.length > 2) L.polygon(points, STYLE).addTo(drawn);
  else if (points.length === 2) L.polyline(points, STYLE).addTo(drawn);
}

function choose(ref) {
  for (const radio of form.elements.shape ? form.querySelectorAll("[name=shape]") : []) radio.checked = radio.value === ref;
}

function write(points) {
  corners.value = points.map(([lat, lon]) => `${lon.toFixed(7)}, ${lat.toFixed(7)}`).join("\n");
  choose("");
  draw();
}

map.on("click", ({ latlng }) => {
  const points = written();
  if (points) write([...points, [latlng.lat, latlng.lng]]);
});
document.getElementById("undo").addEventListener("click", () => write((written() ?? []).slice(0, -1)));
document.getElementById("clear").addEventListener("click", () => write([]));
corners.addEventListener("input", () => {
  if (corners.value.trim()) choose("");
  draw();
});
map.doubleClickZoom.disable();

for (const [ref, rings] of Object.entries(data.outlines)) {
  const outline = L.polygon(rings.map((ring) => [ring]), OFFER).addTo(map);
  outline.on("click", (event) => {
    L.DomEvent.stop(event);
    corners.value = "";
    draw();
    choose(ref);
  });
}
draw();
if (drawn.getLayers().length) map.fitBounds(drawn.getBounds(), { padding: [60, 60], maxZoom: 17, animate: false });
