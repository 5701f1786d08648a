"""Excel workbooks (.xlsx): every sheet a layer, values as saved, percent cells as percentages."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers import xlsx_door
from landmap.ingest.readers.raw import RawLayer, Request
from landmap.ingest.readers.table import Sheet
from landmap.ingest.readers.workbook import layers_of_sheets
from landmap.ingest.readers.xlsx_door import Marks

_ERRORS: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_DAMAGE: Final[tuple[type[Exception], ...]] = (*DAMAGE, InvalidFileException)
#: Parts of a number format that are shown as they stand.
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


class XlsxReader:
    """Office Open XML workbooks, with or without macros (which are never run)."""

    key = "xlsx"
    suffixes = (".xlsx", ".xlsm")

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the archive holds a workbook."""
        if not head.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(path) as archive:
                return "xl/workbook.xml" in archive.namelist()
        except DAMAGE:
            return b"xl/" in head

    def read(self, request: Request) -> list[RawLayer]:
        """Return one layer for every sheet that holds a table; refuse a damaged workbook or one without a table."""
        marks = xlsx_door.measure(request.path)
        try:
            sheets, hidden = _sheets(request.path, marks)
        except _DAMAGE as error:
            raise RefusedError("file_damaged", reason=str(error)) from error
        unsaved = dict.fromkeys(cell for one in marks.values() for cell in one.unsaved)
        return layers_of_sheets(sheets, hidden, request.knows, [Fault("formula_unsaved", value=c) for c in unsaved])


def percent_format(number_format: str | None) -> bool:
    """Return whether a number format shows a ratio as a percentage.

    Examples
    --------
    >>> percent_format("0.00%"), percent_format('0.0%_);[Red]-0.0%'), percent_format('0"%"'), percent_format(None)
    (True, True, False, False)
    """
    return "%" in _LITERAL.sub("", number_format or "")


def _sheets(path: Path, marks: Mapping[str, Marks]) -> tuple[list[Sheet], list[str]]:
    """Return the sheets people see, and the names of those they do not."""
    with path.open("rb") as stream:  # by name, openpyxl would insist on the ending
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        return [_sheet(sheet, marks) for sheet in seen], hidden


def _sheet(sheet: Any, marks: Mapping[str, Marks]) -> Sheet:
    own = marks.get(str(sheet._worksheet_path).lstrip("/"), Marks())  # openpyxl names it nowhere else
    sheet.reset_dimensions()
    faults: list[Fault] = []
    rows: list[tuple[int, list[Any]]] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > xlsx_door.MAX_ROWS or len(cells) > xlsx_door.MAX_COLUMNS:
            raise RefusedError("table_too_large", rows=xlsx_door.MAX_ROWS, columns=xlsx_door.MAX_COLUMNS)
        rows.append((number, list(_values(cells, number, faults))))
    return Sheet(
        sheet.title,
        rows,
        faults=tuple(faults),
        merged=tuple(own.merged),
        hidden=frozenset(own.hidden_rows),
        hidden_columns=frozenset(own.hidden_columns),
    )


def _values(cells: Iterable[Any], row: int, faults: list[Fault]) -> Iterator[Any]:
    for cell in cells:
        value = cell.value
        if isinstance(value, str) and value in _ERRORS:
            faults.append(Fault("cell_error", row, value=value, words={"cell": cell.coordinate}))
            yield None
        elif isinstance(value, int | float) and not isinstance(value, bool) and percent_format(cell.number_format):
            yield round(value * 100, 10)
        else:
            yield value
