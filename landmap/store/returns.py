"""An id that was given up is never given to other land; it may only come back to its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from landmap.domain import District, Layer
from landmap.domain.errors import NotFoundError, SchemaError, StoreError, shown
from landmap.store import current
from landmap.store.canonical import key_texts
from landmap.store.fates import Fate
from landmap.store.home import Home
from landmap.store.plan import LayerPlan
from landmap.store.same_land import same_place


def check_returns(home: Home, plan: LayerPlan, earlier: Mapping[str, Fate], district: District) -> None:
    """Raise SchemaError when a record comes under an id that other land had before.

    Parameters
    ----------
    home : Home
        Holds the version that knew the id last; when that one cannot be read, nothing vouches for the land.
    plan : LayerPlan
    earlier : mapping of str to Fate
        What became of the ids of the layer before.
    district : District
    """
    if not earlier:
        return
    ids = key_texts(plan.frame, plan.layer)
    live = set(ids)
    known = set() if plan.before is None else set(key_texts(plan.before, plan.layer))
    shapes = np.asarray(plan.frame["geometry"], dtype=object)
    for row in np.flatnonzero((ids.isin(earlier) & ~ids.isin(known)).to_numpy()):
        fate = earlier[ids.iloc[row]]
        successor = plan.renumbered.get(fate.to or "", fate.to)
        if successor != fate.id and successor in live:
            raise SchemaError(
                f"{plan.layer.name} {shown(fate.id)} was renumbered: it is {shown(successor)} since {fate.on}",
                hint="deliver it under its number of today",
            )
        place = _place(home, plan.layer, fate)
        if place is None or not same_place(place, shapes[row], district.planar_epsg):
            what = "was renumbered" if fate.to is not None else "was withdrawn"
            raise SchemaError(
                f"{plan.layer.name} {shown(fate.id)} {what} on {fate.on}; its id is not given to other land",
                hint="give the record an id of its own",
            )


def _place(home: Home, layer: Layer, fate: Fate) -> object | None:
    """Return the shape that an id had last; None when the version that held it cannot be read."""
    try:
        frame = current.opened(home.snapshots / fate.version).given(layer.name)
    except (StoreError, NotFoundError):
        return None
    held = frame.loc[(frame[layer.id_field] == fate.id).to_numpy(), "geometry"]
    return None if held.empty else held.iloc[0]
