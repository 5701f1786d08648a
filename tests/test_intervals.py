"""Bounds read as a planner reads them; whatever is masked, lost or ambiguous yields no number."""

import csv
import re
import time
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landmap.domain.intervals import Interval, ParsedBound, ParseStatus, feasible_mask, guaranteed_mask, parse_bound
from tests.conftest import absent
from tests.sizes import sized

BOUNDED = {ParseStatus.OK, ParseStatus.OK_WITH_EXCEPTION, ParseStatus.PARTIAL}

numbers = st.integers(min_value=0, max_value=10**9).map(lambda tenths: tenths / 10_000)
sides = st.none() | numbers
intervals = st.builds(Interval, sides, sides, st.booleans(), st.booleans()).filter(
    lambda interval: interval.possible and interval.specified
)
units = st.sampled_from(["", "%", "m", "万元/亩"])


def canonical(interval: Interval) -> Interval:
    """Return the interval with the inclusiveness of an absent side set to its default."""
    return Interval(
        interval.min,
        interval.max,
        interval.min_inclusive or interval.min is None,
        interval.max_inclusive or interval.max is None,
    )


@pytest.mark.data
def test_every_case_on_file_is_read_as_it_says(test_data: Path) -> None:
    path = test_data.parent / "domain" / "bounds_cases.csv"
    if not path.is_file():
        absent(f"no {path.name} beside the test data", "set LANDMAP_TEST_DATA")
    with path.open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) >= 44
    wrong = {case["text"]: parse_bound(case["text"]) for case in cases if not _as_written(case)}
    assert wrong == {}


def _as_written(case: dict[str, str]) -> bool:
    read = parse_bound(case["text"])
    found = (read.interval.min, read.interval.max, read.floors_max, read.status.value)
    wanted = (*(float(case[side]) if case[side] else None for side in ("min", "max", "floors_max")), case["status"])
    inclusive = [
        str(getattr(read.interval, f"{side}_inclusive")) == case[f"{side}_inclusive"]
        for side in ("min", "max")
        if case[side]
    ]
    return found == wanted and all(inclusive)


