"""What a steward may bring by mistake: each case is told by its own finding, with its row, its words and advice."""

import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pytest
import shapely
from ezdxf.document import Drawing
from ezdxf.layouts.base import BaseLayout
from ezdxf.layouts.layout import Modelspace

from landmap.ingest import Finding, check
from tests.making_drawings import (
    EAST,
    NORTH,
    corners,
    drawing,
    kml_polygon,
    label,
    placemark,
    write_kml,
    write_kmz,
)
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

Maker = Callable[[Path], Path]


class Case(NamedTuple):
    """A file that is wrong, and what must be said of it."""

    make: Maker
    code: str
    says: str
    row: int | None = None
    layer: str = "parcels"
    refused: bool = False


def geojson(*features: Any, **members: Any) -> Maker:
    return lambda folder: write_geojson(folder / "a.geojson", *features, **members)


def content(name: str, data: bytes | str) -> Maker:
    return lambda folder: write_bytes(folder / name, data)


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def moved(dx: float, dy: float) -> Any:
    return json.loads(shapely.to_geojson(shapely.transform(square(), lambda points: points + np.array([dx, dy]))))


def csv_rows(*rows: Any) -> Maker:
    return lambda folder: write_csv(folder / "a.csv", rows)


def parcel_csv(header: str, *cells: Any) -> Maker:
    """Parcels with one more column; each is a square of its own."""
    head = ("parcel_id", "parcel_no", header, "wkt")
    return csv_rows(head, *((f"P{i}", f"A-{i}", cell, square(i).wkt) for i, cell in enumerate(cells)))


def building_csv(**columns: Any) -> Maker:
    named = {"building_id": "B1", "building_name": "甲大厦", "lon": 120.41, "lat": 36.19} | columns
    return csv_rows(tuple(named), tuple(named.values()))


def shapefile(epsg: int = 4490, drop: str = "", prj: str | None = None) -> Maker:
    def make(folder: Path) -> Path:
        target = folder / "set"
        target.mkdir()
        named = parcels_frame(epsg).rename(columns={"parcel_no": "DKBH", "parcel_name": "DKMC"})
        named.to_file(target / "a.shp", encoding="utf-8")
        if prj is not None:
            (target / "a.prj").write_text(prj)
        for suffix in drop.split():
            (target / f"a{suffix}").unlink()
        return target

    return make


def gpkg(script: str) -> Maker:
    def make(folder: Path) -> Path:
        path = folder / "a.gpkg"
        parcels_frame().to_file(path, layer="parcels")
        with sqlite3.connect(path) as base:
            base.executescript(script)
        base.close()
        return path

    return make


def archive(members: dict[str, bytes | str]) -> Maker:
    return lambda folder: write_zip(folder / "a.zip", members)


def encrypted(folder: Path) -> Path:
    path = write_zip(folder / "a.zip", {"a.csv": "parcel_no\n1\n"})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    return write_bytes(path, bytes(data))


def linked(folder: Path) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        member = zipfile.ZipInfo("a.geojson")
        member.external_attr = 0o120777 << 16
        packed.writestr(member, "/etc/passwd")
    return path


def far_cell(folder: Path) -> Path:
    path = write_xlsx(folder / "a.xlsx", [("parcel_no",), ("1",)])
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b'r="A2"', b'r="XFD1048576"')
    return write_zip(path, members)


def formula(folder: Path) -> Path:
    return write_xlsx(folder / "a.xlsx", [("编号", "净用地面积"), ("A-1", "=1+1")])


def drawn(draw: Callable[[Modelspace], object], *blocks: str) -> Maker:
    def prepare(made: Drawing) -> None:
        for name in blocks:
            outlined(made.blocks.new(name))

    return lambda folder: drawing(folder / "a.dxf", draw, prepare=prepare)


def outlined(space: BaseLayout) -> None:
    space.add_lwpolyline(corners(), close=True)


