"""Structured cells: JSON, and the words in which offices write terms, boundaries and services."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import compact_json
from landmap.domain.fields import code_list

_SIDES: Final[Mapping[str, str]] = MappingProxyType({"东": "east", "南": "south", "西": "west", "北": "north"})
_SIDE: Final = re.compile(r"([东南西北])(?:侧|面|边)?\s*[至到临邻::为]\s*([^,,;;。、]+)")
_TERM: Final = re.compile(r"(?P<use>[\u4e00-\u9fff]{0,12}?)(?:用地|用途)?[::]?\s*(?P<years>[0-9]{1,2})\s*年?")
_QUARTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"一": "1", "二": "2", "三": "3", "四": "4", "1": "1", "2": "2", "3": "3", "4": "4"}
)
_QUARTER: Final = re.compile(r"^(?P<y>20[0-9]{2})(?:年|[-/.])?(?:第)?(?P<q>[一二三四1-4])季度?$")
_MONTH: Final = re.compile(r"^(?P<y>20[0-9]{2})[-/.年](?P<m>[0-9]{1,2})(?:[-/.月](?P<d>[0-9]{1,2})日?)?月?$")


def compact(value: Any) -> str:
    """Return a structure as one line of JSON; numbers that JSON has no word for become text."""
    try:
        return compact_json(value)
    except ValueError:
        return str(value)


def loaded(text: str) -> Any:
    """Return the structure a JSON text holds; None when it is no JSON or holds numbers JSON has no word for."""
    try:
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _no_number(name: str) -> None:
    raise ValueError(name)


def from_words(field: str, text: str) -> Any:
    """Return the structure that plain words give to a field; None when they give none.

    Examples
    --------
    >>> from_words("bounds_text", "东至重庆中路，南至金水路")
    {'east': '重庆中路', 'south': '金水路'}
    >>> from_words("term_years", "城镇住宅70年、商业40年")
    [{'use': '城镇住宅', 'years': 70}, {'use': '商业', 'years': 40}]
    """
    text = unicodedata.normalize("NFKC", text)
    if field == "bounds_text":
        return {_SIDES[side]: place.strip() for side, place in _SIDE.findall(text)} or None
    if field == "term_years":
        return _terms(text)
    if field == "site_services":
        return _services(text)
    return None


def period(text: str) -> str | None:
    """Return a planned date in the form of its field: ``2026-Q1``, ``2026-03``, ``2026-03-15``.

    Examples
    --------
    >>> period("2026年一季度"), period("2026年3月"), period("2026.3.5")
    ('2026-Q1', '2026-03', '2026-03-05')
    """
    quarter = _QUARTER.match(text)
    if quarter:
        return f"{quarter['y']}-Q{_QUARTERS[quarter['q']]}"
    month = _MONTH.match(text)
    if month:
        day = f"-{int(month['d']):02d}" if month["d"] else ""
        return f"{month['y']}-{int(month['m']):02d}{day}"
    return text[:4] if re.fullmatch(r"20[0-9]{2}年?", text) else None


def _terms(text: str) -> list[dict[str, Any]] | None:
    """Return the terms named in a text, such as housing 70 and commercial 40; a bare number names no use."""
    rest = _TERM.sub("", text)
    if re.sub(r"[、,;;/\s及和]", "", rest):
        return None
    found = [(match["use"], int(match["years"])) for match in _TERM.finditer(text)]
    return [{"use": use, "years": years} if use else {"years": years} for use, years in found] or None


def _services(text: str) -> dict[str, str] | None:
    """Return the services a text lists as connected; those it does not name stay unknown."""
    names = {entry.label_zh: entry.code for entry in code_list("site_service").values()}
    found = {code: "yes" for label, code in names.items() if label in text or f"通{label[-1]}" in text}
    return found or None
