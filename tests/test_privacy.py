"""Personal and secret columns: kept inside or left out, told with their number and kind, and never quoted."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain import layer_named
from landmap.ingest import Profile, Rule, check_here
from landmap.ingest.columns import Matched, match_columns
from landmap.ingest.faults import Change, Fault, Proposal
from landmap.ingest.privacy import (
    SECRETS,
    WITHHELD,
    by_field,
    by_header,
    by_values,
    may_hold_numbers,
    shielded,
    withheld,
)
from landmap.ingest.profiles import profile_of
from landmap.ingest.report import templates
from tests.making_files import feature, square, town, write_csv, write_geojson

#: Made up: the check digits are right, the people do not exist.
IDENTITY = "11010519491231002X"
MOBILE = "13800138000"
CARD = "6222021234567894"


def sorted_out(layer: str = "parcels", profile: Profile | None = None, **columns: list[Any]) -> Matched:
    return match_columns(columns, layer_named(layer), town(), profile=profile)


def codes(found: Matched) -> list[str]:
    return [fault.code for fault in found.faults]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("联系电话", "phone"),
        ("经办人手机", "phone"),
        ("Mobile phone", "phone"),
        ("身份证号", "id_number"),
        ("法定代表人证件号码", "id_number"),
        ("开户银行", "bank"),
        ("银行账号", "bank"),
        ("法定代表人", "contact"),
        ("contact_name", "contact"),
        ("邮箱", "contact"),
        ("出让底价（万元）", "reserve_price"),
        ("心理价位", "reserve_price"),
        ("是否抵押", "encumbrance"),
        ("承租单位", "tenant"),
        ("2024年税收", "tax"),
        ("土地使用权人", "holder"),
        ("内部评分", "internal"),
        ("地块编号", None),
        ("起始价", None),
        ("容积率", None),
        ("坐落", None),
        ("园区", None),
    ],
)
def test_headers_tell_what_is_nobody_elses_business(header: str, kind: str | None) -> None:
    assert by_header(header) == kind


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([MOBILE, "139-0013-9000"], "phone"),
        ([13800138000, 13900139000.0, None], "phone"),
        (["张三 13800138000", "李四 +86 13900139000", "—"], "phone"),
        ([IDENTITY, IDENTITY.lower()], "id_number"),
        ([CARD, "6222 0212 3456 7894"], "bank"),
        (["a.b@example.com"], "contact"),
        (["11010519491231002" + "1"], None),  # a wrong check digit is some other number
        (["0532-87890000"], None),
        (["370213004115GB02011"], None),
        ([20250901, 20250902], None),
        ([12345.678], None),
        (["13800138000.5"], None),
        ([], None),
        ([None, ""], None),
        ([MOBILE, "甲", "乙"], None),
    ],
)
def test_values_tell_it_too(values: list[Any], kind: str | None) -> None:
    assert by_values(values) == kind


@pytest.mark.parametrize(
    ("text", "clean", "kinds"),
    [
        (f"看地请联系 {MOBILE}（王工）", f"看地请联系 {WITHHELD}（王工）", ("phone",)),
        (f"身份证 {IDENTITY}，电话 {MOBILE}", f"身份证 {WITHHELD}，电话 {WITHHELD}", ("id_number", "phone")),
        ("手机\N{FULLWIDTH DIGIT ONE}3800138000", f"手机{WITHHELD}", ("phone",)),
        (f"{MOBILE}、{MOBILE}", f"{WITHHELD}、{WITHHELD}", ("phone",)),
        ("青政地〔2025〕138001380号", "青政地〔2025〕138001380号", ()),
        ("面积 13800138000.5 平方米", "面积 13800138000.5 平方米", ()),
        ("0532-87890000", "0532-87890000", ()),
        ("370213004115GB02011F00010001", "370213004115GB02011F00010001", ()),
        ("", "", ()),
    ],
)
def test_numbers_leave_texts_and_nothing_else_does(text: str, clean: str, kinds: tuple[str, ...]) -> None:
    assert withheld(text) == (clean, kinds)


@given(st.text(alphabet="甲乙丙，。（） \n", max_size=20), st.integers(13_000_000_000, 19_999_999_999))
def test_a_mobile_number_never_stays_in_a_text(around: str, number: int) -> None:
    text = f"{around}{number}{around}"
    assert may_hold_numbers([text])
    assert str(number) not in withheld(text)[0]
    assert withheld(withheld(text)[0])[1] == ()


@pytest.mark.parametrize("layer", ["parcels", "buildings", "building_units", "supply_events"])
def test_fields_of_a_secret_kind_are_internal(layer: str) -> None:
    fields = layer_named(layer).fields
    secret = {name for name in fields if by_field(name) is not None}
    assert secret
    assert all(fields[name].visibility == "internal" for name in secret)


def test_every_kind_has_words_in_both_languages() -> None:
    for secret in SECRETS.values():
        assert secret.words["kind_zh"] != secret.words["kind_en"]


def test_what_has_an_internal_field_is_kept_there_and_said() -> None:
    found = sorted_out(底价=[880.0, 950.0, None], 权利人=["甲公司", "乙公司", None])
    assert set(found.matches) == {"reserve_price_10k_cny", "right_holder_name"}
    assert [(one.code, one.words["count"], one.words["kind_en"]) for one in found.faults] == [
        ("column_internal", 2, "reserve prices"),
        ("column_internal", 2, "right holders"),
    ]
    assert [(row.treatment, row.sample) for row in found.proposals] == [("internal", None)] * 2
    assert {"底价", "reserve_price_10k_cny", "权利人", "right_holder_name"} <= found.hidden


def test_what_has_none_is_left_out_and_said() -> None:
    found = sorted_out(身份证号=[IDENTITY], 开户银行=["某银行"], 备查=[MOBILE])
    assert found.matches == {}
    assert [(one.code, one.words["kind_en"]) for one in found.faults] == [
        ("column_private", "identity numbers"),
        ("column_private", "bank accounts"),
        ("column_private", "telephone numbers"),
    ]
    assert [(row.treatment, row.sample, row.guesses) for row in found.proposals] == [("private", None, ())] * 3


def test_identity_numbers_are_stored_nowhere_not_even_inside() -> None:
    found = sorted_out(联系人=[IDENTITY, IDENTITY])
    assert (found.matches, codes(found)) == ({}, ["column_private"])


def test_a_column_of_mobiles_under_a_public_header_moves_inside() -> None:
    found = sorted_out(联系单位=[MOBILE, "13900139000 王工"])
    assert (list(found.matches), codes(found)) == (["contact_person"], ["column_internal"])
    taken = sorted_out(联系单位=[MOBILE, MOBILE], 联系人=["王工", "李工"])
    assert taken.matches["contact_person"].header == "联系人"
    assert "contact_office" not in taken.matches
    assert sorted(codes(taken)) == ["column_internal", "column_private"]


def test_bank_and_identity_numbers_are_dropped_under_any_header_and_addresses_of_mail_move_inside() -> None:
    for value in (CARD, IDENTITY):
        found = sorted_out(推介要点=[value, value])
        assert (found.matches, codes(found)) == ({}, ["column_private"])
    assert list(sorted_out(推介要点=["wang@example.com"]).matches) == ["contact_person"]


def test_single_numbers_leave_public_texts() -> None:
    found = sorted_out(推介要点=["近地铁", f"看地联系 {MOBILE}", None])
    assert found.columns["推介要点"] == ["近地铁", f"看地联系 {WITHHELD}", None]
    assert [(one.code, one.words["count"]) for one in found.faults] == [("text_private", 1)]
    assert found.proposals[0].sample == "近地铁"


def test_numbers_leave_lists_objects_and_numeric_cells_too() -> None:
    found = sorted_out(
        其他要求=["自留", {"联系": f"问 {MOBILE}", "配建": ["公厕", f"{MOBILE}"]}, 13800138000.0, 2.5, "甲"]
    )
    assert found.columns["其他要求"] == [
        "自留",
        {"联系": f"问 {WITHHELD}", "配建": ["公厕", WITHHELD]},
        WITHHELD,
        2.5,
        "甲",
    ]
    assert [(one.code, one.words["count"]) for one in found.faults] == [("text_private", 3)]


def test_the_offices_landline_stays() -> None:
    found = sorted_out(联系单位=["区投促局 0532-87890000"])
    assert (found.columns["联系单位"], codes(found)) == (["区投促局 0532-87890000"], [])


def test_a_steward_may_vouch_for_a_column() -> None:
    text = f"招商热线 {MOBILE}"
    profile = Profile("招商局", "parcels", {"联系单位": Rule("contact_office", open=True)})
    found = sorted_out(profile=profile, 联系单位=[text])
    assert (found.columns["联系单位"], codes(found)) == ([text], [])


def test_numbers_of_things_are_no_telephone_numbers() -> None:
    found = sorted_out(地块编号=["13800138000", "13800138001"])
    assert (list(found.matches), codes(found)) == (["parcel_no"], [])


def test_a_sample_shows_no_number() -> None:
    (row,) = sorted_out(心情=[f"{MOBILE} 打过来的", "好", "好"]).proposals
    assert row.sample == f"{WITHHELD} 打过来的"


def test_findings_quote_neither_hidden_values_nor_numbers() -> None:
    secret = Fault("number_malformed", 3, "reserve_price_10k_cny", "八百八十万", {"low": "880", "count": 2})
    cure = Proposal("scale", (Change("reserve_price_10k_cny", 880, 88),))
    offered = Fault("value_out_of_range", 4, "reserve_price_10k_cny", 880, {"minimum": 0}, cure)
    public = Fault("code_unknown", 5, "land_status", f"问 {MOBILE}", {"list": "land_status"})
    named = Fault("column_private", None, "手机", "手机", {"count": 3})
    plain = Fault("number_malformed", 6, "net_area_m2", "三十", {})
    found = shielded([secret, offered, public, named, plain], {"reserve_price_10k_cny", "手机"})
    assert [one.value for one in found] == [None, None, f"问 {WITHHELD}", "手机", "三十"]
    assert [dict(one.words) for one in found][:2] == [{"count": 2}, {"minimum": 0}]
    assert found[1].proposal is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_whole_report_holds_no_secret_and_says_how_much_there_was(tmp_path: Path, lang: Any) -> None:
    secrets = {
        "底价": "八百八十万",
        "联系人": "王晓明",
        "手机": MOBILE,
        "身份证号": IDENTITY,
        "银行账号": CARD,
        "权利人": "甲乙丙纺织有限公司",
        "推介要点": f"临近地铁，看地请问业主 {MOBILE}",
        "抵押": "抵押给某某支行",
    }
    rows = [feature(number, **secrets, 容积率="≥1.5") for number in range(3)]
    path = write_geojson(tmp_path / "台账.geojson", *rows)
    staged, report = check_here([path], "parcels", town(), visibility="public", lang=lang)
    assert staged is not None
    told = json.dumps(report.as_dict(), ensure_ascii=False)
    for value in (MOBILE, IDENTITY, CARD, "王晓明", "甲乙丙", "某某支行", "八百八十万"):
        assert value not in told
    by_code = {(one.code, one.field): one for one in report.findings}
    for header in ("身份证号", "银行账号", "手机"):
        assert "3" in by_code["column_private", header].message
    for header in ("联系人", "权利人"):
        assert by_code["column_internal", header].severity == "info"
    assert list(staged.frame.contact_person) == ["王晓明"] * 3
    assert list(staged.frame.highlights) == [f"临近地铁，看地请问业主 {WITHHELD}"] * 3
    profile = profile_of("台账", "parcels", report.inputs[0])
    assert set(profile.columns) >= {"联系人", "权利人", "容积率"}
    assert not {"身份证号", "银行账号", "手机"} & set(profile.columns)


def test_what_is_told_of_them_quotes_no_value() -> None:
    for code in ("column_internal", "column_private", "text_private"):
        for lang in ("zh", "en"):
            assert "{count}" in templates()[code].message[lang]


def test_a_secret_column_can_be_left_out_and_one_that_was_left_out_kept_inside(tmp_path: Path) -> None:
    heads = ("parcel_no", "wkt", "权利人", "底价（万元）")
    rows = [heads, *((f"A-{n}", square(n).wkt, f"某公司{n}", 900 + n) for n in range(3))]
    path = write_csv(tmp_path / "a.csv", rows, delimiter=";")
    _, report = check_here([path], "parcels", town())
    offers = {one.field: one for one in report.findings if one.code in ("column_internal", "column_private")}
    assert {one.proposal["kind"] for one in offers.values() if one.proposal} <= {"leave", "keep"}
    for header, offer in offers.items():
        assert offer.key is not None
        assert offer.proposal is not None
        staged, told = check_here([path], "parcels", town(), accept=[offer.key])
        assert staged is not None
        field = offer.proposal["from"] or offer.proposal["to"]
        known = staged.frame[str(field)].notna().sum()
        assert known == (0 if offer.proposal["kind"] == "leave" else 3), header
        assert ("column_left" in {one.code for one in told.findings}) == (offer.proposal["kind"] == "leave")
        (change,) = staged.corrections
        assert (change["code"], change["field"], change["row"]) == (offer.code, header, None)
        assert "某公司" not in str(told.as_dict())
    assert offers
