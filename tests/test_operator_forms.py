"""Operators' forms in the browser: handed out as a sheet or filled in on the page, taken back into the same queue."""

import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from landmap.access import Amendments, Database
from landmap.pipeline import fold_now, publish_amended
from landmap.store import Home
from tests.hamlet import layer_frame, make_home
from tests.steward import Steward, steward_at, text_of
from tests.test_confirmations import publish as publish_buildings

FORMS = "/admin/amendments/forms"
UNIT = {"building_id": "A", "unit_use": "office", "lease_status": "vacant", "rent_raw": "2元/㎡/天"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path / "home")
    publish_buildings(made)
    rows = [
        {**UNIT, "unit_id": f"A-{floor}-1", "floor_no": floor, "unit_no": f"{floor}01", "unit_area_m2": 100.0 * floor}
        for floor in (10, 1, 2)
    ]
    publish_amended(made, {"building_units": layer_frame("building_units", rows)}, by="数据", note="")
    return made


@pytest.fixture
def steward(home: Home) -> Iterator[Steward]:
    with steward_at(home.path) as made:
        yield made


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take uploads although tests read files in their own process."""
    monkeypatch.setenv("LANDMAP_ALLOW_UNCONFINED", "1")


def queued(home: Home) -> list[tuple[str, dict[str, Any], str, str]]:
    with closing(Database.open(home.path / "landmap.db")) as database:
        return [
            (one.feature_id, {c.field: c.value for c in one.changes}, one.origin, one.by)
            for one in Amendments(database).listed()
        ]


def sheet_of(steward: Steward, **query: str) -> Any:
    answer = steward.client.get(f"{FORMS}/file", params=query)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def sent(steward: Steward, book: Any, status: int = 200, layer: str = "building_units") -> str:
    stream = io.BytesIO()
    book.save(stream)
    fields = {"layer": layer, "by": "万达物业"}
    return str(steward.post(FORMS, fields, [("file", ("分层.xlsx", stream.getvalue()))], status).text)


def columns(sheet: Any) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[1]}


def filled(steward: Steward, **values: str) -> dict[str, str]:
    """Return the form of building A's units as a browser sends it, with some fields changed."""
    page = steward.get(f"{FORMS}/fill", layer="building_units", of="A")
    kept = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]*value="([^"]*)"', page))
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page):
        chosen = re.search(r'value="([^"]*)" selected', body)
        kept[name] = chosen[1] if chosen else ""
    return {**kept, "by": "万达物业", **values}


def test_the_units_of_a_building_go_out_floor_by_floor(steward: Steward) -> None:
    assert "万达中心" in steward.get(FORMS, layer="building_units", q="万达")
    sheet = sheet_of(steward, layer="building_units", of="A").active
    at = columns(sheet)
    assert [sheet.cell(row, at["室号/分区"]).value for row in (2, 3, 4)] == ["101", "201", "1001"]
    assert sheet_of(steward, layer="buildings").active.max_row == 3


def test_what_was_changed_on_the_sheet_waits_in_the_queue(home: Home, steward: Steward) -> None:
    book = sheet_of(steward, layer="building_units", of="A")
    sheet = book.active
    sheet.cell(3, columns(sheet)["租售状态"]).value = "已出租"
    page = text_of(sent(steward, book))
    assert "1 进入待审" in page
    assert "2 没有变化" in page
    assert queued(home) == [("A-2-1", {"lease_status": "leased"}, "form", "万达物业")]


def test_a_sheet_is_read_in_a_confined_process(home: Home, steward: Steward, confined: None) -> None:
    book = sheet_of(steward, layer="building_units", of="A")
    book.active.cell(3, columns(book.active)["租售状态"]).value = "已出租"
    sent(steward, book)
    assert [one[0] for one in queued(home)] == ["A-2-1"]


