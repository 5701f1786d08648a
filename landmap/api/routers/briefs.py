"""The one-page brief of a parcel or building, as the audience may have it."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from landmap import render
from landmap.api import openapi
from landmap.api.answers import answer, fresh
from landmap.api.one import one
from landmap.api.openapi import LASTING, Note
from landmap.render import sheet
from landmap.store import read_blob

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
        **openapi.route(Note(path=("id",), params=("lang",), media_types=(PDF,), faults=LASTING)),
    )


for _layer in sorted(sheet.BRIEFED):
    _add(_layer)


def make_brief(request: Request, layer: str, id: str) -> Response:
    """Answer the brief as PDF; the same record, language and version give the same bytes."""
    asked = one(request, layer, id)
    etag = asked.etag("brief")
    held = fresh(request, etag)
    if held is not None:
        return held
    state, now = asked.state, asked.today
    base = state.settings.base_url
    url = f"{base}/{layer}/{asked.quoted}" if base else None
    read = partial(read_blob, state.holder.home)
    body = render.brief.brief(
        layer, asked.record.id, asked.catalog, state.audience, asked.words, today=now, url=url, read=read
    )
    return answer(body, PDF, etag, {"Content-Disposition": f"inline; filename*=UTF-8''{asked.quoted}.pdf"})
