"""Some records: a bitmap, and what is drawn from it at its first use."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from landmap.query.index import bits
from landmap.query.index.bits import Bits, Rows


class Subset:
    """The records of a bitmap.

    Parameters
    ----------
    chosen : Bits
        Not to be written to afterwards.
    """

    def __init__(self, chosen: Bits) -> None:
        self.bits = chosen

    @cached_property
    def total(self) -> int:
        """How many records there are."""
        return bits.count(self.bits)

    @cached_property
    def words(self) -> Rows:
        """The words that are not zero, ascending."""
        return np.flatnonzero(self.bits != 0)

    @cached_property
    def rows(self) -> Rows:
        """The records themselves, ascending."""
        return bits.rows_of(self.bits, self.words)

    @property
    def drawn(self) -> bool:
        """Whether the records have been drawn already."""
        return "rows" in self.__dict__

    def within(self, others: Iterable[Bits]) -> list[int]:
        """Return how many of the records each of `others` holds, looking only where there are any."""
        dense = len(self.words) * 2 > len(self.bits)
        own = self.bits if dense else self.bits[self.words]
        both, held = np.empty_like(own), np.empty(len(own), dtype=np.uint8)
        counts = []
        for other in others:
            np.bitwise_and(own, other if dense else other[self.words], out=both)
            counts.append(int(np.bitwise_count(both, out=held).sum(dtype=np.uint32)))
        return counts
