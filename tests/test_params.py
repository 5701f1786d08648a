"""Query strings are read strictly: what is odd is said, nothing is guessed."""

import contextlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.api.params import LIMIT_MAX, Answer, only, read_limit, read_pairs, split_answer
from landmap.domain.errors import InvalidValueError, TooCostlyError, UnknownParameterError


def test_pairs_keep_their_order_and_their_text() -> None:
    query = b"q=%E6%A5%BC%E5%B1%B1+A&land_use=1001&land_use=11&empty="
    assert read_pairs(query) == [("q", "楼山 A"), ("land_use", "1001"), ("land_use", "11"), ("empty", "")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (b"q=%zz", "% that starts no escape"),
        (b"q=%", "% that starts no escape"),
        (b"q=%ff%fe", "no UTF-8"),
        (b"q=%ED%A0%80", "no UTF-8"),
        (b"q=a%00b", "control character"),
        (b"q=a%0Ab", "control character"),
        (b"%00=a", "control character"),
    ],
)
def test_what_is_no_text_is_refused(query: bytes, said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        read_pairs(query)


@pytest.mark.parametrize("query", [b"a=" + b"x" * 70_000, b"&".join([b"a=1"] * 501)])
def test_a_query_past_the_caps_is_refused(query: bytes) -> None:
    with pytest.raises(TooCostlyError):
        read_pairs(query)


printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)


@given(st.lists(st.tuples(printable, printable)))
def test_any_printable_text_survives_the_way(pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    assert read_pairs(query.encode()) == pairs


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(query: bytes) -> None:
    with contextlib.suppress(InvalidValueError):
        assert all("\x00" not in name + value for name, value in read_pairs(query))


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "٣", "1_000", " 5 ", "", "nan", "5.0", "+5", "9" * 5000])
def test_a_limit_is_a_plain_whole_number(text: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        read_limit("limit", text)
    assert caught.value.places[0].param == "limit"


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("250", 250), ("10000", 10_000), ("999999999", LIMIT_MAX)])
def test_a_huge_limit_is_served_as_the_largest(text: str, limit: int) -> None:
    assert read_limit("limit", text) == limit


def test_the_answer_is_split_from_the_criteria() -> None:
    pairs = [("area_min", "30"), ("limit", "5"), ("sortby", "-area_m2,parcel_no"), ("lang", "en")]
    answer, rest = split_answer(pairs)
    assert answer == Answer(limit=5, sort=("-area_m2", "parcel_no"), lang="en")
    assert rest == [("area_min", "30")]


def test_all_faults_are_told_at_once() -> None:
    names = ["limit", "lang", "sort", "sortby", "after", "f", "f"]
    with pytest.raises(InvalidValueError) as caught:
        split_answer(list(zip(names, ["-1", "fr", "a", "b", "!", "x", "y"], strict=True)))
    assert {place.param for place in caught.value.places} == {"limit", "lang", "sortby", "after", "f"}


def test_an_address_takes_only_its_own_parameters() -> None:
    assert only([("v", "1")], ("v",)) == {"v": "1"}
    with pytest.raises(UnknownParameterError, match="known here: v"):
        only([("w", "1")], ("v",))
    with pytest.raises(InvalidValueError, match="twice"):
        only([("v", "1"), ("v", "2")], ("v",))
