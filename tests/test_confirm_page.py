"""The page behind a confirmation link: answered once, by whoever holds it, and telling nobody else anything."""

import datetime as dt
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from landmap.access import Amendments, Confirmation, Confirmations, Database, Stage, approve_edit, edits, propose_edit
from landmap.api import create_app
from landmap.domain import Level, layer_named
from landmap.pipeline import fold_now, publish_amended
from landmap.settings import Settings
from landmap.store import Home
from tests.hamlet import layer_frame, make_home, square
from tests.payloads import PAYLOADS
from tests.served import LiveServer, listening, serving
from tests.test_link_scope import FOREIGN

NAME, SECRET_FIELDS = "万达中心", {"owner_name": "产权人甲", "contact_person": "王某 13800000000"}


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish(made)
    return made


@pytest.fixture
def links(home: Home) -> Iterator[Confirmations]:
    opened = Confirmations(home, Database.open(home.path / "landmap.db"))
    yield opened
    opened.database.close()


@pytest.fixture
def client(home: Home) -> Iterator[TestClient]:
    with serving(home.path) as made:
        yield made


def publish(home: Home, *ids: str, **values: Any) -> None:
    given = {
        "building_name": NAME,
        "address": "书院路 188 号",
        "district_code": "370213",
        "building_kind": "office",
        "grade": "b",
        "gross_floor_area_m2": 20000.0,
        "rentable_area_m2": 15000.0,
        "available_area_m2": 3000.0,
        "rent_area_basis": "gross",
        "visibility": "internal",
        "data_as_of": dt.date(2026, 6, 1),
        **SECRET_FIELDS,
        **values,
    }
    rows = [{**given, "building_id": id, "geometry": square(2 * n, 0)} for n, id in enumerate(ids or ("A", "B"))]
    publish_amended(home, {"buildings": layer_frame("buildings", rows)}, by="数据", note="")


def make(links: Confirmations, **given: Any) -> tuple[str, Confirmation]:
    return links.create("buildings", "A", owner="经手人赵", now=now(), **given)


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def post(client: TestClient, token: str, answer: str = "changed", **values: Any) -> Response:
    page = client.get(f"/c/{token}").text
    version = values.pop("version", None) or version_in(page)
    return client.post(f"/c/{token}", data={"version": version, "answer": answer, **values})


def edits_of(links: Confirmations) -> tuple[Any, ...]:
    return Amendments(links.database).listed()


def test_the_page_shows_what_is_asked_and_nothing_else(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links, fields=("available_area_m2", "operator_name"), recipient="万达物业")
    page = client.get(f"/c/{token}").text
    for told in (NAME, "可招租（空置）面积", "3,000 ㎡", "运营或物业公司", "2026-06-01"):
        assert told in page
    for hidden in (*SECRET_FIELDS.values(), "书院路", "租金", "万达物业", "经手人赵", token):
        assert hidden not in page


@pytest.mark.parametrize(("lang", "words"), [("zh", "都没变，确认"), ("en", "Nothing has changed: confirm")])
def test_the_page_speaks_the_language_asked(links: Confirmations, client: TestClient, lang: str, words: str) -> None:
    token, _ = make(links)
    assert words in client.get(f"/c/{token}?lang={lang}").text


def test_one_tap_makes_the_record_fresh(home: Home, links: Confirmations, client: TestClient) -> None:
    token, made = make(links)
    answer = post(client, token, "same")
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/done?lang=zh")
    assert "谢谢" in client.get(answer.headers["location"]).text
    (told,) = edits_of(links)
    assert (told.state, told.origin, [one.field for one in told.changes]) == (
        Stage.APPROVED,
        "confirmation",
        ["data_as_of"],
    )
    snapshot, _ = fold_now(home, by="")
    fresh = edits.record(snapshot.layer("buildings"), layer_named("buildings"), "A")
    assert fresh["data_as_of"] == home.district().today().isoformat()
    assert links.listed()[0].id == made.id
    assert client.get(f"/c/{token}").status_code == 410


def test_what_has_changed_waits_for_somebody_to_look(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links)
    assert post(client, token, available_area_m2="1 200 平方米", note="三层退租").status_code == 303
    (told,) = edits_of(links)
    changed = {one.field: one.value for one in told.changes if one.field != "data_as_of"}
    assert (told.state, told.note, changed) == (Stage.PROPOSED, "三层退租", {"available_area_m2": 1200.0})


def test_words_alone_are_read_by_somebody(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links)
    assert post(client, token, note="下月搬走").status_code == 303
    (told,) = edits_of(links)
    assert (told.state, told.note) == (Stage.PROPOSED, "下月搬走")


