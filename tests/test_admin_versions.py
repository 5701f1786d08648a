"""Versions in the browser: listed, opened to be read, compared, gone back to."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from landmap.domain import layer_named
from landmap.pipeline import publish_amended
from landmap.store import Home, open_current
from tests.hamlet import make_home, parcels
from tests.steward import HTML, Steward, steward_at, text_of, worked


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = make_home(tmp_path / "home")
    for names, note in ((("A", "B"), "第一版"), (("A", "C"), "第二版 <b>")):
        frame = parcels(*names, supply_stage="announced", visibility="public", location_text="兴华路以东")
        publish_amended(made, {"parcels": frame}, by="数据", note=note)
    return made.path


@pytest.fixture
def steward(home: Path) -> Iterator[Steward]:
    with steward_at(home) as made:
        yield made


def ids(steward: Steward) -> list[str]:
    """Return the ids of the versions as the page lists them, the newest first."""
    found = re.findall(r'href="/admin/versions/([0-9a-f]{64})', steward.get("/admin/versions"))
    return list(dict.fromkeys(found))


def test_versions_are_listed_with_who_when_and_why(steward: Steward) -> None:
    page = steward.get("/admin/versions")
    newest, oldest = ids(steward)
    said = text_of(page)
    assert said.index("第二版 <b>") < said.index("第一版")
    assert said.count("现行 ") >= 1
    assert "地块 2" in said
    assert newest != oldest


def test_an_old_version_is_read_as_it_was(steward: Steward) -> None:
    newest, oldest = ids(steward)
    page = steward.get(f"/admin/versions/{oldest}")
    assert "这是旧版本" in page
    said = text_of(page)
    assert "B地块" in said
    assert "C地块" not in said
    assert "C地块" in text_of(steward.get(f"/admin/versions/{newest}"))
    assert "这是旧版本" not in steward.get(f"/admin/versions/{newest}")
    record = text_of(steward.get(f"/admin/versions/{oldest}/parcels/B"))
    assert "仅供查阅" in record
    assert "兴华路以东" in record


def test_records_of_a_version_are_found_by_number_and_name(steward: Steward) -> None:
    _, oldest = ids(steward)
    said = text_of(steward.get(f"/admin/versions/{oldest}", q="B地块"))
    assert "“B地块”：1 条" in said
    assert "没有符合的记录" in text_of(steward.get(f"/admin/versions/{oldest}", q="无此地块"))
    for query in ({"layer": "nothing"}, {"q": "x" * 500}, {"q": "%'\";--"}, {"layer": "buildings"}):
        steward.get(f"/admin/versions/{oldest}", **query)


def test_two_versions_are_compared(steward: Steward, home: Path) -> None:
    newest, oldest = ids(steward)
    for version, other in ((newest, "parent"), (oldest, "current")):
        answer = steward.post(f"/admin/versions/{version}/compare", {"with": other})
        worked(home)
        said = text_of(steward.follow(steward.client.get(answer.headers["location"], headers=HTML)))
        assert "两个版本之间的变化" in said
        assert re.search(r"1 新增 \d 修改 1 撤回", said), said
        assert "发布为新版本" not in said
    steward.post(f"/admin/versions/{oldest}/compare", {"with": "parent"}, status=404)
    steward.post(f"/admin/versions/{oldest}/compare", {"with": "nothing"}, status=400)


def test_one_click_goes_back_and_it_is_remembered_who_did(steward: Steward, home: Path) -> None:
    newest, oldest = ids(steward)
    assert "#rollback" in steward.get("/admin/versions")
    page = steward.follow(steward.post(f"/admin/versions/{oldest}/rollback", {"by": "张工", "note": "数据有误"}))
    assert "已回到版本" in page
    assert Home(home).current_id() == oldest
    said = text_of(page)
    assert re.search(r"回退\S* \w{12} 张工 数据有误", said), said
    # The name is remembered, so that from now on it is one click.
    again = re.search(rf'action="(/admin/versions/{newest}/rollback)[^>]*>.*?name="by" value="张工"', page, re.DOTALL)
    assert again is not None
    steward.post(again[1], {"by": "张工"})
    assert Home(home).current_id() == newest


@pytest.mark.parametrize("id", ["0000", "zzzz", "x" * 64, "0" * 64, "%2e%2e", "a" * 300])
def test_no_other_word_is_a_version(steward: Steward, home: Path, id: str) -> None:
    before = Home(home).current_id()
    steward.get(f"/admin/versions/{id}", status=404)
    steward.get(f"/admin/versions/{id}/parcels/A", status=404)
    steward.post(f"/admin/versions/{id}/rollback", {"by": "李"}, status=404)
    assert Home(home).current_id() == before


def test_a_shortened_id_opens_and_never_rolls_back(steward: Steward) -> None:
    _, oldest = ids(steward)
    steward.get(f"/admin/versions/{oldest[:12]}")
    steward.post(f"/admin/versions/{oldest[:12]}/rollback", {"by": "李"}, status=404)


def test_a_record_that_a_version_does_not_have_is_not_found(steward: Steward) -> None:
    _, oldest = ids(steward)
    for path in ("parcels/C", "parcels/x", "nothing/A", "building_units/A"):
        steward.get(f"/admin/versions/{oldest}/{path}", status=404)


def test_a_damaged_version_is_marked_and_cannot_be_gone_back_to(steward: Steward, home: Path) -> None:
    newest, oldest = ids(steward)
    (home / "snapshots" / oldest / "manifest.json").write_bytes(b"{}")
    page = steward.get("/admin/versions")
    assert "损坏" in page
    assert f"/admin/versions/{oldest}/rollback" not in page
    steward.post(f"/admin/versions/{oldest}/rollback", {"by": "李"}, status=503)
    assert Home(home).current_id() == newest


def test_where_it_came_from_is_told(steward: Steward, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDMAP_ALLOW_UNCONFINED", "1")
    table = b"parcel_id,supply_stage,data_as_of\nA,sold,2026-02-01\n"
    sent = {"by": "李晓", "layer": "parcels", "mode": "update"}
    answer = steward.post("/admin/import", sent, [("files", ("成交.csv", table))])
    worked(home)
    id = answer.headers["location"].rsplit("/", 1)[1]
    answer = steward.post(f"/admin/changes/{id}/publish", {"by": "李晓", "note": "成交"})
    worked(home)
    said = text_of(steward.follow(steward.client.get(answer.headers["location"], headers=HTML)))
    assert "成交.csv" in said
    assert "李晓" in said
    assert layer_named("parcels").label("zh") in said
    assert open_current(Home(home)).manifest["by"] == "李晓"
