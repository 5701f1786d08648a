"""Confirmation links: for one record, once; what they let in waits in the queue, and they tell nobody anything else."""

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from landmap.access import Amendments, Confirmation, Confirmations, Database, Stage, approve_edit, due_records, edits
from landmap.domain import District, Freshness, layer_named, layers
from landmap.domain.errors import ConfigError, ConflictError, GoneError, InvalidValueError, NotFoundError
from landmap.pipeline import fold_now, publish_amended
from landmap.store import Home, Snapshot, open_current
from tests.hamlet import layer_frame, make_home, square

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LAYER = layer_named("buildings")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish(made)
    return made


@pytest.fixture
def links(home: Home) -> Iterator[Confirmations]:
    opened = Confirmations(home, Database.open(home.path / "landmap.db"))
    yield opened
    opened.database.close()


def publish(home: Home, **values: Any) -> Snapshot:
    given = {
        "building_name": "万达中心",
        "address": "书院路 188 号",
        "district_code": "370213",
        "building_kind": "office",
        "grade": "b",
        "gross_floor_area_m2": 20000.0,
        "rentable_area_m2": 15000.0,
        "available_area_m2": 3000.0,
        "rent_area_basis": "gross",
        "visibility": "public",
        "data_as_of": dt.date(2026, 6, 1),
        **values,
    }
    rows = [{**given, "building_id": id, "geometry": square(2 * place, 0)} for place, id in enumerate("AB")]
    return publish_amended(home, {"buildings": layer_frame("buildings", rows)}, by="数据", note="")


def make(links: Confirmations, **given: Any) -> tuple[str, Confirmation]:
    return links.create("buildings", "A", owner="张", now=NOW, **given)


def answer(links: Confirmations, token: str, now: dt.datetime = NOW, **values: Any) -> Any:
    return links.answer(token, values, version=open_current(links.home).id, now=now)


def value(snapshot: Snapshot, field: str) -> Any:
    return edits.record(snapshot.layer("buildings"), LAYER, "A")[field]


def test_an_owner_who_says_that_all_holds_makes_the_record_fresh(home: Home, links: Confirmations) -> None:
    token, made = make(links, recipient="万达物业")
    assert token.startswith("lm_c_")
    assert links.resolve(token, NOW) == links.resolve(token, NOW) == made
    told = answer(links, token, available_area_m2="3000", rent_raw="")
    assert told.findings == ()
    assert (told.amendment.state, told.amendment.by) == (Stage.APPROVED, f"confirmation {made.id}")
    snapshot, _ = fold_now(home, by="张")
    assert value(snapshot, "data_as_of") == "2026-11-22"
    states = {one.id: one.state for one in due_records(snapshot.layer("buildings"), LAYER, home.district(), NOW.date())}
    assert states == {"A": Freshness.FRESH, "B": Freshness.RED}


def test_a_changed_value_waits_for_somebody_to_look(home: Home, links: Confirmations) -> None:
    token, made = make(links)
    told = answer(links, token, available_area_m2="1 200 平方米", rent_raw="2.5元/㎡/天")
    assert told.amendment.state is Stage.PROPOSED
    assert value(fold_now(home, by="张")[0], "available_area_m2") == 3000.0
    approve_edit(home, Amendments(links.database), told.amendment.id, by="张", now=NOW)
    snapshot, _ = fold_now(home, by="张")
    assert [value(snapshot, name) for name in ("available_area_m2", "rent_min_cny_m2_day", "data_as_of")] == [
        1200.0,
        2.5,
        "2026-11-22",
    ]
    (kept,) = links.listed(layer="buildings", feature_id="A")
    assert (kept.id, kept.amendment, kept.used_at) == (made.id, told.amendment.id, NOW)


def test_a_link_that_cannot_be_used_says_the_same_whatever_the_reason(links: Confirmations) -> None:
    used, _ = make(links)
    answer(links, used)
    expired, _ = make(links, days=1)
    revoked, one = make(links)
    links.revoke(one.id, NOW)
    told = set()
    for token, now in ((used, NOW), (expired, NOW + DAY), (revoked, NOW), ("lm_c_nothing", NOW), ("\udcff", NOW)):
        for ask in (lambda: links.resolve(token, now), lambda: answer(links, token, now)):  # noqa: B023
            with pytest.raises(GoneError) as caught:
                ask()
            told.add((caught.value.code, str(caught.value), caught.value.places))
    assert len(told) == 1
    assert "used" in next(iter(told))[1]


def test_a_link_works_once_however_many_answer_at_once(links: Confirmations) -> None:
    token, _ = make(links)
    start = threading.Barrier(4)
    won: list[bool] = []

    def ask(number: int) -> None:
        start.wait()
        try:
            answer(links, token, tenant_count=str(number))
            won.append(True)
        except GoneError:
            won.append(False)

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert sorted(won) == [False, False, False, True]
    assert len(Amendments(links.database).listed()) == 1


def test_the_token_is_nowhere_in_the_database(home: Home, links: Confirmations) -> None:
    token, _ = make(links)
    assert token.encode() not in b"".join(file.read_bytes() for file in home.path.glob("landmap.db*"))


