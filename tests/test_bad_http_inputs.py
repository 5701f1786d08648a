"""Inputs on which plain applications break: each is a problem that names place and value, or has a defined meaning."""

import math
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from starlette.testclient import TestClient

from landmap.domain import collections
from tests.served import LiveServer

BASE = "/api/collections"
BIG = "9" * 5000
#: Raw values as they stand in the address.
TEXTS = {
    "nan": "nan",
    "infinity": "inf",
    "exponent": "1e3",
    "huge exponent": "1e999",
    "past 64 bits": str(2**63 + 1),
    "5000 digits": BIG,
    "lone surrogate": "%ED%A0%80",
    "NUL": "a%00b",
    "bad escapes": "%ff%fe%zz",
    "other digits": quote("٣"),
    "underscore": "1_000",
    "blanks": "%205%20",
    "quote": "%27%20OR%201=1%20--",
    "nothing": "",
    "template": quote("{{7*7}}"),
    "line break": "a%0D%0ASet-Cookie:%20x=1",
}
#: Polygons as WKT.
POLYGONS = {
    "empty coordinates": "POLYGON EMPTY",
    "missing type": "((120.4 36.1, 120.5 36.1, 120.5 36.2, 120.4 36.1))",
    "ring of two points": "POLYGON((120.4 36.1, 120.5 36.1))",
    "not closed": "POLYGON((120.4 36.1, 120.5 36.1, 120.5 36.2))",
    "texts for numbers": "POLYGON(('a' 'b', 'c' 'd', 'e' 'f', 'a' 'b'))",
    "null coordinates": "POLYGON((null null, 120.5 36.1, 120.5 36.2, null null))",
    "nested empty collection": "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION EMPTY)",
    "one dimension": "POLYGON((120.4, 120.5, 120.5, 120.4))",
    "five dimensions": "POLYGON((1 2 3 4 5, 2 2 3 4 5, 2 3 3 4 5, 1 2 3 4 5))",
    "1e308": "POLYGON((-1e308 -1e308, 1e308 -1e308, 1e308 1e308, -1e308 -1e308))",
    "unknown type": "CIRCLE(120.4 36.1, 500)",
    "nan": "POLYGON((nan nan, 120.5 36.1, 120.5 36.2, nan nan))",
    "GeoJSON": '{"type":"Polygon","coordinates":[]}',
    "no area": "POLYGON((120.4 36.1, 120.5 36.1, 120.4 36.1, 120.4 36.1))",
    "a point": "POINT(120.4 36.1)",
    "nested": "(" * 5000,
}


def is_problem(answer: Any, param: str | None = None) -> bool:
    """Return whether an answer refuses what was sent, naming where and, if there was any, what."""
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
    assert answer.status_code != 422
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert len(answer.content) < 20_000
    return param is None or any(place.get("param") == param and "found" in place for place in body["errors"])


@pytest.mark.parametrize("path", ["items", "search", "facets"])
@pytest.mark.parametrize("layer", collections())
@pytest.mark.parametrize("kind", TEXTS)
def test_odd_values_of_every_parameter(client: TestClient, layer: str, path: str, kind: str) -> None:
    document = client.get("/api/openapi.json").json()["paths"][f"{BASE}/{layer}/{path}"]["get"]
    taken = set()
    for parameter in document["parameters"]:
        name, schema = parameter["name"], parameter["schema"]
        answer = client.get(f"{BASE}/{layer}/{path}?{name}={TEXTS[kind]}")
        if answer.status_code == 200:
            taken.add(name)
            assert (schema.get("items") or schema)["type"] == "string"
            assert "enum" not in (schema.get("items") or schema)
        else:
            assert is_problem(answer, None if name in {"sort", "sortby"} else name), name
    assert taken <= {"q", "subdistrict", "park", "ids", "line", "within"}
    if kind in {"lone surrogate", "NUL", "bad escapes", "line break"}:
        assert taken == set()


@pytest.mark.parametrize("kind", TEXTS)
def test_odd_values_of_every_other_address(client: TestClient, kind: str) -> None:
    for path in (
        "/api?lang=",
        "/api?f=",
        "/api/collections?f=",
        "/api/collections/parcels?lang=",
        "/api/collections/parcels/schema?lang=",
        "/api/collections/parcels/criteria?lang=",
        "/api/collections/parcels/items/x?f=",
        "/api/collections/parcels/items/x/sheet?lang=",
        "/parcels/x/brief.pdf?lang=",
        "/api/basemap?x=",
        "/api/openapi.json?x=",
        "/readyz?x=",
        "/api/docs?x=",
        "/api/shares?x=",
    ):
        assert is_problem(client.get(path + TEXTS[kind])), path
    shapes = client.get(f"/api/collections/parcels/shapes?v={TEXTS[kind]}")
    assert (
        shapes.status_code == 200
        if kind in {"nan", "infinity", "exponent", "huge exponent", "past 64 bits"}
        else is_problem(shapes, "v")
    )


