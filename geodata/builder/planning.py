"""Planning conditions: the raw strings as notices print them, and what each honestly says.

A condition is written beside its meaning here, so the files hold both and the importer's own parser can be held to it.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any, Final

from builder.plots import Plot


@dataclass(frozen=True)
class Bound:
    """One printed condition: its text, its interval and how well it can be read."""

    raw: str
    low: float | None = None
    high: float | None = None
    low_inclusive: bool = True
    floors: int | None = None
    status: str = "ok"


_NOT_SAID: Final = (
    Bound("/", status="unspecified"),
    Bound("—", status="unspecified"),
    Bound("---", status="unspecified"),
)
_MASKED: Final = (Bound("≥*.*", status="unparsed"), Bound("(略)", status="unparsed"))


def _number(value: float) -> str:
    return f"{value:.1f}"


def _ratio(rng: random.Random, low: float, high: float) -> Bound:
    a, b = _number(low), _number(high)
    forms = (
        (Bound(f"≥{a}", low), 20),
        (Bound(f"不小于{a}", low), 8),
        (Bound(f"R≥{a}", low), 6),
        (Bound(f"{a}-{b}", low, high), 13),
        (Bound(f"{a}≤容积率≤{b}", low, high), 9),
        (Bound(f"≥{a}且≤{b}", low, high), 11),
        (Bound(f">{a}且≤{b}", low, high, low_inclusive=False), 8),
        (Bound(f"{a}<R≤{b}", low, high, low_inclusive=False), 5),
        (Bound(f"不大于{b}且不小于{a}", low, high), 4),
        (Bound(f"≤{b}", None, high), 6),
        (Bound(f"R{a}", status="ambiguous_no_operator"), 4),
        (_MASKED[0], 2),
        (rng.choice(_NOT_SAID), 3),
    )
    return rng.choices([f for f, _ in forms], [w for _, w in forms])[0]


def _civil_ratio(rng: random.Random, low: float, high: float) -> Bound:
    a, b = _number(low), _number(high)
    forms = (
        Bound(f"≤{b}", None, high),
        Bound(f">{a}且≤{b}", low, high, low_inclusive=False),
        Bound(f"{a}<R≤{b}", low, high, low_inclusive=False),
    )
    return rng.choice((*forms, forms[0]))


def _at_least(rng: random.Random, percent: int, most: int) -> Bound:
    forms = (
        (Bound(f"≥{percent}%", percent), 44),
        (Bound(f"不小于{percent}%", percent), 12),
        (Bound(f"≥{percent}%且≤{most}%", percent, most), 16),
        (Bound(f"{percent}%-{most}%", percent, most), 8),
        (Bound(f"≤{most}%", None, most), 8),
        (Bound(f"{percent}%", status="ambiguous_no_operator"), 5),
        (rng.choice(_NOT_SAID), 7),
    )
    return rng.choices([f for f, _ in forms], [w for _, w in forms])[0]


def _at_most(rng: random.Random, percent: int) -> Bound:
    forms = (
        (Bound(f"≤{percent}%", None, percent), 58),
        (Bound(f"不大于{percent}%", None, percent), 16),
        (Bound(f"不超过{percent}%", None, percent), 8),
        (Bound(f"{percent}%", status="ambiguous_no_operator"), 5),
        (Bound(f"—≤{percent}%", None, percent, status="partial"), 2),
        (rng.choice(_NOT_SAID), 11),
    )
    return rng.choices([f for f, _ in forms], [w for _, w in forms])[0]


def _height(rng: random.Random, metres: int) -> Bound:
    floors = max(3, round(metres / 4))
    forms = (
        (Bound(f"≤{metres}m", None, metres), 38),
        (Bound(f"不高于{metres}米", None, metres), 14),
        (Bound(f"{metres}米以下", None, metres), 8),
        (Bound(f"≤{metres}米(局部≤{metres + 6}米)", None, metres, status="ok_with_exception"), 8),
        (Bound(f"≤{metres}m(航空限高)", None, metres, status="ok_with_exception"), 5),
        (Bound(f"≥12米且≤{metres}米", 12, metres), 5),
        (Bound(f"不超过{floors}层", floors=floors, status="floors_not_metres"), 8),
        (Bound("按航空限高执行", status="unparsed"), 4),
        (rng.choice(_NOT_SAID), 10),
    )
    return rng.choices([f for f, _ in forms], [w for _, w in forms])[0]


@dataclass(frozen=True)
class Conditions:
    """The four bounds of one parcel."""

    ratio: Bound
    coverage: Bound
    green: Bound
    height: Bound
    coefficient: bool


def _drawn(plot: Plot) -> Conditions | None:
    """Return believable conditions for the use, or None where none are on file."""
    rng, use = plot.chance("conditions"), plot.use
    if use in {"G1", "G2", "U", "S4"} or rng.random() < (0.35 if plot.context else 0.05):
        return None
    if use == "M0":
        ratio = _ratio(rng, rng.choice((2.0, 2.2, 2.5)), rng.choice((3.5, 4.0)))
        return Conditions(
            ratio, _at_least(rng, 30, 50), _at_most(rng, 20), _height(rng, rng.choice((60, 80, 100))), False
        )
    if use[0] == "M":
        ratio = _ratio(rng, rng.choice((1.0, 1.2, 1.5, 1.5, 1.5, 1.8)), rng.choice((2.5, 3.0)))
        height = _height(rng, rng.choice((24, 30, 36, 40)))
        return Conditions(
            ratio,
            _at_least(rng, rng.choice((35, 40)), rng.choice((60, 65))),
            _at_most(rng, rng.choice((15, 20))),
            height,
            True,
        )
    if use[0] == "W":
        ratio = _ratio(rng, rng.choice((1.0, 1.2)), rng.choice((2.0, 2.5)))
        return Conditions(
            ratio, _at_least(rng, 40, 65), _at_most(rng, rng.choice((15, 20))), _height(rng, rng.choice((24, 40))), True
        )
    green = rng.choice((Bound("≥30%", 30), Bound("不低于30%", 30), Bound("≥35%", 35), Bound("≥25%", 25)))
    if use[0] == "B" or use == "A35":
        ratio = _civil_ratio(rng, 1.0, rng.choice((2.5, 3.0, 3.5, 4.5)))
        height = _height(rng, rng.choice((60, 80, 100, 120)))
        return Conditions(ratio, _at_most(rng, rng.choice((35, 40, 45))), green, height, False)
    return Conditions(
        _civil_ratio(rng, 1.0, rng.choice((0.9, 1.5, 2.0, 2.2)) + 0.3),
        _at_most(rng, 30),
        green,
        _height(rng, rng.choice((24, 54, 60))),
        False,
    )


def plan(plot: Plot, net_area_m2: float | None) -> dict[str, Any]:
    """Return the planning fields of one parcel, without the dates (see supply)."""
    drawn = _drawn(plot)
    if drawn is None:
        return {
            "floor_area_ratio_min_inclusive": True,
            "floor_area_ratio_max_inclusive": True,
            "floor_area_ratio_basis": "unspecified",
            "building_coverage_kind": "unspecified",
            "planning_raw": {},
            "planning_parse_status": {},
        }
    rng = plot.chance("plan")
    named = {
        "floor_area_ratio": drawn.ratio,
        "building_coverage_ratio": drawn.coverage,
        "green_space_ratio": drawn.green,
        "height": drawn.height,
    }
    record: dict[str, Any] = {
        "floor_area_ratio_min": drawn.ratio.low,
        "floor_area_ratio_max": drawn.ratio.high,
        "floor_area_ratio_min_inclusive": drawn.ratio.low_inclusive,
        "floor_area_ratio_max_inclusive": True,
        "floor_area_ratio_basis": rng.choice(("unspecified", "unspecified", "above_ground", "total")),
        "building_coverage_ratio_min_pct": drawn.coverage.low,
        "building_coverage_ratio_max_pct": drawn.coverage.high,
        "building_coverage_kind": "coefficient" if drawn.coefficient else "density",
        "green_space_ratio_min_pct": drawn.green.low,
        "green_space_ratio_max_pct": drawn.green.high,
        "height_limit_m": drawn.height.high,
        "height_min_m": drawn.height.low,
        "floors_max": drawn.height.floors,
        "planning_raw": {name: bound.raw for name, bound in named.items()},
        "planning_parse_status": {name: bound.status for name, bound in named.items()},
        "detailed_plan_ref": f"示例控规批复〔{rng.randint(2019, 2025)}〕{rng.randint(1, 40)}号",
    }
    if net_area_m2 is not None and drawn.ratio.high is not None and rng.random() < 0.6:
        record["gfa_max_m2"] = round(net_area_m2 * drawn.ratio.high, 1)
    if net_area_m2 is not None and drawn.ratio.low is not None and rng.random() < 0.3:
        record["gfa_min_m2"] = round(net_area_m2 * drawn.ratio.low, 1)
    if plot.use[0] in "MW":
        shares = (15.0, 30.0) if plot.use == "M0" else (7.0, 15.0)
        record |= dict(zip(("ancillary_land_share_max_pct", "ancillary_gfa_share_max_pct"), shares, strict=True))
    if rng.random() < 0.55 and not plot.context:
        record["other_conditions"] = {
            "parking": rng.choice(("0.3车位/100㎡", "0.5车位/100㎡", "0.8车位/100㎡")),
            "setback": f"退道路红线{rng.choice((5, 8, 10, 15))}米",
            "access": rng.choice(("北侧", "南侧", "东侧", "西侧")),
            "prefabricated_share": rng.choice(("≥30%", "≥40%")),
        }
    return record


def conditions_issued(rng: random.Random, earliest: dt.date, latest: dt.date) -> dict[str, str]:
    """Return number and date of the letter that set the conditions."""
    day = earliest + dt.timedelta(days=rng.randint(0, (latest - earliest).days))
    return {
        "planning_conditions_no": f"示例规条〔{day.year}〕{rng.randint(1, 180):03d}号",
        "planning_conditions_issued_on": day.isoformat(),
    }
