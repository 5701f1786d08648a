"""Strict readers of query text: what is not written as people write it is refused, with what to write instead.

Numbers are ASCII decimals: no ``1_000``, no ``٣``, no ``1e3``, no ``nan``, no blanks. Every reader takes the name of
the parameter for the message, and raises InvalidValueError.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from landmap.domain import code_list
from landmap.domain.errors import InvalidValueError

NUMBER_MAX_LENGTH: Final = 32
TEXT_MAX_LENGTH: Final = 100
WKT_MAX_BYTES: Final = 100_000
WKT_MAX_VERTICES: Final = 10_000
#: The farthest a `near` may reach.
NEAR_MAX_M: Final = 100_000.0

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AREA_CODE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")

_N: Final = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?+"
_POINT: Final = rf"\s*+{_N}\s++{_N}\s*+"
_RING: Final = rf"\s*+\({_POINT}(?:,{_POINT})*+\)\s*+"
_RINGS: Final = rf"\s*+\({_RING}(?:,{_RING})*+\)\s*+"
_WKT: Final = re.compile(rf"\s*+(?:POLYGON{_RINGS}|MULTIPOLYGON\s*+\({_RINGS}(?:,{_RINGS})*+\)\s*+)", re.IGNORECASE)

Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """At most `metres` in a straight line from some facility of `kind`."""

    kind: str
    metres: float


def number(param: str, text: str) -> float:
    """Return a decimal number.

    Examples
    --------
    >>> number("area_min", "20.5")
    20.5
    """
    if len(text) > NUMBER_MAX_LENGTH:
        raise InvalidValueError.of(param, text, "is too long for a number", f"at most {NUMBER_MAX_LENGTH} characters")
    if not _NUMBER.fullmatch(text):
        raise InvalidValueError.of(param, text, "is no number", "write it in plain digits, such as 20 or 1.5")
    return float(text) + 0.0


def number_text(value: float) -> str:
    """Return the shortest plain decimal that `number` reads back as `value`.

    Examples
    --------
    >>> number_text(20.0), number_text(1e-05)
    ('20', '0.00001')
    """
    text = format(Decimal(repr(float(value) + 0.0)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def flag(param: str, text: str) -> bool:
    """Return a truth value written ``true`` or ``false``."""
    if text not in ("true", "false"):
        raise InvalidValueError.of(param, text, "is neither true nor false", "write true or false")
    return text == "true"


def day(param: str, text: str) -> dt.date:
    """Return a day written ``2026-03-15``."""
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidValueError.of(param, text, "is no day of the calendar", "write it as 2026-03-15")


def plain_text(param: str, text: str, limit: int = TEXT_MAX_LENGTH) -> str:
    """Return a text with blanks run together; refuse an overlong one and control characters."""
    words = " ".join(text.split())
    if len(text) > limit:
        raise InvalidValueError.of(param, text, f"has {len(text)} characters", f"at most {limit}")
    if not words.isprintable():
        raise InvalidValueError.of(param, text, "holds a character that cannot be shown", "remove control characters")
    return words


def one_of(param: str, text: str, known: Collection[str]) -> str:
    """Return `text` when it is one of the `known` codes; otherwise name it and the nearest ones."""
    if text in known:
        return text
    near = difflib.get_close_matches(text[:40], known, n=3) if text else []
    few = list(known)[:12]
    hint = f"did you mean {', '.join(near)}?" if near else f"one of {', '.join(few)}{' …' if len(known) > 12 else ''}"
    raise InvalidValueError.of(param, text, "no such value", hint)


def parse_near(param: str, text: str) -> Near:
    """Return a wish written ``KIND:METRES``, such as ``metro_station:800``."""
    kind, colon, metres = text.partition(":")
    if not colon:
        raise InvalidValueError.of(param, text, "is no KIND:METRES", "such as near=metro_station:800")
    return Near(one_of(param, kind, code_list("facility_kind")), number(param, metres))


def parse_bbox(text: str, param: str = "bbox") -> Bbox:
    """Return west, south, east, north in degrees.

    Four numbers, or six whose heights are left aside. A west beyond the east means a box across the antimeridian; see
    `boxes`.

    Examples
    --------
    >>> parse_bbox("120.3,36.1,0,120.5,36.3,100")
    (120.3, 36.1, 120.5, 36.3)
    """
    parts = text[: 6 * (NUMBER_MAX_LENGTH + 2)].split(",")
    if len(parts) not in (4, 6):
        raise InvalidValueError.of(param, text, f"has {len(parts)} numbers", "west,south,east,north in degrees")
    values = [number(param, part) for part in parts]
    west, south, east, north = values if len(values) == 4 else (*values[:2], *values[3:5])
    box = (west, south, east, north)
    check_bbox(box, param)
    return box


def check_bbox(box: Bbox, param: str = "bbox") -> None:
    """Raise InvalidValueError for a box that is no place on earth or has its sides exchanged."""
    west, south, east, north = box
    found = ",".join(number_text(side) for side in box)
    if not (-90 <= south <= 90 and -90 <= north <= 90):
        swapped = all(-90 <= side <= 90 for side in (west, east)) and all(-180 <= side <= 180 for side in box)
        hint = "longitude comes before latitude" if swapped else "latitudes lie between -90 and 90"
        raise InvalidValueError.of(param, found, "has a latitude that does not exist", hint)
    if not (-180 <= west <= 180 and -180 <= east <= 180):
        raise InvalidValueError.of(
            param, found, "has a longitude that does not exist", "longitudes lie between -180 and 180, in degrees"
        )
    if south > north:
        raise InvalidValueError.of(param, found, "has its south above its north", "west,south,east,north")


def boxes(box: Bbox) -> tuple[Bbox, ...]:
    """Return the box as one or, across the antimeridian (west beyond east), two boxes with west ≤ east.

    Examples
    --------
    >>> boxes((170.0, -1.0, -170.0, 1.0))
    ((170.0, -1.0, 180.0, 1.0), (-180.0, -1.0, -170.0, 1.0))
    """
    west, south, east, north = box
    if west <= east:
        return (box,)
    return ((west, south, 180.0, north), (-180.0, south, east, north))


def parse_within(text: str, param: str = "within") -> str:
    """Return the canonical text of a place: the code of a district, or a polygon as WKT in degrees, longitude first.

    Raises
    ------
    InvalidValueError
        For anything but a code, POLYGON or MULTIPOLYGON; past 100 kB or 10 000 vertices; for an open ring, a
        coordinate off the earth, or a polygon that encloses nothing.
    """
    if _AREA_CODE.fullmatch(text):
        return text
    return _wkt(_polygon(text, param))


def is_area_code(within: str) -> bool:
    """Return whether a canonical `within` names a district rather than drawing a polygon."""
    return _AREA_CODE.fullmatch(within) is not None


def area_of(within: str, param: str = "within") -> BaseGeometry:
    """Return the area that a canonical `within` draws, shapely polygons in degrees.

    A ring that crosses itself is read by the even-odd rule: a bow-tie is its two wings.
    """
    drawn = _polygon(within, param)
    valid = drawn if drawn.is_valid else shapely.make_valid(drawn)
    return shapely.union_all([part for part in _polygons(valid) if part.area > 0])


def _polygon(text: str, param: str) -> BaseGeometry:
    if len(text) > WKT_MAX_BYTES:
        raise InvalidValueError.of(param, text, f"has {len(text)} characters", f"at most {WKT_MAX_BYTES}")
    if text.count(",") >= WKT_MAX_VERTICES:
        raise InvalidValueError.of(param, text, "has too many vertices", f"at most {WKT_MAX_VERTICES}")
    if not _WKT.fullmatch(text):
        raise InvalidValueError.of(
            param, text, "is no polygon", "POLYGON((lon lat, …)) or MULTIPOLYGON in plain degrees, or a district code"
        )
    try:
        drawn: BaseGeometry = shapely.from_wkt(text)
    except shapely.GEOSException:
        raise InvalidValueError.of(
            param, text, "has a ring that is not closed", "each ring has four points or more and ends where it begins"
        ) from None
    _check_coordinates(drawn, text, param)
    valid = drawn if drawn.is_valid else shapely.make_valid(drawn)
    if not any(part.area > 0 for part in _polygons(valid)):
        raise InvalidValueError.of(param, text, "encloses no area", "draw a polygon")
    return drawn


def _wkt(drawn: BaseGeometry) -> str:
    """Return polygons as WKT in plain decimals, nine places: shapely's own writer turns small numbers into 1e-5."""
    texts = []
    for polygon in shapely.get_parts(drawn):
        rings = [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
        texts.append(f"({','.join(_ring(ring.tolist()) for ring in rings)})")
    return f"MULTIPOLYGON({','.join(texts)})" if drawn.geom_type == "MultiPolygon" else f"POLYGON{texts[0]}"


def _ring(points: list[list[float]]) -> str:
    return f"({','.join(f'{number_text(round(x, 9))} {number_text(round(y, 9))}' for x, y in points)})"


def _check_coordinates(drawn: BaseGeometry, text: str, param: str) -> None:
    west, south, east, north = drawn.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        swapped = west >= -90 and east <= 90 and south >= -180 and north <= 180
        hint = "longitude comes before latitude" if swapped else "coordinates are degrees, not metres"
        raise InvalidValueError.of(param, text, "has a coordinate that does not exist", hint)


def _polygons(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shapely.get_parts(shape)
    flat = [inner for part in parts for inner in shapely.get_parts(part)]
    return [part for part in flat if part.geom_type == "Polygon"]
