"""Pages for people: the workspace, one record, a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import structlog
from fastapi import APIRouter, Request, Response

from landmap import access, render
from landmap.api.answers import REVALIDATE, etag_of, fresh
from landmap.api.deps import lang_of, pairs_of, state_of
from landmap.api.moved import record_of
from landmap.api.params import only, read_lang
from landmap.api.routers import attachments
from landmap.api.routers.search import shapes_key
from landmap.api.secrecy import SECRET
from landmap.api.security import HEAD
from landmap.api.state import State, today
from landmap.domain import Audience, Lang, deadline, layer_named
from landmap.domain.errors import BusyError, GoneError, LandmapError, NotFoundError, StoreError
from landmap.query import Catalog, Record, Selection, criteria_class
from landmap.render import cartography, shapes, sheet

HTML: Final = "text/html; charset=utf-8"
WORKSPACE_LAYERS: Final = ("districts", "constraints", "parcels", "buildings", "facilities")
HIDDEN_AT_FIRST: Final = ("constraints", "facilities", "buildings")
DRAWING_SIZE: Final = (540, 360)

router = APIRouter(tags=["pages"])


@router.get("/", include_in_schema=False)
def workspace(request: Request) -> Response:
    """Answer the workspace; its state is in the address and read by its own script."""
    state = state_of(request)
    catalog = state.holder.current()
    lang = _page_lang(request)
    words = state.words[lang]
    version = catalog.snapshot_id
    old = state.settings.version is not None
    etag = etag_of("workspace", version, state.audience.key, state.settings.audience.key, lang, old)
    held = fresh(request, etag)
    if held is not None:
        return held
    made = render.map.one_map(
        sources={
            name: f"/api/collections/{name}/shapes?v={shapes_key(catalog, state.audience, name)}"
            for name in WORKSPACE_LAYERS
        },
        basemap="/api/basemap",
        words=words,
        assets="linked",
        popup=False,
        hidden=HIDDEN_AT_FIRST,
        bounds=_extent(catalog),
        controls=("zoom", "scale"),
        attribution=_attribution(catalog),
    )
    page = render.map.workspace_page(
        made,
        words=words,
        district=catalog.district,
        audience_level=state.settings.audience.key,
        version=version,
        old_version=state.old_version(catalog),
        config={"canShare": state.settings.audience.key != "public" and state.settings.version is None},
    )
    return Response(page, media_type=HTML, headers={"ETag": etag, "Cache-Control": REVALIDATE})


def _add_record_page(layer: str) -> None:
    def record(request: Request, id: str) -> Response:
        return one_record(request, layer, id)

    router.add_api_route(f"/{layer}/{{id}}", record, include_in_schema=False, response_model=None)


for _layer in sorted(sheet.BRIEFED):
    _add_record_page(_layer)


def one_record(request: Request, layer: str, id: str) -> Response:
    """Answer the permanent page of one parcel or building."""
    state = state_of(request)
    catalog = state.holder.current()
    lang = _page_lang(request)
    record = record_of(state, catalog, layer, id)
    words = state.words[lang]
    selection = _chosen(catalog, layer, (record.id,), state.audience)
    made = render.map.one_map(
        sources={layer: shapes.shapes(selection, words=words)},
        basemap="/api/basemap",
        words=words,
        assets="linked",
        popup=False,
        bounds=selection.bounds,
        controls=("zoom", "scale"),
        attribution=_attribution(catalog),
    )
    page = render.map.record_page(
        made,
        sheet=_sheet(state, catalog, layer, record, lang),
        words=words,
        district=catalog.district,
        audience_level=state.settings.audience.key,
        old_version=state.old_version(catalog),
        drawing=_drawing([record], layer, catalog, state.audience, state, lang),
        bounds=selection.bounds,
    )
    return Response(page, media_type=HTML, headers={"Cache-Control": REVALIDATE})


@router.get("/s/{token}", include_in_schema=False)
def link(request: Request, token: str) -> Response:
    """Answer the page of a link; unknown, expired and revoked ones get the one same page."""
    params = only(pairs_of(request), ("lang",))
    state = state_of(request)
    try:
        share = state.shares.resolve(token, dt.datetime.now(dt.UTC))
        catalog = _frozen(state, share)
    except GoneError:
        lang = read_lang("lang", params["lang"]) if "lang" in params else lang_of(request)
        gone = render.map.gone_page(words=state.words[lang], district=state.holder.current().district)
        return Response(gone, 410, dict(SECRET), HTML)
    lang = read_lang("lang", params["lang"]) if "lang" in params else share.lang
    page = _share(state, catalog, share, lang)
    if HEAD not in request.scope:
        # A count that cannot be written now is no reason to turn a reader away.
        with suppress(BusyError, StoreError):
            state.shares.count_open(share.public_id)
    return Response(page, media_type=HTML, headers=dict(SECRET))


def _frozen(state: State, share: access.Share) -> Catalog:
    """Return what the link shows; one whose version was taken off this disk leads nowhere, like any other that does."""
    try:
        return state.holder.version(share.snapshot_id)
    except NotFoundError as error:
        structlog.get_logger("landmap").error("link_without_version", link=share.public_id, message=error.message)
        raise GoneError("this link is no longer available") from error


def _share(state: State, catalog: Catalog, share: access.Share, lang: Lang) -> str:
    audience = access.scope_of(share)
    words = state.words[lang]
    sheets: list[Mapping[str, Any]] = []
    sources: dict[str, Mapping[str, Any]] = {}
    drawn: list[Record] = []
    bounds: list[tuple[float, float, float, float]] = []
    for layer, ids in (("parcels", share.parcels), ("buildings", share.buildings)):
        if not ids:
            continue
        selection = _chosen(catalog, layer, ids, audience)
        sources[layer] = shapes.shapes(selection, words=words)
        bounds += [selection.bounds] if selection.bounds else []
        records = {record.id: record for record in selection.records()}
        kept = [records[id] for id in ids if id in records]
        drawn += kept
        sheets += [_sheet(state, catalog, layer, record, lang, share) for record in deadline.in_time(kept)]
    around = _around(bounds) or catalog.district.extent
    made = render.map.one_map(
        sources=sources,
        basemap="/api/basemap",
        words=words,
        assets="linked",
        popup=False,
        bounds=around,
        controls=("zoom", "scale"),
        attribution=_attribution(catalog),
    )
    view = render.map.ShareView(share.title, share.note, share.sender, share.created_at.date(), share.expires_at.date())
    layer = "parcels" if share.parcels else "buildings"
    return render.map.share_page(
        made,
        share=view,
        sheets=sheets,
        words=words,
        district=catalog.district,
        drawing=_drawing(drawn, layer, catalog, audience, state, lang),
        bounds=around,
    )


def _chosen(catalog: Catalog, layer: str, ids: tuple[str, ...], audience: Audience) -> Selection:
    criteria = criteria_class(layer)(ids=ids)
    return catalog.engine.select(layer, criteria, audience, today=today(catalog))


def _sheet(
    state: State, catalog: Catalog, layer: str, record: Record, lang: Lang, share: access.Share | None = None
) -> dict[str, Any]:
    """Return the sheet of a record as a page shows it: to the audience of this server, or to the reader of a link."""
    made = sheet.sheet(
        record, layer_named(layer), state.words[lang], today=today(catalog), district=catalog.district
    ).as_dict()
    shown = attachments.album_of(state, catalog, layer, record, lang, share)
    self_, brief = f"/{layer}/{record.id}", f"/{layer}/{record.id}/brief.pdf?lang={lang}"
    return {**made, "attachments": shown, "links": {} if share else {"self": self_, "brief": brief}}


def _drawing(records: list[Record], layer: str, catalog: Catalog, audience: Audience, state: State, lang: Lang) -> str:
    return cartography.selection_map(records, catalog, audience, state.words[lang], size=DRAWING_SIZE)


def _around(boxes: list[tuple[float, float, float, float]]) -> tuple[float, float, float, float] | None:
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _extent(catalog: Catalog) -> tuple[float, float, float, float]:
    everything = catalog.engine.select("parcels", criteria_class("parcels")(), Audience(), today=today(catalog))
    return everything.bounds or catalog.district.extent


def _attribution(catalog: Catalog) -> str:
    return " · ".join(basemap.attribution for basemap in catalog.district.basemap[:1] if basemap.attribution)


def _page_lang(request: Request) -> Lang:
    """Return the language a page is asked in; an address typed wrongly still opens the page."""
    try:
        wanted = dict(pairs_of(request)).get("lang")
        return read_lang("lang", wanted) if wanted is not None else lang_of(request)
    except LandmapError:
        return lang_of(request)
