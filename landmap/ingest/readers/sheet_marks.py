"""What is written into a workbook beside its own content: a cover sheet, colours, comments; text is never a formula."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from landmap.domain import compact_json

#: Severities, the most serious last.
RISING: Final = ("info", "warning", "error")
#: Colours by severity, for cells.
FILLS: Final[Mapping[str, PatternFill]] = {
    name: PatternFill("solid", start_color=colour)
    for name, colour in (("error", "FFF4B6B0"), ("warning", "FFFFE3A3"), ("info", "FFD6E6F5"))
}
_FONTS: Final[Mapping[str, Font]] = {
    "title": Font(bold=True, size=15),
    "head": Font(bold=True, color="FF566272"),
    "strong": Font(bold=True),
}
#: A cell holds no more characters.
CELL_MAX: Final = 32_767
#: A whole number that a spreadsheet keeps to its last digit.
_WHOLE: Final = 10**15
_AUTHOR: Final = "landmap"
_COMMENT_WIDTH, _COMMENT_LINE, _COMMENT_CHARS = 320, 20, 24


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the cover; `look` is ``title``, ``head``, ``strong``, a severity (it colours the first cell) or ""."""

    cells: tuple[str | int | float | None, ...]
    look: str = ""


@dataclass(frozen=True)
class Cover:
    """The first sheet: its name, its lines, the widths of its columns in characters, and what it says when alone."""

    name: str
    lines: tuple[Line, ...]
    widths: tuple[int, ...]
    alone: str


@dataclass(frozen=True, slots=True)
class Looks:
    """How one cell is marked."""

    severity: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """The marked cells of one layer: by row and header (None: the row as a whole), and the marked headers."""

    cells: Mapping[tuple[int, str | None], Looks]
    headers: Mapping[str, Looks]


def cover_book(cover: Cover, *, alone: bool) -> bytes:
    """Return a workbook of the cover only; `alone` says that rows should follow and could not be read."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    write_cover(book.create_sheet(cover.name), cover, alone=alone)
    return saved(book)


def write_cover(sheet: Worksheet, cover: Cover, *, alone: bool = False) -> None:
    """Write the cover into an empty sheet."""
    lines = [*cover.lines[:1], Line((cover.alone,), "warning"), *cover.lines[1:]] if alone else cover.lines
    for row, line in enumerate(lines, start=1):
        for column, value in enumerate(line.cells, start=1):
            if value is None:
                continue
            cell = sheet.cell(row, column)
            put(cell, value)
            cell.font = _FONTS.get(line.look, Font())
            cell.alignment = Alignment(vertical="top", wrap_text=line.look not in ("title", "strong") and column > 1)
        if line.look in FILLS:
            sheet.cell(row, 1).fill = FILLS[line.look]
    for column, width in enumerate(cover.widths):
        sheet.column_dimensions[get_column_letter(column + 1)].width = width
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def put(cell: Any, value: Any) -> None:
    """Write a value into a cell: numbers and truth values as they are, everything else as text that stays text."""
    plain = plain_value(value)
    cell.value = plain
    if isinstance(plain, str):
        cell.data_type = "s"
        cell.quotePrefix = plain[:1] in "=+-@"


def plain_value(value: Any) -> str | int | float | bool | None:
    r"""Return a value in a form that a cell can hold.

    Examples
    --------
    >>> plain_value(1.5), plain_value(float("nan")), plain_value(10**18), plain_value("a\x00b"), plain_value(["甲"])
    (1.5, 'nan', '1000000000000000000', 'ab', '["甲"]')
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _WHOLE:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    text = compact_json(value) if isinstance(value, list | dict) else str(value)
    return ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL_MAX]


def mark(cell: Any, looks: Looks) -> None:
    """Colour a cell and add a comment, after what was commented there before."""
    cell.fill = FILLS[looks.severity]
    before = cell.comment.text.rstrip() + "\n\n" if cell.comment is not None else ""
    text = before + ILLEGAL_CHARACTERS_RE.sub("", looks.text)
    lines = sum(1 + len(line) // _COMMENT_CHARS for line in text.split("\n"))
    cell.comment = Comment(text, _AUTHOR, width=_COMMENT_WIDTH, height=_COMMENT_LINE * (min(lines, 20) + 1))


def together(several: Sequence[Looks]) -> Looks:
    """Return how a cell with several remarks is marked: the most serious comes first and gives the colour."""
    falling = sorted(several, key=lambda looks: RISING.index(looks.severity), reverse=True)
    return Looks(falling[0].severity, "\n".join(dict.fromkeys(looks.text for looks in falling)))


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook as bytes."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def first_of(names: Sequence[str]) -> dict[str, int]:
    """Return the place of each name, the first one where it stands twice; empty ones have none."""
    return {name: index for index, name in reversed([*enumerate(names)]) if name}
