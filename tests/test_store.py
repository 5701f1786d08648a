import json
import threading
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import structlog
from pandas.testing import assert_frame_equal

from landmap.domain import canonical_frame, layer_named, layers
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
    stage,
    staged,
    unstage,
)
from landmap.store.current import read_pointer
from landmap.store.parquet import from_bytes, geo_metadata, to_bytes
from landmap.store.seal import seal, unseal
from tests.hamlet import BASEMAP, layer_frame, make_home, parcels, square, stations


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_home(tmp_path / "home")


def put(home: Home, note: str = "", **frames: pd.DataFrame) -> Snapshot:
    return publish(home, frames, by="tester", note=note)


def names(snapshot: Snapshot) -> list[str]:
    return sorted(snapshot.layer("parcels")["parcel_id"])


EVERY_KIND = {
    "parcel_id": "K",
    "parcel_no": "李沧-1 \U0001f3ed",
    "net_area_m2": 0.1 + 0.2,
    "floors_max": 12,
    "standard_land": True,
    "planning_conditions_issued_on": pd.Timestamp("2026-02-28"),
    "encouraged_industries": ("C34", "生物医药"),
    "planning_raw": {"far": "≥1.5", "a": [1, None]},
    "geometry": shapely.MultiPolygon([square(0, 0)]),
}


def test_every_kind_of_value_and_unknown_comes_back_as_it_was(home: Home) -> None:
    frame = layer_frame("parcels", [EVERY_KIND, {"parcel_id": "L", "geometry": EVERY_KIND["geometry"]}])
    stored = put(home, parcels=frame).layer("parcels")
    assert isinstance(stored, gpd.GeoDataFrame)
    assert stored.crs.to_epsg() == 4490
    assert_frame_equal(pd.DataFrame(stored), pd.DataFrame(frame))
    assert [type(value) for value in stored["encouraged_industries"]] == [tuple, type(None)]


@pytest.mark.parametrize("name", layers.layers())
def test_every_layer_can_be_stored_empty(home: Home, name: str) -> None:
    empty = canonical_frame(pd.DataFrame({}), layer_named(name))
    stored = put(home, **{name: empty}).layer(name)
    assert_frame_equal(pd.DataFrame(stored), pd.DataFrame(empty))


def test_a_stored_layer_is_geoparquet_for_everybody(home: Home) -> None:
    snapshot = put(home, parcels=parcels("A", "B"))
    file = snapshot.path / "layers" / "parcels.parquet"
    read = gpd.read_parquet(file)
    assert read.crs.to_epsg() == 4490
    assert sorted(read["parcel_id"]) == ["A", "B"]
    metadata = geo_metadata(file.read_bytes())
    assert metadata["version"] == "1.1.0"
    assert metadata["columns"]["geometry"]["geometry_types"] == ["MultiPolygon"]
    assert metadata["columns"]["geometry"]["bbox"] == pytest.approx(list(read.total_bounds))


def test_equal_data_are_equal_bytes_whatever_the_order_of_rows(home: Home) -> None:
    layer, frame = layer_named("parcels"), parcels(*"ABCDEFGH")
    shuffled = frame.sample(frac=1, random_state=7).reset_index(drop=True)
    assert to_bytes(frame, layer, home.district()) == to_bytes(shuffled, layer, home.district())


def test_rows_lie_along_a_hilbert_curve_and_ties_by_key(home: Home) -> None:
    places = {"far": square(60, 40), "b": square(0, 0), "a": square(0, 0), "near": square(0.1, 0)}
    rows = [{"parcel_id": name, "geometry": shapely.MultiPolygon([shape])} for name, shape in places.items()]
    stored = put(home, parcels=layer_frame("parcels", rows)).layer("parcels")["parcel_id"].tolist()
    assert stored.index("a") + 1 == stored.index("b")
    assert stored.index("far") in (0, 3)


def test_a_table_lies_in_the_order_of_its_key(home: Home) -> None:
    rows = [{"parcel_id": parcel, "item": item} for parcel, item in (("B", "flood"), ("A", "flood"), ("A", "climate"))]
    stored = put(home, site_assessments=layer_frame("site_assessments", rows)).layer("site_assessments")
    assert stored[["parcel_id", "item"]].to_numpy().tolist() == [["A", "climate"], ["A", "flood"], ["B", "flood"]]


