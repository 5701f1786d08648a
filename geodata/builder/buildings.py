"""The building records: sizes that follow from footprint and stack, equipment, rent, who is in and how fresh it is."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any, Final

from shapely.geometry import Polygon

from builder.facts import DISTRICT_CODE
from builder.footprints import Site, place
from builder.frame import chance, geodesic_area_m2, to_degrees
from builder.parcels import OFFICE
from builder.plots import Plot, place_words
from builder.units import RENTABLE, areas, empty_terms, stack

#: The bureau's own words: 重点商务楼宇入驻率达到85%以上. Key buildings are office buildings graded super_A or A.
HEADLINE_OCCUPANCY: Final = (0.858, 0.872)
KEY_GRADES: Final = frozenset({"super_A", "A"})
_AMENITIES: Final = (
    "canteen",
    "meeting_room",
    "apartment",
    "bank",
    "gym",
    "convenience_store",
    "coffee",
    "business_centre",
    "exhibition_hall",
    "shared_lab",
    "ev_charging",
    "shuttle_bus",
)
#: Rent in 元/㎡·天, from and to, by grade of an office and by kind of any other building.
_RENT: Final = {
    "super_A": (3.2, 4.2),
    "A": (2.3, 3.3),
    "B": (1.5, 2.3),
    "C": (0.9, 1.5),
    "rnd": (1.1, 1.9),
    "m0_building": (1.0, 1.8),
    "incubator": (0.8, 1.4),
    "standard_factory": (0.5, 0.9),
    "warehouse": (0.5, 0.85),
    "mixed": (1.2, 2.2),
}
_SUFFIX: Final = {
    "office": "商务大厦",
    "mixed": "综合楼",
    "rnd": "研发楼",
    "m0_building": "新型产业楼",
    "incubator": "孵化器",
    "standard_factory": "标准厂房",
    "warehouse": "仓库",
}
_GRADE_BASES: Final = ("示例：按本地楼宇等级评定", "示例：市场惯例（5A标准）", "示例：运营方自评")
#: kind: floor height, clear height, floor load, passenger lifts, goods lifts
_BUILD: Final[dict[str, tuple[float, float, float, tuple[int, int], tuple[int, int]]]] = {
    "office": (4.2, 2.8, 2.5, (4, 10), (1, 2)),
    "mixed": (4.5, 3.0, 3.0, (3, 6), (1, 2)),
    "rnd": (4.5, 3.3, 4.0, (2, 4), (1, 2)),
    "m0_building": (5.1, 4.0, 6.5, (2, 4), (1, 3)),
    "incubator": (4.2, 3.0, 3.5, (2, 3), (1, 1)),
    "standard_factory": (6.6, 5.4, 10.0, (0, 1), (1, 3)),
    "warehouse": (9.0, 7.8, 20.0, (0, 0), (0, 2)),
}


@dataclass
class Building:
    """One building: where it stands, its record and its units."""

    site: Site
    lonlat: Polygon
    record: dict[str, Any]
    units: list[dict[str, Any]]

    @property
    def key_office(self) -> bool:
        """Whether it counts among the bureau's key office buildings (重点商务楼宇)."""
        return self.record["building_kind"] == "office" and self.record["grade"] in KEY_GRADES


def raise_buildings(plots: list[Plot]) -> list[Building]:
    """Return the buildings with the headline occupancy of the key offices already in their stacks."""
    buildings = [_building(site) for site in place(plots)]
    _settle(buildings)
    for building in buildings:
        _count(building)
    return buildings


