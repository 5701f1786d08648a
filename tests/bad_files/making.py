"""How files are made that a steward may bring by mistake, and what a case of one says."""

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from ezdxf.document import Drawing
from ezdxf.layouts.base import BaseLayout
from ezdxf.layouts.layout import Modelspace

from tests.making_drawings import (
    corners,
    drawing,
    label,
)
from tests.making_files import (
    parcels_frame,
    square,
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
