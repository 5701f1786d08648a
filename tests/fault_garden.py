"""Faults to plant in a clean district: what to spoil, where, and what a report must then say of it.

A flaw is planted at a pair of neighbouring records `a` and `b` that are its own, and returns the one at which the
report must tell it. `also` names findings that come with it by their nature; nothing else may.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Final

import shapely
from shapely import affinity

from tests.clean_garden import SIDE, STEP, Record, area_m2, beside, plot

#: Spoils records in place and returns the place of the fault; None when it is one of the whole layer.
Plant = Callable[[list[Record], int, int], int | None]


@dataclass(frozen=True)
class Flaw:
    """One kind of fault.

    Parameters
    ----------
    name : str
    layer, code, field : str
        Where the report must tell it, and as what.
    plant : Plant
    also : frozenset of str
        Codes of findings that come with it.
    heals : bool
        Whether accepting its proposal gives back the record as it was.
    more : callable
        Layers of the version that have to look otherwise for it, made when it is planted.
    """

    name: str
    layer: str
    code: str
    field: str
    plant: Plant
    also: frozenset[str] = frozenset()
    heals: bool = False
    more: Callable[[], Mapping[str, Any]] = made(default=dict)


def given(layer: str, code: str, told: str, *also: str, heals: bool = False, name: str = "", **values: object) -> Flaw:
    """Return a flaw that is a matter of some values of one record; a callable takes the record."""

    def plant(records: list[Record], a: int, b: int) -> int:
        before = dict(records[a])
        for key, value in values.items():
            records[a][key] = value(before) if callable(value) else value
        return a

    return Flaw(name or f"{code} {told}", layer, code, told, plant, frozenset(also), heals)


def drawn(code: str, shape: Callable[[shapely.Polygon], Any], *also: str, heals: bool = False, name: str = "") -> Flaw:
    """Return a flaw of the outline of one parcel; its declared areas follow where the new outline has an area."""

    def plant(records: list[Record], a: int, b: int) -> int:
        records[a]["geometry"] = shape(plot(a))
        _measured(records[a])
        return a

    return Flaw(name or code, "parcels", code, "geometry", plant, frozenset(also), heals)


def _measured(record: Record) -> None:
    """Declare the areas that the outline has, so that the outline is the only fault."""
    shape = record["geometry"]
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or not shape.is_valid or shape.is_empty:
        return
    area = area_m2(shape)
    record |= {"registered_area_m2": area, "net_area_m2": area, "gross_area_m2": area + 500}
    record |= {"gfa_min_m2": round(area * 1.5, 1), "gfa_max_m2": round(area * 2.5, 1)}
    price = round(area * 150 / 1e4, 2)
    record |= {"starting_price_10k_cny": price, "deposit_10k_cny": round(price / 4, 2)}


def _bow_tie(box: shapely.Polygon) -> shapely.Polygon:
    west, south, east, north = box.bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


def _hole_outside(box: shapely.Polygon) -> Record:
    _, south, east, _ = box.bounds
    hole = [[east + 0.0001, south], [east + 0.0002, south], [east + 0.0002, south + 0.0001], [east + 0.0001, south]]
    shell = [list(point) for point in box.exterior.coords]
    return {"type": "Polygon", "coordinates": [shell, hole]}


def _high(box: shapely.Polygon) -> Record:
    return {"type": "Polygon", "coordinates": [[[x, y, 31.5] for x, y in box.exterior.coords]]}


def _halves(box: shapely.Polygon) -> shapely.MultiPolygon:
    west, south, east, north = box.bounds
    middle = (west + east) / 2
    return shapely.MultiPolygon(
        [shapely.box(west, south, middle - 0.0001, north), shapely.box(middle + 0.0001, south, east, north)]
    )


def _with_splinter(box: shapely.Polygon) -> shapely.MultiPolygon:
    _, south, east, north = box.bounds
    return shapely.MultiPolygon([box, shapely.box(east + 0.0003, south, east + 0.000301, north)])


def _with_hole(size: float) -> Callable[[shapely.Polygon], shapely.Polygon]:
    def pierced(box: shapely.Polygon) -> shapely.Polygon:
        middle = box.centroid
        hole = shapely.box(middle.x, middle.y, middle.x + size, middle.y + size)
        return shapely.Polygon(box.exterior, [hole.exterior])

    return pierced


def _stuttering(box: shapely.Polygon) -> Record:
    points = [list(point) for point in box.exterior.coords]
    return {"type": "Polygon", "coordinates": [[points[0], points[0], *points[1:]]]}


def _bag(box: shapely.Polygon) -> shapely.GeometryCollection:
    return shapely.GeometryCollection([box, shapely.Point(box.centroid)])


def _pushed(records: list[Record], a: int, b: int) -> int:
    records[a]["geometry"] = affinity.translate(plot(a), STEP - SIDE / 4)
    _measured(records[a])
    return b


def _same_land(records: list[Record], a: int, b: int) -> int:
    west, south, east, north = plot(a).bounds
    records[b]["geometry"] = shapely.box(west, south, east, north - SIDE / 50)
    _measured(records[b])
    return b


def _same_outline(records: list[Record], a: int, b: int) -> int:
    records[b]["geometry"] = plot(a)
    _measured(records[b])
    return b


def _repeated(records: list[Record], a: int, b: int) -> int:
    own = {name: records[b][name] for name in ("parcel_id", "parcel_no")}
    records[b] = dict(records[a]) | own
    return b


def _same(layer: str, *names: str) -> Plant:
    def plant(records: list[Record], a: int, b: int) -> int:
        records[b] |= {name: records[a][name] for name in names}
        return b

    return plant


def _renamed(records: list[Record], a: int, b: int) -> int:
    records[a]["parcel_id"] += "9"
    return a


def _far(kilometres: float) -> Callable[[shapely.Polygon], shapely.Polygon]:
    """Return what moves a parcel so far south of the district's extent."""
    return lambda box: affinity.translate(box, 0, 36.1 - kilometres / 111 - SIDE - box.bounds[1])


