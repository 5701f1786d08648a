"""Nothing leaves the product that its reader may not see: every answer of every route, every file, every log line."""

import base64
import contextlib
import datetime as dt
import io
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from landmap.access import Database, Shares
from landmap.domain import Level, collections
from landmap.render import FORMATS
from tests import crawl
from tests.canaries import NOTICED, Flock, declared, flock, hidden_fields, publish_flock
from tests.crawl import Told, told
from tests.served import LiveServer, serving

LEVELS = {"public": Level.PUBLIC, "partner": Level.PARTNER, "internal": Level.OFFICER}
#: What the version on disk says of itself, to stewards alone.
STEWARDS_ONLY = ("qxbyxq", "qxnotexq", "qxsourcexq", "qxfindingxq")


@dataclass(frozen=True)
class Crawled:
    """Everything one audience was told, and what was logged meanwhile."""

    audience: str
    answers: tuple[Told, ...]
    log: str
    paths: tuple[str, ...]
    flock: Flock

    def answer(self, where: str) -> Told:
        return next(one for one in self.answers if one.where == f"GET {where}")

    @cached_property
    def leaks(self) -> list[str]:
        """What was told that was not for this audience; the id somebody typed is repeated to them."""
        return [
            f"{canary} in {one.where}"
            for one in self.answers
            for canary in self.flock.seen_in(one.text)
            if self.audience not in canary.readers and canary.text not in one.where
        ]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_flock(tmp_path_factory.mktemp("leaks") / "home")[0].path


@pytest.fixture(scope="module")
def token(home: Path) -> str:
    """Return a link to the first parcel and building that the public sees."""
    known = flock()
    with contextlib.closing(Shares(Database.open(home / "landmap.db"))) as shares:
        return shares.create(
            snapshot_id=next(folder.name for folder in (home / "snapshots").iterdir()),
            parcels=known.ids("parcels", "public")[:1],
            buildings=known.ids("buildings", "public")[:1],
            owner="public",
            now=dt.datetime.now(dt.UTC),
        )[0]


@pytest.fixture(scope="module")
def crawled(home: Path, token: str) -> Mapping[str, Crawled]:
    """Return everything told to each audience."""
    return {name: _crawled(name, home, token) for name in LEVELS}


def _crawled(audience: str, home: Path, token: str) -> Crawled:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        with contextlib.redirect_stderr(log), serving(home, audience=LEVELS[audience]) as client:
            answers = tuple(crawl.crawl(client, flock(), token))
            return Crawled(audience, answers, log.getvalue(), crawl.paths_of(client), flock())
    finally:
        logging.getLogger().removeHandler(handler)


audiences = pytest.mark.parametrize("audience", LEVELS)


@audiences
def test_no_value_reaches_who_may_not_see_it(crawled: Mapping[str, Crawled], audience: str) -> None:
    assert crawled[audience].leaks == []


@audiences
def test_every_value_reaches_who_may_see_it(crawled: Mapping[str, Crawled], audience: str) -> None:
    seen = {canary for one in crawled[audience].answers for canary in flock().seen_in(one.text)}
    served = {*collections(), *LAYERS_NESTED, "attachments"}
    missing = {str(one) for one in flock().visible(audience) - seen if one.layer in served}
    assert missing == set()


#: Names of hidden fields that are words of the web as well.
ORDINARY_WORDS = ("visibility", "version", "org", "requirements")
LAYERS_NESTED = ("standard_land_indices", "site_assessments", "supply_events", "redevelopments", "building_units")


@audiences
def test_every_route_was_asked_and_none_failed(crawled: Mapping[str, Crawled], audience: str) -> None:
    asked = [one.where.removeprefix("GET ").split("?")[0] for one in crawled[audience].answers]
    for path in crawled[audience].paths:
        pattern = re.compile(re.sub(r"\{[a-z_]+\}", "[^/]+", path) + r"\Z")
        assert any(pattern.match(one) for one in asked), path
    assert [one.where for one in crawled[audience].answers if one.status >= 500] == []
    assert {200, 400, 404, 405, 410} <= {one.status for one in crawled[audience].answers}


def test_what_can_be_written_was_asked_for(home: Path) -> None:
    """A route that takes something else than GET is asked by the tests of its own; there are three."""
    with serving(home) as client:
        found = {
            (method, str(route.path))
            for route in iter_route_contexts(client.app.routes)  # type: ignore[attr-defined]
            for method in getattr(route, "methods", None) or ()
            if method not in ("GET", "HEAD")
        }
    assert found == {("POST", "/api/shares"), ("DELETE", "/api/shares/{public_id}"), ("POST", "/c/{token}")}


