"""Parks, redevelopments and projects: what is being made of the land besides selling it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from shapely.geometry import MultiPolygon, Point

from builder.buildings import Building
from builder.frame import SOURCE, Feature, chance, plane, to_degrees
from builder.parcels import OFFICE, open_to_all
from builder.plots import Plot
from builder.stages import TODAY
from builder.surroundings import many
from builder.zones import PARKS

REDEVELOPMENT_FIELDS: Final = (
    "redevelopment_id", "parcel_id", "name", "kind", "land_area_m2", "gfa_before_m2", "gfa_added_m2", "status",
    "completed_on", "source_ref",
)  # fmt: skip
#: The bureau's own words: 老厂区改造项目12个,新增产业空间50万平方米.
HEADLINE_PLANTS: Final = 12
HEADLINE_GFA_M2: Final = 500_000
_OTHERS: Final = (
    ("old_plant_conversion", "under_way", 5),
    ("old_plant_conversion", "planned", 4),
    ("low_efficiency_upgrade", "completed", 4),
    ("low_efficiency_upgrade", "under_way", 5),
    ("idle_disposal", "completed", 3),
    ("idle_disposal", "planned", 3),
    ("building_conversion", "completed", 2),
    ("building_conversion", "under_way", 2),
)


def parks(grounds: dict[str, MultiPolygon], buildings: list[Building]) -> list[Feature]:
    """Return the parks; their floor area and use are those of the buildings that stand in them."""
    features: list[Feature] = []
    for park in PARKS:
        inside = [b.record for b in buildings if b.site.plot.park is park]
        total = round(sum(r["rentable_area_m2"] for r in inside), 1)
        used = round(total - sum(r["available_area_m2"] for r in inside), 1)
        record: dict[str, Any] = {
            "park_id": park.park_id,
            "name": park.name,
            "kind": park.kind,
            "operator_name": park.operator,
            "gfa_total_m2": total or None,
            "gfa_used_m2": used if total else None,
            "occupancy_rate_pct": round(100 * used / total, 1) if total else None,
            "leading_industries": list(park.industries),
            "platforms": list(park.platforms),
            "contact_office": OFFICE,
            "data_as_of": (TODAY - dt.timedelta(days=chance(park.park_id).randint(10, 110))).isoformat(),
        }
        features.append((many(to_degrees(grounds[park.park_id])), record))
    return features


def redevelopments(plots: list[Plot]) -> list[dict[str, Any]]:
    """Return 12 completed old plants that added exactly 500 000 ㎡ of floor area, and others still to come."""
    rng = chance("redevelopments")
    built = [p for p in plots if p.use[0] in "MW" and p.record["supply_kind"] == "stock"]
    stock = [p for p in built if open_to_all(p.record)]
    rng.shuffle(stock)
    plan = [("old_plant_conversion", "completed")] * HEADLINE_PLANTS + [(k, s) for k, s, n in _OTHERS for _ in range(n)]
    added = _shares(HEADLINE_GFA_M2, HEADLINE_PLANTS)
    rows = []
    for number, ((kind, status), plot) in enumerate(zip(plan, stock, strict=False), start=1):
        land = plot.record["registered_area_m2"]
        before = round(land * rng.uniform(0.3, 0.8))
        gain = added[number - 1] if number <= HEADLINE_PLANTS else round(land * rng.uniform(0.2, 1.1), -2)
        day = dt.date(2021, 3, 1) + dt.timedelta(days=rng.randint(0, 1000))
        words = {
            "old_plant_conversion": "老厂区改造",
            "low_efficiency_upgrade": "低效用地提升",
            "idle_disposal": "闲置用地处置",
        }
        rows.append(
            {
                "redevelopment_id": f"RD-{number:03d}",
                "parcel_id": plot.parcel_id,
                "name": f"示例{plot.parcel_no}{words.get(kind, '楼宇改造')}项目",
                "kind": kind,
                "land_area_m2": land,
                "gfa_before_m2": before,
                "gfa_added_m2": gain,
                "status": status,
                "completed_on": day.isoformat() if status == "completed" else None,
                "source_ref": SOURCE,
            }
        )
    return rows


def _shares(total: int, parts: int) -> list[int]:
    """Return uneven hundreds that add up to `total`."""
    rng = chance("redevelopment shares")
    weights = [rng.uniform(0.5, 1.8) for _ in range(parts)]
    shares = [round(total * w / sum(weights) / 100) * 100 for w in weights[:-1]]
    return [*shares, total - sum(shares)]


_PUBLIC: Final = (
    ("示例：规划道路打通工程一", "road", "under_construction", 120.3850, 36.2050),
    ("示例：规划道路打通工程二", "road", "approved", 120.4120, 36.2030),
    ("示例：道路整治工程", "road", "completed", 120.4050, 36.1660),
    ("示例：轨道站点综合开发", "rail_station", "planned", 120.3735, 36.1690),
    ("示例：小学新建工程", "school", "under_construction", 120.3845, 36.2060),
    ("示例：中学扩建工程", "school", "approved", 120.4570, 36.1665),
    ("示例：社区医院新建工程", "hospital", "planned", 120.4180, 36.1790),
    ("示例：李村河生态修复", "river", "under_construction", 120.3990, 36.1545),
    ("示例：楼山河整治", "river", "completed", 120.3780, 36.2108),
    ("示例：雨污分流改造", "utility", "under_construction", 120.3760, 36.2010),
    ("示例：变电站迁建", "utility", "planned", 120.4540, 36.1640),
    ("示例：北站西广场", "public_space", "approved", 120.3712, 36.1708),
    ("示例：口袋公园", "public_space", "completed", 120.4070, 36.1770),
    ("示例：人才住房", "housing", "under_construction", 120.4210, 36.2070),
)
_PROMOTION: Final = ("negotiating", "negotiating", "negotiating", "intent", "intent", "signed", "landed")


def projects(plots: list[Plot]) -> list[Feature]:
    """Return public works nearby and, for the office alone, investments under negotiation."""
    rng = chance("projects")
    features: list[Feature] = []
    for number, (name, kind, stage, lon, lat) in enumerate(_PUBLIC, start=1):
        record: dict[str, Any] = {
            "project_id": f"PJ-{number:03d}",
            "name": name,
            "kind": kind,
            "funding": "government",
            "stage": stage,
            "total_investment_10k_cny": rng.randrange(1_500, 60_000, 500),
            "expected_on": dt.date(2027 if stage != "completed" else 2025, rng.randint(1, 12), 28).isoformat(),
            "visibility": "public",
            "source_ref": SOURCE,
        }
        features.append((to_degrees(Point(plane(lon, lat))), record))
    stages = {"ready", "plan_published", "promoted"}
    offered = [p for p in plots if p.record["supply_stage"] in stages and not p.context]
    for number, plot in enumerate(rng.sample(offered, k=25), start=len(_PUBLIC) + 1):
        social = rng.random() < 0.3
        record = {
            "project_id": f"PJ-{number:03d}",
            "name": f"示例产业项目{number:03d}",
            "kind": "industry",
            "funding": "social" if social else "promotion",
            "stage": "planned",
            "promotion_stage": None if social else rng.choice(_PROMOTION),
            "total_investment_10k_cny": rng.randrange(5_000, 160_000, 1_000),
            "parcel_id": plot.parcel_id,
            "expected_on": dt.date(rng.choice((2027, 2028, 2029)), 12, 31).isoformat(),
            "visibility": "internal",
            "source_ref": SOURCE,
        }
        features.append((to_degrees(plot.shape.representative_point()), record))
    return features
