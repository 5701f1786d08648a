"""The layers that records are held against when they are checked, as they will be once what waits is published."""

from __future__ import annotations

import pandas as pd

from landmap.domain import canonical_frame, layer_named
from landmap.domain.errors import NotFoundError
from landmap.ingest import compared_with
from landmap.store import Home, open_current, staged


def beside_of(home: Home, layer: str) -> dict[str, pd.DataFrame]:
    """Return what the checks of `layer` compare with, as canonical frames by layer; what the home has not is left out.

    A layer that waits to be published counts as it will be: in place of the published one, or added to it. Records of
    `layer` itself are those published, for they are about to be replaced or joined.
    """
    try:
        current = open_current(home)
    except NotFoundError:
        current = None
    waiting = staged(home)
    found: dict[str, pd.DataFrame] = {}
    for name in compared_with(layer):
        published = current.layer(name) if current is not None and name in current.layers else None
        coming = waiting.get(name) if name != layer else None
        if coming is None:
            if published is not None:
                found[name] = published
        elif published is None or coming.mode == "replace":
            found[name] = coming.frame()
        else:
            found[name] = _joined(published, coming.frame(), list(layer_named(name).key))
    return found


def published_of(home: Home, layer: str) -> pd.DataFrame:
    """Return `layer` as it was imported, for an update or a join of it; empty where it was never published."""
    try:
        return open_current(home).given(layer)
    except NotFoundError:
        return canonical_frame(pd.DataFrame(), layer_named(layer))


def _joined(before: pd.DataFrame, after: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    both = pd.concat([before, after], ignore_index=True)
    return both[~both.duplicated(key, keep="last")].reset_index(drop=True)
