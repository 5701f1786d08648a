"""What a home knows before an import: its own layers, what their records stand on, and the district's outline."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from landmap.domain.crs import Datum, shifted
from landmap.ingest import check_here
from landmap.pipeline import boundaries_of, publish_staged, stage_layer
from landmap.pipeline.at_hand import OUTLINES
from landmap.store import Home
from tests.making_files import write_geojson


@pytest.fixture
def home(tmp_path: Path, repo: Path) -> Home:
    files = {"basemap.geojson": repo / "geodata/licang/basemap.geojson"}
    return Home.create(tmp_path / "home", repo / "geodata/licang/district.toml", files)


def taken(home: Home, repo: Path, layer: str) -> None:
    path = repo / f"geodata/licang/{layer}.geojson"
    staged, _ = check_here([path], layer, home.district(), visibility="public")
    assert staged is not None
    stage_layer(home, staged)


def names(home: Home, layer: str) -> list[str]:
    return [boundary.name for boundary in boundaries_of(home, layer)]


def test_a_new_home_has_the_line_of_its_basemap(home: Home, repo: Path) -> None:
    (drawn,) = boundaries_of(home, "parcels")
    county = gpd.read_file(repo / "geodata/licang/districts.geojson").geometry.iloc[0]
    overlap = shapely.union_all(drawn.shapes).intersection(county).area / county.area
    assert drawn.name == "outline"
    assert overlap > 0.99


def test_a_home_without_a_line_has_nothing_to_compare_with(home: Home) -> None:
    (home.folder("assets") / "basemap.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert boundaries_of(home, "parcels") == ()


def test_staged_districts_give_the_outline(home: Home, repo: Path) -> None:
    taken(home, repo, "districts")
    (outline,) = boundaries_of(home, "parcels")
    assert shapely.area(outline.shapes).tolist() == [
        gpd.read_file(repo / "geodata/licang/districts.geojson").geometry.iloc[0].area
    ]


def test_published_layers_come_first_the_finer_before_the_coarser(home: Home, repo: Path) -> None:
    for layer in ("districts", "parcels", "buildings"):
        taken(home, repo, layer)
    publish_staged(home, by="tester", note="")
    assert names(home, "parcels") == ["parcels", "outline"]
    assert names(home, "buildings") == ["buildings", "parcels", "outline"]
    assert names(home, "districts") == ["districts", "outline"]
    assert names(home, "facilities") == ["outline"]
    assert names(home, "building_units") == []
    assert all(len(boundary.shapes) <= OUTLINES for boundary in boundaries_of(home, "parcels"))


def test_a_monthly_file_in_web_map_coordinates_is_found_out(home: Home, repo: Path, tmp_path: Path) -> None:
    for layer in ("districts", "parcels"):
        taken(home, repo, layer)
    publish_staged(home, by="tester", note="")
    features = json.loads((repo / "geodata/licang/parcels.geojson").read_text(encoding="utf-8"))["features"][:50]
    for one in features:
        shape = shapely.from_geojson(json.dumps(one["geometry"]))
        moved = shapely.transform(shape, lambda points: shifted(np.asarray(points), Datum.GCJ02))
        one["geometry"] = json.loads(shapely.to_geojson(moved))
    path = write_geojson(tmp_path / "monthly.geojson", *features)
    _, report = check_here([path], "parcels", home.district(), boundaries=boundaries_of(home, "parcels"))
    assert "datum_gcj02" in {finding.code for finding in report.findings}
