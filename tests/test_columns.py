"""Which column is which field: by name, label, alias, unit, codes; what is unclear is said and not stored."""

import csv
from collections.abc import Mapping
from typing import Any

import pytest

from landmap.domain import layer_named
from landmap.domain.fields import data_text
from landmap.ingest import cell_units
from landmap.ingest.codes import code_of
from landmap.ingest.columns import Match, Matched, knows, match_columns
from landmap.ingest.faults import Fault
from landmap.ingest.profiles import Profile, Rule
from landmap.ingest.proposals import ColumnProposal
from tests.making_files import town

PARCELS = layer_named("parcels")


def sorted_out(layer: str = "parcels", columns: Mapping[str, list[Any]] | None = None, **options: Any) -> Matched:
    crosswalk = {"I-1": "1001", "ICMX": "1001"}
    return match_columns(columns or {}, layer_named(layer), town(land_use_crosswalk=crosswalk), **options)


def matched(layer: str = "parcels", *, cut: bool = False, **columns: list[Any]) -> tuple[dict[str, Match], list[Fault]]:
    found = sorted_out(layer, columns, may_be_cut=cut)
    return found.matches, found.faults


def proposed(header: str, values: list[Any], layer: str = "parcels", profile: Profile | None = None) -> ColumnProposal:
    (row,) = sorted_out(layer, {header: values}, profile=profile).proposals
    return row


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


@pytest.mark.parametrize(
    ("header", "values", "layer", "field", "how", "conversion"),
    [
        ("parcel_no", ["A-1"], "parcels", "parcel_no", "name", ""),
        ("地块编号", ["A-1"], "parcels", "parcel_no", "label", ""),
        ("DKBH", ["A-1"], "parcels", "parcel_no", "alias", ""),
        ("面积（亩）", [3.5], "parcels", "net_area_m2", "alias", "亩 → ㎡：× 2000/3"),
        ("登记面积（公顷）", [3.5], "parcels", "registered_area_m2", "unit", "公顷 → ㎡：× 10000"),
        ("起始价（元）", [3.5e6], "parcels", "starting_price_10k_cny", "unit", "元 → 万元：÷ 10000"),
        ("月租金", ["60"], "buildings", "rent_raw", "alias", "元/m2/月 → 元/㎡·天：× 12/365"),
        ("租金（元/㎡·年）", ["730"], "buildings", "rent_raw", "alias", "元/m2/年 → 元/㎡·天：÷ 365"),
        ("楼面荷载(kg/㎡)", [500], "buildings", "floor_load_kn_m2", "alias", "kg/m2 → kN/㎡：÷ 101.972"),
        ("投资强度(万元/公顷)", [5250], "standard_land_indices", "investment_intensity_10k_cny_per_mu", "alias",
         "万元/公顷 → 万元/亩：÷ 15"),
        ("绿地率（小数）", [0.35], "parcels", "green_space_ratio", "unit", "小数 → %：× 100"),
    ],
)  # fmt: skip
def test_every_column_is_proposed_with_how_it_is_known_and_converted(
    header: str, values: list[Any], layer: str, field: str, how: str, conversion: str
) -> None:
    row = proposed(header, values, layer)
    assert (row.field, row.how, row.conversion, row.treatment) == (field, how, conversion, "stored")
    assert row.confidence > 0.9
    assert row.as_dict()["header"] == header


def test_confidence_falls_with_the_header_and_with_what_cannot_be_read() -> None:
    by_name, by_alias = proposed("net_area_m2", [5.0]), proposed("净地面积", [5.0])
    vague, half_read = proposed("面积", [5.0]), proposed("净地面积", [5.0, "大", "小", 6.0])
    assert 1.0 == by_name.confidence > by_alias.confidence > half_read.confidence > vague.confidence > 0.5


def test_an_unmatched_column_is_proposed_with_its_best_guesses() -> None:
    row = proposed("地块所在街道名", ["浮山路街道"])
    assert (row.field, row.confidence, row.treatment, row.sample) == (None, 0.0, "unmatched", "浮山路街道")
    assert row.guesses[0][0] == "subdistrict"
    assert all(0.15 <= likely <= 0.6 for _, likely in row.guesses)
    assert [one["field"] for one in row.as_dict()["guesses"]] == [name for name, _ in row.guesses]


def test_a_unit_that_we_do_not_know_leaves_its_field_a_guess() -> None:
    row = proposed("净用地面积（平方英尺）", [53_820])
    assert (row.field, row.guesses[0][0]) == (None, "net_area_m2")


def test_the_best_guess_is_told_with_the_unmatched_column() -> None:
    (fault,) = sorted_out(columns={"地块所在街道名": ["浮山路街道"]}).faults
    assert (fault.code, fault.words["guess"]) == ("column_unmatched", "subdistrict")


def test_cadastral_codes_are_known_under_any_header() -> None:
    found, faults = matched(标识码=["370213004115GB02011", "370213004115GB02012"])
    assert (found["cadastral_parcel_code"].header, [one.code for one in faults]) == ("标识码", ["column_by_values"])
    found, _ = matched(甲=["370213004115GB02011F00010001"], 乙=["370213004115GB02011"])
    assert {name: match.header for name, match in found.items()} == {
        "real_estate_unit_code": "甲",
        "cadastral_parcel_code": "乙",
    }


@pytest.mark.parametrize("values", [[60.0, 80.0], ["1001", "0902"], ["60"], [None]])
def test_short_numbers_name_no_field_by_themselves(values: list[Any]) -> None:
    found, _ = matched(面积=values)
    assert list(found) == ["net_area_m2"]


def test_every_column_has_one_row_in_file_order() -> None:
    headers = ["心情", "坐落", "位置", "面积", "联系人", "DKBH"]
    found = sorted_out(columns={header: ["x"] for header in headers})
    assert [row.header for row in found.proposals] == headers
    assert [row.treatment for row in found.proposals] == ["unmatched", "stored", "held", "stored", "internal", "stored"]


def test_a_profile_outranks_headers_units_and_values() -> None:
    profile = Profile(
        "区台账", "parcels", {"面积": Rule("gross_area_m2", "mu"), "编 号": Rule("parcel_no"), "坐落": Rule(None)}
    )
    found = sorted_out(columns={"面积": [3.0], "编号": ["A"], "坐落": ["甲"], "净用地面积": [4.0]}, profile=profile)
    assert {name: (match.header, match.unit) for name, match in found.matches.items()} == {
        "gross_area_m2": ("面积", "mu"),
        "parcel_no": ("编号", ""),
        "net_area_m2": ("净用地面积", ""),
    }
    assert found.faults == []
    told = {row.header: (row.how, row.confidence, row.treatment) for row in found.proposals}
    assert told["面积"] == ("profile", 1.0, "stored")
    assert told["坐落"] == ("profile", 1.0, "left")


def test_a_column_that_the_profile_knows_and_the_file_lacks_is_told() -> None:
    profile = Profile("区台账", "parcels", {"宗地号码": Rule("parcel_no")})
    (fault,) = sorted_out(columns={"坐落": ["甲"]}, profile=profile).faults
    assert (fault.code, fault.field, fault.words["profile"]) == ("profile_column_missing", "宗地号码", "区台账")


def test_planning_figures_known_to_be_shares_become_percentages() -> None:
    profile = Profile("区台账", "parcels", {"密度": Rule("building_coverage_ratio", "ratio")})
    found = sorted_out(columns={"密度": [0.35, "≤40%", None]}, profile=profile)
    assert found.columns["密度"] == [35.0, "≤40%", None]
