"""Who holds the lock of a home, as the kernel tells it; a lock whose taker is gone is stale."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: The kernel's list of file locks: kind, mode, access, process, ``major:minor:inode``. Source: proc(5).
_LOCKS: Final = Path("/proc/locks")


@dataclass(frozen=True)
class Holder:
    """The process that took a lock (None where the system does not tell), and whether it still runs."""

    pid: int | None
    alive: bool


def holder_of(path: Path) -> Holder | None:
    """Return who holds the lock file `path`; None when nobody does."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = _taker(os.fstat(handle).st_ino)
        return Holder(pid, pid is None or Path(f"/proc/{pid}").exists())
    else:
        return None
    finally:
        os.close(handle)


def _taker(inode: int) -> int | None:
    try:
        lines = _LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(inode):
            return int(words[4])
    return None
