"""What is not on the map yet: rows without a shape and shapes without a row, kept in the home until they meet.

Each layer has one sealed file, ``unplaced/LAYER/waiting.json``, replaced whole, and beside it the one before; nothing
of it is published or counted.
What was joined waits on until a published version has it: a staged layer may be dropped, its rows must not be.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from landmap.domain import compact_json, layer_named
from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import durable
from landmap.store.current import open_current
from landmap.store.home import Home
from landmap.store.seal import read_bytes, read_sealed, seal

FOLDER: Final = "unplaced"
#: What waits, and what waited before the last change: a damaged file can be put back to that.
FILE: Final = "waiting.json"
EARLIER: Final = "earlier.json"


def _ref(same: str) -> str:
    return hashlib.sha256(same.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class WaitingRow:
    """A row of a ledger without a shape.

    `number` is as written and `key` what all its spellings share (empty: it has none), `source` the file and `row` its
    place there, `since` the day it came. `values` are in the form of the layer's fields, known ones only. `staged_as`
    is the record it became in a layer that was staged; `there` says that this record was published before: it goes
    when that layer is, and not at once.
    """

    number: str | None
    key: str
    source: str
    row: int
    since: dt.date
    values: Mapping[str, Any] = field(default_factory=dict)
    staged_as: str | None = None
    there: bool = False

    @property
    def same(self) -> str:
        """What makes it the same without a number: what it says."""
        return compact_json([self.source, dict(self.values)])

    @property
    def ref(self) -> str:
        """What an address calls it: the same for as long as it waits unchanged."""
        return _ref(self.same)


@dataclass(frozen=True)
class WaitingShape:
    """A shape of a drawing without a row: as `WaitingRow`, with `wkb` (EPSG:4490, hexadecimal) and its CAD `entity`."""

    number: str | None
    key: str
    source: str
    entity: str | None
    since: dt.date
    wkb: str
    values: Mapping[str, Any] = field(default_factory=dict)
    staged_as: str | None = None
    there: bool = False

    @property
    def same(self) -> str:
        """What makes it the same without a number: where it lies."""
        return self.wkb

    @property
    def ref(self) -> str:
        """What an address calls it: the same for as long as it waits unchanged."""
        return _ref(self.same)


@dataclass(frozen=True)
class Unplaced:
    """What waits of one layer."""

    layer: str
    rows: tuple[WaitingRow, ...] = ()
    shapes: tuple[WaitingShape, ...] = ()


Waiting = TypeVar("Waiting", WaitingRow, WaitingShape)


def waiting(home: Home, name: str) -> Unplaced:
    """Return what waits of layer `name`, in the order it came; raise StoreError when its file is damaged."""
    kept = _kept(home, name)
    entries: list[WaitingRow | WaitingShape] = [*kept.rows, *kept.shapes]
    ids = {one.staged_as for one in entries if one.staged_as is not None and not one.there}
    return _without(kept, _published(home, name, ids), there=False)


def unplaced_stamp(home: Home, name: str) -> tuple[str | int, ...]:
    """Return what changes whenever something else waits of layer `name`; empty while nothing ever did."""
    try:
        found = _path(home, layer_named(name).name).stat()
    except FileNotFoundError:
        return ()
    return (home.current_id() or "", found.st_ino, found.st_size, found.st_mtime_ns)


def forget_unplaced(home: Home, name: str, ids: Collection[str]) -> Unplaced:
    """Let go of what became one of the published records `ids`, and return what waits.

    Raises
    ------
    BusyError, NotFoundError, StoreError
        As `keep_unplaced`.
    """
    path = _path(home, layer_named(name).name)
    with home.lock(), durable.told(path):
        kept = _kept(home, name)
        now = _without(_without(kept, ids, there=True), ids, there=False)
        if now != kept:
            _put(path, now)
    return now


def keep_unplaced(
    home: Home, name: str, rows: Sequence[WaitingRow], shapes: Sequence[WaitingShape], staged: Mapping[str, str]
) -> Unplaced:
    """Keep what a join left over, whole or not at all, and return all that waits now.

    Parameters
    ----------
    home : Home
    name : str
    rows : sequence of WaitingRow
    shapes : sequence of WaitingShape
        Those of a number that waits already take its place: the later delivery counts. Without a number, what is the
        same is kept once.
    staged : Mapping of key, or `same`, to id
        What waited before and was joined now, or whose number was, with the records it became; it goes once these are
        published.

    Raises
    ------
    BusyError
        When another writer holds the home.
    NotFoundError
        For a layer that does not exist.
    StoreError
        When what was kept is damaged, or this cannot be written.
    """
    path = _path(home, layer_named(name).name)
    with home.lock(), durable.told(path):
        before = waiting(home, name)
        there = _published(home, name, frozenset(staged.values()))
        now = Unplaced(name, _merged(before.rows, rows, staged, there), _merged(before.shapes, shapes, staged, there))
        for folder in (path.parent.parent, path.parent):
            folder.mkdir(exist_ok=True)
            durable.sync_folder(folder.parent)
        _put(path, now)
    return now


def _without(kept: Unplaced, ids: Collection[str], *, there: bool) -> Unplaced:
    """Return what is left without what became one of `ids`, a record that was `there` already or was not."""
    return Unplaced(
        kept.layer,
        tuple(one for one in kept.rows if one.there is not there or one.staged_as not in ids),
        tuple(one for one in kept.shapes if one.there is not there or one.staged_as not in ids),
    )


def _merged(
    before: Sequence[Waiting], now: Sequence[Waiting], staged: Mapping[str, str], there: Collection[str]
) -> tuple[Waiting, ...]:
    keys = {one.key for one in now if one.key}
    known = {one.same for one in now if not one.key}
    found: list[Waiting] = []
    for one in before:
        if one.key in keys or (not one.key and one.same in known):
            continue
        id = staged.get(one.same) or staged.get(one.key)
        found.append(one if id is None else replace(one, staged_as=id, there=id in there))
    found.extend(now)
    return tuple(found)


def _published(home: Home, name: str, ids: Collection[str]) -> frozenset[str]:
    """Return which of the records are in the version that is served."""
    if not ids:
        return frozenset()
    try:
        snapshot = open_current(home)
    except NotFoundError:
        return frozenset()
    if name not in snapshot.layers:
        return frozenset()
    return frozenset(ids) & set(snapshot.table(name).columns[layer_named(name).id_field].tolist())


def _kept(home: Home, name: str) -> Unplaced:
    home.check()
    path = _path(home, layer_named(name).name)
    return read_unplaced(path, name) if path.exists() else Unplaced(name)


def read_unplaced(path: Path, name: str) -> Unplaced:
    """Return what a file says waits of layer `name`; raise StoreError when it is damaged, or of another form."""
    table = read_sealed(path)
    try:
        return Unplaced(
            name,
            tuple(WaitingRow(**one | {"since": dt.date.fromisoformat(one["since"])}) for one in table["rows"]),
            tuple(WaitingShape(**one | {"since": dt.date.fromisoformat(one["since"])}) for one in table["shapes"]),
        )
    except (TypeError, ValueError, KeyError) as error:
        raise StoreError(f"{path} is of another form: {error}", hint="a newer landmap wrote it") from error


def _put(path: Path, now: Unplaced) -> None:
    if path.exists():
        durable.replace_file(path.with_name(EARLIER), read_bytes(path))
    durable.replace_file(path, seal(_table(now)))


def _table(waiting: Unplaced) -> dict[str, Any]:
    return {
        name: [asdict(one) | {"since": one.since.isoformat()} for one in entries]
        for name, entries in (("rows", waiting.rows), ("shapes", waiting.shapes))
    }


def _path(home: Home, name: str) -> Path:
    return home.path / FOLDER / name / FILE
