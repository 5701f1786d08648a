"""Outlines as SVG path data in a small box, for thumbnails."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from landmap.render.cartography.svg import number

Points = npt.NDArray[np.float64]

#: Blank margin of the box, and the dot that stands for a point, in its units.
_MARGIN: Final = 4.0
_DOT: Final = 5.0
#: Detail finer than this, in units of the box, is not seen.
_TOLERANCE: Final = 0.25


def outline_path(geometry: Any, width: float, height: float) -> str:
    """Return SVG path data of a shape, fitted and centred in a box of `width` x `height`, north up.

    Parameters
    ----------
    geometry : shapely geometry or None, EPSG:4490
        Degrees are shortened east-west by the cosine of the latitude, so proportions hold.
    width, height : float
        Size of the box.

    Returns
    -------
    str
        Empty for no geometry; a small circle for a point.

    Examples
    --------
    >>> outline_path(shapely.box(120, 0, 122, 1), 100, 70)
    'M96 58L96 12L4 12L4 58Z'
    """
    if geometry is None or shapely.is_empty(geometry):
        return ""
    west, south, east, north = (float(one) for one in shapely.bounds(geometry))
    shorten = math.cos(math.radians((south + north) / 2))
    wide, tall = (east - west) * shorten, north - south
    if wide <= 0 and tall <= 0:
        return _dot(width / 2, height / 2)
    scale = min((width - 2 * _MARGIN) / wide if wide else math.inf, (height - 2 * _MARGIN) / tall if tall else math.inf)
    left, top = (width - wide * scale) / 2, (height - tall * scale) / 2

    def place(points: Points) -> Points:
        return np.column_stack([(points[:, 0] - west) * shorten * scale + left, (north - points[:, 1]) * scale + top])

    drawn = shapely.simplify(shapely.transform(shapely.force_2d(geometry), place), _TOLERANCE)
    return path_data(drawn)


def path_data(geometry: Any, decimals: int = 1) -> str:
    """Return SVG path data of a geometry already in drawing units; points give nothing.

    Examples
    --------
    >>> path_data(shapely.LineString([(0, 0), (10.04, 5)]))
    'M0 0L10 5'
    """
    parts = []
    for part in shapely.get_parts(geometry, return_index=False):
        if part.geom_type == "Polygon":
            parts += [_ring(ring, decimals, closed=True) for ring in (part.exterior, *part.interiors)]
        elif part.geom_type in ("LineString", "LinearRing"):
            parts.append(_ring(part, decimals, closed=False))
        elif part.geom_type == "GeometryCollection":
            parts.append(path_data(part, decimals))
    return "".join(parts)


def _ring(line: Any, decimals: int, *, closed: bool) -> str:
    points = np.round(shapely.get_coordinates(line), decimals)
    kept = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
    if closed and len(kept) > 1 and (kept[0] == kept[-1]).all():
        kept = kept[:-1]
    if len(kept) < (3 if closed else 2):
        return ""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in kept) + ("Z" if closed else "")


def _dot(x: float, y: float) -> str:
    r = number(_DOT)
    return f"M{number(x - _DOT)} {number(y)}a{r} {r} 0 1 0 {number(2 * _DOT)} 0a{r} {r} 0 1 0 {number(-2 * _DOT)} 0Z"
