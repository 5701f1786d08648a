"""Filter, count, facets and histogram: the engine against plain GeoPandas on the same rows, results compared first.

Rows are the demo district's parcels, repeated side by side.
"""

import datetime as dt
import os
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

import landmap
from bench.timing import medians, table
from landmap.domain import PUBLIC, frame_of, layer_named, table_of
from landmap.pipeline import demo_home
from landmap.query import MemoryEngine, criteria_class

TODAY = dt.date(2026, 11, 22)
SIZES = [int(size) for size in os.environ.get("LANDMAP_BENCH_ROWS", "600,60000").split(",")]
AREA_MIN_M2 = 30 * 2000 / 3
USES = ("1001", "11")
STAGES = ("ready", "announced")
FACETS = ("land_use_code", "supply_stage", "subdistrict")


def repeated(frame: gpd.GeoDataFrame, rows: int) -> gpd.GeoDataFrame:
    """Return the rows of `frame`, repeated until there are `rows`, each copy a district further east."""
    copies = -(-rows // len(frame))
    parts = []
    for copy in range(copies):
        part = frame.copy()
        part["geometry"] = part.geometry.translate(xoff=0.2 * copy)
        part["parcel_id"] = part["parcel_id"] + f"-{copy}"
        parts.append(part)
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True).head(rows), crs=frame.crs)


def plain(frame: gpd.GeoDataFrame) -> tuple[list[str], dict[str, pd.Series], np.ndarray]:
    """Answer the query as one would with GeoPandas alone."""
    uses = frame["land_use_code"].str.startswith(USES).fillna(False).to_numpy(dtype=bool)
    stages = frame["supply_stage"].isin(STAGES).to_numpy()
    large = (frame["area_m2"] >= AREA_MIN_M2).to_numpy()
    found = frame[uses & stages & large]
    facets = {
        "land_use_code": frame[stages & large]["land_use_code"].value_counts(),
        "supply_stage": frame[uses & large]["supply_stage"].value_counts(),
        "subdistrict": found["subdistrict"].value_counts(),
    }
    return sorted(found["parcel_id"]), facets, np.histogram(frame[uses & stages]["area_m2"].dropna(), bins=20)[0]


def run(rows: int, home: Path) -> None:
    """Compare at one size."""
    town = landmap.open(home)
    tables = dict(town.catalog.tables)
    frame = repeated(frame_of(tables["parcels"]), rows)
    tables["parcels"] = table_of(frame, layer_named("parcels"))
    engine = MemoryEngine("bench", town.district, tables)
    query = [("area_min", "30"), *(("land_use", use) for use in USES), *(("stage", stage) for stage in STAGES)]
    criteria = criteria_class("parcels").from_query(query, town.district)
    everyone = criteria_class("parcels")()
    visible = set(engine.select("parcels", everyone, PUBLIC, today=TODAY).ids())
    public = frame[frame["parcel_id"].isin(visible)]

    def ours() -> tuple[list[str], object, object]:
        selection = engine.select("parcels", criteria, PUBLIC, today=TODAY)
        return list(selection.ids()), selection.facets(FACETS), selection.histogram("area_m2")

    assert ours()[0] == plain(public)[0], "the answers differ"
    taken = medians({"landmap": ours, "plain GeoPandas": lambda: plain(public)})
    print(table(f"typical filter, {rows} parcels (public: {len(public)})", taken, "landmap"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temp:
        demo_home(Path(temp) / "home")
        for size in SIZES:
            run(size, Path(temp) / "home")
