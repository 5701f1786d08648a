"""Which column is which field: by name, label, alias, unit, codes; what is unclear is said and not stored."""

import csv
from typing import Any

import pytest

from landmap.domain import layer_named
from landmap.domain.fields import data_text
from landmap.ingest import cell_units
from landmap.ingest.codes import code_of
from landmap.ingest.columns import Match, knows, match_columns
from landmap.ingest.faults import Fault
from tests.making_files import town

PARCELS = layer_named("parcels")


def matched(layer: str = "parcels", *, cut: bool = False, **columns: list[Any]) -> tuple[dict[str, Match], list[Fault]]:
    return match_columns(
        columns, layer_named(layer), town(land_use_crosswalk={"I-1": "1001", "ICMX": "1001"}), may_be_cut=cut
    )


def one(header: str, layer: str = "parcels", values: tuple[Any, ...] = ("x",)) -> Match:
    found, faults = matched(layer, **{header: list(values)})
    assert not faults, faults
    (match,) = found.values()
    return match


@pytest.mark.parametrize(
    ("header", "field", "unit"),
    [
        ("parcel_no", "parcel_no", ""),
        ("Parcel_No ", "parcel_no", ""),
        ("地块编号", "parcel_no", ""),
        ("Parcel number", "parcel_no", ""),
        ("DKBH", "parcel_no", ""),
        ("dkbh", "parcel_no", ""),
        ("面积（亩）", "net_area_m2", "mu"),
        ("净用地面积(公顷)", "net_area_m2", "ha"),
        ("登记（宗地）面积（公顷）", "registered_area_m2", "ha"),
        ("总用地面积/亩", "gross_area_m2", "mu"),
        ("起始价（亿元）", "starting_price_10k_cny", "100m_cny"),
        ("容积率", "floor_area_ratio", ""),
        ("建筑限高", "height", ""),
    ],
)
def test_headers_are_known_by_name_label_alias_and_unit(header: str, field: str, unit: str) -> None:
    match = one(header)
    assert (match.field, match.unit) == (field, unit)


def test_every_field_is_known_by_its_name_and_both_labels() -> None:
    for field in PARCELS.fields.values():
        for text in (field.name, field.label_zh, field.label_en):
            assert knows(PARCELS, text), text


def test_a_header_may_decide_other_fields_and_how_a_bare_number_counts() -> None:
    assert one("建筑系数").sets == (("building_coverage_kind", "coefficient"),)
    assert one("建筑限高").limit
    assert not one("建筑高度").limit


def test_only_our_own_name_is_exact() -> None:
    assert one("land_use_code").exact
    assert not one("用地代码").exact


@pytest.mark.parametrize(
    ("columns", "code", "header"),
    [
        ({"心情": ["好"]}, "column_unmatched", "心情"),
        ({"坐落": ["甲"], "土地位置": ["乙"]}, "field_twice", "土地位置"),
        ({"面积": [5]}, "header_ambiguous", "面积"),
        ({"净用地面积(平方英尺)": [5]}, "column_unmatched", "净用地面积(平方英尺)"),
    ],
)
def test_what_is_unclear_is_said(columns: dict[str, list[Any]], code: str, header: str) -> None:
    _, faults = matched(**columns)
    assert [(fault.code, fault.field) for fault in faults] == [(code, header)]


def test_the_better_named_of_two_columns_is_kept_and_an_empty_one_gives_way_unsaid() -> None:
    found, faults = matched(坐落=["甲"], location_text=["乙"])
    assert (found["location_text"].header, [fault.field for fault in faults]) == ("location_text", ["坐落"])
    found, faults = matched(坐落=["甲"], location_text=[None])
    assert (found["location_text"].header, faults) == ("坐落", [])


def test_a_header_cut_to_ten_bytes_is_completed_only_where_cuts_happen() -> None:
    found, faults = matched(街道名=["甲"], cut=True)
    assert (found["subdistrict"].header, [fault.code for fault in faults]) == ("街道名", ["header_cut"])
    found, faults = matched(街道名=["甲"])
    assert (found, [fault.code for fault in faults]) == ({}, ["column_unmatched"])
    _, faults = matched(floor_area=[1], cut=True)
    assert [fault.code for fault in faults] == ["column_ambiguous"]


def test_a_vague_header_over_cadastral_codes_is_the_cadastral_code() -> None:
    found, faults = matched(ZDDM=["370213004115GB02011"])
    assert (list(found), faults) == (["cadastral_parcel_code"], [])


def test_a_column_of_the_districts_own_land_use_codes_is_known_by_them() -> None:
    found, faults = matched(zoning=["I-1", "ICMX", None])
    assert (found["land_use_code"].header, [fault.code for fault in faults]) == ("zoning", ["column_by_values"])


def test_a_column_of_codes_is_known_by_them_unless_two_fields_have_them() -> None:
    found, _ = matched(怎么供=["挂牌", "拍卖", None])
    assert list(found) == ["supply_method"]
    found, _ = matched("site_assessments", 甲=["unknown", "unknown"])
    assert found == {}


@pytest.mark.parametrize(
    ("text", "field", "code"),
    [
        ("listing", "supply_method", "listing"),
        ("LISTING", "supply_method", "listing"),
        ("挂牌", "supply_method", "listing"),
        ("挂牌出让", "supply_method", "listing"),
        ("Listing", "supply_method", "listing"),
        (" 挂 牌 ", "supply_method", "listing"),
        ("赠送", "supply_method", None),
        ("已成交", "supply_stage", "sold"),
    ],
)
def test_codes_are_written_as_code_label_or_other_name(text: str, field: str, code: str | None) -> None:
    assert code_of(text, PARCELS.fields[field]) == code


def test_units_of_one_kind_convert_and_others_do_not() -> None:
    assert cell_units.factor("mu", "㎡") == pytest.approx(2000 / 3)
    assert cell_units.factor("ha", "km²") == pytest.approx(0.01)
    assert cell_units.factor("10k_cny_per_ha", "万元/亩") == pytest.approx(1 / 15)
    assert cell_units.factor("cny_m2_month", "元/㎡·天") == pytest.approx(12 / 365)
    assert cell_units.factor("kg_m2", "kN/㎡") == pytest.approx(0.00980665)
    assert cell_units.factor("t", "kg") == 1000
    assert cell_units.factor("mu", "万元") is None
    assert cell_units.factor("mu", "") is None


def test_every_unit_of_the_alias_table_fits_its_field() -> None:
    for row in csv.DictReader(data_text("aliases.csv").splitlines()):
        if row["unit"] and row["field"] != "rent_raw":
            field = layer_named(row["layer"]).fields[row["field"]]
            assert cell_units.factor(row["unit"], field.unit) is not None, row
