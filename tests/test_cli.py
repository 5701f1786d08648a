"""The command line: examples in every help, one JSON object for machines, documented exit codes, never a traceback."""

import fcntl
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import geopandas as gpd
import orjson
import pytest
import shapely
from typer.testing import CliRunner, Result

from landmap.cli import command_line
from landmap.cli.console import Exit
from landmap.render import FORMATS
from landmap.store import Home, open_current

app = command_line()

COMMANDS = (
    "demo", "check", "import", "diff", "publish", "history", "rollback", "doctor", "export", "share", "brief", "serve",
    "amend", "form", "attach", "confirm-links", "work",
)  # fmt: skip
PARCEL = "370213-LC-0101-002"
LANDMAP = (sys.executable, "-c", "from landmap.cli import main; main()")


def run(*words: object) -> Result:
    """Run a command line in this process; whatever goes wrong is told, never raised."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    return done


def told(*words: object, code: int = Exit.OK) -> dict[str, Any]:
    """Return the one object that a command prints with ``--json``."""
    done = run(*words, "--json")
    assert done.exit_code == code, done.output
    assert done.stdout.count("\n") == 1
    found = orjson.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def good_file(tmp_path: Path) -> Path:
    """Return three squares in the district that no parcel of the demo covers."""
    squares = [shapely.box(x, 36.2, x + 0.001, 36.201) for x in (120.45, 120.452, 120.454)]
    names = ["甲", "乙", "丙"]
    table = {"parcel_id": ["T-1", "T-2", "T-3"], "parcel_name": names, "land_use_code": ["100101"] * 3}
    path = tmp_path / "地块.gpkg"
    gpd.GeoDataFrame(table, geometry=squares, crs=4490).to_file(path)
    return path


@pytest.fixture
def bad_file(tmp_path: Path) -> Path:
    """Return two records, one of them without its square."""
    squares = [shapely.box(120.45, 36.2, 120.451, 36.201), None]
    path = tmp_path / "mixed.geojson"
    table = {"parcel_id": ["B-1", "B-2"], "land_use_code": ["100101", "100102"]}
    gpd.GeoDataFrame(table, geometry=squares, crs=4490).to_file(path, driver="GeoJSON")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_shows_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.exit_code == 0
    example = re.search(r"Example: (landmap .*)", done.stdout)
    assert example is not None
    assert example[1].split()[1] == command


def test_the_commands_are_these_and_the_codes_are_documented() -> None:
    done = run("--help")
    assert {command for command in COMMANDS if re.search(rf"\b{command}\b", done.stdout)} == set(COMMANDS)
    for code in Exit:
        assert str(int(code)) in done.stdout
    assert re.fullmatch(r"landmap \d+\.\d+\.\d+\S*\n", run("--version").stdout)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check"], Exit.USAGE),
        (["nonsense"], Exit.USAGE),
        (["history", "--home", "{none}"], Exit.STORE_CORRUPT),
        (["history", "--nonsense"], Exit.USAGE),
        (["check", "{none}", "--layer", "attics"], Exit.USAGE),
        (["check", "{none}", "--layer", "parcels", "--visibility", "secret"], Exit.USAGE),
        (["check", "{none}", "--layer", "parcels", "--lang", "fr"], Exit.USAGE),
        (["check", "{none}", "--layer", "parcels"], Exit.DATA_INVALID),
        (["import", "{none}", "--layer", "parcels", "--home", "{none}"], Exit.STORE_CORRUPT),
        (["publish", "--home", "{demo}"], Exit.FAILURE),
        (["rollback", "ffffff", "--home", "{demo}"], Exit.FAILURE),
        (["diff", "--home", "{demo}"], Exit.FAILURE),
        (["diff", "parcels", "--home", "{demo}"], Exit.FAILURE),
        (["diff", "attics", "--home", "{demo}"], Exit.USAGE),
        (["diff", "ffffff", "eeeeee", "--home", "{demo}"], Exit.FAILURE),
        (["publish", "--withdraw", "nothing", "--home", "{demo}"], Exit.USAGE),
        (["publish", "--withdraw", "nothing=x", "--home", "{demo}"], Exit.USAGE),
        (["publish", "--renumber", "A=B", "--renumber", "A=C", "--home", "{demo}"], Exit.USAGE),
        (["import", "{none}", "--layer", "parcels", "--mode", "merge", "--home", "{demo}"], Exit.USAGE),
        (["export", "--version", "ffffff", "--home", "{demo}", "-o", "{out}.csv"], Exit.FAILURE),
        (["export", "area_min=many", "--home", "{demo}", "-o", "{out}.csv"], Exit.USAGE),
        (["export", "area_min", "--home", "{demo}", "-o", "{out}.csv"], Exit.USAGE),
        (["export", "nonsense=1", "--home", "{demo}", "-o", "{out}.csv"], Exit.USAGE),
        (["export", "status=idle", "--home", "{demo}", "-o", "{out}.csv"], Exit.USAGE),
        (["export", "--sort", "land_status", "--home", "{demo}", "-o", "{out}.csv"], Exit.USAGE),
        (["export", "--layer", "attics", "--home", "{demo}", "-o", "{out}.csv"], Exit.FAILURE),
        (["export", "--home", "{demo}", "-o", "{out}.docx"], Exit.USAGE),
        (["export", "--home", "{demo}", "-o", "-"], Exit.USAGE),
        (["export", "--audience", "king", "--home", "{demo}", "-o", "{out}.csv"], Exit.USAGE),
        (["share", "--home", "{demo}"], Exit.USAGE),
        (["share", "--home", "{demo}", "--parcel", "nothing"], Exit.FAILURE),
        (["share", "--home", "{demo}", "--parcel", PARCEL, "--days", "0"], Exit.USAGE),
        (["share", "--home", "{demo}", "--revoke", "nothing"], Exit.FAILURE),
        (["brief", "nothing", "--home", "{demo}", "-o", "{out}.pdf"], Exit.FAILURE),
        (["brief", PARCEL, "--layer", "districts", "--home", "{demo}", "-o", "{out}.pdf"], Exit.USAGE),
        (["doctor", "--home", "{none}"], Exit.STORE_CORRUPT),
    ],
)
def test_a_refusal_is_one_object_and_one_code(words: list[str], code: Exit, demo_home: Path, tmp_path: Path) -> None:
    names = {"demo": demo_home, "none": tmp_path / "none", "out": tmp_path / "out"}
    filled = [word.format(**names) for word in words]
    if filled[0] != "nonsense":
        found = told(*filled, code=code)
        assert {"error", "inputs", "checks"} & found.keys()
    plain = run(*filled)
    assert plain.exit_code == (code if "-" not in filled[-1:] else Exit.OK)
    assert plain.exit_code == Exit.OK or plain.stderr or plain.stdout
    assert not list(tmp_path.glob("out*"))


def test_a_check_tells_every_fault_and_stores_nothing(good_file: Path, bad_file: Path, demo_home: Path) -> None:
    good = told("check", good_file, "--layer", "parcels", "--home", demo_home)
    assert [one["rows_accepted"] for one in good["inputs"]] == [3]
    bad = told("check", good_file, bad_file, "--layer", "parcels", code=Exit.DATA_INVALID)
    assert [one["rows_read"] for one in bad["inputs"]] == [3, 2]
    (fault,) = [one for one in bad["findings"] if one["severity"] == "error"]
    known = {"code", "severity", "file", "layer", "row", "field", "value", "message", "fix"}
    assert set(fault) == known | {"rows", "count", "proposal", "key", "title"}
    assert (fault["file"], fault["row"], fault["field"]) == ("mixed.geojson", 2, "geometry")
    assert "no geometry" in run("check", bad_file, "--layer", "parcels", "--lang", "en").stdout


def test_a_layer_goes_from_file_to_version_and_back(own_home: Path, good_file: Path) -> None:
    before = open_current(Home(own_home)).id
    staged = told("import", good_file, "--layer", "parcels", "--home", own_home, "--visibility", "public")
    assert (staged["staged"], staged["version"]) == ("parcels", None)
    assert staged["inputs"][0]["rows_public"] == 3
    assert open_current(Home(own_home)).id == before
    version = told("publish", "--home", own_home, "--note", "试", "--by", "李工")["version"]
    history = told("history", "--home", own_home)["versions"]
    assert [one["current"] for one in history] == [True, False]
    assert (history[0]["id"], history[0]["note"], history[0]["by"]) == (version, "试", "李工")
    assert history[0]["rows"]["parcels"] == 3
    assert told("rollback", before[:8], "--home", own_home)["version"] == before
    assert open_current(Home(own_home)).id == before
    assert "试" in run("history", "--home", own_home).stdout
    assert run("publish", "--home", own_home).exit_code == Exit.FAILURE


def test_good_rows_are_taken_unless_the_steward_is_strict(own_home: Path, bad_file: Path) -> None:
    words = ("import", bad_file, "--layer", "parcels", "--home", own_home)
    refused = told(*words, "--strict", code=Exit.DATA_INVALID)
    assert (refused["staged"], refused["version"]) == (None, None)
    taken = told(*words, "--publish")
    assert taken["inputs"][0]["rows_accepted"] == 1
    assert open_current(Home(own_home)).id == taken["version"]


def test_a_folder_with_a_district_becomes_a_home(tmp_path: Path, repo: Path, good_file: Path) -> None:
    home = tmp_path / "new"
    home.mkdir()
    for name in ("district.toml", "basemap.geojson"):
        (home / name).write_bytes((repo / "geodata/licang" / name).read_bytes())
    found = told("import", good_file, "--layer", "parcels", "--home", home, "--visibility", "public", "--publish")
    assert open_current(Home(home)).id == found["version"]


@pytest.mark.parametrize("key", FORMATS)
def test_an_export_takes_its_format_from_the_name(demo_home: Path, tmp_path: Path, key: str) -> None:
    file = tmp_path / f"selection.{FORMATS[key].extension}"
    found = told("export", "area_min=60", "preset=industrial_land", "--home", demo_home, "-o", file)
    assert found["file"] == str(file)
    assert found["records"] > 0
    named = tmp_path / "named"
    assert told("export", "area_min=60", "preset=industrial_land", "-f", key, "--home", demo_home, "-o", named)
    assert file.stat().st_size > 1000
    assert abs(file.stat().st_size - named.stat().st_size) < 5000
    if key == "geojson":
        assert len(orjson.loads(file.read_bytes())["features"]) == found["records"]


def test_an_export_sees_what_its_audience_sees(demo_home: Path, tmp_path: Path) -> None:
    words = ("export", "--home", demo_home, "-o", tmp_path / "all.csv")
    public, officer = told(*words), told(*words, "--audience", "officer")
    assert public["records"] < officer["records"]
    assert told(*words, "--audience", "officer", "status=idle")["records"] < officer["records"]


def test_a_link_is_made_listed_and_revoked(own_home: Path) -> None:
    base = ("--base-url", "https://map.example.org/")
    made = told("share", "--home", own_home, "--parcel", PARCEL, "--title", "甲", "--days", "7", *base)
    assert re.fullmatch(r"https://map\.example\.org/s/lm_s_[A-Za-z0-9_-]{43}", made["url"])
    (listed,) = told("share", "--home", own_home, "--list")["links"]
    assert (listed["public_id"], listed["parcels"], listed["revoked_at"]) == (made["id"], [PARCEL], None)
    assert made["url"].rpartition("/")[2] not in str(listed)
    assert told("share", "--home", own_home, "--revoke", made["id"]) == {"revoked": made["id"]}
    assert told("share", "--home", own_home, "--list")["links"][0]["revoked_at"]
    assert "revoked" in run("share", "--home", own_home, "--list").stdout


def test_a_brief_is_a_pdf(demo_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "brief.pdf"
    found = told("brief", PARCEL, "--home", demo_home, "-o", file, "--lang", "en")
    assert found["bytes"] == file.stat().st_size
    assert file.read_bytes().startswith(b"%PDF-")


def test_the_doctor_finds_damage(own_home: Path) -> None:
    assert told("doctor", "--home", own_home)["ok"] is True
    snapshot = open_current(Home(own_home))
    parcels = next(snapshot.path.glob("**/parcels*.parquet"))
    parcels.chmod(0o644)
    parcels.write_bytes(b"nothing")
    found = told("doctor", "--home", own_home, code=Exit.STORE_CORRUPT)
    assert [one["name"] for one in found["checks"] if not one["ok"]] == ["version"]
    assert told("history", "--home", own_home)["versions"]


def test_a_busy_home_says_so(own_home: Path, good_file: Path) -> None:
    with (own_home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = told("import", good_file, "--layer", "parcels", "--home", own_home, code=Exit.BUSY)
    assert found["error"]["code"] == "busy"


def test_the_demo_is_made_once(demo_home: Path) -> None:
    version = open_current(Home(demo_home)).id
    assert told("demo", "--home", demo_home) == {"home": str(demo_home), "version": version}


def test_serving_needs_a_home_and_a_sound_setting(tmp_path: Path, demo_home: Path) -> None:
    assert run("serve", "--home", tmp_path / "none").exit_code == Exit.STORE_CORRUPT
    outside = run("serve", "--home", demo_home, "--host", "0.0.0.0", "--audience", "officer")
    assert outside.exit_code == Exit.USAGE
    assert "this machine only" in outside.stderr
    assert run("serve", "--home", demo_home, "--port", "70000").exit_code == Exit.USAGE


def test_a_server_tells_its_address_and_stops_when_told(demo_home: Path, tmp_path: Path) -> None:
    command = [*LANDMAP, "serve", "--home", str(demo_home), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stderr is not None
        address = re.search(r"http://127\.0\.0\.1:(\d+)/", process.stderr.readline())
        assert address is not None
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            busy = run("serve", "--home", demo_home, "--port", taken.getsockname()[1])
        with urlopen(f"{address[0]}healthz") as answer:
            assert answer.read() == b'{"status":"ok"}'
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode in (Exit.INTERRUPTED, -signal.SIGINT)
    assert "Traceback" not in rest
    assert busy.exit_code == Exit.FAILURE
    assert "cannot listen" in busy.stderr


def test_colours_and_progress_are_for_terminals(demo_home: Path, bad_file: Path) -> None:
    command = [
        *LANDMAP,
        "check",
        str(bad_file),
        "--layer",
        "parcels",
    ]
    plain = subprocess.run(command, capture_output=True, check=False)
    assert plain.returncode == Exit.DATA_INVALID
    assert b"\x1b" not in plain.stdout + plain.stderr
    leader, follower = pty.openpty()
    environ = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with subprocess.Popen(command, stdout=follower, stderr=follower, env=environ) as process:
        os.close(follower)
        shown = b"".join(read_all(lambda: os.read(leader, 65536)))
    os.close(leader)
    assert process.returncode == Exit.DATA_INVALID
    assert b"\x1b[" in shown


def read_all(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Yield what a terminal shows until its program has ended."""
    try:
        while chunk := read():
            yield chunk
    except OSError:
        return


def test_a_name_that_is_no_text_breaks_nothing(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\xfe.gpkg"
    for more in ([], [b"--json"]):
        command = [
            *LANDMAP,
            "check",
            name,
            "--layer",
            "parcels",
            *more,
        ]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == Exit.DATA_INVALID
        assert b"Traceback" not in done.stderr
