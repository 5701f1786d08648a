"""What was staged just now is published without being read again, and its file is linked as what was imported."""

from pathlib import Path

import pytest

from landmap.ingest import StagedLayer, check_here
from landmap.pipeline import publish_staged, stage_layer
from landmap.store import Home, staged
from tests.making_files import feature, town, write_geojson


@pytest.fixture
def layer(tmp_path: Path) -> StagedLayer:
    features = [feature(number, district_code="370213") for number in range(3)]
    found, report = check_here(
        [write_geojson(tmp_path / "p.geojson", *features)], "parcels", town(), visibility="public"
    )
    assert report.ok
    assert found is not None
    return found


def home_at(folder: Path) -> Home:
    folder.mkdir()
    settings = folder.parent / "district.toml"
    lines = ('code = "370213"', 'name_zh = "测试区"', 'name_en = "Testing"', "planar_epsg = 4549")
    settings.write_text("\n".join([*lines, "extent = [120.3, 36.1, 120.6, 36.3]"]), encoding="utf-8")
    return Home.create(folder / "home", settings)


def test_a_fresh_layer_becomes_the_very_version_that_reading_it_again_makes(tmp_path: Path, layer: StagedLayer) -> None:
    quick, slow = home_at(tmp_path / "quick"), home_at(tmp_path / "slow")
    fresh = stage_layer(quick, layer, by="")
    stage_layer(slow, layer, by="")
    one, other = publish_staged(quick, by="", note="", fresh=[fresh]), publish_staged(slow, by="", note="")
    files = [
        {key: value for key, value in version.manifest["layers"]["parcels"].items() if key != "sources"}
        for version in (one, other)
    ]
    assert files[0] == files[1]
    one.verify()
    assert (one.path / files[0]["given"]["file"]).read_bytes() == (other.path / files[0]["given"]["file"]).read_bytes()
    assert one.given("parcels").equals(other.given("parcels"))


def test_what_is_staged_meanwhile_is_published_and_not_what_is_at_hand(tmp_path: Path, layer: StagedLayer) -> None:
    home = home_at(tmp_path / "one")
    fresh = stage_layer(home, layer, by="")
    fewer = StagedLayer(layer.layer, layer.frame.iloc[:1], layer.sources, layer.report, rows=layer.rows[:1])
    stage_layer(home, fewer, by="")
    assert publish_staged(home, by="", note="", fresh=[fresh]).manifest["layers"]["parcels"]["rows"] == 1
    assert staged(home) == {}
