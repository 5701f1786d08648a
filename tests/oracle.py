"""A second opinion on every selection: plain Python, record by record, from the documented meaning of the filters.

Slow and simple on purpose; it shares no line with the engine. A verdict is "true", "false", "unknown" or "ambiguous".
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from landmap.domain import (
    Audience,
    District,
    PolicyClass,
    Visibility,
    children_of,
    code_list,
    frame_of,
    land_use,
    layer_named,
    redact,
    table_of,
)

Row = dict[str, Any]

#: Criterion: the fields that belong to its own group, for facets and histograms.
GROUPS: Mapping[str, Mapping[str, set[str]]] = {
    "parcels": {
        "area_min": {"area_m2"},
        "area_max": {"area_m2"},
        "land_use": {"land_use_code", "preset", "display_class"},
        "preset": {"land_use_code", "preset", "display_class"},
        "supply_kind": {"supply_kind"},
        "stage": {"supply_stage"},
        "status": {"land_status"},
        "method": {"supply_method"},
        "standard_land": {"standard_land"},
        "elastic_term": {"elastic_term"},
        "with_design": {"with_design"},
        "subdistrict": {"subdistrict"},
        "park": {"park_name"},
        "floor_area_ratio_min": {"floor_area_ratio_min", "floor_area_ratio_max"},
        "floor_area_ratio_max": {"floor_area_ratio_min", "floor_area_ratio_max"},
        "coverage_min": {"building_coverage_ratio_min_pct", "building_coverage_ratio_max_pct"},
        "coverage_max": {"building_coverage_ratio_min_pct", "building_coverage_ratio_max_pct"},
        "green_min": {"green_space_ratio_min_pct", "green_space_ratio_max_pct"},
        "green_max": {"green_space_ratio_min_pct", "green_space_ratio_max_pct"},
        "height_min": {"height_min_m", "height_limit_m"},
        "height_max": {"height_min_m", "height_limit_m"},
        "intensity_min": {"standard_land_indices.investment_intensity_10k_cny_per_mu"},
        "intensity_max": {"standard_land_indices.investment_intensity_10k_cny_per_mu"},
        "tax_min": {"standard_land_indices.tax_per_mu_10k_cny"},
    },
    "buildings": {
        "kind": {"building_kind"},
        "grade": {"grade"},
        "amenity": {"amenities"},
        "gross_min": {"gross_floor_area_m2"},
        "gross_max": {"gross_floor_area_m2"},
        "rentable_min": {"rentable_area_m2"},
        "available_min": {"available_area_m2"},
        "available_max": {"available_area_m2"},
        "occupancy_min": {"occupancy_rate_pct"},
        "occupancy_max": {"occupancy_rate_pct"},
        "rent_min": {"rent_min_cny_m2_day", "rent_max_cny_m2_day"},
        "rent_max": {"rent_min_cny_m2_day", "rent_max_cny_m2_day"},
    },
    "constraints": {"kind": {"constraint_type"}, "effect": {"effect"}},
    "facilities": {"kind": {"kind"}, "status": {"status"}},
    "districts": {"level": {"level"}},
}

SEARCHED = {
    "parcels": ("parcel_no", "parcel_name", "location_text", "cadastral_parcel_code"),
    "buildings": ("building_name", "address"),
}
SETTINGS = {"area_unit", "match", "include_parent", "primary_only", "bucket"}


class Oracle:
    """Answers from canonical frames."""

    def __init__(self, frames: Mapping[str, pd.DataFrame], district: District) -> None:
        self.frames = frames
        self.district = district
        self.rows = cache(self._rows)
        self.nearest = cache(self._nearest)

    def _rows(self, layer: str, asking: PolicyClass) -> list[Row]:
        """Return the class's records, each with its nested rows under the layer's name."""
        known = layer_named(layer)
        rows = self._seen(layer, asking)
        if layer == "buildings" and asking is not PolicyClass.INTERNAL:
            # The name of a parcel that nobody may know of is as hidden as the parcel.
            parcels = self._seen("parcels", asking)
            known_of = {parcel["parcel_id"] for parcel in parcels}
            for row in rows:
                row["parcel_id"] = row["parcel_id"] if row["parcel_id"] in known_of else None
        for child in children_of(layer):
            nested = self._seen(child.name, asking) if child.name in self.frames else []
            for row in rows:
                row[child.name] = [one for one in nested if one[child.parent_field or ""] == row[known.id_field]]
        return rows

    def _seen(self, layer: str, asking: PolicyClass) -> list[Row]:
        return plain(frame_of(redact(table_of(self.frames[layer], layer_named(layer)), asking)))

    def _nearest(self, layer: str, asking: PolicyClass, kind: str) -> list[float | None] | None:
        """Return metres from each record to the nearest standing facility of `kind`; None when there is none."""
        standing = [
            row["geometry"]
            for row in self.rows("facilities", asking)
            if row["kind"] == kind and row["status"] in ("existing", "under_construction")
        ]
        if not standing:
            return None
        targets = gpd.GeoSeries(standing, crs=4490).to_crs(self.district.planar_epsg)
        shapes = gpd.GeoSeries([row["geometry"] for row in self.rows(layer, asking)], crs=4490)
        sites = shapes.to_crs(self.district.planar_epsg)
        return [None if site is None else min(site.distance(one) for one in targets) for site in sites]

    def judge(self, layer: str, criteria: Any, audience: Audience, today: dt.date) -> tuple[list[Row], list[Row]]:
        """Return the records of the audience and, beside each, the verdict of every criterion given."""
        rows = self.rows(layer, audience.policy_class)
        given = {
            name: getattr(criteria, name)
            for name in type(criteria).model_fields
            if name not in SETTINGS and getattr(criteria, name) not in (None, ())
        }
        verdicts: list[Row] = [{} for _ in rows]
        for name, value in given.items():
            test = self._test(layer, name, value, criteria, audience, today)
            for number, row in enumerate(rows):
                verdicts[number][name] = test(row, number)
        if audience.scope is None:
            return rows, verdicts
        ids = audience.scope.ids.get(layer, frozenset())
        key = layer_named(layer).id_field
        kept = [number for number, row in enumerate(rows) if row[key] in ids]
        return [rows[number] for number in kept], [verdicts[number] for number in kept]

    def _test(
        self, layer: str, name: str, value: Any, criteria: Any, audience: Audience, today: dt.date
    ) -> Callable[[Row, int], str]:
        asking = audience.policy_class
        if name in PLAIN[layer]:
            field, relation = PLAIN[layer][name]
            return lambda row, _: relation(row[field], value)
        if name in LIMITS[layer]:
            read, sign = LIMITS[layer][name]
            return lambda row, _: limit(read(row), value, sign)
        if name in ("area_min", "area_max"):
            per = {"mu": Fraction(2000, 3), "m2": Fraction(1), "ha": Fraction(10000)}[criteria.area_unit]
            bound = float(round(Fraction(str(value)) * per, 2))
            return lambda row, _: limit(row["area_m2"], bound, name[-3:])
        if name in INTERVALS:
            return lambda row, _: interval(row, *INTERVALS[name], value, name[-3:], criteria.match)
        if name == "land_use":
            return lambda row, _: used(row, value, criteria.include_parent, criteria.primary_only)
        if name == "preset":
            groups = [land_use.presets(self.district.presets)[key] for key in value]
            return lambda row, _: grouped(row, groups, criteria.primary_only)
        if name == "industry":
            return lambda row, _: industrial(row, value)
        if name == "checklist":
            return lambda row, _: green(row["site_assessments"], today)
        if name == "q":
            return lambda row, _: found(row, SEARCHED.get(layer, ("name",)), value)
        if name == "ids":
            return lambda row, _: yes(row[layer_named(layer).id_field] in value)
        if name == "as_of_min":
            return lambda row, _: decided(row["data_as_of"], lambda day: day >= value.isoformat())
        if name == "fresh":
            oldest = (today - dt.timedelta(days=self.district.rules.stale_days)).isoformat()
            return lambda row, _: decided(row["data_as_of"], lambda day: (day >= oldest) == value)
        if name == "bbox":
            boxes = [shapely.box(*part) for part in halves(value)]
            return lambda row, _: decided(row["geometry"], lambda shape: any(shape.intersects(box) for box in boxes))
        if name == "within":
            area = self._area(value, asking)
            return lambda row, _: decided(row["geometry"], lambda shape: shape.covered_by(area))
        assert name == "near", name
        return lambda _, number: together([self._close(layer, asking, near, number) for near in value])

    def _close(self, layer: str, asking: PolicyClass, near: Any, number: int) -> str:
        metres = self.nearest(layer, asking, near.kind)
        return "unknown" if metres is None else limit(metres[number], near.metres, "max")

    def _area(self, value: str, asking: PolicyClass) -> BaseGeometry:
        for row in self.rows("districts", asking):
            if row["district_code"] == value:
                return row["geometry"]
        return even_odd(shapely.from_wkt(value))

    def ids(
        self, layer: str, criteria: Any, audience: Audience, today: dt.date, sort: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Return the ids of the asked bucket, in order."""
        rows, verdicts = self.judge(layer, criteria, audience, today)
        key = layer_named(layer).id_field
        chosen = [row for row, said in zip(rows, verdicts, strict=True) if bucket(said) == criteria.bucket]
        chosen.sort(key=lambda row: row[key])
        for name in reversed(sort):
            field = name.removeprefix("-")
            known = [row for row in chosen if row[field] is not None]
            known.sort(key=lambda row: row[field], reverse=name.startswith("-"))
            chosen = known + [row for row in chosen if row[field] is None]
        return tuple(row[key] for row in chosen)

    def counts(self, layer: str, criteria: Any, audience: Audience, today: dt.date) -> dict[str, Any]:
        """Return total, pending, unknown and ambiguous."""
        _, verdicts = self.judge(layer, criteria, audience, today)
        pending = [said for said in verdicts if bucket(said) == "pending"]
        return {
            "total": sum(bucket(said) == criteria.bucket for said in verdicts),
            "pending": len(pending),
            "unknown": dict(Counter(name for said in pending for name, one in said.items() if one == "unknown")),
            "ambiguous": dict(Counter(name for said in pending for name, one in said.items() if one == "ambiguous")),
        }

    def _left(self, layer: str, criteria: Any, audience: Audience, today: dt.date, group: str) -> list[Row]:
        rows, verdicts = self.judge(layer, criteria, audience, today)
        own = {name for name, fields in GROUPS[layer].items() if group in fields}
        return [
            row
            for row, said in zip(rows, verdicts, strict=True)
            if bucket({name: one for name, one in said.items() if name not in own}) == criteria.bucket
        ]

    def facet(
        self, layer: str, criteria: Any, audience: Audience, today: dt.date, group: str
    ) -> tuple[dict[str, int], int]:
        """Return counts by code and the number without one, the group's own criteria left aside."""
        rows = self._left(layer, criteria, audience, today, group)
        codes: Counter[str] = Counter()
        unknown = 0
        for row in rows:
            values = self._codes(row, group)
            unknown += values is None
            codes.update(values or [])
        if group == "display_class":
            unknown = sum(row["land_use_code"] is None for row in rows)
        return dict(sorted(codes.items(), key=lambda one: (-one[1], one[0]))), unknown

    def _codes(self, row: Row, group: str) -> list[str] | None:
        if group == "preset":
            known = land_use.presets(self.district.presets)
            verdicts = {key: grouped(row, [one], False) for key, one in known.items()}
            sure = [key for key, verdict in verdicts.items() if verdict == "true"]
            return sure or (None if "unknown" in verdicts.values() else [])
        if group == "display_class":
            tag = row["new_industry_tag"]
            if row["land_use_code"] is None:
                return []
            return [land_use.display_class(row["land_use_code"], tag not in (None, "none")).key]
        value = row[group]
        if value is None or isinstance(value, list):
            return value if value is None else sorted(set(value))
        return [str(value).lower() if isinstance(value, bool) else str(value)]

    def histogram(
        self, layer: str, criteria: Any, audience: Audience, today: dt.date, path: str, bins: int
    ) -> tuple[list[float], list[int], int]:
        """Return edges, counts and the number of unknown values."""
        everybody, _ = self.judge(layer, criteria, audience, today)
        known = [value for row in everybody if (value := best(row, path, max)) is not None]
        values = [best(row, path, max) for row in self._left(layer, criteria, audience, today, path)]
        unknown = sum(value is None for value in values)
        if not known:
            return [], [], unknown
        low, high = float(min(known)), float(max(known))
        edges = [low, high] if low == high else [float(edge) for edge in np.linspace(low, high, bins + 1)]
        counts = [0] * (len(edges) - 1)
        for value in values:
            if value is not None:
                place = max(number for number, edge in enumerate(edges) if edge <= value)
                counts[min(place, len(counts) - 1)] += 1
        return edges, counts, unknown


