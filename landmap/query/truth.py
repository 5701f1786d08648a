"""Three-valued answers, column-wise: true, false, or not to be decided for one of two reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Truth:
    """The answer of one criterion for every record; a record is in at most one of the three masks, in none when false.

    Parameters
    ----------
    true : array of bool, shape (n,)
    unknown : array of bool, shape (n,)
        The value is not on file.
    ambiguous : array of bool, shape (n,)
        A value is on file but cannot be read with certainty.
    """

    true: Mask
    unknown: Mask
    ambiguous: Mask

    @property
    def undecided(self) -> Mask:
        """Neither true nor false."""
        return self.unknown | self.ambiguous

    @property
    def false(self) -> Mask:
        """Known not to hold."""
        return ~(self.true | self.unknown | self.ambiguous)


def truth(true: Mask, unknown: Mask | None = None, ambiguous: Mask | None = None) -> Truth:
    """Return a `Truth` whose masks exclude each other: ambiguous before unknown before true.

    Examples
    --------
    >>> truth(np.array([True, True]), np.array([False, True])).true.tolist()
    [True, False]
    """
    nowhere = np.zeros(len(true), dtype=np.bool_)
    ambiguous = nowhere if ambiguous is None else ambiguous
    unknown = nowhere if unknown is None else unknown & ~ambiguous
    return Truth(true & ~unknown & ~ambiguous, unknown, ambiguous)


def everywhere_unknown(size: int) -> Truth:
    """Return the answer where nothing at all is known."""
    return truth(np.zeros(size, dtype=np.bool_), np.ones(size, dtype=np.bool_))


def all_of(parts: Sequence[Truth]) -> Truth:
    """Return *and*: false when any part is false, else ambiguous or unknown when any part is, else true."""
    false = np.logical_or.reduce([part.false for part in parts])
    ambiguous = np.logical_or.reduce([part.ambiguous for part in parts]) & ~false
    unknown = np.logical_or.reduce([part.unknown for part in parts]) & ~false
    return truth(~false, unknown, ambiguous)
