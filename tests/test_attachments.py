"""Attachments: kept once under their hash, shown to their class alone, listed by each version, matched by number."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from landmap.access import Amendments, Attachments, Database, match_files
from landmap.domain import PolicyClass
from landmap.domain.errors import InvalidValueError, NotFoundError, StoreError
from landmap.domain.identifiers import number_key
from landmap.ingest import RefusedError, attached
from landmap.pipeline import fold_now, fold_when_due, publish_amended
from landmap.store import Home, open_current, read_blob
from tests.hamlet import make_home, parcels

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish_amended(made, {"parcels": parcels("A", "B")}, by="数据", note="")
    return made


@pytest.fixture
def album(home: Home) -> Iterator[Attachments]:
    opened = Attachments(home, Database.open(home.path / "landmap.db"), attached.made)
    yield opened
    opened.database.close()


def picture(colour: str = "red", edge: int = 1500) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (edge, 100), colour).save(sink, "PNG")
    return sink.getvalue()


def add(album: Attachments, data: bytes | None = None, id: str = "A", **given: str) -> str:
    return album.add("parcels", id, data or picture(), name="正面.png", by="王", now=NOW, **given).id  # type: ignore[arg-type]


def test_a_picture_is_internal_until_somebody_says_otherwise(album: Attachments) -> None:
    made = album.get(add(album, caption_zh="东侧", source="现场拍摄"))
    assert (made.kind, made.visibility, made.media_type) == ("photo", PolicyClass.INTERNAL, "image/webp")
    assert (made.exhibit.caption("zh"), made.exhibit.caption("en"), made.source) == ("东侧", "东侧", "现场拍摄")
    for asking in (PolicyClass.PUBLIC, PolicyClass.PARTNER):
        assert album.listed("parcels", "A", asking) == ()
        with pytest.raises(NotFoundError):
            album.get(made.id, asking)
    album.describe(made.id, now=NOW, visibility="public", caption_en="East side")
    (shown,) = album.listed("parcels", "A", PolicyClass.PUBLIC)
    assert shown.exhibit.caption("en") == "East side"


@pytest.mark.parametrize(
    ("visibility", "seen"),
    [("public", "public partner internal"), ("partner", "partner internal"), ("internal", "internal")],
)
def test_an_attachment_is_listed_for_its_class_and_those_above(album: Attachments, visibility: str, seen: str) -> None:
    add(album, visibility=visibility)
    assert " ".join(one.value for one in PolicyClass if album.listed(asking=one)) == seen


def test_files_lie_under_their_hash_and_are_checked(album: Attachments) -> None:
    made = album.get(add(album))
    assert set(made.files) == {"320", "1280", "2560"}
    assert [made.exhibit.nearest(edge) for edge in (1, 320, 400, 9999)] == [
        made.files[size] for size in ("320", "320", "1280", "2560")
    ]
    data = album.read(made, "1280")
    assert Image.open(io.BytesIO(data)).size == (1280, 85)
    name = made.files["1280"]
    path = album.home.folder("attachments") / name[:2] / name
    assert path.read_bytes() == data
    path.write_bytes(b"\0" + data[1:])
    with pytest.raises(StoreError, match="damaged"):
        album.read(made, "1280")
    with pytest.raises(NotFoundError):
        album.read(made, "original")


@pytest.mark.parametrize("name", ["../landmap.db", "", "a.webp", "0" * 64, f"{'0' * 64}.webp", f"{'A' * 64}.webp"])
def test_only_names_that_are_hashes_are_read(home: Home, name: str) -> None:
    with pytest.raises(NotFoundError):
        read_blob(home, name)


def test_the_same_picture_is_kept_once_and_attached_once(album: Attachments) -> None:
    first, again, other = add(album), add(album), add(album, id="B")
    assert first == again != other
    kept = [path for path in album.home.folder("attachments").rglob("*") if path.is_file()]
    assert len(kept) == 3


def test_what_was_removed_is_gone_and_can_be_attached_again(album: Attachments) -> None:
    made = add(album)
    album.remove(made, now=NOW)
    assert album.listed("parcels", "A") == ()
    for ask in (lambda: album.get(made), lambda: album.remove(made, now=NOW)):
        with pytest.raises(NotFoundError):
            ask()
    assert add(album) != made


def test_a_file_that_is_refused_leaves_nothing(album: Attachments) -> None:
    with pytest.raises(RefusedError):
        add(album, b"MZ")
    assert list(album.home.folder("attachments").iterdir()) == []


@pytest.mark.parametrize(
    "given", [{"kind": "selfie"}, {"visibility": "secret"}, {"caption_zh": "长" * 201}, {"layer": "x"}, {"sha256": "x"}]
)
def test_words_that_mean_nothing_are_refused(album: Attachments, given: dict[str, str]) -> None:
    made = add(album)
    with pytest.raises(InvalidValueError):
        album.describe(made, now=NOW, **given)
    if next(iter(given)) in ("kind", "visibility", "caption_zh"):
        with pytest.raises(InvalidValueError):
            add(album, picture("blue"), **given)


def test_attachments_enter_answers_by_a_publish_alone(home: Home, album: Attachments) -> None:
    made = add(album, visibility="public")
    before = open_current(home)
    assert before.attachments() == []
    amendments = Amendments(album.database)
    assert fold_when_due(home, amendments, now=NOW) is None
    after = fold_when_due(home, amendments, now=NOW + MINUTE)
    assert after is not None
    (listed,) = after.attachments()
    assert (listed["id"], listed["layer"], listed["feature_id"], listed["visibility"]) == (
        made,
        "parcels",
        "A",
        "public",
    )
    assert "by" not in listed
    after.verify()
    assert fold_when_due(home, amendments, now=NOW + MINUTE) is None
    album.remove(made, now=NOW + MINUTE)
    assert fold_now(home, by="张")[0].attachments() == []
    assert after.attachments() == [listed]


def test_a_later_import_keeps_the_attachments(home: Home, album: Attachments) -> None:
    add(album)
    snapshot = publish_amended(home, {"parcels": parcels("A", "B", highlights="新")}, by="数据", note="")
    assert len(snapshot.attachments()) == 1


NAMES = {
    "P1": ["370213-GY-2025-001", "LC2025-001", "楼山热电地块"],
    "P2": ["370213-GY-2025-002", "LC2025-001-2"],
    "P3": ["370213-GY-2025-003", "A-7"],
    "P4": ["370213-GY-2025-004", "A-7"],
    "P5": ["370213-GY-2025-005", "9"],
}


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("LC2025-001.jpg", "P1"),
        ("LC 2025—1.JPG", "P1"),
        ("lc2025_001 (2).jpg", "P1"),
        ("LC2025-001 鸟瞰.jpg", "P1"),
        ("LC2025-001-2.jpg", "P2"),
        ("LC2025-0012.jpg", ""),
        ("LC2025001.jpg", ""),
        ("照片/LC2025-001/IMG_0001.jpg", "P1"),
        ("LC2025-001/LC2025-001-2.jpg", "P2"),
        ("370213-GY-2025-002/a/b.pdf", "P2"),
        ("楼山热电地块/正面.jpg", "P1"),
        ("A-7.pdf", "P3 P4"),
        ("9.jpg", "P5"),
        ("9 月现场.jpg", ""),
        ("IMG_20251101.jpg", ""),
        ("", ""),
    ],
)
def test_a_file_is_matched_by_the_number_in_its_name_or_its_folders(path: str, ids: str) -> None:
    found = match_files([path], NAMES)
    named = found.matched.get(path) or " ".join(found.ambiguous.get(path, ()))
    assert named == ids
    assert (path in found.unmatched) is (not ids)


@pytest.mark.parametrize("text", ["LC2025-001", "LC 2025—1", "lc2025－0001", "LC/2025/1", " LC2025_001 "])
def test_spellings_of_one_number_are_one_number(text: str) -> None:
    assert number_key(text) == ("lc", "2025", "1")
