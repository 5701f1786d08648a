"""Subdistricts: cells of a weighted Voronoi diagram about the real places, grown to roughly their real sizes."""

from __future__ import annotations

import math
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from builder.facts import DISTRICT_CODE, DISTRICT_ZH, SUBDISTRICTS
from builder.frame import Feature, geodesic_area_m2, plane, polygons, to_degrees
from builder.parcelling import noded

_FAR = 60_000.0


def subdistrict_cells(district: Polygon) -> dict[str, Polygon]:
    """Return name → cell in metres; cells share their corners and fill the district."""
    seeds = [plane(lon, lat) for _, _, lon, lat, _ in SUBDISTRICTS]
    wanted = [size for *_, size in SUBDISTRICTS]
    scale = district.area / sum(wanted)
    weights = [0.0] * len(seeds)
    cells = _cells(district, seeds, weights)
    for _ in range(60):
        gaps = [want * scale - cell.area for want, cell in zip(wanted, cells, strict=True)]
        weights = [w + 0.22 * gap for w, gap in zip(weights, gaps, strict=True)]
        cells = _cells(district, seeds, weights)
    return dict(zip((row[0] for row in SUBDISTRICTS), noded(cells), strict=True))


def _cells(district: Polygon, seeds: list[tuple[float, float]], weights: list[float]) -> list[Polygon]:
    cells = []
    for k, (x, y) in enumerate(seeds):
        cell: BaseGeometry = district
        for other, (ox, oy) in enumerate(seeds):
            if other != k:
                cell = cell.intersection(_nearer(x, y, weights[k], ox, oy, weights[other]))
        cells.append(max(polygons(cell), key=lambda p: p.area, default=Polygon()))
    return cells


def _nearer(x: float, y: float, weight: float, ox: float, oy: float, other: float) -> Polygon:
    """Return the half plane of points whose power distance to (x, y) is the smaller."""
    dx, dy = ox - x, oy - y
    apart = math.hypot(dx, dy)
    along = (apart * apart + weight - other) / (2 * apart)
    ux, uy = dx / apart, dy / apart
    mx, my = x + ux * along, y + uy * along
    a, b = (mx - uy * _FAR, my + ux * _FAR), (mx + uy * _FAR, my - ux * _FAR)
    return Polygon([a, b, (b[0] - ux * 2 * _FAR, b[1] - uy * 2 * _FAR), (a[0] - ux * 2 * _FAR, a[1] - uy * 2 * _FAR)])


def district_features(cells: dict[str, Polygon]) -> list[Feature]:
    """Return the county and its subdistricts; the county is the union of the drawn cells' outline."""
    lonlat = {name: to_degrees(cell) for name, cell in cells.items()}
    whole = shapely.union_all(list(lonlat.values()))
    outline = MultiPolygon([whole]) if isinstance(whole, Polygon) else whole
    county: dict[str, Any] = {
        "district_code": DISTRICT_CODE,
        "name": DISTRICT_ZH,
        "level": "county",
        "parent_code": "370200",
        "area_km2": round(geodesic_area_m2(outline) / 1e6, 3),
        "base_far_min": 1.5,
        "epsg_planar": 4549,
    }
    features: list[Feature] = [(outline, county)]
    for number, (name, cell) in enumerate(lonlat.items(), start=1):
        features.append(
            (
                MultiPolygon([cell]),
                {
                    "district_code": f"{DISTRICT_CODE}{number:03d}",
                    "name": name,
                    "level": "subdistrict",
                    "parent_code": DISTRICT_CODE,
                    "area_km2": round(geodesic_area_m2(cell) / 1e6, 3),
                    "epsg_planar": 4549,
                },
            )
        )
    return features
