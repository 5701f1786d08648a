"""Columns hold what a table holds; what does not exist for the audience is unknown throughout."""

import numpy as np
import pandas as pd

from landmap.domain import canonical_frame, layer_named, table_of
from landmap.query.columns import NO_DAY, Columns
from landmap.query.derived import Distinct, industries_named
from landmap.query.index import Bits, bits
from landmap.query.truth import Truth, all_of, everywhere_unknown

LAYER = layer_named("buildings")
FRAME = canonical_frame(
    pd.DataFrame(
        {
            "building_id": ["a", "b", "c"],
            "building_name": ["Ｔ塔", None, "tower"],
            "floors_above": [10, None, 9],
            "rent_min_cny_m2_day": [1.5, None, 1.5],
            "registrable": [True, None, False],
            "amenities": [("gym", "bank", "gym"), (), None],
            "data_as_of": ["2026-01-02", None, "1969-12-31"],
            "tenant_industry_mix": [[{"code": "65"}], None, []],
        },
        dtype=object,
    ),
    LAYER,
).drop(columns="geometry")
TABLE = table_of(FRAME, LAYER)
COLUMNS = Columns(TABLE, {name: field for name, field in LAYER.fields.items() if name in TABLE.columns})


def told(answer: Bits, size: int = 3) -> list[bool]:
    """Return a bitmap as one answer for each record."""
    return bits.mask_of(answer, size).tolist()


def test_numbers_are_floats_and_unknown_is_nan() -> None:
    assert COLUMNS.numbers("floors_above").tolist()[::2] == [10.0, 9.0]
    assert np.isnan(COLUMNS.numbers("floors_above")[1])
    assert np.isnan(COLUMNS.numbers("rent_min_cny_m2_day")[1])


def test_flags_know_a_third_state() -> None:
    assert COLUMNS.flags("registrable").tolist() == [1, -1, 0]


def test_texts_are_a_dictionary() -> None:
    column = COLUMNS.coded("building_name")
    assert column.labels == ("tower", "Ｔ塔")
    assert column.codes.tolist() == [1, -1, 0]
    assert column.texts() == ["Ｔ塔", None, "tower"]
    assert column.among(frozenset({"tower", "x"})).tolist() == [False, False, True]
    assert COLUMNS.coded("floors_above").labels == ("10", "9")
    assert COLUMNS.coded("registrable").texts() == ["true", None, "false"]


def test_lists_tell_empty_from_unknown() -> None:
    column = COLUMNS.listed("amenities")
    assert column.known.tolist() == [True, True, False]
    lists = COLUMNS.lists("amenities")
    assert told(lists.holding(column.labels.index("gym"))) == [True, False, False]
    assert told(lists.unknown) == [False, False, True]
    assert "canteen" not in column.labels
    assert np.bincount(column.codes).tolist() == [1, 1]


def test_days_count_from_1970() -> None:
    assert COLUMNS.days("data_as_of").tolist() == [20455, NO_DAY, -1]


def test_ranks_follow_the_values() -> None:
    assert COLUMNS.ranks("floors_above").tolist() == [1, -1, 0]
    assert COLUMNS.ranks("rent_min_cny_m2_day").tolist() == [0, -1, 0]
    assert COLUMNS.ranks("data_as_of").tolist() == [1, -1, 0]
    assert COLUMNS.ranks("building_name").tolist() == [1, -1, 0]


def test_a_column_that_is_not_there_is_unknown() -> None:
    hidden = Columns(TABLE, {})
    assert np.isnan(hidden.numbers("floors_above")).all()
    assert (hidden.flags("registrable") == -1).all()
    assert hidden.coded("building_name").texts() == [None, None, None]
    assert all(told(hidden.index("building_name").unknown))
    assert not hidden.listed("amenities").known.any()
    assert (hidden.days("data_as_of") == NO_DAY).all()
    assert hidden.folded("building_name").tolist() == ["", "", ""]
    assert hidden.parsed("tenant_industry_mix") == [None, None, None]


def test_texts_fold_for_searching() -> None:
    assert COLUMNS.folded("building_name").tolist() == ["t塔", "", "tower"]


def test_same_contents_share_an_entry() -> None:
    column = Distinct.of(["x", "y", "x"])
    assert column.entries == ("x", "y")
    assert told(column.spread(lambda entry: entry == "x")) == [True, False, True]


def test_industries_are_named_by_digits_or_by_name() -> None:
    assert industries_named("35") == industries_named("C35专用设备") == industries_named("专用设备制造业（含机器人）")
    assert industries_named("3512 矿山机械") == {"3512"}
    assert industries_named("20250 项") == industries_named("高端制造") == frozenset()


def masks(row: str) -> Truth:
    """Return a truth from letters: t, f, u, a."""
    return Truth(*(bits.packed(np.array([letter == kind for letter in row])) for kind in "tua"))


def letters(answer: Truth, size: int) -> str:
    unknown, ambiguous = (bits.none(size) if one is None else one for one in (answer.unknown, answer.ambiguous))
    false = answer.possible ^ bits.everyone(size)
    kinds = list(zip(*(told(one, size) for one in (answer.true, unknown, ambiguous, false)), strict=True))
    assert all(sum(kind) == 1 for kind in kinds), "an answer is one of the four"
    return "".join("tuaf"[kind.index(True)] for kind in kinds)


def test_and_is_three_valued() -> None:
    left, right = masks("tttfuatfua"), masks("tuaffftfau")
    assert letters(all_of([left, right]), 10) == "tuaffftfaa"


def test_an_answer_without_doubts_is_decided() -> None:
    sure = Truth(bits.packed(np.array([True, False])))
    assert (letters(sure, 2), sure.decided) == ("tf", True)
    assert letters(all_of([sure, masks("tt")]), 2) == "tf"
    assert (letters(everywhere_unknown(2), 2), everywhere_unknown(2).decided) == ("uu", False)
