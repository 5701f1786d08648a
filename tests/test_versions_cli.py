"""The steward's way from a delivery to a version on the command line: mode, diff, decisions, publish, old versions."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import pytest
import shapely

from landmap.cli.console import Exit
from landmap.store import Home, fate_of, open_current
from tests.hamlet import make_home, square
from tests.test_cli import run, told


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with three public parcels."""
    made = make_home(tmp_path / "home").path
    told("import", file_of(tmp_path, A=0, B=2, C=4), *into(made), "--publish", "--by", "王")
    return made


def into(home: Path) -> tuple[Any, ...]:
    return ("--layer", "parcels", "--home", home, "--visibility", "public")


def file_of(folder: Path, /, **places: float) -> Path:
    """Return a file of one parcel per name, so many steps east."""
    path = folder / f"{'-'.join(places)}.gpkg"
    columns = {"parcel_id": list(places), "parcel_name": [f"{id}地块" for id in places]}
    shapes = [shapely.MultiPolygon([square(column, 0)]) for column in places.values()]
    gpd.GeoDataFrame({**columns, "land_use_code": "100101"}, geometry=shapes, crs=4490).to_file(path)
    return path


def ids(home: Path) -> list[str]:
    return sorted(open_current(Home(home)).layer("parcels")["parcel_id"])


def sources(home: Path) -> list[dict[str, Any]]:
    return list(open_current(Home(home)).manifest["layers"]["parcels"]["sources"])


def test_help_says_what_each_mode_does() -> None:
    words = " ".join(run("import", "--help").stdout.replace("│", " ").split())
    for mode in ("replace:", "append:", "update:"):
        assert mode in words


def test_a_delivery_replaces_unless_it_says_otherwise(home: Path, tmp_path: Path) -> None:
    told("import", file_of(tmp_path, D=6), *into(home), "--mode", "append", "--publish")
    assert ids(home) == ["A", "B", "C", "D"]
    assert [one["mode"] for one in sources(home)] == ["replace", "append"]
    told("import", file_of(tmp_path, A=0), *into(home), "--publish")
    assert ids(home) == ["A"]


def test_an_append_of_what_is_there_is_refused(home: Path, tmp_path: Path) -> None:
    found = told("import", file_of(tmp_path, A=0), *into(home), "--mode", "append", code=Exit.DATA_INVALID)
    assert "are there already: 'A'" in found["error"]["message"]


