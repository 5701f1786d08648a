"""A hamlet for tests of the store: a few squares in Licang, small enough to check by eye."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from landmap.domain import canonical_frame, layer_named
from landmap.store import Home

DISTRICT_TOML: Final = """\
code = "370213"
name_zh = "李沧区"
name_en = "Licang"
planar_epsg = 4549
extent = [120.30, 36.10, 120.50, 36.25]

[rules]
planning_conditions_valid_years = 1

[[basemap]]
key = "offline"
label_zh = "离线底图"
label_en = "Offline"
file = "basemap.geojson"
"""
BASEMAP: Final = '{"type":"FeatureCollection","features":[]}'

WEST, SOUTH = 120.40, 36.18
#: About 90 m east-west and 111 m north-south.
STEP: Final = 0.001


def square(column: float, row: float, size: float = 1.0) -> shapely.Polygon:
    """Return a square of `size` steps whose lower left corner lies `column` steps east and `row` steps north."""
    x, y = WEST + column * STEP, SOUTH + row * STEP
    return shapely.box(x, y, x + size * STEP, y + size * STEP)


def layer_frame(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame | gpd.GeoDataFrame:
    """Return the canonical frame of layer `name` with these values; whatever is left out is unknown."""
    return canonical_frame(pd.DataFrame([dict(row) for row in rows]), layer_named(name))


def parcels(*names: str, **values: Any) -> pd.DataFrame:
    """Return one square parcel per name, in a row from west to east, all with the same further values."""
    return layer_frame(
        "parcels",
        [
            {
                "parcel_id": name,
                "parcel_no": f"{name}-{place}",
                "parcel_name": f"{name}地块",
                "geometry": shapely.MultiPolygon([square(2 * place, 0)]),
                "data_as_of": dt.date(2026, 1, 31),
                **values,
            }
            for place, name in enumerate(names)
        ],
    )


def stations(*names: str) -> pd.DataFrame:
    """Return one metro station per name, ten steps north of the parcels, from west to east."""
    return layer_frame(
        "facilities",
        [
            {
                "facility_id": name,
                "kind": "metro_station",
                "name": f"{name}站",
                "status": "existing",
                "geometry": shapely.Point(WEST + 2 * place * STEP, SOUTH + 10 * STEP),
            }
            for place, name in enumerate(names)
        ],
    )


def make_home(folder: Path, district: str = DISTRICT_TOML) -> Home:
    """Return a new home in `folder`, nothing published."""
    folder.mkdir(parents=True, exist_ok=True)
    toml, basemap = folder.parent / f"{folder.name}.toml", folder.parent / f"{folder.name}.geojson"
    toml.write_text(district, encoding="utf-8")
    basemap.write_text(BASEMAP, encoding="utf-8")
    return Home.create(folder, toml, {"basemap.geojson": basemap})
