"""The door of an Excel file: what the sheets claim is measured while streaming, before any library opens them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from landmap.ingest.faults import DAMAGE, RefusedError
from landmap.ingest.readers.headers import Span

MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 300
#: Unpacked bytes of one sheet; 50 000 × 300 cells take less.
MAX_SHEET_BYTES: Final = 512 * 1024 * 1024
#: Unpacked bytes of any other part: the texts of all cells are held in memory at once.
MAX_PART_BYTES: Final = 128 * 1024 * 1024
MAX_MERGED: Final = 20_000

_SHEET: Final = re.compile(r"^xl/worksheets/[^/]+\.xml$")
_PREFIX: Final = rb"<(?:\w{1,20}:)?"
_CELL: Final = re.compile(_PREFIX + rb'c\s(?:[^>]{0,200}?\s)?r="([A-Z]{1,3})([0-9]{1,7})"')
_ROW: Final = re.compile(_PREFIX + rb"row\s([^>]{0,400})>")
_NUMBER: Final = re.compile(rb'(?:^|\s)r="([0-9]{1,7})"')
_HIDDEN: Final = re.compile(rb'(?:^|\s)hidden="(?:1|true)"')
_COLUMNS: Final = re.compile(_PREFIX + rb"col\s([^>]{0,400})>")
_FROM_TO: Final = re.compile(rb'(?:^|\s)(min|max)="([0-9]{1,5})"')
_MERGED: Final = re.compile(
    _PREFIX + rb'mergeCell\s[^>]{0,100}?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"'
)
_UNSAVED: Final = re.compile(
    rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^>]{0,80}><f[^>]{0,200}>[^<]{0,8000}</f>(?:<v ?/>|<v></v>)?</c>'
)
_OVERLAP: Final = 8_400
#: A document type, in every encoding that XML may be in.
_DECLARATIONS: Final = tuple(
    mark.encode(encoding) for mark in ("<!DOCTYPE", "<!ENTITY") for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)


@dataclass
class Marks:
    """What a sheet says beside its values: formulas saved without a result, merged cells, hidden rows and columns."""

    unsaved: dict[str, None] = field(default_factory=dict)
    merged: dict[Span, None] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def measure(path: Path) -> Mapping[str, Marks]:
    """Check every part of a workbook against the caps and return the marks of each sheet, by its path in the archive.

    Raises
    ------
    RefusedError
        For a sheet past 50 000 rows or 300 columns, a document type declaration, or a damaged archive.
    """
    found: dict[str, Marks] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if _SHEET.match(name):
                    found[name] = _sheet(archive, name)
                elif name.endswith((".xml", ".rels")):
                    for chunk in _chunks(archive, name, MAX_PART_BYTES):
                        _plain(chunk, name)
    except RefusedError:
        raise
    except DAMAGE as error:
        raise RefusedError("file_damaged", reason=str(error)) from error
    return found


def _sheet(archive: zipfile.ZipFile, name: str) -> Marks:
    marks = Marks()
    for chunk in _chunks(archive, name, MAX_SHEET_BYTES):
        _plain(chunk, name)
        _check(chunk)
        marks.unsaved |= dict.fromkeys(match.decode() for match in _UNSAVED.findall(chunk))
        for left, top, right, bottom in _MERGED.findall(chunk):
            marks.merged[Span(int(top), _column(left) - 1, int(bottom), _column(right) - 1)] = None
        for row in _ROW.findall(chunk):
            if _HIDDEN.search(row) and (number := _NUMBER.search(row)):
                marks.hidden_rows.add(int(number[1]))
        for columns in _COLUMNS.findall(chunk):
            limits = {key: int(value) for key, value in _FROM_TO.findall(columns)}
            if _HIDDEN.search(columns) and limits.keys() == {b"min", b"max"}:
                marks.hidden_columns |= set(range(limits[b"min"] - 1, min(limits[b"max"], MAX_COLUMNS)))
        if len(marks.merged) > MAX_MERGED:
            raise RefusedError("table_too_large", rows=MAX_ROWS, columns=MAX_COLUMNS)
    return marks


def _chunks(archive: zipfile.ZipFile, name: str, limit: int) -> Iterator[bytes]:
    """Yield a part in pieces that overlap, so that no reference is cut."""
    tail, total = b"", 0
    with archive.open(name) as stream:
        while block := stream.read(1 << 18):
            total += len(block)
            if total > limit:
                raise RefusedError("table_too_large", rows=MAX_ROWS, columns=MAX_COLUMNS)
            yield tail + block
            tail = (tail + block)[-_OVERLAP:]


def _plain(chunk: bytes, name: str) -> None:
    if any(mark in chunk for mark in _DECLARATIONS):
        raise RefusedError("file_damaged", reason=f"{name}: DOCTYPE")


def _check(chunk: bytes) -> None:
    for match in _CELL.finditer(chunk):
        if int(match[2]) > MAX_ROWS or _column(match[1]) > MAX_COLUMNS:
            found = f"{match[1].decode()}{match[2].decode()}"
            raise RefusedError("table_too_large", value=found, rows=MAX_ROWS, columns=MAX_COLUMNS)
    for row in _ROW.findall(chunk):
        number = _NUMBER.search(row)
        if number is not None and int(number[1]) > MAX_ROWS:
            raise RefusedError("table_too_large", value=int(number[1]), rows=MAX_ROWS, columns=MAX_COLUMNS)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
