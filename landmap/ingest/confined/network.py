"""No network: a filter on the system calls that open one, and an empty network of one's own.

Landlock's rules know TCP only, and only on newer kernels; a name looked up over UDP would slip past them.
Source: Linux ``seccomp(2)``, ``network_namespaces(7)``, ``user_namespaces(7)``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from landmap.ingest.confined import landlock

_NEW_USER: Final = 0x10000000
_NEW_NET: Final = 0x40000000
_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2
_PR_GET_SECCOMP: Final = 21

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000
_REFUSE: Final = 0x00050000 | errno.EPERM
_X32: Final = 0x40000000


class _Machine(NamedTuple):
    """A machine's audit number, and its numbers of the calls that are refused."""

    audit: int
    calls: tuple[int, ...]


#: socket, connect, bind, execve, execveat, ptrace, io_uring_setup.
_MACHINES: Final[Mapping[str, _Machine]] = {
    "x86_64": _Machine(0xC000003E, (41, 42, 49, 59, 322, 101, 425)),
    "aarch64": _Machine(0xC00000B7, (198, 203, 200, 221, 281, 117, 425)),
}


@cache
def can_filter() -> bool:
    """Return whether system calls can be filtered here; nothing is changed by asking."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0)


@cache
def can_separate() -> bool:
    """Return whether a process may have a network of its own; tried in a process that ends at once."""
    if sys.platform != "linux":
        return False
    program = f"import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare({_NEW_USER | _NEW_NET}) != 0)"
    return subprocess.run([sys.executable, "-I", "-S", "-c", program], check=False).returncode == 0


def close_network() -> bool:
    """Close the network to this process and all it forks, in every way this kernel has; False where it has none."""
    alone = landlock.abi() < landlock.NET_ABI and separate()
    return filter_calls() or alone


def filter_calls() -> bool:
    """Refuse, in this process and all it forks, the calls that open a connection or start a program.

    Returns False where the kernel or the machine has no such filter.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None or not can_filter():
        return False
    program = _program(machine)
    count = len(program) // 8
    held = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", count, ctypes.addressof(held))
    landlock.no_new_privileges()
    return bool(ctypes.CDLL(None).prctl(_PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0) == 0)


def separate() -> bool:
    """Move this process, and all it forks, into a network without any device; False where that is not allowed.

    The process keeps its user and group, so that its files stay its own.
    """
    user, group = os.getuid(), os.getgid()
    if sys.platform != "linux" or ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NET):
        return False
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    (own / "gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    return True


def _program(machine: _Machine) -> bytes:
    """Return the filter: another machine's calls end the process, the listed ones fail, all others pass."""
    listed = len(machine.calls)
    steps = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, listed + 1, 0, _X32),
        *((_EQUAL, listed - index, 0, call) for index, call in enumerate(machine.calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
