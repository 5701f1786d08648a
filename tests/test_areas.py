"""Areas of many outlines at once are those of PROJ, one by one."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from bench.register import EPSG, outlines
from landmap.domain import crs
from landmap.domain.errors import SourceError

#: How far the areas of PROJ themselves scatter when an outline of a parcel is moved along its parallel, ㎡.
SCATTER_M2 = 3e-4


def by_proj(shape: shapely.Geometry) -> float:
    """Return the area that PROJ reckons."""
    return abs(float(Geod(ellps="GRS80").geometry_area_perimeter(shapely.orient_polygons(shape))[0]))


def test_parcels_have_the_area_that_proj_reckons() -> None:
    shapes = crs.transform(outlines(200, np.random.default_rng(1)), EPSG, crs.STORE_CRS)
    off = crs.geodesic_area_m2(shapes) - [by_proj(shape) for shape in shapes]
    assert np.abs(off).max() < SCATTER_M2


@settings(max_examples=60)
@given(st.floats(-80, 80), st.floats(-179, 178), st.floats(1e-5, 0.5), st.integers(3, 9), st.booleans())
def test_outlines_anywhere_and_of_any_size_have_it_too(
    lat: float, lon: float, size: float, corners: int, hole: bool
) -> None:
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False) + 0.3
    ring = np.column_stack([lon + size * np.cos(turns), lat + size * np.sin(turns)])
    shape = shapely.Polygon(ring)
    if hole:
        shape = shapely.Polygon(ring, [shapely.affinity.scale(shape, 0.3, 0.3).exterior.coords])
    (found,) = crs.geodesic_area_m2(np.array([shape], dtype=object))
    assert found == pytest.approx(by_proj(shape), rel=1e-8, abs=SCATTER_M2)


def test_areas_on_the_plane_are_those_of_the_drawn_plane() -> None:
    square = shapely.box(120.40, 36.18, 120.41, 36.19)
    shapes = np.array(
        [
            square,
            shapely.MultiPolygon([square, shapely.box(120.42, 36.18, 120.43, 36.19)]),
            shapely.Polygon(square.exterior, [shapely.box(120.402, 36.182, 120.404, 36.184).exterior.coords[::-1]]),
            shapely.Point(120.4, 36.2),
            shapely.LineString([(120.4, 36.2), (120.5, 36.2)]),
        ],
        dtype=object,
    )
    assert crs.planar_area_m2(shapes, EPSG) == pytest.approx(shapely.area(crs.planar(shapes, EPSG)), rel=1e-9)


def test_a_missing_outline_has_no_area_and_mercator_is_no_plane() -> None:
    none = np.array([None, shapely.Polygon()], dtype=object)
    assert np.isnan(crs.geodesic_area_m2(none)).all()
    assert np.isnan(crs.planar_area_m2(none, EPSG)).all()
    assert crs.geodesic_area_m2(none[:0]).tolist() == crs.planar_area_m2(none[:0], EPSG).tolist() == []
    with pytest.raises(SourceError, match="no plane"):
        crs.planar_area_m2(none, 3857)