def plain(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame as plain values: None for unknown, ISO days, JSON read."""
    layer_json = {"mixed_uses", "planning_parse_status"}
    rows = []
    for record in frame.to_dict("records"):
        row: Row = {}
        for name, value in record.items():
            if isinstance(value, tuple):
                row[name] = list(value)
            elif isinstance(value, BaseGeometry):
                row[name] = value
            elif value is None or value is pd.NA or value is pd.NaT or value != value:
                row[name] = None
            elif isinstance(value, pd.Timestamp):
                row[name] = value.date().isoformat()
            else:
                row[name] = json.loads(value) if name in layer_json else value
        rows.append(row)
    return rows


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
            states.append(yes(item.get("conclusion") not in ("conditional", "fail")))
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


def hidden_from(layer: str, asking: PolicyClass) -> set[str]:
    """Return the fields that do not exist for a class, by the letter of the field table."""
    reach = {PolicyClass.PUBLIC: 0, PolicyClass.PARTNER: 1, PolicyClass.INTERNAL: 2}[asking]
    level = {Visibility.PUBLIC: 0, Visibility.PUBLIC_AFTER_NOTICE: 0, Visibility.PARTNER: 1, Visibility.INTERNAL: 2}
    return {name for name, field in layer_named(layer).fields.items() if level[field.visibility] > reach}
