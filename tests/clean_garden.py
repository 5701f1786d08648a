"""A small district in which nothing is wrong: the ground in which `fault_garden` plants its faults."""

import copy
import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from landmap.domain import crs, layer_named
from landmap.ingest import Report, StagedLayer, check_here
from tests.making_files import town

Record = dict[str, Any]
Garden = dict[str, list[Record]]

TODAY: Final = dt.date(2026, 11, 22)
#: Parcels stand in rows of ten, 0.002° wide and 0.001° apart; their neighbours to the east are the next in number.
COLUMNS, PARCELS, BUILDINGS, CHILDREN = 10, 50, 40, 40
WEST, SOUTH, SIDE, STEP = 120.33, 36.12, 0.002, 0.003
#: Land of 100 000 yuan per mu, a district's usual size.
_PRICE_CNY_M2: Final = 150.0


def plot(number: int) -> shapely.Polygon:
    """Return the outline of parcel `number`."""
    west, south = WEST + number % COLUMNS * STEP, SOUTH + number // COLUMNS * STEP
    return shapely.box(west, south, west + SIDE, south + SIDE)


def area_m2(shape: shapely.Geometry) -> float:
    """Return the area of an outline on the ellipsoid, rounded as registers have it."""
    return round(float(crs.geodesic_area_m2(np.array([shape], dtype=object))[0]), 2)


def parcel(number: int) -> Record:
    """Return a parcel with every field that a parcel must have, and those that checks look at."""
    area = area_m2(plot(number))
    price = round(area * _PRICE_CNY_M2 / 1e4, 2)
    code = f"370213001001GB{number:05d}"
    return {
        "geometry": plot(number),
        "parcel_id": f"370213-GY-2025-{number:03d}",
        "parcel_no": f"LC2025-{number:03d}",
        "district_code": "370213",
        "location_text": f"规划{number}路以东、重庆中路以西",
        "geometry_quality": "survey",
        "cadastral_parcel_code": code,
        "real_estate_unit_code": f"{code}W00000000",
        "registered_area_m2": area,
        "net_area_m2": area,
        "gross_area_m2": area + 500,
        "land_use_code": "1001",
        "land_use_scheme": "ydyh2023",
        "land_use_raw": "工业用地",
        "new_industry_tag": "none",
        "floor_area_ratio_min": 1.5,
        "floor_area_ratio_max": 2.5,
        "floor_area_ratio_min_inclusive": True,
        "floor_area_ratio_max_inclusive": True,
        "floor_area_ratio_basis": "total",
        "building_coverage_ratio_min_pct": 35,
        "building_coverage_ratio_max_pct": 65,
        "building_coverage_kind": "coefficient",
        "green_space_ratio_max_pct": 15,
        "height_min_m": 12,
        "height_limit_m": 40,
        "floors_max": 8,
        "gfa_min_m2": round(area * 1.5, 1),
        "gfa_max_m2": round(area * 2.5, 1),
        "planning_raw": {
            "floor_area_ratio": "1.5-2.5",
            "building_coverage_ratio": "≥35%且≤65%",
            "green_space_ratio": "≤15%",
        },
        "planning_conditions_issued_on": "2026-03-02",
        "plan_publicity": "approved_public",
        "supply_kind": "new",
        "supply_method": "listing",
        "supply_stage": "announced",
        "land_status": "net",
        "elastic_term": False,
        "standard_land": True,
        "with_design": False,
        "with_project_conditions": False,
        "term_years": [{"use": "工业", "years": 50}],
        "starting_price_10k_cny": price,
        "starting_price_basis": "total",
        "deposit_10k_cny": round(price / 4, 2),
        "benchmark_price_cny_m2": 120.0,
        "right_start_on": "2026-04-01",
        "right_end_on": "2076-04-01",
        "notice_url": "https://www.qingdao.gov.cn/notice",
        "visibility": "public",
        "data_as_of": "2026-10-31",
        "source_ref": "台账",
        "review_status": "published",
        "version": 1,
    }


def building(number: int) -> Record:
    """Return an office building on parcel `number`."""
    middle = plot(number).centroid
    return {
        "geometry": shapely.box(middle.x - 0.0003, middle.y - 0.0003, middle.x + 0.0003, middle.y + 0.0003),
        "building_id": f"370213-LY-{number:03d}",
        "building_name": f"{number}号楼",
        "parcel_id": f"370213-GY-2025-{number:03d}",
        "address": f"重庆中路{number}号",
        "district_code": "370213",
        "building_kind": "office",
        "grade": "A",
        "floors_above": 10,
        "floors_below": 1,
        "building_height_m": 42.0,
        "gross_floor_area_m2": 20_000.0,
        "rentable_area_m2": 16_000.0,
        "available_area_m2": 4_000.0,
        "typical_floor_area_m2": 2_000.0,
        "floor_height_m": 4.2,
        "clear_height_m": 2.8,
        "efficiency_ratio_pct": 75,
        "rent_raw": "1.8元/㎡·天",
        "rent_min_cny_m2_day": 1.8,
        "rent_max_cny_m2_day": 2.2,
        "rent_unit": "day",
        "rent_area_basis": "gross",
        "occupancy_rate_pct": 75,
        "occupancy_basis": "area",
        "visibility": "public",
        "data_as_of": "2026-10-31",
    }


