"""Numbers, areas, distances and days as a reader expects them; rounding is half up, on the decimal as written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from landmap.domain import Lang, code_list, units

#: What stands for an unknown value.
UNKNOWN: Final = "—"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PERIOD: Final = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?))?"
)
#: Most decimals by unit; other units keep four.
_DECIMALS: Final[Mapping[str, int]] = {
    "㎡": 2,
    "km²": 2,
    "%": 1,
    "m": 1,
    "万元": 2,
    "元/㎡·天": 2,
    "元/㎡·月": 2,
    "年": 1,
}
#: Units of counting, which the English labels already name, and units written without a blank in Chinese.
_COUNTED: Final = frozenset({"层", "个", "部", "家"})
_CLOSE: Final = _COUNTED | {"年"}
#: The English name of 万元 in the unit table.
_TEN_THOUSAND: Final = "10k CNY"
_MU: Final[Mapping[Lang, str]] = {"zh": "亩", "en": "mu"}
_HA: Final[Mapping[Lang, str]] = {"zh": "公顷", "en": "ha"}


def number(value: float | Decimal, decimals: int = 4) -> str:
    """Return `value` with thousands separators and at most `decimals` decimals, without trailing zeros.

    Examples
    --------
    >>> number(20504.285, 2), number(35.0), number(0.0324)
    ('20,504.29', '35', '0.0324')
    """
    text = f"{_rounded(value, decimals):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def quantity(value: float, unit: str, lang: Lang) -> str:
    """Return `value` with its unit as the field tables name it.

    English counts nothing in ten thousands: 万元 become CNY, and things counted stand without a unit. A known value
    never reads as zero: what would be rounded away is shown as less than the last decimal.

    Examples
    --------
    >>> quantity(2962.57, "㎡", "en"), quantity(12.5, "%", "zh"), quantity(50, "年", "zh")
    ('2,962.57 m²', '12.5%', '50年')
    >>> quantity(280, "万元/亩", "zh"), quantity(280, "万元/亩", "en"), quantity(0.02, "%", "zh")
    ('280 万元/亩', 'CNY 2,800,000/mu', '<0.1%')
    """
    named = unit_label(unit, lang)
    if lang == "en" and named.startswith(_TEN_THOUSAND):
        return f"CNY {number(Decimal(repr(float(value))) * 10_000, 2)}{named.removeprefix(_TEN_THOUSAND)}"
    if lang == "en" and unit in _COUNTED:
        return number(value, 4)
    decimals = _DECIMALS.get(unit, 4)
    shown = number(value, decimals)
    if shown in ("0", "-0") and value > 0:
        shown = f"<{Decimal(1).scaleb(-decimals)}"
    close = not named or named == "%" or (lang == "zh" and unit in _CLOSE)
    return f"{shown}{named}" if close else f"{shown} {named}"


def unit_label(unit: str, lang: Lang) -> str:
    """Return how `unit` of a field table is written in `lang`; an unlisted unit stays as it is."""
    known = code_list("unit").get(unit)
    return unit if known is None else known.label(lang)


def square_metres(value: float, lang: Lang, *, whole: bool = False) -> str:
    """Return an area in ㎡; `whole` for areas computed from an outline, whose decimals mean nothing."""
    return f"{number(value, 0 if whole else 2)} {unit_label('㎡', lang)}"


def mu(value_m2: float, lang: Lang) -> str:
    """Return an area given in ㎡ in 亩, always with two decimals.

    Examples
    --------
    >>> mu(20504.29, "zh")
    '30.76 亩'
    """
    return f"{_rounded(units.from_m2(value_m2, 'mu'), 2):,f} {_MU[lang]}"


def hectares(value_m2: float, lang: Lang) -> str:
    """Return an area given in ㎡ in hectares, always with two decimals."""
    return f"{_rounded(units.from_m2(value_m2, 'ha'), 2):,f} {_HA[lang]}"


def area(value_m2: float, lang: Lang, *, whole: bool = False) -> str:
    """Return an area in ㎡, 亩 and hectares.

    Examples
    --------
    >>> area(20504.29, "zh"), area(20504.29, "en", whole=True)
    ('20,504.29 ㎡ · 30.76 亩 · 2.05 公顷', '20,504 m² · 30.76 mu · 2.05 ha')
    """
    parts = (square_metres(value_m2, lang, whole=whole), mu(value_m2, lang), hectares(value_m2, lang))
    return " · ".join(parts)


def distance(metres: float, lang: Lang) -> str:
    """Return a distance: metres below a kilometre, otherwise kilometres with one decimal.

    Examples
    --------
    >>> distance(846.4, "zh"), distance(4230, "en")
    ('846 米', '4.2 km')
    """
    if metres < 999.5:
        return f"{number(metres, 0)} {'米' if lang == 'zh' else 'm'}"
    return f"{_rounded(metres / 1000, 1):,f} {'公里' if lang == 'zh' else 'km'}"


def day(value: str | dt.date, lang: Lang) -> str:
    """Return a day as the language writes it.

    Examples
    --------
    >>> day("2026-11-02", "zh"), day(dt.date(2026, 11, 2), "en")
    ('2026-11-02', '2 Nov 2026')
    """
    known = value if isinstance(value, dt.date) else dt.date.fromisoformat(value[:10])
    return known.isoformat() if lang == "zh" else f"{known.day} {_MONTHS[known.month - 1]} {known.year}"


def period(text: str, lang: Lang) -> str:
    """Return a year, quarter, month or day written as in the field tables; other text stays as it is.

    Examples
    --------
    >>> period("2027-Q1", "zh"), period("2027-Q1", "en"), period("2026-03", "en")
    ('2027年第1季度', 'Q1 2027', 'Mar 2026')
    """
    found = _PERIOD.fullmatch(text)
    if found is None:
        return text
    if found["day"]:
        return day(text, lang)
    year, quarter, month = found["year"], found["quarter"], int(found["month"] or 0)
    if quarter:
        return f"{year}年第{quarter}季度" if lang == "zh" else f"Q{quarter} {year}"
    if 1 <= month <= len(_MONTHS):
        return f"{year}年{month}月" if lang == "zh" else f"{_MONTHS[month - 1]} {year}"
    return f"{year}年" if lang == "zh" and not month else text


def _rounded(value: float | Decimal, decimals: int) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
