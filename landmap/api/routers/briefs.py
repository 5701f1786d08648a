"""The one-page brief of a parcel or building, as the audience may have it."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from landmap import render
from landmap.api import openapi
from landmap.api.answers import answer, etag_of, fresh
from landmap.api.deps import read_single, state_of
from landmap.api.openapi import Note
from landmap.api.state import today
from landmap.render import sheet

PDF = "application/pdf"

router = APIRouter(tags=["briefs"])


def _add(layer: str) -> None:
    def brief_of(request: Request, id: str) -> Response:
        return make_brief(request, layer, id)

    router.add_api_route(
        f"/{layer}/{{id}}/brief.pdf",
        brief_of,
        summary=f"Brief of one record of {layer}",
        operation_id=f"brief_{layer}",
        **openapi.route(Note(path=("id",), params=("lang",), media_types=(PDF,), faults=(400, 404, 503))),
    )


for _layer in sorted(sheet.BRIEFED):
    _add(_layer)


def make_brief(request: Request, layer: str, id: str) -> Response:
    """Answer the brief as PDF; the same record, language and version give the same bytes."""
    lang = read_single(request).lang
    state = state_of(request)
    catalog = state.holder.current()
    now = today(catalog)
    record = catalog.engine.record(layer, id, state.audience, today=now)
    etag = etag_of("brief", catalog.snapshot_id, state.audience.key, now, layer, id, lang)
    held = fresh(request, etag)
    if held is not None:
        return held
    base = state.settings.base_url
    url = f"{base}/{layer}/{quote(id, safe='')}" if base else None
    body = render.brief.brief(layer, record.id, catalog, state.audience, state.words[lang], today=now, url=url)
    return answer(body, PDF, etag, {"Content-Disposition": f"inline; filename*=UTF-8''{quote(id, safe='')}.pdf"})
