"""The doctor looks at what waits for a shape too: damaged, torn, lost and foreign files are told, and put right."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from landmap.cli import command_line
from landmap.cli.console import Exit
from landmap.store import Home, WaitingRow, forget_unplaced, keep_unplaced, mend, publish, troubles, waiting
from landmap.store.seal import seal
from tests.hamlet import make_home, parcels


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home in which two rows wait, one of them since the last change."""
    made = make_home(tmp_path / "home")
    publish(made, {"parcels": parcels("A")}, by="", note="")
    for number in ("W-1", "W-2"):
        row = WaitingRow(number, number.lower(), "台账.csv", 2, made.district().today())
        keep_unplaced(made, "parcels", [row], [], {})
    return made


def folder(home: Home) -> Path:
    return home.path / "unplaced" / "parcels"


def numbers(home: Home) -> list[str | None]:
    return [one.number for one in waiting(home, "parcels").rows]


def told(home: Home) -> list[tuple[str, str]]:
    return [(one.kind, Path(one.where).name) for one in troubles(home)]


def test_what_waits_soundly_is_no_trouble(home: Home) -> None:
    assert (troubles(home), list(mend(home, "doctor"))) == ([], [])
    assert numbers(home) == ["W-1", "W-2"]


@pytest.mark.parametrize("damage", ["flipped", "torn", "empty", "lost"])
def test_a_damaged_file_goes_back_to_what_waited_before(home: Home, damage: str) -> None:
    path = folder(home) / "waiting.json"
    data = path.read_bytes()
    if damage == "lost":
        path.unlink()
    else:
        path.write_bytes(
            {"flipped": data.replace(b"W-2", b"W-3"), "torn": data[: len(data) // 2], "empty": b""}[damage]
        )
    assert told(home) == [("unplaced", "waiting.json")]
    (step,) = mend(home, "doctor")
    assert "put back what waited of parcels" in step
    assert numbers(home) == ["W-1"]
    kept = [one.name for one in folder(home).glob("waiting-damaged-*.json")]
    assert len(kept) == (0 if damage == "lost" else 1)
    assert all(name in step for name in kept)
    assert troubles(home) == []


def test_without_a_whole_copy_the_file_is_set_aside_and_told(home: Home) -> None:
    for name in ("waiting.json", "earlier.json"):
        (folder(home) / name).write_bytes(b"{")
    assert told(home) == [("unplaced", "waiting.json")]
    (step,) = mend(home, "doctor")
    assert step.startswith("nothing waits of parcels any more")
    assert "join the ledger again" in step
    assert (numbers(home), troubles(home)) == ([], [])


def test_a_damaged_copy_is_made_again(home: Home) -> None:
    (folder(home) / "earlier.json").write_bytes(b"rot")
    assert told(home) == [("unplaced", "earlier.json")]
    assert len(list(mend(home, "doctor"))) == 1
    assert (numbers(home), troubles(home)) == (["W-1", "W-2"], [])


def test_foreign_files_are_told_and_left(home: Home) -> None:
    strangers = [folder(home) / "notes.txt", folder(home).parent / "parcelz", folder(home).parent / "x.json"]
    strangers[1].mkdir()
    for path in (strangers[0], strangers[2]):
        path.write_text("mine")
    assert sorted(told(home)) == [("unplaced", "notes.txt"), ("unplaced", "parcelz"), ("unplaced", "x.json")]
    assert {one.cure for one in troubles(home)} == {"move it away"}
    assert list(mend(home, "doctor")) == []
    assert all(path.exists() for path in strangers)
    assert numbers(home) == ["W-1", "W-2"]


def test_a_file_of_a_newer_landmap_is_told_and_left(home: Home) -> None:
    path = folder(home) / "waiting.json"
    path.write_bytes(seal({"rows": [{"since": "2026-11-22", "colour": "red"}], "shapes": []}))
    (trouble,) = troubles(home)
    assert "another form" in trouble.what
    before = path.read_bytes()
    assert list(mend(home, "doctor")) == []
    assert path.read_bytes() == before


def test_what_a_killed_writer_left_is_swept(home: Home) -> None:
    (folder(home) / ".tmp-waiting.json").write_bytes(b"half")
    assert told(home) == [("leftover", ".tmp-waiting.json")]
    assert len(list(mend(home, "doctor"))) == 1
    assert troubles(home) == []


def test_forgetting_what_is_published_keeps_the_rest(home: Home) -> None:
    keep_unplaced(home, "parcels", [], [], {"w-1": "A"})
    assert numbers(home) == ["W-1", "W-2"], "its record was there before: only its own publish settles it"
    assert [one.number for one in forget_unplaced(home, "parcels", ["A"]).rows] == ["W-2"]
    assert numbers(home) == ["W-2"]
    assert troubles(home) == []


def test_the_command_tells_and_repairs(home: Home) -> None:
    (folder(home) / "waiting.json").write_bytes(b"rot")
    run, app = CliRunner(), command_line()
    done = run.invoke(app, ["doctor", "--home", str(home.path)])
    assert done.exit_code == Exit.FAILURE
    assert "✗ waiting rows: 1 to look at" in done.stdout
    done = run.invoke(app, ["doctor", "--home", str(home.path), "--repair"])
    assert "✓ waiting rows: sound" in done.stdout
