"""Landlock: the kernel's own fence around one process, put up with three system calls and never taken down again.

Source: Linux ``Documentation/userspace-api/landlock.rst`` and ``include/uapi/linux/landlock.h``.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

_CREATE_RULESET: Final = 444
_ADD_RULE: Final = 445
_RESTRICT_SELF: Final = 446
_SET_NO_NEW_PRIVS: Final = 38
_BENEATH: Final = 1
#: The version of the kernel's interface from which it fences TCP, and from which signals and abstract sockets.
NET_ABI: Final = 4
_SCOPE_ABI: Final = 6

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_SYM = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
_FIRST_ABI: Final = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_TCP: Final = 0b11
_SCOPES: Final = 0b11

_READ: Final = _READ_FILE | _READ_DIR
_WRITE: Final = (
    _READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SYM | _REFER | _TRUNCATE
)
#: The rights that mean something for a single file.
_OF_A_FILE: Final = _READ_FILE | _WRITE_FILE | _TRUNCATE


@cache
def abi() -> int:
    """Return the version of Landlock this kernel speaks; 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def restrict(read: Iterable[Path], write: Iterable[Path]) -> int:
    """Fence this process in for good and return the version of the fence; 0 when the kernel has none.

    Parameters
    ----------
    read : iterable of Path
        Files, or folders with all below them, that may still be read. A path that does not exist is passed over.
    write : iterable of Path
        Folders in which files may also be made, changed and removed.

    Notes
    -----
    Nothing can be executed. From version 4 on no TCP connection can be made or taken, from version 6 on no process
    outside the fence can be signalled or reached over an abstract socket.

    Raises
    ------
    OSError
        When the kernel refuses a step.
    """
    version = abi()
    if version < 1:
        return 0
    handled = _FIRST_ABI
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        handled |= right if version >= since else 0
    words = [handled]
    words += [_TCP] if version >= NET_ABI else []
    words += [_SCOPES] if version >= _SCOPE_ABI else []
    attributes = struct.pack(f"={len(words)}Q", *words)
    ruleset = _done(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        for paths, rights in ((read, _READ), (write, _WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        no_new_privileges()
        _done(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return version


def no_new_privileges() -> None:
    """Give up, for good, what a set-user-id program would add."""
    if _libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise _error("no_new_privs")


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        kept = rights if path.is_dir() else rights & _OF_A_FILE
        rule = struct.pack("=Qi", kept, handle)
        _done(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(handle)


def _done(number: int, *arguments: object) -> int:
    result = int(_libc().syscall(number, *arguments))
    if result < 0:
        raise _error(f"Landlock call {number}")
    return result


def _error(what: str) -> OSError:
    code = ctypes.get_errno()
    return OSError(code, f"{what}: {os.strerror(code)}")


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
