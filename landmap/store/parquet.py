"""Layers as GeoParquet bytes: schema from the field tables, fixed order, so that equal data are equal bytes.

How each kind is stored is told in `tables`.

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

from landmap.domain import District, Field, Kind, Layer, compact_json, frame_of
from landmap.domain.errors import SchemaError
from landmap.store.tables import arrow_type, table_from_bytes

GEOPARQUET: Final = "1.1.0"
ROW_GROUP: Final = 65_536
_GEOMETRY: Final = "geometry"


def ordered(frame: pd.DataFrame, layer: Layer, district: District) -> pd.DataFrame:
    """Return a canonical frame in stored order: along a Hilbert curve over the district; ties, and tables, by key.

    A frame in which a shape is missing, which is on its way to update others, is a table here.
    """
    by = {name: frame[name] for name in layer.key}
    if isinstance(frame, gpd.GeoDataFrame) and len(frame) and frame.geometry.notna().all():
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
    return frame_of(table_from_bytes(data, layer, name))


def _arrow(column: pd.Series[Any], field: Field) -> pa.Array:
    try:
        return pa.array(
            column.astype(object) if field.kind is Kind.DATE else column, arrow_type(field.kind), from_pandas=True
        )
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise SchemaError(f"{field.layer}.{field.name} holds a value that is no {field.kind}: {error}") from error


def _geo(frame: gpd.GeoDataFrame) -> bytes:
    assert frame.crs is not None
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(set(frame.geometry.geom_type.dropna())),
        "crs": frame.crs.to_json_dict(),
    }
    if frame.geometry.notna().any():
        column["bbox"] = [float(edge) for edge in frame.total_bounds]
    return compact_json({"version": GEOPARQUET, "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}).encode()


def geo_metadata(data: bytes) -> dict[str, Any]:
    """Return the ``geo`` metadata of a stored spatial layer."""
    found: dict[str, Any] = json.loads(pq.read_schema(io.BytesIO(data)).metadata[b"geo"])
    return found
