"""GCJ-02 and BD-09: the shifted longitudes and latitudes of Chinese web maps, there and back.

Neither is in PROJ. The public approximation is written out here once; its inverse is found by iteration, so that a
round trip closes to well under a millimetre. What the approximation itself is worth is another matter: the state's own
algorithm is not published, and measured agreement is one to two metres (`ACCURACY_M`).

Source: the polynomial-and-sine form of GCJ-02 that has been public since 2010, with the axes of the Krassovsky 1940
ellipsoid, and the polar twist of BD-09 as Baidu's converters apply it. Measured over China against the packages
coord-convert 0.2.1 (the same to 1e-8 m) and eviltransform 0.1.1 (another ellipsoid: the same to 2 cm).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

#: How far the public approximation may lie from what the web maps apply, metres.
ACCURACY_M: Final = 2.0
#: Outside of this box, in degrees, nothing is shifted.
SHIFTED: Final = (72.004, 0.8293, 137.8347, 55.8271)

_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY: Final = 0.006_693_421_622_965_943_23
_TWIST: Final = np.pi * 3000.0 / 180.0
_BAIDU: Final = (0.0065, 0.006)
#: Each step shrinks the error some thousandfold: six leave nothing that a double can hold.
_STEPS: Final = 10
_CLOSE: Final = 1e-12


class Datum(StrEnum):
    """What longitude and latitude may be given in."""

    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @property
    def label(self) -> str:
        """The name as it is printed."""
        return {"cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}[self.value]


def shifted(points: Points, datum: Datum) -> Points:
    """Return true longitudes and latitudes as a web map would give them.

    Parameters
    ----------
    points : array, shape (n, 2), degrees, CGCS2000 (or WGS 84, which is the same to decimetres)
    datum : Datum

    Examples
    --------
    >>> shifted(np.array([[120.41, 36.18]]), Datum.GCJ02).round(4).tolist()
    [[120.4151, 36.1803]]
    """
    if datum is Datum.CGCS2000:
        return points.copy()
    moved = _to_gcj02(points)
    return _to_bd09(moved) if datum is Datum.BD09 else moved


def unshifted(points: Points, datum: Datum) -> Points:
    """Return web-map longitudes and latitudes as they truly are, within `ACCURACY_M`.

    Parameters
    ----------
    points : array, shape (n, 2), degrees, in `datum`
    datum : Datum

    Returns
    -------
    array, shape (n, 2), degrees, CGCS2000
        Points that are not finite, or lie where nothing is shifted, are returned as they are.

    Examples
    --------
    >>> there = shifted(np.array([[120.41, 36.18]]), Datum.BD09)
    >>> bool(np.abs(unshifted(there, Datum.BD09) - [120.41, 36.18]).max() < 1e-10)
    True
    """
    found = points.copy()
    if datum is Datum.CGCS2000:
        return found
    for _ in range(_STEPS):
        with np.errstate(invalid="ignore"):
            miss = shifted(found, datum) - points
        found -= np.where(np.isfinite(miss), miss, 0.0)
        if not np.any(np.abs(miss) > _CLOSE):
            break
    return found


def _to_gcj02(points: Points) -> Points:
    """Return true points in GCJ-02; those outside of China stay."""
    lon, lat = points.T
    west, south, east, north = SHIFTED
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north_m = (
        -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root
        + (waves + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
        + (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    )  # fmt: skip
    east_m = (
        300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root
        + (waves + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
        + (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    )  # fmt: skip
    angle = np.radians(lat)
    flat = 1 - _ECCENTRICITY * np.sin(angle) ** 2
    east = np.degrees(east_m / (_AXIS_M / np.sqrt(flat) * np.cos(angle)))
    north = np.degrees(north_m / (_AXIS_M * (1 - _ECCENTRICITY) / flat**1.5))
    return points + np.where(inside[:, None], np.column_stack([east, north]), 0.0)


def _to_bd09(points: Points) -> Points:
    """Return GCJ-02 points in BD-09: turned and stretched a little about the origin, then moved."""
    x, y = points.T
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * _TWIST)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _TWIST)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + _BAIDU
