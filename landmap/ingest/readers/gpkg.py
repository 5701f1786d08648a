"""GeoPackage, read with SQLite alone and read-only: no driver, no virtual table, no trigger runs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.gathered import BLOCK, Column, gathered
from landmap.ingest.readers.raw import RawLayer, Request
from landmap.ingest.readers.wkb import shapes_of

_MAGIC: Final = b"SQLite format 3\x00"
#: The triggers that the standard and GDAL write; nothing fires them here, but a stranger is a bad sign.
_TRIGGERS: Final = re.compile(r"^(rtree_|trigger_(insert|delete)_feature_count_|gpkg_|tile_matrix_|fk[ind]_)")
#: Kinds of contents that hold records.
_READ: Final = ("features", "attributes")
#: Bytes of a geometry's header, and of the envelope behind it by the header's indicator.
_HEADER: Final = 8
_ENVELOPE: Final = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


class GpkgReader:
    """GeoPackage 1.x: feature tables and attribute tables."""

    key = "gpkg"
    suffixes = (".gpkg",)

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the file is an SQLite database (what else it must hold is told on reading)."""
        return head.startswith(_MAGIC)

    def read(self, request: Request) -> list[RawLayer]:
        """Return every table listed in the contents; refuse a damaged database or one with foreign machinery."""
        address = f"file:{_quoted_path(request.path)}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as base:
                base.execute("PRAGMA trusted_schema=OFF")
                base.execute("PRAGMA query_only=ON")
                base.text_factory = _text
                _inspect(base)
                first, *others = [_layer(base, *row) for row in _contents(base)]
                return [replace(first, faults=(*_unread(base), *first.faults)), *others]
        except sqlite3.Error as error:
            raise RefusedError("file_damaged", reason=str(error)) from error


def _quoted_path(path: Path) -> str:
    return path.resolve().as_posix().replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")


def _inspect(base: sqlite3.Connection) -> None:
    """Refuse a database with virtual tables other than the spatial index, or triggers of its own."""
    for kind, name, sql in base.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        statement = " ".join((sql or "").split()).lower()
        if statement.startswith("create virtual table") and not re.search(r"\busing rtree\b", statement):
            raise RefusedError("database_machinery", value=name, what="VIRTUAL TABLE")
        if kind == "trigger" and not _TRIGGERS.match(name):
            raise RefusedError("database_machinery", value=name, what="TRIGGER")
    (verdict,) = base.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise RefusedError("file_damaged", reason=verdict)


def _contents(base: sqlite3.Connection) -> list[tuple[str, str | None, str | None]]:
    """Return name, geometry column and CRS of every real table in the contents."""
    tables = _tables(base)
    if "gpkg_contents" not in tables:
        raise RefusedError("not_geopackage")
    shapes = {}
    if "gpkg_geometry_columns" in tables:
        shapes = {
            row[0]: row[1:] for row in base.execute("SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns")
        }
    found = []
    for name, kind in base.execute("SELECT table_name, data_type FROM gpkg_contents ORDER BY rowid").fetchall():
        if kind in _READ and name in tables:
            column, srs = shapes.get(name, (None, None))
            found.append((name, column, _crs(base, srs)))
    if not found:
        raise RefusedError("no_layer")
    return found


def _unread(base: sqlite3.Connection) -> list[Fault]:
    """Return a fault for everything in the contents that is no table of records: tiles, grids, views."""
    tables = _tables(base)
    listed = base.execute("SELECT table_name, data_type FROM gpkg_contents ORDER BY rowid").fetchall()
    return [
        Fault("contents_unread", value=name, words={"kind": kind if kind not in _READ else "view"})
        for name, kind in listed
        if kind not in _READ or name not in tables
    ]


def _tables(base: sqlite3.Connection) -> set[str]:
    return {name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _crs(base: sqlite3.Connection, srs: int | None) -> str | None:
    """Return the declared CRS; -1 and 0 say that it is undefined."""
    if srs is None or srs in (-1, 0):
        return None
    row = base.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (srs,)
    ).fetchone()
    if row is None:
        return f"EPSG:{srs}"
    organisation, code, definition = row
    return f"EPSG:{code}" if str(organisation).upper() == "EPSG" else definition


def _layer(base: sqlite3.Connection, name: str, shape: str | None, crs: str | None) -> RawLayer:
    """Return one table; texts that are no UTF-8 are read once more, with what they hold in place of it."""
    base.text_factory = str
    try:
        return _read(base, name, shape, crs)
    except sqlite3.OperationalError as error:
        if "UTF-8" not in str(error):
            raise
    finally:
        base.text_factory = _text
    return _read(base, name, shape, crs)


def _read(base: sqlite3.Connection, name: str, shape: str | None, crs: str | None) -> RawLayer:
    quoted = '"' + name.replace('"', '""') + '"'
    info = base.execute(f"PRAGMA table_info({quoted})").fetchall()
    kinds = {row[1]: str(row[2]).upper() for row in info}
    keys = {row[1] for row in info if row[5]}
    cursor = base.execute(f"SELECT * FROM {quoted} ORDER BY rowid")
    names = [item[0] for item in cursor.description]
    columns = {name: Column() for name in names}
    faults: list[Fault] = []
    shapes: list[NDArray[np.object_]] = []

    def draw(blobs: Sequence[Any]) -> None:
        shapes.append(shapes_of(_wkbs(blobs), faults, after=sum(map(len, shapes))))

    takers = [draw if one == shape else _pass if one in keys else columns[one].add for one in names]
    count = gathered(iter(partial(cursor.fetchmany, BLOCK), []), takers)
    kept = {
        one: _plain(column.cells, kinds[one]) for one, column in columns.items() if one != shape and one not in keys
    }
    geometry = None if shape not in names else np.concatenate([np.empty(0, dtype=object), *shapes])
    return RawLayer(name, kept, tuple(range(1, count + 1)), geometry, crs, encoding="utf-8", faults=tuple(faults))


def _pass(cells: Sequence[Any]) -> None:
    """Take nothing."""


def _plain(cells: list[Any], kind: str) -> list[Any]:
    """Return the cells of a column with truth values as such, and bytes as text."""
    if kind == "BOOLEAN":
        cells = [bool(cell) if cell in (0, 1) else cell for cell in cells]
    if bytes in set(map(type, cells)):
        cells = [cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else cell for cell in cells]
    return cells


def _wkbs(blobs: Sequence[Any]) -> list[bytes | None]:
    """Return the well-known binary behind the headers of GeoPackage geometries."""
    plain = set(map(type, blobs)) == {bytes} and min(map(len, blobs)) >= _HEADER
    heads = {blob[:4] for blob in blobs} if plain else set()
    if len(heads) == 1:
        (head,) = heads
        envelope = _ENVELOPE.get((head[3] >> 1) & 7) if head[:2] == b"GP" else None
        if envelope is not None:
            return [blob[_HEADER + envelope :] for blob in blobs]
    return [_wkb(blob) for blob in blobs]


def _wkb(blob: Any) -> bytes | None:
    """Return the well-known binary behind a GeoPackage header; empty bytes, no geometry at all, for anything else."""
    if blob is None:
        return None
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < _HEADER:
        return b""
    envelope = _ENVELOPE.get((blob[3] >> 1) & 7)
    return b"" if envelope is None else blob[_HEADER + envelope :]
