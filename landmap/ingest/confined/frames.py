"""Canonical frames as Arrow streams: how records travel from the process that read them to the one that keeps them.

Every column's type follows from the field tables alone, so bytes that claim another one are refused.
"""

from __future__ import annotations

from typing import Any, BinaryIO, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from landmap.domain import STORE_EPSG, Kind, Layer
from landmap.domain.errors import SourceError

_TYPES: Final = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.timestamp("s"),
    Kind.GEOMETRY: pa.large_binary(),
}


def write_frame(frame: pd.DataFrame, layer: Layer, sink: BinaryIO) -> None:
    """Write a canonical frame of `layer`."""
    schema = _schema(layer)
    arrays = [_array(frame[field.name], field.type) for field in schema]
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def read_frame(source: BinaryIO, layer: Layer) -> pd.DataFrame:
    """Return the canonical frame that was written.

    Raises
    ------
    SourceError
        When the bytes are no frame of this layer.
    """
    try:
        with pa.ipc.open_stream(source) as reader:
            table = reader.read_all()
        if table.schema != _schema(layer):
            raise SourceError(f"the checking process answered something else than records of {layer.name!r}")
        table.validate(full=True)
        columns = {name: _series(table.column(name), layer.fields[name].kind) for name in table.column_names}
        shapes = columns.pop("geometry", None)
        plain = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
        if shapes is None:
            return plain
        geometry = gpd.GeoSeries(shapely.from_wkb(shapes.to_numpy()), crs=STORE_EPSG, index=plain.index)
    except (pa.ArrowException, shapely.errors.ShapelyError) as error:
        raise SourceError(f"the checking process answered no records: {error}") from error
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=STORE_EPSG)


def _schema(layer: Layer) -> pa.Schema:
    kinds = {name: field.kind for name, field in layer.fields.items() if field.kind is not Kind.GEOMETRY}
    fields = [
        (name, pa.list_(pa.string()) if kind.listed else _TYPES.get(kind, pa.string())) for name, kind in kinds.items()
    ]
    return pa.schema([*fields, ("geometry", _TYPES[Kind.GEOMETRY])] if layer.spatial else fields)


def _array(column: pd.Series[Any], kind: pa.DataType) -> pa.Array:
    if kind == _TYPES[Kind.GEOMETRY]:
        return pa.array(shapely.to_wkb(np.asarray(column), flavor="iso"), kind)
    return pa.array(column, kind, from_pandas=True)


def _series(column: pa.ChunkedArray, kind: Kind) -> pd.Series[Any]:
    if kind is Kind.NUMBER:
        return pd.Series(column.to_numpy())
    if kind is Kind.DATE:
        return pd.Series(column.to_numpy(), dtype="datetime64[s]")
    if kind in (Kind.INTEGER, Kind.BOOLEAN):
        dtype: Any = pd.Int64Dtype() if kind is Kind.INTEGER else pd.BooleanDtype()
        return pd.Series(dtype.__from_arrow__(column))
    values = column.to_numpy()
    if kind.listed:
        cells = np.empty(len(values), dtype=object)
        cells[:] = [None if value is None else tuple(value) for value in values]
        values = cells
    return pd.Series(values, dtype=object)