def labelled(texts: Mapping[str, tuple[float, float]], space: Modelspace) -> None:
    outlined(space)
    for text, (x, y) in texts.items():
        label(space, text, x, y)


def coded(folder: Path, encoding: str) -> Path:
    frame = parcels_frame().rename(columns={"parcel_no": "DKBH", "parcel_name": "DKMC"})
    frame.to_file(folder / "a.shp", encoding=encoding)
    (folder / "a.cpg").unlink()
    with (folder / "a.dbf").open("r+b") as table:
        table.seek(29)
        table.write(b"\x57")
    return folder / "a.shp"


#: A grid of a billion cells.
ENDLESS: Final = {"row_count": 32_000, "column_count": 32_000, "row_spacing": 2, "column_spacing": 2}
NAN_RING: Final = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"parcel_no":"1"},'
    '"geometry":{"type":"Polygon","coordinates":[[[120.4,36.1],[120.5,NaN],[120.5,36.2],[120.4,36.1]]]}}]}'
)
BOW_TIE: Final = polygon([[120.4, 36.16], [120.41, 36.17], [120.41, 36.16], [120.4, 36.17], [120.4, 36.16]])
OPEN_RING: Final = polygon([[120.4, 36.16], [120.41, 36.17], [120.41, 36.16], [120.4, 36.165]])
XIAN_80: Final = "EPSG:2364"

