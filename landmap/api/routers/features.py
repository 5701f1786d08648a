"""Records of a collection: lists in every format, one record, its sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import APIRouter, Request, Response

from landmap import access
from landmap.api import openapi
from landmap.api.accept import preferred
from landmap.api.answers import GEOJSON, address, answer, etag_of, fresh, json_answer, link_header
from landmap.api.deps import Asked, asked
from landmap.api.one import One, one
from landmap.api.openapi import LASTING, Note
from landmap.api.params import ANSWER_PARAMS, read_format
from landmap.api.plain import PlainRoute
from landmap.api.routers.attachments import album_of
from landmap.api.streaming import sent
from landmap.domain import PUBLIC, Level, collections, layer_named
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.render import FORMATS, geojson, sheet

#: Formats that come a page at a time; every other one is a file of the whole selection.
PAGED: Final = ("json", "geojson")
#: A page of so many records is sent whole; a larger one may leave piece by piece.
WHOLE_PAGE: Final = 1000
LIST_FORMATS: Final = tuple(dict.fromkeys((*PAGED, *FORMATS)))
#: Media types by the format they ask for.
ACCEPTED: Final = {
    GEOJSON: "geojson",
    "application/json": "json",
    **{one.media_type.partition(";")[0]: one.key for one in FORMATS.values()},
}


def router() -> APIRouter:
    """Return the routes of every collection; one set each, so that each documents its own parameters."""
    made = APIRouter(prefix="/api/collections", tags=["features"])
    for layer in collections():
        _add_routes(made, layer)
    return made


def hot_routes() -> list[PlainRoute]:
    """Return the route of every collection's list, which is asked for most."""
    files = tuple(one.media_type for one in FORMATS.values() if one.media_type != GEOJSON)
    made = []
    for layer in collections():
        note = Note(
            layer=layer,
            criteria=True,
            params=tuple(name for name in ANSWER_PARAMS if name != "f"),
            formats=LIST_FORMATS,
            answer="feature_collection",
            media_types=(GEOJSON, *files),
        )
        label = layer_named(layer).label_en
        path, items = f"/api/collections/{layer}/items", _listing(layer)
        made.append(
            PlainRoute(path, items, note, summary=f"{label}: list", operation_id=f"list_{layer}", tag="features")
        )
    return made


def _listing(layer: str) -> Callable[[Request], Response]:
    def items(request: Request) -> Response:
        """Answer the features that meet every filter, a page at a time or as one file."""
        return list_items(request, layer)

    return items


def _add_routes(made: APIRouter, layer: str) -> None:
    def item(request: Request, id: str) -> Response:
        return one_item(request, layer, id)

    def item_sheet(request: Request, id: str) -> Response:
        return one_sheet(request, layer, id)

    label = layer_named(layer).label_en
    feature = Note(
        layer=layer,
        path=("id",),
        formats=PAGED,
        answer="feature",
        media_types=(GEOJSON,),
        faults=LASTING,
    )
    words = Note(layer=layer, path=("id",), params=("lang",), answer="sheet", faults=LASTING)
    for path, endpoint, summary, key, note in (
        ("items/{id}", item, "one", "get", feature),
        ("items/{id}/sheet", item_sheet, "one, in words", "sheet", words),
    ):
        made.add_api_route(
            f"/{layer}/{path}",
            endpoint,
            summary=f"{label}: {summary}",
            operation_id=f"{key}_{layer}",
            **openapi.route(note),
        )


def list_items(request: Request, layer: str) -> Response:
    """Answer the features that meet every filter, a page at a time or as one file."""
    ask = asked(request, layer, ANSWER_PARAMS)
    wanted = ask.answer.f
    if wanted is None:
        wanted = preferred(request.headers.get("accept", ""), ACCEPTED) or "json"
    read_format("f", wanted, LIST_FORMATS)
    if wanted not in PAGED:
        return _file(request, ask, wanted)
    selection = ask.select(layer)
    limit = ask.limit()
    etag = etag_of(selection.etag, wanted, ask.lang, limit, ask.answer.after)
    held = fresh(request, etag)
    if held is not None:
        return held
    page = selection.page(ask.answer.after, limit)
    links = page_links(request, ask, page.next, limit)
    fragments = ask.state.prepared.of(ask.catalog, layer, ask.audience.policy_class).fragments
    before = geojson.head(
        len(page.ordinals),
        box=fragments.box(page.ordinals),
        matched=selection.total,
        links=links,
        notice=ask.catalog.district.notice(ask.lang),
    )
    if len(page.ordinals) <= WHOLE_PAGE:
        body = geojson.whole(fragments.of(selection, page.ordinals), before)
        return answer(body, GEOJSON, etag, link_header(links))
    pieces = geojson.joined(fragments.blocks(selection, page.ordinals), before)
    return sent(pieces, GEOJSON, etag, link_header(links))


