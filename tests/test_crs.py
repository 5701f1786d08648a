"""Coordinates: every zone has its EPSG code, refused datums stay refused, and values outrank what a file claims."""

import json
import math
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from landmap.domain import crs
from landmap.domain.crs.grid import ZONES
from landmap.domain.errors import InvalidValueError, SourceError
from tests.sizes import sized

LICANG = (120.30, 36.10, 120.55, 36.25)
EVERY_ZONE = [
    (system, width, prefixed, zone)
    for system in ("cgcs2000", "xian80", "beijing54")
    for width, zones in ZONES.items()
    for prefixed in (True, False)
    for zone in zones
]


@pytest.mark.parametrize(("system", "width", "prefixed", "zone"), EVERY_ZONE)
def test_every_zone_of_every_row_is_what_proj_says(system: str, width: int, prefixed: bool, zone: int) -> None:
    code = crs.epsg(system, width, prefixed, zone=zone)
    grid = pyproj.CRS.from_epsg(code)
    parameters = {parameter.name: parameter.value for parameter in grid.coordinate_operation.params}
    meridian = 3 * zone if width == 3 else 6 * zone - 3
    assert grid.geodetic_crs.to_epsg() == crs.epsg(system)
    assert parameters["Longitude of natural origin"] == meridian
    assert parameters["False easting"] == 500_000 + 1_000_000 * zone * prefixed
    assert crs.epsg(system, width, prefixed, cm=meridian) == code
    known = crs.grid_zone(code)
    assert known is not None
    assert (known.system, known.zone_width, known.prefixed, known.zone) == (system, width, prefixed, zone)
    assert f"中央经线{meridian}°E" in crs.gauss_kruger_label(code)


def test_every_row_has_its_own_codes() -> None:
    assert len({crs.epsg(system, width, prefixed, zone=zone) for system, width, prefixed, zone in EVERY_ZONE}) == len(
        EVERY_ZONE
    )
    assert crs.grid_zone(4326) is None
    assert crs.grid_zone(4528) != crs.grid_zone(4549)


@pytest.mark.parametrize(
    "wanted",
    [
        {"system": "wgs72"},
        {"system": "cgcs2000", "zone_width": 4, "zone": 40},
        {"system": "cgcs2000", "zone_width": 3, "zone": 24},
        {"system": "cgcs2000", "zone_width": 3, "zone": 46},
        {"system": "cgcs2000", "zone_width": 6, "zone": 40},
        {"system": "cgcs2000", "zone_width": 3, "cm": 121},
        {"system": "cgcs2000", "zone_width": 3},
        {"system": "cgcs2000", "zone_width": 3, "zone": 40, "cm": 120},
    ],
)
def test_a_zone_that_does_not_exist_is_an_error(wanted: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        crs.epsg(**wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [4610, 4214, 4555, 2349, 2370, 2327, 2338, 2401, 2422, 21413, 21453])
def test_old_datums_are_refused_as_source_and_as_target(code: int) -> None:
    point = np.array([shapely.Point(500_000, 4_000_000)])
    for ask in (
        lambda: crs.check_epsg(code),
        lambda: crs.transform(point, code, 4490),
        lambda: crs.transform(point, 4490, code),
        lambda: crs.operation(code, code),
        lambda: crs.identify(pyproj.CRS.from_epsg(code).to_wkt("WKT1_ESRI")),
        lambda: crs.detect_coordinates([540_000.0], [4_005_000.0], code, district_epsg=4549, district_bounds=LICANG),
    ):
        with pytest.raises(SourceError, match="not converted"):
            ask()


@pytest.mark.parametrize(("code", "why"), [(999_999, "no known"), (5773, "no longitude"), (4978, "no longitude")])
def test_what_is_no_map_system_is_refused(code: int, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        crs.check_epsg(code)


def test_a_datum_without_a_known_way_is_refused() -> None:
    with pytest.raises(SourceError, match="no one way"):
        crs.check_epsg(4301)  # Tokyo: within 5 m in Korea only


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        (4528, 4490, "same datum"),
        (4326, 4549, "datums taken as equal (within 1 m)"),
        (2272, 4490, "datums taken as equal (within 2.5 m)"),
        (27700, 4490, "OSGB36 to WGS 84"),
        (3857, 4490, "datums taken as equal"),
    ],
)
def test_the_operation_says_what_was_done(source: int, target: int, words: str) -> None:
    assert words in crs.operation(source, target)


