"""The command for forms: filled with what is published, and read back into the queue of edits."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from landmap.access import Amendments, Database, FormAnswer, make_form, read_form
from landmap.cli import options
from landmap.cli.console import Exit, commanded, err, out, print_json
from landmap.domain.errors import InvalidValueError
from landmap.render import form_bytes
from landmap.store import Home


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("form")(commanded(form))


def form(
    home: options.Home,
    layer: Annotated[str, typer.Option("--layer", help="building_units, buildings, parcels …")] = "building_units",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the form to this XLSX.")] = None,
    read: Annotated[Path | None, typer.Option("--read", help="Read this filled form back instead.")] = None,
    building: Annotated[str | None, typer.Option("--building", help="The building whose units are asked.")] = None,
    ids: Annotated[list[str] | None, typer.Option("--id", help="The record itself; repeat for more.")] = None,
    lang: Annotated[str, typer.Option("--lang", help="zh or en.")] = "zh",
    by: options.By = "",
    json_: options.Json = False,
) -> None:
    """Write a form for whoever keeps a building, or read a filled one into the queue of edits.

    A cell that nobody touched changes nothing. `landmap amend list` shows what came in.

    Example: landmap form --building 370213-LY-001 --home var/district -o 分层.xlsx

    And back: landmap form --read 分层.xlsx --home var/district --by 物业
    """
    name, language, store = options.layer_option(layer), options.lang_option(lang), Home(home)
    if (output is None) is (read is None):
        raise InvalidValueError("a form is written (--output) or read (--read)")
    if output is not None:
        made = make_form(store, name, parent=building, ids=tuple(ids or ()))
        fields = made.layer.fields
        body = form_bytes(
            made.sheet,
            [fields[one] for one in made.fixed],
            [fields[one] for one in made.answered],
            made.rows,
            made.shapes,
            language,
        )
        output.write_bytes(body)
        told = {"file": str(output), "records": len(made.rows), "sheet": made.sheet}
        print_json(told) if json_ else out.print(f"{output}: {len(made.rows)} records", markup=False, highlight=False)
        return
    assert read is not None
    with closing(Database.open(store.path / "landmap.db")) as database:
        answer = read_form(store, Amendments(database), read, name, by=by, now=dt.datetime.now(dt.UTC), lang=language)
    _tell(answer, json_)
    if not answer.ok:
        raise typer.Exit(Exit.DATA_INVALID)


def _tell(answer: FormAnswer, as_json: bool) -> None:
    assert answer.report is not None  # that of the file
    if as_json:
        print_json(
            {
                "proposed": [{"id": one.id, "feature_id": one.feature_id} for one in answer.proposed],
                "unchanged": answer.unchanged,
                "findings": [{"feature_id": id, **finding.as_dict()} for id, finding in answer.findings],
                "conflicts": dict(answer.conflicts),
                "unknown": list(answer.unknown),
                "report": answer.report.as_dict(),
            }
        )
        return
    out.print(f"{len(answer.proposed)} edits in the queue, {answer.unchanged} records unchanged", highlight=False)
    for id, finding in answer.findings:
        err.print(f"{id}\t{finding.severity}\t{finding.message}\t{finding.fix}", markup=False, highlight=False)
    for id, reason in answer.conflicts.items():
        err.print(f"{id}\t{reason}", markup=False, highlight=False)
    for id in answer.unknown:
        err.print(f"{id}\tis not published; a form edits what is there", markup=False, highlight=False)
    for entry in answer.report.refused:
        err.print(f"{entry.file}\t{entry.refused}", markup=False, highlight=False)
