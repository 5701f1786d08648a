"""The peers of the engine benchmark: each returns a function that answers a wish, or None where it is not installed.

All answer the same: the numbers of the rows found, the counts by code, stage and subdistrict, and a histogram of areas.
"""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

FACETS: Final = ("land_use_code", "supply_stage", "subdistrict")
BINS: Final = 20


@dataclass(frozen=True)
class Wish:
    """What is asked: an area of at least and at most, codes, a floor area ratio that is permitted, stages, a place."""

    area_min_m2: float
    area_max_m2: float
    ratio_min: float
    codes: tuple[str, ...]
    stages: tuple[str, ...]
    box: tuple[float, float, float, float] | None = None
    inside: shapely.Polygon | None = None


@dataclass(frozen=True)
class Answer:
    """What is found."""

    rows: npt.NDArray[np.integer[Any]]
    facets: Mapping[str, Mapping[str, int]]
    histogram: tuple[int, ...]

    def same(self, other: "Answer") -> bool:
        """Return whether both say the same."""
        return (
            np.array_equal(np.sort(self.rows), np.sort(other.rows))
            and {name: dict(counts) for name, counts in self.facets.items()} == dict(other.facets)
            and self.histogram == other.histogram
        )


Peer = Callable[[Wish], Answer]


def plain_geopandas(frame: gpd.GeoDataFrame, edges: npt.NDArray[np.float64]) -> Peer:
    """Return GeoPandas alone: the masks of the columns first, then the place of what is left."""

    def answer(wish: Wish) -> Answer:
        found = frame[
            frame["area_m2"].between(wish.area_min_m2, wish.area_max_m2)
            & frame["land_use_code"].isin(wish.codes)
            & (frame["floor_area_ratio_max"] >= wish.ratio_min)
            & frame["supply_stage"].isin(wish.stages)
        ]
        if wish.box is not None:
            west, south, east, north = wish.box
            found = found.cx[west:east, south:north]
        if wish.inside is not None:
            found = found[found.geometry.covered_by(wish.inside)]
        counts = {name: found[name].value_counts() for name in FACETS}
        facets = {name: {str(code): int(n) for code, n in one.items() if n} for name, one in counts.items()}
        return Answer(found.index.to_numpy(), facets, tuple(np.histogram(found["area_m2"], bins=edges)[0].tolist()))

    return answer


def polars(frame: gpd.GeoDataFrame, edges: npt.NDArray[np.float64]) -> Peer | None:
    """Return polars, which knows no shapes: their boxes as columns, and shapely for what the boxes leave open."""
    if importlib.util.find_spec("polars") is None:
        return None
    import polars as pl

    shapes = frame.geometry.to_numpy()
    boxes = dict(zip(("west", "south", "east", "north"), shapely.bounds(shapes).T, strict=True))
    columns = {name: frame[name].to_numpy() for name in ("area_m2", "floor_area_ratio_max")}
    codes = {name: frame[name].astype(str).tolist() for name in FACETS}
    held = pl.DataFrame({"row": np.arange(len(frame)), **columns, **codes, **boxes})
    held = held.with_columns(pl.col(name).cast(pl.Categorical) for name in FACETS)

    def answer(wish: Wish) -> Answer:
        asked = (
            pl.col("area_m2").is_between(wish.area_min_m2, wish.area_max_m2)
            & pl.col("land_use_code").is_in(list(wish.codes))
            & (pl.col("floor_area_ratio_max") >= wish.ratio_min)
            & pl.col("floor_area_ratio_max").is_not_nan()
            & pl.col("supply_stage").is_in(list(wish.stages))
        )
        place = wish.box or (None if wish.inside is None else wish.inside.bounds)
        if place is not None:
            west, south, east, north = place
            asked &= (pl.col("west") <= east) & (pl.col("east") >= west)
            asked &= (pl.col("south") <= north) & (pl.col("north") >= south)
        found = held.lazy().filter(asked).collect()
        if place is not None:
            rows = found["row"].to_numpy()
            area = shapely.box(*place) if wish.inside is None else wish.inside
            shapely.prepare(area)
            relation = shapely.intersects if wish.inside is None else shapely.covers
            found = found.filter(pl.Series(relation(area, shapes[rows])))
        facets = {name: dict(found[name].value_counts().iter_rows()) for name in FACETS}
        counts = np.histogram(found["area_m2"].to_numpy(), bins=edges)[0]
        return Answer(found["row"].to_numpy(), facets, tuple(counts.tolist()))

    return answer


def duckdb(frame: gpd.GeoDataFrame, edges: npt.NDArray[np.float64]) -> Peer | None:
    """Return DuckDB with its spatial extension: boxes as columns, and the shape of what they leave open."""
    extension = importlib.util.find_spec("duckdb_extension_spatial")
    if importlib.util.find_spec("duckdb") is None or extension is None or extension.origin is None:
        return None
    import duckdb
    import duckdb_extensions

    duckdb_extensions.import_extension("spatial")
    server = duckdb.connect()
    server.execute("LOAD spatial")
    server.register("loaded", _flat(frame))
    codes = ", ".join(f"{name}::{_enum(server, frame, name)} AS {name}" for name in FACETS)
    server.execute(
        f"CREATE TABLE parcels AS SELECT row, area_m2, floor_area_ratio_max, {codes}, "
        "west, south, east, north, ST_GeomFromWKB(shape) AS shape FROM loaded"
    )
    server.unregister("loaded")

    def answer(wish: Wish) -> Answer:
        clauses, values = _where(wish, "?")
        server.execute(f"CREATE OR REPLACE TEMP TABLE found AS SELECT * FROM parcels WHERE {clauses}", values)
        rows = server.execute("SELECT row FROM found").fetchnumpy()["row"]
        facets = {
            name: dict(server.execute(f"SELECT {name}::VARCHAR, count(*) FROM found GROUP BY 1").fetchall())
            for name in FACETS
        }
        areas = server.execute("SELECT area_m2 FROM found").fetchnumpy()["area_m2"]
        return Answer(np.asarray(rows), facets, tuple(np.histogram(areas, bins=edges)[0].tolist()))

    return answer


