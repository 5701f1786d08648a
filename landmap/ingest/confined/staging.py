"""What the checking process may see: a folder that names its inputs, the inputs themselves, and the programs it runs.

Inputs are linked, never copied: a gigabyte costs nothing. Folders are read where they lie.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parents[2]
#: What programs are made of: shared libraries and time zones.
_SYSTEM: Final = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
)
#: A Shapefile comes in parts, and the steward names one of them.
_COMPANIONS: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})


@dataclass(frozen=True)
class Staged:
    """One input as the checking process finds it: where, which real files stand behind it, their bytes together."""

    path: Path
    behind: tuple[Path, ...] = ()
    size: int = 0


def stage_inputs(paths: Sequence[Path], folder: Path) -> list[Staged]:
    """Lay the inputs out in `folder`, one sub-folder each, under their own names."""
    return [_stage(path, folder / str(number)) for number, path in enumerate(paths)]


def programs() -> list[Path]:
    """Return what Python itself needs to read: its libraries and this package, not the folder this package lies in."""
    entries = [Path(entry).resolve() for entry in sys.path if entry]
    found = [entry for entry in entries if entry != _PACKAGE.parent or entry.name.endswith("-packages")]
    found += [Path(prefix).resolve() / "lib" for prefix in (sys.prefix, sys.base_prefix)]
    return [*dict.fromkeys([*found, _PACKAGE, *map(Path, _SYSTEM)])]


def _stage(path: Path, folder: Path) -> Staged:
    folder.mkdir()
    target = folder / path.name
    try:
        real = path.resolve()
        if real.is_dir():
            return Staged(real, (real,), sum(one.stat().st_size for one in real.rglob("*") if one.is_file()))
        if not real.exists():
            return Staged(target)
        behind = [real, *_companions(real)]
        for one in behind:
            (folder / one.name).symlink_to(one)
        if path.name != real.name:
            target.symlink_to(real)
        return Staged(target, tuple(behind), sum(one.stat().st_size for one in behind))
    except OSError:  # told by the check itself, which meets the same
        return Staged(target)


def _companions(real: Path) -> Iterator[Path]:
    if real.suffix.lower() in _COMPANIONS:
        for one in real.parent.iterdir():
            if one != real and one.stem == real.stem and one.suffix.lower() in _COMPANIONS and one.is_file():
                yield one.resolve()