def test_a_value_that_cannot_be_read_is_told_and_the_link_stays(links: Confirmations) -> None:
    token, _ = make(links)
    told = answer(links, token, available_area_m2="不少", rent_raw="面议", tenant_count="-3")
    assert told.amendment is None
    assert {one.field for one in told.findings if one.severity == "error"} == {"available_area_m2", "tenant_count"}
    assert answer(links, token).amendment.state is Stage.APPROVED


def test_only_what_the_link_covers_can_be_answered(links: Confirmations) -> None:
    token, _ = make(links, fields=["available_area_m2"])
    for name in ("rent_raw", "visibility", "data_as_of", "owner_name", "nonsense"):
        with pytest.raises(InvalidValueError, match=name):
            answer(links, token, **{name: "x"})
    with pytest.raises(InvalidValueError, match="cannot be answered"):
        make(links, fields=["visibility"])


@pytest.mark.parametrize(("given", "words"), [({"days": 0}, "1 to 90"), ({"days": 91}, "1 to 90")])
def test_a_link_holds_for_a_number_of_days(links: Confirmations, given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        make(links, **given)


def test_a_layer_that_names_no_day_has_no_links(links: Confirmations) -> None:
    with pytest.raises(InvalidValueError, match="no day"):
        links.create("building_units", "U", owner="张", now=NOW)


def test_an_owner_who_saw_another_record_looks_again(home: Home, links: Confirmations) -> None:
    token, _ = make(links)
    seen = open_current(home).id
    publish(home, available_area_m2=500.0, data_as_of=dt.date(2026, 11, 1))
    with pytest.raises(ConflictError, match="available_area_m2"):
        links.answer(token, {}, version=seen, now=NOW)
    assert answer(links, token).amendment is not None


def test_a_later_import_does_not_make_a_confirmed_record_older(home: Home, links: Confirmations) -> None:
    token, _ = make(links)
    answer(links, token)
    fold_now(home, by="张")
    assert value(publish(home, data_as_of=dt.date(2026, 11, 1)), "data_as_of") == "2026-11-22"


def test_a_record_that_went_cannot_be_confirmed(home: Home, links: Confirmations) -> None:
    token, _ = links.create("buildings", "Z", owner="张", now=NOW)
    with pytest.raises(NotFoundError):
        answer(links, token)


def test_every_confirmable_field_is_a_field_people_give() -> None:
    named = {(layer.name, name) for layer in layers.layers().values() for name in layer.confirmable}
    assert named
    for layer, name in named:
        assert edits.editable(layer_named(layer).fields[name], layer_named(layer)), (layer, name)


RULES = {"code": "370213", "name_zh": "李沧区", "name_en": "Licang", "planar_epsg": 4549, "extent": (120, 36, 121, 37)}


def district(**rules: Any) -> District:
    return District.from_table({**RULES, "rules": rules})


@pytest.mark.parametrize(
    ("rules", "age", "state"),
    [
        ({}, 90, "fresh"),
        ({}, 91, "amber"),
        ({}, 120, "amber"),
        ({}, 121, "red"),
        ({"stale_days": 30, "grace_days": 0}, 31, "red"),
        ({"confirm_days": {"buildings": 10}}, 11, "amber"),
        ({"confirm_days": {"buildings": 10, "buildings.office": 200}}, 150, "fresh"),
        ({"confirm_days": {"buildings.mixed": 10}}, 50, "fresh"),
    ],
)
def test_a_record_turns_amber_and_red_by_the_districts_rules(rules: dict[str, Any], age: int, state: str) -> None:
    today = NOW.date()
    row = {"building_id": "A", "building_kind": "office", "data_as_of": today - age * DAY, "geometry": square(0, 0)}
    (found,) = due_records(layer_frame("buildings", [row]), LAYER, district(**rules), today)
    assert found.state == state


def test_the_longest_overdue_comes_first_and_those_without_a_day_before_all() -> None:
    today = NOW.date()
    ages = {"A": 10, "B": 300, "C": None, "D": 200}
    rows = [
        {"building_id": id, "data_as_of": None if age is None else today - age * DAY, "geometry": square(0, 0)}
        for id, age in ages.items()
    ]
    found = due_records(layer_frame("buildings", rows), LAYER, district(links_leave_out="red"), today)
    assert [(one.id, one.state.value, one.out) for one in found] == [
        ("C", "unknown", True),
        ("B", "red", True),
        ("D", "red", True),
        ("A", "fresh", False),
    ]


@pytest.mark.parametrize(("rule", "out"), [("none", "0000"), ("red", "0011"), ("overdue", "0111")])
def test_new_links_leave_out_what_the_district_says(rule: str, out: str) -> None:
    today = NOW.date()
    days = [today, today - 100 * DAY, today - 300 * DAY, None]
    rows = [{"building_id": str(n), "data_as_of": day, "geometry": square(0, 0)} for n, day in enumerate(days)]
    found = due_records(layer_frame("buildings", rows), LAYER, district(links_leave_out=rule), today)
    assert "".join(str(int(one.out)) for one in sorted(found, key=lambda one: one.id)) == out


@pytest.mark.parametrize("name", ["bilding", "constraints", "buildings.shed", "parcels.office"])
def test_a_rule_for_records_that_there_are_not_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="confirm_days"):
        district(confirm_days={name: 30})
