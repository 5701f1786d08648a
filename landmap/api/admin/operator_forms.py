"""Forms for those who keep buildings: handed out as a sheet or filled in on a page, taken back into the queue."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request, Response

from landmap import access, ingest
from landmap.api.admin import frame
from landmap.api.admin.amendments import HOME, SECTION, now, queue
from landmap.api.admin.forms import Form, Posted, Uploaded
from landmap.api.admin.records import found, named
from landmap.api.admin.told import FormError
from landmap.api.deps import state_of
from landmap.api.state import State
from landmap.domain import Layer, Words, layer_named, layers
from landmap.query import Catalog
from landmap.render import form_bytes, inputs
from landmap.store import Snapshot, open_version

FORMS: Final = f"{HOME}/forms"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: A form is small: more is no form of ours.
FILE_MAX: Final = 8_000_000
#: Records of one form on a page; longer ones are handed out as a sheet.
ROWS_MAX: Final = 150
TEXT_MAX: Final = 2_000

router = frame.pages()


@router.get(FORMS)
def forms(request: Request) -> Response:
    """Answer the page where forms are handed out and taken back."""
    state, words = state_of(request), frame.words_of(request)
    catalog = state.holder.current()
    offered = _offered(catalog)
    asked = request.query_params.get("layer", "")
    chosen = next((one for one in offered if one.name == asked), offered[0] if offered else None)
    text = request.query_params.get("q", "")[:100]
    return frame.page(
        request,
        "operator_forms.html",
        section=SECTION,
        title=words("admin.forms.title"),
        layers=[(one.name, one.label(words.lang)) for one in offered],
        chosen="" if chosen is None else chosen.name,
        by_parent=chosen is not None and chosen.parent is not None,
        q=text,
        hits=[] if chosen is None else found(catalog, _searched(chosen), text, words),
    )


@router.get(FORMS + "/file")
def download(request: Request) -> Response:
    """Answer a form as a sheet, filled with what is published."""
    state, words = state_of(request), frame.words_of(request)
    made = _made(state, request)
    about = request.query_params.get("of") or made.layer.label(words.lang)
    fields = made.layer.fields
    body = form_bytes(
        made.sheet,
        [fields[name] for name in made.fixed],
        [fields[name] for name in made.answered],
        made.rows,
        made.shapes,
        words.lang,
    )
    name = quote(f"{about} {state.holder.current().district.today()}.xlsx", safe="")
    return Response(body, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


@router.get(FORMS + "/fill")
def fill(request: Request) -> Response:
    """Answer a form to be filled in on the page."""
    state, words = state_of(request), frame.words_of(request)
    made = _made(state, request)
    if len(made.rows) > ROWS_MAX:
        raise FormError("admin.forms.too_long", count=len(made.rows), most=ROWS_MAX)
    fields = made.layer.fields
    shown = [name for name in made.fixed if name not in (made.layer.id_field, made.layer.parent_field)] or made.fixed
    return frame.page(
        request,
        "operator_form.html",
        section=SECTION,
        title=_title(request, made.layer, words),
        layer=made.layer.name,
        of=request.query_params.get("of", ""),
        version=state.holder.current().snapshot_id,
        fixed=[fields[name].label(words.lang) for name in shown],
        answered=[inputs.field_input(fields[name], "", words) for name in made.answered],
        rows=[
            {
                "id": _key(made.layer, row),
                "fixed": [inputs.told(fields[name], row[name], words) for name in shown],
                "inputs": [
                    inputs.field_input(fields[name], inputs.stated(row[name]), words, f"{place}.{name}")
                    for name in made.answered
                ],
            }
            for place, row in enumerate(made.rows)
        ],
    )


@router.post(FORMS + "/fill")
def filled(request: Request, form: Posted) -> Response:
    """Take a form that was filled in on the page."""
    state, words = state_of(request), frame.words_of(request)
    layer, by = layer_named(form.choice("layer", layers.layers())), frame.signature(form)
    version = form.text("version", limit=64, required=True)
    answers = _answers(form, layer, open_version(state.holder.home, version))
    told = access.take_form(
        state.holder.home, queue(state), layer.name, answers, version=version, by=by, now=now(), lang=words.lang
    )
    return frame.sign(request, _told(request, layer, told), by)


@router.post(FORMS)
def returned(request: Request, form: Uploaded) -> Response:
    """Take a sheet that came back."""
    ingest.require_confinement()
    state, words = state_of(request), frame.words_of(request)
    layer, by = layer_named(form.choice("layer", layers.layers())), frame.signature(form)
    files = form.uploads("file")
    if len(files) != 1 or not files[0].size:
        raise FormError("admin.forms.one_file")
    if files[0].size > FILE_MAX:
        raise FormError("admin.forms.too_large", most=FILE_MAX // 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "form.xlsx"
        shutil.copyfile(files[0].path, path)
        told = access.read_form(state.holder.home, queue(state), path, layer.name, by=by, now=now(), lang=words.lang)
    return frame.sign(request, _told(request, layer, told), by)


def _told(request: Request, layer: Layer, told: access.FormAnswer) -> Response:
    """Return the page that says what a form came to."""
    words, catalog = frame.words_of(request), state_of(request).holder.current()

    def title(id: str) -> str:
        return named(catalog, layer.name, id, words).title

    refused = [] if told.report is None else [(one.file, one.refused) for one in told.report.refused]
    return frame.page(
        request,
        "operator_answer.html",
        section=SECTION,
        title=words("admin.forms.answer"),
        status=200 if told.ok else 400,
        told=told,
        proposed=[(one.id, title(one.feature_id), len(one.changes)) for one in told.proposed],
        findings=[(title(id), one.severity, one.message, one.fix) for id, one in told.findings],
        conflicts=[title(id) for id in told.conflicts],
        refused=refused,
    )


def _answers(form: Form, layer: Layer, base: Snapshot) -> dict[str, dict[str, str]]:
    """Return by record the fields that a form on the page changes."""
    held = base.layer(layer.name)
    there = set(access.edits.keys(held, layer))
    answers: dict[str, dict[str, str]] = {}
    for place in range(ROWS_MAX):
        id = form.text(f"id.{place}")
        if not id:
            break
        before = access.edits.record(held, layer, id) if id in there else {}
        answers[id] = {}
        for name in layer.confirmable:
            text = inputs.written(layer.fields[name], form.raw, f"{place}.{name}")
            if text is not None and len(text) > TEXT_MAX:
                raise FormError("admin.refused.too_long", field=layer.fields[name].label_zh, limit=TEXT_MAX)
            if text is not None and text != inputs.stated(before.get(name)):
                answers[id][name] = text
    return answers


def _made(state: State, request: Request) -> access.Form:
    """Return the form that the address asks for: of one record, of what lies in one, or of a layer."""
    asked = request.query_params
    layer = layer_named(asked.get("layer", ""))
    of = asked.get("of") or None
    nested = layer.parent is not None
    return access.make_form(
        state.holder.home,
        layer.name,
        parent=of if nested else None,
        ids=() if nested or of is None else (of,),
    )


def _offered(catalog: Catalog) -> list[Layer]:
    return [one for one in layers.layers().values() if one.confirmable and one.name in catalog.snapshot.layers]


def _searched(layer: Layer) -> Layer:
    """Return the layer whose records a form is made for: buildings for their units."""
    return layer if layer.parent is None else layer_named(layer.parent)


def _title(request: Request, layer: Layer, words: Words) -> str:
    of = request.query_params.get("of", "")
    return named(state_of(request).holder.current(), _searched(layer).name, of, words).title or layer.label(words.lang)


def _key(layer: Layer, row: Mapping[str, Any]) -> str:
    return "/".join(str(row[name]) for name in layer.key)
