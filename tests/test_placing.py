"""A row that waits is found, gets its place from a person, and is on the map; until then it is in no count."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely

from landmap import pipeline
from landmap.domain import Level
from landmap.domain.errors import ConflictError, InvalidValueError, NotFoundError
from landmap.pipeline import place_row, publish_amended, publish_placed
from landmap.store import Home, open_current, stage, staged, waiting
from tests.hamlet import make_home, parcels
from tests.making_files import feature, write_csv, write_geojson
from tests.served import serving
from tests.steward import HTML, Steward, steward_at, text_of, worked

PUBLIC = {"visibility": "public", "review_status": "published", "plan_publicity": "approved_public"}
HEAD = ("地块编号", "地块名称", "面积(亩)", "坐落", "容积率")
#: About 126 m by 100 m, 12,577 m².
CORNERS = "120.4301, 36.1801\n120.4315, 36.1801\n120.4315, 36.1810\n120.4301, 36.1810"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home with one parcel, three rows that wait for a shape, and two shapes that wait for a row."""
    home = make_home(tmp_path / "home")
    publish_amended(home, {"parcels": parcels("A", **PUBLIC)}, by="数据", note="")
    rows = [
        ("LC2026-001", "金水路地块", 18.9, "金水路以北", "≥1.5"),
        ("LC2026-002", "重庆路地块", None, None, None),
        (None, "无编号地块", 5, None, None),
    ]
    ledger = write_csv(tmp_path / "台账.csv", [HEAD, *rows], delimiter=";")
    drawn = [feature(9, parcel_id=None, parcel_no="LC2026-0O2"), feature(11, parcel_id=None, parcel_no=None)]
    plan = write_geojson(tmp_path / "红线.geojson", *drawn)
    found = pipeline.join_files(home, [ledger], [plan], "parcels", mode="append")
    pipeline.keep_join(home, found, by="数据")
    return home


def row_of(home: Home, number: str | None) -> str:
    return next(one.ref for one in waiting(home, "parcels").rows if one.number == number)


def numbers(home: Home) -> list[str | None]:
    return [one.number for one in waiting(home, "parcels").rows]


def published(home: Home) -> set[str]:
    return set(open_current(home).table("parcels").columns["parcel_no"].tolist())


# --- the work ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "corners",
    [
        CORNERS,
        CORNERS.replace("\n", ";"),
        "J1: 36.1801, 120.4301; J2: 36.1801, 120.4315; J3: 36.1810, 120.4315; J4: 36.1810, 120.4301",
        "POLYGON((120.4301 36.1801, 120.4315 36.1801, 120.4315 36.1810, 120.4301 36.1810, 120.4301 36.1801))",
        "120°25'48.36\"E 36°10'48.36\"N; 120°25'53.4\"E 36°10'48.36\"N; 120°25'53.4\"E 36°10'51.6\"N; "
        "120°25'48.36\"E 36°10'51.6\"N",
        "40538691.15,4005612.42; 40538817.09,4005612.97; 40538816.65,4005712.84; 40538690.70,4005712.28",
    ],
)
def test_corners_are_read_as_those_of_any_file(home: Home, corners: str) -> None:
    found = place_row(home, "parcels", row_of(home, "LC2026-001"), corners=corners)
    assert found.layer is not None
    assert found.record is not None
    assert (found.record.fate, found.record.id) == ("placed", "370213-LC2026-001")
    (shape,) = found.layer.frame["geometry"]
    wanted = shapely.box(120.4301, 36.1801, 120.4315, 36.1810)
    assert shapely.area(shapely.intersection(shape, wanted)) / shapely.area(shapely.union(shape, wanted)) > 0.97
    assert waiting(home, "parcels").rows[0].staged_as is None
    assert published(home) == {"A-0"}


@pytest.mark.parametrize("corners", ["abc", "120.43,36.18;120.44,36.18", "999,999;1,1;2,3", "30.1,10.2;31,11;30,12"])
def test_what_is_no_place_keeps_the_row_waiting(home: Home, corners: str) -> None:
    found = place_row(home, "parcels", row_of(home, "LC2026-001"), corners=corners)
    assert found.layer is None
    with pytest.raises(ConflictError):
        publish_placed(home, found, by="王")
    assert numbers(home) == ["LC2026-001", "LC2026-002", None]


