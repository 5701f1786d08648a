"""What is wrong with a home, place by place; nothing is changed here (`mending` does)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from landmap.domain.errors import StoreError
from landmap.store import current, durable
from landmap.store.home import Home
from landmap.store.lockfile import holder_of
from landmap.store.manifest import files_of
from landmap.store.seal import read_bytes, read_sealed, sha256, unseal
from landmap.store.snapshot import Snapshot
from landmap.store.unplaced_soundness import unplaced_flaws, unplaced_folders

Kind = Literal["pointer", "version", "missing", "journal", "leftover", "staging", "unplaced", "lock", "writing"]

#: What to do where no repair can help.
BACKUP: Final = "restore it from a backup"
_CURE_CURRENT: Final = "--repair heals it from a copy, or goes back to the last version that is whole"
_CURE_OLD: Final = "--repair heals it from a copy; else restore it from a backup, or remove it when nobody needs it"


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong: where, what, and what helps.

    `version` is the version it concerns; `current` says whether that one should be served.
    """

    kind: Kind
    where: str
    what: str
    cure: str
    version: str | None = None
    current: bool = False


@dataclass(frozen=True)
class Damage:
    """One file of a version that is not as it was published, with the hash it should have."""

    path: Path
    sha256: str


def troubles(home: Home, named: Iterable[str] = ()) -> list[Trouble]:
    """Return everything that is wrong with a home.

    Parameters
    ----------
    home : Home
    named : iterable of str
        Versions that something outside the store needs, such as links.

    Raises
    ------
    StoreError
        When the folder is no home at all.
    """
    home.check()
    return [
        *_lock(home),
        *_pointer(home),
        *_versions(home),
        *_missing(home, named),
        *_journal(home),
        *_leftovers(home),
        *_staging(home),
        *_unplaced(home),
    ]


def damages(snapshot: Snapshot) -> list[Damage]:
    """Return the files of a version that are missing or not as published; what can be built again is not looked at."""
    found = []
    for name, wanted in files_of(snapshot.manifest):
        try:
            whole = sha256(read_bytes(snapshot.path / name)) == wanted
        except StoreError:
            whole = False
        if not whole:
            found.append(Damage(snapshot.path / name, wanted))
    return found


def staged_faults(home: Home) -> Iterator[tuple[Path, str]]:
    """Yield the files of the staging folder that are of no use, each with what is wrong."""
    named = set()
    for note in durable.listed(home.staging, "*.json"):
        if note.name.startswith(durable.TEMPORARY):
            continue
        try:
            table = read_sealed(note)
            file = home.staging / str(table["file"])
            named.add(file.name)
            if sha256(read_bytes(file)) != table["sha256"]:
                yield note, f"{file.name} is not what was staged"
        except StoreError as error:
            yield note, error.message
    for file in durable.listed(home.staging, "*.parquet"):
        if file.name not in named and not file.name.startswith(durable.TEMPORARY):
            yield file, "nothing names this file"


def journal_faults(home: Home) -> list[int]:
    """Return the numbers of the journal's lines that are damaged, counted from 1."""
    if not home.journal.exists():
        return []
    found = []
    for number, line in enumerate(read_bytes(home.journal).splitlines(keepends=True), start=1):
        try:
            if line.strip():
                unseal(line, str(home.journal))
        except StoreError:
            found.append(number)
    return found


def swept_folders(home: Home) -> tuple[Path, ...]:
    """Return the folders in which a killed writer may leave something unfinished."""
    return (home.path, home.snapshots, home.staging, home.folder("assets"), *unplaced_folders(home))


def _lock(home: Home) -> Iterator[Trouble]:
    holder = holder_of(home.lock_file)
    if holder is None:
        return
    who = "another process" if holder.pid is None else f"process {holder.pid}"
    if holder.alive:
        yield Trouble("writing", str(home.lock_file), f"{who} is writing", "wait until it is done")
    else:
        yield Trouble(
            "lock",
            str(home.lock_file),
            f"{who} took the lock and is gone, and the lock is stale",
            "--repair takes it away",
        )


def _pointer(home: Home) -> Iterator[Trouble]:
    try:
        current.read_pointer(home)
    except StoreError as error:
        yield Trouble("pointer", str(home.pointer), error.message, "--repair names the last version that is whole")


def _versions(home: Home) -> Iterator[Trouble]:
    served = home.current_id()
    for id in current.version_ids(home):
        cure = _CURE_CURRENT if id == served else _CURE_OLD
        try:
            for damage in damages(Snapshot.open(home.snapshots / id)):
                what = "is damaged" if damage.path.exists() else "is missing"
                yield Trouble("version", str(damage.path), f"{damage.path.name} {what}", cure, id, id == served)
        except StoreError as error:
            yield Trouble("version", str(home.snapshots / id), error.message, cure, id, id == served)


def _missing(home: Home, named: Iterable[str]) -> Iterator[Trouble]:
    there = set(current.version_ids(home))
    served = home.current_id()
    for id in sorted({*named, *([served] if served else [])} - there):
        who = "CURRENT names" if id == served else "a link names"
        cure = "--repair goes back to the last version that is whole" if id == served else BACKUP
        yield Trouble(
            "missing", str(home.snapshots / id), f"{who} version {id[:12]}, which is not there", cure, id, id == served
        )


def _journal(home: Home) -> Iterator[Trouble]:
    lines = journal_faults(home)
    if lines:
        told = ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else "")
        yield Trouble("journal", str(home.journal), f"line {told} is damaged", "--repair keeps a copy and drops it")


def _leftovers(home: Home) -> Iterator[Trouble]:
    for folder in swept_folders(home):
        for path in durable.listed(folder, f"{durable.TEMPORARY}*"):
            yield Trouble(
                "leftover", str(path), "a writer that was killed left this", "--repair, or the next publish, removes it"
            )


def _staging(home: Home) -> Iterator[Trouble]:
    for path, what in staged_faults(home):
        yield Trouble("staging", str(path), what, "--repair removes it; import the file again")


def _unplaced(home: Home) -> Iterator[Trouble]:
    for flaw in unplaced_flaws(home):
        if flaw.repairable:
            cure = "--repair puts back what waited before the last change, and keeps the damaged file"
        else:
            cure = "move it away" if flaw.layer is None else BACKUP
        yield Trouble("unplaced", str(flaw.path), flaw.what, cure)
