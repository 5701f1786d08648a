"""From the file's coordinates to the store's: what they are in, by what they say and by where they then lie."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as made
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from landmap.domain import District, crs
from landmap.domain.errors import SourceError
from landmap.ingest.datum import Agreed, Verdict, corrected, judge, settle
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.terms import Terms

#: Any system stays within, also one in millimetres; what lies beyond is no coordinate.
_ANYWHERE: Final = (-1e11, -1e11, 1e11, 1e11)
_DEGREES: Final = (-180.0, -90.0, 180.0, 90.0)
_BUFFER_KM: Final = 20.0
#: Layers of what a district is near to, and how far that may be.
_SURROUNDINGS: Final = frozenset({"facilities", "projects", "constraints"})
_SURROUNDINGS_KM: Final = 200.0
_REMOVED: Final = {
    "empty": "geometry_empty",
    "collapsed": "geometry_collapsed",
    "not_finite": "coordinate_not_number",
    "out_of_bounds": "out_of_bounds",
    "too_many_vertices": "too_many_vertices",
}
_MENDED: Final = {
    "empty_rings": "ring_empty",
    "degenerate_rings": "ring_empty",
    "empty_parts": "ring_empty",
    "repeated_points": "vertices_repeated",
}


@dataclass(frozen=True)
class Located:
    """Geometries in EPSG:4490, longitude first; `epsg` what they were in, `operation` how they got here.

    `verdict` is what a boundary at hand says of their datum; `corrected` the datum they were taken out of, which makes
    them approximate; `cured` the offer to do so, where it was accepted. `strays` has the shapes, by row, that lie too
    far outside the district to be taken.
    """

    geometry: NDArray[np.object_]
    epsg: int | None
    operation: str | None
    faults: tuple[Fault, ...]
    verdict: Verdict | None = None
    corrected: crs.Datum | None = None
    cured: tuple[Fault, ...] = ()
    strays: Mapping[int, Any] = made(default_factory=dict)


def locate(
    geometry: NDArray[np.object_],
    rows: tuple[int, ...],
    declared: str | None,
    terms: Terms,
    standard_epsg: int | None = None,
    *,
    agreed: Agreed = lambda fault: False,
) -> Located:
    """Return geometries in the store's system.

    Parameters
    ----------
    geometry : object array, shape (n,), the file's coordinates
    rows : tuple of int, length n
    declared : str or None
        The coordinate system as the file declares it.
    terms : Terms
        The district, in whose extent (20 km around) the data must lie and whose plane serves eastings without a zone;
        the steward's own word on the system, which outranks the file; and the layer, as surroundings may lie outside.
    standard_epsg : int, optional
        What the format's standard says of undeclared longitude and latitude.
    agreed : callable, optional
        Asked with a fault that offers a correction of the datum.

    Raises
    ------
    RefusedError
        When the system is refused (Xi'an 80, Beijing 54), cannot be told, or puts the data outside the district.
    """
    faults = [
        Fault("height_dropped", rows[index], "geometry") for index in np.flatnonzero(shapely.has_z(geometry)).tolist()
    ]
    kept = _sane(geometry, rows, _ANYWHERE, faults)
    points, index = shapely.get_coordinates(kept, return_index=True)
    if not len(points):
        return Located(kept, None, None, tuple(faults))
    district = terms.district
    epsg = _said(terms)
    epsg = epsg if epsg is not None else _identified(declared, faults)
    try:
        guess = crs.detect_coordinates(
            points[:, 0],
            points[:, 1],
            declared_epsg=epsg,
            district_epsg=district.planar_epsg,
            district_bounds=district.extent,
        )
        by_standard = epsg is None and standard_epsg is not None and crs.is_geographic(guess.epsg)
        if by_standard and standard_epsg is not None:
            epsg, guess = standard_epsg, replace(guess, epsg=standard_epsg)
        operation = crs.operation(guess.epsg, crs.STORE_CRS)
        points = points * guess.scale if guess.scale != 1 else points
        moved = crs.move_points(points[:, ::-1] if guess.swap else points, guess.epsg, crs.STORE_CRS)
    except SourceError as error:
        raise _refusal(error, declared or epsg) from error
    faults += _told(guess, epsg, _name_in(declared))
    lost = np.unique(index[~np.isfinite(moved).all(axis=1)])
    if len(lost):
        faults += [Fault("outside_system", rows[place], "geometry") for place in lost.tolist()]
        moved = moved[~np.isin(index, lost)]
        kept[lost] = None
    stored = _sane(kept, rows, _DEGREES, faults, repeat=True, points=moved)
    strays = _drop_strays(stored, rows, terms, faults)
    verdict = judge(stored, terms.layer, terms.boundaries)
    settled = settle(verdict, _claimed(declared, terms), agreed)
    faults += settled.faults
    if settled.datum is not None:
        stored = corrected(stored, settled.datum)
        operation = f"{operation}; {settled.operation}"
    return Located(stored, guess.epsg, operation, tuple(faults), verdict, settled.datum, settled.cured, strays)


def _claimed(declared: str | None, terms: Terms) -> crs.Datum | None:
    """Return the shifted datum that the source is known, or says itself, to be in."""
    if terms.profile is not None and terms.profile.datum is not None:
        return terms.profile.datum
    return crs.datum_named(declared) if declared else None


def _refusal(error: SourceError, declared: object) -> RefusedError:
    """Return why nothing of an input can be placed: its datum, its place, or an order or zone that nothing tells."""
    if "not converted" in error.message or "no known way" in error.message:
        return RefusedError("crs_datum_refused", declared, reason=error.message)
    code = "crs_outside_district" if "outside the district" in error.message else "crs_undecided"
    advice_zh, _, advice_en = (error.hint or "").partition("; ")
    return RefusedError(code, declared, reason=error.message, advice_zh=advice_zh, advice_en=advice_en or advice_zh)


def _said(terms: Terms) -> int | None:
    """Return the system that the steward names, now or in the source's profile."""
    if terms.declared_crs is not None or terms.profile is None:
        return terms.declared_crs
    return terms.profile.crs


def _identified(declared: str | None, faults: list[Fault]) -> int | None:
    """Return the EPSG code of a declared system; an unknown one is reported and left to the ranges."""
    if declared is None or not declared.strip():
        return None
    text = declared.strip()
    if "CRS84" in text.upper():
        return 4326
    if text.lower().startswith("urn:ogc:def:crs:epsg:"):
        text = f"EPSG:{text.rsplit(':', 1)[1]}"
    try:
        return crs.identify(text)
    except SourceError as error:
        if "CGCS2000" in (error.hint or ""):  # known, and not to be converted
            raise RefusedError("crs_datum_refused", declared, reason=error.message) from error
        faults.append(Fault("crs_unknown", field="geometry", value=declared, words={"reason": error.message}))
        return None


def _name_in(declared: str | None) -> str:
    """Return a declaration that names a datum as people do (OSGB36, CGCS2000); empty for a code, and for WKT."""
    text = (declared or "").strip()
    coded = "[" in text or ":" in text or text.isdigit() or text.startswith("+")
    return "" if coded else text


def _sane(
    geometry: NDArray[np.object_],
    rows: tuple[int, ...],
    bounds: tuple[float, float, float, float],
    faults: list[Fault],
    *,
    repeat: bool = False,
    points: NDArray[np.float64] | None = None,
) -> NDArray[np.object_]:
    """Return geometries that GEOS can work on; on the second pass what was mended before is not told again."""
    kept, findings = crs.sane(geometry, bounds, points=points)
    for finding in findings:
        row = rows[finding.row]
        if finding.removed:
            faults.append(Fault(_REMOVED[finding.code], row, "geometry", finding.found))
        elif finding.code in _MENDED and not repeat:
            faults.append(Fault(_MENDED[finding.code], row, "geometry", finding.found))
    return kept


def _told(guess: crs.CoordinateGuess, declared: int | None, by_name: str) -> list[Fault]:
    """Return what to tell about a system that was found rather than declared; `by_name` is the name of a datum."""
    words = {"epsg": guess.epsg, "name": crs.gauss_kruger_label(guess.epsg), "reason": guess.reason}
    found = []
    if declared is None:
        found.append(Fault("crs_found", field="geometry", value=f"EPSG:{guess.epsg}", words=words))
    elif declared != guess.epsg and by_name and crs.rests_on(guess.epsg, declared):
        found.append(Fault("crs_plane_of", field="geometry", value=by_name, words=words))
    elif declared != guess.epsg:
        found.append(Fault("crs_declared_wrong", field="geometry", value=f"EPSG:{declared}", words=words))
    if guess.scale != 1:
        found.append(Fault("crs_millimetres", field="geometry", words=words))
    if guess.swap:
        found.append(Fault("axes_swapped", field="geometry", words=words))
    return found


def _drop_strays(
    geometry: NDArray[np.object_], rows: tuple[int, ...], terms: Terms, faults: list[Fault]
) -> dict[int, Any]:
    """Take out the records that lie outside the district although most lie inside, and return their shapes by row.

    What a district is near to (an airport, a port, a project next door) may lie further off, and is only noted.
    """
    strays: dict[int, Any] = {}
    outside = _outside(geometry, terms.district, _BUFFER_KM)
    far = _outside(geometry, terms.district, _SURROUNDINGS_KM)
    for index in np.flatnonzero(outside):
        x, y = shapely.bounds(geometry[index])[:2]
        if terms.layer.name in _SURROUNDINGS and not far[index]:
            faults.append(Fault("outside_district_near", rows[index], "geometry", f"{x:.5f}, {y:.5f}"))
        else:
            faults.append(Fault("outside_district", rows[index], "geometry", f"{x:.5f}, {y:.5f}"))
            strays[rows[index]] = geometry[index]
            geometry[index] = None
    return strays


def _outside(geometry: NDArray[np.object_], district: District, kilometres: float) -> NDArray[np.bool_]:
    west, south, east, north = district.extent
    lat = kilometres / 111.0
    lon = lat / max(0.1, math.cos(math.radians(max(abs(south), abs(north)))))
    boxes = shapely.bounds(geometry)
    out: NDArray[np.bool_] = (
        (boxes[:, 0] > east + lon)
        | (boxes[:, 2] < west - lon)
        | (boxes[:, 1] > north + lat)
        | (boxes[:, 3] < south - lat)
    )
    return out
