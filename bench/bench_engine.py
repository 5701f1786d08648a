"""Filter, count, facets, histogram: the engine beside libraries and servers, on the same rows, answers compared first.

Every peer answers what its one table says: rows, three facets, a histogram. Peers that are not installed are left out:
polars, and DuckDB 1.5.5 with its spatial extension, by import; PostGIS by the address in LANDMAP_BENCH_POSTGIS (and
`psycopg`). “one scan” reads each column that the wish touches once: what no answer without an index can beat.
"""

import datetime as dt
import itertools
import math
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from bench import engine_peers, parcels
from bench.engine_peers import BINS, FACETS, Answer, Wish
from bench.timing import medians, table
from landmap.domain import Audience, Level, Table
from landmap.query import Criteria, MemoryEngine, criteria_class, facets, parse_within
from landmap.query.selection import MemorySelection
from tests.query_data import demo_district

TODAY = dt.date(2026, 11, 22)
OFFICER = Audience(Level.OFFICER)
SIZES = [int(size) for size in os.environ.get("LANDMAP_BENCH_ROWS", "10000,100000").split(",")]
POSTGIS = os.environ.get("LANDMAP_BENCH_POSTGIS", "")
MU = 2000 / 3
#: A star of 60 points that holds about a seventh of the land.
STAR = shapely.Polygon(
    [
        (
            round(120.56 + 0.25 * math.cos(a) * (1 + 0.2 * math.sin(5 * a)), 6),
            round(36.45 + 0.2 * math.sin(a) * (1 + 0.2 * math.sin(5 * a)), 6),
        )
        for a in np.linspace(0, 2 * math.pi, 61)[:-1]
    ]
)


def wishes(rows: Table) -> dict[str, Wish]:
    """Return the wishes; areas are in shares of the middle one, so that they mean the same at any size."""
    codes = tuple(sorted(set(rows["land_use_code"].tolist())))
    stages = ("announced", "ready", "sold")
    mu = float(np.median(rows["area_m2"])) / MU
    low, high = math.floor(60 * mu) / 100 * MU, math.ceil(400 * mu) / 100 * MU
    typical = Wish(round(low, 2), round(high, 2), 1.5, codes[3:9], stages)
    broad = Wish(round(low / 3, 2), round(high * 3, 2), 0.8, codes[3:33], (*stages, "bidding"))
    box, view = (120.3, 36.2, 120.8, 36.6), (120.5, 36.4, 120.515, 36.41)
    return {
        "typical": _at(typical, box=box),
        "polygon": _at(typical, inside=STAR),
        "broad": broad,
        "viewport": _at(typical, box=view),
        "needle": Wish(round(high * 0.9, 2), round(high, 2), 3.0, codes[3:9], stages),
    }


def _at(wish: Wish, **place: Any) -> Wish:
    return Wish(**(vars(wish) | place))


def criteria_of(wish: Wish) -> Criteria:
    """Return the wish as criteria of the product."""
    place: dict[str, Any] = {} if wish.box is None else {"bbox": wish.box}
    if wish.inside is not None:
        place = {"within": parse_within(wish.inside.wkt)}
    return criteria_class("parcels")(
        area_min=wish.area_min_m2,
        area_max=wish.area_max_m2,
        area_unit="m2",
        land_use=wish.codes,
        floor_area_ratio_min=wish.ratio_min,
        stage=wish.stages,
        **place,
    )


def select(engine: MemoryEngine, criteria: Criteria) -> MemorySelection:
    """Select for an officer."""
    return engine.select("parcels", criteria, OFFICER, today=TODAY)


def simple(engine: MemoryEngine, criteria: Criteria) -> tuple[bytes, Any, Any]:
    """Return bitmap, facets and histogram of what is found, as the peers count them: no group left aside."""
    selection = select(engine, criteria)
    scene, found, extent = selection._scene, selection._chosen, selection._extent
    counted = {name: facets.facet(scene, name, found) for name in FACETS}
    return selection.bitmap(), counted, facets.histogram(scene, "area_m2", extent, found, BINS)


