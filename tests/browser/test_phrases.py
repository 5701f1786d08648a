"""The search box: a typed phrase becomes chips, and what was not understood is said."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.journeys import Workspace
from tests.browser.test_accessibility import grave

pytestmark = pytest.mark.browser
at_both_sizes = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def typed(visitor: Visitor, text: str, size: tuple[int, int] = DESK, path: str = "/?layer=parcels") -> Workspace:
    work = Workspace(visitor.opens(path, size)).settled()
    work.page.locator("#q").fill(text)
    work.page.locator("#q").press("Enter")
    return work


@at_both_sizes
def test_a_phrase_becomes_chips_and_the_rest_is_told(visitor: Visitor, size: tuple[int, int]) -> None:
    work = typed(visitor, "50亩以上 便宜 距地铁1公里内", size)
    expect(work.page.locator("#told")).to_have_text("“便宜”：没有读懂")
    work.settled()
    assert work.chips == ["面积 ≥ 50 亩", "距：地铁站 1000 米以内"]
    assert dict(work.answer())["total"] == work.total
    expect(work.page.locator("#q")).to_have_value("便宜")


def test_a_phrase_replaces_what_it_speaks_of_and_leaves_the_rest(visitor: Visitor) -> None:
    work = typed(visitor, "2公顷以上", path="/?layer=parcels&area_min=10&area_max=20&standard_land=true")
    expect(work.page.locator("#chips")).to_contain_text("面积 ≥ 2 公顷")
    work.settled()
    assert work.chips == ["面积 ≥ 2 公顷", "标准地：是"]


def test_a_phrase_about_buildings_opens_their_tab(visitor: Visitor) -> None:
    work = typed(visitor, "甲级写字楼")
    expect(work.page.locator("#tab-buildings")).to_have_attribute("aria-selected", "true")
    work.settled()
    assert work.chips == ["楼宇类型：办公楼", "楼宇等级：甲级"]


def test_a_name_in_pinyin_is_offered_and_taken(visitor: Visitor) -> None:
    work = typed(visitor, "licun")
    work.page.locator("#told button", has_text="李村街道").click()
    expect(work.page.locator("#chips")).to_contain_text("李村街道")
    work.settled()
    assert work.chips == ["街道：李村街道"]


@at_both_sizes
def test_what_is_told_and_the_page_without_script_can_be_used_by_anyone(
    visitor: Visitor, axe_script: str, size: tuple[int, int]
) -> None:
    work = typed(visitor, "50亩以上 便宜", size)
    expect(work.page.locator("#told")).to_be_visible()
    assert grave(work.page, axe_script) == []
    plain = visitor.opens("/find?lang=zh&text=50亩以上+便宜+licun", size)
    expect(plain.locator("ol.found li").first).to_be_visible()
    assert grave(plain, axe_script) == []
