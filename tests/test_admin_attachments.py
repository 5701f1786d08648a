"""The steward's pages of attachments: brought in by number or by name, described, taken off, and asked about."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from landmap.domain import Level
from landmap.pipeline import publish_amended
from landmap.store import Home, open_current
from tests.hamlet import make_home, parcels
from tests.served import serving
from tests.steward import HTML, Steward, steward_at, text_of, worked

BY = {"by": "李晓"}
PUBLIC = {"visibility": "public", "review_status": "published", "plan_publicity": "approved_public"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = make_home(tmp_path / "home")
    publish_amended(made, {"parcels": parcels("A-1", "A-2", "B-1", **PUBLIC)}, by="数据", note="")
    return made.path


@pytest.fixture
def steward(home: Path) -> Iterator[Steward]:
    with steward_at(home) as made:
        yield made


def picture(colour: str) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(sink, "JPEG")
    return sink.getvalue()


def packed(**files: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_jpg", ".jpg"), data)
    return sink.getvalue()


def brought(steward: Steward, home: Path, *files: tuple[str, bytes], **fields: str) -> str:
    """Send files, let the worker do its work, and return the page that tells what became of them."""
    said = {**BY, "layer": "parcels", "visibility": "internal", **fields}
    answer = steward.post("/admin/attachments", said, [("files", one) for one in files])
    return finished(steward, home, answer.headers["location"])


def finished(steward: Steward, home: Path, job: str) -> str:
    worked(home)
    led = steward.client.get(job, headers=HTML)
    assert led.status_code == 303, text_of(led.text)[:400]
    return str(led.headers["location"])


def shown(home: Path) -> dict[tuple[str, str], str]:
    """Return what the version served shows: class by record and caption."""
    entries = open_current(Home(home)).attachments()
    return {(one["feature_id"], one["caption_zh"]): one["visibility"] for one in entries}


def test_files_find_their_records_and_are_published_at_once(steward: Steward, home: Path) -> None:
    archive = packed(**{"A-2__front_jpg": picture("red"), "B—01 全景_jpg": picture("blue")})
    told = brought(
        steward, home, ("A-1.jpg", picture("teal")), ("航拍.zip", archive), visibility="public", source="航拍"
    )
    assert "3 已归属并发布" in text_of(steward.get(told))
    assert sorted(id for id, _ in shown(home)) == ["A-1", "A-2", "B-1"]
    page = steward.get("/admin/attachments")
    assert page.count("<img ") == 3
    assert "即将生效" not in page
    assert "航拍" in text_of(page)


def test_what_cannot_be_told_apart_is_asked_and_then_attached(steward: Steward, home: Path) -> None:
    told = brought(steward, home, ("IMG_0001.jpg", picture("red")), ("坏.jpg", b"\xff\xd8\xffnothing"), record="")
    page = steward.get(told)
    assert "IMG_0001.jpg" in page
    assert shown(home) == {}
    places = dict(re.findall(r'name="(to\.\d+)"[^>]*aria-label="([^"]+)"', page))
    assert sorted(places.values()) == ["IMG_0001.jpg", "坏.jpg"]
    named = next(place for place, name in places.items() if name == "IMG_0001.jpg")
    answer = steward.post(told, {named: "A-1地块"})
    assert "1 已归属并发布" in text_of(steward.get(finished(steward, home, answer.headers["location"])))
    assert list(shown(home)) == [("A-1", "")]


def test_a_damaged_picture_is_told_and_the_others_are_taken(steward: Steward, home: Path) -> None:
    told = brought(steward, home, ("A-1.jpg", picture("red")), ("A-2.jpg", b"\xff\xd8\xffnothing"))
    text = text_of(steward.get(told))
    assert "1 已归属并发布" in text
    assert "1 未采用" in text
    assert "A-2.jpg" in text


@pytest.mark.parametrize("said", ["A-1", "A-1-0", "A-1地块"])
def test_all_files_go_to_the_record_that_is_named(steward: Steward, home: Path, said: str) -> None:
    brought(steward, home, ("x.jpg", picture("red")), ("y.jpg", picture("blue")), record=said)
    assert [one["feature_id"] for one in open_current(Home(home)).attachments()] == ["A-1", "A-1"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"record": "没有的"}, "没有叫“没有的”的记录"),
        ({"visibility": "secret"}, "没有“secret”这个选项"),
        ({"kind": "selfie"}, "没有“selfie”这个选项"),
        ({"dated": "2026-13-01"}, "应写成"),
        ({"caption_zh": "长" * 201}, "太长"),
        ({"layer": "districts"}, "没有“districts”这个选项"),
        ({"by": ""}, "请填写“经办人”"),
    ],
)
def test_what_means_nothing_is_refused_in_words(steward: Steward, home: Path, fields: dict[str, str], why: str) -> None:
    said = {**BY, "layer": "parcels", **fields}
    answer = steward.post("/admin/attachments", said, [("files", ("A-1.jpg", picture("red")))], status=400)
    assert why in text_of(answer.text)
    worked(home)
    assert shown(home) == {}


def one_of(steward: Steward) -> str:
    found = re.search(r"/admin/attachments/[0-9a-f]{16}", steward.get("/admin/attachments"))
    assert found is not None
    return found[0]


def test_an_attachment_is_described_and_opened_to_the_public(steward: Steward, home: Path) -> None:
    brought(steward, home, ("A-1.jpg", picture("red")))
    path = one_of(steward)
    said = {
        "kind": "drone",
        "visibility": "public",
        "caption_zh": "全景",
        "caption_en": "Overview",
        "dated": "2026-05-01",
    }
    page = steward.follow(steward.post(path, {**said, "source": "<b>大疆</b>"}))
    assert "已保存" in page
    assert "一分钟内自动发布" in page
    assert "<b>大疆" not in page
    assert 'value="2026-05-01"' in page
    assert "即将生效" in steward.get("/admin/attachments")
    assert shown(home) == {("A-1", ""): "internal"}


def test_a_file_is_looked_at_before_a_version_shows_it(steward: Steward, home: Path) -> None:
    brought(steward, home, ("A-1.jpg", picture("red")))
    answer = steward.client.get(f"{one_of(steward)}/files/320")
    assert answer.headers["content-type"] == "image/webp"
    assert "no-store" in answer.headers["cache-control"]
    assert steward.client.get(f"{one_of(steward)}/files/9999").status_code == 404


def test_an_attachment_is_removed(steward: Steward, home: Path) -> None:
    brought(steward, home, ("A-1.jpg", picture("red")))
    path = one_of(steward)
    assert "已移除" in steward.follow(steward.post(f"{path}/remove"))
    steward.get(path, status=404)
    steward.post(f"{path}/remove", status=404)


def test_attachments_are_found_by_what_is_said_of_them(steward: Steward, home: Path) -> None:
    brought(steward, home, ("A-1.jpg", picture("red")), caption_zh="东侧临街")
    brought(steward, home, ("B-1.jpg", picture("blue")), caption_zh="厂房内部")
    for q, count in (("", 2), ("临街", 1), ("b-1地块", 1), ("A-1-0", 1), ("nothing", 0)):
        assert steward.get("/admin/attachments", q=q).count("<img ") == count


def test_the_form_of_an_edit_leads_to_the_photos_of_its_record(steward: Steward) -> None:
    edit = steward.get("/admin/amendments/edit", layer="parcels", id="A-1")
    assert "/admin/attachments?layer=parcels&amp;record=A-1" in edit
    page = steward.get("/admin/attachments", layer="buildings", record="L-1")
    assert 'value="L-1"' in page
    assert '<option value="buildings" selected>' in page


@pytest.mark.parametrize("level", [Level.PUBLIC, Level.OFFICER, Level.PLANNER])
def test_nobody_else_finds_these_pages(home: Path, level: Level) -> None:
    with serving(home, audience=level) as client:
        for path in ("/admin/attachments", "/admin/attachments/0123456789abcdef/files/320", "/admin/unplaced"):
            assert client.get(path).status_code == client.get("/nowhere").status_code == 404


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take uploads although tests check files in their own process."""
    monkeypatch.setenv("LANDMAP_ALLOW_UNCONFINED", "1")
