"""Versions: published whole, carried over, compared, rolled back; one writer at a time, and readers who never wait."""

import json
import threading
from pathlib import Path

import pandas as pd
import pytest
import shapely

from landmap.domain.errors import BusyError, ConfigError, NotFoundError, SchemaError, StoreError
from landmap.store import (
    CurrentWatcher,
    Home,
    Snapshot,
    changes,
    diff,
    history,
    open_current,
    open_version,
    publish,
    rollback,
)
from tests.hamlet import BASEMAP, make_home, parcels, square, stations
from tests.store_tools import home as home
from tests.store_tools import names, put


def test_the_id_follows_from_content_and_not_from_who_or_when(tmp_path: Path) -> None:
    one, two = (make_home(tmp_path / name) for name in ("one", "two"))
    a = publish(one, {"parcels": parcels("A")}, by="anna", note="first")
    b = publish(two, {"parcels": parcels("A")}, by="bert", note="second")
    c = publish(two, {"parcels": parcels("B")}, by="bert", note="second")
    assert a.id == b.id != c.id


def test_publishing_what_is_current_already_changes_nothing(home: Home) -> None:
    first = put(home, "one", parcels=parcels("A"))
    again = put(home, "two", parcels=parcels("A"))
    assert again.id == first.id
    assert again.manifest["note"] == "one"
    assert len(history(home)) == 1


def test_publishing_what_was_current_before_goes_back_to_it(home: Home) -> None:
    first = put(home, "one", parcels=parcels("A"))
    put(home, "two", parcels=parcels("A", floors_max=3))
    again = put(home, "three", parcels=parcels("A"))
    assert again.id == first.id == home.current_id()
    assert [change.note for change in changes(home)] == ["one", "two", "three"]


def test_layers_not_given_are_carried_over_by_hard_link(home: Home) -> None:
    first = put(home, parcels=parcels("A"), facilities=stations("S"))
    second = put(home, parcels=parcels("B"))
    files = [snapshot.path / "layers" / "facilities.parquet" for snapshot in (first, second)]
    assert files[0].samefile(files[1])
    assert second.layers == ("facilities", "parcels")
    assert names(first) == ["A"]
    assert names(second) == ["B"]


def test_what_is_computed_from_another_layer_is_computed_anew(home: Home) -> None:
    def nearest(frames: dict[str, pd.DataFrame], _: object) -> dict[str, pd.DataFrame]:
        if "facilities" not in frames or frames["facilities"].empty:
            return {}
        station = frames["facilities"]["name"].iloc[0]
        given = frames["parcels"]["metro_station"]
        return {"parcels": frames["parcels"].assign(metro_station=given.where(given.notna(), station))}

    def with_nearest(**frames: pd.DataFrame) -> Snapshot:
        return publish(home, frames, by="", note="", derivations=[nearest])

    def told(snapshot: Snapshot) -> list[str | None]:
        return snapshot.layer("parcels")["metro_station"].tolist()

    first = with_nearest(parcels=parcels("A"), facilities=stations("S"))
    second = with_nearest(facilities=stations("T"))
    third = with_nearest(facilities=stations())
    assert [told(one) for one in (first, second, third)] == [["S站"], ["T站"], [None]]
    assert second.given("parcels")["metro_station"].tolist() == [None]
    given = [first.path / "given" / "parcels.parquet", second.path / "given" / "parcels.parquet"]
    assert given[0].samefile(given[1])


def test_a_derivation_cannot_break_a_layer(home: Home) -> None:
    with pytest.raises(SchemaError, match="not canonical: extra"):
        publish(
            home,
            {"parcels": parcels("A")},
            by="",
            note="",
            derivations=[lambda frames, _: {"parcels": frames["parcels"].assign(extra=1)}],
        )


def test_the_manifest_tells_what_is_held_and_where_it_came_from(home: Home) -> None:
    source = {"name": "地块.gpkg", "sha256": "0" * 64, "reader": "gpkg"}
    findings = {"parcels": [{"code": "x", "severity": "warning"}]}
    first = publish(
        home, {"parcels": parcels("A")}, sources={"parcels": [source]}, findings=findings, by="王", note="首发"
    )
    second = put(home, facilities=stations("S"))
    for snapshot in (first, second):
        entry = snapshot.manifest["layers"]["parcels"]
        assert entry["rows"] == snapshot.rows("parcels") == 1
        assert entry["sources"] == [source]
        assert entry["bbox"] == pytest.approx([120.4, 36.18, 120.401, 36.181])
        assert snapshot.findings() == findings
        assert snapshot.manifest["findings"]["counts"] == {"warning": 1}
    assert (first.manifest["by"], first.manifest["note"], first.manifest["parent"]) == ("王", "首发", None)
    assert second.manifest["parent"] == first.id
    assert put(home, parcels=parcels("B")).findings() == {}


