"""Files that are wrong as files: damaged, empty, mislabelled, archives that are not what they seem."""

import json
from functools import partial
from typing import Final

from tests.bad_files.making import (
    ENDLESS,
    Case,
    archive,
    coded,
    content,
    drawn,
    encrypted,
    far_cell,
    gpkg,
    labelled,
    linked,
    shapefile,
)
from tests.making_drawings import (
    EAST,
    NORTH,
    corners,
    kml_polygon,
    placemark,
    write_kml,
    write_kmz,
)
from tests.making_files import (
    feature,
    square,
    write_bytes,
    write_geojson,
)

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
}
