"""The grid of the tiles: Web Mercator in whole numbers, 2^32 of them around the world.

At zoom z the world is 2^z tiles of 4096 units wide; the grid is that of zoom 20, where a unit is a centimetre at the
equator. A coarser zoom is reached by rounding, so neighbours that share a corner share it at every zoom.

Source: Mapbox Vector Tile Specification 2.1 (extent); OGC Two Dimensional Tile Matrix Set 2.0, WebMercatorQuad.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from landmap.domain.errors import InvalidValueError, NotFoundError, shown

Whole = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

EXTENT_BITS: Final = 12
#: Units along the side of a tile.
EXTENT: Final = 1 << EXTENT_BITS
WORLD_BITS: Final = 32
MAX_ZOOM: Final = WORLD_BITS - EXTENT_BITS
#: How far beyond its edges a tile reaches: 8 of 256 pixels.
BUFFER: Final = 128
#: Scale denominator of zoom 0, by the 0.28 mm pixel of OGC.
SCALE_0: Final = 559_082_264.028_717_8
_MAX_LATITUDE: Final = 85.051_128_779_806_6


@dataclass(frozen=True, slots=True)
class TileAddress:
    """One tile: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @classmethod
    def read(cls, z: str, y: str, x: str) -> TileAddress:
        """Return the tile of a path.

        Raises
        ------
        InvalidValueError
            For what is no whole number.
        NotFoundError
            For a tile that the matrix set does not have.
        """
        zoom, row, column = (_whole(name, text) for name, text in (("z", z), ("y", y), ("x", x)))
        if zoom > MAX_ZOOM:
            raise NotFoundError(f"there is no zoom {shown(z)}", hint=f"0 to {MAX_ZOOM}")
        for name, found in (("row", row), ("column", column)):
            if found >= 1 << zoom:
                raise NotFoundError(f"zoom {zoom} has no {name} {found}", hint=f"0 to {(1 << zoom) - 1}")
        return cls(zoom, column, row)

    @property
    def shift(self) -> int:
        """By how many bits the world grid is finer than this zoom's."""
        return MAX_ZOOM - self.z

    @property
    def box(self) -> tuple[int, int, int, int]:
        """West, north, east, south with the buffer, in the units of this zoom's grid; all inclusive."""
        west, north = self.x * EXTENT, self.y * EXTENT
        return west - BUFFER, north - BUFFER, west + EXTENT + BUFFER, north + EXTENT + BUFFER


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise InvalidValueError.of(name, text, "must be a whole number from 0", "zoom/row/column", where="path")
    return int(text)


def world(points: Numbers) -> npt.NDArray[np.uint32]:
    """Return places on the grid; beyond 85.05° of latitude everything lies on the edge.

    Parameters
    ----------
    points : array, shape (n, 2)
        Longitude and latitude, degrees.

    Returns
    -------
    array, shape (n, 2)
        Columns from the west, rows from the north.

    Examples
    --------
    >>> world(np.array([[0.0, 0.0]])).tolist() == [[2**31, 2**31]]
    True
    """
    return on_grid(mercator(points), 1 << WORLD_BITS).astype(np.uint32)


def mercator(points: Numbers) -> Numbers:
    """Return places as shares of the world's width, from the west and from the north; shape (n, 2)."""
    sines = np.sin(np.radians(np.clip(points[:, 1], -_MAX_LATITUDE, _MAX_LATITUDE)))
    return np.column_stack([points[:, 0] / 360 + 0.5, 0.5 - np.log((1 + sines) / (1 - sines)) / (4 * np.pi)])


def on_grid(shares: Numbers, units: int) -> npt.NDArray[Any]:
    """Return shares as whole units of `units`, never beyond the last."""
    return np.clip(np.floor(shares * units), 0, units - 1)


def rounded(places: npt.NDArray[np.uint32], shift: int) -> Whole:
    """Return places of the world grid on one that is coarser by `shift` bits, to the nearest unit."""
    return (places.astype(np.int64) + ((1 << shift) >> 1)) >> shift
