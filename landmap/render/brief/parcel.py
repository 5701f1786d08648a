"""What the brief of a parcel says: the customary order of 《地块基本情况》. Source: domain reference §9b."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from landmap.domain import Field, Interval, Words, layer_named
from landmap.query import Record
from landmap.render import numbers, values
from landmap.render.brief.blocks import WIDE, Block, figure, line, picked, rows, section
from landmap.render.brief.shorten import shorten
from landmap.render.forms import whole_metres
from landmap.render.sheet import Sheet

#: The conditions every sheet shows, known or not.
_MUST: Final = (
    "floor_area_ratio_min",
    "building_coverage_ratio_min_pct",
    "green_space_ratio_min_pct",
    "height_limit_m",
)
_PLANNING: Final = (
    "land_use_code",
    "mixed_uses",
    *_MUST,
    "floors_max",
    "gfa_min_m2",
    "ancillary_land_share_max_pct",
    "ancillary_gfa_share_max_pct",
    "other_conditions",
    "planning_conditions_no",
    "planning_conditions_expires_on",
    "detailed_plan_ref",
)
_BASIC: Final = ("location_text", "bounds_text", "area_m2", "registered_area_m2", "land_status", "current_use_code")
_SUPPLY: Final = (
    "supply_method",
    "planned_supply_on",
    "term_years",
    "starting_price_10k_cny",
    "deposit_10k_cny",
    "notice_no",
)
_FLAGS: Final = ("standard_land", "elastic_term", "with_design", "with_project_conditions")
_CAPACITIES: Final = (
    "power_capacity_kva",
    "water_supply_m3_day",
    "sewage_capacity_m3_day",
    "gas_supply_m3_hour",
    "steam_supply_t_hour",
)
_INDICES: Final = (
    "investment_intensity_10k_cny_per_mu",
    "tax_per_mu_10k_cny",
    "output_per_mu_10k_cny",
    "rnd_ratio_pct",
    "floor_area_ratio_min",
    "reach_within_years",
)
_INDICES_MAX: Final = 4
FIGURES: Final = 5


def figures(record: Record, sheet: Sheet, words: Words) -> list[Block]:
    """Return the five figures below the title: area and ratio always, then the first that are known."""
    found = record.properties
    first = [_area(found, words), _bound(sheet, "floor_area_ratio_min", words("brief.ratio"))]
    others = [
        _bound(sheet, "height_limit_m", words("brief.height")),
        _intensity(found, words),
        _metro(found, words),
        _bound(sheet, "building_coverage_ratio_min_pct", words("brief.coverage")),
        _bound(sheet, "green_space_ratio_min_pct", words("brief.green")),
        _bound(sheet, "planned_supply_on", words("brief.planned")),
        _bound(sheet, "industrial_control_line_level", words("brief.control_line")),
        _bound(sheet, "land_status", words("brief.status")),
    ]
    known = [one for one in others if one["text"] not in (numbers.UNKNOWN, "/")]
    return (first + known + [one for one in others if one not in known])[:FIGURES]


def _area(found: Mapping[str, Any], words: Words) -> Block:
    area, lang = found.get("area_m2"), words.lang
    if area is None:
        return figure(words("brief.area"), numbers.UNKNOWN)
    metres = numbers.square_metres(area, lang, whole=whole_metres(found))
    return figure(words("brief.area"), numbers.mu(area, lang), f"{metres} · {numbers.hectares(area, lang)}")


def _bound(sheet: Sheet, key: str, label: str) -> Block:
    row = sheet.row(key)
    return figure(label, numbers.UNKNOWN) if row is None else figure(label, row.text, row.note or "")


def _intensity(found: Mapping[str, Any], words: Words) -> Block:
    name = "investment_intensity_10k_cny_per_mu"
    known = {row[name] for row in found.get("standard_land_indices") or () if row.get(name) is not None}
    text = f"≥{numbers.quantity(min(known), '万元/亩', words.lang)}" if known else numbers.UNKNOWN
    return figure(words("brief.intensity"), text, words("brief.intensity_note") if len(known) > 1 else "")


def _metro(found: Mapping[str, Any], words: Words) -> Block:
    metres = found.get("metro_distance_m")
    text = numbers.UNKNOWN if metres is None else numbers.distance(metres, words.lang)
    return figure(words("brief.metro"), text, str(found.get("metro_station") or ""))


def columns(record: Record, sheet: Sheet, words: Words) -> list[list[Block]]:
    """Return the sections of the two columns."""
    supply = rows(picked(sheet, _SUPPLY))
    flags = [record_label(sheet, name) for name in _FLAGS if record.properties.get(name) is True]
    if flags:
        supply.insert(min(len(supply), 2), line(words("brief.features"), values.joined(flags, words)))
    planning = section(words("brief.planning"), rows(picked(sheet, _PLANNING), keep=_MUST))
    basic = section(words("brief.basic"), rows(picked(sheet, _BASIC)))
    return [[planning], [basic, *([section(words("brief.supply"), supply)] if supply else [])]]


def record_label(sheet: Sheet, name: str) -> str:
    """Return the label of a row of the sheet."""
    row = sheet.row(name)
    return name if row is None else row.label


def wide(sheet: Sheet, words: Words) -> list[Block]:
    """Return the sections across the page: services, industries, controls."""
    capacities = [row for row in picked(sheet, _CAPACITIES) if row is not None and row.known]
    services = rows(picked(sheet, ("site_services",)), width=WIDE)
    if capacities:
        told = values.joined((f"{row.label} {row.text}" for row in capacities), words)
        services.append(line(words("brief.capacities"), told, width=WIDE))
    found = [
        (words("brief.services"), services),
        (
            words("brief.industry"),
            rows(picked(sheet, ("encouraged_industries", "restricted_industries", "highlights")), width=WIDE),
        ),
        (
            words("brief.control"),
            rows(picked(sheet, ("industrial_control_line_level", "soil_list_status")), width=WIDE),
        ),
    ]
    return [section(label, lines) for label, lines in found if lines]


def _index(field: Field, value: float | None, words: Words) -> str:
    """Return one index with its sign; a ratio keeps its decimal, a term of years is no minimum."""
    if value is None:
        return numbers.UNKNOWN
    if not field.unit:
        return Interval(value).text()
    sign = "" if field.name == "reach_within_years" else "≥"
    return f"{sign}{numbers.quantity(value, field.unit, words.lang)}"


def table(record: Record, words: Words) -> Block | None:
    """Return the standard-land indices as a table: one line an industry, only columns with something in them."""
    listed: list[Mapping[str, Any]] = list(record.properties.get("standard_land_indices") or ())
    if not listed:
        return None
    layer = layer_named("standard_land_indices")
    used = [name for name in _INDICES if any(row.get(name) is not None for row in listed)]
    shown = listed[:_INDICES_MAX]
    lang = words.lang
    body = []
    for row in shown:
        cells = [_index(layer.fields[name], row.get(name), words) for name in used]
        body.append([shorten(values.industry_text(str(row.get("industry_code") or ""), lang), 40), *cells])
    heads = [words("brief.admitted"), *(shorten(layer.fields[name].label(lang), 26) for name in used)]
    more = len(listed) - len(shown)
    return {
        "label": words("brief.standard_land"),
        "head": heads,
        "rows": body,
        "more": words("brief.more", n=more) if more else "",
    }
