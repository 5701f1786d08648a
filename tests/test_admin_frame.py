"""The frame of the steward's pages: for nobody below the level, from our own pages only, in the reader's words."""

import base64
import json
import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from landmap.api import create_app
from landmap.api.admin import csrf, routers
from landmap.api.routers import jobs
from landmap.domain import Level
from landmap.settings import Settings
from tests.served import serving
from tests.steward import HTML, Steward, steward_at, text_of

#: Every address under /admin, and of /api/jobs, as method and path with something in its places.
ROUTES = sorted(
    {
        (method, re.sub(r"{\w+(:\w+)?}", "x", route.path))  # type: ignore[attr-defined]
        for router in (*routers(), jobs.router)
        for route in router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
)
FORMS = [path for method, path in ROUTES if method == "POST"]
PAGES = ("/admin", "/admin/import", "/admin/versions", "/admin/jobs")


@pytest.fixture(scope="module")
def steward(demo_home: Path) -> Iterator[Steward]:
    """Return a steward who only looks: the home is everybody's."""
    with steward_at(demo_home) as made:
        yield made


@pytest.fixture(scope="module", params=[Level.PUBLIC, Level.PARTNER, Level.OFFICER, Level.PLANNER])
def below(request: pytest.FixtureRequest, demo_home: Path) -> Iterator[TestClient]:
    with serving(demo_home, audience=request.param) as client:
        yield client


def test_below_the_steward_no_address_exists(below: TestClient) -> None:
    for method, path in ROUTES:
        unknown = "/api/jobsx" if path.startswith("/api") else "/adminx"
        answer = below.request(method, path, headers=HTML)
        assert answer.status_code == 404, (method, path)
        nothing = below.request(method, unknown, headers=HTML).text
        assert answer.text.replace(path, "") == nothing.replace(unknown, ""), path
        assert "set-cookie" not in answer.headers


def test_below_the_steward_nothing_tells_of_it(below: TestClient) -> None:
    assert "/api/jobs" not in below.get("/api/openapi.json").json()["paths"]
    assert not any(key.startswith("admin.") for key in below.get("/static/words/zh.json").json())


def test_a_steward_is_told_of_the_jobs_and_of_no_page(steward: Steward) -> None:
    paths = steward.client.get("/api/openapi.json").json()["paths"]
    assert {"/api/jobs", "/api/jobs/{id}", "/api/jobs/{id}/files/{name}"} <= set(paths)
    assert not any(path.startswith("/admin") for path in paths)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_is_kept_from_caches_crawlers_and_scripts(steward: Steward, path: str, lang: str) -> None:
    answer = steward.client.get(path, params={"lang": lang}, headers=HTML)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", answer.text)
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_whoever_reads_english_goes_on_in_english(steward: Steward, path: str) -> None:
    page = steward.get(path, lang="en")
    ours = re.findall(r'(?:href|action)="(/admin[^"]*)"', page)
    assert ours
    assert [address for address in ours if "lang=en" not in address and "lang=zh" not in address] == []
    assert 'lang=zh" hreflang="zh"' in page


def test_the_secret_of_forms_is_out_of_the_reach_of_scripts_and_other_sites(demo_home: Path) -> None:
    with steward_at(demo_home) as fresh:
        answer = fresh.client.get("/admin", headers=HTML)
        cookie = SimpleCookie(answer.headers["set-cookie"])[csrf.COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
        assert len(cookie.value) == 43
        again = fresh.client.get("/admin", headers=HTML)
        assert "set-cookie" not in again.headers
        imports = fresh.get("/admin/import")
        assert f'name="{csrf.FIELD}" value="{cookie.value}"' in imports


def forged(steward: Steward, path: str, token: str | None, **headers: str) -> int:
    """Return the status of a form with this token and these headers, sent as the address takes it."""
    named = {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}}
    fields = {"by": "李"} | ({} if token is None else {csrf.FIELD: token})
    plain = steward.client.post(path, data=fields, headers=named).status_code
    files = [("files", ("a.csv", b"parcel_id\n1\n"))]
    with_file = steward.client.post(path, data=fields, files=files, headers=named).status_code
    # A form of the other kind is no form of this address.
    assert {plain, with_file} <= {400, 403}
    return max(plain, with_file)


@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_taken_from_elsewhere(steward: Steward, path: str) -> None:
    steward.get("/admin/import")
    good = steward.client.cookies[csrf.COOKIE]
    assert forged(steward, path, good, sec_fetch_site="cross-site") == 403
    assert forged(steward, path, good, sec_fetch_site="same-site") == 403
    assert forged(steward, path, good, origin="https://evil.example") == 403
    assert forged(steward, path, good, origin="null") == 403
    assert forged(steward, path, None, sec_fetch_site="same-origin") == 403
    assert forged(steward, path, "x" * 43, sec_fetch_site="same-origin") == 403
    assert forged(steward, path, "é", sec_fetch_site="same-origin") == 403


@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_taken_without_the_cookie(demo_home: Path, path: str) -> None:
    with steward_at(demo_home) as bare:
        assert forged(bare, path, "x" * 43, sec_fetch_site="same-origin") == 403


def test_what_was_refused_and_why_is_told_in_the_readers_words(steward: Steward) -> None:
    steward.get("/admin")
    for lang, words in (("zh", "别的网站"), ("en", "Another website")):
        answer = steward.client.post(
            f"/admin/import?lang={lang}", data={}, headers={**HTML, "sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 403
        assert words in text_of(answer.text)
        assert f'href="/admin/import?lang={lang}"' in answer.text


def test_where_an_old_version_is_shown_nothing_can_be_done(demo_home: Path) -> None:
    version = next(path.name for path in (demo_home / "snapshots").iterdir())
    with steward_at(demo_home, version=version) as reader:
        assert "<form" not in reader.get("/admin/import")
        assert version[:12] in reader.get("/admin")
        for path in FORMS:
            token = reader.client.cookies[csrf.COOKIE]
            assert forged(reader, path, token, sec_fetch_site="same-origin") == 403, path
        assert reader.client.delete("/api/jobs/x").status_code == 403


def notice(content: object) -> dict[str, str]:
    """Return the headers of a browser that holds this note."""
    kept = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    return {**HTML, "cookie": f"landmap_notice={kept}"}


def test_a_note_is_read_once(steward: Steward) -> None:
    note = notice(["admin.notice.rolled_back", {"version": "<b>abc"}])
    answer = steward.client.get("/admin", headers=note)
    assert "已回到版本 &lt;b&gt;abc" in answer.text
    assert 'landmap_notice=""' in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "content",
    [["page.problem.home", {}], ["admin.notice.nothing", {}], ["admin.notice.rolled_back", 3], "x", 7, None, [1, 2]],
)
def test_a_forged_note_says_nothing(steward: Steward, content: object) -> None:
    answer = steward.client.get("/admin", headers=notice(content))
    assert answer.status_code == 200
    assert 'class="notice"' not in answer.text


@pytest.mark.parametrize("kept", ["%%%", "é", "A", "=" * 3000, ""])
def test_a_broken_note_or_name_does_no_harm(steward: Steward, kept: str) -> None:
    held = f"landmap_notice={kept}; landmap_by={kept}; {csrf.COOKIE}={kept}".encode()
    answer = steward.client.get("/admin/import", headers=[(b"accept", b"text/html"), (b"cookie", held)])
    assert answer.status_code == 200


def test_an_unknown_address_is_told_in_the_frame_of_problems(steward: Steward) -> None:
    for path in ("/admin/nothing", "/admin/import/nothing", "/admin/versions/zz", "/admin/jobs/1", "/admin/changes/1"):
        page = steward.get(path, status=404)
        assert "这里什么都没有" in page, path


def test_the_pages_open_before_anything_was_published(tmp_path: Path, repo: Path) -> None:
    from tests.hamlet import make_home

    with steward_at(make_home(tmp_path / "home").path) as first:
        assert "还没有发布过数据" in text_of(first.get("/admin"))
        assert "还没有发布过数据" in text_of(first.get("/admin/versions"))
        first.get("/admin/import")
        first.get("/admin/jobs")


def test_a_public_server_does_not_load_the_pages(demo_home: Path) -> None:
    app = create_app(Settings(home=demo_home))
    assert not [route for route in app.routes if "/admin" in getattr(route, "path", "")]
