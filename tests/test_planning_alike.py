"""Records that say the same of their planning figures are read once, and get what each would get by itself."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from landmap.ingest import planning
from landmap.ingest.faults import Fault

_RATIOS = st.sampled_from([None, "1.5-2.5", "≤2.0", "2.0", "2.5-1.5", "不详", "1.*"])
_GREENS = st.sampled_from([None, "≤15%", "0.15", "≥10%且≤20%"])
_NUMBERS = st.sampled_from([None, 0.0, 12.0, 30.0])


def filled(rows: list[tuple[Any, Any, Any, Any]]) -> tuple[dict[str, list[Any]], list[Fault]]:
    """Return what becomes of records that give two figures as texts and two bounds as numbers."""
    ratios, greens, lows, highs = (list(column) for column in zip(*rows, strict=True))
    columns = {"height_min_m": lows, "height_limit_m": highs, "land_use_code": ["1001"] * len(rows)}
    texts = {"floor_area_ratio": ratios, "green_space_ratio": greens}
    return columns, planning.fill_bounds(columns, texts, frozenset(), range(1, len(rows) + 1))


@given(st.lists(st.tuples(_RATIOS, _GREENS, _NUMBERS, _NUMBERS), min_size=1, max_size=4))
def test_many_records_get_what_each_gets_alone(rows: list[tuple[Any, Any, Any, Any]]) -> None:
    repeated = rows * 4
    columns, faults = filled(repeated)
    for index, row in enumerate(repeated):
        alone, told = filled([row])
        assert {name: column[index] for name, column in columns.items()} == {
            name: column[0] for name, column in alone.items()
        }
        assert [(one.code, one.field, one.value, one.proposal) for one in faults if one.row == index + 1] == [
            (one.code, one.field, one.value, one.proposal) for one in told
        ]


def test_faults_come_in_the_order_of_the_rows() -> None:
    _, faults = filled([("2.0", None, None, None), ("≤2.0", None, None, None)] * 3)
    assert [fault.row for fault in faults] == [1, 3, 5]
