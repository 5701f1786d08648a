"""What every answer over HTTP keeps to: shape, headers, caching, formats, one filter with one answer."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from landmap.api import security
from landmap.domain import collections
from landmap.render import FORMATS
from tests.served import serving

COLLECTION = "/api/collections/parcels"
ROUTES = (
    "/",
    "/healthz",
    "/readyz",
    "/api",
    "/api/conformance",
    "/api/collections",
    COLLECTION,
    f"{COLLECTION}/schema",
    f"{COLLECTION}/items?limit=3",
    f"{COLLECTION}/search?limit=3",
    f"{COLLECTION}/facets",
    f"{COLLECTION}/shapes",
    f"{COLLECTION}/criteria",
    "/api/basemap",
    "/api/openapi.json",
    "/api/docs",
    "/static/words/zh.json",
    "/static/js/docs.js",
    "/static/vendor/leaflet/leaflet.js",
)


def ids(body: dict[str, Any]) -> list[str]:
    return [feature["id"] for feature in body["features"]]


def link_of(headers: Any, relation: str) -> str | None:
    found = re.search(rf'<([^>]*)>; rel="{relation}"', headers["link"])
    return found[1] if found else None


def paged(client: TestClient, first: str) -> list[str]:
    """Return the ids of all pages, following the `next` links of the header."""
    found, address = [], first
    while address is not None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        found += ids(answer.json())
        address = link_of(answer.headers, "next")
    return found


def is_problem(answer: Any, status: int, code: str) -> bool:
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance", "code", "errors"} == set(body)
    return (answer.status_code, body["status"], body["code"]) == (status, status, code)


def test_the_landing_page_leads_everywhere(client: TestClient) -> None:
    links = client.get("/api").json()["links"]
    assert {link["rel"] for link in links} == {"self", "service-desc", "service-doc", "conformance", "data"}
    for link in links:
        assert client.get(link["href"]).status_code == 200
        assert client.get(link["href"]).headers["content-type"].startswith(link["type"].split(";")[0])


def test_collections_say_what_and_where(client: TestClient) -> None:
    found = client.get("/api/collections").json()["collections"]
    assert [one["id"] for one in found] == list(collections())
    for one in found:
        assert client.get(f"/api/collections/{one['id']}").json() == one
        west, south, east, north = one["extent"]["spatial"]["bbox"][0]
        assert 119.9 < west < east < 120.6
        assert 36.0 < south < north < 36.4
        for link in one["links"]:
            assert client.get(link["href"]).status_code == 200
    assert is_problem(client.get("/api/collections/attic"), 404, "not_found")
    assert is_problem(client.get("/api/collections/attic/items"), 404, "not_found")


def test_conformance_names_only_what_is_met(client: TestClient) -> None:
    assert all("/conf/" in uri for uri in client.get("/api/conformance").json()["conformsTo"])


@pytest.mark.parametrize("layer", collections())
def test_pages_give_every_record_once(client: TestClient, layer: str) -> None:
    whole = client.get(f"/api/collections/{layer}/items?limit=10000").json()
    found = paged(client, f"/api/collections/{layer}/items?limit=7")
    assert found == ids(whole)
    assert len(set(found)) == len(found) == whole["numberMatched"] == whole["numberReturned"]
    assert "next" not in {link["rel"] for link in whole["links"]}


def test_a_page_is_told_in_body_and_header_alike(client: TestClient) -> None:
    answer = client.get(f"{COLLECTION}/items?area_min=10&sort=-area_m2&limit=4")
    body = answer.json()
    assert {link["rel"]: link["href"] for link in body["links"]} == {
        relation: link_of(answer.headers, relation) for relation in ("self", "next")
    }
    assert body["numberReturned"] == 4 < body["numberMatched"]
    areas = [feature["properties"]["area_m2"] for feature in body["features"]]
    assert areas == sorted(areas, reverse=True)


def test_a_huge_limit_is_served_as_the_largest(client: TestClient) -> None:
    answer = client.get(f"{COLLECTION}/items?limit=999999")
    assert answer.status_code == 200
    assert "limit=10000" in (link_of(answer.headers, "self") or "")
    assert ids(answer.json()) == paged(client, f"{COLLECTION}/items?limit=200")


@pytest.mark.parametrize("key", ["area_m2", "-area_m2", "parcel_no", "supply_stage", "-data_as_of"])
def test_sorting_puts_the_unknown_last(client: TestClient, key: str) -> None:
    answer = client.get(f"{COLLECTION}/items?limit=1000&sort={key}").json()
    assert answer == {**client.get(f"{COLLECTION}/items?limit=1000&sortby={key}").json(), "links": answer["links"]}
    values = [feature["properties"][key.removeprefix("-")] for feature in answer["features"]]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (len(values) - len(known))
    assert known == sorted(known, reverse=key.startswith("-")) or key == "supply_stage"


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in {"/healthz", "/readyz", "/api/docs"}])
def test_what_is_held_is_not_sent_again(client: TestClient, route: str) -> None:
    first = client.get(route)
    assert first.headers["etag"].startswith('"') or "content-encoding" in first.headers
    again = client.get(route, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"].removeprefix("W/") == first.headers["etag"].removeprefix("W/")
    assert client.get(route, headers={"If-None-Match": '"another"'}).status_code == 200


def test_an_etag_differs_by_query_language_and_audience(client: TestClient, officer_client: TestClient) -> None:
    addresses = [f"{COLLECTION}/{path}" for path in ("search", "search?area_min=1", "search?lang=en", "facets")]
    tags = [one.get(address).headers["etag"] for one in (client, officer_client) for address in addresses]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_carries_the_fixed_headers(client: TestClient, route: str) -> None:
    for answer in (client.get(route), client.head(route), client.request("TRACE", route)):
        for name, value in security.HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["vary"] == security.VARY
        assert "server" not in answer.headers
    assert "unsafe" not in security.CSP


@pytest.mark.parametrize("route", ROUTES)
def test_head_is_get_without_a_body(client: TestClient, route: str) -> None:
    got, head = client.get(route), client.head(route)
    assert (head.status_code, head.content) == (got.status_code, b"")
    left = {"date"}
    assert {k: v for k, v in head.headers.items() if k not in left} == {
        k: v for k, v in got.headers.items() if k not in left
    }


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
@pytest.mark.parametrize("route", ROUTES)
def test_another_method_is_refused_with_those_on_offer(client: TestClient, route: str, method: str) -> None:
    answer = client.request(method, route)
    assert is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD"


def test_an_address_with_several_methods_names_them_all(client: TestClient) -> None:
    assert client.put("/api/shares").headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", ["/nothing", "/api/", "/api/nothing", "/static/nothing.js", "/%00"])
def test_what_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    assert is_problem(client.get(path), 404, "not_found")


def test_a_crash_is_a_problem_that_tells_nothing(demo_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(demo_home) as own:
        own.app.add_api_route("/crash", lambda: 1 // 0)  # type: ignore[attr-defined]
        answer = own.get("/crash")
    assert is_problem(answer, 500, "error")
    assert "ZeroDivision" not in answer.text
    assert answer.json()["detail"].removeprefix("reference ") in capsys.readouterr().err
    assert answer.headers["content-security-policy"] == security.CSP


@pytest.mark.parametrize("layer", ["parcels", "buildings"])
def test_a_record_is_the_same_alone_and_in_the_list(client: TestClient, layer: str) -> None:
    base = f"/api/collections/{layer}/items"
    listed = client.get(f"{base}?limit=1").json()["features"][0]
    alone = client.get(f"{base}/{listed['id']}").json()
    assert {name: alone[name] for name in listed} == listed
    sheet = client.get(f"{base}/{listed['id']}/sheet?lang=en").json()
    assert sheet["id"] == listed["id"]
    assert {"api", "brief", "self"} == set(sheet["links"])
    assert sheet["links"]["self"] == f"/{layer}/{listed['id']}"
    assert client.get(sheet["links"]["api"]).json() == alone
    assert all(row["state"] in {"ok", "unknown", "ambiguous", "warn"} for s in sheet["sections"] for row in s["rows"])


@pytest.mark.parametrize("path", ["/items/nothing", "/items/nothing/sheet", "/items/%E6%9D%8E", "/items/' OR 1=1 --"])
def test_a_record_that_does_not_exist_is_not_found(client: TestClient, path: str) -> None:
    assert is_problem(client.get(COLLECTION + path), 404, "not_found")


FILTERS = (
    "",
    "area_min=30",
    "preset=industrial_land&area_max=60",
    "land_use=1001&stage=announced&stage=ready",
    "near=metro_station:1500&floor_area_ratio_min=2",
    "floor_area_ratio_min=2&match=guaranteed&bucket=pending",
    "standard_land=true",
)


@pytest.mark.parametrize("query", FILTERS)
def test_one_filter_has_one_answer(client: TestClient, query: str) -> None:
    matched = paged(client, f"{COLLECTION}/items?{query}&limit=50")
    searched, cursor = [], ""
    while cursor is not None:
        after = f"&after={cursor}" if cursor else ""
        body = client.get(f"{COLLECTION}/search?{query}&limit=50{after}").json()
        searched += [card["id"] for card in body["records"]]
        cursor = body["next"]
    assert searched == matched
    assert body["total"] == len(matched)
    shapes = client.get(f"{COLLECTION}/shapes").json()["features"]
    bits = base64.b64decode(body["bitmap"])
    drawn = {shape["id"] for shape in shapes if bits[shape["o"] >> 3] >> (shape["o"] & 7) & 1}
    assert drawn == set(matched)
    facets = client.get(f"{COLLECTION}/facets?{query}").json()
    for name in ("total", "pending", "unknown", "ambiguous", "facets", "histograms"):
        assert facets[name] == body[name]


def test_a_facet_leaves_its_own_choice_aside(client: TestClient) -> None:
    def counts(query: str) -> dict[str, int]:
        facet = client.get(f"{COLLECTION}/facets?{query}").json()["facets"]["supply_stage"]
        return {code: number for code, _, number in facet["counts"]}

    without = counts("area_min=20")
    assert counts("area_min=20&stage=announced") == without
    for stage, number in without.items():
        assert client.get(f"{COLLECTION}/items?area_min=20&stage={stage}").json()["numberMatched"] == number


def test_criteria_on_offer_are_taken_and_their_facets_exist(client: TestClient) -> None:
    for layer in collections():
        offered = client.get(f"/api/collections/{layer}/criteria").json()
        answer = client.get(f"/api/collections/{layer}/facets").json()
        fields = {one["field"] for one in offered} - {None}
        assert fields <= answer["facets"].keys() | answer["histograms"].keys()
        for one in offered:
            if one["kind"] == "flag":
                assert client.get(f"/api/collections/{layer}/items?{one['name']}=true&limit=1").status_code == 200


@pytest.mark.parametrize("key", list(FORMATS))
def test_a_format_is_had_by_name_and_by_accept(client: TestClient, key: str) -> None:
    chosen, query = FORMATS[key], "area_min=60&limit=10000" if key == "geojson" else "area_min=60"
    named = client.get(f"{COLLECTION}/items?{query}&f={key}")
    accepted = client.get(f"{COLLECTION}/items?{query}", headers={"Accept": f"text/html;q=0.1, {chosen.media_type}"})
    for answer in (named, accepted):
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == chosen.media_type.split(";")[0]
    if key != "geojson":
        assert f".{chosen.extension}" in named.headers["content-disposition"]
        assert is_problem(client.get(f"{COLLECTION}/items?f={key}&limit=3"), 400, "invalid_value")


def test_an_unknown_parameter_is_refused_everywhere(client: TestClient) -> None:
    for route in ROUTES:
        if route in {"/", "/healthz"} or route.startswith(("/static/js", "/static/vendor")):
            continue
        answer = client.get(route + ("&" if "?" in route else "?") + "nonsense=1")
        assert is_problem(answer, 400, "unknown_parameter"), route
        assert answer.json()["errors"][0]["param"] == "nonsense"


@pytest.mark.parametrize(
    ("hidden", "absent", "query"),
    [
        ("land_status", "land_statuz", "sort={}"),
        ("right_holder_name", "right_holder_nome", "sort=-{}"),
        ("status", "statos", "{}=idle"),
        ("has_mortgage", "has_mortgagi", "{}=true"),
    ],
)
def test_hidden_and_absent_read_the_same(
    client: TestClient, officer_client: TestClient, hidden: str, absent: str, query: str
) -> None:
    for path in ("items", "search"):
        answers = [client.get(f"{COLLECTION}/{path}?{query.format(name)}") for name in (hidden, absent)]
        assert [answer.status_code for answer in answers] == [400, 400]
        # What may have been meant follows from the name that was sent, and is only ever a visible one.
        told = [re.sub(r" \(did you mean[^)]*\)|,?\"hint\":\"did you mean[^\"]*\"", "", one.text) for one in answers]
        assert told[0].replace(f"'{hidden}'", f"'{absent}'").replace(f':"{hidden}"', f':"{absent}"') == told[1]
        assert not any(f"did you mean {hidden}" in one.text for one in answers)
    if hidden != "has_mortgage":
        assert officer_client.get(f"{COLLECTION}/items?{query.format(hidden)}").status_code == 200
