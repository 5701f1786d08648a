"""The queue, operators' forms and freshness in a real browser: the whole way without script, nothing out of place."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from landmap.access import Confirmations, Database
from landmap.api import create_app
from landmap.domain import Level
from landmap.pipeline import fold_now
from landmap.settings import Settings
from landmap.store import Home
from tests.browser.conftest import DESK, PHONE, SMALL, Visitor
from tests.browser.test_accessibility import grave
from tests.served import listening
from tests.test_links_left_out import made as with_overdue

pytestmark = pytest.mark.browser
PARCEL, BUILDING = "370213-LC-0101-001", "370213-LY-001"
PAGES = (
    "/admin/amendments",
    "/admin/amendments/edit?layer=parcels&q=0101",
    f"/admin/amendments/edit?layer=parcels&id={PARCEL}",
    "/admin/amendments/forms?layer=building_units&q=001",
    f"/admin/amendments/forms/fill?layer=building_units&of={BUILDING}",
    "/admin/freshness?layer=buildings",
    "/admin/freshness/links",
)


@pytest.fixture
def home(own_home: Path) -> Home:
    return Home(own_home)


@pytest.fixture
def visitor(browser: Browser, home: Home) -> Iterator[Visitor]:
    """Return somebody at a server for stewards, on a home of their own."""
    with listening(create_app(Settings(home=home.path, audience=Level.STEWARD))) as server:
        made = Visitor(browser, server.url)
        yield made
        assert made.leaves() == []


@pytest.fixture
def link(home: Home) -> str:
    """Return the path of a confirmation link for a building."""
    database = Database.open(home.path / "landmap.db")
    links = Confirmations(home, database)
    token, _ = links.create("buildings", BUILDING, owner="张", now=dt.datetime.now(dt.UTC))
    database.close()
    return f"/c/{token}"


def test_sold_this_morning_without_script(home: Home, visitor: Visitor) -> None:
    page = visitor.opens("/admin/amendments", script=False)
    page.get_by_role("link", name="改一条记录").click()
    page.get_by_label("编号、名称或地址").fill("0101-001")
    page.get_by_role("button", name="查找").click()
    page.locator(".hits a").first.click()
    page.get_by_label("供应阶段").select_option("sold")
    page.get_by_label("依据文件").fill("成交确认书〔2026〕8号")
    page.get_by_label("经办人").fill("李四")
    page.get_by_role("button", name="提交待审").click()
    expect(page.locator(".diff")).to_contain_text("已成交")
    expect(page.get_by_label("经办人").first).to_have_value("李四")
    page.get_by_role("button", name="批准并立即发布").click()
    expect(page.locator(".standing")).to_contain_text("正在发布")
    version = fold_now(home, by="李四")[0].id
    expect(page.locator(".standing")).to_contain_text(version[:12])


def test_an_owner_confirms_with_one_tap_on_a_phone(visitor: Visitor, link: str) -> None:
    page = visitor.opens(link, SMALL, script=False, expected={410})
    page.get_by_role("button", name="都没变，确认").click()
    expect(page.get_by_role("heading")).to_have_text("谢谢，已收到")
    assert page.url.endswith("/c/done?lang=zh")
    page.reload()
    expect(page.get_by_role("heading")).to_have_text("谢谢，已收到")
    page.goto(visitor.url + link)
    expect(page.get_by_role("heading")).to_have_text("这个确认链接用不了")


def test_an_owner_tells_what_has_changed_on_a_phone(visitor: Visitor, link: str) -> None:
    page = visitor.opens(f"{link}?lang=en", SMALL, script=False, lang="en", expected={400})
    page.locator("details.change > summary").click()
    page.locator("[name=available_area_m2]").fill("a lot")
    page.get_by_role("button", name="Send changes").click()
    expect(page.locator(".wrong .problem")).to_have_count(1)
    page.locator("[name=available_area_m2]").fill("1200")
    page.get_by_role("button", name="Send changes").click()
    expect(page.get_by_role("heading")).to_have_text("Thank you, received")


def test_links_are_made_and_the_first_opens(visitor: Visitor) -> None:
    page = visitor.opens("/admin/freshness?layer=buildings", script=False)
    page.locator("td .tick").first.check()
    page.get_by_label("经办人").fill("李四")
    page.get_by_role("button", name="为所选生成确认链接").click()
    address = page.locator(".made input").input_value()
    page.goto(visitor.url + address)
    expect(page.get_by_role("button", name="都没变，确认")).to_be_visible()


def test_an_officer_reads_why_an_overdue_record_gets_no_link(browser: Browser, tmp_path: Path) -> None:
    home = with_overdue(tmp_path / "home", "red")
    with listening(create_app(Settings(home=home.path, audience=Level.OFFICER))) as server:
        officer = Visitor(browser, server.url)
        page = officer.opens("/?layer=buildings&id=RED")
        expect(page.locator("#why-no-link")).to_contain_text("前确认")
        expect(page.get_by_role("button", name="生成链接")).to_be_disabled()
        assert officer.leaves() == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(visitor: Visitor, path: str) -> None:
    page = visitor.opens(path, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_a_confirmation_fits_the_smallest_phone(visitor: Visitor, link: str) -> None:
    page = visitor.opens(link, SMALL)
    page.locator("details.change > summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL[0]
    boxes = [one.bounding_box() for one in page.get_by_role("button").all()]
    assert all(box is not None and box["height"] >= 44 for box in boxes)


@pytest.mark.parametrize(("size", "dark"), [(DESK, False), (PHONE, True)], ids=["desk", "dark phone"])
def test_axe_finds_nothing_serious(
    visitor: Visitor, link: str, axe_script: str, size: tuple[int, int], dark: bool
) -> None:
    for path in PAGES:
        assert grave(visitor.opens(path, size, dark=dark), axe_script) == [], path
    page = visitor.opens(link, size, dark=dark)
    page.locator("details.change > summary").click()
    assert grave(page, axe_script) == []
