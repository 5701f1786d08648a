"""The kept files of attachments: pictures in their sizes, documents, each at an address that its content names.

A file is answered only through a record that its reader may see, or a link that is open and names that record.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from landmap import access
from landmap.api import openapi
from landmap.api.answers import FOREVER, answer, etag_of, fresh
from landmap.api.deps import lang_of, refuse_parameters, state_of
from landmap.api.moved import record_of
from landmap.api.openapi import LASTING, Note
from landmap.api.secrecy import SECRET
from landmap.api.state import State, today
from landmap.domain import Lang, Words, collections, layer_named
from landmap.domain.errors import NotFoundError, UnavailableError, shown
from landmap.query import Catalog, Exhibit, Record
from landmap.render import album, sheet
from landmap.store import read_blob

MEDIA: Final = ("image/webp", "application/pdf")

router = APIRouter(tags=["attachments"])


def _add(layer: str) -> None:
    def file_of(request: Request, id: str, file: str) -> Response:
        return one_file(request, layer, id, file)

    note = Note(path=("id", "file"), media_types=MEDIA, faults=LASTING)
    router.add_api_route(
        f"/api/collections/{layer}/items/{{id}}/attachments/{{file}}",
        file_of,
        summary=f"{layer_named(layer).label_en}: a picture or document of one",
        operation_id=f"attachment_{layer}",
        **openapi.route(note),
    )


for _layer in collections():
    _add(_layer)


def album_of(
    state: State, catalog: Catalog, layer: str, record: Record, lang: Lang, share: access.Share | None = None
) -> list[dict[str, Any]]:
    """Return what is attached to a record, as a sheet states it.

    With a `share`, for the reader of that link: the addresses of the files are the link's own, without its secret.
    """
    asking = state.audience if share is None else access.scope_of(share)
    shown = catalog.attached(layer, record, asking.policy_class)
    title = sheet.title(record, layer_named(layer), state.words[lang])
    front = f"/api/collections/{layer}/items/{quote(record.id, safe='')}/attachments"
    if share is not None:
        front = f"/s/files/{share.public_id}"
    return [one.as_dict(lambda name: f"{front}/{name}") for one in album.album(shown, title, state.words[lang])]


def one_file(request: Request, layer: str, id: str, file: str) -> Response:
    """Answer one file of a record; 404 when there is none for this audience. What an address leads to never changes."""
    refuse_parameters(request)
    state = state_of(request)
    catalog = state.holder.current()
    record = record_of(state, catalog, layer, id)
    exhibit = _named(file, catalog.attached(layer, record, state.audience.policy_class))
    etag = etag_of("attachment", file)
    held = fresh(request, etag)
    if held is not None:
        return held
    named = _disposition(exhibit, record, layer, state.words[lang_of(request)])
    return answer(_read(state, file), exhibit.media_type, etag, named, cache=FOREVER)


@router.get("/s/files/{public_id}/{file}", include_in_schema=False)
def shared_file(request: Request, public_id: str, file: str) -> Response:
    """Answer one file of the records of an open link; 404, always the same, for anything else."""
    refuse_parameters(request)
    state = state_of(request)
    with suppress(NotFoundError):
        share = state.shares.open_one(public_id, dt.datetime.now(dt.UTC))
        catalog, audience = state.holder.version(share.snapshot_id), access.scope_of(share)
        for layer, id in catalog.holders(file):
            with suppress(NotFoundError):
                record = catalog.engine.record(layer, id, audience, today=today(catalog))
                exhibit = _named(file, catalog.attached(layer, record, audience.policy_class))
                headers = {**SECRET, **_disposition(exhibit, record, layer, state.words[share.lang])}
                return Response(_read(state, file), media_type=exhibit.media_type, headers=headers)
    raise NotFoundError("nothing is kept under this address")


def _named(file: str, exhibits: tuple[Exhibit, ...]) -> Exhibit:
    """Return the attachment that a file belongs to."""
    for exhibit in exhibits:
        if file in exhibit.files.values():
            return exhibit
    raise NotFoundError(f"no attachment here is called {shown(file)}")


def _read(state: State, file: str) -> bytes:
    try:
        return read_blob(state.holder.home, file)
    except NotFoundError as error:
        # A version lists it: that it is gone is a fault of this disk, and no reason to forget it for good.
        raise UnavailableError("the file of this attachment is missing", hint="restore a backup") from error


def _disposition(exhibit: Exhibit, record: Record, layer: str, words: Words) -> dict[str, str]:
    """Return how a document is handed over: as a file of its own, never as a part of a page. Source: RFC 6266."""
    if exhibit.picture:
        return {}
    (told,) = album.album([exhibit], "", words)
    name = f"{sheet.number_of(record, layer_named(layer))} {told.caption or told.label}.pdf"
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
