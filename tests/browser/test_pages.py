"""Pages that are sent to people: one record, a link, the map in a file. Read on any screen, with script or without."""

import datetime as dt
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import landmap
from landmap.domain import PUBLIC, layer_named
from tests.browser.conftest import DESK, PHONE, SMALL, Site, Visitor, linked
from tests.browser.driving import painted, until
from tests.browser.journeys import Workspace
from tests.browser.watch import Watch

pytestmark = pytest.mark.browser
PARCEL, BUILDING = "/parcels/370213-LC-0601-017", "/buildings/370213-LY-018"
on_every_screen = pytest.mark.parametrize("size", [DESK, PHONE, SMALL], ids=["desk", "phone", "small"])
with_and_without_script = pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])


def fits(page: Page) -> bool:
    """Whether nothing is to be scrolled sideways."""
    wide, room = page.evaluate("[document.scrollingElement.scrollWidth, window.innerWidth]")
    return bool(wide <= room)


def rows(page: Page) -> dict[str, str]:
    """What the page says, by label, of the first record that has it."""
    pairs = page.locator("dl .row").evaluate_all(
        "all => all.map((row) => [row.querySelector('dt').textContent, row.querySelector('dd').textContent])"
    )
    return dict(reversed(pairs))


@on_every_screen
@with_and_without_script
def test_a_parcel_is_read_on_its_own_page(visitor: Visitor, size: tuple[int, int], script: bool) -> None:
    page = visitor.opens(PARCEL, size, script=script)
    expect(page.locator("h1")).to_be_visible()
    told = rows(page)
    assert told["地块编号"] == "LC0601-017"
    assert "亩" in told["面积"]
    assert "㎡" in told["面积"]
    assert "公顷" in told["面积"]
    assert re.match(r"\d\.\d–\d\.\d", told["容积率"])
    assert drawn(page)
    assert fits(page)
    expect(page.locator("#open-map")).to_be_visible(visible=script)


@on_every_screen
@with_and_without_script
def test_a_building_is_read_on_its_own_page(visitor: Visitor, size: tuple[int, int], script: bool) -> None:
    page = visitor.opens(BUILDING, size, script=script)
    told = rows(page)
    assert told["楼宇类型"] == "办公楼"
    assert "㎡" in told["可招租（空置）面积"]
    assert drawn(page)
    assert fits(page)


@on_every_screen
@with_and_without_script
def test_a_link_is_read_by_whoever_holds_it(visitor: Visitor, link: str, size: tuple[int, int], script: bool) -> None:
    page = visitor.opens(link, size, script=script)
    expect(page.locator("main")).to_contain_text("地块 <b>推荐</b>")
    expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("main")).to_contain_text("招商一科 & 李")
    assert page.locator("article.record h1").count() == 3
    assert page.locator('meta[name="robots"]').get_attribute("content") == "noindex, nofollow"
    last_day = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date()
    expect(page.locator(".bar")).to_contain_text(re.compile(f"{last_day.isoformat()}"))
    assert drawn(page)
    assert fits(page)


def drawn(page: Page) -> bool:
    """Whether the server's own map is a picture that the browser could decode."""
    picture = page.locator("#drawn-map")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    natural = picture.evaluate("one => one.naturalWidth")
    return bool(box and box["height"] > 150 and natural > 100)


@pytest.mark.parametrize("size", [DESK, SMALL], ids=["desk", "small"])
def test_the_living_map_opens_in_place_of_the_drawn_one(visitor: Visitor, size: tuple[int, int]) -> None:
    page = visitor.opens(PARCEL, size)
    page.locator("#open-map").click()
    expect(page.locator("#living-map")).to_be_visible()
    expect(page.locator("#drawn-map")).to_be_hidden()
    held = Workspace(page).on_map()
    assert held["all"] == 1
    assert held["chosen"] == "370213-LC-0601-017"
    assert painted(page, "#living-map") > 0
    assert fits(page)


def test_a_link_shows_its_records_and_no_others_on_the_living_map(visitor: Visitor, link: str) -> None:
    page = visitor.opens(link, PHONE)
    page.locator("#open-map").click()
    held = Workspace(page).on_map()
    assert set(held["matched"]) == {"370213-LC-0601-017", "370213-LC-0109-001"}


@with_and_without_script
def test_a_link_names_no_field_that_is_hidden_from_the_public(visitor: Visitor, link: str, script: bool) -> None:
    page = visitor.opens(link, script=script)
    source, told = page.content(), page.locator("dl .row dt").all_inner_texts()
    for layer in ("parcels", "buildings"):
        asked = layer_named(layer)
        public = asked.fields_for(PUBLIC.policy_class)
        hidden = [field for name, field in asked.fields.items() if name not in public]
        assert hidden
        for field in hidden:
            assert "_" not in field.name or field.name not in source
            assert field.label_zh not in told


def test_every_dead_link_gives_the_one_same_page(visitor: Visitor, site: Site) -> None:
    expired = linked(site, now=dt.datetime.now(dt.UTC) - dt.timedelta(days=40))
    revoked = linked(site)
    shares = site.app.state.landmap.shares
    shares.revoke(shares.list()[0].public_id, dt.datetime.now(dt.UTC))
    told = []
    for path in (expired, revoked, "/s/lm_s_nobody-ever-made-this"):
        page = visitor.opens(path, SMALL, expected={410})
        expect(page.locator("h1")).to_be_visible()
        assert fits(page)
        told.append(page.content())
    assert told[0] == told[1] == told[2]
    assert "0532" in told[0]


@with_and_without_script
def test_a_record_that_is_not_there_is_a_page_too(visitor: Visitor, script: bool) -> None:
    page = visitor.opens("/parcels/370213-LC-9999-999", SMALL, script=script, expected={404})
    expect(page.locator("h1")).to_be_visible()
    assert fits(page)


def test_an_officer_makes_a_link_that_a_stranger_can_open(officer: Visitor) -> None:
    work = Workspace(officer.opens("/?layer=parcels&id=370213-LC-0601-017")).settled()
    work.shows_detail()
    title = work.page.locator("#detail-view h2").inner_text()
    with work.page.expect_response(lambda reply: reply.url.endswith("/api/shares")) as made:
        work.page.locator(".detail-acts").get_by_role("button", name="生成链接").click()
    assert made.value.status == 201
    stranger = officer.opens(made.value.json()["url"], PHONE)
    expect(stranger.locator("article.record h1")).to_have_text(title)


def test_the_api_describes_itself_in_the_browser(visitor: Visitor) -> None:
    page = visitor.opens("/api/docs")
    expect(page.locator(".swagger-ui .opblock").first).to_be_visible()
    page.locator(".swagger-ui .opblock-summary").first.click()
    expect(page.locator(".swagger-ui .opblock-body").first).to_be_visible()


def test_a_saved_map_draws_parcels_with_the_network_cut(browser: Browser, demo_home: Path, tmp_path: Path) -> None:
    selection = landmap.open(demo_home).select("parcels", area_min=60, preset="industrial_land")
    file = tmp_path / "large parcels.html"
    landmap.map(selection).save(str(file))
    context = browser.new_context(offline=True)
    watch = Watch("").over(context)
    page = context.new_page()
    page.goto(file.as_uri())
    until(page, "document.querySelectorAll('.leaflet-tile-loaded').length > 0")
    held = page.evaluate(
        "[...landmap.made.values()].find((one) => one.spec.layer === 'parcels').source.features.length"
    )
    assert held == selection.total > 0
    assert painted(page) > 0
    assert watch.asked == [file.as_uri()]
    assert watch.faults == []
    context.close()
