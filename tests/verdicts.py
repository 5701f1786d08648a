"""What one criterion says of one record, in plain Python: "true", "false", "unknown" or "ambiguous"."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from landmap.domain import code_list, land_use

Row = dict[str, Any]


def yes(claim: bool) -> str:
    return "true" if claim else "false"


def decided(value: Any, test: Callable[[Any], bool]) -> str:
    return "unknown" if value is None else yes(bool(test(value)))


def together(verdicts: list[str]) -> str:
    """All of several."""
    for verdict in ("false", "ambiguous", "unknown"):
        if verdict in verdicts:
            return verdict
    return "true"


def bucket(said: Mapping[str, str]) -> str | None:
    if "false" in said.values():
        return None
    return "pending" if {"unknown", "ambiguous"} & set(said.values()) else "match"


def limit(value: float | None, bound: float, sign: str) -> str:
    return decided(value, lambda known: known >= bound if sign == "min" else known <= bound)


def is_in(value: Any, wanted: Any) -> str:
    return decided(value, lambda known: known in wanted)


def has_all(value: Any, wanted: Any) -> str:
    return decided(value, lambda known: set(wanted) <= set(known))


def is_so(value: Any, wanted: Any) -> str:
    return decided(value, lambda known: known == wanted)


PLAIN: dict[str, dict[str, tuple[str, Callable[[Any, Any], str]]]] = {
    "parcels": {
        "supply_kind": ("supply_kind", is_in),
        "stage": ("supply_stage", is_in),
        "status": ("land_status", is_in),
        "method": ("supply_method", is_in),
        "subdistrict": ("subdistrict", is_in),
        "park": ("park_name", is_in),
        "standard_land": ("standard_land", is_so),
        "elastic_term": ("elastic_term", is_so),
        "with_design": ("with_design", is_so),
    },
    "buildings": {
        "kind": ("building_kind", is_in),
        "grade": ("grade", is_in),
        "amenity": ("amenities", has_all),
    },
    "constraints": {"kind": ("constraint_type", is_in), "effect": ("effect", is_in)},
    "facilities": {"kind": ("kind", is_in), "status": ("status", is_in)},
    "districts": {"level": ("level", is_in)},
}


def best(row: Row, path: str, choose: Callable[[list[Any]], Any]) -> Any:
    """Return a field, or of nested rows the one that `choose` takes among the known."""
    layer, dot, name = path.rpartition(".")
    if not dot:
        return row[name]
    known = [one[name] for one in row[layer] if one[name] is not None]
    return choose(known) if known else None


def first(row: Row, *names: str) -> Any:
    return next((row[name] for name in names if row[name] is not None), None)


INTENSITY = "standard_land_indices.investment_intensity_10k_cny_per_mu"
LIMITS: dict[str, dict[str, tuple[Callable[[Row], Any], str]]] = {
    "parcels": {
        "intensity_min": (lambda row: best(row, INTENSITY, max), "min"),
        "intensity_max": (lambda row: best(row, INTENSITY, min), "max"),
        "tax_min": (lambda row: best(row, "standard_land_indices.tax_per_mu_10k_cny", max), "min"),
    },
    "buildings": {
        "gross_min": (lambda row: row["gross_floor_area_m2"], "min"),
        "gross_max": (lambda row: row["gross_floor_area_m2"], "max"),
        "rentable_min": (lambda row: row["rentable_area_m2"], "min"),
        "available_min": (lambda row: row["available_area_m2"], "min"),
        "available_max": (lambda row: row["available_area_m2"], "max"),
        "occupancy_min": (lambda row: row["occupancy_rate_pct"], "min"),
        "occupancy_max": (lambda row: row["occupancy_rate_pct"], "max"),
        "rent_min": (lambda row: first(row, "rent_max_cny_m2_day", "rent_min_cny_m2_day"), "min"),
        "rent_max": (lambda row: first(row, "rent_min_cny_m2_day", "rent_max_cny_m2_day"), "max"),
        "floor_height_min": (lambda row: row["floor_height_m"], "min"),
        "load_min": (lambda row: row["floor_load_kn_m2"], "min"),
        "parking_min": (lambda row: row["parking_spaces"], "min"),
    },
    "constraints": {},
    "facilities": {},
    "districts": {},
}

INTERVALS = {
    f"{name}_{side}": fields
    for side in ("min", "max")
    for name, fields in {
        "floor_area_ratio": ("floor_area_ratio_min", "floor_area_ratio_max", "floor_area_ratio"),
        "coverage": ("building_coverage_ratio_min_pct", "building_coverage_ratio_max_pct", "building_coverage_ratio"),
        "green": ("green_space_ratio_min_pct", "green_space_ratio_max_pct", "green_space_ratio"),
        "height": ("height_min_m", "height_limit_m", "height"),
    }.items()
}


def interval(row: Row, low: str, high: str, reading: str, bound: float, side: str, match: str) -> str:
    """A permitted interval against [bound, ∞) or (-∞, bound]: meets it, or lies in it."""
    status = (row["planning_parse_status"] or {}).get(reading, "ok")
    if status not in ("ok", "ok_with_exception", "unspecified"):
        return "ambiguous"
    least, most = row[low], row[high]
    if status == "unspecified" or (least is None and most is None):
        return "unknown"
    least_in = row.get(f"{low}_inclusive") is not False
    most_in = row.get(f"{high}_inclusive") is not False
    if least is not None and most is not None and (least > most or (least == most and not (least_in and most_in))):
        return "false"
    if match == "guaranteed":
        return yes(least is not None and least >= bound) if side == "min" else yes(most is not None and most <= bound)
    if side == "min":
        return yes(most is None or most > bound or (most == bound and most_in))
    return yes(least is None or least < bound or (least == bound and least_in))


def uses_of(row: Row) -> list[str]:
    """Every land use, the main one first."""
    parts = [part for part in row["mixed_uses"] or [] if part.get("code")]
    parts = sorted(parts, key=lambda part: part.get("share_pct") or 0, reverse=True)
    codes = [part["code"] for part in parts]
    if row["land_use_code"] is not None and row["land_use_code"] not in codes:
        codes.append(row["land_use_code"])
    return codes


def used(row: Row, wanted: Any, include_parent: bool, primary_only: bool) -> str:
    codes = uses_of(row)
    if not codes:
        return "unknown"
    for code in codes[:1] if primary_only else codes:
        for one in wanted:
            if code.startswith(one) or (include_parent and one.startswith(code)):
                return "true"
    return "false"


def grouped(row: Row, groups: list[Any], primary_only: bool) -> str:
    codes, tag = uses_of(row), row["new_industry_tag"]
    verdicts = set()
    for group in groups:
        if group.codes:
            verdicts.add(used(row, group.codes, False, primary_only) if codes else "unknown")
        if group.new_industry:
            verdicts.add("unknown" if tag is None else yes(tag != "none"))
    return next(verdict for verdict in ("true", "unknown", "false") if verdict in verdicts)


def drawn(row: Row, wanted: Any) -> str:
    """The one class of the legend, by the record's own code and its tag."""
    tagged = row["new_industry_tag"] not in (None, "none")
    return decided(row["land_use_code"], lambda code: land_use.display_class(code, tagged).key in wanted)


