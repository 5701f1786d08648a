"""What one policy class sees of one layer: its records, their columns, their children and where they are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
from shapely import STRtree

from landmap.domain import Layer, PolicyClass, Table, children_of, crs, redact_among
from landmap.query.columns import Columns
from landmap.query.index import Bits, Rows, Zones, bits
from landmap.query.truth import Numbers

T = TypeVar("T")

#: How many things of the kind that askers choose freely are kept.
_RECENT: Final = 32


@dataclass(frozen=True)
class Children:
    """A nested layer: its columns, and the ordinal of each row's parent, ascending.

    Rows whose parent is unknown, or does not exist for the class, are left out. The rows of parent p stand from
    ``starts[p]`` to ``starts[p + 1]``.
    """

    layer: Layer
    columns: Columns
    parents: Rows
    starts: Rows

    def of(self, ordinal: int) -> Rows:
        """Return the rows of one parent, in file order."""
        return np.arange(*self.starts[ordinal : ordinal + 2])


class View:
    """The records of `layer` that exist for `policy_class`, in snapshot order: the ordinal is the row.

    Parameters
    ----------
    layer : Layer
    policy_class : PolicyClass
    tables : mapping
        The layers of the snapshot by name; a missing layer has no records.
    planar_epsg : int
        The plane distances are measured on.
    """

    def __init__(self, layer: Layer, policy_class: PolicyClass, tables: Mapping[str, Table], planar_epsg: int) -> None:
        self.layer = layer
        self.policy_class = policy_class
        self.table = redact_among(tables, layer, policy_class)
        self.fields = layer.fields_for(policy_class)
        self.columns = Columns(self.table, self.fields)
        self.size = len(self.table)
        self.ids: npt.NDArray[np.object_] = self.table[layer.id_field]
        self.planar_epsg = planar_epsg
        self._lock = threading.RLock()
        self._kept: dict[Hashable, Any] = {}
        self._recent: OrderedDict[Hashable, Any] = OrderedDict()
        self.children = {
            child.name: self._nested(child, tables) for child in children_of(layer.name) if child.name in tables
        }

    def _nested(self, child: Layer, tables: Mapping[str, Table]) -> Children:
        assert child.parent_field is not None
        shown = redact_among(tables, child, self.policy_class)
        parents = np.array([self.ordinal_of.get(id, -1) for id in shown[child.parent_field]], dtype=np.int64)
        order = np.argsort(parents, kind="stable")
        order = order[parents[order] >= 0]
        owners = parents[order]
        starts = np.searchsorted(owners, np.arange(self.size + 1))
        return Children(child, Columns(shown.at(order), child.fields_for(self.policy_class)), owners, starts)

    def recent(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes, kept under `key` as long as it is among the last asked for; thread-safe."""
        with self._lock:
            if key not in self._recent:
                self._recent[key] = make()
            self._recent.move_to_end(key)
            while len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
            return self._recent[key]  # type: ignore[no-any-return]

    def keep(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` makes, made once and kept under `key`; thread-safe."""
        try:
            return self._kept[key]  # type: ignore[no-any-return]
        except KeyError:
            with self._lock:
                if key not in self._kept:
                    self._kept[key] = make()
                return self._kept[key]  # type: ignore[no-any-return]

    @cached_property
    def ordinal_of(self) -> Mapping[str, int]:
        """The ordinal of every id."""
        return {id: ordinal for ordinal, id in enumerate(self.ids)}

    @cached_property
    def id_ranks(self) -> npt.NDArray[np.int32]:
        """The rank of every record by id; shape (n,)."""
        ranks = np.empty(self.size, dtype=np.int32)
        ranks[np.argsort(self.ids, kind="stable")] = np.arange(self.size)
        return ranks

    @cached_property
    def geometry(self) -> npt.NDArray[np.object_]:
        """Shapes in EPSG:4490; shape (n,), None where unknown."""
        if not self.layer.spatial:
            return np.full(self.size, None, dtype=object)
        return self.table["geometry"]

    @cached_property
    def everyone(self) -> Bits:
        """All records."""
        return bits.everyone(self.size)

    @cached_property
    def zones(self) -> Zones:
        """Where the records are."""
        return Zones(self.geometry)

    @cached_property
    def planar(self) -> npt.NDArray[np.object_]:
        """Shapes on the district's plane; shape (n,)."""
        return np.asarray(crs.planar(self.geometry, self.planar_epsg), dtype=object)

    @cached_property
    def metres_per_unit(self) -> float:
        """How many metres one unit of the district's plane has."""
        return crs.metres_per_unit(self.planar_epsg)

    def metres_to(self, targets: npt.NDArray[np.object_]) -> Numbers:
        """Return the straight-line distance from each record to its nearest target, edge to edge.

        Parameters
        ----------
        targets : array of geometry on the same plane, shape (m,), m ≥ 1

        Returns
        -------
        array of float, metres, shape (n,)
            NaN for a record without a geometry.
        """
        metres = np.full(self.size, np.nan)
        pairs, found = STRtree(targets).query_nearest(self.planar, return_distance=True, all_matches=False)
        metres[pairs[0]] = found * self.metres_per_unit
        return metres
