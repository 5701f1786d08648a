"""Excel workbooks of 1997-2003 (.xls): read as the newer ones are, with the same header, totals and percent rules."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers import xls_door
from landmap.ingest.readers.compound import MAGIC
from landmap.ingest.readers.headers import Span
from landmap.ingest.readers.raw import RawLayer, Request
from landmap.ingest.readers.table import Sheet
from landmap.ingest.readers.workbook import layers_of_sheets
from landmap.ingest.readers.xls_door import Marks
from landmap.ingest.readers.xlsx_door import MAX_COLUMNS, MAX_ROWS

#: An old sheet has 65 536 rows at most; what is larger than this is no table.
MAX_BYTES: Final = 256 * 1024 * 1024
_DAMAGE: Final[tuple[type[Exception], ...]] = (*DAMAGE, CalamineError)
#: Numbers of a sheet are floats; up to here those without a fraction are whole numbers.
_EXACT: Final = 2.0**53


class XlsReader:
    """Binary workbooks; formulas and macros are never run."""

    key = "xls"
    suffixes = (".xls",)

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the file is a compound file with a workbook in it."""
        return head.startswith(MAGIC) and path.stat().st_size <= MAX_BYTES and xls_door.is_workbook(path.read_bytes())

    def read(self, request: Request) -> list[RawLayer]:
        """Return one layer for every sheet that holds a table; refuse a damaged or encrypted workbook."""
        data = request.path.read_bytes()
        try:
            sheets, hidden = _sheets(data, xls_door.measure(data))
        except RefusedError:
            raise
        except _DAMAGE as error:
            raise RefusedError("file_damaged", reason=str(error)) from error
        return layers_of_sheets(sheets, hidden, request.knows)


def _sheets(data: bytes, marks: Sequence[Marks]) -> tuple[list[Sheet], list[str]]:
    """Return the sheets people see, and the names of those they do not."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        listed = list(enumerate(book.sheets_metadata))
        seen = [(index, sheet.name) for index, sheet in listed if sheet.visible == SheetVisibleEnum.Visible]
        hidden = [sheet.name for _, sheet in listed if sheet.visible != SheetVisibleEnum.Visible]
        return [_sheet(book, name, marks[index] if index < len(marks) else Marks()) for index, name in seen], hidden
    except BaseException as error:  # the library's own panic is no Exception, and has no name to import
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(str(error)) from None


def _sheet(book: CalamineWorkbook, name: str, marks: Marks) -> Sheet:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        raise RefusedError("table_too_large", rows=MAX_ROWS, columns=MAX_COLUMNS)
    faults: list[Fault] = []
    rows = []
    for number, cells in enumerate(sheet.to_python(skip_empty_area=False)):
        rows.append((number + 1, [_value(cell, (number, column), marks) for column, cell in enumerate(cells)]))
    for (row, column), error in sorted(marks.errors.items()):
        faults.append(Fault("cell_error", row + 1, value=error, words={"cell": f"{_letters(column)}{row + 1}"}))
    merged = tuple(
        Span(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    )
    return Sheet(
        name,
        rows,
        faults=tuple(faults),
        merged=merged,
        hidden=frozenset(row + 1 for row in marks.hidden_rows),
        hidden_columns=frozenset(marks.hidden_columns),
    )


def _value(cell: Any, at: tuple[int, int], marks: Marks) -> Any:
    if at in marks.errors or cell == "":
        return None
    if isinstance(cell, float):
        if at in marks.percent:
            return round(cell * 100, 10)
        return int(cell) if cell.is_integer() and abs(cell) < _EXACT else cell
    if isinstance(cell, dt.timedelta):
        return str(cell)
    return cell


def _letters(column: int) -> str:
    """Return the letters of a column counted from 0.

    Examples
    --------
    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
