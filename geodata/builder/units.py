"""Floors and units: a full stack plan whose parts never exceed the floor they lie on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from builder.footprints import Site
from builder.frame import chance

UNIT_FIELDS: Final = (
    "unit_id", "building_id", "floor_no", "floor_label", "unit_no", "unit_area_m2", "usable_area_m2", "unit_use",
    "lease_status", "available_from", "rent_raw", "decoration", "fixed_boundary", "independently_usable",
    "fire_safety_ok", "split_registered", "real_estate_unit_code", "tenant_name", "lease_end_on",
)  # fmt: skip
RENTABLE: Final = frozenset({"office", "production", "rnd"})
#: kind: main use, weights of 1, 2, 3 … units a floor, share of units that stand empty.
_STACKS: Final[dict[str, tuple[str, tuple[int, ...], float]]] = {
    "office": ("office", (74, 22, 4), 0.14),
    "mixed": ("office", (55, 35, 10), 0.2),
    "rnd": ("rnd", (55, 35, 10), 0.2),
    "m0_building": ("rnd", (50, 40, 10), 0.24),
    "incubator": ("rnd", (0, 45, 35, 20), 0.22),
    "standard_factory": ("production", (50, 50), 0.18),
    "warehouse": ("production", (80, 20), 0.15),
}


def stack(site: Site, plate_m2: float, basement: bool) -> list[dict[str, Any]]:
    """Return the units of one building from the bottom up."""
    return list(_units(site, plate_m2, basement))


def _units(site: Site, plate_m2: float, basement: bool) -> Iterator[dict[str, Any]]:
    rng = chance(f"{site.building_id} stack")
    use, weights, empty = _STACKS[site.kind]
    skip_four = site.kind == "office" and rng.random() < 0.3
    if basement:
        yield _unit(site, -1, "B1", 1, round(plate_m2 * 0.96, 2), "parking", "self_use")
    for floor in range(1, site.floors + 1):
        label = "3A" if skip_four and floor == 4 else f"{floor}"
        leased = round(plate_m2 * rng.uniform(0.86, 0.93), 2)
        count = rng.choices(range(1, len(weights) + 1), weights)[0]
        shares = [rng.uniform(0.8, 1.25) for _ in range(count)]
        if floor == 1 and site.kind in {"office", "mixed"}:
            yield _unit(site, 1, "1", count + 1, round(plate_m2 * 0.25, 2), "common", "self_use")
            leased = round(plate_m2 * 0.62, 2)
        for number, share in enumerate(shares, start=1):
            area = round(leased * share / sum(shares), 2)
            kind, status = use, _status(rng.random(), empty)
            if (
                site.kind in {"standard_factory", "m0_building"}
                and floor == site.floors
                and number == count
                and rng.random() < 0.25
            ):
                kind, status = rng.choice(("office_ancillary", "dorm", "canteen")), "self_use"
            yield _unit(site, floor, label, number, area, kind, status)


def _status(draw: float, empty: float) -> str:
    for status, share in (
        ("vacant", empty),
        ("reserved", 0.03),
        ("self_use", 0.12),
        ("for_sale", 0.015),
        ("sold", 0.03),
    ):
        if draw < share:
            return status
        draw -= share
    return "leased"


def _unit(site: Site, floor: int, label: str, number: int, area: float, use: str, status: str) -> dict[str, Any]:
    name = f"{floor if floor > 0 else 'B1'}{number:02d}"
    rng = chance(f"{site.building_id} {name}")
    rentable = use in RENTABLE
    row: dict[str, Any] = {
        "unit_id": f"{site.building_id}-{name}",
        "building_id": site.building_id,
        "floor_no": floor,
        "floor_label": label if floor < 0 or label != str(floor) else None,
        "unit_no": name,
        "unit_area_m2": area,
        "usable_area_m2": round(area * rng.uniform(0.68, 0.82), 2) if rentable and rng.random() < 0.8 else None,
        "unit_use": use,
        "lease_status": status,
        "decoration": rng.choice(("bare", "simple", "fitted")) if rentable and rng.random() < 0.7 else None,
    }
    if rentable and rng.random() < 0.75:
        row |= {
            "fixed_boundary": rng.random() < 0.85,
            "independently_usable": rng.random() < 0.8,
            "fire_safety_ok": rng.choices((True, False, None), (62, 8, 30))[0],
            "split_registered": rng.random() < 0.2,
        }
    if status == "leased":
        row["tenant_name"] = f"示例承租企业{rng.randint(1, 600):03d}"
        row["lease_end_on"] = (dt.date(2026, 12, 1) + dt.timedelta(days=rng.randint(0, 1500))).isoformat()
    return row | (empty_terms(row["unit_id"]) if status == "vacant" else {})


def empty_terms(unit_id: str) -> dict[str, Any]:
    """Return what an empty unit adds: when it can be had."""
    rng = chance(f"empty {unit_id}")
    day = dt.date(2026, 8, 1) + dt.timedelta(days=rng.randint(0, 240))
    return {
        "available_from": day.isoformat() if rng.random() < 0.7 else None,
        "tenant_name": None,
        "lease_end_on": None,
    }


def areas(units: list[dict[str, Any]]) -> tuple[float, float]:
    """Return rentable and vacant area of a stack, square metres."""
    rentable = [u for u in units if u["unit_use"] in RENTABLE]
    vacant = [u for u in rentable if u["lease_status"] == "vacant"]
    return round(sum(u["unit_area_m2"] for u in rentable), 2), round(sum(u["unit_area_m2"] for u in vacant), 2)
