"""Numbers in order: who is below any limit, from cumulative bitmaps and the few records of one bin.

The known values are sorted once. At 64 positions, laid so that each bin holds few records or a single value, a bitmap
tells who comes before. A limit falls into one bin: the nearer of its two bitmaps, and the records between that one and
the limit, are the exact answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from landmap.query.index import bits
from landmap.query.index.bits import Bits, Mask

#: How many bins a column of many values is cut into.
BINS: Final = 64


class Ordered:
    """The order of a column of numbers.

    Parameters
    ----------
    values : array of number, shape (n,)
        Infinite values stand at the ends.
    known : array of bool, shape (n,)
        Whose value counts; the others are below no limit and above none.
    """

    def __init__(self, values: npt.NDArray[Any], known: Mask) -> None:
        self.size = len(values)
        rows = np.flatnonzero(known).astype(np.int32)
        order = rows[np.argsort(values[rows], kind="stable")]
        ascending = values[order]
        starts = np.flatnonzero(ascending[1:] != ascending[:-1]) + 1
        starts = np.append(0, starts) if len(order) else starts[:0]
        self._exact = len(starts) <= BINS
        if not self._exact:
            wanted = np.linspace(0, len(order), BINS + 1)[:-1]
            starts = np.unique(starts[np.searchsorted(starts, wanted, side="right") - 1])
        self._edges = [*starts.tolist(), len(order)]
        self._cuts = ascending[starts].tolist()
        self._below: list[Bits] = _cumulative(order, self._edges, self.size)
        self._order = order[:0] if self._exact else order
        self._values = values[:0] if self._exact else values

    @property
    def known(self) -> Bits:
        """Whose value counts."""
        return self._below[-1]

    @cached_property
    def unknown(self) -> Bits:
        """Whose value does not."""
        return self.known ^ bits.everyone(self.size)

    def at_least(self, limit: float) -> Bits:
        """Return whose value is `limit` or more."""
        return self.known ^ self._first(self._place(limit, after=False))

    def at_most(self, limit: float) -> Bits:
        """Return whose value is `limit` or less."""
        return self._first(self._place(limit, after=True))

    def _place(self, limit: float, *, after: bool) -> int:
        """Return how many records are less than `limit`; with `after`, not more than it."""
        cut = bisect_right(self._cuts, limit) if after else bisect_left(self._cuts, limit)
        if self._exact or cut == 0:
            return self._edges[cut]
        values, search = self._values, bisect_right if after else bisect_left
        low, high = self._edges[cut - 1], self._edges[cut]
        return search(self._order, limit, low, high, key=lambda row: values[row])

    def _first(self, place: int) -> Bits:
        """Return the first `place` records in order; not to be written to."""
        edge = bisect_right(self._edges, place) - 1
        before = self._edges[edge]
        if place == before:
            return self._below[edge]
        after = self._edges[edge + 1]
        if place - before <= after - place:
            return bits.put(self._below[edge].copy(), self._order[before:place], self.size)
        return bits.drop(self._below[edge + 1].copy(), self._order[place:after])


def _cumulative(order: npt.NDArray[np.integer[Any]], edges: list[int], size: int) -> list[Bits]:
    """Return the bitmap of the records before each edge."""
    below, mask = [], np.zeros(size, dtype=np.bool_)
    for start, end in pairwise([0, *edges]):
        mask[order[start:end]] = True
        below.append(bits.packed(mask))
    return below
