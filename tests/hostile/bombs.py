"""Small files that grow, and shapes and values that libraries choke on."""

import struct
from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from tests.hostile.archives import Maker
from tests.hostile.making import (
    BLOCK,
    GUOTU,
    INSERT,
    LAUGHS,
    OUTLINE,
    PLACE,
    XML,
    binary,
    blob,
    cell_shape,
    collection,
    dxf,
    entity,
    flatgeobuf,
    geo,
    geopackage,
    kml,
    kml_file,
    kmz,
    late,
    nested,
    outline,
    parquet,
    pickled,
    png,
    raw,
    repeated,
    ring,
    scattered,
    shaped,
    shapefile,
    table,
    workbook,
    xls_loop,
)
from tests.making_files import feature, square, write_geojson, write_zip

#: What is made, and the findings of which one tells it.
BOMBS: Final[Mapping[str, tuple[Maker, str]]] = {
    # GeoJSON
    "JSON a hundred thousand deep": (raw("a.json", lambda: b"[" * 100_000 + b"]" * 100_000), "json_too_deep"),
    "properties a hundred thousand deep": (
        raw(
            "a.json",
            lambda: collection(
                '{"type":"Feature","geometry":null,"properties":{"a":' + "[" * 99_999 + "]" * 99_999 + "}}"
            )(),
        ),
        "json_too_deep",
    ),
    "a ring of a million points": (late(lambda: shaped(ring(1_000_000))), "too_many_vertices"),
    "denormal coordinates": (
        shaped([[-2.2e-309, 5e-324], [5e-324, -5e-324], [0, 2.2e-309], [-2.2e-309, 5e-324]]),
        "geometry_collapsed",
    ),
    "coordinates of 1e308": (
        shaped([[1e308, 1e308], [-1e308, 1e308], [1e308, -1e308], [1e308, 1e308]]),
        "out_of_bounds",
    ),
    "coordinates past any number": (
        raw(
            "a.json",
            collection('{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1e999,-1e999]}}'),
        ),
        "coordinate_not_number",
    ),
    "a number of a hundred thousand digits": (
        raw("a.json", lambda: b'{"type":"Point","coordinates":[' + b"9" * 100_000 + b",1]}"),
        "json_malformed",
    ),
    "an empty hole": (shaped(ring(9), [], []), ""),
    "a hole of nothing": (shaped(ring(9), None), "coordinates_depth"),
    "a hundred thousand equal points": (late(lambda: shaped([[120.4, 36.17]] * 100_001)), "ring_too_short"),
    "ten thousand crossing lines": (
        shaped(
            [
                [120.4 + 0.01 * (n * 7919 % 99991) / 99991, 36.17 + 0.01 * (n * 104729 % 99989) / 99989]
                for n in [*range(3000), 0]
            ]
        ),
        "check_too_long",
    ),
    "a cell of ten megabytes": (
        lambda folder, bait: write_geojson(folder / "a.json", feature(0, remarks="长" * 10_000_000), feature(1)),
        "text_cut",
    ),
    "twenty thousand properties, each once": (raw("a.json", scattered), "columns_too_many"),
    "a million features of nothing": (
        late(lambda: raw("a.json", collection(*["null"] * 1_000_000))),
        "feature_malformed",
    ),
    "collections in collections": (
        raw("a.json", lambda: b'{"type":"GeometryCollection","geometries":[' * 5000 + b"]}" * 5000),
        "json_too_deep",
    ),
    "words that only look like text": (
        raw("a.json", lambda: '{"type":"Point","coordinates":[120.4,36.17]}'.encode("utf-16-le")),
        "json_malformed",
    ),
    "half a character": (
        raw("a.json", collection('{"type":"Feature","geometry":null,"properties":{"parcel_name":"\\ud800"}}')),
        "text_broken",
    ),
    "names that a program might run": (
        lambda folder, bait: write_geojson(
            folder / "a.json", feature(0, __class__="x", parcel_name="{{7*7}}{%x%}=cmd|'/c'!A0")
        ),
        "column_unmatched",
    ),
    # CSV
    "one cell of ten megabytes": (late(lambda: table("备注", "长" * 10_000_000)), "text_cut"),
    "an outline of ten megabytes": (
        raw("a.csv", lambda: b'parcel_no,wkt\n1,"POLYGON((' + b"120.4 36.17," * 900_000 + b'120.4 36.17))"\n'),
        "too_many_vertices",
    ),
    "a hundred thousand columns": (
        raw("a.csv", lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n" + b"1," * 99_999 + b"1\n"),
        "table_too_large",
    ),
    "a quote that never ends": (raw("a.csv", lambda: b'parcel_no,wkt\n"' + b"x\n" * 5_000_000), "text_cut"),
    "zero bytes": (raw("a.csv", lambda: b"parcel_no,wkt\n" + bytes(1_000_000)), "geometry_missing"),
    "an outline nested ten thousand deep": (
        cell_shape("GEOMETRYCOLLECTION(" * 10_000 + "POINT(0 0)" + ")" * 10_000),
        "shape_text_malformed",
    ),
    "hexadecimal nested ten thousand deep": (
        late(lambda: cell_shape(nested(10_000).hex().upper())),
        "shape_text_malformed",
    ),
    **{
        f"a figure of a hundred thousand characters: {text[:6]}": (
            table("容积率", (text * 100_000)[:100_000] + "x"),
            "text_cut",
        )
        for text in ("1", "≥1.0且", "1-", "1.", " ", "(", "不", "1,", "<=")
    },
    # workbooks
    "a cell in the last row and column": (
        workbook(sheet=lambda part, bait: part.replace(b'r="A2"', b'r="XFD1048576"')),
        "table_too_large",
    ),
    "a row past the last": (
        workbook(
            sheet=lambda part, bait: part.replace(b'<row r="2"', b'<row r="1048576"').replace(
                b'r="A2"', b'r="A1048576"'
            )
        ),
        "table_too_large",
    ),
    "an entity that reads a file": (workbook(sheet=entity("file")), "file_damaged"),
    "an entity that reads a file, in the strings": (workbook(strings=entity("file")), "file_damaged"),
    "an entity that asks a host": (workbook(book=entity("host")), "file_damaged"),
    "an entity of the document type": (workbook(styles=entity("parameter")), "file_damaged"),
    "an entity in sixteen bits": (workbook(strings=entity("file", utf16=True)), "file_damaged"),
    "entities that multiply": (workbook(strings=entity("laughs")), "file_damaged"),
    "strings that unpack a thousandfold": (
        workbook(strings=lambda part, bait: XML + b"<sst><si><t>" + b"A" * 200_000_000 + b"</t></si></sst>"),
        "archive_ratio",
    ),
    "a part that names a file": (
        workbook(
            links=lambda part, bait: part.replace(b'Target="', b'Target="/' + str(bait.canary).encode() + b"?", 1)
        ),
        "table_empty",
    ),
    "a sheet outside the archive": (
        workbook(links=lambda part, bait: part.replace(b"worksheets/sheet1.xml", b"../../../../../etc/passwd")),
        "table_empty",
    ),
    "a link to another workbook": (
        workbook(
            external=lambda part, bait: (
                XML + b'<externalLink><externalBook r:id="' + bait.url.encode() + b'"/></externalLink>'
            )
        ),
        "crs_found",
    ),
    "a formula that asks a host": (
        workbook(
            sheet=lambda part, bait: part.replace(
                b"</sheetData>",
                b'<row r="9"><c r="A9"><f>WEBSERVICE("' + bait.url.encode() + b'")</f></c></row></sheetData>',
            )
        ),
        "formula_unsaved",
    ),
    "a style of a hundred thousand formats": (
        workbook(
            styles=lambda part, bait: part.replace(
                b"<fonts", b"<numFmts>" + b'<numFmt numFmtId="999" formatCode="0%"/>' * 100_000 + b"</numFmts><fonts", 1
            )
        ),
        "crs_found",
    ),
    "a cell of ten megabytes in a workbook": (
        workbook(
            sheet=lambda part, bait: part.replace(
                b"</sheetData>",
                b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + b"x1 " * 3_400_000 + b"</t></is></c></row></sheetData>",
            )
        ),
        "text_cut",
    ),
    "sectors that lead back to themselves": (raw("a.xls", xls_loop), "format_unsupported"),
    "an old workbook of nothing": (
        raw("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4000),
        "format_unsupported",
    ),
    # GeoPackage
    "a trigger": (
        geopackage("CREATE TRIGGER evil AFTER INSERT ON parcels BEGIN SELECT load_extension('CANARY'); END"),
        "database_machinery",
    ),
    "a virtual table": (geopackage("CREATE VIRTUAL TABLE evil USING fts5(x)"), "database_machinery"),
    "a virtual table that reads a file": (
        geopackage(
            "PRAGMA writable_schema=ON; INSERT INTO sqlite_master VALUES('table','evil','evil',0,"
            "'CREATE VIRTUAL TABLE evil USING VirtualText(''CANARY'',''UTF-8'',1,COMMA)')"
        ),
        "database_machinery",
    ),
    "a view that runs for ever": (
        geopackage(
            "CREATE VIEW evil AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT x FROM n; "
            "INSERT INTO gpkg_contents(table_name,data_type,identifier) VALUES('evil','attributes','evil')"
        ),
        "contents_unread",
    ),
    "a column computed from a gigabyte": (
        geopackage("ALTER TABLE parcels ADD COLUMN evil GENERATED ALWAYS AS (hex(zeroblob(400000000)))"),
        "file_needs_memory",
    ),
    "a layer called like a statement": (
        geopackage(
            'CREATE TABLE "x""; DROP TABLE parcels; --"(a); '
            "INSERT INTO gpkg_contents(table_name,data_type,identifier) "
            "VALUES('x\"; DROP TABLE parcels; --','attributes','x')"
        ),
        "layer_skipped",
    ),
    "a layer that is the list of tables": (
        geopackage(
            "INSERT INTO gpkg_contents(table_name,data_type,identifier) VALUES('sqlite_master','attributes','x')"
        ),
        "contents_unread",
    ),
    "a shape nested ten thousand deep": (geopackage(change=blob(nested(10_000))), "geometry_unreadable"),
    "a shape nested a million deep": (late(lambda: geopackage(change=blob(nested(1_000_000)))), "geometry_unreadable"),
    "a shape of four thousand million points": (
        geopackage(change=blob(struct.pack("<BIII", 1, 3, 1, 0xFFFFFFFF))),
        "geometry_unreadable",
    ),
    "a shape of numbers that are none": (
        geopackage(change=blob(struct.pack("<BIII8d", 1, 3, 1, 4, np.nan, 1, 2, np.inf, 3, 3, np.nan, 1))),
        "geometry_unreadable",
    ),
    "a shape with an empty hole": (
        geopackage(change=blob(struct.pack("<BII", 1, 3, 2) + shapely.to_wkb(square())[9:] + struct.pack("<I", 0))),
        "ring_empty",
    ),
    # Parquet
    "a type that carries a pickle": (pickled, "geometry_missing"),
    "a shape nested a million deep in a column": (
        late(lambda: parquet(geo(), shapes=[nested(1_000_000), square().wkb, square(1).wkb])),
        "file_damaged",
    ),
    "sixty million equal cells": (repeated, "table_too_large"),
    "metadata that is no JSON": (parquet({"geo": "{" * 10_000}), "geometry_missing"),
    "metadata of a column that is not there": (parquet(geo(primary_column="../../x")), "file_damaged"),
    "metadata with a coordinate system at an address": (parquet(geo(column={"crs": "URL"})), "file_damaged"),
    "metadata with a pipeline": (
        parquet(geo(column={"crs": "+proj=pipeline +step +proj=hgridshift +grids=CANARY"})),
        "file_damaged",
    ),
    "metadata for pandas": (
        parquet(
            {
                "pandas": '{"index_columns":["x"],"columns":[{"name":"x","pandas_type":"object",'
                '"numpy_type":"os.system",'
                '"metadata":null}],"column_indexes":[]}'
            }
        ),
        "file_damaged",
    ),
    # binary vector files
    "a header of two gigabytes": (binary("a.fgb", flatgeobuf, (8, b"\xff\xff\xff\x7f")), "file_damaged"),
    "a count of a million million": (binary("a.fgb", flatgeobuf, (60, b"\xff" * 12)), "file_damaged"),
    "a record longer than its file": (binary("a.shp", shapefile, (104, b"\x7f\xff\xff\xff")), ""),
    "a shape of two thousand million parts": (
        binary("a.shp", shapefile, (144, b"\xff\xff\xff\x7f\xff\xff\xff\x7f")),
        "geometry_missing",
    ),
    # KML
    "KML with an entity that reads a file": (
        kml_file(PLACE.replace("A-1", "&e;"), '<!DOCTYPE kml [<!ENTITY e SYSTEM "file://CANARY">]>'),
        "xml_doctype",
    ),
    "KML with an entity that asks a host": (
        kml_file(PLACE.replace("A-1", "&e;"), '<!DOCTYPE kml [<!ENTITY e SYSTEM "URL">]>'),
        "xml_doctype",
    ),
    "KML with a document type at an address": (kml_file(PLACE, '<!DOCTYPE kml SYSTEM "URL">'), "xml_doctype"),
    "KML with entities that multiply": (kml_file(PLACE.replace("A-1", "&j;"), LAUGHS.decode()), "xml_doctype"),
    "KML that includes a file": (
        kml_file(PLACE + '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="CANARY" parse="text"/>'),
        "",
    ),
    "KML that links a file and a host": (
        kml_file(
            PLACE
            + "<NetworkLink><Link><href>CANARY</href></Link></NetworkLink>"
            + "<NetworkLink><Link><href>URL</href></Link></NetworkLink>"
        ),
        "part_unread",
    ),
    "KML with a picture at an address": (
        kml_file(PLACE + "<GroundOverlay><Icon><href>URL</href></Icon></GroundOverlay>"),
        "part_unread",
    ),
    "KML with a style sheet": (kml_file(PLACE, '<?xml-stylesheet type="text/xsl" href="URL"?>'), ""),
    "KML a hundred thousand folders deep": (
        late(lambda: kml_file("<Folder>" * 100_000 + PLACE + "</Folder>" * 100_000)),
        "xml_too_large",
    ),
    "KML with a ring of a million points": (
        late(lambda: kml_file(PLACE.replace(OUTLINE, " ".join(f"{x},{y}" for x, y in ring(1_000_000))))),
        "too_many_vertices",
    ),
    "KML with coordinates of 1e308": (
        kml_file(PLACE.replace(OUTLINE, "1e308,1e308 -1e308,1e308 1e308,-1e308 1e308,1e308")),
        "out_of_bounds",
    ),
    "KMZ with a picture of gigabytes": (late(lambda: kmz(PLACE, files__bomb_png=png(60_000))), "pictures_unread"),
    "KMZ that climbs": (
        lambda folder, bait: write_zip(folder / "a.kmz", {"../../doc.kml": kml(PLACE)(bait)}),
        "archive_path",
    ),
    "KMZ that unpacks a thousandfold": (
        lambda folder, bait: write_zip(folder / "a.kmz", {"doc.kml": kml(PLACE + " " * 400_000_000)(bait)}),
        "archive_ratio",
    ),
    "KMZ that links its neighbour": (
        kmz(PLACE + "<NetworkLink><Link><href>../../CANARY</href></Link></NetworkLink>"),
        "part_unread",
    ),
    # DXF
    "a drawing of a drawing": (
        dxf(
            *INSERT, blocks=((0, "BLOCK"), (8, "0"), (2, "B"), (70, 4), (1, "CANARY"), (10, 0), (20, 0), (0, "ENDBLK"))
        ),
        "drawing_without_areas",
    ),
    "a block that holds itself": (dxf(*INSERT, blocks=(*BLOCK, *INSERT, (0, "ENDBLK"))), "drawing_without_areas"),
    "a block a million times": (
        dxf(*INSERT, (70, 32_000), (71, 32_000), (44, 1), (45, 1), blocks=(*BLOCK, *outline(5), (0, "ENDBLK"))),
        "drawing_too_large",
    ),
    "blocks that multiply": (
        dxf(
            (0, "INSERT"),
            (8, "0"),
            (2, "B9"),
            (10, 0),
            (20, 0),
            blocks=tuple(
                pair
                for n in range(10)
                for pair in (
                    (0, "BLOCK"),
                    (8, "0"),
                    (2, f"B{n}"),
                    (70, 0),
                    (10, 0),
                    (20, 0),
                    *(outline(5) if n == 0 else [(0, "INSERT"), (8, "0"), (2, f"B{n - 1}"), (10, 0), (20, 0)] * 10),
                    (0, "ENDBLK"),
                )
            ),
        ),
        "drawing_too_large",
    ),
    "an outline of two hundred thousand points": (late(lambda: dxf(*outline(200_000))), "too_many_vertices"),
    "a bulge past any number": (dxf(*outline(5), (42, "1e308"), (42, "nan")), "arcs_densified"),
    "a picture in a drawing": (dxf((0, "IMAGE"), (8, "0"), (340, "FF"), (1, "CANARY")), "file_damaged"),
    "a drawing in bytes": (raw("a.dxf", lambda: b"AutoCAD Binary DXF\r\n\x1a\0" + b"\xff" * 5000), "file_damaged"),
    # 国土 TXT
    "a plot of three hundred thousand points": (
        raw(
            "a.txt",
            lambda: (
                GUOTU
                + "300000,1.0,1,甲,面,,工业,,@\n"
                + "".join(
                    f"J{n},1,{y * 1.1e5:.3f},{40_500_000 + (x - 120) * 9e4:.3f}\n"
                    for n, (x, y) in enumerate(ring(300_000))
                )
            ).encode("gb18030"),
        ),
        "too_many_vertices",
    ),
    "a plot with numbers past any": (
        raw(
            "a.txt",
            lambda: (
                GUOTU + "4,1.0,1,甲,面,,工业,,@\nJ1,1,1e999,1e308\nJ2,1,nan,inf\nJ3,1,-1e308,5e-324\nJ1,1,1e999,1e308\n"
            ).encode("gb18030"),
        ),
        "guotu_line_unread",
    ),
}
