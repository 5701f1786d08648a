"""The grammar of phrases: nothing by guess, every part accounted for, in time that grows with the length alone."""

from __future__ import annotations

import itertools
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmap.domain import Audience, Level, Scope
from landmap.domain.errors import InvalidValueError
from landmap.query import PHRASE_MAX, SPOKEN, Reading, criteria_class, declarations
from landmap.query.phrase.reading import reasons
from landmap.query.phrase.text import folded
from landmap.query.phrase.vocabulary import UNSPOKEN, rows, stem
from tests.query_data import demo_catalog
from tests.query_town import OFFICER, PARTNER, PUBLIC, town
from tests.sizes import sized


def read(text: str, layer: str = "parcels", audience: Audience = OFFICER) -> Reading:
    return demo_catalog().phrases.read(text, layer, audience)


def asked(text: str, layer: str = "parcels") -> str:
    return unquote(read(text, layer).query.replace("+", " "))


def strange(text: str, layer: str = "parcels") -> list[tuple[str, str]]:
    return [(part.text, part.reason) for part in read(text, layer).not_understood]


@pytest.mark.parametrize(
    ("phrase", "query"),
    [
        (
            "50亩以上新型产业用地容积率2.0以上限高60米以上距地铁1公里内标准地清单全绿",
            "area_min=50&preset=new_industry&floor_area_ratio_min=2&height_min=60&standard_land=true&checklist=green"
            "&near=metro_station:1000",
        ),
        ("1万2千平米以上", "area_min=12000&area_unit=m2"),
        ("1-3万平米", "area_min=10000&area_max=30000&area_unit=m2"),
        ("2平方公里以上", "area_min=200&area_unit=ha"),
        ("三十亩以上，六十亩以下", "area_min=30&area_max=60"),
        ("面积不低于30亩、不超过60亩", "area_min=30&area_max=60"),
        ("大于30小于60亩", "area_min=30&area_max=60"),
        ("more than 30 but less than 60 mu", "area_min=30&area_max=60"),
        ("50亩以上 30亩以上", "area_min=50"),
        ("至少50亩以上", "area_min=50"),
        ("50亩（含）以上", "area_min=50"),
        ("容积率大于2小于3", "floor_area_ratio_min=2&floor_area_ratio_max=3"),
        (
            "50 to 100 mu of industrial land with FAR above 1.5",
            "area_min=50&area_max=100&land_use=1001&floor_area_ratio_min=1.5",
        ),
        ("metro station 1 km away", "near=metro_station:1000"),
        ("a floor area ratio of at least 2.0", "floor_area_ratio_min=2"),
        ("max height 24 m", "height_max=24"),
        ("距地铁和高速1公里内", "near=expressway_ramp:1000&near=metro_station:1000"),
        ("周边500米内有医院", "near=hospital:500"),
        ("1 km from metro and 2 km from expressway", "near=expressway_ramp:2000&near=metro_station:1000"),
        ("工业、仓储用地", "land_use=1001&land_use=11"),
        ("工业用地、新型产业用地", "preset=industry&preset=new_industry"),
        ("用地性质：1001", "land_use=1001"),
        ("用地30亩以上", "area_min=30"),
        ("医药产业30亩以上", "area_min=30&industry=27"),
        ("without standard land", "standard_land=false"),
        ("数据2026-01-01以后", "as_of_min=2026-01-01"),
        ("Zaoshan Road", "q=枣山路"),
        ("lc0101－1", "q=LC0101-001"),
        ("李沧区的标准地", "standard_land=true"),
        ("投资强度4500万元/公顷以上", "intensity_min=300"),
    ],
)
def test_what_is_said_is_asked(phrase: str, query: str) -> None:
    assert asked(phrase) == query
    assert strange(phrase) == []


@pytest.mark.parametrize(
    ("phrase", "reason"),
    [
        ("容积率2.0", "side"),
        ("面积50以上", "no_unit"),
        ("限高60层以上", "unit"),
        ("容积率200%以上", "unit"),
        ("容积率21以上", "impossible"),
        ("60米以上", "subject"),
        ("十几亩", "vague"),
        ("50余亩以上", "vague"),
        ("不要仓储", "not"),
        ("工业用地除外", "not"),
        ("最好距地铁1公里内", "soft"),
        ("标准地优先", "soft"),
        ("preferably standard land", "soft"),
        ("不超过50亩以上", "clash"),
        ("30-60亩以上", "clash"),
        ("50亩以上，或100亩以下", "or"),
        ("not within 1 km of metro", "not"),
        ("除工业用地外", "not"),
        ("不要标准地和弹性年期", "not"),
        ("标准地或清单全绿", "or"),
        ("标准地或靠海", "or"),
        ("靠海或标准地", "or"),
        ("地铁1公里内或高速2公里内", "or"),
        ("靠近地铁", "no_distance"),
        ("地铁", "no_distance"),
        ("距地铁1公里以外", "farther"),
        ("距青岛北站2公里内", "place"),
        ("within 1 km of the sea", "place"),
        ("距地铁500-1000米", "unit"),
        ("亩均税收20万元/亩以下", "no_limit"),
        ("工业园区", "unknown"),
        ("净高4米以上", "unknown"),
        ("建筑面积 5000平米以上", "unknown"),
        ("ceiling height over 5 m", "unknown"),
        ("99999999999999999999亩以上", "unknown"),
    ],
)
def test_what_cannot_be_asked_is_told_whole_with_its_reason(phrase: str, reason: str) -> None:
    assert asked(phrase) == ""
    assert strange(phrase) == [(phrase, reason)]


