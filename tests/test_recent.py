"""What was used last is kept, up to a weight."""

from hypothesis import given
from hypothesis import strategies as st

from landmap.render import Recent


def test_the_one_not_used_for_longest_makes_room() -> None:
    kept: Recent[str] = Recent(2)
    kept.put("a", "1")
    kept.put("b", "2")
    assert kept.get("a") == "1"
    kept.put("c", "3")
    assert [kept.get(key) for key in "abc"] == ["1", None, "3"]


def test_what_weighs_more_than_all_may_have_is_kept_alone() -> None:
    kept: Recent[bytes] = Recent(10, len)
    kept.put("small", b"12345")
    kept.put("large", b"x" * 50)
    assert (kept.get("small"), kept.get("large")) == (None, b"x" * 50)
    kept.put("small", b"12345")
    assert (kept.get("small"), kept.get("large")) == (b"12345", None)


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=8)), max_size=40))
def test_it_never_weighs_more_than_it_may_and_tells_the_last_value(puts: list[tuple[int, bytes]]) -> None:
    kept: Recent[bytes] = Recent(12, len)
    for key, value in puts:
        kept.put(key, value)
        assert kept.get(key) == value
        assert sum(len(kept.get(other) or b"") for other in range(6)) <= 12
