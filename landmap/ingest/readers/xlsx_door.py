"""The door of an Excel file: what the sheets claim is measured while streaming, before any library opens them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from landmap.ingest.faults import DAMAGE, RefusedError

MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 300
#: Unpacked bytes of one sheet; 50 000 × 300 cells take less.
MAX_SHEET_BYTES: Final = 512 * 1024 * 1024

_SHEET: Final = re.compile(r"^xl/worksheets/[^/]+\.xml$")
_REFERENCE: Final = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"|<row[^>]{0,200}? r="([0-9]{1,7})"')
_UNSAVED: Final = re.compile(
    rb'<c r="([A-Z]{1,3}[0-9]{1,7})"[^>]{0,80}><f[^>]{0,200}>[^<]{0,8000}</f>(?:<v ?/>|<v></v>)?</c>'
)
_OVERLAP: Final = 8_400


def measure(path: Path) -> list[str]:
    """Check every sheet against the caps and return the cells whose formula was saved without its value.

    Raises
    ------
    RefusedError
        For a sheet past 50 000 rows or 300 columns, a document type declaration, or a damaged archive.
    """
    unsaved: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if _SHEET.match(name):
                    for chunk in _chunks(archive, name):
                        _check(chunk, name)
                        unsaved += [match[1].decode() for match in _UNSAVED.finditer(chunk)]
    except RefusedError:
        raise
    except DAMAGE as error:
        raise RefusedError("file_damaged", reason=str(error)) from error
    return list(dict.fromkeys(unsaved))


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield the sheet in pieces that overlap, so that no reference is cut."""
    tail, total = b"", 0
    with archive.open(name) as stream:
        while block := stream.read(1 << 18):
            total += len(block)
            if total > MAX_SHEET_BYTES:
                raise RefusedError("table_too_large", rows=MAX_ROWS, columns=MAX_COLUMNS)
            yield tail + block
            tail = (tail + block)[-_OVERLAP:]


def _check(chunk: bytes, name: str) -> None:
    if b"<!DOCTYPE" in chunk:
        raise RefusedError("file_damaged", reason=f"{name}: DOCTYPE")
    for match in _REFERENCE.finditer(chunk):
        row = int(match[2] or match[3])
        if row > MAX_ROWS or (match[1] is not None and _column(match[1]) > MAX_COLUMNS):
            raise RefusedError("table_too_large", value=match[0].decode(), rows=MAX_ROWS, columns=MAX_COLUMNS)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
