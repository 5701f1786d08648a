"""The plain forms of a row: one function from a few fields to one text; `FORMS` names them for ``sections.toml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from landmap.domain import Words
from landmap.render import bounds, numbers, structured, values
from landmap.render.rows import Form, Row, Setting, made
from landmap.render.sections import RowPlan

#: The mean year of the calendar.
_DAYS_A_YEAR: Final = 365.2425


def _value(setting: Setting, plan: RowPlan) -> Row:
    return made(setting, plan, setting.text(plan.fields[0]))


def _area(setting: Setting, plan: RowPlan) -> Row:
    value, basis = setting.get("area_m2"), setting.get("area_basis")
    if value is None:
        return made(setting, plan, None)
    text = numbers.area(value, setting.words.lang, whole=whole_metres(setting.properties))
    return made(setting, plan, text, None if basis is None else setting.text("area_basis"))


def whole_metres(properties: Mapping[str, Any]) -> bool:
    """Whether the area of a parcel has no decimals worth printing: computed from its outline, or that is a sketch."""
    return properties.get("area_basis") == "geodesic" or properties.get("geometry_quality") == "sketch"


def _computed(setting: Setting, plan: RowPlan) -> Row:
    value = setting.get(plan.fields[0])
    text = None if value is None else numbers.square_metres(value, setting.words.lang, whole=True)
    return made(setting, plan, text)


def _floor_area(setting: Setting, plan: RowPlan) -> Row:
    value = setting.get(plan.fields[0])
    return made(setting, plan, None if value is None else numbers.square_metres(value, setting.words.lang))


def _land_use(setting: Setting, plan: RowPlan) -> Row:
    code, raw, tag = (setting.get(name) for name in ("land_use_code", "land_use_raw", "new_industry_tag"))
    if code is None:
        return made(setting, plan, raw, None, "ambiguous")
    text = values.land_use_text(code, setting.words.lang)
    if tag not in (None, "none"):
        text = f"{text} · {setting.text('new_industry_tag')}"
    stated = None if raw is None else setting.words("sheet.stated", text=raw)
    return made(setting, plan, text, stated)


def _use_code(setting: Setting, plan: RowPlan) -> Row:
    code = setting.get(plan.fields[0])
    return made(setting, plan, None if code is None else values.land_use_text(code, setting.words.lang))


def _industry(setting: Setting, plan: RowPlan) -> Row:
    code = setting.get(plan.fields[0])
    return made(setting, plan, None if code is None else values.industry_text(code, setting.words.lang))


def _industries(setting: Setting, plan: RowPlan) -> Row:
    named = setting.get(plan.fields[0]) or ()
    texts = (values.industry_text(one, setting.words.lang) for one in named)
    return made(setting, plan, values.listed(texts, setting.words) or None)


def _most(setting: Setting, plan: RowPlan) -> Row:
    text = setting.text(plan.fields[0])
    return made(setting, plan, None if text is None else f"≤{text}")


def _level(setting: Setting, plan: RowPlan) -> Row:
    level = setting.get(plan.fields[0])
    lang = setting.words.lang
    return made(setting, plan, None if level is None else values.code_text(plan.options["codes"], level, lang))


def _period(setting: Setting, plan: RowPlan) -> Row:
    text = setting.get(plan.fields[0])
    return made(setting, plan, None if text is None else numbers.period(text, setting.words.lang))


def _expiry(setting: Setting, plan: RowPlan) -> Row:
    text, until = setting.text(plan.fields[0]), setting.get(plan.fields[0])
    if until is not None and dt.date.fromisoformat(until) < setting.today:
        return made(setting, plan, text, setting.words("sheet.expired"), "warn")
    return made(setting, plan, text)


def _remaining(setting: Setting, plan: RowPlan) -> Row:
    """Reckon the remaining term on the day of the sheet; as the source states it where the last day is not known."""
    until = setting.get("right_end_on")
    if until is None:
        return made(setting, plan, setting.text(plan.fields[0]))
    left = (dt.date.fromisoformat(until) - setting.today).days
    if left < 0:
        return made(setting, plan, setting.words("sheet.term_over"), state="warn")
    unit = setting.field(plan.fields[0]).unit
    return made(setting, plan, numbers.quantity(round(left / _DAYS_A_YEAR, 1), unit, setting.words.lang))


def _freshness(setting: Setting, plan: RowPlan) -> Row:
    text, since = setting.text(plan.fields[0]), setting.get(plan.fields[0])
    limit = dt.timedelta(days=setting.district.rules.stale_days)
    if since is not None and setting.today - dt.date.fromisoformat(since) > limit:
        return made(setting, plan, text, setting.words("sheet.stale"), "warn")
    return made(setting, plan, text)


def _price(setting: Setting, plan: RowPlan) -> Row:
    value, basis = setting.get(plan.fields[0]), setting.get("starting_price_basis")
    if value is None:
        return made(setting, plan, None)
    if basis is None:
        return made(setting, plan, numbers.number(value), setting.words("sheet.to_check"), "ambiguous")
    unit = {"per_mu": "万元/亩", "per_m2_land": "元/㎡", "per_m2_gfa": "元/㎡"}.get(basis, "万元")
    scale = 10_000 if unit == "元/㎡" else 1
    return made(
        setting,
        plan,
        numbers.quantity(value * scale, unit, setting.words.lang),
        setting.text("starting_price_basis"),
    )


def _metro(setting: Setting, plan: RowPlan) -> Row:
    metres, station = setting.get("metro_distance_m"), setting.get("metro_station")
    if metres is None and station is None:
        return made(setting, plan, None)
    away = (
        None
        if metres is None
        else setting.words("sheet.straight", distance=numbers.distance(metres, setting.words.lang))
    )
    return made(setting, plan, " · ".join(part for part in (station, away) if part))


def _based(setting: Setting, plan: RowPlan) -> Row:
    text, basis = setting.text(plan.fields[0]), setting.text(plan.fields[1])
    return made(setting, plan, text, None if text is None else basis)


def _rent(setting: Setting, plan: RowPlan) -> Row:
    low, high, raw = (setting.get(name) for name in ("rent_min_cny_m2_day", "rent_max_cny_m2_day", "rent_raw"))
    text = rent_text(low, high, setting.words)
    if text is None:
        return made(setting, plan, raw, None, "ambiguous" if raw else "unknown")
    basis = setting.text("rent_area_basis")
    stated = None if raw is None else setting.words("sheet.stated", text=raw)
    return made(setting, plan, text, " · ".join(part for part in (basis, stated) if part) or None)


def rent_text(low: float | None, high: float | None, words: Words) -> str | None:
    """Return a rent in 元/㎡·天 as one figure or a range; None when neither end is known."""
    unit = numbers.unit_label("元/㎡·天", words.lang)
    if low is None or high is None:
        one = low if high is None else high
        sign = "≥" if high is None else "≤"
        return None if one is None else f"{sign}{numbers.number(one, 2)} {unit}"
    span = numbers.number(low, 2) if low == high else f"{numbers.number(low, 2)}–{numbers.number(high, 2)}"
    return f"{span} {unit}"


def _floors(setting: Setting, plan: RowPlan) -> Row:
    above, below = setting.get("floors_above"), setting.get("floors_below")
    if above is None and below is None:
        return made(setting, plan, None)
    parts = ("sheet.floors_above", above), ("sheet.floors_below", below)
    return made(
        setting, plan, values.joined((setting.words(key, n=n) for key, n in parts if n is not None), setting.words)
    )


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "value": _value,
        "area": _area,
        "computed": _computed,
        "floor_area": _floor_area,
        "land_use": _land_use,
        "use_code": _use_code,
        "industry": _industry,
        "industries": _industries,
        "most": _most,
        "level": _level,
        "period": _period,
        "expiry": _expiry,
        "freshness": _freshness,
        "remaining": _remaining,
        "price": _price,
        "metro": _metro,
        "based": _based,
        "grade": _based,
        "rent": _rent,
        "floors": _floors,
        "lifts": _based,
        "bound": bounds.bound,
        "sides": structured.sides,
        "uses": structured.uses,
        "conditions": structured.conditions,
        "terms": structured.terms,
        "services": structured.services,
        "mix": structured.mix,
    }
)
