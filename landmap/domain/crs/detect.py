"""Which coordinate system a pair of columns is in, and which of them points north.

The ranges of longitude, latitude, northing, plain easting and easting with zone number are disjoint in China, so values
outrank a missing or lying .prj. A zone is never guessed: it comes from the easting, the file's header, its declared
system or the district, and a candidate counts only if the data then lie in the district.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landmap.domain.crs.grid import ZONES, GridZone, grid_zone
from landmap.domain.crs.systems import (
    STORE_CRS,
    WGS84,
    Points,
    area_of_use,
    check_epsg,
    gauss_kruger_label,
    is_geographic,
    move_points,
)
from landmap.domain.errors import SourceError

Bounds = tuple[float, float, float, float]

LONGITUDE: Final = (73.0, 136.0)
LATITUDE: Final = (16.0, 54.0)
NORTHING: Final = (1.8e6, 5.96e6)
EASTING: Final = (160_000.0, 840_000.0)
EASTING_WITH_ZONE: Final = (1e7, 9.9e7)

#: How far outside the district data may lie, and the share of points that must lie inside.
BUFFER_KM: Final = 20.0
SHARE_INSIDE: Final = 0.9
_SAMPLE: Final = 10_000
_MILLIMETRE: Final = 0.001
_LOCAL_GRID: Final = (
    "疑似地方坐标系，或不是本区的数据；请先由测绘单位转换为 CGCS2000; "
    "a local grid, or another district's data: have it converted to CGCS2000 first"
)


@dataclass(frozen=True, slots=True)
class CoordinateGuess:
    """The system found.

    `swap` is True when the first column holds northing or latitude, so that the columns must change places; `scale` is
    what both are multiplied with first (a drawing in millimetres).
    """

    epsg: int
    swap: bool
    reason: str
    warnings: tuple[str, ...]
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    epsg: int
    swap: bool
    reason: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked: a sample of the columns as stored, and what the file and the district say."""

    points: Points
    declared: int | None
    header_zone: int | None
    district_epsg: int | None
    district: Bounds | None


