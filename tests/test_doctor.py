"""The doctor says what is wrong with a home, and its repair heals it, or goes back, each step told."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from landmap.access import Database, database_faults, mend_database
from landmap.cli import command_line
from landmap.cli import doctor as doctors
from landmap.cli.console import Exit
from landmap.domain.errors import BusyError, StoreError
from landmap.store import Home, changes, mend, open_current, publish, stage, troubles
from landmap.store.lockfile import holder_of
from tests.hamlet import make_home, parcels, stations

OLD, NEW = ["A", "B"], ["C", "D", "E"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home with two versions; they share the stations' file."""
    made = make_home(tmp_path / "home")
    publish(made, {"parcels": parcels(*OLD), "facilities": stations("S")}, by="", note="old")
    publish(made, {"parcels": parcels(*NEW)}, by="", note="new")
    return made


def kinds(home: Home, *named: str) -> list[tuple[str, bool]]:
    return [(one.kind, one.current) for one in troubles(home, named)]


def served(home: Home) -> list[str]:
    snapshot = open_current(home)
    assert snapshot.warnings == ()
    return sorted(snapshot.layer("parcels")["parcel_id"])


def old_version(home: Home) -> Path:
    return home.snapshots / next(iter(changes(home))).id


def unlinked(path: Path, data: bytes) -> None:
    """Damage one name of a file and leave its hard links as they are."""
    path.unlink()
    path.write_bytes(data)


def test_a_sound_home_has_no_trouble(home: Home) -> None:
    stage(home, "parcels", parcels("Z"), [], {})
    assert troubles(home) == []
    assert list(mend(home, "doctor")) == []
    assert served(home) == NEW


@pytest.mark.parametrize("how", ["garbage", "lost"])
def test_a_pointer_that_cannot_be_read_is_written_again(home: Home, how: str) -> None:
    home.pointer.write_bytes(b"\x00") if how == "garbage" else home.pointer.unlink()
    assert kinds(home) == [("pointer", False)]
    (step,) = mend(home, "李工")
    assert "is current" in step
    assert served(home) == NEW
    last = list(changes(home))[-1]
    assert (last.action, last.by, last.note[:7]) == ("rollback", "李工", "doctor:")
    assert troubles(home) == []


@pytest.mark.parametrize("damage", [b"rot", None])
def test_a_damaged_current_version_without_a_copy_gives_way_to_the_one_before(home: Home, damage: bytes | None) -> None:
    file = open_current(home).path / "layers" / "parcels.parquet"
    file.write_bytes(damage) if damage else file.unlink()
    assert kinds(home) == [("version", True)]
    assert "parcels.parquet" in troubles(home)[0].what
    steps = list(mend(home, ""))
    assert "there is no copy of parcels.parquet" in steps[0]
    assert "is current" in steps[1]
    assert served(home) == OLD
    assert kinds(home) == [("version", False)]


def test_a_damaged_file_is_healed_from_a_copy(home: Home) -> None:
    file = open_current(home).path / "layers" / "facilities.parquet"
    unlinked(file, b"rot")
    assert kinds(home) == [("version", True)]
    (step,) = mend(home, "")
    assert step.startswith("healed facilities.parquet")
    assert served(home) == NEW
    assert troubles(home) == []


def test_the_districts_own_files_heal_those_of_every_version(home: Home) -> None:
    asset = open_current(home).path / "assets" / "basemap.geojson"
    for version in home.snapshots.iterdir():
        copy = version / "assets" / "basemap.geojson"
        copy.unlink()
    assert not asset.exists()
    assert sorted(kinds(home)) == [("version", False), ("version", True)]
    assert len(list(mend(home, ""))) == 2
    assert troubles(home) == []


def test_damage_to_an_old_version_is_told_and_does_not_touch_what_is_served(home: Home) -> None:
    (old_version(home) / "manifest.json").write_bytes(b"{}")
    assert kinds(home) == [("version", False)]
    (step,) = mend(home, "")
    assert "stays damaged" in step
    assert served(home) == NEW


def test_a_version_that_is_not_there_is_told_when_somebody_needs_it(home: Home) -> None:
    old = old_version(home)
    shutil.rmtree(old)
    assert troubles(home) == []
    assert kinds(home, old.name) == [("missing", False)]
    shutil.rmtree(open_current(home).path)
    with pytest.raises(StoreError, match=r"no version in .* is whole"):
        list(mend(home, ""))


def test_the_current_version_lost_goes_back_to_the_one_before(home: Home) -> None:
    shutil.rmtree(open_current(home).path)
    assert kinds(home) == [("missing", True)]
    assert "is current" in next(mend(home, ""))
    assert served(home) == OLD


