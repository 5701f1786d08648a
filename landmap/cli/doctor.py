"""``landmap doctor``: what is wrong with the installation, the home folder and its versions, and its repair."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from landmap.access import Database, Shares, database_faults, mend_database
from landmap.cli import options
from landmap.cli.console import Exit, commanded, exit_code, out, print_json
from landmap.domain.errors import ConfigError, LandmapError, NotFoundError, StoreError
from landmap.ingest import confinement
from landmap.resources import version, web_root
from landmap.store import Home, Trouble, mend, open_current, troubles

ASSETS: Final = ("dist/vendor/leaflet/leaflet.js", "dist/vendor/swagger-ui/swagger-ui-bundle.js", "dist/fonts")
#: Below this a publish may not fit on the disk.
FREE_MIN_BYTES: Final = 200_000_000
#: What the process that reads files is kept from, by level.
CONFINED: Final = {
    "full": "files are read by a process that sees nothing else, and no network",
    "files": "files are read by a process that sees no other file, but may reach the network",
    "none": "nothing confines the process that reads files; uploads are refused",
}
#: Kinds of trouble by the look that tells them; those with the current version go to the look ``version``.
_LOOKS: Final = {
    "old versions": ("version", "missing"),
    "journal": ("journal",),
    "leftovers": ("leftover",),
    "staging": ("staging",),
    "waiting rows": ("unplaced",),
    "lock": ("lock",),
}
_SOUND: Final = {
    "old versions": "every file as published",
    "journal": "sound",
    "leftovers": "none",
    "staging": "sound",
    "waiting rows": "sound",
    "lock": "nobody is writing",
}
#: What keeps nobody from reading.
_PASSING: Final = frozenset({"leftovers", "staging", "waiting rows", "lock"})


@dataclass(frozen=True)
class Look:
    """What one look found; `exit` is the exit code when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    exit: Exit = Exit.OK
    troubles: tuple[Trouble, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as ``--json`` prints it."""
        told = [{"where": one.where, "what": one.what, "cure": one.cure} for one in self.troubles]
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "troubles": told}


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("doctor")(commanded(doctor))


def doctor(
    home: options.Home,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put right what can be put right, or go back to the last whole version.")
    ] = False,
    by: options.By = "",
    json_: options.Json = False,
) -> None:
    """Look whether this installation and home folder are sound, and tell what helps.

    Example: landmap doctor --home var/district --repair
    """
    steps: list[str] = []
    failed: LandmapError | None = None
    if repair:
        try:
            for step in repaired(home, by or "doctor"):
                steps.append(step)
                if not json_:
                    out.print(f"· {step}", markup=False, highlight=False)
        except LandmapError as error:
            failed = error
    found = examine(home)
    if json_:
        told = {"ok": all(one.ok for one in found), "checks": [one.as_dict() for one in found]}
        print_json({**told, **({"repaired": steps, "failed": str(failed) if failed else None} if repair else {})})
    else:
        if failed is not None:
            out.print(f"· the repair ended here: {failed}", markup=False, highlight=False)
        for one in found:
            out.print(f"{'✓' if one.ok else '✗'} {one.name}: {one.detail}", markup=False, highlight=False)
            for trouble in one.troubles:
                out.print(f"    {trouble.where}: {trouble.what}; {trouble.cure}", markup=False, highlight=False)
    worst = [one.exit for one in found if not one.ok] + ([exit_code(failed)] if failed else [])
    if worst:
        raise typer.Exit(max(worst))


def examine(home: Path) -> list[Look]:
    """Return what every look found; nothing is changed."""
    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("landmap", lambda: f"{version()}, Python {platform.python_version()}"),
        ("web assets", _assets),
        ("confinement", _confinement),
        ("district", lambda: Home(home).district().name_zh),
        ("version", lambda: _verified(home)),
        ("links", lambda: _database(home)),
        ("disk", lambda: _disk(home)),
    )
    found = [_look(name, look) for name, look in looks]
    try:
        known = troubles(Home(home), _named(home))
    except StoreError:
        return found
    return [*found, *(_troubled(name, kinds, known) for name, kinds in _LOOKS.items())]


def repaired(home: Path, by: str) -> Iterator[str]:
    """Put right what can be put right, and yield each step."""
    yield from mend(Home(home), by)
    yield from mend_database(home / "landmap.db", datetime.now(UTC).date().isoformat())
    if shutil.disk_usage(home).free < FREE_MIN_BYTES:
        cache = Home(home).folder("cache")
        freed = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
        if freed:
            shutil.rmtree(cache)
            cache.mkdir()
            yield f"emptied {cache}: {freed // 1_000_000} MB that can be made again"


def _look(name: str, look: Callable[[], str]) -> Look:
    try:
        return Look(name, ok=True, detail=look())
    except LandmapError as error:
        return Look(name, ok=False, detail=str(error), exit=exit_code(error))


def _troubled(name: str, kinds: tuple[str, ...], known: list[Trouble]) -> Look:
    mine = tuple(one for one in known if one.kind in kinds and not one.current)
    if not mine:
        writing = [one.what for one in known if one.kind == "writing" and name == "lock"]
        return Look(name, ok=True, detail="; ".join(writing) or _SOUND[name])
    grave = Exit.FAILURE if name in _PASSING else Exit.STORE_CORRUPT
    return Look(name, ok=False, detail=f"{len(mine)} to look at", exit=grave, troubles=mine)


def _confinement() -> str:
    level = confinement()
    return f"{level}: {CONFINED[level]}"


def _assets() -> str:
    missing = [name for name in ASSETS if not (web_root() / name).exists()]
    if missing:
        raise LandmapError(f"{', '.join(missing)} is missing", hint="run `make setup`")
    return "built"


def _verified(home: Path) -> str:
    snapshot = open_current(Home(home))
    if snapshot.warnings:
        raise StoreError("; ".join(snapshot.warnings), hint="`landmap doctor --repair` heals it or goes back")
    return f"{snapshot.id[:12]}, every file as published"


def _database(home: Path) -> str:
    path = home / "landmap.db"
    if not path.exists():
        return "none made yet"
    faults = database_faults(path)
    if faults:
        raise StoreError(
            f"landmap.db is damaged: {'; '.join(faults[:3])}",
            hint="stop the server and restore the backup; `landmap doctor --repair` saves what can be read",
        )
    Database.open(path).close()
    return "sound"


def _named(home: Path) -> frozenset[str]:
    """Return the versions that links name; none when the database cannot tell."""
    path = home / "landmap.db"
    if not path.exists():
        return frozenset()
    try:
        with closing(Shares(Database.open(path))) as shares:
            return shares.snapshot_ids()
    except (StoreError, NotFoundError):
        return frozenset()


def _disk(home: Path) -> str:
    if not home.is_dir():
        raise ConfigError(f"{home} is no folder", hint="`landmap demo --home DIR` makes a home")
    if not os.access(home, os.W_OK):
        raise LandmapError(f"{home} cannot be written to", hint="run as the user who owns it")
    free = shutil.disk_usage(home).free
    if free < FREE_MIN_BYTES:
        raise LandmapError(f"{free // 1_000_000} MB are free", hint="make room before the next publish")
    return f"{free // 1_000_000} MB free"
