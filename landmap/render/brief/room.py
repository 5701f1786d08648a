"""How tall the maps of a brief may be: the more there is to read, the less of the page they take."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

#: Height of the page between the figures and the footer, millimetres.
_PAGE_MM: Final = 213.0
#: Heights at the text size that is meant, millimetres: a line in a column, across the page, of a table, of lights.
_LINE: Final = 4.9
_WIDE_LINE: Final = 4.3
_TABLE_LINE: Final = 5.0
_LIGHTS_LINE: Final = 7.4
_HEADING: Final = 8.0
#: Latin characters to a line: in a column beside its label, and across the page.
_COLUMN_CHARS: Final = 44
_WIDE_CHARS: Final = 150
#: Units of the drawing to a millimetre of paper.
UNITS_PER_MM: Final = 3.2


@dataclass(frozen=True, slots=True)
class Room:
    """The maps' sizes on paper, millimetres, and how many distances stand beside them."""

    site: tuple[float, float]
    index: tuple[float, float]
    distances: int


#: From a page with little to say to one with much.
ROOMS: Final = (
    Room((124.0, 100.0), (54.0, 46.0), 8),
    Room((124.0, 84.0), (54.0, 42.0), 8),
    Room((124.0, 68.0), (54.0, 34.0), 6),
    Room((124.0, 54.0), (54.0, 31.0), 4),
)


def room_for(columns: list[list[Any]], table: Any, wide: list[Any], lights: Any) -> Room:
    """Return the largest maps that leave room for the rest at the text size that is meant.

    The estimate need not be exact: the template shrinks its text until all fits.
    """
    text = max((sum(_section(one) for one in column) for column in columns), default=0.0)
    if table is not None:
        text += _HEADING + _TABLE_LINE * (len(table["rows"]) + 1)
    text += sum(_HEADING + sum(_lines(row, _WIDE_CHARS) for row in one["rows"]) * _WIDE_LINE for one in wide)
    if lights is not None:
        text += _HEADING + _LIGHTS_LINE * math.ceil(len(lights["items"]) / 4)
    return next((room for room in ROOMS if room.site[1] + 7 + text <= _PAGE_MM), ROOMS[-1])


def units(millimetres: tuple[float, float]) -> tuple[float, float]:
    """Return a size on paper in units of the drawing."""
    return round(millimetres[0] * UNITS_PER_MM, 1), round(millimetres[1] * UNITS_PER_MM, 1)


def _section(section: Any) -> float:
    return _HEADING + sum(_lines(row, _COLUMN_CHARS) for row in section["rows"]) * _LINE


def _lines(row: Any, chars: int) -> int:
    wide = sum(2 if ord(char) > 0x2E80 else 1 for char in row["text"] + row["note"])
    return max(1, math.ceil(wide / chars))
