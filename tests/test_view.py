"""What one class sees of one layer: where things are, what belongs to what."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from landmap.domain import PolicyClass, canonical_frame, children_of, frame_of, layer_named, table_of
from landmap.query import MemoryEngine
from landmap.query.index import bits
from landmap.query.view import View
from tests.query_town import DISTRICT, town

LIBERTY_BELL, CITY_HALL = (-75.1503, 39.9496), (-75.1635, 39.9526)


def facilities(*points: tuple[float, float] | None) -> View:
    """Return places on a plane that counts in feet."""
    layer = layer_named("facilities")
    rows = pd.DataFrame(
        [{"facility_id": str(number), "kind": "park", "status": "existing"} for number, _ in enumerate(points)],
        dtype=object,
    )
    shapes = [None if point is None else Point(point) for point in points]
    frame = canonical_frame(gpd.GeoDataFrame(rows, geometry=shapes, crs=4490), layer)
    return View(layer, PolicyClass.INTERNAL, {"facilities": table_of(frame, layer)}, 2272)


def test_distances_are_metres_also_on_a_plane_in_feet() -> None:
    view = facilities(LIBERTY_BELL, CITY_HALL)
    metres = view.metres_to(view.planar[1:])
    assert metres[0] == pytest.approx(1176, rel=0.01)
    assert metres[1] == 0


def test_a_record_without_a_shape_has_no_distance_and_no_bounds() -> None:
    view = facilities(LIBERTY_BELL, None)
    assert np.isnan(view.metres_to(view.planar[:1])).tolist() == [False, True]
    assert np.isnan(view.zones.sides[:, 0, :2]).tolist() == [[False, True]] * 4
    assert bits.mask_of(view.zones.unlocated, 2).tolist() == [False, True]


def test_nested_rows_stand_under_their_parents() -> None:
    tables, items = dict(town().tables), layer_named("site_assessments")
    stray = frame_of(tables["site_assessments"]).assign(parcel_id=["A", "A", "nowhere", "F", "F", None, None])
    view = View(layer_named("parcels"), PolicyClass.PUBLIC, tables | {"site_assessments": table_of(stray, items)}, 4549)
    nested = view.children["site_assessments"]
    assert [len(nested.of(ordinal)) for ordinal in range(view.size)] == [2, 0, 0, 0]
    assert nested.parents.tolist() == [0, 0]
    assert set(view.children) == {child.name for child in children_of("parcels")} & set(tables)


def test_a_view_is_made_once() -> None:
    engine = MemoryEngine("town", DISTRICT, town().tables)
    assert engine.view("parcels", PolicyClass.PUBLIC) is engine.view("parcels", PolicyClass.PUBLIC)
    assert engine.view("parcels", PolicyClass.PUBLIC) is not engine.view("parcels", PolicyClass.PARTNER)
    assert engine.view("parcels", PolicyClass.PUBLIC).keep("x", lambda: [1]) is engine.view(
        "parcels", PolicyClass.PUBLIC
    ).keep("x", lambda: [2])
