"""Query text is read strictly; what is refused says why."""

import datetime as dt

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import Polygon

from landmap.domain.errors import InvalidValueError
from landmap.query import Near, area_of, boxes, number, parse, parse_bbox, parse_near, parse_within

RING = "((120 36,120.1 36,120.1 36.1,120 36))"


@pytest.mark.parametrize(
    ("text", "value"), [("20", 20.0), ("-1.5", -1.5), ("+3", 3.0), ("007", 7.0), ("0.10", 0.1), ("-0", 0.0)]
)
def test_plain_decimals_are_numbers(text: str, value: float) -> None:
    assert number("x", text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " 5 ", "5 ", "1_000", "1,000", "٣", "\uff15", "1e3", "1E3", "nan", "inf", "-inf", "Infinity", "0x10"),
        *(".5", "5.", "1.2.3", "--1", "5亩", "1" * 33, "\n5", "5\n", "五", "½"),
    ],
)
def test_anything_else_is_no_number(text: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        number("area_min", text)
    assert caught.value.places[0].param == "area_min"
    assert len(caught.value.message) < 300


@given(st.floats(min_value=-1e9, max_value=1e9).map(lambda value: round(value, 6)))
def test_a_number_survives_its_text(value: float) -> None:
    assert number("x", parse.number_text(value)) == value


def test_minus_zero_is_zero() -> None:
    assert parse.number_text(-0.0) == "0"


@pytest.mark.parametrize("text", ["1", "True", "yes", "", "TRUE", "on"])
def test_flags_are_true_or_false(text: str) -> None:
    with pytest.raises(InvalidValueError, match="neither true nor false"):
        parse.flag("standard_land", text)


def test_days_are_iso() -> None:
    assert parse.day("as_of_min", "2026-03-15") == dt.date(2026, 3, 15)


@pytest.mark.parametrize("text", ["2026-3-15", "20260315", "2026-02-30", "2026-W10-1", "15.3.2026", "", "٢٠٢٦-03-15"])
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="no day of the calendar"):
        parse.day("as_of_min", text)


def test_a_box_has_four_sides_or_six() -> None:
    assert parse_bbox("120.3,36.1,120.5,36.3") == (120.3, 36.1, 120.5, 36.3)
    assert parse_bbox("120.3,36.1,-5,120.5,36.3,500") == (120.3, 36.1, 120.5, 36.3)


