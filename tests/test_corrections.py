"""Proposals are applied when somebody accepts them, one by one or by kind, and never otherwise."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from landmap import pipeline
from landmap.ingest import check_here, compared_with
from landmap.ingest.planning import fill_bounds
from landmap.store import Home, open_current
from tests.clean_garden import TODAY, checked, garden, parcel, write
from tests.hamlet import make_home
from tests.making_files import feature, square, town, write_csv, write_geojson


def monthly(folder: Path, count: int) -> Path:
    """Return a list of buildings whose rents are those of a month."""
    head = ("building_id", "building_name", "经度", "纬度", "rent_min_cny_m2_day")
    rows = [(f"B{number}", f"{number}号楼", 120.41 + number / 1000, 36.19, 60 + number) for number in range(count)]
    return write_csv(folder / "楼.csv", [head, *rows])


def found(path: Path, code: str, **options: Any) -> Any:
    _, report = check_here([path], options.pop("layer", "buildings"), town(), today=TODAY, **options)
    return next((one for one in report.findings if one.code == code), None)


def rents(path: Path, *accept: str) -> tuple[list[float], tuple[dict[str, Any], ...]]:
    staged, _ = check_here([path], "buildings", town(), today=TODAY, accept=accept)
    assert staged is not None
    return staged.frame["rent_min_cny_m2_day"].round(2).tolist(), staged.corrections


def test_nothing_is_changed_unasked(tmp_path: Path) -> None:
    values, corrections = rents(monthly(tmp_path, 2))
    assert np.isnan(values).all(), "a rent no building has is unknown until somebody says what was meant"
    assert corrections == ()


def test_one_is_accepted_by_its_key_and_the_others_stay(tmp_path: Path) -> None:
    path = monthly(tmp_path, 3)
    _, report = check_here([path], "buildings", town(), today=TODAY)
    second = [one for one in report.findings if one.code == "rent_looks_monthly"][1]
    assert second.key is not None
    values, corrections = rents(path, second.key)
    assert values[1] == pytest.approx(61 / (365 / 12), abs=0.01)
    assert {one["row"] for one in corrections} == {3}
    assert [(one["field"], one["from"], one["id"]) for one in corrections] == [
        ("rent_min_cny_m2_day", 61.0, "B1"),
        ("rent_unit", None, "B1"),
    ]


def test_all_of_a_kind_are_accepted_by_their_code_or_by_the_key_of_their_group(tmp_path: Path) -> None:
    path = monthly(tmp_path, 8)
    group = found(path, "rent_looks_monthly")
    assert group.count == 8
    daily = [round((60 + number) / (365 / 12), 2) for number in range(8)]
    assert rents(path, "rent_looks_monthly")[0] == daily
    assert rents(path, group.key)[0] == daily
    assert found(path, "rent_looks_monthly", accept=[group.key]) is None
    one = group.cases[4]["key"]
    assert {change["row"] for change in rents(path, one)[1]} == {group.cases[4]["row"]}


def test_a_key_accepts_nothing_once_the_cell_says_something_else(tmp_path: Path) -> None:
    key = found(monthly(tmp_path, 1), "rent_looks_monthly").key
    path = write_csv(
        tmp_path / "楼.csv",
        [("building_id", "building_name", "经度", "纬度", "rent_min_cny_m2_day"), ("B0", "甲", 120.41, 36.19, 90)],
    )
    assert rents(path, key)[1] == ()
    assert found(path, "rent_looks_monthly", accept=[key]) is not None


def test_what_was_changed_is_told_in_the_report(tmp_path: Path) -> None:
    told = found(monthly(tmp_path, 1), "corrected", accept=["rent_looks_monthly"])
    assert (told.severity, told.row, told.field) == ("info", 2, "rent_min_cny_m2_day")
    assert told.message == "租金下限 已由 60.0 改为 1.9726（接受建议：rent_looks_monthly）"


def test_a_repeated_record_is_dropped_and_nothing_else_is(tmp_path: Path) -> None:
    records = garden()["parcels"][:4]
    records[3] = dict(records[1]) | {"parcel_id": "370213-GY-2025-900", "parcel_no": "LC2025-900"}
    staged, report = checked(tmp_path, "parcels", records, accept=["record_repeated"])
    assert staged is not None
    assert list(staged.frame["parcel_id"]) == [record["parcel_id"] for record in records[:3]]
    assert [one["kind"] for one in staged.corrections] == ["drop"]
    assert [one.rows_read for one in report.inputs] == [4]


def test_an_accepted_sign_keeps_the_words_of_the_source_and_survives_a_second_import() -> None:
    columns: dict[str, list[Any]] = {"land_use_code": ["1001"]}
    faults = fill_bounds(columns, {"floor_area_ratio": ["1.5"]}, frozenset(), (2,))
    assert faults[0].proposal is not None
    (change,) = faults[0].proposal.changes
    assert (change.field, change.before, change.after) == ("planning_raw.floor_area_ratio", "1.5", "≥1.5")
    fill_bounds(columns, {"floor_area_ratio": ["1.5"]}, frozenset(), (2,), {change.field: {0: change.after}})
    assert columns["planning_raw"] == [{"floor_area_ratio": "≥1.5（原文：1.5）"}]
    assert columns["planning_parse_status"] == [{"floor_area_ratio": "ok"}]
    again: dict[str, list[Any]] = {"planning_raw": columns["planning_raw"], "floor_area_ratio_min": [1.5]}
    assert fill_bounds(again, {}, frozenset(), (2,)) == []
    assert again["floor_area_ratio_min"] == [1.5]


@pytest.mark.parametrize(
    ("use", "concept", "text", "proposed"),
    [
        ("1001", "floor_area_ratio", "R1.5", "≥1.5"),
        ("0902", "floor_area_ratio", "1.5", "≤1.5"),
        ("100102", "building_coverage_ratio", "35%", "≥35%"),
        ("1101", "green_space_ratio", "0.15", "≤15%"),
        ("0701", "green_space_ratio", "30", "≥30"),
        ("1001", "height", "24米", "≤24米"),
        ("1001", "building_coverage_ratio", "≥60%且≤40%", "≥40%且≤60%"),
        ("1001", "building_coverage_ratio", "0.35-0.6", "35%-60%"),
        (None, "floor_area_ratio", "1.5", None),
        ("1001", "floor_area_ratio", "≥*.*", None),
        ("1001", "floor_area_ratio", "1.5/2.0/3.0", None),
    ],
)
def test_a_text_gets_the_cure_that_its_kind_of_land_suggests(
    use: str | None, concept: str, text: str, proposed: str | None
) -> None:
    faults = fill_bounds({"land_use_code": [use]}, {concept: [text]}, frozenset(), (2,))
    cures = [change.after for fault in faults if fault.proposal for change in fault.proposal.changes]
    assert cures == ([] if proposed is None else [proposed])


def test_a_cure_may_lay_open_the_next_fault_and_that_one_is_cured_too(tmp_path: Path) -> None:
    one = parcel(3) | {
        "planning_raw": {},
        "building_coverage_ratio_min_pct": 0.65,
        "building_coverage_ratio_max_pct": 35,
    }
    staged, _ = checked(tmp_path, "parcels", [one], accept=["share_not_percent", "interval_reversed"])
    assert staged is not None
    assert staged.frame["building_coverage_ratio_min_pct"].tolist() == [35]
    assert staged.frame["building_coverage_ratio_max_pct"].tolist() == [65]
    assert {change["code"] for change in staged.corrections} == {"share_not_percent", "interval_reversed"}


def test_corrections_stand_in_the_manifest_of_the_version(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    path = write_geojson(tmp_path / "a.geojson", feature(registered_area_m2=3.9927))
    staged, _ = check_here([path], "parcels", home.district(), accept=["area_unit_suspected"])
    assert staged is not None
    pipeline.stage_layer(home, staged, by="测试员")
    pipeline.publish_staged(home, by="测试员", note="")
    (source,) = open_current(home).manifest["layers"]["parcels"]["sources"]
    (told,) = source["corrections"]
    assert (told["code"], told["id"], told["field"]) == ("area_unit_suspected", "P0", "registered_area_m2")
    assert (told["from"], told["to"]) == (3.9927, 39_927)


def test_what_a_home_holds_and_what_waits_in_it_is_compared_with(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    assert pipeline.beside_of(home, "buildings") == {}
    path = write_geojson(tmp_path / "a.geojson", feature(0), feature(1))
    waiting(home, path, "parcels")
    assert sorted(pipeline.beside_of(home, "buildings")["parcels"]["parcel_id"]) == ["P0", "P1"]
    pipeline.publish_staged(home, by="", note="")
    assert sorted(pipeline.beside_of(home, "parcels")["parcels"]["parcel_id"]) == ["P0", "P1"]
    waiting(home, write_geojson(tmp_path / "b.geojson", feature(2)), "parcels", mode="append")
    assert sorted(pipeline.beside_of(home, "buildings")["parcels"]["parcel_id"]) == ["P0", "P1", "P2"]
    waiting(home, write_geojson(tmp_path / "b.geojson", feature(2)), "parcels")
    assert sorted(pipeline.beside_of(home, "buildings")["parcels"]["parcel_id"]) == ["P2"]


def waiting(home: Home, path: Path, layer: str, **options: Any) -> None:
    staged, _ = check_here([path], layer, home.district())
    assert staged is not None
    pipeline.stage_layer(home, staged, by="", **options)


@pytest.mark.parametrize(
    ("layer", "others"),
    [
        ("building_units", ("buildings",)),
        ("site_assessments", ("parcels",)),
        ("facilities", ()),
        ("buildings", ("districts", "parcels")),
    ],
)
def test_a_layer_knows_what_it_is_compared_with(layer: str, others: tuple[str, ...]) -> None:
    assert compared_with(layer) == others


def test_the_report_with_its_proposals_is_plain_json(tmp_path: Path) -> None:
    records = [parcel(1) | {"geometry": square()}, parcel(1) | {"geometry": square(), "parcel_id": "X"}]
    path = write(tmp_path, "parcels", records)
    _, report = check_here([path], "parcels", town(), today=TODAY)
    told = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert any(finding["proposal"] for finding in told["findings"])