def test_where_nothing_confines_the_reader_no_sheet_is_taken(steward: Steward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANDMAP_ALLOW_UNCONFINED")
    assert "Landlock" in sent(steward, sheet_of(steward, layer="building_units", of="A"), 503)


def test_what_cannot_be_taken_is_told_and_the_rest_is_taken(home: Home, steward: Steward) -> None:
    book = sheet_of(steward, layer="building_units", of="A")
    sheet = book.active
    at = columns(sheet)
    sheet.cell(2, at["套内面积"]).value = "大约"
    sheet.cell(4, at["租售状态"]).value = "已出租"
    page = text_of(sent(steward, book, 400))
    assert "1 进入待审" in page
    assert "1 没有采用" in page
    assert "大约" in page
    assert [one[0] for one in queued(home)] == ["A-10-1"]


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 nothing", b"<html>", b"a,b\n1,2\n"])
def test_what_is_no_form_of_ours_is_told(home: Home, steward: Steward, body: bytes) -> None:
    fields = {"layer": "building_units", "by": "万达物业"}
    answer = steward.post(FORMS, fields, [("file", ("坏.xlsx", body))], 400)
    assert "aria-current" in answer.text
    assert queued(home) == []


def test_a_form_without_a_file_is_asked_again(steward: Steward) -> None:
    fields = {"layer": "building_units", "by": "万达物业"}
    assert "请选择" in steward.post(FORMS, fields, [("file", ("", b""))], 400).text


def test_a_form_on_the_page_changes_what_was_changed(home: Home, steward: Steward) -> None:
    untouched = steward.post(f"{FORMS}/fill", filled(steward), status=200)
    assert "3 没有变化" in text_of(untouched.text)
    assert queued(home) == []
    changed = filled(steward, **{"0.lease_status": "leased", "2.unit_area_m2": "990", "2.rent_raw": ""})
    page = text_of(steward.post(f"{FORMS}/fill", changed, status=200).text)
    assert "2 进入待审" in page
    assert [one[:3] for one in queued(home)] == [
        ("A-1-1", {"lease_status": "leased"}, "form"),
        ("A-10-1", {"unit_area_m2": 990.0, "rent_raw": None}, "form"),
    ]


def test_a_form_on_an_old_page_is_held_against_today(home: Home, steward: Steward) -> None:
    old = filled(steward, **{"0.lease_status": "reserved"})
    sent_before = filled(steward, **{"0.lease_status": "leased"})
    steward.post(f"{FORMS}/fill", sent_before, status=200)
    at = f"/admin/amendments/{_only(home)}"
    steward.post(f"{at}/approve", {"by": "张三"})
    fold_now(home, by="张三")
    assert "1 没有采用" in text_of(steward.post(f"{FORMS}/fill", old, status=400).text)


def _only(home: Home) -> str:
    with closing(Database.open(home.path / "landmap.db")) as database:
        (one,) = Amendments(database).listed()
        return one.id


def test_fields_that_are_not_on_the_form_are_not_taken(home: Home, steward: Steward) -> None:
    steward.post(f"{FORMS}/fill", filled(steward, **{"0.tenant_name": "甲公司", "0.building_id": "B"}), status=200)
    assert queued(home) == []


def test_a_record_that_is_not_there_is_told(home: Home, steward: Steward) -> None:
    page = steward.post(f"{FORMS}/fill", filled(steward, **{"id.1": "Z-9", "1.lease_status": "leased"}), status=400)
    assert "Z-9" in page.text
    assert queued(home) == []


def test_a_long_form_is_handed_out_as_a_sheet(home: Home) -> None:
    rows = [
        {**UNIT, "unit_id": f"A-{n}", "floor_no": 1, "unit_no": str(n), "unit_area_m2": 10.0} for n in range(1, 152)
    ]
    publish_amended(home, {"building_units": layer_frame("building_units", rows)}, by="数据", note="")
    with steward_at(home.path) as steward:
        assert "请下载表格" in steward.get(f"{FORMS}/fill", 400, layer="building_units", of="A")
        assert sheet_of(steward, layer="building_units", of="A").active.max_row == 152


def test_a_layer_nobody_answers_for_has_no_form(steward: Steward) -> None:
    assert "aria-current" in steward.get(f"{FORMS}/fill", 400, layer="districts")
