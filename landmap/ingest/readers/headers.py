"""Where the header of a sheet stands: below titles, on one level or several, its units in it, above it or below it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from landmap.ingest.cell_units import named
from landmap.ingest.faults import Fault, RefusedError

#: How many rows at the top may be titles, units and header.
HEADER_WITHIN: Final = 20
#: How many rows one above the other may make up a header.
LEVELS: Final = 3
#: Between an upper and a lower header.
LEVEL_MARK: Final = "·"
#: What is longer is no header, and is not looked through.
_HEADER_MAX: Final = 500
_TITLE_UNIT: Final = re.compile(r"(?:计量)?单\s*位\s*[:：]\s*(?P<units>[^)）]+)")
_UNIT_MARKS: Final = re.compile(r"[、,，;；\s]+")
_BRACKETED: Final = re.compile(r"^[(\[【（]\s*(?P<unit>[^()\[\]【】（）]+?)\s*[)\]】）]$")
_HAS_UNIT: Final = re.compile(r"[(\[【（][^()\[\]【】（）]+[)\]】）]\s*$")
#: Headers that a unit in a title is meant for.
_MEASURED: Final[Mapping[str, re.Pattern[str]]] = {
    "area": re.compile(r"面积$"),
    "money": re.compile(r"(?:价|价格|价款|总价|保证金|投资|投资额|金额|税收|产值)$"),
}
_UNIT_KEYS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("m2", "mu", "ha", "10k_m2", "km2"), "area"),
    **dict.fromkeys(("cny", "10k_cny", "100m_cny"), "money"),
}


class Span(NamedTuple):
    """Merged cells: rows as the sheet counts them, columns from 0; all inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Header:
    """Where the records start (an index of rows), the headers, and what was taken from around them."""

    start: int
    names: list[str]
    texts: tuple[tuple[str, ...], ...]
    faults: tuple[Fault, ...] = ()


Rows = Sequence[tuple[int, Sequence[Any]]]


def find_header(
    rows: Rows, knows: Callable[[str], bool], merged: Sequence[Span] = (), *, unit_rows: bool = True
) -> Header:
    """Return the header of a sheet: the row, or the rows one above the other, that say most of what is known.

    Parameters
    ----------
    rows : sequence of (row number, cells)
        Without empty rows.
    knows : callable
        Whether a text is a header that the target layer knows.
    merged : sequence of Span
        An upper header stands over what it is merged over; without merging, over the empty cells to its right.
    unit_rows : bool
        Whether a row of units may follow.

    Raises
    ------
    RefusedError
        When no row looks like a header.
    """
    readings = (
        (index + 1, levels, _joined(rows[index + 1 - levels : index + 1], merged))
        for index in range(min(len(rows), HEADER_WITHIN))
        for levels in range(1, min(LEVELS, index + 1) + 1)
        if levels == 1 or not _holds_numbers(rows[index][1])
    )
    start, levels, names = max(readings, key=lambda reading: (_known(reading[2], knows), -reading[1], -reading[0]))
    if not _known(names, knows):
        start, levels, names = _unknown(rows)
    texts = tuple(tuple(map(cell_text, cells)) for _, cells in rows[start - levels : start])
    faults: list[Fault] = []
    if unit_rows and start < len(rows):
        units = _unit_row(rows[start][1])
        if units is not None:
            names = [_with_unit(name, units.get(column)) for column, name in enumerate(names)]
            start += 1
    names = _with_title_units(names, [cells for _, cells in rows[: start - levels]], faults)
    return Header(start, names, texts, tuple(faults))


def cell_text(cell: Any) -> str:
    """Return a cell on one line; empty for an empty one."""
    return "" if cell is None else " ".join(str(cell).split())


def plain_header(text: str) -> str:
    """Return a header as it is compared: full width, spaces, case and punctuation do not count.

    Examples
    --------
    >>> plain_header("净用地面积（㎡）"), plain_header("Parcel_No ")
    ('净用地面积m2', 'parcelno')
    """
    normal = unicodedata.normalize("NFKC", text[:_HEADER_MAX]).casefold()
    return "".join(char for char in normal if char.isalnum() or char in "%&")


