"""Fields that follow from the record itself: its areas, and when its planning conditions lapse."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import shapely
from numpy.typing import NDArray

from landmap.domain import District, crs
from landmap.ingest.dates import years_after

#: What is computed here; a file's own values of these are not used.
COMPUTED: Final = frozenset(
    {
        "geodesic_area_m2",
        "planar_area_m2",
        "area_m2",
        "area_basis",
        "area_diff_pct",
        "planning_parse_status",
        "planning_conditions_expires_on",
    }
)


def parcel_fields(
    columns: Mapping[str, Sequence[Any]], geometry: NDArray[Any], district: District
) -> dict[str, list[Any]]:
    """Return the computed fields of parcels.

    Parameters
    ----------
    columns : Mapping of str to sequence, each of length n
    geometry : object array, shape (n,), EPSG:4490
        None where there is no usable shape.
    district : District
        Names the plane, and how long planning conditions hold.
    """
    count = len(geometry)
    unknown = [None] * count
    geodesic = [_known(area) for area in crs.geodesic_area_m2(geometry)]
    planar = [_known(area) for area in shapely.area(crs.planar(geometry, district.planar_epsg))]
    net, registered = columns.get("net_area_m2", unknown), columns.get("registered_area_m2", unknown)
    chosen = [_first(*areas) for areas in zip(net, registered, geodesic, strict=True)]
    years, issued = (
        district.rules.planning_conditions_valid_years,
        columns.get("planning_conditions_issued_on", unknown),
    )
    return {
        "geodesic_area_m2": geodesic,
        "planar_area_m2": planar,
        "area_m2": [area for area, _ in chosen],
        "area_basis": [basis for _, basis in chosen],
        "area_diff_pct": [
            None if one is None or not other else 100 * abs(one - other) / other
            for one, other in zip(geodesic, registered, strict=True)
        ],
        "planning_conditions_expires_on": [_expiry(day, years) for day in issued],
    }


def _known(area: float) -> float | None:
    return float(area) if math.isfinite(area) and area > 0 else None


def _first(net: float | None, registered: float | None, geodesic: float | None) -> tuple[float | None, str | None]:
    named = (("net", net), ("registered", registered), ("geodesic", geodesic))
    return next(((area, basis) for basis, area in named if area is not None), (None, None))


def _expiry(issued: dt.date | None, years: int | None) -> dt.date | None:
    return None if issued is None or years is None else years_after(issued, years)
