"""A town small enough to check by eye: six parcels, two buildings, a station, two subdistricts.

Parcels lie in a row, 100 m apart in longitude order; the station is at the west end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import MultiPolygon, Point, box

from landmap.domain import Audience, District, Level, canonical_frame, layer_named
from landmap.query import Catalog, Selection, criteria_class
from tests.query_data import FakeSnapshot

TODAY = dt.date(2026, 3, 31)
OFFICER = Audience(Level.OFFICER)
PARTNER = Audience(Level.PARTNER)
PUBLIC = Audience(Level.PUBLIC)
#: About one metre of longitude at 36° north.
METRE = 1.112e-05

DISTRICT = District(
    code="370213",
    name_zh="小镇",
    name_en="Town",
    planar_epsg=4549,
    extent=(120.0, 36.0, 120.1, 36.1),
    presets={"local": {"label_zh": "本地组", "label_en": "Local group", "codes": ("0902",), "new_industry": False}},
)


def plot(number: int) -> MultiPolygon:
    """Return the 50 m wide shape of parcel `number`, 100 m east of the one before."""
    west = 120.0 + number * 100 * METRE
    return MultiPolygon([box(west, 36.0, west + 50 * METRE, 36.0004)])


def parcel(id: str, number: int, **fields: Any) -> dict[str, Any]:
    base = {
        "parcel_id": id,
        "parcel_no": f"LC-{number:02d}",
        "location_text": "一号路以东",
        "visibility": "public",
        "plan_publicity": "approved_public",
        "review_status": "published",
        "land_use_code": "1001",
        "new_industry_tag": "none",
        "supply_stage": "ready",
        "data_as_of": "2026-01-01",
        "geometry": plot(number),
    }
    return base | fields


PARCELS = (
    parcel(
        "A",
        1,
        area_m2=10_000.0,
        floor_area_ratio_min=1.5,
        floor_area_ratio_max=2.0,
        planning_parse_status={"floor_area_ratio": "ok"},
        standard_land=True,
        subdistrict="东街",
        land_status="net",
        parcel_name="东街一号",
        cadastral_parcel_code="370213001001GB00001",
        supply_stage="announced",
        floors_max=3,
    ),
    parcel(
        "B",
        2,
        area_m2=20_000.0,
        floor_area_ratio_min=1.0,
        floor_area_ratio_min_inclusive=False,
        planning_parse_status={"floor_area_ratio": "ok_with_exception"},
        land_use_code="100101",
        new_industry_tag="M0",
        standard_land=False,
        subdistrict="东街",
        land_status="reserve",
        cadastral_parcel_code="370213001001GB00002",
        floors_max=12,
        data_as_of="2025-12-31",
    ),
    parcel(
        "C",
        3,
        area_m2=30_000.0,
        planning_parse_status={"floor_area_ratio": "unparsed"},
        land_use_code="0902",
        mixed_uses=[{"code": "0901", "share_pct": 40}, {"code": "0902", "share_pct": 60}],
        subdistrict="西街",
        data_as_of=None,
    ),
    parcel(
        "D",
        4,
        area_m2=13_333.33,
        planning_parse_status={"floor_area_ratio": "unspecified"},
        land_use_code="110101",
        encouraged_industries=("智能制造",),
    ),
    parcel("E", 5, land_use_code=None, new_industry_tag=None, visibility="partner"),
    parcel("F", 6, area_m2=50_000.0, visibility=None, supply_stage="sold"),
)
BUILDINGS = (
    {
        "building_id": "H1",
        "building_name": "一号楼",
        "address": "一号路1号",
        "building_kind": "office",
        "amenities": ("bank", "gym"),
        "rent_min_cny_m2_day": 2.0,
        "rent_max_cny_m2_day": 3.0,
        "data_as_of": "2025-12-31",
        "visibility": "public",
        "geometry": Point(120.0015, 36.0002),
    },
    {
        "building_id": "H2",
        "building_name": "二号楼",
        "address": "一号路2号",
        "building_kind": "rnd",
        "rent_max_cny_m2_day": 1.5,
        "data_as_of": "2025-12-30",
        "visibility": "public",
        "geometry": Point(120.003, 36.0002),
    },
)
INDICES = (
    {"parcel_id": "A", "industry_code": "35", "investment_intensity_10k_cny_per_mu": 300.0},
    {"parcel_id": "A", "industry_code": "39", "investment_intensity_10k_cny_per_mu": 200.0},
)
ASSESSMENTS = (
    {
        "parcel_id": "A",
        "item": "heritage",
        "required": "yes",
        "status": "done",
        "conclusion": "pass",
        "valid_until": "2026-03-31",
    },
    {"parcel_id": "A", "item": "flood", "required": "no", "status": "not_started"},
    {"parcel_id": "B", "item": "heritage", "required": "yes", "status": "done", "conclusion": "conditional"},
    {"parcel_id": "C", "item": "heritage", "required": "yes", "status": "in_progress"},
    {"parcel_id": "C", "item": "flood", "required": "unknown", "status": "unknown"},
    {"parcel_id": "D", "item": "heritage", "required": "unknown", "status": "done"},
    {"parcel_id": "E", "item": "heritage", "required": "yes", "status": "done"},
)
FACILITIES = (
    {
        "facility_id": "S1",
        "kind": "metro_station",
        "name": "东站",
        "status": "existing",
        "geometry": Point(120.0, 36.0002),
    },
    {"facility_id": "S2", "kind": "airport", "name": "机场", "status": "planned", "geometry": Point(120.0, 36.0002)},
)
EAST_STREET = MultiPolygon([box(120, 35.9, 120.0029, 36.1)])
DISTRICTS = ({"district_code": "370213001", "name": "东街", "level": "subdistrict", "geometry": EAST_STREET},)


def frame_of(layer: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a canonical frame."""
    known = layer_named(layer)
    table = pd.DataFrame([dict(row) for row in rows], dtype=object)
    if known.spatial:
        return canonical_frame(gpd.GeoDataFrame(table, geometry="geometry", crs=4490), known)
    return canonical_frame(table, known)


@cache
def town() -> Catalog:
    frames = {
        "parcels": frame_of("parcels", PARCELS),
        "buildings": frame_of("buildings", BUILDINGS),
        "standard_land_indices": frame_of("standard_land_indices", INDICES),
        "site_assessments": frame_of("site_assessments", ASSESSMENTS),
        "facilities": frame_of("facilities", FACILITIES),
        "districts": frame_of("districts", DISTRICTS),
    }
    return Catalog.load(FakeSnapshot("town", DISTRICT, frames, {}))


def select(
    query: str,
    audience: Audience = OFFICER,
    *,
    layer: str = "parcels",
    sort: Sequence[str] = (),
    today: dt.date = TODAY,
) -> Selection:
    """Select from the town by a plain query string, nothing escaped."""
    pairs = [(name, text) for part in query.split("&") if part for name, _, text in [part.partition("=")]]
    criteria = criteria_class(layer).from_query(pairs, DISTRICT)
    return town().engine.select(layer, criteria, audience, today=today, sort=sort)
