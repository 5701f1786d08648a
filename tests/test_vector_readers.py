"""Line by line GeoJSON, GeoPackages of many layers, geodatabases, Shapefiles of any encoding."""

import json
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landmap.ingest import check_here as check
from landmap.ingest.encoding import chinese_encoding, decode
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers import READERS, RawLayer, Request
from landmap.ingest.readers.filegdb import FileGdbReader
from landmap.ingest.readers.geojson_seq import GeoJsonSeqReader
from landmap.ingest.readers.gpkg import GpkgReader
from landmap.ingest.readers.shapefile import ShapefileReader
from landmap.ingest.readers.wkb import shapes_of
from tests.making_drawings import write_gdb, write_geojson_lines, zipped
from tests.making_files import feature, parcels_frame, square, town, write_bytes, write_geojson, write_zip


def owner(path: Path) -> str | None:
    head = path.read_bytes()[:4096]
    return next((reader.key for reader in READERS if reader.recognises(head, path)), None)


def codes(layer: RawLayer) -> list[tuple[str, int | None]]:
    return [(fault.code, fault.row) for fault in layer.faults]


class TestGeoJsonLines:
    def read(self, path: Path) -> RawLayer:
        (layer,) = GeoJsonSeqReader().read(Request(path, "a"))
        return layer

    @pytest.mark.parametrize("mark", ["", "\x1e"], ids=["newlines", "record separators"])
    def test_are_known_by_their_form_and_read(self, tmp_path: Path, mark: str) -> None:
        path = write_geojson_lines(tmp_path / "a.dat", mark)
        assert owner(path) == "geojsonseq"
        layer = self.read(path)
        assert (layer.rows, layer.columns["parcel_no"], layer.faults) == ((1, 2, 3), ["A-0", "A-1", "A-2"], ())

    def test_are_known_even_when_the_first_is_longer_than_a_glance(self, tmp_path: Path) -> None:
        long = feature(0, note="x" * 10_000)
        path = write_bytes(tmp_path / "a.dat", f"{json.dumps(long)}\n\n{json.dumps(feature(1))}")
        assert owner(path) == "geojsonseq"
        assert self.read(path).rows == (1, 3), "rows are the file's own lines"

    @pytest.mark.parametrize(
        "text",
        [
            json.dumps(feature()),
            json.dumps({"type": "FeatureCollection", "features": []}) + "\n\n",
            json.dumps({"type": "FeatureCollection", "features": [feature()]}, indent=1),
            json.dumps({"a": 1}) + "\n" + json.dumps({"a": 2}),
        ],
    )
    def test_are_not_seen_in_other_json(self, tmp_path: Path, text: str) -> None:
        assert owner(write_bytes(tmp_path / "a.dat", text)) == "geojson"

    def test_that_are_broken_cost_one_record_and_say_which(self, tmp_path: Path) -> None:
        lines = [json.dumps(feature(0)), '{"type":"Feature",', "[1]", '"x"', json.dumps(feature(4)), "\udce9"]
        path = write_bytes(tmp_path / "a.dat", "\n".join(lines).encode("utf-8", "surrogateescape"))
        layer = self.read(path)
        assert (layer.rows, layer.lost) == ((1, 5), 4)
        assert codes(layer) == [
            ("record_malformed", 2),
            ("feature_malformed", 3),
            ("feature_malformed", 4),
            ("record_malformed", 6),
        ]

    def test_separated_records_may_go_over_several_lines(self, tmp_path: Path) -> None:
        text = "".join(f"\x1e{json.dumps(feature(number), indent=1)}\n" for number in range(2))
        assert self.read(write_bytes(tmp_path / "a.dat", text)).rows == (1, 2)

    def test_may_be_bare_geometries(self, tmp_path: Path) -> None:
        text = "\n".join(shapely.to_geojson(square(number)) for number in range(2))
        layer = self.read(write_bytes(tmp_path / "a.dat", text))
        assert layer.geometry is not None
        assert layer.geometry[1].equals(square(1))

    def test_without_any_feature_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(RefusedError) as refused:
            self.read(write_bytes(tmp_path / "a.dat", "\x1e1\n\x1e2\n"))
        assert refused.value.fault.code == "json_not_geojson"

    def test_nested_deeply_cost_one_record(self, tmp_path: Path) -> None:
        path = write_bytes(tmp_path / "a.dat", f"{json.dumps(feature())}\n{'[' * 100_000}\n")
        assert codes(self.read(path)) == [("record_malformed", 2)]