def unit(number: int) -> Record:
    """Return a unit on the first floor of building `number`."""
    return {
        "unit_id": f"370213-LY-{number:03d}-101",
        "building_id": f"370213-LY-{number:03d}",
        "floor_no": 1,
        "unit_no": "101",
        "unit_area_m2": 900.0,
        "usable_area_m2": 700.0,
        "unit_use": "office",
        "lease_status": "vacant",
        "real_estate_unit_code": f"370213001001GB{number:05d}F00010101",
    }


def assessment(number: int) -> Record:
    """Return an assessment of parcel `number` that is done and still holds."""
    return {
        "parcel_id": f"370213-GY-2025-{number:03d}",
        "item": "heritage",
        "required": "yes",
        "status": "done",
        "conclusion": "pass",
        "regional_assessment_ref": "区域评估2026-3",
        "done_on": "2026-01-05",
        "valid_until": "2029-01-05",
    }


def index(number: int) -> Record:
    """Return the standard-land indices of parcel `number`."""
    return {
        "parcel_id": f"370213-GY-2025-{number:03d}",
        "industry_code": "35",
        "industry_name": "专用设备制造业",
        "investment_intensity_10k_cny_per_mu": 330.0,
        "tax_per_mu_10k_cny": 23.0,
        "output_per_mu_10k_cny": 500.0,
        "value_added_per_mu_10k_cny": 150.0,
    }


def event(number: int) -> Record:
    """Return the sale of parcel `number`."""
    return {
        "event_id": f"SE-{number:04d}",
        "parcel_id": f"370213-GY-2025-{number:03d}",
        "stage": "sold",
        "on": "2026-06-01",
        "area_m2": 40_000.0,
        "price_10k_cny": 640.0,
        "source_ref": "公告",
    }


def redevelopment(number: int) -> Record:
    """Return a conversion on parcel `number` that is done."""
    return {
        "redevelopment_id": f"RD-{number:03d}",
        "parcel_id": f"370213-GY-2025-{number:03d}",
        "name": f"{number}号老厂区",
        "kind": "old_plant_conversion",
        "status": "completed",
        "completed_on": "2025-07-21",
        "source_ref": "台账",
    }


@cache
def _grown() -> Garden:
    return {
        "parcels": [parcel(number) for number in range(PARCELS)],
        "buildings": [building(number) for number in range(BUILDINGS)],
        "building_units": [unit(number) for number in range(CHILDREN)],
        "site_assessments": [assessment(number) for number in range(CHILDREN)],
        "standard_land_indices": [index(number) for number in range(PARCELS)],
        "supply_events": [event(number) for number in range(CHILDREN)],
        "redevelopments": [redevelopment(number) for number in range(CHILDREN)],
    }


def garden() -> Garden:
    """Return the records of every layer, nobody else's to spoil."""
    return copy.deepcopy(_grown())


def write(folder: Path, layer: str, records: list[Record]) -> Path:
    """Write a layer as a bureau would hand it over: GeoJSON where there are outlines, otherwise CSV."""
    if layer_named(layer).spatial:
        path = folder / f"{layer}.geojson"
        features = [_feature(record) for record in records]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return path
    path, text = folder / f"{layer}.csv", io.StringIO()
    names = list(dict.fromkeys(name for record in records for name in record))
    table = csv.DictWriter(text, names)
    table.writeheader()
    table.writerows(records)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def _feature(record: Record) -> Record:
    shape = record["geometry"]
    properties = {name: value for name, value in record.items() if name != "geometry"}
    drawn = json.loads(shapely.to_geojson(shape)) if isinstance(shape, shapely.Geometry) else shape
    return {"type": "Feature", "properties": properties, "geometry": drawn}


def row_of(layer: str, place: int) -> int:
    """Return the row that the record at `place` has in its file: features count from 1, a table has a header."""
    return place + (1 if layer_named(layer).spatial else 2)


@cache
def beside() -> Mapping[str, pd.DataFrame]:
    """Return every layer of the clean district in canonical form, as the version before holds it."""
    from tempfile import TemporaryDirectory

    found = {}
    with TemporaryDirectory() as folder:
        for layer, records in garden().items():
            staged, _ = check_here([write(Path(folder), layer, records)], layer, town(), today=TODAY)
            assert staged is not None
            found[layer] = staged.frame
    return found


def checked(folder: Path, layer: str, records: list[Record], **options: Any) -> tuple[StagedLayer | None, Report]:
    """Check the records of one layer against the clean rest."""
    others = {name: frame for name, frame in beside().items() if name != layer} | options.pop("more", {})
    return check_here([write(folder, layer, records)], layer, town(), today=TODAY, beside=others, **options)
