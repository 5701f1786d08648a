"""A link shows the chosen records of one frozen version, as the public sees them, and cannot be made to show more."""

import contextlib
import datetime as dt
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from landmap.access import Database, Shares, scope_of
from landmap.domain import Level, collections, layers
from landmap.domain.errors import NotFoundError
from landmap.query import Catalog, criteria_class
from landmap.store import Home, open_current, publish
from tests.canaries import Row, declared, flock, publish_flock
from tests.crawl import Told, told
from tests.served import serving

NOW = dt.datetime.now(dt.UTC)
PARCEL, *OTHER_PARCELS = flock().ids("parcels", "public")
BUILDING, *OTHER_BUILDINGS = flock().ids("buildings", "public")


@pytest.fixture
def home(flock_home: Path, tmp_path: Path) -> Path:
    """Return a home of the test's own."""
    return Path(shutil.copytree(flock_home, tmp_path / "home"))


@pytest.fixture(scope="module")
def flock_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_flock(tmp_path_factory.mktemp("links") / "home")[0].path


def link_to(home: Path, level: Level = Level.PUBLIC, days: int = 30, now: dt.datetime = NOW, **chosen: object) -> str:
    """Return the token of a link made behind the server's back."""
    wanted = chosen or {"parcels": [PARCEL], "buildings": [BUILDING]}
    with contextlib.closing(Shares(Database.open(home / "landmap.db"))) as shares:
        made = shares.create(
            snapshot_id=open_current(Home(home)).id, owner="officer", now=now, level=level, days=days, **wanted
        )  # type: ignore[arg-type]
    return made[0]


def page(client: TestClient, token: str, query: str = "") -> Told:
    return told(client, "GET", f"/s/{token}{query}")


@pytest.mark.parametrize("level", [Level.PUBLIC, Level.OFFICER])
@pytest.mark.parametrize("query", ["", "?lang=zh", "?lang=en"])
def test_a_link_tells_of_its_records_what_the_public_may_know(home: Path, level: Level, query: str) -> None:
    """Whoever opens it, on whichever server."""
    token = link_to(home)
    with serving(home, audience=level) as client:
        found = page(client, token, query)
    seen = flock().seen_in(found.text)
    chosen = {row.name for row in flock().rows if row.id in (PARCEL, BUILDING)}
    nested = {row.name for row in flock().rows if row.values.get(_parent_of(row)) in (PARCEL, BUILDING)}
    assert found.status == 200
    assert {str(one) for one in seen if "public" not in one.readers} == set()
    assert {one.record for one in seen} <= chosen | nested
    assert {PARCEL, BUILDING} <= {one.text for one in seen}
    assert token not in found.text


def _parent_of(row: Row) -> str:
    return layers.layer_named(row.layer).parent_field or ""


def test_a_link_for_partners_tells_them_more_and_nothing_internal(home: Path) -> None:
    open_to_all, for_partners = link_to(home), link_to(home, Level.PARTNER)
    with serving(home) as client:
        less, more = (flock().seen_in(page(client, token).text) for token in (open_to_all, for_partners))
    assert less < more
    assert {one.visibility for one in more - less} == {"partner"}


@pytest.mark.parametrize("level", [Level.PUBLIC, Level.PARTNER])
def test_the_scope_of_a_link_holds_nothing_else(home: Path, level: Level) -> None:
    token = link_to(home, level)
    with contextlib.closing(Shares(Database.open(home / "landmap.db"))) as shares:
        audience = scope_of(shares.resolve(token, NOW))
    catalog = Catalog.load(open_current(Home(home)))
    today = catalog.district.today()
    for layer in collections():
        own = {"parcels": {PARCEL}, "buildings": {BUILDING}}.get(layer, set())
        everything = catalog.engine.select(layer, criteria_class(layer)(), audience, today=today)
        asked = criteria_class(layer)(ids=tuple(row.id for row in flock().of(layer)))
        assert set(everything.ids()) == own
        assert set(catalog.engine.select(layer, asked, audience, today=today).ids()) == own
        assert catalog.engine.size(layer, audience) == len(own)
        for row in flock().of(layer):
            if row.id not in own:
                with pytest.raises(NotFoundError, match=f"the layer {layer} has no record '{row.id}'"):
                    catalog.engine.record(layer, row.id, audience, today=today)


WIDER = (
    f"ids={OTHER_PARCELS[0]}",
    f"id={OTHER_PARCELS[0]}",
    f"parcels={OTHER_PARCELS[0]}",
    "layer=constraints",
    "audience=officer",
    "level=partner",
    "fields=reserve_price_10k_cny",
    "snapshot=current",
    "version=current",
    "f=json",
    "sort=reserve_price_10k_cny",
    "limit=100",
    "lang=en&ids=x",
    "lang=en&lang=zh",
)


@pytest.mark.parametrize("query", WIDER)
def test_no_parameter_widens_a_link(home: Path, query: str) -> None:
    """And none tells a link that is real from one that is not."""
    with serving(home) as client:
        real, unreal = (client.get(f"/s/{token}?{query}") for token in (link_to(home), "lm_s_none"))
    assert real.status_code == unreal.status_code == 400
    assert real.text == unreal.text
    assert flock().seen_in(real.text) <= {one for one in flock().canaries.values() if one.text in query}


