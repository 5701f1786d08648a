"""A diff as GeoJSON, for a map of what a delivery would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import shapely

from landmap.store.compare import LayerDiff

Feature = dict[str, Any]


def diff_features(diff: LayerDiff) -> dict[str, Any]:
    """Return the records of a diff as one GeoJSON FeatureCollection.

    Parameters
    ----------
    diff : LayerDiff
        Everything in it is told: for stewards alone.

    Returns
    -------
    dict
        Features in longitude and latitude with properties ``layer``, ``id``, ``change`` (added, removed, changed,
        renumbered) and ``side`` (before, after): a record whose outline moved is there twice. ``fields`` names what
        changed, ``moved_m2`` how much land; ``new_id`` and ``reason`` go with renumbered and removed ones.
    """
    return {"type": "FeatureCollection", "features": [*_features(diff)]}


def _features(diff: LayerDiff) -> Iterator[Feature]:
    for id in diff.added:
        yield from _sides(diff, id, "added", {}, ("after",))
    for id in diff.removed:
        yield from _sides(diff, id, "removed", {"reason": diff.withdrawn.get(id)}, ("before",))
    for old, new in diff.renumbered.items():
        yield from _sides(diff, old, "renumbered", {"new_id": new}, ("after",))
    for id, fields in diff.changed.items():
        told = {"fields": sorted(fields), "moved_m2": diff.moved_m2.get(id)}
        yield from _sides(diff, id, "changed", told, ("before", "after") if "geometry" in fields else ("after",))


def _sides(diff: LayerDiff, id: str, change: str, more: Mapping[str, Any], sides: tuple[str, ...]) -> Iterator[Feature]:
    shapes = dict(zip(("before", "after"), diff.shapes.get(id, (None, None)), strict=True))
    for side in sides:
        shape = shapes[side]
        geometry = None if shape is None else json.loads(shapely.to_geojson(shape))
        properties = {"layer": diff.layer, "id": id, "change": change, "side": side, **more}
        yield {"type": "Feature", "geometry": geometry, "properties": properties}
