"""An update from a table without shapes: rows change the records they name, and what they leave open stays."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from landmap import pipeline
from landmap.access import Database, Jobs, State
from landmap.cli.console import Exit
from landmap.domain import Level
from landmap.domain.errors import ConfigError
from landmap.ingest import Report, StagedLayer, check, check_here
from landmap.pipeline import published_of, work_once
from landmap.store import Home, open_current, staged
from tests.hamlet import make_home, square
from tests.making_files import town, write_csv, write_xlsx
from tests.test_cli import told
from tests.test_messy_files import messy as messy  # the fixture

HEADS = ("parcel_id", "parcel_name", "供应阶段")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home with eight public parcels, two steps apart, that ask for a price in full."""
    made = make_home(tmp_path / "home")
    ids = [f"P{number}" for number in range(8)]
    columns = {"parcel_id": ids, "parcel_no": [f"LC2025-{number:03}" for number in range(8)], "parcel_name": ids}
    shapes = [shapely.MultiPolygon([square(2 * number, 0)]) for number in range(8)]
    path = tmp_path / "全部.gpkg"
    gpd.GeoDataFrame({**columns, "land_use_code": "100101"}, geometry=shapes, crs=4490).to_file(path)
    told("import", path, "--layer", "parcels", "--home", made.path, "--visibility", "public", "--publish")
    return made


def updated(home: Home, path: Path, *, confined: bool = False) -> tuple[StagedLayer | None, Report]:
    return (check if confined else check_here)(
        [path], "parcels", home.district(), published=published_of(home, "parcels"), mode="update"
    )


def records(home: Home) -> pd.DataFrame:
    return open_current(home).layer("parcels").set_index("parcel_id").sort_index()


def told_of(report: Report) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in report.findings:
        found[one.code] = found.get(one.code, 0) + one.count
    return found


def test_a_real_table_with_points_changes_its_parcels_and_keeps_their_shapes(tmp_path: Path, messy: Path) -> None:
    home = make_home(tmp_path / "home").path
    into = ("--layer", "parcels", "--home", home)
    told("import", messy / "wkt_gb18030.csv", *into, "--visibility", "public", "--publish")
    before = records(Home(home))
    table = messy / "merged_header.xlsx"
    assert told("check", table, *into, "--mode", "replace", code=Exit.DATA_INVALID)["inputs"][0]["rows_accepted"] == 0
    report = told("check", table, *into, "--mode", "update")
    assert report["inputs"][0]["rows_accepted"] == report["inputs"][0]["rows_read"] == 11
    codes = {one["code"] for one in report["findings"]}
    assert {"shape_stays", "key_found"} <= codes
    assert not codes & {"geometry_missing", "geometry_type_wrong", "required_column_missing", "filled_default"}
    told("import", table, *into, "--mode", "update", "--by", "王")
    (diff,) = told("diff", "--home", home)["layers"]
    assert (diff["layer"], diff["mode"], diff["added"], diff["removed"]) == ("parcels", "update", [], [])
    told("publish", "--home", home)
    after = records(Home(home))
    assert list(after.index) == list(before.index)
    assert [one.equals(other) for one, other in zip(after.geometry, before.geometry, strict=True)] == [True] * 11
    assert list(after["visibility"]) == ["public"] * 11
    sources = open_current(Home(home)).manifest["layers"]["parcels"]["sources"]
    assert [one["mode"] for one in sources] == ["replace", "update"]


@pytest.mark.parametrize("confined", [False, True])
def test_rows_without_any_shape_change_what_they_say_and_nothing_else(
    home: Home, tmp_path: Path, confined: bool, request: pytest.FixtureRequest
) -> None:
    if confined:
        request.getfixturevalue("confined")
    before = records(home)
    table = write_xlsx(tmp_path / "台账.xlsx", [HEADS, ("P0", "改名", None), ("P3", None, "已成交")])
    layer, report = updated(home, table, confined=confined)
    assert (report.ok, told_of(report)) == (True, {})
    assert layer is not None
    pipeline.stage_layer(home, layer, mode="update")
    pipeline.publish_staged(home, by="", note="")
    after = records(home)
    assert list(after["parcel_name"]) == ["改名", *(f"P{number}" for number in range(1, 8))]
    assert list(after["supply_stage"].dropna()) == ["sold"]
    assert [one.equals_exact(other, 0) for one, other in zip(after.geometry, before.geometry, strict=True)] == [
        True
    ] * 8
    assert set(after["visibility"]) == {"public"}


def test_ids_that_nobody_has_are_one_finding_and_the_others_are_taken(home: Home, tmp_path: Path) -> None:
    rows = [("P1", "一", None), *((f"X{number}", "错", None) for number in range(7))]
    layer, report = updated(home, write_csv(tmp_path / "更新.csv", [HEADS, *rows]))
    (one,) = report.findings
    assert (one.code, one.severity, one.count, list(one.rows)) == ("update_unknown", "error", 7, list(range(3, 10)))
    assert "X0" in one.message
    assert layer is not None
    assert list(layer.frame["parcel_id"]) == ["P1"]
    assert report.inputs[0].rows_accepted == 1


