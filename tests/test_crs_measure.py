"""Areas and lengths: on the ellipsoid, by closed formulae and by real data."""

import json
import math
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from landmap.domain import crs
from landmap.domain.errors import SourceError
from tests.sizes import sized


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
