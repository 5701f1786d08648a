"""Identifiers: parcel ids of our own, cadastral codes, real-estate unit codes and notice numbers.

None of them has a check digit: a code is checked by its structure, its district prefix and its register.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from landmap.domain.errors import InvalidValueError

#: District code, kind letters, year, running number: ``370213-GY-2024-001``. Stable and never used twice.
PARCEL_ID_PATTERN: Final = r"^[0-9]{6}-[A-Z]{1,3}-[0-9]{4}-[0-9]{3,5}$"
_PARCEL_ID: Final = re.compile(PARCEL_ID_PATTERN)

#: First letter of the feature code: who owns the land.
OWNERSHIPS: Final[Mapping[str, str]] = MappingProxyType({"G": "国家所有", "J": "集体所有", "Z": "所有权未确定"})
#: Second letter: which right the parcel carries.
RIGHTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "A": "集体土地所有权",
        "B": "建设用地使用权（地表）",
        "S": "建设用地使用权（地上）",
        "X": "建设用地使用权（地下）",
        "C": "宅基地使用权",
        "D": "土地承包经营权（耕地）",
        "E": "林地使用权",
        "F": "草原使用权",
        "H": "海域使用权",
        "G": "无居民海岛使用权",
        "W": "使用权未确定或有争议",
        "Y": "其他",
    }
)
#: The letter after the parcel in a real-estate unit code: what stands on it.
FIXTURES: Final[Mapping[str, str]] = MappingProxyType({"F": "房屋", "L": "林木", "Q": "其他", "W": "无定着物"})


@dataclass(frozen=True, slots=True)
class CadastralCode:
    """A 宗地代码 of 19 characters, cut into its parts."""

    code: str
    county: str
    zone: str
    subzone: str
    ownership: str
    right: str
    serial: str


@dataclass(frozen=True, slots=True)
class RealEstateUnitCode:
    """A 不动产单元代码 of 28 characters (GB/T 37346-2019): a parcel, what stands on it, and the unit's number."""

    code: str
    parcel: CadastralCode
    fixture: str
    unit: str

    @property
    def building_no(self) -> str | None:
        """The building's four digits; None when the unit is no building."""
        return self.unit[:4] if self.fixture == "F" else None

    @property
    def room_no(self) -> str | None:
        """The room's four digits; None when the unit is no building."""
        return self.unit[4:] if self.fixture == "F" else None


@dataclass(frozen=True, slots=True)
class NoticeNumber:
    """The number of a land notice; `text` is its canonical form with 〔〕 round the year."""

    text: str
    issuer: str
    year: int
    serial: int


def is_parcel_id(text: str) -> bool:
    """Whether `text` is a parcel id of ours.

    Examples
    --------
    >>> is_parcel_id("370213-GY-2024-001"), is_parcel_id("LC2025-001")
    (True, False)
    """
    return _PARCEL_ID.fullmatch(text) is not None


def parse_cadastral_code(text: str) -> CadastralCode:
    """Return the parts of a 宗地代码; blanks and full-width forms are allowed.

    Raises
    ------
    InvalidValueError
        Naming the first part that is wrong.

    Examples
    --------
    >>> code = parse_cadastral_code("370283 004115 GB02011")
    >>> code.county, code.zone, code.subzone, code.ownership, code.right, code.serial
    ('370283', '004', '115', 'G', 'B', '02011')
    """
    return _cadastral("cadastral_parcel_code", text, _compact(text))


def parse_real_estate_unit_code(text: str) -> RealEstateUnitCode:
    """Return the parts of a 不动产单元代码, which certificates print in groups of 6, 6, 7 and 9.

    Raises
    ------
    InvalidValueError
        Naming the first part that is wrong.

    Examples
    --------
    >>> unit = parse_real_estate_unit_code("370283 004115 GB02011 F00010023")
    >>> unit.parcel.code, unit.building_no, unit.room_no
    ('370283004115GB02011', '0001', '0023')
    """
    param, code = "real_estate_unit_code", _compact(text)
    if len(code) != 28:
        raise InvalidValueError.of(param, text, f"has {len(code)} characters, not 28", "19 of the parcel and 9 more")
    fixture, unit = code[19], code[20:]
    parcel = _cadastral(param, text, code[:19])
    if fixture not in FIXTURES:
        raise InvalidValueError.of(param, text, f"定着物特征码 {fixture!r} is unknown", _choices(FIXTURES))
    _digits(param, text, "定着物单元号", unit)
    return RealEstateUnitCode(code, parcel, fixture, unit)


