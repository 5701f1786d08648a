"""Is it up, is it ready, what is there: health, landing page, conformance, collections."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from landmap.api import openapi, schemas
from landmap.api.answers import JSON, answer, etag_of, fresh, json_answer, unless_held
from landmap.api.deps import read_single, refuse_parameters, state_of
from landmap.api.openapi import Note
from landmap.api.params import read_lang
from landmap.api.routers.tilesets import TILESETS
from landmap.api.state import State, today
from landmap.domain import Lang, Layer, collections, layer_named
from landmap.domain.errors import LandmapError, NotFoundError, UnavailableError
from landmap.ingest import confinement
from landmap.query import Catalog, criteria_class

#: Only what is met in full: the class `core` of Features asks for a parameter ``datetime``, which we do not have.
CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
)
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.1"

_BASEMAP: Final = Note(answer="basemap", faults=(400, 404, 503))
_NOTHING: Final = Note(params=("lang",), formats=("json",))

router = APIRouter(tags=["service"])


def _note(answer: str, *, layer: bool = False) -> dict[str, Any]:
    path, faults = (("layer",), (400, 404, 503)) if layer else ((), (400, 503))
    return openapi.route(replace(_NOTHING, answer=answer, path=path, faults=faults))


@router.get(
    "/healthz", summary="Is the process alive? Does no work.", **openapi.route(Note(answer="health", faults=()))
)
async def healthz() -> Response:
    """Answer at once, without touching anything."""
    return json_answer({"status": "ok"})


@router.get("/readyz", summary="Can answers be given?", **openapi.route(Note(answer="ready")))
def readyz(request: Request) -> Response:
    """Answer the version served and the state of what it needs; 503 when there is nothing to serve.

    ``degraded`` says that the current version is damaged and the last good one is served instead; ``confinement`` is
    what the process that reads files from outside is kept from.
    """
    refuse_parameters(request)
    state = state_of(request)
    try:
        catalog = state.holder.current()
    except LandmapError as error:
        raise UnavailableError("there is nothing to serve yet", hint="see the log of the server") from error
    writable = os.access(state.holder.home.path, os.W_OK) and state.settings.version is None
    status = "degraded" if state.holder.warnings else "ok" if writable else "read_only"
    told = {"status": status, "version": catalog.snapshot_id, "today": today(catalog).isoformat()}
    return json_answer(told | {"confinement": confinement()})


@router.get("/api", summary="Landing page", **_note("landing"))
def landing(request: Request) -> Response:
    """Answer where everything is."""
    state, catalog, lang = _asked(request)
    name = catalog.district.name(lang)
    links = [
        _link("/api", "self", JSON, "This document"),
        _link("/api/openapi.json", "service-desc", OPENAPI, "API definition"),
        _link("/api/docs", "service-doc", "text/html", "API documentation"),
        _link("/api/conformance", "conformance", JSON, "Conformance classes"),
        _link("/api/collections", "data", JSON, "Collections"),
    ]
    title = state.words[lang]("page.api.title", district=name)
    return unless_held(request, {"title": title, "description": catalog.district.notice(lang), "links": links})


@router.get("/api/conformance", summary="Conformance classes", **_note("conformance"))
def conformance(request: Request) -> Response:
    """Answer the parts of OGC API that are met."""
    _asked(request)
    return unless_held(request, {"conformsTo": CONFORMANCE})


@router.get("/api/collections", summary="Collections", **_note("collections"))
def list_collections(request: Request) -> Response:
    """Answer every collection."""
    state, catalog, lang = _asked(request)
    found = [_collection(layer_named(name), state, catalog, lang) for name in collections()]
    links = [_link("/api/collections", "self", JSON, "This document")]
    return unless_held(request, {"links": links, "collections": found})


@router.get("/api/collections/{layer}", summary="One collection", **_note("collection", layer=True))
def one_collection(request: Request, layer: str) -> Response:
    """Answer one collection."""
    state, catalog, lang = _asked(request)
    return unless_held(request, _collection(_served(layer), state, catalog, lang))


@router.get("/api/collections/{layer}/schema", summary="Fields of a collection", **_note("schema", layer=True))
def schema(request: Request, layer: str) -> Response:
    """Answer the fields the audience may see, as JSON Schema."""
    state, _, lang = _asked(request)
    return unless_held(request, schemas.schema_document(_served(layer), state.audience.policy_class, lang))


@router.get("/api/basemap", summary="The built-in offline basemap", **openapi.route(_BASEMAP))
def basemap(request: Request) -> Response:
    """Answer the district's own basemap as GeoJSON; 404 when it has none."""
    refuse_parameters(request)
    catalog = state_of(request).holder.current()
    etag = etag_of("basemap", catalog.snapshot_id)
    held = fresh(request, etag)
    if held is not None:
        return held
    body = catalog.basemap()
    if body is None:
        raise NotFoundError("this district has no basemap of its own")
    return json_answer(body, etag)


@router.get("/static/words/{lang}.json", include_in_schema=False)
def words(request: Request, lang: str) -> Response:
    """Answer the merged dictionary of one language."""
    refuse_parameters(request)
    state = state_of(request)
    if lang not in state.dictionaries:
        raise NotFoundError("there is no such dictionary", hint=f"languages: {', '.join(state.dictionaries)}")
    known: Lang = read_lang("lang", lang)
    body = state.dictionaries[known]
    etag = etag_of("words", known, hashlib.sha256(body).hexdigest())
    return fresh(request, etag) or answer(body, JSON, etag)


def _asked(request: Request) -> tuple[State, Catalog, Lang]:
    lang = read_single(request, formats=("json",)).lang
    state = state_of(request)
    return state, state.holder.current(), lang


def _served(name: str) -> Layer:
    if name not in collections():
        raise NotFoundError("there is no such collection", hint=f"collections: {', '.join(collections())}")
    return layer_named(name)


def _collection(layer: Layer, state: State, catalog: Catalog, lang: Lang) -> dict[str, Any]:
    base = f"/api/collections/{layer.name}"
    everything = catalog.engine.select(layer.name, criteria_class(layer.name)(), state.audience, today=today(catalog))
    extent = everything.bounds or catalog.district.extent
    return {
        "id": layer.name,
        "title": layer.label(lang),
        "description": catalog.district.notice(lang),
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [list(extent)], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "links": [
            _link(base, "self", JSON, layer.label(lang)),
            _link(f"{base}/items", "items", "application/geo+json", layer.label(lang)),
            _link(f"{base}/schema", "describedby", "application/schema+json", layer.label(lang)),
            _link(f"{base}/tiles", TILESETS, JSON, layer.label(lang)),
        ],
    }


def _link(href: str, rel: str, media_type: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media_type, "title": title}
