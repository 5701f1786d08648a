"""Rows of a file in blocks become columns, whose equal texts are one object."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from landmap.ingest.readers.gathered import BLOCK, Column, gathered
from landmap.ingest.readers.gpkg import GpkgReader
from landmap.ingest.readers.raw import Request

_CELLS = st.one_of(st.none(), st.sampled_from(["是", "否", ""]), st.integers(0, 2), st.booleans(), st.floats(0, 2))


def same(one: list[Any], other: list[Any]) -> bool:
    """Return whether two columns hold the same values of the same types."""
    return list(map(repr, one)) == list(map(repr, other))


@given(st.lists(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=6), max_size=6))
def test_columns_hold_what_the_rows_held(blocks: list[list[tuple[Any, Any]]]) -> None:
    columns = [Column(), Column()]
    rows = [row for block in blocks for row in block]
    assert gathered(blocks, [column.add for column in columns]) == len(rows)
    for place, column in enumerate(columns):
        assert same(column.cells, [row[place] for row in rows])


def test_equal_texts_are_one_object() -> None:
    column = Column()
    for _ in range(3):
        column.add(["".join(["工业", "用地"]) for _ in range(4)])
    assert len({id(cell) for cell in column.cells}) == 1


def test_more_rows_than_a_block_keep_their_order_shape_and_number(tmp_path: Path) -> None:
    count = 2 * BLOCK + 7
    points = [shapely.Point(number, 1) for number in range(count)]
    path = tmp_path / "many.gpkg"
    gpd.GeoDataFrame({"no": [f"A{n}" for n in range(count)]}, geometry=points, crs=4490).to_file(path, layer="p")
    with closing(sqlite3.connect(path)) as base, base:
        triggers = base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE p SET geom = x'00' WHERE fid = ?", (BLOCK + 3,))
    (layer,) = GpkgReader().read(Request(path, "many"))
    assert list(layer.columns["no"]) == [f"A{n}" for n in range(count)]
    assert [(fault.code, fault.row) for fault in layer.faults] == [("geometry_unreadable", BLOCK + 3)]
    assert layer.geometry is not None
    assert [shape.x for shape in layer.geometry[-3:]] == [count - 3, count - 2, count - 1]


def test_text_that_is_no_utf8_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "odd.gpkg"
    frame = gpd.GeoDataFrame({"no": ["A", "B"]}, geometry=[shapely.Point(1, 1), shapely.Point(2, 2)], crs=4490)
    frame.to_file(path, layer="p")
    with closing(sqlite3.connect(path)) as base, base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE p SET no = CAST(x'41ff' AS TEXT) WHERE fid = 1")
    (layer,) = GpkgReader().read(Request(path, "odd"))
    assert list(layer.columns["no"]) == ["A\N{REPLACEMENT CHARACTER}", "B"]
