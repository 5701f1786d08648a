"""Commands that take files in: demo, check, import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import markup
from rich.table import Table

from landmap import pipeline
from landmap.cli import deciding, knowing, options, reporting
from landmap.cli.console import Exit, commanded, err, out, print_json, progress
from landmap.cli.versions import warnings_of
from landmap.domain import District
from landmap.ingest import Report
from landmap.ingest import check as check_files
from landmap.resources import geodata_root
from landmap.store import Home, LayerPlan

#: How many findings are printed, and what of each.
SHOWN: Final = 200
_COLUMNS: Final = ("severity", "row", "field", "value", "message", "fix")


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for name, command in (
        ("demo", demo),
        ("check", check),
        ("import", import_),
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
    mode: deciding.Mode = "replace",
    profile: knowing.Profile = None,
    save_profile: knowing.SaveProfile = None,
    accept: knowing.Accept = None,
    columns: knowing.Columns = False,
    html: reporting.Html = None,
    xlsx: reporting.Xlsx = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the report: zh or en.")] = "zh",
    json_: options.Json = False,
) -> None:
    """Tell every fault of the files at once; nothing is stored.

    Example: landmap check 地块.zip --layer parcels --json
    """
    name, wanted = options.layer_option(layer), deciding.mode_option(mode)
    store = None if home is None else Home(home)
    district = _district(home)
    known = knowing.known(store, name, profile, wanted)
    with progress("checking", quiet=json_) as step:
        staged, report = check_files(
            files,
            name,
            district,
            visibility=options.visibility_option(visibility),
            declared_crs=crs,
            lang=options.lang_option(lang),
            progress=step,
            accept=accept or (),
            **known,
        )
    knowing.remember(store, name, save_profile, report)
    if columns and not json_:
        knowing.print_columns(report)
    checked = reporting.Checked(files, name, district, staged, report)
    reporting.write_reports(checked, options.lang_option(lang), html, xlsx)
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
    mode: deciding.Mode = "replace",
    profile: knowing.Profile = None,
    save_profile: knowing.SaveProfile = None,
    accept: knowing.Accept = None,
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
    name, wanted = options.layer_option(layer), deciding.mode_option(mode)
    store = _home(home)
    known = knowing.known(store, name, profile, wanted)
    with progress("checking", quiet=json_) as step:
        layer_, report = check_files(
            files,
            name,
            store.district(),
            visibility=options.visibility_option(visibility),
            declared_crs=crs,
            lang=options.lang_option(lang),
            progress=step,
            accept=accept or (),
            **known,
        )
    knowing.remember(store, name, save_profile, report)
    taken = layer_ is not None and (report.ok or not strict)
    version = None
    plans: list[LayerPlan] = []
    waits: tuple[str, ...] = ()
    if layer_ is not None and taken:
        waits = pipeline.placeable(store, layer_)
        fresh = pipeline.stage_layer(store, layer_, mode=wanted, by=by)
        if publish:
            version = pipeline.publish_staged(store, by=by, note=note, watch=plans.append, fresh=[fresh]).id
    _print_report(
        report, json_, {"staged": name if taken and not publish else None, "version": version, "placeable": list(waits)}
    )
    if not taken:
        raise typer.Exit(Exit.DATA_INVALID)
    if not json_:
        told = (
            f"published as version {version[:12]}"
            if version
            else f"{name} is staged; `landmap publish` makes it a version"
        )
        out.print(told, highlight=False)
        if waits:
            out.print(_placeable(waits, name, published=version is not None), markup=False, highlight=False)
        for line in (line for plan in plans for line in warnings_of(plan)):
            err.print(line, markup=False, highlight=False)


def _placeable(numbers: Sequence[str], layer: str, *, published: bool) -> str:
    """Return what to do about rows that wait for a shape which was just imported."""
    some = ", ".join(numbers[:5]) + (" …" if len(numbers) > 5 else "")
    after = "" if published else ", once this is published"
    return (
        f"{len(numbers)} rows that wait for a shape have it here ({some}): "
        f"`landmap join --layer {layer} --mode update` gives the records what these rows say{after}"
    )


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


def _cells(finding: Mapping[str, Any]) -> list[str]:
    """Return a finding as a line of the table; a cure that can be accepted is told with the key that accepts it."""
    cells = ["" if finding[key] is None else str(finding[key]) for key in _COLUMNS]
    if finding["proposal"] is not None:
        cells[-1] += f" → {finding['proposal']['to']} (--accept {finding['key']})"
    return cells


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
    rows = [_cells(finding) for finding in told["findings"][:SHOWN]]
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
