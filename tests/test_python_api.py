"""The Python door: open a home, select, look; the same answers and the same refusals as everywhere."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest

import landmap
from landmap.domain.errors import (
    InvalidValueError,
    LandmapError,
    NotFoundError,
    StoreError,
    UnknownFieldError,
    UnknownParameterError,
)
from landmap.store import Home, open_current, publish


@pytest.fixture(scope="module")
def town(demo_home: Path) -> landmap.OpenMap:
    return landmap.open(demo_home)


def test_a_home_opens_at_its_current_version(town: landmap.OpenMap, demo_home: Path) -> None:
    assert town.version == open_current(Home(demo_home)).id
    assert town.district.code == "370213"
    assert landmap.open(str(demo_home), version=town.version[:10]).version == town.version


def test_a_selection_counts_pages_and_frames_alike(town: landmap.OpenMap) -> None:
    chosen = town.select("parcels", area_min=30, land_use=["1001", "11"], sort=["-area_m2"])
    frame = chosen.to_geodataframe()
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs.to_epsg() == 4490
    assert list(frame.index) == list(chosen.ids())
    assert chosen.total == len(frame) > 0
    assert frame["area_m2"].is_monotonic_decreasing
    assert frame["area_m2"].min() >= 30 * 2000 / 3
    first, second = chosen.page(limit=5), chosen.page(chosen.page(limit=5).next, limit=5)
    assert [one.id for one in (*first.records, *second.records)] == list(chosen.ids()[:10])
    assert {facet: sum(counts.counts.values()) for facet, counts in chosen.facets(["supply_kind"]).items()}


def test_values_of_python_are_read_as_in_a_link(town: landmap.OpenMap) -> None:
    for given, written in (
        ({"standard_land": True}, {"standard_land": "true"}),
        ({"area_min": 30.0}, {"area_min": "30"}),
        ({"stage": ("announced",)}, {"stage": "announced"}),
        ({"as_of_min": dt.date(2025, 1, 1)}, {"as_of_min": "2025-01-01"}),
    ):
        assert town.select(**given).ids() == town.select(**written).ids()


def test_the_audience_decides_what_there_is(town: landmap.OpenMap, demo_home: Path) -> None:
    officer = landmap.open(demo_home, audience="officer")
    assert town.select().total < officer.select().total
    assert "right_holder_name" in officer.select().fields
    assert "right_holder_name" not in town.select().to_geodataframe().columns
    with pytest.raises(UnknownFieldError):
        town.select(sort=["land_status"])
    assert officer.select(sort=["land_status"]).total


@pytest.mark.parametrize(
    ("criteria", "error"),
    [
        ({"area_min": "many"}, InvalidValueError),
        ({"area_min": 50, "area_max": 10}, InvalidValueError),
        ({"nonsense": 1}, UnknownParameterError),
        ({"sort": ["beauty"]}, UnknownFieldError),
        ({"layer": "attics"}, NotFoundError),
    ],
)
def test_what_means_nothing_is_refused_as_in_a_link(
    town: landmap.OpenMap, criteria: dict[str, object], error: type[LandmapError]
) -> None:
    with pytest.raises(error):
        town.select(**criteria)  # type: ignore[arg-type]


def test_what_cannot_be_opened_is_told(tmp_path: Path, demo_home: Path) -> None:
    with pytest.raises(StoreError, match="no home folder"):
        landmap.open(tmp_path)
    with pytest.raises(NotFoundError):
        landmap.open(demo_home, version="ffffffff")
    with pytest.raises(LandmapError, match="king"):
        landmap.open(demo_home, audience="king")


def test_an_open_map_stays_on_its_version(own_home: Path) -> None:
    before = landmap.open(own_home)
    ids = before.select().ids()
    frame = open_current(Home(own_home)).layer("parcels").iloc[:10].reset_index(drop=True)
    publish(Home(own_home), {"parcels": frame}, by="test", note="")
    assert before.select().ids() == ids
    assert landmap.open(own_home).version != before.version
    assert landmap.open(own_home, version=before.version).select().ids() == ids


def test_a_map_is_a_folium_map(town: landmap.OpenMap, tmp_path: Path) -> None:
    import folium

    made = landmap.map(town.select("parcels", area_min=100))
    assert isinstance(made, folium.Map)
    made.save(tmp_path / "large.html")
    page = (tmp_path / "large.html").read_text(encoding="utf-8")
    assert all(id in page for id in town.select("parcels", area_min=100).ids())


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import sys, landmap; print(sorted({'pandas', 'geopandas', 'folium', 'fastapi'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
