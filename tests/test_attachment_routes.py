"""Where the files of attachments are found: through their record or an open link, by their content, for their class."""

import contextlib
import datetime as dt
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from PIL import Image
from starlette.testclient import TestClient

from landmap.access import Attachments, Database, Shares
from landmap.domain import Level
from landmap.ingest import attached
from landmap.pipeline import fold_now, publish_amended
from landmap.store import Decisions, Home, open_current
from tests.canaries import Paper, flock, publish_flock
from tests.hamlet import make_home, parcels
from tests.served import serving

NOW = dt.datetime.now(dt.UTC)
PARCEL = flock().ids("parcels", "public")[0]


@pytest.fixture(scope="module")
def flock_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_flock(tmp_path_factory.mktemp("files") / "home")[0].path


@pytest.fixture
def home(flock_home: Path, tmp_path: Path) -> Path:
    """Return a home of the test's own."""
    return Path(shutil.copytree(flock_home, tmp_path / "home"))


def paper(record: str, visibility: str) -> Paper:
    return next(one for one in flock().papers if (one.record, one.visibility) == (record, visibility))


def at(one: Paper) -> str:
    return f"/api/collections/{one.layer}/items/{one.record}/attachments/{one.file}"


@contextlib.contextmanager
def shares(home: Path) -> Iterator[Shares]:
    with contextlib.closing(Shares(Database.open(home / "landmap.db"))) as opened:
        yield opened


def link(home: Path, level: Level = Level.PUBLIC, days: int = 30, now: dt.datetime = NOW) -> tuple[str, str]:
    """Return the token and the public id of a link to one parcel."""
    with shares(home) as opened:
        version = open_current(Home(home)).id
        token, made = opened.create(
            snapshot_id=version, parcels=[PARCEL], owner="officer", now=now, level=level, days=days
        )
    return token, made.public_id


def test_a_file_may_be_kept_for_good_by_its_reader_alone(home: Path) -> None:
    one = paper(PARCEL, "public")
    with serving(home) as client:
        answer = client.get(at(one))
        assert (answer.status_code, answer.content) == (200, one.body)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert client.get(at(one), headers={"if-none-match": answer.headers["etag"]}).status_code == 304
        assert client.head(at(one)).content == b""


def test_a_document_is_handed_over_under_a_name_of_ours(home: Path) -> None:
    one = paper(PARCEL, "public")
    with serving(home) as client:
        told = client.get(at(one), headers={"accept-language": "en"}).headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9%._~-]+\.pdf", told)
    assert one.entry["caption_en"] in told


@pytest.mark.parametrize("query", ["lang=en", "size=320", "v=1"])
def test_a_file_takes_no_parameter(home: Path, query: str) -> None:
    with serving(home) as client:
        assert client.get(f"{at(paper(PARCEL, 'public'))}?{query}").status_code == 400


@pytest.mark.parametrize("level", [Level.PUBLIC, Level.PARTNER])
def test_a_link_shows_the_files_of_its_records_and_its_class(home: Path, level: Level) -> None:
    """Whoever opens it, on whichever server."""
    token, public_id = link(home, level)
    with serving(home, audience=Level.OFFICER) as client:
        page = client.get(f"/s/{token}").text
        for one in flock().papers:
            answer = client.get(f"/s/files/{public_id}/{one.file}")
            seen = one.record == PARCEL and level.key in one.readers
            assert answer.status_code == (200 if seen else 404)
            assert (one.file in page) is seen
            if seen:
                assert answer.content == one.body
                assert answer.headers["cache-control"] == "private, no-store"
                assert answer.headers["x-robots-tag"] == "noindex, nofollow"
                assert answer.headers["referrer-policy"] == "no-referrer"
    assert token not in page
    assert f"/s/files/{public_id}/" in page