@pytest.mark.parametrize("kind", TEXTS)
def test_odd_names_and_ids(client: TestClient, kind: str) -> None:
    assert is_problem(client.get(f"{BASE}/parcels/items?{TEXTS[kind] or 'x'}=1"))
    for path in (
        f"{BASE}/{TEXTS[kind] or 'x'}",
        f"{BASE}/parcels/items/{TEXTS[kind] or 'x'}/sheet",
        f"/parcels/{TEXTS[kind] or 'x'}",
    ):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("text", ["1e3", quote("٣"), "1_000", "%205%20", "0", "-1", "1.5", "+3", "0x10", ""])
def test_a_limit_is_read_strictly(client: TestClient, text: str) -> None:
    for layer in collections():
        assert is_problem(client.get(f"{BASE}/{layer}/items?limit={text}"), "limit")


@pytest.mark.parametrize("kind", POLYGONS)
def test_odd_polygons(client: TestClient, kind: str) -> None:
    for layer in collections():
        for path in ("items", "search", "facets"):
            answer = client.get(f"{BASE}/{layer}/{path}?within={quote(POLYGONS[kind])}")
            assert is_problem(answer, "within")


def test_a_bow_tie_is_its_two_wings(client: TestClient) -> None:
    def within(*rings: str) -> set[str]:
        found: set[str] = set()
        for ring in rings:
            answer = client.get(f"{BASE}/parcels/items?limit=1000&within={quote(f'POLYGON(({ring}))')}")
            found |= {feature["id"] for feature in answer.json()["features"]}
        return found

    west, south, east, north = client.get(f"{BASE}/parcels").json()["extent"]["spatial"]["bbox"][0]
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    middle = f"{middle_x:.6f} {middle_y:.6f}"
    corners = {"sw": (west, south), "ne": (east, north), "se": (east, south), "nw": (west, north)}
    sw, ne, se, nw = (f"{x:.6f} {y:.6f}" for x, y in corners.values())
    bow = within(", ".join((sw, ne, se, nw, sw)))
    wings = within(", ".join((sw, middle, nw, sw)), ", ".join((ne, middle, se, ne)))
    assert bow == wings != set()


SOME = f"{BASE}/parcels/items"
#: What reads well and means nothing: address, then what the answer must say.
SENSELESS = (
    ("bbox=1,2,3", "has 3 numbers"),
    ("bbox=120,36,121,91", "latitude that does not exist"),
    ("bbox=36.1,120.3,36.2,120.5", "longitude comes before latitude"),
    ("bbox=120.5,36.2,120.3,36.1", "south above its north"),
    ("bbox=181,36,182,37", "longitude that does not exist"),
    ("bbox=a,b,c,d", "no number"),
    ("bbox=40500000,4000000,40510000,4010000", "does not exist"),
    ("within=POLYGON((36.1 120.4, 36.2 120.4, 36.2 120.5, 36.1 120.4))", "longitude comes before latitude"),
    ("within=999999", "no district has this code"),
    ("near=spaceport:500", "no such value"),
    ("near=metro_station", "KIND:METRES"),
    ("near=metro_station:-5", "out of range"),
    ("near=metro_station:0", "out of range"),
    ("near=metro_station:999999999", "out of range"),
    ("land_use=9999", "no such code"),
    ("land_use=M1", "no such code"),
    ("land_use=1001&land_use=zz", "found 'zz'"),
    ("preset=castles", "no such value"),
    ("industry=C35", "no industry code"),
    ("area_min=50&area_max=10", "reversed"),
    ("area_min_mu=5&area_max_ha=2", "two area units"),
    ("area_min=5&area_min=6", "twice"),
    ("area_min=-1", "out of range"),
    ("area_unit=acre", "no such value"),
    ("floor_area_ratio_min=3&floor_area_ratio_max=2", "reversed"),
    ("floor_area_ratio_min=100", "out of range"),
    ("match=perhaps", "no such value"),
    ("bucket=all", "no such value"),
    ("stage=dreaming", "no such value"),
    ("standard_land=yes", "neither true nor false"),
    ("as_of_min=2026-02-30", "no day of the calendar"),
    ("as_of_min=03/15/2026", "no day of the calendar"),
    ("checklist=red", "no such value"),
    ("limit=0", "whole number from 1"),
    ("limit=-1", "whole number from 1"),
    ("limit=5&limit=6", "twice"),
    ("after=nonsense", "no cursor of ours"),
    ("sort=beauty", "no field is called"),
    ("sort=area_m2,area_m2", "twice"),
    ("sort=area_m2&sortby=area_m2", "give one of the two"),
    ("sort=a,b,c,d,e,f", "one to five"),
    ("sort=,", "one to five"),
    ("lang=fr", "no language of ours"),
    ("f=docx", "no format on offer"),
    ("f=csv&limit=5", "does not go with a file"),
    ("q=" + "x" * 101, "101 characters"),
    ("q=", "is empty"),
    ("areamin=5", "did you mean area_min"),
    ("filter=1=1", "no parameter"),
)


