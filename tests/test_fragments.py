"""A feature is encoded once and spliced: the bytes are those that encoding the whole answer gives."""

import json
import threading
from typing import Any

import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as cases
from hypothesis import strategies as st
from starlette.testclient import TestClient

from landmap.domain import Audience, collections, layer_named
from landmap.query import Record, Selection
from landmap.render import Fragments, geojson
from tests import licang
from tests.sizes import sized

LINKS = {"self": "/here", "next": "/there?after=1"}


def plain(records: list[Record], **about: Any) -> bytes:
    """Return records as one answer, encoded as a whole."""
    shapes = [one.geometry for one in records if one.geometry is not None and not one.geometry.is_empty]
    body: dict[str, Any] = {"type": "FeatureCollection"}
    body |= {"notice": about["notice"]} if about.get("notice") else {}
    body |= {"bbox": [round(float(one), 7) for one in shapely.total_bounds(shapes)]} if shapes else {}
    body |= {"numberMatched": about.get("matched", len(records)), "numberReturned": len(records)}
    body |= {"links": [{"rel": rel, "href": to, "type": "application/geo+json"} for rel, to in LINKS.items()]}
    body["features"] = [geojson.feature(one) for one in records]
    return orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)


def spliced(fragments: Fragments, selection: Selection, page: Any) -> bytes:
    before = geojson.head(
        len(page.ordinals),
        box=fragments.box(page.ordinals),
        matched=selection.total,
        links=LINKS,
        notice="示例数据",
    )
    whole = geojson.whole(fragments.of(selection, page.ordinals), before)
    assert b"".join(geojson.joined(fragments.blocks(selection, page.ordinals), before)) == whole
    return whole


def of(layer: str, audience: Audience, capacity: int = 2**30) -> Fragments:
    return Fragments(licang.catalog().table(layer, audience.policy_class)["geometry"], capacity)


KEPT = {(name, one): of(name, one) for name in collections() for one in (licang.PUBLIC, licang.OFFICER)}


@cases(max_examples=sized(60, 3000))
@given(
    layer=st.sampled_from(collections()),
    audience=st.sampled_from([licang.PUBLIC, licang.OFFICER]),
    backwards=st.booleans(),
    pending=st.booleans(),
    limit=st.integers(1, 700),
    pages=st.integers(1, 3),
)
def test_every_page_has_the_bytes_of_one_encoded_whole(
    layer: str, audience: Audience, backwards: bool, pending: bool, limit: int, pages: int
) -> None:
    wanted = {"bucket": "pending", "standard_land": "true"} if pending and layer == "parcels" else {}
    sort = (f"-{layer_named(layer).id_field}",) if backwards else ()
    selection = licang.select(layer, audience, sort, **wanted)
    after = None
    for _ in range(pages):
        page = selection.page(after, limit)
        whole = plain(list(page.records), matched=selection.total, notice="示例数据")
        assert spliced(KEPT[layer, audience], selection, page) == whole
        after = page.next
        if after is None:
            break


def test_a_feature_is_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fragments, selection = of("parcels", licang.PUBLIC), licang.select("parcels")
    first = fragments.of(selection, selection.order()[:50])
    monkeypatch.setattr(geojson, "encoded", None)
    assert fragments.of(selection, selection.order()[:50]) == first


def test_past_its_capacity_it_forgets_and_is_right_all_the_same() -> None:
    selection = licang.select("parcels")
    small = of("parcels", licang.PUBLIC, capacity=20_000)
    for _ in range(2):
        assert small.of(selection, selection.order()) == list(geojson.encoded(selection.records()))
        assert sum(len(one) for one in small._held if one) <= 20_000


def test_threads_that_ask_together_get_the_same() -> None:
    selection = licang.select("parcels")
    fragments = of("parcels", licang.PUBLIC, capacity=100_000)
    wanted = list(geojson.encoded(selection.records()))
    found: list[list[bytes]] = []
    threads = [
        threading.Thread(target=lambda: found.append(fragments.of(selection, selection.order()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4


def test_where_nothing_has_a_shape_there_is_no_box() -> None:
    selection = licang.select("parcels")
    fragments = Fragments(shapely.from_wkt(["POLYGON EMPTY", None]))
    assert fragments.box(selection.order()[:0]) is None
    assert fragments.box(selection.ordinals()[:2]) is None


def test_pages_of_the_api_are_what_records_are(client: TestClient) -> None:
    answer = client.get("/api/collections/parcels/items?limit=300&sort=-area_m2").json()
    twice = client.get("/api/collections/parcels/items?limit=300&sort=-area_m2").json()
    assert answer == twice
    ids = [feature["id"] for feature in answer["features"]]
    for id in ids[::60]:
        one = client.get(f"/api/collections/parcels/items/{id}").json()
        del one["links"], one["bbox"]
        assert one == answer["features"][ids.index(id)]


def test_lines_hold_every_feature(client: TestClient) -> None:
    answer = client.get("/api/collections/parcels/items?f=geojsonl")
    assert answer.headers["content-type"] == "application/x-ndjson"
    found = [json.loads(line) for line in answer.text.splitlines()]
    every = client.get("/api/collections/parcels/items?limit=10000").json()
    notice = every["notice"]
    assert found == [{**feature, "notice": notice} for feature in every["features"]]
