"""What became of a record's number, as far as an audience may know of it."""

from __future__ import annotations

from landmap.domain import Audience
from landmap.query import Catalog
from landmap.store import Fate, Snapshot, fate_of


def known_fate(catalog: Catalog, layer: str, id: str, audience: Audience) -> Fate | None:
    """Return what became of a record that is no longer there; None when `audience` may not know that it ever was."""
    snapshot = catalog.snapshot
    if audience.scope is not None or not isinstance(snapshot, Snapshot):
        return None
    fate = fate_of(snapshot.manifest, layer, id)
    return fate if fate is not None and fate.known_to(audience.policy_class) else None


def renamed(catalog: Catalog, layer: str, ids: tuple[str, ...], audience: Audience) -> tuple[str, ...]:
    """Return the numbers that records go by today, as far as `audience` may know of them."""
    fates = {id: known_fate(catalog, layer, id, audience) for id in ids}
    return tuple(fate.to if fate is not None and fate.to is not None else id for id, fate in fates.items())