def test_an_update_keeps_what_the_file_does_not_say(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "更新.geojson"
    shape = shapely.MultiPolygon([square(0, 0)])
    gpd.GeoDataFrame({"parcel_id": ["A"], "容积率": ["≥1.5"]}, geometry=[shape], crs=4490).to_file(path)
    # Nothing is said of visibility: what the check fills in for that must not hide the record.
    told("import", path, "--layer", "parcels", "--home", home, "--mode", "update", "--publish")
    row = open_current(Home(home)).layer("parcels").set_index("parcel_id").loc["A"]
    assert (row["visibility"], row["review_status"], row["parcel_name"]) == ("public", "published", "A地块")
    assert row["floor_area_ratio_min"] == 1.5
    assert row["source_ref"] == "A-B-C.gpkg"


def test_who_brought_what_when_is_kept_and_makes_no_other_version(home: Path, tmp_path: Path) -> None:
    (source,) = sources(home)
    assert (source["imported_by"], source["name"]) == ("王", "A-B-C.gpkg#A-B-C")
    assert source["imported_at"].endswith("+00:00")
    before = open_current(Home(home)).id
    again = told("import", tmp_path / "A-B-C.gpkg", *into(home), "--publish", "--by", "李")
    assert again["version"] == before
    assert sources(home) == [source]


def test_the_diff_tells_what_a_publish_would_change(home: Path, tmp_path: Path) -> None:
    told("import", file_of(tmp_path, A=0.5, N=2), *into(home))
    (layer,) = told("diff", "--home", home)["layers"]
    assert (layer["layer"], layer["mode"], layer["added"]) == ("parcels", "replace", ["N"])
    assert layer["removed"] == [{"id": "B", "reason": None}, {"id": "C", "reason": None}]
    assert layer["proposed"] == [{"old": "B", "new": "N", "share": 1.0}]
    moved = {one["id"]: one["moved_m2"] for one in layer["changed"]}
    assert 9_900 < moved["A"] < 10_100
    plain = run("diff", "parcels", "--home", home).stdout
    for line in ("1 added, 1 changed, 2 removed, 0 renumbered", "+ N", "- C  no reason given", "--renumber B=N"):
        assert line in plain
    assert "m² moved" in plain
    assert ids(home) == ["A", "B", "C"]


def test_decisions_are_tried_in_the_diff_and_carried_out_by_the_publish(home: Path, tmp_path: Path) -> None:
    told("import", file_of(tmp_path, A=0, N=2), *into(home))
    decided = ("--renumber", "B=N", "--withdraw", "C=已收储=2026")
    (layer,) = told("diff", "--home", home, *decided)["layers"]
    assert (layer["renumbered"], layer["removed"]) == (
        [{"old": "B", "new": "N"}],
        [{"id": "C", "reason": "已收储=2026"}],
    )
    found = told("publish", "--home", home, *decided)
    assert found["layers"] == [
        {
            "layer": "parcels",
            "renumbered": [{"old": "B", "new": "N"}],
            "proposed": [],
            "withdrawn": [{"id": "C", "reason": "已收储=2026"}],
        }
    ]
    fate = fate_of(open_current(Home(home)).manifest, "parcels", "B")
    assert fate is not None
    assert fate.to == "N"


def test_what_goes_without_a_word_is_asked_for(home: Path, tmp_path: Path) -> None:
    run("import", file_of(tmp_path, A=0, N=2), *into(home))
    done = run("publish", "--home", home)
    assert "2 records went without a reason (B, C)" in done.stderr
    assert "N lies where B lay (100% the same land); --renumber B=N" in done.stderr
    assert told("publish", "--home", home, "--withdraw", "C=已收储")["version"] == open_current(Home(home)).id
    fate = fate_of(open_current(Home(home)).manifest, "parcels", "C")
    assert fate is not None
    assert fate.reason == "已收储"


def test_proposed_numbers_are_taken_on_request(home: Path, tmp_path: Path) -> None:
    told("import", file_of(tmp_path, A=0, N=2, O=4), *into(home))
    found = told("publish", "--home", home, "--accept-renumbered")["layers"][0]
    assert found["renumbered"] == [{"old": "B", "new": "N"}, {"old": "C", "new": "O"}]
    assert found["withdrawn"] == []


def test_one_staged_layer_is_published_and_the_other_waits(home: Path, tmp_path: Path) -> None:
    told("import", file_of(tmp_path, A=0, D=6), *into(home))
    stations = tmp_path / "站点.geojson"
    table = {"facility_id": ["S"], "kind": ["metro_station"], "name": ["站"], "status": ["existing"]}
    gpd.GeoDataFrame(table, geometry=[shapely.Point(120.4, 36.18)], crs=4490).to_file(stations)
    told("import", stations, "--layer", "facilities", "--home", home)
    told("publish", "--home", home, "--layer", "facilities")
    assert ids(home) == ["A", "B", "C"]
    assert [one["layer"] for one in told("diff", "--home", home)["layers"]] == ["parcels"]


def test_two_versions_are_compared_and_drawn(home: Path, tmp_path: Path) -> None:
    before = open_current(Home(home)).id
    told("import", file_of(tmp_path, A=0, B=2, D=6), *into(home), "--publish")
    after = open_current(Home(home)).id
    drawn = tmp_path / "diff.geojson"
    (layer,) = told("diff", before[:10], after[:10], "--home", home, "--geojson", drawn)["layers"]
    assert (layer["added"], [one["id"] for one in layer["removed"]]) == (["D"], ["C"])
    features = orjson.loads(drawn.read_bytes())["features"]
    assert {one["properties"]["change"] for one in features} >= {"added", "removed"}
    assert run("diff", after[:10], after[:10], "--home", home).stdout == "nothing changes\n"


def test_an_old_version_is_exported(home: Path, tmp_path: Path) -> None:
    before = open_current(Home(home)).id
    told("import", file_of(tmp_path, D=6), *into(home), "--publish")
    for version, count in ((before[:12], 3), (None, 1)):
        chosen = ("--version", version) if version else ()
        found = told("export", "--home", home, "-o", tmp_path / "out.csv", *chosen)
        assert found["records"] == count


def test_a_link_is_made_to_an_old_number(home: Path, tmp_path: Path) -> None:
    told("import", file_of(tmp_path, N=0, B=2, C=4), *into(home))
    told("publish", "--home", home, "--accept-renumbered")
    told("share", "--home", home, "--parcel", "A")
    assert told("share", "--home", home, "--list")["links"][0]["parcels"] == ["N"]


def test_a_server_is_not_started_for_a_version_that_is_not_there(home: Path) -> None:
    done = run("serve", "--home", home, "--version", "ffffff", "--port", "0")
    assert done.exit_code == Exit.FAILURE
    assert "no version begins" in done.stderr
    assert run("serve", "--home", home, "--version", "../..", "--port", "0").exit_code == Exit.USAGE
