"""Workbooks, databases and column files that grow or choke a library."""

import struct
from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from tests.hostile.archives import Maker
from tests.hostile.making import (
    XML,
    binary,
    blob,
    entity,
    flatgeobuf,
    geo,
    geopackage,
    late,
    nested,
    parquet,
    pickled,
    raw,
    repeated,
    shapefile,
    workbook,
    xls_loop,
)
from tests.making_files import square

#: What is made, and the findings of which one tells it.
BOMBS: Final[Mapping[str, tuple[Maker, str]]] = {
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
}