_TOKEN: Final = re.compile(r"[0-9]+|[^\W\d_]+")


def number_key(text: str) -> tuple[str, ...]:
    """Return what makes two spellings of a parcel's or building's number the same: its letters and numbers in order.

    Width, case, blanks, kinds of dashes and leading zeros do not tell numbers apart; a missing dash between two numbers
    does, for where it stood would be a guess.

    Examples
    --------
    >>> number_key("LC2025-001") == number_key("lc 2025—1") == ("lc", "2025", "1")
    True
    >>> number_key("LC2025001") == number_key("LC2025-001")
    False
    """
    tokens = _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())
    return tuple(token.lstrip("0") or "0" if token.isdecimal() else token for token in tokens)


_NOTICE: Final = re.compile(
    r"(?P<issuer>[^\[\]〔〕【】]{1,60})[\[(〔【](?P<year>(?:19|20)[0-9]{2})[\])〕】]第?(?P<serial>[0-9]{1,6})号"
)


def parse_notice_no(text: str) -> NoticeNumber:
    """Return a notice number in its canonical form: 〔〕 round the year, no blanks, no leading zeros.

    Raises
    ------
    InvalidValueError
        When there is no issuer, year in brackets or number.

    Examples
    --------
    >>> parse_notice_no("青自然资规(自)土让告字[2025] 4号").text
    '青自然资规(自)土让告字〔2025〕4号'
    """
    match = _NOTICE.fullmatch(_compact(text)) if len(text) <= 200 else None
    if match is None:
        hint = "such as 青自然资规(自)土让告字〔2025〕4号"
        raise InvalidValueError.of("notice_no", text, _notice_fault(_compact(text[:200])), hint)
    issuer, year, serial = match["issuer"], int(match["year"]), int(match["serial"])
    return NoticeNumber(f"{issuer}〔{year}〕{serial}号", issuer, year, serial)


def _notice_fault(text: str) -> str:
    if re.search(r"[\[(〔【](?:19|20)[0-9]{2}[\])〕】]", text) is None:
        return "has no year in brackets"
    return (
        "has no running number before 号" if re.search(r"[0-9]号$", text) is None else "has no issuer before the year"
    )


def _cadastral(param: str, text: str, code: str) -> CadastralCode:
    if len(code) != 19:
        raise InvalidValueError.of(param, text, f"has {len(code)} characters, not 19", "such as 370283004115GB02011")
    parts = CadastralCode(code, code[:6], code[6:9], code[9:12], code[12], code[13], code[14:])
    for name, part in (("县级区划", parts.county), ("地籍区", parts.zone), ("地籍子区", parts.subzone)):
        _digits(param, text, name, part)
    if parts.ownership not in OWNERSHIPS:
        raise InvalidValueError.of(param, text, f"所有权特征码 {parts.ownership!r} is unknown", _choices(OWNERSHIPS))
    if parts.right not in RIGHTS:
        raise InvalidValueError.of(param, text, f"权利特征码 {parts.right!r} is unknown", _choices(RIGHTS))
    _digits(param, text, "顺序号", parts.serial)
    return parts


def _digits(param: str, text: str, name: str, part: str) -> None:
    if not (part.isascii() and part.isdigit()):
        raise InvalidValueError.of(param, text, f"{name} {part!r} is not all digits")


def _choices(letters: Mapping[str, str]) -> str:
    return "one of " + ", ".join(f"{letter} {meaning}" for letter, meaning in letters.items())


def _compact(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
