"""The report of an import: every fault at once, cures to accept, columns to put right, and the check made anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from fastapi import Request, Response
from markupsafe import Markup

from landmap import render
from landmap.access import Job
from landmap.api.admin import frame
from landmap.api.admin.forms import Form, Posted
from landmap.api.admin.imports import asked, choices, settings_of
from landmap.api.admin.jobs import owner_of, row
from landmap.api.admin.told import FormError
from landmap.api.deps import state_of
from landmap.api.state import State
from landmap.domain import Kind, Layer, Words, layer_named
from landmap.domain.errors import ConfigError, NotFoundError
from landmap.ingest import Profile, Rule, written_units
from landmap.store import app_version, staged

#: What a column may be: as proposed, not to be stored, or one of the fields.
AS_PROPOSED: Final = ""
LEFT_OUT: Final = "-"
#: Planning conditions that one column tells both sides of.
_CONCEPTS: Final = ("floor_area_ratio", "building_coverage_ratio", "green_space_ratio", "height")
_KEY_MAX: Final = 80

router = frame.pages()


@router.get("/admin/import/{id}")
def report_page(request: Request, id: str) -> Response:
    """Answer the report of an import, or the way to its progress while it goes on."""
    state, words = state_of(request), frame.words_of(request)
    job = state.jobs.get(id, owner_of(state))
    if job.kind != "import":
        raise NotFoundError(f"no import has the id {id[:40]!r}")
    if job.state != "done":
        return frame.go(request, f"/admin/jobs/{job.id}")
    layer = layer_named(str(job.payload["layer"]))
    told = read_file(state, job, f"report.{words.lang}.json", "report.json")
    result: Mapping[str, Any] = job.result or {}
    return frame.page(
        request,
        "report.html",
        section="import",
        title=words("admin.report.title", layer=layer.label(words.lang)),
        job=row(state, job, words),
        payload=job.payload,
        accepted=len(job.payload.get("accept", ())),
        kept=sorted(result.get("files", {})),
        found=bool(told["findings"]),
        svg=drawing(state, job, f"report.{words.lang}.svg"),
        unfit=result.get("unfit"),
        remembered=result.get("remembered"),
        placeable=result.get("placeable") or [],
        waits=_waits(state, result),
        changes=result.get("changes"),
        fields=fields_of(layer, words),
        units=list(written_units().items()),
        **choices(state, words),
        **render.report.overview(told, words, layer.name),
    )


@router.post("/admin/import/{id}/again")
def check_again(request: Request, id: str, form: Posted) -> Response:
    """Have the same files checked anew, with what was accepted and put right."""
    state = state_of(request)
    job = state.jobs.get(id, owner_of(state))
    if job.kind != "import" or not state.jobs.input_of(job.id).is_dir():
        raise NotFoundError(f"the files of import {id[:40]!r} are not kept any more", hint="upload them again")
    said = settings_of(form, state)
    kept = job.payload.get("accept", ()) if form.ticked("keep_accepted") else ()
    accept = [*dict.fromkeys([*kept, *form.all("accept", limit=_KEY_MAX)])]
    columns = {**job.payload.get("columns", {}), **_columns(form, read_file(state, job, "report.json"))}
    _check_columns(said, columns)
    wanted = {name: job.payload[name] for name in ("by", "reports", "strict") if name in job.payload}
    wanted |= said | {"lang": frame.words_of(request).lang}
    wanted |= ({"accept": accept} if accept else {}) | ({"columns": columns} if columns else {})
    made = asked(state, "import", wanted, after=job.id)
    return frame.go(request, f"/admin/jobs/{made.id}")


def read_file(state: State, job: Job, *names: str) -> dict[str, Any]:
    """Return the first of several JSON files that a job left.

    Raises
    ------
    NotFoundError
        When it left none of them, or another version of the product did, whose form of it may be another.
    """
    if (job.result or {}).get("app") != app_version():
        raise NotFoundError(f"what job {job.id} found was written by another version", hint="do the work again")
    for name in names:
        if name in (job.result or {}).get("files", {}):
            try:
                found: dict[str, Any] = orjson.loads(state.jobs.file(job.id, owner_of(state), name).read_bytes())
            except FileNotFoundError:
                continue
            return found
    raise NotFoundError(f"what job {job.id} found is not kept any more", hint="do the work again")


def drawing(state: State, job: Job, name: str) -> Markup | None:
    """Return a drawing of ours that a job left, to stand in a page; None where there is none."""
    if name not in (job.result or {}).get("files", {}):
        return None
    try:
        return Markup(state.jobs.file(job.id, owner_of(state), name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def fields_of(layer: Layer, words: Words) -> list[tuple[str, str]]:
    """Return what a column of a file for `layer` may be, by label."""
    planning = [(name, words(f"report.figures.{name}")) for name in _CONCEPTS] if layer.name == "parcels" else []
    own = [
        (field.name, f"{field.label(words.lang)}（{field.unit}）" if field.unit else field.label(words.lang))
        for field in layer.fields.values()
        if field.kind is not Kind.GEOMETRY and not field.derived
    ]
    return [*own, *planning]


def _waits(state: State, result: Mapping[str, Any]) -> bool:
    """Return whether what this import staged still waits to be published."""
    name = result.get("staged")
    held = staged(state.holder.home).get(str(name)) if name else None
    return held is not None and held.sha256 == result.get("sha256")


def _columns(form: Form, told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what the steward says of columns, by header, as a profile has it."""
    found: dict[str, dict[str, Any]] = {}
    for name, header in _column_names(told):
        field = form.text(f"field.{name}")
        if field == AS_PROPOSED:
            continue
        unit = form.choice(f"unit.{name}", tuple(written_units()), default="")
        found[header] = (
            {"field": None}
            if field == LEFT_OUT
            else {"field": field, "unit": unit, "open": form.ticked(f"open.{name}")}
        )
    return found


def _column_names(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield by what number a form calls each column, and its header."""
    for place, one in enumerate(told["inputs"]):
        for number, column in enumerate(one["columns"]):
            yield f"{place}.{number}", str(column["header"])


def _check_columns(said: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise FormError for columns, or a name to remember them by, that no profile can hold."""
    rules = {name: Rule(one.get("field"), one.get("unit", ""), one.get("open", False)) for name, one in columns.items()}
    try:
        Profile.from_json(Profile(said.get("remember") or "upload", said["layer"], rules).to_json())
    except ConfigError as error:
        raise FormError("admin.refused.columns", reason=str(error)) from None
