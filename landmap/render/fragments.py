"""Features encoded once: an answer is spliced from the bytes of those it holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property
from typing import Final, cast

import numpy as np
import numpy.typing as npt
import shapely

from landmap.domain import deadline
from landmap.query import Ordinals, Selection
from landmap.render import geojson

#: Bytes of features kept of one layer. It is a guard, not a working set: past it everything is encoded anew.
CAPACITY: Final = 128 * 2**20
#: How many features of an answer are put together at a time.
AT_ONCE: Final = 1000


class Fragments:
    """The GeoJSON features of one layer as one policy class sees them, each encoded at its first use; thread-safe.

    Only for audiences without a scope: a scope may hide fields.

    Parameters
    ----------
    shapes : array of geometry, shape (n,)
        By ordinal.
    capacity : int
        Bytes kept at the most.
    """

    def __init__(self, shapes: npt.NDArray[np.object_], capacity: int = CAPACITY) -> None:
        self.shapes = shapes
        self.capacity = capacity
        self._held: list[bytes | None] = [None] * len(shapes)
        self._bytes = 0
        self._lock = threading.Lock()

    def of(self, selection: Selection, ordinals: Ordinals) -> list[bytes]:
        """Return the features at `ordinals`, which are selected, in that order."""
        held = self._held
        found = [held[ordinal] for ordinal in ordinals.tolist()]
        if None in found:
            missing = [place for place, one in enumerate(found) if one is None]
            wanted = ordinals[missing]
            made = geojson.encoded(selection.at(wanted))
            for place, ordinal, one in zip(missing, wanted.tolist(), made, strict=True):
                found[place] = one
                self._keep(ordinal, one)
        return cast("list[bytes]", found)

    def blocks(self, selection: Selection, ordinals: Ordinals) -> Iterator[list[bytes]]:
        """Yield the features at `ordinals` some at a time."""
        for start in deadline.in_time(range(0, len(ordinals), AT_ONCE)):
            yield self.of(selection, ordinals[start : start + AT_ONCE])

    def box(self, ordinals: Ordinals) -> geojson.Box | None:
        """Return west, south, east, north of some features in degrees; None when none has a shape."""
        west, south, east, north = self._sides
        box = (
            float(np.fmin.reduce(west[ordinals], initial=np.inf)),
            float(np.fmin.reduce(south[ordinals], initial=np.inf)),
            float(np.fmax.reduce(east[ordinals], initial=-np.inf)),
            float(np.fmax.reduce(north[ordinals], initial=-np.inf)),
        )
        return box if box[0] <= box[2] else None

    @cached_property
    def _sides(self) -> tuple[npt.NDArray[np.float64], ...]:
        """West, south, east, north of every shape, NaN without one; each shape (n,)."""
        bounds = np.asarray(shapely.bounds(self.shapes), dtype=np.float64).reshape(len(self.shapes), 4)
        return tuple(np.ascontiguousarray(bounds.T))

    def _keep(self, ordinal: int, one: bytes) -> None:
        with self._lock:
            if self._bytes + len(one) > self.capacity:
                self._held = [None] * len(self._held)
                self._bytes = 0
            if self._held[ordinal] is None:
                self._held[ordinal] = one
                self._bytes += len(one)