@pytest.mark.parametrize(("query", "said"), SENSELESS)
def test_what_means_nothing_is_refused_with_a_reason(client: TestClient, query: str, said: str) -> None:
    answer = client.get(f"{SOME}?{query}")
    assert is_problem(answer)
    body = answer.json()
    assert body["status"] == 400
    assert said in body["detail"]
    assert body["errors"]
    assert all({"param", "field"} & place.keys() for place in body["errors"])


def test_a_cursor_of_another_query_is_refused(client: TestClient) -> None:
    cursor = client.get(f"{BASE}/parcels/search?limit=1").json()["next"]
    assert "another query" in client.get(f"{SOME}?area_min=5&after={cursor}").json()["detail"]
    assert client.get(f"{SOME}?limit=1&after={cursor}").status_code == 200


def test_all_faults_of_a_query_are_told_at_once(client: TestClient) -> None:
    body = client.get(f"{SOME}?limit=0&area_min=many&bbox=1,2&nonsense=1&lang=xx").json()
    assert {place["param"] for place in body["errors"]} == {"limit", "area_min", "bbox", "nonsense", "lang"}


def test_a_query_past_its_caps_is_too_costly(live_server: LiveServer) -> None:
    # Past 64 KiB the line is no request any more.
    for query, code in (("q=" + "x" * 65_600, "invalid_value"), ("&".join(["ids=a"] * 501), "too_costly")):
        raw = live_server.send(f"GET {SOME}?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        body = orjson.loads(raw.partition(b"\r\n\r\n")[2])
        assert (body["status"], body["code"]) == (400, code)


BODIES: dict[str, bytes] = {
    "NaN": b'{"days":NaN}',
    "Infinity": b'{"days":Infinity}',
    "1e999": b'{"days":1e999}',
    "lone surrogate": b'{"title":"\\ud800"}',
    "lone surrogate beside another fault": b'{"title":"\\ud800","days":"x"}',
    "invalid UTF-8": b'{"title":"\xff\xfe"}',
    "100 000 deep": b"[" * 100_000 + b"]" * 100_000,
    "900 deep": b"[" * 900 + b"]" * 900,
    "450 deep": b'{"title":' + b"[" * 450 + b"]" * 450 + b"}",
    "a name twice": b'{"parcels":["a"],"parcels":["b"]}',
    "5000 digits": b'{"days":' + b"9" * 5000 + b"}",
    "no JSON": b"parcels=1",
    "nothing": b"",
    "a list": b"[]",
    "a text": b'"x"',
    "null": b"null",
    "NUL": b'{"parcels":["a\\u0000"]}',
    "line break in a title": b'{"parcels":["a"],"title":"a\\r\\nb"}',
    "text for a number": b'{"parcels":["a"],"days":"30"}',
    "true for a number": b'{"parcels":["a"],"days":true}',
    "half a day": b'{"parcels":["a"],"days":1.5}',
    "no days": b'{"parcels":["a"],"days":0}',
    "too many days": b'{"parcels":["a"],"days":366}',
    "an unknown name": b'{"parcels":["a"],"admin":true}',
    "no records": b"{}",
    "201 records": orjson.dumps({"parcels": [f"p{number}" for number in range(201)]}),
    "an unknown language": b'{"parcels":["a"],"lang":"fr"}',
    "an empty id": b'{"parcels":[""]}',
    "a long title": orjson.dumps({"parcels": ["a"], "title": "x" * 121}),
}


@pytest.mark.parametrize("kind", BODIES)
def test_odd_bodies(officer_client: TestClient, kind: str) -> None:
    answer = officer_client.post("/api/shares", content=BODIES[kind], headers={"Content-Type": "application/json"})
    assert is_problem(answer)
    assert answer.json()["status"] == 400
    assert all(place["in"] == "body" for place in answer.json()["errors"])
    assert answer.json()["errors"]


def test_a_body_past_its_cap_is_too_large(officer_client: TestClient) -> None:
    def chunks() -> Any:
        for _ in range(40):
            yield b" " * 50_000

    for content in (b" " * 2_000_000, chunks()):
        body = officer_client.post("/api/shares", content=content).json()
        assert (body["status"], body["code"]) == (413, "too_large")


def test_a_record_nobody_may_see_is_in_no_link(officer_client: TestClient, client: TestClient) -> None:
    everything = {f["id"] for f in officer_client.get(f"{SOME}?limit=1000").json()["features"]}
    public = {f["id"] for f in client.get(f"{SOME}?limit=1000").json()["features"]}
    hidden = min(everything - public)
    for id in (hidden, "nothing"):
        answer = officer_client.post("/api/shares", json={"parcels": [id]})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


RAW = {
    "bad escapes in the query": b"GET /api/collections/parcels/items?q=%zz%f HTTP/1.1",
    "bad escapes in the path": b"GET /api/collections/%zz%ff%fe HTTP/1.1",
    "NUL in the path": b"GET /api/collections/parcels/items/a%00b HTTP/1.1",
    "raw bytes in the query": b"GET /api/collections/parcels/items?q=\xff\xfe HTTP/1.1",
    "raw bytes in the path": b"GET /parcels/\xe6\x9d\x8e HTTP/1.1",
    "TRACE": b"TRACE /api HTTP/1.1",
    "no path": b"GET nothing HTTP/1.1",
    "climbing": b"GET /static/../../pyproject.toml HTTP/1.1",
    "climbing by escapes": b"GET /static/%2e%2e/%2e%2e/pyproject.toml HTTP/1.1",
    "CONNECT": b"CONNECT 127.0.0.1:22 HTTP/1.1",
    "another version": b"GET / HTTP/9.9",
    "a header that splits": b"GET /nothing HTTP/1.1\r\nX: a\x00b",
    "a huge header": b"GET /nothing HTTP/1.1\r\nX: " + b"x" * 200_000,
    "a bad length": b"POST /api/shares HTTP/1.1\r\nContent-Length: -5",
    "two lengths": b"POST /api/shares HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6",
    "length and chunks": b"POST /api/shares HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
    "an absolute address": b"GET http://evil.example/nothing HTTP/1.1",
}


@pytest.mark.parametrize("kind", RAW)
def test_odd_requests_on_the_wire(live_server: LiveServer, kind: str) -> None:
    answer = live_server.send(RAW[kind] + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    assert 400 <= status < 500, head
    assert b"application/problem+json" in head
    assert b"evil" not in answer
    assert orjson.loads(body)["status"] == status
    assert live_server.send(b"GET /healthz HTTP/1.0\r\n\r\n").endswith(b'{"status":"ok"}')


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (
            "GET /parcels/李 HTTP/1.1".encode(),
            ("%E6%9D%8E", "write them percent-encoded, as they stand under found"),
        ),
        (
            "GET /parcels/李 HTTP/1.1".encode("gbk"),
            ("%C0%EE", "they are not even UTF-8: write the text in UTF-8, percent-encoded"),
        ),
    ],
)
def test_raw_characters_in_an_address_are_told_with_what_to_write(
    live_server: LiveServer, first: bytes, told: tuple[str, str]
) -> None:
    answer = live_server.send(first + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    problem = orjson.loads(answer.partition(b"\r\n\r\n")[2])
    assert problem["detail"] == "the address has characters that are not ASCII and not percent-encoded"
    (fault,) = problem["errors"]
    assert (fault["found"], fault["hint"]) == told
    assert answer.isascii()


def test_who_speaks_tls_to_this_port_is_told_so(live_server: LiveServer) -> None:
    answer = live_server.send(bytes.fromhex("1603010200010001fc0303") + bytes(64) + b"\r\n\r\n")
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["detail"] == "this port speaks HTTP, not HTTPS"


def test_an_answer_holds_finite_numbers_only(officer_client: TestClient) -> None:
    def finite(value: Any) -> bool:
        if isinstance(value, dict):
            return all(map(finite, value.values()))
        return (
            all(map(finite, value)) if isinstance(value, list) else not isinstance(value, float) or math.isfinite(value)
        )

    for layer in collections():
        for path in ("items?limit=1000", "search", "facets", "shapes"):
            assert finite(orjson.loads(officer_client.get(f"{BASE}/{layer}/{path}").content))
