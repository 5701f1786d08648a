"""Whose shape lies inside an area: zones and boxes first, shapes only where the outline runs through a record's box.

A box that no edge touches lies on one side as a whole, and one point tells on which.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from landmap.query.index import bits
from landmap.query.index.bits import Bits, Mask, Rows
from landmap.query.index.outline import Numbers, Outline
from landmap.query.index.zones import BLOCK, Zones

_POLYGONAL: Final = ("Polygon", "MultiPolygon")


def covered(zones: Zones, area: BaseGeometry) -> Bits:
    """Return whose shape lies inside `area`, the edge included.

    Parameters
    ----------
    zones : Zones
    area : geometry in degrees

    Notes
    -----
    Works on a copy of its own: what GEOS prepares it builds at the first use, and two threads must not do so at once.
    """
    area = shapely.force_2d(area)
    shapely.prepare(area)
    found = bits.none(zones.size)
    if area.geom_type not in _POLYGONAL or area.is_empty:
        return _looked_at(zones, area, found)
    outline = Outline(area)
    blocks, edges = outline.pairs(zones.blocks)
    whole = zones.words_in(_within(area, zones.blocks, np.flatnonzero(~_marked(zones.blocks.shape[1], blocks))))
    found[whole] = zones.located[whole]

    words = blocks[:, np.newaxis] * BLOCK + np.arange(BLOCK)
    edges = np.broadcast_to(edges[:, np.newaxis], words.shape)
    there = words < zones.words.shape[1]
    words, edges = words[there], edges[there]
    touches = outline.offsets(zones.words[:, words], edges).touches
    crossed, edges = words[touches], edges[touches]
    others = np.flatnonzero(_marked(zones.words.shape[1], words) & ~_marked(zones.words.shape[1], crossed))
    whole = _within(area, zones.words, others)
    found[whole] = zones.located[whole]
    _look_into(zones, area, outline, crossed, edges, found)
    return found


def _marked(size: int, positions: Rows) -> Mask:
    marked = np.zeros(size, dtype=np.bool_)
    marked[positions] = True
    return marked


def _within(area: BaseGeometry, sides: Numbers, positions: Rows) -> Rows:
    """Return which boxes, none of which the outline touches, lie inside."""
    west, south, east, north = sides[:, positions]
    inside: Mask = shapely.intersects_xy(area, (west + east) / 2, (south + north) / 2)
    return positions[inside]


def _look_into(zones: Zones, area: BaseGeometry, outline: Outline, crossed: Rows, edges: Rows, found: Bits) -> None:
    """Decide the records of words that an edge touches: `crossed` and `edges` by pair."""
    if not len(crossed):
        return
    by_word = np.argsort(crossed, kind="stable")
    crossed, edges = crossed[by_word], edges[by_word]
    words, first, edges_in = np.unique(crossed, return_index=True, return_counts=True)
    sides = zones.sides[:, words]
    pairs = outline.offsets(np.repeat(sides, edges_in, axis=1), edges[:, np.newaxis])
    touched = np.logical_or.reduceat(pairs.touches, first)
    located = ~np.isnan(sides[0])
    clear = located & ~touched

    inside = np.empty_like(touched)
    split = edges_in == 1
    inside[split] = _sided(area, sides[:, split], pairs.side[first[split]], clear[split])
    inside[~split] = _at_centre(area, sides[:, ~split], clear[~split])
    doubtful = touched & located
    inside[doubtful] = _shapes_within(zones, area, zones.rows_in(words, doubtful))
    found[words] = bits.packed_words(inside)


def _at_centre(area: BaseGeometry, sides: Numbers, clear: Mask) -> Mask:
    """Return which clear records, which lie on one side as a whole, have their centre inside; shape (words, 64)."""
    west, south, east, north = sides[:, clear]
    inside = clear.copy()
    inside[clear] = shapely.intersects_xy(area, (west + east) / 2, (south + north) / 2)
    return inside


def _sided(area: BaseGeometry, sides: Numbers, side: Numbers, clear: Mask) -> Mask:
    """Return the same for words that a single edge runs through.

    The edge parts the word in two; the record farthest from it tells which part is inside.
    """
    farthest = np.argmax(np.where(clear, np.abs(side), -1.0), axis=1)[:, np.newaxis]
    probe = np.take_along_axis(clear, farthest, axis=1)
    inside = _at_centre(area, np.take_along_axis(sides, farthest[np.newaxis], axis=2), probe)
    left = np.take_along_axis(side, farthest, axis=1) > 0
    return np.asarray(clear & ((side > 0) == (inside == left)), dtype=np.bool_)


def _shapes_within(zones: Zones, area: BaseGeometry, rows: Rows) -> Mask:
    """Return whose shape lies inside, shape of `rows`: a witness outside decides, and else the whole shape."""
    left = np.arange(len(rows))
    for witness in zones.witnesses:
        left = left[shapely.intersects_xy(area, *witness[:, rows[left]])]
    inside = np.zeros(len(rows), dtype=np.bool_)
    inside[left] = shapely.covers(area, zones.shapes[rows[left]])
    return inside


def _looked_at(zones: Zones, area: BaseGeometry, found: Bits) -> Bits:
    """Return the same for an area that is no polygon: every shape near it is looked at."""
    if area.is_empty:
        return found
    rows = bits.rows_of(zones.meeting(area.bounds, shapely.box(*area.bounds)))
    return bits.put(found, rows[shapely.covers(area, zones.shapes[rows])], zones.size)
