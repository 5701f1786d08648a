"""Units of the trade: areas, investment intensity, rent and floor load, and areas printed as text.

Every converter takes a float or an array and returns the same; NaN (unknown) stays NaN.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from landmap.domain.errors import InvalidValueError

Number = TypeVar("Number", float, NDArray[np.float64])
AreaUnit = Literal["mu", "m2", "ha"]

#: 1 亩 is 2000/3 ㎡; neither 667 nor 666.67.
M2_PER_MU: Final = 2000 / 3
M2_PER_HA: Final = 10_000.0
#: Square metres in one of each unit, in the order they are offered.
AREA_UNITS: Final[Mapping[str, float]] = MappingProxyType({"mu": M2_PER_MU, "m2": 1.0, "ha": M2_PER_HA})

#: How far two printed forms of one area may lie apart.
PRINTED_AGREEMENT: Final = 0.005

_INTENSITY: Final[Mapping[str, float]] = MappingProxyType(
    {"万元/亩": 1.0, "万元/公顷": 15.0, "万元/ha": 15.0, "元/m2": 15.0, "元/平方米": 15.0}
)
_DAYS: Final[Mapping[str, float]] = MappingProxyType({"day": 1.0, "month": 365 / 12, "year": 365.0})
#: One kN/㎡ in each unit, by standard gravity 9.80665 m/s².
_PER_KN_M2: Final[Mapping[str, float]] = MappingProxyType(
    {"kN/m2": 1.0, "kPa": 1.0, "kg/m2": 1000 / 9.80665, "t/m2": 1 / 9.80665}
)


class AreaStatus(StrEnum):
    """What reading a printed area came to; only `ok` carries a number."""

    OK = "ok"
    UNSPECIFIED = "unspecified"
    NO_UNIT = "no_unit"
    DISAGREE = "disagree"
    UNPARSED = "unparsed"


def to_m2(value: Number, unit: str) -> Number:
    """Return an area in square metres.

    Parameters
    ----------
    value : float or array of float
    unit : {"mu", "m2", "ha"}

    Raises
    ------
    InvalidValueError
        For another unit.

    Examples
    --------
    >>> to_m2(15.0, "mu")
    10000.0
    """
    if _known(unit, AREA_UNITS, "area_unit") == "mu":
        return value * 2000 / 3
    return value * AREA_UNITS[unit]


def from_m2(value: Number, unit: str) -> Number:
    """Return an area given in square metres in `unit`; the inverse of `to_m2`.

    Examples
    --------
    >>> round(from_m2(68507.52, "mu"), 2)
    102.76
    """
    if _known(unit, AREA_UNITS, "area_unit") == "mu":
        return value * 3 / 2000
    return value / AREA_UNITS[unit]


def intensity_to_10k_cny_per_mu(value: Number, unit: str) -> Number:
    """Return an investment intensity (or tax, or output, per land area) in 万元/亩.

    Parameters
    ----------
    value : float or array of float
    unit : {"万元/亩", "万元/公顷", "元/㎡"}
        Local notices print 万元/亩, the national land market 万元/公顷: a factor of 15 between them.

    Examples
    --------
    >>> intensity_to_10k_cny_per_mu(4500.0, "万元/公顷")
    300.0
    >>> intensity_to_10k_cny_per_mu(450.0, "元/㎡")
    30.0
    """
    return value / _INTENSITY[_known(_half_width(unit), _INTENSITY, "unit")]


def rent_to_cny_m2_day(value: Number, unit: str) -> Number:
    """Return a rent in 元/㎡·天; a month is 365/12 days and a year 365.

    Parameters
    ----------
    value : float or array of float, 元/㎡ per `unit`
    unit : {"day", "month", "year"}

    Examples
    --------
    >>> rent_to_cny_m2_day(730.0, "year")
    2.0
    """
    return value / _DAYS[_known(unit, _DAYS, "rent_unit")]


def load_to_kn_m2(value: Number, unit: str) -> Number:
    """Return a floor load in kN/㎡.

    Parameters
    ----------
    value : float or array of float
    unit : {"kN/m2", "kPa", "kg/m2", "t/m2"}
        ㎡ may stand for m2.

    Examples
    --------
    >>> round(load_to_kn_m2(1000.0, "kg/㎡"), 3)
    9.807
    """
    return value / _PER_KN_M2[_known(_half_width(unit), _PER_KN_M2, "unit")]


_AREA_WORDS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "平方公里": 1e6,
        "平方千米": 1e6,
        "km2": 1e6,
        "万平方米": 1e4,
        "万m2": 1e4,
        "平方米": 1.0,
        "m2": 1.0,
        "公顷": M2_PER_HA,
        "ha": M2_PER_HA,
        "亩": M2_PER_MU,
    }
)
_AREA_TOKEN: Final = re.compile(
    r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.[0-9]{1,9})?)"
    rf"(?P<unit>{'|'.join(_AREA_WORDS)})?(?![0-9a-z.]|,[0-9])"
)
_AREA_NOISE: Final = re.compile(
    r"总用地面积|净用地面积|用地面积|土地面积|面积|折合|约合|折|合|约|计|[()\[\]:,，。、;/=≈]"
)
_SPLIT_NUMBER: Final = re.compile(r"[0-9.,] +[0-9.,]")
_AREA_NULLS: Final = frozenset({"", "/", "-", "—", "——", "---", "无", "暂无", "待定"})


def parse_area(text: str | None) -> tuple[float | None, AreaStatus]:
    """Return the area printed in `text` in square metres, and how the reading went.

    When several units are printed they must agree within 0.5 %; the first is taken. A number without a unit, a masked
    digit or an unknown word gives no area.

    Examples
    --------
    >>> parse_area("68507.52平方米(折102.76亩)")
    (68507.52, <AreaStatus.OK: 'ok'>)
    >>> parse_area("68507.52平方米(折112.76亩)")
    (None, <AreaStatus.DISAGREE: 'disagree'>)
    >>> parse_area("102.76")
    (None, <AreaStatus.NO_UNIT: 'no_unit'>)
    """
    spaced = _half_width(text or "").lower()
    plain = spaced.replace(" ", "")
    if plain in _AREA_NULLS:
        return None, AreaStatus.UNSPECIFIED
    if len(spaced) > 200 or _SPLIT_NUMBER.search(spaced):
        return None, AreaStatus.UNPARSED
    found = list(_AREA_TOKEN.finditer(plain))
    if not found or _AREA_NOISE.sub("", _AREA_TOKEN.sub("", plain)):
        return None, AreaStatus.UNPARSED
    if any(match["unit"] is None for match in found):
        return None, AreaStatus.NO_UNIT
    areas = [_area_of(match["number"], match["unit"]) for match in found]
    if len(areas) > 1 and len({match["unit"] for match in found}) < len(areas):
        return None, AreaStatus.UNPARSED
    if any(abs(area - areas[0]) > PRINTED_AGREEMENT * areas[0] for area in areas[1:]):
        return None, AreaStatus.DISAGREE
    return areas[0], AreaStatus.OK


def _area_of(number: str, unit: str) -> float:
    value = float(number.replace(",", ""))
    return to_m2(value, "mu") if unit == "亩" else value * _AREA_WORDS[unit]


def _half_width(text: str) -> str:
    """Return `text` with full-width forms and ㎡ written plainly; other raised or circled digits stay strangers."""
    plain = text.strip().replace("m²", "m2")
    return "".join(
        char if unicodedata.category(char) == "No" else unicodedata.normalize("NFKC", char) for char in plain
    )


def _known(unit: str, units: Mapping[str, float], param: str) -> str:
    if unit not in units:
        raise InvalidValueError.of(param, unit, "unknown unit", f"one of {', '.join(units)}")
    return unit
