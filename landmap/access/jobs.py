"""Jobs: long work done outside the request, by a worker that may be killed at any moment.

A worker claims a job for a lease and renews it as it goes. A lease that ran out is taken again by the next worker; what
the first one still says of the job is then refused, so that no job is finished by two.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, and_, insert, or_, select, update

from landmap.access.database import Database
from landmap.access.tables import JOBS
from landmap.access.tokens import moment, new_id, stamp
from landmap.domain import Level, compact_json
from landmap.domain.errors import ConflictError, InvalidValueError, NotFoundError

LEASE: Final = dt.timedelta(seconds=30)
#: A job that has ended its worker this often is not tried again.
ATTEMPTS_MAX: Final = 3
#: What file systems hold of a name, in bytes, with room for a suffix.
NAME_MAX: Final = 200
#: How long the answer and the files of a finished job are kept.
KEPT: Final = dt.timedelta(days=7)
#: What the folders of files on their way in begin with; no job has such an id.
INCOMING: Final = ".incoming-"


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Whether nothing happens to the job any more."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True)
class Job:
    """One job as its owner sees it; times are aware, in UTC, and `progress` runs from 0 to 1."""

    id: str
    kind: str
    owner: str
    level: Level
    payload: Mapping[str, Any]
    state: State
    progress: float
    message: str
    result: Mapping[str, Any] | None
    attempts: int
    lease_until: dt.datetime | None
    created_at: dt.datetime
    finished_at: dt.datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return what its owner is told, as JSON-ready values."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state.value,
            "progress": self.progress,
            "message": self.message,
            "result": None if self.result is None else dict(self.result),
            "created_at": self.created_at.isoformat(),
            "finished_at": None if self.finished_at is None else self.finished_at.isoformat(),
        }


@dataclass(frozen=True)
class Lease:
    """One worker's hold on one job; what it says counts only while the hold lasts."""

    job: Job
    holder: str


