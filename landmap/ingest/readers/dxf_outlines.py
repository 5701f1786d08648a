"""Outlines in a drawing: polylines and hatch boundaries, through blocks, with arcs kept exact until they are needed.

A bulge is the tangent of a quarter of an arc's angle; arcs of hatches are turned into bulges, ellipses and splines into
short chords at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from landmap.ingest.readers.dxf_splines import ellipse_chords, spline_chords

if TYPE_CHECKING:
    from ezdxf.entities.dxfgfx import DXFGraphic
    from ezdxf.math import Matrix44

_CHORDS_MAX: Final = 10_000
#: Bits of a hatch boundary: it was cut out around a text, and is no island.
_AROUND_TEXT: Final = 8
_SPLINE_FRAME: Final = 16
#: Bulges that draw an arc; beyond them its radius or its angle is beyond what numbers hold.
_BULGES: Final = (1e-9, 1e4)
_FULL: Final = 2 * math.pi
#: Ends this near each other are one point, drawing units.
_SAME: Final = 1e-6


@dataclass(frozen=True)
class Outline:
    """A run of points with bulges in the drawing's own plane, and the way to the world's.

    `points` has shape (n, 2), drawing units; `bulges` (n,) belong to the side that starts at each point, the last one
    to the side that closes the outline; `closed` is what the drawing says.
    """

    points: NDArray[np.float64]
    bulges: NDArray[np.float64]
    closed: bool
    elevation: float
    matrix: Matrix44 | None

    def in_world(self, tolerance: float) -> NDArray[np.float64]:
        """Return the points in the world, shape (m, 3), with arcs as chords that leave them by at most `tolerance`."""
        scale = 1.0 if self.matrix is None else max(_length(self.matrix, axis) for axis in ((1, 0, 0), (0, 1, 0)))
        flat = densified(self.points, self.bulges, tolerance / (scale or 1.0), closed=self.closed)
        points = np.column_stack([flat, np.full(len(flat), self.elevation)])
        if self.matrix is None:
            return points
        return np.array([tuple(one) for one in self.matrix.transform_vertices(points.tolist())], dtype=float)


def densified(
    points: NDArray[np.float64], bulges: NDArray[np.float64], tolerance: float, *, closed: bool
) -> NDArray[np.float64]:
    """Return an outline of straight sides.

    Parameters
    ----------
    points : array, shape (n, 2)
    bulges : array, shape (n,)
        Tangent of a quarter of each side's angle, positive to the left of the chord's direction; 0 is a straight side.
    tolerance : float
        How far a chord may leave its arc, in the unit of `points`.
    closed : bool
        Whether a side leads from the last point to the first.

    Examples
    --------
    >>> circle = densified(np.array([[0, 0], [2, 0]]), np.array([1.0, 1.0]), 0.001, closed=True)
    >>> bool(np.abs(np.hypot(circle[:, 0] - 1, circle[:, 1]) - 1).max() < 1e-9), len(circle)
    (True, 72)
    """
    if not bulges.any():
        return points
    ends = np.roll(points, -1, axis=0)
    runs = []
    for index, (start, end, bulge) in enumerate(zip(points, ends, bulges, strict=True)):
        runs.append(start[None, :])
        if bulge and (closed or index < len(points) - 1):
            runs.append(_arc(start, end, float(bulge), tolerance))
    return np.concatenate(runs)


def _arc(start: NDArray[np.float64], end: NDArray[np.float64], bulge: float, tolerance: float) -> NDArray[np.float64]:
    """Return the points between the ends of an arc, shape (k, 2)."""
    chord = end - start
    length = math.hypot(*chord)
    if not length or not math.isfinite(length) or not _BULGES[0] < abs(bulge) < _BULGES[1]:
        return np.empty((0, 2))
    angle = 4 * math.atan(bulge)
    radius = length / (2 * math.sin(abs(angle) / 2))
    normal = np.array([-chord[1], chord[0]]) / length
    centre = start + chord / 2 + normal * (length * (1 - bulge**2) / (4 * bulge))
    step = 2 * math.acos(max(0.0, 1 - tolerance / radius)) if tolerance < radius else math.pi / 2
    count = min(_CHORDS_MAX, max(2, math.ceil(abs(angle) / max(step, 1e-9))))
    turns = np.arange(1, count) * (angle / count)
    x, y = start - centre
    turned = np.column_stack([x * np.cos(turns) - y * np.sin(turns), x * np.sin(turns) + y * np.cos(turns)])
    return np.asarray(centre + turned, dtype=np.float64)


def outlines_of(entity: DXFGraphic, matrix: Matrix44 | None) -> list[Outline]:
    """Return the outlines of a polyline, or of a hatch's boundary; an empty list for a net or a mesh."""
    kind = entity.dxftype()
    if kind == "LWPOLYLINE":
        rows = np.array(entity.get_points("xyb"), dtype=np.float64).reshape(-1, 3)  # type: ignore[attr-defined]
        return [placed(entity, rows, entity.closed, entity.dxf.elevation, matrix)]  # type: ignore[attr-defined]
    if kind == "POLYLINE":
        return _polyline(entity, matrix)
    return list(_hatch(entity, matrix))