class TestGeoPackages:
    def package(self, path: Path, *layers: str) -> Path:
        for name in layers:
            parcels_frame().to_file(path, driver="GPKG", layer=name)
        return path

    def test_of_many_layers_give_them_in_their_order(self, tmp_path: Path) -> None:
        layers = GpkgReader().read(Request(self.package(tmp_path / "a.gpkg", "乙", "甲", "a'b\"c"), "a"))
        assert [(layer.name, len(layer.rows)) for layer in layers] == [("乙", 3), ("甲", 3), ("a'b\"c", 3)]

    def test_of_many_layers_give_an_input_each(self, tmp_path: Path) -> None:
        path = self.package(tmp_path / "a.gpkg", "东区地块", "西区地块", "道路")
        staged, report = check([path], "parcels", town())
        assert staged is not None
        assert [(one.layer, one.rows_read) for one in report.inputs] == [("东区地块", 3), ("西区地块", 3), ("道路", 3)]
        assert [one.layer for one in report.findings if one.code == "layer_skipped"] == ["道路"]
        assert [source["name"] for source in staged.sources] == ["a.gpkg#东区地块", "a.gpkg#西区地块"]

    def test_tell_of_contents_that_are_no_records(self, tmp_path: Path) -> None:
        path = self.package(tmp_path / "a.gpkg", "地块")
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("CREATE VIEW v AS SELECT * FROM 地块")
            base.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('v', 'features')")
            base.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('影像', 'tiles')")
        (layer,) = GpkgReader().read(Request(path, "a"))
        told = [(one.code, one.value, one.words["kind"]) for one in layer.faults]
        assert told == [("contents_unread", "v", "view"), ("contents_unread", "影像", "tiles")]

    def test_what_is_in_no_record_is_told_even_of_a_layer_that_is_not_taken(self, tmp_path: Path) -> None:
        path = self.package(tmp_path / "a.gpkg", "道路", "地块")
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('影像', 'tiles')")
        _, report = check([path], "parcels", town())
        assert [one.value for one in report.findings if one.code == "contents_unread"] == ["影像"]

    @pytest.mark.parametrize("blob", [b"", b"GP", b"XX" + bytes(40), b"GP\x00\x0e" + bytes(40), "text", 5])
    def test_with_a_broken_shape_lose_that_shape_alone(self, tmp_path: Path, blob: object) -> None:
        path = self.package(tmp_path / "a.gpkg", "地块")
        with closing(sqlite3.connect(path)) as base, base:
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                base.execute(f'DROP TRIGGER "{name}"')
            base.execute("UPDATE 地块 SET geom = ? WHERE rowid = 2", (blob,))
        (layer,) = GpkgReader().read(Request(path, "a"))
        assert layer.geometry is not None
        assert [shape is None for shape in layer.geometry] == [False, True, False]
        assert codes(layer) == [("geometry_unreadable", 2)]


class TestWellKnownBinary:
    def curve(self) -> bytes:
        return struct.pack("<BII", 1, 8, 3) + np.array([0.0, 0, 1, 1, 2, 0]).tobytes()

    def test_with_arcs_is_told_apart_from_what_is_broken(self) -> None:
        faults: list[Fault] = []
        found = shapes_of([square().wkb, self.curve(), b"\x01broken", None], faults)
        assert [shape is None for shape in found] == [False, True, True, True]
        assert [(one.code, one.row) for one in faults] == [("geometry_curved", 2), ("geometry_unreadable", 3)]

    def test_of_no_record_is_no_shape(self) -> None:
        assert len(shapes_of([], [])) == 0