CASES: Final[dict[str, Case]] = {
    # the file itself
    "missing file": Case(lambda f: f / "no.geojson", "file_missing", "文件不存在", refused=True),
    "empty file": Case(content("a.geojson", b""), "file_empty", "空", refused=True),
    "blank text": Case(content("a.geojson", b"  \n "), "format_unknown", "认不出", refused=True),
    "picture": Case(content("a.geojson", b"\x89PNG\r\n\x1a\n" + bytes(200)), "format_unknown", "认不出", refused=True),
    "old Excel": Case(content("a.xls", b"\xd0\xcf\x11\xe0" + bytes(600)), "format_unsupported", "xls", refused=True),
    "PDF": Case(content("a.csv", b"%PDF-1.4\n"), "format_unsupported", "PDF", refused=True),
    "KML of links alone": Case(
        content("a.kml", "<kml><NetworkLink/></kml>"), "no_placemark", "NetworkLink × 1", refused=True
    ),
    "KML with a document type": Case(
        content("a.kml", "<!DOCTYPE kml><kml></kml>"), "xml_doctype", "DOCTYPE kml", refused=True
    ),
    "KML cut off": Case(content("a.kml", "<kml><Document>"), "xml_malformed", "第 1 行", refused=True),
    "KML in a strange encoding": Case(
        content("a.kml", "<?xml version='1.0' encoding='x-mac'?><kml></kml>"), "xml_encoding", "x-mac", refused=True
    ),
    "KML of one endless placemark": Case(
        content("a.kml", "<kml><Placemark>" + "<a>" * 99), "xml_too_large", "depth", refused=True
    ),
    "two shapes in one placemark": Case(
        lambda f: write_kml(f / "a.kml", placemark(kml_polygon(square()) * 2), placemark(square(1))),
        "kml_two_geometries",
        "Polygon、Polygon",
        1,
    ),
    "parts of a KML that are no records": Case(
        lambda f: write_kml(f / "a.kml", placemark(square(), "<TimeSpan/>")), "part_unread", "TimeSpan 有 1 个"
    ),
    "pictures in a KMZ": Case(
        lambda f: write_kmz(f / "a.kmz", write_kml(f / "in.kml").read_bytes(), {"a.png": b""}),
        "pictures_unread",
        "1 个文件未打开",
    ),
    "line that is no JSON": Case(
        lambda f: write_bytes(f / "a.geojsonl", f"{json.dumps(feature())}\n{{oops\n"), "record_malformed", "oops", 2
    ),
    "drawing of lines alone": Case(
        drawn(lambda space: space.add_line((0, 0), (1, 1))), "drawing_without_areas", "LINE × 1", refused=True
    ),
    "drawing that unfolds": Case(
        drawn(lambda space: space.add_blockref("b", (EAST, NORTH), dxfattribs=ENDLESS), "b"),
        "drawing_too_large",
        "1000000",
        refused=True,
    ),
    "drawing in millimetres": Case(
        drawn(lambda space: space.add_lwpolyline([(x * 1000, y * 1000) for x, y in corners()], close=True)),
        "drawing_scaled",
        "0.001",
    ),
    "outline left open": Case(
        drawn(lambda space: space.add_lwpolyline([*corners(), (EAST + 0.3, NORTH)])), "ring_nearly_closed", "0.3", 1
    ),
    "outline in an outline": Case(
        drawn(lambda space: [space.add_lwpolyline(corners(at, at, 100 - 2 * at), close=True) for at in (0, 30)]),
        "ring_within",
        "第 1 个轮廓",
        2,
    ),
    "texts that disagree": Case(
        drawn(partial(labelled, {"A-1": (50, 50), "A-2": (50, 40)})),
        "labels_disagree",
        "A-1 / A-2",
        1,
    ),
    "texts outside": Case(drawn(partial(labelled, {"指北针": (500, 500)})), "labels_outside", "指北针"),
    "arcs": Case(
        drawn(lambda space: space.add_lwpolyline([(EAST, NORTH, 0, 0, 1), (EAST + 9, NORTH, 0, 0, 1)], close=True)),
        "arcs_densified",
        "1 mm",
    ),
    "Shapefile without a code page": Case(lambda f: coded(f, "gbk"), "encoding_chosen", "常用字占比 gb18030 100%"),
    "VRT reference": Case(content("a.geojson", b"<OGRVRTDataSource/>"), "format_unsupported", "VRT", refused=True),
    "web page": Case(content("a.csv", b"<!doctype html><html>"), "format_unsupported", "HTML", refused=True),
    "surveyors' text": Case(
        content("a.txt", "[属性描述]\n坐标系=2000".encode("gb18030")), "guotu_no_plot", "没有地块", refused=True
    ),
    "ending that lies": Case(lambda f: write_geojson(f / "a.gpkg", feature()), "kind_differs", "内容却是 geojson"),
    "folder without data": Case(
        lambda f: (f / "x").mkdir() or f / "x", "folder_empty", "没有可导入的文件", refused=True
    ),
    "truncated GeoPackage": Case(
        lambda f: write_bytes(f / "a.gpkg", gpkg("")(f).read_bytes()[:9000]), "file_damaged", "损坏", refused=True
    ),
    "truncated Parquet": Case(content("a.parquet", b"PAR1" + bytes(64)), "file_damaged", "损坏", refused=True),
    "truncated FlatGeobuf": Case(content("a.fgb", b"fgb\x03fgb\x00" + bytes(40)), "file_damaged", "损坏", refused=True),
    "truncated workbook": Case(
        lambda f: write_bytes(f / "b.xlsx", far_cell(f).read_bytes()[:1500]), "file_damaged", "损坏", refused=True
    ),
    "SQLite that is no GeoPackage": Case(
        gpkg("DROP TABLE gpkg_contents"), "not_geopackage", "不是 GeoPackage", refused=True
    ),
    "GeoPackage with a trigger": Case(
        gpkg("CREATE TRIGGER evil AFTER INSERT ON parcels BEGIN SELECT 1; END"),
        "database_machinery",
        "TRIGGER",
        refused=True,
    ),
    "GeoPackage with a virtual table": Case(
        gpkg("CREATE VIRTUAL TABLE evil USING fts5(x)"), "database_machinery", "VIRTUAL TABLE", refused=True
    ),
    "shapefile part alone": Case(content("a.dbf", bytes([3]) + bytes(64)), "shapefile_part", ".shp", refused=True),
    "shapefile without index": Case(shapefile(drop=".shx"), "sidecar_missing", ".shx"),
    "shapefile without projection": Case(shapefile(epsg=4549, drop=".prj"), "crs_found", "没有注明坐标系"),
    # archives
    "path out of the archive": Case(archive({"../../evil.csv": "x"}), "archive_path", "越界", refused=True),
    "absolute path": Case(archive({"/etc/evil.csv": "x"}), "archive_path", "越界", refused=True),
    "archive in the archive": Case(archive({"b.zip": "x"}), "archive_nested", "还有压缩包", refused=True),
    "encrypted archive": Case(encrypted, "archive_encrypted", "加密", refused=True),
    "link in the archive": Case(linked, "archive_link", "链接", refused=True),
    "too many files": Case(archive({f"{i}.txt": "x" for i in range(201)}), "archive_too_many", "201", refused=True),
    "bomb": Case(archive({"a.csv": bytes(20 * 1024**2)}), "archive_ratio", "膨胀", refused=True),
    "two files of one name": Case(
        archive({"a/B.csv": "x", "a/b.csv": "y"}), "archive_name_twice", "同名", refused=True
    ),
    # GeoJSON structure
    "broken JSON": Case(content("a.geojson", '{"type":\n "Feature",,}'), "json_malformed", "第 2 行", refused=True),
    "deep JSON": Case(content("a.geojson", '{"a":' * 100_000), "json_too_deep", "过深", refused=True),
    "other JSON": Case(content("a.geojson", '{"type":"Topology"}'), "json_not_geojson", "Topology", refused=True),
    "no features": Case(
        content("a.geojson", '{"type":"FeatureCollection"}'), "features_missing", "features", refused=True
    ),
    "null feature": Case(geojson(feature(), None), "feature_malformed", "不是 GeoJSON 要素", 2),
    "wrong case of a type": Case(
        geojson(feature(geometry={"type": "polygon", "coordinates": []})), "geometry_type_unknown", "polygon", 1
    ),
    "open ring": Case(geojson(feature(geometry=OPEN_RING)), "ring_not_closed", "没有闭合", 1),
    "text for a coordinate": Case(
        geojson(feature(geometry={"type": "Point", "coordinates": ["120", 36]})),
        "coordinate_not_number",
        "不是有限的数",
        1,
    ),
    "NaN in a ring": Case(content("a.geojson", NAN_RING), "coordinate_not_number", "不是有限的数", 1),
    "properties as a list": Case(
        geojson({"type": "Feature", "properties": [], "geometry": None}), "properties_malformed", "properties", 1
    ),
    "member twice": Case(
        content("a.geojson", '{"type":"FeatureCollection","type":"FeatureCollection","features":[]}'),
        "member_twice",
        "两次",
    ),
    "empty layer": Case(geojson(), "layer_empty", "没有记录"),
    # geometry
    "null geometry": Case(geojson(feature(), feature(1, geometry=None)), "geometry_missing", "没有图形", 2),
    "empty polygon": Case(geojson(feature(geometry=polygon())), "geometry_missing", "没有图形", 1),
    "point for a parcel": Case(
        geojson(feature(geometry={"type": "Point", "coordinates": [120.4, 36.2]})), "geometry_type_wrong", "Point", 1
    ),
    "bow tie": Case(geojson(feature(geometry=BOW_TIE)), "geometry_repaired", "变化", 1),
    "height": Case(
        geojson(feature(geometry=polygon([[*point, 12.5] for point in square().exterior.coords]))),
        "height_dropped",
        "高程",
        1,
    ),
    "same outline twice": Case(
        geojson(feature(), feature(1, geometry=moved(0, 0), parcel_name="乙")),
        "geometry_duplicate",
        "第 1 条完全相同",
        2,
    ),
    "overlapping parcels": Case(
        geojson(feature(), feature(1, geometry=moved(0.001, 0))), "geometry_overlap", "与第 1 条重叠", 2
    ),
    "huge coordinate": Case(
        geojson(
            *(feature(i) for i in range(20)), feature(20, geometry=polygon([[1e300, 0], [1, 1], [0, 1], [1e300, 0]]))
        ),
        "out_of_bounds",
        "超出范围",
        21,
    ),
    # coordinate systems
    "swapped axes": Case(
        geojson(feature(geometry=polygon([list(point[::-1]) for point in square().exterior.coords]))),
        "axes_swapped",
        "写反",
    ),
    "another city": Case(geojson(feature(geometry=moved(-4, -5))), "crs_outside_district", "20 公里", refused=True),
    "one stray among many": Case(
        geojson(*(feature(i) for i in range(20)), feature(20, geometry=moved(-4, -5))),
        "outside_district",
        "20 公里",
        21,
    ),
    "neighbouring zone": Case(
        lambda f: write_csv(
            f / "a.csv",
            [
                ("编号", "wkt"),
                ("A", shapely.transform(parcels_frame(4528, 1).geometry[0], lambda p: p - np.array([1e6, 0])).wkt),
            ],
        ),
        "crs_outside_district",
        "20 公里",
        refused=True,
    ),
    "zone that is not in China": Case(
        csv_rows(("编号", "x", "y"), ("A", 24_540_000, 4_005_000)), "crs_undecided", "zone 24", refused=True
    ),
    "two northings": Case(
        csv_rows(("编号", "x", "y"), ("A", 4_005_000, 4_006_000)), "crs_undecided", "ambiguous", refused=True
    ),
    "Xi'an 80": Case(
        geojson(feature(), crs={"type": "name", "properties": {"name": XIAN_80}}),
        "crs_datum_refused",
        "西安80",
        refused=True,
    ),
    "unknown projection file": Case(shapefile(prj='LOCAL_CS["青岛城建"]'), "crs_unknown", "认不出"),
    "lying projection file": Case(
        shapefile(
            epsg=4549,
            prj='GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
            'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
        ),
        "crs_declared_wrong",
        "不符",
    ),
    # tables
    "header only": Case(csv_rows(("编号", "面积")), "layer_empty", "没有记录"),
    "no header": Case(lambda f: write_xlsx(f / "a.xlsx", [(1, 2), (3, 4)]), "header_missing", "表头", refused=True),
    "header twice": Case(csv_rows(("编号", "坐落", "坐落"), ("A", "甲", "乙")), "header_twice", "坐落"),
    "nameless column": Case(csv_rows(("编号", ""), ("A", "甲")), "column_nameless", "第 2 列"),
    "row too long": Case(csv_rows(("编号", "坐落"), ("A", "甲"), ("B", "乙", "z")), "row_too_long", "如 z", 3),
    "unclosed quote": Case(
        content("a.csv", b'parcel_no,name\n1,"' + b"x" * 17_000_000), "csv_malformed", "读不出", refused=True
    ),
    "sheet too large": Case(far_cell, "table_too_large", "50000", refused=True),
    "formula error": Case(
        lambda f: write_xlsx(f / "a.xlsx", [("编号", "净用地面积"), ("A", "#REF!")]), "cell_error", "B2", 2
    ),
    "formula without value": Case(formula, "formula_unsaved", "B2"),
    "no encoding": Case(
        content("a.csv", "parcel_no,parcel_name\n1,Café Zoé\n".encode("cp1252")), "encoding_guessed", "cp1252"
    ),
    "mojibake": Case(parcel_csv("parcel_name", "地块".encode("gbk").decode("latin-1")), "text_garbled", "乱码", 2),
    "WKT that is none": Case(
        csv_rows(("编号", "wkt"), ("A", square().wkt), ("B", "POLYGON((1 2")), "shape_text_malformed", "几何文字", 3
    ),
    # columns and values
    "unknown column": Case(parcel_csv("心情", "好"), "column_unmatched", "心情"),
    "one field in two columns": Case(
        csv_rows(("parcel_no", "坐落", "土地位置"), ("1", "甲", "乙")), "field_twice", "location_text"
    ),
    "vague header": Case(parcel_csv("面积", 39_925), "header_ambiguous", "net_area_m2"),
    "number in words": Case(parcel_csv("净用地面积", "很大", "39925"), "number_malformed", "很大", 2),
    "infinite number": Case(geojson(feature(net_area_m2=float("inf"))), "number_not_finite", "不是有限", 1),
    "unit of another kind": Case(parcel_csv("净用地面积", "5万元"), "unit_unlike", "万元", 2),
    "two units that disagree": Case(
        parcel_csv("净用地面积", "68507.52平方米(折112.76亩)"), "area_units_disagree", "对不上", 2
    ),
    "fraction of a storey": Case(parcel_csv("层数上限", "6.5"), "number_not_whole", "整数", 2),
    "negative area": Case(parcel_csv("净用地面积", -5), "value_out_of_range", "-5", 2),
    "no such day": Case(parcel_csv("规划条件出具日", "2025-02-30"), "date_malformed", "2025-02-30", 2),
    "day or month": Case(parcel_csv("规划条件出具日", "03/04/2025"), "date_ambiguous", "日月", 2),
    "neither yes nor no": Case(parcel_csv("标准地", "也许"), "boolean_malformed", "也许", 2),
    "unknown code": Case(parcel_csv("供应方式", "赠送"), "code_unknown", "赠送", 2),
    "unknown land use": Case(
        csv_rows(("parcel_no", "land_use_code", "land_use_scheme"), ("1", "9999", "ydyh2023")),
        "land_use_unknown",
        "9999",
        2,
    ),
    "digits of no scheme": Case(parcel_csv("地类编码", "0601"), "land_use_scheme_unknown", "0601"),
    "bad cadastral code": Case(parcel_csv("宗地代码", "370213XX"), "pattern_unmet", "370213XX", 2),
    "script for an address": Case(parcel_csv("公告链接", "javascript:alert(1)"), "url_malformed", "不是网址", 2),
    "broken structure": Case(parcel_csv("site_services", '{"road"'), "json_cell_malformed", "结构", 2),
    # planning conditions
    "reversed interval": Case(parcel_csv("容积率", "2.5-1.5"), "interval_reversed", "2.5-1.5", 2),
    "reversed bounds": Case(
        csv_rows(("parcel_no", "容积率下限", "容积率上限"), ("1", 2.5, 1.5)), "interval_reversed", "颠倒", 2
    ),
    "lost sign": Case(parcel_csv("容积率", "R1.5"), "interval_no_operator", "R1.5", 2),
    "masked digits": Case(parcel_csv("容积率", "≥*.*"), "interval_masked", "≥*.*", 2),
    "lost decimal point": Case(parcel_csv("容积率", "≥16"), "implausible_value", "16", 2),
    # what fields say of each other
    "duplicate id": Case(geojson(feature(), feature(1, parcel_id="P0")), "key_duplicate", "第 1 条重复", 2),
    "no id": Case(geojson(feature(parcel_id=None)), "key_made", "生成"),
    "assessment without an item": Case(
        csv_rows(("parcel_id", "item"), ("P1", None)), "key_missing", "item", 2, layer="site_assessments"
    ),
    "net above gross": Case(
        csv_rows(("parcel_no", "净用地面积", "总用地面积"), ("1", 200, 100)), "net_area_exceeds_gross", "大于", 2
    ),
    "area in another unit": Case(parcel_csv("登记面积", 59.9), "area_unit_suspected", "亩", 2),
    "low deposit": Case(
        csv_rows(("parcel_no", "起始价", "starting_price_basis", "保证金"), ("1", 1000, "total", 100)),
        "deposit_below_fifth",
        "20%",
        2,
    ),
    "price without a basis": Case(parcel_csv("起始价", 1000), "price_basis_missing", "口径", 2),
    "term too long": Case(parcel_csv("出让年限", "商业50年"), "term_exceeds_statutory", "40", 2),
    "shares above a hundred": Case(
        geojson(feature(mixed_uses=[{"code": "0901", "share_pct": 70}, {"code": "0902", "share_pct": 60}])),
        "shares_exceed_hundred",
        "130",
        1,
    ),
    "more to let than there is": Case(
        building_csv(available_area_m2=900, rentable_area_m2=800), "available_exceeds_rentable", "900", 2, "buildings"
    ),
    "monthly rent": Case(building_csv(租金="28元/㎡·天"), "rent_looks_monthly", "月租金", 2, "buildings"),
    "rent without a period": Case(building_csv(租金="28元/㎡"), "rent_unread", "租金读不出", 2, "buildings"),
    "occupancy against areas": Case(
        building_csv(available_area_m2=400, rentable_area_m2=800, occupancy_rate_pct=90),
        "occupancy_disagrees",
        "50.0",
        2,
        "buildings",
    ),
    "clear height above the storey": Case(
        building_csv(clear_height_m=5, floor_height_m=4.2), "clear_height_exceeds_floor_height", "净高", 2, "buildings"
    ),
    "unit larger inside": Case(
        csv_rows(("unit_id", "building_id", "unit_area_m2", "usable_area_m2"), ("U", "B", 80, 90)),
        "pair_reversed",
        "90",
        2,
        "building_units",
    ),
    "nothing required given": Case(geojson(feature()), "required_column_missing", "data_as_of"),
    "half required given": Case(
        geojson(feature(data_as_of="2026-01-01"), feature(1)), "required_value_missing", "data_as_of", 2
    ),
}


