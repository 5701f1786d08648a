"""Writing so that nothing counts before it is durable: temporary name, fsync, rename, fsync of the folder.

A reader never sees a half-written file under its real name, whatever the moment a writer is killed at.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from landmap.domain.errors import StoreError

#: What the name of everything unfinished begins with; whoever holds the lock may sweep it away.
TEMPORARY: Final = ".tmp-"

#: Why a hard link may be refused although a copy would do.
_UNLINKABLE: Final = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP})


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on disk; its folder is the caller's to sync."""
    with told(path):
        _write(path, data, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)


def append_file(path: Path, data: bytes) -> None:
    """Append to a file, made when there is none, and wait until it is on disk."""
    with told(path):
        fresh = not path.exists()
        _write(path, data, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        if fresh:
            sync_folder(path.parent)


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` under `path` in one step: readers see all of the old file or all of the new one."""
    beside = path.with_name(f"{TEMPORARY}{path.name}")
    write_file(beside, data)
    with told(path):
        beside.replace(path)
        sync_folder(path.parent)


def link_file(source: Path, target: Path) -> None:
    """Give the bytes of `source` a second name, or copy them where the file system has no hard links."""
    with told(target):
        try:
            target.hardlink_to(source)
        except OSError as error:
            if error.errno not in _UNLINKABLE:
                raise
            write_file(target, source.read_bytes())


def rename_folder(source: Path, target: Path) -> None:
    """Give a finished folder its real name and wait until that is on disk; `target` must not exist."""
    with told(target):
        source.rename(target)
        sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Wait until every name under `folder` is on disk, the deepest first."""
    with told(folder):
        for inner, _, _ in os.walk(folder, topdown=False):
            sync_folder(Path(inner))


def sweep(folder: Path) -> tuple[str, ...]:
    """Remove what a killed writer left unfinished in `folder`; return the names, sorted."""
    leftovers = listed(folder, f"{TEMPORARY}*")
    for path in leftovers:
        with told(path):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    return tuple(path.name for path in leftovers)


def listed(folder: Path, pattern: str = "*") -> list[Path]:
    """Return what `folder` holds under names that match, sorted; raise StoreError when it cannot be read."""
    try:
        # Path.glob takes a folder that cannot be read for an empty one where it may not look.
        with os.scandir(folder) as entries:
            return sorted(folder / entry.name for entry in entries if fnmatchcase(entry.name, pattern))
    except OSError as error:
        raise StoreError(f"{folder} cannot be read: {error.strerror or error}", hint="check the disk") from error


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn a failure of the disk into a StoreError that names the file and what is wrong."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(
            f"{path} could not be written: {reason}", hint="check the disk; `landmap history` tells what is current"
        ) from error


def _write(path: Path, data: bytes, flags: int) -> None:
    handle = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)
