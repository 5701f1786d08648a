"""What no reader hands on: too many columns, texts without end, half characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmap.ingest.bounds import TEXT_MAX, bounded
from landmap.ingest.faults import RefusedError
from landmap.ingest.readers.raw import COLUMNS_MAX, RawLayer

HALVES = ("\ud800", "\ud801")


def layer(**columns: list[object]) -> RawLayer:
    return RawLayer("a", columns, rows=tuple(range(2, 2 + len(next(iter(columns.values()))))))


def test_a_layer_of_a_bureau_passes_as_it_is() -> None:
    raw = layer(name=["甲地块", None, "x" * TEXT_MAX], area=[1, 2.5, None], floors=[[{"no": 1}], None, []])
    found = bounded(raw)
    assert found.columns == raw.columns
    assert found.faults == ()


def test_a_text_without_end_is_cut_and_told_with_its_row() -> None:
    found = bounded(layer(remarks=["short", "长" * 40_000]))
    assert [len(text) for text in found.columns["remarks"]] == [5, TEXT_MAX]
    assert [(one.code, one.row, one.field, one.words["count"]) for one in found.faults] == [
        ("text_cut", 3, "remarks", 40_000)
    ]


def test_half_a_character_is_replaced_wherever_it_stands() -> None:
    found = bounded(layer(**{"na\ud800me": ["a\udfffb"], "parts": [{"\ud800": ["\ud800"]}]}))
    assert dict(found.columns) == {"na\ufffdme": ["a\ufffdb"], "parts": [{"\ufffd": ["\ufffd"]}]}
    assert [one.code for one in found.faults] == ["text_broken"]


def test_two_headers_that_differ_by_half_a_character_stay_two() -> None:
    found = bounded(layer(**{f"a{half}": [number] for number, half in enumerate(HALVES)}))
    assert dict(found.columns) == {"a\ufffd": [0], "a\ufffd_2": [1]}


def test_more_columns_than_any_layer_has_are_refused() -> None:
    with pytest.raises(RefusedError) as told:
        bounded(layer(**{f"c{number}": [1] for number in range(COLUMNS_MAX + 1)}))
    assert told.value.fault.code == "columns_too_many"


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(st.characters(), max_size=20)), min_size=1, max_size=5))
def test_every_text_can_be_written_and_no_cell_is_lost(cells: list[object]) -> None:
    found = bounded(layer(a=cells)).columns["a"]
    assert len(found) == len(cells)
    assert [type(one) for one in found] == [type(one) for one in cells]
    assert all(one.encode() or not one for one in found if isinstance(one, str))
