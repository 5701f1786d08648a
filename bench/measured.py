"""What a program takes, children and all: seconds, seconds of processor, and the most memory at one time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_EVERY_S: Final = 0.02
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
#: Where the parts of /proc/PID/stat stand, counted behind the name in brackets.
_PARENT, _USER, _SYSTEM, _RESIDENT = 1, 11, 12, 21


@dataclass(frozen=True)
class Taken:
    """What the work of a program took: `wall_s` and `cpu_s` from "ready" to its end, `peak_mib` all the way."""

    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass
class _Tree:
    """A process and all that come from it, looked at fifty times a second."""

    root: int
    cpu_s: dict[int, float] = field(default_factory=dict)
    peak: int = 0

    def look(self) -> None:
        """Add up the resident memory of the whole tree; what processes share is counted for each."""
        found: dict[int, tuple[int, float, int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parts = (entry / "stat").read_text().rpartition(")")[2].split()
                except OSError:  # it ended meanwhile
                    continue
                cpu_s = (int(parts[_USER]) + int(parts[_SYSTEM])) / _TICKS
                found[int(entry.name)] = int(parts[_PARENT]), cpu_s, int(parts[_RESIDENT]) * _PAGE
        family, size = {self.root}, 0
        while len(family) > size:
            size = len(family)
            family |= {pid for pid, (parent, _, _) in found.items() if parent in family}
        for pid in family & found.keys():
            self.cpu_s[pid] = found[pid][1]
        self.peak = max(self.peak, sum(found[pid][2] for pid in family & found.keys()))

    def total(self) -> float:
        """Return the seconds of processor of all processes there ever were."""
        return sum(self.cpu_s.values())


def measured(command: Sequence[str]) -> Taken:
    """Run a program that calls `ready` when all is loaded, and return what it took from there.

    Raises
    ------
    CalledProcessError
        When it fails.
    """
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert program.stdin is not None
    assert program.stdout is not None
    tree, over = _Tree(program.pid), threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_S):
            tree.look()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        program.stdout.readline()
        tree.look()
        before, start = tree.total(), time.perf_counter()
        program.stdin.write("go\n")
        program.stdin.flush()
        program.stdout.readline()
        wall_s = time.perf_counter() - start
        tree.look()
        cpu_s = tree.total() - before
        program.communicate()
    finally:
        over.set()
        watcher.join()
        program.kill()
        program.wait()
    if program.returncode:
        raise subprocess.CalledProcessError(program.returncode, command)
    return Taken(wall_s, cpu_s, tree.peak / 1024**2)


def ready() -> None:
    """Say that all is loaded, and wait for the word to begin."""
    print("ready", flush=True)
    sys.stdin.readline()


def done() -> None:
    """Say that the work is over."""
    print("done", flush=True)
