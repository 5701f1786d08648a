"""Converted columns as a canonical frame, built whole, for each value is of its field's kind already; and back."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landmap.domain import NO_INTEGER, Kind, Layer, Table, compact_json, frame_of
from landmap.ingest.dates import days_of


def arranged(
    columns: Mapping[str, Sequence[Any]],
    geometry: NDArray[np.object_] | None,
    accepted: NDArray[np.bool_],
    layer: Layer,
) -> pd.DataFrame:
    """Return the accepted records in canonical form; a field without a column is unknown throughout.

    Parameters
    ----------
    columns : Mapping of str to sequence, each of length n
        Values in the form of their fields; None is unknown.
    geometry : object array, shape (n,), EPSG:4490, or None
    accepted : bool array, shape (n,)
    layer : Layer

    Returns
    -------
    GeoDataFrame in EPSG:4490 for a spatial layer, otherwise DataFrame
    """
    count = int(accepted.sum())
    whole = count == len(accepted)
    found = {}
    for name, field in layer.fields.items():
        if field.kind is Kind.GEOMETRY:
            shapes = np.full(len(accepted), None, dtype=object) if geometry is None else geometry
            found[name] = shapes[accepted]
        elif name not in columns:
            found[name] = np.repeat(_array([None], field.kind), count)
        else:
            column = _array(columns[name], field.kind)
            found[name] = column if whole else column[accepted]
    return frame_of(Table(layer, found, count))


def cell_of(value: Any, kind: Kind) -> Any:
    """Return a cell of a canonical frame as a reader hands it over: plain, None where it is unknown."""
    if unknown(value):
        return None
    if kind is Kind.JSON:
        return json.loads(value) if isinstance(value, str) else value
    if kind is Kind.DATE:
        return value.date() if isinstance(value, dt.datetime) else value
    if kind is Kind.BOOLEAN:
        return bool(value)
    return list(value) if kind.listed else value


def unknown(value: Any) -> bool:
    """Whether a cell of a canonical frame says nothing."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _array(values: Sequence[Any], kind: Kind) -> NDArray[Any]:
    if kind is Kind.NUMBER:
        return np.array(values, dtype=np.float64)
    if kind is Kind.DATE:
        return days_of(values)
    if kind is Kind.INTEGER:
        return np.array([NO_INTEGER if value is None else value for value in values], dtype=np.int64)
    if kind is Kind.BOOLEAN:
        return np.array([-1 if value is None else value for value in values], dtype=np.int8)
    found = np.empty(len(values), dtype=object)
    found[:] = _json(values) if kind is Kind.JSON else values
    return found


def _json(values: Sequence[Any]) -> list[str | None]:
    """Return structures as text; one that many records share is written once."""
    different = {id(value): value for value in values}
    written = {key: None if value is None else compact_json(value) for key, value in different.items()}
    return [written[id(value)] for value in values]
