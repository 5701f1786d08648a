"""A home, and what is put into it, for the tests of the store."""

from pathlib import Path

import pandas as pd
import pytest
import shapely

from landmap.store import (
    Home,
    Snapshot,
    publish,
)
from tests.hamlet import make_home, parcels


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


def put(home: Home, note: str = "", **frames: pd.DataFrame) -> Snapshot:
    return publish(home, frames, by="tester", note=note)


def names(snapshot: Snapshot) -> list[str]:
    return sorted(snapshot.layer("parcels")["parcel_id"])


def spoiled(change: str) -> pd.DataFrame:
    frame = parcels("A", "B")
    if change == "no key":
        frame.loc[1, "parcel_id"] = None
    elif change == "twice":
        frame.loc[1, "parcel_id"] = "A"
    elif change == "stranger":
        frame = frame.assign(colour="red")
    elif change == "missing column":
        frame = frame.drop(columns="parcel_no")
    elif change == "dtype":
        frame["floors_max"] = frame["floors_max"].astype("float64")
    elif change == "index":
        frame.index = frame.index + 1
    elif change == "crs":
        frame = frame.to_crs(4549)
    elif change == "no geometry":
        frame.loc[1, "geometry"] = None
    elif change == "empty geometry":
        frame.loc[1, "geometry"] = shapely.MultiPolygon()
    elif change == "point":
        frame.loc[1, "geometry"] = shapely.Point(120.4, 36.2)
    elif change == "value":
        frame.loc[1, "parcel_name"] = 7
    return frame
