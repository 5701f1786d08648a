"""Faults by the kernel: strace strikes one system call of a process, the k-th of its kind."""

import ctypes
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any, Final

from landmap.domain.errors import StoreError
from landmap.store import Home

#: Every call by which a home is read or changed; the question mark: not every machine has each of them.
CALLS: Final = (
    "openat",
    *("write", "pwrite64", "fsync", "fdatasync", "ftruncate"),
    *("?rename", "?renameat", "?renameat2", "?link", "?linkat", "?unlink", "?unlinkat", "?mkdir", "?mkdirat", "?rmdir"),
)
FAULTS: Final = {"SIGKILL": "signal=SIGKILL", "ENOSPC": "error=ENOSPC", "EIO": "error=EIO"}
_ANY_TRACER: Final = (0x59616D61, ctypes.c_ulong(-1))
_LINE: Final = re.compile(r"^(\d+) +(\w+)\((.*)")

Deed = Callable[[Home], None]


@dataclass(frozen=True)
class Point:
    """The `number`-th call of its kind within a deed, one that touches the home."""

    call: str
    number: int

    def injection(self, fault: str) -> str:
        return f"inject={self.call}:{FAULTS[fault]}:when={self.number}"


def traced(deed: Deed, path: Path, pipe: Connection) -> None:
    """Run in a process of its own: wait to be traced, do the deed, say how it went.

    The deed is done once before, on a copy: what is loaded at its first use is loaded then, so that calls count alike.
    """
    with tempfile.TemporaryDirectory() as folder:
        deed(Home(shutil.copytree(path, Path(folder) / "home")))
    ctypes.CDLL(None).prctl(*_ANY_TRACER, 0, 0, 0)
    pipe.send("ready")
    pipe.recv()
    try:
        deed(Home(path))
    except StoreError as error:
        pipe.send(error.message)
    else:
        pipe.send(None)


class KilledError(Exception):
    """The process died before it could say how its deed went."""


@dataclass(frozen=True)
class Tracer:
    """Does deeds in processes of their own, under strace."""

    strace: str
    server: ForkServerContext

    def strike(self, deed: Deed, home: Home, point: Point, fault: str) -> str | None:
        """Do a deed with one fault; return what the store said went wrong, None when it acknowledged the deed.

        Raises
        ------
        KilledError
            When the process died.
        """
        return self._run(deed, home, "/dev/null", "-e", point.injection(fault))

    def points(self, deed: Deed, home: Home, log: Path) -> list[Point]:
        """Return every call of an undisturbed deed that touches the home, in order."""
        assert self._run(deed, home, str(log), "-y") is None
        lines = [match for match in map(_LINE.match, log.read_text("utf-8", "replace").splitlines()) if match]
        first = lines[0][1]
        seen: Counter[str] = Counter()
        found = []
        for match in lines:
            _, call, rest = match.groups()
            # Other threads have counters of their own, and do not touch the home.
            if match[1] != first:
                continue
            seen[call] += 1
            if str(home.path) in rest:
                found.append(Point(call, seen[call]))
        return found

    def _run(self, deed: Deed, home: Home, log: str, *options: str) -> str | None:
        ours, theirs = self.server.Pipe()
        process = self.server.Process(target=traced, args=(deed, home.path, theirs))
        process.start()
        theirs.close()
        ours.recv()
        words = [self.strace, "-f", "-o", log, "-e", f"trace={','.join(CALLS)}", *options, "-p", str(process.pid)]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr is not None
            said = tracer.stderr.readline()
            assert "attached" in said, said
            try:
                ours.send("go")
                told: Any = ours.recv()
            except EOFError:
                raise KilledError from None
            finally:
                ours.close()
                process.join(60)
                tracer.wait(60)
        assert process.exitcode == 0
        assert told is None or isinstance(told, str)
        return told