def test_links_that_lead_nowhere_show_no_file_and_do_not_differ(home: Path) -> None:
    file = paper(PARCEL, "public").file
    open_, expired, revoked = link(home)[1], link(home, days=1, now=NOW - dt.timedelta(days=2))[1], link(home)[1]
    with shares(home) as opened:
        opened.revoke(revoked, NOW)
    hidden = paper(PARCEL, "internal").file
    asked = [f"{one}/{file}" for one in (expired, revoked, "0" * 16, "%00", "x" * 500)]
    asked += [f"{open_}/{one}" for one in (hidden, "0" * 64 + ".pdf", "district.toml", "..%5clandmap.db")]
    with serving(home) as client:
        answers = {
            path: client.get(f"/s/files/{path}", headers={"accept": "application/problem+json"}) for path in asked
        }
        assert {answer.status_code for answer in answers.values()} == {404}
        bodies = {re.sub(r'"(instance|detail)":"[^"]*"', "", answer.text) for answer in answers.values()}
        assert len(bodies) == 1
        assert len({re.sub(r'"instance":"[^"]*"', "", answer.text) for answer in answers.values()}) == 1


def test_a_link_keeps_showing_what_its_version_showed(home: Path) -> None:
    token, public_id = link(home)
    file = paper(PARCEL, "public").file
    fold_now(Home(home), by="x")  # the database of this home knows of no attachments: from now on there are none
    with serving(home) as client:
        assert client.get(at(paper(PARCEL, "public"))).status_code == 404
        assert client.get(f"/s/files/{public_id}/{file}").status_code == 200
        assert file in client.get(f"/s/{token}").text


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_file_that_is_damaged_is_out_of_reach_and_not_forgotten(home: Path, damage: str) -> None:
    one = paper(PARCEL, "public")
    kept = home / "attachments" / one.file[:2] / one.file
    kept.unlink() if damage == "gone" else kept.write_bytes(b"something else")
    with serving(home) as client:
        answer = client.get(at(one))
    assert answer.status_code == 503
    assert "immutable" not in answer.headers.get("cache-control", "")
    assert str(home) not in answer.text


# --- with pictures ----------------------------------------------------------------------------------------------------


def picture(colour: str, size: tuple[int, int] = (1500, 1000)) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", size, colour).save(sink, "PNG")
    return sink.getvalue()


@pytest.fixture
def hamlet(tmp_path: Path) -> Home:
    """Return a home with two public parcels, the first with a photo, a plan and what is not for everybody."""
    home = make_home(tmp_path / "hamlet")
    publish_amended(
        home,
        {
            "parcels": parcels(
                "A", "B", visibility="public", review_status="published", plan_publicity="approved_public"
            )
        },
        by="数据",
        note="",
    )
    with contextlib.closing(Database.open(home.path / "landmap.db")) as database:
        album = Attachments(home, database, attached.made)
        given = {"by": "王", "now": NOW, "source": "现场拍摄", "dated": dt.date(2026, 9, 12)}
        album.add("parcels", "A", picture("white"), name="secret-name.png", kind="plan", visibility="public", **given)  # type: ignore[arg-type]
        album.add(
            *("parcels", "A", picture("teal")),
            **{"name": "2.png", "visibility": "public", "caption_zh": "东侧", "caption_en": "East side", **given},  # type: ignore[arg-type]
        )
        album.add("parcels", "A", picture("red"), name="3.png", caption_zh="待拆", **given)  # type: ignore[arg-type]
    fold_now(home, by="王")
    return home


def sheet_of(client: TestClient, id: str, lang: str = "zh") -> list[dict[str, object]]:
    found: list[dict[str, object]] = client.get(f"/api/collections/parcels/items/{id}/sheet?lang={lang}").json()[
        "attachments"
    ]
    return found


