"""Our layers in a real browser: from a file, on a stock map, in a notebook frame, on a page of ours."""

from pathlib import Path
from typing import Any

import folium
import pytest
from playwright.sync_api import Browser, Page

from landmap.render.map import Group, OneMap, ParcelLayer, one_map
from tests.browser.driving import ORIGIN, WEB, Answer, given, painted, static, until, visiting
from tests.map_town import BASEMAP, parcel_shapes

pytestmark = pytest.mark.browser
READY = "document.querySelectorAll('.leaflet-tile-loaded').length > 0"


def town(**options: Any) -> OneMap:
    return one_map(
        sources={"parcels": parcel_shapes()}, basemap=BASEMAP, bounds=(120.39, 36.17, 120.41, 36.19), **options
    )


def stock_assets(path: str) -> Answer | None:
    """Answer a stock page's own addresses: Leaflet for real, the rest empty."""
    kind = "text/css" if path.endswith(".css") else "text/javascript"
    name = path.rsplit("/", 1)[-1]
    file = WEB / "dist/vendor/leaflet" / name
    return 200, kind, file.read_bytes() if name in {"leaflet.js", "leaflet.css"} else b""


def stock_page(m: folium.Map) -> str:
    """Return a stock map's page with its foreign addresses pointed at the test's own host."""
    page = m.get_root().render()
    for host in ("cdn.jsdelivr.net", "code.jquery.com", "cdnjs.cloudflare.com", "netdna.bootstrapcdn.com"):
        page = page.replace(f"https://{host}", f"{ORIGIN}/stock")
    return page


def over_parcel(page: Page, place: int = 1) -> None:
    """Move the pointer to the middle of a parcel."""
    x, y = page.evaluate(
        """place => {
            const map = [...landmap.made.values()].find((piece) => piece.spec.kind === "map");
            const point = map.latLngToContainerPoint([36.181, 120.4008 + 0.002 * place]);
            const box = map.getContainer().getBoundingClientRect();
            return [box.left + point.x, box.top + point.y];
        }""",
        place,
    )
    page.mouse.move(x, y)


def test_a_saved_map_draws_from_a_file_and_asks_nobody(browser: Browser, tmp_path: Path) -> None:
    town().save(str(tmp_path / "map.html"))
    with visiting(browser, lambda path: None) as (page, watch):
        page.goto((tmp_path / "map.html").as_uri())
        until(page, READY)
        assert painted(page) > 0
        assert watch.complaints == []
        assert [url for url in watch.requests if not url.startswith(("file:", "data:"))] == []
        assert page.locator(".leaflet-control-attribution svg").count() == 0


def test_hover_tells_and_a_click_opens_a_popup(browser: Browser, tmp_path: Path) -> None:
    town().save(str(tmp_path / "map.html"))
    with visiting(browser, lambda path: None) as (page, _):
        page.goto((tmp_path / "map.html").as_uri())
        until(page, READY)
        over_parcel(page)
        until(page, "document.querySelector('.lm-tooltip') !== null")
        assert "二号地块" in page.inner_text(".lm-tooltip")
        page.mouse.down()
        page.mouse.up()
        until(page, "document.querySelector('.lm-popup') !== null")
        assert page.inner_text(".lm-popup strong") == "二号地块"
        assert "N1 · 具备供应条件" in page.inner_text(".lm-popup")


def test_the_layer_switch_takes_a_layer_off_the_map_and_its_legend_with_it(browser: Browser, tmp_path: Path) -> None:
    town().save(str(tmp_path / "map.html"))
    with visiting(browser, lambda path: None) as (page, _):
        page.goto((tmp_path / "map.html").as_uri())
        until(page, READY)
        assert "工业用地" in page.inner_text(".lm-legend")
        page.hover(".leaflet-control-layers")
        names = page.locator(".leaflet-control-layers-overlays label").all_inner_texts()
        assert [name.strip() for name in names] == ["底图", "地块"]
        page.locator(".leaflet-control-layers-overlays input").nth(1).click()
        assert "工业用地" not in page.inner_text(".lm-legend")


