"""Rows without a shape and shapes without a row: kept until they meet, whatever becomes of the home meanwhile."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from typer.testing import CliRunner

from landmap import pipeline
from landmap.cli import command_line
from landmap.domain.errors import StoreError
from landmap.ingest import check_here
from landmap.store import Home, WaitingRow, keep_unplaced, open_current, unstage, waiting
from tests.making_files import feature, write_csv, write_geojson

HEAD = ("地块编号", "地块名称", "面积(亩)", "容积率")


@pytest.fixture
def home(tmp_path: Path, repo: Path) -> Home:
    toml = repo / "geodata/licang/district.toml"
    files = {path.name: path for path in toml.parent.glob("*.geojson")}
    return Home.create(tmp_path / "home", toml, files)


def ledger(path: Path, *rows: tuple[Any, ...]) -> Path:
    return write_csv(path, [HEAD, *rows], delimiter=";")


def plan(path: Path, *numbers: str) -> Path:
    shapes = [feature(place, parcel_id=None, parcel_no=number) for place, number in enumerate(numbers)]
    return write_geojson(path, *shapes)


def joined(home: Home, ledgers: list[Path], drawings: list[Path], **options: Any) -> pipeline.Join:
    found = pipeline.join_files(home, ledgers, drawings, "parcels", **options)
    pipeline.keep_join(home, found, mode="append" if home.current_id() else "replace", by="test")
    return found


def published(home: Home) -> set[str]:
    pipeline.publish_staged(home, by="test", note="")
    return set(open_current(home).table("parcels").columns["parcel_no"].tolist())


def waits(home: Home) -> tuple[list[str | None], list[str | None]]:
    found = waiting(home, "parcels")
    return [one.number for one in found.rows], [one.number for one in found.shapes]


def test_what_waits_is_kept_and_never_published(home: Home, tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.csv", ("A-1", "甲", 30, "≥1.5"), ("A-2", "乙", None, "1.0-2.0"))
    joined(home, [table], [plan(tmp_path / "红线.geojson", "A—1", "X-9")])
    assert waits(home) == (["A-2"], ["X-9"])
    assert published(home) == {"A-1"}
    (row,) = waiting(home, "parcels").rows
    assert (row.source, row.row, row.since) == ("台账.csv#台账", 3, home.district().today())
    assert row.values["planning_raw"] == '{"floor_area_ratio":"1.0-2.0"}'


def test_a_later_drawing_places_what_waits_with_all_it_says(home: Home, tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.csv", ("A-1", "甲", 30, "≥1.5"), ("A-2", "乙", None, "1.0-2.0"))
    joined(home, [table], [plan(tmp_path / "红线.geojson", "A-1")])
    published(home)
    found = joined(home, [], [plan(tmp_path / "补测.geojson", "B-1", "a—002")])
    assert [(one.number, one.fate) for one in found.joined.rows] == [("A-2", "placed")]
    assert waits(home) == (["A-2"], ["B-1"]), "it waits until it is published"
    assert published(home) == {"A-1", "A-2"}
    assert waits(home) == ([], ["B-1"])
    columns = open_current(home).table("parcels").columns
    place = columns["parcel_no"].tolist().index("A-2")
    assert columns["parcel_name"][place] == "乙"
    assert (columns["floor_area_ratio_min"][place], columns["floor_area_ratio_max"][place]) == (1.0, 2.0)
    assert columns["source_ref"][place] == "台账.csv"


def test_a_later_ledger_claims_a_shape_that_waits_exactly_as_it_was(home: Home, tmp_path: Path) -> None:
    joined(home, [], [plan(tmp_path / "红线.geojson", "A-1", "A-2")])
    before = {one.number: one.wkb for one in waiting(home, "parcels").shapes}
    found = joined(home, [ledger(tmp_path / "台账.csv", ("A-2′", None, None, None), ("A-1", "甲", None, None))], [])
    assert [one.fate for one in found.joined.rows] == ["asked", "placed"]
    assert published(home) == {"A-1"}
    assert (
        shapely.to_wkb(open_current(home).table("parcels").columns["geometry"][0], hex=True, flavor="iso")
        == before["A-1"]
    )
    assert waits(home) == (["A-2′"], ["A-2"])


def test_a_row_whose_staged_layer_is_dropped_waits_on(home: Home, tmp_path: Path) -> None:
    joined(home, [ledger(tmp_path / "台账.csv", ("A-1", "甲", None, None))], [])
    joined(home, [], [plan(tmp_path / "红线.geojson", "A-1")])
    unstage(home, "parcels")
    assert waits(home) == (["A-1"], [])
    again = joined(home, [], [plan(tmp_path / "红线.geojson", "A-1")])
    assert again.layer is not None


def test_the_same_ledger_twice_doubles_nothing_and_a_newer_one_counts(home: Home, tmp_path: Path) -> None:
    table = ledger(tmp_path / "一月.csv", ("A-1", "甲", None, None), ("A-1", "乙", None, None), (None, "无号", 5, None))
    for _ in range(2):
        joined(home, [table], [])
        assert waits(home) == (["A-1", "A-1", None], [])
    joined(home, [ledger(tmp_path / "二月.csv", ("A—01", "丙", None, None))], [])
    assert [one.values.get("parcel_name") for one in waiting(home, "parcels").rows] == ["无号", "丙"]


def test_a_second_row_of_a_number_is_not_lost_with_the_first(home: Home, tmp_path: Path) -> None:
    table = ledger(tmp_path / "台账.csv", ("A-1", "甲", None, None), ("A-1", "乙", None, None))
    drawn = plan(tmp_path / "红线.geojson", "A-1")
    joined(home, [table], [drawn], matches=[("2", "1")])
    assert published(home) == {"A-1"}
    assert [one.values["parcel_name"] for one in waiting(home, "parcels").rows] == ["乙"]


def test_what_is_damaged_is_told(home: Home) -> None:
    keep_unplaced(home, "parcels", [WaitingRow("A-1", "a-1", "x.csv", 2, home.district().today())], [], {})
    path = home.path / "unplaced" / "parcels" / "waiting.json"
    path.write_bytes(path.read_bytes().replace(b"A-1", b"A-2"))
    with pytest.raises(StoreError, match="damaged"):
        waiting(home, "parcels")


def test_the_commands_join_and_list(home: Home, tmp_path: Path) -> None:
    table = ledger(
        tmp_path / "台账.csv", ("A-1", "甲", None, None), ("A-1", "乙", None, None), ("A-3", "丙", None, None)
    )
    drawn = plan(tmp_path / "红线.geojson", "A-1", "X-1")
    run, app = CliRunner(), command_line()
    words = ["join", str(table), "--with", str(drawn), "--home", str(home.path), "--json"]
    told = json.loads(run.invoke(app, words).stdout)
    assert (told["staged"], told["waiting"]) == (None, {"rows": 3, "shapes": 2})
    key = told["joined"]["rows"][0]["candidates"][0]["key"]
    told = json.loads(run.invoke(app, [*words, "--accept", key, "--match", "4=2"]).stdout)
    assert told["staged"] == "parcels"
    assert told["joined"]["counts"]["rows"] == {
        "read": 3,
        "placed": 2,
        "published": 0,
        "asked": 0,
        "unplaced": 1,
        "refused": 0,
    }
    listed = json.loads(run.invoke(app, ["unplaced", "--home", str(home.path), "--json"]).stdout)
    assert [(one["number"], one["staged_as"]) for one in listed["parcels"]["rows"]] == [
        ("A-3", "370213-A-3"),
        ("A-1", None),
    ]
    text = run.invoke(app, ["unplaced", "--home", str(home.path)]).stdout
    assert "parcels row A-1 台账.csv#台账:3" in " ".join(text.split())
    assert run.invoke(app, ["join", "--home", str(home.path)]).exit_code == 2
    assert run.invoke(app, [*words[:4], "--match", "4", *words[4:]]).exit_code == 2
    plain = run.invoke(app, words[:-1])
    assert plain.exit_code == 0
    assert "2 shapes wait" in plain.stdout


def test_an_import_says_which_waiting_rows_it_could_place_and_a_join_then_does(home: Home, tmp_path: Path) -> None:
    joined(home, [ledger(tmp_path / "台账.csv", ("A-1", "甲", 30, None), ("A-2", "乙", 15, None))], [])
    drawn = plan(tmp_path / "红线.geojson", "a—001", "B-1")
    run, app = CliRunner(), command_line()
    words = ["import", str(drawn), "--layer", "parcels", "--home", str(home.path), "--publish"]
    assert json.loads(run.invoke(app, [*words, "--json"]).stdout)["placeable"] == ["A-1"]
    assert "1 rows that wait for a shape have it here (A-1): `landmap join" in run.invoke(app, words).stdout
    assert waits(home) == (["A-1", "A-2"], [])
    join = ["join", "--layer", "parcels", "--mode", "update", "--home", str(home.path), "--json"]
    told = json.loads(run.invoke(app, join).stdout)
    assert [(one["number"], one["fate"]) for one in told["joined"]["rows"]] == [("A-1", "published")]
    assert waits(home) == (["A-1", "A-2"], []), "it waits until that is published"
    assert published(home) == {"A-1", "B-1"}
    assert waits(home) == (["A-2"], [])
    columns = open_current(home).table("parcels").columns
    place = columns["parcel_no"].tolist().index("A-1")
    assert columns["parcel_name"][place] == "甲"
    assert columns["net_area_m2"][place] == pytest.approx(20_000)
    assert columns["geometry"][place] is not None


def test_a_dropped_update_leaves_its_row_waiting(home: Home, tmp_path: Path) -> None:
    joined(home, [ledger(tmp_path / "台账.csv", ("A-1", "甲", 30, None))], [])
    pipeline.keep_join(home, pipeline.join_files(home, [], [plan(tmp_path / "红线.geojson", "B-1")], "parcels"))
    drawn, _ = check_here([plan(tmp_path / "宗地.geojson", "A-1")], "parcels", home.district())
    assert drawn is not None
    pipeline.publish_layers(home, [drawn], by="", note="")
    pipeline.keep_join(home, pipeline.join_files(home, [], [], "parcels", mode="update"))
    unstage(home, "parcels")
    assert waits(home) == (["A-1"], ["B-1"])


def test_a_published_number_waits_for_nothing(home: Home, tmp_path: Path) -> None:
    joined(home, [ledger(tmp_path / "一月.csv", ("A-1", "甲", 30, None))], [plan(tmp_path / "红线.geojson", "A-1")])
    assert published(home) == {"A-1"}
    before = open_current(home).table("parcels").columns["geometry"][0]
    table = ledger(tmp_path / "二月.csv", ("A—01", "改名", None, None), ("A-3", "丙", None, None))
    again = plan(tmp_path / "补测.geojson", "X-1", "A-01")
    for mode, fate in (("append", None), ("update", "370213-A-1"), ("replace", "370213-A-1")):
        found = pipeline.join_files(home, [table], [], "parcels", mode=mode)  # type: ignore[arg-type]
        assert [(one.fate, one.id) for one in found.joined.rows] == [("published", fate), ("unplaced", None)], mode
        codes = [one.code for one in found.report.findings]
        assert ("row_there" in codes, "row_published" in codes) == (mode == "append", mode != "append")
    pipeline.keep_join(home, found)
    assert waits(home) == (["A-3"], [])
    pipeline.publish_staged(home, by="", note="")
    columns = open_current(home).table("parcels").columns
    assert (columns["parcel_name"].tolist(), columns["parcel_id"].tolist()) == (["改名"], ["370213-A-1"])
    assert columns["geometry"][0].equals(before)
    drawing = pipeline.join_files(home, [], [again], "parcels")
    assert [(one.number, one.fate) for one in drawing.joined.shapes] == [("X-1", "unclaimed"), ("A-01", "published")]
    assert [one.row for one in drawing.report.findings if one.code == "shape_published"] == [2]
    pipeline.keep_join(home, drawing)
    assert waits(home) == (["A-3"], ["X-1"])
