"""The officer's main job, at a desk and on a phone: filter, look, open, send, come back."""

import re
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.journeys import Workspace

pytestmark = pytest.mark.browser
#: Roughly what a filter leaves strong, and what it fades, on a scale to 255.
STRONG, FADED = 190, 130
at_both_sizes = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


def at_work(visitor: Visitor, size: tuple[int, int], path: str = "/", **options: Any) -> Workspace:
    return Workspace(visitor.opens(path, size, **options)).settled()


def in_step(work: Workspace) -> int:
    """Count, cards and map say the same as the API does to the address; return the count."""
    found, held = work.answer(), work.on_map()
    ids = [record["id"] for record in found["records"]]
    assert work.total == found["total"] == len(ids)
    assert set(held["matched"]) == set(ids)
    assert work.cards == ids[: len(work.cards)]
    assert len(work.cards) == min(50, len(ids))
    return work.total


@at_both_sizes
def test_count_list_and_map_change_together(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size)
    counts = [in_step(work)]
    with work.filters():
        work.least_area("60")
    counts.append(in_step(work))
    with work.filters():
        work.land_use("工矿用地")
    counts.append(in_step(work))
    assert counts == sorted(set(counts), reverse=True)
    assert counts[-1] > 0
    assert any("60" in chip for chip in work.chips)
    assert any("工矿" in chip for chip in work.chips)


@at_both_sizes
def test_what_does_not_match_fades_and_stays(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size, "/?layer=parcels&area_min=60")
    matched = set(work.on_map()["matched"])
    strong = [alpha for id, alpha in work.strengths().items() if id in matched]
    faded = [alpha for id, alpha in work.strengths().items() if id not in matched]
    assert len(strong) + len(faded) > 100
    assert min(strong) > STRONG
    assert median(faded) < FADED
    assert min(faded) > 0


def test_counts_beside_the_options_are_those_of_the_answer(visitor: Visitor) -> None:
    work = at_work(visitor, DESK, "/?layer=parcels&area_min=60")
    shown = work.page.locator("#filter-form .pill:visible", has=work.page.locator(".n:not(:empty)")).all_inner_texts()
    told = {label: n for _, label, n in work.answer()["facets"]["supply_stage"]["counts"]}
    assert told
    assert {f"{label}\n{n}" for label, n in told.items() if n} <= {re.sub(r"\s+", "\n", text) for text in shown}


@at_both_sizes
def test_another_unit_asks_for_the_same_land(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size, "/?layer=parcels&area_min=60&area_max=120")
    before = work.answer()["records"]
    for unit, least in (("公顷", "4"), ("㎡", "40000"), ("亩", "60")):
        with work.filters():
            work.page.locator("#filter-form .units").get_by_role("button", name=unit).click()
            work.settled()
            expect(work.page.get_by_role("spinbutton", name="面积 最小")).to_have_value(least)
        assert work.answer()["records"] == before
        assert in_step(work) == len(before)


@at_both_sizes
def test_a_card_opens_the_record_in_place_of_the_list(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size)
    id = work.cards[2]
    title = work.page.locator("#cards a.card h3").nth(2).inner_text()
    work.opens(id)
    expect(work.page.locator("#detail-view h2")).to_have_text(title)
    assert work.asked["own"]["id"] == id
    assert work.on_map()["chosen"] == id
    for section in ("基本信息", "规划条件"):
        expect(work.page.locator("#detail-view h3", has_text=section)).to_have_count(1)
    work.page.get_by_role("button", name="返回列表").click()
    work.shows_list()
    assert "id" not in work.asked["own"]
    assert work.page.evaluate("document.activeElement.dataset.id") == id


@at_both_sizes
def test_a_click_on_the_map_opens_what_lies_there(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size)
    id = work.cards[0]
    if work.phone:
        work.page.locator("#grip").press("Enter")
        work.page.locator("#grip").press("Enter")
        expect(work.page.locator("[data-sheet=peek]")).to_have_count(1)
    work.on_map()
    x, y = work.place_of(id)
    work.page.mouse.click(x, y)
    work.shows_detail()
    assert work.asked["own"]["id"] == id


