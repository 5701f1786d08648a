"""Commands of the steward: check, import, publish, history, rollback, demo, doctor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import markup
from rich.table import Table

from landmap import pipeline
from landmap.cli import options
from landmap.cli.console import Exit, commanded, err, out, print_json, progress
from landmap.cli.doctor import examine
from landmap.domain import District
from landmap.ingest import Report
from landmap.ingest import check as check_files
from landmap.resources import geodata_root
from landmap.store import Home, stage
from landmap.store import history as versions_of
from landmap.store import rollback as roll_back

#: How many findings are printed, and what of each.
SHOWN: Final = 200
_COLUMNS: Final = ("severity", "row", "field", "value", "message", "fix")


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
    with progress("checking", quiet=json_) as step:
        _, report = check_files(
            files,
            name,
            _district(home),
            visibility=options.visibility_option(visibility),
            declared_crs=crs,
            lang=options.lang_option(lang),
            progress=step,
        )
    _print_report(report, json_)
    if not report.ok:
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

    A folder that holds a district.toml, and the files it names, becomes a home at its first import.

    Example: landmap import 地块.gpkg --layer parcels --home var/district --visibility public --publish
    """
    name = options.layer_option(layer)
    store = _home(home)
    with progress("checking", quiet=json_) as step:
        layer_, report = check_files(
            files,
            name,
            store.district(),
            visibility=options.visibility_option(visibility),
            declared_crs=crs,
            lang=options.lang_option(lang),
            progress=step,
        )
    taken = layer_ is not None and (report.ok or not strict)
    version = None
    if layer_ is not None and taken:
        stage(store, name, layer_.frame, layer_.sources, report.as_dict())
        if publish:
            version = pipeline.publish_staged(store, by=by, note=note).id
    _print_report(report, json_, {"staged": name if taken and not publish else None, "version": version})
    if not taken:
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
    with progress("publishing", quiet=json_):
        snapshot = pipeline.publish_staged(Home(home), by=by, note=note)
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
        print_json({"versions": [asdict(version) for version in versions]})
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
    found = examine(home)
    if json_:
        print_json({"ok": all(one.ok for one in found), "checks": [one.as_dict() for one in found]})
    else:
        for one in found:
            out.print(f"{'✓' if one.ok else '✗'} {one.name}: {one.detail}", markup=False, highlight=False)
    worst = [one.exit for one in found if not one.ok]
    if worst:
        raise typer.Exit(max(worst))


def _home(path: Path) -> Home:
    """Return the home at `path`, made first where there is only a description of the district."""
    home, toml = Home(path), path / "district.toml"
    if toml.is_file() and not home.snapshots.is_dir():
        named = (one.file for one in District.from_toml(toml).basemap if one.file)
        return Home.create(path, toml, {name: path / name for name in named if (path / name).is_file()})
    return home


def _district(home: Path | None) -> District:
    if home is not None:
        return Home(home).district()
    return District.from_toml(geodata_root() / "licang" / "district.toml")


def _print_report(report: Report, as_json: bool, more: dict[str, Any] | None = None) -> None:
    told = report.as_dict()
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
    rows = [
        ["" if finding[key] is None else str(finding[key]) for key in _COLUMNS] for finding in told["findings"][:SHOWN]
    ]
    if out.is_terminal:
        table = Table("", "row", "field", "found", "what is wrong", "what to do")
        for cells in rows:
            table.add_row(*map(markup.escape, cells))
        out.print(table)
    else:
        for cells in rows:
            out.print("\t".join(cells), markup=False, highlight=False)
    if len(told["findings"]) > SHOWN:
        err.print(f"{len(told['findings']) - SHOWN} more; --json tells them all")
