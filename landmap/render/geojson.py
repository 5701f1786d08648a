"""GeoJSON by RFC 7946: longitude and latitude with 7 decimals, outer rings anticlockwise, no NaN."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import orjson
import shapely

from landmap.domain import Words, deadline
from landmap.query import Record, Selection

#: Decimals of a degree: a centimetre.
DECIMALS: Final = 7
MEDIA_TYPE: Final = "application/geo+json"


def feature(record: Record) -> dict[str, Any]:
    """Return a record as a GeoJSON Feature; a record without a shape has the geometry null.

    Parameters
    ----------
    record : Record
        Geometry in EPSG:4490, whose coordinates RFC 7946 readers take as WGS 84 (they agree within decimetres).
    """
    return {
        "type": "Feature",
        "id": record.id,
        "geometry": _geometry(record.geometry),
        "properties": {name: _plain(value) for name, value in record.properties.items()},
    }


def feature_bytes(record: Record, links: Mapping[str, str] | None = None) -> bytes:
    """Return one Feature as JSON, with `links` by relation."""
    made = feature(record)
    if record.geometry is not None and not shapely.is_empty(record.geometry):
        made["bbox"] = _bbox(record.geometry)
    if links:
        made["links"] = _links(links)
    return orjson.dumps(made)


def feature_collection(
    records: Iterable[Record],
    matched: int | None = None,
    links: Mapping[str, str] | None = None,
    notice: str = "",
) -> bytes:
    """Return records as a FeatureCollection.

    Parameters
    ----------
    records : iterable of Record
        In the order they are to stand.
    matched : int, optional
        How many there are in all; as many as `records` by default.
    links : mapping of relation to address, optional
        Paging links.
    notice : str
        What every output of the district carries, such as “示例数据”; left out when empty.
    """
    found = list(records)
    body: dict[str, Any] = {"type": "FeatureCollection"}
    if notice:
        body["notice"] = notice
    shapes = [one.geometry for one in found if one.geometry is not None and not shapely.is_empty(one.geometry)]
    if shapes:
        body["bbox"] = _bbox(np.array(shapes, dtype=object))
    body["numberMatched"] = len(found) if matched is None else matched
    body["numberReturned"] = len(found)
    if links:
        body["links"] = _links(links)
    body["features"] = [feature(one) for one in deadline.in_time(found)]
    return orjson.dumps(body)


def write(selection: Selection, words: Words) -> bytes:
    """Return a whole selection as a FeatureCollection."""
    return feature_collection(selection.records(), notice=selection.district.notice(words.lang))


def _geometry(geometry: Any) -> Any:
    if geometry is None or shapely.is_empty(geometry):
        return None
    rounded = shapely.transform(shapely.force_2d(geometry), lambda points: np.round(points, DECIMALS))
    return orjson.loads(shapely.to_geojson(shapely.orient_polygons(rounded)))


def _bbox(shapes: Any) -> list[float]:
    return [round(float(one), DECIMALS) for one in shapely.total_bounds(shapes)]


def _links(links: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"rel": rel, "href": href, "type": MEDIA_TYPE} for rel, href in links.items()]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: NumPy numbers unwrapped, NaN and infinity null."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