def test_a_field_that_did_not_exist_when_stored_is_unknown() -> None:
    layer = layer_named("site_assessments")
    old = pd.DataFrame({"parcel_id": ["A"], "item": ["flood"]})
    sink = Path("old.parquet")
    data = old.to_parquet(index=False)
    read = from_bytes(data, layer, str(sink))
    assert list(read.columns) == list(layer.fields)
    assert read["parcel_id"].tolist() == ["A"]
    assert read.drop(columns=["parcel_id", "item"]).isna().all(axis=None)


def test_bytes_that_are_no_layer_are_a_store_error() -> None:
    with pytest.raises(StoreError, match=r"x\.parquet is no file of layer 'parcels'"):
        from_bytes(b"PAR1 nothing", layer_named("parcels"), "x.parquet")


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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("no key", "1 records without parcel_id, the first in row 2"),
        ("twice", "two records called 'A'"),
        ("stranger", "not canonical: colour"),
        ("missing column", "not canonical: parcel_no"),
        ("dtype", "parcels.floors_max has dtype float64 instead of Int64"),
        ("index", "its index does not count from 0"),
        ("crs", "not in EPSG:4490"),
        ("no geometry", "parcels 'B' has no geometry"),
        ("empty geometry", "parcels 'B' has no geometry"),
        ("point", "parcels 'B' has no MultiPolygon"),
        ("value", "parcels.parcel_name holds a value that is no text"),
    ],
)
def test_a_frame_that_is_not_canonical_is_refused_and_nothing_changes(home: Home, change: str, message: str) -> None:
    before = put(home, parcels=parcels("A"))
    with pytest.raises(SchemaError, match=message):
        put(home, parcels=spoiled(change))
    assert open_current(home).id == before.id
    assert [path.name for path in home.snapshots.iterdir()] == [before.id]


def test_an_unknown_layer_is_refused(home: Home) -> None:
    with pytest.raises(SchemaError, match="no layer is called 'rockets'"):
        put(home, rockets=parcels("A"))


def test_composite_keys_tell_records_apart(home: Home) -> None:
    twice = layer_frame("site_assessments", [{"parcel_id": "A", "item": "flood"}] * 2)
    with pytest.raises(SchemaError, match="two records called 'A/flood'"):
        put(home, site_assessments=twice)


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


def test_a_damaged_layer_falls_back_loudly_to_the_version_before(home: Home) -> None:
    first = put(home, parcels=parcels("A"))
    second = put(home, parcels=parcels("B"))
    (second.path / "layers" / "parcels.parquet").write_bytes(b"rot")
    with structlog.testing.capture_logs() as logs:
        served = open_current(home)
    assert served.id == first.id
    assert "parcels.parquet is damaged" in served.warnings[0]
    assert {entry["log_level"] for entry in logs} == {"warning"}
    assert len(logs) == len(served.warnings) == 2


@pytest.mark.parametrize("how", ["removed", "garbage", "other id"])
def test_a_damaged_pointer_falls_back_to_the_last_version_served(home: Home, how: str) -> None:
    put(home, parcels=parcels("A"))
    second = put(home, parcels=parcels("B"))
    if how == "removed":
        home.pointer.unlink()
    elif how == "garbage":
        home.pointer.write_bytes(b"\xff\xfe")
    else:
        home.pointer.write_bytes(seal({**read_pointer(home).__dict__, "id": "0" * 64}))
    served = open_current(home)
    assert served.id == second.id
    assert served.warnings


def test_falling_back_does_not_return_to_what_was_rolled_back(home: Home) -> None:
    first = put(home, parcels=parcels("A"))
    second = put(home, parcels=parcels("B"))
    put(home, parcels=parcels("wrong"))
    rollback(home, second.id, "", "")
    (second.path / "layers" / "parcels.parquet").write_bytes(b"rot")
    assert open_current(home).id == first.id


def test_without_a_whole_version_the_store_says_so(home: Home) -> None:
    only = put(home, parcels=parcels("A"))
    (only.path / "layers" / "parcels.parquet").unlink()
    with pytest.raises(StoreError, match=r"no version in .* is whole: .*parcels\.parquet cannot be read"):
        open_current(home)


def test_a_writer_does_not_build_on_a_damaged_version_and_rollback_repairs(home: Home) -> None:
    first = put(home, parcels=parcels("A"))
    second = put(home, parcels=parcels("B"))
    (second.path / "layers" / "parcels.parquet").write_bytes(b"rot")
    with pytest.raises(StoreError, match="roll back to a good version"):
        put(home, parcels=parcels("C"))
    with pytest.raises(StoreError, match="damaged"):
        rollback(home, second.id, "", "")
    rollback(home, first.id, "", "")
    assert open_current(home).warnings == ()
    assert put(home, parcels=parcels("B")).id == second.id
    assert names(open_current(home)) == ["B"]


