"""Commands of the steward: check, import, publish, history, rollback, demo, doctor."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from landmap import pipeline
from landmap.cli import options
from landmap.cli.console import Exit, commanded, err, out, print_json, progress
from landmap.domain import District
from landmap.domain.errors import InvalidValueError, LandmapError, StoreError
from landmap.ingest import Report
from landmap.ingest import check as check_files
from landmap.store import Home, open_current, stage, staged
from landmap.store import history as versions_of
from landmap.store import rollback as roll_back

SHOWN = 200


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for name, command in (
        ("demo", demo),
        ("check", check),
        ("import", import_),
        ("publish", publish),
        ("history", history),
        ("rollback", rollback),
        ("doctor", doctor),
    ):
        app.command(name)(commanded(command))


def demo(home: options.Home, json_: options.Json = False) -> None:
    """Make a home folder with the demo district published.

    Example: landmap demo --home var/demo
    """
    with progress("building the demo district", quiet=json_):
        snapshot = pipeline.demo_home(home)
    if json_:
        print_json({"home": str(home), "version": snapshot.id})
    else:
        out.print(f"{home}: version {snapshot.id[:12]}", highlight=False)


def check(
    files: Annotated[list[Path], typer.Argument(help="Files or folders; a folder is one input.")],
    layer: Annotated[str, typer.Option("--layer", help="Layer the files are meant for.")],
    home: Annotated[Path | None, typer.Option("--home", help="Check against this home's district.")] = None,
    visibility: Annotated[str | None, typer.Option("--visibility", help="public, partner or internal.")] = None,
    crs: Annotated[int | None, typer.Option("--crs", help="EPSG code, where the files do not name one.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the report: zh or en.")] = "zh",
    json_: options.Json = False,
) -> None:
    """Tell every fault of the files at once; nothing is stored.

    Example: landmap check 地块.zip --layer parcels --json
    """
    name = options.layer_option(layer)
    with progress("checking", quiet=json_):
        _, report = check_files(files, name, _district(home), visibility=visibility, declared_crs=crs)
    _print_report(report, json_, lang)
    if report.refused or any(finding.severity == "error" for finding in report.findings):
        raise typer.Exit(Exit.DATA_INVALID)


def import_(
    files: Annotated[list[Path], typer.Argument(help="Files or folders; a folder is one input.")],
    layer: Annotated[str, typer.Option("--layer", help="Layer to import into.")],
    home: options.Home,
    visibility: Annotated[str | None, typer.Option("--visibility", help="Record class of rows without one.")] = None,
    crs: Annotated[int | None, typer.Option("--crs", help="EPSG code, where the files do not name one.")] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish at once; otherwise the layer waits, staged.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Take nothing when any row is refused.")] = False,
    note: options.Note = "",
    by: options.By = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the report: zh or en.")] = "zh",
    json_: options.Json = False,
) -> None:
    """Import a layer: good rows are taken, every fault is told.

    Example: landmap import 地块.gpkg --layer parcels --home var/district --visibility public --publish
    """
    name = options.layer_option(layer)
    store = Home(home)
    with progress("checking", quiet=json_):
        layer_, report = check_files(files, name, store.district(), visibility=visibility, declared_crs=crs)
    refused = layer_ is None or (strict and any(finding.severity == "error" for finding in report.findings))
    version = None
    if layer_ is not None and not refused:
        stage(store, name, layer_.frame, layer_.sources, report.as_dict(lang))
        if publish:
            version = pipeline.publish_staged(store, by=by, note=note).id
    _print_report(report, json_, lang, {"staged": name if not refused and not publish else None, "version": version})
    if refused:
        raise typer.Exit(Exit.DATA_INVALID)
    if not json_:
        told = (
            f"published as version {version[:12]}"
            if version
            else f"{name} is staged; `landmap publish` makes it a version"
        )
        out.print(told, highlight=False)


def publish(home: options.Home, note: options.Note = "", by: options.By = "", json_: options.Json = False) -> None:
    """Publish every staged layer as one new version.

    Example: landmap publish --home var/district --note "十一月更新"
    """
    store = Home(home)
    if not staged(store):
        raise InvalidValueError("nothing is staged", hint="`landmap import FILE --layer NAME` stages a layer")
    with progress("publishing", quiet=json_):
        snapshot = pipeline.publish_staged(store, by=by, note=note)
    if json_:
        print_json({"version": snapshot.id})
    else:
        out.print(f"version {snapshot.id[:12]}", highlight=False)


def history(home: options.Home, json_: options.Json = False) -> None:
    """List the versions, newest first.

    Example: landmap history --home var/district
    """
    versions = versions_of(Home(home))
    if json_:
        print_json({"versions": [version.as_dict() for version in versions]})
        return
    table = Table("", "version", "created (UTC)", "by", "rows", "note")
    for version in versions:
        rows = ", ".join(f"{name} {count}" for name, count in version.rows.items())
        table.add_row(
            "●" if version.current else "", version.id[:12], version.created_at[:19], version.by, rows, version.note
        )
    out.print(table)


def rollback(
    version: Annotated[str, typer.Argument(help="Version to go back to; a unique beginning is enough.")],
    home: options.Home,
    note: options.Note = "",
    by: options.By = "",
    json_: options.Json = False,
) -> None:
    """Make an earlier version the current one again; nothing is lost.

    Example: landmap rollback 3f2a91 --home var/district
    """
    snapshot = roll_back(Home(home), version, by=by, note=note)
    if json_:
        print_json({"version": snapshot.id})
    else:
        out.print(f"version {snapshot.id[:12]} is current", highlight=False)


def doctor(home: options.Home, json_: options.Json = False) -> None:
    """Look whether this installation and home folder are sound.

    Example: landmap doctor --home var/district
    """
    found: list[tuple[str, bool, str]] = [("python", True, platform.python_version())]
    for title, look in (
        ("web assets", _assets),
        ("district", lambda: _home_name(home)),
        ("version", lambda: _verified(home)),
    ):
        try:
            found.append((title, True, look()))
        except LandmapError as error:
            found.append((title, False, str(error)))
    if json_:
        print_json({"checks": [{"name": name, "ok": ok, "detail": detail} for name, ok, detail in found]})
    else:
        for name, ok, detail in found:
            out.print(f"{'✓' if ok else '✗'} {name}: {detail}", markup=False, highlight=False)
    if not all(ok for _, ok, _ in found):
        raise typer.Exit(Exit.STORE_CORRUPT if found[-1][1] is False else Exit.FAILURE)


def _assets() -> str:
    from landmap.resources import web_root

    missing = [name for name in ("dist/vendor/leaflet/leaflet.js", "dist/fonts") if not (web_root() / name).exists()]
    if missing:
        raise StoreError(f"{', '.join(missing)} is missing", hint="run `make setup`")
    return "built"


def _home_name(home: Path) -> str:
    return Home(home).district().name_zh


def _verified(home: Path) -> str:
    snapshot = open_current(Home(home))
    return f"{snapshot.id[:12]}, every file as published"


def _district(home: Path | None) -> District:
    from landmap.resources import geodata_root

    return (
        Home(home).district() if home is not None else District.from_toml(geodata_root() / "licang" / "district.toml")
    )


def _print_report(report: Report, as_json: bool, lang: str, more: dict[str, Any] | None = None) -> None:
    told = report.as_dict(lang)
    if as_json:
        print_json({**told, **(more or {})})
        return
    for entry in told["inputs"]:
        took = (
            f"{entry['rows_accepted']} of {entry['rows_read']} rows" if entry["refused"] is None else entry["refused"]
        )
        out.print(
            f"{entry['file']}: {entry['format']}, {entry['crs']}, {entry['encoding']}: {took}",
            markup=False,
            highlight=False,
        )
    if not told["findings"]:
        out.print("no faults found")
        return
    table = Table("", "row", "field", "found", "what is wrong", "what to do")
    for finding in told["findings"][:SHOWN]:
        cells = (finding[key] for key in ("severity", "row", "field", "value", "message", "fix"))
        table.add_row(*("" if cell is None else str(cell) for cell in cells))
    out.print(table)
    if len(told["findings"]) > SHOWN:
        err.print(f"{len(told['findings']) - SHOWN} more; --json tells them all")
