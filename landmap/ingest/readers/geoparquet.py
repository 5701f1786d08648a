"""GeoParquet and plain Parquet tables."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers.raw import COLUMNS_MAX, RawLayer, Request, object_array
from landmap.ingest.readers.wkb import nested_too_deeply

_MAGIC: Final = b"PAR1"
MAX_ROWS: Final = 5_000_000
#: Unpacked, less what equal cells save.
MAX_BYTES: Final = 4 * 1024**3


class GeoParquetReader:
    """GeoParquet 1.x, and Parquet without geometry for child tables."""

    key = "geoparquet"
    suffixes = (".parquet", ".geoparquet")

    def recognises(self, head: bytes, path: Path) -> bool:
        """Return whether the file starts as Parquet."""
        return head.startswith(_MAGIC)

    def read(self, request: Request) -> list[RawLayer]:
        """Return the one table of the file."""
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            try:
                frame = _frame(request.path)
            except RefusedError:
                raise
            except DAMAGE as error:
                raise RefusedError("file_damaged", reason=str(error)) from error
        faults = tuple(Fault("reader_said", value=str(one.message)) for one in said)
        geometry, crs = None, None
        shape: str | None = None
        if isinstance(frame, gpd.GeoDataFrame):
            shape = str(frame.geometry.name)
            geometry = object_array(list(frame.geometry.array))
            crs = frame.crs.to_wkt() if frame.crs is not None else None
        columns = {str(name): [_plain(value) for value in frame[name]] for name in frame.columns if name != shape}
        rows = tuple(range(1, len(frame) + 1))
        return [RawLayer(request.name, columns, rows, geometry, crs, encoding="utf-8", faults=faults)]


def _measure(path: Path) -> None:
    """Refuse a file that unpacks to more than any delivery (equal cells take next to no room) or nests without end."""
    told = pq.read_metadata(path)
    size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    if told.num_rows > MAX_ROWS or told.num_columns > COLUMNS_MAX:
        raise RefusedError("table_too_large", rows=MAX_ROWS, columns=COLUMNS_MAX)
    if size > MAX_BYTES:
        raise RefusedError("file_needs_memory")
    with pq.ParquetFile(path) as file:
        shapes = [column.name for column in file.schema_arrow if pa.types.is_binary(column.type)]
        for batch in file.iter_batches(columns=shapes) if shapes else ():
            for column in batch.columns:
                if any(blob is not None and nested_too_deeply(blob) for blob in column.to_pylist()):
                    raise RefusedError("file_damaged", reason="collections nested too deeply")


def _frame(path: Path) -> pd.DataFrame:
    _measure(path)
    try:
        return gpd.read_parquet(path)
    except ValueError as error:
        if "geo metadata" not in str(error).lower():
            raise
    return pd.read_parquet(path)


def _plain(value: Any) -> Any:
    """Return a cell as a plain Python value; NaN, NaT and NA are nulls here."""
    if isinstance(value, np.ndarray):
        return [_plain(part) for part in value.tolist()]
    if isinstance(value, shapely.Geometry):
        return shapely.to_wkt(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, dict):
        return json.loads(json.dumps(value, default=str))
    return None if isinstance(value, float) and value != value else value
