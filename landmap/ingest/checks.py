"""Whether values are acceptable: bounds, patterns, required fields, and what two fields say of each other."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from landmap.domain import District, Field, Kind, Layer
from landmap.ingest.dates import years_after
from landmap.ingest.faults import Fault

Columns = Mapping[str, Sequence[Any]]

#: What planning figures usually are; outside it a decimal point was probably lost.
#: Source: domain reference §2.3, sanity bands for validation.
PLAUSIBLE: Final[Mapping[str, tuple[float, float]]] = {
    "floor_area_ratio_min": (0.3, 15),
    "floor_area_ratio_max": (0.3, 15),
    "building_coverage_ratio_min_pct": (5, 90),
    "building_coverage_ratio_max_pct": (5, 90),
    "green_space_ratio_min_pct": (0, 60),
    "green_space_ratio_max_pct": (0, 60),
    "height_limit_m": (6, 350),
}
#: Statutory maxima of land-use terms, in years. Source: 城镇国有土地使用权出让和转让暂行条例 12 条.
TERM_MAX: Final[Mapping[str, int]] = {
    "住宅": 70, "居住": 70, "residential": 70,
    "商业": 40, "商务": 40, "商服": 40, "旅游": 40, "娱乐": 40, "零售": 40, "酒店": 40, "commercial": 40,
}  # fmt: skip
TERM_MAX_OTHER: Final = 50
#: A rent above this is probably per month, 元/㎡·天. Source: domain reference §5.3, which says 40; the table's own
#: plausibility band ends at 20, and office rents of a district never reach it.
RENT_MONTHLY_ABOVE: Final = 20.0
#: Shares by which a declared area may differ from the outline's. Source: domain reference §6.5 (a proposal).
AREA_FINE, AREA_NOTE, AREA_GROSS = 0.001, 0.01, 0.05
AREA_FINE_M2: Final = 5.0

_AT_MOST: Final = {
    "parcels": (
        ("net_area_m2", "gross_area_m2", "net_area_exceeds_gross"),
        ("height_min_m", "height_limit_m", "pair_reversed"),
        ("gfa_min_m2", "gfa_max_m2", "pair_reversed"),
        ("right_start_on", "right_end_on", "pair_reversed"),
    ),
    "buildings": (
        ("available_area_m2", "rentable_area_m2", "available_exceeds_rentable"),
        ("rentable_area_m2", "gross_floor_area_m2", "rentable_exceeds_gross"),
        ("rent_min_cny_m2_day", "rent_max_cny_m2_day", "pair_reversed"),
        ("clear_height_m", "floor_height_m", "clear_height_exceeds_floor_height"),
    ),
    "building_units": (("usable_area_m2", "unit_area_m2", "pair_reversed"),),
    "parks": (("gfa_used_m2", "gfa_total_m2", "pair_reversed"),),
    "site_assessments": (("done_on", "valid_until", "pair_reversed"),),
    "constraints": (("valid_from", "valid_to", "pair_reversed"),),
}


def check_values(
    columns: dict[str, list[Any]], rows: Sequence[int], layer: Layer, district: District
) -> Iterator[Fault]:
    """Yield a fault for every value outside its field's bounds or pattern; such a value becomes unknown, in place.

    Bounds other than "not negative" and patterns are those of Chinese districts; others may switch them off.
    """
    chinese = district.rules.chinese_ranges
    for name, values in columns.items():
        field = layer.fields[name]
        pattern = re.compile(field.pattern) if field.pattern and chinese else None
        for index, value in enumerate(values):
            if value is None:
                continue
            if field.kind.numeric and not _within(value, field, chinese=chinese):
                words = {"minimum": _shown(field.minimum), "maximum": _shown(field.maximum)}
                yield Fault("value_out_of_range", rows[index], name, value, words)
                values[index] = None
            elif pattern is not None and isinstance(value, str) and not pattern.fullmatch(value):
                yield Fault(
                    "pattern_unmet", rows[index], name, value, {"help": field.help_zh, "help_en": field.help_en}
                )
                values[index] = None
            elif chinese and name in PLAUSIBLE and not PLAUSIBLE[name][0] <= value <= PLAUSIBLE[name][1]:
                low, high = PLAUSIBLE[name]
                yield Fault("implausible_value", rows[index], name, value, {"minimum": low, "maximum": high})


def _within(value: float, field: Field, *, chinese: bool) -> bool:
    low, high = field.minimum, field.maximum
    if low is not None and (chinese or low == 0) and (value < low or (field.exclusive_minimum and value <= low)):
        return False
    return high is None or not chinese or value <= high


def _shown(bound: float | None) -> str:
    return "—" if bound is None else f"{bound:g}"


def check_required(columns: Columns, rows: Sequence[int], layer: Layer) -> Iterator[Fault]:
    """Yield a fault for every required value that is unknown: one for a field nobody filled, otherwise one per row."""
    for field in layer.fields.values():
        if field.nullable or field.derived or field.kind is Kind.GEOMETRY or field.name in layer.key:
            continue
        values = columns.get(field.name)
        if values is None or all(value is None for value in values):
            yield Fault("required_column_missing", field=field.name)
            continue
        for value, row in zip(values, rows, strict=True):
            if value is None:
                yield Fault("required_value_missing", row, field.name)


def check_keys(columns: Columns, rows: Sequence[int], layer: Layer) -> Iterator[Fault]:
    """Yield a fault for every row without its key, and for every second row of one key."""
    seen: dict[tuple[Any, ...], int] = {}
    unknown = [None] * len(rows)
    keys = zip(*(columns.get(name, unknown) for name in layer.key), strict=True)
    for key, row in zip(keys, rows, strict=True):
        if any(part is None for part in key):
            missing = layer.key[[part is None for part in key].index(True)]
            yield Fault("key_missing", row, missing)
            continue
        first = seen.setdefault(key, row)
        if first != row:
            yield Fault("key_duplicate", row, layer.key[-1], " / ".join(map(str, key)), {"first": first})


def check_pairs(columns: Columns, rows: Sequence[int], layer: Layer) -> Iterator[Fault]:
    """Yield a fault wherever one field must not exceed another and does."""
    for small, large, code in _AT_MOST.get(layer.name, ()):
        if small not in columns or large not in columns:
            continue
        for low, high, row in zip(columns[small], columns[large], rows, strict=True):
            if low is not None and high is not None and low > high:
                told = large if code == "net_area_exceeds_gross" else small
                words = {"small": small, "large": large, "low": low, "high": high}
                yield Fault(code, row, told, f"{low} > {high}", words)


def check_parcels(columns: Columns, rows: Sequence[int], district: District, today: dt.date) -> Iterator[Fault]:
    """Yield what the fields of a parcel say against each other: terms, deposit, conditions out of date."""
    for record, row in zip(_records(columns), rows, strict=True):
        if district.rules.chinese_ranges:
            yield from _terms(record, row)
        price, deposit = record.get("starting_price_10k_cny"), record.get("deposit_10k_cny")
        if price is not None and record.get("starting_price_basis") is None:
            yield Fault("price_basis_missing", row, "starting_price_basis")
        if price and deposit is not None and record.get("starting_price_basis") == "total" and deposit < 0.2 * price:
            yield Fault("deposit_below_fifth", row, "deposit_10k_cny", deposit, {"price": price})
        years, issued = district.rules.planning_conditions_valid_years, record.get("planning_conditions_issued_on")
        open_stage = record.get("supply_stage") not in ("sold", "withdrawn", "off_market", "promoted")
        if years and issued is not None and open_stage and years_after(issued, years) < today:
            yield Fault("planning_conditions_stale", row, "planning_conditions_issued_on", issued, {"years": years})
        shares = [part.get("share_pct") for part in record.get("mixed_uses") or () if isinstance(part, dict)]
        total = sum(share for share in shares if isinstance(share, int | float))
        if total > 100.01:
            yield Fault("shares_exceed_hundred", row, "mixed_uses", total)


def _terms(record: Mapping[str, Any], row: int) -> Iterator[Fault]:
    for term in record.get("term_years") or ():
        years, use = (term.get("years"), str(term.get("use") or "")) if isinstance(term, dict) else (None, "")
        most = next((most for word, most in TERM_MAX.items() if word in use), TERM_MAX_OTHER)
        if isinstance(years, int | float) and years > (most if use else 70):
            yield Fault("term_exceeds_statutory", row, "term_years", years, {"use": use or "—", "most": most})


def check_areas(columns: Columns, rows: Sequence[int], geodesic: Sequence[float]) -> Iterator[Fault]:
    """Yield how far a declared area lies from the one computed on the ellipsoid.

    Source: domain reference §6.5: up to 0.1 % fine, up to 1 % worth a note, beyond a warning; under 5 ㎡ nothing.
    A registered area is held against the outline; without one, whichever of net and gross area comes nearer, for an
    outline may be drawn of either.
    """
    unknown = [None] * len(rows)
    registered, net, gross = (columns.get(f"{name}_area_m2", unknown) for name in ("registered", "net", "gross"))
    for index, (row, computed) in enumerate(zip(rows, geodesic, strict=True)):
        declared = [("registered_area_m2", registered[index])]
        if registered[index] is None:
            declared = [("net_area_m2", net[index]), ("gross_area_m2", gross[index])]
        known = [(abs(computed - area), name, area) for name, area in declared if area is not None]
        if not known or math.isnan(computed) or not computed:
            continue
        off, name, area = min(known)
        share = off / area
        if share <= AREA_FINE or off <= AREA_FINE_M2:
            continue
        code = "area_differs" if share > AREA_NOTE else "area_differs_slightly"
        code = "area_differs_grossly" if share > AREA_GROSS else code
        yield Fault(code, row, name, round(area, 2), {"computed": f"{computed:,.1f}", "share": f"{share:.1%}"})


def check_buildings(columns: Columns, rows: Sequence[int]) -> Iterator[Fault]:
    """Yield rents that look monthly and occupancy that does not follow from the areas."""
    for record, row in zip(_records(columns), rows, strict=True):
        rent = record.get("rent_min_cny_m2_day")
        if rent is not None and rent > RENT_MONTHLY_ABOVE:
            yield Fault("rent_looks_monthly", row, "rent_min_cny_m2_day", rent)
        available, rentable = record.get("available_area_m2"), record.get("rentable_area_m2")
        rate = record.get("occupancy_rate_pct")
        by_area = record.get("occupancy_basis") in (None, "area")
        if rate is not None and available is not None and rentable and by_area and available <= rentable:
            implied = 100 * (1 - available / rentable)
            if abs(implied - rate) > 5:
                yield Fault("occupancy_disagrees", row, "occupancy_rate_pct", rate, {"implied": f"{implied:.1f}"})


def _records(columns: Columns) -> Iterator[dict[str, Any]]:
    names = list(columns)
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(names, values, strict=True))
