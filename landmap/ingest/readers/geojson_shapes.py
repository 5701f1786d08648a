"""GeoJSON geometry by RFC 7946, strictly: every fault has a name, and nothing reaches GEOS that is not sound."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

MAX_DEPTH: Final = 8


class ShapeError(ValueError):
    """A geometry that breaks RFC 7946; `code` names the finding, `detail` what was found."""

    def __init__(self, code: str, detail: object = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def read_shape(value: Any) -> BaseGeometry | None:
    """Return the geometry of a ``geometry`` member; None for null or for one that is empty by its coordinates.

    Raises
    ------
    ShapeError
        With the finding's code, for the first fault of the geometry.
    """
    if value is None:
        return None
    _check(value, depth=0)
    return _drop_empty_rings(value)


def has_empty_parts(value: Mapping[str, Any]) -> bool:
    """Return whether a sound geometry has rings, lines or members without a position, which `read_shape` leaves out."""
    if value["type"] == "GeometryCollection":
        return any(not part.get("coordinates", True) or has_empty_parts(part) for part in value["geometries"])
    coordinates = value["coordinates"]
    if value["type"] == "MultiPolygon":
        return any(not rings or not all(rings) for rings in coordinates)
    return value["type"] in ("Polygon", "MultiLineString") and not all(coordinates)


def odd_members(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is odd about a geometry and yet leaves it usable: finding codes and what was found."""
    if isinstance(value, dict):
        if value.get("bbox") is not None and not good_bbox(value["bbox"]):
            yield "bbox_malformed", value["bbox"]
        for name in ("geometry", "properties", "features"):
            if name in value:
                yield "member_out_of_place", name


def _check(value: Any, depth: int) -> None:
    if not isinstance(value, dict):
        raise ShapeError("geometry_not_object", value)
    kind = value.get("type")
    if kind == "GeometryCollection":
        _check_collection(value, depth)
        return
    checker = _CHECKERS.get(kind) if isinstance(kind, str) else None
    if checker is None:
        raise ShapeError("geometry_type_unknown", kind)
    if "coordinates" not in value:
        raise ShapeError("coordinates_missing", kind)
    checker(value["coordinates"])


def _check_collection(value: dict[str, Any], depth: int) -> None:
    parts = value.get("geometries")
    if not isinstance(parts, list):
        raise ShapeError("coordinates_missing", "GeometryCollection")
    if depth >= 1 or len(parts) > 10_000:
        raise ShapeError("collection_nested")
    for part in parts:
        _check(part, depth + 1)


def good_bbox(box: object) -> bool:
    """Return whether a ``bbox`` member is four or six finite numbers."""
    return isinstance(box, list) and len(box) in (4, 6) and all(_finite(number) for number in box)


def _finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 10**18


def _position(value: Any) -> None:
    if not isinstance(value, list):
        raise ShapeError("coordinates_depth", value)
    if value and isinstance(value[0], list):
        raise ShapeError("coordinates_depth", value)
    if not 2 <= len(value) <= 3:
        raise ShapeError("position_length", value)
    if not all(_finite(number) for number in value):
        raise ShapeError("coordinate_not_number", value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ShapeError("coordinates_depth", value)
    return value


def _point(value: Any) -> None:
    if _list(value):
        _position(value)


def _points(value: Any) -> None:
    for position in _list(value):
        _position(position)


def _line(value: Any) -> None:
    _points(value)
    if len(value) == 1:
        raise ShapeError("line_too_short", value)


def _lines(value: Any) -> None:
    for line in _list(value):
        _line(line)


def _ring(value: Any) -> None:
    _points(value)
    if not value:
        return
    if value[0][:2] != value[-1][:2]:
        raise ShapeError("ring_not_closed", value[0])
    if len({len(position) for position in value}) > 1:
        raise ShapeError("position_length", value[-1])
    if len(value) < 4 or len({tuple(position[:2]) for position in value}) < 3:
        raise ShapeError("ring_too_short", len(value))


def _polygon(value: Any) -> None:
    for ring in _list(value):
        _ring(ring)


def _polygons(value: Any) -> None:
    for polygon in _list(value):
        _polygon(polygon)


_CHECKERS: Final[Mapping[str, Callable[[Any], None]]] = MappingProxyType(
    {
        "Point": _point,
        "MultiPoint": _points,
        "LineString": _line,
        "MultiLineString": _lines,
        "Polygon": _polygon,
        "MultiPolygon": _polygons,
    }
)


def _drop_empty_rings(value: dict[str, Any]) -> BaseGeometry | None:
    """Build the geometry without rings that hold no position; GEOS crashes on an empty hole."""
    kind = value["type"]
    if kind == "GeometryCollection":
        parts = [part for part in map(_drop_empty_rings, value["geometries"]) if part is not None]
        return shapely.GeometryCollection(parts) if parts else None
    coordinates = value["coordinates"]
    if kind == "Polygon":
        coordinates = _rings(coordinates)
    elif kind == "MultiPolygon":
        coordinates = [rings for rings in map(_rings, coordinates) if rings]
    elif kind == "MultiLineString":
        coordinates = [line for line in coordinates if line]
    return shape({"type": kind, "coordinates": coordinates}) if coordinates else None


def _rings(rings: list[Any]) -> list[Any]:
    """Return the rings with positions; without an outer ring there is no polygon."""
    return [ring for ring in rings if ring] if rings and rings[0] else []
