"""Forty payloads in every text, on the server's side: none runs, none is lost, no page is broken."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import folium
import pytest

from landmap.render.map import Group, ParcelLayer, gone_page, problem_page, script_json
from tests.payloads import PAYLOADS, SENTINEL, ran_in_server
from tests.text_everywhere import hostile_district, hostile_map, hostile_shapes, hostile_words, pages, words

BLOCK = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.S)


class Scripts(HTMLParser):
    """The scripts and event handlers of a page, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.inline = 0
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += tag == "script" and "src" not in given and given.get("type") != "application/json"
        self.handlers += [name for name in given if name.startswith("on")]


def scripts(page: str) -> Scripts:
    parser = Scripts()
    parser.feed(page)
    return parser


def test_there_are_forty() -> None:
    assert len(set(PAYLOADS)) == 40


def test_the_payloads_are_armed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock Folium runs the first one out of a layer's name: what the tests below would see."""
    monkeypatch.setenv(SENTINEL, "")
    monkeypatch.delenv(SENTINEL)
    stock = folium.Map(tiles=None)
    folium.FeatureGroup(PAYLOADS[0]).add_to(stock)
    folium.LayerControl().add_to(stock)
    stock.get_root().render()
    assert ran_in_server()


@pytest.mark.parametrize("payload", PAYLOADS)
def test_json_for_a_page_means_what_it_meant(payload: str) -> None:
    text = script_json({payload: [payload]})
    assert json.loads(text) == {payload: [payload]}
    assert re.search(r"[<>&\u2028\u2029]|\{[{%#]", text) is None


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_exported_map_holds_every_text_and_runs_none(payload: str) -> None:
    page = hostile_map(payload).get_root().render()
    assert not ran_in_server()
    assert [json.loads(block)["kind"] for block in BLOCK.findall(page)] == ["map", "basemap", "features"]
    drawn = json.loads(BLOCK.findall(page)[2])
    assert [feature["t"] for feature in drawn["data"]["features"]] == list(PAYLOADS)
    assert drawn["name"] == payload
    assert (scripts(page).inline, scripts(page).handlers) == (3, [])


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_stock_map_holds_every_text_and_runs_none(payload: str) -> None:
    stock = folium.Map(tiles=None)
    group = Group(payload).add_to(stock)
    ParcelLayer(data=hostile_shapes(), name=payload).add_to(group)
    ParcelLayer(data=hostile_shapes(), name=f"{payload} again").add_to(stock)
    folium.LayerControl().add_to(stock)
    page = stock.get_root().render()
    assert not ran_in_server()
    assert [json.loads(block)["name"] for block in BLOCK.findall(page)] == [payload, payload, f"{payload} again"]
    assert scripts(page).handlers == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_every_page_shows_the_payload_as_text_and_runs_none(payload: str) -> None:
    for path, page in pages(payload).items():
        assert not ran_in_server()
        assert (scripts(page).inline, scripts(page).handlers) == (0, []), path
        outside = unescape(BLOCK.sub("", page))
        assert payload in outside, path


@pytest.mark.parametrize("payload", PAYLOADS)
def test_problem_pages_show_the_payload_as_text(payload: str) -> None:
    problem = problem_page(status=404, title=payload, detail=payload, words=words(), district=hostile_district(payload))
    gone = gone_page(words=hostile_words(payload), district=hostile_district(payload))
    assert not ran_in_server()
    for page in (problem, gone):
        assert (scripts(page).inline, scripts(page).handlers) == (0, [])
        assert payload in unescape(page)
