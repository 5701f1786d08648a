"""Outlines of a drawing into areas: rings closed, fills and lines of the same outline taken once, texts put inside.

Whether a ring inside another is its hole or a parcel of its own, the drawing must say: by the paths of a fill, or by a
text in the ring. Where it does not, both are kept and the steward is told.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.ingest.readers.dxf_walk import Label, Shape
from landmap.ingest.readers.raw import object_array
from landmap.ingest.readers.rings import LEAST, polygon_of

#: How far a chord may leave its arc, metres; documented for stewards.
ARC_TOLERANCE_M: Final = 0.001
#: A ring whose ends lie this near each other, and no further than a share of its length, was meant to be closed.
GAP_MAX_M: Final = 0.5
_GAP_SHARE: Final = 0.01
#: Ends this near each other are one point, metres.
_SAME_M: Final = 0.001
#: A smaller circle marks a point; so it is drawn around boundary points. Mark: own.
SYMBOL_RADIUS_M: Final = 5.0
#: Coordinates of at most this may be degrees, in which no circle is small.
_DEGREES: Final = 180.0
#: Two outlines are the same when they differ by no more than this share of their area.
_EQUAL: Final = 1e-4
_HOLE: Final = re.compile("孔洞|空洞|挖空|挖除|扣除|内环|内孔|不含|不计|天井")


@dataclass
class Area:
    """One closed outline of the drawing; `gap`: how far its ends were apart; `height`: it did not lie at zero."""

    shape: Any
    layer: str
    handle: str
    fill: bool
    gap: float = 0.0
    height: bool = False
    hole: bool = False
    within: Area | None = None
    labels: list[Label] = field(default_factory=list)


@dataclass
class Areas:
    """The areas in the drawing's order, and what was counted: unread, taken once, cut, stray texts."""

    kept: list[Area]
    unread: Counter[str]
    repeated: int = 0
    cut: int = 0
    outside: list[Label] = field(default_factory=list)


def areas_of(shapes: Iterable[Shape], labels: Sequence[Label], factor: float) -> Areas:
    """Return the areas that outlines enclose.

    Parameters
    ----------
    shapes : iterable of Shape, drawing units
    labels : sequence of Label, drawing units
    factor : float
        Metres in a drawing unit (1 for degrees); areas come out multiplied by it.
    """
    found = Areas([], Counter())
    for shape in shapes:
        area = _area(shape, factor, found.unread)
        if area is not None:
            found.kept.append(area)
    if found.kept:
        _take_once(found)
        _put(labels, found, factor)
        _cut_holes(found)
    return found


def _area(shape: Shape, factor: float, unread: Counter[str]) -> Area | None:
    """Return the area of one entity; an open line and one that encloses nothing are counted."""
    rings: list[list[tuple[float, float]]] = []
    gaps, high = [0.0], False
    for outline in shape.outlines:
        points = outline.in_world(ARC_TOLERANCE_M / factor) * factor
        gap = _gap(points, closed=outline.closed)
        if gap is None:
            unread[f"{shape.kind} (open)"] += 1
            return None
        if shape.kind == "CIRCLE" and _is_symbol(points):
            unread["CIRCLE (symbol)"] += 1
            return None
        flat = [(float(x), float(y)) for x, y, _ in points]
        if not np.isfinite(points).all() or len(set(flat)) < LEAST:
            unread[f"{shape.kind} (no area)"] += 1
            return None
        gaps.append(gap)
        high = high or bool(np.abs(points[:, 2]).max() > _SAME_M)
        if math.dist(flat[0], flat[-1]) <= max(gap, _SAME_M) and len(set(flat[:-1])) >= LEAST:
            flat[-1] = flat[0]
        rings.append(flat)
    made = polygon_of(rings) if shape.fill else shapely.Polygon(rings[0])
    return Area(made, shape.layer, shape.handle, shape.fill, max(gaps), high)


def _is_symbol(circle: NDArray[np.float64]) -> bool:
    width = float(np.ptp(circle[:, 0]))
    return width < 2 * SYMBOL_RADIUS_M and bool(np.abs(circle[:, :2]).max() > _DEGREES)