@pytest.mark.parametrize(
    ("text", "bound", "status"),
    [
        ("≤24米(局部≤30米)", "≤24m", "ok_with_exception"),
        ("容积率：≥1.5", "≥1.5", "ok"),
        ("应不小于40%", "≥40%", "ok"),
        ("\ufeff≥ 1.5\n", "≥1.5", "ok"),
        ("不得超过15%", "≤15%", "ok"),
        ("1.8≥R≥0.7", "0.7–1.8", "ok"),
        ("1.0<R", ">1.0", "ok"),
        ("35-65%", "35–65%", "ok"),
        ("1.5至2.5之间", "1.5–2.5", "ok"),
        ("≥300万元/亩", "≥300万元/亩", "ok"),
        ("≤0.039吨标煤/万元", "≤0.039吨标煤/万元", "ok"),
        ("=1.5", "=1.5", "ok"),
        ("35%及以上", "≥35%", "ok"),
        ("≤100m，按航空限高", "≤100m", "partial"),
        ("２.０≤容积率≤３.５", "2.0–3.5", "ok"),  # noqa: RUF001
        ("≯24m", "≤24m", "ok"),
        ("≤1.5（不含地下）", "≤1.5", "ok_with_exception"),
        # nothing lies inside
        ("≥2.5且≤1.5", "/", "reversed"),
        (">1.5且≤1.5", "/", "reversed"),
        ("2.5-1.5", "/", "reversed"),
        # no operator
        ("R1.5", "/", "ambiguous_no_operator"),
        ("容积率为1.5", "/", "ambiguous_no_operator"),
        ("≥1.5,2.5", "/", "ambiguous_no_operator"),
        ("≥1 5", "/", "ambiguous_no_operator"),
        ("≥1\n5", "/", "ambiguous_no_operator"),
        ("≥1\u200b5", "/", "ambiguous_no_operator"),
        ("≥1\x005", "/", "ambiguous_no_operator"),
        ("1.0≤1.5", "/", "ambiguous_no_operator"),
        # lost, masked, doubled, unknown
        ("≥", "/", "unparsed"),
        ("≥1.*", "/", "unparsed"),
        ("≥(略)5", "/", "unparsed"),
        ("≥1.(略)", "/", "unparsed"),
        ("≥1(略)", "/", "unparsed"),
        ("≥1.5-", "/", "unparsed"),
        ("≤24²", "/", "unparsed"),
        ("①≥1.5", "/", "unparsed"),
        ("≤2O", "/", "unparsed"),
        ("≥-5", "/", "unparsed"),
        ("≥1.5.2", "/", "unparsed"),
        ("≥1e5", "/", "unparsed"),
        ("≤24mm", "/", "unparsed"),
        ("约≥15约", "/", "unparsed"),
        ("未超过15", "/", "unparsed"),
        ("不等于15", "/", "unparsed"),
        ("≤24m,≤30m", "/", "unparsed"),
        ("容积率≥1.5,建筑密度≤40%", "/", "unparsed"),
        ("≥1.5且≤60%", "/", "unparsed"),
        ("≤(24)米", "/", "unparsed"),
        ("≤24米(局部", "/", "unparsed"),
        ("≥1.5" + " " * 200, "/", "unparsed"),
        ("≥" + "9" * 150, "/", "unparsed"),
        # nothing is said
        ("", "/", "unspecified"),
        ("不限", "/", "unspecified"),
        ("不 限\n", "/", "unspecified"),
        ("\u200b", "/", "unspecified"),
        (None, "/", "unspecified"),
    ],
)
def test_a_bound_is_read_or_set_aside(text: str | None, bound: str, status: str) -> None:
    read = parse_bound(text)
    assert (read.interval.text(read.unit or ""), read.status) == (bound, ParseStatus(status))
    assert read.raw == (text or "")


@pytest.mark.parametrize(
    ("text", "floors", "status", "height"),
    [
        ("不超过15层", 15, "floors_not_metres", None),
        ("<15层", 14, "floors_not_metres", None),
        ("3-6层", 6, "floors_not_metres", None),
        ("≥3层", None, "floors_not_metres", None),
        ("≤24米且≤6层", 6, "ok", 24.0),
        ("6层", None, "ambiguous_no_operator", None),
        ("≤6.5层", None, "unparsed", None),
    ],
)
def test_storeys_are_never_metres(text: str, floors: int | None, status: str, height: float | None) -> None:
    read = parse_bound(text)
    assert (read.floors_max, read.status, read.interval.max) == (floors, status, height)


@settings(max_examples=sized(300, 20_000))
@given(interval=intervals, unit=units)
def test_what_is_printed_reads_back_the_same(interval: Interval, unit: str) -> None:
    read = parse_bound(interval.text(unit))
    assert read.status is ParseStatus.OK
    assert read.interval == canonical(interval)
    assert read.unit == (unit or None)
    assert read.interval.text(unit) == interval.text(unit)


@settings(max_examples=sized(300, 20_000))
@given(interval=intervals, unit=units, mask=st.sampled_from("*□○×?#_²①�"), data=st.data())
def test_a_masked_digit_masks_the_bound(interval: Interval, unit: str, mask: str, data: st.DataObject) -> None:
    text = interval.text(unit)
    at = data.draw(st.sampled_from([index for index, char in enumerate(text) if char.isdigit()]))
    for masked in (text[:at] + mask + text[at + 1 :], text[:at] + "(略)" + text[at + 1 :]):
        assert nothing_is_claimed(parse_bound(masked)), masked


@settings(max_examples=sized(300, 20_000))
@given(interval=intervals, unit=units)
def test_a_lost_operator_loses_the_bound(interval: Interval, unit: str) -> None:
    bare = interval.text(unit).translate({ord(sign): " " for sign in "≥≤<>=–"})
    assert nothing_is_claimed(parse_bound(bare)), bare


