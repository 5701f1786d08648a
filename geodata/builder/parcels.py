"""The parcel records: every module's share of the fields put together, plus who may see them and how fresh they are."""

from __future__ import annotations

import datetime as dt
from string import ascii_uppercase
from typing import Any, Final

from shapely.geometry import Point, Polygon

from builder.facts import DISTRICT_CODE
from builder.frame import SOURCE
from builder.land_use import describe_use
from builder.planning import plan
from builder.plots import Plot, place_words
from builder.stages import sold_area_m2
from builder.supply import supply
from builder.tenure import rights

OFFICE: Final = "李沧区产业用地招商示例窗口 0532-0000 0000"
_SERVICES: Final = ("road", "water", "sewer", "storm", "power", "gas", "heat", "telecom", "levelled")
_ENCOURAGED: Final = {
    "M0": ("27", "276", "39", "391", "64", "65", "73"), "M": ("34", "35", "36", "37", "38", "40"), "W": ("59", "53"),
    "A": ("73", "74", "75"), "B": ("65", "69", "72"),
}  # fmt: skip
_RESTRICTED: Final = (("25", "26", "31"), ("17", "19", "22"), ("26", "30", "32"), ("25", "31", "32"))
_SELLING: Final = (
    "临近轨道站点，通勤便利。", "两面临路，适合整体规划。", "周边配套成熟，可快速落地。", "权属清晰，具备供地条件。",
    "邻近主干路，货运进出方便。", "产业集聚度高，上下游配套齐全。",
)  # fmt: skip


def fill(plot: Plot, role: str, number: int, subdistricts: dict[str, Polygon]) -> None:
    """Write every canonical field of one parcel into its record."""
    rng = plot.chance("record")
    net = sold_area_m2(plot)
    where = place_words(plot)
    centre = plot.shape.representative_point()
    area_name = plot.park.name if plot.park else _subdistrict(centre, subdistricts)
    plot.record = {
        "parcel_id": plot.parcel_id,
        "parcel_no": plot.parcel_no,
        "parcel_name": f"{area_name} {where}地块",
        "district_code": DISTRICT_CODE,
        "subdistrict": _subdistrict(centre, subdistricts),
        "park_name": plot.park.name if plot.park else None,
        "location_text": f"{_subdistrict(centre, subdistricts)}，{where}",
        "bounds_text": plot.bounds,
        "geometry_quality": rng.choices(("survey", "plan", "digitized", "sketch"), (62, 24, 12, 2))[0],
    }
    known = role.startswith("sold") or role not in {"planning"} or rng.random() < 0.5
    plot.record["net_area_m2"] = net if known else None
    if rng.random() < 0.6:
        plot.record["gross_area_m2"] = round(net * rng.choice((1.0, 1.0, 1.03, 1.06, 1.12, 1.18)), 2)
    plot.record |= describe_use(plot) | plan(plot, plot.record["net_area_m2"])
    plot.record |= supply(plot, role, net)
    plot.record |= rights(plot, role, number, plot.area_m2)
    plot.record |= _site(plot, role) | _audience(plot, role)


def tell_apart(plots: list[Plot]) -> None:
    """Letter the parcels that lie between the same streets: …地块 becomes …A地块, …B地块."""
    named: dict[str, list[Plot]] = {}
    for plot in plots:
        named.setdefault(plot.record["parcel_name"], []).append(plot)
    for name, group in named.items():
        for letter, plot in zip(ascii_uppercase, group if len(group) > 1 else (), strict=False):
            plot.record["parcel_name"] = f"{name.removesuffix('地块')}{letter}地块"


def _subdistrict(point: Point, subdistricts: dict[str, Polygon]) -> str:
    return min(subdistricts, key=lambda name: subdistricts[name].distance(point))


def _site(plot: Plot, role: str) -> dict[str, Any]:
    """Return services, supply capacities, industries and the words for investors."""
    rng = plot.chance("site")
    if plot.context:
        return {}
    ready = role not in {"planning", "withdrawn"}
    weights = (88, 3, 9) if ready else (45, 30, 25)
    services = {name: rng.choices(("yes", "no", "partial"), weights)[0] for name in _SERVICES}
    record: dict[str, Any] = {"site_services": services if rng.random() < 0.9 else None}
    if rng.random() < 0.62:
        record |= {
            "power_capacity_kva": rng.choice((1000, 1600, 2500, 4000, 6300)),
            "water_supply_m3_day": rng.choice((80, 150, 300, 600)),
        }
    if rng.random() < 0.4:
        record |= {
            "sewage_capacity_m3_day": rng.choice((60, 120, 240, 480)),
            "gas_supply_m3_hour": rng.choice((100, 300, 800)),
        }
    if rng.random() < 0.2 and plot.use[0] == "M":
        record["steam_supply_t_hour"] = rng.choice((2, 5, 10))
    if role in {"ready", "plan_published", "announced", "bidding"}:
        record["handover_note"] = rng.choice(
            ("净地交付，地上建（构）筑物已拆除。", "现状交付，场地平整。", "净地交付，市政接口至红线。")
        )
    pool = _ENCOURAGED.get(plot.use, _ENCOURAGED[plot.use[0]])
    if rng.random() < 0.75:
        record["encouraged_industries"] = sorted(rng.sample(pool, k=min(len(pool), rng.randint(1, 3))))
    if rng.random() < 0.6 and plot.use[0] in "MWA":
        record["restricted_industries"] = list(rng.choice(_RESTRICTED))
    if role in {"ready", "plan_published", "announced", "bidding", "promoted"}:
        record["highlights"] = "".join(rng.sample(_SELLING, k=2))
    return record


def _audience(plot: Plot, role: str) -> dict[str, Any]:
    """Return visibility, publicity, review and freshness; what is offered is open, what is talked about is not."""
    rng = plot.chance("audience")
    offered = role in {"announced", "bidding", "plan_published"} or role.startswith("sold")
    visibility = "public" if offered or plot.context else rng.choices(("public", "partner", "internal"), (79, 12, 9))[0]
    publicity, review = "approved_public", "published"
    if role in {"planning", "withdrawn", "off_market"} and not plot.context:
        publicity = rng.choices(("approved_public", "publicized_draft", "not_public"), (84, 8, 8))[0]
        review = rng.choices(("published", "reviewed", "draft", "retired"), (88, 5, 4, 3))[0]
    day = dt.date(2026, 11, 16) - dt.timedelta(days=int(150 * rng.random() ** 1.8))
    return {
        "plan_publicity": publicity,
        "contact_office": OFFICE if not plot.context else None,
        "contact_person": f"联系人示例{plot.parcel_no[-2:]} 13800000000" if not plot.context else None,
        "visibility": visibility,
        "data_as_of": day.isoformat(),
        "source_ref": SOURCE,
        "review_status": review,
        "version": rng.choices((1, 2, 3), (80, 15, 5))[0],
    }


def open_to_all(record: dict[str, Any]) -> bool:
    """Return whether the public sees a parcel record."""
    state = (record["visibility"], record["review_status"], record["plan_publicity"])
    return state == ("public", "published", "approved_public")
