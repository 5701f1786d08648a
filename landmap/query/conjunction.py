"""All criteria together, and all but those of one group.

Running ANDs from both ends give every conjunction that leaves one group aside for the price of one more AND.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import accumulate

import numpy as np

from landmap.query.index import Bits, Subset
from landmap.query.truth import Truth


class Chain:
    """Bitmaps joined by *and*, with a first one that is never left aside.

    Parameters
    ----------
    first : Bits
    links : sequence of Bits
    """

    def __init__(self, first: Bits, links: Sequence[Bits]) -> None:
        self._links = [first, *links]

    @cached_property
    def _before(self) -> list[Bits]:
        return list(accumulate(self._links, np.bitwise_and))

    @cached_property
    def _after(self) -> list[Bits]:
        return list(accumulate(reversed(self._links), np.bitwise_and))[::-1]

    def all_but(self, places: Sequence[int]) -> Bits:
        """Return everything but the links at `places`, ascending."""
        if not places:
            return self._before[-1]
        if len(places) > 1:
            return reduce(np.bitwise_and, (link for place, link in enumerate(self._links, -1) if place not in places))
        left = places[0] + 1
        if left + 1 == len(self._links):
            return self._before[left - 1]
        return self._before[left - 1] & self._after[left + 1]


class Conjunction:
    """Criteria joined by *and* over the records of an audience.

    Parameters
    ----------
    extent : Bits
        The records of the audience.
    truths : mapping of str to Truth
        The answer of every criterion by its name.
    groups : mapping of str to sequence of str
        What each criterion is left aside for: facets and histograms by name.
    """

    def __init__(self, extent: Bits, truths: Mapping[str, Truth], groups: Mapping[str, Sequence[str]]) -> None:
        self._extent = extent
        self._groups: dict[frozenset[str], list[Truth]] = {}
        for name, answer in truths.items():
            self._groups.setdefault(frozenset(groups[name]), []).append(answer)
        self._made: dict[tuple[bool, tuple[int, ...]], Subset] = {}

    def matched(self, aside: str | None = None) -> Subset:
        """Return of whom every criterion is true; those that are left aside for the group `aside` do not count."""
        return self._subset(False, aside)

    def pending(self, aside: str | None = None) -> Subset:
        """Return of whom no criterion is false and some cannot be decided."""
        return self._subset(True, aside)

    def _subset(self, pending: bool, aside: str | None) -> Subset:
        own = tuple(number for number, names in enumerate(self._groups) if aside in names)
        if (pending, own) not in self._made:
            met = self._true.all_but(own)
            self._made[pending, own] = Subset(self._possible.all_but(own) ^ met if pending else met)
        return self._made[pending, own]

    @cached_property
    def _true(self) -> Chain:
        return Chain(self._extent, [_every(answer.true for answer in group) for group in self._groups.values()])

    @cached_property
    def _possible(self) -> Chain:
        if all(answer.decided for group in self._groups.values() for answer in group):
            return self._true
        return Chain(self._extent, [_every(answer.possible for answer in group) for group in self._groups.values()])


def _every(parts: Iterable[Bits]) -> Bits:
    return reduce(np.bitwise_and, parts)
