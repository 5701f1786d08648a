"""Coordinates made sane before GEOS works on them.

Denormal numbers and 1e308 make `simplify` run for ever, an empty hole crashes `segmentize`. So every geometry that
comes from outside passes here first; what cannot be mended comes back as None with a finding, never silently.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain.crs.systems import Geometries, Points

Bounds = tuple[float, float, float, float]

DEGREES: Final[Bounds] = (-180.0, -90.0, 180.0, 90.0)
VERTICES_MAX: Final = 100_000
#: A closed ring round an area has at least three corners and its first point again.
RING_POINTS_MIN: Final = 4
_FLAT: Final = 2
#: From here on a float64 has no fraction.
_WHOLE: Final = 2.0**52
_GATHER: Final[Mapping[int, Callable[[Any], shapely.Geometry]]] = MappingProxyType(
    {
        int(shapely.GeometryType.MULTIPOINT): shapely.multipoints,
        int(shapely.GeometryType.MULTILINESTRING): shapely.multilinestrings,
        int(shapely.GeometryType.MULTIPOLYGON): shapely.multipolygons,
        int(shapely.GeometryType.GEOMETRYCOLLECTION): shapely.geometrycollections,
    }
)


@dataclass(frozen=True, slots=True)
class CoordinateFinding:
    """What was wrong with one geometry; `removed` when it was replaced by None.

    Codes: ``too_many_vertices``, ``not_finite``, ``out_of_bounds``, ``empty``, ``collapsed`` (removed);
    ``repeated_points``, ``empty_rings``, ``degenerate_rings``, ``empty_parts`` (mended).
    """

    row: int
    code: str
    removed: bool
    found: str


def sane(
    geometries: Geometries,
    bounds: Bounds = DEGREES,
    step: float = 1e-9,
    vertices_max: int = VERTICES_MAX,
    *,
    points: Points | None = None,
) -> tuple[Geometries, tuple[CoordinateFinding, ...]]:
    """Return geometries that are safe to work on, and what was wrong.

    Parameters
    ----------
    geometries : array of geometry, shape (n,)
        Heights and measures are dropped. A missing geometry stays missing without a finding.
    bounds : (xmin, ymin, xmax, ymax)
        Where coordinates may lie; degrees of the whole earth unless told.
    step : float
        Coordinates are rounded to it: 1e-9 degrees is 0.1 mm; use 1e-4 for metres.
    vertices_max : int
    points : array of float, shape (number of vertices, 2), optional
        What the vertices are moved to before they are looked at; where they are, unless told.

    Returns
    -------
    (array of geometry, shape (n,), tuple of CoordinateFinding in row order)

    Examples
    --------
    >>> kept, findings = sane(np.array([shapely.Point(120.4, 1e308)]))
    >>> kept[0] is None, findings[0].code
    (True, 'out_of_bounds')
    """
    found = np.asarray(geometries, dtype=object).copy()
    findings: list[CoordinateFinding] = []
    counts = shapely.get_num_coordinates(found)
    own = shapely.get_coordinates(found)
    points, index = own if points is None else points, np.repeat(np.arange(len(found)), counts)
    for code, rows in (
        ("empty", ~shapely.is_missing(found) & (counts == 0)),
        ("too_many_vertices", counts > vertices_max),
    ):
        _remove(found, np.flatnonzero(rows), code, findings, [f"{count} vertices" for count in counts[rows]])
    finite = np.isfinite(points).all(axis=1)
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    inside = ((points >= low) & (points <= high)).all(axis=1)
    for code, bad in (("not_finite", ~finite), ("out_of_bounds", finite & ~inside)):
        rows, first = np.unique(index[bad], return_index=True)
        present = np.array([found[row] is not None for row in rows], dtype=bool)
        shown = [f"{x:g} {y:g}" for x, y in points[bad][first][present]]
        _remove(found, rows[present], code, findings, shown)
    if findings:
        stays = ~shapely.is_missing(found)[index]
        own, points, index = own[stays], points[stays], index[stays]
    points = _rounded(points, step)
    if (points != own).any() or np.signbit(own[own == 0]).any():
        shapely.set_coordinates(found, points)
    deep = shapely.get_coordinate_dimension(found) > _FLAT
    found[deep] = shapely.force_2d(found[deep])
    for row in _rows_to_rebuild(found, points, index):
        found[row] = _rebuilt(found[row], row, findings)
    return found, tuple(sorted(findings, key=lambda finding: finding.row))


def _remove(
    found: Geometries, rows: NDArray[np.intp], code: str, findings: list[CoordinateFinding], shown: Iterable[str]
) -> None:
    for row, text in zip(rows.tolist(), shown, strict=True):
        findings.append(CoordinateFinding(row, code, removed=True, found=text))
        found[row] = None


def _rounded(points: Points, step: float) -> Points:
    """Return coordinates rounded; denormals and minus zero become zero. What has no digits left to round stays."""
    scale = round(1 / step)
    counted = points * scale
    rounded: Points = np.rint(counted) / scale
    rounded += 0.0
    return np.where(np.abs(counted) < _WHOLE, rounded, points)


def _rows_to_rebuild(found: Geometries, points: Points, index: NDArray[np.intp]) -> list[int]:
    """Return the rows that hold collections, rings of fewer than four points, or points that repeat."""
    kinds = shapely.get_type_id(found)
    repeated = index[1:][(index[1:] == index[:-1]) & (points[1:] == points[:-1]).all(axis=1)]
    plain = (kinds == shapely.GeometryType.POLYGON) & (shapely.get_num_interior_rings(found) == 0)
    counts = np.bincount(index, minlength=len(found))
    short = np.flatnonzero(plain & (counts < RING_POINTS_MIN))
    others = np.flatnonzero(~plain)
    parts, owner = shapely.get_parts(found[others], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    small = others[owner[part[shapely.get_num_coordinates(rings) < RING_POINTS_MIN]]]
    collections = np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION)
    return sorted({*short.tolist(), *small.tolist(), *repeated.tolist(), *collections.tolist()})


def _rebuilt(geometry: shapely.Geometry, row: int, findings: list[CoordinateFinding]) -> shapely.Geometry | None:
    """Return `geometry` from clean parts, nested collections flattened, or None when nothing of it is left."""
    faults: Counter[str] = Counter()
    parts = np.array([geometry], dtype=object)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts = shapely.get_parts(parts)
    clean = [part for old in parts if (part := _clean(old, faults)) is not None]
    findings.extend(CoordinateFinding(row, code, removed=False, found=str(count)) for code, count in faults.items())
    if not clean:
        findings.append(CoordinateFinding(row, "collapsed", removed=True, found=type(geometry).__name__))
        return None
    kind = int(shapely.get_type_id(geometry))
    return clean[0] if kind not in _GATHER else _GATHER[kind](clean)


def _clean(part: shapely.Geometry, faults: Counter[str]) -> shapely.Geometry | None:
    """Return one point, line or polygon without repeated points and without rings that enclose nothing."""
    if isinstance(part, shapely.Polygon):
        shell, *holes = (_clean_ring(ring, faults) for ring in (part.exterior, *part.interiors))
        return None if shell is None else shapely.Polygon(shell, [hole for hole in holes if hole is not None])
    if shapely.is_empty(part):
        faults["empty_parts"] += 1
        return None
    if isinstance(part, shapely.LineString):
        points = _distinct(shapely.get_coordinates(part), faults)
        return shapely.LineString(points) if len(points) > 1 else None
    return part


def _clean_ring(ring: shapely.LinearRing, faults: Counter[str]) -> shapely.LinearRing | None:
    if shapely.is_empty(ring):
        faults["empty_rings"] += 1
        return None
    points = _distinct(shapely.get_coordinates(ring), faults)
    if len(points) < RING_POINTS_MIN:
        faults["degenerate_rings"] += 1
        return None
    return shapely.LinearRing(points)


def _distinct(points: Points, faults: Counter[str]) -> Points:
    """Return points without those that repeat the one before."""
    new = np.ones(len(points), dtype=bool)
    new[1:] = (points[1:] != points[:-1]).any(axis=1)
    if not new.all():
        faults["repeated_points"] += int((~new).sum())
    return points[new]
