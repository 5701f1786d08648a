"""Rights and stock facts: what the register would say, with gaps where offices really have gaps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from builder.facts import DISTRICT_CODE
from builder.land_use import USES
from builder.plots import Plot
from builder.stages import sale_day


def rights(plot: Plot, role: str, number: int, area_m2: float) -> dict[str, Any]:
    """Return the right, its holder and the stock facts of one parcel; new land belongs to the reserve."""
    rng = plot.chance("tenure")
    if role not in {"promoted", "off_market"} and not role.startswith("sold"):
        return {
            "right_holder_kind": "reserve_center",
            "right_holder_name": "示例土地储备机构",
            "in_reserve_plan": True,
            "public_interest_reserved": False,
            "soil_list_status": rng.choices(("none", "removed", None), (80, 4, 16))[0],
        }
    code = f"{DISTRICT_CODE}{int(plot.parcel_no[2:4]):03d}{int(plot.parcel_no[4:6]):03d}GB{number:05d}"
    start = (
        sale_day(plot, role)
        if role.startswith("sold")
        else dt.date(rng.randint(1992, 2014), rng.randint(1, 12), rng.randint(1, 28))
    )
    years = USES[plot.use][5]
    granted = role.startswith("sold") or plot.record.get("supply_method") != "allocation"
    record: dict[str, Any] = {
        "cadastral_parcel_code": code,
        "real_estate_unit_code": code + ("W00000000" if role == "sold_late" else "F00010001"),
        "registered_area_m2": round(area_m2 * (1 + rng.uniform(-3e-4, 3e-4)), 2),
        "right_type": "国有建设用地使用权" if role == "sold_late" else "国有建设用地使用权/房屋所有权",
        "right_nature": "grant" if granted else "allocation",
        "right_holder_kind": rng.choices(("state_owned", "private", "foreign", "collective"), (38, 44, 10, 8))[0],
        "right_holder_name": f"示例权利人{number:03d}有限公司",
        "right_start_on": start.isoformat(),
        "right_end_on": start.replace(year=start.year + years, day=min(start.day, 28)).isoformat() if granted else None,
        "registered_use_text": USES[plot.use][1] if plot.use != "M0" else "工业用地(新型产业用地)",
        "first_registration_done": rng.choices((True, False, None), (78, 8, 14))[0],
        "has_mortgage": rng.choices((True, False, None), (18, 58, 24))[0],
        "has_seizure": rng.choices((True, False, None), (3, 75, 22))[0],
        "in_reserve_plan": rng.choices((True, False, None), (7, 75, 18))[0],
        "public_interest_reserved": rng.choices((True, False, None), (3, 82, 15))[0],
    }
    if record["has_mortgage"]:
        record["mortgagee_consent"] = rng.choices((True, False, None), (30, 20, 50))[0]
    if role.startswith("sold"):
        record |= {
            "supervision_no": f"{DISTRICT_CODE}{start.year}B{number:05d}",
            "contract_paid_in_full": True,
            "contract_split_clause": rng.choice(("allowed", "prohibited", "silent")),
            "start_due_on": (start + dt.timedelta(days=365)).isoformat(),
        }
    if plot.record["land_status"] in {"idle", "supplied_unbuilt"}:
        record |= {
            "invested_ratio_pct": rng.choice((0, 5, 12, 18)),
            "developed_area_ratio_pct": rng.choice((0, 8, 20, 30)),
        }
        record["idle_reason_government"] = rng.choice((True, False, None))
    return record | (_stock_facts(plot) if not plot.context else {"soil_list_status": "none"})


def _stock_facts(plot: Plot) -> dict[str, Any]:
    rng = plot.chance("stock facts")
    record: dict[str, Any] = {
        "soil_key_unit": rng.choices((True, False, None), (8, 68, 24))[0],
        "soil_list_status": rng.choices(("none", "listed", "removed", None), (66, 3, 4, 27))[0],
    }
    if plot.record["supply_stage"] != "promoted":
        return record
    record |= {
        "subject_unchanged": rng.choices((True, False, None), (50, 15, 35))[0],
        "new_industry_certified": rng.choices((True, False, None), (30, 20, 50))[0],
        "service_gfa_added_pct": rng.choice((None, None, 4.0, 9.5, 12.0, 14.8, 17.5)),
        "proposed_industry_code": rng.choice((None, "64", "65", "73", "27", "39")),
        "proposed_use_code": rng.choice((None, None, "0902", "0802", "100101", "0701")),
        "contract_split_clause": rng.choice(("allowed", "silent", "prohibited", None)),
    }
    if record["new_industry_certified"] and rng.random() < 0.6:
        started = dt.date(2020, 6, 1) + dt.timedelta(days=rng.randint(0, 2100))
        record["transition_started_on"] = started.isoformat()
    return record
