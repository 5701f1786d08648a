"""What would change: as a table and on a small map, with what is asked of the steward, and the way to a new version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import Request, Response

from landmap.access import Job
from landmap.api.admin import frame
from landmap.api.admin.forms import Form, Posted
from landmap.api.admin.imports import asked
from landmap.api.admin.jobs import owner_of, row
from landmap.api.admin.paging import paged
from landmap.api.admin.reports import drawing, read_file
from landmap.api.admin.told import FormError
from landmap.api.deps import state_of
from landmap.api.state import State
from landmap.domain import Field, Kind, Layer, Words, layer_named
from landmap.domain.errors import NotFoundError
from landmap.render import value_text
from landmap.store import MODES, staged

KINDS: Final = ("added", "changed", "removed", "renumbered")
NOTE_MAX: Final = 300
REASON_MAX: Final = 120
#: So many withdrawn records can be given a reason of their own on one page; the others share one.
REASONS_MAX: Final = 100
_VALUE_MAX: Final = 120

#: Layer, kind of change, and what is told of it.
Entry = tuple[str, str, Mapping[str, Any]]

router = frame.pages()


@router.get("/admin/changes/{id}")
def changes_page(request: Request, id: str) -> Response:
    """Answer what a staged layer would change, or what changed between two versions."""
    state, words = state_of(request), frame.words_of(request)
    job = _job(state, id)
    if job.state != "done":
        return frame.go(request, f"/admin/jobs/{job.id}")
    told = read_file(state, job, "changes.json")
    published = told["after"] is not None
    layers = told["layers"]
    first = layers[0] if layers else {"layer": "", "mode": None, "proposed": [], "removed": []}
    counts = {kind: sum(one["counts"][kind] for one in layers) for kind in KINDS}
    kind = request.query_params.get("kind", "")
    kind = kind if counts.get(kind) else ""
    entries = [entry for one in layers for entry in entries_of(one) if kind in ("", entry[1])]
    pager = paged(request, entries, size=25)
    held = staged(state.holder.home).get(first["layer"])
    waits = not published and held is not None and held.sha256 == told["sha256"]
    current = state.holder.home.current_id() or None
    return frame.page(
        request,
        "changes.html",
        section="versions" if published else "import",
        title=words("admin.changes.between" if published else "admin.changes.title"),
        job=row(state, job, words),
        published=published,
        before=told["before"],
        after=told["after"],
        layer=first["layer"],
        label=words.get(f"layer.{first['layer']}"),
        mode=first["mode"],
        mode_label=words(f"admin.mode.{first['mode']}") if first["mode"] else "",
        modes=[(mode, words(f"admin.mode.{mode}"), words(f"admin.mode.{mode}_note")) for mode in MODES],
        counts=counts,
        kinds={kind: words(f"admin.changes.{kind}") for kind in KINDS},
        kind=kind,
        fields=summary_of(layers, words),
        pager=pager,
        lines=[line_of(name, how, one, words) for name, how, one in pager.entries],
        unlisted=sum(counts[one] for one in ([kind] if kind else KINDS)) - len(entries),
        several=len(layers) > 1,
        svg=drawing(state, job, f"changes.{words.lang}.svg"),
        proposed=first["proposed"],
        removed=[one for one in first["removed"] if not one["reason"]][:REASONS_MAX],
        silent=sum(not one["reason"] for one in first["removed"]),
        effects=[_effect(one, words) for one in told["effects"]],
        waits=waits,
        stale=waits and current != told["before"],
        source=_import_of(job),
    )


@router.post("/admin/changes/{id}/again")
def compare_again(request: Request, id: str, form: Posted) -> Response:
    """Have it compared anew with the version of today; in another mode, the files are checked anew for that."""
    state = state_of(request)
    job = _job(state, id)
    told = read_file(state, job, "changes.json")
    layer, source = _layer(told), _import_of(job)
    mode = form.choice("mode", tuple(MODES), default=str(layer["mode"]))
    if mode == layer["mode"]:
        payload = {"layer": layer["layer"], "sha256": told["sha256"], "import": source}
        return frame.go(request, f"/admin/jobs/{asked(state, 'compare', payload).id}")
    if not source:
        raise FormError("admin.refused.mode")
    before = state.jobs.get(source, owner_of(state))
    made = asked(state, "import", {**before.payload, "mode": mode}, after=source)
    return frame.go(request, f"/admin/jobs/{made.id}")


@router.post("/admin/changes/{id}/publish")
def publish(request: Request, id: str, form: Posted) -> Response:
    """Have what was looked at published as a new version."""
    state = state_of(request)
    job = _job(state, id)
    told = read_file(state, job, "changes.json")
    layer = _layer(told)
    by = frame.signature(form)
    payload = {
        "layer": layer["layer"],
        "sha256": told["sha256"],
        "before": told["before"],
        "by": by,
        "note": form.text("note", limit=NOTE_MAX, required=True),
        **_decided(form, layer),
    }
    made = asked(state, "publish", payload)
    return frame.sign(request, frame.go(request, f"/admin/jobs/{made.id}"), by)


def entries_of(diff: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield what changes in one layer, record by record: the layer, the kind of change, and what is told of it."""
    name = diff["layer"]
    yield from ((name, "added", {"id": id}) for id in diff["added"])
    yield from ((name, "renumbered", {"id": one["old"], "new": one["new"]}) for one in diff["renumbered"])
    yield from ((name, "changed", one) for one in diff["changed"])
    yield from ((name, "removed", one) for one in diff["removed"])


