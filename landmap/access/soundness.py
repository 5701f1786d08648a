"""Whether the database of people and links is sound, and what can be saved of one that is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from landmap.domain.errors import StoreError

#: What belongs to one SQLite file in WAL.
_PARTS: Final = ("", "-wal", "-shm")


def database_faults(path: Path) -> list[str]:
    """Return what SQLite finds wrong with a database; nothing for one that was never made.

    Notes
    -----
    ``PRAGMA quick_check`` looks at every page; that indices fit their tables is for ``integrity_check``, and an index
    can be made again.
    """
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
            told = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
    except sqlite3.Error as error:
        return [str(error)]
    return [] if told == ["ok"] else told


def mend_database(path: Path, at: str) -> Iterator[str]:
    """Put a damaged database right, and yield each step once it is done; a sound one is left alone.

    Parameters
    ----------
    path : Path
    at : str
        The day, for the name under which the damaged file is kept.

    Raises
    ------
    StoreError
        When the disk fails.
    """
    if not database_faults(path):
        return
    if _indexed_again(path):
        yield f"made the indices of {path.name} again"
        return
    fresh, kept = path.with_name(f".tmp-{path.name}"), path.with_name(f"{path.name}.damaged-{at}")
    try:
        fresh.unlink(missing_ok=True)
        saved = list(_copied(path, fresh))
        for part in _PARTS:
            source = path.with_name(path.name + part)
            if source.exists():
                source.replace(kept.with_name(kept.name + part))
        fresh.replace(path)
    except OSError as error:
        raise StoreError(f"{path} could not be mended: {error.strerror or error}", hint="check the disk") from error
    yield f"kept the damaged database as {kept.name}"
    yield f"made {path.name} again with {', '.join(saved) or 'nothing that could be read'}"


def _indexed_again(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            connection.execute("REINDEX")
    except sqlite3.Error:
        return False
    return not database_faults(path)


def _copied(source: Path, target: Path) -> Iterator[str]:
    """Copy every row that can still be read, table by table; yield how many of each."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target, isolation_level=None)) as new,
    ):
        new.execute("PRAGMA synchronous = FULL")
        new.execute("BEGIN")
        for name, sql in _schema(old):
            new.execute(sql)
            if name is not None:
                yield f"{_rows(old, new, name)} {name}"
        new.execute("COMMIT")


def _schema(old: sqlite3.Connection) -> list[tuple[str | None, str]]:
    """Return the statements that make the database, tables first; a name goes with each table."""
    query = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    try:
        found = old.execute(query).fetchall()
    except sqlite3.Error:
        return []
    found.sort(key=lambda row: row[0] != "table")
    return [(name if kind == "table" else None, sql) for kind, name, sql in found]


def _rows(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    """Copy the rows of one table up to the first that cannot be read; return how many."""
    count = 0
    quoted = '"' + table.replace('"', '""') + '"'
    try:
        for row in old.execute(f"SELECT * FROM {quoted}"):
            marks = ", ".join("?" * len(row))
            new.execute(f"INSERT OR IGNORE INTO {quoted} VALUES ({marks})", row)
            count += 1
    except sqlite3.Error:
        pass
    return count
