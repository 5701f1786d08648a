"""Which columns of a table say where a record is, and in which coordinate system: shapes, or pairs of coordinates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from landmap.ingest.faults import Fault
from landmap.ingest.readers.cell_shapes import holds_shapes, read_points, read_shapes
from landmap.ingest.readers.coordinate_text import coordinate
from landmap.ingest.readers.headers import LEVEL_MARK, is_empty, plain_header

#: Pairs of headers, east and north; in Chinese surveying X points north, which the values then tell.
_PAIRS: Final[tuple[tuple[frozenset[str], frozenset[str]], ...]] = tuple(
    (frozenset(east.split()), frozenset(north.split()))
    for east, north in (
        ("经度 东经 longitude lon lng long 中心经度 中心点经度", "纬度 北纬 latitude lat 中心纬度 中心点纬度"),
        ("geox", "geoy"),
        ("easting 东坐标 横坐标 东", "northing 北坐标 纵坐标 北"),
        ("x x坐标 坐标x 中心x坐标 中心点x坐标", "y y坐标 坐标y 中心y坐标 中心点y坐标"),
    )
)
_SHAPES: Final = (
    "wkt", "ewkt", "wkb", "ewkb", "geometry", "geom", "thegeom", "wkbgeometry", "geojson", "shape",
    "图形", "几何", "坐标", "坐标串", "空间坐标", "拐点坐标", "界址点坐标", "范围坐标", "红线坐标", "边界坐标",
    "四至坐标", "地块坐标", "经纬度", "位置坐标",
)  # fmt: skip
_SYSTEMS: Final = (
    "坐标系", "坐标系统", "坐标系名称", "空间参考",
    "crs", "srid", "epsg", "coordinatereferencesystem", "coordinatesystem",
)  # fmt: skip
_UNIT: Final = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]\s*$")
_DEGREE_M: Final = 111_000.0


@dataclass(frozen=True)
class Placed:
    """Shapes with the system each is declared in (None: not declared), and the columns that were used for it."""

    geometry: list[Any]
    systems: list[str | None]
    used: frozenset[str]


def places(text: str) -> bool:
    """Return whether `text` is a header of coordinates, shapes or their system."""
    plain = _plain(text)
    return plain in _SHAPES or plain in _SYSTEMS or any(plain in east | north for east, north in _PAIRS)


def place(columns: Mapping[str, list[Any]], rows: Sequence[int], faults: list[Fault]) -> Placed | None:
    """Return where the records of a table are; None for a table that says nothing of it.

    A column of shapes counts before pairs of coordinates. Of several pairs the finer one counts (degrees of four
    decimals are ten metres, metres without decimals one), and the others are told.
    """
    plain = {_plain(name): name for name in reversed(list(columns))}
    system = next((plain[name] for name in _SYSTEMS if name in plain), None)
    declared: list[str | None] = _systems(columns[system]) if system is not None else [None] * len(rows)
    shape = next((plain[name] for name in _SHAPES if name in plain), None) or _unnamed(columns)
    if shape is not None:
        found = read_shapes(columns[shape], rows)
        if found is not None:
            geometry, crs, told = found
            faults += told
            if crs is not None:
                declared = [crs] * len(rows)
            return Placed(geometry, declared, frozenset(filter(None, (shape, system))))
    pairs = [pair for names in _PAIRS if (pair := _pair(plain, names)) is not None]
    if not pairs:
        return None
    best = min(pairs, key=lambda pair: _resolution(columns, pair))
    for other in pairs:
        if other != best:
            told_as = " / ".join(other)
            faults.append(Fault("coordinates_unused", field=other[0], value=told_as, words={"kept": " / ".join(best)}))
    points, told = read_points(columns[best[0]], columns[best[1]], rows)
    faults += told
    if best != pairs[0]:  # what is declared is said of the first pair
        declared = [None] * len(rows)
    return Placed(points, declared, frozenset(filter(None, (*sum(pairs, ()), system))))


def _plain(text: str) -> str:
    """Return the lowest level of a header without its unit, as it is compared."""
    lowest = text.rsplit(LEVEL_MARK, 1)[-1]
    return plain_header(_UNIT.sub("", unicodedata.normalize("NFKC", lowest))) or plain_header(lowest)


def _systems(cells: Sequence[Any]) -> list[str | None]:
    """Return the declared systems as text an EPSG code can be found for."""
    texts = [None if is_empty(cell) else str(cell).strip() for cell in cells]
    return [f"EPSG:{text}" if text is not None and re.fullmatch(r"\d{4,6}", text) else text for text in texts]


def _unnamed(columns: Mapping[str, list[Any]]) -> str | None:
    """Return the one column that holds nothing but shapes under a header that does not say so."""
    found = [name for name, cells in columns.items() if holds_shapes(cells)]
    return found[0] if len(found) == 1 else None


def _pair(plain: Mapping[str, str], names: tuple[frozenset[str], frozenset[str]]) -> tuple[str, str] | None:
    east = next((plain[name] for name in plain if name in names[0]), None)
    north = next((plain[name] for name in plain if name in names[1]), None)
    return (east, north) if east is not None and north is not None else None


def _resolution(columns: Mapping[str, list[Any]], pair: tuple[str, str]) -> float:
    """Return how finely a pair places its records, in metres; infinite when it places none."""
    cells = [cell for name in pair for cell in columns[name] if coordinate(cell) not in (None, 0)]
    if not cells:
        return float("inf")
    values = [coordinate(cell) or 0.0 for cell in cells]
    decimals = sorted(_decimals(cell) for cell in cells)[len(cells) // 2]
    degrees = all(abs(value) <= 180 for value in values)
    return float((_DEGREE_M if degrees else 1.0) * 10.0**-decimals)


def _decimals(cell: Any) -> int:
    text = str(cell)
    if not re.fullmatch(r"\s*[-+]?\d+(\.\d+)?\s*", text):
        return 6  # degrees, minutes and seconds: to a tenth of a metre or so
    return len(text.strip().partition(".")[2].rstrip("0"))
