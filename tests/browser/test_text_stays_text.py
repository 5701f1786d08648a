"""Forty payloads in every text, in real Chromium: none runs, each is read as it was written, no page breaks."""

from pathlib import Path

import folium
import orjson
import pytest
from playwright.sync_api import Browser, Page

from landmap.render.map import Group, ParcelLayer
from tests.browser.driving import ORIGIN, Answer, painted, static, until, visiting
from tests.browser.test_map_elements import READY, stock_assets, stock_page
from tests.payloads import PAYLOADS
from tests.text_everywhere import EXTENT, answers, hostile_map, hostile_shapes, hostile_sheet, pages

pytestmark = pytest.mark.browser

#: A page made of the payloads that break most: Jinja, script end, template literal, markup, line separator.
WORST = (PAYLOADS[0], PAYLOADS[16], PAYLOADS[13], PAYLOADS[21], PAYLOADS[35])
PICK = """place => {
    const layer = [...landmap.made.values()].find((piece) => piece.spec.layer === "parcels");
    const feature = layer.source.features[place];
    layer.fire("featureover", { feature, latlng: [36.181, 120.402] });
    layer.fire("featurepick", { feature, latlng: [36.181, 120.402] });
    const last = (box) => [...document.querySelectorAll(`${box} strong`)].at(-1).textContent;
    return [last(".lm-tooltip"), last(".lm-popup")];
}"""


def untouched(page: Page) -> bool:
    """Tell whether no payload ran in the page or a frame of it."""
    return all(frame.evaluate("window.__pwned === undefined") for frame in page.frames)


def texts(page: Page, selector: str) -> list[str]:
    return page.evaluate("box => [...document.querySelectorAll(box)].map((one) => one.textContent)", selector)


@pytest.mark.parametrize("payload", WORST)
def test_an_exported_map_shows_names_labels_legend_and_popups_as_text(
    browser: Browser, tmp_path: Path, payload: str
) -> None:
    (tmp_path / "x.html").write_text(hostile_map(payload).get_root().render(), encoding="utf-8")
    with visiting(browser, lambda path: None, bypass_csp=True) as (page, watch):
        page.goto((tmp_path / "x.html").as_uri())
        until(page, READY)
        assert painted(page) > 0
        assert texts(page, ".lm-legend summary") == [payload]
        assert texts(page, ".lm-legend li") == list(PAYLOADS)
        assert texts(page, ".leaflet-control-attribution") == [payload]
        assert texts(page, ".leaflet-control-layers-overlays label") == [f" {payload}"] * 2
        for place, text in enumerate(PAYLOADS):
            assert page.evaluate(PICK, place) == [text, text]
        assert untouched(page)
        assert watch.complaints == []


def test_forty_layers_in_a_stock_layer_control_show_their_names(browser: Browser) -> None:
    stock = folium.Map((36.181, 120.402), zoom_start=15, tiles=None)
    for payload in PAYLOADS:
        group = Group(payload).add_to(stock)
        ParcelLayer(data=hostile_shapes(), name=payload).add_to(group)
    folium.LayerControl(collapsed=False).add_to(stock)
    html = stock_page(stock)

    def source(path: str) -> Answer | None:
        return stock_assets(path) if path.startswith("/stock") else (200, "text/html; charset=utf-8", html.encode())

    with visiting(browser, source, bypass_csp=True) as (page, watch):
        page.goto(ORIGIN)
        until(page, READY)
        assert [text[1:] for text in texts(page, ".leaflet-control-layers-overlays label")] == list(PAYLOADS)
        assert page.evaluate(PICK, 7) == [PAYLOADS[7]] * 2
        assert untouched(page)
        assert watch.complaints == []


@pytest.mark.parametrize("payload", WORST)
def test_a_notebook_frame_draws_and_runs_nothing(browser: Browser, payload: str) -> None:
    cell = f"<!DOCTYPE html><body>{hostile_map(payload)._repr_html_()}"
    with visiting(browser, lambda path: (200, "text/html; charset=utf-8", cell.encode()), bypass_csp=True) as (
        page,
        watch,
    ):
        page.goto(ORIGIN)
        frame = page.frames[1]
        for _ in range(200):
            if frame.evaluate(READY):
                break
            page.wait_for_timeout(50)
        assert frame.evaluate("document.querySelector('.lm-legend summary').textContent") == payload
        assert untouched(page)
        assert watch.complaints == []


@pytest.mark.parametrize("payload", WORST)
@pytest.mark.parametrize("path", ["/record", "/link"])
def test_pages_for_reading_show_everything_as_text_under_the_strict_policy(
    browser: Browser, path: str, payload: str
) -> None:
    made = pages(payload)

    def source(asked: str) -> Answer | None:
        body = made.get(asked)
        return static(asked) if body is None else (200, "text/html; charset=utf-8", body.encode())

    with visiting(browser, source) as (page, watch):
        page.goto(ORIGIN + path)
        until(page, "document.querySelector('#open-map') && !document.querySelector('#open-map').hidden")
        page.click("#open-map")
        until(page, READY)
        assert set(texts(page, ".record h1")) == {payload}
        assert set(texts(page, ".row dt")) == {payload}
        assert set(texts(page, ".album small, .album .for")) == {payload}
        assert set(page.eval_on_selector_all(".album img", "found => found.map((one) => one.alt)")) == {payload}
        assert untouched(page)
        assert watch.foreign == []
        assert [text for text in watch.complaints if "drawn-map" not in text] == []


def test_the_workspace_shows_form_chips_cards_and_detail_as_text_under_the_strict_policy(browser: Browser) -> None:
    made, answered = pages(PAYLOADS[16]), answers()

    def source(asked: str) -> Answer | None:
        path = asked.split("?")[0]
        if path == "/":
            return 200, "text/html; charset=utf-8", made["/"].encode()
        if path.endswith("/sheet"):
            return 200, "application/json", orjson.dumps(hostile_sheet(PAYLOADS[21]))
        return (200, "application/json", answered[path]) if path in answered else static(asked)

    with visiting(browser, source) as (page, watch):
        page.goto(f"{ORIGIN}/?layer=parcels&view=36.18,120.44,15")
        until(page, f"document.querySelectorAll('.card').length === {len(PAYLOADS)}")
        until(page, READY)
        assert texts(page, ".card h3") == list(PAYLOADS)
        assert texts(page, ".chip span") == list(PAYLOADS)
        assert texts(page, ".unplaced li > span") == list(PAYLOADS)
        assert [text.removesuffix("2") for text in texts(page, "#filter-form .field:first-child .pill")] == list(
            PAYLOADS
        )
        until(page, f"document.querySelectorAll('#legend-list li').length === {len(PAYLOADS)}")
        assert texts(page, "#legend-list li") == list(PAYLOADS)
        for place in (0, 16, 21, 35):
            page.locator(".card").nth(place).click()
            until(page, "document.querySelector('.detail-body h2') !== null")
            assert texts(page, ".detail-body h2") == [PAYLOADS[21]]
            assert set(texts(page, ".album small")) == {PAYLOADS[21]}
            assert page.evaluate("new URLSearchParams(location.search).get('id')") == PAYLOADS[place]
            page.locator(".detail-head button").first.click()
        assert painted(page) > 0
        assert untouched(page)
        assert watch.foreign == []
        assert watch.complaints == []
        assert EXTENT[0] < page.evaluate("Number(new URLSearchParams(location.search).get('view').split(',')[1])")
