"""GeoJSON by RFC 7946: longitude and latitude with 7 decimals, outer rings anticlockwise, no NaN.

A feature is encoded on its own (`encoded`), and a collection is its head, the features between commas, and its tail: so
that a feature can be encoded once and stand in any number of answers, and an answer can leave piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np
import orjson
import shapely

from landmap.domain import Words, deadline
from landmap.query import Record, Selection

#: Decimals of a degree: a centimetre.
DECIMALS: Final = 7
MEDIA_TYPE: Final = "application/geo+json"
#: A feature a line, without the record separators of RFC 8142: as every reader takes it.
LINES_TYPE: Final = "application/x-ndjson"
#: What stands after the last feature of a collection.
TAIL: Final = b"]}"
#: How many features are encoded at a time where a whole selection is written.
AT_ONCE: Final = 500

Box = Sequence[float]


def feature(record: Record) -> dict[str, Any]:
    """Return a record as a GeoJSON Feature, ready for `orjson`; a record without a shape has the geometry null.

    Parameters
    ----------
    record : Record
        Geometry in EPSG:4490, whose coordinates RFC 7946 readers take as WGS 84 (they agree within decimetres).
    """
    return next(_features([record]))


def feature_bytes(record: Record, links: Mapping[str, str] | None = None) -> bytes:
    """Return one Feature as JSON, with `links` by relation."""
    made = feature(record)
    if record.geometry is not None and not shapely.is_empty(record.geometry):
        made["bbox"] = rounded_box(record.geometry.bounds)
    if links:
        made["links"] = _links(links)
    return _dumps(made)


def encoded(records: Iterable[Record]) -> Iterator[bytes]:
    """Yield each record as the bytes of its Feature."""
    waiting = iter(records)
    while block := list(islice(waiting, AT_ONCE)):
        yield from map(_dumps, deadline.in_time(_features(block)))


def head(
    returned: int,
    *,
    box: Box | None = None,
    matched: int | None = None,
    links: Mapping[str, str] | None = None,
    notice: str = "",
) -> bytes:
    """Return what stands before the first feature of a collection.

    Parameters
    ----------
    returned : int
        How many features follow.
    box : four floats, optional
        West, south, east, north of what follows, degrees; None when nothing has a shape.
    matched : int, optional
        How many there are in all; as many as `returned` by default.
    links : mapping of relation to address, optional
        Paging links.
    notice : str
        What every output of the district carries, such as “示例数据”; left out when empty.
    """
    body: dict[str, Any] = {"type": "FeatureCollection"}
    if notice:
        body["notice"] = notice
    if box is not None:
        body["bbox"] = rounded_box(box)
    body["numberMatched"] = returned if matched is None else matched
    body["numberReturned"] = returned
    if links:
        body["links"] = _links(links)
    body["features"] = []
    return _dumps(body).removesuffix(TAIL)


def pieces(selection: Selection, words: Words) -> Iterator[bytes]:
    """Yield a whole selection as a FeatureCollection, piece by piece: it never stands in memory as a whole."""
    before = head(selection.total, box=selection.bounds, notice=selection.district.notice(words.lang))
    yield from joined(blocks(encoded(selection.records())), before)


def whole(features: Sequence[bytes], before: bytes) -> bytes:
    """Return a collection: what stands before its features, the features, and its tail; every byte is copied once."""
    if len(features) < 2:
        return before + b"".join(features) + TAIL
    first, *between, last = features
    return b",".join((before + first, *between, last + TAIL))


def joined(blocks: Iterable[Sequence[bytes]], before: bytes) -> Iterator[bytes]:
    """Yield a collection piece by piece: what stands before its features, blocks of them, and its tail."""
    yield before
    comma = b""
    for block in blocks:
        yield comma + b",".join(block)
        comma = b","
    yield TAIL


def blocks(features: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield features some at a time."""
    waiting = iter(features)
    while block := list(islice(waiting, AT_ONCE)):
        yield block


def lines(selection: Selection, words: Words) -> Iterator[bytes]:
    """Yield a whole selection as one feature a line, piece by piece; each names the district's notice, if any."""
    notice = selection.district.notice(words.lang)
    end = b"\n" if not notice else b',"notice":' + orjson.dumps(notice) + b"}\n"
    for block in blocks(encoded(selection.records())):
        yield b"".join((one if not notice else one[:-1]) + end for one in block)


def rounded_box(box: Box) -> list[float]:
    """Return a box with as many decimals as coordinates have."""
    return [round(float(one), DECIMALS) for one in box]


def _features(records: Sequence[Record]) -> Iterator[dict[str, Any]]:
    for record, geometry in zip(records, _geometries([record.geometry for record in records]), strict=True):
        yield {
            "type": "Feature",
            "id": record.id,
            "geometry": geometry,
            "properties": dict(record.properties),
        }


def _geometries(found: Sequence[Any]) -> Iterator[Any]:
    shapes = np.array([*found, None], dtype=object)[:-1]
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rounded = shapely.transform(shapely.force_2d(shapes[drawn]), lambda points: np.round(points, DECIMALS))
    texts = iter(shapely.to_geojson(shapely.orient_polygons(rounded)))
    return (orjson.loads(next(texts)) if there else None for there in drawn)


def _links(links: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"rel": rel, "href": href, "type": MEDIA_TYPE} for rel, href in links.items()]


def _dumps(value: Any) -> bytes:
    """Return JSON: numbers of NumPy as numbers, what is no number as null."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
