"""What a criterion may look at while it is tested: the columns that this audience sees, the day, and what is nearby."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from landmap.domain import Audience, District, Field, Layer, PolicyClass, layer_named
from landmap.domain.errors import InvalidValueError
from landmap.query.columns import NO_DAY, Coded, Columns, Listed
from landmap.query.index import Codes, Lists, Ordered, Searched
from landmap.query.truth import Numbers
from landmap.query.view import Children, View

#: A planned facility is no facility yet.
_STANDING: Final = frozenset({"existing", "under_construction"})


@cache
def _fields_for(layer: str, asking: PolicyClass) -> Mapping[str, Field]:
    return MappingProxyType(layer_named(layer).fields_for(asking))


def visible_fields(layer: Layer, audience: Audience) -> Mapping[str, Field]:
    """Return the fields of `layer` that exist for `audience`, geometry left out.

    A scope that names fields is an allow-list: of a layer it does not name, only the id is left.
    """
    fields = _fields_for(layer.name, audience.policy_class)
    if audience.scope is None or audience.scope.fields is None:
        return fields
    chosen = audience.scope.fields.get(layer.name, frozenset()) | {layer.id_field}
    return {name: field for name, field in fields.items() if name in chosen}


class Surroundings(Protocol):
    """Where the views of other layers of the same class are found."""

    def view_of(self, layer: str, audience: Audience) -> View | None:
        """Return what the audience's class sees of `layer`; None when the snapshot does not have it."""
        ...


@dataclass(frozen=True)
class Scene:
    """One select as its criteria see it.

    A path is the name of a field, or ``layer.field`` for a nested layer. A path that the audience may not see reads as
    unknown.
    """

    view: View
    audience: Audience
    district: District
    today: dt.date
    surroundings: Surroundings
    fields: Mapping[str, Field]

    @property
    def size(self) -> int:
        """How many records the class has."""
        return self.view.size

    def sees(self, path: str) -> bool:
        """Return whether the audience may see `path`."""
        layer, dot, name = path.rpartition(".")
        if not dot:
            return name in self.fields
        nested = self.view.children.get(layer)
        return nested is not None and name in visible_fields(nested.layer, self.audience)

    def numbers(self, path: str, *, largest: bool = True) -> Numbers:
        """Return a numeric field, NaN for unknown; of nested rows the largest (or smallest) known value."""
        layer, dot, name = path.rpartition(".")
        if not self.sees(path):
            return np.full(self.size, np.nan)
        if not dot:
            return self.view.columns.numbers(name)
        nested = self.view.children[layer]
        return self.view.keep(("best", path, largest), lambda: _best(nested, name, self.size, largest))

    def ordered(self, paths: tuple[str, ...], *, largest: bool = True) -> Ordered:
        """Return the order of a number: of the first of `paths` that is known."""

        def make() -> Ordered:
            first, *others = (self.numbers(path, largest=largest) for path in paths)
            for other in others:
                first = np.where(np.isnan(first), other, first)
            return Ordered(first, ~np.isnan(first))

        return self.view.keep(("ordered", paths, largest, *map(self.sees, paths)), make)

    def ordered_days(self, name: str) -> Ordered:
        """Return the order of a date field, in days since 1970-01-01."""

        def make() -> Ordered:
            days = self._columns(name).days(name)
            return Ordered(days, days != NO_DAY)

        return self.view.keep(("ordered days", name, self.sees(name)), make)

    def flags(self, name: str) -> npt.NDArray[np.int8]:
        """Return a boolean field as 1, 0 or -1."""
        return self._columns(name).flags(name)

    def coded(self, name: str) -> Coded:
        """Return a field as a dictionary column."""
        return self._columns(name).coded(name)

    def index(self, name: str) -> Codes:
        """Return the index of a field as a dictionary column."""
        return self._columns(name).index(name)

    def listed(self, name: str) -> Listed:
        """Return a field of lists."""
        return self._columns(name).listed(name)

    def lists(self, name: str) -> Lists:
        """Return the index of a field of lists."""
        return self._columns(name).lists(name)

    def searched(self, names: tuple[str, ...]) -> Searched:
        """Return those text fields that the audience sees, ready for searching."""
        seen = tuple(name for name in names if self.sees(name))
        columns = self.view.columns
        return self.view.keep(("searched", seen), lambda: Searched(list(map(columns.folded, seen)), self.size))

    def nested(self, layer: str) -> Children | None:
        """Return a nested layer, or None when the snapshot does not have it."""
        return self.view.children.get(layer)

    def metres_to(self, kind: str) -> Ordered | None:
        """Return the order of distances to the nearest standing facility; None when the class knows of none."""

        def measure() -> Ordered | None:
            others = self.surroundings.view_of("facilities", self.audience)
            if others is None:
                return None
            columns = others.columns
            chosen = columns.coded("kind").among(frozenset({kind})) & columns.coded("status").among(_STANDING)
            chosen &= np.array([shape is not None for shape in others.geometry], dtype=np.bool_)
            if not chosen.any():
                return None
            metres = self.view.metres_to(others.planar[chosen])
            return Ordered(metres, ~np.isnan(metres))

        return self.view.keep(("metres", kind), measure)

    def outline(self, code: str) -> BaseGeometry:
        """Return the outline of a district; InvalidValueError when the class knows of none by that code."""
        others = self.surroundings.view_of("districts", self.audience)
        ordinal = None if others is None else others.ordinal_of.get(code)
        if others is None or ordinal is None or others.geometry[ordinal] is None:
            raise InvalidValueError.of("within", code, "no district has this code", "see the collection districts")
        shape: BaseGeometry = others.geometry[ordinal]
        return shape

    def _columns(self, name: str) -> Columns:
        return self.view.columns if self.sees(name) else Columns(self.view.table, {})


def _best(nested: Children, name: str, size: int, largest: bool) -> Numbers:
    values = nested.columns.numbers(name)
    known = ~np.isnan(values)
    best = np.full(size, -np.inf if largest else np.inf)
    (np.maximum if largest else np.minimum).at(best, nested.parents[known], values[known])
    best[np.isinf(best)] = np.nan
    return best