def test_a_slip_of_the_pen_is_not_taken_but_told_what_it_may_have_been() -> None:
    part = read("50亩以上 容集率2.0以上").not_understood[0]
    assert (part.text, part.start, part.end, part.hint) == ("容集率2.0以上", 6, 14, "容积率")


def test_parts_stand_where_they_were_typed() -> None:
    text = "  ５０亩以上，　便宜的\u200b标准地 "
    reading = read(text)
    assert [text[part.start : part.end] for part in reading.understood] == ["５０亩以上", "标准地"]
    assert [(part.text, part.start) for part in reading.not_understood] == [("便宜", text.index("便宜"))]


def test_contradictions_are_told_and_neither_side_is_asked() -> None:
    reading = read("超过50亩 50亩以下 标准地 非标准地 容积率2以上")
    assert reading.query == "floor_area_ratio_min=2"
    assert [part.names for part in reading.contradictions] == [
        ("area_min",),
        ("area_max",),
        ("standard_land",),
        ("standard_land",),
    ]


@pytest.mark.parametrize(
    ("phrase", "query"),
    [
        ("甲级写字楼 租金60元/平米/月以下", "kind=office&grade=A&rent_max=1.9726"),
        ("办公楼2000平米以上可租", "kind=office&available_min=2000"),
        ("荷载500公斤/平米以上", "load_min=4.9033"),
        ("空置率20%-40%", "occupancy_min=60&occupancy_max=80"),
        ("银行500米内", "near=bank:500"),
        ("银行", "amenity=bank"),
        ("楼山街道的办公楼", "kind=office&within=370213005"),
        ("grade A or grade B office", "kind=office&grade=A&grade=B"),
    ],
)
def test_buildings_are_asked_in_their_own_words(phrase: str, query: str) -> None:
    assert asked(phrase, "buildings") == query
    assert strange(phrase, "buildings") == []


def test_what_takes_one_value_and_is_given_two_is_told() -> None:
    assert asked("世园街道和九水街道", "buildings") == ""
    assert strange("世园街道和九水街道", "buildings") == [("世园街道", "or"), ("九水街道", "or")]
    assert strange("500平以上写字楼", "buildings") == [("500平以上", "subject")]


def test_readings_that_differ_from_the_words_are_noted() -> None:
    notes = [(part.text, part.reason) for part in read("超过50亩 限高60以上 九水路 枣山路").notes]
    assert notes == [("超过50亩", "strict"), ("限高60以上", "bare"), ("九水路", "all"), ("枣山路", "all")]


def test_every_reason_has_words_in_both_languages() -> None:
    assert all(row["zh"] and row["en"] for row in reasons().values())
    told = read("便宜").as_dict("en", demo_catalog().district)
    assert told["not_understood"][0]["told"] == "not understood"


@pytest.mark.parametrize("layer", SPOKEN)
def test_the_aliases_speak_of_declared_criteria_and_their_codes_alone(layer: str) -> None:
    everywhere = {one.name: one for name in SPOKEN for one in declarations(name)}
    stems = {stem(name) for name in everywhere}
    for role, key, _, _ in rows():
        if role == "subject":
            assert key.removeprefix("-") in {*stems, *everywhere}, key
        elif role == "value":
            name, _, code = key.partition("=")
            value = everywhere[name].ask.value
            value.check(name, value.read(name, code), None)


@pytest.mark.parametrize("layer", SPOKEN)
def test_every_option_of_the_form_can_be_said_by_its_label(layer: str) -> None:
    """One declaration: what the form offers, the phrase understands, in both languages."""
    page = demo_catalog().phrases.page(layer, OFFICER)
    for one in page.declared.values():
        if one.kind not in ("codes", "land_use") or one.name in UNSPOKEN:
            continue
        for code in one.options:
            for label in (code.label_zh, code.label_en):
                senses = page.words.senses[_term(label)]
                assert (one.name, code.code) in {(sense.key, sense.value) for sense in senses}, label


def _term(label: str) -> str:
    return folded(label).text.strip()


