"""Whether two records lie on the same land, however they are numbered."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from landmap.domain import crs

#: Two outlines are the same land from this share of common area (intersection over union).
SAME_LAND_MIN: Final = 0.9
#: Points and lines are the same place within this distance: what a map at 1:2000 can tell apart.
SAME_PLACE_M: Final = 10.0

Shapes = npt.NDArray[np.object_]


def overlaps(old: Shapes, new: Shapes) -> npt.NDArray[np.float64]:
    """Return intersection over union, pair by pair; 0 where one of the two has no area.

    Parameters
    ----------
    old, new : array of geometry, shape (n,), EPSG:4490
        A ratio of neighbouring areas is the same in degrees as on a plane.

    Examples
    --------
    >>> square, half = shapely.box(120, 36, 122, 38), shapely.box(120, 36, 121, 38)
    >>> overlaps(np.array([square, square]), np.array([square, half])).tolist()
    [1.0, 0.5]
    """
    common = shapely.area(shapely.intersection(old, new))
    together = shapely.area(old) + shapely.area(new) - common
    return np.divide(common, together, out=np.zeros(len(old)), where=together > 0)


def same_land(old: Shapes, new: Shapes) -> list[tuple[int, int, float]]:
    """Return the pairs of outlines that are the same land, each outline in one pair at the most, the best fit first.

    Parameters
    ----------
    old : array of geometry, shape (n,), EPSG:4490
    new : array of geometry, shape (m,), EPSG:4490
        Points, lines and missing shapes are in no pair.

    Returns
    -------
    list of (row in `old`, row in `new`, intersection over union)
    """
    areal = [np.flatnonzero(np.nan_to_num(shapely.area(shapes)) > 0) for shapes in (old, new)]
    if not len(areal[0]) or not len(areal[1]):
        return []
    tree = shapely.STRtree(old[areal[0]])
    there, here = tree.query(new[areal[1]], predicate="intersects")[::-1]
    rows, columns = areal[0][there], areal[1][here]
    shares = overlaps(old[rows], new[columns])
    found: list[tuple[int, int, float]] = []
    taken: tuple[set[int], set[int]] = (set(), set())
    for place in np.argsort(-shares, kind="stable"):
        row, column, share = int(rows[place]), int(columns[place]), float(shares[place])
        if share < SAME_LAND_MIN:
            break
        if row not in taken[0] and column not in taken[1]:
            found.append((row, column, share))
            taken[0].add(row)
            taken[1].add(column)
    return found


def same_place(old: Any, new: Any, planar_epsg: int) -> bool:
    """Return whether two shapes are the same land, or, for points and lines, the same place."""
    if shapely.area(old) > 0 and shapely.area(new) > 0:
        return bool(overlaps(np.array([old]), np.array([new]))[0] >= SAME_LAND_MIN)
    there, here = crs.planar(np.array([old, new]), planar_epsg)
    return bool(shapely.hausdorff_distance(there, here) <= SAME_PLACE_M)