def line_of(name: str, kind: str, told: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return an entry as a line of the table."""
    layer = layer_named(name)
    line: dict[str, Any] = {**told, "label": layer.label(words.lang), "kind": kind}
    if kind == "changed":
        line["fields"] = [
            _field(layer, field, sides, told["moved_m2"], words) for field, sides in told["fields"].items()
        ]
    return line


def summary_of(layers: Sequence[Mapping[str, Any]], words: Words) -> list[dict[str, Any]]:
    """Return which fields change in how many records, the most frequent first, and how often a value is lost."""
    found = [
        {"label": layer_named(one["layer"]).fields[name].label(words.lang), "count": count, "lost": lost}
        for one in layers
        for name, (count, lost) in one["fields"].items()
    ]
    return sorted(found, key=lambda one: (-one["count"], one["label"]))


def _field(layer: Layer, name: str, sides: Mapping[str, Any], moved_m2: float | None, words: Words) -> dict[str, str]:
    field = layer.fields[name]
    if field.kind is Kind.GEOMETRY:
        moved = "" if moved_m2 is None else words("admin.changes.moved", area=f"{moved_m2:,.0f}")
        return {"label": field.label(words.lang), "moved": moved or words("admin.changes.shape")}
    before, after = (_text(field, sides[side], words) for side in ("before", "after"))
    return {"label": field.label(words.lang), "before": before, "after": after}


def _text(field: Field, value: Any, words: Words) -> str:
    """Return a value as a line of a table says it; what is long is shortened."""
    read = orjson.loads(value) if field.kind is Kind.JSON and isinstance(value, str) else value
    text = value_text(field, read, words) or words("admin.value.unknown")
    return text if len(text) <= _VALUE_MAX else f"{text[: _VALUE_MAX - 1]}…"


def _effect(effect: Mapping[str, Any], words: Words) -> dict[str, str]:
    layer = layer_named(effect["layer"])
    field = layer.fields[effect["field"]]
    held, value = (_text(field, effect[side], words) for side in ("held", "value"))
    return {
        "kind": effect["kind"],
        "id": effect["feature_id"],
        "text": words(f"admin.effect.{effect['kind']}", field=field.label(words.lang), held=held, value=value),
    }


def _decided(form: Form, layer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the steward decided about ids that go, as a publish takes it."""
    offered = {str(number): one for number, one in enumerate(layer["proposed"])}
    chosen = form.all("renumber", limit=8)
    strange = next((number for number in chosen if number not in offered), None)
    if strange is not None:
        raise FormError("admin.refused.choice", field="renumber", found=strange)
    same = [offered[number] for number in chosen]
    renumber = {one["old"]: one["new"] for one in same}
    shared = form.text("reason", limit=REASON_MAX)
    withdraw: dict[str, str] = {}
    silent = [one["id"] for one in layer["removed"] if not one["reason"]]
    for number, gone in enumerate(silent):
        own = form.text(f"reason.{number}", limit=REASON_MAX) if number < REASONS_MAX else ""
        if gone not in renumber and (own or shared):
            withdraw[gone] = own or shared
    told = {"renumber": renumber, "withdraw": withdraw}
    return {name: value for name, value in told.items() if value}


def _layer(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one layer that waits; NotFoundError where two versions were compared."""
    if told["after"] is not None or not told["layers"]:
        raise NotFoundError("nothing waits here to be published")
    layer: Mapping[str, Any] = told["layers"][0]
    return layer


def _job(state: State, id: str) -> Job:
    job = state.jobs.get(id, owner_of(state))
    if job.kind not in ("import", "compare"):
        raise NotFoundError(f"no changes have the id {id[:40]!r}")
    return job


def _import_of(job: Job) -> str:
    """Return the import that the changes come from; empty where they come from none."""
    return job.id if job.kind == "import" else str(job.payload.get("import") or "")
