"""Geometry written into cells: WKT, EWKT, EWKB in hexadecimal, GeoJSON, or a pair of coordinates."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from landmap.ingest.faults import Fault
from landmap.ingest.readers.geojson_shapes import ShapeError, read_shape

_WKT: Final = re.compile(
    r"^\s*(?:SRID=(?P<srid>\d{1,6});)?\s*(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\b", re.IGNORECASE
)
_HEX: Final = re.compile(r"^(?:\\x)?0[01][0-9A-Fa-f]{16,}$")
#: 120°25′30″E, 120度25分30秒
_DMS: Final = re.compile(
    r"^[NSEW东西南北经纬]{0,2}(?P<d>\d{1,3})[°度](?:(?P<m>\d{1,2}(?:\.\d+)?)['′分])?(?:(?P<s>\d{1,2}(?:\.\d+)?)[\"″秒])?"
    r"(?P<h>[NSEW])?$"
)


def read_shapes(cells: Sequence[Any], rows: Sequence[int]) -> tuple[list[Any], str | None, list[Fault]] | None:
    """Return geometries, declared CRS and faults of a column of shapes; None when the column holds no shapes at all."""
    written = [cell for cell in cells if isinstance(cell, str | bytes) and cell]
    if not any(_looks_like_shape(cell) for cell in written[:50]):
        return None
    geometry: list[Any] = []
    faults: list[Fault] = []
    srids: set[int] = set()
    for cell, row in zip(cells, rows, strict=True):
        try:
            shape, srid = _read(cell)
        except (ShapeError, ValueError, shapely.errors.ShapelyError) as error:
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
        if x is None or y is None:
            faults.append(Fault("coordinate_not_number", row, "geometry", f"{x_cell}, {y_cell}"))
            geometry.append(None)
            continue
        geometry.append(shapely.Point(x, y))
    return geometry, faults


def coordinate(cell: Any) -> float | None:
    """Return one coordinate in degrees or metres; None for what is no finite number.

    Examples
    --------
    >>> coordinate("120°30′00″"), coordinate("E120°30′"), coordinate("n/a")
    (120.5, 120.5, None)
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else None
    text = (
        unicodedata.normalize("NFKC", str(cell).replace("″", '"').replace("′", "'")).replace(" ", "").replace(",", "")
    )
    degrees = _DMS.match(text)
    if degrees:
        value = float(degrees["d"]) + float(degrees["m"] or 0) / 60 + float(degrees["s"] or 0) / 3600
        return -value if degrees["h"] in ("S", "W") else value
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _looks_like_shape(cell: str | bytes) -> bool:
    if isinstance(cell, bytes):
        return True
    return bool(_WKT.match(cell) or _HEX.match(cell.strip()) or cell.lstrip().startswith('{"'))


def _read(cell: Any) -> tuple[BaseGeometry | None, int]:
    """Return the shape of one cell and its SRID (0: none)."""
    if cell is None:
        return None, 0
    if isinstance(cell, bytes):
        shape = shapely.from_wkb(cell)
        return shape, int(shapely.get_srid(shape))
    text = str(cell).strip()
    if text.startswith("{"):
        return read_shape(json.loads(text)), 0
    if _HEX.match(text):
        shape = shapely.from_wkb(text.removeprefix("\\x"))
        return shapely.set_srid(shape, 0), int(shapely.get_srid(shape))
    found = _WKT.match(text)
    if not found:
        raise ValueError("neither WKT nor WKB")
    return shapely.from_wkt(text.split(";", 1)[1] if found["srid"] else text), int(found["srid"] or 0)


def _reason(error: Exception) -> str:
    return error.code if isinstance(error, ShapeError) else str(error).split("\n")[0][:160]
