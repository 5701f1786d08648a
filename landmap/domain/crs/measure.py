"""Areas and lengths: on the GRS80 ellipsoid for what is shown, on a named plane for what is computed in metres."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from landmap.domain.crs.systems import STORE_CRS, Geometries, Points, is_geographic, move_points, transform
from landmap.domain.errors import SourceError

GRS80: Final = Geod(ellps="GRS80")
_A: Final = GRS80.a
_E2: Final = GRS80.es
_E: Final = math.sqrt(_E2)
_EDGE_MAX_M: Final = 1000.0
_AT_ONCE: Final = 50_000


def geodesic_area_m2(geometries: Geometries) -> NDArray[np.float64]:
    """Return the area on the GRS80 ellipsoid, edges being geodesics.

    Parameters
    ----------
    geometries : array of geometry, shape (n,), EPSG:4490, valid
        Holes are taken off and parts added up, whatever way their rings turn.

    Returns
    -------
    array of float, shape (n,), square metres
        NaN for a missing or empty geometry; 0 for points and lines.

    Examples
    --------
    >>> geodesic_area_m2(np.array([shapely.box(120.40, 36.18, 120.41, 36.19)])).round().tolist()
    [998136.0]
    """

    def areas(some: Geometries) -> NDArray[np.float64]:
        points, ring, sign, owner = _rings(some)
        return _sums(sign * ring_areas_m2(points, ring, len(sign)), owner, some)

    return _in_turns(areas, geometries)


def planar_area_m2(geometries: Geometries, epsg: int) -> NDArray[np.float64]:
    """Return the area of stored geometries on the plane of a projected system.

    Parameters
    ----------
    geometries : array of geometry, shape (n,), EPSG:4490, valid
    epsg : int
        As for `planar`.

    Returns
    -------
    array of float, shape (n,), square metres
        NaN for a missing or empty geometry; 0 for points and lines.

    Examples
    --------
    >>> planar_area_m2(np.array([shapely.box(120.40, 36.18, 120.41, 36.19)]), 4549).round().tolist()
    [998169.0]
    """
    _check_plane(epsg)

    def areas(some: Geometries) -> NDArray[np.float64]:
        points, ring, sign, owner = _rings(some)
        flat = move_points(points, STORE_CRS, epsg)
        flat -= flat.mean(axis=0) if len(flat) else 0.0
        twice = flat[:-1, 0] * flat[1:, 1] - flat[1:, 0] * flat[:-1, 1]
        twice[ring[1:] != ring[:-1]] = 0.0
        return _sums(sign * np.abs(np.bincount(ring[:-1], weights=twice, minlength=len(sign))) / 2, owner, some)

    return _in_turns(areas, geometries)


def _in_turns(areas: Callable[[Geometries], NDArray[np.float64]], geometries: Geometries) -> NDArray[np.float64]:
    """Return what `areas` makes of geometries, some at a time: the points of a million would fill the memory."""
    found = np.asarray(geometries, dtype=object)
    starts = range(0, len(found), _AT_ONCE)
    return np.concatenate([np.empty(0), *(areas(found[start : start + _AT_ONCE]) for start in starts)])


def ring_areas_m2(points: Points, ring: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Return the area within each of `count` closed rings on the GRS80 ellipsoid, shape (count,), square metres.

    Parameters
    ----------
    points : array of float, shape (n, 2), degrees, longitude first
    ring : array of int, shape (n,), ascending
        The ring that each point belongs to.

    Notes
    -----
    Each edge bounds a strip down to the parallel of the ring's first point, whose area is that of a trapezoid on the
    cylindrical projection that keeps areas, and a sliver between the geodesic and the trapezoid's straight side. The
    sliver is ``Δλ sin φ (x² + 3 y²) / 12``, for an edge that goes x metres east and y north: the second term of the
    geodesic's expansion about its middle. The next one is under 1e-7 m² up to a kilometre; rings with a longer edge
    are left to the series of Karney (2013), which cost ten times as much.
    """
    ends = np.searchsorted(ring, np.arange(count + 1))
    lon, sine = np.radians(points[:, 0]), np.sin(np.radians(points[:, 1]))
    height = _strip(sine)
    height -= np.repeat(height[ends[:-1][ends[:-1] < ends[1:]]], np.diff(ends)[ends[:-1] < ends[1:]])
    along = ring[1:] == ring[:-1]
    of, east = ring[1:][along], (lon[1:] - lon[:-1])[along]
    north = np.radians((points[1:, 1] - points[:-1, 1])[along])
    middle = (sine[1:] + sine[:-1])[along] / 2
    squared = middle**2
    bent = 1 - _E2 * squared
    x2 = east**2 * (1 - squared) / bent * _A**2
    y2 = north**2 / bent**3 * (_A * (1 - _E2)) ** 2
    strips = east * ((height[1:] + height[:-1])[along] / 2 + middle * (x2 + 3 * y2) / 12)
    areas = np.abs(np.bincount(of, weights=strips, minlength=count))
    for far in np.unique(of[x2 + y2 > _EDGE_MAX_M**2]).tolist():
        areas[far] = abs(GRS80.polygon_area_perimeter(*points[ends[far] : ends[far + 1]].T.copy())[0])
    return areas


