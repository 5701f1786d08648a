"""Records of a collection: lists in every format, one record, its sheet."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from landmap.api import openapi
from landmap.api.answers import GEOJSON, address, answer, etag_of, fresh, json_answer, link_header
from landmap.api.deps import Asked, asked, lang_of, pairs_of, state_of
from landmap.api.params import ANSWER_PARAMS, only, read_lang, unknown
from landmap.api.state import today
from landmap.domain import collections, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.query import Selection
from landmap.render import FORMATS, geojson, sheet

#: Formats an answer may be asked in, beside those of the export registry.
JSON_FORMATS: Final = ("json", "geojson")


def router() -> APIRouter:
    """Return the routes of every collection; one set each, so that each documents its own parameters."""
    made = APIRouter(prefix="/api/collections", tags=["features"])
    for layer in collections():
        _add_routes(made, layer)
    return made


def _add_routes(made: APIRouter, layer: str) -> None:
    def items(request: Request) -> Response:
        return list_items(request, layer)

    def item(request: Request, id: str) -> Response:
        return one_item(request, layer, id)

    def item_sheet(request: Request, id: str) -> Response:
        return one_sheet(request, layer, id)

    label = layer_named(layer).label_en
    made.add_api_route(
        f"/{layer}/items",
        items,
        summary=f"{label}: list",
        operation_id=f"list_{layer}",
        **openapi.listing(layer, ANSWER_PARAMS, GEOJSON),
    )
    made.add_api_route(
        f"/{layer}/items/{{id}}",
        item,
        summary=f"{label}: one",
        operation_id=f"get_{layer}",
        **openapi.single(layer, ()),
    )
    made.add_api_route(
        f"/{layer}/items/{{id}}/sheet",
        item_sheet,
        summary=f"{label}: one, in words",
        operation_id=f"sheet_{layer}",
        **openapi.single(layer, ("lang",)),
    )


def list_items(request: Request, layer: str) -> Response:
    """Answer the features that meet every filter, a page at a time or as one file."""
    ask = asked(request, layer, ANSWER_PARAMS)
    wanted = ask.answer.f or _preferred(request)
    if wanted not in JSON_FORMATS and wanted not in FORMATS:
        raise InvalidValueError.of("f", wanted, "is no format of ours", f"one of {', '.join(('json', *FORMATS))}")
    selection = ask.select(layer)
    limit = ask.answer.limit or ask.state.settings.page_size
    etag = etag_of(selection.etag, wanted, ask.lang, ask.answer.limit, ask.answer.after)
    held = fresh(request, etag)
    if held is not None:
        return held
    if wanted not in JSON_FORMATS:
        return _file(ask, selection, wanted, etag)
    page = selection.page(ask.answer.after, limit)
    links = page_links(request, ask, page.next, limit)
    body = geojson.feature_collection(page.records, matched=selection.total, links=links)
    return answer(body, GEOJSON, etag, link_header(links))


def _file(ask: Asked, selection: Selection, wanted: str, etag: str) -> Response:
    if ask.answer.limit is not None or ask.answer.after is not None:
        name = "limit" if ask.answer.limit is not None else "after"
        raise InvalidValueError.of(
            name, ask.answer.limit or ask.answer.after, "does not go with a file", "a file holds all"
        )
    chosen = FORMATS[wanted]
    filename = f"{ask.catalog.district.code}-{selection.layer.name}-{ask.today.isoformat()}.{chosen.extension}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return answer(chosen.write(selection, ask.words), chosen.media_type, etag, headers)


def page_links(request: Request, ask: Asked, following: str | None, limit: int) -> dict[str, str]:
    """Return the paging links of a list: self, and next where there is more."""
    base = [*ask.criteria.to_query(), *([("sort", ",".join(ask.answer.sort))] if ask.answer.sort else [])]
    base += [("limit", str(limit))]
    here = [*base, *([("after", ask.answer.after)] if ask.answer.after else [])]
    links = {"self": address(request, here)}
    if following is not None:
        links["next"] = address(request, [*base, ("after", following)])
    return links


def one_item(request: Request, layer: str, id: str) -> Response:
    """Answer one feature; 404 when it does not exist for the audience."""
    only(pairs_of(request), ("f",))
    state = state_of(request)
    catalog = state.holder.current()
    record = catalog.engine.record(layer, id, state.audience, today=today(catalog))
    etag = etag_of(catalog.snapshot_id, state.audience.key, today(catalog), layer, id)
    links = {"self": address(request), "collection": address(request, path=f"/api/collections/{layer}")}
    return fresh(request, etag) or answer(geojson.feature_bytes(record, links), GEOJSON, etag, link_header(links))


def one_sheet(request: Request, layer: str, id: str) -> Response:
    """Answer one record as labelled text, ready to show."""
    params = only(pairs_of(request), ("lang",))
    lang = read_lang("lang", params["lang"]) if "lang" in params else lang_of(request)
    state = state_of(request)
    catalog = state.holder.current()
    now = today(catalog)
    record = catalog.engine.record(layer, id, state.audience, today=now)
    etag = etag_of("sheet", catalog.snapshot_id, state.audience.key, now, layer, id, lang)
    held = fresh(request, etag)
    if held is not None:
        return held
    made = sheet.sheet(record, layer_named(layer), state.words[lang], today=now, district=catalog.district)
    links = {"self": f"/{layer}/{id}", "api": f"/api/collections/{layer}/items/{id}"}
    if layer in sheet.BRIEFED:
        links["brief"] = f"/{layer}/{id}/brief.pdf?lang={lang}"
    return json_answer({**made.as_dict(), "links": links}, etag)


def _preferred(request: Request) -> str:
    accepted = request.headers.get("accept", "")
    for chosen in FORMATS.values():
        if chosen.media_type in accepted and chosen.media_type != GEOJSON:
            return chosen.key
    return "json"


def refuse_parameters(request: Request) -> None:
    """Raise for any query parameter at an address that takes none."""
    for name, value in pairs_of(request):
        raise unknown(name, value, ())
