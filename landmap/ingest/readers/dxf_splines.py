"""Splines and ellipses of a drawing as chords, over the part of a spline that is drawn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

#: Chords of ellipses and splines leave the curve by at most this share of its size.
CURVE_SHARE: Final = 1e-5
_LEAST, _MOST = 16, 1024
_POINTS_MAX: Final = 100_000

Points = NDArray[np.float64]


def ellipse_chords(tool: Any) -> Points:
    """Return the points of an ellipse or an arc of one, shape (n, 3); `tool` is ezdxf's ``ConstructionEllipse``."""
    size = max(tool.major_axis.magnitude, tool.minor_axis.magnitude)
    return _array(tool.flattening(size * CURVE_SHARE, segments=_LEAST))


def spline_chords(tool: Any) -> Points:
    """Return the points of a spline, shape (n, 3); `tool` is ezdxf's ``BSpline``.

    A spline that closes smoothly has knots before and after the curve, where nothing is drawn: between the knot of its
    order and that of its last control point, every span is cut finer until its chords are near enough, or there are
    100 000 of them.
    """
    size = sum((after - before).magnitude for before, after in pairwise(tool.control_points)) or 1.0
    knots = np.array(tool.knots(), dtype=np.float64)
    spans = np.unique(knots[tool.order - 1 : tool.count + 1])
    pieces = max(1, min(_LEAST, _POINTS_MAX // len(spans)))
    while True:
        ends = np.linspace(spans[:-1], spans[1:], pieces, endpoint=False, axis=1).ravel()
        found = _array(tool.points([*ends, spans[-1]]))
        middles = _array(tool.points(ends + np.diff([*ends, spans[-1]]) / 2))
        off = np.linalg.norm(middles - (found[:-1] + found[1:]) / 2, axis=1).max(initial=0.0)
        if off <= size * CURVE_SHARE or pieces >= _MOST or 2 * pieces * len(spans) > _POINTS_MAX:
            return found
        pieces *= 2


def _array(points: Any) -> Points:
    return np.array([tuple(one) for one in points], dtype=np.float64).reshape(-1, 3)