def test_a_row_is_known_by_its_number_in_any_spelling(home: Home, tmp_path: Path) -> None:
    rows = [("宗地编号", "parcel_name"), ("lc 2025—2", "二"), ("LC2025-099", "无")]
    layer, report = updated(home, write_csv(tmp_path / "按编号.csv", rows))
    assert layer is not None
    assert list(layer.frame["parcel_id"]) == ["P2"]
    assert told_of(report)["key_found"] == 1
    (strange,) = [one for one in report.findings if one.code == "update_unknown"]
    assert strange.row == 3


def test_a_row_without_id_or_number_is_refused_by_its_row(home: Home, tmp_path: Path) -> None:
    layer, report = updated(home, write_csv(tmp_path / "缺.csv", [HEADS, ("P1", "一", None), (None, "谁", None)]))
    assert layer is not None
    assert [(one.code, one.row) for one in report.findings] == [("key_missing", 3)]


def test_a_point_far_off_its_record_is_told(home: Home, tmp_path: Path) -> None:
    near, far = (shapely.centroid(square(2 * number, 0)) for number in (1, 7))
    rows = [("parcel_id", "经度", "纬度"), ("P1", near.x, near.y), ("P2", far.x, far.y)]
    layer, report = updated(home, write_csv(tmp_path / "点.csv", rows))
    assert layer is not None
    assert len(layer.frame) == 2
    (off,) = [one for one in report.findings if one.code == "point_off_record"]
    assert (off.row, off.severity) == (3, "warning")
    assert off.words["metres"] == "855", "9.5 steps of 89.96 m"


def test_a_shape_that_is_given_is_taken(home: Home, tmp_path: Path) -> None:
    moved = shapely.MultiPolygon([square(2, 1)])
    rows = [("parcel_id", "wkt"), ("P1", shapely.to_wkt(moved)), ("P2", None)]
    layer, _ = updated(home, write_csv(tmp_path / "一半.csv", rows, delimiter=";"))
    assert layer is not None
    assert [None if shape is None else shape.equals_exact(moved, 1e-9) for shape in layer.frame.geometry] == [
        True,
        None,
    ]


def test_a_class_that_the_table_names_itself_is_a_change(home: Home, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "公开.csv", [("parcel_id", "visibility"), ("P0", "internal"), ("P1", None)])
    into = ("--layer", "parcels", "--home", home.path)
    told("import", table, *into, "--mode", "update", "--publish")
    assert list(records(home)["visibility"])[:3] == ["internal", "public", "public"]


def test_child_rows_are_updated_by_their_own_key(home: Home, tmp_path: Path) -> None:
    heads = ("unit_id", "building_id", "floor_no", "unit_area_m2", "unit_use", "lease_status")
    into = ("--layer", "building_units", "--home", home.path)
    told("import", write_csv(tmp_path / "u.csv", [heads, ("U1", "B", 1, 120, "办公", "空置")]), *into, "--publish")
    table = write_csv(tmp_path / "v.csv", [("unit_id", "lease_status"), ("U1", "已出租"), ("U9", "已出租")])
    report = told("import", table, *into, "--mode", "update", "--publish")
    assert [one["code"] for one in report["findings"] if one["severity"] == "error"] == ["update_unknown"]
    units = open_current(home).layer("building_units")
    assert units[["unit_id", "lease_status", "unit_area_m2"]].to_numpy().tolist() == [["U1", "leased", 120.0]]


def test_the_job_of_an_update_needs_no_shapes_either(home: Home, tmp_path: Path, jobs: Jobs) -> None:
    table = write_xlsx(tmp_path / "台账.xlsx", [HEADS, ("P0", "改名", None)])
    now = dt.datetime.now(dt.UTC)
    payload = {"layer": "parcels", "mode": "update"}
    made = jobs.add("import", payload, owner="王", level=Level.STEWARD, now=now, files={table.name: table})
    assert work_once(home, jobs, pipeline.KINDS, clock=lambda: dt.datetime.now(dt.UTC))
    done = jobs.get(made.id, "王")
    assert done.state is State.DONE
    assert done.result is not None
    assert (done.result["ok"], done.result["rows"], staged(home)["parcels"].mode) == (True, 1, "update")


@pytest.fixture
def jobs(home: Home) -> Iterator[Jobs]:
    opened = Jobs(Database.open(home.path / "landmap.db"), home.folder("jobs"))
    yield opened
    opened.database.close()


def test_an_update_of_a_layer_that_was_never_published_finds_nothing(tmp_path: Path) -> None:
    home = make_home(tmp_path / "new")
    layer, report = updated(home, write_csv(tmp_path / "更新.csv", [HEADS, ("P1", "一", None)]))
    assert layer is None
    assert told_of(report) == {"update_unknown": 1}


def test_an_update_needs_the_layer_as_it_is(tmp_path: Path) -> None:
    table = write_csv(tmp_path / "更新.csv", [HEADS, ("P1", "一", None)])
    with pytest.raises(ConfigError, match="needs the layer as it is"):
        check_here([table], "parcels", town(), mode="update")
    found: dict[str, Any] = told("check", table, "--layer", "parcels", "--mode", "update", code=Exit.USAGE)
    assert "--mode" in found["error"]["message"]
