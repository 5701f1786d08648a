"""The map's answers: one search that counts, groups, measures and lists; the shapes to draw; the form's description."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response

from landmap.api import openapi, waiting
from landmap.api.answers import FOREVER, JSON, REVALIDATE, address, answer, etag_of, fresh, json_answer
from landmap.api.deps import Asked, asked, pairs_of, read_single, state_of
from landmap.api.openapi import Note
from landmap.api.params import only, read_version
from landmap.api.plain import PlainRoute
from landmap.api.routers.features import page_links
from landmap.api.state import today
from landmap.domain import Audience, Level, Words, collections, deadline, layer_named
from landmap.query import Catalog, Facet, Selection, criteria_class, declarations
from landmap.render import cards, shapes

SEARCH_PARAMS: Final = ("limit", "after", "sort", "sortby", "lang")
FACET_PARAMS: Final = ("lang",)
MAX_CARDS: Final = 500
#: A bitmap of so many bytes stands in the answer; a larger one is fetched as it is from the link ``bitmap``.
BITS_INSIDE: Final = 16_384


def router() -> APIRouter:
    """Return the facets, shapes and criteria routes of every collection."""
    made = APIRouter(prefix="/api/collections", tags=["search"])
    for layer in collections():
        _add_routes(made, layer)
    return made


def hot_routes() -> list[PlainRoute]:
    """Return the search of every collection, asked at every change of a filter."""
    made = []
    for layer in collections():
        note = Note(layer=layer, criteria=True, params=SEARCH_PARAMS, answer="search")
        label = layer_named(layer).label_en
        path, search = f"/api/collections/{layer}/search", _searching(layer)
        made.append(
            PlainRoute(path, search, note, summary=f"{label}: search", operation_id=f"search_{layer}", tag="search")
        )
    return made


def _searching(layer: str) -> Callable[[Request], Response]:
    def search(request: Request) -> Response:
        """Answer everything the map and list need for one state of the filters."""
        return search_layer(request, layer)

    return search


def _add_routes(made: APIRouter, layer: str) -> None:
    def facets(request: Request) -> Response:
        return facets_of(request, layer)

    def shapes_(request: Request) -> Response:
        return shapes_of(request, layer)

    def criteria(request: Request) -> Response:
        return criteria_of(request, layer)

    label = layer_named(layer).label_en
    for name, route, note in (
        ("facets", facets, Note(layer=layer, criteria=True, params=FACET_PARAMS, answer="facets")),
        ("shapes", shapes_, Note(params=("v",), answer="shapes")),
        ("criteria", criteria, Note(params=("lang",), answer="criteria")),
    ):
        settings = openapi.route(note)
        made.add_api_route(
            f"/{layer}/{name}", route, summary=f"{label}: {name}", operation_id=f"{name}_{layer}", **settings
        )


def search_layer(request: Request, layer: str) -> Response:
    """Answer everything the map and list need for one state of the filters."""
    ask = asked(request, layer, SEARCH_PARAMS)
    selection = ask.select(layer)
    limit = min(ask.limit(), MAX_CARDS)
    unplaced = _waiting(ask, layer)
    etag = etag_of("search", selection.etag, ask.lang, limit, ask.answer.after, unplaced)
    held = fresh(request, etag)
    if held is not None:
        return held
    page = selection.page(ask.answer.after, limit)
    kind, bits = layer_named(layer), selection.bitmap()
    body = {
        **counts(selection),
        "version": selection.snapshot_id,
        "today": ask.today.isoformat(),
        "all": ask.catalog.engine.size(layer, ask.audience),
        "sentence": ask.criteria.describe(ask.lang, ask.catalog.district),
        "chips": [chip.as_dict() for chip in ask.criteria.chips(ask.lang, ask.catalog.district)],
        "facets": {name: facet_answer(selection, name, facet, ask.words) for name, facet in selection.facets().items()},
        "histograms": _histograms(selection),
        "bounds": selection.bounds,
        "bitmap": base64.b64encode(bits).decode("ascii") if len(bits) <= BITS_INSIDE else None,
        "records": [cards.card(record, kind, ask.words, ask.catalog) for record in deadline.in_time(page.records)],
        "next": page.next,
        "links": page_links(request, ask, page.next, limit) | {"bitmap": _bitmap_link(request, ask)},
        "shapes": shapes_key(ask.catalog, ask.audience, layer),
        "etag": etag.strip('"'),
        **({} if unplaced is None else {"waiting": unplaced}),
    }
    return json_answer(body, etag)


def _waiting(ask: Asked, layer: str) -> dict[str, Any] | None:
    """Return the rows without a shape that the search means; None for whoever may not know of them, or asks for none.

    They are found by the words alone: of most other filters nothing can be said without a place. No count holds them.
    """
    text = getattr(ask.criteria, "q", None)
    state = ask.state
    if state.audience.level < waiting.LEVEL or state.settings.version is not None or not text:
        return None
    rows = state.waiting.found(layer, str(text))
    return waiting.told(rows, layer, steward=state.audience.level >= Level.STEWARD) if rows else None


def _bitmap_link(request: Request, ask: Asked) -> str:
    return address(request, ask.criteria.to_query(), path=f"/api/collections/{ask.layer}/bitmap")


def counts(selection: Selection) -> dict[str, Any]:
    """Return the counts of a selection: matched, pending, and why."""
    return {
        "layer": selection.layer.name,
        "total": selection.total,
        "pending": selection.pending,
        "unknown": dict(selection.unknown),
        "ambiguous": dict(selection.ambiguous),
    }


def facets_of(request: Request, layer: str) -> Response:
    """Answer the counts beside every option, each group leaving its own choice aside."""
    ask = asked(request, layer, FACET_PARAMS)
    selection = ask.select(layer)
    etag = etag_of("facets", selection.etag, ask.lang)
    held = fresh(request, etag)
    if held is not None:
        return held
    facets = {name: facet_answer(selection, name, facet, ask.words) for name, facet in selection.facets().items()}
    return json_answer({**counts(selection), "facets": facets, "histograms": _histograms(selection)}, etag)


def facet_answer(selection: Selection, name: str, facet: Facet, words: Words) -> dict[str, Any]:
    """Return one facet with a label for every code."""
    labelled = [
        [code, cards.code_label(selection.layer, name, code, words, selection.district), count]
        for code, count in facet.counts.items()
    ]
    return {"counts": labelled, "unknown": facet.unknown}


def _histograms(selection: Selection) -> dict[str, Any]:
    found = {}
    offered = declarations(selection.layer.name, selection.audience.policy_class, selection.district)
    for declared in deadline.in_time(offered):
        if declared.histogram is not None and declared.histogram not in found:
            made = selection.histogram(declared.histogram)
            found[declared.histogram] = {
                "unit": made.unit,
                "edges": made.edges,
                "counts": made.counts,
                "unknown": made.unknown,
            }
    return found


def shapes_of(request: Request, layer: str) -> Response:
    """Answer what the map draws: outlines and a few words, in the order of the bitmap."""
    given = only(pairs_of(request), ("v",)).get("v")
    version = None if given is None else read_version("v", given)
    state = state_of(request)
    catalog = state.holder.current()
    key = shapes_key(catalog, state.audience, layer)
    held = fresh(request, f'"{key}"')
    if held is not None:
        return held
    selection = catalog.engine.select(layer, criteria_class(layer)(), state.audience, today=today(catalog))
    return answer(
        orjson.dumps(shapes.shapes(selection)), JSON, f'"{key}"', cache=FOREVER if version == key else REVALIDATE
    )


def shapes_key(catalog: Catalog, audience: Audience, layer: str) -> str:
    """Return what the shapes depend on: a version alone does not say for whom they were drawn."""
    return etag_of("shapes", catalog.snapshot_id, audience.key, layer).strip('"')


def criteria_of(request: Request, layer: str) -> Response:
    """Answer the criteria on offer, in form order."""
    lang = read_single(request).lang
    state = state_of(request)
    catalog = state.holder.current()
    etag = etag_of("criteria", catalog.snapshot_id, state.audience.key, layer, lang)
    made = declarations(layer, state.audience.policy_class, catalog.district)
    return fresh(request, etag) or json_answer([declared.as_dict(lang) for declared in made], etag)
