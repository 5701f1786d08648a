"""The server as a whole: readiness, a new version noticed, slow callers, foreign names, nothing from elsewhere."""

import gzip
import os
import re
import shutil
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from landmap import pipeline
from landmap.api import coding, security, state
from landmap.domain import Level
from landmap.query import MemoryEngine
from landmap.settings import Settings
from landmap.store import Home, open_current, publish, rollback
from tests.served import HEAD_SECONDS, LiveServer, serving

ITEMS = "/api/collections/parcels/items"


def published_without(home: Path, *parcels: str) -> str:
    """Publish the parcels without some of them; return the id of the new version."""
    frame = open_current(Home(home)).layer("parcels")
    left = frame[~frame["parcel_id"].isin(parcels)].reset_index(drop=True)
    return publish(Home(home), {"parcels": left}, by="test", note="fewer", derivations=pipeline.DERIVATIONS).id


def first_ids(client: TestClient, number: int = 3) -> list[str]:
    return [feature["id"] for feature in client.get(f"{ITEMS}?limit={number}").json()["features"]]


def test_health_needs_no_home_and_readiness_does(tmp_path: Path) -> None:
    with serving(tmp_path / "nothing") as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        for path in ("/readyz", "/", ITEMS, "/api", "/api/basemap"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert answer.headers["retry-after"] == "5"
            assert str(tmp_path) not in answer.text


def test_the_first_publish_of_an_empty_home_is_noticed(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "LOOK_EVERY", 0.0)
    toml, basemap = (tmp_path / name for name in ("district.toml", "basemap.geojson"))
    shutil.copy(own_home / "district.toml", toml)
    shutil.copy(own_home / "assets" / "basemap.geojson", basemap)
    empty = Home.create(tmp_path / "empty", toml, {"basemap.geojson": basemap})
    with serving(empty.path) as client:
        assert client.get("/readyz").status_code == 503
        publish(empty, {"parcels": open_current(Home(own_home)).layer("parcels")}, by="test", note="")
        ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert ready.json()["version"] == open_current(empty).id


def test_a_new_version_is_noticed_without_a_restart(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "LOOK_EVERY", 0.0)
    before = open_current(Home(own_home)).id
    with serving(own_home) as client:
        gone, kept = first_ids(client, 2)
        tag = client.get(ITEMS).headers["etag"]
        after = published_without(own_home, gone)
        assert client.get("/readyz").json()["version"] == after != before
        assert client.get(f"{ITEMS}/{gone}").status_code == 410
        assert first_ids(client, 1) == [kept]
        assert client.get(ITEMS, headers={"If-None-Match": tag}).status_code == 200
        rollback(Home(own_home), before, by="test", note="")
        assert first_ids(client, 2) == [gone, kept]
        assert client.get(ITEMS, headers={"If-None-Match": tag}).status_code == 304


def test_a_request_in_flight_keeps_its_version(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "LOOK_EVERY", 0.0)
    selecting, go_on = threading.Event(), threading.Event()
    real = MemoryEngine.select

    def slow(engine: MemoryEngine, *args: Any, **kwargs: Any) -> Any:
        if not selecting.is_set():
            selecting.set()
            assert go_on.wait(20)
        return real(engine, *args, **kwargs)

    before, answers = open_current(Home(own_home)).id, []
    with serving(own_home) as client:
        first = first_ids(client, 1)[0]
        monkeypatch.setattr(MemoryEngine, "select", slow)
        asking = threading.Thread(target=lambda: answers.append(client.get("/api/collections/parcels/search?limit=1")))
        asking.start()
        assert selecting.wait(20)
        after = published_without(own_home, first)
        assert client.get("/readyz").json()["version"] == after
        go_on.set()
        asking.join(20)
        old, new = answers[0].json(), client.get("/api/collections/parcels/search?limit=1").json()
    assert (old["version"], old["records"][0]["id"]) == (before, first)
    assert new["version"] == after
    assert new["records"][0]["id"] != first
    assert new["all"] == old["all"] - 1


def test_a_damaged_version_is_served_from_the_last_good_one(own_home: Path) -> None:
    before = open_current(Home(own_home)).id
    with serving(own_home) as client:
        after = published_without(own_home, first_ids(client, 1)[0])
    parcels = next((own_home / "snapshots" / after).glob("**/parcels*.parquet"))
    parcels.chmod(0o644)
    parcels.write_bytes(parcels.read_bytes()[:-1] + b"?")
    with serving(own_home) as client:
        told = client.get("/readyz").json()
        assert (told["status"], told["version"]) == ("degraded", before)


def test_a_big_answer_is_compressed_beside_the_loop_and_a_small_one_at_once(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[tuple[int, bool]] = []
    own = coding.packed

    def watched(body: bytes, how: coding.Coding) -> bytes:
        threads.append((len(body), threading.current_thread().name.startswith("AnyIO worker")))
        return own(body, how)

    monkeypatch.setattr(coding, "packed", watched)
    for path in ("/api/collections/parcels/shapes", "/api/collections"):
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    (big, aside), (small, inline) = threads
    assert (big >= coding.ASIDE > small, aside, inline) == (True, True, False)


def test_long_answers_are_compressed(client: TestClient) -> None:
    path = "/api/collections/parcels/shapes"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.headers["etag"] == f"W/{plain.headers['etag']}"
    for answer in (packed, plain):
        assert answer.headers["vary"] == security.VARY


def test_shapes_are_kept_for_good_only_under_their_own_key(client: TestClient, officer_client: TestClient) -> None:
    def kept(one: TestClient, version: str) -> bool:
        answer = one.get(f"/api/collections/parcels/shapes?v={version}")
        assert answer.status_code == 200
        return "immutable" in answer.headers["cache-control"]

    search = client.get("/api/collections/parcels/search?limit=1").json()
    assert kept(client, search["shapes"])
    assert not kept(client, search["version"])
    assert not kept(officer_client, search["shapes"])


def test_a_link_counts_who_opened_it_and_not_who_only_knocked(own_home: Path) -> None:
    with serving(own_home) as public, serving(own_home, audience=Level.OFFICER) as officer:
        made = officer.post("/api/shares", json={"parcels": first_ids(public, 1)})
        assert made.status_code == 201
        assert made.headers["location"] == made.json()["url"]
        assert public.head(made.json()["url"]).status_code == 200
        assert public.get(made.json()["url"]).status_code == 200
        (told,) = officer.get("/api/shares").json()
        assert (told["id"], told["opens"]) == (made.json()["id"], 1)
        assert officer.delete(f"/api/shares/{told['id']}").status_code == 204
        assert public.get(made.json()["url"]).status_code == 410


def test_a_link_whose_version_is_gone_from_the_disk_leads_nowhere_like_any_other(own_home: Path) -> None:
    with serving(own_home, audience=Level.OFFICER) as officer:
        chosen = first_ids(officer, 20)
        public = next(id for id in chosen if "share" in officer.get(f"{ITEMS}/{id}/sheet").json()["links"])
        made = officer.post("/api/shares", json={"parcels": [public]}).json()
        before = officer.get("/readyz").json()["version"]
    published_without(own_home, chosen[0])
    shutil.rmtree(own_home / "snapshots" / before)
    with serving(own_home) as client:
        gone, unknown = client.get(made["url"]), client.get("/s/lm_s_unknown")
    assert (gone.status_code, gone.text) == (410, unknown.text)
    assert gone.headers["cache-control"] == "private, no-store"


def test_a_sheet_offers_a_link_to_officers_and_only_of_what_the_public_sees(
    client: TestClient, officer_client: TestClient
) -> None:
    def offered(one: TestClient, id: str) -> bool:
        return "share" in one.get(f"{ITEMS}/{id}/sheet").json()["links"]

    seen = set(first_ids(client, 10_000))
    everything = set(first_ids(officer_client, 10_000))
    assert everything > seen
    public, hidden = min(seen), min(everything - seen)
    assert [offered(officer_client, id) for id in (public, hidden)] == [True, False]
    assert not offered(client, public)
    for id, status in ((public, 201), (hidden, 404)):
        assert officer_client.post("/api/shares", json={"parcels": [id]}).status_code == status


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/parcels/nothing", 404, "There is nothing here"),
        ("/parcels/nothing/brief.pdf?colour=red", 400, "The address holds something that cannot be read"),
        ("/nothing/at/all", 404, "search by number, road or building"),
    ],
)
def test_a_person_who_is_lost_is_told_where_and_what_to_do(
    client: TestClient, address: str, status: int, told: str
) -> None:
    page = client.get(address, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert told in page.text
    assert "Licang District" in page.text


HOSTS = ("evil.example", "evil.example:8000", "127.0.0.1@evil.example", "evil.example/a", "[::1]", "a b", "x" * 300)


@pytest.mark.parametrize("host", HOSTS)
def test_no_host_name_is_ever_repeated(client: TestClient, host: str) -> None:
    forged = {
        "Host": host,
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "evil",
        "X-Original-URL": "http://evil.example/",
        "Forwarded": "host=evil.example;proto=https",
        "Origin": "https://evil.example",
        "Referer": "https://evil.example/",
    }
    for path in (
        "/",
        "/api",
        "/api/collections",
        f"{ITEMS}?limit=1",
        "/api/collections/parcels/",
        "/nothing",
        "/static",
    ):
        answer = client.get(path, headers=forged)
        told = answer.text + str([value for name, value in answer.headers.multi_items()])
        assert "evil" not in told
        assert "x" * 200 not in told
        assert answer.status_code < 300 or answer.status_code == 404


def test_more_than_public_is_served_on_this_machine_only(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        assert Settings(home=tmp_path, host=host, audience=Level.OFFICER).audience is Level.OFFICER
    for host in ("0.0.0.0", "::", "192.168.1.5", "map.example.org"):
        with pytest.raises(ValidationError, match="this machine only"):
            Settings(home=tmp_path, host=host, audience=Level.OFFICER)
        assert Settings(home=tmp_path, host=host).audience is Level.PUBLIC


def test_half_open_connections_are_cut(live_server: LiveServer) -> None:
    heads = (
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /api/shares HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
    )
    plugs = []
    for number in range(60):
        plug = socket.create_connection((live_server.host, live_server.port), timeout=10)
        plug.sendall(heads[number % len(heads)])
        plugs.append(plug)
    begun = time.monotonic()
    assert live_server.send(b"GET /healthz HTTP/1.0\r\n\r\n").endswith(b'{"status":"ok"}')
    assert time.monotonic() - begun < HEAD_SECONDS
    for plug in plugs:
        plug.settimeout(8 * HEAD_SECONDS)
        with suppress(ConnectionResetError):
            assert plug.recv(1000)[:12] in (b"", b"HTTP/1.1 403")
        plug.close()


def test_a_trickle_is_cut_and_a_finished_request_is_not(live_server: LiveServer) -> None:
    def trickle(plug: socket.socket) -> None:
        for letter in b"GET / HTTP/1.1\r\nX: " + b"x" * 100:
            plug.send(bytes([letter]))
            time.sleep(0.1)

    begun = time.monotonic()
    address, cut = (live_server.host, live_server.port), (BrokenPipeError, ConnectionResetError)
    with socket.create_connection(address, timeout=10) as slow, pytest.raises(cut):
        trickle(slow)
    assert time.monotonic() - begun < 5 * HEAD_SECONDS
    answer = live_server.send(b"GET /api/collections/parcels/shapes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")


def test_what_is_no_http_is_a_problem_too(live_server: LiveServer) -> None:
    answer = live_server.send(b"\x16\x03\x01 hello\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in head
    assert b"Content-Security-Policy" in head
    assert f"Content-Length: {len(body)}".encode() in head


def test_a_body_past_the_cap_is_refused_unread(live_server: LiveServer) -> None:
    head = b"POST /api/shares HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 50000000\r\n\r\n"
    assert live_server.send(head)[9:12] in (b"403", b"413")


#: Names that are no address to fetch: namespaces, and places people may follow a link to.
NAMES = re.compile(
    r"https?://(www\.w3\.org|www\.opengis\.net|json-schema\.org|leafletjs\.com|localhost|127\.0\.0\.1)\b[^\s\"'`)<>]*"
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
URL = re.compile(r"(?:https?:)?//[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]{2,}[^\s\"'`)<>]*")


def test_what_we_serve_names_no_other_host(repo: Path, client: TestClient) -> None:
    ours = [*(repo / "web/static").rglob("*"), *(repo / "web/templates").rglob("*")]
    texts = {path.name: path.read_text("utf-8") for path in ours if path.suffix in {".js", ".css", ".html", ".svg"}}
    texts |= {path: client.get(path).text for path in ("/", "/api/docs", "/s/unknown")}
    leaflet = (repo / "web/dist/vendor/leaflet/leaflet.css").read_text("utf-8")
    found = {
        name: URL.findall(NAMES.sub("", COMMENT.sub("", text)))
        for name, text in {**texts, "leaflet.css": leaflet}.items()
    }
    assert {name: urls for name, urls in found.items() if urls} == {}


def test_a_page_loads_only_what_is_there(client: TestClient) -> None:
    record = first_ids(client, 1)[0]
    for page in ("/", f"/parcels/{record}", "/api/docs", "/s/unknown"):
        text = client.get(page).text
        loaded = re.findall(r'(?:src|href)="([^"#][^"]*)"', text)
        assert loaded, page
        for address in loaded:
            if address.startswith(("mailto:", "tel:", "data:")) or address.endswith(".pdf") or ".pdf?" in address:
                continue
            assert urlsplit(address).netloc == "", (page, address)
            assert client.get(urljoin(page, address)).status_code == 200, (page, address)
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", text), page
        assert not re.search(r"\son[a-z]+=|javascript:|<style|\sstyle=", text), page


def test_gzip_of_a_file_is_whole(live_server: LiveServer) -> None:
    raw = live_server.send(
        b"GET /api/basemap HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head
    assert gzip.decompress(body).startswith(b'{"type":"FeatureCollection"')


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_cannot_be_written_is_still_served(own_home: Path) -> None:
    own_home.chmod(0o555)
    with serving(own_home) as client:
        assert client.get("/readyz").json()["status"] == "read_only"
    own_home.chmod(0o755)
