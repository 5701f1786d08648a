"""Excel workbooks (.xlsx): every sheet a layer, values as saved, percent cells as percentages."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers import xlsx_door
from landmap.ingest.readers.raw import RawLayer, Request
from landmap.ingest.readers.table import Sheet, layer_of

_ERRORS: Final = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


_DAMAGE: Final[tuple[type[Exception], ...]] = (*DAMAGE, InvalidFileException)


class XlsxReader:
    """Office Open XML workbooks; the older .xls is refused by the door with advice."""

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
        unsaved = xlsx_door.measure(request.path)
        try:
            sheets = _sheets(request.path)
        except _DAMAGE as error:
            raise RefusedError("file_damaged", reason=str(error)) from error
        layers: list[RawLayer] = []
        refused: RefusedError | None = None
        for sheet in sheets:
            try:
                layers.append(layer_of(sheet, request.knows))
            except RefusedError as error:
                refused = error
        if not layers:
            raise refused or RefusedError("table_empty")
        layers[0] = replace(
            layers[0], faults=(*layers[0].faults, *(Fault("formula_unsaved", value=c) for c in unsaved))
        )
        return layers


def _sheets(path: Path) -> list[Sheet]:
    with path.open("rb") as stream:  # by name, openpyxl would insist on the ending
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        return [_sheet(sheet) for sheet in book.worksheets]


def _sheet(sheet: Any) -> Sheet:
    sheet.reset_dimensions()
    faults: list[Fault] = []
    rows: list[tuple[int, list[Any]]] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > xlsx_door.MAX_ROWS or len(cells) > xlsx_door.MAX_COLUMNS:
            raise RefusedError("table_too_large", rows=xlsx_door.MAX_ROWS, columns=xlsx_door.MAX_COLUMNS)
        rows.append((number, list(_values(cells, number, faults))))
    return Sheet(sheet.title, rows, None, tuple(faults))


def _values(cells: Iterable[Any], row: int, faults: list[Fault]) -> Iterable[Any]:
    for cell in cells:
        value = cell.value
        if isinstance(value, str) and value in _ERRORS:
            faults.append(Fault("cell_error", row, value=value, words={"cell": cell.coordinate}))
            yield None
        elif isinstance(value, int | float) and not isinstance(value, bool) and _percent(cell):
            yield round(value * 100, 10)
        else:
            yield value


def _percent(cell: Any) -> bool:
    return str(cell.number_format or "").rstrip().endswith("%")