def test_a_box_across_the_antimeridian_is_two() -> None:
    assert boxes(parse_bbox("170,-10,-170,10")) == ((170, -10, 180, 10), (-180, -10, -170, 10))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 1 numbers"),
        ("1,2,3", "has 3 numbers"),
        ("1,2,3,4,5", "has 5 numbers"),
        ("1,2,3,4,5,6,7", "has 7 numbers"),
        ("a,2,3,4", "is no number"),
        ("120.3, 36.1,120.5,36.3", "is no number"),
        ("nan,36,121,37", "is no number"),
        ("120,36,inf,37", "is no number"),
        ("36.1,120.3,36.3,120.5", "longitude comes before latitude"),
        ("120,37,121,36", "its south above its north"),
        ("181,0,182,1", "a longitude that does not exist"),
        ("120,-91,121,0", "a latitude that does not exist"),
        ("531500,4002000,545000,4008000", "does not exist"),
        ("1," * 10_000, "numbers"),
    ],
)
def test_an_impossible_box_says_why(text: str, said: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_bbox(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "text", [f"POLYGON{RING}", f"polygon {RING}", f"MultiPolygon({RING},{RING})", " POLYGON" + RING]
)
def test_a_polygon_is_wkt(text: str) -> None:
    assert area_of(parse_within(text)).area == pytest.approx(0.005)


def test_a_polygon_may_have_holes() -> None:
    text = "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 2,1 1))"
    assert area_of(parse_within(text)).area == pytest.approx(80)


@pytest.mark.parametrize("code", ["370213", "370213001", "LC-01", "plan_unit_7"])
def test_a_district_is_named_by_its_code(code: str) -> None:
    assert parse_within(code) == code
    assert parse.is_area_code(code)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no polygon"),
        ("POINT(120 36)", "is no polygon"),
        ("POLYGON EMPTY", "is no polygon"),
        ("POLYGON(())", "is no polygon"),
        ("POLYGON((120 36))", "not closed"),
        ("POLYGON((120 36,121 36))", "not closed"),
        ("POLYGON((120 36,121 36,121 37))", "not closed"),
        ("POLYGON((120 36,121 36,121 37,120 37))", "not closed"),
        ("POLYGON Z((120 36 1,121 36 1,121 37 1,120 36 1))", "is no polygon"),
        ("POLYGON((120 36,121 nan,121 37,120 36))", "is no polygon"),
        ("POLYGON((120 36,121 1e308,121 37,120 36))", "is no polygon"),
        ("POLYGON((120 36,1e1 36,121 37,120 36))", "is no polygon"),
        ("POLYGON((120 36,121 36,121 37,120 36)", "is no polygon"),
        ("POLYGON((120 36,121 36,121 37,120 36)))", "is no polygon"),
        ("POLYGON((120 36,121 36,120 36,120 36))", "encloses no area"),
        ("POLYGON((36 120,37 120,37 121,36 120))", "longitude comes before latitude"),
        ("POLYGON((531 400,532 400,532 401,531 400))", "degrees, not metres"),
        ("GEOMETRYCOLLECTION(GEOMETRYCOLLECTION EMPTY)", "is no polygon"),
        ('{"type":"Polygon"}', "is no polygon"),
        ("POLYGON((" + ",".join(["120 36"] * 10_001) + "))", "too many vertices"),
        ("POLYGON((" + " " * 100_000, "has 100009 characters"),
        ("a" * 41, "is no polygon"),
        ("POLYGON((120 36,121 36,\x00121 37,120 36))", "is no polygon"),
    ],
)
def test_what_is_no_place_says_why(text: str, said: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_within(text)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


def test_hostile_wkt_is_refused_at_once() -> None:
    text = "POLYGON((" + "1 1, " * 9_000 + "x"
    with pytest.raises(InvalidValueError, match="is no polygon"):
        parse_within(text)


def test_a_ring_that_crosses_itself_is_read_by_the_even_odd_rule() -> None:
    bow_tie = area_of(parse_within("POLYGON((0 0,2 2,2 0,0 2,0 0))"))
    star = area_of(parse_within("POLYGON((0 3,4 0,-1 2,3 4,1 0,0 3))"))
    assert bow_tie.area == pytest.approx(2)
    assert not star.covers(shapely.Point(1.2, 1.9))


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-89, 89)), min_size=3, max_size=12))
def test_a_polygon_s_canonical_text_stands_for_itself(points: list[tuple[float, float]]) -> None:
    ring = ",".join(f"{x:.9f} {y:.9f}" for x, y in [*points, points[0]])
    assume(shapely.make_valid(Polygon([(round(x, 9), round(y, 9)) for x, y in points])).area > 1e-6)
    text = parse_within(f"POLYGON(({ring}))")
    assert parse_within(text) == text


def test_near_names_a_kind_and_metres() -> None:
    assert parse_near("near", "metro_station:800") == Near("metro_station", 800.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no KIND:METRES"),
        ("metro_station", "is no KIND:METRES"),
        ("metro_staton:800", "did you mean metro_station"),
        ("metro_station:", "is no number"),
        ("metro_station:1e3", "is no number"),
        ("metro_station:800:900", "is no number"),
        ("metro_station: 800", "is no number"),
    ],
)
def test_a_near_that_means_nothing_says_why(text: str, said: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_near("near", text)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "a" * 101])
def test_text_is_short_and_printable(text: str) -> None:
    with pytest.raises(InvalidValueError):
        parse.plain_text("q", text)


def test_blanks_run_together() -> None:
    assert parse.plain_text("q", "  一号　路 \t 东 ") == "一号 路 东"
