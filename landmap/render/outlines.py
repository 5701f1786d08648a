"""Outlines beside each other on one small drawing: what a boundary was and what it is to be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import shapely

#: Share of the drawing that stays free on each side, and the radius of a point.
_MARGIN: Final = 0.08
_DOT: Final = 5.0


def outline_paths(shapes: Sequence[Any], size: tuple[float, float] = (440.0, 320.0)) -> list[str]:
    """Return one SVG path per shape, all to the same scale; empty for a shape that is None or empty.

    Parameters
    ----------
    shapes : sequence of geometry or None, longitude and latitude
    size : width, height
        Of the drawing, in its own units.

    Notes
    -----
    Longitudes are shortened by the cosine of the middle latitude: right to the eye over a parcel, not for measuring.
    """
    known = [shape for shape in shapes if shape is not None and not shape.is_empty]
    if not known:
        return ["" for _ in shapes]
    west, south, east, north = shapely.total_bounds(known).tolist()
    squeeze = math.cos(math.radians((south + north) / 2))
    width, height = (east - west) * squeeze or 1e-4, north - south or 1e-4
    scale = (1 - 2 * _MARGIN) * min(size[0] / width, size[1] / height)

    def place(x: float, y: float) -> tuple[float, float]:
        across = size[0] / 2 + (x - (west + east) / 2) * squeeze * scale
        return round(across, 1), round(size[1] / 2 - (y - (south + north) / 2) * scale, 1)

    return [_path(shape, place) if shape in known else "" for shape in shapes]


def _path(shape: Any, place: Any) -> str:
    if shape.geom_type == "Point":
        x, y = place(shape.x, shape.y)
        return f"M{x - _DOT},{y}a{_DOT},{_DOT} 0 1 0 {2 * _DOT},0a{_DOT},{_DOT} 0 1 0 {-2 * _DOT},0z"
    parts = []
    for ring in _lines(shape):
        points = " ".join(f"{x},{y}" for x, y in (place(*pair) for pair in shapely.get_coordinates(ring)))
        parts.append(f"M{points}" + ("z" if ring.is_closed else ""))
    return "".join(parts)


def _lines(shape: Any) -> list[Any]:
    if shape.geom_type == "Polygon":
        return [shape.exterior, *shape.interiors]
    if shape.geom_type in ("LineString", "LinearRing"):
        return [shape]
    return [line for part in getattr(shape, "geoms", ()) for line in _lines(part)]
