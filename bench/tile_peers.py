"""The peers of the tile benchmark: each returns a function that makes one tile, or None where it is not installed."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from landmap.render.tiles import EXTENT, Source, TileAddress

#: Half the width of the world in EPSG:3857, metres.
HALF = 20_037_508.342789244
BUFFER = 128

Made = Callable[[TileAddress], bytes]


def rows_of(source: Source) -> list[tuple[Any, ...]]:
    """Return id, code, stage, size in steps and outline (WKB in EPSG:3857) of every record."""
    told = {column.key: [*column.values, None] for column in source.columns}
    codes = {column.key: column.codes.tolist() for column in source.columns}
    columns = [[told[key][code] for code in codes[key]] for key in ("code", "stage", "area_bin")]
    outlines = shapely.to_wkb(shapely.transform(source.shapes, _metres)).tolist()
    return list(zip(range(len(outlines)), *columns, outlines, strict=True))


def _metres(points: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    latitudes = np.radians(points[:, 1])
    return np.column_stack([points[:, 0] / 180, np.arcsinh(np.tan(latitudes)) / np.pi]) * HALF


def box_of(at: TileAddress) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a tile in EPSG:3857."""
    width = 2 * HALF / 2**at.z
    return (
        at.x * width - HALF,
        HALF - (at.y + 1) * width,
        (at.x + 1) * width - HALF,
        HALF - at.y * width,
    )


def python_encoder(source: Source) -> Made | None:
    """Return mapbox-vector-tile, given the records of a tile by an index."""
    if importlib.util.find_spec("mapbox_vector_tile") is None:
        return None
    import mapbox_vector_tile

    found = rows_of(source)
    outlines = shapely.from_wkb([row[4] for row in found])
    tree = shapely.STRtree(outlines)

    def make(at: TileAddress) -> bytes:
        box = box_of(at)
        margin = (box[2] - box[0]) * BUFFER / EXTENT
        rows = tree.query(shapely.box(box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)).tolist()
        features = [
            {
                "id": row,
                "geometry": outlines[row],
                "properties": {"code": found[row][1], "stage": found[row][2], "area_bin": found[row][3]},
            }
            for row in rows
        ]
        layer = {"name": source.name, "features": features}
        return bytes(mapbox_vector_tile.encode(layer, default_options={"quantize_bounds": box, "extents": EXTENT}))

    return make


def duckdb_server(source: Source, where: str = "true") -> Made | None:
    """Return DuckDB with its spatial extension, over a table with an R-tree."""
    extension = importlib.util.find_spec("duckdb_extension_spatial")
    if importlib.util.find_spec("duckdb") is None or extension is None or extension.origin is None:
        return None
    import duckdb
    import pyarrow as pa

    (path,) = Path(extension.origin).parent.rglob("spatial.duckdb_extension")
    database = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    database.execute(f"LOAD '{path}'")
    columns = dict(zip(("id", "code", "stage", "area_bin", "wkb"), zip(*rows_of(source), strict=True), strict=True))
    given = pa.table({name: list(values) for name, values in columns.items()})
    database.register("given", given)
    database.execute("CREATE TABLE parcels AS SELECT * EXCLUDE wkb, ST_GeomFromWKB(wkb) AS geom FROM given")
    database.execute("CREATE INDEX lying ON parcels USING RTREE (geom)")

    def make(at: TileAddress) -> bytes:
        west, south, east, north = box_of(at)
        margin = (east - west) * BUFFER / EXTENT
        around = f"ST_MakeEnvelope({west - margin}, {south - margin}, {east + margin}, {north + margin})"
        inside = f"ST_Extent(ST_MakeEnvelope({west}, {south}, {east}, {north}))"
        query = f"""
            SELECT ST_AsMVT({{'geom': ST_AsMVTGeom(geom, {inside}, {EXTENT}, {BUFFER}, true), 'id': id, 'code': code,
                              'stage': stage, 'area_bin': area_bin}}, '{source.name}', {EXTENT}, 'geom', 'id')
            FROM parcels WHERE ST_Intersects(geom, {around}) AND {where}"""
        return bytes(database.execute(query).fetchone()[0])  # type: ignore[index]

    return make


def postgis_server(source: Source, address: str, where: str = "true") -> Made | None:
    """Return PostGIS, over a table in EPSG:3857 with a GiST index."""
    if not address or importlib.util.find_spec("psycopg") is None:
        return None
    import psycopg

    database = psycopg.connect(address, autocommit=True)
    database.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    database.execute("CREATE TEMP TABLE given (id int, code text, stage text, area_bin int, wkb bytea)")
    with database.cursor().copy("COPY given FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int4", "text", "text", "int4", "bytea"])
        for row in rows_of(source):
            copy.write_row(row)
    geometry = "ST_SetSRID(ST_GeomFromWKB(wkb), 3857) geom"
    database.execute(f"CREATE TEMP TABLE parcels AS SELECT id, code, stage, area_bin, {geometry} FROM given")
    database.execute("CREATE INDEX ON parcels USING GIST (geom)")
    database.execute("ANALYZE parcels")
    query = f"""
        SELECT ST_AsMVT(t, '{source.name}', {EXTENT}, 'geom', 'id') FROM (
            SELECT id, code, stage, area_bin,
                   ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), {EXTENT}, {BUFFER}, true) geom
            FROM parcels
            WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {BUFFER / EXTENT}) AND {where}) t"""

    def make(at: TileAddress) -> bytes:
        found = database.execute(query, {"z": at.z, "x": at.x, "y": at.y}, prepare=True, binary=True).fetchone()
        assert found is not None
        return bytes(found[0])

    return make
