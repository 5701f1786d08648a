"""Layers as GeoParquet bytes: schema from the field tables, fixed order, so that equal data are equal bytes.

How each kind is stored is told in `tables`.

Source: GeoParquet 1.1.0, https://geoparquet.org/releases/v1.1.0/ (one WKB column, PROJJSON, bounding box).
"""

from __future__ import annotations

import io
import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from landmap.domain import District, Field, Kind, Layer, compact_json, frame_of
from landmap.domain.errors import SchemaError
from landmap.store.tables import arrow_type, table_from_bytes

GEOPARQUET: Final = "1.1.0"
ROW_GROUP: Final = 65_536
_GEOMETRY: Final = "geometry"
#: By GEOS type id, as GeoParquet calls them.
_KINDS: Final = {
    0: "Point",
    1: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}


def stored_order(frame: pd.DataFrame, layer: Layer, district: District) -> NDArray[np.intp]:
    """Return the rows of a canonical frame in stored order: along a Hilbert curve over the district, ties by key.

    A table, and a frame in which a shape is missing, which is on its way to update others, goes by key alone.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame) or not frame.geometry.notna().all():
        return _by_key(frame, layer, np.arange(len(frame)))
    curve = np.asarray(frame.geometry.hilbert_distance(total_bounds=np.asarray(district.extent)))
    order = np.argsort(curve, kind="stable")
    along = curve[order]
    tied = np.zeros(len(order) + 1, dtype=bool)
    tied[1:-1] = along[1:] == along[:-1]
    places = np.flatnonzero(tied[1:] | tied[:-1])
    order[places] = _by_key(frame, layer, order[places], curve)
    return order


def _by_key(
    frame: pd.DataFrame, layer: Layer, rows: NDArray[np.intp], first: NDArray[Any] | None = None
) -> NDArray[np.intp]:
    """Return some rows sorted by key, and by `first` before that."""
    by = {} if first is None else {"first": first[rows]}
    by |= {name: frame[name].to_numpy()[rows] for name in layer.key}
    sorted_by: NDArray[np.intp] = rows[pd.DataFrame(by).sort_values(list(by), kind="stable").index.to_numpy()]
    return sorted_by


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
    order = stored_order(frame, layer, district)
    fields = [field for field in layer.fields.values() if field.kind is not Kind.GEOMETRY]
    schema = pa.schema([(field.name, arrow_type(field.kind)) for field in fields])
    cells = [frame[field.name].array for field in fields]
    shapes = None
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = frame.geometry.to_numpy()
        schema = schema.append(pa.field(_GEOMETRY, pa.binary())).with_metadata({"geo": _geo(frame)})
    sink = io.BytesIO()
    written: Future[None] | None = None
    with (
        pq.ParquetWriter(sink, schema, compression="zstd", version="2.6") as writer,
        ThreadPoolExecutor(max_workers=1) as writing,
    ):
        for start in range(0, max(len(order), 1), ROW_GROUP):  # while one group is written, the next is made ready
            rows = order[start : start + ROW_GROUP]
            columns = [_arrow(column.take(rows), field) for column, field in zip(cells, fields, strict=True)]
            if shapes is not None:
                columns.append(pa.array(shapely.to_wkb(shapes[rows], flavor="iso"), type=pa.binary()))
            table = pa.Table.from_arrays(columns, schema=schema)
            if written is not None:
                written.result()
            written = writing.submit(writer.write_table, table, ROW_GROUP)
        if written is not None:
            written.result()
    return sink.getvalue()


def from_bytes(data: bytes, layer: Layer, name: str) -> pd.DataFrame:
    """Return the canonical frame of a stored layer; a field that was unknown when it was stored is unknown throughout.

    Raises
    ------
    StoreError
        When the bytes are no Parquet file of this layer; `name` says which.
    """
    return frame_of(table_from_bytes(data, layer, name))


def _arrow(cells: Any, field: Field) -> pa.Array:
    """Return the cells of a canonical column, a pandas array, as they are stored."""
    try:
        if field.kind not in (Kind.INTEGER, Kind.BOOLEAN):
            cells = np.asarray(cells, dtype="datetime64[D]" if field.kind is Kind.DATE else None)
        return pa.array(cells, arrow_type(field.kind), from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise SchemaError(f"{field.layer}.{field.name} holds a value that is no {field.kind}: {error}") from error


def _geo(frame: gpd.GeoDataFrame) -> bytes:
    assert frame.crs is not None
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(_kind_names(frame.geometry.to_numpy())),
        "crs": frame.crs.to_json_dict(),
    }
    if frame.geometry.notna().any():
        column["bbox"] = [float(edge) for edge in frame.total_bounds]
    return compact_json({"version": GEOPARQUET, "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}).encode()


def _kind_names(shapes: Any) -> set[str]:
    kinds: list[int] = np.unique(shapely.get_type_id(shapes)).tolist()
    return {_KINDS[kind] for kind in kinds if kind >= 0}


def geo_metadata(data: bytes) -> dict[str, Any]:
    """Return the ``geo`` metadata of a stored spatial layer."""
    found: dict[str, Any] = json.loads(pq.read_schema(io.BytesIO(data)).metadata[b"geo"])
    return found
