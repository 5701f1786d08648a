"""Few distinct values: who has which, and how many of some records have each.

A value that occurs in many words of 64 records has a bitmap. Any other is told by its words alone, as pairs of a word
and the bits in it: short for what is rare, and for what lies together on the ground.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from landmap.query.index import bits
from landmap.query.index.bits import WORD, Bits, Rows
from landmap.query.index.subset import Subset

Counts = npt.NDArray[np.int64]

#: A value that occurs in more than one word of so many has a bitmap.
_MANY: Final = 3
#: Nanoseconds that one step takes, rounded; they decide between ways that give the same answer.
_PER_BITMAP: Final = 2_500.0
_PER_WORD: Final = 0.9
_PER_PAIR: Final = 3.0
_PER_RECORD: Final = 2.0
_PER_BIT_DRAWN: Final = 0.5


class Codes:
    """The index of a column of codes.

    Parameters
    ----------
    codes : array of int, shape (n,)
        Below `labels`; -1 for unknown.
    labels : int
        How many distinct values there are.
    """

    def __init__(self, codes: npt.NDArray[np.integer[Any]], labels: int) -> None:
        self.size = len(codes)
        self.labels = labels
        #: One more than the code, so that 0 is unknown.
        self._slots = np.add(codes, 1, dtype=np.int64).astype(np.min_scalar_type(labels))
        self.counts: Counts = np.bincount(self._slots, minlength=labels + 1)

        order = np.argsort(self._slots, kind="stable")
        owners, words = self._slots[order], order // WORD
        new = np.append(True, (owners[1:] != owners[:-1]) | (words[1:] != words[:-1]))[: self.size]
        starts = np.flatnonzero(new)
        masks = np.bitwise_or.reduceat(bits.bit_of(order), starts) if self.size else bits.none(0)
        self._keep(owners[starts].astype(np.int64), words[starts].astype(np.int32), masks)

    def _keep(self, owners: Rows, words: npt.NDArray[np.int32], masks: Bits) -> None:
        """Keep bitmaps of the values in many words, pairs of the others; parameters by pair, in order of value."""
        spread = np.bincount(owners, minlength=self.labels + 1)
        many = spread * _MANY > bits.words_for(self.size)
        ends = np.cumsum(spread)
        self._bitmaps: dict[int, Bits] = {}
        for slot in np.flatnonzero(many).tolist():
            pairs = slice(ends[slot] - spread[slot], ends[slot])
            self._bitmaps[slot] = bits.none(self.size)
            self._bitmaps[slot][words[pairs]] = masks[pairs]
        few = ~many[owners]
        self._words, self._masks = words[few], masks[few]
        self._starts = np.append(0, np.cumsum(np.where(many, 0, spread)))

    @cached_property
    def unknown(self) -> Bits:
        """Who has no value."""
        return self._of([0])

    @cached_property
    def known(self) -> Bits:
        """Who has one."""
        return self.unknown ^ bits.everyone(self.size)

    def among(self, codes: Collection[int]) -> Bits:
        """Return who has one of `codes`."""
        slots = {code + 1 for code in codes}
        if 2 * self.counts[list(slots)].sum() > self.size - self.counts[0]:
            return self.known ^ self._of([slot for slot in range(1, self.labels + 1) if slot not in slots])
        return self._of(slots)

    def _of(self, slots: Collection[int]) -> Bits:
        found = bits.union((self._bitmaps[slot] for slot in slots if slot in self._bitmaps), self.size)
        for slot in slots:
            pairs = slice(self._starts[slot], self._starts[slot + 1])
            found[self._words[pairs]] |= self._masks[pairs]
        return found

    def tally(self, chosen: Subset) -> Counts:
        """Return how many of the chosen records have each code; shape (labels,)."""
        if chosen.total == self.size:
            return self.counts[1:]
        drawing = 0.0 if chosen.drawn else _PER_BIT_DRAWN * WORD * len(chosen.words)
        by_bitmap = len(self._bitmaps) * (_PER_BITMAP + _PER_WORD * len(chosen.words))
        if by_bitmap + _PER_PAIR * len(self._words) < drawing + _PER_RECORD * chosen.total:
            return self._by_value(chosen)[1:]
        return self._by_record(chosen)[1:]

    def _by_record(self, chosen: Subset) -> Counts:
        return np.bincount(self._slots[chosen.rows], minlength=self.labels + 1)

    def _by_value(self, chosen: Subset) -> Counts:
        held = np.append(0, np.bitwise_count(chosen.bits[self._words] & self._masks)).cumsum()
        counts: Counts = held[self._starts[1:]] - held[self._starts[:-1]]
        counts[list(self._bitmaps)] = chosen.within(self._bitmaps.values())
        return counts
