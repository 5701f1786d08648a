"""CSV and XLSX: text is text, numbers are numbers, unknown is empty."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from landmap.domain import collections, layer_named
from landmap.query import Selection
from landmap.render import tables
from landmap.render.frames import headings
from tests import licang
from tests.query_data import demo_frames

FORMULAS = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    '=HYPERLINK("http://x")',
    "＝1+1",
    "＋1",
    "－1",
    "\uff20x",
]


def selection_named(name: str) -> Selection:
    """Return a selection of one parcel that carries `name`."""
    frames = dict(demo_frames())
    parcels = frames["parcels"].copy()
    parcels.loc[parcels.index[0], "parcel_name"] = name
    frames["parcels"] = parcels.iloc[[0]].reset_index(drop=True)
    catalog = licang.catalog_of(frames)
    wanted = licang.select("parcels").criteria
    return catalog.engine.select("parcels", wanted, licang.OFFICER, today=licang.TODAY)


def csv_rows(selection: Selection, lang: str = "zh") -> list[dict[str, str]]:
    body = b"".join(tables.csv_pieces(selection, licang.words("zh" if lang == "zh" else "en")))
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def book(selection: Selection) -> Any:
    return openpyxl.load_workbook(io.BytesIO(tables.xlsx_bytes(selection, licang.words())))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_is_never_a_formula(text: str) -> None:
    selection = selection_named(text)
    (row,) = csv_rows(selection)
    assert row["地块名称"] == f"'{text}"
    sheet = book(selection).worksheets[0]
    cells = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert cells["地块名称"].data_type == "s"
    assert [cell for cell in sheet[2] if cell.data_type == "f"] == []


def test_numbers_stay_numbers_and_unknown_stays_empty() -> None:
    selection = licang.select("parcels", sort=("-area_m2",))
    first = next(iter(selection.records()))
    row = csv_rows(selection)[0]
    assert float(row["采用面积（㎡）"]) == first.properties["area_m2"]
    for name, field in selection.fields.items():
        if first.properties[name] is None:
            assert row[headings(selection.fields, licang.words())[name]] == "", name
        assert field.name == name


def test_a_negative_number_is_no_formula() -> None:
    units = [{"floor_no": -1, "unit_id": "U1"}]
    found = [
        tables._cell(layer_named("building_units").fields["floor_no"], unit["floor_no"], licang.words())
        for unit in units
    ]
    assert found == [-1]


def test_codes_are_labels_and_days_are_iso() -> None:
    row = csv_rows(licang.select("parcels", stage="announced"), "en")[0]
    assert row["Supply stage"] == "Announced"
    assert row["Data as of"].startswith("2026-")
    assert row["Standard land"] in ("Yes", "No")


def test_a_table_has_a_point_inside_each_shape() -> None:
    row = csv_rows(licang.select("parcels"))[0]
    assert 120 < float(row["经度"]) < 121
    assert 36 < float(row["纬度"]) < 37


def test_the_heading_row_stays_in_sight_and_the_notes_say_what_this_is() -> None:
    made = book(licang.select("buildings", kind="office"))
    assert made.worksheets[0].freeze_panes == "B2"
    notes = {row[0]: row[1] for row in made["说明"].iter_rows(values_only=True)}
    assert notes["声明"] == "示例数据"
    assert notes["数据版本"] == licang.SNAPSHOT_ID
    assert notes["导出日期"] == "2026-11-22"
    assert "办公楼" in notes["筛选条件"]
    assert int(notes["条数"]) == licang.select("buildings", kind="office").total


def test_nested_rows_have_sheets_of_their_own() -> None:
    made = book(licang.select("parcels"))
    head, *rows = made["标准地指标"].iter_rows(values_only=True)
    ids = set(licang.select("parcels").ids())
    assert head[0] == "地块标识"
    assert {row[0] for row in rows} <= ids
    nested = sum(len(one.properties["standard_land_indices"]) for one in licang.select("parcels").records())
    assert len(rows) == nested


def test_a_text_too_long_for_a_cell_is_cut_there_and_nowhere_else() -> None:
    long = "长" * 40_000
    selection = selection_named(long)
    sheet = book(selection).worksheets[0]
    cells = {head.value: cell.value for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert len(cells["地块名称"]) == tables.CELL_MAX
    assert csv_rows(selection)[0]["地块名称"] == long


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", collections())
def test_no_two_columns_read_the_same(name: str, lang: str) -> None:
    texts = list(headings(layer_named(name).fields, licang.words("zh" if lang == "zh" else "en")).values())
    assert len(texts) == len(set(texts))