def test_the_district_and_its_files_are_kept_with_each_version(home: Home) -> None:
    first = put(home, parcels=parcels("A"))
    toml = home.path / "district.toml"
    toml.write_text(toml.read_text("utf-8").replace("李沧区", "新李沧区"), "utf-8")
    second = put(home, parcels=parcels("A"))
    assert (first.district.name_zh, second.district.name_zh) == ("李沧区", "新李沧区")
    assert second.asset("basemap.geojson").read_text("utf-8") == BASEMAP
    with pytest.raises(NotFoundError, match="no file 'relief"):
        second.asset("relief.tif")


def test_a_layer_that_is_not_there_is_told_apart_from_an_empty_one(home: Home) -> None:
    with pytest.raises(NotFoundError, match="has no layer 'buildings'"):
        put(home, parcels=parcels()).layer("buildings")


def test_sidecars_are_built_once_hashed_and_may_be_lost(home: Home) -> None:
    def index(snapshot: Snapshot, path: Path) -> None:
        path.write_text(",".join(snapshot.layer("parcels")["parcel_id"]), "utf-8")

    snapshot = publish(home, {"parcels": parcels("A")}, by="", note="", sidecars={"ids.txt": index})
    assert snapshot.sidecar("ids.txt") == b"A"
    assert snapshot.sidecar("other") is None
    (entry,) = snapshot.manifest["sidecars"].values()
    assert set(entry) == {"sha256", "builder", "version"}
    (snapshot.path / "sidecars" / "ids.txt").write_bytes(b"B")
    assert open_current(home).sidecar("ids.txt") is None
    assert open_current(home).warnings == ()


def test_history_tells_versions_newest_first(home: Home) -> None:
    first = put(home, "one", parcels=parcels("A"))
    second = put(home, "two", parcels=parcels("A", "B"))
    told = [(one.id, one.parent, one.note, one.rows, one.current) for one in history(home)]
    assert told == [(second.id, first.id, "two", {"parcels": 2}, True), (first.id, None, "one", {"parcels": 1}, False)]
    assert json.loads(json.dumps(history(home)[0].as_dict()))["rows"] == {"parcels": 2}


def test_history_names_a_damaged_version(home: Home) -> None:
    put(home, parcels=parcels("A"))
    second = put(home, parcels=parcels("B"))
    (second.path / "manifest.json").write_bytes(b"{}")
    told = {one.id: one.damaged for one in history(home)}
    assert told[second.id] is not None
    assert "no seal" in told[second.id]
    assert list(told.values()).count(None) == 1


def test_diff_tells_what_changed_record_by_record_and_field_by_field(home: Home) -> None:
    before = put(home, parcels=parcels("A", "B", "C", floors_max=3), facilities=stations("S"))
    frame = parcels("A", "B", "D", floors_max=3)
    frame.loc[1, "floors_max"] = pd.NA
    frame.loc[1, "parcel_name"] = "新名"
    frame.loc[0, "geometry"] = shapely.MultiPolygon([square(0, 1)])
    found = diff(before, put(home, parcels=frame))
    assert set(found.layers) == {"parcels"}
    change = found.layers["parcels"]
    assert (change.added, change.removed) == (("D",), ("C",))
    assert change.changed["B"] == {"floors_max": (3, None), "parcel_name": ("B地块", "新名")}
    old, new = change.changed["A"]["geometry"]
    assert old.startswith("MULTIPOLYGON")
    assert old != new
    assert set(change.changed) == {"A", "B"}


def test_diff_of_a_new_layer_is_all_added(home: Home) -> None:
    before = put(home, parcels=parcels("A"))
    after = put(home, facilities=stations("S", "T"))
    assert diff(before, after).layers["facilities"].added == ("S", "T")
    assert diff(after, before).layers["facilities"].removed == ("S", "T")
    assert diff(after, after).layers == {}