def test_nothing_lies_below_a_link(home: Path) -> None:
    token = link_to(home)
    with serving(home) as client:
        for below in ("", "items", f"parcels/{PARCEL}", "shapes", "api/collections/parcels/items", "..", "%2e%2e"):
            answer = client.get(f"/s/{token}/{below}")
            assert answer.status_code == 404
            assert token not in answer.text


def test_the_page_asks_for_the_basemap_and_for_nothing_of_other_records(home: Path) -> None:
    """What the page's own script fetches is named in its blocks."""
    with serving(home) as client:
        body = page(client, link_to(home)).body.decode()
        fetched = set(re.findall(r'"url":"([^"]+)"', body))
        assert fetched == {"/api/basemap"}
        assert flock().seen_in(client.get("/api/basemap").text) == set()
    drawn = re.findall(r'"o":\d+,"id":"([^"]+)"', body)
    assert sorted(drawn) == sorted([PARCEL, BUILDING])


def _hidden_since(home: Path) -> None:
    """Publish a version in which the chosen records are internal and everything in it reads otherwise."""
    frames = flock().frames()
    for layer in ("parcels", "buildings"):
        frames[layer]["visibility"] = pd.Series("internal", index=frames[layer].index, dtype=object)
        texts = [name for name, row in declared(layer).items() if row["kind"] == "text" and not name.endswith("_id")]
        for name in texts:
            frames[layer][name] = pd.Series("qxlaterxq", index=frames[layer].index, dtype=object)
    publish(Home(home), frames, by="steward", note="withdrawn")


def test_a_link_outlives_what_is_published_later(home: Path) -> None:
    token = link_to(home)
    with serving(home) as client:
        before = page(client, token)
        assert client.get(f"/parcels/{PARCEL}").status_code == 200
    _hidden_since(home)
    with serving(home) as client:
        after = page(client, token)
        assert client.get(f"/parcels/{PARCEL}").status_code == 404
    assert (after.status, after.body) == (before.status, before.body)
    assert "qxlaterxq" not in after.text


def test_a_running_server_keeps_a_link_too(home: Path) -> None:
    token = link_to(home)
    with serving(home) as client:
        before = page(client, token).body
        _hidden_since(home)
        client.app.state.landmap.holder._looked = 0.0  # type: ignore[attr-defined]
        assert client.get(f"/parcels/{PARCEL}").status_code == 404
        assert page(client, token).body == before


@pytest.fixture
def dead_links(home: Path) -> tuple[str, ...]:
    expired = link_to(home, days=1, now=NOW - dt.timedelta(days=2))
    revoked = link_to(home)
    with contextlib.closing(Shares(Database.open(home / "landmap.db"))) as shares:
        shares.revoke(shares.resolve(revoked, NOW).public_id, NOW)
    return "lm_s_unknown", expired, revoked, "x", "%00", "..%2f..", "'--", "{{7*7}}", "a" * 5000


def test_links_that_lead_nowhere_are_one(home: Path, dead_links: tuple[str, ...]) -> None:
    with serving(home) as client:
        for query in ("", "?lang=en"):
            gone = [told(client, "GET", f"/s/{token}{query}") for token in dead_links]
            whole = {(one.status, one.headers, one.body) for one in gone if one.status != 404}
            assert len(whole) == 1
            assert gone[0].status == gone[1].status == gone[2].status == 410


def test_a_link_is_told_to_nobody_else(home: Path) -> None:
    with serving(home) as client:
        for token in (link_to(home), "lm_s_unknown"):
            headers = client.get(f"/s/{token}").headers
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "private, no-store"
            assert headers["x-robots-tag"] == "noindex, nofollow"
            assert "etag" not in headers
            assert "frame-ancestors 'none'" in headers["content-security-policy"]


#: What a browser says of a page that is not ours, and of one that is.
FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8001"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
)


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_makes_no_link_and_revokes_none(home: Path, headers: dict[str, str]) -> None:
    with serving(home, audience=Level.OFFICER) as client:
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            forged = {**headers, "Content-Type": kind}
            answer = client.post("/api/shares", content=f'{{"parcels":["{PARCEL}"]}}', headers=forged)
            assert answer.status_code == 403
        assert client.get("/api/shares").json() == []
        made = client.post("/api/shares", json={"parcels": [PARCEL]}, headers={"Origin": "http://localhost"}).json()
        assert client.delete(f"/api/shares/{made['id']}", headers=headers).status_code == 403
        assert client.get(made["url"]).status_code == 200


def test_an_officer_gives_away_nothing_that_the_public_may_not_see(home: Path) -> None:
    hidden = flock().ids("parcels", "public", hidden=True)
    with serving(home, audience=Level.OFFICER) as client:
        for id in hidden:
            answer = client.post("/api/shares", json={"parcels": [PARCEL, id]})
            assert answer.status_code == 404
        assert client.get("/api/shares").json() == []


def test_nothing_is_written_by_asking(home: Path) -> None:
    """No GET writes, but that a link counts who opened it."""
    token = link_to(home)
    with serving(home, audience=Level.OFFICER) as client:
        listed = client.get("/api/shares").json()
        paths = ("/", "/api/shares", f"/parcels/{PARCEL}", "/api/shares?revoke=1", "/api/shares/none", "/readyz")
        for path in paths:
            client.get(path)
        assert client.get("/api/shares").json() == listed
        client.get(f"/s/{token}")
    with contextlib.closing(Shares(Database.open(home / "landmap.db"))) as shares:
        assert [one.opens for one in shares.list()] == [1]