def _enum(server: Any, frame: gpd.GeoDataFrame, name: str) -> str:
    values = ", ".join(f"'{value}'" for value in sorted(frame[name].astype(str).unique()))
    server.execute(f"CREATE TYPE kind_of_{name} AS ENUM ({values})")
    return f"kind_of_{name}"


def postgis(frame: gpd.GeoDataFrame, edges: npt.NDArray[np.float64], address: str) -> Peer | None:
    """Return PostGIS at `address`, with an index for shapes and one for columns, answering in one statement."""
    if not address or importlib.util.find_spec("psycopg") is None:
        return None
    import psycopg

    server = psycopg.connect(address, autocommit=True)
    flat = _flat(frame)
    server.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    server.execute("SET jit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'")
    server.execute(
        "DROP TABLE IF EXISTS engine; CREATE TABLE engine (row int, area_m2 float8, floor_area_ratio_max float8, "
        "land_use_code text, supply_stage text, subdistrict text, shape geometry(Geometry, 4490))"
    )
    names = ("row", "area_m2", "floor_area_ratio_max", *FACETS)
    with server.cursor().copy("COPY engine FROM STDIN") as copy:
        for one in zip(*(flat[name].tolist() for name in names), flat["shape"].tolist(), strict=True):
            shape = shapely.to_wkb(shapely.set_srid(shapely.from_wkb(one[-1]), 4490), hex=True, include_srid=True)
            copy.write_row([None if value != value else value for value in one[:-1]] + [shape])
    server.execute(
        "CREATE INDEX ON engine USING gist (shape); CREATE INDEX ON engine (land_use_code, supply_stage, area_m2)"
    )
    server.execute("VACUUM ANALYZE engine")

    def answer(wish: Wish) -> Answer:
        clauses, values = _where(wish, "%s")
        facets = " ".join(
            f"UNION ALL SELECT '{name}', {name}, count(*), NULL FROM found GROUP BY {name}" for name in FACETS
        )
        told = server.execute(
            f"WITH found AS MATERIALIZED (SELECT * FROM engine WHERE {clauses}) "
            "SELECT 'rows' AS said, NULL AS code, count(*) AS n, array_agg(row) AS rows FROM found "
            f"{facets} UNION ALL "
            "SELECT 'bin', (width_bucket(area_m2, %s::float8[]))::text, count(*), NULL FROM found GROUP BY 2",
            [*values, edges.tolist()],
        ).fetchall()
        counts: dict[str, dict[str, int]] = {name: {} for name in (*FACETS, "bin")}
        rows: list[int] = []
        for said, code, number, found in told:
            if said == "rows":
                rows = found or []
            else:
                counts[said][code] = number
        bins = counts.pop("bin")
        histogram = [bins.get(str(number), 0) for number in range(1, BINS + 1)]
        histogram[-1] += bins.get(str(BINS + 1), 0)
        return Answer(np.array(rows, dtype=np.int64), counts, tuple(histogram))

    return answer


def _flat(frame: gpd.GeoDataFrame) -> Any:
    """Return the columns that are asked, shapes as WKB, as a plain frame."""
    flat = frame[["area_m2", "floor_area_ratio_max"]].copy()
    for name in FACETS:
        flat[name] = frame[name].astype(str)
    flat["row"] = np.arange(len(frame))
    for name, side in zip(("west", "south", "east", "north"), shapely.bounds(frame.geometry.to_numpy()).T, strict=True):
        flat[name] = side
    flat["shape"] = shapely.to_wkb(frame.geometry.to_numpy())
    return flat


def _where(wish: Wish, mark: str) -> tuple[str, list[Any]]:
    """Return the clauses of SQL and their values."""
    clauses = [f"area_m2 BETWEEN {mark} AND {mark}", f"floor_area_ratio_max >= {mark}"]
    values: list[Any] = [wish.area_min_m2, wish.area_max_m2, wish.ratio_min]
    for name, wanted in (("land_use_code", wish.codes), ("supply_stage", wish.stages)):
        clauses.append(f"{name} IN ({', '.join([mark] * len(wanted))})")
        values += wanted
    duck = mark == "?"
    clauses.append("NOT isnan(floor_area_ratio_max)" if duck else "true")
    place = wish.box or (None if wish.inside is None else wish.inside.bounds)
    if place is None:
        return " AND ".join(clauses), values
    west, south, east, north = place
    if duck:
        clauses.append(f"west <= {mark} AND east >= {mark} AND south <= {mark} AND north >= {mark}")
        values += [east, west, north, south]
    crs = "" if duck else ", 4490"
    if wish.inside is None:
        clauses.append(f"ST_Intersects(shape, ST_MakeEnvelope({', '.join([mark] * 4)}{crs}))")
        values += [west, south, east, north]
    else:
        clauses.append(f"ST_CoveredBy(shape, ST_GeomFromText({mark}{crs}))")
        values.append(wish.inside.wkt)
    return " AND ".join(clauses), values