class TestGeodatabases:
    def test_give_every_layer_with_its_system_and_whole_names(self, tmp_path: Path) -> None:
        path = write_gdb(tmp_path / "a.gdb", ("现状地块", "规划地块"))
        layers = FileGdbReader().read(Request(path, "a"))
        assert [(layer.name, layer.crs, len(layer.rows)) for layer in layers] == [
            ("现状地块", "EPSG:4490", 3),
            ("规划地块", "EPSG:4490", 3),
        ]
        assert list(layers[0].columns["parcel_name"]) == ["甲地块"] * 3

    @pytest.mark.parametrize("inside", ["a.gdb/", "数据/地块.gdb/", ""])
    def test_come_in_archives_with_or_without_their_folder(self, tmp_path: Path, inside: str) -> None:
        packed = zipped(write_gdb(tmp_path / "a.gdb"), tmp_path / "a.zip", inside)
        staged, report = check([packed], "parcels", town())
        assert staged is not None
        assert list(staged.frame.parcel_no) == ["A-0", "A-1", "A-2"]
        assert [(one.file, one.format) for one in report.inputs] == [(f"a.zip/{inside}".rstrip("/"), "filegdb")]
        assert len(staged.sources[0]["sha256"]) == 64

    def test_come_in_folders_beside_other_files(self, tmp_path: Path) -> None:
        folder = tmp_path / "数据"
        folder.mkdir()
        write_gdb(folder / "a.gdb")
        (folder / "a.gdb" / "PC.1.2.sr.lock").write_bytes(b"\x00\x01")
        write_geojson(folder / "b.geojson", feature(7))
        _, report = check([folder], "parcels", town())
        assert sorted((one.file, one.rows_accepted) for one in report.inputs) == [
            ("数据/a.gdb", 3),
            ("数据/b.geojson", 1),
        ]
        assert [one.file for one in report.findings if one.code == "file_skipped"] == ["数据/a.gdb/PC.1.2.sr.lock"]

    def test_of_many_tables_are_one_file_to_the_door(self, tmp_path: Path) -> None:
        path = write_gdb(tmp_path / "a.gdb")
        for number in range(300):
            (path / f"a{number + 4096:08x}.gdbtable").write_bytes(b"\x03")
        _, report = check([path], "parcels", town())
        assert [one.rows_accepted for one in report.inputs] == [3]

    def test_never_follow_a_link(self, tmp_path: Path) -> None:
        path = write_gdb(tmp_path / "a.gdb")
        table = max(path.glob("*.gdbtable"), key=lambda one: one.stat().st_size)
        moved = table.rename(tmp_path / "elsewhere")
        table.symlink_to(moved)
        try:
            layers = FileGdbReader().read(Request(path, "a"))
        except RefusedError:
            return
        assert sum(len(layer.rows) for layer in layers) == 0

    def test_that_only_say_so_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.gdb"
        path.mkdir()
        (path / "a00000001.gdbtable").write_bytes(b"not a table")
        _, report = check([path], "parcels", town())
        assert [one.code for one in report.findings] == ["file_damaged"]


