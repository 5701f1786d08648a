"""What is handed over as a file, or shown in a notebook, holds nothing that its reader may not see."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import landmap
from landmap.cli import command_line
from landmap.domain import PolicyClass, collections, frame_of, layers
from landmap.render import FORMATS
from tests.canaries import Canary, flock, hidden_fields, publish_flock
from tests.crawl import BRIEFED, Told

app = command_line()

AUDIENCES = {"public": "public", "partner": "partner", "officer": "internal"}
audiences = pytest.mark.parametrize("level", AUDIENCES)
#: Formats with a place for number, name, use and outline alone.
NARROW = {"guotu_txt"}
layered = pytest.mark.parametrize("layer", collections())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_flock(tmp_path_factory.mktemp("files") / "home")[0].path


def run(*words: object) -> str:
    """Return what a command printed, on either stream."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return str(done.output)


def hidden_in(text: str, audience: str) -> set[str]:
    return {str(one) for one in flock().seen_in(text) if audience not in one.readers}


def visible(layer: str, audience: str) -> set[Canary]:
    return {one for one in flock().visible(audience) if one.layer == layer}


@audiences
@layered
@pytest.mark.parametrize("key", FORMATS)
def test_an_export_holds_what_its_reader_may_see(home: Path, tmp_path: Path, level: str, layer: str, key: str) -> None:
    file = tmp_path / f"out.{key}"
    said = run("export", "--home", home, "--layer", layer, "-f", key, "-o", file, "--audience", level)
    text = Told("", 0, said, file.read_bytes()).text
    assert hidden_in(text, AUDIENCES[level]) == set()
    assert key in NARROW or visible(layer, AUDIENCES[level]) <= flock().seen_in(text)
    for word in ("qxbyxq", "qxnotexq", "qxsourcexq", "qxfindingxq", str(tmp_path), str(home)):
        assert word not in text.replace(said, "")


def test_an_export_is_for_the_public_unless_somebody_says_otherwise(home: Path, tmp_path: Path) -> None:
    plain, public = tmp_path / "plain.csv", tmp_path / "public.csv"
    run("export", "--home", home, "-o", plain)
    run("export", "--home", home, "-o", public, "--audience", "public")
    assert plain.read_bytes() == public.read_bytes()


@pytest.mark.parametrize("layer", BRIEFED)
def test_a_brief_is_for_the_public_unless_somebody_says_otherwise(home: Path, tmp_path: Path, layer: str) -> None:
    file = tmp_path / "brief.pdf"
    id = flock().ids(layer, "public")[0]
    said = run("brief", id, "--home", home, "--layer", layer, "-o", file, "--json")
    text = Told("", 0, said, file.read_bytes()).text
    assert hidden_in(text, "public") == set()
    assert id in text
    for word in (str(tmp_path), str(home), "/root/", "/tmp/"):
        assert word not in text.replace(said, "")


@pytest.mark.parametrize("layer", BRIEFED)
@pytest.mark.parametrize("level", ["public", "partner"])
def test_there_is_no_brief_of_a_hidden_record(home: Path, tmp_path: Path, layer: str, level: str) -> None:
    told = set()
    for id in (*flock().ids(layer, level, hidden=True), "qx99999xq"):
        words = ("brief", id, "--home", home, "--layer", layer, "-o", tmp_path / "none.pdf", "--audience", level)
        done = CliRunner().invoke(app, [str(word) for word in words])
        told.add((done.exit_code, done.output.replace(id, "ID")))
        assert list(tmp_path.iterdir()) == []
    assert len(told) == 1


@audiences
@layered
def test_a_saved_map_holds_what_its_reader_may_see(home: Path, tmp_path: Path, level: str, layer: str) -> None:
    selection = landmap.open(home, audience=level).select(layer)
    file = tmp_path / "map.html"
    landmap.map(selection).save(str(file))
    text = file.read_text("utf-8") + landmap.map(selection)._repr_html_()
    assert hidden_in(text, AUDIENCES[level]) == set()
    assert set(flock().ids(layer, AUDIENCES[level])) <= {one.text for one in flock().seen_in(text)}


@audiences
@layered
def test_a_frame_holds_what_its_reader_may_see(home: Path, level: str, layer: str) -> None:
    audience = AUDIENCES[level]
    frame = landmap.open(home, audience=level).select(layer).to_geodataframe()
    text = frame.reset_index().to_csv()
    assert hidden_in(text, audience) == set()
    assert visible(layer, audience) <= flock().seen_in(text)
    assert set(frame.columns).isdisjoint(hidden_fields(layer, audience))


@audiences
@layered
def test_what_a_notebook_prints_of_an_object_holds_no_value(home: Path, level: str, layer: str) -> None:
    opened = landmap.open(home, audience=level)
    selection = opened.select(layer)
    shown = [repr(one) for one in (opened, opened.catalog, opened.catalog.engine, opened.catalog.snapshot, selection)]
    assert {str(one) for one in flock().seen_in("\n".join(shown))} == set()
    assert not any(word in "\n".join(shown) for word in ("qxbyxq", "qxnotexq", "qxsourcexq", "qxfindingxq"))


def test_python_and_command_line_open_a_home_as_the_public(home: Path) -> None:
    assert landmap.open(home).select("parcels").ids() == landmap.open(home, audience="public").select("parcels").ids()
    assert set(landmap.open(home).select("parcels").ids()) == set(flock().ids("parcels", "public"))


def test_a_layer_read_whole_is_read_as_its_reader(home: Path) -> None:
    """Nested rows and layers that are no collection included."""
    catalog = landmap.open(home).catalog
    for name in layers.layers():
        for asking in PolicyClass:
            text = frame_of(catalog.table(name, asking)).to_csv()
            assert hidden_in(text, asking.value) == set(), name
            assert visible(name, asking.value) <= flock().seen_in(text), name


def test_a_list_of_links_tells_no_token(home: Path) -> None:
    made = json.loads(run("share", "--home", home, "--parcel", flock().ids("parcels", "public")[0], "--json"))
    token = made["url"].rpartition("/")[2]
    for words in (
        ("share", "--home", home, "--list"),
        ("share", "--home", home, "--list", "--json"),
        ("doctor", "--home", home),
    ):
        assert token not in run(*words)
    held = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert token.encode() not in held
    assert token.removeprefix("lm_s_").encode() not in held
