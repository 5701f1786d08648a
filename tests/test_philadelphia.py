"""Real files from elsewhere and from here, through the front door and out over HTTP, against GeoPandas reading them."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pytest
from pyproj import Geod
from starlette.testclient import TestClient
from typer.testing import CliRunner

from landmap.cli import command_line
from tests.served import serving
from tests.test_http import paged

app = command_line()

ELLIPSOID = Geod(ellps="GRS80")
#: Vertices are kept to a nanodegree, areas to a square decimetre.
AREA_TOLERANCE = 0.001
LICANG_KM2 = 94.73


def geodesic_m2(frame: gpd.GeoDataFrame) -> np.ndarray[Any, Any]:
    """Return the areas on the ellipsoid, measured here by pyproj alone."""
    shapes = frame.to_crs(4326).geometry.make_valid()
    return np.array([abs(ELLIPSOID.geometry_area_perimeter(shape)[0]) for shape in shapes])


def imported(home: Path, file: Path, layer: str) -> dict[str, Any]:
    """Return the report of importing and publishing one file as public."""
    words = [
        "import",
        str(file),
        "--layer",
        layer,
        "--home",
        str(home),
        "--visibility",
        "public",
        "--publish",
        "--json",
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return dict(orjson.loads(done.stdout))


@pytest.fixture(scope="module")
def source(test_data: Path) -> Path:
    return test_data / "philadelphia" / "vacant_land_industrial_zoned.gpkg"


@pytest.fixture(scope="module")
def original(source: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(source)


@pytest.fixture(scope="module")
def home(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds nothing but the description of the district."""
    folder = tmp_path_factory.mktemp("philadelphia")
    shutil.copy(repo / "tests/districts/philadelphia.toml", folder / "district.toml")
    return folder


@pytest.fixture(scope="module")
def report(home: Path, source: Path) -> dict[str, Any]:
    return imported(home, source, "parcels")


@pytest.fixture(scope="module")
def city(home: Path, report: dict[str, Any]) -> Iterator[TestClient]:
    assert report["version"]
    with serving(home) as client:
        yield client


@pytest.fixture(scope="module")
def served(city: TestClient) -> gpd.GeoDataFrame:
    body = city.get("/api/collections/parcels/items?limit=1000").json()
    return gpd.GeoDataFrame.from_features(body["features"], crs=4490)


@pytest.mark.data
def test_every_record_is_read_in_feet_and_taken(report: dict[str, Any], original: gpd.GeoDataFrame) -> None:
    (entry,) = report["inputs"]
    assert (entry["rows_read"], entry["rows_accepted"], entry["rows_public"]) == (863, 863, 863) == (len(original),) * 3
    assert (entry["crs"], entry["refused"]) == ("EPSG:2272", None)
    assert {one["severity"] for one in report["findings"]} <= {"info", "warning"}


@pytest.mark.data
def test_every_record_is_served_once(city: TestClient, original: gpd.GeoDataFrame) -> None:
    found = paged(city, "/api/collections/parcels/items?limit=100")
    assert len(found) == len(set(found)) == len(original)
    search = city.get("/api/collections/parcels/search?limit=1").json()
    assert (search["total"], search["all"]) == (863, 863)


@pytest.mark.data
def test_areas_agree_with_the_geodesic_ones(served: gpd.GeoDataFrame, original: gpd.GeoDataFrame) -> None:
    expected = geodesic_m2(original)
    assert served["area_m2"].sum() == pytest.approx(expected.sum(), rel=AREA_TOLERANCE)
    by_place = served.assign(x=served.geometry.representative_point().x).sort_values(["area_m2", "x"])
    measured, true = by_place["area_m2"].to_numpy(float), np.sort(expected)
    assert np.allclose(measured, true, rtol=AREA_TOLERANCE, atol=0.02)


@pytest.mark.data
@pytest.mark.parametrize(
    "box",
    [
        (-75.2, 39.95, -75.15, 40.0),
        (-75.15, 39.98, -75.1, 40.02),
        (-75.25, 39.88, -75.18, 39.92),
        (-75.05, 40.05, -74.97, 40.12),
        (-75.13, 39.99, -75.129, 39.991),
    ],
)
def test_a_box_finds_what_geopandas_finds(
    city: TestClient, served: gpd.GeoDataFrame, original: gpd.GeoDataFrame, box: tuple[float, ...]
) -> None:
    west, south, east, north = box
    found = paged(city, f"/api/collections/parcels/items?bbox={','.join(map(str, box))}&limit=200")
    expected = original.to_crs(4326).cx[west:east, south:north]
    chosen = served[served["parcel_id"].isin(found)]
    assert sorted(chosen["location_text"].fillna("")) == sorted(expected["address"].fillna(""))
    assert sorted(chosen["land_use_raw"]) == sorted(expected["zoning_base_district"])
    assert len(found) == len(expected)


@pytest.mark.data
def test_local_codes_are_read_by_the_district_crosswalk(city: TestClient, original: gpd.GeoDataFrame) -> None:
    counts = original["zoning_base_district"].value_counts()
    for code, zones in {"100102": ["I-2"], "100101": ["I-1"], "1001": list(counts.index)}.items():
        found = city.get(f"/api/collections/parcels/items?land_use={code}&limit=1").json()
        assert found["numberMatched"] == counts[zones].sum()


@pytest.mark.data
def test_the_subdistricts_of_licang_keep_their_area(repo: Path, test_data: Path, tmp_path: Path) -> None:
    file = test_data / "licang" / "licang_subdistricts_osm_wgs84.geojson"
    original = gpd.read_file(file)
    for name in ("district.toml", "basemap.geojson"):
        shutil.copy(repo / "geodata/licang" / name, tmp_path / name)
    report = imported(tmp_path, file, "districts")
    assert [one["rows_accepted"] for one in report["inputs"]] == [11]
    with serving(tmp_path) as client:
        features = client.get("/api/collections/districts/items?limit=100").json()["features"]
        served = gpd.GeoDataFrame.from_features(features, crs=4490)
        west, south, east, north = original.total_bounds
        middle = (west, south, (west + east) / 2, (south + north) / 2)
        found = paged(client, f"/api/collections/districts/items?bbox={','.join(map(str, middle))}")
    assert geodesic_m2(served).sum() / 1e6 == pytest.approx(LICANG_KM2, rel=AREA_TOLERANCE)
    assert geodesic_m2(original).sum() / 1e6 == pytest.approx(LICANG_KM2, rel=AREA_TOLERANCE)
    assert sorted(served["name"]) == sorted(original["name"])
    expected = original.cx[middle[0] : middle[2], middle[1] : middle[3]]
    names = {feature["id"]: feature["properties"]["name"] for feature in features}
    assert sorted(names[id] for id in found) == sorted(expected["name"])
