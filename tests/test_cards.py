"""List cards and the labels beside counts."""

import re
from typing import Any

import pytest
import shapely

from landmap.domain import District, collections, layer_named
from landmap.query import Record
from landmap.render import cards
from landmap.render.cartography import outline_path
from tests import licang
from tests.query_data import demo_district

PARCELS, BUILDINGS = layer_named("parcels"), layer_named("buildings")


def lines(layer: str, lang: str = "zh", **properties: Any) -> tuple[str, ...]:
    words = licang.words("zh" if lang == "zh" else "en")
    return cards.card_lines(Record("X", None, properties), layer_named(layer), words)


def test_a_parcel_says_what_where_and_how_much() -> None:
    known = {"land_use_code": "1001", "subdistrict": "楼山街道", "area_m2": 20504.29, "floor_area_ratio_min": 1.5}
    assert lines("parcels", **known) == ("工业用地 · 楼山街道", "30.76 亩 · 20,504 ㎡ · 容积率 ≥1.5")
    assert lines("parcels", "en", **known)[1] == "30.76 mu · 20,504 m² · FAR ≥1.5"


@pytest.mark.parametrize("layer", ["parcels", "buildings"])
def test_a_card_says_how_far_the_metro_is_when_that_is_known(layer: str) -> None:
    assert any("距地铁 382 米（直线）" in line for line in lines(layer, metro_distance_m=382))
    assert any("1.9 km to metro (straight line)" in line for line in lines(layer, "en", metro_distance_m=1873))
    assert not any("地铁" in line for line in lines(layer, metro_distance_m=None))


def test_unknown_is_said_and_doubt_is_never_a_number() -> None:
    assert lines("parcels", area_m2=None) == ("面积未知",)
    doubtful = {"floor_area_ratio_min": 1.5, "planning_parse_status": {"floor_area_ratio": "partial"}}
    assert lines("parcels", **doubtful)[-1].endswith("容积率 待核实")
    assert lines("buildings", building_kind="office")[-1] == "可招租面积未知"


def test_a_building_says_what_is_free_and_for_how_much() -> None:
    known = {"building_kind": "office", "grade": "A", "gross_floor_area_m2": 24959.1}
    free = {"available_area_m2": 2962.57, "rent_min_cny_m2_day": 1.77, "rent_max_cny_m2_day": 1.77}
    assert lines("buildings", **known, **free) == ("办公楼 · 甲级 · 24,959 ㎡", "可招租 2,963 ㎡ · 1.77 元/㎡·天")


@pytest.mark.parametrize("name", collections())
def test_a_card_has_the_shape_the_list_relies_on(name: str) -> None:
    selection = licang.select(name)
    for place, record in enumerate(selection.page(limit=20).records):
        card = cards.card(record, layer_named(name), licang.words(), licang.catalog())
        assert set(card) == {"id", "ordinal", "title", "no", "class", "stage", "lines", "bounds", "outline"}
        assert set(card["class"]) == {"key", "label", "colour"}
        assert card["title"]
        assert card["lines"]
        west, south, east, north = card["bounds"]
        assert west <= east
        assert south <= north
        assert card["ordinal"] in selection.ordinals()
        assert re.fullmatch(r"[-MLaZ0-9. ]+", card["outline"]), (place, card["outline"])


def test_ordinals_are_those_of_the_bitmap() -> None:
    selection = licang.select("parcels", area_min=100)
    found = sorted(cards.card(one, PARCELS, licang.words(), licang.catalog())["ordinal"] for one in selection.records())
    assert found == selection.ordinals().tolist()


def test_a_record_without_a_shape_has_an_empty_outline_and_no_bounds() -> None:
    card = cards.card(Record("X", None, {"parcel_id": "X"}), PARCELS, licang.words(), licang.catalog())
    assert (card["bounds"], card["outline"], card["stage"]) == (None, "", None)


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(120.40, 36.18, 120.41, 36.181),
        shapely.box(120.40, 36.18, 120.4001, 36.19),
        shapely.LineString([(120.4, 36.18), (120.41, 36.19)]),
        shapely.Point(120.4, 36.18),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 4, 4)]),
        shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]]),
    ],
)
def test_an_outline_stays_in_its_box(shape: Any) -> None:
    path = outline_path(shape, 100, 70)
    assert path
    if "a" not in path:
        numbers = [float(text) for text in re.findall(r"-?[0-9.]+", path)]
        assert all(0 <= x <= 100 for x in numbers[::2])
        assert all(0 <= y <= 70 for y in numbers[1::2])


@pytest.mark.parametrize(
    ("field", "code", "zh", "en"),
    [
        ("land_use_code", "1001", "1001 工业用地", "1001 Industrial"),
        ("supply_stage", "announced", "已公告", "Announced"),
        ("standard_land", "true", "是", "Yes"),
        ("elastic_term", "false", "否", "No"),
        ("subdistrict", "楼山街道", "楼山街道", "楼山街道"),
        ("preset", "advanced_manufacturing", "先进制造（工业＋新型产业）", "Advanced manufacturing (industry and M0)"),
        ("preset", "office", "商务办公", "Offices"),
        ("display_class", "M0", "新型产业用地", "New industry (M0)"),
        ("supply_stage", "nowhere", "nowhere", "nowhere"),
        ("nothing", "x", "x", "x"),
    ],
)
def test_an_option_reads_as_its_label(field: str, code: str, zh: str, en: str) -> None:
    district: District = demo_district()
    for lang, text in (("zh", zh), ("en", en)):
        assert cards.code_label(PARCELS, field, code, licang.words(lang), district) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("name", collections())
def test_every_option_that_is_counted_has_a_label(name: str) -> None:
    selection = licang.select(name, licang.OFFICER)
    for field, facet in selection.facets().items():
        for code in facet.counts:
            assert cards.code_label(selection.layer, field, code, licang.words("en"), demo_district())
