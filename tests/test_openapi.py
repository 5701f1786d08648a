"""The description tells the truth: every parameter, every status, every shape of answer, for the audience it serves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from landmap.api import create_app
from landmap.domain import Level, PolicyClass, collections
from landmap.query import declarations
from landmap.settings import Settings
from tests.sizes import DEEP, sized

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def names(operation: dict[str, Any], place: str = "query") -> set[str]:
    return {one["name"] for one in operation["parameters"] if one["in"] == place}


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.1"
    return dict(answer.json())


def test_every_schema_stands_inline(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert "components" not in document
    assert "$ref" not in str(document)
    assert "http://" not in str(document["servers"])


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    seen = set()
    for path, method, operation in operations(document):
        assert operation["summary"], path
        assert operation["operationId"] not in seen
        seen.add(operation["operationId"])
        assert {f"{{{name}}}" for name in names(operation, "path")} == {p for p in path.split("/") if p.startswith("{")}
        assert not any(status == "422" for status in operation["responses"]), (path, method)
        for status, told in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(told["content"]) == ["application/problem+json"]
            elif status == "200":
                assert told["content"], path
        for parameter in operation["parameters"]:
            assert parameter["in"] == "path" or parameter["description"], (path, parameter["name"])


@pytest.mark.parametrize("layer", collections())
@pytest.mark.parametrize("path", ["items", "search", "facets"])
def test_the_documented_parameters_are_the_declared_ones(document: dict[str, Any], layer: str, path: str) -> None:
    declared = {name for one in declarations(layer, PolicyClass.PUBLIC) for name in one.schemas()}
    others = {
        "items": {"limit", "after", "sort", "sortby", "f", "lang"},
        "search": {"limit", "after", "sort", "sortby", "lang"},
        "facets": {"lang"},
    }[path]
    operation = document["paths"][f"/api/collections/{layer}/{path}"]["get"]
    assert names(operation) == declared | others


def test_a_parameter_exists_if_and_only_if_it_is_documented(document: dict[str, Any], client: TestClient) -> None:
    everywhere = {name for _, _, operation in operations(document) for name in names(operation)}
    for path, method, operation in operations(document):
        if method != "get" or "{" in path or path == "/healthz":
            continue
        for name in everywhere:
            body = client.get(f"{path}?{name}=%20").json()
            unknown = isinstance(body, dict) and body.get("code") == "unknown_parameter"
            assert unknown == (name not in names(operation)), (path, name)


def test_hidden_criteria_and_fields_are_documented_for_those_who_have_them(
    document: dict[str, Any], officer_client: TestClient
) -> None:
    internal = officer_client.get("/api/openapi.json").json()
    path = "/api/collections/parcels/items"

    def fields(one: dict[str, Any]) -> set[str]:
        schema = one["paths"][path]["get"]["responses"]["200"]["content"]["application/geo+json"]["schema"]
        return set(schema["properties"]["features"]["items"]["properties"]["properties"]["properties"])

    assert names(internal["paths"][path]["get"]) - names(document["paths"][path]["get"]) == {"status"}
    assert {"land_status", "right_holder_name"} <= fields(internal) - fields(document)
    assert "right_holder_name" not in str(document)


def test_everything_served_for_programs_is_documented(document: dict[str, Any], client: TestClient) -> None:
    for path in ("/healthz", "/readyz", "/api", "/api/basemap", "/api/shares", "/parcels/{id}/brief.pdf"):
        assert path in document["paths"]
    for layer in collections():
        base = f"/api/collections/{layer}"
        for path in ("items", "items/{id}", "items/{id}/sheet", "search", "facets", "shapes", "criteria"):
            assert f"{base}/{path}" in document["paths"]


def test_the_examples_of_every_list_fit_their_schema(client: TestClient, document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", client.app)
    for layer in collections():
        for path in ("items", "search", "facets", "shapes", "criteria"):
            operation = schema[f"/api/collections/{layer}/{path}"]["GET"]
            answer = operation.Case().call()
            assert answer.status_code == 200
            operation.validate_response(answer)


@pytest.mark.timeout(sized(300, 7200))
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("who", ["public", "officer"])
def test_no_request_breaks_the_description(who: str, mode: GenerationMode, client: TestClient, demo_home: Path) -> None:
    """About 500 requests in all on a quick run; each is answered with a documented status, media type and shape."""
    # Schemathesis calls every application "testserver"; to an officer a server answers by its own name only.
    officer = Settings(home=demo_home, audience=Level.OFFICER, base_url="http://testserver")
    served = client.app if who == "public" else create_app(officer)
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", served)
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if who == "officer" and not operation.path.startswith(("/api/shares", "/api/collections/parcels")):
            continue
        if mode is GenerationMode.NEGATIVE and not (operation.query or operation.body):
            continue

        @settings(
            max_examples=sized(5, 500),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not DEEP,
            database=None,
        )
        @given(operation.as_strategy(generation_mode=mode))
        def breaks_nothing(case: schemathesis.Case) -> None:
            nonlocal tried
            tried += 1
            case.call_and_validate(checks=CHECKS)

        breaks_nothing()
    assert tried > 30