def test_rollback_makes_an_earlier_version_current_and_is_remembered(home: Home) -> None:
    first = put(home, parcels=parcels("A"))
    put(home, parcels=parcels("B"))
    assert rollback(home, first.id[:10], "王", "数据有误").id == first.id
    assert names(open_current(home)) == ["A"]
    last = list(changes(home))[-1]
    assert (last.action, last.id, last.by, last.note) == ("rollback", first.id, "王", "数据有误")
    assert len(history(home)) == 2


@pytest.mark.parametrize("prefix", ["", "zzzz", "abc", "../.."])
def test_a_version_that_does_not_exist_is_not_found(home: Home, prefix: str) -> None:
    put(home, parcels=parcels("A"))
    with pytest.raises(NotFoundError, match="no version begins"):
        open_version(home, prefix)


def test_a_reader_keeps_its_version_while_the_next_is_published(home: Home) -> None:
    put(home, parcels=parcels("A"))
    reading = open_current(home)
    put(home, parcels=parcels("B"))
    assert names(reading) == ["A"]
    assert names(open_current(home)) == ["B"]


def test_nothing_published_yet_is_no_damage(home: Home) -> None:
    assert home.current_id() is None
    with pytest.raises(NotFoundError, match="nothing has been published"):
        open_current(home)
    assert history(home) == []


def test_a_folder_that_is_no_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no home folder"):
        open_current(Home(tmp_path))
    with pytest.raises(NotFoundError, match="no folder 'attic'"):
        Home(tmp_path).folder("attic")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "names 'basemap.geojson', which is not given"),
        ({"basemap.geojson": "", "../evil": ""}, "no plain file name"),
        ({"basemap.geojson": "", "district.toml": ""}, "no plain file name"),
    ],
)
def test_a_home_needs_the_files_its_district_names(tmp_path: Path, files: dict[str, str], message: str) -> None:
    home = make_home(tmp_path / "home")
    given = dict.fromkeys(files, home.path / "assets" / "basemap.geojson")
    with pytest.raises(ConfigError, match=message):
        Home.create(tmp_path / "other", home.path / "district.toml", given)


def test_a_second_writer_is_told_at_once_that_it_is_busy(home: Home) -> None:
    with home.lock(), pytest.raises(BusyError, match="another writer holds"):
        put(home, parcels=parcels("A"))
    assert put(home, parcels=parcels("A")).id == home.current_id()


def test_of_two_publishers_one_wins_and_one_is_busy(home: Home) -> None:
    inside, leave = threading.Event(), threading.Event()

    def wait(frames: dict[str, pd.DataFrame], _: object) -> dict[str, pd.DataFrame]:
        inside.set()
        assert leave.wait(20)
        return {}

    won: list[Snapshot] = []
    first = threading.Thread(
        target=lambda: won.append(publish(home, {"parcels": parcels("A")}, by="", note="", derivations=[wait]))
    )
    first.start()
    assert inside.wait(20)
    with pytest.raises(BusyError):
        put(home, parcels=parcels("B"))
    leave.set()
    first.join()
    assert open_current(home).id == won[0].id


def test_readers_only_ever_see_whole_versions(home: Home) -> None:
    marks = {"even": ("A", "B"), "odd": ("C", "D", "E")}
    put(home, parcels=parcels(*marks["even"]), facilities=stations("even"))
    stop, seen, faults = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                snapshot = open_current(home)
                mark = snapshot.layer("facilities")["facility_id"].iloc[0]
                seen.add(mark)
                if tuple(names(snapshot)) != marks[mark] or snapshot.warnings:
                    faults.append((mark, names(snapshot), snapshot.warnings))
            except StoreError as error:
                faults.append(("", [], (error.message,)))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(12):
        mark = ("odd", "even")[turn % 2]
        publish(home, {"parcels": parcels(*marks[mark]), "facilities": stations(mark)}, by="", note=str(turn))
    stop.set()
    for reader in readers:
        reader.join()
    assert faults == []
    assert seen == {"even", "odd"}


def test_the_watcher_tells_of_a_change_once(home: Home) -> None:
    watcher = CurrentWatcher(home)
    assert not watcher.changed()
    put(home, parcels=parcels("A"))
    assert [watcher.changed(), watcher.changed()] == [True, False]
    home.pointer.write_bytes(b"broken")
    assert [watcher.changed(), watcher.changed()] == [True, False]
