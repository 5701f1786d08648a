"""Damage: what is told, what is fallen back to, and what is never built on."""

import json

import pytest
import structlog

from landmap.domain.errors import StoreError
from landmap.store import (
    Home,
    changes,
    open_current,
    open_version,
    rollback,
)
from landmap.store.current import read_pointer
from landmap.store.seal import seal, unseal
from tests.hamlet import parcels
from tests.store_tools import home as home
from tests.store_tools import names, put


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