def test_words_that_would_go_with_nothing_are_not_lost(home: Home, links: Confirmations) -> None:
    publish(home, data_as_of=home.district().today())
    token, _ = make(links)
    with serving(home.path) as client:
        answer = post(client, token, note="下月搬走")
    assert answer.status_code == 400
    assert "下月搬走" in answer.text
    assert "打电话" in answer.text
    assert links.resolve(token, now()).used_at is None


def test_what_cannot_be_read_is_told_beside_its_field_and_the_link_stays(
    links: Confirmations, client: TestClient
) -> None:
    token, _ = make(links)
    answer = post(client, token, available_area_m2="很多", tenant_count="12", note="请看")
    assert answer.status_code == 400
    field = answer.text.split('name="available_area_m2"')[1].split("</label>")[0]
    assert 'class="problem"' in field
    for kept in ('value="很多"', 'value="12"', "请看", '<details class="change" open>'):
        assert kept in answer.text
    assert edits_of(links) == ()
    assert post(client, token, available_area_m2="1200").status_code == 303


def test_a_record_that_changed_meanwhile_is_shown_again(home: Home, links: Confirmations, client: TestClient) -> None:
    token, _ = make(links)
    old = version_in(client.get(f"/c/{token}").text)
    queue = Amendments(links.database)
    told = propose_edit(home, queue, "buildings", "A", {"available_area_m2": "2000"}, by="王", now=now())
    assert told.amendment
    approve_edit(home, queue, told.amendment.id, by="张", now=now())
    fold_now(home, by="张")
    answer = post(client, token, available_area_m2="1200", version=old)
    assert answer.status_code == 409
    assert "刚才" in answer.text
    assert "1200" in answer.text


def test_a_record_that_is_gone_has_no_page(home: Home, links: Confirmations) -> None:
    token, _ = make(links)
    publish(home, "B")
    with serving(home.path) as client:
        assert client.get(f"/c/{token}").status_code == 410


def ended(links: Confirmations) -> dict[str, str]:
    """Return a token for every way of not being open."""
    used, _ = make(links)
    links.answer(used, {}, version=links.home.current_id() or "", now=now())
    revoked, one = make(links)
    links.revoke(one.id, now())
    expired, _ = links.create("buildings", "B", owner="张", now=now() - dt.timedelta(days=15))
    other = {"unknown": "lm_c_" + secrets.token_urlsafe(32), "odd": "x", "share": "lm_s_" + "A" * 43}
    return {"used": used, "revoked": revoked, "expired": expired, **other}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_link_that_is_not_open_is_answered_alike(links: Confirmations, client: TestClient, lang: str) -> None:
    version = links.home.current_id() or ""
    told = set()
    for token in ended(links).values():
        for answer in (
            client.get(f"/c/{token}?lang={lang}"),
            client.post(f"/c/{token}?lang={lang}", data={"version": version, "answer": "same"}),
            client.post(f"/c/{token}?lang={lang}", data={"version": "x", "answer": "changed", "tenant_count": "?"}),
        ):
            kept = {k: v for k, v in answer.headers.items() if k != "date"}
            told.add((answer.status_code, answer.text, tuple(sorted(kept.items()))))
    assert len(told) == 1
    assert next(iter(told))[0] == 410
    assert len(edits_of(links)) == 1


def test_of_many_answers_at_once_one_is_taken(home: Home, links: Confirmations) -> None:
    token, _ = make(links)
    version = home.current_id() or ""
    with serving(home.path) as client, ThreadPoolExecutor(8) as pool:
        data = {"version": version, "answer": "changed", "available_area_m2": "1200"}
        codes = sorted(pool.map(lambda _: client.post(f"/c/{token}", data=data).status_code, range(8)))
    assert codes == [303] + [410] * 7
    assert len(edits_of(links)) == 1


def test_looking_uses_nothing_up(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links)
    for _ in range(3):
        assert client.get(f"/c/{token}").status_code == client.head(f"/c/{token}").status_code == 200
    assert edits_of(links) == ()


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_answers_for_nobody(links: Confirmations, client: TestClient, headers: dict[str, str]) -> None:
    token, _ = make(links)
    data = {"version": links.home.current_id() or "", "answer": "same"}
    answers = [client.post(f"/c/{one}", data=data, headers=headers) for one in (token, "lm_c_unknown")]
    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].text == answers[1].text
    assert links.resolve(token, now()).used_at is None


