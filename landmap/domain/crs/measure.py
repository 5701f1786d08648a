"""Areas and lengths: on the GRS80 ellipsoid for what is shown, on a named plane for what is computed in metres."""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from landmap.domain.crs.systems import STORE_CRS, Geometries, is_geographic, transform
from landmap.domain.errors import SourceError

GRS80: Final = Geod(ellps="GRS80")


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
    found = np.asarray(geometries, dtype=object)
    parts, owner = _simple_parts(found)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.searchsorted(ring, np.arange(len(rings) + 1))
    lon, lat = points.T.copy()
    areas = [
        abs(GRS80.polygon_area_perimeter(lon[start:end], lat[start:end])[0])
        for start, end in itertools.pairwise(ends.tolist())
    ]
    hole = np.zeros(len(rings), dtype=bool)
    hole[1:] = part[1:] == part[:-1]
    return _sums(np.where(hole, -1.0, 1.0) * np.array(areas, dtype=np.float64), owner[part], found)


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
    if is_geographic(epsg) or epsg == 3857:
        raise SourceError(f"EPSG:{epsg} is no plane to measure on", hint="a Gauss-Krüger zone, such as EPSG:4549")
    return transform(geometries, STORE_CRS, epsg)


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
