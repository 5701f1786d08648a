"""Forms: what nobody touched changes nothing, what somebody wrote waits in the queue, old forms are held to today."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from landmap.access import Amendments, Database, FormAnswer, Stage, approve_edit, edits, make_form, read_form
from landmap.domain import layer_named
from landmap.domain.errors import InvalidValueError, NotFoundError
from landmap.ingest import check_here
from landmap.pipeline import fold_now
from landmap.render import form_bytes
from landmap.store import Home, open_current

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
BUILDING = "370213-LY-001"


@pytest.fixture
def home(own_home: Path) -> Home:
    return Home(own_home)


@pytest.fixture
def queue(home: Home) -> Iterator[Amendments]:
    opened = Amendments(Database.open(home.path / "landmap.db"))
    yield opened
    opened.database.close()


def written(home: Home, path: Path, layer: str = "building_units", lang: Any = "zh", **chosen: Any) -> Path:
    form = make_form(home, layer, **(chosen or {"parent": BUILDING}))
    fields = form.layer.fields
    body = form_bytes(
        form.sheet, [fields[n] for n in form.fixed], [fields[n] for n in form.answered], form.rows, form.shapes, lang
    )
    path.write_bytes(body)
    return path


def filled(path: Path, fill: Callable[[Any, dict[str, int]], None]) -> Path:
    """Let somebody fill in a form: `fill` gets the sheet and the column of each heading."""
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    fill(sheet, {str(cell.value): cell.column for cell in sheet[1]})
    book.save(path)
    return path


def read(home: Home, queue: Amendments, path: Path, layer: str = "building_units") -> FormAnswer:
    return read_form(home, queue, path, layer, by="万达物业", now=NOW, checked=check_here)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("layer", ["building_units", "buildings", "parcels", "facilities", "parks"])
def test_a_form_that_nobody_touched_changes_nothing(
    home: Home, queue: Amendments, tmp_path: Path, layer: str, lang: str
) -> None:
    frame = open_current(home).layer(layer)
    ids = tuple(edits.keys(frame, layer_named(layer))[:40])
    answer = read(home, queue, written(home, tmp_path / "f.xlsx", layer, lang, ids=ids), layer)
    assert (answer.proposed, answer.conflicts, answer.unknown, answer.findings) == ((), {}, (), ())
    assert answer.unchanged == len(ids)


def test_what_was_changed_waits_in_the_queue_and_is_published_once_approved(
    home: Home, queue: Amendments, tmp_path: Path
) -> None:
    def fill(sheet: Any, column: dict[str, int]) -> None:
        sheet.cell(2, column["租售状态"], "已出租")
        sheet.cell(3, column["租金原文"], "2.8元/㎡/天")

    form = filled(written(home, tmp_path / "f.xlsx"), fill)
    answer = read(home, queue, form)
    assert len(answer.proposed) == 2
    assert {(one.origin, one.state, one.by) for one in answer.proposed} == {("form", Stage.PROPOSED, "万达物业")}
    changes = [{change.field: change.value for change in one.changes} for one in answer.proposed]
    assert changes == [{"lease_status": "leased"}, {"rent_raw": "2.8元/㎡/天"}]
    for one in answer.proposed:
        approve_edit(home, queue, one.id, by="张", now=NOW)
    snapshot, _ = fold_now(home, by="张")
    layer = layer_named("building_units")
    held = edits.record(snapshot.layer("building_units"), layer, answer.proposed[0].feature_id)
    assert held["lease_status"] == "leased"
    again = read(home, queue, form)
    assert (again.proposed, again.conflicts) == ((), {})


def test_an_emptied_cell_makes_a_value_unknown_and_a_missing_column_does_not(
    home: Home, queue: Amendments, tmp_path: Path
) -> None:
    row = next(
        number
        for number, values in enumerate(make_form(home, "building_units", parent=BUILDING).rows, start=2)
        if values["decoration"] is not None
    )

    def fill(sheet: Any, column: dict[str, int]) -> None:
        sheet.cell(row, column["装修"]).value = None
        sheet.delete_cols(column["用途"])

    (made,) = read(home, queue, filled(written(home, tmp_path / "f.xlsx"), fill)).proposed
    assert [(change.field, change.value) for change in made.changes] == [("decoration", None)]


def test_every_cell_that_cannot_be_read_is_told(home: Home, queue: Amendments, tmp_path: Path) -> None:
    def fill(sheet: Any, column: dict[str, int]) -> None:
        sheet.cell(2, column["建筑面积"], -5)
        sheet.cell(3, column["租售状态"], "租了一半")

    answer = read(home, queue, filled(written(home, tmp_path / "f.xlsx"), fill))
    assert answer.proposed == ()
    assert not answer.ok
    assert {finding.field for _, finding in answer.findings if finding.severity == "error"} == {
        "unit_area_m2",
        "lease_status",
    }


def test_an_old_form_is_held_against_the_record_of_today(home: Home, queue: Amendments, tmp_path: Path) -> None:
    form = written(home, tmp_path / "f.xlsx")

    def fill(sheet: Any, column: dict[str, int]) -> None:
        for row in (2, 3):
            sheet.cell(row, column["租金原文"], "9.9元/㎡/天")

    first = read(home, queue, filled(written(home, tmp_path / "g.xlsx"), lambda sheet, column: fill(sheet, column)))
    approve_edit(home, queue, first.proposed[0].id, by="张", now=NOW)
    fold_now(home, by="张")

    def later(sheet: Any, column: dict[str, int]) -> None:
        sheet.cell(2, column["租金原文"], "1.1元/㎡/天")
        sheet.cell(4, column["租金原文"], "1.1元/㎡/天")

    answer = read(home, queue, filled(form, later))
    assert list(answer.conflicts) == [first.proposed[0].feature_id]
    assert len(answer.proposed) == 1


def test_rows_of_records_that_are_not_there_are_told(home: Home, queue: Amendments, tmp_path: Path) -> None:
    form = filled(written(home, tmp_path / "f.xlsx"), lambda sheet, column: sheet.cell(2, column["单元标识"], "U-0"))
    answer = read(home, queue, form)
    assert (answer.unknown, answer.proposed, answer.ok) == (("U-0",), (), False)


def test_a_sheet_that_is_no_form_of_ours_is_refused(home: Home, queue: Amendments, tmp_path: Path) -> None:
    form = written(home, tmp_path / "f.xlsx")
    book = openpyxl.load_workbook(form)
    assert book.active is not None
    book.active.title = "Sheet1"
    book.save(form)
    with pytest.raises(InvalidValueError, match="version"):
        read(home, queue, form)


def test_what_cannot_be_asked_by_form_says_so(home: Home) -> None:
    with pytest.raises(InvalidValueError, match="no fields"):
        make_form(home, "constraints")
    with pytest.raises(NotFoundError):
        make_form(home, "building_units", parent="no building")


def test_a_form_offers_choices_and_locks_what_is_not_asked(home: Home, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written(home, tmp_path / "f.xlsx"))
    sheet = book.active
    assert sheet is not None
    assert sheet.protection.sheet
    assert sheet["A2"].protection.locked
    headings = {str(cell.value): cell.column_letter for cell in sheet[1]}
    assert not sheet[f"{headings['租售状态']}2"].protection.locked
    lists = [str(one.formula1) for one in sheet.data_validations.dataValidation]
    assert any("空置" in one for one in lists)


def test_the_same_form_gives_the_same_bytes(home: Home, tmp_path: Path) -> None:
    one, other = written(home, tmp_path / "a.xlsx"), written(home, tmp_path / "b.xlsx")
    assert one.read_bytes() == other.read_bytes()