def test_our_layers_live_on_a_stock_map(browser: Browser) -> None:
    stock = folium.Map((36.181, 120.402), zoom_start=16, tiles=None)
    group = folium.FeatureGroup("组").add_to(stock)
    ParcelLayer(data=parcel_shapes(), name="地块 <b>一</b>").add_to(group)
    ours = Group("我的组").add_to(stock)
    ParcelLayer(data=parcel_shapes(["四号地块"]), name="另一层").add_to(ours)
    folium.LayerControl(collapsed=False).add_to(stock)
    html = stock_page(stock)

    def source(path: str) -> Answer | None:
        return stock_assets(path) if path.startswith("/stock") else (200, "text/html", html.encode())

    with visiting(browser, source, bypass_csp=True) as (page, watch):
        page.goto(ORIGIN)
        until(page, READY)
        assert painted(page) > 0
        assert watch.foreign == []
        assert watch.complaints == []
        names = page.locator(".leaflet-control-layers-overlays label").all_inner_texts()
        assert [name.strip() for name in names] == ["组", "我的组"]
        over_stock = page.locator(".folium-map").bounding_box()
        assert over_stock is not None
        page.mouse.click(over_stock["x"] + over_stock["width"] / 2, over_stock["y"] + over_stock["height"] / 2)
        until(page, "document.querySelector('.lm-popup') !== null")


def test_a_notebook_frame_draws(browser: Browser) -> None:
    frame = town()._repr_html_()
    with visiting(browser, given({"/": f"<!DOCTYPE html><body>{frame}"}), bypass_csp=True) as (page, watch):
        page.goto(ORIGIN)
        inner = next(one for one in page.frames if one is not page.main_frame)
        for _ in range(100):
            if inner.evaluate(READY):
                break
            page.wait_for_timeout(50)
        assert inner.evaluate(READY)
        assert watch.foreign == []


def test_a_linked_page_draws_under_the_strict_policy(browser: Browser) -> None:
    page_text = town(assets="linked").get_root().render()
    with visiting(browser, given({"/": page_text})) as (page, watch):
        page.goto(ORIGIN)
        until(page, READY)
        assert painted(page) > 0
        assert (watch.foreign, watch.complaints) == ([], [])


def test_a_layer_that_cannot_be_fetched_says_so_and_leaves_the_rest(browser: Browser) -> None:
    m = one_map(sources={"parcels": "/gone"}, basemap=BASEMAP, assets="linked", bounds=(120.3, 36.1, 120.5, 36.3))
    page_text = m.get_root().render()

    def source(path: str) -> Answer | None:
        if path == "/gone":
            return 503, "application/problem+json", b"{}"
        return static(path) or (200, "text/html", page_text.encode())

    with visiting(browser, source) as (page, watch):
        page.goto(ORIGIN)
        until(page, READY)
        assert painted(page) > 0
        assert all("503" in complaint for complaint in watch.complaints)


def test_what_does_not_match_fades_but_stays(browser: Browser, tmp_path: Path) -> None:
    town().save(str(tmp_path / "map.html"))
    alpha = """place => {
        const layer = [...landmap.made.values()].find((piece) => piece.spec.layer === "parcels");
        const map = layer._map, zoom = layer._tileZoom, point = map.project([36.1805, 120.4008 + 0.002 * place], zoom);
        const tile = layer._tiles[`${Math.floor(point.x / 512)}:${Math.floor(point.y / 512)}:${zoom}`].el;
        return tile.getContext("2d").getImageData(Math.floor(point.x % 512), Math.floor(point.y % 512), 1, 1).data[3];
    }"""
    with visiting(browser, lambda path: None) as (page, _):
        page.goto((tmp_path / "map.html").as_uri())
        until(page, READY)
        page.evaluate(
            "() => [...landmap.made.values()].find((p) => p.spec.layer === 'parcels').setMatch(Uint8Array.of(2))"
        )
        assert page.evaluate(alpha, 1) > 200
        assert 0 < page.evaluate(alpha, 0) < 100
