"""What hangs on a parcel: 标准地 index rows and the 用地清单 of pre-supply assessments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from builder.plots import Plot

INDEX_FIELDS: Final = (
    "parcel_id", "industry_code", "industry_name", "investment_intensity_10k_cny_per_mu", "tax_per_mu_10k_cny",
    "output_per_mu_10k_cny", "value_added_per_mu_10k_cny", "labour_productivity_10k_cny", "value_added_per_tce_10k_cny",
    "energy_per_10k_output_tce", "energy_per_10k_value_added_tce", "value_added_per_emission_tonne_10k_cny",
    "rnd_ratio_pct", "floor_area_ratio_min", "reach_within_years",
)  # fmt: skip
ASSESSMENT_FIELDS: Final = (
    "parcel_id", "item", "required", "status", "conclusion", "requirements", "regional_assessment_ref", "org", "doc_no",
    "done_on", "valid_until",
)  # fmt: skip
#: GB/T 4754 division, name, investment intensity and tax per 亩 around which the rows vary.
_INDUSTRIES: Final = {
    "M": (
        ("34", "通用设备制造业", 320, 20), ("35", "专用设备制造业", 340, 22), ("36", "汽车制造业", 380, 24),
        ("37", "铁路、船舶、航空航天和其他运输设备制造业", 360, 22), ("38", "电气机械和器材制造业", 330, 21),
        ("29", "橡胶和塑料制品业", 260, 16), ("33", "金属制品业", 250, 15), ("14", "食品制造业", 300, 18),
    ),
    "M0": (
        ("27", "医药制造业", 480, 32), ("39", "计算机、通信和其他电子设备制造业", 520, 35),
        ("40", "仪器仪表制造业", 420, 28), ("35", "专用设备制造业", 430, 28),
    ),
    "W": (("59", "装卸搬运和仓储业", 200, 12), ("53", "铁路运输业", 220, 12)),
}  # fmt: skip
_ITEMS: Final = (
    "geohazard", "mineral_overlay", "heritage", "seismic", "water_soil", "flood", "water_resource", "climate",
    "soil_pollution", "ancient_trees", "civil_air_defence", "env_zone",
)  # fmt: skip
_YEARS_VALID: Final = {"geohazard": 3, "seismic": 5, "water_soil": 5, "soil_pollution": 3, "flood": 3}


def index_rows(plot: Plot) -> Iterator[dict[str, Any]]:
    """Yield one to four index rows of a 标准地 parcel, one for each industry it admits."""
    rng = plot.chance("indices")
    pool = _INDUSTRIES.get(plot.use, _INDUSTRIES[plot.use[0]])
    for code, name, intensity, tax in sorted(
        rng.sample(pool, k=min(len(pool), rng.choices((1, 2, 3, 4), (45, 30, 15, 10))[0]))
    ):
        full = rng.random() < 0.55
        yield {
            "parcel_id": plot.parcel_id,
            "industry_code": code,
            "industry_name": name,
            "investment_intensity_10k_cny_per_mu": intensity + rng.randrange(-60, 90, 10),
            "tax_per_mu_10k_cny": tax + rng.randint(-3, 6),
            "output_per_mu_10k_cny": rng.choice((350, 400, 450, 500, 600)) if full else None,
            "value_added_per_mu_10k_cny": rng.choice((90, 120, 150)) if full and rng.random() < 0.5 else None,
            "labour_productivity_10k_cny": rng.choice((25, 30, 36)) if full and rng.random() < 0.4 else None,
            "value_added_per_tce_10k_cny": rng.choice((1.7, 2.4, 3.1, 4.8)) if rng.random() < 0.6 else None,
            "energy_per_10k_output_tce": rng.choice((0.032, 0.039, 0.05)) if rng.random() < 0.3 else None,
            "energy_per_10k_value_added_tce": rng.choice((0.14, 0.168, 0.2)) if rng.random() < 0.3 else None,
            "value_added_per_emission_tonne_10k_cny": rng.choice((420, 900, 1500)) if rng.random() < 0.3 else None,
            "rnd_ratio_pct": rng.choice((1.5, 2.0, 2.5, 3.0, 5.0)) if rng.random() < 0.7 else None,
            "floor_area_ratio_min": rng.choice((1.2, 1.5, 1.8)) if plot.use != "M0" else 2.0,
            "reach_within_years": rng.choice((2, 3, 4)),
        }


def assessments(plot: Plot, role: str) -> Iterator[dict[str, Any]]:
    """Yield the twelve items of one parcel; its temper decides whether they are all green, late, expired or patchy."""
    rng = plot.chance("assessments")
    temper = rng.choices(
        ("green", "late", "expired", "patchy"), (46, 26, 14, 14) if role != "planning" else (5, 55, 5, 35)
    )[0]
    trouble = set(rng.sample(_ITEMS, k={"green": 0, "late": 4, "expired": 2, "patchy": 5}[temper]))
    for item in _ITEMS:
        row = _done(plot, item)
        if item in trouble and temper == "late":
            row = {"required": "yes", "status": rng.choice(("not_started", "in_progress"))}
        elif item in trouble and temper == "expired":
            done = dt.date(2022, 3, 1) + dt.timedelta(days=rng.randint(0, 360))
            row = _passed(plot, item, done) | {
                "valid_until": done.replace(year=done.year + 3, day=min(done.day, 28)).isoformat()
            }
        elif item in trouble and temper == "patchy":
            if rng.random() < 0.35:
                continue
            row = {"required": "unknown", "status": "unknown"}
        yield {"parcel_id": plot.parcel_id, "item": item} | row


def _done(plot: Plot, item: str) -> dict[str, Any]:
    rng = plot.chance(f"assessment {item}")
    draw = rng.random()
    if draw < 0.22:
        return {"required": "no", "status": "exempt", "conclusion": "na"}
    if draw < 0.42:
        return {
            "required": "yes",
            "status": "covered_by_regional",
            "conclusion": "pass",
            "regional_assessment_ref": f"示例区域评估〔2025〕{rng.randint(1, 9)}号",
            "valid_until": dt.date(2030, rng.randint(1, 12), 28).isoformat(),
        }
    return _passed(plot, item, dt.date(2025, 9, 1) + dt.timedelta(days=rng.randint(0, 400)))


def _passed(plot: Plot, item: str, done: dt.date) -> dict[str, Any]:
    rng = plot.chance(f"passed {item}")
    conditional = rng.random() < 0.1
    until = done.replace(year=done.year + _YEARS_VALID.get(item, 4), day=min(done.day, 28))
    return {
        "required": "yes",
        "status": "done",
        "conclusion": "conditional" if conditional else "pass",
        "requirements": "施工期间按评估意见落实防护措施" if conditional else None,
        "org": f"示例评估机构{rng.choice('甲乙丙丁')}",
        "doc_no": f"示例评估〔{done.year}〕{rng.randint(1, 240):03d}号",
        "done_on": done.isoformat(),
        "valid_until": until.isoformat(),
    }
