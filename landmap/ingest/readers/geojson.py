"""GeoJSON, read by our own eyes: GDAL drops or mends broken features without a word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from landmap.ingest.encoding import decode
from landmap.ingest.faults import Fault, RefusedError
from landmap.ingest.readers.geojson_features import GEOMETRY_TYPES, WGS84, Gathered, Repeated, parse, read_feature
from landmap.ingest.readers.geojson_shapes import good_bbox
from landmap.ingest.readers.raw import RawLayer, Request, object_array

_START: Final = re.compile(r"\{|\[\s*(?:[{\[\]]|$)")


class GeoJsonReader:
    """RFC 7946, with the older ``crs`` member and a bare list of features tolerated and reported."""

    key = "geojson"
    suffixes = (".geojson", ".json")

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the text starts as a JSON object, list or null."""
        text = decode(head)[0].lstrip("\ufeff \t\r\n")
        return _START.match(text) is not None or text.strip() == "null"

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one layer of the file; refuse it when it is no GeoJSON at all."""
        text, encoding = decode(request.path.read_bytes())
        document = _parse(text)
        gathered = Gathered()
        for row, feature in enumerate(_features(document, gathered), start=1):
            read_feature(feature, row, gathered)
        if isinstance(document, dict):
            gathered.faults += _collection_faults(document)
        name = document.get("name") if isinstance(document, dict) else None
        layer = RawLayer(
            name=name if isinstance(name, str) and name else request.name,
            columns=gathered.with_ids(),
            rows=tuple(gathered.rows),
            geometry=object_array(gathered.geometry),
            crs=_declared(document, gathered.faults),
            standard_crs=WGS84,
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
        return parse(text)
    except json.JSONDecodeError as error:
        raise RefusedError("json_malformed", line=error.lineno, column=error.colno, reason=error.msg) from error
    except RecursionError as error:
        raise RefusedError("json_too_deep") from error
    except ValueError as error:
        raise RefusedError("json_malformed", line="?", column="?", reason=str(error)) from error


def _features(document: Any, gathered: Gathered) -> list[Any]:
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
    if isinstance(kind, str) and kind in GEOMETRY_TYPES:
        gathered.faults.append(Fault("bare_geometry"))
        return [{"type": "Feature", "properties": None, "geometry": document}]
    raise RefusedError("json_not_geojson", value=kind)


def _collection_faults(document: dict[str, Any]) -> Iterator[Fault]:
    if isinstance(document, Repeated):
        yield Fault("member_twice", field=document.twice, value=document.twice)
    if document.get("type") == "FeatureCollection":
        if "bbox" in document and not good_bbox(document["bbox"]):
            yield Fault("bbox_malformed", value=document["bbox"])
        for name in ("coordinates", "geometries", "geometry", "properties"):
            if name in document:
                yield Fault("member_out_of_place", field=name, value=name)


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
