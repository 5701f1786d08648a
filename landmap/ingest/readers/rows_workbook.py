"""The rows of any file, as they were read, in a workbook with the marked cells coloured and commented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import openpyxl
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from landmap.ingest.readers.raw import RawLayer
from landmap.ingest.readers.sheet_marks import Cover, Looks, SheetMarks, mark, put, saved, together, write_cover

#: Of a longer layer only the marked rows are shown, for people look at them one by one.
ROWS_MAX: Final = 20_000
_NAME_MAX: Final = 31
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_BOLD: Final = Font(bold=True)


def rows_book(cover: Cover, layers: Iterable[tuple[RawLayer, Sequence[str], SheetMarks]], row_header: str) -> bytes:
    """Return a workbook of the cover and one sheet for each layer.

    Parameters
    ----------
    cover : Cover
    layers : iterable of (layer, headers of the columns to show, marks)
    row_header : str
        What the first column is called, which has the row as findings count.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    write_cover(book.create_sheet(cover.name), cover)
    for raw, headers, marks in layers:
        sheet = book.create_sheet(_sheet_name(raw.name))
        shown = [header for header in headers if header in raw.columns]
        _put_row(sheet, 1, [row_header, *shown], [None, *(marks.headers.get(header) for header in shown)], _BOLD)
        loose = _loose(marks, set(shown))
        for number, index in enumerate(_chosen(raw, marks), start=2):
            row = raw.rows[index]
            looks = [loose.get(row), *(marks.cells.get((row, header)) for header in shown)]
            _put_row(sheet, number, [row, *(raw.columns[header][index] for header in shown)], looks)
        sheet.freeze_panes = "B2"
        for letter in map(get_column_letter, range(2, len(shown) + 2)):
            sheet.column_dimensions[letter].width = 16
    return saved(book)


def _loose(marks: SheetMarks, shown: set[str]) -> dict[int, Looks]:
    """Return by row what is told of the row itself, or of a column that is not shown."""
    found: dict[int, list[Looks]] = {}
    for (row, header), looks in marks.cells.items():
        if header not in shown:
            found.setdefault(row, []).append(looks)
    return {row: together(several) for row, several in found.items()}


def _chosen(raw: RawLayer, marks: SheetMarks) -> Iterable[int]:
    """Return which records to show."""
    if len(raw.rows) <= ROWS_MAX:
        return range(len(raw.rows))
    told = {row for row, _ in marks.cells}
    return [index for index, row in enumerate(raw.rows) if row in told][:ROWS_MAX]


def _put_row(
    sheet: Any, row: int, values: Sequence[Any], looks: Sequence[Looks | None], font: Font | None = None
) -> None:
    for column, (value, how) in enumerate(zip(values, looks, strict=True), start=1):
        if value is None and how is None:
            continue
        cell = sheet.cell(row, column)
        put(cell, value)
        if font is not None:
            cell.font = font
        if how is not None:
            mark(cell, how)


def _sheet_name(name: str) -> str:
    """Return a name that a sheet may have.

    Examples
    --------
    >>> _sheet_name("2025/地块[1]"), _sheet_name("'")
    ('2025_地块_1_', '_')
    """
    return _NOT_IN_NAMES.sub("_", name)[:_NAME_MAX].replace("'", "_") or "_"
