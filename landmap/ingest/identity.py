"""Ids for records that come without one: made the same way every time, and said."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import shapely
from numpy.typing import NDArray

from landmap.domain import District, Layer, compact_json
from landmap.ingest.faults import Fault

_LENGTH: Final = 10
_SOURCES: Final = {
    "parcel_no": ("区划代码和地块编号", "district code and parcel number"),
    "feature": ("要素自带的 id", "the feature's own id"),
    "content": ("图形和内容", "shape and content"),
}


def fill_ids(
    columns: dict[str, list[Any]],
    geometry: NDArray[Any] | None,
    feature_ids: Sequence[Any] | None,
    layer: Layer,
    district: District,
    count: int,
) -> list[Fault]:
    """Fill the id field of `columns` where it is unknown, in place; child tables keep theirs as they are.

    Parameters
    ----------
    columns : dict of str to list, each of length n
    geometry : object array, shape (n,), or None
    feature_ids : sequence, length n, or None
        Ids that the format itself carries.
    layer, district
    count : int
        n.

    Notes
    -----
    Order: a parcel's number with the district code before it; the feature's own id; a digest of shape and content, so
    that the same record gets the same id again wherever it stands in the file.
    """
    if layer.parent is not None and len(layer.key) > 1:
        return []
    ids = columns.setdefault(layer.id_field, [None] * count)
    made: dict[str, int] = {}
    for index in range(count):
        if ids[index] is not None:
            continue
        found = _made(columns, geometry, feature_ids, layer, district, index)
        if found is not None:
            ids[index], source = found
            made[source] = made.get(source, 0) + 1
    return [_told(layer, source, number) for source, number in made.items()]


def _told(layer: Layer, source: str, number: int) -> Fault:
    zh, en = _SOURCES[source]
    return Fault("key_made", field=layer.id_field, value=number, words={"count": number, "source_zh": zh, "source_en": en})


def _made(
    columns: dict[str, list[Any]],
    geometry: NDArray[Any] | None,
    feature_ids: Sequence[Any] | None,
    layer: Layer,
    district: District,
    index: int,
) -> tuple[str, str] | None:
    number = columns["parcel_no"][index] if layer.name == "parcels" and "parcel_no" in columns else None
    if number is not None:
        return f"{district.code}-{number}", "parcel_no"
    if feature_ids is not None and feature_ids[index] is not None and layer.parent is None:
        return f"{district.code}-{feature_ids[index]}", "feature"
    content = {name: str(values[index]) for name, values in columns.items() if values[index] is not None}
    shape = geometry[index] if geometry is not None else None
    if shape is None and not content:
        return None
    digest = hashlib.sha256(compact_json(content).encode())
    if shape is not None:
        digest.update(shapely.to_wkb(shapely.normalize(shape)))
    return f"{district.code}-{digest.hexdigest()[:_LENGTH]}", "content"
