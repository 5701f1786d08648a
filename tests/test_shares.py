import datetime as dt
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import text

from landmap.access import Database, Share, Shares, scope_of
from landmap.access.database import BUSY_WAIT_S
from landmap.domain import Level
from landmap.domain.errors import BusyError, GoneError, InvalidValueError, NotFoundError, StoreError
from tests.sizes import sized

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "landmap.db"


@pytest.fixture
def shares(file: Path) -> Iterator[Shares]:
    opened = Shares(Database.open(file))
    yield opened
    opened.close()


def make(shares: Shares, **given: Any) -> tuple[str, Share]:
    wanted = {"snapshot_id": "abc", "parcels": ["P-2", "P-1"], "buildings": ["B"], "owner": "officer", "now": NOW}
    return shares.create(**{**wanted, **given})


def gone(shares: Shares, token: str, now: dt.datetime = NOW) -> tuple[Any, ...]:
    """Return everything a caller can tell from the refusal."""
    with pytest.raises(GoneError) as caught:
        shares.resolve(token, now)
    return caught.value.code, str(caught.value), caught.value.hint, caught.value.places, caught.value.args


def test_a_link_opens_with_its_token_and_holds_what_was_chosen(shares: Shares) -> None:
    token, made = make(shares, title="两宗地", note="请看", sender="王", lang="en")
    assert token.startswith("lm_s_")
    assert len(token) == 48
    opened = shares.resolve(token, NOW)
    assert opened == made
    assert (opened.parcels, opened.buildings, opened.snapshot_id) == (("P-2", "P-1"), ("B",), "abc")
    assert (opened.title, opened.note, opened.sender, opened.lang) == ("两宗地", "请看", "王", "en")
    assert opened.expires_at - opened.created_at == dt.timedelta(days=30)


def test_a_link_survives_a_restart(shares: Shares, file: Path) -> None:
    token, made = make(shares)
    shares.close()
    again = Shares(Database.open(file))
    assert again.resolve(token, NOW) == made
    again.close()


def test_the_reader_counts_as_the_public_narrowed_to_the_records(shares: Shares) -> None:
    _, made = make(shares)
    audience = scope_of(made)
    assert audience.level is Level.PUBLIC
    assert audience.scope is not None
    assert audience.scope.ids == {"parcels": frozenset({"P-1", "P-2"}), "buildings": frozenset({"B"})}
    assert audience.key == f"public+{made.public_id}"


def test_the_token_is_nowhere_in_the_database(shares: Shares, file: Path) -> None:
    tokens = [make(shares)[0] for _ in range(20)]
    shares.resolve(tokens[0], NOW)
    written = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"shares" in written
    for token in tokens:
        assert token.encode() not in written
        assert token.removeprefix("lm_s_").encode() not in written


def test_random_tokens_open_nothing(shares: Shares) -> None:
    for _ in range(20):
        make(shares)
    answers = {gone(shares, "lm_s_" + secrets.token_urlsafe(32)) for _ in range(sized(10_000, 1_000_000))}
    assert len(answers) == 1


@pytest.mark.parametrize("token", ["", "lm_s_", "x" * 100_000, "'; drop table shares; --", "\ud800", "\x00"])
def test_odd_tokens_open_nothing(shares: Shares, token: str) -> None:
    make(shares)
    assert gone(shares, token) == gone(shares, "lm_s_unknown")


def test_a_link_holds_to_the_second(shares: Shares) -> None:
    token, made = make(shares, days=1)
    assert shares.resolve(token, NOW + dt.timedelta(days=1) - SECOND) == made
    gone(shares, token, NOW + dt.timedelta(days=1))
    gone(shares, token, NOW + dt.timedelta(days=1) + SECOND)


@pytest.mark.parametrize("days", [1, 30, 365])
@pytest.mark.parametrize("start", ["2026-11-22", "2028-02-28", "2037-12-31", "2038-01-18"])
def test_expiry_follows_the_clock_of_the_machine(shares: Shares, start: str, days: int) -> None:
    begin = dt.datetime.fromisoformat(f"{start}T23:59:59+00:00")
    with time_machine.travel(begin, tick=False) as clock:
        token, _ = make(shares, days=days, now=dt.datetime.now(dt.UTC))
        clock.move_to(begin + dt.timedelta(days=days) - SECOND)
        assert shares.resolve(token, dt.datetime.now(dt.UTC)).opens == 0
        clock.move_to(begin + dt.timedelta(days=days) + SECOND)
        gone(shares, token, dt.datetime.now(dt.UTC))


def test_expiry_is_the_same_instant_in_every_zone(shares: Shares) -> None:
    china = dt.timezone(dt.timedelta(hours=8))
    token, made = make(shares, now=NOW.astimezone(china), days=1)
    assert made.expires_at == NOW + dt.timedelta(days=1)
    shares.resolve(token, (made.expires_at - SECOND).astimezone(china))
    gone(shares, token, made.expires_at.astimezone(china))
    with pytest.raises(ValueError, match="zone"):
        shares.resolve(token, NOW.replace(tzinfo=None))