class TestShapefileEncodings:
    def shapefile(self, path: Path, encoding: str, name: str, *, cpg: str | None = None, language: int = 0) -> RawLayer:
        header = {"cp1252": "name", "big5": "名稱"}.get(encoding, "名称")
        frame = gpd.GeoDataFrame({header: [name] * 3}, geometry=parcels_frame().geometry)
        frame.to_file(path, encoding=encoding)
        path.with_suffix(".cpg").unlink(missing_ok=True)
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = language
        path.with_suffix(".dbf").write_bytes(table)
        (layer,) = ShapefileReader().read(Request(path, "a"))
        return layer

    @pytest.mark.parametrize(
        ("encoding", "name", "cpg", "language", "told"),
        [
            ("gbk", "楼山街道", "GBK", 0, "gbk (.cpg)"),
            ("gbk", "楼山街道", "936", 0, "gbk (.cpg)"),
            ("utf-8", "楼山街道", "UTF-8", 0, "utf-8 (.cpg)"),
            ("gbk", "楼山街道", None, 0x4D, "cp936 (LDID)"),
            ("big5", "樓山街道", None, 0x4F, "cp950 (LDID)"),
            ("utf-8", "楼山街道", None, 0x57, "utf-8 (strict)"),
            ("cp1252", "Kowloon", None, 0x57, "utf-8 (ascii)"),
        ],
    )
    def test_that_are_declared_or_prove_themselves_are_followed_in_silence(
        self, tmp_path: Path, encoding: str, name: str, cpg: str | None, language: int, told: str
    ) -> None:
        layer = self.shapefile(tmp_path / "a.shp", encoding, name, cpg=cpg, language=language)
        assert name in next(iter(layer.columns.values()))
        assert layer.encoding == told
        assert not [one for one in layer.faults if one.code == "encoding_chosen"]

    @pytest.mark.parametrize(
        ("encoding", "name", "cpg", "language", "found"),
        [
            ("gbk", "楼山街道工业用地", None, 0x57, "gb18030"),
            ("big5", "樓山街道工業用地", None, 0x57, "big5"),
            ("gbk", "楼山街道工业用地", "ISO-8859-1", 0, "gb18030"),
            ("gbk", "楼山街道工业用地", "UTF-8", 0, "gb18030"),
            ("utf-8", "楼山街道工业用地", "ISO-8859-1", 0x57, "utf-8"),
            ("big5", "樓山街道工業用地", "UTF-8", 0x4D, "big5"),
            ("gbk", "楼山街道工业用地", "NONSENSE", 0, "gb18030"),
        ],
    )
    def test_that_are_chosen_by_the_text_are_said_with_the_reason(
        self, tmp_path: Path, encoding: str, name: str, cpg: str | None, language: int, found: str
    ) -> None:
        layer = self.shapefile(tmp_path / "a.shp", encoding, name, cpg=cpg, language=language)
        (fault,) = (one for one in layer.faults if one.code == "encoding_chosen")
        assert fault.value == found
        assert fault.words["reason_zh"]
        assert fault.words["reason_en"]
        assert [list(values) for values in layer.columns.values()] == [[name] * 3]

    def test_of_accents_stay_latin(self, tmp_path: Path) -> None:
        layer = self.shapefile(tmp_path / "a.shp", "cp1252", "Café Zoé", language=0x57)
        assert list(layer.columns["name"]) == ["Café Zoé"] * 3
        assert "iso-8859-1" in (layer.encoding or "").lower()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("樓山街道,工業用地\n", "big5"),
        ("滄口,樓山", "big5"),
        ("楼山街道,工业用地", "gb18030"),
        ("樓山街道（繁體）,工業用地", "gb18030"),
        ("，。", "gb18030"),
    ],
)
def test_chinese_texts_are_told_apart_by_the_characters_in_use(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding)


def test_bytes_that_are_no_chinese_have_no_chinese_encoding() -> None:
    assert chinese_encoding([b"plain", "Größe".encode("latin-1")]) is None
    assert chinese_encoding([]) is None


def test_a_csv_in_big5_arrives(tmp_path: Path) -> None:
    path = write_bytes(tmp_path / "a.csv", f'地塊編號,地塊名稱,wkt\nA-1,樓山,"{square().wkt}"'.encode("big5"))
    _, report = check([path], "parcels", town())
    assert report.inputs[0].encoding == "big5"


Make = Callable[[Path], Any]


def package(path: Path) -> None:
    parcels_frame().to_file(path.with_suffix(".gpkg"))
    path.with_suffix(".gpkg").rename(path)


@pytest.mark.parametrize(
    ("name", "make", "key"),
    [
        ("a.kml", lambda path: write_geojson(path, feature()), "geojson"),
        ("a.geojson", write_geojson_lines, "geojsonseq"),
        ("a.shp", package, "gpkg"),
    ],
)
def test_what_a_file_is_its_content_says(tmp_path: Path, name: str, make: Make, key: str) -> None:
    make(tmp_path / name)
    _, report = check([tmp_path / name], "parcels", town())
    assert report.inputs[0].format == key
    assert [one.code for one in report.findings if one.code == "kind_differs"] == ["kind_differs"]


def test_names_in_gbk_and_folders_in_folders_come_out_of_an_archive(tmp_path: Path) -> None:
    kml = "<kml><Placemark><name>甲</name></Placemark></kml>"
    name = "数据/二级/地块.kml".encode("gbk").decode("cp437")
    packed = write_zip(tmp_path / "a.zip", {name: kml, "readme.bin": b"\x00\x01"})
    _, report = check([packed], "parcels", town())
    assert report.inputs[0].file == "a.zip/数据/二级/地块.kml"
