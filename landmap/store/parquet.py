"""Layers as GeoParquet bytes: schema from the field tables, fixed order, so that equal data are equal bytes.

========================  ==================
kind                      Arrow type
========================  ==================
text, code, …, json       string
integer                   int64
number                    double
boolean                   bool
date                      date32
codes, texts              list<string>
geometry                  binary (WKB)
========================  ==================

Source: GeoParquet 1.1.0, https://geoparquet.org/releases/v1.1.0/ (one WKB column, PROJJSON, bounding box).
"""

from __future__ import annotations

import io
import json
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landmap.domain import STORE_EPSG, District, Field, Kind, Layer, compact_json
from landmap.domain.errors import SchemaError, StoreError

GEOPARQUET: Final = "1.1.0"
ROW_GROUP: Final = 65_536
_GEOMETRY: Final = "geometry"


def arrow_type(kind: Kind) -> pa.DataType:
    """Return how values of `kind` are stored."""
    if kind.listed:
        return pa.list_(pa.string())
    return _TYPES.get(kind, pa.string())


_TYPES: Final = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.GEOMETRY: pa.binary(),
}


def ordered(frame: pd.DataFrame, layer: Layer, district: District) -> pd.DataFrame:
    """Return a canonical frame in stored order: along a Hilbert curve over the district; ties, and tables, by key."""
    by = {name: frame[name] for name in layer.key}
    if isinstance(frame, gpd.GeoDataFrame) and len(frame):
        curve = frame.geometry.hilbert_distance(total_bounds=np.asarray(district.extent))
        by = {"along the curve": pd.Series(np.asarray(curve), index=frame.index), **by}
    order: pd.Index[int] = pd.DataFrame(by).sort_values(list(by), kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def to_bytes(frame: pd.DataFrame, layer: Layer, district: District) -> bytes:
    """Return a canonical frame as the bytes of a (Geo)Parquet file.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame, shape (n, fields)
        Canonical, geometries present.
    layer : Layer
    district : District
        Its extent lays the Hilbert curve.

    Raises
    ------
    SchemaError
        When a value does not fit the stored type of its field.
    """
    rows = ordered(frame, layer, district)
    fields = [field for field in layer.fields.values() if field.kind is not Kind.GEOMETRY]
    columns = [_arrow(rows[field.name], field) for field in fields]
    schema = pa.schema([(field.name, arrow_type(field.kind)) for field in fields])
    if isinstance(rows, gpd.GeoDataFrame):
        columns.append(pa.array(shapely.to_wkb(rows.geometry.to_numpy(), flavor="iso"), type=pa.binary()))
        schema = schema.append(pa.field(_GEOMETRY, pa.binary())).with_metadata({"geo": _geo(rows)})
    sink = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays(columns, schema=schema), sink, compression="zstd", row_group_size=ROW_GROUP, version="2.6"
    )
    return sink.getvalue()


def from_bytes(data: bytes, layer: Layer, name: str) -> pd.DataFrame:
    """Return the canonical frame of a stored layer; a field that was unknown when it was stored is unknown throughout.

    Raises
    ------
    StoreError
        When the bytes are no Parquet file of this layer; `name` says which.
    """
    try:
        table = pq.read_table(io.BytesIO(data))
        columns = {
            field.name: _series(table, field) for field in layer.fields.values() if field.kind is not Kind.GEOMETRY
        }
        plain = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
        if not layer.spatial:
            return plain
        geometry = shapely.from_wkb(table.column(_GEOMETRY).to_numpy())
    except (pa.ArrowException, KeyError, shapely.errors.ShapelyError) as error:
        raise StoreError(f"{name} is no file of layer {layer.name!r}: {error}") from error
    return gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(geometry, crs=STORE_EPSG, index=plain.index), crs=STORE_EPSG)


def _arrow(column: pd.Series[Any], field: Field) -> pa.Array:
    try:
        return pa.array(
            column.astype(object) if field.kind is Kind.DATE else column, arrow_type(field.kind), from_pandas=True
        )
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise SchemaError(f"{field.layer}.{field.name} holds a value that is no {field.kind}: {error}") from error


def _series(table: pa.Table, field: Field) -> pd.Series[Any]:
    kind = arrow_type(field.kind)
    known = field.name in table.column_names
    column = table.column(field.name).cast(kind) if known else pa.chunked_array([pa.nulls(table.num_rows, kind)])
    if field.kind is Kind.NUMBER:
        return pd.Series(column.to_numpy())
    if field.kind is Kind.DATE:
        return pd.Series(column.cast(pa.timestamp("s")).to_numpy(), dtype="datetime64[s]")
    if field.kind in (Kind.INTEGER, Kind.BOOLEAN):
        dtype: Any = pd.Int64Dtype() if field.kind is Kind.INTEGER else pd.BooleanDtype()
        return pd.Series(dtype.__from_arrow__(column))
    values = column.to_pylist()
    if field.kind.listed:
        values = [None if value is None else tuple(value) for value in values]
    return _objects(values)


def _objects(values: list[Any]) -> pd.Series[Any]:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return pd.Series(cells, dtype=object)


def _geo(frame: gpd.GeoDataFrame) -> bytes:
    assert frame.crs is not None
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(set(frame.geometry.geom_type)),
        "crs": frame.crs.to_json_dict(),
    }
    if len(frame):
        column["bbox"] = [float(edge) for edge in frame.total_bounds]
    return compact_json({"version": GEOPARQUET, "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}).encode()


def geo_metadata(data: bytes) -> dict[str, Any]:
    """Return the ``geo`` metadata of a stored spatial layer."""
    found: dict[str, Any] = json.loads(pq.read_schema(io.BytesIO(data)).metadata[b"geo"])
    return found