def nothing_is_claimed(read: ParsedBound) -> bool:
    return read.status not in BOUNDED and not read.interval.specified and read.floors_max is None


PIECES = [
    *"0123456789.≥≤<>=-~%m米层R()（）*,且 ",
    "不小于",
    "不超过",
    "大于",
    "以上",
    "以下",
    "容积率",
    "(略)",
    "航空",
    "\x00",
]


@settings(max_examples=sized(500, 50_000))
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_read_without_a_fault_and_bounds_come_only_with_their_status(text: str) -> None:
    read = parse_bound(text)
    assert read.interval.specified == (read.status in BOUNDED)
    assert read.interval.possible
    for value in (read.interval.min, read.interval.max):
        assert value is None or any(float(digits) == value for digits in _numbers_in(text))


def _numbers_in(text: str) -> list[str]:
    return re.findall(r"[0-9]+(?:\.[0-9]+)?", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("piece", ["≥", "1", "1.", "(", "不", "1-", "R", "≥1", "x", "\u0301"])
def test_reading_takes_no_time_to_speak_of(piece: str) -> None:
    started = time.perf_counter()
    parse_bound((piece * 200)[:200])
    parse_bound(piece * 1_000_000)
    assert time.perf_counter() - started < 0.5


WISHES = [(None, None), (2.0, None), (None, 2.0), (1.0, 2.0), (2.0, 2.0), (3.0, 1.0)]


@pytest.mark.parametrize(
    ("interval", "feasible", "guaranteed"),
    [
        (Interval(1.0, 2.0), "yyyyyn", "ynyynn"),
        (Interval(1.0, 2.0, max_inclusive=False), "ynyynn", "ynyynn"),
        (Interval(2.0, None), "yyyyyn", "yynnnn"),
        (Interval(2.0, None, min_inclusive=False), "yynnnn", "yynnnn"),
        (Interval(None, 1.5), "ynyynn", "ynynnn"),
        (Interval(2.5, 1.5), "nnnnnn", "nnnnnn"),
        (Interval(), "yyyyyn", "ynnnnn"),
    ],
)
def test_a_wish_is_feasible_or_guaranteed(interval: Interval, feasible: str, guaranteed: str) -> None:
    assert "".join("y" if interval.feasible(*wish) else "n" for wish in WISHES) == feasible
    assert "".join("y" if interval.guaranteed(*wish) else "n" for wish in WISHES) == guaranteed


@settings(max_examples=sized(200, 5_000))
@given(
    rows=st.lists(st.builds(Interval, sides, sides, st.booleans(), st.booleans()), max_size=20),
    lo=sides,
    hi=sides,
    data=st.data(),
)
def test_masks_say_what_intervals_say(
    rows: list[Interval], lo: float | None, hi: float | None, data: st.DataObject
) -> None:
    edges = [edge for row in rows for edge in (row.min, row.max) if edge is not None]
    if edges:
        lo = data.draw(st.sampled_from([lo, *edges]))
        hi = data.draw(st.sampled_from([hi, *edges]))
    columns = (
        np.array([np.nan if row.min is None else row.min for row in rows], dtype=float),
        np.array([np.nan if row.max is None else row.max for row in rows], dtype=float),
        np.array([row.min_inclusive for row in rows], dtype=bool),
        np.array([row.max_inclusive for row in rows], dtype=bool),
    )
    assert feasible_mask(*columns, lo, hi).tolist() == [row.feasible(lo, hi) for row in rows]
    assert guaranteed_mask(*columns, lo, hi).tolist() == [row.guaranteed(lo, hi) for row in rows]


def test_an_unknown_side_is_no_number() -> None:
    assert Interval(float("nan"), 2.0) == Interval(None, 2.0)
    assert not Interval(float("nan"), float("nan")).specified
