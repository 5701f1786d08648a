"""Ids for records that come without one: made the same way every time, and said."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely
from numpy.typing import NDArray

from landmap.domain import Layer, compact_json
from landmap.ingest.faults import Fault
from landmap.ingest.terms import Terms

_LENGTH: Final = 10
_SOURCES: Final = {
    "parcel_no": ("区划代码和地块编号", "district code and parcel number"),
    "feature": ("要素自带的 id", "the feature's own id"),
    "content": ("图形和内容", "shape and content"),
}


def fill_ids(
    columns: dict[str, list[Any]],
    geometry: NDArray[Any] | None,
    source: Mapping[str, Sequence[Any]],
    terms: Terms,
    count: int,
    *,
    feature_ids: Sequence[Any] | None = None,
) -> list[Fault]:
    """Fill the id field of `columns` where it is unknown, in place; child tables keep theirs as they are.

    Parameters
    ----------
    columns : dict of str to list, each of length n
    geometry : object array, shape (n,), or None
    source : Mapping of str to sequence, each of length n
        The file's own columns.
    terms : Terms
    count : int
        n.
    feature_ids : sequence, length n, optional
        Ids that the format itself carries.

    Notes
    -----
    Order: a parcel's number with the district code before it; the feature's own id; a digest of the shape, and of the
    whole record where there is no shape or several records share it. The same record so gets the same id again,
    wherever it stands in the file.
    """
    layer, code = terms.layer, terms.district.code
    if layer.parent is not None and len(layer.key) > 1:
        return []
    ids = columns.setdefault(layer.id_field, [None] * count)
    numbers = columns.get("parcel_no") if layer.name == "parcels" else None
    named = (numbers or [None] * count, feature_ids or [None] * count)
    bare = any(id is None and all(column[index] is None for column in named) for index, id in enumerate(ids))
    digests = _digests(geometry, source, count) if bare else [None] * count
    made: dict[str, int] = {}
    for index in range(count):
        if ids[index] is not None:
            continue
        offered = (
            ("parcel_no", numbers[index] if numbers is not None else None),
            ("feature", feature_ids[index] if feature_ids is not None else None),
            ("content", digests[index]),
        )
        origin, text = next(((origin, text) for origin, text in offered if text is not None), ("", None))
        if text is not None:
            ids[index] = f"{code}-{text}"
            made[origin] = made.get(origin, 0) + 1
    return [_told(layer, origin, number) for origin, number in made.items()]


def _told(layer: Layer, origin: str, number: int) -> Fault:
    zh, en = _SOURCES[origin]
    return Fault(
        "key_made", field=layer.id_field, value=number, words={"count": number, "source_zh": zh, "source_en": en}
    )


def _digests(geometry: NDArray[Any] | None, source: Mapping[str, Sequence[Any]], count: int) -> list[str | None]:
    """Return a digest of every record; None for one that is empty throughout."""
    shapes = [None] * count if geometry is None else [_shape(shape) for shape in shapely.normalize(geometry)]
    shared = {shape for shape, times in Counter(shapes).items() if times > 1 or shape is None}
    found: list[str | None] = []
    for index, shape in enumerate(shapes):
        content = "" if shape not in shared else _content(source, index)
        empty = shape is None and not content
        found.append(None if empty else hashlib.sha256((shape or b"") + content.encode()).hexdigest()[:_LENGTH])
    return found


def _shape(shape: Any) -> bytes | None:
    return None if shape is None else bytes(shapely.to_wkb(shape))


def _content(source: Mapping[str, Sequence[Any]], index: int) -> str:
    known = {name: str(values[index]) for name, values in source.items() if values[index] is not None}
    return compact_json(known) if known else ""
