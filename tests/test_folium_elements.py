"""The map's elements: on a stock Folium map, in groups and layer controls, saved, deterministic, asking nobody."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import folium
import folium.plugins
import pytest

from landmap.domain.errors import ConfigError, InvalidValueError
from landmap.render.map import (
    BasemapLayer,
    BuildingLayer,
    ConstraintLayer,
    DistrictLayer,
    FacilityLayer,
    Group,
    OneMap,
    Page,
    ParcelLayer,
    one_map,
    script_json,
)
from landmap.render.map.assets import bundle, map_script, module_order
from tests.map_town import BASEMAP, parcel_shapes

FEATURE_LAYERS = (ParcelLayer, BuildingLayer, ConstraintLayer, FacilityLayer, DistrictLayer)


class Addresses(HTMLParser):
    """Everything in a page that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [text or "" for name, text in attrs if name in {"src", "href", "srcset", "data"}]


def addresses(page: str) -> list[str]:
    parser = Addresses()
    parser.feed(page)
    return parser.found


def town(**options: Any) -> OneMap:
    return one_map(sources={"parcels": parcel_shapes()}, basemap=BASEMAP, **options)


def blocks(page: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.S)]


@pytest.mark.parametrize("kind", FEATURE_LAYERS)
def test_a_layer_stands_on_a_stock_map_with_its_script_inside(kind: type[ParcelLayer]) -> None:
    stock = folium.Map()
    layer = kind(data=parcel_shapes(), name="我的图层").add_to(stock)
    page = stock.get_root().render()
    assert page.count("window.landmap = ") == 1
    assert f'var {layer.get_name()} = landmap.make("{layer.get_name()}_spec");' in page
    assert f"{layer.get_name()}.addTo({stock.get_name()});" in page
    (spec,) = blocks(page)
    assert (spec["name"], spec["layer"], len(spec["data"]["features"])) == ("我的图层", kind.layer, 3)


def test_a_layer_stands_in_a_feature_group_and_in_a_layer_control() -> None:
    stock = folium.Map()
    group = folium.FeatureGroup("组").add_to(stock)
    inside = ParcelLayer(data=parcel_shapes()).add_to(group)
    outside = BasemapLayer(data=BASEMAP).add_to(stock)
    folium.LayerControl().add_to(stock)
    page = stock.get_root().render()
    assert f"{inside.get_name()}.addTo({group.get_name()});" in page
    assert f'"{outside.get_name()}" : {outside.get_name()},' in page


def test_a_hidden_layer_is_made_but_not_put_on_the_map() -> None:
    stock = folium.Map()
    layer = ParcelLayer(data=parcel_shapes(), show=False).add_to(stock)
    page = stock.get_root().render()
    assert f"var {layer.get_name()}" in page
    assert f"{layer.get_name()}.addTo" not in page


def test_folium_never_gets_the_name_that_people_read() -> None:
    layer = Group("{{ 7 }}<img>")
    assert re.fullmatch(r"group_[0-9a-f]{16}", layer.layer_name)
    assert layer.shown_name == "{{ 7 }}<img>"


@pytest.mark.parametrize("given", [{}, {"url": "/a", "data": {}}])
def test_a_layer_takes_either_an_address_or_data(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match="either url or data"):
        ParcelLayer(**given)


def test_the_same_map_is_the_same_bytes() -> None:
    assert town().get_root().render() == town().get_root().render()
    twice = town()
    assert twice.get_root().render() == twice.get_root().render()


def test_a_map_of_ours_names_no_address_at_all() -> None:
    assert addresses(town().get_root().render()) == []


def test_a_map_of_ours_forbids_every_request_and_every_other_script() -> None:
    page = town().get_root().render()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src &#39;none&#39;; script-src &#39;sha256-")
    assert "connect" not in policy


def test_a_stock_element_on_our_map_lifts_the_policy_it_could_not_keep() -> None:
    m = town()
    folium.plugins.Fullscreen().add_to(m)
    assert "Content-Security-Policy" not in m.get_root().render()


def test_a_map_with_linked_assets_names_only_our_own_files_and_has_no_script_inside() -> None:
    page = town(assets="linked").get_root().render()
    assert addresses(page)
    assert all(address.startswith("/static/") for address in addresses(page))
    assert re.findall(r"<script>", page) == []
    assert "style=" not in page


def test_a_linked_page_refuses_what_would_need_a_script_inside() -> None:
    m = town(assets="linked")
    folium.LayerControl().add_to(m)
    with pytest.raises(ConfigError, match="stock Folium elements"):
        m.get_root().render()


def test_a_layer_left_out_is_left_out() -> None:
    page = one_map(layers=("buildings",), sources={"parcels": parcel_shapes()}).get_root().render()
    assert [spec["kind"] for spec in blocks(page)] == ["map"]


def test_bounds_may_be_given_as_in_folium() -> None:
    m = OneMap()
    m.fit_bounds([(36.1, 120.3), (36.3, 120.5)])
    assert m.spec()["bounds"] == [120.3, 36.1, 120.5, 36.3]


def test_a_map_has_a_plain_name() -> None:
    with pytest.raises(InvalidValueError, match="no name for a map"):
        OneMap(id="a b")


def test_a_map_saves_and_shows_in_a_notebook(tmp_path: Path) -> None:
    m = town()
    m.save(str(tmp_path / "x.html"))
    assert (tmp_path / "x.html").read_text(encoding="utf-8") == m.get_root().render()
    assert m._repr_html_().startswith("<iframe srcdoc=")


def test_a_page_escapes_its_title() -> None:
    assert "<title>&lt;b&gt;{{ 7 }}</title>" in Page(title="<b>{{ 7 }}").render()


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb"])
def test_json_holds_no_lone_surrogate(value: str) -> None:
    text = script_json(value)
    text.encode("utf-8")
    assert json.loads(text) == value


def test_json_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json(float("nan"))


def test_the_bundle_puts_modules_after_those_they_import() -> None:
    order = module_order(Path(__file__).parent.parent / "web/static/map")
    assert order[0] in {"source.js", "styles.js"}
    assert order[-1] == "index.js"
    assert order.index("popup.js") < order.index("feature_layer.js") < order.index("make.js")
    assert map_script().count("\nwindow.landmap = ") == 1


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"index.js": 'import x from "./a.js";\n', "a.js": ""}, "form of import or export"),
        ({"index.js": "export default 1;\n"}, "form of import or export"),
        ({"index.js": 'import { a } from "./a.js";\n', "a.js": 'import { b } from "./index.js";\n'}, "in a circle"),
        (
            {"index.js": 'import { a } from "./a.js";\nconst a = 1;\n', "a.js": "export const a = 1;\n"},
            "both define 'a'",
        ),
        ({"index.js": 'import { a } from "./gone.js";\n'}, "gone.js is missing"),
    ],
)
def test_the_bundle_refuses_what_it_cannot_join(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=fault):
        bundle(tmp_path)


def test_map_modules_are_short(repo: Path) -> None:
    lengths = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (repo / "web/static").rglob("*.js")
    }
    assert {name: lines for name, lines in lengths.items() if lines >= 250} == {}
