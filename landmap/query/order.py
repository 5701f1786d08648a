"""Who comes first: sort keys, unknown values last, ties by id."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from landmap.query.index import Rows, Subset, bits
from landmap.query.view import View

Permutation = npt.NDArray[np.integer[Any]]

#: From one chosen record in so many on, the order of all records is walked through; below, the chosen are sorted.
_FEW: Final = 64
#: How many records of the whole order are looked at first.
_STRETCH: Final = 1024


class Order:
    """Some records of a view in order.

    Parameters
    ----------
    view : View
    chosen : Subset
    keys : sequence of (field, descending)
        Scalar fields.
    """

    def __init__(self, view: View, chosen: Subset, keys: Sequence[tuple[str, bool]]) -> None:
        self._view = view
        self._chosen = chosen
        self._keys = tuple(keys)

    @cached_property
    def rows(self) -> Rows:
        """Every chosen record, in order."""
        if self._walks:
            everyone = self._everyone
            return everyone[bits.mask_of(self._chosen.bits, self._view.size)[everyone]].astype(np.int64)
        return self._sorted(self._chosen.rows)

    def head(self, size: int) -> Rows:
        """Return the first `size` of them."""
        if "rows" in self.__dict__ or size >= self._chosen.total:
            return self.rows[:size]
        if self._walks:
            return self._walked(size)
        if self._keys:
            return self.rows[:size]
        rows = self._chosen.rows
        return self._sorted(rows[np.argpartition(self._view.id_ranks[rows], size)[:size]])

    @property
    def _walks(self) -> bool:
        return len(self._keys) < 2 and self._chosen.total * _FEW > self._view.size

    @cached_property
    def _everyone(self) -> Permutation:
        """All records of the view, in order."""
        everyone = np.arange(self._view.size)
        return self._view.recent(("order", self._keys), lambda: self._sorted(everyone).astype(np.int32))

    def _walked(self, size: int) -> Rows:
        """Go through all records in order until there are `size` chosen ones."""
        found = [self._everyone[:0]]
        count, start, stretch = 0, 0, _STRETCH
        while count < size:
            looked_at = self._everyone[start : start + stretch]
            found.append(looked_at[bits.holds(self._chosen.bits, looked_at)])
            count += len(found[-1])
            start, stretch = start + stretch, stretch * 2
        return np.concatenate(found)[:size].astype(np.int64)

    def _sorted(self, rows: Rows) -> Rows:
        view = self._view
        keys: list[npt.NDArray[Any]] = [view.id_ranks[rows]]
        for name, down in reversed(self._keys):
            ranks = view.columns.ranks(name)[rows]
            keys += [-ranks if down else ranks, ranks < 0]
        return rows[np.lexsort(keys)]
