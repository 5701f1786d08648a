"""What checks stand on: the flat plane, whole columns, outlines drawn in, geometries fitted many at once."""

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain import canonical_frame, crs, layer_named
from landmap.ingest.arrange import arranged
from landmap.ingest.checks import CHECKS, Batch, judge
from landmap.ingest.checks.neighbours import drawn_in, equal_outlines, meetings
from landmap.ingest.checks.relations import leading_somewhere
from landmap.ingest.shapes import fit
from landmap.ingest.values import convert
from tests.clean_garden import parcel, plot
from tests.making_files import square, town

PARCELS = layer_named("parcels")
TODAY = dt.date(2026, 11, 22)
lon, lat = st.floats(119.5, 121), st.floats(35, 37.5)


def shapes(*found: Any) -> Any:
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


@given(lon, lat, st.floats(0.0002, 0.01), st.floats(0, 3))
def test_the_flat_plane_keeps_areas(west: float, south: float, size: float, turn: float) -> None:
    outline = shapely.affinity.rotate(shapely.box(west, south, west + size, south + size), turn, use_radians=True)
    flat = shapely.area(crs.local_metres(shapes(outline), 120.25))[0]
    assert flat == pytest.approx(crs.geodesic_area_m2(shapes(outline))[0], rel=2e-6)


def test_the_flat_plane_leaves_what_is_missing_missing() -> None:
    assert crs.local_metres(shapes(None, square()), 120.4)[0] is None


@given(st.floats(0, 3), st.floats(1, 4000), st.floats(1, 4000))
def test_an_outline_drawn_in_moves_by_two_millimetres_at_most(turn: float, width: float, height: float) -> None:
    outline = shapely.affinity.rotate(shapely.box(0, 0, width, height), turn, use_radians=True)
    small = drawn_in(shapes(outline))[0]
    moved = np.hypot(*(shapely.get_coordinates(outline) - shapely.get_coordinates(small)).T)
    assert moved.max() <= 0.002 + 1e-9
    assert shapely.contains_properly(outline, small)


def test_neighbours_that_only_touch_do_not_meet_and_overlaps_are_measured() -> None:
    left, right = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)
    over = shapely.box(90, 0, 190, 100)
    assert sum(len(found.left) for found in meetings(shapes(left, right, None))) == 0
    (found,) = meetings(shapes(left, None, over))
    assert (found.left.tolist(), found.right.tolist(), found.shared.tolist()) == ([0], [2], [1000])
    assert found.likeness.tolist() == [pytest.approx(1000 / 19_000)]


def test_a_pile_of_outlines_is_cut_into_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landmap.ingest.checks.neighbours._PAIRS", 10)
    pile = shapes(*(shapely.box(0, 0, 100 + step, 100) for step in range(20)))
    assert sum(len(found.left) for found in meetings(pile)) == 20 * 19 / 2


def test_outlines_are_equal_however_they_are_drawn() -> None:
    turned = shapely.reverse(square())
    assert equal_outlines(shapes(square(), square(1), None, turned, square(1))) == [(0, 3), (1, 4)]


def test_many_geometries_are_fitted_as_each_would_be_alone() -> None:
    mixed = shapes(
        square(),
        None,
        shapely.MultiPolygon([square()]),
        shapely.Point(120.4, 36.2),
        shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
        shapely.GeometryCollection([square(), shapely.Point(0, 0)]),
    )
    together, faults = fit(mixed, range(6), PARCELS)
    for index in range(6):
        (alone,), own = fit(mixed[index : index + 1], [index], PARCELS)
        assert (together[index] is None and alone is None) or shapely.equals_identical(together[index], alone)
        assert [fault for fault in faults if fault.row == index] == own


cells = st.lists(
    st.one_of(
        st.none(),
        st.integers(-5, 5),
        st.booleans(),
        st.floats(),
        st.sampled_from(
            ["", " ", "1", "12亩", "是", "挂牌", "listing", "2026-01-05", "1900-01-01", "甲 ", "\u200b乙", "ÐÔÖÊ"]
        ),
    ),
    min_size=1,
    max_size=12,
)


@given(
    cells,
    st.sampled_from(["net_area_m2", "floors_max", "parcel_name", "supply_method", "elastic_term", "right_end_on"]),
)
def test_a_column_read_whole_says_what_its_cells_say_one_by_one(values: list[Any], name: str) -> None:
    field = PARCELS.fields[name]
    together, faults = convert(values, range(len(values)), field)
    alone = [convert([value], [row], field) for row, value in enumerate(values)]
    assert together == [found[0] for found, _ in alone]
    assert faults == [fault for _, own in alone for fault in own]


@given(st.lists(st.sampled_from([1.5, 2, 40, None]), min_size=1, max_size=9), st.sampled_from(["", "mu", "ha"]))
def test_numbers_are_scaled_alike_whole_or_one_by_one(values: list[Any], unit: str) -> None:
    field = PARCELS.fields["net_area_m2"]
    together, _ = convert(values, range(len(values)), field, unit)
    assert together == [convert([value], [0], field, unit)[0][0] for value in values]


def test_records_are_arranged_as_a_canonical_frame() -> None:
    one, two = parcel(1), parcel(2)
    columns: dict[str, list[Any]] = {name: [one[name], two[name], one[name]] for name in one if name != "geometry"}
    columns |= {
        "planning_conditions_issued_on": [dt.date(2026, 1, 5), None, None],
        "right_start_on": [None, None, None],
        "right_end_on": [None, None, None],
        "data_as_of": [dt.date(2026, 1, 5)] * 3,
        "encouraged_industries": [("35", "36"), None, None],
        "elastic_term": [True, None, None],
        "floors_max": [3, None, None],
    }
    outlines = shapes(plot(1), None, plot(1))
    built = arranged(columns, outlines, np.array([True, True, False]), PARCELS)
    slow = pd.DataFrame({name: pd.Series(values[:2], dtype=object) for name, values in columns.items()})
    pd.testing.assert_frame_equal(
        pd.DataFrame(built), pd.DataFrame(canonical_frame(slow.assign(geometry=outlines[:2]), PARCELS))
    )


def batch(layer: str, columns: dict[str, list[Any]], **more: Any) -> Batch:
    count = len(next(iter(columns.values())))
    return Batch(layer_named(layer), town(), TODAY, np.arange(1, count + 1), columns, **more)


def test_a_figure_that_is_set_aside_counts_as_unread_and_no_other_record_with_it() -> None:
    status = {"floor_area_ratio": "ok"}
    one = batch("parcels", {"floor_area_ratio_max": [30.0, 2.0], "planning_parse_status": [status, status]})
    judge(one)
    assert one.columns["floor_area_ratio_max"] == [None, 2.0]
    assert one.columns["planning_parse_status"] == [{"floor_area_ratio": "unparsed"}, {"floor_area_ratio": "ok"}]


def test_references_to_a_layer_that_is_not_at_hand_are_said_to_be_unchecked() -> None:
    found = list(leading_somewhere(batch("building_units", {"building_id": ["B1", None]})))
    assert [(fault.code, fault.row, fault.field) for fault in found] == [("reference_unchecked", None, "building_id")]


def test_no_check_falls_over_a_layer_without_columns_or_shapes() -> None:
    for check in CHECKS:
        for layer in check.layers or ("parcels", "building_units", "facilities"):
            one = Batch(layer_named(layer), town(), TODAY, np.arange(2), {}, None)
            found = list(check.run(one))
            assert all(fault.code in check.codes for fault in found)