def _building(site: Site) -> Building:
    rng = chance(f"{site.building_id} record")
    lonlat = to_degrees(site.shape)
    plate = geodesic_area_m2(lonlat)
    floor_height, clear, load, lifts, goods = _BUILD[site.kind]
    below = (
        rng.randint(1, 3)
        if site.kind in {"office", "mixed"}
        else (1 if site.kind == "m0_building" and rng.random() < 0.4 else 0)
    )
    gross = round(plate * (site.floors * 0.99 + below * 1.1), 2)
    grade = _grade(site, rng)
    where = place_words(site.plot)
    record: dict[str, Any] = {
        "building_id": site.building_id,
        "building_name": _name(site),
        "parcel_id": site.plot.parcel_id,
        "address": f"李沧区{where}",
        "district_code": DISTRICT_CODE,
        "building_kind": site.kind,
        "grade": grade,
        "grade_basis": {"ungraded": None}.get(
            grade, rng.choice(("示例：按本地楼宇等级评定", "示例：市场惯例（5A标准）", "示例：运营方自评"))
        ),
        "year_completed": rng.randint(2006, 2025),
        "ownership_mode": rng.choices(("single", "strata", "state_owned", "collective", None), (42, 18, 25, 8, 7))[0],
        "owner_name": f"示例产权单位{site.number:03d}",
        "operator_name": f"示例运营公司{rng.randint(1, 24):02d}",
        "floors_above": site.floors,
        "floors_below": below,
        "building_height_m": round(site.floors * floor_height + rng.uniform(1, 4), 1),
        "gross_floor_area_m2": gross,
        "registered_area_m2": round(gross * rng.uniform(0.985, 1.0), 2) if rng.random() < 0.7 else None,
        "min_divisible_area_m2": rng.choice((None, 100, 200, 300, 500, 1000)),
        "typical_floor_area_m2": round(plate, 1),
        "floor_height_m": round(floor_height + rng.choice((-0.3, 0, 0, 0.3)), 1),
        "clear_height_m": round(clear, 1) if rng.random() < 0.8 else None,
        "floor_load_kn_m2": load if rng.random() < 0.85 else None,
        "efficiency_ratio_pct": rng.choice((None, 68, 70, 72, 75, 78, 82)),
        "passenger_elevators": rng.randint(*lifts),
        "freight_elevators": rng.randint(*goods),
        "power_capacity_kva": rng.choice((None, 1000, 1600, 2000, 3200, 5000)),
        "hvac": rng.choice(("中央空调", "VRV多联机", "分体空调", None))
        if site.kind not in {"warehouse", "standard_factory"}
        else None,
        "parking_spaces": rng.choice((None, 40, 80, 120, 180, 260, 420)),
        "parking_fee_text": rng.choice((None, "300元/月", "10元/次")),
        "sale_price_cny_m2": rng.randrange(7_000, 16_000, 500) if rng.random() < 0.25 else None,
        "registrable": rng.choices((True, False, None), (80, 8, 12))[0],
        "green_certs": rng.choices((None, "绿色建筑二星（示例）", "LEED金级（示例）"), (80, 14, 6))[0],
        "amenities": sorted(rng.sample(_AMENITIES, k=rng.randint(1, 6))),
        "contact_office": OFFICE,
        "contact_person": f"联系人示例{site.number:03d} 13800000000",
        "visibility": "public"
        if grade in KEY_GRADES
        else rng.choices(("public", "partner", "internal"), (85, 9, 6))[0],
        "data_as_of": (dt.date(2026, 11, 18) - dt.timedelta(days=int(190 * rng.random() ** 1.7))).isoformat(),
        "property_fee_cny_m2_month": rng.choice((None, 2.5, 4.0, 6.0, 8.5, 12.0)),
    }
    if record["freight_elevators"]:
        record["freight_elevator_load_kg"] = rng.choice((1600, 2000, 3000, 5000))
    record |= _rent(record, rng)
    return Building(site, lonlat, record, stack(site, plate, below > 0))


def _name(site: Site) -> str:
    park = site.plot.park
    area = park.name.removesuffix("片区").removesuffix("商务") if park else "李沧"
    return f"示例{area}{_SUFFIX[site.kind]}{site.number:03d}"


def _grade(site: Site, rng: random.Random) -> str:
    if site.kind != "office":
        return rng.choices(("ungraded", "B", "C"), (80, 12, 8))[0]
    return rng.choices(("super_A", "A", "B", "C", "ungraded"), (14, 40, 30, 10, 6))[0]


