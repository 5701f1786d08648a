"""Counts by group and by bin among the records of a subset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np

from landmap.domain import Kind
from landmap.query.derived import drawn
from landmap.query.engine import Facet, Histogram
from landmap.query.index import Bits, Codes, Subset
from landmap.query.land_predicates import in_groups
from landmap.query.land_values import presets_of
from landmap.query.predicates import Settings
from landmap.query.scene import Scene
from landmap.query.truth import Numbers, any_of


def facet_fields(scene: Scene) -> tuple[str, ...]:
    """Return the facets the audience may see: fields marked so in the field table, then the computed groups."""
    plain = [name for name, field in scene.fields.items() if field.facet and name not in _COMPUTED]
    return (*plain, *(name for name in _COMPUTED if scene.sees("land_use_code") and scene.sees("new_industry_tag")))


def facet(scene: Scene, name: str, chosen: Subset) -> Facet:
    """Count the groups of facet `name` among the `chosen` records."""
    if name in _COMPUTED:
        return _COMPUTED[name](scene, chosen)
    if scene.fields[name].kind.listed:
        lists = scene.lists(name)
        return _counted(name, scene.listed(name).labels, lists.tally(chosen).tolist(), *chosen.within([lists.unknown]))
    return _by_code(name, scene.coded(name).labels, scene.index(name), chosen)


def _by_code(name: str, labels: Iterable[str], index: Codes, chosen: Subset) -> Facet:
    counts = index.tally(chosen)
    return _counted(name, labels, counts.tolist(), chosen.total - int(counts.sum()))


def _counted(name: str, labels: Iterable[str], counts: Iterable[int], unknown: int) -> Facet:
    found = [(label, count) for label, count in zip(labels, counts, strict=True) if count]
    return Facet(name, dict(sorted(found, key=lambda one: (-one[1], one[0]))), unknown)


def _preset_facet(scene: Scene, chosen: Subset) -> Facet:
    """Count the land-use groups; a record may lie in several, and is unknown when it lies in none for sure."""
    groups = presets_of(scene.district)

    def judge() -> tuple[list[Bits], Bits]:
        answers = [in_groups(scene, [group], Settings()) for group in groups.values()]
        unsure = any_of(answers).unknown
        assert unsure is not None
        return [answer.true for answer in answers], unsure

    sure, unsure = scene.view.keep(("groups", scene.sees("mixed_uses")), judge)
    return _counted("preset", groups, chosen.within(sure), *chosen.within([unsure]))


def _display_facet(scene: Scene, chosen: Subset) -> Facet:
    """Count the classes of the legend; an unknown land use is drawn as ``other`` and counted as unknown."""
    return _by_code("display_class", *drawn(scene), chosen)


_COMPUTED: Final[Mapping[str, Callable[[Scene, Subset], Facet]]] = {
    "preset": _preset_facet,
    "display_class": _display_facet,
}


def numeric(scene: Scene, path: str) -> bool:
    """Return whether `path` is a numeric field that the audience sees, of the layer or of a nested one."""
    if not scene.sees(path):
        return False
    layer, dot, name = path.rpartition(".")
    fields = scene.view.children[layer].layer.fields if dot else scene.fields
    return fields[name].kind in (Kind.NUMBER, Kind.INTEGER)


def histogram(scene: Scene, path: str, extent: Subset, chosen: Subset, bins: int) -> Histogram:
    """Count the `chosen` records in equal bins between the least and greatest value of `extent`.

    The edges depend on `extent` alone, so they stay in place while filters change. A single value makes one bin.
    """
    layer, dot, name = path.rpartition(".")
    unit = (scene.view.children[layer].layer.fields if dot else scene.fields)[name].unit
    if extent.total < scene.size:
        edges = _edges(scene.numbers(path)[extent.rows], bins)
        values = scene.numbers(path)[chosen.rows]
        counts = np.bincount(_places(values[~np.isnan(values)], edges), minlength=max(len(edges) - 1, 0))
    else:
        edges, index = scene.view.recent(("bins", path, bins), lambda: _binned(scene.numbers(path), bins))
        counts = index.tally(chosen)
    unknown = chosen.total - int(counts.sum())
    return Histogram(path, unit, tuple(edges.tolist()), tuple(counts.tolist()), unknown)


def _edges(values: Numbers, bins: int) -> Numbers:
    """Return the edges of bins over the known values; none without any."""
    low, high = float(np.fmin.reduce(values, initial=np.nan)), float(np.fmax.reduce(values, initial=np.nan))
    if np.isnan(low):
        return np.empty(0)
    return np.linspace(low, high, bins + 1) if low < high else np.array([low, high])


def _places(values: Numbers, edges: Numbers) -> np.ndarray:
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)


def _binned(values: Numbers, bins: int) -> tuple[Numbers, Codes]:
    """Return the edges of bins over all values, and the bin of each."""
    edges, known = _edges(values, bins), ~np.isnan(values)
    places = np.full(len(values), -1)
    if len(edges):
        places[known] = _places(values[known], edges)
    return edges, Codes(places, max(len(edges) - 1, 0))
