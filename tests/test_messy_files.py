"""Every messy delivery is read or refused exactly as its truth says: places, names, areas, encodings, faults."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from landmap.ingest import Boundary, Report, StagedLayer
from landmap.ingest import check_here as check
from tests.making_files import town

pytestmark = pytest.mark.data

#: Not ours: the same figures once more, by another way.
GRS80 = Geod(ellps="GRS80")
#: One metre at the town's latitude, degrees of latitude.
METRE = 9e-6

#: How each file that holds the eleven subdistricts is read: format, system, encoding, and what is told of it.
SUBDISTRICTS: dict[str, tuple[str, int, str | None, set[str]]] = {
    "gbk_prj_4528": ("shapefile", 4528, "gb18030", {"encoding_chosen"}),
    "gbk_noprj_4528_zoneprefix": ("shapefile", 4528, "gb18030", {"encoding_chosen", "sidecar_missing", "crs_found"}),
    "gbk_noprj_4549_noprefix": ("shapefile", 4549, "gb18030", {"encoding_chosen", "sidecar_missing", "crs_found"}),
    "utf8_nocpg_4326": ("shapefile", 4326, "utf-8", {"header_cut"}),
    "gbk_names_nested.zip": ("shapefile", 4528, "gb18030", {"encoding_chosen"}),
    "two_layers.gpkg": ("gpkg", 4326, "utf-8", {"layer_skipped"}),
    "parcels.fgb": ("flatgeobuf", 4326, "utf-8", set()),
    "parcels.kml": ("kml", 4326, "utf-8", set()),
    "parcels_4528.dxf": ("dxf", 4528, "utf-8", {"crs_found", "drawing_layer_without_areas"}),
    "latlon_swapped.geojson": ("geojson", 4326, "utf-8", {"axes_swapped"}),
    "unlabelled_gcj02.geojson": ("geojson", 4326, "utf-8", set()),
    "unlabelled_bd09.geojson": ("geojson", 4326, "utf-8", set()),
    "wkt_gb18030.csv": ("csv", 4490, "gb18030", {"crs_found"}),
}
SHIFTED = ("unlabelled_gcj02.geojson", "unlabelled_bd09.geojson")
#: The three forms of the land office's text: system, encoding, and what is told of it.
GUOTU: dict[str, tuple[int, str, set[str]]] = {
    "guotu_NE_prefix_gb18030.txt": (4528, "gb18030", set()),
    "guotu_EN_prefix_utf8.txt": (4528, "utf-8", {"guotu_east_first"}),
    "guotu_NE_noprefix_utf8bom.txt": (4549, "utf-8-sig", set()),
}
#: What the import of any subdistricts tells: their keys, and the fields that these files do not have.
USUAL = {"required_column_missing", "key_made", "column_unmatched", "filled_default"}


def area_m2(shape: BaseGeometry) -> float:
    return abs(float(GRS80.geometry_area_perimeter(shape)[0]))


def taken(path: Path, layer: str, **options: Any) -> tuple[gpd.GeoDataFrame, Report]:
    staged, report = check([path], layer, town(), **options)
    assert staged is not None, [one.refused for one in report.inputs]
    assert isinstance(staged.frame, gpd.GeoDataFrame)
    return staged.frame, report


def codes(report: Report) -> Counter[str]:
    return Counter(finding.code for finding in report.findings)


@pytest.fixture(scope="module")
def messy(test_data: Path) -> Path:
    return test_data / "messy_derived"


@pytest.fixture(scope="module")
def truth(messy: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((messy / "TRUTH.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def subdistricts(test_data: Path) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame.from_features(
        json.loads((test_data / "licang/licang_subdistricts_osm_wgs84.geojson").read_text(encoding="utf-8")), crs=4326
    ).set_index("name")


def test_every_file_stands_in_a_test_here(messy: Path) -> None:
    others = {"SOURCE.md", "TRUTH.json", "merged_header.xlsx", "zip_slip.zip"}
    others |= {"broken_mix.geojson", "broken_mix_bom.geojson", *GUOTU}
    assert {one.name for one in messy.iterdir()} == SUBDISTRICTS.keys() | others


@pytest.mark.parametrize("name", SUBDISTRICTS)
def test_subdistricts_arrive_whole_with_their_names_and_what_is_odd_is_told(
    messy: Path, truth: dict[str, Any], name: str
) -> None:
    kind, epsg, encoding, told = SUBDISTRICTS[name]
    frame, report = taken(messy / name, "districts")
    first = report.inputs[0]
    assert (first.format, first.crs, first.rows_read, first.rows_accepted) == (kind, f"EPSG:{epsg}", 11, 11)
    assert (first.encoding or "").split(" ")[0] == (encoding or "")
    assert sorted(frame.name) == sorted(truth["names"])
    assert codes(report).keys() - USUAL == told
    assert report.ok


@pytest.mark.parametrize("name", [name for name in SUBDISTRICTS if name not in SHIFTED])
def test_subdistricts_lie_where_they_are_and_measure_what_they_should(
    messy: Path, truth: dict[str, Any], subdistricts: gpd.GeoDataFrame, name: str
) -> None:
    frame, _ = taken(messy / name, "districts")
    for shape, called in zip(frame.geometry, frame.name, strict=True):
        assert shapely.hausdorff_distance(shape, subdistricts.geometry[called]) < METRE / 10
        assert area_m2(shape) == pytest.approx(truth["geodesic_ha"][called] * 1e4, rel=1e-4)


def test_names_in_an_old_archive_are_chinese_again(messy: Path) -> None:
    _, report = check([messy / "gbk_names_nested.zip"], "districts", town())
    assert report.inputs[0].file == "gbk_names_nested.zip/地块数据/李沧地块.shp"


def test_each_layer_of_a_geopackage_is_an_input_and_the_one_of_points_says_why_it_is_not_taken(messy: Path) -> None:
    _, report = check([messy / "two_layers.gpkg"], "districts", town())
    assert [(one.layer, one.rows_read, one.rows_accepted) for one in report.inputs] == [
        ("街道", 11, 11),
        ("centroids", 11, 0),
    ]
    (skipped,) = (one for one in report.findings if one.code == "layer_skipped")
    assert (skipped.layer, skipped.value) == ("centroids", "Point")


def test_points_are_taken_where_points_are_wanted(messy: Path) -> None:
    staged, report = check([messy / "two_layers.gpkg"], "facilities", town())
    assert staged is not None
    assert [(one.layer, one.rows_accepted) for one in report.inputs][1] == ("centroids", 11)


@pytest.mark.parametrize(("name", "code"), [(SHIFTED[0], "datum_gcj02"), (SHIFTED[1], "datum_bd09")])
class TestShiftedMaps:
    def accepted(self, messy: Path, name: str, boundaries: tuple[Boundary, ...], *accept: str) -> gpd.GeoDataFrame:
        frame, _ = taken(messy / name, "districts", boundaries=boundaries, accept=accept)
        return frame.set_index("name")

    def offsets(self, frame: gpd.GeoDataFrame, subdistricts: gpd.GeoDataFrame) -> list[float]:
        truth = subdistricts.geometry[frame.index]
        return [float(shapely.hausdorff_distance(a, b)) for a, b in zip(frame.geometry, truth, strict=True)]

    def boundary(self, subdistricts: gpd.GeoDataFrame) -> tuple[Boundary, ...]:
        return (Boundary("district", np.array([subdistricts.geometry.union_all()], dtype=object)),)

    def test_are_recognised_by_the_district_and_not_moved_unasked(
        self, messy: Path, subdistricts: gpd.GeoDataFrame, name: str, code: str
    ) -> None:
        frame, report = taken(messy / name, "districts", boundaries=self.boundary(subdistricts))
        assert [one.code for one in report.findings if one.code.startswith("datum_")] == [code]
        assert min(self.offsets(frame.set_index("name"), subdistricts)) > 300 * METRE

    def test_come_home_within_three_metres_once_the_steward_agrees(
        self, messy: Path, subdistricts: gpd.GeoDataFrame, name: str, code: str
    ) -> None:
        frame = self.accepted(messy, name, self.boundary(subdistricts), code)
        assert max(self.offsets(frame, subdistricts)) < 3 * METRE

    def test_arrive_as_the_wgs84_they_claim_to_be_where_nothing_tells_otherwise(
        self, messy: Path, subdistricts: gpd.GeoDataFrame, name: str, code: str
    ) -> None:
        _, report = taken(messy / name, "districts")
        assert not [one for one in report.findings if one.code.startswith("datum_")]


@pytest.mark.parametrize("name", [name for name in SUBDISTRICTS if name not in SHIFTED])
def test_maps_in_their_place_are_not_taken_for_shifted_ones(
    messy: Path, subdistricts: gpd.GeoDataFrame, name: str
) -> None:
    outline = (Boundary("district", np.array([subdistricts.geometry.union_all()], dtype=object)),)
    _, report = taken(messy / name, "districts", boundaries=outline)
    assert not [one.code for one in report.findings if one.code.startswith("datum_")]


@pytest.mark.parametrize("name", GUOTU)
def test_texts_of_the_land_office_arrive_in_place_whatever_order_and_zone_they_write(
    messy: Path, truth: dict[str, Any], subdistricts: gpd.GeoDataFrame, name: str
) -> None:
    epsg, encoding, told = GUOTU[name]
    frame, report = taken(messy / name, "parcels")
    (only,) = report.inputs
    assert (only.format, only.crs, only.encoding) == ("guotu_txt", f"EPSG:{epsg}", encoding)
    assert (only.rows_read, only.rows_accepted) == (11, 11)
    assert sorted(frame.parcel_name) == sorted(truth["names"])
    assert {one.code for one in report.findings if one.code.startswith("guotu_")} == told
    for shape, called in zip(frame.geometry, frame.parcel_name, strict=True):
        assert shapely.hausdorff_distance(shape, subdistricts.geometry[called]) < METRE / 10
        assert area_m2(shape) == pytest.approx(truth["geodesic_ha"][called] * 1e4, rel=1e-4)


def test_wkt_in_gb18030_brings_names_and_areas(messy: Path, truth: dict[str, Any]) -> None:
    frame, report = taken(messy / "wkt_gb18030.csv", "parcels")
    assert report.inputs[0].encoding == "gb18030"
    assert sorted(frame.parcel_name) == sorted(truth["names"])
    assert list(frame.net_area_m2) == pytest.approx([area_m2(shape) for shape in frame.geometry], rel=2e-3)


@pytest.mark.parametrize("name", ["broken_mix.geojson", "broken_mix_bom.geojson"])
class TestTheBrokenMix:
    def test_has_every_planted_fault_told_in_one_report(self, messy: Path, truth: dict[str, Any], name: str) -> None:
        planted = truth["broken_mix"]
        _, report = taken(messy / name, "parcels")
        told = {(one.code, row) for one in report.findings for row in {one.row, *one.rows}}
        _, again = planted["duplicate_of"]
        assert {
            ("geometry_repaired", planted["bowtie"] + 1),
            ("geometry_missing", planted["null"] + 1),
            ("height_dropped", planted["z"] + 1),
            ("geometry_type_wrong", planted["point"] + 1),
            ("collection_taken", planted["geometrycollection"] + 1),
            ("geometry_missing", planted["empty_polygon"] + 1),
            ("key_duplicate", again + 1),
            ("record_repeated", again + 1),
            ("number_approximate", planted["text_area"] + 1),
        } <= told

    def test_loses_the_four_records_without_a_usable_shape_or_key_and_no_other(
        self, messy: Path, truth: dict[str, Any], name: str
    ) -> None:
        planted = truth["broken_mix"]
        frame, report = taken(messy / name, "parcels")
        (only,) = report.inputs
        assert (only.rows_read, only.rows_accepted) == (planted["features"], planted["features"] - 4)
        lost = {truth["names"][planted[kind]] for kind in ("null", "point", "empty_polygon")}
        assert not lost & set(frame.subdistrict)

    def test_keeps_text_as_text(self, messy: Path, truth: dict[str, Any], name: str) -> None:
        frame, _ = taken(messy / name, "parcels")
        assert {"<img src=x onerror=alert(1)>", '=HYPERLINK("http://127.0.0.1","x")'} <= set(frame.subdistrict)
        assert frame.set_index("parcel_no").net_area_m2["17520477"] == pytest.approx(812.5e4)


def test_areas_in_mu_stand_under_merged_headers_and_their_points_are_no_parcels(messy: Path) -> None:
    staged, report = check([messy / "merged_header.xlsx"], "parcels", town())
    assert staged is None
    (only,) = report.inputs
    assert (only.format, only.crs, only.rows_read, only.rows_accepted) == ("xlsx", "EPSG:4490", 11, 0)
    wrong = [row for one in report.findings if one.code == "geometry_type_wrong" for row in one.rows or (one.row,)]
    assert wrong == list(range(4, 15)), "the sheet's own rows"


def test_an_archive_that_reaches_out_of_itself_is_refused_whole(messy: Path, tmp_path: Path) -> None:
    staged, report = check([messy / "zip_slip.zip"], "districts", town())
    assert (staged, list(codes(report))) == (None, ["archive_path"])
    assert "../../evil.txt" in (report.inputs[0].refused or "")


@pytest.mark.parametrize("name", [*SUBDISTRICTS, *GUOTU])
def test_what_is_staged_says_where_it_comes_from(messy: Path, name: str) -> None:
    staged, report = check([messy / name], "districts", town())
    assert isinstance(staged, StagedLayer)
    (source,) = staged.sources
    assert source["reader"] == report.inputs[0].format
    assert len(source["sha256"]) == 64