@pytest.mark.parametrize("audience", ["public", "partner"])
def test_no_answer_names_a_hidden_field(crawled: Mapping[str, Crawled], audience: str) -> None:
    layers = (*collections(), *LAYERS_NESTED)
    hidden = {name for layer in layers for name in hidden_fields(layer, audience)}
    visible = {name for layer in layers for name in declared(layer) if name not in hidden_fields(layer, audience)}
    hidden -= {*visible, *ORDINARY_WORDS}
    words = re.compile(rf"\b({'|'.join(sorted(hidden))})\b")
    assert len(hidden) > 25
    found = {(name, one.where) for one in crawled[audience].answers for name in words.findall(one.text)}
    assert found == set()


@pytest.mark.parametrize("audience", ["public", "partner"])
def test_no_answer_lies_where_a_hidden_record_lies(crawled: Mapping[str, Crawled], audience: str) -> None:
    boxes = [row.box for layer in collections() for row in flock().of(layer) if audience not in row.readers]
    assert len(boxes) > 5
    for one in crawled[audience].answers:
        for x, y in one.places:
            inside = [box for box in boxes if box[0] <= x <= box[2] and box[1] <= y <= box[3]]
            assert inside == [], one.where


@audiences
def test_no_address_of_a_hidden_file_is_told(crawled: Mapping[str, Crawled], audience: str) -> None:
    hidden = {paper.file for paper in flock().papers if audience not in paper.readers}
    shown = {paper.file for paper in flock().papers if audience in paper.readers}
    assert bool(hidden) is (audience != "internal")
    told = {file for one in crawled[audience].answers for file in re.findall(r"[0-9a-f]{64}\.pdf", one.text)}
    asked = {file for one in crawled[audience].answers for file in re.findall(r"[0-9a-f]{64}\.pdf", one.where)}
    assert shown <= told
    assert asked == hidden | shown
    assert [one.where for one in crawled[audience].answers if any(file in _unasked(one) for file in hidden)] == []


def _unasked(one: Told) -> str:
    """Return an answer without the address that was asked for, which a refusal repeats."""
    return one.text.replace(one.where.split(" ", 1)[1].rpartition("/")[2], "")


@audiences
def test_a_file_is_answered_through_its_own_record_alone(crawled: Mapping[str, Crawled], audience: str) -> None:
    for paper in flock().papers:
        for row in flock().of(paper.layer)[:1]:
            for id in {paper.record, row.id}:
                answer = crawled[audience].answer(f"/api/collections/{paper.layer}/items/{id}/attachments/{paper.file}")
                seen = id == paper.record and audience in paper.readers
                assert answer.status == (200 if seen else 404), answer.where
                assert (answer.body == paper.body) is seen


