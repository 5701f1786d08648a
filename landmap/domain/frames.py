"""Canonical frames: one column per declared field, one dtype per kind, unknown always null.

Layers are imported and published in this form; what serves answers works on tables (`table`). Columns stand in table
order; ``geometry`` (if the layer has one) is last.

=================  =============================================  ==============
kind               column                                         unknown
=================  =============================================  ==============
text, code, …      object of str                                  None
number             float64                                        NaN
integer            Int64                                          <NA>
boolean            boolean                                        <NA>
date               datetime64[s], midnight                        NaT
codes, texts       object of tuple of str                         None
json               object of str: compact JSON, keys sorted       None
geometry           shapely geometry, EPSG:4490, lon/lat order     None
=================  =============================================  ==============
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from landmap.domain.errors import SchemaError
from landmap.domain.fields import Field, Kind
from landmap.domain.layers import Layer
from landmap.domain.stored import STORE_EPSG, compact_json
from landmap.domain.table import NO_INTEGER, Column, Table, known_in


def canonical_frame(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return `frame` with every declared field of `layer` in canonical form; a missing column is unknown throughout.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame, shape (n, any)
        Values already parsed: this arranges, it does not interpret text.
    layer : Layer

    Returns
    -------
    GeoDataFrame in EPSG:4490 for a spatial layer, otherwise DataFrame; shape (n, number of fields), RangeIndex.

    Raises
    ------
    SchemaError
        For a column that is no field of the layer, or a value that does not fit its kind.
    """
    strangers = [name for name in frame.columns if name not in layer.fields]
    if strangers:
        raise SchemaError(f"layer {layer.name!r} has no field {strangers[0]!r}", hint="map or drop it before")
    columns = {
        name: _column(frame[name] if name in frame.columns else [None] * len(frame), field)
        for name, field in layer.fields.items()
        if field.kind is not Kind.GEOMETRY
    }
    plain = pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))
    if not layer.spatial:
        return plain
    geometry = np.asarray(frame["geometry"]) if "geometry" in frame.columns else np.full(len(frame), None)
    return gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(geometry, crs=STORE_EPSG, index=plain.index), crs=STORE_EPSG)


def frame_of(table: Table) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return a table as a canonical frame of the columns it has."""
    columns = {
        name: _series(column, table.layer.fields[name].kind)
        for name, column in table.columns.items()
        if name != "geometry"
    }
    plain = pd.DataFrame(columns, index=pd.RangeIndex(len(table)))
    if "geometry" not in table.columns:
        return plain
    shapes = gpd.GeoSeries(table["geometry"], crs=STORE_EPSG, index=plain.index)
    return gpd.GeoDataFrame(plain, geometry=shapes, crs=STORE_EPSG)


def table_of(frame: pd.DataFrame, layer: Layer) -> Table:
    """Return a canonical frame of `layer` as a table."""
    kinds = {name: field.kind for name, field in layer.fields.items() if name in frame.columns}
    return Table(layer, {name: _plain(frame[name], kind) for name, kind in kinds.items()}, len(frame))


def _series(column: Column, kind: Kind) -> pd.Series[Any]:
    if kind is Kind.DATE:
        return pd.Series(column.astype("datetime64[s]"))
    if kind in (Kind.INTEGER, Kind.BOOLEAN):
        unknown = ~known_in(column, kind)
        if kind is Kind.INTEGER:
            return pd.Series(pd.arrays.IntegerArray(np.where(unknown, 1, column), unknown))
        return pd.Series(pd.arrays.BooleanArray(column == 1, unknown))
    return pd.Series(column, dtype=None if kind is Kind.NUMBER else object)


def _plain(column: pd.Series[Any], kind: Kind) -> Column:
    if kind is Kind.DATE:
        return column.to_numpy(dtype="datetime64[D]")
    if kind is Kind.INTEGER:
        return column.to_numpy(dtype=np.int64, na_value=NO_INTEGER)
    if kind is Kind.BOOLEAN:
        return column.astype("Int8").to_numpy(dtype=np.int8, na_value=-1)
    return np.asarray(column.array, dtype=np.float64 if kind is Kind.NUMBER else object)


def _column(values: Iterable[Any], field: Field) -> pd.Series[Any]:
    try:
        return _build(values, field.kind)
    except (TypeError, ValueError) as error:
        raise SchemaError(f"{field.layer}.{field.name} holds a value that is no {field.kind}: {error}") from error


def _build(values: Iterable[Any], kind: Kind) -> pd.Series[Any]:
    if kind is Kind.NUMBER:
        return pd.Series([np.nan if _null(v) else float(v) for v in values], dtype="float64")
    if kind is Kind.INTEGER:
        return pd.Series([pd.NA if _null(v) else int(v) for v in values], dtype="Int64")
    if kind is Kind.BOOLEAN:
        return pd.Series([pd.NA if _null(v) else bool(v) for v in values], dtype="boolean")
    if kind is Kind.DATE:
        return pd.Series(pd.to_datetime(pd.Series(list(values), dtype=object)).astype("datetime64[s]"))
    if kind.listed:
        return pd.Series([None if _null(v) else tuple(str(part) for part in v) for v in values], dtype=object)
    if kind is Kind.JSON:
        return pd.Series([None if _null(v) else _json_text(v) for v in values], dtype=object)
    return pd.Series([None if _null(v) else str(v) for v in values], dtype=object)


def _json_text(value: Any) -> str:
    return compact_json(json.loads(value) if isinstance(value, str) else value)


def _null(value: Any) -> bool:
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