@dataclass(frozen=True)
class Jobs:
    """The jobs of one home; `folder` holds one folder per job, for its input and its results."""

    database: Database
    folder: Path

    def add(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        owner: str,
        level: Level,
        now: dt.datetime,
        files: Mapping[str, Path] | None = None,
        after: str | None = None,
    ) -> Job:
        """Queue a job; its input files are copied, or moved from `incoming`, before it can be claimed.

        Parameters
        ----------
        kind : str
        payload : mapping
            What the kind of work wants to know; JSON.
        owner : str
            Who asks; nobody else gets to see it.
        level : Level
            What the owner could see when asking: the work is done with no more.
        now : aware datetime
        files : mapping of str to Path, optional
            Input files by the name the owner knows them by; a plain file name.
        after : str, optional
            A job of the same owner whose input files it works on again, beside `files`.

        Raises
        ------
        InvalidValueError
            For a name that is no plain file name.
        NotFoundError
            For an earlier job that is unknown or somebody else's.
        """
        for name in files or {}:
            if not _plain(name):
                raise InvalidValueError.of("file", name, "is no plain file name", where="body")
        id = new_id()
        inputs = self.input_of(id)
        earlier = [] if after is None else sorted(self.input_of(self.get(after, owner).id).iterdir())
        if files or earlier:
            inputs.mkdir(parents=True)
        for source in earlier:
            # Inputs are never written to: two jobs may share one.
            os.link(source, inputs / source.name)
        for name, source in (files or {}).items():
            if source.parent.name.startswith(INCOMING):
                _move(source, inputs / name)
            else:
                _copy(source, inputs / name)
        row = {
            "id": id,
            "kind": kind,
            "owner": owner,
            "level": level.key,
            "payload": compact_json(payload),
            "state": State.QUEUED.value,
            "progress": 0.0,
            "message": "",
            "attempts": 0,
            "created_at": stamp(now),
        }
        with self.database.writing() as connection:
            connection.execute(insert(JOBS).values(row))
        return self._job(id)

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Yield a folder for files that are still on their way in; it goes when the block ends, with what is left."""
        made = self.folder / f"{INCOMING}{new_id()}"
        made.mkdir(parents=True)
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def claim(self, kinds: Collection[str], *, now: dt.datetime, lease: dt.timedelta = LEASE) -> Lease | None:
        """Take the oldest job that waits, or whose worker let its lease run out; None when there is none.

        A job that has cost `ATTEMPTS_MAX` workers their lives is failed instead of tried again.
        """
        holder = new_id()
        waiting = or_(
            JOBS.c.state == State.QUEUED, and_(JOBS.c.state == State.RUNNING, JOBS.c.lease_until <= stamp(now))
        )
        with self.database.writing() as connection:
            spent = and_(waiting, JOBS.c.attempts >= ATTEMPTS_MAX)
            lost = {"state": State.FAILED.value, "message": "worker_lost", "holder": None, "finished_at": stamp(now)}
            connection.execute(update(JOBS).where(spent).values(lost))
            oldest = select(JOBS.c.id).where(waiting, JOBS.c.kind.in_(list(kinds))).order_by(JOBS.c.number).limit(1)
            id = connection.execute(oldest).scalar_one_or_none()
            if id is None:
                return None
            taken = {
                "state": State.RUNNING.value,
                "holder": holder,
                "attempts": JOBS.c.attempts + 1,
                "progress": 0.0,
                "lease_until": stamp(now + lease),
            }
            connection.execute(update(JOBS).where(JOBS.c.id == id).values(taken))
        return Lease(self._job(id), holder)

    def report(
        self, lease: Lease, progress: float, message: str, *, now: dt.datetime, renewed: dt.timedelta = LEASE
    ) -> None:
        """Say how far the work is, and renew the lease.

        Raises
        ------
        ConflictError
            When the job was cancelled or taken by another worker: stop, and leave it alone.
        """
        told = {
            "progress": min(max(progress, 0.0), 1.0),
            "message": message,
            "lease_until": stamp(now + renewed),
        }
        self._held(lease, told)

    def renew(self, lease: Lease, *, now: dt.datetime, renewed: dt.timedelta = LEASE) -> None:
        """Renew the lease, with nothing new to say; raise ConflictError as `report`."""
        self._held(lease, {"lease_until": stamp(now + renewed)})

    def finish(self, lease: Lease, result: Mapping[str, Any], *, now: dt.datetime, files: Collection[str] = ()) -> None:
        """Hand in the result and the names of what lies in the room; raise ConflictError as `report`."""
        room = self.room(lease).relative_to(self.folder / lease.job.id).as_posix()
        told = {**result, "files": {name: f"{room}/{name}" for name in files}}
        done = {"state": State.DONE.value, "progress": 1.0, "result": compact_json(told), "finished_at": stamp(now)}
        self._held(lease, {**done, "holder": None, "lease_until": None})

    def fail(self, lease: Lease, message: str, *, now: dt.datetime, result: Mapping[str, Any] | None = None) -> None:
        """Say that the work cannot be done, and why; raise ConflictError when it is no longer this worker's."""
        told = {"state": State.FAILED.value, "message": message, "finished_at": stamp(now)}
        if result is not None:
            told["result"] = compact_json(result)
        self._held(lease, {**told, "holder": None, "lease_until": None})

    def cancel(self, id: str, owner: str, *, now: dt.datetime) -> Job:
        """End a job of `owner` that is not over; its worker hears of it at its next report.

        Raises
        ------
        NotFoundError
            For an unknown job or somebody else's: the answer is the same.
        """
        job = self.get(id, owner)
        open_ = and_(JOBS.c.id == id, JOBS.c.state.in_([State.QUEUED, State.RUNNING]))
        ended = {"state": State.CANCELLED.value, "holder": None, "lease_until": None, "finished_at": stamp(now)}
        with self.database.writing() as connection:
            connection.execute(update(JOBS).where(open_).values(ended))
        return self._job(job.id)

    def get(self, id: str, owner: str) -> Job:
        """Return a job of `owner`; NotFoundError for an unknown one or somebody else's."""
        found = self._rows(JOBS.c.id == id, JOBS.c.owner == owner)
        if not found:
            raise NotFoundError(f"no job has the id {id[:40]!r}")
        return _job(found[0])

    def owned_by(self, owner: str) -> tuple[Job, ...]:
        """Return the jobs of `owner`, the newest first."""
        return tuple(reversed([_job(row) for row in self._rows(JOBS.c.owner == owner)]))

    def input_of(self, id: str) -> Path:
        """Return the folder of a job's input files."""
        return self.folder / id / "input"

    def room(self, lease: Lease) -> Path:
        """Return the folder this worker writes into: its own, so that one who lost the job disturbs nobody."""
        made = self.folder / lease.job.id / f"by-{lease.holder}"
        made.mkdir(parents=True, exist_ok=True)
        return made

    def file(self, id: str, owner: str, name: str) -> Path:
        """Return a result file of a job of `owner`; NotFoundError unless its result names it under ``files``."""
        named: Mapping[str, str] = (self.get(id, owner).result or {}).get("files", {})
        if name not in named:
            raise NotFoundError(f"job {id} has no file {name[:80]!r}", hint=f"files: {', '.join(named) or 'none'}")
        return self.folder / id / named[name]

    def sweep(self, now: dt.datetime) -> int:
        """Forget the jobs that were over more than seven days ago, with their folders; return how many."""
        old = and_(JOBS.c.finished_at.is_not(None), JOBS.c.finished_at < stamp(now - KEPT))
        with self.database.writing() as connection:
            ids = connection.execute(select(JOBS.c.id).where(old)).scalars().all()
            connection.execute(JOBS.delete().where(old))
        for id in ids:
            shutil.rmtree(self.folder / id, ignore_errors=True)
        # What was on its way in when a server was ended comes no more.
        for left in self.folder.glob(f"{INCOMING}*"):
            if dt.datetime.fromtimestamp(left.stat().st_mtime, dt.UTC) < now - KEPT:
                shutil.rmtree(left, ignore_errors=True)
        return len(ids)

    def _held(self, lease: Lease, values: Mapping[str, Any]) -> None:
        mine = and_(JOBS.c.id == lease.job.id, JOBS.c.holder == lease.holder, JOBS.c.state == State.RUNNING)
        with self.database.writing() as connection:
            if connection.execute(update(JOBS).where(mine).values(values)).rowcount != 1:
                raise ConflictError(f"job {lease.job.id} is no longer this worker's", hint="leave it alone")

    def _job(self, id: str) -> Job:
        return _job(self._rows(JOBS.c.id == id)[0])

    def _rows(self, *wanted: Any) -> list[Row[Any]]:
        with self.database.reading() as connection:
            return list(connection.execute(select(JOBS).where(*wanted).order_by(JOBS.c.number)).all())


def _plain(name: str) -> bool:
    """Return whether a name stays inside the folder it is put into, on every system."""
    apart = {"/", "\\", "\x00"}.isdisjoint(name)
    return bool(name) and apart and not name.startswith(".") and len(name.encode("utf-8", "surrogatepass")) <= NAME_MAX


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as given, target.open("xb") as kept:
        shutil.copyfileobj(given, kept)
        kept.flush()
        os.fsync(kept.fileno())


def _move(source: Path, target: Path) -> None:
    with source.open("rb") as given:
        os.fsync(given.fileno())
    source.rename(target)


def _job(row: Row[Any]) -> Job:
    created = moment(row.created_at)
    assert created is not None
    return Job(
        id=row.id,
        kind=row.kind,
        owner=row.owner,
        level=Level.named(row.level),
        payload=json.loads(row.payload),
        state=State(row.state),
        progress=row.progress,
        message=row.message,
        result=None if row.result is None else json.loads(row.result),
        attempts=row.attempts,
        lease_until=moment(row.lease_until),
        created_at=created,
        finished_at=moment(row.finished_at),
    )
