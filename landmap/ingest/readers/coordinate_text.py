"""Coordinates as people write them into a cell: decimal or 度分秒, and whole outlines as a string of points."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any, Final

from shapely import Point
from shapely.geometry.base import BaseGeometry

from landmap.ingest.readers.rings import LEAST, MOST_POINTS, Position, cut, polygon_of

_NUMBER: Final = r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
#: 120°25′30″E, E120°25.5′, 东经120度25分30秒; also 120d25m30s.
_DEGREES: Final = (
    r"(?:东经|西经|北纬|南纬|[NSEW东西南北经纬])?\d{1,3}[°度d]\s*"
    r"(?:\d{1,2}(?:\.\d+)?['′分m]\s*(?:\d{1,2}(?:\.\d+)?(?:[\"″秒s]|''))?)?[NSEW]?"
)
_TOKEN: Final = re.compile(f"{_DEGREES}|{_NUMBER}")
_DMS: Final = re.compile(
    r"^(?P<b>东经|西经|北纬|南纬|[NSEW东西南北经纬])?(?P<d>\d{1,3})[°度d](?:(?P<m>\d{1,2}(?:\.\d+)?)['′分m])?"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)(?:[\"″秒s]|''))?(?P<h>[NSEW])?$"
)
_NEGATIVE: Final = frozenset({"S", "W", "南", "西", "南纬", "西经"})
#: What may stand around numbers: the names of points (J1, 拐点2), of axes (X=, 北纬:) and brackets.
_NAMES: Final = re.compile(
    r"(?:拐点|界址点|点号|序号|[JjPpZz])\s*\d+(?:-\d+)?\s*[:、.，,=]?\s*|(?:纵坐标|横坐标|坐标|经度|纬度|[XYxy])\s*[:=]?\s*|第?\d+点\s*[:、]"
)
_COUNTED: Final = re.compile(r"(?<![\d.])\d{1,4}\s*[、:)]\s*")
_BETWEEN: Final = re.compile(r"[;|\n\r]+")
_RINGS: Final = re.compile(r"\s*(?:#|&|\|\|)\s*")
_OTHER: Final = re.compile(r"[^\s;|,()\[\]{}]")
_DIGITS: Final = re.compile(r"\d+")
#: How many runs of digits a point may have: degrees, minutes and seconds with a fraction, twice.
_RUNS: Final = 8
#: Longest text looked at when a column is judged; outlines are read whole.
_GLANCE: Final = 2_000


def coordinate(cell: Any) -> float | None:
    """Return one coordinate in degrees or metres; None for what is no finite number.

    Examples
    --------
    >>> coordinate("120°30′00″"), coordinate("E120°30′"), coordinate("西经0度30分"), coordinate("n/a")
    (120.5, 120.5, -0.5, None)
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else None
    text = str(cell)
    if text.isascii() and text.replace(".", "", 1).isdigit():  # nearly always
        return float(text)
    return _value(_plain(text).replace(" ", "").replace(",", ""))


def looks_like_points(text: str, least: int = LEAST) -> bool:
    """Return whether `text` is a string of coordinates, of `least` points or more.

    Examples
    --------
    >>> looks_like_points("120.43,36.16;120.44,36.16;120.44,36.17"), looks_like_points("2025-09-01, 3 栋")
    (True, False)
    """
    plain = _RINGS.sub(";", _bare(text[:_GLANCE]))
    if _OTHER.search(_TOKEN.sub("", plain)):
        return False
    numbers = [value for token in _TOKEN.findall(plain) if (value := _value(token)) is not None]
    return len(numbers) >= 2 * least and any(not value.is_integer() for value in numbers)


