"""From a query string to the records it asks for, once: a map asks for every tile of a view with the same filters."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from landmap.api.answers import etag_of
from landmap.api.deps import asked, pairs_of, state_of
from landmap.api.params import only, read_version
from landmap.api.prepared import Choice, Prepared
from landmap.api.state import State, today
from landmap.domain import Audience
from landmap.domain.errors import NotFoundError
from landmap.query import Catalog
from landmap.render import tiles


@dataclass(frozen=True)
class Chosen:
    """What an answer from prepared bytes needs: the layer, and which of its records."""

    prepared: Prepared
    choice: Choice


def tiles_key(catalog: Catalog, audience: Audience, layer: str) -> str:
    """Return what the tiles of a layer depend on: a version alone does not say for whom they were drawn."""
    return etag_of("tiles", catalog.snapshot_id, audience.key, layer).strip('"')


def at_hand(request: Request, layer: str) -> Chosen | None:
    """Return what a request asks for if that was asked before; None when finding it out may take time."""
    state = state_of(request)
    catalog = state.holder.recent()
    prepared = None if catalog is None else state.prepared.held(catalog, layer, state.audience.policy_class)
    if catalog is None or prepared is None:
        return None
    choice = prepared.choices.get(_key(request, state, catalog))
    return None if choice is None else Chosen(prepared, choice)


def chosen(request: Request, layer: str) -> Chosen:
    """Return what a request asks for.

    Raises
    ------
    LandmapError
        For a criterion that cannot be read or does not exist for the audience.
    """
    ask = asked(request, layer, ("v",))
    state, catalog = ask.state, ask.catalog
    prepared = state.prepared.of(catalog, layer, ask.audience.policy_class)
    key = tiles_key(catalog, ask.audience, layer)
    if not ask.criteria.to_query():
        choice = Choice(key, None, lasting=ask.answer.v == key)
    else:
        selection = ask.select(layer)
        choice = Choice(selection.etag, selection.bitmap(), lasting=False)
    prepared.choices.put(_key(request, state, catalog), choice)
    return Chosen(prepared, choice)


def chosen_basemap(request: Request) -> Chosen:
    """Return what a request for the basemap asks for; NotFoundError when the district has none of its own."""
    given = only(pairs_of(request), ("v",))
    version = read_version("v", given["v"]) if "v" in given else None
    state = state_of(request)
    catalog = state.holder.current()
    prepared = state.prepared.basemap(catalog, state.audience.policy_class)
    if prepared is None:
        raise NotFoundError("this district has no basemap of its own")
    key = tiles_key(catalog, state.audience, tiles.BASEMAP_LAYER)
    choice = Choice(key, None, lasting=version == key)
    prepared.choices.put(_key(request, state, catalog), choice)
    return Chosen(prepared, choice)


def _key(request: Request, state: State, catalog: Catalog) -> tuple[object, ...]:
    return request.scope["query_string"], state.audience.key, today(catalog)
