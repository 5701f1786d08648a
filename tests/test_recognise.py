"""Values tell what their column is: codes, patterns, builds; and how likely a guess is."""

from typing import Any

import pytest

from landmap.domain import layer_named
from landmap.ingest.recognise import SAMPLE, field_of_codes, field_of_pattern, guesses, readable, texts_of
from tests.making_files import town

PARCELS = layer_named("parcels")


def guessed(header: str, values: list[Any], layer: str = "parcels", **taken: Any) -> dict[str, float]:
    return dict(guesses(header, values, layer_named(layer), taken))


def test_texts_are_plain_and_leave_out_what_says_nothing() -> None:
    assert texts_of([None, "", "—", "暂无", " ㎡ ", 5.0, 5.5, ["x"], {"a": 1}, True]) == ["m2", "5", "5.5", "True"]
    assert len(texts_of(["x"] * (SAMPLE + 5))) == SAMPLE


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (["370213004115GB02011", None, "370213004115GB02012"], "cadastral_parcel_code"),
        (["370213004115GB02011F00010001"], "real_estate_unit_code"),
        (["370213004115GB02011", "370213004115XX02011"], None),
        (["1001", "0902"], None),
        (["370213"], None),
        ([], None),
    ],
)
def test_codes_of_a_known_build_name_their_field(values: list[Any], field: str | None) -> None:
    assert field_of_pattern(values, PARCELS) == field


def test_a_code_list_names_its_field_only_while_that_is_free() -> None:
    values = ["挂牌", "拍卖", None]
    assert field_of_codes(values, PARCELS, town(), {}) == "supply_method"
    assert field_of_codes(values, PARCELS, town(), {"supply_method": 1}) is None
    assert field_of_codes(["挂牌"], PARCELS, town(), {}) is None, "one value is no list"
    assert field_of_codes([1, 2], PARCELS, town(), {}) is None


@pytest.mark.parametrize(
    ("values", "name", "unit", "share"),
    [
        ([1, "2.5", "约3亩"], "net_area_m2", "", 1.0),
        ([1, "大", "小", 2], "net_area_m2", "", 0.5),
        ([None, None], "net_area_m2", "", 1.0),
        (["≥1.5", "1.0<R≤2.0", "看情况"], "floor_area_ratio", "", pytest.approx(2 / 3)),
        (["挂牌", "赠送"], "supply_method", "", 0.5),
        (["370213", "李沧"], "district_code", "", 0.5),
        ([object()], "geometry", "", 1.0),
    ],
)
def test_how_well_a_column_can_be_read_as_a_field(values: list[Any], name: str, unit: str, share: float) -> None:
    assert readable(values, name, PARCELS, unit) == share


def test_rents_are_read_with_the_unit_of_their_header() -> None:
    buildings = layer_named("buildings")
    assert readable(["60", "55-70"], "rent_raw", buildings, "cny_m2_month") == 1.0
    assert readable(["60", "55-70"], "rent_raw", buildings, "") == 0.0


@pytest.mark.parametrize(
    ("values", "layer", "field"),
    [
        (["C3670", "M7310"], "standard_land_indices", "industry_code"),
        (["370213001", "370213002"], "districts", "district_code"),
        (["2025-09-01", "2025年9月", "20250901"], "buildings", "data_as_of"),
        (["https://example.com/a"], "parcels", "notice_url"),
        (["1001", "0902", "1101"], "parcels", "land_use_code"),
    ],
)
def test_the_build_of_the_values_is_a_guess_by_itself(values: list[Any], layer: str, field: str) -> None:
    assert field in guessed("甲", values, layer)


def test_a_taken_field_is_no_guess_and_no_guess_is_sure() -> None:
    assert "net_area_m2" in guessed("净用地面积平方尺", [5, 6])
    assert "net_area_m2" not in guessed("净用地面积平方尺", [5, 6], net_area_m2=1)
    assert all(likely <= 0.6 for likely in guessed("净用地面积平方尺", [5, 6]).values())


def test_a_header_that_is_like_a_field_whose_values_it_cannot_hold_is_guessed_less() -> None:
    all_read, half_read = guessed("总净用地面积", [5, 6]), guessed("总净用地面积", [5, 6, "大", "小"])
    assert all_read["net_area_m2"] > half_read["net_area_m2"]


def test_what_is_like_nothing_is_guessed_nothing() -> None:
    assert guessed("心情", ["好", "坏"]) == {}
    assert guessed("", []) == {}