def _polyline(entity: DXFGraphic, matrix: Matrix44 | None) -> list[Outline]:
    mode = entity.get_mode()  # type: ignore[attr-defined]
    if mode not in ("AcDb2dPolyline", "AcDb3dPolyline"):
        return []
    points = [one for one in entity.vertices if not one.dxf.flags & _SPLINE_FRAME]  # type: ignore[attr-defined]
    rows = np.array([(*one.dxf.location.vec2, one.dxf.bulge) for one in points], dtype=float).reshape(-1, 3)
    heights = [one.dxf.location.z for one in points]
    if mode == "AcDb2dPolyline":
        elevation = entity.dxf.elevation.z if entity.dxf.hasattr("elevation") else 0.0
        return [placed(entity, rows, entity.is_closed, elevation, matrix)]  # type: ignore[attr-defined]
    height = max(heights, key=abs, default=0.0)
    rows[:, 2] = 0.0
    return [Outline(rows[:, :2], rows[:, 2], entity.is_closed, height, matrix)]  # type: ignore[attr-defined]


def _hatch(entity: DXFGraphic, matrix: Matrix44 | None) -> Iterator[Outline]:
    for path in entity.paths:  # type: ignore[attr-defined]
        if path.path_type_flags & _AROUND_TEXT:
            continue
        rows = path.vertices if hasattr(path, "vertices") else _chained([_edge(edge) for edge in path.edges])
        found = np.array([tuple(row) for row in rows], dtype=float).reshape(-1, 3)
        yield placed(entity, found, True, entity.dxf.elevation.z, matrix)


def placed(
    entity: DXFGraphic, rows: NDArray[np.float64], closed: bool, elevation: float, matrix: Matrix44 | None
) -> Outline:
    """Return an outline whose matrix leads from the entity's own plane through its block to the world."""
    own = entity.ocs()
    if own.transform:
        matrix = own.matrix if matrix is None else own.matrix * matrix
    return Outline(rows[:, :2], rows[:, 2], bool(closed), float(elevation or 0.0), matrix)


def _edge(edge: object) -> list[tuple[float, float, float]]:
    """Return an edge of a hatch as points with bulges, its last point included."""
    kind = type(edge).__name__
    if kind == "LineEdge":
        return [(*edge.start, 0.0), (*edge.end, 0.0)]  # type: ignore[attr-defined]
    if kind == "ArcEdge":
        return _arc_edge(edge)
    tool = edge.construction_tool()  # type: ignore[attr-defined]
    chords = ellipse_chords(tool) if kind == "EllipseEdge" else spline_chords(tool)
    return [(x, y, 0.0) for x, y, _ in chords.tolist()]


def _arc_edge(edge: object) -> list[tuple[float, float, float]]:
    """Return an arc as two bulged sides, so that a whole circle has a middle."""
    start = math.radians(edge.start_angle)  # type: ignore[attr-defined]
    span = math.radians(edge.end_angle) - start  # type: ignore[attr-defined]
    span = span if 0 < span <= _FULL else span % _FULL or _FULL
    (x, y), radius = edge.center, edge.radius  # type: ignore[attr-defined]
    bulge = math.tan(span / 8)
    turns = [start, start + span / 2, start + span]
    points = [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]
    return [(*points[0], bulge), (*points[1], bulge), (*points[2], 0.0)]


def _chained(edges: Sequence[list[tuple[float, float, float]]]) -> list[tuple[float, float, float]]:
    """Return edges end to end as one run; an edge that was drawn the other way round is turned."""
    run: list[tuple[float, float, float]] = []
    for index, edge in enumerate(edges):
        if not edge:
            continue
        if run:
            here = run.pop()
            turn = math.dist(here[:2], edge[-1][:2]) < math.dist(here[:2], edge[0][:2])
        else:
            after = next((one for one in edges[index + 1 :] if one), edge)
            ends = (after[0][:2], after[-1][:2])
            turn = len(edges) > 1 and min(math.dist(edge[0][:2], end) for end in ends) < min(
                math.dist(edge[-1][:2], end) for end in ends
            )
        run += _turned(edge) if turn else edge
    return run[:-1] if len(run) > 1 and math.dist(run[0][:2], run[-1][:2]) <= _SAME else run


def _turned(edge: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Return an edge from its end to its start: each bulge moves to the other end of its side and changes its sign."""
    bulges = [-bulge for *_, bulge in edge[:-1]][::-1]
    return [(x, y, bulge) for (x, y, _), bulge in zip(edge[::-1], [*bulges, 0.0], strict=True)]


def _length(matrix: Matrix44, axis: tuple[int, int, int]) -> float:
    return float(matrix.transform_direction(axis).magnitude)
