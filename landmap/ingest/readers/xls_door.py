"""The door of an old Excel file: its records are walked once, before any library opens it.

The walk measures the sheets against the caps and finds what the values alone do not tell: cells shown as percent, cells
that hold an error, hidden rows and columns. Format: [MS-XLS] (BIFF5 and BIFF8) as published by Microsoft.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from landmap.ingest.faults import RefusedError
from landmap.ingest.readers.compound import Compound
from landmap.ingest.readers.xlsx import percent_format
from landmap.ingest.readers.xlsx_door import MAX_COLUMNS, MAX_ROWS

#: The stream of BIFF8 and of BIFF5, and where the text of a format stands in its record.
_STREAMS: Final[Mapping[str, int]] = MappingProxyType({"workbook": 5, "book": 3})
#: The stream that newer workbooks hide in behind a password.
_ENCRYPTED: Final = "encryptedpackage"
_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _FORMAT, _XF = 0x0809, 0x000A, 0x002F, 0x0085, 0x041E, 0x00E0
_ROW, _COLINFO, _MULRK, _FORMULA, _BOOLERR, _NUMBER, _RK = 0x0208, 0x007D, 0x00BD, 0x0006, 0x0205, 0x0203, 0x027E
#: Built-in formats shown as percent.
_PERCENT: Final = frozenset({9, 10})
_ERRORS: Final[Mapping[int, str]] = MappingProxyType(
    {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
)

Cell = tuple[int, int]


@dataclass
class Marks:
    """What a sheet says beside its values; rows and columns from 0."""

    percent: set[Cell] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def is_workbook(data: bytes) -> bool:
    """Return whether a compound file is a workbook, or may be one behind a password."""
    try:
        names = Compound(data).names
    except (ValueError, struct.error):
        return "Workbook".encode("utf-16-le") in data
    return not names.isdisjoint((*_STREAMS, _ENCRYPTED))


def measure(data: bytes) -> list[Marks]:
    """Return the marks of each sheet, in the order of the workbook.

    Raises
    ------
    RefusedError
        For a workbook behind a password, or a sheet past 50 000 rows or 300 columns.
    ValueError, struct.error
        For a damaged file.
    """
    file = Compound(data)
    if _ENCRYPTED in file.names:
        raise RefusedError("file_encrypted")
    called = next((name for name in _STREAMS if name in file.names), "workbook")
    stream = file.stream(called)
    offsets: list[int] = []
    shown: dict[int, bool] = {}
    styles: list[int] = []
    for kind, body in _records(stream, 0):
        if kind == _FILEPASS:
            raise RefusedError("file_encrypted")
        if kind == _BOUNDSHEET:
            offsets.append(struct.unpack_from("<I", body)[0])
        elif kind == _FORMAT:
            shown[struct.unpack_from("<H", body)[0]] = percent_format(
                body[_STREAMS[called] :].replace(b"\0", b"").decode("latin-1")
            )
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", body, 2)[0])
    percent = frozenset(index for index, style in enumerate(styles) if shown.get(style, style in _PERCENT))
    return [_sheet(stream, offset, percent) for offset in offsets]


def _sheet(stream: bytes, offset: int, percent: frozenset[int]) -> Marks:
    marks = Marks()
    for kind, body in _records(stream, offset):
        if kind == _ROW:
            row, _, _, _, _, _, flags = struct.unpack_from("<7H", body)
            if flags & 0x20:
                marks.hidden_rows.add(row)
        elif kind == _COLINFO:
            first, last, _, _, flags = struct.unpack_from("<5H", body)
            if flags & 1:
                marks.hidden_columns |= set(range(first, min(last, MAX_COLUMNS) + 1))
        elif kind in (_NUMBER, _RK, _FORMULA, _BOOLERR):
            row, column, style = struct.unpack_from("<3H", body)
            _bounded(row, column)
            if style in percent:
                marks.percent.add((row, column))
            error = _error(kind, body)
            if error is not None:
                marks.errors[row, column] = _ERRORS.get(error, "#N/A")
        elif kind == _MULRK:
            row, first = struct.unpack_from("<2H", body)
            count = (len(body) - 6) // 6
            _bounded(row, first + count)
            for index in range(count):
                if struct.unpack_from("<H", body, 4 + 6 * index)[0] in percent:
                    marks.percent.add((row, first + index))
    return marks


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield kind and body of the records of one part of the stream; charts inside it are passed over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield kind, body


def _error(kind: int, body: bytes) -> int | None:
    """Return the code of the error that a cell holds."""
    if kind == _BOOLERR and body[7]:
        return body[6]
    if kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff":
        return body[8]
    return None


def _bounded(row: int, column: int) -> None:
    if row >= MAX_ROWS or column >= MAX_COLUMNS:
        raise RefusedError("table_too_large", value=row + 1, rows=MAX_ROWS, columns=MAX_COLUMNS)
