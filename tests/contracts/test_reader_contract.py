"""Every reader keeps the contract: content decides, rows line up, a damaged file is refused and never crashes."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pyogrio
import pytest
import shapely

from landmap.ingest import check_here as check
from landmap.ingest import formats
from landmap.ingest.faults import RefusedError
from landmap.ingest.readers import READERS, RawLayer, Reader, Request
from tests.making_drawings import write_dxf, write_gdb, write_geojson_lines, write_kml
from tests.making_files import feature, parcels_frame, square, town, write_csv, write_geojson, write_xlsx
from tests.making_xls import OldSheet, write_xls


def as_shapefile(path: Path) -> None:
    parcels_frame(4549).rename(columns={"parcel_no": "DKBH", "parcel_name": "DKMC"}).to_file(path, encoding="gbk")


def table() -> list[tuple[str, ...]]:
    return [("地块编号", "地块名称", "wkt"), *((f"A-{i}", "甲地块", square(i).wkt) for i in range(3))]


def as_guotu_txt(path: Path) -> None:
    lines = ["[属性描述]", "坐标系=2000国家大地坐标系", "几度分带=3", "带号=40", "[地块坐标]"]
    frame = parcels_frame(4528)
    for number, name, outline in zip(frame.parcel_no, frame.parcel_name, frame.geometry, strict=True):
        lines.append(f"5,{outline.area / 1e4:.4f},{number},{name},面,,工业用地,1001,@")
        lines += [
            f"J{index},1,{y:.6f},{x:.6f}" for index, (x, y) in enumerate(shapely.get_coordinates(outline), start=1)
        ]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))


#: How to write three parcels in each format of the registry; a new reader is tested once its writer stands here.
WRITERS: Final[dict[str, Callable[[Path], object]]] = {
    "gpkg": lambda path: parcels_frame().to_file(path, driver="GPKG"),
    "flatgeobuf": lambda path: parcels_frame().to_file(path, driver="FlatGeobuf"),
    "geoparquet": lambda path: parcels_frame().to_parquet(path),
    "shapefile": as_shapefile,
    "xlsx": lambda path: write_xlsx(path, table()),
    "filegdb": write_gdb,
    "kml": write_kml,
    "xls": lambda path: write_xls(path, OldSheet("地块", table())),
    "dxf": write_dxf,
    "guotu_txt": as_guotu_txt,
    "geojsonseq": write_geojson_lines,
    "geojson": lambda path: write_geojson(path, *(feature(i, parcel_name="甲地块") for i in range(3))),
    "csv": lambda path: write_csv(path, table(), "gb18030"),
}


def written(reader: Reader, folder: Path) -> Path:
    path = folder / f"sample{reader.suffixes[0]}"
    WRITERS[reader.key](path)
    return path


def owner(path: Path) -> str:
    """Return who reads a file, or the folder that a format is."""
    head = b"" if path.is_dir() else path.read_bytes()[:4096]
    asked = [reader for reader in READERS if reader.key == "filegdb"] if path.is_dir() else READERS
    return next(reader.key for reader in asked if reader.recognises(head, path))


def contents(path: Path) -> dict[Path, bytes]:
    """Return the files that a sample is made of: itself and its companions, or what lies in its folder."""
    return {one: one.read_bytes() for one in path.parent.rglob("*") if one.is_file()}


def test_every_format_has_a_writer_here_and_is_offered() -> None:
    assert {reader.key for reader in READERS} == WRITERS.keys() == formats().keys()


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.key)
class TestEveryReader:
    def test_knows_its_files_by_content_whatever_their_name(self, reader: Reader, tmp_path: Path) -> None:
        path = written(reader, tmp_path)
        renamed = path.rename(path.with_suffix(".dat"))
        assert owner(renamed) == reader.key

    def test_gives_rows_columns_and_shapes_of_one_length(self, reader: Reader, tmp_path: Path) -> None:
        (layer,) = reader.read(Request(written(reader, tmp_path), "sample"))
        assert isinstance(layer, RawLayer)
        assert len(layer.rows) == 3
        assert {len(values) for values in layer.columns.values()} == {3}
        assert layer.geometry is not None
        assert [shape.geom_type for shape in layer.geometry] == ["Polygon"] * 3
        assert layer.lost == 0
        assert (
            layer.faults == ()
            or {one.code for one in layer.faults} == {"encoding_guessed"}
            or reader.key == "shapefile"
        )

    def test_reads_chinese(self, reader: Reader, tmp_path: Path) -> None:
        (layer,) = reader.read(Request(written(reader, tmp_path), "sample"))
        assert any(list(values) == ["甲地块"] * 3 for values in layer.columns.values())

    def test_counts_rows_as_the_steward_does(self, reader: Reader, tmp_path: Path) -> None:
        (layer,) = reader.read(Request(written(reader, tmp_path), "sample"))
        assert layer.rows == ((2, 3, 4) if reader.key in {"csv", "xlsx", "xls"} else (1, 2, 3))

    def test_gives_parcels_that_pass_the_check(self, reader: Reader, tmp_path: Path) -> None:
        staged, report = check([written(reader, tmp_path)], "parcels", town())
        assert staged is not None
        frame = staged.frame.sort_values("parcel_no")  # FlatGeobuf keeps its own order
        assert list(frame.parcel_no) == ["A-0", "A-1", "A-2"]
        assert frame.geometry.iloc[0].symmetric_difference(square()).area < 1e-9
        assert report.inputs[0].format == reader.key
        assert staged.sources[0]["reader"] == reader.key

    def test_leaves_the_file_and_its_folder_as_they_were(self, reader: Reader, tmp_path: Path) -> None:
        path = written(reader, tmp_path)
        before = contents(path)
        reader.read(Request(path, "sample"))
        assert contents(path) == before

    def test_refuses_a_truncated_file_or_reads_what_is_left(self, reader: Reader, tmp_path: Path) -> None:
        path = written(reader, tmp_path)
        parts = contents(path) if path.is_dir() else {path: path.read_bytes()}
        for share in (0.1, 0.5, 0.9, 0.99):
            for one, data in parts.items():
                one.write_bytes(data[: int(len(data) * share)])
            try:
                layers = reader.read(Request(path, "sample"))
            except RefusedError:
                continue
            assert all(len(layer.rows) <= 3 for layer in layers)


@pytest.mark.parametrize("suffix", sorted({suffix for reader in READERS for suffix in reader.suffixes}))
@pytest.mark.parametrize(
    "content",
    [
        "<OGRVRTDataSource><OGRVRTLayer><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        "<OGRVRTDataSource><OGRVRTLayer><SrcDataSource>/vsicurl/http://127.0.0.1/x</SrcDataSource></OGRVRTLayer>",
        '{"type":"gdal_streamed_alg","command_line":"gdal vector read /etc/passwd"}',
        "WFS:http://127.0.0.1/",
    ],
)
def test_a_file_that_points_elsewhere_never_reaches_gdal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, content: str
) -> None:
    def reached(*_: object, **__: object) -> None:
        pytest.fail("GDAL was asked")

    monkeypatch.setattr(pyogrio, "read_info", reached)
    monkeypatch.setattr(pyogrio.raw, "read", reached)
    path = tmp_path / f"a{suffix}"
    path.write_text(content, encoding="utf-8")
    staged, report = check([path], "parcels", town())
    assert staged is None
    assert "root:" not in str(report.as_dict())


def test_a_file_that_another_driver_claims_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.fgb"
    parcels_frame().to_file(path, driver="FlatGeobuf")
    monkeypatch.setattr(pyogrio, "read_info", lambda *_, **__: {"driver": "OGR_VRT"})
    _, report = check([path], "parcels", town())
    assert [one.code for one in report.findings] == ["driver_unwanted"]