def _file(request: Request, ask: Asked, wanted: str) -> Response:
    for name in ("limit", "after"):
        given = getattr(ask.answer, name)
        if given is not None:
            raise InvalidValueError.of(
                name, given, "does not go with a file", "a file holds all that meets the filters"
            )
    selection = ask.select(ask.layer)
    etag = etag_of(selection.etag, wanted, ask.lang)
    held = fresh(request, etag)
    if held is not None:
        return held
    chosen = FORMATS[wanted]
    filename = f"{ask.catalog.district.code}-{ask.layer}-{ask.today.isoformat()}.{chosen.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return sent(chosen.pieces(selection, ask.words), chosen.media_type, etag, headers)


def page_links(request: Request, ask: Asked, following: str | None, limit: int) -> dict[str, str]:
    """Return the paging links of a list: self, and next where there is more."""
    base = [*ask.criteria.to_query(), *([("sort", ",".join(ask.answer.sort))] if ask.answer.sort else [])]
    base += [("limit", str(limit))]
    base += [(name, value) for name, value in (("f", ask.answer.f), ("lang", ask.answer.lang)) if value is not None]
    here = [*base, *([("after", ask.answer.after)] if ask.answer.after else [])]
    links = {"self": address(request, here)}
    if following is not None:
        links["next"] = address(request, [*base, ("after", following)])
    return links


def one_item(request: Request, layer: str, id: str) -> Response:
    """Answer one feature; 404 when it does not exist for the audience."""
    asked = one(request, layer, id, lang=False, formats=PAGED)
    etag = asked.etag("item")
    collection = f"/api/collections/{layer}"
    links = {
        "self": address(request, path=f"{collection}/items/{asked.quoted}"),
        "collection": address(request, path=collection),
    }
    return fresh(request, etag) or answer(geojson.feature_bytes(asked.record, links), GEOJSON, etag, link_header(links))


def one_sheet(request: Request, layer: str, id: str) -> Response:
    """Answer one record as labelled text, ready to show."""
    asked = one(request, layer, id)
    etag = asked.etag("sheet")
    held = fresh(request, etag)
    if held is not None:
        return held
    district = asked.catalog.district
    made = sheet.sheet(asked.record, layer_named(layer), asked.words, today=asked.today, district=district)
    links = {"api": f"/api/collections/{layer}/items/{asked.quoted}"}
    no_link = None
    if layer in sheet.BRIEFED:
        page = f"/{layer}/{asked.quoted}"
        links |= {"self": page, "brief": f"{page}/brief.pdf?lang={asked.lang}"}
        if asked.state.audience.level >= Level.OFFICER and asked.state.settings.version is None:
            no_link = why_no_link(asked)
            links |= {"share": "/api/shares"} if no_link is None else {}
    shown = album_of(asked.state, asked.catalog, layer, asked.record, asked.lang)
    return json_answer({**made.as_dict(), "attachments": shown, "links": links, "no_link": no_link}, etag)


def why_no_link(asked: One) -> str | None:
    """Return why no link to the record can be made: the public may not see it, or it must be confirmed first."""
    try:
        record = asked.catalog.engine.record(asked.layer, asked.record.id, PUBLIC, today=asked.today)
    except NotFoundError:
        return asked.words("page.detail.no_link")
    due = access.due_record(record.id, record.properties, layer_named(asked.layer), asked.catalog.district, asked.today)
    if not due.out:
        return None
    if due.as_of is None or due.due is None:
        return asked.words("page.detail.no_link_undated")
    return asked.words("page.detail.no_link_overdue", as_of=due.as_of.isoformat(), due=due.due.isoformat())