@pytest.mark.parametrize("source", [4326, 4528, 4549, 32651, 3857])
def test_points_come_where_proj_puts_them_and_back(source: int) -> None:
    lon, lat = np.meshgrid(np.linspace(120.3, 120.55, 6), np.linspace(36.1, 36.25, 6))
    degrees = shapely.points(lon.ravel(), lat.ravel())
    there = crs.transform(degrees, 4490, source)
    ours = shapely.get_coordinates(there)
    proj = pyproj.Transformer.from_crs(4490, source, always_xy=True).transform(lon.ravel(), lat.ravel())
    np.testing.assert_allclose(ours, np.column_stack(proj), rtol=0, atol=1e-6)
    back = shapely.get_coordinates(crs.transform(there, source, 4490))
    np.testing.assert_allclose(back, shapely.get_coordinates(degrees), rtol=0, atol=1e-9)


def test_feet_become_degrees_and_the_ordnance_grid_lands_where_it_should() -> None:
    city_hall = crs.transform(np.array([shapely.Point(2_692_934, 235_700)]), 2272, 4490)[0]
    assert city_hall.distance(shapely.Point(-75.1657, 39.9513)) < 0.0001
    greenwich = crs.transform(np.array([shapely.Point(538_890, 177_320)]), 27700, 4490)[0]
    assert greenwich.distance(shapely.Point(-0.0014, 51.4778)) < 0.0001


def test_heights_go_and_missing_rows_stay_and_lost_rows_are_none() -> None:
    rows = np.array(
        [shapely.Point(120.4, 36.2, 55.0), None, shapely.Point(120.4, 95.0), shapely.Polygon()], dtype=object
    )
    kept = crs.transform(rows, 4490, 4549)
    assert not kept[0].has_z
    assert (kept[1], kept[2]) == (None, None)
    assert kept[3].is_empty
    assert rows[0].has_z


@pytest.mark.parametrize("code", [4490, 4326, 4528, 4549, 4545, 4509, 32651, 2272, 3857])
def test_a_prj_file_is_recognised(code: int) -> None:
    assert crs.identify(pyproj.CRS.from_epsg(code).to_wkt("WKT1_ESRI")) == code


@pytest.mark.parametrize("text", ["", "Unknown", 'LOCAL_CS["青岛市城建坐标系",UNIT["metre",1]]', "EPSG:99999999"])
def test_a_prj_file_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="coordinate system"):
        crs.identify(text)


# ---------------------------------------------------------------------------------------------------- measuring


def test_the_area_of_a_graticule_cell_is_that_of_the_closed_formula() -> None:
    south, north, width = math.radians(36.18), math.radians(36.19), math.radians(0.01)
    exact = width * (_zone_area(north) - _zone_area(south))
    # parallels are not geodesics: cut them finely
    cell = shapely.segmentize(shapely.box(120.40, 36.18, 120.41, 36.19), 1e-4)
    assert crs.geodesic_area_m2(np.array([cell]))[0] == pytest.approx(exact, rel=1e-8)


def _zone_area(latitude: float) -> float:
    """Return the area between equator and latitude of one radian of GRS80, square metres."""
    ellipsoid = pyproj.Geod(ellps="GRS80")
    e, sine = math.sqrt(ellipsoid.es), math.sin(latitude)
    return (
        ellipsoid.b**2 / 2 * (sine / (1 - ellipsoid.es * sine**2) + math.log((1 + e * sine) / (1 - e * sine)) / 2 / e)
    )


def test_holes_and_parts_count_whatever_way_their_rings_turn() -> None:
    outer, inner, apart = shapely.box(0, 0, 1, 1), shapely.box(0.4, 0.4, 0.6, 0.6), shapely.box(2, 0, 3, 1)
    one, hole, other = crs.geodesic_area_m2(np.array([outer, inner, apart]))
    holed = shapely.Polygon(outer.exterior, [inner.exterior])
    turned = shapely.Polygon(outer.exterior.reverse(), [inner.exterior.reverse()])
    rows = np.array(
        [
            holed,
            turned,
            shapely.MultiPolygon([holed, apart]),
            shapely.GeometryCollection([shapely.MultiPolygon([holed]), apart, shapely.Point(5, 5)]),
            shapely.Point(0, 0),
            shapely.LineString([(0, 0), (1, 1)]),
            shapely.Polygon(),
            None,
        ],
        dtype=object,
    )
    expected = [one - hole, one - hole, one - hole + other, one - hole + other, 0.0, 0.0, np.nan, np.nan]
    np.testing.assert_allclose(crs.geodesic_area_m2(rows), expected, rtol=1e-12)
    assert crs.geodesic_area_m2(rows[:0]).tolist() == []


