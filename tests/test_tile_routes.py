"""Tiles over HTTP: found by their metadata, true to filters and reader, kept for good only where they last."""

import base64
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow
import pytest
from starlette.testclient import TestClient

from landmap.domain import Level, collections
from landmap.render import tiles
from tests import dots, licang, mvt
from tests.canaries import flock, publish_flock
from tests.served import serving

PARCELS = "/api/collections/parcels"
TILES = f"{PARCELS}/tiles/WebMercatorQuad"
MVT = "application/vnd.mapbox-vector-tile"


def template(client: TestClient, layer: str = "parcels", query: str = "") -> str:
    path = f"/api/collections/{layer}/tiles/WebMercatorQuad/tilejson.json{query}"
    (found,) = client.get(path).json()["tiles"]
    return str(found)


def tile(client: TestClient, address: str, z: int = 0, y: int = 0, x: int = 0, **headers: str) -> Any:
    headers = {"Accept-Encoding": "identity", **headers}
    return client.get(address.format(z=z, y=y, x=x), headers=headers)


def ids(answer: Any) -> set[int]:
    return {int(one.id or 0) for layer in mvt.read(answer.content) for one in layer.features}


@pytest.mark.parametrize("layer", [*collections(), "basemap"])
def test_tiles_are_found_the_way_ogc_and_tilejson_tell(client: TestClient, layer: str) -> None:
    base = f"/api/collections/{layer}/tiles"
    (short,) = client.get(base).json()["tilesets"]
    here = next(one["href"] for one in short["links"] if one["rel"] == "self")
    told = client.get(here).json()
    assert told["tileMatrixSetURI"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert (told["dataType"], told["crs"]) == ("vector", "http://www.opengis.net/def/crs/EPSG/0/3857")
    (item,) = (one for one in told["links"] if one["rel"] == "item")
    assert (item["type"], item["templated"]) == (MVT, True)
    assert item["href"] == template(client, layer)
    limits = {one["tileMatrix"]: one for one in told["tileMatrixSetLimits"]}
    assert list(limits) == [str(zoom) for zoom in range(21)]
    at = limits["13"]
    answers = [
        tile(client, item["href"], 13, y, x)
        for y in range(at["minTileRow"], at["maxTileRow"] + 1)
        for x in range(at["minTileCol"], at["maxTileCol"] + 1)
    ]
    assert {answer.status_code for answer in answers} <= {200, 204}
    (drawn,) = told["layers"]
    for answer in answers:
        if answer.status_code == 200:
            (content,) = mvt.read(answer.content)
            assert content.name == drawn["id"] == layer
            assert set(content.keys) <= set(drawn["propertiesSchema"]["properties"])
            assert answer.headers["content-type"] == MVT
    assert any(answer.status_code == 200 for answer in answers)


def test_a_collection_leads_to_its_tiles_and_the_service_says_it_conforms(client: TestClient) -> None:
    links = client.get(PARCELS).json()["links"]
    (found,) = (one["href"] for one in links if one["rel"].endswith("tilesets-vector"))
    assert client.get(found).status_code == 200
    conforms = client.get("/api/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core" in conforms
    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt" in conforms


def test_tilejson_says_what_its_readers_need(client: TestClient, demo_home: Path) -> None:
    told = client.get(f"{TILES}/tilejson.json?lang=en").json()
    assert (told["tilejson"], told["minzoom"], told["maxzoom"]) == ("3.0.0", 0, 20)
    west, south, east, north = told["bounds"]
    assert west < 120.4 < east
    assert south < 36.2 < north
    assert set(told["vector_layers"][0]["fields"]) == {"code", "stage", "area_bin", "no"}
    with serving(demo_home, base_url="https://land.example/map") as named:
        assert template(named).startswith("https://land.example/map/api/collections/parcels/tiles/WebMercatorQuad/{z}/")


@pytest.mark.parametrize(
    "query", ["area_min=40", "land_use=1001&bucket=pending", "bbox=120.38,36.17,120.43,36.2", "q=兴华"]
)
def test_a_filtered_tile_holds_what_the_search_finds(client: TestClient, query: str) -> None:
    found = client.get(f"{PARCELS}/bitmap?{query}").content
    bits = np.unpackbits(np.frombuffer(found, dtype=np.uint8), bitorder="little")
    total = client.get(f"{PARCELS}/search?limit=1&{query}").json()["total"]
    answer = tile(client, template(client, query=f"?{query}"))
    matched = set(np.flatnonzero(bits).tolist())
    assert len(matched) == total
    assert (ids(answer) if answer.status_code == 200 else set()) == matched
    assert "immutable" not in answer.headers["cache-control"]


def test_a_tile_is_kept_for_good_only_under_its_own_key(client: TestClient, officer_client: TestClient) -> None:
    address = template(client)
    answer = tile(client, address)
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert tile(client, address.split("?")[0]).headers["cache-control"] == "private, no-cache"
    assert tile(client, address.split("?")[0] + "?v=abc").headers["cache-control"] == "private, no-cache"
    seen = tile(officer_client, address)
    assert seen.headers["cache-control"] == "private, no-cache"
    assert seen.headers["etag"] != answer.headers["etag"]
    assert len(ids(seen)) > len(ids(answer))
    assert template(officer_client) != address


def test_who_holds_a_tile_is_told_so(client: TestClient) -> None:
    for address in (template(client), template(client, query="?area_min=40"), template(client, "basemap")):
        first = tile(client, address)
        again = tile(client, address, **{"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        other = tile(client, address, 3, 2, 6)
        assert other.headers["etag"] != first.headers["etag"]


def test_where_nothing_lies_there_is_no_content(client: TestClient) -> None:
    answer = tile(client, template(client), 5, 0, 0)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "immutable" in answer.headers["cache-control"]
    nothing = tile(client, template(client, query="?area_min=100000"))
    assert nothing.status_code == 204


@pytest.mark.parametrize(
    ("path", "status", "param"),
    [
        ("x/0/0", 400, "z"),
        ("0/0/0.mvt", 400, "x"),
        ("3/-1/0", 400, "y"),
        ("21/0/0", 404, None),
        ("2/4/0", 404, None),
        ("0/0/0?nonsense=1", 400, "nonsense"),
        ("0/0/0?area_min=-1", 400, "area_min"),
        ("0/0/0?v=!", 400, "v"),
        ("0/0/0?limit=3", 400, "limit"),
        ("0/0/0?status=idle", 400, "status"),
    ],
)
def test_what_is_no_tile_is_told(client: TestClient, path: str, status: int, param: str | None) -> None:
    answer = client.get(f"{TILES}/{path}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["param"] for one in answer.json()["errors"]] == ([] if param is None else [param])


def test_of_a_large_layer_coarse_zooms_are_dots(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles.source, "FEW", 100)
    with serving(demo_home) as client:
        answer = client.get(f"{TILES}/11/800/1709")
        assert answer.status_code == 404
        assert "`dots`" in answer.json()["detail"]
        assert client.get(f"{TILES}/tilejson.json").json()["minzoom"] == 12
        query = "land_use=1001"
        found = client.get(f"{PARCELS}/dots?{query}")
        told = dots.read(found.content)
        bits = np.frombuffer(client.get(f"{PARCELS}/bitmap?{query}").content, dtype=np.uint8)
        assert sorted(told.at) == np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist()
        again = client.get(f"{PARCELS}/dots?{query}", headers={"If-None-Match": found.headers["etag"]})
        assert again.status_code == 304


def test_tiles_are_packed_as_the_caller_takes_it(client: TestClient) -> None:
    address = template(client)
    plain = tile(client, address).content
    for header, coding in (("gzip", "gzip"), ("br, gzip", "br"), ("zstd, br", "zstd"), ("identity", None)):
        answer = raw(client, address.format(z=0, y=0, x=0), header)
        assert answer.headers.get("content-encoding") == coding
        content = answer.read()
        name = {"br": "brotli"}.get(coding or "", coding)
        unpacked = content if name is None else pyarrow.Codec(name).decompress(content, len(plain), asbytes=True)
        assert unpacked == plain


def raw(client: TestClient, address: str, accepted: str) -> Any:
    """Return an answer whose content was not unpacked."""
    request = client.build_request("GET", address, headers={"Accept-Encoding": accepted})
    return _Raw(client.send(request, stream=True))


class _Raw:
    def __init__(self, answer: Any) -> None:
        self.headers = answer.headers
        self._answer = answer

    def read(self) -> bytes:
        return b"".join(self._answer.iter_raw())


def test_hidden_records_and_fields_stand_in_no_tile(tmp_path: Path) -> None:
    home = publish_flock(tmp_path / "home")[0].path
    readers = {"public": Level.PUBLIC, "partner": Level.PARTNER, "internal": Level.OFFICER}
    for audience, level in readers.items():
        with serving(home, audience=level) as client:
            for layer in collections():
                rows = flock().of(layer)
                visible = [row for row in rows if audience in row.readers]
                answer = tile(client, template(client, layer))
                assert ids(answer) == set(range(len(visible)))
                for row in rows:
                    west, south, east, north = row.box
                    middle = np.array([[(west + east) / 2, (south + north) / 2]])
                    x, y = (int(one) >> 13 for one in tiles.grid.world(middle)[0])
                    found = tile(client, template(client, layer), 19, y, x)
                    assert (found.status_code == 200) == (audience in row.readers), (layer, row.id)
                    text = found.content.decode("latin-1")
                    told = flock().seen_in(text)
                    assert all(audience in one.readers for one in told)


def test_an_index_is_made_once_however_many_ask_together(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    index = tiles.index.Index.of
    monkeypatch.setattr(tiles.index.Index, "of", lambda shapes: made.append(1) or index(shapes))
    table = licang.catalog().table("parcels", licang.PUBLIC.policy_class)
    layer = tiles.TileLayer(tiles.table_source(table))
    threads = [threading.Thread(target=layer.tile, args=(tiles.TileAddress(0, 0, 0),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_the_path_of_a_tile_answers_to_get_alone(client: TestClient) -> None:
    answer = client.post(f"{TILES}/0/0/0")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    head = client.head(urlsplit(template(client).format(z=0, y=0, x=0)).path)
    assert (head.status_code, head.content) == (200, b"")


def test_a_large_bitmap_is_fetched_by_itself(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = client.get(f"{PARCELS}/search?area_min=40&limit=1").json()
    monkeypatch.setattr("landmap.api.routers.search.BITS_INSIDE", 10)
    outside = client.get(f"{PARCELS}/search?area_min=40&limit=1").json()
    assert outside["bitmap"] is None
    fetched = client.get(outside["links"]["bitmap"])
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert fetched.content == base64.b64decode(inside["bitmap"])
