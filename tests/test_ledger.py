"""A ledger without shapes and a drawing without values: every row and every shape is accounted for, none is guessed."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ezdxf.layouts.layout import Modelspace
from hypothesis import given
from hypothesis import strategies as st

from landmap.domain import layer_named
from landmap.domain.errors import ConfigError
from landmap.ingest import Joined, Report, StagedLayer, check_joined
from landmap.ingest.ledger.numbers import alike, number_text, same
from landmap.ingest.ledger.pairing import Pairing, join
from landmap.ingest.ledger.sides import known_values
from tests.making_drawings import corners, drawing, label
from tests.making_files import feature, square, town, write_csv, write_geojson, write_xlsx

# numbers


def wide(text: str) -> str:
    """Return text in full-width forms."""
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize(
    "spelling",
    [
        "LC 2025—1",
        "lc2025-1",
        wide("LC2025-001"),
        "LC2025\N{NON-BREAKING HYPHEN}001",
        "LC2025\N{EN DASH}001",
        "LC〔2025〕001",
        "LC(2025)-01",
        "LC2025−1",
    ],
)
def test_spellings_of_one_number_are_the_same(spelling: str) -> None:
    assert same(spelling) == same("LC2025-001")


@pytest.mark.parametrize(
    "other", ["LC2025001", "LC2025-010", "LC2025-001′", "LC2025-001、002", "LC2025-001-2", "LD2025-1"]
)
def test_numbers_that_may_be_others_are_not_the_same(other: str) -> None:
    assert same(other) != same("LC2025-001")


def test_a_dash_left_out_looks_alike_and_a_masked_or_empty_number_is_none() -> None:
    assert alike("LC2025001") & alike("LC2025-001")
    assert not alike("LC2025-2") & alike("LC2025-3")
    assert [number_text(cell) for cell in ("/", "", None, True, "LC2025-***", "···", 12.0)] == [None] * 6 + ["12"]


# pairing


@pytest.mark.parametrize(
    ("rows", "shapes", "placed", "asked", "unplaced", "unclaimed"),
    [
        (["A-001"], ["a—1"], {0: 0}, {}, (), ()),
        (["A-1", "A-1"], ["A-1"], {}, {0: (0,), 1: (0,)}, (), ()),
        (["A-1"], ["A-1", "A-1"], {}, {0: (0, 1)}, (), ()),
        (["A-1", "A-01"], ["A-01", "A-1"], {0: 1, 1: 0}, {}, (), ()),
        (["A-1", "A-01"], ["A-1"], {}, {0: (0,), 1: (0,)}, (), ()),
        (["A-1", "A-1"], [], {}, {}, (0, 1), ()),
        (["A1-1"], ["A11"], {}, {0: (0,)}, (), ()),
        ([None, "A-1"], [None, "B-1"], {}, {}, (0, 1), (0, 1)),
    ],
)
def test_what_is_claimed_twice_is_asked(
    rows: list[str | None],
    shapes: list[str | None],
    placed: dict[int, int],
    asked: dict[int, tuple[int, ...]],
    unplaced: tuple[int, ...],
    unclaimed: tuple[int, ...],
) -> None:
    assert join(rows, shapes) == Pairing(placed, asked, unplaced, unclaimed)


def test_what_a_person_settles_leaves_the_others_asked_or_alone() -> None:
    assert join(["A-1", "A-1"], ["A-1"], [(1, 0)]) == Pairing({1: 0}, {}, (0,), ())
    assert join(["A-1", "A-1"], ["A-1", "A-1"], [(0, 1)]) == Pairing({0: 1}, {1: (0,)}, (), ())
    assert join(["A-1", "B-1"], ["B-1", "C-1"], [(0, 0)]) == Pairing({0: 0}, {}, (1,), (1,))
    with pytest.raises(ValueError, match="twice"):
        join(["A-1"], ["A-1", "B-1"], [(0, 0), (0, 1)])


numbers = st.one_of(
    st.none(),
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["A", "a", wide("A"), "LC", "lc "]),
        st.sampled_from(["", "-", "—", " ", "′"]),
        st.sampled_from(["1", "01", "001", "2", "11", "12"]),
        st.sampled_from(["", "-1", "、2", "(1)"]),
    ),
)


@given(st.lists(numbers, max_size=12), st.lists(numbers, max_size=12), st.randoms(use_true_random=False))
def test_every_row_and_every_shape_stands_in_exactly_one_place(
    rows: list[str | None], shapes: list[str | None], chance: random.Random
) -> None:
    count = chance.randint(0, min(len(rows), len(shapes), 3))
    settled = list(zip(chance.sample(range(len(rows)), count), chance.sample(range(len(shapes)), count), strict=True))
    found = join(rows, shapes, settled)
    assert Counter([*found.placed, *found.asked, *found.unplaced]) == Counter(range(len(rows)))
    assert Counter([*found.placed.values(), *found.asked_shapes, *found.unclaimed]) == Counter(range(len(shapes)))
    assert all(found.placed[row] == shape for row, shape in settled)
    for row, shape in found.placed.items():
        ours, theirs = rows[row], shapes[shape]
        assert (row, shape) in settled or (ours is not None and theirs is not None and same(ours) == same(theirs))


# files


def outlined(path: Path, *texts: str | None) -> Path:
    """Write a drawing of squares in a row, each with its text."""

    def draw(space: Modelspace) -> None:
        for place, text in enumerate(texts):
            space.add_lwpolyline(corners(place * 200), close=True, dxfattribs={"layer": "地块"})
            if text is not None:
                label(space, text, place * 200 + 50, 50)

    return drawing(path, draw)


def ledger(path: Path, *rows: tuple[Any, ...]) -> Path:
    return write_xlsx(path, [("地块编号", "地块名称", "用途", "面积(亩)"), *rows])


def joined(ledgers: list[Path], drawings: list[Path], **options: Any) -> tuple[StagedLayer | None, Report, Joined]:
    layer, report = check_joined(ledgers, drawings, "parcels", town(), **options)
    assert report.joined is not None
    return layer, report, report.joined


def test_a_row_takes_the_shape_of_its_number_and_nothing_else_from_the_drawing(tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.xlsx", ("LC2025-001", "甲", None, None), ("LC2025-002", "乙", None, 15))
    layer, report, found = joined([table], [outlined(tmp_path / "红线.dxf", "LC 2025—1", "S=9999㎡")])
    assert layer is not None
    assert layer.frame["parcel_no"].tolist() == ["LC2025-001"]
    assert layer.frame["net_area_m2"].isna().all()
    assert layer.frame.geometry.notna().all()
    assert found.counts() == {
        "rows": {"read": 2, "placed": 1, "published": 0, "asked": 0, "unplaced": 1, "refused": 0},
        "shapes": {"read": 2, "claimed": 1, "published": 0, "asked": 0, "unclaimed": 1, "unusable": 0},
    }
    assert found.rows[0].shape == "红线.dxf#地块:1"
    assert found.shapes[0].entity
    assert found.shapes[0].row == "台账.xlsx#Sheet:2"
    assert {one["name"] for one in layer.sources} == {"台账.xlsx#Sheet", "红线.dxf#地块"}
    assert [(one.file, one.rows_read, one.rows_accepted) for one in report.inputs] == [
        ("台账.xlsx", 2, 1),
        ("红线.dxf", 2, 1),
    ]
    assert not [one for one in report.findings if one.code == "geometry_missing"]


def test_a_waiting_row_keeps_what_the_ledger_says_and_nothing_that_was_filled_in(tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.xlsx", ("LC2025-7", "丙", None, 30))
    _, _, found = joined([table], [outlined(tmp_path / "红线.dxf", "LC2025-8")])
    (row,) = found.rows
    assert row.fate == "unplaced"
    assert dict(row.values) == {
        "parcel_id": "370213-LC2025-7",
        "parcel_no": "LC2025-7",
        "parcel_name": "丙",
        "net_area_m2": pytest.approx(20_000),
        "source_ref": "台账.xlsx",
    }


def test_an_ambiguous_number_is_asked_and_settled_by_key_or_by_name(tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.xlsx", ("LC2025-1", "甲", None, None), ("LC2025-1", "乙", None, None))
    plan = outlined(tmp_path / "红线.dxf", "LC2025-001")
    layer, report, found = joined([table], [plan])
    assert layer is None
    assert [one.fate for one in found.rows] == ["asked", "asked"]
    assert [one.code for one in report.findings if one.key] == ["shape_asked", "shape_asked"]
    key = found.rows[1].candidates[0].key
    assert key in [one.key for one in report.findings]
    for settled in ({"accept": [key]}, {"matches": [("3", "地块:1")]}):
        layer, _, found = joined([table], [plan], **settled)
        assert layer is not None
        assert layer.frame["parcel_name"].tolist() == ["乙"]
        assert [one.fate for one in found.rows] == ["unplaced", "placed"]
    assert joined([table], [plan], accept=["shape_asked"])[0] is None, "a code names several shapes at once"


def test_several_shapes_of_one_number_are_taken_as_one_or_one_of_them(tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.xlsx", ("LC2025-1", "甲", None, None), ("LC2025-2", "乙", None, None))
    plan = outlined(tmp_path / "红线.dxf", "LC2025-001", "LC2025-2", "LC2025—1")
    layer, report, found = joined([table], [plan])
    assert layer is not None
    assert [one.fate for one in found.rows] == ["asked", "placed"]
    key = found.rows[0].together
    (offer,) = [one for one in report.findings if one.code == "shapes_together"]
    assert (offer.key, offer.row) == (key, 2)
    layer, _, found = joined([table], [plan], accept=[key])
    assert layer is not None
    first = layer.frame.set_index("parcel_name").geometry["甲"]
    assert (first.geom_type, len(first.geoms)) == ("MultiPolygon", 2)
    assert (found.rows[0].shape, found.rows[0].also) == ("红线.dxf#地块:1", ("红线.dxf#地块:3",))
    assert [one.row for one in found.shapes] == [one.ref for one in (found.rows[0], found.rows[1], found.rows[0])]
    assert found.counts()["shapes"]["claimed"] == 3
    layer, _, found = joined(
        [table], [plan], accept=[found.rows[0].together, joined([table], [plan])[2].rows[0].candidates[1].key]
    )
    assert layer is not None
    assert [one.fate for one in found.shapes] == ["unclaimed", "claimed", "claimed"], "one of them was said, not all"


def test_shapes_that_two_rows_may_have_are_not_taken_as_one(tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.xlsx", ("LC2025-1", "甲", None, None), ("LC2025-1", "乙", None, None))
    _, report, found = joined([table], [outlined(tmp_path / "红线.dxf", "LC2025-001", "LC2025-1")])
    assert [(one.fate, one.together) for one in found.rows] == [("asked", "")] * 2
    assert "shapes_together" not in {one.code for one in report.findings}


def test_what_cannot_be_followed_is_told_and_not_applied(tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.xlsx", ("LC2025-1", "甲", None, None), ("LC2025-2", "乙", None, None))
    plan = outlined(tmp_path / "红线.dxf", "X-1", "X-2")
    layer, report, _ = joined([table], [plan], matches=[("2", "9"), ("2", "1"), ("3", "1")])
    assert layer is None
    assert Counter(one.code for one in report.findings if one.severity == "error") == {
        "match_unclear": 1,
        "match_twice": 2,
    }


def test_a_row_with_a_shape_of_its_own_keeps_it(tmp_path: Path) -> None:
    head = ("编号", "名称", "WKT")
    table = write_csv(tmp_path / "台账.csv", [head, ("A-1", "甲", square(0).wkt), ("A-2", "乙", None)], delimiter=";")
    plan = write_geojson(tmp_path / "红线.geojson", feature(1, parcel_no="A—2"), feature(2, parcel_no="A-1"))
    layer, _, found = joined([table], [plan])
    assert layer is not None
    assert dict(zip(layer.frame["parcel_no"], layer.frame.geometry.to_numpy(), strict=True))["A-1"].equals(square(0))
    assert [one.fate for one in found.shapes] == ["claimed", "unclaimed"]


def test_a_layer_without_shapes_cannot_be_joined(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no shapes"):
        check_joined([], [], "building_units", town())


def test_a_confined_process_joins_alike(tmp_path: Path, confined: None) -> None:
    table = ledger(tmp_path / "台账.xlsx", ("LC2025-001", "甲", None, None), ("LC2025-002", "乙", None, 15))
    layer, _, found = joined([table], [outlined(tmp_path / "红线.dxf", "LC 2025—1", "X-1")], matches=[("3", "2")])
    assert layer is not None
    assert layer.frame["parcel_no"].tolist() == ["LC2025-001", "LC2025-002"]
    assert found.counts()["rows"]["placed"] == 2


SPELLINGS = (
    "LC2025-{:03}",
    "LC 2025—{}",
    "lc2025-{:02}",
    "LC\N{EN DASH}2025\N{EN DASH}{}",
    "LC〔2025〕{}",
    "LC2025_{}",
)


@pytest.mark.parametrize("seed", range(3))
def test_of_a_patchy_ledger_every_row_is_accounted_for_and_nothing_is_invented(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    count = 60
    drawn = sorted(chance.sample(range(1, count + 1), count * 6 // 10))

    def cell(value: Any) -> Any:
        return value if chance.random() < 0.1 else None

    given = [
        (f"LC2025-{number:03}", cell(f"地块{number}"), cell("一类工业用地"), cell(10 + number))
        for number in range(1, count + 1)
    ]
    empty = sum(value is None for row in given for value in row) / (4 * count)
    assert empty > 0.6
    table = ledger(tmp_path / "台账.xlsx", *given)
    texts = [f"地块编号：{chance.choice(SPELLINGS).format(number)}" for number in drawn]
    plan = outlined(tmp_path / "红线.dxf", *texts, "地块编号：X-1")
    layer, report, found = joined([table], [plan])
    assert layer is not None
    counts = found.counts()
    assert counts["rows"] == {"read": count, "placed": 36, "published": 0, "asked": 0, "unplaced": 24, "refused": 0}
    assert counts["shapes"] == {"read": 37, "claimed": 36, "published": 0, "asked": 0, "unclaimed": 1, "unusable": 0}
    assert len({one.ref for one in found.rows}) == count
    assert sum(one.count for one in report.findings if one.code == "row_unplaced") == 24
    said = {row[0]: row for row in given}
    placed = known_values(layer.frame, layer_named("parcels"), [])
    waiting = [one.values for one in found.rows if one.waits]
    assert sorted(values["parcel_no"] for values in [*placed, *waiting]) == sorted(said)
    for values in [*placed, *waiting]:
        _, name, use, area = said[values["parcel_no"]]
        assert values.get("parcel_name") == name
        assert values.get("land_use_raw") == use
        assert values.get("net_area_m2") == (None if area is None else pytest.approx(area * 2000 / 3))
    entities = {one.row: one.place for one in found.shapes}
    for one in found.rows:
        if one.number is not None and one.fate == "placed":
            assert drawn[entities[one.ref] - 1] == int(one.number.split("-")[1])