def own_groups(engine: MemoryEngine, criteria: Criteria) -> tuple[bytes, Any, Any]:
    """Return what the product answers: each group's own criteria left aside."""
    selection = select(engine, criteria)
    return selection.bitmap(), selection.facets(FACETS), selection.histogram("area_m2", BINS)


def answer_of(engine: MemoryEngine, criteria: Criteria) -> Answer:
    """Return our answer in the form of the peers."""
    _, counted, histogram = simple(engine, criteria)
    rows = select(engine, criteria).ordinals()
    return Answer(rows, {name: one.counts for name, one in counted.items()}, histogram.counts)


def one_scan(rows: Table) -> Callable[[], object]:
    """Return a reading of the touched columns in their least form: 9 bytes a row."""
    rng = np.random.default_rng(1)
    columns = [rng.integers(0, 99, rows.size * width // 8 + 1).astype(np.uint64) for width in (4, 1, 1, 1, 1, 1)]
    return lambda: [column.sum() for column in columns]


def run(rows: int) -> dict[str, float]:
    """Compare at one size; return our own medians."""
    made = parcels.table(rows)
    engine = MemoryEngine("bench", demo_district(), {"parcels": made})
    columns = ("area_m2", "floor_area_ratio_max", *FACETS)
    frame = gpd.GeoDataFrame({name: made[name] for name in columns}, geometry=made["geometry"], crs=4490)
    for name in FACETS:
        frame[name] = frame[name].astype("category")
    begun = time.perf_counter()
    view = engine.view("parcels", OFFICER.policy_class)
    for wish in wishes(made).values():
        own_groups(engine, criteria_of(wish))
    print(f"{rows} parcels: first answers to all wishes, indexes made on the way, {time.perf_counter() - begun:.1f} s")
    edges = np.array(select(engine, criteria_class("parcels")()).histogram("area_m2", BINS).edges)
    peers = {
        "plain GeoPandas": engine_peers.plain_geopandas(frame, edges),
        "polars": engine_peers.polars(frame, edges),
        "DuckDB spatial": engine_peers.duckdb(frame, edges),
        "PostGIS": engine_peers.postgis(frame, edges, POSTGIS),
    }
    here = {name: peer for name, peer in peers.items() if peer is not None}
    assert view.size == rows
    taken = {name: compare(name, wish, engine, here, one_scan(made)) for name, wish in wishes(made).items()}
    everyone = criteria_class("parcels")()
    taken["no filter"] = medians({"ours": lambda: own_groups(engine, everyone)})["ours"]
    return taken


def compare(
    title: str, wish: Wish, engine: MemoryEngine, peers: Mapping[str, engine_peers.Peer], scan: Callable[[], object]
) -> float:
    """Check that all answer the same, then print who takes how long."""
    criteria = criteria_of(wish)
    ours = answer_of(engine, criteria)
    for name, peer in peers.items():
        assert ours.same(peer(wish)), f"{name} answers otherwise: {title}"
    tasks: dict[str, Callable[[], object]] = {
        "landmap": lambda: simple(engine, criteria),
        "landmap, with every row number": lambda: (simple(engine, criteria), select(engine, criteria).ordinals()),
        "landmap, own group left aside": lambda: own_groups(engine, criteria),
        "one scan": scan,
    }
    tasks |= {name: lambda peer=peer: peer(wish) for name, peer in peers.items()}  # type: ignore[misc]
    taken = medians(tasks)
    print(table(f"{title}: {len(ours.rows)} of {engine.size('parcels', OFFICER)} parcels", taken, "landmap"))
    print(f"{'landmap in scans':32} {taken['landmap'] / taken['one scan']:10.1f}")
    return taken["landmap"]


def growth(taken: Mapping[int, Mapping[str, float]]) -> None:
    """Print by what power of the rows the time grows, from size to size."""
    for small, large in itertools.pairwise(SIZES):
        powers = {
            name: math.log(taken[large][name] / taken[small][name]) / math.log(large / small) for name in taken[small]
        }
        told = ", ".join(f"{name} {power:.2f}" for name, power in powers.items())
        print(f"growth from {small} to {large} rows: {told}")


if __name__ == "__main__":
    growth({size: run(size) for size in SIZES})
