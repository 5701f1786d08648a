"""Flaws put in on purpose: each is something our checks must point out and yet let through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from builder.buildings import Building
from builder.frame import chance
from builder.parcels import open_to_all
from builder.plots import Plot


@dataclass(frozen=True)
class Flaw:
    """One planted flaw and the finding it must cause."""

    layer: str
    record_id: str
    field: str
    what: str
    finding: str


def plant(plots: list[Plot], buildings: list[Building]) -> list[Flaw]:
    """Put the flaws into the records and return the list of them."""
    return [*_in_parcels(plots), *_in_buildings(buildings)]


def _in_parcels(plots: list[Plot]) -> Iterator[Flaw]:
    taken: set[str] = set()

    def take(topic: str, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        open_to = [p.record for p in plots if p.parcel_id not in taken and open_to_all(p.record) and fits(p.record)]
        record: dict[str, Any] = chance(f"flaw {topic}").choice(open_to)
        taken.add(record["parcel_id"])
        return record

    def flaw(record: dict[str, Any], field: str, what: str, finding: str) -> Flaw:
        return Flaw("parcels", record["parcel_id"], field, what, finding)

    for share in (1.03, 0.968):
        record = take(f"area {share}", lambda r: "registered_area_m2" in r and r["supply_stage"] == "promoted")
        old = record["registered_area_m2"]
        record["registered_area_m2"] = record["net_area_m2"] = round(old * share, 2)
        record.pop("gross_area_m2", None)
        record["gfa_max_m2"] = record["gfa_min_m2"] = None
        yield flaw(record, "registered_area_m2", f"登记面积与图形面积相差约{abs(share - 1):.1%}", "area_differs")

    record = take("net above gross", lambda r: r["supply_stage"] == "ready" and "gross_area_m2" in r)
    record["gross_area_m2"] = round(record["net_area_m2"] * 0.97, 2)
    yield flaw(record, "gross_area_m2", "总用地面积小于净用地面积", "net_area_exceeds_gross")

    for key, low, high, raw in (
        ("floor_area_ratio", "floor_area_ratio_min", "floor_area_ratio_max", "2.5-1.5"),
        ("building_coverage_ratio", "building_coverage_ratio_min_pct", "building_coverage_ratio_max_pct", "≥60%且≤40%"),
    ):
        record = take(
            f"reversed {key}", lambda r: r["supply_stage"] in {"ready", "plan_published"} and bool(r["planning_raw"])
        )
        record[low] = record[high] = record["gfa_max_m2"] = record["gfa_min_m2"] = None
        record["planning_raw"] = record["planning_raw"] | {key: raw}
        record["planning_parse_status"] = record["planning_parse_status"] | {key: "reversed"}
        if key == "floor_area_ratio":
            record["floor_area_ratio_min_inclusive"] = True
        yield flaw(record, f"planning_raw.{key}", f"上下限颠倒：{raw}（数值不入库，只留原文）", "interval_reversed")

    for day in ("2025-06-18", "2025-08-05"):
        record = take(f"stale {day}", lambda r: r["supply_stage"] == "ready" and "planning_conditions_issued_on" in r)
        record["planning_conditions_issued_on"] = day
        record["planning_conditions_no"] = "示例规条〔2025〕017号"
        yield flaw(
            record, "planning_conditions_issued_on", "规划条件出具已满一年仍未签合同", "planning_conditions_stale"
        )

    record = take("deposit", lambda r: r["supply_stage"] == "announced" and r.get("starting_price_basis") == "total")
    record["deposit_10k_cny"] = round(record["starting_price_10k_cny"] * 0.1)
    yield flaw(record, "deposit_10k_cny", "保证金为起始总价的10%，低于20%", "deposit_below_fifth")

    record = take(
        "term", lambda r: r["supply_stage"] == "ready" and r["land_use_code"] == "0902" and "mixed_uses" not in r
    )
    record["term_years"] = [{"use": "商务金融", "years": 50}]
    yield flaw(record, "term_years", "商务金融用地出让年限50年，超过法定40年", "term_exceeds_statutory")

    record = take(
        "ratio", lambda r: r["supply_stage"] == "ready" and r["planning_parse_status"].get("floor_area_ratio") == "ok"
    )
    record |= {"floor_area_ratio_min": 16.0, "floor_area_ratio_max": None, "gfa_max_m2": None, "gfa_min_m2": None}
    record["floor_area_ratio_min_inclusive"] = True
    record["planning_raw"] = record["planning_raw"] | {"floor_area_ratio": "≥16"}
    yield flaw(record, "floor_area_ratio_min", "容积率下限16，应为1.6（漏小数点）", "implausible_value")


def _in_buildings(buildings: list[Building]) -> Iterator[Flaw]:
    minor = [b.record for b in buildings if not b.key_office and b.record["visibility"] == "public"]
    chance("flaw buildings").shuffle(minor)

    record = next(r for r in minor if r["building_kind"] == "standard_factory")
    record["available_area_m2"] = round(record["rentable_area_m2"] * 1.08, 2)
    record["occupancy_rate_pct"] = None
    yield Flaw(
        "buildings", record["building_id"], "available_area_m2", "可招租面积大于可租面积", "available_exceeds_rentable"
    )

    record = next(r for r in minor if r["building_kind"] == "office")
    record |= {"rent_raw": "28元/㎡", "rent_min_cny_m2_day": 28.0, "rent_max_cny_m2_day": 28.0, "rent_unit": "day"}
    yield Flaw(
        "buildings", record["building_id"], "rent_min_cny_m2_day", "租金28元/㎡·天，疑为月租金", "rent_looks_monthly"
    )

    record = next(r for r in minor if r["building_kind"] == "rnd" and r["clear_height_m"] is not None)
    record["clear_height_m"] = round(record["floor_height_m"] + 0.4, 1)
    yield Flaw(
        "buildings", record["building_id"], "clear_height_m", "净高大于层高", "clear_height_exceeds_floor_height"
    )


_HEAD: Final = """# 有意埋下的缺陷 · Flaws planted on purpose

示例数据。下列缺陷是有意写入的，用来证明检查能发现它们；每一条都应被提示（告警），但不妨碍发布。
由 `geodata/build.py` 生成，请勿手改。

| layer | id | field | flaw | expected finding |
|---|---|---|---|---|
"""


def write_flaws(path: Path, flaws: list[Flaw]) -> None:
    """Write the list as a Markdown table."""
    rows = [f"| {f.layer} | `{f.record_id}` | `{f.field}` | {f.what} | `{f.finding}` |\n" for f in flaws]
    path.write_text(_HEAD + "".join(rows), encoding="utf-8", newline="\n")
