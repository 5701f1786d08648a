"""Counts by group and by bin over the columns of a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np

from landmap.domain import Kind, land_use
from landmap.query.engine import Facet, Histogram
from landmap.query.land_predicates import UseInPreset
from landmap.query.land_values import presets_of
from landmap.query.predicates import Settings
from landmap.query.scene import Scene
from landmap.query.truth import Mask, Numbers


def facet_fields(scene: Scene) -> tuple[str, ...]:
    """Return the facets the audience may see: fields marked so in the field table, then the computed groups."""
    plain = [name for name, field in scene.fields.items() if field.facet and name not in _COMPUTED]
    return (*plain, *(name for name in _COMPUTED if scene.sees("land_use_code") and scene.sees("new_industry_tag")))


def facet(scene: Scene, name: str, chosen: Mask) -> Facet:
    """Count the groups of facet `name` among the `chosen` records."""
    if name in _COMPUTED:
        return _COMPUTED[name](scene, chosen)
    if scene.fields[name].kind.listed:
        lists = scene.listed(name)
        counted = lists.codes[chosen[lists.rows]]
        unknown = int((chosen & ~lists.known).sum())
        return _counted(name, lists.labels, np.bincount(counted, minlength=len(lists.labels)), unknown)
    column = scene.coded(name)
    codes = column.codes[chosen]
    counts = np.bincount(codes[codes >= 0], minlength=len(column.labels))
    return _counted(name, column.labels, counts, int((codes < 0).sum()))


def _counted(name: str, labels: Iterable[str], counts: Iterable[int], unknown: int) -> Facet:
    found = [(label, int(count)) for label, count in zip(labels, counts, strict=True) if count]
    return Facet(name, dict(sorted(found, key=lambda one: (-one[1], one[0]))), unknown)


def _preset_facet(scene: Scene, chosen: Mask) -> Facet:
    """Count the land-use groups; a record may lie in several, and is unknown when it lies in none for sure."""
    groups = presets_of(scene.district)
    answers = [UseInPreset().test((key,), Settings(), scene) for key in groups]
    sure = np.logical_or.reduce([answer.true for answer in answers])
    unsure = np.logical_or.reduce([answer.undecided for answer in answers])
    counts = [int((answer.true & chosen).sum()) for answer in answers]
    return _counted("preset", groups, counts, int((chosen & unsure & ~sure).sum()))


def _display_facet(scene: Scene, chosen: Mask) -> Facet:
    """Count the classes of the legend; an unknown land use is drawn as ``other`` and counted as unknown."""
    code, tag = scene.coded("land_use_code"), scene.coded("new_industry_tag")
    tagged = ~tag.unknown & ~tag.among(frozenset({land_use.new_industry.NONE}))
    labels = [shown.key for shown in land_use.display_classes()]
    counts = np.zeros(len(labels), dtype=np.int64)
    for new_industry, rows in ((True, chosen & tagged), (False, chosen & ~tagged)):
        for label, number in zip(code.labels, _tally(code.codes[rows], len(code.labels)), strict=True):
            counts[labels.index(land_use.display_class(label, new_industry).key)] += number
    return _counted("display_class", labels, counts, int((chosen & code.unknown).sum()))


def _tally(codes: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(codes[codes >= 0], minlength=size)


_COMPUTED: Final[Mapping[str, Callable[[Scene, Mask], Facet]]] = {
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


def histogram(scene: Scene, path: str, extent: Mask, chosen: Mask, bins: int) -> Histogram:
    """Count the `chosen` records in equal bins between the least and greatest value of `extent`.

    The edges depend on `extent` alone, so they stay in place while filters change. A single value makes one bin.
    """
    layer, dot, name = path.rpartition(".")
    unit = (scene.view.children[layer].layer.fields if dot else scene.fields)[name].unit
    values = scene.numbers(path)
    known = ~np.isnan(values)
    unknown = int((chosen & ~known).sum())
    reach = values[extent & known]
    if not len(reach):
        return Histogram(path, unit, (), (), unknown)
    low, high = float(reach.min()), float(reach.max())
    edges = np.linspace(low, high, bins + 1) if low < high else np.array([low, high])
    counts = _binned(values[chosen & known], edges)
    return Histogram(path, unit, tuple(map(float, edges)), tuple(map(int, counts)), unknown)


def _binned(values: Numbers, edges: Numbers) -> np.ndarray:
    last = len(edges) - 2
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, last)
    return np.bincount(places, minlength=last + 1)
