"""Vector tiles: true to every record, by three readers; a filter takes features away and changes nothing else."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as cases
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry

from landmap.domain import Audience, collections
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.query import Record
from landmap.render import tiles
from landmap.render.shapes import shapes
from landmap.render.tiles import EXTENT, Source, TileAddress, TileLayer, grid, varint
from tests import licang, mvt
from tests.sizes import sized

ZOOMS = (0, 5, 9, 11, 13, 14, 16, 18)
WINDOW = shapely.box(-grid.BUFFER, -grid.BUFFER, EXTENT + grid.BUFFER, EXTENT + grid.BUFFER)
audiences = pytest.mark.parametrize("audience", [licang.PUBLIC, licang.OFFICER], ids=["public", "officer"])


def layer_of(name: str, audience: Audience = licang.PUBLIC) -> TileLayer:
    return TileLayer(tiles.table_source(licang.catalog().table(name, audience.policy_class)))


def bare(*shapes: BaseGeometry | None) -> TileLayer:
    return TileLayer(Source("bare", np.array([*shapes, None], dtype=object)[:-1], ()))


def addresses(layer: TileLayer, zoom: int, most: int = 40) -> Iterator[TileAddress]:
    """Yield tiles that something lies in, spread over the layer."""
    span = layer.span(zoom)
    assert span is not None
    west, north, east, south = span
    every = [TileAddress(zoom, x, y) for y in range(north, south + 1) for x in range(west, east + 1)]
    yield from every[:: max(1, len(every) // most)]


def in_tile(shape: BaseGeometry, at: TileAddress) -> BaseGeometry:
    """Return a shape where it truly lies, in units of the tile."""

    def place(points: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        latitudes = np.radians(points[:, 1])
        x = (points[:, 0] + 180) / 360
        y = (1 - np.arcsinh(np.tan(latitudes)) / math.pi) / 2
        return (np.column_stack([x, y]) * 2**at.z - [at.x, at.y]) * EXTENT

    return shapely.transform(shape, place)


def distance(found: BaseGeometry, true: BaseGeometry) -> float:
    """Return how far the corners and edges of one are from the other, the larger way round."""
    edges = [one.boundary if one.geom_type.endswith("Polygon") else one for one in (found, true)]
    return float(shapely.hausdorff_distance(*edges))


def told_of(record: Record, drawn: dict[str, Any], zoom: int) -> dict[str, Any]:
    """Return what a tile should tell of a record, from what the map draws and the record says."""
    area = record.properties.get("area_m2", record.properties.get("gross_floor_area_m2"))
    step = None if area is None else min(127, math.floor(6 * math.log2(max(area, 1)) + 1e-9))
    told = {"code": drawn["c"], "stage": drawn["s"], "area_bin": step, "no": drawn["no"] if zoom >= 16 else None}
    return {key: value for key, value in told.items() if value is not None}


@audiences
@pytest.mark.parametrize("name", collections())
def test_a_tile_holds_the_true_records(name: str, audience: Audience) -> None:
    layer, selection = layer_of(name, audience), licang.select(name, audience)
    records = {record.ordinal: record for record in selection.records()}
    drawn = {one["o"]: one for one in shapes(selection)["features"]}
    for zoom in ZOOMS:
        for at in addresses(layer, zoom):
            body = layer.tile(at).whole()
            if not body:
                continue
            (told,) = mvt.read(body)
            assert (told.name, told.extent, told.version) == (name, EXTENT, 2)
            ids = [feature.id or 0 for feature in told.features]
            assert ids == sorted(set(ids))
            for feature in told.features:
                record = records[feature.id or 0]
                assert feature.properties == told_of(record, drawn[record.ordinal], zoom)
                true = in_tile(record.geometry, at)
                if max(true.bounds[2] - true.bounds[0], true.bounds[3] - true.bounds[1]) > EXTENT + 1:
                    true = shapely.intersection(true, WINDOW)
                if feature.type == mvt.POINT and true.geom_type.endswith("Polygon"):
                    assert feature.geometry.distance(true) <= 1
                else:
                    assert distance(feature.geometry, true) <= 1


@pytest.mark.parametrize("name", collections())
def test_no_record_is_missing_at_any_zoom(name: str) -> None:
    layer = layer_of(name)
    for zoom in (0, 8, 12, 14):
        seen = {int(one) for at in addresses(layer, zoom, 10**9) for one in layer.tile(at).ordinals}
        assert seen == set(range(len(layer.source.shapes)))


@pytest.mark.parametrize("name", collections())
def test_three_readers_read_the_same(name: str, tmp_path: Path, other_reader: Callable[..., dict[str, Any]]) -> None:
    layer = layer_of(name)
    for zoom in (10, 13, 16):
        for at in addresses(layer, zoom, 6):
            body = layer.tile(at).whole()
            if not body:
                continue
            (ours,) = mvt.read(body)
            other = other_reader(body, default_options={"y_coord_down": True})[name]
            assert [one["id"] for one in other["features"]] == [one.id for one in ours.features]
            assert [one["properties"] for one in other["features"]] == [one.properties for one in ours.features]
            for theirs, feature in zip(other["features"], ours.features, strict=True):
                assert shapely.geometry.shape(theirs["geometry"]).normalize() == feature.geometry.normalize()
            folder = tmp_path / f"{at.z}" / f"{at.x}"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{at.y}.pbf"
            path.write_bytes(body)
            frame = pyogrio.read_dataframe(path, CLIP="NO")
            assert frame["mvt_id"].tolist() == [one.id for one in ours.features]
            assert frame["code"].tolist() == [one.properties["code"] for one in ours.features]
            assert frame.crs.to_epsg() == 3857


@cases(max_examples=sized(60, 2000))
@given(data=st.data())
def test_a_filtered_tile_is_the_whole_one_without_the_others(data: st.DataObject) -> None:
    layer = layer_of("parcels")
    at = data.draw(st.sampled_from([at for zoom in (0, 9, 12, 13) for at in addresses(layer, zoom)]))
    size = len(layer.source.shapes)
    bits = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)), dtype=bool)
    tile = layer.tile(at)
    kept = tiles.kept_of(np.packbits(bits, bitorder="little").tobytes(), tile.ordinals)
    assert kept.tolist() == bits[tile.ordinals].tolist()
    whole = mvt.read(tile.whole())[0].features if tile.whole() else []
    left = [feature for feature in whole if bits[feature.id or 0]]
    body = tile.only(kept)
    assert (mvt.read(body)[0].features if body else []) == left


def test_a_filter_that_takes_nothing_away_gives_the_same_bytes_and_one_that_takes_all_none() -> None:
    layer = layer_of("parcels")
    tile = layer.tile(next(addresses(layer, 12)))
    everything = np.ones(len(tile.ordinals), dtype=bool)
    assert tile.only(everything) == tile.whole()
    assert tile.only(~everything) == b""


def test_only_what_occurs_in_a_tile_stands_in_its_tail() -> None:
    layer = layer_of("parcels")
    for at in addresses(layer, 14):
        if body := layer.tile(at).whole():
            (told,) = mvt.read(body)
            assert {*told.values} == {value for one in told.features for value in one.properties.values()}
            assert len(told.values) == len(set(map(repr, told.values)))


# Any shape there is: the strict reader refuses rings without an area, wrong turns and steps of nothing.

coordinate = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
near = st.tuples(st.floats(120.4, 120.401), st.floats(36.2, 36.2005))
places = st.one_of(st.lists(coordinate, min_size=4, max_size=9), st.lists(near, min_size=4, max_size=12))


@st.composite
def any_shape(draw: st.DrawFn) -> BaseGeometry | None:
    kind = draw(st.integers(0, 7))
    run = draw(places)
    if kind == 0:
        return None
    if kind == 1:
        return shapely.Point(run[0])
    if kind == 2:
        return shapely.MultiPoint(run)
    if kind == 3:
        return shapely.LineString(run)
    if kind == 4:
        return shapely.MultiLineString([run, draw(places)])
    if kind == 5:
        return shapely.make_valid(shapely.Polygon(run))
    if kind == 6:
        return shapely.Polygon()
    middle = shapely.Point(run[0]).buffer(draw(st.floats(1e-6, 5)))
    return shapely.difference(middle, shapely.Point(run[0]).buffer(draw(st.floats(1e-7, 4))))


@cases(max_examples=sized(300, 20_000))
@given(st.lists(any_shape(), min_size=1, max_size=4), st.integers(0, 20))
def test_whatever_the_shape_the_tile_is_sound(found: list[BaseGeometry | None], zoom: int) -> None:
    layer = bare(*found)
    there = {place for place, shape in enumerate(found) if shape is not None and not shapely.is_empty(shape)}
    span = layer.span(zoom)
    assert (span is None) == (not there)
    for place in there:
        points = shapely.get_coordinates(found[place])
        x, y = (int(one) >> (32 - zoom) for one in grid.world(points)[0])
        tile = layer.tile(TileAddress(zoom, x, y))
        features = [feature for told in mvt.read(tile.whole()) for feature in told.features]
        assert [feature.geometry.is_empty for feature in features] == [False] * len(features)
        assert {feature.id for feature in features} <= there
        assert place in tile.ordinals or zoom > 0


def test_a_ring_that_a_coarse_zoom_makes_nothing_is_a_point_and_a_hole_of_that_kind_is_gone() -> None:
    outer = shapely.box(120.4, 36.2, 120.5, 36.3)
    hole = shapely.box(120.45, 36.25, 120.4501, 36.2501)
    layer = bare(shapely.difference(outer, hole), hole)
    (told,) = mvt.read(layer.tile(TileAddress(3, 6, 3)).whole())
    assert [feature.type for feature in told.features] == [mvt.POLYGON, mvt.POINT]
    assert not told.features[0].geometry.interiors
    (fine,) = mvt.read(layer.tile(TileAddress(14, *_at(120.45, 36.25, 14))).whole())
    assert [feature.type for feature in fine.features] == [mvt.POLYGON, mvt.POLYGON]
    assert len(fine.features[0].geometry.interiors) == 1


def _at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    x, y = grid.world(np.array([[lon, lat]]))[0]
    return int(x) >> (32 - zoom), int(y) >> (32 - zoom)


def test_what_is_larger_than_a_tile_is_cut_at_its_buffer() -> None:
    layer = bare(shapely.box(120.0, 36.0, 120.9, 36.9))
    (told,) = mvt.read(layer.tile(TileAddress(14, *_at(120.5, 36.5, 14))).whole())
    assert told.features[0].geometry.bounds == (-grid.BUFFER, -grid.BUFFER, EXTENT + grid.BUFFER, EXTENT + grid.BUFFER)
    corner = _at(120.0, 36.0, 14)
    (edge,) = mvt.read(layer.tile(TileAddress(14, *corner)).whole())
    west, north, east, south = edge.features[0].geometry.bounds
    assert (north, east) == (-grid.BUFFER, EXTENT + grid.BUFFER)
    assert 0 <= west <= EXTENT
    assert 0 <= south <= EXTENT


def test_neighbours_that_share_an_edge_share_it_at_every_zoom() -> None:
    corner = (120.43217, 36.17321)
    left = shapely.box(120.43, 36.17, *corner)
    right = shapely.box(corner[0], 36.17, 120.44, corner[1])
    layer = bare(left, right)
    for zoom in range(10, 21):
        (told,) = mvt.read(layer.tile(TileAddress(zoom, *_at(*corner, zoom))).whole())
        if [feature.type for feature in told.features] == [mvt.POLYGON] * 2:
            assert told.features[0].geometry.bounds[2] == told.features[1].geometry.bounds[0]


@pytest.mark.parametrize(
    ("z", "y", "x", "error"),
    [
        ("a", "0", "0", InvalidValueError),
        ("-1", "0", "0", InvalidValueError),
        ("1.0", "0", "0", InvalidValueError),
        ("٣", "0", "0", InvalidValueError),
        ("1", "", "0", InvalidValueError),
        ("9" * 5000, "0", "0", InvalidValueError),
        ("21", "0", "0", NotFoundError),
        ("0", "1", "0", NotFoundError),
        ("3", "0", "8", NotFoundError),
    ],
)
def test_an_address_that_is_no_tile_is_refused(z: str, y: str, x: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        TileAddress.read(z, y, x)


@given(st.lists(st.integers(0, 2**28 - 1), min_size=1, max_size=50))
def test_numbers_are_written_as_protobuf_has_them(values: list[int]) -> None:
    run, lengths = varint.varints(np.array(values))
    assert run.tobytes() == b"".join(map(varint.varint, values))
    assert lengths.tolist() == [len(varint.varint(value)) for value in values]


def test_a_small_layer_is_drawn_at_every_zoom_and_a_large_one_from_twelve() -> None:
    assert [tiles.detail_zoom(size) for size in (0, 20_000, 20_001)] == [0, 0, 12]


def test_tiles_that_nobody_asked_for_lately_make_room() -> None:
    source = tiles.table_source(licang.catalog().table("parcels", licang.PUBLIC.policy_class))
    layer = TileLayer(source, capacity=20_000)
    every = list(addresses(layer, 13))
    for at in every:
        layer.tile(at)
    assert layer.held(every[-1]) is not None
    assert layer.held(every[0]) is None
    assert layer.tile(every[0]).whole() == TileLayer(source).tile(every[0]).whole()


def test_an_empty_layer_has_empty_tiles() -> None:
    layer = bare()
    assert layer.bounds is layer.span(3) is None
    assert layer.tile(TileAddress(0, 0, 0)).whole() == b""