def _rent(record: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return the rent as a broker writes it and what it comes to a day; 面议 stays unknown."""
    key = (
        record["grade"] if record["building_kind"] == "office" and record["grade"] in _RENT else record["building_kind"]
    )
    low, high = _RENT.get(key, _RENT["B"])
    a = round(rng.uniform(low, high), 2)
    b = round(a + rng.choice((0, 0, 0.2, 0.4)), 2)
    terms: dict[str, Any] = {"rent_area_basis": rng.choice(("gross", "gross", "unspecified", "net"))}
    form = rng.choices(("slash", "dot", "month", "year", "talk", "none"), (34, 24, 22, 5, 9, 6))[0]
    if form in {"talk", "none"}:
        return terms | ({"rent_raw": "面议"} if form == "talk" else {})
    if form == "month":
        value = round(a * 365 / 12)
        return terms | _rate(f"{value}元/㎡·月", value * 12 / 365, value * 12 / 365, "month")
    if form == "year":
        value = round(a * 365)
        return terms | _rate(f"{value}元/㎡·年", value / 365, value / 365, "year")
    raw = f"{a}元/㎡" if a == b else f"{a}-{b}元/㎡"
    return terms | _rate(raw + ("/天" if form == "slash" else "·天"), a, b, "day")


def _rate(raw: str, low: float, high: float, unit: str) -> dict[str, Any]:
    return {
        "rent_raw": raw,
        "rent_min_cny_m2_day": round(low, 4),
        "rent_max_cny_m2_day": round(high, 4),
        "rent_unit": unit,
    }


def _settle(buildings: list[Building]) -> None:
    """Let or empty single units of the key offices until together they are occupied as the headline says."""
    offices = [b for b in buildings if b.key_office]
    units = sorted((u for b in offices for u in b.units if u["unit_use"] in RENTABLE), key=lambda u: u["unit_id"])
    chance("settle").shuffle(units)
    rentable = sum(u["unit_area_m2"] for u in units)
    vacant = sum(u["unit_area_m2"] for u in units if u["lease_status"] == "vacant")
    for unit in units:
        occupied = 1 - vacant / rentable
        if occupied < HEADLINE_OCCUPANCY[0] and unit["lease_status"] == "vacant":
            unit |= {"lease_status": "self_use", "available_from": None}
            vacant -= unit["unit_area_m2"]
        elif occupied > HEADLINE_OCCUPANCY[1] and unit["lease_status"] == "leased":
            unit |= {"lease_status": "vacant"} | empty_terms(unit["unit_id"])
            vacant += unit["unit_area_m2"]


def _count(building: Building) -> None:
    """Write what follows from the stack: rentable and free area, occupancy, tenants."""
    record, rng = building.record, chance(f"{building.site.building_id} tenants")
    rentable, vacant = areas(building.units)
    tenants = sorted({u["tenant_name"] for u in building.units if u.get("tenant_name")})
    for order, unit in enumerate(building.units, start=1):
        if unit["lease_status"] == "vacant":
            unit["rent_raw"] = record.get("rent_raw")
        if unit.get("split_registered"):
            unit["real_estate_unit_code"] = f"{building.site.plot.record['cadastral_parcel_code']}F0001{order:04d}"
    record |= {
        "rentable_area_m2": rentable,
        "available_area_m2": vacant,
        "occupancy_rate_pct": round(100 * (1 - vacant / rentable), 1),
        "occupancy_basis": "area",
        "tenant_count": len(tenants) or None,
        "tenant_names": tenants or None,
    }
    if len(tenants) >= 3:
        codes = sorted(rng.sample(("64", "65", "72", "73", "75", "39", "35", "51"), k=3))
        record["tenant_industry_mix"] = [{"code": c, "share_pct": p} for c, p in zip(codes, (45, 30, 25), strict=True)]
        tax = rng.randrange(120, 9000, 20)
        record["tax_total_10k_cny"] = tax
