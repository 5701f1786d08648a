"""Repair of a home: every step is told; what is damaged is healed from a copy, or the last whole version is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from landmap.domain.errors import StoreError
from landmap.store import current, durable
from landmap.store.home import DISTRICT, Home
from landmap.store.lockfile import holder_of
from landmap.store.manifest import files_of
from landmap.store.seal import read_bytes, seal, sha256
from landmap.store.snapshot import Snapshot
from landmap.store.soundness import Damage, damages, journal_faults, staged_faults, swept_folders
from landmap.store.unplaced_soundness import mend_unplaced


def mend(home: Home, by: str) -> Iterator[str]:
    """Put right what can be put right, and yield each step once it is done.

    Nothing that might still be needed is removed: a damaged version stays where it is, a damaged journal is kept beside
    the new one.

    Raises
    ------
    BusyError
        When another writer holds the home.
    StoreError
        When no version is whole, or the disk fails.
    """
    home.check()
    yield from _lock(home)
    with home.lock():
        for folder in swept_folders(home):
            with durable.told(folder):
                for name in durable.sweep(folder):
                    yield f"removed {folder / name}, left by a writer that was killed"
        yield from _journal(home)
        yield from _staging(home)
        yield from mend_unplaced(home)
        for id in current.version_ids(home):
            yield from _healed(home, id)
        yield from _served(home, by)
        current.recover(home)


def _lock(home: Home) -> Iterator[str]:
    holder = holder_of(home.lock_file)
    if holder is not None and not holder.alive:
        with durable.told(home.lock_file):
            home.lock_file.unlink(missing_ok=True)
        yield f"took away the stale lock of process {holder.pid}"


def _journal(home: Home) -> Iterator[str]:
    lines = journal_faults(home)
    if lines:
        kept = home.journal.with_name(f"{home.journal.stem}-damaged-{current.now()[:10]}{home.journal.suffix}")
        durable.replace_file(kept, read_bytes(home.journal))
        durable.replace_file(home.journal, b"".join(seal(change.__dict__) for change in current.changes(home)))
        yield f"dropped {len(lines)} damaged lines of the journal; {kept.name} keeps them"


def _staging(home: Home) -> Iterator[str]:
    for path, what in list(staged_faults(home)):
        with durable.told(path):
            path.unlink(missing_ok=True)
            durable.sync_folder(path.parent)
        yield f"removed {path.name} from staging: {what}; import the file again"


def _healed(home: Home, id: str) -> Iterator[str]:
    """Heal the files of one version from copies; yield what could be done and what could not."""
    try:
        found = damages(Snapshot.open(home.snapshots / id))
    except StoreError as error:
        yield f"version {id[:12]} stays damaged: {error.message}"
        return
    for damage in found:
        donor = _copy_of(home, damage)
        if donor is None:
            yield f"version {id[:12]} stays damaged: there is no copy of {damage.path.name}"
            continue
        with durable.told(damage.path):
            damage.path.parent.mkdir(exist_ok=True)
        durable.replace_file(damage.path, read_bytes(donor))
        yield f"healed {damage.path.name} of version {id[:12]} from {donor}"


def _copy_of(home: Home, damage: Damage) -> Path | None:
    """Return a file that still has the bytes a damaged one should have."""
    places = [home.path / DISTRICT, *durable.listed(home.folder("assets"))]
    places += durable.listed(home.staging, "*.parquet")
    for id in current.version_ids(home):
        try:
            entries = files_of(Snapshot.open(home.snapshots / id).manifest)
        except StoreError:
            continue
        places += [home.snapshots / id / name for name, wanted in entries if wanted == damage.sha256]
    for place in places:
        try:
            if place != damage.path and sha256(read_bytes(place)) == damage.sha256:
                return place
        except StoreError:
            continue
    return None


def _served(home: Home, by: str) -> Iterator[str]:
    """Make the last whole version current where the one that should be is not."""
    try:
        change = current.read_pointer(home)
        if change is not None:
            current.opened(home.snapshots / change.id, change.sha256)
        return
    except StoreError as error:
        reason = error.message
    for id in current.fallbacks(home):
        try:
            snapshot = current.opened(home.snapshots / id)
        except StoreError:
            continue
        current.swap(home, snapshot, "rollback", by, f"doctor: {reason}")
        yield f"version {id[:12]} of {snapshot.manifest['created_at'][:10]} is current: {reason}"
        return
    raise StoreError(f"no version in {home.path} is whole", hint="restore a backup")
