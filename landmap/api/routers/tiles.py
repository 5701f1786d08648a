"""Vector tiles of every collection and of the basemap; dots where the zoom is too coarse; a filter as bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from landmap.api.answers import FOREVER, REVALIDATE, etag_of, fresh
from landmap.api.choosing import Chosen, at_hand, chosen, chosen_basemap
from landmap.api.coding import SHORT, coding_for, packed
from landmap.api.deps import asked, state_of
from landmap.api.openapi import Note
from landmap.api.plain import PlainRoute
from landmap.domain import collections, layer_named
from landmap.domain.errors import NotFoundError
from landmap.render import tiles

MATRIX_SET: Final = "WebMercatorQuad"
BITS: Final = "application/octet-stream"
_TILE: Final = f"tiles/{MATRIX_SET}/{{z}}/{{y}}/{{x}}"
_NOTHING_THERE: Final = "Nothing that is asked for lies in the tile"
_ADDRESSED: Final = (400, 404, 503)


def routes() -> list[PlainRoute]:
    """Return the routes of every collection and of the basemap."""
    return [route for layer in collections() for route in _of(layer)] + [_basemap()]


def _of(layer: str) -> list[PlainRoute]:
    base, label = f"/api/collections/{layer}", layer_named(layer).label_en

    async def tile(request: Request) -> Response:
        """Answer one vector tile (MVT 2.1) of the records that meet every filter; its ids are bits of the bitmap."""
        return await _tile(request, layer, lambda: chosen(request, layer))

    def dots(request: Request) -> Response:
        """Answer every record that meets every filter as a dot, for zooms too coarse for outlines."""
        return _dots(request, layer)

    def bitmap(request: Request) -> Response:
        """Answer which records meet every filter: bit i = ordinal i, lowest bit first."""
        return _bitmap(request, layer)

    drawn = Note(
        layer=layer,
        criteria=True,
        params=("v",),
        path=("z", "y", "x"),
        media_types=(tiles.MEDIA_TYPE,),
        faults=_ADDRESSED,
        empty=_NOTHING_THERE,
    )
    placed = Note(layer=layer, criteria=True, media_types=(tiles.DOTS_TYPE,))
    bits = Note(layer=layer, criteria=True, media_types=(BITS,))
    return [
        PlainRoute(
            f"{base}/{path}", endpoint, note, summary=f"{label}: {key}", operation_id=f"{key}_{layer}", tag="tiles"
        )
        for path, endpoint, key, note in (
            (_TILE, tile, "tile", drawn),
            ("dots", dots, "dots", placed),
            ("bitmap", bitmap, "bitmap", bits),
        )
    ]


def _basemap() -> PlainRoute:
    name = tiles.BASEMAP_LAYER

    async def tile(request: Request) -> Response:
        """Answer one vector tile of the district's own basemap; 404 when it has none."""
        return await _tile(request, name, lambda: chosen_basemap(request))

    note = Note(
        params=("v",),
        path=("z", "y", "x"),
        media_types=(tiles.MEDIA_TYPE,),
        faults=_ADDRESSED,
        empty=_NOTHING_THERE,
    )
    path = f"/api/collections/{name}/{_TILE}"
    return PlainRoute(path, tile, note, summary="Basemap: tile", operation_id="tile_basemap", tag="tiles")


async def _tile(request: Request, layer: str, choose: Callable[[], Chosen]) -> Response:
    """Answer at once from what is kept; what has yet to be found or made goes to a thread."""
    address = tiles.TileAddress.read(**request.path_params)
    found = at_hand(request, layer)
    tile = None if found is None else found.prepared.tiles.held(address)
    if found is not None and tile is not None:
        return _spliced(request, found, address, tile)
    return await run_in_threadpool(lambda: _spliced(request, *_made(address, choose)))


def _made(address: tiles.TileAddress, choose: Callable[[], Chosen]) -> tuple[Chosen, tiles.TileAddress, tiles.Tile]:
    found = choose()
    layer = found.prepared.tiles
    if address.z < layer.source.detail:
        told = f"tiles of {layer.source.name} begin at zoom {layer.source.detail}"
        raise NotFoundError(told, hint="below it, `dots` answers every record that matches")
    return found, address, layer.tile(address)


def _spliced(request: Request, found: Chosen, address: tiles.TileAddress, tile: tiles.Tile) -> Response:
    choice = found.choice
    etag = etag_of("tile", choice.tag, address.z, address.y, address.x)
    held = fresh(request, etag)
    if held is not None:
        return held
    headers = {"ETag": etag, "Cache-Control": FOREVER if choice.lasting else REVALIDATE}
    if choice.bitmap is None:
        body = tile.whole()
        coding = coding_for(request.headers.get("accept-encoding", "")) if len(body) >= SHORT else None
        if coding is not None:
            body = found.prepared.packed_once((address, coding), lambda: packed(body, coding))
            headers["Content-Encoding"] = coding
    else:
        body = tile.only(tiles.kept_of(choice.bitmap, tile.ordinals))
    if not body:
        return Response(status_code=204, headers=headers)
    return Response(body, media_type=tiles.MEDIA_TYPE, headers=headers)


def _dots(request: Request, layer: str) -> Response:
    ask = asked(request, layer, ())
    selection = ask.select(layer)
    etag = etag_of("dots", selection.etag)
    held = fresh(request, etag)
    if held is not None:
        return held
    prepared = state_of(request).prepared.of(ask.catalog, layer, ask.audience.policy_class)
    body = tiles.dots(prepared.tiles, selection)
    return Response(body, media_type=tiles.DOTS_TYPE, headers={"ETag": etag, "Cache-Control": REVALIDATE})


def _bitmap(request: Request, layer: str) -> Response:
    selection = asked(request, layer, ()).select(layer)
    etag = etag_of("bitmap", selection.etag)
    held = fresh(request, etag)
    if held is not None:
        return held
    return Response(selection.bitmap(), media_type=BITS, headers={"ETag": etag, "Cache-Control": REVALIDATE})