def test_a_row_is_published_with_its_place_and_waits_no_longer(home: Home) -> None:
    found = place_row(home, "parcels", row_of(home, "LC2026-001"), corners=CORNERS, visibility="public")
    snapshot = publish_placed(home, found, by="王")
    assert published(home) == {"A-0", "LC2026-001"}
    record = snapshot.layer("parcels").set_index("parcel_no").loc["LC2026-001"]
    assert (record["parcel_name"], record["visibility"]) == ("金水路地块", "public")
    assert (record["net_area_m2"], record["floor_area_ratio_min"]) == (pytest.approx(12_600), 1.5)
    assert (snapshot.manifest["by"], "LC2026-001" in snapshot.manifest["note"]) == ("王", True)
    assert {"待上图.geojson#待上图", "坐标.csv#坐标"} <= {
        source["name"] for source in snapshot.manifest["layers"]["parcels"]["sources"]
    }
    assert numbers(home) == ["LC2026-002", None]
    assert len(waiting(home, "parcels").shapes) == 2


def test_a_row_takes_a_shape_that_waits_whatever_their_numbers_say(home: Home) -> None:
    shape = next(one for one in waiting(home, "parcels").shapes if one.number == "LC2026-0O2")
    found = place_row(home, "parcels", row_of(home, "LC2026-002"), shape=shape.ref)
    publish_placed(home, found, by="王")
    assert published(home) == {"A-0", "LC2026-002"}
    assert [one.number for one in waiting(home, "parcels").shapes] == [None]


def test_a_row_without_a_number_is_placed_too(home: Home) -> None:
    publish_placed(home, place_row(home, "parcels", row_of(home, None), corners=CORNERS), by="王")
    assert "无编号地块" in open_current(home).table("parcels").columns["parcel_name"].tolist()
    assert numbers(home) == ["LC2026-001", "LC2026-002"]


def test_what_another_steward_staged_stays_staged(home: Home) -> None:
    aside = stage(home, "parcels", parcels("A", "Z", **PUBLIC), [], {"findings": []})
    publish_placed(home, place_row(home, "parcels", row_of(home, "LC2026-001"), corners=CORNERS), by="王")
    assert staged(home)["parcels"].sha256 == aside.sha256
    assert published(home) == {"A-0", "LC2026-001"}


def test_a_row_is_placed_once(home: Home) -> None:
    found = place_row(home, "parcels", row_of(home, "LC2026-001"), corners=CORNERS)
    publish_placed(home, found, by="王")
    version = home.current_id()
    with pytest.raises(NotFoundError, match="nothing that waits"):
        publish_placed(home, found, by="李")
    assert home.current_id() == version


@pytest.mark.parametrize("given", [{}, {"corners": CORNERS, "shape": "0" * 16}])
def test_a_place_is_given_in_one_way(home: Home, given: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        place_row(home, "parcels", row_of(home, "LC2026-001"), **given)  # type: ignore[arg-type]


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def steward(home: Home) -> Iterator[Steward]:
    with steward_at(home.path) as made:
        yield made


def at(home: Home, number: str | None) -> str:
    return f"/admin/unplaced/parcels/{row_of(home, number)}"


def finished(steward: Steward, home: Home, answer: Any) -> str:
    worked(home.path)
    led = steward.client.get(answer.headers["location"], headers=HTML)
    assert led.status_code == 303, text_of(led.text)[:400]
    return str(led.headers["location"])


def test_a_steward_places_a_row_without_script(steward: Steward, home: Home) -> None:
    before = home.current_id()
    page = steward.get("/admin/unplaced")
    assert "金水路地块" in page
    assert "图形 LC2026-0O2" in page
    text = text_of(steward.get(at(home, "LC2026-001")))
    assert "金水路以北" in text
    assert "12,600" in text
    said = {"corners": CORNERS, "visibility": "public"}
    checked = finished(steward, home, steward.post(at(home, "LC2026-001"), said))
    page = steward.get(checked)
    assert "位置可用" in page
    assert "data:image/svg+xml" in page
    assert "18.87 亩" in page
    assert home.current_id() == before
    done = finished(steward, home, steward.post(checked, {"by": "王工"}))
    assert "已上图" in steward.get(done)
    assert open_current(home).manifest["by"] == "王工"
    assert steward.client.get("/parcels/370213-LC2026-001").status_code == 200
    assert "已不在待上图里" in steward.get(checked)
    steward.get(f"/admin/unplaced/parcels/{row_of(home, 'LC2026-002')}")
    assert "金水路地块" not in steward.get("/admin/unplaced")


def test_what_was_typed_is_there_again_when_it_is_to_be_changed(steward: Steward, home: Home) -> None:
    checked = finished(steward, home, steward.post(at(home, "LC2026-001"), {"corners": "120.43, 36.18"}))
    page = steward.get(checked)
    assert "还不能上图" in page
    change = re.search(r'href="(/admin/unplaced/parcels/[^"?]+)\?job=([0-9a-f]+)', page)
    assert change is not None
    assert "120.43, 36.18</textarea>" in steward.get(change[1], job=change[2])
    steward.post(checked, {"by": "王工"}, status=404)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "请填边界坐标"),
        ({"corners": CORNERS, "shape": "0123456789abcdef"}, "只能用一个"),
        ({"shape": "0123456789abcdef"}, "没有“0123456789abcdef”这个选项"),
        ({"corners": CORNERS, "crs": "abc"}, "不是可用的坐标系代码"),
        ({"corners": "1" * 60_001}, "太长"),
    ],
)
def test_a_place_that_is_none_is_refused_in_words(
    steward: Steward, home: Home, fields: dict[str, str], why: str
) -> None:
    assert why in text_of(steward.post(at(home, "LC2026-001"), fields, status=400).text)


