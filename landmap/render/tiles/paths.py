"""Shapes as paths: runs of places on a whole-number grid, each a dot, a line, a shell or a hole of one feature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from landmap.render.tiles.grid import Numbers, Whole

DOT: Final = 0
LINE: Final = 1
SHELL: Final = 2
HOLE: Final = 3

Shapes = npt.NDArray[np.object_]
Places = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths sorted by feature, the dots of a feature in one path.

    A ring is told without its closing place; shells turn clockwise on the screen, holes the other way.

    Attributes
    ----------
    features : array, shape (p,)
        The feature of each path, ascending.
    kinds : array, shape (p,)
    starts : array, shape (p + 1,)
        The places of path k stand from ``starts[k]`` to ``starts[k + 1]``.
    places : array of whole numbers, shape (v, 2)
        Columns from the west, rows from the north.
    """

    features: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.int8]
    starts: Whole
    places: Places


def paths_of(shapes: Shapes, project: Callable[[Numbers], Places]) -> Paths:
    """Return shapes as paths.

    Parameters
    ----------
    shapes : array of geometry, shape (n,)
        None and empty shapes have no path. Of a collection, the parts of its highest dimension count.
    project : callable
        Takes coordinates of shapes, shape (v, 2), to places on the grid.
    """
    parts, owners = _parts(shapes)
    dimension = shapely.get_dimensions(parts)
    chosen = (dimension == shapely.get_dimensions(shapes)[owners]) & ~shapely.is_empty(parts)
    parts, owners, dimension = parts[chosen], owners[chosen], dimension[chosen]
    flat = dimension == 2
    rings, ring_parts = shapely.get_rings(parts[flat], return_index=True)
    outer = np.diff(ring_parts, prepend=-1) > 0
    features = np.concatenate([owners[flat][ring_parts], owners[~flat]])
    kinds = np.concatenate([np.where(outer, SHELL, HOLE), dimension[~flat]]).astype(np.int8)
    sequence = np.argsort(features, kind="stable")
    features, kinds = features[sequence].astype(np.int32), kinds[sequence]
    points, piece = shapely.get_coordinates(np.concatenate([rings, parts[~flat]])[sequence], return_index=True)
    counts = np.bincount(piece, minlength=len(kinds))
    # A ring comes back to where it began.
    closing = (np.cumsum(counts) - 1)[kinds >= SHELL]
    places = project(np.delete(points, closing, axis=0))
    counts[kinds >= SHELL] -= 1
    starts = np.concatenate([[0], np.cumsum(counts)])
    wrong = (kinds >= SHELL) & ((areas(places.astype(np.int64), starts) > 0) != (kinds == SHELL))
    return _one_each(Paths(features, kinds, starts, turned(places, starts, wrong)))


def _parts(shapes: Shapes) -> tuple[Shapes, Whole]:
    """Return the simple parts of shapes, those of nested collections too, and whose each is."""
    parts, owners = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        owners = owners[index]
    return parts, owners


def _one_each(paths: Paths) -> Paths:
    """Return the paths with all dots of a feature in one."""
    joined = np.zeros(len(paths.features), dtype=bool)
    joined[1:] = (paths.features[1:] == paths.features[:-1]) & (paths.kinds[1:] == DOT)
    if not joined.any():
        return paths
    starts = np.append(paths.starts[:-1][~joined], paths.starts[-1])
    return Paths(paths.features[~joined], paths.kinds[~joined], starts, paths.places)


def turned(places: Places, starts: Whole, wrong: npt.NDArray[np.bool_]) -> Places:
    """Return the places with some of the paths backwards."""
    counts = np.diff(starts)
    inside = np.arange(len(places)) - np.repeat(starts[:-1], counts)
    backwards = np.repeat(starts[1:], counts) - 1 - inside
    back: Places = places[np.where(np.repeat(wrong, counts), backwards, np.arange(len(places)))]
    return back


def areas(places: Whole, starts: Whole) -> Numbers:
    """Return twice the area inside each path, positive for clockwise on the screen; shape (p,).

    Measured from the first place of each path, so that it is exact for any path narrower than 2^26 units.
    """
    if len(starts) < 2:
        return np.zeros(0)
    counts = np.diff(starts)
    following = np.arange(1, len(places) + 1)
    following[starts[1:] - 1] = starts[:-1]
    local = (places - np.repeat(places[starts[:-1]], counts, axis=0)).astype(np.float64)
    cross = local[:, 0] * local[following, 1] - local[following, 0] * local[:, 1]
    return np.asarray(np.add.reduceat(cross, starts[:-1]), dtype=np.float64)


def spans(starts: Whole, counts: Whole) -> Whole:
    """Return the positions from each start on, as many as its count, one span after the other.

    Examples
    --------
    >>> spans(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)