def told(folder: Path, case: Case) -> tuple[list[Finding], list[str | None]]:
    _, report = check([case.make(folder)], case.layer, town())
    return [one for one in report.findings if one.code == case.code], [one.refused for one in report.inputs]


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_told_what_is_wrong_and_where(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found, refused = told(tmp_path, case)
    assert found, f"no {case.code}"
    assert case.says in " ".join(one.message for one in found)
    assert case.row in {one.row for one in found}
    assert any(refused) is case.refused


@pytest.mark.parametrize("name", CASES)
def test_every_bad_file_is_also_told_in_english_with_advice(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    found, _ = told(tmp_path, case)
    for one in found:
        english = one.told("en")
        assert english.message != one.message
        assert not re.search(r"\{[a-z_]+\}", english.message + english.fix)
        assert one.severity == "info" or (one.fix and english.fix)


def test_there_are_over_sixty_kinds_of_bad_file() -> None:
    assert len(CASES) >= 60


def test_a_file_past_the_size_cap_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landmap.ingest.door.MAX_BYTES", 10)
    _, report = check([write_geojson(tmp_path / "a.geojson", feature())], "parcels", town())
    assert [one.code for one in report.findings] == ["file_too_large"]


def test_good_rows_are_not_lost_for_bad_ones(tmp_path: Path) -> None:
    rows = (feature(), None, feature(1, geometry=None), feature(2), feature(3, geometry=OPEN_RING))
    path = write_geojson(tmp_path / "a.geojson", *rows)
    staged, report = check([path], "parcels", town())
    assert staged is not None
    assert list(staged.frame.parcel_id) == ["P0", "P2"]
    assert (report.inputs[0].rows_read, report.inputs[0].rows_accepted) == (5, 2)
    assert {one.row for one in report.findings if one.severity == "error"} == {2, 3, 5}


def test_what_cannot_be_read_is_unknown_and_never_zero(tmp_path: Path) -> None:
    staged, _ = check([parcel_csv("净用地面积", "很大", "/", "", "0.5万㎡")(tmp_path)], "parcels", town())
    assert staged is not None
    np.testing.assert_array_equal(staged.frame.net_area_m2.to_numpy(), [np.nan, np.nan, np.nan, 5000])
