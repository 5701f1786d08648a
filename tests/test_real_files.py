"""Real and messy files, as bureaus and cities publish them: what is in them arrives, and what is wrong is told."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import Geod

from landmap.domain import District
from landmap.ingest import Report, check
from tests.making_files import town

pytestmark = pytest.mark.data

#: Not ours: the same figures once more, by another way.
GRS80 = Geod(ellps="GRS80")


def district(name: str) -> District:
    return District.from_toml(Path(__file__).parent / "districts" / f"{name}.toml")


def area_m2(shapes: gpd.GeoSeries) -> np.ndarray[Any, Any]:
    return np.array([abs(GRS80.geometry_area_perimeter(shape)[0]) for shape in shapes])


def taken(path: Path, layer: str, place: District, **options: Any) -> tuple[gpd.GeoDataFrame, Report]:
    staged, report = check([path], layer, place, **options)
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


def test_all_industrial_parcels_of_philadelphia_arrive_with_their_areas_and_codes(test_data: Path) -> None:
    path = test_data / "philadelphia/vacant_land_industrial_zoned.gpkg"
    frame, report = taken(path, "parcels", district("philadelphia"), visibility="public")
    direct = pyogrio.read_dataframe(path).to_crs(4326)
    (told,) = report.inputs
    assert (told.rows_read, told.rows_accepted, told.rows_public, told.crs) == (863, 863, 863, "EPSG:2272")
    assert area_m2(frame.geometry) == pytest.approx(area_m2(direct.geometry), rel=1e-3)
    assert list(frame.location_text) == list(direct.address)
    expected = direct.zoning_base_district.map(district("philadelphia").land_use_crosswalk)
    assert list(frame.land_use_code) == list(expected)
    assert list(frame.land_use_raw) == list(direct.zoning_base_district)
    assert frame.parcel_id.is_unique
    assert report.counts()["error"] == 0
    box = shapely.box(-75.16, 39.96, -75.10, 40.0)
    assert list(frame.index[frame.intersects(box)]) == list(direct.index[direct.intersects(box)])


def test_the_subdistricts_of_licang_arrive_whole(test_data: Path) -> None:
    path = test_data / "licang/licang_subdistricts_osm_wgs84.geojson"
    frame, report = taken(path, "districts", town())
    assert len(frame) == 11
    assert area_m2(frame.geometry).sum() / 1e6 == pytest.approx(94.73, rel=1e-3)
    assert frame.district_code.str.fullmatch(r"[0-9]+").all()
    assert report.counts()["error"] == 0
    assert codes(report)["required_column_missing"] == 2, "level and plane are not in the file"


@pytest.mark.parametrize(
    ("name", "epsg", "encoding"),
    [
        ("gbk_prj_4528", 4528, "gb18030"),
        ("gbk_noprj_4528_zoneprefix", 4528, "gb18030"),
        ("gbk_noprj_4549_noprefix", 4549, "gb18030"),
        ("utf8_nocpg_4326", 4326, "utf-8"),
        ("gbk_names_nested.zip", 4528, "gb18030"),
        ("two_layers.gpkg", 4326, "utf-8"),
        ("parcels.fgb", 4326, "utf-8"),
        ("latlon_swapped.geojson", 4326, "utf-8"),
    ],
)
def test_messy_deliveries_arrive_in_the_right_place_with_the_right_names(
    messy: Path, truth: dict[str, Any], subdistricts: gpd.GeoDataFrame, name: str, epsg: int, encoding: str
) -> None:
    frame, report = taken(messy / name, "districts", town())
    (told,) = report.inputs
    assert told.crs == f"EPSG:{epsg}"
    assert told.encoding is not None
    assert told.encoding.startswith(encoding)
    assert sorted(frame.name) == sorted(truth["names"])
    for shape, called in zip(frame.geometry, frame.name, strict=True):
        assert shapely.hausdorff_distance(shape, subdistricts.geometry[called]) < 1e-6
        assert area_m2(gpd.GeoSeries([shape]))[0] == pytest.approx(truth["geodesic_ha"][called] * 1e4, rel=1e-3)
    assert report.counts()["error"] == 0


def test_names_in_an_old_archive_are_chinese_again(messy: Path) -> None:
    _, report = check([messy / "gbk_names_nested.zip"], "districts", town())
    assert report.inputs[0].file == "gbk_names_nested.zip/地块数据/李沧地块.shp"


def test_every_planted_fault_of_the_broken_mix_is_told(messy: Path, truth: dict[str, Any]) -> None:
    planted = truth["broken_mix"]
    for name in ("broken_mix.geojson", "broken_mix_bom.geojson"):
        frame, report = taken(messy / name, "parcels", town())
        told = {(one.code, one.row) for one in report.findings}
        _, again = planted["duplicate_of"]
        assert {
            ("geometry_repaired", planted["bowtie"] + 1),
            ("geometry_missing", planted["null"] + 1),
            ("height_dropped", planted["z"] + 1),
            ("geometry_type_wrong", planted["point"] + 1),
            ("collection_taken", planted["geometrycollection"] + 1),
            ("geometry_missing", planted["empty_polygon"] + 1),
            ("key_duplicate", again + 1),
            ("geometry_duplicate", again + 1),
            ("number_approximate", planted["text_area"] + 1),
        } <= told
        assert report.inputs[0].rows_read == planted["features"]
        assert report.inputs[0].rows_accepted == planted["features"] - 4
        names = set(frame.subdistrict)
        assert {"<img src=x onerror=alert(1)>", '=HYPERLINK("http://127.0.0.1","x")'} <= names, "text stays text"
        rows = frame.set_index("parcel_no").net_area_m2
        assert rows["17520477"] == pytest.approx(812.5e4)


def test_areas_in_mu_under_merged_headers_and_points_for_parcels(messy: Path) -> None:
    staged, report = check([messy / "merged_header.xlsx"], "parcels", town())
    assert staged is None
    assert report.inputs[0].rows_read == 11
    wrong = [one.row for one in report.findings if one.code == "geometry_type_wrong"]
    assert wrong == list(range(4, 15)), "the sheet's own rows"


def test_wkt_in_gb18030_arrives(messy: Path, truth: dict[str, Any]) -> None:
    frame, report = taken(messy / "wkt_gb18030.csv", "parcels", town())
    assert report.inputs[0].encoding == "gb18030"
    assert sorted(frame.parcel_name) == sorted(truth["names"])
    assert frame.net_area_m2.to_numpy() == pytest.approx(area_m2(frame.geometry), rel=2e-3)


@pytest.mark.parametrize("name", ["unlabelled_gcj02.geojson", "unlabelled_bd09.geojson"])
def test_shifted_maps_arrive_as_the_wgs84_they_claim_to_be(messy: Path, name: str) -> None:
    frame, report = taken(messy / name, "districts", town())
    assert (len(frame), report.inputs[0].crs) == (11, "EPSG:4326")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("zip_slip.zip", "archive_path"),
        ("parcels.kml", "format_unsupported"),
        ("parcels_4528.dxf", "format_unsupported"),
        ("guotu_NE_prefix_gb18030.txt", "format_unsupported"),
        ("guotu_NE_noprefix_utf8bom.txt", "format_unsupported"),
    ],
)
def test_what_is_not_read_is_refused_with_the_reason(messy: Path, name: str, code: str) -> None:
    staged, report = check([messy / name], "parcels", town())
    assert (staged, list(codes(report))) == (None, [code])


def test_registers_of_british_councils_never_crash_and_good_places_arrive(test_data: Path) -> None:
    accepted, expected = {}, {}
    for path in sorted((test_data / "uk_brownfield/raw").iterdir()):
        _, report = check([path], "facilities", district("world"))
        assert report.inputs
        accepted[path.name] = sum(one.rows_accepted for one in report.inputs)
        harmonised = pd.read_csv(test_data / "uk_brownfield/harmonised" / f"{path.name}.csv", dtype=str)
        expected[path.name] = len(harmonised)
    in_degrees = {name: count for name, count in accepted.items() if count}
    assert len(in_degrees) == 6, "the others give metres without saying of which grid, or are no tables"
    assert in_degrees == {name: expected[name] for name in in_degrees}


def test_geometries_of_new_york_arrive_from_wkt_and_ewkb(test_data: Path) -> None:
    folder = test_data / "nyc_edc_wkb"
    frame, report = taken(folder / "dcp_manual_geoms_2020.csv", "facilities", district("world"))
    assert (len(frame), report.counts()["error"]) == (65, 0)
    frame, report = taken(folder / "edcgeoms_2020-12-28.csv", "facilities", district("world"))
    assert report.inputs[0].crs == "EPSG:4326"
    assert (len(frame), codes(report)["shape_text_malformed"]) == (60, 40)


def test_land_supply_results_arrive_as_events(test_data: Path) -> None:
    staged, _ = check([test_data / "landchina/supply_qingdao_29rows.csv"], "supply_events", town())
    assert staged is not None
    assert len(staged.frame) == 29
    assert staged.frame.area_m2.notna().all()
    assert staged.frame["on"].notna().all()


def corpus(test_data: Path, *folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((test_data / "conformance" / folder).glob("*.geojson"))]
    assert found
    return found


#: What a good file may be told all the same: it has no fields of ours, and some layers want a shape.
NOTES = frozenset(
    (
        *("required_column_missing", "required_value_missing", "filled_default", "key_made", "column_unmatched"),
        *("layer_empty", "bare_geometry", "height_dropped", "geometry_missing", "geometry_type_wrong"),
    )
)


def test_every_malformed_geojson_is_told(test_data: Path) -> None:
    folders = ("check_geojson/test/fixture/bad", "geojson_invalid/examples/invalid_structure")
    for path in corpus(test_data, *folders):
        _, report = check([path], "facilities", district("world"))
        assert set(codes(report)) - NOTES, path.name


def test_every_well_formed_geojson_is_taken(test_data: Path) -> None:
    for path in corpus(test_data, "check_geojson/test/fixture/good", "geojson_invalid/examples/valid"):
        _, report = check([path], "facilities", district("world"))
        assert not report.refused, path.name
        assert set(codes(report)) <= NOTES, path.name


def test_invalid_rings_are_told(test_data: Path) -> None:
    expected = {
        "invalid_incorrect_geometry_data_type": "coordinates_depth",
        "invalid_less_three_unique_nodes": "ring_too_short",
        "invalid_unclosed": "ring_not_closed",
    }
    for path in corpus(test_data, "geojson_invalid/examples/invalid_geometries"):
        _, report = check([path], "facilities", district("world"))
        if path.stem in expected:
            assert expected[path.stem] in codes(report)
