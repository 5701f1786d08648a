"""The window of a map: a rectangle of the plane and the drawing it is scaled onto."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing of `width` x `height` units around a centre of the plane, `scale` units to the metre, north up."""

    width: float
    height: float
    east: float
    north: float
    scale: float

    @classmethod
    def around(
        cls,
        bounds: Sequence[float] | Points,
        size: tuple[float, float],
        *,
        share: float = 1.0,
        least_m: float = 0.0,
        below: float = 0.0,
    ) -> Frame:
        """Return the frame in which `bounds` (metres) fill at most `share` of either side.

        Parameters
        ----------
        bounds : min east, min north, max east, max north, metres
        size : width, height of the drawing
        share : float, 0 to 1
        least_m : float, metres
            The frame is at least this wide, however small the bounds.
        below : float
            Units kept free along the lower edge.
        """
        width, height = size
        west, south, east, north = (float(one) for one in bounds)
        wide, tall = east - west, north - south
        metres = max(wide / share, tall / share * width / (height - below), least_m, 1.0)
        scale = width / metres
        return cls(width, height, (west + east) / 2, (south + north) / 2 - below / 2 / scale, scale)

    @property
    def box(self) -> shapely.Polygon:
        """What lies inside, metres, with a little beyond the edge so that cut borders stay out of sight."""
        half_w, half_h = self.width / 2 / self.scale * 1.02, self.height / 2 / self.scale * 1.02
        return shapely.box(self.east - half_w, self.north - half_h, self.east + half_w, self.north + half_h)

    def place(self, points: Points) -> Points:
        """Return points of the plane, shape (n, 2), in units of the drawing."""
        x = (points[:, 0] - self.east) * self.scale + self.width / 2
        y = (self.north - points[:, 1]) * self.scale + self.height / 2
        return np.column_stack([x, y])

    def at(self, point: Any) -> tuple[float, float]:
        """Return a shapely point in units of the drawing."""
        ((x, y),) = self.place(np.array([[point.x, point.y]]))
        return float(x), float(y)

    def drawn(self, shape: Any) -> Any:
        """Return a shape cut to the frame, simplified to what is seen, in units of the drawing; may be empty."""
        box = self.box.bounds
        cut = shapely.clip_by_rect(shape, *box)
        return shapely.simplify(shapely.transform(cut, self.place), 0.2)

    def inside(self, point: Any, margin: float = 0.0) -> bool:
        """Whether a point of the plane lies in the drawing, at least `margin` units from its edge."""
        x, y = self.at(point)
        return margin <= x <= self.width - margin and margin <= y <= self.height - margin
