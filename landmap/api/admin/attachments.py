"""Attachments: pictures and documents brought in, described, and taken off again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request, Response

from landmap.access import Attachment, Attachments, Job, names_of
from landmap.api.admin import frame
from landmap.api.admin.forms import Form, Posted, Uploaded
from landmap.api.admin.imports import CLASSES, named
from landmap.api.admin.jobs import owner_of
from landmap.api.admin.paging import paged
from landmap.api.admin.told import FormError
from landmap.api.deps import state_of
from landmap.api.fates import renamed
from landmap.api.state import State, today
from landmap.domain import Words, code_list, layer_named
from landmap.domain.errors import NotFoundError
from landmap.ingest import require_confinement
from landmap.query import Catalog
from landmap.render import album, sheet

#: Layers whose records are shown on pages of their own.
LAYERS: Final = ("parcels", "buildings")
_FIND_MAX: Final = 80
_CAPTION_MAX: Final = 200
_SOURCE_MAX: Final = 120
_RECORD_MAX: Final = 120

router = frame.pages()


@router.get("/admin/attachments")
def listed(request: Request) -> Response:
    """Answer the form for files, and every attachment, the newest first."""
    state, words = state_of(request), frame.words_of(request)
    catalog = state.holder.current()
    wanted = " ".join(request.query_params.get("q", "")[:_FIND_MAX].split()).casefold()
    published = {one["id"]: one for one in _entries(catalog)}
    rows = [_row(state, catalog, one, published, words) for one in reversed(_attachments(state).listed())]
    found = [row for row in rows if wanted in row["text"]]
    return frame.page(
        request,
        "attachments.html",
        section="attachments",
        title=words("admin.section.attachments"),
        pager=paged(request, found),
        count=len(rows),
        q=request.query_params.get("q", "")[:_FIND_MAX],
        layer=request.query_params.get("layer", LAYERS[0]),
        record=request.query_params.get("record", "")[:_RECORD_MAX],
        largest=state.settings.max_upload_bytes // 1_000_000,
        layers=[(name, words(f"layer.{name}")) for name in LAYERS],
        **_choices(words),
    )


@router.post("/admin/attachments")
def bring(request: Request, form: Uploaded) -> Response:
    """Take files in and have them attached."""
    require_confinement()
    state = state_of(request)
    by = frame.signature(form)
    layer = form.choice("layer", LAYERS)
    record = form.text("record", limit=_RECORD_MAX)
    payload = {
        "layer": layer,
        "by": by,
        "lang": frame.words_of(request).lang,
        **_described(form),
        **({"record": _record(state, layer, record)} if record else {}),
    }
    files = {name: one.path for name, one in named(form.uploads("files")).items()}
    return frame.sign(request, _sent(request, state, payload, files=files), by)


@router.get("/admin/attachments/added/{id}")
def added(request: Request, id: str) -> Response:
    """Answer what became of every file of an upload; those that could not be told apart ask for their record."""
    state, words = state_of(request), frame.words_of(request)
    job, told = _told(state, id)
    layer = str(job.payload["layer"])
    return frame.page(
        request,
        "attached.html",
        section="attachments",
        title=words("admin.attach.done_title"),
        job=job,
        layer=layer,
        attached=[{**one, "title": _title(state, layer, one["feature_id"])} for one in told["attached"]],
        refused=told["refused"],
        asked=[
            *((name, [(one, _title(state, layer, one)) for one in ids]) for name, ids in told["ambiguous"].items()),
            *((name, []) for name in told["unmatched"]),
        ],
    )


@router.post("/admin/attachments/added/{id}")
def assign(request: Request, id: str, form: Posted) -> Response:
    """Attach files of an upload to the records that were named for them."""
    state = state_of(request)
    job, told = _told(state, id)
    layer = str(job.payload["layer"])
    left = [*told["ambiguous"], *told["unmatched"]]
    said = {name: form.text(f"to.{place}", limit=_RECORD_MAX) for place, name in enumerate(left)}
    chosen = {name: _record(state, layer, record) for name, record in said.items() if record}
    if not chosen:
        raise FormError("admin.refused.missing", field="record")
    payload = {name: value for name, value in job.payload.items() if name not in ("record", "assign")}
    return _sent(request, state, {**payload, "assign": chosen}, after=job.id)


@router.get("/admin/attachments/{id}")
def one(request: Request, id: str) -> Response:
    """Answer one attachment with the form that describes it."""
    state, words = state_of(request), frame.words_of(request)
    catalog = state.holder.current()
    found = _attachments(state).get(id)
    row = _row(state, catalog, found, {one["id"]: one for one in _entries(catalog)}, words)
    return frame.page(
        request, "attachment.html", section="attachments", title=row["caption"], one=row, held=found, **_choices(words)
    )


@router.post("/admin/attachments/{id}")
def describe(request: Request, id: str, form: Posted) -> Response:
    """Change what is said of an attachment; it is shown so from the next version on, within a minute."""
    state = state_of(request)
    said = _described(form)
    dated = said.pop("dated", None)
    day = None if dated is None else dt.date.fromisoformat(dated)
    _attachments(state).describe(id, now=dt.datetime.now(dt.UTC), dated=day, **said)
    return frame.go(request, f"/admin/attachments/{id}", "admin.notice.described")


@router.post("/admin/attachments/{id}/remove")
def remove(request: Request, id: str, form: Posted) -> Response:
    """Take an attachment off its record; what was published or shared before keeps it."""
    _attachments(state_of(request)).remove(id, now=dt.datetime.now(dt.UTC))
    return frame.go(request, "/admin/attachments", "admin.notice.removed")


@router.get("/admin/attachments/{id}/files/{size}")
def file(request: Request, id: str, size: str) -> Response:
    """Answer a kept file, whether a version shows it already or not."""
    held = _attachments(state_of(request))
    found = held.get(id)
    headers = dict(frame.PRIVATE)
    if not found.exhibit.picture:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    return Response(held.read(found, size), media_type=found.media_type, headers=headers)


def _attachments(state: State) -> Attachments:
    return Attachments(state.holder.home, state.database)


def _entries(catalog: Catalog) -> list[dict[str, Any]]:
    return catalog.snapshot.attachments()


def _choices(words: Words) -> dict[str, Any]:
    """Return what kind and class can be chosen from."""
    return {
        "kinds": [(code, known.label(words.lang)) for code, known in code_list("attachment_kind").items()],
        "classes": [(one, words(f"admin.class.{one}")) for one in CLASSES],
    }


def _described(form: Form) -> dict[str, Any]:
    """Return what a form says of an attachment; the kind is left out when it is to be told by the file."""
    kind = form.choice("kind", tuple(code_list("attachment_kind")), default="")
    dated = form.text("dated", limit=10)
    try:
        day = dt.date.fromisoformat(dated).isoformat() if dated else None
    except ValueError:
        raise FormError("admin.refused.day", field="dated", found=dated) from None
    return {
        **({"kind": kind} if kind else {}),
        "visibility": form.choice("visibility", CLASSES, default="internal"),
        "caption_zh": form.text("caption_zh", limit=_CAPTION_MAX),
        "caption_en": form.text("caption_en", limit=_CAPTION_MAX),
        "source": form.text("source", limit=_SOURCE_MAX),
        **({"dated": day} if day else {}),
    }


def _record(state: State, layer: str, said: str) -> str:
    """Return the id of the record that a number, name or id means; FormError for none, or for several."""
    names = names_of(state.holder.current().tables[layer], layer_named(layer))
    if said in names:
        return said
    means = [id for id, known in names.items() if said in known]
    if len(means) != 1:
        raise FormError("admin.refused.several" if means else "admin.refused.no_record", found=said)
    return means[0]


def _sent(request: Request, state: State, payload: Mapping[str, Any], **given: Any) -> Response:
    job = state.jobs.add(
        "attach",
        payload,
        owner=owner_of(state),
        level=state.audience.level,
        now=dt.datetime.now(dt.UTC),
        **given,
    )
    return frame.go(request, f"/admin/jobs/{job.id}")


def _told(state: State, id: str) -> tuple[Job, Mapping[str, Any]]:
    """Return an upload that is done, with what became of its files."""
    job = state.jobs.get(id, owner_of(state))
    if job.kind != "attach" or job.state != "done" or job.result is None:
        raise NotFoundError(f"no upload has the id {id[:40]!r}")
    return job, job.result


def _title(state: State, layer: str, id: str) -> str:
    """Return what a record is called by now; its id where it is not there any more."""
    return _named(state, state.holder.current(), layer, id)[1]


def _named(state: State, catalog: Catalog, layer: str, id: str) -> tuple[str, str, str]:
    """Return the id, title and number of a record by now; without a number when it is not there any more."""
    (now,) = renamed(catalog, layer, (id,), state.audience)
    known = layer_named(layer)
    try:
        record = catalog.engine.record(layer, now, state.audience, today=today(catalog))
    except NotFoundError:
        return now, now, ""
    name = record.properties.get(known.title) if known.title else None
    number = sheet.number_of(record, known)
    return now, str(name or number), number


def _row(
    state: State, catalog: Catalog, one: Attachment, published: Mapping[str, Mapping[str, Any]], words: Words
) -> dict[str, Any]:
    """Return an attachment as a list shows it; `text` is what it is found by."""
    record, title, number = _named(state, catalog, one.layer, one.feature_id)
    (shown,) = album.album([one.exhibit], title, words)
    smallest = min(one.files, key=lambda size: int(size) if size.isdigit() else 0)
    size = "1280" if "1280" in one.files else smallest
    return {
        "id": one.id,
        "layer": one.layer,
        "record": record,
        "title": title,
        "number": number,
        "there": bool(number),
        "label": shown.label,
        "caption": shown.caption or one.name,
        "note": shown.note,
        "alt": shown.alt,
        "picture": one.exhibit.picture,
        "size": smallest,
        "large": size,
        "visibility": one.visibility.value,
        "by": one.by,
        "waits": published.get(one.id) != {**one.as_dict(), "feature_id": record},
        "text": " ".join((number, title, record, one.caption_zh, one.caption_en, one.source, one.name)).casefold(),
    }
