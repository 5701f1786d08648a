"""What every map must say of itself, and the strip along its lower edge that says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from landmap.domain import District, Words
from landmap.render import numbers
from landmap.render.cartography.labels import text_width

#: Height of one line of the strip, its blank on either side, and the size of its text, in units of the drawing.
LINE: Final = 10.0
EDGE: Final = 6.0
SIZE: Final = 6.0


@dataclass(frozen=True, slots=True)
class Marks:
    """What every map must say of itself; `approval` is the map approval number, or that there is none."""

    notice: str
    source: str
    approval: str


def marks(district: District, as_of: str | None, words: Words) -> Marks:
    """Return what a map says of itself: the notice, where it comes from, the approval number or that it has none.

    Source: 地图管理条例 §15, §22 (a published map shows its number; one without may not be published).
    """
    number = district.map_approval_no or next((one.approval_no for one in district.basemap if one.approval_no), "")
    unapproved = "map_sheet.sketch" if district.sample else "map_sheet.unreviewed"
    approval = words("map_sheet.approval", number=number) if number else words(unapproved)
    source = words("map_sheet.source")
    if as_of is not None:
        source = words("map_sheet.source_day", source=source, day=numbers.day(as_of, words.lang))
    return Marks(district.notice(words.lang), source, approval)


def mark_lines(said: Marks, width: float) -> list[list[str]]:
    """Return the marks line by line: source and approval side by side where both fit a map so wide."""
    found = [text for text in (said.source, said.approval) if text]
    if sum(text_width(text, SIZE) for text in found) <= width - 2 * EDGE - 8:
        return [found]
    return [[text] for text in found]


def strip_height(said: Marks, width: float) -> float:
    """Return the height of the strip on a map so wide."""
    return LINE * len(mark_lines(said, width))
