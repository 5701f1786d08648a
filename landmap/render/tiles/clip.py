"""Features larger than a tile, cut to what the tile shows: no street corner is sent with a whole district."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from landmap.render.tiles.grid import BUFFER, EXTENT, Numbers, TileAddress, Whole, mercator
from landmap.render.tiles.paths import Paths, Shapes, paths_of

_WINDOW: Final = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)


def clipped(shapes: Shapes, address: TileAddress) -> Paths:
    """Return what lies in a tile and its buffer, in units of the tile; a shape that only touches it has no path.

    Parameters
    ----------
    shapes : array of geometry, shape (n,)
        EPSG:4490.
    address : TileAddress
    """
    corner = np.array([address.x, address.y], dtype=np.float64) * EXTENT

    def local(points: Numbers) -> Numbers:
        return mercator(points) * (EXTENT << address.z) - corner

    flat = shapely.transform(shapes, local)
    broken = ~shapely.is_valid(flat)
    flat[broken] = shapely.make_valid(flat[broken])
    cut = shapely.intersection(flat, _WINDOW)
    cut[shapely.get_dimensions(cut) != shapely.get_dimensions(flat)] = None
    return paths_of(cut, _nearest)


def _nearest(points: Numbers) -> Whole:
    return np.rint(points).astype(np.int64)
