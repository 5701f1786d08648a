"""CURRENT: which version is served, how it changes in one step, and what is served when it turns out damaged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

import structlog

from landmap.domain.errors import NotFoundError, StoreError
from landmap.store import durable
from landmap.store.home import Home
from landmap.store.manifest import NAME
from landmap.store.seal import read_bytes, read_sealed, seal, sha256, unseal
from landmap.store.snapshot import Snapshot

Action = Literal["publish", "rollback"]

#: The fewest characters that may stand for a version's id.
PREFIX_MIN: Final = 4


@dataclass(frozen=True)
class Change:
    """One change of the current version: the content of CURRENT, and a line of the journal.

    `sha256` is that of the manifest, so that the pointer vouches for all a version holds.
    """

    id: str
    sha256: str
    action: Action
    before: str | None
    at: str
    by: str
    note: str


def read_pointer(home: Home) -> Change | None:
    """Return what CURRENT says; None before the first publish; StoreError when it is damaged or lost."""
    home.check()
    if not home.pointer.exists():
        if home.journal.exists():
            raise StoreError(f"{home.pointer} is missing although versions were published")
        return None
    return _change(read_bytes(home.pointer), home.pointer)


def swap(home: Home, snapshot: Snapshot, action: Action, by: str, note: str) -> None:
    """Make `snapshot` the current version, durably, and remember who did it; the lock must be held."""
    before = home.current_id() or None
    change = Change(
        id=snapshot.id,
        sha256=sha256(read_bytes(snapshot.path / NAME)),
        action=action,
        before=before,
        at=now(),
        by=by,
        note=note,
    )
    durable.replace_file(home.pointer, seal(change.__dict__))
    try:
        _remember(home, change)
    except StoreError as error:
        # The version is current by now; CURRENT itself holds the change until the next writer notes it.
        _log().warning("journal_behind", reason=error.message)


def recover(home: Home) -> None:
    """Clear what a killed writer left: unfinished files, and a change the journal missed; the lock must be held."""
    for folder in (home.path, home.snapshots, home.staging, home.folder("assets")):
        for name in durable.sweep(folder):
            _log().info("leftover_removed", folder=str(folder), name=name)
    try:
        current = read_pointer(home)
    except StoreError:
        return
    if current is not None and current not in list(changes(home))[-1:]:
        _remember(home, current)


def changes(home: Home) -> Iterator[Change]:
    """Yield every change of the current version, the oldest first; a damaged line is skipped loudly."""
    if not home.journal.exists():
        return
    for number, line in enumerate(read_bytes(home.journal).splitlines(keepends=True), start=1):
        if not line.strip():
            continue
        try:
            yield _change(line, home.journal)
        except StoreError as error:
            _log().warning("journal_line_damaged", line=number, reason=error.message)


def open_current(home: Home) -> Snapshot:
    """Open the current version, every hash checked; fall back to the last good one when it is damaged.

    Returns
    -------
    Snapshot
        Its `warnings` are empty for the current version itself; otherwise they tell what was found damaged, each of
        which is also logged.

    Raises
    ------
    NotFoundError
        Before the first publish.
    StoreError
        When no version on disk is whole.
    """
    warnings: list[str] = []
    tried: set[str] = set()
    try:
        change = read_pointer(home)
        if change is None:
            raise NotFoundError(f"nothing has been published in {home.path}", hint="import layers and publish them")
        tried.add(change.id)
        return opened(home.snapshots / change.id, change.sha256)
    except StoreError as error:
        warnings.append(error.message)
    for id in fallbacks(home):
        if id in tried:
            continue
        tried.add(id)
        try:
            snapshot = opened(home.snapshots / id)
        except StoreError as error:
            warnings.append(error.message)
            continue
        told = (*warnings, f"version {id[:12]} of {snapshot.manifest['created_at']} is served instead")
        for text in told:
            _log().warning("store_damaged", home=str(home.path), message=text)
        return replace(snapshot, warnings=told)
    raise StoreError(f"no version in {home.path} is whole: {'; '.join(warnings)}", hint="restore a backup")


def open_version(home: Home, id: str) -> Snapshot:
    """Open any version on disk by its id or the first characters of it, every hash checked.

    Raises
    ------
    NotFoundError
        When no version, or more than one, begins like that.
    StoreError
        When it is damaged.
    """
    known = version_ids(home)
    found = [name for name in known if name.startswith(id)] if len(id) >= PREFIX_MIN else []
    if len(found) != 1:
        what = "more than one version begins" if found else "no version begins"
        raise NotFoundError(f"{what} with {id!r}", hint=f"versions: {', '.join(name[:12] for name in known) or 'none'}")
    return opened(home.snapshots / found[0])


def opened(path: Path, sha256_of_manifest: str | None = None) -> Snapshot:
    """Open one snapshot folder and check every hash; raise StoreError when anything differs."""
    snapshot = Snapshot.open(path, sha256_of_manifest=sha256_of_manifest)
    snapshot.verify()
    return snapshot


def version_ids(home: Home) -> tuple[str, ...]:
    """Return the ids of all versions on disk, damaged ones too, sorted."""
    home.check()
    names = (path.name for path in durable.listed(home.snapshots))
    return tuple(name for name in names if not name.startswith(durable.TEMPORARY))


@dataclass
class CurrentWatcher:
    """Tells when CURRENT was changed, at the price of reading one small file.

    Compares what the pointer says, not what was opened: after a fallback the damaged version is not tried again until
    somebody publishes or rolls back.
    """

    home: Home
    _seen: bytes | None = field(default=None, init=False)

    def changed(self) -> bool:
        """Return whether CURRENT differs from the last call; the first call says True when there is a pointer."""
        found: bytes | None
        try:
            found = self.home.pointer.read_bytes()
        except OSError:
            found = b"" if self.home.journal.exists() else None
        before, self._seen = self._seen, found
        return found != before


def now() -> str:
    """Return the time in UTC as stored: ISO 8601 with microseconds."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def fallbacks(home: Home) -> list[str]:
    """Return every version in the order to fall back on: first as once served, rolled-back ones last, newest first."""
    served: list[str] = []
    for change in changes(home):
        if change.action == "rollback" and change.id in served:
            del served[served.index(change.id) + 1 :]
        elif not served or served[-1] != change.id:
            served.append(change.id)
    rest = sorted(set(version_ids(home)) - set(served), key=lambda id: _created(home.snapshots / id), reverse=True)
    return [*dict.fromkeys(reversed(served)), *rest]


def _created(path: Path) -> str:
    try:
        return str(read_sealed(path / NAME)["created_at"])
    except StoreError:
        return ""


def _change(data: bytes, path: Path) -> Change:
    try:
        return Change(**unseal(data, str(path)))
    except TypeError as error:
        raise StoreError(f"{path} is damaged: {error}") from error


def _remember(home: Home, change: Change) -> None:
    """Add a line to the journal; one that a killed writer tore stays a line of its own."""
    torn = home.journal.exists() and read_bytes(home.journal)[-1:] != b"\n"
    durable.append_file(home.journal, (b"\n" if torn else b"") + seal(change.__dict__))


def _log() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("landmap.store")
    return logger