def _gap(points: NDArray[np.float64], *, closed: bool) -> float | None:
    """Return how far the ends of an outline are apart, 0 where it is closed; None where it is an open line."""
    if closed:
        return 0.0
    ends = float(np.hypot(*(points[-1, :2] - points[0, :2])))
    length = float(np.hypot(*np.diff(points[:, :2], axis=0).T).sum())
    if ends <= _SAME_M:
        return 0.0
    return ends if len(points) > LEAST - 1 and ends <= min(GAP_MAX_M, _GAP_SHARE * length) else None


def _take_once(found: Areas) -> None:
    """Take a fill and the line around it as one area with the fill's holes; mark the rings of such holes."""
    lines = [area for area in found.kept if not area.fill]
    if not lines or len(lines) == len(found.kept):
        return
    tree = shapely.STRtree([area.shape for area in lines])
    kept = []
    for area in found.kept:
        left = []
        for part in shapely.get_parts(area.shape) if area.fill else ():
            for ring in part.interiors:
                for index in _equals(shapely.Polygon(ring), lines, tree):
                    lines[index].hole = True
            same = _equals(shapely.Polygon(part.exterior), lines, tree)
            if not same:
                left.append(part)
                continue
            found.repeated += 1
            outline = lines[same[0]].shape
            lines[same[0]].shape = shapely.Polygon(outline.exterior, [*outline.interiors, *part.interiors])
        if not area.fill or left:
            area.shape = area.shape if not area.fill else left[0] if len(left) == 1 else shapely.MultiPolygon(left)
            kept.append(area)
    found.kept = kept


def _equals(ring: shapely.Polygon, lines: Sequence[Area], tree: shapely.STRtree) -> list[int]:
    """Return the lines whose outline is `ring`."""
    if not ring.is_valid or not ring.area:
        return []
    near = [index for index in tree.query(ring).tolist() if shapely.is_valid(lines[index].shape)]
    outlines = {index: shapely.Polygon(lines[index].shape.exterior) for index in near}
    return [
        index
        for index, outline in outlines.items()
        if abs(outline.area - ring.area) <= _EQUAL * ring.area
        and outline.symmetric_difference(ring).area <= _EQUAL * ring.area
    ]


def _put(labels: Sequence[Label], found: Areas, factor: float) -> None:
    """Give each text to the smallest area around it."""
    shapes = object_array([area.shape for area in found.kept])
    sizes = shapely.area(shapes)
    points = shapely.points(np.array([(label.x, label.y) for label in labels]).reshape(-1, 2) * factor)
    texts, around = shapely.STRtree(shapes).query(points, predicate="intersects")
    smallest: dict[int, int] = {}
    for text, index in zip(texts.tolist(), around.tolist(), strict=True):
        if text not in smallest or sizes[index] < sizes[smallest[text]]:
            smallest[text] = index
    for number, label in enumerate(labels):
        if number in smallest:
            found.kept[smallest[number]].labels.append(label)
        else:
            found.outside.append(label)


def _cut_holes(found: Areas) -> None:
    """Cut out of the area around it every ring that the drawing calls a hole; note the ring that may be one."""
    shapes = object_array([area.shape for area in found.kept])
    sound, sizes = shapely.is_valid(shapes), shapely.area(shapes)
    inner, outer = shapely.STRtree(shapes).query(shapes, predicate="covered_by")
    around: dict[int, list[int]] = {}
    for one, other in zip(inner.tolist(), outer.tolist(), strict=True):
        same_layer = found.kept[one].layer == found.kept[other].layer
        if one != other and same_layer and sound[one] and sound[other] and sizes[one] < sizes[other]:
            around.setdefault(one, []).append(other)
    gone = set()
    for index, area in enumerate(found.kept):
        said = any(_HOLE.search(label.text) for label in area.labels)
        if area.hole and not area.labels:
            gone.add(index)
        elif index in around:
            container = found.kept[min(around[index], key=lambda other: float(sizes[other]))]
            if said and container.shape.geom_type == "Polygon":
                container.shape = shapely.Polygon(
                    container.shape.exterior, [*container.shape.interiors, area.shape.exterior]
                )
                gone.add(index)
            elif not said:
                area.within = container
    found.cut = len(gone)
    found.kept = [area for index, area in enumerate(found.kept) if index not in gone]
