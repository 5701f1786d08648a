"""The shapes answer says what the map draws, no more, and knows the bit of each record."""

import json

import pytest
import shapely

from landmap.query import Record, criteria_class
from landmap.render.classes import UNKNOWN, map_class, map_classes
from landmap.render.shapes import shapes, shapes_bytes
from tests.licang import PUBLIC, TODAY, catalog
from tests.map_town import parcel_shapes, records


def test_a_parcel_is_drawn_with_these_words_and_no_others() -> None:
    drawn = parcel_shapes(["一号地块"])
    (feature,) = drawn["features"]
    assert list(feature) == ["o", "id", "no", "t", "c", "s", "g"]
    assert (feature["o"], feature["id"], feature["no"], feature["t"]) == (0, "P0", "N0", "一号地块")
    assert (feature["c"], feature["s"]) == ("M1", "ready")
    assert [one["key"] for one in drawn["classes"]] == ["M1"]
    assert drawn["stages"] == [{"code": "ready", "label_zh": "具备供应条件", "label_en": "Ready for supply"}]


def test_coordinates_have_six_decimals() -> None:
    point = Record("F", shapely.Point(120.123456789, 36.987654321), {"kind": "metro_station", "name": "站"})
    (feature,) = shapes([point], "facilities")["features"]
    assert feature["g"] == {"type": "Point", "coordinates": [120.123457, 36.987654]}


@pytest.mark.parametrize("geometry", [None, shapely.Polygon()])
def test_what_has_no_outline_is_not_drawn(geometry: shapely.Geometry | None) -> None:
    assert shapes([Record("P", geometry, {})], "parcels")["features"] == []


def test_a_constraint_says_its_effect() -> None:
    line = Record("C", shapely.box(120, 36, 121, 37), {"constraint_type": "blue_line", "effect": "prohibit"})
    (feature,) = shapes([line], "constraints")["features"]
    assert (feature["c"], feature["e"]) == ("blue_line", "prohibit")


def test_records_without_a_selection_need_their_layer() -> None:
    with pytest.raises(TypeError, match="name of their layer"):
        shapes(records())


def test_a_selection_brings_layer_version_and_ordinals() -> None:
    wanted = criteria_class("parcels").from_query([("preset", "industrial_land")])
    selection = catalog().engine.select("parcels", wanted, PUBLIC, today=TODAY, sort=("-area_m2",))
    drawn = json.loads(shapes_bytes(selection))
    assert (drawn["layer"], drawn["version"]) == ("parcels", selection.snapshot_id)
    assert [feature["id"] for feature in drawn["features"]] == list(selection.ids())
    assert sorted(feature["o"] for feature in drawn["features"]) == selection.ordinals().tolist()


@pytest.mark.parametrize("layer", ["parcels", "buildings", "constraints", "facilities", "districts"])
def test_every_class_has_a_colour_of_its_own_kind_and_both_labels(layer: str) -> None:
    for one in map_classes(layer).values():
        assert one.colour.startswith("#")
        assert len(one.colour) == 7
        assert one.label_zh
        assert one.label_en


@pytest.mark.parametrize(
    ("properties", "key"),
    [
        ({"land_use_code": "1001", "new_industry_tag": "M0"}, "M0"),
        ({"land_use_code": "100102", "new_industry_tag": None}, "M2"),
        ({"land_use_code": "16"}, "other"),
        ({"land_use_code": None}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_a_parcel_is_coloured_by_its_use(properties: dict[str, str | None], key: str) -> None:
    assert map_class("parcels", properties).key == key


@pytest.mark.parametrize("layer", ["parcels", "buildings"])
def test_a_click_on_a_class_finds_its_records_and_no_others(layer: str) -> None:
    everything = list(catalog().engine.select(layer, criteria_class(layer)(), PUBLIC, today=TODAY).records())
    for one in map_classes(layer).values():
        assert bool(one.query) == (one.key != UNKNOWN)
        if one.query:
            wanted = criteria_class(layer).from_query([tuple(pair.split("=")) for pair in one.query.split("&")])
            found = catalog().engine.select(layer, wanted, PUBLIC, today=TODAY).ids()
            drawn = [record.id for record in everything if map_class(layer, record.properties).key == one.key]
            assert sorted(found) == sorted(drawn), one.key
