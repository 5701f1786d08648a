"""Lists of few distinct labels: who holds which, and how many of some records hold each."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from landmap.query.index import bits
from landmap.query.index.bits import WORD, Bits, Mask, Rows
from landmap.query.index.codes import Counts
from landmap.query.index.subset import Subset


class Lists:
    """The index of a column of lists: the list of row ``rows[k]`` holds the label ``codes[k]``, once.

    Parameters
    ----------
    rows, codes : array of int, shape (m,)
    labels : int
        How many distinct labels there are.
    known : array of bool, shape (n,)
        Who has a list, if only an empty one.
    """

    def __init__(self, rows: Rows, codes: npt.NDArray[np.integer[Any]], labels: int, known: Mask) -> None:
        self.size = len(known)
        self.labels = labels
        order = np.argsort(codes, kind="stable")
        self._rows, self._codes = rows[order], codes[order]
        self._starts = np.searchsorted(self._codes, np.arange(labels + 1))
        self._kept: dict[int, Bits] = {}
        self.known = bits.packed(known)

    @cached_property
    def unknown(self) -> Bits:
        """Who has no list."""
        return self.known ^ bits.everyone(self.size)

    def holding(self, code: int) -> Bits:
        """Return whose list holds a label; not to be written to."""
        if code in self._kept:
            return self._kept[code]
        rows = self._rows[self._starts[code] : self._starts[code + 1]]
        found = bits.of_rows(rows, self.size)
        if len(rows) * WORD >= self.size:
            self._kept[code] = found
        return found

    def tally(self, chosen: Subset) -> Counts:
        """Return how many of the chosen records hold each label; shape (labels,)."""
        return np.bincount(self._codes[bits.holds(chosen.bits, self._rows)], minlength=self.labels)
