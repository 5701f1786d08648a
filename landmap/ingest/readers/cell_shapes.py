"""Geometry written into cells: WKT, EWKT, EWKB in hexadecimal, GeoJSON, strings of points, or a pair of coordinates."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from landmap.ingest.faults import Fault
from landmap.ingest.readers.coordinate_text import coordinate, looks_like_points, shape_of_points
from landmap.ingest.readers.geojson_shapes import ShapeError, read_shape
from landmap.ingest.readers.rings import LEAST
from landmap.ingest.readers.wkb import DEPTH_MAX, nested_too_deeply

_WKT: Final = re.compile(
    r"^\s*(?:SRID=(?P<srid>\d{1,6});)?\s*(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\b", re.IGNORECASE
)
_COLLECTION: Final = re.compile("GEOMETRYCOLLECTION", re.IGNORECASE)
_HEX: Final = re.compile(r"^(?:\\x)?0[01][0-9A-Fa-f]{16,}$")
#: How many cells of a column are looked at to say whether it holds shapes.
_GLANCED: Final = 50


def read_shapes(cells: Sequence[Any], rows: Sequence[int]) -> tuple[list[Any], str | None, list[Fault]] | None:
    """Return geometries, declared CRS and faults of a column of shapes; None when the column holds no shapes at all."""
    if not any(_looks_like_shape(cell, 1) for cell in _written(cells)[:_GLANCED]):
        return None
    geometry: list[Any] = []
    faults: list[Fault] = []
    srids: set[int] = set()
    for cell, row in zip(cells, rows, strict=True):
        try:
            shape, srid = _read(cell)
        except (ShapeError, ValueError, RecursionError, shapely.errors.ShapelyError) as error:
            faults.append(Fault("shape_text_malformed", row, "geometry", cell, {"reason": _reason(error)}))
            shape, srid = None, 0
        geometry.append(shape)
        srids |= {srid} - {0}
    if len(srids) > 1:
        faults.append(Fault("crs_mixed", value=", ".join(f"EPSG:{srid}" for srid in sorted(srids))))
    return geometry, f"EPSG:{min(srids)}" if srids else None, faults


def read_points(xs: Sequence[Any], ys: Sequence[Any], rows: Sequence[int]) -> tuple[list[Any], list[Fault]]:
    """Return points from two columns of coordinates, and the faults of cells that are none."""
    geometry: list[Any] = []
    faults: list[Fault] = []
    for x_cell, y_cell, row in zip(xs, ys, rows, strict=True):
        if x_cell is None and y_cell is None:
            geometry.append(None)
            continue
        x, y = coordinate(x_cell), coordinate(y_cell)
        if x == 0 and y == 0:
            faults.append(Fault("coordinates_zero", row, "geometry", f"{x_cell}, {y_cell}"))
            geometry.append(None)
            continue
        if x is None or y is None:
            faults.append(Fault("coordinate_not_number", row, "geometry", f"{x_cell}, {y_cell}"))
            geometry.append(None)
            continue
        geometry.append(shapely.Point(x, y))
    return geometry, faults


def holds_shapes(cells: Sequence[Any]) -> bool:
    """Return whether all that is written in a column, as far as one looks, is shapes: for headers that do not say."""
    written = _written(cells)[:_GLANCED]
    return bool(written) and all(_looks_like_shape(cell, LEAST) for cell in written)


def _written(cells: Sequence[Any]) -> list[str | bytes]:
    return [cell for cell in cells if isinstance(cell, str | bytes) and cell]


def _looks_like_shape(cell: str | bytes, points: int) -> bool:
    if isinstance(cell, bytes):
        return True
    text = cell.strip()
    return bool(_WKT.match(text) or _HEX.match(text) or text.startswith('{"') or looks_like_points(text, points))


def _read(cell: Any) -> tuple[BaseGeometry | None, int]:
    """Return the shape of one cell and its SRID (0: none)."""
    if cell is None:
        return None, 0
    if isinstance(cell, bytes):
        return _read_wkb(cell)
    text = str(cell).strip()
    if text.startswith("{"):
        return read_shape(json.loads(text)), 0
    if _HEX.match(text):
        return _read_wkb(bytes.fromhex(text.removeprefix("\\x")))
    found = _WKT.match(text)
    if not found:
        return shape_of_points(text), 0
    if len(_COLLECTION.findall(text)) > DEPTH_MAX:
        raise ValueError("collections nested too deeply")
    return shapely.from_wkt(text.split(";", 1)[1] if found["srid"] else text), int(found["srid"] or 0)


def _read_wkb(blob: bytes) -> tuple[BaseGeometry, int]:
    if nested_too_deeply(blob):
        raise ValueError("collections nested too deeply")
    shape = shapely.from_wkb(blob)
    return shapely.set_srid(shape, 0), int(shapely.get_srid(shape))


def _reason(error: Exception) -> str:
    return error.code if isinstance(error, ShapeError) else str(error).split("\n")[0][:160]