@at_both_sizes
def test_the_address_opens_the_same_in_a_clean_browser(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size)
    with work.filters():
        work.least_area("60")
        work.group("仓储")
    work.opens(work.cards[0])
    work.on_map()
    expect(work.page).to_have_url(re.compile(r"view="))
    work.page.wait_for_timeout(400)  # the map tells the address where it looks once it rests
    work.settled()
    sent = at_work(visitor, size, work.page.url)
    sent.shows_detail()
    assert sent.asked == work.asked
    assert sent.view == work.view
    title = work.page.locator("#detail-view h2").inner_text()
    expect(sent.page.locator("#detail-view h2")).to_have_text(title)
    sent.page.get_by_role("button", name="返回列表").click()
    work.page.get_by_role("button", name="返回列表").click()
    assert sent.chips == work.chips != []
    assert in_step(sent) == in_step(work)


def test_going_back_undoes_one_step_at_a_time(visitor: Visitor) -> None:
    work = at_work(visitor, DESK)
    first = work.total
    work.least_area("60")
    second = work.total
    work.opens(work.cards[0])
    work.page.go_back()
    work.shows_list()
    assert work.total == second != first
    work.page.go_back()
    expect(work.page.locator("#total strong")).to_have_text(str(first))
    work.page.go_forward()
    expect(work.page.locator("#total strong")).to_have_text(str(second))
    assert in_step(work.settled()) == second


@at_both_sizes
def test_the_other_language_shows_the_same(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size, "/?layer=parcels&area_min=60&land_use=10")
    total, cards, asked = work.total, work.cards, work.asked
    work.page.locator("#language").click()
    expect(work.page.locator("html")).to_have_attribute("lang", "en")
    work.settled()
    assert (work.total, work.cards) == (total, cards)
    assert work.asked["criteria"] == asked["criteria"]
    assert not any(re.search("[\u4e00-\u9fff]", chip) for chip in work.chips)
    work.page.locator("#language").click()
    expect(work.page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert work.settled().total == total


@at_both_sizes
def test_what_cannot_be_decided_waits_in_a_bucket_that_opens(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size, "/?layer=parcels&height_max=30")
    found = work.answer()
    matched = set(work.cards)
    assert found["pending"] > 0
    expect(work.page.locator("#pending")).to_contain_text(str(found["pending"]))
    work.page.locator("#pending button").click()
    work.settled()
    assert work.total == found["pending"]
    assert ("bucket", "pending") in work.asked["criteria"]
    assert matched.isdisjoint(work.cards)
    in_step(work)
    work.page.locator("#pending button").click()
    assert work.settled().total == found["total"]


@at_both_sizes
def test_nothing_found_says_so_and_offers_a_way_out(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size, "/?layer=parcels&area_min=5000")
    assert work.total == 0
    expect(work.page.locator("#list-state")).to_contain_text("没有符合全部条件的结果")
    work.page.locator("#list-state").get_by_role("button", name="清空筛选").click()
    work.settled()
    assert work.chips == []
    assert in_step(work) == work.answer()["all"]


def test_a_chip_takes_its_filter_away(visitor: Visitor) -> None:
    work = at_work(visitor, DESK, "/?layer=parcels&area_min=60&land_use=10")
    assert len(work.chips) == 2
    work.page.locator("#chips .chip button").first.click()
    work.settled()
    assert len(work.chips) == 1
    in_step(work)


def test_the_legend_filters_by_a_class(visitor: Visitor) -> None:
    work = at_work(visitor, DESK, "/?layer=parcels")
    everything = in_step(work)
    work.page.locator("#legend-list").get_by_role("button", name="仓储用地").click()
    assert 0 < in_step(work.settled()) < everything
    work.page.locator("#legend-list").get_by_role("button", name="仓储用地").click()
    assert in_step(work.settled()) == everything
    work.page.locator("#legend-list").get_by_role("button", name="工业用地（一类或未分类）").click()
    assert {record["class"]["key"] for record in work.settled().answer()["records"]} == {"M1"}


@at_both_sizes
def test_buildings_are_a_list_and_a_map_of_their_own(visitor: Visitor, size: tuple[int, int]) -> None:
    work = at_work(visitor, size)
    with work.filters():
        work.page.get_by_role("tab", name="楼宇").click()
        work.settled()
        work.group("办公楼")
    found, held = work.answer(), work.on_map("buildings")
    assert work.asked["own"]["layer"] == "buildings"
    assert work.total == found["total"] > 0
    assert set(held["matched"]) == {record["id"] for record in found["records"]}
    work.opens(work.cards[0])
    expect(work.page.locator("#detail-view h3", has_text="基本信息")).to_have_count(1)


@at_both_sizes
def test_light_or_dark_is_remembered(visitor: Visitor, size: tuple[int, int]) -> None:
    page = at_work(visitor, size).page
    chosen = "document.documentElement.dataset.theme"
    assert page.evaluate(chosen) is None
    page.locator("[data-switch-theme]:visible").click()
    assert page.evaluate(chosen) == "dark"
    page.reload()
    assert page.evaluate(chosen) == "dark"
    page.goto(f"{visitor.url}/parcels/370213-LC-0601-017")
    assert page.evaluate(chosen) == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 23, 29)"