def is_empty(cell: Any) -> bool:
    """Return whether nothing is written in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _known(names: Sequence[str], knows: Callable[[str], bool]) -> int:
    """Return how many different headers are known: as a whole, or by one of their levels, the lowest first."""
    found = set()
    for name in filter(None, names):
        levels = name.split(LEVEL_MARK)
        # What stands below a known header may be a value: levels count together only where together they are known.
        joined = ("".join(levels[upper:]) for upper in range(len(levels)))
        found.add(next((text for text in (*joined, *reversed(levels)) if text and knows(text)), ""))
    return len(found - {""})


def _holds_numbers(cells: Sequence[Any]) -> bool:
    """Return whether a row is one of values: a lower level of a header is not."""
    return any(re.fullmatch(r"[-+]?[\d,]{0,40}\.?\d{1,40}%?", cell_text(cell)) is not None for cell in cells)


def _joined(rows: Rows, merged: Sequence[Span]) -> list[str]:
    """Return the headers of rows one above the other: 上级·下级, or the one text where one level speaks."""
    width = max(len(cells) for _, cells in rows)
    texts = [[*map(cell_text, cells), *[""] * (width - len(cells))] for _, cells in rows]
    for level in range(len(rows) - 1):
        below = [any(texts[lower][column] for lower in range(level + 1, len(rows))) for column in range(width)]
        texts[level] = list(_spread(texts[level], below, _spans(merged, rows[level][0])))
    return [LEVEL_MARK.join(_levels(texts, column)) for column in range(width)]


def _levels(texts: Sequence[Sequence[str]], column: int) -> Iterator[str]:
    last = ""
    for level in texts:
        if level[column] and level[column] != last:
            last = level[column]
            yield last


def _spans(merged: Sequence[Span], row: int) -> dict[int, int]:
    return {span.left: span.right for span in merged if span.top == row and span.right > span.left}


def _spread(texts: Sequence[str], below: Sequence[bool], spans: Mapping[int, int]) -> Iterator[str]:
    """Yield an upper level with each text over the columns it stands for."""
    text, last = "", -1
    for column, own in enumerate(texts):
        if own:
            text = own
            last = spans.get(column, -1 if spans else len(texts) if below[column] else -1)
            yield own
        else:
            yield text if column <= last and below[column] else ""


def _unknown(rows: Rows) -> tuple[int, int, list[str]]:
    """Return the first row of texts as wide as the sheet, where no header is known."""
    width = max(sum(not is_empty(cell) for cell in cells) for _, cells in rows[:HEADER_WITHIN])
    for index, (_, cells) in enumerate(rows[:HEADER_WITHIN]):
        filled = [cell for cell in cells if not is_empty(cell)]
        if len(filled) >= max(1, width - 1) and all(isinstance(cell, str) for cell in filled):
            return index + 1, 1, [cell_text(cell) for cell in cells]
    raise RefusedError("header_missing")


def _unit_row(cells: Sequence[Any]) -> dict[int, str] | None:
    """Return the units that a row below the header gives, by column; None for a row of anything else."""
    units: dict[int, str] = {}
    for column, cell in enumerate(cells):
        text = cell_text(cell)
        bare = _BRACKETED.match(text)
        unit = bare["unit"] if bare else text
        if named(unit) is not None:
            units[column] = unit
        elif text not in ("", "-", "—", "/", "单位"):
            return None
    return units or None


def _with_unit(name: str, unit: str | None) -> str:
    return name if not name or unit is None or _HAS_UNIT.search(name) else f"{name}({unit})"


def _with_title_units(names: list[str], titles: Sequence[Sequence[Any]], faults: list[Fault]) -> list[str]:
    """Return the headers with the units that a title names (单位：亩、万元) where they give none themselves."""
    found = [
        unit
        for cells in titles
        for cell in cells
        if (match := _TITLE_UNIT.search(cell_text(cell)))
        for unit in _UNIT_MARKS.split(match["units"].strip())
        if named(unit) is not None
    ]
    given = {_UNIT_KEYS.get(named(unit) or "", ""): unit for unit in found}
    changed = []
    for name in names:
        unit = next(
            (given[kind] for kind, pattern in _MEASURED.items() if kind in given and pattern.search(name)), None
        )
        changed.append(_with_unit(name, unit))
        if changed[-1] != name:
            faults.append(Fault("unit_from_title", field=name, value=unit))
    return changed
