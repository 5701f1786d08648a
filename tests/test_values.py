"""Cells become values: numbers, dates, flags, codes, lists, structures; what cannot be read is unknown and said."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain import Field, layer_named
from landmap.ingest.rents import parse_rent
from landmap.ingest.structures import from_words, period
from landmap.ingest.values import convert

PARCELS, BUILDINGS = layer_named("parcels").fields, layer_named("buildings").fields
AREA, SHARE, FLOORS = PARCELS["net_area_m2"], PARCELS["green_space_ratio_max_pct"], PARCELS["floors_max"]
DATE, FLAG, METHOD = PARCELS["planning_conditions_issued_on"], PARCELS["standard_land"], PARCELS["supply_method"]


def read(value: Any, field: Field, unit: str = "") -> Any:
    (found,), faults = convert([value], [7], field, unit)
    assert all(fault.row == 7 and fault.field == field.name for fault in faults)
    return found


def fault(value: Any, field: Field, unit: str = "") -> list[str]:
    (found,), faults = convert([value], [7], field, unit)
    assert found is None
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [
        (1234.5, "", 1234.5),
        (7, "", 7.0),
        ("1234.5", "", 1234.5),
        ("1,234,567.5", "", 1234567.5),
        ("\uff11\uff12\uff13", "", 123.0),
        ("1.2e3", "", 1200.0),
        ("5㎡", "", 5.0),
        ("0.5万㎡", "", 5000.0),
        ("3公顷", "", 30000.0),
        ("68507.52平方米(折102.76亩)", "", 68507.52),
        (3, "ha", 30000.0),
        ("3", "mu", 2000.0),
        ("3亩", "ha", 2000.0),
        (" 12 000 ", "", 12000.0),
    ],
)
def test_numbers_are_read_with_their_units(cell: Any, unit: str, value: float) -> None:
    assert read(cell, AREA, unit) == pytest.approx(value)


@pytest.mark.parametrize("cell", [None, "", " ", "/", "—", "无", "暂无", "待定", "N/A", "null", "NaN"])
def test_words_for_nothing_are_unknown_without_a_fault(cell: Any) -> None:
    for field in (AREA, DATE, METHOD):
        assert convert([cell], [1], field) == ([None], [])


@pytest.mark.parametrize(
    ("cell", "field", "code"),
    [
        ("很大", AREA, "number_malformed"),
        ("1,23", AREA, "number_malformed"),
        ("3-5", AREA, "number_malformed"),
        ("1.2.3", AREA, "number_malformed"),
        (True, AREA, "number_malformed"),
        (float("nan"), AREA, "number_not_finite"),
        ("1e999", AREA, "number_not_finite"),
        (10**400, AREA, "number_not_finite"),
        ("5万元", AREA, "unit_unlike"),
        ("68507.52平方米(折112.76亩)", AREA, "area_units_disagree"),
        (6.5, FLOORS, "number_not_whole"),
        (2**60, FLOORS, "number_malformed"),
        ("2025-02-30", DATE, "date_malformed"),
        ("2025", DATE, "date_malformed"),
        (2025, DATE, "date_malformed"),
        ("0999-01-01", DATE, "date_malformed"),
        ("3/4/2025", DATE, "date_ambiguous"),
        ("下个月", DATE, "date_malformed"),
        ("也许", FLAG, "boolean_malformed"),
        (2, FLAG, "boolean_malformed"),
        ("赠送", METHOD, "code_unknown"),
        (["listing"], METHOD, "code_unknown"),
        ("javascript:alert(1)", PARCELS["notice_url"], "url_malformed"),
        ("https://a b", PARCELS["notice_url"], "url_malformed"),
        ("{", PARCELS["site_services"], "json_cell_malformed"),
        ('{"a": NaN}', PARCELS["site_services"], "json_cell_malformed"),
        ("飞机场", BUILDINGS["amenities"], "code_unknown"),
    ],
)
def test_what_cannot_be_read_is_unknown_and_a_fault(cell: Any, field: Field, code: str) -> None:
    assert fault(cell, field) == [code]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025-09-01", (2025, 9, 1)),
        ("2025/9/1", (2025, 9, 1)),
        ("2025.9.1", (2025, 9, 1)),
        ("2025年9月1日", (2025, 9, 1)),
        ("2025-09-01T10:00:00Z", (2025, 9, 1)),
        ("20250901", (2025, 9, 1)),
        (20250901, (2025, 9, 1)),
        (45901, (2025, 9, 1)),
        ("45901", (2025, 9, 1)),
        ("22/12/2017", (2017, 12, 22)),
        ("12/22/2017", (2017, 12, 22)),
        ("1/1/2017", (2017, 1, 1)),
        (dt.datetime(2025, 9, 1, 12), (2025, 9, 1)),  # noqa: DTZ001 - spreadsheets have no zones
        (dt.date(2025, 9, 1), (2025, 9, 1)),
        ("2025年9月", (2025, 9, 1)),
        ("2025.9", (2025, 9, 1)),
    ],
)
def test_dates_are_read_as_people_write_them(cell: Any, day: tuple[int, int, int]) -> None:
    assert read(cell, DATE) == dt.date(*day)


def test_a_month_becomes_its_first_day_and_says_so() -> None:
    _, faults = convert(["2025年9月"], [3], DATE)
    assert [(one.code, one.row) for one in faults] == [("date_day_assumed", 3)]


#: Days within the range that programs write for "no date".
NO_DATES = {(1900, 1, 1), (1900, 1, 2), (1901, 1, 1), (1901, 1, 2), (1970, 1, 1), (2099, 12, 31), (2100, 12, 31)}


@given(
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)).filter(
        lambda day: (day.year, day.month, day.day) not in NO_DATES
    )
)
def test_every_date_reads_back_in_every_form(day: dt.date) -> None:
    for text in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}"):
        assert read(text, DATE) == day


@given(st.floats(0.01, 1e9, allow_nan=False))
def test_every_printed_number_reads_back(number: float) -> None:
    text = f"{number:,.2f}"
    assert read(text, AREA) == pytest.approx(float(text.replace(",", "")))


@given(st.one_of(st.text(), st.binary(), st.floats(), st.integers(), st.lists(st.text()), st.booleans()))
def test_no_cell_at_all_raises(cell: Any) -> None:
    for field in (*PARCELS.values(), *BUILDINGS.values()):
        if field.name != "geometry":
            values, _ = convert([cell], [1], field)
            assert len(values) == 1


@pytest.mark.parametrize(
    ("cell", "flag"),
    [
        ("是", True),
        ("否", False),
        ("true", True),
        (1, True),
        (0, False),
        ("1.0", True),
        ("有", True),
        ("√", True),
        (False, False),
    ],
)
def test_yes_and_no_in_both_languages(cell: Any, flag: bool) -> None:
    assert read(cell, FLAG) is flag


def test_no_word_for_no_is_never_unknown_and_unknown_never_no() -> None:
    assert read("无", FLAG) is False
    assert read("未知", FLAG) is None


def test_lists_are_cut_at_any_separator_and_keep_their_order() -> None:
    assert read("餐厅、会议室;Gym", BUILDINGS["amenities"]) == ("canteen", "meeting_room", "gym")
    assert read("34、35，36", PARCELS["encouraged_industries"]) == ("34", "35", "36")
    assert read(["a", "b", "a", ""], PARCELS["photos"]) == ("a", "b")
    assert read('["x", "y"]', PARCELS["photos"]) == ("x", "y")


def test_a_list_with_some_unknown_codes_keeps_the_others_and_says_so() -> None:
    found, faults = convert(["餐厅、飞机场"], [2], BUILDINGS["amenities"])
    assert (found, [one.code for one in faults]) == ([("canteen",)], ["code_unknown_some"])


def test_text_stays_as_it_is_but_for_what_cannot_be_seen() -> None:
    payload = "{{7*7}}<img src=x onerror=alert(1)>"
    assert read(payload, PARCELS["parcel_name"]) == payload
    found, faults = convert(["甲\u202e地\x00块\ud800"], [2], PARCELS["parcel_name"])
    assert (found, [one.code for one in faults]) == (["甲地块"], ["text_unseen"])
    assert read(12.0, PARCELS["parcel_no"]) == "12"


@pytest.mark.parametrize(
    ("field", "words", "value"),
    [
        ("bounds_text", "东至重庆路，南至金水路；西临河", {"east": "重庆路", "south": "金水路", "west": "河"}),
        ("term_years", "50年", [{"years": 50}]),
        ("term_years", "城镇住宅70、商业40", [{"use": "城镇住宅", "years": 70}, {"use": "商业", "years": 40}]),
        ("term_years", "长期", None),
        ("site_services", "通路、给水、电力", {"water": "yes", "power": "yes", "road": "yes"}),
        ("other_conditions", "退线5米", None),
    ],
)
def test_structures_are_read_from_words_where_words_are_usual(field: str, words: str, value: Any) -> None:
    assert from_words(field, words) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026年一季度", "2026-Q1"),
        ("2026-Q3", None),
        ("2026年第4季度", "2026-Q4"),
        ("2026年", "2026"),
        ("2026.12", "2026-12"),
        ("明年", None),
    ],
)
def test_planned_dates_take_the_form_of_their_field(text: str, value: str | None) -> None:
    assert period(text) == value


@pytest.mark.parametrize(
    ("text", "unit", "low", "high", "kind"),
    [
        ("2.3元/㎡/天", "", 2.3, 2.3, "day"),
        ("30元/m2.月", "", 30 * 12 / 365, 30 * 12 / 365, "month"),
        ("29.9元/天/平方米", "", 29.9, 29.9, "day"),
        ("1.5-2.0元/㎡·天", "", 1.5, 2.0, "day"),
        ("73", "cny_m2_month", 2.4, 2.4, "month"),
    ],
)
def test_rents_become_yuan_per_square_metre_and_day(text: str, unit: str, low: float, high: float, kind: str) -> None:
    rent = parse_rent(text, unit)
    assert rent is not None
    assert (rent.low, rent.high, rent.period) == (pytest.approx(low), pytest.approx(high), kind)


@pytest.mark.parametrize("text", ["面议", "28元/㎡", "3万元/亩·年", "2.0-1.5元/㎡·天", "便宜", "5000元/套/月"])
def test_a_rent_without_period_or_sense_is_none(text: str) -> None:
    assert parse_rent(text) is None
