"""From one coordinate system to another: exact projections, known datum steps, and refusals.

PROJ offers a zero-shift "ballpark" where it knows no datum step, silently. Here a step is taken only when it is known:
within one datum; between datums that agree to a metre or two; or by a published operation that states its accuracy
and serves the whole area of the datum.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from landmap.domain.crs.grid import grid_zone
from landmap.domain.crs.names import chinese_system
from landmap.domain.errors import SourceError

#: Everything is stored in CGCS2000 longitude and latitude, in that order.
STORE_CRS: Final = 4490
WGS84: Final = 4326
#: A published datum step less accurate than this is refused.
ACCURACY_MAX_M: Final = 5.0

Geometries = NDArray[np.object_]
Points = NDArray[np.float64]

#: Geographic systems whose coordinates are taken over as they are, and how far they may lie from WGS 84, metres.
#: CGCS2000 and WGS 84 agree to centimetres or decimetres; NAD83 and ETRS89 have drifted with their plates.
_ALIKE: Final[Mapping[int, float]] = MappingProxyType(
    {4490: 0.5, 4326: 0.5, 4269: 2.0, 6318: 2.0, 4258: 1.0, 9988: 0.5, 9000: 0.5, 7912: 0.5}
)
#: Geographic systems whose shift is tens of metres and whose parameters may not be published.
_REFUSED: Final[Mapping[int, str]] = MappingProxyType(
    {4610: "Xi'an 1980 西安80", 4214: "Beijing 1954 北京54", 4555: "New Beijing 新北京54"}
)
_REFUSED_NAMES: Final = ("xian", "xi'an", "beijing", "西安", "北京")
_ADVICE: Final = "请由测绘单位用授权参数转换为 CGCS2000 后再导入; have a surveying office convert it to CGCS2000 first"


def check_epsg(code: int) -> None:
    """Raise SourceError unless coordinates in `code` can be brought to the store's system.

    Xi'an 80 and Beijing 54 are refused: PROJ would shift them by nothing, or by a guess, where the truth is 50 to over
    100 m, and the real parameters are classified.

    Examples
    --------
    >>> check_epsg(4549)
    >>> check_epsg(2370)
    Traceback (most recent call last):
    ...
    landmap.domain.errors.SourceError: EPSG:2370 is in Xi'an 1980 西安80, which is not converted here ...
    """
    _datum_step(_geographic(code))


def is_geographic(code: int) -> bool:
    """Whether coordinates in `code` are degrees; raise SourceError for an unknown code."""
    return _crs(code).is_geographic


def rests_on(code: int, geographic: int) -> bool:
    """Whether coordinates in `code` are a plane of the geographic system `geographic`: people name both by the datum.

    Examples
    --------
    >>> rests_on(27700, 4277), rests_on(4549, 4490), rests_on(4549, 4326), rests_on(4490, 4490)
    (True, True, False, False)
    """
    return code != geographic and not is_geographic(code) and _geographic(code) == geographic


def identify(text: str) -> int:
    """Return the EPSG code of a coordinate system given as WKT (a .prj file), ``EPSG:n`` or a name, also a Chinese one.

    Raises
    ------
    SourceError
        When no EPSG system is meant with confidence, or a refused one is.

    Examples
    --------
    >>> identify("EPSG:4549"), identify("2000国家大地坐标系 3度带 中央经线120")
    (4549, 4549)
    """
    called = chinese_system(text)
    if called is not None:
        check_epsg(called)
        return called
    try:
        found = CRS.from_user_input(text)
    except CRSError as error:
        raise SourceError(f"unknown coordinate system: {str(error)[:120]}", hint="name an EPSG code") from None
    datum = found.geodetic_crs.name.lower() if found.geodetic_crs is not None else ""
    if any(name in datum for name in _REFUSED_NAMES):
        raise SourceError(f"{found.name} is in {datum}, which is not converted here", hint=_ADVICE)
    code = found.to_epsg(min_confidence=70)
    if code is None:
        raise SourceError(
            f"coordinate system {found.name!r} has no EPSG code", hint="疑似地方坐标系; name an EPSG code"
        )
    check_epsg(code)
    return code


def operation(source: int, target: int) -> str:
    """Return in words how coordinates get from `source` to `target`, with the accuracy of the datum step.

    Raises
    ------
    SourceError
        When one of the two is unknown or refused.

    Examples
    --------
    >>> operation(4549, 4490)
    'CGCS2000 / 3-degree Gauss-Kruger CM 120E → China Geodetic Coordinate System 2000: same datum'
    >>> operation(4326, 4490)
    'WGS 84 → China Geodetic Coordinate System 2000: datums taken as equal (within 1 m)'
    """
    way = f"{_crs(source).name} → {_crs(target).name}"
    start, end = _geographic(source), _geographic(target)
    if start == end:
        _datum_step(start)
        return f"{way}: same datum"
    steps = [_datum_step(start), _datum_step(end)]
    named = [name for name, _, _ in steps if name]
    taken = " and ".join(named) if named else "datums taken as equal"
    return f"{way}: {taken} (within {sum(accuracy for _, accuracy, _ in steps):g} m)"


def transform(geometries: Geometries, source_epsg: int, target_epsg: int) -> Geometries:
    """Return geometries in another system; heights are dropped.

    Parameters
    ----------
    geometries : array of geometry, shape (n,), EPSG:`source_epsg`, x east and y north
        None stays None.
    source_epsg, target_epsg : int

    Returns
    -------
    array of geometry, shape (n,), EPSG:`target_epsg`, x east and y north
        None where the coordinates have no image in the target; the caller compares and reports.

    Raises
    ------
    SourceError
        When a system is unknown or refused.
    """
    found = np.asarray(geometries, dtype=object)
    operation(source_epsg, target_epsg)
    points, index = shapely.get_coordinates(found, return_index=True)
    moved = move_points(points, source_epsg, target_epsg)
    kept = found.copy()
    deep = shapely.get_coordinate_dimension(kept) > 2
    kept[deep] = shapely.force_2d(kept[deep])
    lost = np.unique(index[~np.isfinite(moved).all(axis=1)])
    if len(lost):
        kept[lost] = None
        moved = moved[~np.isin(index, lost)]
    shapely.set_coordinates(kept, moved)
    return kept


def move_points(points: Points, source_epsg: int, target_epsg: int) -> Points:
    """Return points, shape (n, 2), in another system; infinite where they have no image there."""
    start, end = _geographic(source_epsg), _geographic(target_epsg)
    legs = [(_exact(source_epsg, start), TransformDirection.FORWARD)]
    if start != end:
        legs.append((_datum_step(start)[2], TransformDirection.FORWARD))
        legs.append((_datum_step(end)[2], TransformDirection.INVERSE))
    legs.append((_exact(end, target_epsg), TransformDirection.FORWARD))
    x, y = points[:, 0], points[:, 1]
    for leg, direction in legs:
        if leg is not None:
            x, y = leg.transform(x, y, direction=direction)
    return np.column_stack([x, y])


def area_of_use(code: int) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of where a system is meant to be used, in degrees."""
    area = _crs(code).area_of_use
    return None if area is None else (area.west, area.south, area.east, area.north)


