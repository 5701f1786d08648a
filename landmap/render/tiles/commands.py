"""Paths in a tile as the drawing commands of MVT, for all features of a tile at once.

A place that a coarse zoom makes the same as the one before is left out; a ring without area too, and with a shell its
holes. A feature of which nothing is left is drawn as a point where it begins: it is never dropped.

Source: Mapbox Vector Tile Specification 2.1, section 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from landmap.render.tiles.grid import Whole
from landmap.render.tiles.paths import DOT, HOLE, LINE, SHELL, areas, turned
from landmap.render.tiles.varint import Bytes, varints, zigzag

Mask = npt.NDArray[np.bool_]

_MOVE: Final = 1
_DRAW: Final = 2
_CLOSE: Final = 15
#: The geometry type of MVT for each kind of path: point, line, polygon.
_TYPES: Final = np.array([1, 2, 3, 3])


@dataclass(frozen=True, slots=True)
class Drawn:
    """What some features are drawn with.

    Attributes
    ----------
    types : array, shape (m,)
        1 point, 2 line, 3 polygon.
    body : array of bytes
        The commands of one feature after the other.
    lengths : array, shape (m,)
        How many bytes each has.
    """

    types: Whole
    body: Bytes
    lengths: Whole


def drawn(owners: Whole, kinds: Whole, counts: Whole, places: Whole) -> Drawn:
    """Return the commands for every feature that has a path.

    Parameters
    ----------
    owners : array, shape (p,), p ≥ 1
        The feature of each path, ascending.
    kinds : array, shape (p,)
    counts : array, shape (p,)
        How many places each has, one or more.
    places : array, shape (v, 2)
        In units of the tile, from its corner in the north-west.
    """
    counts, places = _thinned(kinds, counts, places)
    places, area = _turned(kinds, counts, places)
    sound = _sound(kinds, counts, area)
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    kept = np.repeat(sound, counts)
    lost = firsts[~np.logical_or.reduceat(sound, firsts)]
    if len(lost):
        kinds, counts = kinds.copy(), counts.copy()
        kept[(np.cumsum(counts) - counts)[lost]] = True
        kinds[lost], counts[lost], sound[lost] = DOT, 1, True
    return _commands(owners[sound], kinds[sound], counts[sound], places[kept])


def _thinned(kinds: Whole, counts: Whole, places: Whole) -> tuple[Whole, Whole]:
    """Return lines and rings without the places that are the same as the one before, around the end of a ring too."""
    starts = np.cumsum(counts) - counts
    same = np.zeros(len(places), dtype=np.bool_)
    same[1:] = _equal(places[1:], places[:-1])
    same[starts] = False
    same &= np.repeat(kinds != DOT, counts)
    if same.any():
        counts, places = np.add.reduceat(~same, starts), places[~same]
    ends = np.cumsum(counts)
    last, first = ends - 1, ends - counts
    again = last[(kinds >= SHELL) & (counts > 1) & _equal(places[last], places[first])]
    if not len(again):
        return counts, places
    left = np.ones(len(places), dtype=np.bool_)
    left[again] = False
    return np.add.reduceat(left, first), places[left]


def _equal(one: Whole, other: Whole) -> Mask:
    return np.asarray((one[:, 0] == other[:, 0]) & (one[:, 1] == other[:, 1]), dtype=np.bool_)


def _turned(kinds: Whole, counts: Whole, places: Whole) -> tuple[Whole, npt.NDArray[np.float64]]:
    """Return the places with every ring in the direction of its kind, and the area of each ring."""
    starts = np.concatenate([[0], np.cumsum(counts)])
    area = areas(places, starts)
    wrong = (kinds == SHELL) & (area < 0) | (kinds == HOLE) & (area > 0)
    return (turned(places, starts, wrong) if wrong.any() else places), area


def _sound(kinds: Whole, counts: Whole, area: npt.NDArray[np.float64]) -> Mask:
    """Return which paths can be drawn: dots, lines of two places, rings with an area whose shell has one too."""
    sound = np.where(kinds == LINE, counts >= 2, (kinds == DOT) | (area != 0))
    shells = np.maximum.accumulate(np.where(kinds == SHELL, np.arange(len(kinds)), 0))
    return np.asarray(sound & ((kinds != HOLE) | sound[shells]), dtype=np.bool_)


def _commands(owners: Whole, kinds: Whole, counts: Whole, places: Whole) -> Drawn:
    firsts = np.flatnonzero(np.diff(owners, prepend=-1))
    starts = np.cumsum(counts) - counts
    # From place to place, across the paths of a feature; a feature begins at the corner of the tile.
    steps = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    steps[starts[firsts]] = places[starts[firsts]]
    taken = 1 + 2 * counts + (kinds != DOT) + (kinds >= SHELL)
    ends = np.cumsum(taken)
    begins = ends - taken
    values = np.empty(int(ends[-1]), dtype=np.int64)
    values[begins] = np.where(kinds == DOT, counts, 1) << 3 | _MOVE
    inside = np.arange(len(places)) - np.repeat(starts, counts)
    at = np.repeat(begins + 1, counts) + 2 * inside + ((inside > 0) & np.repeat(kinds != DOT, counts))
    values[at], values[at + 1] = zigzag(steps[:, 0]), zigzag(steps[:, 1])
    lines = kinds != DOT
    values[begins[lines] + 3] = counts[lines] - 1 << 3 | _DRAW
    values[(ends - 1)[kinds >= SHELL]] = _CLOSE
    body, lengths = varints(values)
    return Drawn(_TYPES[kinds[firsts]], body, np.add.reduceat(lengths, begins[firsts]))
