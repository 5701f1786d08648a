"""What the brief of a building says: area, floors, vacancy, rent, equipment, parking, amenities. Source: §9b."""

from __future__ import annotations

from typing import Any, Final

from landmap.domain import Words, layer_named
from landmap.query import Record
from landmap.render import numbers, values
from landmap.render.brief.blocks import WIDE, Block, figure, picked, rows, section
from landmap.render.brief.shorten import shorten
from landmap.render.forms import rent_text
from landmap.render.sheet import Sheet

_SIZE: Final = (
    "gross_floor_area_m2",
    "typical_floor_area_m2",
    "floors_above",
    "building_height_m",
    "floor_height_m",
    "clear_height_m",
    "efficiency_ratio_pct",
    "year_completed",
)
_VACANCY: Final = (
    "available_area_m2",
    "rentable_area_m2",
    "min_divisible_area_m2",
    "occupancy_rate_pct",
    "tenant_count",
    "registrable",
)
_RENT: Final = ("rent_min_cny_m2_day", "property_fee_cny_m2_month")
_EQUIPMENT: Final = (
    "floor_load_kn_m2",
    "passenger_elevators",
    "freight_elevators",
    "power_capacity_kva",
    "hvac",
    "green_certs",
    "parking_spaces",
    "parking_fee_text",
)
_BASIC: Final = ("address", "building_kind", "grade", "ownership_mode", "operator_name")
#: What every sheet shows, known or not.
_MUST: Final = ("available_area_m2", "rent_min_cny_m2_day")
_VACANT_MAX: Final = 8


def figures(record: Record, sheet: Sheet, words: Words) -> list[Block]:
    """Return the figures below the title: gross area, vacant area, rent, floor height, metro."""
    found, lang = record.properties, words.lang
    gross, vacant, metro = (found.get(k) for k in ("gross_floor_area_m2", "available_area_m2", "metro_distance_m"))
    height, load = found.get("floor_height_m"), found.get("floor_load_kn_m2")
    rent = rent_text(found.get("rent_min_cny_m2_day"), found.get("rent_max_cny_m2_day"), words)
    occupied = sheet.row("occupancy_rate_pct")
    fee = found.get("property_fee_cny_m2_month")
    return [
        figure(words("brief.gross"), _metres(gross, words), _text(sheet, "floors_above")),
        figure(
            words("brief.vacant"),
            _metres(vacant, words),
            words("brief.occupied", rate=occupied.text) if occupied and occupied.known else "",
        ),
        figure(
            words("brief.rent"),
            rent or found.get("rent_raw") or numbers.UNKNOWN,
            "" if fee is None else words("brief.fee", fee=numbers.quantity(fee, "元/㎡·月", lang)),
        ),
        figure(
            words("brief.floor_height"),
            numbers.UNKNOWN if height is None else numbers.quantity(height, "m", lang),
            "" if load is None else words("brief.load", load=numbers.quantity(load, "kN/㎡", lang)),
        ),
        figure(
            words("brief.metro"),
            numbers.UNKNOWN if metro is None else numbers.distance(metro, lang),
            str(found.get("metro_station") or ""),
        ),
    ]


def columns(record: Record, sheet: Sheet, words: Words) -> list[list[Block]]:
    """Return the sections of the two columns."""
    left = [
        section(words("brief.basic"), rows(picked(sheet, _BASIC))),
        section(words("brief.size"), rows(picked(sheet, _SIZE))),
    ]
    right = [
        section(words("brief.vacancy"), rows(picked(sheet, (*_VACANCY, *_RENT)), keep=_MUST)),
        section(words("brief.equipment"), rows(picked(sheet, _EQUIPMENT))),
    ]
    return [[one for one in column if one["rows"]] for column in (left, right)]


def wide(sheet: Sheet, words: Words) -> list[Block]:
    """Return the sections across the page: amenities, tenants."""
    found = (
        (words("brief.amenities"), rows(picked(sheet, ("amenities",)), width=WIDE)),
        (words("brief.tenants"), rows(picked(sheet, ("tenant_industry_mix",)), width=WIDE)),
    )
    return [section(label, lines) for label, lines in found if lines]


def table(record: Record, words: Words) -> Block | None:
    """Return the units that can be let, largest first, as a table."""
    layer, lang = layer_named("building_units"), words.lang
    vacant: list[Any] = [
        unit for unit in record.properties.get("building_units") or () if unit.get("lease_status") == "vacant"
    ]
    if not vacant:
        return None
    names = [
        name
        for name in (
            "unit_no",
            "floor_no",
            "unit_use",
            "unit_area_m2",
            "usable_area_m2",
            "decoration",
            "available_from",
        )
        if any(unit.get(name) is not None for unit in vacant)
    ]
    vacant.sort(key=lambda unit: (-(unit.get("unit_area_m2") or 0), str(unit.get("unit_id"))))
    body = []
    for unit in vacant[:_VACANT_MAX]:
        texts = (values.value_text(layer.fields[name], unit.get(name), words) for name in names)
        body.append([shorten(text or numbers.UNKNOWN, 24) for text in texts])
    more = len(vacant) - len(body)
    return {
        "label": words("brief.units"),
        "head": [shorten(layer.fields[name].label(lang), 20) for name in names],
        "rows": body,
        "more": words("brief.more", n=more) if more else "",
    }


def _metres(value: float | None, words: Words) -> str:
    return numbers.UNKNOWN if value is None else numbers.square_metres(value, words.lang)


def _text(sheet: Sheet, key: str) -> str:
    row = sheet.row(key)
    return row.text if row is not None and row.known else ""
