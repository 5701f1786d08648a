"""The records of the demo district: values of their kind, codes, texts, units and events that belong together."""

import re
from collections import Counter, defaultdict
from typing import Any

import pytest

from landmap.domain import Layer, code_list, identifiers, intervals, land_use, layer_named
from landmap.domain.fields import Field, Kind
from tests.geodata_tools import COLLECTIONS, GEODATA, LICANG, area_m2, features, flaws, program, records, rows

TABLES = ("building_units", "standard_land_indices", "site_assessments", "supply_events", "redevelopments")


def flawed(layer: str) -> set[str]:
    return {ident for name, ident, _, _ in flaws() if name == layer}


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
