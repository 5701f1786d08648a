"""Commands around edits of single records: propose, look, decide, take back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import typer
from rich import markup
from rich.table import Table

from landmap import pipeline
from landmap.access import Amendment, Amendments, Database, Stage, View, approve_edit, propose_edit, view
from landmap.cli import options
from landmap.cli.console import Exit, commanded, err, out, print_json
from landmap.domain.errors import InvalidValueError
from landmap.store import Home, open_current

Id = Annotated[str, typer.Argument(help="Id of an edit, as `landmap amend list` shows it.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the edit.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    help_ = "Edit single records: propose, look, decide, take back.\n\nExample: landmap amend list --home var/district"
    group = typer.Typer(name="amend", help=help_, no_args_is_help=True)
    for name, command in (
        ("set", set_),
        ("list", list_),
        ("show", show),
        ("approve", approve),
        ("reject", reject),
        ("release", release),
    ):
        group.command(name)(commanded(command))
    app.add_typer(group)


def set_(
    id: Annotated[str, typer.Argument(help="Id of the record.")],
    values: Annotated[list[str], typer.Argument(help="FIELD=VALUE as people write it; FIELD= makes it unknown.")],
    home: options.Home,
    layer: Annotated[str, typer.Option("--layer", help="parcels, buildings, building_units …")] = "parcels",
    note: Annotated[str, typer.Option("--note", help="Why.")] = "",
    document: Annotated[str, typer.Option("--document", help="The paper it rests on.")] = "",
    dated: Annotated[str | None, typer.Option("--dated", help="The day of that paper, YYYY-MM-DD.")] = None,
    by: options.By = "",
    lang: Annotated[str, typer.Option("--lang", help="Language of the findings: zh or en.")] = "zh",
    json_: options.Json = False,
) -> None:
    """Propose an edit of one record; every fault is told at once.

    Example: landmap amend set 370213-LC-0101-001 supply_stage=已成交 --home var/district --by 王
    """
    wanted: dict[str, Any] = dict(options.pairs(values))
    if len(wanted) < len(values):
        raise InvalidValueError("a field is given twice")
    with _queue(home) as (store, queue):
        told = propose_edit(
            store,
            queue,
            options.layer_option(layer),
            id,
            wanted,
            by=by,
            now=_now(),
            note=note,
            document=document,
            dated=_day(dated),
            lang=options.lang_option(lang),
        )
    findings = [finding.as_dict() for finding in told.findings]
    made = None if told.amendment is None else told.amendment.id
    if json_:
        print_json({"amendment": made, "findings": findings})
    else:
        for finding in told.findings:
            err.print(f"{finding.severity}\t{finding.field}\t{finding.message}\t{finding.fix}", markup=False)
        out.print("nothing to change" if made is None else f"edit {made} is proposed", highlight=False)
    if any(finding.severity == "error" for finding in told.findings):
        raise typer.Exit(Exit.DATA_INVALID)


def list_(
    home: options.Home,
    state: Annotated[str | None, typer.Option("--state", help=f"One of {', '.join(Stage)}.")] = None,
    layer: Annotated[str | None, typer.Option("--layer", help="Only of this layer.")] = None,
    json_: options.Json = False,
) -> None:
    """List the edits, the oldest first; ● marks those the current version rests on.

    Example: landmap amend list --state proposed --home var/district
    """
    if state is not None and state not in list(Stage):
        raise InvalidValueError.of("--state", state, "is no state", ", ".join(Stage), where="cli")
    with _queue(home) as (store, queue):
        live = frozenset(open_current(store).manifest["amendments"])
        found = queue.listed(state=None if state is None else Stage(state), layer=layer)
    if json_:
        print_json({"edits": [_as_dict(one, live) for one in found]})
        return
    table = Table("")
    for head in ("edit", "state", "record", "changes", "by", "at (UTC)"):
        table.add_column(head, overflow="fold", no_wrap=head == "edit")
    for one in found:
        changes = "; ".join(
            f"{change.field} {_short(change.before)} → {_short(change.value)}" for change in one.changes
        )
        cells = (one.id, one.state.value, f"{one.layer} {one.feature_id}", changes, one.by, one.at.isoformat()[:16])
        table.add_row("●" if _is_live(one, live) else "", *(markup.escape(cell) for cell in cells))
    out.print(table)


def show(id: Id, home: options.Home, json_: options.Json = False) -> None:
    """Show one edit beside the record as it is now.

    Example: landmap amend show 3f2a91b0c4d5e6f7 --home var/district
    """
    with _queue(home) as (store, queue):
        found = view(queue, id, open_current(store))
    if json_:
        print_json(_shown(found))
        return
    one = found.amendment
    out.print(f"{one.id}: {one.layer} {one.feature_id}, {one.state}, by {one.by} {one.note}", markup=False)
    for each in found.differences:
        moved = "" if each.moved_m2 is None else f" ({each.moved_m2:,.0f} m² moved)"
        clash = f"  ! now {_short(each.now)}" if each.conflicting else ""
        line = f"  {each.field.name}: {_short(each.before)} → {_short(each.value)}{moved}{clash}"
        out.print(line, markup=False, highlight=False)
    if found.missing:
        out.print("  the record is not there", highlight=False)


def approve(
    ids: Annotated[list[str], typer.Argument(help="Ids of edits.")],
    home: options.Home,
    despite: Annotated[bool, typer.Option("--despite", help="Although the record has changed since.")] = False,
    publish: Annotated[bool, typer.Option("--publish/--later", help="Publish at once.")] = True,
    by: options.By = "",
    json_: options.Json = False,
) -> None:
    """Approve edits; they are live at once, or with --later when a worker gathers them.

    Example: landmap amend approve 3f2a91b0c4d5e6f7 --home var/district --by 张
    """
    version = None
    with _queue(home) as (store, queue):
        for id in ids:
            approve_edit(store, queue, id, by=by, now=_now(), despite=despite)
        if publish:
            version = pipeline.fold_now(store, by=by, note=", ".join(ids))[0].id
    _done(json_, {"approved": ids, "version": version}, f"{len(ids)} approved", version)


def reject(id: Id, home: options.Home, reason: Reason = "", by: options.By = "", json_: options.Json = False) -> None:
    """Reject a proposed edit and say why.

    Example: landmap amend reject 3f2a91b0c4d5e6f7 --reason 尚未签约 --home var/district
    """
    with _queue(home) as (_, queue):
        queue.reject(id, by=by, now=_now(), reason=reason)
    _done(json_, {"rejected": id}, f"{id} is rejected", None)


def release(id: Id, home: options.Home, reason: Reason = "", by: options.By = "", json_: options.Json = False) -> None:
    """Take an approved edit back and publish: what the files say holds again.

    Example: landmap amend release 3f2a91b0c4d5e6f7 --home var/district --by 张
    """
    with _queue(home) as (store, queue):
        queue.release(id, by=by, now=_now(), reason=reason)
        version = pipeline.fold_now(store, by=by, note=id)[0].id
    _done(json_, {"released": id, "version": version}, f"{id} is taken back", version)


@contextmanager
def _queue(home: Any) -> Iterator[tuple[Home, Amendments]]:
    store = Home(home)
    store.check()
    with closing(Database.open(store.path / "landmap.db")) as database:
        yield store, Amendments(database)


def _done(as_json: bool, told: dict[str, Any], words: str, version: str | None) -> None:
    if as_json:
        print_json(told)
    else:
        out.print(words + (f"; version {version[:12]}" if version else ""), highlight=False)


def _as_dict(one: Amendment, live: frozenset[str]) -> dict[str, Any]:
    plain = {name: value for name, value in one.__dict__.items() if name not in ("changes", "state", "place")}
    changes = [change.__dict__ for change in one.changes]
    return {**plain, "state": one.state.value, "changes": changes, "live": _is_live(one, live)}


def _shown(found: View) -> dict[str, Any]:
    differences = [
        {**one.__dict__, "field": one.field.name, "label_zh": one.field.label_zh} for one in found.differences
    ]
    told = _as_dict(found.amendment, frozenset())
    return {**told, "live": found.live, "missing": found.missing, "differences": differences}


def _is_live(one: Amendment, live: frozenset[str]) -> bool:
    return any(one.key(change.field) in live for change in one.changes)


def _short(value: Any) -> str:
    text = "—" if value is None else " ".join(str(value).split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def _day(text: str | None) -> dt.date | None:
    try:
        return None if text is None else dt.date.fromisoformat(text)
    except ValueError:
        raise InvalidValueError.of("--dated", text, "is no day", "YYYY-MM-DD", where="cli") from None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
