"""Phrases and names over HTTP: the shape, the policy, and no word about what is hidden."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from landmap.domain import Level
from tests.canaries import flock, publish_flock
from tests.served import serving
from tests.sizes import sized

PHRASE = "/api/collections/parcels/phrase"


def test_a_phrase_is_answered_with_criteria_chips_and_what_was_not_understood(client: TestClient) -> None:
    told = client.get(PHRASE, params={"text": "50亩以上 便宜 超过2公顷", "lang": "zh"}).json()
    assert told["query"] == "area_min=50"
    assert told["chips"] == [{"name": "area_min", "text": "面积 ≥ 50 亩", "without": ""}]
    assert [(one["text"], one["start"], one["end"]) for one in told["not_understood"]] == [("便宜", 6, 8)]
    assert [one["reason"] for one in told["notes"]] == ["strict"]
    assert told["elsewhere"] is None
    found = client.get(f"/api/collections/parcels/search?{told['query']}").json()
    assert found["chips"] == client.get(PHRASE, params={"text": "50亩以上"}).json()["chips"]


def test_a_phrase_about_buildings_names_their_layer(client: TestClient) -> None:
    told = client.get(PHRASE, params={"text": "甲级写字楼"}).json()
    assert told["elsewhere"] == {"layer": "buildings", "query": "kind=office&grade=A"}


def test_suggestions_come_in_groups_and_lead_to_records(client: TestClient) -> None:
    told = client.get("/api/suggest", params={"text": "LC0101-2", "limit": "3"}).json()
    assert set(told) == {"text", "records", "places", "criteria"}
    record = told["records"][0]
    assert client.get(f"/{record['layer']}/{record['id']}").status_code == 200


@pytest.mark.parametrize(
    ("address", "param"),
    [
        (PHRASE, "text"),
        (f"{PHRASE}?text=%E4%BA%A9&nonsense=1", "nonsense"),
        (f"{PHRASE}?text={'a' * 501}", "text"),
        ("/api/suggest?text=a&layer=facilities", "layer"),
        ("/api/suggest?text=a&limit=0", "limit"),
        (f"/api/suggest?text={'a' * 101}", "text"),
        ("/api/suggest?lang=zh", "text"),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, address: str, param: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert [one["param"] for one in answer.json()["errors"]] == [param]


def test_an_answer_that_is_held_is_not_sent_again(client: TestClient) -> None:
    first = client.get(PHRASE, params={"text": "标准地"})
    again = client.get(PHRASE, params={"text": "标准地"}, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_both_are_described(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    for path in (PHRASE, "/api/collections/buildings/phrase", "/api/suggest"):
        text = next(one for one in paths[path]["get"]["parameters"] if one["name"] == "text")
        assert text["required"]
        assert text["description"]


def page(client: TestClient, **params: str) -> str:
    answer = client.get("/find", params={"lang": "zh", **params})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def test_the_search_page_needs_no_script(client: TestClient) -> None:
    found = page(client, text="50亩以上 便宜 距地铁1公里内")
    total = client.get("/api/collections/parcels/search?area_min=50&near=metro_station:1000").json()["total"]
    assert "面积 ≥ 50 亩，距：地铁站 1000 米以内" in found
    assert "“便宜”：没有读懂" in found
    assert f"共 {total} 条" in found
    assert found.count('<li><a href="/parcels/') == 20
    assert "<script>" not in found
    assert 'action="/find"' in client.get("/?lang=zh").text


def test_the_search_page_offers_names_and_the_other_layer(client: TestClient) -> None:
    assert "李村街道" in page(client, text="licun")
    assert "layer=buildings" in page(client, text="甲级写字楼")
    assert "没有找到" in page(client, text="")


def test_text_stays_text_on_the_search_page(client: TestClient) -> None:
    found = page(client, text='<script>alert(1)</script> {{7*7}} "x')
    assert "<script>alert" not in found
    assert "{{7*7}}" in found
    assert client.get("/find?layer=facilities").status_code == 400


LEVELS = {"public": Level.PUBLIC, "partner": Level.PARTNER}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_flock(tmp_path_factory.mktemp("phrases") / "home")[0].path


@pytest.mark.parametrize("audience", LEVELS)
@time_machine.travel("2026-11-22T04:00:00Z")
def test_a_bureau_without_secrets_reads_and_suggests_the_same(home: Path, audience: str, tmp_path: Path) -> None:
    bare, _ = publish_flock(tmp_path / "bare", audience=audience)
    with serving(home, audience=LEVELS[audience]) as full, serving(bare.path, audience=LEVELS[audience]) as client:
        asked = list(_questions())
        assert len(asked) > 200
        for address, text in asked:
            told = [one.get(address, params={"text": text, "lang": "zh"}) for one in (full, client)]
            assert told[0].status_code == told[1].status_code == 200
            assert told[0].content == told[1].content, text


def _questions() -> Iterator[tuple[str, str]]:
    """Yield what may be asked about every text, number and id on file."""
    texts = [one.text for one in flock().canaries.values() if one.layer in ("parcels", "buildings", "districts")]
    for text in [*texts[:: sized(60, 12)], *(row.id for row in flock().rows)]:
        yield PHRASE, f"{text} 净地 储备土地 距{text}1公里内"
        yield "/api/suggest", text
        yield "/api/suggest", re.sub(r"[^a-z]", "", text)[:3] or "净"


@settings(max_examples=sized(40, 2_000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120),
    name=st.sampled_from(["phrase", "suggest"]),
)
def test_no_text_breaks_the_server(client: TestClient, text: str, name: str) -> None:
    answer = client.get(PHRASE if name == "phrase" else "/api/suggest", params={"text": text})
    assert answer.status_code in (200, 400)
