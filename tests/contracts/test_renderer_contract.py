"""Every format of the registry hands out the same records: same ids, same count, same order."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from landmap.domain import Audience
from landmap.query import Selection
from landmap.render import FORMATS
from tests import licang

Reader = Callable[[bytes, Selection, Path], list[str]]


def _id_heading(selection: Selection) -> str:
    return selection.layer.fields[selection.layer.id_field].label_zh


def _geojson(body: bytes, selection: Selection, folder: Path) -> list[str]:
    found = json.loads(body)
    assert found["numberReturned"] == found["numberMatched"] == len(found["features"])
    return [feature["id"] for feature in found["features"]]


def _lines(body: bytes, selection: Selection, folder: Path) -> list[str]:
    features = [json.loads(line) for line in body.decode().splitlines()]
    assert all(feature["notice"] == selection.district.notice("zh") for feature in features)
    assert not features or _with_gdal("geojsonl")(body, selection, folder) == [feature["id"] for feature in features]
    return [feature["id"] for feature in features]


def _csv(body: bytes, selection: Selection, folder: Path) -> list[str]:
    rows = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    return [row[_id_heading(selection)] for row in rows]


def _xlsx(body: bytes, selection: Selection, folder: Path) -> list[str]:
    head, *rows = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0].iter_rows(values_only=True)
    place = head.index(_id_heading(selection))
    return [str(row[place]) for row in rows]


def _with_gdal(ending: str) -> Reader:
    def read(body: bytes, selection: Selection, folder: Path) -> list[str]:
        path = folder / f"answer.{ending}"
        path.write_bytes(body)
        return list(pyogrio.read_dataframe(path)[selection.layer.id_field])

    return read


def _parquet(body: bytes, selection: Selection, folder: Path) -> list[str]:
    return list(gpd.read_parquet(io.BytesIO(body))[selection.layer.id_field])


def _guotu_txt(body: bytes, selection: Selection, folder: Path) -> list[str]:
    lines = body.decode("gb18030").split("\r\n")
    return [line.split(",")[8] for line in lines if line.endswith(",@")]


#: How each format is read back; a new format needs its reader here.
READERS: Mapping[str, Reader] = {
    "geojson": _geojson,
    "geojsonl": _lines,
    "csv": _csv,
    "xlsx": _xlsx,
    "gpkg": _with_gdal("gpkg"),
    "fgb": _with_gdal("fgb"),
    "parquet": _parquet,
    "guotu_txt": _guotu_txt,
}


@pytest.mark.parametrize("key", FORMATS)
class TestEveryRenderer:
    @pytest.mark.parametrize("audience", [licang.PUBLIC, licang.OFFICER], ids=["public", "officer"])
    @pytest.mark.parametrize(
        ("layer", "criteria", "sort"),
        [
            ("parcels", {"area_min": 40}, ("-area_m2",)),
            ("parcels", {"area_min": 1e8}, ()),
            ("buildings", {}, ("-gross_floor_area_m2", "building_name")),
            ("constraints", {}, ()),
            ("facilities", {}, ("name",)),
            ("districts", {}, ()),
        ],
    )
    def test_hands_out_the_selection_in_its_order(
        self,
        key: str,
        layer: str,
        criteria: Mapping[str, object],
        sort: tuple[str, ...],
        audience: Audience,
        tmp_path: Path,
    ) -> None:
        selection = licang.select(layer, audience, sort, **criteria)
        body = FORMATS[key].write(selection, licang.words("zh"))
        assert READERS[key](body, selection, tmp_path) == list(selection.ids())

    def test_says_that_the_data_are_a_sample(self, key: str) -> None:
        body = FORMATS[key].write(licang.select("buildings"), licang.words("zh"))
        if key == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(body))
            body = str(list(book.worksheets[1].iter_rows(values_only=True))).encode()
        if key == "parquet":
            body = str(gpd.read_parquet(io.BytesIO(body))["notice"].unique()).encode()
        if key == "guotu_txt":
            body = body.decode("gb18030").encode()
        assert "示例数据".encode() in body

    def test_gives_the_same_bytes_for_the_same_selection(self, key: str) -> None:
        first, second = (FORMATS[key].write(licang.select("buildings"), licang.words("en")) for _ in range(2))
        assert first == second

    def test_names_neither_machine_nor_person(self, key: str) -> None:
        body = FORMATS[key].write(licang.select("buildings"), licang.words("en"))
        assert not [word for word in (b"/tmp/", b"/work/", b"/home/", b"/root/", b"landmap-") if word in body]

    def test_is_described(self, key: str) -> None:
        chosen = FORMATS[key]
        assert chosen.key == key
        assert "/" in chosen.media_type
        assert chosen.extension.isalnum()
        assert all(chosen.label(lang) for lang in ("zh", "en"))

    def test_holds_nothing_the_public_may_not_see(self, key: str) -> None:
        hidden = next(iter(licang.select("buildings", licang.OFFICER).records())).properties["contact_person"]
        body = FORMATS[key].write(licang.select("buildings"), licang.words("zh"))
        if key == "xlsx":
            book = openpyxl.load_workbook(io.BytesIO(body))
            body = str([list(sheet.iter_rows(values_only=True)) for sheet in book]).encode()
        if key == "guotu_txt":
            body = body.decode("gb18030").encode()
        assert hidden.encode() not in body
