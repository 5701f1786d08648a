"""Supply: method, term, price, dates, and the history of every parcel that left or may leave the shelf."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from builder.frame import MU_M2, SOURCE
from builder.land_use import USES
from builder.planning import conditions_issued
from builder.plots import Plot
from builder.stages import STAGES, STATUSES, TODAY, pick, sale_day

EVENT_FIELDS: Final = (
    "event_id", "parcel_id", "stage", "on", "notice_no",
    "supply_method", "area_m2", "price_10k_cny", "buyer_name", "source_ref",
)  # fmt: skip
NOTICED: Final = frozenset({"announced", "bidding", "sold_headline", "sold_early", "sold_late", "sold_homes"})
OFFERED: Final = frozenset({"ready", "plan_published", "announced", "bidding"})
_METHODS: Final = {
    "listing": 52,
    "auction": 34,
    "tender": 4,
    "lease": 3,
    "lease_then_grant": 5,
    "lease_grant_combined": 2,
}
_PRICE_PER_MU: Final = {"M0": (60, 95), "M": (38, 62), "W": (36, 55), "A": (55, 90), "B": (320, 680), "R": (600, 1100)}


def supply(plot: Plot, role: str, net_area_m2: float) -> dict[str, Any]:
    """Return the supply fields of one parcel."""
    rng = plot.chance("supply")
    stock = role in {"promoted", "off_market"}
    record: dict[str, Any] = {
        "supply_kind": "stock" if stock else "new",
        "supply_stage": STAGES.get(role, role),
        "land_status": pick(rng, STATUSES[role]),
        "elastic_term": False,
        "standard_land": False,
        "with_design": False,
        "with_project_conditions": False,
    }
    industrial = plot.use[0] in "MW"
    if not stock and industrial and role != "planning":
        record["elastic_term"] = rng.random() < 0.16
        record["standard_land"] = rng.random() < (0.3 if role == "sold_early" else 0.68)
        record["with_design"] = rng.random() < 0.16
    record["with_project_conditions"] = record["standard_land"] or (plot.use == "M0" and not stock)
    record["supply_method"] = _method(plot, role)
    if not (stock and rng.random() < 0.5):
        record["term_years"] = _terms(plot, record["elastic_term"])
    if plot.use not in {"G1", "G2", "U", "S4"}:
        record |= _dates(plot, role)
    if role in NOTICED | {"ready", "plan_published"} and not plot.context:
        record |= _prices(plot, role, net_area_m2)
    if role == "sold_homes":
        record |= _prices(plot, role, net_area_m2)
    return record


def _method(plot: Plot, role: str) -> str | None:
    rng = plot.chance("method")
    if role == "off_market":
        if plot.context:
            return "listing" if plot.use == "R2" else "allocation"
        return pick(rng, {"agreement": 40, "allocation": 25, "listing": 20, "equity": 3, "": 12}) or None
    if role == "promoted":
        return "agreement" if rng.random() < 0.7 else None
    if role == "planning":
        return pick(rng, {"listing": 50, "auction": 20, "": 30}) or None
    return pick(rng, _METHODS) if plot.use[0] in "MW" else pick(rng, {"listing": 60, "auction": 40})


def _terms(plot: Plot, elastic: bool) -> list[dict[str, Any]]:
    _, _, _, _, use, years = USES[plot.use]
    if plot.use == "B+":
        return [{"use": "商务金融", "years": 40}, {"use": "商业", "years": 40}]
    return [{"use": use, "years": plot.chance("term").choice((10, 20)) if elastic else years}]


def _dates(plot: Plot, role: str) -> dict[str, Any]:
    rng = plot.chance("dates")
    if role in {"ready", "plan_published", "announced", "bidding"}:
        record: dict[str, Any] = conditions_issued(rng, dt.date(2026, 2, 10), dt.date(2026, 9, 20))
        if role != "bidding":
            record["planned_supply_on"] = rng.choice(
                ("2026-12-15", "2027-Q1", "2027-Q1", "2027-Q2", "2027-Q2", "2027-Q3")
            )
        return record
    if role == "planning":
        return {"planned_supply_on": rng.choice(("2027-Q3", "2027-Q4", "2028-Q1"))} if rng.random() < 0.6 else {}
    if role == "withdrawn":
        return conditions_issued(rng, dt.date(2026, 1, 10), dt.date(2026, 4, 20))
    if role.startswith("sold"):
        day = sale_day(plot, role)
        return conditions_issued(rng, day - dt.timedelta(days=300), day - dt.timedelta(days=190))
    return {}


def _prices(plot: Plot, role: str, net_area_m2: float) -> dict[str, Any]:
    rng = plot.chance("price")
    low, high = _PRICE_PER_MU.get(plot.use, _PRICE_PER_MU[plot.use[0]])
    per_mu, mu = rng.randint(low, high), net_area_m2 / MU_M2
    total = round(per_mu * mu)
    record: dict[str, Any] = {"benchmark_price_cny_m2": round(per_mu * 15 * rng.uniform(0.82, 0.97))}
    if role != "ready" or rng.random() < 0.4:
        basis = rng.choices(("total", "per_mu", "per_m2_land"), (76, 18, 6))[0]
        value = {"total": total, "per_mu": per_mu, "per_m2_land": round(per_mu * 15 / 10_000, 4)}[basis]
        record |= {"starting_price_10k_cny": value, "starting_price_basis": basis}
        record["deposit_10k_cny"] = round(total * rng.choice((0.21, 0.3, 0.5)) + 0.5)
        record["price_increment_10k_cny"] = rng.choice((10, 20, 50, 100))
    if role in {"ready", "plan_published", "announced", "bidding"} and rng.random() < 0.7:
        record["reserve_price_10k_cny"] = round(total * rng.uniform(1.0, 1.12))
    if role in NOTICED:
        year = (sale_day(plot, role) if role.startswith("sold") else TODAY).year
        record["notice_no"] = f"示例土告字〔{year}〕{rng.randint(1, 60)}号"
    return record


def sale_price_10k_cny(plot: Plot) -> float:
    """Return the price paid: the start price total and a little more."""
    start, area_m2 = float(plot.record["starting_price_10k_cny"]), float(plot.record["net_area_m2"])
    times = {"total": 1.0, "per_mu": area_m2 / MU_M2, "per_m2_land": area_m2}[plot.record["starting_price_basis"]]
    return round(start * times * plot.chance("bid").choice((1.0, 1.0, 1.0, 1.02, 1.05, 1.12)), 1)


def events(plot: Plot, role: str, number: int) -> Iterator[dict[str, Any]]:
    """Yield the supply events of one parcel in order of time; none lies in the future."""
    rng = plot.chance("events")
    days: list[tuple[str, dt.date]] = []
    if role.startswith("sold"):
        sold = sale_day(plot, role)
        steps = (("plan_published", -165), ("announced", -42), ("bidding", -11), ("sold", 0), ("contract_signed", 14))
        days = [(stage, sold + dt.timedelta(days=after + rng.randint(-3, 3) * (after != 0))) for stage, after in steps]
        if plot.record["land_status"] == "stock_in_use":
            started = sold + dt.timedelta(days=rng.randint(90, 260))
            days += [
                ("construction_started", started),
                ("completed", started + dt.timedelta(days=rng.randint(420, 760))),
            ]
    elif role in {"plan_published", "announced", "bidding", "withdrawn"}:
        days = [("plan_published", dt.date(2026, 3, 31))]
        if role != "plan_published":
            announced = dt.date(2026, 10, 8 if role == "bidding" else 22) + dt.timedelta(days=rng.randint(0, 18))
            days.append(("announced", announced))
        if role in {"bidding", "withdrawn"}:
            days.append((role, dt.date(2026, 11, 12) + dt.timedelta(days=rng.randint(0, 7))))
    for step, (stage, day) in enumerate(d for d in days if d[1] <= TODAY):
        noticed = stage != "plan_published"
        yield {
            "event_id": f"SE-{number:04d}-{step + 1}",
            "parcel_id": plot.parcel_id,
            "stage": stage,
            "on": day.isoformat(),
            "notice_no": plot.record.get("notice_no") if noticed else None,
            "supply_method": plot.record.get("supply_method"),
            "area_m2": plot.record["net_area_m2"],
            "price_10k_cny": sale_price_10k_cny(plot) if stage == "sold" else None,
            "buyer_name": f"示例竞得企业{number:03d}有限公司" if stage in {"sold", "contract_signed"} else None,
            "source_ref": SOURCE,
        }