@pytest.mark.parametrize("path", ["parcels/0123456789abcdef", "districts/0123456789abcdef", "checked/none"])
def test_a_row_that_does_not_wait_is_not_there(steward: Steward, path: str) -> None:
    steward.get(f"/admin/unplaced/{path}", status=404)


def test_rows_are_found_and_counted_apart_on_the_page(steward: Steward, home: Home) -> None:
    assert "地块 3" in text_of(steward.get("/admin/unplaced"))
    for q, count in (("重庆", 1), ("lc 2026—1", 1), ("LC2026", 2), ("没有", 0)):
        found = set(re.findall(r"/admin/unplaced/parcels/[0-9a-f]{16}", steward.get("/admin/unplaced", q=q)))
        assert len(found) == count, q


# --- officers' search -------------------------------------------------------------------------------------------------


def search(home: Home, level: Level, query: str) -> dict[str, Any]:
    with serving(home.path, audience=level) as client:
        found: dict[str, Any] = json.loads(client.get(f"/api/collections/parcels/search?{query}").content)
    return found


@pytest.mark.parametrize("level", [Level.OFFICER, Level.PLANNER, Level.STEWARD])
def test_officers_find_rows_that_wait_and_count_none_of_them(home: Home, level: Level) -> None:
    found = search(home, level, "q=LC2026")
    assert (found["total"], found["all"], found["records"]) == (0, 1, [])
    assert found["waiting"]["total"] == 2
    assert [(one["number"], one["title"]) for one in found["waiting"]["rows"]] == [
        ("LC2026-001", "金水路地块"),
        ("LC2026-002", "重庆路地块"),
    ]
    hrefs = {one["href"] for one in found["waiting"]["rows"]}
    assert (hrefs == {None}) is (level < Level.STEWARD)


@pytest.mark.parametrize("level", [Level.PUBLIC, Level.PARTNER])
@pytest.mark.parametrize("query", ["q=LC2026", "q=金水路", "", "q=LC2026&bucket=pending"])
def test_nobody_below_hears_of_rows_that_wait(home: Home, level: Level, query: str) -> None:
    with serving(home.path, audience=level) as client:
        text = client.get(f"/api/collections/parcels/search?{query}").text
        with_waiting = client.get("/api/collections/parcels/search?q=LC2026").headers["etag"]
    assert "waiting" not in text
    assert "金水路地块" not in text
    (home.path / "unplaced" / "parcels" / "waiting.json").unlink()
    with serving(home.path, audience=level) as client:
        assert client.get("/api/collections/parcels/search?q=LC2026").headers["etag"] == with_waiting


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("q=lc2026—1", 1),
        ("q=金水路 地块", 1),
        ("q=金水路 没有", None),
        ("q=无编号", 1),
        ("area_min=1", None),
        ("", None),
    ],
)
def test_every_word_of_a_search_must_be_said_by_a_row(home: Home, query: str, total: int | None) -> None:
    waits = search(home, Level.OFFICER, query).get("waiting")
    assert (waits and waits["total"]) == total


def test_a_search_follows_what_waits_without_a_new_version(home: Home) -> None:
    with serving(home.path, audience=Level.OFFICER) as client:
        path = "/api/collections/parcels/search?q=LC2026"
        before = client.get(path)
        publish_placed(home, place_row(home, "parcels", row_of(home, "LC2026-001"), corners=CORNERS), by="王")
        client.app.state.landmap.holder._looked = 0.0  # type: ignore[attr-defined]
        after = client.get(path, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert (after.json()["total"], after.json()["waiting"]["total"]) == (1, 1)
