"""The command for attachments: a file, a folder or a zip, matched to records by number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from landmap import pipeline
from landmap.access import Database
from landmap.cli import options
from landmap.cli.console import Exit, commanded, err, out, print_json, progress
from landmap.domain import PolicyClass, code_list, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.store import Home


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("attach")(commanded(attach))


def attach(
    path: Annotated[Path, typer.Argument(help="A picture or PDF, or a folder or zip of them, named by number.")],
    home: options.Home,
    layer: Annotated[str, typer.Option("--layer", help="parcels or buildings.")] = "parcels",
    id: Annotated[str | None, typer.Option("--id", help="The record, instead of matching by number.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help=f"One of {', '.join(code_list('attachment_kind'))}.")
    ] = None,
    visibility: Annotated[str, typer.Option("--visibility", help="internal, partner or public.")] = "internal",
    caption: Annotated[str, typer.Option("--caption", help="Caption in Chinese.")] = "",
    caption_en: Annotated[str, typer.Option("--caption-en", help="Caption in English.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where it comes from.")] = "",
    dated: Annotated[str | None, typer.Option("--dated", help="Day it was taken or issued, YYYY-MM-DD.")] = None,
    publish: Annotated[bool, typer.Option("--publish/--later", help="Publish at once.")] = True,
    by: options.By = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the findings: zh or en.")] = "zh",
    json_: options.Json = False,
) -> None:
    """Attach pictures and documents to records; what cannot be told apart is asked, never guessed.

    Example: landmap attach 航拍.zip --kind drone --visibility public --source 无人机航拍 --home var/district
    """
    store, language, target = Home(home), options.lang_option(lang), layer_named(options.layer_option(layer))
    if visibility not in list(PolicyClass):
        raise InvalidValueError.of("--visibility", visibility, "is no class", ", ".join(PolicyClass), where="cli")
    with (
        closing(Database.open(store.path / "landmap.db")) as database,
        progress("attaching", quiet=json_) as step,
    ):
        done = pipeline.attach_files(
            store,
            database,
            [path],
            target.name,
            by=by,
            record=id,
            lang=language,
            step=step,
            kind=kind,
            visibility=visibility,
            caption_zh=caption,
            caption_en=caption_en,
            source=source,
            dated=_day(dated),
        )
    told: dict[str, Any] = {**done.as_dict(), "version": None}
    if publish and told["attached"]:
        told["version"] = pipeline.fold_now(store, by=by, note=f"{len(told['attached'])} attachments")[0].id
    _tell(told, json_)
    if not done.settled:
        raise typer.Exit(Exit.DATA_INVALID)


def _tell(told: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    out.print(f"{len(told['attached'])} attached", highlight=False)
    for finding in told["refused"]:
        err.print(f"{finding['file']}\t{finding['message']}\t{finding['fix']}", markup=False, highlight=False)
    for name, ids in told["ambiguous"].items():
        err.print(f"{name}\tcould be {', '.join(ids)}; --id says which", markup=False, highlight=False)
    for name in told["unmatched"]:
        err.print(f"{name}\tnames no record", markup=False, highlight=False)


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidValueError.of("--dated", text, "is no day", "YYYY-MM-DD", where="cli") from None
