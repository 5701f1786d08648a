"""What a person does in the workspace, at a desk or on a phone, and what they then see."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import Page, expect

#: Kept in the address beside the criteria.
OWN = {"layer", "sort", "id", "view", "lang"}

#: What a map layer holds: the ids that match, and whether any of it is drawn yet.
#: `made` and `matches` are what web/static/map/index.js offers to any page.
HELD = """async (name) => {
  const { made, matches } = await import("/static/map/index.js");
  const layer = [...made.values()].find((piece) => piece.spec.layer === name);
  const all = layer.source.features;
  const drawn = Object.values(layer._tiles).some(({ el, current }) => current && el.items?.length);
  return JSON.stringify({ all: all.length, chosen: layer.chosen, drawn,
    matched: all.filter((feature) => matches(layer.bits, feature.o)).map(({ id }) => id) });
}"""

#: How opaque each parcel in view is drawn, 0 to 255, by id.
STRENGTHS = """async () => {
  const { made } = await import("/static/map/index.js");
  const layer = [...made.values()].find((piece) => piece.spec.layer === "parcels");
  const strengths = {};
  for (const { el, current } of Object.values(layer._tiles)) {
    if (!current || !el.items) continue;
    const scale = 256 * 2 ** el.place.z, side = el.width / el.dpr;
    const { data } = el.getContext("2d").getImageData(0, 0, el.width, el.height);
    for (const { feature } of el.items) {
      const [x, y] = [feature.anchor[0] * scale - el.place.x * side, feature.anchor[1] * scale - el.place.y * side];
      if (x < 0 || y < 0 || x >= side || y >= side) continue;
      strengths[feature.id] = data[4 * (Math.floor(y * el.dpr) * el.width + Math.floor(x * el.dpr)) + 3];
    }
  }
  return strengths;
}"""

#: Where on the screen a feature lies, once the map has moved there.
PLACE_OF = """async (id) => {
  const { made, fromSquare } = await import("/static/map/index.js");
  const [map, layer] = [[...made.values()].find((piece) => piece.spec.kind === "map"),
    [...made.values()].find((piece) => piece.spec.layer === "parcels")];
  const feature = layer.source.features.find((one) => one.id === id);
  const [lon, lat] = fromSquare(...feature.anchor);
  map.setView([lat, lon], 16, { animate: false });
  const box = map.getContainer().getBoundingClientRect();
  const at = map.latLngToContainerPoint([lat, lon]);
  return [box.left + at.x, box.top + at.y];
}"""


@dataclass
class Workspace:
    """The workspace in one page."""

    page: Page

    def settled(self) -> "Workspace":
        """Wait until the answer to what the address asks is on the page."""
        expect(self.page.locator("#total strong, .state.bad").first).to_be_attached()
        expect(self.page.locator("#results.busy")).to_have_count(0)
        return self

    @property
    def phone(self) -> bool:
        return self.page.locator("#open-filters").is_visible()

    @contextmanager
    def filters(self) -> Iterator[None]:
        """The filters stand at hand at a desk; on a phone they are a page that opens and closes."""
        phone = self.phone
        if phone:
            self.page.locator("#open-filters").click()
            expect(self.page.locator("#filters")).to_be_visible()
        yield
        self.settled()
        if phone:
            self.page.locator("#show-results").click()
            expect(self.page.locator("#filters")).to_be_hidden()

    def least_area(self, number: str) -> None:
        box = self.page.get_by_role("spinbutton", name=re.compile("^(面积 最小|Area.* min)", re.I)).first
        box.fill(number)
        box.press("Enter")
        self.settled()

    def group(self, name: str) -> None:
        self.page.locator("#filter-form .pill", has_text=re.compile(f"^{name}")).first.click()
        self.settled()

    def land_use(self, name: str) -> None:
        self.page.locator("#filter-form .tree").get_by_role("checkbox", name=name).click()
        self.settled()

    @property
    def total(self) -> int:
        return int(self.page.locator("#total strong").inner_text().replace(",", ""))

    @property
    def chips(self) -> list[str]:
        return self.page.locator("#chips .chip > span").all_inner_texts()

    @property
    def cards(self) -> list[str]:
        cards: list[str] = self.page.locator("#cards a.card").evaluate_all("all => all.map((one) => one.dataset.id)")
        return cards

    @property
    def asked(self) -> dict[str, Any]:
        """What the address says, apart from where the map looks."""
        pairs = parse_qsl(urlsplit(self.page.url).query)
        return {
            "own": {name: value for name, value in pairs if name in OWN - {"view"}},
            "criteria": [pair for pair in pairs if pair[0] not in OWN],
        }

    @property
    def view(self) -> str:
        return dict(parse_qsl(urlsplit(self.page.url).query)).get("view", "")

    def answer(self) -> dict[str, Any]:
        """What the API answers to the criteria of the address, with the records of all its pages."""
        layer = self.asked["own"].get("layer", "parcels")
        home = "{0.scheme}://{0.netloc}".format(urlsplit(self.page.url))
        paging = [("limit", "500"), ("sort", self.page.locator("#sort").input_value())]
        found = self._read(f"{home}/api/collections/{layer}/search?{urlencode(self.asked['criteria'] + paging)}")
        following = found["links"].get("next")
        while following:
            further = self._read(home + following)
            found["records"] += further["records"]
            following = further["links"].get("next")
        return found

    def _read(self, address: str) -> dict[str, Any]:
        reply = self.page.request.get(address)
        assert reply.ok, reply.text()
        read: dict[str, Any] = reply.json()
        return read

    def on_map(self, layer: str = "parcels") -> dict[str, Any]:
        """What the map holds of a layer, once its shapes are there and drawn."""
        for _ in range(150):
            held: dict[str, Any] = json.loads(self.page.evaluate(HELD, layer))
            if held["all"] and held["drawn"]:
                return held
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the map draws no {layer}")

    def strengths(self) -> dict[str, int]:
        """How strongly the map draws each parcel in view."""
        self.on_map()
        strengths: dict[str, int] = self.page.evaluate(STRENGTHS)
        return strengths

    def place_of(self, id: str) -> tuple[float, float]:
        x, y = self.page.evaluate(PLACE_OF, id)
        return x, y

    def opens(self, id: str) -> None:
        self.page.locator(f'#cards a.card[data-id="{id}"]').click()
        self.shows_detail()

    def shows_detail(self) -> None:
        expect(self.page.locator("#detail-view h2")).to_be_visible()
        expect(self.page.locator("#list-view")).to_be_hidden()

    def shows_list(self) -> None:
        expect(self.page.locator("#list-view")).to_be_visible()
        expect(self.page.locator("#detail-view")).to_be_hidden()
