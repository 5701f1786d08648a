"""One check inside its walls: the process is fenced in first, and reads only then."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from landmap.domain.errors import LandmapError
from landmap.ingest.checking import checked
from landmap.ingest.confined import attachment_wire, landlock, marking_wire, wire
from landmap.ingest.confined.limits import Limits
from landmap.ingest.faults import DAMAGE, Fault
from landmap.ingest.ledger.joining import Question, joined

#: How the process says what became of it.
DONE, MEMORY, BROKEN, UNCONFINED = 0, 71, 72, 73
_FAILURES: Final[tuple[type[Exception], ...]] = (*DAMAGE, LandmapError)
_DIE_WITH_PARENT: Final = 1


@dataclass
class _Gate:
    """Says which file is being read, so that one that ends the process is known, and winds up its clock."""

    job: wire.Job
    channel: socket.socket

    def __call__(self, number: int, name: str) -> Fault | None:
        self.say(at=[number, name])
        usage = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(usage.ru_utime + usage.ru_stime) + 1 + self.job.cpu_for(number)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))
        return next((one.fault for one in self.job.deadly if (one.number, one.name) == (number, name)), None)

    def progress(self, text: str, done: int, total: int) -> None:
        """Pass on what is being done."""
        self.say(progress=[text, done, total])

    def say(self, **message: object) -> None:
        """Send one line."""
        self.channel.sendall(json.dumps(message).encode() + b"\n")


def run(channel: socket.socket, words: BinaryIO, records: BinaryIO, *, networkless: bool) -> int:
    """Read the job from `channel`, do it inside its walls, write the answer, and return how it ended."""
    with channel.makefile("rb") as stream:
        job = wire.Job.from_bytes(stream.read())
    if _confined(job, networkless=networkless) != job.level:
        return UNCONFINED
    gate = _Gate(job, channel)
    try:
        _TASKS[job.task](job, gate, words, records)
    except MemoryError:
        return MEMORY
    except _FAILURES:
        words.seek(0)
        words.truncate()
        words.write(traceback.format_exc().encode(errors="replace"))
        return BROKEN
    return DONE


def _check(job: wire.Job, gate: _Gate, words: BinaryIO, records: BinaryIO) -> None:
    terms = wire.read_terms(job.terms, job.scratch.parent)
    staged, report = checked(job.paths, terms, gate.progress, gate)
    wire.write_answer(staged, report, words, records)


def _join(job: wire.Job, gate: _Gate, words: BinaryIO, records: BinaryIO) -> None:
    terms = wire.read_terms(job.terms, job.scratch.parent)
    staged, report = joined(job.paths, terms, Question.from_dict(job.terms["join"]), gate.progress, gate)
    wire.write_answer(staged, report, words, records)


def _attach(job: wire.Job, gate: _Gate, words: BinaryIO, records: BinaryIO) -> None:
    gate(0, "")
    attachment_wire.write_answer(job.paths[0], words, records)


def _mark(job: wire.Job, gate: _Gate, words: BinaryIO, records: BinaryIO) -> None:
    gate(len(job.paths), "")
    marking_wire.write_answer(job, records)


_TASKS: Final = {"check": _check, "join": _join, "attach": _attach, "mark": _mark}


def _confined(job: wire.Job, *, networkless: bool) -> str:
    """Put up every wall this kernel has and return how well they hold."""
    _limit(job.limits)
    tempfile.tempdir = os.environ["TMPDIR"] = str(job.scratch)
    os.chdir(job.scratch)
    if sys.platform != "linux":
        return "none"
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    version = landlock.restrict(read=(job.scratch.parent, *job.readable), write=(job.scratch,))
    if version < 1:
        return "none"
    return "full" if networkless or version >= landlock.NET_ABI else "files"


def _limit(limits: Limits) -> None:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0] if sys.platform == "linux" else "0"
    held = int(pages) * os.sysconf("SC_PAGE_SIZE")
    for what, most in (
        (resource.RLIMIT_AS, held + limits.memory),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_NOFILE, limits.handles),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
