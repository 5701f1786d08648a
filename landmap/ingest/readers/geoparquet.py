"""GeoParquet and plain Parquet tables."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from landmap.ingest.faults import DAMAGE, Fault, RefusedError
from landmap.ingest.readers.raw import RawLayer, Request, object_array

_MAGIC: Final = b"PAR1"


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


def _frame(path: Path) -> pd.DataFrame:
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