@pytest.mark.parametrize("audience", ["public", "partner"])
@pytest.mark.parametrize("layer", collections())
def test_counts_and_ordinals_are_those_of_the_visible(
    crawled: Mapping[str, Crawled], audience: str, layer: str
) -> None:
    size = len(flock().ids(layer, audience))
    found = json.loads(crawled[audience].answer(f"/api/collections/{layer}/search").body)
    assert (found["all"], found["total"]) == (size, size)
    assert len(base64.b64decode(found["bitmap"])) == -(-size // 8)
    assert sorted(card["ordinal"] for card in found["records"]) == list(range(size))
    drawn = json.loads(crawled[audience].answer(f"/api/collections/{layer}/shapes").body)
    assert sorted(one["o"] for one in drawn["features"]) == list(range(size))
    for facet in found["facets"].values():
        assert max([facet["unknown"], *(count for _, _, count in facet["counts"])]) <= size


@pytest.mark.parametrize("audience", ["public", "partner"])
@pytest.mark.parametrize("layer", collections())
def test_a_hidden_record_is_as_absent_as_one_that_never_was(home: Path, audience: str, layer: str) -> None:
    paths = ["/api/collections/{}/items/{}", "/api/collections/{}/items/{}/sheet"]
    paths += ["/{}/{}", "/{}/{}/brief.pdf"] if layer in crawl.BRIEFED else []
    paths += [f"/api/collections/{{}}/items/{{}}/attachments/{one.file}" for one in flock().papers[-3:]]
    with serving(home, audience=LEVELS[audience]) as client:
        for id in flock().ids(layer, audience, hidden=True):
            for path in paths:
                hidden, absent = (_without(client, path.format(layer, one), one) for one in (id, "qx99999xq"))
                assert hidden == absent
                assert hidden[0] == 404
            for query in ("search?ids={}", "items?ids={}", "items?q={}", "facets?ids={}", "search?bucket=pending&q={}"):
                hidden, absent = (
                    _without(client, f"/api/collections/{layer}/{query.format(one)}", one) for one in (id, "qx99999xq")
                )
                assert hidden == absent
                assert hidden[0] == 200 or layer not in crawl.BRIEFED


def _without(client: TestClient, address: str, id: str) -> tuple[int, str, str]:
    """Return status, headers and body of an answer with `id` and what is derived from it taken out."""
    answer = told(client, "GET", address)
    plain = (re.sub(r'("etag":|etag: ).*?(?=[,\n}])', "", text) for text in (answer.headers, answer.body.decode()))
    headers, body = (text.replace(id, "ID") for text in plain)
    return answer.status, headers, body


@pytest.mark.parametrize("audience", ["public", "partner"])
def test_what_waits_for_a_notice_follows_the_notice(crawled: Mapping[str, Crawled], audience: str) -> None:
    waiting = [name for name, row in declared("parcels").items() if row["visibility"] == "public_after_notice"]
    body = json.loads(crawled[audience].answer("/api/collections/parcels/items?f=json&lang=zh").body)
    stages = set()
    for feature in body["features"]:
        about = feature["properties"]
        stages.add(about["supply_stage"])
        known = {name for name in waiting if about[name] is not None}
        assert known == (set(waiting) if about["supply_stage"] in NOTICED else set())
    assert stages > set(NOTICED)


@audiences
@pytest.mark.parametrize("key", [key for key in FORMATS if key != "guotu_txt"])  # which has eight fields of its own
@pytest.mark.parametrize("layer", collections())
def test_a_file_holds_all_that_is_visible_of_its_records(
    crawled: Mapping[str, Crawled], audience: str, key: str, layer: str
) -> None:
    """Without this, a file that holds nothing would pass for a file that leaks nothing."""
    seen = flock().seen_in(crawled[audience].answer(f"/api/collections/{layer}/items?f={key}&lang=zh").text)
    wanted = {one for one in flock().visible(audience) if one.layer == layer}
    assert wanted - seen == set()


@pytest.mark.parametrize("path", ["/parcels/{}", "/parcels/{}/brief.pdf", "/api/collections/parcels/items/{}/sheet"])
def test_pages_and_briefs_say_more_to_an_officer(crawled: Mapping[str, Crawled], path: str) -> None:
    id = flock().ids("parcels", "public")[0]
    seen = {name: flock().seen_in(crawled[name].answer(path.format(id)).text) for name in LEVELS}
    assert id in {one.text for one in seen["public"]}
    assert any(one.visibility == "partner" for one in seen["partner"])
    assert seen["public"] < seen["partner"] <= seen["internal"]
    assert path.endswith(".pdf") or any(one.visibility == "internal" for one in seen["internal"])


@audiences
def test_logs_and_answers_hold_nothing_of_the_stewards(crawled: Mapping[str, Crawled], audience: str) -> None:
    everything = "\n".join(one.text for one in crawled[audience].answers)
    assert [word for word in STEWARDS_ONLY if word in everything + crawled[audience].log] == []


@audiences
def test_logs_hold_no_value(crawled: Mapping[str, Crawled], audience: str) -> None:
    assert {str(one) for one in flock().seen_in(crawled[audience].log)} == set()


@audiences
def test_an_answer_that_depends_on_the_reader_is_kept_by_no_shared_cache(
    crawled: Mapping[str, Crawled], audience: str
) -> None:
    for one in crawled[audience].answers:
        asked = one.where.split(" ", 1)[1]
        if asked == "/api/docs" or (asked.startswith("/static/") and "/words/" not in asked):
            continue
        control = re.search(r"^cache-control: (.*)$", one.headers, re.M)
        assert control, one.where
        assert "private" in control[1] or "no-store" in control[1], one.where
        assert "public" not in control[1], one.where
        vary = re.search(r"^vary: (.*)$", one.headers, re.M)
        assert vary, one.where
        assert {"Cookie", "Authorization"} <= set(vary[1].split(", ")), one.where


def test_no_two_audiences_share_a_tag_for_different_answers(crawled: Mapping[str, Crawled]) -> None:
    tags: dict[tuple[str, str], bytes] = {}
    for one in _tagged(crawled):
        found = re.search(r"^etag: (.*)$", one.headers, re.M)
        if found and one.status == 200:
            assert tags.setdefault((one.where, found[1]), one.body) == one.body, one.where


def _tagged(crawled: Mapping[str, Crawled]) -> Iterator[Told]:
    for one in crawled.values():
        yield from one.answers


CLIMBING = (
    "/static/../pyproject.toml",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/static/..%2f..%2fpyproject.toml",
    "/static/..\\..\\pyproject.toml",
    "/static/vendor/../../../pyproject.toml",
    "/static/js/%2e%2e/%2e%2e/templates/base.html",
    "/static//etc/passwd",
    "/static/%00",
    "/static/words/..%2f..%2fi18n%2fzh.json",
    "/static/",
    "/static/js",
    "//evil.example/",
    "/parcels/..%2f..%2freadyz",
    "/parcels/%0d%0aSet-Cookie:x",
)


@pytest.mark.parametrize("path", CLIMBING)
def test_no_path_climbs_out_of_its_folder(live_server: LiveServer, path: str) -> None:
    """Written on the wire as it stands: a client would tidy it up first."""
    answer = live_server.send(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 404")
    assert b"application/problem+json" in head
    assert b"set-cookie" not in head.lower()
    assert b"location:" not in head.lower()
    assert b"[project]" not in body
