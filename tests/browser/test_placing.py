"""Corners are clicked on the map and stand in the form as text; what is typed shows on the map."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from landmap import pipeline
from landmap.api import create_app
from landmap.domain import Level
from landmap.settings import Settings
from landmap.store import Home, waiting
from tests.making_files import feature, write_csv, write_geojson
from tests.served import listening

HEAD = ("地块编号", "地块名称", "面积(亩)")


@pytest.fixture
def home(own_home: Path, tmp_path: Path) -> Home:
    """Return the demo home with a row and a shape that wait."""
    home = Home(own_home)
    ledger = write_csv(tmp_path / "台账.csv", [HEAD, ("LC2026-001", "金水路地块", 18.9)], delimiter=";")
    plan = write_geojson(tmp_path / "红线.geojson", feature(9, parcel_id=None, parcel_no="LC2026-0O1"))
    found = pipeline.join_files(home, [ledger], [plan], "parcels", mode="append")
    pipeline.keep_join(home, found, by="数据")
    return home


def test_corners_are_clicked_undone_and_typed(browser: Browser, home: Home) -> None:
    held = waiting(home, "parcels")
    app = create_app(Settings(home=home.path, audience=Level.STEWARD))
    with listening(app) as server, browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.goto(f"{server.url}/admin/unplaced/parcels/{held.rows[0].ref}", wait_until="networkidle")
        corners, taken = page.locator("#corners"), page.locator("[name=shape]:checked")
        box = page.locator(".living").bounding_box()
        assert box is not None
        for across, down in ((0.4, 0.2), (0.6, 0.2), (0.6, 0.4), (0.4, 0.4)):
            page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
            page.wait_for_timeout(300)
        lines = corners.input_value().split("\n")
        assert len(lines) == 4
        assert all(
            120.2 < float(line.split(",")[0]) < 120.7 and 36.0 < float(line.split(",")[1]) < 36.4 for line in lines
        )
        assert page.locator(".living path.leaflet-interactive").count() == 1  # the shape that waits
        drawn = page.locator(".living .leaflet-overlay-pane path").count()
        page.click("#undo")
        assert corners.input_value().split("\n") == lines[:3]
        page.click("#clear")
        assert corners.input_value() == ""
        assert page.locator(".living .leaflet-overlay-pane path").count() < drawn
        page.locator("[name=shape]").last.check()
        corners.fill("120.43, 36.18\n120.44, 36.18\n120.44, 36.19")
        assert taken.input_value() == ""
        assert page.locator(".living .leaflet-overlay-pane path").count() == 1 + 3 + 1
        assert faults == []
