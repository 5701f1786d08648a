"""GeoJSON by RFC 7946."""

import json
import math

import numpy as np
import pytest
import shapely

from landmap.domain import collections
from landmap.query import Record
from landmap.render import geojson
from tests import licang


def read(body: bytes) -> dict[str, object]:
    def refuse(text: str) -> float:
        raise ValueError(f"{text} is no JSON")

    found: dict[str, object] = json.loads(body, parse_constant=refuse)
    return found


def test_rings_turn_as_the_standard_asks() -> None:
    clockwise = shapely.Polygon([(0, 0), (0, 4), (4, 4), (4, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    shell, hole = geojson.feature(Record("X", clockwise, {}))["geometry"]["coordinates"]
    assert shapely.LinearRing(shell).is_ccw
    assert not shapely.LinearRing(hole).is_ccw


def test_coordinates_have_seven_decimals_and_no_height() -> None:
    feature = geojson.feature(Record("X", shapely.Point(120.123456789, 36.1, 12.0), {}))
    assert feature["geometry"]["coordinates"] == [120.1234568, 36.1]


def test_a_record_without_a_shape_has_the_geometry_null() -> None:
    for shape in (None, shapely.Polygon()):
        assert geojson.feature(Record("X", shape, {"a": 1})) == {
            "type": "Feature",
            "id": "X",
            "geometry": None,
            "properties": {"a": 1},
        }
    assert "bbox" not in read(geojson.feature_bytes(Record("X", None, {})))


def test_nothing_is_not_a_number() -> None:
    values = {"a": math.nan, "b": [math.inf, 1.0], "c": {"d": np.float64("nan")}, "e": np.int64(3), "f": (1, 2)}
    body = read(geojson.feature_bytes(Record("X", None, values)))
    assert body["properties"] == {"a": None, "b": [None, 1.0], "c": {"d": None}, "e": 3, "f": [1, 2]}


def test_a_collection_counts_what_it_holds_and_what_there_is() -> None:
    records = [Record("A", shapely.box(1, 2, 3, 4), {}), Record("B", shapely.Point(5, 1), {})]
    features = list(geojson.encoded(records))
    links = {"next": "/x?after=1"}
    before = geojson.head(2, box=(1, 1, 5, 4), matched=9, links=links, notice="示例数据")
    body = read(b"".join(geojson.joined([features], before)))
    assert (body["numberMatched"], body["numberReturned"]) == (9, 2)
    assert body["bbox"] == [1, 1, 5, 4]
    assert body["links"] == [{"rel": "next", "href": "/x?after=1", "type": "application/geo+json"}]
    assert body["notice"] == "示例数据"


def test_an_empty_collection_is_a_collection() -> None:
    assert read(b"".join(geojson.joined([], geojson.head(0)))) == {
        "type": "FeatureCollection",
        "numberMatched": 0,
        "numberReturned": 0,
        "features": [],
    }


@pytest.mark.parametrize("name", collections())
def test_every_layer_is_read_back_as_it_was(name: str) -> None:
    selection = licang.select(name)
    body = json.loads(b"".join(geojson.pieces(selection, licang.words())))
    for feature, record in zip(body["features"], selection.records(), strict=True):
        assert feature["id"] == record.id
        back = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert shapely.hausdorff_distance(back, record.geometry) < 1e-7
        assert feature["properties"] == json.loads(json.dumps(dict(record.properties)))
