"""What values, fields and shapes say of each other, and what is filled, derived and kept on the way in."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from landmap.domain import District, Layer, layer_named
from landmap.ingest import Report
from landmap.ingest import check_here as check
from landmap.ingest.checks import Batch
from landmap.ingest.checks.neighbours import apart
from landmap.ingest.identity import fill_ids
from landmap.ingest.land_use_in import fill_land_use
from landmap.ingest.planning import fill_bounds
from landmap.ingest.shapes import fit
from landmap.ingest.terms import Terms
from tests.making_files import SQUARE_M2, feature, square, town, write_csv, write_geojson

TODAY = dt.date(2026, 11, 22)


def staged(folder: Path, *features: Any, layer: str = "parcels", **options: Any) -> tuple[pd.DataFrame, Report]:
    path = write_geojson(folder / "a.geojson", *features)
    found, report = check([path], layer, options.pop("district", town()), today=TODAY, **options)
    assert found is not None
    return found.frame, report


def codes(report: Report, field: str) -> list[str]:
    return [one.code for one in report.findings if one.field == field]


# planning conditions


@pytest.mark.parametrize(
    ("text", "low", "high", "low_in", "high_in", "status", "fault"),
    [
        ("≥1.5", 1.5, None, True, True, "ok", None),
        ("1.0<R≤1.9", 1.0, 1.9, False, True, "ok", None),
        ("1.5-2.5", 1.5, 2.5, True, True, "ok", None),
        ("/", None, None, True, True, "unspecified", None),
        ("R1.5", None, None, True, True, "ambiguous_no_operator", "interval_no_operator"),
        ("2.5-1.5", None, None, True, True, "reversed", "interval_reversed"),
        ("≥*.*", None, None, True, True, "unparsed", "interval_masked"),
        ("≥35%", None, None, True, True, "unparsed", "interval_unread"),
    ],
)
def test_a_floor_area_ratio_text_becomes_bounds(
    text: str, low: float | None, high: float | None, low_in: bool, high_in: bool, status: str, fault: str | None
) -> None:
    columns: dict[str, list[Any]] = {}
    faults = fill_bounds(columns, {"floor_area_ratio": [text]}, frozenset(), (5,))
    assert columns["floor_area_ratio_min"] == [low]
    assert columns["floor_area_ratio_max"] == [high]
    assert columns["floor_area_ratio_min_inclusive"] == [low_in]
    assert columns["floor_area_ratio_max_inclusive"] == [high_in]
    assert columns["planning_raw"] == [{"floor_area_ratio": text}]
    assert columns["planning_parse_status"] == [{"floor_area_ratio": status}]
    assert [(one.code, one.row) for one in faults] == ([] if fault is None else [(fault, 5)])


def test_a_share_without_a_percent_sign_is_not_taken_for_a_percentage() -> None:
    columns: dict[str, list[Any]] = {}
    faults = fill_bounds(columns, {"building_coverage_ratio": ["≥0.35", "≥35", "≥35%"]}, frozenset(), (1, 2, 3))
    assert columns["building_coverage_ratio_min_pct"] == [None, 35, 35]
    assert [(one.code, one.row) for one in faults] == [("interval_unread", 1)]


def test_a_bare_height_is_a_limit_only_where_the_header_says_so() -> None:
    for limits, high, status in ((frozenset({"height"}), 40, "ok"), (frozenset[str](), None, "ambiguous_no_operator")):
        columns: dict[str, list[Any]] = {}
        fill_bounds(columns, {"height": [40]}, limits, (1,))
        assert columns["height_limit_m"] == [high]
        assert columns["planning_parse_status"] == [{"height_limit": status}]


def test_storeys_are_never_metres() -> None:
    columns: dict[str, list[Any]] = {}
    fill_bounds(columns, {"height": ["不超过15层"]}, frozenset(), (1,))
    assert (columns["floors_max"], columns["height_limit_m"]) == ([15], [None])
    assert columns["planning_parse_status"] == [{"height_limit": "floors_not_metres"}]


def test_the_text_outranks_numbers_beside_it() -> None:
    columns: dict[str, list[Any]] = {"floor_area_ratio_min": [2.0]}
    faults = fill_bounds(columns, {"floor_area_ratio": ["≥1.5"]}, frozenset(), (1,))
    assert columns["floor_area_ratio_min"] == [1.5]
    assert [one.code for one in faults] == ["bound_disagrees"]


def test_numbers_alone_pass_and_reversed_ones_are_set_aside() -> None:
    columns: dict[str, list[Any]] = {"floor_area_ratio_min": [1.5, 2.5], "floor_area_ratio_max": [2.5, 1.5]}
    faults = fill_bounds(columns, {}, frozenset(), (1, 2))
    assert columns["floor_area_ratio_min"] == [1.5, None]
    assert columns["planning_parse_status"] == [{"floor_area_ratio": "ok"}, {"floor_area_ratio": "reversed"}]
    assert [(one.code, one.row) for one in faults] == [("interval_reversed", 2)]


# land use


def land_use(
    district: District | None = None, *, canonical: bool = False, **columns: list[Any]
) -> tuple[dict[str, list[Any]], list[str]]:
    count = len(next(iter(columns.values())))
    faults = fill_land_use(columns, range(1, count + 1), district or town(), canonical=canonical)
    return columns, [fault.code for fault in faults]


def test_codes_of_a_named_scheme_become_codes_of_2023() -> None:
    found, faults = land_use(land_use_code=["0601", "1001"], land_use_scheme=["sandiao", "ydyh2023"])
    assert found["land_use_code"] == ["1001", "1001"]
    assert found["land_use_raw"] == ["0601", "1001"]
    assert faults == []


def test_letters_tell_their_scheme() -> None:
    found, faults = land_use(land_use_code=["M1", "M2", "B29"])
    assert (found["land_use_code"], found["land_use_scheme"]) == (["100101", "100102", "0902"], ["gb50137"] * 3)
    assert faults == ["land_use_scheme_detected", "land_use_approximate"]


def test_digits_that_tell_no_scheme_give_no_code_and_keep_the_text() -> None:
    found, faults = land_use(land_use_code=["0601", "0701"])
    assert found["land_use_code"] == [None, None]
    assert found["land_use_raw"] == ["0601", "0701"]
    assert faults == ["land_use_scheme_unknown"]


def test_names_beside_the_digits_tell_the_scheme() -> None:
    found, _ = land_use(land_use_code=["0601"], land_use_raw=["工业用地"])
    assert found["land_use_code"] == ["1001"]


def test_names_alone_give_their_code_and_unknown_names_none() -> None:
    found, faults = land_use(land_use_raw=["工业用地", "商务金融用地/商业用地", "不知道", None])
    assert found["land_use_code"] == ["1001", "0902", None, None]
    assert found["mixed_uses"][1] == [{"code": "0902", "basis": "land"}, {"code": "0901", "basis": "land"}]
    assert found["land_use_raw"] == ["工业用地", "商务金融用地/商业用地", "不知道", None]
    assert faults == ["land_use_name_unknown", "land_use_from_name"]


def test_new_industry_land_is_tagged_and_unknown_use_is_not_called_untagged() -> None:
    found, _ = land_use(land_use_raw=["工业用地（新型产业用地）", "工业用地", None])
    assert found["new_industry_tag"] == ["M0", "none", None]


def test_a_district_may_translate_its_own_codes() -> None:
    found, _ = land_use(town(land_use_crosswalk={"ICMX": "1001"}), land_use_code=["ICMX", "ICMX"])
    assert (found["land_use_code"], found["land_use_scheme"]) == (["1001", "1001"], ["local", "local"])


def test_our_own_exports_come_back_as_they_went() -> None:
    found, faults = land_use(canonical=True, land_use_code=["1001", "9999"], land_use_scheme=["gb50137", "sandiao"])
    assert (found["land_use_code"], found["land_use_scheme"]) == (["1001", None], ["gb50137", "sandiao"])
    assert faults == ["land_use_unknown"]


# ids, classes, areas


def test_an_id_is_made_from_district_and_number_or_from_the_shape_and_stays_the_same() -> None:
    parcels = Terms(layer_named("parcels"), town())
    shapes = np.array([square(0), square(1), square(1)], dtype=object)

    def ids(order: list[int]) -> list[str]:
        columns: dict[str, list[Any]] = {"parcel_no": [["A-1", None, None][index] for index in order]}
        source = {"owner": [["x", "y", "z"][index] for index in order]}
        fill_ids(columns, shapes[order], source, parcels, 3)
        return columns["parcel_id"]

    first, turned = ids([0, 1, 2]), ids([2, 0, 1])
    assert first[0] == "370213-A-1"
    assert len(set(first)) == 3, "one shape, two records"
    assert turned == [first[2], first[0], first[1]]


def test_records_are_internal_drafts_until_the_steward_says_otherwise(tmp_path: Path) -> None:
    frame, report = staged(tmp_path, feature(), feature(1, visibility="partner", review_status="reviewed"))
    assert list(frame.visibility) == ["internal", "partner"]
    assert list(frame.review_status) == ["draft", "reviewed"]
    assert report.inputs[0].rows_public == 0
    frame, report = staged(tmp_path, feature(), feature(1, visibility="partner"), visibility="public")
    assert list(frame.visibility) == ["public", "partner"]
    assert list(frame.review_status) == ["published", "published"]
    assert report.inputs[0].rows_public == 1


def test_an_unknown_yes_or_no_stays_unknown(tmp_path: Path) -> None:
    frame, report = staged(tmp_path, feature(standard_land="是"), feature(1))
    assert frame.standard_land.tolist() == [True, pd.NA]
    assert frame.elastic_term.isna().all()
    assert codes(report, "elastic_term") == ["required_column_missing"]
    assert codes(report, "standard_land") == ["required_value_missing"]


def test_areas_are_held_against_the_outline_and_computed_ones_are_not_taken_from_a_file(tmp_path: Path) -> None:
    rows = (feature(registered_area_m2=39_900), feature(1, net_area_m2=39_000), feature(2, geodesic_area_m2=1))
    frame, report = staged(tmp_path, *rows)
    assert codes(report, "net_area_m2") == ["area_differs"]
    assert codes(report, "registered_area_m2") == []
    assert codes(report, "geodesic_area_m2") == ["derived_recomputed"]
    assert frame.geodesic_area_m2.isna().all()


@pytest.mark.parametrize(
    ("share", "code"),
    [(1.0005, None), (1.005, "area_differs_slightly"), (1.03, "area_differs"), (1.2, "area_differs_grossly")],
)
def test_how_far_a_declared_area_may_lie_off(tmp_path: Path, share: float, code: str | None) -> None:
    _, report = staged(tmp_path, feature(registered_area_m2=SQUARE_M2 * share))
    assert codes(report, "registered_area_m2") == ([] if code is None else [code])


def test_an_outline_of_the_gross_area_is_no_flaw_of_the_net_area(tmp_path: Path) -> None:
    _, report = staged(tmp_path, feature(net_area_m2=30_000, gross_area_m2=SQUARE_M2))
    assert not {"net_area_m2", "gross_area_m2"} & {one.field for one in report.findings}


def test_planning_conditions_lapse_after_the_districts_years(tmp_path: Path) -> None:
    issued = {"planning_conditions_issued_on": "2025-06-18"}
    _, report = staged(tmp_path, feature(**issued, supply_stage="ready"), feature(1, **issued, supply_stage="sold"))
    assert [(one.code, one.row) for one in report.findings if one.code == "planning_conditions_stale"] == [
        ("planning_conditions_stale", 1)
    ]


def test_chinese_ranges_hold_in_chinese_districts_only(tmp_path: Path) -> None:
    odd = feature(floor_area_ratio_max=30, district_code="PHL", net_area_m2=-1)
    frame, report = staged(tmp_path, odd)
    assert (frame.floor_area_ratio_max.isna().all(), frame.district_code[0]) == (True, None)
    frame, report = staged(tmp_path, odd, district=town(rules={"chinese_ranges": False}))
    assert (frame.floor_area_ratio_max[0], frame.district_code[0]) == (30, "PHL")
    assert codes(report, "net_area_m2") == ["value_out_of_range"], "a negative area is wrong everywhere"


def test_monthly_rents_are_turned_into_daily_ones_and_the_text_is_kept(tmp_path: Path) -> None:
    rows = [
        ("building_id", "building_name", "经度", "纬度", "月租金"),
        ("B1", "甲", 120.41, 36.19, "73"),
        ("B2", "乙", 120.42, 36.19, "面议"),
    ]
    found, report = check([write_csv(tmp_path / "a.csv", rows)], "buildings", town())
    assert found is not None
    assert found.frame.rent_min_cny_m2_day.tolist() == [pytest.approx(2.4), pytest.approx(np.nan, nan_ok=True)]
    assert list(found.frame.rent_raw) == ["73", "面议"]
    assert list(found.frame.rent_unit) == ["month", None]
    assert codes(report, "rent_raw") == []


def test_a_key_repeated_in_a_second_file_is_an_error_there(tmp_path: Path) -> None:
    paths = [write_geojson(tmp_path / name, feature(number)) for name, number in (("a.geojson", 0), ("b.geojson", 0))]
    found, report = check(paths, "parcels", town())
    assert found is not None
    assert [one.rows_accepted for one in report.inputs] == [1, 0]
    assert [(one.file, one.row) for one in report.findings if one.code == "key_duplicate"] == [("b.geojson", 1)]


# shapes


def shaped(wkt: str, layer: Layer = layer_named("parcels")) -> tuple[Any, list[str]]:  # noqa: B008 - a frozen value
    fitted, faults = fit(np.array([shapely.from_wkt(wkt)], dtype=object), (1,), layer)
    return fitted[0], [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("wkt", "kind", "faults"),
    [
        ("POLYGON((0 0,1 0,1 1,0 0))", "MultiPolygon", []),
        ("MULTIPOLYGON(((0 0,1 0,1 1,0 0)))", "MultiPolygon", []),
        ("GEOMETRYCOLLECTION(POLYGON((0 0,1 0,1 1,0 0)),POINT(0 0))", "MultiPolygon", ["collection_taken"]),
        ("GEOMETRYCOLLECTION(POINT(0 0))", None, ["geometry_type_wrong"]),
        ("LINESTRING(0 0,1 1)", None, ["geometry_type_wrong"]),
        ("POLYGON((0 0,1 1,1 0,0 1,0 0))", "MultiPolygon", ["geometry_repaired"]),
        ("POLYGON((0 0,1 1,2 2,0 0))", None, ["geometry_unrepairable"]),
    ],
)
def test_shapes_are_fitted_to_their_layer_or_refused(wkt: str, kind: str | None, faults: list[str]) -> None:
    shape, found = shaped(wkt)
    assert (None if shape is None else shape.geom_type, found) == (kind, faults)


def test_repair_keeps_polygons_and_states_the_change(tmp_path: Path) -> None:
    spike = {
        "type": "Polygon",
        "coordinates": [
            [[120.4, 36.18], [120.41, 36.18], [120.42, 36.18], [120.41, 36.18], [120.41, 36.19], [120.4, 36.18]]
        ],
    }
    frame, report = staged(tmp_path, feature(geometry=spike))
    (told,) = [one for one in report.findings if one.code == "geometry_repaired"]
    assert frame.geometry[0].is_valid
    area = abs(Geod(ellps="GRS80").geometry_area_perimeter(frame.geometry[0])[0])
    assert f"{area:,.1f}" in told.message


def test_many_overlaps_are_counted_out_rather_than_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landmap.ingest.checks.neighbours.OVERLAPS_TOLD", 10)
    nested = [shapely.box(120.4, 36.18, 120.41 + step / 1000, 36.19) for step in range(30)]
    outlines = np.array([*nested, *nested, None], dtype=object)
    batch = Batch(layer_named("parcels"), town(), TODAY, np.arange(61), {}, outlines)
    found = list(apart(batch))
    assert found[-1].code == "overlaps_unlisted"
    assert {fault.row for fault in found[:-1]} <= set(range(30)), "equal outlines are told elsewhere"
    assert len(found) == 30 * 29 / 2 + 1


def test_everything_in_the_report_can_be_written_as_json(tmp_path: Path) -> None:
    _, report = staged(tmp_path, feature(net_area_m2=float("nan"), parcel_name="\ud800\x00甲"), feature(1))
    assert json.loads(json.dumps(report.as_dict(), allow_nan=False))["inputs"][0]["rows_read"] == 2
