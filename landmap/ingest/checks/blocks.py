"""Outlines that share their edges point by point, as surveyed parcels do: blocks in which nothing can overlap.

Walk round every outline anticlockwise. Two neighbours walk their common edge in opposite directions, so the two cancel;
what is left of a block is the way round it. How many outlines cover a place is how often the ways wind round it, and
cancelling changes no winding. So if what is left encloses as much land as the outlines have together, no place is
covered twice.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.intp]
Keys = NDArray[np.uint64]
#: Points as complex numbers, x + iy: one value to compare and to move.
Points = NDArray[np.complex128]

_AREA: Final = 2
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0xD6E8FEB86659FD93))
_SHIFT: Final = np.uint64(32)


def settled_blocks(outlines: Shapes, within_m2: float) -> Index:
    """Return the block each outline is of, -1 for one that is alone, or in a block that may hold an overlap.

    Parameters
    ----------
    outlines : object array, shape (n,), metres, valid
        What is no polygon, is of several parts, or has holes, counts as alone.
    within_m2 : float
        No two outlines of one block share more than this.

    Returns
    -------
    array of int, shape (n,)
        The place of the first outline of its block.
    """
    alone = np.full(len(outlines), -1, dtype=np.intp)
    simple = np.flatnonzero(
        (shapely.get_dimensions(outlines) == _AREA)
        & (shapely.get_num_geometries(outlines) == 1)
        & (shapely.get_num_interior_rings(shapely.get_geometry(outlines, 0)) == 0)
    )
    shapes = outlines[simple]
    pairs, index = shapely.get_coordinates(shapes, return_index=True)
    points = (pairs + 0.0).view(np.complex128).ravel()
    edges = np.flatnonzero(index[1:] == index[:-1])
    one, other = _cancelling(points, edges, _clockwise(points, index, len(shapes))[index[edges]])
    block = _joined(len(shapes), index[edges[one]], index[edges[other]])
    left = np.ones(len(edges), dtype=bool)
    left[one] = left[other] = False
    fine = _off(pairs, edges[left], index, shapely.area(shapes), block) <= 2 * within_m2
    alone[simple] = np.where(fine[block], simple[block], -1)
    return alone


def _clockwise(points: Points, index: Index, count: int) -> Mask:
    """Return which outlines are drawn clockwise."""
    middle = points - points.mean() if len(points) else points
    twice = (middle[:-1].conj() * middle[1:]).imag
    twice[index[1:] != index[:-1]] = 0.0
    clockwise: Mask = np.bincount(index[:-1], weights=twice, minlength=count) < 0
    return clockwise


def _cancelling(points: Points, edges: Index, clockwise: Mask) -> tuple[Index, Index]:
    """Return the pairs of edges, by their places, of which one leads back where the other came from.

    An edge is the place of its first point. Edges are compared only where there are exactly two between two points.
    """
    corners = _keys(points)
    keys = (corners[:-1] + corners[1:])[edges]
    order = np.argsort(keys)
    keys = keys[order]
    same = np.zeros(len(keys) + 1, dtype=bool)
    same[1:-1] = keys[1:] == keys[:-1]
    twice = np.flatnonzero(same[1:-1] & ~same[:-2] & ~same[2:])
    one, other = order[twice], order[twice + 1]
    back = clockwise[one] == clockwise[other]
    first, second = edges[one], edges[other]
    true = (points[first] == points[second + back]) & (points[first + 1] == points[second + ~back])
    return one[true], other[true]


def _keys(points: Points) -> Keys:
    """Return a number for each point that is the same for the same point, and hardly ever for another."""
    x, y = points.view(np.uint64).reshape(-1, 2).T
    mixed: Keys = x * _MIX[0] + y * _MIX[1]
    mixed ^= mixed >> _SHIFT
    mixed *= _MIX[2]
    mixed ^= mixed >> _SHIFT
    return mixed


def _joined(count: int, left: Index, right: Index) -> Index:
    """Return for each of `count` things the first of those that pairs join it with, however many lie between."""
    parent = np.arange(count)
    while True:
        lowest = np.minimum(parent[left], parent[right])
        found = parent.copy()
        np.minimum.at(found, parent[left], lowest)
        np.minimum.at(found, parent[right], lowest)
        found = found[found]
        if np.array_equal(found, parent):
            return found
        parent = found


def _off(points: Numbers, edges: Index, index: Index, areas: Numbers, block: Index) -> Numbers:
    """Return by how much the land of each block's outlines differs from what its remaining edges enclose, ㎡.

    Places that are covered once count, those covered twice do not: the difference is at least twice the overlap. It is
    infinite for a block of one, and where the edges make no sound outline.
    """
    several = np.bincount(block, minlength=len(areas)) > 1
    mine = block[index[edges]]
    edges, mine = edges[several[mine]], mine[several[mine]]
    order = np.argsort(mine, kind="stable")
    known, place = np.unique(mine[order], return_inverse=True)
    ends = np.stack([points[edges[order]], points[edges[order] + 1]], axis=1)
    lines: Shapes = np.asarray(shapely.linestrings(ends), dtype=object)
    outlines = shapely.build_area(shapely.multilinestrings(lines, indices=place))
    together = np.bincount(block, weights=areas, minlength=len(areas))[known]
    off = np.full(len(areas), np.inf)
    off[known] = np.where(shapely.is_valid(outlines), np.abs(together - shapely.area(outlines)), np.inf)
    return off
