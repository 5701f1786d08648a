"""Real files, as cities publish them: what is in them arrives, and what is wrong is told."""

from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
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