@pytest.mark.parametrize(
    ("word", "nobody"), [("净地", "浄地"), ("批而未供", "批而未贡"), ("闲置土地 50亩以上", "闲罝土地 50亩以上")]
)
@pytest.mark.parametrize("audience", [PUBLIC, PARTNER], ids=["public", "partner"])
def test_what_is_hidden_is_as_strange_as_a_word_nobody_knows(word: str, nobody: str, audience: Audience) -> None:
    hidden = "status" not in {one.name for one in declarations("parcels", audience.policy_class)}
    assert hidden is (audience is PUBLIC)
    reading, strange_ = read(word, audience=audience), read(nobody, audience=audience)
    assert (reading.not_understood == ()) is not hidden
    if hidden:
        assert _shape(reading) == _shape(strange_)


def _shape(reading: Reading) -> tuple[object, ...]:
    return (
        reading.query,
        [(part.start, part.end, part.reason, part.names, part.hint) for part in reading.not_understood],
        reading.steps,
    )


def test_a_record_that_is_hidden_has_no_number() -> None:
    book = town().phrases
    assert book.read("lc5", "parcels", PARTNER).query == "q=LC-05"
    assert book.read("lc5", "parcels", PUBLIC).query == ""
    assert [part.text for part in book.read("lc5", "parcels", PUBLIC).not_understood] == ["lc5"]


def test_a_link_understands_what_it_shows_and_knows_no_names() -> None:
    scope = Scope({"parcels": frozenset({"A"})}, {"parcels": frozenset({"area_m2", "subdistrict"})}, "k")
    reading = town().phrases.read("10亩以上 标准地 LC-01", "parcels", Audience(Level.PUBLIC, scope))
    assert reading.query == "area_min=10"
    assert [part.text for part in reading.not_understood] == ["标准地", "LC-01"]


def test_a_phrase_is_bounded_and_asks_of_parcels_or_buildings() -> None:
    with pytest.raises(InvalidValueError, match="501 characters"):
        read("亩" * (PHRASE_MAX + 1))
    with pytest.raises(InvalidValueError, match="not asked in phrases"):
        read("公园", layer="facilities")


WORDS = st.sampled_from(
    sorted({word for _, _, zh, en in rows() for word in (*zh, *en)} | {"李村街道", "九水路", "LC0101-001", "青岛北站"})
)
NUMBERS = st.sampled_from(
    ["50", "1.5万", "五十", "两百零五", "百分之三十", "1e5", "-3", "0", "20,000", "9" * 15, "半", "k"]
)
SIGNS = st.sampled_from(["", " ", "，", "、", "。", "-", "~", "/", "·", "的", "“", "\u3000", "\u200b", "㎡", "½"])
PHRASES = st.lists(WORDS | NUMBERS | SIGNS | st.text(max_size=4), max_size=24).map(lambda parts: "".join(parts)[:500])


@settings(max_examples=sized(200, 20_000), deadline=None)
@given(PHRASES, st.sampled_from(SPOKEN), st.sampled_from([PUBLIC, PARTNER, OFFICER]))
def test_whatever_is_typed_is_accounted_for(text: str, layer: str, audience: Audience) -> None:
    reading = read(text, layer, audience)
    parts = (*reading.understood, *reading.not_understood, *reading.contradictions)
    told = sorted((part.start, part.end) for part in parts)
    assert all(text[part.start : part.end] == part.text for part in parts)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(told)), "parts do not overlap"
    stems = {stem(name) for part in reading.understood for name in part.names}
    stems |= {"land_use", "preset"} if stems & {"land_use", "preset"} else set()
    assert {stem(name) for name, _ in reading.criteria.to_query()} <= {*stems, "area_unit"}
    allowed = {one.name for one in declarations(layer, audience.policy_class)}
    assert {name for name, _ in reading.criteria.to_query()} <= allowed
    assert criteria_class(layer).from_query(reading.criteria.to_query(), demo_catalog().district) == reading.criteria
    assert reading.steps <= 60 * (len(text) + 1) * 2


@pytest.mark.parametrize(
    "piece",
    [
        "的",
        "不",
        "距",
        "一",
        "“",
        "标准地或",
        "靠海或",
        "a ",
        "a-",
        "50",
        "1公里内",
        "距海",
        "标准地不要",
        "新型",
        "30亩",
        "或",
    ],
)
def test_the_work_grows_with_the_length_and_no_faster(piece: str) -> None:
    half, whole = (read((piece * PHRASE_MAX)[:length]).steps for length in (PHRASE_MAX // 2, PHRASE_MAX))
    assert whole <= 2.2 * half + 50


def test_the_same_phrase_is_always_read_the_same() -> None:
    text = "50亩以上 风水好 新型产业用地 距地铁1公里内"
    assert read(text) == read(text)