def _point(records: list[Record], a: int, b: int) -> None:
    records[a]["geometry"] = records[a]["geometry"].centroid


def _without_indices() -> Mapping[str, Any]:
    rows = beside()["standard_land_indices"]
    return {"standard_land_indices": rows[rows.index < 0]}


def _raw(**texts: str) -> Callable[[Record], Record]:
    """Return what replaces texts of planning conditions and keeps the others."""
    return lambda record: record["planning_raw"] | texts


def _silent(*keys: str) -> Callable[[Record], Record]:
    """Return what takes texts of planning conditions away, so that the numbers beside them count."""
    return lambda record: {key: text for key, text in record["planning_raw"].items() if key not in keys}


def _times(name: str, factor: float, digits: int = 6) -> Callable[[Record], float]:
    return lambda record: round(record[name] * factor, digits)


P, B, U, A, N, E, R = (
    "parcels",
    "buildings",
    "building_units",
    "site_assessments",
    "standard_land_indices",
    "supply_events",
    "redevelopments",
)

OUTLINES: Final = (
    drawn("geometry_repaired", _bow_tie, "area_differs_grossly", "geometry_multipart", name="self-crossing"),
    drawn(
        "geometry_repaired", _hole_outside, "area_differs_slightly", "geometry_multipart", name="hole outside its shell"
    ),
    drawn("geometry_missing", lambda box: None, name="no shape"),
    drawn("geometry_missing", lambda box: {"type": "Polygon", "coordinates": []}, name="empty shape"),
    drawn("height_dropped", _high, name="heights"),
    drawn("geometry_type_wrong", lambda box: box.centroid, name="point among areas"),
    drawn("collection_taken", _bag, name="collection"),
    drawn("geometry_multipart", _halves, name="two parts"),
    drawn("geometry_sliver", _with_splinter, heals=True, name="splinter"),
    drawn("geometry_hole", _with_hole(0.0005), name="hole"),
    drawn("geometry_hole_sliver", _with_hole(0.000005), heals=True, name="pinhole"),
    drawn("vertices_repeated", _stuttering, name="repeated vertex"),
    drawn("outside_boundary", _far(1), name="beyond the boundary"),
    drawn("outside_district", _far(40), name="another district"),
    Flaw("overlap", P, "geometry_overlap", "geometry", _pushed),
    Flaw("one parcel, two numbers", P, "same_land", "geometry", _same_land),
    Flaw("one outline, two parcels", P, "geometry_duplicate", "geometry", _same_outline),
    Flaw("one record twice", P, "record_repeated", "geometry", _repeated),
    Flaw(
        "renumbered",
        P,
        "land_known_otherwise",
        "parcel_id",
        _renamed,
        frozenset({"standard_land_unlisted"}),
        more=lambda: {P: beside()[P]},
    ),
    Flaw("point among areas", B, "geometry_kinds_mixed", "geometry", _point),
)
IDENTITIES: Final = (
    Flaw("one id, two parcels", P, "key_duplicate", "parcel_id", _same(P, "parcel_id")),
    Flaw("one number, two parcels", P, "number_twice", "parcel_no", _same(P, "parcel_no")),
    Flaw(
        "one door, two units",
        U,
        "number_twice",
        "unit_no",
        _same(U, "building_id", "floor_no", "unit_no"),
        frozenset({"floor_overfull"}),
    ),
    Flaw("one unit twice", U, "key_duplicate", "unit_id", _same(U, "unit_id")),
    given(P, "pattern_unmet", "cadastral_parcel_code", cadastral_parcel_code="370213001001GB0001"),
    given(P, "pattern_unmet", "real_estate_unit_code", real_estate_unit_code="370213001001GB00001W0000000"),
    given(
        P,
        "code_respelled",
        "real_estate_unit_code",
        real_estate_unit_code=lambda one: " ".join(
            (one["cadastral_parcel_code"][:6], one["real_estate_unit_code"][6:])
        ),
    ),
    given(P, "value_masked", "cadastral_parcel_code", cadastral_parcel_code="370213001001GB****1"),
    given(
        P,
        "code_of_other_district",
        "cadastral_parcel_code",
        "unit_code_of_other_parcel",
        cadastral_parcel_code=lambda one: "370212" + one["cadastral_parcel_code"][6:],
    ),
    given(
        U,
        "code_of_other_district",
        "real_estate_unit_code",
        real_estate_unit_code=lambda one: "370212" + one["real_estate_unit_code"][6:],
    ),
    given(
        P, "unit_code_of_other_parcel", "real_estate_unit_code", real_estate_unit_code="370213001001GB09999W00000000"
    ),
)
VALUES: Final = (
    given(
        P,
        "interval_reversed",
        "planning_raw.floor_area_ratio",
        "bound_disagrees",
        heals=True,
        name="limits reversed in the text",
        planning_raw=_raw(floor_area_ratio="2.5-1.5"),
    ),
    given(
        P,
        "interval_reversed",
        "floor_area_ratio_min",
        heals=True,
        name="limits reversed in the numbers",
        planning_raw=_silent("floor_area_ratio"),
        floor_area_ratio_min=2.5,
        floor_area_ratio_max=1.5,
    ),
    given(
        P,
        "interval_no_operator",
        "planning_raw.green_space_ratio",
        "bound_disagrees",
        heals=True,
        planning_raw=_raw(green_space_ratio="15%"),
    ),
    given(
        P,
        "interval_masked",
        "planning_raw.green_space_ratio",
        "bound_disagrees",
        planning_raw=_raw(green_space_ratio="≤**%"),
    ),
    given(
        P,
        "interval_unread",
        "planning_raw.green_space_ratio",
        "bound_disagrees",
        name="nonsense for a condition",
        planning_raw=_raw(green_space_ratio="按甲方要求另行确定"),
    ),
    given(
        P,
        "interval_unread",
        "planning_raw.green_space_ratio",
        "bound_disagrees",
        heals=True,
        name="share in the text",
        planning_raw=_raw(green_space_ratio="≤0.15"),
    ),
    given(P, "bound_disagrees", "green_space_ratio_max_pct", green_space_ratio_max_pct=20),
    given(
        P,
        "share_not_percent",
        "green_space_ratio_max_pct",
        heals=True,
        planning_raw=_silent("green_space_ratio"),
        green_space_ratio_max_pct=0.15,
    ),
    given(B, "share_not_percent", "efficiency_ratio_pct", heals=True, efficiency_ratio_pct=0.75),
    given(B, "share_not_percent", "occupancy_rate_pct", "occupancy_disagrees", heals=True, occupancy_rate_pct=0.75),
    given(
        P,
        "limit_zero",
        "floor_area_ratio_max",
        "interval_reversed",
        "gfa_disagrees",
        name="limit of zero",
        planning_raw=_silent("floor_area_ratio"),
        floor_area_ratio_max=0,
        floor_area_ratio_min=None,
    ),
    given(
        P,
        "value_out_of_range",
        "floor_area_ratio_max",
        "gfa_disagrees",
        planning_raw=_silent("floor_area_ratio"),
        floor_area_ratio_max=25,
    ),
    given(
        P,
        "implausible_value",
        "floor_area_ratio_min",
        planning_raw=_silent("floor_area_ratio"),
        floor_area_ratio_min=0.15,
    ),
    given(P, "number_malformed", "benchmark_price_cny_m2", benchmark_price_cny_m2="另议"),
    given(P, "value_masked", "benchmark_price_cny_m2", benchmark_price_cny_m2="12**"),
    given(P, "code_unknown", "supply_method", supply_method="赠送"),
    given(P, "land_use_unknown", "land_use_code", "required_value_missing", land_use_code="9999"),
    given(P, "required_value_missing", "location_text", location_text=None),
    given(P, "url_malformed", "notice_url", notice_url="见公告"),
    given(P, "net_area_exceeds_gross", "gross_area_m2", gross_area_m2=_times("net_area_m2", 0.9)),
    given(
        P,
        "pair_reversed",
        "gfa_min_m2",
        "gfa_disagrees",
        heals=True,
        gfa_min_m2=lambda one: one["gfa_max_m2"],
        gfa_max_m2=lambda one: one["gfa_min_m2"],
    ),
    given(P, "interval_reversed", "height_min_m", heals=True, height_min_m=40, height_limit_m=12),
    given(P, "pair_reversed", "right_start_on", heals=True, right_start_on="2076-04-01", right_end_on="2026-04-01"),
    given(P, "area_differs_slightly", "registered_area_m2", registered_area_m2=_times("net_area_m2", 1.005, 2)),
    given(P, "area_differs", "registered_area_m2", registered_area_m2=_times("net_area_m2", 1.03, 2)),
    given(P, "area_differs_grossly", "registered_area_m2", registered_area_m2=_times("net_area_m2", 1.3, 2)),
    given(
        P,
        "area_unit_suspected",
        "registered_area_m2",
        heals=True,
        name="hectares for square metres",
        registered_area_m2=_times("net_area_m2", 1e-4),
    ),
    given(
        P,
        "area_unit_suspected",
        "registered_area_m2",
        heals=True,
        name="mu for square metres",
        registered_area_m2=_times("net_area_m2", 3 / 2000),
    ),
    given(P, "price_basis_missing", "starting_price_basis", starting_price_basis=None),
    given(P, "deposit_below_fifth", "deposit_10k_cny", deposit_10k_cny=_times("starting_price_10k_cny", 0.1, 2)),
    given(
        P,
        "price_unit_suspected",
        "starting_price_10k_cny",
        "deposit_below_fifth",
        heals=True,
        name="yuan for 万元",
        starting_price_10k_cny=_times("starting_price_10k_cny", 1e4, 2),
    ),
    given(
        P,
        "price_unit_suspected",
        "starting_price_10k_cny",
        heals=True,
        name="亿元 for 万元",
        starting_price_10k_cny=_times("starting_price_10k_cny", 1e-4),
    ),
    given(P, "price_below_benchmark", "starting_price_10k_cny", benchmark_price_cny_m2=400.0),
    given(P, "height_disagrees_floors", "height_limit_m", floors_max=100),
    given(P, "gfa_disagrees", "gfa_max_m2", gfa_max_m2=_times("gfa_max_m2", 1.2)),
    given(P, "term_exceeds_statutory", "term_years", term_years=[{"use": "工业", "years": 70}]),
    given(
        P,
        "shares_exceed_hundred",
        "mixed_uses",
        mixed_uses=[{"code": "1001", "share_pct": 80}, {"code": "0902", "share_pct": 40}],
    ),
    given(B, "available_exceeds_rentable", "available_area_m2", available_area_m2=17_000.0),
    given(B, "rentable_exceeds_gross", "rentable_area_m2", rentable_area_m2=21_000.0, occupancy_rate_pct=None),
    given(B, "clear_height_exceeds_floor_height", "clear_height_m", clear_height_m=4.9),
    given(B, "pair_reversed", "rent_min_cny_m2_day", heals=True, rent_min_cny_m2_day=2.2, rent_max_cny_m2_day=1.8),
    given(
        B,
        "rent_looks_monthly",
        "rent_min_cny_m2_day",
        "value_out_of_range",
        "rent_kept",
        rent_min_cny_m2_day=28.0,
        rent_max_cny_m2_day=29.0,
    ),
    given(B, "rent_unread", "rent_raw", rent_raw="每套8000", rent_min_cny_m2_day=None, rent_max_cny_m2_day=None),
    given(B, "occupancy_disagrees", "occupancy_rate_pct", occupancy_rate_pct=95),
    given(B, "height_disagrees_floors", "building_height_m", building_height_m=14.0),
    given(B, "floor_plate_too_large", "typical_floor_area_m2", typical_floor_area_m2=4_000.0),
    given(
        B,
        "floor_area_unit_suspected",
        "gross_floor_area_m2",
        "rentable_exceeds_gross",
        "floor_plate_too_large",
        heals=True,
        gross_floor_area_m2=2.0,
    ),
    given(U, "pair_reversed", "usable_area_m2", usable_area_m2=950.0),
    given(U, "floor_zero", "floor_no", floor_no=0),
    given(
        N, "per_hectare_suspected", "investment_intensity_10k_cny_per_mu", investment_intensity_10k_cny_per_mu=2475.0
    ),
    given(
        N,
        "value_out_of_range",
        "investment_intensity_10k_cny_per_mu",
        heals=True,
        name="per hectare, out of bounds",
        investment_intensity_10k_cny_per_mu=4950.0,
    ),
    given(E, "price_unit_suspected", "price_10k_cny", heals=True, price_10k_cny=6_400_000.0),
)
TIMES: Final = (
    given(P, "date_sentinel", "right_end_on", right_end_on="1900-01-01"),
    given(P, "date_sentinel", "planning_conditions_issued_on", planning_conditions_issued_on="9999-12-31"),
    given(P, "date_malformed", "right_end_on", right_end_on="另行约定"),
    given(P, "date_in_future", "planning_conditions_issued_on", planning_conditions_issued_on="2027-03-02"),
    given(P, "planning_conditions_stale", "planning_conditions_issued_on", planning_conditions_issued_on="2025-03-02"),
    given(A, "assessment_expired", "valid_until", valid_until="2026-02-05"),
    given(A, "pair_reversed", "done_on", "assessment_expired", valid_until="2025-06-01"),
    given(A, "date_in_future", "done_on", done_on="2027-01-05"),
    given(E, "date_in_future", "on", on="2027-01-05"),
)
RELATIONS: Final = (
    given(B, "reference_lost", "parcel_id", parcel_id="370213-GY-1999-001"),
    given(B, "building_off_parcel", "parcel_id", geometry=lambda one: affinity.translate(one["geometry"], 0.6 * STEP)),
    given(U, "reference_lost", "building_id", building_id="370213-LY-999"),
    given(U, "floor_not_in_building", "floor_no", floor_no=12),
    given(U, "floor_overfull", "unit_area_m2", unit_area_m2=2_500.0),
    given(A, "reference_lost", "parcel_id", parcel_id="370213-GY-1999-001"),
    given(N, "reference_lost", "parcel_id", parcel_id="370213-GY-1999-001"),
    given(E, "reference_lost", "parcel_id", parcel_id="370213-GY-1999-001"),
    given(R, "reference_lost", "parcel_id", parcel_id="370213-GY-1999-001"),
    given(A, "needed_missing", "conclusion", conclusion=None),
    given(A, "needed_missing", "regional_assessment_ref", status="covered_by_regional", regional_assessment_ref=None),
    given(R, "needed_missing", "completed_on", completed_on=None),
    Flaw(
        "standard land without indices",
        P,
        "standard_land_unlisted",
        "standard_land",
        lambda records, a, b: a,
        more=_without_indices,
    ),
)

FLAWS: Final[tuple[Flaw, ...]] = (*OUTLINES, *IDENTITIES, *VALUES, *TIMES, *RELATIONS)
