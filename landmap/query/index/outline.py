"""The edges of an area, and which boxes they may run through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from landmap.query.index.bits import Mask, Rows

Numbers = npt.NDArray[np.float64]

#: How many edges in a row share one box.
_RUN: Final = 16
#: What is nearer than this, in degrees (a tenth of a micrometre), counts as touching: wider than any rounding here.
_NEAR: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Offsets:
    """Where boxes lie beside edges, box by edge.

    Attributes
    ----------
    side : array of float
        Positive when the centre of the box lies to the left of the edge's line.
    touches : array of bool
        False only when the box and the edge are apart.
    """

    side: Numbers
    touches: Mask


class Outline:
    """The edges of an area.

    Parameters
    ----------
    area : polygon or multipolygon
    """

    def __init__(self, area: BaseGeometry) -> None:
        points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(area)), return_index=True)
        edge = np.flatnonzero(ring[1:] == ring[:-1])
        padding = -len(edge) % _RUN
        ends = np.hstack([points[edge], points[edge + 1]])
        self._ends: Numbers = np.vstack([ends, np.full((padding, 4), np.nan)]).T

    def pairs(self, sides: Numbers) -> tuple[Rows, Rows]:
        """Return which box an edge may run through: positions of boxes and edges, by box.

        Parameters
        ----------
        sides : array of float, shape (4, n)
            West, south, east, north.
        """
        runs = self._ends.reshape(4, -1, _RUN)
        xs, ys = np.concatenate([runs[[0, 2]], runs[[1, 3]]], axis=0).reshape(2, 2, -1, _RUN)
        west, east = np.fmin.reduce(xs, axis=(0, 2)) - _NEAR, np.fmax.reduce(xs, axis=(0, 2)) + _NEAR
        south, north = np.fmin.reduce(ys, axis=(0, 2)) - _NEAR, np.fmax.reduce(ys, axis=(0, 2)) + _NEAR
        least_x, least_y, most_x, most_y = sides[:, :, np.newaxis]
        near = (least_x <= east) & (most_x >= west) & (least_y <= north) & (most_y >= south)
        boxes, runs_met = np.nonzero(near)
        edges = runs_met[:, np.newaxis] * _RUN + np.arange(_RUN)
        touching = self.offsets(sides[:, boxes, np.newaxis], edges).touches
        return np.repeat(boxes, touching.sum(axis=1)), edges[touching]

    def offsets(self, sides: Numbers, edges: Rows) -> Offsets:
        """Return where boxes lie beside edges.

        Parameters
        ----------
        sides : array of float, first axis of 4
        edges : array of int
            Of a shape that fits the boxes.
        """
        start_x, start_y, end_x, end_y = self._ends[:, edges]
        run_x, run_y = end_x - start_x, end_y - start_y
        west, south, east, north = sides
        centre_x, centre_y = (west + east) / 2, (south + north) / 2
        half_x, half_y = (east - west) / 2 + _NEAR, (north - south) / 2 + _NEAR
        side = run_x * (centre_y - start_y) - run_y * (centre_x - start_x)
        touches = np.abs(side) <= np.abs(run_x) * half_y + np.abs(run_y) * half_x
        touches &= np.abs(2 * centre_x - start_x - end_x) <= 2 * half_x + np.abs(run_x)
        touches &= np.abs(2 * centre_y - start_y - end_y) <= 2 * half_y + np.abs(run_y)
        return Offsets(side, touches)