def test_lengths_are_geodesic_and_rings_count_in_full() -> None:
    line = shapely.LineString([(120.40, 36.18), (120.41, 36.18), (120.41, 36.19)])
    holed = shapely.Polygon(shapely.box(0, 0, 1, 1).exterior, [shapely.box(0.4, 0.4, 0.6, 0.6).exterior])
    lines = np.array([line, holed, shapely.Point(1, 1), None], dtype=object)
    geod = pyproj.Geod(ellps="GRS80")
    both = geod.geometry_length(holed.exterior) + geod.geometry_length(holed.interiors[0])
    expected = [geod.geometry_length(line), both, 0.0, np.nan]
    np.testing.assert_allclose(crs.geodesic_length_m(lines), expected, rtol=1e-12)


def test_the_plane_at_licang_is_a_few_parts_in_a_hundred_thousand_larger() -> None:
    parcel = np.array([shapely.box(120.40, 36.18, 120.4033, 36.1818)])
    excess = crs.planar(parcel, 4549)[0].area / crs.geodesic_area_m2(parcel)[0] - 1
    assert 0.00001 < excess < 0.00006
    for refused in (4490, 3857):
        with pytest.raises(SourceError, match="no plane"):
            crs.planar(parcel, refused)


def test_a_hundred_thousand_parcels_are_measured_in_seconds() -> None:
    count = sized(10_000, 100_000)
    x = np.linspace(120.3, 120.5, count)
    started = time.perf_counter()
    areas = crs.geodesic_area_m2(shapely.box(x, 36.1, x + 0.001, 36.101))
    assert time.perf_counter() - started < sized(2, 15)
    assert areas.min() > 9_900


@pytest.mark.data
def test_the_licang_subdistricts_sum_up(test_data: Path) -> None:
    frame = gpd.read_file(test_data / "licang" / "licang_subdistricts_osm_wgs84.geojson")
    areas = crs.geodesic_area_m2(crs.transform(frame.geometry.to_numpy(), 4326, 4490))
    assert areas.sum() / 1e6 == pytest.approx(94.73, rel=1e-3)
    truth = json.loads((test_data / "messy_derived" / "TRUTH.json").read_text(encoding="utf-8"))["geodesic_ha"]
    assert sorted(areas / 1e4) == pytest.approx(sorted(truth.values()), rel=1e-5)


@pytest.mark.data
def test_the_philadelphia_parcels_agree_with_a_direct_reading(test_data: Path) -> None:
    frame = gpd.read_file(test_data / "philadelphia" / "vacant_land_industrial_zoned.gpkg")
    assert frame.crs.to_epsg() == 2272
    ours = crs.transform(frame.geometry.to_numpy(), 2272, 4490)
    theirs = frame.to_crs(4326).geometry.to_numpy()
    assert shapely.hausdorff_distance(ours, theirs).max() < 1e-9
    geod = pyproj.Geod(ellps="GRS80")
    direct = [abs(geod.geometry_area_perimeter(shapely.geometry.polygon.orient(part))[0]) for part in _polygons(theirs)]
    assert crs.geodesic_area_m2(ours).sum() == pytest.approx(sum(direct), rel=1e-9)


def _polygons(geometries: np.ndarray) -> list[shapely.Polygon]:
    return list(shapely.get_parts(geometries))


# ---------------------------------------------------------------------------------------------------- detection

LON, LAT = np.meshgrid(np.linspace(120.35, 120.50, 8), np.linspace(36.12, 36.22, 8))
DEGREES = np.column_stack([LON.ravel(), LAT.ravel()])


