"""Layers read back from GeoParquet bytes as tables; how each kind is stored is told here, for reading and writing.

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
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landmap.domain import NO_INTEGER, Kind, Layer, Table
from landmap.domain.errors import StoreError

Column = npt.NDArray[Any]

_TYPES: Final = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.GEOMETRY: pa.binary(),
}


def arrow_type(kind: Kind) -> pa.DataType:
    """Return how values of `kind` are stored."""
    if kind.listed:
        return pa.list_(pa.string())
    return _TYPES.get(kind, pa.string())


def table_from_bytes(data: bytes, layer: Layer, name: str) -> Table:
    """Return a stored layer; a field that was unknown when it was stored is unknown throughout.

    Raises
    ------
    StoreError
        When the bytes are no Parquet file of this layer; `name` says which.
    """
    try:
        # `read_table` would load the dataset machinery, and pandas with it.
        stored = pq.ParquetFile(io.BytesIO(data)).read()
        columns = {field.name: _column(stored, field.name, field.kind) for field in layer.fields.values()}
    except (pa.ArrowException, KeyError, shapely.errors.ShapelyError) as error:
        raise StoreError(f"{name} is no file of layer {layer.name!r}: {error}") from error
    return Table(layer, columns, stored.num_rows)


def _column(stored: pa.Table, name: str, kind: Kind) -> Column:
    arrow = arrow_type(kind)
    if name in stored.column_names or kind is Kind.GEOMETRY:
        column = stored.column(name).cast(arrow)
    else:
        column = pa.chunked_array([pa.nulls(stored.num_rows, arrow)])
    return _READ.get(kind, _texts)(column)


def _numbers(column: pa.ChunkedArray) -> Column:
    return _filled(column, np.float64(np.nan))


def _integers(column: pa.ChunkedArray) -> Column:
    return _filled(column, np.int64(NO_INTEGER))


def _flags(column: pa.ChunkedArray) -> Column:
    return _filled(column.cast(pa.int8()), np.int8(-1))


def _days(column: pa.ChunkedArray) -> Column:
    no_day = np.datetime64("NaT", "D").astype(np.int64)
    return _filled(column.cast(pa.int32()).cast(pa.int64()), no_day).view("datetime64[D]")


def _filled(column: pa.ChunkedArray, unknown: np.generic) -> Column:
    values = np.full(len(column), unknown)
    values[_plain(column.is_valid().cast(pa.uint8())).astype(np.bool_)] = _plain(column.drop_null())
    return values


def _plain(column: pa.ChunkedArray) -> Column:
    """Return a column without nulls; by way of DLPack, as ``to_numpy`` would load pandas."""
    return np.from_dlpack(column.combine_chunks())


def _shapes(column: pa.ChunkedArray) -> Column:
    return np.asarray(shapely.from_wkb(_objects(column)), dtype=object)


def _objects(column: pa.ChunkedArray) -> Column:
    values = column.to_pylist()
    if pa.types.is_list(column.type):
        values = [None if value is None else tuple(value) for value in values]
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells


def _texts(column: pa.ChunkedArray) -> Column:
    """Return texts of which equal ones are one object."""
    if pa.types.is_list(column.type):
        return _objects(column)
    # Unknown is one of the values: filling it in afterwards would make a scalar, for which Arrow loads pandas.
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    known = coded.dictionary.to_pylist()
    cells = np.empty(len(known), dtype=object)
    cells[:] = known
    texts: Column = cells[np.from_dlpack(coded.indices)]
    return texts


_READ: Final[dict[Kind, Callable[[pa.ChunkedArray], Column]]] = {
    Kind.NUMBER: _numbers,
    Kind.INTEGER: _integers,
    Kind.BOOLEAN: _flags,
    Kind.DATE: _days,
    Kind.GEOMETRY: _shapes,
}
