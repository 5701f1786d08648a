"""What a criterion may look at while it is tested: the columns that this audience sees, the day, and what is nearby."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from shapely.geometry.base import BaseGeometry

from landmap.domain import Audience, District, Field, Layer
from landmap.domain.errors import InvalidValueError
from landmap.query.columns import NO_DAY, Coded, Columns, Listed
from landmap.query.truth import Numbers
from landmap.query.view import Children, View

#: A planned facility is no facility yet.
_STANDING: Final = frozenset({"existing", "under_construction"})


def visible_fields(layer: Layer, audience: Audience) -> Mapping[str, Field]:
    """Return the fields of `layer` that exist for `audience`, geometry left out.

    A scope that names fields is an allow-list: of a layer it does not name, only the id is left.
    """
    fields = layer.fields_for(audience.policy_class)
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

    def days(self, name: str) -> npt.NDArray[np.int64]:
        """Return a date field in days since 1970-01-01, `NO_DAY` for unknown."""
        return self.view.columns.days(name) if self.sees(name) else np.full(self.size, NO_DAY, dtype=np.int64)

    def flags(self, name: str) -> npt.NDArray[np.int8]:
        """Return a boolean field as 1, 0 or -1."""
        return self._columns(name).flags(name)

    def coded(self, name: str) -> Coded:
        """Return a field as a dictionary column."""
        return self._columns(name).coded(name)

    def listed(self, name: str) -> Listed:
        """Return a field of lists."""
        return self._columns(name).listed(name)

    def nested(self, layer: str) -> Children | None:
        """Return a nested layer, or None when the snapshot does not have it."""
        return self.view.children.get(layer)

    def metres_to(self, kind: str) -> Numbers | None:
        """Return the distance to the nearest standing facility of `kind`; None when the class knows of none."""

        def measure() -> Numbers | None:
            others = self.surroundings.view_of("facilities", self.audience)
            if others is None:
                return None
            columns = others.columns
            chosen = columns.coded("kind").among(frozenset({kind})) & columns.coded("status").among(_STANDING)
            chosen &= np.array([shape is not None for shape in others.geometry], dtype=np.bool_)
            return self.view.metres_to(others.planar[chosen]) if chosen.any() else None

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
