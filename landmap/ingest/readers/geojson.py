"""GeoJSON, read by our own eyes: GDAL drops or mends broken features without a word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from landmap.ingest.encoding import decode
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.geojson_shapes import ShapeError, good_bbox, odd_members, read_shape
from landmap.ingest.readers.raw import RawLayer, Request, object_array

_WGS84: Final = 4326
_START: Final = re.compile(r"\{|\[\s*(?:[{\[\]]|$)")
_GEOMETRY_TYPES: Final = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


class _Repeated(dict[str, Any]):
    """A JSON object that names a member twice; `twice` is the first such name."""

    twice: str = ""


@dataclass
class _Gathered:
    """The columns of a collection while its features are read one by one."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    geometry: list[Any] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    lost: int = 0

    def add(self, row: int, properties: dict[str, Any], geometry: Any, identifier: Any) -> None:
        count = len(self.rows)
        for name, value in properties.items():
            if name not in self.columns:
                self.columns[name] = [None] * count
            self.columns[name].append(value)
        for values in self.columns.values():
            if len(values) == count:
                values.append(None)
        self.rows.append(row)
        self.geometry.append(geometry)
        self.ids.append(identifier)


class GeoJsonReader:
    """RFC 7946, with the older ``crs`` member, a bare list of features, and text sequences tolerated and reported."""

    key = "geojson"
    suffixes = (".geojson", ".json")

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the text starts as a JSON object, list or null."""
        text = decode(head)[0].lstrip("\ufeff \t\r\n\x1e")
        return _START.match(text) is not None or text.strip() == "null"

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one layer of the file; refuse it when it is no GeoJSON at all."""
        text, encoding = decode(request.path.read_bytes())
        document = _parse(text)
        gathered = _Gathered()
        features = _features(document, gathered)
        for row, feature in enumerate(features, start=1):
            _read_feature(feature, row, gathered)
        if isinstance(document, dict):
            gathered.faults += _collection_faults(document)
        if any(identifier is not None for identifier in gathered.ids):
            gathered.columns.setdefault("id", gathered.ids)
        name = document.get("name") if isinstance(document, dict) else None
        layer = RawLayer(
            name=name if isinstance(name, str) and name else request.name,
            columns=gathered.columns,
            rows=tuple(gathered.rows),
            geometry=object_array(gathered.geometry),
            crs=_declared(document, gathered.faults),
            standard_crs=_WGS84,
            encoding=encoding,
            faults=tuple(gathered.faults),
            lost=gathered.lost,
        )
        return [layer]


def _parse(text: str) -> Any:
    text = text.strip("\ufeff \t\r\n\x00")
    if not text:
        raise RefusedError("file_empty")
    try:
        return json.loads(text, object_pairs_hook=_pairs)
    except json.JSONDecodeError as error:
        raise RefusedError("json_malformed", line=error.lineno, column=error.colno, reason=error.msg) from error
    except RecursionError as error:
        raise RefusedError("json_too_deep") from error
    except ValueError as error:
        raise RefusedError("json_malformed", line="?", column="?", reason=str(error)) from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    repeated = _Repeated(plain)
    seen: set[str] = set()
    repeated.twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return repeated


def _features(document: Any, gathered: _Gathered) -> list[Any]:
    """Return the features of a document, whatever its outer form; refuse what is no GeoJSON."""
    if isinstance(document, list):
        gathered.faults.append(Fault("bare_list"))
        return document
    if not isinstance(document, dict):
        raise RefusedError("json_not_geojson", value=document)
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise RefusedError("features_missing", value=features)
        return features
    if kind == "Feature":
        return [document]
    if isinstance(kind, str) and kind in _GEOMETRY_TYPES:
        gathered.faults.append(Fault("bare_geometry"))
        return [{"type": "Feature", "properties": None, "geometry": document}]
    raise RefusedError("json_not_geojson", value=kind)


def _collection_faults(document: dict[str, Any]) -> Iterator[Fault]:
    if isinstance(document, _Repeated):
        yield Fault("member_twice", field=document.twice, value=document.twice)
    if document.get("type") == "FeatureCollection":
        if "bbox" in document and not good_bbox(document["bbox"]):
            yield Fault("bbox_malformed", value=document["bbox"])
        for name in ("coordinates", "geometries", "geometry", "properties"):
            if name in document:
                yield Fault("member_out_of_place", field=name, value=name)


def _read_feature(feature: Any, row: int, gathered: _Gathered) -> None:
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
    if isinstance(feature, _Repeated):
        yield Fault("member_twice", row, feature.twice, feature.twice)
    if isinstance(properties, _Repeated):
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


def _declared(document: Any, faults: list[Fault]) -> str | None:
    """Return the coordinate system named by the older ``crs`` member; None: the standard's own WGS 84."""
    member = document.get("crs") if isinstance(document, dict) else None
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        faults.append(Fault("crs_member_malformed", value=member))
        return None
    return name
