"""A sheet of cells made into a layer: where the header stands, which rows are records, which columns place them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.cell_shapes import read_points, read_shapes
from landmap.ingest.readers.raw import RawLayer, object_array

#: How many rows at the top may be titles, units and two-level headers.
HEADER_WITHIN: Final = 20
#: A row that starts with one of these is no record.
_FOOTNOTES: Final = re.compile(r"^(注|备注|说明|合计|总计|小计|填表|制表|审核)\s*[:：、]?")

_X_NAMES: Final = (
    "经度",
    "东经",
    "longitude",
    "lon",
    "lng",
    "long",
    "geox",
    "x",
    "x坐标",
    "easting",
    "东坐标",
    "横坐标",
)
_Y_NAMES: Final = ("纬度", "北纬", "latitude", "lat", "geoy", "y", "y坐标", "northing", "北坐标", "纵坐标")
_SHAPE_NAMES: Final = (
    "wkt",
    "geometry",
    "geom",
    "thegeom",
    "wkbgeometry",
    "shape",
    "图形",
    "几何",
    "坐标",
    "坐标串",
    "空间坐标",
)


@dataclass(frozen=True)
class Sheet:
    """Cells of one sheet: `rows` hold the sheet's own row number and its cells."""

    name: str
    rows: Sequence[tuple[int, Sequence[Any]]]
    encoding: str | None = None
    faults: tuple[Fault, ...] = ()


def layer_of(sheet: Sheet, knows: Callable[[str], bool]) -> RawLayer:
    """Return the layer that `sheet` holds; refuse a sheet without any header.

    Parameters
    ----------
    sheet : Sheet
    knows : callable
        Whether a text is a header the target layer knows.
    """
    rows = [(number, cells) for number, cells in sheet.rows if any(not _empty(cell) for cell in cells)]
    if not rows:
        raise RefusedError("table_empty")
    start, names = _header(rows, knows)
    faults = list(sheet.faults)
    headers = _unique(names, faults)
    records, numbers = _records(rows[start:], len(headers), faults)
    columns: dict[str, list[Any]] = {
        name: [cells[index] for cells in records] for index, name in enumerate(headers) if name
    }
    _report_nameless(headers, records, faults)
    geometry, crs, used = _placed(columns, numbers, faults)
    return RawLayer(
        name=sheet.name,
        columns=MappingProxyType({name: values for name, values in columns.items() if name not in used}),
        rows=tuple(numbers),
        geometry=object_array(geometry) if geometry is not None else None,
        crs=crs,
        encoding=sheet.encoding,
        faults=tuple(faults),
    )


def plain_header(text: str) -> str:
    """Return a header as it is compared: full width, spaces, case and punctuation do not count.

    Examples
    --------
    >>> plain_header("净用地面积（㎡）"), plain_header("Parcel_No ")
    ('净用地面积m2', 'parcelno')
    """
    normal = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in normal if char.isalnum() or char in "%&")


def _empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _text(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _header(rows: Sequence[tuple[int, Sequence[Any]]], knows: Callable[[str], bool]) -> tuple[int, list[str]]:
    """Return where the records start and the header texts: the row (or pair of rows) that says most that we know."""

    def score(names: Sequence[str]) -> int:
        return sum(bool(name) and (knows(name) or _places(name)) for name in names)

    best: tuple[int, int, list[str]] = (0, 0, [])
    for index, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
        names = [_text(cell) for cell in cells]
        if score(names) > best[0]:
            best = (score(names), index + 1, names)
        if index:
            both = _two_levels(rows[index - 1][1], cells)
            if score(both) > max(best[0], score(names)):
                best = (score(both), index + 1, both)
    if best[0]:
        return best[1], best[2]
    width = max(sum(not _empty(cell) for cell in cells) for _, cells in rows[:HEADER_WITHIN])
    for index, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
        filled = [cell for cell in cells if not _empty(cell)]
        if len(filled) >= max(1, width - 1) and all(isinstance(cell, str) for cell in filled):
            return index + 1, [_text(cell) for cell in cells]
    raise RefusedError("header_missing")


def _two_levels(upper: Sequence[Any], lower: Sequence[Any]) -> list[str]:
    """Return the headers of a merged two-level head: the lower text, or the upper one where there is none below."""
    width = max(len(upper), len(lower))
    top = [_text(cell) for cell in upper] + [""] * (width - len(upper))
    low = [_text(cell) for cell in lower] + [""] * (width - len(lower))
    return [below or above for above, below in zip(top, low, strict=True)]


def _places(name: str) -> bool:
    return plain_header(name) in {*_X_NAMES, *_Y_NAMES, *_SHAPE_NAMES}


def _unique(names: list[str], faults: list[Fault]) -> list[str]:
    """Return the headers, the second of two equal ones emptied and reported."""
    seen: set[str] = set()
    headers = []
    for name in names:
        if name and name in seen:
            faults.append(Fault("header_twice", field=name, value=name))
            headers.append("")
            continue
        seen.add(name)
        headers.append(name)
    return headers


def _records(
    rows: Iterable[tuple[int, Sequence[Any]]], width: int, faults: list[Fault]
) -> tuple[list[list[Any]], list[int]]:
    """Return the cells of each record, all of one width, and their row numbers."""
    records, numbers = [], []
    for number, cells in rows:
        first = next((_text(cell) for cell in cells if not _empty(cell)), "")
        if _FOOTNOTES.match(first) and sum(not _empty(cell) for cell in cells) <= max(2, width // 2):
            faults.append(Fault("row_no_record", number, value=first))
            continue
        extra = [cell for cell in cells[width:] if not _empty(cell)]
        if extra:
            faults.append(Fault("row_too_long", number, value=_text(extra[0]), words={"columns": width}))
        records.append([None if _empty(cell) else cell for cell in cells[:width]] + [None] * (width - len(cells)))
        numbers.append(number)
    return records, numbers


def _report_nameless(headers: Sequence[str], records: Sequence[Sequence[Any]], faults: list[Fault]) -> None:
    for index, name in enumerate(headers):
        if name:
            continue
        value = next((cells[index] for cells in records if not _empty(cells[index])), None)
        if value is not None:
            faults.append(Fault("column_nameless", value=value, words={"column": index + 1}))


def _placed(
    columns: Mapping[str, list[Any]], numbers: Sequence[int], faults: list[Fault]
) -> tuple[list[Any] | None, str | None, frozenset[str]]:
    """Return the geometry that a shape column or a pair of coordinate columns gives, its CRS, and the columns used."""
    plain = {plain_header(name): name for name in reversed(list(columns))}
    shape = next((plain[name] for name in _SHAPE_NAMES if name in plain), None)
    x = next((plain[name] for name in _X_NAMES if name in plain), None)
    y = next((plain[name] for name in _Y_NAMES if name in plain), None)
    if shape is not None:
        shapes = read_shapes(columns[shape], numbers)
        if shapes is not None:
            geometry, crs, found = shapes
            faults.extend(found)
            return geometry, crs, frozenset({shape})
    if x is not None and y is not None:
        points, found = read_points(columns[x], columns[y], numbers)
        faults.extend(found)
        return points, None, frozenset({x, y})
    return None, None, frozenset()
