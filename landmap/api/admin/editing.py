"""One record edited by hand ("sold this morning"): picked, its fields as they are, sent into the queue of edits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import Request, Response

from landmap import access
from landmap.api.admin import frame
from landmap.api.admin.amendments import HOME, SECTION, now, queue
from landmap.api.admin.forms import Form, Posted
from landmap.api.admin.records import found, named
from landmap.api.admin.told import FormError
from landmap.api.deps import state_of
from landmap.api.held import held_record
from landmap.api.state import State
from landmap.domain import Field, Kind, Layer, layer_named
from landmap.domain.errors import ConflictError
from landmap.domain.layers import layers
from landmap.render import inputs
from landmap.store import open_version

if TYPE_CHECKING:
    from landmap.ingest import Finding

EDIT: Final = f"{HOME}/edit"
#: Longest text of a field, and of a pasted boundary.
TEXT_MAX: Final = 4_000
SHAPE_MAX: Final = 200_000
NOTE_MAX: Final = 600
DOCUMENT_MAX: Final = 200

router = frame.pages()


@dataclass(frozen=True)
class Said:
    """What a form says of a record, and what the edit rests on."""

    values: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    document: str = ""
    dated: str = ""


@router.get(EDIT)
def edit(request: Request) -> Response:
    """Answer the fields of the record that the address names, or the page that looks for one."""
    asked = request.query_params
    if asked.get("id"):
        return _form(request, layer_named(asked.get("layer", "")), asked["id"])
    state, words = state_of(request), frame.words_of(request)
    catalog = state.holder.current()
    offered = [one for one in layers().values() if one.name in catalog.snapshot.layers]
    chosen = next((one for one in offered if one.name == asked.get("layer")), None)
    text = asked.get("q", "")[:100]
    hits = found(catalog, chosen, text, words) if chosen is not None else []
    return frame.page(
        request,
        "edit_pick.html",
        section=SECTION,
        title=words("admin.edit.pick"),
        layers=[(one.name, one.label(words.lang)) for one in offered],
        chosen="" if chosen is None else chosen.name,
        q=text,
        hits=hits,
    )


@router.post(EDIT)
def propose(request: Request, form: Posted) -> Response:
    """Put the changed fields into the queue; when there is something against them, show the form again."""
    state, words = state_of(request), frame.words_of(request)
    layer = layer_named(form.choice("layer", layers()))
    id, by = form.text("id", required=True), frame.signature(form)
    said = _said(form, layer)
    try:
        base = open_version(state.holder.home, form.text("version", limit=64, required=True))
        told = access.propose_edit(
            state.holder.home,
            queue(state),
            layer.name,
            id,
            said.values,
            by=by,
            now=now(),
            base=base,
            note=said.note,
            document=said.document,
            dated=_day(said.dated),
            lang=words.lang,
        )
    except ConflictError:
        return frame.sign(request, _form(request, layer, id, said, 409, words("admin.edit.moved")), by)
    if any(one.severity == "error" for one in told.findings):
        again = _form(request, layer, id, said, 400, words("admin.edit.wrong"), told.findings)
        return frame.sign(request, again, by)
    if told.amendment is None:
        return frame.sign(request, _form(request, layer, id, said, 400, words("admin.edit.unchanged")), by)
    warned = " ".join(one.message for one in told.findings)
    key = "admin.notice.proposed_warned" if warned else "admin.notice.proposed"
    return frame.sign(request, frame.go(request, f"{HOME}/{told.amendment.id}", key, told=warned), by)


def _form(
    request: Request,
    layer: Layer,
    id: str,
    said: Said = Said(),
    status: int = 200,
    notice: str = "",
    findings: tuple[Finding, ...] = (),
) -> Response:
    state, words = state_of(request), frame.words_of(request)
    catalog = state.holder.current()
    held = held_record(catalog, layer, id)
    problems: dict[str, list[str]] = {}
    for one in (each for each in findings if each.severity == "error"):
        problems.setdefault(one.field or "", []).append(" ".join(filter(None, (one.message, one.fix))))
    asked = {one.name: one for one in _asked(layer)}
    filled = {
        name: inputs.field_input(one, said.values.get(name, inputs.stated(_prefilled(one, held[name]))), words)
        for name, one in asked.items()
    }
    first = [name for name in layer.edited_first if name in asked]
    rest = [name for name in asked if name not in first and asked[name].kind is not Kind.GEOMETRY]
    return frame.page(
        request,
        "edit.html",
        section=SECTION,
        title=named(catalog, layer.name, id, words).title,
        status=status,
        notice_here=notice,
        general=[text for name, texts in problems.items() if name not in asked for text in texts],
        problems=problems,
        layer=layer.name,
        layer_label=layer.label(words.lang),
        id=id,
        version=catalog.snapshot_id,
        first=[filled[name] for name in first],
        rest=[filled[name] for name in rest],
        rest_open=any(name in problems for name in rest),
        shape=filled.get("geometry"),
        waiting=_waiting(state, layer, id),
        said=said,
    )


def _asked(layer: Layer) -> list[Field]:
    return [one for one in layer.fields.values() if access.edits.editable(one, layer)]


def _prefilled(one: Field, value: object) -> object:
    """Return what a field is filled with: a boundary is pasted anew, not edited."""
    return None if one.kind is Kind.GEOMETRY else value


def _said(form: Form, layer: Layer) -> Said:
    values: dict[str, str] = {}
    for one in _asked(layer):
        text = inputs.written(one, form.raw)
        if text is None or (one.kind is Kind.GEOMETRY and not text):
            continue
        if len(text) > (SHAPE_MAX if one.kind is Kind.GEOMETRY else TEXT_MAX):
            raise FormError("admin.refused.too_long", field=one.label_zh, limit=TEXT_MAX)
        values[one.name] = text
    note = form.text("note", limit=NOTE_MAX, lines=True)
    return Said(values, note, form.text("document", limit=DOCUMENT_MAX), form.text("dated", limit=10))


def _waiting(state: State, layer: Layer, id: str) -> int:
    """Return how many edits of the record wait for a decision already."""
    return len(queue(state).listed(state=access.Stage.PROPOSED, layer=layer.name, feature_id=id))


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise FormError("admin.refused.no_day", found=text[:20]) from None