def test_a_manifest_of_a_later_schema_is_not_guessed_at(home: Home) -> None:
    snapshot = put(home, parcels=parcels("A"))
    path = snapshot.path / "manifest.json"
    path.write_bytes(seal({**unseal(path.read_bytes(), ""), "schema": 2}))
    with pytest.raises(StoreError, match="has schema 2"):
        open_version(home, snapshot.id)


def test_a_folder_under_another_versions_name_is_refused(home: Home) -> None:
    snapshot = put(home, parcels=parcels("A"))
    snapshot.path.rename(home.snapshots / ("0" * 64))
    with pytest.raises(StoreError, match="belongs to version"):
        open_version(home, "0000")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a":1}', '{"a":1,"seal":"x"}', '{"a":1,"seal":5}'])
def test_json_without_its_own_seal_is_damaged(text: str) -> None:
    with pytest.raises(StoreError, match="note is damaged"):
        unseal(text.encode(), "note")


def test_a_seal_holds_for_exactly_one_spelling() -> None:
    data = seal({"a": "李沧", "b": [1, 2]})
    spelled = json.dumps(json.loads(data)).encode()
    assert unseal(data, "x") == {"a": "李沧", "b": [1, 2]}
    with pytest.raises(StoreError, match="seal does not match"):
        unseal(spelled, "x")


def test_a_torn_journal_line_is_told_and_the_rest_stays(home: Home) -> None:
    put(home, "one", parcels=parcels("A"))
    with home.journal.open("ab") as journal:
        journal.write(b'{"id":"torn')
    put(home, "two", parcels=parcels("B"))
    with structlog.testing.capture_logs() as logs:
        assert [change.note for change in changes(home)] == ["one", "two"]
    assert [entry["event"] for entry in logs] == ["journal_line_damaged"]


def test_a_change_the_journal_missed_is_added_by_the_next_writer(home: Home) -> None:
    put(home, "one", parcels=parcels("A"))
    before = home.journal.read_bytes()
    put(home, "two", parcels=parcels("B"))
    home.journal.write_bytes(before)
    put(home, "three", parcels=parcels("C"))
    assert [change.note for change in changes(home)] == ["one", "two", "three"]


def test_staged_layers_wait_with_their_sources_and_report(home: Home) -> None:
    stage(home, "parcels", parcels("A"), [{"name": "a.gpkg"}], {"findings": []})
    stage(home, "parcels", parcels("A", "B"), [{"name": "b.gpkg"}], {"findings": [{"code": "x"}]})
    stage(home, "facilities", stations("S"), [], {})
    waiting = staged(home)
    assert list(waiting) == ["facilities", "parcels"]
    assert sorted(waiting["parcels"].frame()["parcel_id"]) == ["A", "B"]
    assert waiting["parcels"].rows == 2
    assert waiting["parcels"].sources == ({"name": "b.gpkg"},)
    assert waiting["parcels"].report == {"findings": [{"code": "x"}]}
    assert len(list(home.staging.glob("parcels-*.parquet"))) == 1
    unstage(home, "parcels")
    assert list(staged(home)) == ["facilities"]
    with pytest.raises(NotFoundError, match="nothing of layer 'parcels' is staged"):
        unstage(home, "parcels")


def test_unstaging_leaves_what_was_staged_meanwhile(home: Home) -> None:
    old = stage(home, "parcels", parcels("A"), [], {})
    stage(home, "parcels", parcels("B"), [], {})
    unstage(home, "parcels", sha256=old.sha256)
    assert staged(home)["parcels"].frame()["parcel_id"].tolist() == ["B"]


def test_a_damaged_staged_layer_is_told(home: Home) -> None:
    waiting = stage(home, "parcels", parcels("A"), [], {})
    waiting.path.write_bytes(b"rot")
    with pytest.raises(StoreError, match="import it again"):
        staged(home)["parcels"].frame()


def test_only_canonical_frames_of_known_layers_are_staged(home: Home) -> None:
    with pytest.raises(NotFoundError):
        stage(home, "rockets", parcels("A"), [], {})
    with pytest.raises(SchemaError):
        stage(home, "parcels", spoiled("twice"), [], {})
    assert staged(home) == {}
