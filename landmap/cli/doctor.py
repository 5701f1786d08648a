"""What ``landmap doctor`` looks at: the installation, the home folder, the version that is served."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from landmap.access import Database
from landmap.cli.console import Exit, exit_code
from landmap.domain.errors import ConfigError, LandmapError, StoreError
from landmap.resources import version, web_root
from landmap.store import Home, open_current

ASSETS: Final = ("dist/vendor/leaflet/leaflet.js", "dist/vendor/swagger-ui/swagger-ui-bundle.js", "dist/fonts")
#: Below this a publish may not fit on the disk.
FREE_MIN_BYTES: Final = 200_000_000


@dataclass(frozen=True)
class Look:
    """What one look found; `exit` is the exit code when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    exit: Exit = Exit.OK

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as ``--json`` prints it."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail}


def examine(home: Path) -> list[Look]:
    """Return what every look found; nothing is changed."""
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("landmap", lambda: f"{version()}, Python {platform.python_version()}"),
        ("web assets", _assets),
        ("district", lambda: Home(home).district().name_zh),
        ("version", lambda: _verified(home)),
        ("links", lambda: _database(home)),
        ("disk", lambda: _disk(home)),
    )
    return [_look(name, look) for name, look in looks]


def _look(name: str, look: Callable[[], str]) -> Look:
    try:
        return Look(name, ok=True, detail=look())
    except LandmapError as error:
        return Look(name, ok=False, detail=str(error), exit=exit_code(error))


def _assets() -> str:
    missing = [name for name in ASSETS if not (web_root() / name).exists()]
    if missing:
        raise LandmapError(f"{', '.join(missing)} is missing", hint="run `make setup`")
    return "built"


def _verified(home: Path) -> str:
    snapshot = open_current(Home(home))
    if snapshot.warnings:
        raise StoreError("; ".join(snapshot.warnings), hint="restore a backup, or publish again")
    return f"{snapshot.id[:12]}, every file as published"


def _database(home: Path) -> str:
    path = home / "landmap.db"
    if not path.exists():
        return "none made yet"
    Database.open(path).close()
    return "sound"


def _disk(home: Path) -> str:
    if not home.is_dir():
        raise ConfigError(f"{home} is no folder", hint="`landmap demo --home DIR` makes a home")
    if not os.access(home, os.W_OK):
        raise LandmapError(f"{home} cannot be written to", hint="run as the user who owns it")
    free = shutil.disk_usage(home).free
    if free < FREE_MIN_BYTES:
        raise LandmapError(f"{free // 1_000_000} MB are free", hint="make room before the next publish")
    return f"{free // 1_000_000} MB free"
