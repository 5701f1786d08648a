"""Old Excel workbooks (BIFF8 in a compound file) written by hand: no library of ours writes them."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SECTOR: Final = 512
#: Styles of the workbook: as it stands, and by the formats 0% (built in) and 0.0% (its own).
PLAIN, PERCENT, OWN_PERCENT = 0, 1, 2
#: What a cell holds that is an error: #N/A.
ERROR: Final = object()


@dataclass(frozen=True)
class OldSheet:
    """One sheet; `styles` by (row, column) from 0, `merged` as (top, left, bottom, right), `state` 1 hidden."""

    name: str
    rows: Sequence[Sequence[Any]]
    styles: Mapping[tuple[int, int], int] | None = None
    merged: Sequence[tuple[int, int, int, int]] = ()
    hidden_rows: Iterable[int] = ()
    hidden_columns: Iterable[int] = ()
    state: int = 0


def write_xls(path: Path, *sheets: OldSheet, protected: bool = False) -> Path:
    """Write a workbook of `sheets`; a protected one says so and is otherwise plain."""
    path.write_bytes(compound({"Workbook": _workbook(sheets, protected=protected)}))
    return path


def compound(streams: Mapping[str, bytes]) -> bytes:
    """Return a compound file of streams, each in sectors of its own."""
    entries, body, table, first = [_entry("Root Entry", 5, 0xFFFFFFFE, 0)], b"", [], 0
    for name, data in streams.items():
        padded = data.ljust(max(4096, -(-len(data) // SECTOR) * SECTOR), b"\0")
        count = len(padded) // SECTOR
        entries.append(_entry(name, 2, first, max(4096, len(data))))
        table += [*range(first + 1, first + count), 0xFFFFFFFE]
        body, first = body + padded, first + count
    directory = b"".join(entries).ljust(-(-len(entries) * 128 // SECTOR) * SECTOR, b"\0")
    count = len(directory) // SECTOR
    table += [*range(first + 1, first + count), 0xFFFFFFFE]
    tables = -(-(len(table) + 1) // (SECTOR // 4))
    tables = -(-(len(table) + tables) // (SECTOR // 4))
    starts = [first + count + index for index in range(tables)]
    table += [0xFFFFFFFD] * tables
    allocation = struct.pack(f"<{len(table)}I", *table).ljust(tables * SECTOR, b"\xff")
    listed = [*starts, *[0xFFFFFFFF] * (109 - tables)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, tables, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[:-4]
    return header + struct.pack("<109I", *listed) + body + directory + allocation


def _entry(name: str, kind: int, first: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    made = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 1 if kind == 5 else 0xFFFFFFFF)
    return made + links + bytes(36) + struct.pack("<IQ", first, size)


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, width: str = "<H") -> bytes:
    return struct.pack(width, len(text)) + b"\x01" + text.encode("utf-16-le")


def _workbook(sheets: Sequence[OldSheet], *, protected: bool) -> bytes:
    parts = [_sheet(sheet) for sheet in sheets]
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 6))
    head += _record(0x002F, bytes(6)) if protected else b""
    head += _record(0x041E, struct.pack("<H", 164) + _text("0.0%"))
    head += b"".join(_record(0x00E0, struct.pack("<HH", 0, style) + bytes(16)) for style in (0, 9, 164))
    tail = _record(0x000A)
    bound = [len(_record(0x0085, bytes(6) + _text(sheet.name, "<B"))) for sheet in sheets]
    offset = len(head) + sum(bound) + len(tail)
    for sheet, part in zip(sheets, parts, strict=True):
        head += _record(0x0085, struct.pack("<IBB", offset, sheet.state, 0) + _text(sheet.name, "<B"))
        offset += len(part)
    return head + tail + b"".join(parts)


def _sheet(sheet: OldSheet) -> bytes:
    found = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 6))
    for column in sheet.hidden_columns:
        found += _record(0x007D, struct.pack("<6H", column, column, 2048, 0, 1, 0))
    width = max(map(len, sheet.rows))
    found += _record(0x0200, struct.pack("<IIHHH", 0, len(sheet.rows), 0, width, 0))
    for row in sheet.hidden_rows:
        found += _record(0x0208, struct.pack("<8H", row, 0, width, 255, 0, 0, 0x20, 0))
    for row, cells in enumerate(sheet.rows):
        for column, value in enumerate(cells):
            at = struct.pack("<3H", row, column, (sheet.styles or {}).get((row, column), PLAIN))
            if value is ERROR:
                found += _record(0x0205, at + b"\x2a\x01")
            elif isinstance(value, str):
                found += _record(0x0204, at + _text(value))
            elif value is not None:
                found += _record(0x0203, at + struct.pack("<d", value))
    if sheet.merged:
        spans = b"".join(struct.pack("<4H", top, bottom, left, right) for top, left, bottom, right in sheet.merged)
        found += _record(0x00E5, struct.pack("<H", len(sheet.merged)) + spans)
    return found + _record(0x000A)
