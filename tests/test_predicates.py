"""Which records a filter takes, which it leaves undecided, and why."""

import datetime as dt

import pytest

from landmap.domain.errors import InvalidValueError
from tests.query_town import PARTNER, PUBLIC, TODAY, select


def answer(query: str, **how: object) -> tuple[str, str]:
    """Return the matched and the pending ids."""
    matched = select(query, **how)  # type: ignore[arg-type]
    pending = select(f"{query}&bucket=pending", **how)  # type: ignore[arg-type]
    return " ".join(matched.ids()), " ".join(pending.ids())


@pytest.mark.parametrize(
    ("query", "matched", "pending"),
    [
        ("", "A B C D E F", ""),
        ("area_min=30", "B C F", "E"),
        ("area_max_ha=1", "A", "E"),
        ("area_min_m2=20000&area_max_m2=30000", "B C", "E"),
        ("area_min=20&area_max=20", "D", "E"),
        ("land_use=1001", "A B F", "E"),
        ("land_use=100101", "B", "E"),
        ("land_use=100101&include_parent=true", "A B F", "E"),
        ("land_use=0901", "C", "E"),
        ("land_use=0901&primary_only=true", "", "E"),
        ("land_use=11&land_use=0902", "C D", "E"),
        ("preset=new_industry", "B", "E"),
        ("display_class=M0", "B", "E"),
        ("display_class=M1", "A F", "E"),
        ("display_class=M1&display_class=M0", "A B F", "E"),
        ("preset=industry", "A B F", "E"),
        ("preset=local", "C", "E"),
        ("preset=industry&preset=local", "A B C F", "E"),
        ("floor_area_ratio_min=2", "A B", "C D E F"),
        ("floor_area_ratio_min=2.1", "B", "C D E F"),
        ("floor_area_ratio_max=1", "", "C D E F"),
        ("floor_area_ratio_max=1.5", "A B", "C D E F"),
        ("floor_area_ratio_min=1&match=guaranteed", "A B", "C D E F"),
        ("floor_area_ratio_max=2&match=guaranteed", "A", "C D E F"),
        ("industry=35", "A", "B C D E F"),
        ("industry=351", "A", "B C D E F"),
        ("industry=13", "", "B C D E F"),
        ("intensity_min=300", "A", "B C D E F"),
        ("intensity_max=200", "A", "B C D E F"),
        ("intensity_max=199", "", "B C D E F"),
        ("standard_land=true", "A", "C D E F"),
        ("standard_land=false", "B", "C D E F"),
        ("status=net&status=reserve", "A B", "C D E F"),
        ("stage=announced&stage=sold", "A F", ""),
        ("checklist=green", "A", "D E F"),
        ("subdistrict=东街", "A B", "D E F"),
        ("q=一号路", "A B C D E F", ""),
        ("q=东街 lc-01", "A", ""),
        ("q=\uff2c\uff23\uff0d\uff10\uff12", "B", ""),
        ("as_of_min=2026-01-01", "A D E F", "C"),
        ("ids=A&ids=F&ids=none", "A F", ""),
        ("near=metro_station:110", "A", ""),
        ("near=metro_station:220", "A B", ""),
        ("near=airport:9000", "", "A B C D E F"),
        ("near=metro_station:110&near=airport:9000", "", "A"),
        ("within=370213001", "A B", ""),
        ("bbox=120.0,35.9,120.0012,36.1", "A", ""),
        ("bbox=179,35.9,120.0012,36.1", "A", ""),
        ("area_min=30&floor_area_ratio_min=2", "B", "C E F"),
    ],
)
def test_a_filter_takes_what_it_says(query: str, matched: str, pending: str) -> None:
    assert answer(query) == (matched, pending)


@pytest.mark.parametrize(
    ("query", "matched", "pending"),
    [
        ("rent_max=2", "H1 H2", ""),
        ("rent_max=1.9", "H2", ""),
        ("rent_min=3", "H1", ""),
        ("rent_min=1.5", "H1 H2", ""),
        ("amenity=bank", "H1", "H2"),
        ("amenity=bank&amenity=gym", "H1", "H2"),
        ("amenity=bank&amenity=canteen", "", "H2"),
        ("kind=rnd", "H2", ""),
        ("fresh=true", "H1", ""),
        ("fresh=false", "H2", ""),
        ("q=二号", "H2", ""),
        ("parking_min=1", "", "H1 H2"),
    ],
)
def test_a_building_filter_takes_what_it_says(query: str, matched: str, pending: str) -> None:
    assert answer(query, layer="buildings") == (matched, pending)


def test_pending_records_are_told_by_reason() -> None:
    selection = select("floor_area_ratio_min=2")
    assert (selection.pending, selection.unknown, selection.ambiguous) == (
        4,
        {"floor_area_ratio_min": 3},
        {"floor_area_ratio_min": 1},
    )


def test_a_false_criterion_ends_all_doubt() -> None:
    selection = select("floor_area_ratio_min=2&stage=announced")
    assert (selection.ids(), selection.pending, selection.unknown) == (("A",), 0, {})


def test_encouraging_words_that_name_no_industry_are_ambiguous() -> None:
    assert select("industry=35").ambiguous == {"industry": 1}


def test_an_assessment_holds_on_its_last_day_and_not_after() -> None:
    assert select("checklist=green", today=TODAY).ids() == ("A",)
    after = select("checklist=green&bucket=pending", today=TODAY + dt.timedelta(days=1))
    assert after.ids() == ("A", "D", "E", "F")


def test_a_conclusion_that_is_hidden_or_missing_makes_nothing_green() -> None:
    for audience, green, pending in ((PARTNER, ("A",), "DE"), (PUBLIC, (), "ABD")):
        assert select("checklist=green", audience).ids() == green
        assert select("checklist=green&bucket=pending", audience).ids() == tuple(pending)


def test_data_turn_stale_after_the_district_s_limit() -> None:
    assert select("fresh=true", layer="buildings", today=TODAY).ids() == ("H1",)
    assert select("fresh=true", layer="buildings", today=TODAY + dt.timedelta(days=1)).ids() == ()


def test_text_is_searched_only_where_the_audience_may_read() -> None:
    assert select("q=GB00001", PUBLIC).ids() == ("A",)
    assert select("q=GB00002", PUBLIC).ids() == ()
    assert select("q=GB00002").ids() == ("B",)


def test_a_district_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(InvalidValueError, match="no district has this code"):
        select("within=999")


def test_a_bow_tie_is_its_two_wings() -> None:
    west, east = 120.0, 120.01
    tie = f"POLYGON(({west} 35.999,{east} 36.002,{east} 35.999,{west} 36.002,{west} 35.999))"
    assert select(f"within={tie}").ids() == ("A", "B", "F")
