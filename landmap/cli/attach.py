"""The command for attachments: a file, a folder or a zip, matched to records by number."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from landmap import pipeline
from landmap.access import Attachments, Database, match_files
from landmap.cli import options
from landmap.cli.console import Exit, commanded, err, out, print_json, progress
from landmap.domain import Lang, Layer, PolicyClass, code_list, layer_named
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.ingest import RefusedError, refusal, unpacked
from landmap.store import Home, Snapshot, open_current


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
    current = open_current(store)
    told: dict[str, Any] = {"attached": [], "refused": [], "ambiguous": {}, "unmatched": [], "version": None}
    words = {"kind": kind, "visibility": visibility, "caption_zh": caption, "caption_en": caption_en, "source": source}
    with (
        closing(Database.open(store.path / "landmap.db")) as database,
        tempfile.TemporaryDirectory(prefix="landmap-") as scratch,
        progress("attaching", quiet=json_) as step,
    ):
        album = Attachments(store, database)
        files, chosen = _chosen(path, Path(scratch), current, target, id, told, language)
        for number, (name, record) in enumerate(chosen.items()):
            step(name, number, len(chosen))
            try:
                made = album.add(
                    target.name,
                    record,
                    files[name].read_bytes(),
                    name=name,
                    by=by,
                    now=dt.datetime.now(dt.UTC),
                    dated=_day(dated),
                    **words,  # type: ignore[arg-type]
                )
            except RefusedError as error:
                told["refused"].append(refusal(error, name, language).as_dict())
            else:
                told["attached"].append({"id": made.id, "file": name, "feature_id": record})
    if publish and told["attached"]:
        told["version"] = pipeline.fold_now(store, by=by, note=f"{len(told['attached'])} attachments")[0].id
    _tell(told, json_)
    if told["refused"] or told["ambiguous"] or told["unmatched"]:
        raise typer.Exit(Exit.DATA_INVALID)


def _chosen(
    path: Path, scratch: Path, current: Snapshot, layer: Layer, id: str | None, told: dict[str, Any], lang: Lang
) -> tuple[Mapping[str, Path], dict[str, str]]:
    """Return the files by name, and the record of each that has one; the others are told."""
    try:
        files = unpacked(path, scratch)
    except RefusedError as error:
        told["refused"].append(refusal(error, path.name, lang).as_dict())
        return {}, {}
    names = _names(current, layer)
    if id is not None:
        if id not in names:
            raise NotFoundError(f"layer {layer.name!r} has no record {id[:80]!r}")
        return files, dict.fromkeys(files, id)
    # What stands before the first slash is the folder or archive itself.
    inner = {name.partition("/")[2] or name: name for name in files}
    found = match_files(inner, names)
    told["ambiguous"] = {inner[name]: list(ids) for name, ids in found.ambiguous.items()}
    told["unmatched"] = [inner[name] for name in found.unmatched]
    return files, {inner[name]: record for name, record in found.matched.items()}


def _names(current: Snapshot, layer: Layer) -> dict[str, list[str]]:
    """Return what every record is called: its id, its number, its name."""
    frame = current.layer(layer.name)
    columns = [name for name in (layer.id_field, "parcel_no", layer.title) if name in frame.columns]
    rows = zip(*(frame[name] for name in columns), strict=True)
    return {str(row[0]): [one for one in row if isinstance(one, str)] for row in rows}


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
