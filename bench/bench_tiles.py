"""Pages as GeoJSON and vector tiles: spliced from what was encoded once, against libraries and servers.

Peers that are not installed are left out: `mapbox-vector-tile` and `duckdb` with its spatial extension by import,
PostGIS by the address in LANDMAP_BENCH_POSTGIS (and `psycopg`).
"""

import datetime as dt
import os
from collections.abc import Callable

import numpy as np
import orjson
import shapely

from bench import parcels
from bench.tile_peers import Made, duckdb_server, postgis_server, python_encoder
from bench.timing import medians, table
from landmap.domain import PUBLIC, redact_among
from landmap.query import MemoryEngine, Selection, criteria_class
from landmap.render import Fragments, geojson, tiles
from tests import mvt
from tests.query_town import DISTRICT

TODAY = dt.date(2026, 11, 22)
SIZES = [int(size) for size in os.environ.get("LANDMAP_BENCH_ROWS", "100000").split(",")]
POSTGIS = os.environ.get("LANDMAP_BENCH_POSTGIS", "")
PAGE = 1000
ZOOM = 14
TILES = 12
WITHIN = shapely.box(16, 16, tiles.EXTENT - 16, tiles.EXTENT - 16)
#: The filter of the filtered tiles: so many of the most frequent classes.
FREQUENT = 3


def page_of_records(selection: Selection, fragments: Fragments) -> None:
    """Compare ways to one page of GeoJSON."""
    page = selection.page(limit=PAGE)
    frame = selection.to_geodataframe().iloc[:PAGE].drop(columns=["data_as_of"])
    records = list(page.records)

    def spliced() -> bytes:
        chosen = selection.page(limit=PAGE).ordinals
        before = geojson.head(PAGE, box=fragments.box(chosen), matched=selection.total)
        return geojson.whole(fragments.of(selection, chosen), before)

    def vectorised() -> bytes:
        shapes = shapely.to_geojson(np.array([one.geometry for one in records], dtype=object))
        return orjson.dumps(
            [
                {"type": "Feature", "id": one.id, "geometry": orjson.Fragment(shape), "properties": one.properties}
                for one, shape in zip(records, shapes, strict=True)
            ]
        )

    whole = spliced()
    told = orjson.loads(whole)
    assert [feature["id"] for feature in told["features"]] == list(frame.index)
    copied = np.frombuffer(whole, dtype=np.uint8)
    tasks: dict[str, Callable[[], object]] = {
        "landmap, spliced": spliced,
        "copying the bytes": copied.copy,
        "landmap, encoded anew": lambda: b",".join(geojson.encoded(selection.at(page.ordinals))),
        "shapely.to_geojson and orjson": vectorised,
        "GeoDataFrame.to_json": frame.to_json,
    }
    title = f"page of {PAGE} records as GeoJSON, {len(whole) / 1000:.0f} kB"
    print(table(title, medians(tasks, rounds=15), "landmap, spliced"))


def one_tile(source: tiles.Source) -> None:
    """Compare ways to a tile, and to a filtered one; every peer draws the same records."""
    layer = tiles.TileLayer(source)
    addresses = ordinary(layer)
    code = source.columns[0]
    frequent = np.bincount(code.codes).argsort()[-FREQUENT:]
    wanted = np.isin(code.codes, frequent)
    bitmap = np.packbits(wanted, bitorder="little").tobytes()
    anew = tiles.TileLayer(source, capacity=0)
    anew._index = layer.index
    ours: dict[str, Made] = {
        "landmap, from fragments": lambda at: layer.tile(at).whole(),
        "landmap, filtered": lambda at: layer.tile(at).only(tiles.kept_of(bitmap, layer.tile(at).ordinals)),
        "landmap, on demand": lambda at: anew.tile(at).whole(),
    }
    where = "code IN ({})".format(", ".join(f"'{code.values[place]}'" for place in frequent))
    peers = {
        "PostGIS ST_AsMVT": postgis_server(source, POSTGIS),
        "PostGIS, filtered": postgis_server(source, POSTGIS, where),
        "DuckDB ST_AsMVT": duckdb_server(source),
        "mapbox-vector-tile": python_encoder(source),
    }
    made = ours | {name: make for name, make in peers.items() if make is not None}
    mean = sum(len(layer.tile(at).ordinals) for at in addresses) / len(addresses)
    for name, make in made.items():
        compare(name, make, ours["landmap, filtered" if "filtered" in name else "landmap, on demand"], addresses)
    turns = {name: _each(make, addresses) for name, make in made.items()}
    taken = {name: seconds / len(addresses) for name, seconds in medians(turns, rounds=9).items()}
    title = f"one z{ZOOM} tile of {mean:.0f} records (mean of {len(addresses)})"
    print(table(title, taken, "landmap, from fragments"))


def _each(make: Made, addresses: list[tiles.TileAddress]) -> Callable[[], object]:
    return lambda: [make(at) for at in addresses]


def ordinary(layer: tiles.TileLayer) -> list[tiles.TileAddress]:
    """Return tiles of the median number of records and somewhat more."""
    span = layer.span(ZOOM)
    assert span is not None
    west, north, east, south = span
    every = [tiles.TileAddress(ZOOM, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]
    every = [at for at in every if len(layer.index.inside(at)[0]) >= 20]
    every.sort(key=lambda at: len(layer.index.inside(at)[0]))
    return every[len(every) // 2 :][:TILES]


def compare(name: str, make: Made, ours: Made, addresses: list[tiles.TileAddress]) -> None:
    """Raise when a peer draws other records inside the tile than we do; at its edge each rounds in its own way."""
    for at in addresses:
        assert inside(make(at)) == inside(ours(at)), (name, at)


def inside(body: bytes) -> set[int | None]:
    """Return what a tile holds away from its edges."""
    features = [feature for layer in mvt.read(body) for feature in layer.features]
    return {feature.id for feature in features if feature.geometry.intersects(WITHIN)}


def run(rows: int) -> None:
    """Compare at one size."""
    held = {"parcels": parcels.table(rows)}
    engine = MemoryEngine("bench", DISTRICT, held)
    selection = engine.select("parcels", criteria_class("parcels")(), PUBLIC, today=TODAY)
    shown = redact_among(held, held["parcels"].layer, PUBLIC.policy_class)
    print(f"== {rows} parcels")
    page_of_records(selection, Fragments(shown["geometry"]))
    one_tile(tiles.table_source(shown))


if __name__ == "__main__":
    for size in SIZES:
        run(size)
