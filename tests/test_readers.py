"""What readers make of the files people really send: encodings, headers, units, archives."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import shapely

from landmap.domain import layer_named
from landmap.ingest import check
from landmap.ingest.columns import knows
from landmap.ingest.encoding import decode, decode_cut, garbled
from landmap.ingest.readers import RawLayer, Request
from landmap.ingest.readers.cell_shapes import read_shapes
from landmap.ingest.readers.coordinate_text import coordinate
from landmap.ingest.readers.csv_table import CsvReader
from landmap.ingest.readers.headers import plain_header
from landmap.ingest.readers.shapefile import ShapefileReader
from landmap.ingest.readers.table import Sheet, layers_of
from landmap.ingest.readers.xlsx import XlsxReader
from tests.making_files import (
    feature,
    parcels_frame,
    square,
    town,
    write_bytes,
    write_csv,
    write_geojson,
    write_xlsx,
    write_zip,
)


def known(text: str) -> bool:
    return knows(layer_named("parcels"), text)


def sheet(*rows: tuple[Any, ...]) -> RawLayer:
    (layer,) = layers_of(Sheet("s", list(enumerate(rows, start=1))), known)
    return layer


def codes(layer: RawLayer) -> list[str]:
    return [fault.code for fault in layer.faults]


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("地块".encode(), "地块", "utf-8"),
        ("地块".encode("utf-8-sig"), "地块", "utf-8-sig"),
        ("地块,街道".encode("gb18030"), "地块,街道", "gb18030"),
        ("地块".encode("utf-16"), "地块", "utf-16"),
        ("Café £5".encode("cp1252"), "Café £5", "cp1252"),
        (b"plain", "plain", "utf-8"),
    ],
)
def test_text_is_decoded_by_mark_then_utf8_then_gb18030(data: bytes, text: str, encoding: str) -> None:
    found, named = decode(data)
    assert (found.removeprefix("\ufeff"), named) == (text, encoding)


def test_text_decoded_wrongly_is_seen_and_foreign_accents_are_not() -> None:
    assert garbled("街道".encode("gbk").decode("latin-1"))
    assert garbled("街道".encode().decode("latin-1"))
    assert garbled("锟斤拷")
    assert not any(map(garbled, ("Café", "naïve", "Ünïcödé", "楼山", "≥1.5㎡")))


def test_a_name_cut_in_half_loses_only_the_broken_character() -> None:
    assert decode_cut("街道名称".encode()[:10], "utf-8") == "街道名"
    with pytest.raises(UnicodeDecodeError):
        decode_cut("街道名称".encode("gbk") + b"plain", "utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，", "；", "^"])
def test_any_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = write_csv(
        tmp_path / "a.csv", [("编号", "坐落", "面积"), ("A", "甲路1号", 5), ("B", "乙路", 6)], delimiter=delimiter
    )
    (layer,) = CsvReader().read(Request(path, "a", known))
    assert list(layer.columns) == ["编号", "坐落", "面积"]
    assert layer.columns["编号"] == ["A", "B"]


def test_rows_of_a_csv_are_counted_by_their_first_line(tmp_path: Path) -> None:
    path = write_bytes(tmp_path / "a.csv", '编号,坐落\r\nA,"两\n行"\r\n\r\nB,一行\r\n')
    (layer,) = CsvReader().read(Request(path, "a", known))
    assert layer.rows == (2, 5)


def test_quotes_that_were_quoted_again_are_taken_off_and_told(tmp_path: Path) -> None:
    path = write_bytes(tmp_path / "a.csv", '编号,坐落\n"""2933""","""甲路, 1号"""\n"""甲"" ""乙""",乙路\n')
    (layer,) = CsvReader().read(Request(path, "a", known))
    assert layer.columns == {"编号": ["2933", '"甲" "乙"'], "坐落": ["甲路, 1号", "乙路"]}
    assert [(one.code, one.row) for one in layer.faults] == [("cell_quoted_twice", 2)]


def test_titles_and_units_above_the_header_and_notes_below_are_no_records() -> None:
    layer = sheet(
        ("李沧区重点地块一览表", None, None),
        ("单位：亩", None, None),
        ("地块编号", "坐落", "面积(亩)"),
        ("A-1", "甲路", 30),
        ("合计", None, 30),
        ("注：以实测为准", None, None),
    )
    assert layer.columns == {"地块编号": ["A-1"], "坐落": ["甲路"], "面积(亩)": [30]}
    assert layer.rows == (4,)
    assert codes(layer) == ["row_total", "row_no_record"]


def test_a_merged_two_level_header_is_read_as_one() -> None:
    layer = sheet(
        ("地块编号", "规划设计主要指标", None, None, "坐落"),
        (None, "容积率", "建筑密度", "绿地率", None),
        ("A-1", "≥1.5", "≥35%", "≤15%", "甲路"),
    )
    assert list(layer.columns) == [
        "地块编号", "规划设计主要指标·容积率", "规划设计主要指标·建筑密度", "规划设计主要指标·绿地率", "坐落",
    ]  # fmt: skip
    assert layer.rows == (3,)


def test_headers_are_compared_without_case_width_space_and_punctuation() -> None:
    assert plain_header("净用地面积（㎡）") == plain_header(" 净用地 面积(m2)")
    assert plain_header("Parcel_No") == plain_header("parcel no")


def test_points_come_from_two_columns_in_degrees_minutes_and_seconds_too() -> None:
    layer = sheet(("编号", "经度", "纬度"), ("A", "120°24′00″E", "36.18"), ("B", "不详", 36))
    assert layer.geometry is not None
    assert shapely.equals_exact(layer.geometry[0], shapely.Point(120.4, 36.18), 1e-9)
    assert layer.geometry[1] is None
    assert [(one.code, one.row) for one in layer.faults] == [("coordinate_not_number", 3)]


def test_cells_hold_shapes_as_wkt_ewkt_wkb_or_geojson() -> None:
    wkb = shapely.to_wkb(shapely.set_srid(square(), 4326), hex=True, include_srid=True)
    cells = [square().wkt, f"SRID=4326;{square().wkt}", wkb, shapely.to_geojson(square()), None]
    found = read_shapes(cells, range(5))
    assert found is not None
    geometry, crs, faults = found
    assert all(shape.equals(square()) for shape in geometry[:4])
    assert (geometry[4], crs, faults) == (None, "EPSG:4326", [])
    assert read_shapes(["红色", "绿色"], range(2)) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("120.5", 120.5),
        ("\uff11\uff12\uff10\uff0e\uff15", 120.5),
        (" 120,000.5 ", 120000.5),
        ("36°30'S", -36.5),
        ("inf", None),
        (True, None),
    ],
)
def test_a_coordinate_is_a_finite_number_or_nothing(cell: Any, value: float | None) -> None:
    assert coordinate(cell) == value


def test_excel_gives_percent_cells_as_percentages_and_dates_as_dates(tmp_path: Path) -> None:
    rows = [("编号", "绿地率上限", "规划条件出具日"), ("A", 0.15, dt.date(2025, 9, 1)), ("B", 15, None)]
    path = write_xlsx(tmp_path / "a.xlsx", rows, {"B2": "0%"})
    (layer,) = XlsxReader().read(Request(path, "a", known))
    assert layer.columns["绿地率上限"] == [15, 15]
    assert layer.columns["规划条件出具日"][0] == dt.datetime(2025, 9, 1)  # noqa: DTZ001 - Excel has no zones


@pytest.mark.parametrize(
    ("encoding", "cpg", "said"),
    [("gbk", True, ".cpg"), ("gbk", False, "gb18030"), ("utf-8", True, ".cpg"), ("utf-8", False, "utf-8")],
)
def test_a_shapefile_is_read_in_its_own_encoding(tmp_path: Path, encoding: str, cpg: bool, said: str) -> None:
    path = tmp_path / "a.shp"
    frame = parcels_frame().rename(columns={"parcel_no": "DKBH", "parcel_name": "名称"})
    frame.to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink(missing_ok=True)
        data = bytearray(path.with_suffix(".dbf").read_bytes())
        data[29] = 0
        path.with_suffix(".dbf").write_bytes(bytes(data))
    (layer,) = ShapefileReader().read(Request(path, "a"))
    assert list(layer.columns["名称"]) == ["甲地块"] * 3
    assert layer.encoding is not None
    assert said in layer.encoding


def test_the_language_byte_of_a_dbf_counts_before_guessing(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    parcels_frame().rename(columns={"parcel_no": "DKBH", "parcel_name": "名称"}).to_file(path, encoding="gbk")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    data = bytearray(path.with_suffix(".dbf").read_bytes())
    data[29] = 0x4D
    path.with_suffix(".dbf").write_bytes(bytes(data))
    (layer,) = ShapefileReader().read(Request(path, "a"))
    assert layer.encoding == "cp936 (LDID)"


def test_a_missing_index_is_rebuilt_and_said(tmp_path: Path) -> None:
    path = tmp_path / "a.shp"
    parcels_frame().rename(columns={"parcel_no": "DKBH", "parcel_name": "名称"}).to_file(path, encoding="utf-8")
    path.with_suffix(".shx").unlink()
    (layer,) = ShapefileReader().read(Request(path, "a"))
    assert len(layer.rows) == 3
    assert [fault.value for fault in layer.faults if fault.code == "sidecar_missing"] == [".shx"]
    assert not path.with_suffix(".shx").exists()


def test_a_zip_with_gbk_names_keeps_its_chinese(tmp_path: Path) -> None:
    named = "地块数据/李沧地块.csv".encode("gbk").decode("cp437")
    path = write_zip(tmp_path / "a.zip", {named: "地块编号,坐落\nA,甲路\n".encode()})
    _, report = check([path], "parcels", town())
    assert report.inputs[0].file == "a.zip/地块数据/李沧地块.csv"


def test_a_folder_is_one_input_of_several_files(tmp_path: Path) -> None:
    folder = tmp_path / "交付"
    folder.mkdir()
    write_geojson(folder / "a.geojson", feature())
    write_geojson(folder / "b.geojson", feature(1), feature(0))
    write_bytes(folder / "说明.docx", b"\x00\x01\x02\x03")
    staged, report = check([folder], "parcels", town())
    assert [one.file for one in report.inputs] == ["交付/a.geojson", "交付/b.geojson"]
    assert [(one.code, one.file) for one in report.findings if one.code == "file_skipped"] == [
        ("file_skipped", "交付/说明.docx")
    ]
    assert staged is not None
    assert list(staged.frame.parcel_id) == ["P0", "P1"], "the second file repeats P0"
    assert [one.rows_accepted for one in report.inputs] == [1, 1]


def test_of_several_layers_only_those_that_fit_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    frame = parcels_frame()
    frame.to_file(path, layer="地块边界")
    points = frame.copy()
    points["geometry"] = [shape.representative_point() for shape in frame.geometry]
    points.to_file(path, layer="标注点")
    staged, report = check([path], "parcels", town())
    assert [(one.layer, one.rows_accepted) for one in report.inputs] == [("地块边界", 3), ("标注点", 0)]
    assert [one.layer for one in report.findings if one.code == "layer_skipped"] == ["标注点"]
    assert staged is not None
    assert len(staged.frame) == 3
