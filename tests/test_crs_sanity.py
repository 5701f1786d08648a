"""Coordinates are sane before GEOS sees them."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landmap.domain import crs
from tests.sizes import sized

EMPTY_HOLE = "POLYGON ((0 0, 1 0, 1 1, 0 0), EMPTY)"


HOSTILE = [
    -2.2e-309,
    5e-324,
    1e308,
    -1e308,
    math.nan,
    math.inf,
    0.0,
    -0.0,
    1.0,
    2.0,
    179.9999999999,
]


@pytest.mark.parametrize(
    ("wkt", "codes", "left"),
    [
        (EMPTY_HOLE, ["empty_rings"], "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        ("POLYGON Z ((0 0 5, 1 0 5, 1 1 5, 0 0 5))", [], "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        ("POLYGON ((0 0, 1 0, 1 0, 1 1, 0 0))", ["repeated_points"], "POLYGON ((0 0, 1 0, 1 1, 0 0))"),
        ("POLYGON ((0 0, 0 0, 0 0, 0 0))", ["repeated_points", "degenerate_rings", "collapsed"], None),
        ("POLYGON ((0 0, 2 0, 2 2, 0 0), (1 1, 1 1, 1 1, 1 1))", None, "POLYGON ((0 0, 2 0, 2 2, 0 0))"),
        ("POLYGON ((0 0, 1e-12 0, 1 1, 0 0))", None, None),
        ("POINT (5e-324 -2.2e-309)", [], "POINT (0 0)"),
        ("POINT (1e308 0)", ["out_of_bounds"], None),
        ("POINT (181 0)", ["out_of_bounds"], None),
        ("POINT (120.12345678949 36)", [], "POINT (120.123456789 36)"),
        ("POLYGON EMPTY", ["empty"], None),
        (
            "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0), EMPTY), ((5 5, 5 5, 5 5, 5 5)))",
            ["empty_rings", "repeated_points", "degenerate_rings"],
            "MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)))",
        ),
        (
            "GEOMETRYCOLLECTION (POINT (1 1), GEOMETRYCOLLECTION (POINT (2 2), POINT EMPTY))",
            ["empty_parts"],
            "GEOMETRYCOLLECTION (POINT (1 1), POINT (2 2))",
        ),
        ("LINESTRING (1 1, 1 1)", ["repeated_points", "collapsed"], None),
        ("MULTIPOINT ((1 1), (1 1))", [], "MULTIPOINT ((1 1), (1 1))"),
    ],
)
def test_geometry_is_mended_or_removed_and_says_so(wkt: str, codes: list[str] | None, left: str | None) -> None:
    kept, findings = crs.sane(np.array([shapely.from_wkt(wkt)], dtype=object))
    if codes is not None:
        assert [finding.code for finding in findings] == codes
    if left is None:
        assert kept[0] is None
        assert any(finding.removed for finding in findings)
    else:
        assert kept[0] == shapely.from_wkt(left)
        assert not any(finding.removed for finding in findings)


def test_findings_name_their_rows_and_the_input_is_left_alone() -> None:
    bad = shapely.Point(math.nan, 1.0)
    rows = np.array([shapely.Point(1, 1, 7), None, bad, shapely.from_wkt(EMPTY_HOLE)], dtype=object)
    kept, findings = crs.sane(rows)
    assert [(finding.row, finding.code) for finding in findings] == [(2, "not_finite"), (3, "empty_rings")]
    assert (kept[1], kept[2]) == (None, None)
    assert rows[2] is bad
    assert rows[0].has_z
    assert crs.sane(rows[:0])[1] == ()


def test_too_many_vertices_are_refused() -> None:
    line = shapely.LineString(np.column_stack([np.linspace(0, 1, 101), np.zeros(101)]))
    kept, findings = crs.sane(np.array([line]), vertices_max=100)
    assert kept[0] is None
    assert (findings[0].code, findings[0].found) == ("too_many_vertices", "101 vertices")


def test_metres_have_bounds_and_a_step_of_their_own() -> None:
    kept, findings = crs.sane(np.array([shapely.Point(540_000.12345678, 4e6)]), (0, 0, 1e8, 1e8), 1e-4)
    assert (kept[0].x, findings) == (540_000.1235, ())


hostile_points = st.lists(st.tuples(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE)), min_size=3, max_size=12)


@settings(max_examples=sized(200, 20_000), deadline=5_000)
@given(shell=hostile_points, hole=hostile_points, empty=st.booleans())
def test_hostile_rings_neither_hang_nor_crash_what_comes_after(
    shell: list[tuple[float, float]], hole: list[tuple[float, float]], empty: bool
) -> None:
    kept, findings = crs.sane(np.array([_hostile(shell, [] if empty else hole)], dtype=object))
    if kept[0] is None:
        assert any(finding.removed for finding in findings)
        return
    again, nothing = crs.sane(kept)
    assert again[0] == kept[0]
    assert nothing == ()
    shapely.segmentize(kept[0], 1.0)
    shapely.simplify(kept[0], 0.1)


def _hostile(shell: list[tuple[float, float]], hole: list[tuple[float, float]]) -> shapely.Polygon:
    """Return a polygon that no constructor would let through: sound corners first, hostile numbers put in after.

    Its first corners stay sound, as a ring must close; an empty `hole` makes an empty ring.
    """
    rings = [
        shapely.LinearRing([(0, 0), *((at, 1) for at in range(len(ring))), (0, 0)]) for ring in (shell, hole) if ring
    ]
    holes = rings[1:] or [shapely.LinearRing()]
    polygon = np.array([shapely.Polygon(rings[0], holes)], dtype=object)
    closed = [point for ring in (shell, hole) if ring for point in ((0, 0), *ring, (0, 0))]
    return shapely.set_coordinates(polygon, np.array(closed))[0]


def test_a_deep_nest_of_collections_is_flattened() -> None:
    nest = shapely.Point(1, 1)
    for _ in range(200):
        nest = shapely.GeometryCollection([nest])
    assert crs.sane(np.array([nest], dtype=object))[0][0] == shapely.GeometryCollection([shapely.Point(1, 1)])
