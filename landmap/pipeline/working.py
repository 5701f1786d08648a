"""The worker: takes jobs one after another, and publishes approved edits when they are due.

One process runs both, in two threads: a long import does not keep back what was sold this morning. A worker that dies
leaves its job to the next one.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from landmap.access import LEASE, Amendments, Database, Job, Jobs, Lease
from landmap.domain.errors import BusyError, ConflictError, LandmapError
from landmap.pipeline.folding import fold_when_due
from landmap.store import Home

#: How often a worker without work looks for some.
LOOK_EVERY_S: Final = 1.0
_SWEEP_EVERY: Final = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Task:
    """One job in the hands of a worker: what to do, where the input lies, where results go, whom to tell.

    `report` takes a share of 0 to 1 and a word, and raises ConflictError when the job is no longer this worker's.
    """

    home: Home
    job: Job
    inputs: Path
    room: Path
    report: Callable[[float, str], None]


@dataclass(frozen=True)
class Done:
    """What a task came to: a JSON object, and the names of the files in its room."""

    result: Mapping[str, Any]
    files: tuple[str, ...] = ()


#: One kind of work. It raises a LandmapError when the job cannot be done; anything else ends the worker.
Work = Callable[[Task], Done]


def work_once(home: Home, jobs: Jobs, kinds: Mapping[str, Work], *, clock: Callable[[], dt.datetime]) -> bool:
    """Do the oldest job of `kinds` that waits; return whether there was one."""
    lease = jobs.claim(kinds, now=clock())
    if lease is None:
        return False
    job = lease.job
    log = structlog.get_logger("landmap.jobs").bind(job=job.id, kind=job.kind, attempt=job.attempts)
    log.info("job_taken")
    try:
        with _kept(jobs, lease, clock) as lost:

            def report(progress: float, message: str) -> None:
                if lost.is_set():
                    raise ConflictError(f"job {job.id} is no longer this worker's")
                jobs.report(lease, progress, message, now=clock())

            task = Task(home, job, jobs.input_of(job.id), jobs.room(lease), report)
            try:
                done = kinds[job.kind](task)
            except ConflictError:
                raise
            except LandmapError as error:
                jobs.fail(lease, str(error), now=clock(), result={"error": error.code})
                log.warning("job_failed", code=error.code, message=error.message)
                return True
        jobs.finish(lease, done.result, now=clock(), files=done.files)
    except ConflictError as error:
        log.warning("job_lost", message=error.message)
        return True
    log.info("job_done")
    return True


def work(
    home: Home,
    kinds: Mapping[str, Work],
    stop: threading.Event,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> None:
    """Take jobs and publish due edits until `stop` is set; what is under way is brought to its end."""
    home.check()
    database = Database.open(home.path / "landmap.db")
    jobs = Jobs(database, home.folder("jobs"))
    folder = threading.Thread(target=_fold, args=(home, Amendments(database), stop, clock), name="fold")
    folder.start()
    swept = clock() - _SWEEP_EVERY
    try:
        while not stop.is_set():
            if clock() - swept >= _SWEEP_EVERY:
                jobs.sweep(clock())
                swept = clock()
            if not _tried(lambda: work_once(home, jobs, kinds, clock=clock)):
                stop.wait(LOOK_EVERY_S)
    finally:
        stop.set()
        folder.join()
        database.close()


def _fold(home: Home, amendments: Amendments, stop: threading.Event, clock: Callable[[], dt.datetime]) -> None:
    """Publish what is due, looking every second; a home that another writer holds is tried again."""
    while not stop.is_set():
        _tried(lambda: fold_when_due(home, amendments, now=clock()) is not None)
        stop.wait(LOOK_EVERY_S)


def _tried(step: Callable[[], bool]) -> bool:
    """Return what `step` returns; what goes wrong with the store or the database is logged and tried again later."""
    try:
        return step()
    except BusyError:
        return False
    except LandmapError as error:
        structlog.get_logger("landmap.jobs").error("worker_step_failed", code=error.code, message=error.message)
        return False


@contextmanager
def _kept(jobs: Jobs, lease: Lease, clock: Callable[[], dt.datetime]) -> Iterator[threading.Event]:
    """Renew a lease while the work goes on; the event yielded tells that it was lost."""
    over, lost = threading.Event(), threading.Event()

    def beat() -> None:
        while not over.wait(LEASE.total_seconds() / 3):
            try:
                jobs.renew(lease, now=clock())
            except ConflictError:
                lost.set()
                return
            except LandmapError:
                continue

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        over.set()
        thread.join()
