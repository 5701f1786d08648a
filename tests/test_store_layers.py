"""What a layer is when it is stored: every kind of value, its bytes, its order, and what is refused."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from landmap.domain import canonical_frame, layer_named, layers
from landmap.domain.errors import SchemaError, StoreError
from landmap.store import (
    Home,
    open_current,
)
from landmap.store.parquet import from_bytes, geo_metadata, to_bytes
from tests.hamlet import layer_frame, parcels, square
from tests.store_tools import home as home
from tests.store_tools import put, spoiled

EVERY_KIND = {
    "parcel_id": "K",
    "parcel_no": "李沧-1 \U0001f3ed",
    "net_area_m2": 0.1 + 0.2,
    "floors_max": 12,
    "standard_land": True,
    "planning_conditions_issued_on": pd.Timestamp("2026-02-28"),
    "encouraged_industries": ("C34", "生物医药"),
    "planning_raw": {"far": "≥1.5", "a": [1, None]},
    "geometry": shapely.MultiPolygon([square(0, 0)]),
}


def test_every_kind_of_value_and_unknown_comes_back_as_it_was(home: Home) -> None:
    frame = layer_frame("parcels", [EVERY_KIND, {"parcel_id": "L", "geometry": EVERY_KIND["geometry"]}])
    stored = put(home, parcels=frame).layer("parcels")
    assert isinstance(stored, gpd.GeoDataFrame)
    assert stored.crs.to_epsg() == 4490
    assert_frame_equal(pd.DataFrame(stored), pd.DataFrame(frame))
    assert [type(value) for value in stored["encouraged_industries"]] == [tuple, type(None)]


@pytest.mark.parametrize("name", layers.layers())
def test_every_layer_can_be_stored_empty(home: Home, name: str) -> None:
    empty = canonical_frame(pd.DataFrame({}), layer_named(name))
    stored = put(home, **{name: empty}).layer(name)
    assert_frame_equal(pd.DataFrame(stored), pd.DataFrame(empty))


def test_a_stored_layer_is_geoparquet_for_everybody(home: Home) -> None:
    snapshot = put(home, parcels=parcels("A", "B"))
    file = snapshot.path / "layers" / "parcels.parquet"
    read = gpd.read_parquet(file)
    assert read.crs.to_epsg() == 4490
    assert sorted(read["parcel_id"]) == ["A", "B"]
    metadata = geo_metadata(file.read_bytes())
    assert metadata["version"] == "1.1.0"
    assert metadata["columns"]["geometry"]["geometry_types"] == ["MultiPolygon"]
    assert metadata["columns"]["geometry"]["bbox"] == pytest.approx(list(read.total_bounds))


def test_equal_data_are_equal_bytes_whatever_the_order_of_rows(home: Home) -> None:
    layer, frame = layer_named("parcels"), parcels(*"ABCDEFGH")
    shuffled = frame.sample(frac=1, random_state=7).reset_index(drop=True)
    assert to_bytes(frame, layer, home.district()) == to_bytes(shuffled, layer, home.district())


def test_rows_lie_along_a_hilbert_curve_and_ties_by_key(home: Home) -> None:
    places = {"far": square(60, 40), "b": square(0, 0), "a": square(0, 0), "near": square(0.1, 0)}
    rows = [{"parcel_id": name, "geometry": shapely.MultiPolygon([shape])} for name, shape in places.items()]
    stored = put(home, parcels=layer_frame("parcels", rows)).layer("parcels")["parcel_id"].tolist()
    assert stored.index("a") + 1 == stored.index("b")
    assert stored.index("far") in (0, 3)


def test_a_table_lies_in_the_order_of_its_key(home: Home) -> None:
    rows = [{"parcel_id": parcel, "item": item} for parcel, item in (("B", "flood"), ("A", "flood"), ("A", "climate"))]
    stored = put(home, site_assessments=layer_frame("site_assessments", rows)).layer("site_assessments")
    assert stored[["parcel_id", "item"]].to_numpy().tolist() == [["A", "climate"], ["A", "flood"], ["B", "flood"]]


def test_a_field_that_did_not_exist_when_stored_is_unknown() -> None:
    layer = layer_named("site_assessments")
    old = pd.DataFrame({"parcel_id": ["A"], "item": ["flood"]})
    sink = Path("old.parquet")
    data = old.to_parquet(index=False)
    read = from_bytes(data, layer, str(sink))
    assert list(read.columns) == list(layer.fields)
    assert read["parcel_id"].tolist() == ["A"]
    assert read.drop(columns=["parcel_id", "item"]).isna().all(axis=None)


def test_bytes_that_are_no_layer_are_a_store_error() -> None:
    with pytest.raises(StoreError, match=r"x\.parquet is no file of layer 'parcels'"):
        from_bytes(b"PAR1 nothing", layer_named("parcels"), "x.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("no key", "1 records without parcel_id, the first in row 2"),
        ("twice", "two records called 'A'"),
        ("stranger", "not canonical: colour"),
        ("missing column", "not canonical: parcel_no"),
        ("dtype", "parcels.floors_max has dtype float64 instead of Int64"),
        ("index", "its index does not count from 0"),
        ("crs", "not in EPSG:4490"),
        ("no geometry", "parcels 'B' has no geometry"),
        ("empty geometry", "parcels 'B' has no geometry"),
        ("point", "parcels 'B' has no MultiPolygon"),
        ("value", "parcels.parcel_name holds a value that is no text"),
    ],
)
def test_a_frame_that_is_not_canonical_is_refused_and_nothing_changes(home: Home, change: str, message: str) -> None:
    before = put(home, parcels=parcels("A"))
    with pytest.raises(SchemaError, match=message):
        put(home, parcels=spoiled(change))
    assert open_current(home).id == before.id
    assert [path.name for path in home.snapshots.iterdir()] == [before.id]


def test_an_unknown_layer_is_refused(home: Home) -> None:
    with pytest.raises(SchemaError, match="no layer is called 'rockets'"):
        put(home, rockets=parcels("A"))


def test_composite_keys_tell_records_apart(home: Home) -> None:
    twice = layer_frame("site_assessments", [{"parcel_id": "A", "item": "flood"}] * 2)
    with pytest.raises(SchemaError, match="two records called 'A/flood'"):
        put(home, site_assessments=twice)
