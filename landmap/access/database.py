"""The database beside the map: SQLite in WAL, opened so that no writer is refused and no commit is lost.

Every transaction that writes begins IMMEDIATE: two writers queue for up to five seconds instead of failing half-way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from landmap.access.tables import METADATA, SCHEMA
from landmap.domain.errors import BusyError, StoreError

SCHEMA_VERSION: Final = 1
BUSY_WAIT_S: Final = 5


@dataclass(frozen=True)
class Database:
    """One open database; safe to share between threads."""

    engine: Engine

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open the SQLite file `path`, made with its tables when there is none.

        Raises
        ------
        StoreError
            When the file is no database, is damaged, or was written by a newer version.
        """
        engine = create_engine(
            URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_WAIT_S, "check_same_thread": False}
        )
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        database = cls(engine)
        try:
            database._prepare(path)
        except BaseException:
            engine.dispose()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read from one consistent state, without holding anybody up."""
        with _told(), self.engine.connect() as connection:
            yield connection.execution_options(reads=True)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction, committed (and on disk) at the end, undone by an exception.

        Raises
        ------
        BusyError
            When other writers kept the database for more than five seconds.
        """
        with _told(), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _prepare(self, path: Path) -> None:
        with self.writing() as connection:
            METADATA.create_all(connection)
            found = connection.execute(select(SCHEMA.c.version)).scalar_one_or_none()
            if found is None:
                connection.execute(insert(SCHEMA).values(version=SCHEMA_VERSION))
            elif found != SCHEMA_VERSION:
                raise StoreError(
                    f"{path} has schema {found}; this version of landmap reads {SCHEMA_VERSION}",
                    hint="open it with the version that wrote it",
                )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, sqlite3.OperationalError) and error.orig.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise BusyError("the database is busy", hint="try again in a moment") from error
        raise StoreError(f"the database cannot be used: {error.orig}", hint="check the disk") from error
    except DatabaseError as error:
        # SQLITE_CORRUPT and SQLITE_NOTADB alone come as the base class itself.
        if type(error.orig) is sqlite3.DatabaseError:
            raise StoreError(f"the database is damaged: {error.orig}", hint="restore a backup") from error
        raise


def _on_connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # The driver must leave BEGIN to us (see _on_begin).
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