def named(text: str) -> set[str]:
    """The industries that a text names."""
    plain_text = folded(text).strip()
    digits = re.match(r"[a-z]?(\d{2,4})(?!\d)", plain_text)
    if digits:
        return {digits[1]}
    return {
        code
        for code, one in code_list("industry").items()
        if folded(one.label_zh) in plain_text or folded(one.label_en) in plain_text
    }


def industrial(row: Row, wanted: Any) -> str:
    banned = set().union(*(named(text) for text in row["restricted_industries"] or []))
    open_to = [one for one in wanted if not any(one.startswith(code) for code in banned)]
    if not open_to:
        return "false"
    listed = {one["industry_code"] for one in row["standard_land_indices"]}
    texts = [named(text) for text in row["encouraged_industries"] or []]
    for code in listed.union(*texts):
        if any(code.startswith(one) or one.startswith(code) for one in open_to):
            return "true"
    if listed:
        return "false"
    if not texts:
        return "unknown"
    return "false" if all(texts) else "ambiguous"


def green(items: list[Row], today: dt.date) -> str:
    """Every item green today."""
    if not items:
        return "unknown"
    states = []
    for item in items:
        expired = item["valid_until"] is not None and item["valid_until"] < today.isoformat()
        if item["required"] == "no":
            states.append("true")
        elif item["required"] != "yes" or expired or item["status"] in (None, "unknown"):
            states.append("unknown")
        elif item["status"] == "done":
            # Hidden from the audience, or not on file: either way nobody knows how it ended.
            states.append(decided(item.get("conclusion"), lambda ended: ended in ("pass", "na")))
        else:
            states.append(yes(item["status"] in ("covered_by_regional", "exempt")))
    return together(states)


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def found(row: Row, fields: tuple[str, ...], text: str) -> str:
    texts = [folded(row[field]) for field in fields if row[field] is not None]
    return yes(all(any(word in one for one in texts) for word in folded(text).split()))


def halves(box: tuple[float, float, float, float]) -> list[tuple[float, float, float, float]]:
    west, south, east, north = box
    return [box] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]


def even_odd(polygon: BaseGeometry) -> BaseGeometry:
    """The faces of a polygon's lines that an odd number of edges separates from the outside."""
    lines = shapely.unary_union(polygon.boundary)
    rings = [ring for part in shapely.get_parts(polygon) for ring in [part.exterior, *part.interiors]]
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(lines)]))
    return shapely.unary_union([face for face in faces if _crossings(rings, face.representative_point()) % 2])


def _crossings(rings: list[Any], point: Any) -> int:
    """How many ring edges a ray from `point` to the east crosses."""
    count = 0
    for ring in rings:
        points = list(ring.coords)
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            if (y1 > point.y) != (y2 > point.y):
                count += x1 + (point.y - y1) * (x2 - x1) / (y2 - y1) > point.x
    return count
