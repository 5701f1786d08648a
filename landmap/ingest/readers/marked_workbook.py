"""The steward's own workbook with the cells coloured and commented that a report speaks of; its formats are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from landmap.ingest.faults import RefusedError
from landmap.ingest.readers import xlsx_door
from landmap.ingest.readers.headers import HEADER_WITHIN, LEVELS, Span, cell_text, find_header, is_empty
from landmap.ingest.readers.placing import places
from landmap.ingest.readers.sheet_marks import Cover, Looks, SheetMarks, first_of, mark, saved, together, write_cover

#: Rows at the top among which the header is looked for: those that may hold it, its levels and its units.
_TOP: Final = HEADER_WITHIN + LEVELS + 1

Knows = Callable[[str], bool]


def annotated(path: Path, cover: Cover, layers: Mapping[str | None, tuple[Knows, SheetMarks]]) -> bytes:
    """Return a workbook with a cover in front and its marked cells coloured and commented.

    Parameters
    ----------
    path : Path
    cover : Cover
    layers : Mapping of layer name to (what tells its headers, its marks)
        A layer is called as its sheet; one of several in a sheet has more behind that name.

    Raises
    ------
    RefusedError
        For a workbook that the door does not let in.

    Notes
    -----
    Macros and links to other workbooks are left out; what the program that made the file keeps beside cells, such as
    charts, may be lost. Formulas stay, and are computed anew when the workbook is opened.
    """
    xlsx_door.measure(path)
    try:
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, rich_text=True, keep_links=False)
    except InvalidFileException as error:
        raise RefusedError("file_damaged", reason=str(error)) from error
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = False
        for name, (knows, marks) in layers.items():
            if name == sheet.title or (name or "").startswith(f"{sheet.title} ("):
                _mark_sheet(sheet, knows, marks)
    write_cover(book.create_sheet(cover.name, 0), cover)
    book.active = 0
    return saved(book)


def _mark_sheet(sheet: Worksheet, knows: Knows, marks: SheetMarks) -> None:
    columns, head = _columns(sheet, knows)
    owner = {
        (row, column): (span.min_row, span.min_col)
        for span in sheet.merged_cells.ranges
        for row in range(span.min_row, span.max_row + 1)
        for column in range(span.min_col, span.max_col + 1)
    }
    found: dict[tuple[int, int], list[Looks]] = {}
    for name, looks in marks.headers.items():
        if name in columns and head:
            found.setdefault(_own(head, columns[name] + 1, owner), []).append(looks)
    for (row, header), looks in marks.cells.items():
        place = columns.get(header) if header is not None else None
        column = _first_filled(sheet, row) if place is None else place + 1
        found.setdefault(_own(row, column, owner), []).append(looks)
    for (row, column), several in found.items():
        mark(sheet.cell(row, column), together(several))


def _columns(sheet: Worksheet, knows: Knows) -> tuple[dict[str, int], int]:
    """Return the columns of the sheet by header, from 0, and the row of the header as the sheet counts; 0 for none."""
    every = ((number, list(cells)) for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1))
    rows = list(islice((row for row in every if any(not is_empty(cell) for cell in row[1])), _TOP))
    if not rows:
        return {}, 0
    merged = [Span(one.min_row, one.min_col - 1, one.max_row, one.max_col - 1) for one in sheet.merged_cells.ranges]
    try:
        head = find_header(rows, lambda text: knows(text) or places(text), merged)
    except RefusedError:
        return {}, 0
    above = [number for number, cells in rows[: head.start] if tuple(map(cell_text, cells)) in head.texts]
    return first_of(head.names), above[-1] if above else 0


def _first_filled(sheet: Worksheet, row: int) -> int:
    return next((cell.column for cell in sheet[row] if cell.value is not None), 1)


def _own(row: int, column: int, owner: Mapping[tuple[int, int], tuple[int, int]]) -> tuple[int, int]:
    """Return the place of a cell; of merged ones, the place of the one that holds their content."""
    return owner.get((row, column), (row, column))