def test_what_killed_writers_left_is_removed(home: Home) -> None:
    (home.snapshots / ".tmp-77").mkdir()
    (home.snapshots / ".tmp-77" / "layers").write_bytes(b"half")
    (home.staging / ".tmp-parcels.json").write_bytes(b"half")
    (home.path / ".tmp-CURRENT").write_bytes(b"half")
    assert kinds(home) == [("leftover", False)] * 3
    assert len(list(mend(home, ""))) == 3
    assert troubles(home) == []
    assert served(home) == NEW


def test_staging_that_is_of_no_use_is_removed_and_the_rest_stays(home: Home) -> None:
    kept = stage(home, "facilities", stations("S", "T"), [], {})
    torn = stage(home, "parcels", parcels("Z"), [], {})
    torn.path.write_bytes(b"rot")
    (home.staging / "parcels-0123456789abcdef.parquet").write_bytes(b"nobody's")
    (home.staging / "buildings.json").write_bytes(b"{}")
    told = {Path(one.where).name for one in troubles(home)}
    assert told == {"parcels.json", "parcels-0123456789abcdef.parquet", "buildings.json"}
    assert len(list(mend(home, ""))) >= 3
    assert [one.where for one in troubles(home)] in ([], [str(torn.path)])
    list(mend(home, ""))
    assert sorted(path.name for path in home.staging.iterdir()) == sorted(["facilities.json", kept.path.name])


def test_a_damaged_line_of_the_journal_is_dropped_and_kept_beside(home: Home) -> None:
    before = home.journal.read_bytes()
    lines = before.splitlines(keepends=True)
    home.journal.write_bytes(lines[0] + b'{"id":"torn\n' + lines[1])
    assert kinds(home) == [("journal", False)]
    (step,) = mend(home, "")
    assert "dropped 1 damaged lines" in step
    assert home.journal.read_bytes() == before
    assert len(list(home.journal.parent.glob("versions-damaged-*.jsonl"))) == 1


def test_a_writer_at_work_is_told_and_waited_for(home: Home) -> None:
    with home.lock():
        (one,) = troubles(home)
        assert (one.kind, one.what) == ("writing", f"process {os.getpid()} is writing")
        with pytest.raises(BusyError):
            list(mend(home, ""))
    assert holder_of(home.lock_file) is None


