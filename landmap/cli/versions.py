"""Commands around versions: diff, publish, history, rollback."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
from rich.table import Table

from landmap import pipeline
from landmap.cli import deciding, options
from landmap.cli.console import commanded, err, out, print_json, progress
from landmap.domain import layers
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.store import (
    Decisions,
    Home,
    LayerDiff,
    LayerPlan,
    diff_features,
    diff_staged,
    open_version,
    staged,
)
from landmap.store import diff as diff_versions
from landmap.store import (
    history as versions_of,
)
from landmap.store import (
    rollback as roll_back,
)

#: How many records of a diff are printed.
SHOWN: Final = 200


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    for name, command in (("diff", diff), ("publish", publish), ("history", history), ("rollback", rollback)):
        app.command(name)(commanded(command))


def diff(
    home: options.Home,
    what: Annotated[
        list[str] | None, typer.Argument(help="A staged layer, or two versions; without it, every staged layer.")
    ] = None,
    mode: Annotated[str | None, typer.Option("--mode", help="As if the layer were staged so.")] = None,
    renumber: deciding.Renumber = None,
    withdraw: deciding.Withdraw = None,
    accept_renumbered: deciding.AcceptRenumbered = False,
    geojson: Annotated[Path | None, typer.Option("--geojson", help="Write the records as a map layer, too.")] = None,
    json_: options.Json = False,
) -> None:
    """Tell what a publish would change, or what changed between two versions; nothing is written to the home.

    Example: landmap diff parcels --home var/district
    """
    words = what or []
    decided = deciding.decisions(renumber, withdraw, accept_renumbered)
    found = _versions(Home(home), words) if len(words) == 2 else _staged(Home(home), words, mode, decided)
    if geojson is not None:
        features = [feature for one in found.values() for feature in diff_features(one)["features"]]
        geojson.write_bytes(orjson.dumps({"type": "FeatureCollection", "features": features}))
    edits = () if len(words) == 2 else _edits(Home(home), found, decided)
    if json_:
        print_json({"layers": [one.as_dict() for one in found.values()], "edits": [one.as_dict() for one in edits]})
        return
    if not any(found.values()):
        out.print("nothing changes")
    for one in found.values():
        for line in _told(one):
            out.print(line, markup=False, highlight=False)
    for edit in edits:
        out.print(_edited(edit), markup=False, highlight=False)


def publish(
    home: options.Home,
    note: options.Note = "",
    by: options.By = "",
    layer: Annotated[list[str] | None, typer.Option("--layer", help="Only this staged layer; repeat for more.")] = None,
    renumber: deciding.Renumber = None,
    withdraw: deciding.Withdraw = None,
    accept_renumbered: deciding.AcceptRenumbered = False,
    json_: options.Json = False,
) -> None:
    """Publish every staged layer as one new version.

    Records that a replaced layer no longer holds are withdrawn; a reason is asked for, and may be given later.

    Example: landmap publish --home var/district --note "十一月更新" --withdraw 370213-GY-2024-003=已收储
    """
    decided = deciding.decisions(renumber, withdraw, accept_renumbered)
    only = None if layer is None else [options.layer_option(name) for name in layer]
    plans: list[LayerPlan] = []
    with progress("publishing", quiet=json_):
        snapshot = pipeline.publish_staged(
            Home(home), by=by, note=note, only=only, decisions=decided, watch=plans.append
        )
    if json_:
        print_json({"version": snapshot.id, "layers": [_planned(plan) for plan in plans]})
        return
    out.print(f"version {snapshot.id[:12]}", highlight=False)
    for plan in plans:
        for line in warnings_of(plan):
            err.print(line, markup=False, highlight=False)


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


def warnings_of(plan: LayerPlan) -> Iterator[str]:
    """Yield what the steward is asked after a layer was published: reasons, and numbers that look new."""
    name = plan.layer.name
    silent = plan.unexplained()
    if silent:
        yield (
            f"{name}: {len(silent)} records went without a reason ({_some(silent)}), told as “not in the delivery”; "
            "--withdraw ID=REASON gives one"
        )
    for one in plan.proposed[:SHOWN]:
        seen = f"{one.new} lies where {one.old} lay ({one.share:.0%} the same land)"
        yield f"{name}: {seen}; --renumber {one.old}={one.new} where it is the same parcel"


def _planned(plan: LayerPlan) -> dict[str, Any]:
    return {
        "layer": plan.layer.name,
        "renumbered": [{"old": old, "new": new} for old, new in plan.renumbered.items()],
        "proposed": [asdict(one) for one in plan.proposed],
        "withdrawn": [{"id": id, "reason": reason} for id, reason in plan.withdrawn.items()],
    }


def _versions(home: Home, words: list[str]) -> Mapping[str, LayerDiff]:
    before, after = (open_version(home, word) for word in words)
    return diff_versions(before, after).layers


def _staged(home: Home, words: list[str], mode: str | None, decided: Decisions) -> Mapping[str, LayerDiff]:
    if len(words) > 2 or (words and words[0] not in layers.layers()):
        raise InvalidValueError.of("WHAT", " ".join(words), "is neither a layer nor two versions", None, where="cli")
    names = words or list(staged(home))
    if not names:
        raise NotFoundError("nothing is staged", hint="`landmap import FILE --layer NAME` stages a layer")
    asked = None if mode is None else deciding.mode_option(mode)
    return {name: diff_staged(home, name, asked, decided) for name in names}


def _edits(home: Home, found: Mapping[str, LayerDiff], decided: Decisions) -> tuple[pipeline.Effect, ...]:
    """Return the edits in force that the staged layers do not simply go along with."""
    waiting = staged(home)
    chosen = {
        name: waiting[name].delivery() if one.mode is None else replace(waiting[name].delivery(), mode=one.mode)
        for name, one in found.items()
    }
    return pipeline.effects_of(home, chosen, decided)


def _edited(edit: pipeline.Effect) -> str:
    """Return what an edit does to a delivery, as a line for people."""
    what = f"{edit.layer} {edit.feature_id} {edit.field}"
    if edit.kind == "missing":
        return f"  ! {what}: edit {edit.amendment} waits, the record is not there"
    if edit.kind == "contradicted":
        said = f"the file says {_value(edit.held)}, the edit {_value(edit.value)}"
        return f"  ! {what}: {said} and stands; `landmap amend release {edit.amendment}` takes it back"
    return f"  · {what}: edit {edit.amendment} stands, {_value(edit.value)}; the file still says {_value(edit.held)}"


def _told(found: LayerDiff) -> Iterator[str]:
    """Yield a diff as lines for people: the counts, then record by record."""
    counts = (
        (len(found.added), "added"),
        (len(found.changed), "changed"),
        (len(found.removed), "removed"),
        (len(found.renumbered), "renumbered"),
    )
    how = f" ({found.mode})" if found.mode else ""
    yield f"{found.layer}{how}: {', '.join(f'{count} {what}' for count, what in counts)}"
    lines = [*_records(found)]
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"  {len(lines) - SHOWN} more; --json tells them all"


def _records(found: LayerDiff) -> Iterator[str]:
    silent = set(found.unexplained())
    yield from (f"  + {id}" for id in found.added)
    for id in found.removed:
        yield f"  - {id}  {'no reason given; --withdraw ID=REASON' if id in silent else found.withdrawn.get(id) or ''}"
    yield from (f"  = {old} is now {new}" for old, new in found.renumbered.items())
    for one in found.proposed:
        yield f"  ? {one.new} lies where {one.old} lies ({one.share:.0%}); --renumber {one.old}={one.new}"
    for id, fields in found.changed.items():
        yield f"  ~ {id}  {'; '.join(_field(found, id, name, *values) for name, values in fields.items())}"


def _field(found: LayerDiff, id: str, name: str, before: Any, after: Any) -> str:
    if name == "geometry":
        moved = found.moved_m2.get(id)
        return "shape moved" if moved is None else f"shape: {moved:.0f} m² moved"
    return f"{name} {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    text = "—" if value is None else " ".join(str(value).split())
    return text if len(text) <= 40 else f"{text[:39]}…"


def _some(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:5]) + (" …" if len(ids) > 5 else "")
