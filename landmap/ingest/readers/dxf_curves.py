"""Circles, ellipses and splines of a drawing as outlines: circles as two arcs, the others as short chords at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from landmap.ingest.faults import DAMAGE
from landmap.ingest.readers.dxf_outlines import Outline, placed
from landmap.ingest.readers.dxf_splines import ellipse_chords, spline_chords

if TYPE_CHECKING:
    from ezdxf.entities.dxfgfx import DXFGraphic
    from ezdxf.math import Matrix44

KINDS: Final = frozenset({"CIRCLE", "ELLIPSE", "SPLINE"})


def curve_of(entity: DXFGraphic, matrix: Matrix44 | None) -> list[Outline]:
    """Return the outline of a curve; an empty list for one that cannot be drawn."""
    kind = entity.dxftype()
    try:
        return [_circle(entity, matrix) if kind == "CIRCLE" else _chords(entity, kind, matrix)]
    except DAMAGE:  # a spline may lack knots, or have weights that lead nowhere
        return []


def _circle(entity: DXFGraphic, matrix: Matrix44 | None) -> Outline:
    centre, radius = entity.dxf.center, abs(float(entity.dxf.radius))
    rows = np.array([(centre.x - radius, centre.y, 1.0), (centre.x + radius, centre.y, 1.0)], dtype=np.float64)
    return placed(entity, rows, True, centre.z, matrix)


def _chords(entity: DXFGraphic, kind: str, matrix: Matrix44 | None) -> Outline:
    """Return an ellipse or a spline in the world's coordinates; an arc of an ellipse is an open line."""
    tool: Any = entity.construction_tool()  # type: ignore[attr-defined]
    points = ellipse_chords(tool) if kind == "ELLIPSE" else spline_chords(tool)
    heights = points[:, 2]
    height = float(heights[np.argmax(np.abs(heights))])
    closed = bool(getattr(entity, "closed", False))
    return Outline(points[:, :2], np.zeros(len(points)), closed, height, matrix)
