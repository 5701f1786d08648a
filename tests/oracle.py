"""A second opinion on every selection: plain Python, record by record, from the documented meaning of the filters.

Slow and simple on purpose; it shares no line with the engine. What each criterion says of a record is in
`tests.verdicts`; here records are found, put in buckets, ordered and counted.
"""

from __future__ import annotations

import datetime as dt
import json
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
    frame_of,
    land_use,
    layer_named,
    redact,
    table_of,
)
from tests.verdicts import (
    INTERVALS,
    LIMITS,
    PLAIN,
    Row,
    best,
    bucket,
    decided,
    drawn,
    even_odd,
    found,
    green,
    grouped,
    halves,
    industrial,
    interval,
    limit,
    together,
    used,
    yes,
)

#: Criterion: the fields that belong to its own group, for facets and histograms.
GROUPS: Mapping[str, Mapping[str, set[str]]] = {
    "parcels": {
        "area_min": {"area_m2"},
        "area_max": {"area_m2"},
        "land_use": {"land_use_code", "preset", "display_class"},
        "preset": {"land_use_code", "preset", "display_class"},
        "display_class": {"land_use_code", "preset", "display_class"},
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
        if name == "display_class":
            return lambda row, _: drawn(row, value)
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


def hidden_from(layer: str, asking: PolicyClass) -> set[str]:
    """Return the fields that do not exist for a class, by the letter of the field table."""
    reach = {PolicyClass.PUBLIC: 0, PolicyClass.PARTNER: 1, PolicyClass.INTERNAL: 2}[asking]
    level = {Visibility.PUBLIC: 0, Visibility.PUBLIC_AFTER_NOTICE: 0, Visibility.PARTNER: 1, Visibility.INTERNAL: 2}
    return {name for name, field in layer_named(layer).fields.items() if level[field.visibility] > reach}
