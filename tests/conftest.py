"""What tests need from the machine they run on: real files, a browser. Absent means skip, under `CI=true` a failure."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings

from tests.served import client as client
from tests.served import demo_home as demo_home
from tests.served import live_server as live_server
from tests.served import officer_client as officer_client
from tests.served import own_home as own_home

# Machines are noisy, so no case has a deadline; a run that decides about a change draws the same cases each time.
settings.register_profile("landmap", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("landmap")

# Files are checked in the tests' own process, where they can be watched and patched; `confined` turns that off.
os.environ.setdefault("LANDMAP_CHECK_HERE", "1")

REPO = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def absent(what: str, advice: str) -> NoReturn:
    """Skip the test, or fail it where everything must be present."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: {advice}", pytrace=False)
    pytest.skip(f"{what}: {advice}")


@pytest.fixture(scope="session")
def repo() -> Path:
    """Return the root of the checkout."""
    return REPO


@pytest.fixture
def confined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check files in a confined process, as everywhere outside the tests."""
    monkeypatch.delenv("LANDMAP_CHECK_HERE")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of real and messy files; they are shared between checkouts and never copied into one."""
    folder = Path(os.environ.get("LANDMAP_TEST_DATA") or REPO.parent / "shared" / "data")
    if not folder.is_dir():
        absent(f"no test data in {folder}", "set LANDMAP_TEST_DATA to the folder of real files")
    return folder


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Return the Chromium that browser tests drive: `LANDMAP_CHROMIUM`, else the system's."""
    named = os.environ.get("LANDMAP_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not found or not Path(found).is_file():
        absent("no Chromium", "apt-get install chromium, or set LANDMAP_CHROMIUM to its path")
    return Path(found)


@pytest.fixture(scope="session")
def pdftoppm_path() -> Path:
    """Return poppler's program that turns the pages of a PDF into pictures."""
    found = shutil.which("pdftoppm")
    if not found:
        absent("no pdftoppm", "apt-get install poppler-utils")
    return Path(found)


@pytest.fixture(scope="session")
def other_reader() -> Callable[..., dict[str, Any]]:
    """Return the decoder of vector tiles that ours are compared with."""
    if importlib.util.find_spec("mapbox_vector_tile") is None:
        absent("no mapbox-vector-tile", "make setup")
    decode: Callable[..., dict[str, Any]] = importlib.import_module("mapbox_vector_tile").decode
    return decode


@pytest.fixture(scope="session")
def axe_script(repo: Path) -> str:
    """Return the accessibility checker that browser tests run inside a page."""
    source = repo / "web/node_modules/axe-core/axe.min.js"
    if not source.is_file():
        absent("no axe-core", "make setup")
    return source.read_text(encoding="utf-8")
