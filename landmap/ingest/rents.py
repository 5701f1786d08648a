"""Rents as brokers write them: a number or a range, per day, month or year, or nothing but “面议”.

Source: domain reference §5.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from landmap.domain import units
from landmap.ingest.faults import Fault
from landmap.ingest.values import plain

_NUMBER: Final = r"[0-9]{1,6}(?:\.[0-9]{1,4})?"
_RENT: Final = re.compile(rf"^(?P<low>{_NUMBER})(?:[-~至到—–](?P<high>{_NUMBER}))?(?P<rest>[^0-9]*(?:m2)?[^0-9]*)$")
_PERIODS: Final = (("天", "day"), ("日", "day"), ("day", "day"), ("月", "month"), ("month", "month"), ("年", "year"))
_OPEN: Final = frozenset({"面议", "面谈", "电议", "洽谈", "待定", "另议"})
_UNIT_PERIODS: Final = {"cny_m2_day": "day", "cny_m2_month": "month", "cny_m2_year": "year"}


class Rent(NamedTuple):
    """A rent in 元/㎡·天 and the period it was given for."""

    low: float
    high: float
    period: str


def parse_rent(text: str, unit: str = "") -> Rent | None:
    """Return the rent that `text` gives; None for one to be agreed, one without a period, or another unit.

    Parameters
    ----------
    text : str
    unit : str
        The header's unit key, where the cell holds numbers alone.

    Examples
    --------
    >>> parse_rent("2.3元/㎡/天"), parse_rent("730元/㎡·年").low, parse_rent("面议")
    (Rent(low=2.3, high=2.3, period='day'), 2.0, None)
    """
    normal = plain(text).replace(" ", "").casefold()
    match = _RENT.match(normal)
    if match is None or "亩" in normal or "套" in normal:
        return None
    rest = match["rest"]
    period = next((key for mark, key in _PERIODS if mark in rest), _UNIT_PERIODS.get(unit))
    if period is None:
        return None
    scale = 10_000.0 if "万元" in rest else 1.0
    low, high = float(match["low"]) * scale, float(match["high"] or match["low"]) * scale
    if low > high:
        return None
    return Rent(units.rent_to_cny_m2_day(low, period), units.rent_to_cny_m2_day(high, period), period)


def fill_rents(columns: dict[str, list[Any]], rows: Sequence[int], unit: str) -> list[Fault]:
    """Fill lower and upper rent and the source's period from ``rent_raw`` where they are not given, in place."""
    count = len(rows)
    low, high = (columns.setdefault(f"rent_{side}_cny_m2_day", [None] * count) for side in ("min", "max"))
    periods = columns.setdefault("rent_unit", [None] * count)
    faults: list[Fault] = []
    for index, row in enumerate(rows):
        raw = columns["rent_raw"][index]
        if raw is None or low[index] is not None or high[index] is not None or plain(raw) in _OPEN:
            continue
        rent = parse_rent(raw, unit or _UNIT_OF.get(periods[index], ""))
        if rent is None:
            faults.append(Fault("rent_unread", row, "rent_raw", raw))
            continue
        low[index], high[index] = rent.low, rent.high
        periods[index] = periods[index] or rent.period
    return faults


_UNIT_OF: Final = {period: unit for unit, period in _UNIT_PERIODS.items()}
