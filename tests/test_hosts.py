"""A server of more than public records answers to this machine's own names, and to no site that borrowed them."""

from pathlib import Path

import pytest

from landmap.domain import Level
from landmap.store import publish
from tests.hamlet import make_home, parcels
from tests.served import serving


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_home(tmp_path_factory.mktemp("hosts") / "home")
    publish(made, {"parcels": parcels("A")}, by="steward", note="first")
    return made.path


OURS = (
    "localhost",
    "localhost:8000",
    "LOCALHOST:8000",
    "127.0.0.1",
    "127.0.0.1:8000",
    "127.9.9.9",
    "[::1]:8000",
)
FOREIGN = (
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil@localhost",
    "localhost/evil.example",
    "localhost evil.example",
    "0.0.0.0:8000",
    "[::]",
    "10.0.0.1",
    "2130706433",
    "0x7f.1",
    "",
)


@pytest.mark.parametrize("host", OURS)
@pytest.mark.parametrize("level", [Level.PARTNER, Level.OFFICER, Level.ADMIN])
def test_this_machine_is_answered(home: Path, host: str, level: Level) -> None:
    with serving(home, audience=level) as client:
        assert client.get("/api/collections", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/collections/parcels/items"),
        ("GET", "/healthz"),
        ("POST", "/api/shares"),
        ("GET", "/static/js/docs.js"),
    ],
)
def test_a_borrowed_name_gets_nothing(home: Path, host: str, method: str, path: str) -> None:
    same_site = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    with serving(home, audience=Level.OFFICER) as client:
        answer = client.request(method, path, headers=same_site, json={"parcels": ["A"]} if method == "POST" else None)
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    if host:
        assert host not in answer.text


def test_two_names_are_none(home: Path) -> None:
    with serving(home, audience=Level.OFFICER) as client:
        answer = client.get("/healthz", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 403


def test_the_name_in_the_settings_is_ours(home: Path) -> None:
    with serving(home, audience=Level.OFFICER, base_url="https://map.bureau.example:8443/onemap") as client:
        assert client.get("/healthz", headers={"Host": "map.bureau.example:8443"}).status_code == 200
        assert client.get("/healthz", headers={"Host": "other.bureau.example"}).status_code == 403


def test_public_records_are_told_under_any_name(home: Path) -> None:
    with serving(home) as client:
        assert client.get("/api/collections/parcels/items", headers={"Host": "map.example"}).status_code == 200
