"""One declaration per filter: the URL, the sentence, the chips, the form and the documents follow from it."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmap.domain import Lang, PolicyClass, code_list, collections, land_use
from landmap.domain.errors import InvalidValueError, LandmapError, NotFoundError, UnknownParameterError
from landmap.query import (
    BuildingCriteria,
    Criteria,
    Declaration,
    Near,
    ParcelCriteria,
    criteria_class,
    declarations,
    parse_within,
)
from tests.query_town import DISTRICT
from tests.sizes import sized

NUMBERS = st.integers(1, 10).map(float) | st.floats(0.1, 9.9).map(lambda value: round(value, 3))
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1))
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)
DECLARED = [(layer, one) for layer in collections() for one in declarations(layer, district=DISTRICT)]
NAMES = [f"{layer}.{one.name}" for layer, one in DECLARED]


def values_of(declared: Declaration) -> st.SearchStrategy[Any]:
    """Values that a criterion accepts."""
    codes = [code.code for code in declared.options]
    by_kind: dict[str, st.SearchStrategy[Any]] = {
        "number": NUMBERS,
        "area": NUMBERS,
        "flag": st.booleans(),
        "date": DAYS,
        "text": WORDS,
        "bbox": st.tuples(*[st.floats(0, 80).map(lambda side: round(side, 4))] * 2).map(
            lambda at: (at[0], at[1], at[0] + 1, at[1] + 1)
        ),
        "within": st.sampled_from(["370213", parse_within("POLYGON((0 0,1 0,1 1,0 0))")]),
        "near": st.builds(
            Near, st.sampled_from(list(code_list("facility_kind"))), NUMBERS.map(lambda value: value + 1)
        ),
    }
    one = st.sampled_from(codes) if declared.kind not in by_kind and codes else by_kind[declared.kind]
    if declared.name == "industry":
        one = st.from_regex(r"[0-9]{2,4}", fullmatch=True)
    return st.lists(one, max_size=3).map(tuple) if declared.repeatable else one


def _name(declared: Declaration) -> str:
    return declared.name


@st.composite
def wishes(draw: st.DrawFn, layer: str) -> Criteria:
    """Criteria with some fields given."""
    chosen = draw(st.lists(st.sampled_from(declarations(layer, district=DISTRICT)), max_size=5, unique_by=_name))
    given_values = {one.name: draw(values_of(one)) for one in chosen}
    for low in [name for name in given_values if name.endswith("_min")]:
        high = low.replace("_min", "_max")
        if high in given_values:
            given_values[low], given_values[high] = sorted((given_values[low], given_values[high]))
    return criteria_class(layer)(**given_values)


@pytest.mark.parametrize("layer", collections())
@settings(max_examples=sized(100, 1_000), deadline=None)
@given(data=st.data())
def test_a_link_means_what_it_meant(layer: str, data: st.DataObject) -> None:
    wish = data.draw(wishes(layer))
    query = wish.to_query()
    assert type(wish).from_query(query, DISTRICT) == wish
    assert type(wish).from_query(reversed(query), DISTRICT).to_query() == query


def one_value(declared: Declaration) -> Any:
    """Some value that filters."""
    codes = [code.code for code in declared.options if code.code != declared.ask.default]
    plain = {
        "number": 1.5,
        "area": 20.0,
        "flag": True,
        "date": dt.date(2026, 3, 1),
        "text": "楼山",
        "bbox": (120.0, 36.0, 120.5, 36.5),
        "within": "370213",
        "near": Near("metro_station", 800.0),
    }
    value = plain[declared.kind] if declared.kind in plain else codes[0]
    return (value,) if declared.repeatable else value


@pytest.mark.parametrize(("layer", "declared"), DECLARED, ids=NAMES)
def test_every_criterion_has_a_sentence_in_both_languages(layer: str, declared: Declaration) -> None:
    wish = criteria_class(layer)(**{declared.name: one_value(declared)})
    chinese, english = wish.describe("zh", DISTRICT), wish.describe("en", DISTRICT)
    if declared.name == "area_unit":
        assert (chinese, english) == ("", "")
        return
    assert declared.ask.zh in chinese
    assert declared.ask.en in english
    assert re.search("[\u4e00-\u9fff]", chinese)
    shown = re.sub("“.*”|[㎡]|楼山", "", english)
    assert not re.search("[\u4e00-\u9fff]", shown)


@pytest.mark.parametrize(("layer", "declared"), DECLARED, ids=NAMES)
def test_every_criterion_describes_its_input(layer: str, declared: Declaration) -> None:
    for lang in ("zh", "en"):
        described = declared.as_dict(lang)
        assert described["label"]
        assert json.loads(json.dumps(described)) == described
    assert declared.label("zh") != declared.label("en")
    assert bool(declared.help("zh")) == bool(declared.help("en"))
    assert all(schema.get("type") for schema in declared.schemas().values())
    assert declared.name in declared.schemas()


def test_labels_of_one_form_do_not_repeat() -> None:
    for layer in collections():
        for lang in ("zh", "en"):
            labels = [one.label(lang) for one in declarations(layer)]
            assert len(labels) == len(set(labels)), (layer, lang)


@pytest.mark.parametrize(
    ("query", "zh", "en"),
    [
        ("", "", ""),
        ("area_min=20", "面积 ≥ 20 亩", "area ≥ 20 mu"),
        ("area_max_ha=1.5", "面积 ≤ 1.5 公顷", "area ≤ 1.5 ha"),
        (
            "area_min=20&area_max=50&land_use=1001&land_use=0902",
            "面积 ≥ 20 亩，面积 ≤ 50 亩，用地：商务金融用地、工业用地",
            "area ≥ 20 mu, area ≤ 50 mu, land use: Business and finance (offices), Industrial",
        ),
        (
            "floor_area_ratio_min=2&match=guaranteed",
            "容积率 ≥ 2，规划指标：必然满足",
            "floor area ratio ≥ 2, planning conditions: always met",
        ),
        ("coverage_max=40", "建筑密度 ≤ 40%", "building coverage ≤ 40%"),
        ("intensity_min=300", "投资强度 ≥ 300 万元/亩", "investment intensity ≥ 300 10k CNY/mu"),
        ("near=metro_station:800", "距：地铁站 800 米以内", "near: Metro station within 800 m"),
        (
            "preset=local&standard_land=true",
            "用地类别：本地组，标准地：是",
            "land-use group: Local group, standard land: yes",
        ),
        ("as_of_min=2026-01-01", "数据时点不早于 2026-01-01", "data from 2026-01-01"),
        (
            "checklist=green&bucket=pending",
            "用地清单：全部通过，显示：待核实",
            "site assessments: all green, show: to be checked",
        ),
    ],
)
def test_the_sentence_says_what_was_asked(query: str, zh: str, en: str) -> None:
    wish = ParcelCriteria.from_query(parse_qsl(query), DISTRICT)
    assert (wish.describe("zh", DISTRICT), wish.describe("en", DISTRICT)) == (zh, en)


def test_a_long_choice_is_cut_short_in_words() -> None:
    wish = ParcelCriteria(ids=tuple(f"P{number}" for number in range(9)))
    assert wish.describe("zh").endswith("、P5 等 9 项")
    assert wish.describe("en").endswith(", P5 and 3 more")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_chip_takes_one_criterion_away(lang: Lang) -> None:
    wish = ParcelCriteria.from_query(parse_qsl("area_min=20&q=一号&near=metro_station:800&land_use=1001&land_use=11"))
    chips = {chip.name: chip for chip in wish.chips(lang)}
    assert list(chips) == ["q", "area_min", "land_use", "near"]
    without = ParcelCriteria.from_query(parse_qsl(chips["land_use"].without))
    assert without == wish.model_copy(update={"land_use": ()})
    assert chips["area_min"].as_dict()["name"] == "area_min"


@pytest.mark.parametrize("unit", ["mu", "m2", "ha"])
def test_a_unit_may_stand_in_the_name(unit: str) -> None:
    explicit = ParcelCriteria.from_query([(f"area_min_{unit}", "5"), (f"area_max_{unit}", "9")])
    assert explicit == ParcelCriteria(area_min=5, area_max=9, area_unit=unit)


def test_the_canonical_query_is_in_form_order_and_sorted() -> None:
    pairs = [("near", "port:5"), ("land_use", "11"), ("area_min", "20.50"), ("land_use", "1001"), ("land_use", "11")]
    wish = ParcelCriteria.from_query(pairs)
    assert wish.to_query() == [("area_min", "20.5"), ("land_use", "1001"), ("land_use", "11"), ("near", "port:5")]
    assert wish.active() == ("area_min", "land_use", "near")


def test_defaults_leave_no_trace() -> None:
    pairs = [("match", "feasible"), ("bucket", "match"), ("area_unit", "mu"), ("primary_only", "false")]
    assert ParcelCriteria.from_query(pairs) == ParcelCriteria()
    assert ParcelCriteria().to_query() == []


BAD = [
    ("area_min=abc", "area_min", "is no number"),
    ("area_min=", "area_min", "is no number"),
    ("area_min=1e3", "area_min", "is no number"),
    ("area_min=٣", "area_min", "is no number"),
    ("area_min=1_000", "area_min", "is no number"),
    ("area_min=nan", "area_min", "is no number"),
    ("area_min=inf", "area_min", "is no number"),
    ("area_min=-1", "area_min", "out of range"),
    ("area_min=9999999999", "area_min", "out of range"),
    ("area_min=5&area_min=6", "area_min", "given twice"),
    ("area_min=5&area_min_mu=6", "area_min_mu", "given twice"),
    ("area_min_mu=5&area_max_ha=6", "area_min_mu", "two area units"),
    ("area_min_ha=5&area_unit=mu", "area_min_ha", "two area units"),
    ("area_min=50&area_max=20", "area_min", "the range is reversed"),
    ("floor_area_ratio_min=3&floor_area_ratio_max=2", "floor_area_ratio_max", "the range is reversed"),
    ("area_unit=acre", "area_unit", "no such value"),
    ("land_use=1", "land_use", "no such code"),
    ("land_use=100", "land_use", "no such code"),
    ("land_use=9999", "land_use", "no such code"),
    ("land_use=M0", "land_use", "preset=new_industry"),
    ("land_use=工业用地", "land_use", "did you mean 1001"),
    ("land_use=1001,11", "land_use", "no such code"),
    ("preset=nothing", "preset", "no such value"),
    ("preset=ofice", "preset", "did you mean office"),
    ("industry=A", "industry", "no industry code"),
    ("industry=1", "industry", "no industry code"),
    ("industry=12345", "industry", "no industry code"),
    ("floor_area_ratio_min=21", "floor_area_ratio_min", "out of range"),
    ("coverage_min=101", "coverage_min", "out of range"),
    ("green_max=-5", "green_max", "out of range"),
    ("height_min=1001", "height_min", "out of range"),
    ("match=maybe", "match", "no such value"),
    ("stage=anounced", "stage", "did you mean announced"),
    ("status=gone", "status", "no such value"),
    ("method=gift", "method", "no such value"),
    ("supply_kind=old", "supply_kind", "no such value"),
    ("standard_land=1", "standard_land", "neither true nor false"),
    ("elastic_term=yes", "elastic_term", "neither true nor false"),
    ("checklist=red", "checklist", "no such value"),
    ("subdistrict=", "subdistrict", "is empty"),
    (f"subdistrict={'街' * 101}", "subdistrict", "has 101 characters"),
    ("q=", "q", "is empty"),
    ("q=%00", "q", "cannot be shown"),
    ("bbox=1,2,3", "bbox", "has 3 numbers"),
    ("bbox=36,120,37,121", "bbox", "longitude comes before latitude"),
    ("within=POINT(1 2)", "within", "is no polygon"),
    ("near=metro_station", "near", "is no KIND:METRES"),
    ("near=subway:800", "near", "no such value"),
    ("near=metro_station:0", "near", "out of range"),
    ("near=metro_station:100001", "near", "out of range"),
    ("as_of_min=yesterday", "as_of_min", "no day of the calendar"),
    ("bucket=all", "bucket", "no such value"),
    ("ids=", "ids", "is empty"),
]


@pytest.mark.parametrize(("query", "param", "said"), BAD)
def test_a_value_that_means_nothing_says_why(query: str, param: str, said: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        ParcelCriteria.from_query(parse_qsl(query, keep_blank_values=True), DISTRICT)
    assert said in str(caught.value)
    assert param in [place.param for place in caught.value.places]
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("name", "hint"),
    [("aera_min", "area_min"), ("landuse", "land_use"), ("filter", ""), ("limit", ""), ("rent_max", "")],
)
def test_an_unknown_parameter_is_an_error(name: str, hint: str) -> None:
    with pytest.raises(UnknownParameterError, match=f"no parameter is called '{name}'") as caught:
        ParcelCriteria.from_query([(name, "1")], DISTRICT)
    assert hint in (caught.value.hint or "")


def test_all_faults_are_told_at_once() -> None:
    query = "area_min=x&land_use=M0&nonsense=1&height_min=50&height_max=20&standard_land=maybe"
    with pytest.raises(UnknownParameterError) as caught:
        ParcelCriteria.from_query(parse_qsl(query), DISTRICT)
    assert {place.param for place in caught.value.places} == {
        *("area_min", "land_use", "nonsense", "height_min", "height_max", "standard_land")
    }


@pytest.mark.parametrize(
    "query", [f"q={'x' * 5000}", f"{'x' * 5000}=1", f"land_use={'1' * 5000}", f"within={'x' * 5000}"]
)
def test_no_message_repeats_what_was_sent_at_length(query: str) -> None:
    with pytest.raises(LandmapError) as caught:
        ParcelCriteria.from_query(parse_qsl(query), DISTRICT)
    told = [str(caught.value), *(str(place) for place in caught.value.places)]
    assert all(run not in text for text in told for run in ("x" * 121, "1" * 121))


def test_many_faults_make_no_endless_message() -> None:
    with pytest.raises(UnknownParameterError, match="and 90 more") as caught:
        ParcelCriteria.from_query([(f"p{number}", "1") for number in range(100)])
    assert len(caught.value.places) == 100


def test_built_in_code_it_checks_the_same() -> None:
    with pytest.raises(InvalidValueError, match="the range is reversed"):
        ParcelCriteria(area_min=5, area_max=4)
    with pytest.raises(InvalidValueError, match="no such code"):
        ParcelCriteria(land_use=("M0",))
    with pytest.raises(InvalidValueError, match="too many digits"):
        ParcelCriteria(area_min=1e-40)


def test_hidden_criteria_are_not_listed() -> None:
    listed = {asking: {one.name for one in declarations("parcels", asking)} for asking in PolicyClass}
    assert listed[PolicyClass.PARTNER] - listed[PolicyClass.PUBLIC] == {"status"}
    assert listed[PolicyClass.INTERNAL] == listed[PolicyClass.PARTNER]


def test_only_collections_have_criteria() -> None:
    assert criteria_class("buildings") is BuildingCriteria
    with pytest.raises(NotFoundError, match="no collection"):
        criteria_class("parks")
    with pytest.raises(NotFoundError, match="no layer"):
        declarations("nothing")


def test_options_come_from_the_domain_tables() -> None:
    options = {one.name: [code.code for code in one.options] for one in declarations("parcels", district=DISTRICT)}
    assert options["land_use"] == list(land_use.classes())
    assert options["stage"] == list(code_list("supply_stage"))
    assert options["preset"] == [*land_use.presets(), "local"]
