"""Three-valued answers as packed bitmaps: true, false, or not to be decided for one of two reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from landmap.query.index import Bits, bits

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Truth:
    """The answer of one criterion for every record; a record is in at most one of the bitmaps, in none when false.

    Parameters
    ----------
    true : Bits
    unknown : Bits, optional
        The value is not on file.
    ambiguous : Bits, optional
        A value is on file but cannot be read with certainty.
    """

    true: Bits
    unknown: Bits | None = None
    ambiguous: Bits | None = None

    @property
    def decided(self) -> bool:
        """Whether the answer is true or false of every record."""
        return self.unknown is None and self.ambiguous is None

    @property
    def possible(self) -> Bits:
        """True or undecided."""
        sides = (self.true, self.unknown, self.ambiguous)
        return reduce(np.bitwise_or, (side for side in sides if side is not None))


def everywhere_unknown(size: int) -> Truth:
    """Return the answer where nothing at all is known."""
    return Truth(bits.none(size), bits.everyone(size))


def all_of(parts: Sequence[Truth]) -> Truth:
    """Return *and*: false when any part is false, else ambiguous or unknown when any part is, else true."""
    true = reduce(np.bitwise_and, (one.true for one in parts))
    undecided = reduce(np.bitwise_and, (one.possible for one in parts)) ^ true
    doubts = [one.ambiguous for one in parts if one.ambiguous is not None]
    if not doubts:
        return Truth(true, undecided)
    ambiguous = reduce(np.bitwise_or, doubts) & undecided
    return Truth(true, undecided ^ ambiguous, ambiguous)


def any_of(parts: Sequence[Truth]) -> Truth:
    """Return *or* of answers none of which is ambiguous: true when any part is, else unknown when any part is."""
    true = reduce(np.bitwise_or, (one.true for one in parts))
    return Truth(true, reduce(np.bitwise_or, (one.possible for one in parts)) ^ true)
