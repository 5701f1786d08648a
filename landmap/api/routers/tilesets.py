"""Where tiles are found: the tile sets of every collection and of the basemap, as OGC API Tiles and as TileJSON.

Source: OGC API - Tiles - Part 1 (20-057), TileJSON 3.0.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from landmap.api import openapi
from landmap.api.answers import JSON, unless_held
from landmap.api.choosing import tiles_key
from landmap.api.deps import asked, read_single, state_of
from landmap.api.openapi import Note
from landmap.api.prepared import Prepared
from landmap.api.routers.tiles import MATRIX_SET
from landmap.domain import collections, layer_named
from landmap.domain.errors import NotFoundError
from landmap.render import tiles

TILESETS: Final = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
_SCHEME_URI: Final = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{MATRIX_SET}"
_SCHEME: Final = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_MERCATOR: Final = "http://www.opengis.net/def/crs/EPSG/0/3857"
_CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
#: What a tile tells of a record.
_FIELDS: Final = {
    "code": "String. Key of the class that the map colours by; see `classes` of the shapes.",
    "stage": "String. Supply stage.",
    "area_bin": "Number. Size in steps: step k begins at 2^(k/6) square metres.",
    "no": "String. The number people quote, from zoom 16 on.",
    "kind": "String. What is drawn.",
    "name": "String. What it is called.",
    "name_en": "String. What it is called in English.",
}


@dataclass(frozen=True)
class TileSet:
    """The tiles of one layer for the audience, chosen by `query`."""

    layer: str
    title: str
    notice: str
    prepared: Prepared
    query: tuple[tuple[str, str], ...]
    root: str

    @property
    def base(self) -> str:
        """The path of its tile sets."""
        return f"/api/collections/{self.layer}/tiles"

    @property
    def template(self) -> str:
        """The address of a tile."""
        return f"{self.root}{self.base}/{MATRIX_SET}/{{z}}/{{y}}/{{x}}?{urlencode(self.query, safe=':,()')}"

    @property
    def detail(self) -> int:
        """The first zoom that is drawn."""
        return self.prepared.tiles.source.detail

    def limits(self) -> list[dict[str, Any]]:
        """Return the tiles that something lies in, zoom by zoom."""
        spans = {zoom: self.prepared.tiles.span(zoom) for zoom in range(self.detail, tiles.MAX_ZOOM + 1)}
        return [
            {
                "tileMatrix": str(zoom),
                "minTileRow": span[1],
                "maxTileRow": span[3],
                "minTileCol": span[0],
                "maxTileCol": span[2],
            }
            for zoom, span in spans.items()
            if span is not None
        ]


def router() -> APIRouter:
    """Return the routes of every collection and of the basemap."""
    made = APIRouter(prefix="/api/collections", tags=["tiles"])
    for layer in (*collections(), tiles.BASEMAP_LAYER):
        _add_routes(made, layer)
    return made


def _add_routes(made: APIRouter, layer: str) -> None:
    served = layer in collections()
    label = layer_named(layer).label_en if served else "Basemap"
    criteria = Note(layer=layer, criteria=True) if served else Note()

    def tilesets(request: Request) -> Response:
        return unless_held(request, {"tilesets": [_metadata(_asked(request, layer), whole=False)]})

    def tileset(request: Request) -> Response:
        return unless_held(request, _metadata(_asked(request, layer), whole=True))

    def tilejson(request: Request) -> Response:
        return unless_held(request, _tilejson(_asked(request, layer)))

    for path, endpoint, key in (
        ("tiles", tilesets, "tilesets"),
        (f"tiles/{MATRIX_SET}", tileset, "tileset"),
        (f"tiles/{MATRIX_SET}/tilejson.json", tilejson, "tilejson"),
    ):
        note = Note(criteria.layer, criteria.criteria, ("lang",), answer=key, faults=(400, 404, 503))
        made.add_api_route(
            f"/{layer}/{path}",
            endpoint,
            summary=f"{label}: {key}",
            operation_id=f"{key}_{layer}",
            **openapi.route(note),
        )


def _asked(request: Request, layer: str) -> TileSet:
    state = state_of(request)
    root = state.settings.base_url or request.scope.get("root_path", "")
    if layer in collections():
        ask = asked(request, layer, ("lang",))
        prepared = state.prepared.of(ask.catalog, layer, ask.audience.policy_class)
        query = (("v", tiles_key(ask.catalog, ask.audience, layer)), *ask.criteria.to_query())
        return TileSet(
            layer, layer_named(layer).label(ask.lang), ask.catalog.district.notice(ask.lang), prepared, query, root
        )
    single = read_single(request)
    catalog = state.holder.current()
    drawn = state.prepared.basemap(catalog, state.audience.policy_class)
    if drawn is None:
        raise NotFoundError("this district has no basemap of its own")
    query = (("v", tiles_key(catalog, state.audience, layer)),)
    return TileSet(layer, catalog.district.name(single.lang), catalog.district.notice(single.lang), drawn, query, root)


def _metadata(found: TileSet, *, whole: bool) -> dict[str, Any]:
    """Return what OGC API Tiles says of a tile set; in a list, without what only its own page tells."""
    query = urlencode(found.query[1:], safe=":,()")
    here = f"{found.base}/{MATRIX_SET}"
    links = [
        _link(here + (f"?{query}" if query else ""), "self", JSON, found.title),
        {**_link(found.template.removeprefix(found.root), "item", tiles.MEDIA_TYPE, found.title), "templated": True},
        _link(f"{here}/tilejson.json" + (f"?{query}" if query else ""), "alternate", JSON, "TileJSON"),
        _link(_SCHEME_URI, _SCHEME, JSON, MATRIX_SET),
    ]
    told: dict[str, Any] = {
        "title": found.title,
        "description": found.notice,
        "dataType": "vector",
        "crs": _MERCATOR,
        "tileMatrixSetURI": _SCHEME_URI,
        "links": links,
    }
    if not whole:
        return told
    columns = found.prepared.tiles.source.columns
    schema = {column.key: {"description": _FIELDS[column.key]} for column in columns}
    told["layers"] = [
        {
            "id": found.layer,
            "title": found.title,
            "dataType": "vector",
            "minTileMatrix": str(found.detail),
            "maxTileMatrix": str(tiles.MAX_ZOOM),
            "propertiesSchema": {"type": "object", "properties": schema},
        }
    ]
    told["tileMatrixSetLimits"] = found.limits()
    bounds = found.prepared.tiles.bounds
    if bounds is not None:
        told["boundingBox"] = {"lowerLeft": bounds[:2], "upperRight": bounds[2:], "crs": _CRS84}
    return told


def _tilejson(found: TileSet) -> dict[str, Any]:
    bounds = found.prepared.tiles.bounds
    told: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": found.title,
        "description": found.notice,
        "scheme": "xyz",
        "tiles": [found.template],
        "minzoom": found.detail,
        "maxzoom": tiles.MAX_ZOOM,
        "vector_layers": [
            {
                "id": found.layer,
                "minzoom": found.detail,
                "maxzoom": tiles.MAX_ZOOM,
                "fields": {column.key: _FIELDS[column.key] for column in found.prepared.tiles.source.columns},
            }
        ],
    }
    return told if bounds is None else {**told, "bounds": bounds}


def _link(href: str, rel: str, media_type: str, title: str) -> dict[str, Any]:
    return {"href": href, "rel": rel, "type": media_type, "title": title}
