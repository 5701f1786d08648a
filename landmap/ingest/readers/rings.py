"""Rings of points made into one polygon: which ring is a hole is told by what lies inside what, nothing else.

Neither the order of rings, nor their numbers, nor their direction can be trusted in texts people type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

Position = tuple[float, float]
#: Fewer different points enclose nothing.
LEAST: Final = 3
#: More points than any shape may have: the check refuses such a shape, so it need not be made.
MOST_POINTS: Final = 100_000
#: More rings than any parcel has; each is held against those around it.
MOST_RINGS: Final = 2_000


def closed(points: Sequence[Position]) -> list[Position]:
    """Return a ring whose last point is its first.

    Examples
    --------
    >>> closed([(0, 0), (1, 0), (1, 1)])[-1]
    (0, 0)
    """
    return list(points) if points[0] == points[-1] else [*points, points[0]]


def cut(points: Sequence[Position]) -> list[list[Position]]:
    """Return the rings that a run of points holds: each ends where it comes back to its own first point.

    Examples
    --------
    >>> [len(ring) for ring in cut([(0, 0), (9, 0), (9, 9), (0, 0), (2, 1), (3, 1), (3, 2)])]
    [4, 3]
    """
    found: list[list[Position]] = []
    ring: list[Position] = []
    for point in points:
        ring.append(point)
        if len(ring) > LEAST and point == ring[0]:
            found.append(ring)
            ring = []
    if ring:
        found.append(ring)
    return found


def polygon_of(rings: Sequence[Sequence[Position]]) -> BaseGeometry:
    """Return the polygon, or polygons, that `rings` outline.

    Parameters
    ----------
    rings : sequence of sequences of (x, y)
        Each of at least three different points, closed or not.

    Returns
    -------
    Polygon or MultiPolygon
        A ring inside an odd number of others is a hole of the innermost; rings that cross each other stay parts, and
        the check of shapes tells of it.

    Raises
    ------
    ValueError
        For a ring of fewer than three different points, or for more than 2 000 rings.

    Examples
    --------
    >>> polygon_of([[(4, 4), (5, 4), (5, 5)], [(0, 0), (9, 0), (9, 9), (0, 9)]]).area
    80.5
    """
    if any(len(set(ring)) < LEAST for ring in rings):
        raise ValueError("a ring of fewer than three different points")
    if len(rings) > MOST_RINGS:
        raise ValueError(f"more than {MOST_RINGS} rings")
    made = np.array([shapely.Polygon(closed(ring)) for ring in rings], dtype=object)
    around = _around(made)
    holes: dict[int, list[list[Position]]] = {}
    shells = []
    for index, ring in enumerate(rings):
        if len(around[index]) % 2:
            innermost = max(around[index], key=lambda outer: len(around[outer]))
            holes.setdefault(innermost, []).append(closed(ring))
        else:
            shells.append(index)
    parts = [shapely.Polygon(closed(rings[index]), holes.get(index)) for index in shells]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _around(made: np.ndarray[tuple[int], np.dtype[np.object_]]) -> list[set[int]]:
    """Return for each ring the rings that it lies inside; of two equal rings the first is outside."""
    around: list[set[int]] = [set() for _ in made]
    if len(made) < 2:
        return around
    sound = shapely.is_valid(made)
    shapely.prepare(made)
    inner, outer = shapely.STRtree(made).query(made)
    for one, other in zip(inner.tolist(), outer.tolist(), strict=True):
        if one == other or not (sound[one] and sound[other]) or not shapely.covers(made[other], made[one]):
            continue
        if not (one < other and shapely.covers(made[one], made[other])):
            around[one].add(other)
    return around
