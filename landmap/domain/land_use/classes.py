"""The 2023 classes: codes of 2, 4 or 6 digits whose prefix is their parent.

Source: 《国土空间调查、规划、用途管制用地用海分类指南》 (自然资源部, 2023).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from landmap.domain.errors import InvalidValueError
from landmap.domain.land_use.tables import plain, rows


@dataclass(frozen=True, slots=True)
class LandUseClass:
    """One class; `level` is 1, 2 or 3, and `parent` is None on level 1."""

    code: str
    name_zh: str
    name_en: str
    parent: str | None
    level: int


@cache
def classes() -> Mapping[str, LandUseClass]:
    """Return every class by code, in code order."""
    return MappingProxyType(
        {
            code: LandUseClass(code, row["name_zh"], row["name_en"], code[:-2] or None, len(code) // 2)
            for row in rows("land_use.csv")
            for code in (row["code"],)
        }
    )


def land_use_class(code: str) -> LandUseClass:
    """Return the class called `code`.

    Raises
    ------
    InvalidValueError
        When the 2023 table has no such code; the hint names what it may have meant.

    Examples
    --------
    >>> land_use_class("1001").name_zh
    '工业用地'
    """
    try:
        return classes()[code]
    except KeyError:
        raise InvalidValueError.of(
            "land_use", code, "the 2023 land-use table has no such code", _suggestion(code)
        ) from None


def _suggestion(code: str) -> str:
    """Return what an unknown code may have meant: in another scheme, as a name, or mistyped."""
    known = [row for row in rows("crosswalk.csv") if row["code"] == code and not row["doubtful"]]
    elsewhere = [
        f"{row['scheme']} {code} is {classes()[row['ydyh2023']].name_zh} {row['ydyh2023']}"
        for row in [row for row in known if row["relation"] != "<"] or known
    ]
    named = code_of_name(code) if code else None
    if named is not None:
        return f"did you mean {named}?"
    if elsewhere:
        return "; ".join(elsewhere[:3])
    near = difflib.get_close_matches(code[:12], classes(), n=3, cutoff=0.6)
    return f"did you mean {', '.join(near)}?" if near else "codes have 2, 4 or 6 digits, such as 10, 1001, 100101"


@cache
def expand(code: str) -> frozenset[str]:
    """Return `code` and every class below it; raise InvalidValueError for an unknown code.

    Examples
    --------
    >>> sorted(expand("1001"))
    ['1001', '100101', '100102', '100103']
    """
    return frozenset(known for known in classes() if known.startswith(land_use_class(code).code))


def matches(filter_code: str, code: str | None) -> bool:
    """Whether a feature coded `code` lies within `filter_code`; unknown (None) never does.

    A feature coded 1001 does not match the filter 100101: a plan that stops at four digits has not said so.

    Examples
    --------
    >>> matches("10", "100101"), matches("100101", "1001"), matches("10", None)
    (True, False, False)
    """
    return code is not None and code.startswith(land_use_class(filter_code).code)


def family(code: str) -> str:
    """Return the group in which changes of use are judged: 4 digits for class 10, otherwise 2.

    Examples
    --------
    >>> family("100102"), family("090101")
    ('1001', '09')
    """
    return code[:4] if code.startswith("10") else code[:2]


@cache
def _codes_by_name() -> Mapping[str, str]:
    """Return the code of every name that means one class; the 2023 names win over aliases."""
    aliases = {plain(row["name"]): row["code"] for row in rows("land_use_aliases.csv")}
    return MappingProxyType(aliases | {plain(known.name_zh): known.code for known in classes().values()})


def code_of_name(text: str) -> str | None:
    """Return the code of a use written in Chinese, or None when it is unknown or means several classes.

    Examples
    --------
    >>> code_of_name("工业用地（新型产业用地）"), code_of_name("商务金融用地"), code_of_name("科教用地")
    ('1001', '0902', None)
    """
    name = plain(text)
    codes = _codes_by_name()
    return codes.get(name) or codes.get(f"{name}用地")


def named_uses() -> Mapping[str, str]:
    """Return every Chinese name that means one class, with its code.

    Examples
    --------
    >>> named_uses()["物流仓储用地"]
    '1101'
    """
    return _codes_by_name()