def detect_coordinates(
    x: ArrayLike,
    y: ArrayLike,
    declared_epsg: int | None = None,
    header_zone: int | None = None,
    district_epsg: int | None = None,
    district_bounds: Bounds | None = None,
) -> CoordinateGuess:
    """Return the coordinate system of two columns and their order.

    Parameters
    ----------
    x, y : array of float, shape (n,)
        The first and the second coordinate as stored; rows that are not finite are left out.
    declared_epsg : int, optional
        What the .prj or the metadata says.
    header_zone : int, optional
        The 带号 of a text header; 25-45 are 3° zones, 13-23 are 6° zones.
    district_epsg : int, optional
        The district's planar system: its zone serves eastings without one.
    district_bounds : (west, south, east, north), degrees, optional
        The data must lie within it, 20 km around.

    Returns
    -------
    CoordinateGuess
        `warnings` tells where the values outranked what was declared.

    Raises
    ------
    SourceError
        When a refused system is declared, when order or zone cannot be decided, or when the data fall outside the
        district under every reading (a local grid).

    Examples
    --------
    >>> detect_coordinates([4005000.0], [40540000.0]).epsg, detect_coordinates([36.18], [120.41]).swap
    (4528, True)
    """
    points = np.column_stack([np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        raise SourceError("no row has finite coordinates", hint="check the coordinate columns")
    if declared_epsg is not None:
        check_epsg(declared_epsg)
    sample = points[:: math.ceil(len(points) / _SAMPLE)]
    question = _Question(sample, declared_epsg, header_zone, district_epsg, district_bounds)
    tried: list[str] = []
    for candidate in _candidates(question):
        share = _share_inside(question, candidate)
        if share >= SHARE_INSIDE:
            told = _warnings(question, candidate, share)
            return CoordinateGuess(candidate.epsg, candidate.swap, candidate.reason, told, candidate.scale)
        tried.append(f"{gauss_kruger_label(candidate.epsg)}: {_place(question, candidate)}")
    raise SourceError(
        f"coordinates such as {_shown(question)} lie outside the district in every reading ({'; '.join(tried)})",
        hint=_other_zone(question) or _LOCAL_GRID,
    )


def _candidates(question: _Question) -> Iterator[_Candidate]:
    """Yield the readings worth trying, the likeliest first."""
    first, second = question.points.T
    declared = question.declared
    if declared is not None and _fits(declared, question.points):
        yield _Candidate(declared, swap=False, reason="as declared")
        if grid_zone(declared) is None and not is_geographic(declared):
            yield _Candidate(declared, swap=True, reason="as declared, columns swapped")
    own = question.district_epsg
    if question.district is not None and own is not None and _foreign(own) and not _in_degrees(first, second):
        for swap in (False, True):
            yield _Candidate(own, swap, "the district's own plane")
    if _mostly(_within(first, LONGITUDE) & _within(second, LATITUDE)):
        yield _Candidate(_degrees(declared), swap=False, reason="longitude, latitude by their ranges")
    elif _mostly(_within(first, LATITUDE) & _within(second, LONGITUDE)):
        yield _Candidate(_degrees(declared), swap=True, reason="latitude, longitude by their ranges")
    elif _mostly(_within(first, NORTHING) & _within(second, NORTHING)):
        raise SourceError(
            f"both coordinates such as {_shown(question)} are in the range of northings: the order is ambiguous",
            hint="say which column is north (X) and which is east (Y), and the zone",
        )
    elif _mostly(_within(second, NORTHING) & _eastern(first)):
        yield from _grid(question, first, swap=False)
    elif _mostly(_within(first, NORTHING) & _eastern(second)):
        yield from _grid(question, second, swap=True)
    elif _in_millimetres(first, second):
        metres = replace(question, points=question.points * _MILLIMETRE)
        for found in _candidates(metres):
            yield replace(found, scale=_MILLIMETRE, reason=f"{found.reason}, in millimetres")
    elif declared is not None and is_geographic(declared) and _in_degrees(first, second):
        yield _Candidate(declared, swap=True, reason="as declared, latitude first")
    elif question.district is not None and _in_degrees(first, second):
        yield _Candidate(WGS84, swap=False, reason="degrees inside the district")
        yield _Candidate(WGS84, swap=True, reason="degrees inside the district, latitude first")
    else:
        raise SourceError(f"coordinates such as {_shown(question)} fit no system of China", hint=_LOCAL_GRID)


def _in_millimetres(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Whether two columns are a northing and an easting a thousand times over, as drawings in millimetres have them."""
    x, y = first * _MILLIMETRE, second * _MILLIMETRE
    return _mostly((_within(x, NORTHING) & _eastern(y)) | (_eastern(x) & _within(y, NORTHING)))


def _in_degrees(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Whether two columns may be longitude and latitude, in whichever order."""
    return _mostly((np.abs(first) <= 180) & (np.abs(second) <= 180))


def _foreign(plane: int) -> bool:
    """Whether a district's plane is no Chinese grid, so that the ranges of China say nothing of its coordinates."""
    return grid_zone(plane) is None and not is_geographic(plane)


def _other_zone(question: _Question) -> str:
    """Return the advice to declare the zone in which eastings without one would lie in the district; "" for none.

    It is asked for and never taken by itself: a local grid may fall there by accident.
    """
    if question.district is None:
        return ""
    first, second = question.points.T
    swap = _mostly(_within(first, NORTHING) & _within(second, EASTING))
    if not swap and not _mostly(_within(second, NORTHING) & _within(first, EASTING)):
        return ""
    middle = (question.district[0] + question.district[2]) / 2
    near = [
        GridZone("cgcs2000", width, prefixed=False, zone=zone)
        for width, zones in ZONES.items()
        for zone in zones
        if abs(GridZone("cgcs2000", width, prefixed=False, zone=zone).central_meridian - middle) <= 2 * width
    ]
    fitting = [zone for zone in near if _share_inside(question, _Candidate(zone.epsg, swap, "")) >= SHARE_INSIDE]
    if not fitting:
        return ""
    names = "、".join(f"EPSG:{zone.epsg}（{gauss_kruger_label(zone.epsg)}）" for zone in fitting)
    return f"按 {names} 读取才落在本区，如属实请注明; in that system they would lie here: declare it if it is so"


def _grid(question: _Question, easting: NDArray[np.float64], *, swap: bool) -> Iterator[_Candidate]:
    """Yield the Gauss-Krüger zones that plane coordinates may be in."""
    zones = np.unique(np.floor(easting / 1e6).astype(int), return_counts=True)
    zone = int(zones[0][np.argmax(zones[1])])
    if not _mostly(np.floor(easting / 1e6) == zone):
        raise SourceError(
            f"eastings carry several zone numbers ({', '.join(map(str, zones[0][:5]))})", hint=_LOCAL_GRID
        )
    if zone:
        width = _zone_width(zone, f"eastings such as {_shown(question)}")
        found = GridZone("cgcs2000", width, prefixed=True, zone=zone)
        yield _Candidate(found.epsg, swap, f"zone {zone} stands in the easting")
        return
    offered = list(_zones_from_elsewhere(question))
    if not offered:
        raise SourceError(
            f"coordinates such as {_shown(question)} have no zone: nothing in the file or the district names it",
            hint="give the zone number (带号), a .prj, or the district's planar system",
        )
    for source, plain in offered:
        yield _Candidate(plain.epsg, swap, f"zone {plain.zone} from the {source}")


def _zones_from_elsewhere(question: _Question) -> Iterator[tuple[str, GridZone]]:
    """Yield the zones that header, declaration and district name, for eastings that carry none."""
    if question.header_zone is not None:
        width = _zone_width(question.header_zone, "the header")
        yield "header", GridZone("cgcs2000", width, prefixed=False, zone=question.header_zone)
    for source, code in (("declared system", question.declared), ("district", question.district_epsg)):
        zone = None if code is None else grid_zone(code)
        if zone is not None:
            yield source, GridZone("cgcs2000", zone.zone_width, prefixed=False, zone=zone.zone)


def _zone_width(zone: int, where: str) -> int:
    for width, zones in ZONES.items():
        if zone in zones:
            return width
    raise SourceError(
        f"{where}: there is no zone {zone} in China", hint="3° zones are 25 to 45, 6° zones 13 to 23; " + _LOCAL_GRID
    )


def _fits(code: int, points: Points) -> bool:
    """Whether points may be in a system, read as they stand: Chinese grids and degrees by their ranges."""
    first, second = points.T
    zone = grid_zone(code)
    if zone is not None:
        prefix = zone.zone if zone.prefixed else 0
        return _mostly(_within(second, NORTHING) & (np.floor(first / 1e6) == prefix))
    if is_geographic(code):
        chinese = _mostly(_within(first, LATITUDE) & _within(second, LONGITUDE))
        return _mostly((np.abs(first) <= 180) & (np.abs(second) <= 90)) and not chinese
    return True


def _share_inside(question: _Question, candidate: _Candidate) -> float:
    """Return the share of points that fall where they should: in the district, else where the system is used."""
    box = question.district and _buffered(question.district)
    if box is None:
        used = area_of_use(candidate.epsg)
        box = (-180.0, -90.0, 180.0, 90.0) if used is None else _grown(used, 1.0)
    lon, lat = _degrees_of(question, candidate).T
    inside = (lon >= box[0]) & (lon <= box[2]) & (lat >= box[1]) & (lat <= box[3])
    return float(inside.mean())


def _degrees_of(question: _Question, candidate: _Candidate) -> Points:
    points = question.points[:, ::-1] if candidate.swap else question.points
    return move_points(points * candidate.scale, candidate.epsg, STORE_CRS)


def _warnings(question: _Question, candidate: _Candidate, share: float) -> tuple[str, ...]:
    """Tell where the values outranked what the file says, and what was taken on trust."""
    found: list[str] = []
    declared, zone = question.declared, grid_zone(candidate.epsg)
    if declared is None:
        found.append(f"no coordinate system is declared; read as {gauss_kruger_label(candidate.epsg)}")
    elif declared != candidate.epsg:
        found.append(
            f"declared as {gauss_kruger_label(declared)}, but the values are {gauss_kruger_label(candidate.epsg)}"
        )
    if zone is not None and question.header_zone not in (None, zone.zone):
        found.append(f"the header says zone {question.header_zone}, but the values are in zone {zone.zone}")
    if candidate.scale != 1:
        found.append("the values are millimetres: they are divided by 1000")
    if candidate.swap:
        found.append("the first column points north: the columns change places")
    if share < 1:
        found.append(f"{1 - share:.1%} of the points lie outside the expected area")
    return tuple(found)


def _place(question: _Question, candidate: _Candidate) -> str:
    lon, lat = np.median(_degrees_of(question, candidate), axis=0)
    return f"{lon:.3f}°E {lat:.3f}°N" if math.isfinite(lon) and math.isfinite(lat) else "nowhere"


def _shown(question: _Question) -> str:
    return "{:g}, {:g}".format(*question.points[0])


def _degrees(declared: int | None) -> int:
    """Return the geographic system degrees are in: the declared one, else the store's."""
    return declared if declared is not None and is_geographic(declared) else STORE_CRS


def _within(values: NDArray[np.float64], span: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= span[0]) & (values <= span[1])


def _eastern(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return _within(values, EASTING) | _within(values, EASTING_WITH_ZONE)


def _mostly(hits: NDArray[np.bool_]) -> bool:
    return bool(hits.mean() >= SHARE_INSIDE)


def _buffered(box: Bounds) -> Bounds:
    """Return a district's bounds with 20 km around, in degrees."""
    lat = BUFFER_KM / 111.0
    lon = lat / max(0.1, math.cos(math.radians(max(abs(box[1]), abs(box[3])))))
    return box[0] - lon, box[1] - lat, box[2] + lon, box[3] + lat


def _grown(box: Bounds, degrees: float) -> Bounds:
    return box[0] - degrees, box[1] - degrees, box[2] + degrees, box[3] + degrees
