"""Sheets as offices make them: titles, headers of several levels, units anywhere, merged cells, totals, hidden rows."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from landmap.domain import layer_named
from landmap.ingest.columns import knows
from landmap.ingest.faults import RefusedError
from landmap.ingest.readers import READERS, RawLayer, Request
from landmap.ingest.readers.compound import Compound
from landmap.ingest.readers.table import Sheet, Span, layers_of
from landmap.ingest.readers.xls import XlsReader
from landmap.ingest.readers.xlsx import XlsxReader
from tests.making_files import write_bytes, write_xlsx
from tests.making_xls import ERROR, OWN_PERCENT, PERCENT, OldSheet, compound, write_xls

#: An upper header merged over three columns, others merged over both rows.
TWO_LEVELS = (
    ("地块编号", "规划设计主要指标", None, None, "坐落"),
    (None, "容积率", "建筑密度", "绿地率", None),
    ("A-1", "≥1.5", "≥35%", "≤15%", "甲路"),
)


def known(text: str) -> bool:
    return knows(layer_named("parcels"), text)


def sheet(*rows: Sequence[Any], merged: Sequence[Span] = ()) -> RawLayer:
    (layer,) = layers_of(Sheet("s", list(enumerate(rows, start=1)), merged=tuple(merged)), known)
    return layer


def codes(layer: RawLayer) -> list[str]:
    return [fault.code for fault in layer.faults]


def workbook(path: Path) -> list[RawLayer]:
    head = path.read_bytes()[:4096]
    reader = next(one for one in READERS if one.recognises(head, path))
    return reader.read(Request(path, "a", known))


class TestHeaders:
    @pytest.mark.parametrize("merged", [(), (Span(1, 1, 1, 3), Span(1, 0, 2, 0), Span(1, 4, 2, 4))])
    def test_two_levels_are_joined(self, merged: Sequence[Span]) -> None:
        layer = sheet(*TWO_LEVELS, merged=merged)
        assert list(layer.columns) == [
            "地块编号", "规划设计主要指标·容积率", "规划设计主要指标·建筑密度", "规划设计主要指标·绿地率", "坐落",
        ]  # fmt: skip
        assert (layer.rows, layer.faults) == ((3,), ())

    @pytest.mark.parametrize(
        "header",
        [
            "规划设计主要指标·容积率",
            "容积率·下限",
            "出让·面积(亩)",
            "规划指标·绿地率(%)",
            "土地信息·基本情况·地块编号",
            "地块编号·宗地",
        ],
    )
    def test_a_joined_header_is_known_by_the_whole_or_by_either_level(self, header: str) -> None:
        assert known(header)

    def test_the_same_lower_header_under_two_upper_ones_stays_two_columns(self) -> None:
        layer = sheet(
            ("编号", "总用地", None, "净用地", None), (None, "面积", "亩数", "面积", "亩数"), ("A", 9, 1, 7, 1)
        )
        assert list(layer.columns) == ["编号", "总用地·面积", "总用地·亩数", "净用地·面积", "净用地·亩数"]
        assert layer.columns["净用地·面积"] == [7]

    def test_three_levels_and_a_title_above_them(self) -> None:
        layer = sheet(
            ("李沧区产业用地一览表", None, None, None),
            ("地块编号", "规划条件", None, "坐落"),
            (None, "容积率", None, None),
            (None, "下限", "上限", None),
            ("A-1", 1.2, 2.5, "甲路"),
            merged=(Span(1, 0, 1, 3), Span(2, 1, 2, 2), Span(3, 1, 3, 2)),
        )
        assert list(layer.columns) == ["地块编号", "规划条件·容积率·下限", "规划条件·容积率·上限", "坐落"]
        assert layer.rows == (5,)

    def test_a_title_is_not_taken_for_an_upper_header(self) -> None:
        layer = sheet(("土地一览", None), ("地块编号", "坐落"), ("A-1", "甲路"), merged=(Span(1, 0, 1, 1),))
        assert list(layer.columns) == ["地块编号", "坐落"]

    def test_records_are_not_taken_for_a_lower_header(self) -> None:
        layer = sheet(("地块编号", "面积", "面积"), ("A-1", 30, 20), ("A-2", 31, 21))
        assert (layer.rows, codes(layer)) == ((2, 3), ["header_twice", "column_nameless"])

    def test_a_row_of_units_below_the_header_belongs_to_it(self) -> None:
        layer = sheet(("地块编号", "面积", "起始价"), (None, "亩", "（万元）"), ("A-1", 30, 500))
        assert layer.columns == {"地块编号": ["A-1"], "面积(亩)": [30], "起始价(万元)": [500]}

    def test_units_in_a_title_serve_headers_that_give_none(self) -> None:
        layer = sheet(("单位：亩、万元", None, None), ("地块编号", "面积", "总用地面积(公顷)"), ("A-1", 30, 2))
        assert list(layer.columns) == ["地块编号", "面积(亩)", "总用地面积(公顷)"]
        assert [(one.code, one.field, one.value) for one in layer.faults] == [("unit_from_title", "面积", "亩")]

    def test_a_reporting_office_in_a_title_is_no_unit(self) -> None:
        layer = sheet(("填报单位：李沧区", None), ("地块编号", "面积"), ("A-1", 30))
        assert (list(layer.columns), layer.faults) == (["地块编号", "面积"], ())


class TestRows:
    def test_totals_and_notes_are_told_and_no_records(self) -> None:
        layer = sheet(
            ("序号", "地块编号", "面积", "坐落"),
            (1, 2, 3, 4),
            (1, "A-1", 30, "甲路"),
            ("小计", None, 30, None),
            (2, "A-2", 12, "乙路"),
            (None, "合 计", 42, None),
            ("注：1. 以实测为准", None, None, None),
            ("填表人：", None, "审核：", None),
        )
        assert layer.columns["地块编号"] == ["A-1", "A-2"]
        assert [(one.code, one.row) for one in layer.faults] == [
            ("row_no_record", 2),
            ("row_total", 4),
            ("row_total", 6),
            ("row_no_record", 7),
            ("row_no_record", 8),
        ]

    def test_a_total_that_the_rows_do_not_add_up_to_is_told(self) -> None:
        layer = sheet(("编号", "面积", "容积率"), ("A", "1,000", 2), ("B", 500, 2), ("合计", 1800, 2))
        told = [one for one in layer.faults if one.code == "total_disagrees"]
        assert [(one.row, one.field, one.value, one.words["sum"]) for one in told] == [(4, "面积", 1800, 1500)]

    def test_a_header_repeated_on_the_next_page_is_no_record(self) -> None:
        layer = sheet(("编号", "坐落"), ("A", "甲路"), ("编号", "坐落"), ("B", "乙路"))
        assert layer.columns["编号"] == ["A", "B"]

    @pytest.mark.parametrize("name", ["合计路北地块", "注城路地块", "说明书印刷厂", "总计"])
    def test_records_that_only_begin_like_a_total_are_kept(self, name: str) -> None:
        layer = sheet(("编号", "名称", "坐落", "面积"), ("A", name, "甲路", 5), (name, "乙", "乙路", 6))
        assert layer.rows == (2, 3)

    def test_merged_names_are_filled_and_merged_quantities_are_not(self) -> None:
        layer = sheet(
            ("地块编号", "面积", "土地用途"),
            ("A-1", 30, "工业"),
            (None, None, "仓储"),
            ("A-2", 9, "工业"),
            merged=(Span(2, 0, 3, 0), Span(2, 1, 3, 1)),
        )
        assert layer.columns["地块编号"] == ["A-1", "A-1", "A-2"]
        assert layer.columns["面积"] == [30, None, 9]
        assert [(one.code, one.row, one.field) for one in layer.faults] == [("merged_filled", 3, "地块编号")]


class TestPlaces:
    def test_the_finer_of_two_pairs_of_coordinates_places_a_record(self) -> None:
        layer = sheet(
            ("SiteReference", "GeoX", "GeoY", "Easting", "Northing", "CoordinateReferenceSystem"),
            ("BR-1", "-1.0725", "53.9534", "460848", "451211", "WGS84"),
        )
        assert layer.geometry is not None
        assert layer.geometry[0].coords[0] == (460848, 451211)
        assert layer.crs is None, "what is declared is said of the degrees"
        assert codes(layer) == ["coordinates_unused"]
        assert list(layer.columns) == ["SiteReference"]

    def test_zero_is_no_place(self) -> None:
        layer = sheet(("编号", "经度", "纬度"), ("A", 0, "0"), ("B", 120.4, 36.1))
        assert layer.geometry is not None
        assert layer.geometry[0] is None
        assert [(one.code, one.row) for one in layer.faults] == [("coordinates_zero", 2)]

    def test_rows_in_different_systems_come_in_a_layer_for_each(self) -> None:
        rows = [
            ("编号", "x", "y", "坐标系"),
            ("A", 1, 2, "EPSG:4549"),
            ("B", 1, 2, 4528),
            ("C", 1, 2, None),
            ("D", 1, 2, 4528),
        ]
        layers = layers_of(Sheet("s", list(enumerate(rows, start=1))), known)
        assert [(one.name, one.crs, one.rows) for one in layers] == [
            ("s (EPSG:4549)", "EPSG:4549", (2,)),
            ("s (EPSG:4528)", "EPSG:4528", (3, 4, 5)),
        ]
        assert [one.columns["编号"] for one in layers] == [["A"], ["B", "C", "D"]]

    def test_a_column_of_outlines_is_found_without_its_name(self) -> None:
        outline = "120.43,36.16;120.44,36.16;120.44,36.17"
        layer = sheet(("编号", "备注"), ("A", outline), ("B", outline.replace(";", "|")))
        assert layer.geometry is not None
        assert [shape.geom_type for shape in layer.geometry] == ["Polygon", "Polygon"]

    def test_units_after_the_axes_do_not_hide_them(self) -> None:
        layer = sheet(("编号", "X坐标(m)", "Y坐标(m)"), ("A", 4005000.5, 540000.5))
        assert layer.geometry is not None
        assert layer.geometry[0].coords[0] == (4005000.5, 540000.5)


class TestWorkbooks:
    def test_merged_headers_of_a_real_workbook(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "a.xlsx", [("一览表", None, None, None, None), *TWO_LEVELS])
        book = openpyxl.load_workbook(path)
        for cells in ("A1:E1", "B2:D2", "A2:A3", "E2:E3"):
            book.worksheets[0].merge_cells(cells)
        book.save(path)
        (layer,) = workbook(path)
        assert list(layer.columns)[1] == "规划设计主要指标·容积率"
        assert layer.rows == (4,)

    def test_hidden_rows_and_columns_are_read_and_told_hidden_sheets_left_and_told(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "a.xlsx", [("编号", "坐落", "联系人"), ("A", "甲路", "x"), ("B", "乙路", "y")])
        book = openpyxl.load_workbook(path)
        book.worksheets[0].row_dimensions[3].hidden = True
        book.worksheets[0].column_dimensions["C"].hidden = True
        for name in ("旧表", "参数"):
            book.create_sheet(name).append(("编号", "坐落"))
        book["旧表"].sheet_state = "hidden"
        book["参数"].sheet_state = "veryHidden"
        book.create_sheet("空白")
        book.save(path)
        (layer,) = workbook(path)
        assert layer.columns["编号"] == ["A", "B"]
        assert [(one.code, one.row, one.value) for one in layer.faults] == [
            ("sheet_hidden", None, "旧表"),
            ("sheet_hidden", None, "参数"),
            ("sheet_skipped", None, "空白"),
            ("row_hidden", 3, None),
            ("column_hidden", None, "联系人"),
        ]

    def test_every_sheet_is_a_layer(self, tmp_path: Path) -> None:
        path = write_xlsx(tmp_path / "a.xlsx", [("编号", "坐落"), ("A", "甲路")])
        book = openpyxl.load_workbook(path)
        book.create_sheet("二").append(("编号", "坐落"))
        book["二"].append(("B", "乙路"))
        book.save(path)
        assert [(one.name, one.columns["编号"]) for one in workbook(path)] == [("Sheet", ["A"]), ("二", ["B"])]

    def test_a_workbook_with_nothing_but_hidden_sheets_is_refused(self, tmp_path: Path) -> None:
        path = write_xls(tmp_path / "a.xls", OldSheet("旧", [["编号"], ["A"]], state=1))
        with pytest.raises(RefusedError, match="sheets_hidden"):
            workbook(path)

    def test_percent_cells_are_percentages_whatever_the_decimals(self, tmp_path: Path) -> None:
        rows = [("编号", "绿地率上限"), ("A", 0.15), ("B", 0.155), ("C", 15), ("D", 0.2)]
        path = write_xlsx(tmp_path / "a.xlsx", rows, {"B2": "0%", "B3": "0.0%;[Red]-0.0%", "B5": '0.0"%"'})
        (layer,) = workbook(path)
        assert layer.columns["绿地率上限"] == [15, 15.5, 15, 0.2]


class TestOldWorkbooks:
    def test_are_read_like_new_ones(self, tmp_path: Path) -> None:
        rows: list[list[Any]] = [
            ["地块编号", "规划设计主要指标", None, "坐落"],
            [None, "绿地率", "建筑密度", None],
            ["A-1", 0.15, 0.355, "甲路"],
            ["A-2", 0.2, ERROR, None],
            [None, 15, 12.5, "丙路"],
            ["合计", None, None, None],
        ]
        styles = {(2, 1): PERCENT, (3, 1): PERCENT, (2, 2): OWN_PERCENT}
        path = write_xls(
            tmp_path / "a.dat",
            OldSheet("地块", rows, styles, [(0, 1, 0, 2), (0, 0, 1, 0), (3, 0, 4, 0), (3, 3, 3, 3)], [4], [3]),
            OldSheet("旧", [["编号"]], state=2),
        )
        (layer,) = workbook(path)
        assert layer.columns == {
            "地块编号": ["A-1", "A-2", "A-2"],
            "规划设计主要指标·绿地率": [15, 20, 15],
            "规划设计主要指标·建筑密度": [35.5, None, 12.5],
            "坐落": ["甲路", None, "丙路"],
        }
        assert [(one.code, one.row) for one in layer.faults] == [
            ("sheet_hidden", None),
            ("cell_error", 4),
            ("row_total", 6),
            ("merged_filled", 5),
            ("row_hidden", 5),
            ("column_hidden", None),
        ]

    def test_whole_numbers_are_whole_so_that_numbers_of_parcels_stay(self, tmp_path: Path) -> None:
        (layer,) = workbook(write_xls(tmp_path / "a.xls", OldSheet("a", [["编号", "面积"], [142872, 0.5]])))
        assert [str(value) for value in layer.columns["编号"]] == ["142872"]

    def test_past_the_caps_are_refused_before_they_are_opened(self, tmp_path: Path) -> None:
        path = write_xls(tmp_path / "a.xls", OldSheet("a", [["编号"], *[[None]] * 50_000, [1]]))
        with pytest.raises(RefusedError, match="table_too_large"):
            XlsReader().read(Request(path, "a"))

    def test_behind_a_password_are_refused_with_the_reason(self, tmp_path: Path) -> None:
        old = write_xls(tmp_path / "a.xls", OldSheet("a", [["编号"], ["A"]]), protected=True)
        new = write_bytes(tmp_path / "b.xlsx", compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}))
        for path in (old, new):
            with pytest.raises(RefusedError, match="file_encrypted"):
                workbook(path)

    def test_other_compound_files_are_not_taken_for_them(self, tmp_path: Path) -> None:
        path = write_bytes(tmp_path / "a.doc", compound({"WordDocument": b"x"}))
        assert not any(reader.recognises(path.read_bytes()[:4096], path) for reader in READERS)

    def test_streams_of_a_compound_file_come_back_whole(self) -> None:
        streams = {"Workbook": bytes(range(256)) * 300, "Other": b"x" * 5000}
        found = Compound(compound(streams))
        assert found.stream("workbook") == streams["Workbook"]
        assert found.stream("other") == streams["Other"]

    @pytest.mark.parametrize("at", [0x1E, 0x30, 0x44, 0x4C])
    def test_chains_that_lead_nowhere_are_told(self, at: int) -> None:
        data = bytearray(compound({"Workbook": b"x" * 9000}))
        data[at : at + 4] = b"\x77\x77\x77\x77"
        with pytest.raises(ValueError, match="sector"):
            Compound(bytes(data)).stream("workbook")


def test_days_of_new_workbooks_are_days(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [("编号", "规划条件出具日"), ("A", dt.date(2025, 9, 1))])
    (layer,) = XlsxReader().read(Request(path, "a", known))
    assert layer.columns["规划条件出具日"] == [dt.datetime(2025, 9, 1)]  # noqa: DTZ001 - Excel has no zones
