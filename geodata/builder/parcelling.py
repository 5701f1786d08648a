"""Cut blocks into parcels that share their edges exactly."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import split

from builder.frame import box_corners, polygons

#: Points closer than this to an edge lie on it.
_TOUCH_M = 0.02


def cut(shape: Polygon, rng: random.Random, wanted_m2: Callable[[], float]) -> list[Polygon]:
    """Cut `shape` across its long side until every piece is near a wanted size; pieces share their edges."""
    done, waiting = [], [shape]
    while waiting:
        piece = waiting.pop()
        goal = wanted_m2()
        halves = _halves(piece, rng, goal) if piece.area > 1.45 * goal else None
        if halves is None:
            done.append(piece)
        else:
            waiting.extend(halves)
    return noded(done)


def _halves(piece: Polygon, rng: random.Random, goal: float) -> list[Polygon] | None:
    """Return two believable parts, or None when every cut leaves a sliver."""
    corners = box_corners(piece)
    sides = [(math.dist(corners[k], corners[k + 1]), corners[k], corners[k + 1]) for k in (0, 1)]
    (_, a, b) = max(sides)
    ux, uy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(ux, uy)
    ux, uy = ux / length, uy / length
    for _attempt in range(4):
        whole = max(2, round(piece.area / goal))
        share = rng.randint(1, whole - 1) / whole + rng.uniform(-0.035, 0.035)
        share = min(0.78, max(0.22, share))
        mx, my = a[0] + ux * length * share, a[1] + uy * length * share
        lean = rng.uniform(-0.02, 0.02)
        vx, vy = -uy + lean * ux, ux + lean * uy
        line = LineString([(mx - 5000 * vx, my - 5000 * vy), (mx + 5000 * vx, my + 5000 * vy)])
        parts = polygons(split(piece, line))
        if len(parts) == 2 and all(_believable(p) for p in parts):
            return parts
    return None


def _believable(piece: Polygon) -> bool:
    box = box_corners(piece)
    short, long = sorted((math.dist(box[0], box[1]), math.dist(box[1], box[2])))
    return piece.area > 3600 and short > 38 and long < 4.2 * short and piece.area > 0.55 * short * long


def noded(pieces: list[Polygon]) -> list[Polygon]:
    """Return `pieces` with every corner of a neighbour that lies on an edge made a corner of that edge.

    Only then do two neighbours stay exactly edge to edge when their corners are rounded.
    """
    corners = sorted({_rounded(xy) for p in pieces for xy in p.exterior.coords})
    result = []
    for piece in pieces:
        near = [c for c in corners if shapely.Point(c).distance(piece.exterior) < _TOUCH_M]
        ring = [_rounded(xy) for xy in piece.exterior.coords]
        whole: list[tuple[float, float]] = []
        for a, b in pairwise(ring):
            edge = LineString([a, b])
            on = {c for c in near if c not in (a, b) and edge.distance(shapely.Point(c)) < _TOUCH_M}
            whole += [a, *sorted(on, key=partial(math.dist, a))]
        result.append(Polygon(whole))
    return result


def _rounded(xy: tuple[float, ...]) -> tuple[float, float]:
    return round(xy[0], 2), round(xy[1], 2)
