"""Pictures and documents made anew in a process of their own, one for each file."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from landmap.ingest.attached import Attached, made
from landmap.ingest.confined import child, wire
from landmap.ingest.confined.attachment_wire import read_answer
from landmap.ingest.confined.exchange import done
from landmap.ingest.confined.level import checks_here, confinement
from landmap.ingest.confined.limits import MIB, Limits
from landmap.ingest.confined.staging import programs
from landmap.ingest.faults import RefusedError

#: A picture of 120 million pixels, and as much again to turn it.
_MEMORY: Final = 1536 * MIB


def attach(data: bytes) -> Attached:
    """Return what is kept of a file, as `landmap.ingest.attached.made`, read in a confined process.

    Raises
    ------
    RefusedError
        As `made`; also for a file that takes more memory or time than it may, or ends the process.
    UnavailableError
        When the confined process cannot be started.
    """
    if checks_here():
        return made(data)
    with tempfile.TemporaryDirectory(prefix="landmap-") as folder:
        staging = Path(folder).resolve()
        (staging / "file").write_bytes(data)
        (staging / "scratch").mkdir()
        job = wire.Job(
            task="attach",
            paths=(staging / "file",),
            sizes=(len(data),),
            terms={},
            scratch=staging / "scratch",
            readable=tuple(programs()),
            limits=replace(Limits.of(len(data)), memory=_MEMORY),
            level=confinement(),
        )
        with tempfile.TemporaryFile() as words, tempfile.TemporaryFile() as records:
            ended = done(job, words, records)
            if ended.code == child.DONE:
                return read_answer(words, records)
    if ended.out_of_time:
        raise RefusedError("check_too_long", seconds=job.cpu_for(0))
    if ended.code == child.MEMORY:
        raise RefusedError("check_memory", limit=_MEMORY // MIB)
    raise RefusedError("check_died", reason=f"exit code {ended.code}")
