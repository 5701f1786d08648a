"""Tables: NumPy columns in which unknown is a value of its own, interchangeable with canonical frames."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landmap.domain import NO_INTEGER, Kind, Table, frame_of, layer_named, layers, table_of
from landmap.domain.table import known_in, unknown_column
from tests.hamlet import layer_frame
from tests.query_data import demo_frames

ROWS = layer_frame(
    "building_units",
    [
        {"unit_id": "U1", "building_id": "B", "floor_no": 3, "unit_area_m2": 120.5, "lease_status": "vacant"},
        {"unit_id": "U2", "building_id": "B"},
    ],
)


@pytest.mark.parametrize("kind", Kind)
def test_nothing_is_known_in_an_unknown_column(kind: Kind) -> None:
    assert not known_in(unknown_column(kind, 3), kind).any()


@pytest.mark.parametrize("name", sorted(demo_frames()))
def test_a_frame_comes_back_from_its_table(name: str) -> None:
    frame = demo_frames()[name]
    back = frame_of(table_of(frame, layer_named(name)))
    assert type(back) is type(frame)
    pd.testing.assert_frame_equal(pd.DataFrame(back), pd.DataFrame(frame[back.columns]))


@pytest.mark.parametrize("name", sorted(layers.layers()))
def test_an_empty_table_has_every_field(name: str) -> None:
    table = Table.empty(layer_named(name))
    assert len(table) == 0
    assert list(table.columns) == list(layer_named(name).fields)


def test_rows_are_chosen_by_mask_and_by_position() -> None:
    table = table_of(ROWS, layer_named("building_units"))
    assert table.at(np.array([False, True]))["unit_id"].tolist() == ["U2"]
    assert table.at(np.array([1, 0, 1]))["unit_id"].tolist() == ["U2", "U1", "U2"]
    assert [len(table.at(np.array(rows, dtype=np.int64))) for rows in ([], [1, 1])] == [0, 2]


def test_what_is_withheld_reads_as_if_it_had_never_been_known() -> None:
    table = table_of(ROWS, layer_named("building_units"))
    names = ["floor_no", "unit_area_m2", "lease_status"]
    masked = table.without(names, np.array([True, False]))
    assert not any(masked.known(name).any() for name in names)
    assert [masked[name].dtype for name in names] == [table[name].dtype for name in names]
    assert table["floor_no"].tolist() == [3, NO_INTEGER], "the table itself is as it was"


def test_days_are_days() -> None:
    frame = layer_frame("site_assessments", [{"parcel_id": "A", "item": "flood", "valid_until": dt.date(2026, 3, 31)}])
    assert table_of(frame, layer_named("site_assessments"))["valid_until"].tolist() == [dt.date(2026, 3, 31)]


def test_a_server_answers_without_pandas(demo_home: Path) -> None:
    """Loading it takes longer than everything else a start does."""
    told = subprocess.run(
        [sys.executable, "-c", _SERVE, demo_home], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.split() == ["200", "[]"], told.stderr


_SERVE = """
import sys
from pathlib import Path
import landmap.cli.serve
from landmap.api import create_app
from landmap.settings import Settings
from fastapi.testclient import TestClient
with TestClient(create_app(Settings(home=Path(sys.argv[1])))) as client:
    answer = client.get("/api/collections/parcels/search?area_min=30&limit=5", headers={"host": "127.0.0.1:8000"})
print(answer.status_code, [name for name in ("pandas", "geopandas") if name in sys.modules])
"""
