"""The Gauss-Krüger grids of China: EPSG codes by system, zone width, zone and whether eastings carry the zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from landmap.domain.errors import InvalidValueError

ZONES: Final[Mapping[int, range]] = MappingProxyType({3: range(25, 46), 6: range(13, 24)})
GEOGRAPHIC: Final[Mapping[str, int]] = MappingProxyType({"cgcs2000": 4490, "xian80": 4610, "beijing54": 4214})

#: First EPSG code of each row: system, zone width, whether the easting carries the zone.
_FIRST: Final[Mapping[tuple[str, int, bool], int]] = MappingProxyType(
    {
        ("cgcs2000", 3, True): 4513,
        ("cgcs2000", 3, False): 4534,
        ("cgcs2000", 6, True): 4491,
        ("cgcs2000", 6, False): 4502,
        ("xian80", 3, True): 2349,
        ("xian80", 3, False): 2370,
        ("xian80", 6, True): 2327,
        ("xian80", 6, False): 2338,
        ("beijing54", 3, True): 2401,
        ("beijing54", 3, False): 2422,
        ("beijing54", 6, True): 21413,
        ("beijing54", 6, False): 21453,
    }
)


@dataclass(frozen=True, slots=True)
class GridZone:
    """One zone of a grid; `prefixed` eastings are zone x 1 000 000 + 500 000 on the central meridian."""

    system: str
    zone_width: int
    prefixed: bool
    zone: int

    @property
    def central_meridian(self) -> int:
        """Degrees east."""
        return 3 * self.zone if self.zone_width == 3 else 6 * self.zone - 3

    @property
    def epsg(self) -> int:
        """The EPSG code."""
        return _FIRST[self.system, self.zone_width, self.prefixed] + self.zone - ZONES[self.zone_width][0]


def epsg(
    system: str,
    zone_width: int | None = None,
    prefixed: bool = False,
    *,
    zone: int | None = None,
    cm: int | None = None,
) -> int:
    """Return the EPSG code of a Chinese coordinate system.

    Parameters
    ----------
    system : {"cgcs2000", "xian80", "beijing54"}
    zone_width : {3, 6}, optional
        Degrees; without it the geographic system is meant.
    prefixed : bool
        Whether eastings carry the zone number.
    zone, cm : int, optional
        Exactly one of them with a `zone_width`: the zone number, or its central meridian in degrees east.

    Raises
    ------
    InvalidValueError
        For a system, width, zone or meridian that does not exist.

    Examples
    --------
    >>> epsg("cgcs2000"), epsg("cgcs2000", 3, True, zone=40), epsg("cgcs2000", 3, cm=120)
    (4490, 4528, 4549)
    """
    if system not in GEOGRAPHIC:
        raise InvalidValueError.of("system", system, "unknown coordinate system", f"one of {', '.join(GEOGRAPHIC)}")
    if zone_width is None:
        return GEOGRAPHIC[system]
    if zone_width not in ZONES:
        raise InvalidValueError.of("zone_width", zone_width, "no such zone width", "3 or 6")
    if (zone is None) == (cm is None):
        raise InvalidValueError.of("zone", zone, "give the zone or its central meridian, not both")
    for number in ZONES[zone_width]:
        found = GridZone(system, zone_width, prefixed, number)
        if number == zone or found.central_meridian == cm:
            return found.epsg
    zones = ZONES[zone_width]
    hint = f"zones {zones[0]} to {zones[-1]} have a width of {zone_width} degrees"
    raise InvalidValueError.of("zone" if cm is None else "cm", zone if cm is None else cm, "no such zone", hint)


_BY_EPSG: Final[Mapping[int, GridZone]] = MappingProxyType(
    {
        found.epsg: found
        for system, width, prefixed in _FIRST
        for number in ZONES[width]
        for found in (GridZone(system, width, prefixed, number),)
    }
)


def grid_zone(code: int) -> GridZone | None:
    """Return the zone an EPSG code stands for, or None when it is no Chinese grid.

    Examples
    --------
    >>> grid_zone(4549)
    GridZone(system='cgcs2000', zone_width=3, prefixed=False, zone=40)
    """
    return _BY_EPSG.get(code)
