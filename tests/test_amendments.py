"""Edits: made on what is published, told when that has changed, laid over every import until it catches up."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from landmap.access import Amendments, Answer, Database, Stage, approve_edit, edits, propose_edit, view
from landmap.access.amendments import DEBOUNCE, WAIT_MAX
from landmap.domain import Kind, layer_named
from landmap.domain.errors import ConflictError, InvalidValueError, NotFoundError, StoreError
from landmap.pipeline import effects_of, fold_now, fold_when_due, publish_amended
from landmap.pipeline.folding import Folding
from landmap.store import Decisions, Home, Snapshot, open_current, rollback
from tests.hamlet import layer_frame, make_home, parcels, square

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
LAYER = layer_named("parcels")
GIVEN = {
    "supply_stage": "announced",
    "location_text": "兴华路以东",
    "visibility": "public",
    "review_status": "published",
    "district_code": "370213",
    "source_ref": "台账",
    "land_use_code": "100101",
    "land_use_scheme": "ydyh2023",
    "net_area_m2": 9900.0,
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish(made)
    return made


@pytest.fixture
def queue(home: Home) -> Iterator[Amendments]:
    opened = Amendments(Database.open(home.path / "landmap.db"))
    yield opened
    opened.database.close()


def publish(home: Home, *names: str, **values: Any) -> Snapshot:
    frame = parcels(*(names or ("A", "B", "C")), **{**GIVEN, **values})
    return publish_amended(home, {"parcels": frame}, by="数据", note="")


def propose(home: Home, queue: Amendments, id: str = "A", **values: Any) -> Answer:
    return propose_edit(home, queue, "parcels", id, values, by="王", now=NOW)


def approved(home: Home, queue: Amendments, id: str = "A", *, urgent: bool = False, **values: Any) -> str:
    told = propose(home, queue, id, **values).amendment
    assert told is not None
    return approve_edit(home, queue, told.id, by="张", now=NOW, urgent=urgent).id


def value(snapshot: Snapshot, id: str, field: str) -> Any:
    return edits.record(snapshot.layer("parcels"), LAYER, id)[field]


def test_an_edit_is_in_force_once_approved_and_published(home: Home, queue: Amendments) -> None:
    told = propose(home, queue, supply_stage="已成交")
    assert told.amendment is not None
    assert told.amendment.state is Stage.PROPOSED
    assert [(one.field, one.before, one.value) for one in told.amendment.changes] == [
        ("supply_stage", "announced", "sold")
    ]
    assert value(fold_now(home, by="张")[0], "A", "supply_stage") == "announced"
    done = approve_edit(home, queue, told.amendment.id, by="张", now=NOW)
    assert (done.state, done.by, done.approved_by) == (Stage.APPROVED, "王", "张")
    snapshot, effects = fold_now(home, by="张")
    assert value(snapshot, "A", "supply_stage") == "sold"
    assert value(snapshot, "B", "supply_stage") == "announced"
    assert snapshot.manifest["amendments"] == [f"{done.id}/supply_stage"]
    assert [one.kind for one in effects] == ["kept"]
    published = queue.get(done.id)
    assert (published.state, published.published_in) == (Stage.PUBLISHED, snapshot.id)


def test_what_was_imported_stays_as_it_came(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    snapshot, _ = fold_now(home, by="张")
    assert set(snapshot.given("parcels")["supply_stage"]) == {"announced"}


def test_folding_twice_makes_one_version(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    first, _ = fold_now(home, by="张")
    assert fold_now(home, by="张")[0].id == first.id


def test_an_edit_outlives_an_import_that_is_behind(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    snapshot = publish(home, highlights="新材料")
    assert value(snapshot, "A", "supply_stage") == "sold"
    assert value(snapshot, "A", "highlights") == "新材料"


def test_an_import_that_says_nothing_does_not_contradict(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    frame = parcels("A", "B", "C", **{**GIVEN, "supply_stage": None})
    assert [one.kind for one in effects_of(home, {"parcels": frame})] == ["kept"]


def test_an_import_that_contradicts_is_told_and_the_edit_stands(home: Home, queue: Amendments) -> None:
    made = approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    frame = parcels("A", "B", "C", **{**GIVEN, "supply_stage": "withdrawn"})
    (effect,) = effects_of(home, {"parcels": frame})
    assert (effect.kind, effect.amendment, effect.feature_id) == ("contradicted", made, "A")
    assert (effect.field, effect.held, effect.value) == ("supply_stage", "withdrawn", "sold")
    assert value(publish(home, supply_stage="withdrawn"), "A", "supply_stage") == "sold"


def test_a_file_that_has_caught_up_speaks_for_itself_from_then_on(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    caught_up = publish(home, supply_stage="sold")
    assert len(caught_up.manifest["amendments"]) == 1
    later = publish(home, supply_stage="withdrawn")
    assert value(later, "A", "supply_stage") == "withdrawn"
    assert later.manifest["amendments"] == []


def test_fields_of_one_edit_are_settled_one_by_one(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold", highlights="近地铁")
    fold_now(home, by="张")
    publish(home, supply_stage="sold")
    later = publish(home, supply_stage="withdrawn")
    assert value(later, "A", "supply_stage") == "withdrawn"
    assert value(later, "A", "highlights") == "近地铁"


def test_edits_of_one_field_follow_each_other(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="bidding")
    fold_now(home, by="张")
    last = approved(home, queue, supply_stage="sold")
    assert value(fold_now(home, by="张")[0], "A", "supply_stage") == "sold"
    assert [
        one.kind for one in effects_of(home, {"parcels": parcels("A", **{**GIVEN, "supply_stage": "bidding"})})
    ] == ["kept"]
    queue.release(last, by="张", now=NOW)
    assert value(fold_now(home, by="张")[0], "A", "supply_stage") == "bidding"


def test_an_edit_that_is_taken_back_leaves_the_files_own_value(home: Home, queue: Amendments) -> None:
    made = approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    queue.release(made, by="李", now=NOW, reason="登记有误")
    snapshot, _ = fold_now(home, by="李")
    assert value(snapshot, "A", "supply_stage") == "announced"
    assert snapshot.manifest["amendments"] == []
    assert (queue.get(made).state, queue.get(made).reason) == (Stage.RELEASED, "登记有误")


def test_a_rollback_goes_back_on_edits_too(home: Home, queue: Amendments) -> None:
    before = open_current(home)
    approved(home, queue, supply_stage="sold")
    after, _ = fold_now(home, by="张")
    rollback(home, before.id, by="张", note="")
    assert value(publish(home, highlights="新"), "A", "supply_stage") == "announced"
    rollback(home, after.id, by="张", note="")
    assert value(publish(home, highlights="新"), "A", "supply_stage") == "sold"


def test_the_later_day_holds_of_the_days_a_record_is_as_of(home: Home, queue: Amendments) -> None:
    approved(home, queue, data_as_of="2026-11-20")
    assert value(fold_now(home, by="张")[0], "A", "data_as_of") == "2026-11-20"
    assert value(publish(home, data_as_of=dt.date(2026, 11, 1)), "A", "data_as_of") == "2026-11-20"
    assert value(publish(home, data_as_of=dt.date(2026, 12, 1)), "A", "data_as_of") == "2026-12-01"


def test_a_new_boundary_is_published_with_what_follows_from_it(home: Home, queue: Amendments) -> None:
    shape = shapely.MultiPolygon([square(0, 0, 1.2)])
    before = open_current(home)
    told = propose(home, queue, geometry=shapely.to_geojson(shape))
    assert told.amendment is not None
    (difference,) = view(queue, told.amendment.id, before).differences
    assert difference.field.kind is Kind.GEOMETRY
    assert difference.moved_m2 == pytest.approx(0.44 * value(before, "A", "geodesic_area_m2"), rel=1e-3)
    approve_edit(home, queue, told.amendment.id, by="张", now=NOW)
    snapshot, _ = fold_now(home, by="张")
    assert value(snapshot, "A", "geodesic_area_m2") == pytest.approx(
        1.44 * value(before, "A", "geodesic_area_m2"), rel=1e-3
    )
    assert fold_now(home, by="张")[0].id == snapshot.id


def test_all_faults_of_an_edit_are_told_at_once_and_nothing_is_queued(home: Home, queue: Amendments) -> None:
    told = propose(home, queue, supply_stage="卖了", nonsense=1, parcel_id="Z", area_m2=3, net_area_m2="约十亩")
    assert told.amendment is None
    errors = {(one.code, one.field) for one in told.findings if one.severity == "error"}
    assert errors >= {
        ("edit_value_unread", "supply_stage"),
        ("edit_value_unread", "net_area_m2"),
        ("edit_field_unknown", "nonsense"),
        ("edit_field_fixed", "parcel_id"),
        ("edit_field_fixed", "area_m2"),
    }
    assert queue.listed() == ()


def test_an_edit_that_says_what_is_published_changes_nothing(home: Home, queue: Amendments) -> None:
    assert propose(home, queue, supply_stage="announced", net_area_m2="0.99公顷").amendment is None
    assert queue.listed() == ()


def test_a_record_that_is_not_there_cannot_be_edited(home: Home, queue: Amendments) -> None:
    with pytest.raises(NotFoundError):
        propose(home, queue, "Z", supply_stage="sold")


def test_an_edit_made_on_an_old_version_is_told_what_has_changed(home: Home, queue: Amendments) -> None:
    seen = open_current(home)
    publish(home, supply_stage="withdrawn")
    with pytest.raises(ConflictError, match="supply_stage") as caught:
        propose_edit(home, queue, "parcels", "A", {"supply_stage": "sold"}, by="王", now=NOW, base=seen)
    assert [(place.field, place.found) for place in caught.value.places] == [("supply_stage", "'withdrawn'")]
    told = propose_edit(home, queue, "parcels", "A", {"highlights": "新"}, by="王", now=NOW, base=seen)
    assert told.amendment is not None


@pytest.mark.parametrize("published", [False, True])
def test_who_approves_is_told_when_the_record_has_changed(home: Home, queue: Amendments, published: bool) -> None:
    first, second = (propose(home, queue, supply_stage=stage).amendment for stage in ("bidding", "sold"))
    assert first is not None
    assert second is not None
    approve_edit(home, queue, first.id, by="张", now=NOW)
    if published:
        fold_now(home, by="张")
    shown = view(queue, second.id, open_current(home))
    assert [(one.field, one.before, one.now, one.value) for one in shown.conflicts] == [
        ("supply_stage", "announced", "bidding", "sold")
    ]
    with pytest.raises(ConflictError):
        approve_edit(home, queue, second.id, by="张", now=NOW)
    assert queue.get(second.id).state is Stage.PROPOSED
    assert approve_edit(home, queue, second.id, by="张", now=NOW, despite=True).changes[0].before == "bidding"
    assert value(fold_now(home, by="张")[0], "A", "supply_stage") == "sold"


def test_two_who_want_the_same_do_not_conflict(home: Home, queue: Amendments) -> None:
    first, second = (propose(home, queue, supply_stage="sold").amendment for _ in range(2))
    assert first is not None
    assert second is not None
    for one in (first, second):
        approve_edit(home, queue, one.id, by="张", now=NOW)
    assert value(fold_now(home, by="张")[0], "A", "supply_stage") == "sold"


def test_an_edit_is_decided_on_once(home: Home, queue: Amendments) -> None:
    made = propose(home, queue, supply_stage="sold").amendment
    assert made is not None
    assert queue.reject(made.id, by="张", now=NOW, reason="尚未签约").reason == "尚未签约"
    for decide in (
        lambda: approve_edit(home, queue, made.id, by="张", now=NOW),
        lambda: queue.reject(made.id, by="张", now=NOW, reason=""),
        lambda: queue.release(made.id, by="张", now=NOW),
    ):
        with pytest.raises(ConflictError, match="rejected"):
            decide()
    assert value(fold_now(home, by="张")[0], "A", "supply_stage") == "announced"


def test_an_edit_of_nothing_is_none(queue: Amendments) -> None:
    change = edits.Change("highlights", "a", "a")
    for changes in ([], [change], [edits.Change("x", 1, 2), edits.Change("x", 1, 3)]):
        with pytest.raises(InvalidValueError):
            queue.propose("parcels", "A", changes, base="v", by="王", now=NOW)


def test_approvals_are_gathered_for_a_minute_and_urgent_ones_are_not(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    assert fold_when_due(home, queue, now=NOW) is None
    assert fold_when_due(home, queue, now=NOW + DEBOUNCE - dt.timedelta(seconds=1)) is None
    approved(home, queue, "B", urgent=True, supply_stage="sold")
    snapshot = fold_when_due(home, queue, now=NOW)
    assert snapshot is not None
    assert [value(snapshot, id, "supply_stage") for id in "AB"] == ["sold", "sold"]
    assert (snapshot.manifest["by"], snapshot.manifest["note"]) == ("张", "A, B")
    assert fold_when_due(home, queue, now=NOW + WAIT_MAX) is None


def test_a_steady_stream_of_approvals_is_published_after_five_minutes(home: Home, queue: Amendments) -> None:
    live: frozenset[str] = frozenset()
    for seconds in range(0, 300, 50):
        made = propose(home, queue, highlights=f"第 {seconds} 秒").amendment
        assert made is not None
        at = NOW + dt.timedelta(seconds=seconds)
        assert not queue.due(live, at)
        approve_edit(home, queue, made.id, by="张", now=at, despite=True)
    assert queue.due(live, NOW + WAIT_MAX)


def test_an_edit_taken_back_is_due_as_well(home: Home, queue: Amendments) -> None:
    made = approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    queue.release(made, by="张", now=NOW)
    snapshot = fold_when_due(home, queue, now=NOW + DEBOUNCE)
    assert snapshot is not None
    assert value(snapshot, "A", "supply_stage") == "announced"
    assert fold_when_due(home, queue, now=NOW + WAIT_MAX) is None


def test_an_edit_of_a_record_that_went_waits_for_it(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    publish(home, "B", "C")
    assert [one.kind for one in effects_of(home, {})] == ["missing"]
    assert value(publish(home), "A", "supply_stage") == "sold"


def test_an_edit_follows_its_record_to_a_new_number(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    fold_now(home, by="张")
    frame = parcels("A", "B", "C", **GIVEN)
    frame["parcel_id"] = pd.Series(["A2", "B", "C"], dtype=object)
    renumbered = publish_amended(
        home, {"parcels": frame}, by="数据", note="", decisions=Decisions(renumber={"A": "A2"})
    )
    assert value(renumbered, "A2", "supply_stage") == "sold"
    assert value(fold_now(home, by="张")[0], "A2", "supply_stage") == "sold"


def test_a_version_whose_edits_are_lost_is_not_built_upon(home: Home, queue: Amendments) -> None:
    approved(home, queue, supply_stage="sold")
    before = open_current(home)
    fold_now(home, by="张")
    queue.database.close()
    for file in home.path.glob("landmap.db*"):
        file.unlink()
    with pytest.raises(StoreError, match=r"landmap\.db"):
        publish(home, highlights="新")
    rollback(home, before.id, by="张", note="")
    publish(home, highlights="新")


def test_a_crash_between_publishing_and_remembering_changes_nothing(
    home: Home, queue: Amendments, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = approved(home, queue, supply_stage="sold")
    with monkeypatch.context() as patch:
        patch.setattr(Folding, "done", lambda *_: None)
        first, _ = fold_now(home, by="张")
    assert queue.get(made).state is Stage.APPROVED
    assert fold_now(home, by="张")[0].id == first.id
    assert (queue.get(made).state, queue.get(made).published_in) == (Stage.PUBLISHED, first.id)


@pytest.mark.parametrize("name", ["parcels", "buildings", "building_units", "facilities"])
def test_values_go_to_json_and_back(name: str) -> None:
    layer = layer_named(name)
    sample = {
        Kind.TEXT: "文本", Kind.REFERENCE: "A", Kind.URL: "https://x.cn", Kind.CODE: "a", Kind.NUMBER: 1.5,
        Kind.INTEGER: 3, Kind.BOOLEAN: True, Kind.DATE: dt.date(2026, 1, 2), Kind.CODES: ("a", "b"),
        Kind.TEXTS: ("一",), Kind.JSON: {"b": [1]},
    }  # fmt: skip
    shape = shapely.normalize(shapely.from_wkt("POLYGON ((120.4 36.18, 120.401 36.18, 120.401 36.181, 120.4 36.18))"))
    shape = shapely.MultiPolygon([shape]) if layer.geometry == ("MultiPolygon",) else shape
    full = {field.name: shape if field.kind is Kind.GEOMETRY else sample[field.kind] for field in layer.fields.values()}
    frame = layer_frame(name, [full, {key: full[key] for key in layer.key}])
    for row in (0, 1):
        held = {field: edits.plain(frame[field].iloc[row], one.kind) for field, one in layer.fields.items()}
        again = edits.with_values(frame, layer, {1 - row: held}).iloc[[1 - row]]
        pd.testing.assert_frame_equal(again.reset_index(drop=True), frame.iloc[[row]].reset_index(drop=True))
