"""A home with three parcels, and its steward, who is let upload."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from landmap.pipeline import publish_amended
from tests.hamlet import make_home, parcels
from tests.steward import Steward, steward_at


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home in which three parcels are published."""
    made = make_home(tmp_path / "home")
    frame = parcels("A", "B", "C", supply_stage="announced", visibility="public", location_text="兴华路以东")
    publish_amended(made, {"parcels": frame}, by="数据", note="第一版")
    return made.path


@pytest.fixture
def steward(home: Path) -> Iterator[Steward]:
    with steward_at(home) as made:
        yield made


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take uploads although tests check files in their own process."""
    monkeypatch.setenv("LANDMAP_ALLOW_UNCONFINED", "1")
