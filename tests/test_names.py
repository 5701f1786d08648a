"""Names: a number in any spelling, a road, a place in pinyin or by its initials; nobody learns of what is hidden."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmap.domain import Audience, Level, Scope
from landmap.domain.errors import InvalidValueError
from landmap.query import SPOKEN, Suggestions, criteria_class
from tests.query_data import demo_catalog
from tests.query_town import OFFICER, PARTNER, PUBLIC, town
from tests.sizes import sized


def suggest(text: str, audience: Audience = OFFICER, layer: str = "parcels", limit: int = 5) -> Suggestions:
    return demo_catalog().names.suggest(text, audience, "zh", layer=layer, limit=limit)


@pytest.mark.parametrize("spelt", ["LC0101-001", "lc0101-1", "LC 0101—001", "370213001001GB00002", "LC0101-002"])
def test_a_number_is_found_in_any_spelling(spelt: str) -> None:
    first = suggest(spelt).records[0]
    assert first.id == ("370213-LC-0101-002" if spelt[-1] == "2" else "370213-LC-0101-001")


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("李村", "李村街道"),
        ("licun", "李村街道"),
        ("li cun jie dao", "李村街道"),
        ("lcjd", "李村街道"),
        ("chongqing", "重庆中路"),
        ("cqzl", "重庆中路"),
        ("Zaoshan", "枣山路"),
        ("zaoshan road", "枣山路"),
        ("九水路", "九水路"),
    ],
)
def test_a_place_is_found_by_its_name_its_sound_and_its_initials(typed: str, place: str) -> None:
    found = [one for one in suggest(typed, limit=20).places if one.text in (place, "Zaoshan Road")]
    assert found
    name, value = found[0].query.split("=")
    assert name in ("subdistrict", "q")
    assert value


def test_a_syllable_is_never_entered_in_its_middle() -> None:
    assert "沧口街道" in [one.text for one in suggest("cangkou").places]
    assert "沧口街道" not in [one.text for one in suggest("angkou").places]


def test_records_are_found_by_name_road_and_sound_on_both_layers() -> None:
    assert all("九水" in one.text for one in suggest("九水路").records)
    assert suggest("biaozhunchangfang").records[0].layer == "buildings"
    assert suggest("标准厂房", layer="buildings").records[0].layer == "buildings"


def test_criteria_are_found_by_the_words_of_either_language() -> None:
    assert [(one.text, one.query) for one in suggest("标准").criteria] == [("标准地", "standard_land=true")]
    assert "standard_land=true" in [one.query for one in suggest("standard l").criteria]
    assert "kind=rnd" in [one.query for one in suggest("研发", layer="buildings").criteria]
    assert suggest("净地").criteria
    assert not suggest("净地", PUBLIC).criteria


def test_what_is_offered_can_be_asked() -> None:
    for text in ("工业", "路", "lc", "A", "地"):
        for layer in SPOKEN:
            found = suggest(text, layer=layer, limit=20)
            for one in (*found.places, *found.criteria):
                criteria_class(one.layer).from_query(parse_qsl(one.query), demo_catalog().district)


def test_the_limit_holds_for_every_group() -> None:
    found = suggest("路", limit=3)
    assert [len(found.records), len(found.places)] == [3, 3]
    assert len(suggest("路", limit=99).records) == 20


def test_a_hidden_record_is_not_suggested() -> None:
    book = town().names
    assert [one.id for one in book.suggest("LC-05", PARTNER, "zh").records] == ["E"]
    assert book.suggest("LC-05", PUBLIC, "zh").records == ()
    assert book.suggest("lc5", PUBLIC, "zh") == book.suggest("lc9", PUBLIC, "zh")


def test_a_link_is_offered_its_own_records_alone() -> None:
    link = Audience(Level.PUBLIC, Scope({"parcels": frozenset({"A"})}, None, "k"))
    found = town().names.suggest("一号", link, "zh")
    assert [one.id for one in found.records] == ["A"]
    assert found.places == ()


def test_a_text_is_bounded() -> None:
    with pytest.raises(InvalidValueError, match="101 characters"):
        suggest("a" * 101)
    assert suggest("﷽" * 20) == suggest(" ") == Suggestions()


@settings(max_examples=sized(60, 2_000), deadline=None)
@given(st.text(max_size=100), st.sampled_from(SPOKEN), st.sampled_from([PUBLIC, OFFICER]))
def test_any_text_has_an_answer(text: str, layer: str, audience: Audience) -> None:
    assert isinstance(town().names.suggest(text, audience, "en", layer=layer), Suggestions)


def test_pinyin_is_loaded_by_the_first_name_in_letters_and_not_before() -> None:
    code = (
        "import sys; from tests.query_town import town, PUBLIC; book = town().names\n"
        "book.suggest('一号', PUBLIC, 'zh'); town().phrases.read('50亩以上', 'parcels', PUBLIC)\n"
        "assert 'pypinyin' not in sys.modules\n"
        "book.suggest('yihao', PUBLIC, 'zh')\n"
        "assert 'pypinyin' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
