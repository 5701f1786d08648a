"""Three parcels for tests of the map, and answers in the shapes that pages are given."""

from collections.abc import Sequence
from typing import Any, Final

from shapely.geometry import MultiPolygon, box

from landmap.query import Record
from landmap.render.shapes import shapes

WEST, SOUTH, STEP = 120.40, 36.18, 0.002
NAMES: Final = ("一号地块", "二号地块", "三号地块")
BASEMAP: Final = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"kind": "sea", "name": "湾"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[120.3, 36.1], [120.39, 36.1], [120.39, 36.3], [120.3, 36.3], [120.3, 36.1]]],
            },
        },
        {
            "type": "Feature",
            "properties": {"kind": "road_major", "name": "一路"},
            "geometry": {"type": "LineString", "coordinates": [[120.38, 36.179], [120.42, 36.179]]},
        },
    ],
}


def records(names: Sequence[str] = NAMES, **fields: Any) -> list[Record]:
    """Return square parcels side by side from west to east, one per name."""
    return [
        Record(
            f"P{place}",
            MultiPolygon([box(WEST + place * STEP, SOUTH, WEST + (place + 0.8) * STEP, SOUTH + STEP)]),
            {
                "parcel_no": f"N{place}",
                "parcel_name": name,
                "land_use_code": "1001",
                "new_industry_tag": "none",
                "supply_stage": "ready",
                **fields,
            },
            place,
        )
        for place, name in enumerate(names)
    ]


def parcel_shapes(names: Sequence[str] = NAMES, **options: Any) -> dict[str, Any]:
    """Return what the map draws of these parcels."""
    return shapes(records(names), "parcels", version="town", **options)
