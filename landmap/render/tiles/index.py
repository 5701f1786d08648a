"""Where the shapes of a layer lie on the grid, and which of them a tile shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from landmap.render.tiles.grid import EXTENT, TileAddress, Whole, rounded, world
from landmap.render.tiles.paths import Paths, Shapes, paths_of, spans

Mask = npt.NDArray[np.bool_]
Boxes = npt.NDArray[np.uint32]

#: Records are looked through in blocks: what stands together in a snapshot lies together on the map.
_BLOCK: Final = 256


@dataclass(frozen=True, slots=True)
class Index:
    """The shapes of a layer as paths on the grid of the world, with a box around each record and each block of them.

    Attributes
    ----------
    paths : Paths
    firsts : array, shape (n + 1,)
        The paths of record k stand from ``firsts[k]`` to ``firsts[k + 1]``.
    boxes : array, shape (n, 4)
        West, north, east, south; inside out for a record without a shape.
    blocks : array, shape (b, 4)
    """

    paths: Paths
    firsts: Whole
    boxes: Boxes
    blocks: Boxes

    @classmethod
    def of(cls, shapes: Shapes) -> Index:
        """Return the index of shapes in EPSG:4490."""
        paths = paths_of(shapes, world)
        firsts = np.searchsorted(paths.features, np.arange(len(shapes) + 1))
        boxes = np.tile(np.array([2**32 - 1, 2**32 - 1, 0, 0], dtype=np.uint32), (len(shapes), 1))
        if len(paths.features):
            there = firsts[1:] > firsts[:-1]
            lying = firsts[:-1][there]
            boxes[there, :2] = np.minimum.reduceat(np.minimum.reduceat(paths.places, paths.starts[:-1]), lying)
            boxes[there, 2:] = np.maximum.reduceat(np.maximum.reduceat(paths.places, paths.starts[:-1]), lying)
        edges = np.arange(0, len(shapes), _BLOCK)
        blocks = np.empty((len(edges), 4), dtype=np.uint32)
        if len(edges):
            blocks[:, :2] = np.minimum.reduceat(boxes[:, :2], edges)
            blocks[:, 2:] = np.maximum.reduceat(boxes[:, 2:], edges)
        return cls(paths, firsts, boxes, blocks)

    def inside(self, address: TileAddress) -> tuple[Whole, Mask]:
        """Return the records whose box meets a tile with its buffer, and which of them are larger than a tile."""
        window = np.array(address.box, dtype=np.int64) << address.shift
        near = np.flatnonzero(_meet(self.blocks, window))
        rows = (near[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        rows = rows[: np.searchsorted(rows, len(self.boxes))]
        boxes = self.boxes[rows]
        met = _meet(boxes, window)
        rows, boxes = rows[met], boxes[met]
        return rows, (boxes[:, 2:] - boxes[:, :2] > EXTENT << address.shift).any(axis=1)

    def local(self, rows: Whole, address: TileAddress) -> tuple[Whole, Whole, Whole, Whole]:
        """Return the paths of some records in units of a tile: whose, of what kind, how long, and their places."""
        chosen = spans(self.firsts[rows], self.firsts[rows + 1] - self.firsts[rows])
        starts = self.paths.starts[chosen]
        counts = self.paths.starts[chosen + 1] - starts
        corner = np.array([address.x, address.y], dtype=np.int64) * EXTENT
        places = rounded(self.paths.places[spans(starts, counts)], address.shift) - corner
        return self.paths.features[chosen].astype(np.int64), self.paths.kinds[chosen].astype(np.int64), counts, places


def _meet(boxes: Boxes, window: Whole) -> Mask:
    west, north, east, south = window.tolist()
    found = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= south) & (boxes[:, 3] >= north)
    return np.asarray(found, dtype=np.bool_)
