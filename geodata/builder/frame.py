"""The drawing board: metres on the plane, degrees in the files, one seeded source of chance per topic."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

SEED = 370213
SOURCE = "示例数据（虚构）"
MU_M2 = 2000 / 3
DECIMALS = 7

G = TypeVar("G", bound=BaseGeometry)
Feature = tuple[BaseGeometry | None, Mapping[str, Any]]

_GEOD = Geod(ellps="GRS80")


@cache
def _to_plane() -> Transformer:
    return Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True)


@cache
def _to_degrees() -> Transformer:
    return Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True)


def chance(topic: str) -> random.Random:
    """Return the random numbers of one topic; another topic's draws never shift them."""
    return random.Random(f"{SEED}:{topic}")


def plane(lon: float, lat: float) -> tuple[float, float]:
    """Return easting and northing in metres, EPSG:4549."""
    x, y = _to_plane().transform(lon, lat)
    return float(x), float(y)


def to_plane(geometry: G) -> G:
    """Return `geometry`, lon/lat in CGCS2000, in metres of EPSG:4549."""
    return shapely.transform(geometry, lambda xy: np.column_stack(_to_plane().transform(xy[:, 0], xy[:, 1])))


def to_degrees(geometry: G) -> G:
    """Return `geometry`, metres in EPSG:4549, in lon/lat rounded to 7 decimals (about a centimetre)."""

    def lonlat(xy: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(_to_degrees().transform(xy[:, 0], xy[:, 1])), DECIMALS)

    return shapely.transform(geometry, lonlat)


def geodesic_area_m2(geometry: BaseGeometry) -> float:
    """Return the area on the GRS80 ellipsoid of a lon/lat geometry, in square metres."""
    return abs(float(_GEOD.geometry_area_perimeter(geometry)[0]))


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a geometry, be it one, many or a mixed collection."""
    return [p for p in getattr(geometry, "geoms", [geometry]) if isinstance(p, Polygon) and not p.is_empty]


def box_corners(shape: Polygon) -> list[tuple[float, ...]]:
    """Return the four corners of the smallest turned rectangle round `shape`, in order."""
    (box,) = polygons(shapely.minimum_rotated_rectangle(shape))
    return list(box.exterior.coords)[:4]


def without_nulls(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return `properties` without the unknown ones: an absent key is how these files say unknown."""
    return {name: value for name, value in properties.items() if value is not None}


def write_features(path: Path, name: str, features: Iterable[Feature]) -> None:
    """Write lon/lat `features` as GeoJSON, one feature a line."""
    lines = []
    for geometry, properties in features:
        feature = {
            "type": "Feature",
            "properties": without_nulls(properties),
            "geometry": None if geometry is None else _mapping(geometry),
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    head = (
        f'{{"type":"FeatureCollection","name":"{name}","sample":true,"notice":"示例数据 / Sample data","features":[\n'
    )
    path.write_text(head + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n")


def _mapping(geometry: BaseGeometry) -> Any:
    geometry = shapely.orient_polygons(geometry) if "Polygon" in geometry.geom_type else geometry
    return json.loads(shapely.to_geojson(geometry))


def write_rows(path: Path, fields: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write `rows` as UTF-8 CSV; unknown values are empty cells, booleans are true/false."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fields, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _cell(row.get(name)) for name in fields})


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else value
