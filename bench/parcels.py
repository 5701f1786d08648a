"""Parcels by the million, made from a seed: irregular, sharing their borders, dense in towns; Hilbert-ordered."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from landmap.domain import Table, code_list, land_use, layer_named
from landmap.domain.table import unknown_column

#: West, south, east, north in degrees: about 100 km by 100 km.
EXTENT: Final = (120.0, 36.0, 121.12, 36.9)
#: Points along one border, its first corner included.
_ALONG: Final = 4
_M2_PER_SQUARE_DEGREE: Final = 110_950.0 * 89_500.0
SUBDISTRICTS_PER_SIDE: Final = 11

Column = npt.NDArray[Any]


def outlines(rows: int, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    """Return `rows` polygons of 16 vertices on a warped lattice, in Hilbert order."""
    side = int(np.ceil(np.sqrt(rows)))
    across, down = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij")
    corners = np.stack([across, down], axis=-1)
    corners[1:-1, 1:-1] += rng.uniform(-0.3, 0.3, (side - 1, side - 1, 2))
    east = _border(corners[:-1], corners[1:], rng)
    north = _border(corners[:, :-1], corners[:, 1:], rng)
    back_east, back_north = _border_back(east, corners[1:]), _border_back(north, corners[:, 1:])
    rings = np.concatenate([east[:, :-1], north[1:], back_east[:, 1:], back_north[:-1]], axis=2).reshape(
        side * side, -1, 2
    )
    shapes = shapely.polygons(_warped(rings / side))[:rows]
    return shapes[np.argsort(gpd.GeoSeries(shapes).hilbert_distance(total_bounds=EXTENT).to_numpy(), kind="stable")]


def _border(start: Column, end: Column, rng: np.random.Generator) -> Column:
    """Return the points from `start` on, `end` left out; the two neighbours of a border share them."""
    share = (np.arange(_ALONG) / _ALONG)[:, np.newaxis]
    points = start[:, :, np.newaxis] * (1 - share) + end[:, :, np.newaxis] * share
    points[:, :, 1:] += rng.uniform(-0.05, 0.05, points[:, :, 1:].shape)
    return points


def _border_back(border: Column, end: Column) -> Column:
    """Return the same border walked the other way."""
    return np.concatenate([end[:, :, np.newaxis], border[:, :, :0:-1]], axis=2)


def _warped(unit: Column) -> Column:
    """Return points of the unit square in degrees, drawn together around towns."""
    west, south, east, north = EXTENT
    drawn = unit + 0.8 / (6 * np.pi) * np.sin(6 * np.pi * unit)
    return drawn * [east - west, north - south] + [west, south]


def table(rows: int, seed: int = 7, *, rough: bool = False) -> Table:
    """Return parcels as a table; with `rough`, mixed uses, doubtful readings and more unknown values among them."""
    rng = np.random.default_rng(seed)
    layer = layer_named("parcels")
    columns = {name: unknown_column(field.kind, rows) for name, field in layer.fields.items()}
    shapes = outlines(rows, rng)
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    columns |= {"geometry": shapes} | _attributes(rows, centre, rng)
    columns["area_m2"] = np.round(shapely.area(shapes) * _M2_PER_SQUARE_DEGREE, 2)
    if rough:
        columns |= _rough(columns, rng)
    return Table(layer, columns, rows)


def _attributes(rows: int, centre: Column, rng: np.random.Generator) -> dict[str, Column]:
    numbers = np.arange(rows)
    codes = sorted(code for code in land_use.classes() if len(code) == 4)[:40]
    upper = np.where(rng.random(rows) < 0.05, np.nan, np.round(rng.gamma(4.0, 0.5, rows) + 0.3, 1))
    return {
        "parcel_id": _texts(f"P{number:08d}" for number in numbers),
        "parcel_no": _texts(f"LC-{number:07d}" for number in rng.permutation(rows)),
        "cadastral_parcel_code": _texts(f"37021300{number // 10_000:04d}GB{number % 10_000:05d}" for number in numbers),
        "location_text": _drawn(
            [f"{way}路{side}侧" for way in "一二三四五六七八九十" for side in "东南西北"], rows, rng
        ),
        "subdistrict": _subdistricts(centre),
        "park_name": _drawn([None, None, None, *(f"园区{number}" for number in range(30))], rows, rng),
        "land_use_code": _drawn(codes, rows, rng),
        "new_industry_tag": _drawn([None] * 8 + ["none", *land_use.new_industry_tags()], rows, rng),
        "floor_area_ratio_min": np.where(rng.random(rows) < 0.3, np.round(upper * 0.5, 1), np.nan),
        "floor_area_ratio_max": upper,
        "building_coverage_ratio_max_pct": np.round(rng.uniform(20, 60, rows)),
        "green_space_ratio_min_pct": np.round(rng.uniform(5, 40, rows)),
        "height_limit_m": np.where(rng.random(rows) < 0.4, np.nan, np.round(rng.uniform(12, 120, rows))),
        "supply_stage": _listed("supply_stage", rows, rng),
        "land_status": _listed("land_status", rows, rng),
        "supply_method": _listed("supply_method", rows, rng),
        "supply_kind": _listed("supply_kind", rows, rng),
        "standard_land": rng.integers(-1, 2, rows).astype(np.int8),
        "elastic_term": rng.integers(-1, 2, rows).astype(np.int8),
        "with_design": rng.integers(-1, 2, rows).astype(np.int8),
        "data_as_of": np.datetime64("2020-01-01", "D") + rng.integers(0, 2_500, rows),
        "visibility": np.full(rows, "public", dtype=object),
        "plan_publicity": np.full(rows, "public", dtype=object),
        "review_status": np.full(rows, "published", dtype=object),
    }


def _rough(columns: dict[str, Column], rng: np.random.Generator) -> dict[str, Column]:
    rows = len(columns["area_m2"])
    mixed = [
        f'[{{"code":"{one}","share_pct":60}},{{"code":"{two}","share_pct":40}}]'
        for one, two in zip(
            rng.choice(columns["land_use_code"], 200), rng.choice(columns["land_use_code"], 200), strict=True
        )
    ]
    readings = [None] * 12 + [f'{{"floor_area_ratio":"{said}"}}' for said in ("ok", "ambiguous", "unspecified")]
    torn = {name: np.where(rng.random(rows) < 0.1, None, columns[name]) for name in ("land_use_code", "supply_stage")}
    return torn | {
        "area_m2": np.where(rng.random(rows) < 0.05, np.nan, columns["area_m2"]),
        "mixed_uses": _drawn([None] * 2_000 + mixed, rows, rng),
        "planning_parse_status": _drawn(readings, rows, rng),
        "floor_area_ratio_min_inclusive": rng.integers(-1, 2, rows).astype(np.int8),
        "floor_area_ratio_max_inclusive": rng.integers(-1, 2, rows).astype(np.int8),
    }


def _texts(texts: Any) -> Column:
    return np.array(list(texts), dtype=object)


def _drawn(values: list[Any], rows: int, rng: np.random.Generator) -> Column:
    return np.array(values, dtype=object)[rng.integers(0, len(values), rows)]


def _listed(name: str, rows: int, rng: np.random.Generator) -> Column:
    return _drawn([code.code for code in code_list(name).values()], rows, rng)


def _subdistricts(centre: Column) -> Column:
    west, south, east, north = EXTENT
    cell = (centre - [west, south]) / [east - west, north - south] * SUBDISTRICTS_PER_SIDE
    number = np.clip(cell.astype(int), 0, SUBDISTRICTS_PER_SIDE - 1) @ [SUBDISTRICTS_PER_SIDE, 1]
    return _texts(f"街道{number:03d}" for number in range(SUBDISTRICTS_PER_SIDE**2))[number]