def shape_of_points(text: str) -> BaseGeometry:
    """Return the polygon that a string of coordinates outlines; the point, when there is only one.

    Points are parted by ``;``, ``|`` or line breaks, or by whichever of comma and space does not part the two numbers
    of a point; ``#``, ``&`` or ``||`` part rings, as does coming back to the first point. Names and running numbers
    of points and heights are passed over. Which of the two coordinates is north is not decided here.

    Raises
    ------
    ValueError
        When the text does not come apart into pairs of finite numbers, or encloses nothing.

    Examples
    --------
    >>> shape_of_points("J1:120.43,36.16; J2:120.44,36.16; J3:120.44,36.17").wkt
    'POLYGON ((120.43 36.16, 120.44 36.16, 120.44 36.17, 120.43 36.16))'
    """
    if len(_DIGITS.findall(text)) > _RUNS * MOST_POINTS:
        raise ValueError(f"more than {MOST_POINTS} points")
    if text.lstrip().startswith("[["):
        return polygon_of(_listed(json.loads(text)))
    rings = [ring for piece in _RINGS.split(_bare(text)) if piece.strip() for ring in cut(_points(piece))]
    if not rings:
        raise ValueError("no coordinates")
    return Point(rings[0][0]) if [len(ring) for ring in rings] == [1] else polygon_of(rings)


def _plain(text: str) -> str:
    """Return `text` in half width with one kind of each mark."""
    marked = text.replace("″", '"').replace("′", "'").replace("”", '"').replace("’", "'").replace("º", "°")
    return unicodedata.normalize("NFKC", marked.replace("；", ";").replace("，", ",").replace("｜", "|"))


def _bare(text: str) -> str:
    """Return `text` without names and running numbers of points."""
    return _COUNTED.sub(" ", _NAMES.sub(" ", _plain(text)))


def _value(text: str) -> float | None:
    degrees = _DMS.match(text.replace(" ", ""))
    if degrees:
        minutes, seconds = float(degrees["m"] or 0), float(degrees["s"] or 0)
        if minutes >= 60 or seconds >= 60:
            return None
        value = float(degrees["d"]) + minutes / 60 + seconds / 3600
        return -value if {degrees["b"], degrees["h"]} & _NEGATIVE else value
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _points(text: str) -> list[Position]:
    """Return the points of one ring or run of rings."""
    pieces = [piece for piece in _pieces(text.strip(" \t,;|()[]{}\n\r")) if _TOKEN.search(piece)]
    if len(pieces) > MOST_POINTS:
        raise ValueError(f"more than {MOST_POINTS} points")
    found = []
    for number, piece in enumerate(pieces, start=1):
        if _OTHER.search(_TOKEN.sub("", piece)):
            raise ValueError(f"no coordinates: {piece.strip()[:40]}")
        values = [_value(token) for token in _TOKEN.findall(piece)]
        if len(values) in (3, 4) and values[0] == number and (values[0] != values[1]):
            values = values[1:]
        x, y = (values[0], values[1]) if len(values) in (2, 3) else (None, None)
        if x is None or y is None:
            raise ValueError(f"not two coordinates: {piece.strip()[:40]}")
        found.append((x, y))
    return found


def _pieces(text: str) -> list[str]:
    """Return the text of each point."""
    if _BETWEEN.search(text):
        return _BETWEEN.split(text)
    if re.search(r"\)\s*,?\s*\(|\]\s*,?\s*\[", text):
        return re.split(r"\)\s*,?\s*\(|\]\s*,?\s*\[", text)
    by_comma = [part.strip() for part in text.split(",") if part.strip()]
    by_space = text.replace(", ", ",").split()
    for parts in (by_comma, by_space):
        if len(parts) >= LEAST and all(len(_TOKEN.findall(part)) == 2 for part in parts):
            return parts
    tokens = _TOKEN.findall(text)
    if len(tokens) % 2:
        raise ValueError("an odd number of coordinates")
    return [f"{x} {y}" for x, y in zip(tokens[::2], tokens[1::2], strict=True)]


def _listed(value: Any) -> list[list[Position]]:
    """Return the rings of a JSON list of points, or of a list of rings."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        if all(isinstance(one, list) and len(one) in (2, 3) and coordinate(one[0]) is not None for one in value):
            return cut([_pair(one) for one in value])
        return [ring for part in value for ring in _listed(part)]
    raise ValueError("no list of points")


def _pair(values: list[Any]) -> Position:
    x, y = coordinate(values[0]), coordinate(values[1])
    if x is None or y is None:
        raise ValueError(f"not two coordinates: {values[:3]}")
    return x, y
