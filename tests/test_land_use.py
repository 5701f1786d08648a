"""Land use: prefixes are the hierarchy, digits never tell the scheme, and every table agrees with the others."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain import land_use
from landmap.domain.district import Preset as DistrictPreset
from landmap.domain.errors import InvalidValueError
from landmap.domain.land_use import LandUseScheme, classes, detect_scheme, display_class, expand, matches, to_2023
from landmap.domain.land_use.tables import rows

codes = st.sampled_from(sorted(classes()))


def test_the_2023_table_has_24_first_level_classes_and_every_class_its_parent() -> None:
    assert sorted(code for code, known in classes().items() if known.level == 1) == [f"{n:02d}" for n in range(1, 25)]
    for code, known in classes().items():
        assert known.level == len(code) // 2
        assert known.parent == (code[:-2] or None)
        assert known.parent is None or known.parent in classes()
        assert known.name_zh
        assert known.name_en


def test_industry_has_three_classes_below_it() -> None:
    assert expand("1001") == {"1001", "100101", "100102", "100103"}
    assert expand("10") == expand("1001") | {"10", "1002", "1003"}


@given(wanted=codes, code=codes)
def test_matching_is_lying_below(wanted: str, code: str) -> None:
    assert matches(wanted, code) == (code in expand(wanted))


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("1", "did you mean"),
        ("100", "1001"),
        ("1004", ""),
        ("M1", "gb50137 M1 is 一类工业用地 100101"),
        ("05H1", ""),
        ("0809", "is 公用设施用地 13"),
        ("工业用地", "did you mean 1001"),
        ("", "2, 4 or 6 digits"),
        ("1001%", "1001"),
    ],
)
def test_an_unknown_code_is_named_with_what_it_may_have_meant(code: str, hint: str) -> None:
    for ask in (land_use.land_use_class, expand, lambda code: matches(code, "1001")):
        with pytest.raises(InvalidValueError, match="no such code") as raised:
            ask(code)
        assert f"found {code!r}" in raised.value.message
        assert hint in (raised.value.hint or "")


@pytest.mark.parametrize(
    ("scheme", "code", "answer"),
    [
        ("ydyh2023", "1001", ("1001", "=")),
        ("ydyh2023", "0604", (None, "none")),
        ("ydyh2020", "1001", ("1001", "=")),
        ("ydyh2020", "1207", ("1207", "=")),
        ("ydyh2020", "1312", ("1311", "≈")),
        ("ydyh2020", "1313", ("1312", "=")),
        ("ydyh2020", "2303", ("060102", "=")),
        ("ydyh2020", "0604", ("060203", "=")),
        ("gb50137", "M", ("1001", "=")),
        ("gb50137", "M1", ("100101", "<")),
        ("gb50137", "M0", ("1001", "≈")),
        ("gb50137", "B2", ("0902", "=")),
        ("gb50137", "B29", ("0902", "≈")),
        ("gb50137", "E9", (None, "≈")),
        ("gbt21010", "0601", ("1001", "=")),
        ("gbt21010", "0604", (None, "≈")),
        ("gbt21010", "1004", ("1207", "=")),
        ("gbt21010", "0505", ("0902", "=")),
        ("sandiao", "0601", ("1001", "=")),
        ("sandiao", "0508", ("1101", "≈")),
        ("sandiao", "05H1", (None, "≈")),
        ("sandiao", "1001", ("1201", "=")),
        ("sandiao", "9999", (None, "none")),
        ("local", "1004", ("1001", "≈")),
        ("local", "M1(A)", ("1001", "≈")),
        ("local", "I-2", (None, "none")),
    ],
)
def test_older_codes_become_2023_codes_or_stay_open(scheme: str, code: str, answer: tuple[str | None, str]) -> None:
    assert to_2023(code, LandUseScheme(scheme)) == answer


def test_an_open_code_lists_its_candidates() -> None:
    found = land_use.counterparts("05H1", LandUseScheme.SANDIAO)
    assert {"0901", "0902", "0903", "0904"} <= {one.code for one in found}


def test_a_district_brings_its_own_codes() -> None:
    own = {"I-2": "1001", "0601": "0902", "M0": "100101"}
    assert to_2023("I-2", LandUseScheme.LOCAL, own) == ("1001", "=")
    assert to_2023("I-2", LandUseScheme.GB50137, own) == ("1001", "=")
    assert to_2023("M0", LandUseScheme.LOCAL, own) == ("100101", "=")
    assert to_2023("0601", LandUseScheme.LOCAL, own) == ("0902", "=")
    assert to_2023("0601", LandUseScheme.SANDIAO, own) == ("1001", "=")


def test_every_table_names_only_classes_that_exist() -> None:
    assert {row["ydyh2023"] for row in rows("crosswalk.csv")} <= classes().keys()
    assert {row["code"] for row in rows("land_use_aliases.csv")} <= classes().keys()
    assert {row["relation"] for row in rows("crosswalk.csv")} == {"=", "<", "≈"}
    pairs = [(row["scheme"], row["code"], row["ydyh2023"]) for row in rows("crosswalk.csv")]
    assert len(pairs) == len(set(pairs))
    for preset in land_use.PRESETS.values():
        assert preset.expanded() or preset.new_industry


def test_the_collisions_are_the_differences_between_the_name_tables() -> None:
    names = {(row["scheme"], row["code"]): row["name_zh"] for row in rows("land_use_names.csv")}
    assert len(land_use.collisions()) == 21
    for collision in land_use.collisions():
        known = classes().get(collision.code)
        assert collision.name_2023 == (None if known is None else known.name_zh)
        for scheme in collision.schemes:
            assert names[scheme, collision.code] in collision.other_name.split(" / ")
            assert names[scheme, collision.code] != collision.name_2023


@pytest.mark.parametrize(
    ("found", "names", "declared", "scheme"),
    [
        # declared wins, whatever the digits say
        (["0601", "1001"], None, "三调", "sandiao"),
        (["1001"], None, LandUseScheme.YDYH2023, "ydyh2023"),
        (["1001"], None, "GB/T 21010-2017", "gbt21010"),
        (["1001"], None, "nonsense", None),
        # letters
        (["M1", "B29", "M0"], None, None, "gb50137"),
        (["M0"], None, None, "gb50137"),
        (["I-2", "ICMX"], None, None, "local"),
        (["M1", "0902"], None, None, None),
        # marks of the third survey
        (["05H1", "0601"], None, None, "sandiao"),
        (["0810A", "1001"], None, None, "sandiao"),
        (["203", "0601"], None, None, "sandiao"),
        # six digits or a first level above 12
        (["100101", "0601"], None, None, "ydyh2023"),
        (["1401", "0902", "M0"], None, None, "ydyh2023"),
        (["1313", "0902"], None, None, "ydyh2020"),
        (["090301", "1001"], None, None, "ydyh2020"),
        (["2303", "1001"], ["田间道", "工业用地"], None, "ydyh2020"),
        (["2303", "1001"], ["田坎", "工业用地"], None, "ydyh2023"),
        (["060102", "100101"], ["田间道", "一类工业用地"], None, "ydyh2023"),
        (["060102", "100101"], ["村庄内部道路用地", "一类工业用地"], None, "ydyh2020"),
        # names
        (["0601", "0701"], ["工业用地", "城镇住宅用地"], None, None),
        (["0601", "05"], ["工业用地", "商服用地"], None, "gbt21010"),
        (["0601", "02"], ["工业用地", "种植园用地"], None, "sandiao"),
        (["1001", "0902"], ["工业用地", "商务金融用地"], None, "ydyh2023"),
        (["1001", "0902"], ["铁路用地", "使领馆用地"], None, "gbt21010"),
        (["1001", "0902"], ["工业用地", "使领馆用地"], None, None),
        # digits alone
        (["0601", "1001", "05"], None, None, None),
        ([None, ""], None, None, None),
    ],
)
def test_a_scheme_is_recognised_by_what_no_other_scheme_has(
    found: Sequence[str | None], names: Sequence[str] | None, declared: str | None, scheme: str | None
) -> None:
    detection = detect_scheme(found, names, declared)
    assert detection.scheme == scheme
    assert detection.reason


def test_ninety_percent_of_the_names_must_agree() -> None:
    good, bad = ("1001", "工业用地"), ("1001", "铁路用地")
    for count, scheme in ((1, "ydyh2023"), (2, None)):
        pairs = [good] * (10 - count) + [bad] * count
        detection = detect_scheme([code for code, _ in pairs], [name for _, name in pairs])
        assert (detection.scheme, detection.agreement) == (scheme, pytest.approx(1 - count / 10))


def test_names_that_speak_against_the_declared_scheme_are_told() -> None:
    detection = detect_scheme(["05", "1001"], ["商业服务业用地", "工业用地"], "ydyh2023")
    assert (detection.scheme, detection.agreement) == ("ydyh2023", 0.5)
    assert "50%" in detection.reason


@pytest.mark.parametrize("digits", sorted({one.code for one in land_use.collisions()}))
def test_colliding_digits_alone_decide_nothing(digits: str) -> None:
    detection = detect_scheme([digits])
    decided = digits[:2] > "12"
    assert (detection.scheme is not None) == decided


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("工业用地", ("工业用地",)),
        ("工业用地(新型产业用地)", ("工业用地(新型产业用地)",)),
        ("工业用地（新型产业用地）/商务金融用地", ("工业用地(新型产业用地)", "商务金融用地")),
        ("M1+B2", ("M1", "B2")),
        ("工业用地及物流仓储用地", ("工业用地", "物流仓储用地")),
        ("冰川及常年积雪", ("冰川及常年积雪",)),
        ("中低价位、中小套型普通商品住房用地", ("中低价位、中小套型普通商品住房用地",)),
        ("商务金融用地兼容商业用地", ("商务金融用地", "商业用地")),
        ("商务金融用地（兼容商业用地）", ("商务金融用地", "商业用地")),
        ("", ()),
    ],
)
def test_a_mixed_use_falls_into_its_parts(text: str, parts: tuple[str, ...]) -> None:
    assert land_use.split_mixed(text) == parts


def test_shares_travel_with_their_use() -> None:
    found = land_use.mixed_shares("工业用地（60%）、商务金融用地40%、绿地")
    assert [(use.text, use.share_pct) for use in found] == [("工业用地", 60.0), ("商务金融用地", 40.0), ("绿地", None)]


@given(codes)
def test_every_name_leads_back_to_a_class_of_that_name(code: str) -> None:
    name = classes()[code].name_zh
    found = land_use.code_of_name(f" {name} ")
    assert found is not None
    assert classes()[found].name_zh == name


def test_a_name_that_means_several_classes_means_none() -> None:
    assert land_use.code_of_name("科教用地") is None
    assert land_use.code_of_name("<script>") is None


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("M0", "M0"),
        ("m1a", "M1A"),
        ("工业(新型产业用地)", "M0"),
        ("1004", "1004"),
        ("C65", "other_local"),
        ("M1", "none"),
    ],
)
def test_new_industry_is_a_tag(text: str, tag: str) -> None:
    assert land_use.new_industry_tag(text) == tag
    assert tag == "none" or tag in land_use.new_industry_tags()


def test_presets_are_found_by_key_and_label_and_a_district_may_change_them() -> None:
    assert [preset.label_zh for preset in land_use.presets().values()] == (
        ["工业", "仓储", "科研", "商务办公", "商业", "新型产业", "产业用地"]
    )
    assert land_use.preset_named("产业用地") == land_use.PRESETS["industrial_land"]
    local = {"industrial_land": DistrictPreset(label_zh="产业用地", label_en="Industrial land", codes=("10", "11"))}
    changed = land_use.presets(local)
    assert changed["industrial_land"].codes == ("10", "11")
    assert changed["office"] == land_use.PRESETS["office"]
    with pytest.raises(InvalidValueError, match="no such group"):
        land_use.preset_named("farm", local)
    with pytest.raises(InvalidValueError, match="9999"):
        land_use.presets({"x": DistrictPreset(label_zh="x", label_en="x", codes=("9999",))})


@pytest.mark.parametrize(
    ("code", "new_industry", "key"),
    [
        ("1001", False, "M1"),
        ("1001", True, "M0"),
        ("100101", False, "M1"),
        ("100102", False, "M2"),
        ("100103", False, "M2"),
        ("1002", False, "M2"),
        ("10", False, "M2"),
        ("110102", False, "W1"),
        ("0901", False, "B1"),
        ("0902", False, "B2"),
        ("070102", False, "R2"),
        ("0802", False, "A"),
        ("1401", False, "G1"),
        ("1301", False, "U"),
        ("1207", False, "U"),
        ("16", False, "other"),
        ("nonsense", False, "other"),
        (None, False, "other"),
    ],
)
def test_every_code_has_a_display_class(code: str | None, new_industry: bool, key: str) -> None:
    assert display_class(code, new_industry).key == key
    assert land_use.colour(code, new_industry) == display_class(code, new_industry).colour


def test_the_legend_is_complete_and_its_colours_differ() -> None:
    shown = land_use.display_classes()
    assert [one.key for one in shown] == ["M0", "M1", "M2", "W1", "B1", "B2", "R2", "A", "G1", "U", "other"]
    assert len({one.colour for one in shown}) == len(shown)
    assert all(one.label_zh and one.label_en and len(one.colour) == 7 for one in shown)


@given(codes)
def test_the_family_is_the_class_in_which_changes_are_judged(code: str) -> None:
    assert land_use.family(code) == (code[:4] if code[:2] == "10" else code[:2])
