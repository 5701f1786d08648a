"""Commands for ledgers without shapes: join them with drawings, and list what waits for its shape or its row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from landmap import pipeline
from landmap.cli import deciding, knowing, options
from landmap.cli.console import Exit, commanded, err, out, print_json, progress
from landmap.domain import layers
from landmap.domain.errors import InvalidValueError
from landmap.store import Home, Unplaced, waiting


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("join")(commanded(join))
    app.command("unplaced")(commanded(unplaced))


def join(
    home: options.Home,
    ledgers: Annotated[list[Path] | None, typer.Argument(help="Tables without shapes: XLSX, XLS, CSV.")] = None,
    drawings: Annotated[
        list[Path] | None, typer.Option("--with", help="Drawings with the shapes and their numbers; repeat for more.")
    ] = None,
    layer: Annotated[str, typer.Option("--layer", help="Layer the ledger is meant for.")] = "parcels",
    match: Annotated[
        list[str] | None,
        typer.Option("--match", metavar="ROW=SHAPE", help="This row has this shape, whatever their numbers say."),
    ] = None,
    accept: knowing.Accept = None,
    visibility: Annotated[str | None, typer.Option("--visibility", help="Record class of rows without one.")] = None,
    crs: Annotated[int | None, typer.Option("--crs", help="EPSG code of drawings that do not name one.")] = None,
    mode: deciding.Mode = "replace",
    profile: knowing.Profile = None,
    by: options.By = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the report: zh or en.")] = "zh",
    json_: options.Json = False,
) -> None:
    """Join a ledger with drawings by number: stage what has its shape, keep the rest until it has.

    Without a drawing, the ledger is joined with the shapes that wait; without a ledger, the rows that wait are. A row
    whose number is published keeps the shape it has there; an update without files does so for the rows that wait.

    Example: landmap join 台账.xlsx --with 红线.dxf --layer parcels --home var/district
    """
    name, store, wanted = options.layer_option(layer), Home(home), deciding.mode_option(mode)
    if not ledgers and not drawings and wanted != "update":
        raise InvalidValueError("a join needs a ledger, or a drawing (--with)")
    with progress("joining", quiet=json_) as step:
        found = pipeline.join_files(
            store,
            ledgers or [],
            drawings or [],
            name,
            matches=[_match(word) for word in match or []],
            visibility=options.visibility_option(visibility),
            declared_crs=crs,
            lang=options.lang_option(lang),
            progress=step,
            accept=accept or (),
            **knowing.known(store, name, profile, wanted, join=True),
        )
    kept = pipeline.keep_join(store, found, mode=wanted, by=by)
    staged = None if found.layer is None else name
    if json_:
        print_json(found.report.as_dict() | {"staged": staged, "waiting": _counted(kept)})
    else:
        _print_join(found, kept)
    if not found.report.ok:
        raise typer.Exit(Exit.DATA_INVALID)


def unplaced(
    home: options.Home,
    layer: Annotated[str | None, typer.Option("--layer", help="Only this layer.")] = None,
    json_: options.Json = False,
) -> None:
    """List the rows that wait for a shape and the shapes that wait for a row.

    Example: landmap unplaced --home var/district --json
    """
    store = Home(home)
    names = [one for one in layers.layers() if layers.layer_named(one).spatial]
    names = names if layer is None else [options.layer_option(layer)]
    found = [one for one in (waiting(store, name) for name in names) if one.rows or one.shapes or layer is not None]
    if json_:
        print_json({one.layer: _told(one) for one in found})
        return
    for one in found:
        for row in one.rows:
            cells = (
                one.layer,
                "row",
                row.number or "—",
                f"{row.source}:{row.row}",
                str(row.since),
                row.staged_as or "",
            )
            out.print("\t".join(cells), markup=False, highlight=False)
        for shape in one.shapes:
            cells = (one.layer, "shape", shape.number or "—", shape.source, str(shape.since), shape.staged_as or "")
            out.print("\t".join(cells), markup=False, highlight=False)
    if not found:
        out.print("nothing waits")


def _match(word: str) -> tuple[str, str]:
    row, sign, shape = word.partition("=")
    if not sign or not row.strip() or not shape.strip():
        raise InvalidValueError.of("--match", word, "is no ROW=SHAPE", "such as Sheet1:7=地块:12", where="cli")
    return row.strip(), shape.strip()


def _told(one: Unplaced) -> dict[str, Any]:
    return {
        "rows": [vars(row) | {"since": row.since.isoformat()} for row in one.rows],
        "shapes": [vars(shape) | {"since": shape.since.isoformat()} for shape in one.shapes],
    }


def _counted(kept: Unplaced) -> dict[str, int]:
    """Return how much waits; what is staged already waits only to be published."""
    return {
        "rows": sum(one.staged_as is None for one in kept.rows),
        "shapes": sum(one.staged_as is None for one in kept.shapes),
    }


def _print_join(found: pipeline.Join, kept: Unplaced) -> None:
    for side, counts in found.joined.counts().items():
        out.print(f"{side}: {', '.join(f'{count} {fate}' for fate, count in counts.items())}", highlight=False)
    for finding in found.report.findings:
        cells = (finding.severity, f"{finding.file}:{finding.row or ''}", finding.message, finding.fix)
        keys = [str(case["key"]) for case in finding.cases if "key" in case] or ([finding.key] if finding.key else [])
        err.print("\t".join((*cells, " ".join(keys))), markup=False, highlight=False)
    waits = _counted(kept)
    out.print(f"{waits['rows']} rows and {waits['shapes']} shapes wait; `landmap unplaced` lists them", highlight=False)
    if found.layer is not None:
        out.print(f"{found.name} is staged; `landmap publish` makes it a version", highlight=False)