def test_a_sheet_lists_photos_before_plans_with_words_and_sizes(hamlet: Home) -> None:
    with serving(hamlet.path) as client:
        photo, plan = sheet_of(client, "A")
        assert (photo["caption"], photo["note"], photo["alt"], photo["restricted"]) == (
            *("东侧", "2026-09-12 · 现场拍摄", "东侧", ""),
        )
        assert (plan["label"], plan["alt"], plan["drawn"]) == ("图纸", "A地块的图纸", True)
        assert sheet_of(client, "A", "en")[0]["caption"] == "East side"
        assert sheet_of(client, "B") == []
        assert list(photo["files"]) == ["320", "1280", "2560"]  # type: ignore[call-overload]
        for size, address in photo["files"].items():  # type: ignore[attr-defined]
            answer = client.get(address)
            assert answer.headers["content-type"] == "image/webp"
            assert "content-disposition" not in answer.headers
            assert max(Image.open(io.BytesIO(answer.content)).size) == min(int(size), 1500)


def test_an_officer_is_told_which_pictures_are_not_for_everybody(hamlet: Home) -> None:
    with serving(hamlet.path, audience=Level.OFFICER) as client:
        assert sorted((str(one["caption"]), one["restricted"]) for one in sheet_of(client, "A")) == [
            *(("", ""), ("东侧", ""), ("待拆", "内部")),
        ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_record_page_shows_pictures_without_script(hamlet: Home, lang: str) -> None:
    with serving(hamlet.path) as client:
        page = client.get(f"/parcels/A?lang={lang}").text
    images = re.findall(r"<img src=\"(/api/[^\"]+)\"[^>]*>", page)
    assert len(images) == 2
    assert all(re.search(rf'{image}"[^>]* alt="[^"]+"', page) for image in images)
    assert ("东侧" if lang == "zh" else "East side") in page
    assert "待拆" not in page
    assert "secret-name" not in page


def test_a_brief_has_a_page_of_pictures(hamlet: Home) -> None:
    with serving(hamlet.path) as client:
        pages = pypdf.PdfReader(io.BytesIO(client.get("/parcels/A/brief.pdf").content)).pages
        plain = pypdf.PdfReader(io.BytesIO(client.get("/parcels/B/brief.pdf").content)).pages
    assert (len(pages), len(plain)) == (2, 1)
    told = re.sub(r"\s", "", pages[1].extract_text())
    assert "东侧" in told
    assert "2026-09-12·现场拍摄" in told
    assert "待拆" not in told
    assert [image.image.size for image in pages[1].images if image.image] == [(1280, 853)] * 2


def test_a_brief_prints_six_pictures_and_counts_the_others(hamlet: Home) -> None:
    with contextlib.closing(Database.open(hamlet.path / "landmap.db")) as database:
        album = Attachments(hamlet, database, attached.made)
        for grey in range(7):
            data = picture(f"rgb({30 * grey},9,9)", (200, 300))
            album.add("parcels", "B", data, name="x", by="王", now=NOW, visibility="public", caption_zh=f"第{grey}张")
    fold_now(hamlet, by="王")
    with serving(hamlet.path) as client:
        pages = pypdf.PdfReader(io.BytesIO(client.get("/parcels/B/brief.pdf").content)).pages
    told = re.sub(r"\s", "", pages[1].extract_text())
    assert (len(pages), len(pages[1].images)) == (2, 6)
    assert [f"第{place}张" in told for place in range(7)] == [True] * 6 + [False]
    assert "另有1项" in told


def test_attachments_follow_a_record_to_its_new_number(hamlet: Home) -> None:
    frame = parcels("A2", "B", visibility="public", review_status="published", plan_publicity="approved_public")
    publish_amended(hamlet, {"parcels": frame}, by="数据", note="", decisions=Decisions(renumber={"A": "A2"}))
    with serving(hamlet.path) as client:
        photo, _ = sheet_of(client, "A2")
        address = str(photo["files"]["320"])  # type: ignore[index]
        assert "/items/A2/" in address
        assert client.get(address).status_code == 200
        moved = client.get(address.replace("/items/A2/", "/items/A/"))
        assert (moved.status_code, moved.headers["location"]) == (301, address)
