"""The ``shapes`` answer: what the map draws of a layer, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
import shapely

from landmap.domain import Layer, Words, code_lists, deadline, layer_named
from landmap.query import Record, Selection
from landmap.render.classes import map_class, map_classes

#: Decimals of a degree: 0.1 m, finer than a screen shows.
DECIMALS: Final = 6

#: What a popup may show besides: pairs of label and text, ready to print.
Rows = Callable[[Record], Sequence[tuple[str, str]]]


def shapes(
    records: Selection | Iterable[Record],
    layer: Layer | str | None = None,
    words: Words | None = None,
    *,
    version: str | None = None,
    rows: Rows | None = None,
) -> dict[str, Any]:
    """Return what the map draws of some records.

    Parameters
    ----------
    records : Selection or iterable of Record
        Geometry in EPSG:4490; a record without one is left out, since there is nothing to draw.
    layer : Layer or str, optional
        Needed unless `records` is a Selection.
    words : Words, optional
        Accepted for symmetry with the other renderers; labels are given in both languages.
    version : str, optional
        Snapshot id; taken from a Selection.
    rows : callable, optional
        Further lines for the popup of each record.

    Returns
    -------
    dict
        ``layer``, ``version``, ``features`` [``o``, ``id``, ``no``, ``t``, ``c``, ``s``, ``g`` and, for constraints,
        ``e``], ``classes`` of those that occur and ``stages`` of those that occur. JSON-ready. ``o`` is the record's
        ordinal, the number of its bit in a bitmap; records that no engine drew are counted from 0 as given.
    """
    if isinstance(records, Iterable):
        named, found, snapshot = _layer(layer), list(records), ""
    else:
        named, found, snapshot = records.layer, list(records.records()), records.snapshot_id
    outlines = _geojson([record.geometry for record in found])
    features = [
        _feature(record, named, outline, record.ordinal if record.ordinal >= 0 else rank, rows)
        for rank, (record, outline) in enumerate(deadline.in_time(zip(found, outlines, strict=True)))
        if outline is not None
    ]
    present = {feature["c"] for feature in features}
    staged = {feature["s"] for feature in features} if named.staged else set()
    return {
        "layer": named.name,
        "version": version or snapshot,
        "features": features,
        "classes": [one.as_dict() for one in map_classes(named.name).values() if one.key in present],
        "stages": [
            {"code": code.code, "label_zh": code.label_zh, "label_en": code.label_en}
            for code in code_lists()["supply_stage"].values()
            if code.code in staged
        ],
    }


def shapes_bytes(selection: Selection) -> bytes:
    """Return the ``shapes`` answer of a selection as JSON."""
    return orjson.dumps(shapes(selection))


def _layer(layer: Layer | str | None) -> Layer:
    if layer is None:
        raise TypeError("records without a selection need the name of their layer")
    return layer if isinstance(layer, Layer) else layer_named(layer)


def _feature(record: Record, layer: Layer, outline: Any, ordinal: int, rows: Rows | None) -> dict[str, Any]:
    values = record.properties
    feature = {
        "o": ordinal,
        "id": record.id,
        "no": values.get(number_field(layer)),
        "t": values.get(layer.title) if layer.title else None,
        "c": map_class(layer.name, values).key,
        "s": values.get("supply_stage"),
        "g": outline,
    }
    if layer.name == "constraints":
        feature["e"] = values.get("effect")
    if rows is not None:
        feature["r"] = [list(row) for row in rows(record)]
    return feature


#: The field people quote as a record's number, where it is not its id.
_NUMBER: Final[Mapping[str, str]] = {"parcels": "parcel_no"}


def number_field(layer: Layer) -> str:
    """Return the field that people quote as a record's number."""
    return _NUMBER.get(layer.name, layer.id_field)


def _geojson(geometries: Sequence[Any]) -> list[Any]:
    """Return GeoJSON geometries with 6 decimals; None for a missing or empty geometry."""
    array = np.asarray(geometries, dtype=object)
    drawn = ~(shapely.is_missing(array) | shapely.is_empty(array))
    rounded = shapely.transform(array[drawn], lambda points: np.round(points, DECIMALS))
    texts = iter(shapely.to_geojson(rounded))
    return [orjson.loads(next(texts)) if there else None for there in drawn]