@at_both_sizes
def test_a_link_to_what_is_not_public_is_not_offered_and_the_reason_is_told(
    officer: Visitor, size: tuple[int, int]
) -> None:
    hidden, public = "370213-LC-0101-001", "370213-LC-0601-017"
    for id, offered in ((hidden, False), (public, True)):
        page = officer.opens(f"/?layer=parcels&id={id}", size)
        button = page.get_by_role("button", name="生成链接")
        expect(button).to_be_enabled() if offered else expect(button).to_be_disabled()
        assert page.get_by_text("不能生成公开链接").is_visible() is not offered


def test_chips_begin_with_a_capital_in_english(visitor: Visitor) -> None:
    work = at_work(visitor, DESK, "/?lang=en&layer=parcels&area_min=60&preset=industry")
    assert len(work.chips) == 2
    assert all(chip[0].isupper() for chip in work.chips), work.chips


def test_a_broken_filter_in_the_address_is_told_in_words(visitor: Visitor) -> None:
    page = visitor.opens("/?layer=parcels&area_min=many", expected={400})
    expect(page.locator("#list-state")).to_contain_text("area_min")
    page.locator("#list-state").get_by_role("button", name="清空筛选").click()
    in_step(Workspace(page).settled())


def press_until(page: Page, key: str, selector: str, most: int = 60) -> None:
    """Press a key until what has the focus fits `selector`."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{key} does not lead to {selector}")


def test_the_keyboard_alone_filters_opens_and_returns(visitor: Visitor) -> None:
    work = at_work(visitor, DESK)
    page, first = work.page, work.total
    press_until(page, "Tab", "#filter-form .pill")
    page.keyboard.press("Space")
    second = work.settled().total
    assert 0 < second < first
    press_until(page, "Shift+Tab", ".skip")
    page.keyboard.press("Enter")
    press_until(page, "Tab", "#cards a.card")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.dataset.id")
    assert chosen == work.cards[1]
    page.keyboard.press("Enter")
    work.shows_detail()
    assert work.asked["own"]["id"] == chosen
    page.keyboard.press("Escape")
    work.shows_list()
    assert page.evaluate("document.activeElement.dataset.id") == chosen
    assert work.total == second


def test_the_keyboard_goes_round_inside_the_open_filter_page_of_a_phone(visitor: Visitor) -> None:
    work = at_work(visitor, PHONE)
    opener = work.page.locator("#open-filters")
    opener.focus()
    work.page.keyboard.press("Enter")
    expect(work.page.locator("#close-filters")).to_be_focused()
    for _ in range(20):
        work.page.keyboard.press("Tab")
        assert work.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#filters')"
        )
    work.page.keyboard.press("Escape")
    expect(work.page.locator("#filters")).to_be_hidden()
    expect(opener).to_be_focused()


def test_without_script_the_page_says_what_is_missing(visitor: Visitor) -> None:
    page = visitor.opens("/", script=False)
    expect(page.locator("p.noscript")).to_contain_text("JavaScript")
