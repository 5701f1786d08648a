"""The steward in a browser: everything without script, on a desk and on a phone, in light and in dark."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from landmap import pipeline
from landmap.api import create_app
from landmap.domain import Level
from landmap.settings import Settings
from landmap.store import Home, open_current
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.test_accessibility import grave
from tests.browser.test_pages import fits
from tests.hamlet import square
from tests.served import listening

pytestmark = pytest.mark.browser
PAGES = ("/admin", "/admin/import", "/admin/versions", "/admin/jobs")


@pytest.fixture(scope="module")
def own(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home of this module's own, with the demo district in it."""
    made = tmp_path_factory.mktemp("steward") / "home"
    return Path(shutil.copytree(demo_home, made, ignore=shutil.ignore_patterns("landmap.db*")))


@pytest.fixture(scope="module")
def desk(own: Path) -> Iterator[str]:
    """Return where stewards are served, with a worker at the side."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANDMAP_ALLOW_UNCONFINED", "1")
        stop = threading.Event()
        worker = threading.Thread(target=pipeline.work, args=(Home(own), pipeline.KINDS, stop))
        worker.start()
        try:
            with listening(create_app(Settings(home=own, audience=Level.STEWARD))) as server:
                yield server.url
        finally:
            stop.set()
            worker.join()


@pytest.fixture
def steward(browser: Browser, desk: str) -> Iterator[Visitor]:
    visitor = Visitor(browser, desk)
    yield visitor
    assert visitor.leaves() == []


def delivery(folder: Path, id: str) -> Path:
    """Write a file with one new parcel and a value that tries to be markup."""
    name = "<img src=x onerror=alert(1)>"
    properties = {"parcel_id": id, "parcel_no": id, "parcel_name": name, "data_as_of": "2026-01-31"}
    feature = {"type": "Feature", "geometry": square(0, 0).__geo_interface__, "properties": properties}
    path = folder / "新增.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def arrives(page: Page, at: str) -> None:
    """Wait, as a person would, until the page that refreshes itself leads on."""
    page.wait_for_url(f"**{at}**", timeout=90_000)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_without_script_a_file_becomes_a_version_and_is_taken_back(
    steward: Visitor, own: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    id = f"370213-NEU-{size[0]}"
    before = Home(own).current_id()
    page = steward.opens("/admin/import", size, script=False)
    page.locator("input[name=files]").set_input_files(delivery(tmp_path, id))
    page.get_by_label("只新增").check()
    page.get_by_label("经办人").fill("李晓")
    page.get_by_role("button", name="上传并核查").click()
    arrives(page, "/admin/import/")
    assert fits(page)
    expect(page.get_by_role("heading", name="核查报告：地块")).to_be_visible()
    page.get_by_role("link", name="看会改变什么").click()
    assert fits(page)
    expect(page.locator("main")).to_contain_text(id)
    page.get_by_label("版本说明").fill("新增一宗")
    page.get_by_role("button", name="发布为新版本").click()
    arrives(page, "/admin/versions/")
    expect(page.get_by_role("status")).to_contain_text("已发布为版本")
    assert fits(page)
    assert id in set(open_current(Home(own)).layer("parcels")["parcel_id"])

    page.goto(f"{steward.url}/admin/versions")
    assert fits(page)
    page.locator(f"form[action*='{before}'] button").click()
    expect(page.get_by_role("status")).to_contain_text("已回到版本")
    assert Home(own).current_id() == before


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_grave_stands_on_a_page(steward: Visitor, axe_script: str, size: tuple[int, int], dark: bool) -> None:
    for path in PAGES:
        page = steward.opens(f"{path}?lang=en", size, dark=dark)
        assert grave(page, axe_script) == [], path
        assert fits(page), path


def test_a_report_and_its_changes_have_nothing_grave(steward: Visitor, axe_script: str, tmp_path: Path) -> None:
    page = steward.opens("/admin/import", PHONE)
    page.locator("input[name=files]").set_input_files(delivery(tmp_path, "370213-NEU-AXE"))
    page.get_by_label("只新增").check()
    page.get_by_label("经办人").fill("李晓")
    page.get_by_role("button", name="上传并核查").click()
    arrives(page, "/admin/import/")
    assert grave(page, axe_script) == []
    page.get_by_role("link", name="看会改变什么").click()
    assert grave(page, axe_script) == []


def test_the_theme_of_the_map_is_that_of_the_pages(steward: Visitor) -> None:
    page = steward.opens("/admin")
    page.get_by_role("button", name="切换深浅色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