def metres_per_unit(code: int) -> float:
    """Return how many metres one unit of a projected system has, such as 0.3048 for the foot."""
    return float(_crs(code).axis_info[0].unit_conversion_factor)


def gauss_kruger_label(code: int) -> str:
    """Return the name a Chinese surveyor gives a system; for others the EPSG name.

    Examples
    --------
    >>> gauss_kruger_label(4549), gauss_kruger_label(4528)
    ('CGCS2000 / 3度带 中央经线120°E', 'CGCS2000 / 3度带 第40带（东坐标含带号） 中央经线120°E')
    """
    zone = grid_zone(code)
    if zone is None:
        return "CGCS2000 经纬度" if code == STORE_CRS else _crs(code).name
    system = {"cgcs2000": "CGCS2000", "xian80": "西安80", "beijing54": "北京54"}[zone.system]
    prefix = f"第{zone.zone}带（东坐标含带号） " if zone.prefixed else ""
    return f"{system} / {zone.zone_width}度带 {prefix}中央经线{zone.central_meridian}°E"


@cache
def _crs(code: int) -> CRS:
    try:
        found = CRS.from_epsg(code)
    except CRSError:
        raise SourceError(f"EPSG:{code} is no known coordinate system", hint="name an EPSG code") from None
    if not (found.is_geographic or found.is_projected):
        raise SourceError(f"EPSG:{code} ({found.name}) has no longitude and latitude, or easting and northing")
    return found


@cache
def _geographic(code: int) -> int:
    """Return the EPSG code of the geographic system that `code` rests on."""
    geodetic = _crs(code).geodetic_crs
    found = None if geodetic is None else geodetic.to_2d().to_epsg(min_confidence=70)
    if found is None:
        raise SourceError(f"EPSG:{code} rests on a datum without an EPSG code", hint=_ADVICE)
    if found in _REFUSED:
        raise SourceError(f"EPSG:{code} is in {_REFUSED[found]}, which is not converted here", hint=_ADVICE)
    return found


@cache
def _datum_step(geographic: int) -> tuple[str, float, Transformer | None]:
    """Return the name, accuracy in metres and operation that lead from a geographic system to WGS 84.

    The operation is None, and the name empty, where coordinates are taken over as they are.
    """
    if geographic in _ALIKE:
        return "", _ALIKE[geographic], None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup(geographic, WGS84, always_xy=True, allow_ballpark=False)
    for found in group.transformers:
        if 0 <= found.accuracy <= ACCURACY_MAX_M and _covers(found, geographic):
            return found.description, found.accuracy, found
    raise SourceError(
        f"EPSG:{geographic} ({_crs(geographic).name}) has no one way to WGS 84 known within {ACCURACY_MAX_M:g} m",
        hint=_ADVICE,
    )


def _covers(step: Transformer, geographic: int) -> bool:
    """Whether an operation serves the whole of where a system is used: one made for a part of it is a guess elsewhere.

    Up to half a degree may be missing on a side, as published limits are rounded.
    """
    used, served = area_of_use(geographic), step.area_of_use
    if used is None or served is None:
        return False
    west, south, east, north = used
    return (
        served.west <= west + 0.5
        and served.south <= south + 0.5
        and served.east >= east - 0.5
        and served.north >= north - 0.5
    )


@cache
def _exact(source: int, target: int) -> Transformer | None:
    """Return the projection between a system and the geographic one it rests on."""
    return None if source == target else Transformer.from_crs(_crs(source), _crs(target), always_xy=True)
