"""Identifiers are read by their structure, and a wrong one names its wrong part."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain.errors import InvalidValueError
from landmap.domain.identifiers import (
    FIXTURES,
    OWNERSHIPS,
    PARCEL_ID_PATTERN,
    RIGHTS,
    is_parcel_id,
    parse_cadastral_code,
    parse_notice_no,
    parse_real_estate_unit_code,
)

REAL = ["370283004115GB02011", "370281108263GB00216", "370281006016GB00215", "210113005010GB90004"]

cadastral_codes = st.builds(
    "{}{}{}{}".format,
    st.from_regex(r"\A[0-9]{12}\Z"),
    st.sampled_from(sorted(OWNERSHIPS)),
    st.sampled_from(sorted(RIGHTS)),
    st.from_regex(r"\A[0-9]{5}\Z"),
)


@pytest.mark.parametrize("code", REAL)
def test_real_codes_fall_into_their_parts(code: str) -> None:
    parts = parse_cadastral_code(code)
    assert (
        parts.county + parts.zone + parts.subzone + parts.ownership + parts.right + parts.serial == parts.code == code
    )


@given(code=cadastral_codes, fixture=st.sampled_from(sorted(FIXTURES)), unit=st.from_regex(r"\A[0-9]{8}\Z"))
def test_a_unit_code_is_a_parcel_and_nine_more_however_it_is_spaced(code: str, fixture: str, unit: str) -> None:
    whole = code + fixture + unit
    spaced = f"{whole[:6]} {whole[6:12]} {whole[12:19]}　{whole[19:]}".lower()
    parsed = parse_real_estate_unit_code(spaced)
    assert (parsed.code, parsed.parcel, parsed.unit) == (whole, parse_cadastral_code(code), unit)
    assert parsed.building_no == (unit[:4] if fixture == "F" else None)
    assert parsed.room_no == (unit[4:] if fixture == "F" else None)


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("37028300411GB02011", "has 18 characters, not 19"),
        ("", "has 0 characters"),
        ("37O283004115GB02011", "县级区划"),
        ("3702830O4115GB02011", "地籍区"),
        ("3702830041I5GB02011", "地籍子区"),
        ("370283004115QB02011", "所有权特征码 'Q'"),
        ("370283004115GZ02011", "权利特征码 'Z'"),
        ("370283004115GB0201\N{ARABIC-INDIC DIGIT ONE}", "顺序号"),
    ],
)
def test_a_wrong_cadastral_code_names_its_wrong_part(code: str, part: str) -> None:
    with pytest.raises(InvalidValueError, match=re.escape(part)) as raised:
        parse_cadastral_code(code)
    assert raised.value.places[0].param == "cadastral_parcel_code"


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("370283004115GB02011", "has 19 characters, not 28"),
        ("370283004115GB02011K00000000", "定着物特征码 'K'"),
        ("370283004115GB02011F0001002X", "定着物单元号"),
        ("370283004115GQ02011F00010023", "权利特征码 'Q'"),
    ],
)
def test_a_wrong_unit_code_names_its_wrong_part(code: str, part: str) -> None:
    with pytest.raises(InvalidValueError, match=re.escape(part)) as raised:
        parse_real_estate_unit_code(code)
    assert raised.value.places[0].param == "real_estate_unit_code"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("青自然资规(自)土让告字〔2025〕4号", "青自然资规(自)土让告字〔2025〕4号"),
        ("青自然资规（自）土让告字【2025】第4号", "青自然资规(自)土让告字〔2025〕4号"),
        ("平自然资告字(2022)9号", "平自然资告字〔2022〕9号"),
        ("台土告字[2025]55号", "台土告字〔2025〕55号"),
        (" 陵自然资告字 ［２０２５］ ０３号 ", "陵自然资告字〔2025〕3号"),  # noqa: RUF001
    ],
)
def test_a_notice_number_has_one_form(text: str, canonical: str) -> None:
    notice = parse_notice_no(text)
    assert notice.text == canonical == parse_notice_no(canonical).text
    assert canonical == f"{notice.issuer}〔{notice.year}〕{notice.serial}号"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2023GC07007", "has no year in brackets"),
        ("台土告字[25]55号", "has no year in brackets"),
        ("台土告字[2025]号", "has no running number"),
        ("[2025]55号", "has no issuer"),
        ("〔2025〕" * 5000, "has no running number"),
    ],
)
def test_what_is_no_notice_number_says_why(text: str, fault: str) -> None:
    with pytest.raises(InvalidValueError, match=fault):
        parse_notice_no(text)


@given(st.from_regex(PARCEL_ID_PATTERN.replace("^", r"\A").replace("$", r"\Z")))
def test_parcel_ids_follow_their_pattern(text: str) -> None:
    assert is_parcel_id(text)
    assert not is_parcel_id(text + "\n")
    assert not is_parcel_id(text[1:])