def columns(code: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points of Licang in a system: east, north."""
    points = shapely.get_coordinates(crs.transform(shapely.points(DEGREES), 4490, code))
    return points[:, 0], points[:, 1]


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("stored", "declared", "header_zone", "found"),
    [
        (4490, None, None, 4490),
        (4490, 4490, None, 4490),
        (4490, 4326, None, 4326),
        (4490, 4549, None, 4490),
        (4528, None, None, 4528),
        (4528, 4528, None, 4528),
        (4528, 4490, None, 4528),
        (4528, 4549, None, 4528),
        (4528, 4326, 39, 4528),
        (4549, 4549, None, 4549),
        (4549, 4528, None, 4549),
        (4549, 4490, None, 4549),
        (4549, None, 40, 4549),
        (4549, None, None, 4549),
        (4549, 4546, None, 4549),
        (4549, None, 39, 4549),
        (4498, None, None, 4498),
        (4509, 4509, None, 4509),
        (4509, None, 20, 4509),
        (32651, 32651, None, 32651),
        (3857, 3857, None, 3857),
    ],
)
def test_values_outrank_what_the_file_says(
    stored: int, declared: int | None, header_zone: int | None, found: int, swapped: bool
) -> None:
    east, north = columns(stored)
    first, second = (north, east) if swapped else (east, north)

    guess = crs.detect_coordinates(first, second, declared, header_zone, 4549, LICANG)
    assert (guess.epsg, guess.swap) == (found, swapped)
    assert bool(guess.warnings) == (swapped or declared != found or header_zone not in (None, 40))
    stored_points = np.column_stack([second, first] if guess.swap else [first, second])
    placed = shapely.get_coordinates(crs.transform(shapely.points(stored_points), guess.epsg, 4490))
    np.testing.assert_allclose(placed, DEGREES, atol=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "given", "why"),
    [
        ([540_000.0], [4_005_000.0], {}, "have no zone"),
        ([540_000.0], [4_005_000.0], {"header_zone": 24}, "no zone 24"),
        ([46_540_000.0], [4_005_000.0], {}, "no zone 46"),
        ([24_540_000.0], [4_005_000.0], {}, "no zone 24"),
        ([4_005_000.0], [4_010_000.0], {}, "ambiguous"),
        ([40_540_000.0, 39_540_000.0], [4_005_000.0] * 2, {}, "several zone numbers"),
        ([103_000.0], [112_000.0], {}, "fit no system"),
        ([1e308], [5e-324], {}, "fit no system"),
        ([np.nan, np.inf], [36.0, 36.0], {}, "finite"),
        ([], [], {}, "finite"),
        ([540_000.0], [4_005_000.0], {"header_zone": 38, "district_bounds": LICANG}, "outside the district"),
        ([118.0], [39.0], {"district_bounds": LICANG}, "outside the district"),
        ([40_640_000.0], [4_005_000.0], {"district_bounds": LICANG}, "outside the district"),
    ],
)
def test_what_cannot_be_decided_is_refused(x: list[float], y: list[float], given: dict[str, object], why: str) -> None:
    with pytest.raises(SourceError, match=why):
        crs.detect_coordinates(x, y, **given)  # type: ignore[arg-type]


def test_a_local_grid_is_called_one() -> None:
    with pytest.raises(SourceError) as raised:
        crs.detect_coordinates([180_000.0], [3_950_000.0], None, None, 4549, LICANG)
    assert "疑似地方坐标系" in (raised.value.hint or "")


def test_a_few_wrong_rows_do_not_turn_the_layer() -> None:
    east, north = columns(4528)
    east[:3], north[:3] = north[:3].copy(), east[:3].copy()
    guess = crs.detect_coordinates(east, north, 4528, None, 4549, LICANG)
    assert (guess.epsg, guess.swap) == (4528, False)
    assert any("outside" in warning for warning in guess.warnings)


PHILADELPHIA = (-75.3, 39.85, -74.95, 40.15)


@pytest.mark.parametrize(
    ("x", "y", "declared", "epsg", "swap"),
    [
        (2_700_000.0, 240_000.0, 2272, 2272, False),
        (240_000.0, 2_700_000.0, 2272, 2272, True),
        (-75.16, 39.95, 4326, 4326, False),
        (-75.16, 39.95, None, 4326, False),
        (39.95, -75.16, None, 4326, True),
        (39.95, -75.16, 4326, 4326, True),
    ],
)
def test_a_district_elsewhere_is_read_by_what_it_declares(
    x: float, y: float, declared: int | None, epsg: int, swap: bool
) -> None:
    guess = crs.detect_coordinates([x], [y], declared, None, 2272, PHILADELPHIA)
    assert (guess.epsg, guess.swap) == (epsg, swap)


# ---------------------------------------------------------------------------------------------------- sanity

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
