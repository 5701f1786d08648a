"""The engine in memory: NumPy columns and a spatial index per layer and policy class, made at their first use."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from landmap.domain import Audience, District, Kind, PolicyClass, Table, collections, layer_named
from landmap.domain.errors import InvalidValueError, LandmapError, NotFoundError, UnknownFieldError, shown
from landmap.query import faults
from landmap.query.criteria import Criteria, asks
from landmap.query.engine import Record
from landmap.query.index import Bits, bits
from landmap.query.records import records_at
from landmap.query.scene import Scene, visible_fields
from landmap.query.selection import MemorySelection
from landmap.query.view import View

#: How many sort keys are read.
SORT_KEYS_MAX = 5


class MemoryEngine:
    """An `Engine` over tables.

    Parameters
    ----------
    snapshot_id : str
    district : District
    tables : mapping
        Layers by name. A collection without a table has no records.
    """

    def __init__(self, snapshot_id: str, district: District, tables: Mapping[str, Table]) -> None:
        self.snapshot_id = snapshot_id
        self.district = district
        self._tables = tables
        self._views: dict[tuple[str, PolicyClass], View] = {}
        self._lock = threading.RLock()

    def select(
        self, layer: str, criteria: Criteria, audience: Audience, *, today: dt.date, sort: Sequence[str] = ()
    ) -> MemorySelection:
        """Return what `audience` gets for `criteria`; all faults at once."""
        if criteria.layer_name != layer:
            raise InvalidValueError(f"these are criteria of {criteria.layer_name!r}, not of {shown(layer)}")
        scene = self._scene(layer, audience, today)
        found: list[LandmapError] = [*_hidden(criteria, scene), *_unknown_presets(criteria, scene)]
        keys = list(_sort_keys(sort, scene, found))
        faults.raise_all(found)
        declared, settings = asks(type(criteria)), criteria.settings()
        truths = {}
        for name in criteria.active():
            verb = declared[name].verb
            assert verb is not None
            truths[name] = verb.test(getattr(criteria, name), settings, scene)
        return MemorySelection(self.snapshot_id, scene, criteria, truths, _extent(scene), keys)

    def record(self, layer: str, id: str, audience: Audience, *, today: dt.date) -> Record:
        """Return one record; NotFoundError when it does not exist for the audience."""
        scene = self._scene(layer, audience, today)
        ordinal = scene.view.ordinal_of.get(id)
        if ordinal is None or not bits.holds(_extent(scene), np.array([ordinal])).all():
            raise NotFoundError(f"the layer {layer} has no record {shown(id)}")
        return next(records_at(scene, np.array([ordinal])))

    def size(self, layer: str, audience: Audience) -> int:
        """Return how many records exist for the audience."""
        return bits.count(_extent(self._scene(layer, audience, dt.date.min)))

    def view_of(self, layer: str, audience: Audience) -> View | None:
        """Return what the audience's class sees of any layer; None when the snapshot does not have it."""
        return self.view(layer, audience.policy_class) if layer in self._tables else None

    def view(self, layer: str, asking: PolicyClass) -> View:
        """Return what `asking` sees of a spatial layer of the snapshot."""
        key = (layer, asking)
        if key not in self._views:
            with self._lock:
                if key not in self._views:
                    self._views[key] = View(layer_named(layer), asking, self._tables, self.district.planar_epsg)
        return self._views[key]

    def _scene(self, layer: str, audience: Audience, today: dt.date) -> Scene:
        if layer not in collections():
            raise NotFoundError(f"no collection is called {shown(layer)}", hint=f"one of {', '.join(collections())}")
        view = self.view(layer, audience.policy_class)
        return Scene(view, audience, self.district, today, self, visible_fields(view.layer, audience))


def _extent(scene: Scene) -> Bits:
    """Return the records that the audience's scope leaves; of a layer it does not name, none."""
    if scene.audience.scope is None:
        return scene.view.everyone
    ordinals = scene.view.ordinal_of
    ids = scene.audience.scope.ids.get(scene.view.layer.name, frozenset())
    return bits.of_rows(np.array([ordinals[id] for id in ids if id in ordinals], dtype=np.int64), scene.size)


def _hidden(criteria: Criteria, scene: Scene) -> Iterator[UnknownFieldError]:
    """Yield one error for every criterion that reads what the audience may not see."""
    declared = asks(type(criteria))
    for name in criteria.active():
        if not all(map(scene.sees, declared[name].needs)):
            yield faults.unknown_field(name, scene.fields)


def _unknown_presets(criteria: Criteria, scene: Scene) -> Iterator[LandmapError]:
    declared = asks(type(criteria))
    for key in getattr(criteria, "preset", ()):
        try:
            declared["preset"].value.check("preset", key, scene.district)
        except InvalidValueError as error:
            yield error


def _sort_keys(sort: Sequence[str], scene: Scene, found: list[LandmapError]) -> Iterator[tuple[str, bool]]:
    """Yield field and direction of every sort key; an error goes to `found` for a field nobody can sort by."""
    if not sort:
        return
    sortable = [name for name, field in scene.fields.items() if not field.kind.listed and field.kind is not Kind.JSON]
    if len(sort) > SORT_KEYS_MAX:
        found.append(InvalidValueError.of("sort", ",".join(sort), "has too many keys", f"at most {SORT_KEYS_MAX}"))
        return
    names = [key.removeprefix("-") for key in sort]
    for key, name in zip(sort, names, strict=True):
        if name not in sortable:
            found.append(faults.unknown_field(name, sortable))
        elif names.count(name) > 1:
            found.append(InvalidValueError.of("sort", key, "names a field twice", "name each field once"))
        else:
            yield name, key.startswith("-")