def test_nobody_else_is_told_of_a_link(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links)
    for path in (f"/c/{token}", "/c/lm_c_unknown", "/c/done"):
        headers = client.get(path).headers
        assert headers["cache-control"] == "private, no-store"
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert headers["referrer-policy"] in ("strict-origin", "no-referrer")
        assert "form-action 'self'" in headers["content-security-policy"]
        assert "etag" not in headers
    page = client.get(f"/c/{token}").text
    assert re.findall(r'(?:href|src)="(https?:)?//', page) == []
    assert '<meta name="robots" content="noindex, nofollow">' in page


def test_a_link_is_written_nowhere(home: Home, links: Confirmations, capfd: pytest.CaptureFixture[str]) -> None:
    token, _ = make(links)
    version = home.current_id() or ""
    body = f"version={version}&answer=changed&available_area_m2=1200".encode()
    with listening(create_app(Settings(home=home.path))) as server:
        for head in (f"GET /c/{token}", f"GET /c/{token}/x", f"PUT /c/{token}", f"GET /c/{token}?lang=%ff"):
            server.send(f"{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        sent = server.send(_posted(server, token, body))
        assert b" 303 " in sent.split(b"\r\n")[0]
        server.send(_posted(server, token, body))
    told = capfd.readouterr()
    assert token not in told.out + told.err
    kept = b"".join(path.read_bytes() for path in home.path.iterdir() if path.is_file())
    assert token.encode() not in kept


def _posted(server: LiveServer, token: str, body: bytes) -> bytes:
    kind = "Content-Type: application/x-www-form-urlencoded"
    host = f"Host: {server.host}:{server.port}"
    head = f"POST /c/{token} HTTP/1.1\r\n{host}\r\n{kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def test_a_problem_about_a_link_does_not_name_it(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links)
    answer = client.put(f"/c/{token}")
    assert (answer.status_code, answer.json()["instance"]) == (405, "/c/…")


@pytest.mark.parametrize(
    "body",
    [b"", b"answer=same", b"version=x", b"\xff\xfe", b"answer=other&version=1", b"answer=same&answer=same&version=1"],
)
def test_what_is_no_answer_is_asked_again(links: Confirmations, client: TestClient, body: bytes) -> None:
    token, _ = make(links)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post(f"/c/{token}", content=body, headers=kind)
    assert answer.status_code == 400
    assert "没有采用" in answer.text
    assert links.resolve(token, now()).used_at is None


def test_a_flood_is_cut_off(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links)
    assert client.post(f"/c/{token}", content=b"note=" + b"x" * 300_000).status_code == 413
    long = post(client, token, rent_raw="x" * 2_001)
    assert long.status_code == 400
    assert post(client, token, **{f"f{n}": "x" for n in range(6_000)}).status_code == 400
    assert edits_of(links) == ()


def test_fields_that_were_not_asked_are_not_answered(links: Confirmations, client: TestClient) -> None:
    token, _ = make(links, fields=("available_area_m2",))
    assert post(client, token, available_area_m2="1200", visibility="public", rent_raw="1元").status_code == 303
    (told,) = edits_of(links)
    assert sorted(one.field for one in told.changes) == ["available_area_m2", "data_as_of"]


def test_texts_stay_text(home: Home, links: Confirmations) -> None:
    marked = [payload for payload in PAYLOADS if "<" in payload]
    publish(home, building_name=marked[0], operator_name=marked[1])
    token, _ = make(links)
    with serving(home.path) as client:
        for payload in marked:
            answer = post(client, token, rent_raw=payload, available_area_m2="?", note=payload)
            assert answer.status_code == 400
            assert [one for one in (payload, marked[0], marked[1]) if one in answer.text] == []


def test_an_old_version_takes_no_answers(home: Home, links: Confirmations) -> None:
    token, _ = make(links)
    with serving(home.path, version=(home.current_id() or "")[:12]) as client:
        assert client.get(f"/c/{token}").status_code == 403
        assert client.post(f"/c/{token}", data={"answer": "same"}).status_code == 403


def test_a_parcels_page_can_be_answered_on_a_server_for_stewards_too(demo_home: Path, own_home: Path) -> None:
    home = Home(own_home)
    database = Database.open(own_home / "landmap.db")
    token, _ = Confirmations(home, database).create("parcels", "370213-LC-0101-001", owner="张", now=now())
    with serving(own_home, audience=Level.STEWARD) as client:
        assert post(client, token, **{"site_services.road": "partial"}).status_code == 303
    (told,) = Amendments(database).listed()
    database.close()
    assert "site_services" in [one.field for one in told.changes]
