"""Coordinate systems by the names Chinese files give them, which PROJ does not know."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from landmap.domain.crs.grid import GEOGRAPHIC, ZONES, GridZone
from landmap.domain.crs.offset import Datum

_REFUSED: Final = (
    (re.compile(r"新(?:19)?54|新北京(?:19)?54|new[ _]?beijing"), 4555),
    (re.compile(r"西安(?:19)?80|(?:19)?80(?:年)?西安|(?:19)?80国家大地|xi'?an[ _-]?(?:19)?80"), GEOGRAPHIC["xian80"]),
    (re.compile(r"北京(?:19)?54|(?:19)?54(?:年)?北京|beijing[ _-]?(?:19)?54"), GEOGRAPHIC["beijing54"]),
)
_CGCS2000: Final = re.compile(r"2000国家大地|国家(?:大地)?2000|大地2000|cgcs[ _-]?2000")
_WGS84: Final = re.compile(r"^wgs[ _-]?(?:19)?84(?:坐标系|经纬度)?$")
_ZONE: Final = re.compile(r"(?<![0-9])([0-9]{2})(?:°|度)?带|带号[=:]?([0-9]{2})(?![0-9])|zone[ _]?([0-9]{2})(?![0-9])")
_MERIDIAN: Final = re.compile(r"(?:中央(?:经线|子午线)|cm)[ _=:]?(?:东经)?([0-9]{2,3})")
_WIDTH: Final = re.compile(r"([36])(?:°|度)(?:分)?带|([36])[ _-]?degree")
_SHIFTED: Final = (
    (re.compile(r"bd[ _-]?09|百度(?:地图)?坐标|百度经纬度"), Datum.BD09),
    (re.compile(r"gcj[ _-]?02|火星坐标|国测局(?:加密)?坐标|(?:高德|腾讯)(?:地图)?(?:坐标|经纬度)"), Datum.GCJ02),
)


def chinese_system(text: str) -> int | None:
    """Return the EPSG code that a Chinese name means; None for a name that is not one of ours to read.

    A zone with its number means eastings that carry it, a central meridian eastings that do not; whether they do is for
    the values to say, and they outrank both.

    Examples
    --------
    >>> chinese_system("2000国家大地坐标系"), chinese_system("CGCS2000 3度带 第40带"), chinese_system("1980西安坐标系")
    (4490, 4528, 4610)
    """
    plain = _plain(text)
    for pattern, code in _REFUSED:
        if pattern.search(plain):
            return code
    if _WGS84.match(plain) or datum_named(text) is not None:
        return 4326
    if "[" in plain or not _CGCS2000.search(plain):
        return None
    width = _number(_WIDTH, plain)
    zone, meridian = _number(_ZONE, plain), _number(_MERIDIAN, plain)
    for wide, zones in ZONES.items():
        for number in zones if width in (None, wide) else ():
            found = GridZone("cgcs2000", wide, prefixed=zone is not None, zone=number)
            if number == zone or (zone is None and found.central_meridian == meridian):
                return found.epsg
    return GEOGRAPHIC["cgcs2000"]


def datum_named(text: str) -> Datum | None:
    """Return the shifted datum of web maps that `text` names.

    Examples
    --------
    >>> datum_named("高德坐标（GCJ-02）"), datum_named("CGCS2000")
    (<Datum.GCJ02: 'gcj02'>, None)
    """
    plain = _plain(text)
    return next((datum for pattern, datum in _SHIFTED if pattern.search(plain)), None)


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    return None if match is None else int(next(group for group in match.groups() if group))


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
