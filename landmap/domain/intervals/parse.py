"""The parser of planning-condition strings: `≥1.5`, `1.0<R≤1.9`, `不超过15层`, `≤24米(局部≤30米)` and the like.

A text is cut into tokens, the kinds of the tokens are matched against a few clause shapes, and whatever those do not
explain decides the status. A number is read only when its operator, its unit and its neighbours are all understood:
a masked, truncated or ambiguous text yields none. Every step is linear in the text, which is capped at 200 characters.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from landmap.domain.intervals.interval import Interval

MAX_LENGTH: Final = 200


class ParseStatus(StrEnum):
    """What reading a bound came to. Only `ok`, `ok_with_exception` and `partial` carry bounds."""

    OK = "ok"
    OK_WITH_EXCEPTION = "ok_with_exception"
    PARTIAL = "partial"
    REVERSED = "reversed"
    AMBIGUOUS_NO_OPERATOR = "ambiguous_no_operator"
    FLOORS_NOT_METRES = "floors_not_metres"
    UNSPECIFIED = "unspecified"
    UNPARSED = "unparsed"


@dataclass(frozen=True, slots=True)
class ParsedBound:
    """One bound as read.

    Parameters
    ----------
    interval : Interval
        Unspecified unless the status carries bounds.
    floors_max : int or None
        Storeys; never converted to metres.
    unit : str or None
        ``%``, ``m``, ``m2``, ``万元/亩`` … as printed beside the numbers.
    status : ParseStatus
    raw : str
        The text as it came.
    note : str or None
        Bracketed text, or why no number was read.
    """

    interval: Interval
    floors_max: int | None
    unit: str | None
    status: ParseStatus
    raw: str
    note: str | None = None


#: (which side, inclusive); "=" sets both.
Operator = tuple[str, bool]


def _operators() -> Mapping[str, Operator]:
    signs: dict[str, Operator] = {
        **dict.fromkeys(("≥", ">=", "=>", "≧", "⩾", "≮"), ("min", True)),
        **dict.fromkeys(("≤", "<=", "=<", "≦", "⩽", "≯"), ("max", True)),
        **dict.fromkeys((">", "〉"), ("min", False)),
        **dict.fromkeys(("<", "〈"), ("max", False)),
        "=": ("both", True),
        "等于": ("both", True),
    }
    up, down = ("大于", "高于", "多于", "超过", "超出"), ("小于", "低于", "少于")
    for no in ("不", "不得", "不应", "不能", "不可", "不宜"):
        signs |= {no + word: ("min", True) for word in down} | {no + word: ("max", True) for word in up}
    for joint in ("等于", "或等于"):
        signs |= {word + joint: ("min", True) for word in up} | {word + joint: ("max", True) for word in down}
    signs |= {**dict.fromkeys(up, ("min", False)), **dict.fromkeys(down, ("max", False))}
    return MappingProxyType(signs | {"至少": ("min", True), "至多": ("max", True), "最多": ("max", True)})


_OPERATORS: Final = _operators()
_SUFFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("及以上", "含以上", "以上"), "min"),
        **dict.fromkeys(("及以下", "含以下", "以下", "以内", "之内"), "max"),
    }
)
_PRINTED_UNITS: Final = (
    *("%", "万元/亩", "万元/公顷", "元/m2", "万元/人·年", "吨标煤/万元", "万元/吨标煤", "万元/吨"),
    *("亩", "公顷", "万元", "层", "m2", "m"),
)
_UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {**{unit: unit for unit in _PRINTED_UNITS}, "平方米": "m2", "米": "m"}
)
_SUBJECTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("容积率", "R", "r", "FAR"), "floor_area_ratio"),
        **dict.fromkeys(("建筑密度", "建筑系数", "建筑覆盖率"), "coverage"),
        **dict.fromkeys(("绿地率", "绿化率", "绿化覆盖率"), "green"),
        **dict.fromkeys(("建筑限高", "限制高度", "建筑高度", "控制高度", "限高", "高度"), "height"),
        **dict.fromkeys(("投资强度", "亩均税收"), "intensity"),
    }
)
_NULLS: Final = frozenset(
    [
        *("", "/", "-", "--", "---", "–", "—", "——", "———", "无", "暂无", "不限", "待定", "无要求", "不作要求"),
        *("按规划要求", "以规划条件为准", "n/a", "null", "none"),
    ]
)
_HIDDEN: Final = frozenset({"略", "详略", "从略", "保密", "隐去", "…", "..."})
_MASK: Final = re.compile(r"[*＊×✕□■○●◯◇\ufffd?_#]|[xX](?=[.%xX]|$)")
#: Words that add nothing to a bound.
_NOISE: Final = re.compile(r"地上|规划|应当|应|须|需|为|之间|[::。]")


def _words(words: Mapping[str, object]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


#: Kinds: N number, U unit, X suffix, O operator, S subject, A and, D dash, - noise, J anything else.
_TOKEN: Final = re.compile(
    rf"(?P<N>[0-9]{{1,12}}(?:\.[0-9]{{1,9}})?(?![0-9]))|(?P<U>{_words(_UNITS)})(?![a-zA-Z0-9/·])|(?P<X>{_words(_SUFFIXES)})"
    rf"|(?P<O>{_words(_OPERATORS)})|(?P<S>{_words(_SUBJECTS)})(?![a-zA-Z])|(?P<A>并且|而且|同时|且|和|与|[,;、])"
    rf"|(?P<D>[-‐‑‒–—―−~〜∼至到]+)|(?P<Z>{_NOISE.pattern}|\s+)|(?P<J>.)",
    re.DOTALL,
)
#: Shapes of one clause, longest first; matched against the string of kinds.
_CLAUSES: Final = tuple(
    (name, re.compile(shape))
    for name, shape in (
        ("between", "NU?OS{1,3}ONU?"),
        ("range", "S{0,3}NU?DNU?"),
        ("mirrored", "NU?OS{1,3}"),
        ("plain", "S{0,3}ONU?"),
        ("suffixed", "S{0,3}NU?X"),
        ("bare", "S{0,3}NU?"),
    )
)
_MIRROR: Final = {"min": "max", "max": "min", "both": "both"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Limit:
    """One side of a bound: `side` is min, max or both."""

    side: str
    inclusive: bool
    value: float
    unit: str | None


@dataclass(slots=True)
class _Reading:
    """What the clauses of one text say together."""

    limits: list[_Limit] = field(default_factory=list)
    subjects: set[str] = field(default_factory=set)
    bare: bool = False
    leftovers: bool = False
    lost: str | None = None


@lru_cache(maxsize=8192)
def parse_bound(text: str | None) -> ParsedBound:
    """Return what a planning-condition string permits, with a status that says how sure that is.

    Parameters
    ----------
    text : str or None
        One cell or phrase. A number from a percent-formatted cell is the caller's to scale.

    Returns
    -------
    ParsedBound
        Never raises. A number without an operator is `ambiguous_no_operator`: pages do lose their signs.

    Examples
    --------
    >>> parse_bound("1.0<R≤1.9").interval.text()
    '>1.0且≤1.9'
    >>> parse_bound("≤24米(局部≤30米)").status, parse_bound("≤24米(局部≤30米)").interval.max
    (<ParseStatus.OK_WITH_EXCEPTION: 'ok_with_exception'>, 24.0)
    >>> parse_bound("R1.5").status, parse_bound("≥*.*").status
    (<ParseStatus.AMBIGUOUS_NO_OPERATOR: 'ambiguous_no_operator'>, <ParseStatus.UNPARSED: 'unparsed'>)
    """
    raw = "" if text is None else text
    if len(raw) > MAX_LENGTH:
        return _nothing(raw, ParseStatus.UNPARSED, f"longer than {MAX_LENGTH} characters")
    plain = _normal(raw)
    if "".join(plain.split()).lower() in _NULLS:
        return _nothing(raw, ParseStatus.UNSPECIFIED)
    body, notes = _without_brackets(plain)
    if _MASK.search(plain) or any(note in _HIDDEN for note in notes):
        return _nothing(raw, ParseStatus.UNPARSED, "digits are masked")
    if body is None:
        return _nothing(raw, ParseStatus.UNPARSED, "brackets do not match")
    tokens = [_Token(match.lastgroup or "J", match[0]) for match in _TOKEN.finditer(body)]
    reading = _read([token for token in tokens if token.kind != "Z"])
    return _conclude(raw, reading, "；".join(notes) or None)


def _normal(text: str) -> str:
    """Return NFKC; an invisible character becomes a blank, a raised or circled digit a mask: neither joins digits."""
    return "".join(_normal_char(char) for char in text.replace("m²", "m2")).strip()


def _normal_char(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cf", "Cc"}:
        return " "
    return "*" if category in {"No", "Nl"} else unicodedata.normalize("NFKC", char)


def _without_brackets(text: str) -> tuple[str | None, list[str]]:
    """Return `text` without its bracketed parts (None when brackets do not match), and those parts.

    A bracket leaves a blank, so that digits on its two sides never join; one that stands right before a digit hides
    part of the number and leaves a stranger.
    """
    body: list[str] = []
    notes: list[str] = []
    opened: list[int] = []
    for index, char in enumerate(text):
        if char in "([【〔":
            opened.append(index)
        elif char in ")]】〕":
            if not opened:
                return None, notes
            start = opened.pop()
            if not opened:
                notes.append(text[start + 1 : index])
                body.append("\N{REPLACEMENT CHARACTER}" if text[index + 1 : index + 2].isdigit() else " ")
        elif not opened:
            body.append(char)
    return (None if opened else "".join(body)), notes


def _read(tokens: list[_Token]) -> _Reading:
    """Match clause after clause; what no clause takes is a leftover, or a lost part of a number."""
    reading = _Reading()
    kinds = "".join(token.kind for token in tokens)
    at = 0
    while at < len(tokens):
        name, size = next(
            ((name, match.end() - at) for name, shape in _CLAUSES if (match := shape.match(kinds, at))), ("", 1)
        )
        if name:
            _take(name, tokens[at : at + size], reading)
        else:
            _leave(tokens, kinds, at, reading)
        at += size
    for left, right in itertools.pairwise(range(len(tokens))):
        pair = kinds[left] + kinds[right]
        word = pair == "JO" and tokens[right].text[0] not in "≥≤<>=≧≦⩾⩽≮≯〉〈"
        if word or pair in {"JN", "NJ"} or (pair == "UJ" and tokens[right].text.isascii()):
            reading.lost = f"{tokens[left].text}{tokens[right].text} is not understood"
    return reading


def _take(name: str, tokens: list[_Token], reading: _Reading) -> None:
    """Add one clause to the reading."""
    reading.subjects |= {_SUBJECTS[token.text] for token in tokens if token.kind == "S"}
    operators = [_OPERATORS[token.text] for token in tokens if token.kind == "O"]
    numbers = list(_numbers(tokens))
    if name == "bare":
        reading.bare = True
    elif name == "range":
        (low, low_unit), (high, high_unit) = numbers
        reading.limits += [_Limit("min", True, low, low_unit or high_unit), _Limit("max", True, high, high_unit)]
        if low_unit and low_unit != high_unit:
            reading.lost = "the two numbers have different units"
    elif name == "suffixed":
        ((value, unit),) = numbers
        reading.limits.append(_Limit(_SUFFIXES[tokens[-1].text], True, value, unit))
    else:
        shared = next((unit for _, unit in numbers if unit), None)
        for position, ((side, inclusive), (value, unit)) in enumerate(zip(operators, numbers, strict=True)):
            mirrored = name in {"between", "mirrored"} and position == 0
            reading.limits.append(_Limit(_MIRROR[side] if mirrored else side, inclusive, value, unit or shared))


def _numbers(tokens: list[_Token]) -> Iterator[tuple[float, str | None]]:
    """Yield the numbers of a clause, each with the unit printed after it."""
    for index, token in enumerate(tokens):
        if token.kind == "N":
            after = tokens[index + 1] if index + 1 < len(tokens) else None
            yield float(token.text), _UNITS[after.text] if after is not None and after.kind == "U" else None


def _leave(tokens: list[_Token], kinds: str, at: int, reading: _Reading) -> None:
    """Judge a token that belongs to no clause."""
    kind = kinds[at]
    before, after = kinds[at - 1 : at] if at else "", kinds[at + 1 : at + 2]
    if kind in "OX" or (kind == "D" and (before in ("N", "U") or after == "N")):
        reading.lost = f"{tokens[at].text} has lost its number"
    elif kind in "DUJ":
        reading.leftovers = True


def _conclude(raw: str, reading: _Reading, note: str | None) -> ParsedBound:
    """Turn a reading into bounds and a status."""
    floors = [limit for limit in reading.limits if limit.unit == "层"]
    limits = [limit for limit in reading.limits if limit.unit != "层"]
    units = {limit.unit for limit in limits}
    if reading.lost is not None:
        return _nothing(raw, ParseStatus.UNPARSED, reading.lost)
    if reading.bare:
        return _nothing(raw, ParseStatus.AMBIGUOUS_NO_OPERATOR, note)
    if len(units) > 1 or len(reading.subjects) > 1:
        return _nothing(raw, ParseStatus.UNPARSED, "speaks of more than one quantity")
    low, high = _side(limits, "min"), _side(limits, "max")
    if low is None or high is None or not all(limit.value.is_integer() for limit in floors):
        return _nothing(raw, ParseStatus.UNPARSED, "gives one side twice" if not floors else "storeys are not whole")
    storeys = _side(floors, "max")
    if storeys is None:
        return _nothing(raw, ParseStatus.UNPARSED, "gives the storeys twice")
    floors_max = int(storeys[0].value) - (not storeys[0].inclusive) if storeys else None
    if not limits:
        if not floors:
            return _nothing(raw, ParseStatus.UNPARSED, note)
        return ParsedBound(Interval(), floors_max, "层", ParseStatus.FLOORS_NOT_METRES, raw, note)
    interval = Interval(
        low[0].value if low else None,
        high[0].value if high else None,
        low[0].inclusive if low else True,
        high[0].inclusive if high else True,
    )
    if not interval.possible:
        return _nothing(raw, ParseStatus.REVERSED, f"nothing lies in {interval.text()}")
    fine = ParseStatus.OK_WITH_EXCEPTION if note else ParseStatus.OK
    status = ParseStatus.PARTIAL if reading.leftovers else fine
    return ParsedBound(interval, floors_max, units.pop(), status, raw, note)


def _side(limits: list[_Limit], side: str) -> list[_Limit] | None:
    """Return the one limit on a side (none: an empty list), or None when two limits on it differ."""
    found = [limit for limit in limits if limit.side in (side, "both")]
    return None if len({(limit.value, limit.inclusive) for limit in found}) > 1 else found[:1]


def _nothing(raw: str, status: ParseStatus, note: str | None = None) -> ParsedBound:
    return ParsedBound(Interval(), None, None, status, raw, note)
