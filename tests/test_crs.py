"""Coordinates: every zone has its EPSG code, refused datums stay refused, and values outrank what a file claims."""

import numpy as np
import pyproj
import pytest
import shapely

from landmap.domain import crs
from landmap.domain.crs.grid import ZONES
from landmap.domain.errors import InvalidValueError, SourceError

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