def test_unknown_expired_and_revoked_look_the_same(shares: Shares) -> None:
    expired, _ = make(shares, days=1)
    revoked, made = make(shares, days=365)
    shares.revoke(made.public_id, NOW)
    later = NOW + dt.timedelta(days=2)
    answers = {gone(shares, token, later) for token in ("lm_s_unknown", expired, revoked)}
    assert len(answers) == 1
    assert not any(known in str(answers) for known in ("P-1", made.public_id, "officer", "abc"))


def test_revoking_twice_keeps_the_first_time_and_an_unknown_id_is_told(shares: Shares) -> None:
    _, made = make(shares)
    shares.revoke(made.public_id, NOW)
    shares.revoke(made.public_id, NOW + SECOND)
    assert shares.list()[0].revoked_at == NOW
    with pytest.raises(NotFoundError, match="no link has the id 'nobody'"):
        shares.revoke("nobody", NOW)


def test_links_are_listed_by_owner_newest_first(shares: Shares) -> None:
    for number, owner in enumerate(["anna", "bert", "anna"]):
        make(shares, owner=owner, title=str(number), now=NOW + number * SECOND)
    assert [share.title for share in shares.list("anna")] == ["2", "0"]
    assert [share.title for share in shares.list()] == ["2", "1", "0"]
    assert shares.list("nobody") == ()


def test_openings_are_counted_by_the_reader_and_not_by_resolving(shares: Shares) -> None:
    token, made = make(shares)
    shares.resolve(token, NOW)
    shares.count_open(made.public_id)
    shares.count_open(made.public_id)
    assert shares.resolve(token, NOW).opens == 2


def test_the_versions_that_links_name_are_known(shares: Shares) -> None:
    _, made = make(shares, snapshot_id="one")
    make(shares, snapshot_id="two")
    shares.revoke(made.public_id, NOW)
    assert shares.snapshot_ids() == {"one", "two"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"days": 0}, "1 to 365 days"),
        ({"days": 366}, "1 to 365 days"),
        ({"level": Level.OFFICER}, "public or partner"),
        ({"parcels": [], "buildings": []}, "at least one record"),
    ],
)
def test_a_link_that_may_not_be_is_refused(shares: Shares, given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidValueError, match=told):
        make(shares, **given)
    assert shares.list() == ()


def test_a_record_chosen_twice_is_shown_once(shares: Shares) -> None:
    assert make(shares, parcels=["A", "B", "A"])[1].parcels == ("A", "B")


def test_many_writers_wait_for_each_other_and_lose_nothing(shares: Shares, file: Path) -> None:
    _, made = make(shares)
    faults: list[BaseException] = []

    def count() -> None:
        own = Shares(Database.open(file))
        try:
            for _ in range(sized(50, 2000)):
                own.count_open(made.public_id)
        except (BusyError, StoreError) as error:
            faults.append(error)
        finally:
            own.close()

    writers = [threading.Thread(target=count) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert shares.list()[0].opens == 4 * sized(50, 2000)


def test_a_writer_that_waits_too_long_is_told_that_it_is_busy(
    shares: Shares, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BUSY_WAIT_S == 5
    monkeypatch.setattr("landmap.access.database.BUSY_WAIT_S", 0.05)
    hasty = Database.open(file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match="the database is busy"), hasty.writing():
        pass
    with hasty.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM shares")).scalar_one() == 0
    other.close()
    hasty.close()


def test_the_database_is_durable_and_keeps_its_references(shares: Shares) -> None:
    with shares.database.reading() as connection:
        told = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("journal_mode", "foreign_keys")
        }
        assert told == {"journal_mode": "wal", "foreign_keys": 1}
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2


def test_a_write_that_fails_is_undone_whole(shares: Shares) -> None:
    def fail_half_way() -> None:
        with shares.database.writing() as connection:
            connection.execute(text("DELETE FROM schema_version"))
            connection.execute(text("DELETE FROM nowhere"))

    with pytest.raises(StoreError, match="no such table: nowhere"):
        fail_half_way()
    with shares.database.reading() as connection:
        assert connection.execute(text("SELECT version FROM schema_version")).scalar_one() == 1


def test_a_file_that_is_no_database_is_told(file: Path) -> None:
    file.write_bytes(b"this is no database at all, however long it may be" * 100)
    with pytest.raises(StoreError, match="the database is damaged"):
        Database.open(file)


def test_a_database_of_a_newer_version_is_not_touched(file: Path) -> None:
    Database.open(file).close()
    newer = sqlite3.connect(file)
    newer.execute("UPDATE schema_version SET version = 99")
    newer.commit()
    newer.close()
    with pytest.raises(StoreError, match="has schema 99"):
        Database.open(file)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="the database cannot be used"):
        Database.open(tmp_path / "nowhere" / "landmap.db")
