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
from numpy.typing import NDArray

from landmap.domain import STORE_EPSG, Kind, Layer
from landmap.domain.errors import SourceError

#: A text that many records share travels once.
_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
#: So many records travel together; no more are held as bytes and as shapes at a time.
_BATCH: Final = 65_536
_TYPES: Final = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.timestamp("s"),
    Kind.GEOMETRY: pa.large_binary(),
}


def write_frame(frame: pd.DataFrame, layer: Layer, sink: BinaryIO) -> None:
    """Write a canonical frame of `layer`, less the columns in which nothing is known."""
    whole = _schema(layer)
    arrays = [_array(frame[field.name], field.type) for field in whole]
    told = [place for place, array in enumerate(arrays) if array.null_count < len(array)] or [0]
    schema = pa.schema([whole.field(place) for place in told])
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays([arrays[place] for place in told], schema=schema), _BATCH)


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
        schema = _schema(layer)
        told = [field for field in schema if field.name in table.column_names]
        if not told or table.schema != pa.schema(told):
            raise SourceError(f"the checking process answered something else than records of {layer.name!r}")
        table.validate(full=True)
        columns = {
            field.name: table.column(field.name)
            if field in told
            else pa.chunked_array([pa.nulls(table.num_rows, field.type)])
            for field in schema
        }
        shapes = columns.pop("geometry", None)
        plain = pd.DataFrame(
            {name: _series(column, layer.fields[name].kind) for name, column in columns.items()},
            index=pd.RangeIndex(table.num_rows),
        )
        if shapes is None:
            return plain
        drawn = [np.empty(0, dtype=object), *(shapely.from_wkb(part.to_numpy(False)) for part in shapes.chunks)]
        geometry = gpd.GeoSeries(np.concatenate(drawn), crs=STORE_EPSG, index=plain.index)
    except (pa.ArrowException, shapely.errors.ShapelyError) as error:
        raise SourceError(f"the checking process answered no records: {error}") from error
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=STORE_EPSG)


def _schema(layer: Layer) -> pa.Schema:
    kinds = {name: field.kind for name, field in layer.fields.items() if field.kind is not Kind.GEOMETRY}
    fields = [(name, pa.list_(pa.string()) if kind.listed else _TYPES.get(kind, _TEXT)) for name, kind in kinds.items()]
    return pa.schema([*fields, ("geometry", _TYPES[Kind.GEOMETRY])] if layer.spatial else fields)


def _array(column: pd.Series[Any], kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if kind == _TYPES[Kind.GEOMETRY]:
        shapes = np.asarray(column)
        parts = (shapes[start : start + _BATCH] for start in range(0, max(len(shapes), 1), _BATCH))
        return pa.chunked_array([pa.array(shapely.to_wkb(part, flavor="iso"), kind) for part in parts])
    if kind == _TEXT:
        return pa.array(column, pa.string(), from_pandas=True).dictionary_encode()
    return pa.array(column, kind, from_pandas=True)


def _series(column: pa.ChunkedArray, kind: Kind) -> pd.Series[Any]:
    if kind is Kind.NUMBER:
        return pd.Series(column.to_numpy())
    if kind is Kind.DATE:
        return pd.Series(column.to_numpy(), dtype="datetime64[s]")
    if kind in (Kind.INTEGER, Kind.BOOLEAN):
        dtype: Any = pd.Int64Dtype() if kind is Kind.INTEGER else pd.BooleanDtype()
        return pd.Series(dtype.__from_arrow__(column))
    if column.type == _TEXT:
        return pd.Series(_texts(column), dtype=object)
    values = column.to_numpy()
    if kind.listed:
        cells = np.empty(len(values), dtype=object)
        cells[:] = [None if value is None else tuple(value) for value in values]
        values = cells
    return pd.Series(values, dtype=object)


def _texts(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """Return texts of which equal ones are one object."""
    whole = column.unify_dictionaries().combine_chunks()
    known = np.array([*whole.dictionary.to_pylist(), None], dtype=object)
    texts: NDArray[np.object_] = known[whole.indices.fill_null(len(known) - 1).to_numpy()]
    return texts
