"""The database of people and links: SQLite in WAL, opened so that no writer is refused and no commit is lost.

Every transaction that writes begins IMMEDIATE: two writers queue for up to five seconds instead of failing half-way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from landmap.domain.errors import BusyError, StoreError

SCHEMA_VERSION: Final = 1
BUSY_WAIT_S: Final = 5

METADATA: Final = MetaData()
_VERSION: Final = Table("schema_version", METADATA, Column("version", Integer, primary_key=True))

#: Times are ISO 8601 in UTC; `frame_ancestors` is a JSON list.
SHARES: Final = Table(
    "shares",
    METADATA,
    Column("public_id", String, primary_key=True),
    Column("token_sha256", String, nullable=False, unique=True),
    Column("owner", String, nullable=False, index=True),
    Column("level", String, nullable=False),
    Column("snapshot_id", String, nullable=False, index=True),
    Column("fields_preset", String, nullable=False),
    Column("lang", String, nullable=False),
    Column("title", String, nullable=False),
    Column("note", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("expires_at", String, nullable=False),
    Column("revoked_at", String),
    Column("passphrase_hash", String),
    Column("opens", Integer, nullable=False),
    Column("frame_ancestors", String, nullable=False),
)
SHARED_FEATURES: Final = Table(
    "shared_features",
    METADATA,
    Column("share", String, ForeignKey("shares.public_id", ondelete="CASCADE"), primary_key=True),
    Column("layer", String, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("feature_id", String, nullable=False),
    Index("shared_features_by_feature", "layer", "feature_id"),
)


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
            found = connection.execute(select(_VERSION.c.version)).scalar_one_or_none()
            if found is None:
                connection.execute(insert(_VERSION).values(version=SCHEMA_VERSION))
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