def _strip(sine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the area from the equator to a parallel for each radian of longitude, by the sine of its latitude."""
    strip: NDArray[np.float64] = sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E
    strip *= _A**2 * (1 - _E2) / 2
    return strip


def geodesic_length_m(geometries: Geometries) -> NDArray[np.float64]:
    """Return the length on the GRS80 ellipsoid; of a polygon, the length of all its rings.

    Parameters
    ----------
    geometries : array of geometry, shape (n,), EPSG:4490

    Returns
    -------
    array of float, shape (n,), metres
        NaN for a missing or empty geometry; 0 for points.

    Examples
    --------
    >>> line = shapely.LineString([(120.40, 36.18), (120.41, 36.18)])
    >>> geodesic_length_m(np.array([line, None])).round(1).tolist()
    [899.6, nan]
    """
    found = np.asarray(geometries, dtype=object)
    parts, owner = _simple_parts(found)
    rings, part = shapely.get_rings(parts, return_index=True)
    straight = np.isin(shapely.get_type_id(parts), (1, 2))
    lines = np.concatenate([parts[straight], rings])
    line_owner = np.concatenate([owner[straight], owner[part]])
    points, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    start, end = points[:-1][joined], points[1:][joined]
    metres = GRS80.inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
    return _sums(np.asarray(metres, dtype=np.float64), line_owner[line[1:][joined]], found)


def planar(geometries: Geometries, epsg: int) -> Geometries:
    """Return stored geometries on the plane of a projected system, for distances and overlays in metres.

    Parameters
    ----------
    geometries : array of geometry, shape (n,), EPSG:4490
    epsg : int
        A projected system in metres, such as 4549. Web Mercator is refused: its areas are half as large again.

    Raises
    ------
    SourceError
        When `epsg` is no plane that can be measured on.
    """
    _check_plane(epsg)
    return transform(geometries, STORE_CRS, epsg)


def _check_plane(epsg: int) -> None:
    if is_geographic(epsg) or epsg == 3857:
        raise SourceError(f"EPSG:{epsg} is no plane to measure on", hint="a Gauss-Krüger zone, such as EPSG:4549")


def _rings(
    geometries: Geometries,
) -> tuple[Points, NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the points of all rings, the ring of each, and of each ring its sign, -1 for a hole, and the row it is of.

    Where all are polygons without holes, nothing has to be taken apart.
    """
    single = (shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON) | (
        (shapely.get_type_id(geometries) == shapely.GeometryType.MULTIPOLYGON)
        & (shapely.get_num_geometries(geometries) == 1)
    )
    if single.all() and not shapely.get_num_interior_rings(shapely.get_geometry(geometries, 0)).any():
        points, ring = shapely.get_coordinates(geometries, return_index=True)
        return points, ring, np.ones(len(geometries)), np.arange(len(geometries))
    parts, owner = _simple_parts(geometries)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = part[1:] == part[:-1]
    return points, ring, np.where(hole, -1.0, 1.0), owner[part]


def _simple_parts(geometries: Geometries) -> tuple[Geometries, NDArray[np.int64]]:
    """Return the points, lines and polygons that geometries are made of, and the row each belongs to."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    return parts, owner


def _sums(values: NDArray[np.float64], owner: NDArray[np.int64], geometries: Geometries) -> NDArray[np.float64]:
    """Add up values per row; NaN where there is no geometry."""
    total = np.zeros(len(geometries))
    np.add.at(total, owner, values)
    total[shapely.is_missing(geometries) | shapely.is_empty(geometries)] = np.nan
    return total
