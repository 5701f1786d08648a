"""Coordinates made sane before GEOS works on them.

Denormal numbers and 1e308 make `simplify` run for ever, an empty hole crashes `segmentize`. So every geometry that
comes from outside passes here first; what cannot be mended comes back as None with a finding, never silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain.crs.systems import Geometries

Bounds = tuple[float, float, float, float]

DEGREES: Final[Bounds] = (-180.0, -90.0, 180.0, 90.0)
VERTICES_MAX: Final = 100_000
_POLYGON, _MULTI_FIRST = 3, 4


@dataclass(frozen=True, slots=True)
class CoordinateFinding:
    """What was wrong with one geometry; `removed` when it was replaced by None.

    Codes: ``too_many_vertices``, ``not_finite``, ``out_of_bounds``, ``empty``, ``collapsed`` (removed);
    ``repeated_points``, ``empty_rings``, ``degenerate_rings`` (mended).
    """

    row: int
    code: str
    removed: bool
    found: str


def sane(
    geometries: Geometries, bounds: Bounds = DEGREES, step: float = 1e-9, vertices_max: int = VERTICES_MAX
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

    Returns
    -------
    (array of geometry, shape (n,), tuple of CoordinateFinding in row order)

    Examples
    --------
    >>> kept, findings = sane(np.array([shapely.Point(120.4, 1e308)]))
    >>> kept[0] is None, findings[0].code
    (True, 'out_of_bounds')
    """
    found = shapely.force_2d(np.asarray(geometries, dtype=object).copy())
    findings: list[CoordinateFinding] = []
    counts = shapely.get_num_coordinates(found)
    for code, rows in (
        ("empty", ~shapely.is_missing(found) & (counts == 0)),
        ("too_many_vertices", counts > vertices_max),
    ):
        _remove(found, np.flatnonzero(rows), code, findings, [f"{count} vertices" for count in counts[rows]])
    points, index = shapely.get_coordinates(found, return_index=True)
    finite = np.isfinite(points).all(axis=1)
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    inside = ((points >= low) & (points <= high)).all(axis=1)
    for code, bad in (("not_finite", ~finite), ("out_of_bounds", finite & ~inside)):
        rows, first = np.unique(index[bad], return_index=True)
        present = np.array([found[row] is not None for row in rows], dtype=bool)
        shown = [f"{x:g} {y:g}" for x, y in points[bad][first][present]]
        _remove(found, rows[present], code, findings, shown)
    _round(found, step)
    for row in _rows_to_rebuild(found):
        found[row] = _rebuilt(found[row], row, findings)
    return found, tuple(sorted(findings, key=lambda finding: finding.row))


def _remove(
    found: Geometries, rows: NDArray[np.intp], code: str, findings: list[CoordinateFinding], shown: Iterable[str]
) -> None:
    for row, text in zip(rows.tolist(), shown, strict=True):
        findings.append(CoordinateFinding(row, code, removed=True, found=text))
        found[row] = None


def _round(found: Geometries, step: float) -> None:
    """Round coordinates in place; denormals and minus zero become zero."""
    points = shapely.get_coordinates(found)
    scale = round(1 / step)
    shapely.set_coordinates(found, np.round(points * scale) / scale + 0.0)


def _rows_to_rebuild(found: Geometries) -> list[int]:
    """Return the rows that hold collections, empty rings, or points that repeat."""
    kinds = shapely.get_type_id(found)
    points, index = shapely.get_coordinates(found, return_index=True)
    repeats = np.unique(index[1:][(index[1:] == index[:-1]) & (points[1:] == points[:-1]).all(axis=1)])
    areal = np.flatnonzero((kinds == _POLYGON) | (kinds == 6))
    few = [row for row in areal if any(len(ring.coords) < 4 for part in _parts(found[row]) for ring in _rings(part))]
    return sorted({*repeats.tolist(), *few, *np.flatnonzero(kinds == 7).tolist()})


def _parts(geometry: shapely.Geometry) -> list[shapely.Geometry]:
    return list(shapely.get_parts(geometry))


def _rings(polygon: shapely.Geometry) -> list[shapely.Geometry]:
    holes = (shapely.get_interior_ring(polygon, at) for at in range(shapely.get_num_interior_rings(polygon)))
    return [shapely.get_exterior_ring(polygon), *holes]


def _rebuilt(geometry: shapely.Geometry, row: int, findings: list[CoordinateFinding]) -> shapely.Geometry | None:
    """Return `geometry` from clean parts, or None when nothing of it is left."""
    faults: dict[str, int] = {}
    kind = shapely.get_type_id(geometry)
    if kind < _MULTI_FIRST:
        clean = _clean_part(geometry, faults)
    else:
        parts = [part for old in _parts(geometry) if (part := _clean_nested(old, faults)) is not None]
        clean = type(geometry)(parts) if parts else None
    findings.extend(CoordinateFinding(row, code, removed=False, found=str(count)) for code, count in faults.items())
    if clean is None:
        findings.append(CoordinateFinding(row, "collapsed", removed=True, found=shapely.geometrytype(geometry)))
    return clean
