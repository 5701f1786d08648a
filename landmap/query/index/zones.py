"""Where records are, in zones: the boxes of every 64 neighbours and of every 4 096.

Records stand along a Hilbert curve, so neighbours in order are neighbours on the ground: most zones are wholly inside a
place asked for or wholly outside, and only the others are looked into. Any other order gives the same answers, slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from landmap.query.index import bits
from landmap.query.index.bits import WORD, Bits, Mask, Rows

#: West, south, east, north along the first axis.
Sides = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]

#: How many words a block of the upper level spans.
BLOCK: Final = 64
#: A point, a line, a ring, a polygon: shapes of one piece.
_ONE_PIECE: Final = (0, 1, 2, 3)

#: Which vertices are known without looking at a shape: shares of the way along it.
_WITNESSES: Final = (0.0, 1 / 2, 1 / 4)
#: How many shapes are taken apart at a time.
_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True)
class Parted:
    """Zones parted by a place: those wholly inside, and those to be looked into."""

    inside: Rows
    open: Rows


class Zones:
    """The boxes of records in degrees.

    Parameters
    ----------
    shapes : array of geometry, shape (n,)
        None where unknown.
    """

    def __init__(self, shapes: npt.NDArray[np.object_]) -> None:
        self.shapes = shapes
        self.size = len(shapes)
        words = bits.words_for(self.size)
        #: West, south, east, north of every record, padded to whole words; NaN where unknown.
        self.sides: Sides = np.full((4, words, WORD), np.nan)
        self.sides.reshape(4, -1)[:, : self.size] = shapely.bounds(shapes).reshape(-1, 4).T
        self.words = _hull(self.sides)
        padded = np.full((4, bits.words_for(words) * BLOCK), np.nan)
        padded[:, :words] = self.words
        self.blocks = _hull(padded.reshape(4, -1, BLOCK))

    @cached_property
    def located(self) -> Bits:
        """Who has a shape."""
        return bits.packed(~np.isnan(self.sides[0].ravel()[: self.size]))

    @cached_property
    def unlocated(self) -> Bits:
        """Who has none."""
        return self.located ^ bits.everyone(self.size)

    @cached_property
    def _compact(self) -> Mask:
        """Whose shape is of one piece; shape (words, 64)."""
        compact = np.zeros(self.sides[0].size, dtype=np.bool_)
        compact[: self.size] = np.isin(shapely.get_type_id(self.shapes), _ONE_PIECE)
        return compact.reshape(-1, WORD)

    @cached_property
    def witnesses(self) -> npt.NDArray[np.float64]:
        """Some vertices of every shape, as far along it as `_WITNESSES` say; shape (k, 2, n), NaN where unknown."""
        found = np.full((len(_WITNESSES), 2, self.size), np.nan)
        for start in range(0, self.size, _AT_ONCE):
            points, owner = shapely.get_coordinates(self.shapes[start : start + _AT_ONCE], return_index=True)
            rows, first, length = np.unique(owner, return_index=True, return_counts=True)
            for number, share in enumerate(_WITNESSES):
                found[number, :, start + rows] = points[first + (length * share).astype(np.int64)]
        return found

    def words_in(self, blocks: Rows) -> Rows:
        """Return the words of some blocks, ascending."""
        words = (blocks[:, np.newaxis] * BLOCK + np.arange(BLOCK)).ravel()
        there: Rows = words[words < self.words.shape[1]]
        return there

    def rows_in(self, words: Rows, chosen: Mask) -> Rows:
        """Return the chosen records of `words`; `chosen` has the shape (words, 64)."""
        word, place = np.nonzero(chosen)
        rows: Rows = words[word] * WORD + place
        return rows

    def meeting(self, box: Box, area: BaseGeometry) -> Bits:
        """Return whose shape meets a box, its edge included.

        Parameters
        ----------
        box : tuple of float
            West, south, east, north; west at most east, south at most north.
        area : geometry
            The same as a shape.
        """
        found = bits.none(self.size)
        upper = _parted(self.blocks, box)
        within = self.words_in(upper.inside)
        found[within] = self.located[within]
        words = self.words_in(upper.open)
        lower = _parted(self.words[:, words], box)
        within = words[lower.inside]
        found[within] = self.located[within]
        words = words[lower.open]
        met = self._met(words, box, area)
        found[words] = bits.packed_words(met)
        return found

    def _met(self, words: Rows, box: Box, area: BaseGeometry) -> Mask:
        """Return which records of `words` meet the box; shape (words, 64).

        A shape whose box meets the asked one, and does not reach beyond it to the left and right, crosses it from top
        to bottom: it is of one piece, so it cannot jump over. Only what reaches beyond on both axes is looked at.
        """
        west, south, east, north = box
        least_x, least_y, most_x, most_y = self.sides[:, words]
        met: Mask = (least_x <= east) & (most_x >= west) & (least_y <= north) & (most_y >= south)
        between = ((least_x >= west) & (most_x <= east)) | ((least_y >= south) & (most_y <= north))
        doubtful = met & ~(between & self._compact[words])
        if doubtful.any():
            shapely.prepare(area)
            met[doubtful] = shapely.intersects(area, self.shapes[self.rows_in(words, doubtful)])
        return met

    def extent(self, chosen: Bits) -> Box | None:
        """Return the box of some records; None when none of them has a shape."""
        words = np.flatnonzero(chosen & self.located)
        if not len(words):
            return None
        west, south = (self._least(side, words, chosen, 1) for side in (0, 1))
        east, north = (self._least(side, words, chosen, -1) for side in (2, 3))
        return (west, south, -east, -north)

    def _least(self, side: int, words: Rows, chosen: Bits, sign: int) -> float:
        """Return the least of `sign` times a side, looking only into words that can have it."""
        bounds = sign * self.words[side, words]
        likely = words[np.argpartition(bounds, min(BLOCK, len(words)) - 1)[:BLOCK]]
        least = self._least_in(side, likely, chosen, sign)
        others = words[bounds < least]
        return min(least, self._least_in(side, others, chosen, sign)) if len(others) else least

    def _least_in(self, side: int, words: Rows, chosen: Bits, sign: int) -> float:
        held = bits.mask_of(chosen[words], len(words) * WORD).reshape(-1, WORD)
        return float(np.fmin.reduce(sign * self.sides[side, words][held]))


def _hull(sides: Sides) -> Sides:
    """Return the boxes around the last axis, NaN around nothing."""
    return np.concatenate([np.fmin.reduce(sides[:2], axis=-1), np.fmax.reduce(sides[2:], axis=-1)])


def _parted(sides: Sides, box: Box) -> Parted:
    west, south, east, north = box
    least_x, least_y, most_x, most_y = sides
    met = (least_x <= east) & (most_x >= west) & (least_y <= north) & (most_y >= south)
    within = (least_x >= west) & (most_x <= east) & (least_y >= south) & (most_y <= north)
    return Parted(np.flatnonzero(within), np.flatnonzero(met & ~within))
