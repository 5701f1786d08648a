"""The features of GeoJSON texts, whether they stand in one collection or one to a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.geojson_shapes import ShapeError, good_bbox, has_empty_parts, odd_members, read_shape
from landmap.ingest.readers.raw import COLUMNS_MAX

#: The system of coordinates that RFC 7946 prescribes.
WGS84: Final = 4326
GEOMETRY_TYPES: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


class Repeated(dict[str, Any]):
    """A JSON object that names a member twice; `twice` is the first such name."""

    twice: str = ""


@dataclass
class Gathered:
    """The columns of a layer while its features are read one by one."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    geometry: list[Any] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lost: int = 0

    def add(self, row: int, properties: dict[str, Any], geometry: Any, identifier: Any) -> None:
        """Add one record; a column that is new has been empty so far, one that is absent stays empty here."""
        count = len(self.rows)
        for name, value in properties.items():
            if name not in self.columns:
                if len(self.columns) >= COLUMNS_MAX:
                    raise RefusedError("columns_too_many", limit=COLUMNS_MAX)
                self.columns[name] = [None] * count
            self.columns[name].append(value)
        for values in self.columns.values():
            if len(values) == count:
                values.append(None)
        self.rows.append(row)
        self.geometry.append(geometry)
        self.ids.append(identifier)

    def with_ids(self) -> dict[str, list[Any]]:
        """Return the columns, with the features' own ids as one more where they have any."""
        if any(identifier is not None for identifier in self.ids):
            self.columns.setdefault("id", self.ids)
        return self.columns


def parse(text: str) -> Any:
    """Return the value of a JSON text; an object that names a member twice is a `Repeated`.

    Raises
    ------
    json.JSONDecodeError, ValueError
        For what is no JSON.
    RecursionError
        For JSON nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_pairs)


def read_feature(feature: Any, row: int, gathered: Gathered) -> None:
    """Add one feature, with every fault of its structure; what is no feature at all is lost, and said so."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        gathered.lost += 1
        found = feature.get("type") if isinstance(feature, dict) else feature
        gathered.faults.append(Fault("feature_malformed", row, value=found))
        return
    gathered.faults += _feature_faults(feature, row)
    properties = feature.get("properties")
    gathered.faults += [Fault(code, row, "geometry", found) for code, found in odd_members(feature.get("geometry"))]
    geometry = None
    try:
        geometry = read_shape(feature.get("geometry"))
        if geometry is not None and has_empty_parts(feature["geometry"]):
            gathered.faults.append(Fault("ring_empty", row, "geometry"))
    except ShapeError as error:
        gathered.faults.append(Fault(error.code, row, "geometry", error.detail))
    identifier = feature.get("id")
    gathered.add(
        row,
        properties if isinstance(properties, dict) else {},
        geometry,
        identifier if isinstance(identifier, str | int | float) and not isinstance(identifier, bool) else None,
    )


def _feature_faults(feature: dict[str, Any], row: int) -> Iterator[Fault]:
    properties = feature.get("properties")
    if isinstance(feature, Repeated):
        yield Fault("member_twice", row, feature.twice, feature.twice)
    if isinstance(properties, Repeated):
        yield Fault("member_twice", row, properties.twice, properties.twice)
    if "properties" not in feature or not (properties is None or isinstance(properties, dict)):
        yield Fault("properties_malformed", row, value=properties)
    if "geometry" not in feature:
        yield Fault("geometry_member_missing", row, "geometry")
    identifier = feature.get("id")
    if identifier is not None and (isinstance(identifier, bool) or not isinstance(identifier, str | int | float)):
        yield Fault("feature_id_malformed", row, "id", identifier)
    if "bbox" in feature and not good_bbox(feature["bbox"]):
        yield Fault("bbox_malformed", row, value=feature["bbox"])
    for name in ("coordinates", "geometries", "features"):
        if name in feature:
            yield Fault("member_out_of_place", row, name, name)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = Repeated(plain)
    seen: set[str] = set()
    repeated.twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeated
