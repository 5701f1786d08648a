"""Who stands where in the life of a parcel: stage, status, and the 58 sales that make the bureau's headline."""

from __future__ import annotations

import datetime as dt
import random
from typing import Final

from builder.frame import chance
from builder.plots import Plot

TODAY: Final = dt.date(2026, 11, 20)
#: The bureau's own words: 2021年至2023年间,全区累计供应产业用地58宗,面积超过3000亩.
HEADLINE_SALES: Final = 58
HEADLINE_MU: Final = (3005.0, 3060.0)

#: How many industrial parcels stand in each role besides the 58; the rest of the stock is off the market.
QUOTAS: Final = {
    "sold_early": 10, "sold_late": 26, "announced": 22, "bidding": 10, "plan_published": 26, "ready": 38,
    "planning": 42, "withdrawn": 6, "promoted": 78,
}  # fmt: skip
STAGES: Final = {"sold_headline": "sold", "sold_early": "sold", "sold_late": "sold", "sold_homes": "sold"}
STATUSES: Final = {
    "planning": {"reserve": 45, "expropriating": 25, "approved_unsupplied": 30},
    "ready": {"net": 85, "approved_unsupplied": 15},
    "plan_published": {"net": 92, "approved_unsupplied": 8},
    "announced": {"net": 100},
    "bidding": {"net": 100},
    "withdrawn": {"net": 70, "reserve": 30},
    "promoted": {"low_efficiency": 48, "stock_in_use": 34, "idle": 18},
    "off_market": {"stock_in_use": 80, "low_efficiency": 16, "idle": 4},
    "sold_headline": {"stock_in_use": 82, "supplied_unbuilt": 11, "idle": 7},
    "sold_early": {"stock_in_use": 92, "idle": 8},
    "sold_late": {"supplied_unbuilt": 72, "stock_in_use": 28},
    "sold_homes": {"stock_in_use": 100},
}  # fmt: skip


def assign_roles(plots: list[Plot]) -> dict[str, str]:
    """Return parcel id → role; the 58 headline sales together measure just over 3 000 亩."""
    industrial = [p for p in plots if not p.context]
    headline = _headline([p for p in industrial if p.use[0] in "MW" or p.use == "A35"])
    roles = dict.fromkeys(sorted(headline), "sold_headline")
    rest = [p for p in industrial if p.parcel_id not in roles]
    chance("roles").shuffle(rest)
    for role, count in QUOTAS.items():
        for _ in range(count):
            roles[rest.pop().parcel_id] = role
    homes = [p for p in plots if p.use == "R2"]
    chance("homes sold").shuffle(homes)
    roles |= {p.parcel_id: "sold_homes" for p in homes[:6]}
    return {p.parcel_id: roles.get(p.parcel_id, "off_market") for p in plots}


def _headline(candidates: list[Plot]) -> set[str]:
    """Return the ids of 58 parcels whose sold areas together lie in `HEADLINE_MU`, by swapping until they do."""
    rng = chance("headline")
    order = sorted(candidates, key=lambda p: p.parcel_id)
    rng.shuffle(order)
    chosen, spare = order[:HEADLINE_SALES], order[HEADLINE_SALES:]
    for _ in range(20_000):
        total = sum(sold_area_m2(p) for p in chosen) * 3 / 2000
        if HEADLINE_MU[0] <= total <= HEADLINE_MU[1]:
            return {p.parcel_id for p in chosen}
        out, into = rng.randrange(len(chosen)), rng.randrange(len(spare))
        grows = spare[into].area_m2 > chosen[out].area_m2
        if grows == (total < HEADLINE_MU[0]):
            chosen[out], spare[into] = spare[into], chosen[out]
    raise RuntimeError(f"no {HEADLINE_SALES} parcels add up to {HEADLINE_MU} 亩; change the sizes in plots.py")


def sold_area_m2(plot: Plot) -> float:
    """Return the area that was or would be sold: the net area, a few parts in ten thousand off the drawn one."""
    return round(plot.area_m2 * (1 + plot.chance("survey").uniform(-5e-4, 5e-4)), 2)


def pick(rng: random.Random, weights: dict[str, int]) -> str:
    """Return one key, each as likely as its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def sale_day(plot: Plot, role: str) -> dt.date:
    """Return the day of the sale for a sold role."""
    first, last = {
        "sold_headline": (dt.date(2021, 1, 18), dt.date(2023, 12, 22)),
        "sold_early": (dt.date(2017, 3, 1), dt.date(2020, 11, 30)),
        "sold_late": (dt.date(2024, 2, 20), dt.date(2026, 10, 16)),
        "sold_homes": (dt.date(2020, 5, 10), dt.date(2023, 10, 20)),
    }[role]
    return first + dt.timedelta(days=plot.chance("sale").randint(0, (last - first).days))