def test_a_lock_whose_taker_is_gone_is_taken_away(home: Home) -> None:
    # The lock is taken by a process that dies and leaves a child with the open file: nobody can free it any more.
    script = (
        "import fcntl, os, sys, time\n"
        "handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(handle, fcntl.LOCK_EX)\n"
        "child = os.fork()\n"
        "if child: print(child, flush=True); os._exit(0)\n"
        "os.close(1); os.close(2); time.sleep(60)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, home.lock_file], capture_output=True, text=True, check=True)
    child = int(done.stdout)
    try:
        (one,) = troubles(home)
        assert (one.kind, "stale" in one.what) == ("lock", True)
        with pytest.raises(BusyError):
            publish(home, {"parcels": parcels("Z")}, by="", note="")
        assert "took away the stale lock" in next(mend(home, ""))
        assert publish(home, {"parcels": parcels("Z")}, by="", note="").id == home.current_id()
        assert troubles(home) == []
    finally:
        os.kill(child, 9)


def test_a_handle_of_a_lock_file_that_was_taken_away_guards_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def flock(handle: int, how: int) -> None:
        calls.append(handle)
        real(handle, how)
        if len(calls) == 1:
            home.lock_file.unlink()

    real = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", flock)
    with home.lock():
        assert len(calls) == 2
        assert os.fstat(calls[1]).st_ino == home.lock_file.stat().st_ino


# --- the database beside the map ------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a database with two hundred rows over several pages, all of them on disk."""
    path = tmp_path / "landmap.db"
    Database.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO notes (text) VALUES (?)", [("李沧" * 200,)] * 200)
        connection.execute("CREATE INDEX notes_by_text ON notes (text)")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def notes(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM notes NOT INDEXED").fetchone()[0])


def torn(path: Path, share: float, length: int = 4096) -> None:
    """Overwrite one page of a database, so far into the file."""
    data = bytearray(path.read_bytes())
    start = int(len(data) * share) // 4096 * 4096
    data[start : start + length] = b"\xff" * length
    path.write_bytes(bytes(data))


def test_a_sound_database_is_left_alone(database: Path, tmp_path: Path) -> None:
    before = database.read_bytes()
    assert database_faults(database) == []
    assert database_faults(tmp_path / "none.db") == []
    assert list(mend_database(database, "2026-11-22")) == []
    assert database.read_bytes() == before


def test_of_a_torn_database_is_saved_what_can_be_read(database: Path) -> None:
    torn(database, 0.5)
    assert database_faults(database)
    steps = list(mend_database(database, "2026-11-22"))
    assert steps[0] == "kept the damaged database as landmap.db.damaged-2026-11-22" or "indices" in steps[0]
    assert database_faults(database) == []
    assert 0 < notes(database) <= 200
    Database.open(database).close()


def test_a_file_that_is_no_database_is_set_aside(database: Path) -> None:
    database.write_bytes(b"not a database" * 1000)
    steps = list(mend_database(database, "2026-11-22"))
    assert steps[-1].endswith("with nothing that could be read")
    assert database.with_name("landmap.db.damaged-2026-11-22").read_bytes() == b"not a database" * 1000
    Database.open(database).close()


# --- the command ------------------------------------------------------------------------------------------------------


def run(home: Home, *words: str, code: int) -> dict[str, object]:
    done = CliRunner().invoke(command_line(("doctor",)), ["doctor", "--home", str(home.path), *words, "--json"])
    assert done.exit_code == code, done.output
    return dict(orjson.loads(done.stdout))


def bad(told: dict[str, object]) -> list[str]:
    checks = told["checks"]
    assert isinstance(checks, list)
    return [str(one["name"]) for one in checks if not one["ok"]]


@pytest.fixture(autouse=True)
def _assets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctors, "ASSETS", ())


def test_the_command_tells_and_repairs(home: Home) -> None:
    assert bad(run(home, code=Exit.OK)) == []
    (home.snapshots / ".tmp-1").mkdir()
    (old_version(home) / "layers" / "parcels.parquet").write_bytes(b"rot")
    assert bad(run(home, code=Exit.STORE_CORRUPT)) == ["old versions", "leftovers"]
    unlinked(open_current(home).path / "layers" / "parcels.parquet", b"rot")
    unlinked(old_version(home) / "layers" / "parcels.parquet", Path(make_home_again(home)).read_bytes())
    told = run(home, code=Exit.STORE_CORRUPT)
    assert bad(told) == ["version", "leftovers"]
    repaired = run(home, "--repair", "--by", "李工", code=Exit.STORE_CORRUPT)
    steps = repaired["repaired"]
    assert isinstance(steps, list)
    assert [step.split(" ")[0] for step in steps] == ["removed", "version", "version"]
    assert bad(repaired) == ["old versions"]
    assert served(home) == OLD


def make_home_again(home: Home) -> Path:
    """Return a fresh file with the bytes of the old version's parcels."""
    other = make_home(home.path.parent / "again")
    publish(other, {"parcels": parcels(*OLD), "facilities": stations("S")}, by="", note="old")
    return open_current(other).path / "layers" / "parcels.parquet"


def test_the_command_speaks_to_people(home: Home) -> None:
    home.pointer.write_bytes(b"")
    app = command_line(("doctor",))
    told = CliRunner().invoke(app, ["doctor", "--home", str(home.path)])
    assert told.exit_code == Exit.STORE_CORRUPT
    assert "✗ version" in told.stdout
    mended = CliRunner().invoke(app, ["doctor", "--home", str(home.path), "--repair"])
    assert mended.exit_code == Exit.OK
    assert "· version" in mended.stdout
    assert "✗" not in mended.stdout


def test_the_command_says_when_it_cannot_help(home: Home) -> None:
    for version in home.snapshots.iterdir():
        (version / "manifest.json").unlink()
    told = run(home, "--repair", code=Exit.STORE_CORRUPT)
    assert "no version in" in str(told["failed"])


def test_the_command_mends_the_database(home: Home) -> None:
    (home.path / "landmap.db").write_bytes(b"not a database" * 1000)
    assert bad(run(home, code=Exit.STORE_CORRUPT)) == ["links"]
    assert bad(run(home, "--repair", code=Exit.OK)) == []


def test_a_full_disk_is_told_and_what_can_be_made_again_is_removed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (home.folder("cache") / "tiles.bin").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr(doctors, "FREE_MIN_BYTES", 1 << 60)
    assert bad(run(home, code=Exit.FAILURE)) == ["disk"]
    steps = run(home, "--repair", code=Exit.FAILURE)["repaired"]
    assert isinstance(steps, list)
    assert "2 MB that can be made again" in steps[-1]
    assert list(home.folder("cache").iterdir()) == []
